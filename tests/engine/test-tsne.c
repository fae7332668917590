/* t-SNE against plain sums over all pairs in double, and what its maps must show. */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/nn-error.h"
#include "base/nn-rng.h"
#include "explore/nn-tsne-tree.h"
#include "explore/nn-tsne.h"

#define N_CLUSTERS 5

static NnPool *pool;

/* n codes around N_CLUSTERS places that are apart, code i in cluster i % N_CLUSTERS. */
static float *
make_clusters (gsize n, gsize dims, float apart)
{
  float *codes = g_new (float, n *dims);
  NnRng rng;

  nn_rng_init (&rng, 7, NN_STREAM_DATA, 0, 0);
  for (gsize i = 0; i < n; i++)
    for (gsize d = 0; d < dims; d++)
      codes[i * dims + d] = nn_rng_normal (&rng) + (d == i % N_CLUSTERS ? apart : 0);
  return codes;
}

static NnTsne *
make_tsne (const float *codes, gsize n, gsize dims, const NnTsneSettings *settings)
{
  g_autoptr (GError) error = NULL;
  NnTsne *tsne = nn_tsne_new (codes, n, dims, settings, pool, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (tsne);
  return tsne;
}

static void
run_steps (NnTsne *tsne, guint n_steps)
{
  for (guint i = 0; i < n_steps; i++)
    nn_tsne_step (tsne);
}

static double
distance2 (const float *a, const float *b, gsize dims)
{
  double sum = 0;

  for (gsize d = 0; d < dims; d++)
    sum += ((double)a[d] - (double)b[d]) * ((double)a[d] - (double)b[d]);
  return sum;
}

static void
assert_finite (const NnTsne *tsne, gsize n)
{
  for (gsize i = 0; i < 2 * n; i++)
    g_assert_true (isfinite (nn_tsne_positions (tsne)[i]));
}

/* ---- all pairs, in double ---- */

static gint
compare_doubles (gconstpointer a, gconstpointer b)
{
  const double first = *(const double *)a, second = *(const double *)b;

  return first < second ? -1 : first > second;
}

/* p (n) of the nearest k to point i, with the width that gives the perplexity. */
static void
exact_row (const float *codes, gsize n, gsize dims, gsize i, gsize k, double perplexity, double *p)
{
  g_autofree double *d2 = g_new (double, n), *sorted = g_new (double, n);
  double low = 0, high = 1e6;

  for (gsize j = 0; j < n; j++)
    d2[j] = sorted[j] = j == i ? INFINITY : distance2 (codes + i * dims, codes + j * dims, dims);
  qsort (sorted, n, sizeof *sorted, compare_doubles);
  for (guint step = 0; step < 200; step++)
    {
      const double beta = (low + high) / 2;
      double sum = 0, entropy = 0;

      for (gsize j = 0; j < n; j++)
        sum += p[j] = d2[j] <= sorted[k - 1] ? exp (-beta * (d2[j] - sorted[0])) : 0;
      for (gsize j = 0; j < n; j++)
        {
          p[j] /= sum;
          entropy -= p[j] > 0 ? p[j] * log (p[j]) : 0;
        }
      if (entropy > log (perplexity))
        low = beta;
      else
        high = beta;
    }
}

/* (n, n), adding up to 1. (transfer full) */
static double *
exact_probabilities (const float *codes, gsize n, gsize dims, double perplexity)
{
  g_autofree double *rows = g_new (double, n *n);
  double *p = g_new (double, n *n);

  for (gsize i = 0; i < n; i++)
    exact_row (codes, n, dims, i, (gsize)(3 * perplexity), perplexity, rows + i * n);
  for (gsize i = 0; i < n; i++)
    for (gsize j = 0; j < n; j++)
      p[i * n + j] = (rows[i * n + j] + rows[j * n + i]) / (2 * (double)n);
  return p;
}

/* Returns the sum of q over all pairs; force (n, 2) the sum of q^2 (xy_i - xy_j). */
static double
exact_push (const float *xy, gsize n, double *force)
{
  double total = 0;

  memset (force, 0, 2 * n * sizeof *force);
  for (gsize i = 0; i < n; i++)
    for (gsize j = 0; j < n; j++)
      {
        const double q = 1 / (1 + distance2 (xy + 2 * i, xy + 2 * j, 2));

        total += i != j ? q : 0;
        for (guint c = 0; c < 2; c++)
          force[2 * i + c] += q * q * ((double)xy[2 * i + c] - (double)xy[2 * j + c]);
      }
  return total;
}

static double
exact_divergence (const double *p, const float *xy, gsize n)
{
  g_autofree double *force = g_new (double, 2 * n);
  const double total = exact_push (xy, n, force);
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    for (gsize j = 0; j < n; j++)
      if (p[i * n + j] > 0)
        sum +=
            p[i * n + j] * log (p[i * n + j] * total * (1 + distance2 (xy + 2 * i, xy + 2 * j, 2)));
  return sum;
}

static void
exact_gradient (const double *p, const float *xy, gsize n, double *gradient)
{
  const double total = exact_push (xy, n, gradient);

  for (gsize i = 0; i < n; i++)
    for (guint c = 0; c < 2; c++)
      {
        double sum = -gradient[2 * i + c] / total;

        for (gsize j = 0; j < n; j++)
          sum += p[i * n + j] * ((double)xy[2 * i + c] - (double)xy[2 * j + c])
                 / (1 + distance2 (xy + 2 * i, xy + 2 * j, 2));
        gradient[2 * i + c] = 4 * sum;
      }
}

/* ---- tests ---- */

static void
test_graph (void)
{
  const gsize n = 300, dims = 9;
  const double perplexity = 20;
  g_autofree float *codes = make_clusters (n, dims, 2);
  g_autofree double *p = exact_probabilities (codes, n, dims, perplexity);
  NnTsneGraph graph = { 0 };
  double total = 0;

  g_assert_true (nn_tsne_graph_init (&graph, codes, n, dims, perplexity, nn_kernels_best (), pool,
                                     NULL, NULL, NULL, NULL));
  g_assert_cmpuint (graph.n, ==, n);
  for (gsize i = 0; i < n; i++)
    for (gsize e = graph.row[i]; e < graph.row[i + 1]; e++)
      {
        double *exact = &p[i * n + graph.index[e]];

        g_assert_true (e == graph.row[i] || graph.index[e] > graph.index[e - 1]);
        g_assert_cmpfloat_with_epsilon ((double)graph.p[e], *exact, 2e-4 * *exact + 1e-10);
        total += (double)graph.p[e];
        *exact = 0;
      }
  g_assert_cmpfloat_with_epsilon (total, 1, 1e-5);
  /* and nothing else has an edge */
  for (gsize i = 0; i < n * n; i++)
    g_assert_cmpfloat (p[i], <, 1e-10);
  nn_tsne_graph_clear (&graph);
}

/* angle: largest error of the forces and of the sum of q, relative to the root of the mean square
 * force. */
static void
check_tree (const float *xy, gsize n, float angle, double force_error, double sum_error)
{
  g_autoptr (NnTsneTree) tree = nn_tsne_tree_new (n, angle, nn_pool_n_threads (pool));
  g_autofree float *force = g_new (float, 2 * n);
  g_autofree double *exact = g_new (double, 2 * n);
  double error = 0, size = 0, total, exact_total;

  nn_tsne_tree_build (tree, xy);
  total = nn_tsne_tree_forces (tree, nn_kernels_best (), pool, force);
  exact_total = exact_push (xy, n, exact);
  for (gsize i = 0; i < 2 * n; i++)
    {
      error += ((double)force[i] - exact[i]) * ((double)force[i] - exact[i]);
      size += exact[i] * exact[i];
    }
  g_test_message ("%u points, angle %g: forces off by %.2g, sum by %.2g", (guint)n, (double)angle,
                  sqrt (error / size), total / exact_total - 1);
  g_assert_cmpfloat (sqrt (error), <=, force_error * sqrt (size));
  g_assert_cmpfloat_with_epsilon (total, exact_total, sum_error * exact_total + 1e-6 * (double)n);
}

static void
test_tree (void)
{
  static const gsize sizes[] = { 2, 3, 47, 400, 2500 };
  NnRng rng;

  nn_rng_init (&rng, 3, NN_STREAM_DATA, 0, 0);
  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      const gsize n = sizes[s];
      g_autofree float *xy = g_new (float, 2 * n);

      /* Lumps of very different widths, as a map has them; the last tenth all in one place. */
      for (gsize i = 0; i < 2 * n; i++)
        xy[i] = i > 2 * n * 9 / 10
                    ? 1.0f
                    : 30 * (float)(i / 2 % 7) + nn_rng_normal (&rng) * (float)(1 + i / 2 % 13);
      check_tree (xy, n, 0, 1e-5, 1e-5);
      check_tree (xy, n, 0.5f, 0.02, 0.002);
    }
}

