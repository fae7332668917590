#include "diabolo-config.h"

#include "viewers/wb-tsne.h"

#include "explore/nn-tsne-run.h"
#include "panels/wb-scroll-past.h"
#include "plots/wb-format.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* After so many steps a map has settled; going on takes as many again. */
#define N_STEPS 1000
/* Following codes in training: steps that the map has with one pass of them before the next. */
#define FOLLOW_STEPS 40

typedef struct
{
  const char *id, *title, *tip;
  double low, high, step, standard;
  gsize offset;   /* into NnTsneSettings */
  gboolean whole; /* a guint there, else a double */
} Setting;

/* Ranges are those within which maps of up to 10,000 codes mean something. */
static const Setting settings_table[] = {
  { "perplexity", N_ ("Perplexity"),
    N_ ("Perplexity: about how many neighbours each point is kept close to. Small shows fine "
        "groups, large the whole"),
    2, 100, 1, 30, G_STRUCT_OFFSET (NnTsneSettings, perplexity), FALSE },
  { "exaggeration", N_ ("Exaggeration"),
    N_ ("Early exaggeration: how many times stronger neighbours attract each other at first, so "
        "that groups find themselves"),
    1, 50, 1, 12, G_STRUCT_OFFSET (NnTsneSettings, exaggeration), FALSE },
  { "exaggeration-steps", N_ ("For steps"), N_ ("How many steps the early exaggeration lasts"), 0,
    1000, 10, 250, G_STRUCT_OFFSET (NnTsneSettings, exaggeration_steps), TRUE },
};
#define N_SETTINGS G_N_ELEMENTS (settings_table)

struct _WbTsne
{
  GtkWidget parent;

  NnTsneSettings settings;
  NnCodesResult *newest; /* owned */

  NnTsneRun *run;       /* owned; NULL: none, or it failed */
  NnCodesResult *codes; /* owned: that the run lays out */
  guint n_before;       /* steps of earlier codes, where it follows */
  guint n_end;          /* at which it pauses */
  NnTsneView view;      /* of the run; xy is the run's */

  /* What is shown: outlives its run until the next one is prepared. */
  NnCodesResult *shown; /* owned */
  float *xy;            /* (n, 2) of shown; NULL: nothing */
  guint n_steps;
  char *error;

  gboolean paused;
  guint tick;

  /* borrowed: children */
  GtkLabel *status;
  GtkButton *pause;
  GtkSpinButton *spins[N_SETTINGS];
  GtkCheckButton *every, *follow;
};

G_DEFINE_FINAL_TYPE (WbTsne, wb_tsne, GTK_TYPE_WIDGET)

static guint moved_signal;

static gboolean tick (GtkWidget *widget, GdkFrameClock *clock, gpointer data);

static void
set_codes (NnCodesResult **place, NnCodesResult *codes)
{
  if (codes != NULL)
    nn_probe_result_ref (&codes->base);
  if (*place != NULL)
    nn_probe_result_unref (&(*place)->base);
  *place = codes;
}

static gsize
n_codes (const NnCodesResult *codes)
{
  return codes->samples->len;
}

/* ---- what the controls tell ---- */

static char *
describe (WbTsne *self)
{
  g_autofree char *steps = wb_format_count (self->n_steps);
  g_autoptr (GString) text = g_string_new (NULL);

  if (self->error != NULL || self->newest == NULL)
    return g_strdup ("");
  if (self->xy == NULL)
    return g_strdup_printf (_ ("Finding neighbours, %.0f %%"), 100 * self->view.fraction);
  g_string_append_printf (text, _ ("step %s"), steps);
  if (isfinite (self->view.divergence))
    g_string_append_printf (text, _ (" · KL %.3f"), self->view.divergence);
  if (self->view.prepared && self->view.exaggerated)
    g_string_append_printf (text, _ (" · exaggerated × %g"), self->settings.exaggeration);
  if (self->view.prepared && self->view.perplexity < self->settings.perplexity)
    g_string_append_printf (text, _ (" · perplexity %.1f, as there are few samples"),
                            self->view.perplexity);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
update_status (WbTsne *self)
{
  g_autofree char *text = describe (self);

  gtk_label_set_text (self->status, text);
}

static void
update_pause (WbTsne *self)
{
  const char *name = self->paused ? _ ("Go on with t-SNE") : _ ("Pause t-SNE");

  gtk_button_set_icon_name (self->pause, self->paused ? "media-playback-start-symbolic"
                                                      : "media-playback-pause-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->pause), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->pause), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                  -1);
}

/* ---- running ---- */

/* The tick that takes steps is there while there is something to take and somebody to see it. */
static void
update_tick (WbTsne *self)
{
  const gboolean wanted = self->run != NULL && gtk_widget_get_mapped (GTK_WIDGET (self))
                          && (!self->paused || !self->view.prepared);

  if (wanted && self->tick == 0)
    self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), tick, NULL, NULL);
  if (!wanted && self->tick != 0)
    {
      gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick);
      self->tick = 0;
    }
  if (!wanted && self->run != NULL)
    nn_tsne_run_allow (self->run, self->view.n_steps);
}

