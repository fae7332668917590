/* nn-report.h: a run as one page of HTML that needs nothing beside it: no network, no script, no
 * other file. Words, numbers and tables are written here; what is drawn comes from whoever draws.
 * Well-formed XML, too; every name in it is escaped. Any thread.
 */
#pragma once

#include "formats/nn-export.h"

G_BEGIN_DECLS

/* Something drawn, in the colours of a light page and in those of a dark one: SVG or PNG, told by
 * their first bytes. */
typedef struct
{
  GBytes *light, *dark; /* owned; dark NULL: as light. light NULL: text stands in its place */
  double width, height; /* CSS pixels */
  char *title;          /* owned; above it, or NULL */
  char *text;           /* owned; what is to be seen, for those who do not see it */
} NnReportFigure;

/* Samples in columns, what the network makes of them in rows. */
typedef struct
{
  char *title;      /* owned */
  char *about;      /* owned; one sentence */
  GPtrArray *heads; /* owned (element-type utf8), one a row: "Output" */
  GPtrArray *cells; /* owned (element-type NnReportFigure), row by row */
  guint n;          /* samples */
} NnReportSamples;

typedef struct
{
  NnReportFigure *graph; /* owned, as all here; or NULL */
  GPtrArray *curves;     /* NnReportFigure */
  GPtrArray *samples;    /* NnReportSamples */
  NnReportFigure *plane; /* of codes, or NULL */
  char *plane_about;     /* one sentence */
  char *missing;         /* why there are no samples, or NULL */
} NnReportFigures;

NnReportFigure *nn_report_figure_new (const char *title, const char *text, double width,
                                      double height); /* nothing drawn yet. (transfer full) */
void nn_report_figure_free (NnReportFigure *figure);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnReportFigure, nn_report_figure_free)
NnReportSamples *nn_report_samples_new (const char *title, const char *about, guint n);
void nn_report_samples_free (NnReportSamples *samples);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnReportSamples, nn_report_samples_free)
NnReportFigures *nn_report_figures_new (void);
void nn_report_figures_free (NnReportFigures *figures);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnReportFigures, nn_report_figures_free)

/* The run that a report is about: the one in training, else the last that has rows; NULL: there is
 * none. (transfer none) */
const NnRun *nn_report_run (const NnExportSource *source);

/* The page. source has an analysis and a history with rows; made: when. (transfer full) */
char *nn_report_to_html (const NnExportSource *source, const NnReportFigures *figures,
                         GDateTime *made);
/* What the run came to: title, run and results, a line each, for a preview. (transfer full) */
char *nn_report_outline (const NnExportSource *source);

G_END_DECLS
