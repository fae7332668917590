/* Images in another size: resampled, with a border or without it. */
#include "ops/nn-op.h"

#include <string.h>

static gsize
in_values (const NnResizeAttrs *attrs)
{
  return (gsize)(attrs->in_h * attrs->in_w * attrs->channels);
}

static gsize
out_values (const NnResizeAttrs *attrs)
{
  return (gsize)(attrs->out_h * attrs->out_w * attrs->channels);
}

/* The pixel whose area holds the centre of pixel i of out: floor ((i + 1/2) in / out). */
static gint64
nearest (gint64 i, gint64 in, gint64 out)
{
  return (2 * i + 1) * in / (2 * out);
}

/* The two pixels whose centres lie around that centre, and the share of the second. */
typedef struct
{
  gint64 low, high;
  float share;
} Between;

static Between
between (gint64 i, gint64 in, gint64 out)
{
  const double at = ((double)i + 0.5) * (double)in / (double)out - 0.5;
  const gint64 low = at > 0 ? (gint64)at : at < 0 ? -1 : 0;
  return (Between){ .low = MAX (low, 0),
                    .high = MIN (low + 1, in - 1),
                    .share = (float)(at - (double)low) };
}

static void
nearest_forward (const NnResizeAttrs *attrs, const float *x, float *y)
{
  const gint64 channels = attrs->channels;
  for (gint64 r = 0; r < attrs->out_h; r++)
    {
      const float *row = x + nearest (r, attrs->in_h, attrs->out_h) * attrs->in_w * channels;
      for (gint64 c = 0; c < attrs->out_w; c++, y += channels)
        memcpy (y, row + nearest (c, attrs->in_w, attrs->out_w) * channels,
                (gsize)channels * sizeof (float));
    }
}

static void
nearest_backward (const NnKernels *kernels, const NnResizeAttrs *attrs, const float *dy, float *dx)
{
  const gint64 channels = attrs->channels;
  for (gint64 r = 0; r < attrs->out_h; r++)
    {
      float *row = dx + nearest (r, attrs->in_h, attrs->out_h) * attrs->in_w * channels;
      for (gint64 c = 0; c < attrs->out_w; c++, dy += channels)
        kernels->add_scaled (1, dy, row + nearest (c, attrs->in_w, attrs->out_w) * channels,
                             (gsize)channels);
    }
}

/* y = (1 - v) ((1 - h) x00 + h x01) + v ((1 - h) x10 + h x11) */
static void
bilinear_forward (const NnResizeAttrs *attrs, const float *x, float *y)
{
  const gint64 channels = attrs->channels;
  for (gint64 r = 0; r < attrs->out_h; r++)
    {
      const Between v = between (r, attrs->in_h, attrs->out_h);
      const float *top = x + v.low * attrs->in_w * channels;
      const float *bottom = x + v.high * attrs->in_w * channels;
      for (gint64 c = 0; c < attrs->out_w; c++, y += channels)
        {
          const Between h = between (c, attrs->in_w, attrs->out_w);
          const gint64 left = h.low * channels, right = h.high * channels;
          for (gint64 k = 0; k < channels; k++)
            {
              const float above = top[left + k] + h.share * (top[right + k] - top[left + k]);
              const float below =
                  bottom[left + k] + h.share * (bottom[right + k] - bottom[left + k]);
              y[k] = above + v.share * (below - above);
            }
        }
    }
}

static void
bilinear_backward (const NnKernels *kernels, const NnResizeAttrs *attrs, const float *dy, float *dx)
{
  const gint64 channels = attrs->channels;
  for (gint64 r = 0; r < attrs->out_h; r++)
    {
      const Between v = between (r, attrs->in_h, attrs->out_h);
      float *top = dx + v.low * attrs->in_w * channels;
      float *bottom = dx + v.high * attrs->in_w * channels;
      for (gint64 c = 0; c < attrs->out_w; c++, dy += channels)
        {
          const Between h = between (c, attrs->in_w, attrs->out_w);
          const gint64 left = h.low * channels, right = h.high * channels;
          const gsize n = (gsize)channels;
          kernels->add_scaled ((1 - v.share) * (1 - h.share), dy, top + left, n);
          kernels->add_scaled ((1 - v.share) * h.share, dy, top + right, n);
          kernels->add_scaled (v.share * (1 - h.share), dy, bottom + left, n);
          kernels->add_scaled (v.share * h.share, dy, bottom + right, n);
        }
    }
}

static void
resize_forward (NnOpRun *run)
{
  const NnResizeAttrs *attrs = run->op->attrs;
  for (guint i = 0; i < run->n; i++)
    (attrs->bilinear ? bilinear_forward : nearest_forward) (
        attrs, run->x[0] + i * in_values (attrs), run->y[0] + i * out_values (attrs));
}

static void
resize_backward (NnOpRun *run)
{
  const NnResizeAttrs *attrs = run->op->attrs;
  memset (run->dx[0], 0, run->n * in_values (attrs) * sizeof (float));
  for (guint i = 0; i < run->n; i++)
    (attrs->bilinear ? bilinear_backward : nearest_backward) (run->kernels, attrs,
                                                              run->dy[0] + i * out_values (attrs),
                                                              run->dx[0] + i * in_values (attrs));
}

const NnOpType nn_op_resize = {
  .name = "resize",
  .flags = NN_OP_PURE,
  .attrs_size = sizeof (NnResizeAttrs),
  .forward = resize_forward,
  .backward = resize_backward,
};

/* Copies the part that two images share: the smaller begins at (top, left) of the larger, or the
 * other way round where those are negative. What of `to` has no partner becomes 0. */
static void
move_image (const NnPadAttrs *attrs, gboolean back, const float *from, float *to)
{
  const gint64 channels = attrs->channels;
  const gint64 r0 = MAX (attrs->top, 0), r1 = MIN (attrs->out_h, attrs->in_h + attrs->top);
  const gint64 c0 = MAX (attrs->left, 0), c1 = MIN (attrs->out_w, attrs->in_w + attrs->left);
  const gint64 to_size = back ? attrs->in_h * attrs->in_w : attrs->out_h * attrs->out_w;
  memset (to, 0, (gsize)(to_size * channels) * sizeof (float));
  for (gint64 r = r0; r < r1; r++)
    {
      const gint64 out = (r * attrs->out_w + c0) * channels;
      const gint64 in = ((r - attrs->top) * attrs->in_w + c0 - attrs->left) * channels;
      memcpy (to + (back ? in : out), from + (back ? out : in),
              (gsize)((c1 - c0) * channels) * sizeof (float));
    }
}

static void
pad_all (const NnPadAttrs *attrs, gboolean back, guint n, const float *from, float *to)
{
  const gsize in = (gsize)(attrs->in_h * attrs->in_w * attrs->channels);
  const gsize out = (gsize)(attrs->out_h * attrs->out_w * attrs->channels);
  for (guint i = 0; i < n; i++)
    move_image (attrs, back, from + i * (back ? out : in), to + i * (back ? in : out));
}

static void
pad_forward (NnOpRun *run)
{
  pad_all (run->op->attrs, FALSE, run->n, run->x[0], run->y[0]);
}

static void
pad_backward (NnOpRun *run)
{
  pad_all (run->op->attrs, TRUE, run->n, run->dy[0], run->dx[0]);
}

const NnOpType nn_op_pad = {
  .name = "pad",
  .flags = NN_OP_PURE,
  .attrs_size = sizeof (NnPadAttrs),
  .forward = pad_forward,
  .backward = pad_backward,
};
