/* nn-op.h: a primitive operation: what the plan executes and exporters translate. Layers lower to
 * these (N layers, M exporters, N + M pieces of code). One family = one file in ops/, or the
 * layer's own file where no other layer needs it.
 *
 * Forward and backward see a slice of n samples of one batch; everything is (n, S) row-major.
 */
#pragma once

#include "base/nn-blas.h"
#include "base/nn-kernels.h"
#include "base/nn-rng.h"
#include "model/nn-program.h"
#include "objectives/nn-metrics.h"

G_BEGIN_DECLS

typedef enum
{
  NN_MODE_TRAIN,
  NN_MODE_EVALUATE, /* validation and viewers: dropout off; noise on unless told "training only" */
  NN_MODE_STILL,    /* no noise whatever it was told, and no penalty adds to a gradient */
} NnMode;

typedef enum
{
  NN_OP_ALIAS = 1 << 0, /* out[0] is in[0], perhaps with another shape: both share memory and
                         * gradient; backward (may be NULL) finds dx == dy and adds to it */
  NN_OP_LOSS = 1 << 1, /* adds to run->loss in forward; without a backward it leaves dx there too */
  NN_OP_ACTIVATES = 1 << 2,      /* forward honours run->activation, and backward does not look at
                                  * out[0], which what follows may change in place */
  NN_OP_TAKES_CONSTANT = 1 << 3, /* works on sequences, and takes one row (F) for a sequence of
                                  * equal rows (T, F) */
  NN_OP_TRAINS_ONLY = 1 << 4,    /* only training needs it: in what is exported, out[0] is in[0] */
  NN_OP_PURE = 1 << 5, /* a sample's outputs follow from its inputs and the weights alone, bit by
                        * bit whatever slice it is in, unless run->any_order: no chance, no loss,
                        * no other sample */
} NnOpFlags;

/* One call on one slice. */
typedef struct
{
  const NnProgram *program;
  const NnOp *op;
  const NnKernels *kernels;
  NnMode mode;
  const NnOp
      *activation; /* an activation to apply to the output at once (fused by the plan), or NULL */
  gboolean
      logits; /* a loss gets the values before its from_logits activation (fused by the plan) */
  gboolean any_order; /* what comes out is for this training step alone: sums may be added up in
                         whatever order is fastest */
  gboolean undo_relu; /* max pooling: dx[0] is the gradient before the ReLU that made x[0] */
  guint n;            /* samples in the slice */
  guint batch;        /* samples in the whole batch: a mean loss scales by 1 / batch */
  guint64 seed;
  guint32 step;                 /* training step, or NN_STEP_EVALUATE */
  const guint32 *sample;        /* (n) names of the samples for random streams */
  const float *x[NN_OP_MAX_IN]; /* (n, S_in) */
  float *y[NN_OP_MAX_OUT];      /* (n, S_out) */
  const float *dy[NN_OP_MAX_OUT];
  float *dx[NN_OP_MAX_IN]; /* NULL where no gradient is wanted; else written, not added to */
  const float *w[NN_OP_MAX_WEIGHTS];
  float *dw[NN_OP_MAX_WEIGHTS];      /* NULL where frozen */
  gboolean fresh[NN_OP_MAX_WEIGHTS]; /* dw is to be written, else added to */
  float *scratch;  /* scratch() floats, kept from forward to backward of the slice */
  float *prepared; /* prepared() floats that prepare() has written */
  double *sums;    /* (n_sums) of the whole batch, in gather() of the samples so far; NULL where
                      nothing is gathered, as in evaluation */
  double *sums_backward; /* (n_sums) the same for gather_backward() */
  float
      *state[NN_OP_MAX_WEIGHTS]; /* finish() of a training step: weights to be written, else NULL */
  double loss[2];     /* NN_OP_LOSS: [0] sum over the n samples of the weighted loss; [1] metric
                         (correct predictions) */
  double *meter;      /* n_meter() sums over samples to add to, or NULL where nothing is measured */
  gboolean thorough;  /* measures what takes long for all samples, not for the first ones only */
  float *sample_loss; /* (n) or NULL: each sample's unweighted loss, for viewers */
} NnOpRun;

