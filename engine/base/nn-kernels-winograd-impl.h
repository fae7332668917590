/* nn-kernels-winograd-impl.h: convolution by Winograd's minimal filtering (Lavin & Gray, Fast
 * algorithms for convolutional neural networks, 2015).
 *
 * An r x r kernel gives the m x m outputs of a tile, m = 7 - r, from 6 x 6 inputs with 36 products
 * in place of r^2 m^2: Y = A^T [(G w G^T) . (B^T x B)] A, summed over input channels before the
 * outer transform, so that the tiles of a block make 36 products of matrices (tiles, n_in) (n_in,
 * n_out). The gradient of the weights is of the same family with m and r exchanged:
 * dw = G^T [sum over tiles of (B^T x B) . (A dy A^T)] G. That of the input is a convolution, too,
 * or goes back the same way: dx += B [(G w G^T) . (A dy A^T)] B^T, summed over output channels.
 *
 * Channels are in the lanes. The 36 products go by columns, six at a time, so that what they need
 * stays in the first-level cache. A kernel without its first tap is nothing at point 0, and one
 * without its last at infinity: channels that are phases are left out there.
 *
 * Of the last tiles of an image whose sides are no multiples of m, so many outputs, along a side,
 * are not there, and as many of the last inputs take no part in the others: they are free. x5 acts
 * at infinity alone, which is left out for these tiles; and with 5/2 x2 - x0 for x4, nothing is
 * left at 0.
 */
#pragma once

#include "base/nn-kernels-conv.h"
#include "base/nn-kernels-gemm-tile.h"
#include "base/nn-kernels-winograd-line.h"
#include "base/nn-kernels-winograd-weights-impl.h"

/* A pass and what follows from it. */
typedef struct
{
  const NnWinograd *pass;
  gboolean phased;            /* whether anything is left out */
  gsize size;                 /* m: rows and columns of a tile's outputs */
  gsize rows, cols;           /* of tiles, in an image */
  gsize free_rows, free_cols; /* of the last tiles of a side */
  gsize x_c, x_row, x_image;  /* floats of a framed pixel, row and image */
  gsize y_c, y_n;             /* floats of a row of a block's matrices, and those in use */
  gsize v_step, y_step;       /* between matrices (tiles of a block, x_c) and (tiles, y_c) */
} Winograd;

static gboolean
winograd_leaves_out (const NnPhases *phases)
{
  const gsize f = phases->factor;
  return f > 1
         && (phases->n_first[0] < f || phases->n_first[1] < f || phases->n_last[0] < f
             || phases->n_last[1] < f);
}

static Winograd
winograd_whole (const NnWinograd *pass)
{
  const gsize x_c = NN_WINOGRAD_ROW (pass->n_in), y_c = NN_WINOGRAD_ROW (pass->n_out);
  const gsize x_row = NN_WINOGRAD_SIDE (pass->cols, pass->taps) * x_c;
  const gsize size = NN_WINOGRAD_SIZE (pass->taps);
  const gsize rows = NN_WINOGRAD_TILES (pass->rows, pass->taps);
  const gsize cols = NN_WINOGRAD_TILES (pass->cols, pass->taps);
  return (Winograd){ .pass = pass,
                     .phased = winograd_leaves_out (&pass->in) || winograd_leaves_out (&pass->out),
                     .size = size,
                     .rows = rows,
                     .cols = cols,
                     .free_rows = rows * size - pass->rows,
                     .free_cols = cols * size - pass->cols,
                     .x_c = x_c,
                     .x_row = x_row,
                     .x_image = NN_WINOGRAD_SIDE (pass->rows, pass->taps) * x_row,
                     .y_c = y_c,
                     .y_n = (pass->n_out + NN_LANES - 1) / NN_LANES * NN_LANES,
                     .v_step = NN_WINOGRAD_STEP (pass->block * x_c),
                     .y_step = NN_WINOGRAD_STEP (pass->block * y_c) };
}

/* n runs of length channels, step apart, from begin on. */
typedef struct
{
  gsize n, begin, step, length;
} WinogradRuns;

/* An image whose channels are phases lies in memory as it looks: pixels of f rows in place of one,
 * each of f x C floats. In how many parts a pixel lies. */
NN_INLINE gsize
winograd_groups (const NnPhases *phases)
{
  return MAX (phases->factor, 1);
}

