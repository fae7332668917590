/* Convolution, its gradients and pooling: every table of kernels against sums written out. */
#include <math.h>

#include "base/nn-rng.h"
#include "base/nn-tensor.h"
#include "ops/nn-conv.h"

typedef struct
{
  gint64 h, w, c, filters, kernel_h, kernel_w, stride, dilation, groups;
  gboolean same;
} Sizes;

static const Sizes sizes[] = {
  { 5, 7, 3, 4, 3, 3, 1, 1, 1, TRUE },
  { 5, 7, 3, 4, 3, 3, 1, 1, 1, FALSE },
  { 28, 28, 1, 16, 3, 3, 1, 1, 1, TRUE },
  { 14, 14, 16, 8, 3, 3, 1, 1, 1, TRUE },
  { 7, 7, 8, 8, 3, 3, 1, 1, 1, TRUE },
  { 16, 16, 16, 1, 3, 3, 1, 1, 1, TRUE },
  { 14, 14, 32, 32, 3, 3, 1, 1, 1, TRUE },
  { 9, 8, 5, 33, 3, 3, 2, 1, 1, TRUE },
  { 8, 9, 17, 40, 3, 2, 2, 1, 1, TRUE },
  { 9, 11, 24, 10, 5, 5, 3, 1, 1, FALSE },
  { 9, 11, 4, 49, 2, 2, 3, 1, 1, TRUE },
  { 12, 10, 6, 6, 3, 3, 1, 2, 1, TRUE },
  { 12, 13, 6, 10, 3, 3, 2, 3, 2, TRUE },
  { 6, 7, 48, 48, 3, 3, 1, 1, 48, TRUE },
  { 6, 7, 19, 19, 3, 3, 2, 1, 19, FALSE },
  { 5, 5, 8, 16, 3, 3, 1, 1, 8, TRUE },
  { 4, 4, 20, 12, 1, 1, 1, 1, 1, TRUE },
  { 1, 30, 7, 9, 1, 9, 2, 1, 1, TRUE },
  { 3, 2, 2, 3, 7, 7, 1, 1, 1, TRUE },
  { 7, 7, 3, 2, 1, 1, 3, 1, 1, FALSE },
  /* By Winograd's algorithm, all or some of the three: every size of kernel, whole tiles and parts
   * of them, images together and in blocks of tiles, whole vectors of channels and parts. */
  { 13, 13, 32, 32, 3, 3, 1, 1, 1, FALSE },
  { 7, 6, 16, 48, 3, 3, 1, 1, 1, TRUE },
  { 8, 9, 48, 16, 3, 3, 1, 1, 1, FALSE },
  { 9, 36, 16, 16, 3, 3, 1, 1, 1, TRUE },
  { 4, 4, 8, 8, 3, 3, 1, 1, 1, TRUE },
  { 14, 14, 16, 8, 3, 3, 1, 1, 1, TRUE },
  { 15, 10, 24, 10, 3, 3, 1, 1, 1, FALSE },
  { 12, 12, 32, 32, 5, 5, 1, 1, 1, FALSE },
  { 14, 9, 10, 40, 5, 5, 1, 1, 1, TRUE },
  { 11, 13, 24, 16, 4, 4, 1, 1, 1, TRUE },
  { 11, 10, 32, 24, 2, 2, 1, 1, 1, TRUE },
  { 5, 6, 32, 32, 3, 3, 1, 1, 1, TRUE },
  { 2, 40, 32, 32, 3, 3, 1, 1, 1, TRUE },
  { 40, 1, 32, 32, 3, 3, 1, 1, 1, TRUE },
  /* Pictures with background: more than two vectors wide, windows as wide as one and wider, more
   * pixels than are listed at a time. */
  { 40, 37, 1, 40, 5, 5, 1, 1, 1, TRUE },
  { 19, 50, 1, 3, 2, 16, 1, 1, 1, FALSE },
  { 19, 50, 1, 17, 2, 17, 1, 1, 1, TRUE },
  { 2, 700, 1, 9, 2, 2, 1, 1, 1, TRUE },
};

#define N 3

typedef struct
{
  NnWindow window;
  gsize in, out, weights;
  float *x, *w, *prepared, *bias, *y, *dy, *scratch, *found;
} Case;

