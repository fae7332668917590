#include "train/nn-run-history.h"

#include <math.h>
#include <string.h>

#include "base/nn-error.h"
#include "base/nn-rng.h"

#define LIMIT 20000
#define HEADER "run,name,kind,epoch,step,loss,accuracy,seconds,learning_rate\n"
#define OLD_HEADER "run,name,kind,epoch,step,loss,accuracy,seconds\n"

static NnRow
batch_row (guint64 run, guint64 step)
{
  return (NnRow){ .run = run,
                  .kind = NN_ROW_BATCH,
                  .epoch = step / 100.0,
                  .step = step,
                  .loss = 1.0 / step,
                  .accuracy = NAN,
                  .seconds = step * 0.001,
                  .learning_rate = 0.01 };
}

static void
test_runs (void)
{
  g_autoptr (NnRunHistory) history = nn_run_history_new ();
  g_assert_cmpuint (nn_run_history_begin (history), ==, 1);
  g_assert_cmpuint (nn_run_history_begin (history), ==, 2);
  g_assert_cmpstr (nn_run_history_run (history, 1)->name, ==, "Run 2");

  const NnRow rows[] = { batch_row (2, 1), batch_row (7, 1), batch_row (2, 2) };
  nn_run_history_append (history, rows, G_N_ELEMENTS (rows));
  g_assert_cmpuint (nn_run_history_n_runs (history), ==, 3);
  g_assert_cmpuint (nn_run_history_run (history, 2)->id, ==, 7);
  g_assert_cmpstr (nn_run_history_run (history, 2)->name, ==, "Run 7");
  g_assert_cmpuint (nn_run_history_begin (history), ==, 8);

  gsize n;
  const NnRow *two = nn_run_history_rows (history, 2, NN_ROW_BATCH, &n);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpuint (two[1].step, ==, 2);
  g_assert_null (nn_run_history_rows (history, 2, NN_ROW_EPOCH, &n));
  g_assert_cmpuint (n, ==, 0);
  g_assert_null (nn_run_history_rows (history, 99, NN_ROW_BATCH, &n));

  g_autoptr (NnRunHistory) copy = nn_run_history_copy (history);
  nn_run_history_rename (history, 2, "low rate");
  nn_run_history_remove (history, 1);
  g_assert_cmpstr (nn_run_history_run (history, 0)->name, ==, "low rate");
  g_assert_cmpuint (nn_run_history_n_runs (history), ==, 3);
  g_assert_cmpuint (nn_run_history_n_runs (copy), ==, 4);
  g_assert_cmpstr (nn_run_history_run (copy, 1)->name, ==, "Run 2");
  g_assert_cmpmem (nn_run_history_rows (copy, 2, NN_ROW_BATCH, &n), 2 * sizeof (NnRow), two,
                   2 * sizeof (NnRow));
}

/* Going back to an earlier step leaves one row of each step and nothing of what came after. */
static void
test_back (void)
{
  g_autoptr (NnRunHistory) history = nn_run_history_new ();
  gsize n;

  for (guint pass = 0; pass < 2; pass++)
    for (guint64 step = pass == 0 ? 1 : 5; step <= 9; step++)
      {
        NnRow row = batch_row (1, step);
        row.loss = pass;
        nn_run_history_append (history, &row, 1);
        for (row.kind = NN_ROW_EPOCH; step % 4 == 0 && row.kind <= NN_ROW_VALIDATION; row.kind++)
          nn_run_history_append (history, &row, 1);
        if (pass == 1 && step == 5)
          {
            nn_run_history_rows (history, 1, NN_ROW_VALIDATION, &n);
            g_assert_cmpuint (n, ==, 1);
          }
      }
  const NnRow *rows = nn_run_history_rows (history, 1, NN_ROW_BATCH, &n);
  g_assert_cmpuint (n, ==, 9);
  for (gsize i = 0; i < n; i++)
    {
      g_assert_cmpuint (rows[i].step, ==, i + 1);
      g_assert_cmpfloat (rows[i].loss, ==, i < 4 ? 0 : 1);
    }
  for (guint kind = NN_ROW_EPOCH; kind <= NN_ROW_VALIDATION; kind++)
    {
      rows = nn_run_history_rows (history, 1, kind, &n);
      g_assert_cmpuint (n, ==, 2);
      g_assert_cmpuint (rows[0].step, ==, 4);
      g_assert_cmpuint (rows[1].step, ==, 8);
      g_assert_cmpfloat (rows[1].loss, ==, 1);
    }
}

