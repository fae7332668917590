/* Every loss of the registry: its gradient, its sums, what it says of itself. */
#include "base/nn-rng.h"
#include "objectives/nn-objective.h"

#include <math.h>
#include <string.h>

#define ROWS 5
#define COLS 7
#define SIZE (ROWS * COLS)

/* Values of the target for one row of the prediction. */
static gsize
target_cols (const NnObjectiveType *type)
{
  return type->sparse ? 1 : COLS;
}

/* Predictions as the network would give them, and targets of the kind that the loss is for. */
static void
make_batch (const NnObjectiveType *type, gboolean logits, float *y, float *t)
{
  NnRng rng;

  nn_rng_init (&rng, 31, 0, 0, 0);
  for (guint i = 0; i < SIZE; i++)
    {
      y[i] = 0.5f * nn_rng_normal (&rng);
      t[i] = type->kind == NN_OBJECTIVE_CLASSIFICATION ? 0 : nn_rng_uniform (&rng);
    }
  if (type->kind == NN_OBJECTIVE_CLASSIFICATION)
    for (guint r = 0; r < ROWS; r++)
      {
        const guint right = nn_rng_below (&rng, COLS);
        if (type->sparse)
          t[r] = (float)right;
        else
          t[r * COLS + right] = 1;
      }
  if (!logits)
    nn_kernels_best ()->activate (type->from_logits, 0, y, y, ROWS, COLS);
}

/* Central differences of the loss itself. All values of the batch, none of the gradient zero
 * throughout. */
static void
check_gradient (const NnObjectiveType *type, const NnKernels *kernels, gboolean logits)
{
  const double factor = 3;
  const float h = 1e-3f;
  float y[SIZE], t[SIZE], d[SIZE], largest = 0;

  make_batch (type, logits, y, t);
  type->loss (kernels, logits, y, t, d, NULL, (float)factor, ROWS, COLS);
  for (guint i = 0; i < SIZE; i++)
    largest = MAX (largest, fabsf (d[i]));
  g_assert_cmpfloat (largest, >, 0.01f);
  for (guint i = 0; i < SIZE; i++)
    {
      float before = y[i];
      float above = before + h, below = before - h;
      double difference;

      /* The difference of one row's loss: the other rows would only add their rounding. */
      const float *row_t = t + i / COLS * target_cols (type);
      const float *row_y = y + i / COLS * COLS;

      y[i] = above;
      difference = type->loss (kernels, logits, row_y, row_t, NULL, NULL, 1, 1, COLS);
      y[i] = below;
      difference -= type->loss (kernels, logits, row_y, row_t, NULL, NULL, 1, 1, COLS);
      y[i] = before;
      difference *= factor / (double)(above - below);
      g_assert_cmpfloat_with_epsilon (d[i], difference,
                                      3e-3 * fabs (difference) + 3e-3 * (double)largest);
    }
}

/* The sum over the batch is that over its samples, with and without a gradient. */
static void
check_sums (const NnObjectiveType *type, const NnKernels *kernels, gboolean logits)
{
  float y[SIZE], t[SIZE], d[SIZE], d_samples[SIZE], sample[ROWS];
  double total, of_samples, sum = 0;

  make_batch (type, logits, y, t);
  total = type->loss (kernels, logits, y, t, d, NULL, 1, ROWS, COLS);
  of_samples = type->loss (kernels, logits, y, t, d_samples, sample, 1, ROWS, COLS);
  for (guint r = 0; r < ROWS; r++)
    {
      g_assert_cmpfloat (sample[r], >, 0);
      g_assert_cmpfloat_with_epsilon (type->loss (kernels, logits, y + r * COLS,
                                                  t + r * target_cols (type), NULL, NULL, 1, 1,
                                                  COLS),
                                      sample[r], 1e-6 * (double)sample[r]);
      sum += (double)sample[r];
    }
  g_assert_cmpfloat_with_epsilon (total, sum, 1e-5 * sum);
  g_assert_cmpfloat_with_epsilon (of_samples, sum, 1e-5 * sum);
  g_assert_cmpmem (d, sizeof d, d_samples, sizeof d_samples);
}

