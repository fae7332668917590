/* wb-lesson-choices.h: the program's lessons as a list to choose from, variants folded under their
 * lesson, with how far the student has come in each. Main thread only.
 */
#pragma once

#include "lesson/nn-lesson-text.h"
#include "panels/wb-chooser.h"

G_BEGIN_DECLS

typedef struct
{
  guint step, n_steps; /* where the student is, from 0; steps in all */
  gboolean begun;      /* a step further than the first, a task done or a question answered */
  gboolean done;       /* at the last step, with every task done */
} WbLessonProgress;

/* Of a lesson's text, as it is remembered; source is what text was read from. */
void wb_lesson_progress (const NnLessonText *text, const char *source, WbLessonProgress *progress);
/* Group of the settings under which the progress through a text is remembered. (transfer full) */
char *wb_lesson_progress_group (const char *source);

/* icon: of every row, or NULL. (transfer full) */
WbChoices *wb_lesson_choices_new (const char *icon);

G_END_DECLS
