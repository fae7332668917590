#include "diabolo-config.h"

#include "explore/nn-node-values-probe.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>
#include <math.h>

#include "base/nn-error.h"
#include "base/nn-rng.h"
#include "layers/nn-layer.h"

/* One answer looks at no more samples than this for the worst ones. */
#define SEARCH_SAMPLES 2000
#define SEARCH_PIECE 256

/* The loss of each sample of the part, as far as it is known: what WORST remembers from answer to
 * answer. */
typedef struct
{
  float *loss; /* (n), NaN where it was never looked at */
  gsize n;
  gsize position; /* next to be looked at; goes round */
  gsize fresh;    /* looked at with the weights of `step` */
  guint64 step;
  guint64 line;         /* of them */
  NnAnalysis *analysis; /* owned: the network they were of */
} Search;

typedef struct
{
  NnNodeValuesProbe public;
  Search search;
} Probe;

static void
probe_free (NnProbe *base)
{
  Probe *probe = (Probe *)base;

  g_array_unref (probe->public.samples);
  g_array_unref (probe->public.nodes);
  g_free (probe->public.given);
  g_free (probe->search.loss);
  g_clear_pointer (&probe->search.analysis, nn_analysis_unref);
  g_free (probe);
}

static void
node_values_free (NnNodeValues *values)
{
  nn_tensor_unref (values->values);
  g_free (values);
}

static void
result_free (NnProbeResult *base)
{
  NnNodeValuesResult *result = (NnNodeValuesResult *)base;

  g_clear_pointer (&result->samples, g_array_unref);
  g_clear_pointer (&result->labels, g_array_unref);
  g_clear_pointer (&result->nodes, g_ptr_array_unref);
  g_clear_pointer (&result->sample_loss, nn_tensor_unref);
  g_free (result);
}

/* ---- which samples ---- */

static gboolean
pick_listed (const NnNodeValuesProbe *probe, gsize n_part, GArray *samples, GError **error)
{
  for (guint i = 0; i < probe->samples->len; i++)
    if (g_array_index (probe->samples, guint32, i) >= n_part)
      {
        g_set_error (error, NN_ERROR, NN_ERROR_RANGE,
                     _ ("There is no sample %u: this part of the data set has %zu."),
                     g_array_index (probe->samples, guint32, i), n_part);
        return FALSE;
      }
  g_array_append_vals (samples, probe->samples->data, probe->samples->len);
  return TRUE;
}

/* The first n of a shuffle. */
void
nn_pick_random (gsize n, gsize n_part, guint64 seed, GArray *samples)
{
  g_autofree guint32 *index = g_new (guint32, n_part);
  NnRng rng;

  n = MIN (n, n_part);
  nn_rng_init (&rng, seed, NN_STREAM_VIEW, 0, 0);
  for (gsize i = 0; i < n_part; i++)
    index[i] = (guint32)i;
  for (gsize i = 0; i < n; i++)
    {
      const gsize other = i + nn_rng_below (&rng, (guint32)(n_part - i));
      const guint32 chosen = index[other];

      index[other] = index[i];
      index[i] = chosen;
    }
  g_array_append_vals (samples, index, (guint)n);
}

static void
search_prepare (Search *search, gsize n, NnTrainer *trainer)
{
  NnAnalysis *analysis = nn_trainer_analysis (trainer);

  if (search->n != n || search->analysis != analysis)
    {
      g_free (search->loss);
      g_clear_pointer (&search->analysis, nn_analysis_unref);
      *search =
          (Search){ .loss = g_new (float, n), .n = n, .analysis = nn_analysis_ref (analysis) };
      for (gsize i = 0; i < n; i++)
        search->loss[i] = NAN;
    }
  if (search->step != nn_trainer_steps (trainer) || search->line != nn_trainer_line (trainer))
    search->fresh = 0;
  search->step = nn_trainer_steps (trainer);
  search->line = nn_trainer_line (trainer);
}

/* Looks at some more samples. The losses of the others are those of slightly older weights. */
static void
search_go_on (Search *search, NnPart part, NnTrainer *trainer)
{
  const gint64 begin = g_get_monotonic_time ();
  guint32 index[SEARCH_PIECE];
  float loss[SEARCH_PIECE];

  for (guint done = 0; done < SEARCH_SAMPLES && search->fresh < search->n
                       && g_get_monotonic_time () - begin < NN_PROBE_PIECE_TIME;)
    {
      const guint n = (guint)MIN (SEARCH_PIECE, search->n - search->fresh);

      for (guint i = 0; i < n; i++)
        index[i] = (guint32)((search->position + i) % search->n);
      nn_trainer_values (trainer, part, index, n, NULL, 0, NULL, NULL, loss);
      for (guint i = 0; i < n; i++)
        search->loss[index[i]] = loss[i];
      search->position = (search->position + n) % search->n;
      search->fresh += n;
      done += n;
    }
}

