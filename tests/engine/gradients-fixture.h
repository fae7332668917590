/* gradients-fixture.h: networks written in a line, and answers about their gradients. */
#pragma once

#include "explore/nn-gradients-probe.h"
#include "trainer-fixture.h"

#define MEAN_SQUARES "reconstruction-loss loss=mean-squared-error"
#define LAST "dense units=64 activation=sigmoid | reconstruction-loss"

/* "input | flatten | dense units=3": one behind the other; the loss judges the last by the first.
 */
static inline NnDesign *
chain (const char *text)
{
  g_auto (GStrv) layers = g_strsplit (text, " | ", -1);
  g_autoptr (GError) error = NULL;
  NnDesign *design = nn_design_new ();
  guint last = 0;

  for (guint i = 0; layers[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (layers[i], " ", 2);

      last = nn_test_add (&design, parts[0], parts[1], last);
      if (g_str_has_suffix (layers[i], "-loss") || strstr (layers[i], "-loss ") != NULL)
        nn_test_replace (&design, nn_design_connect (design, 1, 0, last, 1, &error));
    }
  g_assert_no_error (error);
  return design;
}

/* A trainer whose test part has ten samples, so that an answer is about all of them. */
static inline Rig
small_rig (NnDesign *design, NnCheckpoint *checkpoint)
{
  return rig_of (design, nn_test_dataset (40), 1, checkpoint);
}

static inline NnGradientsResult *
answer (NnProbe *probe, NnTrainer *trainer)
{
  NnProbeResult *result = nn_probe_compute (probe, trainer, 0);

  g_assert_no_error (result->error);
  return (NnGradientsResult *)result;
}
