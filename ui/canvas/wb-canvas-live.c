/* What comes from the worker: the values of every node for one sample, or the gradient at it, what
 * is found in gradients, and the loss. */
#include "canvas/wb-canvas-private.h"

#include <math.h>

#include "canvas/wb-canvas-bar.h"
#include "layers/nn-layer.h"
#include "viewers/wb-curve.h"

#define COURSE_POINTS 60

/* TRUE where an objective judges what the node gives. */
static gboolean
is_judged (NnDesign *design, guint id)
{
  for (guint i = 0; i < nn_design_n_edges (design); i++)
    {
      const NnEdge *edge = nn_design_edge_at (design, i);
      if (edge->from == id && edge->to_port == 0
          && (nn_design_node (design, edge->to)->type->flags & NN_LAYER_OBJECTIVE) != 0)
        return TRUE;
    }
  return FALSE;
}

static void
show_gradient (WbCanvas *self, WbNodeCard *card, guint id, const NnShape *image)
{
  const NnGradientsResult *result = (const NnGradientsResult *)self->gradients;

  wb_node_card_set_gradient (card, result != NULL ? nn_gradients_result_find (result, id) : NULL,
                             image);
}

static void
show_values (WbCanvas *self, WbNodeCard *card, guint id, const NnShape *image)
{
  const NnNodeValuesResult *result = (const NnNodeValuesResult *)self->answer;

  wb_node_card_set_values (
      card,
      result != NULL && result->base.error == NULL ? nn_node_values_result_find (result, id) : NULL,
      image);
}

static void
update_thumbnails (WbCanvas *self)
{
  NnAnalysis *analysis = wb_canvas_analysis (self);
  const NnShape *input = nn_analysis_output_shape (analysis, nn_analysis_input_node (analysis), 0);
  GHashTableIter iter;
  gpointer key, card;

  g_hash_table_iter_init (&iter, self->cards);
  while (g_hash_table_iter_next (&iter, &key, &card))
    {
      guint id = GPOINTER_TO_UINT (key);
      /* What is compared with the image, and what only rearranges it, is shown as one. */
      gboolean picture = is_judged (wb_canvas_design (self), id)
                         || (nn_analysis_node_weights (analysis, id) == 0
                             && nn_analysis_role (analysis, id) != NN_ROLE_CODE);

      const NnShape *image = picture && input != NULL && input->rank == 3 ? input : NULL;

      if (self->show_gradients)
        show_gradient (self, card, id, image);
      else
        show_values (self, card, id, image);
    }
}

/* rows as COURSE_POINTS means, so that a long run looks like its curve. */
static guint
make_course (const NnRow *rows, gsize n, float *course)
{
  guint points = (guint)MIN (n, COURSE_POINTS);

  for (guint i = 0; i < points; i++)
    {
      gsize from = i * n / points, to = (i + 1) * n / points;
      double sum = 0;

      for (gsize j = from; j < to; j++)
        sum += rows[j].loss;
      course[i] = (float)(sum / (to - from));
    }
  return points;
}

static guint
count_objectives (NnDesign *design)
{
  guint n = 0;

  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    n += (nn_design_node_at (design, i)->type->flags & NN_LAYER_OBJECTIVE) != 0;
  return n;
}

static void
update_losses (WbCanvas *self)
{
  NnDesign *design = wb_canvas_design (self);
  NnSnapshot *snapshot = wb_document_snapshot (self->document);
  guint n_points;
  const NnRow *rows = NULL;
  float course[COURSE_POINTS];
  gsize n = 0;

  rows = wb_document_rows_shown (self->document, 0, NN_ROW_BATCH, &n);
  n_points = make_course (rows, n, course);
  const double loss = wb_rows_loss (rows, n);
  /* Rows hold the sum of all objectives: with several, each shows its part of the last validation.
   */
  const gboolean several = count_objectives (design) > 1;
  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    {
      const NnNode *node = nn_design_node_at (design, i);
      WbNodeCard *card = wb_canvas_card (self, node->id);

      if (card == NULL || (node->type->flags & NN_LAYER_OBJECTIVE) == 0)
        continue;
      const double part = snapshot != NULL ? nn_snapshot_loss_part (snapshot, node->id) : NAN;
      wb_node_card_set_loss (card, several ? part : loss, course, several ? 0 : n_points);
    }
}

/* The values only where they are shown; gradients always, for what is found in them. */
static void
set_probes (WbCanvas *self)
{
  guint32 sample = wb_document_sample (self->document);
  g_autoptr (NnProbe) values = nn_node_values_probe_new (self->probe_id, NN_PART_TEST,
                                                         NN_PICK_LISTED, &sample, 1, 0, NULL, 0);

  self->probe_sample = sample;
  if (self->show_gradients)
    wb_document_remove_probe (self->document, self->probe_id);
  else
    wb_document_add_probe (self->document, values);
  if (!self->probing)
    {
      g_autoptr (NnProbe) gradients = nn_gradients_probe_new (self->gradients_id);

      wb_document_add_probe (self->document, gradients);
    }
  self->probing = TRUE;
}

