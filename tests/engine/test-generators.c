/* Every generated data set, found by walking the registry: what it promises without drawing is what
 * it draws, and the same seed draws the same on any number of threads. Then what each set is for.
 */
#include <math.h>
#include <string.h>

#include "base/nn-error.h"
#include "data/nn-balance.h"
#include "data/nn-data-source.h"

#include "nn-test-data.h"

enum
{
  FEATURES,
  LABEL
};

#define MAX_VALUES (28 * 28 * 3)

static NnDataset *
draw (const char *name, guint64 seed, guint n_threads)
{
  GError *error = NULL;
  const NnLoadContext context = { .n_threads = n_threads };
  NnDataset *dataset = nn_data_load (name, seed, &context, &error);
  g_assert_no_error (error);
  return dataset;
}

/* FNV-1a over every value and label. */
static guint64
fingerprint (const NnDataset *dataset)
{
  const NnDataInfo *info = nn_dataset_info (dataset);
  guint64 hash = G_GUINT64_CONSTANT (14695981039346656037);
  float out[MAX_VALUES];
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    for (guint f = 0; f < info->n_fields; f++)
      {
        const gsize size = (gsize)nn_shape_size (&info->fields[f].shape);
        g_assert_cmpuint (size, <=, MAX_VALUES);
        for (guint32 i = 0; i < info->n_samples[part]; i++)
          {
            nn_dataset_read (dataset, part, f, &i, 1, nn_kernels_best (), out);
            for (gsize k = 0; k < size; k++)
              {
                guint32 bits;
                memcpy (&bits, &out[k], sizeof bits);
                hash = (hash ^ bits) * G_GUINT64_CONSTANT (1099511628211);
              }
          }
      }
  return hash;
}

static void
test_deterministic (gconstpointer name)
{
  g_autoptr (NnDataset) one = draw (name, 7, 1), three = draw (name, 7, 3),
                        other = draw (name, 8, 2);
  const guint64 expected = fingerprint (one);
  g_assert_cmpuint (fingerprint (three), ==, expected);
  g_assert_cmpuint (fingerprint (other), !=, expected);
}

/* Sizes and fields are those that are known without drawing; values are finite and about 1 in size,
 * as networks like them; images and labels were checked when the set was made. */
static void
test_promise (gconstpointer name)
{
  g_autoptr (NnDataInfo) peeked = nn_data_peek (name, NULL);
  g_autoptr (NnDataset) dataset = draw (name, 0, 2);
  const NnDataInfo *info = nn_dataset_info (dataset);
  float out[MAX_VALUES];
  g_assert_cmpstr (info->name, ==, name);
  g_assert_cmpuint (peeked->n_fields, ==, info->n_fields);
  g_assert_cmpmem (peeked->n_samples, sizeof peeked->n_samples, info->n_samples,
                   sizeof info->n_samples);
  for (guint f = 0; f < info->n_fields; f++)
    {
      const NnField *field = &info->fields[f];
      const gsize size = (gsize)nn_shape_size (&field->shape);
      g_assert_cmpstr (peeked->fields[f].name, ==, field->name);
      g_assert_true (nn_shape_equal (&peeked->fields[f].shape, &field->shape));
      if (field->class_names)
        g_assert_cmpuint (g_strv_length ((char **)field->class_names), ==, field->n_classes);
      for (guint32 i = 0; i < info->n_samples[NN_PART_TEST]; i++)
        {
          nn_dataset_read (dataset, NN_PART_TEST, f, &i, 1, nn_kernels_best (), out);
          for (gsize k = 0; k < size; k++)
            g_assert_cmpfloat (fabsf (out[k]), <, 8.0f);
        }
    }
}

static void
count_classes (const NnDataset *dataset, NnPart part, guint *count, guint n_classes)
{
  guint label;
  nn_data_info_field (nn_dataset_info (dataset), "label", &label);
  memset (count, 0, n_classes * sizeof *count);
  for (gsize i = 0; i < nn_dataset_n_samples (dataset, part); i++)
    count[nn_dataset_label (dataset, part, label, i)]++;
}

static void
test_points_balanced (void)
{
  static const char *const names[] = { "points-curve", "points-spiral", "points-rings",
                                       "points-moons", "points-swiss-roll" };
  for (guint s = 0; s < G_N_ELEMENTS (names); s++)
    {
      g_autoptr (NnDataset) dataset = draw (names[s], 1, 2);
      const guint n_classes = nn_dataset_info (dataset)->fields[LABEL].n_classes;
      const gsize n = nn_dataset_n_samples (dataset, NN_PART_TRAIN);
      guint count[16];
      count_classes (dataset, NN_PART_TRAIN, count, n_classes);
      for (guint c = 0; c < n_classes; c++)
        {
          g_assert_cmpuint (count[c], >=, n / n_classes);
          g_assert_cmpuint (count[c], <=, n / n_classes + 1);
        }
    }
}

