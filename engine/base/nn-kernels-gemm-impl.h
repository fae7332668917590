/* nn-kernels-gemm-impl.h: products of the matrices that a slice of a batch makes.
 *
 * A tile of GEMM_ROWS x (2 vectors) of C stays in registers while k runs. The first tile of a
 * panel of B leaves a copy in the first-level cache for the others. Where B is transposed, the
 * smaller of these is turned: B's panels, or A and C; a few long rows are multiplied as dot
 * products.
 */
#pragma once

#include "base/nn-kernels.h"
#include "base/nn-kernels-simd.h"

#define GEMM_COLS (2 * NN_LANES)
#define GEMM_AHEAD 16               /* rows: large matrices come from far away, a page a row */
#define GEMM_SWAPPED (4 * NN_LANES) /* columns of C that are turned at once */
#define GEMM_DEPTH 256              /* rows of a panel's copy: 32 KB with AVX-512 */

/* Element (i, p) of op(A) is a[i * rows + p * cols]. */
typedef struct
{
  const float *a;
  gsize rows, cols;
} GemmLeft;

/* One tile: r rows, 2 vectors of which the second has k2 lanes (0: none). The accumulators are
 * named, not an array: gcc 12 would keep an array in memory. */
#define GEMM_DECLARE(i)                                                                            \
  VF c##i = add ? v_load (c + i * ldc, k1, 0) : vf (0);                                            \
  VF d##i = add && k2 ? v_load (c + i * ldc + NN_LANES, k2, 0) : vf (0);
