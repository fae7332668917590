/* Points and what the decoder draws among them, against the network asked directly. */
#include <math.h>

#include "base/nn-error.h"
#include "data/nn-data-source.h"
#include "explore/nn-points-probe.h"
#include "formats/nn-lessons.h"

#define STEPS 400
#define POINTS 50

typedef struct
{
  NnPool *pool;
  NnTrainer *trainer;
} Rig;

static Rig
rig_new (const char *lesson, const char *data)
{
  g_autoptr (GError) error = NULL;
  Rig rig = { .pool = nn_pool_new (1) };
  g_autoptr (NnDataset) dataset = nn_data_load (data, 0, NULL, &error);
  g_assert_no_error (error);
  NnDesign *design = nn_lesson_design (lesson, &error);
  g_assert_no_error (error);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, nn_dataset_info (dataset), 0);
  rig.trainer = nn_trainer_new (analysis, dataset, NULL, rig.pool, &error);
  g_assert_no_error (error);
  nn_design_unref (design);
  return rig;
}

static void
rig_free (Rig *rig)
{
  nn_trainer_free (rig->trainer);
  nn_pool_free (rig->pool);
}

static NnPointsResult *
ask (Rig *rig, gboolean pushes)
{
  g_autoptr (NnProbe) probe = nn_points_probe_new (nn_probe_next_id (), POINTS, pushes);

  return (NnPointsResult *)nn_probe_compute (probe, rig->trainer, 1);
}

static void
test_curve (void)
{
  Rig rig = rig_new ("curve", "points-curve");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < STEPS; i++)
    {
      NnStep step;
      g_assert_true (nn_trainer_step (rig.trainer, &step, &error));
    }
  NnPointsResult *points = ask (&rig, TRUE);
  g_assert_no_error (points->base.error);
  g_assert_cmpuint (points->n, ==, POINTS);
  g_assert_cmpuint (points->dim, ==, 2);
  g_assert_cmpuint (points->code_size, ==, 1);
  g_assert_cmpuint (points->sweep_rows, ==, 1);
  g_assert_cmpuint (points->sweep_columns, ==, NN_POINTS_SWEEP_LINE);

  /* The line begins and ends where the outermost codes are decoded to, and nothing else. */
  guint low = 0, high = 0;
  for (guint i = 0; i < points->n; i++)
    {
      low = points->code[i] < points->code[low] ? i : low;
      high = points->code[i] > points->code[high] ? i : high;
    }
  g_assert_cmpfloat (points->code[high], >, points->code[low]);
  for (guint k = 0; k < 2; k++)
    {
      const float *end = points->sweep + (NN_POINTS_SWEEP_LINE - 1) * 2;
      g_assert_cmpfloat_with_epsilon (points->sweep[k], points->output[low * 2 + k], 1e-5f);
      g_assert_cmpfloat_with_epsilon (end[k], points->output[high * 2 + k], 1e-5f);
    }

  /* A push goes along the curve and never away from the point. */
  guint moved = 0;
  for (guint i = 0; i < points->n; i++)
    {
      const float *p = points->target + i * 2, *r = points->output + i * 2;
      const float *to = points->pushed + i * 2;
      const double before = hypot (r[0] - p[0], r[1] - p[1]);
      const double after = hypot (to[0] - p[0], to[1] - p[1]);
      g_assert_cmpfloat (after, <=, before + 1e-5);
      moved += hypot (to[0] - r[0], to[1] - r[1]) > 1e-4;
    }
  g_assert_cmpuint (moved, >, POINTS / 2);
  nn_probe_result_unref (&points->base);

  points = ask (&rig, FALSE);
  g_assert_null (points->pushed);
  nn_probe_result_unref (&points->base);
  rig_free (&rig);
}

/* Pictures are no points: an error that says what is. */
static void
test_pictures (void)
{
  Rig rig = rig_new ("mlp", "digits");
  NnPointsResult *points = ask (&rig, TRUE);

  g_assert_error (points->base.error, NN_ERROR, NN_ERROR_SHAPE);
  nn_probe_result_unref (&points->base);
  rig_free (&rig);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/points/curve", test_curve);
  g_test_add_func ("/points/pictures", test_pictures);
  return g_test_run ();
}
