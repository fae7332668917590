#include "data/nn-data-survey.h"

#include <math.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "data/nn-near-duplicates.h"

/* Values further out, and columns that differ by a larger factor, are unscaled. */
#define FAR_OUT 100
#define FACTOR 100
/* One class that makes up more is all that a network learns. */
#define MOST_OF_ALL 0.95
#define FEW_OF_A_CLASS 10
#define FEW_SAMPLES 100
#define MANY_MISSING 0.5
/* Columns named in one finding. */
#define MAX_NAMED 5
/* Of a field whose columns are measured one by one. */
#define MAX_COLUMNS 100000

static void
finding_free (NnSurveyFinding *finding)
{
  g_free (finding->text);
  g_free (finding);
}

void
nn_data_survey_free (NnDataSurvey *survey)
{
  if (!survey)
    return;
  g_clear_pointer (&survey->dataset, nn_dataset_unref);
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    g_free (survey->class_counts[part]);
  g_free (survey->ranges);
  g_array_unref (survey->columns);
  g_ptr_array_unref (survey->findings);
  g_ptr_array_unref (survey->notes);
  g_free (survey);
}

static void G_GNUC_PRINTF (4, 5) add_finding (NnDataSurvey *survey, const char *option,
                                              const char *value, const char *format, ...)
{
  NnSurveyFinding *finding = g_new0 (NnSurveyFinding, 1);
  va_list args;
  va_start (args, format);
  finding->text = g_strdup_vprintf (format, args);
  va_end (args);
  finding->option = option;
  finding->value = value;
  g_ptr_array_add (survey->findings, finding);
}

/* ---- measuring ---- */

typedef struct
{
  double first, sum, squares, min, max; /* of differences from the first value */
} Measure;

/* All values of a field, each place (a column) by itself. (S), from n samples. */
static Measure *
measure_field (const NnDataset *dataset, guint field, gsize *n)
{
  const gsize size = (gsize)nn_shape_size (&nn_dataset_info (dataset)->fields[field].shape);
  const gsize n_all = nn_dataset_n_samples (dataset, NN_PART_TRAIN);
  Measure *measures = g_new0 (Measure, size);
  g_autofree float *values = g_new (float, size);
  *n = MIN (n_all, NN_SURVEY_SAMPLES);
  for (gsize i = 0; i < *n; i++)
    {
      const guint32 at = (guint32)((guint64)i * n_all / *n);
      nn_dataset_read (dataset, NN_PART_TRAIN, field, &at, 1, nn_kernels_best (), values);
      for (gsize k = 0; k < size; k++)
        {
          Measure *m = &measures[k];
          if (i == 0)
            m->first = m->min = m->max = values[k];
          const double d = values[k] - m->first;
          m->sum += d;
          m->squares += d * d;
          m->min = MIN (m->min, values[k]);
          m->max = MAX (m->max, values[k]);
        }
    }
  return measures;
}

static double
deviation_of (const Measure *measure, gsize n)
{
  const double mean = measure->sum / (double)n;
  return sqrt (MAX (measure->squares / (double)n - mean * mean, 0));
}

/* All places together: E (x - first)^2 = variance + (mean - first)^2, and the whole's variance is
 * that within places and of their means. */
static NnSurveyRange
range_of (const Measure *measures, gsize size, gsize n)
{
  NnSurveyRange range = { INFINITY, -INFINITY, 0, 0 };
  double squares = 0;
  for (gsize k = 0; k < size; k++)
    {
      const double mean = measures[k].first + measures[k].sum / (double)n;
      const double deviation = deviation_of (&measures[k], n);
      range.min = MIN (range.min, measures[k].min);
      range.max = MAX (range.max, measures[k].max);
      range.mean += mean / (double)size;
      squares += (deviation * deviation + mean * mean) / (double)size;
    }
  range.deviation = sqrt (MAX (squares - range.mean * range.mean, 0));
  /* What rounding leaves of a mean of 0 says nothing. */
  if (fabs (range.mean) < 1e-6 * range.deviation)
    range.mean = 0;
  return range;
}

/* ---- what will hurt ---- */

/* Names of columns, the first few of n_named in all. */
typedef struct
{
  GString *text;
  guint n_named;
} Names;

static void
add_name (Names *names, const NnDataSurvey *survey, gsize feature)
{
  const char *name = NULL;
  gsize at = 0;
  for (guint c = 0; c < survey->columns->len && !name; c++)
    {
      const NnDataColumn *column = &g_array_index (survey->columns, NnDataColumn, c);
      const guint n = column->is_feature ? column->n_features : 0;
      if (feature >= at && feature < at + n)
        name = column->name;
      at += n;
    }
  if (names->n_named++ >= MAX_NAMED)
    return;
  if (names->text->len)
    g_string_append (names->text, ", ");
  if (name)
    g_string_append_printf (names->text, "“%s”", name);
  else
    g_string_append_printf (names->text, "%zu", feature + 1);
}

