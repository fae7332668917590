/* wb-plot.h: a line plot as a widget: draws WbPlotData, keeps the picture until something changes,
 * and lays the cross-hair with its values over it. Drag a range to zoom, scroll to zoom about the
 * pointer, double-click or Escape to see all again; a zoomed view that touches the newest data
 * follows it.
 */
#pragma once

#include "plots/wb-drawn.h"
#include "plots/wb-plot-data.h"

G_BEGIN_DECLS

#define WB_TYPE_PLOT (wb_plot_get_type ())
G_DECLARE_FINAL_TYPE (WbPlot, wb_plot, WB, PLOT, WbDrawn)

/* One line of the read-out box. */
typedef struct
{
  char *name, *value;
  WbInk ink;
  WbPoint point; /* marked on its curve */
} WbReadoutRow;

typedef struct
{
  double x; /* where the cross-hair stands */
  char *title;
  GPtrArray *rows; /* WbReadoutRow, owned */
} WbReadout;

void wb_readout_add (WbReadout *readout, WbInk ink, const char *name, char *value, WbPoint point);

/* What there is at x; pixel: the extent of one pixel in x. Sets x, title and rows of an empty
 * readout; FALSE: nothing there. */
typedef gboolean (*WbReadoutFunc) (double x, double pixel, WbReadout *readout, gpointer user_data);

/* Property "zoomed" (boolean, read-only). Signal "changed": data, range or size; what is laid over
 * the plot draws itself anew. */
GtkWidget *wb_plot_new (void);
/* (transfer full) */
void wb_plot_set_data (WbPlot *plot, WbPlotData *data);
WbPlotData *wb_plot_get_data (WbPlot *plot); /* (transfer none) (nullable) */
void wb_plot_set_readout (WbPlot *plot, WbReadoutFunc func, gpointer user_data);

/* Where the last picture has its axes, in pixels of the widget. (transfer none) */
const WbFrame *wb_plot_get_frame (WbPlot *plot);

gboolean wb_plot_get_zoomed (WbPlot *plot);
void wb_plot_get_range (WbPlot *plot, double *x0, double *x1);
/* Shows x0..x1, cut to what there is. */
void wb_plot_zoom_to (WbPlot *plot, double x0, double x1);
void wb_plot_zoom_all (WbPlot *plot);

G_END_DECLS
