/* wb-drawn.h: widgets that draw themselves: what they have in common, and a base for those that
 * keep their picture until something changes. Main thread. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A widget with a picture that is kept, and over it what comes and goes with the pointer. It takes
 * the focus, stays within its bounds and is drawn anew when its size, font or colours change. */
#define WB_TYPE_DRAWN (wb_drawn_get_type ())
G_DECLARE_DERIVABLE_TYPE (WbDrawn, wb_drawn, WB, DRAWN, GtkWidget)

struct _WbDrawnClass
{
  GtkWidgetClass parent_class;

  int min_width, min_height; /* twice as much is natural */
  /* Size or font have changed. May be NULL; the picture is drawn anew in any case. */
  void (*place) (WbDrawn *drawn);
  /* Whether there is anything to draw. */
  gboolean (*is_ready) (WbDrawn *drawn);
  /* The picture that is kept. */
  void (*draw) (WbDrawn *drawn, cairo_t *cr, PangoContext *context);
  /* It is to be drawn anew. May be NULL. */
  void (*invalidated) (WbDrawn *drawn);
  /* What lies over it, in every frame. May be NULL. */
  void (*snapshot_over) (WbDrawn *drawn, GtkSnapshot *snapshot);
};

/* The picture is drawn anew. */
void wb_drawn_invalidate (WbDrawn *drawn);
/* A cairo context over the whole widget. (transfer full) */
cairo_t *wb_drawn_append_cairo (WbDrawn *drawn, GtkSnapshot *snapshot);

/* ---- for any widget that draws itself ---- */

/* Calls changed (widget) when the colours of the desktop do: dark or light, high contrast. */
void wb_drawn_follow_scheme (GtkWidget *widget, GCallback changed);

/* A widget that takes the focus, stays within its bounds and follows the scheme. */
void wb_drawn_set_up (GtkWidget *widget, GCallback scheme_changed);

/* moved (self, x, y) wherever the pointer comes or goes within the widget, left (self) after that.
 */
void wb_drawn_add_pointer (GtkWidget *widget, gpointer self, GCallback moved, GCallback left);

G_END_DECLS
