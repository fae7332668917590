/* wb-document-training.c: the document and its worker: commands out, snapshots in. */
#include "diabolo-config.h"

#include "document/wb-document-private.h"
#include "document/wb-settings.h"
#include "formats/nn-lessons.h"

#include <glib/gi18n.h>

/* Without frames (window hidden, no window) the worker is listened to this often, in ms. */
#define DRAIN_FALLBACK 100

static void drain (WbDocument *self);

/* ---- waking up ---- */

static void
wake_unref (gpointer data)
{
  WbWake *wake = data;
  if (g_atomic_ref_count_dec (&wake->refs))
    g_free (wake);
}

static gboolean
frame_ticked (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  WbDocument *self = data;
  self->frame_tick = 0;
  drain (self);
  return G_SOURCE_REMOVE;
}

static gboolean
drain_timed_out (gpointer data)
{
  WbDocument *self = data;
  self->drain_timeout = 0;
  drain (self);
  return G_SOURCE_REMOVE;
}

static gboolean
woken (gpointer data)
{
  WbDocument *self = ((WbWake *)data)->document;
  if (self == NULL || self->closed)
    return G_SOURCE_REMOVE;
  if (self->frame_tick == 0 && self->frame_widget != NULL
      && gtk_widget_get_mapped (self->frame_widget))
    self->frame_tick = gtk_widget_add_tick_callback (self->frame_widget, frame_ticked, self, NULL);
  /* A minimised window has no frames, but its saves and errors still want to arrive. */
  if (self->drain_timeout == 0)
    self->drain_timeout = g_timeout_add (DRAIN_FALLBACK, drain_timed_out, self);
  return G_SOURCE_REMOVE;
}

/* On the worker. */
static void
wake_func (gpointer data)
{
  WbWake *wake = data;
  g_atomic_ref_count_inc (&wake->refs);
  g_idle_add_full (G_PRIORITY_DEFAULT, woken, wake, wake_unref);
}

static void
stop_listening (WbDocument *self)
{
  if (self->frame_tick != 0 && self->frame_widget != NULL)
    gtk_widget_remove_tick_callback (self->frame_widget, self->frame_tick);
  self->frame_tick = 0;
  g_clear_handle_id (&self->drain_timeout, g_source_remove);
}

void
wb_document_set_frame_widget (WbDocument *self, GtkWidget *widget)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));

  if (self->frame_widget == widget)
    return;
  stop_listening (self);
  if (self->frame_widget != NULL)
    g_object_remove_weak_pointer (G_OBJECT (self->frame_widget), (gpointer *)&self->frame_widget);
  self->frame_widget = widget;
  if (widget != NULL)
    g_object_add_weak_pointer (G_OBJECT (widget), (gpointer *)&self->frame_widget);
  drain (self);
}

/* ---- news from the worker ---- */

static void
tell_reset_nodes (WbDocument *self, const GArray *nodes)
{
  g_autoptr (GString) names = g_string_new (NULL);
  guint n = 0;
  for (guint i = 0; i < nodes->len; i++)
    {
      const NnNode *node =
          nn_design_node (wb_document_design (self), g_array_index (nodes, guint, i));
      if (node == NULL)
        continue;
      if (n > 0)
        g_string_append (names, i + 1 == nodes->len ? _ (" and ") : ", ");
      g_string_append (names, node->name);
      n++;
    }
  if (n == 0)
    return;
  g_autofree char *text =
      g_strdup_printf (ngettext ("Weights of %s were reset because its size changed",
                                 "Weights of %s were reset because their sizes changed", n),
                       names->str);
  wb_document_notice (self, text, NULL, NULL);
}

static gboolean
run_is_called (WbDocument *self, const char *name)
{
  for (guint i = 0; i < nn_run_history_n_runs (self->runs); i++)
    if (g_str_equal (nn_run_history_run (self->runs, i)->name, name))
      return TRUE;
  return FALSE;
}

char *
wb_document_name_for_run (WbDocument *self, const NnRun *run)
{
  const NnLesson *stages[NN_LESSON_MAX_STAGES];
  const NnLesson *lesson = self->lesson_id != NULL ? nn_lesson (self->lesson_id) : NULL;
  if (lesson == NULL || nn_lesson_stages (lesson, stages, NULL) == 1)
    return g_strdup (run->name);
  const char *title = _ (lesson->title);
  return run_is_called (self, title) ? g_strdup_printf ("%s (%s)", title, run->name)
                                     : g_strdup (title);
}

