/* wb-draw-viewer.c: a picture that the student draws, run through the network with every stroke. */
#include "diabolo-config.h"

#include "data/nn-scaling.h"
#include "panels/wb-scroll-past.h"
#include "plots/wb-drawn.h"
#include "viewers/wb-answer-draw.h"
#include "viewers/wb-code-plane.h"
#include "viewers/wb-pad.h"
#include "viewers/wb-tiles.h"
#include "viewers/wb-viewer.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define RADIUS_MIN 0.5
#define RADIUS_MAX 8.0
#define FIGURE_GAP 12

#define WB_TYPE_DRAW_VIEWER (wb_draw_viewer_get_type ())
G_DECLARE_FINAL_TYPE (WbDrawViewer, wb_draw_viewer, WB, DRAW_VIEWER, WbViewer)

extern const WbViewerType wb_draw_viewer_type;

struct _WbDrawViewer
{
  WbViewer parent;

  NnAnalysis *analysis;          /* that the plan was made from; owned */
  NnDataset *dataset;            /* likewise */
  WbGridPlan *plan;              /* owned; NULL: nothing to draw on */
  WbGridData *data;              /* owned; newest answer, NULL before one */
  guint width, height, channels; /* of the pad */
  float black, white;            /* what the network is given for the pad's 0 and 1 */
  float *placed;  /* owned: where this viewer has put the document's ring; NULL: not yet */
  gsize n_placed; /* its values */

  /* borrowed: children */
  WbPad *pad;
  WbCodePlane *plane;
  GtkWidget *seen, *seen_tile; /* what is left of the drawing behind noise and masks */
  GtkWidget *answer, *answer_tile, *code_tile, *color;
  GtkToggleButton *brushes[WB_N_BRUSHES];
};

G_DEFINE_FINAL_TYPE (WbDrawViewer, wb_draw_viewer, WB_TYPE_VIEWER)

const WbViewerType wb_draw_viewer_type = {
  .id = "draw",
  .title = N_ ("Draw"),
  .sentence = N_ ("Draw, and see what comes out."),
  .icon = "wb-draw-symbolic",
  .get_type = wb_draw_viewer_get_type,
};

typedef struct
{
  const char *id, *icon, *title, *tip;
} Brush;

static const Brush brushes[WB_N_BRUSHES] = {
  [WB_BRUSH_PEN] = { "pen", "document-edit-symbolic", N_ ("Pen"),
                     N_ ("Draw with the main button of the pointer, erase with the other one") },
  [WB_BRUSH_ERASER] = { "eraser", "edit-clear-symbolic", N_ ("Eraser"),
                        N_ ("Erase: what does the network put into the hole?") },
  [WB_BRUSH_NOISE] = { "noise", "nn-gaussian-noise-symbolic", N_ ("Noise"),
                       N_ ("Add noise: does the network see through it?") },
};

/* Stands out from night and day. */
static const GdkRGBA first_color = { 0.9f, 0.38f, 0, 1 };

/* ---- what can be drawn ---- */

/* The data field that the network's input shows, if it is a picture, grey or in colour. */
static const NnField *
drawn_field (const NnAnalysis *analysis, guint *index)
{
  const guint input = nn_analysis_input_node (analysis);
  const NnNode *node = input != 0 ? nn_design_node (nn_analysis_design (analysis), input) : NULL;
  const NnField *field = node != NULL
                             ? nn_data_info_field (nn_analysis_data (analysis),
                                                   nn_params_text (node->params, "field"), index)
                             : NULL;

  return field != NULL && field->kind == NN_FIELD_IMAGE && field->shape.rank == 3
                 && (field->shape.dim[2] == 1 || field->shape.dim[2] == 3)
             ? field
             : NULL;
}

static void drawn (WbDrawViewer *self);

static gsize
n_values (WbDrawViewer *self)
{
  return (gsize)self->width * self->height * self->channels;
}

static void
take_sample (WbDrawViewer *self)
{
  WbDocument *document = wb_viewer_get_document (WB_VIEWER (self));
  guint field;

  if (self->width == 0 || self->dataset == NULL || drawn_field (self->analysis, &field) == NULL)
    return;
  const guint32 sample = (guint32)MIN (wb_document_sample (document),
                                       nn_dataset_n_samples (self->dataset, NN_PART_TEST) - 1);
  g_autofree float *values = g_new (float, n_values (self));
  nn_dataset_read (self->dataset, NN_PART_TEST, field, &sample, 1, nn_kernels_best (), values);
  for (gsize i = 0; i < n_values (self); i++)
    values[i] = (values[i] - self->black) / (self->white - self->black);
  wb_pad_set_values (self->pad, values);
  drawn (self);
}

