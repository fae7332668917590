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

/* Both, which of them each part takes, and floats. */
typedef struct
{
  NnWindow transposed, phased;
  gboolean by_phases[NN_CONV_TO_WEIGHTS + 1];
  gsize sums, turned;  /* weights of the transposed one, the kernel with its channels exchanged */
  gsize weights, bias; /* of the phased one */
  gsize winograd[2];   /* prepared for NN_CONV_FORWARD and NN_CONV_TO_INPUT */
} Ways;

static Ways
ways_of (const NnUpsampledAttrs *attrs)
{
  const NnWindow *w = &attrs->window;
  Ways ways = { .transposed = transposed (attrs), .phased = phased (attrs) };
  const NnWindow *t = &ways.transposed, *p = &ways.phased;
  const gboolean whole = w->out_h % attrs->factor == 0 && w->out_w % attrs->factor == 0;
  for (NnConvPart part = NN_CONV_FORWARD; part <= NN_CONV_TO_WEIGHTS; part++)
    {
      const NnConvPart turned = part == NN_CONV_FORWARD    ? NN_CONV_TO_INPUT
                                : part == NN_CONV_TO_INPUT ? NN_CONV_FORWARD
                                                           : part;
      ways.by_phases[part] =
          whole && nn_conv_winograd_pays (p, part, nn_conv_direct_cost (t, turned));
      if (part != NN_CONV_TO_WEIGHTS && ways.by_phases[part])
        ways.winograd[part] = nn_conv_winograd_weights (p, part);
    }
  ways.sums = PADDED ((gsize)(t->kernel_h * t->kernel_w * t->in_c * t->out_c));
  ways.turned = PADDED ((gsize)(w->kernel_h * w->kernel_w * w->in_c * w->out_c));
  ways.weights = PADDED ((gsize)(p->kernel_h * p->kernel_w * p->in_c * p->out_c));
  ways.bias = PADDED ((gsize)p->out_c);
  return ways;
}

static gint64
upsampled_macs (const NnProgram *program, const NnOp *op)
{
  const NnWindow window = transposed (op->attrs);
  return window.out_h * window.out_w * window.out_c * window.kernel_h * window.kernel_w
         * window.in_c;
}

