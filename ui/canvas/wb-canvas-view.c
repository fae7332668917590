/* What of the world is seen: zooming, fitting, scrolling to a node, and nodes gliding to new
 * places. */
#include "canvas/wb-canvas-private.h"

#include <math.h>

#include "canvas/wb-canvas-bar.h"

#define ANIMATION_MS 220
/* Fewer are a beginning, not a network to be blown up. */
#define FEW_NODES 4

/* Room for the bar that lies over the top while an earlier moment is shown. */
#define REWIND_ROOM 40

static WbMargins
fit_margins (WbCanvas *self)
{
  WbMargins margins = { 12, 20, 12, 64 };

  if (wb_document_moment (self->document) != NULL)
    margins.top += REWIND_ROOM;
  return margins;
}

/* Room for the bar is made, and given back, unless a person has set the view. */
void
wb_canvas_rewound (WbCanvas *self)
{
  const gboolean rewound = wb_document_moment (self->document) != NULL;

  if (rewound != self->rewound && !self->view_touched)
    wb_canvas_fit (self);
  self->rewound = rewound;
}

/* A network too long to be read as a whole is first seen from its beginning: below the one scale,
 * at the other, where its whole height is seen then. */
#define WORTH_READING 0.35
#define READABLE 0.6

void
wb_canvas_rebuild_geometry (WbCanvas *self)
{
  WbCardStyle style = wb_view_card_style (&self->view);
  GHashTableIter iter;
  gpointer card;

  g_clear_pointer (&self->geometry, wb_graph_geometry_free);
  if (self->document == NULL)
    return;
  self->geometry = wb_graph_geometry_new (wb_canvas_analysis (self), style);
  g_hash_table_iter_init (&iter, self->cards);
  while (g_hash_table_iter_next (&iter, NULL, &card))
    wb_node_card_set_style (card, style);
}

void
wb_canvas_set_view (WbCanvas *self, const WbView *view)
{
  gboolean restyle = wb_view_card_style (view) != wb_view_card_style (&self->view);

  self->view = *view;
  if (restyle)
    wb_canvas_rebuild_geometry (self);
  wb_canvas_bar_set_zoom (WB_CANVAS_BAR (self->bar), view->scale);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "canvas.zoom-in", view->scale < WB_MAX_SCALE);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "canvas.zoom-out", view->scale > WB_MIN_SCALE);
  wb_canvas_relayout (self);
}

void
wb_canvas_fit (WbCanvas *self)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self));
  double height = gtk_widget_get_height (GTK_WIDGET (self));
  WbView view = self->view;
  WbGraphGeometry *geometry;
  WbArea bounds;

  if (self->document == NULL || width < 1 || height < 1)
    return;
  const WbMargins margins = fit_margins (self);
  geometry = wb_graph_geometry_new (wb_canvas_analysis (self), WB_CARD_FULL);
  wb_graph_geometry_bounds (geometry, &bounds);
  wb_view_fit (&view, &bounds, width, height, &margins,
               wb_graph_geometry_n_nodes (geometry) >= FEW_NODES ? 2 : 1);
  wb_graph_geometry_free (geometry);
  if (wb_view_card_style (&view) != WB_CARD_FULL)
    {
      /* Compact cards are lower; with them as much as fits below the change of form. */
      geometry = wb_graph_geometry_new (wb_canvas_analysis (self), WB_CARD_COMPACT);
      wb_graph_geometry_bounds (geometry, &bounds);
      wb_view_fit (&view, &bounds, width, height, &margins, WB_COMPACT_BELOW - 0.01);
      wb_graph_geometry_free (geometry);
    }
  wb_canvas_set_view (self, &view);
}

void
wb_canvas_fit_first (WbCanvas *self)
{
  double height = gtk_widget_get_height (GTK_WIDGET (self));
  WbView view = self->view;
  WbArea bounds;

  wb_canvas_fit (self);
  if (self->document == NULL || self->view.scale >= WORTH_READING)
    return;
  view.scale = READABLE;
  g_autoptr (WbGraphGeometry) geometry =
      wb_graph_geometry_new (wb_canvas_analysis (self), wb_view_card_style (&view));
  wb_graph_geometry_bounds (geometry, &bounds);
  const WbMargins margins = fit_margins (self);
  if (bounds.height * view.scale > height - margins.top - margins.bottom)
    return;
  const WbNodeBox *first =
      wb_graph_geometry_node (geometry, nn_analysis_input_node (wb_canvas_analysis (self)));
  const double y =
      first != NULL ? first->rect.y + first->rect.height / 2 : bounds.y + bounds.height / 2;
  view.x = round (margins.left - bounds.x * view.scale);
  view.y = round ((margins.top + height - margins.bottom) / 2 - y * view.scale);
  wb_canvas_set_view (self, &view);
  if (self->pointed != 0)
    wb_canvas_reveal (self, self->pointed);
}

