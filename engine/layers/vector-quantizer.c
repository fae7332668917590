/* Vector quantizer: the code of a VQ-VAE. A. van den Oord, O. Vinyals, K. Kavukcuoglu, "Neural
 * discrete representation learning", 2017. */
#include "diabolo-config.h"

#include <inttypes.h>
#include <string.h>

#include "base/nn-error.h"
#include "layers/nn-layer-params.h"
#include "ops/nn-op.h"

#include <glib/gi18n-lib.h>

/* ---- the operation ---- */

static gsize
vectors_of (const NnProgram *program, const NnOp *op, guint n)
{
  const NnShape *codebook = &nn_program_weight (program, op->weight[0])->shape;
  return n * (gsize)(nn_program_value (program, op->in[0])->size / codebook->dim[1]);
}

/* The chosen code of each vector, whole numbers below 2^16. */
static gsize
quantize_scratch (const NnProgram *program, const NnOp *op, guint n)
{
  return vectors_of (program, op, n);
}

static gint64
quantize_macs (const NnProgram *program, const NnOp *op)
{
  return (gint64)vectors_of (program, op, 1) * nn_program_weight (program, op->weight[0])->size;
}

/* The distance to the nearest code. */
static double
find_nearest (const NnKernels *kernels, const float *z, const float *codebook, gsize n_codes,
              gsize d, gsize *nearest)
{
  double least = kernels->squared_error (z, codebook, NULL, 0, d);

  *nearest = 0;
  for (gsize k = 1; k < n_codes; k++)
    {
      const double distance = kernels->squared_error (z, codebook + k * d, NULL, 0, d);
      if (distance < least)
        {
          least = distance;
          *nearest = k;
        }
    }
  return least;
}

static void
quantize_forward (NnOpRun *run)
{
  const NnQuantizeAttrs *attrs = run->op->attrs;
  const NnShape *codebook = &nn_program_weight (run->program, run->op->weight[0])->shape;
  const gsize n = vectors_of (run->program, run->op, run->n), d = (gsize)codebook->dim[1];
  const double size = (double)nn_program_value (run->program, run->op->in[0])->size;
  double total = 0;

  for (gsize i = 0; i < n; i++)
    {
      gsize nearest;

      total += find_nearest (run->kernels, run->x[0] + i * d, run->w[0], (gsize)codebook->dim[0], d,
                             &nearest);
      run->scratch[i] = (float)nearest;
      memcpy (run->y[0] + i * d, run->w[0] + nearest * d, d * sizeof (float));
    }
  run->loss[0] += (1 + (double)attrs->beta) * total / size;
}

/* dz = dy + 2 beta (z - e) / size; de = sum over the vectors of e of 2 (e - z) / size; the losses
 * as a mean over the batch */
static void
quantize_backward (NnOpRun *run)
{
  const NnQuantizeAttrs *attrs = run->op->attrs;
  const NnWeight *codebook = nn_program_weight (run->program, run->op->weight[0]);
  const gsize n = vectors_of (run->program, run->op, run->n), d = (gsize)codebook->shape.dim[1];
  const float size = (float)nn_program_value (run->program, run->op->in[0])->size;
  const float scale = run->mode == NN_MODE_STILL ? 0 : 2 / (size * (float)run->batch);

  if (run->dw[0] && run->fresh[0])
    memset (run->dw[0], 0, (gsize)codebook->size * sizeof (float));
  for (gsize i = 0; i < n; i++)
    {
      const gsize code = (gsize)run->scratch[i] * d;

      for (gsize k = 0; k < d; k++)
        {
          const float error = run->x[0][i * d + k] - run->w[0][code + k];

          if (run->dx[0])
            run->dx[0][i * d + k] = run->dy[0][i * d + k] + attrs->beta * scale * error;
          if (run->dw[0])
            run->dw[0][code + k] -= scale * error;
        }
    }
}

const NnOpType nn_op_quantize = {
  .name = "quantize",
  .flags = NN_OP_LOSS,
  .attrs_size = sizeof (NnQuantizeAttrs),
  .scratch = quantize_scratch,
  .macs = quantize_macs,
  .forward = quantize_forward,
  .backward = quantize_backward,
};

