#include "diabolo-config.h"

#include "viewers/wb-board-settings.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "canvas/wb-thumbnail.h"
#include "panels/wb-scroll-past.h"

#define MAX_COLUMNS 1024
/* From this size on a vector with a whole root is taken for a picture. */
#define SQUARE_FROM 64
#define LINE_ASPECT 3.0 /* of the picture of any other */

static const struct
{
  const char *id, *title, *tip;
} palettes[] = {
  { NULL, N_ ("Auto"), N_ ("Gray for a picture, signed colours below zero, else viridis") },
  { "gray", N_ ("Gray"), N_ ("Gray: from black to white") },
  { "viridis", N_ ("Viridis"), N_ ("Viridis: from dark violet over green to yellow") },
  { "signed", N_ ("Signed"), N_ ("Signed: blue below zero, red above, pale at zero") },
};

void
wb_board_style_init (WbBoardStyle *style)
{
  *style = (WbBoardStyle){ 0 };
}

void
wb_board_style_apply (const WbBoardStyle *style, WbBoardData *data)
{
  const gsize square = wb_thumbnail_columns (data->n, 1);

  data->palette =
      style->palette > 0 ? (WbPalette)(style->palette - 1) : wb_board_data_natural_palette (data);
  data->common = !style->own;
  if (data->kind != WB_BOARD_UNITS)
    return;
  if (style->columns > 0)
    data->columns = style->columns;
  else if (data->n >= SQUARE_FROM && square * square == data->n)
    data->columns = square;
  else
    data->columns = wb_thumbnail_columns (data->n, LINE_ASPECT);
}

void
wb_board_style_save (const WbBoardStyle *style, JsonObject *state)
{
  if (style->palette > 0)
    json_object_set_string_member (state, "palette", palettes[style->palette].id);
  if (style->own)
    json_object_set_boolean_member (state, "own-range", TRUE);
  if (style->columns > 0)
    json_object_set_int_member (state, "width", style->columns);
}

void
wb_board_style_load (WbBoardStyle *style, JsonObject *state)
{
  const char *palette = json_object_get_string_member_with_default (state, "palette", NULL);

  wb_board_style_init (style);
  for (guint i = 1; palette != NULL && i < G_N_ELEMENTS (palettes); i++)
    if (strcmp (palettes[i].id, palette) == 0)
      style->palette = i;
  style->own = json_object_get_boolean_member_with_default (state, "own-range", FALSE);
  style->columns =
      (guint)CLAMP (json_object_get_int_member_with_default (state, "width", 0), 0, MAX_COLUMNS);
}

/* ---- controls ---- */

/* Data of the box that holds the controls. */
typedef struct
{
  WbBoardStyle *style;
  void (*changed) (gpointer owner);
  GObject *owner; /* borrowed: handlers end with it */
} Settings;

static Settings *
settings_of (gpointer widget)
{
  return g_object_get_data (G_OBJECT (widget), "wb-settings");
}

static void
palette_toggled (GtkToggleButton *button, gpointer owner)
{
  Settings *settings = settings_of (button);

  if (!gtk_toggle_button_get_active (button))
    return;
  settings->style->palette = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "wb-choice"));
  settings->changed (owner);
}

static void
range_toggled (GtkToggleButton *button, gpointer owner)
{
  Settings *settings = settings_of (button);

  if (!gtk_toggle_button_get_active (button))
    return;
  settings->style->own = g_object_get_data (G_OBJECT (button), "wb-choice") != NULL;
  settings->changed (owner);
}

static void
columns_changed (GtkSpinButton *spin, gpointer owner)
{
  Settings *settings = settings_of (spin);

  settings->style->columns = (guint)gtk_spin_button_get_value_as_int (spin);
  settings->changed (owner);
}

static void
give_settings (GtkWidget *control, const Settings *settings)
{
  g_object_set_data_full (G_OBJECT (control), "wb-settings", g_memdup2 (settings, sizeof *settings),
                          g_free);
}

static void
add_choice (GtkWidget *box, const char *title, const char *tip, guint choice, gboolean active,
            GCallback toggled, const Settings *settings)
{
  GtkWidget *button = gtk_toggle_button_new_with_label (title);
  GtkWidget *first = gtk_widget_get_first_child (box);

  gtk_widget_set_tooltip_text (button, tip);
  if (first != NULL)
    gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (button), GTK_TOGGLE_BUTTON (first));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), active);
  give_settings (button, settings);
  g_object_set_data (G_OBJECT (button), "wb-choice", GUINT_TO_POINTER (choice));
  g_signal_connect_object (button, "toggled", toggled, settings->owner, 0);
  gtk_box_append (GTK_BOX (box), button);
}

static void
add_line (GtkWidget *box, const char *title, GtkWidget *control)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *label = gtk_label_new (title);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_box_append (GTK_BOX (line), label);
  gtk_box_append (GTK_BOX (line), control);
  gtk_accessible_update_property (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  -1);
  gtk_box_append (GTK_BOX (box), line);
}

static GtkWidget *
make_segments (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_add_css_class (box, "wb-segments");
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  return box;
}

GtkWidget *
wb_board_settings_new (WbBoardStyle *style, gboolean with_columns, void (*changed) (gpointer owner),
                       GObject *owner)
{
  const Settings settings = { .style = style, .changed = changed, .owner = owner };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *palette = make_segments (), *range = make_segments ();

  gtk_widget_add_css_class (box, "wb-settings");
  for (guint i = 0; i < G_N_ELEMENTS (palettes); i++)
    add_choice (palette, _ (palettes[i].title), _ (palettes[i].tip), i, style->palette == i,
                G_CALLBACK (palette_toggled), &settings);
  add_line (box, _ ("Colours"), palette);
  add_choice (range, _ ("Common"), _ ("One range for all: they can be compared"), 0, !style->own,
              G_CALLBACK (range_toggled), &settings);
  add_choice (range, _ ("Each its own"),
              _ ("Every one from its lowest to its highest value: faint ones can be seen"), 1,
              style->own, G_CALLBACK (range_toggled), &settings);
  add_line (box, _ ("Range"), range);
  if (with_columns)
    {
      GtkWidget *spin = gtk_spin_button_new_with_range (0, MAX_COLUMNS, 1);

      gtk_widget_set_tooltip_text (
          spin, _ ("Width: units in a line where a vector is shown as a picture; 0 suits itself"));
      gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), style->columns);
      wb_scroll_past (spin);
      give_settings (spin, &settings);
      g_signal_connect_object (spin, "value-changed", G_CALLBACK (columns_changed), owner, 0);
      add_line (box, _ ("Width"), spin);
    }
  return box;
}
