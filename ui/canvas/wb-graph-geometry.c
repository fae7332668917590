#include "canvas/wb-graph-geometry.h"

#include <math.h>

#include "layers/nn-layer.h"

/* Grounds: padding around the cards, and room for the label above them. */
#define GROUND_PADDING 11.0
#define GROUND_LABEL 20.0
/* Target edges: first lane below everything else, distance of further lanes, stubs at both ends. */
#define LANE_GAP 16.0
#define LANE_STUB_OUT 12.0
#define LANE_STUB_IN 15.0
#define LANE_RADIUS 6.0
#define CORNER_POINTS 5

struct _WbGraphGeometry
{
  NnAnalysis *analysis;
  WbCardStyle style;
  GArray *nodes;     /* WbNodeBox, in the design's order */
  GHashTable *index; /* id -> position + 1 */
  GArray *edges;     /* WbEdgePath */
  GArray *points;    /* WbPoint */
  WbArea grounds[WB_N_GROUNDS];
  gboolean has_ground[WB_N_GROUNDS];
  WbArea bounds;
};

static const struct
{
  double width, factor, offset, min, max, objective;
} card_sizes[WB_N_CARD_STYLES] = {
  [WB_CARD_FULL] = { WB_CARD_WIDTH, 29, -8, 112, 340, 136 },
  [WB_CARD_COMPACT] = { WB_COMPACT_WIDTH, 14, 0, 60, 190, 60 },
  [WB_CARD_TINY] = { WB_COMPACT_WIDTH, 14, 0, 60, 190, 60 },
};

double
wb_card_width (WbCardStyle style)
{
  return card_sizes[style].width;
}

double
wb_card_scale (WbCardStyle style)
{
  return WB_CARD_WIDTH / card_sizes[style].width;
}

double
wb_card_height (WbCardStyle style, gint64 size, gboolean objective)
{
  double height;

  if (objective)
    return card_sizes[style].objective;
  /* An unknown size reads as 32 values: an ordinary card. */
  height =
      card_sizes[style].factor * log2 (size >= 1 ? (double)size : 32) + card_sizes[style].offset;
  return round (CLAMP (height, card_sizes[style].min, card_sizes[style].max));
}

/* ---- rectangles and curves ---- */

gboolean
wb_area_intersects (const WbArea *a, const WbArea *b)
{
  return a->x <= b->x + b->width && b->x <= a->x + a->width && a->y <= b->y + b->height
         && b->y <= a->y + a->height;
}

gboolean
wb_area_contains (const WbArea *rect, WbPoint point)
{
  return point.x >= rect->x && point.x <= rect->x + rect->width && point.y >= rect->y
         && point.y <= rect->y + rect->height;
}

WbArea
wb_area_from_points (WbPoint a, WbPoint b)
{
  return (WbArea){ MIN (a.x, b.x), MIN (a.y, b.y), fabs (a.x - b.x), fabs (a.y - b.y) };
}

WbArea
wb_area_union (const WbArea *a, const WbArea *b)
{
  double left = MIN (a->x, b->x), top = MIN (a->y, b->y);

  return (WbArea){ left, top, MAX (a->x + a->width, b->x + b->width) - left,
                   MAX (a->y + a->height, b->y + b->height) - top };
}

double
wb_polyline_distance (const WbPoint *points, guint n, WbPoint point)
{
  double best = INFINITY;

  for (guint i = 0; i + 1 < n; i++)
    {
      double dx = points[i + 1].x - points[i].x, dy = points[i + 1].y - points[i].y;
      double length = dx * dx + dy * dy, along = 0;

      if (length > 0)
        along = ((point.x - points[i].x) * dx + (point.y - points[i].y) * dy) / length;
      along = CLAMP (along, 0, 1);
      best = MIN (best,
                  hypot (points[i].x + along * dx - point.x, points[i].y + along * dy - point.y));
    }
  return best;
}

