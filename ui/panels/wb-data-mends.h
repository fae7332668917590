/* wb-data-mends.h: an error of reading data, and beside it a button for each way on. */
#pragma once

#include <gtk/gtk.h>

#include "lesson/nn-lesson-text.h"

G_BEGIN_DECLS

#define WB_TYPE_DATA_MENDS (wb_data_mends_get_type ())
G_DECLARE_FINAL_TYPE (WbDataMends, wb_data_mends, WB, DATA_MENDS, GtkWidget)

/* Signal "mend" (option, value): a setting of nn_data_specs() was chosen. */
GtkWidget *wb_data_mends_new (void);
/* error NULL: there is none, and the widget hides. */
void wb_data_mends_show (WbDataMends *mends, const GError *error);
/* Ways on that the lesson keeps from being taken cannot be pressed. lesson NULL: all can. */
void wb_data_mends_lock (WbDataMends *mends, const NnLessonText *lesson);
/* FALSE: there is no button. */
gboolean wb_data_mends_grab_focus (WbDataMends *mends);

G_END_DECLS