static void
fit (gboolean same, gint64 in, gint64 kernel, gint64 stride, gint64 dilation, gint64 *out,
     gint64 *before)
{
  const gint64 reach = (kernel - 1) * dilation + 1;
  *out = same ? (in + stride - 1) / stride : (in - reach) / stride + 1;
  *before = same ? MAX ((*out - 1) * stride + reach - in, 0) / 2 : 0;
}

static float *
random_floats (NnRng *rng, gsize n)
{
  float *x = nn_alloc_floats (n);
  for (gsize i = 0; i < n; i++)
    x[i] = nn_rng_normal (rng);
  return x;
}

/* What a picture of one channel has in most places. */
static void
add_background (float *x, gsize rows, gsize cols)
{
  for (gsize i = 0; i < N * rows * cols; i++)
    if (i / cols % rows % 14 >= 5 || i % cols % 14 >= 6)
      x[i] = 0;
}

static void
case_init (Case *c, const Sizes *s)
{
  NnRng rng;
  nn_rng_init (&rng, 5, 6, 7, 8);
  c->window = (NnWindow){ .in_h = s->h,
                          .in_w = s->w,
                          .in_c = s->c,
                          .out_c = s->filters,
                          .kernel_h = s->kernel_h,
                          .kernel_w = s->kernel_w,
                          .stride_h = s->stride,
                          .stride_w = s->stride,
                          .dilation_h = s->dilation,
                          .dilation_w = s->dilation,
                          .groups = s->groups };
  NnWindow *w = &c->window;
  fit (s->same, w->in_h, w->kernel_h, w->stride_h, w->dilation_h, &w->out_h, &w->top);
  fit (s->same, w->in_w, w->kernel_w, w->stride_w, w->dilation_w, &w->out_w, &w->left);
  nn_conv_decide (w);
  c->in = (gsize)(w->in_h * w->in_w * w->in_c);
  c->out = (gsize)(w->out_h * w->out_w * w->out_c);
  c->weights = (gsize)(w->kernel_h * w->kernel_w * (w->in_c / w->groups) * w->out_c);
  c->x = random_floats (&rng, N * c->in + NN_CONV_SLACK);
  c->w = random_floats (&rng, c->weights);
  c->bias = random_floats (&rng, (gsize)MAX (w->in_c, w->out_c));
  c->y = random_floats (&rng, N * c->out);
  c->dy = random_floats (&rng, N * c->out + NN_CONV_SLACK);
  if (s->c == 1)
    add_background (c->x, (gsize)w->in_h, (gsize)w->in_w);
  if (s->filters == 1)
    add_background (c->dy, (gsize)w->out_h, (gsize)w->out_w);
  /* Whatever was there before must not matter. */
  c->scratch = nn_alloc_floats (nn_conv_scratch (w, N));
  for (gsize i = 0; i < nn_conv_scratch (w, N); i++)
    c->scratch[i] = NAN;
  c->prepared = NULL;
  c->found = random_floats (&rng, N * MAX (c->in, c->out) + c->weights);
}

static void
case_prepare (Case *c, const NnKernels *kernels)
{
  const gsize n = nn_conv_prepared (&c->window);
  c->prepared = nn_alloc_floats (n);
  for (gsize i = 0; i < n; i++)
    c->prepared[i] = NAN;
  nn_conv_prepare (kernels, &c->window, TRUE, TRUE, c->w, c->prepared);
}

static void
case_clear (Case *c)
{
  float *all[] = { c->x, c->w, c->prepared, c->bias, c->y, c->dy, c->scratch, c->found };
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    nn_free_aligned (all[i]);
}

/* Calls with every pair of an input and an output value of image i that a weight joins. */
typedef void (*Join) (gsize in, gsize out, gsize weight, gpointer data);

