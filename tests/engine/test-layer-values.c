/* Layers against values worked out by hand, and what chance does in those that use it. */
#include <math.h>
#include <string.h>

#include "explore/nn-noise-preview.h"
#include "data/nn-dataset.h"
#include "layers/nn-layer.h"
#include "model/nn-plan.h"
#include "ops/nn-op.h"

#include "nn-test-data.h"

static const NnField no_fields[1];
static const NnDataInfo no_data = {
  .name = "none", .title = "none", .n_fields = 0, .fields = no_fields
};

/* One layer behind its inputs. */
typedef struct
{
  NnProgram *program;
  guint out; /* its value */
  gsize size;
} Rig;

static void
rig_init (Rig *rig, const char *type_id, const char *text, const char *const *shapes)
{
  const NnLayerType *type = nn_layer_type (type_id), *input = nn_layer_type ("input");
  g_autoptr (NnParams) params = nn_test_params (type->params, text);
  g_autoptr (GError) error = NULL;
  NnShape in[3], out[NN_OP_MAX_OUT];
  gint values[3], result[NN_OP_MAX_OUT];
  guint n_in = 0;

  rig->program = nn_program_new ();
  for (; n_in < 3 && shapes[n_in]; n_in++)
    {
      g_autofree char *field = g_strdup_printf ("field=in%u", n_in);
      g_autoptr (NnParams) named = nn_test_params (input->params, field);
      g_assert_true (nn_shape_parse (shapes[n_in], FALSE, &in[n_in], &error));
      nn_program_lower_node (rig->program, input, named, 10 + n_in, FALSE, NULL, 0, &in[n_in],
                             &values[n_in], 1);
    }
  NnInferContext context = { .data = &no_data, .n_in = n_in, .in = in };
  g_assert_true (type->infer (params, &context, out, &error));
  nn_program_lower_node (rig->program, type, params, 1, FALSE, values, n_in, out, result, 1);
  rig->out = (guint)result[0];
  rig->size = (gsize)nn_shape_size (&out[0]);
}

/* y (n, S); weights are w[i] throughout each tensor. Returns the loss. */
static double
rig_run (Rig *rig, NnMode mode, guint32 step, guint n, const float *const *feed, const float *w,
         float *y)
{
  g_autoptr (NnPool) pool = nn_pool_new (1);
  g_autoptr (NnPlan) plan = nn_plan_new (rig->program, n, NN_PLAN_UNFUSED, NULL, pool);
  float *weights[2] = { NULL, NULL };
  for (guint i = 0; i < rig->program->weights->len; i++)
    {
      const gint64 size = nn_program_weight (rig->program, i)->size;
      weights[i] = g_new (float, size);
      for (gint64 k = 0; k < size; k++)
        weights[i][k] = w[i];
    }
  NnBatch batch = {
    .n = n,
    .feed = feed,
    .mode = mode,
    .seed = 5,
    .step = step,
    .weights = weights,
    .n_want = 1,
    .want = &rig->out,
    .want_out = &y,
  };
  NnPlanResult result;
  g_assert_true (nn_plan_run (plan, &batch, &result));
  g_free (weights[0]);
  g_free (weights[1]);
  return result.loss;
}

/* ---- by hand ---- */

typedef struct
{
  const char *type, *params;
  const char *in[4];
  float x[3][16], w[2], y[16];
  double loss;
} Known;

