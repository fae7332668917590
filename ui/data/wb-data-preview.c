#include "data/wb-data-preview.h"

#include "diabolo-config.h"
#include <glib/gi18n.h>

#include "data/nn-scaling.h"
#include "data/wb-data-columns.h"
#include "model/nn-design.h"
#include "panels/wb-data-mends.h"
#include "panels/wb-panel-page.h"
#include "plots/wb-colors.h"
#include "plots/wb-format.h"

/* Samples shown, at most this large on the screen and no smaller than that. */
#define N_SAMPLES 40
#define MIN_PICTURE 56
#define MAX_PICTURE 96
#define MAX_CLASSES 50
/* Of the list of columns, which scrolls by itself. */
#define MIN_TABLE_HEIGHT 190
#define TABLE_HEIGHT 360
#define SHORT_TABLE 4

struct _WbDataPreview
{
  GtkWidget parent_instance;

  GtkWidget *scrolled;
  GtkBox *box;
  GtkLabel *summary, *busy;
  WbDataMends *error; /* in place of everything else */
  GtkBox *findings;
  GtkWidget *samples_title, *columns_title, *classes_title;
  GtkFlowBox *samples;
  WbDataColumns *columns;
  GtkWidget *columns_frame;
  GtkGrid *classes;
};

G_DEFINE_FINAL_TYPE (WbDataPreview, wb_data_preview, GTK_TYPE_WIDGET)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static GtkWidget *
make_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

/* ---- findings ---- */

static void
mend_clicked (GtkButton *button, WbDataPreview *self)
{
  g_signal_emit (self, signals[CHANGED], 0, g_object_get_data (G_OBJECT (button), "option"),
                 g_object_get_data (G_OBJECT (button), "value"));
}

/* What choosing a value is called: "Standardise". */
static const char *
choice_title (const char *option, const char *value)
{
  g_autoptr (NnParams) defaults = nn_params_new (nn_data_specs ());
  const NnChoice *choice = nn_param_choices (nn_params_spec (defaults, option));
  while (choice->id != NULL && g_strcmp0 (choice->id, value) != 0)
    choice++;
  return choice->title != NULL ? _ (choice->title) : value;
}

static void
add_finding (WbDataPreview *self, const char *text, gboolean warning,
             const NnSurveyFinding *finding)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *icon = gtk_image_new_from_icon_name (warning ? "dialog-warning-symbolic"
                                                          : "dialog-information-symbolic");
  GtkWidget *label = make_label (text, NULL);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  gtk_widget_set_margin_top (icon, 2);
  gtk_widget_add_css_class (row, "finding");
  gtk_widget_add_css_class (row, warning ? "warning" : "hint");
  gtk_box_append (GTK_BOX (row), icon);
  gtk_box_append (GTK_BOX (row), label);
  if (finding != NULL && finding->option != NULL)
    {
      GtkWidget *button =
          gtk_button_new_with_label (choice_title (finding->option, finding->value));
      gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
      g_object_set_data (G_OBJECT (button), "option", (gpointer)finding->option);
      g_object_set_data (G_OBJECT (button), "value", (gpointer)finding->value);
      g_signal_connect (button, "clicked", G_CALLBACK (mend_clicked), self);
      gtk_box_append (GTK_BOX (row), button);
    }
  gtk_box_append (self->findings, row);
}

static void
show_findings (WbDataPreview *self, const NnDataSurvey *survey)
{
  wb_panel_clear (GTK_WIDGET (self->findings));
  for (guint i = 0; i < survey->findings->len; i++)
    {
      const NnSurveyFinding *finding = g_ptr_array_index (survey->findings, i);
      add_finding (self, finding->text, TRUE, finding);
    }
  for (guint i = 0; i < survey->notes->len; i++)
    add_finding (self, g_ptr_array_index (survey->notes, i), FALSE, NULL);
}

/* ---- samples ---- */

