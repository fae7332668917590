#include "diabolo-config.h"

#include "panels/wb-param-list.h"

#include <adwaita.h>
#include <glib/gi18n.h>

struct _WbParamList
{
  GtkWidget parent_instance;

  GtkWidget *list;
  GtkWidget *more; /* AdwExpanderRow or NULL */
  GPtrArray *rows; /* WbParamRow, borrowed from the list */
  WbParamEditFunc edit;
  void (*settled) (gpointer data);
  gpointer data;
};

G_DEFINE_FINAL_TYPE (WbParamList, wb_param_list, GTK_TYPE_WIDGET)

static void
row_edited (WbParamRow *row, const char *text, gboolean more, gpointer data)
{
  WbParamList *self = data;
  g_autoptr (GError) error = NULL;
  if (!self->edit (wb_param_row_spec (row), text, more, self->data, &error))
    wb_param_row_set_error (row, error->message);
}

static void
row_settled (WbParamRow *row, gpointer data)
{
  WbParamList *self = data;
  if (self->settled != NULL)
    self->settled (self->data);
}

GPtrArray *
wb_param_specs (const NnParamSpec *specs)
{
  GPtrArray *all = g_ptr_array_new ();
  for (const NnParamSpec *spec = specs; spec != NULL && spec->name != NULL; spec++)
    g_ptr_array_add (all, (gpointer)spec);
  return all;
}

static void
clear (WbParamList *self)
{
  g_ptr_array_set_size (self->rows, 0);
  self->more = NULL;
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (self->list)) != NULL)
    gtk_list_box_remove (GTK_LIST_BOX (self->list), child);
}

void
wb_param_list_set_specs (WbParamList *self, GPtrArray *specs, const char *const *fields)
{
  g_return_if_fail (WB_IS_PARAM_LIST (self));

  clear (self);
  for (guint i = 0; i < specs->len; i++)
    {
      const NnParamSpec *spec = g_ptr_array_index (specs, i);
      GtkWidget *row = wb_param_row_new (spec, g_str_equal (spec->name, "field") ? fields : NULL);
      g_signal_connect (row, "edited", G_CALLBACK (row_edited), self);
      g_signal_connect (row, "settled", G_CALLBACK (row_settled), self);
      g_ptr_array_add (self->rows, row);
      if ((spec->flags & NN_PARAM_ADVANCED) == 0)
        {
          gtk_list_box_append (GTK_LIST_BOX (self->list), row);
          continue;
        }
      if (self->more == NULL)
        {
          self->more = adw_expander_row_new ();
          adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->more), _ ("More"));
          gtk_accessible_update_property (GTK_ACCESSIBLE (self->more),
                                          GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("More"), -1);
        }
      adw_expander_row_add_row (ADW_EXPANDER_ROW (self->more), row);
    }
  if (self->more != NULL)
    gtk_list_box_append (GTK_LIST_BOX (self->list), self->more);
}

void
wb_param_list_lock (WbParamList *self, const NnLessonText *lesson, const char *const *owners)
{
  g_return_if_fail (WB_IS_PARAM_LIST (self) && owners != NULL);

  for (guint i = 0; i < self->rows->len; i++)
    {
      GtkWidget *row = g_ptr_array_index (self->rows, i);
      const NnParamSpec *spec = wb_param_row_spec (WB_PARAM_ROW (row));
      gboolean locked = FALSE;
      for (guint k = 0; owners[k] != NULL; k++)
        locked |= nn_lesson_text_locks (lesson, owners[k], spec->name);
      if (gtk_widget_get_sensitive (row) == !locked)
        continue;
      gtk_widget_set_sensitive (row, !locked);
      gtk_widget_set_tooltip_text (row,
                                   locked ? _ ("The lesson keeps this as it is.") : _ (spec->tip));
    }
}

void
wb_param_list_prepend (WbParamList *self, GtkWidget *row)
{
  g_return_if_fail (WB_IS_PARAM_LIST (self));
  gtk_list_box_prepend (GTK_LIST_BOX (self->list), row);
}

void
wb_param_list_append (WbParamList *self, GtkWidget *row)
{
  g_return_if_fail (WB_IS_PARAM_LIST (self));
  gtk_list_box_append (GTK_LIST_BOX (self->list), row);
}

GtkWidget *
wb_param_list_reveal (WbParamList *self, const char *parameter)
{
  g_return_val_if_fail (WB_IS_PARAM_LIST (self) && parameter != NULL, NULL);

  for (guint i = 0; i < self->rows->len; i++)
    {
      const NnParamSpec *spec = wb_param_row_spec (g_ptr_array_index (self->rows, i));
      if (!g_str_equal (spec->name, parameter))
        continue;
      if ((spec->flags & NN_PARAM_ADVANCED) != 0)
        adw_expander_row_set_expanded (ADW_EXPANDER_ROW (self->more), TRUE);
      return g_ptr_array_index (self->rows, i);
    }
  return NULL;
}

void
wb_param_list_show (WbParamList *self, const NnParams *const *params, guint n)
{
  g_return_if_fail (WB_IS_PARAM_LIST (self));
  g_return_if_fail (n > 0);

  for (guint i = 0; i < self->rows->len; i++)
    {
      WbParamRow *row = g_ptr_array_index (self->rows, i);
      const NnParamSpec *spec = wb_param_row_spec (row);
      g_autofree char *first = nn_params_to_text (params[0], spec->name);
      gboolean mixed = FALSE;
      for (guint k = 1; k < n && !mixed; k++)
        {
          g_autofree char *other = nn_params_to_text (params[k], spec->name);
          mixed = g_strcmp0 (first, other) != 0;
        }
      wb_param_row_show (row, params[0], mixed);
      gtk_widget_set_visible (GTK_WIDGET (row), nn_params_shown (params[0], spec));
    }
}

static void
wb_param_list_dispose (GObject *object)
{
  WbParamList *self = WB_PARAM_LIST (object);
  g_clear_pointer (&self->list, gtk_widget_unparent);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  G_OBJECT_CLASS (wb_param_list_parent_class)->dispose (object);
}

static void
wb_param_list_class_init (WbParamListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = wb_param_list_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
wb_param_list_init (WbParamList *self)
{
  self->rows = g_ptr_array_new ();
  self->list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (self->list, "boxed-list");
  gtk_widget_set_parent (self->list, GTK_WIDGET (self));
}

GtkWidget *
wb_param_list_new (WbParamEditFunc edit, void (*settled) (gpointer data), gpointer data)
{
  WbParamList *self = g_object_new (WB_TYPE_PARAM_LIST, NULL);
  self->edit = edit;
  self->settled = settled;
  self->data = data;
  return GTK_WIDGET (self);
}
