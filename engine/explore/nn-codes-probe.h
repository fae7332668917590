/* nn-codes-probe.h: where the encoder puts many samples: what the latent plane, the statistics of
 * the code and the neighbours of a sample are made of. Who asks for the first samples of a part
 * shares what is computed for whoever asks for more of them.
 *
 * One answer computes for NN_PROBE_PIECE_TIME and no more. The codes of a pass over all samples are
 * handed out when it is complete, and passes follow each other a few times a second at most; of the
 * first pass what there is so far is handed out too. While training, the codes of one pass are
 * those of weights a few batches apart.
 */
#pragma once

#include "explore/nn-probe.h"

G_BEGIN_DECLS

#define NN_CODES_MAX_SAMPLES 10000

typedef struct
{
  NnProbe base;
  NnPart part;
  GArray *samples; /* guint32; empty: the first n of the part */
  guint n;
} NnCodesProbe;

/* n samples with a code of D values. Answers of the same pass share what they hold. */
typedef struct
{
  NnProbeResult base;
  guint64 pass;           /* another one has other codes; rises */
  guint n_whole;          /* samples that a complete answer has: n, or more in the first pass */
  guint node;             /* whose output the code is */
  NnShape shape;          /* of one code; its size is D */
  GArray *samples;        /* guint32 (n) */
  GArray *labels;         /* gint (n): class, -1 where there is none */
  NnTensor *codes;        /* (n, D); where the code is sampled (a VAE): the posterior mean */
  NnTensor *log_variance; /* (n, D) of the posterior, or NULL */
} NnCodesResult;

/* samples NULL: the first n of the part, or as many as it has. n at most NN_CODES_MAX_SAMPLES.
 * Answers NN_ERROR_UNSUPPORTED where the network has no code, NN_ERROR_RANGE where a sample does
 * not exist. (transfer full) */
NnProbe *nn_codes_probe_new (guint id, NnPart part, const guint32 *samples, guint n);

extern const NnProbeType nn_codes_probe_type;

G_END_DECLS
