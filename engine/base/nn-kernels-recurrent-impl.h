/* nn-kernels-recurrent-impl.h: what a recurrent cell does with its sums at one time step, all gates
 * of a unit at once, so that sums, gates and states are read and written once. */
#pragma once

#include "base/nn-kernels-activation-impl.h"
#include "base/nn-kernels-recurrent.h"

/* CALL (f) with f as a constant, for the activations that a cell may have. */
#define WITH_CELL_ACTIVATION(f, CALL)                                                              \
  switch (f)                                                                                       \
    {                                                                                              \
    case NN_ACTIVATION_TANH:                                                                       \
      CALL (NN_ACTIVATION_TANH);                                                                   \
      break;                                                                                       \
    case NN_ACTIVATION_RELU:                                                                       \
      CALL (NN_ACTIVATION_RELU);                                                                   \
      break;                                                                                       \
    case NN_ACTIVATION_SIGMOID:                                                                    \
      CALL (NN_ACTIVATION_SIGMOID);                                                                \
      break;                                                                                       \
    case NN_ACTIVATION_HARD_SIGMOID:                                                               \
      CALL (NN_ACTIVATION_HARD_SIGMOID);                                                           \
      break;                                                                                       \
    case NN_ACTIVATION_SOFTPLUS:                                                                   \
      CALL (NN_ACTIVATION_SOFTPLUS);                                                               \
      break;                                                                                       \
    default:                                                                                       \
      CALL (NN_ACTIVATION_LINEAR);                                                                 \
      break;                                                                                       \
    }

NN_INLINE VF
cell_value (NnActivation f, VF x)
{
  return activation_value (f, vf (0.0f), x);
}

NN_INLINE VF
cell_slope (NnActivation f, VF y)
{
  return activation_slope (f, vf (0.0f), vf (0.0f), y);
}

NN_INLINE VF
cell_bias (const NnCellStep *step, gsize place, gsize k)
{
  return step->bias ? v_load (step->bias + place, k, 0) : vf (0.0f);
}

/* ---- LSTM ---- */

/* i = s(i), f = s(f), g = act(g), o = s(o); c = f c' + i g; h = o act(c) */
NN_INLINE void
lstm_vector (NnActivation f, const NnCellStep *step, float *gates, gsize at, gsize j, gsize k)
{
  const gsize units = step->units;
  float *const p = gates + j;
  const VF in = v_sigmoid (v_load (p, k, 0) + cell_bias (step, j, k));
  const VF forget = v_sigmoid (v_load (p + units, k, 0) + cell_bias (step, units + j, k));
  const VF new = cell_value (f, v_load (p + 2 * units, k, 0) + cell_bias (step, 2 * units + j, k));
  const VF out = v_sigmoid (v_load (p + 3 * units, k, 0) + cell_bias (step, 3 * units + j, k));
  const VF cell = forget * v_load (step->before + at, k, 0) + in * new;
  const VF bent = cell_value (f, cell);

  v_store (p, in, k);
  v_store (p + units, forget, k);
  v_store (p + 2 * units, new, k);
  v_store (p + 3 * units, out, k);
  v_store (step->cell + at, cell, k);
  v_store (step->bent + at, bent, k);
  v_store (step->h + at, out * bent, k);
}

NN_INLINE void
lstm_rows (NnActivation f, const NnCellStep *step)
{
  const gsize units = step->units;
  for (gsize r = 0; r < step->rows; r++)
    NN_FOR_VECTORS (j, k, units,
                    lstm_vector (f, step, step->gates + r * 4 * units, r * units + j, j, k));
}

static void
lstm_step (const NnCellStep *step){
#define CALL(F) lstm_rows (F, step)
  WITH_CELL_ACTIVATION (step->activation, CALL)
#undef CALL
}

/* do = dh act(c) o (1 - o); dc += dh o act'(c); di = dc g i (1 - i); df = dc c' f (1 - f);
 * dg = dc i act'(g); dc' = dc f */
