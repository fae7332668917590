/* Points, their lines and the decoder's curve: where they lie and what is drawn there. */
#include "viewers/wb-points-draw.h"

#include <math.h>
#include <string.h>

#define SIZE 300

static float target[] = { -1, -1, 1, 1, 1, -1 };
static float output[] = { -0.5f, -0.5f, 1, 1, 0, 0 };
static float code[] = { 0.25f, 1, 0.5f };

/* Three points of the plane that come back along the diagonal. */
static NnPointsResult
make_points (void)
{
  static float sweep[] = { -1, -1, 1, 1 };
  const guint32 samples[] = { 4, 7, 9 };
  const gint labels[] = { 0, 1, -1 };
  NnPointsResult points = {
    .n = 3,
    .dim = 2,
    .code_size = 1,
    .target = target,
    .output = output,
    .code = code,
    .sweep_rows = 1,
    .sweep_columns = 2,
    .sweep = sweep,
  };

  points.samples = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_array_append_vals (points.samples, samples, 3);
  points.labels = g_array_new (FALSE, FALSE, sizeof (gint));
  g_array_append_vals (points.labels, labels, 3);
  return points;
}

static void
clear_points (NnPointsResult *points)
{
  g_array_unref (points->samples);
  g_array_unref (points->labels);
}

static guint32
pixel (cairo_surface_t *surface, WbPoint at)
{
  const guint8 *data = cairo_image_surface_get_data (surface);
  guint32 value;

  memcpy (&value, data + (int)at.y * cairo_image_surface_get_stride (surface) + (int)at.x * 4, 4);
  return value & 0xffffff;
}

static void
test_plane (void)
{
  NnPointsResult points = make_points ();
  const WbPointsView view = { .hovered = -1, .selected = G_MAXUINT, .joined = TRUE };
  const NnDataInfo info = { .name = "none" };
  PangoContext *context = wb_figure_context ();
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, SIZE, SIZE);
  cairo_t *cr = cairo_create (surface);
  WbPointsSpace space;

  wb_points_space (&points, &view, context, SIZE, SIZE, &space);
  const WbPoint low = wb_points_place (&space, target), high = wb_points_place (&space, target + 2);
  g_assert_cmpfloat (high.x, >, low.x);
  g_assert_cmpfloat (high.y, <, low.y);                                  /* up is up */
  g_assert_cmpfloat_with_epsilon (high.x - low.x, low.y - high.y, 1e-9); /* and as long as right */

  g_assert_cmpint (wb_points_at (&points, &space, low.x + 2, low.y), ==, 0);
  const WbPoint back = wb_points_place (&space, output + 4);
  g_assert_cmpint (wb_points_at (&points, &space, back.x, back.y - 1), ==, 2);
  g_assert_cmpint (wb_points_at (&points, &space, low.x, high.y), ==, -1);

  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  wb_points_draw (&points, &space, &view, &info, cr, context, WB_SCHEME_LIGHT, SIZE, SIZE);
  cairo_surface_flush (surface);
  const WbPoint on_curve = { (low.x + back.x) / 2, (low.y + back.y) / 2 };
  const WbPoint aside = { on_curve.x + 11, on_curve.y - 19 };
  g_assert_cmphex (pixel (surface, on_curve) & 0xff, <, 0x60); /* as dark as text */
  g_assert_cmphex (pixel (surface, aside) & 0xff, >, 0xa0);
  const WbPoint third = wb_points_place (&space, target + 4);
  const WbPoint joint = { (third.x + back.x) / 2, (third.y + back.y) / 2 };
  g_assert_cmphex (pixel (surface, joint), !=, 0xffffff);

  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  g_object_unref (context);
  clear_points (&points);
}

/* A turn by a quarter looks along the first axis. */
static void
test_space (void)
{
  static float corners[] = { 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1 };
  NnPointsResult points = make_points ();
  WbPointsView view = { .hovered = -1 };
  PangoContext *context = wb_figure_context ();
  WbPointsSpace space;

  points.n = 4;
  points.dim = 3;
  points.target = points.output = corners;
  wb_points_space (&points, &view, context, SIZE, SIZE, &space);
  const WbPoint origin = wb_points_place (&space, corners);
  g_assert_cmpfloat (wb_points_place (&space, corners + 3).x, >, origin.x + 10);
  g_assert_cmpfloat (wb_points_place (&space, corners + 9).y, <, origin.y - 10);
  view.yaw = G_PI / 2;
  wb_points_space (&points, &view, context, SIZE, SIZE, &space);
  const WbPoint turned = wb_points_place (&space, corners);
  g_assert_cmpfloat_with_epsilon (wb_points_place (&space, corners + 3).x, turned.x, 1e-6);
  g_assert_cmpfloat (wb_points_place (&space, corners + 6).x, >, turned.x + 10);
  g_object_unref (context);
  clear_points (&points);
}

static void
test_csv (void)
{
  NnPointsResult points = make_points ();
  g_autoptr (WbTable) table = wb_points_to_table (&points);
  g_autofree char *csv = wb_table_to_csv (table);

  g_assert_cmpstr (csv, ==,
                   "sample,label,x1,x2,reconstruction1,reconstruction2,code1\n"
                   "4,0,-1,-1,-0.5,-0.5,0.25\n"
                   "7,1,1,1,1,1,1\n"
                   "9,,1,-1,0,0,0.5\n");
  clear_points (&points);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/points/plane", test_plane);
  g_test_add_func ("/points/space", test_space);
  g_test_add_func ("/points/csv", test_csv);
  return g_test_run ();
}
