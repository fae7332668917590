#include "diabolo-config.h"

#include "lesson/wb-stage-bar.h"

#include <glib/gi18n.h>

#include "formats/nn-lessons.h"

struct _WbStageBar
{
  GtkWidget parent_instance;

  WbDocument *document; /* owned */
  WbLessonTour *tour;   /* owned */
  const NnLesson *stages[NN_LESSON_MAX_STAGES];
  guint n, position; /* n 0: no lesson in stages */
  guint first;       /* the stage that training began with: those before it were not trained */
  gboolean running;
  guint go_on_source;

  GtkWidget *column, *marks, *next, *run;
  GtkLabel *count, *frozen;
  GtkProgressBar *progress;
};

G_DEFINE_FINAL_TYPE (WbStageBar, wb_stage_bar, GTK_TYPE_WIDGET)

/* ---- where it stands ---- */

static gboolean
tasks_are_done (WbStageBar *self)
{
  guint n_left = 0;
  if (self->tour == NULL)
    return FALSE;
  for (guint i = 0; i < wb_lesson_tour_text (self->tour)->steps->len; i++)
    n_left += wb_lesson_tour_n_left (self->tour, i);
  return n_left == 0;
}

static guint
epochs_trained (WbStageBar *self)
{
  const NnSnapshot *snapshot = wb_document_snapshot (self->document);
  return snapshot != NULL && snapshot->run == wb_document_run (self->document) ? snapshot->epoch
                                                                               : 0;
}

/* It has been trained to its end, or does what its lesson asks for. */
static gboolean
is_done (WbStageBar *self)
{
  return epochs_trained (self) > 0
         && (wb_document_state (self->document) == NN_SESSION_FINISHED || tasks_are_done (self));
}

/* "Frozen: Stage 1 and Stage 2"; "": nothing is. (transfer full) */
static char *
frozen_text (WbStageBar *self)
{
  NnDesign *design = wb_document_design (self->document);
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    {
      const NnNode *node = nn_design_node_at (design, i);
      if (node->frozen)
        g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", node->name);
    }
  return names->len > 0 ? g_strdup_printf (_ ("Frozen: %s"), names->str) : g_strdup ("");
}

static void
set_class (GtkWidget *widget, const char *name, gboolean set)
{
  if (set)
    gtk_widget_add_css_class (widget, name);
  else
    gtk_widget_remove_css_class (widget, name);
}

/* ---- what is seen ---- */

static void
update_progress (WbStageBar *self)
{
  const guint target = wb_document_target_epochs (self->document);
  const double done = MIN (1, epochs_trained (self) / (double)MAX (1, target));
  gtk_widget_set_visible (GTK_WIDGET (self->progress), self->running);
  gtk_progress_bar_set_fraction (self->progress, (self->position + done) / self->n);
}

static void
update_marks (WbStageBar *self, gboolean done)
{
  guint i = 0;
  for (GtkWidget *mark = gtk_widget_get_first_child (self->marks); mark != NULL;
       mark = gtk_widget_get_next_sibling (mark), i++)
    {
      const gboolean behind =
          (self->first <= i && i < self->position) || (done && i == self->position);
      g_autofree char *number = g_strdup_printf ("%u", i + 1);
      g_autofree char *tip =
          g_strdup_printf (behind ? _ ("%s: done") : "%s", _ (self->stages[i]->title));
      gtk_label_set_text (GTK_LABEL (mark), behind ? "✓" : number);
      gtk_widget_set_tooltip_text (mark, tip);
      gtk_accessible_update_property (GTK_ACCESSIBLE (mark), GTK_ACCESSIBLE_PROPERTY_LABEL, tip,
                                      -1);
      set_class (mark, "done", behind);
      set_class (mark, "current", i == self->position);
    }
}