static GdkTexture *
picture_of (const NnDataset *dataset, guint field, guint32 sample, const NnSurveyRange *range)
{
  const NnField *of = &nn_dataset_info (dataset)->fields[field];
  const NnShape *shape = &of->shape;
  const gsize height = (gsize)shape->dim[0], width = (gsize)shape->dim[1];
  g_autofree float *values = g_new (float, nn_shape_size (shape));
  nn_dataset_read (dataset, NN_PART_TRAIN, field, &sample, 1, nn_kernels_best (), values);
  return wb_texture_from_image (values, width, height, (gsize)shape->dim[2],
                                of->scale != NULL ? of->scale->black : (float)MIN (range->min, 0),
                                of->scale != NULL ? of->scale->white : (float)MAX (range->max, 1));
}

static void
add_sample (WbDataPreview *self, const NnDataSurvey *survey, guint field, guint32 sample)
{
  const NnDataInfo *info = nn_dataset_info (survey->dataset);
  const NnShape *shape = &info->fields[field].shape;
  g_autoptr (GdkTexture) texture =
      picture_of (survey->dataset, field, sample, &survey->ranges[field]);
  GtkWidget *item = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *picture = gtk_picture_new_for_paintable (GDK_PAINTABLE (texture));
  const int size = CLAMP ((int)MAX (shape->dim[0], shape->dim[1]), MIN_PICTURE, MAX_PICTURE);
  gtk_widget_set_size_request (picture, size, size);
  gtk_box_append (GTK_BOX (item), picture);
  if (survey->label >= 0)
    {
      const NnField *label = &info->fields[survey->label];
      const guint class =
          nn_dataset_label (survey->dataset, NN_PART_TRAIN, (guint)survey->label, sample);
      g_autofree char *number = g_strdup_printf ("%u", class);
      GtkWidget *name =
          gtk_label_new (label->class_names != NULL ? label->class_names[class] : number);
      gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
      gtk_label_set_max_width_chars (GTK_LABEL (name), 8);
      gtk_widget_add_css_class (name, "caption");
      gtk_widget_add_css_class (name, "dim-label");
      gtk_box_append (GTK_BOX (item), name);
    }
  gtk_flow_box_append (self->samples, item);
}

static void
show_samples (WbDataPreview *self, const NnDataSurvey *survey)
{
  const NnDataInfo *info = nn_dataset_info (survey->dataset);
  const gsize n_all = info->n_samples[NN_PART_TRAIN];
  guint field = 0;
  while (field < info->n_fields && info->fields[field].kind != NN_FIELD_IMAGE)
    field++;
  const gboolean images = field < info->n_fields;
  wb_panel_clear (GTK_WIDGET (self->samples));
  gtk_widget_set_visible (self->samples_title, images);
  gtk_widget_set_visible (GTK_WIDGET (self->samples), images);
  /* Spread over the set: folders of classes come one after the other. */
  const gsize n = images ? MIN (N_SAMPLES, n_all) : 0;
  for (gsize i = 0; i < n; i++)
    add_sample (self, survey, field, (guint32)(i * n_all / n));
}

/* ---- classes ---- */

static void
show_classes (WbDataPreview *self, const NnDataSurvey *survey)
{
  wb_panel_clear (GTK_WIDGET (self->classes));
  gtk_widget_set_visible (self->classes_title, survey->label >= 0);
  if (survey->label < 0)
    return;
  const NnField *field = &nn_dataset_info (survey->dataset)->fields[survey->label];
  const gsize *train = survey->class_counts[NN_PART_TRAIN];
  const gsize *test = survey->class_counts[NN_PART_TEST];
  const guint n = MIN (field->n_classes, MAX_CLASSES);
  gsize most = 1;
  for (guint c = 0; c < field->n_classes; c++)
    most = MAX (most, train[c] + test[c]);
  for (guint c = 0; c < n; c++)
    {
      g_autofree char *number = g_strdup_printf ("%u", c);
      g_autofree char *train_text = wb_format_count ((gint64)train[c]);
      g_autofree char *test_text = wb_format_count ((gint64)test[c]);
      g_autofree char *counts = g_strdup_printf (_ ("%s + %s test"), train_text, test_text);
      GtkWidget *name =
          make_label (field->class_names != NULL ? field->class_names[c] : number, NULL);
      GtkWidget *bar = gtk_level_bar_new_for_interval (0, 1);
      GtkWidget *count = make_label (counts, "dim-label");
      gtk_level_bar_set_value (GTK_LEVEL_BAR (bar), (double)(train[c] + test[c]) / (double)most);
      gtk_widget_set_hexpand (bar, TRUE);
      gtk_widget_set_valign (bar, GTK_ALIGN_CENTER);
      gtk_widget_add_css_class (bar, "plain");
      gtk_widget_add_css_class (count, "numeric");
      gtk_label_set_xalign (GTK_LABEL (count), 1);
      gtk_grid_attach (self->classes, name, 0, (int)c, 1, 1);
      gtk_grid_attach (self->classes, bar, 1, (int)c, 1, 1);
      gtk_grid_attach (self->classes, count, 2, (int)c, 1, 1);
    }
  if (field->n_classes > n)
    {
      g_autofree char *more = g_strdup_printf (
          ngettext ("and %u more class", "and %u more classes", field->n_classes - n),
          field->n_classes - n);
      gtk_grid_attach (self->classes, make_label (more, "dim-label"), 0, (int)n, 3, 1);
    }
}

