#include "canvas/wb-card-paint.h"

#include <math.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "plots/wb-figure.h"
#include "plots/wb-format.h"

#define RADIUS 9.0f
#define STRIP 4.0f
#define LOCK_SIZE 14
/* A finding where there is no room for a badge. */
#define TINY_MARK 22.0

/* The measures of both forms of card, in the card's own pixels. */
typedef struct
{
  double margin;         /* left and right of everything */
  double name_y, type_y; /* type_y 0: not shown */
  double picture_y;
  double footer; /* height of the tinted foot; 0: only the shape, at the bottom */
  double foot;   /* height of what is said there */
  double below;  /* least distance between picture and foot */
  double name_size, small_size, value_size;
  gboolean histogram;
} Measures;

static const Measures measures[WB_N_CARD_STYLES] = {
  [WB_CARD_FULL] = { 8, 9, 26, 46, 39, 39, 8, 13, 11, 18, TRUE },
  [WB_CARD_COMPACT] = { 7, 7, 0, 25, 0, 20, 3, 12, 11, 12, FALSE },
  [WB_CARD_TINY] = { 4, 0, 0, 14, 0, 0, 4, 0, 0, 0, FALSE },
};

/* Room that a picture leaves for the distribution on a full card, and when it needs not: the
 * tallest ones have room for both. */
#define FULL_PICTURE 2.0
#define TALL_PICTURE 1.0
#define TALL_FROM 300.0

/* Words that would fit if they were a little smaller, by no more than this, are so; others are cut
 * off. */
#define SMALLEST_TEXT 0.7

typedef struct
{
  GtkSnapshot *snapshot;
  GtkWidget *widget;
  const Measures *m;
  WbScheme scheme;
  double width, height;
  const WbCardLook *look;
  PangoContext *fonts;
} Painter;

typedef enum
{
  ALIGN_LEFT,
  ALIGN_RIGHT
} Align;

static void
paint_text (Painter *p, const char *text, double y, double size, gboolean bold, WbColor color,
            Align align, double reserve)
{
  g_autoptr (PangoLayout) layout = pango_layout_new (p->fonts);
  PangoAttrList *attributes = wb_figure_letters (size, bold);
  double room = p->width - 2 * p->m->margin - reserve, x;
  int width, height;
  cairo_t *cr;

  pango_layout_set_text (layout, text, -1);
  pango_layout_set_attributes (layout, attributes);
  pango_layout_get_pixel_size (layout, &width, NULL);
  if (width > room && room / width >= SMALLEST_TEXT)
    {
      size *= room / width;
      pango_attr_list_change (attributes, pango_attr_size_new_absolute ((int)(size * PANGO_SCALE)));
      pango_layout_set_attributes (layout, attributes);
    }
  pango_attr_list_unref (attributes);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_width (layout, (int)(room * PANGO_SCALE));
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  pango_layout_get_pixel_size (layout, &width, &height);

  if (align == ALIGN_RIGHT)
    pango_layout_set_width (layout, -1);
  x = align == ALIGN_LEFT ? p->m->margin : p->width - p->m->margin - width;
  /* Not gtk_snapshot_append_layout(): its glyphs are hinted for 100 % and cut off at other scales.
   */
  cr = gtk_snapshot_append_cairo (p->snapshot, &GRAPHENE_RECT_INIT ((float)x - 2, (float)y - 2,
                                                                    (float)MIN (width, room) + 4,
                                                                    (float)height + 4));
  cairo_move_to (cr, x, y);
  wb_cairo_set_color (cr, wb_color (color, p->scheme), 1);
  pango_cairo_show_layout (cr, layout);
  cairo_destroy (cr);
}

static GdkRGBA
with_alpha (const GdkRGBA *color, float alpha)
{
  GdkRGBA result = *color;

  result.alpha *= alpha;
  return result;
}

