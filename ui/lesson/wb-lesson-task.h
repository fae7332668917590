/* wb-lesson-task.h: one thing to try, with its tick, a hint and "Do it for me". */
#pragma once

#include "lesson/wb-lesson-tour.h"

G_BEGIN_DECLS

/* task belongs to the tour's text. */
GtkWidget *wb_lesson_task_new (WbLessonTour *tour, const NnLessonBlock *task);

G_END_DECLS
