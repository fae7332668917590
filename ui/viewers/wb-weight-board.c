#include "diabolo-config.h"

#include "viewers/wb-weight-board.h"

#include <glib/gi18n-lib.h>

/* TRUE where a node gets the picture itself, of three colours, or what noise made of it. */
static gboolean
sees_colors (const NnAnalysis *analysis, guint node, const NnShape *image)
{
  const NnShape *seen = nn_analysis_input_shape (analysis, node, 0);

  return image != NULL && image->rank == 3 && image->dim[2] == 3 && seen != NULL
         && nn_shape_equal (seen, image);
}

WbWeightForm
wb_weight_form (const NnAnalysis *analysis, guint node, const NnTensor *weight, NnShape *picture)
{
  const NnShape *shape = &weight->shape;
  const guint input = nn_analysis_input_node (analysis);
  const NnShape *image = input != 0 ? nn_analysis_output_shape (analysis, input, 0) : NULL;
  const gint64 kernel = shape->rank == 4   ? shape->dim[0] * shape->dim[1]
                        : shape->rank == 3 ? shape->dim[0]
                                           : 0;

  if (kernel > 1 && shape->rank == 4 && shape->dim[2] == 3 && sees_colors (analysis, node, image))
    {
      *picture = nn_shape (shape->dim[0], shape->dim[1], 3);
      return WB_WEIGHT_COLORS;
    }
  if (kernel > 1)
    return WB_WEIGHT_KERNELS;
  if (shape->rank != 2 || image == NULL || image->rank != 3)
    return WB_WEIGHT_MATRIX;
  *picture = *image;
  if (shape->dim[0] == nn_shape_size (image))
    return image->dim[2] == 3 ? WB_WEIGHT_COLORS : WB_WEIGHT_SEEN;
  /* A picture drawn with several colours would need as many for each unit. */
  return shape->dim[1] == nn_shape_size (image) && image->dim[2] == 1 ? WB_WEIGHT_DRAWN
                                                                      : WB_WEIGHT_MATRIX;
}

/* Takes (size, channels, filters) apart: cell (c, f) holds `size` values; c from top to bottom, or
 * as it fits where there is one filter for each channel. */
static WbBoardData *
kernels (const float *values, gsize width, gsize height, gsize channels, gsize filters)
{
  const gsize size = width * height, n = channels * filters;
  float *cells = g_new (float, n *size);
  WbBoardData *data;

  for (gsize cell = 0; cell < n; cell++)
    for (gsize k = 0; k < size; k++)
      cells[cell * size + k] = values[k * n + cell];
  data = wb_board_data_new (WB_BOARD_MAPS, n, width, height, cells);
  data->cell_name = N_ ("Filter");
  data->n_filters = filters;
  data->columns = channels > 1 && filters > 1 ? filters : 0;
  return data;
}

/* (..., n) as (n, ...). (transfer full) */
static float *
by_unit (const NnTensor *weight, gsize n)
{
  const gsize size = weight->size / n;
  float *cells = g_new (float, weight->size);

  for (gsize i = 0; i < n; i++)
    for (gsize k = 0; k < size; k++)
      cells[i * size + k] = weight->data[k * n + i];
  return cells;
}

static WbBoardData *
matrix (const NnTensor *weight)
{
  const NnShape *shape = &weight->shape;
  const gsize n = shape->rank > 0 ? (gsize)shape->dim[shape->rank - 1] : 1;

  return wb_board_data_new (shape->rank > 1 ? WB_BOARD_ROWS : WB_BOARD_UNITS, n, weight->size / n,
                            1, by_unit (weight, n));
}

static WbBoardData *
colors (const NnTensor *weight, const NnShape *picture)
{
  const NnShape *shape = &weight->shape;
  const gsize n = (gsize)shape->dim[shape->rank - 1];
  WbBoardData *data = wb_board_data_new_rgb (n, (gsize)picture->dim[1], (gsize)picture->dim[0],
                                             by_unit (weight, n));

  data->cell_name = shape->rank == 4 ? N_ ("Filter") : N_ ("Unit");
  return data;
}

WbBoardData *
wb_weight_board_new (const NnTensor *weight, WbWeightForm form, const NnShape *picture)
{
  const gint64 *dim = weight->shape.dim;
  WbBoardData *data;

  switch (form)
    {
    case WB_WEIGHT_KERNELS:
      return weight->shape.rank == 4
                 ? kernels (weight->data, (gsize)dim[1], (gsize)dim[0], (gsize)dim[2],
                            (gsize)dim[3])
                 : kernels (weight->data, (gsize)dim[0], 1, (gsize)dim[1], (gsize)dim[2]);
    case WB_WEIGHT_SEEN:
      data = kernels (weight->data, (gsize)picture->dim[1], (gsize)picture->dim[0],
                      (gsize)picture->dim[2], (gsize)dim[1]);
      data->cell_name = N_ ("Unit");
      return data;
    case WB_WEIGHT_DRAWN:
      data = wb_board_data_new (WB_BOARD_MAPS, (gsize)dim[0], (gsize)picture->dim[1],
                                (gsize)picture->dim[0],
                                g_memdup2 (weight->data, weight->size * sizeof (float)));
      data->cell_name = N_ ("Input");
      return data;
    case WB_WEIGHT_COLORS:
      return colors (weight, picture);
    case WB_WEIGHT_MATRIX:
      return matrix (weight);
    default:
      g_assert_not_reached ();
    }
}
