#include "diabolo-config.h"

#include "viewers/wb-dock-menus.h"
#include "viewers/wb-dock.h"

#include <glib/gi18n-lib.h>

/* A viewer is made when its page is first looked at: a window opens with the two that are selected,
 * not with all that have a tab. */
typedef struct
{
  const WbViewerType *type;
  WbViewer *viewer;  /* borrowed: child of the stack; NULL: not made yet */
  JsonObject *state; /* owned: what it will be set to; NULL: nothing, or it is made */
  GtkWidget *tab;    /* borrowed: child of the strip */
} WbPage;

struct _WbDockPane
{
  GtkWidget parent;

  WbDocument *document; /* owned */
  GArray *pages;        /* WbPage, in the order of the tabs */
  WbViewer *selected;
  gint64 clicked_at; /* when the selected tab was last clicked */

  /* borrowed: children */
  GtkBox *tabs;
  GtkScrolledWindow *scroller;
  GtkWidget *more; /* lists the pages where not all tabs can be seen */
  guint scroll_source;
  GtkStack *stack;
  GtkWidget *expand;
};

G_DEFINE_FINAL_TYPE (WbDockPane, wb_dock_pane, GTK_TYPE_WIDGET)

#define WHEEL_STEP 50 /* pixels */
#define TABS_MIN_WIDTH 64

#define PAGE(self, i) (&g_array_index ((self)->pages, WbPage, (i)))

static void
page_clear (WbPage *page)
{
  g_clear_pointer (&page->state, json_object_unref);
}

static WbDock *
get_dock (WbDockPane *self)
{
  return WB_DOCK (gtk_widget_get_ancestor (GTK_WIDGET (self), WB_TYPE_DOCK));
}

guint
wb_dock_pane_n_pages (WbDockPane *self)
{
  return self->pages->len;
}

const WbViewerType *
wb_dock_pane_page_type (WbDockPane *self, guint position)
{
  g_return_val_if_fail (position < self->pages->len, NULL);
  return PAGE (self, position)->type;
}

gboolean
wb_dock_pane_page_is_made (WbDockPane *self, guint position)
{
  g_return_val_if_fail (position < self->pages->len, FALSE);
  return PAGE (self, position)->viewer != NULL;
}

static void
name_tab (GtkWidget *tab, const char *title)
{
  gtk_button_set_label (GTK_BUTTON (tab), title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (tab), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
}

static void
run_changed (GtkWidget *tab, GParamSpec *spec, WbViewer *viewer)
{
  g_autofree char *title = wb_viewer_dup_title (viewer);

  name_tab (tab, title);
}

/* The tab says whose weights its viewer shows. */
static void
tie_tab (const WbPage *page)
{
  run_changed (page->tab, NULL, page->viewer);
  g_signal_connect_object (page->viewer, "notify::run", G_CALLBACK (run_changed), page->tab,
                           G_CONNECT_SWAPPED);
}

WbViewer *
wb_dock_pane_page (WbDockPane *self, guint position)
{
  WbPage *page;

  g_return_val_if_fail (position < self->pages->len, NULL);
  page = PAGE (self, position);
  if (page->viewer != NULL)
    return page->viewer;
  page->viewer = wb_viewer_new (page->type);
  wb_viewer_set_document (page->viewer, self->document);
  wb_viewer_load_state (page->viewer, page->state);
  tie_tab (page);
  g_clear_pointer (&page->state, json_object_unref);
  gtk_stack_add_child (self->stack, GTK_WIDGET (page->viewer));
  return page->viewer;
}

JsonObject *
wb_dock_pane_save_page (WbDockPane *self, guint position)
{
  const WbPage *page;
  JsonObject *state;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  g_return_val_if_fail (position < self->pages->len, NULL);
  page = PAGE (self, position);
  if (page->viewer != NULL)
    return wb_viewer_save_state (page->viewer);
  state = json_object_new ();
  if (page->state == NULL)
    return state;
  json_object_iter_init (&iter, page->state);
  while (json_object_iter_next (&iter, &name, &node))
    json_object_set_member (state, name, json_node_copy (node));
  return state;
}

void
wb_dock_pane_set_document (WbDockPane *self, WbDocument *document)
{
  if (!g_set_object (&self->document, document))
    return;
  for (guint i = 0; i < self->pages->len; i++)
    if (PAGE (self, i)->viewer != NULL)
      wb_viewer_set_document (PAGE (self, i)->viewer, document);
}

WbViewer *
wb_dock_pane_selected (WbDockPane *self)
{
  return self->selected;
}

static guint
find_page (WbDockPane *self, WbViewer *viewer)
{
  for (guint i = 0; i < self->pages->len; i++)
    if (PAGE (self, i)->viewer == viewer)
      return i;
  return G_MAXUINT;
}

void
wb_dock_pane_update (WbDockPane *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  WbDock *dock = get_dock (self);
  gboolean any = self->selected != NULL, maximized = dock != NULL && wb_dock_get_maximized (dock);

  gtk_widget_action_set_enabled (widget, "page.close", dock != NULL && wb_dock_n_pages (dock) > 1);
  gtk_widget_action_set_enabled (widget, "page.split", self->pages->len > 1);
  gtk_widget_action_set_enabled (
      widget, "page.move",
      dock != NULL && any && (wb_dock_other_pane (dock, self) != NULL || self->pages->len > 1));
  gtk_button_set_icon_name (GTK_BUTTON (self->expand),
                            maximized ? "view-restore-symbolic" : "view-fullscreen-symbolic");
  gtk_widget_set_tooltip_text (self->expand, maximized ? _ ("Show the other panes again (Escape)")
                                                       : _ ("Enlarge this pane over the window"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->expand), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  maximized ? _ ("Restore pane") : _ ("Enlarge pane"), -1);
}

/* ---- selecting ---- */

static void
scroll_to_tab (WbDockPane *self, GtkWidget *tab)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_hadjustment (self->scroller);
  graphene_rect_t bounds;

  if (gtk_widget_compute_bounds (tab, GTK_WIDGET (self->tabs), &bounds))
    gtk_adjustment_clamp_page (adjustment, bounds.origin.x, bounds.origin.x + bounds.size.width);
}