static const Known known[] = {
  { "add", NULL, { "2", "2", "2" }, { { 1, 2 }, { 10, 20 }, { 100, 200 } }, .y = { 111, 222 } },
  { "average", NULL, { "3", "3" }, { { 1, 2, 3 }, { 3, 4, 8 } }, .y = { 2, 3, 5.5f } },
  { "multiply", NULL, { "2", "2" }, { { 2, -3 }, { 4, 5 } }, .y = { 8, -15 } },
  { "maximum", NULL, { "3", "3" }, { { 1, 5, -2 }, { 3, 4, -1 } }, .y = { 3, 5, -1 } },
  { "concatenate",
    NULL,
    { "2x1", "2x2" },
    { { 1, 2 }, { 3, 4, 5, 6 } },
    .y = { 1, 3, 4, 2, 5, 6 } },
  { "permute", "order=3x1x2", { "1x2x3" }, { { 1, 2, 3, 4, 5, 6 } }, .y = { 1, 4, 2, 5, 3, 6 } },
  { "repeat-vector", "times=2", { "2" }, { { 1, 2 } }, .y = { 1, 2, 1, 2 } },
  { "prelu", NULL, { "2" }, { { -4, 2 } }, .w = { 0.25f }, .y = { -1, 2 } },
  /* mean 2, standard deviation 1 */
  { "layer-norm", "epsilon=1e-12", { "2" }, { { 1, 3 } }, .w = { 2, 1 }, .y = { -1, 3 } },
  { "activity-penalty",
    "l1=0.5 l2=0.25",
    { "2" },
    { { 1, -2 } },
    .y = { 1, -2 },
    .loss = 0.5 * 3 + 0.25 * 5 },
  /* lambda f'(0)^2 (0.5^2 + 0.5^2) with f'(0) = 1 / 4 */
  { "dense",
    "units=1 activation=sigmoid contractive=2",
    { "2" },
    { { 1, 3 } },
    .w = { 0.5f, -2 },
    .y = { 0.5f },
    .loss = 2 * 0.0625 * 0.5 },
  /* KL (N(1, 1)) = 1 / 2; KL (N(-1, 4)) = (1 + 4 - log 4 - 1) / 2 */
  { "sampling",
    "beta=2 training-only=true",
    { "2", "2" },
    { { 1, -1 }, { 0, 1.38629436f } },
    .y = { 1, -1 },
    .loss = 2 * (0.5 + 0.5 * (4 - 1.38629436)) },
  { "salt-and-pepper", "amount=1 salt=1 high=0.75", { "2" }, { { 3, 4 } }, .y = { 0.75f, 0.75f } },
  { "salt-and-pepper", "amount=1 salt=0 low=-0.5", { "2" }, { { 3, 4 } }, .y = { -0.5f, -0.5f } },
  { "salt-and-pepper", "amount=1 training-only=true", { "2" }, { { 3, 4 } }, .y = { 3, 4 } },
  { "spatial-dropout", "rate=0.9", { "1x1x2" }, { { 3, 4 } }, .y = { 3, 4 } },
  { "mask-out",
    "size=2 centred=true fill=9",
    { "4x4x1" },
    { { 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8 } },
    .y = { 1, 2, 3, 4, 5, 9, 9, 8, 1, 9, 9, 4, 5, 6, 7, 8 } },
  { "mask-out",
    "mask=cross size=1 centred=true",
    { "3x3" },
    { { 1, 2, 3, 4, 5, 6, 7, 8, 9 } },
    .y = { 1, 0, 3, 0, 0, 0, 7, 0, 9 } },
  { "mask-out", "mask=pixels share=1", { "2x1x2" }, { { 1, 2, 3, 4 } }, .y = { 0, 0, 0, 0 } },
};

static void
test_known (gconstpointer data)
{
  const Known *row = data;
  const float *feed[3] = { row->x[0], row->x[1], row->x[2] };
  float y[16];
  Rig rig;

  rig_init (&rig, row->type, row->params, row->in);
  g_assert_cmpfloat_with_epsilon (
      rig_run (&rig, NN_MODE_EVALUATE, NN_STEP_EVALUATE, 1, feed, row->w, y), row->loss, 1e-5);
  for (gsize i = 0; i < rig.size; i++)
    g_assert_cmpfloat_with_epsilon (y[i], row->y[i], 1e-5f);
  nn_program_unref (rig.program);
}

/* ---- chance ---- */

#define SAMPLES 600

