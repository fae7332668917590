#include "diabolo-config.h"

#include "data/nn-balance.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "base/nn-error.h"
#include "base/nn-memory.h"
#include "base/nn-rng.h"
#include "data/nn-scaling.h"

/* Streams of the noise of copies, and of their order; generators have those below. */
#define STREAM_NOISE 66
#define STREAM_ORDER 67

#define CANCEL_EVERY 1024 /* samples between two looks */

static const NnChoice balances[] = {
  { "none", N_ ("As they come") },
  { "copies", N_ ("Noisy copies"),
    N_ ("Samples of rare classes are repeated, a little different each time.") },
  { NULL },
};

static const NnParamSpec balance_specs[] = {
  { .name = "balance",
    .title = N_ ("Balance classes"),
    .tip = N_ ("Makes every class of the training part as large as the largest. What validates and "
               "tests stays as it is."),
    .type = NN_PARAM_CHOICE,
    .flags = NN_PARAM_STRUCTURAL,
    .def_text = "none",
    .choices = balances },
  { .name = "copy-noise",
    .title = N_ ("Noise of copies"),
    .tip =
        N_ ("How far a copy lies from its sample, in standard deviations of each value within the "
            "class; 0 repeats the samples as they are."),
    .type = NN_PARAM_FLOAT,
    .flags = NN_PARAM_STRUCTURAL,
    .def = 0.3,
    .min = 0,
    .max = 10,
    .soft_min = 0,
    .soft_max = 1,
    .shown_if = "balance=copies" },
  { NULL },
};

const NnParamSpec *
nn_balance_specs (void)
{
  return balance_specs;
}

/* ---- which samples are copied ---- */

typedef struct
{
  NnDataset *dataset;
  guint label; /* field */
  guint n_classes;
  gsize n, n_all;  /* training samples before and with copies */
  guint32 *source; /* (n_all) sample that each is, or is a copy of; originals first */
  guint32 *place;  /* (n_all) where each goes */
  double noise;
  guint64 seed;
  GCancellable *cancellable;
} Job;

static void
job_clear (Job *job)
{
  g_free (job->source);
  g_free (job->place);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Job, job_clear)

static const NnField *
find_label (const NnDataInfo *info, guint *index)
{
  for (*index = 0; *index < info->n_fields; ++*index)
    if (info->fields[*index].kind == NN_FIELD_LABEL)
      return &info->fields[*index];
  return NULL;
}

static gsize
bytes_of_sample (const NnDataset *dataset)
{
  gsize n = 0;

  for (NnPart part = 0; part < NN_N_PARTS; part++)
    n += nn_dataset_n_samples (dataset, part);
  return nn_dataset_memory (dataset) / MAX (1, n);
}

/* n_all; 0 where it would need more memory than there is. */
static gboolean
count (Job *job, const guint32 *counts, GError **error)
{
  gsize most = 0;

  for (guint k = 0; k < job->n_classes; k++)
    most = MAX (most, counts[k]);
  for (guint k = 0; k < job->n_classes; k++)
    job->n_all += counts[k] > 0 ? most : 0;
  const guint64 needed = (guint64)job->n_all * bytes_of_sample (job->dataset);
  if (job->n_all <= G_MAXUINT32 && needed <= nn_memory_of_machine () / 2)
    return TRUE;
  g_autofree char *text = g_format_size (needed);
  g_set_error (error, NN_ERROR, NN_ERROR_MEMORY,
               _ ("Balancing the classes of %s would make %zu samples of %zu, which need %s of "
                  "memory. Class weights need none."),
               nn_dataset_info (job->dataset)->title, job->n_all, job->n, text);
  return FALSE;
}

