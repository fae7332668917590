/* wb-export-drag.h: a part of a network in the hand. Dropped in the window it is the part, which is
 * to be exported; dropped on a file manager or another program it is a file (ONNX), which is
 * written only then, on another thread. Main thread only.
 */
#pragma once

#include "document/wb-document.h"

G_BEGIN_DECLS

/* What a drop in the window reads: a value that holds an NnExportPart. */
#define WB_TYPE_EXPORT_PART (wb_export_part_get_type ())
GType wb_export_part_get_type (void);
NnExportPart wb_export_part_of (const GValue *value);

#define WB_TYPE_EXPORT_DRAG (wb_export_drag_get_type ())
G_DECLARE_FINAL_TYPE (WbExportDrag, wb_export_drag, WB, EXPORT_DRAG, GdkContentProvider)

/* Without trained weights there is no file to be had. The file is of the document as it is when it
 * is asked for. Where it cannot be written a notice of the document says why. (transfer full) */
GdkContentProvider *wb_export_drag_new (WbDocument *document, NnExportPart part);

G_END_DECLS
