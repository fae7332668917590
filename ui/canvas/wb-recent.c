#include "diabolo-config.h"

#include "canvas/wb-recent.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "formats/nn-project.h"

#define N_SHOWN 3
#define PICTURE_WIDTH 144
#define PICTURE_HEIGHT 90
#define SYMBOL_SIZE 48

/* ---- which ---- */

static int
newest_first (gconstpointer a, gconstpointer b)
{
  return g_date_time_compare (gtk_recent_info_get_visited ((GtkRecentInfo *)b),
                              gtk_recent_info_get_visited ((GtkRecentInfo *)a));
}

GPtrArray *
wb_recent_projects (guint most)
{
  GPtrArray *projects = g_ptr_array_new_with_free_func ((GDestroyNotify)gtk_recent_info_unref);
  GList *items =
      g_list_sort (gtk_recent_manager_get_items (gtk_recent_manager_get_default ()), newest_first);

  for (GList *l = items; l != NULL; l = l->next)
    if (projects->len < most && g_str_has_suffix (gtk_recent_info_get_uri (l->data), ".diabolo")
        && gtk_recent_info_exists (l->data))
      g_ptr_array_add (projects, l->data);
    else
      gtk_recent_info_unref (l->data);
  g_list_free (items);
  return projects;
}

#define MAX_FOLDER 28

char *
wb_recent_folder (const char *path, const char *home)
{
  g_autofree char *folder = g_path_get_dirname (path);
  const gsize n = home != NULL ? strlen (home) : 0;
  g_autofree char *shown = g_filename_display_name (folder);

  if (n > 1 && g_str_has_prefix (folder, home) && (folder[n] == '/' || folder[n] == '\0'))
    {
      g_free (shown);
      g_autofree char *below = g_filename_display_name (folder + n);
      shown = g_strconcat ("~", below, NULL);
    }
  const char *end = shown;
  while (g_utf8_strlen (end, -1) >= MAX_FOLDER && strchr (end + 1, '/') != NULL)
    end = strchr (end + 1, '/');
  return end == shown ? g_steal_pointer (&shown) : g_strconcat ("…", end, NULL);
}

/* ---- pictures ---- */

static void
read_picture (GTask *task, gpointer source, gpointer path, GCancellable *cancellable)
{
  GError *error = NULL;
  g_autoptr (GBytes) png = nn_project_load_thumbnail (path, cancellable, &error);
  GdkTexture *texture = png != NULL ? gdk_texture_new_from_bytes (png, &error) : NULL;

  if (texture != NULL)
    g_task_return_pointer (task, texture, g_object_unref);
  else
    g_task_return_error (task, error);
}

static void
picture_read (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GdkTexture) texture = g_task_propagate_pointer (G_TASK (result), NULL);

  GtkWidget *frame = gtk_widget_get_parent (GTK_WIDGET (source));

  if (texture != NULL)
    gtk_picture_set_paintable (GTK_PICTURE (source), GDK_PAINTABLE (texture));
  else if (frame
           != NULL) /* not saved by a window so far, and has no picture: a symbol in its place */
    {
      GtkWidget *symbol = gtk_image_new_from_icon_name ("nn-network-symbolic");

      gtk_image_set_pixel_size (GTK_IMAGE (symbol), SYMBOL_SIZE);
      gtk_widget_set_size_request (symbol, PICTURE_WIDTH, PICTURE_HEIGHT);
      adw_clamp_set_child (ADW_CLAMP (frame), symbol);
    }
}

static GtkWidget *
make_project (GtkRecentInfo *info)
{
  const char *uri = gtk_recent_info_get_uri (info), *name = gtk_recent_info_get_display_name (info);
  GtkWidget *button = gtk_button_new (), *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *picture = gtk_picture_new (), *label = gtk_label_new (name);
  GtkWidget *frame = adw_clamp_new (), *place;
  char *path = g_filename_from_uri (uri, NULL, NULL);
  g_autofree char *folder = path != NULL ? wb_recent_folder (path, g_get_home_dir ()) : NULL;
  g_autofree char *spoken = folder != NULL ? g_strdup_printf ("%s, %s", name, folder) : NULL;

  gtk_widget_set_size_request (picture, PICTURE_WIDTH, PICTURE_HEIGHT);
  gtk_widget_set_overflow (picture, GTK_OVERFLOW_HIDDEN);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 16);
  /* Its natural size is that of the file's picture. */
  adw_clamp_set_maximum_size (ADW_CLAMP (frame), PICTURE_WIDTH);
  adw_clamp_set_child (ADW_CLAMP (frame), picture);
  gtk_box_append (GTK_BOX (content), frame);
  gtk_box_append (GTK_BOX (content), label);
  place = gtk_label_new (folder);
  gtk_label_set_ellipsize (GTK_LABEL (place), PANGO_ELLIPSIZE_START);
  gtk_label_set_max_width_chars (GTK_LABEL (place), 16);
  gtk_widget_add_css_class (place, "caption");
  gtk_widget_add_css_class (place, "dim-label");
  gtk_box_append (GTK_BOX (content), place);
  gtk_button_set_child (GTK_BUTTON (button), content);
  gtk_widget_set_tooltip_text (button, path != NULL ? path : uri);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  spoken != NULL ? spoken : name, -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.open-recent");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", uri);
  if (path != NULL)
    {
      g_autoptr (GTask) task = g_task_new (picture, NULL, picture_read, NULL);

      g_task_set_task_data (task, path, g_free);
      g_task_run_in_thread (task, read_picture);
    }
  return button;
}

/* ---- the row ---- */

static void
fill (GtkWidget *box)
{
  GtkWidget *row = gtk_widget_get_last_child (box), *child;
  g_autoptr (GPtrArray) projects = NULL;

  if (!gtk_widget_get_mapped (box))
    return;
  projects = wb_recent_projects (N_SHOWN);
  while ((child = gtk_widget_get_first_child (row)) != NULL)
    gtk_box_remove (GTK_BOX (row), child);
  for (guint i = 0; i < projects->len; i++)
    gtk_box_append (GTK_BOX (row), make_project (g_ptr_array_index (projects, i)));
  gtk_widget_set_visible (gtk_widget_get_first_child (box), projects->len > 0);
}

GtkWidget *
wb_recent_new (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *label = gtk_label_new (_ ("Or go on with what you had:"));
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  gtk_widget_add_css_class (box, "recent");
  gtk_widget_add_css_class (label, "dim-label");
  gtk_widget_set_visible (label, FALSE);
  gtk_widget_set_halign (row, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), row);
  g_signal_connect_object (gtk_recent_manager_get_default (), "changed", G_CALLBACK (fill), box,
                           G_CONNECT_SWAPPED);
  g_signal_connect (box, "map", G_CALLBACK (fill), NULL);
  return box;
}
