/* wb-classes-viewer.c: what a classifier takes for what, and the samples it is most wrong about. */
#include "diabolo-config.h"

#include "explore/nn-classes-probe.h"
#include "panels/wb-scroll-past.h"
#include "plots/wb-format.h"
#include "viewers/wb-classes-draw.h"
#include "viewers/wb-drawing-viewer.h"
#include "viewers/wb-segments.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define DESCRIBE_SECONDS 1

#define WB_TYPE_CLASSES_VIEWER (wb_classes_viewer_get_type ())
G_DECLARE_FINAL_TYPE (WbClassesViewer, wb_classes_viewer, WB, CLASSES_VIEWER, WbDrawingViewer)

extern const WbViewerType wb_classes_viewer_type;

struct _WbClassesViewer
{
  WbDrawingViewer parent;

  /* owned */
  NnAnalysis *analysis; /* that objective belongs to */
  NnDataset *dataset;
  NnClassesTable *table; /* newest; NULL before any */
  WbClassesData *data;   /* counted from it */

  guint objective;         /* 0: none */
  guint field;             /* what samples look like */
  double threshold;        /* of two classes */
  double wanted_threshold; /* that the design last asked for */
  gint truth, predicted;   /* the cell whose samples are listed; -1: all mistakes */
  NnPart part;             /* whose samples are counted */
  gboolean shares, viridis;
  gint64 described_at;

  /* borrowed: children */
  GtkWidget *threshold_box, *threshold_label, *parts;
  GtkRange *threshold_scale;
  GtkToggleButton *counts_button, *shares_button, *test_button, *validation_button;
};

G_DEFINE_FINAL_TYPE (WbClassesViewer, wb_classes_viewer, WB_TYPE_DRAWING_VIEWER)

const WbViewerType wb_classes_viewer_type = {
  .id = "classes",
  .title = N_ ("Classes"),
  .sentence = N_ ("What is taken for what: rows are the truth, columns the answers."),
  .icon = "wb-classes-symbolic",
  .get_type = wb_classes_viewer_get_type,
};

/* ---- which part ---- */

static gboolean
shows_validation (WbClassesViewer *self)
{
  return self->part == NN_PART_VALIDATION;
}

/* Where no part validates on its own there is nothing to choose. */
static NnPart
choose_part (WbClassesViewer *self)
{
  const gboolean choice =
      self->dataset != NULL && nn_dataset_validation_part (self->dataset) == NN_PART_VALIDATION;

  gtk_widget_set_visible (self->parts, choice);
  return choice && gtk_toggle_button_get_active (self->validation_button) ? NN_PART_VALIDATION
                                                                          : NN_PART_TEST;
}

/* ---- from a table to a picture ---- */

static WbClassesView
view_in (WbClassesViewer *self, WbScheme scheme)
{
  WbDocument *document = wb_viewer_get_document (WB_VIEWER (self));

  return (WbClassesView){
    .data = self->data,
    .dataset = self->dataset,
    .part = self->part,
    .field = self->field,
    .scheme = scheme,
    .shares = self->shares,
    .viridis = self->viridis,
    .selected = document == NULL || shows_validation (self) ? WB_CLASSES_NOT_SELECTED
                                                            : wb_document_sample (document),
  };
}

static void
layout_now (WbClassesViewer *self, WbClassesView *view, WbClassesLayout *layout)
{
  const WbSheet sheet = wb_drawing_viewer_sheet (WB_DRAWING_VIEWER (self));

  *view = view_in (self, sheet.scheme);
  wb_classes_layout (view, sheet.context, sheet.width, sheet.height, layout);
}

static void
wb_classes_viewer_paint (WbDrawingViewer *viewer, const WbSheet *sheet)
{
  WbClassesViewer *self = WB_CLASSES_VIEWER (viewer);
  const WbClassesView view = view_in (self, sheet->scheme);
  WbClassesLayout layout;

  if (self->data == NULL)
    return;
  wb_classes_layout (&view, sheet->context, sheet->width, sheet->height, &layout);
  wb_classes_draw (&view, &layout, sheet->cr, sheet->context);
}

