/* wb-data-preview.h: what a survey of a data set found, for eyes: sizes, what will hurt, the
 * first samples or the columns, the classes.
 *
 * Signal "changed" (char *option, char *value): the person asks to have it read otherwise.
 */
#pragma once

#include <gtk/gtk.h>

#include "data/nn-data-survey.h"

G_BEGIN_DECLS

#define WB_TYPE_DATA_PREVIEW (wb_data_preview_get_type ())
G_DECLARE_FINAL_TYPE (WbDataPreview, wb_data_preview, WB, DATA_PREVIEW, GtkWidget)

GtkWidget *wb_data_preview_new (void);
/* Nothing of survey is kept but its columns. source_title: "Table (CSV)". */
void wb_data_preview_show (WbDataPreview *self, const NnDataSurvey *survey,
                           const char *source_title);
/* While there is nothing yet. */
void wb_data_preview_show_busy (WbDataPreview *self);
/* Why there is nothing to show. */
void wb_data_preview_show_error (WbDataPreview *self, const GError *error);

G_END_DECLS
