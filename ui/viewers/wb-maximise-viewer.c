/* wb-maximise-viewer.c: the inputs that most excite the units of a layer, climbed to from noise. */
#include "diabolo-config.h"

#include "panels/wb-param-list.h"
#include "viewers/wb-gallery.h"
#include "viewers/wb-layer-picker.h"
#include "viewers/wb-viewer.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "layers/nn-layer.h"

#define FIRST_UNITS 16
/* Without training every step would be over before it is seen: so many frames show a whole climb.
 */
#define FRAMES 200
#define FOOT_GAP 8

#define WB_TYPE_MAXIMISE_VIEWER (wb_maximise_viewer_get_type ())
G_DECLARE_FINAL_TYPE (WbMaximiseViewer, wb_maximise_viewer, WB, MAXIMISE_VIEWER, WbViewer)

extern const WbViewerType wb_maximise_viewer_type;

struct _WbMaximiseViewer
{
  WbViewer parent;

  NnProbe *probe;   /* asked last; owned reference, or NULL */
  NnParams *params; /* settings; owned */
  GArray *units;    /* guint32: shown; owned. NULL: the first ones */
  guint node;       /* they are of */
  guint n_layer;    /* its units; 0: not known */
  guint64 seed;
  guint goal;  /* steps that are to be done */
  guint shown; /* steps of the newest answer to this question */
  gboolean running, training;
  guint tick; /* callback that asks for the next step */

  /* borrowed: children */
  WbGallery *gallery;
  WbLayerPicker *layers;
  WbParamList *list;
  GtkButton *run, *before, *after, *only;
  GtkEntry *entry;
  GtkWidget *foot;
};

G_DEFINE_FINAL_TYPE (WbMaximiseViewer, wb_maximise_viewer, WB_TYPE_VIEWER)

const WbViewerType wb_maximise_viewer_type = {
  .id = "maximise",
  .title = N_ ("Maximise"),
  .sentence = N_ ("The input that most excites each unit, climbed to step by step from noise."),
  .icon = "nn-maximum-symbolic",
  .get_type = wb_maximise_viewer_get_type,
};

static const NnParamSpec specs[] = {
  { .name = "steps",
    .title = N_ ("Steps"),
    .tip = N_ ("How many steps of gradient ascent are made from the first noise on."),
    .type = NN_PARAM_INT,
    .flags = NN_PARAM_LOG,
    .def = 200,
    .min = 1,
    .max = 100000,
    .soft_min = 10,
    .soft_max = 2000 },
  { .name = "rate",
    .title = N_ ("Rate"),
    .tip = N_ ("How far a pixel moves in a step on average, as a part of the range of the data."),
    .type = NN_PARAM_FLOAT,
    .flags = NN_PARAM_LOG,
    .def = 0.03,
    .min = 1e-6,
    .max = 10,
    .soft_min = 0.001,
    .soft_max = 1 },
  { .name = "decay",
    .title = N_ ("L2 decay"),
    .tip = N_ ("Pulls every value back to the mean of the data, so that only what excites the "
               "unit stands out."),
    .type = NN_PARAM_FLOAT,
    .def = 0.3,
    .min = 0,
    .max = 100,
    .soft_min = 0,
    .soft_max = 3 },
  { .name = "variation",
    .title = N_ ("Total variation"),
    .tip = N_ ("Pulls every value towards its neighbours: a smooth picture instead of specks."),
    .type = NN_PARAM_FLOAT,
    .def = 0.2,
    .min = 0,
    .max = 100,
    .soft_min = 0,
    .soft_max = 2 },
  { .name = "jitter",
    .title = N_ ("Jitter"),
    .tip = N_ ("Shifts the picture at random for each step, by so many pixels at most: what is "
               "found must not depend on single pixels."),
    .unit = "px",
    .type = NN_PARAM_INT,
    .def = 1,
    .min = 0,
    .max = 64,
    .soft_min = 0,
    .soft_max = 8 },
  { .name = "keep-range",
    .title = N_ ("Keep to the data's range"),
    .tip = N_ ("On: no value goes beyond what the data has, pixels stay between black and white."),
    .type = NN_PARAM_BOOL,
    .def = 1,
    .min = 0,
    .max = 1 },
  { NULL },
};

