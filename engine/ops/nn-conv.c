#include "ops/nn-conv.h"

#include "ops/nn-conv-winograd.h"

#include <string.h>

#define PADDED(n) (((n) + 15) / 16 * 16)
/* Images at a time: they share the gradient of the weights, or a phase's pass. */
#define FRAMES 4u

/* An image with room around it. */
typedef struct
{
  gsize h, w, c;     /* with the room */
  gsize top, left;   /* room before */
  gsize rows, cols;  /* of the image itself */
  gboolean has_room; /* else the image is used where it is */
} Frame;

static gsize
frame_floats (const Frame *frame)
{
  return PADDED (frame->h * frame->w * frame->c + NN_CONV_SLACK);
}

/* What a window at any place of the output sees of the input. */
static Frame
input_frame (const NnWindow *w)
{
  const gint64 reach_h = (w->out_h - 1) * w->stride_h + (w->kernel_h - 1) * w->dilation_h + 1;
  const gint64 reach_w = (w->out_w - 1) * w->stride_w + (w->kernel_w - 1) * w->dilation_w + 1;
  const gint64 h = MAX (reach_h, w->top + w->in_h), wide = MAX (reach_w, w->left + w->in_w);
  return (Frame){ .h = (gsize)h,
                  .w = (gsize)wide,
                  .c = (gsize)w->in_c,
                  .top = (gsize)w->top,
                  .left = (gsize)w->left,
                  .rows = (gsize)w->in_h,
                  .cols = (gsize)w->in_w,
                  .has_room = h != w->in_h || wide != w->in_w };
}

/* Room that the windows of the gradient need before and behind `out` values, for one axis. */
static void
output_room (gint64 in, gint64 out, gint64 before, gint64 kernel, gint64 stride, gint64 dilation,
             gsize *first, gsize *size)
{
  const gint64 reach = (kernel - 1) * dilation / stride;
  *first = (gsize)MAX (reach - before / stride, 0);
  *size = *first + (gsize)MAX (out, (in - 1 + before) / stride + 1);
}

static Frame
output_frame (const NnWindow *w)
{
  Frame frame = { .c = (gsize)w->out_c, .rows = (gsize)w->out_h, .cols = (gsize)w->out_w };
  output_room (w->in_h, w->out_h, w->top, w->kernel_h, w->stride_h, w->dilation_h, &frame.top,
               &frame.h);
  output_room (w->in_w, w->out_w, w->left, w->kernel_w, w->stride_w, w->dilation_w, &frame.left,
               &frame.w);
  frame.has_room = frame.h != frame.rows || frame.w != frame.cols;
  return frame;
}

/* The framed image: a copy in room, or the image itself where it needs none. The zeros around are
 * written by frame_clear(), once. */
static const float *
frame_image (const Frame *frame, const float *image, float *room)
{
  const gsize row = frame->cols * frame->c;
  if (!frame->has_room)
    return image;
  for (gsize y = 0; y < frame->rows; y++)
    memcpy (room + ((y + frame->top) * frame->w + frame->left) * frame->c, image + y * row,
            row * sizeof (float));
  return room;
}

static void
frame_clear (const Frame *frame, float *room)
{
  const gsize line = frame->w * frame->c, row = frame->cols * frame->c;
  float *zeros = room, *const end = room + frame_floats (frame);
  if (!frame->has_room)
    return;
  for (gsize y = 0; y < frame->rows; y++)
    {
      float *const image = room + (y + frame->top) * line + frame->left * frame->c;
      memset (zeros, 0, (gsize)(image - zeros) * sizeof (float));
      zeros = image + row;
    }
  memset (zeros, 0, (gsize)(end - zeros) * sizeof (float));
}

static gboolean
is_depthwise (const NnWindow *w)
{
  return w->groups > 1 && w->groups == w->in_c && w->groups == w->out_c;
}

static gsize
taps (const NnWindow *w)
{
  return (gsize)(w->kernel_h * w->kernel_w);
}

