#include "diabolo-config.h"

#include "viewers/wb-film-strip.h"

#include "plots/wb-drawn.h"

#include <math.h>

#include "viewers/wb-grid-draw.h"

#define GAP 5
#define SIGN_ROOM 18 /* between pictures that are added */
#define MIN_SIDE 28
#define MAX_SIDE 72
#define MARK 2

struct _WbFilmStrip
{
  GtkWidget parent;

  NnDecodeResult *result; /* owned */
  gboolean walk;
  WbGridRow row;
};

G_DEFINE_FINAL_TYPE (WbFilmStrip, wb_film_strip, GTK_TYPE_WIDGET)

enum
{
  PICKED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static guint
n_pictures (WbFilmStrip *self)
{
  return self->result != NULL ? (guint)self->result->codes->shape.dim[0] - self->result->n_given
                              : 0;
}

static WbRect
picture_rect (WbFilmStrip *self, guint i, double width, double height)
{
  const guint n = n_pictures (self);
  const double gap = self->walk ? GAP : SIGN_ROOM, aspect = CLAMP (self->row.aspect, 0.5, 1.5);
  const double shared = (width - 2 * MARK + gap) / n - gap;
  const double side = floor (MAX (8, MIN (shared, MIN (height - 2 * MARK, MAX_SIDE) / aspect)));

  return (WbRect){ MARK + i * (side + gap), MARK, side, side * aspect };
}

/* The picture whose code is nearest to the ring; -1: it is nowhere near, as seen from its
 * neighbours. */
static gint
nearest (WbFilmStrip *self)
{
  const gsize n_values = (gsize)self->result->codes->shape.dim[1];
  const float *ring = self->result->codes->data;
  double best = INFINITY, step = 0;
  gint found = -1;

  if (self->result->n_given == 0)
    return -1;
  for (guint i = 0; i < n_pictures (self); i++)
    {
      const float *code = ring + (self->result->n_given + i) * n_values;
      double distance = 0, last = 0;

      for (gsize k = 0; k < n_values; k++)
        {
          distance += (code[k] - ring[k]) * (code[k] - ring[k]);
          last += i > 0 ? (code[k] - code[k - n_values]) * (code[k] - code[k - n_values]) : 0;
        }
      step = MAX (step, last);
      if (distance < best)
        {
          best = distance;
          found = (gint)i;
        }
    }
  return best <= step ? found : -1;
}

static void
draw_signs (WbFilmStrip *self, cairo_t *cr, PangoContext *context, double width, double height,
            WbScheme scheme)
{
  static const char *const names[] = { "−", "+", "=" };

  for (guint i = 0; i < MIN (n_pictures (self) - 1, G_N_ELEMENTS (names)); i++)
    {
      const WbRect rect = picture_rect (self, i, width, height);

      wb_figure_text (cr, context, names[i], rect.x + rect.width + SIGN_ROOM / 2.0,
                      rect.y + rect.height / 2, 0.5, wb_color (WB_COLOR_TEXT, scheme));
    }
}

static void
draw (WbFilmStrip *self, cairo_t *cr, PangoContext *context, double width, double height,
      WbScheme scheme)
{
  const guint n = n_pictures (self);
  const gsize size = self->result->values->size / (n + self->result->n_given);
  const gint marked = nearest (self);

  for (guint i = 0; i < n; i++)
    {
      const WbRect rect = picture_rect (self, i, width, height);

      wb_grid_draw_value (&self->row,
                          self->result->values->data + (self->result->n_given + i) * size, scheme,
                          FALSE, &rect, cr);
      if ((gint)i != marked)
        continue;
      const WbRect ring = { rect.x - 1, rect.y - 1, rect.width + 2, rect.height + 2 };
      wb_figure_rounded (cr, &ring, 4);
      wb_cairo_set_color (cr, wb_color (WB_COLOR_ACCENT, scheme), 1);
      cairo_set_line_width (cr, MARK);
      cairo_stroke (cr);
    }
  if (!self->walk)
    draw_signs (self, cr, context, width, height, scheme);
}

void
wb_film_strip_draw_figure (WbFilmStrip *self, cairo_t *cr, double width, double height)
{
  PangoContext *context = wb_figure_context ();

  if (n_pictures (self) > 0)
    draw (self, cr, context, width, height, WB_SCHEME_LIGHT);
  g_object_unref (context);
}

void
wb_film_strip_set_result (WbFilmStrip *self, NnDecodeResult *result, gboolean walk)
{
  g_return_if_fail (WB_IS_FILM_STRIP (self));
  nn_probe_result_ref (&result->base);
  if (self->result != NULL)
    nn_probe_result_unref (&self->result->base);
  self->result = result;
  self->walk = walk;
  self->row = wb_grid_row_of_shape (&result->decoder.shape, result->decoder.black,
                                    result->decoder.white, result->decoder.output, "output", "");
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
wb_film_strip_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WbFilmStrip *self = WB_FILM_STRIP (widget);
  const int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  const graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, width, height);
  cairo_t *cr;

