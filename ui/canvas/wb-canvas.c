#include "canvas/wb-canvas-private.h"

#include <math.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "canvas/wb-canvas-bar.h"
#include "canvas/wb-canvas-start.h"
#include "canvas/wb-minimap.h"
#include "document/wb-settings.h"
#include "layers/nn-layer.h"

G_DEFINE_FINAL_TYPE (WbCanvas, wb_canvas, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_GRADIENTS /* cards show gradients instead of values */
};

#define MARGIN 12
#define MINIMAP_WIDTH 130
#define MINIMAP_HEIGHT 76
/* A canvas smaller than this has better use for its corner. */
#define MINIMAP_MIN_WIDTH 560
#define MINIMAP_MIN_HEIGHT 300

NnDesign *
wb_canvas_design (WbCanvas *self)
{
  return wb_document_design (self->document);
}

NnAnalysis *
wb_canvas_analysis (WbCanvas *self)
{
  return wb_document_analysis (self->document);
}

WbNodeCard *
wb_canvas_card (WbCanvas *self, guint id)
{
  return g_hash_table_lookup (self->cards, GUINT_TO_POINTER (id));
}

void
wb_canvas_redraw (WbCanvas *self)
{
  g_clear_pointer (&self->backdrop, gsk_render_node_unref);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
update_minimap (WbCanvas *self)
{
  WbPoint corner = wb_view_to_world (&self->view, (WbPoint){ 0, 0 });
  WbArea seen = { corner.x, corner.y, gtk_widget_get_width (GTK_WIDGET (self)) / self->view.scale,
                  gtk_widget_get_height (GTK_WIDGET (self)) / self->view.scale };

  wb_minimap_update (WB_MINIMAP (self->minimap), self->geometry, &seen);
}

void
wb_canvas_relayout (WbCanvas *self)
{
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  wb_canvas_redraw (self);
}

/* ---- children follow the document ---- */

static void
update_selection (WbCanvas *self)
{
  GArray *selection = wb_document_selection (self->document);
  GHashTableIter iter;
  gpointer key, card;

  g_hash_table_iter_init (&iter, self->cards);
  while (g_hash_table_iter_next (&iter, &key, &card))
    wb_node_card_set_selected (card,
                               wb_document_is_selected (self->document, GPOINTER_TO_UINT (key)));
  if (selection->len == 1)
    wb_canvas_set_current (self, g_array_index (selection, guint, 0), FALSE);
  if (selection->len > 0 && self->edge_to != 0)
    {
      self->edge_to = 0;
      wb_canvas_redraw (self);
    }
  if (!wb_document_is_selected (self->document, self->explained))
    self->explained = 0;
  wb_canvas_update_bubbles (self);
  wb_canvas_update_actions (self);
}

static void
remove_gone_cards (WbCanvas *self, NnDesign *design)
{
  GHashTableIter iter;
  gpointer key, card;

  g_hash_table_iter_init (&iter, self->cards);
  while (g_hash_table_iter_next (&iter, &key, &card))
    {
      if (nn_design_node (design, GPOINTER_TO_UINT (key)) != NULL)
        continue;
      if (gtk_widget_get_focus_child (GTK_WIDGET (self)) == card)
        gtk_widget_grab_focus (GTK_WIDGET (self));
      gtk_widget_unparent (card);
      g_hash_table_iter_remove (&iter);
    }
}

static void
update_cards (WbCanvas *self)
{
  NnDesign *design = wb_canvas_design (self);
  NnAnalysis *analysis = wb_canvas_analysis (self);
  GtkWidget *before = NULL;

  remove_gone_cards (self, design);
  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    {
      guint id = nn_design_node_at (design, i)->id;
      WbNodeCard *card = wb_canvas_card (self, id);

      if (card != NULL)
        wb_node_card_update (card, analysis);
      else
        {
          card = WB_NODE_CARD (wb_node_card_new (analysis, id));
          wb_node_card_set_style (card, wb_view_card_style (&self->view));
          /* Before what floats above the graph. */
          gtk_widget_insert_after (GTK_WIDGET (card), GTK_WIDGET (self), before);
          g_hash_table_insert (self->cards, GUINT_TO_POINTER (id), card);
        }
      before = GTK_WIDGET (card);
    }
  if (wb_canvas_card (self, self->current) == NULL)
    wb_canvas_set_current (
        self, nn_design_n_nodes (design) > 0 ? nn_design_node_at (design, 0)->id : 0, FALSE);
}

static void
document_changed (WbCanvas *self)
{
  NnDesign *design = wb_canvas_design (self);
  g_autoptr (NnDesign) before = g_steal_pointer (&self->shown);
  gboolean edited = before != NULL && before != design;

  if (self->drag != WB_DRAG_NONE)
    wb_canvas_cancel_drag (self);
  if (self->rename != NULL && nn_design_node (design, self->rename_node) == NULL)
    wb_canvas_rename_end (self);
  self->shown = nn_design_ref (design);
  if (before != design)
    {
      if (self->hover_edge >= 0)
        wb_canvas_set_hint (self, NULL, (WbPoint){ 0, 0 });
      self->hover_edge = self->drop_edge = -1;
    }
  self->menu_to = self->edge_to = 0;
  if (edited && nn_design_n_nodes (before) > 0)
    self->view_touched = TRUE;
  wb_canvas_rebuild_geometry (self);
  update_cards (self);
  update_selection (self);
  wb_canvas_live_document_changed (self);
  wb_canvas_findings_document_changed (self, before);
  gtk_widget_set_visible (self->empty, nn_design_n_nodes (design) == 0);
  gtk_widget_set_visible (self->bar, nn_design_n_nodes (design) > 0);
  if (!self->view_touched)
    self->fit_pending = TRUE;
  wb_canvas_relayout (self);
  if (edited)
    wb_canvas_animate_moves (self, before, design);
}

static void
disconnect_document (WbCanvas *self)
{
  wb_canvas_live_map (self, FALSE);
  if (self->document != NULL)
    g_signal_handlers_disconnect_by_data (self->document, self);
  g_clear_object (&self->animation);
  g_hash_table_remove_all (self->came_from);
  g_clear_pointer (&self->geometry, wb_graph_geometry_free);
  g_clear_pointer (&self->shown, nn_design_unref);
  g_clear_pointer (&self->answer, nn_probe_result_unref);
  g_clear_pointer (&self->gradients, nn_probe_result_unref);
  g_clear_pointer (&self->pictured, nn_dataset_unref);
  nn_health_clear (self->health);
  self->explained = 0;
  g_clear_object (&self->document);
}

void
wb_canvas_set_document (WbCanvas *canvas, WbDocument *document)
{
  GHashTableIter iter;
  gpointer card;

  g_return_if_fail (WB_IS_CANVAS (canvas));
  if (canvas->document == document)
    return;
  if (canvas->document != NULL)
    wb_canvas_cancel_drag (canvas);
  wb_canvas_rename_end (canvas);
  disconnect_document (canvas);
  g_hash_table_iter_init (&iter, canvas->cards);
  while (g_hash_table_iter_next (&iter, NULL, &card))
    {
      gtk_widget_unparent (card);
      g_hash_table_iter_remove (&iter);
    }
  canvas->current = 0;
  canvas->view_touched = FALSE;
  if (document == NULL)
    {
      wb_canvas_relayout (canvas);
      return;
    }
  canvas->document = g_object_ref (document);
  g_signal_connect_swapped (document, "changed", G_CALLBACK (document_changed), canvas);
  g_signal_connect_swapped (document, "selection-changed", G_CALLBACK (update_selection), canvas);
  g_signal_connect_swapped (document, "snapshot", G_CALLBACK (wb_canvas_live_update), canvas);
  g_signal_connect_swapped (document, "rewound", G_CALLBACK (wb_canvas_live_update), canvas);
  g_signal_connect_swapped (document, "rewound", G_CALLBACK (wb_canvas_rewound), canvas);
  g_signal_connect_swapped (document, "state-changed", G_CALLBACK (wb_canvas_live_document_changed),
                            canvas);
  document_changed (canvas);
  wb_canvas_live_map (canvas, gtk_widget_get_mapped (GTK_WIDGET (canvas)));
}

WbDocument *
wb_canvas_get_document (WbCanvas *canvas)
{
  g_return_val_if_fail (WB_IS_CANVAS (canvas), NULL);
  return canvas->document;
}

void
wb_canvas_commit (WbCanvas *self, NnDesign *design, const char *label, const char *merge)
{
  wb_document_edit (self->document, design, label, merge);
}

char *
wb_canvas_label_for (WbCanvas *self, const char *one, const char *many, const guint *ids, guint n)
{
  const NnNode *node = n == 1 ? nn_design_node (wb_canvas_design (self), ids[0]) : NULL;
  g_autofree char *count = g_strdup_printf ("%u", n);
  g_auto (GStrv) parts = g_strsplit (node != NULL ? one : many, "%s", 2);

  /* The texts hold one %s; splitting keeps user text out of a format. */
  return g_strjoinv (node != NULL ? node->name : count, parts);
}

void
wb_canvas_select_only (WbCanvas *self, guint node)
{
  wb_document_select (self->document, &node, 1);
}

void
wb_canvas_set_current (WbCanvas *self, guint node, gboolean focus)
{
  WbNodeCard *old = wb_canvas_card (self, self->current), *card = wb_canvas_card (self, node);

  if (old != NULL)
    wb_node_card_set_current (old, FALSE);
  self->current = node;
  if (card == NULL)
    return;
  wb_node_card_set_current (card, TRUE);
  if (focus)
    gtk_widget_grab_focus (GTK_WIDGET (card));
}

void
wb_canvas_show_node (WbCanvas *canvas, guint node)
{
  g_return_if_fail (WB_IS_CANVAS (canvas) && canvas->document != NULL);
  if (wb_canvas_card (canvas, node) == NULL)
    return;
  wb_canvas_select_only (canvas, node);
  wb_canvas_set_current (canvas, node, TRUE);
  wb_canvas_reveal (canvas, node);
}

void
wb_canvas_point_at (WbCanvas *canvas, guint node)
{
  g_return_if_fail (WB_IS_CANVAS (canvas));
  GHashTableIter iter;
  gpointer card;
  g_hash_table_iter_init (&iter, canvas->cards);
  while (g_hash_table_iter_next (&iter, NULL, &card))
    wb_node_card_set_pointed (card, FALSE);
  card = node != 0 ? wb_canvas_card (canvas, node) : NULL;
  canvas->pointed = card != NULL ? node : 0;
  if (card == NULL)
    return;
  wb_node_card_set_pointed (card, TRUE);
  wb_canvas_reveal (canvas, node);
}

void
wb_canvas_add_layer (WbCanvas *canvas, const NnLayerType *type)
{
  NnAnalysis *analysis;
  GArray *selection;
  NnDesign *design;
  g_autofree char *label = NULL;
  guint id = 0;

  g_return_if_fail (WB_IS_CANVAS (canvas) && canvas->document != NULL && type != NULL);
  analysis = wb_canvas_analysis (canvas);
  selection = wb_document_selection (canvas->document);
  if (selection->len == 1)
    design = wb_graph_edit_add_after (analysis, type, g_array_index (selection, guint, 0), &id);
  else
    {
      WbPoint middle = wb_view_to_world (
          &canvas->view, (WbPoint){ gtk_widget_get_width (GTK_WIDGET (canvas)) / 2.0,
                                    gtk_widget_get_height (GTK_WIDGET (canvas)) / 2.0 });

      const double height =
          wb_card_height (WB_CARD_FULL, -1, (type->flags & NN_LAYER_OBJECTIVE) != 0);
      WbArea wanted = { round (middle.x - WB_CARD_WIDTH / 2), round (middle.y - height / 2),
                        WB_CARD_WIDTH, height };
      WbPoint spot = wb_graph_geometry_free_spot (canvas->geometry, &wanted);

      design = wb_graph_edit_add (analysis, type, spot.x, spot.y + height / 2, &id);
    }
  label = g_strdup_printf (_ ("Add %s"), _ (type->title));
  wb_canvas_commit (canvas, design, label, NULL);
  wb_canvas_select_only (canvas, id);
  wb_canvas_reveal (canvas, id);
}

/* ---- the hint beside the pointer ---- */

void
wb_canvas_set_hint (WbCanvas *self, const char *text, WbPoint at)
{
  gtk_widget_set_visible (self->hint, text != NULL);
  if (text == NULL)
    return;
  gtk_label_set_label (GTK_LABEL (self->hint), text);
  self->hint_at = at;
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

void
wb_canvas_edge_text (WbCanvas *self, const WbEdgePath *path, char **text)
{
  const NnShape *shape =
      nn_analysis_output_shape (wb_canvas_analysis (self), path->edge.from, path->edge.from_port);
  g_autofree char *size = shape != NULL ? nn_shape_to_string (shape) : g_strdup ("?");

  /* Translators: on the dashed line from the data to a loss. */
  *text = path->target ? g_strdup_printf (_ ("target · %s"), size) : g_strdup (size);
}

/* ---- widget ---- */

static void
allocate_at (GtkWidget *child, double x, double y, int width, int height)
{
  gtk_widget_allocate (
      child, width, height, -1,
      gsk_transform_translate (NULL, &GRAPHENE_POINT_INIT ((float)round (x), (float)round (y))));
}

static void
allocate_cards (WbCanvas *self)
{
  WbCardStyle style = wb_view_card_style (&self->view);
  double scale = self->view.scale * wb_card_scale (style);

  for (guint i = 0; self->geometry != NULL && i < wb_graph_geometry_n_nodes (self->geometry); i++)
    {
      const WbNodeBox *box = wb_graph_geometry_node_at (self->geometry, i);
      WbNodeCard *card = wb_canvas_card (self, box->id);
      WbArea at = wb_view_area_to_screen (&self->view, &box->rect);
      GskTransform *transform = gsk_transform_translate (
          NULL, &GRAPHENE_POINT_INIT ((float)round (at.x), (float)round (at.y)));

      gtk_widget_measure (GTK_WIDGET (card), GTK_ORIENTATION_HORIZONTAL, -1, NULL, NULL, NULL,
                          NULL);
      transform = gsk_transform_scale (transform, (float)scale, (float)scale);
      gtk_widget_allocate (GTK_WIDGET (card), (int)wb_card_width (style),
                           (int)wb_card_height (style, box->size, box->objective), -1, transform);
    }
}

/* It covers no card: where one lies under it, it goes, as long as all is in sight anyway, or else
 * lets the card show through until it is pointed at. FALSE: it is not there. */
static gboolean
allocate_minimap (WbCanvas *self, int width, int height)
{
  const WbArea at = { width - MARGIN - MINIMAP_WIDTH, height - MARGIN - MINIMAP_HEIGHT,
                      MINIMAP_WIDTH, MINIMAP_HEIGHT };
  const gboolean covers = wb_canvas_has_card_at (self, &at);
  const gboolean is_shown = width >= MINIMAP_MIN_WIDTH && height >= MINIMAP_MIN_HEIGHT
                            && self->geometry != NULL
                            && wb_graph_geometry_n_nodes (self->geometry) > 0
                            && !(covers && wb_canvas_shows_all_cards (self));

  gtk_widget_set_child_visible (self->minimap, is_shown);
  if (covers)
    gtk_widget_add_css_class (self->minimap, "over-card");
  else
    gtk_widget_remove_css_class (self->minimap, "over-card");
  gtk_widget_measure (self->minimap, GTK_ORIENTATION_HORIZONTAL, -1, NULL, NULL, NULL, NULL);
  allocate_at (self->minimap, at.x, at.y, MINIMAP_WIDTH, MINIMAP_HEIGHT);
  return is_shown;
}

static void
allocate_overlays (WbCanvas *self, int width, int height)
{
  const gboolean has_map = allocate_minimap (self, width, height);
  int room = width - 2 * MARGIN - (has_map ? MINIMAP_WIDTH + MARGIN : 0);
  int min_width, natural_width, natural_height;
  GtkRequisition size;

  if (gtk_widget_get_visible (self->bar))
    {
      gtk_widget_measure (self->bar, GTK_ORIENTATION_HORIZONTAL, -1, &min_width, &natural_width,
                          NULL, NULL);
      gtk_widget_measure (self->bar, GTK_ORIENTATION_VERTICAL, -1, NULL, &natural_height, NULL,
                          NULL);
      allocate_at (self->bar, MARGIN, height - MARGIN - natural_height,
                   CLAMP (room, min_width, natural_width), natural_height);
    }
  if (gtk_widget_get_visible (self->empty))
    {
      /* It scrolls what there is no room for. */
      gtk_widget_get_preferred_size (self->empty, NULL, &size);
      size.width = MIN (size.width, width);
      size.height = MIN (size.height, height);
      const int left = (width - size.width) / 2, top = (height - size.height) / 2;
      allocate_at (self->empty, left, top, size.width, size.height);
    }
  if (gtk_widget_get_visible (self->hint))
    {
      gtk_widget_get_preferred_size (self->hint, NULL, &size);
      allocate_at (self->hint, CLAMP (self->hint_at.x + 14, 4, MAX (width - size.width - 4, 4)),
                   CLAMP (self->hint_at.y + 14, 4, MAX (height - size.height - 4, 4)), size.width,
                   size.height);
    }
}

static void
wb_canvas_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  WbCanvas *self = WB_CANVAS (widget);

  if (width != self->width || height != self->height)
    {
      /* Until a person has chosen a view, the whole network stays in it. */
      self->fit_pending |= !self->view_touched;
      self->width = width;
      self->height = height;
      g_clear_pointer (&self->backdrop, gsk_render_node_unref);
    }
  if (self->fit_pending && width > 1 && height > 1)
    {
      self->fit_pending = FALSE;
      wb_canvas_fit_first (self);
    }
  allocate_cards (self);
  allocate_overlays (self, width, height);
  wb_canvas_allocate_parts (self);
  wb_canvas_allocate_bubbles (self);
  wb_canvas_allocate_rename (self);
  update_minimap (self);
  if (gtk_widget_get_visible (self->menu))
    gtk_popover_present (GTK_POPOVER (self->menu));
}

static void
wb_canvas_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                   int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 200 : 120;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 800 : 460;
}

