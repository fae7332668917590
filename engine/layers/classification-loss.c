/* Classification loss: compares class probabilities with the label. */
#include "diabolo-config.h"

#include "base/nn-error.h"
#include "data/nn-dataset.h"
#include "layers/nn-layer-loss.h"
#include "objectives/nn-objective.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>

static const NnChoice *
loss_choices (void)
{
  return nn_objective_choices (NN_OBJECTIVE_CLASSIFICATION);
}

static const NnChoice balances[] = {
  { "none", N_ ("All alike") },
  { "balanced", N_ ("Balanced"), N_ ("As if there were as many samples of each class.") },
  { "given", N_ ("By numbers"), N_ ("As the class weights say.") },
  { NULL },
};

static const NnChoice prior_choices[] = {
  { "training", N_ ("As in training") },
  { "equal", N_ ("Equal"), N_ ("Every class is as common as every other.") },
  { "given", N_ ("By numbers"), N_ ("As the shares say.") },
  { NULL },
};

static const NnParamSpec loss_params[] = {
  NN_PARAM_LOSS ("categorical-crossentropy", loss_choices),
  { .name = "field",
    .title = N_ ("Label field"),
    .tip = N_ ("The part of the data that holds the class, where no target is connected."),
    .type = NN_PARAM_STRING,
    .flags = NN_PARAM_STRUCTURAL | NN_PARAM_ADVANCED,
    .def_text = "label" },
  { .name = "balance",
    .title = N_ ("Classes count"),
    .tip = N_ ("What a sample of each class counts in training: where one class is rare, it can be "
               "made to count more. Validation is not changed."),
    .type = NN_PARAM_CHOICE,
    .flags = NN_PARAM_STRUCTURAL | NN_PARAM_ADVANCED,
    .def_text = "none",
    .choices = balances },
  { .name = "class-weights",
    .title = N_ ("Class weights"),
    .tip = N_ ("A number for each class, in order: “1 20”."),
    .type = NN_PARAM_STRING,
    .flags = NN_PARAM_STRUCTURAL | NN_PARAM_ADVANCED,
    .def_text = "",
    .shown_if = "balance=given" },
  { .name = "priors",
    .title = N_ ("Priors"),
    .tip = N_ ("How common the classes are where the network is used, if not as in training: "
               "metrics and Classes then see its probabilities rescaled by Bayes' rule."),
    .type = NN_PARAM_CHOICE,
    .flags = NN_PARAM_STRUCTURAL | NN_PARAM_ADVANCED,
    .def_text = "training",
    .choices = prior_choices },
  { .name = "shares",
    .title = N_ ("Shares of the classes"),
    .tip = N_ ("A number for each class, in order: “0.99 0.01”. Only their ratios count."),
    .type = NN_PARAM_STRING,
    .flags = NN_PARAM_STRUCTURAL | NN_PARAM_ADVANCED,
    .def_text = "",
    .shown_if = "priors=given" },
  { .name = "threshold",
    .title = N_ ("Threshold"),
    .tip = N_ ("Of two classes, the last counts as found from this probability on: for its "
               "precision, recall and F-beta."),
    .type = NN_PARAM_FLOAT,
    .flags = NN_PARAM_ADVANCED,
    .def = 0.5,
    .min = 0,
    .max = 1,
    .soft_min = 0,
    .soft_max = 1 },
  { .name = "beta",
    .title = N_ ("Beta"),
    .tip = N_ ("Of F-beta: how much more recall counts than precision."),
    .type = NN_PARAM_FLOAT,
    .flags = NN_PARAM_LOG | NN_PARAM_ADVANCED,
    .def = 1,
    .min = 0.01,
    .max = 100,
    .soft_min = 0.25,
    .soft_max = 4 },
  NN_PARAM_WEIGHT,
  { NULL },
};

static const NnPort loss_ports[] = {
  { "prediction", N_ ("Class probabilities") },
  { "target", N_ ("The right class; without a connection, the data's label"), TRUE },
  NN_PORT_LOSS_WEIGHT,
  { NULL },
};

/* What the target of a prediction looks like: a share for each class, or the number of one. */
static NnShape
target_shape (const NnParams *params, const NnShape *prediction)
{
  NnShape shape = *prediction;
  if (nn_loss_objective (params)->sparse && shape.rank > 1)
    shape.rank--;
  else if (nn_loss_objective (params)->sparse)
    shape = nn_shape (1);
  return shape;
}

