/* nn-kernels-gemm-sparse-impl.h: products whose left side has many zeros, as pictures and what a
 * ReLU lets through have.
 *
 * A tile of few rows passes over each place at which all of them are zero: such a place would add
 * nothing, so the sums are those of the whole product, bit by bit. Four of five values of a digit
 * are background, and where one image has none its neighbours often have none either: tiles of four
 * rows share what they load. The zeros of a ReLU lie anywhere: tiles of one row pass over all of
 * them, but load B for each row anew, which only pays while B comes from the first-level cache. Two
 * rows share what they load where neither is zero, if the sums may be added up in another order:
 * first the places of both, then those of one.
 */
#pragma once

#include "base/nn-kernels-gemm-tile.h"

/* Of tiles of four rows: vectors that the registers hold, places listed at a time. */
#define SPARSE_ROWS 4
#define SPARSE_VECTORS (NN_LANES == 16 ? 4 : 2)
#define SPARSE_DEPTH 256
/* Of tiles of one row: what they load of B is at most 32 KB. */
#define SPARSE_ONE_VECTORS 8
#define SPARSE_ONE_DEPTH 64
#define SPARSE_GROUPS 32   /* tiles listed at a time */
#define SPARSE_LOOKS 48    /* places looked at, SPARSE_ROWS values each */
#define SPARSE_WORTH 65536 /* multiply-adds, from which a look costs little beside */

/* ---- where rows are not zero ---- */

/* A lane's bit p is set where its row, of up to NN_LANES across memory, is not zero at p < k <= 32.
 */
NN_INLINE VI
gemm_mask_lanes (const float *a, gsize step, gsize rows, gsize k)
{
  VI mask = vi (0);
  for (gsize p = 0; p < k; p++)
    mask |= ((VI)v_load (a + p * step, rows, 0) != vi (0)) & vi ((gint32)(1u << p));
  return mask;
}

/* mask (m): bit p is set where row i of op(A) is not zero at p, p < k. */
static void
gemm_mask_rows (const GemmLeft *left, gsize m, gsize k, guint64 *mask)
{
  if (left->cols == 1)
    for (gsize i = 0; i < m; i++)
      {
        mask[i] = 0;
        for (gsize p = 0; p < k; p += NN_LANES)
          mask[i] |=
              (guint64)v_bits ((VI)v_load (left->a + i * left->rows + p, MIN (NN_LANES, k - p), 0))
              << p;
      }
  else
    for (gsize i = 0; i < m; i += NN_LANES)
      {
        const gsize rows = MIN (NN_LANES, m - i), half = MIN (k, 32);
        const float *const a = left->a + i;
        const VU low = (VU)gemm_mask_lanes (a, left->cols, rows, half);
        const VU high = (VU)gemm_mask_lanes (a + half * left->cols, left->cols, rows, k - half);
        for (gsize q = 0; q < rows; q++)
          mask[i + q] = (guint64)high[q] << 32 | low[q];
      }
}

/* The places of one tile at which a row is not zero, rising. */
typedef struct
{
  guint n;
  guint16 at[SPARSE_DEPTH];
} GemmPlaces;

/* The places of the tiles of r rows that op(A)'s m rows make. */
static void
gemm_list (const GemmLeft *left, gsize m, gsize depth, gsize r, GemmPlaces *places)
{
  guint64 mask[SPARSE_GROUPS * SPARSE_ROWS];
  for (gsize g = 0; g * r < m; g++)
    places[g].n = 0;
  for (gsize p = 0; p < depth; p += 64)
    {
      const GemmLeft part = { left->a + p * left->cols, left->rows, left->cols };
      gemm_mask_rows (&part, m, MIN (64, depth - p), mask);
      for (gsize i = 0; i < m; i += r)
        {
          GemmPlaces *const to = places + i / r;
          guint64 bits = mask[i];
          guint n = to->n;
          for (gsize q = 1; q < MIN (r, m - i); q++)
            bits |= mask[i + q];
          for (; bits; bits &= bits - 1)
            to->at[n++] = (guint16)(p + (guint)__builtin_ctzll (bits));
          to->n = n;
        }
    }
}

/* ---- tiles of one row and of four ---- */

/* One tile of r rows x v vectors of k lanes: constants, but for the k of a last column. The
 * accumulators are named, not an array: gcc 12 would keep an array in memory. */
#define SPARSE_ROW(X) X (0) X (1) X (2) X (3)
#define SPARSE_VECTOR(X, i) X (i, 0) X (i, 1) X (i, 2) X (i, 3) X (i, 4) X (i, 5) X (i, 6) X (i, 7)
#define SPARSE_DECLARE(i)                                                                          \
  const float *const a##i = left->a + i * left->rows;                                              \
  SPARSE_VECTOR (SPARSE_BEGIN, i)