/* Segments of a window in the frame of the input: a row of the window is one where nothing lies
 * between its taps. */
static gsize
input_segments (const NnWindow *w, const Frame *frame, gssize *offset, gsize *length)
{
  const gsize channels = (gsize)(w->in_c / w->groups);
  const gboolean whole_rows = w->groups == 1 && w->dilation_w == 1;
  const gint64 cols = whole_rows ? 1 : w->kernel_w;
  gsize n = 0;
  for (gint64 y = 0; y < w->kernel_h; y++)
    for (gint64 x = 0; x < cols; x++)
      offset[n++] = (gssize)((y * w->dilation_h * (gint64)frame->w + x * w->dilation_w) * w->in_c);
  *length = whole_rows ? (gsize)w->kernel_w * channels : channels;
  return n;
}

gsize
nn_conv_vectors (gsize n)
{
  return n <= NN_KERNELS_NARROW ? 1 : PADDED (n) / NN_KERNELS_NARROW;
}

/* Products of vectors per pixel with the channels of the output in the lanes, and with the values
 * of a segment, which fill them better where channels are few: then with four for adding up a
 * vector's lanes. */
static gsize
lanes_cost (gsize n_segments, gsize length, gsize n_out)
{
  return n_segments * length * nn_conv_vectors (n_out);
}

static gsize
dot_cost (gsize n_segments, gsize length, gsize n_out)
{
  return n_out
         * (n_segments * nn_conv_vectors (length)
            + 4 * nn_conv_vectors (MIN (length, 2 * NN_KERNELS_NARROW)));
}

static gboolean
dot_is_cheaper (gsize n_segments, gsize length, gsize n_out)
{
  return dot_cost (n_segments, length, n_out) < lanes_cost (n_segments, length, n_out);
}

/* In the gradient of the weights, whichever fills the lanes better goes into them. */
static gsize
swapped_cost (gsize n_segments, gsize length, gsize n_out)
{
  return n_segments * nn_conv_vectors (length) * n_out;
}

gsize
nn_conv_direct_cost (const NnWindow *w, NnConvPart part)
{
  const gboolean back = part == NN_CONV_TO_INPUT;
  const gsize pixels = (gsize)(back ? w->in_h * w->in_w : w->out_h * w->out_w);
  /* Back through steps, each pixel meets some of the taps. */
  const gint64 rows = back ? (w->kernel_h + w->stride_h - 1) / w->stride_h : w->kernel_h;
  const gint64 cols = back ? (w->kernel_w + w->stride_w - 1) / w->stride_w : w->kernel_w;
  const gsize n_segments = (gsize)rows, n_out = (gsize)(back ? w->in_c : w->out_c);
  const gsize length = (gsize)(cols * (back ? w->out_c : w->in_c));
  const gsize other = part == NN_CONV_TO_WEIGHTS ? swapped_cost (n_segments, length, n_out)
                                                 : dot_cost (n_segments, length, n_out);
  return pixels * MIN (lanes_cost (n_segments, length, n_out), other);
}

void
nn_conv_decide (NnWindow *window)
{
  window->winograd = 0;
  for (NnConvPart part = NN_CONV_FORWARD; part <= NN_CONV_TO_WEIGHTS; part++)
    if (nn_conv_winograd_pays (window, part, nn_conv_direct_cost (window, part)))
      window->winograd |= 1u << part;
}

static gboolean
is_winograd (const NnWindow *window, NnConvPart part)
{
  return window->winograd >> part & 1;
}

gsize
nn_conv_scratch (const NnWindow *window, guint n)
{
  const Frame in = input_frame (window), out = output_frame (window);
  gsize floats = MIN (n, FRAMES) * MAX (frame_floats (&in), frame_floats (&out));
  for (NnConvPart part = NN_CONV_FORWARD; part <= NN_CONV_TO_WEIGHTS; part++)
    if (is_winograd (window, part))
      floats = MAX (floats, nn_conv_winograd_scratch (window, part, n));
  return floats;
}