/* The button takes room from the tabs: without it they might fit. */
static void
update_more (WbDockPane *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_hadjustment (self->scroller);
  const int spare = gtk_widget_get_visible (self->more) ? gtk_widget_get_width (self->more) : 0;

  gtk_widget_set_visible (self->more, gtk_adjustment_get_upper (adjustment)
                                          > gtk_adjustment_get_page_size (adjustment) + spare);
}

/* A wheel turns the row, whichever way it is turned. */
static gboolean
tabs_scrolled (GtkEventControllerScroll *controller, double dx, double dy, WbDockPane *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_hadjustment (self->scroller);
  const gboolean wheel = gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_WHEEL;

  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_value (adjustment)
                                            + (dx + dy) * (wheel ? WHEEL_STEP : 1));
  return TRUE;
}

static gboolean
scroll_to_selected (gpointer data)
{
  WbDockPane *self = data;
  const guint position = find_page (self, self->selected);

  self->scroll_source = 0;
  update_more (self);
  if (position != G_MAXUINT)
    scroll_to_tab (self, PAGE (self, position)->tab);
  return G_SOURCE_REMOVE;
}

/* A new tab has its place only once the row is laid out. */
static void
tabs_resized (WbDockPane *self)
{
  if (self->scroll_source == 0)
    self->scroll_source = g_idle_add (scroll_to_selected, self);
}

GtkWidget *
wb_dock_pane_selected_tab (WbDockPane *self)
{
  g_return_val_if_fail (WB_IS_DOCK_PANE (self), NULL);
  return self->selected != NULL ? PAGE (self, find_page (self, self->selected))->tab : NULL;
}

void
wb_dock_pane_select (WbDockPane *self, WbViewer *viewer)
{
  guint position = find_page (self, viewer);

  g_return_if_fail (position != G_MAXUINT);
  self->selected = viewer;
  for (guint i = 0; i < self->pages->len; i++)
    {
      GtkWidget *tab = PAGE (self, i)->tab;
      if (i == position)
        gtk_widget_add_css_class (tab, "selected");
      else
        gtk_widget_remove_css_class (tab, "selected");
      gtk_accessible_update_state (GTK_ACCESSIBLE (tab), GTK_ACCESSIBLE_STATE_SELECTED,
                                   i == position, -1);
    }
  gtk_stack_set_visible_child (self->stack, GTK_WIDGET (viewer));
  gtk_widget_insert_action_group (GTK_WIDGET (self), "viewer",
                                  G_ACTION_GROUP (wb_viewer_get_actions (viewer)));
  scroll_to_tab (self, PAGE (self, position)->tab);
  wb_dock_pane_update (self);
}

