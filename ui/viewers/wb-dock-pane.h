/* wb-dock-pane.h: one side of the dock: a strip of tabs over the selected viewer. Pages are moved
 * by dragging tabs, from the menu, or with Ctrl+Shift+Page_Up/Down.
 */
#pragma once

#include "viewers/wb-viewer.h"

G_BEGIN_DECLS

#define WB_TYPE_DOCK_PANE (wb_dock_pane_get_type ())
G_DECLARE_FINAL_TYPE (WbDockPane, wb_dock_pane, WB, DOCK_PANE, GtkWidget)

GtkWidget *wb_dock_pane_new (void);

guint wb_dock_pane_n_pages (WbDockPane *pane);
WbViewer *wb_dock_pane_page (WbDockPane *pane, guint position); /* (transfer none) */
/* position: beyond the last appends. The page becomes the selected one. */
void wb_dock_pane_add (WbDockPane *pane, WbViewer *viewer, guint position);
void wb_dock_pane_remove (WbDockPane *pane, WbViewer *viewer);
void wb_dock_pane_select (WbDockPane *pane, WbViewer *viewer);
WbViewer *wb_dock_pane_selected (WbDockPane *pane); /* (transfer none) (nullable) */
/* Called by the dock when what the page's menu offers may have changed. */
void wb_dock_pane_update (WbDockPane *pane);

G_END_DECLS
