/* wb-frame-log.h: the program's own frame intervals, for measurements. Where DIABOLO_FRAME_LOG
 * names a file, it gets "first-frame MS" (from the start of the process to the end of the first
 * painting) and then, while training, one line per frame: monotonic time in us, interval since the
 * frame before in ms, training 0 or 1. The first frame of a training has interval 0: there was
 * nothing to draw before it.
 */
#pragma once

#include "document/wb-document.h"

G_BEGIN_DECLS

/* First thing in main(). */
void wb_frame_log_start (void);
void wb_frame_log_stop (void);
/* Watches a window's frame clock. document_of gives the document shown at that moment, or NULL. */
void wb_frame_log_watch (GtkWidget *window, WbDocument *(*document_of) (GtkWidget *window));

G_END_DECLS