static void
paint_rect (Painter *p, double x, double y, double width, double height, const GdkRGBA *color)
{
  gtk_snapshot_append_color (p->snapshot, color,
                             &GRAPHENE_RECT_INIT ((float)x, (float)y, (float)width, (float)height));
}

static void
paint_outline (Painter *p, const GskRoundedRect *outline, double grow, float width,
               const GdkRGBA *color)
{
  GskRoundedRect rect = *outline;

  gsk_rounded_rect_shrink (&rect, (float)-grow, (float)-grow, (float)-grow, (float)-grow);
  gtk_snapshot_append_border (p->snapshot, &rect, (float[]){ width, width, width, width },
                              (GdkRGBA[]){ *color, *color, *color, *color });
}

/* Ground, strip, foot; a ring where the card is selected, wrong or focused. */
static void
paint_frame (Painter *p)
{
  const WbCardLook *look = p->look;
  gboolean wrong = look->text->problem != NULL && look->text->severity == NN_SEVERITY_ERROR;
  gboolean doubtful = look->text->problem != NULL && look->text->severity == NN_SEVERITY_WARNING;
  WbColor color = wrong            ? WB_COLOR_ERROR
                  : look->selected ? WB_COLOR_ACCENT
                  : doubtful       ? WB_COLOR_WARNING
                                   : WB_COLOR_LINE;
  GdkRGBA shadow =
      with_alpha (&(GdkRGBA){ 0, 0, 0, 1 }, wb_scheme_is_dark (p->scheme) ? .3f : .07f);
  GdkRGBA border =
      *wb_color (look->hover && color == WB_COLOR_LINE ? WB_COLOR_DIM : color, p->scheme);
  GskRoundedRect outline;

  gsk_rounded_rect_init_from_rect (
      &outline, &GRAPHENE_RECT_INIT (0, 0, (float)p->width, (float)p->height), RADIUS);
  if (wrong || look->selected)
    {
      GdkRGBA ring = with_alpha (wb_color (wrong ? WB_COLOR_ERROR : WB_COLOR_ACCENT, p->scheme),
                                 look->focus ? .7f : .36f);

      paint_outline (p, &outline, 3, 3, &ring);
    }
  else
    gtk_snapshot_append_outset_shadow (p->snapshot, &outline, &shadow, 0, 1, 0, 0);
  if (look->focus && !wrong && !look->selected)
    paint_outline (p, &outline, 5.5, 2, wb_color (WB_COLOR_ACCENT, p->scheme));

  gtk_snapshot_push_rounded_clip (p->snapshot, &outline);
  paint_rect (p, 0, 0, p->width, p->height, wb_color (WB_COLOR_CARD, p->scheme));
  paint_rect (p, 0, 0, p->width, STRIP, wb_color (WB_COLOR_INPUT + look->category, p->scheme));
  if (p->m->footer > 0)
    {
      GdkRGBA tint = with_alpha (wb_color (WB_COLOR_TEXT, p->scheme), .06f);

      paint_rect (p, 0, p->height - p->m->footer, p->width, p->m->footer, &tint);
      paint_rect (p, 0, p->height - p->m->footer, p->width, 1, wb_color (WB_COLOR_LINE, p->scheme));
    }
  gtk_snapshot_pop (p->snapshot);
  paint_outline (p, &outline, 0, look->selected || wrong ? 1.5f : 1, &border);
}

static void
paint_lock (Painter *p)
{
  GtkIconTheme *theme = gtk_icon_theme_get_for_display (gtk_widget_get_display (p->widget));
  g_autoptr (GtkIconPaintable) icon = gtk_icon_theme_lookup_icon (
      theme, "changes-prevent-symbolic", NULL, LOCK_SIZE, gtk_widget_get_scale_factor (p->widget),
      gtk_widget_get_direction (p->widget), 0);

  gtk_snapshot_save (p->snapshot);
  gtk_snapshot_translate (
      p->snapshot,
      &GRAPHENE_POINT_INIT ((float)(p->width - p->m->margin - LOCK_SIZE), (float)p->m->name_y + 2));
  gtk_symbolic_paintable_snapshot_symbolic (GTK_SYMBOLIC_PAINTABLE (icon), p->snapshot, LOCK_SIZE,
                                            LOCK_SIZE, wb_color (WB_COLOR_DIM, p->scheme), 1);
  gtk_snapshot_restore (p->snapshot);
}

