#include "diabolo-config.h"

#include "base/nn-error.h"
#include "viewers/wb-dock.h"

#include <glib/gi18n-lib.h>

#define DEFAULT_LAYOUT                                                                             \
  "{\"panes\":[{\"share\":0.43,\"pages\":[{\"viewer\":\"loss\",\"selected\":true},"                \
  "{\"viewer\":\"latent\"},{\"viewer\":\"activations\"}]},{\"share\":0.57,\"pages\":["             \
  "{\"viewer\":\"reconstruction\",\"selected\":true},{\"viewer\":\"draw\"},{\"viewer\":"           \
  "\"decode\"},"                                                                                   \
  "{\"viewer\":\"manifold\"}]}]}"
#define MAX_PANES 6
#define MAX_PAGES 24
#define MIN_SHARE 0.1

struct _WbDock
{
  GtkWidget parent;

  WbDocument *document; /* owned */
  GPtrArray *panes;     /* WbDockPane, owned beside their parents */
  GArray *shares;       /* double per pane: its part of the width, as last asked for */
  gboolean place;       /* shares are to be applied with the next allocation */
  WbDockPane *used;     /* borrowed: last used */
  gboolean maximized, fullscreen;
};

G_DEFINE_FINAL_TYPE (WbDock, wb_dock, GTK_TYPE_WIDGET)

enum
{
  PROP_DOCUMENT = 1,
  PROP_MAXIMIZED,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

guint
wb_dock_n_panes (WbDock *self)
{
  return self->panes->len;
}

WbDockPane *
wb_dock_pane (WbDock *self, guint position)
{
  g_return_val_if_fail (position < self->panes->len, NULL);
  return g_ptr_array_index (self->panes, position);
}

guint
wb_dock_n_pages (WbDock *self)
{
  guint n = 0;

  for (guint i = 0; i < self->panes->len; i++)
    n += wb_dock_pane_n_pages (wb_dock_pane (self, i));
  return n;
}

static guint
find_pane (WbDock *self, WbDockPane *pane)
{
  guint position = G_MAXUINT;

  g_ptr_array_find (self->panes, pane, &position);
  return position;
}

WbDockPane *
wb_dock_other_pane (WbDock *self, WbDockPane *pane)
{
  guint position = find_pane (self, pane), n = self->panes->len;

  if (n < 2 || position == G_MAXUINT)
    return NULL;
  return wb_dock_pane (self, position + 1 < n ? position + 1 : position - 1);
}

static void
update_panes (WbDock *self)
{
  for (guint i = 0; i < self->panes->len; i++)
    {
      WbDockPane *pane = wb_dock_pane (self, i);
      gtk_widget_set_visible (GTK_WIDGET (pane), !self->maximized || pane == self->used);
      wb_dock_pane_update (pane);
    }
}

void
wb_dock_use_pane (WbDock *self, WbDockPane *pane)
{
  self->used = pane;
  if (self->maximized)
    update_panes (self);
}

/* ---- panes side by side: GtkPaned in GtkPaned ---- */

static void
detach (GtkWidget *widget)
{
  GtkWidget *parent = gtk_widget_get_parent (widget);

  if (GTK_IS_PANED (parent) && gtk_paned_get_start_child (GTK_PANED (parent)) == widget)
    gtk_paned_set_start_child (GTK_PANED (parent), NULL);
  else if (GTK_IS_PANED (parent))
    gtk_paned_set_end_child (GTK_PANED (parent), NULL);
  else if (parent != NULL)
    gtk_widget_unparent (widget);
}

/* A widget that has the focus cannot leave its parent without GtkPaned's complaint. */
static void
release_focus (WbDock *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  if (focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (self)))
    gtk_root_set_focus (root, NULL);
}

