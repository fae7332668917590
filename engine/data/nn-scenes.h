/* nn-scenes.h: the generated set "scenes": small landscapes, for in-painting. What a hole hides
 * follows from what is left: edges run on, colours belong to an hour of the day. */
#pragma once

#include "data/nn-data-source.h"

G_BEGIN_DECLS

extern const NnDataSource nn_scenes_source;

G_END_DECLS
