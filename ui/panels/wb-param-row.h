/* wb-param-row.h: one parameter as a row of a boxed list, made from its NnParamSpec alone.
 *
 * Signals:
 *   "edited" (char *text, gboolean more_to_come)  the value as nn_params_with_text() reads it;
 * while more_to_come (a slider being dragged, a key held) the edits belong together "settled" the
 * end of such a series
 */
#pragma once

#include <gtk/gtk.h>

#include "base/nn-params.h"

G_BEGIN_DECLS

#define WB_TYPE_PARAM_ROW (wb_param_row_get_type ())
G_DECLARE_FINAL_TYPE (WbParamRow, wb_param_row, WB, PARAM_ROW, GtkListBoxRow)

/* suggestions (NULL-terminated, nullable): what a STRING may sensibly be, offered as a list. */
GtkWidget *wb_param_row_new (const NnParamSpec *spec, const char *const *suggestions);
const NnParamSpec *wb_param_row_spec (WbParamRow *row);

/* Shows the value of params; mixed where several nodes differ. Emits nothing. */
void wb_param_row_show (WbParamRow *row, const NnParams *params, gboolean mixed);
/* In place, until the next value is shown; NULL clears it. */
void wb_param_row_set_error (WbParamRow *row, const char *text);

G_END_DECLS
