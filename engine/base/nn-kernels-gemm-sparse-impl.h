/* nn-kernels-gemm-sparse-impl.h: products whose left side is mostly zero, as pictures are.
 *
 * Four of five values of a digit are background, and where one image has none its neighbours in the
 * tile often have none either. A tile of few rows passes over each place at which all of them are
 * zero: such a place would add nothing, so the sums are those of the whole product, bit by bit.
 */
#pragma once

#include "base/nn-kernels-gemm-tile.h"

#define SPARSE_ROWS 4                           /* of a tile: more rows share fewer zeros */
#define SPARSE_VECTORS (NN_LANES == 16 ? 4 : 2) /* of a tile: what the registers hold */
#define SPARSE_DEPTH 256                        /* places listed at a time */
#define SPARSE_GROUPS 32                        /* tiles listed at a time */
#define SPARSE_LOOKS 64                         /* values looked at */
#define SPARSE_ZEROS 40                         /* of these, from which a matrix counts as sparse */

/* The places of one tile at which a row is not zero, rising. */
typedef struct
{
  guint n;
  guint16 at[SPARSE_DEPTH + NN_LANES];
} GemmPlaces;

/* Rows in memory: a (rows, depth). */
static void
gemm_list_rows (const float *a, gsize lda, gsize rows, gsize depth, GemmPlaces *places)
{
  guint n = 0;
  for (gsize p = 0; p < depth; p += NN_LANES)
    {
      const gsize k = MIN (NN_LANES, depth - p);
      VI some = (VI)v_load (a + p, k, 0);
      for (gsize i = 1; i < rows; i++)
        some |= (VI)v_load (a + i * lda + p, k, 0);
      for (guint32 bits = v_bits (some); bits; bits &= bits - 1)
        places->at[n++] = (guint16)(p + (guint)__builtin_ctz (bits));
    }
  places->n = n;
}

/* Rows across memory: a (depth, rows), the tiles of NN_LANES rows at once. */
static void
gemm_list_columns (const float *a, gsize lda, gsize rows, gsize depth, GemmPlaces *places)
{
  for (gsize g = 0; g < NN_LANES / SPARSE_ROWS; g++)
    places[g].n = 0;
  for (gsize p = 0; p < depth; p++)
    {
      guint32 bits = v_bits ((VI)v_load (a + p * lda, rows, 0));
      for (gsize g = 0; g < NN_LANES / SPARSE_ROWS; g++, bits >>= SPARSE_ROWS)
        {
          places[g].at[places[g].n] = (guint16)p;
          places[g].n += (bits & ((1 << SPARSE_ROWS) - 1)) != 0;
        }
    }
}

/* One tile of r rows x v vectors of k lanes: constants, but for the k of a last column. The
 * accumulators are named, not an array: gcc 12 would keep an array in memory. */
#define SPARSE_ROW(X) X (0) X (1) X (2) X (3)
#define SPARSE_DECLARE(i)                                                                          \
  const float *const a##i = left->a + i * left->rows;                                              \
  VF s##i##0 = SPARSE_AT (i, 0), s##i##1 = SPARSE_AT (i, 1);                                       \
  VF s##i##2 = SPARSE_AT (i, 2), s##i##3 = SPARSE_AT (i, 3);