static gboolean
check_connected (const NnParams *params, const NnInferContext *context, GError **error)
{
  const NnShape wanted = target_shape (params, &context->in[0]);
  const gint64 given = nn_shape_size (&context->in[1]);
  if (!nn_loss_objective (params)->sparse)
    return nn_loss_check_sizes (&context->in[0], &context->in[1], error);
  if (given == nn_shape_size (&wanted))
    return TRUE;
  g_set_error (
      error, NN_ERROR, NN_ERROR_SHAPE,
      _ ("the target should hold the numbers of %" PRId64 " classes, but has %" PRId64 " values"),
      nn_shape_size (&wanted), given);
  return FALSE;
}

/* ---- numbers for each class ---- */

static guint
n_classes_of (const NnShape *prediction)
{
  return prediction->rank > 0 ? (guint)prediction->dim[prediction->rank - 1] : 1;
}

/* "1 20" or "1, 20": n numbers above 0. */
static gboolean
read_numbers (const NnParams *params, const char *name, guint n, float *numbers, GError **error)
{
  const char *text = nn_params_text (params, name);
  g_auto (GStrv) words = g_strsplit_set (text, " ,;", -1);
  guint found = 0;

  for (guint i = 0; words[i] != NULL; i++)
    {
      char *end;
      const double number = g_ascii_strtod (words[i], &end);

      if (*words[i] == '\0')
        continue;
      if (*end != '\0' || !(number > 0) || number > 1e9)
        {
          g_set_error (error, NN_ERROR, NN_ERROR_RANGE,
                       _ ("“%s” in “%s” should be a number above 0"), words[i], text);
          return FALSE;
        }
      if (found < n)
        numbers[found] = (float)number;
      found++;
    }
  if (found == n)
    return TRUE;
  g_set_error (error, NN_ERROR, NN_ERROR_RANGE,
               _ ("“%s” should hold a number for each of %u classes, but holds %u"), text, n,
               found);
  return FALSE;
}

static gboolean
is (const NnParams *params, const char *name, const char *choice)
{
  return g_str_equal (nn_params_text (params, name), choice);
}

static gboolean
check_classes (const NnParams *params, guint n, GError **error)
{
  float numbers[NN_LOSS_MAX_CLASSES];

  if (is (params, "balance", "none") && is (params, "priors", "training"))
    return TRUE;
  if (n > NN_LOSS_MAX_CLASSES)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_RANGE,
                   _ ("can weigh at most %d classes one by one, but there are %u"),
                   NN_LOSS_MAX_CLASSES, n);
      return FALSE;
    }
  return (!is (params, "balance", "given")
          || read_numbers (params, "class-weights", n, numbers, error))
         && (!is (params, "priors", "given") || read_numbers (params, "shares", n, numbers, error));
}

/* Shares of n classes in training, by the first label of the data that has so many. All alike where
 * they are not counted yet. */
static void
training_shares (NnLowering *lowering, guint n, float *shares)
{
  const NnDataInfo *data = nn_lowering_data (lowering);
  const NnField *label = NULL;
  double all = 0;

  for (guint i = 0; data != NULL && label == NULL && i < data->n_fields; i++)
    if (data->fields[i].kind == NN_FIELD_LABEL && data->fields[i].n_classes == n)
      label = &data->fields[i];
  for (guint k = 0; k < n; k++)
    {
      /* A class without samples would have an endless weight. */
      shares[k] = label && label->class_counts ? (float)MAX (label->class_counts[k], 1) : 1;
      all += shares[k];
    }
  for (guint k = 0; k < n; k++)
    shares[k] /= (float)all;
}

/* Balanced weights as scikit-learn's: 1 / (n share). Ratios of priors by Bayes' rule:
 * p'(k|x) ~ p(k|x) share'(k) / share(k). */
