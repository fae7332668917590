#include "diabolo-config.h"

#include "viewers/wb-selection.h"

#include "plots/wb-format.h"
#include "viewers/wb-sample-choice.h"

#include <glib/gi18n-lib.h>

#define MAX_SAMPLE 1000000 /* in a layout that is read: nothing in it is trusted */

typedef struct
{
  char *name;
  GArray *samples; /* guint32 */
} Bookmark;

struct _WbSelection
{
  GtkWidget parent;

  /* owned */
  GArray *samples;      /* guint32: selected */
  GArray *isolated;     /* guint32: shown alone; NULL: all are shown */
  GPtrArray *bookmarks; /* Bookmark */

  /* borrowed: children */
  GtkWidget *button, *summary, *isolate, *name, *keep, *list;
};

G_DEFINE_FINAL_TYPE (WbSelection, wb_selection, GTK_TYPE_WIDGET)

enum
{
  ISOLATED,
  RECALLED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
bookmark_free (gpointer data)
{
  Bookmark *bookmark = data;

  g_free (bookmark->name);
  g_array_unref (bookmark->samples);
  g_free (bookmark);
}

/* ---- what is selected ---- */

static void
update (WbSelection *self)
{
  const char *name = gtk_editable_get_text (GTK_EDITABLE (self->name));

  gtk_widget_set_sensitive (self->isolate, self->samples->len > 0 || self->isolated != NULL);
  gtk_widget_set_sensitive (self->name, self->samples->len > 0);
  gtk_widget_set_sensitive (self->keep, self->samples->len > 0 && *name != '\0');
}

void
wb_selection_set_samples (WbSelection *self, const GArray *samples, guint n_all)
{
  g_autofree char *n = wb_format_count (samples->len), *all = wb_format_count (n_all);
  g_autofree char *text =
      samples->len > 0 ? g_strdup_printf (_ ("%s of %s samples are selected."), n, all)
      : self->isolated != NULL
          ? g_strdup_printf (_ ("%s samples are shown alone."), all)
          : g_strdup (_ ("Select samples: draw a line around them with Shift held, or find a "
                         "class."));

  g_array_set_size (self->samples, 0);
  g_array_append_vals (self->samples, samples->data, samples->len);
  gtk_label_set_text (GTK_LABEL (self->summary), text);
  update (self);
}

/* ---- isolating ---- */

const GArray *
wb_selection_get_isolated (WbSelection *self)
{
  return self->isolated;
}

static void
isolate_toggled (WbSelection *self)
{
  const gboolean wanted = gtk_check_button_get_active (GTK_CHECK_BUTTON (self->isolate));

  if (wanted == (self->isolated != NULL))
    return;
  g_clear_pointer (&self->isolated, g_array_unref);
  if (wanted)
    self->isolated = g_array_copy (self->samples);
  if (wanted)
    gtk_widget_add_css_class (self->button, "accent");
  else
    gtk_widget_remove_css_class (self->button, "accent");
  update (self);
  g_signal_emit (self, signals[ISOLATED], 0);
}

void
wb_selection_set_isolated (WbSelection *self, gboolean isolated)
{
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->isolate),
                               isolated && self->samples->len > 0);
}

/* ---- bookmarks ---- */

static Bookmark *
find_bookmark (WbSelection *self, const char *name, guint *position)
{
  for (guint i = 0; i < self->bookmarks->len; i++)
    {
      Bookmark *bookmark = g_ptr_array_index (self->bookmarks, i);

      *position = i;
      if (g_str_equal (bookmark->name, name))
        return bookmark;
    }
  return NULL;
}

static void list_bookmarks (WbSelection *self);

static void
recall_clicked (WbSelection *self, GtkButton *button)
{
  guint position;
  const Bookmark *bookmark =
      find_bookmark (self, g_object_get_data (G_OBJECT (button), "name"), &position);

  g_signal_emit (self, signals[RECALLED], 0, bookmark->samples);
}

