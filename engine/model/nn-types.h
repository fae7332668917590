/* nn-types.h: names that headers of model/, layers/ and data/ share without including each other.
 */
#pragma once

#include <glib.h>

typedef struct _NnLayerType NnLayerType;
typedef struct _NnOpType NnOpType;
typedef struct _NnObjectiveType NnObjectiveType;
typedef struct _NnOptimizerType NnOptimizerType;
typedef struct _NnDesign NnDesign;
typedef struct _NnProgram NnProgram;
typedef struct _NnLowering NnLowering;
typedef struct _NnDataset NnDataset;
typedef struct _NnDataInfo NnDataInfo;
typedef struct _NnCheckpoint NnCheckpoint;
