#include "diabolo-config.h"

#include "explore/nn-maximise-probe.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "base/nn-error.h"
#include "layers/nn-layer.h"

/* One answer climbs for no longer: commands wait. */
#define PIECE_TIME (6 * G_USEC_PER_SEC / 1000)
#define LEAK 0.01f
#define USUAL_SAMPLES 256 /* of the training part: what is usual in the data */

/* What has been reached. Handed on from probe to probe, used by the worker alone. */
typedef struct
{
  gatomicrefcount refs;
  NnMaximise *maximise; /* NULL: not begun */
  guint node, n_layer;
  GArray *units; /* guint32 */
  guint64 seed;
  guint64 step, line; /* the trainer's, when it was last gone on with */
  float *dx;          /* (n, S) */
} Climb;

typedef struct
{
  NnProbe base;
  NnMaximiseQuestion question; /* units: owned */
  Climb *climb;
} Probe;

/* Where it happens in the program as it is now. */
typedef struct
{
  guint value, input;       /* climbed; program input */
  const NnShape *to, *from; /* their shapes */
  NnActivation activation;  /* LINEAR: none in between */
} Places;

/* ---- lifetime ---- */

static void
climb_clear (Climb *climb)
{
  g_clear_pointer (&climb->maximise, nn_maximise_free);
  g_clear_pointer (&climb->units, g_array_unref);
  g_clear_pointer (&climb->dx, g_free);
}

static void
climb_unref (Climb *climb)
{
  if (!g_atomic_ref_count_dec (&climb->refs))
    return;
  climb_clear (climb);
  g_free (climb);
}

static void
probe_free (NnProbe *base)
{
  Probe *probe = (Probe *)base;

  climb_unref (probe->climb);
  g_free ((gpointer)probe->question.units);
  g_free (probe);
}

static void
result_free (NnProbeResult *base)
{
  NnMaximiseResult *result = (NnMaximiseResult *)base;

  g_free (result->units);
  g_clear_pointer (&result->pictures, nn_tensor_unref);
  g_free (result->activation);
  g_free (result->flat);
  g_free (result->course);
  g_free (result);
}

/* ---- what there is ---- */

static gboolean
find_input (NnAnalysis *analysis, Places *places, GError **error)
{
  NnProgram *program = nn_analysis_program (analysis);
  const guint node = nn_analysis_input_node (analysis);
  const gint value = node != 0 ? nn_analysis_value (analysis, node, 0) : -1;

  for (places->input = 0; places->input < program->inputs->len; places->input++)
    if ((gint)nn_program_input (program, places->input)->value == value)
      {
        places->from = &nn_program_value (program, value)->shape;
        return TRUE;
      }
  g_set_error (error, NN_ERROR, NN_ERROR_SHAPE, _ ("The network has no input to climb on."));
  return FALSE;
}

static gboolean
find_places (NnAnalysis *analysis, guint node_id, Places *places, GError **error)
{
  NnProgram *program = nn_analysis_program (analysis);
  const NnNode *node = nn_design_node (nn_analysis_design (analysis), node_id);
  const gint value = node != NULL && nn_layer_n_outputs (node->type) > 0
                         ? nn_analysis_value (analysis, node_id, 0)
                         : -1;

  if (value < 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_RANGE, _ ("This layer has no units to excite."));
      return FALSE;
    }
  places->value = (guint)value;
  places->activation = NN_ACTIVATION_LINEAR;
  const gint producer = nn_program_value (program, value)->producer;
  const NnOp *op = producer >= 0 ? nn_program_op (program, producer) : NULL;
  if (op != NULL && op->type == &nn_op_activation)
    {
      places->activation = ((const NnActivationAttrs *)op->attrs)->function;
      places->value = op->in[0];
    }
  places->to = &nn_program_value (program, places->value)->shape;
  return find_input (analysis, places, error);
}

/* What the input usually looks like. (transfer full) */
static NnMaximiseSpace *
make_space (NnTrainer *trainer, const Places *places)
{
  NnDataset *dataset = nn_trainer_dataset (trainer);
  NnProgram *program = nn_analysis_program (nn_trainer_analysis (trainer));
  const gsize n_part = nn_dataset_n_samples (dataset, NN_PART_TRAIN);
  const gsize n = MIN (n_part, USUAL_SAMPLES), size = (gsize)nn_shape_size (places->from);
  g_autofree guint32 *index = g_new (guint32, n);
  g_autofree float *samples = g_new (float, n *size);
  guint field;

  g_assert (nn_data_info_field (nn_dataset_info (dataset),
                                nn_program_input (program, places->input)->field, &field)
            != NULL);
  for (gsize i = 0; i < n; i++)
    index[i] = (guint32)(n_part * i / n);
  nn_dataset_read (dataset, NN_PART_TRAIN, field, index, n, nn_kernels_best (), samples);
  return nn_maximise_space_new (places->from, samples, n);
}

/* ---- beginning ---- */