static void
name_new_runs (WbDocument *self, guint n_known)
{
  for (guint i = n_known; i < nn_run_history_n_runs (self->runs); i++)
    {
      const NnRun *run = nn_run_history_run (self->runs, i);
      g_autofree char *name = wb_document_name_for_run (self, run);
      nn_run_history_rename (self->runs, run->id, name);
    }
}

guint
wb_document_n_earlier_runs (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), 0);
  return self->n_earlier_runs;
}

static void
drain (WbDocument *self)
{
  stop_listening (self);
  if (self->session == NULL)
    return;
  NnSnapshot *snapshot = nn_session_take (self->session);
  if (snapshot == NULL)
    return;

  g_autoptr (NnSnapshot) old = self->snapshot;
  self->snapshot = snapshot;
  if (snapshot->run != self->left_run || snapshot->step == 0)
    self->left_run = 0;
  gboolean modified = self->saved_step != snapshot->step;
  guint last_epoch = old != NULL ? old->epoch : snapshot->epoch;
  NnSessionState last_state = self->state;
  /* What it said before the last command arrived no longer counts. */
  if (snapshot->n_commands >= self->asked)
    self->state = snapshot->state;
  const guint n_runs = nn_run_history_n_runs (self->runs);
  if (snapshot->rows != NULL && snapshot->rows->len > 0)
    nn_run_history_append (self->runs, (const NnRow *)(gpointer)snapshot->rows->data,
                           snapshot->rows->len);
  name_new_runs (self, n_runs);
  for (guint i = 0; snapshot->results != NULL && i < snapshot->results->len; i++)
    {
      NnProbeResult *result = g_ptr_array_index (snapshot->results, i);
      if (result->revision >= self->answers_from
          && g_hash_table_contains (self->probes, GUINT_TO_POINTER (result->probe)))
        g_hash_table_insert (self->results, GUINT_TO_POINTER (result->probe),
                             nn_probe_result_ref (result));
    }
  if (snapshot->reset_nodes != NULL && snapshot->reset_nodes->len > 0)
    tell_reset_nodes (self, snapshot->reset_nodes);
  if (snapshot->checkpoint_answered)
    wb_document_checkpoint_arrived (self, snapshot->checkpoint);
  if (snapshot->error != NULL)
    wb_document_notice (self, snapshot->error->message, NULL, NULL);
  wb_document_rewind_update (self);

  g_signal_emit_by_name (self, "snapshot", snapshot);
  if (last_state != self->state || (old != NULL && old->run != snapshot->run)
      || (modified && (old == NULL || old->step == self->saved_step)))
    wb_document_emit_state (self);
  wb_document_recovery_touched (self);
  if (snapshot->epoch != last_epoch
      || (last_state == NN_SESSION_TRAINING && self->state != last_state))
    wb_document_recovery_epoch_ended (self);
}

/* ---- the model ---- */

void
wb_document_send_model (WbDocument *self)
{
  if (self->dataset == NULL || self->session == NULL)
    return;
  NnCheckpoint *checkpoint = self->checkpoint_fresh ? self->checkpoint : NULL;
  nn_session_set_model (self->session, self->analysis, self->dataset, checkpoint, ++self->revision);
  self->checkpoint_fresh = FALSE;
}

void
wb_document_forget_answers (WbDocument *self)
{
  self->answers_from = self->revision + 1;
  g_hash_table_remove_all (self->results);
}

static const char *
first_error (const NnAnalysis *analysis)
{
  for (guint i = 0; i < nn_analysis_n_diagnostics (analysis); i++)
    {
      const NnDiagnostic *diagnostic = nn_analysis_diagnostic (analysis, i);
      if (diagnostic->severity == NN_SEVERITY_ERROR)
        return diagnostic->text;
    }
  return NULL;
}

