/* A convolution of an image enlarged by repeating its pixels, without the
 * enlarged image.
 *
 * Of a kernel's taps, those that fall on copies of one pixel act as one with
 * the sum of their weights: a 3 x 3 kernel on a doubled image is four of 2 x 2,
 * one for each phase of the output, with 4/9 of the arithmetic. Together they
 * are the transposed convolution with stride f and k + f
 * - 1 taps, V[a] = sum over r < f of W[r + k - 1 - a].
 */
#include "ops/nn-conv.h"
#include "ops/nn-op.h"

#include <string.h>

/* That transposed convolution: its output is the source, its input what the
 * convolution gives. */
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

static gint64
upsampled_macs (const NnProgram *program, const NnOp *op)
{
  const NnWindow window = transposed (op->attrs);
  return window.out_h * window.out_w * window.out_c * window.kernel_h * window.kernel_w
         * window.in_c;
}

/* Floats of the kernel with its channels exchanged, (k, k, O, C). */
static gsize
turned_floats (const NnUpsampledAttrs *attrs)
{
  const NnWindow *w = &attrs->window;
  return (gsize)(w->kernel_h * w->kernel_w * w->in_c * w->out_c + 15) / 16 * 16;
}

static gsize
upsampled_scratch (const NnProgram *program, const NnOp *op, guint n)
{
  const NnWindow window = transposed (op->attrs);
  return sums_floats (&window) + turned_floats (op->attrs) + nn_conv_scratch (&window, n);
}

/* (k, k, C, O) -> (k, k, O, C) */
static void
turn (const NnUpsampledAttrs *attrs, const float *from, float *turned)
{
  const gsize in = (gsize)attrs->window.in_c, out = (gsize)attrs->window.out_c;
  const gsize n_taps = (gsize)(attrs->window.kernel_h * attrs->window.kernel_w);
  for (gsize tap = 0; tap < n_taps; tap++)
    for (gsize i = 0; i < in; i++)
      for (gsize o = 0; o < out; o++)
        turned[(tap * out + o) * in + i] = from[(tap * in + i) * out + o];
}

/* And back, added to what is there. */
static void
add_turned (const NnUpsampledAttrs *attrs, const float *turned, float *to)
{
  const gsize in = (gsize)attrs->window.in_c, out = (gsize)attrs->window.out_c;
  const gsize n_taps = (gsize)(attrs->window.kernel_h * attrs->window.kernel_w);
  for (gsize tap = 0; tap < n_taps; tap++)
    for (gsize i = 0; i < in; i++)
      for (gsize o = 0; o < out; o++)
        to[(tap * in + i) * out + o] += turned[(tap * out + o) * in + i];
}

/* V += from the turned kernel, or the turned kernel's gradient += from dV. */
static void
add_taps (const NnKernels *kernels, const NnUpsampledAttrs *attrs, const NnWindow *window,
          gboolean back, float *turned, float *sums)
{
  const NnWindow *w = &attrs->window;
  const gint64 size = w->in_c * w->out_c;
  for (gint64 y = 0; y < w->kernel_h; y++)
    for (gint64 x = 0; x < w->kernel_w; x++)
      for (gint64 r = 0; r < attrs->factor; r++)
        for (gint64 s = 0; s < attrs->factor; s++)
          {
            const gint64 row = r + w->kernel_h - 1 - y, col = s + w->kernel_w - 1 - x;
            float *sum = sums + (row * window->kernel_w + col) * size;
            float *tap = turned + (y * w->kernel_w + x) * size;
            kernels->add_scaled (1, back ? sum : tap, back ? tap : sum, (gsize)size);
          }
}

/* What backward and forward keep in scratch. */
typedef struct
{
  float *sums, *turned, *rest;
} Room;

static Room
room_of (const NnOpRun *run, const NnWindow *window)
{
  float *const sums = run->scratch, *const turned = sums + sums_floats (window);
  return (Room){ sums, turned, turned + turned_floats (run->op->attrs) };
}

static void
sum_taps (const NnOpRun *run, const NnWindow *window, const Room *room)
{
  turn (run->op->attrs, run->w[0], room->turned);
  memset (room->sums, 0, sums_floats (window) * sizeof (float));
  add_taps (run->kernels, run->op->attrs, window, FALSE, room->turned, room->sums);
}

static void
upsampled_forward (NnOpRun *run)
{
  const NnWindow window = transposed (run->op->attrs);
  const Room room = room_of (run, &window);
  sum_taps (run, &window, &room);
  nn_conv_to_input (run->kernels, &window, run->n, run->x[0], room.sums, nn_conv_bias (run),
                    nn_conv_ends_in_relu (run), run->y[0], room.rest);
  nn_conv_activate (run);
}

static void
gradient_of_taps (NnOpRun *run, const NnWindow *window, const Room *room)
{
  const NnUpsampledAttrs *attrs = run->op->attrs;
  memset (room->sums, 0, sums_floats (window) * sizeof (float));
  memset (room->turned, 0, turned_floats (attrs) * sizeof (float));
  nn_conv_to_weights (run->kernels, window, run->n, run->dy[0], run->x[0], room->sums, room->rest);
  add_taps (run->kernels, attrs, window, TRUE, room->turned, room->sums);
  nn_conv_clear_fresh (run);
  add_turned (attrs, room->turned, run->dw[0]);
}

static void
upsampled_backward (NnOpRun *run)
{
  const NnWindow window = transposed (run->op->attrs);
  const Room room = room_of (run, &window);
  if (run->dw[0])
    gradient_of_taps (run, &window, &room);
  nn_conv_gradient_of_bias (run);
  if (run->dx[0])
    {
      sum_taps (run, &window, &room);
      nn_conv_forward (run->kernels, &window, run->n, run->dy[0], room.sums, NULL, FALSE,
                       run->dx[0], room.rest);
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
