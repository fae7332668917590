#include "ops/nn-conv-winograd.h"

#include <string.h>

/* A convolution of images at stride 1: of the input, or of the gradient of the output. */
typedef struct
{
  gsize taps, n_in, n_out;
  NnPhases in, out;
  gsize rows, cols;             /* of what comes out */
  gsize image_rows, image_cols; /* of what goes in */
  gsize top, left;              /* zeros before it */
} Job;

/* With fewer channels, narrow products and clearing what is left out cost more than it saves. */
#define PHASE_CHANNELS_MIN 16

static NnPhases
phases_of (const NnWindow *w)
{
  const gint64 f = (gint64)w->phases.factor;
  NnPhases phases = w->phases;
  if (f > 1 && MIN (w->in_c, w->out_c / (f * f)) < PHASE_CHANNELS_MIN)
    for (guint side = 0; side < 2; side++)
      phases.n_first[side] = phases.n_last[side] = phases.factor;
  return phases;
}

static Job
job_of (const NnWindow *w, NnConvPart part)
{
  Job job = { .taps = (gsize)w->kernel_h,
              .n_in = (gsize)w->in_c,
              .n_out = (gsize)w->out_c,
              .out = phases_of (w),
              .rows = (gsize)w->out_h,
              .cols = (gsize)w->out_w,
              .image_rows = (gsize)w->in_h,
              .image_cols = (gsize)w->in_w,
              .top = (gsize)w->top,
              .left = (gsize)w->left };
  if (part == NN_CONV_TO_INPUT)
    job = (Job){ .taps = job.taps,
                 .n_in = job.n_out,
                 .n_out = job.n_in,
                 .in = job.out,
                 .rows = job.image_rows,
                 .cols = job.image_cols,
                 .image_rows = job.rows,
                 .image_cols = job.cols,
                 .top = job.taps - 1 - job.top,
                 .left = job.taps - 1 - job.left };
  job.in.turned = part == NN_CONV_TO_INPUT;
  return job;
}

static gsize
tiles_of (const Job *job)
{
  return NN_WINOGRAD_TILES (job->rows, job->taps) * NN_WINOGRAD_TILES (job->cols, job->taps);
}

/* Whether the gradient of the input takes the forward pass's tiles, where a convolution of the
 * gradient of the output would have more. */
static gboolean
goes_back (const NnWindow *w, NnConvPart part)
{
  const Job there = job_of (w, NN_CONV_FORWARD), back = job_of (w, NN_CONV_TO_INPUT);
  return part == NN_CONV_TO_INPUT && tiles_of (&there) < tiles_of (&back);
}

/* Points along a side of n outputs: the last tile does without one or two where some of its outputs
 * are not there. */
static gsize
points_of_side (gsize n, gsize taps)
{
  const gsize tiles = NN_WINOGRAD_TILES (n, taps);
  return 6 * tiles - MIN (tiles * NN_WINOGRAD_SIZE (taps) - n, 2);
}

/* Products of an image that are not left out. */
static gsize
points_of (const Job *job, const NnPhases *phases)
{
  const gsize f = phases->factor;
  const gsize all = points_of_side (job->rows, job->taps) * points_of_side (job->cols, job->taps);
  return f < 2 ? all
               : all * (4 * f + phases->n_first[0] + phases->n_last[0])
                     * (4 * f + phases->n_first[1] + phases->n_last[1]) / (36 * f * f);
}

gboolean
nn_conv_winograd_pays (const NnWindow *w, NnConvPart part, gsize direct)
{
  if (w->kernel_h != w->kernel_w || w->kernel_h < 2 || w->kernel_h > NN_WINOGRAD_TAPS_MAX
      || w->stride_h != 1 || w->stride_w != 1 || w->dilation_h != 1 || w->dilation_w != 1
      || w->groups != 1 || w->top >= w->kernel_h || w->left >= w->kernel_w)
    return FALSE;
  /* Products and the transforms of a tile; the gradient of the weights is transformed for every
   * slice, the weights themselves once a batch. */
  const Job job = job_of (w, part);
  const gsize in = nn_conv_vectors (job.n_in), out = nn_conv_vectors (job.n_out),
              weights = job.n_in * out;
  const Job tiled = job_of (w, goes_back (w, part) ? NN_CONV_FORWARD : part);
  const NnPhases phases = phases_of (w);
  return points_of (&tiled, &phases) * weights + tiles_of (&tiled) * (200 * in + 250 * out)
             + (part == NN_CONV_TO_WEIGHTS ? 40 * weights : 0)
         < direct;
}

/* Images at a time: enough for a block of tiles. */
static guint
images_of (const Job *job, guint n)
{
  const gsize tiles = tiles_of (job);
  return tiles % 8 == 0 || tiles >= NN_WINOGRAD_BLOCK_MAX / 2
             ? 1
             : (guint)MIN (n, NN_WINOGRAD_BLOCK_MAX / tiles);
}

/* Tiles at a time: a column of six of their matrices stays in the first-level cache; for the
 * gradient of the weights, whose sums run over tiles, in the second. */
static gsize
block_of (const Job *job, gboolean to_weights)
{
  const gsize a_tile = 6 * (NN_WINOGRAD_ROW (job->n_in) + NN_WINOGRAD_ROW (job->n_out));
  const gsize floats = to_weights ? 24576 : 6144;
  return CLAMP (floats / a_tile / 8 * 8, 8, NN_WINOGRAD_BLOCK_MAX);
}

static gsize
weights_floats (const Job *job)
{
  return 36 * NN_WINOGRAD_STEP (job->n_in * NN_WINOGRAD_ROW (job->n_out));
}

