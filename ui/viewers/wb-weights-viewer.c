/* wb-weights-viewer.c: the weights of a layer: as the pictures they look for, as kernels, as a
 * matrix; how they are spread. */
#include "diabolo-config.h"

#include "viewers/wb-board-settings.h"
#include "viewers/wb-layer-picker.h"
#include "viewers/wb-viewer.h"
#include "viewers/wb-weight-board.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "explore/nn-weights-probe.h"

#define WB_TYPE_WEIGHTS_VIEWER (wb_weights_viewer_get_type ())
G_DECLARE_FINAL_TYPE (WbWeightsViewer, wb_weights_viewer, WB, WEIGHTS_VIEWER, WbViewer)

extern const WbViewerType wb_weights_viewer_type;

struct _WbWeightsViewer
{
  WbViewer parent;

  WbBoardStyle style;
  char *weight;            /* "kernel": name of the one shown, kept from layer to layer */
  NnWeightsResult *result; /* newest answer; owned reference */
  gboolean updating;

  /* borrowed: children */
  WbBoard *board;
  WbLayerPicker *layers;
  GtkDropDown *names;
  GtkToggleButton *matrix;
};

G_DEFINE_FINAL_TYPE (WbWeightsViewer, wb_weights_viewer, WB_TYPE_VIEWER)

static const char *const form_sentences[] = {
  [WB_WEIGHT_MATRIX] = N_ ("The layer's weights: red adds, blue takes away."),
  [WB_WEIGHT_SEEN] = N_ ("What each unit looks for: red pixels excite it, blue ones calm it."),
  [WB_WEIGHT_DRAWN] = N_ ("What each input adds to the picture: red brightens, blue darkens."),
  [WB_WEIGHT_COLORS] = N_ ("The colours each filter looks for: grey is where it does not care."),
  [WB_WEIGHT_KERNELS] = N_ ("The pattern each filter looks for: red excites it, blue calms it."),
};

const WbViewerType wb_weights_viewer_type = {
  .id = "weights",
  .title = N_ ("Weights"),
  .sentence = N_ ("The layer's weights: red adds, blue takes away."),
  .icon = "nn-dense-symbolic",
  .get_type = wb_weights_viewer_get_type,
};

/* ---- what is shown ---- */

static const NnWeightValues *
weight_shown (WbWeightsViewer *self)
{
  GPtrArray *weights = self->result->weights;

  for (guint i = 0; i < weights->len; i++)
    {
      const NnWeightValues *weight = g_ptr_array_index (weights, i);
      if (g_strcmp0 (weight->name, self->weight) == 0)
        return weight;
    }
  return g_ptr_array_index (weights, 0);
}

static void
show_names (WbWeightsViewer *self, const NnWeightValues *shown)
{
  GListModel *old = gtk_drop_down_get_model (self->names);
  GPtrArray *weights = self->result->weights;
  gboolean same = old != NULL && g_list_model_get_n_items (old) == weights->len;
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  self->updating = TRUE;
  for (guint i = 0; i < weights->len; i++)
    {
      const char *name = ((const NnWeightValues *)g_ptr_array_index (weights, i))->name;

      gtk_string_list_append (names, name);
      same = same && strcmp (gtk_string_list_get_string (GTK_STRING_LIST (old), i), name) == 0;
    }
  if (!same)
    gtk_drop_down_set_model (self->names, G_LIST_MODEL (names));
  for (guint i = 0; i < weights->len; i++)
    if (g_ptr_array_index (weights, i) == shown)
      gtk_drop_down_set_selected (self->names, i);
  self->updating = FALSE;
}

