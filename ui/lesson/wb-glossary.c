#include "diabolo-config.h"

#include "lesson/wb-glossary.h"

#include <glib/gi18n.h>

#include "formats/nn-lessons.h"
#include "layers/nn-layer.h"
#include "lesson/wb-lesson-page.h"

static GtkWidget *
add_text (GtkBox *box, const char *text)
{
  GtkWidget *label = wb_lesson_label_new (text);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 40);
  gtk_box_append (box, label);
  return label;
}

static gboolean
add_term (GtkBox *box, const char *term)
{
  const NnLessonStep *entry = nn_glossary_find (term);
  if (entry == NULL)
    return FALSE;
  for (guint i = 0; i < entry->blocks->len; i++)
    {
      const NnLessonBlock *block = g_ptr_array_index (entry->blocks, i);
      if (block->kind == NN_LESSON_PARAGRAPH)
        add_text (box, block->text);
    }
  return TRUE;
}

static gboolean
add_layer (GtkBox *box, const char *id)
{
  const NnLayerType *type = nn_layer_type (id);
  if (type == NULL)
    return FALSE;
  if (type->summary != NULL)
    gtk_widget_add_css_class (add_text (box, type->summary), "dim-label");
  if (type->when_to_use != NULL)
    add_text (box, type->when_to_use);
  return TRUE;
}

static void
popover_closed (GtkWidget *popover)
{
  gtk_widget_unparent (popover);
}

/* The bubble points at the end of the label's text line that was clicked where that is known. */
static void
pop_up (GtkWidget *widget, const char *title, GtkWidget *box)
{
  GtkWidget *popover = gtk_popover_new ();
  GtkWidget *heading = gtk_label_new (title);
  gtk_label_set_xalign (GTK_LABEL (heading), 0);
  gtk_widget_add_css_class (heading, "heading");
  gtk_box_prepend (GTK_BOX (box), heading);
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  gtk_popover_set_position (GTK_POPOVER (popover), GTK_POS_RIGHT);
  gtk_widget_add_css_class (popover, "lesson-term");
  gtk_widget_set_parent (popover, widget);
  g_signal_connect (popover, "closed", G_CALLBACK (popover_closed), NULL);
  gtk_popover_popup (GTK_POPOVER (popover));
}

gboolean
wb_glossary_explain (GtkWidget *widget, const char *target)
{
  g_return_val_if_fail (GTK_IS_WIDGET (widget) && target != NULL, FALSE);

  NnLessonPoint point = { 0 };
  if (!nn_lesson_point_parse (target, &point))
    return FALSE;
  g_autofree char *name = g_steal_pointer (&point.name);
  g_autofree char *title = NULL;
  GtkWidget *box = g_object_ref_sink (gtk_box_new (GTK_ORIENTATION_VERTICAL, 6));
  gboolean found = FALSE;
  if (point.kind == NN_LESSON_POINT_TERM && (found = add_term (GTK_BOX (box), name)))
    title = g_strdup (_ (nn_glossary_find (name)->title));
  else if (point.kind == NN_LESSON_POINT_LAYER && (found = add_layer (GTK_BOX (box), name)))
    title = g_strdup (_ (nn_layer_type (name)->title));
  if (found)
    pop_up (widget, title, box);
  g_object_unref (box);
  return found;
}
