/* nn-lesson-condition.h: what a step of a lesson waits for, in words a teacher can write:
 *
 *   epochs >= 5                      validation-loss < 0.11 and epochs >= 2
 *   units of Code = 16               learning-rate of optimizer >= 0.01
 *   has dropout after Dense 1        shows latent
 *
 * Clauses joined by "and"; each is a quantity, an argument where it takes one, and a comparison
 * (<, <=, =, >=, >). A quantity without a comparison holds where it is not 0. What there is to be
 * asked is a table: nn_lesson_quantities(). Any other word followed by "of" is a parameter: of a
 * node by its name, or of training, optimizer or data.
 *
 * Pure; any thread.
 */
#pragma once

#include "model/nn-analysis.h"
#include "train/nn-run-history.h"

G_BEGIN_DECLS

/* Codes of n samples, for the quantities that need them. All borrowed. */
typedef struct
{
  const float *codes; /* (n, n_units) */
  const gint *labels; /* (n), -1 where there is none */
  guint n, n_units;
} NnLessonCodes;

/* What conditions are asked about. All borrowed. */
typedef struct
{
  NnAnalysis *analysis;
  const NnRunHistory *runs;   /* the last run is the one that trains */
  guint n_earlier_runs;       /* the first ones, of earlier stages: they do not count */
  gboolean trains;            /* at this moment */
  gboolean drawn;             /* something, since the step began */
  double epochs_at_change;    /* of the last run when network or settings were last changed */
  const char *const *viewers; /* ids of those that can be seen, NULL-terminated; nullable */
  const GArray *selection;    /* guint, ids of nodes; nullable */
  const NnLessonCodes *codes; /* NULL: not known (yet) */
} NnLessonFacts;

typedef struct _NnLessonCondition NnLessonCondition;
typedef struct _NnLessonQuantity NnLessonQuantity;

typedef enum
{
  NN_LESSON_ARGUMENT_NONE,
  NN_LESSON_ARGUMENT_NODE,   /* its name */
  NN_LESSON_ARGUMENT_LAYER,  /* type, and "after NODE" where help may add it */
  NN_LESSON_ARGUMENT_VIEWER, /* id */
  NN_LESSON_ARGUMENT_CLASS,  /* number from 0 */
} NnLessonArgument;

struct _NnLessonQuantity
{
  const char *name;    /* "validation-loss" */
  const char *summary; /* "Loss over the test part after the last epoch" */
  const char *example; /* "validation-loss < 0.1": a condition that asks for it */
  NnLessonArgument argument;
  double low, high;     /* the values it can have */
  gboolean by_training; /* training on may make it true */
  gboolean by_reset;    /* another run from fresh weights may make it true */
  gboolean of_codes;    /* needs NnLessonFacts.codes */
  /* NaN: not known yet. */
  double (*value) (const NnLessonFacts *facts, const char *argument);
  /* Of a node that is so or is not: the design with it the other way around. (transfer full)
   * (nullable) */
  NnDesign *(*toggle) (NnDesign *design, guint node);
};

/* NULL-terminated, static. */
const NnLessonQuantity *const *nn_lesson_quantities (void);

/* NN_ERROR_FORMAT says what cannot be read, NN_ERROR_UNKNOWN names what there is in place of a
 * word that is not known. (transfer full) */
NnLessonCondition *nn_lesson_condition_parse (const char *text, GError **error);
void nn_lesson_condition_free (NnLessonCondition *condition);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnLessonCondition, nn_lesson_condition_free)

const char *nn_lesson_condition_text (const NnLessonCondition *condition);
gboolean nn_lesson_condition_needs_codes (const NnLessonCondition *condition);

/* FALSE where a part of it is not known yet. */
gboolean nn_lesson_condition_holds (const NnLessonCondition *condition, const NnLessonFacts *facts);

/* FALSE, and why, where it can never hold for the lesson that begins with this design: a node,
 * parameter, layer or viewer that does not exist, a number that the quantity cannot reach, or two
 * clauses that exclude each other.
 * viewers: ids of all there are, NULL: not checked. */
gboolean nn_lesson_condition_check (const NnLessonCondition *condition, NnDesign *design,
                                    const char *const *viewers, GError **error);

/* What a lesson's text calls training, optimizer, data or by a node's name (node_id, out: its id,
 * else 0); NULL: there is no such. Borrowed. */
const NnParams *nn_lesson_params_of (const NnDesign *design, const char *owner, guint *node_id);

guint nn_lesson_condition_n_clauses (const NnLessonCondition *condition);
/* TRUE where the clause waits for a parameter of owner (both borrowed) to be changed: it asks for
 * one, and design has another value. */
gboolean nn_lesson_condition_changes (const NnLessonCondition *condition, guint clause,
                                      const NnDesign *design, const char **owner,
                                      const char **parameter);

typedef enum
{
  NN_LESSON_HELP_NONE,   /* only the student can */
  NN_LESSON_HELP_TRAIN,  /* train until it holds */
  NN_LESSON_HELP_EDIT,   /* take design in place of the one there is */
  NN_LESSON_HELP_SHOW,   /* show the viewer of that id */
  NN_LESSON_HELP_SELECT, /* select node */
  NN_LESSON_HELP_RESET,  /* begin another run from fresh weights */
} NnLessonHelpKind;

typedef struct
{
  NnLessonHelpKind kind;
  NnDesign *design;              /* EDIT: owned */
  char *label;                   /* EDIT: owned, name of the undo step */
  const char *owner, *parameter; /* EDIT: what it changes, the condition's; NULL: the graph */
  char *viewer;                  /* SHOW: owned */
  guint node;                    /* SELECT */
} NnLessonHelp;

/* What would make the first clause true that does not hold: "do it for me". */
void nn_lesson_condition_help (const NnLessonCondition *condition, const NnLessonFacts *facts,
                               NnLessonHelp *help);
void nn_lesson_help_clear (NnLessonHelp *help);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NnLessonHelp, nn_lesson_help_clear)

G_END_DECLS
