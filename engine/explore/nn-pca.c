#include "explore/nn-pca.h"

#include <math.h>
#include <string.h>

/* Up to this size all directions are rotated into the eigenvectors at once; above, a few directions
 * more than asked for are multiplied by the covariance until they stand still. */
#define SMALL 64
#define SPARE 8
#define MAX_ITERATIONS 500
#define MAX_SWEEPS 40
#define TOLERANCE 1e-10

static gboolean
is_finite_row (const float *row, gsize size)
{
  for (gsize i = 0; i < size; i++)
    if (!isfinite (row[i]))
      return FALSE;
  return TRUE;
}

static double
dot (const double *a, const double *b, gsize size)
{
  double sum = 0;

  for (gsize i = 0; i < size; i++)
    sum += a[i] * b[i];
  return sum;
}

/* mean = sum x / n,  covariance = sum (x - mean) (x - mean)' / (n - 1); (D, D) */
static double *
covariance_of (const float *x, gsize n, gsize size, double *mean, GCancellable *cancellable)
{
  double *covariance = g_new0 (double, size *size);
  g_autofree double *row = g_new (double, size);
  gsize used = 0;

  for (gsize i = 0; i < n; i++)
    if (is_finite_row (x + i * size, size))
      {
        for (gsize a = 0; a < size; a++)
          mean[a] += (double)x[i * size + a];
        used++;
      }
  for (gsize a = 0; a < size; a++)
    mean[a] /= (double)MAX (used, 1);
  for (gsize i = 0; i < n && !g_cancellable_is_cancelled (cancellable); i++)
    {
      if (!is_finite_row (x + i * size, size))
        continue;
      for (gsize a = 0; a < size; a++)
        row[a] = (double)x[i * size + a] - mean[a];
      for (gsize a = 0; a < size; a++)
        for (gsize b = 0; b <= a; b++)
          covariance[a * size + b] += row[a] * row[b];
    }
  for (gsize a = 0; a < size; a++)
    for (gsize b = 0; b <= a; b++)
      {
        covariance[a * size + b] /= (double)MAX (used, 2) - 1;
        covariance[b * size + a] = covariance[a * size + b];
      }
  return covariance;
}

/* Turns rows p and q of vectors (and of a, with its columns) so that a[p][q] becomes 0. */
static void
rotate (double *a, gsize m, gsize p, gsize q, double *vectors)
{
  const double theta = (a[q * m + q] - a[p * m + p]) / (2 * a[p * m + q]);
  const double t = (theta >= 0 ? 1 : -1) / (fabs (theta) + sqrt (theta * theta + 1));
  const double c = 1 / sqrt (t * t + 1), s = t * c;

  for (gsize k = 0; k < m; k++)
    {
      const double x = a[k * m + p], y = a[k * m + q];

      a[k * m + p] = c * x - s * y;
      a[k * m + q] = s * x + c * y;
    }
  for (gsize k = 0; k < m; k++)
    {
      const double x = a[p * m + k], y = a[q * m + k];
      const double u = vectors[p * m + k], v = vectors[q * m + k];

      a[p * m + k] = c * x - s * y;
      a[q * m + k] = s * x + c * y;
      vectors[p * m + k] = c * u - s * v;
      vectors[q * m + k] = s * u + c * v;
    }
}

/* Jacobi's method: a (m, m), symmetric, becomes diagonal; rows of vectors are the eigenvectors. */
static void
diagonalise (double *a, gsize m, double *vectors)
{
  memset (vectors, 0, m * m * sizeof *vectors);
  for (gsize i = 0; i < m; i++)
    vectors[i * m + i] = 1;
  for (guint sweep = 0; sweep < MAX_SWEEPS; sweep++)
    {
      double off = 0, on = 0;

      for (gsize p = 0; p < m; p++)
        for (gsize q = 0; q < m; q++)
          *(p == q ? &on : &off) += a[p * m + q] * a[p * m + q];
      if (off <= 1e-30 * on)
        return;
      for (gsize p = 0; p < m; p++)
        for (gsize q = p + 1; q < m; q++)
          if (a[p * m + q] != 0)
            rotate (a, m, p, q, vectors);
    }
}

/* Makes the rows of q (m, D) orthonormal; one that lies in the span of those before becomes that of
 * an axis that does not. */
static void
orthonormalise (double *q, gsize m, gsize size)
{
  gsize axis = 0;

  for (gsize i = 0; i < m; i++)
    {
      double *row = q + i * size;
      const double before = sqrt (dot (row, row, size));
      double length;

      for (guint twice = 0; twice < 2; twice++)
        for (gsize k = 0; k < i; k++)
          {
            const double along = dot (row, q + k * size, size);

            for (gsize d = 0; d < size; d++)
              row[d] -= along * q[k * size + d];
          }
      length = sqrt (dot (row, row, size));
      if (length > 1e-12 * before)
        for (gsize d = 0; d < size; d++)
          row[d] /= length;
      else
        {
          memset (row, 0, size * sizeof *row);
          row[axis++ % size] = 1;
          i--;
        }
    }
}

/* Within the span of q's m rows, the directions of greatest variance (Rayleigh and Ritz), widest
 * first; product = q covariance. */
static void
turn_into_ritz_vectors (double *q, double *product, gsize m, gsize size, double *variance)
{
  g_autofree double *inner = g_new (double, m *m), *vectors = g_new (double, m *m);
  g_autofree double *turned = g_new0 (double, m *size);

  for (gsize i = 0; i < m; i++)
    for (gsize k = 0; k <= i; k++)
      inner[i * m + k] = inner[k * m + i] = dot (q + i * size, product + k * size, size);
  diagonalise (inner, m, vectors);
  for (gsize rank = 0; rank < m; rank++)
    {
      gsize widest = 0;

      for (gsize i = 1; i < m; i++)
        if (inner[i * m + i] > inner[widest * m + widest])
          widest = i;
      variance[rank] = MAX (inner[widest * m + widest], 0);
      inner[widest * m + widest] = -INFINITY;
      for (gsize i = 0; i < m; i++)
        for (gsize d = 0; d < size; d++)
          turned[rank * size + d] += vectors[widest * m + i] * q[i * size + d];
    }
  memcpy (q, turned, m * size * sizeof *q);
}