static gsize
frame_floats (const Job *job)
{
  return NN_WINOGRAD_SIDE (job->rows, job->taps) * NN_WINOGRAD_SIDE (job->cols, job->taps)
         * NN_WINOGRAD_ROW (job->n_in);
}

/* Of a table: whose vectors the rows of both sides fill. */
static const NnKernels *
kernels_for (const NnKernels *kernels, const Job *job)
{
  return nn_kernels_for (kernels, MIN (job->n_in, job->n_out));
}

gsize
nn_conv_winograd_weights (const NnWindow *window, NnConvPart part)
{
  const Job job = job_of (window, part);
  return weights_floats (&job);
}

void
nn_conv_winograd_prepare (const NnKernels *kernels, const NnWindow *window, NnConvPart part,
                          const float *w, float *u)
{
  const Job job = job_of (window, part);
  kernels = kernels_for (kernels, &job);
  kernels->winograd_weights ((gsize)window->kernel_h, w, (gsize)window->in_c, (gsize)window->out_c,
                             part != NN_CONV_TO_INPUT   ? NN_WINOGRAD_STRAIGHT
                             : goes_back (window, part) ? NN_WINOGRAD_BACK
                                                        : NN_WINOGRAD_TURNED,
                             u);
}

gsize
nn_conv_winograd_scratch (const NnWindow *window, NnConvPart part, guint n)
{
  const gboolean back = goes_back (window, part);
  const Job job = job_of (window, back ? NN_CONV_FORWARD : part);
  const gsize block = block_of (&job, part == NN_CONV_TO_WEIGHTS);
  const gsize gradient = part == NN_CONV_TO_WEIGHTS ? weights_floats (&job) : 0;
  const gsize in = 6 * NN_WINOGRAD_STEP (block * NN_WINOGRAD_ROW (job.n_in));
  const gsize out = 6 * NN_WINOGRAD_STEP (block * NN_WINOGRAD_ROW (job.n_out));
  return gradient + images_of (&job, n) * frame_floats (&job)
         + (back ? out + 7 * in : 2 * in + (NN_WINOGRAD_SIZE (job.taps) + 1) * out);
}

static NnWinograd
pass_of (const Job *job, gboolean to_weights, float *scratch)
{
  return (NnWinograd){ .rows = job->rows,
                       .cols = job->cols,
                       .n_in = job->n_in,
                       .n_out = job->n_out,
                       .in = job->in,
                       .out = job->out,
                       .taps = job->taps,
                       .block = block_of (job, to_weights),
                       .x_rows = job->image_rows,
                       .x_cols = job->image_cols,
                       .x_top = job->top,
                       .x_left = job->left,
                       .scratch = scratch };
}

/* All n images, some at a time; y, or dy and dx, move on by themselves. */
static void
run_images (const Job *job, guint n, const float *images, void (*kernel) (const NnWinograd *),
            NnWinograd *pass)
{
  const gsize in = job->image_rows * job->image_cols * job->n_in;
  const gsize out = job->rows * job->cols * job->n_out;
  const guint some = images_of (job, n);
  for (guint first = 0; first < n; first += some)
    {
      pass->n = MIN (some, n - first);
      pass->add = first > 0;
      pass->x = images ? images + first * in : NULL;
      kernel (pass);
      if (pass->y)
        pass->y += pass->n * out;
      else
        pass->dy += pass->n * out;
      if (pass->dx)
        pass->dx += pass->n * in;
    }
}

static void
convolve (const NnKernels *kernels, const Job *job, guint n, const float *x, const float *u,
          const float *bias, gboolean relu, float *y, float *scratch)
{
  NnWinograd pass = pass_of (job, FALSE, scratch);
  pass.w = u;
  pass.bias = bias;
  pass.relu = relu;
  pass.y = y;
  run_images (job, n, x, kernels_for (kernels, job)->winograd, &pass);
}

void
nn_conv_winograd_forward (const NnKernels *kernels, const NnWindow *window, guint n, const float *x,
                          const float *u, const float *bias, gboolean relu, float *y,
                          float *scratch)
{
  const Job job = job_of (window, NN_CONV_FORWARD);
  convolve (kernels, &job, n, x, u, bias, relu, y, scratch);
}

void
nn_conv_winograd_to_input (const NnKernels *kernels, const NnWindow *window, guint n,
                           const float *dy, const float *u, const float *bias, gboolean relu,
                           float *dx, float *scratch)
{
  if (!goes_back (window, NN_CONV_TO_INPUT))
    {
      const Job job = job_of (window, NN_CONV_TO_INPUT);
      convolve (kernels, &job, n, dy, u, bias, relu, dx, scratch);
      return;
    }
  const Job job = job_of (window, NN_CONV_FORWARD);
  NnWinograd pass = pass_of (&job, FALSE, scratch);
  pass.w = u;
  pass.bias = bias;
  pass.relu = relu;
  pass.dy = dy;
  pass.dx = dx;
  run_images (&job, n, NULL, kernels_for (kernels, &job)->winograd_back, &pass);
}

void
nn_conv_winograd_to_weights (const NnKernels *kernels, const NnWindow *window, guint n,
                             const float *x, const float *dy, float *dw, float *scratch)
{
  const Job job = job_of (window, NN_CONV_TO_WEIGHTS);
  float *const du = scratch;
  NnWinograd pass = pass_of (&job, TRUE, scratch + weights_floats (&job));
  pass.dy = dy;
  pass.dw = du;
  kernels = kernels_for (kernels, &job);
  run_images (&job, n, x, kernels->winograd_outer, &pass);
  kernels->winograd_weights_grad (job.taps, du, job.n_in, job.n_out, dw);
}
