#include "diabolo-config.h"

#include "lesson/nn-lesson-condition.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "base/nn-error.h"
#include "layers/nn-layer.h"
#include "optimizers/nn-optimizer.h"

/* Between the cards of a row, canvas pixels. */
#define CARD_STEP 126

typedef enum
{
  LESS,
  LESS_OR_EQUAL,
  EQUAL,
  GREATER_OR_EQUAL,
  GREATER,
} Comparison;

/* In the order in which they are looked for: the longer before what it begins with. */
static const struct
{
  const char *sign;
  Comparison comparison;
} signs[] = {
  { " <= ", LESS_OR_EQUAL }, { " >= ", GREATER_OR_EQUAL }, { " < ", LESS }, { " > ", GREATER },
  { " = ", EQUAL },
};

typedef struct
{
  const NnLessonQuantity *quantity; /* NULL: a parameter */
  char *parameter;                  /* its name, where it is one */
  char *argument;                   /* what the quantity is of; of a parameter, whose it is */
  char *after;                      /* LAYER: name of the node behind which it belongs, or NULL */
  Comparison comparison;
  char *text;    /* right of the sign */
  double number; /* the same, NaN where it is none */
} Clause;

struct _NnLessonCondition
{
  char *text;
  GPtrArray *clauses;
};

/* ---- reading ---- */

static void
clause_free (Clause *clause)
{
  g_free (clause->parameter);
  g_free (clause->argument);
  g_free (clause->after);
  g_free (clause->text);
  g_free (clause);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Clause, clause_free)

static const NnLessonQuantity *
find_quantity (const char *name)
{
  for (const NnLessonQuantity *const *quantity = nn_lesson_quantities (); *quantity; quantity++)
    if (g_str_equal ((*quantity)->name, name))
      return *quantity;
  return NULL;
}

static void
refuse_word (GError **error, const char *word)
{
  g_autoptr (GString) known = g_string_new (NULL);
  for (const NnLessonQuantity *const *quantity = nn_lesson_quantities (); *quantity; quantity++)
    g_string_append_printf (known, "%s%s", known->len > 0 ? ", " : "", (*quantity)->name);
  g_set_error (error, NN_ERROR, NN_ERROR_UNKNOWN,
               _ ("A condition cannot ask for “%s”. It can ask for %s, or for a parameter as in "
                  "“units of Code = 16”."),
               word, known->str);
}

/* The number that text is, as a whole; NaN for anything else. */
static double
number_of (const char *text)
{
  char *end;
  double number = g_ascii_strtod (text, &end);
  return end != text && *end == '\0' ? number : NAN;
}

/* Cuts "left sign right" in two; without a sign the clause asks for more than 0. */
static char *
read_comparison (const char *text, Clause *clause)
{
  for (guint i = 0; i < G_N_ELEMENTS (signs); i++)
    {
      const char *at = strstr (text, signs[i].sign);
      if (at == NULL)
        continue;
      clause->comparison = signs[i].comparison;
      clause->text = g_strstrip (g_strdup (at + strlen (signs[i].sign)));
      clause->number = number_of (clause->text);
      return g_strndup (text, (gsize)(at - text));
    }
  clause->comparison = GREATER;
  clause->text = g_strdup ("0");
  return g_strdup (text);
}

static gboolean
read_argument (Clause *clause, const char *rest, GError **error)
{
  gboolean wanted = clause->quantity->argument != NN_LESSON_ARGUMENT_NONE;
  if (wanted == (*rest == '\0'))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   wanted ? _ ("“%s” has to be followed by what it is asked of.")
                          : _ ("“%s” is followed by something it cannot be asked of."),
                   clause->quantity->name);
      return FALSE;
    }
  const char *after =
      clause->quantity->argument == NN_LESSON_ARGUMENT_LAYER ? strstr (rest, " after ") : NULL;
  clause->argument = after != NULL ? g_strndup (rest, (gsize)(after - rest)) : g_strdup (rest);
  if (after != NULL)
    clause->after = g_strdup (after + strlen (" after "));
  return TRUE;
}

