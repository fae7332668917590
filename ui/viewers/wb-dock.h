/* wb-dock.h: the viewers below the canvas, in panes side by side. Layout and settings of the pages
 * can be kept as text.
 */
#pragma once

#include "viewers/wb-dock-pane.h"

G_BEGIN_DECLS

#define WB_TYPE_DOCK (wb_dock_get_type ())
G_DECLARE_FINAL_TYPE (WbDock, wb_dock, WB, DOCK, GtkWidget)

/* Properties:
 * "document" (WbDocument): what all pages show.
 * "maximized" (boolean): one pane fills the dock; the window hides what stands around it. */
GtkWidget *wb_dock_new (void); /* with the default layout: loss left, reconstructions right */
void wb_dock_set_document (WbDock *dock, WbDocument *document);

/* Panes, pages, their settings, which are selected: one line of JSON. (transfer full) */
char *wb_dock_get_layout (WbDock *dock);
/* Viewers that do not exist (any more) are left out. FALSE: nothing in it can be shown; the dock
 * stays as it was. NN_ERROR_FORMAT. */
gboolean wb_dock_set_layout (WbDock *dock, const char *layout, GError **error);

gboolean wb_dock_get_maximized (WbDock *dock);
/* Shows the pane that was last used alone, or all again. */
void wb_dock_set_maximized (WbDock *dock, gboolean maximized);

guint wb_dock_n_panes (WbDock *dock);
WbDockPane *wb_dock_pane (WbDock *dock, guint position); /* (transfer none) */

/* A new page of that kind in pane (NULL: the last used), selected. (transfer none) */
WbViewer *wb_dock_add_page (WbDock *dock, WbDockPane *pane, const WbViewerType *type);
/* A page like `viewer`, set as that one is but showing another run, in the pane beside `pane`,
 * which is added where there is none. (transfer none) */
WbViewer *wb_dock_compare (WbDock *dock, WbDockPane *pane, WbViewer *viewer, guint64 run);
/* Selects a page of that kind, which is added where there is none. */
void wb_dock_show (WbDock *dock, const char *id);

/* ---- for panes ---- */
guint wb_dock_n_pages (WbDock *dock);
void wb_dock_close_page (WbDock *dock, WbDockPane *pane, WbViewer *viewer);
/* to NULL: a new pane right of `from`. */
void wb_dock_move_page (WbDock *dock, WbDockPane *from, WbViewer *viewer, WbDockPane *to,
                        guint position);
/* The pane beside it, to the right where there is one; NULL: it is alone. */
WbDockPane *wb_dock_other_pane (WbDock *dock, WbDockPane *pane);
/* Makes pane the one that is maximised or gets new pages. */
void wb_dock_use_pane (WbDock *dock, WbDockPane *pane);
void wb_dock_toggle_fullscreen (WbDock *dock);

G_END_DECLS
