/* The backdrop (dots, grounds, connections), cached as a render node until lines or view change,
 * and what lies above the cards while a person drags. */
#include "canvas/wb-canvas-private.h"

#include <math.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "plots/wb-figure.h"

#define GROUND_RADIUS 14.0
#define LABEL_SIZE 11
#define GROUND_LABEL_SIZE 12

typedef struct
{
  WbCanvas *canvas;
  cairo_t *cr;
  WbScheme scheme;
  WbArea seen; /* world */
} Draw;

static PangoLayout *
make_text (WbCanvas *self, const char *text, double size, gboolean bold)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  PangoAttrList *attributes = wb_figure_letters (size, bold);

  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  return layout;
}

static void
draw_dots (Draw *d, double width, double height)
{
  const WbView *view = &d->canvas->view;
  double spacing = WB_DOT_SPACING * view->scale;
  double left, top;

  /* Zoomed out the dots thin out instead of turning into a grey area. */
  while (spacing < 16)
    spacing *= 2;
  wb_cairo_set_color (d->cr, wb_color (WB_COLOR_LINE, d->scheme), 1);
  left = fmod (view->x, spacing);
  top = fmod (view->y, spacing);
  for (guint row = 0; top + row * spacing < height; row++)
    for (guint col = 0; left + col * spacing < width; col++)
      cairo_rectangle (d->cr, round (left + col * spacing) - .5, round (top + row * spacing) - .5,
                       1.4, 1.4);
  cairo_fill (d->cr);
}

static void
rounded_rectangle (cairo_t *cr, const WbArea *rect, double radius)
{
  double r = MIN (radius, MIN (rect->width, rect->height) / 2);

  cairo_new_sub_path (cr);
  cairo_arc (cr, rect->x + rect->width - r, rect->y + r, r, -G_PI / 2, 0);
  cairo_arc (cr, rect->x + rect->width - r, rect->y + rect->height - r, r, 0, G_PI / 2);
  cairo_arc (cr, rect->x + r, rect->y + rect->height - r, r, G_PI / 2, G_PI);
  cairo_arc (cr, rect->x + r, rect->y + r, r, G_PI, 3 * G_PI / 2);
  cairo_close_path (cr);
}

const char *const wb_ground_titles[WB_N_GROUNDS] = { N_ ("Encoder"), N_ ("Code"), N_ ("Decoder") };

gboolean
wb_canvas_ground_label (WbCanvas *self, WbGround ground, WbArea *area, PangoLayout **layout)
{
  const double scale = self->view.scale;
  g_autoptr (PangoLayout) text = NULL;
  WbArea world, rect;
  int width, height;

  if (self->geometry == NULL || !wb_graph_geometry_ground (self->geometry, ground, &world))
    return FALSE;
  rect = wb_view_area_to_screen (&self->view, &world);
  /* It keeps its size as long as there is room for it above the cards. */
  text = make_text (self, _ (wb_ground_titles[ground]),
                    CLAMP (GROUND_LABEL_SIZE * scale * 1.3, 7, GROUND_LABEL_SIZE * MAX (scale, 1)),
                    TRUE);
  pango_layout_get_pixel_size (text, &width, &height);
  *area = (WbArea){ rect.x + 11 * scale, rect.y + 7 * scale, width, height };
  if (layout != NULL)
    *layout = g_steal_pointer (&text);
  return TRUE;
}

static void
draw_grounds (Draw *d)
{
  const WbView *view = &d->canvas->view;

  for (guint g = 0; g < WB_N_GROUNDS; g++)
    {
      WbArea world, rect, label;
      g_autoptr (PangoLayout) layout = NULL;

      if (!wb_graph_geometry_ground (d->canvas->geometry, g, &world)
          || !wb_canvas_ground_label (d->canvas, g, &label, &layout))
        continue;
      rect = wb_view_area_to_screen (view, &world);
      rounded_rectangle (d->cr, &rect, GROUND_RADIUS * MIN (view->scale, 1));
      wb_cairo_set_color (d->cr, wb_color (WB_COLOR_ENCODER + g, d->scheme), 1);
      cairo_fill (d->cr);
      wb_cairo_set_color (d->cr, wb_color (WB_COLOR_ENCODER_TEXT + g, d->scheme), 1);
      cairo_move_to (d->cr, label.x, label.y);
      pango_cairo_show_layout (d->cr, layout);
    }
}

