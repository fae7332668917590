#include "data/wb-data-columns.h"

#include "diabolo-config.h"
#include <glib/gi18n.h>

#include "data/nn-data-source.h"
#include "plots/wb-format.h"

/* ---- one column of the table, as GTK's lists want it ---- */

#define WB_TYPE_COLUMN_ITEM (wb_column_item_get_type ())
G_DECLARE_FINAL_TYPE (WbColumnItem, wb_column_item, WB, COLUMN_ITEM, GObject)

struct _WbColumnItem
{
  GObject parent_instance;
  guint index;
};

G_DEFINE_FINAL_TYPE (WbColumnItem, wb_column_item, G_TYPE_OBJECT)

static void
wb_column_item_class_init (WbColumnItemClass *klass)
{
}

static void
wb_column_item_init (WbColumnItem *self)
{
}

/* ---- the list ---- */

struct _WbDataColumns
{
  GtkWidget parent_instance;

  GArray *columns; /* owned; NnDataColumn, or NULL */
  GListStore *items;
  GtkWidget *view;
  gboolean showing; /* check buttons change because of what is shown */
};

G_DEFINE_FINAL_TYPE (WbDataColumns, wb_data_columns, GTK_TYPE_WIDGET)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static const NnDataColumn *
column_at (WbDataColumns *self, guint index)
{
  return &g_array_index (self->columns, NnDataColumn, index);
}

/* ---- choosing ---- */

/* A name as a list takes it. */
static void
append_name (GString *list, const char *name)
{
  if (list->len > 0)
    g_string_append (list, ", ");
  if (strpbrk (name, ",\"") == NULL && g_strcmp0 (name, "") != 0)
    {
      g_string_append (list, name);
      return;
    }
  g_auto (GStrv) parts = g_strsplit (name, "\"", -1);
  g_autofree char *doubled = g_strjoinv ("\"\"", parts);
  g_string_append_printf (list, "\"%s\"", doubled);
}

/* What the columns say now, but for one. Every column of numbers is the usual choice: no list. */
static void
emit_changed (WbDataColumns *self, guint index, gboolean feature, gboolean label)
{
  g_autoptr (GString) features = g_string_new (NULL);
  const char *label_name = "none";
  gboolean usual = TRUE;
  for (guint c = 0; c < self->columns->len; c++)
    {
      const NnDataColumn *column = column_at (self, c);
      gboolean is_label = c == index ? label : column->is_label && !label;
      gboolean is_feature = (c == index ? feature : column->is_feature) && !is_label;
      /* What was the label is a feature again where it can be. */
      if (column->is_label && !is_label && column->is_number && c != index)
        is_feature = TRUE;
      if (is_label)
        label_name = column->name;
      usual = usual && is_feature == (column->is_number && !is_label);
      if (is_feature)
        append_name (features, column->name);
    }
  g_signal_emit (self, signals[CHANGED], 0, usual ? "" : features->str, label_name);
}

static void
check_toggled (GtkCheckButton *check, WbDataColumns *self)
{
  if (self->showing)
    return;
  const guint index = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (check), "index"));
  const NnDataColumn *column = column_at (self, index);
  const gboolean active = gtk_check_button_get_active (check);
  if (g_object_get_data (G_OBJECT (check), "label") != NULL)
    emit_changed (self, index, !active && column->is_number, active);
  else
    emit_changed (self, index, active, FALSE);
}

/* ---- cells ---- */

typedef enum
{
  FEATURE,
  LABEL,
  NAME,
  KIND,
  RANGE,
  MISSING,
  EXAMPLES,
} Cell;

static const struct
{
  const char *title, *tip;
  gboolean expand;
} cells[] = {
  [FEATURE] = { N_ ("Feature"), N_ ("The network learns from this column") },
  [LABEL] = { N_ ("Label"), N_ ("The class, or the number, that is to be predicted") },
  [NAME] = { N_ ("Column") },
  [KIND] = { N_ ("Holds") },
  [RANGE] = { N_ ("From – to") },
  [MISSING] = { N_ ("Missing") },
  [EXAMPLES] = { N_ ("First values"), NULL, TRUE },
};

static char *
cell_text (const NnDataColumn *column, Cell cell)
{
  const gboolean measured = column->is_number && column->n_values > 0;
  switch (cell)
    {
    case NAME:
      return g_strdup (column->name);
    case KIND:
      return g_strdup (!column->is_number ? _ ("text")
                       : column->is_whole ? _ ("integers")
                                          : _ ("numbers"));
    case RANGE:
      if (!measured)
        return g_strdup_printf (ngettext ("%u value", "%u values", column->n_distinct),
                                column->n_distinct);
      return g_strdup_printf ("%.5g – %.5g", column->min, column->max);
    case MISSING:
      return column->n_missing > 0 ? wb_format_count ((gint64)column->n_missing) : g_strdup ("");
    default:
      return g_strdup (column->examples);
    }
}

