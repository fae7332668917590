#include "viewers/wb-code-plane-draw.h"

#include <math.h>

#include "plots/wb-format.h"
#include "viewers/wb-grid-draw.h"

#define LABEL_GAP 7
#define TOP 5
#define RIGHT 5
#define MIN_TICK_ROOM 34
#define RING 10
#define RING_ROOM (RING + 3)
#define DOT 1.9
#define DOT_OPACITY 0.62
#define WALK_DOT 2
#define CARD_PICTURE 64
#define CARD_PADDING 8
#define CARD_DISTANCE 16

/* ---- geometry ---- */

double
wb_plane_axis_place (const WbPlaneAxis *axis, double value)
{
  const guint n = axis->n;
  guint i = 0;

  if (n < 2)
    return 0.5;
  while (i + 2 < n && value > axis->at[i + 1])
    i++;
  const double part = (value - axis->at[i]) / (axis->at[i + 1] - axis->at[i]);
  return (i + part + 0.5) / n;
}

double
wb_plane_axis_value (const WbPlaneAxis *axis, double place)
{
  const guint n = axis->n;

  if (n < 2)
    return axis->at[0];
  const double index = place * n - 0.5;
  const guint i = (guint)CLAMP (floor (index), 0, n - 2);
  return axis->at[i] + (index - i) * (axis->at[i + 1] - axis->at[i]);
}

void
wb_plane_axis_ticks (const WbPlaneAxis *axis, guint max_ticks, WbTicks *ticks)
{
  g_return_if_fail (max_ticks >= 3 && max_ticks <= WB_AXIS_MAX_TICKS);

  if (axis->spacing == NN_SPACING_EVEN || axis->n < 2)
    {
      wb_axis_ticks (WB_AXIS_LINEAR, wb_plane_axis_value (axis, 0), wb_plane_axis_value (axis, 1),
                     max_ticks, ticks);
      return;
    }
  *ticks = (WbTicks){ .n = MIN (max_ticks, axis->n) };
  for (guint i = 0; i < ticks->n; i++)
    {
      /* From both ends alike. */
      const guint from_end = MIN (i, ticks->n - 1 - i);
      const guint cell = (guint)round (from_end * (axis->n - 1.0) / (ticks->n - 1.0));

      ticks->value[i] = axis->at[i == from_end ? cell : axis->n - 1 - cell];
      wb_axis_format (ticks->value[i], 1, ticks->label[i]);
    }
}

void
wb_plane_layout (const NnCodeGrid *grid, double aspect, PangoContext *context, double width,
                 double height, WbPlaneLayout *layout)
{
  const double line = wb_figure_line_height (context);
  const double bottom = line + LABEL_GAP;
  const double left = wb_figure_text_width (context, "−0.0") + LABEL_GAP;
  WbRect *area = &layout->area;

  *layout = (WbPlaneLayout){ .strip = grid->x == grid->y };
  layout->x.n = layout->y.n = MIN (grid->n, WB_PLANE_MAX_STEPS);
  layout->x.spacing = layout->y.spacing = grid->spacing;
  nn_code_steps (grid->spacing, grid->x_low, grid->x_high, layout->x.n, layout->x.at);
  nn_code_steps (grid->spacing, grid->y_low, grid->y_high, layout->y.n, layout->y.at);
  if (layout->strip)
    layout->y = (WbPlaneAxis){ .n = 1 };
  const double rows = layout->strip ? 1.0 / layout->x.n : 1;
  const double room_x = width - (layout->strip ? RIGHT : left) - RIGHT;
  const double room_y = height - TOP - bottom;
  area->width = floor (MAX (20, MIN (room_x, room_y / (aspect * rows))));
  area->height = floor (MAX (8, area->width * aspect * rows));
  area->x = layout->strip ? RIGHT : left;
  area->y = layout->strip ? MAX (TOP, MIN (RING_ROOM, floor (room_y - area->height))) : TOP;
}

WbPoint
wb_plane_to_pixel (const WbPlaneLayout *layout, double x, double y)
{
  const WbRect *area = &layout->area;

  return (WbPoint){ area->x + area->width * wb_plane_axis_place (&layout->x, x),
                    area->y + area->height * (1 - wb_plane_axis_place (&layout->y, y)) };
}

WbPoint
wb_plane_from_pixel (const WbPlaneLayout *layout, double x, double y)
{
  const WbRect *area = &layout->area;
  const double across = CLAMP ((x - area->x) / area->width, 0, 1);
  const double up = 1 - CLAMP ((y - area->y) / area->height, 0, 1);

  return (WbPoint){ wb_plane_axis_value (&layout->x, across),
                    layout->strip ? 0 : wb_plane_axis_value (&layout->y, up) };
}

/* ---- pictures ---- */

#define LEVELS 256

