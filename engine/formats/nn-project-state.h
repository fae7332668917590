/* nn-project-state.h: state.json of a project file: where training is, and the fields of the data
 * set it was trained on: with the design they say which weights there must be, even where the data
 * set is missing.
 */
#pragma once

#include <json-glib/json-glib.h>

#include "data/nn-dataset.h"
#include "train/nn-checkpoint.h"

G_BEGIN_DECLS

/* Position, seed and optimizer of checkpoint. info: of the data set, or NULL. extra: keys of newer
 * minor versions, or NULL. (transfer full) */
char *nn_project_state_write (const NnCheckpoint *checkpoint, const NnDataInfo *info,
                              JsonObject *extra);

/* Fills checkpoint's position, seed and optimizer. info (out, transfer full): NULL where nothing is
 * said. extra (out, transfer full): keys that are not known, or NULL. where names the entry in
 * errors. */
gboolean nn_project_state_read (GBytes *bytes, const char *where, NnCheckpoint *checkpoint,
                                NnDataInfo **info, JsonObject **extra, GError **error);

/* Once the checkpoint has its entries: how many updates each has seen, where that is not the number
 * of steps. */
gboolean nn_project_state_read_updates (GBytes *bytes, const char *where, NnCheckpoint *checkpoint,
                                        GError **error);

G_END_DECLS
