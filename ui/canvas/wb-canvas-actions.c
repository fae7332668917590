/* The verbs of the canvas: one table of actions with their keys, so that menus, shortcuts, the
 * shortcuts window and tests all use the same. */
#include "canvas/wb-canvas-private.h"

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "layers/nn-layer.h"

#define PASTE_OFFSET 24.0

static const guint *
selected_ids (WbCanvas *self, guint *n)
{
  GArray *selection = wb_document_selection (self->document);

  *n = selection->len;
  return (const guint *)(void *)selection->data;
}

static void
notice (WbCanvas *self, const char *text)
{
  g_signal_emit_by_name (self->document, "notice", text, NULL, NULL);
}

static void
select_array (WbCanvas *self, GArray *ids)
{
  wb_document_select (self->document, (const guint *)(void *)ids->data, ids->len);
  if (ids->len > 0)
    {
      wb_canvas_set_current (self, g_array_index (ids, guint, 0), TRUE);
      wb_canvas_reveal (self, g_array_index (ids, guint, 0));
    }
}

/* ---- editing ---- */

static void
delete_selected (WbCanvas *self, const char *one, const char *many)
{
  guint n;
  const guint *ids = selected_ids (self, &n);
  g_autofree char *label = NULL;
  guint first, next;

  if (n == 0)
    return;
  first = ids[0];
  label = wb_canvas_label_for (self, one, many, ids, n);
  next = n == 1 ? wb_graph_geometry_walk (self->geometry, ids[0], WB_WALK_LEFT) : 0;
  wb_canvas_commit (self, nn_design_remove_nodes (wb_canvas_design (self), ids, n, TRUE), label,
                    NULL);
  /* The keyboard goes on where it was, unless a lesson keeps the node. */
  if (next != 0 && nn_design_node (wb_canvas_design (self), first) == NULL)
    wb_canvas_set_current (self, next, TRUE);
}

static void
delete_edge (WbCanvas *self, guint to, guint port)
{
  if (to != 0)
    wb_canvas_commit (self, nn_design_disconnect (wb_canvas_design (self), to, port),
                      _ ("Delete connection"), NULL);
}

static void
do_delete (WbCanvas *self, GVariant *parameter)
{
  delete_edge (self, self->edge_to, self->edge_port);
  delete_selected (self, _ ("Delete %s"), _ ("Delete %s layers"));
}

static void
do_copy (WbCanvas *self, GVariant *parameter)
{
  guint n;
  const guint *ids = selected_ids (self, &n);
  g_autofree char *text = NULL;

  if (n == 0)
    return;
  text = wb_graph_edit_copy (wb_canvas_design (self), ids, n);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  self->paste_count = 1;
}

static void
do_cut (WbCanvas *self, GVariant *parameter)
{
  do_copy (self, NULL);
  self->paste_count = 0;
  delete_selected (self, _ ("Cut %s"), _ ("Cut %s layers"));
}

/* Takes design over. */
static void
commit_pasted (WbCanvas *self, NnDesign *design, GArray *ids, const char *one, const char *many)
{
  const guint *pasted = (const guint *)(void *)ids->data;
  const NnNode *node = ids->len == 1 ? nn_design_node (design, pasted[0]) : NULL;
  g_autofree char *count = g_strdup_printf ("%u", ids->len);
  g_auto (GStrv) parts = g_strsplit (node != NULL ? one : many, "%s", 2);
  g_autofree char *label = g_strjoinv (node != NULL ? node->name : count, parts);

  wb_canvas_commit (self, design, label, NULL);
  select_array (self, ids);
}

static void
paste_text (WbCanvas *self, const char *text)
{
  double offset = self->paste_count * PASTE_OFFSET;
  g_autoptr (GArray) ids = NULL;
  NnDesign *design;

  design = wb_graph_edit_paste (wb_canvas_design (self), text, offset, offset, &ids, NULL);
  if (design == NULL || ids->len == 0)
    {
      g_clear_pointer (&design, nn_design_unref);
      notice (self, _ ("The clipboard holds no layers to paste."));
      return;
    }
  self->paste_count++;
  commit_pasted (self, design, ids, _ ("Paste %s"), _ ("Paste %s layers"));
}