static void
test_best (void)
{
  g_autoptr (NnRunHistory) history = nn_run_history_new ();
  static const double losses[] = { NAN, 0.5, 0.25, INFINITY, 0.25, 0.3 };
  g_assert_null (nn_run_history_best (history, 1));
  for (guint i = 0; i < G_N_ELEMENTS (losses); i++)
    {
      NnRow row = batch_row (1, i + 1);
      row.kind = NN_ROW_EPOCH;
      row.loss = 0.01;
      nn_run_history_append (history, &row, 1);
      g_assert_true (i > 1 || !nn_run_history_best (history, 1));
      row.kind = NN_ROW_VALIDATION;
      row.loss = losses[i];
      nn_run_history_append (history, &row, 1);
    }
  g_assert_cmpuint (nn_run_history_best (history, 1)->step, ==, 3);
}

/* What another loss has measured does not compare, and a file remembers that. */
static void
test_best_of_measure (void)
{
  static const struct
  {
    double loss;
    guint measure, best;
  } course[] = { { 0.5, 0, 1 }, { 0.25, 0, 2 }, { 0.3, 0, 2 }, { 0.9, 1, 4 },
                 { 0.7, 1, 5 }, { 0.8, 1, 5 },  { 0.2, 2, 7 } };
  g_autoptr (NnRunHistory) history = nn_run_history_new ();
  for (guint i = 0; i < G_N_ELEMENTS (course); i++)
    {
      NnRow row = batch_row (1, i + 1);
      row.kind = NN_ROW_VALIDATION;
      row.loss = course[i].loss;
      row.measure = course[i].measure;
      nn_run_history_append (history, &row, 1);
      g_autofree char *csv = nn_run_history_to_csv (history);
      g_autoptr (GError) error = NULL;
      g_autoptr (NnRunHistory) again = nn_run_history_from_csv (csv, -1, &error);
      g_assert_no_error (error);
      g_assert_cmpint (strstr (csv, ",measure\n") != NULL, ==, course[i].measure > 0);
      g_assert_cmpuint (nn_run_history_best (history, 1)->step, ==, course[i].best);
      g_assert_cmpuint (nn_run_history_best (again, 1)->step, ==, course[i].best);
    }
}

/* Every so many batches stay, evenly, however they come in. */
static void
test_thinning (void)
{
  g_autoptr (NnRunHistory) history = nn_run_history_new ();
  const guint64 total = 10 * LIMIT + 123;
  guint64 step = 0;
  NnRng rng;
  nn_rng_init (&rng, 5, NN_STREAM_VIEW, 0, 0);
  while (step < total)
    {
      NnRow rows[50];
      gsize n = MIN (1 + nn_rng_below (&rng, G_N_ELEMENTS (rows)), total - step);
      for (gsize i = 0; i < n; i++)
        rows[i] = batch_row (1, ++step);
      nn_run_history_append (history, rows, n);

      gsize kept;
      const NnRow *all = nn_run_history_rows (history, 1, NN_ROW_BATCH, &kept);
      g_assert_cmpuint (kept, <=, LIMIT);
      g_assert_cmpuint (all[0].step, ==, 1);
      if (step <= LIMIT)
        g_assert_cmpuint (kept, ==, step);
    }

  gsize n;
  const NnRow *rows = nn_run_history_rows (history, 1, NN_ROW_BATCH, &n);
  g_assert_cmpuint (n, >, LIMIT / 2);
  for (gsize i = 0; i < n; i++)
    {
      g_assert_cmpuint (rows[i].step, ==, 1 + 16 * i);
      g_assert_cmpfloat (rows[i].loss, ==, 1.0 / rows[i].step);
    }
  g_assert_cmpuint (rows[n - 1].step + 16, >, total);

  /* Read again, it goes on at the same density. */
  g_autofree char *csv = nn_run_history_to_csv (history);
  g_autoptr (NnRunHistory) again = nn_run_history_from_csv (csv, -1, NULL);
  for (guint64 i = 1; i <= 160; i++)
    {
      NnRow row = batch_row (1, total + i);
      nn_run_history_append (again, &row, 1);
    }
  gsize n_again;
  nn_run_history_rows (again, 1, NN_ROW_BATCH, &n_again);
  g_assert_cmpuint (n_again, ==, n + 10);
}

