/* Shapes, tensors, random numbers, activations and the thread pool. */
#include "base/nn-activation.h"
#include "base/nn-blas.h"
#include "base/nn-error.h"
#include "base/nn-memory.h"
#include "base/nn-pool.h"
#include "base/nn-rng.h"
#include "base/nn-tensor.h"
#include "nn-test-data.h"

#include <float.h>
#include <glib/gstdio.h>
#include <math.h>
#include <sys/resource.h>

/* ---- memory ---- */

static void
write_file (const char *root, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (root, name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static void
test_memory (void)
{
  static const struct
  {
    const char *groups, *file, *text;
    guint64 limit;
  } cases[] = {
    { "0::/\n", "sys/fs/cgroup/memory.max", "max\n", G_MAXUINT64 },
    { "0::/\n", "sys/fs/cgroup/memory.max", "1000\n", 1000 },
    { "0::/user/shell\n", "sys/fs/cgroup/user/memory.max", "2000\n", 2000 },
    { "0::/../host\n", "sys/fs/cgroup/memory.max", "3000\n", 3000 },
    { "5:cpu:/\n4:memory:/box\n", "sys/fs/cgroup/memory/box/memory.limit_in_bytes", "4000", 4000 },
    { "4:memory:/box\n", "sys/fs/cgroup/memory/memory.limit_in_bytes", "5000", 5000 },
    { "4:memory:/box\n", "sys/fs/cgroup/memory.max", "6000", G_MAXUINT64 },
    { "nonsense\n", "sys/fs/cgroup/memory.max", "7000", G_MAXUINT64 },
    { "0::/\n", "sys/fs/cgroup/memory.max", "many", G_MAXUINT64 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *root = g_dir_make_tmp ("diabolo-test-XXXXXX", NULL);
      write_file (root, "proc/self/cgroup", cases[i].groups);
      write_file (root, cases[i].file, cases[i].text);
      g_assert_cmpuint (nn_memory_limit_of_groups (root), ==, cases[i].limit);
      nn_test_remove_folder (root);
    }
  g_assert_cmpuint (nn_memory_limit_of_groups ("/nowhere"), ==, G_MAXUINT64);
  g_assert_cmpuint (nn_memory_of_machine (), >, 1 << 24);
}

/* Whether the mapping that address lies in was asked to have large pages. */
static gboolean
asked_for_large_pages (gconstpointer address)
{
  g_autofree char *maps = NULL;
  g_auto (GStrv) lines = NULL;
  gboolean inside = FALSE;

  if (!g_file_get_contents ("/proc/self/smaps", &maps, NULL, NULL))
    return FALSE;
  lines = g_strsplit (maps, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *end;
      const guint64 from = g_ascii_strtoull (lines[i], &end, 16);
      if (end != lines[i] && *end == '-')
        inside = from <= GPOINTER_TO_SIZE (address)
                 && GPOINTER_TO_SIZE (address) < g_ascii_strtoull (end + 1, NULL, 16);
      if (inside && g_str_has_prefix (lines[i], "VmFlags:"))
        return strstr (lines[i], " hg") != NULL;
    }
  return FALSE;
}

static void
test_large_pages (void)
{
  const gsize bytes = 8 << 20;
  g_autofree guint8 *array = g_malloc (bytes);
  g_autofree guint8 *small = g_malloc (64);

  g_assert_null (nn_memory_in_large_pages (NULL, bytes));
  g_assert_true (nn_memory_in_large_pages (small, 64) == small);
  g_assert_true (nn_memory_in_large_pages (array, bytes) == array);
  memset (array, 7, bytes);
  g_assert_cmpint (array[bytes - 1], ==, 7);
  if (g_file_test ("/sys/kernel/mm/transparent_hugepage", G_FILE_TEST_IS_DIR)
      && g_file_test ("/proc/self/smaps", G_FILE_TEST_EXISTS))
    g_assert_true (asked_for_large_pages (array + bytes / 2));
  else
    g_test_skip ("the system does not tell which memory has large pages");
}

/* ---- shapes ---- */

static void
test_shape_size (void)
{
  NnShape image = nn_shape (28, 28, 1);
  NnShape scalar = { 0 };
  NnShape limit = nn_shape (1 << 20, 1 << 20);
  NnShape beyond = nn_shape (1 << 20, (1 << 20) + 1);
  NnShape overflow = nn_shape (G_MAXINT64, G_MAXINT64, 2);
  NnShape zero = nn_shape (3, 0);
  NnShape negative = nn_shape (-1);

  g_assert_cmpint (nn_shape_size (&image), ==, 784);
  g_assert_cmpint (nn_shape_size (&scalar), ==, 1);
  g_assert_cmpint (nn_shape_size (&limit), ==, NN_MAX_SIZE);
  g_assert_cmpint (nn_shape_size (&beyond), ==, -1);
  g_assert_cmpint (nn_shape_size (&overflow), ==, -1);
  g_assert_cmpint (nn_shape_size (&zero), ==, -1);
  g_assert_cmpint (nn_shape_size (&negative), ==, -1);
}

static void
test_shape_text (void)
{
  static const struct
  {
    const char *text;
    gboolean allow_rest;
    const char *shown; /* NULL: refused */
  } cases[] = {
    { "784", FALSE, "784" },
    { "28x28x1", FALSE, "28×28×1" },
    { "28×28×1", FALSE, "28×28×1" },
    { " 28 , 28,1 ", FALSE, "28×28×1" },
    { "-1x4", TRUE, "-1×4" },
    { "1x2x3x4x5", FALSE, "1×2×3×4×5" },
    { "-1x4", FALSE, NULL },
    { "-1x-1", TRUE, NULL },
    { "1x2x3x4x5x6", FALSE, NULL },
    { "0", FALSE, NULL },
    { "3x0", TRUE, NULL },
    { "-2", TRUE, NULL },
    { "", FALSE, NULL },
    { "x", FALSE, NULL },
    { "28x", FALSE, NULL },
    { "28 28", FALSE, NULL },
    { "28.5", FALSE, NULL },
    { "9223372036854775807x9223372036854775807", FALSE, NULL },
    { "99999999999999999999", FALSE, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *shown = NULL;
      NnShape shape = { .rank = -7 };
      gboolean ok = nn_shape_parse (cases[i].text, cases[i].allow_rest, &shape, &error);

      g_test_message ("\"%s\"", cases[i].text);
      if (cases[i].shown == NULL)
        {
          g_assert_false (ok);
          g_assert_error (error, NN_ERROR, NN_ERROR_RANGE);
          g_assert_cmpint (shape.rank, ==, -7);
          g_assert_nonnull (strstr (error->message, cases[i].text));
          continue;
        }
      g_assert_no_error (error);
      g_assert_true (ok);
      shown = nn_shape_to_string (&shape);
      g_assert_cmpstr (shown, ==, cases[i].shown);
    }
}

static void
test_shape_equal (void)
{
  NnShape a = nn_shape (2, 3), b = nn_shape (2, 3), c = nn_shape (3, 2), d = nn_shape (2, 3, 1);

  g_assert_true (nn_shape_equal (&a, &b));
  g_assert_false (nn_shape_equal (&a, &c));
  g_assert_false (nn_shape_equal (&a, &d));
}

/* ---- tensors ---- */

static void
test_tensor (void)
{
  NnShape shape = nn_shape (3, 5);
  g_autoptr (NnTensor) tensor = nn_tensor_new (&shape);
  g_autoptr (NnTensor) same = nn_tensor_ref (tensor);
  g_autoptr (NnTensor) copy = NULL;

  g_assert_cmpuint (tensor->size, ==, 15);
  g_assert_cmpuint ((gsize)tensor->data % NN_ALIGN, ==, 0);
  for (gsize i = 0; i < tensor->size; i++)
    {
      g_assert_cmpfloat (tensor->data[i], ==, 0);
      tensor->data[i] = (float)i;
    }
  copy = nn_tensor_copy (tensor);
  g_assert_true (same == tensor && copy->data != tensor->data);
  g_assert_true (nn_shape_equal (&copy->shape, &shape));
  g_assert_cmpmem (copy->data, copy->size * sizeof (float), tensor->data,
                   tensor->size * sizeof (float));
}

static void
test_tensor_empty_memory (void)
{
  float *memory = nn_alloc_floats (0);

  g_assert_nonnull (memory);
  nn_free_aligned (memory);
  nn_free_aligned (NULL);
}

/* ---- random numbers ---- */

/* The known answers published with Random123 (kat_vectors, philox4x32 10). */
static void
test_rng_known_answers (void)
{
  static const struct
  {
    guint32 counter[4], key[2], out[4];
  } cases[] = {
    { { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
    { { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff },
      { 0xffffffff, 0xffffffff },
      { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
    { { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
      { 0xa4093822, 0x299f31d0 },
      { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint32 out[4];

      nn_philox (cases[i].key, cases[i].counter, out);
      g_assert_cmpmem (out, sizeof out, cases[i].out, sizeof cases[i].out);
    }
}

static void
test_rng_streams (void)
{
  const guint64 seed = G_GUINT64_CONSTANT (0x299f31d0a4093822);
  const guint32 key[2] = { 0xa4093822, 0x299f31d0 };
  NnRng rng;

  nn_rng_init (&rng, seed, 3, 5, 7);
  for (guint32 block = 0; block < 3; block++)
    {
      guint32 counter[4] = { block, 7, 5, 3 };
      guint32 out[4];

      nn_philox (key, counter, out);
      for (guint word = 0; word < 4; word++)
        g_assert_cmpuint (nn_rng_u32 (&rng), ==, out[word]);
    }
}

static void
test_rng_uniform (void)
{
  NnRng rng;
  double sum = 0, low = 1, high = 0;
  const guint n = 100000;

  nn_rng_init (&rng, 1, 2, 3, 4);
  for (guint i = 0; i < n; i++)
    {
      double x = (double)nn_rng_uniform (&rng);

      sum += x;
      low = MIN (low, x);
      high = MAX (high, x);
    }
  g_assert_cmpfloat (low, >=, 0);
  g_assert_cmpfloat (high, <, 1);
  /* six standard errors: sqrt (1 / 12 / n) */
  g_assert_cmpfloat_with_epsilon (sum / n, 0.5, 6 * sqrt (1.0 / 12 / n));
}

static void
test_rng_normal (void)
{
  NnRng rng;
  double sum = 0, square = 0, within = 0, product = 0, before = 0;
  const guint n = 100000;

  nn_rng_init (&rng, 5, 6, 7, 8);
  for (guint i = 0; i < n; i++)
    {
      double x = (double)nn_rng_normal (&rng);

      sum += x;
      square += x * x;
      within += fabs (x) < 1;
      product += x * before;
      before = x;
    }
  g_assert_cmpfloat_with_epsilon (sum / n, 0, 6 / sqrt (n));
  g_assert_cmpfloat_with_epsilon (square / n, 1, 6 * sqrt (2.0 / n));
  g_assert_cmpfloat_with_epsilon (product / n, 0, 6 / sqrt (n));
  g_assert_cmpfloat_with_epsilon (within / n, 0.6827, 6 * sqrt (0.22 / n));
}

static void
test_rng_below (void)
{
  NnRng rng;
  guint count[7] = { 0 };
  const guint n = 70000;

  nn_rng_init (&rng, 9, 0, 0, 0);
  for (guint i = 0; i < n; i++)
    count[nn_rng_below (&rng, 7)]++;
  for (guint i = 0; i < 7; i++)
    g_assert_cmpfloat_with_epsilon (count[i], n / 7.0, 6 * sqrt (n / 7.0));
  for (guint i = 0; i < 100; i++)
    {
      g_assert_cmpuint (nn_rng_below (&rng, 1), ==, 0);
      g_assert_cmpuint (nn_rng_below (&rng, 0xc0000000u), <, 0xc0000000u);
    }
}

/* Every order of four things is equally likely. */
static void
test_rng_shuffle (void)
{
  g_autoptr (GHashTable) orders = g_hash_table_new (NULL, NULL);
  const guint n = 24000;
  GHashTableIter iter;
  gpointer count;
  NnRng rng;

  nn_rng_init (&rng, 11, NN_STREAM_SHUFFLE, 0, 0);
  for (guint i = 0; i < n; i++)
    {
      guint32 index[4] = { 0, 1, 2, 3 };
      guint code = 0, seen = 0;

      nn_rng_shuffle (&rng, index, 4);
      for (guint j = 0; j < 4; j++)
        {
          code = code * 4 + index[j];
          seen |= 1u << index[j];
        }
      g_assert_cmpuint (seen, ==, 15);
      count = g_hash_table_lookup (orders, GUINT_TO_POINTER (code));
      g_hash_table_insert (orders, GUINT_TO_POINTER (code),
                           GUINT_TO_POINTER (GPOINTER_TO_UINT (count) + 1));
    }
  g_assert_cmpuint (g_hash_table_size (orders), ==, 24);
  g_hash_table_iter_init (&iter, orders);
  while (g_hash_table_iter_next (&iter, NULL, &count))
    g_assert_cmpfloat_with_epsilon (GPOINTER_TO_UINT (count), n / 24.0, 6 * sqrt (n / 24.0));
  nn_rng_shuffle (&rng, NULL, 0);
}

/* ---- activations and BLAS ---- */

static void
test_activation_table (void)
{
  for (gint i = 0; i < NN_N_ACTIVATIONS; i++)
    {
      const NnActivationInfo *info = nn_activation_info (i);

      g_assert_true (info->title != NULL && info->formula != NULL && info->summary != NULL);
      g_assert_cmpint (nn_activation_from_id (info->id), ==, i);
    }
  g_assert_cmpint (nn_activation_from_id ("no such thing"), ==, -1);
}

/* Matrices inside larger ones, so that a step beyond an edge shows. A has this share of zeros. */
static void
check_gemm (const NnKernels *kernels, NnRng *rng, double zeros, gboolean any_order, gboolean ta,
            gboolean tb, gsize m, gsize n, gsize k)
{
  const gsize lda = (ta ? m : k) + nn_rng_below (rng, 3),
              ldb = (tb ? k : n) + nn_rng_below (rng, 3);
  const gsize ldc = n + 1 + nn_rng_below (rng, 3);
  const gsize n_a = (ta ? k : m) * lda, n_b = (tb ? n : k) * ldb, n_c = m * ldc;
  g_autofree float *a = g_new (float, n_a), *b = g_new (float, n_b), *c = g_new (float, n_c);
  g_autofree float *before = g_new (float, n_c);
  const gboolean add = nn_rng_below (rng, 2);

  for (gsize i = 0; i < n_a; i++)
    a[i] = nn_rng_uniform (rng) < (float)zeros ? 0 : nn_rng_normal (rng);
  for (gsize i = 0; i < n_b; i++)
    b[i] = nn_rng_normal (rng);
  for (gsize i = 0; i < n_c; i++)
    before[i] = c[i] = nn_rng_normal (rng);
  if (any_order)
    nn_gemm_any_order (kernels, ta, tb, m, n, k, a, lda, b, ldb, add, c, ldc);
  else
    nn_gemm (kernels, ta, tb, m, n, k, a, lda, b, ldb, add, c, ldc);
  for (gsize i = 0; i < m; i++)
    for (gsize j = 0; j < ldc; j++)
      {
        double sum = add ? (double)before[i * ldc + j] : 0;

        if (j >= n)
          {
            g_assert_cmpfloat (c[i * ldc + j], ==, before[i * ldc + j]);
            continue;
          }
        for (gsize p = 0; p < k; p++)
          sum +=
              (double)a[ta ? p * lda + i : i * lda + p] * (double)b[tb ? j * ldb + p : p * ldb + j];
        g_assert_cmpfloat_with_epsilon (c[i * ldc + j], sum, 2e-6 * (1 + (double)k));
      }
}

static void
test_gemm (void)
{
  NnRng rng;

  nn_rng_init (&rng, 13, 0, 0, 0);
  for (guint table = 0; nn_kernels_all ()[table]; table++)
    for (guint i = 0; i < 400; i++)
      check_gemm (nn_kernels_all ()[table], &rng, 0, FALSE, i & 1, (i >> 1) & 1,
                  1 + nn_rng_below (&rng, 40), 1 + nn_rng_below (&rng, 70),
                  1 + nn_rng_below (&rng, i % 8 < 4 ? 150 : 700));
}

/* Products that pass over zeros, by tiles of few rows, of a pair and of one. */
static void
test_gemm_sparse (void)
{
  static const double zeros[] = { 1, 0.9, 0.75, 0.6, 0.5 };
  NnRng rng;

  nn_rng_init (&rng, 14, 0, 0, 0);
  for (guint table = 0; nn_kernels_all ()[table]; table++)
    {
      const NnKernels *kernels = nn_kernels_all ()[table];
      for (guint i = 0; i < 200; i++)
        check_gemm (kernels, &rng, zeros[i % 5], (i >> 1) & 1, i & 1, FALSE,
                    4 + nn_rng_below (&rng, 180), 16 + nn_rng_below (&rng, 300),
                    16 + nn_rng_below (&rng, 600));

      /* One value in a thousand zeros counts, whatever it is. */
      const float values[] = { 2, -1e-42f, INFINITY, NAN };
      for (guint v = 0; v < 2 * G_N_ELEMENTS (values); v++)
        {
          const float value = values[v / 2];
          g_autofree float *a = g_new0 (float, 20 * 50), *b = g_new (float, 50 * 40);
          g_autofree float *c = g_new (float, 20 * 40);
          for (guint i = 0; i < 50 * 40; i++)
            b[i] = 1e38f;
          a[7 * 50 + 33] = value;
          if (v % 2)
            nn_gemm_any_order (kernels, FALSE, FALSE, 20, 40, 50, a, 50, b, 40, FALSE, c, 40);
          else
            nn_gemm (kernels, FALSE, FALSE, 20, 40, 50, a, 50, b, 40, FALSE, c, 40);
          for (guint i = 0; i < 20 * 40; i++)
            {
              const float expected = i / 40 == 7 ? value * 1e38f : 0;
              g_assert_true (isnan (expected) ? isnan (c[i]) : c[i] == expected);
            }
        }
    }
}

/* ---- the pool ---- */

typedef struct
{
  guint n_threads;
  guint work;    /* turns of a loop in each task */
  guint *runs;   /* per task; plain memory, so that a lost hand-over is a data race */
  guint *in_use; /* per thread */
  guint n_tasks;
  gboolean in_order;
  guint last;
} PoolCheck;

static void
pool_task (gpointer data, guint task, guint thread)
{
  PoolCheck *check = data;

  g_assert_cmpuint (task, <, check->n_tasks);
  g_assert_cmpuint (thread, <, check->n_threads);
  /* A thread number belongs to one thread at a time: it names scratch memory. */
  g_assert_cmpuint (check->in_use[thread]++, ==, 0);
  for (guint i = 0; i < check->work; i++)
    __asm__ volatile("" ::: "memory");
  if (check->in_order)
    {
      g_assert_cmpuint (task, ==, check->last);
      check->last++;
    }
  check->runs[task]++;
  check->in_use[thread]--;
}

static void
check_pool (guint n_threads, guint n_runs, guint work, guint pause_every)
{
  g_autoptr (NnPool) pool = nn_pool_new (n_threads);
  guint runs[40], in_use[16] = { 0 };

  g_assert_cmpuint (nn_pool_n_threads (pool), ==, n_threads);
  for (guint run = 0; run < n_runs; run++)
    {
      PoolCheck check = { .n_threads = n_threads,
                          .work = work,
                          .runs = runs,
                          .in_use = in_use,
                          .n_tasks = run % G_N_ELEMENTS (runs),
                          .in_order = n_threads == 1 };

      memset (runs, 0, sizeof runs);
      nn_pool_run (pool, check.n_tasks, pool_task, &check);
      for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
        g_assert_cmpuint (runs[i], ==, i < check.n_tasks ? 1 : 0);
      /* Long enough for the workers to block. */
      if (pause_every > 0 && run % pause_every == 0)
        g_usleep (500);
    }
}

static void
test_pool_every_task_once (void)
{
  static const guint n_threads[] = { 1, 2, 3, 5, 16 };

  for (gsize i = 0; i < G_N_ELEMENTS (n_threads); i++)
    {
      check_pool (n_threads[i], 2000, 0, 0);
      check_pool (n_threads[i], 100, 20000, 0);
      check_pool (n_threads[i], 200, 10, 3);
    }
}

static void
test_pool_start_and_stop (void)
{
  for (guint i = 0; i < 200; i++)
    {
      g_autoptr (NnPool) unused = nn_pool_new (3);

      check_pool (1 + i % 4, i % 3, 0, 0);
    }
}

static void
test_pool_default_size (void)
{
  g_autoptr (NnPool) pool = nn_pool_new (0);

  g_assert_cmpuint (nn_pool_n_threads (pool), ==, g_get_num_processors ());
}

static void
empty_task (gpointer data, guint task, guint thread)
{
}

static double
cpu_seconds (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
         + 1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void
test_pool_idle (void)
{
  g_autoptr (NnPool) pool = nn_pool_new (g_get_num_processors ());
  double before;

  nn_pool_run (pool, 100, empty_task, NULL);
  g_usleep (50000);
  before = cpu_seconds ();
  g_usleep (200000);
  g_assert_cmpfloat (cpu_seconds () - before, <, 0.02);
}

#ifdef __SSE__
static void
denormal_task (gpointer data, guint task, guint thread)
{
  volatile float small = FLT_MIN;
  gboolean *flushed = data;

  flushed[task] = small * 0.25f == 0;
}

/* The caller and its workers compute alike, and the caller afterwards as before. */
static void
test_pool_denormals (void)
{
  g_autoptr (NnPool) pool = nn_pool_new (2);
  volatile float small = FLT_MIN;
  gboolean flushed[64] = { 0 };

  nn_pool_run (pool, G_N_ELEMENTS (flushed), denormal_task, flushed);
  for (guint i = 0; i < G_N_ELEMENTS (flushed); i++)
    g_assert_true (flushed[i]);
  g_assert_cmpfloat (small * 0.25f, >, 0);
}
#endif

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/memory", test_memory);
  g_test_add_func ("/base/memory/large-pages", test_large_pages);
  g_test_add_func ("/base/shape/size", test_shape_size);
  g_test_add_func ("/base/shape/text", test_shape_text);
  g_test_add_func ("/base/shape/equal", test_shape_equal);
  g_test_add_func ("/base/tensor", test_tensor);
  g_test_add_func ("/base/tensor/empty-memory", test_tensor_empty_memory);
  g_test_add_func ("/base/rng/known-answers", test_rng_known_answers);
  g_test_add_func ("/base/rng/streams", test_rng_streams);
  g_test_add_func ("/base/rng/uniform", test_rng_uniform);
  g_test_add_func ("/base/rng/normal", test_rng_normal);
  g_test_add_func ("/base/rng/below", test_rng_below);
  g_test_add_func ("/base/rng/shuffle", test_rng_shuffle);
  g_test_add_func ("/base/activation/table", test_activation_table);
  g_test_add_func ("/base/blas/gemm", test_gemm);
  g_test_add_func ("/base/blas/gemm-sparse", test_gemm_sparse);
  g_test_add_func ("/base/pool/every-task-once", test_pool_every_task_once);
  g_test_add_func ("/base/pool/start-and-stop", test_pool_start_and_stop);
  g_test_add_func ("/base/pool/default-size", test_pool_default_size);
  g_test_add_func ("/base/pool/idle", test_pool_idle);
#ifdef __SSE__
  g_test_add_func ("/base/pool/denormals", test_pool_denormals);
#endif
  return g_test_run ();
}
