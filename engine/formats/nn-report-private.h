/* nn-report-private.h: what the files of a report's page share. */
#pragma once

#include "formats/nn-report.h"

G_BEGIN_DECLS

typedef struct
{
  const NnExportSource *source;
  const NnReportFigures *figures;
  const NnRun *run;
  GString *html;
  guint n_drawings; /* so far */
} NnReportPage;

/* Appends; every %s is escaped. */
void nn_report_put (NnReportPage *page, const char *format, ...) G_GNUC_PRINTF (2, 3);

void nn_report_put_layers (NnReportPage *page);   /* a table */
void nn_report_put_settings (NnReportPage *page); /* a section: training, optimizer, data */

G_END_DECLS
