/* nn-tsne-run.h: t-SNE in a thread of its own, its positions to be looked at while it runs.
 *
 * All functions but the thread's own are for one thread, the one that made the run, and none of
 * them waits for it to compute.
 */
#pragma once

#include "explore/nn-tsne.h"

G_BEGIN_DECLS

typedef struct _NnTsneRun NnTsneRun;

/* What a look at a run finds. Until it is prepared, only fraction has a meaning. */
typedef struct
{
  gboolean prepared;
  double fraction;      /* of the preparation that is done */
  guint n_steps;        /* done when xy was as it is */
  gboolean exaggerated; /* still */
  double perplexity;    /* that is used */
  double divergence;    /* KL, of at most a few steps ago; NAN before the first is known */
  const float *xy;      /* (n, 2), the run's, until the next look */
} NnTsneView;

/* Starts at once. codes (n, dims) are copied; settings->start, too. n_threads: as nn_pool_new().
 * (transfer full) */
NnTsneRun *nn_tsne_run_new (const float *codes, gsize n, gsize dims, const NnTsneSettings *settings,
                            guint n_threads);
/* Tells the thread to end and forgets it: it ends by itself, a step later. */
void nn_tsne_run_free (NnTsneRun *run);

/* A run begins with none allowed: how many steps may be done in all. It then waits for more, or for
 * its end, and uses no processor. */
void nn_tsne_run_allow (NnTsneRun *run, guint n_steps);

/* FALSE where the codes cannot be laid out (the error is nn_tsne_new()'s); else fills view with the
 * newest there is. */
gboolean nn_tsne_run_look (NnTsneRun *run, NnTsneView *view, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnTsneRun, nn_tsne_run_free)

G_END_DECLS
