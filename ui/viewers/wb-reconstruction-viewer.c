/* wb-reconstruction-viewer.c: test samples, what passes through the code, what comes back. */
#include "diabolo-config.h"

#include "viewers/wb-grid.h"
#include "viewers/wb-sample-picker.h"
#include "viewers/wb-viewer.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define DESCRIBE_SECONDS 1

#define WB_TYPE_RECONSTRUCTION_VIEWER (wb_reconstruction_viewer_get_type ())
G_DECLARE_FINAL_TYPE (WbReconstructionViewer, wb_reconstruction_viewer, WB, RECONSTRUCTION_VIEWER,
                      WbViewer)

extern const WbViewerType wb_reconstruction_viewer_type;

struct _WbReconstructionViewer
{
  WbViewer parent;

  NnAnalysis *analysis; /* that the grid's plan was made from; owned */
  NnDataset *dataset;   /* likewise */
  gint64 described_at;

  /* borrowed: children */
  WbGrid *grid;
  WbSamplePicker *picker;
};

G_DEFINE_FINAL_TYPE (WbReconstructionViewer, wb_reconstruction_viewer, WB_TYPE_VIEWER)

const WbViewerType wb_reconstruction_viewer_type = {
  .id = "reconstruction",
  .title = N_ ("Reconstructions"),
  .sentence = N_ ("What goes in, passes through, comes back."),
  .icon = "wb-reconstruction-symbolic",
  .get_type = wb_reconstruction_viewer_get_type,
};

/* ---- what there is to show ---- */

static void
update_plan (WbReconstructionViewer *self)
{
  WbViewer *viewer = WB_VIEWER (self);
  g_autofree char *reason = NULL;
  WbGridPlan *plan = wb_grid_plan_new (self->analysis, &reason);
  gboolean classifies = plan != NULL && plan->classifies;

  if (plan != NULL && self->dataset == NULL)
    {
      reason = wb_viewer_data_notice (viewer);
      g_clear_pointer (&plan, wb_grid_plan_free);
    }
  wb_viewer_set_sentence (viewer, classifies
                                      ? _ ("Test samples, and the class the network gives them.")
                                      : _ (wb_reconstruction_viewer_type.sentence));
  wb_viewer_set_notice (viewer, plan == NULL ? reason : NULL);
  wb_grid_set_plan (self->grid, plan);
  if (self->dataset != NULL)
    wb_sample_picker_set_n_samples (self->picker,
                                    nn_dataset_n_samples (self->dataset, NN_PART_TEST));
}

static void
update_wanted (WbReconstructionViewer *self)
{
  const WbSampleChoice *choice = wb_sample_picker_get_choice (self->picker);
  gboolean classes = choice->mode == WB_SAMPLES_CLASSES && self->dataset != NULL;

  wb_grid_set_wanted (self->grid, classes ? wb_sample_n_classes (self->dataset) : 0);
}

/* The newest validation's mean of what is shown for each sample: of one objective, without its
 * weight. */
static double
validation_mean (WbViewer *viewer)
{
  WbDocument *document = wb_viewer_get_document (viewer);
  const guint64 run = wb_viewer_get_run (viewer);
  NnSnapshot *snapshot = wb_document_snapshot (document);
  const guint id = nn_analysis_judge_node (wb_document_analysis (document));
  const NnNode *judge = nn_design_node (wb_document_design (document), id);
  double weight;

  if (snapshot == NULL || judge == NULL || (run != 0 && run != wb_document_run (document)))
    return NAN;
  weight = nn_params_float (judge->params, "weight");
  return weight > 0 ? nn_snapshot_loss_part (snapshot, id) / weight : NAN;
}

/* That, unless the probe looked through the whole part itself. */
static void
update_mean (WbReconstructionViewer *self)
{
  const WbGridData *data = wb_grid_get_data (self->grid);
  double mean = data != NULL ? data->result->mean_loss : NAN;

  if (isnan (mean))
    mean = validation_mean (WB_VIEWER (self));
  wb_grid_set_mean (self->grid, mean,
                    self->dataset ? nn_dataset_n_samples (self->dataset, NN_PART_TEST) : 0);
}

static void
wb_reconstruction_viewer_document_changed (WbViewer *viewer)
{
  WbReconstructionViewer *self = WB_RECONSTRUCTION_VIEWER (viewer);
  WbDocument *document = wb_viewer_get_document (viewer);
  NnAnalysis *analysis = wb_document_analysis (document);
  NnDataset *dataset = wb_document_dataset (document);

  wb_grid_set_selected (self->grid, wb_document_sample (document));
  if (analysis != self->analysis || dataset != self->dataset)
    {
      g_clear_pointer (&self->analysis, nn_analysis_unref);
      g_clear_pointer (&self->dataset, nn_dataset_unref);
      self->analysis = nn_analysis_ref (analysis);
      self->dataset = dataset != NULL ? nn_dataset_ref (dataset) : NULL;
      update_plan (self);
      update_wanted (self);
    }
  else if (dataset == NULL)
    {
      g_autofree char *text = wb_viewer_data_notice (viewer);
      wb_viewer_set_notice (viewer, text);
    }
  update_mean (self);
}