/* A layer on SAMPLES samples of ones; y (SAMPLES, S). */
static float *
on_ones (const char *type, const char *params, const char *shape, guint32 step)
{
  const char *shapes[] = { shape, g_str_equal (type, "sampling") ? shape : NULL, NULL };
  Rig rig;
  rig_init (&rig, type, params, shapes);
  g_autofree float *x = g_new (float, SAMPLES *rig.size);
  float *y = g_new (float, SAMPLES *rig.size);
  const float *feed[2] = { x, x };
  for (gsize i = 0; i < SAMPLES * rig.size; i++)
    x[i] = 1;
  rig_run (&rig, NN_MODE_TRAIN, step, SAMPLES, feed, NULL, y);
  nn_program_unref (rig.program);
  return y;
}

static gsize
count (const float *y, gsize n, float value)
{
  gsize found = 0;
  for (gsize i = 0; i < n; i++)
    found += y[i] == value;
  return found;
}

static void
test_salt_and_pepper (void)
{
  const gsize n = SAMPLES * 40;
  g_autofree float *y = on_ones ("salt-and-pepper", "amount=0.4 salt=0.25 low=-1 high=2", "40", 1);
  g_autofree float *again =
      on_ones ("salt-and-pepper", "amount=0.4 salt=0.25 low=-1 high=2", "40", 1);
  g_autofree float *later =
      on_ones ("salt-and-pepper", "amount=0.4 salt=0.25 low=-1 high=2", "40", 2);

  g_assert_cmpfloat_with_epsilon ((double)count (y, n, 2) / (double)n, 0.1, 0.01);
  g_assert_cmpfloat_with_epsilon ((double)count (y, n, -1) / (double)n, 0.3, 0.01);
  g_assert_cmpuint (count (y, n, 1) + count (y, n, 2) + count (y, n, -1), ==, n);
  g_assert_cmpmem (y, n * sizeof (float), again, n * sizeof (float));
  g_assert_cmpint (memcmp (y, later, n * sizeof (float)), !=, 0);
}

/* All of a channel or nothing of it. */
static void
test_spatial_dropout (void)
{
  g_autofree float *y = on_ones ("spatial-dropout", "rate=0.25", "3x2x4", 1);
  gsize silent = 0;

  for (gsize s = 0; s < SAMPLES; s++)
    for (gsize c = 0; c < 4; c++)
      {
        const float first = y[s * 24 + c];
        g_assert_true (first == 0 || fabsf (first - 1 / 0.75f) < 1e-6f);
        for (gsize p = 0; p < 6; p++)
          g_assert_cmpfloat (y[s * 24 + p * 4 + c], ==, first);
        silent += first == 0;
      }
  g_assert_cmpfloat_with_epsilon ((double)silent / (SAMPLES * 4), 0.25, 0.04);
}

/* Each image has a whole block, and blocks lie everywhere, borders included. */
/* Ones everywhere: after a shift, 0 in as many rows and columns as the image has moved, at the side
 * it came from; every one of the nine places is met about as often. */
static void
test_augment (void)
{
  g_autofree float *y = on_ones ("augment", "shift=1 mirror=true", "3x4x1", 1);
  guint met[3][3] = { { 0 } };

  for (gsize s = 0; s < SAMPLES; s++)
    {
      const float *image = y + s * 12;
      const gboolean from_above = image[1] == 0, from_below = image[9] == 0;
      const gboolean from_left = image[4] == 0, from_right = image[7] == 0;

      g_assert_false (from_above && from_below);
      g_assert_false (from_left && from_right);
      for (guint r = 0; r < 3; r++)
        for (guint c = 0; c < 4; c++)
          {
            const gboolean outside = (from_above && r == 0) || (from_below && r == 2)
                                     || (from_left && c == 0) || (from_right && c == 3);
            g_assert_cmpfloat (image[r * 4 + c], ==, outside ? 0.0f : 1.0f);
          }
      met[1 + from_above - from_below][1 + from_left - from_right]++;
    }
  for (guint i = 0; i < 9; i++)
    g_assert_cmpfloat_with_epsilon ((double)met[i / 3][i % 3] / SAMPLES, 1.0 / 9, 0.06);
}

/* Turned by any angle about the middle, ones stay ones there; zoomed out, black comes in from every
 * side; on average as much light as darkness is added; a square of 2 of 16 pixels is cut. */
