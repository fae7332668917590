/* nn-table.h: tables of card payments in which fraud is rare, for nn-data-registry.c. */
#pragma once

#include "data/nn-data-source.h"

extern const NnDataSource nn_table_source;        /* as they come: 0.17 % fraud */
extern const NnDataSource nn_table_normal_source; /* training without fraud */
