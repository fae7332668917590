/* bench-lessons [LESSON...]: seconds from opening a lesson to the first frame that shows it
 * training, on the data that it names, in a window with the graph, the losses and the
 * reconstructions; without a name, of every lesson. A process each, so that none finds what another
 * has made. Needs a display (tests/ui/display.py). Ends with 1 where one takes longer than 2 s. */
#include <adwaita.h>
#include <math.h>

#include "canvas/wb-canvas.h"
#include "formats/nn-lessons.h"
#include "viewers/wb-viewer.h"

#define BOUND 2.0
#define PATIENCE (60 * G_USEC_PER_SEC)

static gboolean
trains (WbDocument *document)
{
  const NnSnapshot *snapshot = wb_document_snapshot (document);

  return snapshot != NULL && snapshot->step > 0;
}

static void
note (gpointer data)
{
  *(gboolean *)data = TRUE;
}

/* Until the clock has painted once more. */
static void
wait_for_paint (GtkWidget *window)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (window);
  gboolean painted = FALSE;
  const gulong id = g_signal_connect_swapped (clock, "after-paint", G_CALLBACK (note), &painted);

  gtk_widget_queue_draw (window);
  while (!painted)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handler_disconnect (clock, id);
}

static void
add_viewer (GtkWidget *box, const char *id, WbDocument *document)
{
  WbViewer *viewer = wb_viewer_new (wb_viewer_type (id));

  gtk_widget_set_size_request (GTK_WIDGET (viewer), 500, 300);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (viewer));
  wb_viewer_set_document (viewer, document);
}

/* Seconds; infinite where nothing is trained. */
static double
open_and_train (const char *id)
{
  g_autoptr (GError) error = NULL;
  GtkWidget *window = gtk_window_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0),
            *canvas = wb_canvas_new (NULL);

  gtk_widget_set_vexpand (canvas, TRUE);
  gtk_box_append (GTK_BOX (box), canvas);
  gtk_window_set_default_size (GTK_WINDOW (window), 1280, 780);
  gtk_window_set_child (GTK_WINDOW (window), box);
  gtk_window_present (GTK_WINDOW (window));
  wait_for_paint (window);

  const gint64 begin = g_get_monotonic_time ();
  WbDocument *document = wb_document_open_lesson (id, &error);
  if (document == NULL)
    {
      g_printerr ("bench-lessons: %s\n", error->message);
      return INFINITY;
    }
  wb_canvas_set_document (WB_CANVAS (canvas), document);
  add_viewer (box, "loss", document);
  add_viewer (box, "reconstruction", document);
  while (wb_document_dataset (document) == NULL && wb_document_data_error (document) == NULL)
    g_main_context_iteration (NULL, TRUE);
  wb_document_train (document);
  while (!trains (document) && g_get_monotonic_time () < begin + PATIENCE)
    wait_for_paint (window);
  wait_for_paint (window);
  const double seconds = (double)(g_get_monotonic_time () - begin) / G_USEC_PER_SEC;

  return trains (document) ? seconds : INFINITY;
}

/* In a process of its own. */
static double
measure (const char *self, const char *id)
{
  const char *const command[] = { self, "--only", id, NULL };
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_spawn_sync (NULL, (char **)command, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL, NULL,
                     &error))
    g_error ("%s", error->message);
  return output[0] != '\0' ? g_ascii_strtod (output, NULL) : INFINITY;
}

int
main (int argc, char **argv)
{
  if (argc == 3 && g_str_equal (argv[1], "--only"))
    {
      gtk_init ();
      adw_init ();
      g_print ("%.3f\n", open_and_train (argv[2]));
      return 0;
    }

  guint n;
  double longest = 0;
  const NnLesson *lessons = nn_lessons (&n);
  for (guint i = 0; i < n; i++)
    if (argc < 2 || g_strv_contains ((const char *const *)argv + 1, lessons[i].id))
      {
        const double seconds = measure (argv[0], lessons[i].id);

        longest = MAX (longest, seconds);
        g_print ("%-36s %5.2f s\n", lessons[i].id, seconds);
      }
  g_print ("longest %.2f s, bound %g s, ratio %.2f%s\n", longest, BOUND, longest / BOUND,
           longest > BOUND ? "  MISSED" : "");
  return longest > BOUND;
}
