/* Boards of maps, units and weights: geometry, pixels, behaviour of their viewers in a window. */
#include "key-fixture.h"
#include "look-fixture.h"
#include "viewer-fixture.h"

#include <math.h>

#include "base/nn-shape.h"
#include "viewers/wb-board-draw.h"
#include "viewers/wb-board-settings.h"
#include "viewers/wb-layer-picker.h"
#include "viewers/wb-viewer.h"
#include "viewers/wb-weight-board.h"

static char *data_folder;

static WbBoardData *
board_of (const NnShape *shape)
{
  const gsize n = (gsize)nn_shape_size (shape);
  g_autofree float *values = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    values[i] = (float)i;
  return wb_board_data_of_output (shape, values);
}

/* ---- data ---- */

static void
test_data_cells (void)
{
  g_autoptr (WbBoardData) maps = board_of (&nn_shape (2, 3, 4));
  g_autoptr (WbBoardData) sequence = board_of (&nn_shape (5, 2));
  g_autoptr (WbBoardData) vector = board_of (&nn_shape (7));

  g_assert_cmpint (maps->kind, ==, WB_BOARD_MAPS);
  g_assert_cmpuint (maps->n, ==, 4);
  g_assert_cmpuint (maps->width, ==, 3);
  g_assert_cmpuint (maps->height, ==, 2);
  /* (row 1, column 2, channel 3) of channel-last (2, 3, 4) */
  g_assert_cmpfloat (wb_board_data_cell (maps, 3)[1 * 3 + 2], ==, (1 * 3 + 2) * 4 + 3);
  g_assert_cmpfloat (maps->cells[0].max, ==, 20);

  g_assert_cmpint (sequence->kind, ==, WB_BOARD_COLUMNS);
  g_assert_cmpuint (sequence->n, ==, 2);
  g_assert_cmpuint (sequence->width, ==, 5);
  g_assert_cmpfloat (wb_board_data_cell (sequence, 1)[4], ==, 9);

  g_assert_cmpint (vector->kind, ==, WB_BOARD_UNITS);
  g_assert_cmpuint (vector->n, ==, 7);
  g_assert_cmpfloat (wb_board_data_cell (vector, 6)[0], ==, 6);
}

static void
test_data_range (void)
{
  float values[] = { 1, 2, -4, 3 }, low, high;
  WbBoardData *data = wb_board_data_new (WB_BOARD_MAPS, 2, 2, 1, g_memdup2 (values, sizeof values));
  const NnStatistics batch[] = { { .n = 9, .zero = 1 }, { .n = 9, .zero = 0.9 } };

  g_assert_cmpint (data->palette, ==, WB_PALETTE_DIVERGING);
  wb_board_data_range (data, 0, &low, &high);
  g_assert_cmpfloat (low, ==, -4);
  g_assert_cmpfloat (high, ==, 4);
  data->common = FALSE;
  wb_board_data_range (data, 0, &low, &high);
  g_assert_cmpfloat (low, ==, -2);
  g_assert_cmpfloat (high, ==, 2);
  data->palette = WB_PALETTE_VIRIDIS;
  wb_board_data_range (data, 0, &low, &high);
  g_assert_cmpfloat (low, ==, 0);
  g_assert_false (wb_board_data_is_dead (data, 0));
  wb_board_data_set_batch (data, batch, 9);
  g_assert_cmpuint (data->n_dead, ==, 1);
  g_assert_true (wb_board_data_is_dead (data, 0));
  g_assert_false (wb_board_data_is_dead (data, 1));
  {
    data->note = g_strdup ("1 of 2 never fires");
    g_autofree char *text = wb_board_describe (data, 0);
    g_assert_cmpstr (text, ==,
                     "Unit 1: min 1, max 2, mean 1.5, 0 % zero, never fires. 1 of 2 never fires");
  }
  {
    g_autofree char *csv = wb_board_data_to_csv (data);
    g_assert_cmpstr (csv, ==,
                     "cell,dead,row,column,value\n0,1,0,0,1\n0,1,0,1,2\n1,0,0,0,-4\n1,0,0,1,3\n");
  }
  wb_board_data_free (data);
}