/* A port that a diagnostic speaks of makes its connection red. */
static gboolean
is_wrong (NnAnalysis *analysis, const NnEdge *edge)
{
  for (guint i = 0; i < nn_analysis_n_diagnostics (analysis); i++)
    {
      const NnDiagnostic *diagnostic = nn_analysis_diagnostic (analysis, i);

      if (diagnostic->severity == NN_SEVERITY_ERROR && diagnostic->node == edge->to
          && diagnostic->port == (gint)edge->to_port)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_picked_up (WbCanvas *self, const NnEdge *edge)
{
  const WbConnection *connection = &self->connection;

  return connection->active && connection->picked_up && connection->old_to == edge->to
         && connection->old_port == edge->to_port;
}

static void
trace_path (Draw *d, const WbPoint *points, guint n)
{
  /* Far out fewer points make the same curve. */
  guint step = d->canvas->view.scale < WB_TINY_BELOW ? 4 : 1;

  /* A text before leaves its point behind. */
  cairo_new_path (d->cr);
  for (guint i = 0; i < n; i += step)
    {
      WbPoint at = wb_view_to_screen (&d->canvas->view, points[i]), end;

      cairo_line_to (d->cr, at.x, at.y);
      if (i + step < n)
        continue;
      end = wb_view_to_screen (&d->canvas->view, points[n - 1]);
      cairo_line_to (d->cr, end.x, end.y);
    }
}

/* On a piece of bare canvas, in the middle of the lane. */
static void
draw_lane_label (Draw *d, const WbEdgePath *path)
{
  WbPoint at = wb_view_to_screen (&d->canvas->view, path->label);
  g_autofree char *text = NULL;
  g_autoptr (PangoLayout) layout = NULL;
  int width, height;

  wb_canvas_edge_text (d->canvas, path, &text);
  layout = make_text (d->canvas, text, LABEL_SIZE, FALSE);
  pango_layout_get_pixel_size (layout, &width, &height);
  if (width + 40 > path->bounds.width * d->canvas->view.scale
      || !wb_graph_geometry_has_label (d->canvas->geometry, path, height / d->canvas->view.scale))
    return;
  cairo_rectangle (d->cr, at.x - width / 2.0 - 10, at.y - height / 2.0, width + 20, height);
  wb_cairo_set_color (d->cr, wb_color (WB_COLOR_CANVAS, d->scheme), 1);
  cairo_fill (d->cr);
  cairo_move_to (d->cr, round (at.x - width / 2.0), round (at.y - height / 2.0));
  wb_cairo_set_color (d->cr, wb_color (WB_COLOR_DIM, d->scheme), 1);
  pango_cairo_show_layout (d->cr, layout);
}

static void
draw_edge (Draw *d, guint position)
{
  WbCanvas *self = d->canvas;
  const WbEdgePath *path = wb_graph_geometry_edge_at (self->geometry, position);
  gboolean wrong = is_wrong (wb_canvas_analysis (self), &path->edge);
  gboolean chosen = path->edge.to == self->edge_to && path->edge.to_port == self->edge_port;
  gboolean lit = chosen || (gint)position == self->hover_edge || (gint)position == self->drop_edge;
  WbColor color = wrong ? WB_COLOR_ERROR : lit ? WB_COLOR_ACCENT : WB_COLOR_EDGE;
  double width = path->target ? 1.5 : path->width * CLAMP (self->view.scale, 0.5, 2);

  trace_path (d, wb_graph_geometry_points (self->geometry, path), path->n_points);
  wb_cairo_set_color (d->cr, wb_color (color, d->scheme),
                      is_picked_up (self, &path->edge) ? .25 : 1);
  cairo_set_line_width (d->cr, width + (chosen || (gint)position == self->drop_edge ? 2 : 0));
  if (path->target)
    cairo_set_dash (d->cr, (double[]){ 5, 4 }, 2, 0);
  cairo_stroke (d->cr);
  cairo_set_dash (d->cr, NULL, 0, 0);
  if (path->target)
    draw_lane_label (d, path);
}

static void
draw_edges (Draw *d)
{
  /* Far out nobody sees how smooth a line is, but hundreds of them are to follow the hand. */
  if (d->canvas->view.scale < WB_TINY_BELOW)
    cairo_set_antialias (d->cr, CAIRO_ANTIALIAS_FAST);
  cairo_set_line_join (d->cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap (d->cr, CAIRO_LINE_CAP_BUTT);
  for (guint i = 0; i < wb_graph_geometry_n_edges (d->canvas->geometry); i++)
    {
      const WbEdgePath *path = wb_graph_geometry_edge_at (d->canvas->geometry, i);

      if (wb_area_intersects (&path->bounds, &d->seen))
        draw_edge (d, i);
    }
}

/* At self->view of that size. bounds: all of it. */
static void
draw_backdrop (WbCanvas *self, GtkSnapshot *snapshot, double width, double height, gboolean dots)
{
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, (float)width, (float)height);
  Draw d = { self, NULL, wb_scheme_current (), { 0 } };

  d.seen = wb_area_from_points (wb_view_to_world (&self->view, (WbPoint){ 0, 0 }),
                                wb_view_to_world (&self->view, (WbPoint){ width, height }));
  gtk_snapshot_append_color (snapshot, wb_color (WB_COLOR_CANVAS, d.scheme), &bounds);
  d.cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  if (dots)
    draw_dots (&d, width, height);
  if (self->geometry != NULL)
    {
      draw_grounds (&d);
      draw_edges (&d);
    }
  cairo_destroy (d.cr);
}

static GskRenderNode *
make_backdrop (WbCanvas *self)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self));
  double height = gtk_widget_get_height (GTK_WIDGET (self));
  GtkSnapshot *snapshot = gtk_snapshot_new ();

  draw_backdrop (self, snapshot, width, height, TRUE);
  return gtk_snapshot_free_to_node (snapshot);
}