static void
wb_canvas_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WbCanvas *self = WB_CANVAS (widget);
  WbArea seen = { -20, -20, gtk_widget_get_width (widget) + 40,
                  gtk_widget_get_height (widget) + 40 };

  wb_canvas_draw (self, snapshot);
  for (WbGround g = 0; g < WB_N_GROUNDS; g++)
    gtk_widget_snapshot_child (widget, self->handles[g], snapshot);
  for (guint i = 0; self->geometry != NULL && i < wb_graph_geometry_n_nodes (self->geometry); i++)
    {
      const WbNodeBox *box = wb_graph_geometry_node_at (self->geometry, i);
      WbArea at = wb_view_area_to_screen (&self->view, &box->rect);

      if (wb_area_intersects (&at, &seen))
        gtk_widget_snapshot_child (widget, GTK_WIDGET (wb_canvas_card (self, box->id)), snapshot);
    }
  wb_canvas_draw_overlay (self, snapshot);
  gtk_widget_snapshot_child (widget, self->empty, snapshot);
  gtk_widget_snapshot_child (widget, self->bar, snapshot);
  gtk_widget_snapshot_child (widget, self->minimap, snapshot);
  for (guint i = 0; i < self->bubbles->len; i++)
    gtk_widget_snapshot_child (widget, self->bubbles->pdata[i], snapshot);
  if (self->rename != NULL)
    gtk_widget_snapshot_child (widget, self->rename, snapshot);
  gtk_widget_snapshot_child (widget, self->hint, snapshot);
}

