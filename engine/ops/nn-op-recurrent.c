/* Recurrent layers: LSTM, GRU and simple RNN on sequences.
 *
 * Within a slice everything is laid out by time, then sample, so that one step is a product of
 * matrices whose rows are samples and the gradient of the weights is one product over all steps.
 * Gates stay in scratch from forward to backward, where their gradients take their place. */
#include "ops/nn-op.h"

#include <string.h>

/* What tells one cell from another. A row of gates holds x_parts units-wide sums that the input has
 * a share in; the state adds to the first `shared` of them, and the rest of its h_parts sums come
 * behind. */
typedef struct
{
  guint x_parts, h_parts, shared;
  gboolean has_cell; /* a second state beside h */
  gboolean carries;  /* the step's gradient leaves a share of dh in place for the step before */
  void (*step) (const NnOpRun *run, const NnCellStep *step);
  void (*step_grad) (const NnOpRun *run, const NnCellStep *step);
} Cell;

/* One call, unpacked. T steps, n samples, F features, U units, P parts of a row of gates. */
typedef struct
{
  const NnRecurrentAttrs *attrs;
  const Cell *cell;
  gboolean constant; /* the same input at every step: x is (n, F) */
  gsize n, steps, features, units, parts;
  gsize row;    /* P U */
  float *x;     /* (T, n, F); constant: none */
  float *h;     /* (T + 1, n, U): the state before each step, and the last one */
  float *gates; /* (T, n, P U) */
  float *c;     /* (T + 1, n, U); LSTM only, as bent (T, n, U) and dc (n, U) */
  float *bent;
  float *dh; /* (n, U) */
  float *dc;
  float *sums;   /* (n, P U): what the input gives to every step, later the sum of its gradient */
  float *turned; /* a transposed kernel */
  float *total;  /* (P U): the sum of all rows of gates */
  gsize floats;  /* of scratch in all */
} Layout;

static float *
take (float *base, gsize *at, gsize floats)
{
  float *place = base ? base + *at : NULL;
  *at += (floats + 15) / 16 * 16;
  return place;
}

static void
lay_out (Layout *l, const NnProgram *program, const NnOp *op, const Cell *cell, gsize n,
         float *scratch)
{
  const NnShape *in = &nn_program_value (program, op->in[0])->shape;
  gsize at = 0;
  *l = (Layout){ .attrs = op->attrs, .cell = cell, .n = n };
  l->constant = in->rank == 1;
  l->features = (gsize)in->dim[in->rank - 1];
  l->steps = (gsize)l->attrs->steps;
  l->units = (gsize)l->attrs->units;
  l->parts = cell->x_parts + cell->h_parts - cell->shared;
  l->row = l->parts * l->units;
  const gsize state = n * l->units;
  if (!l->constant)
    l->x = take (scratch, &at, l->steps * n * l->features);
  l->h = take (scratch, &at, (l->steps + 1) * state);
  l->gates = take (scratch, &at, l->steps * n * l->row);
  if (cell->has_cell)
    {
      l->c = take (scratch, &at, (l->steps + 1) * state);
      l->bent = take (scratch, &at, l->steps * state);
      l->dc = take (scratch, &at, state);
    }
  l->dh = take (scratch, &at, state);
  l->sums = take (scratch, &at, n * l->row);
  l->total = take (scratch, &at, l->row);
  l->turned =
      take (scratch, &at, MAX (cell->h_parts * l->units, cell->x_parts * l->features) * l->units);
  l->floats = at;
}

static gint64
cell_macs (const NnProgram *program, const NnOp *op, const Cell *cell)
{
  Layout l;
  lay_out (&l, program, op, cell, 1, NULL);
  return (gint64)(l.units
                  * ((l.constant ? 1 : l.steps) * l.features * cell->x_parts
                     + l.steps * l.units * cell->h_parts));
}

/* Where in a sequence what step t reads lies, and where in the output what it gives. */
static gsize
input_place (const Layout *l, gsize t)
{
  return l->attrs->reverse ? l->steps - 1 - t : t;
}

static gsize
output_place (const Layout *l, gsize t)
{
  return l->attrs->aligned ? input_place (l, t) : t;
}

