/* wb-export-preview.h: what a format would write, before it is written: text, the figure, the page
 * of a report, or why it cannot be. Worked out on another thread; answers to a question that is no
 * longer asked are dropped. Main thread only.
 */
#pragma once

#include <adwaita.h>

#include "formats/nn-export.h"

G_BEGIN_DECLS

#define WB_TYPE_EXPORT_PREVIEW (wb_export_preview_get_type ())
G_DECLARE_FINAL_TYPE (WbExportPreview, wb_export_preview, WB, EXPORT_PREVIEW, AdwBin)

GtkWidget *wb_export_preview_new (void);
/* source NULL: still on its way. */
void wb_export_preview_show (WbExportPreview *preview, const NnExporter *exporter,
                             NnExportSource *source);
/* TRUE once the answer is there and the format can be written. "notify::ready" tells of changes. */
gboolean wb_export_preview_get_ready (WbExportPreview *preview);

G_END_DECLS
