/* Curves, samples and grids without a window, and viewers in one. */
#include "viewer-fixture.h"

#include "base/nn-error.h"
#include "viewers/wb-dock.h"
#include "viewers/wb-grid-draw.h"
#include "viewers/wb-loss-viewer.h"
#include "viewers/wb-sample-choice.h"

#include <math.h>

static char *data_folder;

/* ---- curves ---- */

static void
append (NnRunHistory *history, NnRowKind kind, double epoch, guint64 step, double loss,
        double accuracy)
{
  const NnRow row = { 1, kind, epoch, step, loss, accuracy, 0 };

  nn_run_history_append (history, &row, 1);
}

/* The loss that the window names is where the plot's line ends, however long the run is; another
 * loss begins a line of its own. */
static void
test_loss_now (void)
{
  g_autoptr (NnRunHistory) history = nn_run_history_new ();
  g_assert_true (isnan (wb_rows_loss (NULL, 0)));
  for (guint i = 1; i <= 5000; i++)
    {
      const NnRow row = { .run = 1,
                          .kind = NN_ROW_BATCH,
                          .epoch = i / 100.0,
                          .step = i,
                          .loss = (i > 4000 ? 7 : 0) + 1 / sqrt (i) + 0.3 * (i * 37 % 11),
                          .accuracy = NAN,
                          .measure = i > 4000 };
      nn_run_history_append (history, &row, 1);
      if (i != 1 && i != 7 && i != 300 && i != 4000 && i != 4001 && i != 4030 && i != 5000)
        continue;
      gsize n;
      const NnRow *rows = nn_run_history_rows (history, 1, NN_ROW_BATCH, &n);
      g_autoptr (WbCurve) curve = wb_curve_new (history, 1, WB_METRIC_LOSS, WB_CURVE_SPAN);
      g_assert_cmpfloat_with_epsilon (wb_rows_loss (rows, n), curve->smooth[n - 1].y, 1e-9);
      g_assert_true (i <= 4000 || curve->smooth[n - 1].y > 7);
    }
}

static WbMetric
metric_of (const char *id)
{
  for (WbMetric i = 0; nn_metric_types ()[i].id != NULL; i++)
    if (g_str_equal (nn_metric_types ()[i].id, id))
      return i;
  g_assert_not_reached ();
}

static void
test_curve (void)
{
  g_autoptr (NnRunHistory) history = nn_run_history_new ();
  g_autoptr (WbCurve) loss = NULL, accuracy = NULL, psnr = NULL;
  g_autoptr (GArray) metrics = NULL;
  NnRow measured = { 1, NN_ROW_VALIDATION, 4, 40, 0.15, NAN, 0 };

  for (guint i = 1; i <= 30; i++)
    append (history, NN_ROW_BATCH, i / 10.0, i, 1.0 / i, i / 40.0);
  append (history, NN_ROW_VALIDATION, 1, 10, 0.3, 0.5);
  append (history, NN_ROW_VALIDATION, 2, 20, 0.1, 0.6);
  append (history, NN_ROW_VALIDATION, 3, 30, 0.2, 0.7);
  loss = wb_curve_new (history, 1, WB_METRIC_LOSS, 5);
  g_assert_cmpuint (loss->n, ==, 30);
  g_assert_cmpint (loss->best, ==, 1);
  g_assert_cmpfloat (wb_curve_end (loss), ==, 3);
  g_assert_cmpfloat (loss->smooth[29].y, >, loss->raw[29].y); /* it lags behind a falling curve */
  accuracy = wb_curve_new (history, 1, metric_of ("accuracy"), 0);
  g_assert_cmpint (accuracy->best, ==, 2);
  g_assert_cmpfloat_with_epsilon (accuracy->validation[2].y, 70, 1e-9);
  metrics = wb_history_metrics (history);
  g_assert_cmpuint (metrics->len, ==, 2);
  g_assert_cmpint (g_array_index (metrics, WbMetric, 0), ==, WB_METRIC_LOSS);
  g_assert_cmpint (g_array_index (metrics, WbMetric, 1), ==, metric_of ("accuracy"));
  g_clear_pointer (&metrics, g_array_unref);
  g_assert_true (wb_curve_is_current (loss, history, WB_METRIC_LOSS, 5));
  g_assert_false (wb_curve_is_current (loss, history, WB_METRIC_LOSS, 6));
  append (history, NN_ROW_BATCH, 3.1, 31, NAN, NAN);
  g_assert_false (wb_curve_is_current (loss, history, WB_METRIC_LOSS, 5));

  /* What only validations measure has no line of batches. */
  measured.metrics = 1u << metric_of ("psnr");
  measured.metric[metric_of ("psnr")] = 21.5f;
  nn_run_history_append (history, &measured, 1);
  metrics = wb_history_metrics (history);
  g_assert_cmpuint (metrics->len, ==, 2);
  g_assert_cmpint (g_array_index (metrics, WbMetric, 1), ==, metric_of ("psnr"));
  psnr = wb_curve_new (history, 1, metric_of ("psnr"), 5);
  g_assert_cmpuint (psnr->n, ==, 0);
  g_assert_cmpint (psnr->best, ==, 3);
  g_assert_cmpfloat (psnr->validation[3].y, ==, 21.5);
  g_assert_true (wb_curve_is_current (psnr, history, metric_of ("psnr"), 5));
  append (history, NN_ROW_BATCH, 4.1, 41, 0.1, NAN);
  g_assert_false (wb_curve_is_current (psnr, history, metric_of ("psnr"), 5));
}