/* ---- the whole ---- */

static char *
field_text (const NnField *field, const NnSurveyRange *range)
{
  g_autofree char *shape = nn_shape_to_string (&field->shape);
  if (field->kind == NN_FIELD_LABEL)
    return g_strdup_printf (ngettext ("%s: %u class", "%s: %u classes", field->n_classes),
                            field->name, field->n_classes);
  return g_strdup_printf (_ ("%s: %s, from %.5g to %.5g, mean %.3g, deviation %.4g"), field->name,
                          shape, range->min, range->max, range->mean, range->deviation);
}

static void
show_summary (WbDataPreview *self, const NnDataSurvey *survey, const char *source_title)
{
  const NnDataInfo *info = nn_dataset_info (survey->dataset);
  g_autofree char *train = wb_format_count ((gint64)info->n_samples[NN_PART_TRAIN]);
  g_autofree char *test = wb_format_count ((gint64)info->n_samples[NN_PART_TEST]);
  g_autofree char *memory = wb_format_bytes (nn_dataset_memory (survey->dataset));
  g_autoptr (GString) text = g_string_new (NULL);
  g_string_append_printf (text, _ ("%s · %s training and %s test samples · %s"), source_title,
                          train, test, memory);
  for (guint f = 0; f < info->n_fields; f++)
    {
      g_autofree char *line = field_text (&info->fields[f], &survey->ranges[f]);
      g_string_append_printf (text, "\n%s", line);
    }
  gtk_label_set_text (self->summary, text->str);
}

static void
show_parts (WbDataPreview *self, gboolean usable)
{
  gtk_widget_set_visible (GTK_WIDGET (self->summary), usable);
  gtk_widget_set_visible (GTK_WIDGET (self->findings), usable);
  gtk_widget_set_visible (GTK_WIDGET (self->classes), usable);
  gtk_widget_set_visible (GTK_WIDGET (self->busy), FALSE);
  wb_data_mends_show (self->error, NULL);
  gtk_widget_set_visible (self->samples_title, usable);
  gtk_widget_set_visible (GTK_WIDGET (self->samples), usable);
  gtk_widget_set_visible (self->columns_title, usable);
  gtk_widget_set_visible (self->columns_frame, usable);
  gtk_widget_set_visible (self->classes_title, usable);
}

void
wb_data_preview_show (WbDataPreview *self, const NnDataSurvey *survey, const char *source_title)
{
  g_return_if_fail (WB_IS_DATA_PREVIEW (self));

  show_parts (self, TRUE);
  show_summary (self, survey, source_title);
  show_findings (self, survey);
  show_samples (self, survey);
  gtk_widget_set_visible (self->columns_title, survey->columns->len > 0);
  gtk_widget_set_visible (self->columns_frame, survey->columns->len > 0);
  /* A short table takes what it needs. */
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (self->columns_frame),
                                              survey->columns->len > SHORT_TABLE ? MIN_TABLE_HEIGHT
                                                                                 : -1);
  wb_data_columns_show (self->columns, survey->columns);
  show_classes (self, survey);
}

void
wb_data_preview_show_busy (WbDataPreview *self)
{
  g_return_if_fail (WB_IS_DATA_PREVIEW (self));

  show_parts (self, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->busy), TRUE);
}

