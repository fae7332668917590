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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/split/shares", test_shares);
  g_test_add_func ("/split/seed", test_seed);
  g_test_add_func ("/split/storage", test_storage);
  return g_test_run ();
}
