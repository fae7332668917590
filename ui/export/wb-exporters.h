/* wb-exporters.h: what window and command line can export: the engine's formats and, as drawing is
 * not the engine's affair, figures of the network. Needs no display; any thread.
 */
#pragma once

#include "document/wb-document.h"
#include "formats/nn-export.h"

G_BEGIN_DECLS

/* In the order in which they are offered. NULL-terminated, static. */
const NnExporter *const *wb_exporters (void);
const NnExporter *wb_exporter (const char *id); /* NULL if unknown */
/* TRUE for what is looked at and not read: a preview is drawn. */
gboolean wb_exporter_is_figure (const NnExporter *exporter);
/* What a file is called unless it is told otherwise: "digits - decoder.onnx". (transfer full) */
char *wb_export_file_name (WbDocument *document, NnExportPart part, const NnExporter *exporter);

G_END_DECLS