static void
redraw (WbClassesViewer *self)
{
  wb_drawing_viewer_redraw (WB_DRAWING_VIEWER (self));
}

static void
describe (WbClassesViewer *self)
{
  const WbClassesData *data = self->data;
  const gint64 now = g_get_monotonic_time ();
  g_autofree char *share = wb_format_share (data->accuracy), *mistakes = NULL, *text = NULL;

  if (now - self->described_at < DESCRIBE_SECONDS * G_USEC_PER_SEC)
    return;
  self->described_at = now;
  if (data->truth >= 0)
    mistakes = wb_classes_cell_text (data, data->truth, data->predicted);
  text = g_strdup_printf (_ ("%s of %u samples right, mean F1 %.3f. %s"), share, data->table->n,
                          data->mean.f1, mistakes != NULL ? mistakes : "");
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (wb_drawing_viewer_get_area (WB_DRAWING_VIEWER (self))),
      GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

static void
update_sentence (WbClassesViewer *self)
{
  const NnClassesTable *table = self->table;
  g_autofree char *some = wb_format_count (table->n),
                  *all = wb_format_count ((gint64)table->n_part);
  g_autofree char *text = NULL;

  if (shows_validation (self))
    text = table->n < table->n_part
               ? g_strdup_printf (
                   _ ("What is taken for what, among the first %s of %s validation samples."), some,
                   all)
               : g_strdup_printf (_ ("What is taken for what, among %s validation samples."), all);
  else
    text = table->n < table->n_part
               ? g_strdup_printf (
                   _ ("What is taken for what, among the first %s of %s test samples."), some, all)
               : g_strdup_printf (_ ("What is taken for what, among %s test samples."), all);
  wb_viewer_set_sentence (WB_VIEWER (self), text);
}

/* Everything that follows from table, threshold and cell. */
static void
count (WbClassesViewer *self)
{
  const NnField *field;

  g_clear_pointer (&self->data, wb_classes_data_free);
  if (self->table != NULL && self->analysis != NULL)
    {
      field = nn_classes_field (self->analysis, self->objective);
      if (field != NULL && field->n_classes != self->table->n_classes)
        field = NULL;
      self->data = wb_classes_data_new (self->table, field != NULL ? field->class_names : NULL,
                                        self->threshold, self->truth, self->predicted);
      update_sentence (self);
      describe (self);
    }
  gtk_widget_set_visible (self->threshold_box, self->data != NULL && self->table->n_classes == 2);
  redraw (self);
}

static void
list_cell (WbClassesViewer *self, gint truth, gint predicted)
{
  self->truth = truth;
  self->predicted = predicted;
  self->described_at = 0;
  count (self);
}

/* ---- document and worker ---- */

/* What a sample looks like: the field of the Input that feeds the network. */
static guint
find_field (NnAnalysis *analysis)
{
  const NnNode *input =
      nn_design_node (nn_analysis_design (analysis), nn_analysis_input_node (analysis));
  guint field = 0;

  if (input != NULL)
    nn_data_info_field (nn_analysis_data (analysis), nn_params_text (input->params, "field"),
                        &field);
  return field;
}

/* The matrix of another network says nothing any more. */
static void
forget (WbClassesViewer *self)
{
  g_clear_pointer (&self->table, nn_classes_table_unref);
  count (self);
}

static char *
why_nothing (WbViewer *viewer)
{
  char *missing = wb_viewer_missing_notice (viewer);

  return missing != NULL ? missing : g_strdup (_ ("Counting…"));
}

/* The design's threshold, where it is another than before. */
static void
take_threshold (WbClassesViewer *self, const NnNode *objective)
{
  const double wanted = nn_params_float (objective->params, "threshold");

  if (wanted == self->wanted_threshold)
    return;
  self->wanted_threshold = wanted;
  gtk_range_set_value (self->threshold_scale, wanted);
}

static void
wb_classes_viewer_document_changed (WbViewer *viewer)
{
  WbClassesViewer *self = WB_CLASSES_VIEWER (viewer);
  WbDocument *document = wb_viewer_get_document (viewer);
  NnAnalysis *analysis = wb_document_analysis (document);
  NnDataset *dataset = wb_document_dataset (document);
  g_autofree char *reason = NULL;

  if (analysis != self->analysis || dataset != self->dataset)
    {
      const guint objective = self->objective;

      nn_analysis_ref (analysis);
      g_clear_pointer (&self->analysis, nn_analysis_unref);
      g_clear_pointer (&self->dataset, nn_dataset_unref);
      self->analysis = analysis;
      self->dataset = dataset != NULL ? nn_dataset_ref (dataset) : NULL;
      self->field = find_field (analysis);
      self->objective = nn_classes_find_objective (analysis, &reason);
      const NnPart part = self->part;
      self->part = choose_part (self);
      if (self->objective == 0 || self->objective != objective || dataset == NULL
          || self->part != part)
        forget (self);
      if (self->objective == 0)
        wb_viewer_set_notice (viewer, reason);
      else
        take_threshold (self, nn_design_node (nn_analysis_design (analysis), self->objective));
    }
  if (self->objective != 0 && self->table == NULL)
    {
      reason = why_nothing (viewer);
      wb_viewer_set_notice (viewer, reason);
    }
  redraw (self); /* the sample that is shown may be another */
}

static NnProbe *
wb_classes_viewer_make_probe (WbViewer *viewer, guint probe_id)
{
  WbClassesViewer *self = WB_CLASSES_VIEWER (viewer);

  if (self->objective == 0 || self->dataset == NULL)
    return NULL;
  return nn_classes_probe_new (probe_id, self->part, self->objective);
}

static void
wb_classes_viewer_answer (WbViewer *viewer, NnProbeResult *result)
{
  WbClassesViewer *self = WB_CLASSES_VIEWER (viewer);
  const NnClassesResult *answer = (const NnClassesResult *)result;

  if (result->type != &nn_classes_probe_type || self->objective == 0)
    return;
  if (result->error != NULL)
    {
      forget (self);
      wb_viewer_set_notice (viewer, result->error->message);
      return;
    }
  if (answer->table == NULL || answer->table == self->table)
    return;
  g_clear_pointer (&self->table, nn_classes_table_unref);
  self->table = nn_classes_table_ref (answer->table);
  count (self);
  wb_viewer_set_notice (viewer, NULL);
}

/* ---- pointer and keys ---- */

static void
set_threshold (WbClassesViewer *self, double threshold)
{
  gtk_range_set_value (self->threshold_scale, CLAMP (threshold, 0, 1));
}

static void
threshold_moved (GtkRange *range, WbClassesViewer *self)
{
  g_autofree char *text = g_strdup_printf ("%.2f", gtk_range_get_value (range));

  self->threshold = gtk_range_get_value (range);
  gtk_label_set_text (GTK_LABEL (self->threshold_label), text);
  count (self);
}

static void
wb_classes_viewer_pressed (WbDrawingViewer *viewer, const WbSheet *sheet, double x, double y)
{
  WbClassesViewer *self = WB_CLASSES_VIEWER (viewer);
  WbClassesView view;
  WbClassesLayout layout;
  gint truth, predicted, position;

  if (self->data == NULL)
    return;
  layout_now (self, &view, &layout);
  position = wb_classes_sample_at (&view, &layout, x, y);
  if (position >= 0 && shows_validation (self))
    return; /* the rest of the window shows test samples */
  if (position >= 0)
    wb_document_set_sample (wb_viewer_get_document (WB_VIEWER (self)),
                            g_array_index (self->data->samples, guint32, position));
  else if (!wb_classes_cell_at (&layout, x, y, &truth, &predicted))
    {
      const double threshold = wb_classes_threshold_at (&view, &layout, x, y);
      if (isfinite (threshold))
        set_threshold (self, threshold);
      else
        list_cell (self, -1, -1);
    }
  else if (truth == self->truth && predicted == self->predicted)
    list_cell (self, -1, -1);
  else
    list_cell (self, truth, predicted);
}

/* "9: precision 0.981, recall 0.970, F1 0.975 over 1,000 samples" */
static char *
class_text (const WbClassesData *data, gint label)
{
  const NnClassScore *score = &data->scores[label];
  g_autofree char *count = wb_format_count (score->n);

  return g_strdup_printf (_ ("%s: precision %.3f, recall %.3f, F1 %.3f over %s samples"),
                          data->names[label], score->precision, score->recall, score->f1, count);
}

static gboolean
query_tooltip (WbClassesViewer *self, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  WbClassesView view;
  WbClassesLayout layout;
  gint truth, predicted, position;
  g_autofree char *text = NULL;

  if (self->data == NULL || keyboard)
    return FALSE;
  layout_now (self, &view, &layout);
  position = wb_classes_sample_at (&view, &layout, x, y);
  if (wb_classes_cell_at (&layout, x, y, &truth, &predicted))
    text = wb_classes_cell_text (self->data, truth, predicted);
  else if (x < layout.left && wb_classes_cell_at (&layout, layout.left, y, &truth, &predicted))
    text = class_text (self->data, truth);
  else if (position >= 0)
    {
      const guint32 sample = g_array_index (self->data->samples, guint32, position);
      g_autofree char *what = wb_classes_sample_text (self->data, sample);
      const double sure = 100 * self->data->table->p_truth[sample];
      text =
          shows_validation (self)
              ? g_strdup_printf (_ ("Validation sample %u: %s (its own class was given %.1f %%)."),
                                 sample, what, sure)
              : g_strdup_printf (_ ("Test sample %u: %s (its own class was given %.1f %%). Click "
                                    "to show it everywhere."),
                                 sample, what, sure);
    }
  else if (layout.curve.width > 0 && x >= layout.curve.x && x < layout.curve.x + layout.curve.width
           && y < layout.curve.height)
    text = g_strdup (_ ("Precision and recall at every threshold, and where the threshold is now: "
                        "click to move it. A high threshold finds fewer, but errs less."));
  if (text != NULL)
    gtk_tooltip_set_text (tooltip, text);
  return text != NULL;
}

/* The next sample of the list. */
static void
walk (WbClassesViewer *self, gint step)
{
  WbDocument *document = wb_viewer_get_document (WB_VIEWER (self));
  const GArray *samples = self->data->samples;
  gint at = step > 0 ? 0 : (gint)samples->len - 1;

  for (guint i = 0; i < samples->len; i++)
    if (g_array_index (samples, guint32, i) == wb_document_sample (document))
      at = (gint)i + step;
  if (at >= 0 && at < (gint)samples->len)
    wb_document_set_sample (document, g_array_index (samples, guint32, at));
}

static gboolean
wb_classes_viewer_key (WbDrawingViewer *viewer, guint key, GdkModifierType state)
{
  WbClassesViewer *self = WB_CLASSES_VIEWER (viewer);
  static const struct
  {
    guint key;
    gint down, right;
  } moves[] = {
    { GDK_KEY_Up, -1, 0 }, { GDK_KEY_Down, 1, 0 }, { GDK_KEY_Left, 0, -1 }, { GDK_KEY_Right, 0, 1 }
  };

  if (self->data == NULL)
    return FALSE;
  if ((key == GDK_KEY_Page_Down || key == GDK_KEY_Page_Up) && !shows_validation (self))
    walk (self, key == GDK_KEY_Page_Down ? 1 : -1);
  else if (key == GDK_KEY_Escape && self->truth >= 0)
    list_cell (self, -1, -1);
  else
    {
      const gint last = (gint)self->table->n_classes - 1;
      guint i = 0;
      while (i < G_N_ELEMENTS (moves) && moves[i].key != key)
        i++;
      if (i == G_N_ELEMENTS (moves))
        return FALSE;
      if (self->truth < 0)
        list_cell (self, 0, 0);
      else
        list_cell (self, CLAMP (self->truth + moves[i].down, 0, last),
                   CLAMP (self->predicted + moves[i].right, 0, last));
    }
  return TRUE;
}

/* ---- settings and export ---- */

static void
shares_toggled (WbClassesViewer *self)
{
  self->shares = gtk_toggle_button_get_active (self->shares_button);
  redraw (self);
}

static void
part_toggled (WbClassesViewer *self)
{
  const NnPart part = choose_part (self);

  if (part == self->part)
    return;
  self->part = part;
  self->truth = self->predicted = -1;
  forget (self);
  wb_viewer_set_notice (WB_VIEWER (self), _ ("Counting…"));
  wb_viewer_invalidate_probe (WB_VIEWER (self));
}

static void
viridis_toggled (GtkCheckButton *check, WbClassesViewer *self)
{
  self->viridis = gtk_check_button_get_active (check);
  redraw (self);
}

static GtkWidget *
wb_classes_viewer_make_settings (WbViewer *viewer)
{
  WbClassesViewer *self = WB_CLASSES_VIEWER (viewer);
  GtkWidget *check = gtk_check_button_new_with_label (_ ("Viridis colours"));

  gtk_widget_add_css_class (check, "wb-settings");
  gtk_widget_set_tooltip_text (check,
                               _ ("Colour cells from violet to yellow instead of shades of blue"));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), self->viridis);
  g_signal_connect_object (check, "toggled", G_CALLBACK (viridis_toggled), self, 0);
  return check;
}

