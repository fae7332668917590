#include "diabolo-config.h"

#include "explore/nn-codes-probe.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/nn-error.h"
#include "layers/nn-layer.h"

#define PIECE NN_PLAN_VIEW_BATCH
/* While training, from the end of one pass to the begin of the next. */
#define PAUSE (G_USEC_PER_SEC / 5)

/* What is asked of the program: codes alone, or mean and log-variance. */
typedef struct
{
  guint node;
  NnShape shape;
  guint n_values;
  guint value[2];
} Source;

/* The pass that is being made, and the answer to hand out. */
typedef struct
{
  NnAnalysis *analysis; /* owned: the network they are of; NULL: nothing yet */
  gsize n_part;
  Source source;
  GArray *samples, *labels; /* of all that is asked for */
  NnTensor *working[2];
  guint done;         /* samples of the pass; all: it is complete */
  guint64 step, line; /* that the pass began with */
  guint64 last_step;  /* of the answer before */
  gint64 ended;       /* when the last pass was complete */

  guint64 pass; /* of the answer */
  GArray *shown_samples, *shown_labels;
  NnTensor *shown[2];
} Passes;

typedef struct
{
  NnCodesProbe public;
  Passes passes;
} Probe;

static void
passes_clear (Passes *passes)
{
  g_clear_pointer (&passes->analysis, nn_analysis_unref);
  g_clear_pointer (&passes->samples, g_array_unref);
  g_clear_pointer (&passes->labels, g_array_unref);
  g_clear_pointer (&passes->shown_samples, g_array_unref);
  g_clear_pointer (&passes->shown_labels, g_array_unref);
  for (guint i = 0; i < 2; i++)
    {
      g_clear_pointer (&passes->working[i], nn_tensor_unref);
      g_clear_pointer (&passes->shown[i], nn_tensor_unref);
    }
}

static void
probe_free (NnProbe *base)
{
  Probe *probe = (Probe *)base;

  g_array_unref (probe->public.samples);
  passes_clear (&probe->passes);
  g_free (probe);
}

static void
result_free (NnProbeResult *base)
{
  NnCodesResult *result = (NnCodesResult *)base;

  g_clear_pointer (&result->samples, g_array_unref);
  g_clear_pointer (&result->labels, g_array_unref);
  g_clear_pointer (&result->codes, nn_tensor_unref);
  g_clear_pointer (&result->log_variance, nn_tensor_unref);
  g_free (result);
}

/* ---- what is asked ---- */

/* The value that an input port of node receives; -1: none. */
static gint
value_into (const NnAnalysis *analysis, guint node, guint port)
{
  const NnEdge *edge = nn_design_edge_into (nn_analysis_design (analysis), node, port);

  return edge != NULL ? nn_analysis_value (analysis, edge->from, edge->from_port) : -1;
}

static gboolean
find_source (const NnAnalysis *analysis, Source *source, GError **error)
{
  const guint node = nn_analysis_code_node (analysis);
  const NnNode *code = nn_design_node (nn_analysis_design (analysis), node);
  const NnShape *shape = code != NULL ? nn_analysis_output_shape (analysis, node, 0) : NULL;
  gint value[2] = { -1, -1 };

  if (shape != NULL && strcmp (code->type->id, "sampling") == 0)
    for (guint port = 0; port < 2; port++)
      value[port] = value_into (analysis, node, port);
  if (value[0] < 0 || value[1] < 0)
    {
      value[0] = shape != NULL ? nn_analysis_value (analysis, node, 0) : -1;
      value[1] = -1;
    }
  if (value[0] < 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_UNSUPPORTED,
                   _ ("This network has no code: no layer that everything has to pass is narrower "
                      "than the input. Make one, or mark a layer as the code."));
      return FALSE;
    }
  *source = (Source){ node, *shape, value[1] < 0 ? 1 : 2, { (guint)value[0], (guint)value[1] } };
  return TRUE;
}

static gboolean
list_samples (const NnCodesProbe *probe, gsize n_part, GArray *samples, GError **error)
{
  const gsize n = probe->samples->len > 0 ? probe->samples->len : MIN (probe->n, n_part);

  for (gsize i = 0; i < n; i++)
    {
      const guint32 sample =
          probe->samples->len > 0 ? g_array_index (probe->samples, guint32, i) : (guint32)i;

      if (sample >= n_part)
        {
          g_set_error (error, NN_ERROR, NN_ERROR_RANGE,
                       _ ("There is no sample %u: this part of the data set has %zu."), sample,
                       n_part);
          return FALSE;
        }
      g_array_append_val (samples, sample);
    }
  if (n > 0)
    return TRUE;
  g_set_error (error, NN_ERROR, NN_ERROR_RANGE, _ ("There are no samples to show."));
  return FALSE;
}

