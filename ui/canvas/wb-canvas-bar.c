#include "canvas/wb-canvas-bar.h"

#include <math.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "panels/wb-scroll-past.h"
#include "plots/wb-format.h"

enum
{
  ZOOM,
  VIEW,
  PROBLEMS,
  SIZE,
  N_PARTS
};

#define SPACING 6

struct _WbCanvasBar
{
  GtkWidget parent_instance;

  GtkWidget *part[N_PARTS]; /* from left to right */
  GtkWidget *zoom;          /* button with the percentage */
  GtkWidget *problems;      /* menu button; its popover lists them */
  GtkWidget *icon;
  GtkWidget *count, *brief; /* labels: "2 problems" and, where there is no room for that, "2" */
  GtkWidget *list;
  GtkWidget *size; /* label */

  GtkWidget *sample; /* menu button */
  GtkSpinButton *number;
  gboolean updating;
};

enum
{
  SHOW_NODE,
  SAMPLE_CHOSEN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WbCanvasBar, wb_canvas_bar, GTK_TYPE_WIDGET)

char *
wb_canvas_bar_size_text (NnAnalysis *analysis)
{
  gint64 weights = nn_analysis_total_weights (analysis), macs = nn_analysis_total_macs (analysis);
  const NnShape *input = nn_analysis_output_shape (analysis, nn_analysis_input_node (analysis), 0);
  g_autofree char *count = wb_format_count (weights);
  g_autofree char *bytes = wb_format_bytes ((guint64)MAX (weights, 0) * sizeof (float));
  g_autofree char *flops = wb_format_flops (macs);

  if (weights <= 0)
    return g_strdup (_ ("no parameters yet"));
  return input != NULL && input->rank == 3
             /* Translators: "209,968 parameters · 820 KB · 0.42 Mflop per image". */
             ? g_strdup_printf (_ ("%s parameters  ·  %s  ·  %s per image"), count, bytes, flops)
             : g_strdup_printf (_ ("%s parameters  ·  %s  ·  %s per sample"), count, bytes, flops);
}

void
wb_canvas_bar_set_zoom (WbCanvasBar *bar, double scale)
{
  /* Translators: zoom. */
  g_autofree char *text = g_strdup_printf (_ ("%.0f %%"), round (100 * scale));

  if (g_strcmp0 (gtk_button_get_label (GTK_BUTTON (bar->zoom)), text) != 0)
    gtk_button_set_label (GTK_BUTTON (bar->zoom), text);
}

static void
problem_chosen (GtkButton *button, WbCanvasBar *self)
{
  guint node = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "node"));

  gtk_menu_button_popdown (GTK_MENU_BUTTON (self->problems));
  if (node != 0)
    g_signal_emit (self, signals[SHOW_NODE], 0, node);
}

static GtkWidget *
make_row (WbCanvasBar *self, const NnDiagnostic *diagnostic, guint position)
{
  static const char *const icons[] = {
    [NN_SEVERITY_ERROR] = "dialog-error-symbolic",
    [NN_SEVERITY_WARNING] = "dialog-warning-symbolic",
    [NN_SEVERITY_HINT] = "dialog-information-symbolic",
  };
  static const char *const classes[] = {
    [NN_SEVERITY_ERROR] = "error",
    [NN_SEVERITY_WARNING] = "warning",
    [NN_SEVERITY_HINT] = "dim-label",
  };
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *button = gtk_button_new (), *content = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *icon = gtk_image_new_from_icon_name (icons[diagnostic->severity]);
  GtkWidget *label = gtk_label_new (diagnostic->text);

  gtk_widget_add_css_class (icon, classes[diagnostic->severity]);
  gtk_widget_add_css_class (button, "flat");
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_width_chars (GTK_LABEL (label), 36);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 44);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_box_append (GTK_BOX (content), icon);
  gtk_box_append (GTK_BOX (content), label);
  gtk_button_set_child (GTK_BUTTON (button), content);
  gtk_widget_set_hexpand (button, TRUE);
  gtk_widget_set_tooltip_text (button, _ ("Show where"));
  g_object_set_data (G_OBJECT (button), "node", GUINT_TO_POINTER (diagnostic->node));
  g_signal_connect (button, "clicked", G_CALLBACK (problem_chosen), self);
  gtk_box_append (GTK_BOX (row), button);
  if (diagnostic->fix != NULL)
    {
      GtkWidget *fix = gtk_button_new_with_label (diagnostic->fix_label);

      gtk_widget_set_valign (fix, GTK_ALIGN_CENTER);
      gtk_actionable_set_action_name (GTK_ACTIONABLE (fix), "canvas.fix");
      gtk_actionable_set_action_target (GTK_ACTIONABLE (fix), "u", position);
      gtk_box_append (GTK_BOX (row), fix);
    }
  return row;
}

