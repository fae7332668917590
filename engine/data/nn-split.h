/* nn-split.h: which samples become the test part of a set that has none of its own, and which of
 * the training part are held out to validate with. Every class gives its share, chosen at random by
 * the seed; what stays keeps its order. Any thread.
 */
#pragma once

#include "base/nn-params.h"
#include "data/nn-dataset.h"

G_BEGIN_DECLS

typedef struct _NnSplit NnSplit;

/* counts: samples of each class (n_classes >= 1; one class where there are none). options: "seed"
 * and "test-share" of nn_data_specs(). Of n >= 2 samples round (share n) go to the test part, at
 * least one and at most n - 1, and of each class its share to within one. (transfer full) */
NnSplit *nn_split_new (const gsize *counts, guint n_classes, const NnParams *options);
void nn_split_free (NnSplit *split);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnSplit, nn_split_free)

/* Samples that go to each part. */
void nn_split_sizes (const NnSplit *split, gsize n_samples[NN_N_PARTS]);

/* The part of the next sample, which has this class. Called for every sample in turn. */
NnPart nn_split_next (NnSplit *split, guint class);

/* fields have n >= 2 samples in their training part and none in their test part: moves the share
 * there, by the classes of the first LABEL field. Takes the memory of both for the while. */
void nn_split_storage (NnFieldStorage *fields, guint n_fields, gsize n, const NnParams *options,
                       gsize n_samples[NN_N_PARTS]);

/* ---- validation ---- */

/* Ended by a NULL name, static: "validation" and "validation-share", part of nn_data_specs(). */
const NnParamSpec *nn_validation_specs (void);

/* Of a set that holds nothing out yet, as options (of nn_data_specs()) ask for: moves a share of
 * its training part to NN_PART_VALIDATION, by the classes of the first LABEL field; with a "limit",
 * a share of the samples that it leaves, and the others are dropped. What is fitted on the training
 * part comes after it. A single sample stays. Takes the memory of both for the while. */
void nn_split_hold_out (NnFieldStorage *fields, guint n_fields, const NnParams *options,
                        gsize n_samples[NN_N_PARTS]);
/* The sizes of the parts alone. */
void nn_split_hold_out_sizes (const NnParams *options, gsize n_samples[NN_N_PARTS]);
/* The same for a whole set; itself where nothing is to be done. (transfer full) */
NnDataset *nn_dataset_hold_out (NnDataset *dataset, const NnParams *options, GError **error);

/* Releases what the fields hold. */
void nn_storage_clear (NnFieldStorage *fields, guint n_fields);

G_END_DECLS