/* What a set's points have in common: a number that is close to 0 (to 1/8 at five standard
 * deviations of the noise) for all of them. */
static double
off_curve (const float *x, guint label)
{
  return (double)x[1] - 0.7 * sin (G_PI * ((double)x[0] + 1));
}

static double
off_ring (const float *x, guint label)
{
  static const double radius[] = { 0.25, 0.6, 0.95 };
  return hypot ((double)x[0], (double)x[1]) - radius[label];
}

/* A half circle of radius 0.65, the other one turned half round the origin. */
static double
off_moon (const float *x, guint label)
{
  const double side = label ? -1 : 1;
  return hypot (side * (double)x[0] + 0.325, side * (double)x[1] + 0.16) - 0.65;
}

/* The angle that the radius calls for, as the length of the arc that is missing. */
static double
off_spiral (const float *x, guint label)
{
  const double radius = hypot ((double)x[0], (double)x[1]);
  const double angle = 2 * G_PI * (1.5 * radius + label / 2.0);
  return sin ((atan2 ((double)x[1], (double)x[0]) - angle) / 2) * MIN (radius, 0.1);
}

static double
off_roll (const float *x, guint label)
{
  const double radius = hypot ((double)x[0], (double)x[2]);
  const double angle = 1.5 * G_PI * 3 * radius;
  return sin ((atan2 ((double)x[2], (double)x[0]) - angle) / 2) * 0.2;
}

static void
test_points_lie_where_they_should (void)
{
  const struct
  {
    const char *name;
    double (*off) (const float *x, guint label);
  } sets[] = {
    { "points-curve", off_curve },     { "points-rings", off_ring },
    { "points-moons", off_moon },      { "points-spiral", off_spiral },
    { "points-swiss-roll", off_roll },
  };
  for (guint s = 0; s < G_N_ELEMENTS (sets); s++)
    {
      g_autoptr (NnDataset) dataset = draw (sets[s].name, 2, 2);
      const gsize n = nn_dataset_n_samples (dataset, NN_PART_TRAIN);
      double sum = 0, squares = 0;
      for (guint32 i = 0; i < n; i++)
        {
          float x[3];
          nn_dataset_read (dataset, NN_PART_TRAIN, FEATURES, &i, 1, nn_kernels_best (), x);
          const double off = sets[s].off (x, nn_dataset_label (dataset, NN_PART_TRAIN, LABEL, i));
          sum += off;
          squares += off * off;
        }
      g_test_message ("%s: off by %.4f, deviation %.4f", sets[s].name, sum / n, sqrt (squares / n));
      g_assert_cmpfloat (fabs (sum / n), <, 0.01);
      g_assert_cmpfloat (sqrt (squares / n), <, 0.08);
      g_assert_cmpfloat (sqrt (squares / n), >, 0.01);
    }
}

/* ---- tables ---- */

/* Copies make frauds as many as honest rows; each lies near a fraud, as far off as frauds vary;
 * what was there before is still there, and the test part is the same. */
static void
test_balance (void)
{
  g_autoptr (NnDataset) plain = draw ("table", 0, 2);
  g_autoptr (NnParams) data =
      nn_test_params (nn_data_specs (), "name=table balance=copies copy-noise=0.1");
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDataset) balanced = nn_data_load_with (data, NULL, &error);
  g_assert_no_error (error);
  guint count[2], n_same = 0;
  double spread = 0, nearest = 0;

  count_classes (balanced, NN_PART_TRAIN, count, 2);
  g_assert_cmpuint (count[0], ==, 200 * 578);
  g_assert_cmpuint (count[1], ==, 200 * 578);
  g_assert_cmpuint (nn_dataset_n_samples (balanced, NN_PART_TEST), ==, 57900);

  float frauds[200][29], mean[29] = { 0 };
  for (guint32 i = 0, k = 0; i < 200 * 579; i++)
    if (nn_dataset_label (plain, NN_PART_TRAIN, LABEL, i))
      nn_dataset_read (plain, NN_PART_TRAIN, FEATURES, &i, 1, nn_kernels_best (), frauds[k++]);
  for (guint k = 0; k < 200 * 29; k++)
    mean[k % 29] += frauds[k / 29][k % 29] / 200;
  for (guint k = 0; k < 200 * 29; k++)
    spread += pow ((double)(frauds[k / 29][k % 29] - mean[k % 29]), 2) / 200;
  /* The first of an order by chance. */
  for (guint32 i = 0, n = 0; n < 500; i++)
    {
      float x[29];
      double least = G_MAXDOUBLE;
      if (!nn_dataset_label (balanced, NN_PART_TRAIN, LABEL, i))
        continue;
      nn_dataset_read (balanced, NN_PART_TRAIN, FEATURES, &i, 1, nn_kernels_best (), x);
      for (guint k = 0; k < 200; k++)
        {
          double squares = 0;
          for (guint v = 0; v < 29; v++)
            squares += pow ((double)(x[v] - frauds[k][v]), 2);
          least = MIN (least, squares);
        }
      n_same += least == 0;
      nearest += least / 500;
      n++;
    }
  g_assert_cmpuint (n_same, <, 20);
  g_assert_cmpfloat_with_epsilon (sqrt (nearest / spread), 0.1, 0.01);
}