static GArray *
read_labels (const NnDataset *dataset, NnPart part, const GArray *samples)
{
  const NnDataInfo *info = nn_dataset_info (dataset);
  GArray *labels = g_array_sized_new (FALSE, FALSE, sizeof (gint), samples->len);
  guint field = 0;

  while (field < info->n_fields && info->fields[field].kind != NN_FIELD_LABEL)
    field++;
  for (guint i = 0; i < samples->len; i++)
    {
      const gint label =
          field < info->n_fields
              ? (gint)nn_dataset_label (dataset, part, field, g_array_index (samples, guint32, i))
              : -1;

      g_array_append_val (labels, label);
    }
  return labels;
}

/* ---- passes ---- */

static NnTensor *
codes_new (const Source *source, guint n)
{
  const NnShape all = nn_shape (n, nn_shape_size (&source->shape));

  return nn_tensor_new (&all);
}

static void
begin_pass (Passes *passes, NnTrainer *trainer)
{
  for (guint i = 0; i < passes->source.n_values; i++)
    if (passes->working[i] == NULL)
      passes->working[i] = codes_new (&passes->source, passes->samples->len);
  passes->done = 0;
  passes->step = nn_trainer_steps (trainer);
  passes->line = nn_trainer_line (trainer);
}

/* Another network or other data: from the start. */
static gboolean
prepare (Probe *probe, NnTrainer *trainer, GError **error)
{
  Passes *passes = &probe->passes;
  NnAnalysis *analysis = nn_trainer_analysis (trainer);
  NnDataset *dataset = nn_trainer_dataset (trainer);
  const gsize n_part = nn_dataset_n_samples (dataset, probe->public.part);

  if (passes->analysis == analysis && passes->n_part == n_part)
    return TRUE;
  g_autoptr (GArray) samples = g_array_new (FALSE, FALSE, sizeof (guint32));
  Source source;
  if (!find_source (analysis, &source, error)
      || !list_samples (&probe->public, n_part, samples, error))
    return FALSE;
  const guint64 pass = passes->pass;
  passes_clear (passes);
  *passes = (Passes){ .analysis = nn_analysis_ref (analysis),
                      .n_part = n_part,
                      .source = source,
                      .labels = read_labels (dataset, probe->public.part, samples),
                      .samples = g_array_ref (samples),
                      .pass = pass };
  begin_pass (passes, trainer);
  return TRUE;
}

/* Whether now is the time for a new pass; a step that stands still means that nothing trains. */
static gboolean
pass_is_due (const Passes *passes, NnTrainer *trainer)
{
  const guint64 step = nn_trainer_steps (trainer);

  if (passes->step == step && passes->line == nn_trainer_line (trainer))
    return FALSE;
  return passes->last_step == step || g_get_monotonic_time () - passes->ended > PAUSE;
}

static void
go_on (Passes *passes, NnPart part, NnTrainer *trainer)
{
  const gint64 begin = g_get_monotonic_time ();
  const gsize size = (gsize)nn_shape_size (&passes->source.shape);

  do
    {
      const guint n = MIN (PIECE, passes->samples->len - passes->done);
      float *out[2] = { NULL };

      for (guint i = 0; i < passes->source.n_values; i++)
        out[i] = passes->working[i]->data + passes->done * size;
      nn_trainer_values (trainer, part, &g_array_index (passes->samples, guint32, passes->done), n,
                         NULL, passes->source.n_values, passes->source.value, out, NULL);
      passes->done += n;
    }
  while (passes->done < passes->samples->len
         && g_get_monotonic_time () - begin < NN_PROBE_PIECE_TIME);
}

static GArray *
first_of (const GArray *array, guint n)
{
  GArray *first = g_array_sized_new (FALSE, FALSE, 4, n);

  return g_array_append_vals (first, array->data, n);
}

/* Hands out a complete pass, or a copy of what the first has so far. */
static void
show (Passes *passes)
{
  const gboolean complete = passes->done == passes->samples->len;
  const gsize size = (gsize)nn_shape_size (&passes->source.shape);

  if (!complete && passes->ended > 0)
    return;
  for (guint i = 0; i < passes->source.n_values; i++)
    {
      g_clear_pointer (&passes->shown[i], nn_tensor_unref);
      if (complete)
        passes->shown[i] = g_steal_pointer (&passes->working[i]);
      else
        {
          passes->shown[i] = codes_new (&passes->source, passes->done);
          memcpy (passes->shown[i]->data, passes->working[i]->data,
                  passes->done * size * sizeof (float));
        }
    }
  g_clear_pointer (&passes->shown_samples, g_array_unref);
  g_clear_pointer (&passes->shown_labels, g_array_unref);
  passes->shown_samples =
      complete ? g_array_ref (passes->samples) : first_of (passes->samples, passes->done);
  passes->shown_labels =
      complete ? g_array_ref (passes->labels) : first_of (passes->labels, passes->done);
  passes->pass++;
  if (complete)
    passes->ended = g_get_monotonic_time ();
}

