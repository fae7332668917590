/* wb-data-columns.h: the columns of a table as rows: what each holds, and what is to be made of
 * it.
 *
 * Signal "changed" (char *features, char *label): the person chose otherwise; texts as
 * nn_data_specs() takes them.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WB_TYPE_DATA_COLUMNS (wb_data_columns_get_type ())
G_DECLARE_FINAL_TYPE (WbDataColumns, wb_data_columns, WB, DATA_COLUMNS, GtkWidget)

GtkWidget *wb_data_columns_new (void);
/* columns: NnDataColumn; referenced. Emits nothing. */
void wb_data_columns_show (WbDataColumns *self, GArray *columns);

G_END_DECLS
