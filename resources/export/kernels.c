/* The functions that exported C sources are made of. A source gets those sections that it uses,
 * with its own name in place of "net". A section begins with its name and those it needs. Images
 * are (height, width, channels), sequences (steps, values). */
#include <math.h>
#include <string.h>

/*- linear -*/
/* y = x w + b for each row: x (rows, n_in), w (n_in, n_out), b (n_out) or NULL */
static void
net_linear (const float *x, const float *w, const float *b, float *y, long rows, long n_in,
            long n_out)
{
  for (long r = 0; r < rows; r++, x += n_in, y += n_out)
    {
      for (long j = 0; j < n_out; j++)
        y[j] = b ? b[j] : 0.0f;
      for (long i = 0; i < n_in; i++)
        for (long j = 0; j < n_out; j++)
          y[j] += x[i] * w[i * n_out + j];
    }
}

/*- linear-transposed -*/
/* y = x w^T + b for each row: x (rows, n_in), w (n_out, n_in), b (n_out) or NULL */
static void
net_linear_transposed (const float *x, const float *w, const float *b, float *y, long rows,
                       long n_in, long n_out)
{
  for (long r = 0; r < rows; r++, x += n_in, y += n_out)
    for (long j = 0; j < n_out; j++)
      {
        float sum = b ? b[j] : 0.0f;
        for (long i = 0; i < n_in; i++)
          sum += x[i] * w[j * n_in + i];
        y[j] = sum;
      }
}

/*- window -*/
/* A window that slides over an image "in" and gives an image "out". */
typedef struct
{
  long in_h, in_w, in_c, out_h, out_w, out_c;
  long kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w, top, left, groups;
} net_window;

/* Pixel of "in" that tap (i, j) of the window over pixel (row, col) of "out" is on; -1: outside. */
static long
net_pixel (const net_window *n, long row, long col, long i, long j)
{
  const long r = row * n->stride_h - n->top + i * n->dilation_h;
  const long c = col * n->stride_w - n->left + j * n->dilation_w;
  return r < 0 || r >= n->in_h || c < 0 || c >= n->in_w ? -1 : r * n->in_w + c;
}

/*- conv2d: window -*/
/* w (kernel_h, kernel_w, in_c / groups, out_c), b (out_c) or NULL */
static void
net_conv2d (const net_window *n, const float *x, const float *w, const float *b, float *y)
{
  const long n_in = n->in_c / n->groups, n_out = n->out_c / n->groups;
  for (long row = 0; row < n->out_h; row++)
    for (long col = 0; col < n->out_w; col++, y += n->out_c)
      {
        for (long o = 0; o < n->out_c; o++)
          y[o] = b ? b[o] : 0.0f;
        for (long tap = 0; tap < n->kernel_h * n->kernel_w; tap++)
          {
            const long at = net_pixel (n, row, col, tap / n->kernel_w, tap % n->kernel_w);
            for (long c = 0; at >= 0 && c < n->in_c; c++)
              {
                const long first = c / n_in * n_out;
                const float *from = w + (tap * n_in + c % n_in) * n->out_c;
                for (long o = first; o < first + n_out; o++)
                  y[o] += x[at * n->in_c + c] * from[o];
              }
          }
      }
}

/*- conv2d-transpose: window -*/
/* The other way: x is an image "out", y an image "in". w (kernel_h, kernel_w, in_c, out_c), b
 * (in_c) or NULL */
static void
net_conv2d_transpose (const net_window *n, const float *x, const float *w, const float *b, float *y)
{
  for (long i = 0; i < n->in_h * n->in_w; i++)
    for (long c = 0; c < n->in_c; c++)
      y[i * n->in_c + c] = b ? b[c] : 0.0f;
  for (long row = 0; row < n->out_h; row++)
    for (long col = 0; col < n->out_w; col++, x += n->out_c)
      for (long tap = 0; tap < n->kernel_h * n->kernel_w; tap++)
        {
          const long at = net_pixel (n, row, col, tap / n->kernel_w, tap % n->kernel_w);
          for (long c = 0; at >= 0 && c < n->in_c; c++)
            for (long o = 0; o < n->out_c; o++)
              y[at * n->in_c + c] += x[o] * w[(tap * n->in_c + c) * n->out_c + o];
        }
}

