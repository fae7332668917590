#include "diabolo-config.h"

#include "explore/nn-tsne.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "base/nn-error.h"
#include "base/nn-rng.h"
#include "explore/nn-pca.h"
#include "explore/nn-tsne-tree.h"

/* scikit-learn's: spread of the first component at the start, momentum during and after
 * exaggeration, the change of gains and their least, the least automatic learning rate. */
#define START_SPREAD 1e-4
#define MOMENTUM_FIRST 0.5f
#define MOMENTUM_LATER 0.8f
#define GAIN_MORE 0.2f
#define GAIN_LESS 0.8f
#define GAIN_LEAST 0.01f
#define RATE_LEAST 50.0
/* What parts equal points, in shares of the spread. */
#define JITTER 0.001

#define PULL_POINTS 256

struct _NnTsne
{
  gsize n;
  NnTsneSettings settings; /* as used */
  guint n_steps;
  NnTsneGraph graph;
  NnTsneTree *tree;
  double p_log_p; /* sum over the graph */

  float *xy;          /* (n, 2), as all below */
  float *pull, *push; /* attraction, repulsion times the sum of all q */
  float *change, *gain;
  double *log_sums; /* of each task */

  NnPool *pool; /* borrowed */
  const NnKernels *kernels;
  gboolean with_log; /* in this run of tasks */
};

/* ---- start ---- */

static gboolean
check (const float *codes, gsize n, gsize dims, const NnTsneSettings *settings,
       const NnKernels *kernels, GError **error)
{
  if (n == 0 || dims == 0)
    {
      g_set_error_literal (error, NN_ERROR, NN_ERROR_RANGE,
                           _ ("There are no codes to lay out: t-SNE needs at least one."));
      return FALSE;
    }
  if (!(settings->perplexity >= 1 && settings->perplexity <= 1000)
      || !(settings->exaggeration >= 1 && settings->exaggeration <= 1000)
      || !(settings->learning_rate >= 0 && isfinite (settings->learning_rate))
      || !(settings->angle >= 0 && settings->angle <= 0.7))
    {
      g_set_error (
          error, NN_ERROR, NN_ERROR_RANGE,
          "t-SNE takes a perplexity and an exaggeration of 1 to 1000, a learning rate of 0 "
          "(automatic) or more and an angle of 0 to 0.7, not %g, %g, %g and %g.",
          settings->perplexity, settings->exaggeration, settings->learning_rate, settings->angle);
      return FALSE;
    }
  for (gsize i = 0; i < n; i++)
    if (!kernels->all_finite (codes + i * dims, dims))
      {
        g_set_error (error, NN_ERROR, NN_ERROR_NUMERIC,
                     _ ("Code %u holds a value that is not a finite number, so its distance to "
                        "others is unknown. Has training diverged?"),
                     (guint)i);
        return FALSE;
      }
  return TRUE;
}

/* Codes less their mean, divided by the largest value there is: distances neither overflow nor lose
 * digits to a common offset. NULL where all are the same. (transfer full) */
static float *
normalise (const float *codes, gsize n, gsize dims)
{
  g_assert (n > 0 && dims > 0); /* nn_tsne_new() has looked */
  g_autofree float *x = g_new (float, n *dims);
  g_autofree double *mean = g_new0 (double, dims);
  double largest = 0;

  for (gsize i = 0; i < n; i++)
    for (gsize d = 0; d < dims; d++)
      mean[d] += (double)codes[i * dims + d] / (double)n;
  for (gsize i = 0; i < n * dims; i++)
    largest = MAX (largest, fabs ((double)codes[i] - mean[i % dims]));
  /* Equal codes differ from their mean by its rounding. */
  for (gsize i = dims; i < n * dims && codes[i] == codes[i % dims]; i++)
    if (i + 1 == n * dims)
      return NULL;
  for (gsize i = 0; i < n * dims; i++)
    x[i] = largest > 0 ? (float)(((double)codes[i] - mean[i % dims]) / largest) : 0;
  return g_steal_pointer (&x);
}

/* xy (n, 2) = the first two principal components of x (n, dims); 0 for one that is not there. FALSE
 * where cancelled. */
