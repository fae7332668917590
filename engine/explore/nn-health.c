#include "explore/nn-health.h"

#include <math.h>

#define VANISHING_FROM 1e-4
#define VANISHING_UNTIL 1e-3
#define EXPLODING_FROM 1e3
#define EXPLODING_UNTIL 1e2
#define RUNAWAY_FROM 10
#define RUNAWAY_UNTIL 3
/* Answers in a row that a finding takes to appear or go, and a count of dead units to change. */
#define CONFIRM 3
#define CONFIRM_COUNT 2
/* Answers that make an average, and that it reaches back. */
#define AVERAGE_MIN 8
#define AVERAGE_MAX 40
/* A factor is told anew when it has changed by this much. */
#define FACTOR_CHANGE 2

typedef struct
{
  gboolean is_found;
  guint against; /* answers in a row that say the opposite */
} Mark;

typedef struct
{
  NnFinding finding;
  Mark vanishing, exploding, runaway;
  guint counted, n_counted; /* dead units as counted last, answers in a row that said so */
  double usual;             /* norm */
  guint n_answers;
} State;

struct _NnHealth
{
  GHashTable *states; /* id -> State */
  double usual;       /* reference */
  guint n_answers;
  guint64 step;
};

NnHealth *
nn_health_new (void)
{
  NnHealth *health = g_new0 (NnHealth, 1);

  health->states = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  return health;
}

void
nn_health_free (NnHealth *health)
{
  g_hash_table_unref (health->states);
  g_free (health);
}

void
nn_health_clear (NnHealth *health)
{
  g_hash_table_remove_all (health->states);
  health->n_answers = 0;
  health->usual = 0;
  health->step = 0;
}

/* from: beyond the bound to appear; until: beyond the one to stay. at_once: nothing was said
 * before. */
static void
update_mark (Mark *mark, gboolean from, gboolean until, gboolean at_once)
{
  const gboolean says = mark->is_found ? until : from;

  mark->against = says != mark->is_found ? mark->against + 1 : 0;
  if (mark->against < (at_once ? 1 : CONFIRM))
    return;
  mark->is_found = says;
  mark->against = 0;
}

static void
update_average (double *usual, guint *n, double value)
{
  *n = MIN (*n + 1, AVERAGE_MAX);
  *usual += (value - *usual) / *n;
}

/* TRUE: value is so many times what it usually is. */
static gboolean
exceeds (double value, double usual, guint n, double factor)
{
  return n >= AVERAGE_MIN && value > factor * usual;
}

static void
update_depth (State *state, const NnNodeGradient *gradient, double reference, gboolean first)
{
  const gboolean can_tell = gradient->learns && !gradient->last && reference > 0
                            && isfinite (reference) && isfinite (gradient->norm);
  const double part = can_tell ? gradient->norm / reference : 1;

  update_mark (&state->vanishing, part < VANISHING_FROM, part < VANISHING_UNTIL, first);
  update_mark (&state->exploding, part > EXPLODING_FROM, part > EXPLODING_UNTIL, first);
}

/* Only where the output's gradient grows as well: a layer that begins to learn late may get many
 * times more than at first. */
static void
update_runaway (NnHealth *health, State *state, const NnNodeGradient *gradient, double reference)
{
  const gboolean wild = gradient->learns && !isfinite (gradient->norm);
  const gboolean from = exceeds (reference, health->usual, health->n_answers, RUNAWAY_FROM)
                        && exceeds (gradient->norm, state->usual, state->n_answers, RUNAWAY_FROM);
  const gboolean until = exceeds (reference, health->usual, health->n_answers, RUNAWAY_UNTIL)
                         && exceeds (gradient->norm, state->usual, state->n_answers, RUNAWAY_UNTIL);

  update_mark (&state->runaway, wild || (gradient->learns && from),
               wild || (gradient->learns && until), wild);
  /* What runs away is not usual. */
  if (!wild && !from && !(state->runaway.is_found && until))
    update_average (&state->usual, &state->n_answers, gradient->norm);
}