static NnCellStep
step_at (const NnOpRun *run, const Layout *l, gsize t)
{
  const gsize state = l->n * l->units;
  NnCellStep step = {
    .activation = l->attrs->activation,
    .rows = l->n,
    .units = l->units,
    .bias = run->op->n_weights > 2 ? run->w[2] : NULL,
    .gates = l->gates + t * l->n * l->row,
    .before = (l->c ? l->c : l->h) + t * state,
    .h = l->h + (t + 1) * state,
  };
  if (l->c)
    {
      step.cell = l->c + (t + 1) * state;
      step.bent = l->bent + t * state;
    }
  return step;
}

/* ---- forward ---- */

/* to (T, n, F) from from (n, T, F) */
static void
gather_input (const NnOpRun *run, const Layout *l)
{
  const gsize bytes = l->features * sizeof (float);
  for (gsize t = 0; t < l->steps; t++)
    for (gsize r = 0; r < l->n; r++)
      memcpy (l->x + (t * l->n + r) * l->features,
              run->x[0] + (r * l->steps + input_place (l, t)) * l->features, bytes);
}

/* The sums of step t: x W + h R, as far as they do not wait for a gate. */
static void
add_products (const NnOpRun *run, const Layout *l, gsize t)
{
  const Cell *cell = l->cell;
  const gsize n = l->n, units = l->units;
  const gsize x_cols = cell->x_parts * units, h_cols = cell->h_parts * units,
              shared = cell->shared * units;
  const float *h = l->h + t * n * units;
  float *gates = l->gates + t * n * l->row;
  if (l->constant)
    memcpy (gates, l->sums, n * l->row * sizeof (float));
  else
    nn_gemm (run->kernels, FALSE, FALSE, n, x_cols, l->features, l->x + t * n * l->features,
             l->features, run->w[0], x_cols, FALSE, gates, l->row);
  if (t > 0)
    nn_gemm (run->kernels, FALSE, FALSE, n, shared, units, h, units, run->w[1], h_cols, TRUE, gates,
             l->row);
  if (h_cols > shared)
    nn_gemm (run->kernels, FALSE, FALSE, n, h_cols - shared, units, h, units, run->w[1] + shared,
             h_cols, FALSE, gates + x_cols, l->row);
}

static void
write_output (const NnOpRun *run, const Layout *l)
{
  const gsize units = l->units, bytes = units * sizeof (float);
  if (!l->attrs->sequences)
    memcpy (run->y[0], l->h + l->steps * l->n * units, l->n * bytes);
  for (gsize t = 0; l->attrs->sequences && t < l->steps; t++)
    for (gsize r = 0; r < l->n; r++)
      memcpy (run->y[0] + (r * l->steps + output_place (l, t)) * units,
              l->h + ((t + 1) * l->n + r) * units, bytes);
}

static void
cell_forward (NnOpRun *run, const Cell *cell)
{
  Layout l;
  lay_out (&l, run->program, run->op, cell, run->n, run->scratch);
  const gsize state = l.n * l.units, x_cols = cell->x_parts * l.units;
  memset (l.h, 0, state * sizeof (float));
  if (l.c)
    memset (l.c, 0, state * sizeof (float));
  if (l.constant)
    {
      memset (l.sums, 0, l.n * l.row * sizeof (float));
      nn_gemm (run->kernels, FALSE, FALSE, l.n, x_cols, l.features, run->x[0], l.features,
               run->w[0], x_cols, FALSE, l.sums, l.row);
    }
  else
    gather_input (run, &l);
  for (gsize t = 0; t < l.steps; t++)
    {
      const NnCellStep step = step_at (run, &l, t);
      add_products (run, &l, t);
      cell->step (run, &step);
    }
  write_output (run, &l);
}

/* ---- backward ---- */

/* to (cols, rows) from from (rows, cols) */
static void
turn (const float *from, gsize rows, gsize cols, float *to)
{
  for (gsize r = 0; r < rows; r++)
    for (gsize c = 0; c < cols; c++)
      to[c * rows + r] = from[r * cols + c];
}

