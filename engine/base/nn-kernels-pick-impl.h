/* nn-kernels-pick-impl.h: max pooling of a convolution (nn-kernels-conv.h), and the gradient of its
 * weights from the pixels that were picked, one of four.
 */
#pragma once

#include "base/nn-kernels-conv-sparse-impl.h"

/* Sums of a tile, next to which the registers hold three more operands. */
#ifdef __AVX512F__
#define PICK_ROWS 12
#define PICK_SIZES(X) X (1) X (2) X (3) X (4) X (5) X (6) X (7) X (8) X (9) X (10) X (11) X (12)
#define PICK_EACH(X) X (0) X (1) X (2) X (3) X (4) X (5) X (6) X (7) X (8) X (9) X (10) X (11)
#else
#define PICK_ROWS 6
#define PICK_SIZES(X) X (1) X (2) X (3) X (4) X (5) X (6)
#define PICK_EACH(X) X (0) X (1) X (2) X (3) X (4) X (5)
#endif

/* In each lane one of four values. */
NN_INLINE VF
v_pick (const float four[4], VI pick)
{
#if NN_LANES == 16
  return _mm512_permutevar_ps (_mm512_broadcast_f32x4 (_mm_loadu_ps (four)), (__m512i)pick);
#elif NN_LANES == 8
  return _mm256_permutevar_ps (_mm256_broadcast_ps ((const __m128 *)four), (__m256i)pick);
#else
  VF x;
  for (gint i = 0; i < NN_LANES; i++)
    x[i] = four[pick[i]];
  return x;
#endif
}

/* gcc 12 would convert lane by lane. */
NN_INLINE VI
v_load_bytes (const guint8 *p, gsize k)
{
#if NN_LANES >= 8
  __m128i bytes = _mm_setzero_si128 ();
  memcpy (&bytes, p, k);
#if NN_LANES == 16
  return (VI)_mm512_cvtepu8_epi32 (bytes);
#else
  return (VI)_mm256_cvtepu8_epi32 (bytes);
#endif
#else
  VI x = { 0 };
  for (gsize i = 0; i < k; i++)
    x[i] = p[i];
  return x;
#endif
}

NN_INLINE void
v_store_bytes (guint8 *p, VI x, gsize k)
{
#if NN_LANES == 16
  const __m128i bytes = _mm512_cvtepi32_epi8 ((__m512i)x);
  memcpy (p, &bytes, k);
#elif NN_LANES == 8
  const __m128i words = _mm_packs_epi32 (_mm256_castsi256_si128 ((__m256i)x),
                                         _mm256_extracti128_si256 ((__m256i)x, 1));
  const __m128i bytes = _mm_packus_epi16 (words, words);
  memcpy (p, &bytes, k);
#else
  for (gsize i = 0; i < k; i++)
    p[i] = (guint8)x[i];
#endif
}

/* In this order a NaN comes out. */
NN_INLINE void
max_pool_pick_vector (const float *x, gsize channels, gsize x_row, float *y, guint8 *pick, gsize k)
{
  VF largest = v_load (x, k, 0);
  VI which = vi (0);
#define TAP(q)                                                                                     \
  {                                                                                                \
    const VF v = v_load (x + ((q) / 2) * x_row + ((q) % 2) * channels, k, 0);                      \
    which = (VI)v_select_gt (v, largest, (VF)vi (q), (VF)which);                                   \
    largest = v_max (v, largest);                                                                  \
    largest = (VF)((VI)largest | (VI)(v != v));                                                    \
  }
  TAP (1)
  TAP (2)
  TAP (3)
#undef TAP
  v_store (y, largest, k);
  v_store_bytes (pick, which, k);
}

static void
max_pool_pick (const float *x, gsize x_row, gsize n, gsize channels, float *y, guint8 *pick)
{
  for (gsize p = 0; p < n; p++, x += 2 * channels, y += channels, pick += channels)
    NN_FOR_VECTORS (i, k, channels,
                    max_pool_pick_vector (x + i, channels, x_row, y + i, pick + i, k));
}

/* ---- gradient of the weights ---- */

#define PICK_PIXELS 32 /* listed at a time */

/* Pixels that see something: which they are, and the four values of each tap, (n, n_taps, 4). */
typedef struct
{
  gsize n, n_taps;
  gsize pixel[PICK_PIXELS];
  float four[PICK_PIXELS * NN_PICK_TAPS_MAX * 4];
} PickList;

