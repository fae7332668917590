/* nn-maximise.h: pictures that climb: gradient ascent on the input, from noise, so that a unit of
 * the network answers as strongly as it can.
 * K. Simonyan, A. Vedaldi, A. Zisserman, "Deep inside convolutional networks: visualising image
 * classification models and saliency maps", 2014 (L2); A. Mahendran, A. Vedaldi, "Understanding
 * deep image representations by inverting them", 2015 (total variation); A. Mordvintsev, C. Olah,
 * M. Tyka, "Inceptionism", 2015 (jitter).
 *
 * Pure: knows neither network nor thread. Whoever climbs asks where to look, computes activation
 * and gradient there and gives them back. The same seed and gradients give the same pictures.
 *
 * n pictures of S values, S = H W C, T F or F; C is the last dimension.
 */
#pragma once

#include "base/nn-shape.h"

G_BEGIN_DECLS

/* Points of a course that are kept; with more steps every second one is left out. */
#define NN_MAXIMISE_COURSE 256

typedef struct
{
  float rate;      /* of each step, in units of the space */
  float decay;     /* L2: pull towards rest; 1 balances an average slope one unit away from it */
  float variation; /* total variation: pull of a value towards its neighbours */
  guint jitter;    /* most pixels that the picture is shifted by for a step, along each axis */
  gboolean clip;   /* values stay between low and high */
} NnMaximiseSettings;

/* Where pictures live: for each of the C last-axis positions, what is usual there. */
typedef struct
{
  NnShape shape;
  float *rest, *unit, *low, *high; /* (C) each; unit > 0 */
} NnMaximiseSpace;

/* From n samples (n, S) that are usual. Images: one range for all their values, a mean for each
 * channel; else mean and deviation for each position of the last axis. (transfer full) */
NnMaximiseSpace *nn_maximise_space_new (const NnShape *shape, const float *samples, gsize n);
void nn_maximise_space_free (NnMaximiseSpace *space);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnMaximiseSpace, nn_maximise_space_free)

/* Of one picture in units of its space: the sum over positions of the length of the step to the
 * next ones, along both axes of an image or along time; a vector has none. Adds to g (S) the
 * derivative times factor. */
double nn_maximise_variation (const NnShape *shape, const float *z, float factor, float *g);

typedef struct _NnMaximise NnMaximise;

/* n pictures near rest, each with a stream of random numbers named by seed and its entry in names
 * (n). (transfer full); space (transfer full) */
NnMaximise *nn_maximise_new (NnMaximiseSpace *space, const guint32 *names, guint n, guint64 seed);
void nn_maximise_free (NnMaximise *maximise);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnMaximise, nn_maximise_free)

const NnMaximiseSpace *nn_maximise_space (const NnMaximise *maximise);
const float *nn_maximise_pictures (const NnMaximise *maximise); /* (n, S) */
guint nn_maximise_n_steps (const NnMaximise *maximise);

/* What the next step is to look at: the pictures as jitter shifts them, (n, S). */
const float *nn_maximise_look (NnMaximise *maximise, const NnMaximiseSettings *settings);
/* The step itself. activation (n) and its gradient g (n, S), of what was looked at. counts: as a
 * further step, else in place of the last. Where a picture has no slope it wanders at random. */
void nn_maximise_step (NnMaximise *maximise, const NnMaximiseSettings *settings,
                       const float *activation, const float *g, gboolean counts);

/* Activations as they were: (n_points, n), one point every `stride` steps from the first on. */
const float *nn_maximise_course (const NnMaximise *maximise, guint *n_points, guint *stride);
/* (n): of the last step. */
const float *nn_maximise_activation (const NnMaximise *maximise);
/* TRUE where the last step found no slope to go up. */
gboolean nn_maximise_is_flat (const NnMaximise *maximise, guint picture);

G_END_DECLS
