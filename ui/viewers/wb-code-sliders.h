/* wb-code-sliders.h: a slider for each dimension of the code, in the order in which the data
 * differs most, each as wide as the data's codes lie.
 */
#pragma once

#include "document/wb-code-space.h"

G_BEGIN_DECLS

#define WB_TYPE_CODE_SLIDERS (wb_code_sliders_get_type ())
G_DECLARE_FINAL_TYPE (WbCodeSliders, wb_code_sliders, WB, CODE_SLIDERS, GtkWidget)

GtkWidget *wb_code_sliders_new (void);
void wb_code_sliders_set_space (WbCodeSliders *sliders, WbCodeSpace *space);

G_END_DECLS
