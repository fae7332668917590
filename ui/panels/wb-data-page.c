#include "diabolo-config.h"

#include "panels/wb-data-page.h"

#include <inttypes.h>
#include <adwaita.h>
#include <glib/gi18n.h>

#include "data/nn-data-library.h"
#include "data/nn-balance.h"
#include "data/nn-scaling.h"
#include "data/nn-split.h"
#include "data/nn-data-source.h"
#include "panels/wb-data-mends.h"
#include "panels/wb-param-list.h"
#include "plots/wb-colors.h"
#include "plots/wb-format.h"

/* Classes listed and pictures beside each. */
#define MAX_CLASSES 20
#define N_PREVIEWS 5
/* Training samples looked through for them. */
#define N_LOOKED_AT 2000
#define PREVIEW_SIZE 28

struct _WbDataPage
{
  WbPanelPage parent_instance;

  GtkListBox *sets;
  char *shown_sets; /* names the rows were made for */
  WbParamList *params;
  const NnDataSource *source; /* whose rows params has */
  WbDataMends *error;
  GtkWidget *notes;
  GtkWidget *facts;
  GtkWidget *classes_section, *classes;
  const NnDataset *previewed; /* mark: whose pictures are shown */
};

static void wb_data_page_update (WbPanelPage *page);

G_DEFINE_FINAL_TYPE (WbDataPage, wb_data_page, WB_TYPE_PANEL_PAGE)

/* ---- parameters ---- */

static void
settled (gpointer data)
{
  wb_document_seal (wb_panel_page_document (data));
}

static gboolean
edit_data (const NnParamSpec *spec, const char *text, gboolean more, gpointer data, GError **error)
{
  WbDocument *document = wb_panel_page_document (data);
  NnDesign *design = wb_document_design (document);
  g_autoptr (NnParams) params =
      nn_params_with_text (nn_design_data (design), spec->name, text, error);
  if (params == NULL)
    return FALSE;
  if (nn_params_equal (params, nn_design_data (design)))
    return TRUE;
  if (!nn_data_is_same (params, nn_design_data (design)))
    {
      wb_document_use_data (document, params);
      return TRUE;
    }
  g_autofree char *label = g_strdup_printf (_ ("Change %s"), _ (spec->title));
  g_autofree char *merge = g_strdup_printf ("data.%s", spec->name);
  wb_document_edit (document, nn_design_with_data (design, params), label, more ? merge : NULL);
  return TRUE;
}

/* Read another way, as chosen beside what went wrong. */
static void
mend_clicked (WbDataMends *mends, const char *option, const char *value, WbDataPage *self)
{
  WbDocument *document = wb_panel_page_document (WB_PANEL_PAGE (self));
  g_autoptr (NnParams) params =
      nn_params_with_text (nn_design_data (wb_document_design (document)), option, value, NULL);
  wb_document_use_data (document, params);
}

/* ---- choosing a set ---- */

static void
set_activated (GtkListBox *list, GtkListBoxRow *row, gpointer data)
{
  WbDocument *document = wb_panel_page_document (data);
  const char *name = g_object_get_data (G_OBJECT (row), "name");
  const NnParams *options = g_object_get_data (G_OBJECT (row), "options");
  if (options == NULL && name != NULL)
    wb_document_set_data (document, name);
  if (options == NULL)
    return;
  const NnParams *now = nn_design_data (wb_document_design (document));
  g_autoptr (NnParams) params =
      nn_params_with_number (options, "limit", (double)nn_params_int (now, "limit"), NULL);
  wb_document_use_data (document, params);
}

/* The list follows by itself: its rows are made anew for another set. */
static void
forget_clicked (GtkButton *button, WbDataPage *self)
{
  const char *name = g_object_get_data (G_OBJECT (button), "name");
  g_autoptr (GError) error = NULL;
  if (!nn_data_library_remove (name, &error))
    g_signal_emit_by_name (wb_panel_page_document (WB_PANEL_PAGE (self)), "notice", error->message,
                           NULL, NULL);
  g_clear_pointer (&self->shown_sets, g_free);
  wb_data_page_update (WB_PANEL_PAGE (self));
}

static GtkWidget *
make_finding (const char *text, const char *kind)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "finding");
  gtk_widget_add_css_class (label, kind);
  return label;
}

