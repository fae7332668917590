/* Images moved, mirrored, turned, zoomed, lightened and cut by chance, so that a network learns
 * what they show however it is shown. */
#include "ops/nn-op.h"

#include <math.h>
#include <string.h>

/* What chance has chosen for one sample, kept in scratch for the way back. */
enum
{
  DOWN,  /* pixels */
  RIGHT, /* pixels */
  MIRROR,
  TURN,  /* upside down */
  ANGLE, /* radians */
  ZOOM,
  BRIGHTNESS, /* factor */
  CUT_ROW,    /* first of the square */
  CUT_COLUMN,
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
  choice[ANGLE] = attrs->rotation * (2 * choice[ANGLE] - 1);
  choice[ZOOM] = powf (1 + attrs->zoom, 2 * choice[ZOOM] - 1);
  choice[BRIGHTNESS] = 1 + attrs->brightness * (2 * choice[BRIGHTNESS] - 1);
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

/* The square may reach over every edge by half. */
static void
place_cut (const Image *image, gint64 side, float *choice)
{
  const gint64 half = side / 2;
  choice[CUT_ROW] = floorf (choice[CUT_ROW] * (float)image->height) - (float)half;
  choice[CUT_COLUMN] = floorf (choice[CUT_COLUMN] * (float)image->width) - (float)half;
}

/* Where on the input the middle of the output's pixel (r, c) comes from. The output is the input
 * mirrored, then turned by the angle and zoomed about the middle, then shifted. */
static void
find_source (const Image *image, const float *choice, gint64 r, gint64 c, float *row, float *column)
{
  const float middle_r = (float)(image->height - 1) / 2, middle_c = (float)(image->width - 1) / 2;
  const float down = ((float)r - choice[DOWN] - middle_r) / choice[ZOOM];
  const float right = ((float)c - choice[RIGHT] - middle_c) / choice[ZOOM];
  const float sine = sinf (choice[ANGLE]), cosine = cosf (choice[ANGLE]);
  const float y = cosine * down - sine * right, x = sine * down + cosine * right;

  *row = middle_r + (choice[TURN] != 0 ? -y : y);
  *column = middle_c + (choice[MIRROR] != 0 ? -x : x);
}

/* As move_pixels(), between pixels bilinear. On the way back it adds to target. */
static void
resample (const Image *image, const float *choice, gboolean back, const float *source,
          float *target)
{
  for (gint64 r = 0; r < image->height; r++)
    for (gint64 c = 0; c < image->width; c++)
      {
        const gsize here = (gsize)((r * image->width + c) * image->channels);
        float row, column;

        find_source (image, choice, r, c, &row, &column);
        for (gint64 tap = 0; tap < 4; tap++)
          {
            const gint64 tap_r = (gint64)floorf (row) + tap / 2;
            const gint64 tap_c = (gint64)floorf (column) + tap % 2;
            const float share =
                (1 - fabsf (row - (float)tap_r)) * (1 - fabsf (column - (float)tap_c));
            const gsize there = (gsize)((tap_r * image->width + tap_c) * image->channels);

            if (tap_r < 0 || tap_r >= image->height || tap_c < 0 || tap_c >= image->width)
              continue;
            for (gint64 k = 0; k < image->channels; k++)
              if (back)
                target[there + k] += share * source[here + k];
              else
                target[here + k] += share * source[there + k];
          }
      }
}

/* What is done to the output alone: to its values, and in the same way to its gradient. */
static void
dim_and_cut (const Image *image, const NnAugmentAttrs *attrs, const float *choice, float *y)
{
  for (gint64 r = 0; r < image->height; r++)
    for (gint64 c = 0; c < image->width; c++)
      {
        const gint64 down = r - (gint64)choice[CUT_ROW], right = c - (gint64)choice[CUT_COLUMN];
        const gboolean cut =
            down >= 0 && down < attrs->cut_out && right >= 0 && right < attrs->cut_out;
        float *pixel = y + (r * image->width + c) * image->channels;

        for (gint64 k = 0; k < image->channels; k++)
          pixel[k] = cut ? 0 : pixel[k] * choice[BRIGHTNESS];
      }
}

static gboolean
bends (const NnAugmentAttrs *attrs)
{
  return attrs->rotation > 0 || attrs->zoom > 0;
}

static gboolean
paints (const NnAugmentAttrs *attrs)
{
  return attrs->brightness > 0 || attrs->cut_out > 0;
}

static void
augment_forward (NnOpRun *run)
{
  const NnAugmentAttrs *attrs = run->op->attrs;
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
      float *choice = run->scratch + row * N_CHOICES, *y = run->y[0] + row * size;

      choose (run, row);
      place_cut (&image, attrs->cut_out, choice);
      (bends (attrs) ? resample : move_pixels) (&image, choice, FALSE, run->x[0] + row * size, y);
      if (paints (attrs))
        dim_and_cut (&image, attrs, choice, y);
    }
}

static void
augment_backward (NnOpRun *run)
{
  const NnAugmentAttrs *attrs = run->op->attrs;
  const Image image = image_of (run->program, run->op);
  const gsize size = (gsize)nn_program_value (run->program, run->op->in[0])->size;
  if (!augments (run))
    {
      memcpy (run->dx[0], run->dy[0], run->n * size * sizeof (float));
      return;
    }
  memset (run->dx[0], 0, run->n * size * sizeof (float));
  g_autofree float *painted = paints (attrs) ? g_new (float, size) : NULL;
  for (guint row = 0; row < run->n; row++)
    {
      const float *choice = run->scratch + row * N_CHOICES, *dy = run->dy[0] + row * size;

      if (painted)
        {
          memcpy (painted, dy, size * sizeof (float));
          dim_and_cut (&image, attrs, choice, painted);
          dy = painted;
        }
      (bends (attrs) ? resample : move_pixels) (&image, choice, TRUE, dy, run->dx[0] + row * size);
    }
}

const NnOpType nn_op_augment = {
  .name = "augment",
  .flags = NN_OP_TRAINS_ONLY,
  .attrs_size = sizeof (NnAugmentAttrs),
  .scratch = augment_scratch,
  .forward = augment_forward,
  .backward = augment_backward,
};