static void
wb_classes_viewer_save_state (WbViewer *viewer, JsonObject *state)
{
  WbClassesViewer *self = WB_CLASSES_VIEWER (viewer);

  if (self->shares)
    json_object_set_boolean_member (state, "shares", TRUE);
  if (self->viridis)
    json_object_set_boolean_member (state, "viridis", TRUE);
  if (gtk_toggle_button_get_active (self->validation_button))
    json_object_set_boolean_member (state, "validation", TRUE);
  if (self->threshold != NN_CLASSES_THRESHOLD)
    json_object_set_double_member (state, "threshold", self->threshold);
}

static void
wb_classes_viewer_load_state (WbViewer *viewer, JsonObject *state)
{
  WbClassesViewer *self = WB_CLASSES_VIEWER (viewer);

  self->viridis = json_object_get_boolean_member_with_default (state, "viridis", FALSE);
  if (json_object_get_boolean_member_with_default (state, "validation", FALSE))
    gtk_toggle_button_set_active (self->validation_button, TRUE);
  if (json_object_get_boolean_member_with_default (state, "shares", FALSE))
    gtk_toggle_button_set_active (self->shares_button, TRUE);
  set_threshold (
      self, json_object_get_double_member_with_default (state, "threshold", NN_CLASSES_THRESHOLD));
}

