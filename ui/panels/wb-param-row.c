#include "diabolo-config.h"

#include "panels/wb-param-row.h"

#include <inttypes.h>
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "panels/wb-param-scale.h"
#include "panels/wb-scroll-past.h"
#include "panels/wb-spin-word.h"

/* Changes of a spin button this close together are one step, ms. */
#define SETTLE_TIME 700

enum
{
  EDITED,
  SETTLED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _WbParamRow
{
  GtkListBoxRow parent_instance;

  const NnParamSpec *spec;
  GtkWidget *control; /* spin, switch, drop-down or entry */
  GtkWidget *scale;   /* FLOAT with a slider */
  GtkWidget *error;
  GStrv suggestions;
  gboolean showing; /* values come from outside: nothing is to be emitted */
  guint settle_timeout;
};

G_DEFINE_FINAL_TYPE (WbParamRow, wb_param_row, GTK_TYPE_LIST_BOX_ROW)

static void
emit_edited (WbParamRow *self, const char *text, gboolean more)
{
  if (!self->showing)
    g_signal_emit (self, signals[EDITED], 0, text, more);
}

static gboolean
settle_timed_out (gpointer data)
{
  WbParamRow *self = data;
  self->settle_timeout = 0;
  g_signal_emit (self, signals[SETTLED], 0);
  return G_SOURCE_REMOVE;
}

static void
settle_soon (WbParamRow *self)
{
  g_clear_handle_id (&self->settle_timeout, g_source_remove);
  self->settle_timeout = g_timeout_add (SETTLE_TIME, settle_timed_out, self);
}

/* ---- numbers ---- */

/* Small ones without an exponent, as lessons write them, where six decimals hold them. */
static char *
number_text (const NnParamSpec *spec, double value)
{
  if ((spec->flags & NN_PARAM_OFF_AT_ZERO) != 0 && value == 0)
    return g_strdup (_ ("off"));
  char digits[G_ASCII_DTOSTR_BUF_SIZE], plain[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd (digits, sizeof digits, "%.4g", value);
  if (fabs (value) >= 1e-4 || strchr (digits, 'e') == NULL)
    return g_strdup (digits);
  g_ascii_formatd (plain, sizeof plain, "%.6f", value);
  for (gsize n = strlen (plain); plain[n - 1] == '0'; n--)
    plain[n - 1] = '\0';
  return g_strdup (g_ascii_strtod (plain, NULL) == g_ascii_strtod (digits, NULL) ? plain : digits);
}

static void
spin_changed (WbParamRow *self)
{
  g_autofree char *text = g_strdup_printf (
      "%" PRId64, (gint64)llround (gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->control))));
  emit_edited (self, text, TRUE);
  if (!self->showing)
    settle_soon (self);
}

static void
scale_changed (WbParamRow *self)
{
  if (self->showing)
    return;
  double value = wb_param_scale_get_value (self->scale);
  char digits[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd (digits, sizeof digits, "%.4g", value);
  g_autofree char *shown = number_text (self->spec, value);
  gtk_editable_set_text (GTK_EDITABLE (self->control), shown);
  emit_edited (self, digits, TRUE);
  settle_soon (self);
}

/* ---- texts ---- */

static void
entry_committed (WbParamRow *self)
{
  g_autofree char *text =
      g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->control))));
  const char *before = g_object_get_data (G_OBJECT (self->control), "shown");
  if (self->showing || g_strcmp0 (text, before) == 0)
    return;
  gboolean off =
      (self->spec->flags & NN_PARAM_OFF_AT_ZERO) != 0 && g_strcmp0 (text, _ ("off")) == 0;
  emit_edited (self, off ? "0" : text, FALSE);
}

static void
entry_left (WbParamRow *self)
{
  entry_committed (self);
}

static void
show_entry (WbParamRow *self, const char *text)
{
  g_object_set_data_full (G_OBJECT (self->control), "shown", g_strdup (text), g_free);
  if (g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (self->control)), text) != 0)
    gtk_editable_set_text (GTK_EDITABLE (self->control), text);
}

/* ---- choices ---- */

