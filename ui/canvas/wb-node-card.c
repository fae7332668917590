#include "canvas/wb-node-card.h"

#include <math.h>
#include <string.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "canvas/wb-card-paint.h"
#include "canvas/wb-card-text.h"
#include "layers/nn-layer.h"
#include "plots/wb-format.h"

#define BADGE_SIZE 20
#define BADGE_OUTSIDE 8

struct _WbNodeCard
{
  GtkWidget parent_instance;

  guint id;
  WbCardStyle style;
  WbCardText *text;
  WbCardLook look;
  gboolean current;
  guint n_in, n_out;
  GPtrArray *ports; /* WbPort, inputs first; children */
  WbFindingText *finding;
  GtkWidget *badge; /* child; NULL: nothing is found */
  GtkWidget *ring;  /* child below the badge, seen where a lesson points at the card */

  NnShape shape;
  NnShape image; /* rank 0: none */
  WbThumbnailKind kind;
  NnTensor *values;
  WbThumbnail *thumbnail; /* of values; NULL: to be made when drawn */
  WbScheme scheme;        /* of thumbnail */
  double room;            /* what it was made for */
  double loss;
  GArray *course; /* float */
};

G_DEFINE_FINAL_TYPE (WbNodeCard, wb_node_card, GTK_TYPE_WIDGET)

/* What does not depend on who looks. */
static WbCardLook
make_look (WbNodeCard *self, WbCardStyle style, double width, double height)
{
  const double room = wb_card_picture_room (style, width, height);
  WbScheme scheme = wb_scheme_current ();
  WbCardLook look = self->look;

  if (self->thumbnail != NULL && (self->scheme != scheme || self->room != room))
    g_clear_pointer (&self->thumbnail, wb_thumbnail_free);
  if (self->values != NULL && self->thumbnail == NULL)
    {
      self->thumbnail =
          wb_thumbnail_new (self->kind, &self->shape, self->image.rank > 0 ? &self->image : NULL,
                            self->values->data, room, scheme);
      self->scheme = scheme;
      self->room = room;
    }
  look.thumbnail = self->thumbnail;
  look.finding = self->finding;
  look.text = self->text;
  look.loss = self->loss;
  look.course = (const float *)(void *)self->course->data;
  look.n_course = self->course->len;
  return look;
}

void
wb_node_card_draw (WbNodeCard *card, GtkSnapshot *snapshot, WbCardStyle style, double width,
                   double height)
{
  WbCardLook look = make_look (card, style, width, height);

  look.selected = look.hover = look.focus = FALSE;
  wb_card_paint (snapshot, GTK_WIDGET (card), style, wb_scheme_current (), width, height, &look);
}

static void
wb_node_card_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WbNodeCard *self = WB_NODE_CARD (widget);
  GtkStateFlags flags = gtk_widget_get_state_flags (widget);
  const int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  WbCardLook look = make_look (self, self->style, width, height);

  look.hover = (flags & GTK_STATE_FLAG_PRELIGHT) != 0;
  look.focus = (flags & GTK_STATE_FLAG_FOCUSED) != 0 && (flags & GTK_STATE_FLAG_FOCUS_VISIBLE) != 0;
  wb_card_paint (snapshot, widget, self->style, wb_scheme_current (), width, height, &look);
  gtk_widget_snapshot_child (widget, self->ring, snapshot);
  for (guint i = 0; self->style != WB_CARD_TINY && i < self->ports->len; i++)
    gtk_widget_snapshot_child (widget, self->ports->pdata[i], snapshot);
  if (self->badge != NULL && self->style != WB_CARD_TINY)
    gtk_widget_snapshot_child (widget, self->badge, snapshot);
}

static void
wb_node_card_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                      int *natural, int *minimum_baseline, int *natural_baseline)
{
  /* The canvas decides; the height follows from the tensor. */
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    gtk_widget_measure (child, orientation, -1, NULL, NULL, NULL, NULL);
  *minimum = *natural = 0;
}

