/* nn-history.h: undo and redo as a list of designs. Main-thread object, no locks. */
#pragma once

#include "model/nn-design.h"

G_BEGIN_DECLS

typedef struct _NnHistory NnHistory;

NnHistory *nn_history_new (NnDesign *design); /* references design */
void nn_history_free (NnHistory *history);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnHistory, nn_history_free)

NnDesign *nn_history_design (NnHistory *history); /* (transfer none) */

/* label: "Add Dense", for "Undo Add Dense". merge: NULL, or a key such as "3.units": pushes with
 * the same key in a row become one step until nn_history_seal(). Drops what could be redone. */
void nn_history_push (NnHistory *history, NnDesign *design, const char *label, const char *merge);
void nn_history_seal (NnHistory *history);

const char *nn_history_undo_label (NnHistory *history); /* NULL: nothing to undo */
const char *nn_history_redo_label (NnHistory *history);
gboolean nn_history_undo (NnHistory *history);
gboolean nn_history_redo (NnHistory *history);

G_END_DECLS
