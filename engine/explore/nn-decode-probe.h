/* nn-decode-probe.h: what the decoder makes of given codes, and of codes between or combined from
 * samples, which are encoded anew for each answer, so that they follow the training.
 */
#pragma once

#include "explore/nn-code-space.h"
#include "explore/nn-probe.h"

G_BEGIN_DECLS

/* Between which values of the network a decoder runs. */
typedef struct
{
  guint code, output; /* nodes */
  guint encoded;      /* node whose output is a sample's place: the mean of a sampled code */
  gboolean sampled;   /* codes are drawn around a mean and pulled towards N(0, 1) */
  NnShape code_shape;
  NnShape shape; /* of a decoded value: the target's where it has as many values (784: 28x28x1) */
  float black, white; /* as which the values of a decoded picture are shown */
} NnDecoder;

/* FALSE with a reason for the user where there is no code, or nothing is decoded from it. Without a
 * decoder what concerns the code is filled in all the same; encoded 0: no code. */
gboolean nn_decoder_find (const NnAnalysis *analysis, NnDecoder *decoder, GError **error);

typedef enum
{
  NN_BLEND_NONE,
  NN_BLEND_STRAIGHT,   /* from sample 0 to sample 1 */
  NN_BLEND_SPHERICAL,  /* likewise, along the arc */
  NN_BLEND_ARITHMETIC, /* the codes of samples 0, 1, 2 and then 0 - 1 + 2 */
} NnBlend;

#define NN_DECODE_MAX_SAMPLES 3

typedef struct
{
  NnProbe base;
  NnTensor *codes; /* (m, D) owned; NULL: none */
  NnBlend blend;
  NnPart part;
  guint32 samples[NN_DECODE_MAX_SAMPLES];
  guint n_steps; /* of a walk */
} NnDecodeProbe;

typedef struct
{
  NnProbeResult base;
  NnDecoder decoder;
  guint n_given;    /* the first ones: codes that were asked for */
  NnTensor *codes;  /* (n, D): those, then the blend's */
  NnTensor *values; /* (n, S) */
} NnDecodeResult;

/* codes (m, D), referenced (nullable where there is a blend); D that does not fit the network (any
 * more), or a decoded value that is not finite, is answered with an error. samples: two of a walk,
 * three of arithmetic. */
NnProbe *nn_decode_probe_new (guint id, NnTensor *codes, NnBlend blend, NnPart part,
                              const guint32 *samples, guint n_steps);

/* "place,z1,..,zD,position,value", a line for each decoded value. (transfer full) */
char *nn_decode_result_to_csv (const NnDecodeResult *result);
/* The decoded values: (n, shape of one). (transfer full) */
NnTensor *nn_decode_result_to_tensor (const NnDecodeResult *result);

extern const NnProbeType nn_decode_probe_type;

G_END_DECLS
