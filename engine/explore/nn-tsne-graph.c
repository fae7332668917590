#include "explore/nn-tsne-graph.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/nn-blas.h"

/* Points of a task, and those they are compared with at a time: the block of their distances stays
 * in the second-level cache. */
#define TASK_POINTS 64
#define PANEL_POINTS 2048
/* Tasks between two reports of progress. */
#define ROUND_TASKS 16

/* sklearn's: bisections of the width, and the entropy's distance from what is wanted. */
#define N_BISECTIONS 100
#define ENTROPY_TOLERANCE 1e-5

typedef struct
{
  float distance2;
  guint32 index;
} Near;

typedef struct
{
  const float *x;
  float *norms; /* (n) squared lengths */
  gsize n, dims, k;
  double entropy;
  const NnKernels *kernels;
  guint32 *index;   /* (n, k) rising within a row */
  float *weight;    /* (n, k) adding up to 1 in a row */
  float **products; /* of each thread (TASK_POINTS, PANEL_POINTS) */
  Near **heaps;     /* of each thread (TASK_POINTS, k), the farthest first */
  float **scratch;  /* of each thread (3, k) */
  gsize first_task; /* of this round */
} Search;

/* ---- nearest neighbours ---- */

/* Puts near in the place of the farthest of the n in the heap. */
static void
replace_farthest (Near *heap, gsize n, Near near)
{
  gsize at = 0;

  for (gsize child = 1; child < n; child = 2 * at + 1)
    {
      if (child + 1 < n && heap[child + 1].distance2 > heap[child].distance2)
        child++;
      if (heap[child].distance2 <= near.distance2)
        break;
      heap[at] = heap[child];
      at = child;
    }
  heap[at] = near;
}

/* |a - b|^2 - |a|^2 = |b|^2 - 2 ab, which orders the same. */
static void
compare_with_panel (const Search *search, gsize first, gsize n_points, gsize panel, gsize n_panel,
                    const float *products, Near *heaps)
{
  for (gsize i = 0; i < n_points; i++)
    {
      const float *product = products + i * PANEL_POINTS;
      const float *norms = search->norms + panel;
      Near *heap = heaps + i * search->k;

      for (gsize j = 0; j < n_panel; j++)
        {
          const float distance2 = norms[j] - 2 * product[j];

          if (distance2 < heap->distance2 && panel + j != first + i)
            replace_farthest (heap, search->k, (Near){ distance2, (guint32)(panel + j) });
        }
    }
}

static gint
compare_index (gconstpointer a, gconstpointer b)
{
  const Near *first = a, *second = b;

  return first->index < second->index ? -1 : first->index > second->index;
}

static float
exact_distance2 (const float *a, const float *b, gsize dims)
{
  double sum = 0;

  for (gsize d = 0; d < dims; d++)
    {
      const float difference = a[d] - b[d];

      sum += (double)(difference * difference);
    }
  return (float)sum;
}

/* ---- perplexity ---- */

/* weight = exp (-beta distance2) / sum; returns its entropy, -sum w log w. The nearest has distance
 * 0, so that the sum is one over its weight. */
static double
entropy_at (const Search *search, const float *distance2, double beta, float *scratch,
            float *weight)
{
  double mean = 0, largest = DBL_MIN;

  search->kernels->scale ((float)-beta, distance2, scratch, search->k);
  search->kernels->activate (NN_ACTIVATION_SOFTMAX, 0, scratch, weight, 1, search->k);
  for (gsize i = 0; i < search->k; i++)
    {
      mean += (double)weight[i] * (double)distance2[i];
      largest = MAX (largest, (double)weight[i]);
    }
  return beta * mean - log (largest);
}

/* distance2: less that of the nearest. Where more points than the perplexity lie at the same
 * distance, no width gives it: the search ends with equal weights for them. */
static void
weigh (const Search *search, const float *distance2, float *scratch, float *weight)
{
  double low = 0, high = INFINITY, mean = 0, beta;

  for (gsize i = 0; i < search->k; i++)
    mean += (double)distance2[i] / (double)search->k;
  beta = mean > 1e-30 ? 1 / mean : 1;
  for (guint i = 0; i < N_BISECTIONS && beta < 1e30; i++)
    {
      const double entropy = entropy_at (search, distance2, beta, scratch, weight);

      if (fabs (entropy - search->entropy) <= ENTROPY_TOLERANCE)
        return;
      if (entropy > search->entropy)
        low = beta;
      else
        high = beta;
      beta = isinf (high) ? 2 * beta : (low + high) / 2;
    }
}

static void
finish_point (const Search *search, gsize point, Near *heap, float *scratch)
{
  const float *x = search->x + point * search->dims;
  float *distance2 = scratch + search->k;
  float nearest = INFINITY;

  qsort (heap, search->k, sizeof *heap, compare_index);
  for (gsize i = 0; i < search->k; i++)
    {
      /* What products lose to rounding matters where points lie close together. */
      distance2[i] = exact_distance2 (x, search->x + heap[i].index * search->dims, search->dims);
      nearest = MIN (nearest, distance2[i]);
      search->index[point * search->k + i] = heap[i].index;
    }
  for (gsize i = 0; i < search->k; i++)
    distance2[i] -= nearest;
  weigh (search, distance2, scratch, search->weight + point * search->k);
}

