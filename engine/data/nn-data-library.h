/* nn-data-library.h: the person's own data sets, wherever they lie, with how each is read. Kept in
 * $XDG_DATA_HOME/diabolo/datasets.json; nn_data_list() lists them beside the built-in ones.
 */
#pragma once

#include "base/nn-params.h"

G_BEGIN_DECLS

/* Of nn_data_specs(), "name" being an absolute path; sets whose files are gone are left out. NULL
 * with an error that names the file where it is damaged. (element-type NnParams) (transfer full) */
GPtrArray *nn_data_library_read (GError **error);

/* Adds a set or changes how it is read; its path may be relative. */
gboolean nn_data_library_add (const NnParams *data, GError **error);
/* Forgets a set; its files stay. TRUE where there was none. */
gboolean nn_data_library_remove (const char *path, GError **error);

G_END_DECLS
