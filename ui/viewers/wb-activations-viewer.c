/* wb-activations-viewer.c: what a layer gives for one sample, or on average over a batch. */
#include "diabolo-config.h"

#include "viewers/wb-board-settings.h"
#include "viewers/wb-layer-picker.h"
#include "viewers/wb-sample-choice.h"
#include "viewers/wb-viewer.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "explore/nn-activations-probe.h"
#include "plots/wb-format.h"

/* As many samples as tell a dead unit from a rare one; the worker runs them at once. */
#define N_BATCH 256

#define WB_TYPE_ACTIVATIONS_VIEWER (wb_activations_viewer_get_type ())
G_DECLARE_FINAL_TYPE (WbActivationsViewer, wb_activations_viewer, WB, ACTIVATIONS_VIEWER, WbViewer)

extern const WbViewerType wb_activations_viewer_type;

struct _WbActivationsViewer
{
  WbViewer parent;

  WbBoardStyle style;
  guint sample; /* asked for */

  /* borrowed: children */
  WbBoard *board;
  WbLayerPicker *layers;
  GtkToggleButton *average;
  GtkButton *previous, *next;
};

G_DEFINE_FINAL_TYPE (WbActivationsViewer, wb_activations_viewer, WB_TYPE_VIEWER)

const WbViewerType wb_activations_viewer_type = {
  .id = "activations",
  .title = N_ ("Activations"),
  .sentence = N_ ("What each unit of a layer answers to a sample."),
  .icon = "nn-activation-symbolic",
  .get_type = wb_activations_viewer_get_type,
};

static gboolean
is_average (WbActivationsViewer *self)
{
  return gtk_toggle_button_get_active (self->average);
}

/* ---- asking and being answered ---- */

static void
ask_again (WbActivationsViewer *self)
{
  wb_viewer_invalidate_probe (WB_VIEWER (self));
}

static void
wb_activations_viewer_document_changed (WbViewer *viewer)
{
  WbActivationsViewer *self = WB_ACTIVATIONS_VIEWER (viewer);
  WbDocument *document = wb_viewer_get_document (viewer);
  g_autofree char *waiting = NULL;

  wb_layer_picker_set_document (self->layers, document);
  if (wb_document_dataset (document) == NULL)
    {
      waiting = wb_viewer_data_notice (viewer);
      wb_viewer_set_notice (viewer, waiting);
    }
  else if (wb_layer_picker_get_node (self->layers) == 0)
    wb_viewer_set_notice (viewer,
                          _ ("There is no layer to look into. Connect one to an input first."));
  else if (!nn_analysis_can_train (wb_document_analysis (document)))
    wb_viewer_set_notice (viewer, _ ("The network has a mistake, so nothing flows through it yet. "
                                     "Mend what is marked red in the graph."));
  else if (self->sample != wb_document_sample (document))
    ask_again (self);
}

static void
layer_changed (WbViewer *viewer)
{
  if (wb_viewer_get_document (viewer) == NULL)
    return;
  wb_activations_viewer_document_changed (viewer);
  wb_viewer_invalidate_probe (viewer);
}

static NnProbe *
wb_activations_viewer_make_probe (WbViewer *viewer, guint probe_id)
{
  WbActivationsViewer *self = WB_ACTIVATIONS_VIEWER (viewer);
  WbDocument *document = wb_viewer_get_document (viewer);
  const guint node = wb_layer_picker_get_node (self->layers);

  self->sample = wb_document_sample (document);
  if (node == 0 || wb_document_dataset (document) == NULL)
    return NULL;
  return nn_activations_probe_new (probe_id, NN_PART_TEST, node, self->sample, N_BATCH,
                                   is_average (self));
}

static char *
here_text (const NnActivationsResult *result, const NnDataInfo *info)
{
  g_autofree char *name = wb_sample_class_name (info, result->label);
  g_autofree char *index = wb_format_count (result->sample);

  if (result->average)
    return g_strdup (_ ("mean"));
  if (name == NULL)
    return g_strdup_printf (_ ("sample %s"), index);
  return g_strdup_printf (_ ("a “%s”"), name);
}