static char *
wb_classes_viewer_to_csv (WbViewer *viewer)
{
  WbClassesViewer *self = WB_CLASSES_VIEWER (viewer);

  return self->data != NULL ? wb_classes_data_to_csv (self->data) : NULL;
}

/* The confusion matrix: rows the truth. */
static NnTensor *
wb_classes_viewer_to_tensor (WbViewer *viewer)
{
  const WbClassesData *data = WB_CLASSES_VIEWER (viewer)->data;

  if (data == NULL)
    return NULL;
  NnTensor *tensor = nn_tensor_new (&nn_shape (data->table->n_classes, data->table->n_classes));
  for (gsize i = 0; i < tensor->size; i++)
    tensor->data[i] = (float)data->counts[i];
  return tensor;
}

/* ---- life ---- */

static void
wb_classes_viewer_finalize (GObject *object)
{
  WbClassesViewer *self = WB_CLASSES_VIEWER (object);

  g_clear_pointer (&self->data, wb_classes_data_free);
  g_clear_pointer (&self->table, nn_classes_table_unref);
  g_clear_pointer (&self->analysis, nn_analysis_unref);
  g_clear_pointer (&self->dataset, nn_dataset_unref);
  G_OBJECT_CLASS (wb_classes_viewer_parent_class)->finalize (object);
}

