/* Where cards, ports and curves are, what is hit, snapping, walking, the view; edits of the canvas.
 */
#include <math.h>
#include <string.h>

#include "canvas/wb-card-paint.h"
#include "canvas/wb-graph-edit.h"
#include "canvas/wb-graph-geometry.h"
#include "data/nn-data-source.h"
#include "formats/nn-lessons.h"
#include "layers/nn-layer.h"

typedef struct
{
  NnDesign *design;
  NnDataInfo *data;
  NnAnalysis *analysis;
  guint input, flat, dense, code, output, loss;
} Fixture;

static void
take (Fixture *f, NnDesign *design)
{
  g_assert_nonnull (design);
  g_clear_pointer (&f->design, nn_design_unref);
  g_clear_pointer (&f->analysis, nn_analysis_unref);
  f->design = design;
  f->analysis = nn_analysis_new (design, f->data, 0);
}

static guint
add (Fixture *f, const char *type, guint units, double x)
{
  const NnLayerType *layer = nn_layer_type (type);
  g_autoptr (NnParams) defaults = nn_params_new (layer->params);
  g_autoptr (NnParams) params =
      units > 0 ? nn_params_with_number (defaults, "units", units, NULL) : nn_params_ref (defaults);
  guint id;

  take (f, nn_design_add_node (f->design, layer, params, NULL, x, 0, &id));
  return id;
}

static void
join (Fixture *f, guint from, guint to, guint port)
{
  g_autoptr (GError) error = NULL;
  NnDesign *design = nn_design_connect (f->design, from, 0, to, port, &error);

  g_assert_no_error (error);
  take (f, design);
}

/* Input -> flat -> 128 -> 32 -> 784 -> loss, dense at 126. */
static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->data = nn_data_peek ("digits", &error);
  g_assert_no_error (error);
  take (f, nn_design_new ());
  f->input = add (f, "input", 0, -126);
  f->flat = add (f, "flatten", 0, 0);
  f->dense = add (f, "dense", 128, 126);
  f->code = add (f, "dense", 32, 252);
  f->output = add (f, "dense", 784, 378);
  f->loss = add (f, "reconstruction-loss", 0, 504);
  join (f, f->input, f->flat, 0);
  join (f, f->flat, f->dense, 0);
  join (f, f->dense, f->code, 0);
  join (f, f->code, f->output, 0);
  join (f, f->output, f->loss, 0);
  join (f, f->input, f->loss, 1);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  nn_design_unref (f->design);
  nn_analysis_unref (f->analysis);
  nn_data_info_free (f->data);
}

static void
test_cards (Fixture *f, gconstpointer data)
{
  g_autoptr (WbGraphGeometry) geometry = wb_graph_geometry_new (f->analysis, WB_CARD_FULL);
  const WbNodeBox *input = wb_graph_geometry_node (geometry, f->input);
  const WbNodeBox *dense = wb_graph_geometry_node (geometry, f->dense);
  const WbNodeBox *code = wb_graph_geometry_node (geometry, f->code);
  const WbNodeBox *output = wb_graph_geometry_node (geometry, f->output);

  /* 29 log2(n) - 8: an hourglass. */
  g_assert_cmpfloat (dense->rect.height, ==, 29 * 7 - 8);
  g_assert_cmpfloat (code->rect.height, ==, 29 * 5 - 8);
  g_assert_cmpfloat (input->rect.height, ==, output->rect.height);
  g_assert_cmpfloat (input->rect.height, >, dense->rect.height);
  g_assert_cmpfloat (dense->rect.width, ==, 102);
  g_assert_cmpfloat (dense->rect.y + dense->rect.height / 2, ==, 0);
  g_assert_true (wb_graph_geometry_node (geometry, f->loss)->objective);
  g_assert_null (wb_graph_geometry_node (geometry, 99));
  /* Limits, and a size that is not known. */
  g_assert_cmpfloat (wb_card_height (WB_CARD_FULL, 2, FALSE), ==, 112);
  g_assert_cmpfloat (wb_card_height (WB_CARD_FULL, 1 << 30, FALSE), ==, 340);
  g_assert_cmpfloat (wb_card_height (WB_CARD_FULL, -1, FALSE), ==, code->rect.height);
  g_assert_cmpfloat (wb_card_height (WB_CARD_COMPACT, 2, FALSE), ==, 60);
}

