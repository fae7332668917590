/* wb-manifold-viewer.c: what the decoder draws at each place of a plane through the codes. */
#include "diabolo-config.h"

#include "panels/wb-scroll-past.h"
#include "viewers/wb-code-plane.h"
#include "viewers/wb-dock.h"
#include "viewers/wb-flow.h"
#include "viewers/wb-tiles.h"
#include "viewers/wb-viewer.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* Decoded values of one answer: larger outputs are shown in a coarser grid. */
#define MAX_VALUES (4 * 1000 * 1000)
#define SETTLE_MS 100
#define QUANTILE_RANGE 1.645 /* 5 % of N(0, 1) lie beyond it on either side */

#define WB_TYPE_MANIFOLD_VIEWER (wb_manifold_viewer_get_type ())
G_DECLARE_FINAL_TYPE (WbManifoldViewer, wb_manifold_viewer, WB, MANIFOLD_VIEWER, WbViewer)

extern const WbViewerType wb_manifold_viewer_type;

static const guint sizes[] = { 5, 8, 10, 15, 20, 30 };

/* limit 0: where the data's codes lie. */
static const struct
{
  const char *id, *title;
  double limit;
} ranges[] = {
  { "data", N_ ("Data"), 0 }, { "1", "± 1", 1 },       { "1.645", N_ ("5–95 %"), QUANTILE_RANGE },
  { "2", "± 2", 2 },          { "2.5", "± 2.5", 2.5 }, { "3", "± 3", 3 },
  { "4", "± 4", 4 },
};
#define RANGE_SAMPLED 4 /* fits what is pulled towards N(0, 1) */

struct _WbManifoldViewer
{
  WbViewer parent;

  /* owned */
  GSignalGroup *signals; /* of the space */
  NnTensor *codes;       /* that are asked for */
  NnAnalysis *analysis;

  NnDecoder decoder; /* encoded 0: none */
  gint range;        /* of ranges; -1: what fits the network */
  gboolean dims_chosen;
  guint settling;    /* source: the ring has left the plane */
  gboolean updating; /* controls are being set */

  /* borrowed: children */
  WbCodePlane *plane;
  GtkDropDown *size, *range_down, *spacing;
  GtkSpinButton *across, *up;
  GtkLabel *place;
};

G_DEFINE_FINAL_TYPE (WbManifoldViewer, wb_manifold_viewer, WB_TYPE_VIEWER)

const WbViewerType wb_manifold_viewer_type = {
  .id = "manifold",
  .title = N_ ("Manifold"),
  .sentence = N_ ("What the decoder draws at each place of the plane."),
  .icon = "wb-manifold-symbolic",
  .get_type = wb_manifold_viewer_get_type,
};

static WbCodeSpace *
get_space (WbManifoldViewer *self)
{
  return wb_viewer_code_space (WB_VIEWER (self));
}

/* ---- which part of the space ---- */

static void
find_range (WbManifoldViewer *self, NnSpacing spacing, guint dimension, double *low, double *high)
{
  const gint range = self->range >= 0 ? self->range : self->decoder.sampled ? RANGE_SAMPLED : 0;
  double limit = ranges[range].limit;

  if (limit == 0 && spacing == NN_SPACING_QUANTILES)
    limit = QUANTILE_RANGE;
  *low = -limit;
  *high = limit;
  if (limit > 0)
    return;
  /* Rounded, so that the plane does not tremble while training moves the codes. */
  wb_code_space_range (get_space (self), dimension, low, high);
  wb_axis_round_out (WB_AXIS_LINEAR, 6, low, high);
}

static NnCodeGrid
wanted_grid (WbManifoldViewer *self)
{
  const gsize size = (gsize)nn_shape_size (&self->decoder.shape);
  NnCodeGrid grid = { .n_values = (guint)nn_shape_size (&self->decoder.code_shape) };

  grid.x = MIN ((guint)gtk_spin_button_get_value_as_int (self->across), grid.n_values) - 1;
  grid.y = MIN ((guint)gtk_spin_button_get_value_as_int (self->up), grid.n_values) - 1;
  grid.spacing =
      gtk_drop_down_get_selected (self->spacing) == 1 ? NN_SPACING_QUANTILES : NN_SPACING_EVEN;
  grid.n = sizes[MIN (gtk_drop_down_get_selected (self->size), G_N_ELEMENTS (sizes) - 1)];
  while (grid.n > 2 && (gsize)grid.n * grid.n * size > MAX_VALUES)
    grid.n--;
  find_range (self, grid.spacing, grid.x, &grid.x_low, &grid.x_high);
  find_range (self, grid.spacing, grid.y, &grid.y_low, &grid.y_high);
  return grid;
}

