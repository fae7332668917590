/* nn-kernels-conv-impl.h: convolution as a sum over segments
 * (nn-kernels-conv.h), with channels in the lanes, or the values of a segment
 * where there are few channels.
 *
 * A tile's sums stay in registers: named variables, as gcc keeps arrays of
 * vectors in memory where loops nest. */
#pragma once

#include "base/nn-kernels-conv-sparse-impl.h"

/* Rows of a tile of two vectors each, next to which the registers hold two more
 * operands. */
#ifdef __AVX512F__
#define CONV_ROWS 8
#define CONV_SIZES(X) X (1) X (2) X (3) X (4) X (5) X (6) X (7) X (8)
#define CONV_EACH(X) X (0) X (1) X (2) X (3) X (4) X (5) X (6) X (7)
#else
#define CONV_ROWS 6
#define CONV_SIZES(X) X (1) X (2) X (3) X (4) X (5) X (6)
#define CONV_EACH(X) X (0) X (1) X (2) X (3) X (4) X (5)
#endif

/* Where a grid's next pixel is. */
typedef struct
{
  const float *x;
  float *y;
  gsize left; /* pixels of the row */
} ConvPlace;

NN_INLINE ConvPlace
conv_start (const NnConvPass *pass)
{
  return (ConvPlace){ pass->x, pass->y, pass->cols };
}

NN_INLINE void
conv_next (const NnConvPass *pass, ConvPlace *place, gint n, const float **x, float **y)
{
  for (gint i = 0; i < n; i++)
    {
      x[i] = place->x;
      y[i] = place->y;
      place->x += pass->x_col;
      place->y += pass->y_col;
      if (--place->left == 0)
        {
          place->x += (gssize)(pass->x_row - pass->cols * pass->x_col);
          place->y += (gssize)(pass->y_row - pass->cols * pass->y_col);
          place->left = pass->cols;
        }
    }
}

/* ---- output channels in lanes: w (n_segments length, w_row), whole vectors
 * readable ---- */

/* P pixels x V vectors of channels from `first`, the last vector with k
 * channels. */
