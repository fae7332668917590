/* wb-histograms-draw.h: histograms over time on a cairo context, as heat maps: time goes right,
 * values go up. Needs no display.
 */
#pragma once

#include "base/nn-tensor.h"
#include "explore/nn-histograms-probe.h"
#include "plots/wb-figure.h"

G_BEGIN_DECLS

typedef struct
{
  WbRect title[NN_N_SPREADS], heat[NN_N_SPREADS];
  gboolean stacked;  /* one over the other, else side by side */
  double axis_y;     /* middle of the line with epochs */
  double foot_y;     /* middle of the line with the scale */
  double begin, end; /* epochs at the sides of the maps */
} WbHistogramsLayout;

/* Where the pointer is, or the keys have gone. */
typedef struct
{
  gboolean active;
  double time;  /* epochs */
  gint spread;  /* map that is pointed at; -1: none, all are read at this time */
  double value; /* in that map */
} WbHistogramsCursor;

void wb_histograms_layout (const NnHistogramsResult *result, PangoContext *context, double width,
                           double height, WbHistogramsLayout *layout);
/* FALSE where no map is. */
gboolean wb_histograms_cursor_at (const NnHistogramsResult *result,
                                  const WbHistogramsLayout *layout, double x, double y,
                                  WbHistogramsCursor *cursor);
/* The histogram nearest before a time. */
guint wb_histograms_row (const NnHistogramView *view, double time);

/* cursor (nullable). */
void wb_histograms_draw (const NnHistogramsResult *result, const WbHistogramsLayout *layout,
                         const WbHistogramsCursor *cursor, cairo_t *cr, PangoContext *context,
                         WbScheme scheme);

/* "Weights: mean 0.01, deviation 0.05 …", at a time. (transfer full) */
char *wb_histograms_describe (const NnHistogramsResult *result, const WbHistogramsCursor *cursor);
/* "what,epoch,from,to,share", a line for each bin. (transfer full) */
char *wb_histograms_to_csv (const NnHistogramsResult *result);
/* The same as numbers, (n, 5): what is 0 for weights, 1 for gradients, 2 for activations. NULL
 * where there is none. (transfer full) */
NnTensor *wb_histograms_to_tensor (const NnHistogramsResult *result);

G_END_DECLS
