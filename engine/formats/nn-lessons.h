/* nn-lessons.h: the lessons that come with the program, compiled in, so that the window and the
 * command line offer the same ones with nothing installed.
 *
 * A lesson is a design (resources/lessons/ID.json), its text (ID.md, see nn-lesson-text.h) and one
 * row of the table in nn-lessons.c, in the order in which a course would take them. LESSON:PRESET
 * is the same network trained another way, or the next stage of one that is trained in stages:
 * resources/lessons/LESSON.PRESET.json holds only what differs, and its row follows the lesson's.
 * Of its keys, "without" lists ids of nodes that go, with their edges; "nodes" has new nodes, and
 * of those that the lesson has (by id) the members that differ, parameters one by one; "edges" are
 * added; any other key stands in place of the lesson's. Weights stay with the ids of their nodes,
 * so a stage goes on with those of the one before. Any thread.
 */
#pragma once

#include "formats/nn-project.h"
#include "lesson/nn-lesson-text.h"

G_BEGIN_DECLS

typedef struct
{
  const char *id;      /* "simple", "convolutional:adadelta": command line, files */
  const char *title;   /* "Simple autoencoder" */
  const char *summary; /* one sentence: what it shows */
  const char *after;   /* id of the lesson whose weights it goes on with; NULL: starts anew */
  const char *under;   /* id of the lesson that it is a variant of; NULL: of the one in its id */
} NnLesson;

/* In order, the first is what opens by default. Static, n (out) may be NULL. */
const NnLesson *nn_lessons (guint *n);

/* NULL if there is no such lesson. */
const NnLesson *nn_lesson (const char *id);

/* Id of the lesson that a list folds this one under: a preset or a stage belongs to its lesson; any
 * other lesson is its own. lesson is one of nn_lessons(). Static. */
const char *nn_lesson_family (const NnLesson *lesson);

/* What a chain of lessons that go on with each other (NnLesson.after) may count. */
#define NN_LESSON_MAX_STAGES 8

/* The chain that lesson (one of nn_lessons()) belongs to, from its first to its last. Returns how
 * many; 1: it is trained in one go. position (out, nullable): which of them lesson is. */
guint nn_lesson_stages (const NnLesson *lesson, const NnLesson *stages[NN_LESSON_MAX_STAGES],
                        guint *position);

/* The lesson whose text this is, letter by letter; of several with the same text, the one of that
 * title, if any. NULL: none, or text is NULL. */
const NnLesson *nn_lesson_with_source (const char *text, const char *title);

/* The lesson that a saved project is: by the id that it was saved under, whatever the program's
 * text has become since; by its text where it was saved without. NULL: none, or one that only a
 * newer program has. */
const NnLesson *nn_lesson_of_project (const NnProject *project);

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