static void
tab_clicked (GtkWidget *tab, WbDockPane *self)
{
  WbDock *dock = get_dock (self);
  gint64 now = g_get_monotonic_time ();
  int double_click;

  g_object_get (gtk_widget_get_settings (tab), "gtk-double-click-time", &double_click, NULL);
  for (guint i = 0; i < self->pages->len; i++)
    {
      WbViewer *viewer;
      if (PAGE (self, i)->tab != tab)
        continue;
      viewer = wb_dock_pane_page (self, i);
      wb_dock_use_pane (dock, self);
      if (self->selected == viewer && now - self->clicked_at < double_click * 1000)
        {
          self->clicked_at = 0;
          wb_dock_set_maximized (dock, !wb_dock_get_maximized (dock));
          return;
        }
      wb_dock_pane_select (self, viewer);
    }
  self->clicked_at = now;
}

/* ---- dragging tabs ---- */

/* The viewer that tab stands for. */
static WbViewer *
viewer_of_tab (WbDockPane *self, GtkWidget *tab)
{
  for (guint i = 0; i < self->pages->len; i++)
    if (PAGE (self, i)->tab == tab)
      return wb_dock_pane_page (self, i);
  return NULL;
}

static GdkContentProvider *
drag_prepare (GtkDragSource *source, double x, double y, WbDockPane *self)
{
  GtkWidget *tab = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (source));
  WbViewer *viewer = viewer_of_tab (self, tab);

  return viewer != NULL ? gdk_content_provider_new_typed (WB_TYPE_VIEWER, viewer) : NULL;
}

static void
drag_begin (GtkDragSource *source, GdkDrag *drag, gpointer user_data)
{
  GtkWidget *tab = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (source));
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (tab);

  gtk_drag_source_set_icon (source, paintable, 8, 8);
}

/* Which place a tab dropped at x of the pane takes. */
static guint
place_at (WbDockPane *self, double x, double y)
{
  for (guint i = 0; i < self->pages->len; i++)
    {
      graphene_rect_t bounds;
      if (!gtk_widget_compute_bounds (PAGE (self, i)->tab, GTK_WIDGET (self), &bounds))
        continue;
      if (y < bounds.origin.y + bounds.size.height && x < bounds.origin.x + bounds.size.width / 2)
        return i;
    }
  return self->pages->len;
}

static gboolean
dropped (GtkDropTarget *target, const GValue *value, double x, double y, WbDockPane *self)
{
  WbViewer *viewer = g_value_get_object (value);
  WbDockPane *from =
      WB_DOCK_PANE (gtk_widget_get_ancestor (GTK_WIDGET (viewer), WB_TYPE_DOCK_PANE));
  WbDock *dock = get_dock (self);

  if (from == NULL || get_dock (from) != dock)
    return FALSE;
  wb_dock_move_page (dock, from, viewer, self, place_at (self, x, y));
  return TRUE;
}

/* ---- pages ---- */

static void
middle_clicked (GtkGestureClick *gesture, int n_press, double x, double y, WbDockPane *self)
{
  GtkWidget *tab = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (gesture));
  WbViewer *viewer = viewer_of_tab (self, tab);

  if (viewer != NULL && wb_dock_n_pages (get_dock (self)) > 1)
    wb_dock_close_page (get_dock (self), self, viewer);
}

static GtkWidget *
make_tab (WbDockPane *self, const WbViewerType *type)
{
  GtkWidget *tab = g_object_new (GTK_TYPE_BUTTON, "accessible-role", GTK_ACCESSIBLE_ROLE_TAB,
                                 "tooltip-text", _ (type->sentence), "has-frame", FALSE, NULL);
  GtkDragSource *source = gtk_drag_source_new ();
  GtkGesture *middle = gtk_gesture_click_new ();

  gtk_widget_add_css_class (tab, "wb-tab");
  name_tab (tab, _ (type->title));
  g_signal_connect (tab, "clicked", G_CALLBACK (tab_clicked), self);
  gtk_drag_source_set_actions (source, GDK_ACTION_MOVE);
  g_signal_connect_object (source, "prepare", G_CALLBACK (drag_prepare), self, 0);
  g_signal_connect (source, "drag-begin", G_CALLBACK (drag_begin), NULL);
  gtk_widget_add_controller (tab, GTK_EVENT_CONTROLLER (source));
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (middle), GDK_BUTTON_MIDDLE);
  g_signal_connect_object (middle, "released", G_CALLBACK (middle_clicked), self, 0);
  gtk_widget_add_controller (tab, GTK_EVENT_CONTROLLER (middle));
  return tab;
}

