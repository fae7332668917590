/* wb-canvas-bar.h: the foot of the canvas: zoom; what the cards show and of which sample; and the
 * network in one line: what is wrong with it, or that nothing is, and how large it is.
 *
 * Signals "show-node" (guint id): a problem in the list was chosen; "sample-chosen" (guint sample).
 */
#pragma once

#include <gtk/gtk.h>

#include "model/nn-analysis.h"

G_BEGIN_DECLS

#define WB_TYPE_CANVAS_BAR (wb_canvas_bar_get_type ())
G_DECLARE_FINAL_TYPE (WbCanvasBar, wb_canvas_bar, WB, CANVAS_BAR, GtkWidget)

GtkWidget *wb_canvas_bar_new (void);
void wb_canvas_bar_set_zoom (WbCanvasBar *bar, double scale);
/* found (n): what is wrong beside the analysis' diagnostics. */
void wb_canvas_bar_update (WbCanvasBar *bar, NnAnalysis *analysis, const NnDiagnostic *found,
                           guint n);
/* One of n samples (0: none are there yet), name (nullable): its class. */
void wb_canvas_bar_set_sample (WbCanvasBar *bar, guint sample, gsize n, const char *name);

/* "209,968 parameters · 820 KB · 0.42 Mflop per image". (transfer full) */
char *wb_canvas_bar_size_text (NnAnalysis *analysis);

G_END_DECLS