static void
assert_same_double (double a, double b)
{
  g_assert_true (a == b || (isnan (a) && isnan (b)));
}

static void
assert_same (const NnRunHistory *a, const NnRunHistory *b)
{
  g_assert_cmpuint (nn_run_history_n_runs (a), ==, nn_run_history_n_runs (b));
  for (guint r = 0; r < nn_run_history_n_runs (a); r++)
    {
      const NnRun *run = nn_run_history_run (a, r);
      g_assert_cmpuint (nn_run_history_run (b, r)->id, ==, run->id);
      g_assert_cmpstr (nn_run_history_run (b, r)->name, ==, run->name);
      for (NnRowKind kind = 0; kind <= NN_ROW_VALIDATION; kind++)
        {
          gsize n, n_b;
          const NnRow *rows = nn_run_history_rows (a, run->id, kind, &n);
          const NnRow *rows_b = nn_run_history_rows (b, run->id, kind, &n_b);
          g_assert_cmpuint (n, ==, n_b);
          for (gsize i = 0; i < n; i++)
            {
              g_assert_cmpuint (rows_b[i].run, ==, run->id);
              g_assert_cmpuint (rows_b[i].kind, ==, kind);
              g_assert_cmpuint (rows_b[i].step, ==, rows[i].step);
              assert_same_double (rows_b[i].epoch, rows[i].epoch);
              assert_same_double (rows_b[i].loss, rows[i].loss);
              assert_same_double (rows_b[i].accuracy, rows[i].accuracy);
              assert_same_double (rows_b[i].seconds, rows[i].seconds);
              assert_same_double (rows_b[i].learning_rate, rows[i].learning_rate);
            }
        }
    }
}

/* Any bits that a double can have. */
static double
any_double (NnRng *rng)
{
  union
  {
    guint32 words[2];
    double value;
  } any = { .words = { nn_rng_u32 (rng), nn_rng_u32 (rng) } };
  return any.value;
}

