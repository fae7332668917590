#include "diabolo-config.h"

#include "viewers/wb-board-data.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

static gsize
cell_size (const WbBoardData *data)
{
  return data->width * data->height * data->channels;
}

static WbBoardData *
board_new (WbBoardKind kind, gsize n, gsize width, gsize height, gsize channels, float *values)
{
  WbBoardData *data = g_new0 (WbBoardData, 1);
  const gsize size = width * height * channels;

  data->kind = kind;
  data->n = n;
  data->width = width;
  data->height = height;
  data->channels = channels;
  data->values = values;
  data->common = TRUE;
  data->cell_name = N_ ("Unit");
  data->cells = g_new (NnStatistics, n);
  for (gsize i = 0; i < n; i++)
    nn_statistics_of (&data->cells[i], values + i * size, size);
  nn_statistics_of (&data->whole, values, n * size);
  nn_statistics_bins (values, n * size, data->whole.min, data->whole.max, data->bins,
                      WB_BOARD_BINS);
  data->palette = wb_board_data_natural_palette (data);
  return data;
}

WbBoardData *
wb_board_data_new (WbBoardKind kind, gsize n, gsize width, gsize height, float *values)
{
  return board_new (kind, n, width, height, 1, values);
}

WbBoardData *
wb_board_data_new_rgb (gsize n, gsize width, gsize height, float *values)
{
  return board_new (WB_BOARD_MAPS, n, width, height, 3, values);
}

WbBoardData *
wb_board_data_of_output (const NnShape *shape, const float *values)
{
  const gsize n = shape->rank > 0 ? (gsize)shape->dim[shape->rank - 1] : 1;
  const gsize size = (gsize)nn_shape_size (shape) / n;
  const gsize width = shape->rank > 1 ? (gsize)shape->dim[shape->rank - 2] : 1;
  float *cells = g_new (float, n *size);
  WbBoardData *data;

  for (gsize i = 0; i < n; i++)
    for (gsize k = 0; k < size; k++)
      cells[i * size + k] = values[k * n + i];
  data = wb_board_data_new (shape->rank > 2    ? WB_BOARD_MAPS
                            : shape->rank == 2 ? WB_BOARD_COLUMNS
                                               : WB_BOARD_UNITS,
                            n, width, size / width, cells);
  data->cell_name = shape->rank > 2 ? N_ ("Map") : shape->rank == 2 ? N_ ("Feature") : N_ ("Unit");
  return data;
}

void
wb_board_data_free (WbBoardData *data)
{
  g_free (data->values);
  g_free (data->cells);
  g_free (data->batch);
  g_free (data->title);
  g_free (data->here);
  g_free (data->note);
  g_free (data->short_note);
  g_free (data);
}

void
wb_board_data_set_batch (WbBoardData *data, const NnStatistics *batch, guint n_batch)
{
  g_free (data->batch);
  data->batch = g_memdup2 (batch, data->n * sizeof *batch);
  data->n_batch = n_batch;
  data->n_dead = 0;
  for (gsize i = 0; i < data->n; i++)
    data->n_dead += wb_board_data_is_dead (data, i);
}

gboolean
wb_board_data_is_dead (const WbBoardData *data, gsize cell)
{
  return data->batch != NULL && data->batch[cell].n > 0 && data->batch[cell].zero == 1;
}

const float *
wb_board_data_cell (const WbBoardData *data, gsize cell)
{
  return data->values + cell * cell_size (data);
}

char *
wb_board_data_cell_title (const WbBoardData *data, gsize cell)
{
  const char *name = _ (data->cell_name);

  if (data->n_filters > 0 && data->n_filters < data->n)
    return g_strdup_printf (_ ("%s %zu, channel %zu"), name, cell % data->n_filters + 1,
                            cell / data->n_filters + 1);
  return g_strdup_printf ("%s %zu", name, cell + 1);
}

WbPalette
wb_board_data_natural_palette (const WbBoardData *data)
{
  if (data->channels > 1)
    return WB_PALETTE_GRAY;
  if (data->whole.min < 0)
    return WB_PALETTE_DIVERGING;
  return data->kind == WB_BOARD_MAPS && data->n == 1 ? WB_PALETTE_GRAY : WB_PALETTE_VIRIDIS;
}

void
wb_board_data_range (const WbBoardData *data, gsize cell, float *low, float *high)
{
  /* A single value has no range of its own. */
  const gboolean common = data->common || data->kind == WB_BOARD_UNITS;
  const NnStatistics *of = common ? &data->whole : &data->cells[cell];

  *low = MIN (of->min, 0); /* what is 0 looks the same everywhere */
  *high = of->max;
  if (data->palette == WB_PALETTE_DIVERGING || (data->channels > 1 && *low < 0))
    {
      *high = MAX (fabsf (*low), fabsf (*high));
      *low = -*high;
    }
}

char *
wb_board_data_to_csv (const WbBoardData *data)
{
  const gboolean colour = data->channels > 1;
  GString *text = g_string_new (colour ? "cell,dead,row,column,channel,value\n"
                                       : "cell,dead,row,column,value\n");

  for (gsize i = 0; i < data->n; i++)
    for (gsize k = 0; k < cell_size (data); k++)
      {
        const gsize pixel = k / data->channels;
        char number[G_ASCII_DTOSTR_BUF_SIZE];

        g_ascii_formatd (number, sizeof number, "%.9g", (double)wb_board_data_cell (data, i)[k]);
        g_string_append_printf (text, "%zu,%d,%zu,%zu,", i, wb_board_data_is_dead (data, i),
                                pixel / data->width, pixel % data->width);
        if (colour)
          g_string_append_printf (text, "%zu,", k % data->channels);
        g_string_append_printf (text, "%s\n", number);
      }
  return g_string_free (text, FALSE);
}

NnTensor *
wb_board_data_to_tensor (const WbBoardData *data)
{
  NnShape shape = nn_shape ((gint64)data->n, (gint64)data->height, (gint64)data->width);

  if (data->channels > 1)
    shape.dim[shape.rank++] = (gint64)data->channels;
  NnTensor *tensor = nn_tensor_new (&shape);

  memcpy (tensor->data, data->values, tensor->size * sizeof (float));
  return tensor;
}
