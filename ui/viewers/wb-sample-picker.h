/* wb-sample-picker.h: the small controls that choose samples: a menu of ways, pages, a new random
 * set.
 */
#pragma once

#include <gtk/gtk.h>

#include "viewers/wb-sample-choice.h"

G_BEGIN_DECLS

#define WB_TYPE_SAMPLE_PICKER (wb_sample_picker_get_type ())
G_DECLARE_FINAL_TYPE (WbSamplePicker, wb_sample_picker, WB, SAMPLE_PICKER, GtkWidget)

/* Signal "changed": another choice. */
GtkWidget *wb_sample_picker_new (void);
const WbSampleChoice *wb_sample_picker_get_choice (WbSamplePicker *picker);
void wb_sample_picker_set_mode (WbSamplePicker *picker, WbSampleMode mode);
/* How many samples there are: typed numbers beyond are refused. */
void wb_sample_picker_set_n_samples (WbSamplePicker *picker, gsize n_samples);
const char *wb_sample_picker_get_list (WbSamplePicker *picker);
void wb_sample_picker_set_list (WbSamplePicker *picker, const char *text);

G_END_DECLS
