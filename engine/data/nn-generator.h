/* nn-generator.h: what generated data sets share: memory for their samples, threads, progress and
 * cancelling. A generator is an NnDataSource with draw(), which makes one sample.
 */
#pragma once

#include "base/nn-rng.h"
#include "data/nn-data-source.h"

G_BEGIN_DECLS

/* What draw() is asked for. A sample is fixed by seed, part and index; law belongs to the load. */
struct _NnDraw
{
  guint64 seed;
  NnPart part;
  gsize index;
  gconstpointer law;
};

/* The stream of one sample's random numbers. */
void nn_draw_rng (const NnDraw *draw, NnRng *rng);

/* A class for the sample such that every n_classes (at most 16) samples hold each class once, in
 * random order: any part of the set is balanced. */
guint nn_draw_class (const NnDraw *draw, guint n_classes);

/* Makes all samples of source, the same bytes on any number of threads. G_IO_ERROR_CANCELLED.
 * (transfer full) */
NnDataset *nn_generator_load (const NnDataSource *source, guint64 seed,
                              const NnLoadContext *context, GError **error);

G_END_DECLS