static void
test_csv_round_trip (void)
{
  static const char *const names[] = {
    "Run 1", "a, b", "“low” rate", "\"quoted\"", "two\nlines", ""
  };
  NnRng rng;
  guint32 seed = (guint32)g_test_rand_int ();
  g_test_message ("seed %u", seed);
  nn_rng_init (&rng, seed, NN_STREAM_VIEW, 0, 0);

  g_autoptr (NnRunHistory) history = nn_run_history_new ();
  for (guint r = 0; r < G_N_ELEMENTS (names); r++)
    {
      guint64 run = nn_run_history_begin (history);
      nn_run_history_rename (history, run, names[r]);
      guint64 step = 0;
      for (guint i = 0; i < r * 50; i++) /* none in the first run */
        {
          step += nn_rng_below (&rng, 3);
          NnRow row = { .run = run,
                        .kind = nn_rng_below (&rng, 3),
                        .epoch = (i + nn_rng_uniform (&rng)) / 7.0,
                        .step = i == 49 ? G_MAXUINT64 : step,
                        .loss = any_double (&rng),
                        .accuracy = i % 2 ? NAN : nn_rng_u32 (&rng) / 4294967296.0,
                        .seconds = i / 3.0,
                        .learning_rate = i % 3 ? NAN : i / 7.0 };
          nn_run_history_append (history, &row, 1);
        }
    }
  g_autofree char *csv = nn_run_history_to_csv (history);
  g_assert_true (g_str_has_prefix (csv, HEADER));
  GError *error = NULL;
  g_autoptr (NnRunHistory) again = nn_run_history_from_csv (csv, -1, &error);
  g_assert_no_error (error);
  assert_same (history, again);

  /* As a spreadsheet might write it back. */
  g_auto (GStrv) lines = g_strsplit (csv, "\n", -1);
  g_autofree char *windows = g_strjoinv ("\r\n", lines);
  g_autoptr (NnRunHistory) third = nn_run_history_from_csv (windows, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (nn_run_history_n_runs (third), ==, G_N_ELEMENTS (names));
}

/* Only where a row has one is there a column for the divergence. */
static void
test_csv_divergence (void)
{
  g_autoptr (NnRunHistory) history = nn_run_history_new ();
  const NnRow rows[] = {
    { 1, NN_ROW_BATCH, 1.0, 2, 0.125, NAN, 0.25, 0.25 },
    { 1, NN_ROW_VALIDATION, 1.0, 2, 0.5, NAN, 0.5, NAN, 0.0625 },
  };
  nn_run_history_append (history, rows, G_N_ELEMENTS (rows));
  nn_run_history_begin (history);
  g_autofree char *csv = nn_run_history_to_csv (history);
  g_assert_nonnull (strstr (csv, "learning_rate,divergence\n"));
  g_assert_nonnull (strstr (csv, "1,Run 1,validation,1,2,0.5,,0.5,,0.0625\n2,Run 2,,,,,,,,\n"));
  g_autoptr (GError) error = NULL;
  g_autoptr (NnRunHistory) again = nn_run_history_from_csv (csv, -1, &error);
  gsize n;
  g_assert_no_error (error);
  g_assert_cmpfloat (nn_run_history_rows (again, 1, NN_ROW_VALIDATION, &n)->divergence, ==, 0.0625);
  g_assert_cmpfloat (nn_run_history_rows (again, 1, NN_ROW_BATCH, &n)->divergence, ==, 0);
}

/* Metrics of validations, a column for each that any row has. */
static void
test_csv_metrics (void)
{
  g_autoptr (NnRunHistory) history = nn_run_history_new ();
  NnRow rows[] = {
    { 1, NN_ROW_BATCH, 1.0, 2, 0.125, NAN, 0.25, 0.25 },
    { 1, NN_ROW_VALIDATION, 1.0, 2, 0.5, NAN, 0.5, NAN },
    { 1, NN_ROW_VALIDATION, 2.0, 4, 0.5, NAN, 0.5, NAN },
  };
  const NnMetricType *types = nn_metric_types ();
  guint psnr = 0, mae = 0;
  for (guint i = 0; types[i].id; i++)
    {
      psnr = g_str_equal (types[i].id, "psnr") ? i : psnr;
      mae = g_str_equal (types[i].id, "mae") ? i : mae;
    }
  rows[1].metrics = 1u << psnr | 1u << mae;
  rows[1].metric[psnr] = 17.3456789f;
  rows[1].metric[mae] = 0.1f;
  rows[2].metrics = 1u << psnr;
  rows[2].metric[psnr] = INFINITY;
  nn_run_history_append (history, rows, G_N_ELEMENTS (rows));
  nn_run_history_begin (history);
  g_autofree char *csv = nn_run_history_to_csv (history);
  g_assert_nonnull (strstr (csv, "learning_rate,mae,psnr\n"));
  g_assert_nonnull (strstr (csv, "validation,1,2,0.5,,0.5,,0.100000001,17.3456783\n"));
  g_assert_nonnull (strstr (csv, "validation,2,4,0.5,,0.5,,,inf\n2,Run 2,,,,,,,,,\n"));
  g_autoptr (GError) error = NULL;
  g_autoptr (NnRunHistory) again = nn_run_history_from_csv (csv, -1, &error);
  g_assert_no_error (error);
  for (NnRowKind kind = 0; kind <= NN_ROW_VALIDATION; kind++)
    {
      gsize n, n_again;
      const NnRow *before = nn_run_history_rows (history, 1, kind, &n);
      const NnRow *after = nn_run_history_rows (again, 1, kind, &n_again);
      g_assert_cmpuint (n, ==, n_again);
      for (gsize i = 0; i < n; i++)
        {
          g_assert_cmpuint (after[i].metrics, ==, before[i].metrics);
          g_assert_cmpmem (after[i].metric, sizeof after[i].metric, before[i].metric,
                           sizeof before[i].metric);
        }
    }

  /* The divergence comes before them; what nobody knows is named. */
  g_autoptr (NnRunHistory) both = nn_run_history_from_csv (
      "run,name,kind,epoch,step,loss,accuracy,seconds,learning_rate,divergence,ssim\n"
      "1,R,validation,1,2,0.5,,0.5,,0.25,0.75\n",
      -1, &error);
  g_assert_no_error (error);
  gsize n;
  const NnRow *row = nn_run_history_rows (both, 1, NN_ROW_VALIDATION, &n);
  g_assert_cmpfloat (row->divergence, ==, 0.25);
  g_assert_cmpuint (row->metrics, !=, 0);
  g_assert_null (nn_run_history_from_csv (
      "run,name,kind,epoch,step,loss,accuracy,seconds,learning_rate,beauty\n", -1, &error));
  g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
}

static void
test_csv_text (void)
{
  g_autoptr (NnRunHistory) history = nn_run_history_new ();
  g_autofree char *empty = nn_run_history_to_csv (history);
  g_assert_cmpstr (empty, ==, HEADER);

  const NnRow rows[] = {
    { 1, NN_ROW_BATCH, 0.5, 1, 0.25, NAN, 0.125, 0.5 },
    { 1, NN_ROW_BATCH, 1.0, 2, 0.125, 0.5, 0.25, 0.25 },
    { 1, NN_ROW_EPOCH, 1.0, 2, 0.1875, NAN, 0.25, 0.25 },
    { 1, NN_ROW_VALIDATION, 1.0, 2, 0.5, NAN, 0.5, NAN },
    { 1, NN_ROW_BATCH, 1.5, 3, 0.0625, NAN, 0.75, NAN },
  };
  nn_run_history_append (history, rows, G_N_ELEMENTS (rows));
  nn_run_history_begin (history);
  g_autofree char *csv = nn_run_history_to_csv (history);
  g_assert_cmpstr (csv, ==,
                   HEADER "1,Run 1,batch,0.5,1,0.25,,0.125,0.5\n"
                          "1,Run 1,batch,1,2,0.125,0.5,0.25,0.25\n"
                          "1,Run 1,epoch,1,2,0.1875,,0.25,0.25\n"
                          "1,Run 1,validation,1,2,0.5,,0.5,\n"
                          "1,Run 1,batch,1.5,3,0.0625,,0.75,\n"
                          "2,Run 2,,,,,,,\n");

  /* A length counts, not a terminator; the last line may lack its end. */
  g_autoptr (NnRunHistory) part = nn_run_history_from_csv (
      csv, (gssize)strlen (HEADER "1,Run 1,batch,0.5,1,0.25,,0.125,0.5"), NULL);
  gsize n;
  nn_run_history_rows (part, 1, NN_ROW_BATCH, &n);
  g_assert_cmpuint (n, ==, 1);
}

/* Files of before there was a learning rate. */
static void
test_csv_old (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnRunHistory) history = nn_run_history_from_csv (
      OLD_HEADER "1,Run 1,batch,0.5,1,0.25,,0.125\n1,Run 1,epoch,1,2,0.25,,0.25\n", -1, &error);
  gsize n;

  g_assert_no_error (error);
  const NnRow *row = nn_run_history_rows (history, 1, NN_ROW_BATCH, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpfloat (row->seconds, ==, 0.125);
  g_assert_true (isnan (row->learning_rate));
}

static const struct
{
  const char *csv;
  const char *words; /* as a pattern */
} bad[] = {
  { "", "Line 1, column 1 (run): expected 9 columns, found only 1." },
  { "run,name\n", "Line 1, column 2 (name): expected 9 columns, found only 2." },
  { "run,name,sort,epoch,step,loss,accuracy,seconds\n",
    "Line 1, column 3 (kind): expected kind, found “sort”." },
  { OLD_HEADER "1,a,batch,0,1,0.5,,0,9\n",
    "Line 2, column 8 (seconds): expected 8 columns, found more." },
  { HEADER "1,a,batch,0,1,0.5,,0\n",
    "Line 2, column 8 (seconds): expected 9 columns, found only 8." },
  { HEADER "1,a,batch,0,1,0.5,,0,fast\n",
    "Line 2, column 9 (learning_rate): expected a number, found “fast”." },
  { HEADER "1,a,batch,0,1,0.5,,0,-1\n", "Line 2, column 9 (learning_rate): *at least 0*" },
  { OLD_HEADER "1,a,batch,0,1,0.5\n",
    "Line 2, column 6 (loss): expected 8 columns, found only 6." },
  { OLD_HEADER "\n", "Line 2, column 1 (run): *" },
  { OLD_HEADER "1,a,batch,0,1,0.5,,0\nx,a,batch,0,1,0.5,,0\n",
    "Line 3, column 1 (run): expected a whole number, found “x”." },
  { OLD_HEADER "-1,a,batch,0,1,0.5,,0\n", "Line 2, column 1 (run): * found “-1”." },
  { OLD_HEADER "99999999999999999999,a,batch,0,1,0.5,,0\n", "Line 2, column 1 (run): *" },
  { OLD_HEADER "1,a,test,0,1,0.5,,0\n",
    "Line 2, column 3 (kind): expected batch, epoch or validation, found “test”." },
  { OLD_HEADER "1,a,batch,zero,1,0.5,,0\n",
    "Line 2, column 4 (epoch): expected a number, found “zero”." },
  { OLD_HEADER "1,a,batch,-1,1,0.5,,0\n",
    "Line 2, column 4 (epoch): expected a number of at least 0*" },
  { OLD_HEADER "1,a,batch,inf,1,0.5,,0\n",
    "Line 2, column 4 (epoch): expected a number of at least 0*" },
  { OLD_HEADER "1,a,batch,0,1.5,0.5,,0\n", "Line 2, column 5 (step): *whole number*1.5*" },
  { OLD_HEADER "1,a,batch,0,1,,,0\n", "Line 2, column 6 (loss): expected a number, found “”." },
  { OLD_HEADER "1,a,batch,0,1,0.5x,,0\n", "Line 2, column 6 (loss): *0.5x*" },
  { OLD_HEADER "1,a,batch,0,1, 0.5,,0\n", "Line 2, column 6 (loss): *" },
  { OLD_HEADER "1,a,batch,0,1,0.5,all,0\n", "Line 2, column 7 (accuracy): *all*" },
  { OLD_HEADER "1,a,batch,0,1,0.5,,nan\n", "Line 2, column 8 (seconds): *at least 0*" },
  { OLD_HEADER "1,a,,0,1,0.5,,0\n", "Line 2, column 3 (kind): *" },
  { OLD_HEADER "1,\"a\nb\",batch,0,1,0.5,,0\n1,a,batch,0,1,?,,0\n", "Line 4, column 6 (loss): *" },
  { OLD_HEADER "1,\"a,batch,0,1,0.5,,0\n",
    "Line 2, column 2 (name): expected a closing quotation mark*" },
  { OLD_HEADER "1,\"a\"b,batch,0,1,0.5,,0\n", "Line 2, column 2 (name): expected a comma*" },
  { OLD_HEADER "1,\"", "Line 2, column 2 (name): *" },
  { OLD_HEADER "1,\xff,batch,0,1,0.5,,0\n", "Line 2, column 2 (name): expected text in UTF-8*" },
};

static void
test_csv_bad (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (NnRunHistory) history = nn_run_history_from_csv (bad[i].csv, -1, &error);
      g_assert_null (history);
      g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
      if (!g_pattern_match_simple (bad[i].words, error->message))
        g_error ("%s\nnot in\n%s", bad[i].words, error->message);
    }
  g_autoptr (GError) error = NULL;
  g_assert_null (
      nn_run_history_from_csv (OLD_HEADER "1,a\0b,,,,,,\n", sizeof OLD_HEADER + 12, &error));
  g_assert_nonnull (strstr (error->message, "Line 2, column 2"));
}

