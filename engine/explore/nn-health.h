/* nn-health.h: what the gradients of one answer after another say about each node: units that never
 * fire, gradients that vanish or explode. Each finding has one bound to appear and an easier one to
 * go, and has to last for some answers, so that what is shown does not flicker.
 *
 * Vanishing: what reaches a layer is less than 1e-4 of what the layers nearest the output get. A
 * sigmoid passes on at most a quarter, so that is what six or seven of them leave (X. Glorot, Y.
 * Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010: such
 * stacks hardly move below the top). Exploding: it is more than 1000 times as much, or, everywhere,
 * more than 10 times what it was on average so far: the upper end of where R. Pascanu, T. Mikolov,
 * Y. Bengio, "On the difficulty of training recurrent neural networks", 2013, place the bound for
 * clipping the norm ("half to ten times this average"). Not a number is exploding, too.
 */
#pragma once

#include "explore/nn-gradients-probe.h"

G_BEGIN_DECLS

typedef enum
{
  NN_FINDING_DEAD = 1 << 0,
  NN_FINDING_VANISHING = 1 << 1,
  NN_FINDING_EXPLODING = 1 << 2, /* from the output to here */
  NN_FINDING_RUNAWAY = 1 << 3,   /* from what it was to what it is */
} NnFindingKind;

typedef struct
{
  guint node;
  guint kinds;                      /* NnFindingKind */
  guint n_dead, n_units, n_samples; /* DEAD: of so many units, over so many samples */
  double factor; /* VANISHING: how many times smaller than at the output; EXPLODING: larger;
                    RUNAWAY: larger than before. INFINITY: nothing arrives, or no number */
} NnFinding;

typedef struct _NnHealth NnHealth;

NnHealth *nn_health_new (void);
void nn_health_free (NnHealth *health);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnHealth, nn_health_free)

/* Another network: what was found is forgotten. */
void nn_health_clear (NnHealth *health);
/* An answer without error, newer than the one before. TRUE: what is found has changed. */
gboolean nn_health_take (NnHealth *health, const NnGradientsResult *result);
/* NULL where the node is well. Until the next answer is taken. */
const NnFinding *nn_health_find (const NnHealth *health, guint node);

G_END_DECLS
