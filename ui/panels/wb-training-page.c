#include "diabolo-config.h"

#include "panels/wb-training-page.h"

#include <inttypes.h>
#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#include "objectives/nn-watch.h"
#include "optimizers/nn-optimizer.h"
#include "panels/wb-measures.h"
#include "panels/wb-param-list.h"
#include "plots/wb-format.h"

struct _WbTrainingPage
{
  WbPanelPage parent_instance;

  WbParamList *training, *watch, *steps; /* all of the training settings */
  GtkDropDown *optimizer;
  WbParamList *optimizer_params;
  const NnOptimizerType *shown_optimizer;
  GtkWidget *facts;
  GtkWidget *features;                  /* what is kept of frozen layers */
  GtkWidget *measures_title, *measures; /* shown after a validation */
  GArray *shown_measures;               /* owned, or NULL */
  GtkWidget *rate_row;                  /* shown where the learning rate changes by itself */
  GtkLabel *rate;
  gboolean showing;
};

G_DEFINE_FINAL_TYPE (WbTrainingPage, wb_training_page, WB_TYPE_PANEL_PAGE)

static void
settled (gpointer data)
{
  wb_document_seal (wb_panel_page_document (data));
}

static gboolean
edit_training (const NnParamSpec *spec, const char *text, gboolean more, gpointer data,
               GError **error)
{
  WbDocument *document = wb_panel_page_document (data);
  NnDesign *design = wb_document_design (document);
  g_autoptr (NnParams) params =
      nn_params_with_text (nn_design_training (design), spec->name, text, error);
  if (params == NULL)
    return FALSE;
  g_autofree char *label = g_strdup_printf (_ ("Change %s"), _ (spec->title));
  g_autofree char *merge = g_strdup_printf ("training.%s", spec->name);
  if (!nn_params_equal (params, nn_design_training (design)))
    wb_document_edit (document, nn_design_with_training (design, params), label,
                      more ? merge : NULL);
  return TRUE;
}

static gboolean
edit_optimizer (const NnParamSpec *spec, const char *text, gboolean more, gpointer data,
                GError **error)
{
  WbDocument *document = wb_panel_page_document (data);
  NnDesign *design = wb_document_design (document);
  g_autoptr (NnParams) params =
      nn_params_with_text (nn_design_optimizer_params (design), spec->name, text, error);
  if (params == NULL)
    return FALSE;
  g_autofree char *label = g_strdup_printf (_ ("Change %s"), _ (spec->title));
  g_autofree char *merge = g_strdup_printf ("optimizer.%s", spec->name);
  if (!nn_params_equal (params, nn_design_optimizer_params (design)))
    wb_document_edit (document,
                      nn_design_with_optimizer (design, nn_design_optimizer (design), params),
                      label, more ? merge : NULL);
  return TRUE;
}

static void
optimizer_selected (WbTrainingPage *self)
{
  if (self->showing)
    return;
  WbDocument *document = wb_panel_page_document (WB_PANEL_PAGE (self));
  NnDesign *design = wb_document_design (document);
  const NnOptimizerType *type = nn_optimizer_types ()[gtk_drop_down_get_selected (self->optimizer)];
  if (type == nn_design_optimizer (design))
    return;
  g_autofree char *label = g_strdup_printf (_ ("Train with %s"), _ (type->title));
  wb_document_edit (document, nn_design_with_optimizer (design, type, NULL), label, NULL);
}

/* A schedule or a warm-up sets the learning rate that is in force: it is shown beside the one that
 * was set. */
static void
show_rate (WbTrainingPage *self)
{
  WbDocument *document = wb_panel_page_document (WB_PANEL_PAGE (self));
  const NnSnapshot *snapshot = document != NULL ? wb_document_snapshot (document) : NULL;
  const NnParams *training =
      document != NULL ? nn_design_training (wb_document_design (document)) : NULL;
  const gboolean varies = training != NULL
                          && (strcmp (nn_params_text (training, "schedule"), "constant") != 0
                              || nn_params_int (training, "warm-up") > 0);
  const gboolean known = snapshot != NULL && isfinite (snapshot->learning_rate);

  gtk_widget_set_visible (self->rate_row, varies && known);
  if (!varies || !known)
    return;
  g_autofree char *text = g_strdup_printf ("<b>%.3g</b>", snapshot->learning_rate);
  if (g_strcmp0 (gtk_label_get_label (self->rate), text) != 0)
    gtk_label_set_markup (self->rate, text);
}

