/* nn-lesson-text.h: the text of a lesson: steps of paragraphs, things to try, questions to answer
 * before trying. lesson.md of a project file; resources/lessons/ID.md of a built-in lesson.
 *
 *   # Simple autoencoder              the lesson's title
 *   viewers: loss | reconstruction    viewers it opens, panes separated by |
 *   locked: epochs of training        what the student may not change: PARAMETER of OWNER (a node's
 *   locked: graph                     name, training, optimizer, data), or the graph as a whole
 *   hidden: reset                     a control (train, step, reset, undo, layers, settings) of the
 * window that is not shown
 *
 *   ## Through the eye of a needle    a step
 *   -> node Code                      what it points at: node NAME, viewer ID, control NAME or a
 *                                     setting: control PARAMETER of OWNER, as in "locked:"
 *
 *   A paragraph goes on until an empty line. It may hold **strong** and *stressed* words, `code`,
 *   and [links](term:latent): to a term, layer:TYPE, node:NAME, viewer:ID, control:NAME.
 *
 *   - A line of a list.
 *
 *   $$ z = f(x) $$                    a formula in TeX's language
 *
 *   - [ ] Train for five epochs.      a task, ticked by itself once its condition holds
 *     when: epochs >= 5               nn-lesson-condition.h; without: ticked by hand
 *     hint: Space does it, too.
 *
 *   ? What happens to the loss?       a question with one right answer
 *   ( ) It rises.
 *   (x) It falls.
 *   = Because every step goes downhill.
 *
 *   > A note for the teacher; students do not see it.
 *
 * Every text is one message for gettext: lines of a paragraph are joined by a space. Pure.
 */
#pragma once

#include "lesson/nn-lesson-condition.h"

G_BEGIN_DECLS

typedef enum
{
  NN_LESSON_PARAGRAPH,
  NN_LESSON_FORMULA,
  NN_LESSON_TASK,
  NN_LESSON_QUESTION,
  NN_LESSON_NOTE, /* for the teacher */
} NnLessonBlockKind;

typedef struct
{
  NnLessonBlockKind kind;
  guint line; /* where it begins, from 1 */
  char *text;
  /* TASK */
  NnLessonCondition *condition; /* NULL: the student ticks it */
  guint condition_line;
  char *hint; /* or NULL */
  /* QUESTION */
  GPtrArray *answers; /* char *, two or more */
  guint right;        /* index of the right one */
  char *because;      /* shown after the answer, or NULL */
} NnLessonBlock;

typedef enum
{
  NN_LESSON_POINT_NONE,
  NN_LESSON_POINT_NODE,    /* name: the node's */
  NN_LESSON_POINT_VIEWER,  /* id */
  NN_LESSON_POINT_CONTROL, /* "train", "inspector"; "units of Code": a setting */
  NN_LESSON_POINT_TERM,    /* of the glossary */
  NN_LESSON_POINT_LAYER,   /* type, in the reference */
} NnLessonPointKind;

typedef struct
{
  NnLessonPointKind kind;
  char *name; /* owned */
} NnLessonPoint;

typedef struct
{
  guint line;
  char *title;
  NnLessonPoint point;
  GPtrArray *blocks; /* NnLessonBlock */
} NnLessonStep;

typedef struct
{
  char *title;
  char *viewers;     /* "loss | reconstruction", or NULL: as they are */
  GPtrArray *locked; /* char *, "units of Code" */
  GPtrArray *hidden; /* char *, "reset" */
  GPtrArray *steps;  /* NnLessonStep, one or more */
} NnLessonText;

/* NN_ERROR_FORMAT names the line, what stands there and what was expected. (transfer full) */
NnLessonText *nn_lesson_text_parse (const char *text, GError **error);
/* The text as students may have it: without the teacher's notes, every other line as it is. A text
 * that cannot be read is refused as by nn_lesson_text_parse(). (transfer full) */
char *nn_lesson_text_without_notes (const char *text, GError **error);
void nn_lesson_text_free (NnLessonText *lesson);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnLessonText, nn_lesson_text_free)

/* Whether the lesson keeps a parameter of owner (a node's name, "training", "optimizer", "data")
 * from being changed; or, parameter NULL, owner as a whole ("graph"). lesson is nullable. */
gboolean nn_lesson_text_locks (const NnLessonText *lesson, const char *owner,
                               const char *parameter);
/* Says that the lesson keeps a parameter that owner has in design. (transfer full) */
char *nn_lesson_text_kept (const NnDesign *design, const char *owner, const char *parameter);
/* Why the lesson (nullable) does not let before become after: a sentence, or NULL: it does. A node
 * that has a locked setting keeps its name, too. (transfer full) */
char *nn_lesson_text_refusal (const NnLessonText *lesson, const NnDesign *before,
                              const NnDesign *after);
gboolean nn_lesson_text_hides (const NnLessonText *lesson, const char *control);

/* Names of the controls that a lesson can hide, NULL-terminated, static. */
const char *const *nn_lesson_controls (void);
/* Whether name is what a lesson on design can point at as a control: one that it can hide, a part
 * of the window or a setting. */
gboolean nn_lesson_has_control (const char *name, const NnDesign *design);
/* The owner in "PARAMETER of OWNER", part of text; NULL: it is no such name.
 * parameter: (out) (transfer full) */
const char *nn_lesson_setting_owner (const char *text, char **parameter);

/* What is wrong with the lesson for a network that begins as design: conditions that can never
 * hold, or wait for what is locked, nodes,
 * viewers, settings and controls that do not exist. One sentence with step and
 * line each, none: an empty list. viewers: ids of all there are; NULL: not checked. (transfer full)
 * (element-type utf8) */
GPtrArray *nn_lesson_text_check (const NnLessonText *lesson, NnDesign *design,
                                 const char *const *viewers);

/* "node:Code", as in a link, or "node Code". FALSE where the kind is not known. */
gboolean nn_lesson_point_parse (const char *text, NnLessonPoint *point);
void nn_lesson_point_clear (NnLessonPoint *point);

/* A paragraph as Pango markup; a link's href is what nn_lesson_point_parse() reads. Everything else
 * is escaped. (transfer full) */
char *nn_lesson_text_to_markup (const char *text);

G_END_DECLS