static void
update_list (WbCanvasBar *self, NnAnalysis *analysis, const NnDiagnostic *found, guint n)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->list)) != NULL)
    gtk_box_remove (GTK_BOX (self->list), child);
  for (guint i = 0; i < nn_analysis_n_diagnostics (analysis); i++)
    gtk_box_append (GTK_BOX (self->list), make_row (self, nn_analysis_diagnostic (analysis, i), i));
  for (guint i = 0; i < n; i++)
    gtk_box_append (GTK_BOX (self->list), make_row (self, &found[i], 0));
}

void
wb_canvas_bar_update (WbCanvasBar *bar, NnAnalysis *analysis, const NnDiagnostic *found,
                      guint n_found)
{
  static const char *const marks[] = { "error", "warning", "success" };
  guint n = nn_analysis_n_diagnostics (analysis) + n_found;
  gboolean fatal = !nn_analysis_can_train (analysis);
  const char *mark = n == 0 ? "success" : fatal ? "error" : "warning";
  g_autofree char *text = wb_canvas_bar_size_text (analysis);
  g_autofree char *count =
      n == 0 ? g_strdup (_ ("No problems"))
             : g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u problem", "%u problems", n), n);
  g_autofree char *number = n == 0 ? g_strdup ("") : g_strdup_printf ("%u", n);

  gtk_label_set_label (GTK_LABEL (bar->count), count);
  gtk_label_set_label (GTK_LABEL (bar->brief), number);
  gtk_label_set_label (GTK_LABEL (bar->size), text);
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    gtk_widget_remove_css_class (bar->icon, marks[i]);
  gtk_widget_add_css_class (bar->icon, mark);
  gtk_image_set_from_icon_name (GTK_IMAGE (bar->icon), n == 0  ? "object-select-symbolic"
                                                       : fatal ? "dialog-error-symbolic"
                                                               : "dialog-warning-symbolic");
  gtk_widget_set_sensitive (bar->problems, n > 0);
  gtk_widget_set_tooltip_text (bar->problems, n > 0 ? _ ("Show what is wrong and how to mend it")
                                                    : _ ("The network can be trained"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (bar->problems), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  count, -1);
  update_list (bar, analysis, found, n_found);
  if (n == 0)
    gtk_menu_button_popdown (GTK_MENU_BUTTON (bar->problems));
}

static GtkWidget *
make_button (const char *icon, const char *label, const char *tip, const char *action)
{
  GtkWidget *button =
      icon != NULL ? gtk_button_new_from_icon_name (icon) : gtk_button_new_with_label (label);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, tip);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  return button;
}