static void
clipboard_read (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (WbCanvas) self = data;
  g_autofree char *text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, NULL);

  if (self->document != NULL)
    paste_text (self, text != NULL ? text : "");
}

static void
do_paste (WbCanvas *self, GVariant *parameter)
{
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (GTK_WIDGET (self)), NULL, clipboard_read,
                                 g_object_ref (self));
}

static void
do_duplicate (WbCanvas *self, GVariant *parameter)
{
  guint n;
  const guint *ids = selected_ids (self, &n);
  g_autoptr (NnDesign) part = NULL;
  g_autoptr (GArray) pasted = NULL;
  NnDesign *design;

  if (n == 0)
    return;
  part = nn_design_extract (wb_canvas_design (self), ids, n);
  design = nn_design_merge (wb_canvas_design (self), part, PASTE_OFFSET, PASTE_OFFSET, &pasted);
  commit_pasted (self, design, pasted, _ ("Duplicate %s"), _ ("Duplicate %s layers"));
}

static void
do_select_all (WbCanvas *self, GVariant *parameter)
{
  NnDesign *design = wb_canvas_design (self);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    g_array_append_val (ids, nn_design_node_at (design, i)->id);
  wb_document_select (self->document, (const guint *)(void *)ids->data, ids->len);
}

static void
do_rename (WbCanvas *self, GVariant *parameter)
{
  if (self->connection.active)
    wb_canvas_connect_end (self, self->connection.snap_node != 0);
  else if (self->current != 0)
    wb_canvas_rename_begin (self, self->current);
}

static void
do_connect (WbCanvas *self, GVariant *parameter)
{
  const WbNodeBox *box = wb_graph_geometry_node (self->geometry, self->current);

  if (box == NULL || self->connection.active || (box->n_out == 0 && box->n_in == 0))
    return;
  wb_canvas_connect_begin (self, box->id, box->n_out > 0, 0, TRUE);
  wb_canvas_set_current (self, box->id, TRUE);
  wb_canvas_connect_to_node (self, box->id);
}

static void
do_delete_edge (WbCanvas *self, GVariant *parameter)
{
  delete_edge (self, self->menu_to, self->menu_port);
}

static void
do_insert (WbCanvas *self, GVariant *parameter)
{
  const NnLayerType *type = nn_layer_type (g_variant_get_string (parameter, NULL));
  g_autoptr (GError) error = NULL;
  g_autofree char *label = NULL;
  NnDesign *design;
  guint id;

  if (type == NULL || self->menu_to == 0
      || nn_design_edge_into (wb_canvas_design (self), self->menu_to, self->menu_port) == NULL)
    return;
  design = wb_graph_edit_insert (wb_canvas_analysis (self), type, self->menu_to, self->menu_port,
                                 &id, &error);
  if (design == NULL)
    {
      notice (self, error->message);
      return;
    }
  label = g_strdup_printf (_ ("Insert %s"), _ (type->title));
  wb_canvas_commit (self, design, label, NULL);
  wb_canvas_select_only (self, id);
  wb_canvas_reveal (self, id);
}

static void
do_add (WbCanvas *self, GVariant *parameter)
{
  const NnLayerType *type = nn_layer_type (g_variant_get_string (parameter, NULL));

  if (type != NULL)
    wb_canvas_add_layer (self, type);
}

static void
do_mirror (WbCanvas *self, GVariant *parameter)
{
  guint n;
  const guint *ids = selected_ids (self, &n);
  g_autoptr (GError) error = NULL;
  NnDesign *before = wb_canvas_design (self), *design;
  g_autoptr (GArray) added = NULL;

  if (n == 0)
    return;
  design = nn_analysis_mirror (wb_canvas_analysis (self), ids, n, &error);
  if (design == NULL)
    {
      notice (self, error->message);
      return;
    }
  added = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    {
      guint id = nn_design_node_at (design, i)->id;

      if (nn_design_node (before, id) == NULL)
        g_array_append_val (added, id);
    }
  wb_canvas_commit (self, design, _ ("Mirror encoder"), NULL);
  select_array (self, added);
}