static void
wb_node_card_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  WbNodeCard *self = WB_NODE_CARD (widget);
  double scale = wb_card_scale (self->style);
  /* Ports sit where the geometry has them, in this card's own pixels. */
  WbNodeBox box = { .n_in = self->n_in,
                    .n_out = self->n_out,
                    .rect = { 0, 0, width * scale, height * scale } };

  for (guint i = 0; i < self->ports->len; i++)
    {
      WbPort *port = self->ports->pdata[i];
      WbPoint at = wb_node_box_port (&box, wb_port_is_output (port), wb_port_get_index (port));
      graphene_point_t corner = GRAPHENE_POINT_INIT (at.x / scale - WB_PORT_SIZE / 2.0,
                                                     at.y / scale - WB_PORT_SIZE / 2.0);

      gtk_widget_allocate (GTK_WIDGET (port), WB_PORT_SIZE, WB_PORT_SIZE, -1,
                           gsk_transform_translate (NULL, &corner));
    }
  gtk_widget_allocate (self->ring, width, height, -1, NULL);
  /* On the card's corner: what the card says stays readable. */
  if (self->badge != NULL)
    gtk_widget_allocate (self->badge, BADGE_SIZE, BADGE_SIZE, -1,
                         gsk_transform_translate (
                             NULL, &GRAPHENE_POINT_INIT ((float)width - BADGE_SIZE + BADGE_OUTSIDE,
                                                         -BADGE_OUTSIDE)));
}

/* Tab goes to one node of the canvas only; from there the arrow keys lead on. */
static gboolean
wb_node_card_focus (GtkWidget *widget, GtkDirectionType direction)
{
  WbNodeCard *self = WB_NODE_CARD (widget);

  if (gtk_widget_is_focus (widget) || !self->current)
    return FALSE;
  return gtk_widget_grab_focus (widget);
}

static void
wb_node_card_state_flags_changed (GtkWidget *widget, GtkStateFlags previous)
{
  const GtkStateFlags shown =
      GTK_STATE_FLAG_PRELIGHT | GTK_STATE_FLAG_FOCUSED | GTK_STATE_FLAG_FOCUS_VISIBLE;

  if (((gtk_widget_get_state_flags (widget) ^ previous) & shown) != 0)
    gtk_widget_queue_draw (widget);
  GTK_WIDGET_CLASS (wb_node_card_parent_class)->state_flags_changed (widget, previous);
}

static void
wb_node_card_dispose (GObject *object)
{
  WbNodeCard *self = WB_NODE_CARD (object);

  for (guint i = 0; i < self->ports->len; i++)
    gtk_widget_unparent (self->ports->pdata[i]);
  g_ptr_array_set_size (self->ports, 0);
  g_clear_pointer (&self->badge, gtk_widget_unparent);
  g_clear_pointer (&self->ring, gtk_widget_unparent);
  G_OBJECT_CLASS (wb_node_card_parent_class)->dispose (object);
}

static void
wb_node_card_finalize (GObject *object)
{
  WbNodeCard *self = WB_NODE_CARD (object);

  g_ptr_array_unref (self->ports);
  g_array_unref (self->course);
  g_clear_pointer (&self->text, wb_card_text_free);
  g_clear_pointer (&self->finding, wb_finding_text_free);
  g_clear_pointer (&self->thumbnail, wb_thumbnail_free);
  g_clear_pointer (&self->values, nn_tensor_unref);
  G_OBJECT_CLASS (wb_node_card_parent_class)->finalize (object);
}

static void
wb_node_card_class_init (WbNodeCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wb_node_card_dispose;
  object_class->finalize = wb_node_card_finalize;
  widget_class->snapshot = wb_node_card_snapshot;
  widget_class->measure = wb_node_card_measure;
  widget_class->size_allocate = wb_node_card_size_allocate;
  widget_class->focus = wb_node_card_focus;
  widget_class->state_flags_changed = wb_node_card_state_flags_changed;
  gtk_widget_class_set_css_name (widget_class, "nodecard");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LIST_ITEM);
}

static void
wb_node_card_init (WbNodeCard *self)
{
  self->ports = g_ptr_array_new ();
  self->course = g_array_new (FALSE, FALSE, sizeof (float));
  self->loss = NAN;
  self->look.gradient = NAN;
  self->ring =
      g_object_new (GTK_TYPE_BOX, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
  gtk_widget_set_can_target (self->ring, FALSE);
  gtk_widget_set_parent (self->ring, GTK_WIDGET (self));
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
}

static void
add_ports (WbNodeCard *self, gboolean output, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      GtkWidget *port = wb_port_new (self->id, output, i);

      gtk_widget_set_parent (port, GTK_WIDGET (self));
      g_ptr_array_add (self->ports, port);
    }
}

GtkWidget *
wb_node_card_new (NnAnalysis *analysis, guint id)
{
  const NnNode *node = nn_design_node (nn_analysis_design (analysis), id);
  WbNodeCard *self = g_object_new (WB_TYPE_NODE_CARD, NULL);

  self->id = id;
  self->n_in = nn_layer_n_inputs (node->type);
  self->n_out = nn_layer_n_outputs (node->type);
  self->look.category = node->type->category;
  self->look.objective = (node->type->flags & NN_LAYER_OBJECTIVE) != 0;
  add_ports (self, FALSE, self->n_in);
  add_ports (self, TRUE, self->n_out);
  wb_node_card_update (self, analysis);
  return GTK_WIDGET (self);
}