static void
test_augment_more (void)
{
  g_autofree float *turned = on_ones ("augment", "shift=0 rotation=90", "5x5x1", 1);
  g_autofree float *zoomed = on_ones ("augment", "shift=0 zoom=1", "4x4x1", 1);
  g_autofree float *lit = on_ones ("augment", "shift=0 brightness=0.4", "2x2x1", 1);
  g_autofree float *cut = on_ones ("augment", "shift=0 cut-out=2", "4x4x1", 1);
  double light = 0, least = 1, most = 1;
  guint n_smaller = 0, n_bent = 0;

  for (gsize s = 0; s < SAMPLES; s++)
    {
      guint n_cut = 0;

      g_assert_cmpfloat_with_epsilon (turned[s * 25 + 12], 1, 1e-5f);
      n_bent += turned[s * 25] < 0.99f;
      g_assert_cmpfloat_with_epsilon (zoomed[s * 16 + 5], 1, 1e-5f);
      n_smaller += zoomed[s * 16] < 0.99f;
      g_assert_cmpfloat_with_epsilon (zoomed[s * 16], zoomed[s * 16 + 15], 1e-5f);
      light += (double)lit[s * 4] / SAMPLES;
      least = MIN (least, (double)lit[s * 4]);
      most = MAX (most, (double)lit[s * 4]);
      for (guint i = 0; i < 16; i++)
        n_cut += cut[s * 16 + i] == 0;
      g_assert_true (n_cut == 4 || n_cut == 2 || n_cut == 1);
    }
  g_assert_cmpuint (n_bent, >, SAMPLES / 2);
  g_assert_cmpfloat_with_epsilon ((double)n_smaller / SAMPLES, 0.5, 0.06);
  g_assert_cmpfloat_with_epsilon (light, 1, 0.03);
  g_assert_cmpfloat (least, <, 0.65);
  g_assert_cmpfloat (most, >, 1.35);
}

/* The preview shows what training sees: different versions, the same ones again, and the sample
 * itself where nothing is left to chance. */
static void
test_preview (void)
{
  const NnShape shape = nn_shape (4, 4, 1);
  float x[16], y[3][16], again[3][16];
  NnDesign *design = nn_design_new ();
  const guint noisy = nn_test_add (&design, "augment", "shift=1 rotation=20", 0);
  const guint still = nn_test_add (&design, "augment", "shift=0", 0);
  const guint dense = nn_test_add (&design, "dense", "units=2", 0);

  for (guint i = 0; i < 16; i++)
    x[i] = (float)(i + 1) / 16;
  g_assert_false (nn_noise_preview_fits (nn_design_node (design, dense)));
  g_assert_true (nn_noise_preview_fits (nn_design_node (design, noisy)));
  g_assert_true (nn_noise_preview (nn_design_node (design, noisy), &shape, x, 3, 5, y[0]));
  g_assert_true (nn_noise_preview (nn_design_node (design, noisy), &shape, x, 3, 5, again[0]));
  g_assert_cmpmem (y, sizeof y, again, sizeof again);
  g_assert_cmpint (memcmp (y[0], y[1], sizeof y[0]), !=, 0);
  g_assert_cmpint (memcmp (y[1], y[2], sizeof y[1]), !=, 0);
  g_assert_true (nn_noise_preview (nn_design_node (design, still), &shape, x, 3, 5, y[0]));
  for (guint i = 0; i < 3; i++)
    g_assert_cmpmem (y[i], sizeof y[i], x, sizeof x);
  const NnShape vector = nn_shape (16);
  g_assert_false (nn_noise_preview (nn_design_node (design, noisy), &vector, x, 3, 5, y[0]));
  nn_design_unref (design);
}