static void
insert_page (WbDockPane *self, WbPage page, guint position)
{
  page.tab = make_tab (self, page.type);
  gtk_box_insert_child_after (self->tabs, page.tab,
                              position > 0 ? PAGE (self, position - 1)->tab : NULL);
  g_array_insert_val (self->pages, position, page);
  if (page.viewer != NULL)
    tie_tab (&page);
}

void
wb_dock_pane_add (WbDockPane *self, WbViewer *viewer, guint position)
{
  const WbPage page = { .type = wb_viewer_get_viewer_type (viewer), .viewer = viewer };

  gtk_stack_add_child (self->stack, GTK_WIDGET (viewer));
  insert_page (self, page, MIN (position, self->pages->len));
  wb_dock_pane_select (self, viewer);
}

void
wb_dock_pane_add_later (WbDockPane *self, const WbViewerType *type, JsonObject *state)
{
  const WbPage page = { .type = type, .state = json_object_ref (state) };

  insert_page (self, page, self->pages->len);
}

void
wb_dock_pane_remove (WbDockPane *self, WbViewer *viewer)
{
  guint position = find_page (self, viewer);

  g_return_if_fail (position != G_MAXUINT);
  gtk_box_remove (self->tabs, PAGE (self, position)->tab);
  g_array_remove_index (self->pages, position);
  if (self->selected == viewer)
    {
      self->selected = NULL;
      gtk_widget_insert_action_group (GTK_WIDGET (self), "viewer", NULL);
      if (self->pages->len > 0)
        wb_dock_pane_select (self, wb_dock_pane_page (self, MIN (position, self->pages->len - 1)));
    }
  gtk_stack_remove (self->stack, GTK_WIDGET (viewer));
  wb_dock_pane_update (self);
}

/* ---- actions ---- */

static void
activate_select (GtkWidget *widget, const char *name, GVariant *parameter)
{
  WbDockPane *self = WB_DOCK_PANE (widget);
  const guint position = g_variant_get_uint32 (parameter);

  if (position < self->pages->len)
    wb_dock_pane_select (self, wb_dock_pane_page (self, position));
}

static void
activate_add (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const WbViewerType *type = wb_viewer_type (g_variant_get_string (parameter, NULL));

  if (type != NULL)
    wb_dock_add_page (get_dock (WB_DOCK_PANE (widget)), WB_DOCK_PANE (widget), type);
}

static void
activate_compare (GtkWidget *widget, const char *name, GVariant *parameter)
{
  WbDockPane *self = WB_DOCK_PANE (widget);

  if (self->selected != NULL)
    wb_dock_compare (get_dock (self), self, self->selected, g_variant_get_uint64 (parameter));
}

static void
activate_close (GtkWidget *widget, const char *name, GVariant *parameter)
{
  WbDockPane *self = WB_DOCK_PANE (widget);

  wb_dock_close_page (get_dock (self), self, self->selected);
}

static void
activate_move (GtkWidget *widget, const char *name, GVariant *parameter)
{
  WbDockPane *self = WB_DOCK_PANE (widget);
  WbDock *dock = get_dock (self);

  wb_dock_move_page (dock, self, self->selected, wb_dock_other_pane (dock, self), G_MAXUINT);
}

static void
activate_split (GtkWidget *widget, const char *name, GVariant *parameter)
{
  WbDockPane *self = WB_DOCK_PANE (widget);

  wb_dock_move_page (get_dock (self), self, self->selected, NULL, 0);
}

static void
toggle_maximized (WbDockPane *self)
{
  WbDock *dock = get_dock (self);

  wb_dock_use_pane (dock, self);
  wb_dock_set_maximized (dock, !wb_dock_get_maximized (dock));
}

