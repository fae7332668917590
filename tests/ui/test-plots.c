/* Axes, geometry, smoothing and drawing of plots, on image surfaces: no display is used. */
#include "look-fixture.h"
#include "plots/wb-format.h"
#include "plots/wb-plot-data.h"

#include <math.h>
#include <string.h>

/* ---- axes ---- */

static void
check_labels (WbAxisKind kind, double min, double max, guint most, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);
  WbTicks ticks;

  wb_axis_ticks (kind, min, max, most, &ticks);
  for (guint i = 0; i < ticks.n; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", ticks.label[i]);
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_ticks (void)
{
  check_labels (WB_AXIS_LINEAR, 0.08, 0.2, 7, "0.08 0.10 0.12 0.14 0.16 0.18 0.20");
  check_labels (WB_AXIS_LINEAR, -1, 1, 5, "−1.0 −0.5 0.0 0.5 1.0");
  check_labels (WB_AXIS_LINEAR, 90, 100, 6, "90 92 94 96 98 100");
  check_labels (WB_AXIS_LINEAR, -2.68, 2.68, 3, "−2 0 2"); /* by fives 0 would be alone */
  check_labels (WB_AXIS_LINEAR, -4.5, 4.5, 3, "0");
  check_labels (WB_AXIS_LINEAR, 0, 2e7, 3, "0 10⁷ 2·10⁷");
  check_labels (WB_AXIS_WHOLE, 0, 12, 5, "0 3 6 9 12");
  check_labels (WB_AXIS_WHOLE, 0, 2, 10, "0 1 2");
  check_labels (WB_AXIS_WHOLE, 0.2, 0.9, 5, "");
  check_labels (WB_AXIS_LOG, 0.001, 1, 5, "0.001 0.01 0.1 1");
  check_labels (WB_AXIS_LOG, 0.01, 1, 7, "0.01 0.02 0.05 0.1 0.2 0.5 1");
  check_labels (WB_AXIS_LOG, 0.09, 0.1, 6, "0.090 0.092 0.094 0.096 0.098 0.100");
  check_labels (WB_AXIS_LOG, 1e-9, 1, 4, "10⁻⁹ 10⁻⁶ 0.001 1");
  check_labels (WB_AXIS_LINEAR, 1, 1, 5, "");
  check_labels (WB_AXIS_LINEAR, NAN, 1, 5, "");
}

/* For any range: rising ticks inside it, no more than asked for, the rounded range holds the old
 * one and begins and ends with a tick. */
static void
test_any_range (void)
{
  for (guint i = 0; i < 2000; i++)
    {
      WbAxisKind kind = g_test_rand_int_range (0, 3);
      double low = pow (10, g_test_rand_double_range (-6, 5));
      double high = low * (1 + pow (10, g_test_rand_double_range (-3, 4)));
      guint most = (guint)g_test_rand_int_range (3, WB_AXIS_MAX_TICKS);
      double min = low, max = high;
      WbTicks ticks;

      wb_axis_round_out (kind, most, &min, &max);
      g_assert_cmpfloat (min, <=, low * (1 + 1e-9));
      g_assert_cmpfloat (max, >=, high * (1 - 1e-9));
      wb_axis_ticks (kind, min, max, most, &ticks);
      g_assert_cmpuint (ticks.n, <=, most);
      for (guint j = 0; j < ticks.n; j++)
        {
          g_assert_cmpfloat (ticks.value[j], >=, min - 1e-6 * (max - min));
          g_assert_cmpfloat (ticks.value[j], <=, max + 1e-6 * (max - min));
          g_assert_true (j == 0 || ticks.value[j] > ticks.value[j - 1]);
        }
      if (kind == WB_AXIS_LINEAR)
        {
          g_assert_cmpuint (ticks.n, >=, 2);
          g_assert_cmpfloat_with_epsilon (ticks.value[0], min, 1e-6 * (max - min));
          g_assert_cmpfloat_with_epsilon (ticks.value[ticks.n - 1], max, 1e-6 * (max - min));
        }
    }
}

static void
test_flat_range (void)
{
  double min = 0.25, max = 0.25;

  wb_axis_round_out (WB_AXIS_LINEAR, 5, &min, &max);
  g_assert_cmpfloat (min, <, 0.25);
  g_assert_cmpfloat (max, >, 0.25);
  min = max = 0;
  wb_axis_round_out (WB_AXIS_LOG, 5, &min, &max);
  g_assert_cmpfloat (min, >, 0);
  g_assert_cmpfloat (max, >, min);
}

/* ---- geometry ---- */

static const WbFrame frame = {
  .left = 40, .top = 10, .width = 200, .height = 100, .x0 = 2, .x1 = 12, .y0 = 0.01, .y1 = 1
};

static void
test_frame (void)
{
  WbFrame log_frame = frame;

  g_assert_cmpfloat (wb_frame_x (&frame, 2), ==, 40);
  g_assert_cmpfloat (wb_frame_x (&frame, 12), ==, 240);
  g_assert_cmpfloat (wb_frame_y (&frame, 1), ==, 10);
  g_assert_cmpfloat (wb_frame_y (&frame, 0.01), ==, 110);
  log_frame.log_y = TRUE;
  g_assert_cmpfloat_with_epsilon (wb_frame_y (&log_frame, 0.1), 60, 1e-9);
  g_assert_cmpfloat (wb_frame_y (&log_frame, 0), >, 1000);
  for (double v = 0.02; v < 1; v += 0.07)
    {
      g_assert_cmpfloat_with_epsilon (wb_frame_value_at_y (&frame, wb_frame_y (&frame, v)), v,
                                      1e-9);
      g_assert_cmpfloat_with_epsilon (wb_frame_value_at_y (&log_frame, wb_frame_y (&log_frame, v)),
                                      v, 1e-9);
      g_assert_cmpfloat_with_epsilon (wb_frame_value_at_x (&frame, wb_frame_x (&frame, v)), v,
                                      1e-9);
    }
}

static void
test_nearest (void)
{
  const WbPoint points[] = { { 1, 0 }, { 2, 0 }, { 4, 0 } };

  g_assert_cmpuint (wb_points_lower_bound (points, 3, 2), ==, 1);
  g_assert_cmpuint (wb_points_lower_bound (points, 3, 4.1), ==, 3);
  g_assert_cmpuint (wb_points_nearest (points, 3, -5), ==, 0);
  g_assert_cmpuint (wb_points_nearest (points, 3, 2.9), ==, 1);
  g_assert_cmpuint (wb_points_nearest (points, 3, 3.1), ==, 2);
  g_assert_cmpuint (wb_points_nearest (points, 3, 50), ==, 2);
}

/* 100,000 points in 200 columns: few pixels, but the one peak and the one hole are among them. */
static void
test_thinning (void)
{
  const gsize n = 100000;
  g_autofree WbPoint *points = g_new (WbPoint, n);
  g_autoptr (GArray) pixels = g_array_new (FALSE, FALSE, sizeof (WbPoint));
  gboolean peak = FALSE, hole = FALSE;

  for (gsize i = 0; i < n; i++)
    points[i] = (WbPoint){ 2 + 10.0 * i / n, 0.5 + 0.01 * sin (i) };
  points[31234].y = 0.9;
  points[77777].y = 0.1;
  wb_points_to_pixels (&frame, points, n, pixels);
  g_assert_cmpuint (pixels->len, <=, 4 * 202);
  g_assert_cmpuint (pixels->len, >=, 200);
  for (guint i = 0; i < pixels->len; i++)
    {
      const WbPoint *pixel = &g_array_index (pixels, WbPoint, i);
      g_assert_true (i == 0 || pixel->x >= g_array_index (pixels, WbPoint, i - 1).x);
      peak |= fabs (pixel->y - wb_frame_y (&frame, 0.9)) < 1e-9;
      hole |= fabs (pixel->y - wb_frame_y (&frame, 0.1)) < 1e-9;
    }
  g_assert_true (peak);
  g_assert_true (hole);
}

static void
test_gaps (void)
{
  const WbPoint points[] = { { 0, 0.5 },      { 3, 0.5 }, { 4, NAN },
                             { 5, INFINITY }, { 6, 0.5 }, { 30, 0.5 } };
  g_autoptr (GArray) pixels = g_array_new (FALSE, FALSE, sizeof (WbPoint));

  wb_points_to_pixels (&frame, points, G_N_ELEMENTS (points), pixels);
  g_assert_cmpuint (pixels->len, ==, 5); /* one beyond each side, one gap */
  g_assert_cmpfloat (g_array_index (pixels, WbPoint, 0).x, ==, 0);
  g_assert_true (isnan (g_array_index (pixels, WbPoint, 2).x));
  g_assert_cmpfloat (g_array_index (pixels, WbPoint, 4).x, ==, wb_frame_x (&frame, 30));
}

static void
test_smoothing (void)
{
  enum
  {
    N = 400
  };
  WbPoint points[N], smooth[N], thinned[N / 2], smooth_thinned[N / 2];
  guint64 step[N], thinned_step[N / 2];

  for (guint i = 0; i < N; i++)
    {
      points[i] = (WbPoint){ i, 3 };
      step[i] = i + 1;
    }
  wb_points_smooth (points, step, N, 50, smooth);
  for (guint i = 0; i < N; i++)
    g_assert_cmpfloat_with_epsilon (smooth[i].y, 3, 1e-9); /* the start is not pulled to 0 */

  for (guint i = 0; i < N; i++)
    points[i].y = exp (-(double)i / 100);
  wb_points_smooth (points, step, N, 0, smooth);
  g_assert_cmpfloat (smooth[77].y, ==, points[77].y);
  wb_points_smooth (points, step, N, 20, smooth);
  for (guint i = 0; i < N / 2; i++)
    {
      thinned[i] = points[2 * i + 1];
      thinned_step[i] = step[2 * i + 1];
    }
  wb_points_smooth (thinned, thinned_step, N / 2, 20, smooth_thinned);
  /* Thinned by half, the same steps give nearly the same line. */
  g_assert_cmpfloat_with_epsilon (smooth_thinned[150].y, smooth[301].y, 0.001);

  points[10].y = NAN;
  wb_points_smooth (points, step, N, 20, smooth);
  g_assert_true (isnan (smooth[10].y));
  g_assert_true (isfinite (smooth[11].y));
}

/* ---- plots ---- */

static WbPlotData *
make_data (gsize n)
{
  WbPlotData *data = wb_plot_data_new ();
  WbPoint *points = g_new (WbPoint, n);
  WbSeries *series;

  for (gsize i = 0; i < n; i++)
    points[i] = (WbPoint){ 12.0 * (i + 1) / n, 0.09 + 0.6 * exp (-25.0 * i / n) };
  wb_plot_data_add (data, WB_SERIES_FAINT, WB_COLOR_TRAIN, g_memdup2 (points, n * sizeof *points),
                    n);
  series = wb_plot_data_add (data, WB_SERIES_LINE, WB_COLOR_TRAIN, points, n);
  g_assert_true (series->fit);
  data->x_kind = WB_AXIS_WHOLE;
  data->x_title = "epoch";
  data->x_end = 12;
  return data;
}

static void
test_fit (void)
{
  g_autoptr (WbPlotData) data = make_data (1000);
  double y0, y1;

  g_assert_true (wb_plot_data_fit (data, 0, 12, &y0, &y1));
  g_assert_cmpfloat (y0, <, 0.0901);
  g_assert_cmpfloat (y0, >, 0.05);
  g_assert_cmpfloat (y1, <, 0.4); /* the first steep values may leave the picture ... */
  g_assert_cmpfloat (y1, >, 0.2);
  data->log_y = TRUE;
  g_assert_true (wb_plot_data_fit (data, 0, 12, &y0, &y1));
  g_assert_cmpfloat (y1, >, 0.65); /* ... but not a logarithmic one */
  g_assert_false (wb_plot_data_fit (data, 20, 30, &y0, &y1));

  g_autoptr (WbPlotData) nothing = wb_plot_data_new ();
  const WbPoint zeros[] = { { 1, 0 }, { 2, 0 } };
  wb_plot_data_add (nothing, WB_SERIES_POINTS, WB_COLOR_VALIDATION, g_memdup2 (zeros, sizeof zeros),
                    G_N_ELEMENTS (zeros));
  g_assert_true (wb_plot_data_fit (nothing, 0, 2, &y0, &y1));
  g_assert_cmpfloat (y0, ==, 0);
  g_assert_cmpfloat (y1, ==, 1);
}

static cairo_surface_t *
paint (const WbPlotData *data, int width, int height, WbPlotLayout *layout)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  cairo_t *cr = cairo_create (surface);
  PangoContext *context = wb_figure_context ();

  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  wb_plot_layout (data, context, width, height, 0, data->x_end, layout);
  wb_plot_draw (data, layout, cr, context, WB_SCHEME_LIGHT);
  cairo_destroy (cr);
  g_object_unref (context);
  cairo_surface_flush (surface);
  return surface;
}