struct _NnOpType
{
  const char *name; /* "linear" */
  guint flags;
  gsize attrs_size;
  void (*decide) (gpointer attrs); /* may be NULL. Adds what follows from the attributes, once */
  guint slice_wish; /* samples that a slice should hold at least, for products whose rows are
                     * samples; 0: any number will do */
  /* May be NULL: 0. Floats of scratch for a slice of n samples. */
  gsize (*scratch) (const NnProgram *program, const NnOp *op, guint n);
  /* May be NULL: 0. Floats that are worked out from the weights once for a whole batch: prepare()
   * has w and prepared, and for_dx where backward() will have dx[0]. */
  gsize (*prepared) (const NnProgram *program, const NnOp *op, gboolean for_dx);
  void (*prepare) (NnOpRun *run, gboolean for_dx);
  /* May be NULL: 0. Multiply-adds of one sample. */
  gint64 (*macs) (const NnProgram *program, const NnOp *op);
  /* May be NULL: 0. Sums that forward adds to where run->meter is set, behind the loss itself. */
  gsize (*n_meter) (const NnProgram *program, const NnOp *op);
  void (*forward) (NnOpRun *run);
  void (*backward) (NnOpRun *run);
  /* May be NULL. Rows first .. first + n of the gradient of weight 0, from x and dy of the whole
   * batch (run->n samples), written from dw[0] on: then backward() may find dw[0] NULL. A large
   * matrix is better off with one product than with one a shard, to be added up. */
  void (*weight_rows) (NnOpRun *run, gsize first, gsize n);

  /* For operations that look at the whole batch, NULL for all others. Such a step is a barrier:
   * everything before it runs for all samples, then each slice is gathered, in the order of
   * samples within a shard and of shards within the batch. In a training plan, and where the
   * operation is a loss in any. */
  gsize (*n_sums) (const NnProgram *program, const NnOp *op);
  void (*gather) (NnOpRun *run); /* sums += what the slice's x tell */
  void (*finish) (NnOpRun *run); /* may be NULL. Once, without x and y: adds to the loss (as if it
                                    were a sum over the batch), writes state */
  void (*gather_backward) (NnOpRun *run); /* may be NULL: then no barrier on the way back.
                                             sums_backward += what x, y and dy tell */
  void (*finish_backward) (NnOpRun *run); /* may be NULL. Once: adds to dw, which backward() leaves
                                             alone */
};

/* Key and counter of the random stream of one sample of the slice: fixed by seed, node, step and
 * the sample's name. */
static inline void
nn_op_stream (const NnOpRun *run, guint row, guint32 key[2], guint32 counter[4])
{
  key[0] = (guint32)run->seed;
  key[1] = (guint32)(run->seed >> 32);
  counter[0] = 0; /* block */
  counter[1] = run->sample[row];
  counter[2] = run->step;
  counter[3] = run->op->node;
}

/* TRUE where an operation that may be told to be random in training only is so now. */
static inline gboolean
nn_op_is_noisy (const NnOpRun *run, gboolean training_only)
{
  return run->mode == NN_MODE_TRAIN || (run->mode == NN_MODE_EVALUATE && !training_only);
}

/* ---- the primitives and their attributes ---- */

/* y = x W (+ b): x (n, ..., F) acts on the last axis. weights: kernel (F, U), or (U, F) where it is
 * transposed, bias (U) optional. */
typedef struct
{
  gboolean transposed;
} NnLinearAttrs;
extern const NnOpType nn_op_linear;

/* y = f(x) */
typedef struct
{
  NnActivation function;
  float alpha;
} NnActivationAttrs;
extern const NnOpType nn_op_activation;

/* The same values with another shape. */
extern const NnOpType nn_op_reshape;

/* y[..] = x[..] with axes in another order: axis i of y is axis order[i] of x. */
typedef struct
{
  guint order[NN_MAX_RANK];
} NnPermuteAttrs;
extern const NnOpType nn_op_permute;

/* y (T, S): x (S) T times, T the first axis of y. */
extern const NnOpType nn_op_repeat;

/* y = x where x > 0, else a x. weights: a (S) or, shared over positions, (C). */
extern const NnOpType nn_op_prelu;

/* y = g (x - mean) / sqrt (variance + epsilon) + b over the last axis. weights: g (C), b (C), each
 * where its attribute says so. */
typedef struct
{
  float epsilon;
  gboolean scale, centre;
} NnLayerNormAttrs;
extern const NnOpType nn_op_layer_norm;

/* y = g (x - mean) / sqrt (variance + epsilon) + b for each channel of the last axis, mean and
 * variance over all samples and positions of the batch; in evaluation those kept while training.
 * weights: kept mean (C), kept variance (C), then g (C), b (C), each where its attribute says so.
 */
typedef struct
{
  float momentum, epsilon;
  gboolean scale, centre;
} NnBatchNormAttrs;
enum
{
  NN_BATCH_NORM_MEAN,
  NN_BATCH_NORM_VARIANCE,
  NN_BATCH_NORM_SCALE, /* the first of those that may be missing */
};
extern const NnOpType nn_op_batch_norm;
extern const NnOpType nn_op_batch_norm_kept; /* with the kept ones while training, too */

