/* A convolution of an image enlarged by repeating its pixels, without the
 * enlarged image.
 *
 * Of a kernel's taps, those that fall on copies of one pixel act as one with
 * the sum of their weights: a 3 x 3 kernel on a doubled image is four of 2 x 2,
 * one for each phase of the output, with 4/9 of the arithmetic. Together they
 * are the transposed convolution with stride f and k + f
 * - 1 taps, V[a] = sum over r < f of W[r + k - 1 - a].
 *
 * Where there are many channels, the phases are channels of one convolution of
 * the image as it is, by Winograd's algorithm, which knows where their pixels
 * lie.
 */
#include "ops/nn-conv-winograd.h"
#include "ops/nn-conv.h"
#include "ops/nn-op.h"

#include <string.h>

#define PADDED(n) (((n) + 15) / 16 * 16)

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

/* Pixels of the source before the first, and behind the last, that one pixel's phases see. */
static gint64
seen_before (gint64 before, gint64 factor)
{
  return (before + factor - 1) / factor;
}

static gint64
seen_behind (gint64 before, gint64 factor, gint64 kernel)
{
  return (factor + kernel - 2 - before) / factor;
}

/* Phases whose kernels, of a side, begin with the first tap of all and end with the last. */
static gsize
begin_first (gint64 before, gint64 factor)
{
  return (gsize)(factor - (seen_before (before, factor) * factor - before));
}

static gsize
end_last (gint64 before, gint64 factor, gint64 kernel)
{
  return (gsize)((factor + kernel - 2 - before) % factor + 1);
}

/* The convolution of the source that has a channel for each phase and channel, (f, f, O). */
static NnWindow
phased (const NnUpsampledAttrs *attrs)
{
  const NnWindow *w = &attrs->window;
  const gint64 f = attrs->factor, top = seen_before (w->top, f), left = seen_before (w->left, f);
  return (NnWindow){
    .in_h = w->in_h / f,
    .in_w = w->in_w / f,
    .in_c = w->in_c,
    .out_h = (w->out_h + f - 1) / f,
    .out_w = (w->out_w + f - 1) / f,
    .out_c = f * f * w->out_c,
    .kernel_h = top + 1 + seen_behind (w->top, f, w->kernel_h),
    .kernel_w = left + 1 + seen_behind (w->left, f, w->kernel_w),
    .stride_h = 1,
    .stride_w = 1,
    .dilation_h = 1,
    .dilation_w = 1,
    .top = top,
    .left = left,
    .groups = 1,
    .phases = { .factor = (gsize)f,
                .n_first = { begin_first (w->top, f), begin_first (w->left, f) },
                .n_last = { end_last (w->top, f, w->kernel_h),
                            end_last (w->left, f, w->kernel_w) } },
  };
}

/* Parts that go by phases where both can be had. */
static void
upsampled_decide (gpointer data)
{
  NnUpsampledAttrs *attrs = data;
  const gboolean whole =
      attrs->window.out_h % attrs->factor == 0 && attrs->window.out_w % attrs->factor == 0;
  attrs->transposed = transposed (attrs);
  attrs->phased = phased (attrs);
  nn_conv_decide (&attrs->transposed);
  for (NnConvPart part = NN_CONV_FORWARD; whole && part <= NN_CONV_TO_WEIGHTS; part++)
    {
      const NnConvPart turned = part == NN_CONV_FORWARD    ? NN_CONV_TO_INPUT
                                : part == NN_CONV_TO_INPUT ? NN_CONV_FORWARD
                                                           : part;
      if (nn_conv_winograd_pays (&attrs->phased, part,
                                 nn_conv_direct_cost (&attrs->transposed, turned)))
        attrs->phased.winograd |= 1u << part;
    }
}

static gboolean
by_phases (const NnUpsampledAttrs *attrs, NnConvPart part)
{
  return attrs->phased.winograd >> part & 1;
}

/* Floats of a window's weights; the transposed and the phased one have more than the kernel. */
static gsize
weight_floats (const NnWindow *w)
{
  return PADDED ((gsize)(w->kernel_h * w->kernel_w * w->in_c * w->out_c));
}

static gint64
upsampled_macs (const NnProgram *program, const NnOp *op)
{
  const NnWindow *w = &((const NnUpsampledAttrs *)op->attrs)->transposed;
  return w->out_h * w->out_w * w->out_c * w->kernel_h * w->kernel_w * w->in_c;
}

