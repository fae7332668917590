/* nn-shapes.h: the generated set "shapes": one coloured shape on black whose kind, place, size,
 * angle and colour are fields of their own, so that a code can be judged against the truth. */
#pragma once

#include "data/nn-data-source.h"

G_BEGIN_DECLS

extern const NnDataSource nn_shapes_source;

G_END_DECLS