static Clause *
read_clause (const char *text, GError **error)
{
  g_autoptr (Clause) clause = g_new0 (Clause, 1);
  g_autofree char *left = g_strstrip (read_comparison (text, clause));
  if (*left == '\0' || *clause->text == '\0')
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("“%s” compares nothing: a condition reads “epochs >= 5”."), text);
      return NULL;
    }
  gsize length = strcspn (left, " ");
  g_autofree char *word = g_strndup (left, length);
  const char *rest = left + length;
  rest += strspn (rest, " ");
  gboolean of = g_str_has_prefix (rest, "of ");
  if (of)
    rest += strlen ("of ");

  /* "epochs" is what has been trained, "epochs of training" a parameter. */
  clause->quantity = find_quantity (word);
  if (of && clause->quantity != NULL && clause->quantity->argument == NN_LESSON_ARGUMENT_NONE)
    clause->quantity = NULL;
  if (clause->quantity != NULL)
    {
      if (!read_argument (clause, rest, error))
        return NULL;
    }
  else if (of && *rest != '\0')
    {
      clause->parameter = g_steal_pointer (&word);
      clause->argument = g_strdup (rest);
    }
  else
    {
      refuse_word (error, word);
      return NULL;
    }
  if (clause->quantity != NULL && isnan (clause->number))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("“%s” is compared with “%s”, which is no number."), clause->quantity->name,
                   clause->text);
      return NULL;
    }
  return g_steal_pointer (&clause);
}

NnLessonCondition *
nn_lesson_condition_parse (const char *text, GError **error)
{
  g_return_val_if_fail (text != NULL, NULL);

  g_autoptr (NnLessonCondition) self = g_new0 (NnLessonCondition, 1);
  self->text = g_strstrip (g_strdup (text));
  self->clauses = g_ptr_array_new_with_free_func ((GDestroyNotify)clause_free);
  g_auto (GStrv) parts = g_strsplit (self->text, " and ", -1);
  for (guint i = 0; i == 0 || parts[i] != NULL; i++)
    {
      Clause *clause = read_clause (parts[i] != NULL ? parts[i] : "", error);
      if (clause == NULL)
        return NULL;
      g_ptr_array_add (self->clauses, clause);
    }
  return g_steal_pointer (&self);
}

void
nn_lesson_condition_free (NnLessonCondition *self)
{
  if (self == NULL)
    return;
  g_free (self->text);
  g_clear_pointer (&self->clauses, g_ptr_array_unref);
  g_free (self);
}

const char *
nn_lesson_condition_text (const NnLessonCondition *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->text;
}

gboolean
nn_lesson_condition_needs_codes (const NnLessonCondition *self)
{
  g_return_val_if_fail (self != NULL, FALSE);
  for (guint i = 0; i < self->clauses->len; i++)
    {
      const Clause *clause = g_ptr_array_index (self->clauses, i);
      if (clause->quantity != NULL && clause->quantity->of_codes)
        return TRUE;
    }
  return FALSE;
}

/* ---- parameters ---- */

const NnParams *
nn_lesson_params_of (const NnDesign *design, const char *owner, guint *node_id)
{
  *node_id = 0;
  if (g_str_equal (owner, "training"))
    return nn_design_training (design);
  if (g_str_equal (owner, "optimizer"))
    return nn_design_optimizer_params (design);
  if (g_str_equal (owner, "data"))
    return nn_design_data (design);
  const NnNode *node = nn_design_node_by_name (design, owner);
  if (node == NULL)
    return NULL;
  *node_id = node->id;
  return node->params;
}

static gboolean
compare (double value, Comparison comparison, double bound)
{
  switch (comparison)
    {
    case LESS:
      return value < bound;
    case LESS_OR_EQUAL:
      return value <= bound;
    case EQUAL:
      return fabs (value - bound) <= 1e-9 * MAX (1, fabs (bound));
    case GREATER_OR_EQUAL:
      return value >= bound;
    case GREATER:
      return value > bound;
    default:
      g_assert_not_reached ();
    }
}

static gboolean
parameter_holds (const Clause *clause, const NnDesign *design)
{
  guint node;
  const NnParams *params = nn_lesson_params_of (design, clause->argument, &node);
  if (params == NULL || nn_params_spec (params, clause->parameter) == NULL)
    return FALSE;
  g_autofree char *text = nn_params_to_text (params, clause->parameter);
  double value = number_of (text);
  if (g_str_equal (text, "true") || g_str_equal (text, "false"))
    value = g_str_equal (text, "true");
  if (isnan (value) || isnan (clause->number))
    {
      /* "off" and "no" are "false", too. */
      g_autoptr (NnParams) wanted =
          nn_params_with_text (params, clause->parameter, clause->text, NULL);
      g_autofree char *wanted_text =
          wanted != NULL ? nn_params_to_text (wanted, clause->parameter) : NULL;
      return clause->comparison == EQUAL && g_strcmp0 (text, wanted_text) == 0;
    }
  return compare (value, clause->comparison, clause->number);
}