static void
show (WbWeightsViewer *self)
{
  WbViewer *viewer = WB_VIEWER (self);
  WbDocument *document = wb_viewer_get_document (viewer);
  const NnNode *node = self->result != NULL
                           ? nn_design_node (wb_document_design (document), self->result->node)
                           : NULL;
  WbWeightForm form;
  WbBoardData *data;
  NnShape picture;

  if (node == NULL || self->result->node != wb_layer_picker_get_node (self->layers))
    return; /* to a question that is no longer asked */
  const NnWeightValues *weight = weight_shown (self);
  show_names (self, weight);
  form = wb_weight_form (wb_document_analysis (document), node->id, weight->values, &picture);
  gtk_widget_set_visible (GTK_WIDGET (self->matrix), form != WB_WEIGHT_MATRIX);
  if (gtk_toggle_button_get_active (self->matrix))
    form = WB_WEIGHT_MATRIX;
  data = wb_weight_board_new (weight->values, form, &picture);
  g_autofree char *shape = nn_shape_to_string (&weight->values->shape);
  data->title = g_strdup_printf ("%s · %s", node->name, shape);
  if (data->whole.n_bad > 0)
    {
      data->note = g_strdup (_ ("some weights are not numbers: they ran away"));
      data->short_note = g_strdup (_ ("not numbers"));
    }
  wb_board_style_apply (&self->style, data);
  if (self->style.palette == 0)
    data->palette = data->channels > 1 ? WB_PALETTE_GRAY : WB_PALETTE_DIVERGING;
  wb_viewer_set_sentence (viewer, _ (form_sentences[form]));
  wb_viewer_set_notice (viewer, NULL);
  wb_board_set_data (self->board, data);
  g_autofree char *name = g_strdup_printf ("weights %u %s %d", node->id, weight->name, (int)form);
  wb_board_link (self->board, document, name);
}

/* ---- asking and being answered ---- */

static void
wb_weights_viewer_document_changed (WbViewer *viewer)
{
  WbWeightsViewer *self = WB_WEIGHTS_VIEWER (viewer);
  WbDocument *document = wb_viewer_get_document (viewer);
  g_autofree char *waiting = NULL;

  wb_layer_picker_set_document (self->layers, document);
  if (wb_layer_picker_get_node (self->layers) == 0)
    wb_viewer_set_notice (viewer, _ ("No layer of this network has weights yet. "
                                     "Add one that learns, such as Dense."));
  else if (wb_document_dataset (document) == NULL)
    {
      waiting = wb_viewer_data_notice (viewer);
      wb_viewer_set_notice (viewer, waiting);
    }
}

static void
layer_changed (WbViewer *viewer)
{
  if (wb_viewer_get_document (viewer) == NULL)
    return;
  wb_weights_viewer_document_changed (viewer);
  wb_viewer_invalidate_probe (viewer);
}

static NnProbe *
wb_weights_viewer_make_probe (WbViewer *viewer, guint probe_id)
{
  const guint node = wb_layer_picker_get_node (WB_WEIGHTS_VIEWER (viewer)->layers);

  return node != 0 ? nn_weights_probe_new (probe_id, node) : NULL;
}

static void
wb_weights_viewer_answer (WbViewer *viewer, NnProbeResult *result)
{
  WbWeightsViewer *self = WB_WEIGHTS_VIEWER (viewer);

  if (result->type != &nn_weights_probe_type)
    return;
  if (result->error != NULL)
    {
      wb_viewer_set_notice (viewer, result->error->message);
      return;
    }
  nn_probe_result_ref (result);
  if (self->result != NULL)
    nn_probe_result_unref (&self->result->base);
  self->result = (NnWeightsResult *)result;
  show (self);
}

/* ---- controls ---- */

static void
name_chosen (WbWeightsViewer *self)
{
  GObject *item = gtk_drop_down_get_selected_item (self->names);

  if (self->updating || item == NULL)
    return;
  g_free (self->weight);
  self->weight = g_strdup (gtk_string_object_get_string (GTK_STRING_OBJECT (item)));
  show (self);
}

static void
style_changed (gpointer viewer)
{
  show (WB_WEIGHTS_VIEWER (viewer));
}

static GtkWidget *
wb_weights_viewer_make_settings (WbViewer *viewer)
{
  return wb_board_settings_new (&WB_WEIGHTS_VIEWER (viewer)->style, TRUE, style_changed,
                                G_OBJECT (viewer));
}

static void
wb_weights_viewer_save_state (WbViewer *viewer, JsonObject *state)
{
  WbWeightsViewer *self = WB_WEIGHTS_VIEWER (viewer);

  wb_board_style_save (&self->style, state);
  if (wb_layer_picker_get_fixed (self->layers) != 0)
    json_object_set_int_member (state, "layer", wb_layer_picker_get_fixed (self->layers));
  if (self->weight != NULL)
    json_object_set_string_member (state, "weight", self->weight);
  if (gtk_toggle_button_get_active (self->matrix))
    json_object_set_boolean_member (state, "matrix", TRUE);
}

