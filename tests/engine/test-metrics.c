/* Metrics against numbers worked out by hand or by other programs, and what an evaluation makes of
 * them. */
#include <math.h>

#include "base/nn-rng.h"
#include "objectives/nn-metrics.h"
#include "optimizers/nn-optimizer.h"
#include "train/nn-trainer.h"

#include "nn-test-data.h"

static const NnMetricType *
type_of (const char *id)
{
  for (const NnMetricType *type = nn_metric_types (); type->id != NULL; type++)
    if (g_str_equal (type->id, id))
      return type;
  g_assert_not_reached ();
}

static double
value_of (const NnMetricFrame *frame, const double *sums, const char *id)
{
  g_assert_true (type_of (id)->applies (frame));
  return type_of (id)->value (frame, sums);
}

static NnMetricFrame
class_frame (const char *objective, gsize rows, gsize cols)
{
  return (NnMetricFrame){ .objective = nn_objective_type (objective), .rows = rows, .cols = cols };
}

/* Six samples of three classes. Labels 0 0 0 1 1 2, predictions 0 0 1 1 2 2: precision 1, 1/2,
 * 1/2; recall 2/3, 1/2, 1; as sklearn.metrics with average="macro" has it. */
static void
test_classes (void)
{
  static const float y[6][3] = { { 0.8f, 0.1f, 0.1f }, { 0.4f, 0.3f, 0.3f }, { 0.2f, 0.5f, 0.3f },
                                 { 0, 1, 0 },          { 0.1f, 0.2f, 0.7f }, { 0.3f, 0.3f, 0.4f } };
  static const float one_hot[6][3] = { { 1, 0, 0 }, { 1, 0, 0 }, { 1, 0, 0 },
                                       { 0, 1, 0 }, { 0, 1, 0 }, { 0, 0, 1 } };
  static const float numbers[6] = { 0, 0, 0, 1, 1, 2 };
  static const struct
  {
    const char *id;
    double value;
  } wanted[] = {
    { "accuracy", 4.0 / 6 },
    { "precision", (1 + 0.5 + 0.5) / 3 },
    { "recall", (2.0 / 3 + 0.5 + 1) / 3 },
    { "f1", (0.8 + 0.5 + 2.0 / 3) / 3 },
    { "f2", (5 * (2.0 / 3) / (4 + 2.0 / 3) + 0.5 + 5 * 0.5 / (4 * 0.5 + 1)) / 3 },
  };

  for (guint sparse = 0; sparse < 2; sparse++)
    {
      const NnMetricFrame frame =
          class_frame (sparse ? "sparse-crossentropy" : "categorical-crossentropy", 1, 3);
      double sums[64] = { 0 };

      g_assert_cmpuint (nn_metrics_n_sums (&frame), <=, G_N_ELEMENTS (sums));
      /* In two pieces, as slices come. */
      nn_metrics_add (&frame, nn_kernels_best (), y[0], sparse ? numbers : one_hot[0], 2, 2, sums);
      nn_metrics_add (&frame, nn_kernels_best (), y[2], sparse ? numbers + 2 : one_hot[2], 4, 4,
                      sums);
      for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
        g_assert_cmpfloat_with_epsilon (value_of (&frame, sums, wanted[i].id), wanted[i].value,
                                        1e-12);
      g_assert_false (type_of ("top_5")->applies (&frame));
      g_assert_false (type_of ("mae")->applies (&frame));
    }
}

/* A class that is neither among the labels nor predicted takes no part; one that is predicted only
 * has precision 0. Seven classes, two positions a sample. */
static void
test_top_and_absent (void)
{
  const NnMetricFrame frame = class_frame ("sparse-crossentropy", 2, 7);
  static const float y[2][2][7] = {
    { { 7, 6, 5, 4, 3, 2, 1 }, { 7, 6, 5, 4, 3, 2, 1 } },
    { { 0, 9, 8, 7, 6, 5, 4 }, { 1, 2, 3, 4, 5, 6, 7 } },
  };
  static const float t[2][2] = { { 4, 5 }, { 0, 6 } };
  double sums[64] = { 0 };

  nn_metrics_add (&frame, nn_kernels_best (), y[0][0], t[0], 2, 0, sums);
  g_assert_cmpfloat_with_epsilon (value_of (&frame, sums, "accuracy"), 0.25, 1e-12);
  g_assert_cmpfloat_with_epsilon (value_of (&frame, sums, "top_5"), 0.5, 1e-12);
  /* Labels 4 5 0 6, predictions 0 0 1 6: classes 0, 1, 4, 5, 6 occur, and 6 alone is found. */
  g_assert_cmpfloat_with_epsilon (value_of (&frame, sums, "precision"), 0.2, 1e-12);
  g_assert_cmpfloat_with_epsilon (value_of (&frame, sums, "recall"), 0.2, 1e-12);
}

