/* wb-code-comparison.h: the codes of a second run beside those that a viewer shows: asks for them
 * while the viewer is mapped, and draws their histogram as an outline over the viewer's own.
 */
#pragma once

#include "explore/nn-codes-probe.h"
#include "plots/wb-figure.h"
#include "viewers/wb-viewer.h"

G_BEGIN_DECLS

typedef struct
{
  WbViewer *viewer;  /* borrowed: the owner */
  gpointer document; /* that run is of; only compared */
  guint probe_id;
  gboolean asked;
  guint64 run;          /* asked about; 0: none */
  gboolean off;         /* by choice; else the newest of the other runs */
  guint64 chosen;       /* this one; 0: the newest */
  NnCodesResult *codes; /* owned reference; NULL before an answer */
} WbCodeComparison;

void wb_code_comparison_init (WbCodeComparison *comparison, WbViewer *viewer);
void wb_code_comparison_clear (WbCodeComparison *comparison);

/* Asks about the run that is to be compared with, or no more. To be called when the viewer is
 * mapped and whenever the document changes. */
void wb_code_comparison_update (WbCodeComparison *comparison);
/* The viewer is hidden: nothing is asked. */
void wb_code_comparison_withdraw (WbCodeComparison *comparison);
/* TRUE if the newest snapshot has changed what is drawn. */
gboolean wb_code_comparison_take (WbCodeComparison *comparison);

/* Name of the second run, NULL where nothing is known of it. (transfer none) */
const char *wb_code_comparison_name (const WbCodeComparison *comparison);
/* Widens low..high to the second run's values, where they are finite. */
void wb_code_comparison_range (const WbCodeComparison *comparison, float *low, float *high);
/* Counts values (size) in n_bins equal parts of low..high, each as its share of all. */
void wb_code_histogram (const float *values, gsize size, float low, float high, guint n_bins,
                        double *shares);
/* The outline over bars that fill rect; most: the share that is as high as rect. */
void wb_code_comparison_draw (const WbCodeComparison *comparison, float low, float high,
                              guint n_bins, double most, const WbRect *rect, cairo_t *cr,
                              WbScheme scheme);
/* The share of the fullest part. */
double wb_code_comparison_most (const WbCodeComparison *comparison, float low, float high,
                                guint n_bins);

/* A row of the viewer's settings: which run. (transfer floating) */
GtkWidget *wb_code_comparison_settings (WbCodeComparison *comparison);

G_END_DECLS
