/* What actions and keys do to the document from the canvas. */
#include "canvas-fixture.h"

static void
test_delete (Fixture *f, gconstpointer data)
{
  wb_document_select (f->document, &f->flat, 1);
  act (f, "canvas.delete");
  g_assert_null (card_of (f, f->flat));
  /* Its neighbours are joined. */
  g_assert_cmpuint (source_of (f, f->code, 0), ==, f->input);
  g_assert_cmpstr (wb_document_undo_label (f->document), ==, "Delete Flatten 1");
  wb_document_undo (f->document);
  lay_out (f);
  g_assert_nonnull (card_of (f, f->flat));
}

/* A click on a line selects it, so that Delete takes it away; a click on a layer means that one. */
static void
test_delete_edge (Fixture *f, gconstpointer data)
{
  graphene_point_t from = port_at (f, f->code, TRUE, 0), to = port_at (f, f->output, FALSE, 0);
  graphene_point_t middle = GRAPHENE_POINT_INIT ((from.x + to.x) / 2, (from.y + to.y) / 2);
  graphene_point_t card = port_at (f, f->flat, FALSE, 0);

  click (f, middle);
  click (f, GRAPHENE_POINT_INIT (card.x + 30, card.y));
  act (f, "canvas.delete");
  g_assert_null (card_of (f, f->flat));
  wb_document_undo (f->document);
  lay_out (f);
  click (f, middle);
  g_assert_cmpuint (wb_document_selection (f->document)->len, ==, 0);
  act (f, "canvas.delete");
  g_assert_cmpuint (source_of (f, f->output, 0), ==, 0);
  g_assert_cmpstr (wb_document_undo_label (f->document), ==, "Delete connection");
  wb_document_undo (f->document);
  lay_out (f);
  g_assert_cmpuint (source_of (f, f->output, 0), ==, f->code);
  /* It is no longer selected. */
  gtk_widget_activate_action (f->canvas, "canvas.delete", NULL);
  g_assert_cmpuint (source_of (f, f->output, 0), ==, f->code);
}

static void
test_sensitivity (Fixture *f, gconstpointer data)
{
  NnDesign *before = design_of (f);

  wb_document_select (f->document, NULL, 0);
  gtk_widget_activate_action (f->canvas, "canvas.delete", NULL);
  gtk_widget_activate_action (f->canvas, "canvas.duplicate", NULL);
  g_assert_true (design_of (f) == before);
}

static void
test_duplicate (Fixture *f, gconstpointer data)
{
  wb_document_select (f->document, (guint[]){ f->code, f->output }, 2);
  act (f, "canvas.duplicate");
  g_assert_cmpuint (nn_design_n_nodes (design_of (f)), ==, 7);
  g_assert_cmpuint (nn_design_n_edges (design_of (f)), ==, 6);
  g_assert_cmpuint (wb_document_selection (f->document)->len, ==, 2);
  g_assert_false (wb_document_is_selected (f->document, f->code));
}

static void
test_clipboard (Fixture *f, gconstpointer data)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_US;

  wb_document_select (f->document, &f->code, 1);
  act (f, "canvas.cut");
  g_assert_cmpuint (nn_design_n_nodes (design_of (f)), ==, 4);
  act (f, "canvas.paste");
  while (nn_design_n_nodes (design_of (f)) == 4 && g_get_monotonic_time () < end)
    settle (10);
  g_assert_cmpuint (nn_design_n_nodes (design_of (f)), ==, 5);
  g_assert_cmpuint (selected (f), >, f->loss);
  g_assert_cmpfloat (nn_design_node (design_of (f), selected (f))->x, ==, 252);
}

static void
test_walk (Fixture *f, gconstpointer data)
{
  wb_document_select (f->document, &f->flat, 1);
  gtk_widget_grab_focus (GTK_WIDGET (card_of (f, f->flat)));
  press_key (f, GDK_KEY_Right, 0);
  g_assert_cmpuint (selected (f), ==, f->code);
  g_assert_true (gtk_widget_is_focus (GTK_WIDGET (card_of (f, f->code))));
  press_key (f, GDK_KEY_Left, 0);
  press_key (f, GDK_KEY_Left, 0);
  g_assert_cmpuint (selected (f), ==, f->input);
  press_key (f, GDK_KEY_Right, GDK_SHIFT_MASK);
  g_assert_cmpuint (wb_document_selection (f->document)->len, ==, 2);
  press_key (f, GDK_KEY_Escape, 0);
  g_assert_cmpuint (wb_document_selection (f->document)->len, ==, 0);
}

static void
test_nudge (Fixture *f, gconstpointer data)
{
  wb_document_select (f->document, &f->code, 1);
  gtk_widget_grab_focus (GTK_WIDGET (card_of (f, f->code)));
  for (guint i = 0; i < 3; i++)
    press_key (f, GDK_KEY_Down, GDK_CONTROL_MASK);
  g_assert_cmpfloat (nn_design_node (design_of (f), f->code)->y, ==, 24);
  wb_document_undo (f->document);
  g_assert_cmpfloat (nn_design_node (design_of (f), f->code)->y, ==, 0);
}