static void
test_style (void)
{
  g_autoptr (WbBoardData) vector = board_of (&nn_shape (784));
  g_autoptr (WbBoardData) code = board_of (&nn_shape (32));
  WbBoardStyle style = { .palette = WB_PALETTE_DIVERGING + 1, .own = TRUE, .columns = 56 }, again;
  JsonObject *state = json_object_new ();

  wb_board_style_save (&style, state);
  wb_board_style_load (&again, state);
  g_assert_cmpuint (again.palette, ==, style.palette);
  g_assert_true (again.own);
  g_assert_cmpuint (again.columns, ==, 56);
  wb_board_style_apply (&again, vector);
  g_assert_cmpuint (vector->columns, ==, 56);
  g_assert_cmpint (vector->palette, ==, WB_PALETTE_DIVERGING);
  json_object_set_string_member (state, "palette", "teapot");
  json_object_set_int_member (state, "width", -3);
  wb_board_style_load (&again, state);
  g_assert_cmpuint (again.palette, ==, 0);
  wb_board_style_apply (&again, vector);
  g_assert_cmpuint (vector->columns, ==, 28);
  wb_board_style_apply (&again, code);
  g_assert_cmpuint (code->columns, ==, 8);
  json_object_unref (state);
}

/* ---- layout ---- */

static void
check_layout (const NnShape *shape, double width, double height)
{
  g_autoptr (WbBoardData) data = board_of (shape);
  PangoContext *context = wb_figure_context ();
  WbBoardLayout layout;

  data->columns = data->kind == WB_BOARD_UNITS ? 8 : 0;
  wb_board_layout (data, context, width, height, data->n - 1, &layout);
  g_assert_cmpuint (layout.first + layout.rows * layout.columns, >=, data->n);
  for (gsize i = layout.first; i < data->n; i++)
    {
      const WbRect cell = wb_board_layout_cell (&layout, data, i);

      g_assert_cmpfloat (cell.x, >=, layout.area.x);
      g_assert_cmpfloat (cell.x + cell.width, <=, layout.area.x + layout.area.width + 0.01);
      g_assert_cmpfloat (cell.y + cell.height, <=, layout.area.y + layout.area.height + 0.01);
      g_assert_cmpint (wb_board_layout_cell_at (&layout, data, cell.x + cell.width / 2,
                                                cell.y + cell.height / 2),
                       ==, (gssize)i);
    }
  g_assert_cmpint (wb_board_layout_cell_at (&layout, data, -2, 5), ==, -1);
  if (!layout.floating)
    g_assert_cmpfloat (layout.panel.x, >=, layout.area.x + layout.area.width);
  g_object_unref (context);
}

static void
test_layout (void)
{
  check_layout (&nn_shape (28, 28, 16), 410, 190);
  check_layout (&nn_shape (28, 28, 16), 200, 120);
  check_layout (&nn_shape (4, 4, 8), 1200, 700);
  check_layout (&nn_shape (2, 2, 1000), 410, 190); /* not all at once */
  check_layout (&nn_shape (14, 3, 5), 410, 190);
  check_layout (&nn_shape (32), 410, 190);
  check_layout (&nn_shape (3), 300, 190);
  check_layout (&nn_shape (28, 32), 410, 190);
}

/* ---- drawing ---- */

static guint32
color_rgb (const GdkRGBA *color)
{
  return (guint32)lround (color->red * 255) << 16 | (guint32)lround (color->green * 255) << 8
         | (guint32)lround (color->blue * 255);
}

