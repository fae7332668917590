#include "data/nn-scaling.h"

#include <math.h>
#include <string.h>

#include "data/nn-split.h"

#define N_BYTES 256
/* Numbers of columns that a text names. */
#define MAX_NAMED 64

/* ---- how a field was scaled ---- */

NnScale *
nn_scale_ref (NnScale *scale)
{
  return scale ? g_atomic_rc_box_acquire (scale) : NULL;
}

void
nn_scale_unref (NnScale *scale)
{
  if (scale)
    g_atomic_rc_box_release (scale);
}

static NnScale *
scale_new (guint n, gboolean standardised)
{
  NnScale *scale = g_atomic_rc_box_alloc0 (sizeof *scale + n * sizeof scale->of[0]);
  scale->n = n;
  scale->standardised = standardised;
  return scale;
}

static void
append_term (GString *text, double shift, double factor)
{
  if (factor != 0)
    g_string_append_printf (text, "(x - %.9g) / %.9g", shift, 1 / factor);
  else
    g_string_append (text, "0 x");
}

char *
nn_scale_text (const NnScale *scale, NnFieldKind kind)
{
  GString *text = g_string_new (NULL);
  if (scale->n == 1)
    append_term (text, scale->of[0].shift, scale->of[0].factor);
  for (guint k = 0; scale->n > 1 && k < MIN (scale->n, MAX_NAMED); k++)
    {
      g_string_append_printf (text, "%s%u: ", k ? ", " : "", k + 1);
      append_term (text, scale->of[k].shift, scale->of[k].factor);
    }
  if (scale->n > MAX_NAMED)
    g_string_append_printf (text, " and so on for %u columns", scale->n);
  g_string_append (text, kind == NN_FIELD_IMAGE ? " of pixels x (bytes / 255)"
                         : scale->n > 1         ? " of the columns x"
                                                : " of values x");
  return g_string_free (text, FALSE);
}

gboolean
nn_scaling_promises_unit (const NnParams *options, NnFieldKind kind)
{
  return kind == NN_FIELD_IMAGE && strcmp (nn_params_text (options, "scaling"), "standardise") != 0;
}

void
nn_data_info_pixel_range (const NnDataInfo *info, const NnShape *shape, float *black, float *white)
{
  *black = 0;
  *white = 1;
  for (guint f = 0; f < info->n_fields; f++)
    {
      const NnField *field = &info->fields[f];
      if (field->kind != NN_FIELD_IMAGE || !field->scale || !nn_shape_equal (&field->shape, shape))
        continue;
      *black = field->scale->black;
      *white = field->scale->white;
      return;
    }
}

/* ---- measuring ---- */

typedef struct
{
  double n, sum, min, max, squares; /* squares: of differences from the mean */
} Column;

static double
mean_of (const Column *column)
{
  return column->n > 0 ? column->sum / column->n : 0;
}

static void
add_values (Column *column, double x, double times)
{
  column->n += times;
  column->sum += times * x;
  column->min = MIN (column->min, x);
  column->max = MAX (column->max, x);
}

static Column *
columns_new (guint n)
{
  Column *columns = g_new (Column, n);
  for (guint c = 0; c < n; c++)
    columns[c] = (Column){ .min = INFINITY, .max = -INFINITY };
  return columns;
}

/* n values, of columns one after the other. Sums of squares in one pass would lose small
 * deviations from a large mean. */
static Column *
measure_floats (const float *values, gsize n, guint n_columns)
{
  Column *columns = columns_new (n_columns);
  for (gsize i = 0; i < n; i += n_columns)
    for (guint c = 0; c < n_columns; c++)
      if (!isnan (values[i + c]))
        add_values (&columns[c], (double)values[i + c], 1);
  for (gsize i = 0; i < n; i += n_columns)
    for (guint c = 0; c < n_columns; c++)
      if (!isnan (values[i + c]))
        {
          const double d = (double)values[i + c] - mean_of (&columns[c]);
          columns[c].squares += d * d;
        }
  return columns;
}

static Column *
measure_bytes (const guint8 *values, gsize n)
{
  Column *column = columns_new (1);
  gsize counts[N_BYTES] = { 0 };
  for (gsize i = 0; i < n; i++)
    counts[values[i]]++;
  for (guint v = 0; v < N_BYTES; v++)
    if (counts[v] > 0)
      add_values (column, v / 255.0, (double)counts[v]);
  for (guint v = 0; v < N_BYTES; v++)
    {
      const double d = v / 255.0 - mean_of (column);
      column->squares += (double)counts[v] * d * d;
    }
  return column;
}

/* ---- scaling ---- */

