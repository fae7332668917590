/* nn-weights.h: the trained tensors of a network, kept by node id, name and shape, so that they
 * outlive edits: a layer that an edit does not touch keeps them, and undoing an edit finds the old
 * ones again. Belongs to one trainer and its thread.
 */
#pragma once

#include "model/nn-program.h"
#include "train/nn-checkpoint.h"

G_BEGIN_DECLS

typedef struct _NnWeights NnWeights;

NnWeights *nn_weights_new (void);
void nn_weights_free (NnWeights *weights);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnWeights, nn_weights_free)

/* Makes the tensors of program current, with n_slots of optimizer state. What is not there yet is
 * taken from checkpoint (nullable) or drawn from seed. reset (nullable): gets the ids of nodes that
 * had weights of that name in another shape and now start anew. */
void nn_weights_bind (NnWeights *weights, NnProgram *program, guint n_slots, guint64 seed,
                      const NnCheckpoint *checkpoint, GArray *reset);
/* Every optimizer state to zero, with no updates. */
void nn_weights_clear_slots (NnWeights *weights);
/* Draws all anew and forgets tensors that are not current. */
void nn_weights_reset (NnWeights *weights, guint64 seed);

/* Of the program bound last: data of each weight (borrowed, valid until the next bind). */
float *const *nn_weights_values (NnWeights *weights);
float *nn_weights_slot (NnWeights *weights, guint weight, guint slot);
/* Updates that a weight's optimizer state has seen: what corrects its bias. */
guint64 nn_weights_n_updates (NnWeights *weights, guint weight);
void nn_weights_count_update (NnWeights *weights, guint weight);

/* Copies values, slots and numbers of updates aside, and back. */
void nn_weights_keep (NnWeights *weights);
void nn_weights_restore (NnWeights *weights);

/* The current tensors become those of the checkpoint, optimizer state included; zero where it has
 * none. A weight that it does not have in this shape stays. */
void nn_weights_load (NnWeights *weights, const NnCheckpoint *checkpoint);
/* Fills values (one per program weight) with the checkpoint's own tensors, to be read only. FALSE
 * where one is missing or has another shape. */
gboolean nn_weights_of_checkpoint (const NnProgram *program, const NnCheckpoint *checkpoint,
                                   float **values);

/* Adds copies of all current tensors. */
void nn_weights_to_checkpoint (NnWeights *weights, NnCheckpoint *checkpoint);

G_END_DECLS
