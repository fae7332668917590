/* wb-lesson-question.h: a question to be answered before it is tried, and what is said then. */
#pragma once

#include "lesson/wb-lesson-tour.h"

G_BEGIN_DECLS

/* question belongs to the tour's text. */
GtkWidget *wb_lesson_question_new (WbLessonTour *tour, const NnLessonBlock *question);

G_END_DECLS
