/* nn-kernels-gemm-tile.h: a panel of columns of a product of matrices.
 *
 * A tile of GEMM_ROWS x (2 vectors) of C stays in registers while k runs.
 */
#pragma once

#include "base/nn-kernels-simd.h"

#define GEMM_COLS (2 * NN_LANES)
#define GEMM_AHEAD 16 /* rows: large matrices come from far away, a page a row */

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
#ifdef __AVX512F__ /* 32 registers */
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