static void
wb_reconstruction_viewer_snapshot (WbViewer *viewer, NnSnapshot *snapshot)
{
  update_mean (WB_RECONSTRUCTION_VIEWER (viewer));
}

/* ---- asking and being answered ---- */

static NnProbe *
wb_reconstruction_viewer_make_probe (WbViewer *viewer, guint probe_id)
{
  static const NnPick picks[WB_N_SAMPLE_MODES] = {
    [WB_SAMPLES_CLASSES] = NN_PICK_LISTED, [WB_SAMPLES_SEQUENCE] = NN_PICK_LISTED,
    [WB_SAMPLES_RANDOM] = NN_PICK_RANDOM,  [WB_SAMPLES_WORST] = NN_PICK_WORST,
    [WB_SAMPLES_LISTED] = NN_PICK_LISTED,
  };
  WbReconstructionViewer *self = WB_RECONSTRUCTION_VIEWER (viewer);
  const WbSampleChoice *choice = wb_sample_picker_get_choice (self->picker);
  const WbGridPlan *plan = wb_grid_get_plan (self->grid);
  guint n = wb_grid_get_columns (self->grid);
  g_autoptr (GArray) samples = NULL, nodes = NULL;

  if (plan == NULL || self->dataset == NULL || n == 0)
    return NULL;
  n = (guint)MIN (n, nn_dataset_n_samples (self->dataset, NN_PART_TEST));
  nodes = wb_grid_plan_nodes (plan);
  samples = wb_sample_choice_pick (choice, self->dataset, n);
  if (picks[choice->mode] == NN_PICK_LISTED)
    n = samples->len;
  if (n == 0)
    return NULL;
  return nn_node_values_probe_new (probe_id, NN_PART_TEST, picks[choice->mode],
                                   (const guint32 *)(gpointer)samples->data, n, choice->seed,
                                   (const guint *)(gpointer)nodes->data, nodes->len);
}

static void
describe (WbReconstructionViewer *self, const WbGridData *data)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gint64 now = g_get_monotonic_time ();

  if (now - self->described_at < DESCRIBE_SECONDS * G_USEC_PER_SEC)
    return;
  self->described_at = now;
  for (guint i = 0; i < data->n; i++)
    {
      g_autofree char *error = wb_grid_format_error (wb_grid_data_error (data, i));
      g_string_append_printf (text, _ ("%sSample %u: error %s"), i > 0 ? ", " : "",
                              g_array_index (data->result->samples, guint32, i), error);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->grid), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text->str, -1);
}

static void
wb_reconstruction_viewer_answer (WbViewer *viewer, NnProbeResult *result)
{
  WbReconstructionViewer *self = WB_RECONSTRUCTION_VIEWER (viewer);
  const WbGridPlan *plan = wb_grid_get_plan (self->grid);
  WbGridData *data;

  if (plan == NULL || result->type != &nn_node_values_probe_type)
    return;
  if (result->error != NULL)
    {
      wb_viewer_set_notice (viewer, result->error->message);
      return;
    }
  data = wb_grid_data_new (plan, (NnNodeValuesResult *)result);
  if (data == NULL)
    return; /* of a design that is gone */
  wb_viewer_set_notice (viewer, NULL);
  wb_grid_set_data (self->grid, data);
  update_mean (self);
  describe (self, data);
}

static void
choice_changed (WbReconstructionViewer *self)
{
  update_wanted (self);
  wb_viewer_invalidate_probe (WB_VIEWER (self));
}

static void
picked (WbReconstructionViewer *self, guint sample)
{
  WbDocument *document = wb_viewer_get_document (WB_VIEWER (self));

  if (document != NULL)
    wb_document_set_sample (document, sample);
}

/* ---- settings and export ---- */

static void
inverted_toggled (GtkCheckButton *check, WbReconstructionViewer *self)
{
  wb_grid_set_inverted (self->grid, gtk_check_button_get_active (check));
}

static GtkWidget *
wb_reconstruction_viewer_make_settings (WbViewer *viewer)
{
  WbReconstructionViewer *self = WB_RECONSTRUCTION_VIEWER (viewer);
  GtkWidget *check = gtk_check_button_new_with_label (_ ("Dark on light"));

  gtk_widget_add_css_class (check, "wb-settings");
  gtk_widget_set_tooltip_text (check, _ ("Show grey images inverted, as ink on paper"));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), wb_grid_get_inverted (self->grid));
  g_signal_connect_object (check, "toggled", G_CALLBACK (inverted_toggled), self, 0);
  return check;
}

