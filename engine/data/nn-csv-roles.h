/* nn-csv-roles.h: which column of a table is what. Private to nn-csv-scan.c. */
#pragma once

#include "data/nn-csv-scan.h"

G_BEGIN_DECLS

/* The columns' names and kinds, from the header and the first rows. */
gboolean nn_csv_read_columns (NnCsvScan *scan, NnCsvFile *file, GCancellable *cancellable,
                              GError **error);
/* Label and features, as options say or as names and values suggest. */
gboolean nn_csv_choose_roles (NnCsvScan *scan, const NnParams *options, GError **error);
/* Whether the features are an image; once all rows are measured. */
gboolean nn_csv_choose_shape (NnCsvScan *scan, const NnParams *options, GError **error);

G_END_DECLS
