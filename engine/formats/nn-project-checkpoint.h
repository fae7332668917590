/* nn-project-checkpoint.h: a checkpoint as entries of a project file.
 *
 * weights.safetensors    "NODE NAME/WEIGHT NAME"
 * optimizer.safetensors  "NODE NAME/WEIGHT NAME/SLOT NAME"
 * history.csv            nn_run_history_to_csv()
 * state.json             nn-project-state.h
 */
#pragma once

#include <json-glib/json-glib.h>

#include "formats/nn-zip.h"
#include "model/nn-design.h"
#include "train/nn-checkpoint.h"

G_BEGIN_DECLS

/* Weights that the design does not have (any more) are left out: the trainer would draw them anew.
 * extra: keys of newer minor versions for state.json, or NULL. */
void nn_project_checkpoint_write (GPtrArray *entries, const NnDesign *design,
                                  const NnCheckpoint *checkpoint, JsonObject *extra);

/* checkpoint (out): NULL where the archive has none. extra (out): keys of state.json that are not
 * known, or NULL. Everything is checked against the design. */
gboolean nn_project_checkpoint_read (GPtrArray *entries, const char *source, NnDesign *design,
                                     NnCheckpoint **checkpoint, JsonObject **extra, GError **error);

/* TRUE for an entry that the two above take care of. */
gboolean nn_project_checkpoint_has_entry (const char *name);

G_END_DECLS
