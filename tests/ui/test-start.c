/* What an empty canvas offers: within reach in a small window, and recent projects told apart. */
#include <adwaita.h>
#include <glib/gstdio.h>

#include "canvas/wb-canvas.h"
#include "canvas/wb-recent.h"
#include "document-fixture.h"

static void
settle (guint milliseconds)
{
  const gint64 end = g_get_monotonic_time () + milliseconds * 1000;

  while (g_get_monotonic_time () < end)
    {
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (1000);
    }
}

/* A file that was opened lately. (transfer full): its path, to be removed */
static char *
add_recent (void)
{
  char *path = NULL;
  const int fd = g_file_open_tmp ("diabolo-test-XXXXXX.diabolo", &path, NULL);
  g_autofree char *uri = g_filename_to_uri (path, NULL, NULL);
  const GtkRecentData recent = { .mime_type = (char *)"application/octet-stream",
                                 .app_name = (char *)"diabolo",
                                 .app_exec = (char *)"diabolo %u" };

  g_assert_cmpint (fd, >=, 0);
  close (fd);
  g_assert_true (gtk_recent_manager_add_full (gtk_recent_manager_get_default (), uri, &recent));
  return path;
}

/* Where there is little room nothing of it is out of reach. */
static void
test_scrolls (void)
{
  g_autoptr (NnDesign) empty = nn_design_new ();
  WbDocument *document = wb_document_new (empty);
  GtkWidget *window = gtk_window_new (), *canvas = wb_canvas_new (document);
  g_autofree char *path = add_recent ();

  gtk_window_set_default_size (GTK_WINDOW (window), 900, 520);
  gtk_window_set_child (GTK_WINDOW (window), canvas);
  gtk_window_present (GTK_WINDOW (window));
  settle (500);
  GtkWidget *start = fixture_find_type (canvas, GTK_TYPE_SCROLLED_WINDOW);
  GtkAdjustment *down = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (start));
  g_assert_cmpfloat (gtk_adjustment_get_upper (down), <=, gtk_adjustment_get_page_size (down));
  gtk_window_set_default_size (GTK_WINDOW (window), 700, 160);
  settle (300);
  g_assert_cmpint (gtk_widget_get_height (start), <=, gtk_widget_get_height (canvas));
  g_assert_cmpfloat (gtk_adjustment_get_upper (down), >, gtk_adjustment_get_page_size (down));
  gtk_window_destroy (GTK_WINDOW (window));
  fixture_close (document);
  g_remove (path);
}

static void
check_folder (const char *path, const char *expected)
{
  g_autofree char *folder = wb_recent_folder (path, "/home/anna");

  g_assert_cmpstr (folder, ==, expected);
}

static void
test_recent_folder (void)
{
  check_folder ("/home/anna/digits.diabolo", "~");
  check_folder ("/home/anna/lectures/week 3/digits.diabolo", "~/lectures/week 3");
  check_folder ("/home/annabel/digits.diabolo", "/home/annabel");
  check_folder ("/srv/students/of/2026/group 12/work/digits.diabolo", "…/of/2026/group 12/work");
  check_folder ("/digits.diabolo", "/");
  check_folder ("/a/folder with a name that is too long to be shown/digits.diabolo",
                "…/folder with a name that is too long to be shown");
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/start/scrolls", test_scrolls);
  g_test_add_func ("/start/recent-folder", test_recent_folder);
  return g_test_run ();
}
