#include "diabolo-config.h"

#include "optimizers/nn-schedule.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

typedef struct
{
  const char *id, *title, *summary;
  const NnParamSpec *params; /* shown only where the schedule is chosen; or NULL */
  /* step: since the warm-up ended. NULL: 1 */
  double (*factor) (const NnParams *params, guint64 step, const NnScheduleTime *time,
                    const NnScheduleState *state);
  /* NULL, or what the state becomes after an epoch's loss. */
  void (*note_loss) (const NnParams *params, double loss, double rate, NnScheduleState *state);
} ScheduleType;

#define EPOCHS(id, label, text, value, least)                                                      \
  .name = id, .title = label, .tip = text, .type = NN_PARAM_INT, .def = value, .min = least,       \
  .max = 1000000, .soft_min = least, .soft_max = 100

#define SHARE(id, label, text, value)                                                              \
  .name = id, .title = label, .tip = text, .type = NN_PARAM_FLOAT, .def = value, .min = 0,         \
  .max = 1, .soft_min = 0, .soft_max = 1

/* ---- step: factor ^ floor (t / length) ---- */

static const NnParamSpec step_params[] = {
  { EPOCHS ("step-epochs", N_ ("Epochs a step"),
            N_ ("The learning rate falls each time so many epochs have gone by."), 10, 1),
    .shown_if = "schedule=step" },
  { SHARE ("step-factor", N_ ("Factor"), N_ ("What the learning rate is multiplied by each time."),
           0.5),
    .shown_if = "schedule=step" },
  { NULL },
};

static double
step_factor (const NnParams *params, guint64 step, const NnScheduleTime *time,
             const NnScheduleState *state)
{
  const guint64 length = (guint64)nn_params_int (params, "step-epochs") * time->n_batches;
  const guint64 n_falls = step / length;

  return pow (nn_params_float (params, "step-factor"), (double)n_falls);
}

/* ---- exponential, as Keras' ExponentialDecay: factor ^ (t / length) ---- */

static const NnParamSpec exponential_params[] = {
  { EPOCHS ("exponential-epochs", N_ ("Epochs to the factor"),
            N_ ("After so many epochs the learning rate has fallen by the factor below, bit by bit "
                "at every batch."),
            10, 1),
    .shown_if = "schedule=exponential" },
  { SHARE ("exponential-factor", N_ ("Factor"),
           N_ ("What the learning rate has been multiplied by after that time."), 0.5),
    .shown_if = "schedule=exponential" },
  { NULL },
};

static double
exponential_factor (const NnParams *params, guint64 step, const NnScheduleTime *time,
                    const NnScheduleState *state)
{
  const double length = (double)nn_params_int (params, "exponential-epochs") * time->n_batches;

  return pow (nn_params_float (params, "exponential-factor"), (double)step / length);
}

/* ---- cosine: I. Loshchilov, F. Hutter, "SGDR: stochastic gradient descent with warm restarts",
 * 2017, without restarts, as Keras' CosineDecay:
 * floor + (1 - floor) (1 + cos (pi min (t / length, 1))) / 2 ---- */

static const NnParamSpec cosine_params[] = {
  { .name = "cosine-epochs",
    .title = N_ ("Epochs to fall"),
    .tip = N_ ("How long the learning rate falls; 0 takes all epochs of the run."),
    .type = NN_PARAM_INT,
    .flags = NN_PARAM_LOG | NN_PARAM_OFF_AT_ZERO,
    .def = 0,
    .min = 0,
    .max = 1000000,
    .soft_min = 1,
    .soft_max = 200,
    .shown_if = "schedule=cosine" },
  { SHARE ("cosine-floor", N_ ("Share at the end"),
           N_ ("Share of the learning rate that is left at the end and stays."), 0),
    .shown_if = "schedule=cosine" },
  { NULL },
};

static guint64
warm_up_steps (const NnParams *params, guint n_batches)
{
  const guint64 length = (guint64)nn_params_int (params, "warm-up");
  const gboolean in_epochs = strcmp (nn_params_text (params, "warm-up-unit"), "epochs") == 0;

  return in_epochs ? length * n_batches : length;
}

