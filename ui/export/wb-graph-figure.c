#include "export/wb-graph-figure.h"

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>
#include <pango/pangocairo.h>

#include "canvas/wb-card-text.h"
#include "canvas/wb-graph-geometry.h"

#define MARGIN 24.0
#define RADIUS 9.0
#define STRIP 4.0
#define FOOT 39.0
#define INSET 8.0
#define GROUND_RADIUS 14.0
#define PORT_RADIUS 3.5
/* Of letters: names and shapes, all others, labels of grounds. */
#define LARGE 12.5
#define SMALL 10.5
#define LABEL 12.0
/* The least that long ones are made smaller to. */
#define SMALLEST 0.75

typedef struct
{
  cairo_t *cr;
  PangoContext *context;
  NnAnalysis *analysis;
  WbGraphGeometry *geometry;
  WbScheme scheme;
} Figure;

static void
set_color (Figure *f, WbColor color)
{
  wb_cairo_set_color (f->cr, wb_color (color, f->scheme), 1);
}

static PangoLayout *
make_layout (Figure *f, const char *text, double size, gboolean bold)
{
  PangoLayout *layout = pango_layout_new (f->context);
  PangoAttrList *attributes = pango_attr_list_new ();
  pango_attr_list_insert (attributes, pango_attr_size_new_absolute ((int)(size * PANGO_SCALE)));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  if (bold)
    pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  pango_layout_set_text (layout, text, -1);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  return layout;
}

/* Made smaller where it is wider than room, and cut with an ellipsis where that is not enough: on
 * paper nothing can be hovered. y: the top. */
static void
draw_text (Figure *f, const char *text, double size, gboolean bold, WbColor color, double x,
           double y, double room)
{
  g_autoptr (PangoLayout) layout = make_layout (f, text, size, bold);
  int width, height, fitted_height;
  pango_layout_get_pixel_size (layout, &width, &height);
  if (width > room)
    {
      g_object_unref (layout);
      layout = make_layout (f, text, size * MAX (0.98 * room / width, SMALLEST), bold);
      pango_layout_set_width (layout, (int)(room * PANGO_SCALE));
      pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
    }
  pango_layout_get_pixel_size (layout, NULL, &fitted_height);
  set_color (f, color);
  cairo_move_to (f->cr, x, y + (height - fitted_height) / 2.0);
  pango_cairo_show_layout (f->cr, layout);
  cairo_new_path (f->cr);
}

static void
draw_grounds (Figure *f)
{
  static const char *const titles[WB_N_GROUNDS] = { N_ ("Encoder"), N_ ("Code"), N_ ("Decoder") };
  for (guint g = 0; g < WB_N_GROUNDS; g++)
    {
      WbArea area;
      if (!wb_graph_geometry_ground (f->geometry, g, &area))
        continue;
      const WbRect rect = { area.x, area.y, area.width, area.height };
      wb_figure_rounded (f->cr, &rect, GROUND_RADIUS);
      set_color (f, WB_COLOR_ENCODER + g);
      cairo_fill (f->cr);
      draw_text (f, _ (titles[g]), LABEL, TRUE, WB_COLOR_ENCODER_TEXT + g, rect.x + 11, rect.y + 6,
                 rect.width - 22);
    }
}

/* Targets are dashed: nothing is computed along them. */
static void
draw_edges (Figure *f)
{
  cairo_set_line_join (f->cr, CAIRO_LINE_JOIN_ROUND);
  set_color (f, WB_COLOR_EDGE);
  for (guint i = 0; i < wb_graph_geometry_n_edges (f->geometry); i++)
    {
      const WbEdgePath *path = wb_graph_geometry_edge_at (f->geometry, i);
      const WbPoint *points = wb_graph_geometry_points (f->geometry, path);
      for (guint p = 0; p < path->n_points; p++)
        cairo_line_to (f->cr, points[p].x, points[p].y);
      cairo_set_line_width (f->cr, path->target ? 1.5 : path->width);
      cairo_set_dash (f->cr, (double[]){ 5, 4 }, path->target ? 2 : 0, 0);
      cairo_stroke (f->cr);
    }
  cairo_set_dash (f->cr, NULL, 0, 0);
}

static void
draw_ports (Figure *f, const WbNodeBox *box)
{
  cairo_set_line_width (f->cr, 1.2);
  for (guint i = 0; i < box->n_in + box->n_out; i++)
    {
      const gboolean output = i >= box->n_in;
      const WbPoint at = wb_node_box_port (box, output, output ? i - box->n_in : i);
      if (!output && !nn_design_edge_into (nn_analysis_design (f->analysis), box->id, i))
        continue;
      cairo_new_sub_path (f->cr);
      cairo_arc (f->cr, at.x, at.y, PORT_RADIUS, 0, 2 * G_PI);
      set_color (f, WB_COLOR_CARD);
      cairo_fill_preserve (f->cr);
      set_color (f, WB_COLOR_EDGE);
      cairo_stroke (f->cr);
    }
}