static GtkWidget *
make_set_row (WbDataPage *self, const char *name, const char *title, const char *summary,
              NnParams *options, gboolean current)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *title_text = g_markup_escape_text (title, -1);
  g_autofree char *summary_text = g_markup_escape_text (summary != NULL ? summary : "", -1);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title_text);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), summary_text);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  gtk_widget_set_tooltip_text (row, summary);
  if (options != NULL)
    {
      GtkWidget *forget = gtk_button_new_from_icon_name ("list-remove-symbolic");
      gtk_widget_add_css_class (forget, "flat");
      gtk_widget_set_valign (forget, GTK_ALIGN_CENTER);
      gtk_widget_set_tooltip_text (forget, _ ("List it no longer; its files stay"));
      g_object_set_data_full (G_OBJECT (forget), "name", g_strdup (name), g_free);
      g_signal_connect (forget, "clicked", G_CALLBACK (forget_clicked), self);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), forget);
      g_object_set_data_full (G_OBJECT (row), "options", nn_params_ref (options),
                              (GDestroyNotify)nn_params_unref);
    }
  GtkWidget *check = gtk_image_new_from_icon_name ("object-select-symbolic");
  gtk_widget_set_opacity (check, current ? 1 : 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), check);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  gtk_accessible_update_state (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_SELECTED, current, -1);
  g_object_set_data_full (G_OBJECT (row), "name", g_strdup (name), g_free);
  return row;
}

/* The list of sets is read when the page comes into sight and when another is chosen. */
static void
show_sets (WbDataPage *self, WbDocument *document)
{
  const char *current = nn_params_text (nn_design_data (wb_document_design (document)), "name");
  if (g_strcmp0 (current, self->shown_sets) == 0)
    return;
  g_free (self->shown_sets);
  self->shown_sets = g_strdup (current);
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->sets))) != NULL)
    gtk_list_box_remove (self->sets, child);
  g_autoptr (GPtrArray) entries = nn_data_list ();
  gboolean listed = FALSE;
  /* The person's own first: there are fewer, and they were chosen. */
  for (int own = 1; own >= 0; own--)
    for (guint i = 0; i < entries->len; i++)
      {
        const NnDataEntry *entry = g_ptr_array_index (entries, i);
        if ((entry->options != NULL) != own)
          continue;
        const char *name = own ? entry->path : entry->name;
        gboolean this_one = g_strcmp0 (name, current) == 0;
        listed = listed || this_one;
        gtk_list_box_append (self->sets, make_set_row (self, name, entry->title, entry->summary,
                                                       entry->options, this_one));
      }
  if (listed)
    return;
  g_autofree char *base = g_path_get_basename (current);
  gtk_list_box_prepend (self->sets, make_set_row (self, current, base, current, NULL, TRUE));
}

/* ---- facts ---- */

static void
add_fact (WbDataPage *self, const char *name, const char *value)
{
  gtk_box_append (GTK_BOX (self->facts), wb_panel_fact (name, value));
}

static void
show_facts (WbDataPage *self, WbDocument *document)
{
  const NnDataInfo *info = nn_analysis_data (wb_document_analysis (document));
  NnDataset *dataset = wb_document_dataset (document);
  wb_panel_clear (self->facts);
  g_autofree char *train = wb_format_count ((gint64)info->n_samples[NN_PART_TRAIN]);
  g_autofree char *test = wb_format_count ((gint64)info->n_samples[NN_PART_TEST]);
  add_fact (self, _ ("Training samples"), train);
  if (info->n_samples[NN_PART_VALIDATION] > 0)
    {
      g_autofree char *held_out = wb_format_count ((gint64)info->n_samples[NN_PART_VALIDATION]);
      add_fact (self, _ ("Validation samples"), held_out);
    }
  add_fact (self, _ ("Test samples"), test);
  for (guint i = 0; i < info->n_fields; i++)
    {
      const NnField *field = &info->fields[i];
      g_autofree char *shape = nn_shape_to_string (&field->shape);
      g_autofree char *text =
          field->kind == NN_FIELD_LABEL
              ? g_strdup_printf (ngettext ("%u class", "%u classes", field->n_classes),
                                 field->n_classes)
              : g_strdup_printf ("%s = <b>%" PRId64 "</b>", shape, nn_shape_size (&field->shape));
      g_autofree char *title = g_strdup_printf (_ ("Field “%s”"), field->name);
      add_fact (self, title, text);
    }
  if (dataset == NULL)
    return;
  g_autofree char *memory = wb_format_bytes (nn_dataset_memory (dataset));
  add_fact (self, _ ("Memory"), memory);
}

/* ---- classes ---- */