static void
test_block (void)
{
  g_autofree float *y = on_ones ("mask-out", "size=3", "5x6x2", 1);
  gsize covered[30] = { 0 };

  for (gsize s = 0; s < SAMPLES; s++)
    {
      g_assert_cmpuint (count (y + s * 60, 60, 0), ==, 3 * 3 * 2);
      for (gsize p = 0; p < 30; p++)
        {
          g_assert_cmpfloat (y[s * 60 + 2 * p], ==, y[s * 60 + 2 * p + 1]);
          covered[p] += y[s * 60 + 2 * p] == 0;
        }
    }
  /* A corner lies under one place of twelve. */
  for (gsize p = 0; p < 30; p++)
    g_assert_cmpuint (covered[p], >, SAMPLES / 12 / 2);
}

static void
test_pixels (void)
{
  const gsize n = SAMPLES * 20;
  g_autofree float *y = on_ones ("mask-out", "mask=pixels share=0.2", "4x5", 1);

  g_assert_cmpfloat_with_epsilon ((double)count (y, n, 0) / (double)n, 0.2, 0.015);
}

/* mean 1, variance e^1 */
static void
test_sampling (void)
{
  const gsize n = SAMPLES * 20;
  g_autofree float *y = on_ones ("sampling", NULL, "20", 1);
  double sum = 0, squares = 0;

  for (gsize i = 0; i < n; i++)
    {
      sum += (double)y[i];
      squares += ((double)y[i] - 1) * ((double)y[i] - 1);
    }
  g_assert_cmpfloat_with_epsilon (sum / (double)n, 1, 0.05);
  g_assert_cmpfloat_with_epsilon (squares / (double)n, G_E, 0.12);
}

/* ---- refused ---- */

static const struct
{
  const char *type, *params;
  const char *in[3];
  const char *says; /* a part of the message that holds the numbers */
} refused[] = {
  { "add", NULL, { "3", "4" }, "input a is 3 and input b is 4" },
  { "concatenate", NULL, { "2x3", "3x3" }, "input a is 2×3 and input b is 3×3" },
  { "concatenate", NULL, { "6", "2x3" }, "input a is 6 and input b is 2×3" },
  { "sampling", NULL, { "2", "3" }, "2 and 3" },
  { "permute", "order=1x1x2", { "2x3x4" }, "2×3×4" },
  { "permute", "order=2x1", { "2x3x4" }, "3 axes" },
  { "repeat-vector", NULL, { "2x3" }, "2×3" },
  { "mask-out", "size=6", { "5x8x1" }, "6 pixels" },
  { "mask-out", NULL, { "784" }, "784" },
  { "spatial-dropout", NULL, { "32" }, "32" },
};

static void
test_refused (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      const NnLayerType *type = nn_layer_type (refused[i].type);
      g_autoptr (NnParams) params = nn_test_params (type->params, refused[i].params);
      g_autoptr (GError) error = NULL;
      NnShape in[3], out[NN_OP_MAX_OUT];
      guint n_in = 0;

      for (; refused[i].in[n_in]; n_in++)
        g_assert_true (nn_shape_parse (refused[i].in[n_in], FALSE, &in[n_in], NULL));
      NnInferContext context = { .data = &no_data, .n_in = n_in, .in = in };
      g_assert_false (type->infer (params, &context, out, &error));
      g_assert_nonnull (error);
      g_test_message ("%s: %s", refused[i].type, error->message);
      g_assert_nonnull (strstr (error->message, refused[i].says));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    {
      g_autofree char *path = g_strdup_printf ("/layer-values/known/%s/%zu", known[i].type, i);
      g_test_add_data_func (path, &known[i], test_known);
    }
  g_test_add_func ("/layer-values/salt-and-pepper", test_salt_and_pepper);
  g_test_add_func ("/layer-values/spatial-dropout", test_spatial_dropout);
  g_test_add_func ("/layer-values/augment", test_augment);
  g_test_add_func ("/layer-values/preview", test_preview);
  g_test_add_func ("/layer-values/augment-more", test_augment_more);
  g_test_add_func ("/layer-values/mask-out/block", test_block);
  g_test_add_func ("/layer-values/mask-out/pixels", test_pixels);
  g_test_add_func ("/layer-values/sampling", test_sampling);
  g_test_add_func ("/layer-values/refused", test_refused);
  return g_test_run ();
}
