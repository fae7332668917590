/* wb-unit-activity.h: how active each unit of a layer is on the test set, as bars from the busiest
 * to the idlest, with the finding "5 never fire". Asks the worker only while it can be seen.
 */
#pragma once

#include "document/wb-document.h"

G_BEGIN_DECLS

#define WB_TYPE_UNIT_ACTIVITY (wb_unit_activity_get_type ())
G_DECLARE_FINAL_TYPE (WbUnitActivity, wb_unit_activity, WB, UNIT_ACTIVITY, GtkWidget)

GtkWidget *wb_unit_activity_new (void);
/* node 0 or a layer without units of its own: hidden. document nullable. */
void wb_unit_activity_set_node (WbUnitActivity *activity, WbDocument *document, guint node);

/* Mean absolute value of each of the n_units columns of values (n_samples, n_units), in falling
 * order. n_silent (out): units that gave 0 for every sample. Needs no display. (transfer full) */
float *wb_unit_activity_means (const float *values, gsize n_samples, gsize n_units,
                               guint *n_silent);

G_END_DECLS
