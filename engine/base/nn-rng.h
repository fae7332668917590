/* nn-rng.h: counter-based random numbers, Philox 4x32-10.
 * J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 *
 * A stream is named, not advanced: (seed, stream, step, sample) fixes every number, so results do
 * not depend on the number of threads, on the order of samples, or on pausing and loading.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint32 key[2];     /* seed, low and high half */
  guint32 counter[4]; /* block, sample, step, stream */
  guint32 out[4];
  guint used;         /* of out, 0..4 */
  float spare;        /* the second normal of a pair ... */
  gboolean has_spare; /* ... where it has not been handed out */
} NnRng;

/* Streams 0 .. 2^30 are node ids; the engine's own purposes lie above. */
enum
{
  NN_STREAM_SHUFFLE = (1 << 30) + 1,
  NN_STREAM_DATA,
  NN_STREAM_VIEW,
  NN_STREAM_INIT, /* + node id in step */
};

/* step value for numbers drawn while evaluating: the same noise each time. */
#define NN_STEP_EVALUATE G_MAXUINT32

void nn_rng_init (NnRng *rng, guint64 seed, guint32 stream, guint32 step, guint32 sample);
guint32 nn_rng_u32 (NnRng *rng);
guint32 nn_rng_below (NnRng *rng, guint32 n); /* 0 .. n-1, unbiased; n >= 1 */
float nn_rng_uniform (NnRng *rng);            /* [0, 1) */
float nn_rng_normal (NnRng *rng);             /* N(0, 1), Box-Muller on pairs of words */

/* The function itself: four words for one counter. */
void nn_philox (const guint32 key[2], const guint32 counter[4], guint32 out[4]);

/* Fisher-Yates over index[0..n). */
void nn_rng_shuffle (NnRng *rng, guint32 *index, gsize n);

G_END_DECLS