/* Of n channels those that are there at row i and column j of the points: all that a row has, where
 * they are no phases. If i is -1 those of any row, a run for each part in which a pixel lies. */
NN_INLINE WinogradRuns
winograd_runs (const gboolean phased, const NnPhases *phases, gsize n, gsize row_n, gint i, gint j)
{
  const gsize f = phases->factor;
  if (!phased || f < 2)
    return (WinogradRuns){ 1, 0, 0, row_n };
  const gsize c = n / (f * f);
  const gint last = WINOGRAD_POINTS - 1;
  if (phases->turned)
    i = i < 0 ? i : last - i, j = last - j;
  const gsize row = i == last ? f - phases->n_last[0] : 0;
  const gsize rows = (i == 0 ? phases->n_first[0] : f) - row;
  const gsize col = j == last ? f - phases->n_last[1] : 0;
  const gsize cols = (j == 0 ? phases->n_first[1] : f) - col;
  if (cols == f && i >= 0)
    return (WinogradRuns){ 1, row * f * c, 0, rows * f * c };
  return (WinogradRuns){ rows, (row * f + col) * c, f * c, cols * c };
}

/* ---- images with room around them, each pixel filled up to a whole row of channels ---- */

NN_INLINE float *
winograd_zeros (float *to, gsize n)
{
  for (gsize i = 0; i < n; i += NN_LANES)
    v_store (to + i, vf (0), NN_LANES);
  return to + n;
}

/* n pixels, row floats apart, and zeros behind each up to `end`. */
NN_INLINE void
winograd_pixels (const float *from, gsize n, gsize channels, gsize end, gsize row, float *to)
{
  if (channels == row)
    {
      channels = row = end = n * row;
      n = 1;
    }
  for (; n > 0; n--, from += channels, to += row)
    {
      NN_FOR_VECTORS (i, k, channels, v_store (to + i, v_load (from + i, k, 0), k));
      for (gsize i = channels; i < end; i += NN_LANES)
        v_store (to + i, vf (0), MIN (NN_LANES, end - i));
    }
}

static void
winograd_frame (const Winograd *w, const float *image, float *to)
{
  const NnWinograd *pass = w->pass;
  const gsize side = w->x_image / w->x_row, width = w->x_row / w->x_c;
  const gsize rows = MIN (pass->x_rows, side - pass->x_top);
  const gsize cols = MIN (pass->x_cols, width - pass->x_left);
  const gsize groups = winograd_groups (&pass->in), length = pass->n_in / groups;
  to = winograd_zeros (to, pass->x_top * w->x_row);
  for (gsize y = 0; y < rows; y++)
    {
      to = winograd_zeros (to, pass->x_left * w->x_c);
      for (gsize at = 0; at < pass->n_in; at += length, image += pass->x_cols * length)
        winograd_pixels (image, cols, length, at + length < pass->n_in ? length : w->x_c - at,
                         w->x_c, to + at);
      to = winograd_zeros (to + cols * w->x_c, (width - pass->x_left - cols) * w->x_c);
    }
  winograd_zeros (to, (side - pass->x_top - rows) * w->x_row);
}

/* x4 = 5/2 x2 - x0 of n values, for the last tile of a side: x0 is `first`, the next `step` floats
 * behind it. */
NN_INLINE void
winograd_end (float *first, gsize step, gsize n)
{
  for (gsize i = 0; i < n; i += NN_LANES)
    v_store (first + 4 * step + i,
             2.5f * v_load (first + 2 * step + i, NN_LANES, 0) - v_load (first + i, NN_LANES, 0),
             NN_LANES);
}

/* And its gradient, back to x2 and x0. */
NN_INLINE void
winograd_end_back (float *first, gsize step, gsize n)
{
  for (gsize i = 0; i < n; i += NN_LANES)
    {
      float *const x = first + i;
      const VF d = v_load (x + 4 * step, NN_LANES, 0);
      v_store (x, v_load (x, NN_LANES, 0) - d, NN_LANES);
      v_store (x + 2 * step, v_load (x + 2 * step, NN_LANES, 0) + 2.5f * d, NN_LANES);
      v_store (x + 4 * step, vf (0), NN_LANES);
    }
}