static void
for_joined (const Case *c, Join join, gpointer data)
{
  const NnWindow *w = &c->window;
  const gint64 n_in = w->in_c / w->groups, n_out = w->out_c / w->groups;
  for (gint64 oy = 0; oy < w->out_h; oy++)
    for (gint64 ox = 0; ox < w->out_w; ox++)
      for (gint64 ky = 0; ky < w->kernel_h; ky++)
        for (gint64 kx = 0; kx < w->kernel_w; kx++)
          {
            const gint64 iy = oy * w->stride_h + ky * w->dilation_h - w->top;
            const gint64 ix = ox * w->stride_w + kx * w->dilation_w - w->left;
            if (iy < 0 || ix < 0 || iy >= w->in_h || ix >= w->in_w)
              continue;
            for (gint64 o = 0; o < w->out_c; o++)
              for (gint64 k = 0; k < n_in; k++)
                join ((gsize)((iy * w->in_w + ix) * w->in_c + o / n_out * n_in + k),
                      (gsize)((oy * w->out_w + ox) * w->out_c + o),
                      (gsize)(((ky * w->kernel_w + kx) * n_in + k) * w->out_c + o), data);
          }
}

typedef struct
{
  const Case *c;
  gsize image;
  double *sum;
} Sum;

static void
add_forward (gsize in, gsize out, gsize weight, gpointer data)
{
  Sum *s = data;
  s->sum[out] += (double)s->c->x[s->image * s->c->in + in] * (double)s->c->w[weight];
}

static void
add_to_input (gsize in, gsize out, gsize weight, gpointer data)
{
  Sum *s = data;
  s->sum[in] += (double)s->c->dy[s->image * s->c->out + out] * (double)s->c->w[weight];
}

static void
add_to_weights (gsize in, gsize out, gsize weight, gpointer data)
{
  Sum *s = data;
  s->sum[weight] +=
      (double)s->c->dy[s->image * s->c->out + out] * (double)s->c->x[s->image * s->c->in + in];
}

static void
assert_close (float found, double expected)
{
  if (!(fabs ((double)found - expected) <= 1e-4 * (1 + fabs (expected))))
    g_error ("found %g, expected %g", (double)found, expected);
}

static void
check_images (const Case *c, Join join, gsize size, gsize channels, const float *bias,
              gboolean relu)
{
  g_autofree double *sum = g_new (double, size);
  for (gsize i = 0; i < N; i++)
    {
      Sum s = { c, i, sum };
      for (gsize k = 0; k < size; k++)
        sum[k] = bias ? (double)bias[k % channels] : 0;
      for_joined (c, join, &s);
      for (gsize k = 0; k < size; k++)
        assert_close (c->found[i * size + k], relu ? MAX (sum[k], 0) : sum[k]);
    }
}

static void
test_convolution (gconstpointer data)
{
  const NnKernels *kernels = data;
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      Case c;
      case_init (&c, &sizes[i]);
      case_prepare (&c, kernels);
      g_test_message ("sizes %u", i);
      nn_conv_forward (kernels, &c.window, N, c.x, c.w, c.prepared, c.bias, FALSE, c.found,
                       c.scratch);
      check_images (&c, add_forward, c.out, (gsize)c.window.out_c, c.bias, FALSE);
      nn_conv_forward (kernels, &c.window, N, c.x, c.w, c.prepared, NULL, TRUE, c.found, c.scratch);
      check_images (&c, add_forward, c.out, 1, NULL, TRUE);
      nn_conv_to_input (kernels, &c.window, N, c.dy, c.prepared, NULL, FALSE, c.found, c.scratch);
      check_images (&c, add_to_input, c.in, 1, NULL, FALSE);
      nn_conv_to_input (kernels, &c.window, N, c.dy, c.prepared, c.bias, TRUE, c.found, c.scratch);
      check_images (&c, add_to_input, c.in, (gsize)c.window.in_c, c.bias, TRUE);

      g_autofree double *sum = g_new0 (double, c.weights);
      for (gsize k = 0; k < c.weights; k++)
        sum[k] = (double)c.found[k];
      nn_conv_to_weights (kernels, &c.window, N, c.x, c.dy, c.found, c.scratch);
      for (gsize image = 0; image < N; image++)
        {
          Sum s = { &c, image, sum };
          for_joined (&c, add_to_weights, &s);
        }
      for (gsize k = 0; k < c.weights; k++)
        assert_close (c.found[k], sum[k]);
      case_clear (&c);
    }
}

