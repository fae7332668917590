/* The dock of viewers, and the line above each. */
#include "viewer-fixture.h"

#include "viewers/wb-dock.h"
#include "viewers/wb-viewer-head.h"

static char *data_folder;

/* ---- the line above a viewer ---- */

/* A sentence stays whole: beside the controls, above them, in two lines; a legend that does not fit
 * whole goes. */
static void
test_head (void)
{
  WbViewerHead *head = WB_VIEWER_HEAD (wb_viewer_head_new ());
  GtkWidget *widget = g_object_ref_sink (GTK_WIDGET (head)), *control = gtk_button_new ();
  GtkWidget *sentence = GTK_WIDGET (wb_viewer_head_get_sentence (head));
  GtkWidget *legend = GTK_WIDGET (wb_viewer_head_get_legend (head));
  int text, beside, one, two, least;

  gtk_widget_set_size_request (control, 120, 30);
  wb_viewer_head_add_control (head, control);
  gtk_label_set_text (GTK_LABEL (sentence), "A sentence of seven words or eight.");
  gtk_label_set_text (GTK_LABEL (legend), "● one ● two");
  gtk_widget_set_visible (legend, TRUE);
  gtk_widget_measure (sentence, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &text, NULL, NULL);
  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &least, &beside, NULL, NULL);
  g_assert_cmpint (least, ==, 120);
  g_assert_cmpint (beside, >, text + 120);
  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, beside, &one, NULL, NULL, NULL);
  gtk_widget_allocate (widget, beside, one, -1, NULL);
  g_assert_true (gtk_widget_get_child_visible (legend));
  gtk_widget_allocate (widget, beside - 10, one, -1, NULL);
  g_assert_false (gtk_widget_get_child_visible (legend));
  g_assert_cmpint (gtk_widget_get_width (sentence), >=, text);
  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, text + 60, &two, NULL, NULL, NULL);
  g_assert_cmpint (two, >=, one + 10);
  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, text / 2 + 20, &least, NULL, NULL, NULL);
  g_assert_cmpint (least, >, two);
  g_object_unref (widget);
}

/* ---- dock ---- */

static void
check_layout (WbDock *dock, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < wb_dock_n_panes (dock); i++)
    {
      WbDockPane *pane = wb_dock_pane (dock, i);
      g_string_append (text, i > 0 ? " | " : "");
      for (guint j = 0; j < wb_dock_pane_n_pages (pane); j++)
        {
          WbViewer *viewer = wb_dock_pane_page (pane, j);
          g_string_append_printf (text, "%s%s%s", j > 0 ? " " : "",
                                  wb_viewer_get_viewer_type (viewer)->id,
                                  viewer == wb_dock_pane_selected (pane) ? "*" : "");
        }
    }
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_dock_pages (void)
{
  WbDock *dock = WB_DOCK (g_object_ref_sink (wb_dock_new ()));

  check_layout (dock, "loss* latent activations | reconstruction* draw decode manifold");
  g_assert_true (wb_dock_set_layout (dock,
                                     "{\"panes\":[{\"pages\":[{\"viewer\":\"loss\"}]},"
                                     "{\"pages\":[{\"viewer\":\"reconstruction\"}]}]}",
                                     NULL));
  WbDockPane *left = wb_dock_pane (dock, 0), *right = wb_dock_pane (dock, 1);
  check_layout (dock, "loss* | reconstruction*");
  wb_dock_add_page (dock, left, wb_viewer_type ("reconstruction"));
  check_layout (dock, "loss reconstruction* | reconstruction*");
  wb_dock_move_page (dock, left, wb_dock_pane_page (left, 1), left, 0);
  check_layout (dock, "reconstruction* loss | reconstruction*");
  wb_dock_move_page (dock, left, wb_dock_pane_page (left, 0), left, 2);
  check_layout (dock, "loss reconstruction* | reconstruction*");
  wb_dock_move_page (dock, left, wb_dock_pane_page (left, 0), right, 0);
  check_layout (dock, "reconstruction* | loss* reconstruction");
  gtk_widget_activate_action (GTK_WIDGET (right), "page.split", NULL);
  check_layout (dock, "reconstruction* | reconstruction* | loss*");
  gtk_widget_activate_action (GTK_WIDGET (wb_dock_pane (dock, 2)), "page.move", NULL);
  check_layout (dock, "reconstruction* | reconstruction loss*");
  gtk_widget_activate_action (GTK_WIDGET (wb_dock_pane (dock, 0)), "page.close", NULL);
  check_layout (dock, "reconstruction loss*");
  gtk_widget_activate_action (GTK_WIDGET (wb_dock_pane (dock, 0)), "page.close", NULL);
  check_layout (dock, "reconstruction*");
  /* The last page stays. */
  gtk_widget_activate_action (GTK_WIDGET (wb_dock_pane (dock, 0)), "page.close", NULL);
  check_layout (dock, "reconstruction*");
  wb_dock_show (dock, "reconstruction");
  check_layout (dock, "reconstruction*");
  wb_dock_show (dock, "loss");
  check_layout (dock, "reconstruction loss*");
  g_object_unref (dock);
}

static void
find_menu (GtkWidget *widget, const char *icon, GtkWidget **found)
{
  if (GTK_IS_MENU_BUTTON (widget)
      && g_strcmp0 (gtk_menu_button_get_icon_name (GTK_MENU_BUTTON (widget)), icon) == 0)
    *found = widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    find_menu (child, icon, found);
}

