/* wb-reveal.h: scrolling to what is spoken of. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Scrolls the widget into sight once it has its place: what is around it may just have been shown
 * or be unfolding. */
void wb_reveal (GtkWidget *widget);

G_END_DECLS
