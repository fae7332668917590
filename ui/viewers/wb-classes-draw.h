/* wb-classes-draw.h: what a classifier takes for what, on a cairo context: the confusion matrix
 * with the scores of each class beside its row, the precision-recall curve of two classes, and
 * samples. Needs no display.
 */
#pragma once

#include "data/nn-dataset.h"
#include "viewers/wb-classes-data.h"

G_BEGIN_DECLS

typedef struct
{
  const WbClassesData *data;
  NnDataset *dataset; /* for the pictures; or NULL */
  NnPart part;        /* of dataset: that data are of */
  guint field;        /* of dataset: what a sample looks like */
  WbScheme scheme;
  gboolean shares;  /* of the true class, instead of counts */
  gboolean viridis; /* else shades of one colour */
  guint selected;   /* sample that the whole window shows, or WB_CLASSES_NOT_SELECTED */
} WbClassesView;

#define WB_CLASSES_NOT_SELECTED G_MAXUINT

#define WB_CLASSES_N_SCORES 4

typedef struct
{
  double width, height, line;
  double left, top; /* of the matrix */
  double cell_width, cell_height;
  guint n;                             /* classes */
  gboolean upright;                    /* names above the columns are turned */
  double score_x[WB_CLASSES_N_SCORES]; /* right edges: F1, precision, recall, samples */
  guint n_scores;                      /* of them that there is room for */
  double mean_y, scale_y;              /* middles of lines below the matrix */
  WbRect curve, list;                  /* width 0: no room */
  double tile_width, tile_height;
  WbRect picture;      /* in a tile */
  gboolean beside;     /* a tile's text stands beside its picture, else below */
  guint columns, rows; /* of tiles */
} WbClassesLayout;

void wb_classes_layout (const WbClassesView *view, PangoContext *context, double width,
                        double height, WbClassesLayout *layout);
void wb_classes_draw (const WbClassesView *view, const WbClassesLayout *layout, cairo_t *cr,
                      PangoContext *context);

/* FALSE: not over the matrix. */
gboolean wb_classes_cell_at (const WbClassesLayout *layout, double x, double y, gint *truth,
                             gint *predicted);
/* Position in data->samples; -1: none. */
gint wb_classes_sample_at (const WbClassesView *view, const WbClassesLayout *layout, double x,
                           double y);
/* The threshold of the curve's point nearest in recall; NaN: not over the curve. */
double wb_classes_threshold_at (const WbClassesView *view, const WbClassesLayout *layout, double x,
                                double y);

G_END_DECLS
