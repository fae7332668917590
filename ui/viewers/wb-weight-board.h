/* wb-weight-board.h: how a weight tensor is laid out to be looked at. Needs no display.
 */
#pragma once

#include "base/nn-tensor.h"
#include "model/nn-analysis.h"
#include "viewers/wb-board-data.h"

G_BEGIN_DECLS

typedef enum
{
  WB_WEIGHT_MATRIX,  /* a row for each output unit; a vector as bars */
  WB_WEIGHT_SEEN,    /* dense: what each unit looks for in the picture it sees, (S, units) */
  WB_WEIGHT_DRAWN,   /* dense: what each unit adds to the picture that is drawn, (units, S) */
  WB_WEIGHT_KERNELS, /* (H, W, C, filters) or (steps, C, filters) */
  WB_WEIGHT_COLORS, /* what filters or units look for in a picture of three colours: (H, W, 3, n) */
} WbWeightForm;

/* The most telling form for a weight of a node. picture (out): (H, W, C) of
 * what a unit sees or draws, but for MATRIX and KERNELS. */
WbWeightForm wb_weight_form (const NnAnalysis *analysis, guint node, const NnTensor *weight,
                             NnShape *picture);
/* (transfer full) */
WbBoardData *wb_weight_board_new (const NnTensor *weight, WbWeightForm form,
                                  const NnShape *picture);

G_END_DECLS