static void
draw_card (WbCanvas *self, GtkSnapshot *snapshot, const WbNodeBox *box)
{
  const WbCardStyle style = wb_view_card_style (&self->view);
  const float scale = (float)(self->view.scale * wb_card_scale (style));
  const WbArea at = wb_view_area_to_screen (&self->view, &box->rect);

  /* By itself: gtk_snapshot_append_cairo() under a scale misses its place (GTK 4.8). */
  GtkSnapshot *drawn = gtk_snapshot_new ();
  wb_node_card_draw (wb_canvas_card (self, box->id), drawn, style, wb_card_width (style),
                     wb_card_height (style, box->size, box->objective));
  g_autoptr (GskRenderNode) card = gtk_snapshot_free_to_node (drawn);
  g_autoptr (GskTransform) place =
      gsk_transform_translate (NULL, &GRAPHENE_POINT_INIT ((float)at.x, (float)at.y));
  place = gsk_transform_scale (place, scale, scale);
  g_autoptr (GskRenderNode) placed = gsk_transform_node_new (card, place);
  gtk_snapshot_append_node (snapshot, placed);
}

/* The view and geometry of the picture take the place of the canvas's own while it is drawn. */
GskRenderNode *
wb_canvas_make_picture (WbCanvas *canvas, int *width, int *height)
{
  static const WbMargins margins = { 12, 12, 12, 12 };
  const WbView kept_view = canvas->view;
  WbGraphGeometry *kept_geometry = canvas->geometry;
  WbArea bounds;

  g_return_val_if_fail (WB_IS_CANVAS (canvas), NULL);
  if (canvas->document == NULL || kept_geometry == NULL
      || wb_graph_geometry_n_nodes (kept_geometry) == 0)
    return NULL;
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  canvas->geometry = wb_graph_geometry_new (wb_canvas_analysis (canvas), WB_CARD_FULL);
  wb_graph_geometry_bounds (canvas->geometry, &bounds);
  wb_view_fit (&canvas->view, &bounds, *width, *height, &margins, 1);
  if (wb_view_card_style (&canvas->view) != WB_CARD_FULL)
    {
      wb_graph_geometry_free (canvas->geometry);
      canvas->geometry =
          wb_graph_geometry_new (wb_canvas_analysis (canvas), wb_view_card_style (&canvas->view));
      wb_graph_geometry_bounds (canvas->geometry, &bounds);
    }
  /* A chain leaves much of the height empty. */
  *height = MIN (*height, (int)(bounds.height * canvas->view.scale + margins.top + margins.bottom));
  canvas->view.y = margins.top - bounds.y * canvas->view.scale;
  draw_backdrop (canvas, snapshot, *width, *height, FALSE);
  for (guint i = 0; i < wb_graph_geometry_n_nodes (canvas->geometry); i++)
    draw_card (canvas, snapshot, wb_graph_geometry_node_at (canvas->geometry, i));
  wb_graph_geometry_free (canvas->geometry);
  canvas->geometry = kept_geometry;
  canvas->view = kept_view;
  return gtk_snapshot_free_to_node (snapshot);
}