static void
test_ports (Fixture *f, gconstpointer data)
{
  g_autoptr (WbGraphGeometry) geometry = wb_graph_geometry_new (f->analysis, WB_CARD_FULL);
  WbPoint out = wb_node_box_port (wb_graph_geometry_node (geometry, f->dense), TRUE, 0);
  WbPoint in = wb_node_box_port (wb_graph_geometry_node (geometry, f->code), FALSE, 0);
  const WbNodeBox *loss = wb_graph_geometry_node (geometry, f->loss);
  WbPoint prediction = wb_node_box_port (loss, FALSE, 0),
          target = wb_node_box_port (loss, FALSE, 1), weight = wb_node_box_port (loss, FALSE, 2);

  g_assert_cmpfloat (out.x, ==, 126 + 102);
  g_assert_cmpfloat (out.y, ==, 0);
  g_assert_cmpfloat (in.x, ==, 252);
  g_assert_cmpfloat (target.y - prediction.y, ==, WB_PORT_SPACING);
  g_assert_cmpfloat (prediction.y + weight.y, ==, 0);
}

static const WbEdgePath *
find_path (const WbGraphGeometry *geometry, guint to, guint port)
{
  for (guint i = 0; i < wb_graph_geometry_n_edges (geometry); i++)
    {
      const WbEdgePath *path = wb_graph_geometry_edge_at (geometry, i);

      if (path->edge.to == to && path->edge.to_port == port)
        return path;
    }
  return NULL;
}

static void
test_edges (Fixture *f, gconstpointer data)
{
  g_autoptr (WbGraphGeometry) geometry = wb_graph_geometry_new (f->analysis, WB_CARD_FULL);
  const WbEdgePath *edge = find_path (geometry, f->code, 0);
  const WbEdgePath *target = find_path (geometry, f->loss, 1);
  const WbPoint *points = wb_graph_geometry_points (geometry, edge);
  gint hit;

  /* From port to port, as wide as its tensor. */
  g_assert_cmpfloat (points[0].x, ==, 228);
  g_assert_cmpfloat (points[edge->n_points - 1].x, ==, 252);
  g_assert_cmpfloat_with_epsilon (edge->width, 1 + 0.225 * 7, 1e-9);
  g_assert_false (edge->target);
  hit = wb_graph_geometry_hit_edge (geometry, (WbPoint){ 240, 3 }, 5);
  g_assert_cmpint (hit, >=, 0);
  g_assert_true (wb_graph_geometry_edge_at (geometry, (guint)hit) == edge);
  g_assert_cmpint (wb_graph_geometry_hit_edge (geometry, (WbPoint){ 240, 30 }, 5), ==, -1);

  /* The target's lane runs below every card, and can be hit there. */
  g_assert_true (target->target);
  for (guint i = 0; i < wb_graph_geometry_n_nodes (geometry); i++)
    {
      const WbArea *rect = &wb_graph_geometry_node_at (geometry, i)->rect;

      g_assert_cmpfloat (target->label.y, >, rect->y + rect->height);
    }
  hit = wb_graph_geometry_hit_edge (geometry, target->label, 2);
  g_assert_cmpint (hit, >=, 0);
  g_assert_true (wb_graph_geometry_edge_at (geometry, (guint)hit) == target);
  points = wb_graph_geometry_points (geometry, target);
  g_assert_cmpfloat (points[target->n_points - 1].x, ==, 504);
}

static void
test_grounds (Fixture *f, gconstpointer data)
{
  add (f, "input", 0, 760); /* not on the way to the code, and so not on the encoder's ground */
  g_autoptr (WbGraphGeometry) geometry = wb_graph_geometry_new (f->analysis, WB_CARD_FULL);
  WbArea encoder, code, decoder, bounds;

  g_assert_true (wb_graph_geometry_ground (geometry, WB_GROUND_ENCODER, &encoder));
  g_assert_true (wb_graph_geometry_ground (geometry, WB_GROUND_CODE, &code));
  g_assert_true (wb_graph_geometry_ground (geometry, WB_GROUND_DECODER, &decoder));
  g_assert_true (wb_graph_geometry_bounds (geometry, &bounds));
  g_assert_cmpfloat (encoder.x, ==, -126 - 11);
  g_assert_cmpfloat (encoder.x + encoder.width, ==, 228 + 11);
  g_assert_cmpfloat (code.x, ==, 252 - 11);
  g_assert_cmpfloat (code.width, ==, 102 + 22);
  g_assert_cmpfloat (encoder.y, ==, decoder.y);
  g_assert_cmpfloat (encoder.height, ==, code.height);
  g_assert_cmpfloat (bounds.x, ==, encoder.x);
  g_assert_cmpfloat (bounds.y, <=, encoder.y);
}

