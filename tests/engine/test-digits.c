#include "data/nn-data-source.h"

#include <math.h>
#include <string.h>

#define SIDE 28
#define N_PIXELS (SIDE * SIDE)
#define N_CLASSES 10

enum
{
  IMAGE,
  LABEL
};

static NnDataset *
draw (guint64 seed, guint n_threads)
{
  GError *error = NULL;
  const NnLoadContext context = { .n_threads = n_threads };
  NnDataset *dataset = nn_data_load ("digits", seed, &context, &error);
  g_assert_no_error (error);
  return dataset;
}

/* A fingerprint of every pixel and label: FNV-1a. */
static guint64
fingerprint (const NnDataset *dataset)
{
  guint64 hash = G_GUINT64_CONSTANT (14695981039346656037);
  float out[N_PIXELS];
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    for (guint32 i = 0; i < nn_dataset_n_samples (dataset, part); i++)
      {
        nn_dataset_read (dataset, part, IMAGE, &i, 1, nn_kernels_best (), out);
        for (guint j = 0; j < N_PIXELS; j++)
          {
            guint32 bits;
            memcpy (&bits, &out[j], sizeof bits);
            hash = (hash ^ bits) * G_GUINT64_CONSTANT (1099511628211);
          }
        hash = (hash ^ nn_dataset_label (dataset, part, LABEL, i))
               * G_GUINT64_CONSTANT (1099511628211);
      }
  return hash;
}

static void
test_deterministic (void)
{
  static const guint threads[] = { 2, 5 };
  g_autoptr (NnDataset) one = draw (7, 1);
  guint64 expected = fingerprint (one);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      g_autoptr (NnDataset) many = draw (7, threads[i]);
      g_assert_cmpuint (fingerprint (many), ==, expected);
    }
  g_autoptr (NnDataset) other = draw (8, 2);
  g_assert_cmpuint (fingerprint (other), !=, expected);
}

static void
test_shape (gconstpointer data)
{
  const NnDataset *dataset = data;
  const NnDataInfo *info = nn_dataset_info (dataset);
  const NnShape image = nn_shape (SIDE, SIDE, 1);
  g_assert_cmpstr (info->name, ==, "digits");
  g_assert_cmpuint (info->n_samples[NN_PART_TRAIN], ==, 60000);
  g_assert_cmpuint (info->n_samples[NN_PART_TEST], ==, 10000);
  g_assert_true (nn_shape_equal (&nn_data_info_field (info, "image", NULL)->shape, &image));
  g_assert_cmpuint (nn_data_info_field (info, "label", NULL)->n_classes, ==, N_CLASSES);
  g_assert_cmpuint (nn_dataset_memory (dataset), ==, 70000 * (N_PIXELS + 1));

  /* What is known without drawing is what is drawn. */
  g_autoptr (NnDataInfo) peeked = nn_data_peek ("digits", NULL);
  g_assert_cmpuint (peeked->n_fields, ==, info->n_fields);
  for (guint i = 0; i < info->n_fields; i++)
    {
      g_assert_cmpstr (peeked->fields[i].name, ==, info->fields[i].name);
      g_assert_true (nn_shape_equal (&peeked->fields[i].shape, &info->fields[i].shape));
    }
}

/* Any beginning of the set has each class as often as any other. */
static void
test_balance (gconstpointer data)
{
  const NnDataset *dataset = data;
  guint count[N_CLASSES] = { 0 }, repeats = 0, before = N_CLASSES;
  for (gsize i = 0; i < nn_dataset_n_samples (dataset, NN_PART_TRAIN); i++)
    {
      guint label = nn_dataset_label (dataset, NN_PART_TRAIN, LABEL, i);
      count[label]++;
      repeats += label == before;
      before = label;
      if (i % 1000 == 999)
        for (guint c = 0; c < N_CLASSES; c++)
          g_assert_cmpuint (count[c], ==, (i + 1) / N_CLASSES);
    }
  /* In random order, one pair of neighbours out of a hundred is of one class: a tenth of the
   * borders between tens. */
  g_assert_cmpuint (repeats, >, 400);
  g_assert_cmpuint (repeats, <, 800);
}

/* A class must be told from the others by the plainest of classifiers, and not by the mean alone:
 * the digits of a class differ. On MNIST it gets 82 %. */