static void
paint_histogram (Painter *p, double top, double height)
{
  const WbThumbnail *thumbnail = p->look->thumbnail;
  double left = p->m->margin, width = p->width - 2 * left, step = width / WB_THUMBNAIL_BINS;
  cairo_t *cr = gtk_snapshot_append_cairo (
      p->snapshot, &GRAPHENE_RECT_INIT ((float)left, (float)top, (float)width, (float)height + 1));

  wb_cairo_set_color (cr, wb_color (WB_COLOR_BAR, p->scheme), 1);
  for (guint i = 0; i < WB_THUMBNAIL_BINS; i++)
    {
      double bar = thumbnail->bins[i] > 0 ? MAX (thumbnail->bins[i] * height, 1) : 0;

      cairo_rectangle (cr, left + i * step + .4, top + height - bar, step - .8, bar);
    }
  cairo_fill (cr);
  wb_cairo_set_color (cr, wb_color (WB_COLOR_LINE, p->scheme), 1);
  cairo_rectangle (cr, left, top + height, width, 1);
  cairo_fill (cr);
  cairo_destroy (cr);
}

static void
paint_histogram_labels (Painter *p, double y)
{
  const WbThumbnail *thumbnail = p->look->thumbnail;
  g_autofree char *max = p->look->shows_gradient
                             ? wb_format_gradient (thumbnail->max)
                             : g_strdup_printf (fabs (thumbnail->max) < 100 ? "%.3g" : "%.0f",
                                                round (10 * thumbnail->max) / 10);
  g_autofree char *low = NULL;

  if (p->look->shows_gradient)
    low = g_strdup ("0");
  else if (thumbnail->zero >= 0.005)
    {
      g_autofree char *percent = wb_format_percent (thumbnail->zero);

      /* Translators: on a card, "34 % zero": how many of a layer's values are 0. */
      low = g_strdup_printf (_ ("%s zero"), percent);
    }
  else
    low = wb_format_value (round (100 * MIN (thumbnail->min, 0)) / 100);
  paint_text (p, low, y, p->m->small_size, FALSE, WB_COLOR_DIM, ALIGN_LEFT, 20);
  paint_text (p, max, y, p->m->small_size, FALSE, WB_COLOR_DIM, ALIGN_RIGHT, 0);
}

static void
paint_picture (Painter *p, double x, double y, double width, double height)
{
  const WbThumbnail *thumbnail = p->look->thumbnail;
  graphene_rect_t bounds = GRAPHENE_RECT_INIT ((float)x, (float)y, (float)width, (float)height);
  GskRoundedRect rounded;

  gsk_rounded_rect_init_from_rect (&rounded, &bounds, 3);
  gtk_snapshot_push_rounded_clip (p->snapshot, &rounded);
  if (thumbnail == NULL)
    {
      GdkRGBA tint = with_alpha (wb_color (WB_COLOR_TEXT, p->scheme), .06f);

      gtk_snapshot_append_color (p->snapshot, &tint, &bounds);
    }
  else if (thumbnail->smooth)
    gtk_snapshot_append_texture (p->snapshot, thumbnail->texture, &bounds);
  else
    wb_snapshot_append_pixels (p->snapshot, thumbnail->texture, &bounds);
  gtk_snapshot_pop (p->snapshot);
}

static double
picture_height (const Measures *m, double height)
{
  return height - m->picture_y - m->foot - m->below;
}