/* old (nullable): the design before, to see what an edit means for a training under way. */
void
wb_document_model_changed (WbDocument *self, NnDesign *old)
{
  gboolean training = wb_document_state (self) == NN_SESSION_TRAINING;
  wb_document_send_model (self);
  if (!training)
    return;
  if (!nn_analysis_can_train (self->analysis))
    {
      const char *reason = first_error (self->analysis);
      g_autofree char *text =
          g_strdup_printf (_ ("Training paused: %s"), reason != NULL ? reason : "");
      wb_document_pause (self);
      wb_document_notice (self, text, NULL, NULL);
      return;
    }
  gboolean other_epochs =
      old != NULL
      && nn_params_int (nn_design_training (old), "epochs")
             != nn_params_int (nn_design_training (wb_document_design (self)), "epochs");
  if (self->dataset != NULL && (other_epochs || self->train_when_ready))
    wb_document_train (self);
}

/* ---- commands ---- */

NnSessionState
wb_document_state (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NN_SESSION_EMPTY);
  return self->train_when_ready ? NN_SESSION_TRAINING : self->state;
}

void
wb_document_ask (WbDocument *self, NnSessionState state)
{
  self->asked = nn_session_n_commands (self->session);
  self->state = state;
  wb_document_emit_state (self);
}

/* In a new run nothing is done, also while the worker's word on it is still on its way. */
static guint
epochs_done (WbDocument *self)
{
  if (self->snapshot == NULL || self->snapshot->run == self->left_run)
    return 0;
  return self->snapshot->epoch;
}

guint
wb_document_target_epochs (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), 0);

  guint epochs = (guint)nn_params_int (nn_design_training (wb_document_design (self)), "epochs");
  guint done = epochs_done (self);
  if (self->state == NN_SESSION_TRAINING && self->n_epochs_asked > done)
    return MAX (epochs, self->n_epochs_asked);
  guint target = epochs;
  while (target <= done)
    target += MAX (1, epochs / 2);
  return target;
}

void
wb_document_train (WbDocument *self)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));

  if (!nn_analysis_can_train (self->analysis))
    return;
  if (self->dataset == NULL)
    {
      self->train_when_ready = self->loading != NULL;
      wb_document_emit_state (self);
      return;
    }
  self->train_when_ready = FALSE;
  wb_document_return_to_now (self);
  guint epochs = (guint)nn_params_int (nn_design_training (wb_document_design (self)), "epochs");
  guint done = epochs_done (self);
  self->n_epochs_asked = epochs;
  while (self->n_epochs_asked <= done)
    self->n_epochs_asked += MAX (1, epochs / 2);
  nn_session_train (self->session, self->n_epochs_asked);
  wb_document_ask (self, NN_SESSION_TRAINING);
}

void
wb_document_pause (WbDocument *self)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));

  self->train_when_ready = FALSE;
  nn_session_pause (self->session);
  wb_document_ask (self, NN_SESSION_PAUSED);
}

void
wb_document_step_batch (WbDocument *self)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));

  wb_document_return_to_now (self);
  if (self->dataset != NULL && nn_analysis_can_train (self->analysis))
    nn_session_step_batch (self->session);
}

void
wb_document_step_epoch (WbDocument *self)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));

  wb_document_return_to_now (self);
  if (self->dataset != NULL && nn_analysis_can_train (self->analysis))
    nn_session_step_epoch (self->session);
}

/* A new seed is an edit of the design, so that the seed on show is always the one the weights came
 * from. */
void
wb_document_reset (WbDocument *self, gboolean new_seed)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));

  NnDesign *design = wb_document_design (self);
  if (new_seed)
    {
      g_autoptr (NnParams) params = nn_params_with_number (nn_design_training (design), "seed",
                                                           g_random_int_range (1, 10000), NULL);
      wb_document_edit (self, nn_design_with_training (design, params), _ ("New seed"), NULL);
      design = wb_document_design (self);
    }
  if (self->dataset == NULL)
    return;
  /* The epochs of the run to come are counted from nothing. */
  gboolean training = self->state == NN_SESSION_TRAINING;
  self->left_run = self->snapshot != NULL ? self->snapshot->run : 0;
  self->given = 0;
  self->origin = NN_WEIGHTS_DRAWN;
  wb_document_forget_moment (self);
  nn_session_reset (self->session, (guint64)nn_params_int (nn_design_training (design), "seed"));
  self->n_epochs_asked = (guint)nn_params_int (nn_design_training (design), "epochs");
  if (training)
    nn_session_train (self->session, self->n_epochs_asked);
}