/* Not finite is worse than any number, never looked at better. */
static int
compare_worst (gconstpointer a, gconstpointer b, gpointer loss)
{
  const guint32 i = *(const guint32 *)a, k = *(const guint32 *)b;
  const float x = ((const float *)loss)[i], y = ((const float *)loss)[k];
  const float u = isnan (x) ? -INFINITY : x, v = isnan (y) ? -INFINITY : y;

  return u != v ? (u < v) - (u > v) : (i > k) - (i < k);
}

static void
pick_worst (Probe *probe, gsize n_part, NnTrainer *trainer, GArray *samples,
            NnNodeValuesResult *result)
{
  Search *search = &probe->search;
  double sum = 0;
  gsize known = 0;

  search_prepare (search, n_part, trainer);
  search_go_on (search, probe->public.part, trainer);
  g_autofree guint32 *index = g_new (guint32, n_part);
  for (gsize i = 0; i < n_part; i++)
    {
      index[i] = (guint32)i;
      sum += isnan (search->loss[i]) ? 0 : search->loss[i];
      known += !isnan (search->loss[i]);
    }
  g_qsort_with_data (index, (gint)n_part, sizeof *index, compare_worst, search->loss);
  g_array_append_vals (samples, index, (guint)MIN (probe->public.n, known));
  if (known == n_part)
    result->mean_loss = sum / (double)n_part;
  result->base.unfinished = search->fresh < n_part;
}

static gboolean
pick (Probe *probe, NnTrainer *trainer, NnNodeValuesResult *result, GError **error)
{
  const gsize n_part = nn_dataset_n_samples (nn_trainer_dataset (trainer), probe->public.part);

  result->samples = g_array_new (FALSE, FALSE, sizeof (guint32));
  switch (probe->public.pick)
    {
    case NN_PICK_LISTED:
    case NN_PICK_GIVEN:
      if (!pick_listed (&probe->public, n_part, result->samples, error))
        return FALSE;
      break;
    case NN_PICK_RANDOM:
      nn_pick_random (probe->public.n, n_part, probe->public.seed, result->samples);
      break;
    case NN_PICK_WORST:
      pick_worst (probe, n_part, trainer, result->samples, result);
      break;
    default:
      g_assert_not_reached ();
    }
  if (result->samples->len > 0)
    return TRUE;
  g_set_error (error, NN_ERROR, NN_ERROR_RANGE, _ ("There are no samples to show."));
  return FALSE;
}

/* ---- what of them ---- */

static void
add_node (NnNodeValuesResult *result, NnTrainer *trainer, guint node)
{
  NnAnalysis *analysis = nn_trainer_analysis (trainer);
  const NnNode *drawn = nn_design_node (nn_analysis_design (analysis), node);
  const NnShape *shape = NULL;

  if (drawn != NULL && nn_layer_n_outputs (drawn->type) > 0
      && nn_analysis_value (analysis, node, 0) >= 0)
    shape = nn_analysis_output_shape (analysis, node, 0);
  if (shape == NULL)
    return;
  const NnShape all = nn_shape (result->samples->len, nn_shape_size (shape));
  NnNodeValues *values = g_new (NnNodeValues, 1);
  values->node = node;
  values->shape = *shape;
  values->values = nn_tensor_new (&all);
  g_ptr_array_add (result->nodes, values);
}

static void
choose_nodes (NnNodeValuesResult *result, const NnNodeValuesProbe *probe, NnTrainer *trainer)
{
  result->nodes = g_ptr_array_new_with_free_func ((GDestroyNotify)node_values_free);
  if (probe->nodes->len > 0)
    {
      for (guint i = 0; i < probe->nodes->len; i++)
        add_node (result, trainer, g_array_index (probe->nodes, guint, i));
      return;
    }
  guint n;
  const guint *order = nn_analysis_order (nn_trainer_analysis (trainer), &n);
  for (guint i = 0; i < n; i++)
    add_node (result, trainer, order[i]);
}

/* Per program input: the given values, NULL for those that come from the data. NULL and error where
 * they are not as many as the network takes. (transfer container) */
static const float **
make_feed (const NnNodeValuesProbe *probe, NnTrainer *trainer, GError **error)
{
  NnAnalysis *analysis = nn_trainer_analysis (trainer);
  NnProgram *program = nn_analysis_program (analysis);
  const guint node = nn_analysis_input_node (analysis);
  const gint value = node != 0 ? nn_analysis_value (analysis, node, 0) : -1;
  const float **feed = g_new0 (const float *, program->inputs->len + 1);

  if (value < 0 || nn_program_value (program, value)->size != (gint64)probe->n_given)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                   _ ("The network takes %" PRId64 " values, but %zu were given."),
                   value < 0 ? 0 : nn_program_value (program, value)->size, probe->n_given);
      g_free (feed);
      return NULL;
    }
  for (guint i = 0; i < program->inputs->len; i++)
    if (nn_program_input (program, i)->value == (guint)value)
      feed[i] = probe->given;
  return feed;
}