/* (rows, n_out of w_cols) -> (rows, w_row) */
static void
pack_rows (const float *w, gsize rows, gsize w_cols, gsize n_out, float *packed, gsize w_row)
{
  for (gsize r = 0; r < rows; r++)
    {
      memcpy (packed + r * w_row, w + r * w_cols, n_out * sizeof (float));
      memset (packed + r * w_row + n_out, 0, (w_row - n_out) * sizeof (float));
    }
}

/* (n_segments, length, n_out of w_cols) -> (n_out, n_segments, w_row) */
static void
pack_dot (const float *w, gsize n_segments, gsize length, gsize w_cols, gsize n_out, float *packed,
          gsize w_row)
{
  memset (packed, 0, n_out * n_segments * w_row * sizeof (float));
  for (gsize s = 0; s < n_segments; s++)
    for (gsize k = 0; k < length; k++)
      for (gsize o = 0; o < n_out; o++)
        packed[(o * n_segments + s) * w_row + k] = w[(s * length + k) * w_cols + o];
}

typedef void (*Kernel) (const NnConvPass *pass);

/* What a pass does with the weights of a group. */
typedef struct
{
  gboolean depthwise, dot;
  gsize packed; /* floats, once they lie as the kernel wants them; 0: as they are */
} Way;

static Kernel
kernel_for (const NnKernels *kernels, const Way *way, const NnConvPass *pass)
{
  kernels = nn_kernels_for (kernels, way->dot ? pass->length : pass->n_out);
  return way->depthwise ? kernels->conv_depthwise : way->dot ? kernels->conv_dot : kernels->conv;
}

static gsize
groups_of (const NnWindow *window)
{
  return is_depthwise (window) ? 1 : (gsize)window->groups;
}

/* All but images and weights. offset: room for NN_CONV_MAX_TAPS, filled. */
static NnConvPass
forward_pass (const NnWindow *window, const Frame *frame, gssize *offset, Way *way)
{
  NnConvPass pass = {
    .rows = (gsize)window->out_h,
    .cols = (gsize)window->out_w,
    .x_row = (gsize)window->stride_h * frame->w * frame->c,
    .x_col = (gsize)window->stride_w * frame->c,
    .y_row = (gsize)(window->out_w * window->out_c),
    .y_col = (gsize)window->out_c,
    .offset = offset,
    .n_out = (gsize)window->out_c / groups_of (window),
  };
  pass.n_segments = input_segments (window, frame, offset, &pass.length);
  *way = (Way){ .depthwise = is_depthwise (window) };
  way->dot = !way->depthwise && dot_is_cheaper (pass.n_segments, pass.length, pass.n_out);
  pass.w_row = way->depthwise ? pass.n_out : PADDED (way->dot ? pass.length : pass.n_out);
  if (way->dot)
    way->packed = pass.n_out * pass.n_segments * pass.w_row;
  else if (!way->depthwise && (window->groups > 1 || pass.n_out % 16 > 0))
    way->packed = pass.n_segments * pass.length * pass.w_row;
  return pass;
}

/* Floats that the weights of the convolution itself are prepared in; those for the gradient of the
 * input lie behind them. */
static gsize
forward_weights (const NnWindow *window)
{
  const Frame frame = input_frame (window);
  gssize offset[NN_CONV_MAX_TAPS];
  Way way;
  if (is_winograd (window, NN_CONV_FORWARD))
    return nn_conv_winograd_weights (window, NN_CONV_FORWARD);
  forward_pass (window, &frame, offset, &way);
  return groups_of (window) * way.packed;
}

