/* nn-design-settings.c: what a design says about training. */
#include "diabolo-config.h"

#include <glib/gi18n-lib.h>

#include "model/nn-design.h"
#include "objectives/nn-watch.h"
#include "optimizers/nn-schedule.h"

static const NnChoice feature_caches[] = {
  { "auto", N_ ("Where it pays"),
    N_ ("What frozen layers give for a sample is worked out once and kept, as far as it fits into "
        "memory.") },
  { "off", N_ ("Off"), N_ ("Frozen layers work it out anew every time.") },
  { NULL },
};

static const NnParamSpec run_specs[] = {
  {
      .name = "epochs",
      .title = N_ ("Epochs"),
      .tip = N_ ("How many times training goes through all training samples."),
      .type = NN_PARAM_INT,
      .def = 50,
      .min = 1,
      .max = 1000000,
      .soft_min = 1,
      .soft_max = 200,
  },
  {
      .name = "batch-size",
      .title = N_ ("Batch size"),
      .tip = N_ ("Samples whose mean error decides one step of the weights."),
      .type = NN_PARAM_INT,
      .flags = NN_PARAM_LOG,
      .def = 128,
      .min = 1,
      .max = 65536,
      .soft_min = 8,
      .soft_max = 1024,
  },
  {
      .name = "seed",
      .title = N_ ("Seed"),
      .tip = N_ ("Starts the random numbers: the same seed gives the same run, to the last bit."),
      .type = NN_PARAM_INT,
      .def = 0,
      .min = 0,
      .max = G_MAXUINT32,
  },
  {
      .name = "shuffle",
      .title = N_ ("Shuffle"),
      .tip = N_ ("Puts the training samples in a new order before every epoch."),
      .type = NN_PARAM_BOOL,
      .def = TRUE,
      .min = 0,
      .max = 1,
  },
  {
      .name = "cache-features",
      .title = N_ ("Cache features"),
      .tip = N_ ("Whether what frozen layers give is kept from epoch to epoch. The result is the "
                 "same to the last bit."),
      .type = NN_PARAM_CHOICE,
      .flags = NN_PARAM_ADVANCED | NN_PARAM_SPARSE,
      .choices = feature_caches,
      .def_text = "auto",
  },
  { NULL },
};

static const NnParamSpec clip_specs[] = {
  {
      .name = "clip-norm",
      .title = N_ ("Clip norm"),
      .tip = N_ ("Shortens the gradient of all weights together to this length where it is longer: "
                 "no single batch can throw the weights far."),
      .type = NN_PARAM_FLOAT,
      .flags = NN_PARAM_LOG | NN_PARAM_OFF_AT_ZERO | NN_PARAM_ADVANCED,
      .def = 0,
      .min = 0,
      .max = 1e9,
      .soft_min = 1e-3,
      .soft_max = 100,
  },
  {
      .name = "clip-value",
      .title = N_ ("Clip values"),
      .tip = N_ ("Cuts every value of the gradient off at plus and minus this."),
      .type = NN_PARAM_FLOAT,
      .flags = NN_PARAM_LOG | NN_PARAM_OFF_AT_ZERO | NN_PARAM_ADVANCED,
      .def = 0,
      .min = 0,
      .max = 1e9,
      .soft_min = 1e-4,
      .soft_max = 10,
  },
  { NULL },
};

const NnParamSpec *
nn_step_specs (void)
{
  static const NnParamSpec *specs = NULL;

  if (g_once_init_enter (&specs))
    {
      const NnParamSpec *const tables[] = { nn_schedule_specs (), clip_specs };

      g_once_init_leave (&specs, nn_param_specs_join (tables, G_N_ELEMENTS (tables)));
    }
  return specs;
}

const NnParamSpec *
nn_run_specs (void)
{
  return run_specs;
}

const NnParamSpec *
nn_training_specs (void)
{
  static const NnParamSpec *specs = NULL;

  if (g_once_init_enter (&specs))
    {
      const NnParamSpec *const tables[] = { run_specs, nn_watch_specs (), nn_step_specs () };

      g_once_init_leave (&specs, nn_param_specs_join (tables, G_N_ELEMENTS (tables)));
    }
  return specs;
}