/* Two maps, the first dead: zero is the palette's begin, the second holds its end. */
static void
test_draw_maps (void)
{
  float values[2 * 4] = { 0, 0, 0, 0, 0, 1, 1, 0 };
  const NnStatistics batch[] = { { .n = 9, .zero = 1 }, { .n = 9 } };
  g_autoptr (WbBoardData) data =
      wb_board_data_new (WB_BOARD_MAPS, 2, 2, 2, g_memdup2 (values, sizeof values));
  WbBoardView view = { .data = data, .selected = -1, .hovered = -1 };
  PangoContext *context = wb_figure_context ();
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 420, 160);
  cairo_t *cr = cairo_create (surface);
  WbBoardLayout layout;
  WbRect cell;

  wb_board_data_set_batch (data, batch, 9);
  data->palette = WB_PALETTE_VIRIDIS;
  wb_board_layout (data, context, 420, 160, 0, &layout);
  wb_board_draw (&view, &layout, cr, context);
  wb_board_draw_panel (&view, &layout, cr, context);
  cairo_surface_flush (surface);
  cell = wb_board_layout_cell (&layout, data, 1);
  g_assert_cmphex (fixture_pixel (surface, cell.x + cell.width / 4, cell.y + cell.height / 4), ==,
                   wb_palette_argb (WB_PALETTE_VIRIDIS, view.scheme, 0) & 0xffffff);
  g_assert_cmphex (fixture_pixel (surface, cell.x + cell.width * 3 / 4, cell.y + cell.height / 4),
                   ==, wb_palette_argb (WB_PALETTE_VIRIDIS, view.scheme, 1) & 0xffffff);
  cell = wb_board_layout_cell (&layout, data, 0);
  g_assert_cmphex (fixture_pixel (surface, cell.x + 0.5, cell.y + cell.height / 2), ==,
                   color_rgb (wb_color (WB_COLOR_WARNING, view.scheme)));
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  g_object_unref (context);
}

/* A sequence of two features over three steps: time goes down. */
static void
test_draw_sequence (void)
{
  const float values[] = { 0, 0, 0, 1, 0, 0 }; /* (3, 2): step 1, feature 1 */
  g_autoptr (WbBoardData) data = wb_board_data_of_output (&nn_shape (3, 2), values);
  WbBoardView view = { .data = data, .selected = -1, .hovered = -1 };
  PangoContext *context = wb_figure_context ();
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 420, 160);
  cairo_t *cr = cairo_create (surface);
  WbBoardLayout layout;

  wb_board_layout (data, context, 420, 160, 0, &layout);
  wb_board_draw (&view, &layout, cr, context);
  cairo_surface_flush (surface);
  for (guint feature = 0; feature < 2; feature++)
    for (guint step = 0; step < 3; step++)
      {
        const WbRect cell = wb_board_layout_cell (&layout, data, feature);

        g_assert_cmphex (
            fixture_pixel (surface, cell.x + cell.width / 2,
                           cell.y + cell.height * (2 * step + 1) / 6),
            ==,
            wb_palette_argb (WB_PALETTE_VIRIDIS, view.scheme, step == 1 && feature == 1)
                & 0xffffff);
      }
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  g_object_unref (context);
}

/* ---- weights ---- */

