/* Recurrent cells of every instruction set against plain double-precision code. */
#include "kernel-check.h"

#define GATES 4
#define ROWS 3

static const NnActivation activations[] = {
  NN_ACTIVATION_TANH,         NN_ACTIVATION_RELU,     NN_ACTIVATION_SIGMOID,
  NN_ACTIVATION_HARD_SIGMOID, NN_ACTIVATION_SOFTPLUS, NN_ACTIVATION_LINEAR,
};

/* What one unit makes of its four sums, biases included, and the state before. */
typedef struct
{
  double gate[GATES], h, cell, bent;
} Unit;

typedef Unit (*UnitOf) (NnActivation f, const double sum[GATES], double before);

static double
sigmoid (double x)
{
  return reference_value (NN_ACTIVATION_SIGMOID, 0, x);
}

static Unit
lstm_of (NnActivation f, const double sum[GATES], double before)
{
  Unit u = { .gate = { sigmoid (sum[0]), sigmoid (sum[1]), reference_value (f, 0, sum[2]),
                       sigmoid (sum[3]) } };
  u.cell = u.gate[1] * before + u.gate[0] * u.gate[2];
  u.bent = reference_value (f, 0, u.cell);
  u.h = u.gate[3] * u.bent;
  return u;
}

static Unit
gru_of (NnActivation f, const double sum[GATES], double before)
{
  Unit u = { .gate = { sigmoid (sum[0]), sigmoid (sum[1]), 0, sum[3] } };
  u.gate[2] = reference_value (f, 0, sum[2] + u.gate[1] * sum[3]);
  u.h = u.gate[0] * before + (1 - u.gate[0]) * u.gate[2];
  return u;
}

typedef struct
{
  UnitOf of;
  const NnKernels *kernels;
  gboolean has_cell;
} Cell;

static void
forward (const Cell *cell, const NnCellStep *step)
{
  if (cell->has_cell)
    cell->kernels->lstm_step (step);
  else
    cell->kernels->gru_step (step);
}

static void
backward (const Cell *cell, const NnCellStep *step)
{
  if (cell->has_cell)
    cell->kernels->lstm_step_grad (step);
  else
    cell->kernels->gru_step_grad (step);
}

/* All of one call. */
typedef struct
{
  const Cell *cell;
  NnActivation f;
  gsize rows, units;
  Array bias, sums, gates, before, h, c, bent, dh, dc;
} Rig;

static void
copy (Array *to, const Array *from, gsize offset)
{
  array_init (to, from->n, offset);
  memcpy (to->at, from->at, from->n * sizeof (float));
}

static void
unit_sums (const Rig *rig, gsize r, gsize j, double sum[GATES])
{
  for (gsize g = 0; g < GATES; g++)
    {
      const gsize at = g * rig->units + j;
      sum[g] = (double)rig->sums.at[r * GATES * rig->units + at];
      if (rig->bias.n == 0)
        continue;
      if (rig->cell->has_cell)
        sum[g] += (double)rig->bias.at[at];
      else if (g < 3) /* z, r from both rows of biases, the candidate's from the first */
        sum[g] +=
            (double)rig->bias.at[at] + (g < 2 ? (double)rig->bias.at[3 * rig->units + at] : 0);
      else
        sum[g] += (double)rig->bias.at[5 * rig->units + j];
    }
}

/* The slope of dh h + dc c along one sum, or along the state before (g = GATES). */
static double
slope (const Rig *rig, gsize r, gsize j, gsize g)
{
  const double width = 1e-6;
  const gsize at = r * rig->units + j;
  double value[2];
  for (guint side = 0; side < 2; side++)
    {
      double sum[GATES], before = rig->before.at[at];
      unit_sums (rig, r, j, sum);
      *(g == GATES ? &before : &sum[g]) += side ? width : -width;
      const Unit u = rig->cell->of (rig->f, sum, before);
      value[side] = (double)rig->dh.at[at] * u.h
                    + (rig->cell->has_cell ? (double)rig->dc.at[at] * u.cell : 0);
    }
  return (value[1] - value[0]) / (2 * width);
}

