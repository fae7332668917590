/* nn-kernels-pool-impl.h: pooling, with channels in the lanes. Padding takes no part. */
#pragma once

#include "base/nn-kernels-conv.h"
#include "base/nn-kernels-simd.h"

/* The part of a pixel's window that lies inside the image. */
typedef struct
{
  gsize first, n_rows, n_cols; /* first: floats into the image */
  gsize row, col;              /* floats from tap to tap */
} PoolTaps;

/* How many taps lie before the image, and how many not behind it. Most windows lie inside, and a
 * division takes as long as the window's taps. */
NN_INLINE void
pool_range (gint64 at, gint64 size, gint64 kernel, gint64 dilation, gint64 *first, gint64 *end)
{
  *first = 0;
  *end = kernel;
  if (at >= 0 && at + (kernel - 1) * dilation < size)
    return;
  *first = at < 0 ? (-at + dilation - 1) / dilation : 0;
  *end = at >= size ? 0 : MIN (kernel, (size - at + dilation - 1) / dilation);
}

NN_INLINE PoolTaps
pool_taps (const NnWindow *w, gint64 row, gint64 col)
{
  const gint64 y = row * w->stride_h - w->top, x = col * w->stride_w - w->left;
  gint64 y0, y1, x0, x1;
  pool_range (y, w->in_h, w->kernel_h, w->dilation_h, &y0, &y1);
  pool_range (x, w->in_w, w->kernel_w, w->dilation_w, &x0, &x1);
  return (PoolTaps){
    .first = (gsize)(((y + y0 * w->dilation_h) * w->in_w + x + x0 * w->dilation_w) * w->in_c),
    .n_rows = (gsize)MAX (y1 - y0, 0),
    .n_cols = (gsize)MAX (x1 - x0, 0),
    .row = (gsize)(w->dilation_h * w->in_w * w->in_c),
    .col = (gsize)(w->dilation_w * w->in_c),
  };
}

#define POOL_FOR_TAPS(taps, at, statement)                                                         \
  for (gsize tap_row = 0; tap_row < (taps)->n_rows; tap_row++)                                     \
    for (gsize tap_col = 0; tap_col < (taps)->n_cols; tap_col++)                                   \
      {                                                                                            \
        const gsize at = (taps)->first + tap_row * (taps)->row + tap_col * (taps)->col;            \
        statement;                                                                                 \
      }

/* statement for taps; windows of 2 x 2, the usual ones, get code without loops. */
#define POOL_UNROLLED(taps, statement)                                                             \
  G_STMT_START                                                                                     \
  {                                                                                                \
    if ((taps).n_rows == 2 && (taps).n_cols == 2)                                                  \
      {                                                                                            \
        (taps).n_rows = (taps).n_cols = 2;                                                         \
        statement;                                                                                 \
      }                                                                                            \
    else                                                                                           \
      statement;                                                                                   \
  }                                                                                                \
  G_STMT_END

/* Windows that neither overlap nor leave anything out write every gradient once. */
NN_INLINE gboolean
pool_tiles (const NnWindow *w)
{
  return w->dilation_h == 1 && w->dilation_w == 1 && w->stride_h == w->kernel_h
         && w->stride_w == w->kernel_w && w->out_h * w->stride_h - w->top >= w->in_h
         && w->out_w * w->stride_w - w->left >= w->in_w;
}

NN_INLINE void
max_pool_vector (const PoolTaps *taps, const float *x, float *y, gsize k)
{
  VF largest = vf (-INFINITY);
  /* In this order a NaN in the image comes out. */
  POOL_FOR_TAPS (taps, at, {
    VF v = v_load (x + at, k, 0);
    largest = v_max (v, largest);
    largest = (VF)((VI)largest | (VI)(v != v));
  });
  v_store (y, largest, k);
}

