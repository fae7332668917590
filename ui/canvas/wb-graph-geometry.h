/* wb-graph-geometry.h: where everything of a drawn network is, with no display and no toolkit:
 * cards, ports, curves, grounds, hit tests, snapping, walking, and the view that maps it to the
 * screen.
 *
 * World coordinates are canvas pixels at 100 %, y downwards. A node's x is its card's left edge,
 * its y the card's vertical centre. One geometry belongs to one analysis and one style of card.
 */
#pragma once

#include "model/nn-analysis.h"
#include "plots/wb-point.h"

G_BEGIN_DECLS

#define WB_CARD_WIDTH 102.0
#define WB_CARD_GAP 24.0
#define WB_COMPACT_WIDTH 66.0
#define WB_GRID 8.0
#define WB_DOT_SPACING 24.0
#define WB_PORT_SPACING 40.0
/* Below this scale cards get their compact form: fewer lines instead of smaller text. */
#define WB_COMPACT_BELOW 0.75
/* Below this nothing can be read: overviews of large graphs, which must stay quick to pan. */
#define WB_TINY_BELOW 0.3

typedef struct
{
  double x, y, width, height;
} WbArea;

typedef enum
{
  WB_CARD_FULL,
  WB_CARD_COMPACT,
  WB_CARD_TINY, /* as large as compact, a picture without words */
  WB_N_CARD_STYLES
} WbCardStyle;

/* Width and height of a card's own drawing; the world is larger than a compact card by
 * WB_CARD_WIDTH / WB_COMPACT_WIDTH. size: values in its output, < 1 where that is not known. */
double wb_card_width (WbCardStyle style);
double wb_card_height (WbCardStyle style, gint64 size, gboolean objective);
/* World pixels to one pixel of the card's own drawing. */
double wb_card_scale (WbCardStyle style);

typedef struct
{
  guint id;
  guint n_in, n_out; /* ports */
  NnRole role;
  guint category; /* NnCategory */
  gboolean objective;
  gint64 size; /* values in its first output, -1 unknown, 1 for an objective */
  WbArea rect; /* world */
} WbNodeBox;

typedef struct
{
  NnEdge edge;
  gboolean target;       /* into the "target" port of an objective: dashed, routed below */
  double width;          /* 1 + 0.225 log2(values) */
  guint first, n_points; /* of the geometry's points: the path as a polyline, source first */
  WbArea bounds;
  WbPoint label; /* where a label sits: middle of the path */
} WbEdgePath;

typedef enum
{
  WB_GROUND_ENCODER,
  WB_GROUND_CODE,
  WB_GROUND_DECODER,
  WB_N_GROUNDS
} WbGround;

typedef struct _WbGraphGeometry WbGraphGeometry;

WbGraphGeometry *wb_graph_geometry_new (NnAnalysis *analysis, WbCardStyle style);
void wb_graph_geometry_free (WbGraphGeometry *geometry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WbGraphGeometry, wb_graph_geometry_free)

/* Shows a node elsewhere than its design says (dragging, animation); update() afterwards. */
void wb_graph_geometry_place (WbGraphGeometry *geometry, guint id, double x, double y);
void wb_graph_geometry_update (WbGraphGeometry *geometry);

guint wb_graph_geometry_n_nodes (const WbGraphGeometry *geometry);
const WbNodeBox *wb_graph_geometry_node_at (const WbGraphGeometry *geometry,
                                            guint position); /* design's order */
const WbNodeBox *wb_graph_geometry_node (const WbGraphGeometry *geometry,
                                         guint id); /* NULL if none */
guint wb_graph_geometry_n_edges (const WbGraphGeometry *geometry);
const WbEdgePath *wb_graph_geometry_edge_at (const WbGraphGeometry *geometry, guint position);
const WbPoint *wb_graph_geometry_points (const WbGraphGeometry *geometry, const WbEdgePath *path);
/* Whether a label of that height has room on the lane of a target: of lanes that lie closer, only
 * the lowest has. */
