/* wb-loss-settings.c: what the loss viewer's menu begins with: smoothing, and the list of runs,
 * which can be shown, hidden, renamed and removed. */
#include "diabolo-config.h"

#include "panels/wb-scroll-past.h"
#include "plots/wb-format.h"
#include "viewers/wb-loss-viewer.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define RUN_KEY "wb-run"
#define LIST_HEIGHT 220

/* The slider is logarithmic: 0 is off, then 1 .. 1,000 batches. */
#define SLIDER_FIRST 0.25

static double
span_of_slider (double position)
{
  return position < SLIDER_FIRST
             ? 0
             : round (pow (10, 3 * (position - SLIDER_FIRST) / (10 - SLIDER_FIRST)));
}

static double
slider_of_span (double span)
{
  return span < 1 ? 0 : SLIDER_FIRST + log10 (span) / 3 * (10 - SLIDER_FIRST);
}

static char *
span_text (double span)
{
  g_autofree char *count = wb_format_count ((gint64)span);

  if (span < 1)
    return g_strdup (_ ("off"));
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s batch", "%s batches", (gulong)span),
                          count);
}

static void
smoothing_changed (GtkRange *range, WbLossViewer *viewer)
{
  double span = span_of_slider (gtk_range_get_value (range));
  GtkLabel *value = g_object_get_data (G_OBJECT (range), "value");
  g_autofree char *text = span_text (span);

  gtk_label_set_text (value, text);
  wb_loss_viewer_set_span (viewer, span);
}

static GtkWidget *
make_smoothing (WbLossViewer *viewer)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *title = gtk_label_new (_ ("Smoothing"));
  GtkWidget *scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 0, 10, 0.25);
  g_autofree char *text = span_text (wb_loss_viewer_get_span (viewer));
  GtkWidget *value = gtk_label_new (text);

  wb_scroll_past (scale);
  gtk_widget_set_tooltip_text (
      box, _ ("Smoothing: the solid line is a moving average over about so many batches"));
  gtk_widget_set_hexpand (title, TRUE);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_add_css_class (value, "numeric");
  gtk_widget_add_css_class (value, "dim-label");
  gtk_accessible_update_property (GTK_ACCESSIBLE (scale), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Smoothing"), -1);
  gtk_range_set_value (GTK_RANGE (scale), slider_of_span (wb_loss_viewer_get_span (viewer)));
  g_object_set_data (G_OBJECT (scale), "value", value);
  g_signal_connect_object (scale, "value-changed", G_CALLBACK (smoothing_changed), viewer, 0);
  gtk_box_append (GTK_BOX (head), title);
  gtk_box_append (GTK_BOX (head), value);
  gtk_box_append (GTK_BOX (box), head);
  gtk_box_append (GTK_BOX (box), scale);
  return box;
}

/* ---- runs ---- */

static guint64
run_of (gpointer widget)
{
  return *(guint64 *)g_object_get_data (G_OBJECT (widget), RUN_KEY);
}

static void
set_run (gpointer widget, guint64 run)
{
  g_object_set_data_full (G_OBJECT (widget), RUN_KEY, g_memdup2 (&run, sizeof run), g_free);
}

static WbDocument *
document_of (WbLossViewer *viewer)
{
  return wb_viewer_get_document (WB_VIEWER (viewer));
}

static void
show_toggled (GtkCheckButton *check, WbLossViewer *viewer)
{
  wb_loss_viewer_set_hidden (viewer, run_of (check), !gtk_check_button_get_active (check));
}

static void
name_edited (GtkEditableLabel *label, GParamSpec *spec, WbLossViewer *viewer)
{
  WbDocument *document = document_of (viewer);
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (label))));

  if (gtk_editable_label_get_editing (label) || document == NULL || *name == '\0')
    return;
  nn_run_history_rename (wb_document_runs (document), run_of (label), name);
  wb_loss_viewer_refresh (viewer);
}