void
wb_data_preview_show_error (WbDataPreview *self, const GError *error)
{
  g_return_if_fail (WB_IS_DATA_PREVIEW (self) && error != NULL);

  show_parts (self, FALSE);
  wb_data_mends_show (self->error, error);
  wb_data_mends_grab_focus (self->error);
}

static void
error_mended (WbDataMends *mends, const char *option, const char *value, WbDataPreview *self)
{
  g_signal_emit (self, signals[CHANGED], 0, option, value);
}

static void
columns_changed (WbDataColumns *columns, const char *features, const char *label,
                 WbDataPreview *self)
{
  g_signal_emit (self, signals[CHANGED], 0, "label", label);
  g_signal_emit (self, signals[CHANGED], 0, "features", features);
}

static GtkWidget *
add_title (WbDataPreview *self, const char *text)
{
  GtkWidget *title = make_label (text, "section");
  gtk_box_append (self->box, title);
  return title;
}

static void
wb_data_preview_dispose (GObject *object)
{
  g_clear_pointer (&WB_DATA_PREVIEW (object)->scrolled, gtk_widget_unparent);
  G_OBJECT_CLASS (wb_data_preview_parent_class)->dispose (object);
}

static void
wb_data_preview_class_init (WbDataPreviewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = wb_data_preview_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
wb_data_preview_init (WbDataPreview *self)
{
  self->box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));
  gtk_widget_add_css_class (GTK_WIDGET (self->box), "column");
  self->summary = GTK_LABEL (make_label (NULL, "numeric"));
  self->busy = GTK_LABEL (make_label (_ ("Reading the data and looking through them…"), "finding"));
  gtk_widget_add_css_class (GTK_WIDGET (self->busy), "hint");
  self->error = WB_DATA_MENDS (wb_data_mends_new ());
  g_signal_connect (self->error, "mend", G_CALLBACK (error_mended), self);
  self->findings = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 6));
  gtk_widget_set_margin_top (GTK_WIDGET (self->findings), 12);
  gtk_box_append (self->box, GTK_WIDGET (self->busy));
  gtk_box_append (self->box, GTK_WIDGET (self->error));
  gtk_box_append (self->box, GTK_WIDGET (self->summary));
  gtk_box_append (self->box, GTK_WIDGET (self->findings));

  self->samples_title = add_title (self, _ ("Samples"));
  self->samples = GTK_FLOW_BOX (gtk_flow_box_new ());
  gtk_flow_box_set_selection_mode (self->samples, GTK_SELECTION_NONE);
  gtk_flow_box_set_max_children_per_line (self->samples, 20);
  gtk_flow_box_set_homogeneous (self->samples, TRUE);
  gtk_widget_set_halign (GTK_WIDGET (self->samples), GTK_ALIGN_START);
  gtk_box_append (self->box, GTK_WIDGET (self->samples));

  self->columns_title = add_title (self, _ ("Columns"));
  self->columns = WB_DATA_COLUMNS (wb_data_columns_new ());
  g_signal_connect (self->columns, "changed", G_CALLBACK (columns_changed), self);
  self->columns_frame = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->columns_frame), GTK_POLICY_AUTOMATIC,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->columns_frame),
                                                    TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (self->columns_frame),
                                              TABLE_HEIGHT);
  gtk_widget_add_css_class (self->columns_frame, "card");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->columns_frame),
                                 GTK_WIDGET (self->columns));
  gtk_box_append (self->box, self->columns_frame);

  self->classes_title = add_title (self, _ ("Classes"));
  self->classes = GTK_GRID (gtk_grid_new ());
  gtk_grid_set_column_spacing (self->classes, 12);
  gtk_grid_set_row_spacing (self->classes, 4);
  gtk_box_append (self->box, GTK_WIDGET (self->classes));

  self->scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), GTK_WIDGET (self->box));
  /* Else a long list of classes would squeeze the table of columns. */
  gtk_scrollable_set_vscroll_policy (
      GTK_SCROLLABLE (gtk_scrolled_window_get_child (GTK_SCROLLED_WINDOW (self->scrolled))),
      GTK_SCROLL_NATURAL);
  gtk_widget_set_parent (self->scrolled, GTK_WIDGET (self));
  wb_data_preview_show_busy (self);
}

GtkWidget *
wb_data_preview_new (void)
{
  return g_object_new (WB_TYPE_DATA_PREVIEW, NULL);
}