static void
test_nearest_mean (gconstpointer data)
{
  const NnDataset *dataset = data;
  const guint32 n = 20000;
  g_autofree double *mean = g_new0 (double, N_CLASSES *N_PIXELS);
  float out[N_PIXELS];
  for (guint32 i = 0; i < n; i++)
    {
      nn_dataset_read (dataset, NN_PART_TRAIN, IMAGE, &i, 1, nn_kernels_best (), out);
      double *m = mean + nn_dataset_label (dataset, NN_PART_TRAIN, LABEL, i) * N_PIXELS;
      for (guint j = 0; j < N_PIXELS; j++)
        m[j] += (double)out[j] / (n / N_CLASSES);
    }

  guint right[N_CLASSES] = { 0 }, total = 0;
  const guint n_test = 5000;
  for (guint32 i = 0; i < n_test; i++)
    {
      nn_dataset_read (dataset, NN_PART_TEST, IMAGE, &i, 1, nn_kernels_best (), out);
      guint best = 0;
      double best_distance = G_MAXDOUBLE;
      for (guint c = 0; c < N_CLASSES; c++)
        {
          double distance = 0.0;
          for (guint j = 0; j < N_PIXELS; j++)
            distance += (out[j] - mean[c * N_PIXELS + j]) * (out[j] - mean[c * N_PIXELS + j]);
          if (distance < best_distance)
            {
              best_distance = distance;
              best = c;
            }
        }
      gboolean hit = best == nn_dataset_label (dataset, NN_PART_TEST, LABEL, i);
      right[best] += hit;
      total += hit;
    }
  g_test_message ("nearest mean: %.1f %%", 100.0 * total / n_test);
  g_assert_cmpuint (total, >, n_test * 70 / 100);
  g_assert_cmpuint (total, <, n_test * 95 / 100);
  for (guint c = 0; c < N_CLASSES; c++)
    g_assert_cmpuint (right[c], >, n_test / N_CLASSES * 60 / 100);
}

/* As much ink as MNIST's (mean 0.1307), all of it off the border, centred by mass. */
static void
test_ink (gconstpointer data)
{
  const NnDataset *dataset = data;
  const guint32 n = 10000;
  double sum = 0.0;
  float out[N_PIXELS];
  for (guint32 i = 0; i < n; i++)
    {
      nn_dataset_read (dataset, NN_PART_TRAIN, IMAGE, &i, 1, nn_kernels_best (), out);
      double ink = 0.0, x = 0.0, y = 0.0, most = 0.0;
      for (guint row = 0; row < SIDE; row++)
        for (guint column = 0; column < SIDE; column++)
          {
            double v = out[row * SIDE + column];
            if (row == 0 || column == 0 || row == SIDE - 1 || column == SIDE - 1)
              g_assert_cmpfloat (v, ==, 0.0);
            ink += v;
            x += v * (column + 0.5);
            y += v * (row + 0.5);
            most = fmax (most, v);
          }
      g_assert_cmpfloat (most, >, 0.7);
      g_assert_cmpfloat (ink, >, 10.0);
      g_assert_cmpfloat (fabs (x / ink - SIDE / 2.0), <, 3.0);
      g_assert_cmpfloat (fabs (y / ink - SIDE / 2.0), <, 3.0);
      sum += ink / N_PIXELS;
    }
  g_test_message ("mean intensity: %.4f", sum / n);
  g_assert_cmpfloat (sum / n, >, 0.12);
  g_assert_cmpfloat (sum / n, <, 0.14);
}

typedef struct
{
  GCancellable *cancellable;
  double stop_at;
  double last;
  guint calls;
} Watch;

static void
watch (double fraction, gpointer data)
{
  Watch *w = data;
  g_assert_cmpfloat (fraction, >=, w->last);
  g_assert_cmpfloat (fraction, <=, 1.0);
  w->last = fraction;
  w->calls++;
  if (fraction >= w->stop_at)
    g_cancellable_cancel (w->cancellable);
}

static void
test_progress_and_cancel (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Watch w = { .cancellable = cancellable, .stop_at = 2.0 };
  const NnLoadContext context = {
    .cancellable = cancellable, .progress = watch, .progress_data = &w, .n_threads = 2
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDataset) whole = nn_data_load ("digits", 5, &context, &error);
  g_assert_no_error (error);
  g_assert_nonnull (whole);
  g_assert_cmpfloat (w.last, ==, 1.0);
  g_assert_cmpuint (w.calls, >=, 10);

  w = (Watch){ .cancellable = cancellable, .stop_at = 0.3 };
  g_assert_null (nn_data_load ("digits", 5, &context, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpfloat (w.last, <, 0.5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_autoptr (NnDataset) dataset = draw (3, 0);
  g_test_add_func ("/digits/deterministic", test_deterministic);
  g_test_add_data_func ("/digits/shape", dataset, test_shape);
  g_test_add_data_func ("/digits/balance", dataset, test_balance);
  g_test_add_data_func ("/digits/nearest-mean", dataset, test_nearest_mean);
  g_test_add_data_func ("/digits/ink", dataset, test_ink);
  g_test_add_func ("/digits/progress-and-cancel", test_progress_and_cancel);
  return g_test_run ();
}