static void
update_place (WbManifoldViewer *self)
{
  const NnCodeGrid *grid = wb_code_plane_get_grid (self->plane);
  WbCodeSpace *space = get_space (self);
  g_autofree char *x = NULL, *y = NULL, *text = NULL;
  char x_value[24], y_value[24];
  const float *point;

  if (space == NULL || grid->n == 0 || wb_code_space_n_values (space) != grid->n_values)
    return;
  point = wb_code_space_point (space);
  x = wb_plane_name (grid->x);
  y = wb_plane_name (grid->y);
  wb_axis_format (point[grid->x], 2, x_value);
  wb_axis_format (point[grid->y], 2, y_value);
  text = grid->x == grid->y
             ? g_strdup_printf (_ ("Ring at\n%s <b>%s</b>"), x, x_value)
             : g_strdup_printf (_ ("Ring at\n%s <b>%s</b>\n%s <b>%s</b>"), x, x_value, y, y_value);
  gtk_label_set_markup (self->place, text);
}

/* The plane goes through the ring: where a code has more than two dimensions, the others are the
 * ring's. */
static void
update_grid (WbManifoldViewer *self)
{
  WbCodeSpace *space = get_space (self);
  g_autoptr (NnTensor) codes = NULL;
  NnCodeGrid grid;

  if (self->updating || self->decoder.encoded == 0 || space == NULL)
    return;
  grid = wanted_grid (self);
  codes = nn_code_grid (&grid, wb_code_space_point (space));
  wb_code_plane_set_grid (self->plane, &grid);
  if (self->codes == NULL || codes->size != self->codes->size
      || memcmp (codes->data, self->codes->data, codes->size * sizeof (float)) != 0)
    {
      g_clear_pointer (&self->codes, nn_tensor_unref);
      self->codes = g_steal_pointer (&codes);
      wb_viewer_invalidate_probe (WB_VIEWER (self));
    }
  update_place (self);
}

static void
set_dims (WbManifoldViewer *self, guint across, guint up)
{
  self->updating = TRUE;
  gtk_spin_button_set_value (self->across, across + 1);
  gtk_spin_button_set_value (self->up, up + 1);
  self->updating = FALSE;
}

/* The two dimensions that say most, unless others were chosen; they stay put while training until
 * others say twice as much. */
static void
space_changed (WbManifoldViewer *self)
{
  WbCodeSpace *space = get_space (self);
  const guint n = space != NULL ? wb_code_space_n_values (space) : 0;

  if (n > 2 && !self->dims_chosen && wb_code_space_samples (space) != NULL)
    {
      const guint *order = wb_code_space_order (space);

      const guint across = (guint)gtk_spin_button_get_value_as_int (self->across) - 1;
      const guint up = (guint)gtk_spin_button_get_value_as_int (self->up) - 1;
      const double now = MIN (wb_code_space_deviation (space, MIN (across, n - 1)),
                              wb_code_space_deviation (space, MIN (up, n - 1)));

      if (2 * now < wb_code_space_deviation (space, order[1]))
        set_dims (self, order[0], order[1]);
    }
  update_grid (self);
}

static gboolean
settle (gpointer data)
{
  WbManifoldViewer *self = data;

  self->settling = 0;
  update_grid (self);
  return G_SOURCE_REMOVE;
}

/* A plane through the ring follows a little later than its picture, which is what the hand waits
 * for. */
static void
moved (WbManifoldViewer *self)
{
  update_place (self);
  if (self->settling == 0 && wb_code_plane_get_grid (self->plane)->n_values > 2)
    self->settling = g_timeout_add (SETTLE_MS, settle, self);
}

static void
dims_changed (WbManifoldViewer *self)
{
  if (self->updating)
    return;
  self->dims_chosen = TRUE;
  update_grid (self);
}

