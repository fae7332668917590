/* nn-kernels-winograd-impl.h: convolution with 3 x 3 weights by Winograd's F(2 x 2, 3 x 3) (Lavin &
 * Gray, Fast algorithms for convolutional neural networks, 2015).
 *
 * Four outputs of a tile come from 16 products instead of 36: Y = A^T [(G w G^T) . (B^T x B)] A,
 * summed over input channels before the outer transform, so that the tiles of a block of rows make
 * 16 products of matrices (tiles, n_in) (n_in, n_out). The gradient of the weights is
 * F(3 x 3, 2 x 2) of the same family: dw = G^T [sum over tiles of (B^T x B) . (A dy A^T)] G.
 *
 *         1  0 -1  0           1    0    0           1  0
 * B^T =   0  1  1  0     G =  1/2  1/2  1/2      A =  1  1
 *         0 -1  1  0          1/2 -1/2  1/2           1 -1
 *         0  1  0 -1           0    0    1            0 -1
 *
 * Channels are in the lanes. The 16 products go by columns, four at a time, so that all they need
 * stays in the first-level cache, and the vertical half of the outer transform happens in
 * registers. Channels are whole multiples of 16.
 */
#pragma once

#include "base/nn-kernels-conv.h"
#include "base/nn-kernels-gemm-tile.h"

/* ---- transforms ---- */

/* v (4 of step floats) = column j of B^T x B; the last row and column of x are where last_row and
 * last_col say. */
NN_INLINE void
winograd_input (const gint j, const float *x, gsize x_row, gsize last_row, gsize x_col,
                gsize last_col, float *v, gsize step)
{
#define ROW(i, row)                                                                                \
  VF x##i;                                                                                         \
  {                                                                                                \
    const float *const at = x + (row);                                                             \
    const VF a = v_load (at + (j == 0 ? 0 : x_col), NN_LANES, 0);                                  \
    const VF b = v_load (at + (j == 3 ? last_col : 2 * x_col), NN_LANES, 0);                       \
    x##i = j == 1 ? a + b : j == 2 ? b - a : a - b;                                                \
  }
  ROW (0, 0)
  ROW (1, x_row)
  ROW (2, 2 * x_row)
  ROW (3, last_row)
#undef ROW
  v_store (v, x0 - x2, NN_LANES);
  v_store (v + step, x1 + x2, NN_LANES);
  v_store (v + 2 * step, x2 - x1, NN_LANES);
  v_store (v + 3 * step, x1 - x3, NN_LANES);
}

/* One or two outputs of a row of a tile, from its four columns: y = m A + bias. */
NN_INLINE void
winograd_output (const float *m, gsize step, VF bias, VF low, gsize cols, float *y, gsize y_col)
{
  const VF m0 = v_load (m, NN_LANES, 0), m1 = v_load (m + 2 * step, NN_LANES, 0);
  const VF m2 = v_load (m + 4 * step, NN_LANES, 0), m3 = v_load (m + 6 * step, NN_LANES, 0);
  v_store (y, v_max (low, m0 + (m1 + m2) + bias), NN_LANES);
  if (cols > 1)
    v_store (y + y_col, v_max (low, (m1 - m2) - m3 + bias), NN_LANES);
}

/* z (4 of step floats) = column j of A y A^T of up to 2 x 2 values. */
NN_INLINE void
winograd_gradient (const gint j, const float *y, gsize y_row, gsize y_col, gsize rows, gsize cols,
                   float *z, gsize step)
{
  const VF none = vf (0.0f);
  VF s[2] = { none, none };
  for (gsize r = 0; r < 2; r++)
    if (r < rows)
      {
        const VF a = v_load (y + r * y_row, NN_LANES, 0);
        const VF b = cols > 1 ? v_load (y + r * y_row + y_col, NN_LANES, 0) : none;
        s[r] = j == 0 ? a : j == 1 ? a + b : j == 2 ? a - b : none - b;
      }
  v_store (z, s[0], NN_LANES);
  v_store (z + step, s[0] + s[1], NN_LANES);
  v_store (z + 2 * step, s[0] - s[1], NN_LANES);
  v_store (z + 3 * step, none - s[1], NN_LANES);
}