/* "5 of 32 never fire on these 256 samples", "5 never fire" */
static void
set_finding (WbBoardData *data, const NnActivationsResult *result)
{
  guint64 n_bad = 0;

  for (guint i = 0; i < result->n_units; i++)
    n_bad += result->units[i].n_bad;
  if (n_bad > 0)
    {
      data->note = g_strdup (_ ("some values are not numbers: the weights ran away"));
      data->short_note = g_strdup (_ ("not numbers"));
    }
  else if (result->n_dead > 0)
    {
      data->note =
          g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u of %u never fires on these %u samples",
                                        "%u of %u never fire on these %u samples", result->n_dead),
                           result->n_dead, result->n_units, result->n_batch);
      data->short_note = g_strdup_printf (
          g_dngettext (GETTEXT_PACKAGE, "%u never fires", "%u never fire", result->n_dead),
          result->n_dead);
    }
}

static void
wb_activations_viewer_answer (WbViewer *viewer, NnProbeResult *base)
{
  WbActivationsViewer *self = WB_ACTIVATIONS_VIEWER (viewer);
  WbDocument *document = wb_viewer_get_document (viewer);
  NnActivationsResult *result = (NnActivationsResult *)base;
  const NnNode *node;
  WbBoardData *data;

  if (base->type != &nn_activations_probe_type)
    return;
  if (base->error != NULL)
    {
      wb_viewer_set_notice (viewer, base->error->message);
      return;
    }
  node = nn_design_node (wb_document_design (document), result->node);
  if (node == NULL || result->node != wb_layer_picker_get_node (self->layers)
      || result->average != is_average (self) || wb_document_dataset (document) == NULL
      || !nn_analysis_can_train (wb_document_analysis (document)))
    return; /* to a question that is no longer asked */
  data = wb_board_data_of_output (&result->shape, result->values->data);
  g_autofree char *shape = nn_shape_to_string (&result->shape);
  data->title = g_strdup_printf ("%s · %s", node->name, shape);
  data->here = here_text (result, nn_dataset_info (wb_document_dataset (document)));
  set_finding (data, result);
  wb_board_data_set_batch (data, result->units, result->n_batch);
  wb_board_style_apply (&self->style, data);
  wb_viewer_set_notice (viewer, NULL);
  wb_board_set_data (self->board, data);
  g_autofree char *name = g_strdup_printf ("activations %u", node->id);
  wb_board_link (self->board, document, name);
}

/* ---- controls ---- */

static void
average_toggled (WbActivationsViewer *self)
{
  const gboolean average = is_average (self);

  wb_viewer_set_sentence (WB_VIEWER (self),
                          average ? _ ("What each unit of a layer answers on average.")
                                  : _ (wb_activations_viewer_type.sentence));
  gtk_widget_set_sensitive (GTK_WIDGET (self->previous), !average);
  gtk_widget_set_sensitive (GTK_WIDGET (self->next), !average);
  ask_again (self);
}

static void
move_sample (WbActivationsViewer *self, gint step)
{
  WbDocument *document = wb_viewer_get_document (WB_VIEWER (self));
  NnDataset *dataset = document != NULL ? wb_document_dataset (document) : NULL;
  gsize n = dataset != NULL ? nn_dataset_n_samples (dataset, NN_PART_TEST) : 0;

  if (n > 0)
    wb_document_set_sample (document,
                            (guint)((wb_document_sample (document) + n + (gsize)step) % n));
}

static void
previous_clicked (WbActivationsViewer *self)
{
  move_sample (self, -1);
}

static void
next_clicked (WbActivationsViewer *self)
{
  move_sample (self, 1);
}

static void
style_changed (gpointer viewer)
{
  ask_again (WB_ACTIVATIONS_VIEWER (viewer));
}

static GtkWidget *
wb_activations_viewer_make_settings (WbViewer *viewer)
{
  return wb_board_settings_new (&WB_ACTIVATIONS_VIEWER (viewer)->style, TRUE, style_changed,
                                G_OBJECT (viewer));
}

static void
wb_activations_viewer_save_state (WbViewer *viewer, JsonObject *state)
{
  WbActivationsViewer *self = WB_ACTIVATIONS_VIEWER (viewer);

  wb_board_style_save (&self->style, state);
  if (wb_layer_picker_get_fixed (self->layers) != 0)
    json_object_set_int_member (state, "layer", wb_layer_picker_get_fixed (self->layers));
  if (is_average (self))
    json_object_set_boolean_member (state, "average", TRUE);
}