/*- max-pool: window -*/
static void
net_max_pool (const net_window *n, const float *x, float *y)
{
  for (long row = 0; row < n->out_h; row++)
    for (long col = 0; col < n->out_w; col++)
      for (long c = 0; c < n->in_c; c++, y++)
        {
          *y = -INFINITY;
          for (long tap = 0; tap < n->kernel_h * n->kernel_w; tap++)
            {
              const long at = net_pixel (n, row, col, tap / n->kernel_w, tap % n->kernel_w);
              if (at >= 0 && x[at * n->in_c + c] > *y)
                *y = x[at * n->in_c + c];
            }
        }
}

/*- average-pool: window -*/
/* The mean of the pixels that are inside the image. */
static void
net_average_pool (const net_window *n, const float *x, float *y)
{
  for (long row = 0; row < n->out_h; row++)
    for (long col = 0; col < n->out_w; col++)
      for (long c = 0; c < n->in_c; c++, y++)
        {
          float sum = 0.0f;
          long count = 0;
          for (long tap = 0; tap < n->kernel_h * n->kernel_w; tap++)
            {
              const long at = net_pixel (n, row, col, tap / n->kernel_w, tap % n->kernel_w);
              if (at >= 0)
                {
                  sum += x[at * n->in_c + c];
                  count++;
                }
            }
          *y = sum / (float)count;
        }
}

/*- resize-nearest -*/
static void
net_resize_nearest (const float *x, float *y, long in_h, long in_w, long out_h, long out_w,
                    long channels)
{
  for (long r = 0; r < out_h; r++)
    for (long c = 0; c < out_w; c++)
      for (long k = 0; k < channels; k++)
        {
          const long row = (2 * r + 1) * in_h / (2 * out_h), col = (2 * c + 1) * in_w / (2 * out_w);
          *y++ = x[(row * in_w + col) * channels + k];
        }
}

/*- resize-bilinear -*/
/* The rows (columns) around the centre of row i, and the share of the second. */
static void
net_between (long i, long in, long out, long *low, long *high, float *share)
{
  const double at = ((double)i + 0.5) * (double)in / (double)out - 0.5;
  const long first = (long)floor (at);
  *low = first < 0 ? 0 : first;
  *high = first + 1 < in ? first + 1 : in - 1;
  *share = (float)(at - (double)first);
}

static void
net_resize_bilinear (const float *x, float *y, long in_h, long in_w, long out_h, long out_w,
                     long channels)
{
  for (long r = 0; r < out_h; r++)
    for (long c = 0; c < out_w; c++)
      {
        long top, bottom, left, right;
        float down, across;
        net_between (r, in_h, out_h, &top, &bottom, &down);
        net_between (c, in_w, out_w, &left, &right, &across);
        for (long k = 0; k < channels; k++)
          {
            const float a = x[(top * in_w + left) * channels + k];
            const float b = x[(top * in_w + right) * channels + k];
            const float d = x[(bottom * in_w + left) * channels + k];
            const float e = x[(bottom * in_w + right) * channels + k];
            const float above = a + across * (b - a), below = d + across * (e - d);
            *y++ = above + down * (below - above);
          }
      }
}

/*- pad -*/
/* y[r][c] = x[r - top][c - left], 0 outside */
static void
net_pad (const float *x, float *y, long in_h, long in_w, long out_h, long out_w, long channels,
         long top, long left)
{
  for (long r = 0; r < out_h; r++)
    for (long c = 0; c < out_w; c++)
      for (long k = 0; k < channels; k++)
        {
          const long row = r - top, col = c - left;
          const int inside = row >= 0 && row < in_h && col >= 0 && col < in_w;
          *y++ = inside ? x[(row * in_w + col) * channels + k] : 0.0f;
        }
}

