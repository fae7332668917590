/* wb-report-figures.h: what is drawn for a report: the network, curves, samples and the plane of
 * codes. Needs no display; any thread.
 */
#pragma once

#include "formats/nn-report.h"

G_BEGIN_DECLS

typedef enum
{
  WB_REPORT_PAGE,    /* drawings as such, in light colours and in dark ones */
  WB_REPORT_PREVIEW, /* pictures of everything, light */
} WbReportUse;

/* source has an analysis and runs. Loads the data set where source has none, and looks through the
 * test part: tells job of its progress, up to 1. NULL where job is cancelled or cairo cannot draw.
 * What only data or weights that are not there keep from being drawn is left out, and the figures
 * say why. (transfer full) */
NnReportFigures *wb_report_figures_new (const NnExportSource *source, WbReportUse use,
                                        const NnExportJob *job, GError **error);

G_END_DECLS