static void
prepare_forward (const NnKernels *kernels, const NnWindow *window, const float *w, float *prepared)
{
  const Frame frame = input_frame (window);
  gssize offset[NN_CONV_MAX_TAPS];
  Way way;
  if (is_winograd (window, NN_CONV_FORWARD))
    {
      nn_conv_winograd_prepare (kernels, window, NN_CONV_FORWARD, w, prepared);
      return;
    }
  const NnConvPass pass = forward_pass (window, &frame, offset, &way);
  const gsize out_c = (gsize)window->out_c;
  for (gsize g = 0; way.packed > 0 && g < groups_of (window); g++, prepared += way.packed)
    if (way.dot)
      pack_dot (w + g * pass.n_out, pass.n_segments, pass.length, out_c, pass.n_out, prepared,
                pass.w_row);
    else
      pack_rows (w + g * pass.n_out, pass.n_segments * pass.length, out_c, pass.n_out, prepared,
                 pass.w_row);
}

void
nn_conv_forward (const NnKernels *kernels, const NnWindow *window, guint n, const float *x,
                 const float *w, const float *prepared, const float *bias, gboolean relu, float *y,
                 float *scratch)
{
  if (is_winograd (window, NN_CONV_FORWARD))
    {
      nn_conv_winograd_forward (kernels, window, n, x, prepared, bias, relu, y, scratch);
      return;
    }
  const Frame frame = input_frame (window);
  const gsize in = (gsize)(window->in_h * window->in_w * window->in_c);
  const gsize out = (gsize)(window->out_h * window->out_w * window->out_c);
  const gsize groups = groups_of (window), n_in = (gsize)window->in_c / groups;
  gssize offset[NN_CONV_MAX_TAPS];
  Way way;
  NnConvPass pass = forward_pass (window, &frame, offset, &way);
  const Kernel kernel = kernel_for (kernels, &way, &pass);
  pass.relu = relu;
  frame_clear (&frame, scratch);
  for (guint i = 0; i < n; i++)
    {
      const float *image = frame_image (&frame, x + i * in, scratch);
      for (gsize g = 0; g < groups; g++)
        {
          pass.w = way.packed > 0 ? prepared + g * way.packed : w;
          pass.bias = bias ? bias + g * pass.n_out : NULL;
          pass.x = image + g * n_in;
          pass.y = y + i * out + g * pass.n_out;
          kernel (&pass);
        }
    }
}

/* ---- with max pooling behind it ---- */

gboolean
nn_conv_pools (const NnWindow *w)
{
  return w->stride_h == 1 && w->stride_w == 1 && w->dilation_h == 1 && w->dilation_w == 1
         && w->groups == 1 && taps (w) * (gsize)w->in_c <= NN_PICK_TAPS_MAX
         && !is_winograd (w, NN_CONV_FORWARD) && !is_winograd (w, NN_CONV_TO_WEIGHTS);
}

/* An image with room around it, and two rows of the convolution. */
gsize
nn_conv_pooled_scratch (const NnWindow *window)
{
  const Frame frame = input_frame (window);
  return frame_floats (&frame) + 2 * (gsize)(window->out_w * window->out_c);
}

void
nn_conv_pooled_forward (const NnKernels *kernels, const NnWindow *window, guint n, const float *x,
                        const float *w, const float *prepared, const float *bias, gboolean relu,
                        float *y, guint8 *pick, float *scratch)
{
  const Frame frame = input_frame (window);
  const gsize in = (gsize)(window->in_h * window->in_w * window->in_c);
  const gsize rows = (gsize)window->out_h / 2, cols = (gsize)window->out_w / 2;
  const gsize channels = (gsize)window->out_c;
  float *const pair = scratch + frame_floats (&frame);
  gssize offset[NN_CONV_MAX_TAPS];
  Way way;
  NnConvPass pass = forward_pass (window, &frame, offset, &way);
  const Kernel kernel = kernel_for (kernels, &way, &pass);
  const NnKernels *const pool = nn_kernels_for (kernels, channels);
  pass.rows = 2;
  pass.cols = 2 * cols;
  pass.y = pair;
  pass.w = way.packed > 0 ? prepared : w;
  pass.bias = bias;
  pass.relu = relu;
  frame_clear (&frame, scratch);
  for (guint i = 0; i < n; i++)
    {
      const float *image = frame_image (&frame, x + i * in, scratch);
      for (gsize r = 0; r < rows; r++, y += cols * channels, pick += cols * channels)
        {
          pass.x = image + 2 * r * pass.x_row;
          kernel (&pass);
          pool->max_pool_pick (pair, pass.y_row, cols, channels, y, pick);
        }
    }
}