/* Values inside the window of an output, and where they are. */
static guint
window_values (const Case *c, gsize out, const float *x, gsize *at)
{
  const NnWindow *w = &c->window;
  const gint64 channel = (gint64)out % w->in_c, ox = (gint64)out / w->in_c % w->out_w,
               oy = (gint64)out / w->in_c / w->out_w;
  guint n = 0;
  for (gint64 ky = 0; ky < w->kernel_h; ky++)
    for (gint64 kx = 0; kx < w->kernel_w; kx++)
      {
        const gint64 iy = oy * w->stride_h + ky - w->top, ix = ox * w->stride_w + kx - w->left;
        if (iy >= 0 && ix >= 0 && iy < w->in_h && ix < w->in_w)
          at[n++] = (gsize)((iy * w->in_w + ix) * w->in_c + channel);
      }
  return n;
}

static void
check_pool (const NnKernels *kernels, Case *c, gboolean largest)
{
  g_autofree double *dx = g_new0 (double, c->in);
  gsize at[64];
  if (largest)
    kernels->max_pool (&c->window, c->x, c->found);
  else
    kernels->average_pool (&c->window, c->x, c->found);
  for (gsize out = 0; out < c->out; out++)
    {
      const guint n = window_values (c, out, c->x, at);
      guint best = 0;
      double sum = 0;
      for (guint i = 0; i < n; i++)
        {
          sum += (double)c->x[at[i]];
          if (c->x[at[i]] > c->x[at[best]])
            best = i;
        }
      assert_close (c->found[out], largest ? (double)c->x[at[best]] : sum / n);
      for (guint i = 0; i < n; i++)
        if (!largest || i == best)
          dx[at[i]] += (double)c->dy[out] / (largest ? 1 : n);
    }
  if (largest)
    {
      g_autofree float *y = g_memdup2 (c->found, c->out * sizeof (float));
      kernels->max_pool_grad (&c->window, FALSE, c->x, y, c->dy, c->found);
    }
  else
    kernels->average_pool_grad (&c->window, c->dy, c->found);
  for (gsize in = 0; in < c->in; in++)
    assert_close (c->found[in], dx[in]);
}

static void
test_pooling (gconstpointer data)
{
  const Sizes windows[] = {
    { 4, 6, 8, 8, 2, 2, 2, 1, 8, FALSE },    { 7, 7, 8, 8, 2, 2, 2, 1, 8, TRUE },
    { 7, 5, 19, 19, 2, 2, 2, 1, 19, FALSE }, { 9, 8, 3, 3, 3, 3, 2, 1, 3, TRUE },
    { 6, 6, 33, 33, 3, 2, 1, 1, 33, FALSE }, { 3, 4, 2, 2, 5, 5, 5, 1, 2, TRUE },
    { 7, 8, 4, 4, 2, 2, 3, 1, 4, FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (windows); i++)
    for (guint ties = 0; ties < 2; ties++)
      {
        Case c;
        case_init (&c, &windows[i]);
        /* Behind a ReLU many values are equal: the first of them counts. */
        for (gsize k = 0; ties && k < c.in; k++)
          c.x[k] = MAX (c.x[k], 0);
        check_pool (data, &c, TRUE);
        check_pool (data, &c, FALSE);
        case_clear (&c);
      }
}

/* Where the largest of 2 x 2 pixels of the convolution is, the first of equals: value `out` of the
 * pooled image. */
static gsize
largest_of_four (const NnWindow *w, const float *y, gsize out)
{
  const gsize cols = (gsize)w->out_w / 2, c = (gsize)w->out_c, row = (gsize)w->out_w * c;
  const gsize first = 2 * (out / c / cols * row + out / c % cols * c) + out % c;
  const gsize at[] = { first, first + c, first + row, first + row + c };
  gsize best = 0;
  for (gsize q = 1; q < 4; q++)
    if (y[at[q]] > y[at[best]])
      best = q;
  return at[best];
}

static void
check_pooled (const NnKernels *kernels, Case *c, gboolean relu)
{
  const NnWindow *w = &c->window;
  const gsize pooled = (gsize)(w->out_h / 2 * (w->out_w / 2) * w->out_c);
  g_autofree float *y = g_new (float, N *pooled), *dy = g_new0 (float, N * c->out + NN_CONV_SLACK);
  g_autofree float *dw = g_new (float, c->weights), *expected = g_new (float, c->weights);
  g_autofree guint8 *pick = g_new (guint8, N * pooled);
  float *scratch = nn_alloc_floats (nn_conv_pooled_scratch (w));
  for (gsize i = 0; i < nn_conv_pooled_scratch (w); i++)
    scratch[i] = NAN;
  nn_conv_forward (kernels, w, N, c->x, c->w, c->prepared, c->bias, relu, c->found, c->scratch);
  nn_conv_pooled_forward (kernels, w, N, c->x, c->w, c->prepared, c->bias, relu, y, pick, scratch);
  for (gsize i = 0; i < N * pooled; i++)
    {
      const gsize image = i / pooled;
      const gsize at = image * c->out + largest_of_four (w, c->found + image * c->out, i % pooled);
      assert_close (y[i], (double)c->found[at]);
      dy[at] = c->dy[i];
    }
  for (gsize k = 0; k < c->weights; k++)
    dw[k] = expected[k] = (float)k;
  nn_conv_to_weights (kernels, w, N, c->x, dy, expected, c->scratch);
  nn_conv_pooled_to_weights (kernels, w, N, c->x, c->dy, pick, dw, scratch);
  for (gsize k = 0; k < c->weights; k++)
    assert_close (dw[k], (double)expected[k]);
  nn_free_aligned (scratch);
}

static void
test_pooled (gconstpointer kernels)
{
  guint n = 0;
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      Case c;
      case_init (&c, &sizes[i]);
      if (nn_conv_pools (&c.window))
        {
          g_test_message ("sizes %u", i);
          case_prepare (&c, kernels);
          check_pooled (kernels, &c, FALSE);
          check_pooled (kernels, &c, TRUE);
          n++;
        }
      case_clear (&c);
    }
  g_assert_cmpuint (n, >, 6);
}