static void
test_band (Fixture *f, gconstpointer data)
{
  g_autoptr (WbGraphGeometry) geometry = wb_graph_geometry_new (f->analysis, WB_CARD_FULL);
  WbArea rect = wb_area_from_points ((WbPoint){ 300, 40 }, (WbPoint){ 200, -40 });
  g_autoptr (GArray) ids = wb_graph_geometry_band (geometry, &rect);

  g_assert_cmpuint (ids->len, ==, 2);
  g_assert_cmpuint (g_array_index (ids, guint, 0), ==, f->dense);
  g_assert_cmpuint (g_array_index (ids, guint, 1), ==, f->code);
  g_assert_cmpuint (wb_graph_geometry_hit_node (geometry, (WbPoint){ 300, 10 }), ==, f->code);
  g_assert_cmpuint (wb_graph_geometry_hit_node (geometry, (WbPoint){ 240, 10 }), ==, 0);
}

static void
test_free_spot (Fixture *f, gconstpointer data)
{
  g_autoptr (WbGraphGeometry) geometry = wb_graph_geometry_new (f->analysis, WB_CARD_FULL);
  const WbArea *code = &wb_graph_geometry_node (geometry, f->code)->rect;
  WbArea wanted = { code->x + 5, code->y + 5, WB_CARD_WIDTH, 100 };
  WbPoint spot = wb_graph_geometry_free_spot (geometry, &wanted);
  WbArea there = { spot.x, spot.y, wanted.width, wanted.height };

  for (guint i = 0; i < wb_graph_geometry_n_nodes (geometry); i++)
    g_assert_false (wb_area_intersects (&wb_graph_geometry_node_at (geometry, i)->rect, &there));
  g_assert_cmpfloat (spot.x, ==, wanted.x);
  g_assert_cmpfloat (spot.y, >, wanted.y);
  wanted.y = -5000;
  spot = wb_graph_geometry_free_spot (geometry, &wanted);
  g_assert_cmpfloat (spot.y, ==, -5000);
}

static void
test_walk (Fixture *f, gconstpointer data)
{
  g_autoptr (WbGraphGeometry) geometry = NULL;
  guint stray;

  stray = add (f, "dropout", 0, 252);
  take (f, nn_design_place_node (f->design, stray, 252, 300));
  geometry = wb_graph_geometry_new (f->analysis, WB_CARD_FULL);
  g_assert_cmpuint (wb_graph_geometry_walk (geometry, f->dense, WB_WALK_RIGHT), ==, f->code);
  g_assert_cmpuint (wb_graph_geometry_walk (geometry, f->dense, WB_WALK_LEFT), ==, f->flat);
  /* Along the main path, not the target's line. */
  g_assert_cmpuint (wb_graph_geometry_walk (geometry, f->input, WB_WALK_RIGHT), ==, f->flat);
  g_assert_cmpuint (wb_graph_geometry_walk (geometry, f->loss, WB_WALK_LEFT), ==, f->output);
  /* What no edge reaches is reached by place. */
  g_assert_cmpuint (wb_graph_geometry_walk (geometry, f->code, WB_WALK_DOWN), ==, stray);
  g_assert_cmpuint (wb_graph_geometry_walk (geometry, stray, WB_WALK_UP), ==, f->code);
  g_assert_cmpuint (wb_graph_geometry_walk (geometry, f->input, WB_WALK_LEFT), ==, 0);
  g_assert_cmpuint (wb_graph_geometry_walk (geometry, 99, WB_WALK_LEFT), ==, 0);
}

static void
test_snap (Fixture *f, gconstpointer data)
{
  g_autoptr (WbGraphGeometry) geometry = wb_graph_geometry_new (f->analysis, WB_CARD_FULL);
  WbSnap snap;

  /* Far from others' centres: the grid. */
  snap = wb_graph_geometry_snap (geometry, f->design, &f->code, 1, 33, 101, 6);
  g_assert_cmpfloat (fmod (252 + snap.dx, WB_GRID), ==, 0);
  g_assert_cmpfloat (fmod (snap.dy, WB_GRID), ==, 0);
  g_assert_true (isnan (snap.guide_y));
  /* Near the row: its centre line. */
  snap = wb_graph_geometry_snap (geometry, f->design, &f->code, 1, 33, 5, 6);
  g_assert_cmpfloat (snap.dy, ==, 0);
  g_assert_cmpfloat (snap.guide_y, ==, 0);
  /* What moves along is nothing to align with. */
  snap = wb_graph_geometry_snap (
      geometry, f->design, (guint[]){ f->code, f->input, f->flat, f->dense, f->output, f->loss }, 6,
      33, 5, 6);
  g_assert_true (isnan (snap.guide_y));
}