/* Grey pictures by a table: a hundred thousand pixels many times a second. */
static cairo_surface_t *
tile_grey (const WbGridRow *row, const float *values, guint columns, guint rows, WbScheme scheme,
           gboolean inverted)
{
  const gsize width = row->width * columns, height = row->height * rows;
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int)width, (int)height);
  guint8 *pixels = cairo_image_surface_get_data (surface);
  const gsize stride = (gsize)cairo_image_surface_get_stride (surface);
  const float range = row->white - row->black;
  guint32 levels[LEVELS];

  for (guint i = 0; i < LEVELS; i++)
    levels[i] = wb_palette_argb (WB_PALETTE_GRAY, scheme,
                                 (float)(inverted ? LEVELS - 1 - i : i) / (LEVELS - 1));
  for (gsize y = 0; pixels != NULL && y < height; y++)
    {
      guint32 *line = (guint32 *)(gpointer)(pixels + y * stride);

      for (guint c = 0; c < columns; c++)
        {
          const float *from =
              values
              + ((y / row->height * columns + c) * row->height + y % row->height) * row->width;

          for (gsize x = 0; x < row->width; x++)
            *line++ =
                levels[(guint)(CLAMP ((from[x] - row->black) / range, 0, 1) * (LEVELS - 1) + 0.5f)];
        }
    }
  cairo_surface_mark_dirty (surface);
  return surface;
}

cairo_surface_t *
wb_plane_tile (const WbGridRow *row, const float *values, guint columns, guint rows,
               WbScheme scheme, gboolean inverted)
{
  const gsize line = row->width * row->channels, size = line * row->height;

  if (row->channels == 1)
    return tile_grey (row, values, columns, rows, scheme, inverted);
  g_autofree float *tiled = g_new (float, size *columns *rows);
  for (guint r = 0; r < rows; r++)
    for (guint c = 0; c < columns; c++)
      for (gsize y = 0; y < row->height; y++)
        memcpy (tiled + ((r * row->height + y) * columns + c) * line,
                values + ((gsize)r * columns + c) * size + y * line, line * sizeof (float));
  return wb_figure_surface (tiled, columns * row->width, rows * row->height, row->channels,
                            WB_PALETTE_GRAY, scheme, row->black, row->white);
}

static WbRect
cell_rect (const WbPlaneLayout *layout, guint column, guint row)
{
  const double width = layout->area.width / layout->x.n;
  const double height = layout->area.height / layout->y.n;

  return (WbRect){ layout->area.x + column * width, layout->area.y + row * height, width, height };
}

static void
draw_cells (const WbPlaneView *view, const WbPlaneLayout *layout, cairo_t *cr)
{
  const gsize size = view->row->width * view->row->height * view->row->channels;

  for (guint r = 0; r < layout->y.n; r++)
    for (guint c = 0; c < layout->x.n; c++)
      {
        WbRect rect = cell_rect (layout, c, r);

        rect =
            (WbRect){ rect.x + 1, rect.y + 1, MAX (1, rect.width - 2), MAX (1, rect.height - 2) };
        wb_grid_draw_value (view->row, view->values + (r * layout->x.n + c) * size, view->scheme,
                            view->inverted, &rect, cr);
      }
}

static void
draw_samples (const WbPlaneView *view, const WbPlaneLayout *layout, cairo_t *cr)
{
  const gsize n_values = view->grid->n_values;

  cairo_save (cr);
  cairo_rectangle (cr, layout->area.x, layout->area.y, layout->area.width, layout->area.height);
  cairo_clip (cr);
  for (gsize i = 0; i < view->samples->size / n_values; i++)
    {
      const float *code = view->samples->data + i * n_values;
      const WbPoint at = wb_plane_to_pixel (layout, code[view->grid->x], code[view->grid->y]);
      const gboolean labelled = view->labels != NULL && view->labels[i] >= 0;

      if (!isfinite (at.x) || !isfinite (at.y))
        continue;
      wb_cairo_set_color (cr,
                          labelled ? wb_color_class ((guint)view->labels[i], view->scheme)
                                   : wb_color (WB_COLOR_TRAIN, view->scheme),
                          DOT_OPACITY);
      cairo_arc (cr, at.x, at.y, DOT, 0, 2 * G_PI);
      cairo_fill (cr);
    }
  cairo_restore (cr);
}

/* ---- axes ---- */

