/* Editing a node's name where it stands: Enter takes it, Escape does not, a taken name says so. */
#include "canvas/wb-canvas-private.h"

#include <math.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#define ENTRY_WIDTH 150

static GtkWidget *
entry_of (WbCanvas *self)
{
  return gtk_widget_get_first_child (self->rename);
}

static GtkWidget *
message_of (WbCanvas *self)
{
  return gtk_widget_get_last_child (self->rename);
}

void
wb_canvas_rename_end (WbCanvas *self)
{
  GtkWidget *rename = g_steal_pointer (&self->rename);
  gboolean focused;

  if (rename == NULL)
    return;
  focused = gtk_widget_get_focus_child (GTK_WIDGET (self)) == rename;
  gtk_widget_unparent (rename);
  if (focused && self->document != NULL)
    wb_canvas_set_current (self, self->rename_node, TRUE);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
accept_name (WbCanvas *self)
{
  const char *name = gtk_editable_get_text (GTK_EDITABLE (entry_of (self)));
  const NnNode *node = nn_design_node (wb_canvas_design (self), self->rename_node);
  g_autoptr (GError) error = NULL;
  g_autofree char *label = NULL;
  NnDesign *design;

  if (node == NULL || g_str_equal (node->name, name))
    {
      wb_canvas_rename_end (self);
      return;
    }
  design = nn_design_rename_node (wb_canvas_design (self), node->id, name, &error);
  if (design == NULL)
    {
      gtk_label_set_label (GTK_LABEL (message_of (self)), error->message);
      gtk_widget_set_visible (message_of (self), TRUE);
      gtk_widget_add_css_class (entry_of (self), "error");
      gtk_widget_queue_allocate (GTK_WIDGET (self));
      return;
    }
  label = g_strdup_printf (_ ("Rename %s"), node->name);
  wb_canvas_rename_end (self);
  wb_canvas_commit (self, design, label, NULL);
}

static void
name_changed (WbCanvas *self)
{
  gtk_widget_remove_css_class (entry_of (self), "error");
  gtk_widget_set_visible (message_of (self), FALSE);
}

static gboolean
key_pressed (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
             WbCanvas *self)
{
  if (key != GDK_KEY_Escape)
    return FALSE;
  wb_canvas_rename_end (self);
  return TRUE;
}

static gboolean
finish_left (gpointer data)
{
  WbCanvas *self = data;

  if (self->rename == NULL || self->document == NULL)
    return G_SOURCE_REMOVE;
  accept_name (self);
  wb_canvas_rename_end (self);
  return G_SOURCE_REMOVE;
}

/* Going elsewhere takes a good name and drops a bad one; not while the focus is still on its way.
 */
static void
focus_left (GtkEventControllerFocus *controller, WbCanvas *self)
{
  if (self->rename != NULL)
    g_idle_add_full (G_PRIORITY_DEFAULT, finish_left, g_object_ref (self), g_object_unref);
}

void
wb_canvas_rename_begin (WbCanvas *self, guint node)
{
  const NnNode *named = nn_design_node (wb_canvas_design (self), node);
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();
  GtkWidget *entry, *message;

  wb_canvas_rename_end (self);
  if (named == NULL)
    return;
  wb_canvas_reveal (self, node);
  self->rename_node = node;
  self->rename = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (self->rename, "canvas-rename");
  entry = gtk_entry_new ();
  gtk_editable_set_text (GTK_EDITABLE (entry), named->name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Node name"), -1);
  message = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (message), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (message), 24);
  gtk_label_set_xalign (GTK_LABEL (message), 0);
  gtk_widget_add_css_class (message, "canvas-hint");
  gtk_widget_add_css_class (message, "error");
  gtk_widget_set_visible (message, FALSE);
  gtk_box_append (GTK_BOX (self->rename), entry);
  gtk_box_append (GTK_BOX (self->rename), message);
  gtk_widget_set_parent (self->rename, GTK_WIDGET (self));

  g_signal_connect_swapped (entry, "activate", G_CALLBACK (accept_name), self);
  g_signal_connect_swapped (entry, "changed", G_CALLBACK (name_changed), self);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed), self);
  gtk_widget_add_controller (entry, keys);
  g_signal_connect (focus, "leave", G_CALLBACK (focus_left), self);
  gtk_widget_add_controller (entry, focus);
  gtk_widget_grab_focus (entry);
  gtk_editable_select_region (GTK_EDITABLE (entry), 0, -1);
}

void
wb_canvas_allocate_rename (WbCanvas *self)
{
  const WbNodeBox *box;
  GtkRequisition size;
  WbArea at;

  if (self->rename == NULL || self->geometry == NULL
      || (box = wb_graph_geometry_node (self->geometry, self->rename_node)) == NULL)
    return;
  at = wb_view_area_to_screen (&self->view, &box->rect);
  gtk_widget_get_preferred_size (self->rename, NULL, &size);
  gtk_widget_allocate (
      self->rename, MAX (ENTRY_WIDTH, size.width), size.height, -1,
      gsk_transform_translate (
          NULL, &GRAPHENE_POINT_INIT ((float)round (at.x - 2), (float)round (at.y + 2))));
}