static void
wb_canvas_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (wb_canvas_parent_class)->map (widget);
  wb_canvas_live_map (WB_CANVAS (widget), TRUE);
}

static void
wb_canvas_unmap (GtkWidget *widget)
{
  wb_canvas_live_map (WB_CANVAS (widget), FALSE);
  GTK_WIDGET_CLASS (wb_canvas_parent_class)->unmap (widget);
}

static void
redraw_port (gpointer port, gpointer data)
{
  gtk_widget_queue_draw (port);
}

static void
scheme_changed (WbCanvas *self)
{
  GHashTableIter iter;
  gpointer card;

  g_hash_table_iter_init (&iter, self->cards);
  while (g_hash_table_iter_next (&iter, NULL, &card))
    {
      gtk_widget_queue_draw (card);
      wb_node_card_foreach_port (card, redraw_port, NULL);
    }
  gtk_widget_queue_draw (self->minimap);
  wb_canvas_redraw (self);
}

static void
wb_canvas_dispose (GObject *object)
{
  WbCanvas *self = WB_CANVAS (object);
  GtkWidget *child;

  g_signal_handlers_disconnect_by_data (adw_style_manager_get_default (), self);
  disconnect_document (self);
  self->rename = NULL;
  self->menu = NULL;
  g_ptr_array_set_size (self->bubbles, 0);
  g_hash_table_remove_all (self->cards);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_pointer (&self->backdrop, gsk_render_node_unref);
  G_OBJECT_CLASS (wb_canvas_parent_class)->dispose (object);
}