static double
cosine_factor (const NnParams *params, guint64 step, const NnScheduleTime *time,
               const NnScheduleState *state)
{
  const double floor_share = nn_params_float (params, "cosine-floor");
  const double epochs = (double)nn_params_int (params, "cosine-epochs");
  const double warm_up = (double)warm_up_steps (params, time->n_batches);
  const double length =
      epochs > 0 ? epochs * time->n_batches : (double)time->n_epochs * time->n_batches - warm_up;
  const double done = MIN ((double)step / MAX (length, 1), 1);

  return floor_share + (1 - floor_share) * (1 + cos (G_PI * done)) / 2;
}

/* ---- plateau, as Keras' ReduceLROnPlateau ---- */

static const NnParamSpec plateau_params[] = {
  { EPOCHS ("plateau-patience", N_ ("Patience"),
            N_ ("The learning rate falls when the validation loss has not fallen for so many "
                "epochs (the training loss where nothing is held back for validation)."),
            10, 1),
    .shown_if = "schedule=plateau" },
  { SHARE ("plateau-factor", N_ ("Factor"),
           N_ ("What the learning rate is multiplied by each time."), 0.1),
    .shown_if = "schedule=plateau" },
  { .name = "plateau-difference",
    .title = N_ ("Smallest difference"),
    .tip = N_ ("A loss that is lower by less than this counts as not lower."),
    .type = NN_PARAM_FLOAT,
    .flags = NN_PARAM_LOG | NN_PARAM_OFF_AT_ZERO | NN_PARAM_ADVANCED,
    .def = 1e-4,
    .min = 0,
    .max = 1e6,
    .soft_min = 1e-6,
    .soft_max = 1e-1,
    .shown_if = "schedule=plateau" },
  { EPOCHS ("plateau-cooldown", N_ ("Rest"),
            N_ ("Epochs after a fall in which the loss is not held against it."), 0, 0),
    .flags = NN_PARAM_ADVANCED, .shown_if = "schedule=plateau" },
  { .name = "plateau-floor",
    .title = N_ ("Smallest rate"),
    .tip = N_ ("The learning rate does not fall below this."),
    .type = NN_PARAM_FLOAT,
    .flags = NN_PARAM_LOG | NN_PARAM_OFF_AT_ZERO | NN_PARAM_ADVANCED,
    .def = 0,
    .min = 0,
    .max = 100,
    .soft_min = 1e-7,
    .soft_max = 1e-1,
    .shown_if = "schedule=plateau" },
  { NULL },
};

static double
plateau_factor (const NnParams *params, guint64 step, const NnScheduleTime *time,
                const NnScheduleState *state)
{
  return state->factor;
}

static void
plateau_note_loss (const NnParams *params, double loss, double rate, NnScheduleState *state)
{
  const double least = nn_params_float (params, "plateau-floor") / rate;

  if (state->cooldown > 0)
    {
      state->cooldown--;
      state->wait = 0;
    }
  if (loss < state->best - nn_params_float (params, "plateau-difference"))
    {
      state->best = loss;
      state->wait = 0;
      return;
    }
  if (state->cooldown > 0)
    return;
  state->wait++;
  if ((gint64)state->wait < nn_params_int (params, "plateau-patience") || state->factor <= least)
    return;
  state->factor = MAX (state->factor * nn_params_float (params, "plateau-factor"), least);
  state->cooldown = (guint)nn_params_int (params, "plateau-cooldown");
  state->wait = 0;
}

/* ---- all of them ---- */

