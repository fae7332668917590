/* wb-report-page.h: a report as it will look, in small: its results, and its figures in the order
 * of the page.
 */
#pragma once

#include <gtk/gtk.h>

#include "formats/nn-export.h"

G_BEGIN_DECLS

typedef struct _WbReportPage WbReportPage;

/* Draws everything, which takes as long as the report itself. Any thread, without a display. source
 * has passed the exporter's check. (transfer full) */
WbReportPage *wb_report_page_new (const NnExportSource *source, GCancellable *cancellable,
                                  GError **error);
void wb_report_page_free (WbReportPage *page);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WbReportPage, wb_report_page_free)

/* Nothing of page is kept but its pictures. Main thread. (transfer floating) */
GtkWidget *wb_report_page_show (const WbReportPage *page);

G_END_DECLS