/* Taking the activation over changes how the loss is computed, not what it is. */
static void
check_logits (const NnObjectiveType *type, const NnKernels *kernels)
{
  float z[SIZE], p[SIZE], t[SIZE], dz[SIZE], dp[SIZE];
  double from_logits, plain;

  make_batch (type, TRUE, z, t);
  kernels->activate (type->from_logits, 0, z, p, ROWS, COLS);
  from_logits = type->loss (kernels, TRUE, z, t, dz, NULL, 1, ROWS, COLS);
  plain = type->loss (kernels, FALSE, p, t, dp, NULL, 1, ROWS, COLS);
  g_assert_cmpfloat_with_epsilon (from_logits, plain, 1e-5 * plain);
  kernels->activate_grad (type->from_logits, 0, z, p, dp, dp, ROWS, COLS);
  for (guint i = 0; i < SIZE; i++)
    g_assert_cmpfloat_with_epsilon (dz[i], dp[i], 1e-5);
}

static void
test_type (gconstpointer data)
{
  const NnObjectiveType *type = data;

  for (const NnKernels *const *kernels = nn_kernels_all (); *kernels != NULL; kernels++)
    {
      check_gradient (type, *kernels, FALSE);
      check_sums (type, *kernels, FALSE);
      if (type->from_logits == NN_ACTIVATION_LINEAR)
        continue;
      check_gradient (type, *kernels, TRUE);
      check_sums (type, *kernels, TRUE);
      check_logits (type, *kernels);
    }
}

static void
test_registry (void)
{
  const NnObjectiveType *const *types = nn_objective_types ();

  g_assert_nonnull (types[0]);
  for (gsize i = 0; types[i] != NULL; i++)
    {
      const NnChoice *choice = nn_objective_choices (types[i]->kind);

      g_assert_true (nn_objective_type (types[i]->id) == types[i]);
      g_assert_true (types[i]->title != NULL && types[i]->short_title != NULL
                     && types[i]->unit != NULL && types[i]->summary != NULL);
      g_assert_true ((types[i]->correct != NULL)
                     == (types[i]->kind == NN_OBJECTIVE_CLASSIFICATION));
      while (choice->id != NULL && strcmp (choice->id, types[i]->id) != 0)
        choice++;
      g_assert_cmpstr (choice->title, ==, types[i]->title);
    }
  g_assert_null (nn_objective_type ("no-such-loss"));
}

static void
test_choices (void)
{
  gsize n = 0;

  for (NnObjectiveKind kind = NN_OBJECTIVE_RECONSTRUCTION; kind <= NN_OBJECTIVE_CLASSIFICATION;
       kind++)
    for (const NnChoice *choice = nn_objective_choices (kind); choice->id != NULL; choice++, n++)
      g_assert_cmpint (nn_objective_type (choice->id)->kind, ==, kind);
  /* Each loss is in exactly one of the lists. */
  for (gsize i = 0; i < n; i++)
    g_assert_nonnull (nn_objective_types ()[i]);
  g_assert_null (nn_objective_types ()[n]);
}

static void
test_correct (void)
{
  const NnObjectiveType *type = nn_objective_type ("categorical-crossentropy");
  static const float y[] = { 0.1f, 0.7f, 0.2f, /* right */ 0.5f, 0.3f, 0.2f, /* wrong */ 0.2f,
                             0.2f, 0.6f /* right */ };
  static const float t[] = { 0, 1, 0, 0, 0, 1, 0, 0, 1 };

  g_assert_cmpfloat (type->correct (y, t, 3, 3), ==, 2);
  g_assert_cmpfloat (type->correct (y, t, 0, 3), ==, 0);
}

/* Worked out by hand. */
static void
test_known_values (void)
{
  static const float y[] = { 0.9f, 0.2f, 0.6f, 0.4f };
  static const float t[] = { 1, 0, 1, 0.5f };
  static const float one_hot[] = { 1, 0, 0, 1 };
  const NnKernels *kernels = nn_kernels_best ();

  /* Two rows of two: the sum of the rows' means is half the sum of all. */
  g_assert_cmpfloat_with_epsilon (
      nn_objective_type ("binary-crossentropy")->loss (kernels, FALSE, y, t, NULL, NULL, 1, 2, 2),
      (-log (0.9) - log (0.8) - log (0.6) - 0.5 * (log (0.4) + log (0.6))) / 2, 1e-6);
  g_assert_cmpfloat_with_epsilon (
      nn_objective_type ("mean-squared-error")->loss (kernels, FALSE, y, t, NULL, NULL, 1, 2, 2),
      (0.01 + 0.04 + 0.16 + 0.01) / 2, 1e-6);
  g_assert_cmpfloat_with_epsilon (nn_objective_type ("categorical-crossentropy")
                                      ->loss (kernels, FALSE, y, one_hot, NULL, NULL, 1, 2, 2),
                                  -log (0.9) - log (0.4), 1e-6);
  g_assert_cmpfloat_with_epsilon (
      nn_objective_type ("mean-absolute-error")->loss (kernels, FALSE, y, t, NULL, NULL, 1, 2, 2),
      (0.1 + 0.2 + 0.4 + 0.1) / 2, 1e-6);
  g_assert_cmpfloat_with_epsilon (
      nn_objective_type ("cosine")->loss (kernels, FALSE, y, t, NULL, NULL, 1, 2, 2),
      2 - 0.9 / hypot (0.9, 0.2) - (0.6 + 0.2) / (hypot (0.6, 0.4) * hypot (1, 0.5)), 1e-6);
}