/* ---- asking ---- */

static gboolean
is_training (WbMaximiseViewer *self)
{
  WbDocument *document = wb_viewer_get_document (WB_VIEWER (self));

  return document != NULL && wb_document_state (document) == NN_SESSION_TRAINING;
}

static gboolean
is_climbing (WbMaximiseViewer *self)
{
  return self->running && self->shown < self->goal;
}

static void
stop_ticking (WbMaximiseViewer *self)
{
  if (self->tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self->gallery), self->tick);
  self->tick = 0;
}

static void
update_controls (WbMaximiseViewer *self)
{
  const gboolean climbing = is_climbing (self);
  const char *label = climbing ? _ ("Pause") : _ ("Go on");

  gtk_button_set_icon_name (self->run, climbing ? "media-playback-pause-symbolic"
                                                : "media-playback-start-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->run),
                               climbing ? _ ("Pause: leave the pictures as they are")
                                        : _ ("Go on: climb further from where they are"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->run), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
}

static void
ask (WbMaximiseViewer *self)
{
  update_controls (self);
  wb_viewer_invalidate_probe (WB_VIEWER (self));
}

static gboolean
ask_in_frame (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  WbMaximiseViewer *self = data;

  self->tick = 0;
  ask (self);
  return G_SOURCE_REMOVE;
}

/* What has been asked no longer counts: other units, another layer, from noise again. */
static void
begin_anew (WbMaximiseViewer *self)
{
  stop_ticking (self);
  self->shown = 0;
  self->goal = (guint)nn_params_int (self->params, "steps");
}

static NnMaximiseSettings
settings_of (NnParams *params)
{
  return (NnMaximiseSettings){
    .rate = (float)nn_params_float (params, "rate"),
    .decay = (float)nn_params_float (params, "decay"),
    .variation = (float)nn_params_float (params, "variation"),
    .jitter = (guint)nn_params_int (params, "jitter"),
    .clip = nn_params_bool (params, "keep-range"),
  };
}

/* (transfer full) */
static GArray *
units_shown (WbMaximiseViewer *self)
{
  return self->units != NULL ? g_array_ref (self->units)
                             : wb_unit_list_first (self->n_layer, FIRST_UNITS);
}

static NnProbe *
wb_maximise_viewer_make_probe (WbViewer *viewer, guint probe_id)
{
  WbMaximiseViewer *self = WB_MAXIMISE_VIEWER (viewer);
  WbDocument *document = wb_viewer_get_document (viewer);
  g_autoptr (GArray) units = units_shown (self);
  const guint whole = (guint)nn_params_int (self->params, "steps");

  if (self->node == 0 || units->len == 0 || wb_document_dataset (document) == NULL)
    return NULL;
  const guint next = self->shown + MAX (1, whole / FRAMES);
  const NnMaximiseQuestion question = {
    .node = self->node,
    .units = (const guint32 *)(gpointer)units->data,
    .n_units = units->len,
    .n_steps = self->training ? self->goal : MIN (self->goal, next),
    .paused = !self->running,
    .seed = self->seed,
    .sample = wb_document_sample (document),
    .settings = settings_of (self->params),
  };
  NnProbe *probe = nn_maximise_probe_new (probe_id, &question, self->probe);
  if (self->probe != NULL)
    nn_probe_unref (self->probe);
  self->probe = nn_probe_ref (probe);
  return probe;
}

/* ---- what there is ---- */

static void
show_units (WbMaximiseViewer *self)
{
  g_autoptr (GArray) units = units_shown (self);
  g_autofree char *text = wb_unit_list_format (units);
  const guint last = units->len > 0 ? g_array_index (units, guint32, units->len - 1) + 1 : 0;
  const gboolean all = units->len >= self->n_layer;

  gtk_editable_set_text (GTK_EDITABLE (self->entry), text);
  gtk_widget_remove_css_class (GTK_WIDGET (self->entry), "error");
  gtk_widget_set_sensitive (GTK_WIDGET (self->before),
                            !all && units->len > 0 && g_array_index (units, guint32, 0) > 0);
  gtk_widget_set_sensitive (GTK_WIDGET (self->after), !all && last < self->n_layer);
}

static void
set_units (WbMaximiseViewer *self, GArray *units)
{
  g_clear_pointer (&self->units, g_array_unref);
  self->units = units;
  begin_anew (self);
  show_units (self);
  ask (self);
}

/* Another layer begins with its first units. */
static void
take_layer (WbMaximiseViewer *self, const NnAnalysis *analysis)
{
  const guint node = wb_layer_picker_get_node (self->layers);
  const NnShape *shape = node != 0 ? nn_analysis_output_shape (analysis, node, 0) : NULL;
  const guint n_layer = shape == NULL     ? 0
                        : shape->rank > 0 ? (guint)shape->dim[shape->rank - 1]
                                          : 1;

  if (node == self->node && n_layer == self->n_layer)
    return;
  if (self->node != 0) /* else they come from a layout */
    g_clear_pointer (&self->units, g_array_unref);
  self->node = n_layer > 0 ? node : 0;
  self->n_layer = n_layer;
  begin_anew (self);
  show_units (self);
}

static void
wb_maximise_viewer_document_changed (WbViewer *viewer)
{
  WbMaximiseViewer *self = WB_MAXIMISE_VIEWER (viewer);
  WbDocument *document = wb_viewer_get_document (viewer);
  NnAnalysis *analysis = wb_document_analysis (document);
  g_autofree char *missing = NULL;

  wb_layer_picker_set_document (self->layers, document);
  take_layer (self, analysis);
  if (self->training != is_training (self))
    {
      self->training = is_training (self);
      ask (self);
    }
  missing = wb_viewer_missing_notice (viewer);
  if (missing == NULL && self->node == 0)
    missing = g_strdup (_ ("There is no layer to look into. Connect one to an input first."));
  if (missing != NULL)
    wb_viewer_set_notice (viewer, missing);
}

static void
layer_changed (WbViewer *viewer)
{
  if (wb_viewer_get_document (viewer) == NULL)
    return;
  wb_maximise_viewer_document_changed (viewer);
  wb_viewer_invalidate_probe (viewer);
}

/* TRUE where it is the answer to what is asked now. */
static gboolean
is_current (WbMaximiseViewer *self, const NnMaximiseResult *result)
{
  g_autoptr (GArray) units = units_shown (self);

  return result->node == self->node && result->seed == self->seed && result->n <= units->len
         && memcmp (result->units, units->data, result->n * sizeof (guint32)) == 0;
}

static void
wb_maximise_viewer_answer (WbViewer *viewer, NnProbeResult *base)
{
  WbMaximiseViewer *self = WB_MAXIMISE_VIEWER (viewer);
  WbDocument *document = wb_viewer_get_document (viewer);
  NnMaximiseResult *result = (NnMaximiseResult *)base;
  NnAnalysis *analysis = wb_document_analysis (document);

  if (base->type != &nn_maximise_probe_type)
    return;
  if (base->error != NULL)
    {
      wb_viewer_set_notice (viewer, base->error->message);
      return;
    }
  if (!is_current (self, result) || wb_document_dataset (document) == NULL
      || !nn_analysis_can_train (analysis))
    return;
  self->shown = result->n_steps;
  wb_viewer_set_notice (viewer, NULL);
  wb_gallery_set_data (self->gallery,
                       wb_gallery_data_new (result, analysis, self->goal,
                                            nn_params_bool (self->params, "keep-range")));
  update_controls (self);
  if (is_climbing (self) && !self->training && self->tick == 0)
    self->tick =
        gtk_widget_add_tick_callback (GTK_WIDGET (self->gallery), ask_in_frame, self, NULL);
}

/* ---- controls ---- */

static void
run_clicked (WbMaximiseViewer *self)
{
  if (is_climbing (self))
    self->running = FALSE;
  else
    {
      if (self->shown >= self->goal)
        self->goal = self->shown + (guint)nn_params_int (self->params, "steps");
      self->running = TRUE;
    }
  stop_ticking (self);
  ask (self);
}

static void
restart_clicked (WbMaximiseViewer *self)
{
  self->seed++;
  self->running = TRUE;
  begin_anew (self);
  ask (self);
}

static void
turn (WbMaximiseViewer *self, gint pages)
{
  g_autoptr (GArray) units = units_shown (self);

  set_units (self, wb_unit_list_turn (units, self->n_layer, pages));
}

static void
before_clicked (WbMaximiseViewer *self)
{
  turn (self, -1);
}

static void
after_clicked (WbMaximiseViewer *self)
{
  turn (self, 1);
}

static void
only_clicked (WbMaximiseViewer *self)
{
  GArray *marked = wb_gallery_get_marked (self->gallery);

  if (marked->len > 0)
    set_units (self, marked);
  else
    g_array_unref (marked);
}

static void
marks_changed (WbMaximiseViewer *self)
{
  g_autoptr (GArray) marked = wb_gallery_get_marked (self->gallery);

  gtk_widget_set_visible (GTK_WIDGET (self->only), marked->len > 0);
}

static void
entry_activated (WbMaximiseViewer *self)
{
  g_autoptr (GError) error = NULL;
  GArray *units = wb_unit_list_parse (gtk_editable_get_text (GTK_EDITABLE (self->entry)),
                                      self->n_layer, &error);

  if (units == NULL)
    {
      gtk_widget_add_css_class (GTK_WIDGET (self->entry), "error");
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->entry), error->message);
      return;
    }
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->entry),
                               _ ("Units: numbers and ranges, such as 1-16, 20"));
  set_units (self, units);
}