/* What the last validation has measured, where that has changed or may have other names now. */
static void
show_measures (WbTrainingPage *self, gboolean anew)
{
  WbDocument *document = wb_panel_page_document (WB_PANEL_PAGE (self));
  const NnSnapshot *snapshot = wb_document_snapshot (document);
  GArray *measures = snapshot == NULL    ? NULL
                     : snapshot->rewound ? snapshot->past_measures
                                         : snapshot->measures;

  if (!anew && measures == self->shown_measures)
    return;
  if (measures != NULL)
    g_array_ref (measures);
  g_clear_pointer (&self->shown_measures, g_array_unref);
  self->shown_measures = measures;
  const gboolean any = wb_measures_show (self->measures, wb_document_design (document), measures);
  gtk_widget_set_visible (self->measures_title, any);
  gtk_widget_set_visible (self->measures, any);
}

static void
wb_training_page_news (WbPanelPage *page)
{
  WbTrainingPage *self = WB_TRAINING_PAGE (page);

  show_rate (self);
  show_measures (self, FALSE);
}

/* A sentence on frozen layers, where there are some. */
static void
show_features (WbTrainingPage *self, const NnAnalysis *analysis)
{
  g_autofree char *text = nn_analysis_features_text (analysis);

  gtk_widget_set_visible (self->features, text != NULL);
  if (text != NULL)
    gtk_label_set_text (GTK_LABEL (self->features), text);
}

static void
show_facts (WbTrainingPage *self, WbDocument *document)
{
  NnAnalysis *analysis = wb_document_analysis (document);
  NnDataset *dataset = wb_document_dataset (document);
  wb_panel_clear (self->facts);
  gint64 weights = nn_analysis_total_weights (analysis);
  g_autofree char *count = wb_format_count (weights);
  g_autofree char *bytes = wb_format_bytes ((guint64)weights * sizeof (float));
  g_autofree char *params = g_strdup_printf ("<b>%s</b> · %s", count, bytes);
  gtk_box_append (GTK_BOX (self->facts), wb_panel_fact (_ ("Parameters"), params));
  g_autofree char *flops = wb_format_flops (nn_analysis_total_macs (analysis));
  g_autofree char *per_sample = g_strdup_printf (_ ("%s per sample"), flops);
  gtk_box_append (GTK_BOX (self->facts), wb_panel_fact (_ ("Arithmetic"), per_sample));
  g_autofree char *memory = wb_format_bytes (nn_analysis_training_memory (analysis));
  gtk_box_append (GTK_BOX (self->facts), wb_panel_fact (_ ("Memory for training"), memory));
  show_features (self, analysis);
  if (dataset == NULL)
    return;
  gint64 n = (gint64)nn_dataset_n_samples (dataset, NN_PART_TRAIN);
  gint64 batch = nn_params_int (nn_design_training (wb_document_design (document)), "batch-size");
  g_autofree char *samples = wb_format_count (n);
  g_autofree char *batches = wb_format_count ((n + batch - 1) / batch);
  g_autofree char *epoch =
      g_strdup_printf ("%s / %" PRId64 " = <b>%s</b>", samples, batch, batches);
  gtk_box_append (GTK_BOX (self->facts), wb_panel_fact (_ ("Batches per epoch"), epoch));
}

static void
wb_training_page_update (WbPanelPage *page)
{
  WbTrainingPage *self = WB_TRAINING_PAGE (page);
  WbDocument *document = wb_panel_page_document (page);
  NnDesign *design = wb_document_design (document);
  const NnOptimizerType *optimizer = nn_design_optimizer (design);

  self->showing = TRUE;
  const NnParams *training = nn_design_training (design);
  wb_param_list_show (self->training, &training, 1);
  wb_param_list_show (self->watch, &training, 1);
  wb_param_list_show (self->steps, &training, 1);
  if (self->shown_optimizer != optimizer)
    {
      g_autoptr (GPtrArray) specs = wb_param_specs (optimizer->params);
      wb_param_list_set_specs (self->optimizer_params, specs, NULL);
      self->shown_optimizer = optimizer;
    }
  for (guint i = 0; nn_optimizer_types ()[i] != NULL; i++)
    if (nn_optimizer_types ()[i] == optimizer)
      gtk_drop_down_set_selected (self->optimizer, i);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->optimizer), _ (optimizer->summary));
  const NnParams *params = nn_design_optimizer_params (design);
  wb_param_list_show (self->optimizer_params, &params, 1);
  const NnLessonText *lesson = wb_document_lesson (document);
  wb_param_list_lock (self->training, lesson, (const char *const[]){ "training", NULL });
  wb_param_list_lock (self->watch, lesson, (const char *const[]){ "training", NULL });
  wb_param_list_lock (self->steps, lesson, (const char *const[]){ "training", NULL });
  wb_param_list_lock (self->optimizer_params, lesson, (const char *const[]){ "optimizer", NULL });
  show_facts (self, document);
  show_rate (self);
  show_measures (self, TRUE);
  self->showing = FALSE;
}