static GtkWidget *
make_picture (NnDataset *dataset, guint field, const NnShape *shape, guint32 sample)
{
  g_autofree float *values = g_new (float, nn_shape_size (shape));
  nn_dataset_read (dataset, NN_PART_TRAIN, field, &sample, 1, nn_kernels_best (), values);
  gsize height = (gsize)shape->dim[0], width = (gsize)shape->dim[1];
  float black, white;
  nn_data_info_pixel_range (nn_dataset_info (dataset), shape, &black, &white);
  g_autoptr (GdkTexture) texture =
      wb_texture_from_image (values, width, height, (gsize)shape->dim[2], black, white);
  GtkWidget *picture = gtk_picture_new_for_paintable (GDK_PAINTABLE (texture));
  gtk_widget_set_size_request (picture, PREVIEW_SIZE, PREVIEW_SIZE);
  gtk_widget_set_valign (picture, GTK_ALIGN_CENTER);
  return picture;
}

/* The first few training samples of every class. (n_classes, N_PREVIEWS), G_MAXUINT32 where there
 * is none. */
static guint32 *
find_previews (NnDataset *dataset, guint label_field, guint n_classes)
{
  guint32 *found = g_new (guint32, n_classes * N_PREVIEWS);
  g_autofree guint *n_found = g_new0 (guint, n_classes);
  for (guint i = 0; i < n_classes * N_PREVIEWS; i++)
    found[i] = G_MAXUINT32;
  gsize n = MIN (N_LOOKED_AT, nn_dataset_n_samples (dataset, NN_PART_TRAIN));
  for (gsize i = 0; i < n; i++)
    {
      guint label = nn_dataset_label (dataset, NN_PART_TRAIN, label_field, i);
      if (label < n_classes && n_found[label] < N_PREVIEWS)
        found[label * N_PREVIEWS + n_found[label]++] = (guint32)i;
    }
  return found;
}

static void
show_classes (WbDataPage *self, WbDocument *document)
{
  NnDataset *dataset = wb_document_dataset (document);
  if (self->previewed == dataset)
    return;
  self->previewed = dataset;
  wb_panel_clear (self->classes);
  gtk_widget_set_visible (self->classes_section, FALSE);
  if (dataset == NULL)
    return;
  const NnDataInfo *info = nn_dataset_info (dataset);
  const NnField *label = NULL, *image = NULL;
  guint label_at = 0, image_at = 0;
  for (guint i = 0; i < info->n_fields; i++)
    if (info->fields[i].kind == NN_FIELD_LABEL && label == NULL)
      label = &info->fields[label_at = i];
    else if (info->fields[i].kind == NN_FIELD_IMAGE && image == NULL)
      image = &info->fields[image_at = i];
  if (label == NULL)
    return;
  gtk_widget_set_visible (self->classes_section, TRUE);
  guint n_classes = MIN (label->n_classes, MAX_CLASSES);
  g_autofree guint32 *previews = find_previews (dataset, label_at, n_classes);
  for (guint c = 0; c < n_classes; c++)
    {
      GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
      gtk_widget_add_css_class (line, "previews");
      g_autofree char *number = g_strdup_printf ("%u", c);
      GtkWidget *name = gtk_label_new (label->class_names != NULL ? label->class_names[c] : number);
      gtk_label_set_xalign (GTK_LABEL (name), 0);
      gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
      gtk_widget_set_hexpand (name, TRUE);
      gtk_box_append (GTK_BOX (line), name);
      for (guint i = 0; image != NULL && i < N_PREVIEWS; i++)
        if (previews[c * N_PREVIEWS + i] != G_MAXUINT32)
          gtk_box_append (GTK_BOX (line), make_picture (dataset, image_at, &image->shape,
                                                        previews[c * N_PREVIEWS + i]));
      gtk_box_append (GTK_BOX (self->classes), line);
    }
}

/* Rows for what every set has, and for how this one is read. */
static void
show_params (WbDataPage *self, WbDocument *document)
{
  const NnParams *params = nn_design_data (wb_document_design (document));
  const NnDataSource *source = nn_data_source_of (params);
  if (source != self->source || self->source == NULL)
    {
      g_autoptr (GPtrArray) specs = g_ptr_array_new ();
      g_ptr_array_add (specs, (gpointer)nn_params_spec (params, "limit"));
      for (guint i = 0; source != NULL && source->options != NULL && source->options[i] != NULL;
           i++)
        g_ptr_array_add (specs, (gpointer)nn_params_spec (params, source->options[i]));
      g_ptr_array_add (specs, (gpointer)nn_params_spec (params, "scaling"));
      for (const NnParamSpec *spec = nn_validation_specs (); spec->name != NULL; spec++)
        g_ptr_array_add (specs, (gpointer)nn_params_spec (params, spec->name));
      for (const NnParamSpec *spec = nn_balance_specs (); spec->name != NULL; spec++)
        g_ptr_array_add (specs, (gpointer)nn_params_spec (params, spec->name));
      g_ptr_array_add (specs, (gpointer)nn_params_spec (params, "seed"));
      wb_param_list_set_specs (self->params, specs, NULL);
      self->source = source;
    }
  wb_param_list_show (self->params, &params, 1);
  wb_param_list_lock (self->params, wb_document_lesson (document),
                      (const char *const[]){ "data", NULL });
}