static void
update (WbStageBar *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self), self->n > 0);
  if (self->n == 0)
    return;
  const gboolean done = is_done (self), last = self->position + 1 == self->n;
  g_autofree char *count = g_strdup_printf (_ ("Stage %u of %u"), self->position + 1, self->n);
  g_autofree char *frozen = frozen_text (self);
  gtk_label_set_text (self->count, count);
  gtk_label_set_text (self->frozen, frozen);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->frozen), frozen);
  gtk_widget_set_visible (GTK_WIDGET (self->frozen), *frozen != '\0');
  gtk_button_set_label (GTK_BUTTON (self->run), self->running ? _ ("Stop") : _ ("Run all"));
  gtk_widget_set_tooltip_text (
      self->run, self->running ? _ ("Pause training and stay in this stage")
                               : _ ("Train each stage that is left for its epochs, one by one"));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "stages.next",
                                 !last && !self->running && epochs_trained (self) > 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "stages.run-all", !(last && done));
  gtk_widget_set_tooltip_text (self->next, last ? _ ("This is the last stage")
                                           : epochs_trained (self) == 0
                                               ? _ ("Train this stage first: the next one goes on "
                                                    "with what it has learned")
                                               : _ (self->stages[self->position + 1]->title));
  set_class (self->next, "suggested-action", done && !last && !self->running);
  update_marks (self, done);
  update_progress (self);
}

/* A mark for each stage. */
static void
take_lesson (WbStageBar *self)
{
  const char *id = self->document != NULL ? wb_document_lesson_id (self->document) : NULL;
  const NnLesson *lesson = id != NULL ? nn_lesson (id) : NULL;
  GtkWidget *mark;

  self->n = lesson != NULL ? nn_lesson_stages (lesson, self->stages, &self->position) : 0;
  if (self->n == 1)
    self->n = 0;
  for (self->first = 0; self->n > 0 && self->first < self->position; self->first++)
    if (g_str_equal (self->stages[self->first]->id, wb_document_first_stage (self->document)))
      break;
  while ((mark = gtk_widget_get_first_child (self->marks)) != NULL)
    gtk_box_remove (GTK_BOX (self->marks), mark);
  for (guint i = 0; i < self->n; i++)
    {
      mark = gtk_label_new (NULL);
      gtk_widget_add_css_class (mark, "stage");
      gtk_box_append (GTK_BOX (self->marks), mark);
    }
  update (self);
}

/* ---- going on ---- */

static void
set_running (WbStageBar *self, gboolean running)
{
  if (!running)
    g_clear_handle_id (&self->go_on_source, g_source_remove);
  self->running = running;
  update (self);
}

static void
open_next (WbStageBar *self)
{
  if (self->position + 1 < self->n)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.open-lesson", "s",
                                self->stages[self->position + 1]->id);
}

/* The stage at hand has ended: the next one, or the end. */
static gboolean
go_on (gpointer data)
{
  WbStageBar *self = data;
  const guint position = self->position;

  open_next (self); /* tells of changes; the stage that has ended is not to end again */
  if (self->position != position)
    wb_document_train (self->document);
  self->go_on_source = 0;
  if (self->position == position)
    set_running (self, FALSE);
  return G_SOURCE_REMOVE;
}

static void
state_changed (WbStageBar *self)
{
  const NnSessionState state = wb_document_state (self->document);

  if (self->running && self->go_on_source == 0)
    {
      if (state == NN_SESSION_FINISHED)
        self->go_on_source = g_idle_add (go_on, self);
      else if (state != NN_SESSION_TRAINING)
        set_running (self, FALSE);
    }
  update (self);
}

static void
next_activated (GtkWidget *widget, const char *name, GVariant *parameter)
{
  open_next (WB_STAGE_BAR (widget));
}

static void
run_activated (GtkWidget *widget, const char *name, GVariant *parameter)
{
  WbStageBar *self = WB_STAGE_BAR (widget);

  if (self->running)
    {
      set_running (self, FALSE);
      wb_document_pause (self->document);
      return;
    }
  set_running (self, TRUE);
  if (wb_document_state (self->document) == NN_SESSION_FINISHED)
    state_changed (self);
  else if (wb_document_state (self->document) != NN_SESSION_TRAINING)
    wb_document_train (self->document);
}

gboolean
wb_stage_bar_is_running (WbStageBar *self)
{
  g_return_val_if_fail (WB_IS_STAGE_BAR (self), FALSE);
  return self->running;
}

