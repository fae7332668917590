/* nn-lesson-quantities.c: what the conditions of a lesson can ask about. */
#include "diabolo-config.h"

#include "lesson/nn-lesson-condition.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "layers/nn-layer.h"

/* ---- the run that trains ---- */

static guint
n_runs (const NnLessonFacts *facts)
{
  guint n = facts->runs != NULL ? nn_run_history_n_runs (facts->runs) : 0;
  return n - MIN (n, facts->n_earlier_runs);
}

static const NnRow *
last_row (const NnLessonFacts *facts, NnRowKind kind)
{
  if (n_runs (facts) == 0)
    return NULL;
  guint last = nn_run_history_n_runs (facts->runs) - 1;
  gsize n;
  const NnRow *rows =
      nn_run_history_rows (facts->runs, nn_run_history_run (facts->runs, last)->id, kind, &n);
  return n > 0 ? &rows[n - 1] : NULL;
}

static double
epochs (const NnLessonFacts *facts, const char *argument)
{
  const NnRow *row = last_row (facts, NN_ROW_EPOCH);
  return row != NULL ? floor (row->epoch + 1e-6) : 0;
}

static double
new_epochs (const NnLessonFacts *facts, const char *argument)
{
  return MAX (0, epochs (facts, NULL) - facts->epochs_at_change);
}

static double
batches (const NnLessonFacts *facts, const char *argument)
{
  const NnRow *row = last_row (facts, NN_ROW_BATCH);
  return row != NULL ? (double)row->step : 0;
}

static double
loss (const NnLessonFacts *facts, const char *argument)
{
  const NnRow *row = last_row (facts, NN_ROW_EPOCH);
  return row != NULL ? row->loss : NAN;
}

static double
validation_loss (const NnLessonFacts *facts, const char *argument)
{
  const NnRow *row = last_row (facts, NN_ROW_VALIDATION);
  return row != NULL ? row->loss : NAN;
}

static double
accuracy (const NnLessonFacts *facts, const char *argument)
{
  const NnRow *row = last_row (facts, NN_ROW_VALIDATION);
  return row != NULL ? row->accuracy : NAN;
}

static double
divergence (const NnLessonFacts *facts, const char *argument)
{
  const NnRow *row = last_row (facts, NN_ROW_VALIDATION);
  return row != NULL ? row->divergence : NAN;
}

static double
runs (const NnLessonFacts *facts, const char *argument)
{
  return n_runs (facts);
}

static double
trains (const NnLessonFacts *facts, const char *argument)
{
  return facts->trains;
}

/* ---- the network ---- */

static double
has (const NnLessonFacts *facts, const char *argument)
{
  const NnDesign *design = nn_analysis_design (facts->analysis);
  guint n = 0;
  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    n += g_str_equal (nn_design_node_at (design, i)->type->id, argument);
  return n;
}

static double
code_size (const NnLessonFacts *facts, const char *argument)
{
  guint code = nn_analysis_code_node (facts->analysis);
  const NnShape *shape = code != 0 ? nn_analysis_output_shape (facts->analysis, code, 0) : NULL;
  return shape != NULL ? (double)nn_shape_size (shape) : NAN;
}

static double
weights (const NnLessonFacts *facts, const char *argument)
{
  return nn_analysis_can_train (facts->analysis)
             ? (double)nn_analysis_total_weights (facts->analysis)
             : NAN;
}

static double
frozen (const NnLessonFacts *facts, const char *argument)
{
  const NnNode *node = nn_design_node_by_name (nn_analysis_design (facts->analysis), argument);
  return node != NULL ? node->frozen : NAN;
}

static NnDesign *
toggle_frozen (NnDesign *design, guint node)
{
  return nn_design_set_frozen (design, node, !nn_design_node (design, node)->frozen);
}