/* What was skipped or filled in. */
static void
show_notes (WbDataPage *self, WbDocument *document)
{
  GPtrArray *notes = wb_document_data_notes (document);
  wb_panel_clear (self->notes);
  for (guint i = 0; notes != NULL && i < notes->len; i++)
    {
      GtkWidget *note = make_finding (g_ptr_array_index (notes, i), "hint");
      gtk_box_append (GTK_BOX (self->notes), note);
    }
}

static void
wb_data_page_update (WbPanelPage *page)
{
  WbDataPage *self = WB_DATA_PAGE (page);
  WbDocument *document = wb_panel_page_document (page);
  show_sets (self, document);
  show_params (self, document);
  show_notes (self, document);
  wb_data_mends_show (self->error, wb_document_data_error (document));
  wb_data_mends_lock (self->error, wb_document_lesson (document));
  show_facts (self, document);
  show_classes (self, document);
}

/* ---- making ---- */

static GtkWidget *
make_open_buttons (void)
{
  static const struct
  {
    const char *label, *tip, *target;
  } buttons[] = {
    { N_ ("File…"),
      N_ ("Open a table (CSV), NumPy arrays, CIFAR or IDX images; or drop a file on the window"),
      "file" },
    { N_ ("Folder…"),
      N_ ("Open a folder of pictures, or of training and test files; or drop it on the window"),
      "folder" },
    { N_ ("Look…"), N_ ("What the data in use hold, how they are read, and what will hurt"),
      "current" },
  };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_box_set_homogeneous (GTK_BOX (box), TRUE);
  gtk_widget_set_margin_bottom (box, 9);
  for (guint i = 0; i < G_N_ELEMENTS (buttons); i++)
    {
      GtkWidget *button = gtk_button_new_with_label (_ (buttons[i].label));
      gtk_widget_set_tooltip_text (button, _ (buttons[i].tip));
      gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.open-data");
      gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", buttons[i].target);
      gtk_box_append (GTK_BOX (box), button);
    }
  return box;
}

static void
wb_data_page_finalize (GObject *object)
{
  g_free (WB_DATA_PAGE (object)->shown_sets);
  G_OBJECT_CLASS (wb_data_page_parent_class)->finalize (object);
}

static void
wb_data_page_class_init (WbDataPageClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = wb_data_page_finalize;
  WB_PANEL_PAGE_CLASS (klass)->update = wb_data_page_update;
}

static void
wb_data_page_init (WbDataPage *self)
{
  GtkBox *box = GTK_BOX (wb_panel_page_box (WB_PANEL_PAGE (self)));
  gtk_box_append (box, wb_panel_section (_ ("Data set")));
  gtk_box_append (box, make_open_buttons ());
  self->sets = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->sets, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (self->sets), "boxed-list");
  g_signal_connect (self->sets, "row-activated", G_CALLBACK (set_activated), self);
  gtk_box_append (box, GTK_WIDGET (self->sets));
  self->error = WB_DATA_MENDS (wb_data_mends_new ());
  gtk_widget_set_margin_top (GTK_WIDGET (self->error), 9);
  g_signal_connect (self->error, "mend", G_CALLBACK (mend_clicked), self);
  gtk_box_append (box, GTK_WIDGET (self->error));
  self->notes = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_set_margin_top (self->notes, 9);
  gtk_box_append (box, self->notes);

  self->params = WB_PARAM_LIST (wb_param_list_new (edit_data, settled, self));
  gtk_widget_set_margin_top (GTK_WIDGET (self->params), 12);
  gtk_box_append (box, GTK_WIDGET (self->params));
  gtk_box_append (box, wb_panel_section (_ ("Size")));
  self->facts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_add_css_class (self->facts, "facts");
  gtk_box_append (box, self->facts);
  self->classes_section = wb_panel_section (_ ("Classes"));
  gtk_box_append (box, self->classes_section);
  self->classes = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  gtk_box_append (box, self->classes);
}

GtkWidget *
wb_data_page_new (void)
{
  return g_object_new (WB_TYPE_DATA_PAGE, NULL);
}