#define GEMM_STEP(i)                                                                               \
  {                                                                                                \
    const VF x = vf (a##i[p * left_step]);                                                         \
    c##i += x * b0;                                                                                \
    d##i += x * b1;                                                                                \
  }
#define GEMM_POINTER(i) const float *const a##i = left->a + i * left->rows;
#define GEMM_STORE(i)                                                                              \
  {                                                                                                \
    float *const to = c + i * ldc;                                                                 \
    v_store (to, c##i, k1);                                                                        \
    if (k2)                                                                                        \
      v_store (to + NN_LANES, d##i, k2);                                                           \
  }
#define GEMM_1(X) X (0)
#define GEMM_2(X) GEMM_1 (X) X (1)
#define GEMM_4(X) GEMM_2 (X) X (2) X (3)
#define GEMM_6(X) GEMM_4 (X) X (4) X (5)
#define GEMM_8(X) GEMM_6 (X) X (6) X (7)

/* clang-format off */
#define GEMM_TILE(R)                                                                               \
  NN_INLINE void gemm_tile_##R (const GemmLeft *left, gsize left_step, const float *b, gsize ldb,  \
                                gsize depth, gboolean add, float *c, gsize ldc, gsize k1,          \
                                gsize k2, float *copy)                                             \
  {                                                                                                \
    GEMM_##R (GEMM_POINTER)                                                                        \
    GEMM_##R (GEMM_DECLARE)                                                                        \
    for (gsize p = 0; p < depth; p++)                                                              \
      {                                                                                            \
        const VF b0 = v_load (b + p * ldb, k1, 0);                                                 \
        const VF b1 = k2 ? v_load (b + p * ldb + NN_LANES, k2, 0) : vf (0);                        \
        if (copy)                                                                                  \
          {                                                                                        \
            __builtin_prefetch (b + (p + GEMM_AHEAD) * ldb);                                       \
            __builtin_prefetch (b + (p + GEMM_AHEAD) * ldb + NN_LANES);                            \
            v_store (copy + p * GEMM_COLS, b0, NN_LANES);                                          \
            v_store (copy + p * GEMM_COLS + NN_LANES, b1, NN_LANES);                               \
          }                                                                                        \
        GEMM_##R (GEMM_STEP)                                                                       \
      }                                                                                            \
    GEMM_##R (GEMM_STORE)                                                                          \
  }
/* clang-format on */

GEMM_TILE (1)
GEMM_TILE (2)
GEMM_TILE (4)
#if NN_LANES == 16
#define GEMM_ROWS 8
#define gemm_tile_most gemm_tile_8
GEMM_TILE (8)
#else
#define GEMM_ROWS 6
#define gemm_tile_most gemm_tile_6
GEMM_TILE (6)
#endif

/* All m rows of one panel of columns. The first tile leaves a copy of the panel in copy (k,
 * GEMM_COLS) for the others, unless it is NULL. */
NN_INLINE void
gemm_panel (const GemmLeft *whole, gsize left_step, gsize m, const float *b, gsize ldb, gsize depth,
            gboolean add, float *c, gsize ldc, gsize k1, gsize k2, float *copy)
{
  GemmLeft left = *whole;
  gsize i = 0;
  if (copy && m > GEMM_ROWS)
    {
      gemm_tile_most (&left, left_step, b, ldb, depth, add, c, ldc, k1, k2, copy);
      b = copy;
      ldb = GEMM_COLS;
      i = GEMM_ROWS;
      left.a += GEMM_ROWS * left.rows;
    }
  for (; i + GEMM_ROWS <= m; i += GEMM_ROWS, left.a += GEMM_ROWS * left.rows)
    gemm_tile_most (&left, left_step, b, ldb, depth, add, c + i * ldc, ldc, k1, k2, NULL);
  for (; i + 4 <= m; i += 4, left.a += 4 * left.rows)
    gemm_tile_4 (&left, left_step, b, ldb, depth, add, c + i * ldc, ldc, k1, k2, NULL);
  for (; i + 2 <= m; i += 2, left.a += 2 * left.rows)
    gemm_tile_2 (&left, left_step, b, ldb, depth, add, c + i * ldc, ldc, k1, k2, NULL);
  for (; i < m; i++, left.a += left.rows)
    gemm_tile_1 (&left, left_step, b, ldb, depth, add, c + i * ldc, ldc, k1, k2, NULL);
}

/* One panel of n columns, 1 .. GEMM_COLS; the usual widths and strides are constants, so that they
 * compile to straight loads. */
static void
gemm_columns (const GemmLeft *left, gsize m, const float *b, gsize ldb, gsize n, gsize depth,
              gboolean add, float *c, gsize ldc, float *copy)
{
  if (n == GEMM_COLS && left->cols == 1)
    gemm_panel (left, 1, m, b, ldb, depth, add, c, ldc, NN_LANES, NN_LANES, copy);
  else if (n == GEMM_COLS)
    gemm_panel (left, left->cols, m, b, ldb, depth, add, c, ldc, NN_LANES, NN_LANES, copy);
  else if (n == NN_LANES)
    gemm_panel (left, left->cols, m, b, ldb, depth, add, c, ldc, NN_LANES, 0, copy);
  else if (n > NN_LANES)
    gemm_panel (left, left->cols, m, b, ldb, depth, add, c, ldc, NN_LANES, n - NN_LANES, copy);
  else
    gemm_panel (left, left->cols, m, b, ldb, depth, add, c, ldc, n, 0, copy);
}

/* to (k, ld_to) = the transpose of from (n, k), n at most NN_LANES */
NN_INLINE void
gemm_turn_rows (const float *from, gsize ld_from, gsize n, gsize k, float *to, gsize ld_to)
{
  gsize p = 0;
  for (; p + NN_LANES <= k && n == NN_LANES; p += NN_LANES)
    {
      VF x[NN_LANES];
      for (gsize q = 0; q < NN_LANES; q++)
        x[q] = v_load (from + q * ld_from + p, NN_LANES, 0);
      v_transpose (x);
      for (gsize q = 0; q < NN_LANES; q++)
        v_store (to + (p + q) * ld_to, x[q], NN_LANES);
    }
  for (; p < k; p++)
    for (gsize q = 0; q < n; q++)
      to[p * ld_to + q] = from[q * ld_from + p];
}

static void
gemm_turn (const float *from, gsize ld_from, gsize n, gsize k, float *to, gsize ld_to)
{
  for (gsize q = 0; q < n; q += NN_LANES)
    gemm_turn_rows (from + q * ld_from, ld_from, MIN (NN_LANES, n - q), k, to + q, ld_to);
}

/* C = op(A) op(B) */
static void
gemm_plain (const GemmLeft *left, gsize m, gsize n, gsize depth, gboolean turned, const float *b,
            gsize ldb, gboolean add, float *c, gsize ldc)
{
  float panel[GEMM_DEPTH * GEMM_COLS];
  for (gsize p = 0; p < depth; p += GEMM_DEPTH)
    {
      const GemmLeft part = { left->a + p * left->cols, left->rows, left->cols };
      const gsize k = MIN (GEMM_DEPTH, depth - p);
      for (gsize j = 0; j < n; j += GEMM_COLS)
        {
          const gsize cols = MIN (GEMM_COLS, n - j);
          if (turned)
            {
              gemm_turn (b + j * ldb + p, ldb, cols, k, panel, GEMM_COLS);
              gemm_columns (&part, m, panel, GEMM_COLS, cols, k, add || p > 0, c + j, ldc, NULL);
            }
          else
            gemm_columns (&part, m, b + p * ldb + j, ldb, cols, k, add || p > 0, c + j, ldc, panel);
        }
    }
}

/* C = A B^T as the transpose of B A^T. */
static void
gemm_swapped (const float *a, gsize lda, gsize m, gsize n, gsize depth, const float *b, gsize ldb,
              gboolean add, float *c, gsize ldc)
{
  float panel[GEMM_DEPTH * GEMM_COLS], tile[GEMM_SWAPPED * GEMM_COLS];
  for (gsize p = 0; p < depth; p += GEMM_DEPTH)
    for (gsize i = 0; i < m; i += GEMM_COLS)
      {
        const gsize k = MIN (GEMM_DEPTH, depth - p), cols = MIN (GEMM_COLS, m - i);
        gemm_turn (a + i * lda + p, lda, cols, k, panel, GEMM_COLS);
        for (gsize j = 0; j < n; j += GEMM_SWAPPED)
          {
            const gsize rows = MIN (GEMM_SWAPPED, n - j);
            const GemmLeft left = { b + j * ldb + p, ldb, 1 };
            float *to = c + i * ldc + j;
            if (add || p > 0)
              gemm_turn (to, ldc, cols, rows, tile, GEMM_COLS);
            gemm_columns (&left, rows, panel, GEMM_COLS, cols, k, add || p > 0, tile, GEMM_COLS,
                          NULL);
            gemm_turn (tile, GEMM_COLS, rows, cols, to, ldc);
          }
      }
}

/* r x 4 dot products of rows of A and B over depth. */
#define GEMM_DOT_DECLARE(i)                                                                        \
  VF s##i##0 = vf (0), s##i##1 = vf (0), s##i##2 = vf (0), s##i##3 = vf (0);
#define GEMM_DOT_STEP(i)                                                                           \
  {                                                                                                \
    const VF x = v_load (a + i * lda + p, k, 0);                                                   \
    s##i##0 += x * b0;                                                                             \
    s##i##1 += x * b1;                                                                             \
    s##i##2 += x * b2;                                                                             \
    s##i##3 += x * b3;                                                                             \
  }
#define GEMM_DOT_STORE(i)                                                                          \
  {                                                                                                \
    VF four[4] = { s##i##0, s##i##1, s##i##2, s##i##3 };                                           \
    gemm_store_sums (four, add, c + i * ldc, n);                                                   \
  }

/* c[0..n) (+)= the sums of four vectors. After the transpose, lane 4 g + q holds a part of sum q.
 */
NN_INLINE void
gemm_store_sums (VF four[4], gboolean add, float *c, gsize n)
{
  float lane[NN_LANES];
  v_transpose4 (four);
  const VF sum = (four[0] + four[1]) + (four[2] + four[3]);
  memcpy (lane, &sum, sizeof sum);
  for (gsize q = 0; q < n; q++)
    {
      float total = lane[q];
      for (gsize group = 4; group < NN_LANES; group += 4)
        total += lane[group + q];
      c[q] = add ? c[q] + total : total;
    }
}

#define GEMM_DOT_VECTOR(R, lanes)                                                                  \
  {                                                                                                \
    const gsize k = lanes;                                                                         \
    const VF b0 = v_load (at0 + p, k, 0), b1 = v_load (at1 + p, k, 0);                             \
    const VF b2 = v_load (at2 + p, k, 0), b3 = v_load (at3 + p, k, 0);                             \
    GEMM_##R (GEMM_DOT_STEP)                                                                       \
  }
/* clang-format off */
#define GEMM_DOTS(R)                                                                               \
  NN_INLINE void gemm_dots_##R (const float *a, gsize lda, const float *const b[4], gsize depth,   \
                                gboolean add, float *c, gsize ldc, gsize n)                        \
  {                                                                                                \
    const float *const at0 = b[0], *const at1 = b[1], *const at2 = b[2], *const at3 = b[3];        \
    gsize p = 0;                                                                                   \
    GEMM_##R (GEMM_DOT_DECLARE)                                                                    \
    for (; p + NN_LANES <= depth; p += NN_LANES)                                                   \
      GEMM_DOT_VECTOR (R, NN_LANES)                                                                \
    if (p < depth)                                                                                 \
      GEMM_DOT_VECTOR (R, depth - p)                                                               \
    GEMM_##R (GEMM_DOT_STORE)                                                                      \
  }
/* clang-format on */

GEMM_DOTS (1)
#if NN_LANES == 16
#define GEMM_DOT_ROWS 4
#define gemm_dots_most gemm_dots_4
GEMM_DOTS (4)
#else
#define GEMM_DOT_ROWS 2
#define gemm_dots_most gemm_dots_2
GEMM_DOTS (2)
#endif

/* C = A B^T for long rows. */
static void
gemm_dots (const float *a, gsize lda, gsize m, gsize n, gsize depth, const float *b, gsize ldb,
           gboolean add, float *c, gsize ldc)
{
  for (gsize j = 0; j < n; j += 4)
    {
      const gsize cols = MIN (4, n - j);
      const float *rows[4];
      for (gsize q = 0; q < 4; q++)
        rows[q] = b + (j + MIN (q, cols - 1)) * ldb;
      gsize i = 0;
      for (; i + GEMM_DOT_ROWS <= m; i += GEMM_DOT_ROWS)
        gemm_dots_most (a + i * lda, lda, rows, depth, add, c + i * ldc + j, ldc, cols);
      for (; i < m; i++)
        gemm_dots_1 (a + i * lda, lda, rows, depth, add, c + i * ldc + j, ldc, cols);
    }
}

static void
gemm (gboolean transpose_a, gboolean transpose_b, gsize m, gsize n, gsize depth, const float *a,
      gsize lda, const float *b, gsize ldb, gboolean add, float *c, gsize ldc)
{
  const GemmLeft left = { a, transpose_a ? 1 : lda, transpose_a ? lda : 1 };
  if (transpose_b && !transpose_a && m < NN_LANES && depth > NN_LANES)
    gemm_dots (a, lda, m, n, depth, b, ldb, add, c, ldc);
  else if (transpose_b && !transpose_a && m * (n + depth) < n * depth)
    gemm_swapped (a, lda, m, n, depth, b, ldb, add, c, ldc);
  else
    gemm_plain (&left, m, n, depth, transpose_b, b, ldb, add, c, ldc);
}