/* "in 784", what comes in on each port; nothing for an input. */
static void
draw_inputs (Figure *f, const WbNodeBox *box, double y)
{
  for (guint i = 0; i < box->n_in; i++)
    {
      const NnShape *shape = nn_analysis_input_shape (f->analysis, box->id, i);
      if (!shape || shape->rank < 0 || y + SMALL > box->rect.y + box->rect.height - FOOT)
        continue;
      g_autofree char *size = nn_shape_to_string (shape);
      /* Translators: on a layer's card, "in 28×28×1": the shape of what comes in. */
      g_autofree char *text = g_strdup_printf (_ ("in %s"), size);
      draw_text (f, text, SMALL, FALSE, WB_COLOR_DIM, box->rect.x + INSET, y,
                 box->rect.width - 2 * INSET);
      y += 14;
    }
}

static void
draw_card (Figure *f, const WbNodeBox *box)
{
  const WbRect rect = { box->rect.x, box->rect.y, box->rect.width, box->rect.height };
  const double left = rect.x + INSET, room = rect.width - 2 * INSET;
  const double foot = rect.y + rect.height - FOOT;
  WbCardText *text = wb_card_text_new (f->analysis, box->id);
  cairo_save (f->cr);
  wb_figure_rounded (f->cr, &rect, RADIUS);
  cairo_clip_preserve (f->cr);
  set_color (f, WB_COLOR_CARD);
  cairo_fill (f->cr);
  cairo_rectangle (f->cr, rect.x, rect.y, rect.width, STRIP);
  set_color (f, WB_COLOR_INPUT + box->category);
  cairo_fill (f->cr);
  cairo_rectangle (f->cr, rect.x, foot, rect.width, FOOT);
  wb_cairo_set_color (f->cr, wb_color (WB_COLOR_TEXT, f->scheme), .06);
  cairo_fill (f->cr);
  cairo_restore (f->cr);
  wb_figure_rounded (f->cr, &rect, RADIUS);
  set_color (f, WB_COLOR_LINE);
  cairo_set_line_width (f->cr, 1);
  cairo_stroke (f->cr);

  draw_text (f, text->name, LARGE, TRUE, WB_COLOR_TEXT, left, rect.y + 8, room);
  draw_text (f, text->type, SMALL, FALSE, WB_COLOR_DIM, left, rect.y + 25, room);
  draw_inputs (f, box, rect.y + 42);
  draw_text (f, text->shape, LARGE, TRUE, WB_COLOR_TEXT, left, foot + 4, room);
  draw_text (f, text->params, SMALL, FALSE, WB_COLOR_DIM, left, foot + 21, room);
  draw_ports (f, box);
  wb_card_text_free (text);
}

/* Letters as wide as they are drawn at any size, not as wide as whole pixels of a screen. */
static void
unhint (PangoContext *context)
{
  cairo_font_options_t *options = cairo_font_options_create ();
  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_NONE);
  pango_cairo_context_set_font_options (context, options);
  pango_context_set_round_glyph_positions (context, FALSE);
  cairo_font_options_destroy (options);
}

/* What is drawn, with a margin: grounds reach beyond cards, and curves beyond both. */
static WbArea
whole (const WbGraphGeometry *geometry)
{
  WbArea area;
  wb_graph_geometry_bounds (geometry, &area); /* 0 by 0 where there is nothing */
  return (WbArea){ area.x - MARGIN, area.y - MARGIN, area.width + 2 * MARGIN,
                   area.height + 2 * MARGIN };
}

void
wb_graph_figure_size (NnAnalysis *analysis, double *width, double *height)
{
  g_autoptr (WbGraphGeometry) geometry = wb_graph_geometry_new (analysis, WB_CARD_FULL);
  const WbArea area = whole (geometry);
  *width = area.width;
  *height = area.height;
}

void
wb_graph_figure_draw (cairo_t *cr, PangoContext *context, NnAnalysis *analysis, WbScheme scheme)
{
  g_autoptr (WbGraphGeometry) geometry = wb_graph_geometry_new (analysis, WB_CARD_FULL);
  Figure f = { cr, context, analysis, geometry, scheme };
  const WbArea area = whole (geometry);
  unhint (context);
  cairo_save (cr);
  set_color (&f, WB_COLOR_VIEWER);
  cairo_paint (cr);
  cairo_translate (cr, -area.x, -area.y);
  draw_grounds (&f);
  draw_edges (&f);
  for (guint i = 0; i < wb_graph_geometry_n_nodes (geometry); i++)
    draw_card (&f, wb_graph_geometry_node_at (geometry, i));
  cairo_restore (cr);
}