static gsize
upsampled_scratch (const NnProgram *program, const NnOp *op, guint n)
{
  const Ways ways = ways_of (op->attrs);
  gsize floats = ways.sums + ways.turned + nn_conv_scratch (&ways.transposed, n);
  for (NnConvPart part = NN_CONV_FORWARD; part <= NN_CONV_TO_WEIGHTS; part++)
    if (ways.by_phases[part])
      floats = MAX (floats, ways.weights + nn_conv_winograd_scratch (&ways.phased, part, n));
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

static void
sum_taps (const NnOpRun *run, const Ways *ways, float *sums, float *turned)
{
  turn (run->op->attrs, run->w[0], turned);
  memset (sums, 0, ways->sums * sizeof (float));
  add_taps (run->kernels, run->op->attrs, &ways->transposed, FALSE, turned, sums);
}

static void
gradient_of_taps (NnOpRun *run, const Ways *ways)
{
  const NnUpsampledAttrs *attrs = run->op->attrs;
  float *const sums = run->scratch, *const turned = sums + ways->sums;
  memset (sums, 0, (ways->sums + ways->turned) * sizeof (float));
  nn_conv_to_weights (run->kernels, &ways->transposed, run->n, run->dy[0], run->x[0], sums,
                      turned + ways->turned);
  add_taps (run->kernels, attrs, &ways->transposed, TRUE, turned, sums);
  add_turned (attrs, turned, run->dw[0]);
}

/* ---- by phases ---- */

/* to += from, the kernel (k, k, C, O) and the phases' (.., .., C, f, f, O): either way. */
static void
add_phases (const NnUpsampledAttrs *attrs, const NnWindow *phases, gboolean back, float *kernel,
            float *weights)
{
  const NnWindow *w = &attrs->window;
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
gradient_by_phases (NnOpRun *run, const Ways *ways)
{
  const NnUpsampledAttrs *attrs = run->op->attrs;
  float *const weights = run->scratch;
  memset (weights, 0, ways->weights * sizeof (float));
  nn_conv_winograd_to_weights (run->kernels, &ways->phased, run->n, run->x[0], run->dy[0], weights,
                               weights + ways->weights);
  add_phases (attrs, &ways->phased, TRUE, run->dw[0], weights);
}

/* ---- the operation ---- */

/* What is prepared: sums, turned; weights and bias of the phases; their transforms. */
typedef struct
{
  float *sums, *turned, *weights, *bias, *winograd[2];
} Prepared;

static Prepared
prepared_of (const NnOpRun *run, const Ways *ways)
{
  float *const weights = run->prepared + ways->sums + ways->turned;
  float *const winograd = weights + ways->weights + ways->bias;
  return (Prepared){ run->prepared,
                     run->prepared + ways->sums,
                     weights,
                     weights + ways->weights,
                     { winograd, winograd + ways->winograd[0] } };
}

static gsize
upsampled_prepared (const NnProgram *program, const NnOp *op)
{
  const Ways ways = ways_of (op->attrs);
  return ways.sums + ways.turned + ways.weights + ways.bias + ways.winograd[0] + ways.winograd[1];
}

static void
upsampled_prepare (NnOpRun *run, gboolean for_dx)
{
  const Ways ways = ways_of (run->op->attrs);
  const Prepared to = prepared_of (run, &ways);
  const gboolean forward = ways.by_phases[NN_CONV_FORWARD];
  const gboolean back = ways.by_phases[NN_CONV_TO_INPUT] && for_dx;
  if (!forward || (for_dx && !back))
    sum_taps (run, &ways, to.sums, to.turned);
  if (!forward && !back)
    return;
  memset (to.weights, 0, ways.weights * sizeof (float));
  add_phases (run->op->attrs, &ways.phased, FALSE, (float *)run->w[0], to.weights);
  if (forward)
    nn_conv_winograd_prepare (run->kernels, &ways.phased, NN_CONV_FORWARD, to.weights,
                              to.winograd[NN_CONV_FORWARD]);
  if (back)
    nn_conv_winograd_prepare (run->kernels, &ways.phased, NN_CONV_TO_INPUT, to.weights,
                              to.winograd[NN_CONV_TO_INPUT]);
  const gint64 channels = ((const NnUpsampledAttrs *)run->op->attrs)->window.out_c;
  for (gint64 i = 0; nn_conv_bias (run) && i < ways.phased.out_c; i++)
    to.bias[i] = run->w[1][i % channels];
}

static void
upsampled_forward (NnOpRun *run)
{
  const Ways ways = ways_of (run->op->attrs);
  const Prepared prepared = prepared_of (run, &ways);
  const gboolean relu = nn_conv_ends_in_relu (run);
  if (ways.by_phases[NN_CONV_FORWARD])
    nn_conv_winograd_forward (
        run->kernels, &ways.phased, run->n, run->x[0], prepared.winograd[NN_CONV_FORWARD],
        nn_conv_bias (run) ? prepared.bias : NULL, relu, run->y[0], run->scratch);
  else
    nn_conv_to_input (run->kernels, &ways.transposed, run->n, run->x[0], prepared.sums, NULL,
                      nn_conv_bias (run), relu, run->y[0], run->scratch);
  nn_conv_activate (run);
}

static void
upsampled_backward (NnOpRun *run)
{
  const Ways ways = ways_of (run->op->attrs);
  const Prepared prepared = prepared_of (run, &ways);
  const gboolean dw_by_phases = run->dw[0] && ways.by_phases[NN_CONV_TO_WEIGHTS];
  const gboolean dx_by_phases = run->dx[0] && ways.by_phases[NN_CONV_TO_INPUT];
  if (run->dw[0])
    nn_conv_clear_fresh (run);
  if (run->dw[0] && !dw_by_phases)
    gradient_of_taps (run, &ways);
  if (dw_by_phases)
    gradient_by_phases (run, &ways);
  nn_conv_gradient_of_bias (run);
  if (dx_by_phases)
    nn_conv_winograd_to_input (run->kernels, &ways.phased, run->n, run->dy[0],
                               prepared.winograd[NN_CONV_TO_INPUT], NULL, FALSE, run->dx[0],
                               run->scratch);
  else if (run->dx[0])
    nn_conv_forward (run->kernels, &ways.transposed, run->n, run->dy[0], prepared.sums, NULL, NULL,
                     FALSE, run->dx[0], run->scratch);
}

const NnOpType nn_op_conv2d_upsampled = {
  .name = "conv2d-upsampled",
  .flags = NN_OP_PURE | NN_OP_ACTIVATES,
  .attrs_size = sizeof (NnUpsampledAttrs),
  .scratch = upsampled_scratch,
  .prepared = upsampled_prepared,
  .prepare = upsampled_prepare,
  .macs = upsampled_macs,
  .forward = upsampled_forward,
  .backward = upsampled_backward,
};