static void
range_chosen (WbManifoldViewer *self)
{
  if (!self->updating)
    self->range = (gint)gtk_drop_down_get_selected (self->range_down);
  update_grid (self);
}

/* ---- the document ---- */

static void
update_controls (WbManifoldViewer *self)
{
  const guint n = (guint)nn_shape_size (&self->decoder.code_shape);
  const guint before = wb_code_plane_get_grid (self->plane)->n_values;

  if (before != 0 && n != before)
    self->dims_chosen = FALSE;
  self->updating = TRUE;
  gtk_spin_button_set_range (self->across, 1, n);
  gtk_spin_button_set_range (self->up, 1, n);
  if (n <= 2)
    {
      gtk_spin_button_set_value (self->across, 1);
      gtk_spin_button_set_value (self->up, n);
    }
  gtk_drop_down_set_selected (self->range_down, self->range >= 0        ? (guint)self->range
                                                : self->decoder.sampled ? RANGE_SAMPLED
                                                                        : 0);
  gtk_widget_set_visible (GTK_WIDGET (self->across), n > 2);
  gtk_widget_set_visible (GTK_WIDGET (self->up), n > 2);
  self->updating = FALSE;
  if (n > 2
      && gtk_spin_button_get_value_as_int (self->across)
             == gtk_spin_button_get_value_as_int (self->up))
    set_dims (self, 0, 1);
}

static void
wb_manifold_viewer_document_changed (WbViewer *viewer)
{
  WbManifoldViewer *self = WB_MANIFOLD_VIEWER (viewer);
  WbDocument *document = wb_viewer_get_document (viewer);
  WbCodeSpace *space = get_space (self);
  NnAnalysis *analysis = wb_document_analysis (document);
  g_autoptr (GError) error = NULL;

  if (analysis == self->analysis && space == wb_code_plane_get_space (self->plane))
    return;
  g_clear_pointer (&self->analysis, nn_analysis_unref);
  self->analysis = nn_analysis_ref (analysis);
  g_signal_group_set_target (self->signals, space);
  wb_code_plane_set_space (self->plane, space);
  if (!nn_decoder_find (analysis, &self->decoder, &error))
    {
      self->decoder.encoded = 0;
      g_clear_pointer (&self->codes, nn_tensor_unref);
      wb_viewer_set_notice (viewer, error->message);
      return;
    }
  wb_viewer_set_notice (viewer, NULL);
  update_controls (self);
  space_changed (self);
}

static NnProbe *
wb_manifold_viewer_make_probe (WbViewer *viewer, guint probe_id)
{
  WbManifoldViewer *self = WB_MANIFOLD_VIEWER (viewer);

  if (self->codes == NULL || wb_document_dataset (wb_viewer_get_document (viewer)) == NULL)
    return NULL;
  return nn_decode_probe_new (probe_id, self->codes, NN_BLEND_NONE, NN_PART_TEST, NULL, 0);
}

static void
wb_manifold_viewer_answer (WbViewer *viewer, NnProbeResult *base)
{
  WbManifoldViewer *self = WB_MANIFOLD_VIEWER (viewer);
  NnDecodeResult *result = (NnDecodeResult *)base;

  if (base->type != &nn_decode_probe_type || self->codes == NULL)
    return;
  if (base->error != NULL)
    {
      wb_viewer_set_notice (viewer, base->error->message);
      return;
    }
  if (result->codes->size != self->codes->size
      || memcmp (result->codes->data, self->codes->data, self->codes->size * sizeof (float)) != 0)
    return; /* of a grid that is gone */
  wb_viewer_set_notice (viewer, NULL);
  wb_code_plane_set_decoded (self->plane, result);
}

static void
activated (WbManifoldViewer *self)
{
  GtkWidget *dock = gtk_widget_get_ancestor (GTK_WIDGET (self), WB_TYPE_DOCK);

  if (dock != NULL)
    wb_dock_show (WB_DOCK (dock), "decode");
}

/* ---- state and export ---- */

