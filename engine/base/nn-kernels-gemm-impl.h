/* nn-kernels-gemm-impl.h: products of the small matrices that a slice of a batch makes.
 *
 * Nothing is packed: operands of this size are in a cache already, and rearranging them would cost
 * as much as the product. A tile of GEMM_ROWS x (2 vectors) of C stays in registers while k runs.
 * Where B is transposed, long rows are multiplied as dot products; for short ones the tile of B is
 * turned first.
 */
#pragma once

#include "base/nn-kernels.h"
#include "base/nn-kernels-simd.h"

#define GEMM_COLS (2 * NN_LANES)
#define GEMM_TURNED 64 /* longest k for which B's tile is turned */

/* Element (i, p) of op(A) is a[i * rows + p * cols]. */
typedef struct
{
  const float *a;
  gsize rows, cols;
} GemmLeft;

/* One tile: r rows, 2 vectors of which the second has k2 lanes (0: none). The accumulators are
 * named, not an array: gcc 12 would keep an array in memory. */
#define GEMM_DECLARE(i) VF c##i = vf (0), d##i = vf (0);
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
    v_store (to, add ? c##i + v_load (to, k1, 0) : c##i, k1);                                      \
    if (k2)                                                                                        \
      v_store (to + NN_LANES, add ? d##i + v_load (to + NN_LANES, k2, 0) : d##i, k2);              \
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
                                gsize k2)                                                          \
  {                                                                                                \
    GEMM_##R (GEMM_POINTER)                                                                        \
    GEMM_##R (GEMM_DECLARE)                                                                        \
    for (gsize p = 0; p < depth; p++)                                                              \
      {                                                                                            \
        const VF b0 = v_load (b + p * ldb, k1, 0);                                                 \
        const VF b1 = k2 ? v_load (b + p * ldb + NN_LANES, k2, 0) : vf (0);                        \
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

/* All m rows of one panel of columns. */
NN_INLINE void
gemm_panel (const GemmLeft *whole, gsize left_step, gsize m, const float *b, gsize ldb, gsize depth,
            gboolean add, float *c, gsize ldc, gsize k1, gsize k2)
{
  GemmLeft left = *whole;
  gsize i = 0;
  for (; i + GEMM_ROWS <= m; i += GEMM_ROWS, left.a += GEMM_ROWS * left.rows)
    gemm_tile_most (&left, left_step, b, ldb, depth, add, c + i * ldc, ldc, k1, k2);
  for (; i + 4 <= m; i += 4, left.a += 4 * left.rows)
    gemm_tile_4 (&left, left_step, b, ldb, depth, add, c + i * ldc, ldc, k1, k2);
  for (; i + 2 <= m; i += 2, left.a += 2 * left.rows)
    gemm_tile_2 (&left, left_step, b, ldb, depth, add, c + i * ldc, ldc, k1, k2);
  for (; i < m; i++, left.a += left.rows)
    gemm_tile_1 (&left, left_step, b, ldb, depth, add, c + i * ldc, ldc, k1, k2);
}

/* One panel of n columns, 1 .. GEMM_COLS; the usual widths and strides are constants, so that they
 * compile to straight loads. */
static void
gemm_columns (const GemmLeft *left, gsize m, const float *b, gsize ldb, gsize n, gsize depth,
              gboolean add, float *c, gsize ldc)
{
  if (n == GEMM_COLS && left->cols == 1)
    gemm_panel (left, 1, m, b, ldb, depth, add, c, ldc, NN_LANES, NN_LANES);
  else if (n == GEMM_COLS)
    gemm_panel (left, left->cols, m, b, ldb, depth, add, c, ldc, NN_LANES, NN_LANES);
  else if (n == NN_LANES)
    gemm_panel (left, left->cols, m, b, ldb, depth, add, c, ldc, NN_LANES, 0);
  else if (n > NN_LANES)
    gemm_panel (left, left->cols, m, b, ldb, depth, add, c, ldc, NN_LANES, n - NN_LANES);
  else
    gemm_panel (left, left->cols, m, b, ldb, depth, add, c, ldc, n, 0);
}

/* C = op(A) B */
static void
gemm_straight (const GemmLeft *left, gsize m, gsize n, gsize depth, const float *b, gsize ldb,
               gboolean add, float *c, gsize ldc)
{
  for (gsize j = 0; j < n; j += GEMM_COLS)
    gemm_columns (left, m, b + j, ldb, MIN (GEMM_COLS, n - j), depth, add, c + j, ldc);
}

/* C = op(A) B^T for short rows of B. */
static void
gemm_turned (const GemmLeft *left, gsize m, gsize n, gsize depth, const float *b, gsize ldb,
             gboolean add, float *c, gsize ldc)
{
  float turned[GEMM_TURNED * GEMM_COLS];
  for (gsize j = 0; j < n; j += GEMM_COLS)
    {
      const gsize cols = MIN (GEMM_COLS, n - j);
      for (gsize q = 0; q < cols; q++)
        for (gsize p = 0; p < depth; p++)
          turned[p * GEMM_COLS + q] = b[(j + q) * ldb + p];
      gemm_columns (left, m, turned, GEMM_COLS, cols, depth, add, c + j, ldc);
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
  if (!transpose_b)
    gemm_straight (&left, m, n, depth, b, ldb, add, c, ldc);
  else if (depth <= GEMM_TURNED || transpose_a)
    for (gsize p = 0; p < depth; p += GEMM_TURNED)
      {
        const GemmLeft part = { a + p * left.cols, left.rows, left.cols };
        gemm_turned (&part, m, n, MIN (GEMM_TURNED, depth - p), b + p, ldb, add || p > 0, c, ldc);
      }
  else
    gemm_dots (a, lda, m, n, depth, b, ldb, add, c, ldc);
}