static gsize
upsampled_scratch (const NnProgram *program, const NnOp *op, guint n)
{
  const NnUpsampledAttrs *attrs = op->attrs;
  const NnWindow *phases = &attrs->phased;
  gsize floats = weight_floats (&attrs->transposed) + weight_floats (&attrs->window)
                 + nn_conv_scratch (&attrs->transposed, n);
  for (NnConvPart part = NN_CONV_FORWARD; part <= NN_CONV_TO_WEIGHTS; part++)
    if (by_phases (attrs, part))
      floats = MAX (floats, weight_floats (phases) + nn_conv_winograd_scratch (phases, part, n));
  return floats;
}

/* ---- as a transposed convolution ---- */

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
add_taps (const NnKernels *kernels, const NnUpsampledAttrs *attrs, gboolean back, float *turned,
          float *sums)
{
  const NnWindow *w = &attrs->window;
  const gint64 size = w->in_c * w->out_c;
  for (gint64 y = 0; y < w->kernel_h; y++)
    for (gint64 x = 0; x < w->kernel_w; x++)
      for (gint64 r = 0; r < attrs->factor; r++)
        for (gint64 s = 0; s < attrs->factor; s++)
          {
            const gint64 row = r + w->kernel_h - 1 - y, col = s + w->kernel_w - 1 - x;
            float *sum = sums + (row * attrs->transposed.kernel_w + col) * size;
            float *tap = turned + (y * w->kernel_w + x) * size;
            kernels->add_scaled (1, back ? sum : tap, back ? tap : sum, (gsize)size);
          }
}

static void
sum_taps (const NnOpRun *run, float *sums, float *turned)
{
  const NnUpsampledAttrs *attrs = run->op->attrs;
  turn (attrs, run->w[0], turned);
  memset (sums, 0, weight_floats (&attrs->transposed) * sizeof (float));
  add_taps (run->kernels, attrs, FALSE, turned, sums);
}

static void
gradient_of_taps (NnOpRun *run)
{
  const NnUpsampledAttrs *attrs = run->op->attrs;
  float *const sums = run->scratch, *const turned = sums + weight_floats (&attrs->transposed);
  float *const scratch = turned + weight_floats (&attrs->window);
  memset (sums, 0, (gsize)(scratch - sums) * sizeof (float));
  nn_conv_to_weights (run->kernels, &attrs->transposed, run->n, run->dy[0], run->x[0], sums,
                      scratch);
  add_taps (run->kernels, attrs, TRUE, turned, sums);
  add_turned (attrs, turned, run->dw[0]);
}

/* ---- by phases ---- */

/* to += from, the kernel (k, k, C, O) and the phases' (.., .., C, f, f, O): either way. */
static void
add_phases (const NnUpsampledAttrs *attrs, gboolean back, float *kernel, float *weights)
{
  const NnWindow *w = &attrs->window, *phases = &attrs->phased;
  const gsize f = (gsize)attrs->factor, in = (gsize)w->in_c, out = (gsize)w->out_c;
  const gsize top = (gsize)(phases->top * attrs->factor - w->top);
  const gsize left = (gsize)(phases->left * attrs->factor - w->left);
  for (gsize y = 0; y < (gsize)w->kernel_h; y++)
    for (gsize x = 0; x < (gsize)w->kernel_w; x++)
      for (gsize phase = 0; phase < f * f; phase++)
        {
          const gsize row = (phase / f + y + top) / f, col = (phase % f + x + left) / f;
          float *tap = kernel + (y * (gsize)w->kernel_w + x) * in * out;
          float *at = weights + ((row * (gsize)phases->kernel_w + col) * in * f * f + phase) * out;
          for (gsize i = 0; i < in; i++, tap += out, at += f * f * out)
            for (gsize o = 0; o < out; o++)
              {
                float *const to = back ? tap : at;
                to[o] += back ? at[o] : tap[o];
              }
        }
}

static void
gradient_by_phases (NnOpRun *run)
{
  const NnUpsampledAttrs *attrs = run->op->attrs;
  const gsize n = weight_floats (&attrs->phased);
  float *const weights = run->scratch;
  memset (weights, 0, n * sizeof (float));
  nn_conv_winograd_to_weights (run->kernels, &attrs->phased, run->n, run->x[0], run->dy[0], weights,
                               weights + n);
  add_phases (attrs, TRUE, run->dw[0], weights);
}

/* ---- the operation ---- */

/* Where in what is prepared: sums, turned; weights and bias of the phases; their transforms for
 * NN_CONV_FORWARD and NN_CONV_TO_INPUT; what the transposed convolution makes of the sums. */
typedef struct
{
  gsize sums, turned, weights, bias, winograd[2], packed;
} Places;

