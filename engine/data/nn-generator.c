#include "data/nn-generator.h"

#include "base/nn-memory.h"
#include "base/nn-pool.h"

/* Samples drawn by one task; tasks between two looks at the cancellable. */
#define TASK_SAMPLES 100
#define ROUND_TASKS 40

#define MAX_CLASSES 16

/* Blocks of classes are drawn from streams that no sample has. */
#define STREAM_CLASSES 2

void
nn_draw_rng (const NnDraw *draw, NnRng *rng)
{
  nn_rng_init (rng, draw->seed, NN_STREAM_DATA, draw->part, (guint32)draw->index);
}

guint
nn_draw_class (const NnDraw *draw, guint n_classes)
{
  NnRng rng;
  guint32 order[MAX_CLASSES];
  g_return_val_if_fail (n_classes > 0 && n_classes <= MAX_CLASSES, 0);
  for (guint i = 0; i < n_classes; i++)
    order[i] = i;
  nn_rng_init (&rng, draw->seed, NN_STREAM_DATA, STREAM_CLASSES + draw->part,
               (guint32)(draw->index / n_classes));
  nn_rng_shuffle (&rng, order, n_classes);
  return order[draw->index % n_classes];
}

/* ---- memory: pixels and labels in bytes, everything else in floats ---- */

typedef struct
{
  guint8 *memory; /* of the part that is being drawn, held by a GBytes */
  gsize stride;   /* bytes of one sample */
} Column;

static gboolean
is_bytes (const NnField *field)
{
  return field->kind == NN_FIELD_IMAGE || field->kind == NN_FIELD_LABEL;
}

static gsize
sample_bytes (const NnField *field)
{
  if (field->kind == NN_FIELD_LABEL)
    return 1;
  return (gsize)nn_shape_size (&field->shape) * (is_bytes (field) ? 1 : sizeof (float));
}

/* ---- drawing ---- */

typedef struct
{
  const NnDataSource *source;
  guint64 seed;
  gpointer law; /* owned by nn_generator_load() */
  NnPart part;
  gsize first, n; /* sample of task 0, samples of the part */
  Column *columns;
} Job;

static void
draw_task (gpointer data, guint task, guint thread)
{
  const Job *job = data;
  const guint n_fields = job->source->info->n_fields;
  const gsize start = job->first + (gsize)task * TASK_SAMPLES;
  const gsize end = MIN (start + TASK_SAMPLES, job->n);
  gpointer values[NN_GENERATOR_MAX_FIELDS];

  for (gsize i = start; i < end; i++)
    {
      const NnDraw draw = { .seed = job->seed, .part = job->part, .index = i, .law = job->law };
      for (guint f = 0; f < n_fields; f++)
        values[f] = job->columns[f].memory + i * job->columns[f].stride;
      job->source->draw (&draw, values);
    }
}

static gboolean
draw_part (Job *job, NnPool *pool, const NnLoadContext *context, GError **error)
{
  const NnDataInfo *info = job->source->info;
  const double before = job->part == NN_PART_TRAIN ? 0 : (double)info->n_samples[NN_PART_TRAIN];
  const double all = (double)(info->n_samples[NN_PART_TRAIN] + info->n_samples[NN_PART_TEST]);

  for (job->first = 0; job->first < job->n; job->first += ROUND_TASKS * TASK_SAMPLES)
    {
      if (context && g_cancellable_set_error_if_cancelled (context->cancellable, error))
        return FALSE;
      nn_load_progress (context, (before + (double)job->first) / all);
      const gsize n_tasks = (job->n - job->first + TASK_SAMPLES - 1) / TASK_SAMPLES;
      nn_pool_run (pool, (guint)MIN (n_tasks, ROUND_TASKS), draw_task, job);
    }
  return TRUE;
}

/* Gives one part its memory, held by storage, and fills it. */
static gboolean
make_part (Job *job, NnFieldStorage *storage, NnPool *pool, const NnLoadContext *context,
           GError **error)
{
  const NnDataInfo *info = job->source->info;
  job->n = info->n_samples[job->part];
  for (guint f = 0; f < info->n_fields; f++)
    {
      Column *column = &job->columns[f];
      column->stride = sample_bytes (&info->fields[f]);
      const gsize size = job->n * column->stride;
      column->memory = nn_memory_in_large_pages (g_malloc (MAX (size, 1)), size);
      GBytes *bytes = g_bytes_new_take (column->memory, size);
      if (is_bytes (&info->fields[f]))
        storage[f].bytes[job->part] = bytes;
      else
        storage[f].floats[job->part] = bytes;
    }
  return draw_part (job, pool, context, error);
}

NnDataset *
nn_generator_load (const NnDataSource *source, guint64 seed, const NnLoadContext *context,
                   GError **error)
{
  g_return_val_if_fail (source->info && source->draw, NULL);
  const NnDataInfo *info = source->info;
  g_return_val_if_fail (info->n_fields <= NN_GENERATOR_MAX_FIELDS, NULL);

  g_autoptr (NnPool) pool = nn_pool_new (context ? context->n_threads : 0);
  g_autofree gpointer law = source->law ? source->law () : NULL;
  NnFieldStorage storage[NN_GENERATOR_MAX_FIELDS] = { 0 };
  Column columns[NN_GENERATOR_MAX_FIELDS];
  Job job = { .source = source, .seed = seed, .law = law, .columns = columns };
  gboolean drawn = TRUE;

  for (guint f = 0; f < info->n_fields; f++)
    {
      storage[f].field = info->fields[f];
      storage[f].label_size = 1;
    }
  for (job.part = 0; drawn && job.part < NN_N_PARTS; job.part++)
    drawn = make_part (&job, storage, pool, context, error);

  NnDataset *dataset = NULL;
  if (drawn)
    {
      nn_load_progress (context, 1.0);
      dataset =
          nn_dataset_new (info->name, info->title, storage, info->n_fields, info->n_samples, error);
    }
  for (guint f = 0; f < info->n_fields; f++)
    for (NnPart part = 0; part < NN_N_PARTS; part++)
      {
        g_clear_pointer (&storage[f].bytes[part], g_bytes_unref);
        g_clear_pointer (&storage[f].floats[part], g_bytes_unref);
      }
  return dataset;
}