static void
update_count (State *state, const NnNodeGradient *gradient, gboolean at_once)
{
  state->n_counted = gradient->n_dead == state->counted ? state->n_counted + 1 : 1;
  state->counted = gradient->n_dead;
  if (at_once || state->n_counted >= CONFIRM_COUNT)
    state->finding.n_dead = state->counted;
}

static double
factor_of (const State *state, const NnNodeGradient *gradient, double reference)
{
  if (state->runaway.is_found)
    return isfinite (gradient->norm) && state->usual > 0 ? gradient->norm / state->usual : INFINITY;
  if (state->vanishing.is_found)
    return gradient->norm > 0 ? reference / gradient->norm : INFINITY;
  return reference > 0 ? gradient->norm / reference : INFINITY;
}

static gboolean
is_other_factor (double old, double new)
{
  if (!isfinite (old) || !isfinite (new))
    return isfinite (old) != isfinite (new);
  return new > FACTOR_CHANGE *old || new < old / FACTOR_CHANGE;
}

/* TRUE: something is to be shown in another way. */
static gboolean
tell (State *state, const NnNodeGradient *gradient, const NnGradientsResult *result)
{
  NnFinding *finding = &state->finding;
  const NnFinding before = *finding;
  const gboolean has_factor =
      state->vanishing.is_found || state->exploding.is_found || state->runaway.is_found;
  const double factor = has_factor ? factor_of (state, gradient, result->reference) : 0;

  finding->kinds = (finding->n_dead > 0 ? NN_FINDING_DEAD : 0)
                   | (state->vanishing.is_found ? NN_FINDING_VANISHING : 0)
                   | (state->exploding.is_found ? NN_FINDING_EXPLODING : 0)
                   | (state->runaway.is_found ? NN_FINDING_RUNAWAY : 0);
  finding->n_units = gradient->n_units;
  finding->n_samples = result->n_window;
  if (finding->kinds != before.kinds || is_other_factor (before.factor, factor))
    finding->factor = factor;
  return finding->kinds != before.kinds || finding->factor != before.factor;
}

static gboolean
remove_gone (NnHealth *health, const NnGradientsResult *result)
{
  GHashTableIter iter;
  gpointer key, value;
  gboolean changed = FALSE;

  g_hash_table_iter_init (&iter, health->states);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (nn_gradients_result_find (result, GPOINTER_TO_UINT (key)) == NULL)
      {
        changed |= ((State *)value)->finding.kinds != 0;
        g_hash_table_iter_remove (&iter);
      }
  return changed;
}

gboolean
nn_health_take (NnHealth *health, const NnGradientsResult *result)
{
  /* Answers to the same weights only know more. */
  const gboolean same_weights = health->n_answers > 0 && health->step == result->base.step;
  gboolean changed = remove_gone (health, result);

  for (guint i = 0; i < result->nodes->len; i++)
    {
      const NnNodeGradient *gradient = g_ptr_array_index (result->nodes, i);
      State *state = g_hash_table_lookup (health->states, GUINT_TO_POINTER (gradient->node));
      const gboolean first = state == NULL;

      if (first)
        {
          state = g_new0 (State, 1);
          state->finding.node = gradient->node;
          g_hash_table_insert (health->states, GUINT_TO_POINTER (gradient->node), state);
        }
      const guint n_dead = state->finding.n_dead;
      update_depth (state, gradient, result->reference, first || same_weights);
      update_runaway (health, state, gradient, result->reference);
      update_count (state, gradient, first || same_weights);
      changed |= tell (state, gradient, result) || n_dead != state->finding.n_dead;
    }
  if (isfinite (result->reference)
      && !exceeds (result->reference, health->usual, health->n_answers, RUNAWAY_UNTIL))
    update_average (&health->usual, &health->n_answers, result->reference);
  health->step = result->base.step;
  return changed;
}

const NnFinding *
nn_health_find (const NnHealth *health, guint node)
{
  const State *state = g_hash_table_lookup (health->states, GUINT_TO_POINTER (node));

  return state != NULL && state->finding.kinds != 0 ? &state->finding : NULL;
}
