#include "document/wb-code-space.h"

#include <math.h>
#include <string.h>

#include "explore/nn-decode-probe.h"

#define N_SAMPLES 500 /* enough for a range; encoding them takes a few milliseconds */
#define INTERVAL G_USEC_PER_SEC
#define DEFAULT_RANGE 3
#define OUTSIDE 0.01 /* of the codes on either side of the range */

typedef struct
{
  double low, high, mean, deviation;
} Extent;

struct _WbCodeSpace
{
  GObject parent;

  WbDocument *document; /* weak */
  WbCodeSpace *shared;  /* whose ring this is; owned, NULL: its own */
  guint64 run;          /* whose codes; 0: of the run in training */
  NnAnalysis *analysis; /* that the rest was made for; owned */
  gboolean sampled;     /* codes are drawn towards N(0, 1) */
  gboolean placed;      /* the ring, by a hand */
  guint encoded;        /* node whose output is a sample's code */
  guint n_values;
  float *point;
  guint *order;
  Extent *extents;
  NnTensor *walk;
  NnNodeValuesResult *samples;

  guint probe_id;
  guint n_watching;
  gint64 asked_at;
  gint64 answered_at;
  guint64 step; /* of the samples */
};

G_DEFINE_FINAL_TYPE (WbCodeSpace, wb_code_space, G_TYPE_OBJECT)