/* ---- the layer ---- */

static const NnParamSpec quantizer_params[] = {
  { .name = "codes",
    .title = N_ ("Codes"),
    .tip = N_ ("How many vectors there are to choose from; each is trained."),
    .type = NN_PARAM_INT,
    .flags = NN_PARAM_STRUCTURAL | NN_PARAM_LOG,
    .def = 64,
    .min = 1,
    .max = 65536,
    .soft_min = 2,
    .soft_max = 1024 },
  { .name = "beta",
    .title = N_ ("Commitment"),
    .tip = N_ ("How strongly the encoder is held to the codes it has chosen."),
    .type = NN_PARAM_FLOAT,
    .def = 0.25,
    .min = 0,
    .max = 1000,
    .soft_min = 0,
    .soft_max = 2 },
  { NULL },
};

static gboolean
quantizer_infer (const NnParams *params, const NnInferContext *context, NnShape *out,
                 GError **error)
{
  const gint64 codes = nn_params_int (params, "codes");
  out[0] = context->in[0];
  if (out[0].rank < 1)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                   _ ("needs at least one axis to work on, but gets a single value"));
      return FALSE;
    }
  const gint64 features = out[0].dim[out[0].rank - 1];
  if (nn_shape_size (&nn_shape (codes, features)) < 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                   _ ("%" PRId64 " codes of %" PRId64 " values are too many"), codes, features);
      return FALSE;
    }
  return TRUE;
}

static void
quantizer_lower (const NnParams *params, NnLowering *lowering)
{
  const guint in = (guint)nn_lowering_input (lowering, 0);
  const NnShape shape = *nn_lowering_shape (lowering, in);
  const gint64 codes = nn_params_int (params, "codes"), features = shape.dim[shape.rank - 1];
  const NnQuantizeAttrs attrs = { .beta = (float)nn_params_float (params, "beta") };
  const guint out = nn_lowering_value (lowering, &shape);
  /* Uniform within 1 / codes, as the paper's authors: He's range sqrt (6 / fan) for a fan of
   * 6 codes^2. */
  const guint codebook = nn_lowering_weight (lowering, "codebook", &nn_shape (codes, features),
                                             NN_INIT_HE_UNIFORM, 6 * codes * codes, features, 0, 0);
  nn_lowering_op (lowering, &nn_op_quantize, &attrs, 1, &in, 1, &out, 1, &codebook);
  nn_lowering_output (lowering, 0, out);
}

static char *
quantizer_describe (const NnParams *params)
{
  return g_strdup_printf (_ ("%" PRId64 " codes"), nn_params_int (params, "codes"));
}

#define STRAIGHT_THROUGH                                                                           \
  "the gradient passes straight through a choice, and each loss stops it on one side"

static const NnLayerTest quantizer_tests[] = {
  { "vectors", "codes=4", { "3x2" }, .estimator = STRAIGHT_THROUGH },
  { "image", "codes=3 beta=1", { "2x2x5" }, .estimator = STRAIGHT_THROUGH },
  { "one code", "codes=1 beta=0", { "4" }, .estimator = STRAIGHT_THROUGH },
  { NULL },
};

const NnLayerType nn_layer_vector_quantizer = {
  .id = "vector-quantizer",
  .version = 1,
  .title = N_ ("Vector quantizer"),
  .category = NN_CATEGORY_VARIATIONAL,
  .icon = "nn-vector-quantizer-symbolic",
  .summary = N_ ("the nearest of some vectors"),
  .when_to_use = N_ ("The code of a VQ-VAE: a picture becomes a few choices out of a list of "
                     "vectors, which are trained with the rest. For pictures, behind a "
                     "convolution with few filters."),
  .flags = NN_LAYER_CODE,
  .params = quantizer_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = quantizer_infer,
  .lower = quantizer_lower,
  .describe = quantizer_describe,
  .tests = quantizer_tests,
};
