/* wb-projection-picker.h: a small menu that chooses how codes are laid out in a plane; hidden where
 * there is nothing to choose.
 */
#pragma once

#include <gtk/gtk.h>
#include <json-glib/json-glib.h>

#include "viewers/wb-projection.h"

G_BEGIN_DECLS

#define WB_TYPE_PROJECTION_PICKER (wb_projection_picker_get_type ())
G_DECLARE_FINAL_TYPE (WbProjectionPicker, wb_projection_picker, WB, PROJECTION_PICKER, GtkWidget)

/* Signal "changed": another choice. */
GtkWidget *wb_projection_picker_new (void);
const WbProjectionChoice *wb_projection_picker_get_choice (WbProjectionPicker *picker);
/* How many dimensions the code has. */
void wb_projection_picker_set_size (WbProjectionPicker *picker, guint size);
void wb_projection_picker_save (WbProjectionPicker *picker, JsonObject *state);
void wb_projection_picker_load (WbProjectionPicker *picker, JsonObject *state);

G_END_DECLS