/* ---- asking ---- */

static gboolean
clause_holds (const Clause *clause, const NnLessonFacts *facts)
{
  if (clause->quantity == NULL)
    return parameter_holds (clause, nn_analysis_design (facts->analysis));
  double value = clause->quantity->value (facts, clause->argument);
  return !isnan (value) && compare (value, clause->comparison, clause->number);
}

gboolean
nn_lesson_condition_holds (const NnLessonCondition *self, const NnLessonFacts *facts)
{
  g_return_val_if_fail (self != NULL && facts != NULL && facts->analysis != NULL, FALSE);
  for (guint i = 0; i < self->clauses->len; i++)
    if (!clause_holds (g_ptr_array_index (self->clauses, i), facts))
      return FALSE;
  return TRUE;
}

/* ---- can it ever hold? ---- */

static gboolean
refuse_node (GError **error, const char *name)
{
  g_set_error (error, NN_ERROR, NN_ERROR_UNKNOWN, _ ("The lesson's network has no node “%s”."),
               name);
  return FALSE;
}

static gboolean
check_argument (const Clause *clause, const NnDesign *design, const char *const *viewers,
                GError **error)
{
  switch (clause->quantity->argument)
    {
    case NN_LESSON_ARGUMENT_NODE:
      if (nn_design_node_by_name (design, clause->argument) == NULL)
        return refuse_node (error, clause->argument);
      return TRUE;
    case NN_LESSON_ARGUMENT_LAYER:
      if (nn_layer_type (clause->argument) == NULL)
        {
          g_set_error (error, NN_ERROR, NN_ERROR_UNKNOWN, _ ("There is no layer type “%s”."),
                       clause->argument);
          return FALSE;
        }
      if (clause->after != NULL && nn_design_node_by_name (design, clause->after) == NULL)
        return refuse_node (error, clause->after);
      return TRUE;
    case NN_LESSON_ARGUMENT_VIEWER:
      if (viewers == NULL || g_strv_contains (viewers, clause->argument))
        return TRUE;
      g_set_error (error, NN_ERROR, NN_ERROR_UNKNOWN, _ ("There is no viewer “%s”."),
                   clause->argument);
      return FALSE;
    case NN_LESSON_ARGUMENT_CLASS:
      if (number_of (clause->argument) >= 0)
        return TRUE;
      g_set_error (error, NN_ERROR, NN_ERROR_UNKNOWN, _ ("“%s” is no number of a class."),
                   clause->argument);
      return FALSE;
    case NN_LESSON_ARGUMENT_NONE:
    default:
      return TRUE;
    }
}

/* TRUE where some value of low..high satisfies the clause. */
static gboolean
can_reach (const Clause *clause, double low, double high)
{
  switch (clause->comparison)
    {
    case LESS:
      return low < clause->number;
    case LESS_OR_EQUAL:
      return low <= clause->number;
    case EQUAL:
      return low <= clause->number && clause->number <= high;
    case GREATER_OR_EQUAL:
      return clause->number <= high;
    case GREATER:
      return clause->number < high;
    default:
      g_assert_not_reached ();
    }
}

static gboolean
refuse_bound (const Clause *clause, const char *name, double low, double high, GError **error)
{
  g_set_error (error, NN_ERROR, NN_ERROR_RANGE,
               _ ("“%s” lies between %g and %g, so the condition with “%s” can never hold."), name,
               low, high, clause->text);
  return FALSE;
}

static gboolean
check_parameter (const Clause *clause, const NnDesign *design, GError **error)
{
  guint node;
  const NnParams *params = nn_lesson_params_of (design, clause->argument, &node);
  if (params == NULL)
    return refuse_node (error, clause->argument);
  const NnParamSpec *spec = nn_params_spec (params, clause->parameter);
  if (spec == NULL || isnan (clause->number))
    {
      g_autoptr (NnParams) changed =
          nn_params_with_text (params, clause->parameter, clause->text, error);
      return changed != NULL;
    }
  if ((spec->type == NN_PARAM_INT || spec->type == NN_PARAM_FLOAT || spec->type == NN_PARAM_BOOL)
      && !can_reach (clause, spec->min, spec->max))
    return refuse_bound (clause, clause->parameter, spec->min, spec->max, error);
  return TRUE;
}