static gboolean
project (NnTsne *tsne, const float *x, gsize dims, GCancellable *cancellable)
{
  const guint k = (guint)MIN (dims, 2);
  g_autofree float *along = g_new (float, k * tsne->n);
  g_autoptr (NnPca) pca = nn_pca_new (x, tsne->n, dims, k, cancellable);

  if (pca == NULL)
    return FALSE;
  nn_pca_project (pca, x, tsne->n, along);
  for (gsize i = 0; i < tsne->n; i++)
    for (guint c = 0; c < k; c++)
      tsne->xy[2 * i + c] = along[k * i + c];
  return TRUE;
}

/* Takes the mean away. Returns the root of the mean square of the first coordinate. */
static double
centre (float *xy, gsize n)
{
  double mean[2] = { 0, 0 }, square = 0;

  for (gsize i = 0; i < 2 * n; i++)
    mean[i % 2] += (double)xy[i] / (double)n;
  for (gsize i = 0; i < 2 * n; i++)
    xy[i] -= (float)mean[i % 2];
  for (gsize i = 0; i < n; i++)
    square += (double)xy[2 * i] * (double)xy[2 * i];
  return sqrt (square / (double)n);
}

/* FALSE where cancelled. */
static gboolean
place (NnTsne *tsne, const float *x, gsize dims, GCancellable *cancellable)
{
  double spread, scale = 1;
  NnRng rng;

  if (tsne->settings.start)
    memcpy (tsne->xy, tsne->settings.start, 2 * tsne->n * sizeof (float));
  else if (!project (tsne, x, dims, cancellable))
    return FALSE;
  spread = centre (tsne->xy, tsne->n);
  if (tsne->settings.start == NULL || spread <= 0)
    {
      scale = spread > 0 ? START_SPREAD / spread : 0;
      spread = START_SPREAD;
    }
  tsne->settings.start = NULL;
  nn_rng_init (&rng, tsne->settings.seed, NN_STREAM_VIEW, 1, 0);
  for (gsize i = 0; i < 2 * tsne->n; i++)
    tsne->xy[i] =
        (float)(scale * (double)tsne->xy[i] + JITTER * spread * (double)nn_rng_normal (&rng));
  centre (tsne->xy, tsne->n);
  return TRUE;
}

static void
allocate (NnTsne *tsne)
{
  const gsize n = tsne->n;

  tsne->tree = nn_tsne_tree_new (n, (float)tsne->settings.angle, nn_pool_n_threads (tsne->pool));
  tsne->xy = g_new0 (float, 2 * n);
  tsne->pull = g_new0 (float, 2 * n);
  tsne->push = g_new0 (float, 2 * n);
  tsne->change = g_new0 (float, 2 * n);
  tsne->gain = g_new (float, 2 * n);
  for (gsize i = 0; i < 2 * n; i++)
    tsne->gain[i] = 1;
  tsne->log_sums = g_new0 (double, 1 + n / PULL_POINTS);
}

NnTsne *
nn_tsne_new (const float *codes, gsize n, gsize dims, const NnTsneSettings *settings, NnPool *pool,
             NnTsneProgress progress, gpointer progress_data, GCancellable *cancellable,
             GError **error)
{
  const NnKernels *kernels = nn_kernels_best ();
  g_autofree float *x = NULL;
  g_autoptr (NnTsne) tsne = NULL;

  if (!check (codes, n, dims, settings, kernels, error))
    return NULL;
  x = n > 1 ? normalise (codes, n, dims) : g_new0 (float, dims);
  if (x == NULL)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_RANGE,
                   _ ("All %u codes are the same, so none is nearer than another: there is nothing "
                      "to lay out."),
                   (guint)n);
      return NULL;
    }
  tsne = g_new0 (NnTsne, 1);
  tsne->n = n;
  tsne->pool = pool;
  tsne->kernels = kernels;
  tsne->settings = *settings;
  tsne->settings.perplexity = MIN (settings->perplexity, MAX (1, (double)(n - 1) / 3));
  if (settings->learning_rate <= 0)
    tsne->settings.learning_rate = MAX ((double)n / settings->exaggeration / 4, RATE_LEAST);
  allocate (tsne);
  if (n == 1)
    return g_steal_pointer (&tsne);
  if (!nn_tsne_graph_init (&tsne->graph, x, n, dims, tsne->settings.perplexity, kernels, pool,
                           progress, progress_data, cancellable, error))
    return NULL;
  for (gsize e = 0; e < tsne->graph.row[n]; e++)
    if (tsne->graph.p[e] > 0)
      tsne->p_log_p += (double)tsne->graph.p[e] * log ((double)tsne->graph.p[e]);
  if (!place (tsne, x, dims, cancellable))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("t-SNE was cancelled."));
      return NULL;
    }
  return g_steal_pointer (&tsne);
}