static void
max_pool (const NnWindow *window, const float *x, float *y)
{
  const gsize channels = (gsize)window->in_c;
  for (gint64 row = 0; row < window->out_h; row++)
    for (gint64 col = 0; col < window->out_w; col++, y += channels)
      {
        PoolTaps taps = pool_taps (window, row, col);
        POOL_UNROLLED (taps,
                       NN_FOR_VECTORS (i, k, channels, max_pool_vector (&taps, x + i, y + i, k)));
      }
}

/* The first of the largest gets the gradient; where any is 0, only if it is positive. */
NN_INLINE void
max_pool_grad_vector (gboolean once, const PoolTaps *taps, VI any, const float *x,
                      const float *at_y, const float *at_dy, float *dx, gsize k)
{
  const VF y = v_load (at_y, k, 0), dy = v_load (at_dy, k, 0);
  VI open = (VI)(y > 0.0f) | any;
  POOL_FOR_TAPS (taps, at, {
    VI hit = (VI)(v_load (x + at, k, 0) == y) & open;
    VF d = (VF)((VI)dy & hit);
    open &= ~hit;
    v_store (dx + at, once ? d : v_load (dx + at, k, 0) + d, k);
  });
}

static void
max_pool_grad (const NnWindow *window, gboolean relu, const float *x, const float *y,
               const float *dy, float *dx)
{
  const gsize channels = (gsize)window->in_c;
  const gboolean once = pool_tiles (window);
  const VI any = vi (relu ? 0 : -1);
  if (!once)
    memset (dx, 0, (gsize)(window->in_h * window->in_w * window->in_c) * sizeof (float));
  for (gint64 row = 0; row < window->out_h; row++)
    for (gint64 col = 0; col < window->out_w; col++, y += channels, dy += channels)
      {
        PoolTaps taps = pool_taps (window, row, col);
        if (once)
          POOL_UNROLLED (taps, NN_FOR_VECTORS (i, k, channels,
                                               max_pool_grad_vector (TRUE, &taps, any, x + i, y + i,
                                                                     dy + i, dx + i, k)));
        else
          NN_FOR_VECTORS (
              i, k, channels,
              max_pool_grad_vector (FALSE, &taps, any, x + i, y + i, dy + i, dx + i, k));
      }
}

NN_INLINE void
average_pool_vector (const PoolTaps *taps, const float *x, float *y, VF share, gsize k)
{
  VF sum = vf (0.0f);
  POOL_FOR_TAPS (taps, at, sum += v_load (x + at, k, 0));
  v_store (y, sum * share, k);
}

NN_INLINE float
pool_share (const PoolTaps *taps)
{
  return 1.0f / (float)MAX (taps->n_rows * taps->n_cols, 1u);
}

static void
average_pool (const NnWindow *window, const float *x, float *y)
{
  const gsize channels = (gsize)window->in_c;
  for (gint64 row = 0; row < window->out_h; row++)
    for (gint64 col = 0; col < window->out_w; col++, y += channels)
      {
        const PoolTaps taps = pool_taps (window, row, col);
        const VF share = vf (pool_share (&taps));
        NN_FOR_VECTORS (i, k, channels, average_pool_vector (&taps, x + i, y + i, share, k));
      }
}

NN_INLINE void
average_pool_grad_vector (const PoolTaps *taps, VF d, float *dx, gsize k)
{
  POOL_FOR_TAPS (taps, at, v_store (dx + at, v_load (dx + at, k, 0) + d, k));
}

static void
average_pool_grad (const NnWindow *window, const float *dy, float *dx)
{
  const gsize channels = (gsize)window->in_c;
  memset (dx, 0, (gsize)(window->in_h * window->in_w * window->in_c) * sizeof (float));
  for (gint64 row = 0; row < window->out_h; row++)
    for (gint64 col = 0; col < window->out_w; col++, dy += channels)
      {
        const PoolTaps taps = pool_taps (window, row, col);
        const VF share = vf (pool_share (&taps));
        NN_FOR_VECTORS (i, k, channels,
                        average_pool_grad_vector (&taps, share * v_load (dy + i, k, 0), dx + i, k));
      }
}