static char *
why_not (WbDrawViewer *self, const NnField *field)
{
  char *missing = wb_viewer_missing_notice (WB_VIEWER (self));

  if (missing != NULL || field != NULL)
    return missing;
  return g_strdup (_ ("One can only draw pictures, and this network takes something else. "
                      "Choose a data set of pictures under Data, such as Drawn digits."));
}

static void
forget (WbDrawViewer *self)
{
  g_clear_pointer (&self->data, wb_grid_data_free);
  g_clear_pointer (&self->plan, wb_grid_plan_free);
  gtk_widget_queue_draw (self->seen);
  gtk_widget_queue_draw (self->answer);
}

static gboolean
sees_less (WbDrawViewer *self)
{
  return self->plan != NULL && self->plan->seen != nn_analysis_input_node (self->analysis);
}

static void
update_plan (WbDrawViewer *self)
{
  guint index;
  const NnField *field = drawn_field (self->analysis, &index);
  g_autofree char *reason = why_not (self, field);
  const gboolean fresh = self->width == 0;

  forget (self);
  self->plan = reason == NULL ? wb_grid_plan_new (self->analysis, &reason) : NULL;
  wb_viewer_set_notice (WB_VIEWER (self), self->plan == NULL ? reason : NULL);
  if (self->plan == NULL)
    return;
  wb_tiles_set_title (self->answer_tile, self->plan->classifies ? _ ("Classes") : _ ("Output"));
  gtk_widget_set_visible (self->code_tile, self->plan->code != 0);
  gtk_widget_set_visible (self->seen_tile, sees_less (self));
  const guint height = (guint)field->shape.dim[0], width = (guint)field->shape.dim[1];
  const guint channels = (guint)field->shape.dim[2];
  const gboolean resized =
      width != self->width || height != self->height || channels != self->channels;
  self->width = width;
  self->height = height;
  self->channels = channels;
  nn_data_info_pixel_range (nn_analysis_data (self->analysis), &field->shape, &self->black,
                            &self->white);
  wb_pad_set_size (self->pad, width, height, channels);
  gtk_widget_set_visible (self->color, channels == 3);
  if (fresh || resized)
    take_sample (self);
}

static void
wb_draw_viewer_document_changed (WbViewer *viewer)
{
  WbDrawViewer *self = WB_DRAW_VIEWER (viewer);
  WbDocument *document = wb_viewer_get_document (viewer);
  NnAnalysis *analysis = wb_document_analysis (document);
  NnDataset *dataset = wb_document_dataset (document);
  WbCodeSpace *space = wb_document_code_space (document);

  if (space != wb_code_plane_get_space (self->plane))
    {
      wb_code_plane_set_space (self->plane, space);
      g_signal_connect_object (space, "changed", G_CALLBACK (wb_code_plane_show_space), self->plane,
                               G_CONNECT_SWAPPED);
    }
  wb_code_plane_show_space (self->plane);
  if (analysis == self->analysis && dataset == self->dataset)
    return;
  g_clear_pointer (&self->analysis, nn_analysis_unref);
  g_clear_pointer (&self->dataset, nn_dataset_unref);
  self->analysis = nn_analysis_ref (analysis);
  self->dataset = dataset != NULL ? nn_dataset_ref (dataset) : NULL;
  update_plan (self);
}

/* ---- asking and being answered ---- */

static NnProbe *
wb_draw_viewer_make_probe (WbViewer *viewer, guint probe_id)
{
  WbDrawViewer *self = WB_DRAW_VIEWER (viewer);

  if (self->plan == NULL || self->dataset == NULL)
    return NULL;
  g_autoptr (GArray) nodes = wb_grid_plan_nodes (self->plan);
  const float *drawn = wb_pad_get_values (self->pad);
  g_autofree float *values = g_new (float, n_values (self));
  for (gsize i = 0; i < n_values (self); i++)
    values[i] = self->black + drawn[i] * (self->white - self->black);
  return nn_node_values_probe_new_given (probe_id, values, n_values (self), NN_PART_TEST,
                                         wb_document_sample (wb_viewer_get_document (viewer)),
                                         (const guint *)(gpointer)nodes->data, nodes->len);
}

