/* wb-classes-data.h: what the classes viewer shows, counted from a table. Needs no display. */
#pragma once

#include "explore/nn-classes.h"
#include "plots/wb-plot-data.h"

G_BEGIN_DECLS

/* Samples listed at most; the rest does not fit a screen. */
#define WB_CLASSES_MAX_LISTED 200

/* Counted from a table with a threshold. */
typedef struct
{
  NnClassesTable *table; /* owned reference */
  double threshold;
  char **names;         /* owned (n_classes) */
  guint *counts;        /* owned (n_classes, n_classes), rows the truth */
  guint *totals;        /* owned (n_classes): of the rows */
  NnClassScore *scores; /* owned (n_classes) */
  NnClassScore mean;
  double accuracy;
  WbPlotData *curve;     /* owned; NULL unless there are two classes */
  GArray *points;        /* NnRecallPoint; likewise */
  double average;        /* precision */
  gint truth, predicted; /* the cell whose samples are listed; -1: all mistakes */
  guint n_in_cell;       /* samples in it, or mistakes */
  GArray *samples;       /* guint32 */
} WbClassesData;

/* names (NULL-terminated, copied) or NULL: numbers. table gets a reference. (transfer full) */
WbClassesData *wb_classes_data_new (NnClassesTable *table, const char *const *names,
                                    double threshold, gint truth, gint predicted);
void wb_classes_data_free (WbClassesData *data);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WbClassesData, wb_classes_data_free)

/* "true,predicted,count,share_of_true" and, after an empty line,
 * "class,precision,recall,f1,samples"; with two classes then "threshold,recall,precision".
 * (transfer full) */
char *wb_classes_data_to_csv (const WbClassesData *data);

/* "True 4, predicted 9: 13 of 982 (1.3 %)". (transfer full) */
char *wb_classes_cell_text (const WbClassesData *data, gint truth, gint predicted);
/* "4 → 9, 98 %". (transfer full) */
char *wb_classes_sample_text (const WbClassesData *data, guint32 sample);

G_END_DECLS