/* Whoever moves a slider when all is done wants to see what it does. */
static gboolean
param_edited (const NnParamSpec *spec, const char *text, gboolean more_to_come, gpointer data,
              GError **error)
{
  WbMaximiseViewer *self = data;
  NnParams *params = nn_params_with_text (self->params, spec->name, text, error);

  if (params == NULL)
    return FALSE;
  nn_params_unref (self->params);
  self->params = params;
  const guint steps = (guint)nn_params_int (params, "steps");
  if (strcmp (spec->name, "steps") == 0)
    self->goal = steps;
  else if (self->running && self->shown >= self->goal)
    self->goal = self->shown + MAX (1, steps / 4);
  wb_param_list_show (self->list, (const NnParams *const *)&self->params, 1);
  ask (self);
  return TRUE;
}

/* The controls over the foot leave the rest of it to its text. */
static void
foot_resized (WbMaximiseViewer *self)
{
  GtkRequisition size;

  gtk_widget_get_preferred_size (self->foot, NULL, &size);
  wb_gallery_set_foot (self->gallery, size.height, size.width + FOOT_GAP);
}

/* ---- state and export ---- */

static void
wb_maximise_viewer_save_state (WbViewer *viewer, JsonObject *state)
{
  WbMaximiseViewer *self = WB_MAXIMISE_VIEWER (viewer);
  g_autoptr (NnParams) usual = nn_params_new (specs);

  if (wb_layer_picker_get_fixed (self->layers) != 0)
    json_object_set_int_member (state, "layer", wb_layer_picker_get_fixed (self->layers));
  if (!nn_params_equal (self->params, usual))
    json_object_set_object_member (state, "settings", nn_params_to_json (self->params));
  if (self->units != NULL)
    {
      g_autofree char *text = wb_unit_list_format (self->units);
      json_object_set_string_member (state, "units", text);
    }
}

