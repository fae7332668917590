/* wb-lesson-page.h: one step of a lesson as it is read: text, formulas, things to try, questions,
 * and the way to the next. Links activate "win.point-at" with what they point at ("node:Code").
 */
#pragma once

#include "lesson/wb-lesson-tour.h"

G_BEGIN_DECLS

#define WB_TYPE_LESSON_PAGE (wb_lesson_page_get_type ())
G_DECLARE_FINAL_TYPE (WbLessonPage, wb_lesson_page, WB, LESSON_PAGE, GtkWidget)

GtkWidget *wb_lesson_page_new (void);
/* NULL: none. */
void wb_lesson_page_set_tour (WbLessonPage *page, WbLessonTour *tour);
/* Whether the teacher's notes are shown. */
void wb_lesson_page_set_notes (WbLessonPage *page, gboolean shown);
/* What the step is about gets a ring while the page can be seen, and anew by this. */
void wb_lesson_page_point (WbLessonPage *page);
/* The button to the next step. (transfer none) */
GtkWidget *wb_lesson_page_get_next (WbLessonPage *page);

/* ---- for what stands on the page ---- */
/* A wrapped label of a text in a lesson's markup (NULL: none yet), translated; its links work. */
GtkWidget *wb_lesson_label_new (const char *text);
void wb_lesson_label_set (GtkWidget *label, const char *text);
/* Before from goes away: where it has the focus, or holds what has it, to gets it. (GTK 4.8 itself
 * would move it to a label with links, and complain of a null pointer in gtk_label_grab_focus.) */
void wb_lesson_move_focus (GtkWidget *from, GtkWidget *to);

G_END_DECLS
