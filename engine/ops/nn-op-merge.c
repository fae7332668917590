/* Operations that make one value of several. */
#include "ops/nn-op.h"

#include <string.h>

static gsize
out_values (const NnOpRun *run)
{
  return run->n * (gsize)nn_program_value (run->program, run->op->out[0])->size;
}

/* The others are added to the input that lies where the sum will be (fused by the plan), or else to
 * a copy of the first. */
static void
add_forward (NnOpRun *run)
{
  const gsize n = out_values (run);
  guint first = 0;
  for (guint k = 1; k < run->op->n_in; k++)
    if (run->x[k] == run->y[0])
      first = k;
  if (run->x[first] != run->y[0])
    memcpy (run->y[0], run->x[first], n * sizeof (float));
  for (guint k = 0; k < run->op->n_in; k++)
    if (k != first)
      run->kernels->add_scaled (1, run->x[k], run->y[0], n);
  if (run->activation)
    {
      const NnActivationAttrs *activation = run->activation->attrs;
      const NnShape *shape = &nn_program_value (run->program, run->op->out[0])->shape;
      const gsize cols = shape->rank > 0 ? (gsize)shape->dim[shape->rank - 1] : 1;
      run->kernels->bias_activate (activation->function, activation->alpha, NULL, run->y[0],
                                   n / cols, cols);
    }
}

static void
add_backward (NnOpRun *run)
{
  for (guint k = 0; k < run->op->n_in; k++)
    if (run->dx[k] && run->dx[k] != run->dy[0])
      memcpy (run->dx[k], run->dy[0], out_values (run) * sizeof (float));
}

const NnOpType nn_op_add = {
  .name = "add",
  .flags = NN_OP_PURE | NN_OP_ACTIVATES,
  .forward = add_forward,
  .backward = add_backward,
};

static void
average_forward (NnOpRun *run)
{
  const gsize n = out_values (run);
  const float share = 1 / (float)run->op->n_in;
  run->kernels->scale (share, run->x[0], run->y[0], n);
  for (guint k = 1; k < run->op->n_in; k++)
    run->kernels->add_scaled (share, run->x[k], run->y[0], n);
}

static void
average_backward (NnOpRun *run)
{
  for (guint k = 0; k < run->op->n_in; k++)
    if (run->dx[k])
      run->kernels->scale (1 / (float)run->op->n_in, run->dy[0], run->dx[k], out_values (run));
}

const NnOpType nn_op_average = {
  .name = "average",
  .flags = NN_OP_PURE,
  .forward = average_forward,
  .backward = average_backward,
};

static void
multiply_by (const float *x, float *y, gsize n)
{
  for (gsize i = 0; i < n; i++)
    y[i] *= x[i];
}

static void
multiply_forward (NnOpRun *run)
{
  const gsize n = out_values (run);
  memcpy (run->y[0], run->x[0], n * sizeof (float));
  for (guint k = 1; k < run->op->n_in; k++)
    multiply_by (run->x[k], run->y[0], n);
}

/* dx_k = dy times all others: y / x_k would fail where x_k is 0. */
static void
multiply_backward (NnOpRun *run)
{
  const gsize n = out_values (run);
  for (guint k = 0; k < run->op->n_in; k++)
    {
      if (!run->dx[k])
        continue;
      memcpy (run->dx[k], run->dy[0], n * sizeof (float));
      for (guint j = 0; j < run->op->n_in; j++)
        if (j != k)
          multiply_by (run->x[j], run->dx[k], n);
    }
}

const NnOpType nn_op_multiply = {
  .name = "multiply",
  .flags = NN_OP_PURE,
  .forward = multiply_forward,
  .backward = multiply_backward,
};

static void
maximum_forward (NnOpRun *run)
{
  const gsize n = out_values (run);
  float *y = run->y[0];
  memcpy (y, run->x[0], n * sizeof (float));
  for (guint k = 1; k < run->op->n_in; k++)
    {
      const float *x = run->x[k];
      /* Written so that a NaN in either passes through. */
      for (gsize i = 0; i < n; i++)
        y[i] = x[i] <= y[i] || y[i] != y[i] ? y[i] : x[i];
    }
}

/* TRUE where an input before k holds the same value as the output. */
static gboolean
taken_before (const NnOpRun *run, guint k, gsize i)
{
  for (guint j = 0; j < k; j++)
    if (run->x[j][i] == run->y[0][i])
      return TRUE;
  return FALSE;
}

static void
maximum_backward (NnOpRun *run)
{
  const gsize n = out_values (run);
  const float *y = run->y[0], *dy = run->dy[0];
  for (guint k = 0; k < run->op->n_in; k++)
    {
      const float *x = run->x[k];
      for (gsize i = 0; run->dx[k] && i < n; i++)
        run->dx[k][i] = x[i] == y[i] && !taken_before (run, k, i) ? dy[i] : 0;
    }
}

const NnOpType nn_op_maximum = {
  .name = "maximum",
  .flags = NN_OP_PURE,
  .forward = maximum_forward,
  .backward = maximum_backward,
};

/* Values that input k has on the last axis. */
static gsize
columns (const NnOpRun *run, guint k)
{
  const NnShape *shape = &nn_program_value (run->program, run->op->in[k])->shape;
  return (gsize)shape->dim[shape->rank - 1];
}

static gsize
rows (const NnOpRun *run)
{
  return run->n * (gsize)nn_program_value (run->program, run->op->in[0])->size / columns (run, 0);
}

/* (rows, cols) of rows that lie so many floats apart. Short ones are not worth a call each. */
static void
copy_columns (const float *from, gsize from_row, float *to, gsize to_row, gsize rows, gsize cols)
{
  for (gsize r = 0; r < rows; r++, from += from_row, to += to_row)
    if (cols % 8 == 0 && cols <= 32)
      for (gsize c = 0; c < cols; c += 8)
        memcpy (to + c, from + c, 8 * sizeof (float));
    else
      memcpy (to, from, cols * sizeof (float));
}

static void
concatenate_forward (NnOpRun *run)
{
  const gsize n_rows = rows (run), width = out_values (run) / n_rows;
  gsize at = 0;
  for (guint k = 0; k < run->op->n_in; k++)
    {
      const gsize cols = columns (run, k);
      copy_columns (run->x[k], cols, run->y[0] + at, width, n_rows, cols);
      at += cols;
    }
}

static void
concatenate_backward (NnOpRun *run)
{
  const gsize n_rows = rows (run), width = out_values (run) / n_rows;
  gsize at = 0;
  for (guint k = 0; k < run->op->n_in; k++)
    {
      const gsize cols = columns (run, k);
      if (run->dx[k])
        copy_columns (run->dy[0] + at, width, run->dx[k], cols, n_rows, cols);
      at += cols;
    }
}

const NnOpType nn_op_concatenate = {
  .name = "concatenate",
  .flags = NN_OP_PURE,
  .forward = concatenate_forward,
  .backward = concatenate_backward,
};
