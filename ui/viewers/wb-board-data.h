/* wb-board-data.h: many pictures of one kind side by side, with what there is to say about them:
 * feature maps, units, kernels, weight matrices. Needs no display.
 */
#pragma once

#include "explore/nn-statistics.h"
#include "base/nn-tensor.h"
#include "plots/wb-colors.h"

G_BEGIN_DECLS

#define WB_BOARD_BINS 24

typedef enum
{
  WB_BOARD_MAPS,    /* a grid of pictures with gaps between */
  WB_BOARD_UNITS,   /* single values: bars, and a picture of a chosen width */
  WB_BOARD_ROWS,    /* one picture whose rows are the cells: matrices */
  WB_BOARD_COLUMNS, /* one picture whose columns are: sequences, time going down as on the cards */
} WbBoardKind;

typedef struct
{
  WbBoardKind kind;
  gsize n;                   /* cells */
  gsize width, height;       /* of one cell; ROWS, COLUMNS: height 1, UNITS: both 1 */
  gsize channels;            /* values of a pixel: 1, or 3 in MAPS: red, green, blue */
  gsize columns;             /* MAPS: cells in a line, UNITS: width of the picture; 0: as it fits */
  float *values;             /* owned (n, height, width, channels) */
  NnStatistics whole;        /* of all values */
  NnStatistics *cells;       /* owned (n) */
  guint bins[WB_BOARD_BINS]; /* counts from whole.min to whole.max */

  /* over a batch, where it is known */
  NnStatistics *batch; /* owned (n) */
  guint n_batch, n_dead;

  /* how it is shown: set by the viewer */
  gsize n_filters;       /* cells are n / n_filters channels of so many filters; 0: they are not */
  const char *cell_name; /* "Map", untranslated */
  char *title;           /* of the whole: "Conv 1 · 14×14×8"; owned */
  char *here;            /* what the values are of: "sample 7"; owned */
  char *note;            /* a finding, beside the scale; owned, NULL: none */
  char *short_note;      /* the same in the room of a few words; owned */
  WbPalette palette;
  gboolean common; /* one range for all cells, else each has its own */
} WbBoardData;

/* values (transfer full): one channel. (transfer full) */
WbBoardData *wb_board_data_new (WbBoardKind kind, gsize n, gsize width, gsize height,
                                float *values);
/* n maps in colour: values (transfer full) (n, height, width, 3). (transfer full) */
WbBoardData *wb_board_data_new_rgb (gsize n, gsize width, gsize height, float *values);
/* From a layer's output, channel-last: a cell is a channel, a feature, a unit. (transfer full) */
WbBoardData *wb_board_data_of_output (const NnShape *shape, const float *values);
void wb_board_data_free (WbBoardData *data);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WbBoardData, wb_board_data_free)

/* Copies n statistics of cells over a batch; those that are always 0 count as dead. */
void wb_board_data_set_batch (WbBoardData *data, const NnStatistics *batch, guint n_batch);
gboolean wb_board_data_is_dead (const WbBoardData *data, gsize cell);
const float *wb_board_data_cell (const WbBoardData *data, gsize cell);

/* "Map 5", "Filter 3, channel 2". (transfer full) */
char *wb_board_data_cell_title (const WbBoardData *data, gsize cell);

/* Gray for one picture, signed colours where values lie on both sides of 0, else viridis. */
WbPalette wb_board_data_natural_palette (const WbBoardData *data);
/* The values at the palette's ends for a cell; signed and colours below 0: centred on 0. */
void wb_board_data_range (const WbBoardData *data, gsize cell, float *low, float *high);

/* "cell,dead,row,column,value", a line for each value; in colour "column,channel". (transfer full)
 */
char *wb_board_data_to_csv (const WbBoardData *data);
/* (cells, height, width), in colour (cells, height, width, 3). (transfer full) */
NnTensor *wb_board_data_to_tensor (const WbBoardData *data);

G_END_DECLS