static const char *
names_end (Names *names)
{
  if (names->n_named > MAX_NAMED)
    g_string_append (names->text, " …");
  return names->text->str;
}

static void
find_constant (NnDataSurvey *survey, const Measure *measures, gsize size, gsize n)
{
  g_autoptr (GString) text = g_string_new (NULL);
  Names names = { text, 0 };
  for (gsize k = 0; k < size; k++)
    if (measures[k].min == measures[k].max && n > 1)
      add_name (&names, survey, k);
  if (names.n_named > 0)
    add_finding (
        survey, NULL, NULL,
        ngettext ("%u column has the same value everywhere and tells nothing: %s. Leave it "
                  "out of the features.",
                  "%u columns have the same value everywhere and tell nothing: %s. Leave "
                  "them out of the features.",
                  names.n_named),
        names.n_named, names_end (&names));
}

static void
find_unscaled (NnDataSurvey *survey, const Measure *measures, gsize size, gsize n)
{
  double least = INFINITY, most = 0, far = 0;
  gsize largest = 0;
  for (gsize k = 0; k < size; k++)
    {
      const double deviation = deviation_of (&measures[k], n);
      if (deviation > 0)
        least = MIN (least, deviation);
      if (deviation > most)
        largest = k;
      most = MAX (most, deviation);
      far = MAX (far, MAX (fabs (measures[k].min), fabs (measures[k].max)));
    }
  if (most == 0 || (far <= FAR_OUT && most <= FACTOR * least))
    return;
  g_autoptr (GString) text = g_string_new (NULL);
  Names names = { text, 0 };
  add_name (&names, survey, largest);
  add_finding (survey, "scaling", "standardise",
               _ ("The columns are of very different size: %s reaches from %.6g to %.6g. It drowns "
                  "the others, and large values make training burst. Standardise them."),
               names_end (&names), measures[largest].min, measures[largest].max);
}

static void
find_in_image (NnDataSurvey *survey, guint field)
{
  const NnSurveyRange *range = &survey->ranges[field];
  if (nn_dataset_info (survey->dataset)->fields[field].scale
      || (range->min >= -1.0001 && range->max <= 1.0001))
    return;
  add_finding (survey, "scaling", "range",
               _ ("The pixels reach from %.6g to %.6g; networks for images expect 0 to 1. Scale "
                  "them."),
               range->min, range->max);
}

static void
find_in_classes (NnDataSurvey *survey)
{
  if (survey->label < 0)
    return;
  const NnDataInfo *info = nn_dataset_info (survey->dataset);
  const NnField *field = &info->fields[survey->label];
  const gsize *counts = survey->class_counts[NN_PART_TRAIN];
  const gsize n = info->n_samples[NN_PART_TRAIN];
  guint largest = 0, n_small = 0;
  for (guint c = 0; c < field->n_classes; c++)
    {
      if (counts[c] > counts[largest])
        largest = c;
      n_small += counts[c] < FEW_OF_A_CLASS;
    }
  g_autofree char *number = g_strdup_printf ("%u", largest);
  if (n > 0 && (double)counts[largest] > MOST_OF_ALL * (double)n)
    add_finding (
        survey, NULL, NULL,
        _ ("%.1f %% of the training samples are “%s”: a network that always says so is right "
           "that often. Look at precision and recall, not at accuracy."),
        100.0 * (double)counts[largest] / (double)n,
        field->class_names ? field->class_names[largest] : number);
  if (n_small > 0)
    add_finding (survey, NULL, NULL,
                 ngettext ("%u class has fewer than %d training samples: too few to learn from.",
                           "%u classes have fewer than %d training samples: too few to learn from.",
                           n_small),
                 n_small, FEW_OF_A_CLASS);
}

static void
find_in_columns (NnDataSurvey *survey)
{
  g_autoptr (GString) missing_text = g_string_new (NULL), left_text = g_string_new (NULL);
  Names missing = { missing_text, 0 }, left = { left_text, 0 };
  gsize feature = 0;
  gboolean categories = FALSE; /* that could be values */
  for (guint c = 0; c < survey->columns->len; c++)
    {
      const NnDataColumn *column = &g_array_index (survey->columns, NnDataColumn, c);
      const double n = (double)(column->n_values + column->n_missing);
      if (column->is_feature && (double)column->n_missing > MANY_MISSING * n)
        add_name (&missing, survey, feature);
      const gboolean left_out = !column->is_number && !column->is_label && !column->is_feature;
      categories |= left_out && column->n_distinct >= 2 && column->n_distinct <= NN_DATA_FEW_VALUES;
      if (left_out && left.n_named++ < MAX_NAMED)
        g_string_append_printf (left_text, "%s“%s”", left.n_named > 1 ? ", " : "", column->name);
      feature += column->is_feature ? column->n_features : 0;
    }
  if (missing.n_named > 0)
    add_finding (survey, NULL, NULL,
                 ngettext ("In %u column more than half of the values are missing: %s.",
                           "In %u columns more than half of the values are missing: %s.",
                           missing.n_named),
                 missing.n_named, names_end (&missing));
  if (left.n_named > 0)
    add_finding (survey, categories ? "text-columns" : NULL, categories ? "one-hot" : NULL,
                 ngettext ("%u column of text is left out: %s. A network reads numbers.",
                           "%u columns of text are left out: %s. A network reads numbers.",
                           left.n_named),
                 left.n_named, names_end (&left));
}

