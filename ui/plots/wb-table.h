/* wb-table.h: rows of numbers under named columns, for export as CSV or as an array. */
#pragma once

#include "base/nn-tensor.h"

G_BEGIN_DECLS

typedef struct
{
  GString *names; /* "sample,label": owned */
  guint n_columns;
  GArray *values; /* float, row by row: owned */
} WbTable;

/* names: of the columns, with commas between. (transfer full) */
WbTable *wb_table_new (const char *names);
void wb_table_free (WbTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WbTable, wb_table_free)

/* Before the first value: "z1", "z2" and so on. */
void wb_table_add_columns (WbTable *table, const char *name, gsize n);
/* The next values of the row; the row after the last column. NaN: none. */
void wb_table_put (WbTable *table, double value);
void wb_table_put_class (WbTable *table, gint label); /* -1: none */
void wb_table_put_values (WbTable *table, const float *values, gsize n);

/* A line of names, then a line for each row. (transfer full) */
char *wb_table_to_csv (const WbTable *table);
/* (rows, columns). NULL: no rows. (transfer full) */
NnTensor *wb_table_to_tensor (const WbTable *table);

G_END_DECLS