/*- linear-activation -*/
static float
net_linear_activation (float x)
{
  return x;
}

/*- relu -*/
static float
net_relu (float x)
{
  return x > 0.0f ? x : 0.0f;
}

/*- leaky-relu -*/
static float
net_leaky_relu (float x, float alpha)
{
  return x > 0.0f ? x : alpha * x;
}

/*- elu -*/
static float
net_elu (float x, float alpha)
{
  return x > 0.0f ? x : alpha * expm1f (x);
}

/*- sigmoid -*/
static float
net_sigmoid (float x)
{
  return 1.0f / (1.0f + expf (-x));
}

/*- tanh -*/
static float
net_tanh (float x)
{
  return tanhf (x);
}

/*- softplus -*/
static float
net_softplus (float x)
{
  return (x > 0.0f ? x : 0.0f) + log1pf (expf (-fabsf (x)));
}

/*- selu -*/
static float
net_selu (float x)
{
  return 1.05070098f * (x > 0.0f ? x : 1.67326324f * expm1f (x));
}

/*- gelu -*/
static float
net_gelu (float x)
{
  return 0.5f * x * (1.0f + erff (0.707106781f * x));
}

/*- silu -*/
static float
net_silu (float x)
{
  return x / (1.0f + expf (-x));
}

/*- hard-sigmoid -*/
static float
net_hard_sigmoid (float x)
{
  const float y = 0.2f * x + 0.5f;
  return y < 0.0f ? 0.0f : y > 1.0f ? 1.0f : y;
}

/*- relu6 -*/
static float
net_relu6 (float x)
{
  return x < 0.0f ? 0.0f : x > 6.0f ? 6.0f : x;
}

/*- hard-swish -*/
static float
net_hard_swish (float x)
{
  return x <= -3.0f ? 0.0f : x >= 3.0f ? x : x * (x + 3.0f) / 6.0f;
}

/*- softsign -*/
static float
net_softsign (float x)
{
  return x / (1.0f + fabsf (x));
}

/*- softmax -*/
static void
net_softmax (const float *x, float *y, long rows, long n)
{
  for (long r = 0; r < rows; r++, x += n, y += n)
    {
      float largest = x[0], sum = 0.0f;
      for (long i = 1; i < n; i++)
        largest = x[i] > largest ? x[i] : largest;
      for (long i = 0; i < n; i++)
        sum += y[i] = expf (x[i] - largest);
      for (long i = 0; i < n; i++)
        y[i] /= sum;
    }
}

/*- log-softmax -*/
static void
net_log_softmax (const float *x, float *y, long rows, long n)
{
  for (long r = 0; r < rows; r++, x += n, y += n)
    {
      float largest = x[0], sum = 0.0f;
      for (long i = 1; i < n; i++)
        largest = x[i] > largest ? x[i] : largest;
      for (long i = 0; i < n; i++)
        sum += expf (x[i] - largest);
      sum = largest + logf (sum);
      for (long i = 0; i < n; i++)
        y[i] = x[i] - sum;
    }
}

/*- prelu -*/
/* slope (n_slopes), again and again */
static void
net_prelu (const float *x, const float *slope, float *y, long n, long n_slopes)
{
  for (long i = 0; i < n; i++)
    y[i] = x[i] > 0.0f ? x[i] : slope[i % n_slopes] * x[i];
}

/*- batch-norm -*/
/* Each channel by its mean and variance while training; scale and centre may be NULL. */
static void
net_batch_norm (const float *x, const float *mean, const float *variance, const float *scale,
                const float *centre, float *y, long rows, long channels, float epsilon)
{
  for (long c = 0; c < channels; c++)
    {
      const float factor = (scale ? scale[c] : 1.0f) / sqrtf (variance[c] + epsilon);
      for (long r = 0; r < rows; r++)
        y[r * channels + c] =
            (x[r * channels + c] - mean[c]) * factor + (centre ? centre[c] : 0.0f);
    }
}