/* ---- samples ---- */

static void
check_list (const char *text, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) list = wb_sample_list_parse (text, 100, &error);
  g_autoptr (GString) found = g_string_new (NULL);

  for (guint i = 0; list != NULL && i < list->len; i++)
    g_string_append_printf (found, "%s%u", i > 0 ? " " : "", g_array_index (list, guint32, i));
  if (expected == NULL)
    {
      g_assert_error (error, NN_ERROR, NN_ERROR_RANGE);
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpstr (found->str, ==, expected);
}

static void
test_sample_list (void)
{
  check_list ("0-3, 42", "0 1 2 3 42");
  check_list ("7;7 99", "7 7 99");
  check_list ("", NULL);
  check_list ("100", NULL);
  check_list ("5-2", NULL);
  check_list ("3, x", NULL);
  check_list ("-1", NULL);
  check_list ("99999999999999", NULL);
}

static void
test_sample_pick (void)
{
  g_autoptr (NnDataset) dataset = nn_test_dataset (FIXTURE_TRAIN);
  WbSampleChoice choice = { .mode = WB_SAMPLES_CLASSES };

  for (choice.page = 0; choice.page < 3; choice.page++)
    {
      g_autoptr (GArray) picked = wb_sample_choice_pick (&choice, dataset, 10);
      g_assert_cmpuint (picked->len, ==, 4);
      for (guint i = 0; i < picked->len; i++)
        g_assert_cmpuint (
            nn_dataset_label (dataset, NN_PART_TEST, 1, g_array_index (picked, guint32, i)), ==, i);
    }
  choice.mode = WB_SAMPLES_SEQUENCE;
  choice.page = 3;
  {
    g_autoptr (GArray) picked = wb_sample_choice_pick (&choice, dataset, 10);
    g_assert_cmpuint (picked->len, ==, 2); /* 30 and 31 of 32 */
    g_assert_cmpuint (g_array_index (picked, guint32, 0), ==, 30);
  }
  choice.page = 4; /* round again */
  {
    g_autoptr (GArray) picked = wb_sample_choice_pick (&choice, dataset, 10);
    g_assert_cmpuint (g_array_index (picked, guint32, 0), ==, 0);
  }
}

/* ---- grid ---- */

typedef struct
{
  NnDataset *dataset;
  NnAnalysis *analysis;
  NnPool *pool;
  NnTrainer *trainer;
  WbGridPlan *plan;
  WbGridData *data;
} Grid;

