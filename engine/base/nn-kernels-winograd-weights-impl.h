/* nn-kernels-winograd-weights-impl.h: weights to and from the points of
 * nn-kernels-winograd-impl.h: u = G w G^T and, of their gradient, G^T du G.
 */
#pragma once

#include "base/nn-kernels-conv.h"
#include "base/nn-kernels-winograd-line.h"

/* u (6 j + i of step floats) = G w G^T, from r x r taps that lie tap floats apart. */
NN_INLINE void
winograd_weight (const gint r, const float *w, gssize tap, gsize k, float *u, gsize step)
{
  VF g[WINOGRAD_POINTS][5];
  for (gint c = 0; c < r; c++)
    {
#define TAP(i) ((i) < r ? v_load (w + ((i)*r + c) * tap, k, 0) : vf (0))
      const VF w0 = TAP (0), w1 = TAP (1), w2 = TAP (2), w3 = TAP (3), w4 = TAP (4);
#undef TAP
#define POINT(i) g[i][c] = winograd_scale[i] * winograd_expand (i, r, w0, w1, w2, w3, w4);
      WINOGRAD_LINE (POINT)
#undef POINT
    }
  for (gint c = r; c < 5; c++)
    for (gint i = 0; i < WINOGRAD_POINTS; i++)
      g[i][c] = vf (0);
  for (gint i = 0; i < WINOGRAD_POINTS; i++)
    {
      const VF *const row = g[i];
#define POINT(j)                                                                                   \
  v_store (u + (6 * (j) + i) * step,                                                               \
           winograd_scale[j] * winograd_expand (j, r, row[0], row[1], row[2], row[3], row[4]),     \
           NN_LANES);
      WINOGRAD_LINE (POINT)
#undef POINT
    }
}

/* For the gradient of the input: the channels are exchanged, and the taps turned round or not. */
NN_INLINE void
winograd_weights_exchanged (const gint r, const float *w, gsize n_in, gsize n_out, gboolean turn,
                            float *u)
{
  const gsize first = turn ? (gsize)(r * r - 1) : 0;
  const gssize tap_step = turn ? -NN_LANES * NN_LANES : NN_LANES * NN_LANES;
  const gsize n = n_in * n_out, u_row = NN_WINOGRAD_ROW (n_in),
              step = NN_WINOGRAD_STEP (n_out * u_row);
  float turned[25][NN_LANES][NN_LANES];
  for (gsize i = 0; i < n_in; i += NN_LANES)
    for (gsize o = 0; o < n_out; o += NN_LANES)
      {
        const gsize rows = MIN (NN_LANES, n_in - i), cols = MIN (NN_LANES, n_out - o);
        for (gsize tap = 0; tap < r * r; tap++)
          {
            VF x[NN_LANES];
            for (gsize q = 0; q < NN_LANES; q++)
              x[q] = q < rows ? v_load (w + tap * n + (i + q) * n_out + o, cols, 0) : vf (0);
            v_transpose (x);
            memcpy (turned[tap], x, sizeof x);
          }
        for (gsize q = 0; q < cols; q++)
          winograd_weight (r, turned[first][q], tap_step, NN_LANES, u + (o + q) * u_row + i, step);
      }
}

NN_INLINE void
winograd_weights_straight (const gint r, const float *w, gsize n_in, gsize n_out, float *u)
{
  const gsize n = n_in * n_out, u_row = NN_WINOGRAD_ROW (n_out),
              step = NN_WINOGRAD_STEP (n_in * u_row);
  for (gsize i = 0; i < n_in; i++, w += n_out, u += u_row)
    NN_FOR_VECTORS (o, k, n_out, winograd_weight (r, w + o, (gssize)n, k, u + o, step));
}

static void
winograd_weights (gsize taps, const float *w, gsize n_in, gsize n_out, NnWinogradWeights how,
                  float *u)
{
  switch (taps)
    {
#define CASE(r)                                                                                    \
  case r:                                                                                          \
    if (how == NN_WINOGRAD_STRAIGHT)                                                               \
      winograd_weights_straight (r, w, n_in, n_out, u);                                            \
    else                                                                                           \
      winograd_weights_exchanged (r, w, n_in, n_out, how == NN_WINOGRAD_TURNED, u);                \
    break;
      CASE (2)
      CASE (3)
      CASE (4)
      CASE (5)
#undef CASE
    default:
      g_assert_not_reached ();
    }
}

/* dw += G^T du G */
NN_INLINE void
winograd_weight_grad (const gint r, const float *du, gsize step, gsize k, float *dw, gsize tap)
{
  VF g[5][WINOGRAD_POINTS];
  for (gint j = 0; j < WINOGRAD_POINTS; j++, du += WINOGRAD_POINTS * step)
    {
#define LOAD(i)                                                                                    \
  const VF z##i = v_load (du + (i)*step, NN_LANES, 0) * (winograd_scale[i] * winograd_scale[j]);
      WINOGRAD_LINE (LOAD)
#undef LOAD
      for (gint q = 0; q < r; q++)
        g[q][j] = winograd_fold (q, r, z0, z1, z2, z3, z4, z5);
    }
  for (gint q = 0; q < r; q++)
    for (gint c = 0; c < r; c++, dw += tap)
      v_store (dw,
               v_load (dw, k, 0)
                   + winograd_fold (c, r, g[q][0], g[q][1], g[q][2], g[q][3], g[q][4], g[q][5]),
               k);
}

NN_INLINE void
winograd_weights_grad_by (const gint r, const float *du, gsize n_in, gsize n_out, float *dw)
{
  const gsize n = n_in * n_out, u_row = NN_WINOGRAD_ROW (n_out),
              step = NN_WINOGRAD_STEP (n_in * u_row);
  for (gsize i = 0; i < n_in; i++, dw += n_out, du += u_row)
    NN_FOR_VECTORS (o, k, n_out, winograd_weight_grad (r, du + o, step, k, dw + o, n));
}

static void
winograd_weights_grad (gsize taps, const float *du, gsize n_in, gsize n_out, float *dw)
{
  switch (taps)
    {
#define CASE(r)                                                                                    \
  case r:                                                                                          \
    winograd_weights_grad_by (r, du, n_in, n_out, dw);                                             \
    break;
      CASE (2)
      CASE (3)
      CASE (4)
      CASE (5)
#undef CASE
    default:
      g_assert_not_reached ();
    }
}