void
nn_conv_pooled_to_weights (const NnKernels *kernels, const NnWindow *window, guint n,
                           const float *x, const float *d, const guint8 *pick, float *dw,
                           float *scratch)
{
  const Frame frame = input_frame (window);
  const gsize in = (gsize)(window->in_h * window->in_w * window->in_c);
  NnPickOuter pass = { .rows = (gsize)window->out_h / 2,
                       .cols = (gsize)window->out_w / 2,
                       .channels = (gsize)window->out_c,
                       .x_row = frame.w * frame.c,
                       .x_col = frame.c,
                       .kernel_rows = (gsize)window->kernel_h,
                       .kernel_values = (gsize)window->kernel_w * frame.c,
                       .pick = pick,
                       .d = d,
                       .w = dw };
  const gsize out = pass.rows * pass.cols * pass.channels;
  kernels = nn_kernels_for (kernels, pass.channels);
  frame_clear (&frame, scratch);
  for (guint i = 0; i < n; i++, pass.pick += out, pass.d += out)
    {
      pass.x = frame_image (&frame, x + i * in, scratch);
      kernels->pick_outer (&pass);
    }
}

/* ---- back to the input ---- */

/* The taps of one axis that reach pixels of one phase (position + padding modulo stride): which
 * they are and how many outputs they lie back. */
typedef struct
{
  gint64 n, tap[NN_CONV_MAX_TAPS], back[NN_CONV_MAX_TAPS];
  gint64 first, count; /* the first pixel of the phase, and how many there are */
  gint64 origin;       /* the output that lies back by 0 from it */
} Phase;

static void
phase_init (Phase *phase, gint64 at, gint64 size, gint64 before, gint64 kernel, gint64 stride,
            gint64 dilation)
{
  phase->n = 0;
  /* Falling, so that what lies further back comes first, in the order of memory. */
  for (gint64 k = kernel - 1; k >= 0; k--)
    if (k * dilation % stride == at)
      {
        phase->tap[phase->n] = k;
        phase->back[phase->n++] = k * dilation / stride;
      }
  phase->first = ((at - before) % stride + stride) % stride;
  phase->count = phase->first < size ? (size - phase->first + stride - 1) / stride : 0;
  phase->origin = (phase->first + before) / stride;
}

static gboolean
lie_together (const Phase *phase)
{
  for (gint64 i = 1; i < phase->n; i++)
    if (phase->back[i - 1] - phase->back[i] != 1)
      return FALSE;
  return TRUE;
}

/* Where a weight of one phase goes: floats from one to the next in each direction. */
typedef struct
{
  gsize row, col, out, in;
} Places;

/* Weights of one phase and group with the channels' roles exchanged: for each tap (out, in). */
static void
pack_exchanged (const NnWindow *w, const Phase *rows, const Phase *cols, gsize group,
                const float *weights, float *packed, const Places *places)
{
  const gsize groups = (gsize)w->groups, in = (gsize)w->in_c / groups,
              out = (gsize)w->out_c / groups;
  for (gsize y = 0; y < (gsize)rows->n; y++)
    for (gsize x = 0; x < (gsize)cols->n; x++)
      {
        const float *tap =
            weights + (gsize)(rows->tap[y] * w->kernel_w + cols->tap[x]) * in * (gsize)w->out_c
            + group * out;
        float *to = packed + y * places->row + x * places->col;
        for (gsize i = 0; i < in; i++)
          for (gsize o = 0; o < out; o++)
            to[o * places->out + i * places->in] = tap[i * (gsize)w->out_c + o];
      }
}