static void
test_draw (void)
{
  g_autoptr (WbPlotData) data = make_data (100000);
  WbPlotLayout layout;
  gint64 begin;
  cairo_surface_t *surface;
  double x, y;

  begin = g_get_monotonic_time ();
  surface = paint (data, 360, 240, &layout);
  /* Generous: a few milliseconds without sanitizers. */
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 500000);
  for (double epoch = 2; epoch < 12; epoch += 1.7)
    {
      x = wb_frame_x (&layout.frame, epoch);
      y = wb_frame_y (&layout.frame, 0.09 + 0.6 * exp (-25.0 * epoch / 12));
      /* The curve's blue, but for what smoothing of its edge may take. */
      const guint32 blue = fixture_pixel (surface, (int)x, (int)y);
      g_assert_cmpint (ABS ((int)(blue >> 16) - 0x35), <, 16);
      g_assert_cmpint (ABS ((int)(blue & 0xff) - 0xe4), <, 16);
    }
  g_assert_cmphex (fixture_pixel (surface, (int)layout.frame.left + 150, (int)layout.frame.top + 8),
                   ==, 0xffffff);
  cairo_surface_destroy (surface);
}

/* Raw values that go up and down through the whole plot leave it readable. */
static void
test_noise_is_pale (void)
{
  enum
  {
    N = 20000
  };
  g_autoptr (WbPlotData) data = wb_plot_data_new ();
  WbPoint *noise = g_new (WbPoint, N), *mean = g_new (WbPoint, 2);
  WbPlotLayout layout;
  cairo_surface_t *surface;
  guint red;

  for (guint i = 0; i < N; i++)
    noise[i] = (WbPoint){ 12.0 * i / N, i % 2 * 2.0 };
  mean[0] = (WbPoint){ 0, 0.9 };
  mean[1] = (WbPoint){ 12, 1.1 };
  wb_plot_data_add (data, WB_SERIES_FAINT, WB_COLOR_TRAIN, noise, N);
  wb_plot_data_add (data, WB_SERIES_LINE, WB_COLOR_TRAIN, mean, 2);
  data->x_end = 12;
  surface = paint (data, 360, 240, &layout);
  red = fixture_pixel (surface, (int)layout.frame.left + 9, (int)layout.frame.top + 9) >> 16;
  g_assert_cmpuint (red, <, 250);
  g_assert_cmpuint (red, >, 220);
  cairo_surface_destroy (surface);
}