/* Two classes, the second looked for: probabilities 0.95 0.8 0.6 0.4 of truths 1 0 1 1, whether
 * they come as such or before their softmax. */
static void
test_threshold (void)
{
  static const float p[4][2] = { { 0.05f, 0.95f }, { 0.2f, 0.8f }, { 0.4f, 0.6f }, { 0.6f, 0.4f } };
  static const float t[] = { 1, 0, 1, 1 };
  static const struct
  {
    float threshold, beta;
    double precision, recall, f;
  } wanted[] = {
    { 0.5f, 1, 2.0 / 3, 2.0 / 3, 2.0 / 3 },
    { 0.9f, 1, 1, 1.0 / 3, 0.5 },
    { 0.9f, 2, 1, 1.0 / 3, 5.0 / 13 },
    { 0.3f, 2, 0.75, 1, 15.0 / 16 },
    { 1, 1, 0, 0, 0 },
  };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (wanted); i++)
    {
      NnMetricFrame frame = class_frame ("sparse-crossentropy", 1, 2);
      float y[4][2];
      double sums[64] = { 0 };

      frame.logits = i % 2;
      frame.threshold = wanted[i / 2].threshold;
      frame.beta = wanted[i / 2].beta;
      for (guint k = 0; k < 8; k++)
        y[k / 2][k % 2] = frame.logits ? logf (p[k / 2][k % 2]) + 3 : p[k / 2][k % 2];
      nn_metrics_add (&frame, nn_kernels_best (), y[0], t, 4, 0, sums);
      g_assert_cmpfloat_with_epsilon (value_of (&frame, sums, "last_precision"),
                                      wanted[i / 2].precision, 1e-12);
      g_assert_cmpfloat_with_epsilon (value_of (&frame, sums, "last_recall"), wanted[i / 2].recall,
                                      1e-12);
      g_assert_cmpfloat_with_epsilon (value_of (&frame, sums, "f_beta"), wanted[i / 2].f, 1e-12);
    }
  const NnMetricFrame three = class_frame ("sparse-crossentropy", 1, 3);
  g_assert_false (type_of ("f_beta")->applies (&three));
}

/* Trained on as many of each class, used where nine of ten are of the first: by Bayes' rule 0.4 0.6
 * becomes 0.36 / 0.42 = 6/7. */
static void
test_priors (void)
{
  static const float ratio[] = { 0.9f / 0.5f, 0.1f / 0.5f };
  static const float p[] = { 0.4f, 0.6f, 0.05f, 0.95f }, logits[] = { 0, 0.4054651f, 0, 2.944439f };
  static const float t[] = { 0, 1 };

  for (guint i = 0; i < 2; i++)
    {
      NnMetricFrame frame = class_frame ("sparse-crossentropy", 1, 2);
      double sums[64] = { 0 };

      frame.threshold = 0.5f;
      frame.logits = i;
      nn_metrics_add (&frame, nn_kernels_best (), i ? logits : p, t, 2, 0, sums);
      g_assert_cmpfloat (value_of (&frame, sums, "accuracy"), ==, 0.5);
      g_assert_cmpfloat (value_of (&frame, sums, "last_precision"), ==, 0.5);
      memset (sums, 0, sizeof sums);
      frame.prior_ratio = ratio;
      nn_metrics_add (&frame, nn_kernels_best (), i ? logits : p, t, 2, 0, sums);
      g_assert_cmpfloat (value_of (&frame, sums, "accuracy"), ==, 1);
      g_assert_cmpfloat (value_of (&frame, sums, "last_precision"), ==, 1);
      float scaled[] = { p[0], p[1] };
      nn_metrics_rescale (&frame, scaled);
      g_assert_cmpfloat_with_epsilon (scaled[0], 6.0f / 7, 1e-6f);
      g_assert_cmpfloat_with_epsilon (scaled[0] + scaled[1], 1, 1e-6f);
    }
}

