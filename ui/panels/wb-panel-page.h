/* wb-panel-page.h: base of the inspector's pages: a scrolled column that follows a document while
 * it can be seen, and the small pieces such a column is made of.
 */
#pragma once

#include "document/wb-document.h"

G_BEGIN_DECLS

#define WB_TYPE_PANEL_PAGE (wb_panel_page_get_type ())
G_DECLARE_DERIVABLE_TYPE (WbPanelPage, wb_panel_page, WB, PANEL_PAGE, GtkWidget)

struct _WbPanelPageClass
{
  GtkWidgetClass parent_class;

  /* Show the document (never NULL) as it is now. Called when the page comes into sight and after
   * each "changed", "selection-changed" and "state-changed" while it is there. */
  void (*update) (WbPanelPage *page);
  /* Optional: the same for the document's "snapshot", once a frame at most while the page is in
   * sight. */
  void (*news) (WbPanelPage *page);
};

void wb_panel_page_set_document (WbPanelPage *page, WbDocument *document);
WbDocument *wb_panel_page_document (WbPanelPage *page); /* NULL before one is set */
GtkWidget *wb_panel_page_box (WbPanelPage *page);       /* vertical column to fill */

/* ---- pieces ---- */
GtkWidget *wb_panel_section (const char *title); /* heading of a section */
GtkWidget *wb_panel_prose (const char *text);    /* wrapping, dim */
/* "name ........ value", value may hold markup. Grids of these: gtk_box_append() one after the
 * other. */
GtkWidget *wb_panel_fact (const char *name, const char *value_markup);
void wb_panel_clear (GtkWidget *box); /* a box, flow box or grid */

G_END_DECLS