static void
wb_weights_viewer_load_state (WbViewer *viewer, JsonObject *state)
{
  WbWeightsViewer *self = WB_WEIGHTS_VIEWER (viewer);

  wb_board_style_load (&self->style, state);
  g_free (self->weight);
  self->weight = g_strdup (json_object_get_string_member_with_default (state, "weight", NULL));
  wb_layer_picker_set_fixed (
      self->layers,
      (guint)CLAMP (json_object_get_int_member_with_default (state, "layer", 0), 0, G_MAXINT));
  gtk_toggle_button_set_active (
      self->matrix, json_object_get_boolean_member_with_default (state, "matrix", FALSE));
}

static void
wb_weights_viewer_draw (WbViewer *viewer, cairo_t *cr, double width, double height)
{
  wb_board_draw_figure (WB_WEIGHTS_VIEWER (viewer)->board, cr, width, height);
}

static char *
wb_weights_viewer_to_csv (WbViewer *viewer)
{
  const WbBoardData *data = wb_board_get_data (WB_WEIGHTS_VIEWER (viewer)->board);

  return data != NULL ? wb_board_data_to_csv (data) : NULL;
}

static NnTensor *
wb_weights_viewer_to_tensor (WbViewer *viewer)
{
  const WbBoardData *data = wb_board_get_data (WB_WEIGHTS_VIEWER (viewer)->board);

  return data != NULL ? wb_board_data_to_tensor (data) : NULL;
}

static void
wb_weights_viewer_finalize (GObject *object)
{
  WbWeightsViewer *self = WB_WEIGHTS_VIEWER (object);

  if (self->result != NULL)
    nn_probe_result_unref (&self->result->base);
  g_free (self->weight);
  G_OBJECT_CLASS (wb_weights_viewer_parent_class)->finalize (object);
}

static void
wb_weights_viewer_class_init (WbWeightsViewerClass *klass)
{
  WbViewerClass *viewer_class = WB_VIEWER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = wb_weights_viewer_finalize;
  viewer_class->document_changed = wb_weights_viewer_document_changed;
  viewer_class->make_probe = wb_weights_viewer_make_probe;
  viewer_class->answer = wb_weights_viewer_answer;
  viewer_class->draw = wb_weights_viewer_draw;
  viewer_class->to_csv = wb_weights_viewer_to_csv;
  viewer_class->to_tensor = wb_weights_viewer_to_tensor;
  viewer_class->make_settings = wb_weights_viewer_make_settings;
  viewer_class->save_state = wb_weights_viewer_save_state;
  viewer_class->load_state = wb_weights_viewer_load_state;
}

static void
wb_weights_viewer_init (WbWeightsViewer *self)
{
  WbViewer *viewer = WB_VIEWER (self);
  GtkWidget *board = wb_board_new (), *layers = wb_layer_picker_new (wb_layer_has_weights);
  GtkWidget *names = gtk_drop_down_new (NULL, NULL);
  GtkWidget *matrix = gtk_toggle_button_new_with_label (_ ("Matrix"));

  wb_board_style_init (&self->style);
  self->board = WB_BOARD (board);
  self->layers = WB_LAYER_PICKER (layers);
  self->names = GTK_DROP_DOWN (names);
  self->matrix = GTK_TOGGLE_BUTTON (matrix);
  gtk_accessible_update_property (GTK_ACCESSIBLE (board), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Weights"), -1);
  gtk_widget_add_css_class (names, "wb-small");
  gtk_widget_set_tooltip_text (names, _ ("Weight: the kernel is multiplied, the bias is added"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (names), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Weight"), -1);
  gtk_widget_add_css_class (matrix, "wb-small");
  gtk_widget_set_tooltip_text (
      matrix, _ ("Matrix: a row for each unit and a column for each of its inputs"));
  g_signal_connect_swapped (matrix, "toggled", G_CALLBACK (show), self);
  g_signal_connect_swapped (names, "notify::selected", G_CALLBACK (name_chosen), self);
  g_signal_connect_swapped (layers, "changed", G_CALLBACK (layer_changed), self);
  wb_viewer_add_control (viewer, matrix);
  wb_viewer_add_control (viewer, names);
  wb_viewer_add_control (viewer, layers);
  wb_viewer_set_content (viewer, board);
}