static void
wb_maximise_viewer_load_state (WbViewer *viewer, JsonObject *state)
{
  WbMaximiseViewer *self = WB_MAXIMISE_VIEWER (viewer);
  const char *units = json_object_get_string_member_with_default (state, "units", NULL);
  JsonNode *settings = json_object_get_member (state, "settings");
  NnParams *params = settings != NULL && JSON_NODE_HOLDS_OBJECT (settings)
                         ? nn_params_from_json (specs, json_node_get_object (settings), NULL)
                         : NULL;

  if (params != NULL)
    {
      nn_params_unref (self->params);
      self->params = params;
      wb_param_list_show (self->list, (const NnParams *const *)&self->params, 1);
      begin_anew (self);
    }
  g_clear_pointer (&self->units, g_array_unref);
  if (units != NULL) /* of a layer that is not yet known */
    self->units = wb_unit_list_parse (units, G_MAXUINT16, NULL);
  wb_layer_picker_set_fixed (
      self->layers,
      (guint)CLAMP (json_object_get_int_member_with_default (state, "layer", 0), 0, G_MAXINT));
}

static void
wb_maximise_viewer_draw (WbViewer *viewer, cairo_t *cr, double width, double height)
{
  wb_gallery_draw_figure (WB_MAXIMISE_VIEWER (viewer)->gallery, cr, width, height);
}