static void
set_up_cell (GtkSignalListItemFactory *factory, GtkListItem *item, WbDataColumns *self)
{
  const Cell cell = (Cell)GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (factory), "cell"));
  GtkWidget *child;
  if (cell == FEATURE || cell == LABEL)
    {
      child = gtk_check_button_new ();
      gtk_widget_set_halign (child, GTK_ALIGN_CENTER);
      gtk_widget_set_tooltip_text (child, _ (cells[cell].tip));
      if (cell == LABEL)
        {
          gtk_widget_add_css_class (child, "radio");
          g_object_set_data (G_OBJECT (child), "label", GUINT_TO_POINTER (TRUE));
        }
      g_signal_connect (child, "toggled", G_CALLBACK (check_toggled), self);
    }
  else
    {
      child = gtk_label_new (NULL);
      gtk_label_set_xalign (GTK_LABEL (child), cell == MISSING ? 1 : 0);
      if (cell == EXAMPLES)
        gtk_label_set_ellipsize (GTK_LABEL (child), PANGO_ELLIPSIZE_END);
      if (cell == NAME)
        {
          /* Long names of one table often begin alike. */
          gtk_label_set_ellipsize (GTK_LABEL (child), PANGO_ELLIPSIZE_MIDDLE);
          gtk_label_set_width_chars (GTK_LABEL (child), 10);
          gtk_label_set_max_width_chars (GTK_LABEL (child), 26);
        }
      if (cell == EXAMPLES)
        gtk_widget_add_css_class (child, "dim-label");
      gtk_widget_add_css_class (child, "numeric");
    }
  gtk_list_item_set_child (item, child);
}

static void
bind_cell (GtkSignalListItemFactory *factory, GtkListItem *item, WbDataColumns *self)
{
  const Cell cell = (Cell)GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (factory), "cell"));
  WbColumnItem *of = gtk_list_item_get_item (item);
  GtkWidget *child = gtk_list_item_get_child (item);
  if (self->columns == NULL || of->index >= self->columns->len)
    return;
  const NnDataColumn *column = column_at (self, of->index);
  if (cell != FEATURE && cell != LABEL)
    {
      g_autofree char *text = cell_text (column, cell);
      gtk_label_set_text (GTK_LABEL (child), text);
      gtk_widget_set_tooltip_text (child, text);
      return;
    }
  self->showing = TRUE;
  g_object_set_data (G_OBJECT (child), "index", GUINT_TO_POINTER (of->index));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (child),
                               cell == LABEL ? column->is_label : column->is_feature);
  gtk_widget_set_sensitive (child, cell == LABEL || column->is_number || column->is_feature);
  g_autofree char *spoken = g_strdup_printf ("%s: %s", _ (cells[cell].title), column->name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken,
                                  -1);
  self->showing = FALSE;
}

void
wb_data_columns_show (WbDataColumns *self, GArray *columns)
{
  g_return_if_fail (WB_IS_DATA_COLUMNS (self));

  GArray *old = self->columns;
  self->columns = g_array_ref (columns);
  if (old != NULL)
    g_array_unref (old);
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint c = 0; c < columns->len; c++)
    {
      WbColumnItem *item = g_object_new (WB_TYPE_COLUMN_ITEM, NULL);
      item->index = c;
      g_ptr_array_add (items, item);
    }
  g_list_store_splice (self->items, 0, g_list_model_get_n_items (G_LIST_MODEL (self->items)),
                       items->pdata, items->len);
}

/* ---- making ---- */

static void
add_column (WbDataColumns *self, Cell cell)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_object_set_data (G_OBJECT (factory), "cell", GUINT_TO_POINTER (cell));
  g_signal_connect (factory, "setup", G_CALLBACK (set_up_cell), self);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cell), self);
  GtkColumnViewColumn *column = gtk_column_view_column_new (_ (cells[cell].title), factory);
  gtk_column_view_column_set_expand (column, cells[cell].expand);
  gtk_column_view_column_set_resizable (column, cell >= NAME);
  gtk_column_view_append_column (GTK_COLUMN_VIEW (self->view), column);
  g_object_unref (column);
}

static void
wb_data_columns_dispose (GObject *object)
{
  WbDataColumns *self = WB_DATA_COLUMNS (object);
  g_clear_pointer (&self->view, gtk_widget_unparent);
  g_clear_object (&self->items);
  g_clear_pointer (&self->columns, g_array_unref);
  G_OBJECT_CLASS (wb_data_columns_parent_class)->dispose (object);
}

static void
wb_data_columns_class_init (WbDataColumnsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = wb_data_columns_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
wb_data_columns_init (WbDataColumns *self)
{
  self->items = g_list_store_new (WB_TYPE_COLUMN_ITEM);
  GtkSelectionModel *model =
      GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (g_object_ref (self->items))));
  self->view = gtk_column_view_new (model);
  gtk_widget_add_css_class (self->view, "data-table");
  gtk_widget_set_parent (self->view, GTK_WIDGET (self));
  for (guint cell = 0; cell < G_N_ELEMENTS (cells); cell++)
    add_column (self, (Cell)cell);
}

GtkWidget *
wb_data_columns_new (void)
{
  return g_object_new (WB_TYPE_DATA_COLUMNS, NULL);
}