static void
search_task (gpointer data, guint task, guint thread)
{
  const Search *search = data;
  const gsize first = (search->first_task + task) * TASK_POINTS;
  const gsize n_points = MIN (TASK_POINTS, search->n - first);
  float *products = search->products[thread];
  Near *heaps = search->heaps[thread];

  for (gsize i = 0; i < n_points * search->k; i++)
    heaps[i] = (Near){ INFINITY, 0 };
  for (gsize panel = 0; panel < search->n; panel += PANEL_POINTS)
    {
      const gsize n_panel = MIN (PANEL_POINTS, search->n - panel);

      nn_gemm (search->kernels, FALSE, TRUE, n_points, n_panel, search->dims,
               search->x + first * search->dims, search->dims, search->x + panel * search->dims,
               search->dims, FALSE, products, PANEL_POINTS);
      compare_with_panel (search, first, n_points, panel, n_panel, products, heaps);
    }
  for (gsize i = 0; i < n_points; i++)
    finish_point (search, first + i, heaps + i * search->k, search->scratch[thread]);
}

static void
search_init (Search *search, guint n_threads)
{
  search->norms = g_new (float, search->n);
  search->index = g_new (guint32, search->n * search->k);
  search->weight = g_new (float, search->n * search->k);
  search->products = g_new (float *, n_threads);
  search->heaps = g_new (Near *, n_threads);
  search->scratch = g_new (float *, n_threads);
  for (guint t = 0; t < n_threads; t++)
    {
      search->products[t] = g_new (float, TASK_POINTS *PANEL_POINTS);
      search->heaps[t] = g_new (Near, TASK_POINTS * search->k);
      search->scratch[t] = g_new (float, 2 * search->k);
    }
  for (gsize i = 0; i < search->n; i++)
    {
      const float *x = search->x + i * search->dims;

      search->norms[i] = 0;
      for (gsize d = 0; d < search->dims; d++)
        search->norms[i] += x[d] * x[d];
    }
}

static void
search_clear (Search *search, guint n_threads)
{
  for (guint t = 0; t < n_threads; t++)
    {
      g_free (search->products[t]);
      g_free (search->heaps[t]);
      g_free (search->scratch[t]);
    }
  g_free (search->products);
  g_free (search->heaps);
  g_free (search->scratch);
  g_free (search->weight);
  g_free (search->index);
  g_free (search->norms);
}

/* ---- symmetry ---- */

/* For every point those that have it among their neighbours, rising: row (n + 1), index and weight
 * (n, k). */
static void
transpose (const Search *search, gsize *row, guint32 *index, float *weight)
{
  const gsize n_edges = search->n * search->k;
  g_autofree gsize *end = g_new0 (gsize, search->n + 1);

  for (gsize e = 0; e < n_edges; e++)
    end[search->index[e] + 1]++;
  /* g_new0() has filled all of it. */
  for (gsize i = 0; i < search->n; i++)
    /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult) */
    end[i + 1] += end[i];
  memcpy (row, end, (search->n + 1) * sizeof *row);
  for (gsize e = 0; e < n_edges; e++)
    {
      const gsize to = end[search->index[e]]++;

      index[to] = (guint32)(e / search->k);
      weight[to] = search->weight[e];
    }
}

/* p_ij = (p_j|i + p_i|j) / 2n over the edges of both directions. */
static void
symmetrise (const Search *search, NnTsneGraph *graph)
{
  const gsize n = search->n, k = search->k;
  const float share = 1 / (2 * (float)n);
  g_autofree gsize *from = g_new (gsize, n + 1);
  g_autofree guint32 *from_index = g_new (guint32, n * k);
  g_autofree float *from_weight = g_new (float, n *k);
  gsize n_edges = 0;

  transpose (search, from, from_index, from_weight);
  graph->n = n;
  graph->row = g_new (gsize, n + 1);
  graph->index = g_new (guint32, 2 * n * k);
  graph->p = g_new (float, 2 * n * k);
  for (gsize i = 0; i < n; i++)
    {
      gsize a = i * k, b = from[i];

      graph->row[i] = n_edges;
      while (a < (i + 1) * k || b < from[i + 1])
        {
          const guint32 to = a < (i + 1) * k ? search->index[a] : G_MAXUINT32;
          const guint32 back = b < from[i + 1] ? from_index[b] : G_MAXUINT32;
          float p = 0;

          graph->index[n_edges] = MIN (to, back);
          if (to <= back)
            p += search->weight[a++];
          if (back <= to)
            p += from_weight[b++];
          graph->p[n_edges++] = p * share;
        }
    }
  graph->row[n] = n_edges;
}

gboolean
nn_tsne_graph_init (NnTsneGraph *graph, const float *x, gsize n, gsize dims, double perplexity,
                    const NnKernels *kernels, NnPool *pool, NnTsneProgress progress,
                    gpointer progress_data, GCancellable *cancellable, GError **error)
{
  Search search = {
    .x = x,
    .n = n,
    .dims = dims,
    .k = MIN ((gsize)(3 * perplexity), n - 1),
    .entropy = log (perplexity),
    .kernels = kernels,
  };
  const gsize n_tasks = (n + TASK_POINTS - 1) / TASK_POINTS;
  gsize done = 0;
  gboolean cancelled;

  search_init (&search, nn_pool_n_threads (pool));
  do
    {
      if (progress)
        progress ((double)done / (double)n_tasks, progress_data);
      search.first_task = done;
      nn_pool_run (pool, (guint)MIN (ROUND_TASKS, n_tasks - done), search_task, &search);
      cancelled = g_cancellable_set_error_if_cancelled (cancellable, error);
      done += ROUND_TASKS;
    }
  while (done < n_tasks && !cancelled);
  if (!cancelled)
    symmetrise (&search, graph);
  search_clear (&search, nn_pool_n_threads (pool));
  return !cancelled;
}

void
nn_tsne_graph_clear (NnTsneGraph *graph)
{
  g_clear_pointer (&graph->row, g_free);
  g_clear_pointer (&graph->index, g_free);
  g_clear_pointer (&graph->p, g_free);
}
