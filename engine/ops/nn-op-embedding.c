/* Embedding: a trained row of values for each whole number. */
#include "ops/nn-op.h"

#include <string.h>

static gsize
n_values (const NnOpRun *run, gsize width)
{
  return run->n * (gsize)nn_program_value (run->program, run->op->in[0])->size / width;
}

/* The row that x names. What names none is unknown: row 0. */
static gsize
row_of (const NnEmbeddingAttrs *attrs, const float *x)
{
  gsize row = 0;
  if (!attrs->one_hot)
    return *x >= 0.5f && *x < (float)attrs->entries - 0.5f ? (gsize)(*x + 0.5f) : 0;
  for (gsize i = 1; i < (gsize)attrs->entries; i++)
    if (x[i] > x[row])
      row = i;
  return row;
}

static void
embedding_forward (NnOpRun *run)
{
  const NnEmbeddingAttrs *attrs = run->op->attrs;
  const gsize width = attrs->one_hot ? (gsize)attrs->entries : 1, n = n_values (run, width),
              units = (gsize)attrs->units;
  for (gsize i = 0; i < n; i++)
    memcpy (run->y[0] + i * units, run->w[0] + row_of (attrs, run->x[0] + i * width) * units,
            units * sizeof (float));
}

/* Only rows that were named get a gradient; a name has none. */
static void
embedding_backward (NnOpRun *run)
{
  const NnEmbeddingAttrs *attrs = run->op->attrs;
  const gsize width = attrs->one_hot ? (gsize)attrs->entries : 1, n = n_values (run, width),
              units = (gsize)attrs->units;
  if (run->dx[0])
    memset (run->dx[0], 0, n * width * sizeof (float));
  if (!run->dw[0])
    return;
  if (run->fresh[0])
    memset (run->dw[0], 0, (gsize)attrs->entries * units * sizeof (float));
  for (gsize i = 0; i < n; i++)
    run->kernels->add_scaled (1, run->dy[0] + i * units,
                              run->dw[0] + row_of (attrs, run->x[0] + i * width) * units, units);
}

const NnOpType nn_op_embedding = {
  .name = "embedding",
  .flags = NN_OP_PURE,
  .attrs_size = sizeof (NnEmbeddingAttrs),
  .forward = embedding_forward,
  .backward = embedding_backward,
};