void
wb_document_begin_run (WbDocument *self)
{
  self->left_run = self->snapshot != NULL ? self->snapshot->run : 0;
  /* What the last run has trained is given to the next, and to a file saved before that trains. */
  if (self->snapshot != NULL && self->snapshot->step > 0)
    {
      self->given++;
      self->origin = NN_WEIGHTS_OF_STAGE;
    }
  wb_document_forget_moment (self);
  nn_session_begin_run (self->session);
}

NnWeightsOrigin
wb_document_weights_origin (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NN_WEIGHTS_DRAWN);
  const gboolean untouched =
      self->snapshot == NULL || self->snapshot->step == 0 || self->snapshot->run == self->left_run;
  return untouched ? self->origin : NN_WEIGHTS_DRAWN;
}

void
wb_document_give_weights (WbDocument *self, NnCheckpoint *weights)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));
  g_return_if_fail (weights != NULL && weights->step == 0);

  self->left_run = self->snapshot != NULL ? self->snapshot->run : 0;
  wb_document_forget_moment (self);
  g_clear_pointer (&self->checkpoint, nn_checkpoint_unref);
  self->checkpoint = nn_checkpoint_with_history (weights, self->runs);
  self->checkpoint_fresh = TRUE;
  self->given++;
  self->origin = NN_WEIGHTS_IMPORTED;
  wb_document_send_model (self);
  wb_document_emit_state (self);
}

/* ---- probes ---- */

/* At once: a question that a hand has moved would wait for a frame in an idle. Of several in one go
 * the worker sees the last. */
static void
send_probes (WbDocument *self)
{
  g_autoptr (GPtrArray) probes = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer probe;

  if (self->closed)
    return;
  g_hash_table_iter_init (&iter, self->probes);
  while (g_hash_table_iter_next (&iter, NULL, &probe))
    g_ptr_array_add (probes, probe);
  nn_session_set_probes (self->session, probes);
}

void
wb_document_add_probe (WbDocument *self, NnProbe *probe)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));
  g_return_if_fail (probe != NULL);

  g_hash_table_insert (self->probes, GUINT_TO_POINTER (probe->id), nn_probe_ref (probe));
  send_probes (self);
}

void
wb_document_remove_probe (WbDocument *self, guint id)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));

  g_hash_table_remove (self->results, GUINT_TO_POINTER (id));
  if (g_hash_table_remove (self->probes, GUINT_TO_POINTER (id)))
    send_probes (self);
}

NnProbeResult *
wb_document_probe_result (WbDocument *self, guint id)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);
  return g_hash_table_lookup (self->results, GUINT_TO_POINTER (id));
}

guint
wb_document_sample (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), 0);
  return self->sample;
}

void
wb_document_set_sample (WbDocument *self, guint sample)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));

  if (self->sample == sample)
    return;
  self->sample = sample;
  wb_document_emit_state (self);
}

gssize
wb_document_cell (WbDocument *self, const char *board)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), -1);
  return g_strcmp0 (self->board, board) == 0 ? self->cell : -1;
}

void
wb_document_set_cell (WbDocument *self, const char *board, gssize cell)
{
  g_return_if_fail (WB_IS_DOCUMENT (self) && board != NULL);

  if (wb_document_cell (self, board) == cell)
    return;
  g_free (self->board);
  self->board = g_strdup (board);
  self->cell = cell;
  wb_document_emit_state (self);
}

/* ---- life ---- */

void
wb_document_training_init (WbDocument *self)
{
  self->probes = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)nn_probe_unref);
  self->results = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)nn_probe_result_unref);
  self->wake = g_new0 (WbWake, 1);
  g_atomic_ref_count_init (&self->wake->refs);
  self->wake->document = self;
  self->session =
      nn_session_new (wb_settings_get_threads (wb_settings_default ()), wake_func, self->wake);
  wb_document_rewind_init (self);
}

void
wb_document_training_close (WbDocument *self)
{
  wb_document_set_frame_widget (self, NULL);
  stop_listening (self);
  g_clear_pointer (&self->session, nn_session_free);
  if (self->wake != NULL)
    self->wake->document = NULL;
  g_clear_pointer (&self->wake, wake_unref);
}