static void
remove_clicked (GtkButton *button, WbLossViewer *viewer)
{
  GtkWidget *row = gtk_widget_get_parent (GTK_WIDGET (button));
  WbDocument *document = document_of (viewer);

  if (document == NULL)
    return;
  wb_document_remove_run (document, run_of (button));
  gtk_box_remove (GTK_BOX (gtk_widget_get_parent (row)), row);
  wb_loss_viewer_refresh (viewer);
}

static GtkWidget *
make_swatch (WbLossViewer *viewer, guint64 run)
{
  GtkWidget *swatch = gtk_label_new (NULL);
  g_autofree char *hex = wb_ink_hex (wb_loss_viewer_run_ink (viewer, run), wb_scheme_current ());
  g_autofree char *markup = g_strdup_printf ("<span color=\"%s\">●</span>", hex);

  gtk_label_set_markup (GTK_LABEL (swatch), markup);
  return swatch;
}

static GtkWidget *
make_run (WbLossViewer *viewer, const NnRun *run)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *check = gtk_check_button_new ();
  GtkWidget *name = gtk_editable_label_new (run->name);
  GtkWidget *remove = gtk_button_new_from_icon_name ("user-trash-symbolic");
  gboolean current = run->id == wb_loss_viewer_current_run (viewer);

  set_run (check, run->id);
  set_run (name, run->id);
  set_run (remove, run->id);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check),
                               !wb_loss_viewer_get_hidden (viewer, run->id));
  gtk_widget_set_tooltip_text (check, _ ("Show this run in the plot"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL, run->name,
                                  -1);
  gtk_widget_set_tooltip_text (name, _ ("Click to rename this run"));
  gtk_widget_set_hexpand (name, TRUE);
  gtk_widget_add_css_class (remove, "flat");
  gtk_widget_set_sensitive (remove, !current);
  gtk_widget_set_tooltip_text (remove, current
                                           ? _ ("The run in training cannot be removed")
                                           : _ ("Remove this run: its curves, and its weights"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (remove), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Remove run"), -1);
  g_signal_connect_object (check, "toggled", G_CALLBACK (show_toggled), viewer, 0);
  g_signal_connect_object (name, "notify::editing", G_CALLBACK (name_edited), viewer, 0);
  g_signal_connect_object (remove, "clicked", G_CALLBACK (remove_clicked), viewer, 0);
  gtk_box_append (GTK_BOX (row), check);
  gtk_box_append (GTK_BOX (row), make_swatch (viewer, run->id));
  gtk_box_append (GTK_BOX (row), name);
  gtk_box_append (GTK_BOX (row), remove);
  return row;
}

static GtkWidget *
make_runs (WbLossViewer *viewer, NnRunHistory *runs)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *list = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  for (guint i = nn_run_history_n_runs (runs); i > 0; i--)
    gtk_box_append (GTK_BOX (list), make_run (viewer, nn_run_history_run (runs, i - 1)));
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), list);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), LIST_HEIGHT);
  return scroller;
}

GtkWidget *
wb_loss_settings_new (WbLossViewer *viewer)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  WbDocument *document = document_of (viewer);
  NnRunHistory *runs = document != NULL ? wb_document_runs (document) : NULL;

  gtk_widget_add_css_class (box, "wb-settings");
  gtk_box_append (GTK_BOX (box), make_smoothing (viewer));
  if (runs != NULL && nn_run_history_n_runs (runs) > 0)
    {
      GtkWidget *title = gtk_label_new (_ ("Runs"));
      gtk_label_set_xalign (GTK_LABEL (title), 0);
      gtk_widget_set_tooltip_text (
          title, _ ("Runs: a new one begins each time weights are drawn anew, or where "
                    "training goes on from an earlier moment"));
      gtk_box_append (GTK_BOX (box), title);
      gtk_box_append (GTK_BOX (box), make_runs (viewer, runs));
    }
  return box;
}
