#include "diabolo-config.h"

#include "viewers/wb-run-switch.h"

#include <glib/gi18n-lib.h>

struct _WbRunSwitch
{
  GtkWidget parent;

  GSignalGroup *signals; /* of the document, which the holder keeps */
  GArray *shown;         /* guint64 per entry of the list */
  gboolean filling;      /* what is chosen is shown, not asked for */

  /* borrowed: children */
  GtkDropDown *list;
};

G_DEFINE_FINAL_TYPE (WbRunSwitch, wb_run_switch, GTK_TYPE_WIDGET)

static WbDocument *
get_document (WbRunSwitch *self)
{
  g_autoptr (WbDocument) document = g_signal_group_dup_target (self->signals);
  return document; /* whoever set it keeps it alive */
}

/* TRUE where the list has these runs under these names. */
static gboolean
is_current (WbRunSwitch *self, const NnRunHistory *runs)
{
  GListModel *model = gtk_drop_down_get_model (self->list);

  if (self->shown->len != nn_run_history_n_runs (runs))
    return FALSE;
  for (guint i = 0; i < self->shown->len; i++)
    {
      const NnRun *run = nn_run_history_run (runs, i);
      if (g_array_index (self->shown, guint64, i) != run->id
          || g_strcmp0 (gtk_string_list_get_string (GTK_STRING_LIST (model), i), run->name) != 0)
        return FALSE;
    }
  return TRUE;
}

static void
fill (WbRunSwitch *self, const NnRunHistory *runs)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  g_array_set_size (self->shown, 0);
  for (guint i = 0; i < nn_run_history_n_runs (runs); i++)
    {
      const NnRun *run = nn_run_history_run (runs, i);
      gtk_string_list_append (names, run->name);
      g_array_append_val (self->shown, run->id);
    }
  gtk_drop_down_set_model (self->list, G_LIST_MODEL (names));
}

static void
update (WbRunSwitch *self)
{
  WbDocument *document = get_document (self);
  const NnRunHistory *runs = document != NULL ? wb_document_runs (document) : NULL;
  const guint n = runs != NULL ? nn_run_history_n_runs (runs) : 0;

  gtk_widget_set_visible (GTK_WIDGET (self), n > 1);
  if (n == 0)
    return;
  self->filling = TRUE;
  if (!is_current (self, runs))
    fill (self, runs);
  for (guint i = 0; i < self->shown->len; i++)
    if (g_array_index (self->shown, guint64, i) == wb_document_run (document)
        && gtk_drop_down_get_selected (self->list) != i)
      gtk_drop_down_set_selected (self->list, i);
  self->filling = FALSE;
}

static void
news (WbRunSwitch *self, const NnSnapshot *snapshot)
{
  if (snapshot->rows->len > 0)
    update (self);
}

static void
chosen (WbRunSwitch *self)
{
  WbDocument *document = get_document (self);
  const guint position = gtk_drop_down_get_selected (self->list);

  if (self->filling || document == NULL || position >= self->shown->len)
    return;
  const char *missing =
      wb_document_go_to_run (document, g_array_index (self->shown, guint64, position));
  if (missing == NULL)
    return;
  g_signal_emit_by_name (document, "notice", missing, NULL, NULL);
  update (self);
}

static void
wb_run_switch_dispose (GObject *object)
{
  WbRunSwitch *self = WB_RUN_SWITCH (object);

  if (self->signals != NULL)
    g_signal_group_set_target (self->signals, NULL);
  if (self->list != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->list));
  self->list = NULL;
  G_OBJECT_CLASS (wb_run_switch_parent_class)->dispose (object);
}

static void
wb_run_switch_finalize (GObject *object)
{
  WbRunSwitch *self = WB_RUN_SWITCH (object);

  g_clear_object (&self->signals);
  g_array_unref (self->shown);
  G_OBJECT_CLASS (wb_run_switch_parent_class)->finalize (object);
}

static void
wb_run_switch_class_init (WbRunSwitchClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wb_run_switch_dispose;
  object_class->finalize = wb_run_switch_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
wb_run_switch_init (WbRunSwitch *self)
{
  GtkWidget *list = gtk_drop_down_new (NULL, NULL);

  self->shown = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->signals = g_signal_group_new (WB_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (self->signals, "state-changed", G_CALLBACK (update), self);
  g_signal_group_connect_swapped (self->signals, "snapshot", G_CALLBACK (news), self);
  self->list = GTK_DROP_DOWN (list);
  gtk_widget_add_css_class (list, "wb-small");
  gtk_widget_set_tooltip_text (list, _ ("The run that is trained: choosing another one returns to "
                                        "where that one was left"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Run in training"), -1);
  gtk_widget_set_parent (list, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  g_signal_connect_swapped (list, "notify::selected", G_CALLBACK (chosen), self);
}

GtkWidget *
wb_run_switch_new (void)
{
  return g_object_new (WB_TYPE_RUN_SWITCH, NULL);
}

void
wb_run_switch_set_document (WbRunSwitch *self, WbDocument *document)
{
  g_return_if_fail (WB_IS_RUN_SWITCH (self));
  if (document == get_document (self))
    return;
  g_signal_group_set_target (self->signals, document);
  update (self);
}
