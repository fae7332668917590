#include "diabolo-config.h"

#include "viewers/wb-dock-menus.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>

#include "viewers/wb-dock.h"

/* Which run the page shows, and a second page for another one; only where there are several. */
static void
append_runs (GMenu *menu, WbViewer *viewer)
{
  WbDocument *document = wb_viewer_get_document (viewer);
  NnRunHistory *runs = document != NULL ? wb_document_runs (document) : NULL;
  g_autoptr (GMenu) section = g_menu_new (), show = g_menu_new (), compare = g_menu_new ();
  const guint n = runs != NULL ? nn_run_history_n_runs (runs) : 0;

  if (n < 2 || WB_VIEWER_GET_CLASS (viewer)->make_probe == NULL)
    return;
  g_menu_append (show, _ ("The run in training"), "viewer.run(uint64 0)");
  for (guint i = 0; i < n; i++)
    {
      const NnRun *run = nn_run_history_run (runs, i);
      g_autofree char *show_action = g_strdup_printf ("viewer.run(uint64 %" PRIu64 ")", run->id);
      g_autofree char *compare_action =
          g_strdup_printf ("page.compare(uint64 %" PRIu64 ")", run->id);
      g_menu_append (show, run->name, show_action);
      if (run->id
          != (wb_viewer_get_run (viewer) != 0 ? wb_viewer_get_run (viewer)
                                              : wb_document_run (document)))
        g_menu_append (compare, run->name, compare_action);
    }
  g_menu_append_submenu (section, _ ("_Run shown"), G_MENU_MODEL (show));
  g_menu_append_submenu (section, _ ("Compare _with"), G_MENU_MODEL (compare));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
}

void
wb_dock_menu_page (GtkMenuButton *button, gpointer user_data)
{
  WbDockPane *pane = user_data;
  WbDock *dock = WB_DOCK (gtk_widget_get_ancestor (GTK_WIDGET (pane), WB_TYPE_DOCK));
  WbViewer *viewer = wb_dock_pane_selected (pane);
  g_autoptr (GMenu) menu = g_menu_new (), save = g_menu_new (), place = g_menu_new ();
  GtkWidget *settings = viewer != NULL ? wb_viewer_make_settings (viewer) : NULL;
  GtkWidget *popover;

  if (settings != NULL)
    {
      g_autoptr (GMenu) section = g_menu_new ();
      g_autoptr (GMenuItem) item = g_menu_item_new (NULL, NULL);
      g_menu_item_set_attribute (item, "custom", "s", "settings");
      g_menu_append_item (section, item);
      g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
    }
  if (viewer != NULL)
    append_runs (menu, viewer);
  g_menu_append (save, _ ("Save as _PNG…"), "viewer.export-png");
  g_menu_append (save, _ ("Save as _SVG…"), "viewer.export-svg");
  g_menu_append (save, _ ("Save as P_DF…"), "viewer.export-pdf");
  g_menu_append (save, _ ("Save numbers as CS_V…"), "viewer.export-csv");
  g_menu_append (save, _ ("Save numbers as _NumPy array…"), "viewer.export-npy");
  g_menu_append (save, _ ("_Copy picture"), "viewer.copy");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (save));
  g_menu_append (place,
                 wb_dock_other_pane (dock, pane) != NULL ? _ ("_Move to the other side")
                                                         : _ ("_Move to the right"),
                 "page.move");
  g_menu_append (place, _ ("Split o_ff"), "page.split");
  g_menu_append (place, _ ("_Full screen"), "page.fullscreen");
  g_menu_append (place, _ ("C_lose"), "page.close");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (place));

  popover = gtk_popover_menu_new_from_model_full (G_MENU_MODEL (menu), GTK_POPOVER_MENU_NESTED);
  if (settings != NULL)
    gtk_popover_menu_add_child (GTK_POPOVER_MENU (popover), settings, "settings");
  gtk_menu_button_set_popover (button, popover);
}

void
wb_dock_menu_add (GtkMenuButton *button, gpointer user_data)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  const WbViewerType *const *types = wb_viewer_types ();

  for (guint i = 0; types[i] != NULL; i++)
    {
      g_autofree char *action = g_strdup_printf ("page.add::%s", types[i]->id);
      g_menu_append (menu, _ (types[i]->title), action);
    }
  gtk_menu_button_set_menu_model (button, G_MENU_MODEL (menu));
}

void
wb_dock_menu_pages (GtkMenuButton *button, gpointer user_data)
{
  WbDockPane *pane = user_data;
  GtkWidget *popover = gtk_popover_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  for (guint i = 0; i < wb_dock_pane_n_pages (pane); i++)
    {
      const WbViewerType *type = wb_dock_pane_page_type (pane, i);
      const gboolean selected = wb_dock_pane_page_is_made (pane, i)
                                && wb_dock_pane_page (pane, i) == wb_dock_pane_selected (pane);
      GtkWidget *row = gtk_button_new_with_label (_ (type->title));

      gtk_widget_add_css_class (row, "flat");
      gtk_widget_add_css_class (row, selected ? "selected" : "page");
      gtk_widget_set_halign (gtk_button_get_child (GTK_BUTTON (row)), GTK_ALIGN_START);
      gtk_widget_set_tooltip_text (row, _ (type->sentence));
      gtk_actionable_set_action_name (GTK_ACTIONABLE (row), "page.select");
      gtk_actionable_set_action_target (GTK_ACTIONABLE (row), "u", i);
      g_signal_connect_swapped (row, "clicked", G_CALLBACK (gtk_menu_button_popdown), button);
      gtk_box_append (GTK_BOX (box), row);
    }
  gtk_widget_add_css_class (box, "wb-pages");
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  gtk_menu_button_set_popover (button, popover);
}