static gboolean
same_thing (const Clause *a, const Clause *b)
{
  return a->quantity == b->quantity && g_strcmp0 (a->parameter, b->parameter) == 0
         && g_strcmp0 (a->argument, b->argument) == 0;
}

/* Each holds on one side of its number, or at it: if any value suits both, one of those tried does.
 */
static gboolean
can_both_hold (const Clause *a, const Clause *b)
{
  if (isnan (a->number) || isnan (b->number))
    return a->comparison != EQUAL || b->comparison != EQUAL || g_str_equal (a->text, b->text);
  const double low = MIN (a->number, b->number), high = MAX (a->number, b->number);
  const double step = 1 + MAX (fabs (low), fabs (high));
  const double tried[] = { low - step, low, (low + high) / 2, high, high + step };
  for (guint i = 0; i < G_N_ELEMENTS (tried); i++)
    if (compare (tried[i], a->comparison, a->number)
        && compare (tried[i], b->comparison, b->number))
      return TRUE;
  return FALSE;
}

static gboolean
check_earlier (const NnLessonCondition *self, guint i, GError **error)
{
  const Clause *clause = g_ptr_array_index (self->clauses, i);
  for (guint k = 0; k < i; k++)
    {
      const Clause *earlier = g_ptr_array_index (self->clauses, k);
      if (!same_thing (earlier, clause) || can_both_hold (earlier, clause))
        continue;
      g_set_error (error, NN_ERROR, NN_ERROR_RANGE,
                   _ ("“%s” is compared with “%s” and with “%s”; both can never hold at once."),
                   clause->quantity != NULL ? clause->quantity->name : clause->parameter,
                   earlier->text, clause->text);
      return FALSE;
    }
  return TRUE;
}