void
wb_curve (WbPoint from, WbPoint to, WbPoint *out)
{
  double dx = to.x - from.x, dy = fabs (to.y - from.y);
  /* Forwards half way; backwards a loop wide enough to be told from a straight line. */
  double reach = dx >= 0 ? MAX (dx / 2, MIN (24, dy)) : MIN (48 - dx / 3, 160);
  WbPoint c1 = { from.x + reach, from.y }, c2 = { to.x - reach, to.y };

  for (guint i = 0; i < WB_CURVE_POINTS; i++)
    {
      double t = i / (WB_CURVE_POINTS - 1.0), s = 1 - t;
      double a = s * s * s, b = 3 * s * s * t, c = 3 * s * t * t, d = t * t * t;

      out[i].x = a * from.x + b * c1.x + c * c2.x + d * to.x;
      out[i].y = a * from.y + b * c1.y + c * c2.y + d * to.y;
    }
}

/* ---- building ---- */

static gboolean
is_target_port (const NnLayerType *type, guint port)
{
  return (type->flags & NN_LAYER_OBJECTIVE) != 0 && port < nn_layer_n_inputs (type)
         && g_str_equal (type->inputs[port].name, "target");
}

WbGraphGeometry *
wb_graph_geometry_new (NnAnalysis *analysis, WbCardStyle style)
{
  NnDesign *design = nn_analysis_design (analysis);
  WbGraphGeometry *geometry = g_new0 (WbGraphGeometry, 1);
  guint n = nn_design_n_nodes (design);

  geometry->analysis = nn_analysis_ref (analysis);
  geometry->style = style;
  geometry->nodes = g_array_sized_new (FALSE, TRUE, sizeof (WbNodeBox), n);
  geometry->index = g_hash_table_new (NULL, NULL);
  geometry->edges = g_array_new (FALSE, TRUE, sizeof (WbEdgePath));
  geometry->points = g_array_new (FALSE, FALSE, sizeof (WbPoint));
  for (guint i = 0; i < n; i++)
    {
      const NnNode *node = nn_design_node_at (design, i);
      const NnShape *shape = nn_analysis_output_shape (analysis, node->id, 0);
      WbNodeBox box = { .id = node->id,
                        .n_in = nn_layer_n_inputs (node->type),
                        .n_out = nn_layer_n_outputs (node->type),
                        .role = nn_analysis_role (analysis, node->id),
                        .category = node->type->category,
                        .objective = (node->type->flags & NN_LAYER_OBJECTIVE) != 0 };

      box.size = box.objective ? 1 : shape != NULL ? nn_shape_size (shape) : -1;
      box.rect.width = WB_CARD_WIDTH;
      box.rect.height = wb_card_height (style, box.size, box.objective) * wb_card_scale (style);
      box.rect.x = node->x;
      box.rect.y = node->y - box.rect.height / 2;
      g_array_append_val (geometry->nodes, box);
      g_hash_table_insert (geometry->index, GUINT_TO_POINTER (node->id), GUINT_TO_POINTER (i + 1));
    }
  wb_graph_geometry_update (geometry);
  return geometry;
}

void
wb_graph_geometry_free (WbGraphGeometry *geometry)
{
  nn_analysis_unref (geometry->analysis);
  g_array_unref (geometry->nodes);
  g_hash_table_unref (geometry->index);
  g_array_unref (geometry->edges);
  g_array_unref (geometry->points);
  g_free (geometry);
}

static WbNodeBox *
find_box (const WbGraphGeometry *geometry, guint id)
{
  guint position = GPOINTER_TO_UINT (g_hash_table_lookup (geometry->index, GUINT_TO_POINTER (id)));

  return position > 0 ? &g_array_index (geometry->nodes, WbNodeBox, position - 1) : NULL;
}

void
wb_graph_geometry_place (WbGraphGeometry *geometry, guint id, double x, double y)
{
  WbNodeBox *box = find_box (geometry, id);

  g_return_if_fail (box != NULL);
  box->rect.x = x;
  box->rect.y = y - box->rect.height / 2;
}