static GtkWidget *
make_zoom_cluster (WbCanvasBar *self)
{
  GtkWidget *cluster = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  self->zoom = make_button (NULL, _ ("100 %"), _ ("Back to 100 % (Ctrl+0)"), "canvas.zoom-reset");
  gtk_widget_add_css_class (self->zoom, "numeric");
  gtk_widget_add_css_class (cluster, "canvas-tools");
  gtk_box_append (GTK_BOX (cluster), make_button ("zoom-out-symbolic", _ ("Zoom out"),
                                                  _ ("Zoom out (Ctrl+−)"), "canvas.zoom-out"));
  gtk_box_append (GTK_BOX (cluster), self->zoom);
  gtk_box_append (GTK_BOX (cluster), make_button ("zoom-in-symbolic", _ ("Zoom in"),
                                                  _ ("Zoom in (Ctrl++)"), "canvas.zoom-in"));
  gtk_box_append (GTK_BOX (cluster), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_box_append (GTK_BOX (cluster), make_button ("zoom-fit-best-symbolic", _ ("Fit in view"),
                                                  _ ("Show the whole network (F)"), "canvas.fit"));
  return cluster;
}

void
wb_canvas_bar_set_sample (WbCanvasBar *bar, guint sample, gsize n, const char *name)
{
  g_autofree char *number = wb_format_count (sample), *all = wb_format_count ((gint64)n);
  g_autofree char *text = g_strdup_printf (_ ("Sample %s"), number);
  g_autofree char *what = name != NULL ? g_strdup_printf (_ (", a “%s”"), name) : g_strdup ("");
  /* Translators: the first %s is a number, the second ", a “7”" or nothing, the third how many. */
  g_autofree char *tip = g_strdup_printf (
      _ ("Test sample %s%s, of %s: what the cards and viewers show ([ and ] step)"), number, what,
      all);

  gtk_menu_button_set_label (GTK_MENU_BUTTON (bar->sample), text);
  gtk_widget_set_tooltip_text (bar->sample, n > 0 ? tip : _ ("There are no samples yet"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (bar->sample), GTK_ACCESSIBLE_PROPERTY_LABEL, text,
                                  -1);
  gtk_widget_set_sensitive (bar->sample, n > 0);
  bar->updating = TRUE;
  gtk_spin_button_set_range (bar->number, 0, n > 0 ? (double)(n - 1) : 0);
  gtk_spin_button_set_value (bar->number, sample);
  bar->updating = FALSE;
}

static void
number_changed (WbCanvasBar *self)
{
  if (!self->updating)
    g_signal_emit (self, signals[SAMPLE_CHOSEN], 0,
                   (guint)gtk_spin_button_get_value_as_int (self->number));
}

static void
any_clicked (WbCanvasBar *self)
{
  double most;

  gtk_spin_button_get_range (self->number, NULL, &most);
  gtk_spin_button_set_value (self->number, g_random_int_range (0, (gint32)most + 1));
}

/* A number to type, and chance. */
static GtkWidget *
make_sample_popover (WbCanvasBar *self)
{
  GtkWidget *popover = gtk_popover_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *number = gtk_spin_button_new_with_range (0, 0, 1);
  GtkWidget *any = gtk_button_new_with_label (_ ("Any"));

  self->number = GTK_SPIN_BUTTON (number);
  wb_scroll_past (number);
  gtk_widget_set_tooltip_text (number, _ ("Number of the test sample"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (number), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Number of the test sample"), -1);
  gtk_widget_set_tooltip_text (any, _ ("A test sample by chance"));
  g_signal_connect_swapped (number, "value-changed", G_CALLBACK (number_changed), self);
  g_signal_connect_swapped (any, "clicked", G_CALLBACK (any_clicked), self);
  gtk_box_append (GTK_BOX (box), number);
  gtk_box_append (GTK_BOX (box), any);
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  return popover;
}

static GtkWidget *
make_view_cluster (WbCanvasBar *self)
{
  GtkWidget *cluster = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *gradients = gtk_toggle_button_new_with_label ("∇");

  self->sample = gtk_menu_button_new ();
  gtk_menu_button_set_label (GTK_MENU_BUTTON (self->sample), "");
  gtk_menu_button_set_always_show_arrow (GTK_MENU_BUTTON (self->sample), FALSE);
  gtk_menu_button_set_has_frame (GTK_MENU_BUTTON (self->sample), FALSE);
  gtk_menu_button_set_direction (GTK_MENU_BUTTON (self->sample), GTK_ARROW_UP);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->sample), make_sample_popover (self));
  gtk_widget_add_css_class (self->sample, "canvas-sample");
  gtk_widget_add_css_class (gradients, "flat");
  gtk_widget_add_css_class (gradients, "canvas-gradients");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (gradients), "canvas.gradients");
  gtk_widget_set_tooltip_text (gradients,
                               _ ("Gradients: show how strongly training pushes each value, "
                                  "instead of the values (G)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (gradients), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Gradients"), -1);
  gtk_widget_add_css_class (cluster, "canvas-tools");
  gtk_box_append (GTK_BOX (cluster),
                  make_button ("go-previous-symbolic", _ ("Sample before"),
                               _ ("Show the test sample before ([)"), "canvas.sample-previous"));
  gtk_box_append (GTK_BOX (cluster), self->sample);
  gtk_box_append (GTK_BOX (cluster),
                  make_button ("go-next-symbolic", _ ("Next sample"),
                               _ ("Show the next test sample (])"), "canvas.sample-next"));
  gtk_box_append (GTK_BOX (cluster), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_box_append (GTK_BOX (cluster), gradients);
  return cluster;
}

/* ---- what is wrong: a sign, and words where there is room for them ---- */

#define SIGN_GAP 8

static void
measure_problems (GtkWidget *content, GtkOrientation orientation, int for_size, int *minimum,
                  int *natural, int *minimum_baseline, int *natural_baseline)
{
  GtkWidget *icon = gtk_widget_get_first_child (content);
  GtkWidget *count = gtk_widget_get_next_sibling (icon);
  GtkWidget *brief = gtk_widget_get_next_sibling (count);
  const gboolean wide = orientation == GTK_ORIENTATION_HORIZONTAL;
  int sign, words, digits;

  gtk_widget_measure (icon, orientation, -1, NULL, &sign, NULL, NULL);
  gtk_widget_measure (count, orientation, -1, NULL, &words, NULL, NULL);
  gtk_widget_measure (brief, orientation, -1, NULL, &digits, NULL, NULL);
  *natural = wide ? sign + SIGN_GAP + words : MAX (sign, words);
  *minimum = !wide ? *natural : digits > 0 ? sign + SIGN_GAP + digits : sign;
}

static void
allocate_problems (GtkWidget *content, int width, int height, int baseline)
{
  GtkWidget *icon = gtk_widget_get_first_child (content);
  GtkWidget *count = gtk_widget_get_next_sibling (icon);
  GtkWidget *brief = gtk_widget_get_next_sibling (count);
  int sign, words;

  gtk_widget_measure (icon, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &sign, NULL, NULL);
  gtk_widget_measure (count, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &words, NULL, NULL);
  const int left = sign + SIGN_GAP;
  const gboolean fits = left + words <= width;
  gtk_widget_size_allocate (icon, &(GtkAllocation){ 0, 0, sign, height }, -1);
  gtk_widget_set_child_visible (count, fits);
  gtk_widget_set_child_visible (brief, !fits && left < width);
  if (fits)
    gtk_widget_size_allocate (count, &(GtkAllocation){ left, 0, words, height }, -1);
  else if (left < width)
    gtk_widget_size_allocate (brief, &(GtkAllocation){ left, 0, width - left, height }, -1);
}

static void
make_problems (WbCanvasBar *self)
{
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *popover = gtk_popover_new (), *scrolled = gtk_scrolled_window_new ();

  self->icon = gtk_image_new ();
  self->count = gtk_label_new (NULL);
  self->brief = gtk_label_new (NULL);
  gtk_widget_set_layout_manager (content,
                                 gtk_custom_layout_new (NULL, measure_problems, allocate_problems));
  gtk_box_append (GTK_BOX (content), self->icon);
  gtk_box_append (GTK_BOX (content), self->count);
  gtk_box_append (GTK_BOX (content), self->brief);
  self->list = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), 320);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->list);
  gtk_popover_set_child (GTK_POPOVER (popover), scrolled);
  self->problems = gtk_menu_button_new ();
  gtk_menu_button_set_child (GTK_MENU_BUTTON (self->problems), content);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->problems), popover);
  gtk_menu_button_set_direction (GTK_MENU_BUTTON (self->problems), GTK_ARROW_UP);
  gtk_menu_button_set_has_frame (GTK_MENU_BUTTON (self->problems), FALSE);
  gtk_widget_add_css_class (self->problems, "canvas-problems");
  gtk_widget_add_css_class (self->problems, "canvas-status");
}

