/* The contractive penalty: S. Rifai, P. Vincent, X. Muller, X. Glorot, Y. Bengio, "Contractive
 * auto-encoders: explicit invariance during feature extraction", 2011, in its closed form for one
 * layer. */
#include <math.h>
#include <string.h>

#include "ops/nn-op.h"

/* The slope f' and its derivative, both from the output y. */
typedef struct
{
  float (*slope) (float y, float alpha);
  float (*bend) (float y, float alpha);
} Curve;

static float
one (float y, float alpha)
{
  return 1;
}

static float
zero (float y, float alpha)
{
  return 0;
}

static float
relu_slope (float y, float alpha)
{
  return y > 0;
}

static float
leaky_relu_slope (float y, float alpha)
{
  return y > 0 ? 1 : alpha;
}

static float
elu_slope (float y, float alpha)
{
  return y > 0 ? 1 : y + alpha;
}

static float
elu_bend (float y, float alpha)
{
  return y > 0 ? 0 : 1;
}

static float
sigmoid_slope (float y, float alpha)
{
  return y * (1 - y);
}

static float
sigmoid_bend (float y, float alpha)
{
  return 1 - 2 * y;
}

static float
tanh_slope (float y, float alpha)
{
  return 1 - y * y;
}

static float
tanh_bend (float y, float alpha)
{
  return -2 * y;
}

static float
softplus_slope (float y, float alpha)
{
  return 1 - expf (-y);
}

static float
softplus_bend (float y, float alpha)
{
  return expf (-y);
}

/* Of selu's two constants. */
#define SELU_SCALE 1.05070098735548f
#define SELU_ALPHA 1.67326324235438f

static float
selu_slope (float y, float alpha)
{
  return y > 0 ? SELU_SCALE : y + SELU_SCALE * SELU_ALPHA;
}

static const Curve curves[NN_N_ACTIVATIONS] = {
  [NN_ACTIVATION_LINEAR] = { one, zero },
  [NN_ACTIVATION_RELU] = { relu_slope, zero },
  [NN_ACTIVATION_LEAKY_RELU] = { leaky_relu_slope, zero },
  [NN_ACTIVATION_ELU] = { elu_slope, elu_bend },
  [NN_ACTIVATION_SIGMOID] = { sigmoid_slope, sigmoid_bend },
  [NN_ACTIVATION_TANH] = { tanh_slope, tanh_bend },
  [NN_ACTIVATION_SELU] = { selu_slope, elu_bend },
  [NN_ACTIVATION_SOFTPLUS] = { softplus_slope, softplus_bend },
};

gboolean
nn_op_contractive_takes (NnActivation function)
{
  return curves[function].slope != NULL;
}

static void
contractive_sizes (const NnOpRun *run, gsize *rows, gsize *units, gsize *features)
{
  const NnShape *kernel = &nn_program_weight (run->program, run->op->weight[0])->shape;
  const NnContractiveAttrs *attrs = run->op->attrs;
  *features = (gsize)kernel->dim[attrs->transposed ? 1 : 0];
  *units = (gsize)kernel->dim[attrs->transposed ? 0 : 1];
  *rows = run->n * (gsize)nn_program_value (run->program, run->op->in[0])->size / *units;
}

static gsize
contractive_scratch (const NnProgram *program, const NnOp *op, guint n)
{
  return (gsize)nn_program_weight (program, op->weight[0])->shape.dim[1];
}

/* Where W_ij lies in the kernel. */
static gsize
kernel_at (const NnContractiveAttrs *attrs, gsize features, gsize units, gsize i, gsize j)
{
  return attrs->transposed ? j * features + i : i * units + j;
}

/* c_j = sum_i W_ij^2 */
static void
sum_kernel_squares (const NnContractiveAttrs *attrs, const float *w, gsize features, gsize units,
                    float *c)
{
  memset (c, 0, units * sizeof (float));
  for (gsize i = 0; i < features; i++)
    for (gsize j = 0; j < units; j++)
      {
        const float of_kernel = w[kernel_at (attrs, features, units, i, j)];
        c[j] += of_kernel * of_kernel;
      }
}

/* lambda sum_j f'(z_j)^2 c_j of each row */
static void
contractive_forward (NnOpRun *run)
{
  const NnContractiveAttrs *attrs = run->op->attrs;
  const Curve *curve = &curves[attrs->function];
  float *c = run->scratch;
  gsize rows, units, features;
  double total = 0;

  contractive_sizes (run, &rows, &units, &features);
  sum_kernel_squares (attrs, run->w[0], features, units, c);
  for (gsize r = 0; r < rows; r++)
    for (gsize j = 0; j < units; j++)
      {
        const float slope = curve->slope (run->x[0][r * units + j], attrs->alpha);
        total += (double)(slope * slope * c[j]);
      }
  run->loss[0] += (double)attrs->lambda * total;
}

/* With the slope as a function s (y): dy_j += 2 lambda s s' c_j; dW_ij += 2 lambda W_ij times the
 * sum over rows of f'(z_j)^2; both as a mean over the batch */
static void
contractive_backward (NnOpRun *run)
{
  const NnContractiveAttrs *attrs = run->op->attrs;
  const Curve *curve = &curves[attrs->function];
  const float scale = 2 * attrs->lambda / (float)run->batch;
  float *c = run->scratch;
  gsize rows, units, features;

  contractive_sizes (run, &rows, &units, &features);
  if (run->dx[0])
    {
      sum_kernel_squares (attrs, run->w[0], features, units, c);
      for (gsize r = 0; r < rows; r++)
        for (gsize j = 0; j < units; j++)
          {
            const float y = run->x[0][r * units + j];
            run->dx[0][r * units + j] +=
                scale * curve->slope (y, attrs->alpha) * curve->bend (y, attrs->alpha) * c[j];
          }
    }
  if (!run->dw[0])
    return;
  memset (c, 0, units * sizeof (float));
  for (gsize r = 0; r < rows; r++)
    for (gsize j = 0; j < units; j++)
      {
        const float slope = curve->slope (run->x[0][r * units + j], attrs->alpha);
        c[j] += slope * slope;
      }
  for (gsize i = 0; i < features; i++)
    for (gsize j = 0; j < units; j++)
      {
        const gsize at = kernel_at (attrs, features, units, i, j);
        const float g = scale * run->w[0][at] * c[j];
        run->dw[0][at] = run->fresh[0] ? g : run->dw[0][at] + g;
      }
}

const NnOpType nn_op_contractive = {
  .name = "contractive",
  .flags = NN_OP_ALIAS | NN_OP_LOSS | NN_OP_TRAINS_ONLY,
  .attrs_size = sizeof (NnContractiveAttrs),
  .scratch = contractive_scratch,
  .forward = contractive_forward,
  .backward = contractive_backward,
};
