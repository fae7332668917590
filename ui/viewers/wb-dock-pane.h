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
const WbViewerType *wb_dock_pane_page_type (WbDockPane *pane, guint position);
gboolean wb_dock_pane_page_is_made (WbDockPane *pane, guint position);
/* Makes the viewer where that was not done yet. (transfer none) */
WbViewer *wb_dock_pane_page (WbDockPane *pane, guint position);
/* How it is set, made or not. (transfer full) */
JsonObject *wb_dock_pane_save_page (WbDockPane *pane, guint position);
/* What its pages show, and those that are made later. */
void wb_dock_pane_set_document (WbDockPane *pane, WbDocument *document);
/* position: beyond the last appends. The page becomes the selected one. */
void wb_dock_pane_add (WbDockPane *pane, WbViewer *viewer, guint position);
/* A page behind the others whose viewer is made, and set to state, when it is first looked at. */
void wb_dock_pane_add_later (WbDockPane *pane, const WbViewerType *type, JsonObject *state);
void wb_dock_pane_remove (WbDockPane *pane, WbViewer *viewer);
void wb_dock_pane_select (WbDockPane *pane, WbViewer *viewer);
WbViewer *wb_dock_pane_selected (WbDockPane *pane); /* (transfer none) (nullable) */
/* The tab of the selected page. (transfer none) (nullable) */
GtkWidget *wb_dock_pane_selected_tab (WbDockPane *pane);
/* Called by the dock when what the page's menu offers may have changed. */
void wb_dock_pane_update (WbDockPane *pane);

G_END_DECLS
