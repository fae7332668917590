/* nn-trainer-private.h: what the files of the trainer share. */
#pragma once

#include "train/nn-trainer.h"

G_BEGIN_DECLS

/* With NN_PLAN_LOOK, made when first asked for. (transfer none) */
NnPlan *nn_trainer_look_plan (NnTrainer *trainer);

G_END_DECLS