static void
choice_selected (WbParamRow *self)
{
  guint selected = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->control));
  if (selected == GTK_INVALID_LIST_POSITION)
    return;
  emit_edited (self,
               self->suggestions != NULL ? self->suggestions[selected]
                                         : nn_param_choices (self->spec)[selected].id,
               FALSE);
}

static void
switched (WbParamRow *self)
{
  emit_edited (self, gtk_switch_get_active (GTK_SWITCH (self->control)) ? "true" : "false", FALSE);
}

/* ---- showing ---- */

static void
show_suggestion (WbParamRow *self, const char *text, gboolean mixed)
{
  guint selected = GTK_INVALID_LIST_POSITION;
  for (guint i = 0; self->suggestions[i] != NULL; i++)
    if (!mixed && g_strcmp0 (self->suggestions[i], text) == 0)
      selected = i;
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->control), selected);
}

static void
show_number (WbParamRow *self, const NnParams *params, gboolean mixed)
{
  double value = nn_params_float (params, self->spec->name);
  g_autofree char *text = mixed ? g_strdup ("") : number_text (self->spec, value);
  show_entry (self, text);
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->control), mixed ? _ ("mixed") : NULL);
  if (self->scale != NULL && !mixed)
    wb_param_scale_set_value (self->scale, value);
}

static void
show_choice (WbParamRow *self, const NnParams *params, gboolean mixed)
{
  guint choice = nn_params_choice (params, self->spec->name);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->control),
                              mixed ? GTK_INVALID_LIST_POSITION : choice);
  const char *summary = nn_param_choices (self->spec)[choice].summary;
  g_autofree char *tip =
      summary != NULL && !mixed
          ? g_strdup_printf ("%s\n\n%s: %s", _ (self->spec->tip),
                             _ (nn_param_choices (self->spec)[choice].title), _ (summary))
          : g_strdup (_ (self->spec->tip));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), tip);
}

void
wb_param_row_show (WbParamRow *self, const NnParams *params, gboolean mixed)
{
  g_return_if_fail (WB_IS_PARAM_ROW (self));

  const char *name = self->spec->name;
  self->showing = TRUE;
  wb_param_row_set_error (self, NULL);
  switch (self->spec->type)
    {
    case NN_PARAM_INT:
      gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->control),
                                 (double)nn_params_int (params, name));
      break;
    case NN_PARAM_FLOAT:
      show_number (self, params, mixed);
      break;
    case NN_PARAM_BOOL:
      gtk_switch_set_active (GTK_SWITCH (self->control), nn_params_bool (params, name));
      break;
    case NN_PARAM_CHOICE:
      show_choice (self, params, mixed);
      break;
    case NN_PARAM_STRING:
    case NN_PARAM_SHAPE:
      if (self->suggestions != NULL)
        show_suggestion (self, nn_params_text (params, name), mixed);
      else
        show_entry (self, mixed ? "" : nn_params_text (params, name));
      break;
    }
  self->showing = FALSE;
}

void
wb_param_row_set_error (WbParamRow *self, const char *text)
{
  g_return_if_fail (WB_IS_PARAM_ROW (self));

  gtk_label_set_text (GTK_LABEL (self->error), text != NULL ? text : "");
  gtk_widget_set_visible (self->error, text != NULL);
  if (text != NULL)
    gtk_widget_add_css_class (self->control, "error");
  else
    gtk_widget_remove_css_class (self->control, "error");
  if (text != NULL)
    gtk_accessible_update_state (GTK_ACCESSIBLE (self->control), GTK_ACCESSIBLE_STATE_INVALID,
                                 GTK_ACCESSIBLE_INVALID_TRUE, -1);
  else
    gtk_accessible_reset_state (GTK_ACCESSIBLE (self->control), GTK_ACCESSIBLE_STATE_INVALID);
}

const NnParamSpec *
wb_param_row_spec (WbParamRow *self)
{
  g_return_val_if_fail (WB_IS_PARAM_ROW (self), NULL);
  return self->spec;
}

/* ---- undo ---- */