static gboolean
find_duplicates (NnDataSurvey *survey, guint field, GCancellable *cancellable)
{
  NnDuplicates found;
  if (!nn_near_duplicates (survey->dataset, field, cancellable, &found))
    return FALSE;
  if (found.n_found > 0)
    add_finding (
        survey, NULL, NULL,
        _ ("%zu of %zu test samples looked at are in the training part too, or almost (test "
           "sample %zu is training sample %zu): the network may know them by heart, and the "
           "validation loss flatters."),
        found.n_found, found.n_test, found.test + 1, found.train + 1);
  return TRUE;
}

/* ---- the whole ---- */

static void
count_classes (NnDataSurvey *survey)
{
  const NnDataInfo *info = nn_dataset_info (survey->dataset);
  for (guint f = 0; f < info->n_fields && survey->label < 0; f++)
    if (info->fields[f].kind == NN_FIELD_LABEL)
      survey->label = (gint)f;
  for (NnPart part = 0; part < NN_N_PARTS && survey->label >= 0; part++)
    {
      survey->class_counts[part] = g_new0 (gsize, info->fields[survey->label].n_classes);
      for (gsize i = 0; i < info->n_samples[part]; i++)
        survey->class_counts[part]
                            [nn_dataset_label (survey->dataset, part, (guint)survey->label, i)]++;
    }
}

/* The worst first: what is unscaled bursts, duplicates flatter, the rest costs some accuracy. */
static gboolean
look_through (NnDataSurvey *survey, GCancellable *cancellable)
{
  const NnDataInfo *info = nn_dataset_info (survey->dataset);
  gint first = -1;
  survey->ranges = g_new (NnSurveyRange, info->n_fields);
  for (guint f = 0; f < info->n_fields; f++)
    {
      const NnField *field = &info->fields[f];
      survey->ranges[f] = (NnSurveyRange){ NAN, NAN, NAN, NAN };
      if (field->kind == NN_FIELD_LABEL)
        continue;
      gsize n, size = (gsize)nn_shape_size (&field->shape);
      g_autofree Measure *measures = measure_field (survey->dataset, f, &n);
      if (n == 0)
        continue;
      survey->ranges[f] = range_of (measures, size, n);
      if (g_str_equal (field->name, NN_FIELD_TARGET))
        continue;
      if (first < 0)
        first = (gint)f;
      if (field->kind == NN_FIELD_IMAGE)
        find_in_image (survey, f);
      else if (field->kind == NN_FIELD_FEATURES && size <= MAX_COLUMNS)
        {
          find_unscaled (survey, measures, size, n);
          find_constant (survey, measures, size, n);
        }
    }
  find_in_classes (survey);
  if (first >= 0 && !find_duplicates (survey, (guint)first, cancellable))
    return FALSE;
  if (info->n_samples[NN_PART_TRAIN] < FEW_SAMPLES)
    add_finding (survey, NULL, NULL,
                 _ ("There are only %zu training samples: a network learns them by heart."),
                 info->n_samples[NN_PART_TRAIN]);
  find_in_columns (survey);
  return TRUE;
}

NnDataSurvey *
nn_data_survey_new (const NnParams *data, const NnLoadContext *context, GError **error)
{
  g_autoptr (NnDataSurvey) survey = g_new0 (NnDataSurvey, 1);
  survey->label = -1;
  survey->columns = nn_data_columns_new ();
  survey->notes = g_ptr_array_new_with_free_func (g_free);
  survey->findings = g_ptr_array_new_with_free_func ((GDestroyNotify)finding_free);

  NnLoadContext own = context ? *context : (NnLoadContext){ 0 };
  own.notes = survey->notes;
  own.columns = survey->columns;
  survey->dataset = nn_data_load_with (data, &own, error);
  if (!survey->dataset)
    return NULL;
  count_classes (survey);
  if (!look_through (survey, own.cancellable))
    {
      g_cancellable_set_error_if_cancelled (own.cancellable, error);
      return NULL;
    }
  return g_steal_pointer (&survey);
}
