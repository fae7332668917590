/* Context menus of a node, a connection and the bare canvas, made of the canvas's actions. */
#include "canvas/wb-canvas-private.h"

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "layers/nn-layer.h"

/* Layers by category; passing_only: those that can be put into a connection. */
static GMenu *
make_layers (const char *action, gboolean passing_only)
{
  GMenu *menu = g_menu_new ();

  for (guint category = 0; category < NN_N_CATEGORIES; category++)
    {
      g_autoptr (GMenu) section = g_menu_new ();

      for (guint i = 0; nn_layer_types ()[i] != NULL; i++)
        {
          const NnLayerType *type = nn_layer_types ()[i];
          g_autofree char *detailed = g_strdup_printf ("%s::%s", action, type->id);

          if (type->category == category
              && (!passing_only || (nn_layer_n_inputs (type) > 0 && nn_layer_n_outputs (type) > 0)))
            g_menu_append (section, _ (type->title), detailed);
        }
      if (g_menu_model_get_n_items (G_MENU_MODEL (section)) > 0)
        g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
    }
  return menu;
}

static void
append_section (GMenu *menu, const char *const items[][2])
{
  g_autoptr (GMenu) section = g_menu_new ();

  for (guint i = 0; items[i][0] != NULL; i++)
    g_menu_append (section, _ (items[i][0]), items[i][1]);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
}

static void
append_submenu (GMenu *menu, const char *title, GMenu *layers)
{
  g_autoptr (GMenu) owned = layers;
  g_autoptr (GMenu) section = g_menu_new ();

  g_menu_append_submenu (section, title, G_MENU_MODEL (owned));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
}

static const char *const parts[][2] = { { N_ ("Export _encoder…"), "win.export-part::encoder" },
                                        { N_ ("Export dec_oder…"), "win.export-part::decoder" },
                                        { NULL } };

static GMenu *
make_node_menu (WbCanvas *self, guint node)
{
  static const char *const first[][2] = { { N_ ("_Rename"), "canvas.rename" },
                                          { N_ ("Co_nnect to…"), "canvas.connect" },
                                          { NULL } };
  static const char *const clipboard[][2] = { { N_ ("Cu_t"), "canvas.cut" },
                                              { N_ ("_Copy"), "canvas.copy" },
                                              { N_ ("D_uplicate"), "canvas.duplicate" },
                                              { N_ ("_Delete"), "canvas.delete" },
                                              { NULL } };
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) role = g_menu_new ();
  NnDesign *design = wb_canvas_design (self);

  if (wb_node_card_get_finding (wb_canvas_card (self, node)) != NULL)
    {
      g_autofree char *explain = g_strdup_printf ("canvas.explain(uint32 %u)", node);
      const char *const finding[][2] = { { N_ ("_Explain the mark"), explain }, { NULL } };

      append_section (menu, finding);
    }
  append_section (menu, first);
  append_submenu (menu, _ ("_Add after"), make_layers ("canvas.add", FALSE));
  g_menu_append (role,
                 nn_design_code_node (design) == node ? _ ("Find code automatically")
                                                      : _ ("_Set as code"),
                 "canvas.set-code");
  g_menu_append (
      role, nn_design_node (design, node)->frozen ? _ ("Un_freeze weights") : _ ("_Freeze weights"),
      "canvas.freeze");
  g_menu_append (role, _ ("_Mirror encoder"), "canvas.mirror");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (role));
  if (nn_analysis_code_node (wb_canvas_analysis (self)) == node)
    append_section (menu, parts);
  append_section (menu, clipboard);
  return menu;
}

static GMenu *
make_edge_menu (void)
{
  static const char *const items[][2] = { { N_ ("_Delete connection"), "canvas.delete-edge" },
                                          { NULL } };
  GMenu *menu = g_menu_new ();

  append_submenu (menu, _ ("_Insert"), make_layers ("canvas.insert", TRUE));
  append_section (menu, items);
  return menu;
}

static GMenu *
make_canvas_menu (void)
{
  static const char *const clipboard[][2] = { { N_ ("_Paste"), "canvas.paste" },
                                              { N_ ("Select _all"), "canvas.select-all" },
                                              { NULL } };
  static const char *const view[][2] = { { N_ ("_Tidy layout"), "canvas.tidy" },
                                         { N_ ("_Fit in view"), "canvas.fit" },
                                         { N_ ("Show _gradients"), "canvas.gradients" },
                                         { NULL } };
  GMenu *menu = g_menu_new ();

  append_submenu (menu, _ ("_Add"), make_layers ("canvas.add", FALSE));
  append_section (menu, clipboard);
  append_section (menu, view);
  return menu;
}

static void
popup (WbCanvas *self, GMenu *menu, WbPoint screen)
{
  gtk_popover_menu_set_menu_model (GTK_POPOVER_MENU (self->menu), G_MENU_MODEL (menu));
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu),
                               &(GdkRectangle){ (int)screen.x, (int)screen.y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

void
wb_canvas_popup_parts_menu (WbCanvas *self, WbPoint screen)
{
  g_autoptr (GMenu) menu = g_menu_new ();

  append_section (menu, parts);
  popup (self, menu, screen);
}

void
wb_canvas_popup_menu (WbCanvas *self, guint node, gint edge, WbPoint screen)
{
  g_autoptr (GMenu) menu = NULL;

  self->menu_to = 0;
  if (node != 0)
    {
      if (!wb_document_is_selected (self->document, node))
        wb_canvas_select_only (self, node);
      wb_canvas_set_current (self, node, TRUE);
      menu = make_node_menu (self, node);
    }
  else if (edge >= 0)
    {
      const WbEdgePath *path = wb_graph_geometry_edge_at (self->geometry, (guint)edge);

      self->menu_to = path->edge.to;
      self->menu_port = path->edge.to_port;
      menu = make_edge_menu ();
    }
  else
    menu = make_canvas_menu ();
  popup (self, menu, screen);
}

/* One popover for all menus: taking one down while its button is still held upsets GTK. */
void
wb_canvas_add_menu (WbCanvas *self)
{
  self->menu = gtk_popover_menu_new_from_model (NULL);
  gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
  gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
  gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
}