static void
wb_canvas_finalize (GObject *object)
{
  WbCanvas *self = WB_CANVAS (object);

  g_hash_table_unref (self->cards);
  g_hash_table_unref (self->came_from);
  g_ptr_array_unref (self->bubbles);
  nn_health_free (self->health);
  g_array_unref (self->drag_nodes);
  g_array_unref (self->band_before);
  G_OBJECT_CLASS (wb_canvas_parent_class)->finalize (object);
}

static void
wb_canvas_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  if (id == PROP_GRADIENTS)
    g_value_set_boolean (value, WB_CANVAS (object)->show_gradients);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
wb_canvas_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  if (id == PROP_GRADIENTS)
    {
      wb_canvas_show_gradients (WB_CANVAS (object), g_value_get_boolean (value));
      wb_settings_set_bool (wb_settings_default (), "canvas", "gradients",
                            g_value_get_boolean (value));
    }
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
wb_canvas_class_init (WbCanvasClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wb_canvas_dispose;
  object_class->finalize = wb_canvas_finalize;
  object_class->get_property = wb_canvas_get_property;
  object_class->set_property = wb_canvas_set_property;
  widget_class->size_allocate = wb_canvas_size_allocate;
  widget_class->measure = wb_canvas_measure;
  widget_class->snapshot = wb_canvas_snapshot;
  widget_class->map = wb_canvas_map;
  widget_class->unmap = wb_canvas_unmap;
  gtk_widget_class_set_css_name (widget_class, "canvas");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  g_object_class_install_property (
      object_class, PROP_GRADIENTS,
      g_param_spec_boolean ("show-gradients", NULL, NULL, FALSE,
                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  wb_canvas_install_actions (widget_class);
}

static void
show_problem (WbCanvas *self, guint node)
{
  wb_canvas_show_node (self, node);
  self->explained = 0;
  wb_canvas_explain (self, node);
}

static void
sample_chosen (WbCanvas *self, guint sample)
{
  wb_document_set_sample (self->document, sample);
}

static void
add_children (WbCanvas *self)
{
  self->empty = wb_canvas_start_new ();
  self->bar = wb_canvas_bar_new ();
  self->minimap = wb_minimap_new ();
  self->hint = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->hint, "canvas-hint");
  gtk_label_set_wrap (GTK_LABEL (self->hint), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (self->hint), 36);
  gtk_label_set_xalign (GTK_LABEL (self->hint), 0);
  gtk_widget_set_can_target (self->hint, FALSE);
  gtk_widget_set_visible (self->hint, FALSE);
  gtk_widget_set_visible (self->empty, FALSE);
  gtk_widget_set_parent (self->empty, GTK_WIDGET (self));
  gtk_widget_set_parent (self->bar, GTK_WIDGET (self));
  gtk_widget_set_parent (self->minimap, GTK_WIDGET (self));
  gtk_widget_set_parent (self->hint, GTK_WIDGET (self));
  g_signal_connect_swapped (self->minimap, "pan", G_CALLBACK (wb_canvas_centre_on), self);
  g_signal_connect_swapped (self->bar, "show-node", G_CALLBACK (show_problem), self);
  g_signal_connect_swapped (self->bar, "sample-chosen", G_CALLBACK (sample_chosen), self);
}

static void
wb_canvas_init (WbCanvas *self)
{
  AdwStyleManager *manager = adw_style_manager_get_default ();

  self->view.scale = 1;
  self->hover_edge = self->drop_edge = -1;
  self->pointer_x = self->pointer_y = -1;
  self->cards = g_hash_table_new (NULL, NULL);
  self->came_from = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->bubbles = g_ptr_array_new ();
  self->drag_nodes = g_array_new (FALSE, FALSE, sizeof (guint));
  self->band_before = g_array_new (FALSE, FALSE, sizeof (guint));
  self->probe_id = nn_probe_next_id ();
  self->gradients_id = nn_probe_next_id ();
  self->health = nn_health_new ();
  self->show_gradients =
      wb_settings_get_bool (wb_settings_default (), "canvas", "gradients", FALSE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Network canvas"), -1);
  wb_canvas_add_parts (self);
  add_children (self);
  wb_canvas_add_menu (self);
  wb_canvas_add_input (self);
  wb_canvas_add_keys (self);
  wb_canvas_add_drop (self);
  g_signal_connect_swapped (manager, "notify::dark", G_CALLBACK (scheme_changed), self);
  g_signal_connect_swapped (manager, "notify::high-contrast", G_CALLBACK (scheme_changed), self);
}

GtkWidget *
wb_canvas_new (WbDocument *document)
{
  WbCanvas *self = g_object_new (WB_TYPE_CANVAS, NULL);

  if (document != NULL)
    wb_canvas_set_document (self, document);
  return GTK_WIDGET (self);
}