static void
wb_reconstruction_viewer_save_state (WbViewer *viewer, JsonObject *state)
{
  WbReconstructionViewer *self = WB_RECONSTRUCTION_VIEWER (viewer);
  const WbSampleChoice *choice = wb_sample_picker_get_choice (self->picker);
  const char *list = wb_sample_picker_get_list (self->picker);

  if (choice->mode != WB_SAMPLES_CLASSES)
    json_object_set_string_member (state, "samples", wb_sample_modes[choice->mode].id);
  if (*list != '\0')
    json_object_set_string_member (state, "listed", list);
  if (wb_grid_get_inverted (self->grid))
    json_object_set_boolean_member (state, "inverted", TRUE);
}

static void
wb_reconstruction_viewer_load_state (WbViewer *viewer, JsonObject *state)
{
  WbReconstructionViewer *self = WB_RECONSTRUCTION_VIEWER (viewer);
  const char *mode = json_object_get_string_member_with_default (state, "samples", NULL);
  const char *list = json_object_get_string_member_with_default (state, "listed", NULL);

  if (list != NULL)
    wb_sample_picker_set_list (self->picker, list);
  wb_sample_picker_set_mode (self->picker, wb_sample_mode_from_id (mode));
  wb_grid_set_inverted (self->grid,
                        json_object_get_boolean_member_with_default (state, "inverted", FALSE));
}

static void
wb_reconstruction_viewer_draw (WbViewer *viewer, cairo_t *cr, double width, double height)
{
  wb_grid_draw_figure (WB_RECONSTRUCTION_VIEWER (viewer)->grid, cr, width, height);
}

static char *
wb_reconstruction_viewer_to_csv (WbViewer *viewer)
{
  const WbGridData *data = wb_grid_get_data (WB_RECONSTRUCTION_VIEWER (viewer)->grid);

  return data != NULL ? wb_grid_data_to_csv (data) : NULL;
}

static NnTensor *
wb_reconstruction_viewer_to_tensor (WbViewer *viewer)
{
  const WbGridData *data = wb_grid_get_data (WB_RECONSTRUCTION_VIEWER (viewer)->grid);

  return data != NULL ? wb_grid_data_to_tensor (data) : NULL;
}

static void
wb_reconstruction_viewer_finalize (GObject *object)
{
  WbReconstructionViewer *self = WB_RECONSTRUCTION_VIEWER (object);

  g_clear_pointer (&self->analysis, nn_analysis_unref);
  g_clear_pointer (&self->dataset, nn_dataset_unref);
  G_OBJECT_CLASS (wb_reconstruction_viewer_parent_class)->finalize (object);
}

static void
wb_reconstruction_viewer_class_init (WbReconstructionViewerClass *klass)
{
  WbViewerClass *viewer_class = WB_VIEWER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = wb_reconstruction_viewer_finalize;
  viewer_class->document_changed = wb_reconstruction_viewer_document_changed;
  viewer_class->snapshot = wb_reconstruction_viewer_snapshot;
  viewer_class->make_probe = wb_reconstruction_viewer_make_probe;
  viewer_class->answer = wb_reconstruction_viewer_answer;
  viewer_class->draw = wb_reconstruction_viewer_draw;
  viewer_class->to_csv = wb_reconstruction_viewer_to_csv;
  viewer_class->to_tensor = wb_reconstruction_viewer_to_tensor;
  viewer_class->make_settings = wb_reconstruction_viewer_make_settings;
  viewer_class->save_state = wb_reconstruction_viewer_save_state;
  viewer_class->load_state = wb_reconstruction_viewer_load_state;
}

static void
wb_reconstruction_viewer_init (WbReconstructionViewer *self)
{
  GtkWidget *grid = wb_grid_new (), *picker = wb_sample_picker_new ();

  self->grid = WB_GRID (grid);
  self->picker = WB_SAMPLE_PICKER (picker);
  gtk_accessible_update_property (GTK_ACCESSIBLE (grid), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Reconstruction grid"), -1);
  g_signal_connect_swapped (grid, "columns-changed", G_CALLBACK (wb_viewer_invalidate_probe), self);
  g_signal_connect_swapped (grid, "picked", G_CALLBACK (picked), self);
  g_signal_connect_swapped (picker, "changed", G_CALLBACK (choice_changed), self);
  wb_viewer_add_control (WB_VIEWER (self), picker);
  wb_viewer_set_content (WB_VIEWER (self), grid);
}