static void
update_grounds (WbGraphGeometry *geometry)
{
  static const WbGround ground_of_role[] = {
    [NN_ROLE_NONE] = WB_N_GROUNDS,         [NN_ROLE_INPUT] = WB_N_GROUNDS,
    [NN_ROLE_ENCODER] = WB_GROUND_ENCODER, [NN_ROLE_CODE] = WB_GROUND_CODE,
    [NN_ROLE_DECODER] = WB_GROUND_DECODER, [NN_ROLE_OBJECTIVE] = WB_N_GROUNDS,
  };
  const gboolean decodes = nn_analysis_has_decoder (geometry->analysis);
  double top = INFINITY, bottom = -INFINITY;
  gboolean split = FALSE;

  for (guint g = 0; g < WB_N_GROUNDS; g++)
    geometry->has_ground[g] = FALSE;
  for (guint i = 0; i < geometry->nodes->len; i++)
    split |= g_array_index (geometry->nodes, WbNodeBox, i).role == NN_ROLE_CODE;
  /* Without a code there is nothing to tell apart. */
  if (!split)
    return;
  for (guint i = 0; i < geometry->nodes->len; i++)
    {
      const WbNodeBox *box = &g_array_index (geometry->nodes, WbNodeBox, i);
      WbGround ground = ground_of_role[box->role];

      if (ground == WB_N_GROUNDS || (ground == WB_GROUND_DECODER && !decodes))
        continue;
      geometry->grounds[ground] = geometry->has_ground[ground]
                                      ? wb_area_union (&geometry->grounds[ground], &box->rect)
                                      : box->rect;
      geometry->has_ground[ground] = TRUE;
      top = MIN (top, box->rect.y);
      bottom = MAX (bottom, box->rect.y + box->rect.height);
    }
  for (guint g = 0; g < WB_N_GROUNDS; g++)
    {
      WbArea *rect = &geometry->grounds[g];

      rect->x -= GROUND_PADDING;
      rect->width += 2 * GROUND_PADDING;
      rect->y = top - GROUND_PADDING - GROUND_LABEL;
      rect->height = bottom + GROUND_PADDING + 1 - rect->y;
    }
}

/* The corner b of a-b-c as an arc of at most LANE_RADIUS. */
static void
append_corner (GArray *points, WbPoint a, WbPoint b, WbPoint c)
{
  double in = hypot (b.x - a.x, b.y - a.y), out = hypot (c.x - b.x, c.y - b.y);
  double radius = MIN (LANE_RADIUS, MIN (in, out) / 2);

  if (radius < 0.5)
    {
      g_array_append_val (points, b);
      return;
    }
  for (guint i = 0; i < CORNER_POINTS; i++)
    {
      /* A quadratic curve from r before the corner to r behind it. */
      double t = i / (CORNER_POINTS - 1.0), s = 1 - t;
      WbPoint p = { b.x + s * s * (a.x - b.x) / in * radius + t * t * (c.x - b.x) / out * radius,
                    b.y + s * s * (a.y - b.y) / in * radius + t * t * (c.y - b.y) / out * radius };

      g_array_append_val (points, p);
    }
}

static void
append_lane (WbGraphGeometry *geometry, WbEdgePath *path, WbPoint from, WbPoint to, double lane)
{
  WbPoint corner[6] = { from,
                        { from.x + LANE_STUB_OUT, from.y },
                        { from.x + LANE_STUB_OUT, lane },
                        { to.x - LANE_STUB_IN, lane },
                        { to.x - LANE_STUB_IN, to.y },
                        to };

  g_array_append_val (geometry->points, from);
  for (guint i = 1; i + 1 < G_N_ELEMENTS (corner); i++)
    append_corner (geometry->points, corner[i - 1], corner[i], corner[i + 1]);
  g_array_append_val (geometry->points, to);
  path->label = (WbPoint){ (corner[2].x + corner[3].x) / 2, lane };
}

