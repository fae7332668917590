/* wb-code-space.h: what manifold, decoder and latent plane share: one place in the space of codes
 * (the ring), the walk that is shown through it, and where the codes of the data lie. One for each
 * document; it follows the document's network by itself. Main thread only.
 *
 * Signals: "moved": ring or walk; "changed": size of the code or its range.
 */
#pragma once

#include "document/wb-document.h"
#include "explore/nn-node-values-probe.h"

G_BEGIN_DECLS

#define WB_TYPE_CODE_SPACE (wb_code_space_get_type ())
G_DECLARE_FINAL_TYPE (WbCodeSpace, wb_code_space, WB, CODE_SPACE, GObject)

/* Made by the document: wb_document_code_space(). (transfer full) */
WbCodeSpace *wb_code_space_new (WbDocument *document);

/* The document's ring, among the codes that another run's weights give. (transfer full) */
WbCodeSpace *wb_code_space_new_for_run (WbDocument *document, guint64 run);

/* D, 0 where the network has no code. */
guint wb_code_space_n_values (WbCodeSpace *space);

/* The ring (D). Until it is moved it is zero or, where the code is not sampled, the mean of the
 * data's codes. */
const float *wb_code_space_point (WbCodeSpace *space);
void wb_code_space_move (WbCodeSpace *space, const float *point);
void wb_code_space_move_along (WbCodeSpace *space, guint dimension, double value);

/* Codes (m, D) of the walk that is shown, or NULL. */
NnTensor *wb_code_space_walk (WbCodeSpace *space);
void wb_code_space_set_walk (WbCodeSpace *space, NnTensor *walk);

/* While anybody watches, some samples are encoded once a second at most. */
void wb_code_space_watch (WbCodeSpace *space);
void wb_code_space_unwatch (WbCodeSpace *space);

/* Where 98 % of the data's codes lie; -3 .. 3 before that is known. */
void wb_code_space_range (WbCodeSpace *space, guint dimension, double *low, double *high);
double wb_code_space_mean (WbCodeSpace *space, guint dimension);
double wb_code_space_deviation (WbCodeSpace *space, guint dimension);
/* Dimensions (D), those along which the data differs most first. */
const guint *wb_code_space_order (WbCodeSpace *space);
/* The samples' codes (n, D) and labels, or NULL. */
const NnNodeValuesResult *wb_code_space_samples (WbCodeSpace *space);

G_END_DECLS
