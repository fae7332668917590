/* A convolution of an image enlarged by repeating its pixels, without the enlarged image.
 *
 * Of a kernel's taps, those that fall on copies of one pixel act as one with the sum of their
 * weights: a 3 x 3 kernel on a doubled image is four of 2 x 2, one for each phase of the output,
 * with 4/9 of the arithmetic. Together they are the transposed convolution with stride f and k + f
 * - 1 taps, V[a] = sum over r < f of W[r + k - 1 - a].
 */
#include "ops/nn-conv.h"
#include "ops/nn-op.h"

#include <string.h>

/* That transposed convolution: its output is the source, its input what the convolution gives. */
static NnWindow
transposed (const NnUpsampledAttrs *attrs)
{
  const NnWindow *w = &attrs->window;
  return (NnWindow){
    .in_h = w->out_h,
    .in_w = w->out_w,
    .in_c = w->out_c,
    .out_h = w->in_h / attrs->factor,
    .out_w = w->in_w / attrs->factor,
    .out_c = w->in_c,
    .kernel_h = w->kernel_h + attrs->factor - 1,
    .kernel_w = w->kernel_w + attrs->factor - 1,
    .stride_h = attrs->factor,
    .stride_w = attrs->factor,
    .dilation_h = 1,
    .dilation_w = 1,
    .top = w->kernel_h - 1 - w->top,
    .left = w->kernel_w - 1 - w->left,
    .groups = 1,
  };
}

static gsize
sums_floats (const NnWindow *window)
{
  return (gsize)(window->kernel_h * window->kernel_w * window->in_c * window->out_c + 15) / 16 * 16;
}

static gsize
upsampled_scratch (const NnProgram *program, const NnOp *op, guint n)
{
  const NnWindow window = transposed (op->attrs);
  return sums_floats (&window) + nn_conv_scratch (&window);
}

static gint64
upsampled_macs (const NnProgram *program, const NnOp *op)
{
  const NnWindow window = transposed (op->attrs);
  return window.out_h * window.out_w * window.out_c * window.kernel_h * window.kernel_w
         * window.in_c;
}

/* V (k + f - 1, k + f - 1, O, C) from W (k, k, C, O), or dW += from dV. */
static void
add_taps (const NnUpsampledAttrs *attrs, const NnWindow *window, gboolean back, const float *from,
          float *to)
{
  const gint64 in = attrs->window.in_c, out = attrs->window.out_c, factor = attrs->factor;
  for (gint64 y = 0; y < attrs->window.kernel_h; y++)
    for (gint64 x = 0; x < attrs->window.kernel_w; x++)
      for (gint64 r = 0; r < factor; r++)
        for (gint64 s = 0; s < factor; s++)
          {
            const gint64 row = r + attrs->window.kernel_h - 1 - y;
            const gint64 col = s + attrs->window.kernel_w - 1 - x;
            const gint64 v = (row * window->kernel_w + col) * in * out;
            const gint64 w = (y * attrs->window.kernel_w + x) * in * out;
            for (gint64 i = 0; i < in; i++)
              for (gint64 o = 0; o < out; o++)
                if (back)
                  to[w + i * out + o] += from[v + o * in + i];
                else
                  to[v + o * in + i] += from[w + i * out + o];
          }
}

static void
sum_taps (const NnOpRun *run, const NnWindow *window)
{
  memset (run->scratch, 0, sums_floats (window) * sizeof (float));
  add_taps (run->op->attrs, window, FALSE, run->w[0], run->scratch);
}

static void
upsampled_forward (NnOpRun *run)
{
  const NnWindow window = transposed (run->op->attrs);
  sum_taps (run, &window);
  nn_conv_to_input (run->kernels, &window, run->n, run->x[0], run->scratch, nn_conv_bias (run),
                    nn_conv_ends_in_relu (run), run->y[0], run->scratch + sums_floats (&window));
  nn_conv_activate (run);
}

static void
upsampled_backward (NnOpRun *run)
{
  const NnWindow window = transposed (run->op->attrs);
  float *const sums = run->scratch, *const rest = run->scratch + sums_floats (&window);
  if (run->dw[0])
    {
      nn_conv_clear_fresh (run);
      memset (sums, 0, sums_floats (&window) * sizeof (float));
      nn_conv_to_weights (run->kernels, &window, run->n, run->dy[0], run->x[0], sums, rest);
      add_taps (run->op->attrs, &window, TRUE, sums, run->dw[0]);
    }
  nn_conv_gradient_of_bias (run);
  if (run->dx[0])
    {
      sum_taps (run, &window);
      nn_conv_forward (run->kernels, &window, run->n, run->dy[0], sums, NULL, FALSE, run->dx[0],
                       rest);
    }
}

const NnOpType nn_op_conv2d_upsampled = {
  .name = "conv2d-upsampled",
  .flags = NN_OP_ACTIVATES,
  .attrs_size = sizeof (NnUpsampledAttrs),
  .scratch = upsampled_scratch,
  .macs = upsampled_macs,
  .forward = upsampled_forward,
  .backward = upsampled_backward,
};