/* The ring goes with the drawing's code, for all who show it, until somebody else moves it. */
static void
move_ring (WbDrawViewer *self)
{
  WbCodeSpace *space = wb_code_plane_get_space (self->plane);
  const NnNodeValues *code = nn_node_values_result_find (self->data->result, self->plan->code);
  const gsize n = wb_code_space_n_values (space);

  if (code == NULL || code->values->size != n
      || (self->placed != NULL && self->n_placed == n
          && memcmp (self->placed, wb_code_space_point (space), n * sizeof (float)) != 0))
    return;
  for (gsize i = 0; i < n; i++)
    if (!isfinite (code->values->data[i]))
      return;
  g_free (self->placed);
  self->placed = g_memdup2 (code->values->data, n * sizeof (float));
  self->n_placed = n;
  wb_code_space_move (space, self->placed);
}

static void
wb_draw_viewer_answer (WbViewer *viewer, NnProbeResult *result)
{
  WbDrawViewer *self = WB_DRAW_VIEWER (viewer);

  if (self->plan == NULL || result->type != &nn_node_values_probe_type)
    return;
  wb_viewer_set_notice (viewer, result->error != NULL ? result->error->message : NULL);
  if (result->error != NULL)
    return;
  WbGridData *data = wb_grid_data_new (self->plan, (NnNodeValuesResult *)result);
  if (data == NULL)
    return; /* of a design that is gone */
  g_clear_pointer (&self->data, wb_grid_data_free);
  self->data = data;
  gtk_widget_queue_draw (self->seen);
  gtk_widget_queue_draw (self->answer);
  move_ring (self);
}

static void
drawn (WbDrawViewer *self)
{
  g_clear_pointer (&self->placed, g_free);
  wb_viewer_invalidate_probe (WB_VIEWER (self));
}

static void
pad_changed (WbDrawViewer *self)
{
  const float *values = wb_pad_get_values (self->pad);
  gboolean any = FALSE;
  for (gsize i = 0; i < n_values (self) && !any; i++)
    any = values[i] != 0;
  drawn (self);
  if (any) /* it was not cleared */
    wb_document_note_drawing (wb_viewer_get_document (WB_VIEWER (self)));
}

static void
draw_seen (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  WbDrawViewer *self = data;
  const WbRect room = { 0, 0, width, height };

  if (self->data != NULL)
    wb_answer_draw_seen (self->data, &room, cr, wb_scheme_current ());
}

static void
draw_answer (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  WbDrawViewer *self = data;
  const WbRect room = { 0, 0, width, height };

  if (self->data != NULL)
    wb_answer_draw (self->data, &room, cr, gtk_widget_get_pango_context (GTK_WIDGET (area)),
                    wb_scheme_current ());
}

/* ---- controls ---- */

static void
brush_toggled (WbDrawViewer *self, GtkToggleButton *button)
{
  for (guint i = 0; i < WB_N_BRUSHES && gtk_toggle_button_get_active (button); i++)
    if (self->brushes[i] == button)
      wb_pad_set_brush (self->pad, i);
}

static GtkWidget *
add_button (GtkWidget *box, GtkWidget *button, const char *icon, const char *title, const char *tip)
{
  gtk_button_set_icon_name (GTK_BUTTON (button), icon);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "wb-small");
  gtk_widget_set_tooltip_text (button, tip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  -1);
  gtk_box_append (GTK_BOX (box), button);
  return button;
}

static void
color_set (WbDrawViewer *self)
{
  GdkRGBA color;

  gtk_color_chooser_get_rgba (GTK_COLOR_CHOOSER (self->color), &color);
  wb_pad_set_color (self->pad, &color);
  gtk_toggle_button_set_active (self->brushes[WB_BRUSH_PEN], TRUE);
}

static GtkWidget *
make_color (WbDrawViewer *self)
{
  self->color = gtk_color_button_new_with_rgba (&first_color);
  gtk_color_button_set_title (GTK_COLOR_BUTTON (self->color), _ ("Colour of the pen"));
  gtk_widget_add_css_class (self->color, "wb-small");
  gtk_widget_set_tooltip_text (self->color, _ ("Colour of the pen"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->color), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Colour of the pen"), -1);
  g_signal_connect_swapped (self->color, "color-set", G_CALLBACK (color_set), self);
  wb_pad_set_color (self->pad, &first_color);
  return self->color;
}

static GtkWidget *
make_controls (WbDrawViewer *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *button;

  for (guint i = 0; i < WB_N_BRUSHES; i++)
    {
      button = add_button (box, gtk_toggle_button_new (), brushes[i].icon, _ (brushes[i].title),
                           _ (brushes[i].tip));
      self->brushes[i] = GTK_TOGGLE_BUTTON (button);
      gtk_toggle_button_set_group (self->brushes[i], i > 0 ? self->brushes[0] : NULL);
      g_signal_connect_swapped (button, "toggled", G_CALLBACK (brush_toggled), self);
    }
  gtk_toggle_button_set_active (self->brushes[WB_BRUSH_PEN], TRUE);
  gtk_box_append (GTK_BOX (box), make_color (self));
  button = add_button (box, gtk_button_new (), "insert-image-symbolic", _ ("Take sample"),
                       _ ("Begin with the sample that the whole window shows"));
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (take_sample), self);
  button = add_button (box, gtk_button_new (), "edit-delete-symbolic", _ ("Clear"),
                       _ ("Begin with an empty picture (Delete)"));
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (wb_pad_clear), self->pad);
  return box;
}