void
wb_canvas_draw (WbCanvas *self, GtkSnapshot *snapshot)
{
  if (gtk_widget_get_width (GTK_WIDGET (self)) < 1 || gtk_widget_get_height (GTK_WIDGET (self)) < 1)
    return;
  if (self->backdrop == NULL)
    self->backdrop = make_backdrop (self);
  if (self->backdrop != NULL)
    gtk_snapshot_append_node (snapshot, self->backdrop);
}

static void
draw_connection (Draw *d)
{
  WbCanvas *self = d->canvas;
  const WbConnection *connection = &self->connection;
  const WbNodeBox *box = wb_graph_geometry_node (self->geometry, connection->node);
  const WbNodeBox *snapped = wb_graph_geometry_node (self->geometry, connection->snap_node);
  WbPoint start, end, curve[WB_CURVE_POINTS];

  if (box == NULL || (connection->keyboard && snapped == NULL))
    return;
  start = wb_node_box_port (box, connection->output, connection->port);
  end = snapped != NULL ? wb_node_box_port (snapped, !connection->output, connection->snap_port)
                        : connection->end;
  wb_curve (connection->output ? start : end, connection->output ? end : start, curve);
  trace_path (d, curve, WB_CURVE_POINTS);
  wb_cairo_set_color (d->cr, wb_color (WB_COLOR_ACCENT, d->scheme), 1);
  cairo_set_line_width (d->cr, 2);
  cairo_set_dash (d->cr, (double[]){ 5, 4 }, 2, 0);
  cairo_stroke (d->cr);
  cairo_set_dash (d->cr, NULL, 0, 0);
}

static void
draw_guides (Draw *d, double width, double height)
{
  const WbSnap *snap = &d->canvas->snap;
  const WbView *view = &d->canvas->view;

  wb_cairo_set_color (d->cr, wb_color (WB_COLOR_ACCENT, d->scheme), .6);
  cairo_set_line_width (d->cr, 1);
  if (!isnan (snap->guide_x))
    {
      double x = round (snap->guide_x * view->scale + view->x) + .5;

      cairo_move_to (d->cr, x, 0);
      cairo_line_to (d->cr, x, height);
    }
  if (!isnan (snap->guide_y))
    {
      double y = round (snap->guide_y * view->scale + view->y) + .5;

      cairo_move_to (d->cr, 0, y);
      cairo_line_to (d->cr, width, y);
    }
  cairo_stroke (d->cr);
}

static void
draw_band (Draw *d)
{
  WbArea rect = wb_view_area_to_screen (&d->canvas->view, &d->canvas->band);

  rounded_rectangle (d->cr, &rect, 3);
  wb_cairo_set_color (d->cr, wb_color (WB_COLOR_ACCENT, d->scheme), .12);
  cairo_fill_preserve (d->cr);
  wb_cairo_set_color (d->cr, wb_color (WB_COLOR_ACCENT, d->scheme), .8);
  cairo_set_line_width (d->cr, 1);
  cairo_stroke (d->cr);
}

void
wb_canvas_draw_overlay (WbCanvas *self, GtkSnapshot *snapshot)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self));
  double height = gtk_widget_get_height (GTK_WIDGET (self));
  gboolean guides = self->drag == WB_DRAG_MOVE && self->drag_moved
                    && (!isnan (self->snap.guide_x) || !isnan (self->snap.guide_y));
  Draw d = { self, NULL, wb_scheme_current (), { 0 } };

  if (self->geometry == NULL || !(self->connection.active || self->drag == WB_DRAG_BAND || guides))
    return;
  d.cr =
      gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float)width, (float)height));
  if (self->connection.active)
    draw_connection (&d);
  if (self->drag == WB_DRAG_BAND)
    draw_band (&d);
  if (guides)
    draw_guides (&d, width, height);
  cairo_destroy (d.cr);
}