/* Asks an untrained network for its values, as the worker does. design (transfer full). */
static void
grid_begin (Grid *grid, NnDesign *design)
{
  const guint32 samples[] = { 3, 0, 5 };
  g_autoptr (GError) error = NULL;
  g_autofree char *reason = NULL;
  g_autoptr (GArray) nodes = NULL;
  g_autoptr (NnProbe) probe = NULL;
  NnProbeResult *result;

  grid->dataset = nn_test_dataset (FIXTURE_TRAIN);
  grid->analysis = nn_analysis_new (design, nn_dataset_info (grid->dataset), 0);
  nn_design_unref (design);
  grid->pool = nn_pool_new (1);
  grid->trainer = nn_trainer_new (grid->analysis, grid->dataset, NULL, grid->pool, &error);
  g_assert_no_error (error);
  grid->plan = wb_grid_plan_new (grid->analysis, &reason);
  g_assert_nonnull (grid->plan);
  nodes = wb_grid_plan_nodes (grid->plan);
  probe = nn_node_values_probe_new (1, NN_PART_TEST, NN_PICK_LISTED, samples, 3, 0,
                                    (const guint *)(gpointer)nodes->data, nodes->len);
  result = nn_probe_compute (probe, grid->trainer, 1);
  g_assert_no_error (result->error);
  grid->data = wb_grid_data_new (grid->plan, (NnNodeValuesResult *)result);
  nn_probe_result_unref (result);
  g_assert_nonnull (grid->data);
}

static void
grid_end (Grid *grid)
{
  wb_grid_data_free (grid->data);
  wb_grid_plan_free (grid->plan);
  nn_trainer_free (grid->trainer);
  nn_pool_free (grid->pool);
  nn_analysis_unref (grid->analysis);
  nn_dataset_unref (grid->dataset);
}

static const WbGridRow *
find_row (const WbGridPlan *plan, const char *id)
{
  for (guint i = 0; i < plan->rows->len; i++)
    if (strcmp (g_array_index (plan->rows, WbGridRow, i).id, id) == 0)
      return &g_array_index (plan->rows, WbGridRow, i);
  return NULL;
}

static void
test_grid_values (void)
{
  const guint32 third = 5;
  float image[64];
  Grid grid;
  gsize size;
  const float *input, *output, *difference;
  guint lines = 0;
  g_autofree char *csv = NULL;

  grid_begin (&grid, nn_test_autoencoder ("units=6 activation=relu", NULL));
  g_assert_null (find_row (grid.plan, "target")); /* it is the input itself */
  g_assert_cmpint (find_row (grid.plan, "code")->kind, ==, WB_GRID_CELLS);
  g_assert_cmpint (find_row (grid.plan, "output")->kind, ==, WB_GRID_PICTURE);
  input = wb_grid_data_values (grid.data, find_row (grid.plan, "input"), 2, &size);
  g_assert_cmpuint (size, ==, 64);
  nn_dataset_read (grid.dataset, NN_PART_TEST, 0, &third, 1, nn_kernels_best (), image);
  g_assert_cmpmem (input, sizeof image, image, sizeof image);
  output = wb_grid_data_values (grid.data, find_row (grid.plan, "output"), 2, &size);
  difference = wb_grid_data_values (grid.data, find_row (grid.plan, "difference"), 2, &size);
  for (guint i = 0; i < 64; i++)
    g_assert_cmpfloat (difference[i], ==, output[i] - input[i]);
  g_assert_cmpint (grid.data->worst, >=, 0);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpfloat (wb_grid_data_error (grid.data, i), <=,
                       wb_grid_data_error (grid.data, (guint)grid.data->worst));

  csv = wb_grid_data_to_csv (grid.data);
  g_assert_true (g_str_has_prefix (csv, "sample,label,error,row,position,value\n3,"));
  for (const char *at = csv; (at = strchr (at, '\n')); at++)
    lines++;
  g_assert_cmpuint (lines, ==, 1 + 3 * (3 * 64 + 6));
  g_assert_nonnull (strstr (csv, ",difference,63,"));
  grid_end (&grid);
}