static NnProbeResult *
compute (NnProbe *base, NnTrainer *trainer, GError **error)
{
  Probe *probe = (Probe *)base;
  Passes *passes = &probe->passes;

  if (!prepare (probe, trainer, error))
    {
      passes_clear (passes);
      *passes = (Passes){ .pass = passes->pass };
      return NULL;
    }
  const gboolean complete = passes->done == passes->samples->len;
  if (complete ? pass_is_due (passes, trainer) : passes->line != nn_trainer_line (trainer))
    begin_pass (passes, trainer);
  if (passes->done < passes->samples->len)
    {
      go_on (passes, probe->public.part, trainer);
      show (passes);
    }
  passes->last_step = nn_trainer_steps (trainer);

  NnCodesResult *result = g_new0 (NnCodesResult, 1);
  result->pass = passes->pass;
  result->n_whole = passes->samples->len;
  result->node = passes->source.node;
  result->shape = passes->source.shape;
  result->samples = g_array_ref (passes->shown_samples);
  result->labels = g_array_ref (passes->shown_labels);
  result->codes = nn_tensor_ref (passes->shown[0]);
  if (passes->shown[1] != NULL)
    result->log_variance = nn_tensor_ref (passes->shown[1]);
  result->base.unfinished = passes->done < passes->samples->len || passes->step != passes->last_step
                            || passes->line != nn_trainer_line (trainer);
  return &result->base;
}

/* ---- sharing ---- */

static gboolean
covers (const NnProbe *base, const NnProbe *other_base)
{
  const NnCodesProbe *probe = (const NnCodesProbe *)base;
  const NnCodesProbe *other = (const NnCodesProbe *)other_base;

  if (probe->part != other->part || probe->samples->len != other->samples->len)
    return FALSE;
  return probe->samples->len == 0
             ? other->n > 0 && probe->n >= other->n
             : memcmp (probe->samples->data, other->samples->data, probe->samples->len * 4) == 0;
}

static NnTensor *
first_codes (const NnTensor *codes, guint n)
{
  const NnShape shape = nn_shape (n, codes->shape.dim[1]);
  NnTensor *first = nn_tensor_new (&shape);

  memcpy (first->data, codes->data, first->size * sizeof (float));
  return first;
}

static void
share (NnCodesResult *result, const NnCodesResult *from)
{
  result->samples = g_array_ref (from->samples);
  result->labels = g_array_ref (from->labels);
  result->codes = nn_tensor_ref (from->codes);
  result->log_variance = from->log_variance != NULL ? nn_tensor_ref (from->log_variance) : NULL;
}

/* The first samples, once there are as many as were asked for. */
static NnProbeResult *
extract (const NnProbeResult *base, const NnProbe *other, const NnProbeResult *before)
{
  const NnCodesResult *from = (const NnCodesResult *)base;
  const NnCodesResult *last = (const NnCodesResult *)before;
  const NnCodesProbe *probe = (const NnCodesProbe *)other;
  const guint n = probe->samples->len > 0 ? from->n_whole : MIN (probe->n, from->n_whole);
  NnCodesResult *result;

  if (from->samples->len < n)
    return NULL;
  result = g_new0 (NnCodesResult, 1);
  result->pass = from->pass;
  result->n_whole = n;
  result->node = from->node;
  result->shape = from->shape;
  if (from->samples->len == n)
    share (result, from);
  else if (last != NULL && last->base.error == NULL && last->pass == from->pass)
    share (result, last);
  else
    {
      result->samples = first_of (from->samples, n);
      result->labels = first_of (from->labels, n);
      result->codes = first_codes (from->codes, n);
      if (from->log_variance != NULL)
        result->log_variance = first_codes (from->log_variance, n);
    }
  return &result->base;
}

const NnProbeType nn_codes_probe_type = {
  .name = "codes",
  .compute = compute,
  .covers = covers,
  .extract = extract,
  .free_probe = probe_free,
  .free_result = result_free,
  .result_size = sizeof (NnCodesResult),
};

NnProbe *
nn_codes_probe_new (guint id, NnPart part, const guint32 *samples, guint n)
{
  Probe *probe = g_new0 (Probe, 1);
  NnCodesProbe *public = &probe->public;

  g_return_val_if_fail (n <= NN_CODES_MAX_SAMPLES, NULL);
  g_atomic_ref_count_init (&public->base.refs);
  public->base.type = &nn_codes_probe_type;
  public->base.id = id;
  public->part = part;
  public->n = n;
  public->samples = g_array_new (FALSE, FALSE, sizeof (guint32));
  if (samples != NULL)
    g_array_append_vals (public->samples, samples, n);
  return &public->base;
}
