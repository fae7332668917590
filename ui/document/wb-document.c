#include "diabolo-config.h"

#include "document/wb-document-private.h"

#include <glib/gi18n.h>
#include <string.h>

#include "document/wb-code-space.h"

enum
{
  CHANGED,
  SELECTION_CHANGED,
  SNAPSHOT,
  STATE_CHANGED,
  LESSON_CHANGED,
  NOTICE,
  REWOUND,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WbDocument, wb_document, G_TYPE_OBJECT)

static void
wb_document_dispose (GObject *object)
{
  WbDocument *self = WB_DOCUMENT (object);
  wb_document_close (self);
  G_OBJECT_CLASS (wb_document_parent_class)->dispose (object);
}

static void
wb_document_finalize (GObject *object)
{
  WbDocument *self = WB_DOCUMENT (object);
  g_clear_object (&self->code_space);
  g_clear_pointer (&self->history, nn_history_free);
  g_clear_pointer (&self->analysis, nn_analysis_unref);
  g_clear_pointer (&self->selection, g_array_unref);
  g_clear_object (&self->file);
  g_clear_pointer (&self->lesson_id, g_free);
  g_clear_pointer (&self->first_stage, g_free);
  g_clear_pointer (&self->lesson_text, g_free);
  g_clear_pointer (&self->saved_lesson, g_free);
  g_clear_pointer (&self->lesson, nn_lesson_text_free);
  g_clear_pointer (&self->thumbnail, g_bytes_unref);
  g_clear_pointer (&self->picture, gsk_render_node_unref);
  g_clear_pointer (&self->extra, g_hash_table_unref);
  g_clear_pointer (&self->saved_design, nn_design_unref);
  g_clear_pointer (&self->saves, g_ptr_array_unref);
  g_clear_pointer (&self->exports, g_ptr_array_unref);
  g_clear_pointer (&self->peeked, nn_data_info_free);
  g_clear_pointer (&self->full, nn_dataset_unref);
  g_clear_pointer (&self->dataset, nn_dataset_unref);
  g_clear_pointer (&self->data_read, nn_params_unref);
  g_clear_pointer (&self->data_notes, g_ptr_array_unref);
  g_clear_pointer (&self->busy, g_free);
  g_clear_error (&self->data_error);
  g_clear_pointer (&self->snapshot, nn_snapshot_unref);
  g_clear_pointer (&self->runs, nn_run_history_free);
  g_clear_pointer (&self->checkpoint, nn_checkpoint_unref);
  g_clear_pointer (&self->probes, g_hash_table_unref);
  g_clear_pointer (&self->results, g_hash_table_unref);
  g_clear_pointer (&self->board, g_free);
  G_OBJECT_CLASS (wb_document_parent_class)->finalize (object);
}