static void
do_set_code (WbCanvas *self, GVariant *parameter)
{
  guint n;
  const guint *ids = selected_ids (self, &n);
  NnDesign *design = wb_canvas_design (self);
  gboolean is_set;

  if (n != 1)
    return;
  is_set = nn_design_code_node (design) == ids[0];
  wb_canvas_commit (self, nn_design_set_code_node (design, is_set ? 0 : ids[0]),
                    is_set ? _ ("Find code automatically") : _ ("Set as code"), NULL);
}

static void
do_freeze (WbCanvas *self, GVariant *parameter)
{
  guint n;
  const guint *ids = selected_ids (self, &n);
  NnDesign *before = wb_canvas_design (self);
  gboolean frozen;
  NnDesign *design;
  g_autofree char *label = NULL;

  if (n == 0)
    return;
  frozen = !nn_design_node (before, ids[0])->frozen;
  design = nn_design_ref (before);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (NnDesign) old = design;

      design = nn_design_set_frozen (old, ids[i], frozen);
    }
  label = frozen ? wb_canvas_label_for (self, _ ("Freeze %s"), _ ("Freeze %s layers"), ids, n)
                 : wb_canvas_label_for (self, _ ("Unfreeze %s"), _ ("Unfreeze %s layers"), ids, n);
  wb_canvas_commit (self, design, label, NULL);
}

/* ---- the view ---- */

static void
do_tidy (WbCanvas *self, GVariant *parameter)
{
  WbGraphGeometry *geometry = wb_graph_geometry_new (wb_canvas_analysis (self), WB_CARD_FULL);
  guint n = wb_graph_geometry_n_nodes (geometry);
  g_autofree double *heights = g_new (double, n + 1);
  WbArea bounds, seen = { 0, 0, gtk_widget_get_width (GTK_WIDGET (self)),
                          gtk_widget_get_height (GTK_WIDGET (self)) };
  WbPoint middle;

  for (guint i = 0; i < n; i++)
    heights[i] = wb_graph_geometry_node_at (geometry, i)->rect.height;
  wb_graph_geometry_free (geometry);
  if (n == 0)
    return;
  wb_canvas_commit (
      self, nn_analysis_tidy (wb_canvas_analysis (self), WB_CARD_WIDTH, WB_CARD_GAP, heights),
      _ ("Tidy layout"), NULL);
  geometry = wb_graph_geometry_new (wb_canvas_analysis (self), wb_view_card_style (&self->view));
  wb_graph_geometry_bounds (geometry, &bounds);
  wb_graph_geometry_free (geometry);
  /* The view stays unless the result lies outside it. */
  bounds = wb_view_area_to_screen (&self->view, &bounds);
  middle = (WbPoint){ bounds.x + bounds.width / 2, bounds.y + bounds.height / 2 };
  if (!wb_area_contains (&seen, middle) || bounds.x < 0 || bounds.x + bounds.width > seen.width)
    wb_canvas_fit (self);
}

static void
do_fit (WbCanvas *self, GVariant *parameter)
{
  wb_canvas_fit (self);
  self->view_touched = FALSE;
}

static void
do_zoom_in (WbCanvas *self, GVariant *parameter)
{
  wb_canvas_zoom_by (self, 1.2, NULL);
}

static void
do_zoom_out (WbCanvas *self, GVariant *parameter)
{
  wb_canvas_zoom_by (self, 1 / 1.2, NULL);
}

static void
do_zoom_reset (WbCanvas *self, GVariant *parameter)
{
  wb_canvas_zoom_by (self, 1 / self->view.scale, NULL);
}