/* ---- what it watches ---- */

static void
snapshot_arrived (WbStageBar *self)
{
  if (self->n > 0 && self->running)
    update_progress (self);
}

void
wb_stage_bar_set_document (WbStageBar *self, WbDocument *document)
{
  g_return_if_fail (WB_IS_STAGE_BAR (self));

  if (self->document != NULL)
    g_signal_handlers_disconnect_by_data (self->document, self);
  self->running = FALSE;
  g_clear_handle_id (&self->go_on_source, g_source_remove);
  g_set_object (&self->document, document);
  if (document != NULL)
    {
      g_signal_connect_swapped (document, "lesson-changed", G_CALLBACK (take_lesson), self);
      g_signal_connect_swapped (document, "changed", G_CALLBACK (update), self);
      g_signal_connect_swapped (document, "state-changed", G_CALLBACK (state_changed), self);
      g_signal_connect_swapped (document, "snapshot", G_CALLBACK (snapshot_arrived), self);
    }
  take_lesson (self);
}

void
wb_stage_bar_set_tour (WbStageBar *self, WbLessonTour *tour)
{
  g_return_if_fail (WB_IS_STAGE_BAR (self));

  if (self->tour != NULL)
    g_signal_handlers_disconnect_by_data (self->tour, self);
  g_set_object (&self->tour, tour);
  if (tour != NULL)
    g_signal_connect_swapped (tour, "changed", G_CALLBACK (update), self);
  update (self);
}

/* ---- the widget ---- */

static void
wb_stage_bar_dispose (GObject *object)
{
  WbStageBar *self = WB_STAGE_BAR (object);

  g_clear_handle_id (&self->go_on_source, g_source_remove);
  if (self->tour != NULL)
    g_signal_handlers_disconnect_by_data (self->tour, self);
  if (self->document != NULL)
    g_signal_handlers_disconnect_by_data (self->document, self);
  g_clear_object (&self->tour);
  g_clear_object (&self->document);
  g_clear_pointer (&self->column, gtk_widget_unparent);
  G_OBJECT_CLASS (wb_stage_bar_parent_class)->dispose (object);
}

static void
wb_stage_bar_class_init (WbStageBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = wb_stage_bar_dispose;
  gtk_widget_class_install_action (widget_class, "stages.next", NULL, next_activated);
  gtk_widget_class_install_action (widget_class, "stages.run-all", NULL, run_activated);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static GtkWidget *
make_button (const char *label, const char *action)
{
  GtkWidget *button = gtk_button_new_with_label (label);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_hexpand (button, TRUE);
  return button;
}

static void
wb_stage_bar_init (WbStageBar *self)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  self->count = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->count), "heading");
  self->marks = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_widget_set_hexpand (self->marks, TRUE);
  gtk_widget_set_halign (self->marks, GTK_ALIGN_END);
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->count));
  gtk_box_append (GTK_BOX (line), self->marks);

  self->frozen = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->frozen, 0);
  gtk_label_set_ellipsize (self->frozen, PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (GTK_WIDGET (self->frozen), "lesson-caption");
  self->progress = GTK_PROGRESS_BAR (gtk_progress_bar_new ());
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->progress), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Stages"), -1);

  self->next = make_button (_ ("Next stage"), "stages.next");
  self->run = make_button (_ ("Run all"), "stages.run-all");
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_box_append (GTK_BOX (buttons), self->next);
  gtk_box_append (GTK_BOX (buttons), self->run);

  self->column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_add_css_class (self->column, "stage-bar");
  gtk_box_append (GTK_BOX (self->column), line);
  gtk_box_append (GTK_BOX (self->column), GTK_WIDGET (self->frozen));
  gtk_box_append (GTK_BOX (self->column), GTK_WIDGET (self->progress));
  gtk_box_append (GTK_BOX (self->column), buttons);
  gtk_widget_set_parent (self->column, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
wb_stage_bar_new (void)
{
  return g_object_new (WB_TYPE_STAGE_BAR, NULL);
}