gboolean
nn_lesson_condition_check (const NnLessonCondition *self, NnDesign *design,
                           const char *const *viewers, GError **error)
{
  g_return_val_if_fail (self != NULL && design != NULL, FALSE);
  for (guint i = 0; i < self->clauses->len; i++)
    {
      const Clause *clause = g_ptr_array_index (self->clauses, i);
      const NnLessonQuantity *quantity = clause->quantity;
      if (quantity == NULL)
        {
          if (!check_parameter (clause, design, error))
            return FALSE;
        }
      else if (!check_argument (clause, design, viewers, error))
        return FALSE;
      else if (!can_reach (clause, quantity->low, quantity->high))
        return refuse_bound (clause, quantity->name, quantity->low, quantity->high, error);
      if (!check_earlier (self, i, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
nn_lesson_condition_changes (const NnLessonCondition *self, guint clause, const NnDesign *design,
                             const char **owner, const char **parameter)
{
  g_return_val_if_fail (self != NULL && design != NULL, FALSE);
  g_return_val_if_fail (clause < self->clauses->len, FALSE);
  const Clause *asked = g_ptr_array_index (self->clauses, clause);
  *owner = asked->argument;
  *parameter = asked->parameter;
  return asked->quantity == NULL && !parameter_holds (asked, design);
}

guint
nn_lesson_condition_n_clauses (const NnLessonCondition *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->clauses->len;
}

/* ---- do it for me ---- */

/* The nearest value of the parameter that satisfies the clause, as text. (transfer full) */
static char *
wanted_value (const Clause *clause, const NnParamSpec *spec)
{
  double step = spec->type == NN_PARAM_INT ? 1 : MAX (1e-6, fabs (clause->number) * 0.1);
  if (clause->comparison == LESS)
    return g_strdup_printf ("%g", clause->number - step);
  if (clause->comparison == GREATER && spec->type == NN_PARAM_BOOL)
    return g_strdup ("true");
  if (clause->comparison == GREATER)
    return g_strdup_printf ("%g", clause->number + step);
  return g_strdup (clause->text);
}

static NnDesign *
with_params (NnDesign *design, const char *owner, guint node, NnParams *params)
{
  if (node != 0)
    return nn_design_set_params (design, node, params);
  if (g_str_equal (owner, "training"))
    return nn_design_with_training (design, params);
  if (g_str_equal (owner, "data"))
    return nn_design_with_data (design, params);
  return nn_design_with_optimizer (design, nn_design_optimizer (design), params);
}

static void
help_with_parameter (const Clause *clause, NnDesign *design, NnLessonHelp *help)
{
  guint node;
  const NnParams *params = nn_lesson_params_of (design, clause->argument, &node);
  const NnParamSpec *spec = params != NULL ? nn_params_spec (params, clause->parameter) : NULL;
  if (spec == NULL)
    return;
  g_autofree char *value = wanted_value (clause, spec);
  g_autoptr (NnParams) changed = nn_params_with_text (params, clause->parameter, value, NULL);
  if (changed == NULL)
    return;
  help->kind = NN_LESSON_HELP_EDIT;
  help->design = with_params (design, clause->argument, node, changed);
  help->label = g_strdup_printf (_ ("Set %s"), _ (spec->title));
  help->owner = clause->argument;
  help->parameter = clause->parameter;
}

/* Puts a layer of the clause's type behind its node, into the first connection that leaves it, and
 * moves what stands to the right to make room. */
static void
help_with_layer (const Clause *clause, NnDesign *design, NnLessonHelp *help)
{
  const NnLayerType *type = nn_layer_type (clause->argument);
  const NnNode *after =
      clause->after != NULL ? nn_design_node_by_name (design, clause->after) : NULL;
  const NnEdge *edge = NULL;
  for (guint i = 0; after != NULL && edge == NULL && i < nn_design_n_edges (design); i++)
    if (nn_design_edge_at (design, i)->from == after->id)
      edge = nn_design_edge_at (design, i);
  if (type == NULL || edge == NULL || clause->comparison < GREATER_OR_EQUAL)
    return;
  g_autoptr (GArray) right = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    if (nn_design_node_at (design, i)->x > after->x)
      g_array_append_val (right, nn_design_node_at (design, i)->id);
  g_autoptr (NnDesign) moved =
      nn_design_move_nodes (design, &g_array_index (right, guint, 0), right->len, CARD_STEP, 0);
  guint id;
  g_autoptr (NnDesign) added =
      nn_design_add_node (moved, type, NULL, NULL, after->x + CARD_STEP, after->y, &id);
  help->design = nn_design_insert_into_edge (added, id, edge->to, edge->to_port, NULL);
  if (help->design == NULL)
    return;
  help->kind = NN_LESSON_HELP_EDIT;
  help->label = g_strdup_printf (_ ("Add %s"), _ (type->title));
}

static void
help_with_clause (const Clause *clause, NnDesign *design, NnLessonHelp *help)
{
  const NnLessonQuantity *quantity = clause->quantity;
  if (quantity == NULL)
    help_with_parameter (clause, design, help);
  else if (quantity->by_training)
    help->kind = NN_LESSON_HELP_TRAIN;
  else if (quantity->by_reset)
    help->kind = NN_LESSON_HELP_RESET;
  else if (quantity->argument == NN_LESSON_ARGUMENT_LAYER)
    help_with_layer (clause, design, help);
  else if (quantity->argument == NN_LESSON_ARGUMENT_VIEWER)
    {
      help->kind = NN_LESSON_HELP_SHOW;
      help->viewer = g_strdup (clause->argument);
    }
  else if (quantity->argument == NN_LESSON_ARGUMENT_NODE)
    {
      const NnNode *node = nn_design_node_by_name (design, clause->argument);
      if (node == NULL)
        return;
      help->kind = quantity->toggle != NULL ? NN_LESSON_HELP_EDIT : NN_LESSON_HELP_SELECT;
      help->node = node->id;
      if (quantity->toggle != NULL)
        {
          help->design = quantity->toggle (design, node->id);
          help->label = g_strdup_printf (_ ("Set %s"), node->name);
        }
    }
}

void
nn_lesson_condition_help (const NnLessonCondition *self, const NnLessonFacts *facts,
                          NnLessonHelp *help)
{
  g_return_if_fail (self != NULL && facts != NULL && help != NULL);
  *help = (NnLessonHelp){ 0 };
  for (guint i = 0; i < self->clauses->len; i++)
    {
      const Clause *clause = g_ptr_array_index (self->clauses, i);
      if (clause_holds (clause, facts))
        continue;
      help_with_clause (clause, nn_analysis_design (facts->analysis), help);
      return;
    }
}

void
nn_lesson_help_clear (NnLessonHelp *help)
{
  g_clear_pointer (&help->design, nn_design_unref);
  g_clear_pointer (&help->label, g_free);
  g_clear_pointer (&help->viewer, g_free);
  help->kind = NN_LESSON_HELP_NONE;
}