static const ScheduleType types[] = {
  { "constant", N_ ("Constant"), N_ ("The learning rate stays as it is set."), NULL, NULL, NULL },
  { "step", N_ ("Step"), N_ ("Falls by a factor each time some epochs have gone by."), step_params,
    step_factor, NULL },
  { "exponential", N_ ("Exponential"), N_ ("Falls a little at every batch, always by one share."),
    exponential_params, exponential_factor, NULL },
  { "cosine", N_ ("Cosine"), N_ ("Falls slowly, then fast, then slowly, to the end of the run."),
    cosine_params, cosine_factor, NULL },
  { "plateau", N_ ("On a plateau"), N_ ("Falls when the validation loss has stopped falling."),
    plateau_params, plateau_factor, plateau_note_loss },
};

static const NnChoice *
schedule_choices (void)
{
  static NnChoice choices[G_N_ELEMENTS (types) + 1];
  static gsize made = 0;

  if (g_once_init_enter (&made))
    {
      for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
        choices[i] = (NnChoice){ types[i].id, types[i].title, types[i].summary };
      g_once_init_leave (&made, 1);
    }
  return choices;
}

static const NnChoice unit_choices[] = {
  { "epochs", N_ ("Epochs") },
  { "batches", N_ ("Batches") },
  { NULL },
};

static const NnParamSpec choice_spec = {
  .name = "schedule",
  .title = N_ ("Schedule"),
  .tip = N_ ("How the learning rate changes in the course of training: large steps first, small "
             "ones to settle."),
  .type = NN_PARAM_CHOICE,
  .def_text = "constant",
  .list_choices = schedule_choices,
};

static const NnParamSpec warm_up_specs[] = {
  { .name = "warm-up",
    .title = N_ ("Warm-up"),
    .tip = N_ ("The learning rate rises from near 0 in so many epochs or batches before the "
               "schedule begins."),
    .type = NN_PARAM_INT,
    .flags = NN_PARAM_LOG | NN_PARAM_OFF_AT_ZERO | NN_PARAM_ADVANCED,
    .def = 0,
    .min = 0,
    .max = 1000000,
    .soft_min = 1,
    .soft_max = 1000 },
  { .name = "warm-up-unit",
    .title = N_ ("Warm-up in"),
    .tip = N_ ("What the warm-up is counted in."),
    .type = NN_PARAM_CHOICE,
    .flags = NN_PARAM_ADVANCED,
    .def_text = "epochs",
    .choices = unit_choices },
};

const NnParamSpec *
nn_schedule_specs (void)
{
  static const NnParamSpec *specs = NULL;

  if (g_once_init_enter (&specs))
    {
      GArray *all = g_array_new (TRUE, TRUE, sizeof (NnParamSpec));

      g_array_append_val (all, choice_spec);
      for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
        for (const NnParamSpec *spec = types[i].params; spec != NULL && spec->name != NULL; spec++)
          g_array_append_vals (all, spec, 1);
      g_array_append_vals (all, warm_up_specs, G_N_ELEMENTS (warm_up_specs));
      g_once_init_leave (&specs, (const NnParamSpec *)(gpointer)g_array_free (all, FALSE));
    }
  return specs;
}

static const ScheduleType *
type_of (const NnParams *params)
{
  return &types[nn_params_choice (params, "schedule")];
}

/* In the warm-up (t + 1) / length: Keras' linear warm-up from 1 / length, so that no step is
 * wasted on a rate of 0. */
double
nn_schedule_factor (const NnParams *params, const NnScheduleTime *time,
                    const NnScheduleState *state)
{
  const ScheduleType *type = type_of (params);
  const guint64 warm_up = warm_up_steps (params, time->n_batches);

  if (time->step < warm_up)
    return (double)(time->step + 1) / (double)warm_up;
  return type->factor != NULL ? type->factor (params, time->step - warm_up, time, state) : 1;
}

gboolean
nn_schedule_watches_loss (const NnParams *params)
{
  return type_of (params)->note_loss != NULL;
}

void
nn_schedule_note_loss (const NnParams *params, guint epoch, double loss, double rate,
                       NnScheduleState *state)
{
  const ScheduleType *type = type_of (params);

  if (type->note_loss == NULL || epoch <= state->epochs)
    return;
  type->note_loss (params, loss, rate, state);
  state->epochs = epoch;
}