/* Puts all panes into a new chain of GtkPaned: 1 | (2 | (3 | 4)). */
static void
rebuild (WbDock *self)
{
  GtkWidget *chain = NULL, *old;

  release_focus (self);
  for (guint i = 0; i < self->panes->len; i++)
    detach (g_ptr_array_index (self->panes, i));
  if ((old = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (old);
  for (guint i = self->panes->len; i > 0; i--)
    {
      GtkWidget *pane = g_ptr_array_index (self->panes, i - 1), *paned;
      if (chain == NULL)
        {
          chain = pane;
          continue;
        }
      paned = gtk_paned_new (GTK_ORIENTATION_HORIZONTAL);
      gtk_paned_set_start_child (GTK_PANED (paned), pane);
      gtk_paned_set_end_child (GTK_PANED (paned), chain);
      gtk_paned_set_shrink_start_child (GTK_PANED (paned), FALSE);
      gtk_paned_set_shrink_end_child (GTK_PANED (paned), FALSE);
      chain = paned;
    }
  if (chain != NULL)
    gtk_widget_set_parent (chain, GTK_WIDGET (self));
  self->place = TRUE;
  update_panes (self);
}

/* Remembers how wide the panes are now. */
static void
read_shares (WbDock *self)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self));

  if (width <= 0 || self->maximized || self->place || self->shares->len != self->panes->len)
    return;
  for (guint i = 0; i < self->panes->len; i++)
    g_array_index (self->shares, double, i) =
        gtk_widget_get_width (g_ptr_array_index (self->panes, i)) / width;
}

static void
apply_shares (WbDock *self, int width)
{
  GtkWidget *chain = gtk_widget_get_first_child (GTK_WIDGET (self));

  for (guint i = 0; GTK_IS_PANED (chain) && i < self->shares->len; i++)
    {
      double rest = 0;
      for (guint j = i; j < self->shares->len; j++)
        rest += g_array_index (self->shares, double, j);
      double part = g_array_index (self->shares, double, i) / rest;
      gtk_paned_set_position (GTK_PANED (chain), (int)(part * width + 0.5));
      width -= (int)(part * width + 0.5);
      chain = gtk_paned_get_end_child (GTK_PANED (chain));
    }
}

static void
wb_dock_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  WbDock *self = WB_DOCK (widget);
  GtkWidget *child = gtk_widget_get_first_child (widget);

  if (child == NULL)
    return;
  if (self->place && width > 1)
    {
      apply_shares (self, width);
      self->place = FALSE;
    }
  gtk_widget_allocate (child, width, height, baseline, NULL);
}

static void
wb_dock_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                 int *natural, int *minimum_baseline, int *natural_baseline)
{
  GtkWidget *child = gtk_widget_get_first_child (widget);

  if (child != NULL)
    gtk_widget_measure (child, orientation, for_size, minimum, natural, NULL, NULL);
}

/* share: of the width; 0 takes half of the room of its left neighbour. */
static WbDockPane *
insert_pane (WbDock *self, guint position, double share)
{
  WbDockPane *pane = WB_DOCK_PANE (g_object_ref_sink (wb_dock_pane_new ()));

  read_shares (self);
  if (share <= 0 && position > 0)
    {
      double *left = &g_array_index (self->shares, double, position - 1);
      share = *left /= 2;
    }
  g_ptr_array_insert (self->panes, (int)position, pane);
  g_array_insert_val (self->shares, position, share);
  rebuild (self);
  return pane;
}

static void
remove_pane (WbDock *self, WbDockPane *pane)
{
  guint position = find_pane (self, pane);
  double share;

  read_shares (self);
  share = g_array_index (self->shares, double, position);
  detach (GTK_WIDGET (pane));
  if (self->used == pane)
    self->used = NULL;
  g_ptr_array_remove_index (self->panes, position);
  g_array_remove_index (self->shares, position);
  if (self->shares->len > 0)
    g_array_index (self->shares, double, position > 0 ? position - 1 : 0) += share;
  if (self->used == NULL && self->panes->len > 0)
    self->used = wb_dock_pane (self, MIN (position, self->panes->len - 1));
  rebuild (self);
}

/* ---- pages ---- */

WbViewer *
wb_dock_add_page (WbDock *self, WbDockPane *pane, const WbViewerType *type)
{
  WbViewer *viewer;

  g_return_val_if_fail (WB_IS_DOCK (self) && type != NULL, NULL);
  viewer = wb_viewer_new (type);
  wb_viewer_set_document (viewer, self->document);
  wb_dock_pane_add (pane != NULL ? pane : self->used, viewer, G_MAXUINT);
  update_panes (self);
  return viewer;
}

