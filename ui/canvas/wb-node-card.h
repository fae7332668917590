/* wb-node-card.h: one node of the graph as a card: names, live picture, distribution, sizes, ports.
 * A real, focusable child of the canvas; gestures and geometry belong to the canvas.
 */
#pragma once

#include "canvas/wb-finding-text.h"
#include "canvas/wb-graph-geometry.h"
#include "canvas/wb-port.h"
#include "explore/nn-gradients-probe.h"
#include "explore/nn-node-values-probe.h"

G_BEGIN_DECLS

#define WB_TYPE_NODE_CARD (wb_node_card_get_type ())
G_DECLARE_FINAL_TYPE (WbNodeCard, wb_node_card, WB, NODE_CARD, GtkWidget)

GtkWidget *wb_node_card_new (NnAnalysis *analysis, guint id);
guint wb_node_card_get_id (WbNodeCard *card);

/* Texts, ports and marks from a newer analysis. */
void wb_node_card_update (WbNodeCard *card, NnAnalysis *analysis);
void wb_node_card_set_style (WbNodeCard *card, WbCardStyle style);
void wb_node_card_set_selected (WbNodeCard *card, gboolean selected);
/* The node that Tab goes to: one of the canvas, the others are reached with the arrow keys. */
void wb_node_card_set_current (WbNodeCard *card, gboolean current);
/* A frame of class "pointed" around it, below its badge. */
void wb_node_card_set_pointed (WbNodeCard *card, gboolean pointed);
/* The values shown; NULL: none. Kept by reference, turned into a picture when next drawn. image:
 * see wb_thumbnail_new(). */
void wb_node_card_set_values (WbNodeCard *card, const NnNodeValues *values, const NnShape *image);
/* The same for gradient sizes; NULL: none reaches the node. */
void wb_node_card_set_gradient (WbNodeCard *card, const NnNodeGradient *gradient,
                                const NnShape *image);
/* What is wrong with what it learns: a badge whose press activates "canvas.explain". text (transfer
 * full, nullable): none. */
void wb_node_card_set_finding (WbNodeCard *card, WbFindingText *text);
const WbFindingText *wb_node_card_get_finding (WbNodeCard *card); /* (transfer none) (nullable) */
/* Objectives: value (NAN: none yet) and its course, (n), newest last. */
void wb_node_card_set_loss (WbNodeCard *card, double value, const float *course, gsize n);
/* The card as it is when nobody points at it or has selected it, of this style and size. */
void wb_node_card_draw (WbNodeCard *card, GtkSnapshot *snapshot, WbCardStyle style, double width,
                        double height);
/* NULL if there is no such port. */
WbPort *wb_node_card_get_port (WbNodeCard *card, gboolean output, guint port);
/* For every port: func (port, data). */
void wb_node_card_foreach_port (WbNodeCard *card, GFunc func, gpointer data);

G_END_DECLS