/* (element-type guint32): those of the question that the layer has. (transfer full) */
static GArray *
units_there (const NnMaximiseQuestion *question, guint n_layer)
{
  GArray *units = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint i = 0; i < question->n_units; i++)
    if (question->units[i] < n_layer)
      g_array_append_val (units, question->units[i]);
  return units;
}

static gboolean
is_same (const Climb *climb, const NnMaximiseQuestion *question, const Places *places,
         const GArray *units, guint n_layer)
{
  return climb->maximise != NULL && climb->node == question->node && climb->seed == question->seed
         && climb->n_layer == n_layer && climb->units->len == units->len
         && memcmp (climb->units->data, units->data, units->len * sizeof (guint32)) == 0
         && nn_shape_equal (&nn_maximise_space (climb->maximise)->shape, places->from);
}

static void
begin (Climb *climb, const NnMaximiseQuestion *question, const Places *places, GArray *units,
       guint n_layer, NnTrainer *trainer)
{
  climb_clear (climb);
  climb->node = question->node;
  climb->n_layer = n_layer;
  climb->units = g_array_ref (units);
  climb->seed = question->seed;
  climb->maximise =
      nn_maximise_new (make_space (trainer, places), (const guint32 *)(gpointer)units->data,
                       units->len, question->seed);
  climb->dx = g_new (float, units->len *(gsize)nn_shape_size (places->from));
}

/* FALSE with error where there is nothing to climb. */
static gboolean
prepare (Probe *probe, NnTrainer *trainer, Places *places, GError **error)
{
  const NnMaximiseQuestion *question = &probe->question;
  guint n_layer;

  if (!find_places (nn_trainer_analysis (trainer), question->node, places, error))
    return FALSE;
  n_layer = places->to->rank > 0 ? (guint)places->to->dim[places->to->rank - 1] : 1;
  g_autoptr (GArray) units = units_there (question, n_layer);
  if (units->len == 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_RANGE,
                   g_dngettext (GETTEXT_PACKAGE, "This layer has %u unit, and none of that number.",
                                "This layer has %u units, and none of those numbers.", n_layer),
                   n_layer);
      return FALSE;
    }
  /* Pictures of other weights do not lead to these; but those that pause wait. */
  const gboolean jumped = probe->climb->line != nn_trainer_line (trainer) && !question->paused;
  if (jumped || !is_same (probe->climb, question, places, units, n_layer))
    begin (probe->climb, question, places, units, n_layer, trainer);
  return TRUE;
}

/* ---- climbing ---- */

typedef struct
{
  const Climb *climb;
  gsize size; /* of the value */
  float *activation;
} Measure;

/* A single value is its own activation. A map's is the mean of what is positive in it: a filter
 * that looks for an edge would cancel out with itself, and with what it does not look for. A little
 * of what is negative leads to where it can answer at all. */
static void
measure_sample (guint sample, const float *y, float *dy, gpointer data)
{
  Measure *measure = data;
  const gsize n_layer = measure->climb->n_layer, positions = measure->size / n_layer;
  const gsize unit = g_array_index (measure->climb->units, guint32, sample);
  double sum = 0;

  memset (dy, 0, measure->size * sizeof *dy);
  for (gsize at = unit; at < measure->size; at += n_layer)
    {
      const gboolean counts = positions == 1 || y[at] > 0;

      sum += counts || isnan (y[at]) ? y[at] : 0;
      dy[at] = (counts ? 1 : LEAK) / (float)positions;
    }
  measure->activation[sample] = (float)(sum / (double)positions);
}

static gboolean
measure (const Climb *climb, const Places *places, guint32 sample, const float *look,
         NnTrainer *trainer, float *activation, GError **error)
{
  NnProgram *program = nn_analysis_program (nn_trainer_analysis (trainer));
  const gsize n_test = nn_dataset_n_samples (nn_trainer_dataset (trainer), NN_PART_TEST);
  const NnPart part = n_test > 0 ? NN_PART_TEST : NN_PART_TRAIN;
  const guint n = climb->units->len;
  Measure data = { climb, (gsize)nn_shape_size (places->to), activation };
  g_autofree const float **feed = g_new0 (const float *, program->inputs->len);
  g_autofree guint32 *index = g_new (guint32, n);

  feed[places->input] = look;
  for (guint i = 0; i < n; i++)
    index[i] = n_test > 0 ? MIN (sample, (guint32)n_test - 1) : 0;
  if (!nn_trainer_pull_back (trainer, part, index, n, feed, places->value, measure_sample, &data,
                             places->input, climb->dx))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
                   _ ("Nothing in the input can excite this layer: no way leads from the one to "
                      "the other."));
      return FALSE;
    }
  if (nn_kernels_best ()->all_finite (activation, n)
      && nn_kernels_best ()->all_finite (climb->dx, n * (gsize)nn_shape_size (places->from)))
    return TRUE;
  g_set_error (error, NN_ERROR, NN_ERROR_NUMERIC,
               _ ("What this layer answers is no longer a number. Reset the weights, and try a "
                  "smaller learning rate."));
  return FALSE;
}

