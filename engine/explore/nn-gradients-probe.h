/* nn-gradients-probe.h: how large the gradient is at every node, and which units never fire: what
 * the graph shows as pictures and badges.
 *
 * The gradient of a sample's loss with respect to a node's output; where the node ends in an
 * activation function, with respect to what goes into it. That is the error term of
 * back-propagation (D. Rumelhart, G. Hinton, R. Williams, "Learning representations by
 * back-propagating errors", 1986): what the node's weights learn from, saturation included.
 *
 * Each answer looks at some samples of the test part (without one, the training part), as the
 * network sees them in training, and goes round among NN_GRADIENTS_WINDOW of them: the same that
 * the inspector shows a layer's activity for.
 */
#pragma once

#include "explore/nn-probe.h"

G_BEGIN_DECLS

/* As many samples as tell a silent unit from a rare one, and the seed of their choice. */
#define NN_GRADIENTS_WINDOW 500
#define NN_GRADIENTS_SEED 1

typedef struct
{
  guint node;
  NnShape shape;   /* of one sample */
  NnTensor *size;  /* (S): root of the mean square over the samples, of every value */
  double norm;     /* root of the mean over the samples of the sum of squares */
  guint n_units;   /* last dimension; 0 where being zero means nothing */
  guint n_dead;    /* of them 0 for every sample and position of the window; 0 until it is full */
  gboolean learns; /* has weights that training changes */
  gboolean last;   /* and none such between it and a loss */
} NnNodeGradient;

typedef struct
{
  NnProbeResult base;
  GPtrArray *nodes; /* NnNodeGradient, owned: those that a gradient reaches, even if it is 0 */
  guint n_samples;  /* of this answer */
  guint n_window;   /* looked at for dead units */
  double reference; /* largest norm of the last nodes; 0 where there is none */
} NnGradientsResult;

NnProbe *nn_gradients_probe_new (guint id);
/* NULL if no gradient reaches that node. */
const NnNodeGradient *nn_gradients_result_find (const NnGradientsResult *result, guint node);

extern const NnProbeType nn_gradients_probe_type;

G_END_DECLS