static void
test_f_beta (void)
{
  g_assert_cmpfloat_with_epsilon (nn_f_beta (1, 0.5, 1), 2.0 / 3, 1e-12);
  g_assert_cmpfloat_with_epsilon (nn_f_beta (2, 0.5, 1), 5.0 / 6, 1e-12);
  g_assert_cmpfloat_with_epsilon (nn_f_beta (0.5, 0.5, 1), 5.0 / 9, 1e-12);
  g_assert_cmpfloat (nn_f_beta (1, 0, 0), ==, 0);
}

static void
test_values (void)
{
  const NnMetricFrame frame = { .objective = nn_objective_type ("mean-squared-error"),
                                .rows = 1,
                                .cols = 4,
                                .shape = nn_shape (2, 2, 1),
                                .peak = 1 };
  static const float y[] = { 0.5f, 0.5f, 0, 1, 0.25f, 0.5f, 0.75f, 1 };
  static const float t[] = { 0, 1, 0, 1, 0.25f, 0.5f, 0.75f, 1 };
  double sums[64] = { 0 };

  nn_metrics_add (&frame, nn_kernels_best (), y, t, 2, 2, sums);
  g_assert_cmpfloat_with_epsilon (value_of (&frame, sums, "mae"), 0.125, 1e-12);
  g_assert_cmpfloat_with_epsilon (value_of (&frame, sums, "mse"), 0.0625, 1e-12);
  /* The second image is exact, which counts as 100 dB. */
  g_assert_cmpfloat_with_epsilon (value_of (&frame, sums, "psnr"), (10 * log10 (8) + 100) / 2,
                                  1e-9);
  g_assert_false (type_of ("ssim")->applies (&frame));
  g_assert_false (type_of ("accuracy")->applies (&frame));
}

/* The images that the numbers below were made with: numpy in float64, the window by
 * numpy.outer(g, g), a loop over all places. */
static void
make_images (gsize height, gsize width, gsize channels, float *x, float *y)
{
  for (gsize i = 0; i < height * width * channels; i++)
    {
      x[i] = (float)((i * 37 + i * i * 11) % 101) / 100;
      y[i] = 0.8f * x[i] + 0.2f * (float)((i * 53) % 89) / 88;
    }
}