static void
wb_document_class_init (WbDocumentClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->dispose = wb_document_dispose;
  object_class->finalize = wb_document_finalize;

  GType type = G_TYPE_FROM_CLASS (klass);
  signals[CHANGED] =
      g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SELECTION_CHANGED] = g_signal_new ("selection-changed", type, G_SIGNAL_RUN_LAST, 0, NULL,
                                             NULL, NULL, G_TYPE_NONE, 0);
  signals[SNAPSHOT] = g_signal_new ("snapshot", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                    G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[STATE_CHANGED] =
      g_signal_new ("state-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[LESSON_CHANGED] =
      g_signal_new ("lesson-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[NOTICE] = g_signal_new ("notice", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
  signals[REWOUND] =
      g_signal_new ("rewound", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
wb_document_init (WbDocument *self)
{
  self->selection = g_array_new (FALSE, FALSE, sizeof (guint));
}

/* A run is listed from its first batch on, though the worker knows of it before. (transfer full) */
static NnRunHistory *
without_empty_runs (const NnRunHistory *history)
{
  NnRunHistory *copy = nn_run_history_copy (history);
  for (guint i = nn_run_history_n_runs (copy); i-- > 0;)
    {
      const guint64 id = nn_run_history_run (copy, i)->id;
      gsize n = 0;
      for (NnRowKind kind = NN_ROW_BATCH; n == 0 && kind <= NN_ROW_VALIDATION; kind++)
        nn_run_history_rows (copy, id, kind, &n);
      if (n == 0)
        nn_run_history_remove (copy, id);
    }
  return copy;
}

WbDocument *
wb_document_new_from (NnDesign *design, NnCheckpoint *checkpoint, NnWeightsOrigin origin)
{
  g_return_val_if_fail (design != NULL, NULL);

  WbDocument *self = g_object_new (WB_TYPE_DOCUMENT, NULL);
  self->history = nn_history_new (design);
  self->origin = NN_WEIGHTS_DRAWN;
  self->saved_design = nn_design_ref (design);
  if (checkpoint != NULL)
    {
      self->checkpoint = nn_checkpoint_ref (checkpoint);
      self->checkpoint_fresh = TRUE;
      self->saved_step = checkpoint->step;
      self->saved_run = checkpoint->run;
      if (checkpoint->step == 0 && nn_checkpoint_has_weights (checkpoint, NULL))
        self->origin = origin;
      self->given = self->saved_given = self->origin != NN_WEIGHTS_DRAWN;
      if (checkpoint->history != NULL)
        self->runs = without_empty_runs (checkpoint->history);
    }
  if (self->runs == NULL)
    self->runs = nn_run_history_new ();
  wb_document_training_init (self);
  wb_document_update_data (self);
  wb_document_reanalyse (self);
  wb_document_recovery_init (self);
  return self;
}

WbDocument *
wb_document_new_imported (NnDesign *design, NnCheckpoint *weights)
{
  WbDocument *self = wb_document_new_from (design, weights, NN_WEIGHTS_IMPORTED);
  self->saved_given = 0;
  return self;
}

WbDocument *
wb_document_new (NnDesign *design)
{
  return wb_document_new_from (design, NULL, NN_WEIGHTS_DRAWN);
}

void
wb_document_close (WbDocument *self)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));

  if (self->closed || self->history == NULL)
    return;
  self->closed = TRUE;
  wb_document_data_close (self);
  wb_document_files_close (self);
  wb_document_training_close (self);
  wb_document_recovery_close (self);
}

/* ---- what there is ---- */

NnDesign *
wb_document_design (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);
  return nn_history_design (self->history);
}

NnAnalysis *
wb_document_analysis (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);
  return self->analysis;
}

NnDataset *
wb_document_dataset (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);
  return self->dataset;
}

NnRunHistory *
wb_document_runs (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);
  return self->runs;
}

NnSnapshot *
wb_document_snapshot (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);
  return self->snapshot;
}

GFile *
wb_document_file (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);
  return self->file;
}

char *
wb_document_display_name (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);

  if (self->file != NULL)
    {
      g_autofree char *name = g_file_get_basename (self->file);
      g_autofree char *shown = g_filename_display_name (name);
      if (g_str_has_suffix (shown, ".diabolo"))
        shown[strlen (shown) - strlen (".diabolo")] = '\0';
      return g_steal_pointer (&shown);
    }
  const char *title = nn_design_title (wb_document_design (self));
  return g_strdup (title != NULL && *title != '\0' ? title : _ ("Untitled network"));
}

const char *
wb_document_lesson_text (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);
  return self->lesson_text;
}

const NnLessonText *
wb_document_lesson (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);
  return self->lesson;
}

void
wb_document_take_lesson (WbDocument *self, char *text)
{
  g_clear_pointer (&self->lesson, nn_lesson_text_free);
  g_free (self->lesson_text);
  self->lesson_text = text;
  if (text != NULL)
    self->lesson = nn_lesson_text_parse (text, NULL);
}