static void
test_weight_forms (void)
{
  g_autoptr (NnDataset) dataset = nn_test_dataset (FIXTURE_TRAIN);
  g_autoptr (NnDesign) design = nn_test_autoencoder ("units=6", NULL);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, nn_dataset_info (dataset), 0);
  const struct
  {
    NnShape shape;
    WbWeightForm form;
    gsize n, width, height, columns;
  } cases[] = {
    { nn_shape (64, 6), WB_WEIGHT_SEEN, 6, 8, 8, 0 },
    { nn_shape (6, 64), WB_WEIGHT_DRAWN, 6, 8, 8, 0 },
    { nn_shape (6, 9), WB_WEIGHT_MATRIX, 9, 6, 1, 0 },
    { nn_shape (9), WB_WEIGHT_MATRIX, 9, 1, 1, 0 },
    { nn_shape (3, 5, 2, 4), WB_WEIGHT_KERNELS, 8, 5, 3, 4 },
    { nn_shape (3, 3, 1, 4), WB_WEIGHT_KERNELS, 4, 3, 3, 0 },
    { nn_shape (3, 3, 16, 1), WB_WEIGHT_KERNELS, 16, 3, 3, 0 },
    { nn_shape (5, 2, 3), WB_WEIGHT_KERNELS, 6, 5, 1, 3 },
    { nn_shape (1, 1, 2, 3), WB_WEIGHT_MATRIX, 3, 2, 1, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      NnTensor *weight = nn_tensor_new (&cases[i].shape);
      NnShape picture;
      const WbWeightForm form = wb_weight_form (analysis, 3, weight, &picture);

      for (gsize k = 0; k < weight->size; k++)
        weight->data[k] = (float)k;
      g_assert_cmpint (form, ==, cases[i].form);
      g_autoptr (WbBoardData) data = wb_weight_board_new (weight, form, &picture);
      g_assert_cmpuint (data->n, ==, cases[i].n);
      g_assert_cmpuint (data->width, ==, cases[i].width);
      g_assert_cmpuint (data->height, ==, cases[i].height);
      g_assert_cmpuint (data->columns, ==, cases[i].columns);
      if (form == WB_WEIGHT_SEEN) /* pixel 10 of unit 2 */
        g_assert_cmpfloat (wb_board_data_cell (data, 2)[10], ==, 10 * 6 + 2);
      if (i == 4) /* row 1, column 2 of channel 1 of filter 3 */
        {
          g_autofree char *title = wb_board_data_cell_title (data, 7);
          g_assert_cmpstr (title, ==, "Filter 4, channel 2");
          g_assert_cmpfloat (wb_board_data_cell (data, 7)[1 * 5 + 2], ==,
                             ((1 * 5 + 2) * 2 + 1) * 4 + 3);
        }
      nn_tensor_unref (weight);
    }
}

/* Only filters that see the picture itself see its colours; those behind them see three maps. */
static void
test_color_weights (void)
{
  NnField field = { .name = (char *)"image", .kind = NN_FIELD_IMAGE, .shape = nn_shape (8, 8, 3) };
  const NnDataInfo info = { .fields = &field, .n_fields = 1 };
  g_autoptr (NnDesign) design = nn_design_new ();
  const guint input = nn_test_add (&design, "input", NULL, 0);
  const guint noise = nn_test_add (&design, "gaussian-noise", NULL, input);
  const guint seeing = nn_test_add (&design, "conv2d", "filters=3 stride=2 padding=same", noise);
  const guint behind = nn_test_add (&design, "conv2d", "filters=2", seeing);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, &info, 0);
  const NnShape shape = nn_shape (3, 3, 3, 2);
  g_autoptr (NnTensor) weight = nn_tensor_new (&shape);
  NnShape picture;
  float low, high;

  for (gsize k = 0; k < weight->size; k++)
    weight->data[k] = (float)k - 10;
  g_assert_cmpint (wb_weight_form (analysis, behind, weight, &picture), ==, WB_WEIGHT_KERNELS);
  g_assert_cmpint (wb_weight_form (analysis, seeing, weight, &picture), ==, WB_WEIGHT_COLORS);
  g_autoptr (WbBoardData) data = wb_weight_board_new (weight, WB_WEIGHT_COLORS, &picture);
  g_assert_cmpuint (data->n, ==, 2);
  g_assert_cmpuint (data->width * data->height * data->channels, ==, 27);
  /* Row 1, column 2, blue of filter 1; grey is 0. */
  g_assert_cmpfloat (wb_board_data_cell (data, 1)[(1 * 3 + 2) * 3 + 2], ==,
                     ((1 * 3 + 2) * 3 + 2) * 2 + 1 - 10);
  wb_board_data_range (data, 0, &low, &high);
  g_assert_cmpfloat (low, ==, -43);
  g_assert_cmpfloat (high, ==, 43);
  g_autofree char *csv = wb_board_data_to_csv (data);
  g_assert_true (g_str_has_prefix (csv, "cell,dead,row,column,channel,value\n0,0,0,0,0,-10\n"));
  g_assert_nonnull (strstr (csv, "\n1,0,1,2,2,25\n"));
  g_autoptr (NnTensor) tensor = wb_board_data_to_tensor (data);
  const NnShape expected = nn_shape (2, 3, 3, 3);
  g_assert_true (nn_shape_equal (&tensor->shape, &expected));
}

