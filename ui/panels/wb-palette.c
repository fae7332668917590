#include "diabolo-config.h"

#include "panels/wb-palette.h"

#include <glib/gi18n.h>

enum
{
  ADD_LAYER,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _WbPalette
{
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkWidget *search;
  GtkListBox *list;
  gboolean folded[NN_N_CATEGORIES];
  GtkWidget *arrow[NN_N_CATEGORIES];
  GtkWidget *count[NN_N_CATEGORIES];
  GtkWidget *header[NN_N_CATEGORIES];
};

G_DEFINE_FINAL_TYPE (WbPalette, wb_palette, GTK_TYPE_WIDGET)

static GQuark
type_quark (void)
{
  return g_quark_from_static_string ("wb-palette-type");
}

/* NULL for the heading of a category. */
static const NnLayerType *
row_type (GtkListBoxRow *row)
{
  return g_object_get_qdata (G_OBJECT (row), type_quark ());
}

static NnCategory
header_category (WbPalette *self, GtkListBoxRow *row)
{
  for (guint i = 0; i < NN_N_CATEGORIES; i++)
    if (self->header[i] == GTK_WIDGET (row))
      return i;
  return NN_N_CATEGORIES;
}

/* ---- search ---- */

static gboolean
text_matches (const char *text, const char *needle)
{
  if (text == NULL)
    return FALSE;
  g_autofree char *folded = g_utf8_casefold (text, -1);
  return strstr (folded, needle) != NULL;
}

static gboolean
type_matches (const NnLayerType *type, const char *needle)
{
  return text_matches (_ (type->title), needle) || text_matches (type->id, needle)
         || text_matches (_ (type->summary), needle)
         || text_matches (_ (nn_category_title (type->category)), needle);
}

static char *
search_needle (WbPalette *self)
{
  g_autofree char *text = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->search)));
  return g_utf8_casefold (g_strstrip (text), -1);
}

static gboolean
filter_row (GtkListBoxRow *row, gpointer data)
{
  WbPalette *self = data;
  const NnLayerType *type = row_type (row);
  g_autofree char *needle = search_needle (self);
  gboolean searching = *needle != '\0';
  if (type != NULL)
    return searching ? type_matches (type, needle) : !self->folded[type->category];
  if (!searching)
    return TRUE;
  NnCategory category = header_category (self, row);
  for (const NnLayerType *const *t = nn_layer_types (); *t != NULL; t++)
    if ((*t)->category == category && type_matches (*t, needle))
      return TRUE;
  return FALSE;
}

static void
update_arrows (WbPalette *self)
{
  g_autofree char *needle = search_needle (self);
  for (guint i = 0; i < NN_N_CATEGORIES; i++)
    if (self->header[i] != NULL)
      {
        gboolean open = *needle != '\0' || !self->folded[i];
        gtk_image_set_from_icon_name (GTK_IMAGE (self->arrow[i]),
                                      open ? "pan-down-symbolic" : "pan-end-symbolic");
        gtk_widget_set_visible (self->count[i], !open);
        gtk_accessible_update_state (GTK_ACCESSIBLE (self->header[i]),
                                     GTK_ACCESSIBLE_STATE_EXPANDED, open, -1);
      }
}

static void
search_changed (WbPalette *self)
{
  gtk_list_box_invalidate_filter (self->list);
  update_arrows (self);
}

/* The first whose name is or begins with what is searched, or else the first found. */
static GtkListBoxRow *
best_match (WbPalette *self, const char *needle)
{
  GtkListBoxRow *row, *found = NULL, *begins = NULL;
  for (gint i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)) != NULL; i++)
    if (row_type (row) != NULL && gtk_widget_get_child_visible (GTK_WIDGET (row)))
      {
        g_autofree char *title = g_utf8_casefold (_ (row_type (row)->title), -1);
        if (strcmp (title, needle) == 0)
          return row;
        if (begins == NULL && g_str_has_prefix (title, needle))
          begins = row;
        if (found == NULL)
          found = row;
      }
  return begins != NULL ? begins : found;
}

static void
add_row (WbPalette *self, GtkListBoxRow *row)
{
  if (row != NULL && row_type (row) != NULL)
    g_signal_emit (self, signals[ADD_LAYER], 0, row_type (row));
}

/* Enter in the search field adds what fits best. */
static void
search_activated (WbPalette *self)
{
  g_autofree char *needle = search_needle (self);
  if (*needle != '\0')
    add_row (self, best_match (self, needle));
}

static void
toggle_category (WbPalette *self, NnCategory category)
{
  self->folded[category] = !self->folded[category];
  search_changed (self);
}

static void
row_activated (WbPalette *self, GtkListBoxRow *row)
{
  NnCategory category = header_category (self, row);
  if (category < NN_N_CATEGORIES)
    toggle_category (self, category);
  else
    add_row (self, row);
}

/* A single click folds a heading; layers want a double click, so that a drag can begin on them. */
static void
header_clicked (GtkGestureClick *gesture, gint n_press, double x, double y, gpointer data)
{
  GtkWidget *row = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (gesture));
  if (n_press == 1)
    toggle_category (data, header_category (data, GTK_LIST_BOX_ROW (row)));
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
}

/* ---- dragging ---- */

static GdkContentProvider *
drag_prepare (GtkDragSource *source, double x, double y, gpointer data)
{
  const NnLayerType *type = data;
  g_autofree char *text = g_strconcat ("layer:", type->id, NULL);
  return gdk_content_provider_new_typed (G_TYPE_STRING, text);
}