/* u (4 j + i of step floats) = G w G^T, from taps that lie tap floats apart. */
NN_INLINE void
winograd_weight (const float *w, gssize tap, float *u, gsize step)
{
  VF g[4][3];
  for (gint j = 0; j < 3; j++)
    {
      const VF w0 = v_load (w + j * tap, NN_LANES, 0);
      const VF w1 = v_load (w + (3 + j) * tap, NN_LANES, 0) * 0.5f;
      const VF w2 = v_load (w + (6 + j) * tap, NN_LANES, 0), half = (w0 + w2) * 0.5f;
      g[0][j] = w0;
      g[1][j] = half + w1;
      g[2][j] = half - w1;
      g[3][j] = w2;
    }
  for (gint i = 0; i < 4; i++, u += step)
    {
      const VF half = (g[i][0] + g[i][2]) * 0.5f, middle = g[i][1] * 0.5f;
      v_store (u, g[i][0], NN_LANES);
      v_store (u + 4 * step, half + middle, NN_LANES);
      v_store (u + 8 * step, half - middle, NN_LANES);
      v_store (u + 12 * step, g[i][2], NN_LANES);
    }
}

/* For the gradient of the input: the taps are turned round, the channels exchanged. */
static void
winograd_weights_exchanged (const float *w, gsize n_in, gsize n_out, float *u)
{
  const gsize n = n_in * n_out;
  float turned[9][NN_LANES][NN_LANES];
  for (gsize i = 0; i < n_in; i += NN_LANES)
    for (gsize o = 0; o < n_out; o += NN_LANES)
      {
        for (gsize tap = 0; tap < 9; tap++)
          {
            VF x[NN_LANES];
            for (gsize q = 0; q < NN_LANES; q++)
              x[q] = v_load (w + tap * n + (i + q) * n_out + o, NN_LANES, 0);
            v_transpose (x);
            memcpy (turned[tap], x, sizeof x);
          }
        for (gsize q = 0; q < NN_LANES; q++)
          winograd_weight (turned[8][q], -NN_LANES * NN_LANES, u + (o + q) * n_in + i,
                           NN_WINOGRAD_STEP (n));
      }
}

static void
winograd_weights (const float *w, gsize n_in, gsize n_out, gboolean exchanged, float *u)
{
  const gsize n = n_in * n_out;
  if (exchanged)
    winograd_weights_exchanged (w, n_in, n_out, u);
  else
    for (gsize i = 0; i < n; i += NN_LANES)
      winograd_weight (w + i, (gssize)n, u + i, NN_WINOGRAD_STEP (n));
}

/* dw += G^T du G */
NN_INLINE void
winograd_weight_grad (const float *du, gsize step, float *dw, gsize tap)
{
#define ADD(to, sum) v_store (to, v_load (to, NN_LANES, 0) + (sum), NN_LANES)
  VF g[4][3]; /* of each column j */
  for (gint j = 0; j < 4; j++, du += 4 * step)
    {
      const VF u1 = v_load (du + step, NN_LANES, 0), u2 = v_load (du + 2 * step, NN_LANES, 0);
      const VF half = (u1 + u2) * 0.5f;
      g[j][0] = v_load (du, NN_LANES, 0) + half;
      g[j][1] = (u1 - u2) * 0.5f;
      g[j][2] = half + v_load (du + 3 * step, NN_LANES, 0);
    }
  for (gint i = 0; i < 3; i++, dw += 3 * tap)
    {
      const VF half = (g[1][i] + g[2][i]) * 0.5f;
      ADD (dw, g[0][i] + half);
      ADD (dw + tap, (g[1][i] - g[2][i]) * 0.5f);
      ADD (dw + 2 * tap, half + g[3][i]);
    }
#undef ADD
}