static gboolean
climb_once (Probe *probe, const Places *places, NnTrainer *trainer, gboolean counts, GError **error)
{
  Climb *climb = probe->climb;
  const NnMaximiseSettings *settings = &probe->question.settings;
  const float *look = nn_maximise_look (climb->maximise, settings);
  g_autofree float *activation = g_new (float, climb->units->len);

  if (!measure (climb, places, probe->question.sample, look, trainer, activation, error))
    {
      climb_clear (climb); /* what is not a number stays so */
      return FALSE;
    }
  nn_maximise_step (climb->maximise, settings, activation, climb->dx, counts);
  return TRUE;
}

static gboolean
go_on (Probe *probe, const Places *places, NnTrainer *trainer, GError **error)
{
  const gint64 end = g_get_monotonic_time () + PIECE_TIME;
  Climb *climb = probe->climb;
  const gboolean changed = climb->step != nn_trainer_steps (trainer);

  climb->step = nn_trainer_steps (trainer);
  if (probe->question.paused)
    return TRUE;
  climb->line = nn_trainer_line (trainer);
  if (nn_maximise_n_steps (climb->maximise) >= probe->question.n_steps)
    return !changed || climb_once (probe, places, trainer, FALSE, error);
  do
    if (!climb_once (probe, places, trainer, TRUE, error))
      return FALSE;
  while (nn_maximise_n_steps (climb->maximise) < probe->question.n_steps
         && g_get_monotonic_time () < end);
  return TRUE;
}

/* ---- the answer ---- */

static void
fill_result (NnMaximiseResult *result, const Climb *climb, const Places *places)
{
  const NnMaximiseSpace *space = nn_maximise_space (climb->maximise);
  const gsize channels = space->shape.rank > 0 ? (gsize)space->shape.dim[space->shape.rank - 1] : 1;
  const float *activation = nn_maximise_activation (climb->maximise);
  const float *course = nn_maximise_course (climb->maximise, &result->n_points, &result->stride);
  const guint n = climb->units->len;

  result->node = climb->node;
  result->n_layer = climb->n_layer;
  result->seed = climb->seed;
  result->n = n;
  result->units = g_memdup2 (climb->units->data, n * sizeof (guint32));
  result->shape = space->shape;
  result->pictures = nn_tensor_new (&nn_shape (n, nn_shape_size (&space->shape)));
  memcpy (result->pictures->data, nn_maximise_pictures (climb->maximise),
          result->pictures->size * sizeof (float));
  result->low = space->low[0];
  result->high = space->high[0];
  for (gsize c = 1; c < channels; c++)
    {
      result->low = MIN (result->low, space->low[c]);
      result->high = MAX (result->high, space->high[c]);
    }
  result->n_steps = nn_maximise_n_steps (climb->maximise);
  result->activation = g_new (float, n);
  result->flat = g_new (gboolean, n);
  for (guint i = 0; i < n; i++)
    {
      result->activation[i] = result->n_steps > 0 ? activation[i] : NAN;
      result->flat[i] = nn_maximise_is_flat (climb->maximise, i);
    }
  result->course = g_memdup2 (course, (gsize)result->n_points * n * sizeof *course);
  result->before = places->activation;
}

static NnProbeResult *
compute (NnProbe *base, NnTrainer *trainer, GError **error)
{
  Probe *probe = (Probe *)base;
  NnMaximiseResult *result;
  Places places;

  if (!prepare (probe, trainer, &places, error) || !go_on (probe, &places, trainer, error))
    return NULL;
  result = g_new0 (NnMaximiseResult, 1);
  fill_result (result, probe->climb, &places);
  result->base.unfinished = !probe->question.paused && result->n_steps < probe->question.n_steps;
  return &result->base;
}

const NnProbeType nn_maximise_probe_type = {
  .name = "maximise",
  .compute = compute,
  .free_probe = probe_free,
  .free_result = result_free,
  .result_size = sizeof (NnMaximiseResult),
};

NnProbe *
nn_maximise_probe_new (guint id, const NnMaximiseQuestion *question, NnProbe *before)
{
  Probe *probe = g_new0 (Probe, 1);

  g_return_val_if_fail (question->n_units >= 1 && question->n_units <= NN_MAXIMISE_MOST, NULL);
  g_atomic_ref_count_init (&probe->base.refs);
  probe->base.type = &nn_maximise_probe_type;
  probe->base.id = id;
  probe->question = *question;
  probe->question.units = g_memdup2 (question->units, question->n_units * sizeof (guint32));
  if (before != NULL)
    {
      probe->climb = ((Probe *)before)->climb;
      g_atomic_ref_count_inc (&probe->climb->refs);
    }
  else
    {
      probe->climb = g_new0 (Climb, 1);
      g_atomic_ref_count_init (&probe->climb->refs);
    }
  return &probe->base;
}
