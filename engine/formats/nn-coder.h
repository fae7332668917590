/* nn-coder.h: a trained network, or its encoder or decoder, at work on many samples: as it is
 * exported, so without noise and with the mean where a code is drawn at random. One thread at a
 * time; the work is shared among all processors.
 */
#pragma once

#include "formats/nn-export-model.h"

G_BEGIN_DECLS

/* Samples that are best asked for at once: enough to keep every processor busy, of no more values
 * than memory is well spent on. */
#define NN_CODER_MAX_PIECE 1024
#define nn_coder_piece(values) CLAMP (((gsize)1 << 22) / (values), 1, NN_CODER_MAX_PIECE)

typedef struct _NnCoder NnCoder;

/* part: of the network, whatever part source names. The whole and the encoder read source's data
 * set, whose shapes must be the network's. Errors as of nn_export_model_new(), NN_ERROR_DESIGN
 * without a code and NN_ERROR_UNSUPPORTED for a decoder that reads more than the code. (transfer
 * full) */
NnCoder *nn_coder_new (const NnExportSource *source, NnExportPart part, GError **error);
void nn_coder_free (NnCoder *coder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnCoder, nn_coder_free)

/* What comes out of one sample: S values. */
const NnShape *nn_coder_shape (const NnCoder *coder);
gsize nn_coder_size (const NnCoder *coder);
const NnExportModel *nn_coder_model (const NnCoder *coder); /* (transfer none) */

/* Tells networks apart by what their decoder does: the first 16 bytes of a SHA-256 over the layers
 * with their settings, and their weights. Where it stands and what it is called does not matter.
 * Decoder. */
void nn_coder_fingerprint (const NnCoder *coder, guint8 fingerprint[16]);

/* out (n, S) gets what samples first .. first + n - 1 of a part of the data set become. Whole
 * network and encoder. */
void nn_coder_run_samples (NnCoder *coder, NnPart samples, gsize first, gsize n, float *out);
/* out (n, S) gets what n codes become. Decoder. */
void nn_coder_run_codes (NnCoder *coder, const float *codes, gsize n, float *out);

G_END_DECLS