gboolean wb_graph_geometry_has_label (const WbGraphGeometry *geometry, const WbEdgePath *path,
                                      double height);
/* FALSE where no node has that role, or nothing is given back by a decoder. */
gboolean wb_graph_geometry_ground (const WbGraphGeometry *geometry, WbGround ground, WbArea *rect);
/* Everything drawn; FALSE (and an empty rectangle) for an empty graph. */
gboolean wb_graph_geometry_bounds (const WbGraphGeometry *geometry, WbArea *rect);

WbPoint wb_node_box_port (const WbNodeBox *box, gboolean output, guint port);

/* Position of the nearest edge within radius of point, -1: none. */
gint wb_graph_geometry_hit_edge (const WbGraphGeometry *geometry, WbPoint point, double radius);
/* Topmost card that holds point, 0: none. */
guint wb_graph_geometry_hit_node (const WbGraphGeometry *geometry, WbPoint point);
/* Where an area of that size can go without covering a card: at wanted, or below what is there. */
WbPoint wb_graph_geometry_free_spot (const WbGraphGeometry *geometry, const WbArea *wanted);
/* Ids of the cards that touch rect. (transfer full) (element-type guint) */
GArray *wb_graph_geometry_band (const WbGraphGeometry *geometry, const WbArea *rect);

typedef enum
{
  WB_WALK_LEFT,  /* to what feeds the node */
  WB_WALK_RIGHT, /* to what it feeds */
  WB_WALK_UP,    /* to its siblings */
  WB_WALK_DOWN,
} WbWalk;

/* The next node in a direction: along an edge first, else the nearest that way; 0: none. */
guint wb_graph_geometry_walk (const WbGraphGeometry *geometry, guint from, WbWalk direction);

typedef struct
{
  double dx, dy;           /* snapped */
  double guide_x, guide_y; /* world lines that the grabbed card was aligned with; NAN: none */
} WbSnap;

/* Moves ids[] (ids[0] is the one grabbed) from where the design has them by (dx, dy): its centre
 * aligns with another card's within tolerance, else it goes to the WB_GRID. */
WbSnap wb_graph_geometry_snap (const WbGraphGeometry *geometry, NnDesign *design, const guint *ids,
                               guint n, double dx, double dy, double tolerance);

/* ---- rectangles ---- */
gboolean wb_area_intersects (const WbArea *a, const WbArea *b);
gboolean wb_area_contains (const WbArea *rect, WbPoint point);
WbArea wb_area_union (const WbArea *a, const WbArea *b);
WbArea wb_area_from_points (WbPoint a, WbPoint b);
double wb_polyline_distance (const WbPoint *points, guint n, WbPoint point);
/* From one port to another, as edges are drawn; out holds WB_CURVE_POINTS. */
#define WB_CURVE_POINTS 29
void wb_curve (WbPoint from, WbPoint to, WbPoint *out);

/* ---- the view ---- */
typedef struct
{
  double scale; /* 1: 100 % */
  double x, y;  /* screen = world * scale + (x, y) */
} WbView;

typedef struct
{
  double left, top, right, bottom;
} WbMargins;

#define WB_MIN_SCALE 0.05
#define WB_MAX_SCALE 3.0

WbPoint wb_view_to_screen (const WbView *view, WbPoint world);
WbPoint wb_view_to_world (const WbView *view, WbPoint screen);
WbArea wb_view_area_to_screen (const WbView *view, const WbArea *world);
WbCardStyle wb_view_card_style (const WbView *view);
/* The screen point `fixed` keeps its place in the world. scale is clamped. */
void wb_view_zoom (WbView *view, double scale, WbPoint fixed);
/* The whole of bounds, centred, within a width x height window less its margins; enlarged in
 * quarters only, so that 100 % stays 100 %. */
void wb_view_fit (WbView *view, const WbArea *bounds, double width, double height,
                  const WbMargins *margins, double max_scale);
/* Moves as little as needed for rect to be visible. */
void wb_view_reveal (WbView *view, const WbArea *rect, double width, double height,
                     const WbMargins *margins);

G_END_DECLS
