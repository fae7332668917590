/* test-scaling.c: scaling of every data set, generated ones too: fitted on the training part alone,
 * undone where pictures are shown, heeded where losses and metrics expect 0 to 1, and told by what
 * is exported. */
#include <math.h>
#include <string.h>

#include "data/nn-balance.h"
#include "data/nn-data-source.h"
#include "data/nn-scaling.h"
#include "formats/nn-export-model.h"
#include "formats/nn-lessons.h"
#include "model/nn-analysis.h"
#include "objectives/nn-metrics.h"
#include "ops/nn-op.h"

#include "nn-test-data.h"

#define MAX_VALUES 4096

static NnParams *
data_of (const char *name, const char *options)
{
  g_autoptr (NnParams) params = nn_test_params (nn_data_specs (), options);
  return nn_params_with_text (params, "name", name, NULL);
}

static NnDataset *
load (const char *name, const char *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnParams) data = data_of (name, options);
  NnDataset *dataset = nn_data_load_with (data, NULL, &error);
  g_assert_no_error (error);
  return dataset;
}

static void
read_sample (const NnDataset *dataset, NnPart part, guint field, guint32 sample, float *values)
{
  g_assert_cmpint (nn_shape_size (&nn_dataset_info (dataset)->fields[field].shape), <=, MAX_VALUES);
  nn_dataset_read (dataset, part, field, &sample, 1, nn_kernels_best (), values);
}

typedef struct
{
  double mean, deviation, min, max;
} Statistics;

/* Of the values at k, k + step ... of a field's training samples. */
static Statistics
measure (const NnDataset *dataset, guint field, gsize k, gsize step)
{
  const gsize size = (gsize)nn_shape_size (&nn_dataset_info (dataset)->fields[field].shape);
  Statistics s = { .min = INFINITY, .max = -INFINITY };
  double n = 0, squares = 0;
  float values[MAX_VALUES];
  for (guint32 i = 0; i < nn_dataset_n_samples (dataset, NN_PART_TRAIN); i++)
    {
      read_sample (dataset, NN_PART_TRAIN, field, i, values);
      for (gsize j = k; j < size; j += step, n++)
        {
          s.mean += (double)values[j];
          squares += (double)values[j] * (double)values[j];
          s.min = MIN (s.min, (double)values[j]);
          s.max = MAX (s.max, (double)values[j]);
        }
    }
  s.mean /= n;
  s.deviation = sqrt (squares / n - s.mean * s.mean);
  return s;
}

/* Few pictures train, so that looking at every pixel takes no time; loaded once. */
static NnDataset *plain_digits, *scaled_digits;
#define FEW "validation=training validation-share=0.5 limit=400"

/* Each column by itself: of points, and of sequences over all their steps. */
static void
test_columns (gconstpointer name)
{
  g_autoptr (NnDataset) plain = load (name, ""), standard = load (name, "scaling=standardise"),
                        range = load (name, "scaling=range");
  const NnField *field = &nn_dataset_info (standard)->fields[0];
  const gsize columns = (gsize)field->shape.dim[field->shape.rank - 1];
  g_assert_null (nn_dataset_info (plain)->fields[0].scale);
  g_assert_cmpuint (field->scale->n, ==, columns);
  for (gsize c = 0; c < columns; c++)
    {
      const Statistics s = measure (standard, 0, c, columns), r = measure (range, 0, c, columns);
      g_assert_cmpfloat_with_epsilon (s.mean, 0, 1e-3);
      g_assert_cmpfloat_with_epsilon (s.deviation, 1, 1e-3);
      g_assert_cmpfloat_with_epsilon (r.min, 0, 1e-5);
      g_assert_cmpfloat_with_epsilon (r.max, 1, 1e-5);
    }
  /* The test part is scaled as the training part, whatever is in it. */
  float raw[MAX_VALUES], scaled[MAX_VALUES];
  read_sample (plain, NN_PART_TEST, 0, 3, raw);
  read_sample (standard, NN_PART_TEST, 0, 3, scaled);
  for (gsize k = 0; k < (gsize)nn_shape_size (&field->shape); k++)
    {
      const double shift = field->scale->of[k % columns].shift;
      const double factor = field->scale->of[k % columns].factor;
      g_assert_cmpfloat_with_epsilon ((double)scaled[k], ((double)raw[k] - shift) * factor, 1e-4);
    }
}