/* y = x; adds beta sum over units of KL (rho || mean of the unit over the batch) to the loss, means
 * of values from 0 to 1. */
typedef struct
{
  float rho, beta;
} NnKlSparsityAttrs;
extern const NnOpType nn_op_kl_sparsity;

/* y = x with each value kept with probability 1 - rate and scaled by 1 / (1 - rate); training only.
 */
typedef struct
{
  float rate;
} NnDropoutAttrs;
extern const NnOpType nn_op_dropout;

/* As dropout, but all positions of a channel (the last axis) share their fate. */
extern const NnOpType nn_op_spatial_dropout; /* NnDropoutAttrs */

/* y = x, but a share of values, amount, becomes high (salt of them) or low. */
typedef struct
{
  float amount, salt, low, high;
  gboolean training_only;
} NnSaltAttrs;
extern const NnOpType nn_op_salt_and_pepper;

typedef enum
{
  NN_MASK_BLOCK,  /* a square of size x size pixels */
  NN_MASK_CROSS,  /* a row and a column, each size pixels thick */
  NN_MASK_PIXELS, /* single pixels, a share of all */
  NN_N_MASKS
} NnMaskKind;

/* y = x, but fill where a mask covers the pixel. Pixels are the first two axes of an image, or all
 * axes where there is no third. */
typedef struct
{
  NnMaskKind kind;
  gint64 size;
  float share, fill;
  gboolean centred; /* block and cross in the middle, else anywhere */
  gboolean training_only;
} NnMaskAttrs;
extern const NnOpType nn_op_mask_out;

/* y = x, an image (H, W, C) or (H, W), turned and zoomed (bilinear) and moved by up to `shift`
 * pixels each way, 0 coming in, with its values multiplied and a square of them 0, and mirrored or
 * turned upside down every other time. */
typedef struct
{
  gint64 shift;
  gboolean mirror, turn;
  float rotation;         /* radians, at most, either way */
  float zoom, brightness; /* factors from 1 / (1 + zoom) to 1 + zoom; from 1 - brightness to 1 + */
  gint64 cut_out;         /* side of a square that becomes 0, pixels; 0: none */
  gboolean training_only;
} NnAugmentAttrs;
extern const NnOpType nn_op_augment;

/* y = clip (x + stddev N(0, 1), low, high); the gradient passes where nothing was clipped. */
typedef struct
{
  float stddev, low, high; /* low > high: no clipping */
  gboolean training_only;
} NnNoiseAttrs;
extern const NnOpType nn_op_gaussian_noise;

/* y = x; adds l1 sum |x| + l2 sum x^2 of each sample to the loss (mean over the batch, as Keras).
 */
typedef struct
{
  float l1, l2;
} NnActivityAttrs;
extern const NnOpType nn_op_activity_penalty;

/* Two to NN_OP_MAX_IN inputs of one shape; the same value may come in more than once. */
extern const NnOpType nn_op_add;      /* y = a + b + ... */
extern const NnOpType nn_op_average;  /* y = (a + b + ...) / number of inputs */
extern const NnOpType nn_op_multiply; /* y = a b ... */
extern const NnOpType
    nn_op_maximum; /* y = max (a, b, ...); the first of equals gets the gradient */
/* Inputs side by side on the last axis; the other axes are equal. */
extern const NnOpType nn_op_concatenate;

/* Sequences through a recurrent cell, as Keras: x (T, F), or (F) at every step; y (T, U) or, the
 * last state alone, (U). States begin at 0. weights: kernel (F, P U), recurrent kernel (U, P U),
 * bias optional; P parts in the order of Keras. s: sigmoid. */
typedef struct
{
  NnActivation activation; /* act; its slope follows from its output, without a parameter */
  gint64 steps, units;     /* T, U */
  gboolean sequences;      /* y is (T, U) */
  gboolean reverse;        /* from the last row of x to the first */
  gboolean aligned;        /* row t of y belongs to row t of x, else to the step t of the walk */
} NnRecurrentAttrs;
/* parts i, f, c, o; bias (4 U). c = s(f) c' + s(i) act(c~), h = s(o) act(c) */
extern const NnOpType nn_op_lstm;
/* parts z, r, h; bias (2, 3 U), the input's and the state's: Keras's reset_after. h = z h' + (1 -
 * z) act (x W + b0 + r (h' R + b1)) */
extern const NnOpType nn_op_gru;
/* bias (U). h = act (x W + h' R + b) */
extern const NnOpType nn_op_simple_rnn;

/* y (..., U): row x of the table for each whole number x (...), or for the largest of each group of
 * values x (..., entries). A number that names no row is unknown, and unknown is row 0. weights:
 * table (entries, U). x gets no gradient. */
