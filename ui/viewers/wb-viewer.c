#include "diabolo-config.h"

#include "viewers/wb-viewer-head.h"
#include "viewers/wb-viewer-private.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  const WbViewerType *type;
  GSignalGroup *signals; /* of the document, which the holder of the viewer keeps */
  GSimpleActionGroup *actions;
  guint probe_id;
  gboolean asked;            /* the probe is with the document */
  guint64 run;               /* shown; 0: the one in training */
  GSimpleAction *run_action; /* borrowed: of actions */

  /* borrowed: children */
  WbViewerHead *head;
  WbCodeSpace *code_space; /* owned: of run; NULL: not asked for, or the document's */
  GtkStack *stack;         /* content, notice */
  GtkLabel *notice;
} WbViewerPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (WbViewer, wb_viewer, GTK_TYPE_WIDGET)

enum
{
  PROP_RUN = 1,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

static WbViewerPrivate *
get_private (WbViewer *self)
{
  return wb_viewer_get_instance_private (self);
}

/* ---- the document ---- */

WbDocument *
wb_viewer_get_document (WbViewer *self)
{
  g_return_val_if_fail (WB_IS_VIEWER (self), NULL);
  g_autoptr (WbDocument) document = g_signal_group_dup_target (get_private (self)->signals);
  return document; /* whoever set it keeps it alive */
}

static void
withdraw_probe (WbViewer *self)
{
  WbViewerPrivate *priv = get_private (self);
  WbDocument *document = wb_viewer_get_document (self);

  if (priv->asked && document != NULL)
    wb_document_remove_probe (document, priv->probe_id);
  priv->asked = FALSE;
}

static void
give_answer (WbViewer *self)
{
  WbViewerPrivate *priv = get_private (self);
  WbViewerClass *klass = WB_VIEWER_GET_CLASS (self);
  NnProbeResult *result;

  if (!priv->asked || klass->answer == NULL)
    return;
  result = wb_document_probe_result (wb_viewer_get_document (self), priv->probe_id);
  if (result != NULL)
    klass->answer (self, result);
}

void
wb_viewer_invalidate_probe (WbViewer *self)
{
  WbViewerPrivate *priv = get_private (self);
  WbViewerClass *klass = WB_VIEWER_GET_CLASS (self);
  WbDocument *document = wb_viewer_get_document (self);
  g_autoptr (NnProbe) probe = NULL;

  if (document == NULL || klass->make_probe == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  probe = klass->make_probe (self, priv->probe_id);
  if (probe == NULL)
    {
      withdraw_probe (self);
      return;
    }
  wb_viewer_add_probe (self, probe);
  priv->asked = TRUE;
}

void
wb_viewer_add_probe (WbViewer *self, NnProbe *probe)
{
  g_return_if_fail (WB_IS_VIEWER (self) && probe != NULL);
  probe->run = get_private (self)->run;
  wb_document_add_probe (wb_viewer_get_document (self), probe);
}

static void
catch_up (WbViewer *self)
{
  WbViewerClass *klass = WB_VIEWER_GET_CLASS (self);

  if (wb_viewer_get_document (self) != NULL && gtk_widget_get_mapped (GTK_WIDGET (self))
      && klass->document_changed != NULL)
    klass->document_changed (self);
}

static void
document_changed (WbViewer *self)
{
  catch_up (self);
  wb_viewer_invalidate_probe (self);
}

static gboolean
holds_answer (NnSnapshot *snapshot, guint probe_id)
{
  for (guint i = 0; snapshot->results != NULL && i < snapshot->results->len; i++)
    {
      const NnProbeResult *result = g_ptr_array_index (snapshot->results, i);
      if (result->probe == probe_id)
        return TRUE;
    }
  return FALSE;
}

static void
document_snapshot (WbViewer *self, NnSnapshot *snapshot)
{
  WbViewerClass *klass = WB_VIEWER_GET_CLASS (self);

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  if (klass->snapshot != NULL)
    klass->snapshot (self, snapshot);
  if (holds_answer (snapshot, get_private (self)->probe_id))
    give_answer (self);
}

void
wb_viewer_set_document (WbViewer *self, WbDocument *document)
{
  g_return_if_fail (WB_IS_VIEWER (self));
  if (document == wb_viewer_get_document (self))
    return;
  withdraw_probe (self);
  wb_viewer_set_run (self, 0); /* runs are the document's */
  g_signal_group_set_target (get_private (self)->signals, document);
  if (document != NULL)
    document_changed (self);
}

const WbViewerType *
wb_viewer_get_viewer_type (WbViewer *self)
{
  g_return_val_if_fail (WB_IS_VIEWER (self), NULL);
  return get_private (self)->type;
}

guint
wb_viewer_probe_id (WbViewer *self)
{
  g_return_val_if_fail (WB_IS_VIEWER (self), 0);
  return get_private (self)->probe_id;
}

guint64
wb_viewer_get_run (WbViewer *self)
{
  g_return_val_if_fail (WB_IS_VIEWER (self), 0);
  return get_private (self)->run;
}

void
wb_viewer_set_run (WbViewer *self, guint64 run)
{
  WbViewerPrivate *priv = get_private (self);

  g_return_if_fail (WB_IS_VIEWER (self));
  if (priv->run == run)
    return;
  priv->run = run;
  g_clear_object (&priv->code_space);
  g_simple_action_set_state (priv->run_action, g_variant_new_uint64 (run));
  document_changed (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_RUN]);
}

WbCodeSpace *
wb_viewer_code_space (WbViewer *self)
{
  WbViewerPrivate *priv = get_private (self);
  WbDocument *document = wb_viewer_get_document (self);

  if (document == NULL || priv->run == 0)
    return document != NULL ? wb_document_code_space (document) : NULL;
  if (priv->code_space == NULL)
    priv->code_space = wb_code_space_new_for_run (document, priv->run);
  return priv->code_space;
}

char *
wb_viewer_dup_title (WbViewer *self)
{
  WbViewerPrivate *priv = get_private (self);
  WbDocument *document = wb_viewer_get_document (self);
  NnRunHistory *runs = document != NULL ? wb_document_runs (document) : NULL;

  for (guint i = 0; priv->run != 0 && runs != NULL && i < nn_run_history_n_runs (runs); i++)
    if (nn_run_history_run (runs, i)->id == priv->run)
      return g_strdup_printf ("%s · %s", _ (priv->type->title), nn_run_history_run (runs, i)->name);
  return g_strdup (_ (priv->type->title));
}

GSimpleActionGroup *
wb_viewer_get_actions (WbViewer *self)
{
  g_return_val_if_fail (WB_IS_VIEWER (self), NULL);
  return get_private (self)->actions;
}

GtkWidget *
wb_viewer_make_settings (WbViewer *self)
{
  WbViewerClass *klass = WB_VIEWER_GET_CLASS (self);

  return klass->make_settings != NULL ? klass->make_settings (self) : NULL;
}

JsonObject *
wb_viewer_save_state (WbViewer *self)
{
  WbViewerClass *klass = WB_VIEWER_GET_CLASS (self);
  JsonObject *state = json_object_new ();

  if (klass->save_state != NULL)
    klass->save_state (self, state);
  return state;
}

void
wb_viewer_load_state (WbViewer *self, JsonObject *state)
{
  WbViewerClass *klass = WB_VIEWER_GET_CLASS (self);

  if (klass->load_state != NULL && state != NULL)
    klass->load_state (self, state);
}

/* ---- the page ---- */

void
wb_viewer_set_content (WbViewer *self, GtkWidget *content)
{
  WbViewerPrivate *priv = get_private (self);

  gtk_stack_add_named (priv->stack, content, "content");
  gtk_stack_set_visible_child (priv->stack, content);
}

void
wb_viewer_add_control (WbViewer *self, GtkWidget *control)
{
  wb_viewer_head_add_control (get_private (self)->head, control);
}

void
wb_viewer_set_sentence (WbViewer *self, const char *sentence)
{
  GtkLabel *label = wb_viewer_head_get_sentence (get_private (self)->head);

  if (g_strcmp0 (gtk_label_get_text (label), sentence) == 0)
    return;
  gtk_label_set_text (label, sentence);
  gtk_widget_set_tooltip_text (GTK_WIDGET (label), sentence);
}

void
wb_viewer_set_legend (WbViewer *self, const char *markup)
{
  GtkLabel *label = wb_viewer_head_get_legend (get_private (self)->head);

  gtk_label_set_markup (label, markup);
  gtk_widget_set_visible (GTK_WIDGET (label), *markup != '\0');
}

void
wb_viewer_set_notice (WbViewer *self, const char *text)
{
  WbViewerPrivate *priv = get_private (self);

  if (text != NULL)
    gtk_label_set_text (priv->notice, text);
  gtk_stack_set_visible_child_name (priv->stack, text != NULL ? "notice" : "content");
}

const char *
wb_viewer_get_notice (WbViewer *self)
{
  WbViewerPrivate *priv = get_private (self);

  return gtk_stack_get_visible_child (priv->stack) == GTK_WIDGET (priv->notice)
             ? gtk_label_get_text (priv->notice)
             : NULL;
}

char *
wb_viewer_data_notice (WbViewer *self)
{
  WbDocument *document = wb_viewer_get_document (self);
  const GError *error = wb_document_data_error (document);
  const char *busy = wb_document_busy (document, NULL);

  if (error != NULL)
    return g_strdup (error->message);
  return busy != NULL ? g_strdup_printf (_ ("%s…"), busy) : g_strdup (_ ("There is no data yet."));
}

char *
wb_viewer_missing_notice (WbViewer *self)
{
  WbDocument *document = wb_viewer_get_document (self);
  NnAnalysis *analysis = wb_document_analysis (document);

  if (!nn_analysis_can_train (analysis) && nn_analysis_n_diagnostics (analysis) > 0)
    return g_strdup (nn_analysis_diagnostic (analysis, 0)->text);
  return wb_document_dataset (document) == NULL ? wb_viewer_data_notice (self) : NULL;
}

static void
wb_viewer_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (wb_viewer_parent_class)->map (widget);
  document_changed (WB_VIEWER (widget));
  give_answer (WB_VIEWER (widget));
}