static void
test_ssim (void)
{
  static const struct
  {
    gsize height, width, channels;
    double value;
  } cases[] = {
    { 11, 11, 1, 0.95199258 },
    { 28, 28, 1, 0.95330363 },
    { 13, 90, 3, 0.95246270 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const gsize n = cases[i].height * cases[i].width * cases[i].channels;
      g_autofree float *x = g_new (float, n), *y = g_new (float, n);

      make_images (cases[i].height, cases[i].width, cases[i].channels, x, y);
      g_assert_cmpfloat_with_epsilon (
          nn_ssim (x, y, cases[i].height, cases[i].width, cases[i].channels), cases[i].value, 2e-5);
      g_assert_cmpfloat_with_epsilon (
          nn_ssim (x, x, cases[i].height, cases[i].width, cases[i].channels), 1, 1e-6);
    }
}

/* ---- in an evaluation ---- */

static const NnMeasure *
find (NnTrainer *trainer, guint node, const char *id)
{
  const GArray *measures = nn_trainer_measures (trainer);

  for (guint i = 0; i < measures->len; i++)
    {
      const NnMeasure *measure = &g_array_index (measures, NnMeasure, i);

      if (measure->node == node
          && (id ? measure->type && g_str_equal (measure->type->id, id) : !measure->type))
        return measure;
    }
  return NULL;
}

/* Two objectives of different weight, a penalty on a code and one on weights: each by itself, and
 * their sum is the loss. */
static void
test_parts (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDataset) dataset = nn_test_dataset (500);
  NnPool *pools[2] = { nn_pool_new (1), nn_pool_new (3) };
  NnDesign *design = nn_test_autoencoder ("units=12 activity-l1=0.01 l2=0.05", "batch-size=100");
  guint code = 3, output = 4, squares;
  guint label = nn_test_add (&design, "dense", "units=4 activation=softmax", code);
  guint classes = nn_test_add (&design, "classification-loss", "weight=0.5", label);
  double first = NAN;

  squares =
      nn_test_add (&design, "reconstruction-loss", "loss=mean-squared-error weight=3", output);
  nn_test_replace (&design, nn_design_connect (design, 1, 0, squares, 1, &error));
  g_assert_no_error (error);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, nn_dataset_info (dataset), 0);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (NnTrainer) trainer = nn_trainer_new (analysis, dataset, NULL, pools[i], &error);
      NnEvaluation evaluation = { 0 };
      double sum = 0;

      g_assert_no_error (error);
      g_assert_null (nn_trainer_measures (trainer));
      while (!nn_trainer_evaluate (trainer, NN_PART_TEST, &evaluation))
        ;
      const guint nodes[] = { code, 5, classes, squares, 0 };
      for (guint k = 0; k < G_N_ELEMENTS (nodes); k++)
        {
          g_assert_cmpfloat (find (trainer, nodes[k], NULL)->value, >, 0);
          sum += find (trainer, nodes[k], NULL)->value;
        }
      g_assert_cmpfloat_with_epsilon (sum, evaluation.loss, 1e-9 * sum);
      /* The loss is three times the error; both objectives see the same output, through logits and
       * not. */
      const double mse = find (trainer, squares, "mse")->value;
      g_assert_cmpfloat_with_epsilon (find (trainer, squares, NULL)->value, 3 * mse, 1e-6 * mse);
      g_assert_cmpfloat_with_epsilon (find (trainer, 5, "mse")->value, mse, 1e-6 * mse);
      g_assert_cmpfloat (find (trainer, classes, "accuracy")->value, ==, evaluation.accuracy);
      g_assert_null (find (trainer, squares, "accuracy"));
      /* The same bits on any number of threads. */
      if (i == 0)
        first = find (trainer, 5, "psnr")->value;
      g_assert_cmpfloat (find (trainer, 5, "psnr")->value, ==, first);
    }
  nn_design_unref (design);
  nn_pool_free (pools[0]);
  nn_pool_free (pools[1]);
}

/* ---- weights ---- */

static double
loss_of (const NnLayerType *type, const char *text, const char *const *shapes,
         const float *const *feed)
{
  g_autoptr (NnParams) params = nn_test_params (type->params, text);
  const NnLayerType *input = nn_layer_type ("input");
  NnProgram *program = nn_program_new ();
  NnPool *pool = nn_pool_new (1);
  gint in[3];
  NnPlanResult result;

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *field = g_strdup_printf ("field=in%u", i);
      g_autoptr (NnParams) field_params = nn_test_params (input->params, field);
      NnShape shape;

      g_assert_true (nn_shape_parse (shapes[i], FALSE, &shape, NULL));
      nn_program_lower_node (program, input, field_params, 10 + i, FALSE, NULL, 0, &shape, &in[i],
                             1);
    }
  nn_program_lower_node (program, type, params, 1, FALSE, in, 3, NULL, NULL, 0);
  NnPlan *plan = nn_plan_new (program, 2, 0, NULL, pool);
  const NnBatch batch = { .n = 2, .feed = feed, .mode = NN_MODE_EVALUATE };
  nn_plan_run (plan, &batch, &result);
  nn_plan_free (plan);
  nn_pool_free (pool);
  nn_program_unref (program);
  return result.loss;
}

/* As Keras' sample_weight: sum (w l) / n. */
static void
test_weights (void)
{
  static const float y[] = { 0.5f, 1, 0, 0.25f }, t[] = { 0, 0, 0, 0 };
  static const float samples[] = { 2, 0 }, values[] = { 1, 0, 3, 2 };
  static const float p[] = { 0.5f, 0.5f, 0.25f, 0.75f }, numbers[] = { 0, 1 };
  const NnLayerType *values_loss = nn_layer_type ("reconstruction-loss");
  const NnLayerType *classes_loss = nn_layer_type ("classification-loss");

  g_assert_cmpfloat_with_epsilon (loss_of (values_loss, "loss=mean-squared-error weight=3",
                                           (const char *const[]){ "2", "2", "1" },
                                           (const float *const[]){ y, t, samples }),
                                  3 * 2 * (0.25 + 1) / 2 / 2, 1e-6);
  g_assert_cmpfloat_with_epsilon (loss_of (values_loss, "loss=mean-squared-error",
                                           (const char *const[]){ "2", "2", "2" },
                                           (const float *const[]){ y, t, values }),
                                  (0.25 + 2 * 0.0625) / 2 / 2, 1e-6);
  g_assert_cmpfloat_with_epsilon (loss_of (classes_loss, "loss=sparse-crossentropy",
                                           (const char *const[]){ "2", "1", "1" },
                                           (const float *const[]){ p, numbers, samples }),
                                  2 * log (2) / 2, 1e-6);
}