static void
wb_manifold_viewer_save_state (WbViewer *viewer, JsonObject *state)
{
  WbManifoldViewer *self = WB_MANIFOLD_VIEWER (viewer);

  json_object_set_int_member (state, "grid", sizes[gtk_drop_down_get_selected (self->size)]);
  if (self->range >= 0)
    json_object_set_string_member (state, "range", ranges[self->range].id);
  if (gtk_drop_down_get_selected (self->spacing) == 1)
    json_object_set_string_member (state, "steps", "quantiles");
  if (self->dims_chosen)
    {
      json_object_set_int_member (state, "across", gtk_spin_button_get_value_as_int (self->across));
      json_object_set_int_member (state, "up", gtk_spin_button_get_value_as_int (self->up));
    }
}

static void
wb_manifold_viewer_load_state (WbViewer *viewer, JsonObject *state)
{
  WbManifoldViewer *self = WB_MANIFOLD_VIEWER (viewer);
  const gint64 size = json_object_get_int_member_with_default (state, "grid", 15);
  const char *range = json_object_get_string_member_with_default (state, "range", NULL);
  const char *steps = json_object_get_string_member_with_default (state, "steps", NULL);

  const gint64 across = json_object_get_int_member_with_default (state, "across", 0);
  const gint64 up = json_object_get_int_member_with_default (state, "up", 0);

  if (across > 0 && up > 0 && across <= G_MAXINT && up <= G_MAXINT)
    {
      /* Cut to the network's size when that is known. */
      gtk_spin_button_set_range (self->across, 1, (double)across);
      gtk_spin_button_set_range (self->up, 1, (double)up);
      set_dims (self, (guint)across - 1, (guint)up - 1);
      self->dims_chosen = TRUE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    if (sizes[i] == size)
      gtk_drop_down_set_selected (self->size, i);
  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++)
    if (g_strcmp0 (ranges[i].id, range) == 0)
      gtk_drop_down_set_selected (self->range_down, i);
  gtk_drop_down_set_selected (self->spacing, g_strcmp0 (steps, "quantiles") == 0);
}

static void
wb_manifold_viewer_draw (WbViewer *viewer, cairo_t *cr, double width, double height)
{
  wb_code_plane_draw_figure (WB_MANIFOLD_VIEWER (viewer)->plane, cr, width, height);
}

static char *
wb_manifold_viewer_to_csv (WbViewer *viewer)
{
  const NnDecodeResult *result = wb_code_plane_get_decoded (WB_MANIFOLD_VIEWER (viewer)->plane);

  return result != NULL ? nn_decode_result_to_csv (result) : NULL;
}

static NnTensor *
wb_manifold_viewer_to_tensor (WbViewer *viewer)
{
  const NnDecodeResult *result = wb_code_plane_get_decoded (WB_MANIFOLD_VIEWER (viewer)->plane);

  return result != NULL ? nn_decode_result_to_tensor (result) : NULL;
}

static void
wb_manifold_viewer_finalize (GObject *object)
{
  WbManifoldViewer *self = WB_MANIFOLD_VIEWER (object);

  g_clear_handle_id (&self->settling, g_source_remove);
  g_clear_object (&self->signals);
  g_clear_pointer (&self->codes, nn_tensor_unref);
  g_clear_pointer (&self->analysis, nn_analysis_unref);
  G_OBJECT_CLASS (wb_manifold_viewer_parent_class)->finalize (object);
}

static void
wb_manifold_viewer_class_init (WbManifoldViewerClass *klass)
{
  WbViewerClass *viewer_class = WB_VIEWER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = wb_manifold_viewer_finalize;
  viewer_class->document_changed = wb_manifold_viewer_document_changed;
  viewer_class->make_probe = wb_manifold_viewer_make_probe;
  viewer_class->answer = wb_manifold_viewer_answer;
  viewer_class->draw = wb_manifold_viewer_draw;
  viewer_class->to_csv = wb_manifold_viewer_to_csv;
  viewer_class->to_tensor = wb_manifold_viewer_to_tensor;
  viewer_class->save_state = wb_manifold_viewer_save_state;
  viewer_class->load_state = wb_manifold_viewer_load_state;
}

/* ---- controls ---- */

static void
add_labelled (GtkWidget *flow, const char *title, const char *tip, GtkWidget *control)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2), *label = gtk_label_new (title);

  gtk_widget_add_css_class (label, "wb-sentence");
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (control, "wb-small");
  gtk_widget_set_tooltip_text (control, tip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  -1);
  gtk_box_append (GTK_BOX (column), label);
  gtk_box_append (GTK_BOX (column), control);
  g_object_bind_property (control, "visible", column, "visible", G_BINDING_SYNC_CREATE);
  wb_flow_add (WB_FLOW (flow), column);
}

