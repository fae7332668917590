/* wb-param-list.h: the rows of a parameter table as a boxed list; advanced ones under "More"; rows
 * whose condition does not hold are hidden.
 */
#pragma once

#include "lesson/nn-lesson-text.h"
#include "panels/wb-param-row.h"

G_BEGIN_DECLS

#define WB_TYPE_PARAM_LIST (wb_param_list_get_type ())
G_DECLARE_FINAL_TYPE (WbParamList, wb_param_list, WB, PARAM_LIST, GtkWidget)

/* Makes the change; FALSE and error where the value is refused (shown in the row). more_to_come:
 * see WbParamRow. */
typedef gboolean (*WbParamEditFunc) (const NnParamSpec *spec, const char *text,
                                     gboolean more_to_come, gpointer data, GError **error);

/* specs: element-type const NnParamSpec. settled ends a series of edits. */
GtkWidget *wb_param_list_new (WbParamEditFunc edit, void (*settled) (gpointer data), gpointer data);
/* fields (NULL-terminated, nullable): what parameters named "field" may be. */
void wb_param_list_set_specs (WbParamList *list, GPtrArray *specs, const char *const *fields);
/* Rows before and after those of the table. */
void wb_param_list_prepend (WbParamList *list, GtkWidget *row);
void wb_param_list_append (WbParamList *list, GtkWidget *row);
/* Unfolds what a parameter's row is hidden in; the row, NULL: there is none. (transfer none) */
GtkWidget *wb_param_list_reveal (WbParamList *list, const char *parameter);
/* Several sets of values: rows where they differ show that. */
void wb_param_list_show (WbParamList *list, const NnParams *const *params, guint n);

/* Rows that the lesson (nullable) locks for any of owners (NULL-terminated) cannot be changed. */
void wb_param_list_lock (WbParamList *list, const NnLessonText *lesson, const char *const *owners);

/* Every spec of a table. (transfer container) */
GPtrArray *wb_param_specs (const NnParamSpec *specs);

G_END_DECLS