/* All pixels together; they stay bytes, and black and white are where they were. */
static void
test_images (void)
{
  NnDataset *const plain = plain_digits, *const scaled = scaled_digits;
  const Statistics raw = measure (plain, 0, 0, 1), now = measure (scaled, 0, 0, 1);
  const NnField *field = &nn_dataset_info (scaled)->fields[0];
  float black, white;
  g_assert_cmpuint (nn_dataset_memory (scaled), ==, nn_dataset_memory (plain));
  g_assert_cmpfloat_with_epsilon (now.mean, 0, 1e-3);
  g_assert_cmpfloat_with_epsilon (now.deviation, 1, 1e-3);
  nn_data_info_pixel_range (nn_dataset_info (scaled), &field->shape, &black, &white);
  g_assert_cmpfloat_with_epsilon ((double)black, -raw.mean / raw.deviation, 1e-3);
  g_assert_cmpfloat_with_epsilon ((double)white, (1 - raw.mean) / raw.deviation, 1e-3);
  g_assert_cmpfloat_with_epsilon (now.min, (double)black, 1e-3);
  g_assert_cmpfloat_with_epsilon (now.max, (double)white, 1e-3);
  /* Labels are what they were. */
  g_assert_cmpuint (nn_dataset_label (scaled, NN_PART_TEST, 1, 5), ==,
                    nn_dataset_label (plain, NN_PART_TEST, 1, 5));

  const NnShape other = nn_shape (3, 3, 1);
  nn_data_info_pixel_range (nn_dataset_info (scaled), &other, &black, &white);
  g_assert_cmpfloat ((double)black, ==, 0);
  g_assert_cmpfloat ((double)white, ==, 1);
}

/* What is held out to validate with, or lies beyond the limit then, does not count. */
static void
test_held_out (void)
{
  g_autoptr (NnDataset) dataset = load (
      "points-moons", "scaling=standardise validation=training validation-share=0.5 limit=200");
  g_autoptr (NnDataset) whole = load ("points-moons", "scaling=standardise");
  g_assert_cmpuint (nn_dataset_n_samples (dataset, NN_PART_TRAIN), ==, 100);
  const Statistics s = measure (dataset, 0, 0, 2);
  g_assert_cmpfloat_with_epsilon (s.mean, 0, 1e-4);
  g_assert_cmpfloat_with_epsilon (s.deviation, 1, 1e-4);
  g_assert_cmpfloat (nn_dataset_info (dataset)->fields[0].scale->of[0].shift, !=,
                     nn_dataset_info (whole)->fields[0].scale->of[0].shift);
}

/* ---- what follows from it ---- */

static NnDesign *
lesson_on (const char *lesson, const char *options)
{
  g_autoptr (NnDesign) design = nn_lesson_design (lesson, NULL);
  g_autoptr (NnParams) data = data_of ("digits", options);
  return nn_design_with_data (design, data);
}

/* Cross-entropy is warned of; its fix leaves nothing to warn of. Saved, the choice comes back. */
static void
test_diagnostics (void)
{
  NnDataset *const scaled = scaled_digits;
  g_autoptr (NnDesign) design = lesson_on ("simple", "scaling=standardise");
  const NnDataInfo *info = nn_dataset_info (scaled);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, info, 0);
  g_assert_cmpuint (nn_analysis_n_diagnostics (analysis), ==, 1);
  const NnDiagnostic *told = nn_analysis_diagnostic (analysis, 0);
  g_assert_cmpint (told->severity, ==, NN_SEVERITY_WARNING);
  g_assert_nonnull (strstr (told->text, "standardised"));
  g_autoptr (NnAnalysis) mended = nn_analysis_new (told->fix, info, 0);
  g_assert_cmpuint (nn_analysis_n_diagnostics (mended), ==, 0);

  g_autofree char *json = nn_design_to_json (design);
  g_autoptr (NnDesign) again = nn_design_from_json (json, -1, NULL);
  g_assert_cmpstr (nn_params_text (nn_design_data (again), "scaling"), ==, "standardise");
  g_assert_true (nn_data_is_scaled (nn_design_data (again)));
  g_autoptr (NnDesign) plain = lesson_on ("simple", "");
  g_assert_false (nn_data_is_scaled (nn_design_data (plain)));
  g_assert_false (nn_data_is_same (nn_design_data (plain), nn_design_data (again)));
}

/* The PSNR goes by the pixels' own range: the same pictures have the same. */
static void
test_metrics (void)
{
  NnDataset *const plain = plain_digits, *const scaled = scaled_digits;
  const NnDataset *const sets[] = { plain, scaled };
  double value[2];
  for (guint s = 0; s < 2; s++)
    {
      g_autoptr (NnDesign) design = lesson_on ("vanilla", s ? "scaling=standardise" : "");
      g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, nn_dataset_info (sets[s]), 0);
      const NnProgram *program = nn_analysis_program (analysis);
      NnMetricFrame frame = { 0 };
      for (guint i = 0; i < program->ops->len; i++)
        if (nn_op_loss_frame (program, nn_program_op (program, i), &frame))
          break;
      g_assert_nonnull (frame.objective);
      double sums[64] = { 0 };
      float a[MAX_VALUES], b[MAX_VALUES];
      read_sample (sets[s], NN_PART_TEST, 0, 0, a);
      read_sample (sets[s], NN_PART_TEST, 0, 1, b);
      nn_metrics_add (&frame, nn_kernels_best (), a, b, 1, 1, sums);
      for (const NnMetricType *type = nn_metric_types (); type->id; type++)
        {
          if (strcmp (type->id, "psnr") == 0)
            value[s] = type->value (&frame, sums);
          if (strcmp (type->id, "ssim") == 0)
            g_assert_true (type->applies (&frame) == (s == 0));
        }
    }
  g_assert_cmpfloat_with_epsilon (value[0], value[1], 1e-3);
}