/* kept (n), or NULL: columns that stay. (transfer full) */
static NnScale *
fit (const Column *columns, guint n, gboolean standardise, const gboolean *kept)
{
  NnScale *scale = scale_new (n, standardise);
  for (guint c = 0; c < n; c++)
    {
      const Column *column = &columns[c];
      double width = 1;
      scale->of[c].factor = 1;
      if (kept && kept[c])
        continue;
      if (column->n > 0)
        width = standardise ? sqrt (column->squares / column->n) : column->max - column->min;
      scale->of[c].shift = standardise || column->n == 0 ? mean_of (column) : column->min;
      scale->of[c].factor = width > 0 ? 1 / width : 0;
    }
  /* Pictures are shown as they were; values beyond 0 ... 1 span the range that they have. */
  const double shift = scale->of[0].shift, factor = scale->of[0].factor;
  const gboolean within = columns[0].min >= 0 && columns[0].max <= 1;
  scale->black = columns[0].n > 0 ? (float)(((within ? 0 : columns[0].min) - shift) * factor) : 0;
  scale->white = factor > 0 && columns[0].n > 0
                     ? (float)(((within ? 1 : columns[0].max) - shift) * factor)
                     : 1;
  return scale;
}

/* A field while it is scaled. */
typedef struct
{
  NnFieldStorage *storage;
  const gsize *n_samples;
  guint n_columns;
  const gboolean *kept; /* (n_columns) or NULL */
} Work;

static gsize
n_values (const Work *work, NnPart part)
{
  return work->n_samples[part] * (gsize)nn_shape_size (&work->storage->field.shape);
}

static gboolean
any_is_missing (const Work *work)
{
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    {
      GBytes *held = work->storage->floats[part];
      const float *values = held ? g_bytes_get_data (held, NULL) : NULL;
      for (gsize i = 0; values && i < n_values (work, part); i++)
        if (isnan (values[i]))
          return TRUE;
    }
  return FALSE;
}

/* In place, where nobody else holds the memory. scale may be NULL. */
static void
fill_and_scale (const Work *work, NnPart part, const Column *columns, const NnScale *scale)
{
  gsize size;
  float *values = g_bytes_unref_to_data (g_steal_pointer (&work->storage->floats[part]), &size);
  for (gsize i = 0; i < n_values (work, part); i += work->n_columns)
    for (guint c = 0; c < work->n_columns; c++)
      {
        float *x = &values[i + c];
        if (isnan (*x))
          *x = (float)mean_of (&columns[c]);
        if (scale)
          *x = (float)((*x - scale->of[c].shift) * scale->of[c].factor);
      }
  work->storage->floats[part] = g_bytes_new_take (values, size);
}

static void
scale_field (const Work *work, const char *kind)
{
  NnFieldStorage *storage = work->storage;
  GBytes *held = storage->floats[NN_PART_TRAIN], *bytes = storage->bytes[NN_PART_TRAIN];
  const gboolean wanted = strcmp (kind, "none") != 0;
  const gboolean standardise = strcmp (kind, "standardise") == 0;
  const gsize n = n_values (work, NN_PART_TRAIN);

  if ((!held && (!bytes || !wanted)) || (held && !wanted && !any_is_missing (work)))
    return;
  g_autofree Column *columns =
      held ? measure_floats (g_bytes_get_data (held, NULL), n, work->n_columns)
           : measure_bytes (g_bytes_get_data (bytes, NULL), n);
  if (wanted)
    storage->field.scale = fit (columns, held ? work->n_columns : 1, standardise, work->kept);
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    if (storage->floats[part])
      fill_and_scale (work, part, columns, storage->field.scale);
}

/* Which features say whether a sample is of a kind. (n_features), or NULL: none does. */
static gboolean *
find_kinds (const GArray *columns, guint n_features)
{
  gboolean *kinds = NULL;
  guint at = 0;
  for (guint c = 0; c < columns->len; c++)
    {
      const NnDataColumn *column = &g_array_index (columns, NnDataColumn, c);
      for (guint k = 0; column->is_feature && k < column->n_features; k++, at++)
        if (!column->is_number && at < n_features)
          {
            if (!kinds)
              kinds = g_new0 (gboolean, n_features);
            kinds[at] = TRUE;
          }
    }
  return kinds;
}

NnDataset *
nn_dataset_scale (NnDataset *dataset, const NnParams *options, const GArray *columns,
                  GError **error)
{
  g_autoptr (NnDataInfo) info = nn_data_info_copy (nn_dataset_info (dataset));
  g_autofree NnFieldStorage *fields = nn_dataset_copy_storage (dataset);
  nn_dataset_unref (dataset);
  for (guint f = 0; f < info->n_fields; f++)
    {
      const NnField *field = &info->fields[f];
      const guint last = (guint)field->shape.dim[MAX (field->shape.rank - 1, 0)];
      const guint n = field->kind == NN_FIELD_IMAGE ? 1 : MAX (last, 1);
      g_autofree gboolean *kinds =
          field->kind == NN_FIELD_FEATURES ? find_kinds (columns, n) : NULL;
      const Work work = { &fields[f], info->n_samples, n, kinds };
      fields[f].field = *field;
      if (field->kind != NN_FIELD_LABEL && strcmp (field->name, NN_FIELD_TARGET) != 0)
        scale_field (&work, nn_params_text (options, "scaling"));
    }
  NnDataset *scaled =
      nn_dataset_new (info->name, info->title, fields, info->n_fields, info->n_samples, error);
  for (guint f = 0; f < info->n_fields; f++)
    nn_scale_unref (fields[f].field.scale);
  nn_storage_clear (fields, info->n_fields);
  return scaled;
}