NN_INLINE void lstm_grad_vector (NnActivation f, const NnCellStep *step, float *gates, gsize at,
                                 gsize j, gsize k)
{
  const gsize units = step->units;
  float *const p = gates + j;
  const VF in = v_load (p, k, 0), forget = v_load (p + units, k, 0);
  const VF new = v_load (p + 2 * units, k, 0), out = v_load (p + 3 * units, k, 0);
  const VF bent = v_load (step->bent + at, k, 0), dh = v_load (step->h + at, k, 0);
  const VF dc = v_load (step->cell + at, k, 0) + dh * out * cell_slope (f, bent);

  v_store (p, dc * new *(in * (1.0f - in)), k);
  v_store (p + units, dc * v_load (step->before + at, k, 0) * (forget * (1.0f - forget)), k);
  v_store (p + 2 * units, dc * in * cell_slope (f, new), k);
  v_store (p + 3 * units, dh * bent * (out * (1.0f - out)), k);
  v_store (step->cell + at, dc * forget, k);
}

NN_INLINE void
lstm_grad_rows (NnActivation f, const NnCellStep *step)
{
  const gsize units = step->units;
  for (gsize r = 0; r < step->rows; r++)
    NN_FOR_VECTORS (j, k, units,
                    lstm_grad_vector (f, step, step->gates + r * 4 * units, r * units + j, j, k));
}

static void
lstm_step_grad (const NnCellStep *step){
#define CALL(F) lstm_grad_rows (F, step)
  WITH_CELL_ACTIVATION (step->activation, CALL)
#undef CALL
}

/* ---- GRU ---- */

/* z = s(z), r = s(r), q = what the state gives to the candidate g = act(x + r q);
 * h = z h' + (1 - z) g */
NN_INLINE void gru_vector (NnActivation f, const NnCellStep *step, float *gates, gsize at, gsize j,
                           gsize k)
{
  const gsize units = step->units;
  float *const p = gates + j;
  const VF keep =
      v_sigmoid (v_load (p, k, 0) + cell_bias (step, j, k) + cell_bias (step, 3 * units + j, k));
  const VF reset = v_sigmoid (v_load (p + units, k, 0) + cell_bias (step, units + j, k)
                              + cell_bias (step, 4 * units + j, k));
  const VF back = v_load (p + 3 * units, k, 0) + cell_bias (step, 5 * units + j, k);
  const VF new = cell_value (f, v_load (p + 2 * units, k, 0) + cell_bias (step, 2 * units + j, k)
                                    + reset * back);
  const VF before = v_load (step->before + at, k, 0);

  v_store (p, keep, k);
  v_store (p + units, reset, k);
  v_store (p + 2 * units, new, k);
  v_store (p + 3 * units, back, k);
  v_store (step->h + at, new + keep *(before - new), k);
}

NN_INLINE void
gru_rows (NnActivation f, const NnCellStep *step)
{
  const gsize units = step->units;
  for (gsize r = 0; r < step->rows; r++)
    NN_FOR_VECTORS (j, k, units,
                    gru_vector (f, step, step->gates + r * 4 * units, r * units + j, j, k));
}

static void
gru_step (const NnCellStep *step){
#define CALL(F) gru_rows (F, step)
  WITH_CELL_ACTIVATION (step->activation, CALL)
#undef CALL
}

/* dz = dh (h' - g) z (1 - z); dg = dh (1 - z) act'(g); dq = dg r; dr = dg q r (1 - r);
 * dh' = dh z, and what the products bring */
NN_INLINE void gru_grad_vector (NnActivation f, const NnCellStep *step, float *gates, gsize at,
                                gsize j, gsize k)
{
  const gsize units = step->units;
  float *const p = gates + j;
  const VF keep = v_load (p, k, 0), reset = v_load (p + units, k, 0);
  const VF new = v_load (p + 2 * units, k, 0), back = v_load (p + 3 * units, k, 0);
  const VF dh = v_load (step->h + at, k, 0);
  const VF dnew = dh * (1.0f - keep) * cell_slope (f, new);

  v_store (p, dh * (v_load (step->before + at, k, 0) - new) * (keep * (1.0f - keep)), k);
  v_store (p + units, dnew * back * (reset * (1.0f - reset)), k);
  v_store (p + 2 * units, dnew, k);
  v_store (p + 3 * units, dnew * reset, k);
  v_store (step->h + at, dh * keep, k);
}

NN_INLINE void
gru_grad_rows (NnActivation f, const NnCellStep *step)
{
  const gsize units = step->units;
  for (gsize r = 0; r < step->rows; r++)
    NN_FOR_VECTORS (j, k, units,
                    gru_grad_vector (f, step, step->gates + r * 4 * units, r * units + j, j, k));
}

static void
gru_step_grad (const NnCellStep *step)
{
#define CALL(F) gru_grad_rows (F, step)
  WITH_CELL_ACTIVATION (step->activation, CALL)
#undef CALL
}