NN_INLINE void
conv_tile (const gint P, const gint V, const NnConvPass *pass, const float *const *xs,
           float *const *ys, gsize first, gsize k)
{
  const float *w = pass->w + first;
  const gsize w_row = pass->w_row;
  VF b0 = vf (0.0f), b1 = vf (0.0f);
  if (pass->bias)
    {
      b0 = v_load (pass->bias + first, V > 1 ? NN_LANES : k, 0);
      if (V > 1)
        b1 = v_load (pass->bias + first + NN_LANES, k, 0);
    }
#define DECLARE(i)                                                                                 \
  const float *x##i = xs[(i) < P ? (i) : 0];                                                       \
  VF c##i##0 = b0, c##i##1 = b1;
  CONV_EACH (DECLARE)
#undef DECLARE
  for (gsize s = 0; s < pass->n_segments; s++)
    {
      const gssize end = pass->offset[s] + (gssize)pass->length;
      gssize at = pass->offset[s];
#define STEP(i)                                                                                    \
  if ((i) < P)                                                                                     \
    {                                                                                              \
      VF x = vf (x##i[at]);                                                                        \
      c##i##0 += x * w0;                                                                           \
      if (V > 1)                                                                                   \
        c##i##1 += x * w1;                                                                         \
    }
#define VALUE                                                                                      \
  {                                                                                                \
    const VF w0 = v_load (w, NN_LANES, 0), w1 = V > 1 ? v_load (w + NN_LANES, NN_LANES, 0) : w0;   \
    CONV_EACH (STEP)                                                                               \
    at++;                                                                                          \
    w += w_row;                                                                                    \
  }
      while (at + 4 <= end)
        {
          VALUE VALUE VALUE VALUE
        }
      while (at < end)
        VALUE
#undef VALUE
#undef STEP
    }
  const VF low = pass->relu ? vf (0.0f) : vf (-INFINITY);
#define STORE(i)                                                                                   \
  if ((i) < P)                                                                                     \
    {                                                                                              \
      v_store (ys[i] + first, v_max (low, c##i##0), V > 1 ? NN_LANES : k);                         \
      if (V > 1)                                                                                   \
        v_store (ys[i] + first + NN_LANES, v_max (low, c##i##1), k);                               \
    }
  CONV_EACH (STORE)
#undef STORE
}

/* All pixels, in tiles of nearly equal size. */
NN_INLINE void
conv_channels (const gint V, const NnConvPass *pass, gsize first, gsize k)
{
  const gsize n = pass->rows * pass->cols, n_tiles = (n + CONV_ROWS - 1) / CONV_ROWS;
  ConvPlace place = conv_start (pass);
  for (gsize t = 0; t < n_tiles; t++)
    {
      const gint size = (gint)(n / n_tiles + (t < n % n_tiles));
      const float *x[CONV_ROWS];
      float *y[CONV_ROWS];
      conv_next (pass, &place, size, x, y);
      switch (size)
        {
#define CASE(P)                                                                                    \
  case P:                                                                                          \
    conv_tile (P, V, pass, x, y, first, k);                                                        \
    break;
          CONV_SIZES (CASE)
#undef CASE
        default:
          g_assert_not_reached ();
        }
    }
}

/* Tiles of the pixels of a pass that see something; the others get the bias. */
NN_INLINE void
conv_sparse_channels (const gint V, const NnConvPass *pass, gsize first, gsize k)
{
  const VF low = pass->relu ? vf (0.0f) : vf (-INFINITY);
  VF bias[2] = { vf (0.0f), vf (0.0f) };
  const float *x[CONV_ROWS];
  float *y[CONV_ROWS];
  gint n = 0;
  for (gint v = 0; pass->bias && v < V; v++)
    bias[v] = v_load (pass->bias + first + (gsize)v * NN_LANES, v + 1 < V ? NN_LANES : k, 0);
  for (gsize r = 0; r < pass->rows; r++)
    for (gsize c = 0; c < pass->cols; c += NN_LANES)
      {
        const float *from = pass->x + r * pass->x_row + c;
        float *to = pass->y + r * pass->y_row + c * pass->y_col + first;
        const gsize size = MIN (NN_LANES, pass->cols - c);
        const guint32 seen =
            conv_windows (from, pass->n_segments, pass->length, pass->offset, size);
        for (gsize i = 0; i < size; i++)
          if (!(seen >> i & 1))
            for (gint v = 0; v < V; v++)
              v_store (to + i * pass->y_col + (gsize)v * NN_LANES, v_max (low, bias[v]),
                       v + 1 < V ? NN_LANES : k);
        for (guint32 bits = seen; bits; bits &= bits - 1)
          {
            const gsize i = (gsize)__builtin_ctz (bits);
            x[n] = from + i;
            y[n++] = to + i * pass->y_col - first;
            if (n == CONV_ROWS)
              {
                conv_tile (CONV_ROWS, V, pass, x, y, first, k);
                n = 0;
              }
          }
      }
  for (gint i = 0; i < n; i++)
    conv_tile (1, V, pass, x + i, y + i, first, k);
}

static void
conv (const NnConvPass *pass)
{
  const gboolean picture = conv_sees_pictures (pass->x_col, pass->n_segments, pass->length);
  gsize first = 0;
  for (; first + NN_LANES < pass->n_out; first += 2 * NN_LANES)
    {
      const gsize k = MIN (pass->n_out - first - NN_LANES, (gsize)NN_LANES);
      if (picture)
        conv_sparse_channels (2, pass, first, k);
      else
        conv_channels (2, pass, first, k);
    }
  if (first < pass->n_out && picture)
    conv_sparse_channels (1, pass, first, pass->n_out - first);
  else if (first < pass->n_out)
    conv_channels (1, pass, first, pass->n_out - first);
}

/* ---- values of a segment in lanes: w (n_out, n_segments, w_row), w_row the
 * length filled up with zeros to whole vectors ---- */

NN_INLINE VF
conv_mask (gsize k)
{
  VI lane;
  for (gint i = 0; i < NN_LANES; i++)
    lane[i] = i;
  return (VF)(lane < vi ((gint32)k));
}

/* The sums over the lanes of four vectors. */
NN_INLINE void
v_sum4 (VF a, VF b, VF c, VF d, float sum[4])
{
  typedef float Four __attribute__ ((vector_size (16)));
  VF x[4] = { a, b, c, d };
  Four group[NN_LANES / 4];
  v_transpose4 (x);
  VF all = (x[0] + x[1]) + (x[2] + x[3]);
  memcpy (group, &all, sizeof all);
  for (gint width = NN_LANES / 8; width >= 1; width /= 2)
    for (gint i = 0; i < width; i++)
      group[i] += group[i + width];
  memcpy (sum, group, sizeof group[0]);
}

/* Eight pixels of one channel; the same pixel again where there are fewer. */
static void
conv_dot_tile (const NnConvPass *pass, const float *const *xs, gsize channel, VF mask, float sum[8])
{
  const float *w = pass->w + channel * pass->n_segments * pass->w_row;
  const gsize whole = pass->length / NN_LANES * NN_LANES;
#define EACH(X) X (0) X (1) X (2) X (3) X (4) X (5) X (6) X (7)
#define DECLARE(i)                                                                                 \
  const float *x##i = xs[i];                                                                       \
  VF c##i = vf (0.0f);
  EACH (DECLARE)
#undef DECLARE
  for (gsize s = 0; s < pass->n_segments; s++, w += pass->w_row)
    {
      const gssize offset = pass->offset[s];
      for (gsize at = 0; at < whole; at += NN_LANES)
        {
          VF w0 = v_load (w + at, NN_LANES, 0);
#define STEP(i) c##i += w0 * v_load (x##i + offset + (gssize)at, NN_LANES, 0);
          EACH (STEP)
#undef STEP
        }
      if (whole < pass->length)
        {
          VF w0 = v_load (w + whole, NN_LANES, 0);
          /* What lies behind the segment may be anything, even no number. */
#define STEP(i)                                                                                    \
  c##i += w0 * (VF)((VI)v_load (x##i + offset + (gssize)whole, NN_LANES, 0) & (VI)mask);
          EACH (STEP)
#undef STEP
        }
    }
#undef EACH
  v_sum4 (c0, c1, c2, c3, sum);
  v_sum4 (c4, c5, c6, c7, sum + 4);
}

static void
conv_dot (const NnConvPass *pass)
{
  const gsize n = pass->rows * pass->cols;
  const VF mask = conv_mask (pass->length % NN_LANES);
  const float low = pass->relu ? 0 : -INFINITY;
  ConvPlace place = conv_start (pass);
  for (gsize at = 0; at < n; at += 8)
    {
      const gint size = (gint)MIN (n - at, 8u);
      const float *x[8];
      float *y[8], sum[8];
      conv_next (pass, &place, size, x, y);
      for (gint i = size; i < 8; i++)
        x[i] = x[0];
      for (gsize o = 0; o < pass->n_out; o++)
        {
          const float bias = pass->bias ? pass->bias[o] : 0;
          conv_dot_tile (pass, x, o, mask, sum);
          for (gint i = 0; i < size; i++)
            {
              const float v = sum[i] + bias;
              y[i][o] = low > v ? low : v;
            }
        }
    }
}

/* ---- every channel by itself: w (n_segments, w_row) ---- */

NN_INLINE void
conv_depthwise_vector (const NnConvPass *pass, const float *x, float *y, VF low, gsize i, gsize k)
{
  VF sum = pass->bias ? v_load (pass->bias + i, k, 0) : vf (0.0f);
  for (gsize s = 0; s < pass->n_segments; s++)
    sum += v_load (x + pass->offset[s] + (gssize)i, k, 0)
           * v_load (pass->w + s * pass->w_row + i, k, 0);
  v_store (y + i, v_max (low, sum), k);
}

static void
conv_depthwise (const NnConvPass *pass)
{
  const gsize n = pass->rows * pass->cols;
  const VF low = pass->relu ? vf (0.0f) : vf (-INFINITY);
  ConvPlace place = conv_start (pass);
  for (gsize at = 0; at < n; at++)
    {
      const float *x;
      float *y;
      conv_next (pass, &place, 1, &x, &y);
      NN_FOR_VECTORS (i, k, pass->n_out, conv_depthwise_vector (pass, x, y, low, i, k));
    }
}

NN_INLINE void
conv_depthwise_outer_vector (const NnConvOuter *pass, gsize s, gsize first, gsize k)
{
  const float *a = pass->a + pass->a_offset[s] + first, *b = pass->b + first;
  float *y = pass->y + s * pass->y_a + first;
  VF sum = vf (0.0f);
  for (gsize i = 0; i < pass->n; i++, a += pass->a_image, b += pass->b_image)
    for (gsize r = 0; r < pass->rows; r++)
      for (gsize c = 0; c < pass->cols; c++)
        sum += v_load (a + r * pass->a_row + c * pass->a_col, k, 0)
               * v_load (b + r * pass->b_row + c * pass->b_col, k, 0);
  v_store (y, v_load (y, k, 0) + sum, k);
}

/* y[s y_a + i] += sum over pixels of a[offset[s] + i] b[i], i < b_length */
static void
conv_depthwise_outer (const NnConvOuter *pass)
{
  for (gsize s = 0; s < pass->a_segments; s++)
    NN_FOR_VECTORS (i, k, pass->b_length, conv_depthwise_outer_vector (pass, s, i, k));
}

/* ---- gradient of the weights ---- */

/* From the last row of an image to the first of the next. */
NN_INLINE gsize
outer_gap (const NnConvOuter *pass, gsize image, gsize row)
{
  return image - (pass->rows - 1) * row;
}

/* P values of a x V vectors of b, over the n listed pixels, or over all where pixel is NULL. */
NN_INLINE void
outer_tile (const gint P, const gint V, const NnConvOuter *pass, const OuterPixel *pixel, gsize n,
            const float *const *as, const float *const *bs, float sums[][2][NN_LANES])
{
  const gsize a_col = pass->a_col, b_col = pass->b_col, cols = pass->cols;
  const gsize a_gap = outer_gap (pass, pass->a_image, pass->a_row);
  const gsize b_gap = outer_gap (pass, pass->b_image, pass->b_row);
  const float *b0 = bs[0], *b1 = bs[V > 1 ? 1 : 0];
#define DECLARE(i)                                                                                 \
  const float *a##i = as[(i) < P ? (i) : 0];                                                       \
  VF c##i##0 = vf (0.0f), c##i##1 = vf (0.0f);
  CONV_EACH (DECLARE)
#undef DECLARE
#define STEP(i)                                                                                    \
  if ((i) < P)                                                                                     \
    {                                                                                              \
      VF a = vf (a##i[at]);                                                                        \
      c##i##0 += a * v0;                                                                           \
      if (V > 1)                                                                                   \
        c##i##1 += a * v1;                                                                         \
    }
#define PIXEL                                                                                      \
  VF v0 = v_load (b0 + to, NN_LANES, 0);                                                           \
  VF v1 = V > 1 ? v_load (b1 + to, NN_LANES, 0) : v0;                                              \
  CONV_EACH (STEP)
  for (gsize t = 0; pixel && t < n; t++)
    {
      const gsize at = pixel[t].a, to = pixel[t].b;
      PIXEL
    }
  for (gsize line = 0, row = 0, a_line = 0, b_line = 0; !pixel && line < pass->n * pass->rows;
       line++)
    {
      gsize at = a_line, to = b_line;
      const gboolean last = ++row == pass->rows; /* of its image */
      a_line += last ? a_gap : pass->a_row;
      b_line += last ? b_gap : pass->b_row;
      row = last ? 0 : row;
      for (gsize c = 0; c < cols; c++, at += a_col, to += b_col)
        {
          PIXEL
        }
    }
#undef PIXEL
#undef STEP
#define KEEP(i)                                                                                    \
  if ((i) < P)                                                                                     \
    {                                                                                              \
      memcpy (sums[i][0], &c##i##0, sizeof (VF));                                                  \
      if (V > 1)                                                                                   \
        memcpy (sums[i][1], &c##i##1, sizeof (VF));                                                \
    }
  CONV_EACH (KEEP)
#undef KEEP
}

/* One value of a x eight vectors of b: as many sums under way as a processor
 * can add at once. */
static void
outer_row (const NnConvOuter *pass, const float *a, const float *const *bs, float sums[][NN_LANES])
{
  const gsize a_gap = outer_gap (pass, pass->a_image, pass->a_row);
  const gsize b_gap = outer_gap (pass, pass->b_image, pass->b_row);
#define EACH(X) X (0) X (1) X (2) X (3) X (4) X (5) X (6) X (7)
#define DECLARE(i)                                                                                 \
  const float *b##i = bs[i];                                                                       \
  VF c##i = vf (0.0f);
  EACH (DECLARE)
#undef DECLARE
  for (gsize line = 0, row = 0, a_line = 0, b_line = 0; line < pass->n * pass->rows; line++)
    {
      gsize at = a_line, to = b_line;
      const gboolean last = ++row == pass->rows; /* of its image */
      a_line += last ? a_gap : pass->a_row;
      b_line += last ? b_gap : pass->b_row;
      row = last ? 0 : row;
      for (gsize c = 0; c < pass->cols; c++, at += pass->a_col, to += pass->b_col)
        {
          VF v = vf (a[at]);
#define STEP(i) c##i += v * v_load (b##i + to, NN_LANES, 0);
          EACH (STEP)
#undef STEP
        }
    }
#define KEEP(i) memcpy (sums[i], &c##i, sizeof (VF));
  EACH (KEEP)
#undef KEEP
#undef EACH
}

/* One vector of b: its segment, first value in it, and number of values. */
typedef struct
{
  gsize segment, first, k;
} OuterChunk;

NN_INLINE OuterChunk
outer_chunk (const NnConvOuter *pass, gsize index)
{
  const gsize per_segment = (pass->b_length + NN_LANES - 1) / NN_LANES;
  const gsize first = index % per_segment * NN_LANES;
  return (OuterChunk){ index / per_segment, first, MIN (pass->b_length - first, (gsize)NN_LANES) };
}

NN_INLINE const float *
outer_chunk_at (const NnConvOuter *pass, const OuterChunk *chunk)
{
  return pass->b + pass->b_offset[chunk->segment] + chunk->first;
}

NN_INLINE void
outer_add_vector (float *y, VF sum, gsize k)
{
  v_store (y, v_load (y, k, 0) + sum, k);
}

/* y += the sums of n values of a, from the first on, with a vector of b: rows that lie `step`
 * floats apart. One of y_a and y_b is 1. */
static void
outer_add (const NnConvOuter *pass, gsize first, gsize n, const OuterChunk *chunk,
           const float *sums, gsize step)
{
  float *const y =
      pass->y + first * pass->y_a + (chunk->segment * pass->b_length + chunk->first) * pass->y_b;
  for (gsize i = 0; i < n && pass->y_b == 1; i++)
    outer_add_vector (y + i * pass->y_a, v_load (sums + i * step, NN_LANES, 0), chunk->k);
  for (gsize i = 0; i < n && pass->y_b != 1; i += NN_LANES)
    {
      const gsize rows = MIN (NN_LANES, n - i);
      VF sum[NN_LANES];
      for (gsize q = 0; q < NN_LANES; q++)
        sum[q] = v_load (sums + (i + MIN (q, rows - 1)) * step, NN_LANES, 0);
      v_transpose (sum);
      for (gsize j = 0; j < chunk->k; j++)
        outer_add_vector (y + j * pass->y_b + i, sum[j], rows);
    }
}

static void
conv_outer_single (const NnConvOuter *pass, gsize n_chunks)
{
  for (gsize first = 0; first < n_chunks; first += 8)
    {
      const gsize n = MIN (n_chunks - first, 8u);
      OuterChunk chunk[8];
      const float *b[8];
      float sums[8][NN_LANES];
      for (gsize i = 0; i < 8; i++)
        {
          chunk[i] = outer_chunk (pass, first + MIN (i, n - 1));
          b[i] = outer_chunk_at (pass, &chunk[i]);
        }
      outer_row (pass, pass->a + pass->a_offset[0], b, sums);
      for (gsize i = 0; i < n; i++)
        outer_add (pass, 0, 1, &chunk[i], sums[i], NN_LANES);
    }
}

NN_INLINE void
outer_rows (const gint V, const NnConvOuter *pass, const OuterPixel *pixel, gsize n_pixels,
            const OuterChunk chunk[2])
{
  const gsize n = pass->a_segments * pass->a_length, n_tiles = (n + CONV_ROWS - 1) / CONV_ROWS;
  const float *b[2] = { outer_chunk_at (pass, &chunk[0]),
                        outer_chunk_at (pass, &chunk[V > 1 ? 1 : 0]) };
  for (gsize t = 0, first = 0; t < n_tiles; t++)
    {
      const gint size = (gint)(n / n_tiles + (t < n % n_tiles));
      const float *a[CONV_ROWS];
      float sums[CONV_ROWS][2][NN_LANES];
      for (gint i = 0; i < size; i++)
        a[i] =
            pass->a + pass->a_offset[(first + i) / pass->a_length] + (first + i) % pass->a_length;
      switch (size)
        {
#define CASE(P)                                                                                    \
  case P:                                                                                          \
    outer_tile (P, V, pass, pixel, n_pixels, a, b, sums);                                          \
    break;
          CONV_SIZES (CASE)
#undef CASE
        default:
          g_assert_not_reached ();
        }
      for (gint v = 0; v < V; v++)
        outer_add (pass, first, size, &chunk[v], sums[0][v], 2 * NN_LANES);
      first += size;
    }
}

/* Every value of a x every vector of b. */
static void
conv_outer_pixels (const NnConvOuter *pass, const OuterPixel *pixel, gsize n, gsize n_chunks)
{
  gsize at = 0;
  for (; at + 2 <= n_chunks; at += 2)
    {
      const OuterChunk pair[2] = { outer_chunk (pass, at), outer_chunk (pass, at + 1) };
      outer_rows (2, pass, pixel, n, pair);
    }
  if (at < n_chunks)
    {
      const OuterChunk one[2] = { outer_chunk (pass, at) };
      outer_rows (1, pass, pixel, n, one);
    }
}

static void
conv_outer (const NnConvOuter *pass)
{
  const gsize n_chunks = pass->b_segments * ((pass->b_length + NN_LANES - 1) / NN_LANES);
  if (pass->a_segments * pass->a_length == 1)
    conv_outer_single (pass, n_chunks);
  else if (conv_sees_pictures (pass->a_col, pass->a_segments, pass->a_length)
           && pass->cols <= OUTER_PIXELS)
    {
      OuterPixel pixel[OUTER_PIXELS];
      for (gsize line = 0; line < pass->n * pass->rows;)
        {
          const gsize n = outer_list (pass, &line, pixel);
          conv_outer_pixels (pass, pixel, n, n_chunks);
        }
    }
  else
    conv_outer_pixels (pass, NULL, 0, n_chunks);
}
