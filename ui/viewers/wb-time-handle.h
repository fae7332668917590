/* wb-time-handle.h: the handle on the time axis of a plot of a document's runs. It stands where
 * training is; dragged back, or along the curve, it makes everything show the network as it was
 * then. Arrow keys move it from moment to moment, Home to the first; End and Escape return to the
 * present. Laid over the plot, so that its line crosses it.
 */
#pragma once

#include "document/wb-document.h"
#include "plots/wb-plot.h"

G_BEGIN_DECLS

#define WB_TYPE_TIME_HANDLE (wb_time_handle_get_type ())
G_DECLARE_FINAL_TYPE (WbTimeHandle, wb_time_handle, WB, TIME_HANDLE, GtkWidget)

/* TRUE where a place of the plot, in pixels, lies on the curve that can be dragged along. */
typedef gboolean (*WbOnCurveFunc) (double x, double y, gpointer user_data);

/* Puts plot and handle into an overlay. handle (out, transfer none). (transfer floating) */
GtkWidget *wb_time_handle_new_over (WbPlot *plot, WbOnCurveFunc on_curve, gpointer user_data,
                                    WbTimeHandle **handle);
void wb_time_handle_set_document (WbTimeHandle *handle, WbDocument *document); /* nullable */

G_END_DECLS
