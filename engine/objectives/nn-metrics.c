#include "diabolo-config.h"

#include "objectives/nn-metrics.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define TOP_K 5

/* An error smaller than this counts as this: 100 dB. */
#define SMALLEST_SQUARE 1e-10

/* Sums of classes; behind them, for each class, right, predicted and actual. */
enum
{
  SUM_ROWS,
  SUM_CORRECT,
  SUM_TOP,
  SUM_LAST_RIGHT, /* of two classes, by the threshold */
  SUM_LAST_PREDICTED,
  SUM_LAST_ACTUAL,
  N_CLASS_SUMS
};

enum
{
  CLASS_RIGHT,
  CLASS_PREDICTED,
  CLASS_ACTUAL,
  N_PER_CLASS
};

/* Sums of values. */
enum
{
  SUM_SAMPLES,
  SUM_ABSOLUTE,
  SUM_SQUARED,
  SUM_PSNR,
  SUM_SIMILAR,
  SUM_SIMILARITY,
  N_VALUE_SUMS
};

/* ---- adding up ---- */

static gboolean
is_classes (const NnMetricFrame *frame)
{
  return frame->objective->kind == NN_OBJECTIVE_CLASSIFICATION;
}

static gboolean
is_values (const NnMetricFrame *frame)
{
  return frame->objective->elementwise;
}

static gboolean
is_image (const NnMetricFrame *frame)
{
  return is_values (frame) && frame->shape.rank == 3;
}

static gboolean
has_similarity (const NnMetricFrame *frame)
{
  return is_image (frame) && frame->peak == 1 && frame->shape.dim[0] >= NN_SSIM_WINDOW
         && frame->shape.dim[1] >= NN_SSIM_WINDOW;
}

gsize
nn_metrics_n_sums (const NnMetricFrame *frame)
{
  if (is_classes (frame))
    return N_CLASS_SUMS + N_PER_CLASS * frame->cols;
  return is_values (frame) ? N_VALUE_SUMS : 0;
}

static gboolean
is_binary (const NnMetricFrame *frame)
{
  return is_classes (frame) && frame->cols == 2;
}

void
nn_metrics_rescale (const NnMetricFrame *frame, float *p)
{
  float sum = 0;

  if (frame->prior_ratio == NULL)
    return;
  for (gsize k = 0; k < frame->cols; k++)
    sum += p[k] *= frame->prior_ratio[k];
  for (gsize k = 0; sum > 0 && k < frame->cols; k++)
    p[k] /= sum;
}

/* Grows with the probability of each class: log p' = log p + log ratio. */
static const float *
with_priors (const NnMetricFrame *frame, const float *row, float *room)
{
  if (frame->prior_ratio == NULL)
    return row;
  for (gsize k = 0; k < frame->cols; k++)
    room[k] =
        frame->logits ? row[k] + logf (frame->prior_ratio[k]) : row[k] * frame->prior_ratio[k];
  return room;
}

double
nn_metrics_n_right (const NnMetricFrame *frame, const float *y, const float *t, gsize n)
{
  const gsize cols = frame->cols, target = frame->objective->sparse ? 1 : cols;
  double right = 0;

  if (frame->prior_ratio == NULL)
    return frame->objective->correct (y, t, n * frame->rows, cols);
  g_autofree float *room = g_new (float, cols);
  for (gsize r = 0; r < n * frame->rows; r++)
    right += frame->objective->correct (with_priors (frame, y + r * cols, room), t + r * target, 1,
                                        cols);
  return right;
}

static void
add_last (const NnMetricFrame *frame, const float *row, gsize actual, double *sums)
{
  const float p = frame->logits ? 1 / (1 + expf (row[0] - row[1])) : row[1] / (row[0] + row[1]);
  const gboolean said = p >= frame->threshold;

  sums[SUM_LAST_RIGHT] += said && actual == 1;
  sums[SUM_LAST_PREDICTED] += said;
  sums[SUM_LAST_ACTUAL] += actual == 1;
}