#define SPARSE_AT(i, q) (add && r > i && v > q ? v_load (c + i * ldc + q * NN_LANES, k, 0) : vf (0))
#define SPARSE_STEP(i)                                                                             \
  if (r > i)                                                                                       \
    {                                                                                              \
      const VF x = vf (a##i[p * left_step]);                                                       \
      s##i##0 += x * y0;                                                                           \
      s##i##1 += x * y1;                                                                           \
      s##i##2 += x * y2;                                                                           \
      s##i##3 += x * y3;                                                                           \
    }
#define SPARSE_LOAD(q) v > q ? v_load (b + p * ldb + q * NN_LANES, k, 0) : vf (0)
#define SPARSE_STORE(i)                                                                            \
  if (r > i)                                                                                       \
    {                                                                                              \
      v_store (c + i * ldc, s##i##0, k);                                                           \
      if (v > 1)                                                                                   \
        v_store (c + i * ldc + NN_LANES, s##i##1, k);                                              \
      if (v > 2)                                                                                   \
        v_store (c + i * ldc + 2 * NN_LANES, s##i##2, k);                                          \
      if (v > 3)                                                                                   \
        v_store (c + i * ldc + 3 * NN_LANES, s##i##3, k);                                          \
    }

NN_INLINE void
gemm_sparse_tile (const GemmLeft *left, gsize left_step, gsize r, const GemmPlaces *places,
                  const float *b, gsize ldb, gboolean add, float *c, gsize ldc, gsize v, gsize k)
{
  SPARSE_ROW (SPARSE_DECLARE)
  for (guint t = 0; t < places->n; t++)
    {
      const gsize p = places->at[t];
      const VF y0 = SPARSE_LOAD (0), y1 = SPARSE_LOAD (1), y2 = SPARSE_LOAD (2),
               y3 = SPARSE_LOAD (3);
      SPARSE_ROW (SPARSE_STEP)
    }
  SPARSE_ROW (SPARSE_STORE)
}

/* All tiles of one panel of columns. */
NN_INLINE void
gemm_sparse_panel (const GemmLeft *whole, gsize left_step, const GemmPlaces *places, gsize m,
                   const float *b, gsize ldb, gboolean add, float *c, gsize ldc, gsize v, gsize k)
{
  GemmLeft left = *whole;
  for (; m >= SPARSE_ROWS;
       m -= SPARSE_ROWS, left.a += SPARSE_ROWS * left.rows, c += SPARSE_ROWS * ldc)
    gemm_sparse_tile (&left, left_step, SPARSE_ROWS, places++, b, ldb, add, c, ldc, v, k);
  for (; m > 0; m--, left.a += left.rows, c += ldc)
    gemm_sparse_tile (&left, left_step, 1, places, b, ldb, add, c, ldc, v, k);
}

/* All columns of the listed tiles; the usual widths and strides are constants. */
static void
gemm_sparse_columns (const GemmLeft *left, const GemmPlaces *places, gsize m, gsize n,
                     const float *b, gsize ldb, gboolean add, float *c, gsize ldc)
{
  gsize j = 0;
  for (; j + SPARSE_VECTORS * NN_LANES <= n; j += SPARSE_VECTORS * NN_LANES)
    if (left->cols == 1)
      gemm_sparse_panel (left, 1, places, m, b + j, ldb, add, c + j, ldc, SPARSE_VECTORS, NN_LANES);
    else
      gemm_sparse_panel (left, left->cols, places, m, b + j, ldb, add, c + j, ldc, SPARSE_VECTORS,
                         NN_LANES);
  for (; j + 2 * NN_LANES <= n; j += 2 * NN_LANES)
    gemm_sparse_panel (left, left->cols, places, m, b + j, ldb, add, c + j, ldc, 2, NN_LANES);
  for (; j < n; j += NN_LANES)
    gemm_sparse_panel (left, left->cols, places, m, b + j, ldb, add, c + j, ldc, 1,
                       MIN (NN_LANES, n - j));
}

/* Whether a look at a few values of op(A), spread over it, finds mostly zeros. */
static gboolean
gemm_is_sparse (const GemmLeft *left, gsize m, gsize depth)
{
  guint zeros = 0;
  if (m < SPARSE_ROWS || depth < NN_LANES)
    return FALSE;
  for (gsize t = 0; t < SPARSE_LOOKS; t++)
    zeros += left->a[t * m / SPARSE_LOOKS * left->rows + t * 37 % depth * left->cols] == 0;
  return zeros >= SPARSE_ZEROS;
}

/* C = op(A) B where tiles of A have few places. */
static void
gemm_sparse (const GemmLeft *left, gsize m, gsize n, gsize depth, const float *b, gsize ldb,
             gboolean add, float *c, gsize ldc)
{
  GemmPlaces places[SPARSE_GROUPS];
  for (gsize p = 0; p < depth; p += SPARSE_DEPTH)
    for (gsize i = 0; i < m; i += SPARSE_GROUPS * SPARSE_ROWS)
      {
        const gsize k = MIN (SPARSE_DEPTH, depth - p),
                    rows = MIN (SPARSE_GROUPS * SPARSE_ROWS, m - i);
        const GemmLeft part = { left->a + i * left->rows + p * left->cols, left->rows, left->cols };
        if (left->cols == 1)
          for (gsize r = 0; r < rows; r += SPARSE_ROWS)
            gemm_list_rows (part.a + r * left->rows, left->rows, MIN (SPARSE_ROWS, rows - r), k,
                            places + r / SPARSE_ROWS);
        else
          for (gsize r = 0; r < rows; r += NN_LANES)
            gemm_list_columns (part.a + r, left->cols, MIN (NN_LANES, rows - r), k,
                               places + r / SPARSE_ROWS);
        gemm_sparse_columns (&part, places, rows, n, b + p * ldb, ldb, add || p > 0, c + i * ldc,
                             ldc);
      }
}
