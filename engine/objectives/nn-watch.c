#include "diabolo-config.h"

#include "objectives/nn-watch.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define LOSS "loss"

static const NnChoice *
watch_choices (void)
{
  static NnChoice choices[NN_METRICS_MAX + 2];
  static gsize made = 0;

  if (g_once_init_enter (&made))
    {
      guint n = 0;

      choices[n++] =
          (NnChoice){ LOSS, N_ ("Loss"), N_ ("The validation loss, penalties included.") };
      for (const NnMetricType *type = nn_metric_types (); type->id != NULL; type++)
        choices[n++] = (NnChoice){ type->id, type->title, type->summary };
      g_once_init_leave (&made, 1);
    }
  return choices;
}

static const NnParamSpec watch_specs[] = {
  { .name = "watch",
    .title = N_ ("Watch"),
    .tip = N_ ("What tells a better epoch from a worse one, measured over the test part (the "
               "training loss where there is none): for early stopping and the best weights."),
    .type = NN_PARAM_CHOICE,
    .def_text = LOSS,
    .list_choices = watch_choices },
  { .name = "patience",
    .title = N_ ("Patience"),
    .tip = N_ ("Early stopping: training ends after so many epochs without a better one. Off, it "
               "trains all epochs."),
    .type = NN_PARAM_INT,
    .flags = NN_PARAM_LOG | NN_PARAM_OFF_AT_ZERO,
    .def = 0,
    .min = 0,
    .max = 1000000,
    .soft_min = 1,
    .soft_max = 100 },
  { .name = "min-delta",
    .title = N_ ("Smallest difference"),
    .tip = N_ ("An epoch that is better by less than this counts as no better."),
    .type = NN_PARAM_FLOAT,
    .flags = NN_PARAM_LOG | NN_PARAM_OFF_AT_ZERO | NN_PARAM_ADVANCED,
    .def = 0,
    .min = 0,
    .max = 1e6,
    .soft_min = 1e-6,
    .soft_max = 1e-1 },
  { .name = "keep-best",
    .title = N_ ("Keep the best"),
    .tip = N_ ("When training ends, the weights become those of the best epoch."),
    .type = NN_PARAM_BOOL,
    .def = 0,
    .min = 0,
    .max = 1 },
  { NULL },
};

const NnParamSpec *
nn_watch_specs (void)
{
  return watch_specs;
}

const NnMetricType *
nn_watch_metric (const NnParams *params)
{
  const char *id = nn_params_text (params, "watch");
  const NnMetricType *type = nn_metric_types ();

  while (type->id != NULL && strcmp (type->id, id) != 0)
    type++;
  return type->id != NULL ? type : NULL;
}

static gboolean
is_better (const NnParams *params, double value, double best)
{
  const NnMetricType *metric = nn_watch_metric (params);
  const gboolean less = metric == NULL || metric->less_is_better;
  const double gain = less ? best - value : value - best;

  if (isnan (value))
    return FALSE;
  return isnan (best) || gain > nn_params_float (params, "min-delta");
}

gboolean
nn_watch_note (const NnParams *params, guint epoch, double value, NnWatchState *state)
{
  if (epoch <= state->epochs)
    return FALSE;
  state->epochs = epoch;
  if (!is_better (params, value, state->best))
    {
      state->wait++;
      return FALSE;
    }
  state->best = value;
  state->epoch = epoch;
  state->wait = 0;
  return TRUE;
}

gboolean
nn_watch_is_over (const NnParams *params, const NnWatchState *state)
{
  const gint64 patience = nn_params_int (params, "patience");

  return patience > 0 && state->wait >= patience;
}
