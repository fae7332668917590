/* trainer-fixture.h: a trainer without a session, for tests of what it does step by step and of
 * what probes see in it. */
#pragma once

#include "train/nn-trainer.h"

#include "nn-test-data.h"

typedef struct
{
  NnDataset *dataset;
  NnPool *pool;
  NnTrainer *trainer;
} Rig;

static inline NnAnalysis *
analyse (NnDesign *design, NnDataset *dataset)
{
  NnAnalysis *analysis = nn_analysis_new (design, nn_dataset_info (dataset), 0);
  g_assert_true (nn_analysis_can_train (analysis));
  return analysis;
}

/* design, dataset: (transfer full) */
static inline Rig
rig_of (NnDesign *design, NnDataset *dataset, guint n_threads, NnCheckpoint *checkpoint)
{
  g_autoptr (GError) error = NULL;
  Rig rig = { .dataset = dataset, .pool = nn_pool_new (n_threads) };
  g_autoptr (NnAnalysis) analysis = analyse (design, dataset);
  nn_design_unref (design);
  rig.trainer = nn_trainer_new (analysis, dataset, checkpoint, rig.pool, &error);
  g_assert_no_error (error);
  return rig;
}

/* On 500 samples. design (transfer full) */
static inline Rig
rig_new (NnDesign *design, guint n_threads, NnCheckpoint *checkpoint)
{
  return rig_of (design, nn_test_dataset (500), n_threads, checkpoint);
}

static inline void
rig_clear (Rig *rig)
{
  nn_trainer_free (rig->trainer);
  nn_pool_free (rig->pool);
  nn_dataset_unref (rig->dataset);
}