void
wb_document_set_lesson_text (WbDocument *self, const char *text)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));
  if (text != NULL && *text == '\0')
    text = NULL;
  if (g_strcmp0 (text, self->lesson_text) == 0)
    return;
  wb_document_take_lesson (self, g_strdup (text));
  g_clear_pointer (&self->lesson_id, g_free); /* it is the teacher's own from here on */
  g_clear_pointer (&self->first_stage, g_free);
  self->n_earlier_runs = 0;
  g_signal_emit (self, signals[LESSON_CHANGED], 0);
  wb_document_emit_state (self);
  wb_document_recovery_touched (self);
}

const char *
wb_document_lesson_id (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);
  const NnLesson *lesson = self->lesson_id != NULL ? nn_lesson (self->lesson_id) : NULL;
  return lesson != NULL ? lesson->id : NULL;
}

const char *
wb_document_first_stage (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);
  return self->first_stage != NULL ? self->first_stage : wb_document_lesson_id (self);
}

/* Undo gives back the same nodes, though not always the same design around them. */
static gboolean
same_content (const NnDesign *a, const NnDesign *b)
{
  if (a == b)
    return TRUE;
  if (a == NULL || b == NULL || nn_design_n_nodes (a) != nn_design_n_nodes (b)
      || nn_design_n_edges (a) != nn_design_n_edges (b)
      || nn_design_code_node (a) != nn_design_code_node (b)
      || g_strcmp0 (nn_design_title (a), nn_design_title (b)) != 0
      || nn_design_optimizer (a) != nn_design_optimizer (b)
      || !nn_params_equal (nn_design_optimizer_params (a), nn_design_optimizer_params (b))
      || !nn_params_equal (nn_design_training (a), nn_design_training (b))
      || !nn_params_equal (nn_design_data (a), nn_design_data (b)))
    return FALSE;
  for (guint i = 0; i < nn_design_n_nodes (a); i++)
    if (nn_design_node_at (a, i) != nn_design_node_at (b, i))
      return FALSE;
  for (guint i = 0; i < nn_design_n_edges (a); i++)
    if (memcmp (nn_design_edge_at (a, i), nn_design_edge_at (b, i), sizeof (NnEdge)) != 0)
      return FALSE;
  return TRUE;
}

gboolean
wb_document_modified (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), FALSE);

  if (!same_content (wb_document_design (self), self->saved_design)
      || g_strcmp0 (self->lesson_text, self->saved_lesson) != 0 || self->given != self->saved_given)
    return TRUE;
  if (self->snapshot == NULL || self->snapshot->run == 0)
    return FALSE;
  /* A run that has no step yet is another one where there were others before it. */
  if (self->snapshot->run != self->saved_run)
    return self->snapshot->step > 0 || nn_run_history_n_runs (self->runs) > 0;
  return self->snapshot->step > 0 && self->snapshot->step != self->saved_step;
}

void
wb_document_emit_state (WbDocument *self)
{
  g_signal_emit (self, signals[STATE_CHANGED], 0);
}

guint
wb_document_n_drawings (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), 0);
  return self->n_drawings;
}

void
wb_document_note_drawing (WbDocument *self)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));
  self->n_drawings++;
  wb_document_emit_state (self);
}

void
wb_document_notice (WbDocument *self, const char *text, const char *label, const char *action)
{
  g_signal_emit (self, signals[NOTICE], 0, text, label, action);
}

WbCodeSpace *
wb_document_code_space (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);
  if (self->code_space == NULL)
    self->code_space = wb_code_space_new (self);
  return self->code_space;
}

/* ---- editing ---- */

/* Sizes and diagnostics anew. Without a data set that can be read, a set without fields stands in:
 * its Input nodes then say what they miss. */
void
wb_document_reanalyse (WbDocument *self)
{
  static const NnDataInfo nothing = { .name = "", .title = "" };
  const NnDataInfo *info = self->peeked;
  if (self->dataset != NULL)
    info = nn_dataset_info (self->dataset);
  if (info == NULL)
    info = &nothing;
  g_clear_pointer (&self->analysis, nn_analysis_unref);
  self->analysis = nn_analysis_new (wb_document_design (self), info, 0);
}

