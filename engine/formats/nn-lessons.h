/* nn-lessons.h: the lessons that come with the program, compiled in, so that the window and the
 * command line offer the same ones with nothing installed.
 *
 * A lesson is a design (resources/lessons/ID.json), its text (ID.md, see nn-lesson-text.h) and one
 * row of the table in nn-lessons.c, in the order in which a course would take them. LESSON:PRESET
 * is the same network trained another way: resources/lessons/LESSON.PRESET.json holds only the keys
 * of the design that differ (title, data, training, optimizer), and its row follows the lesson's.
 * Any thread.
 */
#pragma once

#include "lesson/nn-lesson-text.h"

G_BEGIN_DECLS

typedef struct
{
  const char *id;      /* "simple", "convolutional:adadelta": command line, files */
  const char *title;   /* "Simple autoencoder" */
  const char *summary; /* one sentence: what it shows */
} NnLesson;

/* In order, the first is what opens by default. Static, n (out) may be NULL. */
const NnLesson *nn_lessons (guint *n);

/* NN_ERROR_UNKNOWN names the lessons there are. (transfer full) */
NnDesign *nn_lesson_design (const char *id, GError **error);
/* A preset has its lesson's text; a lesson without a text of its own is one step with its summary.
 * NULL where there is no such lesson. (transfer full) */
char *nn_lesson_source (const char *id);

/* The glossary's entry for a term, whatever its case: title and paragraphs; NULL: there is none.
 * Static. */
const NnLessonStep *nn_glossary_find (const char *term);
/* All of it, terms in alphabetical order. Static. */
const NnLessonText *nn_glossary (void);

G_END_DECLS
