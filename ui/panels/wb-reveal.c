#include "panels/wb-reveal.h"

#include <math.h>

#define MARGIN 24      /* px above and below */
#define SETTLED 3      /* frames in the same place: nothing unfolds any more */
#define MAX_FRAMES 120 /* nothing takes longer to unfold */

typedef struct
{
  double top; /* within what is scrolled */
  guint n_same, n_frames;
} Place;

static gboolean
reveal (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  GtkWidget *scrolled = gtk_widget_get_ancestor (widget, GTK_TYPE_SCROLLED_WINDOW);
  Place *place = data;
  graphene_rect_t bounds;

  if (place->n_frames++ == MAX_FRAMES)
    return G_SOURCE_REMOVE;
  if (gtk_widget_get_height (widget) == 0)
    return G_SOURCE_CONTINUE; /* this frame's layout is yet to come */
  if (scrolled == NULL || !gtk_widget_compute_bounds (widget, scrolled, &bounds))
    return G_SOURCE_REMOVE;
  GtkAdjustment *at = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled));
  const double above = bounds.origin.y, value = gtk_adjustment_get_value (at);
  const double below = above + bounds.size.height - gtk_widget_get_height (scrolled);
  place->n_same = fabs (above + value - place->top) < 1 ? place->n_same + 1 : 0;
  place->top = above + value;
  /* Of what is higher than the page, the beginning. */
  gtk_adjustment_set_value (
      at, value + (above < 0 ? above - MARGIN : MIN (MAX (below + MARGIN, 0), above)));
  return place->n_same < SETTLED ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

void
wb_reveal (GtkWidget *widget)
{
  g_return_if_fail (GTK_IS_WIDGET (widget));
  gtk_widget_add_tick_callback (widget, reveal, g_new0 (Place, 1), g_free);
}