double
wb_card_picture_room (WbCardStyle style, double width, double height)
{
  const Measures *m = &measures[style];

  if (m->histogram)
    return height < TALL_FROM ? FULL_PICTURE : TALL_PICTURE;
  /* As on compact cards, so that zooming out makes no new pictures. */
  m = &measures[WB_CARD_COMPACT];
  return (width - 2 * m->margin) / MAX (picture_height (m, height), 1);
}

/* What lies between the names and the foot: picture, then distribution where there is room. */
static void
paint_values (Painter *p)
{
  const double label = 16, gap = 9, below = 10, foot = p->m->foot;
  double room = picture_height (p->m, p->height);
  double width = p->width - 2 * p->m->margin;
  double aspect = p->look->thumbnail != NULL ? p->look->thumbnail->aspect : 2;
  double height = MIN (width / aspect, room), shown, bars;

  if (height < 8)
    return;
  /* Cells may be squeezed, images may not. */
  shown = p->look->thumbnail != NULL && p->look->thumbnail->smooth ? MIN (width, height * aspect)
                                                                   : width;
  paint_picture (p, p->m->margin + (width - shown) / 2, p->m->picture_y, shown, height);
  bars = p->height - foot - below - label - p->m->picture_y - height - gap;
  if (!p->m->histogram || p->look->thumbnail == NULL || bars < 14)
    return;
  bars = MIN (bars, 64);
  paint_histogram (p, p->m->picture_y + height + gap, bars);
  paint_histogram_labels (p, p->m->picture_y + height + gap + bars + 3);
}