static void
add_classes (const NnMetricFrame *frame, const float *y, const float *t, gsize n, double *sums)
{
  double *per_class = sums + N_CLASS_SUMS;
  const gsize cols = frame->cols;
  g_autofree float *room = frame->prior_ratio != NULL ? g_new (float, cols) : NULL;

  for (gsize r = 0; r < n * frame->rows; r++)
    {
      const float *row = with_priors (frame, y + r * cols, room);
      const gsize guess = nn_arg_max (row, cols);
      const gsize actual = frame->objective->sparse ? (gsize)CLAMP (roundf (t[r]), 0, cols - 1)
                                                    : nn_arg_max (t + r * cols, cols);
      gsize above = 0;

      for (gsize i = 0; i < cols; i++)
        above += row[i] > row[actual];
      sums[SUM_ROWS]++;
      sums[SUM_CORRECT] += guess == actual;
      sums[SUM_TOP] += above < TOP_K;
      per_class[actual * N_PER_CLASS + CLASS_RIGHT] += guess == actual;
      per_class[guess * N_PER_CLASS + CLASS_PREDICTED]++;
      per_class[actual * N_PER_CLASS + CLASS_ACTUAL]++;
      if (cols == 2)
        add_last (frame, row, actual, sums);
    }
}

static void
add_values (const NnMetricFrame *frame, const NnKernels *kernels, const float *y, const float *t,
            gsize n, gsize n_similar, double *sums)
{
  const gsize size = frame->rows * frame->cols;

  for (gsize i = 0; i < n; i++, y += size, t += size)
    {
      const double square = kernels->squared_error (y, t, NULL, 0, size) / (double)size;

      sums[SUM_SAMPLES]++;
      sums[SUM_ABSOLUTE] += kernels->absolute_error (y, t, NULL, 0, size) / (double)size;
      sums[SUM_SQUARED] += square;
      sums[SUM_PSNR] -=
          10 * log10 (MAX (square / ((double)frame->peak * (double)frame->peak), SMALLEST_SQUARE));
      if (i >= n_similar || !has_similarity (frame))
        continue;
      sums[SUM_SIMILAR]++;
      sums[SUM_SIMILARITY] += nn_ssim (y, t, (gsize)frame->shape.dim[0], (gsize)frame->shape.dim[1],
                                       (gsize)frame->shape.dim[2]);
    }
}

void
nn_metrics_add (const NnMetricFrame *frame, const NnKernels *kernels, const float *y,
                const float *t, gsize n, gsize n_similar, double *sums)
{
  if (is_classes (frame))
    add_classes (frame, y, t, n, sums);
  else if (is_values (frame))
    add_values (frame, kernels, y, t, n, n_similar, sums);
}

/* ---- what the sums say ---- */

static double
ratio (double part, double whole)
{
  return whole > 0 ? part / whole : NAN;
}

static double
accuracy (const NnMetricFrame *frame, const double *sums)
{
  return ratio (sums[SUM_CORRECT], sums[SUM_ROWS]);
}

static gboolean
has_top (const NnMetricFrame *frame)
{
  return is_classes (frame) && frame->cols > TOP_K;
}

static double
top_k (const NnMetricFrame *frame, const double *sums)
{
  return ratio (sums[SUM_TOP], sums[SUM_ROWS]);
}

double
nn_f_beta (double beta, double precision, double recall)
{
  const double below = beta * beta * precision + recall;

  return below > 0 ? (1 + beta * beta) * precision * recall / below : 0;
}

static double
precision_of (double precision, double recall)
{
  return precision;
}

static double
recall_of (double precision, double recall)
{
  return recall;
}

static double
f1_of (double precision, double recall)
{
  return nn_f_beta (1, precision, recall);
}

static double
f2_of (double precision, double recall)
{
  return nn_f_beta (2, precision, recall);
}

/* Over the classes that occur. */
static double
macro (const NnMetricFrame *frame, const double *sums,
       double (*of_class) (double precision, double recall))
{
  double sum = 0;
  gsize n = 0;

  for (gsize c = 0; c < frame->cols; c++)
    {
      const double *counts = sums + N_CLASS_SUMS + c * N_PER_CLASS;
      const double right = counts[CLASS_RIGHT];

      if (counts[CLASS_PREDICTED] + counts[CLASS_ACTUAL] <= 0)
        continue;
      n++;
      sum += of_class (counts[CLASS_PREDICTED] > 0 ? right / counts[CLASS_PREDICTED] : 0,
                       counts[CLASS_ACTUAL] > 0 ? right / counts[CLASS_ACTUAL] : 0);
    }
  return ratio (sum, (double)n);
}

static double
precision (const NnMetricFrame *frame, const double *sums)
{
  return macro (frame, sums, precision_of);
}