/* The first step follows the exact gradient: gains begin at 1 and shrink to 0.8 with it. */
static void
test_first_step (void)
{
  const gsize n = 240, dims = 9;
  g_autofree float *codes = make_clusters (n, dims, 2);
  g_autofree double *p = exact_probabilities (codes, n, dims, 20);
  g_autofree double *gradient = g_new (double, 2 * n);
  g_autofree float *start = g_new (float, 2 * n);
  NnTsneSettings settings = NN_TSNE_SETTINGS;
  g_autoptr (NnTsne) tsne = NULL;
  double largest = 0;

  settings.perplexity = 20;
  settings.exaggeration_steps = 0;
  settings.learning_rate = 10;
  settings.angle = 0;
  tsne = make_tsne (codes, n, dims, &settings);
  memcpy (start, nn_tsne_positions (tsne), 2 * n * sizeof (float));
  exact_gradient (p, start, n, gradient);
  nn_tsne_step (tsne);
  for (gsize i = 0; i < 2 * n; i++)
    largest = MAX (largest, fabs (gradient[i]));
  for (gsize i = 0; i < 2 * n; i++)
    g_assert_cmpfloat_with_epsilon ((double)(nn_tsne_positions (tsne)[i] - start[i]),
                                    -8 * gradient[i], 8 * 1e-3 * largest);
}