/* The gradient of the state after step t: from the output, and from the step that follows. */
static void
gather_dh (const NnOpRun *run, const Layout *l, gsize t)
{
  const Cell *cell = l->cell;
  const gsize n = l->n, units = l->units, shared = cell->shared * units,
              rest = (cell->h_parts - cell->shared) * units;
  const float *after = l->gates + (t + 1) * n * l->row;
  const gboolean last = t + 1 == l->steps;
  if (last)
    memset (l->dh, 0, n * units * sizeof (float));
  else
    nn_gemm (run->kernels, FALSE, FALSE, n, units, shared, after, l->row, l->turned, units,
             cell->carries, l->dh, units);
  if (!last && rest > 0)
    nn_gemm (run->kernels, FALSE, FALSE, n, units, rest, after + cell->x_parts * units, l->row,
             l->turned + shared * units, units, TRUE, l->dh, units);
  if (l->attrs->sequences)
    for (gsize r = 0; r < n; r++)
      run->kernels->add_scaled (1, run->dy[0] + (r * l->steps + output_place (l, t)) * units,
                                l->dh + r * units, units);
  else if (last)
    memcpy (l->dh, run->dy[0], n * units * sizeof (float));
}

/* dR = h^T dgates over all steps but the first, whose state is 0 */
static void
state_kernel_gradient (const NnOpRun *run, const Layout *l)
{
  const Cell *cell = l->cell;
  const gsize units = l->units, x_cols = cell->x_parts * units, h_cols = cell->h_parts * units,
              shared = cell->shared * units;
  const gsize skip = l->steps > 1 ? l->n : 0, rows = l->steps * l->n - skip;
  const float *h = l->h + skip * units, *gates = l->gates + skip * l->row;
  nn_gemm (run->kernels, TRUE, FALSE, units, shared, rows, h, units, gates, l->row, !run->fresh[1],
           run->dw[1], h_cols);
  if (h_cols > shared)
    nn_gemm (run->kernels, TRUE, FALSE, units, h_cols - shared, rows, h, units, gates + x_cols,
             l->row, !run->fresh[1], run->dw[1] + shared, h_cols);
}

/* dW = x^T dgates */
static void
input_kernel_gradient (const NnOpRun *run, const Layout *l)
{
  const gsize x_cols = l->cell->x_parts * l->units;
  nn_gemm (run->kernels, TRUE, FALSE, l->features, x_cols, l->constant ? l->n : l->steps * l->n,
           l->constant ? run->x[0] : l->x, l->features, l->constant ? l->sums : l->gates, l->row,
           !run->fresh[0], run->dw[0], x_cols);
}

/* Each bias gets the sum of its column of dgates; where input and state have one each, the first
 * row is the input's and the second the state's. */
static void
bias_gradient (const NnOpRun *run, const Layout *l)
{
  const Cell *cell = l->cell;
  const gsize units = l->units, x_cols = cell->x_parts * units, shared = cell->shared * units,
              rest = (cell->h_parts - cell->shared) * units;
  const gsize size = (gsize)nn_program_weight (run->program, run->op->weight[2])->size;
  memset (l->total, 0, l->row * sizeof (float));
  if (l->constant)
    run->kernels->add_column_sums (l->sums, l->n, l->row, l->total);
  else
    run->kernels->add_column_sums (l->gates, l->steps * l->n, l->row, l->total);
  if (run->fresh[2])
    memset (run->dw[2], 0, size * sizeof (float));
  run->kernels->add_scaled (1, l->total, run->dw[2], x_cols);
  if (size > x_cols)
    {
      run->kernels->add_scaled (1, l->total, run->dw[2] + x_cols, shared);
      run->kernels->add_scaled (1, l->total + x_cols, run->dw[2] + x_cols + shared, rest);
    }
}

/* dx = dgates W^T */
static void
input_gradient (const NnOpRun *run, const Layout *l)
{
  const gsize x_cols = l->cell->x_parts * l->units;
  turn (run->w[0], l->features, x_cols, l->turned);
  if (l->constant)
    nn_gemm (run->kernels, FALSE, FALSE, l->n, l->features, x_cols, l->sums, l->row, l->turned,
             l->features, FALSE, run->dx[0], l->features);
  for (gsize t = 0; !l->constant && t < l->steps; t++)
    nn_gemm (run->kernels, FALSE, FALSE, l->n, l->features, x_cols, l->gates + t * l->n * l->row,
             l->row, l->turned, l->features, FALSE, run->dx[0] + input_place (l, t) * l->features,
             l->steps * l->features);
}