guint
wb_node_card_get_id (WbNodeCard *card)
{
  return card->id;
}

static gboolean
is_wrong_port (NnAnalysis *analysis, guint id, guint port)
{
  for (guint i = 0; i < nn_analysis_n_diagnostics (analysis); i++)
    {
      const NnDiagnostic *diagnostic = nn_analysis_diagnostic (analysis, i);

      if (diagnostic->severity == NN_SEVERITY_ERROR && diagnostic->node == id
          && diagnostic->port == (gint)port)
        return TRUE;
    }
  return FALSE;
}

static void
update_ports (WbNodeCard *self, NnAnalysis *analysis, const NnNode *node)
{
  for (guint i = 0; i < self->ports->len; i++)
    {
      WbPort *port = self->ports->pdata[i];
      guint index = wb_port_get_index (port);
      gboolean output = wb_port_is_output (port);
      const NnPort *spec = output ? &node->type->outputs[index] : &node->type->inputs[index];
      const NnShape *shape = output ? nn_analysis_output_shape (analysis, self->id, index)
                                    : nn_analysis_input_shape (analysis, self->id, index);
      g_autofree char *size = shape != NULL ? nn_shape_to_string (shape) : NULL;
      g_autofree char *label = g_strdup_printf ("%s %s", node->name, spec->name);
      g_autofree char *tip = size != NULL ? g_strdup_printf ("%s · %s\n%s", label, size, spec->tip)
                                          : g_strdup_printf ("%s\n%s", label, spec->tip);

      wb_port_set_label (port, label, tip);
      wb_port_set_optional (port, !output && spec->optional && shape == NULL);
      wb_port_set_state (port, !output && is_wrong_port (analysis, self->id, index)
                                   ? WB_PORT_WRONG
                                   : WB_PORT_NORMAL);
    }
}

/* All that is wrong, for those who cannot see the marks. */
static void
describe (WbNodeCard *self)
{
  const char *problem = self->text->problem, *finding = NULL;
  g_autofree char *both = NULL;

  if (self->finding != NULL)
    finding = self->finding->sentence;
  if (problem != NULL && finding != NULL)
    both = g_strconcat (problem, "\n", finding, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  both != NULL      ? both
                                  : problem != NULL ? problem
                                  : finding != NULL ? finding
                                                    : "",
                                  -1);
}

void
wb_node_card_update (WbNodeCard *card, NnAnalysis *analysis)
{
  const NnNode *node = nn_design_node (nn_analysis_design (analysis), card->id);
  WbCardText *text = wb_card_text_new (analysis, card->id);

  update_ports (card, analysis, node);
  if (card->text != NULL && wb_card_text_equal (card->text, text)
      && card->look.frozen == node->frozen)
    {
      wb_card_text_free (text);
      return;
    }
  g_clear_pointer (&card->text, wb_card_text_free);
  card->text = text;
  card->look.frozen = node->frozen;
  gtk_accessible_update_property (GTK_ACCESSIBLE (card), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  text->spoken, -1);
  describe (card);
  gtk_widget_queue_draw (GTK_WIDGET (card));
}

void
wb_node_card_set_style (WbNodeCard *card, WbCardStyle style)
{
  if (card->style == style)
    return;
  card->style = style;
  gtk_widget_queue_allocate (GTK_WIDGET (card));
  gtk_widget_queue_draw (GTK_WIDGET (card));
}

void
wb_node_card_set_selected (WbNodeCard *card, gboolean selected)
{
  gtk_accessible_update_state (GTK_ACCESSIBLE (card), GTK_ACCESSIBLE_STATE_SELECTED, selected, -1);
  if (card->look.selected == selected)
    return;
  card->look.selected = selected;
  if (selected)
    gtk_widget_set_state_flags (GTK_WIDGET (card), GTK_STATE_FLAG_SELECTED, FALSE);
  else
    gtk_widget_unset_state_flags (GTK_WIDGET (card), GTK_STATE_FLAG_SELECTED);
  gtk_widget_queue_draw (GTK_WIDGET (card));
}

void
wb_node_card_set_current (WbNodeCard *card, gboolean current)
{
  card->current = current;
}

/* By a style, not a widget that comes and goes: it may be while the window is being laid out. */
void
wb_node_card_set_pointed (WbNodeCard *card, gboolean pointed)
{
  if (pointed)
    gtk_widget_add_css_class (card->ring, "pointed");
  else
    gtk_widget_remove_css_class (card->ring, "pointed");
}

