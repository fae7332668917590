/* nn-design-settings.c: what a design says about its data and about training. */
#include "diabolo-config.h"

#include <glib/gi18n-lib.h>

#include "model/nn-design.h"

static const NnParamSpec training_specs[] = {
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
  { NULL },
};

static const NnParamSpec data_specs[] = {
  {
      .name = "name",
      .title = N_ ("Data set"),
      .tip = N_ ("The name of an installed or generated data set, or a path."),
      .type = NN_PARAM_STRING,
      .flags = NN_PARAM_STRUCTURAL,
      .def_text = "digits",
  },
  {
      .name = "limit",
      .title = N_ ("Limit"),
      .tip = N_ ("Trains on the first so many samples only; off uses all of them."),
      .type = NN_PARAM_INT,
      .flags = NN_PARAM_LOG | NN_PARAM_OFF_AT_ZERO,
      .def = 0,
      .min = 0,
      .max = 1e9,
      .soft_min = 100,
      .soft_max = 60000,
  },
  {
      .name = "seed",
      .title = N_ ("Seed"),
      .tip = N_ ("Starts the random numbers of a generated data set; files do not depend on it."),
      .type = NN_PARAM_INT,
      .flags = NN_PARAM_ADVANCED,
      .def = 0,
      .min = 0,
      .max = G_MAXUINT32,
  },
  { NULL },
};

const NnParamSpec *
nn_training_specs (void)
{
  return training_specs;
}

const NnParamSpec *
nn_data_specs (void)
{
  return data_specs;
}