static gboolean
prune_selection (WbDocument *self)
{
  NnDesign *design = wb_document_design (self);
  gboolean changed = FALSE;
  for (guint i = self->selection->len; i-- > 0;)
    if (nn_design_node (design, g_array_index (self->selection, guint, i)) == NULL)
      {
        g_array_remove_index (self->selection, i);
        changed = TRUE;
      }
  return changed;
}

/* The history now points at another design: everything that follows from it follows here. */
static void
design_changed (WbDocument *self, NnDesign *old)
{
  gboolean other_data = wb_document_update_data (self);
  wb_document_reanalyse (self);
  gboolean selection = prune_selection (self);
  if (other_data || !nn_design_same_computation (old, wb_document_design (self)))
    wb_document_model_changed (self, old);
  if (selection)
    g_signal_emit (self, signals[SELECTION_CHANGED], 0);
  g_signal_emit (self, signals[CHANGED], 0);
  wb_document_emit_state (self);
  wb_document_recovery_touched (self);
}

void
wb_document_edit (WbDocument *self, NnDesign *design, const char *label, const char *merge)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));
  g_return_if_fail (design != NULL && label != NULL);

  g_autoptr (NnDesign) new = design;
  g_autoptr (NnDesign) old = nn_design_ref (wb_document_design (self));
  if (new == old)
    return;
  g_autofree char *refusal = nn_lesson_text_refusal (self->lesson, old, new);
  if (refusal != NULL)
    {
      wb_document_notice (self, refusal, NULL, NULL);
      g_signal_emit (self, signals[CHANGED], 0); /* whoever drew the change draws it back */
      return;
    }
  nn_history_push (self->history, new, label, merge);
  design_changed (self, old);
}

void
wb_document_seal (WbDocument *self)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));
  nn_history_seal (self->history);
}

const char *
wb_document_undo_label (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);
  return nn_history_undo_label (self->history);
}

const char *
wb_document_redo_label (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);
  return nn_history_redo_label (self->history);
}

void
wb_document_undo (WbDocument *self)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));

  g_autoptr (NnDesign) old = nn_design_ref (wb_document_design (self));
  if (nn_history_undo (self->history))
    design_changed (self, old);
}

void
wb_document_redo (WbDocument *self)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));

  g_autoptr (NnDesign) old = nn_design_ref (wb_document_design (self));
  if (nn_history_redo (self->history))
    design_changed (self, old);
}

/* ---- selection ---- */

GArray *
wb_document_selection (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);
  return self->selection;
}

static gint
find_selected (WbDocument *self, guint node)
{
  for (guint i = 0; i < self->selection->len; i++)
    if (g_array_index (self->selection, guint, i) == node)
      return (gint)i;
  return -1;
}

gboolean
wb_document_is_selected (WbDocument *self, guint node)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), FALSE);
  return find_selected (self, node) >= 0;
}

void
wb_document_select (WbDocument *self, const guint *nodes, guint n)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));

  /* What is to be selected may have been refused. */
  for (guint i = 0; i < n; i++)
    if (nn_design_node (wb_document_design (self), nodes[i]) == NULL)
      return;
  if (n == self->selection->len
      && (n == 0 || memcmp (nodes, self->selection->data, n * sizeof (guint)) == 0))
    return;
  g_autoptr (GArray) old = self->selection; /* nodes may point into it */
  self->selection = g_array_new (FALSE, FALSE, sizeof (guint));
  if (n > 0)
    g_array_append_vals (self->selection, nodes, n);
  g_signal_emit (self, signals[SELECTION_CHANGED], 0);
}

void
wb_document_toggle_selected (WbDocument *self, guint node)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));

  gint position = find_selected (self, node);
  if (position >= 0)
    g_array_remove_index (self->selection, (guint)position);
  else
    g_array_append_val (self->selection, node);
  g_signal_emit (self, signals[SELECTION_CHANGED], 0);
}