/* ---- layout ---- */

static void
part_width (WbCanvasBar *self, guint part, int *minimum, int *natural)
{
  gtk_widget_measure (self->part[part], GTK_ORIENTATION_HORIZONTAL, -1, minimum, natural, NULL,
                      NULL);
}

static void
wb_canvas_bar_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                       int *natural, int *minimum_baseline, int *natural_baseline)
{
  WbCanvasBar *self = WB_CANVAS_BAR (widget);

  *minimum = *natural = 0;
  for (guint i = 0; i < N_PARTS; i++)
    {
      int least, wanted;

      gtk_widget_measure (self->part[i], orientation, -1, &least, &wanted, NULL, NULL);
      if (orientation == GTK_ORIENTATION_VERTICAL)
        *minimum = *natural = MAX (*natural, wanted);
      else
        *natural += wanted + (i > 0 ? SPACING : 0);
      if (orientation == GTK_ORIENTATION_HORIZONTAL && i == PROBLEMS)
        *minimum = least;
    }
}

/* Where there is not room for all, whole parts go: first what only tells, last what is wrong. */
static void
wb_canvas_bar_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  static const guint leaving[] = { SIZE, ZOOM, VIEW };
  WbCanvasBar *self = WB_CANVAS_BAR (widget);
  gboolean gone[N_PARTS] = { FALSE };
  int least[N_PARTS], wanted[N_PARTS], needed = -SPACING, x = 0;

  for (guint i = 0; i < N_PARTS; i++)
    {
      part_width (self, i, &least[i], &wanted[i]);
      needed += wanted[i] + SPACING;
    }
  for (guint i = 0; i < G_N_ELEMENTS (leaving) && needed > width; i++)
    {
      gone[leaving[i]] = TRUE;
      needed -= wanted[leaving[i]] + SPACING;
      if (i > 0) /* the words beside the sign have gone before */
        continue;
      needed -= wanted[PROBLEMS] - least[PROBLEMS];
    }
  if (gone[SIZE] && width - needed < wanted[PROBLEMS] - least[PROBLEMS])
    wanted[PROBLEMS] = least[PROBLEMS];
  for (guint i = 0; i < N_PARTS; i++)
    {
      const GtkAllocation box = { x, 0, wanted[i], height };

      gtk_widget_set_child_visible (self->part[i], !gone[i]);
      if (gone[i])
        continue;
      gtk_widget_size_allocate (self->part[i], &box, -1);
      x += wanted[i] + SPACING;
    }
}