/* Returns what lies behind them. */
static float *
winograd_frames (const Winograd *w, float *to)
{
  const NnWinograd *pass = w->pass;
  const gsize last_col = (w->cols - 1) * w->size * w->x_c;
  for (gsize i = 0; i < pass->n; i++, to += w->x_image)
    {
      winograd_frame (w, pass->x + i * pass->x_rows * pass->x_cols * pass->n_in, to);
      for (gsize at = 0; w->free_cols > 1 && at < w->x_image; at += w->x_row)
        winograd_end (to + at + last_col, w->x_c, w->x_c);
      if (w->free_rows > 1)
        winograd_end (to + (w->rows - 1) * w->size * w->x_row, w->x_row, w->x_row);
    }
  return to;
}

/* ---- tiles ---- */

/* Where a tile is: floats into the framed x and y, and how much of it the output has. */
typedef struct
{
  gsize x, y, rows, cols;
} WinogradPlace;

/* Tiles by what they have free: columns, nothing, rows, both. */
typedef struct
{
  gsize n[4];
  WinogradPlace place[NN_WINOGRAD_BLOCK_MAX];
} WinogradBlock;

/* A tile of the images: its number, and its first pixel. */
typedef struct
{
  gsize image, row, col;
} WinogradWalk;

static void
winograd_next (const Winograd *w, WinogradWalk *at)
{
  at->row += w->size;
  if (at->row < w->pass->rows)
    return;
  at->row = 0;
  at->col += w->size;
  if (at->col < w->pass->cols)
    return;
  at->col = 0;
  at->image++;
}

static guint
winograd_kind (const Winograd *w, const WinogradWalk *at)
{
  const gboolean lacks_rows = at->row + w->size > w->pass->rows;
  const gboolean lacks_cols = at->col + w->size > w->pass->cols;
  return lacks_rows ? (lacks_cols ? 3 : 2) : (lacks_cols ? 0 : 1);
}

/* The next n tiles, down the columns. */
static void
winograd_places (const Winograd *w, WinogradWalk *at, gsize n, WinogradBlock *block)
{
  const NnWinograd *pass = w->pass;
  const gsize y_row = pass->cols * pass->n_out, y_col = pass->n_out / winograd_groups (&pass->out);
  WinogradWalk ahead = *at;
  gsize of[4] = { 0 }, next[4] = { 0 };
  for (gsize t = 0; t < n; t++, winograd_next (w, &ahead))
    of[winograd_kind (w, &ahead)]++;
  for (guint kind = 1; kind < 4; kind++)
    next[kind] = next[kind - 1] + of[kind - 1];
  memcpy (block->n, of, sizeof of);
  for (gsize t = 0; t < n; t++, winograd_next (w, at))
    block->place[next[winograd_kind (w, at)]++] =
        (WinogradPlace){ .x = at->image * w->x_image + at->row * w->x_row + at->col * w->x_c,
                         .y = (at->image * pass->rows + at->row) * y_row + at->col * y_col,
                         .rows = MIN (w->size, pass->rows - at->row),
                         .cols = MIN (w->size, pass->cols - at->col) };
}

/* Tiles first .. end of a block. */
typedef struct
{
  gsize first, end;
} WinogradTiles;

NN_INLINE gboolean
winograd_is_left_out (gsize n_free, gint point)
{
  return (n_free > 0 && point == WINOGRAD_POINTS - 1) || (n_free > 1 && point == 0);
}

/* Those that have row i and column j of the points. */
NN_INLINE WinogradTiles
winograd_tiles (const Winograd *w, const WinogradBlock *block, gint i, gint j)
{
  const gsize *const n = block->n;
  const gboolean less_rows = winograd_is_left_out (w->free_rows, i);
  const gboolean less_cols = winograd_is_left_out (w->free_cols, j);
  return (WinogradTiles){ less_cols ? n[0] : 0, n[0] + n[1] + (less_rows ? 0 : n[2])
                                                    + (less_rows || less_cols ? 0 : n[3]) };
}

/* Those that have column j; every tile has row 1. */
NN_INLINE WinogradTiles
winograd_tiles_of_column (const Winograd *w, const WinogradBlock *block, gint j)
{
  return winograd_tiles (w, block, 1, j);
}

/* Columns 1 and 2, and 3 and 4, are the sum and the difference of the same and made together. */
#define WINOGRAD_PAIRS(j) ((j) % 2 == 1 && (j) < 5)

/* v (6 of step floats a tile) = column j of B^T x B, and behind it the next where they are a pair,
 * of one vector of channels. A tile right below the one before shares 6 - m rows with it: what
 * became of them is still there. */