static void
wb_classes_viewer_class_init (WbClassesViewerClass *klass)
{
  WbViewerClass *viewer_class = WB_VIEWER_CLASS (klass);
  WbDrawingViewerClass *drawing_class = WB_DRAWING_VIEWER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = wb_classes_viewer_finalize;
  viewer_class->document_changed = wb_classes_viewer_document_changed;
  viewer_class->make_probe = wb_classes_viewer_make_probe;
  viewer_class->answer = wb_classes_viewer_answer;
  drawing_class->paint = wb_classes_viewer_paint;
  drawing_class->pressed = wb_classes_viewer_pressed;
  drawing_class->key = wb_classes_viewer_key;
  viewer_class->to_csv = wb_classes_viewer_to_csv;
  viewer_class->to_tensor = wb_classes_viewer_to_tensor;
  viewer_class->make_settings = wb_classes_viewer_make_settings;
  viewer_class->save_state = wb_classes_viewer_save_state;
  viewer_class->load_state = wb_classes_viewer_load_state;
}

static void
make_threshold (WbClassesViewer *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *title = gtk_label_new (_ ("Threshold"));
  GtkWidget *value = gtk_label_new ("0.50");
  GtkWidget *scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 0, 1, 0.01);

  gtk_widget_add_css_class (title, "wb-sentence");
  gtk_widget_add_css_class (value, "wb-sentence");
  gtk_widget_add_css_class (value, "numeric");
  gtk_widget_set_size_request (scale, 110, -1);
  wb_scroll_past (scale);
  gtk_widget_set_tooltip_text (
      box, _ ("Threshold: from which probability on a sample counts as the second class. Higher: "
              "fewer false alarms (precision), more misses (recall)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (scale), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Threshold"), -1);
  gtk_range_set_value (GTK_RANGE (scale), NN_CLASSES_THRESHOLD);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), scale);
  gtk_box_append (GTK_BOX (box), value);
  gtk_widget_set_visible (box, FALSE);
  self->threshold_box = box;
  self->threshold_label = value;
  self->threshold_scale = GTK_RANGE (scale);
  g_signal_connect (scale, "value-changed", G_CALLBACK (threshold_moved), self);
}

