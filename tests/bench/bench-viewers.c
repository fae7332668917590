/* bench-viewers DATA LESSON THREADS ROUNDS: milliseconds of the worker's time for what viewers ask,
 * and of the window's to find the point of 10,000 that is under the pointer; the fastest of ROUNDS,
 * as JSON. */
#include <math.h>
#include <stdlib.h>

#include "data/nn-data-source.h"
#include "explore/nn-activations-probe.h"
#include "explore/nn-codes-probe.h"
#include "explore/nn-decode-probe.h"
#include "explore/nn-node-values-probe.h"
#include "formats/nn-lessons.h"
#include "plots/wb-scatter-geometry.h"

#define GRID 20
#define POINTS 10000
#define PLACES 1000 /* of the pointer */
#define RECONSTRUCTIONS 10
#define BATCH 256 /* that the activations viewer looks at */

static double
milliseconds_since (gint64 begin)
{
  return (double)(g_get_monotonic_time () - begin) / 1000;
}

/* Until the answer is complete. */
static gboolean
time_probe (NnTrainer *trainer, NnProbe *probe, double *best, GError **error)
{
  const gint64 begin = g_get_monotonic_time ();
  gboolean unfinished;

  do
    {
      g_autoptr (NnProbeResult) result = nn_probe_compute (probe, trainer, 1);

      if (result->error != NULL)
        {
          g_propagate_error (error, g_error_copy (result->error));
          return FALSE;
        }
      unfinished = result->unfinished;
    }
  while (unfinished);
  *best = MIN (*best, milliseconds_since (begin));
  return TRUE;
}

static NnProbe *
manifold_probe (const NnDecoder *decoder)
{
  const NnCodeGrid grid = { .n_values = (guint)nn_shape_size (&decoder->code_shape),
                            .y = 1,
                            .n = GRID,
                            .x_low = -2.5,
                            .x_high = 2.5,
                            .y_low = -2.5,
                            .y_high = 2.5 };
  g_autofree float *point = g_new0 (float, grid.n_values);
  g_autoptr (NnTensor) codes = nn_code_grid (&grid, point);

  return nn_decode_probe_new (1, codes, NN_BLEND_NONE, NN_PART_TEST, NULL, 0);
}

/* The pointer goes over a cloud of points; a place on the average. */
static double
time_hover (void)
{
  g_autofree float *xy = g_new (float, 2 * POINTS);
  g_autofree gint *label = g_new0 (gint, POINTS);
  WbFrame frame = { .width = 700, .height = 400 };
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (guint i = 0; i < 2 * POINTS; i++)
    xy[i] = (float)(g_rand_double (rand) + g_rand_double (rand) + g_rand_double (rand));
  g_autoptr (WbScatterData) data = wb_scatter_data_new (POINTS, xy, NULL, label, 1);
  wb_scatter_fit (data, &frame);
  const gint64 begin = g_get_monotonic_time ();
  for (guint i = 0; i < PLACES; i++)
    wb_scatter_nearest (data, &frame, frame.width * g_rand_double (rand),
                        frame.height * g_rand_double (rand), 10);
  return milliseconds_since (begin) / PLACES;
}

static gboolean
measure (NnTrainer *trainer, guint rounds, GError **error)
{
  NnAnalysis *analysis = nn_trainer_analysis (trainer);
  const guint nodes[] = { nn_analysis_input_node (analysis), nn_analysis_code_node (analysis),
                          nn_analysis_output_node (analysis) };
  double manifold = INFINITY, codes = INFINITY, activations = INFINITY, reconstructions = INFINITY;
  double hover = INFINITY;
  NnDecoder decoder;

  if (!nn_decoder_find (analysis, &decoder, error))
    return FALSE;
  g_autoptr (NnProbe) decode = manifold_probe (&decoder);
  g_autoptr (NnProbe) look = nn_activations_probe_new (2, NN_PART_TEST, nodes[2], 0, BATCH, FALSE);
  g_autoptr (NnProbe) grid = nn_node_values_probe_new (
      3, NN_PART_TEST, NN_PICK_RANDOM, NULL, RECONSTRUCTIONS, 1, nodes, G_N_ELEMENTS (nodes));
  for (guint i = 0; i <= rounds; i++)
    {
      g_autoptr (NnProbe) all = nn_codes_probe_new (4, NN_PART_TEST, NULL, POINTS);

      if (!time_probe (trainer, decode, &manifold, error)
          || !time_probe (trainer, all, &codes, error)
          || !time_probe (trainer, look, &activations, error)
          || !time_probe (trainer, grid, &reconstructions, error))
        return FALSE;
      hover = MIN (hover, time_hover ());
    }
  g_print ("{\"manifold\": %.4f, \"codes\": %.4f, \"activations\": %.4f, \"reconstructions\": "
           "%.4f, \"hover\": %.6f}\n",
           manifold, codes, activations, reconstructions, hover);
  return TRUE;
}

static gboolean
run (char **arguments, GError **error)
{
  g_autoptr (NnDesign) design = nn_lesson_design (arguments[2], error);
  g_autoptr (NnDataset) dataset =
      design != NULL ? nn_data_load (arguments[1], 1, NULL, error) : NULL;
  g_autoptr (NnPool) pool = nn_pool_new ((guint)atoi (arguments[3]));

  if (dataset == NULL)
    return FALSE;
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, nn_dataset_info (dataset), 0);
  NnTrainer *trainer = nn_trainer_new (analysis, dataset, NULL, pool, error);
  const gboolean done = trainer != NULL && measure (trainer, (guint)atoi (arguments[4]), error);
  g_clear_pointer (&trainer, nn_trainer_free);
  return done;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  if (argc != 5)
    {
      g_printerr ("bench-viewers: usage: bench-viewers DATA LESSON THREADS ROUNDS\n");
      return 2;
    }
  nn_flush_denormals ();
  if (!run (argv, &error))
    {
      g_printerr ("bench-viewers: %s\n", error->message);
      return 1;
    }
  return 0;
}
