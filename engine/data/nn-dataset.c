#include "data/nn-dataset.h"

#include <string.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "base/nn-error.h"
#include "data/nn-scaling.h"

#define CACHE_LINE 64 /* bytes */
#define FETCH_AHEAD 4 /* samples */

struct _NnDataset
{
  gatomicrefcount refs;
  NnDataInfo *info;        /* owned */
  NnFieldStorage *storage; /* owned, n_fields; its field strings belong to info */
  gsize memory;
};

static const char *const part_names[NN_N_PARTS] = { N_ ("training"), N_ ("test"),
                                                    N_ ("validation") };

/* ---- info ---- */

const NnField *
nn_data_info_field (const NnDataInfo *info, const char *name, guint *index)
{
  for (guint i = 0; i < info->n_fields; i++)
    if (g_str_equal (info->fields[i].name, name))
      {
        if (index)
          *index = i;
        return &info->fields[i];
      }
  return NULL;
}

static NnField
field_copy (const NnField *field)
{
  NnField copy = *field;
  copy.name = g_strdup (field->name);
  copy.class_names = (const char *const *)g_strdupv ((char **)field->class_names);
  copy.class_counts = g_memdup2 (field->class_counts, field->n_classes * sizeof (guint32));
  copy.scale = nn_scale_ref (field->scale);
  return copy;
}

NnDataInfo *
nn_data_info_copy (const NnDataInfo *info)
{
  NnField *fields = g_new0 (NnField, info->n_fields);
  for (guint i = 0; i < info->n_fields; i++)
    fields[i] = field_copy (&info->fields[i]);

  NnDataInfo *copy = g_new0 (NnDataInfo, 1);
  *copy = *info;
  copy->name = g_strdup (info->name);
  copy->title = g_strdup (info->title);
  copy->fields = fields;
  return copy;
}

void
nn_data_info_free (NnDataInfo *info)
{
  if (!info)
    return;
  for (guint i = 0; i < info->n_fields; i++)
    {
      g_free ((char *)info->fields[i].name);
      g_strfreev ((char **)info->fields[i].class_names);
      g_free ((guint32 *)info->fields[i].class_counts);
      nn_scale_unref (info->fields[i].scale);
    }
  g_free ((NnField *)info->fields);
  g_free ((char *)info->name);
  g_free ((char *)info->title);
  g_free (info);
}

/* ---- making ---- */

/* Bytes that one sample of the field takes in storage. */
static gsize
sample_size (const NnFieldStorage *storage, NnPart part)
{
  if (storage->field.kind == NN_FIELD_LABEL)
    return storage->label_size;
  gint64 values = nn_shape_size (&storage->field.shape);
  return storage->floats[part] ? (gsize)values * sizeof (float) : (gsize)values;
}

static guint
label_at (const NnFieldStorage *storage, NnPart part, gsize index)
{
  const guint8 *bytes = g_bytes_get_data (storage->bytes[part], NULL);
  if (storage->label_size == 1)
    return bytes[index];
  guint32 label;
  memcpy (&label, bytes + index * sizeof label, sizeof label);
  return label;
}

/* Of the n first training samples. NULL: it is no label. (transfer full) */
static guint32 *
count_classes (const NnFieldStorage *storage, gsize n)
{
  if (storage->field.kind != NN_FIELD_LABEL)
    return NULL;
  guint32 *counts = g_new0 (guint32, storage->field.n_classes);
  for (gsize i = 0; i < n; i++)
    counts[label_at (storage, NN_PART_TRAIN, i)]++;
  return counts;
}

static gboolean
check_part (const NnFieldStorage *storage, NnPart part, gsize n_samples, GError **error)
{
  const char *name = storage->field.name;
  GBytes *bytes = storage->floats[part] ? storage->floats[part] : storage->bytes[part];
  gsize size = sample_size (storage, part);
  gsize found = bytes ? g_bytes_get_size (bytes) : 0;

  if (n_samples > G_MAXSIZE / size || found != n_samples * size)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("The field “%s” has %zu bytes in its %s part; expected %zu samples of %zu "
                      "bytes."),
                   name, found, _ (part_names[part]), n_samples, size);
      return FALSE;
    }
  if (storage->field.kind != NN_FIELD_LABEL)
    return TRUE;

  for (gsize i = 0; i < n_samples; i++)
    if (label_at (storage, part, i) >= storage->field.n_classes)
      {
        g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                     _ ("The field “%s” has the label %u at sample %zu of its %s part; expected a "
                        "class from 0 to %u."),
                     name, label_at (storage, part, i), i, _ (part_names[part]),
                     storage->field.n_classes - 1);
        return FALSE;
      }
  return TRUE;
}

