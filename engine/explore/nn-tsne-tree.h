/* nn-tsne-tree.h: what n points of a plane do to each other at a distance, without all n^2 pairs.
 *
 * J. Barnes and P. Hut, "A hierarchical O(N log N) force-calculation algorithm", Nature 324, 1986,
 * as L. van der Maaten uses it for t-SNE (JMLR 15, 2014), with one list of bodies for each group of
 * neighbouring points (J. Barnes, "A modified tree code", J. Comput. Phys. 87, 1990): the lists are
 * fewer and are worked off in vectors.
 */
#pragma once

#include "base/nn-kernels.h"
#include "base/nn-pool.h"

G_BEGIN_DECLS

typedef struct _NnTsneTree NnTsneTree;

/* All memory for n >= 1 points. angle: a cell counts as one body from where its size is less than
 * angle times its distance; 0 is exact. n_threads: of the pool that will be used. */
NnTsneTree *nn_tsne_tree_new (gsize n, float angle, guint n_threads);
void nn_tsne_tree_free (NnTsneTree *tree);

/* Sorts xy (n, 2) into cells. One thread. */
void nn_tsne_tree_build (NnTsneTree *tree, const float *xy);

/* force (n, 2) = sum over j of q^2 (xy[i] - xy[j]), q = 1 / (1 + d^2), on the points of the last
 * build. Returns the sum of q over all ordered pairs of different points. The same bits on any
 * number of threads. */
double nn_tsne_tree_forces (NnTsneTree *tree, const NnKernels *kernels, NnPool *pool, float *force);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnTsneTree, nn_tsne_tree_free)

G_END_DECLS