static void
draw_axis (const WbPlaneAxis *axis, gboolean upright, const WbPlaneLayout *layout, cairo_t *cr,
           PangoContext *context, const GdkRGBA *color)
{
  const WbRect *area = &layout->area;
  const double extent = upright ? area->height : area->width;
  const double line = wb_figure_line_height (context);
  const double room = upright ? 1.6 * line : MIN_TICK_ROOM;
  WbTicks ticks;

  wb_plane_axis_ticks (axis, (guint)CLAMP (extent / room, 3, 9), &ticks);
  for (guint i = 0; i < ticks.n; i++)
    {
      const double place = extent * wb_plane_axis_place (axis, ticks.value[i]);

      if (upright)
        wb_figure_text (cr, context, ticks.label[i], area->x - LABEL_GAP,
                        area->y + area->height - place, 1, color);
      else
        wb_figure_text (cr, context, ticks.label[i], area->x + place,
                        area->y + area->height + LABEL_GAP + line / 2, 0.5, color);
    }
}

void
wb_plane_draw (const WbPlaneView *view, const WbPlaneLayout *layout, cairo_t *cr,
               PangoContext *context)
{
  const GdkRGBA *dim = wb_color (WB_COLOR_DIM, view->scheme);
  const WbRect *area = &layout->area;

  if (view->picture != NULL)
    {
      wb_figure_picture (cr, view->picture, area, TRUE);
    }
  else
    {
      cairo_rectangle (cr, area->x + 0.5, area->y + 0.5, area->width - 1, area->height - 1);
      wb_cairo_set_color (cr, wb_color (WB_COLOR_LINE, view->scheme), 1);
      cairo_set_line_width (cr, 1);
      cairo_stroke (cr);
      if (view->values != NULL && view->row != NULL)
        draw_cells (view, layout, cr);
    }
  if (view->samples != NULL)
    draw_samples (view, layout, cr);
  draw_axis (&layout->x, FALSE, layout, cr, context, dim);
  if (!layout->strip)
    draw_axis (&layout->y, TRUE, layout, cr, context, dim);
}

/* ---- ring ---- */

void
wb_plane_marks_place (WbPlaneMarks *marks, const WbPlaneView *view, const WbPlaneLayout *layout)
{
  static const GdkRGBA white = { 1, 1, 1, 1 };
  const gboolean dark_ground = view->picture != NULL && !view->inverted;
  const guint x = view->grid->x, y = view->grid->y, n_values = view->grid->n_values;
  const WbRect *area = &layout->area;

  marks->n = view->walk != NULL ? view->walk->size / n_values : 0;
  marks->walk = g_new (WbPoint, marks->n);
  for (gsize i = 0; i < marks->n; i++)
    marks->walk[i] = wb_plane_to_pixel (layout, view->walk->data[i * n_values + x],
                                        view->walk->data[i * n_values + y]);
  marks->ring = wb_plane_to_pixel (layout, view->point[x], view->point[y]);
  marks->color = dark_ground ? &white : wb_color (WB_COLOR_TEXT, view->scheme);
  marks->clip = *area;
  if (layout->strip) /* the ring is larger */
    marks->clip = (WbRect){ area->x - RING_ROOM, area->y - RING_ROOM, area->width + 2 * RING_ROOM,
                            area->height + 2 * RING_ROOM };
}

void
wb_plane_marks_clear (WbPlaneMarks *marks)
{
  g_clear_pointer (&marks->walk, g_free);
}

static gboolean
is_somewhere (WbPoint place)
{
  return isfinite (place.x) && isfinite (place.y);
}

static void
draw_walk (const WbPlaneMarks *marks, cairo_t *cr)
{
  static const double dashes[] = { 1, 4 };

  wb_cairo_set_color (cr, marks->color, 0.85);
  cairo_set_line_width (cr, 1.5);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
  cairo_new_path (cr);
  for (gsize i = 0; i < marks->n; i++)
    if (is_somewhere (marks->walk[i]))
      cairo_line_to (cr, marks->walk[i].x, marks->walk[i].y);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
  for (gsize i = 0; i < marks->n; i += MAX (1, marks->n - 1))
    if (is_somewhere (marks->walk[i]))
      {
        cairo_arc (cr, marks->walk[i].x, marks->walk[i].y, WALK_DOT, 0, 2 * G_PI);
        cairo_fill (cr);
      }
}

static void
draw_ring (const WbPlaneMarks *marks, cairo_t *cr)
{
  static const GdkRGBA white = { 1, 1, 1, 1 };

  cairo_arc (cr, marks->ring.x, marks->ring.y, RING, 0, 2 * G_PI);
  wb_cairo_set_color (cr, &white, 0.95);
  cairo_set_line_width (cr, 5.5);
  cairo_stroke_preserve (cr);
  wb_cairo_set_color (cr, wb_color (WB_COLOR_ACCENT, WB_SCHEME_LIGHT), 1);
  cairo_set_line_width (cr, 2.5);
  cairo_stroke (cr);
}

void
wb_plane_marks_draw (const WbPlaneMarks *marks, cairo_t *cr)
{
  cairo_save (cr);
  cairo_rectangle (cr, marks->clip.x, marks->clip.y, marks->clip.width, marks->clip.height);
  cairo_clip (cr);
  if (marks->n > 0)
    draw_walk (marks, cr);
  if (is_somewhere (marks->ring))
    draw_ring (marks, cr);
  cairo_restore (cr);
}