NN_INLINE void
winograd_input_column (const gint j, const gint m, const Winograd *w, const float *x,
                       const WinogradPlace *place, gsize n, float *v)
{
  const gsize x_row = w->x_row, x_col = w->x_c, step = w->v_step;
  const float *below = NULL;
#define DECLARE(i) VF x##i = vf (0), y##i = vf (0);
  WINOGRAD_LINE (DECLARE)
#undef DECLARE
  for (gsize t = 0; t < n; t++, v += x_col)
    {
      const float *const at = x + place[t].x;
#define LOAD(i, c) const VF p##c = v_load (at + (i)*x_row + (c)*x_col, NN_LANES, 0);
#define ROW(i)                                                                                     \
  {                                                                                                \
    LOAD (i, 0)                                                                                    \
    LOAD (i, 1)                                                                                    \
    LOAD (i, 2)                                                                                    \
    LOAD (i, 3)                                                                                    \
    LOAD (i, 4)                                                                                    \
    LOAD (i, 5)                                                                                    \
    x##i = winograd_input_at (j, p0, p1, p2, p3, p4, p5);                                          \
    if (WINOGRAD_PAIRS (j))                                                                        \
      y##i = winograd_input_at (j + 1, p0, p1, p2, p3, p4, p5);                                    \
  }
#define SHARED(i, from) x##i = x##from, y##i = y##from;
      if (m == 2 && at == below)
        {
          SHARED (0, 2) SHARED (1, 3) SHARED (2, 4) SHARED (3, 5)
        }
      else if (m == 4 && at == below)
        {
          SHARED (0, 4) SHARED (1, 5) ROW (2) ROW (3)
        }
      else
        {
          ROW (0) ROW (1) ROW (2) ROW (3)
        }
      ROW (4)
      ROW (5)
#undef SHARED
#undef ROW
#undef LOAD
#define POINT(i)                                                                                   \
  v_store (v + (i)*step, winograd_input_at (i, x0, x1, x2, x3, x4, x5), NN_LANES);                 \
  if (WINOGRAD_PAIRS (j))                                                                          \
    v_store (v + (WINOGRAD_POINTS + (i)) * step, winograd_input_at (i, y0, y1, y2, y3, y4, y5),    \
             NN_LANES);
      WINOGRAD_LINE (POINT)
#undef POINT
      below = at + m * x_row;
    }
}

NN_INLINE void
winograd_inputs_of (const gint j, const gint m, const Winograd *w, const float *x,
                    const WinogradBlock *block, float *v)
{
  const WinogradRuns runs = winograd_runs (w->phased, &w->pass->in, w->pass->n_in, w->x_c, -1, j);
  const WinogradTiles tiles = winograd_tiles_of_column (w, block, j);
  v += tiles.first * w->x_c;
  for (gsize r = 0, at = runs.begin; r < runs.n; r++, at += runs.step)
    for (gsize i = at; i < at + runs.length; i += NN_LANES)
      winograd_input_column (j, m, w, x + i, block->place + tiles.first, tiles.end - tiles.first,
                             v + i);
}

/* v (12 of v_step floats); returns where column j is. */
NN_INLINE const float *
winograd_inputs (const gint j, const gint m, const Winograd *w, const float *x,
                 const WinogradBlock *block, float *v)
{
  if (j > 0 && WINOGRAD_PAIRS (j - 1)) /* came with the one before */
    return v + WINOGRAD_POINTS * w->v_step;
  winograd_inputs_of (j, m, w, x, block, v);
  return v;
}

/* z (6 of step floats) = column j of A y A^T, of whose m x m values `rows` and `cols` are there. */
NN_INLINE void
winograd_gradient (const gint j, const gint m, const float *y, gsize y_row, gsize y_col, gsize rows,
                   gsize cols, gsize k, float *z, gsize step)
{
#define VALUE(q, c)                                                                                \
  ((q) < m && (c) < m && (q) < rows && (c) < cols ? v_load (y + (q)*y_row + (c)*y_col, k, 0)       \
                                                  : vf (0))
#define ROW(q)                                                                                     \
  const VF s##q = (q) < m ? winograd_expand (j, m, VALUE (q, 0), VALUE (q, 1), VALUE (q, 2),       \
                                             VALUE (q, 3), VALUE (q, 4))                           \
                          : vf (0);
  ROW (0)
  ROW (1)
  ROW (2)
  ROW (3)
  ROW (4)
