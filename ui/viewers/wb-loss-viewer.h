/* wb-loss-viewer.h: the loss (or accuracy) of every run while it trains. */
#pragma once

#include "plots/wb-plot.h"
#include "viewers/wb-curve.h"
#include "viewers/wb-viewer.h"

G_BEGIN_DECLS

#define WB_TYPE_LOSS_VIEWER (wb_loss_viewer_get_type ())
G_DECLARE_FINAL_TYPE (WbLossViewer, wb_loss_viewer, WB, LOSS_VIEWER, WbViewer)

extern const WbViewerType wb_loss_viewer_type;

/* What is shown, for its settings (wb-loss-settings.c). */
double wb_loss_viewer_get_span (WbLossViewer *viewer);
void wb_loss_viewer_set_span (WbLossViewer *viewer, double batches);
gboolean wb_loss_viewer_get_hidden (WbLossViewer *viewer, guint64 run);
void wb_loss_viewer_set_hidden (WbLossViewer *viewer, guint64 run, gboolean hidden);
/* The run that is trained now: it has the colours of training and validation. 0: none. */
guint64 wb_loss_viewer_current_run (WbLossViewer *viewer);
WbInk wb_loss_viewer_run_ink (WbLossViewer *viewer, guint64 run);
/* Builds the picture again from the document's runs. */
void wb_loss_viewer_refresh (WbLossViewer *viewer);
WbPlot *wb_loss_viewer_get_plot (WbLossViewer *viewer);

/* Smoothing and the list of runs. (transfer floating) */
GtkWidget *wb_loss_settings_new (WbLossViewer *viewer);

G_END_DECLS