NnDataset *
nn_dataset_new (const char *name, const char *title, const NnFieldStorage *fields, guint n_fields,
                const gsize n_samples[NN_N_PARTS], GError **error)
{
  g_return_val_if_fail (name && title && fields && n_fields > 0, NULL);

  gsize memory = 0;
  for (guint i = 0; i < n_fields; i++)
    {
      const NnField *field = &fields[i].field;
      g_return_val_if_fail (nn_shape_size (&field->shape) >= 1, NULL);
      g_return_val_if_fail (field->kind != NN_FIELD_LABEL
                                || (field->n_classes >= 1
                                    && nn_shape_size (&field->shape) == field->n_classes
                                    && (fields[i].label_size == 1 || fields[i].label_size == 4)),
                            NULL);
      for (NnPart part = 0; part < NN_N_PARTS; part++)
        {
          GBytes *bytes = fields[i].floats[part] ? fields[i].floats[part] : fields[i].bytes[part];
          if (!check_part (&fields[i], part, n_samples[part], error))
            return NULL;
          memory += bytes ? g_bytes_get_size (bytes) : 0;
        }
    }

  g_autofree NnField *infos = g_new0 (NnField, n_fields);
  for (guint i = 0; i < n_fields; i++)
    {
      infos[i] = fields[i].field;
      infos[i].class_counts = count_classes (&fields[i], n_samples[NN_PART_TRAIN]);
    }
  NnDataInfo info = { .name = name, .title = title, .n_fields = n_fields, .fields = infos };
  memcpy (info.n_samples, n_samples, sizeof info.n_samples);

  NnDataset *dataset = g_new0 (NnDataset, 1);
  g_atomic_ref_count_init (&dataset->refs);
  dataset->info = nn_data_info_copy (&info);
  for (guint i = 0; i < n_fields; i++)
    g_free ((guint32 *)infos[i].class_counts);
  dataset->storage = g_new0 (NnFieldStorage, n_fields);
  dataset->memory = memory;
  for (guint i = 0; i < n_fields; i++)
    {
      NnFieldStorage *storage = &dataset->storage[i];
      storage->field = dataset->info->fields[i];
      storage->label_size = fields[i].label_size;
      for (NnPart part = 0; part < NN_N_PARTS; part++)
        if (fields[i].floats[part])
          storage->floats[part] = g_bytes_ref (fields[i].floats[part]);
        else if (fields[i].bytes[part])
          storage->bytes[part] = g_bytes_ref (fields[i].bytes[part]);
    }
  return dataset;
}

NnDataset *
nn_dataset_ref (NnDataset *dataset)
{
  g_atomic_ref_count_inc (&dataset->refs);
  return dataset;
}

void
nn_dataset_unref (NnDataset *dataset)
{
  if (!dataset || !g_atomic_ref_count_dec (&dataset->refs))
    return;
  for (guint i = 0; i < dataset->info->n_fields; i++)
    for (NnPart part = 0; part < NN_N_PARTS; part++)
      {
        g_clear_pointer (&dataset->storage[i].bytes[part], g_bytes_unref);
        g_clear_pointer (&dataset->storage[i].floats[part], g_bytes_unref);
      }
  g_free (dataset->storage);
  nn_data_info_free (dataset->info);
  g_free (dataset);
}

const NnDataInfo *
nn_dataset_info (const NnDataset *dataset)
{
  return dataset->info;
}

gsize
nn_dataset_n_samples (const NnDataset *dataset, NnPart part)
{
  return dataset->info->n_samples[part];
}

NnPart
nn_dataset_validation_part (const NnDataset *dataset)
{
  return dataset->info->n_samples[NN_PART_VALIDATION] > 0 ? NN_PART_VALIDATION : NN_PART_TEST;
}

gsize
nn_dataset_memory (const NnDataset *dataset)
{
  return dataset->memory;
}

/* A data set over the first n[part] samples of each part of `dataset`, in the same memory. */
static NnDataset *
view (NnDataset *dataset, const char *name, const char *title, const gsize n[NN_N_PARTS])
{
  NnDataset *copy = g_new0 (NnDataset, 1);
  g_atomic_ref_count_init (&copy->refs);
  NnDataInfo info = *dataset->info;
  info.name = name;
  info.title = title;
  memcpy (info.n_samples, n, sizeof info.n_samples);
  copy->info = nn_data_info_copy (&info);
  copy->memory = dataset->memory;
  copy->storage = g_new0 (NnFieldStorage, info.n_fields);
  for (guint i = 0; i < info.n_fields; i++)
    {
      const NnFieldStorage *from = &dataset->storage[i];
      NnFieldStorage *to = &copy->storage[i];
      g_free ((guint32 *)copy->info->fields[i].class_counts);
      ((NnField *)copy->info->fields)[i].class_counts = count_classes (from, n[NN_PART_TRAIN]);
      to->field = copy->info->fields[i];
      to->label_size = from->label_size;
      for (NnPart part = 0; part < NN_N_PARTS; part++)
        {
          gsize size = n[part] * sample_size (from, part);
          if (from->floats[part])
            to->floats[part] = g_bytes_new_from_bytes (from->floats[part], 0, size);
          else if (from->bytes[part])
            to->bytes[part] = g_bytes_new_from_bytes (from->bytes[part], 0, size);
        }
    }
  return copy;
}