/* Labels may cover raw values, but not the lines that stand out from them. */
static void
test_labels_leave_lines (void)
{
  enum
  {
    N = 20000,
    EPOCHS = 13,
  };
  g_autoptr (WbPlotData) data = wb_plot_data_new ();
  WbPoint *noise = g_new (WbPoint, N), *mean = g_new (WbPoint, EPOCHS);
  WbPlotLayout layout;
  cairo_surface_t *surface;

  for (guint i = 0; i < N; i++)
    noise[i] = (WbPoint){ 12.0 * i / N, i % 2 * 2.0 };
  for (guint i = 0; i < EPOCHS; i++)
    mean[i] = (WbPoint){ i, MAX (1 - 0.1125 * i, 0.1) };
  wb_plot_data_add (data, WB_SERIES_FAINT, WB_COLOR_TRAIN, noise, N);
  wb_plot_data_add (data, WB_SERIES_LINE, WB_COLOR_TRAIN, mean, EPOCHS);
  wb_plot_data_add_label (data, WB_COLOR_TRAIN, "train", "0.1");
  wb_plot_data_add_label (data, WB_COLOR_VALIDATION, "validation", "0.1");
  data->x_end = 12;
  surface = paint (data, 360, 240, &layout);
  for (double epoch = 8.5; epoch < 11.9; epoch += 0.1)
    g_assert_cmpint ((int)(fixture_pixel (surface, (int)wb_frame_x (&layout.frame, epoch),
                                          (int)wb_frame_y (&layout.frame, 0.1))
                           >> 16),
                     <, 0x60);
  cairo_surface_destroy (surface);
}