/* One phase of a depthwise convolution: (taps, channels). */
static void
pack_depthwise (const NnWindow *w, const Phase *rows, const Phase *cols, const float *weights,
                float *packed)
{
  const gsize channels = (gsize)w->in_c;
  for (gint64 y = 0; y < rows->n; y++)
    for (gint64 x = 0; x < cols->n; x++, packed += channels)
      memcpy (packed, weights + (gsize)(rows->tap[y] * w->kernel_w + cols->tap[x]) * channels,
              channels * sizeof (float));
}

/* The gradient of one phase's pixels. */
typedef struct
{
  Phase rows, cols;
  gboolean together; /* taps of a row */
  gssize offset[NN_CONV_MAX_TAPS];
  NnConvPass pass; /* but for images and weights */
  Way way;
} PhasePass;

/* Of phase (y, x); FALSE where it has no pixels. */
static gboolean
phase_pass (const NnWindow *window, const Frame *frame, gint64 y, gint64 x, PhasePass *phase)
{
  Phase *const rows = &phase->rows, *const cols = &phase->cols;
  phase_init (rows, y, window->in_h, window->top, window->kernel_h, window->stride_h,
              window->dilation_h);
  phase_init (cols, x, window->in_w, window->left, window->kernel_w, window->stride_w,
              window->dilation_w);
  if (rows->count == 0 || cols->count == 0)
    return FALSE;
  const gsize groups = groups_of (window), out_group = (gsize)(window->out_c / window->groups);
  phase->together = window->groups == 1 && lie_together (cols);
  phase->way = (Way){ .depthwise = is_depthwise (window) };
  NnConvPass pass = { .rows = (gsize)rows->count,
                      .cols = (gsize)cols->count,
                      .x_row = frame->w * frame->c,
                      .x_col = frame->c,
                      .y_row = (gsize)(window->stride_h * window->in_w * window->in_c),
                      .y_col = (gsize)(window->stride_w * window->in_c),
                      .n_out = (gsize)window->in_c / groups,
                      .offset = phase->offset };
  for (gint64 i = 0; i < rows->n; i++)
    for (gint64 k = 0; k < (phase->together ? MIN (cols->n, 1) : cols->n); k++)
      phase->offset[pass.n_segments++] =
          -(gssize)((rows->back[i] * (gint64)frame->w + cols->back[k]) * window->out_c);
  pass.length = phase->way.depthwise ? 1 : phase->together ? (gsize)cols->n * out_group : out_group;
  phase->way.dot =
      !phase->way.depthwise && dot_is_cheaper (pass.n_segments, pass.length, pass.n_out);
  pass.w_row =
      phase->way.depthwise ? pass.n_out : PADDED (phase->way.dot ? pass.length : pass.n_out);
  phase->way.packed =
      PADDED (pass.n_segments * pass.w_row * (phase->way.dot ? pass.n_out : pass.length));
  phase->pass = pass;
  return TRUE;
}

static void
pack_phase (const NnWindow *window, const PhasePass *phase, gsize group, const float *w,
            float *packed)
{
  const NnConvPass *pass = &phase->pass;
  const gsize n_cols = (gsize)phase->cols.n, out_group = (gsize)(window->out_c / window->groups);
  if (phase->way.depthwise)
    {
      pack_depthwise (window, &phase->rows, &phase->cols, w, packed);
      return;
    }
  const Places lanes = { n_cols * out_group * pass->w_row, out_group * pass->w_row, pass->w_row,
                         1 };
  const Places values = { phase->together ? pass->w_row : n_cols * pass->w_row,
                          phase->together ? out_group : pass->w_row, 1,
                          pass->n_segments * pass->w_row };
  memset (packed, 0, phase->way.packed * sizeof (float)); /* the zeros that fill up rows */
  pack_exchanged (window, &phase->rows, &phase->cols, group, w, packed,
                  phase->way.dot ? &values : &lanes);
}