static void
fail (WbTsne *self, const char *message)
{
  g_clear_pointer (&self->run, nn_tsne_run_free);
  g_clear_pointer (&self->xy, g_free);
  set_codes (&self->shown, NULL);
  g_free (self->error);
  self->error = g_strdup (message);
}

/* A run of the newest codes, from the start or, following, from where the map is. */
static void
start (WbTsne *self, gboolean following)
{
  NnTsneSettings settings = self->settings;

  g_clear_pointer (&self->run, nn_tsne_run_free);
  g_clear_pointer (&self->error, g_free);
  set_codes (&self->codes, self->newest);
  self->view = (NnTsneView){ .divergence = following ? self->view.divergence : NAN };
  self->n_before = following ? self->n_steps : 0;
  if (following)
    self->n_end = MAX (self->n_end, self->n_steps + 2 * FOLLOW_STEPS);
  else
    {
      g_clear_pointer (&self->xy, g_free);
      set_codes (&self->shown, NULL);
      self->n_end = N_STEPS;
      self->n_steps = 0;
    }
  settings.start = self->xy;
  settings.exaggeration_steps -= MIN (settings.exaggeration_steps, self->n_before);
  if (self->codes != NULL)
    self->run = nn_tsne_run_new (self->codes->codes->data, n_codes (self->codes),
                                 (gsize)nn_shape_size (&self->codes->shape), &settings, 0);
  update_tick (self);
  update_status (self);
}

/* Whether the map can go on with other codes. */
static gboolean
is_alike (const NnCodesResult *a, const NnCodesResult *b)
{
  return a != NULL && b != NULL && a->node == b->node && nn_shape_equal (&a->shape, &b->shape)
         && n_codes (a) == n_codes (b)
         && memcmp (a->samples->data, b->samples->data, n_codes (a) * sizeof (guint32)) == 0;
}

static gboolean
is_behind (WbTsne *self)
{
  return self->newest != NULL && self->codes != NULL && self->newest->pass != self->codes->pass;
}

/* Takes the newest step. TRUE: there was one. */
static gboolean
take_step (WbTsne *self)
{
  const gboolean was_prepared = self->view.prepared;
  g_autoptr (GError) error = NULL;

  if (!nn_tsne_run_look (self->run, &self->view, &error))
    {
      fail (self, error->message);
      return TRUE;
    }
  if (!self->view.prepared
      || (was_prepared && self->n_steps == self->n_before + self->view.n_steps))
    return FALSE;
  if (self->shown != self->codes)
    {
      set_codes (&self->shown, self->codes);
      g_free (self->xy);
      self->xy = g_new (float, 2 * n_codes (self->shown));
    }
  memcpy (self->xy, self->view.xy, 2 * n_codes (self->shown) * sizeof *self->xy);
  self->n_steps = self->n_before + self->view.n_steps;
  return TRUE;
}

/* What comes after the step that was taken: another, one with the newest codes, or a rest. */
static void
go_on (WbTsne *self)
{
  const gboolean follow = gtk_check_button_get_active (self->follow);
  const guint next = self->view.n_steps + 1, last = self->n_end - MIN (self->n_end, self->n_before);

  if (follow && self->view.n_steps >= FOLLOW_STEPS && is_behind (self)
      && is_alike (self->codes, self->newest))
    start (self, TRUE);
  else if (self->n_steps < self->n_end)
    nn_tsne_run_allow (self->run,
                       gtk_check_button_get_active (self->every) ? next : MAX (last, next));
  else if (!follow)
    wb_tsne_set_paused (self, TRUE);
}

static gboolean
tick (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  WbTsne *self = WB_TSNE (widget);
  const gboolean moved = take_step (self);

  if (self->run != NULL && self->view.prepared && !self->paused)
    go_on (self);
  update_status (self);
  update_tick (self);
  if (moved)
    g_signal_emit (self, moved_signal, 0);
  return G_SOURCE_CONTINUE;
}

