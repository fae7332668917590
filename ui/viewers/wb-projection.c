#include "diabolo-config.h"

#include "viewers/wb-projection.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define STRIP_SHARE 0.7 /* of a class's strip that its points fill */

static gsize
code_size (const WbProjection *projection)
{
  return (gsize)nn_shape_size (&projection->result->shape);
}

/* "z₁": counted from 1, as in books. */
static char *
axis_title (guint axis)
{
  static const char *const digits[] = { "₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉" };
  g_autofree char *number = g_strdup_printf ("%u", axis + 1);
  GString *title = g_string_new ("z");

  for (const char *digit = number; *digit != '\0'; digit++)
    g_string_append (title, digits[*digit - '0']);
  return g_string_free (title, FALSE);
}

/* Each code's cloud, seen along two directions (2, D): sum over d of direction^2 variance_d. */
static void
project_spread (WbProjection *projection, const double *directions)
{
  const NnTensor *log_variance = projection->result->log_variance;
  const gsize n = projection->result->samples->len, size = code_size (projection);

  if (log_variance == NULL)
    return;
  projection->spread = g_new0 (float, 3 * n);
  for (gsize i = 0; i < n; i++)
    for (gsize d = 0; d < size; d++)
      {
        const float variance = expf (log_variance->data[i * size + d]);
        const float a = (float)directions[d], b = (float)directions[size + d];

        projection->spread[3 * i] += a * a * variance;
        projection->spread[3 * i + 1] += a * b * variance;
        projection->spread[3 * i + 2] += b * b * variance;
      }
}

/* ---- the ways ---- */

static gboolean
run_dimensions (WbProjection *projection, const WbProjectionChoice *choice,
                const WbProjection *previous, GCancellable *cancellable)
{
  const gsize n = projection->result->samples->len, size = code_size (projection);
  const float *codes = projection->result->codes->data;
  g_autofree double *directions = g_new0 (double, 2 * size);
  guint *axis = projection->axis;

  for (guint k = 0; k < 2; k++)
    {
      axis[k] = (guint)MIN (choice->axis[k], size - 1);
      directions[k * size + axis[k]] = 1;
    }
  for (gsize i = 0; i < n; i++)
    for (guint k = 0; k < 2; k++)
      projection->xy[2 * i + k] = codes[i * size + axis[k]];
  project_spread (projection, directions);
  projection->x_title = axis_title (axis[0]);
  projection->y_title = axis_title (axis[1]);
  return TRUE;
}

static gboolean
run_pca (WbProjection *projection, const WbProjectionChoice *choice, const WbProjection *previous,
         GCancellable *cancellable)
{
  const gsize n = projection->result->samples->len, size = code_size (projection);
  const float *codes = projection->result->codes->data;
  double explained[2];

  projection->pca = nn_pca_new (codes, n, size, 2, cancellable);
  if (projection->pca == NULL)
    return FALSE;
  if (previous != NULL && previous->pca != NULL)
    nn_pca_follow (projection->pca, previous->pca);
  nn_pca_project (projection->pca, codes, n, projection->xy);
  project_spread (projection, projection->pca->components);
  for (guint k = 0; k < 2; k++)
    explained[k] = 100 * nn_pca_explained (projection->pca, k);
  projection->x_title = g_strdup_printf (_ ("component 1 · %.0f %%"), explained[0]);
  projection->y_title = g_strdup_printf (_ ("component 2 · %.0f %%"), explained[1]);
  projection->caption =
      g_strdup_printf (_ ("%.0f %% of their variance is seen"), explained[0] + explained[1]);
  return TRUE;
}

/* A code of one dimension: a strip for each class, points at even but unordered heights. */
static gboolean
run_strip (WbProjection *projection, const WbProjectionChoice *choice, const WbProjection *previous,
           GCancellable *cancellable)
{
  const NnCodesResult *result = projection->result;

  for (gsize i = 0; i < result->samples->len; i++)
    {
      const gint label = MAX (g_array_index (result->labels, gint, i), 0);
      /* The golden ratio's multiples fill an interval evenly. */
      const double height = fmod (0.6180339887498949 * (double)i, 1) - 0.5;

      projection->xy[2 * i] = result->codes->data[i];
      projection->xy[2 * i + 1] = (float)(-label + STRIP_SHARE * height);
    }
  projection->x_title = axis_title (0);
  projection->equal = FALSE;
  return TRUE;
}

