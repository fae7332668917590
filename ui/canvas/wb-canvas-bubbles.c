/* What is wrong, said beside the node it is about, with the fix as a button. */
#include "canvas/wb-canvas-private.h"

#include <math.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#define MAX_BUBBLES 3
#define BUBBLE_GAP 14.0
/* The foot of the canvas: zoom and overview. */
#define FOOT 60.0

static guint
bubble_node (GtkWidget *bubble)
{
  return GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (bubble), "node"));
}

static GtkWidget *
make_bubble (const NnDiagnostic *diagnostic, guint position)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *label = gtk_label_new (diagnostic->text);

  gtk_widget_add_css_class (box, "canvas-bubble");
  if (diagnostic->severity == NN_SEVERITY_ERROR)
    gtk_widget_add_css_class (box, "error");
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_width_chars (GTK_LABEL (label), 18);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 22);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_box_append (GTK_BOX (box), label);
  if (diagnostic->fix != NULL)
    {
      GtkWidget *button = gtk_button_new_with_label (diagnostic->fix_label);

      gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "canvas.fix");
      gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "u", position);
      gtk_box_append (GTK_BOX (box), button);
    }
  g_object_set_data (G_OBJECT (box), "node", GUINT_TO_POINTER (diagnostic->node));
  return box;
}

/* A finding has a name above its sentence, and was asked for. */
static GtkWidget *
make_finding_bubble (guint node, const WbFindingText *text)
{
  const NnDiagnostic told = { .severity = text->severity, .node = node, .text = text->sentence };
  GtkWidget *bubble = make_bubble (&told, 0), *title = gtk_label_new (text->label);
  GtkLabel *sentence = GTK_LABEL (gtk_widget_get_first_child (bubble));

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_add_css_class (title, "title");
  gtk_widget_add_css_class (bubble, "finding");
  gtk_label_set_width_chars (sentence, 30);
  gtk_label_set_max_width_chars (sentence, 34);
  gtk_box_prepend (GTK_BOX (bubble), title);
  return bubble;
}

static gboolean
has_bubble (WbCanvas *self, guint node)
{
  for (guint i = 0; i < self->bubbles->len; i++)
    {
      if (bubble_node (self->bubbles->pdata[i]) == node)
        return TRUE;
    }
  return FALSE;
}

/* Something that is merely not finished (a port still free) speaks up only when its node is
 * selected; something wrong does so at once. */
static gboolean
speaks_up (WbCanvas *self, const NnDiagnostic *diagnostic)
{
  gboolean unfinished =
      diagnostic->fix == NULL && diagnostic->port >= 0
      && nn_design_edge_into (wb_canvas_design (self), diagnostic->node, (guint)diagnostic->port)
             == NULL;

  if (diagnostic->node == 0 || diagnostic->severity == NN_SEVERITY_HINT)
    return FALSE;
  if (diagnostic->severity == NN_SEVERITY_ERROR && !unfinished)
    return TRUE;
  return wb_document_is_selected (self->document, diagnostic->node)
         && wb_document_selection (self->document)->len == 1;
}

static void
add_bubble (WbCanvas *self, GtkWidget *bubble)
{
  gtk_widget_insert_before (bubble, GTK_WIDGET (self), self->hint);
  g_ptr_array_add (self->bubbles, bubble);
}

/* Until there is nothing more to tell. */
static void
add_finding (WbCanvas *self, WbNodeCard *card)
{
  const WbFindingText *text = card != NULL ? wb_node_card_get_finding (card) : NULL;

  if (text != NULL)
    add_bubble (self, make_finding_bubble (self->explained, text));
  else
    self->explained = 0;
}

void
wb_canvas_update_bubbles (WbCanvas *self)
{
  NnAnalysis *analysis = wb_canvas_analysis (self);

  for (guint i = 0; i < self->bubbles->len; i++)
    gtk_widget_unparent (self->bubbles->pdata[i]);
  g_ptr_array_set_size (self->bubbles, 0);
  if (self->explained != 0)
    add_finding (self, wb_canvas_card (self, self->explained));
  for (guint i = 0; i < nn_analysis_n_diagnostics (analysis) && self->bubbles->len < MAX_BUBBLES;
       i++)
    {
      const NnDiagnostic *diagnostic = nn_analysis_diagnostic (analysis, i);

      if (!speaks_up (self, diagnostic) || has_bubble (self, diagnostic->node))
        continue;
      add_bubble (self, make_bubble (diagnostic, i));
    }
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

static gboolean
is_free (WbCanvas *self, const WbArea *screen)
{
  return !wb_canvas_has_card_at (self, screen) && screen->x >= 0 && screen->y >= 0
         && screen->x + screen->width <= gtk_widget_get_width (GTK_WIDGET (self))
         && screen->y + screen->height <= gtk_widget_get_height (GTK_WIDGET (self)) - FOOT;
}

/* Right of the node, else below, above or left of it: the first that covers no card. FALSE: none
 * is, place is below. */
static gboolean
find_place (WbCanvas *self, const WbArea *node, double width, double height, WbPoint *place)
{
  const WbPoint places[] = {
    { node->x + node->width + BUBBLE_GAP, node->y + 16 },
    { node->x, node->y + node->height + BUBBLE_GAP },
    { node->x, node->y - height - BUBBLE_GAP },
    { node->x - width - BUBBLE_GAP, node->y + 16 },
  };
  double far_x = MAX (gtk_widget_get_width (GTK_WIDGET (self)) - width - 4, 4);
  double far_y = MAX (gtk_widget_get_height (GTK_WIDGET (self)) - height - 4, 4);

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      WbArea rect = { places[i].x, places[i].y, width, height };

      *place = places[i];
      if (is_free (self, &rect))
        return TRUE;
    }
  *place = (WbPoint){ CLAMP (places[1].x, 4, far_x), CLAMP (places[1].y, 4, far_y) };
  return FALSE;
}

void
wb_canvas_allocate_bubbles (WbCanvas *self)
{
  for (guint i = 0; i < self->bubbles->len; i++)
    {
      GtkWidget *bubble = self->bubbles->pdata[i];
      const WbNodeBox *box = wb_graph_geometry_node (self->geometry, bubble_node (bubble));
      GtkRequisition size;
      WbArea at;
      WbPoint place = { 0, 0 };
      gboolean is_shown = FALSE;

      gtk_widget_get_preferred_size (bubble, NULL, &size);
      if (box != NULL)
        {
          at = wb_view_area_to_screen (&self->view, &box->rect);
          is_shown = find_place (self, &at, size.width, size.height, &place);
          /* Only what stops training, or was asked for, may cover something; the inspector tells
           * the rest too. */
          is_shown |= gtk_widget_has_css_class (bubble, "error")
                      || gtk_widget_has_css_class (bubble, "finding");
        }
      gtk_widget_set_child_visible (bubble, is_shown);
      if (!is_shown)
        continue;
      gtk_widget_allocate (
          bubble, size.width, size.height, -1,
          gsk_transform_translate (
              NULL, &GRAPHENE_POINT_INIT ((float)round (place.x), (float)round (place.y))));
    }
}