void
wb_tsne_set_codes (WbTsne *self, NnCodesResult *codes)
{
  /* Of a first pass, ever more samples come; the map waits for the last of them. */
  const gboolean growing = codes != NULL && codes->base.unfinished
                           && (self->newest == NULL || codes->samples != self->newest->samples);

  set_codes (&self->newest, codes);
  const gboolean others = !is_alike (self->codes, codes) && (codes != NULL || self->codes != NULL);
  if (!growing && (others || (is_behind (self) && self->error != NULL)))
    start (self, FALSE);
}

WbProjection *
wb_tsne_get_projection (WbTsne *self)
{
  return self->xy != NULL ? wb_projection_new_map (self->shown, self->xy) : NULL;
}

const char *
wb_tsne_get_error (WbTsne *self)
{
  return self->error;
}

guint
wb_tsne_get_n_steps (WbTsne *self)
{
  return self->n_steps;
}

gboolean
wb_tsne_get_paused (WbTsne *self)
{
  return self->paused;
}

void
wb_tsne_set_paused (WbTsne *self, gboolean paused)
{
  if (!paused && self->n_steps >= self->n_end)
    self->n_end = self->n_steps + N_STEPS;
  self->paused = paused;
  update_pause (self);
  update_tick (self);
}

void
wb_tsne_restart (WbTsne *self)
{
  self->paused = FALSE;
  update_pause (self);
  start (self, FALSE);
}

/* ---- settings ---- */

static void
set_setting (NnTsneSettings *settings, const Setting *setting, double value)
{
  if (setting->whole)
    G_STRUCT_MEMBER (guint, settings, setting->offset) = (guint)value;
  else
    G_STRUCT_MEMBER (double, settings, setting->offset) = value;
}

static void
setting_changed (WbTsne *self)
{
  for (guint i = 0; i < N_SETTINGS; i++)
    set_setting (&self->settings, &settings_table[i], gtk_spin_button_get_value (self->spins[i]));
  if (self->codes != NULL)
    wb_tsne_restart (self);
}

static void
pause_clicked (WbTsne *self)
{
  wb_tsne_set_paused (self, !self->paused);
}

void
wb_tsne_save_state (WbTsne *self, JsonObject *state)
{
  for (guint i = 0; i < N_SETTINGS; i++)
    {
      const double value = gtk_spin_button_get_value (self->spins[i]);

      if (value != settings_table[i].standard)
        json_object_set_double_member (state, settings_table[i].id, value);
    }
  if (!gtk_check_button_get_active (self->every))
    json_object_set_boolean_member (state, "every-step", FALSE);
  if (gtk_check_button_get_active (self->follow))
    json_object_set_boolean_member (state, "follow", TRUE);
}

void
wb_tsne_load_state (WbTsne *self, JsonObject *state)
{
  for (guint i = 0; i < N_SETTINGS; i++)
    gtk_spin_button_set_value (
        self->spins[i], json_object_get_double_member_with_default (state, settings_table[i].id,
                                                                    settings_table[i].standard));
  gtk_check_button_set_active (
      self->every, json_object_get_boolean_member_with_default (state, "every-step", TRUE));
  gtk_check_button_set_active (
      self->follow, json_object_get_boolean_member_with_default (state, "follow", FALSE));
}

/* ---- widget ---- */

static GtkCheckButton *
add_check (GtkGrid *grid, int row, const char *title, const char *tip, gboolean active)
{
  GtkWidget *check = gtk_check_button_new_with_label (title);

  gtk_widget_set_tooltip_text (check, tip);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), active);
  gtk_grid_attach (grid, check, 0, row, 2, 1);
  return GTK_CHECK_BUTTON (check);
}

