/* bench-import FILE [ROUNDS]: seconds from an ONNX file to its graph: read, and drawn in a window;
 * the fastest of ROUNDS, as JSON. Needs a display (tests/ui/display.py). */
#include <adwaita.h>
#include <stdlib.h>

#include "canvas/wb-canvas.h"
#include "formats/nn-import.h"

static double
seconds_since (gint64 begin)
{
  return (double)(g_get_monotonic_time () - begin) / G_USEC_PER_SEC;
}

static void
painted (gpointer data)
{
  *(gboolean *)data = TRUE;
}

/* Until the frame after the next layout is on the screen. */
static void
wait_for_frame (GtkWidget *window)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (window);
  for (guint i = 0; i < 2; i++)
    {
      gboolean done = FALSE;
      const gulong id =
          g_signal_connect_swapped (clock, "after-paint", G_CALLBACK (painted), &done);
      gtk_widget_queue_draw (window);
      while (!done)
        g_main_context_iteration (NULL, TRUE);
      g_signal_handler_disconnect (clock, id);
    }
}

static gboolean
run (const char *path, double *read_best, double *drawn_best)
{
  GtkWidget *window = gtk_window_new (), *canvas = wb_canvas_new (NULL);
  g_autoptr (GError) error = NULL;
  gtk_window_set_default_size (GTK_WINDOW (window), 1280, 800);
  gtk_window_set_child (GTK_WINDOW (window), canvas);
  gtk_window_present (GTK_WINDOW (window));
  wait_for_frame (window);

  const gint64 begin = g_get_monotonic_time ();
  g_autoptr (NnImport) import = nn_import_file (path, NULL, &error);
  if (import == NULL || import->design == NULL)
    {
      g_printerr ("bench-import: %s\n", error != NULL ? error->message : "no network in it");
      return FALSE;
    }
  *read_best = MIN (*read_best, seconds_since (begin));
  WbDocument *document = wb_document_new_imported (import->design, import->checkpoint);
  wb_canvas_set_document (WB_CANVAS (canvas), document);
  wait_for_frame (window);
  *drawn_best = MIN (*drawn_best, seconds_since (begin));

  wb_canvas_set_document (WB_CANVAS (canvas), NULL);
  wb_document_close (document);
  g_object_unref (document);
  gtk_window_destroy (GTK_WINDOW (window));
  return TRUE;
}

int
main (int argc, char **argv)
{
  double read_best = G_MAXDOUBLE, drawn_best = G_MAXDOUBLE;
  const gint rounds = argc > 2 ? atoi (argv[2]) : 3;
  if (argc < 2 || rounds < 1)
    {
      g_printerr ("bench-import FILE [ROUNDS]\n");
      return 2;
    }
  gtk_init ();
  adw_init ();
  for (gint i = 0; i < rounds; i++)
    if (!run (argv[1], &read_best, &drawn_best))
      return 1;
  g_print ("{\"read\": %.3f, \"drawn\": %.3f}\n", read_best, drawn_best);
  return 0;
}