/* Cut anywhere, a history is read or refused, and what is read is a beginning of it. */
static void
test_csv_cut (void)
{
  const char csv[] =
      HEADER "1,\"a, b\",batch,0.5,1,0.25,,0.125,0.1\n1,\"a, b\",epoch,1,2,0.25,0.5,0.25,0.1\n";
  for (gsize length = 0; length < sizeof csv; length++)
    {
      g_autofree char *part = g_memdup2 (csv, MAX (length, 1));
      g_autoptr (GError) error = NULL;
      g_autoptr (NnRunHistory) history = nn_run_history_from_csv (part, (gssize)length, &error);
      g_assert_true ((history == NULL) == (error != NULL));
      if (history)
        g_assert_cmpuint (nn_run_history_n_runs (history), <=, 1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/run-history/runs", test_runs);
  g_test_add_func ("/run-history/best", test_best);
  g_test_add_func ("/run-history/best-of-measure", test_best_of_measure);
  g_test_add_func ("/run-history/back", test_back);
  g_test_add_func ("/run-history/thinning", test_thinning);
  g_test_add_func ("/run-history/csv-round-trip", test_csv_round_trip);
  g_test_add_func ("/run-history/csv-text", test_csv_text);
  g_test_add_func ("/run-history/csv-divergence", test_csv_divergence);
  g_test_add_func ("/run-history/csv-metrics", test_csv_metrics);
  g_test_add_func ("/run-history/csv-old", test_csv_old);
  g_test_add_func ("/run-history/csv-bad", test_csv_bad);
  g_test_add_func ("/run-history/csv-cut", test_csv_cut);
  return g_test_run ();
}