static NnDesign *
denoising_design (void)
{
  g_autoptr (GError) error = NULL;
  NnDesign *design = nn_design_new ();
  guint input = nn_test_add (&design, "input", NULL, 0);
  guint noise = nn_test_add (&design, "gaussian-noise", NULL, input);
  guint flatten = nn_test_add (&design, "flatten", NULL, noise);
  guint code = nn_test_add (&design, "dense", "units=6", flatten);
  guint output = nn_test_add (&design, "dense", "units=64 activation=sigmoid", code);
  guint loss = nn_test_add (&design, "reconstruction-loss", NULL, output);

  nn_test_replace (&design, nn_design_connect (design, input, 0, loss, 1, &error));
  g_assert_no_error (error);
  return design;
}

static void
test_grid_denoising (void)
{
  Grid grid;
  gsize size;
  const float *clean, *noisy;
  guint equal = 0;

  grid_begin (&grid, denoising_design ());
  clean = wb_grid_data_values (grid.data, find_row (grid.plan, "target"), 0, &size);
  noisy = wb_grid_data_values (grid.data, find_row (grid.plan, "input"), 0, &size);
  for (guint i = 0; i < 64; i++)
    equal += clean[i] == noisy[i];
  g_assert_cmpuint (equal, <, 64);
  grid_end (&grid);
}

static NnDesign *
classifier_design (void)
{
  NnDesign *design = nn_design_new ();
  guint input = nn_test_add (&design, "input", NULL, 0);
  guint flatten = nn_test_add (&design, "flatten", NULL, input);
  guint output = nn_test_add (&design, "dense", "units=4 activation=softmax", flatten);

  nn_test_add (&design, "classification-loss", NULL, output);
  return design;
}

static void
test_grid_classifier (void)
{
  Grid grid;
  float probability;
  gsize size;
  const float *values;
  guint best;

  grid_begin (&grid, classifier_design ());
  g_assert_true (grid.plan->classifies);
  g_assert_null (find_row (grid.plan, "difference"));
  g_assert_cmpint (find_row (grid.plan, "answer")->kind, ==, WB_GRID_CLASS);
  values = wb_grid_data_values (grid.data, find_row (grid.plan, "output"), 1, &size);
  best = wb_grid_data_predicted (grid.data, 1, &probability);
  g_assert_cmpuint (size, ==, 4);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpfloat (values[i], <=, probability);
  g_assert_cmpfloat (values[best], ==, probability);
  grid_end (&grid);
}

static void
test_grid_reasons (void)
{
  g_autoptr (NnDataset) dataset = nn_test_dataset (FIXTURE_TRAIN);
  g_autoptr (NnDesign) empty = nn_design_new ();
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (empty, nn_dataset_info (dataset), 0);
  g_autofree char *reason = NULL;

  g_assert_null (wb_grid_plan_new (analysis, &reason));
  g_assert_cmpstr (reason, !=, NULL);
}

static void
test_grid_draw (void)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 460, 260);
  cairo_t *cr = cairo_create (surface);
  PangoContext *context = wb_figure_context ();
  WbGridView view = { .scheme = WB_SCHEME_LIGHT, .selected = 0, .mean = 0.0930, .n_whole = 10000 };
  const guint32 *pixels;
  WbGridLayout layout;
  guint stride;
  float value;
  Grid grid;
  gsize size;

  grid_begin (&grid, nn_test_autoencoder ("units=6 activation=relu", NULL));
  view.data = grid.data;
  wb_grid_layout (grid.plan, context, 460, 260, 0, &layout);
  g_assert_cmpuint (layout.columns, >=, 5);
  wb_grid_draw (&view, &layout, cr, context);
  wb_grid_draw_detail (&view, &layout, 1, cr, context, 460, 260);
  cairo_surface_flush (surface);
  pixels = (const guint32 *)(gconstpointer)cairo_image_surface_get_data (surface);
  stride = (guint)cairo_image_surface_get_stride (surface) / 4;
  /* The middle of the first cell has about the grey of the image's values there. */
  value = wb_grid_data_values (grid.data, find_row (grid.plan, "input"), 0, &size)[8 * 4 + 4];
  g_assert_cmpint (ABS ((int)(pixels[(guint)(layout.y[0] + layout.cell * 9 / 16) * stride
                                     + (guint)(layout.left + layout.cell * 9 / 16)]
                              & 0xff)
                        - (int)(255 * value)),
                   <, 40);
  g_assert_cmpint (wb_grid_layout_column_at (&layout, 3, layout.left + 1, 10), ==, 0);
  g_assert_cmpint (
      wb_grid_layout_column_at (&layout, 3, layout.left + 2.5 * (layout.cell + layout.gap), 10), ==,
      2);
  g_assert_cmpint (
      wb_grid_layout_column_at (&layout, 3, layout.left + 3.5 * (layout.cell + layout.gap), 10), ==,
      -1);
  g_assert_cmpint (wb_grid_layout_column_at (&layout, 3, 1, 10), ==, -1);
  /* Ten classes are made to fit. */
  g_assert_true (layout.has_scale);
  wb_grid_layout (grid.plan, context, 540, 260, 10, &layout);
  g_assert_cmpuint (layout.columns, >=, 10);
  /* Rather no scale than half of one. */
  wb_grid_layout (grid.plan, context, 540, 100, 10, &layout);
  g_assert_false (layout.has_scale);
  grid_end (&grid);
  g_object_unref (context);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

