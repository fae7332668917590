#include "cli.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#define BAR_WIDTH 30
#define REDRAW_USEC 50000

struct _CliProgress
{
  gint64 shown_at; /* monotonic, 0: nothing on the line */
};

CliProgress *
cli_progress_new (gboolean quiet)
{
  return !quiet && isatty (STDERR_FILENO) ? g_new0 (CliProgress, 1) : NULL;
}

void
cli_progress_show (CliProgress *progress, double fraction, const char *format, ...)
{
  gint64 now = g_get_monotonic_time ();
  if (!progress || now - progress->shown_at < REDRAW_USEC)
    return;
  progress->shown_at = now;

  char bar[BAR_WIDTH + 1];
  int filled = (int)(CLAMP (fraction, 0, 1) * BAR_WIDTH);
  memset (bar, '.', BAR_WIDTH);
  memset (bar, '#', (gsize)filled);
  bar[BAR_WIDTH] = '\0';

  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("\r[%s] %s\033[K", bar, text);
}

void
cli_progress_clear (CliProgress *progress)
{
  if (!progress || !progress->shown_at)
    return;
  g_printerr ("\r\033[K");
  progress->shown_at = 0;
}

void
cli_progress_free (CliProgress *progress)
{
  cli_progress_clear (progress);
  g_free (progress);
}
