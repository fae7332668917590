#include "diabolo-config.h"

#include "wb-frame-log.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
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
  gint64 begun, last;
  double cpu; /* of the thread when the frame began, ms */
} Watch;

/* Milliseconds of processor time; on a busy machine they say more than those of a clock. */
static double
cpu_time (clockid_t clock)
{
  struct timespec time;
  clock_gettime (clock, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void
frame_begins (GdkFrameClock *clock, gpointer data)
{
  Watch *watch = data;
  if (watch->begun > watch->last)
    return;
  watch->begun = g_get_monotonic_time ();
  watch->cpu = cpu_time (CLOCK_THREAD_CPUTIME_ID);
}

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
      fprintf (log_file, "first-frame %.1f %.1f\n", (double)(now - started_at) / 1000,
               cpu_time (CLOCK_THREAD_CPUTIME_ID));
    }
  WbDocument *document = watch->document_of (watch->window);
  NnSnapshot *snapshot = document != NULL ? wb_document_snapshot (document) : NULL;
  gboolean training = document != NULL && wb_document_state (document) == NN_SESSION_TRAINING;
  fprintf (log_file, "%" PRId64 " %.3f %" PRId64 " %.3f %.3f %d %" PRIu64 "\n", now,
           watch->last != 0 ? (double)(now - watch->last) / 1000 : 0,
           gdk_frame_clock_get_frame_time (clock), (double)(now - watch->begun) / 1000,
           cpu_time (CLOCK_THREAD_CPUTIME_ID) - watch->cpu, training,
           snapshot != NULL ? snapshot->step : 0);
  fflush (log_file);
  watch->last = now;
}

static void
realized (GtkWidget *window, gpointer data)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (window);
  g_signal_connect (clock, "flush-events", G_CALLBACK (frame_begins), data);
  g_signal_connect (clock, "before-paint", G_CALLBACK (frame_begins), data);
  g_signal_connect (clock, "after-paint", G_CALLBACK (after_paint), data);
}

static void
unrealized (GtkWidget *window, gpointer data)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (window);
  g_signal_handlers_disconnect_by_data (clock, data);
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
