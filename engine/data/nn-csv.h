/* nn-csv.h: tables in files of separated values. */
#pragma once

#include "data/nn-data-source.h"

extern const NnDataSource nn_csv_source;