/* The same as with the one-hot targets that the numbers stand for; -log 0.4 - log 0.25 by hand. */
static void
test_sparse (void)
{
  static const float p[] = { 0.3f, 0.4f, 0.3f, 0.25f, 0.25f, 0.5f };
  static const float numbers[] = { 1, 0 }, one_hot[] = { 0, 1, 0, 1, 0, 0 };
  static const float none[] = { 3, -1 };
  const NnObjectiveType *type = nn_objective_type ("sparse-crossentropy");
  const NnObjectiveType *dense = nn_objective_type ("categorical-crossentropy");
  float d[6], d_dense[6], wide[3] = { 80, -80, 0 };

  for (guint logits = 0; logits < 2; logits++)
    {
      const double loss = type->loss (nn_kernels_best (), logits, p, numbers, d, NULL, 2, 2, 3);

      g_assert_cmpfloat_with_epsilon (
          loss, dense->loss (nn_kernels_best (), logits, p, one_hot, d_dense, NULL, 2, 2, 3), 1e-6);
      if (!logits)
        g_assert_cmpfloat_with_epsilon (loss, -log (0.4) - log (0.25), 1e-6);
      for (guint i = 0; i < 6; i++)
        g_assert_cmpfloat_with_epsilon (d[i], d_dense[i], 1e-5f);
    }
  /* As exact where the right class is all but impossible, with and without a gradient. */
  g_assert_cmpfloat_with_epsilon (
      type->loss (nn_kernels_best (), TRUE, wide, numbers, d, NULL, 1, 1, 3), 160, 1e-4);
  g_assert_cmpfloat_with_epsilon (
      type->loss (nn_kernels_best (), TRUE, wide, numbers, NULL, NULL, 1, 1, 3), 160, 1e-4);
  g_assert_cmpfloat (type->correct (p, numbers, 2, 3), ==, 1);
  /* What is not the number of a class has no loss that is a number. */
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (isnan (type->loss (nn_kernels_best (), i, p, none + i, d, NULL, 1, 1, 3)));
      g_assert_cmpfloat (type->correct (p, none + i, 1, 3), ==, 0);
    }
}

/* Within 1, at 1, and far beyond on either side. */
static void
test_huber (void)
{
  static const float y[] = { 0.5f, 1, 4, -6 }, t[] = { 0, 0, 1, -1 };
  static const float slope[] = { 0.5f, 1, 1, -1 };
  const NnObjectiveType *type = nn_objective_type ("huber");
  float d[4];

  for (const NnKernels *const *kernels = nn_kernels_all (); *kernels != NULL; kernels++)
    {
      g_assert_cmpfloat_with_epsilon (type->loss (*kernels, FALSE, y, t, d, NULL, 4, 1, 4),
                                      (0.125 + 0.5 + 2.5 + 4.5) / 4, 1e-6);
      g_assert_cmpmem (d, sizeof d, slope, sizeof slope);
    }
}

/* No direction: no infinite slope either. */
static void
test_cosine_of_nothing (void)
{
  static const float y[] = { 0, 0 }, t[] = { 0.5f, 1 };
  float d[2];

  g_assert_cmpfloat (
      nn_objective_type ("cosine")->loss (nn_kernels_best (), FALSE, y, t, d, NULL, 1, 1, 2), ==,
      1);
  g_assert_true (isfinite (d[0]) && isfinite (d[1]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/objectives/registry", test_registry);
  g_test_add_func ("/objectives/choices", test_choices);
  g_test_add_func ("/objectives/correct", test_correct);
  g_test_add_func ("/objectives/known-values", test_known_values);
  g_test_add_func ("/objectives/sparse", test_sparse);
  g_test_add_func ("/objectives/huber-values", test_huber);
  g_test_add_func ("/objectives/cosine-of-nothing", test_cosine_of_nothing);
  for (const NnObjectiveType *const *type = nn_objective_types (); *type != NULL; type++)
    {
      g_autofree char *path = g_strconcat ("/objectives/", (*type)->id, NULL);

      g_test_add_data_func (path, *type, test_type);
    }
  return g_test_run ();
}