static char *
wb_maximise_viewer_to_csv (WbViewer *viewer)
{
  const WbGalleryData *data = wb_gallery_get_data (WB_MAXIMISE_VIEWER (viewer)->gallery);

  return data != NULL ? wb_gallery_data_to_csv (data) : NULL;
}

/* (n, H, W, C), (n, T, F) or (n, F) */
static NnTensor *
wb_maximise_viewer_to_tensor (WbViewer *viewer)
{
  const WbGalleryData *data = wb_gallery_get_data (WB_MAXIMISE_VIEWER (viewer)->gallery);
  NnShape shape;

  if (data == NULL)
    return NULL;
  const NnShape *one = &data->result->shape;
  shape = nn_shape (data->result->n, nn_shape_size (one));
  if (one->rank < NN_MAX_RANK)
    {
      shape.rank = one->rank + 1;
      for (gint i = 0; i < one->rank; i++)
        shape.dim[i + 1] = one->dim[i];
    }
  NnTensor *tensor = nn_tensor_new (&shape);
  memcpy (tensor->data, data->result->pictures->data, tensor->size * sizeof (float));
  return tensor;
}

/* ---- the object ---- */

static void
wb_maximise_viewer_dispose (GObject *object)
{
  WbMaximiseViewer *self = WB_MAXIMISE_VIEWER (object);

  if (self->gallery != NULL)
    stop_ticking (self);
  self->gallery = NULL;
  G_OBJECT_CLASS (wb_maximise_viewer_parent_class)->dispose (object);
}

static void
wb_maximise_viewer_finalize (GObject *object)
{
  WbMaximiseViewer *self = WB_MAXIMISE_VIEWER (object);

  if (self->probe != NULL)
    nn_probe_unref (self->probe);
  nn_params_unref (self->params);
  g_clear_pointer (&self->units, g_array_unref);
  G_OBJECT_CLASS (wb_maximise_viewer_parent_class)->finalize (object);
}

static void
wb_maximise_viewer_class_init (WbMaximiseViewerClass *klass)
{
  WbViewerClass *viewer_class = WB_VIEWER_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = wb_maximise_viewer_dispose;
  G_OBJECT_CLASS (klass)->finalize = wb_maximise_viewer_finalize;
  viewer_class->document_changed = wb_maximise_viewer_document_changed;
  viewer_class->make_probe = wb_maximise_viewer_make_probe;
  viewer_class->answer = wb_maximise_viewer_answer;
  viewer_class->draw = wb_maximise_viewer_draw;
  viewer_class->to_csv = wb_maximise_viewer_to_csv;
  viewer_class->to_tensor = wb_maximise_viewer_to_tensor;
  viewer_class->save_state = wb_maximise_viewer_save_state;
  viewer_class->load_state = wb_maximise_viewer_load_state;
}

/* A layer that answers to something. */
static gboolean
is_offered (const NnAnalysis *analysis, const NnNode *node)
{
  return wb_layer_has_output (analysis, node) && strcmp (node->type->id, "input") != 0;
}

static GtkWidget *
make_button (const char *icon, const char *label, const char *tip, GCallback clicked,
             WbMaximiseViewer *self)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "wb-small");
  gtk_widget_set_tooltip_text (button, tip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  g_signal_connect_swapped (button, "clicked", clicked, self);
  return button;
}