static void
wb_canvas_bar_dispose (GObject *object)
{
  WbCanvasBar *self = WB_CANVAS_BAR (object);

  for (guint i = 0; i < N_PARTS; i++)
    g_clear_pointer (&self->part[i], gtk_widget_unparent);
  G_OBJECT_CLASS (wb_canvas_bar_parent_class)->dispose (object);
}

static void
wb_canvas_bar_class_init (WbCanvasBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = wb_canvas_bar_dispose;
  GTK_WIDGET_CLASS (klass)->measure = wb_canvas_bar_measure;
  GTK_WIDGET_CLASS (klass)->size_allocate = wb_canvas_bar_size_allocate;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "canvasbar");
  signals[SHOW_NODE] = g_signal_new ("show-node", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[SAMPLE_CHOSEN] =
      g_signal_new ("sample-chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
wb_canvas_bar_init (WbCanvasBar *self)
{
  make_problems (self);
  self->size = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->size, "canvas-size");
  gtk_widget_add_css_class (self->size, "canvas-status");
  self->part[ZOOM] = make_zoom_cluster (self);
  self->part[VIEW] = make_view_cluster (self);
  self->part[PROBLEMS] = self->problems;
  self->part[SIZE] = self->size;
  for (guint i = 0; i < N_PARTS; i++)
    gtk_widget_set_parent (self->part[i], GTK_WIDGET (self));
}

GtkWidget *
wb_canvas_bar_new (void)
{
  return g_object_new (WB_TYPE_CANVAS_BAR, NULL);
}
