/* nn-metrics.h: what is measured beside the loss. Which metrics there are follows from an
 * objective and the shapes it compares; they are counted while a part is evaluated, slice by slice,
 * into sums that are added in a fixed order.
 *
 * Of two classes the last is the one that is looked for: precision, recall and F-beta "of the last
 * class" take a threshold, everything else takes the likeliest class.
 *
 * Precision, recall and F are means over the classes that occur among labels or predictions, each
 * counting alike (macro averages, as scikit-learn), where a share of nothing is 0. Values are
 * expected between 0 and 1 (data range 1), but for the PSNR of scaled pixels.
 */
#pragma once

#include "objectives/nn-objective.h"

G_BEGIN_DECLS

/* What an objective compares, of one sample. */
typedef struct
{
  const NnObjectiveType *objective;
  gsize rows, cols; /* positions and classes; or 1 and all values */
  NnShape shape;    /* of the image that prediction or target is, else rank 0 */
  const float
      *prior_ratio; /* (cols) of classes: Bayes' rule for other priors, p' ~ p ratio; or NULL */
  float threshold, beta; /* of two classes: the last counts from this probability on; of F */
  float peak;            /* of pixels, white less black; 1 unless they are scaled */
  gboolean logits;       /* what is compared comes before the softmax */
} NnMetricFrame;

/* One metric. */
typedef struct
{
  const char *id;      /* "psnr": JSON */
  const char *title;   /* "PSNR" */
  const char *summary; /* what it says, one sentence */
  const char *unit;    /* "%", "dB" or NULL */
  double factor;       /* of the value for a screen: 100 for a share in percent */
  gboolean less_is_better;
  gboolean (*applies) (const NnMetricFrame *frame);
  double (*value) (const NnMetricFrame *frame, const double *sums); /* NaN without samples */
} NnMetricType;

/* Ended by a NULL id, at most NN_METRICS_MAX of them; static. */
#define NN_METRICS_MAX 16
const NnMetricType *nn_metric_types (void);

/* Doubles that nn_metrics_add() needs, zero at first. */
gsize nn_metrics_n_sums (const NnMetricFrame *frame);

/* y, t: n samples; y are the activated values, or for classes also what comes before a softmax.
 * n_similar: the structural similarity is measured of so many of them. Any thread. */
void nn_metrics_add (const NnMetricFrame *frame, const NnKernels *kernels, const float *y,
                     const float *t, gsize n, gsize n_similar, double *sums);

/* How many of n samples' rows are predicted right, under the frame's priors. The objective counts
 * them. y, t as above. */
double nn_metrics_n_right (const NnMetricFrame *frame, const float *y, const float *t, gsize n);

/* p (frame->cols): probabilities as they would be with the other priors, if there are any. */
void nn_metrics_rescale (const NnMetricFrame *frame, float *p);

/* (1 + beta^2) p r / (beta^2 p + r), 0 where both are. */
double nn_f_beta (double beta, double precision, double recall);

/* Structural similarity of two images (H, W, C) with H, W >= NN_SSIM_WINDOW: Z. Wang, A. Bovik,
 * H. Sheikh, E. Simoncelli, "Image quality assessment: from error visibility to structural
 * similarity", 2004; Gaussian window of 11 x 11, sigma 1.5, K1 0.01, K2 0.03, mean over the
 * places where the window fits and over channels, as tf.image.ssim() with max_val 1. */
#define NN_SSIM_WINDOW 11
double nn_ssim (const float *x, const float *y, gsize height, gsize width, gsize channels);

G_END_DECLS