static void
remove_clicked (WbSelection *self, GtkButton *button)
{
  guint position;

  if (find_bookmark (self, g_object_get_data (G_OBJECT (button), "name"), &position) != NULL)
    g_ptr_array_remove_index (self->bookmarks, position);
  list_bookmarks (self);
}

static GtkWidget *
make_button (WbSelection *self, const char *name, const char *label, const char *tip,
             GCallback clicked)
{
  GtkWidget *button = gtk_button_new ();

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, tip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  g_object_set_data_full (G_OBJECT (button), "name", g_strdup (name), g_free);
  g_signal_connect_object (button, "clicked", clicked, self, G_CONNECT_SWAPPED);
  return button;
}

static void
list_bookmarks (WbSelection *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->list)) != NULL)
    gtk_box_remove (GTK_BOX (self->list), child);
  for (guint i = 0; i < self->bookmarks->len; i++)
    {
      const Bookmark *bookmark = g_ptr_array_index (self->bookmarks, i);
      g_autofree char *count = wb_format_count (bookmark->samples->len);
      g_autofree char *text = g_strdup_printf ("%s · %s", bookmark->name, count);
      g_autofree char *away = g_strdup_printf (_ ("Remove “%s”"), bookmark->name);
      GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0), *label = gtk_label_new (text);
      GtkWidget *recall = make_button (self, bookmark->name, text, _ ("Select these samples again"),
                                       G_CALLBACK (recall_clicked));
      GtkWidget *forget =
          make_button (self, bookmark->name, away, away, G_CALLBACK (remove_clicked));

      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
      gtk_button_set_child (GTK_BUTTON (recall), label);
      gtk_button_set_icon_name (GTK_BUTTON (forget), "user-trash-symbolic");
      gtk_widget_set_hexpand (recall, TRUE);
      gtk_box_append (GTK_BOX (row), recall);
      gtk_box_append (GTK_BOX (row), forget);
      gtk_box_append (GTK_BOX (self->list), row);
    }
}

/* samples (transfer full) */
static void
add_bookmark (WbSelection *self, const char *name, GArray *samples)
{
  guint position;
  Bookmark *bookmark = find_bookmark (self, name, &position);

  if (bookmark == NULL)
    {
      bookmark = g_new0 (Bookmark, 1);
      bookmark->name = g_strdup (name);
      g_ptr_array_add (self->bookmarks, bookmark);
    }
  g_clear_pointer (&bookmark->samples, g_array_unref);
  bookmark->samples = samples;
}

void
wb_selection_keep (WbSelection *self, const char *name)
{
  g_return_if_fail (self->samples->len > 0);
  add_bookmark (self, name, g_array_copy (self->samples));
  list_bookmarks (self);
}

static void
keep_clicked (WbSelection *self)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->name))));

  if (*name == '\0' || self->samples->len == 0)
    return;
  wb_selection_keep (self, name);
  gtk_editable_set_text (GTK_EDITABLE (self->name), "");
}

/* ---- state ---- */

void
wb_selection_save (WbSelection *self, JsonObject *state)
{
  JsonObject *all;

  if (self->bookmarks->len == 0)
    return;
  all = json_object_new ();
  for (guint i = 0; i < self->bookmarks->len; i++)
    {
      const Bookmark *bookmark = g_ptr_array_index (self->bookmarks, i);
      g_autofree char *list = wb_sample_list_to_string (bookmark->samples);

      json_object_set_string_member (all, bookmark->name, list);
    }
  json_object_set_object_member (state, "bookmarks", all);
}

void
wb_selection_load (WbSelection *self, JsonObject *state)
{
  JsonNode *node = json_object_get_member (state, "bookmarks");
  JsonObject *all =
      node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  g_autoptr (GList) names = all != NULL ? json_object_get_members (all) : NULL;

  for (GList *name = names; name != NULL; name = name->next)
    {
      const char *text = json_object_get_string_member_with_default (all, name->data, "");
      GArray *samples = wb_sample_list_parse (text, MAX_SAMPLE, NULL);

      if (samples != NULL)
        add_bookmark (self, name->data, samples);
    }
  list_bookmarks (self);
}

