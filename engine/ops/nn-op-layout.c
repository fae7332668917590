/* Operations that move or repeat values. */
#include "ops/nn-op.h"

#include <string.h>

static const NnValue *
input (const NnOpRun *run)
{
  return nn_program_value (run->program, run->op->in[0]);
}

static const NnValue *
output (const NnOpRun *run)
{
  return nn_program_value (run->program, run->op->out[0]);
}

/* stride[i]: how far apart in x neighbours along axis i of y are. */
static void
permuted_strides (const NnOpRun *run, gsize *stride)
{
  const NnPermuteAttrs *attrs = run->op->attrs;
  const NnShape *in = &input (run)->shape;
  gsize of_axis[NN_MAX_RANK], at = 1;
  for (gint i = in->rank - 1; i >= 0; i--)
    {
      of_axis[i] = at;
      at *= (gsize)in->dim[i];
    }
  for (gint i = 0; i < in->rank; i++)
    stride[i] = of_axis[attrs->order[i]];
}

/* Walks y in order; place is where in x each value comes from. Moves the place of the axes before
 * the last on by one, like an odometer. */
static gsize
next_place (const NnShape *out, const gsize *stride, gint64 *index, gsize place)
{
  for (gint i = out->rank - 2; i >= 0; i--)
    {
      place += stride[i];
      if (++index[i] < out->dim[i])
        break;
      place -= stride[i] * (gsize)out->dim[i];
      index[i] = 0;
    }
  return place;
}

/* to[i] = from[place (i)], or with back to[place (i)] = from[i] */
static void
permute (const NnOpRun *run, const float *from, float *to, gboolean back)
{
  const NnShape *out = &output (run)->shape;
  const gsize size = (gsize)input (run)->size;
  gsize stride[NN_MAX_RANK];
  permuted_strides (run, stride);
  const gsize cols = (gsize)out->dim[out->rank - 1], step = stride[out->rank - 1];
  for (guint row = 0; row < run->n; row++, from += size, to += size)
    {
      gint64 index[NN_MAX_RANK] = { 0 };
      gsize place = 0;
      for (gsize at = 0; at < size; at += cols)
        {
          for (gsize c = 0; c < cols; c++)
            if (back)
              to[place + c * step] = from[at + c];
            else
              to[at + c] = from[place + c * step];
          place = next_place (out, stride, index, place);
        }
    }
}

static void
permute_forward (NnOpRun *run)
{
  permute (run, run->x[0], run->y[0], FALSE);
}

static void
permute_backward (NnOpRun *run)
{
  permute (run, run->dy[0], run->dx[0], TRUE);
}

const NnOpType nn_op_permute = {
  .name = "permute",
  .flags = NN_OP_PURE,
  .attrs_size = sizeof (NnPermuteAttrs),
  .forward = permute_forward,
  .backward = permute_backward,
};

static void
repeat_forward (NnOpRun *run)
{
  const gsize size = (gsize)input (run)->size;
  const gsize times = (gsize)output (run)->size / size;
  for (gsize row = 0; row < run->n; row++)
    for (gsize t = 0; t < times; t++)
      memcpy (run->y[0] + (row * times + t) * size, run->x[0] + row * size, size * sizeof (float));
}

/* dx = sum over the repetitions of dy */
static void
repeat_backward (NnOpRun *run)
{
  const gsize size = (gsize)input (run)->size;
  const gsize times = (gsize)output (run)->size / size;
  memset (run->dx[0], 0, run->n * size * sizeof (float));
  for (gsize row = 0; row < run->n; row++)
    run->kernels->add_column_sums (run->dy[0] + row * times * size, times, size,
                                   run->dx[0] + row * size);
}

const NnOpType nn_op_repeat = {
  .name = "repeat",
  .flags = NN_OP_PURE,
  .forward = repeat_forward,
  .backward = repeat_backward,
};
