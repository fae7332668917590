/* wb-frame-log.h: the program's own frames, for measurements. Where DIABOLO_FRAME_LOG names a file,
 * it gets "first-frame MS CPU" (from the start of the process to the end of the first painting, and
 * the processor time of the main thread until then, in ms) and one line for each frame: when it was
 * done (monotonic, us), the interval since the frame before (ms; 0: the first), the frame clock's
 * time of it (us), how long it took (events, layout, painting; ms), how much of that was processor
 * time (ms), training 0 or 1, and the optimizer steps that the window knew of.
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