/*- layer-norm -*/
static void
net_layer_norm (const float *x, const float *scale, const float *centre, float *y, long rows,
                long n, float epsilon)
{
  for (long r = 0; r < rows; r++, x += n, y += n)
    {
      double mean = 0.0, variance = 0.0;
      for (long i = 0; i < n; i++)
        mean += (double)x[i] / (double)n;
      for (long i = 0; i < n; i++)
        variance += ((double)x[i] - mean) * ((double)x[i] - mean) / (double)n;
      const float factor = (float)(1.0 / sqrt (variance + (double)epsilon));
      for (long i = 0; i < n; i++)
        y[i] =
            (x[i] - (float)mean) * factor * (scale ? scale[i] : 1.0f) + (centre ? centre[i] : 0.0f);
    }
}

/*- concatenate -*/
/* x (rows, n) into columns first .. first + n of y (rows, width) */
static void
net_concatenate (const float *x, float *y, long rows, long n, long first, long width)
{
  for (long r = 0; r < rows; r++)
    memcpy (y + r * width + first, x + r * n, (size_t)n * sizeof (float));
}

/*- permute -*/
/* Axis i of y, size[i] long, goes through x in steps of step[i]. */
static void
net_permute (const float *x, float *y, int rank, const long *size, const long *step)
{
  long index[8] = { 0 }, at = 0, n = 1;
  for (int i = 0; i < rank; i++)
    n *= size[i];
  for (long k = 0; k < n; k++)
    {
      y[k] = x[at];
      for (int i = rank - 1; i >= 0; i--)
        {
          at += step[i];
          if (++index[i] < size[i])
            break;
          at -= step[i] * size[i];
          index[i] = 0;
        }
    }
}

/*- repeat -*/
static void
net_repeat (const float *x, float *y, long times, long n)
{
  for (long t = 0; t < times; t++)
    memcpy (y + t * n, x, (size_t)n * sizeof (float));
}

/*- embedding -*/
/* The row of the table that each whole number names; all others are row 0. */
static void
net_embedding (const float *x, const float *table, float *y, long n, long entries, long units)
{
  for (long i = 0; i < n; i++)
    {
      const int known = x[i] >= 0.5f && x[i] < (float)entries - 0.5f;
      memcpy (y + i * units, table + (known ? (long)(x[i] + 0.5f) : 0) * units,
              (size_t)units * sizeof (float));
    }
}

/*- embedding-of-classes -*/
/* The row of the table for the largest of each group of values. */
static void
net_embedding_of_classes (const float *x, const float *table, float *y, long n, long entries,
                          long units)
{
  for (long i = 0; i < n; i++, x += entries)
    {
      long row = 0;
      for (long k = 1; k < entries; k++)
        row = x[k] > x[row] ? k : row;
      memcpy (y + i * units, table + row * units, (size_t)units * sizeof (float));
    }
}

/*- quantize -*/
/* Each vector becomes the nearest row of the codebook (codes, d). */
static void
net_quantize (const float *x, const float *codebook, float *y, long n, long codes, long d)
{
  for (long i = 0; i < n; i++, x += d, y += d)
    {
      float least = INFINITY;
      long nearest = 0;
      for (long k = 0; k < codes; k++)
        {
          float distance = 0.0f;
          for (long j = 0; j < d; j++)
            distance += (x[j] - codebook[k * d + j]) * (x[j] - codebook[k * d + j]);
          if (distance < least)
            {
              least = distance;
              nearest = k;
            }
        }
      memcpy (y, codebook + nearest * d, (size_t)d * sizeof (float));
    }
}

/*- sequence -*/
/* How a recurrent layer walks over a sequence: the row that step t reads, and the one it writes. */
typedef struct
{
  long steps, n_in, units;
  int whole, reverse, aligned; /* all states or the last; from the end; in the order of x */
} net_sequence;

static const float *
net_row (const net_sequence *s, const float *x, long t)
{
  return x + (s->reverse ? s->steps - 1 - t : t) * s->n_in;
}