/* A NaN is not lost on the way. */
static void
test_nan (gconstpointer data)
{
  const NnKernels *kernels = data;
  for (guint at = 0; at < 4; at++)
    {
      Case c;
      guint8 pick;
      case_init (&c, &(Sizes){ 2, 2, 1, 1, 2, 2, 2, 1, 1, FALSE });
      case_prepare (&c, kernels);
      c.x[at] = NAN;
      kernels->max_pool (&c.window, c.x, c.found);
      g_assert_true (isnan (c.found[0]));
      kernels->max_pool_pick (c.x, 2, 1, 1, c.found, &pick);
      g_assert_true (isnan (c.found[0]));
      nn_conv_forward (kernels, &c.window, 1, c.x, c.w, c.prepared, NULL, TRUE, c.found, c.scratch);
      g_assert_true (isnan (c.found[0]));
      case_clear (&c);
    }
  /* By Winograd's algorithm, in every place of a tile and behind the last whole one. */
  for (gsize pixel = 0; pixel < 49; pixel++)
    {
      Case c;
      case_init (&c, &(Sizes){ 7, 7, 16, 16, 3, 3, 1, 1, 1, TRUE });
      case_prepare (&c, kernels);
      c.x[pixel * 16] = NAN;
      nn_conv_forward (kernels, &c.window, 1, c.x, c.w, c.prepared, NULL, TRUE, c.found, c.scratch);
      for (gsize channel = 0; channel < 16; channel++)
        g_assert_true (isnan (c.found[pixel * 16 + channel]));
      case_clear (&c);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (const NnKernels *const *table = nn_kernels_all (); *table; table++)
    {
      g_autofree char *convolution = g_strdup_printf ("/conv/%s/convolution", (*table)->name);
      g_autofree char *pooling = g_strdup_printf ("/conv/%s/pooling", (*table)->name);
      g_autofree char *pooled = g_strdup_printf ("/conv/%s/pooled", (*table)->name);
      g_autofree char *nan = g_strdup_printf ("/conv/%s/nan", (*table)->name);
      g_test_add_data_func (convolution, *table, test_convolution);
      g_test_add_data_func (pooling, *table, test_pooling);
      g_test_add_data_func (pooled, *table, test_pooled);
      g_test_add_data_func (nan, *table, test_nan);
    }
  return g_test_run ();
}
