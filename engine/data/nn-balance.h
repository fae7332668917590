/* nn-balance.h: class balancing in advance: rare classes of the training part get copies of their
 * samples until every class has as many as the largest, each moved by noise in proportion to the
 * spread that its value has within the class. Copies stand between the others in an order drawn
 * from a seed; the other parts stay as they are.
 */
#pragma once

#include <gio/gio.h>

#include "base/nn-params.h"
#include "data/nn-dataset.h"

G_BEGIN_DECLS

/* Ended by a NULL name, static: "balance" and "copy-noise", part of nn_data_specs(). */
const NnParamSpec *nn_balance_specs (void);

/* As data (of a table that has nn_balance_specs() and a "seed" in it) asks for; the data set itself
 * where nothing is to be done. Classes are those of the first label. Values of images stay within
 * their range. NN_ERROR_DESIGN: there are no labels; NN_ERROR_MEMORY; G_IO_ERROR_CANCELLED. Any
 * thread, takes long for large sets. (transfer full) */
NnDataset *nn_dataset_balance (NnDataset *dataset, const NnParams *data, GCancellable *cancellable,
                               GError **error);

G_END_DECLS