/* Falls, ends where exact repulsion ends, and is what a sum over all pairs gives. */
static void
test_divergence (void)
{
  const gsize n = 400, dims = 9;
  g_autofree float *codes = make_clusters (n, dims, 8);
  g_autofree double *p = exact_probabilities (codes, n, dims, 20);
  NnTsneSettings settings = NN_TSNE_SETTINGS;
  double ends[2];

  settings.perplexity = 20;
  for (guint exact = 0; exact < 2; exact++)
    {
      g_autoptr (NnTsne) tsne = NULL;
      double before;

      settings.angle = exact ? 0 : 0.5;
      tsne = make_tsne (codes, n, dims, &settings);
      before = nn_tsne_divergence (tsne);
      run_steps (tsne, 250);
      g_assert_false (nn_tsne_is_exaggerated (tsne));
      for (guint i = 0; i < 5; i++)
        {
          run_steps (tsne, 100);
          g_assert_cmpfloat (nn_tsne_divergence (tsne), <, before);
          before = nn_tsne_divergence (tsne) + 1e-3;
        }
      ends[exact] = nn_tsne_divergence (tsne);
      g_assert_cmpfloat_with_epsilon (
          ends[exact], exact_divergence (p, nn_tsne_positions (tsne), n), exact ? 5e-4 : 5e-3);
    }
  g_test_message ("divergence %g with the tree, %g with all pairs", ends[0], ends[1]);
  g_assert_cmpfloat_with_epsilon (ends[0], ends[1], 0.08 * ends[1]);
}

static gsize
nearest (const float *x, gsize n, gsize dims, gsize i)
{
  gsize best = i == 0;

  for (gsize j = 0; j < n; j++)
    if (j != i
        && distance2 (x + i * dims, x + j * dims, dims)
               < distance2 (x + i * dims, x + best * dims, dims))
      best = j;
  return best;
}

static void
test_clusters (void)
{
  const gsize n = 500, dims = 16;
  g_autofree float *codes = make_clusters (n, dims, 12);
  const NnTsneSettings settings = NN_TSNE_SETTINGS;
  g_autoptr (NnTsne) tsne = make_tsne (codes, n, dims, &settings);

  run_steps (tsne, 500);
  for (gsize i = 0; i < n; i++)
    g_assert_cmpuint (nearest (nn_tsne_positions (tsne), n, 2, i) % N_CLUSTERS, ==, i % N_CLUSTERS);
}