static double
recall (const NnMetricFrame *frame, const double *sums)
{
  return macro (frame, sums, recall_of);
}

static double
f1 (const NnMetricFrame *frame, const double *sums)
{
  return macro (frame, sums, f1_of);
}

static double
f2 (const NnMetricFrame *frame, const double *sums)
{
  return macro (frame, sums, f2_of);
}

static double
last_precision (const NnMetricFrame *frame, const double *sums)
{
  return sums[SUM_LAST_PREDICTED] > 0 ? sums[SUM_LAST_RIGHT] / sums[SUM_LAST_PREDICTED] : 0;
}

static double
last_recall (const NnMetricFrame *frame, const double *sums)
{
  return ratio (sums[SUM_LAST_RIGHT], sums[SUM_LAST_ACTUAL]);
}

static double
last_f_beta (const NnMetricFrame *frame, const double *sums)
{
  if (sums[SUM_LAST_ACTUAL] <= 0)
    return NAN;
  return nn_f_beta (frame->beta, last_precision (frame, sums), last_recall (frame, sums));
}

static double
mean_absolute (const NnMetricFrame *frame, const double *sums)
{
  return ratio (sums[SUM_ABSOLUTE], sums[SUM_SAMPLES]);
}

static double
mean_squared (const NnMetricFrame *frame, const double *sums)
{
  return ratio (sums[SUM_SQUARED], sums[SUM_SAMPLES]);
}

static double
psnr (const NnMetricFrame *frame, const double *sums)
{
  return ratio (sums[SUM_PSNR], sums[SUM_SAMPLES]);
}

static double
ssim (const NnMetricFrame *frame, const double *sums)
{
  return ratio (sums[SUM_SIMILARITY], sums[SUM_SIMILAR]);
}

static const NnMetricType types[] = {
  { "accuracy", N_ ("Accuracy"), N_ ("Share of samples whose most likely class is the right one."),
    "%", 100, FALSE, is_classes, accuracy },
  { "top_5", N_ ("Top 5"), N_ ("Share of samples whose right class is among the five most likely."),
    "%", 100, FALSE, has_top, top_k },
  { "precision", N_ ("Precision"),
    N_ ("Of what was taken for a class, the share that is of it; mean over the classes."), "%", 100,
    FALSE, is_classes, precision },
  { "recall", N_ ("Recall"),
    N_ ("Of what is of a class, the share that was found; mean over the "
        "classes."),
    "%", 100, FALSE, is_classes, recall },
  { "f1", N_ ("F1"), N_ ("Precision and recall in one number, mean over the classes."), "%", 100,
    FALSE, is_classes, f1 },
  { "f2", N_ ("F2"), N_ ("As F1, but what was missed weighs more than what was taken wrongly."),
    "%", 100, FALSE, is_classes, f2 },
  { "last_precision", N_ ("Precision of the last class"),
    N_ ("Of what has at least the threshold's probability of being of the last of two classes, the "
        "share that is."),
    "%", 100, FALSE, is_binary, last_precision },
  { "last_recall", N_ ("Recall of the last class"),
    N_ ("Of what is of the last of two classes, the share that has at least the threshold's "
        "probability."),
    "%", 100, FALSE, is_binary, last_recall },
  { "f_beta", N_ ("F-beta of the last class"),
    N_ ("Precision and recall of the last of two classes in one number; with beta 2 what was "
        "missed weighs more."),
    "%", 100, FALSE, is_binary, last_f_beta },
  { "mae", N_ ("Mean absolute error"), N_ ("Distance between output and target, mean per value."),
    NULL, 1, TRUE, is_values, mean_absolute },
  { "mse", N_ ("Mean squared error"), N_ ("Squared distance, mean per value."), NULL, 1, TRUE,
    is_values, mean_squared },
  { "psnr", N_ ("PSNR"),
    N_ ("Peak signal-to-noise ratio, mean over the images: more is better, 30 dB is good."), "dB",
    1, FALSE, is_image, psnr },
  { "ssim", N_ ("SSIM"),
    N_ ("Structural similarity, how alike the images look: 1 is the same image."), NULL, 1, FALSE,
    has_similarity, ssim },
  { NULL },
};

G_STATIC_ASSERT (G_N_ELEMENTS (types) <= NN_METRICS_MAX + 1);

const NnMetricType *
nn_metric_types (void)
{
  return types;
}
