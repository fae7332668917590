/* nn-code-space.h: places in the space of codes: grids over two dimensions, walks between two
 * codes, draws from the prior. D: values of a code. Pure.
 */
#pragma once

#include "base/nn-tensor.h"

G_BEGIN_DECLS

typedef enum
{
  NN_SPACING_EVEN,      /* equal steps */
  NN_SPACING_QUANTILES, /* equal steps of probability under N(0, 1): dense where codes are */
} NnSpacing;

/* x with P(X <= x) = p for X ~ N(0, 1); 0 < p < 1. Relative error below 1e-9 (P. J. Acklam's
 * rational approximation, 2003, and one step of Halley's method). */
double nn_normal_quantile (double p);

/* n >= 1 rising positions from low to high into at; a single one lies in the middle. QUANTILES:
 * (low, high) are first turned into probabilities, which are then cut into equal steps. */
void nn_code_steps (NnSpacing spacing, double low, double high, guint n, double *at);

typedef struct
{
  guint n_values; /* D */
  guint x, y;     /* dimensions that vary; x == y: one row, along x */
  guint n;        /* steps of each */
  NnSpacing spacing;
  double x_low, x_high, y_low, y_high;
} NnCodeGrid;

gboolean nn_code_grid_equal (const NnCodeGrid *a, const NnCodeGrid *b);

/* (n n, D), or (n, D) of one row: rows from the top (y high) down, as they are drawn; the other
 * dimensions are those of base (D), 0 where it is NULL. (transfer full) */
NnTensor *nn_code_grid (const NnCodeGrid *grid, const float *base);

/* n >= 2 codes from a to b into out (n, D). STRAIGHT: a + t (b - a). Spherical (K. Shoemake 1985;
 * T. White 2016): along the arc between their directions, the length changing evenly; where there
 * is no arc (a code of length 0, or opposite or equal directions) it is straight too. */
void nn_code_walk (const float *a, const float *b, guint n_values, gboolean spherical, guint n,
                   float *out);

/* One draw from N(0, 1) for each of n values. */
void nn_code_prior (guint64 seed, guint n, float *out);

G_END_DECLS
