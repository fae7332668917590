/* wb-lesson-panel.h: the text of the lesson at hand, and the lessons there are. Opening one
 * activates win.open-lesson with its id.
 */
#pragma once

#include "document/wb-document.h"

G_BEGIN_DECLS

#define WB_TYPE_LESSON_PANEL (wb_lesson_panel_get_type ())
G_DECLARE_FINAL_TYPE (WbLessonPanel, wb_lesson_panel, WB, LESSON_PANEL, GtkWidget)

GtkWidget *wb_lesson_panel_new (void);
void wb_lesson_panel_set_document (WbLessonPanel *panel, WbDocument *document);

G_END_DECLS
