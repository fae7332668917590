/* wb-scroll-past.h: a control that the wheel does not change in passing. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A slider or a spin button lets scrolling pass to what is around it, unless it has the focus. */
void wb_scroll_past (GtkWidget *control);

G_END_DECLS
