#include "data/nn-split.h"

#include "data-fixture.h"

static NnParams *
options (const char *share, guint seed)
{
  g_autofree char *text = g_strdup_printf ("test-share=%s seed=%u", share, seed);
  return nn_test_params (nn_data_specs (), text);
}

/* Of counts that are drawn, the test part has its share to within rounding, in all and by class. */
static void
test_shares (void)
{
  static const char *const shares[] = { "0.001", "0.1", "0.25", "0.5", "0.9" };
  for (guint round = 0; round < 200; round++)
    {
      const guint n_classes = (guint)g_test_rand_int_range (1, 40);
      g_autofree gsize *counts = g_new (gsize, n_classes);
      gsize n = 0;
      for (guint c = 0; c < n_classes; c++)
        n += counts[c] = (gsize)g_test_rand_int_range (c == 0 ? 2 : 0, 50);
      const char *text = shares[round % G_N_ELEMENTS (shares)];
      const double share = g_ascii_strtod (text, NULL);
      g_autoptr (NnParams) params = options (text, round);
      g_autoptr (NnSplit) split = nn_split_new (counts, n_classes, params);
      gsize sizes[NN_N_PARTS], seen[NN_N_PARTS] = { 0 };
      nn_split_sizes (split, sizes);
      g_assert_cmpuint (sizes[0] + sizes[1], ==, n);
      g_assert_cmpuint (sizes[0], >=, 1);
      g_assert_cmpuint (sizes[1], >=, 1);
      g_assert_cmpfloat (ABS ((double)sizes[1] - MAX (share * (double)n, 1)), <=, 1);
      for (guint c = 0; c < n_classes; c++)
        {
          gsize test = 0;
          for (gsize i = 0; i < counts[c]; i++)
            {
              const NnPart part = nn_split_next (split, c);
              seen[part]++;
              test += part == NN_PART_TEST;
            }
          const double wanted = (double)sizes[1] / (double)n * (double)counts[c];
          g_assert_cmpfloat (ABS ((double)test - wanted), <=, 1);
        }
      g_assert_cmpmem (seen, sizeof seen, sizes, sizeof sizes);
    }
}

/* The seed decides, and nothing else; every sample has the same chance. */
static void
test_seed (void)
{
  enum
  {
    N = 50,
    ROUNDS = 2000
  };
  guint taken[N] = { 0 }, differences = 0;
  const gsize count = N;
  for (guint seed = 0; seed < ROUNDS; seed++)
    {
      g_autoptr (NnParams) params = options ("0.2", seed);
      g_autoptr (NnSplit) a = nn_split_new (&count, 1, params);
      g_autoptr (NnSplit) b = nn_split_new (&count, 1, params);
      g_autoptr (NnParams) next = options ("0.2", seed + 1);
      g_autoptr (NnSplit) other = nn_split_new (&count, 1, next);
      for (guint i = 0; i < N; i++)
        {
          const NnPart part = nn_split_next (a, 0);
          g_assert_cmpint (part, ==, nn_split_next (b, 0));
          differences += part != nn_split_next (other, 0);
          taken[i] += part == NN_PART_TEST;
        }
    }
  g_assert_cmpuint (differences, >, 0);
  /* Binomial: 400 of 2000, standard deviation 18. */
  for (guint i = 0; i < N; i++)
    {
      g_assert_cmpuint (taken[i], >, 400 - 5 * 18);
      g_assert_cmpuint (taken[i], <, 400 + 5 * 18);
    }
}

static void
test_storage (void)
{
  enum
  {
    N = 40
  };
  float *values = g_new (float, N * 2);
  guint32 *labels = g_new (guint32, N);
  for (guint i = 0; i < N; i++)
    {
      values[2 * i] = (float)i;
      values[2 * i + 1] = -(float)i;
      labels[i] = i % 4 == 3;
    }
  NnFieldStorage fields[2] = {
    { .field = { .name = "features", .kind = NN_FIELD_FEATURES, .shape = nn_shape (2) } },
    { .field = { .name = "label", .kind = NN_FIELD_LABEL, .shape = nn_shape (2), .n_classes = 2 },
      .label_size = 4 },
  };
  fields[0].floats[NN_PART_TRAIN] = g_bytes_new_take (values, N * 2 * sizeof *values);
  fields[1].bytes[NN_PART_TRAIN] = g_bytes_new_take (labels, N * sizeof *labels);
  g_autoptr (NnParams) params = options ("0.25", 7);
  gsize n[NN_N_PARTS];
  nn_split_storage (fields, 2, N, params, n);
  g_assert_cmpuint (n[NN_PART_TRAIN], ==, 30);
  g_assert_cmpuint (n[NN_PART_TEST], ==, 10);
  guint seen = 0;
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    {
      if (n[part] == 0)
        continue;
      const float *x = g_bytes_get_data (fields[0].floats[part], NULL);
      const guint32 *label = g_bytes_get_data (fields[1].bytes[part], NULL);
      g_assert_cmpuint (g_bytes_get_size (fields[0].floats[part]), ==, n[part] * 8);
      for (gsize i = 0; i < n[part]; i++)
        {
          g_assert_cmpfloat (x[2 * i + 1], ==, -x[2 * i]);
          g_assert_cmpuint (label[i], ==, (int)x[2 * i] % 4 == 3);
          seen += (guint)x[2 * i];
        }
    }
  g_assert_cmpuint (seen, ==, N * (N - 1) / 2);
  nn_storage_clear (fields, 2);
}

