/* nn-points.h: sets of points in the plane and in space, for nn-data-registry.c: data so small that
 * every point and every unit of a network can be seen.
 */
#pragma once

#include "data/nn-data-source.h"

extern const NnDataSource nn_points_curve_source;
extern const NnDataSource nn_points_spiral_source;
extern const NnDataSource nn_points_rings_source;
extern const NnDataSource nn_points_moons_source;
extern const NnDataSource nn_points_swiss_roll_source;
