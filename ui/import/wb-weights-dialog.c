#include "import/wb-weights-dialog.h"

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "formats/nn-weight-match.h"

struct _WbWeightsDialog
{
  AdwWindow parent_instance;

  WbDocument *document;   /* owned */
  GPtrArray *tensors;     /* owned */
  char *name;             /* of the file */
  NnExportSource *source; /* owned; the network as it was asked; NULL while it is on its way */
  GPtrArray *matches;     /* owned; the same */

  GListStore *rows; /* WbWeightRow */
  GtkLabel *summary, *advice;
  GtkColumnViewColumn *source_column; /* the names in the file, where they are others */
  GtkWidget *load_button;
};

G_DEFINE_FINAL_TYPE (WbWeightsDialog, wb_weights_dialog, ADW_TYPE_WINDOW)

/* ---- rows ---- */

#define WB_TYPE_WEIGHT_ROW (wb_weight_row_get_type ())
G_DECLARE_FINAL_TYPE (WbWeightRow, wb_weight_row, WB, WEIGHT_ROW, GObject)

struct _WbWeightRow
{
  GObject parent_instance;
  const NnWeightMatch *match; /* borrowed from the dialog, which outlives its rows */
};

G_DEFINE_FINAL_TYPE (WbWeightRow, wb_weight_row, G_TYPE_OBJECT)

static void
wb_weight_row_class_init (WbWeightRowClass *klass)
{
}

static void
wb_weight_row_init (WbWeightRow *self)
{
}

static const struct
{
  const char *icon, *css_class;
} kinds[] = {
  [NN_MATCH_FITS] = { "object-select-symbolic", "success" },
  [NN_MATCH_DIFFERS] = { "dialog-warning-symbolic", "error" },
  [NN_MATCH_MISSING] = { "action-unavailable-symbolic", "warning" },
  [NN_MATCH_SURPLUS] = { "list-remove-symbolic", "dim-label" },
};
G_STATIC_ASSERT (G_N_ELEMENTS (kinds) == NN_N_MATCHES);

/* What does not fit comes first. */
static const NnMatchKind order[] = { NN_MATCH_DIFFERS, NN_MATCH_MISSING, NN_MATCH_SURPLUS,
                                     NN_MATCH_FITS };
G_STATIC_ASSERT (G_N_ELEMENTS (order) == NN_N_MATCHES);

static void
fill_rows (WbWeightsDialog *self)
{
  gboolean other_names = FALSE;
  for (guint i = 0; i < self->matches->len; i++)
    other_names = other_names || ((NnWeightMatch *)self->matches->pdata[i])->from != NULL;
  gtk_column_view_column_set_visible (self->source_column, other_names);
  gtk_widget_set_visible (GTK_WIDGET (self->advice), other_names);
  g_list_store_remove_all (self->rows);
  for (guint k = 0; k < G_N_ELEMENTS (order); k++)
    for (guint i = 0; i < self->matches->len; i++)
      {
        const NnWeightMatch *match = self->matches->pdata[i];
        if (match->kind != order[k])
          continue;
        g_autoptr (WbWeightRow) row = g_object_new (WB_TYPE_WEIGHT_ROW, NULL);
        row->match = match;
        g_list_store_append (self->rows, row);
      }
}

/* ---- columns ---- */

static char *
shape_text (const NnShape *shape)
{
  return shape->rank < 0 ? g_strdup ("–") : nn_shape_to_string (shape);
}

static char *
name_of (const NnWeightMatch *match)
{
  return g_strdup (match->name);
}

static char *
source_of (const NnWeightMatch *match)
{
  return g_strdup (match->from != NULL ? match->from : match->tensor != NULL ? match->name : "–");
}

static char *
kind_of (const NnWeightMatch *match)
{
  return g_strdup (match->from != NULL ? _ ("by shape and order") : nn_match_title (match->kind));
}

static char *
wanted_of (const NnWeightMatch *match)
{
  return shape_text (&match->wanted);
}

static char *
found_of (const NnWeightMatch *match)
{
  return shape_text (&match->found);
}

static const struct
{
  const char *title;
  char *(*text) (const NnWeightMatch *match);
  gboolean expand, icon;
} columns[] = {
  { N_ ("Weight"), name_of, TRUE, FALSE },
  { N_ ("In the file"), source_of, TRUE, FALSE },
  { N_ ("The network has"), wanted_of, FALSE, FALSE },
  { N_ ("The file has"), found_of, FALSE, FALSE },
  { N_ ("State"), kind_of, FALSE, TRUE },
};

static void
setup_cell (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  const guint column = GPOINTER_TO_UINT (data);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "numeric");
  if (columns[column].expand)
    gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_START);
  if (columns[column].icon)
    gtk_box_append (GTK_BOX (box), gtk_image_new ());
  gtk_box_append (GTK_BOX (box), label);
  gtk_list_item_set_child (item, box);
}