typedef struct
{
  gint64 entries, units;
  gboolean one_hot;
} NnEmbeddingAttrs;
extern const NnOpType nn_op_embedding;

/* in: mean m, log-variance v. y = m + exp (v / 2) N(0, 1); adds beta KL (N(m, e^v) || N(0, 1)),
 * summed over a sample's values, to the loss. */
typedef struct
{
  float beta;
  gboolean training_only; /* y = m while evaluating */
} NnSamplingAttrs;
extern const NnOpType nn_op_sampling;

/* Each vector z on the last axis becomes the nearest row e of the codebook (K, D), of equally near
 * ones the first. Adds, as means over a sample's values, |sg (z) - e|^2, which draws codes to what
 * they stand for, and beta |z - sg (e)|^2, which commits the encoder to codes; sg stops the
 * gradient. The gradient of the output passes straight through to z. weights: codebook */
typedef struct
{
  float beta;
} NnQuantizeAttrs;
extern const NnOpType nn_op_quantize;

/* Convolution of images (nn-conv.h): x (H, W, C), or (W, C) with H = 1. weights: kernel (kernel_h,
 * kernel_w, C / groups, O), bias (O) optional. attrs: NnWindow */
extern const NnOpType nn_op_conv2d;

/* The same convolution of an image enlarged `factor` times by repeating its pixels, x the image
 * before that. Only the plan makes it, from those two. */
typedef struct
{
  NnWindow window; /* over the enlarged image; stride, dilation and groups are 1 */
  gint64 factor;
  /* Decided: the same as one convolution turned round, and as one with a channel for each phase,
   * whose bits tell which part goes that way. */
  NnWindow transposed, phased;
} NnUpsampledAttrs;
extern const NnOpType nn_op_conv2d_upsampled;

/* The same convolution and max pooling by 2 x 2 at once, a last odd row or column left out, for an
 * x that gets no gradient. Only the plan makes it, from those two; attrs: NnWindow of the
 * convolution */
extern const NnOpType nn_op_conv2d_pooled;

/* What convolution does to gradients, done to values: x has the shape of the window's output, y
 * that of its input. weights: kernel (kernel_h, kernel_w, channels of y, channels of x), bias
 * (channels of y) optional. attrs: NnWindow of the convolution that it turns round */
extern const NnOpType nn_op_conv2d_transpose;

/* The largest, the mean of each window by channel; padding takes no part. attrs: NnWindow */
extern const NnOpType nn_op_max_pool;
extern const NnOpType nn_op_average_pool;

/* Images in another size, as TensorFlow 2 resizes: centres of pixels lie at halves; nearest, or
 * bilinear between four. */
typedef struct
{
  gint64 in_h, in_w, out_h, out_w, channels;
  gboolean bilinear;
} NnResizeAttrs;
extern const NnOpType nn_op_resize;

/* y[r][c] = x[r - top][c - left], 0 outside: with a border where top and left are positive, without
 * one where they are negative. */
typedef struct
{
  gint64 in_h, in_w, out_h, out_w, channels, top, left;
} NnPadAttrs;
extern const NnOpType nn_op_pad;

/* y = x; adds lambda times the squared Frobenius norm of dy/dx to the loss of each sample, for
 * y = f (x W + b) with an elementwise f whose slope follows from y. in: y. weights: W (F, U). */
typedef struct
{
  NnActivation function;
  float alpha, lambda;
  gboolean transposed; /* the kernel is (U, F) */
} NnContractiveAttrs;
extern const NnOpType nn_op_contractive;
gboolean nn_op_contractive_takes (NnActivation function);

/* in: prediction, target and, perhaps, weights: one a sample, one a row, or one a value. No
 * output. */
#define NN_LOSS_MAX_CLASSES 256 /* that can be weighed one by one */
typedef struct
{
  const NnObjectiveType *objective;
  float weight;
  float peak;            /* of pixels that are compared, white less black; 0: 1 */
  float threshold, beta; /* of metrics of the last of two classes */
  gboolean weighs_classes, has_priors;
  float class_weight[NN_LOSS_MAX_CLASSES]; /* in training, of the class that the target names */
  float prior_ratio[NN_LOSS_MAX_CLASSES];  /* what metrics multiply probabilities by */
} NnLossAttrs;
extern const NnOpType nn_op_loss;
/* What the sums that a loss adds to run->meter are of (objectives/nn-metrics.h). FALSE: another
 * operation. */
gboolean nn_op_loss_frame (const NnProgram *program, const NnOp *op, NnMetricFrame *frame);

G_END_DECLS
