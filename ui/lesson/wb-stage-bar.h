/* wb-stage-bar.h: where a lesson in stages stands: which are done, which layers are frozen, and the
 * way on: to the next stage with what was learned, or through all that are left. Running them
 * trains each for its epochs; it ends with the last, when training is paused or fails, or when
 * another document is shown. The panel may be hidden meanwhile. Opening a stage activates
 * "win.open-lesson". Hidden where the document is no lesson in stages.
 */
#pragma once

#include "lesson/wb-lesson-tour.h"

G_BEGIN_DECLS

#define WB_TYPE_STAGE_BAR (wb_stage_bar_get_type ())
G_DECLARE_FINAL_TYPE (WbStageBar, wb_stage_bar, WB, STAGE_BAR, GtkWidget)

GtkWidget *wb_stage_bar_new (void);
/* document: NULL: none. */
void wb_stage_bar_set_document (WbStageBar *bar, WbDocument *document);
/* The lesson's, whose tasks tell when a stage is done; NULL: none. */
void wb_stage_bar_set_tour (WbStageBar *bar, WbLessonTour *tour);

/* Actions "stages.next" and "stages.run-all", which stops what it started, are its buttons'. */
gboolean wb_stage_bar_is_running (WbStageBar *bar);

G_END_DECLS
