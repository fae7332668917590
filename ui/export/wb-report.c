/* The report of a run: a page that any browser shows. */
#include "export/wb-report.h"

#include "diabolo-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/nn-error.h"
#include "export/wb-report-figures.h"
#include "formats/nn-replace.h"

/* Of the whole work: the rest is writing the file. */
#define DRAWN 0.95

static void
pass_on (double fraction, gpointer job)
{
  nn_export_progress (job, DRAWN * fraction);
}

static gboolean
report_check (const NnExportSource *source, GError **error)
{
  if (nn_report_run (source) != NULL)
    return TRUE;
  g_set_error_literal (error, NN_ERROR, NN_ERROR_DESIGN,
                       _ ("The network has no runs yet: train it first."));
  return FALSE;
}

static char *
report_preview (const NnExportSource *source, GError **error)
{
  return nn_report_outline (source);
}

static gboolean
report_write (const NnExportSource *source, const char *path, const NnExportJob *job,
              GError **error)
{
  const NnExportJob drawing = { job->cancellable, pass_on, (gpointer)job };
  g_autoptr (NnReportFigures) figures =
      wb_report_figures_new (source, WB_REPORT_PAGE, &drawing, error);
  if (figures == NULL)
    return FALSE;
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  char *html = nn_report_to_html (source, figures, now);
  g_autoptr (GBytes) bytes = g_bytes_new_take (html, strlen (html));
  if (!nn_replace_file (path, bytes, job->cancellable, error))
    return FALSE;
  nn_export_progress (job, 1);
  return TRUE;
}

const NnExporter wb_exporter_html = {
  .id = "html",
  .group = NN_EXPORT_FOR_RUNS,
  .title = N_ ("Report"),
  .extension = ".html",
  .summary = N_ ("page of a run, for a browser"),
  .use =
      N_ ("One page with the network, its curves, reconstructions and settings, to hand in or to "
          "print. It needs nothing beside it: any browser shows it."),
  .parts = 1 << NN_EXPORT_ALL,
  .needs = NN_EXPORT_NETWORK | NN_EXPORT_HISTORY,
  .check = report_check,
  .preview = report_preview,
  .write = report_write,
};