static GtkWidget *
make_settings_button (WbMaximiseViewer *self)
{
  GtkWidget *button = gtk_menu_button_new (), *popover = gtk_popover_new ();
  GtkWidget *list = wb_param_list_new (param_edited, NULL, self);
  g_autoptr (GPtrArray) all = wb_param_specs (specs);

  self->list = WB_PARAM_LIST (list);
  wb_param_list_set_specs (self->list, all, NULL);
  wb_param_list_show (self->list, (const NnParams *const *)&self->params, 1);
  gtk_widget_add_css_class (list, "inspector");
  gtk_widget_set_size_request (list, 260, -1);
  gtk_popover_set_child (GTK_POPOVER (popover), list);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (button), popover);
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "preferences-other-symbolic");
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "wb-small");
  gtk_widget_set_tooltip_text (button, _ ("How to climb: rate, regularisers, number of steps"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("How to climb"), -1);
  return button;
}

static GtkWidget *
make_foot (WbMaximiseViewer *self)
{
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2), *entry = gtk_entry_new ();
  GtkWidget *only = gtk_button_new_with_label (_ ("Only these"));
  GtkWidget *before =
      make_button ("go-previous-symbolic", _ ("Units before"), _ ("As many units before these"),
                   G_CALLBACK (before_clicked), self);
  GtkWidget *after = make_button ("go-next-symbolic", _ ("Next units"), _ ("The units after these"),
                                  G_CALLBACK (after_clicked), self);

  gtk_widget_add_css_class (only, "wb-small");
  gtk_widget_set_tooltip_text (only, _ ("Show the marked units alone, larger"));
  gtk_widget_set_visible (only, FALSE);
  g_signal_connect_swapped (only, "clicked", G_CALLBACK (only_clicked), self);
  gtk_widget_add_css_class (entry, "wb-small");
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 8);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (entry), 8);
  gtk_widget_set_tooltip_text (entry, _ ("Units: numbers and ranges, such as 1-16, 20"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Units"), -1);
  g_signal_connect_swapped (entry, "activate", G_CALLBACK (entry_activated), self);
  self->only = GTK_BUTTON (only);
  self->before = GTK_BUTTON (before);
  self->after = GTK_BUTTON (after);
  self->entry = GTK_ENTRY (entry);
  gtk_box_append (GTK_BOX (foot), only);
  gtk_box_append (GTK_BOX (foot), before);
  gtk_box_append (GTK_BOX (foot), entry);
  gtk_box_append (GTK_BOX (foot), after);
  gtk_widget_set_halign (foot, GTK_ALIGN_END);
  gtk_widget_set_valign (foot, GTK_ALIGN_END);
  return foot;
}

static void
wb_maximise_viewer_init (WbMaximiseViewer *self)
{
  WbViewer *viewer = WB_VIEWER (self);
  GtkWidget *gallery = wb_gallery_new (), *layers = wb_layer_picker_new (is_offered);
  GtkWidget *overlay = gtk_overlay_new ();

  self->params = nn_params_new (specs);
  self->running = TRUE;
  self->gallery = WB_GALLERY (gallery);
  self->layers = WB_LAYER_PICKER (layers);
  gtk_accessible_update_property (GTK_ACCESSIBLE (gallery), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("What excites each unit"), -1);
  GtkWidget *run = make_button ("media-playback-pause-symbolic", _ ("Pause"), NULL,
                                G_CALLBACK (run_clicked), self);
  self->run = GTK_BUTTON (run);
  wb_viewer_add_control (viewer, run);
  wb_viewer_add_control (viewer, make_button ("view-refresh-symbolic", _ ("Restart"),
                                              _ ("Restart: from new noise"),
                                              G_CALLBACK (restart_clicked), self));
  wb_viewer_add_control (viewer, make_settings_button (self));
  wb_viewer_add_control (viewer, layers);
  self->foot = make_foot (self);
  begin_anew (self);
  update_controls (self);
  g_signal_connect_swapped (gallery, "marks-changed", G_CALLBACK (marks_changed), self);
  g_signal_connect_swapped (self->only, "notify::visible", G_CALLBACK (foot_resized), self);
  g_signal_connect_swapped (self->foot, "map", G_CALLBACK (foot_resized), self);
  g_signal_connect_swapped (layers, "changed", G_CALLBACK (layer_changed), self);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), gallery);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), self->foot);
  wb_viewer_set_content (viewer, overlay);
}