static void
wb_viewer_unmap (GtkWidget *widget)
{
  withdraw_probe (WB_VIEWER (widget));
  GTK_WIDGET_CLASS (wb_viewer_parent_class)->unmap (widget);
}

static void
wb_viewer_constructed (GObject *object)
{
  WbViewer *self = WB_VIEWER (object);

  G_OBJECT_CLASS (wb_viewer_parent_class)->constructed (object);
  /* Not before: what can be exported depends on the class. */
  wb_viewer_add_export_actions (self, G_ACTION_MAP (get_private (self)->actions));
}

static void
wb_viewer_dispose (GObject *object)
{
  WbViewer *self = WB_VIEWER (object);
  WbViewerPrivate *priv = get_private (self);
  GtkWidget *child;

  if (priv->signals != NULL)
    {
      withdraw_probe (self);
      g_signal_group_set_target (priv->signals, NULL);
    }
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (wb_viewer_parent_class)->dispose (object);
}

static void
wb_viewer_finalize (GObject *object)
{
  WbViewerPrivate *priv = get_private (WB_VIEWER (object));

  g_clear_object (&priv->signals);
  g_clear_object (&priv->code_space);
  g_clear_object (&priv->actions);
  G_OBJECT_CLASS (wb_viewer_parent_class)->finalize (object);
}

