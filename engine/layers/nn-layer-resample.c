#include "diabolo-config.h"

#include "layers/nn-layer-resample.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>

#include "base/nn-error.h"

gboolean
nn_global_pool_infer (const NnShape *in, NnShape *out, GError **error)
{
  if (in->rank != 2 && in->rank != 3)
    {
      g_autofree char *text = nn_shape_to_string (in);
      g_set_error (
          error, NN_ERROR, NN_ERROR_SHAPE,
          _ ("needs an image (height × width × channels) or a sequence (steps × features), "
             "but gets %s"),
          text);
      return FALSE;
    }
  *out = nn_shape (in->dim[in->rank - 1]);
  return TRUE;
}

/* One window as large as the image. */
void
nn_global_pool_lower (NnLowering *lowering, const NnOpType *type)
{
  guint in = (guint)nn_lowering_input (lowering, 0);
  const NnShape shape = *nn_lowering_shape (lowering, in);
  const gint64 h = shape.rank == 3 ? shape.dim[0] : 1, w = shape.dim[shape.rank - 2];
  const gint64 channels = shape.dim[shape.rank - 1];
  const NnWindow window = {
    .in_h = h,
    .in_w = w,
    .in_c = channels,
    .out_h = 1,
    .out_w = 1,
    .out_c = channels,
    .kernel_h = h,
    .kernel_w = w,
    .stride_h = h,
    .stride_w = w,
    .dilation_h = 1,
    .dilation_w = 1,
    .groups = channels,
  };
  nn_lowering_output (lowering, 0,
                      nn_lowering_unary (lowering, type, &window, in, &nn_shape (channels)));
}

gboolean
nn_resize_infer (const NnShape *in, gint64 height, gint64 width, NnShape *out, GError **error)
{
  *out = nn_shape (height, width, in->dim[2]);
  if (nn_shape_size (out) > 0)
    return TRUE;
  g_autofree char *text = nn_shape_to_string (out);
  g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
               _ ("would give an image of %s, but a layer may hold 2⁴⁰ values at most"), text);
  return FALSE;
}

void
nn_resize_lower (const NnParams *params, NnLowering *lowering)
{
  guint in = (guint)nn_lowering_input (lowering, 0);
  const NnShape *from = nn_lowering_shape (lowering, in);
  const NnShape *to = nn_lowering_output_shape (lowering, 0);
  const NnResizeAttrs attrs = {
    .in_h = from->dim[0],
    .in_w = from->dim[1],
    .out_h = to->dim[0],
    .out_w = to->dim[1],
    .channels = from->dim[2],
    .bilinear = g_str_equal (nn_params_text (params, "interpolation"), "bilinear"),
  };
  nn_lowering_output (lowering, 0, nn_lowering_unary (lowering, &nn_op_resize, &attrs, in, to));
}

gboolean
nn_border_infer (const NnParams *params, gint sign, const NnShape *in, NnShape *out, GError **error)
{
  if (nn_window_channels (in, 2, error) == 0)
    return FALSE;
  const gint64 rows = nn_params_int (params, "top") + nn_params_int (params, "bottom");
  const gint64 cols = nn_params_int (params, "left") + nn_params_int (params, "right");
  *out = nn_shape (in->dim[0] + sign * rows, in->dim[1] + sign * cols, in->dim[2]);
  if (out->dim[0] < 1 || out->dim[1] < 1)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                   _ ("cannot cut %" PRId64 " rows and %" PRId64 " columns off an image of %" PRId64
                      "×%" PRId64),
                   rows, cols, in->dim[0], in->dim[1]);
      return FALSE;
    }
  return nn_resize_infer (in, out->dim[0], out->dim[1], out, error);
}

void
nn_border_lower (const NnParams *params, gint sign, NnLowering *lowering)
{
  guint in = (guint)nn_lowering_input (lowering, 0);
  const NnShape *from = nn_lowering_shape (lowering, in);
  const NnShape *to = nn_lowering_output_shape (lowering, 0);
  const NnPadAttrs attrs = {
    .in_h = from->dim[0],
    .in_w = from->dim[1],
    .out_h = to->dim[0],
    .out_w = to->dim[1],
    .channels = from->dim[2],
    .top = sign * nn_params_int (params, "top"),
    .left = sign * nn_params_int (params, "left"),
  };
  nn_lowering_output (lowering, 0, nn_lowering_unary (lowering, &nn_op_pad, &attrs, in, to));
}

NnParams *
nn_border_mirror (const NnParams *params, const NnLayerType *type)
{
  static const char *const sides[] = { "top", "bottom", "left", "right" };
  NnParams *mirrored = nn_params_new (type->params);
  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    {
      NnParams *next = nn_params_with_number (mirrored, sides[i],
                                              (double)nn_params_int (params, sides[i]), NULL);
      nn_params_unref (mirrored);
      mirrored = next;
    }
  return mirrored;
}