/* draw() in a node of its own, as large as the n places and the room around them. */
static void
append (const WbPlaneMarks *marks, const WbPoint *places, gsize n, double room,
        void (*draw) (const WbPlaneMarks *marks, cairo_t *cr), GtkSnapshot *snapshot)
{
  const graphene_rect_t clip =
      GRAPHENE_RECT_INIT ((float)marks->clip.x, (float)marks->clip.y, (float)marks->clip.width,
                          (float)marks->clip.height);
  WbPoint low = { INFINITY, INFINITY }, high = { -INFINITY, -INFINITY };
  graphene_rect_t box;

  for (gsize i = 0; i < n; i++)
    if (is_somewhere (places[i]))
      {
        low = (WbPoint){ MIN (low.x, places[i].x), MIN (low.y, places[i].y) };
        high = (WbPoint){ MAX (high.x, places[i].x), MAX (high.y, places[i].y) };
      }
  if (low.x > high.x)
    return;
  graphene_rect_init (&box, (float)floor (low.x - room), (float)floor (low.y - room),
                      (float)ceil (high.x - low.x + 2 * room + 1),
                      (float)ceil (high.y - low.y + 2 * room + 1));
  if (!graphene_rect_intersection (&box, &clip, &box))
    return;
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &box);
  draw (marks, cr);
  cairo_destroy (cr);
}

void
wb_plane_marks_snapshot (const WbPlaneMarks *marks, GtkSnapshot *snapshot)
{
  append (marks, marks->walk, marks->n, WALK_DOT, draw_walk, snapshot);
  append (marks, &marks->ring, 1, RING_ROOM, draw_ring, snapshot);
}

char *
wb_plane_name (guint dimension)
{
  static const char *const digits[] = { "₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉" };
  g_autofree char *number = g_strdup_printf ("%u", dimension + 1);
  GString *name = g_string_new ("z");

  for (const char *at = number; *at != '\0'; at++)
    g_string_append (name, digits[*at - '0']);
  return g_string_free (name, FALSE);
}

static char *
hover_text (const WbPlaneView *view, const WbPoint *value)
{
  g_autofree char *x_name = wb_plane_name (view->grid->x), *y_name = wb_plane_name (view->grid->y);
  char x[24], y[24];

  wb_axis_format (value->x, 2, x);
  wb_axis_format (value->y, 2, y);
  if (view->grid->x == view->grid->y)
    return g_strdup_printf ("%s <b>%s</b>", x_name, x);
  return g_strdup_printf ("%s <b>%s</b>  %s <b>%s</b>", x_name, x, y_name, y);
}

void
wb_plane_draw_hover (const WbPlaneView *view, const WbPlaneLayout *layout, double x, double y,
                     cairo_t *cr, PangoContext *context, double width, double height)
{
  const WbPoint value = wb_plane_from_pixel (layout, x, y);
  g_autofree char *text = hover_text (view, &value);
  const double line = wb_figure_line_height (context);
  const gboolean pictured = view->row != NULL && view->values != NULL;
  const double side = pictured ? CARD_PICTURE : 0;
  WbRect card = { 0, 0, MAX (wb_figure_text_width (context, text), side) + 2 * CARD_PADDING,
                  line + 2 * CARD_PADDING };

  card.height += pictured ? side * CLAMP (view->row->aspect, 0.25, 1) + CARD_PADDING : 0;
  card.x = x + CARD_DISTANCE + card.width < width ? x + CARD_DISTANCE
                                                  : MAX (0, x - CARD_DISTANCE - card.width);
  card.y = CLAMP (y - card.height / 2, 0, MAX (0, height - card.height));
  wb_figure_card (cr, &card, view->scheme);
  if (pictured)
    {
      const guint column = (guint)CLAMP ((x - layout->area.x) / layout->area.width * layout->x.n, 0,
                                         layout->x.n - 1);
      const guint row = (guint)CLAMP ((y - layout->area.y) / layout->area.height * layout->y.n, 0,
                                      layout->y.n - 1);
      const WbRect rect = { card.x + (card.width - side) / 2, card.y + CARD_PADDING, side,
                            side * CLAMP (view->row->aspect, 0.25, 1) };

      wb_grid_draw_value (view->row,
                          view->values
                              + ((gsize)row * layout->x.n + column)
                                    * (view->row->width * view->row->height * view->row->channels),
                          view->scheme, view->inverted, &rect, cr);
    }
  wb_figure_text (cr, context, text, card.x + card.width / 2,
                  card.y + card.height - CARD_PADDING - line / 2, 0.5,
                  wb_color (WB_COLOR_TEXT, view->scheme));
}
