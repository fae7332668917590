#include "diabolo-config.h"

#include "diabolo-config.h"

#include "panels/wb-chooser.h"

#include <adwaita.h>
#include <glib/gi18n.h>

typedef struct
{
  char *id, *title, *summary, *icon, *mark;
  gboolean folded;
} Choice;

struct _WbChoices
{
  GPtrArray *items; /* Choice */
};

static void
choice_free (Choice *choice)
{
  g_free (choice->id);
  g_free (choice->title);
  g_free (choice->summary);
  g_free (choice->icon);
  g_free (choice->mark);
  g_free (choice);
}

WbChoices *
wb_choices_new (void)
{
  WbChoices *choices = g_new0 (WbChoices, 1);
  choices->items = g_ptr_array_new_with_free_func ((GDestroyNotify)choice_free);
  return choices;
}

void
wb_choices_add (WbChoices *choices, const char *id, const char *title, const char *summary,
                const char *icon)
{
  Choice *choice = g_new0 (Choice, 1);
  choice->id = g_strdup (id);
  choice->title = g_strdup (title);
  choice->summary = g_strdup (summary);
  choice->icon = g_strdup (icon);
  g_ptr_array_add (choices->items, choice);
}

void
wb_choices_mark (WbChoices *choices, const char *mark, gboolean folded)
{
  g_return_if_fail (choices->items->len > 0);
  Choice *choice = g_ptr_array_index (choices->items, choices->items->len - 1);
  g_free (choice->mark);
  choice->mark = g_strdup (mark);
  choice->folded = folded;
}

void
wb_choices_free (WbChoices *choices)
{
  g_ptr_array_unref (choices->items);
  g_free (choices);
}

typedef struct
{
  WbChosenFunc chosen;
  gpointer data;
} Target;

static void
row_activated (GtkListBox *list, GtkListBoxRow *row, gpointer data)
{
  Target *target = data;
  g_autofree char *id = g_strdup (g_object_get_data (G_OBJECT (row), "id"));
  target->chosen (id, target->data);
}

static void
target_free (gpointer data, GClosure *closure)
{
  g_free (data);
}

static GtkWidget *
make_row (const Choice *choice)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *title = g_markup_escape_text (choice->title, -1);
  g_autofree char *summary =
      g_markup_escape_text (choice->summary != NULL ? choice->summary : "", -1);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), summary);
  if (choice->icon != NULL)
    adw_action_row_set_icon_name (ADW_ACTION_ROW (row), choice->icon);
  if (choice->mark != NULL)
    {
      GtkWidget *mark = gtk_label_new (choice->mark);
      gtk_widget_add_css_class (mark, "choice-mark");
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), mark);
    }
  if (choice->folded)
    gtk_widget_add_css_class (row, "choice-folded");
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data_full (G_OBJECT (row), "id", g_strdup (choice->id), g_free);
  return row;
}

/* An arrow in row that shows and hides the rows that it is bound to. */
static GtkWidget *
add_fold (GtkWidget *row)
{
  GtkWidget *fold = gtk_toggle_button_new ();
  gtk_button_set_icon_name (GTK_BUTTON (fold), "pan-down-symbolic");
  gtk_widget_add_css_class (fold, "flat");
  gtk_widget_set_valign (fold, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (fold, _ ("Variants and stages"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (fold), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Variants and stages"), -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), fold);
  return fold;
}

GtkWidget *
wb_choices_list (WbChoices *choices, WbChosenFunc chosen, gpointer data)
{
  GtkWidget *list = gtk_list_box_new (), *last = NULL, *fold = NULL;
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  for (guint i = 0; i < choices->items->len; i++)
    {
      const Choice *choice = g_ptr_array_index (choices->items, i);
      GtkWidget *row = make_row (choice);
      if (choice->folded && fold == NULL && last != NULL)
        fold = add_fold (last);
      if (choice->folded && fold != NULL)
        g_object_bind_property (fold, "active", row, "visible", G_BINDING_SYNC_CREATE);
      if (!choice->folded)
        {
          last = row;
          fold = NULL;
        }
      gtk_list_box_append (GTK_LIST_BOX (list), row);
    }
  Target *target = g_new0 (Target, 1);
  target->chosen = chosen;
  target->data = data;
  g_signal_connect_data (list, "row-activated", G_CALLBACK (row_activated), target, target_free, 0);
  return list;
}

typedef struct
{
  GtkWindow *window;
  GtkWindow *parent;
  WbChosenFunc chosen;
  gpointer data;
} Chooser;

static void
chosen_in_window (const char *id, gpointer data)
{
  Chooser *chooser = data;
  WbChosenFunc chosen = chooser->chosen;
  gpointer chosen_data = chooser->data;
  g_autoptr (GtkWindow) parent = g_object_ref (chooser->parent);
  gtk_window_destroy (chooser->window);
  chosen (id, chosen_data);
}

void
wb_chooser_present (GtkWindow *parent, const char *title, WbChoices *choices, WbChosenFunc chosen,
                    gpointer data)
{
  GtkWidget *window = adw_window_new ();
  gtk_window_set_title (GTK_WINDOW (window), title);
  gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  gtk_window_set_modal (GTK_WINDOW (window), TRUE);
  gtk_window_set_default_size (GTK_WINDOW (window), 460, -1);

  Chooser *chooser = g_new0 (Chooser, 1);
  *chooser = (Chooser){ GTK_WINDOW (window), parent, chosen, data };
  g_object_set_data_full (G_OBJECT (window), "chooser", chooser, g_free);

  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *header = adw_header_bar_new ();
  gtk_widget_add_css_class (header, "flat");
  gtk_box_append (GTK_BOX (box), header);
  GtkWidget *list = wb_choices_list (choices, chosen_in_window, chooser);
  gtk_widget_set_margin_start (list, 18);
  gtk_widget_set_margin_end (list, 18);
  gtk_widget_set_margin_top (list, 6);
  gtk_widget_set_margin_bottom (list, 24);
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), 480);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), list);
  gtk_widget_set_vexpand (scrolled, TRUE);
  gtk_box_append (GTK_BOX (box), scrolled);
  adw_window_set_content (ADW_WINDOW (window), box);

  GtkEventController *keys = gtk_shortcut_controller_new ();
  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (keys),
      gtk_shortcut_new (gtk_shortcut_trigger_parse_string ("Escape"),
                        gtk_named_action_new ("window.close")));
  gtk_widget_add_controller (window, keys);
  gtk_window_present (GTK_WINDOW (window));
}