/* As Keras' class_weight: in training, a sample counts what its class does; validation does not
 * know of it. */
static void
test_class_weights (void)
{
  static const struct
  {
    const char *params;
    double factor;
  } wanted[] = {
    { "balance=none", 1 },
    { "balance=balanced", 1 }, /* as many of each class */
    { "balance=given class-weights=3,3,3,3", 3 },
    { "balance=given class-weights=2,2,2,2 weight=0.5", 1 },
  };
  double plain[2] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      g_autoptr (NnDataset) dataset = nn_test_dataset (400);
      g_autoptr (GError) error = NULL;
      NnDesign *design = nn_design_new ();
      guint last = nn_test_add (&design, "input", NULL, 0);
      last = nn_test_add (&design, "flatten", NULL, last);
      last = nn_test_add (&design, "dense", "units=4 activation=softmax", last);
      nn_test_add (&design, "classification-loss", wanted[i].params, last);
      g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, nn_dataset_info (dataset), 0);
      NnPool *pool = nn_pool_new (1);
      g_autoptr (NnTrainer) trainer = nn_trainer_new (analysis, dataset, NULL, pool, &error);
      NnEvaluation evaluation = { 0 };
      NnStep step;

      g_assert_no_error (error);
      while (!nn_trainer_evaluate (trainer, NN_PART_TEST, &evaluation))
        ;
      g_assert_true (nn_trainer_step (trainer, &step, &error));
      if (i == 0)
        {
          plain[0] = step.loss;
          plain[1] = evaluation.loss;
        }
      g_assert_cmpfloat_with_epsilon (step.loss, wanted[i].factor * plain[0], 1e-5);
      if (i < 3)
        g_assert_cmpfloat (evaluation.loss, ==, plain[1]);
      nn_design_unref (design);
      nn_trainer_free (g_steal_pointer (&trainer));
      nn_pool_free (pool);
    }
}

/* The accuracy that a validation gives is that of its measures, under the priors that are asked
 * for, whether the loss sees logits or probabilities. */
static void
test_accuracy_under_priors (void)
{
  static const char *const activations[] = { "softmax", "sigmoid" };
  static const char *const priors[] = { "priors=training",
                                        "priors=given shares=0.97,0.01,0.01,0.01" };
  double accuracy[2][2];

  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (NnDataset) dataset = nn_test_dataset (400);
      g_autoptr (GError) error = NULL;
      g_autofree char *dense = g_strdup_printf ("units=4 activation=%s", activations[i / 2]);
      NnDesign *design = nn_design_new ();
      guint last = nn_test_add (&design, "input", NULL, 0);
      last = nn_test_add (&design, "flatten", NULL, last);
      last = nn_test_add (&design, "dense", dense, last);
      const guint loss = nn_test_add (&design, "classification-loss", priors[i % 2], last);
      g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, nn_dataset_info (dataset), 0);
      NnPool *pool = nn_pool_new (1);
      g_autoptr (NnTrainer) trainer = nn_trainer_new (analysis, dataset, NULL, pool, &error);
      NnEvaluation evaluation = { 0 };
      NnStep step;

      g_assert_no_error (error);
      for (guint k = 0; k < 30; k++)
        g_assert_true (nn_trainer_step (trainer, &step, &error));
      while (!nn_trainer_evaluate (trainer, NN_PART_TEST, &evaluation))
        ;
      accuracy[i / 2][i % 2] = evaluation.accuracy;
      g_test_message ("%s, %s: %.3f", activations[i / 2], priors[i % 2], evaluation.accuracy);
      g_assert_cmpfloat_with_epsilon (evaluation.accuracy, find (trainer, loss, "accuracy")->value,
                                      1e-9);
      nn_design_unref (design);
      nn_trainer_free (g_steal_pointer (&trainer));
      nn_pool_free (pool);
    }
  for (guint i = 0; i < 2; i++)
    g_assert_cmpfloat (accuracy[i][0], !=, accuracy[i][1]);
}