static void
fill_classes (const NnParams *params, NnLowering *lowering, guint n, NnLossAttrs *attrs)
{
  float share[NN_LOSS_MAX_CLASSES];

  attrs->threshold = (float)nn_params_float (params, "threshold");
  attrs->beta = (float)nn_params_float (params, "beta");
  attrs->weighs_classes = !is (params, "balance", "none");
  attrs->has_priors = !is (params, "priors", "training");
  if (!attrs->weighs_classes && !attrs->has_priors)
    return;
  training_shares (lowering, n, share);
  for (guint k = 0; k < n; k++)
    {
      attrs->class_weight[k] = 1 / ((float)n * share[k]);
      attrs->prior_ratio[k] = 1;
    }
  if (is (params, "balance", "given"))
    read_numbers (params, "class-weights", n, attrs->class_weight, NULL);
  if (is (params, "priors", "given"))
    read_numbers (params, "shares", n, attrs->prior_ratio, NULL);
  for (guint k = 0; k < n; k++)
    attrs->prior_ratio[k] /= share[k];
}

static gboolean
loss_infer (const NnParams *params, const NnInferContext *context, NnShape *out, GError **error)
{
  if (!nn_loss_check_weight (params, context, error)
      || !check_classes (params, n_classes_of (&context->in[0]), error))
    return FALSE;
  if (context->in[1].rank >= 0)
    return check_connected (params, context, error);
  const char *name = nn_params_text (params, "field");
  const NnField *field = nn_data_info_field (context->data, name, NULL);
  if (!field)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_UNKNOWN,
                   _ ("compares with “%s”, which the data set %s does not have"), name,
                   context->data->title);
      return FALSE;
    }
  const NnShape wanted = target_shape (params, &context->in[0]);
  const gint64 given = nn_shape_size (&wanted);
  if (given != nn_shape_size (&field->shape))
    {
      g_set_error (
          error, NN_ERROR, NN_ERROR_SHAPE,
          nn_loss_objective (params)->sparse
              ? _ ("the target should be the number of the class, %" PRId64
                   " values, but the data has %" PRId64
                   " of them: one for each class needs the categorical loss")
              : _ ("the prediction has %" PRId64 " values, but the data has %" PRId64 " classes"),
          given, nn_shape_size (&field->shape));
      return FALSE;
    }
  return TRUE;
}

static void
loss_lower (const NnParams *params, NnLowering *lowering)
{
  guint prediction = (guint)nn_lowering_input (lowering, 0);
  gint target = nn_lowering_input (lowering, 1);
  if (target < 0)
    {
      const NnShape shape = target_shape (params, nn_lowering_shape (lowering, prediction));
      target = (gint)nn_lowering_field (lowering, nn_params_text (params, "field"), &shape);
    }
  NnLossAttrs attrs = { 0 };
  fill_classes (params, lowering, n_classes_of (nn_lowering_shape (lowering, prediction)), &attrs);
  nn_loss_lower (params, lowering, prediction, (guint)target, &attrs);
}

static const NnLayerTest loss_tests[] = {
  { "three classes", NULL, { "3", "3" } },
  { "classes at each step", "weight=2", { "2x3", "2x3" } },
  { "weighted samples", NULL, { "3", "3", "1" } },
  { "weighted classes", "balance=given class-weights=1,20,3", { "3", "3" } },
  { "weighted classes and samples", "balance=given class-weights=2,5", { "2", "2", "1" } },
  { "balanced classes, equal priors", "balance=balanced priors=equal", { "3", "3" } },
  { "given priors", "priors=given shares=0.9,0.1 threshold=0.7 beta=2", { "2", "2" } },
  { "weighted steps", NULL, { "2x3", "2x3", "2" } },
  { "numbers of classes", "loss=sparse-crossentropy", { "4", "1" } },
  { "weighted numbers at each step", "loss=sparse-crossentropy weight=2", { "3x4", "3", "3" } },
  { NULL },
};

const NnLayerType nn_layer_classification_loss = {
  .id = "classification-loss",
  .version = 1,
  .title = N_ ("Classification loss"),
  .category = NN_CATEGORY_INPUT,
  .icon = "nn-classification-loss-symbolic",
  .summary = N_ ("classes against labels"),
  .when_to_use = N_ ("At the end of a classifier, behind a softmax with one unit per class."),
  .flags = NN_LAYER_OBJECTIVE,
  .params = loss_params,
  .inputs = loss_ports,
  .infer = loss_infer,
  .lower = loss_lower,
  .describe = nn_loss_describe,
  .tests = loss_tests,
};