/* Whether the field holds something that is not a value of the document yet. */
static gboolean
is_typing (WbParamRow *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->control));
  if (GTK_IS_SPIN_BUTTON (self->control))
    return g_ascii_strtoll (text, NULL, 10)
           != gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->control));
  return g_strcmp0 (text, g_object_get_data (G_OBJECT (self->control), "shown")) != 0;
}

static gboolean
undo_pressed (GtkWidget *control, GVariant *action, gpointer data)
{
  if (is_typing (data))
    return FALSE;
  gtk_widget_activate_action (control, g_variant_get_string (action, NULL), NULL);
  return TRUE;
}

/* A text field takes the keys for its own undo, which would bring back the characters of a value
 * and leave the network as it is. Unless something is being typed, they are the document's. */
static void
leave_undo_to_document (WbParamRow *self)
{
  static const struct
  {
    guint key;
    GdkModifierType modifiers;
    const char *action;
  } keys[] = {
    { GDK_KEY_z, GDK_CONTROL_MASK, "win.undo" },
    { GDK_KEY_z, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.redo" },
    { GDK_KEY_y, GDK_CONTROL_MASK, "win.redo" },
  };
  GtkEventController *controller = gtk_shortcut_controller_new ();
  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      GtkShortcut *shortcut =
          gtk_shortcut_new (gtk_keyval_trigger_new (keys[i].key, keys[i].modifiers),
                            gtk_callback_action_new (undo_pressed, self, NULL));
      gtk_shortcut_set_arguments (shortcut, g_variant_new_string (keys[i].action));
      gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller), shortcut);
    }
  gtk_widget_add_controller (self->control, controller);
}

/* ---- making ---- */

static GtkWidget *
make_entry (WbParamRow *self, gboolean number)
{
  GtkWidget *entry = gtk_entry_new ();
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), number ? 7 : 12);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (entry), number ? 8 : 14);
  gtk_editable_set_alignment (GTK_EDITABLE (entry), number ? 1 : 0);
  gtk_widget_add_css_class (entry, number ? "value" : "text");
  gtk_widget_add_css_class (entry, "numeric");
  g_signal_connect_swapped (entry, "activate", G_CALLBACK (entry_committed), self);
  GtkEventController *focus = gtk_event_controller_focus_new ();
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (entry_left), self);
  gtk_widget_add_controller (entry, focus);
  return entry;
}

static GtkWidget *
make_spin (WbParamRow *self)
{
  const NnParamSpec *spec = self->spec;
  GtkWidget *spin = gtk_spin_button_new_with_range (spec->min, spec->max, 1);
  gtk_spin_button_set_increments (GTK_SPIN_BUTTON (spin), 1, 10);
  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (spin), 0);
  if ((spec->flags & NN_PARAM_OFF_AT_ZERO) != 0)
    wb_spin_word_at_zero (GTK_SPIN_BUTTON (spin), _ ("off"));
  gtk_editable_set_width_chars (GTK_EDITABLE (spin), 4);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (spin), 6);
  gtk_editable_set_alignment (GTK_EDITABLE (spin), 0.5);
  gtk_widget_add_css_class (spin, "numeric");
  g_signal_connect_swapped (spin, "value-changed", G_CALLBACK (spin_changed), self);
  wb_scroll_past (spin);
  return spin;
}

static GtkWidget *
make_drop_down (WbParamRow *self)
{
  g_autoptr (GtkStringList) titles = gtk_string_list_new (NULL);
  for (guint i = 0; self->suggestions != NULL && self->suggestions[i] != NULL; i++)
    gtk_string_list_append (titles, self->suggestions[i]);
  for (guint i = 0; self->suggestions == NULL && nn_param_choices (self->spec)[i].id != NULL; i++)
    gtk_string_list_append (titles, _ (nn_param_choices (self->spec)[i].title));
  GtkWidget *drop_down = gtk_drop_down_new (G_LIST_MODEL (g_steal_pointer (&titles)), NULL);
  g_signal_connect_swapped (drop_down, "notify::selected", G_CALLBACK (choice_selected), self);
  return drop_down;
}

