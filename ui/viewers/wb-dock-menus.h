/* wb-dock-menus.h: the menus at the right end of a pane's tabs. Each is made anew when it opens, as
 * a GtkMenuButtonCreatePopupFunc whose user_data is the pane.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Of the selected page: its settings, whose weights it shows, saving and moving it. */
void wb_dock_menu_page (GtkMenuButton *button, gpointer pane);
/* What can be added. */
void wb_dock_menu_add (GtkMenuButton *button, gpointer pane);
/* The pages of the pane, the one shown marked. */
void wb_dock_menu_pages (GtkMenuButton *button, gpointer pane);

G_END_DECLS