static void
wb_classes_viewer_init (WbClassesViewer *self)
{
  WbDrawingViewer *drawing = WB_DRAWING_VIEWER (self);
  GtkWidget *segments = wb_segments_new (
      _ ("Counts"), _ ("How many samples are in each cell"), _ ("Shares"),
      _ ("How many in a hundred of the true class are in each cell: a row makes 100"),
      &self->counts_button, &self->shares_button);

  self->part = NN_PART_TEST;
  self->parts = wb_segments_new (
      _ ("Test"), _ ("Samples that nothing was chosen by: how good it is in the end"),
      _ ("Validation"), _ ("Samples held out of the training part: what to choose a threshold by"),
      &self->test_button, &self->validation_button);
  gtk_widget_set_visible (self->parts, FALSE);
  g_signal_connect_swapped (self->validation_button, "toggled", G_CALLBACK (part_toggled), self);
  self->threshold = self->wanted_threshold = NN_CLASSES_THRESHOLD;
  self->truth = self->predicted = -1;
  wb_drawing_viewer_name_area (
      drawing, _ ("Confusion matrix: arrows choose a cell, Page Down the next sample of it"), NULL);
  gtk_widget_set_has_tooltip (wb_drawing_viewer_get_area (drawing), TRUE);
  g_signal_connect_swapped (wb_drawing_viewer_get_area (drawing), "query-tooltip",
                            G_CALLBACK (query_tooltip), self);
  make_threshold (self);
  g_signal_connect_swapped (self->shares_button, "toggled", G_CALLBACK (shares_toggled), self);
  wb_viewer_add_control (WB_VIEWER (self), self->threshold_box);
  wb_viewer_add_control (WB_VIEWER (self), self->parts);
  wb_viewer_add_control (WB_VIEWER (self), segments);
}