NnDataset *
nn_dataset_limit (NnDataset *dataset, gsize limit)
{
  const NnDataInfo *info = dataset->info;
  if (limit == 0 || limit >= info->n_samples[NN_PART_TRAIN])
    return nn_dataset_ref (dataset);
  gsize n[NN_N_PARTS];
  memcpy (n, info->n_samples, sizeof n);
  n[NN_PART_TRAIN] = limit;
  return view (dataset, info->name, info->title, n);
}

NnDataset *
nn_dataset_rename (NnDataset *dataset, const char *name, const char *title)
{
  return view (dataset, name, title, dataset->info->n_samples);
}

/* ---- reading ---- */

/* Samples lie anywhere in a large array: what is read next is asked for early. */
static void
fetch (const void *at, gsize n_bytes)
{
  const char *bytes = at;
  for (gsize i = 0; i < n_bytes; i += CACHE_LINE)
    __builtin_prefetch (bytes + i);
}

void
nn_dataset_read (const NnDataset *dataset, NnPart part, guint field, const guint32 *index, gsize n,
                 const NnKernels *kernels, float *out)
{
  g_return_if_fail (field < dataset->info->n_fields);

  const NnFieldStorage *storage = &dataset->storage[field];
  gsize n_samples = dataset->info->n_samples[part];
  gsize size = (gsize)nn_shape_size (&storage->field.shape);
  for (gsize i = 0; i < n; i++)
    g_return_if_fail (index[i] < n_samples);

  if (storage->field.kind == NN_FIELD_LABEL)
    {
      memset (out, 0, n * size * sizeof *out);
      for (gsize i = 0; i < n; i++)
        out[i * size + label_at (storage, part, index[i])] = 1.0f;
    }
  else if (storage->floats[part])
    {
      const float *from = g_bytes_get_data (storage->floats[part], NULL);
      for (gsize i = 0; i < n; i++)
        {
          if (i + FETCH_AHEAD < n)
            fetch (from + index[i + FETCH_AHEAD] * size, size * sizeof *from);
          memcpy (out + i * size, from + index[i] * size, size * sizeof *out);
        }
    }
  else if (n > 0)
    {
      const guint8 *from = g_bytes_get_data (storage->bytes[part], NULL);
      const NnScale *scale = storage->field.scale;
      const float factor = scale ? (float)(scale->of[0].factor / 255) : 1.0f / 255.0f;
      const float offset = scale ? (float)(-scale->of[0].shift * scale->of[0].factor) : 0.0f;
      for (gsize i = 0; i < n; i++)
        {
          if (i + FETCH_AHEAD < n)
            fetch (from + index[i + FETCH_AHEAD] * size, size);
          kernels->widen_u8 (from + index[i] * size, factor, offset, out + i * size, size);
        }
    }
}

NnFieldStorage *
nn_dataset_copy_storage (const NnDataset *dataset)
{
  const guint n_fields = dataset->info->n_fields;
  NnFieldStorage *copy = g_memdup2 (dataset->storage, n_fields * sizeof *copy);
  for (guint f = 0; f < n_fields; f++)
    for (NnPart part = 0; part < NN_N_PARTS; part++)
      {
        if (copy[f].bytes[part])
          g_bytes_ref (copy[f].bytes[part]);
        if (copy[f].floats[part])
          g_bytes_ref (copy[f].floats[part]);
      }
  return copy;
}

const NnFieldStorage *
nn_dataset_storage (const NnDataset *dataset, guint field)
{
  g_return_val_if_fail (field < dataset->info->n_fields, NULL);
  return &dataset->storage[field];
}

guint
nn_dataset_label (const NnDataset *dataset, NnPart part, guint field, gsize index)
{
  g_return_val_if_fail (field < dataset->info->n_fields, 0);
  const NnFieldStorage *storage = &dataset->storage[field];
  g_return_val_if_fail (storage->field.kind == NN_FIELD_LABEL, 0);
  g_return_val_if_fail (index < dataset->info->n_samples[part], 0);
  return label_at (storage, part, index);
}