void
wb_canvas_zoom_by (WbCanvas *self, double factor, const WbPoint *fixed)
{
  WbPoint middle = { gtk_widget_get_width (GTK_WIDGET (self)) / 2.0,
                     gtk_widget_get_height (GTK_WIDGET (self)) / 2.0 };
  WbView view = self->view;
  double scale = view.scale * factor;

  /* Steps meet 100 %. */
  if ((view.scale - 1) * (scale - 1) < 0 || fabs (scale - 1) < 0.02)
    scale = 1;
  wb_view_zoom (&view, scale, fixed != NULL ? *fixed : middle);
  self->view_touched = TRUE;
  wb_canvas_set_view (self, &view);
}

void
wb_canvas_reveal (WbCanvas *self, guint node)
{
  const WbNodeBox *box = wb_graph_geometry_node (self->geometry, node);
  WbView view = self->view;

  if (box == NULL || gtk_widget_get_width (GTK_WIDGET (self)) == 0)
    return;
  const WbMargins margins = fit_margins (self);
  wb_view_reveal (&view, &box->rect, gtk_widget_get_width (GTK_WIDGET (self)),
                  gtk_widget_get_height (GTK_WIDGET (self)), &margins);
  if (view.x != self->view.x || view.y != self->view.y)
    wb_canvas_set_view (self, &view);
}

static WbArea
card_on_screen (WbCanvas *self, guint position)
{
  return wb_view_area_to_screen (&self->view,
                                 &wb_graph_geometry_node_at (self->geometry, position)->rect);
}

gboolean
wb_canvas_has_card_at (WbCanvas *self, const WbArea *screen)
{
  for (guint i = 0; self->geometry != NULL && i < wb_graph_geometry_n_nodes (self->geometry); i++)
    {
      const WbArea card = card_on_screen (self, i);

      if (wb_area_intersects (&card, screen))
        return TRUE;
    }
  return FALSE;
}

gboolean
wb_canvas_shows_all_cards (WbCanvas *self)
{
  const int width = gtk_widget_get_width (GTK_WIDGET (self));
  const int height = gtk_widget_get_height (GTK_WIDGET (self));

  for (guint i = 0; self->geometry != NULL && i < wb_graph_geometry_n_nodes (self->geometry); i++)
    {
      const WbArea card = card_on_screen (self, i);

      if (card.x < 0 || card.y < 0 || card.x + card.width > width || card.y + card.height > height)
        return FALSE;
    }
  return TRUE;
}

void
wb_canvas_centre_on (WbCanvas *self, double x, double y)
{
  WbView view = self->view;

  view.x = round (gtk_widget_get_width (GTK_WIDGET (self)) / 2.0 - x * view.scale);
  view.y = round (gtk_widget_get_height (GTK_WIDGET (self)) / 2.0 - y * view.scale);
  self->view_touched = TRUE;
  wb_canvas_set_view (self, &view);
}

/* ---- gliding ---- */

static void
place_animated (double value, gpointer data)
{
  WbCanvas *self = data;
  NnDesign *design = wb_canvas_design (self);
  GHashTableIter iter;
  gpointer key, from;

  g_hash_table_iter_init (&iter, self->came_from);
  while (g_hash_table_iter_next (&iter, &key, &from))
    {
      const NnNode *node = nn_design_node (design, GPOINTER_TO_UINT (key));
      const WbPoint *start = from;

      if (node != NULL && wb_graph_geometry_node (self->geometry, node->id) != NULL)
        wb_graph_geometry_place (self->geometry, node->id, start->x + value * (node->x - start->x),
                                 start->y + value * (node->y - start->y));
    }
  wb_graph_geometry_update (self->geometry);
  wb_canvas_relayout (self);
}

/* Nodes that an edit moved glide to their new place, so that the eye can follow (tidy, undo). */
void
wb_canvas_animate_moves (WbCanvas *self, NnDesign *before, NnDesign *after)
{
  AdwAnimationTarget *target;

  if (self->animation != NULL)
    adw_animation_skip (self->animation);
  g_clear_object (&self->animation);
  g_hash_table_remove_all (self->came_from);
  if (before == NULL || self->no_animation || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  for (guint i = 0; i < nn_design_n_nodes (after); i++)
    {
      const NnNode *now = nn_design_node_at (after, i), *old = nn_design_node (before, now->id);

      if (old != NULL && (old->x != now->x || old->y != now->y))
        {
          WbPoint *from = g_new (WbPoint, 1);

          *from = (WbPoint){ old->x, old->y };
          g_hash_table_insert (self->came_from, GUINT_TO_POINTER (now->id), from);
        }
    }
  if (g_hash_table_size (self->came_from) == 0)
    return;
  target = adw_callback_animation_target_new (place_animated, self, NULL);
  self->animation = adw_timed_animation_new (GTK_WIDGET (self), 0, 1, ANIMATION_MS, target);
  adw_timed_animation_set_easing (ADW_TIMED_ANIMATION (self->animation), ADW_EASE_OUT_CUBIC);
  adw_animation_play (self->animation);
}