static GtkWidget *
make_spin (WbManifoldViewer *self)
{
  GtkWidget *spin = gtk_spin_button_new_with_range (1, 1, 1);

  gtk_editable_set_width_chars (GTK_EDITABLE (spin), 3);
  wb_scroll_past (spin);
  g_signal_connect_swapped (spin, "value-changed", G_CALLBACK (dims_changed), self);
  return spin;
}

static GtkWidget *
make_range_list (WbManifoldViewer *self)
{
  GtkStringList *list = gtk_string_list_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++)
    gtk_string_list_append (list, _ (ranges[i].title));
  return gtk_drop_down_new (G_LIST_MODEL (list), NULL);
}

static GtkWidget *
make_size_list (void)
{
  GtkStringList *list = gtk_string_list_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *title = g_strdup_printf ("%u × %u", sizes[i], sizes[i]);
      gtk_string_list_append (list, title);
    }
  return gtk_drop_down_new (G_LIST_MODEL (list), NULL);
}

static GtkWidget *
make_controls (WbManifoldViewer *self)
{
  const char *const steps[] = { _ ("Even"), _ ("Quantiles"), NULL };
  GtkWidget *flow = wb_flow_new (), *place = gtk_label_new (NULL);
  GtkWidget *size = make_size_list (), *range = make_range_list (self);
  GtkWidget *spacing = gtk_drop_down_new_from_strings (steps);
  GtkWidget *across = make_spin (self), *up = make_spin (self);

  self->size = GTK_DROP_DOWN (size);
  self->range_down = GTK_DROP_DOWN (range);
  self->spacing = GTK_DROP_DOWN (spacing);
  self->across = GTK_SPIN_BUTTON (across);
  self->up = GTK_SPIN_BUTTON (up);
  self->place = GTK_LABEL (place);
  gtk_drop_down_set_selected (self->size, 3);
  gtk_drop_down_set_selected (self->range_down, RANGE_SAMPLED);
  add_labelled (flow, _ ("Grid"), _ ("How many places are decoded"), size);
  add_labelled (flow, _ ("Range"),
                _ ("How far the plane reaches; Data: where the codes of test samples lie"), range);
  add_labelled (flow, _ ("Steps"),
                _ ("Even: equal distances. Quantiles: equal shares of the normal distribution, "
                   "denser near zero, where a variational code is at home"),
                spacing);
  add_labelled (flow, _ ("Across"), _ ("The dimension of the code that runs across"), across);
  add_labelled (flow, _ ("Up"),
                _ ("The dimension of the code that runs up; the others are the ring's"), up);
  gtk_widget_add_css_class (place, "wb-sentence");
  gtk_widget_add_css_class (place, "numeric");
  gtk_label_set_xalign (GTK_LABEL (place), 0);
  wb_flow_add (WB_FLOW (flow), place);
  g_signal_connect_swapped (size, "notify::selected", G_CALLBACK (update_grid), self);
  g_signal_connect_swapped (spacing, "notify::selected", G_CALLBACK (update_grid), self);
  g_signal_connect_swapped (range, "notify::selected", G_CALLBACK (range_chosen), self);
  return flow;
}

static void
wb_manifold_viewer_init (WbManifoldViewer *self)
{
  GtkWidget *tiles = wb_tiles_new (), *plane = wb_code_plane_new ();
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  self->range = -1;
  self->plane = WB_CODE_PLANE (plane);
  self->signals = g_signal_group_new (WB_TYPE_CODE_SPACE);
  g_signal_group_connect_swapped (self->signals, "changed", G_CALLBACK (space_changed), self);
  g_signal_group_connect_swapped (self->signals, "moved", G_CALLBACK (moved), self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (plane), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Manifold"), -1);
  g_signal_connect_swapped (plane, "activated", G_CALLBACK (activated), self);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), make_controls (self));
  wb_tiles_add (WB_TILES (tiles), plane);
  wb_tiles_set_controls (WB_TILES (tiles), scrolled);
  wb_viewer_set_content (WB_VIEWER (self), tiles);
}