WbViewer *
wb_dock_compare (WbDock *self, WbDockPane *pane, WbViewer *viewer, guint64 run)
{
  WbDockPane *beside;
  JsonObject *state;
  WbViewer *other;

  g_return_val_if_fail (WB_IS_DOCK (self) && WB_IS_VIEWER (viewer), NULL);
  beside = wb_dock_other_pane (self, pane);
  if (beside == NULL)
    beside = insert_pane (self, find_pane (self, pane) + 1, 0);
  wb_dock_set_maximized (self, FALSE);
  other = wb_dock_add_page (self, beside, wb_viewer_get_viewer_type (viewer));
  state = wb_viewer_save_state (viewer);
  wb_viewer_load_state (other, state);
  json_object_unref (state);
  wb_viewer_set_run (other, run);
  return other;
}

void
wb_dock_close_page (WbDock *self, WbDockPane *pane, WbViewer *viewer)
{
  g_return_if_fail (WB_IS_DOCK (self) && viewer != NULL);
  release_focus (self);
  wb_dock_pane_remove (pane, viewer);
  if (wb_dock_pane_n_pages (pane) == 0 && self->panes->len > 1)
    remove_pane (self, pane);
  update_panes (self);
  if (self->used != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (self->used));
}

void
wb_dock_move_page (WbDock *self, WbDockPane *from, WbViewer *viewer, WbDockPane *to, guint position)
{
  g_autoptr (WbViewer) held = g_object_ref (viewer);

  release_focus (self);
  if (to == from)
    for (guint i = 0; i < MIN (position, wb_dock_pane_n_pages (from)); i++)
      if (wb_dock_pane_page (from, i) == viewer)
        {
          position--; /* of the places left of it, its own is gone */
          break;
        }
  if (to == NULL)
    to = insert_pane (self, find_pane (self, from) + 1, 0);
  wb_dock_pane_remove (from, viewer);
  wb_dock_pane_add (to, viewer, position);
  self->used = to;
  if (wb_dock_pane_n_pages (from) == 0)
    remove_pane (self, from);
  update_panes (self);
  gtk_widget_grab_focus (GTK_WIDGET (to));
}

void
wb_dock_show (WbDock *self, const char *id)
{
  const WbViewerType *type = wb_viewer_type (id);

  g_return_if_fail (WB_IS_DOCK (self) && type != NULL);
  for (guint i = 0; i < self->panes->len; i++)
    for (guint j = 0; j < wb_dock_pane_n_pages (wb_dock_pane (self, i)); j++)
      {
        WbViewer *viewer = wb_dock_pane_page (wb_dock_pane (self, i), j);
        if (wb_viewer_get_viewer_type (viewer) != type)
          continue;
        wb_dock_use_pane (self, wb_dock_pane (self, i));
        wb_dock_pane_select (wb_dock_pane (self, i), viewer);
        return;
      }
  wb_dock_add_page (self, NULL, type);
}

void
wb_dock_set_document (WbDock *self, WbDocument *document)
{
  g_return_if_fail (WB_IS_DOCK (self));
  if (!g_set_object (&self->document, document))
    return;
  for (guint i = 0; i < self->panes->len; i++)
    for (guint j = 0; j < wb_dock_pane_n_pages (wb_dock_pane (self, i)); j++)
      wb_viewer_set_document (wb_dock_pane_page (wb_dock_pane (self, i), j), document);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_DOCUMENT]);
}

/* ---- layout as text ---- */