/* Writes the packed weights of all phases and groups, unless w is NULL. Returns their floats. */
static gsize
pack_to_input (const NnWindow *window, const float *w, float *packed)
{
  const Frame frame = output_frame (window);
  PhasePass phase;
  gsize floats = 0;
  for (gint64 y = 0; y < window->stride_h; y++)
    for (gint64 x = 0; x < window->stride_w; x++)
      if (phase_pass (window, &frame, y, x, &phase))
        for (gsize g = 0; g < groups_of (window); g++, floats += phase.way.packed)
          if (w)
            pack_phase (window, &phase, g, w, packed + floats);
  return floats;
}

/* Pixels of one phase in n images. */
static void
run_phase (const NnKernels *kernels, const NnWindow *window, const Frame *frame, PhasePass *phase,
           guint n, const float *dy, gsize dy_image, const float *packed, const float *bias,
           float *dx)
{
  const gsize in = (gsize)(window->in_h * window->in_w * window->in_c);
  const gsize out_group = (gsize)(window->out_c / window->groups);
  const gsize first = (((gsize)phase->rows.origin + frame->top) * frame->w
                       + (gsize)phase->cols.origin + frame->left)
                      * frame->c;
  NnConvPass *pass = &phase->pass;
  const Kernel kernel = kernel_for (kernels, &phase->way, pass);
  dx += (gsize)(phase->rows.first * window->in_w + phase->cols.first) * (gsize)window->in_c;
  for (guint i = 0; i < n; i++)
    for (gsize g = 0; g < groups_of (window); g++)
      {
        pass->w = packed + g * phase->way.packed;
        pass->bias = bias ? bias + g * pass->n_out : NULL;
        pass->x = dy + i * dy_image + first + g * out_group;
        pass->y = dx + i * in + g * pass->n_out;
        kernel (pass);
      }
}

/* dx at (row, col) is the sum over the taps k with row + top - k dilation = stride times an
 * output's row, and so on: a convolution of dy with the weights turned round, for each phase of the
 * stride its own. */
void
nn_conv_to_input (const NnKernels *kernels, const NnWindow *window, guint n, const float *dy,
                  const float *prepared, const float *bias, gboolean relu, float *dx,
                  float *scratch)
{
  const float *const weights = prepared + forward_weights (window);
  if (is_winograd (window, NN_CONV_TO_INPUT))
    {
      nn_conv_winograd_to_input (kernels, window, n, dy, weights, bias, relu, dx, scratch);
      return;
    }
  const Frame frame = output_frame (window);
  const gsize in = (gsize)(window->in_h * window->in_w * window->in_c);
  const gsize out = (gsize)(window->out_h * window->out_w * window->out_c);
  const gsize image = frame.has_room ? frame_floats (&frame) : out;
  PhasePass phase;
  for (guint i = 0; i < MIN (n, FRAMES); i++)
    frame_clear (&frame, scratch + i * image);
  for (guint first = 0; first < n; first += FRAMES)
    {
      const guint some = MIN (n - first, FRAMES);
      const float *packed = weights;
      for (guint i = 0; frame.has_room && i < some; i++)
        frame_image (&frame, dy + (first + i) * out, scratch + i * image);
      for (gint64 y = 0; y < window->stride_h; y++)
        for (gint64 x = 0; x < window->stride_w; x++)
          if (phase_pass (window, &frame, y, x, &phase))
            {
              phase.pass.relu = relu;
              run_phase (kernels, window, &frame, &phase, some,
                         frame.has_room ? scratch : dy + first * out, image, packed, bias,
                         dx + first * in);
              packed += groups_of (window) * phase.way.packed;
            }
    }
}

/* ---- weights, once for all images ---- */

gsize
nn_conv_prepared (const NnWindow *window)
{
  return forward_weights (window)
         + (is_winograd (window, NN_CONV_TO_INPUT)
                ? nn_conv_winograd_weights (window, NN_CONV_TO_INPUT)
                : pack_to_input (window, NULL, NULL));
}