/* Of the training part alone, and of what a limit leaves of it. */
static void
test_class_counts (void)
{
  g_autoptr (NnDataset) dataset = nn_test_dataset (402), limited = nn_dataset_limit (dataset, 6);
  guint label;
  const guint32 *counts =
      nn_data_info_field (nn_dataset_info (dataset), "label", &label)->class_counts;
  g_autofree guint32 *found = g_new0 (guint32, 4);

  for (gsize i = 0; i < 402; i++)
    found[nn_dataset_label (dataset, NN_PART_TRAIN, label, i)]++;
  g_assert_cmpmem (counts, 4 * sizeof *counts, found, 4 * sizeof *found);
  counts = nn_data_info_field (nn_dataset_info (limited), "label", NULL)->class_counts;
  g_assert_cmpuint (counts[0] + counts[1] + counts[2] + counts[3], ==, 6);
}

/* A weight that fits nothing, and numbers of classes where shares are, are refused with sizes. */
static void
test_refused (void)
{
  static const struct
  {
    const char *type, *params, *in[3], *words;
  } bad[] = {
    { "reconstruction-loss", "", { "6", "6", "2" }, "*2 values*1 or 6" },
    { "reconstruction-loss", "loss=cosine", { "6", "6", "6" }, "*6 values*have 1" },
    { "classification-loss", "", { "4x3", "4x3", "3" }, "*3 values*1 or 4" },
    { "classification-loss",
      "loss=sparse-crossentropy",
      { "4x3", "4x3", "4" },
      "*numbers of 4 classes*12 values" },
    { "classification-loss",
      "balance=given class-weights=1,2",
      { "3", "3" },
      "*3 classes*holds 2" },
    { "classification-loss", "balance=given class-weights=1,x", { "2", "2" }, "*“x” in*" },
    { "classification-loss", "priors=given shares=1,0", { "2", "2" }, "*“0” in*above 0*" },
    { "classification-loss", "priors=equal", { "257", "257" }, "*at most 256*257*" },
    { "dense", "activation=softmax contractive=1", { "4" }, "*contractive*not Softmax" },
  };
  static const NnField no_fields[1];
  static const NnDataInfo no_data = { .name = "none", .title = "none", .fields = no_fields };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      const NnLayerType *type = nn_layer_type (bad[i].type);
      g_autoptr (NnParams) params = nn_test_params (type->params, bad[i].params);
      g_autoptr (GError) error = NULL;
      NnShape in[3], out[2];
      NnInferContext context = { .data = &no_data, .in = in };

      for (; context.n_in < 3 && bad[i].in[context.n_in]; context.n_in++)
        g_assert_true (nn_shape_parse (bad[i].in[context.n_in], FALSE, &in[context.n_in], NULL));
      g_assert_false (type->infer (params, &context, out, &error));
      if (!g_pattern_match_simple (bad[i].words, error->message))
        g_error ("%s\nnot in\n%s", bad[i].words, error->message);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/metrics/classes", test_classes);
  g_test_add_func ("/metrics/top-and-absent", test_top_and_absent);
  g_test_add_func ("/metrics/threshold", test_threshold);
  g_test_add_func ("/metrics/priors", test_priors);
  g_test_add_func ("/metrics/accuracy-under-priors", test_accuracy_under_priors);
  g_test_add_func ("/metrics/class-weights", test_class_weights);
  g_test_add_func ("/metrics/class-counts", test_class_counts);
  g_test_add_func ("/metrics/f-beta", test_f_beta);
  g_test_add_func ("/metrics/values", test_values);
  g_test_add_func ("/metrics/ssim", test_ssim);
  g_test_add_func ("/metrics/parts", test_parts);
  g_test_add_func ("/metrics/weights", test_weights);
  g_test_add_func ("/metrics/refused", test_refused);
  return g_test_run ();
}