static const WbProjectionType pca_type = {
  .id = "pca",
  .title = N_ ("PCA"),
  .tip = N_ ("Principal components: the two directions in which the codes spread most"),
  .run = run_pca,
};

static const WbProjectionType dimensions_type = {
  .id = "dimensions",
  .title = N_ ("Two dimensions"),
  .tip = N_ ("Two dimensions of the code as they are, the others left out"),
  .run = run_dimensions,
};

const WbProjectionType wb_projection_tsne = {
  .id = "tsne",
  .title = N_ ("t-SNE"),
  .tip =
      N_ ("t-SNE: codes that are neighbours stay neighbours; groups show, distances between them "
          "mean little"),
};

static const WbProjectionType strip_type = {
  .id = "strip",
  .run = run_strip,
};

const WbProjectionType *const wb_projection_types[] = { &pca_type, &dimensions_type,
                                                        &wb_projection_tsne, NULL };

const WbProjectionType *
wb_projection_type (const char *id)
{
  for (guint i = 0; wb_projection_types[i] != NULL; i++)
    if (g_strcmp0 (wb_projection_types[i]->id, id) == 0)
      return wb_projection_types[i];
  return wb_projection_types[0];
}

WbProjection *
wb_projection_new (NnCodesResult *result, const WbProjectionChoice *choice,
                   const WbProjection *previous, GCancellable *cancellable)
{
  const gint64 size = nn_shape_size (&result->shape);
  const WbProjectionChoice plane = { .axis = { 0, 1 } };
  g_autoptr (WbProjection) projection = g_atomic_rc_box_new0 (WbProjection);

  if (size <= 2)
    choice = &plane;
  projection->type = size == 1 ? &strip_type : size == 2 ? &dimensions_type : choice->type;
  nn_probe_result_ref (&result->base);
  projection->result = result;
  projection->equal = TRUE;
  projection->xy = g_new (float, 2 * result->samples->len);
  if (!projection->type->run (projection, choice, previous, cancellable))
    return NULL;
  return g_steal_pointer (&projection);
}

WbProjection *
wb_projection_new_map (NnCodesResult *result, const float *xy)
{
  WbProjection *projection = g_atomic_rc_box_new0 (WbProjection);

  nn_probe_result_ref (&result->base);
  projection->type = &wb_projection_tsne;
  projection->result = result;
  projection->x_title = g_strdup (_ ("t-SNE 1"));
  projection->y_title = g_strdup (_ ("t-SNE 2"));
  projection->xy = g_memdup2 (xy, 2 * result->samples->len * sizeof *xy);
  projection->equal = TRUE;
  return projection;
}

gboolean
wb_projection_place (const WbProjection *projection, const float *code, float *xy)
{
  if (projection->type == &dimensions_type)
    for (guint k = 0; k < 2; k++)
      xy[k] = code[projection->axis[k]];
  else if (projection->type == &pca_type)
    nn_pca_project (projection->pca, code, 1, xy);
  else
    return FALSE;
  return TRUE;
}

WbProjection *
wb_projection_ref (WbProjection *projection)
{
  return g_atomic_rc_box_acquire (projection);
}

static void
projection_clear (WbProjection *projection)
{
  nn_probe_result_unref (&projection->result->base);
  g_free (projection->xy);
  g_free (projection->spread);
  g_clear_pointer (&projection->pca, nn_pca_free);
  g_free (projection->x_title);
  g_free (projection->y_title);
  g_free (projection->caption);
}

void
wb_projection_unref (WbProjection *projection)
{
  g_atomic_rc_box_release_full (projection, (GDestroyNotify)projection_clear);
}

WbTable *
wb_projection_to_table (const WbProjection *projection, const GArray *points)
{
  const NnCodesResult *result = projection->result;
  const gsize size = code_size (projection);
  WbTable *table = wb_table_new ("sample,label,x,y");

  wb_table_add_columns (table, "z", size);
  if (result->log_variance != NULL)
    wb_table_add_columns (table, "s", size);
  for (guint p = 0; p < points->len; p++)
    {
      const guint i = g_array_index (points, guint, p);

      wb_table_put (table, g_array_index (result->samples, guint32, i));
      wb_table_put_class (table, g_array_index (result->labels, gint, i));
      wb_table_put_values (table, projection->xy + 2 * i, 2);
      wb_table_put_values (table, result->codes->data + i * size, size);
      for (gsize d = 0; result->log_variance != NULL && d < size; d++)
        wb_table_put (table, exp ((double)result->log_variance->data[i * size + d] / 2));
    }
  return table;
}