static GtkWidget *
optimizer_row (WbTrainingPage *self)
{
  g_autoptr (GtkStringList) titles = gtk_string_list_new (NULL);
  for (const NnOptimizerType *const *t = nn_optimizer_types (); *t != NULL; t++)
    gtk_string_list_append (titles, _ ((*t)->title));
  self->optimizer =
      GTK_DROP_DOWN (gtk_drop_down_new (G_LIST_MODEL (g_steal_pointer (&titles)), NULL));
  gtk_widget_set_valign (GTK_WIDGET (self->optimizer), GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (GTK_WIDGET (self->optimizer), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->optimizer), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Optimizer"), -1);
  g_signal_connect_swapped (self->optimizer, "notify::selected", G_CALLBACK (optimizer_selected),
                            self);
  return GTK_WIDGET (self->optimizer);
}

static GtkWidget *
rate_row (WbTrainingPage *self)
{
  self->rate_row = wb_panel_fact (_ ("In force now"), "");
  self->rate = GTK_LABEL (gtk_widget_get_last_child (self->rate_row));
  gtk_widget_add_css_class (self->rate_row, "facts");
  gtk_widget_set_margin_top (self->rate_row, 9);
  gtk_widget_set_visible (self->rate_row, FALSE);
  return self->rate_row;
}

static void
wb_training_page_finalize (GObject *object)
{
  g_clear_pointer (&WB_TRAINING_PAGE (object)->shown_measures, g_array_unref);
  G_OBJECT_CLASS (wb_training_page_parent_class)->finalize (object);
}

static void
wb_training_page_class_init (WbTrainingPageClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = wb_training_page_finalize;
  WB_PANEL_PAGE_CLASS (klass)->update = wb_training_page_update;
  WB_PANEL_PAGE_CLASS (klass)->news = wb_training_page_news;
}

static void
wb_training_page_init (WbTrainingPage *self)
{
  GtkBox *box = GTK_BOX (wb_panel_page_box (WB_PANEL_PAGE (self)));
  g_autoptr (GPtrArray) specs = wb_param_specs (nn_run_specs ());
  g_autoptr (GPtrArray) watch_specs = wb_param_specs (nn_watch_specs ());
  g_autoptr (GPtrArray) step_specs = wb_param_specs (nn_step_specs ());
  gtk_box_append (box, wb_panel_section (_ ("Run")));
  self->training = WB_PARAM_LIST (wb_param_list_new (edit_training, settled, self));
  wb_param_list_set_specs (self->training, specs, NULL);
  gtk_box_append (box, GTK_WIDGET (self->training));
  gtk_box_append (box, wb_panel_section (_ ("Optimizer")));
  gtk_box_append (box, optimizer_row (self));
  self->optimizer_params = WB_PARAM_LIST (wb_param_list_new (edit_optimizer, settled, self));
  gtk_widget_set_margin_top (GTK_WIDGET (self->optimizer_params), 9);
  gtk_box_append (box, GTK_WIDGET (self->optimizer_params));
  gtk_box_append (box, wb_panel_section (_ ("Learning rate over time")));
  self->steps = WB_PARAM_LIST (wb_param_list_new (edit_training, settled, self));
  wb_param_list_set_specs (self->steps, step_specs, NULL);
  gtk_box_append (box, GTK_WIDGET (self->steps));
  gtk_box_append (box, rate_row (self));
  gtk_box_append (box, wb_panel_section (_ ("Stopping")));
  self->watch = WB_PARAM_LIST (wb_param_list_new (edit_training, settled, self));
  wb_param_list_set_specs (self->watch, watch_specs, NULL);
  gtk_box_append (box, GTK_WIDGET (self->watch));
  self->measures_title = wb_panel_section (_ ("Last validation"));
  self->measures = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_add_css_class (self->measures, "facts");
  gtk_widget_set_visible (self->measures_title, FALSE);
  gtk_widget_set_visible (self->measures, FALSE);
  gtk_box_append (box, self->measures_title);
  gtk_box_append (box, self->measures);
  gtk_box_append (box, wb_panel_section (_ ("Size")));
  self->facts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_add_css_class (self->facts, "facts");
  gtk_box_append (box, self->facts);
  self->features = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->features), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->features), 0);
  gtk_widget_add_css_class (self->features, "wb-sentence");
  gtk_widget_set_margin_top (self->features, 6);
  gtk_box_append (box, self->features);
}

GtkWidget *
wb_training_page_new (void)
{
  return g_object_new (WB_TYPE_TRAINING_PAGE, NULL);
}