#define SPARSE_BEGIN(i, q)                                                                         \
  VF s##i##q = add && r > i && v > q ? v_load (c + i * ldc + q * NN_LANES, k, 0) : vf (0);
#define SPARSE_LOAD(i, q)                                                                          \
  const VF y##q = v > q ? v_load (b + p * ldb + q * NN_LANES, k, 0) : vf (0);
#define SPARSE_STEP(i)                                                                             \
  if (r > i)                                                                                       \
    {                                                                                              \
      const VF x = vf (a##i[p * left_step]);                                                       \
      SPARSE_VECTOR (SPARSE_ADD, i)                                                                \
    }
#define SPARSE_ADD(i, q) s##i##q += x * y##q;
#define SPARSE_STORE(i) SPARSE_VECTOR (SPARSE_END, i)
#define SPARSE_END(i, q)                                                                           \
  if (r > i && v > q)                                                                              \
    v_store (c + i * ldc + q * NN_LANES, s##i##q, k);

NN_INLINE void
gemm_sparse_tile (const GemmLeft *left, gsize left_step, gsize r, const GemmPlaces *places,
                  const float *b, gsize ldb, gboolean add, float *c, gsize ldc, gsize v, gsize k)
{
  SPARSE_ROW (SPARSE_DECLARE)
  for (guint t = 0; t < places->n; t++)
    {
      const gsize p = places->at[t];
      SPARSE_VECTOR (SPARSE_LOAD, 0)
      SPARSE_ROW (SPARSE_STEP)
    }
  SPARSE_ROW (SPARSE_STORE)
}

/* All tiles of r rows of one panel of columns. */
NN_INLINE void
gemm_sparse_panel (const GemmLeft *whole, gsize left_step, gsize r, const GemmPlaces *places,
                   gsize m, const float *b, gsize ldb, gboolean add, float *c, gsize ldc, gsize v,
                   gsize k)
{
  GemmLeft left = *whole;
  for (; m >= r; m -= r, left.a += r * left.rows, c += r * ldc)
    gemm_sparse_tile (&left, left_step, r, places++, b, ldb, add, c, ldc, v, k);
  for (; m > 0; m--, left.a += left.rows, c += ldc)
    gemm_sparse_tile (&left, left_step, 1, places, b, ldb, add, c, ldc, v, k);
}

/* All columns of the listed tiles; the usual widths and strides are constants. */
NN_INLINE void
gemm_sparse_columns (const GemmLeft *left, gsize r, gsize most, const GemmPlaces *places, gsize m,
                     gsize n, const float *b, gsize ldb, gboolean add, float *c, gsize ldc)
{
  gsize j = 0;
  for (; j + most * NN_LANES <= n; j += most * NN_LANES)
    if (left->cols == 1)
      gemm_sparse_panel (left, 1, r, places, m, b + j, ldb, add, c + j, ldc, most, NN_LANES);
    else
      gemm_sparse_panel (left, left->cols, r, places, m, b + j, ldb, add, c + j, ldc, most,
                         NN_LANES);
  for (; j + 2 * NN_LANES <= n; j += 2 * NN_LANES)
    gemm_sparse_panel (left, left->cols, r, places, m, b + j, ldb, add, c + j, ldc, 2, NN_LANES);
  for (; j < n; j += NN_LANES)
    gemm_sparse_panel (left, left->cols, r, places, m, b + j, ldb, add, c + j, ldc, 1,
                       MIN (NN_LANES, n - j));
}

/* C = op(A) B in tiles of r rows and most vectors, for which most_depth places at a time are
 * listed. */
NN_INLINE void
gemm_sparse (const GemmLeft *left, gsize r, gsize most, gsize most_depth, gsize m, gsize n,
             gsize depth, const float *b, gsize ldb, gboolean add, float *c, gsize ldc)
{
  GemmPlaces places[SPARSE_GROUPS];
  for (gsize p = 0; p < depth; p += most_depth)
    for (gsize i = 0; i < m; i += SPARSE_GROUPS * r)
      {
        const gsize k = MIN (most_depth, depth - p), rows = MIN (SPARSE_GROUPS * r, m - i);
        const GemmLeft part = { left->a + i * left->rows + p * left->cols, left->rows, left->cols };
        gemm_list (&part, rows, k, r, places);
        gemm_sparse_columns (&part, r, most, places, rows, n, b + p * ldb, ldb, add || p > 0,
                             c + i * ldc, ldc);
      }
}

static void
gemm_sparse_rows (const GemmLeft *left, gsize m, gsize n, gsize depth, const float *b, gsize ldb,
                  gboolean add, float *c, gsize ldc)
{
  gemm_sparse (left, 1, SPARSE_ONE_VECTORS, SPARSE_ONE_DEPTH, m, n, depth, b, ldb, add, c, ldc);
}

static void
gemm_sparse_tiles (const GemmLeft *left, gsize m, gsize n, gsize depth, const float *b, gsize ldb,
                   gboolean add, float *c, gsize ldc)
{
  gemm_sparse (left, SPARSE_ROWS, SPARSE_VECTORS, SPARSE_DEPTH, m, n, depth, b, ldb, add, c, ldc);
}

/* ---- pairs of rows ---- */

#ifdef __AVX512VL__
#define SPARSE_PAIR_VECTORS 8
#else
#define SPARSE_PAIR_VECTORS 4
#endif
#define SPARSE_PAIR_DEPTH 64 /* places are bits */
#define SPARSE_PAIR_ROWS 64  /* looked at before they are multiplied */

/* One pair x v vectors of k lanes; the second row may be the first one with an empty mask. */
#define PAIR_VECTOR(X) X (0) X (1) X (2) X (3) X (4) X (5) X (6) X (7)
#define PAIR_BEGIN(q)                                                                              \
  VF s##q = add && v > q ? v_load (c + q * NN_LANES, k, 0) : vf (0);                               \
  VF t##q = add && v > q ? v_load (d + q * NN_LANES, k, 0) : vf (0);
#define PAIR_BOTH(q)                                                                               \
  if (v > q)                                                                                       \
    {                                                                                              \
      const VF z = v_load (b + p * ldb + q * NN_LANES, k, 0);                                      \
      s##q += x * z;                                                                               \
      t##q += y * z;                                                                               \
    }
#define PAIR_FIRST(q)                                                                              \
  if (v > q)                                                                                       \
    s##q += x * v_load (b + p * ldb + q * NN_LANES, k, 0);
#define PAIR_SECOND(q)                                                                             \
  if (v > q)                                                                                       \
    t##q += y * v_load (b + p * ldb + q * NN_LANES, k, 0);
#define PAIR_END(q)                                                                                \
  if (v > q)                                                                                       \
    {                                                                                              \
      v_store (c + q * NN_LANES, s##q, k);                                                         \
      v_store (d + q * NN_LANES, t##q, k);                                                         \
    }

NN_INLINE void
gemm_pair_tile (const float *a, gsize a_row, gsize a_step, const guint64 mask[2], const float *b,
                gsize ldb, gboolean add, float *c, float *d, gsize v, gsize k)
{
  PAIR_VECTOR (PAIR_BEGIN)
  for (guint64 both = mask[0] & mask[1]; both; both &= both - 1)
    {
      const gsize p = (gsize)__builtin_ctzll (both);
      const VF x = vf (a[p * a_step]), y = vf (a[a_row + p * a_step]);
      PAIR_VECTOR (PAIR_BOTH)
    }
  for (guint64 first = mask[0] & ~mask[1]; first; first &= first - 1)
    {
      const gsize p = (gsize)__builtin_ctzll (first);
      const VF x = vf (a[p * a_step]);
      PAIR_VECTOR (PAIR_FIRST)
    }
  for (guint64 second = mask[1] & ~mask[0]; second; second &= second - 1)
    {
      const gsize p = (gsize)__builtin_ctzll (second);
      const VF y = vf (a[a_row + p * a_step]);
      PAIR_VECTOR (PAIR_SECOND)
    }
  PAIR_VECTOR (PAIR_END)
}

/* Pairs of rows in memory: value p of row q of pair i is at a[i pair + q row + p step]. */
typedef struct
{
  const float *a;
  gsize pair, row;
} GemmPairs;

/* All pairs of one panel of columns. A last row without another has one of nothing beside it. */
NN_INLINE void
gemm_pair_panel (const GemmPairs *left, gsize step, const guint64 *mask, gsize m, const float *b,
                 gsize ldb, gboolean add, float *c, gsize ldc, gsize v, gsize k)
{
  float nothing[SPARSE_PAIR_VECTORS * NN_LANES] = { 0 };
  const float *a = left->a;
  gsize i = 0;
  for (; i + 2 <= m; i += 2, a += left->pair)
    gemm_pair_tile (a, left->row, step, mask + i, b, ldb, add, c + i * ldc, c + (i + 1) * ldc, v,
                    k);
  if (i < m)
    gemm_pair_tile (a, 0, step, (const guint64[]){ mask[i], 0 }, b, ldb, add, c + i * ldc, nothing,
                    v, k);
}

/* All columns. */
NN_INLINE void
gemm_pair_columns (const GemmPairs *left, gsize step, const guint64 *mask, gsize m, gsize n,
                   const float *b, gsize ldb, gboolean add, float *c, gsize ldc)
{
  gsize j = 0;
  for (; j + SPARSE_PAIR_VECTORS * NN_LANES <= n; j += SPARSE_PAIR_VECTORS * NN_LANES)
    gemm_pair_panel (left, step, mask, m, b + j, ldb, add, c + j, ldc, SPARSE_PAIR_VECTORS,
                     NN_LANES);
  for (; j + 2 * NN_LANES <= n; j += 2 * NN_LANES)
    gemm_pair_panel (left, step, mask, m, b + j, ldb, add, c + j, ldc, 2, NN_LANES);
  for (; j < n; j += NN_LANES)
    gemm_pair_panel (left, step, mask, m, b + j, ldb, add, c + j, ldc, 1, MIN (NN_LANES, n - j));
}

/* Rows across memory side by side: where they are a power of two apart the places of a row would
 * drive each other out of the cache. to (m / 2, SPARSE_PAIR_DEPTH, 2). */
static void
gemm_pack_pairs (const GemmLeft *left, gsize m, gsize k, float *to)
{
  for (gsize p = 0; p < k; p++)
    {
      const float *const a = left->a + p * left->cols;
      for (gsize i = 0; i + 2 <= m; i += 2)
        memcpy (to + i * SPARSE_PAIR_DEPTH + 2 * p, a + i, 2 * sizeof *a);
      if (m % 2)
        to[(m - 1) * SPARSE_PAIR_DEPTH + 2 * p] = a[m - 1];
    }
}

static void
gemm_sparse_pairs (const GemmLeft *left, gsize m, gsize n, gsize depth, const float *b, gsize ldb,
                   gboolean add, float *c, gsize ldc)
{
  guint64 mask[SPARSE_PAIR_ROWS];
  float packed[SPARSE_PAIR_ROWS * SPARSE_PAIR_DEPTH];
  for (gsize p = 0; p < depth; p += SPARSE_PAIR_DEPTH, b += SPARSE_PAIR_DEPTH * ldb, add = TRUE)
    for (gsize i = 0; i < m; i += SPARSE_PAIR_ROWS)
      {
        const gsize rows = MIN (SPARSE_PAIR_ROWS, m - i), k = MIN (SPARSE_PAIR_DEPTH, depth - p);
        const GemmLeft part = { left->a + i * left->rows + p * left->cols, left->rows, left->cols };
        float *const to = c + i * ldc;
        gemm_mask_rows (&part, rows, k, mask);
        if (left->cols == 1)
          gemm_pair_columns (&(GemmPairs){ part.a, 2 * part.rows, part.rows }, 1, mask, rows, n, b,
                             ldb, add, to, ldc);
        else
          {
            gemm_pack_pairs (&part, rows, k, packed);
            gemm_pair_columns (&(GemmPairs){ packed, 2 * SPARSE_PAIR_DEPTH, 1 }, 2, mask, rows, n,
                               b, ldb, add, to, ldc);
          }
      }
}

typedef void (*GemmSparse) (const GemmLeft *left, gsize m, gsize n, gsize depth, const float *b,
                            gsize ldb, gboolean add, float *c, gsize ldc);

/* Which tiles a look at a few values of op(A), spread over it, speaks for; NULL: dense ones. Costs
 * are measured, relative to a dense product: what tiles of one row, of a pair and of four take for
 * each place that they list, and beside. */
static GemmSparse
gemm_sparse_choose (const GemmLeft *left, gboolean any_order, gsize m, gsize n, gsize depth)
{
  guint values = 0, places = 0;
  if (m < SPARSE_ROWS || depth < NN_LANES || n < 2 * NN_LANES || m * n * depth < SPARSE_WORTH)
    return NULL;
  for (gsize t = 0; t < SPARSE_LOOKS; t++)
    {
      const float *a =
          left->a + t * (m - SPARSE_ROWS) / SPARSE_LOOKS * left->rows + t * 37 % depth * left->cols;
      guint some = 0;
      for (gsize i = 0; i < SPARSE_ROWS; i++)
        some += a[i * left->rows] != 0;
      values += some;
      places += some > 0;
    }
  const float tiles = 0.03f + 0.98f * (float)places / SPARSE_LOOKS;
  const float share = (float)values / (SPARSE_LOOKS * SPARSE_ROWS);
  const float rows = n < SPARSE_ONE_VECTORS * NN_LANES ? 1
                     : left->cols == 1 ? any_order ? 0.07f + 1.1f * share : 0.05f + 1.35f * share
                     : any_order       ? 0.13f + 1.05f * share
                                       : 0.15f + 1.2f * share;
  if (MIN (rows, tiles) > 0.9f)
    return NULL;
  return tiles <= rows ? gemm_sparse_tiles : any_order ? gemm_sparse_pairs : gemm_sparse_rows;
}