/* The same bytes again, without noise exact repeats, and nothing to do where all is balanced. */
static void
test_balance_repeats (void)
{
  g_autoptr (NnDataset) dataset = nn_test_dataset (402);
  g_autoptr (NnParams) off = nn_test_params (nn_data_specs (), "");
  g_autoptr (NnParams) exact = nn_test_params (nn_data_specs (), "balance=copies copy-noise=0");
  g_autoptr (NnParams) noisy = nn_test_params (nn_data_specs (), "balance=copies copy-noise=1");
  g_autoptr (NnDataset) same = nn_dataset_balance (dataset, off, NULL, NULL);
  g_autoptr (NnDataset) a = nn_dataset_balance (dataset, exact, NULL, NULL);
  g_autoptr (NnDataset) b = nn_dataset_balance (dataset, noisy, NULL, NULL);
  g_autoptr (NnDataset) c = nn_dataset_balance (dataset, noisy, NULL, NULL);
  guint count[4];

  g_assert_true (same == dataset);
  count_classes (a, NN_PART_TRAIN, count, 4);
  for (guint k = 0; k < 4; k++)
    g_assert_cmpuint (count[k], ==, 101);
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    g_assert_true (g_bytes_equal (nn_dataset_storage (b, 0)->bytes[part],
                                  nn_dataset_storage (c, 0)->bytes[part]));
  g_assert_false (g_bytes_equal (nn_dataset_storage (a, 0)->bytes[NN_PART_TRAIN],
                                 nn_dataset_storage (b, 0)->bytes[NN_PART_TRAIN]));

  g_autoptr (NnDataset) unlabelled = draw ("points-curve", 0, 1);
  g_autoptr (GError) error = NULL;
  if (nn_data_info_field (nn_dataset_info (unlabelled), "label", NULL) == NULL)
    {
      g_assert_null (nn_dataset_balance (unlabelled, noisy, NULL, &error));
      g_assert_error (error, NN_ERROR, NN_ERROR_DESIGN);
    }
}

static void
test_table_shares (void)
{
  g_autoptr (NnDataset) plain = draw ("table", 0, 2), normal = draw ("table-normal", 0, 2);
  guint count[2];
  count_classes (plain, NN_PART_TRAIN, count, 2);
  g_assert_cmpuint (count[1], ==, 200);
  g_assert_cmpuint (count[0], ==, 200 * 578);
  count_classes (normal, NN_PART_TRAIN, count, 2);
  g_assert_cmpuint (count[1], ==, 0);

  /* They are judged by the same rows. */
  for (guint32 i = 0; i < 57900; i++)
    {
      float x[2][29];
      nn_dataset_read (plain, NN_PART_TEST, FEATURES, &i, 1, nn_kernels_best (), x[0]);
      nn_dataset_read (normal, NN_PART_TEST, FEATURES, &i, 1, nn_kernels_best (), x[1]);
      g_assert_cmpmem (x[0], sizeof x[0], x[1], sizeof x[1]);
    }
  count_classes (normal, NN_PART_TEST, count, 2);
  g_assert_cmpuint (count[1], ==, 100);
}