void
nn_conv_prepare (const NnKernels *kernels, const NnWindow *window, gboolean forward,
                 gboolean to_input, const float *w, float *prepared)
{
  float *const behind = prepared + forward_weights (window);
  if (forward)
    prepare_forward (kernels, window, w, prepared);
  if (to_input && is_winograd (window, NN_CONV_TO_INPUT))
    nn_conv_winograd_prepare (kernels, window, NN_CONV_TO_INPUT, w, behind);
  else if (to_input)
    pack_to_input (window, w, behind);
}

/* ---- gradient of the weights ---- */

void
nn_conv_to_weights (const NnKernels *kernels, const NnWindow *window, guint n, const float *x,
                    const float *dy, float *dw, float *scratch)
{
  if (is_winograd (window, NN_CONV_TO_WEIGHTS))
    {
      nn_conv_winograd_to_weights (kernels, window, n, x, dy, dw, scratch);
      return;
    }
  const Frame frame = input_frame (window);
  const gsize in = (gsize)(window->in_h * window->in_w * window->in_c);
  const gsize out = (gsize)(window->out_h * window->out_w * window->out_c);
  const gsize out_c = (gsize)window->out_c;
  const gsize groups = groups_of (window);
  const gsize n_in = (gsize)window->in_c / groups, n_out = out_c / groups;
  const gssize whole = 0;
  gssize offset[NN_CONV_MAX_TAPS];
  gsize length, n_segments = input_segments (window, &frame, offset, &length);
  const gboolean swap =
      swapped_cost (n_segments, length, n_out) <= lanes_cost (n_segments, length, n_out);
  NnConvOuter pass = {
    .rows = (gsize)window->out_h,
    .cols = (gsize)window->out_w,
    .a_image = frame.has_room ? frame_floats (&frame) : in,
    .a_row = (gsize)window->stride_h * frame.w * frame.c,
    .a_col = (gsize)window->stride_w * frame.c,
    .a_segments = n_segments,
    .a_length = length,
    .a_offset = offset,
    .b_image = out,
    .b_row = (gsize)window->out_w * out_c,
    .b_col = out_c,
    .b_segments = 1,
    .b_length = n_out,
    .b_offset = &whole,
    .y_a = out_c,
    .y_b = 1,
  };
  NnConvOuter swapped = {
    .rows = pass.rows,
    .cols = pass.cols,
    .a_image = pass.b_image,
    .a_row = pass.b_row,
    .a_col = pass.b_col,
    .a_segments = 1,
    .a_length = n_out,
    .a_offset = &whole,
    .b_image = pass.a_image,
    .b_row = pass.a_row,
    .b_col = pass.a_col,
    .b_segments = n_segments,
    .b_length = length,
    .b_offset = offset,
    .y_a = 1,
    .y_b = out_c,
  };
  NnConvOuter *const one = swap && !is_depthwise (window) ? &swapped : &pass;
  kernels = nn_kernels_for (kernels, one->b_length);
  for (guint i = 0; i < MIN (n, FRAMES); i++)
    frame_clear (&frame, scratch + i * frame_floats (&frame));
  for (guint first = 0; first < n; first += FRAMES)
    {
      const float *image = x + first * in;
      one->n = MIN (n - first, FRAMES);
      for (gsize i = 0; frame.has_room && i < one->n; i++)
        frame_image (&frame, image + i * in, scratch + i * frame_floats (&frame));
      if (frame.has_room)
        image = scratch;
      for (gsize g = 0; g < groups; g++)
        {
          const float *of_x = image + g * n_in, *of_dy = dy + first * out + g * n_out;
          one->a = one == &swapped ? of_dy : of_x;
          one->b = one == &swapped ? of_x : of_dy;
          one->y = dw + g * n_out;
          (is_depthwise (window) ? kernels->conv_depthwise_outer : kernels->conv_outer) (one);
        }
    }
}