static void
append_edge (WbGraphGeometry *geometry, const NnEdge *edge, guint *n_lanes, double lanes_top)
{
  const WbNodeBox *from = find_box (geometry, edge->from), *to = find_box (geometry, edge->to);
  const NnNode *node = nn_design_node (nn_analysis_design (geometry->analysis), edge->to);
  const NnShape *shape = nn_analysis_output_shape (geometry->analysis, edge->from, edge->from_port);
  WbEdgePath path = { .edge = *edge, .first = geometry->points->len };
  WbPoint start = wb_node_box_port (from, TRUE, edge->from_port);
  WbPoint end = wb_node_box_port (to, FALSE, edge->to_port);
  const WbPoint *points;

  path.target = is_target_port (node->type, edge->to_port);
  path.width = 1 + 0.225 * log2 (shape != NULL ? (double)nn_shape_size (shape) : 1);
  if (path.target)
    {
      append_lane (geometry, &path, start, end, lanes_top + *n_lanes * LANE_GAP);
      *n_lanes += 1;
    }
  else
    {
      WbPoint curve[WB_CURVE_POINTS];

      wb_curve (start, end, curve);
      g_array_append_vals (geometry->points, curve, WB_CURVE_POINTS);
      path.label = curve[WB_CURVE_POINTS / 2];
    }
  path.n_points = geometry->points->len - path.first;
  points = wb_graph_geometry_points (geometry, &path);
  path.bounds = (WbArea){ points[0].x, points[0].y, 0, 0 };
  for (guint i = 1; i < path.n_points; i++)
    {
      WbArea point = { points[i].x, points[i].y, 0, 0 };

      path.bounds = wb_area_union (&path.bounds, &point);
    }
  g_array_append_val (geometry->edges, path);
}

void
wb_graph_geometry_update (WbGraphGeometry *geometry)
{
  NnDesign *design = nn_analysis_design (geometry->analysis);
  guint n_lanes = 0;

  g_array_set_size (geometry->edges, 0);
  g_array_set_size (geometry->points, 0);
  geometry->bounds = (WbArea){ 0, 0, 0, 0 };
  if (geometry->nodes->len == 0)
    return;
  update_grounds (geometry);
  geometry->bounds = g_array_index (geometry->nodes, WbNodeBox, 0).rect;
  for (guint i = 1; i < geometry->nodes->len; i++)
    geometry->bounds =
        wb_area_union (&geometry->bounds, &g_array_index (geometry->nodes, WbNodeBox, i).rect);
  for (guint g = 0; g < WB_N_GROUNDS; g++)
    {
      if (geometry->has_ground[g])
        geometry->bounds = wb_area_union (&geometry->bounds, &geometry->grounds[g]);
    }
  for (guint i = 0; i < nn_design_n_edges (design); i++)
    append_edge (geometry, nn_design_edge_at (design, i), &n_lanes,
                 geometry->bounds.y + geometry->bounds.height + LANE_GAP);
  for (guint i = 0; i < geometry->edges->len; i++)
    geometry->bounds =
        wb_area_union (&geometry->bounds, &g_array_index (geometry->edges, WbEdgePath, i).bounds);
}

/* ---- reading ---- */

guint
wb_graph_geometry_n_nodes (const WbGraphGeometry *geometry)
{
  return geometry->nodes->len;
}

const WbNodeBox *
wb_graph_geometry_node_at (const WbGraphGeometry *geometry, guint position)
{
  g_return_val_if_fail (position < geometry->nodes->len, NULL);
  return &g_array_index (geometry->nodes, WbNodeBox, position);
}

const WbNodeBox *
wb_graph_geometry_node (const WbGraphGeometry *geometry, guint id)
{
  return find_box (geometry, id);
}

guint
wb_graph_geometry_n_edges (const WbGraphGeometry *geometry)
{
  return geometry->edges->len;
}

