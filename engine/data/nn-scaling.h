/* nn-scaling.h: values filled and scaled by what the training part says, so that the other parts
 * stay unseen. Any thread.
 */
#pragma once

#include "base/nn-params.h"
#include "data/nn-data-source.h"

G_BEGIN_DECLS

/* How the values of a field were scaled: y = (x - shift) factor. Immutable and counted. */
struct _NnScale
{
  gboolean standardised; /* to the mean 0 and the deviation 1; else to 0 ... 1 */
  float black, white;    /* y of what is shown as black and as white: pixels 0 and 1, or beyond */
  guint n;               /* 1: one for all values; else one for each place on the last axis */
  struct
  {
    double shift, factor;
  } of[]; /* (n) */
};

NnScale *nn_scale_ref (NnScale *scale); /* scale may be NULL */
void nn_scale_unref (NnScale *scale);   /* the same */
/* For people who prepare data themselves: "(x - 0.1307) / 0.3081 of values x from 0 to 1".
 * (transfer full) */
char *nn_scale_text (const NnScale *scale, NnFieldKind kind);

/* NaN becomes the mean over the training part (0 where there is no value), then "scaling" of
 * options (nn_data_specs()) is applied: to all pixels of images together, so that colours stay, and
 * to each column of features and of sequences by itself. What is constant becomes 0. Labels and a
 * "target" stay, and so do columns that say whether a sample is of a kind: those that a table
 * (columns, of NnDataColumn; may be empty) makes of texts. Bytes stay bytes and are scaled as they
 * are read. dataset: (transfer full), so that its memory is used again. (transfer full) */
NnDataset *nn_dataset_scale (NnDataset *dataset, const NnParams *options, const GArray *columns,
                             GError **error);

/* TRUE where the values of a field of that kind are promised to lie between 0 and 1. */
gboolean nn_scaling_promises_unit (const NnParams *options, NnFieldKind kind);

/* What is shown as black and as white in pictures of that shape: 0 and 1 unless a field of such
 * images is scaled. */
void nn_data_info_pixel_range (const NnDataInfo *info, const NnShape *shape, float *black,
                               float *white);

G_END_DECLS
