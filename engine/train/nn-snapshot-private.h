/* nn-snapshot-private.h: making snapshots. On the worker. */
#pragma once

#include "train/nn-session.h"

G_BEGIN_DECLS

/* Empty, with all arrays that are never NULL. (transfer full) */
NnSnapshot *nn_snapshot_new (void);

/* The newest answer of each probe. (transfer full result) */
void nn_snapshot_add_result (NnSnapshot *snapshot, NnProbeResult *result);
void nn_snapshot_add_reset_nodes (NnSnapshot *snapshot, const GArray *nodes);

/* Moves into snapshot what older has and nobody read: nothing gets lost. older (transfer full) is
 * the caller's alone. */
void nn_snapshot_absorb (NnSnapshot *snapshot, NnSnapshot *older);

G_END_DECLS