static void
test_threads (void)
{
  const gsize n = 1300, dims = 12;
  g_autofree float *codes = make_clusters (n, dims, 3);
  g_autofree float *first = g_new (float, 2 * n);
  const NnTsneSettings settings = NN_TSNE_SETTINGS;

  for (guint n_threads = 1; n_threads <= 5; n_threads += 2)
    {
      g_autoptr (NnPool) threads = nn_pool_new (n_threads);
      g_autoptr (NnTsne) tsne =
          nn_tsne_new (codes, n, dims, &settings, threads, NULL, NULL, NULL, NULL);

      run_steps (tsne, 40);
      if (n_threads == 1)
        memcpy (first, nn_tsne_positions (tsne), 2 * n * sizeof (float));
      g_assert_cmpmem (first, 2 * n * sizeof (float), nn_tsne_positions (tsne),
                       2 * n * sizeof (float));
    }
}

static void
test_seed_and_start (void)
{
  const gsize n = 60, dims = 4;
  g_autofree float *codes = make_clusters (n, dims, 3);
  g_autofree float *start = g_new (float, 2 * n);
  NnTsneSettings settings = NN_TSNE_SETTINGS;
  g_autoptr (NnTsne) plain = make_tsne (codes, n, dims, &settings);
  g_autoptr (NnTsne) seeded = NULL, started = NULL;

  settings.seed = 5;
  seeded = make_tsne (codes, n, dims, &settings);
  g_assert_true (
      memcmp (nn_tsne_positions (plain), nn_tsne_positions (seeded), 2 * n * sizeof (float)) != 0);
  for (gsize i = 0; i < n; i++)
    {
      start[2 * i] = 7 + 3 * (float)i;
      start[2 * i + 1] = -3 * (float)i;
    }
  settings.start = start;
  started = make_tsne (codes, n, dims, &settings);
  for (gsize i = 1; i < n; i++)
    {
      g_assert_cmpfloat (nn_tsne_positions (started)[2 * i], >,
                         nn_tsne_positions (started)[2 * i - 2]);
      g_assert_cmpfloat_with_epsilon (
          nn_tsne_positions (started)[2 * i] - nn_tsne_positions (started)[0], 3 * (float)i, 1);
      g_assert_cmpfloat (fabsf (nn_tsne_positions (plain)[2 * i]), <, 1e-3f);
    }
}

/* Copies of a code, in and beyond what the perplexity asks for. */
static void
test_duplicates (void)
{
  const gsize n = 300, dims = 6;
  g_autofree float *codes = make_clusters (n, dims, 3);
  const NnTsneSettings settings = NN_TSNE_SETTINGS;
  g_autoptr (NnTsne) tsne = NULL;

  for (gsize i = 0; i < 150; i++)
    memcpy (codes + i * dims, codes, dims * sizeof (float));
  for (gsize i = 200; i < n; i += 2)
    memcpy (codes + i * dims, codes + (i + 1) * dims, dims * sizeof (float));
  tsne = make_tsne (codes, n, dims, &settings);
  run_steps (tsne, 300);
  assert_finite (tsne, n);
  g_assert_true (isfinite (nn_tsne_divergence (tsne)));
}

/* From one sample on; the perplexity is what so few allow. Offsets and sizes do not matter. */
static void
test_few_and_large (void)
{
  static const float sizes[] = { 1e-30f, 1, 1e30f };
  const NnTsneSettings settings = NN_TSNE_SETTINGS;

  for (gsize n = 1; n <= 40; n = n < 5 ? n + 1 : 2 * n)
    for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
      for (gsize dims = 1; dims <= 4; dims += 3)
        {
          g_autofree float *codes = make_clusters (n, dims, 3);
          g_autoptr (NnTsne) tsne = NULL;

          for (gsize i = 0; i < n * dims; i++)
            codes[i] = (codes[i] + 100) * sizes[s];
          tsne = make_tsne (codes, n, dims, &settings);
          g_assert_cmpfloat (nn_tsne_perplexity (tsne), ==, MAX (1, (double)(n - 1) / 3));
          run_steps (tsne, 50);
          g_assert_cmpuint (nn_tsne_n_steps (tsne), ==, 50);
          assert_finite (tsne, n);
          g_assert_true (isfinite (nn_tsne_divergence (tsne)));
        }
}