static void
test_connect_by_keyboard (Fixture *f, gconstpointer data)
{
  wb_document_edit (f->document, nn_design_disconnect (design_of (f), f->output, 0), "Cut off",
                    NULL);
  wb_document_select (f->document, &f->code, 1);
  gtk_widget_grab_focus (GTK_WIDGET (card_of (f, f->code)));
  act (f, "canvas.connect");
  press_key (f, GDK_KEY_Right, 0);
  press_key (f, GDK_KEY_Return, 0);
  g_assert_cmpuint (source_of (f, f->output, 0), ==, f->code);
  /* Escape leaves everything as it was. */
  act (f, "canvas.connect");
  press_key (f, GDK_KEY_Escape, 0);
  g_assert_cmpuint (nn_design_n_edges (design_of (f)), ==, 5);
}

static GtkWidget *
find_entry (GtkWidget *widget)
{
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = GTK_IS_ENTRY (child) ? child : find_entry (child);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
test_rename (Fixture *f, gconstpointer data)
{
  GtkWidget *entry;

  wb_document_select (f->document, &f->code, 1);
  act (f, "canvas.rename");
  entry = find_entry (f->canvas);
  g_assert_nonnull (entry);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "Dense 1");
  /* Taken: says so and stays open. */
  gtk_editable_set_text (GTK_EDITABLE (entry), "Dense 2");
  g_signal_emit_by_name (entry, "activate");
  lay_out (f);
  g_assert_true (find_entry (f->canvas) == entry);
  g_assert_true (gtk_widget_has_css_class (entry, "error"));
  gtk_editable_set_text (GTK_EDITABLE (entry), "Code");
  g_signal_emit_by_name (entry, "activate");
  lay_out (f);
  g_assert_null (find_entry (f->canvas));
  g_assert_cmpstr (nn_design_node (design_of (f), f->code)->name, ==, "Code");
}

static void
test_tidy (Fixture *f, gconstpointer data)
{
  wb_document_edit (f->document, nn_design_place_node (design_of (f), f->code, 900, 400), "Stray",
                    NULL);
  settle (400);
  act (f, "canvas.tidy");
  g_assert_cmpstr (wb_document_undo_label (f->document), ==, "Tidy layout");
  settle (500);
  for (guint id = f->flat; id <= f->loss; id++)
    g_assert_cmpfloat (nn_design_node (design_of (f), id)->x, >,
                       nn_design_node (design_of (f), id - 1)->x);
  /* The cards have arrived where the design has them. */
  g_assert_cmpfloat (bounds_of (f, GTK_WIDGET (card_of (f, f->code))).origin.x, >,
                     bounds_of (f, GTK_WIDGET (card_of (f, f->flat))).origin.x);
  wb_document_undo (f->document);
  g_assert_cmpfloat (nn_design_node (design_of (f), f->code)->x, ==, 900);
}

static void
test_mirror (Fixture *f, gconstpointer data)
{
  wb_document_select (f->document, (guint[]){ f->output, f->loss }, 2);
  act (f, "canvas.delete");
  wb_document_select (f->document, (guint[]){ f->flat, f->code }, 2);
  act (f, "canvas.mirror");
  g_assert_cmpuint (nn_design_n_nodes (design_of (f)), >, 3);
  g_assert_cmpstr (wb_document_undo_label (f->document), ==, "Mirror encoder");
  /* What was added is selected and follows the code. */
  g_assert_cmpuint (source_of (f, g_array_index (wb_document_selection (f->document), guint, 0), 0),
                    ==, f->code);
}

static void
test_code_and_freeze (Fixture *f, gconstpointer data)
{
  wb_document_select (f->document, &f->output, 1);
  act (f, "canvas.set-code");
  g_assert_cmpuint (nn_design_code_node (design_of (f)), ==, f->output);
  act (f, "canvas.set-code");
  g_assert_cmpuint (nn_design_code_node (design_of (f)), ==, 0);
  act (f, "canvas.freeze");
  g_assert_true (nn_design_node (design_of (f), f->output)->frozen);
  g_assert_cmpstr (wb_document_undo_label (f->document), ==, "Freeze Dense 2");
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("/canvas-actions/delete", test_delete);
  ADD ("/canvas-actions/delete-edge", test_delete_edge);
  ADD ("/canvas-actions/sensitivity", test_sensitivity);
  ADD ("/canvas-actions/duplicate", test_duplicate);
  ADD ("/canvas-actions/clipboard", test_clipboard);
  ADD ("/canvas-actions/walk", test_walk);
  ADD ("/canvas-actions/nudge", test_nudge);
  ADD ("/canvas-actions/connect-by-keyboard", test_connect_by_keyboard);
  ADD ("/canvas-actions/rename", test_rename);
  ADD ("/canvas-actions/tidy", test_tidy);
  ADD ("/canvas-actions/mirror", test_mirror);
  ADD ("/canvas-actions/code-and-freeze", test_code_and_freeze);
  return g_test_run ();
}
