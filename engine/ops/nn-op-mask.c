/* Operations that replace values by chance. The values that stay are marked 1 (or their factor) in
 * scratch, which backward multiplies by. */
#include "ops/nn-op.h"

#include <string.h>

static const NnShape *
in_shape (const NnProgram *program, const NnOp *op)
{
  return &nn_program_value (program, op->in[0])->shape;
}

static gsize
in_size (const NnProgram *program, const NnOp *op)
{
  return (gsize)nn_program_value (program, op->in[0])->size;
}

/* The masks below are (n, positions); each covers so many values that lie side by side. */
static gsize
channels (const NnShape *shape)
{
  return shape->rank > 0 ? (gsize)shape->dim[shape->rank - 1] : 1;
}

static void
pass (NnOpRun *run)
{
  memcpy (run->y[0], run->x[0], run->n * in_size (run->program, run->op) * sizeof (float));
}

static void
pass_back (NnOpRun *run)
{
  memcpy (run->dx[0], run->dy[0], run->n * in_size (run->program, run->op) * sizeof (float));
}

/* ---- spatial dropout: J. Tompson et al., "Efficient object localization using convolutional
 * networks", 2015 ---- */

static gsize
spatial_scratch (const NnProgram *program, const NnOp *op, guint n)
{
  return n * channels (in_shape (program, op));
}

static gboolean
drops (const NnOpRun *run)
{
  const NnDropoutAttrs *attrs = run->op->attrs;
  return run->mode == NN_MODE_TRAIN && attrs->rate > 0;
}

/* y[p][c] = x[p][c] m[c] for all positions p of a sample */
static void
times_channels (const NnOpRun *run, const float *x, float *y)
{
  const gsize size = in_size (run->program, run->op);
  const gsize n_channels = channels (in_shape (run->program, run->op));
  for (guint row = 0; row < run->n; row++)
    {
      const float *mask = run->scratch + row * n_channels;
      for (gsize at = row * size; at < (row + 1) * size; at += n_channels)
        for (gsize c = 0; c < n_channels; c++)
          y[at + c] = x[at + c] * mask[c];
    }
}

static void
spatial_forward (NnOpRun *run)
{
  const NnDropoutAttrs *attrs = run->op->attrs;
  const gsize n_channels = channels (in_shape (run->program, run->op));
  if (!drops (run))
    {
      pass (run);
      return;
    }
  const float keep = 1 / (1 - attrs->rate);
  for (guint row = 0; row < run->n; row++)
    {
      guint32 key[2], counter[4];
      float *mask = run->scratch + row * n_channels;
      nn_op_stream (run, row, key, counter);
      run->kernels->uniform (key, counter, mask, n_channels);
      for (gsize c = 0; c < n_channels; c++)
        mask[c] = mask[c] < attrs->rate ? 0 : keep;
    }
  times_channels (run, run->x[0], run->y[0]);
}

static void
spatial_backward (NnOpRun *run)
{
  if (drops (run))
    times_channels (run, run->dy[0], run->dx[0]);
  else
    pass_back (run);
}

const NnOpType nn_op_spatial_dropout = {
  .name = "spatial-dropout",
  .flags = NN_OP_TRAINS_ONLY,
  .attrs_size = sizeof (NnDropoutAttrs),
  .scratch = spatial_scratch,
  .forward = spatial_forward,
  .backward = spatial_backward,
};

/* ---- salt and pepper ---- */

static gsize
value_scratch (const NnProgram *program, const NnOp *op, guint n)
{
  return n * in_size (program, op);
}

static gboolean
salts (const NnOpRun *run)
{
  const NnSaltAttrs *attrs = run->op->attrs;
  return nn_op_is_noisy (run, attrs->training_only);
}

static void
salt_forward (NnOpRun *run)
{
  const NnSaltAttrs *attrs = run->op->attrs;
  const gsize size = in_size (run->program, run->op);
  const float high_below = attrs->amount * attrs->salt;
  if (!salts (run))
    {
      pass (run);
      return;
    }
  for (guint row = 0; row < run->n; row++)
    {
      guint32 key[2], counter[4];
      float *mask = run->scratch + row * size;
      const float *x = run->x[0] + row * size;
      float *y = run->y[0] + row * size;
      nn_op_stream (run, row, key, counter);
      run->kernels->uniform (key, counter, mask, size);
      for (gsize i = 0; i < size; i++)
        {
          const float chance = mask[i];
          y[i] = chance < high_below ? attrs->high : chance < attrs->amount ? attrs->low : x[i];
          mask[i] = chance < attrs->amount ? 0 : 1;
        }
    }
}

static void
salt_backward (NnOpRun *run)
{
  const gsize n = run->n * in_size (run->program, run->op);
  if (!salts (run))
    {
      pass_back (run);
      return;
    }
  for (gsize i = 0; i < n; i++)
    run->dx[0][i] = run->dy[0][i] * run->scratch[i];
}