/* The list of pages names those that nobody has looked at yet, and shows them. */
static void
test_dock_page_list (void)
{
  GtkWidget *window = gtk_window_new (), *dock = wb_dock_new (), *list = NULL;

  gtk_window_set_child (GTK_WINDOW (window), dock);
  WbDockPane *pane = wb_dock_pane (WB_DOCK (dock), 0);
  g_assert_false (wb_dock_pane_page_is_made (pane, 1));
  find_menu (GTK_WIDGET (pane), "pan-down-symbolic", &list);
  g_assert_nonnull (list);
  gtk_window_present (GTK_WINDOW (window));
  gtk_menu_button_popup (GTK_MENU_BUTTON (list));
  g_assert_nonnull (gtk_menu_button_get_popover (GTK_MENU_BUTTON (list)));
  g_assert_false (wb_dock_pane_page_is_made (pane, 1));
  gtk_widget_activate_action (GTK_WIDGET (pane), "page.select", "u", 1);
  g_assert_cmpstr (wb_viewer_get_viewer_type (wb_dock_pane_selected (pane))->id, ==, "latent");
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_dock_layout (void)
{
  static const char layout[] =
      "{\"panes\":[{\"share\":0.25,\"pages\":[{\"samples\":\"random\",\"inverted\":true,"
      "\"viewer\":\"reconstruction\"},{\"log\":true,\"smoothing\":7.0,\"viewer\":\"loss\","
      "\"selected\":true}]},{\"share\":0.75,\"pages\":[{\"viewer\":\"loss\",\"selected\":true}]}]}";
  static const char *const bad[] = { "",
                                     "[]",
                                     "{",
                                     "{\"panes\":7}",
                                     "{\"panes\":[1]}",
                                     "{\"panes\":[{\"pages\":[{\"viewer\":\"teapot\"}]}]}",
                                     "{\"panes\":[{\"pages\":[{\"viewer\":3}]}]}" };
  WbDock *dock = WB_DOCK (g_object_ref_sink (wb_dock_new ()));
  g_autofree char *again = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (wb_dock_set_layout (dock, layout, &error));
  g_assert_no_error (error);
  check_layout (dock, "reconstruction loss* | loss*");
  again = wb_dock_get_layout (dock);
  g_assert_cmpstr (again, ==, layout);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) refused = NULL;
      g_assert_false (wb_dock_set_layout (dock, bad[i], &refused));
      g_assert_nonnull (refused);
      check_layout (dock, "reconstruction loss* | loss*");
    }
  g_object_unref (dock);
}

static guint
count_made (WbDock *dock)
{
  guint n = 0;

  for (guint i = 0; i < wb_dock_n_panes (dock); i++)
    for (guint j = 0; j < wb_dock_pane_n_pages (wb_dock_pane (dock, i)); j++)
      n += wb_dock_pane_page_is_made (wb_dock_pane (dock, i), j);
  return n;
}

/* A viewer is made when its page is first looked at; until then the layout remembers how it will be
 * set. */
static void
test_dock_later (void)
{
  static const char layout[] =
      "{\"panes\":[{\"share\":1.0,\"pages\":[{\"viewer\":\"loss\",\"selected\":true,"
      "\"log\":true,\"smoothing\":0.0},{\"samples\":\"random\",\"inverted\":true,"
      "\"viewer\":\"reconstruction\"},{\"viewer\":\"draw\"}]}]}";
  WbDock *dock = WB_DOCK (g_object_ref_sink (wb_dock_new ()));
  WbDocument *document =
      fixture_open (nn_test_autoencoder ("units=6 activation=relu", NULL), data_folder);

  g_assert_cmpuint (wb_dock_n_pages (dock), ==, 7);
  g_assert_cmpuint (count_made (dock), ==, 2);
  wb_dock_show (dock, "latent");
  g_assert_cmpuint (count_made (dock), ==, 3);
  g_assert_true (wb_dock_set_layout (dock, layout, NULL));
  g_assert_cmpuint (count_made (dock), ==, 1);
  wb_dock_set_document (dock, document);

  WbDockPane *pane = wb_dock_pane (dock, 0);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *text = wb_dock_get_layout (dock);
      g_assert_nonnull (strstr (text, "\"samples\":\"random\""));
      g_assert_nonnull (strstr (text, "\"inverted\":true"));
      g_assert_cmpuint (count_made (dock), ==, 1 + i);
      g_assert_true (wb_viewer_get_document (wb_dock_pane_page (pane, 1)) == document);
    }
  /* By the keyboard too. */
  gtk_widget_activate_action (GTK_WIDGET (pane), "page.close", NULL);
  check_layout (dock, "reconstruction* draw");
  wb_dock_set_document (dock, NULL);
  g_object_unref (dock);
  wb_document_close (document);
  g_object_unref (document);
}

int
main (int argc, char *argv[])
{
  int status;

  gtk_test_init (&argc, &argv, NULL);
  data_folder = fixture_make_data ();
  g_test_add_func ("/head", test_head);
  g_test_add_func ("/dock/pages", test_dock_pages);
  g_test_add_func ("/dock/page-list", test_dock_page_list);
  g_test_add_func ("/dock/layout", test_dock_layout);
  g_test_add_func ("/dock/later", test_dock_later);
  status = g_test_run ();
  nn_test_remove_folder (data_folder);
  g_free (data_folder);
  return status;
}