/* Answers never touch each other, whatever room a column has. */
static void
test_grid_answers (void)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 400, 260);
  cairo_t *cr = cairo_create (surface);
  PangoContext *context = wb_figure_context ();
  WbGridView view = { .scheme = WB_SCHEME_LIGHT, .mean = NAN };
  WbGridLayout layout;
  Grid grid;

  grid_begin (&grid, classifier_design ());
  view.data = grid.data;
  wb_grid_layout (grid.plan, context, 400, 260, 3, &layout);
  const guint row =
      (guint)(find_row (grid.plan, "answer") - &g_array_index (grid.plan->rows, WbGridRow, 0));
  const double narrow = wb_figure_text_width (context, "0 00");
  const double wide = wb_figure_text_width (context, "0 00 %") + 2 * layout.gap;
  for (layout.cell = ceil (narrow) + 1; layout.cell < wide; layout.cell++)
    {
      cairo_set_operator (cr, CAIRO_OPERATOR_CLEAR);
      cairo_paint (cr);
      cairo_set_operator (cr, CAIRO_OPERATOR_OVER);
      wb_grid_draw (&view, &layout, cr, context);
      cairo_surface_flush (surface);
      const guint32 *pixels = (const guint32 *)(gpointer)cairo_image_surface_get_data (surface);
      for (guint between = 1; between < 3; between++)
        for (guint y = (guint)layout.y[row]; y < layout.y[row] + layout.height[row]; y++)
          {
            const guint x =
                (guint)(layout.left + between * (layout.cell + layout.gap) - layout.gap);
            g_assert_cmpuint (pixels[y * 400 + x + 1], ==, 0);
            g_assert_cmpuint (pixels[y * 400 + x + 2], ==, 0);
          }
    }
  grid_end (&grid);
  g_object_unref (context);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

/* Differences of a sequence have the colours of the scale below them: too low, too high. */
static void
test_grid_difference_bars (void)
{
  enum
  {
    SIDE = 128
  };
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, SIDE, SIDE);
  cairo_t *cr = cairo_create (surface);
  const WbRect rect = { 0, 0, SIDE, SIDE };
  WbGridView view = { .scheme = WB_SCHEME_LIGHT, .mean = NAN };
  guint n_red = 0, n_blue = 0;
  const guint8 *pixels;
  WbGridRow row;
  Grid grid;

  grid_begin (&grid, nn_test_autoencoder ("units=6 activation=relu", NULL));
  view.data = grid.data;
  row = *find_row (grid.plan, "difference");
  row.kind = WB_GRID_BARS;
  wb_grid_draw_cell (&view, &row, 0, &rect, cr);
  cairo_surface_flush (surface);
  pixels = cairo_image_surface_get_data (surface);
  for (guint i = 0; i < SIDE * SIDE; i++)
    {
      const int red = pixels[4 * i + 2], blue = pixels[4 * i];
      n_red += red > blue + 60;
      n_blue += blue > red + 60;
    }
  g_assert_cmpuint (n_red, >, 20);
  g_assert_cmpuint (n_blue, >, 20);
  grid_end (&grid);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