/* tensor NULL: nothing to show. shape is not read then. */
static void
set_picture (WbNodeCard *card, WbThumbnailKind kind, NnTensor *tensor, const NnShape *shape,
             const NnShape *image)
{
  NnShape no_image = { 0 };
  const NnShape *shown_as = image != NULL ? image : &no_image;

  if (card->values == tensor && card->kind == kind)
    return;
  if (card->values != NULL && tensor != NULL && card->kind == kind
      && nn_shape_equal (&card->shape, shape) && nn_shape_equal (&card->image, shown_as)
      && card->values->size == tensor->size
      && memcmp (card->values->data, tensor->data, tensor->size * sizeof (float)) == 0)
    return;
  g_clear_pointer (&card->values, nn_tensor_unref);
  g_clear_pointer (&card->thumbnail, wb_thumbnail_free);
  card->kind = kind;
  if (tensor != NULL)
    {
      card->values = nn_tensor_ref (tensor);
      card->shape = *shape;
      card->image = *shown_as;
    }
  gtk_widget_queue_draw (GTK_WIDGET (card));
}

void
wb_node_card_set_values (WbNodeCard *card, const NnNodeValues *values, const NnShape *image)
{
  set_picture (card, WB_THUMBNAIL_VALUES, values != NULL ? values->values : NULL,
               values != NULL ? &values->shape : NULL, image);
  if (card->look.shows_gradient)
    gtk_widget_queue_draw (GTK_WIDGET (card));
  card->look.shows_gradient = FALSE;
  card->look.gradient = NAN;
}

void
wb_node_card_set_gradient (WbNodeCard *card, const NnNodeGradient *gradient, const NnShape *image)
{
  const double norm = gradient != NULL ? gradient->norm : NAN;

  set_picture (card, WB_THUMBNAIL_SIZES, gradient != NULL ? gradient->size : NULL,
               gradient != NULL ? &gradient->shape : NULL, image);
  if (!card->look.shows_gradient || card->look.gradient != norm)
    gtk_widget_queue_draw (GTK_WIDGET (card));
  card->look.shows_gradient = TRUE;
  card->look.gradient = norm;
}

static void
update_badge (WbNodeCard *self)
{
  static const char *const classes[] = {
    [NN_SEVERITY_ERROR] = "error",
    [NN_SEVERITY_WARNING] = "warning",
    [NN_SEVERITY_HINT] = "hint",
  };
  const char *css[] = { "canvas-badge", classes[self->finding->severity], NULL };

  if (self->badge == NULL)
    {
      self->badge = gtk_button_new_from_icon_name ("dialog-warning-symbolic");
      gtk_actionable_set_action_name (GTK_ACTIONABLE (self->badge), "canvas.explain");
      gtk_actionable_set_action_target (GTK_ACTIONABLE (self->badge), "u", self->id);
      gtk_widget_set_focusable (self->badge, FALSE);
      gtk_widget_set_parent (self->badge, GTK_WIDGET (self));
    }
  gtk_widget_set_css_classes (self->badge, css);
  gtk_widget_set_tooltip_text (self->badge, self->finding->label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->badge), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  self->finding->label, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  self->finding->sentence, -1);
}

void
wb_node_card_set_finding (WbNodeCard *card, WbFindingText *text)
{
  g_clear_pointer (&card->finding, wb_finding_text_free);
  card->finding = text;
  if (text != NULL)
    update_badge (card);
  else
    g_clear_pointer (&card->badge, gtk_widget_unparent);
  describe (card);
  gtk_widget_queue_allocate (GTK_WIDGET (card));
  gtk_widget_queue_draw (GTK_WIDGET (card));
}

const WbFindingText *
wb_node_card_get_finding (WbNodeCard *card)
{
  return card->finding;
}

void
wb_node_card_set_loss (WbNodeCard *card, double value, const float *course, gsize n)
{
  gboolean same = (card->loss == value || (isnan (card->loss) && isnan (value)))
                  && card->course->len == n
                  && (n == 0 || memcmp (card->course->data, course, n * sizeof (float)) == 0);

  if (same)
    return;
  card->loss = value;
  g_array_set_size (card->course, 0);
  if (n > 0)
    g_array_append_vals (card->course, course, (guint)n);
  gtk_widget_queue_draw (GTK_WIDGET (card));
}

WbPort *
wb_node_card_get_port (WbNodeCard *card, gboolean output, guint port)
{
  guint position = output ? card->n_in + port : port;

  return port < (output ? card->n_out : card->n_in) ? card->ports->pdata[position] : NULL;
}

void
wb_node_card_foreach_port (WbNodeCard *card, GFunc func, gpointer data)
{
  g_ptr_array_foreach (card->ports, func, data);
}