const WbEdgePath *
wb_graph_geometry_edge_at (const WbGraphGeometry *geometry, guint position)
{
  g_return_val_if_fail (position < geometry->edges->len, NULL);
  return &g_array_index (geometry->edges, WbEdgePath, position);
}

const WbPoint *
wb_graph_geometry_points (const WbGraphGeometry *geometry, const WbEdgePath *path)
{
  return &g_array_index (geometry->points, WbPoint, path->first);
}

gboolean
wb_graph_geometry_has_label (const WbGraphGeometry *self, const WbEdgePath *path, double height)
{
  for (guint i = 0; i < self->edges->len; i++)
    {
      const WbEdgePath *other = &g_array_index (self->edges, WbEdgePath, i);
      const double below = other->label.y - path->label.y;

      if (other->target && below > 0 && below < height)
        return FALSE;
    }
  return TRUE;
}

gboolean
wb_graph_geometry_ground (const WbGraphGeometry *geometry, WbGround ground, WbArea *rect)
{
  *rect = geometry->grounds[ground];
  return geometry->has_ground[ground];
}

gboolean
wb_graph_geometry_bounds (const WbGraphGeometry *geometry, WbArea *rect)
{
  *rect = geometry->bounds;
  return geometry->nodes->len > 0;
}

WbPoint
wb_node_box_port (const WbNodeBox *box, gboolean output, guint port)
{
  guint n = output ? box->n_out : box->n_in;
  /* Many ports move together so that all stay on the card. */
  double spacing = n > 1 ? MIN (WB_PORT_SPACING, (box->rect.height - 24) / (n - 1)) : 0;

  return (WbPoint){ box->rect.x + (output ? box->rect.width : 0),
                    box->rect.y + box->rect.height / 2 + (port - (n - 1) / 2.0) * spacing };
}

/* ---- hit tests ---- */

gint
wb_graph_geometry_hit_edge (const WbGraphGeometry *geometry, WbPoint point, double radius)
{
  double best = radius;
  gint hit = -1;

  for (guint i = 0; i < geometry->edges->len; i++)
    {
      const WbEdgePath *path = &g_array_index (geometry->edges, WbEdgePath, i);
      WbArea reach = { path->bounds.x - radius, path->bounds.y - radius,
                       path->bounds.width + 2 * radius, path->bounds.height + 2 * radius };
      double distance;

      if (!wb_area_contains (&reach, point))
        continue;
      distance =
          wb_polyline_distance (wb_graph_geometry_points (geometry, path), path->n_points, point);
      if (distance <= best)
        {
          best = distance;
          hit = (gint)i;
        }
    }
  return hit;
}

guint
wb_graph_geometry_hit_node (const WbGraphGeometry *geometry, WbPoint point)
{
  for (guint i = geometry->nodes->len; i-- > 0;)
    {
      const WbNodeBox *box = &g_array_index (geometry->nodes, WbNodeBox, i);

      if (wb_area_contains (&box->rect, point))
        return box->id;
    }
  return 0;
}

WbPoint
wb_graph_geometry_free_spot (const WbGraphGeometry *geometry, const WbArea *wanted)
{
  WbArea area = *wanted;

  /* Each round passes one card at least, so there are no more rounds than cards. */
  for (guint round = 0; round <= geometry->nodes->len; round++)
    {
      double below = area.y;

      for (guint i = 0; i < geometry->nodes->len; i++)
        {
          const WbNodeBox *box = &g_array_index (geometry->nodes, WbNodeBox, i);

          if (wb_area_intersects (&box->rect, &area))
            below = MAX (below, box->rect.y + box->rect.height + WB_CARD_GAP);
        }
      if (below <= area.y)
        break;
      area.y = below;
    }
  return (WbPoint){ area.x, area.y };
}

GArray *
wb_graph_geometry_band (const WbGraphGeometry *geometry, const WbArea *rect)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < geometry->nodes->len; i++)
    {
      const WbNodeBox *box = &g_array_index (geometry->nodes, WbNodeBox, i);

      if (wb_area_intersects (&box->rect, rect))
        g_array_append_val (ids, box->id);
    }
  return ids;
}