static gboolean
take_answer (WbCanvas *self, guint id, NnProbeResult **shown)
{
  NnProbeResult *answer = wb_document_probe_result (self->document, id);

  if (answer == NULL || answer == *shown)
    return FALSE;
  g_clear_pointer (shown, nn_probe_result_unref);
  *shown = nn_probe_result_ref (answer);
  return TRUE;
}

void
wb_canvas_live_update (WbCanvas *self)
{
  gboolean newer = take_answer (self, self->probe_id, &self->answer) && !self->show_gradients;

  if (take_answer (self, self->gradients_id, &self->gradients))
    {
      newer |= self->show_gradients;
      if (self->gradients->error == NULL)
        wb_canvas_take_gradients (self, (const NnGradientsResult *)self->gradients);
    }
  if (newer)
    update_thumbnails (self);
  update_losses (self);
}

/* Probe while the canvas can be seen. */
void
wb_canvas_live_map (WbCanvas *self, gboolean mapped)
{
  if (self->document == NULL)
    return;
  if (mapped && !self->probing)
    set_probes (self);
  else if (!mapped && self->probing)
    {
      self->probing = FALSE;
      wb_document_remove_probe (self->document, self->probe_id);
      wb_document_remove_probe (self->document, self->gradients_id);
    }
}

static gsize
n_samples (WbCanvas *self)
{
  NnDataset *dataset = wb_document_dataset (self->document);

  return dataset != NULL ? nn_dataset_n_samples (dataset, NN_PART_TEST) : 0;
}

/* "7", the class of the sample shown, or NULL. (transfer full) */
static char *
sample_class (WbCanvas *self)
{
  NnDataset *dataset = wb_document_dataset (self->document);
  const NnDataInfo *info = nn_dataset_info (dataset);
  guint field = 0;

  while (field < info->n_fields && info->fields[field].kind != NN_FIELD_LABEL)
    field++;
  if (field == info->n_fields)
    return NULL;
  const gint label = (gint)nn_dataset_label (dataset, NN_PART_TEST, field, self->probe_sample);
  if (label < 0 || (guint)label >= info->fields[field].n_classes)
    return NULL;
  return info->fields[field].class_names != NULL ? g_strdup (info->fields[field].class_names[label])
                                                 : g_strdup_printf ("%d", label);
}

static void
update_bar (WbCanvas *self)
{
  const gsize n = n_samples (self);
  g_autofree char *name = self->probe_sample < n ? sample_class (self) : NULL;

  wb_canvas_bar_set_sample (WB_CANVAS_BAR (self->bar), self->probe_sample, n, name);
}

/* Whether the samples are the same, however many of others are trained with. */
static gboolean
same_samples (const NnDataset *a, const NnDataset *b)
{
  if (a == b || a == NULL || b == NULL || nn_dataset_info (a)->n_fields == 0
      || nn_dataset_info (b)->n_fields == 0)
    return a == b;
  const NnFieldStorage *of_a = nn_dataset_storage (a, 0), *of_b = nn_dataset_storage (b, 0);
  return of_a->bytes[NN_PART_TEST] == of_b->bytes[NN_PART_TEST]
         && of_a->floats[NN_PART_TEST] == of_b->floats[NN_PART_TEST];
}

/* Pictures of other data are worse than none. */
static void
forget_other_data (WbCanvas *self)
{
  NnDataset *dataset = wb_document_dataset (self->document);
  const gboolean same = same_samples (self->pictured, dataset);

  if (dataset != self->pictured)
    {
      g_clear_pointer (&self->pictured, nn_dataset_unref);
      self->pictured = dataset != NULL ? nn_dataset_ref (dataset) : NULL;
    }
  if (same || (self->answer == NULL && self->gradients == NULL))
    return;
  g_clear_pointer (&self->answer, nn_probe_result_unref);
  g_clear_pointer (&self->gradients, nn_probe_result_unref);
  update_thumbnails (self);
}

/* Another sample, another design, other data, another run. */
void
wb_canvas_live_document_changed (WbCanvas *self)
{
  forget_other_data (self);
  if (self->probing && self->probe_sample != wb_document_sample (self->document))
    set_probes (self);
  if (self->answer != NULL || self->gradients != NULL)
    update_thumbnails (self);
  update_bar (self);
  wb_canvas_live_update (self);
}

void
wb_canvas_show_gradients (WbCanvas *self, gboolean show)
{
  if (self->show_gradients == show)
    return;
  self->show_gradients = show;
  if (self->document == NULL)
    return;
  if (self->probing)
    set_probes (self);
  update_thumbnails (self);
}

void
wb_canvas_move_sample (WbCanvas *self, gint step)
{
  const gsize n = n_samples (self);

  if (n > 0)
    wb_document_set_sample (self->document,
                            (guint)((MIN (self->probe_sample, n - 1) + n + (gsize)step) % n));
}