static void
wb_viewer_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  if (id == PROP_RUN)
    g_value_set_uint64 (value, wb_viewer_get_run (WB_VIEWER (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
wb_viewer_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  if (id == PROP_RUN)
    wb_viewer_set_run (WB_VIEWER (object), g_value_get_uint64 (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
wb_viewer_class_init (WbViewerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->constructed = wb_viewer_constructed;
  object_class->dispose = wb_viewer_dispose;
  object_class->finalize = wb_viewer_finalize;
  object_class->get_property = wb_viewer_get_property;
  object_class->set_property = wb_viewer_set_property;
  props[PROP_RUN] =
      g_param_spec_uint64 ("run", NULL, NULL, 0, G_MAXUINT64, 0,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  widget_class->map = wb_viewer_map;
  widget_class->unmap = wb_viewer_unmap;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "wb-viewer");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_TAB_PANEL);
}

static void
change_run (GSimpleAction *action, GVariant *state, WbViewer *self)
{
  wb_viewer_set_run (self, g_variant_get_uint64 (state));
}

static void
add_run_action (WbViewer *self)
{
  WbViewerPrivate *priv = get_private (self);
  g_autoptr (GSimpleAction) action =
      g_simple_action_new_stateful ("run", G_VARIANT_TYPE_UINT64, g_variant_new_uint64 (0));

  priv->run_action = action;
  g_signal_connect_object (action, "change-state", G_CALLBACK (change_run), self, 0);
  g_action_map_add_action (G_ACTION_MAP (priv->actions), G_ACTION (action));
}

static void
wb_viewer_init (WbViewer *self)
{
  WbViewerPrivate *priv = get_private (self);
  GtkWidget *head = wb_viewer_head_new (), *notice = gtk_label_new (NULL);
  GtkWidget *stack = gtk_stack_new ();
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  priv->probe_id = nn_probe_next_id ();
  priv->actions = g_simple_action_group_new ();
  add_run_action (self);

  priv->signals = g_signal_group_new (WB_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (priv->signals, "changed", G_CALLBACK (document_changed), self);
  g_signal_group_connect_swapped (priv->signals, "state-changed", G_CALLBACK (catch_up), self);
  g_signal_group_connect_swapped (priv->signals, "rewound", G_CALLBACK (catch_up), self);
  g_signal_group_connect_swapped (priv->signals, "snapshot", G_CALLBACK (document_snapshot), self);

  gtk_label_set_wrap (GTK_LABEL (notice), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (notice), 52);
  gtk_label_set_justify (GTK_LABEL (notice), GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (notice, "wb-notice");
  gtk_widget_set_vexpand (stack, TRUE);
  gtk_stack_add_named (GTK_STACK (stack), notice, "notice");

  priv->head = WB_VIEWER_HEAD (head);
  priv->stack = GTK_STACK (stack);
  priv->notice = GTK_LABEL (notice);
  gtk_widget_set_parent (head, GTK_WIDGET (self));
  gtk_widget_set_parent (stack, GTK_WIDGET (self));
}

WbViewer *
wb_viewer_new (const WbViewerType *type)
{
  WbViewer *self = g_object_new (type->get_type (), NULL);

  get_private (self)->type = type;
  wb_viewer_set_sentence (self, _ (type->sentence));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ (type->title), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  _ (type->sentence), -1);
  return self;
}