#undef ROW
#undef VALUE
#define POINT(i) v_store (z + (i)*step, winograd_expand (i, m, s0, s1, s2, s3, s4), NN_LANES);
  WINOGRAD_LINE (POINT)
#undef POINT
}

NN_INLINE void
winograd_gradients (const gint j, const gint m, const Winograd *w, const WinogradBlock *block,
                    float *z)
{
  const gsize n_out = w->pass->n_out, y_row = w->pass->cols * n_out;
  const gsize y_col = n_out / winograd_groups (&w->pass->out);
  const WinogradRuns runs = winograd_runs (TRUE, &w->pass->out, n_out, n_out, -1, j);
  const WinogradPlace *const place = block->place;
  const WinogradTiles tiles = winograd_tiles_of_column (w, block, j);
  for (gsize t = tiles.first; t < tiles.end; t++)
    for (gsize r = 0, at = runs.begin; r < runs.n; r++, at += runs.step)
      {
        const float *const y = w->pass->dy + place[t].y + r * w->pass->cols * y_col + runs.begin;
        float *const to = z + t * w->y_c + at;
        if (place[t].rows == w->size && place[t].cols == w->size)
          NN_FOR_VECTORS (
              i, k, runs.length,
              winograd_gradient (j, m, y + i, y_row, y_col, m, m, k, to + i, w->y_step));
        else
          NN_FOR_VECTORS (i, k, runs.length,
                          winograd_gradient (j, m, y + i, y_row, y_col, place[t].rows,
                                             place[t].cols, k, to + i, w->y_step));
      }
}

/* p (all, p_c) = v (all, v_c) u (.., p_c) for these tiles and the runs of both; other rows and
 * columns are zeros. */
NN_INLINE void
winograd_product (WinogradTiles tiles, gsize all, WinogradRuns in, const float *v, gsize v_c,
                  const float *u, WinogradRuns out, gsize n_out, float *p, gsize p_c)
{
  const gboolean part = out.n * out.length < n_out;
  const gsize n = tiles.end - tiles.first;
  winograd_zeros (p, (part ? all : tiles.first) * p_c);
  if (!part)
    winograd_zeros (p + tiles.end * p_c, (all - tiles.end) * p_c);
  v += tiles.first * v_c;
  p += tiles.first * p_c;
  u += in.begin * p_c;
  for (gsize s = 0, to = out.begin; s < out.n; s++, to += out.step)
    for (gsize o = to; o < to + out.length; o += GEMM_COLS)
      {
        const gsize cols = MIN (GEMM_COLS, to + out.length - o);
        GemmLeft left = { v + in.begin, v_c, 1 };
        gemm_columns (&left, n, u + o, p_c, cols, in.length, FALSE, p + o, p_c, NULL);
        for (gsize r = 1; r < in.n; r++)
          {
            left.a += in.step;
            gemm_columns (&left, n, u + r * in.step * p_c + o, p_c, cols, in.length, TRUE, p + o,
                          p_c, NULL);
          }
      }
}

NN_INLINE void
winograd_products_of (const gboolean phased, const Winograd *w, gint j, const WinogradBlock *block,
                      gsize n, const float *v, const float *u, float *p)
{
  const NnWinograd *pass = w->pass;
  const gsize u_step = NN_WINOGRAD_STEP (pass->n_in * w->y_c);
  for (gint i = 0; i < WINOGRAD_POINTS; i++, v += w->v_step, u += u_step, p += w->y_step)
    winograd_product (winograd_tiles (w, block, i, j), n,
                      winograd_runs (phased, &pass->in, pass->n_in, pass->n_in, i, j), v, w->x_c, u,
                      winograd_runs (phased, &pass->out, pass->n_out, w->y_n, i, j), pass->n_out, p,
                      w->y_c);
}

/* p_i = v_i u_i for the six of column j. */
static void
winograd_products (const Winograd *w, gint j, const WinogradBlock *block, gsize n, const float *v,
                   const float *u, float *p)
{
  if (w->phased)
    winograd_products_of (TRUE, w, j, block, n, v, u, p);
  else
    winograd_products_of (FALSE, w, j, block, n, v, u, p);
}

