#include "plots/wb-table.h"

#include <math.h>
#include <string.h>

WbTable *
wb_table_new (const char *names)
{
  WbTable *table = g_new (WbTable, 1);

  table->names = g_string_new (names);
  table->n_columns = 1;
  for (const char *comma = names; (comma = strchr (comma, ',')) != NULL; comma++)
    table->n_columns++;
  table->values = g_array_new (FALSE, FALSE, sizeof (float));
  return table;
}

void
wb_table_free (WbTable *table)
{
  g_string_free (table->names, TRUE);
  g_array_unref (table->values);
  g_free (table);
}

void
wb_table_add_columns (WbTable *table, const char *name, gsize n)
{
  g_return_if_fail (table->values->len == 0);
  for (gsize i = 1; i <= n; i++)
    g_string_append_printf (table->names, ",%s%zu", name, i);
  table->n_columns += (guint)n;
}

void
wb_table_put (WbTable *table, double value)
{
  const float number = (float)value;

  g_array_append_val (table->values, number);
}

void
wb_table_put_class (WbTable *table, gint label)
{
  wb_table_put (table, label >= 0 ? label : NAN);
}

void
wb_table_put_values (WbTable *table, const float *values, gsize n)
{
  g_array_append_vals (table->values, values, (guint)n);
}

char *
wb_table_to_csv (const WbTable *table)
{
  GString *csv = g_string_new (table->names->str);
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  for (guint i = 0; i < table->values->len; i++)
    {
      const double value = (double)g_array_index (table->values, float, i);

      g_string_append_c (csv, i % table->n_columns == 0 ? '\n' : ',');
      if (!isnan (value))
        g_string_append (csv, g_ascii_formatd (text, sizeof text, "%.7g", value));
    }
  g_string_append_c (csv, '\n');
  return g_string_free (csv, FALSE);
}

NnTensor *
wb_table_to_tensor (const WbTable *table)
{
  const gint64 rows = table->values->len / table->n_columns;

  if (rows == 0)
    return NULL;
  NnTensor *tensor = nn_tensor_new (&nn_shape (rows, table->n_columns));
  memcpy (tensor->data, table->values->data, tensor->size * sizeof (float));
  return tensor;
}