static void
cell_backward (NnOpRun *run, const Cell *cell)
{
  Layout l;
  lay_out (&l, run->program, run->op, cell, run->n, run->scratch);
  if (l.dc)
    memset (l.dc, 0, l.n * l.units * sizeof (float));
  turn (run->w[1], l.units, cell->h_parts * l.units, l.turned);
  for (gsize t = l.steps; t-- > 0;)
    {
      NnCellStep step = step_at (run, &l, t);
      gather_dh (run, &l, t);
      step.h = l.dh;
      step.cell = l.dc;
      cell->step_grad (run, &step);
    }
  if (l.constant)
    {
      memset (l.sums, 0, l.n * l.row * sizeof (float));
      run->kernels->add_column_sums (l.gates, l.steps, l.n * l.row, l.sums);
    }
  if (run->dw[1])
    state_kernel_gradient (run, &l);
  if (run->dw[0])
    input_kernel_gradient (run, &l);
  if (run->op->n_weights > 2 && run->dw[2])
    bias_gradient (run, &l);
  if (run->dx[0])
    input_gradient (run, &l);
}

/* ---- the cells ---- */

static void
lstm_step (const NnOpRun *run, const NnCellStep *step)
{
  run->kernels->lstm_step (step);
}

static void
lstm_step_grad (const NnOpRun *run, const NnCellStep *step)
{
  run->kernels->lstm_step_grad (step);
}

static void
gru_step (const NnOpRun *run, const NnCellStep *step)
{
  run->kernels->gru_step (step);
}

static void
gru_step_grad (const NnOpRun *run, const NnCellStep *step)
{
  run->kernels->gru_step_grad (step);
}

/* h = act (sum + bias), kept in gates too, where backward looks for it */
static void
simple_step (const NnOpRun *run, const NnCellStep *step)
{
  run->kernels->bias_activate (step->activation, 0, step->bias, step->gates, step->rows,
                               step->units);
  memcpy (step->h, step->gates, step->rows * step->units * sizeof (float));
}

static void
simple_step_grad (const NnOpRun *run, const NnCellStep *step)
{
  run->kernels->activate_grad (step->activation, 0, NULL, step->gates, step->h, step->gates,
                               step->rows, step->units);
}

/* Products of fewer rows than this leave half of a processor's multipliers idle. */
#define ROWS_WISH 16

#define RECURRENT_OP(name_, id_, ...)                                                              \
  static const Cell name_##_cell = { __VA_ARGS__ };                                                \
                                                                                                   \
  static gsize name_##_scratch (const NnProgram *program, const NnOp *op, guint n)                 \
  {                                                                                                \
    Layout l;                                                                                      \
    lay_out (&l, program, op, &name_##_cell, n, NULL);                                             \
    return l.floats;                                                                               \
  }                                                                                                \
                                                                                                   \
  static gint64 name_##_macs (const NnProgram *program, const NnOp *op)                            \
  {                                                                                                \
    return cell_macs (program, op, &name_##_cell);                                                 \
  }                                                                                                \
                                                                                                   \
  static void name_##_forward (NnOpRun *run) { cell_forward (run, &name_##_cell); }                \
                                                                                                   \
  static void name_##_backward (NnOpRun *run) { cell_backward (run, &name_##_cell); }              \
                                                                                                   \
  const NnOpType nn_op_##name_ = {                                                                 \
    .name = id_,                                                                                   \
    .flags = NN_OP_PURE | NN_OP_TAKES_CONSTANT,                                                    \
    .attrs_size = sizeof (NnRecurrentAttrs),                                                       \
    .slice_wish = ROWS_WISH,                                                                       \
    .scratch = name_##_scratch,                                                                    \
    .macs = name_##_macs,                                                                          \
    .forward = name_##_forward,                                                                    \
    .backward = name_##_backward,                                                                  \
  };

RECURRENT_OP (lstm, "lstm", .x_parts = 4, .h_parts = 4, .shared = 4, .has_cell = TRUE,
              .step = lstm_step, .step_grad = lstm_step_grad)
RECURRENT_OP (gru, "gru", .x_parts = 3, .h_parts = 3, .shared = 2, .carries = TRUE,
              .step = gru_step, .step_grad = gru_step_grad)
RECURRENT_OP (simple_rnn, "simple-rnn", .x_parts = 1, .h_parts = 1, .shared = 1,
              .step = simple_step, .step_grad = simple_step_grad)
