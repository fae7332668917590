/* wb-segments.h: a pill of two linked buttons of which one is active. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* first and second (out, borrowed): the buttons; first is active. */
GtkWidget *wb_segments_new (const char *first_label, const char *first_tip,
                            const char *second_label, const char *second_tip,
                            GtkToggleButton **first, GtkToggleButton **second);

G_END_DECLS