static void
check_forward (const Rig *rig)
{
  for (gsize r = 0; r < rig->rows; r++)
    for (gsize j = 0; j < rig->units; j++)
      {
        const gsize at = r * rig->units + j;
        double sum[GATES];
        unit_sums (rig, r, j, sum);
        const Unit u = rig->cell->of (rig->f, sum, rig->before.at[at]);
        for (gsize g = 0; g < GATES; g++)
          assert_near (rig->gates.at[r * GATES * rig->units + g * rig->units + j], u.gate[g], 2e-6,
                       2e-6);
        assert_near (rig->h.at[at], u.h, 2e-6, 2e-6);
        if (rig->cell->has_cell)
          {
            assert_near (rig->c.at[at], u.cell, 2e-6, 2e-6);
            assert_near (rig->bent.at[at], u.bent, 2e-6, 2e-6);
          }
      }
}

static void
check_backward (const Rig *rig, const Array *dh, const Array *dc)
{
  for (gsize r = 0; r < rig->rows; r++)
    for (gsize j = 0; j < rig->units; j++)
      {
        const gsize at = r * rig->units + j;
        for (gsize g = 0; g < GATES; g++)
          assert_near (rig->gates.at[r * GATES * rig->units + g * rig->units + j],
                       slope (rig, r, j, g), 1e-5, 1e-5);
        assert_near ((rig->cell->has_cell ? dc : dh)->at[at], slope (rig, r, j, GATES), 1e-5, 1e-5);
      }
}

static void
check_cell (const Cell *cell, NnActivation f, gboolean with_bias, gsize units, gsize offset,
            NnRng *rng)
{
  static Rig rig;
  static Array dh, dc;
  rig.cell = cell;
  rig.f = f;
  rig.units = units;
  rig.rows = units * GATES * ROWS <= GATES * MAX_LENGTH ? ROWS : 1;
  const gsize n = rig.rows * units;
  array_random (&rig.bias, with_bias ? (cell->has_cell ? GATES : 6) * units : 0, offset, rng, 1);
  array_random (&rig.sums, GATES * n, offset, rng, 2);
  copy (&rig.gates, &rig.sums, (offset + 1) % 4);
  array_random (&rig.before, n, (offset + 2) % 4, rng, 1);
  array_init (&rig.h, n, offset);
  array_init (&rig.c, n, offset);
  array_init (&rig.bent, n, (offset + 3) % 4);
  array_random (&rig.dh, n, offset, rng, 1);
  array_random (&rig.dc, n, offset, rng, 1);
  copy (&dh, &rig.dh, (offset + 1) % 4);
  copy (&dc, &rig.dc, (offset + 1) % 4);
  NnCellStep step = {
    .activation = f,
    .rows = rig.rows,
    .units = units,
    .bias = rig.bias.n > 0 ? rig.bias.at : NULL,
    .gates = rig.gates.at,
    .before = rig.before.at,
    .h = rig.h.at,
    .cell = cell->has_cell ? rig.c.at : NULL,
    .bent = cell->has_cell ? rig.bent.at : NULL,
  };
  forward (cell, &step);
  check_forward (&rig);
  step.h = dh.at;
  step.cell = cell->has_cell ? dc.at : NULL;
  backward (cell, &step);
  check_backward (&rig, &dh, &dc);
  array_check (&rig.gates);
  array_check (&rig.h);
  array_check (&rig.c);
  array_check (&rig.bent);
  array_check (&dh);
  array_check (&dc);
}

/* Six rows of biases of up to 45 units fill an array; wider cells go without. */
static void
check_activations (const Cell *cell, gsize units, gsize offset, NnRng *rng)
{
  for (guint i = 0; i < G_N_ELEMENTS (activations); i++)
    check_cell (cell, activations[i], units <= 45 && (units + i) % 3 > 0, units, offset, rng);
}

static void
check_lstm (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng)
{
  const Cell cell = { lstm_of, kernels, TRUE };
  check_activations (&cell, n, offset, rng);
}

static void
check_gru (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng)
{
  const Cell cell = { gru_of, kernels, FALSE };
  check_activations (&cell, n, offset, rng);
}

static const NamedCheck checks[] = {
  { "lstm", check_lstm },
  { "gru", check_gru },
  { NULL },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_checks (checks);
  return g_test_run ();
}