static void
net_keep (const net_sequence *s, const float *h, float *y, long t)
{
  if (s->whole)
    memcpy (y + (s->reverse && s->aligned ? s->steps - 1 - t : t) * s->units, h,
            (size_t)s->units * sizeof (float));
  else if (t == s->steps - 1)
    memcpy (y, h, (size_t)s->units * sizeof (float));
}

/* y += x w: x (n_in), w (n_in, n_out) */
static void
net_add_product (const float *x, const float *w, float *y, long n_in, long n_out)
{
  for (long i = 0; i < n_in; i++)
    for (long j = 0; j < n_out; j++)
      y[j] += x[i] * w[i * n_out + j];
}

/*- lstm: sequence sigmoid -*/
/* w (n_in, 4 units), r (units, 4 units), b (4 units) or NULL: parts i, f, c, o. work: 6 units */
static void
net_lstm (const net_sequence *s, const float *x, const float *w, const float *r, const float *b,
          float *y, float (*f) (float), float *work)
{
  const long u = s->units;
  float *h = work, *c = work + u, *gate = work + 2 * u;
  memset (work, 0, (size_t)(2 * u) * sizeof (float));
  for (long t = 0; t < s->steps; t++)
    {
      for (long j = 0; j < 4 * u; j++)
        gate[j] = b ? b[j] : 0.0f;
      net_add_product (net_row (s, x, t), w, gate, s->n_in, 4 * u);
      net_add_product (h, r, gate, u, 4 * u);
      for (long j = 0; j < u; j++)
        {
          c[j] = net_sigmoid (gate[u + j]) * c[j] + net_sigmoid (gate[j]) * f (gate[2 * u + j]);
          h[j] = net_sigmoid (gate[3 * u + j]) * f (c[j]);
        }
      net_keep (s, h, y, t);
    }
}

/*- gru: sequence sigmoid -*/
/* w (n_in, 3 units), r (units, 3 units), b (2, 3 units) or NULL: parts z, r, h. work: 7 units */
static void
net_gru (const net_sequence *s, const float *x, const float *w, const float *r, const float *b,
         float *y, float (*f) (float), float *work)
{
  const long u = s->units;
  float *h = work, *of_x = work + u, *of_h = work + 4 * u;
  memset (work, 0, (size_t)u * sizeof (float));
  for (long t = 0; t < s->steps; t++)
    {
      for (long j = 0; j < 3 * u; j++)
        {
          of_x[j] = b ? b[j] : 0.0f;
          of_h[j] = b ? b[3 * u + j] : 0.0f;
        }
      net_add_product (net_row (s, x, t), w, of_x, s->n_in, 3 * u);
      net_add_product (h, r, of_h, u, 3 * u);
      for (long j = 0; j < u; j++)
        {
          const float z = net_sigmoid (of_x[j] + of_h[j]);
          const float reset = net_sigmoid (of_x[u + j] + of_h[u + j]);
          h[j] = z * h[j] + (1.0f - z) * f (of_x[2 * u + j] + reset * of_h[2 * u + j]);
        }
      net_keep (s, h, y, t);
    }
}

/*- simple-rnn: sequence -*/
/* w (n_in, units), r (units, units), b (units) or NULL. work: 2 units */
static void
net_simple_rnn (const net_sequence *s, const float *x, const float *w, const float *r,
                const float *b, float *y, float (*f) (float), float *work)
{
  const long u = s->units;
  float *h = work, *sum = work + u;
  memset (work, 0, (size_t)u * sizeof (float));
  for (long t = 0; t < s->steps; t++)
    {
      for (long j = 0; j < u; j++)
        sum[j] = b ? b[j] : 0.0f;
      net_add_product (net_row (s, x, t), w, sum, s->n_in, u);
      net_add_product (h, r, sum, u, u);
      for (long j = 0; j < u; j++)
        h[j] = f (sum[j]);
      net_keep (s, h, y, t);
    }
}