static void
assert_refused (const float *codes, gsize n, gsize dims, const NnTsneSettings *settings,
                NnErrorCode code, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (nn_tsne_new (codes, n, dims, settings, pool, NULL, NULL, NULL, &error));
  g_assert_error (error, NN_ERROR, (gint)code);
  g_assert_nonnull (strstr (error->message, text));
}

static void
test_refused (void)
{
  const gsize n = 50, dims = 6;
  g_autofree float *codes = make_clusters (n, dims, 3);
  const float bad[] = { NAN, INFINITY, -INFINITY };
  NnTsneSettings settings = NN_TSNE_SETTINGS;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      codes[7 * dims + 3] = bad[i];
      assert_refused (codes, n, dims, &settings, NN_ERROR_NUMERIC, "Code 7 ");
    }
  for (gsize i = 0; i < n * dims; i++)
    codes[i] = 0.1f * (float)(1 + i % dims);
  assert_refused (codes, n, dims, &settings, NN_ERROR_RANGE, "All 50 codes are the same");
  assert_refused (codes, 0, dims, &settings, NN_ERROR_RANGE, "no codes");
  settings.perplexity = 0.5;
  assert_refused (codes, n, dims, &settings, NN_ERROR_RANGE, "not 0.5, 12, 0 and 0.5");
  settings = NN_TSNE_SETTINGS;
  settings.learning_rate = NAN;
  assert_refused (codes, n, dims, &settings, NN_ERROR_RANGE, "learning rate");
}

typedef struct
{
  GCancellable *cancellable;
  double fraction;
  guint n_calls;
} Progress;

static void
take_progress (double fraction, gpointer data)
{
  Progress *progress = data;

  g_assert_cmpfloat (fraction, >=, progress->fraction);
  g_assert_cmpfloat (fraction, <=, 1);
  progress->fraction = fraction;
  if (++progress->n_calls == 2)
    g_cancellable_cancel (progress->cancellable);
}

static void
test_cancel (void)
{
  const gsize n = 4000, dims = 6;
  g_autofree float *codes = make_clusters (n, dims, 3);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  const NnTsneSettings settings = NN_TSNE_SETTINGS;
  Progress progress = { .cancellable = cancellable };

  g_assert_null (
      nn_tsne_new (codes, n, dims, &settings, pool, take_progress, &progress, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (progress.n_calls, ==, 2);
}

#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
static atomic_uint n_allocations;

extern void *__libc_malloc (size_t size);
extern void *__libc_calloc (size_t n, size_t size);

void *
malloc (size_t size)
{
  atomic_fetch_add (&n_allocations, 1);
  return __libc_malloc (size);
}

void *
calloc (size_t n, size_t size)
{
  atomic_fetch_add (&n_allocations, 1);
  return __libc_calloc (n, size);
}

static void
test_allocates_nothing (void)
{
  const gsize n = 1000, dims = 6;
  g_autofree float *codes = make_clusters (n, dims, 3);
  const NnTsneSettings settings = NN_TSNE_SETTINGS;
  g_autoptr (NnTsne) tsne = make_tsne (codes, n, dims, &settings);
  const guint before = atomic_load (&n_allocations);

  g_assert_cmpuint (before, >, 0);
  run_steps (tsne, 20);
  nn_tsne_divergence (tsne);
  g_assert_cmpuint (atomic_load (&n_allocations), ==, before);
}
#else
static void
test_allocates_nothing (void)
{
  g_test_skip ("a sanitizer has its own allocator");
}
#endif

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  pool = nn_pool_new (2);
  g_test_add_func ("/tsne/graph", test_graph);
  g_test_add_func ("/tsne/tree", test_tree);
  g_test_add_func ("/tsne/first-step", test_first_step);
  g_test_add_func ("/tsne/divergence", test_divergence);
  g_test_add_func ("/tsne/clusters", test_clusters);
  g_test_add_func ("/tsne/threads", test_threads);
  g_test_add_func ("/tsne/seed-and-start", test_seed_and_start);
  g_test_add_func ("/tsne/duplicates", test_duplicates);
  g_test_add_func ("/tsne/few-and-large", test_few_and_large);
  g_test_add_func ("/tsne/refused", test_refused);
  g_test_add_func ("/tsne/cancel", test_cancel);
  g_test_add_func ("/tsne/allocates-nothing", test_allocates_nothing);
  status = g_test_run ();
  nn_pool_free (pool);
  return status;
}