static void
winograd_weights_grad (const float *du, gsize n_in, gsize n_out, float *dw)
{
  const gsize n = n_in * n_out;
  for (gsize i = 0; i < n; i += NN_LANES)
    winograd_weight_grad (du + i, NN_WINOGRAD_STEP (n), dw + i, n);
}

/* ---- products ---- */

/* Tiles whose sums stay in registers. */
#ifdef __AVX512F__
#define WINOGRAD_TILES 6
#define WINOGRAD_SIZES(X) X (1) X (2) X (3) X (4) X (5) X (6)
#define WINOGRAD_EACH(X) X (0) X (1) X (2) X (3) X (4) X (5)
#else
#define WINOGRAD_TILES 2
#define WINOGRAD_SIZES(X) X (1) X (2)
#define WINOGRAD_EACH(X) X (0) X (1)
#endif

/* Where the four matrices of a column of products are. */
typedef struct
{
  const float *v, *u;
  gsize v_step, u_step, n_in, n_out;
  float *m; /* sum and difference */
  gsize m_step;
} WinogradColumn;

/* m = (M0 + M1 + M2, M1 - M2 - M3), where Mi = V_i U_i, for P tiles and W vectors. */
NN_INLINE void
winograd_tile (const gint P, const gint W, const WinogradColumn *of, gsize tile, gsize first)
{
  const gsize n_in = of->n_in, n_out = of->n_out, v_step = of->v_step, u_step = of->u_step;
  const float *v = of->v + tile * n_in, *u = of->u + first;
#define DECLARE(t) VF a##t##0 = vf (0), a##t##1 = vf (0), b##t##0 = vf (0), b##t##1 = vf (0);
  WINOGRAD_EACH (DECLARE)
#undef DECLARE
#define PRODUCTS(STEP, p_first, q_first)                                                           \
  {                                                                                                \
    const float *up = u + (p_first)*u_step, *uq = u + (q_first)*u_step;                            \
    const float *vp = v + (p_first)*v_step, *vq = v + (q_first)*v_step;                            \
    for (gsize k = 0; k < n_in; k++, up += n_out, uq += n_out)                                     \
      {                                                                                            \
        const VF p0 = v_load (up, NN_LANES, 0), q0 = v_load (uq, NN_LANES, 0);                     \
        const VF p1 = W > 1 ? v_load (up + NN_LANES, NN_LANES, 0) : p0;                            \
        const VF q1 = W > 1 ? v_load (uq + NN_LANES, NN_LANES, 0) : q0;                            \
        WINOGRAD_EACH (STEP)                                                                       \
      }                                                                                            \
  }
#define STEP(t, sign)                                                                              \
  if ((t) < P)                                                                                     \
    {                                                                                              \
      const VF x = vf (vp[(t)*n_in + k]), y = vf (vq[(t)*n_in + k]);                               \
      a##t##0 += x * p0;                                                                           \
      b##t##0 sign y *q0;                                                                          \
      if (W > 1)                                                                                   \
        {                                                                                          \
          a##t##1 += x * p1;                                                                       \
          b##t##1 sign y *q1;                                                                      \
        }                                                                                          \
    }
#define INNER(t) STEP (t, +=)
#define OUTER(t) STEP (t, -=)
  PRODUCTS (INNER, 1, 2)
#define TURN(t)                                                                                    \
  {                                                                                                \
    const VF x = a##t##0, y = a##t##1;                                                             \
    a##t##0 += b##t##0;                                                                            \
    a##t##1 += b##t##1;                                                                            \
    b##t##0 = x - b##t##0;                                                                         \
    b##t##1 = y - b##t##1;                                                                         \
  }
  WINOGRAD_EACH (TURN)
#undef TURN
  PRODUCTS (OUTER, 0, 3)
#undef INNER
#undef OUTER
#undef STEP
#undef PRODUCTS
#define STORE(t)                                                                                   \
  if ((t) < P)                                                                                     \
    {                                                                                              \
      float *const m = of->m + (tile + (t)) * n_out + first;                                       \
      v_store (m, a##t##0, NN_LANES);                                                              \
      v_store (m + of->m_step, b##t##0, NN_LANES);                                                 \
      if (W > 1)                                                                                   \
        {                                                                                          \
          v_store (m + NN_LANES, a##t##1, NN_LANES);                                               \
          v_store (m + of->m_step + NN_LANES, b##t##1, NN_LANES);                                  \
        }                                                                                          \
    }
  WINOGRAD_EACH (STORE)
#undef STORE
}

/* All n tiles, in groups of nearly equal size. */
NN_INLINE void
winograd_tiles (const gint W, const WinogradColumn *of, gsize n, gsize first)
{
  const gsize n_groups = (n + WINOGRAD_TILES - 1) / WINOGRAD_TILES;
  for (gsize g = 0, tile = 0; g < n_groups; g++)
    {
      const gsize size = n / n_groups + (g < n % n_groups);
      switch (size)
        {
#define CASE(P)                                                                                    \
  case P:                                                                                          \
    winograd_tile (P, W, of, tile, first);                                                         \
    break;
          WINOGRAD_SIZES (CASE)
#undef CASE
        default:
          g_assert_not_reached ();
        }
      tile += size;
    }
}

static void
winograd_products (const WinogradColumn *of, gsize n)
{
  gsize first = 0;
  for (; first + 2 * NN_LANES <= of->n_out; first += 2 * NN_LANES)
    winograd_tiles (2, of, n, first);
  if (first < of->n_out)
    winograd_tiles (1, of, n, first);
}

/* ---- blocks of rows of tiles ---- */

/* A pass and what is the same for all its blocks. */
typedef struct
{
  const NnWinograd *pass;
  gsize rows, cols;     /* of tiles */
  gsize v_step, m_step; /* between matrices (tiles of a block, n_in) and (tiles, n_out) */
} Winograd;

static Winograd
winograd_whole (const NnWinograd *pass)
{
  const gsize rows = (pass->rows + 1) / 2, cols = (pass->cols + 1) / 2, n = pass->block * cols;
  return (Winograd){ pass, rows, cols, NN_WINOGRAD_STEP (n * pass->n_in),
                     NN_WINOGRAD_STEP (n * pass->n_out) };
}

/* Where a size is odd, the last tiles lack their last row or column. Nothing that is kept depends
 * on it; the one before stands in, so that no more of x is read than there is. */
static gsize
winograd_last (gsize tile, gsize size)
{
  return 2 * tile + 1 < size ? 3 : 2;
}

NN_INLINE void
winograd_inputs (const gint j, const Winograd *w, gsize first, gsize n_rows, float *v)
{
  const gsize n = w->pass->n_in, x_row = w->pass->x_row;
  for (gsize r = first; r < first + n_rows; r++)
    {
      const gsize last_row = winograd_last (r, w->pass->rows) * x_row;
      const float *x = w->pass->x + 2 * r * x_row;
      for (gsize t = 0; t < w->cols; t++, x += 2 * n, v += n)
        {
          const gsize last_col = winograd_last (t, w->pass->cols) * n;
          for (gsize i = 0; i < n; i += NN_LANES)
            winograd_input (j, x + i, x_row, last_row, n, last_col, v + i, w->v_step);
        }
    }
}

NN_INLINE void
winograd_gradients (const gint j, const Winograd *w, gsize first, gsize n_rows, float *z)
{
  const gsize n = w->pass->n_out, y_row = w->pass->cols * n;
  for (gsize r = first; r < first + n_rows; r++)
    {
      const float *y = w->pass->dy + 2 * r * y_row;
      for (gsize t = 0; t < w->cols; t++, y += 2 * n, z += n)
        for (gsize i = 0; i < n; i += NN_LANES)
          winograd_gradient (j, y + i, y_row, n, w->pass->rows - 2 * r, w->pass->cols - 2 * t,
                             z + i, w->m_step);
    }
}

/* One row of outputs, from one row of tiles. */
static void
winograd_outputs (const Winograd *w, const float *m, float *y)
{
  const NnWinograd *pass = w->pass;
  const gsize n = pass->n_out, whole = pass->cols / 2;
  const VF low = pass->relu ? vf (0.0f) : vf (-INFINITY);
  for (gsize i = 0; i < n; i += NN_LANES)
    {
      const VF bias = pass->bias ? v_load (pass->bias + i, NN_LANES, 0) : vf (0.0f);
      for (gsize t = 0; t < whole; t++)
        winograd_output (m + t * n + i, w->m_step, bias, low, 2, y + 2 * t * n + i, n);
      if (whole < w->cols)
        winograd_output (m + whole * n + i, w->m_step, bias, low, 1, y + 2 * whole * n + i, n);
    }
}

static void
winograd (const NnWinograd *pass)
{
  const Winograd w = winograd_whole (pass);
  float *const v = pass->scratch, *const m = v + 4 * w.v_step;
  WinogradColumn of = { .v = v,
                        .v_step = w.v_step,
                        .u_step = NN_WINOGRAD_STEP (pass->n_in * pass->n_out),
                        .n_in = pass->n_in,
                        .n_out = pass->n_out,
                        .m_step = w.m_step };
  for (gsize first = 0; first < w.rows; first += pass->block)
    {
      const gsize n_rows = MIN (pass->block, w.rows - first);
      of.u = pass->w;
      of.m = m;
#define COLUMN(j)                                                                                  \
  winograd_inputs (j, &w, first, n_rows, v);                                                       \
  winograd_products (&of, n_rows *w.cols);                                                         \
  of.u += 4 * of.u_step;                                                                           \
  of.m += 2 * w.m_step;
      COLUMN (0)
      COLUMN (1)
      COLUMN (2)
      COLUMN (3)
#undef COLUMN
      for (gsize r = 2 * first; r < MIN (2 * (first + n_rows), pass->rows); r++)
        winograd_outputs (&w, m + (r % 2) * w.m_step + (r / 2 - first) * w.cols * pass->n_out,
                          pass->y + r * pass->cols * pass->n_out);
    }
}

/* dU_i += V_i^T Z_i for the four of a column, over n tiles. */
static void
winograd_sums (const Winograd *w, const float *v, const float *z, gsize n, float *du)
{
  const gsize n_in = w->pass->n_in, n_out = w->pass->n_out;
  for (gsize i = 0; i < 4;
       i++, v += w->v_step, z += w->m_step, du += NN_WINOGRAD_STEP (n_in * n_out))
    for (gsize o = 0; o < n_out; o += GEMM_COLS)
      {
        const GemmLeft left = { v, 1, n_in };
        gemm_columns (&left, n_in, z + o, n_out, MIN (GEMM_COLS, n_out - o), n, TRUE, du + o, n_out,
                      NULL);
      }
}

static void
winograd_outer (const NnWinograd *pass)
{
  const Winograd w = winograd_whole (pass);
  const gsize column = 4 * NN_WINOGRAD_STEP (pass->n_in * pass->n_out);
  float *const v = pass->scratch, *const z = v + 4 * w.v_step;
  for (gsize first = 0; first < w.rows; first += pass->block)
    {
      const gsize n_rows = MIN (pass->block, w.rows - first);
#define COLUMN(j)                                                                                  \
  winograd_inputs (j, &w, first, n_rows, v);                                                       \
  winograd_gradients (j, &w, first, n_rows, z);                                                    \
  winograd_sums (&w, v, z, n_rows *w.cols, pass->dw + j * column);
      COLUMN (0)
      COLUMN (1)
      COLUMN (2)
      COLUMN (3)
#undef COLUMN
    }
}