static void
test_place (Fixture *f, gconstpointer data)
{
  g_autoptr (WbGraphGeometry) geometry = wb_graph_geometry_new (f->analysis, WB_CARD_FULL);
  const WbEdgePath *edge;

  wb_graph_geometry_place (geometry, f->code, 260, 200);
  wb_graph_geometry_update (geometry);
  edge = find_path (geometry, f->code, 0);
  g_assert_cmpfloat (wb_graph_geometry_points (geometry, edge)[edge->n_points - 1].y, ==, 200);
  g_assert_cmpuint (wb_graph_geometry_n_edges (geometry), ==, 6);
}

static void
test_view (void)
{
  const WbMargins margins = { 10, 20, 10, 60 };
  WbArea bounds = { -100, -50, 2000, 400 }, small = { 0, 0, 100, 100 };
  WbView view = { 1, 0, 0 };
  WbPoint fixed = { 120, 80 }, world = wb_view_to_world (&view, fixed), back;
  WbArea screen;

  wb_view_zoom (&view, 2, fixed);
  back = wb_view_to_screen (&view, world);
  g_assert_cmpfloat_with_epsilon (back.x, fixed.x, 1e-9);
  g_assert_cmpfloat_with_epsilon (back.y, fixed.y, 1e-9);
  wb_view_zoom (&view, 100, fixed);
  g_assert_cmpfloat (view.scale, ==, WB_MAX_SCALE);

  wb_view_fit (&view, &bounds, 800, 400, &margins, 2);
  screen = wb_view_area_to_screen (&view, &bounds);
  g_assert_cmpfloat (screen.x, >=, 9);
  g_assert_cmpfloat (screen.x + screen.width, <=, 791);
  g_assert_cmpint (wb_view_card_style (&view), ==, WB_CARD_COMPACT);
  g_assert_cmpint (wb_view_card_style (&(WbView){ 0.2, 0, 0 }), ==, WB_CARD_TINY);
  /* Small graphs are not blown up beyond the limit, and only in quarters. */
  wb_view_fit (&view, &small, 800, 400, &margins, 2);
  g_assert_cmpfloat (view.scale, ==, 2);
  wb_view_fit (&view, &small, 190, 190, &margins, 2);
  g_assert_cmpfloat (view.scale, ==, 1);

  view = (WbView){ 1, 0, 0 };
  wb_view_reveal (&view, &(WbArea){ 1000, 100, 100, 100 }, 800, 400, &margins);
  g_assert_cmpfloat (view.x, ==, 790 - 1100);
  g_assert_cmpfloat (view.y, ==, 0);
}

/* ---- edits ---- */

static void
test_add_after (Fixture *f, gconstpointer data)
{
  const NnLayerType *dropout = nn_layer_type ("dropout");
  guint id = 0;

  /* The output feeds exactly one node: in between, and what follows makes room. */
  take (f, wb_graph_edit_add_after (f->analysis, dropout, f->dense, &id));
  g_assert_cmpuint (nn_design_edge_into (f->design, id, 0)->from, ==, f->dense);
  g_assert_cmpuint (nn_design_edge_into (f->design, f->code, 0)->from, ==, id);
  g_assert_cmpfloat (nn_design_node (f->design, id)->x, ==, 252);
  g_assert_cmpfloat (nn_design_node (f->design, f->code)->x, ==, 252 + 126);
  g_assert_cmpfloat (nn_design_node (f->design, f->loss)->x, ==, 504 + 126);
  g_assert_cmpfloat (nn_design_node (f->design, f->input)->x, ==, -126);

  /* After a loss: before it. */
  take (f, wb_graph_edit_add_after (f->analysis, dropout, f->loss, &id));
  g_assert_cmpuint (nn_design_edge_into (f->design, f->loss, 0)->from, ==, id);
  g_assert_cmpuint (nn_design_edge_into (f->design, id, 0)->from, ==, f->output);
}

