/* wb-grid-data.h: samples in columns, what the network makes of them in rows: which rows there are
 * follows from the design (WbGridPlan), their values from a probe's answer (WbGridData). Needs no
 * display.
 */
#pragma once

#include "explore/nn-node-values-probe.h"
#include "model/nn-analysis.h"
#include "plots/wb-figure.h"

G_BEGIN_DECLS

typedef enum
{
  WB_GRID_PICTURE, /* (H, W, 1 or 3) */
  WB_GRID_CELLS,   /* one coloured cell a value: codes, feature maps, sequences */
  WB_GRID_BARS,    /* one bar a value */
  WB_GRID_SIGNED,  /* output minus target */
  WB_GRID_CLASS,   /* the most probable class, in words */
} WbGridKind;

typedef struct
{
  WbGridKind kind;
  const char *title; /* "Input" */
  const char *id;    /* "input": in CSV files */
  guint node;        /* whose output it is */
  gsize width, height, channels;
  double aspect;      /* height of a cell relative to its width */
  float black, white; /* of pictures: what is shown so */
} WbGridRow;

typedef struct
{
  GArray *rows;                     /* WbGridRow */
  guint seen, target, code, output; /* nodes; 0: none */
  gboolean classifies;
  gboolean unit_range; /* values are those of images, black .. white */
  NnDataInfo *info;    /* owned copy, for class names */
} WbGridPlan;

/* How a value of that shape is best seen; black and white: as which a picture's values are shown.
 */
WbGridRow wb_grid_row_of_shape (const NnShape *shape, float black, float white, guint node,
                                const char *id, const char *title);

/* NULL and a reason, to be shown as it is, where the network has nothing to show. (transfer full)
 */
WbGridPlan *wb_grid_plan_new (const NnAnalysis *analysis, char **reason);
void wb_grid_plan_free (WbGridPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WbGridPlan, wb_grid_plan_free)
/* The nodes to ask for. (element-type guint) (transfer full) */
GArray *wb_grid_plan_nodes (const WbGridPlan *plan);

typedef struct
{
  const WbGridPlan *plan;     /* borrowed: outlives it */
  NnNodeValuesResult *result; /* owned reference */
  guint n;                    /* samples */
  float *difference;          /* (n, S), or NULL */
  gsize difference_size;      /* S */
  float difference_scale;     /* the ends of its colours are plus and minus this */
  float code_max;             /* upper end of the code's colours */
  gint worst;                 /* position of the greatest error, -1: unknown */
} WbGridData;

/* NULL where the answer does not fit the plan (any more). (transfer full) */
WbGridData *wb_grid_data_new (const WbGridPlan *plan, NnNodeValuesResult *result);
void wb_grid_data_free (WbGridData *data);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WbGridData, wb_grid_data_free)

/* Values of one cell and how many; NULL: none. */
const float *wb_grid_data_values (const WbGridData *data, const WbGridRow *row, guint sample,
                                  gsize *size);
float wb_grid_data_error (const WbGridData *data, guint sample); /* NaN: unknown */
/* The class of greatest output and its probability. */
guint wb_grid_data_predicted (const WbGridData *data, guint sample, float *probability);
/* The same in words: "Sandal 97 %". (transfer full) */
char *wb_grid_data_answer (const WbGridData *data, guint sample);
/* "sample,label,error,row,position,value", a line for each value. (transfer full) */
char *wb_grid_data_to_csv (const WbGridData *data);
/* What the network gives back: (n, its shape). NULL: not known. (transfer full) */
NnTensor *wb_grid_data_to_tensor (const WbGridData *data);

G_END_DECLS