enum
{
  MOVED,
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* ---- the network ---- */

static void
forget_samples (WbCodeSpace *self)
{
  if (self->samples != NULL)
    nn_probe_result_unref (&self->samples->base);
  self->samples = NULL;
  for (guint i = 0; i < self->n_values; i++)
    {
      self->extents[i] = (Extent){ -DEFAULT_RANGE, DEFAULT_RANGE, 0, 1 };
      self->order[i] = i;
    }
}

/* TRUE if the network has changed. Whoever asks first makes it so: the order in which the document
 * tells its watchers does not matter. */
static gboolean
follow (WbCodeSpace *self)
{
  NnAnalysis *analysis =
      self->document != NULL ? wb_document_analysis (self->document) : self->analysis;
  NnDecoder decoder;

  if (analysis == self->analysis)
    return FALSE;
  g_clear_pointer (&self->analysis, nn_analysis_unref);
  self->analysis = nn_analysis_ref (analysis);
  nn_decoder_find (analysis, &decoder, NULL);
  self->encoded = decoder.encoded;
  self->sampled = decoder.sampled;
  const guint n = decoder.encoded != 0 ? (guint)nn_shape_size (&decoder.code_shape) : 0;
  if (n != self->n_values)
    {
      self->n_values = n;
      g_free (self->point);
      self->point = g_new0 (float, n);
      self->placed = FALSE;
      self->order = g_renew (guint, self->order, n);
      self->extents = g_renew (Extent, self->extents, n);
      g_clear_pointer (&self->walk, nn_tensor_unref);
      forget_samples (self);
    }
  return TRUE;
}

/* ---- where the data lies ---- */

static int
compare_float (gconstpointer a, gconstpointer b)
{
  const float x = *(const float *)a, y = *(const float *)b;

  return (x > y) - (x < y);
}

static int
compare_deviation (gconstpointer a, gconstpointer b, gpointer extents)
{
  const guint i = *(const guint *)a, k = *(const guint *)b;
  const double x = ((const Extent *)extents)[i].deviation;
  const double y = ((const Extent *)extents)[k].deviation;

  return x != y ? (x < y) - (x > y) : (i > k) - (i < k);
}

static void
measure (WbCodeSpace *self, const float *codes, guint n, guint dimension, Extent *extent)
{
  g_autofree float *values = g_new (float, n);
  double sum = 0, squares = 0;
  guint known = 0;

  for (guint i = 0; i < n; i++)
    {
      const float value = codes[(gsize)i * self->n_values + dimension];

      if (!isfinite (value))
        continue;
      values[known++] = value;
      sum += value;
      squares += (double)value * value;
    }
  if (known == 0)
    return;
  qsort (values, known, sizeof *values, compare_float);
  extent->mean = sum / known;
  extent->deviation = sqrt (MAX (0, squares / known - extent->mean * extent->mean));
  extent->low = values[(guint)(OUTSIDE * (known - 1))];
  extent->high = values[(guint)((1 - OUTSIDE) * (known - 1))];
  if (extent->high - extent->low < 1e-6)
    {
      extent->low -= 1;
      extent->high += 1;
    }
}

/* Zero means something where codes are pulled towards it; elsewhere it may lie far from all data.
 */
static void
place_ring (WbCodeSpace *self)
{
  if (self->placed || self->sampled || self->shared != NULL)
    return;
  for (guint i = 0; i < self->n_values; i++)
    self->point[i] = (float)self->extents[i].mean;
  g_signal_emit (self, signals[MOVED], 0);
}

static void
take_samples (WbCodeSpace *self, NnNodeValuesResult *result)
{
  const NnNodeValues *codes = nn_node_values_result_find (result, self->encoded);
  const guint n = result->samples != NULL ? result->samples->len : 0;

  if (codes == NULL || n == 0 || codes->values->size != (gsize)n * self->n_values)
    return;
  forget_samples (self);
  self->samples = (NnNodeValuesResult *)nn_probe_result_ref (&result->base);
  self->step = result->base.step;
  for (guint i = 0; i < self->n_values; i++)
    measure (self, codes->values->data, n, i, &self->extents[i]);
  g_qsort_with_data (self->order, (gint)self->n_values, sizeof *self->order, compare_deviation,
                     self->extents);
  g_signal_emit (self, signals[CHANGED], 0);
  place_ring (self);
}

static void
ask (WbCodeSpace *self)
{
  NnDataset *dataset = wb_document_dataset (self->document);

  follow (self);
  if (self->n_watching == 0 || self->n_values == 0 || dataset == NULL)
    {
      wb_document_remove_probe (self->document, self->probe_id);
      return;
    }
  g_autoptr (NnProbe) probe = nn_node_values_probe_new (
      self->probe_id, NN_PART_TEST, NN_PICK_RANDOM, NULL,
      (guint)MIN (N_SAMPLES, nn_dataset_n_samples (dataset, NN_PART_TEST)), 1, &self->encoded, 1);
  probe->run = self->run;
  self->asked_at = g_get_monotonic_time ();
  wb_document_add_probe (self->document, probe);
}

static void
document_snapshot (WbCodeSpace *self, NnSnapshot *snapshot)
{
  const gint64 now = g_get_monotonic_time ();
  NnProbeResult *result = wb_document_probe_result (self->document, self->probe_id);

  if (result != NULL && result->type == &nn_node_values_probe_type)
    {
      if (result->error == NULL)
        take_samples (self, (NnNodeValuesResult *)result);
      self->answered_at = now;
      wb_document_remove_probe (self->document, self->probe_id);
    }
  else if (self->n_watching > 0 && self->answered_at >= self->asked_at
           && now - self->answered_at >= INTERVAL && snapshot->step != self->step)
    ask (self);
}

static void
document_changed (WbCodeSpace *self)
{
  if (follow (self))
    g_signal_emit (self, signals[CHANGED], 0);
  ask (self);
}

void
wb_code_space_watch (WbCodeSpace *self)
{
  g_return_if_fail (WB_IS_CODE_SPACE (self));
  if (self->n_watching++ == 0 && self->document != NULL)
    ask (self);
}

void
wb_code_space_unwatch (WbCodeSpace *self)
{
  g_return_if_fail (WB_IS_CODE_SPACE (self) && self->n_watching > 0);
  if (--self->n_watching == 0 && self->document != NULL)
    wb_document_remove_probe (self->document, self->probe_id);
}

void
wb_code_space_range (WbCodeSpace *self, guint dimension, double *low, double *high)
{
  follow (self);
  g_return_if_fail (dimension < self->n_values);
  *low = self->extents[dimension].low;
  *high = self->extents[dimension].high;
}

double
wb_code_space_mean (WbCodeSpace *self, guint dimension)
{
  follow (self);
  g_return_val_if_fail (dimension < self->n_values, 0);
  return self->extents[dimension].mean;
}

double
wb_code_space_deviation (WbCodeSpace *self, guint dimension)
{
  follow (self);
  g_return_val_if_fail (dimension < self->n_values, 1);
  return self->extents[dimension].deviation;
}

const guint *
wb_code_space_order (WbCodeSpace *self)
{
  follow (self);
  return self->order;
}

const NnNodeValuesResult *
wb_code_space_samples (WbCodeSpace *self)
{
  follow (self);
  return self->samples;
}

/* ---- ring and walk ---- */

guint
wb_code_space_n_values (WbCodeSpace *self)
{
  g_return_val_if_fail (WB_IS_CODE_SPACE (self), 0);
  follow (self);
  return self->n_values;
}

const float *
wb_code_space_point (WbCodeSpace *self)
{
  follow (self);
  return self->shared != NULL ? wb_code_space_point (self->shared) : self->point;
}

void
wb_code_space_move (WbCodeSpace *self, const float *point)
{
  if (self->shared != NULL)
    {
      wb_code_space_move (self->shared, point);
      return;
    }
  follow (self);
  if (self->n_values == 0)
    return;
  self->placed = TRUE; /* where it is already, too */
  if (memcmp (point, self->point, self->n_values * sizeof *point) == 0)
    return;
  memcpy (self->point, point, self->n_values * sizeof *point);
  g_signal_emit (self, signals[MOVED], 0);
}

void
wb_code_space_move_along (WbCodeSpace *self, guint dimension, double value)
{
  if (self->shared != NULL)
    {
      wb_code_space_move_along (self->shared, dimension, value);
      return;
    }
  follow (self);
  if (dimension >= self->n_values || self->point[dimension] == (float)value)
    return;
  self->point[dimension] = (float)value;
  self->placed = TRUE;
  g_signal_emit (self, signals[MOVED], 0);
}

NnTensor *
wb_code_space_walk (WbCodeSpace *self)
{
  follow (self);
  return self->walk;
}

void
wb_code_space_set_walk (WbCodeSpace *self, NnTensor *walk)
{
  NnTensor *old = self->walk;

  if (walk == old)
    return;
  self->walk = walk != NULL ? nn_tensor_ref (walk) : NULL;
  g_clear_pointer (&old, nn_tensor_unref);
  g_signal_emit (self, signals[MOVED], 0);
}

static void
wb_code_space_finalize (GObject *object)
{
  WbCodeSpace *self = WB_CODE_SPACE (object);

  if (self->samples != NULL)
    nn_probe_result_unref (&self->samples->base);
  g_clear_object (&self->shared);
  g_clear_weak_pointer (&self->document);
  g_clear_pointer (&self->walk, nn_tensor_unref);
  g_clear_pointer (&self->analysis, nn_analysis_unref);
  g_free (self->point);
  g_free (self->order);
  g_free (self->extents);
  G_OBJECT_CLASS (wb_code_space_parent_class)->finalize (object);
}

static void
wb_code_space_class_init (WbCodeSpaceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = wb_code_space_finalize;
  signals[MOVED] = g_signal_new ("moved", WB_TYPE_CODE_SPACE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
  signals[CHANGED] = g_signal_new ("changed", WB_TYPE_CODE_SPACE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
wb_code_space_init (WbCodeSpace *self)
{
  self->probe_id = nn_probe_next_id ();
}

WbCodeSpace *
wb_code_space_new (WbDocument *document)
{
  WbCodeSpace *self = g_object_new (WB_TYPE_CODE_SPACE, NULL);

  g_set_weak_pointer (&self->document, document);
  g_signal_connect_object (document, "changed", G_CALLBACK (document_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (document, "snapshot", G_CALLBACK (document_snapshot), self,
                           G_CONNECT_SWAPPED);
  follow (self);
  return self;
}

static void
shared_moved (WbCodeSpace *self)
{
  g_signal_emit (self, signals[MOVED], 0);
}

WbCodeSpace *
wb_code_space_new_for_run (WbDocument *document, guint64 run)
{
  WbCodeSpace *self = wb_code_space_new (document);

  self->run = run;
  self->shared = g_object_ref (wb_document_code_space (document));
  g_signal_connect_object (self->shared, "moved", G_CALLBACK (shared_moved), self,
                           G_CONNECT_SWAPPED);
  return self;
}