/* P rows of w, a vector of channels from `first` on. */
NN_INLINE void
pick_tile (const gint P, const NnPickOuter *pass, const PickList *list, gsize row, gsize first,
           gsize k)
{
  const gsize step = 4 * list->n_taps, channels = pass->channels;
  const float *four = list->four + 4 * row;
  float *const w = pass->w + row * channels + first;
#define DECLARE(i) VF c##i = (i) < P ? v_load (w + (i)*channels, k, 0) : vf (0);
  PICK_EACH (DECLARE)
#undef DECLARE
  for (gsize p = 0; p < list->n; p++, four += step)
    {
      const gsize at = list->pixel[p] * channels + first;
      const VI pick = v_load_bytes (pass->pick + at, k);
      const VF d = v_load (pass->d + at, k, 0);
#define STEP(i)                                                                                    \
  if ((i) < P)                                                                                     \
    c##i += v_pick (four + 4 * (i), pick) * d;
      PICK_EACH (STEP)
#undef STEP
    }
#define STORE(i)                                                                                   \
  if ((i) < P)                                                                                     \
    v_store (w + (i)*channels, c##i, k);
  PICK_EACH (STORE)
#undef STORE
}

NN_INLINE void
pick_channels (const NnPickOuter *pass, const PickList *list, gsize first, gsize k)
{
  const gsize n = list->n_taps, n_tiles = (n + PICK_ROWS - 1) / PICK_ROWS;
  for (gsize t = 0, row = 0; t < n_tiles; t++)
    {
      const gsize size = n / n_tiles + (t < n % n_tiles);
      switch (size)
        {
#define CASE(P)                                                                                    \
  case P:                                                                                          \
    pick_tile (P, pass, list, row, first, k);                                                      \
    break;
          PICK_SIZES (CASE)
#undef CASE
        default:
          g_assert_not_reached ();
        }
      row += size;
    }
}

static void
pick_listed (const NnPickOuter *pass, PickList *list)
{
  if (list->n > 0)
    NN_FOR_VECTORS (i, k, pass->channels, pick_channels (pass, list, i, k));
  list->n = 0;
}

/* With one channel two of the four lie together. */
NN_INLINE void
pick_fours (const gboolean single, const NnPickOuter *pass, const float *x, float *four)
{
  const gsize row = pass->x_row, col = pass->x_col;
  for (gsize y = 0; y < pass->kernel_rows; y++, x += row)
    for (gsize i = 0; i < pass->kernel_values; i++, four += 4)
      {
        memcpy (four, x + i, (single ? 2 : 1) * sizeof (float));
        memcpy (four + 2, x + i + row, (single ? 2 : 1) * sizeof (float));
        if (!single)
          {
            four[1] = x[i + col];
            four[3] = x[i + row + col];
          }
      }
}

/* Bit 2 c: what the four at x + 2 c see is not all zero, c < n. Only of pictures with one channel
 * is it worth while to ask. */
NN_INLINE guint32
pick_seeing (const NnPickOuter *pass, const float *x, gsize n)
{
  gssize offset[NN_PICK_TAPS_MAX + 1];
  if (pass->x_col > 1 || pass->kernel_values >= NN_LANES)
    return (guint32)((1ull << (2 * n)) - 1);
  for (gsize y = 0; y <= pass->kernel_rows; y++)
    offset[y] = (gssize)(y * pass->x_row);
  return conv_windows (x, pass->kernel_rows + 1, pass->kernel_values + 1, offset, 2 * n - 1);
}

static void
pick_outer (const NnPickOuter *pass)
{
  PickList list;
  list.n = 0;
  list.n_taps = pass->kernel_rows * pass->kernel_values;
  for (gsize r = 0; r < pass->rows; r++)
    for (gsize first = 0; first < pass->cols; first += NN_LANES / 2)
      {
        const float *x = pass->x + 2 * (r * pass->x_row + first * pass->x_col);
        const gsize n = MIN (NN_LANES / 2, pass->cols - first);
        for (guint32 bits = pick_seeing (pass, x, n) & 0x55555555; bits; bits &= bits - 1)
          {
            const gsize c = (gsize)__builtin_ctz (bits) / 2;
            float *const four = list.four + list.n * list.n_taps * 4;
            if (pass->x_col == 1)
              pick_fours (TRUE, pass, x + 2 * c, four);
            else
              pick_fours (FALSE, pass, x + 2 * c * pass->x_col, four);
            list.pixel[list.n++] = r * pass->cols + first + c;
            if (list.n == PICK_PIXELS)
              pick_listed (pass, &list);
          }
      }
  pick_listed (pass, &list);
}