static GtkWidget *
make_label (const NnLayerType *type, gboolean dragging)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *icon = gtk_image_new_from_icon_name (type->icon);
  g_autofree char *class = g_strconcat ("category-", nn_category_id (type->category), NULL);
  gtk_widget_add_css_class (icon, class);
  GtkWidget *label = gtk_label_new (_ (type->title));
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label),
                           dragging ? PANGO_ELLIPSIZE_NONE : PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), label);
  return box;
}

static void
drag_begin (GtkDragSource *source, GdkDrag *drag, gpointer data)
{
  GtkWidget *chip = make_label (data, TRUE);
  gtk_widget_add_css_class (chip, "drag-chip");
  gtk_drag_icon_set_child (GTK_DRAG_ICON (gtk_drag_icon_get_for_drag (drag)), chip);
  gdk_drag_set_hotspot (drag, 12, 12);
}

/* ---- rows ---- */

static GtkWidget *
make_row (const NnLayerType *type)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *label = make_label (type, FALSE);
  gtk_widget_set_margin_start (label, 3);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), label);
  g_object_set_qdata (G_OBJECT (row), type_quark (), (gpointer)type);
  gtk_widget_set_tooltip_text (row, _ (type->when_to_use));
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ (type->title), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  _ (type->when_to_use), -1);

  GtkDragSource *source = gtk_drag_source_new ();
  gtk_drag_source_set_actions (source, GDK_ACTION_COPY);
  g_signal_connect (source, "prepare", G_CALLBACK (drag_prepare), (gpointer)type);
  g_signal_connect (source, "drag-begin", G_CALLBACK (drag_begin), (gpointer)type);
  gtk_widget_add_controller (row, GTK_EVENT_CONTROLLER (source));
  return row;
}

static GtkWidget *
make_header (WbPalette *self, NnCategory category, guint n_types)
{
  GtkWidget *row = gtk_list_box_row_new ();
  gtk_widget_add_css_class (row, "header");
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->arrow[category] = gtk_image_new_from_icon_name ("pan-down-symbolic");
  gtk_widget_add_css_class (self->arrow[category], "dim-label");
  GtkWidget *label = gtk_label_new (_ (nn_category_title (category)));
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (label, TRUE);
  g_autofree char *count = g_strdup_printf ("%u", n_types);
  self->count[category] = gtk_label_new (count);
  gtk_widget_add_css_class (self->count[category], "count");
  gtk_box_append (GTK_BOX (box), self->arrow[category]);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), self->count[category]);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ (nn_category_title (category)), -1);
  self->header[category] = row;

  GtkGesture *click = gtk_gesture_click_new ();
  g_signal_connect (click, "pressed", G_CALLBACK (header_clicked), self);
  gtk_widget_add_controller (row, GTK_EVENT_CONTROLLER (click));
  return row;
}

static void
fill (WbPalette *self)
{
  for (guint category = 0; category < NN_N_CATEGORIES; category++)
    {
      guint n = 0;
      for (const NnLayerType *const *t = nn_layer_types (); *t != NULL; t++)
        n += (*t)->category == category;
      if (n == 0)
        continue;
      gtk_list_box_append (self->list, make_header (self, category, n));
      for (const NnLayerType *const *t = nn_layer_types (); *t != NULL; t++)
        if ((*t)->category == category)
          gtk_list_box_append (self->list, make_row (*t));
    }
  update_arrows (self);
}

void
wb_palette_focus_search (WbPalette *self)
{
  g_return_if_fail (WB_IS_PALETTE (self));
  gtk_widget_grab_focus (self->search);
}

static void
wb_palette_dispose (GObject *object)
{
  g_clear_pointer (&WB_PALETTE (object)->box, gtk_widget_unparent);
  G_OBJECT_CLASS (wb_palette_parent_class)->dispose (object);
}

static void
wb_palette_class_init (WbPaletteClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = wb_palette_dispose;
  signals[ADD_LAYER] = g_signal_new ("add-layer", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
wb_palette_init (WbPalette *self)
{
  gtk_widget_add_css_class (GTK_WIDGET (self), "palette");
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));

  self->search = gtk_search_entry_new ();
  g_object_set (self->search, "placeholder-text", _ ("Search layers"), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->search), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Search layers"), -1);
  /* Not "search-changed", which comes late: Enter may follow the last letter at once. */
  g_signal_connect_swapped (self->search, "changed", G_CALLBACK (search_changed), self);
  g_signal_connect_swapped (self->search, "activate", G_CALLBACK (search_activated), self);
  gtk_editable_set_width_chars (GTK_EDITABLE (self->search), 8);
  gtk_box_append (GTK_BOX (self->box), self->search);

  GtkWidget *list = gtk_list_box_new ();
  self->list = GTK_LIST_BOX (list);
  gtk_list_box_set_activate_on_single_click (self->list, FALSE);
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_list_box_set_filter_func (self->list, filter_row, self, NULL);
  g_signal_connect_swapped (list, "row-activated", G_CALLBACK (row_activated), self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Layers"), -1);
  GtkWidget *empty = gtk_label_new (_ ("No layer matches"));
  gtk_widget_add_css_class (empty, "dim-label");
  gtk_widget_set_margin_top (empty, 18);
  gtk_widget_show (empty);
  gtk_list_box_set_placeholder (self->list, empty);

  GtkWidget *scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), list);
  gtk_widget_set_vexpand (scrolled, TRUE);
  gtk_box_append (GTK_BOX (self->box), scrolled);
  fill (self);
}

GtkWidget *
wb_palette_new (void)
{
  return g_object_new (WB_TYPE_PALETTE, NULL);
}
