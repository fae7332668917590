/* nn-kernels-conv-sparse-impl.h: convolution of pictures with one channel that are mostly
 * background (nn-kernels-conv.h).
 *
 * A window that sees nothing but zeros gives the bias and adds nothing to the gradient of the
 * weights, so only the other pixels are worked on: about a third of a digit's.
 */
#pragma once

#include "base/nn-kernels-conv.h"
#include "base/nn-kernels-simd.h"

/* Windows at neighbouring pixels overlap by all but one column, and their values fit two vectors.
 */
static gboolean
conv_sees_pictures (gsize step, gsize n_segments, gsize length)
{
  return step == 1 && length <= NN_LANES && n_segments * length >= 4;
}

/* Bit c: the window at x + c has a value that is not 0, c < n, n <= NN_LANES. */
NN_INLINE guint32
conv_windows (const float *x, gsize n_segments, gsize length, const gssize *offset, gsize n)
{
  const gsize all = n + length - 1, behind = all > NN_LANES ? all - NN_LANES : 0;
  guint32 values = 0, windows = 0;
  for (gsize s = 0; s < n_segments; s++)
    {
      values |= v_bits ((VI)v_load (x + offset[s], all - behind, 0));
      if (behind)
        values |= v_bits ((VI)v_load (x + offset[s] + NN_LANES, behind, 0)) << NN_LANES;
    }
  for (gsize k = 0; k < length; k++)
    windows |= values >> k;
  return windows & (guint32)((1ull << n) - 1);
}

/* Where a pixel that sees something finds its window and its gradient. */
typedef struct
{
  guint32 a, b;
} OuterPixel;

#define OUTER_PIXELS 1024 /* listed at a time */

/* The next pixels that see something, from *line (of all images' rows) on. */
static gsize
outer_list (const NnConvOuter *pass, gsize *line, OuterPixel *pixel)
{
  gsize n = 0;
  for (; *line < pass->n * pass->rows && n + pass->cols <= OUTER_PIXELS; ++*line)
    {
      const gsize image = *line / pass->rows, row = *line % pass->rows;
      const gsize a = image * pass->a_image + row * pass->a_row;
      const gsize b = image * pass->b_image + row * pass->b_row;
      for (gsize c = 0; c < pass->cols; c += NN_LANES)
        for (guint32 bits = conv_windows (pass->a + a + c, pass->a_segments, pass->a_length,
                                          pass->a_offset, MIN (NN_LANES, pass->cols - c));
             bits; bits &= bits - 1)
          {
            const gsize at = c + (gsize)__builtin_ctz (bits);
            pixel[n++] = (OuterPixel){ (guint32)(a + at), (guint32)(b + at * pass->b_col) };
          }
    }
  return n;
}