static void
write_pane (JsonBuilder *builder, WbDockPane *pane, double share)
{
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "share");
  json_builder_add_double_value (builder, ((int)(share * 1000 + 0.5)) / 1000.0);
  json_builder_set_member_name (builder, "pages");
  json_builder_begin_array (builder);
  for (guint i = 0; i < wb_dock_pane_n_pages (pane); i++)
    {
      WbViewer *viewer = wb_dock_pane_page (pane, i);
      JsonObject *state = wb_viewer_save_state (viewer);
      JsonNode *node = json_node_new (JSON_NODE_OBJECT);
      json_object_set_string_member (state, "viewer", wb_viewer_get_viewer_type (viewer)->id);
      if (viewer == wb_dock_pane_selected (pane))
        json_object_set_boolean_member (state, "selected", TRUE);
      json_node_take_object (node, state);
      json_builder_add_value (builder, node);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

char *
wb_dock_get_layout (WbDock *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  g_return_val_if_fail (WB_IS_DOCK (self), NULL);
  read_shares (self);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "panes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->panes->len; i++)
    write_pane (builder, wb_dock_pane (self, i), g_array_index (self->shares, double, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

static JsonObject *
as_object (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static JsonArray *
member_array (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

/* The kind of viewer that an entry of "pages" names, or NULL. */
static const WbViewerType *
page_type (JsonArray *pages, guint position)
{
  JsonObject *page = as_object (json_array_get_element (pages, position));
  JsonNode *id = page != NULL ? json_object_get_member (page, "viewer") : NULL;

  if (id == NULL || !JSON_NODE_HOLDS_VALUE (id) || json_node_get_string (id) == NULL)
    return NULL;
  return wb_viewer_type (json_node_get_string (id));
}

static guint
count_known_pages (JsonArray *pages)
{
  guint known = 0;

  for (guint i = 0; pages != NULL && i < MIN (json_array_get_length (pages), MAX_PAGES); i++)
    known += page_type (pages, i) != NULL;
  return known;
}

static void
read_pane (WbDock *self, JsonObject *object)
{
  JsonArray *pages = member_array (object, "pages");
  double share = json_object_get_double_member_with_default (object, "share", 0.5);
  WbDockPane *pane = insert_pane (self, self->panes->len, CLAMP (share, MIN_SHARE, 1));
  WbViewer *selected = NULL;

  for (guint i = 0; i < MIN (json_array_get_length (pages), MAX_PAGES); i++)
    {
      const WbViewerType *type = page_type (pages, i);
      JsonObject *state = as_object (json_array_get_element (pages, i));
      WbViewer *viewer;
      if (type == NULL)
        continue;
      viewer = wb_dock_add_page (self, pane, type);
      wb_viewer_load_state (viewer, state);
      if (selected == NULL
          || json_object_get_boolean_member_with_default (state, "selected", FALSE))
        selected = viewer;
    }
  wb_dock_pane_select (pane, selected);
}

gboolean
wb_dock_set_layout (WbDock *self, const char *layout, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  guint known = 0, n;
  JsonArray *panes;

  g_return_val_if_fail (WB_IS_DOCK (self), FALSE);
  if (!json_parser_load_from_data (parser, layout, -1, error))
    return FALSE;
  panes = member_array (as_object (json_parser_get_root (parser)), "panes");
  n = panes != NULL ? MIN (json_array_get_length (panes), MAX_PANES) : 0;
  for (guint i = 0; i < n; i++)
    known +=
        count_known_pages (member_array (as_object (json_array_get_element (panes, i)), "pages"));
  if (known == 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("The layout of the viewers names no viewer that exists."));
      return FALSE;
    }

  wb_dock_set_maximized (self, FALSE);
  for (guint i = 0; i < self->panes->len; i++)
    detach (g_ptr_array_index (self->panes, i));
  g_ptr_array_set_size (self->panes, 0);
  g_array_set_size (self->shares, 0);
  for (guint i = 0; i < n; i++)
    {
      JsonObject *object = as_object (json_array_get_element (panes, i));
      if (count_known_pages (member_array (object, "pages")) > 0)
        read_pane (self, object);
    }
  self->used = wb_dock_pane (self, 0);
  rebuild (self);
  return TRUE;
}

/* ---- one pane alone ---- */

gboolean
wb_dock_get_maximized (WbDock *self)
{
  g_return_val_if_fail (WB_IS_DOCK (self), FALSE);
  return self->maximized;
}

void
wb_dock_set_maximized (WbDock *self, gboolean maximized)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  g_return_if_fail (WB_IS_DOCK (self));
  if (self->maximized == !!maximized)
    return;
  read_shares (self);
  self->maximized = !!maximized;
  if (!maximized && self->fullscreen && GTK_IS_WINDOW (root))
    gtk_window_unfullscreen (GTK_WINDOW (root));
  self->fullscreen = FALSE;
  self->place = TRUE;
  update_panes (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MAXIMIZED]);
}

void
wb_dock_toggle_fullscreen (WbDock *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (!GTK_IS_WINDOW (root))
    return;
  if (self->fullscreen)
    {
      wb_dock_set_maximized (self, FALSE);
      return;
    }
  wb_dock_set_maximized (self, TRUE);
  self->fullscreen = TRUE;
  gtk_window_fullscreen (GTK_WINDOW (root));
}

static gboolean
key_restore (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  WbDock *self = WB_DOCK (widget);

  if (!self->maximized)
    return FALSE;
  wb_dock_set_maximized (self, FALSE);
  return TRUE;
}

static gboolean
key_next_pane (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  WbDock *self = WB_DOCK (widget);
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (widget));
  GtkWidget *pane = focus ? gtk_widget_get_ancestor (focus, WB_TYPE_DOCK_PANE) : NULL;
  guint position = pane ? find_pane (self, WB_DOCK_PANE (pane)) : G_MAXUINT;

  /* After the last pane the window may go on to its other parts. */
  if (position == G_MAXUINT || position + 1 >= self->panes->len || self->maximized)
    return FALSE;
  wb_dock_use_pane (self, wb_dock_pane (self, position + 1));
  return gtk_widget_grab_focus (GTK_WIDGET (self->used));
}

/* ---- object ---- */

static void
wb_dock_dispose (GObject *object)
{
  WbDock *self = WB_DOCK (object);
  GtkWidget *child;

  for (guint i = 0; i < self->panes->len; i++)
    detach (g_ptr_array_index (self->panes, i));
  g_ptr_array_set_size (self->panes, 0);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->document);
  G_OBJECT_CLASS (wb_dock_parent_class)->dispose (object);
}

static void
wb_dock_finalize (GObject *object)
{
  WbDock *self = WB_DOCK (object);

  g_ptr_array_unref (self->panes);
  g_array_unref (self->shares);
  G_OBJECT_CLASS (wb_dock_parent_class)->finalize (object);
}

static void
wb_dock_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  WbDock *self = WB_DOCK (object);

  if (id == PROP_DOCUMENT)
    g_value_set_object (value, self->document);
  else if (id == PROP_MAXIMIZED)
    g_value_set_boolean (value, self->maximized);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
wb_dock_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  WbDock *self = WB_DOCK (object);

  if (id == PROP_DOCUMENT)
    wb_dock_set_document (self, g_value_get_object (value));
  else if (id == PROP_MAXIMIZED)
    wb_dock_set_maximized (self, g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
wb_dock_class_init (WbDockClass *klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = wb_dock_dispose;
  object_class->finalize = wb_dock_finalize;
  object_class->get_property = wb_dock_get_property;
  object_class->set_property = wb_dock_set_property;
  widget_class->size_allocate = wb_dock_size_allocate;
  widget_class->measure = wb_dock_measure;
  props[PROP_DOCUMENT] = g_param_spec_object ("document", NULL, NULL, WB_TYPE_DOCUMENT, flags);
  props[PROP_MAXIMIZED] = g_param_spec_boolean ("maximized", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
  gtk_widget_class_set_css_name (widget_class, "wb-dock");
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Escape, 0, key_restore, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_F6, 0, key_next_pane, NULL);
}

static void
wb_dock_init (WbDock *self)
{
  self->panes = g_ptr_array_new_with_free_func (g_object_unref);
  self->shares = g_array_new (FALSE, FALSE, sizeof (double));
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  wb_dock_set_layout (self, DEFAULT_LAYOUT, NULL);
}

GtkWidget *
wb_dock_new (void)
{
  return g_object_new (WB_TYPE_DOCK, NULL);
}
