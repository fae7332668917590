/* wb-graph-figure.h: a network as a figure for print: cards with names, shapes and weights, in the
 * manner of Keras's plot_model, placed as on the canvas. Needs no display; any thread.
 */
#pragma once

#include "model/nn-analysis.h"
#include "plots/wb-figure.h"

G_BEGIN_DECLS

/* Size in pixels at 100 %. */
void wb_graph_figure_size (NnAnalysis *analysis, double *width, double *height);

/* Draws it from (0, 0) on, ground included. context: for letters (wb_figure_context()). */
void wb_graph_figure_draw (cairo_t *cr, PangoContext *context, NnAnalysis *analysis,
                           WbScheme scheme);

G_END_DECLS
