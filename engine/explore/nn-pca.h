/* nn-pca.h: principal components: the directions in which points spread most, found one orthogonal
 * to the other (K. Pearson, 1901). Computed in double precision. Any thread.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  gsize size;         /* D */
  guint n_components; /* k */
  double *mean;       /* (D) */
  double *components; /* (k, D), each of length 1 */
  double *variance;   /* (k) along each component; the sums are divided by n - 1 */
  double total;       /* variance of all directions together */
} NnPca;

/* The first k (1 .. D) principal components of x (n, D), the widest first. Each one's largest entry
 * is positive. Rows that are not finite are left out; without spread components are those of the
 * axes. NULL only where cancelled. (transfer full) */
NnPca *nn_pca_new (const float *x, gsize n, gsize size, guint k, GCancellable *cancellable);
void nn_pca_free (NnPca *pca);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnPca, nn_pca_free)

/* Puts the components into the order and gives them the signs in which they lie nearest to
 * previous, so that a picture that changes little neither flips nor turns. Nothing where sizes
 * differ. */
void nn_pca_follow (NnPca *pca, const NnPca *previous);

/* out (n, k): x relative to the mean, along the components. */
void nn_pca_project (const NnPca *pca, const float *x, gsize n, float *out);

/* The share of all variance along a component, 0..1. */
double nn_pca_explained (const NnPca *pca, guint component);

G_END_DECLS
