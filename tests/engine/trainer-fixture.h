/* trainer-fixture.h: a trainer on 500 samples, for the tests of what it does step by step. */
#pragma once

#include "train/nn-trainer.h"

#include "nn-test-data.h"

typedef struct
{
  NnDataset *dataset;
  NnPool *pool;
  NnTrainer *trainer;
} Rig;

static G_GNUC_UNUSED NnAnalysis *
analyse (NnDesign *design, NnDataset *dataset)
{
  NnAnalysis *analysis = nn_analysis_new (design, nn_dataset_info (dataset), 0);
  g_assert_true (nn_analysis_can_train (analysis));
  return analysis;
}

/* design (transfer full) */
static Rig
rig_new (NnDesign *design, guint n_threads, NnCheckpoint *checkpoint)
{
  g_autoptr (GError) error = NULL;
  Rig rig = { .dataset = nn_test_dataset (500), .pool = nn_pool_new (n_threads) };
  g_autoptr (NnAnalysis) analysis = analyse (design, rig.dataset);
  nn_design_unref (design);
  rig.trainer = nn_trainer_new (analysis, rig.dataset, checkpoint, rig.pool, &error);
  g_assert_no_error (error);
  return rig;
}

static void
rig_clear (Rig *rig)
{
  nn_trainer_free (rig->trainer);
  nn_pool_free (rig->pool);
  nn_dataset_unref (rig->dataset);
}
