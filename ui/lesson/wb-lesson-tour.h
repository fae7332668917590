/* wb-lesson-tour.h: a student's way through a lesson: which step, what is done, what was answered.
 * It watches the document, ticks tasks whose condition holds, and remembers all of it between
 * starts, under the lesson's text.
 *
 * Signals: "changed": step, ticks, answers or whether there is a next stage to go on to.
 * "show-viewer" (char *id): a viewer is to be shown. Main thread only.
 */
#pragma once

#include "document/wb-document.h"
#include "lesson/nn-lesson-text.h"

G_BEGIN_DECLS

#define WB_TYPE_LESSON_TOUR (wb_lesson_tour_get_type ())
G_DECLARE_FINAL_TYPE (WbLessonTour, wb_lesson_tour, WB, LESSON_TOUR, GObject)

/* Ids of the viewers that can be seen, NULL-terminated. (transfer full) */
typedef char **(*WbViewersSeenFunc) (gpointer data);

/* text (transfer full); source is what it was read from. */
WbLessonTour *wb_lesson_tour_new (WbDocument *document, NnLessonText *text, const char *source);
/* One that is looked at only: it remembers nothing and ticks nothing by itself. */
WbLessonTour *wb_lesson_tour_new_preview (WbDocument *document, NnLessonText *text);
/* Lets go of the document; the tour stands still from then on. */
void wb_lesson_tour_end (WbLessonTour *tour);
void wb_lesson_tour_set_seen (WbLessonTour *tour, WbViewersSeenFunc seen, gpointer data);

const NnLessonText *wb_lesson_tour_text (WbLessonTour *tour);
guint wb_lesson_tour_step (WbLessonTour *tour);
void wb_lesson_tour_go (WbLessonTour *tour, guint step); /* beyond the last: the last */

/* ---- blocks of the text ---- */
gboolean wb_lesson_tour_is_done (WbLessonTour *tour, const NnLessonBlock *task);
/* By the student's own hand; a task with a condition cannot be unticked. */
void wb_lesson_tour_set_done (WbLessonTour *tour, const NnLessonBlock *task, gboolean done);
/* -1: none yet. */
gint wb_lesson_tour_answer (WbLessonTour *tour, const NnLessonBlock *question);
void wb_lesson_tour_set_answer (WbLessonTour *tour, const NnLessonBlock *question, guint answer);
/* FALSE: only the student can, or it is refused. */
gboolean wb_lesson_tour_can_help (WbLessonTour *tour, const NnLessonBlock *task);
/* Why the program will not do now what it could do otherwise: what it would change is locked, or
 * the network cannot be trained. NULL: there is no such reason. (transfer full) */
char *wb_lesson_tour_help_refusal (WbLessonTour *tour, const NnLessonBlock *task);
/* Does the whole task, its changes as one undo step; where it needs training, starts that and
 * pauses when it is done. */
void wb_lesson_tour_help (WbLessonTour *tour, const NnLessonBlock *task);

/* Tasks of a step that are not done. */
guint wb_lesson_tour_n_left (WbLessonTour *tour, guint step);
gboolean wb_lesson_tour_has_next_stage (WbLessonTour *tour);
/* Id of the program's lesson that follows this one, or of the lesson's next stage once there is an
 * epoch to go on with; NULL: it is the last, or not one of them. */
const char *wb_lesson_tour_next_lesson (WbLessonTour *tour);
/* Forgets ticks and answers and goes to the first step. */
void wb_lesson_tour_start_over (WbLessonTour *tour);

G_END_DECLS