static GtkWidget *
make_settings (WbTsne *self)
{
  GtkWidget *popover = gtk_popover_new (), *grid = gtk_grid_new ();

  gtk_grid_set_row_spacing (GTK_GRID (grid), 6);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  for (guint i = 0; i < N_SETTINGS; i++)
    {
      const Setting *setting = &settings_table[i];
      GtkWidget *title = gtk_label_new (_ (setting->title));
      GtkWidget *spin = gtk_spin_button_new_with_range (setting->low, setting->high, setting->step);

      gtk_label_set_xalign (GTK_LABEL (title), 0);
      gtk_widget_set_hexpand (title, TRUE);
      gtk_widget_set_tooltip_text (title, _ (setting->tip));
      gtk_widget_set_tooltip_text (spin, _ (setting->tip));
      gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), setting->standard);
      wb_scroll_past (spin);
      gtk_accessible_update_property (GTK_ACCESSIBLE (spin), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      _ (setting->title), -1);
      g_signal_connect_swapped (spin, "value-changed", G_CALLBACK (setting_changed), self);
      gtk_grid_attach (GTK_GRID (grid), title, 0, (int)i, 1, 1);
      gtk_grid_attach (GTK_GRID (grid), spin, 1, (int)i, 1, 1);
      self->spins[i] = GTK_SPIN_BUTTON (spin);
    }
  self->every = add_check (GTK_GRID (grid), N_SETTINGS, _ ("Draw every step"),
                           _ ("Show each step of the descent; else as many as there is time for "
                              "between two pictures"),
                           TRUE);
  self->follow = add_check (GTK_GRID (grid), N_SETTINGS + 1, _ ("Follow training"),
                            _ ("Let the map go on with the codes of the network as it trains. "
                               "Takes time from training"),
                            FALSE);
  gtk_popover_set_child (GTK_POPOVER (popover), grid);
  return popover;
}

static void
add_small (WbTsne *self, GtkWidget *button, const char *name, const char *tip)
{
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "wb-small");
  gtk_widget_set_tooltip_text (button, tip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_set_parent (button, GTK_WIDGET (self));
}

static void
wb_tsne_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (wb_tsne_parent_class)->map (widget);
  update_tick (WB_TSNE (widget));
}

static void
wb_tsne_unmap (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (wb_tsne_parent_class)->unmap (widget);
  update_tick (WB_TSNE (widget));
}

static void
wb_tsne_dispose (GObject *object)
{
  WbTsne *self = WB_TSNE (object);
  GtkWidget *child;

  g_clear_pointer (&self->run, nn_tsne_run_free);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  set_codes (&self->newest, NULL);
  set_codes (&self->codes, NULL);
  set_codes (&self->shown, NULL);
  g_clear_pointer (&self->xy, g_free);
  g_clear_pointer (&self->error, g_free);
  G_OBJECT_CLASS (wb_tsne_parent_class)->dispose (object);
}

static void
wb_tsne_class_init (WbTsneClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = wb_tsne_dispose;
  widget_class->map = wb_tsne_map;
  widget_class->unmap = wb_tsne_unmap;
  moved_signal =
      g_signal_new ("moved", WB_TYPE_TSNE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
}

static void
wb_tsne_init (WbTsne *self)
{
  GtkLayoutManager *manager = gtk_widget_get_layout_manager (GTK_WIDGET (self));
  GtkWidget *status = gtk_label_new (NULL), *pause = gtk_button_new ();
  GtkWidget *again = gtk_button_new_from_icon_name ("view-refresh-symbolic");
  GtkWidget *menu = gtk_menu_button_new ();

  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (manager), 6);
  self->settings = NN_TSNE_SETTINGS;
  self->view.divergence = NAN;
  self->n_end = N_STEPS;
  self->status = GTK_LABEL (status);
  self->pause = GTK_BUTTON (pause);
  gtk_widget_add_css_class (status, "numeric");
  gtk_widget_add_css_class (status, "wb-sentence");
  gtk_label_set_xalign (self->status, 0);
  gtk_label_set_ellipsize (self->status, PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (status, TRUE);
  gtk_widget_set_tooltip_text (
      status, _ ("KL divergence: how far the neighbours in the map are from those among the codes. "
                 "Lower is better; distances between groups mean little"));
  gtk_widget_set_parent (status, GTK_WIDGET (self));
  add_small (self, pause, "", NULL);
  update_pause (self);
  add_small (self, again, _ ("Restart t-SNE"), _ ("Lay the newest codes out from the start"));
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (menu), "emblem-system-symbolic");
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (menu), make_settings (self));
  add_small (self, menu, _ ("Settings of t-SNE"), _ ("Perplexity and exaggeration"));
  g_signal_connect_swapped (pause, "clicked", G_CALLBACK (pause_clicked), self);
  g_signal_connect_swapped (again, "clicked", G_CALLBACK (wb_tsne_restart), self);
}

GtkWidget *
wb_tsne_new (void)
{
  return g_object_new (WB_TYPE_TSNE, NULL);
}