/* p_i = z_i u_i, back to the channels of the input. */
static void
winograd_products_back (const Winograd *w, gint j, const WinogradBlock *block, gsize n,
                        const float *z, const float *u, float *p)
{
  const NnWinograd *pass = w->pass;
  const gsize u_step = NN_WINOGRAD_STEP (pass->n_out * w->x_c);
  for (gint i = 0; i < WINOGRAD_POINTS; i++, z += w->y_step, u += u_step, p += w->v_step)
    winograd_product (winograd_tiles (w, block, i, j), n,
                      winograd_runs (w->phased, &pass->out, pass->n_out, pass->n_out, i, j), z,
                      w->y_c, u, winograd_runs (w->phased, &pass->in, pass->n_in, w->x_c, i, j),
                      pass->n_in, p, w->x_c);
}

/* s (6 of step floats) = B of n values of each of the six p. */
static void
winograd_unfold_column (const float *p, gsize step, gsize n, float *s)
{
  for (gsize i = 0; i < n; i += NN_LANES)
    {
#define LOAD(q) const VF p##q = v_load (p + (q)*step + i, NN_LANES, 0);
      WINOGRAD_LINE (LOAD)
#undef LOAD
#define ROW(q) v_store (s + (q)*step + i, winograd_unfold (q, p0, p1, p2, p3, p4, p5), NN_LANES);
      WINOGRAD_LINE (ROW)
#undef ROW
    }
}

/* x += a row of a tile's inputs from its six columns, which lie step floats apart. */
NN_INLINE void
winograd_add_input (const float *s, gsize step, float *x, gsize x_c)
{
#define LOAD(j) const VF s##j = v_load (s + (j)*step, NN_LANES, 0);
  WINOGRAD_LINE (LOAD)
#undef LOAD
#define COLUMN(c)                                                                                  \
  v_store (x + (c)*x_c,                                                                            \
           v_load (x + (c)*x_c, NN_LANES, 0) + winograd_unfold (c, s0, s1, s2, s3, s4, s5),        \
           NN_LANES);
  WINOGRAD_LINE (COLUMN)
#undef COLUMN
}

/* Tiles overlap in the framed x. */
static void
winograd_add_inputs (const Winograd *w, const WinogradPlace *place, gsize n, const float *s,
                     float *x)
{
  for (gsize t = 0; t < n; t++, s += w->x_c)
    for (gsize q = 0; q < WINOGRAD_POINTS; q++)
      for (gsize i = 0; i < w->x_c; i += NN_LANES)
        winograd_add_input (s + q * w->v_step + i, WINOGRAD_POINTS * w->v_step,
                            x + place[t].x + q * w->x_row + i, w->x_c);
}

/* Pixels of the images without the room around them; beyond what tiles reach there is nothing. */
static void
winograd_unframe (const Winograd *w, float *x)
{
  const NnWinograd *pass = w->pass;
  const VF low = pass->relu ? vf (0.0f) : vf (-INFINITY);
  const gsize rows = w->x_image / w->x_row, cols = w->x_row / w->x_c;
  float *dx = pass->dx;
  for (gsize image = 0; image < pass->n; image++, x += w->x_image)
    {
      if (w->free_rows > 1)
        winograd_end_back (x + (w->rows - 1) * w->size * w->x_row, w->x_row, w->x_row);
      for (gsize at = 0; w->free_cols > 1 && at < w->x_image; at += w->x_row)
        winograd_end_back (x + at + (w->cols - 1) * w->size * w->x_c, w->x_c, w->x_c);
      for (gsize row = pass->x_top; row < pass->x_top + pass->x_rows; row++)
        for (gsize col = pass->x_left; col < pass->x_left + pass->x_cols; col++, dx += pass->n_in)
          {
            const gboolean there = row < rows && col < cols;
            const float *at = there ? x + row * w->x_row + col * w->x_c : x;
            NN_FOR_VECTORS (i, k, pass->n_in, {
              const VF bias = pass->bias ? v_load (pass->bias + i, k, 0) : vf (0.0f);
              const VF sum = there ? v_load (at + i, k, 0) : vf (0.0f);
              v_store (dx + i, v_max (low, sum + bias), k);
            });
          }
    }
}