static double
problems (const NnLessonFacts *facts, const char *argument)
{
  guint n = 0;
  for (guint i = 0; i < nn_analysis_n_diagnostics (facts->analysis); i++)
    n += nn_analysis_diagnostic (facts->analysis, i)->severity == NN_SEVERITY_ERROR;
  return n;
}

/* ---- the code ---- */

static double
code_mean (const NnLessonFacts *facts, const char *argument)
{
  const NnLessonCodes *codes = facts->codes;
  if (codes == NULL || codes->n == 0)
    return NAN;
  double sum = 0;
  gsize n = (gsize)codes->n * codes->n_units;
  for (gsize i = 0; i < n; i++)
    sum += codes->codes[i];
  return sum / (double)n;
}

/* Sum of the codes of each class, and how many they are. */
static guint
class_centres (const NnLessonCodes *codes, double **centres)
{
  gint n_classes = 0;
  for (guint i = 0; i < codes->n; i++)
    n_classes = MAX (n_classes, codes->labels[i] + 1);
  g_autofree guint *counts = g_new0 (guint, n_classes);
  *centres = g_new0 (double, (gsize)n_classes * codes->n_units);
  for (guint i = 0; i < codes->n; i++)
    if (codes->labels[i] >= 0)
      {
        counts[codes->labels[i]]++;
        for (guint j = 0; j < codes->n_units; j++)
          (*centres)[codes->labels[i] * codes->n_units + j] += codes->codes[i * codes->n_units + j];
      }
  for (gint c = 0; c < n_classes; c++)
    for (guint j = 0; j < codes->n_units; j++)
      (*centres)[c * codes->n_units + j] /= counts[c]; /* NaN where there is none: never nearest */
  return n_classes;
}

static guint
nearest_centre (const float *code, const double *centres, guint n_classes, guint n_units)
{
  guint best = G_MAXUINT;
  double least = INFINITY;
  for (guint c = 0; c < n_classes; c++)
    {
      double distance = 0;
      for (guint j = 0; j < n_units; j++)
        distance += (code[j] - centres[c * n_units + j]) * (code[j] - centres[c * n_units + j]);
      if (distance < least)
        {
          least = distance;
          best = c;
        }
    }
  return best;
}

/* Share of a class's codes that are nearer to the mean of their own class than to any other's. */
static double
separation (const NnLessonFacts *facts, const char *argument)
{
  const NnLessonCodes *codes = facts->codes;
  if (codes == NULL || codes->n == 0)
    return NAN;
  guint64 class = g_ascii_strtoull (argument, NULL, 10);
  g_autofree double *centres = NULL;
  guint n_classes = class_centres (codes, &centres), n = 0, own = 0;
  for (guint i = 0; i < codes->n; i++)
    if (codes->labels[i] >= 0 && (guint64)codes->labels[i] == class)
      {
        n++;
        own += nearest_centre (codes->codes + (gsize)i * codes->n_units, centres, n_classes,
                               codes->n_units)
               == class;
      }
  return n > 0 ? (double)own / n : NAN;
}

/* ---- the window ---- */

static double
shows (const NnLessonFacts *facts, const char *argument)
{
  return facts->viewers != NULL && g_strv_contains (facts->viewers, argument);
}

static double
selected (const NnLessonFacts *facts, const char *argument)
{
  const NnNode *node = nn_design_node_by_name (nn_analysis_design (facts->analysis), argument);
  for (guint i = 0; node != NULL && facts->selection != NULL && i < facts->selection->len; i++)
    if (g_array_index (facts->selection, guint, i) == node->id)
      return 1;
  return 0;
}

static double
drawn (const NnLessonFacts *facts, const char *argument)
{
  return facts->drawn;
}

/* ---- the table ---- */

#define QUANTITY(name, ...) static const NnLessonQuantity name##_quantity = { __VA_ARGS__ }

QUANTITY (epochs, "epochs", N_ ("Epochs that the last run has trained"), "epochs >= 5",
          .high = INFINITY, .by_training = TRUE, .value = epochs);