static void
test_error_text (void)
{
  static const struct
  {
    double error;
    const char *text;
  } cases[] = {
    { 0.12749, "0.127" }, { 0.0004, "4e-04" }, { 148.9, "149" }, { 15.26, "15.3" }, { NAN, "–" }
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = wb_grid_format_error (cases[i].error);
      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

/* ---- in a window ---- */

typedef struct
{
  FixtureWindow shown;
  WbDocument *document;
  WbDock *dock;
} Window;

static void
window_open (Window *window, NnDesign *design)
{
  window->document = fixture_open (design, data_folder);
  window->dock = WB_DOCK (wb_dock_new ());
  wb_dock_set_document (window->dock, window->document);
  window->shown = fixture_window (GTK_WIDGET (window->dock), window->document, 800, 300);
}

static WbViewer *
page_of (Window *window, guint pane)
{
  return wb_dock_pane_page (wb_dock_pane (window->dock, pane), 0);
}

static gboolean
has_answer (gpointer data)
{
  Window *window = data;

  return wb_document_probe_result (window->document, wb_viewer_probe_id (page_of (window, 1)))
         != NULL;
}

static gboolean
has_no_answer (gpointer data)
{
  return !has_answer (data);
}

/* The loss plot shows the end of the training. */
static gboolean
shows_all (gpointer data)
{
  Window *window = data;
  WbPlotData *plot =
      wb_plot_get_data (wb_loss_viewer_get_plot (WB_LOSS_VIEWER (page_of (window, 0))));

  return plot != NULL && plot->x_end == 6 && plot->labels->len == 2;
}

static void
check_export (WbViewer *viewer, const char *name, const char *begins)
{
  g_autofree char *path = g_build_filename (data_folder, name, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *contents = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_assert_true (wb_viewer_export (viewer, file, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &contents, &length, &error));
  g_assert_cmpuint (length, >, 200);
  g_assert_true (g_str_has_prefix (contents, begins));
}

/* How many pixels of the viewer's PNG have exactly that colour. */
static guint
count_pixels (WbViewer *viewer, guint32 rgb)
{
  g_autofree char *path = g_build_filename (data_folder, "count.png", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  cairo_surface_t *surface;
  guint n = 0;

  g_assert_true (wb_viewer_export (viewer, file, NULL));
  surface = cairo_image_surface_create_from_png (path);
  g_assert_cmpint (cairo_image_surface_get_width (surface), ==,
                   2 * gtk_widget_get_width (GTK_WIDGET (viewer)));
  for (int y = 0; y < cairo_image_surface_get_height (surface); y++)
    {
      const guint32 *row =
          (const guint32 *)(gconstpointer)(cairo_image_surface_get_data (surface)
                                           + y * cairo_image_surface_get_stride (surface));
      for (int x = 0; x < cairo_image_surface_get_width (surface); x++)
        n += (row[x] & 0xffffff) == rgb;
    }
  cairo_surface_destroy (surface);
  return n;
}

static void
test_live (void)
{
  g_autoptr (GError) error = NULL, denied = NULL;
  g_autoptr (GFile) other = g_file_new_for_path ("/tmp/figure.bmp");
  g_autoptr (GFile) nowhere = g_file_new_for_path ("/nonexistent-folder/figure.png");
  Window window;

  window_open (&window, nn_test_autoencoder ("units=6 activation=relu", "epochs=6 batch-size=16"));
  fixture_wait (has_answer, &window); /* before any training */
  wb_document_train (window.document);
  fixture_wait (fixture_finished, window.document);
  fixture_wait (shows_all, &window);

  g_assert_cmpuint (count_pixels (page_of (&window, 0), 0x3584e4), >, 200);
  g_assert_cmpuint (count_pixels (page_of (&window, 0), 0xc64600), >, 100);
  check_export (page_of (&window, 0), "loss.PNG", "\x89PNG");
  check_export (page_of (&window, 0), "loss.svg", "<?xml");
  check_export (page_of (&window, 0), "loss.pdf", "%PDF");
  check_export (page_of (&window, 0), "loss.csv", "run,name,kind,epoch,step,loss");
  check_export (page_of (&window, 1), "grid.png", "\x89PNG");
  check_export (page_of (&window, 1), "grid.csv", "sample,label,error,row");
  g_assert_false (wb_viewer_export (page_of (&window, 0), other, &error));
  g_assert_error (error, NN_ERROR, NN_ERROR_UNSUPPORTED);
  g_assert_false (wb_viewer_export (page_of (&window, 0), nowhere, &denied));
  g_assert_nonnull (denied);

  /* What nobody can see is not asked for. */
  wb_dock_set_maximized (window.dock, TRUE);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (wb_dock_pane (window.dock, 0))));
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (wb_dock_pane (window.dock, 1))));
  fixture_wait (has_no_answer, &window);
  wb_dock_set_maximized (window.dock, FALSE);
  fixture_wait (has_answer, &window);
  fixture_window_close (&window.shown);
}