/* ---- in a window ---- */

typedef struct
{
  FixtureWindow shown;
  WbDocument *document;
  WbViewer *viewer;
  WbBoard *board;
  WbLayerPicker *layers;
} Window;

static void
window_open (Window *window, const char *viewer, NnDesign *design)
{
  window->shown = fixture_viewer (viewer, fixture_open (design, data_folder), 500, 260);
  window->viewer = window->shown.viewer;
  window->document = window->shown.document;
  window->board = fixture_find (window->viewer, WB_TYPE_BOARD);
  window->layers = fixture_find (window->viewer, WB_TYPE_LAYER_PICKER);
}

static gboolean
shows_hidden (gpointer data)
{
  const WbBoardData *board = wb_board_get_data (((Window *)data)->board);
  return board != NULL && board->n == 6;
}

static gboolean
shows_output (gpointer data)
{
  const WbBoardData *board = wb_board_get_data (((Window *)data)->board);
  return board != NULL && board->n == 64;
}

static gboolean
shows_image (gpointer data)
{
  const WbBoardData *board = wb_board_get_data (((Window *)data)->board);
  return board != NULL && board->kind == WB_BOARD_MAPS && board->n == 1;
}

static void
test_activations_window (void)
{
  Window window;
  g_autofree char *csv = NULL;
  guint input = 1, output = 4;
  JsonObject *state;

  window_open (&window, "activations", nn_test_autoencoder ("units=6 activation=relu", NULL));
  fixture_wait (shows_hidden, &window); /* the first layer that learns */
  g_assert_cmpuint (wb_board_get_data (window.board)->n_batch, ==, FIXTURE_TEST);

  wb_document_select (window.document, &input, 1);
  fixture_wait (shows_image, &window);
  wb_document_select (window.document, NULL, 0); /* stays */
  g_assert_cmpuint (wb_layer_picker_get_node (window.layers), ==, input);

  /* By hand: the fourth of the layers, below the line that follows. */
  gtk_drop_down_set_selected (fixture_find (window.layers, GTK_TYPE_DROP_DOWN), 4);
  g_assert_cmpuint (wb_layer_picker_get_fixed (window.layers), ==, output);
  fixture_wait (shows_output, &window);
  wb_document_select (window.document, &input, 1); /* no longer followed */
  g_assert_cmpuint (wb_layer_picker_get_node (window.layers), ==, output);
  state = wb_viewer_save_state (window.viewer);
  g_assert_cmpint (json_object_get_int_member (state, "layer"), ==, output);
  json_object_unref (state);

  wb_cells_select (WB_CELLS (window.board), 63);
  g_assert_cmpint (wb_cells_get_selected (WB_CELLS (window.board)), ==, 63);
  wb_cells_select (WB_CELLS (window.board), 64); /* there is none */
  g_assert_cmpint (wb_cells_get_selected (WB_CELLS (window.board)), ==, 63);
  csv = fixture_csv (window.viewer);
  g_assert_true (g_str_has_prefix (csv, "cell,dead,row,column,value\n0,"));
  fixture_window_close (&window.shown);
}

