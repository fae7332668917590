/* wb-plot-data.h: what a line plot shows, and drawing it. Needs no display.
 */
#pragma once

#include "plots/wb-axis.h"
#include "plots/wb-figure.h"
#include "plots/wb-plot-geometry.h"

G_BEGIN_DECLS

/* A colour that follows the scheme: a WbColor, or a class colour. */
typedef guint WbInk;
#define WB_INK_CLASS(i) (0x100u | (i))
const GdkRGBA *wb_ink_color (WbInk ink, WbScheme scheme);
/* "#3584e4", for Pango markup. (transfer full) */
char *wb_ink_hex (WbInk ink, WbScheme scheme);

typedef enum
{
  WB_SERIES_FAINT,  /* raw values: thin and pale */
  WB_SERIES_LINE,   /* solid */
  WB_SERIES_POINTS, /* points joined by a thin line */
} WbSeriesStyle;

typedef struct
{
  WbSeriesStyle style;
  WbInk ink;
  double opacity; /* 1: as its style says */
  gboolean fit;   /* the vertical axis is fitted to it */
  WbPoint *points;
  gsize n;
  gssize marked; /* this point gets a ring; -1: none */
} WbSeries;

/* A line of the direct labels near the right end: strong in the series' colour, then plain. */
typedef struct
{
  char *strong, *plain;
  WbInk ink;
  WbPoint leader; /* a thin line leads from the label to this point; x = NaN: none */
} WbPlotLabel;

typedef struct
{
  GPtrArray *series; /* WbSeries, owned; drawn in order */
  GPtrArray *labels; /* WbPlotLabel, owned */
  WbAxisKind x_kind;
  gboolean log_y;
  const char *x_title; /* stands before the last label of the horizontal axis */
  double x_end;        /* the horizontal axis runs from 0 to here unless zoomed */
  double y_min, y_max; /* values never go beyond; NaN: no limit */
} WbPlotData;

WbPlotData *wb_plot_data_new (void);
void wb_plot_data_free (WbPlotData *data);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WbPlotData, wb_plot_data_free)

/* points (transfer full). The returned series belongs to data. */
WbSeries *wb_plot_data_add (WbPlotData *data, WbSeriesStyle style, WbInk ink, WbPoint *points,
                            gsize n);
/* strong, plain: (transfer none). */
WbPlotLabel *wb_plot_data_add_label (WbPlotData *data, WbInk ink, const char *strong,
                                     const char *plain);

/* The vertical range for x0..x1: that of the fitted series, where the steep start of the axis (its
 * first 5 %) may run out of the picture so that the rest can be read; with some air. FALSE: nothing
 * to show there. */
gboolean wb_plot_data_fit (const WbPlotData *data, double x0, double x1, double *y0, double *y1);

typedef struct
{
  WbFrame frame;
  WbTicks x, y;
} WbPlotLayout;

/* Places frame and ticks in width x height for the horizontal range x0..x1. */
void wb_plot_layout (const WbPlotData *data, PangoContext *context, double width, double height,
                     double x0, double x1, WbPlotLayout *layout);
void wb_plot_draw (const WbPlotData *data, const WbPlotLayout *layout, cairo_t *cr,
                   PangoContext *context, WbScheme scheme);

G_END_DECLS