static void
wb_activations_viewer_load_state (WbViewer *viewer, JsonObject *state)
{
  WbActivationsViewer *self = WB_ACTIVATIONS_VIEWER (viewer);

  wb_board_style_load (&self->style, state);
  wb_layer_picker_set_fixed (
      self->layers,
      (guint)CLAMP (json_object_get_int_member_with_default (state, "layer", 0), 0, G_MAXINT));
  gtk_toggle_button_set_active (
      self->average, json_object_get_boolean_member_with_default (state, "average", FALSE));
}

static void
wb_activations_viewer_draw (WbViewer *viewer, cairo_t *cr, double width, double height)
{
  wb_board_draw_figure (WB_ACTIVATIONS_VIEWER (viewer)->board, cr, width, height);
}

static char *
wb_activations_viewer_to_csv (WbViewer *viewer)
{
  const WbBoardData *data = wb_board_get_data (WB_ACTIVATIONS_VIEWER (viewer)->board);

  return data != NULL ? wb_board_data_to_csv (data) : NULL;
}

static NnTensor *
wb_activations_viewer_to_tensor (WbViewer *viewer)
{
  const WbBoardData *data = wb_board_get_data (WB_ACTIVATIONS_VIEWER (viewer)->board);

  return data != NULL ? wb_board_data_to_tensor (data) : NULL;
}

static void
wb_activations_viewer_class_init (WbActivationsViewerClass *klass)
{
  WbViewerClass *viewer_class = WB_VIEWER_CLASS (klass);

  viewer_class->document_changed = wb_activations_viewer_document_changed;
  viewer_class->make_probe = wb_activations_viewer_make_probe;
  viewer_class->answer = wb_activations_viewer_answer;
  viewer_class->draw = wb_activations_viewer_draw;
  viewer_class->to_csv = wb_activations_viewer_to_csv;
  viewer_class->to_tensor = wb_activations_viewer_to_tensor;
  viewer_class->make_settings = wb_activations_viewer_make_settings;
  viewer_class->save_state = wb_activations_viewer_save_state;
  viewer_class->load_state = wb_activations_viewer_load_state;
}

static GtkWidget *
make_step (const char *icon, const char *label)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "wb-small");
  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  return button;
}

static void
wb_activations_viewer_init (WbActivationsViewer *self)
{
  WbViewer *viewer = WB_VIEWER (self);
  GtkWidget *board = wb_board_new (), *layers = wb_layer_picker_new (wb_layer_has_output);
  GtkWidget *previous = make_step ("go-previous-symbolic", _ ("Sample before"));
  GtkWidget *next = make_step ("go-next-symbolic", _ ("Next sample"));
  GtkWidget *average = gtk_toggle_button_new_with_label (_ ("Mean"));

  wb_board_style_init (&self->style);
  self->board = WB_BOARD (board);
  self->layers = WB_LAYER_PICKER (layers);
  self->average = GTK_TOGGLE_BUTTON (average);
  self->previous = GTK_BUTTON (previous);
  self->next = GTK_BUTTON (next);
  gtk_accessible_update_property (GTK_ACCESSIBLE (board), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Activations"), -1);
  gtk_widget_add_css_class (average, "wb-small");
  gtk_widget_set_tooltip_text (average, _ ("Mean: show the average over the first 256 test samples "
                                           "instead of one sample"));
  g_signal_connect_swapped (average, "toggled", G_CALLBACK (average_toggled), self);
  g_signal_connect_swapped (previous, "clicked", G_CALLBACK (previous_clicked), self);
  g_signal_connect_swapped (next, "clicked", G_CALLBACK (next_clicked), self);
  g_signal_connect_swapped (layers, "changed", G_CALLBACK (layer_changed), self);
  wb_viewer_add_control (viewer, previous);
  wb_viewer_add_control (viewer, next);
  wb_viewer_add_control (viewer, average);
  wb_viewer_add_control (viewer, layers);
  wb_viewer_set_content (viewer, board);
}
