/* nn-tsne-graph.h: who is near whom among n points of any dimension, as t-SNE weighs it. */
#pragma once

#include <gio/gio.h>

#include "base/nn-kernels.h"
#include "base/nn-pool.h"

G_BEGIN_DECLS

/* fraction: 0..1 of the work. From the thread that called. */
typedef void (*NnTsneProgress) (double fraction, gpointer data);

typedef struct
{
  gsize n;
  gsize *row;     /* (n + 1): the edges of point i are row[i] .. row[i + 1] */
  guint32 *index; /* (row[n]) the other end, rising within a row */
  float *p;       /* (row[n]) symmetric, adding up to 1 */
} NnTsneGraph;

/* x (n, dims): n >= 2, all finite, of mean 0 and no larger than about 1. The nearest
 * min (3 perplexity, n - 1) points of each, exactly, weighed by a Gaussian of its own width, so
 * that its entropy is log perplexity: L. van der Maaten and G. Hinton, "Visualizing data using
 * t-SNE", JMLR 9, 2008. Any thread; the same bits on any number of threads. FALSE and error where
 * cancelled.
 */
gboolean nn_tsne_graph_init (NnTsneGraph *graph, const float *x, gsize n, gsize dims,
                             double perplexity, const NnKernels *kernels, NnPool *pool,
                             NnTsneProgress progress, gpointer progress_data,
                             GCancellable *cancellable, GError **error);
void nn_tsne_graph_clear (NnTsneGraph *graph);

G_END_DECLS