static void
radius_changed (GtkRange *range, WbDrawViewer *self)
{
  wb_pad_set_radius (self->pad, gtk_range_get_value (range));
}

static GtkWidget *
wb_draw_viewer_make_settings (WbViewer *viewer)
{
  WbDrawViewer *self = WB_DRAW_VIEWER (viewer);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *label = gtk_label_new (_ ("Width of the brush"));
  GtkWidget *scale =
      gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, RADIUS_MIN, RADIUS_MAX, 0.1);

  gtk_widget_add_css_class (box, "wb-settings");
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_range_set_value (GTK_RANGE (scale), wb_pad_get_radius (self->pad));
  gtk_widget_set_size_request (scale, 160, -1);
  wb_scroll_past (scale);
  gtk_accessible_update_property (GTK_ACCESSIBLE (scale), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Width of the brush"), -1);
  g_signal_connect_object (scale, "value-changed", G_CALLBACK (radius_changed), self, 0);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), scale);
  return box;
}

static void
wb_draw_viewer_save_state (WbViewer *viewer, JsonObject *state)
{
  WbDrawViewer *self = WB_DRAW_VIEWER (viewer);
  g_autofree char *color_text = NULL;
  GdkRGBA color;

  json_object_set_string_member (state, "brush", brushes[wb_pad_get_brush (self->pad)].id);
  json_object_set_double_member (state, "radius", wb_pad_get_radius (self->pad));
  gtk_color_chooser_get_rgba (GTK_COLOR_CHOOSER (self->color), &color);
  color_text = gdk_rgba_to_string (&color);
  json_object_set_string_member (state, "color", color_text);
}

static void
wb_draw_viewer_load_state (WbViewer *viewer, JsonObject *state)
{
  WbDrawViewer *self = WB_DRAW_VIEWER (viewer);
  const char *id = json_object_get_string_member_with_default (state, "brush", "");
  const double radius =
      json_object_get_double_member_with_default (state, "radius", wb_pad_get_radius (self->pad));
  GdkRGBA color;

  if (gdk_rgba_parse (&color, json_object_get_string_member_with_default (state, "color", "")))
    {
      gtk_color_chooser_set_rgba (GTK_COLOR_CHOOSER (self->color), &color);
      wb_pad_set_color (self->pad, &color);
    }
  for (guint i = 0; i < WB_N_BRUSHES; i++)
    if (g_str_equal (id, brushes[i].id))
      gtk_toggle_button_set_active (self->brushes[i], TRUE);
  wb_pad_set_radius (self->pad, CLAMP (radius, RADIUS_MIN, RADIUS_MAX));
}

/* ---- export ---- */

static void
wb_draw_viewer_draw (WbViewer *viewer, cairo_t *cr, double width, double height)
{
  WbDrawViewer *self = WB_DRAW_VIEWER (viewer);
  const gboolean less = sees_less (self), coded = self->plan != NULL && self->plan->code != 0;
  const guint n = 2 + less + coded;
  const double step = (width + FIGURE_GAP) / n, side = MIN (step - FIGURE_GAP, height);
  const WbRect room = { step, 0, step - FIGURE_GAP, height };
  PangoContext *context;

  if (self->data == NULL)
    return;
  context = wb_figure_context ();
  cairo_surface_t *drawing =
      wb_figure_surface (wb_pad_get_values (self->pad), self->width, self->height, self->channels,
                         WB_PALETTE_GRAY, WB_SCHEME_LIGHT, 0, 1);
  const WbRect pad = { 0, 0, side, side * self->height / self->width };
  wb_figure_picture (cr, drawing, &pad, FALSE);
  cairo_surface_destroy (drawing);
  if (less)
    {
      wb_answer_draw_seen (self->data, &room, cr, WB_SCHEME_LIGHT);
      cairo_translate (cr, step, 0);
    }
  wb_answer_draw (self->data, &room, cr, context, WB_SCHEME_LIGHT);
  cairo_translate (cr, 2 * step, 0);
  if (coded)
    wb_code_plane_draw_figure (self->plane, cr, step - FIGURE_GAP, height);
  g_object_unref (context);
}