/* product = q covariance; (m, D) */
static void
multiply (const double *covariance, const double *q, gsize m, gsize size, double *product)
{
  for (gsize i = 0; i < m; i++)
    for (gsize a = 0; a < size; a++)
      product[i * size + a] = dot (covariance + a * size, q + i * size, size);
}

/* |C v - variance v|, greatest of the first k rows v of q. */
static double
residual (const double *product, const double *q, guint k, gsize size, const double *variance)
{
  double worst = 0;

  for (guint i = 0; i < k; i++)
    {
      double sum = 0;

      for (gsize a = i * size; a < (i + 1) * size; a++)
        sum += (product[a] - variance[i] * q[a]) * (product[a] - variance[i] * q[a]);
      worst = MAX (worst, sqrt (sum));
    }
  return worst;
}

static void
fix_sign (double *component, gsize size)
{
  gsize largest = 0;

  for (gsize d = 1; d < size; d++)
    if (fabs (component[d]) > fabs (component[largest]) * (1 + 1e-9))
      largest = d;
  if (component[largest] < 0)
    for (gsize d = 0; d < size; d++)
      component[d] = -component[d];
}

/* Subspace iteration with m directions. */
static void
find_components (NnPca *pca, const double *covariance, GCancellable *cancellable)
{
  const gsize size = pca->size;
  const gsize m = size <= SMALL ? size : MIN (size, (gsize)pca->n_components + SPARE);
  g_autofree double *q = g_new (double, m *size), *product = g_new (double, m *size);
  g_autofree double *variance = g_new (double, m);

  /* Axes; where those are not all, with a little of the others, so that nothing is missed. */
  for (gsize i = 0; i < m; i++)
    for (gsize d = 0; d < size; d++)
      q[i * size + d] = d == i ? 1 : m == size ? 0 : 0.1 * sin ((double)((i + 1) * (d + 1)));
  for (guint iteration = 0; iteration < MAX_ITERATIONS && !g_cancellable_is_cancelled (cancellable);
       iteration++)
    {
      orthonormalise (q, m, size);
      multiply (covariance, q, m, size, product);
      turn_into_ritz_vectors (q, product, m, size, variance);
      multiply (covariance, q, m, size, product);
      if (m == size
          || residual (product, q, pca->n_components, size, variance) <= TOLERANCE * variance[0])
        break;
      memcpy (q, product, m * size * sizeof *q);
    }
  memcpy (pca->components, q, pca->n_components * size * sizeof *q);
  memcpy (pca->variance, variance, pca->n_components * sizeof *variance);
  for (guint i = 0; i < pca->n_components; i++)
    fix_sign (pca->components + i * size, size);
}

NnPca *
nn_pca_new (const float *x, gsize n, gsize size, guint k, GCancellable *cancellable)
{
  g_return_val_if_fail (k >= 1 && k <= size, NULL);
  g_autoptr (NnPca) pca = g_new0 (NnPca, 1);
  g_autofree double *covariance = NULL;

  pca->size = size;
  pca->n_components = k;
  pca->mean = g_new0 (double, size);
  pca->components = g_new0 (double, k *size);
  pca->variance = g_new0 (double, k);
  covariance = covariance_of (x, n, size, pca->mean, cancellable);
  for (gsize a = 0; a < size; a++)
    pca->total += covariance[a * size + a];
  find_components (pca, covariance, cancellable);
  return g_cancellable_is_cancelled (cancellable) ? NULL : g_steal_pointer (&pca);
}

void
nn_pca_free (NnPca *pca)
{
  g_free (pca->mean);
  g_free (pca->components);
  g_free (pca->variance);
  g_free (pca);
}

static void
exchange (double *a, double *b, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      const double kept = a[i];

      a[i] = b[i];
      b[i] = kept;
    }
}

void
nn_pca_follow (NnPca *pca, const NnPca *previous)
{
  const gsize size = pca->size;

  if (previous->size != size || previous->n_components != pca->n_components)
    return;
  for (guint i = 0; i < pca->n_components; i++)
    {
      const double *target = previous->components + i * size;
      double *here = pca->components + i * size;
      guint nearest = i;

      for (guint k = i + 1; k < pca->n_components; k++)
        if (fabs (dot (pca->components + k * size, target, size))
            > fabs (dot (pca->components + nearest * size, target, size)))
          nearest = k;
      if (nearest != i)
        {
          exchange (here, pca->components + nearest * size, size);
          exchange (&pca->variance[i], &pca->variance[nearest], 1);
        }
      if (dot (here, target, size) < 0)
        for (gsize d = 0; d < size; d++)
          here[d] = -here[d];
    }
}

void
nn_pca_project (const NnPca *pca, const float *x, gsize n, float *out)
{
  for (gsize i = 0; i < n; i++)
    for (guint k = 0; k < pca->n_components; k++)
      {
        const double *component = pca->components + k * pca->size;
        double sum = 0;

        for (gsize d = 0; d < pca->size; d++)
          sum += ((double)x[i * pca->size + d] - pca->mean[d]) * component[d];
        out[i * pca->n_components + k] = (float)sum;
      }
}

double
nn_pca_explained (const NnPca *pca, guint component)
{
  return pca->total > 0 ? pca->variance[component] / pca->total : 0;
}