static void
fill_values (NnNodeValuesResult *result, NnPart part, const float *const *feed, NnTrainer *trainer)
{
  NnAnalysis *analysis = nn_trainer_analysis (trainer);
  const guint n_want = result->nodes->len;
  g_autofree guint *want = g_new (guint, n_want + 1);
  g_autofree float **out = g_new (float *, n_want + 1);
  const NnShape each = nn_shape (result->samples->len);

  for (guint i = 0; i < n_want; i++)
    {
      const NnNodeValues *values = g_ptr_array_index (result->nodes, i);

      want[i] = (guint)nn_analysis_value (analysis, values->node, 0);
      out[i] = values->values->data;
    }
  result->sample_loss = nn_tensor_new (&each);
  nn_trainer_values (trainer, part, (const guint32 *)(gpointer)result->samples->data,
                     result->samples->len, feed, n_want, want, out, result->sample_loss->data);
}

/* What was not in the data has no label, and no loss but where it is its own target. */
static void
forget_truth (NnNodeValuesResult *result, NnAnalysis *analysis)
{
  const NnEdge *target =
      nn_design_edge_into (nn_analysis_design (analysis), nn_analysis_judge_node (analysis), 1);

  for (guint i = 0; i < result->labels->len; i++)
    g_array_index (result->labels, gint, i) = -1;
  if (target == NULL || target->from != nn_analysis_input_node (analysis))
    g_clear_pointer (&result->sample_loss, nn_tensor_unref);
}

static void
fill_labels (NnNodeValuesResult *result, NnPart part, const NnDataset *dataset)
{
  const NnDataInfo *info = nn_dataset_info (dataset);
  guint field = 0;

  while (field < info->n_fields && info->fields[field].kind != NN_FIELD_LABEL)
    field++;
  result->labels = g_array_new (FALSE, FALSE, sizeof (gint));
  for (guint i = 0; i < result->samples->len; i++)
    {
      const gint label = field < info->n_fields ? (gint)nn_dataset_label (
                             dataset, part, field, g_array_index (result->samples, guint32, i))
                                                : -1;

      g_array_append_val (result->labels, label);
    }
}

static NnProbeResult *
compute (NnProbe *base, NnTrainer *trainer, GError **error)
{
  Probe *probe = (Probe *)base;
  NnNodeValuesResult *result = g_new0 (NnNodeValuesResult, 1);
  const gboolean given = probe->public.pick == NN_PICK_GIVEN;
  g_autofree const float **feed = given ? make_feed (&probe->public, trainer, error) : NULL;

  result->mean_loss = NAN;
  if ((given && feed == NULL) || !pick (probe, trainer, result, error))
    {
      result_free (&result->base);
      return NULL;
    }
  choose_nodes (result, &probe->public, trainer);
  fill_values (result, probe->public.part, feed, trainer);
  fill_labels (result, probe->public.part, nn_trainer_dataset (trainer));
  if (given)
    forget_truth (result, nn_trainer_analysis (trainer));
  return &result->base;
}

const NnProbeType nn_node_values_probe_type = {
  .name = "node-values",
  .compute = compute,
  .free_probe = probe_free,
  .free_result = result_free,
  .result_size = sizeof (NnNodeValuesResult),
};

NnProbe *
nn_node_values_probe_new (guint id, NnPart part, NnPick pick_by, const guint32 *samples, guint n,
                          guint64 seed, const guint *nodes, guint n_nodes)
{
  Probe *probe = g_new0 (Probe, 1);
  NnNodeValuesProbe *public = &probe->public;

  g_atomic_ref_count_init (&public->base.refs);
  public->base.type = &nn_node_values_probe_type;
  public->base.id = id;
  public->part = part;
  public->pick = pick_by;
  public->samples = g_array_new (FALSE, FALSE, sizeof (guint32));
  if (pick_by == NN_PICK_LISTED)
    g_array_append_vals (public->samples, samples, n);
  public->n = n;
  public->seed = seed;
  public->nodes = g_array_new (FALSE, FALSE, sizeof (guint));
  if (n_nodes > 0)
    g_array_append_vals (public->nodes, nodes, n_nodes);
  return &public->base;
}

NnProbe *
nn_node_values_probe_new_given (guint id, const float *values, gsize n, NnPart part, guint32 sample,
                                const guint *nodes, guint n_nodes)
{
  NnProbe *probe =
      nn_node_values_probe_new (id, part, NN_PICK_LISTED, &sample, 1, 0, nodes, n_nodes);
  NnNodeValuesProbe *public = (NnNodeValuesProbe *)probe;

  public->pick = NN_PICK_GIVEN;
  public->given = g_memdup2 (values, n * sizeof (float));
  public->n_given = n;
  return probe;
}

const NnNodeValues *
nn_node_values_result_find (const NnNodeValuesResult *result, guint node)
{
  for (guint i = 0; result->nodes != NULL && i < result->nodes->len; i++)
    {
      const NnNodeValues *values = g_ptr_array_index (result->nodes, i);

      if (values->node == node)
        return values;
    }
  return NULL;
}
