#include "diabolo-config.h"

#include "lesson/wb-lesson-tour.h"

#include <string.h>
#include <glib/gi18n.h>

#include "document/wb-code-space.h"
#include "document/wb-settings.h"
#include "formats/nn-lessons.h"
#include "lesson/wb-lesson-choices.h"

/* ms from news to the next look at the conditions, and between looks at which viewers are seen. */
#define LOOK_DELAY 100
#define SEEN_INTERVAL 500

enum
{
  CHANGED,
  SHOW_VIEWER,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _WbLessonTour
{
  GObject parent_instance;

  WbDocument *document;   /* owned; NULL: ended */
  NnLessonText *text;     /* owned */
  char *group;            /* of the settings; NULL: a preview */
  guint step, n_drawings; /* drawings: when the step began */
  GHashTable *done;       /* set of lines of tasks */
  GHashTable *answers;    /* line of a question -> answer + 1 */

  WbViewersSeenFunc seen;
  gpointer seen_data;
  const NnLessonBlock *helped; /* task that training goes on for, or NULL */
  gboolean pause_due;          /* that task is done, what its epoch comes to not yet known */
  gboolean watches_codes;
  gboolean could_go_on; /* to the next stage, when last looked at */
  guint look_timeout, seen_timeout;
  NnDesign *design;     /* owned: as it was last looked at */
  double change_epochs; /* trained by the run of change_run when it was last changed */
  guint64 change_run;
};

G_DEFINE_FINAL_TYPE (WbLessonTour, wb_lesson_tour, G_TYPE_OBJECT)

/* ---- remembering ---- */

static gint
compare_lines (gconstpointer a, gconstpointer b)
{
  guint x = GPOINTER_TO_UINT (a), y = GPOINTER_TO_UINT (b);
  return (x > y) - (x < y);
}

/* "3 17 21": lines, or "3:1 17:2": with their values. (transfer full) */
static char *
lines_to_text (GHashTable *lines, gboolean with_values)
{
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (lines), compare_lines);
  GString *text = g_string_new (NULL);
  for (GList *l = keys; l != NULL; l = l->next)
    {
      g_string_append_printf (text, "%s%u", text->len > 0 ? " " : "", GPOINTER_TO_UINT (l->data));
      if (with_values)
        g_string_append_printf (text, ":%u",
                                GPOINTER_TO_UINT (g_hash_table_lookup (lines, l->data)));
    }
  return g_string_free (text, FALSE);
}

static void
lines_from_text (GHashTable *lines, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text != NULL ? text : "", " ", -1);
  for (char **word = words; *word != NULL; word++)
    {
      char *end;
      guint64 line = g_ascii_strtoull (*word, &end, 10);
      guint64 value = *end == ':' ? g_ascii_strtoull (end + 1, NULL, 10) : 1;
      if (line > 0 && line < G_MAXUINT && value > 0 && value < 100)
        g_hash_table_insert (lines, GUINT_TO_POINTER (line), GUINT_TO_POINTER (value));
    }
}

static void
remember (WbLessonTour *self)
{
  if (self->group == NULL)
    return;
  WbSettings *settings = wb_settings_default ();
  g_autofree char *done = lines_to_text (self->done, FALSE);
  g_autofree char *answers = lines_to_text (self->answers, TRUE);
  wb_settings_set_int (settings, self->group, "step", (gint)self->step);
  wb_settings_set_text (settings, self->group, "done", done);
  wb_settings_set_text (settings, self->group, "answers", answers);
}

static void
recall (WbLessonTour *self)
{
  WbSettings *settings = wb_settings_default ();
  g_autofree char *done = wb_settings_get_text (settings, self->group, "done");
  g_autofree char *answers = wb_settings_get_text (settings, self->group, "answers");
  gint step = wb_settings_get_int (settings, self->group, "step", 0);
  self->step = (guint)CLAMP (step, 0, (gint)self->text->steps->len - 1);
  lines_from_text (self->done, done);
  lines_from_text (self->answers, answers);
}

