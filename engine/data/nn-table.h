/* nn-table.h: tables of card payments in which fraud is rare, for nn-data-registry.c. */
#pragma once

#include "data/nn-data-source.h"

extern const NnDataSource nn_table_source;          /* as they come: 0.4 % fraud */
extern const NnDataSource nn_table_balanced_source; /* training half fraud, by noisy copies */
extern const NnDataSource nn_table_normal_source;   /* training without fraud */
