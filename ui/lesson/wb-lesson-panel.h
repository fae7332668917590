/* wb-lesson-panel.h: the lesson at hand, and the lessons there are. Opening one activates
 * win.open-lesson with its id, and starting it over win.start-lesson-over; what a step points at
 * activates win.point-at.
 */
#pragma once

#include "lesson/wb-lesson-tour.h"

G_BEGIN_DECLS

#define WB_TYPE_LESSON_PANEL (wb_lesson_panel_get_type ())
G_DECLARE_FINAL_TYPE (WbLessonPanel, wb_lesson_panel, WB, LESSON_PANEL, GtkWidget)

GtkWidget *wb_lesson_panel_new (void);
void wb_lesson_panel_set_document (WbLessonPanel *panel, WbDocument *document);
/* How the panel learns which viewers can be seen. */
void wb_lesson_panel_set_seen (WbLessonPanel *panel, WbViewersSeenFunc seen, gpointer data);
/* NULL where the document is no lesson. (transfer none) */
WbLessonTour *wb_lesson_panel_get_tour (WbLessonPanel *panel);
/* Points anew at what the step is about: the viewers have been laid out. */
void wb_lesson_panel_point (WbLessonPanel *panel);

G_END_DECLS