/* A share of the training part validates, each class giving its own; the test part stays, and so
 * does the order of what is left. */
static void
test_hold_out (void)
{
  g_autoptr (NnDataset) whole = nn_test_dataset (200);
  g_autoptr (NnParams) params =
      nn_test_params (nn_data_specs (), "validation=training validation-share=0.25 seed=3");
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDataset) divided = nn_dataset_hold_out (whole, params, &error);
  g_assert_no_error (error);
  gsize expected[NN_N_PARTS] = { 200, 50 };
  nn_split_hold_out_sizes (params, expected);
  g_assert_cmpmem (nn_dataset_info (divided)->n_samples, sizeof expected, expected,
                   sizeof expected);
  g_assert_cmpuint (expected[NN_PART_TRAIN], ==, 150);
  g_assert_cmpuint (expected[NN_PART_TEST], ==, 50);
  g_assert_cmpint (nn_dataset_validation_part (divided), ==, NN_PART_VALIDATION);
  g_assert_cmpint (nn_dataset_validation_part (whole), ==, NN_PART_TEST);

  guint of_class[4] = { 0 };
  guint32 at[NN_N_PARTS] = { 0 };
  for (guint32 i = 0; i < 200; i++)
    {
      float a[64], b[64];
      NnPart part = NN_PART_TRAIN;
      nn_dataset_read (whole, NN_PART_TRAIN, 0, &i, 1, nn_kernels_best (), a);
      if (at[part] < expected[part])
        nn_dataset_read (divided, part, 0, &at[part], 1, nn_kernels_best (), b);
      if (at[part] == expected[part] || memcmp (a, b, sizeof a) != 0)
        {
          part = NN_PART_VALIDATION;
          nn_dataset_read (divided, part, 0, &at[part], 1, nn_kernels_best (), b);
          g_assert_cmpmem (a, sizeof a, b, sizeof b);
          of_class[nn_dataset_label (whole, NN_PART_TRAIN, 1, i)]++;
        }
      g_assert_cmpuint (nn_dataset_label (divided, part, 1, at[part]), ==,
                        nn_dataset_label (whole, NN_PART_TRAIN, 1, i));
      at[part]++;
    }
  for (guint c = 0; c < 4; c++)
    {
      g_assert_cmpuint (of_class[c], >=, 12);
      g_assert_cmpuint (of_class[c], <=, 13);
    }
  g_assert_true (g_bytes_equal (nn_dataset_storage (whole, 0)->bytes[NN_PART_TEST],
                                nn_dataset_storage (divided, 0)->bytes[NN_PART_TEST]));

  /* Once is enough, and by default nothing is held out. */
  g_autoptr (NnDataset) again = nn_dataset_hold_out (divided, params, &error);
  g_assert_true (again == divided);
  g_autoptr (NnParams) plain = nn_params_new (nn_data_specs ());
  g_autoptr (NnDataset) same = nn_dataset_hold_out (whole, plain, &error);
  g_assert_true (same == whole);
}

/* What is held out comes out of the samples that a limit leaves, not beside them. */
static void
test_hold_out_of_limit (void)
{
  g_autoptr (NnDataset) whole = nn_test_dataset (200);
  g_autoptr (NnParams) params =
      nn_test_params (nn_data_specs (), "validation=training validation-share=0.25 limit=40");
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDataset) divided = nn_dataset_hold_out (whole, params, &error);
  g_assert_no_error (error);
  const gsize expected[NN_N_PARTS] = { 30, 50, 10 };
  gsize told[NN_N_PARTS] = { 200, 50 };
  nn_split_hold_out_sizes (params, told);
  g_assert_cmpmem (nn_dataset_info (divided)->n_samples, sizeof expected, expected,
                   sizeof expected);
  g_assert_cmpmem (told, sizeof told, expected, sizeof expected);

  for (guint32 at = 0; at < 10; at++)
    {
      float first[64], held[64];
      gboolean found = FALSE;
      nn_dataset_read (divided, NN_PART_VALIDATION, 0, &at, 1, nn_kernels_best (), held);
      for (guint32 i = 0; i < 40 && !found; i++)
        {
          nn_dataset_read (whole, NN_PART_TRAIN, 0, &i, 1, nn_kernels_best (), first);
          found = memcmp (first, held, sizeof held) == 0;
        }
      g_assert_true (found);
    }
  g_assert_cmpuint (nn_data_limit (params), ==, 0);

  /* Another limit is other samples then; without, it only hides some. */
  g_autoptr (NnParams) more = nn_params_with_number (params, "limit", 50, NULL);
  g_assert_false (nn_data_is_same (params, more));
  g_autoptr (NnParams) plain = nn_test_params (nn_data_specs (), "limit=40"),
                       all = nn_params_new (nn_data_specs ());
  g_assert_true (nn_data_is_same (plain, all));
  g_assert_cmpuint (nn_data_limit (plain), ==, 40);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/split/shares", test_shares);
  g_test_add_func ("/split/seed", test_seed);
  g_test_add_func ("/split/storage", test_storage);
  g_test_add_func ("/split/hold-out", test_hold_out);
  g_test_add_func ("/split/hold-out-of-limit", test_hold_out_of_limit);
  return g_test_run ();
}