/* ---- the widget ---- */

static void
wb_selection_dispose (GObject *object)
{
  g_clear_pointer (&WB_SELECTION (object)->button, gtk_widget_unparent);
  G_OBJECT_CLASS (wb_selection_parent_class)->dispose (object);
}

static void
wb_selection_finalize (GObject *object)
{
  WbSelection *self = WB_SELECTION (object);

  g_array_unref (self->samples);
  g_clear_pointer (&self->isolated, g_array_unref);
  g_ptr_array_unref (self->bookmarks);
  G_OBJECT_CLASS (wb_selection_parent_class)->finalize (object);
}

static void
wb_selection_class_init (WbSelectionClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = wb_selection_dispose;
  G_OBJECT_CLASS (klass)->finalize = wb_selection_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[ISOLATED] = g_signal_new ("isolated", WB_TYPE_SELECTION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                    NULL, G_TYPE_NONE, 0);
  signals[RECALLED] = g_signal_new ("recalled", WB_TYPE_SELECTION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                    NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static GtkWidget *
make_popover (WbSelection *self)
{
  GtkWidget *popover = gtk_popover_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->summary = gtk_label_new (NULL);
  self->isolate = gtk_check_button_new_with_label (_ ("Show these alone"));
  self->name = gtk_entry_new ();
  self->keep = gtk_button_new_with_label (_ ("Keep"));
  self->list = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_label_set_wrap (GTK_LABEL (self->summary), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (self->summary), 30);
  gtk_label_set_xalign (GTK_LABEL (self->summary), 0);
  gtk_widget_set_tooltip_text (self->isolate, _ ("Isolate: only these samples are drawn, and the "
                                                 "plane is laid out anew for them"));
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->name), _ ("Name"));
  gtk_widget_set_tooltip_text (self->name, _ ("A name to keep this selection under"));
  gtk_widget_set_tooltip_text (self->keep, _ ("Bookmark: keep this selection"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->name), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Name of the selection"), -1);
  gtk_widget_set_hexpand (self->name, TRUE);
  g_signal_connect_swapped (self->isolate, "toggled", G_CALLBACK (isolate_toggled), self);
  g_signal_connect_swapped (self->name, "changed", G_CALLBACK (update), self);
  g_signal_connect_swapped (self->name, "activate", G_CALLBACK (keep_clicked), self);
  g_signal_connect_swapped (self->keep, "clicked", G_CALLBACK (keep_clicked), self);
  gtk_box_append (GTK_BOX (row), self->name);
  gtk_box_append (GTK_BOX (row), self->keep);
  gtk_box_append (GTK_BOX (box), self->summary);
  gtk_box_append (GTK_BOX (box), self->isolate);
  gtk_box_append (GTK_BOX (box), row);
  gtk_box_append (GTK_BOX (box), self->list);
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  return popover;
}

static void
wb_selection_init (WbSelection *self)
{
  g_autoptr (GArray) none = g_array_new (FALSE, FALSE, sizeof (guint32));

  self->samples = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->bookmarks = g_ptr_array_new_with_free_func (bookmark_free);
  self->button = gtk_menu_button_new ();
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self->button), "user-bookmarks-symbolic");
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->button), make_popover (self));
  gtk_widget_add_css_class (self->button, "wb-small");
  gtk_widget_add_css_class (self->button, "flat");
  gtk_widget_set_tooltip_text (self->button,
                               _ ("Selection: show the selected samples alone, or keep them"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Selection"), -1);
  gtk_widget_set_parent (self->button, GTK_WIDGET (self));
  wb_selection_set_samples (self, none, 0);
}

GtkWidget *
wb_selection_new (void)
{
  return g_object_new (WB_TYPE_SELECTION, NULL);
}