NN_INLINE void
winograd_sums_of (const gboolean phased, const Winograd *w, gint j, const WinogradBlock *block,
                  const float *v, const float *z, gboolean add, float *du)
{
  const gsize n_in = w->pass->n_in, u_step = NN_WINOGRAD_STEP (n_in * w->y_c);
  for (gint i = 0; i < WINOGRAD_POINTS; i++, v += w->v_step, z += w->y_step, du += u_step)
    {
      const WinogradRuns out = winograd_runs (phased, &w->pass->out, w->pass->n_out, w->y_n, i, j);
      const WinogradTiles tiles = winograd_tiles (w, block, i, j);
      const gsize n = tiles.end - tiles.first;
      const GemmLeft left = { v + tiles.first * w->x_c, 1, w->x_c };
      const float *const of = z + tiles.first * w->y_c;
      if (!add && (n == 0 || out.n * out.length < w->pass->n_out))
        winograd_zeros (du, n_in * w->y_c);
      for (gsize s = 0, to = out.begin; n > 0 && s < out.n; s++, to += out.step)
        for (gsize o = to; o < to + out.length; o += GEMM_COLS)
          gemm_columns (&left, n_in, of + o, w->y_c, MIN (GEMM_COLS, to + out.length - o), n, add,
                        du + o, w->y_c, NULL);
    }
}

/* du_i, += where add is set, v_i^T z_i for the six of column j. */
static void
winograd_sums (const Winograd *w, gint j, const WinogradBlock *block, const float *v,
               const float *z, gboolean add, float *du)
{
  if (w->phased)
    winograd_sums_of (TRUE, w, j, block, v, z, add, du);
  else
    winograd_sums_of (FALSE, w, j, block, v, z, add, du);
}

/* s (m of step floats) = A^T of n values of each of the six p. */
NN_INLINE void
winograd_fold_column (const gint m, const float *p, gsize step, gsize n, float *s)
{
  for (gsize i = 0; i < n; i += NN_LANES)
    {
#define LOAD(q) const VF p##q = v_load (p + (q)*step + i, NN_LANES, 0);
      WINOGRAD_LINE (LOAD)
#undef LOAD
#define ROW(q)                                                                                     \
  if ((q) < m)                                                                                     \
    v_store (s + (q)*step + i, winograd_fold (q, m, p0, p1, p2, p3, p4, p5), NN_LANES);
      ROW (0) ROW (1) ROW (2) ROW (3) ROW (4)
#undef ROW
    }
}

/* A row of a tile's outputs from its six columns, which lie step floats apart. */
NN_INLINE void
winograd_output (const gint m, const float *s, gsize step, VF bias, VF low, gsize cols, gsize k,
                 float *y, gsize y_col)
{
#define LOAD(j) const VF s##j = v_load (s + (j)*step, NN_LANES, 0);
  WINOGRAD_LINE (LOAD)
#undef LOAD
#define COLUMN(c)                                                                                  \
  if ((c) < m && (c) < cols)                                                                       \
    v_store (y + (c)*y_col, v_max (low, winograd_fold (c, m, s0, s1, s2, s3, s4, s5) + bias), k);
  COLUMN (0) COLUMN (1) COLUMN (2) COLUMN (3) COLUMN (4)
#undef COLUMN
}

NN_INLINE void
winograd_outputs (const gint m, const Winograd *w, const WinogradPlace *place, gsize n,
                  const float *s)
{
  const NnWinograd *pass = w->pass;
  const gsize n_out = pass->n_out, y_row = pass->cols * n_out;
  const gsize y_col = n_out / winograd_groups (&pass->out);
  const VF low = pass->relu ? vf (0.0f) : vf (-INFINITY);
  for (gsize t = 0; t < n; t++, s += w->y_c)
    for (gsize q = 0; q < place[t].rows; q++)
      {
        float *y = pass->y + place[t].y + q * y_row;
        for (gsize at = 0; at < n_out; at += y_col, y += pass->cols * y_col)
          NN_FOR_VECTORS (
              i, k, y_col,
              winograd_output (m, s + q * w->y_step + at + i, m * w->y_step,
                               pass->bias ? v_load (pass->bias + at + i, k, 0) : vf (0.0f), low,
                               place[t].cols, k, y + i, y_col));
      }
}

/* ---- passes ---- */