/* A ring around the last point of all is whole. */
static void
test_last_is_ringed (void)
{
  g_autoptr (WbPlotData) data = make_data (500);
  WbPlotLayout layout;
  cairo_surface_t *surface = paint (data, 400, 300, &layout);

  g_assert_cmpfloat (wb_frame_x (&layout.frame, 12) + 7, <=, 400);
  cairo_surface_destroy (surface);
}

static void
test_best_is_ringed (void)
{
  g_autoptr (WbPlotData) data = make_data (500);
  WbPoint *points = g_new (WbPoint, 12);
  WbPlotLayout layout;
  cairo_surface_t *surface;
  WbSeries *series;
  double x, y;

  for (guint i = 0; i < 12; i++)
    points[i] = (WbPoint){ i + 1, i == 8 ? 0.1 : 0.15 };
  series = wb_plot_data_add (data, WB_SERIES_POINTS, WB_COLOR_VALIDATION, points, 12);
  series->marked = 8;
  surface = paint (data, 400, 300, &layout);
  x = wb_frame_x (&layout.frame, 9);
  y = wb_frame_y (&layout.frame, 0.1);
  g_assert_cmphex (fixture_pixel (surface, (int)x, (int)y), ==, 0xc64600);
  g_assert_cmphex (fixture_pixel (surface, (int)x, (int)(y + 6)), !=, 0xffffff);
  g_assert_cmphex (fixture_pixel (surface, (int)x, (int)(y + 12)), !=, 0xc64600);
  cairo_surface_destroy (surface);
}