static Places
places_of (const NnUpsampledAttrs *attrs)
{
  Places at = { .sums = 0, .turned = weight_floats (&attrs->transposed) };
  at.weights = at.turned + weight_floats (&attrs->window);
  at.bias = at.weights + weight_floats (&attrs->phased);
  at.packed = at.bias + PADDED ((gsize)attrs->phased.out_c);
  for (NnConvPart part = NN_CONV_FORWARD; part <= NN_CONV_TO_INPUT; part++)
    {
      at.winograd[part] = at.packed;
      if (by_phases (attrs, part))
        at.packed += nn_conv_winograd_weights (&attrs->phased, part);
    }
  return at;
}

static gsize
upsampled_prepared (const NnProgram *program, const NnOp *op, gboolean for_dx)
{
  const NnUpsampledAttrs *attrs = op->attrs;
  return places_of (attrs).packed + nn_conv_prepared (&attrs->transposed);
}

static void
upsampled_prepare (NnOpRun *run, gboolean for_dx)
{
  const NnUpsampledAttrs *attrs = run->op->attrs;
  const Places at = places_of (attrs);
  float *const to = run->prepared, *const bias = to + at.bias;
  const gboolean forward = by_phases (attrs, NN_CONV_FORWARD);
  const gboolean back = by_phases (attrs, NN_CONV_TO_INPUT) && for_dx;
  if (!forward || (for_dx && !back))
    {
      sum_taps (run, to + at.sums, to + at.turned);
      nn_conv_prepare (run->kernels, &attrs->transposed, for_dx && !back, !forward, to + at.sums,
                       to + at.packed);
    }
  if (!forward && !back)
    return;
  memset (to + at.weights, 0, weight_floats (&attrs->phased) * sizeof (float));
  add_phases (attrs, FALSE, (float *)run->w[0], to + at.weights);
  if (forward)
    nn_conv_winograd_prepare (run->kernels, &attrs->phased, NN_CONV_FORWARD, to + at.weights,
                              to + at.winograd[NN_CONV_FORWARD]);
  if (back)
    nn_conv_winograd_prepare (run->kernels, &attrs->phased, NN_CONV_TO_INPUT, to + at.weights,
                              to + at.winograd[NN_CONV_TO_INPUT]);
  for (gint64 i = 0; nn_conv_bias (run) && i < attrs->phased.out_c; i++)
    bias[i] = run->w[1][i % attrs->window.out_c];
}

static void
upsampled_forward (NnOpRun *run)
{
  const NnUpsampledAttrs *attrs = run->op->attrs;
  const Places at = places_of (attrs);
  const float *const prepared = run->prepared;
  const gboolean relu = nn_conv_ends_in_relu (run);
  if (by_phases (attrs, NN_CONV_FORWARD))
    nn_conv_winograd_forward (
        run->kernels, &attrs->phased, run->n, run->x[0], prepared + at.winograd[NN_CONV_FORWARD],
        nn_conv_bias (run) ? prepared + at.bias : NULL, relu, run->y[0], run->scratch);
  else
    nn_conv_to_input (run->kernels, &attrs->transposed, run->n, run->x[0], prepared + at.packed,
                      nn_conv_bias (run), relu, run->y[0], run->scratch);
  nn_conv_activate (run);
}

static void
upsampled_backward (NnOpRun *run)
{
  const NnUpsampledAttrs *attrs = run->op->attrs;
  const Places at = places_of (attrs);
  const float *const prepared = run->prepared;
  if (run->dw[0])
    {
      nn_conv_clear_fresh (run);
      (by_phases (attrs, NN_CONV_TO_WEIGHTS) ? gradient_by_phases : gradient_of_taps) (run);
    }
  nn_conv_gradient_of_bias (run);
  if (run->dx[0] && by_phases (attrs, NN_CONV_TO_INPUT))
    nn_conv_winograd_to_input (run->kernels, &attrs->phased, run->n, run->dy[0],
                               prepared + at.winograd[NN_CONV_TO_INPUT], NULL, FALSE, run->dx[0],
                               run->scratch);
  else if (run->dx[0])
    nn_conv_forward (run->kernels, &attrs->transposed, run->n, run->dy[0], prepared + at.sums,
                     prepared + at.packed, NULL, FALSE, run->dx[0], run->scratch);
}

const NnOpType nn_op_conv2d_upsampled = {
  .name = "conv2d-upsampled",
  .flags = NN_OP_PURE | NN_OP_ACTIVATES,
  .attrs_size = sizeof (NnUpsampledAttrs),
  .decide = upsampled_decide,
  .scratch = upsampled_scratch,
  .prepared = upsampled_prepared,
  .prepare = upsampled_prepare,
  .macs = upsampled_macs,
  .forward = upsampled_forward,
  .backward = upsampled_backward,
};
