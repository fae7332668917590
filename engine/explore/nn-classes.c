#include "explore/nn-classes.h"

#include <math.h>
#include <string.h>

#include "objectives/nn-metrics.h"

NnClassesTable *
nn_classes_table_new (guint n_classes, guint n)
{
  NnClassesTable *table = g_new0 (NnClassesTable, 1);

  g_atomic_ref_count_init (&table->refs);
  table->n_classes = n_classes;
  table->n = n;
  table->truth = g_new0 (guint, n);
  table->likeliest = g_new0 (guint, n);
  table->p_truth = g_new0 (float, n);
  table->p_likeliest = g_new0 (float, n);
  table->p_positive = g_new0 (float, n);
  return table;
}

NnClassesTable *
nn_classes_table_ref (NnClassesTable *table)
{
  g_atomic_ref_count_inc (&table->refs);
  return table;
}

void
nn_classes_table_unref (NnClassesTable *table)
{
  if (!g_atomic_ref_count_dec (&table->refs))
    return;
  g_free (table->truth);
  g_free (table->likeliest);
  g_free (table->p_truth);
  g_free (table->p_likeliest);
  g_free (table->p_positive);
  g_free (table);
}

guint
nn_classes_predicted (const NnClassesTable *table, guint i, double threshold)
{
  if (table->n_classes == 2)
    return table->p_positive[i] >= threshold;
  return table->likeliest[i];
}

double
nn_classes_confidence (const NnClassesTable *table, guint i, double threshold)
{
  const guint predicted = nn_classes_predicted (table, i, threshold);

  if (predicted == table->likeliest[i])
    return table->p_likeliest[i];
  return predicted == 1 ? table->p_positive[i] : 1 - table->p_positive[i];
}

void
nn_classes_count (const NnClassesTable *table, double threshold, guint *counts)
{
  memset (counts, 0, (gsize)table->n_classes * table->n_classes * sizeof *counts);
  for (guint i = 0; i < table->n; i++)
    counts[table->truth[i] * (gsize)table->n_classes
           + nn_classes_predicted (table, i, threshold)]++;
}

double
nn_classes_score (const guint *counts, guint n_classes, NnClassScore *scores, NnClassScore *mean)
{
  double right = 0;
  guint occurring = 0;

  *mean = (NnClassScore){ 0 };
  for (guint k = 0; k < n_classes; k++)
    {
      const double hits = counts[k * (gsize)n_classes + k];
      double labelled = 0, predicted = 0;

      for (guint other = 0; other < n_classes; other++)
        {
          labelled += counts[k * (gsize)n_classes + other];
          predicted += counts[other * (gsize)n_classes + k];
        }
      scores[k].n = (guint)labelled;
      scores[k].precision = predicted > 0 ? hits / predicted : 0;
      scores[k].recall = labelled > 0 ? hits / labelled : 0;
      scores[k].f1 = nn_f_beta (1, scores[k].precision, scores[k].recall);
      right += hits;
      mean->n += scores[k].n;
      if (labelled + predicted == 0)
        continue;
      occurring++;
      mean->precision += scores[k].precision;
      mean->recall += scores[k].recall;
      mean->f1 += scores[k].f1;
    }
  mean->precision /= MAX (occurring, 1);
  mean->recall /= MAX (occurring, 1);
  mean->f1 /= MAX (occurring, 1);
  return mean->n > 0 ? right / mean->n : NAN;
}

/* ---- orders ---- */

static int
compare_positive (gconstpointer a, gconstpointer b, gpointer data)
{
  const NnClassesTable *table = data;
  const float x = table->p_positive[*(const guint32 *)a];
  const float y = table->p_positive[*(const guint32 *)b];

  return (x < y) - (x > y);
}

static int
compare_wrong (gconstpointer a, gconstpointer b, gpointer data)
{
  const NnClassesTable *table = data;
  const guint32 i = *(const guint32 *)a, k = *(const guint32 *)b;
  const float x = table->p_truth[i], y = table->p_truth[k];

  return x != y ? (x > y) - (x < y) : (i > k) - (i < k);
}

GArray *
nn_classes_recall_curve (const NnClassesTable *table, double *average)
{
  GArray *curve = g_array_new (FALSE, FALSE, sizeof (NnRecallPoint));
  g_autofree guint32 *order = g_new (guint32, MAX (table->n, 1));
  guint positives = 0, hits = 0;
  double sum = 0, recall_before = 0;

  for (guint i = 0; i < table->n; i++)
    {
      order[i] = i;
      positives += table->truth[i] == 1;
    }
  g_qsort_with_data (order, (gint)table->n, sizeof *order, compare_positive, (gpointer)table);
  for (guint i = 0; positives > 0 && i < table->n; i++)
    {
      const float score = table->p_positive[order[i]];

      hits += table->truth[order[i]] == 1;
      if (i + 1 < table->n && table->p_positive[order[i + 1]] == score)
        continue; /* no threshold tells these apart */
      const NnRecallPoint point = {
        .recall = (double)hits / positives,
        .precision = (double)hits / (i + 1),
        .threshold = score,
      };
      sum += point.precision * (point.recall - recall_before);
      recall_before = point.recall;
      g_array_append_val (curve, point);
    }
  if (average != NULL)
    *average = positives > 0 ? sum : NAN;
  return curve;
}

GArray *
nn_classes_samples (const NnClassesTable *table, double threshold, gint truth, gint predicted,
                    guint most)
{
  GArray *samples = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint32 i = 0; i < table->n; i++)
    {
      const guint said = nn_classes_predicted (table, i, threshold);

      if (truth < 0 ? said != table->truth[i]
                    : table->truth[i] == (guint)truth && said == (guint)predicted)
        g_array_append_val (samples, i);
    }
  g_array_sort_with_data (samples, compare_wrong, (gpointer)table);
  if (samples->len > most)
    g_array_set_size (samples, most);
  return samples;
}