  if (n_pictures (self) == 0 || width < 1 || height < 1)
    return;
  cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  draw (self, cr, gtk_widget_get_pango_context (widget), width, height, wb_scheme_current ());
  cairo_destroy (cr);
}

static void
wb_film_strip_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                       int *natural, int *minimum_baseline, int *natural_baseline)
{
  const gboolean across = orientation == GTK_ORIENTATION_HORIZONTAL;

  *minimum = across ? 5 * MIN_SIDE : MIN_SIDE + 2 * MARK;
  *natural = across ? 9 * MAX_SIDE : 46;
}

static void
pick (WbFilmStrip *self, gint position)
{
  if (position >= 0 && position < (gint)n_pictures (self))
    g_signal_emit (self, signals[PICKED], 0, (guint)position);
}

static void
pressed (WbFilmStrip *self, int n_press, double x, double y)
{
  const int width = gtk_widget_get_width (GTK_WIDGET (self));
  const int height = gtk_widget_get_height (GTK_WIDGET (self));

  gtk_widget_grab_focus (GTK_WIDGET (self));
  for (guint i = 0; i < n_pictures (self); i++)
    {
      const WbRect rect = picture_rect (self, i, width, height);

      if (x >= rect.x && x < rect.x + rect.width && y < rect.y + rect.height)
        pick (self, (gint)i);
    }
}

static gboolean
key_move (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  WbFilmStrip *self = WB_FILM_STRIP (widget);

  if (n_pictures (self) == 0)
    return FALSE;
  pick (self, nearest (self) + g_variant_get_int32 (args));
  return TRUE;
}

static void
wb_film_strip_dispose (GObject *object)
{
  WbFilmStrip *self = WB_FILM_STRIP (object);

  if (self->result != NULL)
    nn_probe_result_unref (&self->result->base);
  self->result = NULL;
  G_OBJECT_CLASS (wb_film_strip_parent_class)->dispose (object);
}

static void
wb_film_strip_class_init (WbFilmStripClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = wb_film_strip_dispose;
  widget_class->snapshot = wb_film_strip_snapshot;
  widget_class->measure = wb_film_strip_measure;
  signals[PICKED] = g_signal_new ("picked", WB_TYPE_FILM_STRIP, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  gtk_widget_class_set_css_name (widget_class, "wb-strip");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Left, 0, key_move, "i", -1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Right, 0, key_move, "i", 1);
}

static void
wb_film_strip_init (WbFilmStrip *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkGesture *click = gtk_gesture_click_new ();

  wb_drawn_set_up (widget, G_CALLBACK (gtk_widget_queue_draw));
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (pressed), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
}

GtkWidget *
wb_film_strip_new (void)
{
  return g_object_new (WB_TYPE_FILM_STRIP, NULL);
}