QUANTITY (new_epochs, "new-epochs",
          N_ ("Epochs since the network or its settings were last changed"), "new-epochs >= 2",
          .high = INFINITY, .by_training = TRUE, .value = new_epochs);
QUANTITY (batches, "batches", N_ ("Batches that the last run has trained"), "batches >= 100",
          .high = INFINITY, .by_training = TRUE, .value = batches);
QUANTITY (loss, "loss", N_ ("Mean training loss of the last epoch"), "loss < 0.1", .high = INFINITY,
          .by_training = TRUE, .value = loss);
QUANTITY (validation_loss, "validation-loss", N_ ("Loss over the test part after the last epoch"),
          "validation-loss < 0.1", .high = INFINITY, .by_training = TRUE, .value = validation_loss);
QUANTITY (accuracy, "accuracy", N_ ("Share of the test part that is named rightly"),
          "accuracy >= 0.95", .high = 1, .by_training = TRUE, .value = accuracy);
QUANTITY (divergence, "kl", N_ ("KL divergence over the test part, in nats"), "kl >= 3",
          .high = INFINITY, .by_training = TRUE, .value = divergence);
QUANTITY (runs, "runs", N_ ("Training runs so far"), "runs >= 2", .high = INFINITY,
          .by_reset = TRUE, .value = runs);
QUANTITY (trains, "trains", N_ ("Training goes on at this moment"), "trains", .high = 1,
          .by_training = TRUE, .value = trains);
QUANTITY (has, "has", N_ ("Layers of a type in the network"), "has dropout",
          NN_LESSON_ARGUMENT_LAYER, .high = INFINITY, .value = has);
QUANTITY (code_size, "code-size", N_ ("Values in the code"), "code-size <= 16", .low = 1,
          .high = INFINITY, .value = code_size);
QUANTITY (weights, "weights", N_ ("Weights of the network"), "weights <= 100000", .high = INFINITY,
          .value = weights);
QUANTITY (frozen, "frozen", N_ ("A node's weights stay as they are"), "frozen Code = 0",
          NN_LESSON_ARGUMENT_NODE, .high = 1, .value = frozen, .toggle = toggle_frozen);
QUANTITY (problems, "problems", N_ ("Errors that the graph has"), "problems = 0", .high = INFINITY,
          .value = problems);
QUANTITY (code_mean, "code-mean", N_ ("Mean of all values of the code over test samples"),
          "code-mean < 2", .low = -INFINITY, .high = INFINITY, .by_training = TRUE,
          .of_codes = TRUE, .value = code_mean);
QUANTITY (separation, "separation",
          N_ ("Share of a class's codes that are nearest to their own class's mean"),
          "separation 1 >= 0.8", NN_LESSON_ARGUMENT_CLASS, .high = 1, .by_training = TRUE,
          .of_codes = TRUE, .value = separation);
QUANTITY (shows, "shows", N_ ("A viewer can be seen"), "shows latent", NN_LESSON_ARGUMENT_VIEWER,
          .high = 1, .value = shows);
QUANTITY (drawn, "drawn", N_ ("Something has been drawn on the pad since the step began"), "drawn",
          .high = 1, .value = drawn);
QUANTITY (selected, "selected", N_ ("A node is selected"), "selected Code", NN_LESSON_ARGUMENT_NODE,
          .high = 1, .value = selected);

const NnLessonQuantity *const *
nn_lesson_quantities (void)
{
  static const NnLessonQuantity *const quantities[] = {
    &epochs_quantity,          &new_epochs_quantity, &batches_quantity,    &loss_quantity,
    &validation_loss_quantity, &accuracy_quantity,   &divergence_quantity, &runs_quantity,
    &trains_quantity,          &has_quantity,        &code_size_quantity,  &weights_quantity,
    &problems_quantity,        &code_mean_quantity,  &separation_quantity, &shows_quantity,
    &drawn_quantity,           &selected_quantity,   &frozen_quantity,     NULL,
  };
  return quantities;
}