/* ---- walking ---- */

static guint
walk_along_edge (const WbGraphGeometry *geometry, guint from, WbWalk direction)
{
  guint found = 0;

  for (guint i = 0; i < geometry->edges->len; i++)
    {
      const WbEdgePath *path = &g_array_index (geometry->edges, WbEdgePath, i);
      guint here = direction == WB_WALK_LEFT ? path->edge.to : path->edge.from;
      guint there = direction == WB_WALK_LEFT ? path->edge.from : path->edge.to;

      /* The main path before a target edge. */
      if (here == from && (found == 0 || !path->target))
        {
          found = there;
          if (!path->target)
            break;
        }
    }
  return found;
}

guint
wb_graph_geometry_walk (const WbGraphGeometry *geometry, guint from, WbWalk direction)
{
  const WbNodeBox *start = find_box (geometry, from);
  gboolean sideways = direction == WB_WALK_LEFT || direction == WB_WALK_RIGHT;
  double sign = direction == WB_WALK_LEFT || direction == WB_WALK_UP ? -1 : 1;
  double best = INFINITY;
  guint found = 0;

  if (start == NULL)
    return 0;
  if (sideways)
    found = walk_along_edge (geometry, from, direction);
  if (found != 0)
    return found;
  for (guint i = 0; i < geometry->nodes->len; i++)
    {
      const WbNodeBox *box = &g_array_index (geometry->nodes, WbNodeBox, i);
      double dx = box->rect.x - start->rect.x;
      double dy = box->rect.y + box->rect.height / 2 - start->rect.y - start->rect.height / 2;
      double ahead = sign * (sideways ? dx : dy), aside = fabs (sideways ? dy : dx);

      if (ahead > 1 && ahead + 2 * aside < best)
        {
          best = ahead + 2 * aside;
          found = box->id;
        }
    }
  return found;
}

/* ---- snapping ---- */

static gboolean
is_among (const guint *ids, guint n, guint id)
{
  for (guint i = 0; i < n; i++)
    {
      if (ids[i] == id)
        return TRUE;
    }
  return FALSE;
}

WbSnap
wb_graph_geometry_snap (const WbGraphGeometry *geometry, NnDesign *design, const guint *ids,
                        guint n, double dx, double dy, double tolerance)
{
  WbSnap snap = { dx, dy, NAN, NAN };
  const NnNode *grabbed = n > 0 ? nn_design_node (design, ids[0]) : NULL;
  double x, y, best_x = tolerance, best_y = tolerance;

  if (grabbed == NULL)
    return snap;
  x = grabbed->x + dx;
  y = grabbed->y + dy;
  for (guint i = 0; i < geometry->nodes->len; i++)
    {
      const WbNodeBox *box = &g_array_index (geometry->nodes, WbNodeBox, i);
      double centre = box->rect.y + box->rect.height / 2;

      if (is_among (ids, n, box->id))
        continue;
      if (fabs (box->rect.x - x) < best_x)
        {
          best_x = fabs (box->rect.x - x);
          snap.guide_x = box->rect.x;
        }
      if (fabs (centre - y) < best_y)
        {
          best_y = fabs (centre - y);
          snap.guide_y = centre;
        }
    }
  snap.dx = (isnan (snap.guide_x) ? round (x / WB_GRID) * WB_GRID : snap.guide_x) - grabbed->x;
  snap.dy = (isnan (snap.guide_y) ? round (y / WB_GRID) * WB_GRID : snap.guide_y) - grabbed->y;
  /* A straight drag stays straight, wherever the card began. */
  if (isnan (snap.guide_x) && fabs (dx) < tolerance)
    snap.dx = 0;
  if (isnan (snap.guide_y) && fabs (dy) < tolerance)
    snap.dy = 0;
  /* The card's centre line is what a person sees aligned. */
  snap.guide_x += WB_CARD_WIDTH / 2;
  return snap;
}