static void
test_weights_window (void)
{
  Window window;
  g_autofree char *path = g_build_filename (data_folder, "weights.png", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  guint input = 1, output = 4;

  window_open (&window, "weights", nn_test_autoencoder ("units=6 activation=relu", NULL));
  fixture_wait (shows_hidden, &window);
  g_assert_cmpint (wb_board_get_data (window.board)->kind, ==, WB_BOARD_MAPS);
  g_assert_cmpuint (wb_board_get_data (window.board)->width, ==, 8);
  wb_document_select (window.document, &input, 1); /* has none: the layer stays */
  g_assert_cmpuint (wb_layer_picker_get_node (window.layers), ==, 3);
  wb_document_select (window.document, &output, 1);
  g_assert_cmpuint (wb_layer_picker_get_node (window.layers), ==, output);
  g_assert_true (wb_viewer_export (window.viewer, file, &error));
  g_assert_no_error (error);
  fixture_window_close (&window.shown);
}

static void
test_keys (void)
{
  Window window;
  WbCells *cells;

  window_open (&window, "weights", nn_test_autoencoder ("units=6 activation=relu", NULL));
  fixture_wait (shows_hidden, &window);
  cells = WB_CELLS (window.board);

  g_assert_true (fixture_press_key (cells, GDK_KEY_Right, 0)); /* the first one */
  g_assert_true (fixture_press_key (cells, GDK_KEY_Right, 0));
  g_assert_cmpint (wb_cells_get_selected (cells), ==, 1);
  g_assert_true (fixture_press_key (cells, GDK_KEY_Left, 0));
  g_assert_false (
      fixture_press_key (cells, GDK_KEY_Left, 0)); /* nothing before it: the window's turn */
  g_assert_cmpint (wb_cells_get_selected (cells), ==, 0);
  g_assert_true (fixture_press_key (cells, GDK_KEY_Return, 0));
  g_assert_true (wb_cells_get_enlarged (cells));
  g_assert_cmpint (wb_cells_at (cells, 60, 60), ==, -1); /* the others are hidden */
  g_assert_true (fixture_press_key (cells, GDK_KEY_Escape, 0));
  g_assert_false (wb_cells_get_enlarged (cells));
  g_assert_true (fixture_press_key (cells, GDK_KEY_Escape, 0));
  g_assert_cmpint (wb_cells_get_selected (cells), ==, -1);
  g_assert_false (fixture_press_key (cells, GDK_KEY_Escape, 0));
  fixture_window_close (&window.shown);
}

static gboolean
shows_notice (gpointer data)
{
  GtkStack *stack = GTK_STACK (gtk_widget_get_last_child (GTK_WIDGET (((Window *)data)->viewer)));

  return strcmp (gtk_stack_get_visible_child_name (stack), "notice") == 0;
}

static gboolean
shows_board (gpointer data)
{
  return !shows_notice (data) && wb_board_get_data (((Window *)data)->board) != NULL;
}

/* What is missing is said in place, and undoing brings the picture back. */
static void
test_comes_back (gconstpointer viewer)
{
  Window window;
  window_open (&window, viewer, nn_test_autoencoder ("units=6 activation=relu", NULL));
  fixture_wait (shows_board, &window);
  wb_document_edit (window.document, nn_design_new (), "Cut", NULL);
  fixture_wait (shows_notice, &window);
  wb_document_undo (window.document);
  fixture_wait (shows_board, &window);
  fixture_window_close (&window.shown);
}

int
main (int argc, char *argv[])
{
  int status;

  gtk_test_init (&argc, &argv, NULL);
  data_folder = fixture_make_data ();
  g_test_add_func ("/board/cells", test_data_cells);
  g_test_add_func ("/board/range", test_data_range);
  g_test_add_func ("/board/style", test_style);
  g_test_add_func ("/board/layout", test_layout);
  g_test_add_func ("/board/draw-maps", test_draw_maps);
  g_test_add_func ("/board/draw-sequence", test_draw_sequence);
  g_test_add_func ("/weights/forms", test_weight_forms);
  g_test_add_func ("/weights/colors", test_color_weights);
  g_test_add_func ("/window/activations", test_activations_window);
  g_test_add_func ("/window/weights", test_weights_window);
  g_test_add_func ("/window/keys", test_keys);
  g_test_add_data_func ("/window/comes-back/activations", "activations", test_comes_back);
  g_test_add_data_func ("/window/comes-back/weights", "weights", test_comes_back);
  status = g_test_run ();
  nn_test_remove_folder (data_folder);
  g_free (data_folder);
  return status;
}