static void
activate_maximize (GtkWidget *widget, const char *name, GVariant *parameter)
{
  toggle_maximized (WB_DOCK_PANE (widget));
}

static void
activate_fullscreen (GtkWidget *widget, const char *name, GVariant *parameter)
{
  WbDock *dock = get_dock (WB_DOCK_PANE (widget));

  wb_dock_use_pane (dock, WB_DOCK_PANE (widget));
  wb_dock_toggle_fullscreen (dock);
}

static gboolean
key_switch (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  WbDockPane *self = WB_DOCK_PANE (widget);
  guint n = self->pages->len, from = find_page (self, self->selected);
  int step = g_variant_get_int32 (args);

  if (n < 2 || from == G_MAXUINT)
    return FALSE;
  wb_dock_pane_select (self, wb_dock_pane_page (self, (from + n + (guint)step) % n));
  gtk_widget_grab_focus (PAGE (self, find_page (self, self->selected))->tab);
  return TRUE;
}

/* Moves the selected tab by one place. */
static gboolean
key_reorder (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  WbDockPane *self = WB_DOCK_PANE (widget);
  guint from = find_page (self, self->selected);
  int to = (int)from + g_variant_get_int32 (args);

  if (from == G_MAXUINT || to < 0 || to >= (int)self->pages->len)
    return FALSE;
  wb_dock_move_page (get_dock (self), self, self->selected, self,
                     (guint)to + (to > (int)from ? 1 : 0));
  gtk_widget_grab_focus (PAGE (self, find_page (self, self->selected))->tab);
  return TRUE;
}

static gboolean
wb_dock_pane_grab_focus (GtkWidget *widget)
{
  WbDockPane *self = WB_DOCK_PANE (widget);
  guint position = find_page (self, self->selected);

  return position != G_MAXUINT && gtk_widget_grab_focus (PAGE (self, position)->tab);
}

static void
wb_dock_pane_dispose (GObject *object)
{
  GtkWidget *child;

  g_clear_handle_id (&WB_DOCK_PANE (object)->scroll_source, g_source_remove);
  g_clear_object (&WB_DOCK_PANE (object)->document);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (wb_dock_pane_parent_class)->dispose (object);
}

static void
wb_dock_pane_finalize (GObject *object)
{
  g_array_unref (WB_DOCK_PANE (object)->pages);
  G_OBJECT_CLASS (wb_dock_pane_parent_class)->finalize (object);
}

static void
wb_dock_pane_class_init (WbDockPaneClass *klass)
{
  static const struct
  {
    const char *name, *parameter;
    GtkWidgetActionActivateFunc func;
  } actions[] = {
    { "page.add", "s", activate_add },
    { "page.select", "u", activate_select },
    { "page.close", NULL, activate_close },
    { "page.compare", "t", activate_compare },
    { "page.move", NULL, activate_move },
    { "page.split", NULL, activate_split },
    { "page.maximize", NULL, activate_maximize },
    { "page.fullscreen", NULL, activate_fullscreen },
  };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = wb_dock_pane_dispose;
  object_class->finalize = wb_dock_pane_finalize;
  widget_class->grab_focus = wb_dock_pane_grab_focus;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "wb-pane");
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i].name, actions[i].parameter,
                                     actions[i].func);
}

/* On the way down to the focus: the scrolled row of tabs would take the keys for itself. */
static GtkEventController *
make_keys (void)
{
  static const struct
  {
    guint key;
    GdkModifierType modifiers;
    GtkShortcutFunc func;
    int step;
  } keys[] = {
    { GDK_KEY_Page_Up, GDK_CONTROL_MASK, key_switch, -1 },
    { GDK_KEY_Page_Down, GDK_CONTROL_MASK, key_switch, 1 },
    { GDK_KEY_Page_Up, GDK_CONTROL_MASK | GDK_SHIFT_MASK, key_reorder, -1 },
    { GDK_KEY_Page_Down, GDK_CONTROL_MASK | GDK_SHIFT_MASK, key_reorder, 1 },
  };
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_shortcut_controller_add_shortcut (
        GTK_SHORTCUT_CONTROLLER (controller),
        gtk_shortcut_new_with_arguments (gtk_keyval_trigger_new (keys[i].key, keys[i].modifiers),
                                         gtk_callback_action_new (keys[i].func, NULL, NULL), "i",
                                         keys[i].step));
  return controller;
}

