/* nn-near-duplicates.h: test samples that are in the training part too, or almost: they make the
 * validation loss look better than the network is.
 */
#pragma once

#include <gio/gio.h>

#include "data/nn-dataset.h"

G_BEGIN_DECLS

/* What was looked at; both parts are thinned evenly where they are large, so that this takes about
 * a second at most. */
#define NN_DUPLICATES_MAX_TEST 1000
#define NN_DUPLICATES_MAX_TRAIN 20000

typedef struct
{
  gsize n_test, n_train; /* looked at */
  gsize n_found;         /* of n_test */
  gsize test, train;     /* a pair, where n_found > 0 */
} NnDuplicates;

/* Compares a field of images or sequences, whose samples are alike where their root mean square
 * difference is below a hundredth of the field's standard deviation over all its values, or of
 * features, which must be equal. FALSE: cancelled. */
gboolean nn_near_duplicates (const NnDataset *dataset, guint field, GCancellable *cancellable,
                             NnDuplicates *found);

G_END_DECLS
