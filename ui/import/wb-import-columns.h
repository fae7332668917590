/* wb-import-columns.h: the columns of a table as rows: what each holds, and what is to be made of
 * it.
 *
 * Signal "changed" (char *features, char *label): the person chose otherwise; texts as
 * nn_data_specs() takes them.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WB_TYPE_IMPORT_COLUMNS (wb_import_columns_get_type ())
G_DECLARE_FINAL_TYPE (WbImportColumns, wb_import_columns, WB, IMPORT_COLUMNS, GtkWidget)

GtkWidget *wb_import_columns_new (void);
/* columns: NnDataColumn; referenced. Emits nothing. */
void wb_import_columns_show (WbImportColumns *self, GArray *columns);

G_END_DECLS