NN_INLINE void
winograd_by (const gint m, const NnWinograd *pass)
{
  const Winograd w = winograd_whole (pass);
  const gsize n_tiles = pass->n * w.rows * w.cols;
  const float *const x = pass->scratch;
  float *const v = winograd_frames (&w, pass->scratch);
  float *const p = v + 2 * WINOGRAD_POINTS * w.v_step;
  float *const s = p + WINOGRAD_POINTS * w.y_step;
  const gsize column = WINOGRAD_POINTS * NN_WINOGRAD_STEP (pass->n_in * w.y_c);
  WinogradBlock block;
  WinogradWalk walk = { 0 };
  for (gsize first = 0; first < n_tiles; first += pass->block)
    {
      const gsize n = MIN (pass->block, n_tiles - first);
      winograd_places (&w, &walk, n, &block);
#define COLUMN(j)                                                                                  \
  const float *const v##j = winograd_inputs (j, m, &w, x, &block, v);                              \
  winograd_products (&w, j, &block, n, v##j, pass->w + (j)*column, p);                             \
  winograd_fold_column (m, p, w.y_step, n *w.y_c, s + (j)*m * w.y_step);
      WINOGRAD_LINE (COLUMN)
#undef COLUMN
      winograd_outputs (m, &w, block.place, n, s);
    }
}

NN_INLINE void
winograd_outer_by (const gint m, const NnWinograd *pass)
{
  const Winograd w = winograd_whole (pass);
  const gsize n_tiles = pass->n * w.rows * w.cols;
  const float *const x = pass->scratch;
  float *const v = winograd_frames (&w, pass->scratch);
  float *const z = v + 2 * WINOGRAD_POINTS * w.v_step;
  const gsize column = WINOGRAD_POINTS * NN_WINOGRAD_STEP (pass->n_in * w.y_c);
  WinogradBlock block;
  WinogradWalk walk = { 0 };
  for (gsize first = 0; first < n_tiles; first += pass->block)
    {
      const gsize n = MIN (pass->block, n_tiles - first);
      winograd_places (&w, &walk, n, &block);
#define COLUMN(j)                                                                                  \
  const float *const v##j = winograd_inputs (j, m, &w, x, &block, v);                              \
  winograd_gradients (j, m, &w, &block, z);                                                        \
  winograd_sums (&w, j, &block, v##j, z, pass->add || first > 0, pass->dw + (j)*column);
      WINOGRAD_LINE (COLUMN)
#undef COLUMN
    }
}

NN_INLINE void
winograd_back_by (const gint m, const NnWinograd *pass)
{
  const Winograd w = winograd_whole (pass);
  const gsize n_tiles = pass->n * w.rows * w.cols;
  float *const x = pass->scratch, *const z = winograd_zeros (x, pass->n * w.x_image);
  float *const p = z + WINOGRAD_POINTS * w.y_step, *const s = p + WINOGRAD_POINTS * w.v_step;
  const gsize column = WINOGRAD_POINTS * NN_WINOGRAD_STEP (pass->n_out * w.x_c);
  WinogradBlock block;
  WinogradWalk walk = { 0 };
  for (gsize first = 0; first < n_tiles; first += pass->block)
    {
      const gsize n = MIN (pass->block, n_tiles - first);
      winograd_places (&w, &walk, n, &block);
#define COLUMN(j)                                                                                  \
  winograd_gradients (j, m, &w, &block, z);                                                        \
  winograd_products_back (&w, j, &block, n, z, pass->w + (j)*column, p);                           \
  winograd_unfold_column (p, w.v_step, n *w.x_c, s + (j)*WINOGRAD_POINTS * w.v_step);
      WINOGRAD_LINE (COLUMN)
#undef COLUMN
      winograd_add_inputs (&w, block.place, n, s, x);
    }
  winograd_unframe (&w, x);
}

#define WINOGRAD_DISPATCH(name)                                                                    \
  static void name (const NnWinograd *pass)                                                        \
  {                                                                                                \
    switch (pass->taps)                                                                            \
      {                                                                                            \
      case 2:                                                                                      \
        name##_by (NN_WINOGRAD_SIZE (2), pass);                                                    \
        break;                                                                                     \
      case 3:                                                                                      \
        name##_by (NN_WINOGRAD_SIZE (3), pass);                                                    \
        break;                                                                                     \
      case 4:                                                                                      \
        name##_by (NN_WINOGRAD_SIZE (4), pass);                                                    \
        break;                                                                                     \
      case 5:                                                                                      \
        name##_by (NN_WINOGRAD_SIZE (5), pass);                                                    \
        break;                                                                                     \
      default:                                                                                     \
        g_assert_not_reached ();                                                                   \
      }                                                                                            \
  }

WINOGRAD_DISPATCH (winograd)
WINOGRAD_DISPATCH (winograd_back)
WINOGRAD_DISPATCH (winograd_outer)