/* Honest rows have mean 0 and variance 1 in every feature, and features that go together. */
static void
test_table_normalised (void)
{
  g_autoptr (NnDataset) normal = draw ("table-normal", 3, 2);
  const guint32 n = 60000;
  double sum[29] = { 0 }, squares[29] = { 0 }, products[29][29] = { { 0 } };
  for (guint32 i = 0; i < n; i++)
    {
      float x[29];
      nn_dataset_read (normal, NN_PART_TRAIN, FEATURES, &i, 1, nn_kernels_best (), x);
      for (guint k = 0; k < 29; k++)
        {
          sum[k] += (double)x[k];
          squares[k] += (double)x[k] * (double)x[k];
          for (guint j = 0; j < k; j++)
            products[k][j] += (double)x[k] * (double)x[j];
        }
    }
  guint strong = 0;
  for (guint k = 0; k < 29; k++)
    {
      g_assert_cmpfloat (fabs (sum[k] / n), <, 0.02);
      g_assert_cmpfloat (fabs (squares[k] / n - 1), <, 0.03);
      for (guint j = 0; j < k; j++)
        strong += fabs (products[k][j] / n) > 0.5;
    }
  g_test_message ("%u of 406 pairs of features with a correlation above 0.5", strong);
  g_assert_cmpuint (strong, >, 60);
  g_assert_cmpuint (strong, <, 250);
}

/* Frauds lie farther out than honest rows, but some are no farther than many of those. */
static void
test_table_overlaps (void)
{
  g_autoptr (NnDataset) table = draw ("table", 4, 2);
  double mean[2] = { 0 }, nearest_fraud = G_MAXDOUBLE, farthest = 0;
  guint count[2] = { 0 };
  for (guint32 i = 0; i < 60000; i++)
    {
      float x[29];
      double squares = 0;
      nn_dataset_read (table, NN_PART_TRAIN, FEATURES, &i, 1, nn_kernels_best (), x);
      const guint label = nn_dataset_label (table, NN_PART_TRAIN, LABEL, i);
      for (guint k = 0; k < 29; k++)
        squares += (double)x[k] * (double)x[k];
      mean[label] += squares;
      count[label]++;
      if (label)
        nearest_fraud = MIN (nearest_fraud, squares);
      else
        farthest = MAX (farthest, squares);
    }
  g_assert_cmpfloat (mean[1] / count[1], >, 1.2 * mean[0] / count[0]);
  g_assert_cmpfloat (nearest_fraud, <, farthest / 4);
}

/* Held-out rows are copied by nobody; the rest is balanced. */
static void
test_balance_of_the_rest (void)
{
  g_autoptr (NnParams) data =
      nn_test_params (nn_data_specs (), "name=table balance=copies validation=training");
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDataset) balanced = nn_data_load_with (data, NULL, &error);
  g_assert_no_error (error);
  guint count[2];

  count_classes (balanced, NN_PART_VALIDATION, count, 2);
  g_assert_cmpuint (count[0], ==, 20 * 578);
  g_assert_cmpuint (count[1], ==, 20);
  count_classes (balanced, NN_PART_TRAIN, count, 2);
  g_assert_cmpuint (count[0], ==, 180 * 578);
  g_assert_cmpuint (count[1], ==, 180 * 578);
  g_assert_cmpuint (nn_dataset_n_samples (balanced, NN_PART_TEST), ==, 57900);
}

/* A limit counts samples, not their copies. */
static void
test_balance_within_limit (void)
{
  g_autoptr (NnParams) data =
      nn_test_params (nn_data_specs (), "name=table balance=copies limit=6000");
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDataset) balanced = nn_data_load_with (data, NULL, &error);
  g_assert_no_error (error);
  guint count[2];

  count_classes (balanced, NN_PART_TRAIN, count, 2);
  g_assert_cmpuint (count[0], <, 6000);
  g_assert_cmpuint (count[0], >, 5900);
  g_assert_cmpuint (count[1], ==, count[0]);
  g_assert_cmpuint (nn_data_limit (data), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (const NnDataSource *const *source = nn_data_sources (); *source; source++)
    if ((*source)->info)
      {
        const char *name = (*source)->info->name;
        g_autofree char *deterministic = g_strconcat ("/generators/deterministic/", name, NULL);
        g_autofree char *promise = g_strconcat ("/generators/promise/", name, NULL);
        g_test_add_data_func (deterministic, name, test_deterministic);
        g_test_add_data_func (promise, name, test_promise);
      }
  g_test_add_func ("/generators/points/balanced", test_points_balanced);
  g_test_add_func ("/generators/points/places", test_points_lie_where_they_should);
  g_test_add_func ("/generators/table/balance", test_balance);
  g_test_add_func ("/generators/table/balance-within-limit", test_balance_within_limit);
  g_test_add_func ("/generators/table/balance-repeats", test_balance_repeats);
  g_test_add_func ("/generators/table/balance-of-the-rest", test_balance_of_the_rest);
  g_test_add_func ("/generators/table/shares", test_table_shares);
  g_test_add_func ("/generators/table/normalised", test_table_normalised);
  g_test_add_func ("/generators/table/overlaps", test_table_overlaps);
  return g_test_run ();
}