static void
test_zoom (void)
{
  Window window;
  WbPlot *plot;
  double x0, x1;

  window_open (&window, nn_test_autoencoder ("units=6 activation=relu", "epochs=6 batch-size=16"));
  wb_document_train (window.document);
  fixture_wait (fixture_finished, window.document);
  fixture_wait (shows_all, &window);
  plot = wb_loss_viewer_get_plot (WB_LOSS_VIEWER (page_of (&window, 0)));
  wb_plot_zoom_to (plot, 1, 2);
  g_assert_true (wb_plot_get_zoomed (plot));
  wb_plot_get_range (plot, &x0, &x1);
  g_assert_cmpfloat (x0, ==, 1);
  g_assert_cmpfloat (x1, ==, 2);
  wb_plot_zoom_to (plot, 5.5, 7); /* as wide as asked for, but not beyond the data */
  wb_plot_get_range (plot, &x0, &x1);
  g_assert_cmpfloat (x0, ==, 4.5);
  g_assert_cmpfloat (x1, ==, 6);
  wb_plot_zoom_all (plot);
  g_assert_false (wb_plot_get_zoomed (plot));

  /* A second run: the first stays as a curve of its own. */
  wb_document_reset (window.document, TRUE);
  wb_document_train (window.document);
  fixture_wait (fixture_finished, window.document);
  g_assert_cmpuint (nn_run_history_n_runs (wb_document_runs (window.document)), ==, 2);
  wb_loss_viewer_refresh (WB_LOSS_VIEWER (page_of (&window, 0)));
  g_assert_cmpuint (wb_plot_get_data (plot)->labels->len, ==, 3);
  wb_loss_viewer_set_hidden (WB_LOSS_VIEWER (page_of (&window, 0)),
                             nn_run_history_run (wb_document_runs (window.document), 0)->id, TRUE);
  g_assert_cmpuint (wb_plot_get_data (plot)->labels->len, ==, 2);
  fixture_window_close (&window.shown);
}

int
main (int argc, char *argv[])
{
  int status;

  gtk_test_init (&argc, &argv, NULL);
  data_folder = fixture_make_data ();
  g_test_add_func ("/curve", test_curve);
  g_test_add_func ("/curve/loss-now", test_loss_now);
  g_test_add_func ("/samples/list", test_sample_list);
  g_test_add_func ("/samples/pick", test_sample_pick);
  g_test_add_func ("/grid/values", test_grid_values);
  g_test_add_func ("/grid/denoising", test_grid_denoising);
  g_test_add_func ("/grid/classifier", test_grid_classifier);
  g_test_add_func ("/grid/reasons", test_grid_reasons);
  g_test_add_func ("/grid/draw", test_grid_draw);
  g_test_add_func ("/grid/answers", test_grid_answers);
  g_test_add_func ("/grid/difference-bars", test_grid_difference_bars);
  g_test_add_func ("/grid/error-text", test_error_text);
  g_test_add_func ("/window/live", test_live);
  g_test_add_func ("/window/zoom-and-runs", test_zoom);
  status = g_test_run ();
  nn_test_remove_folder (data_folder);
  g_free (data_folder);
  return status;
}