/* Copies of each class take its samples in turn. */
static void
choose_sources (Job *job, const guint32 *counts)
{
  g_autofree gsize *first = g_new0 (gsize, job->n_classes + 1);
  g_autofree guint32 *of_class = g_new (guint32, job->n + 1);
  g_autofree gsize *filled = g_new0 (gsize, job->n_classes);
  gsize at = job->n, most = 0;

  for (guint k = 0; k < job->n_classes; k++)
    {
      first[k + 1] = first[k] + counts[k];
      most = MAX (most, counts[k]);
    }
  for (gsize i = 0; i < job->n; i++)
    {
      const guint k = nn_dataset_label (job->dataset, NN_PART_TRAIN, job->label, i);

      of_class[first[k] + filled[k]++] = (guint32)i;
      job->source[i] = (guint32)i;
    }
  for (guint k = 0; k < job->n_classes; k++)
    for (gsize i = counts[k]; counts[k] > 0 && i < most; i++)
      job->source[at++] = of_class[first[k] + i % counts[k]];
}

static void
choose_places (Job *job)
{
  NnRng rng;

  for (gsize i = 0; i < job->n_all; i++)
    job->place[i] = (guint32)i;
  nn_rng_init (&rng, job->seed, NN_STREAM_DATA, STREAM_ORDER, 0);
  nn_rng_shuffle (&rng, job->place, job->n_all);
}

/* ---- what copies look like ---- */

/* spread (n_classes, size): standard deviation of each value within each class. */
static void
measure_spread (const Job *job, guint field, gsize size, float *spread)
{
  const NnKernels *kernels = nn_kernels_best ();
  const gsize cells = job->n_classes * size;
  g_autofree double *sums = g_new0 (double, cells);
  g_autofree double *squares = g_new0 (double, cells);
  g_autofree float *x = g_new (float, size);
  g_autofree gsize *n = g_new0 (gsize, job->n_classes);

  for (guint32 i = 0; i < job->n; i++)
    {
      const guint k = nn_dataset_label (job->dataset, NN_PART_TRAIN, job->label, i);

      nn_dataset_read (job->dataset, NN_PART_TRAIN, field, &i, 1, kernels, x);
      n[k]++;
      for (gsize v = 0; v < size; v++)
        {
          sums[k * size + v] += (double)x[v];
          squares[k * size + v] += (double)x[v] * (double)x[v];
        }
    }
  for (gsize i = 0; i < cells; i++)
    {
      const double of = (double)MAX (n[i / size], 1), mean = sums[i] / of;

      spread[i] = (float)sqrt (MAX (squares[i] / of - mean * mean, 0));
    }
}

static void
move (const Job *job, gsize copy, guint field, const float *spread, gsize size, float *x)
{
  NnRng rng;

  nn_rng_init (&rng, job->seed, NN_STREAM_DATA, STREAM_NOISE + (field << 8), (guint32)copy);
  for (gsize v = 0; v < size; v++)
    x[v] += (float)job->noise * spread[v] * nn_rng_normal (&rng);
}

/* Bytes lie as they came, whatever they are read as. */
static guint8
byte_of (const NnScale *scale, float x)
{
  double value = (double)x;

  if (scale)
    value = (scale->of[0].factor != 0 ? value / scale->of[0].factor : 0) + scale->of[0].shift;
  return (guint8)lrint (255 * CLAMP (value, 0, 1));
}

static gboolean
fill_values (const Job *job, guint field, gsize size, gboolean in_bytes, gpointer to,
             GError **error)
{
  const NnKernels *kernels = nn_kernels_best ();
  const NnScale *scale = nn_dataset_storage (job->dataset, field)->field.scale;
  g_autofree float *x = g_new (float, size);
  g_autofree float *spread = g_new (float, job->n_classes *size);

  measure_spread (job, field, size, spread);
  for (gsize i = 0; i < job->n_all; i++)
    {
      const gsize at = (gsize)job->place[i] * size;
      const guint k = nn_dataset_label (job->dataset, NN_PART_TRAIN, job->label, job->source[i]);

      if (i % CANCEL_EVERY == 0 && g_cancellable_set_error_if_cancelled (job->cancellable, error))
        return FALSE;
      nn_dataset_read (job->dataset, NN_PART_TRAIN, field, &job->source[i], 1, kernels, x);
      if (i >= job->n)
        move (job, i, field, spread + k * size, size, x);
      if (!in_bytes)
        memcpy ((float *)to + at, x, size * sizeof *x);
      for (gsize v = 0; in_bytes && v < size; v++)
        ((guint8 *)to)[at + v] = byte_of (scale, x[v]);
    }
  return TRUE;
}

