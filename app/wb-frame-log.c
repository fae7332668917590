#include "diabolo-config.h"

#include "wb-frame-log.h"

#include <stdio.h>
#include <unistd.h>

static FILE *log_file;
static gint64 started_at;
static gboolean first_frame_done;

/* When the process began (field 22 of /proc/self/stat, in clock ticks since boot), so that loading
 * the libraries counts too; now, where that cannot be read. */
static gint64
process_start (void)
{
  g_autofree char *text = NULL;
  g_autofree char *uptime = NULL;
  gint64 now = g_get_monotonic_time ();
  if (!g_file_get_contents ("/proc/self/stat", &text, NULL, NULL)
      || !g_file_get_contents ("/proc/uptime", &uptime, NULL, NULL))
    return now;
  const char *rest = strrchr (text, ')');
  g_auto (GStrv) fields = rest != NULL ? g_strsplit (rest + 2, " ", 0) : NULL;
  if (fields == NULL || g_strv_length (fields) < 20)
    return now;
  double start = g_ascii_strtod (fields[19], NULL) / sysconf (_SC_CLK_TCK);
  double age = g_ascii_strtod (uptime, NULL) - start;
  return age >= 0 && age < 60 ? now - (gint64)(age * G_USEC_PER_SEC) : now;
}

void
wb_frame_log_start (void)
{
  const char *path = g_getenv ("DIABOLO_FRAME_LOG");
  if (path == NULL || *path == '\0')
    return;
  log_file = fopen (path, "w");
  if (log_file == NULL)
    {
      g_printerr ("diabolo: %s: %s\n", path, g_strerror (errno));
      return;
    }
  started_at = process_start ();
}

void
wb_frame_log_stop (void)
{
  if (log_file != NULL)
    fclose (log_file);
  log_file = NULL;
}

typedef struct
{
  GtkWidget *window; /* borrowed: the watch goes with it */
  WbDocument *(*document_of) (GtkWidget *window);
  gint64 last;
  gboolean was_training;
} Watch;

static void
after_paint (GdkFrameClock *clock, gpointer data)
{
  Watch *watch = data;
  if (log_file == NULL)
    return;
  gint64 now = g_get_monotonic_time ();
  if (!first_frame_done)
    {
      first_frame_done = TRUE;
      fprintf (log_file, "first-frame %.1f\n", (double)(now - started_at) / 1000);
    }
  WbDocument *document = watch->document_of (watch->window);
  gboolean training = document != NULL && wb_document_state (document) == NN_SESSION_TRAINING;
  if (training && watch->was_training)
    fprintf (log_file, "%" G_GINT64_FORMAT " %.3f 1\n", now, (double)(now - watch->last) / 1000);
  else if (training || watch->was_training)
    fprintf (log_file, "%" G_GINT64_FORMAT " 0 %d\n", now, training);
  fflush (log_file);
  watch->last = now;
  watch->was_training = training;
}

static void
realized (GtkWidget *window, gpointer data)
{
  g_signal_connect (gtk_widget_get_frame_clock (window), "after-paint", G_CALLBACK (after_paint),
                    data);
}

static void
unrealized (GtkWidget *window, gpointer data)
{
  g_signal_handlers_disconnect_by_func (gtk_widget_get_frame_clock (window), after_paint, data);
}

void
wb_frame_log_watch (GtkWidget *window, WbDocument *(*document_of) (GtkWidget *window))
{
  if (log_file == NULL)
    return;
  Watch *watch = g_new0 (Watch, 1);
  watch->window = window;
  watch->document_of = document_of;
  g_object_set_data_full (G_OBJECT (window), "wb-frame-watch", watch, g_free);
  g_signal_connect (window, "realize", G_CALLBACK (realized), watch);
  g_signal_connect (window, "unrealize", G_CALLBACK (unrealized), watch);
}
