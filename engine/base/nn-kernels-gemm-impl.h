/* nn-kernels-gemm-impl.h: products of the matrices that a slice of a batch makes.
 *
 * The first tile of a panel of B leaves a copy in the first-level cache for the others. Where B is
 * transposed, the smaller of these is turned: B's panels, or A and C; a few long rows are
 * multiplied as dot products.
 */
#pragma once

#include "base/nn-kernels.h"
#include "base/nn-kernels-gemm-sparse-impl.h"
#include "base/nn-kernels-gemm-tile.h"

#define GEMM_SWAPPED (4 * NN_LANES) /* columns of C that are turned at once */
#define GEMM_DEPTH 256              /* rows of a panel's copy: 32 KB with AVX-512 */

/* to (k, ld_to) = the transpose of from (n, k), both at most NN_LANES */
NN_INLINE void
gemm_turn_block (const float *from, gsize ld_from, gsize n, gsize k, float *to, gsize ld_to)
{
  VF x[NN_LANES];
  for (gsize q = 0; q < NN_LANES; q++)
    x[q] = v_load (from + MIN (q, n - 1) * ld_from, k, 0);
  v_transpose (x);
  for (gsize p = 0; p < k; p++)
    v_store (to + p * ld_to, x[p], n);
}

/* to (k, ld_to) = the transpose of from (n, k), n at most NN_LANES */
NN_INLINE void
gemm_turn_rows (const float *from, gsize ld_from, gsize n, gsize k, float *to, gsize ld_to)
{
  gsize p = 0;
  for (; p + NN_LANES <= k && n == NN_LANES; p += NN_LANES)
    gemm_turn_block (from + p, ld_from, NN_LANES, NN_LANES, to + p * ld_to, ld_to);
  for (; p < k; p += NN_LANES)
    gemm_turn_block (from + p, ld_from, n, MIN (NN_LANES, k - p), to + p * ld_to, ld_to);
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
#ifdef __AVX512F__ /* 32 registers */
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

NN_INLINE void
gemm_in (const gboolean any_order, gboolean transpose_a, gboolean transpose_b, gsize m, gsize n,
         gsize depth, const float *a, gsize lda, const float *b, gsize ldb, gboolean add, float *c,
         gsize ldc)
{
  const GemmLeft left = { a, transpose_a ? 1 : lda, transpose_a ? lda : 1 };
  const GemmSparse sparse = transpose_b ? NULL : gemm_sparse_choose (&left, any_order, m, n, depth);
  if (sparse)
    sparse (&left, m, n, depth, b, ldb, add, c, ldc);
  else if (transpose_b && !transpose_a && m < NN_LANES && depth > NN_LANES)
    gemm_dots (a, lda, m, n, depth, b, ldb, add, c, ldc);
  else if (transpose_b && !transpose_a && m * (n + depth) < n * depth)
    gemm_swapped (a, lda, m, n, depth, b, ldb, add, c, ldc);
  else
    gemm_plain (&left, m, n, depth, transpose_b, b, ldb, add, c, ldc);
}

static void
gemm (gboolean transpose_a, gboolean transpose_b, gsize m, gsize n, gsize depth, const float *a,
      gsize lda, const float *b, gsize ldb, gboolean add, float *c, gsize ldc)
{
  gemm_in (FALSE, transpose_a, transpose_b, m, n, depth, a, lda, b, ldb, add, c, ldc);
}

static void
gemm_any_order (gboolean transpose_a, gboolean transpose_b, gsize m, gsize n, gsize depth,
                const float *a, gsize lda, const float *b, gsize ldb, gboolean add, float *c,
                gsize ldc)
{
  gemm_in (TRUE, transpose_a, transpose_b, m, n, depth, a, lda, b, ldb, add, c, ldc);
}