static char *
wb_draw_viewer_to_csv (WbViewer *viewer)
{
  const WbGridData *data = WB_DRAW_VIEWER (viewer)->data;

  return data != NULL ? wb_grid_data_to_csv (data) : NULL;
}

static NnTensor *
wb_draw_viewer_to_tensor (WbViewer *viewer)
{
  const WbGridData *data = WB_DRAW_VIEWER (viewer)->data;

  return data != NULL ? wb_grid_data_to_tensor (data) : NULL;
}

static void
wb_draw_viewer_finalize (GObject *object)
{
  WbDrawViewer *self = WB_DRAW_VIEWER (object);

  g_free (self->placed);
  g_clear_pointer (&self->data, wb_grid_data_free);
  g_clear_pointer (&self->plan, wb_grid_plan_free);
  g_clear_pointer (&self->analysis, nn_analysis_unref);
  g_clear_pointer (&self->dataset, nn_dataset_unref);
  G_OBJECT_CLASS (wb_draw_viewer_parent_class)->finalize (object);
}

static void
wb_draw_viewer_class_init (WbDrawViewerClass *klass)
{
  WbViewerClass *viewer_class = WB_VIEWER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = wb_draw_viewer_finalize;
  viewer_class->document_changed = wb_draw_viewer_document_changed;
  viewer_class->make_probe = wb_draw_viewer_make_probe;
  viewer_class->answer = wb_draw_viewer_answer;
  viewer_class->draw = wb_draw_viewer_draw;
  viewer_class->to_csv = wb_draw_viewer_to_csv;
  viewer_class->to_tensor = wb_draw_viewer_to_tensor;
  viewer_class->make_settings = wb_draw_viewer_make_settings;
  viewer_class->save_state = wb_draw_viewer_save_state;
  viewer_class->load_state = wb_draw_viewer_load_state;
}

static void
wb_draw_viewer_init (WbDrawViewer *self)
{
  GtkWidget *tiles = wb_tiles_new (), *pad = wb_pad_new (), *plane = wb_code_plane_new ();

  self->pad = WB_PAD (pad);
  self->plane = WB_CODE_PLANE (plane);
  self->seen = gtk_drawing_area_new ();
  self->seen_tile = wb_tiles_titled (_ ("Input"), self->seen);
  self->answer = gtk_drawing_area_new ();
  self->answer_tile = wb_tiles_titled (_ ("Output"), self->answer);
  self->code_tile = wb_tiles_titled (_ ("Code"), plane);
  gtk_widget_set_tooltip_text (gtk_widget_get_first_child (self->seen_tile),
                               _ ("What the network sees of the drawing, behind noise and masks"));
  gtk_widget_set_tooltip_text (gtk_widget_get_first_child (self->code_tile),
                               _ ("The ring is the drawing's code; the dots are test samples'"));
  gtk_widget_add_css_class (self->seen, "wb-drawing");
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->seen), draw_seen, self, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->seen), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("What the network sees of it"), -1);
  gtk_widget_add_css_class (self->answer, "wb-drawing");
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->answer), draw_answer, self, NULL);
  wb_code_plane_set_show_samples (self->plane, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (pad), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Drawing pad"), -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->answer), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("What the network makes of it"), -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (plane), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Code of the drawing"), -1);
  g_signal_connect_swapped (pad, "changed", G_CALLBACK (pad_changed), self);
  wb_drawn_follow_scheme (self->seen, G_CALLBACK (gtk_widget_queue_draw));
  wb_drawn_follow_scheme (self->answer, G_CALLBACK (gtk_widget_queue_draw));
  wb_tiles_add (WB_TILES (tiles), wb_tiles_titled (_ ("Drawing"), pad));
  wb_tiles_add (WB_TILES (tiles), self->seen_tile);
  wb_tiles_add (WB_TILES (tiles), self->answer_tile);
  wb_tiles_add (WB_TILES (tiles), self->code_tile);
  wb_viewer_add_control (WB_VIEWER (self), make_controls (self));
  wb_viewer_set_content (WB_VIEWER (self), tiles);
}