/* Of a part; those of the training part with copies. (transfer full) */
static GBytes *
fill_labels (const Job *job, guint field, NnPart part)
{
  const gsize n = part == NN_PART_TRAIN ? job->n_all : nn_dataset_n_samples (job->dataset, part);
  guint32 *to = g_new (guint32, n + 1);

  for (gsize i = 0; i < n; i++)
    if (part == NN_PART_TRAIN)
      to[job->place[i]] = nn_dataset_label (job->dataset, part, field, job->source[i]);
    else
      to[i] = nn_dataset_label (job->dataset, part, field, i);
  return g_bytes_new_take (to, n * sizeof *to);
}

static gboolean
fill_field (const Job *job, guint field, NnFieldStorage *storage, GError **error)
{
  const NnFieldStorage *from = nn_dataset_storage (job->dataset, field);
  const gsize size = (gsize)nn_shape_size (&from->field.shape);

  storage->field = from->field;
  storage->label_size = 4;
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    if (part != NN_PART_TRAIN && from->field.kind != NN_FIELD_LABEL)
      {
        storage->bytes[part] = from->bytes[part] ? g_bytes_ref (from->bytes[part]) : NULL;
        storage->floats[part] = from->floats[part] ? g_bytes_ref (from->floats[part]) : NULL;
      }
  if (from->field.kind == NN_FIELD_LABEL)
    {
      for (NnPart part = 0; part < NN_N_PARTS; part++)
        storage->bytes[part] = fill_labels (job, field, part);
      return TRUE;
    }
  const gboolean in_bytes = from->floats[NN_PART_TRAIN] == NULL;
  const gsize bytes = job->n_all * size * (in_bytes ? 1 : sizeof (float));
  gpointer values = nn_memory_in_large_pages (g_malloc (MAX (bytes, 1)), bytes);
  GBytes **place = in_bytes ? &storage->bytes[NN_PART_TRAIN] : &storage->floats[NN_PART_TRAIN];

  *place = g_bytes_new_take (values, bytes);
  return fill_values (job, field, size, in_bytes, values, error);
}

static void
storage_free (NnFieldStorage *storage, guint n)
{
  for (guint i = 0; i < n; i++)
    for (NnPart part = 0; part < NN_N_PARTS; part++)
      {
        g_clear_pointer (&storage[i].bytes[part], g_bytes_unref);
        g_clear_pointer (&storage[i].floats[part], g_bytes_unref);
      }
  g_free (storage);
}

NnDataset *
nn_dataset_balance (NnDataset *dataset, const NnParams *data, GCancellable *cancellable,
                    GError **error)
{
  const NnDataInfo *info = nn_dataset_info (dataset);
  g_auto (Job) job = {
    .dataset = dataset,
    .n = info->n_samples[NN_PART_TRAIN],
    .noise = nn_params_float (data, "copy-noise"),
    .seed = (guint64)nn_params_int (data, "seed"),
    .cancellable = cancellable,
  };

  if (strcmp (nn_params_text (data, "balance"), "copies") != 0)
    return nn_dataset_ref (dataset);
  const NnField *label = find_label (info, &job.label);
  if (label == NULL)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
                   _ ("The data set %s has no labels, so there are no classes to balance."),
                   info->title);
      return NULL;
    }
  job.n_classes = label->n_classes;
  if (!count (&job, label->class_counts, error))
    return NULL;
  job.source = g_new (guint32, job.n_all + 1);
  job.place = g_new (guint32, job.n_all + 1);
  choose_sources (&job, label->class_counts);
  choose_places (&job);

  NnFieldStorage *storage = g_new0 (NnFieldStorage, info->n_fields);
  gsize n[NN_N_PARTS];
  memcpy (n, info->n_samples, sizeof n);
  n[NN_PART_TRAIN] = job.n_all;
  gboolean filled = TRUE;
  for (guint i = 0; filled && i < info->n_fields; i++)
    filled = fill_field (&job, i, &storage[i], error);
  NnDataset *balanced =
      filled ? nn_dataset_new (info->name, info->title, storage, info->n_fields, n, error) : NULL;
  storage_free (storage, info->n_fields);
  return balanced;
}