static void
paint_course (Painter *p, double y, double height)
{
  const WbCardLook *look = p->look;
  double left = p->m->margin, width = p->width - 2 * left;
  float min, max;
  cairo_t *cr;

  if (look->n_course < 2 || height < 6)
    return;
  wb_value_range (look->course, look->n_course, &min, &max);
  cr = gtk_snapshot_append_cairo (
      p->snapshot,
      &GRAPHENE_RECT_INIT ((float)left - 2, (float)y - 2, (float)width + 4, (float)height + 4));
  for (gsize i = 0; i < look->n_course; i++)
    {
      double part = max > min ? (look->course[i] - min) / (max - min) : 0.5;

      if (isfinite (look->course[i]))
        cairo_line_to (cr, left + width * i / (look->n_course - 1.0), y + height * (1 - part));
    }
  wb_cairo_set_color (cr, wb_color (WB_COLOR_TRAIN, p->scheme), 1);
  cairo_set_line_width (cr, 1.5);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static void
paint_loss (Painter *p)
{
  g_autofree char *value = wb_format_loss (p->look->loss);
  double y = p->m->type_y > 0 ? p->m->picture_y - 3 : p->m->picture_y - 2;

  paint_text (p, value, y, p->m->value_size, TRUE, WB_COLOR_TEXT, ALIGN_LEFT, 0);
  if (p->m->histogram)
    paint_course (p, y + 27, p->height - p->m->footer - y - 27 - 8);
}

/* A few pixels on the screen: no words, and no rounded corners, which take most of the time. */
static void
paint_tiny (Painter *p)
{
  const WbCardLook *look = p->look;
  gboolean wrong = look->text->problem != NULL && look->text->severity == NN_SEVERITY_ERROR;
  gboolean found = look->finding != NULL && look->finding->severity != NN_SEVERITY_HINT;
  const GdkRGBA *mark = wb_color (wrong ? WB_COLOR_ERROR : WB_COLOR_ACCENT, p->scheme);
  double ring = wrong || look->selected ? 8 : look->focus ? 4 : 0;

  if (ring > 0)
    paint_rect (p, -ring, -ring, p->width + 2 * ring, p->height + 2 * ring, mark);
  paint_rect (p, 0, 0, p->width, p->height, wb_color (WB_COLOR_CARD, p->scheme));
  paint_rect (p, 0, 0, p->width, p->m->picture_y - p->m->margin,
              wb_color (WB_COLOR_INPUT + look->category, p->scheme));
  if (look->thumbnail != NULL)
    {
      double width = p->width - 2 * p->m->margin;
      double height =
          MIN (width / look->thumbnail->aspect, p->height - p->m->picture_y - p->m->margin);

      gtk_snapshot_append_texture (p->snapshot, look->thumbnail->texture,
                                   &GRAPHENE_RECT_INIT ((float)p->m->margin, (float)p->m->picture_y,
                                                        (float)width, (float)height));
    }
  if (found)
    paint_rect (
        p, p->width - TINY_MARK, 0, TINY_MARK, TINY_MARK,
        wb_color (look->finding->severity == NN_SEVERITY_ERROR ? WB_COLOR_ERROR : WB_COLOR_WARNING,
                  p->scheme));
}

/* The two lines below the picture: what the node gives, and how much it has to learn or, instead,
 * how strongly it is pushed. */
static void
paint_foot (Painter *p)
{
  const WbCardLook *look = p->look;
  const double top = p->height - p->m->footer;
  const gboolean has_gradient = look->shows_gradient && !look->objective;
  g_autofree char *size =
      has_gradient && !isnan (look->gradient) ? wb_format_gradient (look->gradient) : NULL;
  /* Translators: on a card, "gradient 0.031". */
  g_autofree char *gradient = size != NULL   ? g_strdup_printf (_ ("gradient %s"), size)
                              : has_gradient ? g_strdup (_ ("no gradient"))
                                             : NULL;

  if (p->m->footer > 0)
    {
      paint_text (p, look->text->shape, top + 4, 12, TRUE, WB_COLOR_TEXT, ALIGN_LEFT, 0);
      paint_text (p, gradient != NULL ? gradient : look->text->params, top + 20, p->m->small_size,
                  FALSE, WB_COLOR_DIM, ALIGN_LEFT, 0);
    }
  else if (!look->objective)
    paint_text (p,
                size != NULL   ? size
                : has_gradient ? "–"
                               : look->text->shape,
                p->height - p->m->foot + 1, p->m->small_size, FALSE, WB_COLOR_DIM, ALIGN_LEFT, 0);
}

/* Letters keep their shape and distance at every zoom. */
static PangoContext *
make_fonts (GtkWidget *widget)
{
  PangoContext *context = gtk_widget_create_pango_context (widget);
  const cairo_font_options_t *usual = pango_cairo_context_get_font_options (context);
  cairo_font_options_t *options =
      usual != NULL ? cairo_font_options_copy (usual) : cairo_font_options_create ();

  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_antialias (options, CAIRO_ANTIALIAS_GRAY);
  pango_cairo_context_set_font_options (context, options);
  pango_context_set_round_glyph_positions (context, FALSE);
  cairo_font_options_destroy (options);
  return context;
}

void
wb_card_paint (GtkSnapshot *snapshot, GtkWidget *widget, WbCardStyle style, WbScheme scheme,
               double width, double height, const WbCardLook *look)
{
  Painter p = { snapshot, widget, &measures[style], scheme, width, height, look, NULL };
  const Measures *m = p.m;

  if (style == WB_CARD_TINY)
    {
      paint_tiny (&p);
      return;
    }
  p.fonts = make_fonts (widget);
  paint_frame (&p);
  paint_text (&p, look->text->name, m->name_y, m->name_size, TRUE, WB_COLOR_TEXT, ALIGN_LEFT,
              look->frozen ? LOCK_SIZE + 2 : 0);
  if (look->frozen)
    paint_lock (&p);
  if (m->type_y > 0)
    paint_text (&p, look->text->type, m->type_y, m->small_size, FALSE, WB_COLOR_DIM, ALIGN_LEFT, 0);
  if (look->objective)
    paint_loss (&p);
  else
    paint_values (&p);
  paint_foot (&p);
  g_object_unref (p.fonts);
}