static void
bind_cell (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  const guint column = GPOINTER_TO_UINT (data);
  const NnWeightMatch *match = WB_WEIGHT_ROW (gtk_list_item_get_item (item))->match;
  GtkWidget *box = gtk_list_item_get_child (item);
  g_autofree char *text = columns[column].text (match);
  gtk_label_set_text (GTK_LABEL (gtk_widget_get_last_child (box)), text);
  if (columns[column].expand)
    gtk_widget_set_tooltip_text (box, text);
  if (!columns[column].icon)
    return;
  GtkWidget *icon = gtk_widget_get_first_child (box);
  const char *classes[] = { kinds[match->kind].css_class, NULL };
  gtk_image_set_from_icon_name (GTK_IMAGE (icon), kinds[match->kind].icon);
  gtk_widget_set_css_classes (icon, classes);
}

static GtkWidget *
make_table (WbWeightsDialog *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkSelectionModel *model =
      GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (g_object_ref (self->rows))));
  GtkWidget *view = gtk_column_view_new (model);
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
      g_signal_connect (factory, "setup", G_CALLBACK (setup_cell), GUINT_TO_POINTER (i));
      g_signal_connect (factory, "bind", G_CALLBACK (bind_cell), GUINT_TO_POINTER (i));
      g_autoptr (GtkColumnViewColumn) column =
          gtk_column_view_column_new (_ (columns[i].title), factory);
      gtk_column_view_column_set_expand (column, columns[i].expand);
      gtk_column_view_append_column (GTK_COLUMN_VIEW (view), column);
      if (columns[i].text == source_of)
        self->source_column = column;
    }
  gtk_column_view_set_show_row_separators (GTK_COLUMN_VIEW (view), TRUE);
  gtk_widget_add_css_class (view, "data-table");
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Weights"), -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), view);
  gtk_widget_add_css_class (scrolled, "card");
  gtk_widget_set_overflow (scrolled, GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_vexpand (scrolled, TRUE);
  return scrolled;
}

/* ---- what it says ---- */

static void
append_count (GString *text, guint n, const char *one, const char *many)
{
  if (n == 0)
    return;
  g_string_append (text, text->len > 0 ? " · " : "");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  g_string_append_printf (text, ngettext (one, many, n), n);
#pragma GCC diagnostic pop
}

static void
update (WbWeightsDialog *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const guint fits = nn_weight_match_count (self->matches, NN_MATCH_FITS);
  append_count (text, fits, N_ ("%u weight fits"), N_ ("%u weights fit"));
  append_count (text, nn_weight_match_count (self->matches, NN_MATCH_DIFFERS),
                N_ ("%u has another shape"), N_ ("%u have another shape"));
  append_count (text, nn_weight_match_count (self->matches, NN_MATCH_MISSING),
                N_ ("%u is missing in the file"), N_ ("%u are missing in the file"));
  append_count (text, nn_weight_match_count (self->matches, NN_MATCH_SURPLUS),
                N_ ("%u in the file has no place"), N_ ("%u in the file have no place"));
  gtk_label_set_text (self->summary, text->str);

  const gboolean whole = fits == self->matches->len;
  g_autofree char *some =
      g_strdup_printf (ngettext ("_Load the one that fits", "_Load the %u that fit", fits), fits);
  gtk_button_set_label (GTK_BUTTON (self->load_button), whole ? _ ("_Load") : some);
  gtk_widget_set_sensitive (self->load_button, fits > 0);
  gtk_widget_set_tooltip_text (self->load_button,
                               fits == 0 ? _ ("No weight of the file fits a layer of this network")
                               : whole   ? _ ("Every weight is replaced by the file's")
                                         : _ ("The other weights stay as they are now"));
}

static void
source_arrived (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (WbWeightsDialog) self = data;
  g_autoptr (NnExportSource) source =
      wb_document_export_finish (WB_DOCUMENT (object), result, NULL);
  if (source == NULL || self->load_button == NULL)
    return; /* closed meanwhile */
  self->source = g_steal_pointer (&source);
  self->matches = nn_weight_match_any (self->tensors, self->source->analysis);
  fill_rows (self);
  update (self);
}

/* ---- loading ---- */

GPtrArray *
wb_weights_dialog_matches (WbWeightsDialog *self)
{
  g_return_val_if_fail (WB_IS_WEIGHTS_DIALOG (self), NULL);
  return self->matches;
}

