/* Images moved and mirrored by chance, so that a network learns what they show wherever it is. */
#include "ops/nn-op.h"

#include <math.h>
#include <string.h>

/* What chance has chosen for one sample, kept in scratch for the way back. */
enum
{
  DOWN,  /* pixels */
  RIGHT, /* pixels */
  MIRROR,
  TURN, /* upside down */
  N_CHOICES
};

typedef struct
{
  gint64 height, width, channels;
} Image;

static Image
image_of (const NnProgram *program, const NnOp *op)
{
  const NnShape *shape = &nn_program_value (program, op->in[0])->shape;
  return (Image){ shape->dim[0], shape->dim[1], shape->rank > 2 ? shape->dim[2] : 1 };
}

static gsize
augment_scratch (const NnProgram *program, const NnOp *op, guint n)
{
  return n * N_CHOICES;
}

static gboolean
augments (const NnOpRun *run)
{
  const NnAugmentAttrs *attrs = run->op->attrs;
  return nn_op_is_noisy (run, attrs->training_only);
}

/* u in 0..1 to a whole number from -most to most */
static float
whole_between (float u, gint64 most)
{
  const float at = floorf (u * (float)(2 * most + 1));
  return fminf (at, (float)(2 * most)) - (float)most;
}

static void
choose (NnOpRun *run, guint row)
{
  const NnAugmentAttrs *attrs = run->op->attrs;
  float *choice = run->scratch + row * N_CHOICES;
  guint32 key[2], counter[4];
  nn_op_stream (run, row, key, counter);
  run->kernels->uniform (key, counter, choice, N_CHOICES);
  choice[DOWN] = whole_between (choice[DOWN], attrs->shift);
  choice[RIGHT] = whole_between (choice[RIGHT], attrs->shift);
  choice[MIRROR] = attrs->mirror && choice[MIRROR] < 0.5f;
  choice[TURN] = attrs->turn && choice[TURN] < 0.5f;
}

/* Walks the pixels that a sample's output has from its input: to[r][c] = from[r'][c'], or on the
 * way back from's gradient from to's. Pixels that come from outside are left alone. */
static void
move_pixels (const Image *image, const float *choice, gboolean back, const float *source,
             float *target)
{
  const gsize pixel = (gsize)image->channels;
  for (gint64 r = 0; r < image->height; r++)
    {
      const gint64 down = r - (gint64)choice[DOWN];
      const gint64 from_r = choice[TURN] != 0 ? image->height - 1 - down : down;
      if (down < 0 || down >= image->height)
        continue;
      for (gint64 c = 0; c < image->width; c++)
        {
          const gint64 right = c - (gint64)choice[RIGHT];
          const gint64 from_c = choice[MIRROR] != 0 ? image->width - 1 - right : right;
          if (right < 0 || right >= image->width)
            continue;
          const gsize here = (gsize)(r * image->width + c) * pixel;
          const gsize there = (gsize)(from_r * image->width + from_c) * pixel;
          memcpy (target + (back ? there : here), source + (back ? here : there),
                  pixel * sizeof (float));
        }
    }
}

static void
augment_forward (NnOpRun *run)
{
  const Image image = image_of (run->program, run->op);
  const gsize size = (gsize)nn_program_value (run->program, run->op->in[0])->size;
  if (!augments (run))
    {
      memcpy (run->y[0], run->x[0], run->n * size * sizeof (float));
      return;
    }
  memset (run->y[0], 0, run->n * size * sizeof (float));
  for (guint row = 0; row < run->n; row++)
    {
      choose (run, row);
      move_pixels (&image, run->scratch + row * N_CHOICES, FALSE, run->x[0] + row * size,
                   run->y[0] + row * size);
    }
}

static void
augment_backward (NnOpRun *run)
{
  const Image image = image_of (run->program, run->op);
  const gsize size = (gsize)nn_program_value (run->program, run->op->in[0])->size;
  if (!augments (run))
    {
      memcpy (run->dx[0], run->dy[0], run->n * size * sizeof (float));
      return;
    }
  memset (run->dx[0], 0, run->n * size * sizeof (float));
  for (guint row = 0; row < run->n; row++)
    move_pixels (&image, run->scratch + row * N_CHOICES, TRUE, run->dy[0] + row * size,
                 run->dx[0] + row * size);
}

const NnOpType nn_op_augment = {
  .name = "augment",
  .flags = NN_OP_TRAINS_ONLY,
  .attrs_size = sizeof (NnAugmentAttrs),
  .scratch = augment_scratch,
  .forward = augment_forward,
  .backward = augment_backward,
};