static void
do_menu (WbCanvas *self, GVariant *parameter)
{
  const WbNodeBox *box = wb_graph_geometry_node (self->geometry, self->current);
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self)));
  WbPoint at = { gtk_widget_get_width (GTK_WIDGET (self)) / 2.0,
                 gtk_widget_get_height (GTK_WIDGET (self)) / 2.0 };

  if (box != NULL && focus != NULL && WB_IS_NODE_CARD (focus))
    {
      WbArea rect = wb_view_area_to_screen (&self->view, &box->rect);

      at = (WbPoint){ rect.x + rect.width / 2, rect.y + rect.height / 2 };
      wb_canvas_popup_menu (self, box->id, -1, at);
    }
  else
    wb_canvas_popup_menu (self, 0, -1, at);
}

static void
do_fix (WbCanvas *self, GVariant *parameter)
{
  guint position = g_variant_get_uint32 (parameter);
  NnAnalysis *analysis = wb_canvas_analysis (self);
  const NnDiagnostic *diagnostic = position < nn_analysis_n_diagnostics (analysis)
                                       ? nn_analysis_diagnostic (analysis, position)
                                       : NULL;
  g_autofree char *label = NULL;

  if (diagnostic == NULL || diagnostic->fix == NULL)
    return;
  label = g_strdup (diagnostic->fix_label);
  wb_canvas_commit (self, nn_design_ref (diagnostic->fix), label, NULL);
}

static void
do_explain (WbCanvas *self, GVariant *parameter)
{
  wb_canvas_explain (self, g_variant_get_uint32 (parameter));
}

static void
do_sample_next (WbCanvas *self, GVariant *parameter)
{
  wb_canvas_move_sample (self, 1);
}

static void
do_sample_previous (WbCanvas *self, GVariant *parameter)
{
  wb_canvas_move_sample (self, -1);
}

/* ---- the table ---- */

typedef enum
{
  NEEDS_DOCUMENT,
  NEEDS_NODES,     /* any in the design */
  NEEDS_SELECTION, /* at least one */
  NEEDS_CHOICE,    /* at least one selected, or an edge */
  NEEDS_ONE,       /* exactly one selected */
} Needs;

typedef struct
{
  const char *name;
  const char *parameter; /* GVariant type or NULL */
  void (*activate) (WbCanvas *self, GVariant *parameter);
  Needs needs;
  struct
  {
    guint key;
    GdkModifierType modifiers;
  } keys[4]; /* menus show the last one */
} Verb;

