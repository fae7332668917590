/* nn-layer-recurrent.h: what LSTM, GRU and simple RNN share. Shapes: (T, F) to (T, U) or, without
 * return-sequences, to (U); twice U where both directions are concatenated.
 */
#pragma once

#include "layers/nn-layer-params.h"

G_BEGIN_DECLS

/* The parameter table of all three. */
extern const NnParamSpec nn_recurrent_params[];
/* The test configurations of all three. */
extern const NnLayerTest nn_recurrent_tests[];

gboolean nn_recurrent_infer (const NnParams *params, const NnInferContext *context, NnShape *out,
                             GError **error);
/* type: the primitive, with `gates` columns a unit and bias_rows rows of them; the values of part
 * ones (-1: none) of the bias start at 1. */
void nn_recurrent_lower (const NnParams *params, NnLowering *lowering, const NnOpType *type,
                         gint64 gates, gint64 bias_rows, gint64 ones);
/* "LSTM · both ways"; title is translated. (transfer full) */
char *nn_recurrent_describe (const NnParams *params, const char *title);
NnParams *nn_recurrent_match_output (const NnParams *params, const NnShape *in,
                                     const NnShape *wanted, char **label);
/* The layer id that gives back the sequence; mirror_first is the repetition before it where only
 * the last state is left. */
NnParams *nn_recurrent_mirror (const NnParams *params, const NnShape *in, const char *id,
                               const NnLayerType **type);
NnParams *nn_recurrent_mirror_first (const NnParams *params, const NnShape *in, const NnShape *out,
                                     const NnLayerType **type);

G_END_DECLS
