/* nn-classes.h: what a classifier says of many samples, and what is counted from it. Immutable,
 * reference-counted; read from any thread.
 *
 * With two classes the second is the one that is looked for ("positive"): a sample counts as it
 * where its probability is at least a threshold. With more the most probable class counts.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define NN_CLASSES_THRESHOLD 0.5

typedef struct
{
  gatomicrefcount refs;
  guint n_classes;
  guint n;            /* samples, the first n of their part */
  gsize n_part;       /* in the whole part */
  guint64 step;       /* of the weights that the look began with */
  guint *truth;       /* (n) */
  guint *likeliest;   /* (n) */
  float *p_truth;     /* (n) probability given to the right class */
  float *p_likeliest; /* (n) */
  float *p_positive;  /* (n) probability of the last class */
} NnClassesTable;

NnClassesTable *nn_classes_table_new (guint n_classes, guint n);
NnClassesTable *nn_classes_table_ref (NnClassesTable *table);
void nn_classes_table_unref (NnClassesTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnClassesTable, nn_classes_table_unref)

guint nn_classes_predicted (const NnClassesTable *table, guint i, double threshold);
/* Probability that the network gives to what nn_classes_predicted() says. */
double nn_classes_confidence (const NnClassesTable *table, guint i, double threshold);

/* The confusion matrix: counts (n_classes, n_classes), rows the truth, columns the prediction. */
void nn_classes_count (const NnClassesTable *table, double threshold, guint *counts);

/* A share of nothing is 0, as in scikit-learn. */
typedef struct
{
  double precision, recall, f1;
  guint n; /* samples of the class */
} NnClassScore;

/* scores (n_classes); mean (out): over the classes that occur among labels or predictions, each
 * counting alike. Returns the accuracy, NaN without samples. */
double nn_classes_score (const guint *counts, guint n_classes, NnClassScore *scores,
                         NnClassScore *mean);

typedef struct
{
  double recall, precision, threshold;
} NnRecallPoint;

/* Of two classes: a point for every threshold that changes anything, recall rising from the highest
 * threshold on (element-type NnRecallPoint; empty where no sample is positive). average (out,
 * nullable): sum of precision times the gain in recall. (transfer full) */
GArray *nn_classes_recall_curve (const NnClassesTable *table, double *average);

/* Samples of one cell of the matrix, or with truth < 0 all that are classified wrongly: those whose
 * right class was given the least probability first. At most `most`. (element-type guint32)
 * (transfer full) */
GArray *nn_classes_samples (const NnClassesTable *table, double threshold, gint truth,
                            gint predicted, guint most);

G_END_DECLS