static const Verb verbs[] = {
  { "canvas.delete",
    NULL,
    do_delete,
    NEEDS_CHOICE,
    { { GDK_KEY_BackSpace, 0 }, { GDK_KEY_KP_Delete, 0 }, { GDK_KEY_Delete, 0 } } },
  { "canvas.cut", NULL, do_cut, NEEDS_SELECTION, { { GDK_KEY_x, GDK_CONTROL_MASK } } },
  { "canvas.copy", NULL, do_copy, NEEDS_SELECTION, { { GDK_KEY_c, GDK_CONTROL_MASK } } },
  { "canvas.paste", NULL, do_paste, NEEDS_DOCUMENT, { { GDK_KEY_v, GDK_CONTROL_MASK } } },
  { "canvas.duplicate", NULL, do_duplicate, NEEDS_SELECTION, { { GDK_KEY_d, GDK_CONTROL_MASK } } },
  { "canvas.select-all", NULL, do_select_all, NEEDS_NODES, { { GDK_KEY_a, GDK_CONTROL_MASK } } },
  { "canvas.rename",
    NULL,
    do_rename,
    NEEDS_NODES,
    { { GDK_KEY_Return, 0 }, { GDK_KEY_KP_Enter, 0 }, { GDK_KEY_F2, 0 } } },
  { "canvas.connect", NULL, do_connect, NEEDS_NODES, { { GDK_KEY_c, 0 } } },
  { "canvas.delete-edge", NULL, do_delete_edge, NEEDS_NODES, { { 0 } } },
  { "canvas.insert", "s", do_insert, NEEDS_NODES, { { 0 } } },
  { "canvas.add", "s", do_add, NEEDS_DOCUMENT, { { 0 } } },
  { "canvas.mirror", NULL, do_mirror, NEEDS_SELECTION, { { GDK_KEY_m, GDK_CONTROL_MASK } } },
  { "canvas.set-code", NULL, do_set_code, NEEDS_ONE, { { 0 } } },
  { "canvas.freeze", NULL, do_freeze, NEEDS_SELECTION, { { 0 } } },
  { "canvas.tidy", NULL, do_tidy, NEEDS_NODES, { { GDK_KEY_t, GDK_CONTROL_MASK } } },
  { "canvas.fit", NULL, do_fit, NEEDS_NODES, { { GDK_KEY_f, 0 } } },
  { "canvas.zoom-in",
    NULL,
    do_zoom_in,
    NEEDS_DOCUMENT,
    { { GDK_KEY_plus, GDK_CONTROL_MASK },
      { GDK_KEY_equal, GDK_CONTROL_MASK },
      { GDK_KEY_KP_Add, GDK_CONTROL_MASK } } },
  { "canvas.zoom-out",
    NULL,
    do_zoom_out,
    NEEDS_DOCUMENT,
    { { GDK_KEY_minus, GDK_CONTROL_MASK }, { GDK_KEY_KP_Subtract, GDK_CONTROL_MASK } } },
  { "canvas.zoom-reset",
    NULL,
    do_zoom_reset,
    NEEDS_DOCUMENT,
    { { GDK_KEY_0, GDK_CONTROL_MASK }, { GDK_KEY_KP_0, GDK_CONTROL_MASK } } },
  { "canvas.menu",
    NULL,
    do_menu,
    NEEDS_DOCUMENT,
    { { GDK_KEY_Menu, 0 }, { GDK_KEY_F10, GDK_SHIFT_MASK } } },
  { "canvas.fix", "u", do_fix, NEEDS_NODES, { { 0 } } },
  { "canvas.explain", "u", do_explain, NEEDS_NODES, { { 0 } } },
  { "canvas.sample-next",
    NULL,
    do_sample_next,
    NEEDS_NODES,
    { { GDK_KEY_bracketright, 0 }, { GDK_KEY_Page_Down, 0 }, { GDK_KEY_KP_Page_Down, 0 } } },
  { "canvas.sample-previous",
    NULL,
    do_sample_previous,
    NEEDS_NODES,
    { { GDK_KEY_bracketleft, 0 }, { GDK_KEY_Page_Up, 0 }, { GDK_KEY_KP_Page_Up, 0 } } },
};

static void
activate (GtkWidget *widget, const char *name, GVariant *parameter)
{
  WbCanvas *self = WB_CANVAS (widget);

  if (self->document == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      if (g_str_equal (verbs[i].name, name))
        verbs[i].activate (self, parameter);
    }
}

void
wb_canvas_install_actions (GtkWidgetClass *widget_class)
{
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      gtk_widget_class_install_action (widget_class, verbs[i].name, verbs[i].parameter, activate);
      for (guint k = 0; k < G_N_ELEMENTS (verbs[i].keys) && verbs[i].keys[k].key != 0; k++)
        gtk_widget_class_add_binding_action (widget_class, verbs[i].keys[k].key,
                                             verbs[i].keys[k].modifiers, verbs[i].name, NULL);
    }
  gtk_widget_class_install_property_action (widget_class, "canvas.gradients", "show-gradients");
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_g, 0, "canvas.gradients", NULL);
  /* 0: at the current node. */
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_e, 0, "canvas.explain", "u", 0);
}

void
wb_canvas_update_actions (WbCanvas *self)
{
  guint n_selected = wb_document_selection (self->document)->len;
  const gboolean met[] = {
    [NEEDS_DOCUMENT] = TRUE,
    [NEEDS_NODES] = nn_design_n_nodes (wb_canvas_design (self)) > 0,
    [NEEDS_SELECTION] = n_selected > 0,
    [NEEDS_CHOICE] = n_selected > 0 || self->edge_to != 0,
    [NEEDS_ONE] = n_selected == 1,
  };

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), verbs[i].name, met[verbs[i].needs]);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "canvas.zoom-in",
                                 self->view.scale < WB_MAX_SCALE);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "canvas.zoom-out",
                                 self->view.scale > WB_MIN_SCALE);
}