gboolean
wb_weights_dialog_load (WbWeightsDialog *self)
{
  g_return_val_if_fail (WB_IS_WEIGHTS_DIALOG (self), FALSE);

  const guint fits =
      self->matches != NULL ? nn_weight_match_count (self->matches, NN_MATCH_FITS) : 0;
  if (fits == 0)
    return FALSE;
  g_autoptr (NnCheckpoint) weights =
      nn_weight_match_checkpoint (self->matches, self->source->analysis, self->source->checkpoint);
  wb_document_give_weights (self->document, weights);
  g_autofree char *text =
      g_strdup_printf (ngettext ("Loaded %u weight from “%s”", "Loaded %u weights from “%s”", fits),
                       fits, self->name);
  g_signal_emit_by_name (self->document, "notice", text, NULL, NULL);
  gtk_window_close (GTK_WINDOW (self));
  return TRUE;
}

/* ---- the window ---- */

static void
wb_weights_dialog_dispose (GObject *object)
{
  WbWeightsDialog *self = WB_WEIGHTS_DIALOG (object);
  self->load_button = NULL; /* goes with the content; an answer finds none */
  G_OBJECT_CLASS (wb_weights_dialog_parent_class)->dispose (object);
}

static void
wb_weights_dialog_finalize (GObject *object)
{
  WbWeightsDialog *self = WB_WEIGHTS_DIALOG (object);
  g_clear_object (&self->rows);
  g_clear_object (&self->document);
  g_clear_pointer (&self->tensors, g_ptr_array_unref);
  g_clear_pointer (&self->matches, g_ptr_array_unref);
  g_clear_pointer (&self->source, nn_export_source_unref);
  g_free (self->name);
  G_OBJECT_CLASS (wb_weights_dialog_parent_class)->finalize (object);
}

static void
wb_weights_dialog_class_init (WbWeightsDialogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->dispose = wb_weights_dialog_dispose;
  object_class->finalize = wb_weights_dialog_finalize;
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

static GtkWidget *
make_header (WbWeightsDialog *self)
{
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *cancel = gtk_button_new_with_mnemonic (_ ("_Cancel"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (cancel), "window.close");
  self->load_button = gtk_button_new_with_mnemonic (_ ("_Load"));
  gtk_widget_add_css_class (self->load_button, "suggested-action");
  gtk_widget_set_sensitive (self->load_button, FALSE);
  g_signal_connect_swapped (self->load_button, "clicked", G_CALLBACK (wb_weights_dialog_load),
                            self);
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), cancel);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->load_button);
  return header;
}

static void
wb_weights_dialog_init (WbWeightsDialog *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  self->rows = g_list_store_new (WB_TYPE_WEIGHT_ROW);
  gtk_window_set_default_size (GTK_WINDOW (self), 720, 520);
  gtk_window_set_title (GTK_WINDOW (self), _ ("Load weights"));
  self->summary = GTK_LABEL (gtk_label_new (_ ("Comparing…")));
  gtk_label_set_xalign (self->summary, 0);
  gtk_label_set_wrap (self->summary, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->summary), "numeric");
  gtk_widget_set_margin_start (content, 18);
  gtk_widget_set_margin_end (content, 18);
  gtk_widget_set_margin_top (content, 12);
  gtk_widget_set_margin_bottom (content, 18);
  gtk_box_append (GTK_BOX (content), GTK_WIDGET (self->summary));
  self->advice = GTK_LABEL (gtk_label_new (
      _ ("The file has other names: its layers were taken in their order, by their shapes. See "
         "whether the names belong together before you load them.")));
  gtk_label_set_xalign (self->advice, 0);
  gtk_label_set_wrap (self->advice, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->advice), "dim-label");
  gtk_widget_set_visible (GTK_WIDGET (self->advice), FALSE);
  gtk_box_append (GTK_BOX (content), GTK_WIDGET (self->advice));
  gtk_box_append (GTK_BOX (content), make_table (self));
  gtk_box_append (GTK_BOX (box), make_header (self));
  gtk_box_append (GTK_BOX (box), content);
  adw_window_set_content (ADW_WINDOW (self), box);
}

GtkWidget *
wb_weights_dialog_new (GtkWindow *parent, WbDocument *document, GPtrArray *tensors,
                       const char *name)
{
  WbWeightsDialog *self = g_object_new (WB_TYPE_WEIGHTS_DIALOG, "modal", TRUE, NULL);
  g_autofree char *title = g_strdup_printf (_ ("Load weights from “%s”"), name);
  self->document = g_object_ref (document);
  self->tensors = g_ptr_array_ref (tensors);
  self->name = g_strdup (name);
  gtk_window_set_title (GTK_WINDOW (self), title);
  gtk_window_set_transient_for (GTK_WINDOW (self), parent);
  wb_document_export_async (document, source_arrived, g_object_ref (self));
  return GTK_WIDGET (self);
}