void
nn_tsne_free (NnTsne *tsne)
{
  if (tsne == NULL)
    return;
  nn_tsne_graph_clear (&tsne->graph);
  nn_tsne_tree_free (tsne->tree);
  g_free (tsne->log_sums);
  g_free (tsne->gain);
  g_free (tsne->change);
  g_free (tsne->push);
  g_free (tsne->pull);
  g_free (tsne->xy);
  g_free (tsne);
}

/* ---- steps ---- */

static guint
n_pull_tasks (const NnTsne *tsne)
{
  return (guint)((tsne->n + PULL_POINTS - 1) / PULL_POINTS);
}

/* Task 0 builds the tree while the others work off the graph. */
static void
build_and_pull (gpointer data, guint task, guint thread)
{
  NnTsne *tsne = data;
  const gsize first = (gsize)(task - 1) * PULL_POINTS;

  if (task == 0)
    {
      nn_tsne_tree_build (tsne->tree, tsne->xy);
      return;
    }
  tsne->log_sums[task - 1] = 0;
  tsne->kernels->pull (tsne->xy, tsne->graph.row, tsne->graph.index, tsne->graph.p, first,
                       MIN (first + PULL_POINTS, tsne->n), tsne->pull,
                       tsne->with_log ? &tsne->log_sums[task - 1] : NULL);
}

/* Fills pull and push. Returns the sum of q over all pairs. */
static double
compute_forces (NnTsne *tsne, gboolean with_log)
{
  tsne->with_log = with_log;
  nn_pool_run (tsne->pool, 1 + n_pull_tasks (tsne), build_and_pull, tsne);
  return nn_tsne_tree_forces (tsne->tree, tsne->kernels, tsne->pool, tsne->push);
}

/* change = momentum change - rate gain 4 (exaggeration pull - push / sum of q), with gains that
 * grow while a coordinate goes on in its direction: R. Jacobs, "Increased rates of convergence
 * through learning rate adaptation", Neural Networks 1, 1988. */
void
nn_tsne_step (NnTsne *tsne)
{
  const float exaggeration = nn_tsne_is_exaggerated (tsne) ? (float)tsne->settings.exaggeration : 1;
  const float momentum = nn_tsne_is_exaggerated (tsne) ? MOMENTUM_FIRST : MOMENTUM_LATER;
  const float rate = 4 * (float)tsne->settings.learning_rate;
  float share;

  tsne->n_steps++;
  if (tsne->n == 1)
    return;
  share = (float)(1 / compute_forces (tsne, FALSE));
  for (gsize i = 0; i < 2 * tsne->n; i++)
    {
      const float gradient = exaggeration * tsne->pull[i] - share * tsne->push[i];
      const float gain =
          tsne->change[i] * gradient < 0 ? tsne->gain[i] + GAIN_MORE : tsne->gain[i] * GAIN_LESS;

      tsne->gain[i] = MAX (gain, GAIN_LEAST);
      tsne->change[i] = momentum * tsne->change[i] - rate * tsne->gain[i] * gradient;
      tsne->xy[i] += tsne->change[i];
    }
  centre (tsne->xy, tsne->n);
}

const float *
nn_tsne_positions (const NnTsne *tsne)
{
  return tsne->xy;
}

guint
nn_tsne_n_steps (const NnTsne *tsne)
{
  return tsne->n_steps;
}

gboolean
nn_tsne_is_exaggerated (const NnTsne *tsne)
{
  return tsne->n_steps < tsne->settings.exaggeration_steps;
}

double
nn_tsne_perplexity (const NnTsne *tsne)
{
  return tsne->settings.perplexity;
}

/* sum p log (p / (q / sum of q)) = sum p log p + sum p log (1 + d^2) + log (sum of q) */
double
nn_tsne_divergence (NnTsne *tsne)
{
  double divergence = tsne->p_log_p;

  if (tsne->n == 1)
    return 0;
  divergence += log (compute_forces (tsne, TRUE));
  for (guint task = 0; task < n_pull_tasks (tsne); task++)
    divergence += tsne->log_sums[task];
  return divergence;
}