static void
test_build_by_adding (void)
{
  g_autoptr (NnDataInfo) info = nn_data_peek ("digits", NULL);
  Fixture f = { .data = info };
  guint id = 0;

  take (&f, nn_design_new ());
  take (&f, wb_graph_edit_add (f.analysis, nn_layer_type ("input"), 0, 0, &id));
  f.input = id;
  take (&f, wb_graph_edit_add_after (f.analysis, nn_layer_type ("dense"), id, &id));
  take (&f, wb_graph_edit_add_after (f.analysis, nn_layer_type ("reconstruction-loss"), id, &id));
  /* The loss is aimed at the only input there is, even while sizes differ, so that it can be said.
   */
  g_assert_cmpuint (nn_design_n_edges (f.design), ==, 3);
  g_assert_cmpuint (nn_design_edge_into (f.design, id, 1)->from, ==, f.input);
  g_assert_false (nn_analysis_can_train (f.analysis));
  nn_design_unref (f.design);
  nn_analysis_unref (f.analysis);
}

static void
test_insert_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint id = 0;

  g_assert_null (wb_graph_edit_insert (f->analysis, nn_layer_type ("reconstruction-loss"), f->code,
                                       0, &id, &error));
  g_assert_nonnull (error);
}

static void
test_free_input (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  /* A loop fits nowhere, and says why. */
  g_assert_cmpint (wb_graph_edit_free_input (f->analysis, f->output, 0, f->dense, &error), ==, -1);
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_cmpint (wb_graph_edit_free_input (f->analysis, f->output, 0, f->input, &error), ==, -1);
  g_assert_nonnull (error);
}

static void
test_copy_paste (Fixture *f, gconstpointer data)
{
  g_autofree char *text = wb_graph_edit_copy (f->design, (guint[]){ f->dense, f->code }, 2);
  g_autoptr (GArray) ids = NULL;
  g_autoptr (GError) error = NULL;
  NnDesign *pasted = wb_graph_edit_paste (f->design, text, 24, 48, &ids, &error);
  guint first, second;

  g_assert_no_error (error);
  take (f, pasted);
  g_assert_cmpuint (ids->len, ==, 2);
  first = g_array_index (ids, guint, 0);
  second = g_array_index (ids, guint, 1);
  g_assert_cmpuint (nn_design_n_nodes (f->design), ==, 8);
  g_assert_cmpfloat (nn_design_node (f->design, first)->x, ==, 126 + 24);
  g_assert_cmpfloat (nn_design_node (f->design, second)->y, ==, 48);
  g_assert_cmpuint (nn_design_edge_into (f->design, second, 0)->from, ==, first);
  g_assert_null (nn_design_edge_into (f->design, first, 0));
  g_assert_null (wb_graph_edit_paste (f->design, "hello", 0, 0, &ids, &error));
  g_assert_nonnull (error);
}

static gboolean
overlap (const WbArea *a, const WbArea *b)
{
  return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height
         && b->y < a->y + a->height;
}

/* A classifier on a code stands on no decoder's ground. */
static void
test_grounds_of_classifier (void)
{
  g_autoptr (NnDesign) design = nn_lesson_design ("features:classifier", NULL);
  g_autoptr (NnDataInfo) data =
      nn_data_peek (nn_params_text (nn_design_data (design), "name"), NULL);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, data, 0);
  g_autoptr (WbGraphGeometry) geometry = wb_graph_geometry_new (analysis, WB_CARD_FULL);
  WbArea rect;

  g_assert_true (wb_graph_geometry_ground (geometry, WB_GROUND_ENCODER, &rect));
  g_assert_true (wb_graph_geometry_ground (geometry, WB_GROUND_CODE, &rect));
  g_assert_false (wb_graph_geometry_ground (geometry, WB_GROUND_DECODER, &rect));
}

