/* wb-inspector.h: the right panel: what is selected, how it is trained, on what data. All made from
 * parameter tables.
 */
#pragma once

#include "document/wb-document.h"

G_BEGIN_DECLS

typedef enum
{
  WB_INSPECTOR_LAYER,
  WB_INSPECTOR_TRAINING,
  WB_INSPECTOR_DATA,
  WB_N_INSPECTOR_PAGES
} WbInspectorPage;

#define WB_TYPE_INSPECTOR (wb_inspector_get_type ())
G_DECLARE_FINAL_TYPE (WbInspector, wb_inspector, WB, INSPECTOR, GtkWidget)

GtkWidget *wb_inspector_new (void);
void wb_inspector_set_document (WbInspector *inspector, WbDocument *document);
void wb_inspector_show_page (WbInspector *inspector, WbInspectorPage page);
/* Brings a setting into sight: the page of its owner ("training", "optimizer", "data" or the name
 * of a node, which is selected), what it is folded into, its place. Its row; NULL: there is none.
 * (transfer none) */
GtkWidget *wb_inspector_reveal (WbInspector *inspector, const char *owner, const char *parameter);

G_END_DECLS