static GtkWidget *
make_strip (WbDockPane *self)
{
  GtkWidget *strip = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkEventController *wheel =
      gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkWidget *add = gtk_menu_button_new (), *menu = gtk_menu_button_new ();
  GtkWidget *tabs = g_object_new (GTK_TYPE_BOX, "accessible-role", GTK_ACCESSIBLE_ROLE_TAB_LIST,
                                  "spacing", 20, NULL);

  gtk_accessible_update_property (GTK_ACCESSIBLE (tabs), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Viewers"), -1);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_EXTERNAL,
                                  GTK_POLICY_NEVER);
  gtk_widget_set_size_request (scroller, TABS_MIN_WIDTH, -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), tabs);
  gtk_widget_set_hexpand (scroller, TRUE);
  g_signal_connect (wheel, "scroll", G_CALLBACK (tabs_scrolled), self);
  gtk_event_controller_set_propagation_phase (wheel, GTK_PHASE_CAPTURE);
  gtk_widget_add_controller (scroller, wheel);

  self->more = gtk_menu_button_new ();
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self->more), "pan-down-symbolic");
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (self->more), wb_dock_menu_pages, self,
                                         NULL);
  gtk_widget_set_tooltip_text (self->more, _ ("All viewers of this pane"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->more), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("All viewers of this pane"), -1);
  gtk_widget_set_visible (self->more, FALSE);

  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (add), "list-add-symbolic");
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (add), wb_dock_menu_add, NULL, NULL);
  gtk_widget_set_tooltip_text (add, _ ("Add a viewer to this pane"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (add), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Add viewer"), -1);
  self->expand = gtk_button_new_from_icon_name ("view-fullscreen-symbolic");
  /* No action name: the button would stay insensitive after its pane has moved to another parent.
   */
  g_signal_connect_swapped (self->expand, "clicked", G_CALLBACK (toggle_maximized), self);
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (menu), "view-more-symbolic");
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (menu), wb_dock_menu_page, self, NULL);
  gtk_widget_set_tooltip_text (menu, _ ("Settings of this viewer, saving and moving it"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (menu), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Viewer menu"), -1);

  gtk_widget_add_css_class (strip, "wb-tabs");
  gtk_box_append (GTK_BOX (strip), scroller);
  gtk_box_append (GTK_BOX (strip), self->more);
  gtk_box_append (GTK_BOX (strip), add);
  gtk_box_append (GTK_BOX (strip), self->expand);
  gtk_box_append (GTK_BOX (strip), menu);
  self->tabs = GTK_BOX (tabs);
  self->scroller = GTK_SCROLLED_WINDOW (scroller);
  g_signal_connect_object (gtk_scrolled_window_get_hadjustment (self->scroller), "changed",
                           G_CALLBACK (tabs_resized), self, G_CONNECT_SWAPPED);
  return strip;
}

static void
wb_dock_pane_init (WbDockPane *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));
  GtkDropTarget *target = gtk_drop_target_new (WB_TYPE_VIEWER, GDK_ACTION_MOVE);
  GtkWidget *stack = gtk_stack_new (), *room = gtk_scrolled_window_new ();

  self->pages = g_array_new (FALSE, FALSE, sizeof (WbPage));
  g_array_set_clear_func (self->pages, (GDestroyNotify)page_clear);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_widget_set_parent (make_strip (self), GTK_WIDGET (self));
  /* What a viewer would like at least must not push the window's other panels out of it. */
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (room), GTK_POLICY_EXTERNAL,
                                  GTK_POLICY_NEVER);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (room), TRUE);
  gtk_stack_set_hhomogeneous (GTK_STACK (stack), FALSE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (room), stack);
  gtk_widget_set_focusable (room, FALSE);
  gtk_widget_set_vexpand (room, TRUE);
  gtk_widget_set_parent (room, GTK_WIDGET (self));
  self->stack = GTK_STACK (stack);
  g_signal_connect (target, "drop", G_CALLBACK (dropped), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
  gtk_widget_add_controller (GTK_WIDGET (self), make_keys ());
}

GtkWidget *
wb_dock_pane_new (void)
{
  return g_object_new (WB_TYPE_DOCK_PANE, NULL);
}