/* The cards of a lesson lie apart, with their real heights. */
static void
test_lessons_apart (void)
{
  guint n_lessons;
  const NnLesson *lessons = nn_lessons (&n_lessons);

  for (guint i = 0; i < n_lessons; i++)
    {
      g_autoptr (NnDesign) design = nn_lesson_design (lessons[i].id, NULL);
      g_autoptr (NnDataInfo) data =
          nn_data_peek (nn_params_text (nn_design_data (design), "name"), NULL);
      g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, data, 0);
      WbGraphGeometry *geometry = wb_graph_geometry_new (analysis, WB_CARD_FULL);

      for (guint k = 1; k < wb_graph_geometry_n_nodes (geometry); k++)
        for (guint j = 0; j < k; j++)
          if (overlap (&wb_graph_geometry_node_at (geometry, j)->rect,
                       &wb_graph_geometry_node_at (geometry, k)->rect))
            g_error ("%s: %s lies on %s", lessons[i].id, nn_design_node_at (design, k)->name,
                     nn_design_node_at (design, j)->name);
      wb_graph_geometry_free (geometry);
    }
}

/* Two losses, two lanes: far out there is room for one label. */
static void
test_lane_labels (Fixture *f, gconstpointer data)
{
  const guint loss = add (f, "reconstruction-loss", 0, 630);
  WbGraphGeometry *geometry;
  const WbEdgePath *upper, *lower;

  join (f, f->output, loss, 0);
  join (f, f->input, loss, 1);
  geometry = wb_graph_geometry_new (f->analysis, WB_CARD_COMPACT);
  upper = find_path (geometry, f->loss, 1);
  lower = find_path (geometry, loss, 1);
  g_assert_cmpfloat (lower->label.y, >, upper->label.y);
  g_assert_true (wb_graph_geometry_has_label (geometry, upper, 14));
  g_assert_true (wb_graph_geometry_has_label (geometry, lower, 14));
  g_assert_false (wb_graph_geometry_has_label (geometry, upper, 14 / 0.4));
  g_assert_true (wb_graph_geometry_has_label (geometry, lower, 14 / 0.4));
  wb_graph_geometry_free (geometry);
}

static double
thumbnail_aspect (const NnShape *shape, double room)
{
  g_autofree float *values = g_new0 (float, (gsize)nn_shape_size (shape));
  g_autoptr (WbThumbnail) thumbnail =
      wb_thumbnail_new (WB_THUMBNAIL_VALUES, shape, NULL, values, room, WB_SCHEME_LIGHT);

  return thumbnail->aspect;
}

/* Maps and cells fill what there is, an image keeps its form. */
static void
test_thumbnail_room (void)
{
  const NnShape maps = { 3, { 4, 4, 32 } }, cells = { 1, { 64 } }, image = { 3, { 8, 4, 1 } };

  g_assert_cmpfloat (thumbnail_aspect (&maps, 2), >, 1.4);
  g_assert_cmpfloat (thumbnail_aspect (&maps, 0.5), <, 0.7);
  g_assert_cmpfloat (thumbnail_aspect (&cells, 4), ==, 2);
  g_assert_cmpfloat (thumbnail_aspect (&cells, 1.5), ==, 1.5);
  g_assert_cmpfloat (thumbnail_aspect (&cells, 0.2), ==, 1);
  g_assert_cmpfloat (thumbnail_aspect (&image, 3), ==, 0.5);
  /* Between full and compact cards pictures change, further out they stay. */
  g_assert_cmpfloat (wb_card_picture_room (WB_CARD_COMPACT, 66, 190), <, 0.5);
  g_assert_cmpfloat (wb_card_picture_room (WB_CARD_COMPACT, 66, 190), ==,
                     wb_card_picture_room (WB_CARD_TINY, 66, 190));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/graph/cards", test_cards);
  ADD ("/graph/ports", test_ports);
  ADD ("/graph/edges", test_edges);
  ADD ("/graph/lane-labels", test_lane_labels);
  ADD ("/graph/grounds", test_grounds);
  ADD ("/graph/band", test_band);
  ADD ("/graph/free-spot", test_free_spot);
  ADD ("/graph/walk", test_walk);
  ADD ("/graph/snap", test_snap);
  ADD ("/graph/place", test_place);
  g_test_add_func ("/graph/view", test_view);
  g_test_add_func ("/graph/grounds-of-classifier", test_grounds_of_classifier);
  g_test_add_func ("/graph/lessons-apart", test_lessons_apart);
  g_test_add_func ("/graph/thumbnail-room", test_thumbnail_room);
  ADD ("/graph/edit/add-after", test_add_after);
  g_test_add_func ("/graph/edit/build", test_build_by_adding);
  ADD ("/graph/edit/insert-refused", test_insert_refused);
  ADD ("/graph/edit/free-input", test_free_input);
  ADD ("/graph/edit/copy-paste", test_copy_paste);
  return g_test_run ();
}