static void
changed (WbLessonTour *self)
{
  remember (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* ---- looking at the document ---- */

static NnLessonStep *
step_at (WbLessonTour *self, guint step)
{
  return g_ptr_array_index (self->text->steps, step);
}

static void
watch_codes (WbLessonTour *self, gboolean watch)
{
  if (watch == self->watches_codes)
    return;
  self->watches_codes = watch;
  if (watch)
    wb_code_space_watch (wb_document_code_space (self->document));
  else
    wb_code_space_unwatch (wb_document_code_space (self->document));
}

/* The run that trains, 0: there is none yet; and how many epochs it has trained. */
static guint64
last_run (WbLessonTour *self, double *epochs)
{
  const NnRunHistory *runs = wb_document_runs (self->document);
  guint n_runs = nn_run_history_n_runs (runs);
  *epochs = 0;
  if (n_runs == wb_document_n_earlier_runs (self->document))
    return 0;
  gsize n;
  guint64 run = nn_run_history_run (runs, n_runs - 1)->id;
  const NnRow *rows = nn_run_history_rows (runs, run, NN_ROW_EPOCH, &n);
  *epochs = n > 0 ? rows[n - 1].epoch : 0;
  return run;
}

/* The same, to the batch: what is left of an epoch that was begun otherwise is none. */
static guint64
place_in_run (WbLessonTour *self, double *epochs)
{
  const guint64 run = last_run (self, epochs);
  gsize n = 0;
  const NnRow *rows =
      run != 0 ? nn_run_history_rows (wb_document_runs (self->document), run, NN_ROW_BATCH, &n)
               : NULL;
  if (n > 0)
    *epochs = MAX (*epochs, rows[n - 1].epoch);
  return run;
}

static void
note_change (WbLessonTour *self)
{
  NnDesign *design = wb_document_design (self->document);
  if (self->design == design)
    return;
  if (self->design != NULL && !nn_design_same_computation (self->design, design))
    self->change_run = place_in_run (self, &self->change_epochs);
  g_clear_pointer (&self->design, nn_design_unref);
  self->design = nn_design_ref (design);
}

static NnLessonFacts
gather (WbLessonTour *self, NnLessonCodes *codes, char ***viewers)
{
  NnLessonFacts facts = {
    .analysis = wb_document_analysis (self->document),
    .runs = wb_document_runs (self->document),
    .n_earlier_runs = wb_document_n_earlier_runs (self->document),
    .trains = wb_document_state (self->document) == NN_SESSION_TRAINING,
    .drawn = wb_document_n_drawings (self->document) > self->n_drawings,
    .selection = wb_document_selection (self->document),
  };
  double epochs;
  if (self->change_run != 0 && last_run (self, &epochs) == self->change_run)
    facts.epochs_at_change = self->change_epochs;
  *viewers = self->seen != NULL ? self->seen (self->seen_data) : NULL;
  facts.viewers = (const char *const *)*viewers;
  const NnNodeValuesResult *samples =
      self->watches_codes ? wb_code_space_samples (wb_document_code_space (self->document)) : NULL;
  if (samples != NULL && samples->nodes->len > 0)
    {
      guint n_values = wb_code_space_n_values (wb_document_code_space (self->document));
      const NnNodeValues *values = g_ptr_array_index (samples->nodes, 0);
      *codes = (NnLessonCodes){ .codes = values->values->data,
                                .labels = &g_array_index (samples->labels, gint, 0),
                                .n = samples->labels->len,
                                .n_units = n_values };
      facts.codes = codes;
    }
  return facts;
}

/* Training that goes on for a task ends with what the task's epoch comes to on samples that were
 * not trained on: its numbers are what the student looks at next. */
static void
pause_once_validated (WbLessonTour *self)
{
  NnSnapshot *snapshot = wb_document_snapshot (self->document);
  if (wb_document_state (self->document) == NN_SESSION_TRAINING && snapshot != NULL
      && snapshot->evaluating)
    return;
  self->pause_due = FALSE;
  wb_document_pause (self->document);
}

/* What the next stage goes on with is there: an epoch of this one. */
static gboolean
may_go_on (WbLessonTour *self)
{
  double epochs;
  return last_run (self, &epochs) != 0 && epochs >= 1;
}

/* Ticks what has become true. */
static void
look (WbLessonTour *self)
{
  if (self->document == NULL)
    return;
  NnLessonStep *step = step_at (self, self->step);
  gboolean codes_wanted = FALSE, seen_wanted = FALSE, any = FALSE;
  NnLessonCodes codes;
  g_auto (GStrv) viewers = NULL;
  NnLessonFacts facts = gather (self, &codes, &viewers);
  for (guint i = 0; i < step->blocks->len; i++)
    {
      const NnLessonBlock *block = g_ptr_array_index (step->blocks, i);
      if (block->condition == NULL || wb_lesson_tour_is_done (self, block))
        continue;
      if (nn_lesson_condition_holds (block->condition, &facts))
        {
          g_hash_table_add (self->done, GUINT_TO_POINTER (block->line));
          any = TRUE;
          if (block == self->helped)
            {
              self->helped = NULL;
              self->pause_due = TRUE;
            }
          continue;
        }
      codes_wanted |= nn_lesson_condition_needs_codes (block->condition);
      seen_wanted = TRUE;
    }
  watch_codes (self, codes_wanted);
  if (!seen_wanted)
    g_clear_handle_id (&self->seen_timeout, g_source_remove);
  if (self->pause_due)
    pause_once_validated (self);
  if (any || may_go_on (self) != self->could_go_on)
    changed (self);
  self->could_go_on = may_go_on (self);
}

static gboolean
look_timed_out (gpointer data)
{
  WbLessonTour *self = data;
  self->look_timeout = 0;
  look (self);
  return G_SOURCE_REMOVE;
}

static gboolean
seen_timed_out (gpointer data)
{
  look (data);
  return G_SOURCE_CONTINUE;
}

static void
look_soon (WbLessonTour *self)
{
  if (self->look_timeout == 0)
    self->look_timeout = g_timeout_add (LOOK_DELAY, look_timed_out, self);
}

/* Nothing tells when a viewer comes into sight, so while a task waits for that it is looked at. */
static void
begin_step (WbLessonTour *self)
{
  if (self->group == NULL)
    return;
  self->n_drawings = wb_document_n_drawings (self->document);
  if (self->seen_timeout == 0)
    self->seen_timeout = g_timeout_add (SEEN_INTERVAL, seen_timed_out, self);
  look_soon (self);
}

/* ---- steps and blocks ---- */

const NnLessonText *
wb_lesson_tour_text (WbLessonTour *self)
{
  g_return_val_if_fail (WB_IS_LESSON_TOUR (self), NULL);
  return self->text;
}

guint
wb_lesson_tour_step (WbLessonTour *self)
{
  g_return_val_if_fail (WB_IS_LESSON_TOUR (self), 0);
  return self->step;
}

void
wb_lesson_tour_go (WbLessonTour *self, guint step)
{
  g_return_if_fail (WB_IS_LESSON_TOUR (self));
  step = MIN (step, self->text->steps->len - 1);
  if (step == self->step)
    return;
  self->step = step;
  begin_step (self);
  changed (self);
}

gboolean
wb_lesson_tour_is_done (WbLessonTour *self, const NnLessonBlock *task)
{
  g_return_val_if_fail (WB_IS_LESSON_TOUR (self) && task != NULL, FALSE);
  return g_hash_table_contains (self->done, GUINT_TO_POINTER (task->line));
}

void
wb_lesson_tour_set_done (WbLessonTour *self, const NnLessonBlock *task, gboolean done)
{
  g_return_if_fail (WB_IS_LESSON_TOUR (self) && task != NULL);
  if (done == wb_lesson_tour_is_done (self, task) || (!done && task->condition != NULL))
    return;
  if (done)
    g_hash_table_add (self->done, GUINT_TO_POINTER (task->line));
  else
    g_hash_table_remove (self->done, GUINT_TO_POINTER (task->line));
  changed (self);
}

gint
wb_lesson_tour_answer (WbLessonTour *self, const NnLessonBlock *question)
{
  g_return_val_if_fail (WB_IS_LESSON_TOUR (self) && question != NULL, -1);
  guint answer =
      GPOINTER_TO_UINT (g_hash_table_lookup (self->answers, GUINT_TO_POINTER (question->line)));
  return answer <= question->answers->len ? (gint)answer - 1 : -1;
}

void
wb_lesson_tour_set_answer (WbLessonTour *self, const NnLessonBlock *question, guint answer)
{
  g_return_if_fail (WB_IS_LESSON_TOUR (self) && question != NULL);
  g_return_if_fail (answer < question->answers->len);
  g_hash_table_insert (self->answers, GUINT_TO_POINTER (question->line),
                       GUINT_TO_POINTER (answer + 1));
  changed (self);
}

guint
wb_lesson_tour_n_left (WbLessonTour *self, guint step)
{
  g_return_val_if_fail (WB_IS_LESSON_TOUR (self) && step < self->text->steps->len, 0);
  const GPtrArray *blocks = step_at (self, step)->blocks;
  guint n = 0;
  for (guint i = 0; i < blocks->len; i++)
    {
      const NnLessonBlock *block = g_ptr_array_index (blocks, i);
      n += block->kind == NN_LESSON_TASK && !wb_lesson_tour_is_done (self, block);
    }
  return n;
}

/* NULL: this is the last, or the lesson has none. */
static const NnLesson *
next_stage (WbLessonTour *self)
{
  const NnLesson *stages[NN_LESSON_MAX_STAGES];
  const char *id = self->document != NULL ? wb_document_lesson_id (self->document) : NULL;
  const NnLesson *lesson = id != NULL ? nn_lesson (id) : NULL;
  guint position;
  if (lesson == NULL)
    return NULL;
  guint n = nn_lesson_stages (lesson, stages, &position);
  return position + 1 < n ? stages[position + 1] : NULL;
}

gboolean
wb_lesson_tour_has_next_stage (WbLessonTour *self)
{
  g_return_val_if_fail (WB_IS_LESSON_TOUR (self), FALSE);
  return next_stage (self) != NULL;
}

const char *
wb_lesson_tour_next_lesson (WbLessonTour *self)
{
  g_return_val_if_fail (WB_IS_LESSON_TOUR (self), NULL);
  const char *id = self->document != NULL ? wb_document_lesson_id (self->document) : NULL;
  const NnLesson *stage = next_stage (self);
  if (stage != NULL)
    return may_go_on (self) ? stage->id : NULL;
  guint n;
  const NnLesson *lessons = nn_lessons (&n);
  gboolean found = FALSE;
  for (guint i = 0; id != NULL && i < n; i++)
    if (g_str_equal (lessons[i].id, id))
      found = TRUE;
    else if (found && g_str_equal (nn_lesson_family (&lessons[i]), lessons[i].id))
      return lessons[i].id; /* a variant is no lesson of its own */
  return NULL;
}

void
wb_lesson_tour_start_over (WbLessonTour *self)
{
  g_return_if_fail (WB_IS_LESSON_TOUR (self));
  g_hash_table_remove_all (self->done);
  g_hash_table_remove_all (self->answers);
  self->step = 0;
  begin_step (self);
  changed (self);
}

/* ---- do it for me ---- */

static void
ask_help (WbLessonTour *self, const NnLessonBlock *task, NnLessonHelp *help)
{
  NnLessonCodes codes;
  g_auto (GStrv) viewers = NULL;
  NnLessonFacts facts = gather (self, &codes, &viewers);
  nn_lesson_condition_help (task->condition, &facts, help);
}

/* Whether the task is one that the program could do. */
static gboolean
find_help (WbLessonTour *self, const NnLessonBlock *task, NnLessonHelp *help)
{
  if (self->document == NULL || task->condition == NULL || wb_lesson_tour_is_done (self, task))
    return FALSE;
  ask_help (self, task, help);
  return help->kind != NN_LESSON_HELP_NONE;
}

/* (transfer full) */
static char *
refusal_of_edit (WbLessonTour *self, const NnLessonHelp *help)
{
  const NnLessonText *lesson = wb_document_lesson (self->document);
  NnDesign *design = wb_document_design (self->document);

  if (help->parameter == NULL)
    return nn_lesson_text_locks (lesson, "graph", NULL)
               ? g_strdup (_ ("The lesson keeps the graph as it is."))
               : NULL;
  return nn_lesson_text_locks (lesson, help->owner, help->parameter)
             ? nn_lesson_text_kept (design, help->owner, help->parameter)
             : NULL;
}

static char *
refusal_of (WbLessonTour *self, const NnLessonHelp *help)
{
  if (help->kind == NN_LESSON_HELP_EDIT)
    return refusal_of_edit (self, help);
  if (help->kind == NN_LESSON_HELP_TRAIN
      && !nn_analysis_can_train (wb_document_analysis (self->document)))
    return g_strdup (_ ("The network cannot be trained as it is: mend its problems first."));
  return NULL;
}

char *
wb_lesson_tour_help_refusal (WbLessonTour *self, const NnLessonBlock *task)
{
  g_return_val_if_fail (WB_IS_LESSON_TOUR (self) && task != NULL, NULL);
  g_auto (NnLessonHelp) help = { 0 };
  return find_help (self, task, &help) ? refusal_of (self, &help) : NULL;
}

gboolean
wb_lesson_tour_can_help (WbLessonTour *self, const NnLessonBlock *task)
{
  g_return_val_if_fail (WB_IS_LESSON_TOUR (self) && task != NULL, FALSE);
  g_auto (NnLessonHelp) help = { 0 };
  if (!find_help (self, task, &help))
    return FALSE;
  g_autofree char *refusal = refusal_of (self, &help);
  return refusal == NULL;
}

/* Makes one clause true, or begins what does. */
static void
help_with (WbLessonTour *self, const NnLessonBlock *task, NnLessonHelp *help)
{
  switch (help->kind)
    {
    case NN_LESSON_HELP_TRAIN:
      self->helped = task;
      self->pause_due = FALSE;
      wb_document_train (self->document);
      break;
    case NN_LESSON_HELP_EDIT:
      wb_document_edit (self->document, g_steal_pointer (&help->design), help->label,
                        "lesson-help");
      break;
    case NN_LESSON_HELP_SHOW:
      g_signal_emit (self, signals[SHOW_VIEWER], 0, help->viewer);
      break;
    case NN_LESSON_HELP_SELECT:
      wb_document_select (self->document, &help->node, 1);
      break;
    case NN_LESSON_HELP_RESET: /* a run counts once it trains */
      self->helped = task;
      self->pause_due = FALSE;
      wb_document_reset (self->document, FALSE);
      wb_document_train (self->document);
      break;
    case NN_LESSON_HELP_NONE:
    default:
      break;
    }
}

/* Clause after clause, until training has to bring about the rest. */
void
wb_lesson_tour_help (WbLessonTour *self, const NnLessonBlock *task)
{
  g_return_if_fail (WB_IS_LESSON_TOUR (self) && task != NULL);
  if (self->document == NULL || task->condition == NULL)
    return;
  wb_document_seal (self->document);
  gboolean at_once = TRUE;
  for (guint n = nn_lesson_condition_n_clauses (task->condition); n > 0 && at_once; n--)
    {
      g_auto (NnLessonHelp) help = { 0 };
      if (!wb_lesson_tour_can_help (self, task))
        break;
      ask_help (self, task, &help);
      at_once = help.kind != NN_LESSON_HELP_TRAIN && help.kind != NN_LESSON_HELP_RESET;
      help_with (self, task, &help);
    }
  wb_document_seal (self->document);
  look_soon (self);
}

/* ---- life ---- */

void
wb_lesson_tour_set_seen (WbLessonTour *self, WbViewersSeenFunc seen, gpointer data)
{
  g_return_if_fail (WB_IS_LESSON_TOUR (self));
  self->seen = seen;
  self->seen_data = data;
}

void
wb_lesson_tour_end (WbLessonTour *self)
{
  g_return_if_fail (WB_IS_LESSON_TOUR (self));
  if (self->document == NULL)
    return;
  g_clear_handle_id (&self->look_timeout, g_source_remove);
  g_clear_handle_id (&self->seen_timeout, g_source_remove);
  watch_codes (self, FALSE);
  g_signal_handlers_disconnect_by_data (self->document, self);
  g_clear_object (&self->document);
}

static void
wb_lesson_tour_finalize (GObject *object)
{
  WbLessonTour *self = WB_LESSON_TOUR (object);
  wb_lesson_tour_end (self);
  g_clear_pointer (&self->design, nn_design_unref);
  g_hash_table_unref (self->done);
  g_hash_table_unref (self->answers);
  g_clear_pointer (&self->text, nn_lesson_text_free);
  g_free (self->group);
  G_OBJECT_CLASS (wb_lesson_tour_parent_class)->finalize (object);
}

static void
wb_lesson_tour_class_init (WbLessonTourClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = wb_lesson_tour_finalize;
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  signals[SHOW_VIEWER] = g_signal_new ("show-viewer", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                       0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
wb_lesson_tour_init (WbLessonTour *self)
{
  self->done = g_hash_table_new (NULL, NULL);
  self->answers = g_hash_table_new (NULL, NULL);
}

WbLessonTour *
wb_lesson_tour_new_preview (WbDocument *document, NnLessonText *text)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (document) && text != NULL, NULL);

  WbLessonTour *self = g_object_new (WB_TYPE_LESSON_TOUR, NULL);
  self->document = g_object_ref (document);
  self->text = text;
  return self;
}

WbLessonTour *
wb_lesson_tour_new (WbDocument *document, NnLessonText *text, const char *source)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (document) && text != NULL && source != NULL, NULL);

  WbLessonTour *self = g_object_new (WB_TYPE_LESSON_TOUR, NULL);
  self->document = g_object_ref (document);
  self->text = text;
  self->group = wb_lesson_progress_group (source);
  recall (self);
  note_change (self);
  g_signal_connect_swapped (document, "changed", G_CALLBACK (note_change), self);
  g_signal_connect_swapped (document, "changed", G_CALLBACK (look_soon), self);
  g_signal_connect_swapped (document, "selection-changed", G_CALLBACK (look_soon), self);
  g_signal_connect_swapped (document, "state-changed", G_CALLBACK (look_soon), self);
  g_signal_connect_swapped (document, "snapshot", G_CALLBACK (look_soon), self);
  begin_step (self);
  return self;
}