const NnOpType nn_op_salt_and_pepper = {
  .name = "salt-and-pepper",
  .flags = NN_OP_TRAINS_ONLY,
  .attrs_size = sizeof (NnSaltAttrs),
  .scratch = value_scratch,
  .forward = salt_forward,
  .backward = salt_backward,
};

/* ---- masks over parts of an image ---- */

/* Values of one pixel. */
static gsize
pixel_values (const NnShape *shape)
{
  return shape->rank >= 3 ? channels (shape) : 1;
}

static gsize
mask_scratch (const NnProgram *program, const NnOp *op, guint n)
{
  return n * (in_size (program, op) / pixel_values (in_shape (program, op)));
}

static gboolean
masks (const NnOpRun *run)
{
  const NnMaskAttrs *attrs = run->op->attrs;
  return nn_op_is_noisy (run, attrs->training_only);
}

typedef struct
{
  gint64 height, width;
  gint64 top, left, size; /* of block or bars, cut to the image */
} Patch;

static void
mask_block (const Patch *patch, float *mask)
{
  for (gint64 r = patch->top; r < MIN (patch->top + patch->size, patch->height); r++)
    for (gint64 c = patch->left; c < MIN (patch->left + patch->size, patch->width); c++)
      mask[r * patch->width + c] = 0;
}

static void
mask_cross (const Patch *patch, float *mask)
{
  for (gint64 r = 0; r < patch->height; r++)
    for (gint64 c = 0; c < patch->width; c++)
      if ((r >= patch->top && r < patch->top + patch->size)
          || (c >= patch->left && c < patch->left + patch->size))
        mask[r * patch->width + c] = 0;
}

static void (*const painters[NN_N_MASKS]) (const Patch *patch, float *mask) = {
  [NN_MASK_BLOCK] = mask_block,
  [NN_MASK_CROSS] = mask_cross,
};

/* 1 where a pixel stays, 0 where it is covered. */
static void
draw_mask (const NnOpRun *run, guint row, float *mask, gsize n_pixels)
{
  const NnMaskAttrs *attrs = run->op->attrs;
  const NnShape *shape = in_shape (run->program, run->op);
  guint32 key[2], counter[4];
  nn_op_stream (run, row, key, counter);
  if (attrs->kind == NN_MASK_PIXELS)
    {
      run->kernels->uniform (key, counter, mask, n_pixels);
      for (gsize i = 0; i < n_pixels; i++)
        mask[i] = mask[i] < attrs->share ? 0 : 1;
      return;
    }
  float place[2] = { 0.5f, 0.5f };
  if (!attrs->centred)
    run->kernels->uniform (key, counter, place, 2);
  Patch patch = { .height = shape->dim[0], .width = shape->dim[1], .size = attrs->size };
  /* A centred patch leaves equal margins; a chance of less than 1 takes each place. */
  const gint64 rows = MAX (patch.height - patch.size, 0) + (attrs->centred ? 0 : 1);
  const gint64 cols = MAX (patch.width - patch.size, 0) + (attrs->centred ? 0 : 1);
  patch.top = MIN ((gint64)(place[0] * (float)rows), MAX (patch.height - patch.size, 0));
  patch.left = MIN ((gint64)(place[1] * (float)cols), MAX (patch.width - patch.size, 0));
  for (gsize i = 0; i < n_pixels; i++)
    mask[i] = 1;
  painters[attrs->kind](&patch, mask);
}

/* y = x m + fill (1 - m), m the same for all values of a pixel */
static void
mask_forward (NnOpRun *run)
{
  const NnMaskAttrs *attrs = run->op->attrs;
  const gsize values = pixel_values (in_shape (run->program, run->op));
  const gsize n_pixels = in_size (run->program, run->op) / values;
  if (!masks (run))
    {
      pass (run);
      return;
    }
  for (guint row = 0; row < run->n; row++)
    draw_mask (run, row, run->scratch + row * n_pixels, n_pixels);
  for (gsize p = 0; p < run->n * n_pixels; p++)
    for (gsize i = p * values; i < (p + 1) * values; i++)
      run->y[0][i] = run->scratch[p] > 0 ? run->x[0][i] : attrs->fill;
}

static void
mask_backward (NnOpRun *run)
{
  const gsize values = pixel_values (in_shape (run->program, run->op));
  const gsize n_pixels = run->n * in_size (run->program, run->op) / values;
  if (!masks (run))
    {
      pass_back (run);
      return;
    }
  for (gsize p = 0; p < n_pixels; p++)
    for (gsize i = p * values; i < (p + 1) * values; i++)
      run->dx[0][i] = run->dy[0][i] * run->scratch[p];
}

const NnOpType nn_op_mask_out = {
  .name = "mask-out",
  .flags = NN_OP_TRAINS_ONLY,
  .attrs_size = sizeof (NnMaskAttrs),
  .scratch = mask_scratch,
  .forward = mask_forward,
  .backward = mask_backward,
};
