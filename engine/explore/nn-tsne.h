/* nn-tsne.h: t-SNE, codes of any dimension laid out in the plane so that neighbours stay
 * neighbours.
 *
 * L. van der Maaten and G. Hinton, "Visualizing data using t-SNE", JMLR 9, 2008, with the
 * repulsion of Barnes and Hut (nn-tsne-tree.h). Momentum, gains, learning rate and start are
 * scikit-learn's, so that maps compare. One thread at a time uses an NnTsne; a step allocates
 * nothing, and the same seed gives the same bits on any number of threads.
 */
#pragma once

#include "explore/nn-tsne-graph.h"

G_BEGIN_DECLS

typedef struct _NnTsne NnTsne;

typedef struct
{
  double perplexity;        /* neighbours that count, about: 5 .. 50; at most (n - 1) / 3 is used */
  double exaggeration;      /* attraction at first, times; 12 */
  guint exaggeration_steps; /* how long; 250 */
  double learning_rate;     /* 0: n / exaggeration / 4, at least 50 */
  double angle;             /* of the tree: 0 (exact) .. 0.7 */
  guint64 seed;             /* of what parts points that begin at the same place */
  /* (n, 2), finite, to begin with, as they are; NULL: the first two principal components, made
   * small. */
  const float *start;
} NnTsneSettings;

#define NN_TSNE_SETTINGS                                                                           \
  ((NnTsneSettings){                                                                               \
      .perplexity = 30, .exaggeration = 12, .exaggeration_steps = 250, .angle = 0.5 })

/* codes (n, dims), not kept; pool: borrowed until nn_tsne_free(). Finds the neighbours: a fifth of
 * a second for 10,000 codes of 32 dimensions on two threads. progress and cancellable are nullable.
 * Errors: a value that is not finite (NN_ERROR_NUMERIC), no codes or all the same, settings out of
 * range (NN_ERROR_RANGE), G_IO_ERROR_CANCELLED. (transfer full) */
NnTsne *nn_tsne_new (const float *codes, gsize n, gsize dims, const NnTsneSettings *settings,
                     NnPool *pool, NnTsneProgress progress, gpointer progress_data,
                     GCancellable *cancellable, GError **error);
void nn_tsne_free (NnTsne *tsne);

/* One iteration of gradient descent. */
void nn_tsne_step (NnTsne *tsne);

/* (n, 2), of mean 0; holds still between steps. */
const float *nn_tsne_positions (const NnTsne *tsne);
guint nn_tsne_n_steps (const NnTsne *tsne);
gboolean nn_tsne_is_exaggerated (const NnTsne *tsne); /* in the next step */
double nn_tsne_perplexity (const NnTsne *tsne);       /* that is used */

/* KL divergence from the neighbours in the plane to those among codes, without exaggeration, at the
 * present positions. Takes as long as a step. */
double nn_tsne_divergence (NnTsne *tsne);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnTsne, nn_tsne_free)

G_END_DECLS