static GtkWidget *
make_switch (WbParamRow *self)
{
  GtkWidget *toggle = gtk_switch_new ();
  g_signal_connect_swapped (toggle, "notify::active", G_CALLBACK (switched), self);
  return toggle;
}

static GtkWidget *
make_control (WbParamRow *self)
{
  switch (self->spec->type)
    {
    case NN_PARAM_INT:
      return make_spin (self);
    case NN_PARAM_FLOAT:
      return make_entry (self, TRUE);
    case NN_PARAM_BOOL:
      return make_switch (self);
    case NN_PARAM_CHOICE:
      return make_drop_down (self);
    case NN_PARAM_STRING:
    case NN_PARAM_SHAPE:
      return self->suggestions != NULL ? make_drop_down (self) : make_entry (self, FALSE);
    }
  g_assert_not_reached ();
}

static void
make_scale (WbParamRow *self, GtkBox *box)
{
  self->scale = wb_param_scale_new (self->spec);
  g_signal_connect_swapped (self->scale, "value-changed", G_CALLBACK (scale_changed), self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->scale), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ (self->spec->title), -1);
  gtk_box_append (box, self->scale);
}

static void
build (WbParamRow *self)
{
  GtkWidget *outer = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_widget_set_vexpand (line, TRUE);
  g_autofree char *title =
      self->spec->unit != NULL
          ? g_strdup_printf ("%s (%s)", _ (self->spec->title), self->spec->unit)
          : g_strdup (_ (self->spec->title));
  GtkWidget *label = gtk_label_new (title);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (label, TRUE);
  self->control = make_control (self);
  if (GTK_IS_EDITABLE (self->control))
    leave_undo_to_document (self);
  gtk_widget_set_valign (self->control, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->control), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  title, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, _ (self->spec->tip),
                                  -1);
  gtk_box_append (GTK_BOX (line), label);
  gtk_box_append (GTK_BOX (line), self->control);
  gtk_box_append (GTK_BOX (outer), line);
  gtk_widget_add_css_class (outer, "param");
  if (self->spec->type == NN_PARAM_FLOAT && self->spec->soft_max > self->spec->soft_min)
    {
      make_scale (self, GTK_BOX (outer));
      gtk_widget_add_css_class (outer, "tall");
    }
  self->error = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->error), 0);
  gtk_label_set_wrap (GTK_LABEL (self->error), TRUE);
  gtk_widget_add_css_class (self->error, "error");
  gtk_widget_set_visible (self->error, FALSE);
  gtk_widget_set_margin_bottom (self->error, 6);
  gtk_box_append (GTK_BOX (outer), self->error);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (self), outer);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (self), FALSE);
  gtk_widget_set_focusable (GTK_WIDGET (self), FALSE);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), _ (self->spec->tip));
}

static void
wb_param_row_dispose (GObject *object)
{
  WbParamRow *self = WB_PARAM_ROW (object);
  self->showing = TRUE; /* an entry that loses the focus now has nothing to say any more */
  g_clear_handle_id (&self->settle_timeout, g_source_remove);
  G_OBJECT_CLASS (wb_param_row_parent_class)->dispose (object);
}

static void
wb_param_row_finalize (GObject *object)
{
  g_strfreev (WB_PARAM_ROW (object)->suggestions);
  G_OBJECT_CLASS (wb_param_row_parent_class)->finalize (object);
}

static void
wb_param_row_class_init (WbParamRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = wb_param_row_dispose;
  G_OBJECT_CLASS (klass)->finalize = wb_param_row_finalize;
  GType type = G_TYPE_FROM_CLASS (klass);
  signals[EDITED] = g_signal_new ("edited", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_BOOLEAN);
  signals[SETTLED] =
      g_signal_new ("settled", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
wb_param_row_init (WbParamRow *self)
{
}

GtkWidget *
wb_param_row_new (const NnParamSpec *spec, const char *const *suggestions)
{
  g_return_val_if_fail (spec != NULL, NULL);

  WbParamRow *self = g_object_new (WB_TYPE_PARAM_ROW, NULL);
  self->spec = spec;
  self->suggestions = g_strdupv ((char **)suggestions);
  build (self);
  return GTK_WIDGET (self);
}