static void
test_empty (void)
{
  g_autoptr (WbPlotData) data = wb_plot_data_new ();
  WbPlotLayout layout;
  cairo_surface_t *surface = paint (data, 20, 10, &layout);

  g_assert_cmpfloat (layout.frame.width, >=, 1);
  cairo_surface_destroy (surface);
  data->log_y = TRUE;
  cairo_surface_destroy (paint (data, 300, 200, &layout));
}

static void
test_pictures (void)
{
  const float values[] = { 0, 1, NAN, 5 };
  cairo_surface_t *surface =
      wb_figure_surface (values, 2, 2, 1, WB_PALETTE_GRAY, WB_SCHEME_LIGHT, 0, 1);
  cairo_surface_t *target = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 20, 20);
  cairo_t *cr = cairo_create (target);
  const WbRect rect = { 0, 0, 20, 20 };

  g_assert_cmphex (fixture_pixel (surface, 0, 0), ==, 0x000000);
  g_assert_cmphex (fixture_pixel (surface, 1, 0), ==, 0xffffff);
  g_assert_cmphex (fixture_pixel (surface, 0, 1), ==, 0x000000);
  g_assert_cmphex (fixture_pixel (surface, 1, 1), ==, 0xffffff);
  wb_figure_picture (cr, surface, &rect, FALSE);
  cairo_surface_flush (target);
  g_assert_cmphex (fixture_pixel (target, 9, 9), ==, 0x000000);
  g_assert_cmphex (fixture_pixel (target, 10, 9), ==, 0xffffff);
  cairo_destroy (cr);
  cairo_surface_destroy (target);
  cairo_surface_destroy (surface);

  surface = wb_figure_surface (values, 2, 1, 1, WB_PALETTE_GRAY, WB_SCHEME_LIGHT, 1, 0);
  g_assert_cmphex (fixture_pixel (surface, 0, 0), ==, 0xffffff);
  cairo_surface_destroy (surface);
}

/* What is not all never reads as all. */
static void
test_share (void)
{
  static const struct
  {
    double fraction;
    const char *text;
  } shares[] = { { 0, "0.0 %" },        { 0.998, "99.8 %" },     { 0.99945, "99.9 %" },
                 { 0.9995, "99.95 %" }, { 0.99996, "99.996 %" }, { 1, "100.0 %" },
                 { NAN, "–" } };

  for (guint i = 0; i < G_N_ELEMENTS (shares); i++)
    {
      g_autofree char *text = wb_format_share (shares[i].fraction);
      g_assert_cmpstr (text, ==, shares[i].text);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/format/share", test_share);
  g_test_add_func ("/axis/ticks", test_ticks);
  g_test_add_func ("/axis/any-range", test_any_range);
  g_test_add_func ("/axis/flat-range", test_flat_range);
  g_test_add_func ("/geometry/frame", test_frame);
  g_test_add_func ("/geometry/nearest", test_nearest);
  g_test_add_func ("/geometry/thinning", test_thinning);
  g_test_add_func ("/geometry/gaps", test_gaps);
  g_test_add_func ("/geometry/smoothing", test_smoothing);
  g_test_add_func ("/plot/fit", test_fit);
  g_test_add_func ("/plot/draw", test_draw);
  g_test_add_func ("/plot/best-is-ringed", test_best_is_ringed);
  g_test_add_func ("/plot/noise", test_noise_is_pale);
  g_test_add_func ("/plot/labels-leave-lines", test_labels_leave_lines);
  g_test_add_func ("/plot/last-point", test_last_is_ringed);
  g_test_add_func ("/plot/empty", test_empty);
  g_test_add_func ("/figure/pictures", test_pictures);
  return g_test_run ();
}