/* Who takes an exported network elsewhere reads by how much its input is scaled. */
static void
test_export (void)
{
  NnDataset *const scaled = scaled_digits;
  g_autoptr (NnDesign) design = lesson_on ("cnn", "scaling=standardise");
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, nn_dataset_info (scaled), 0);
  g_autoptr (NnCheckpoint) weights = nn_test_weights (nn_analysis_program (analysis));
  g_autoptr (NnExportSource) source =
      nn_export_source_new (design, analysis, weights, NN_EXPORT_ALL);
  g_autoptr (GError) error = NULL;
  g_autoptr (NnExportModel) model = nn_export_model_new (source, &error);
  g_assert_no_error (error);
  const NnScale *scale = nn_dataset_info (scaled)->fields[0].scale;
  g_autofree char *shift =
      g_strdup_printf ("(x - %.9g) / %.9g", scale->of[0].shift, 1 / scale->of[0].factor);
  g_assert_nonnull (strstr (nn_export_input (model, 0)->about, shift));

  g_autoptr (NnDesign) coder = lesson_on ("compression", "scaling=standardise");
  g_autoptr (NnAnalysis) of_coder = nn_analysis_new (coder, nn_dataset_info (scaled), 0);
  g_autoptr (NnCheckpoint) coded = nn_test_weights (nn_analysis_program (of_coder));
  g_autoptr (NnExportSource) network = nn_export_source_new (coder, of_coder, coded, NN_EXPORT_ALL);
  g_autoptr (NnExportSource) compressed =
      nn_export_source_with (network, NN_EXPORT_ALL, scaled, NULL);
  g_assert_false (nn_export_check (nn_exporter ("compressed"), compressed, &error));
  g_assert_nonnull (strstr (error->message, "Scaling"));
}

/* Pictures that lie as bytes and are read scaled are copied as they came. */
static void
test_copies (void)
{
  g_autoptr (NnDataset) all = nn_test_dataset (42);
  g_autoptr (NnParams) data =
      nn_test_params (nn_data_specs (), "scaling=standardise balance=copies copy-noise=0");
  g_autoptr (GArray) columns = nn_data_columns_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDataset) scaled = nn_dataset_scale (nn_dataset_ref (all), data, columns, &error);
  g_assert_no_error (error);
  g_autoptr (NnDataset) copied = nn_dataset_balance (scaled, data, NULL, &error);
  g_assert_no_error (error);
  const gsize n = nn_dataset_n_samples (scaled, NN_PART_TRAIN);
  g_assert_cmpuint (nn_dataset_n_samples (copied, NN_PART_TRAIN), >, n);
  for (guint32 i = 0; i < nn_dataset_n_samples (copied, NN_PART_TRAIN); i++)
    {
      float copy[64], sample[64];
      gboolean found = FALSE;
      read_sample (copied, NN_PART_TRAIN, 0, i, copy);
      for (guint32 k = 0; k < n && !found; k++)
        {
          read_sample (scaled, NN_PART_TRAIN, 0, k, sample);
          found = memcmp (copy, sample, sizeof copy) == 0;
        }
      g_assert_true (found);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  static const char *const tables[] = { "points-curve", "points-swiss-roll", "waves" };
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      g_autofree char *path = g_strconcat ("/scaling/columns/", tables[i], NULL);
      g_test_add_data_func (path, tables[i], test_columns);
    }
  g_test_add_func ("/scaling/images", test_images);
  g_test_add_func ("/scaling/held-out", test_held_out);
  g_test_add_func ("/scaling/diagnostics", test_diagnostics);
  g_test_add_func ("/scaling/metrics", test_metrics);
  g_test_add_func ("/scaling/export", test_export);
  g_test_add_func ("/scaling/copies", test_copies);
  plain_digits = load ("digits", FEW);
  scaled_digits = load ("digits", FEW " scaling=standardise");
  const int status = g_test_run ();
  nn_dataset_unref (plain_digits);
  nn_dataset_unref (scaled_digits);
  return status;
}
