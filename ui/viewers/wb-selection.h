/* wb-selection.h: a small menu about the samples that are selected: show them alone, keep them
 * under a name, select again what was kept.
 */
#pragma once

#include <gtk/gtk.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define WB_TYPE_SELECTION (wb_selection_get_type ())
G_DECLARE_FINAL_TYPE (WbSelection, wb_selection, WB, SELECTION, GtkWidget)

/* Signals: "isolated": other samples are shown alone, or all are; "recalled" (GArray of guint32):
 * select these. */
GtkWidget *wb_selection_new (void);
/* Of n_all samples these are selected (element-type guint32), copied; empty: none. */
void wb_selection_set_samples (WbSelection *selection, const GArray *samples, guint n_all);
/* The samples that are shown alone, NULL: all are shown. */
const GArray *wb_selection_get_isolated (WbSelection *selection);
void wb_selection_set_isolated (WbSelection *selection, gboolean isolated);
/* Keeps what is selected; another of that name is replaced. */
void wb_selection_keep (WbSelection *selection, const char *name);

void wb_selection_save (WbSelection *selection, JsonObject *state);
void wb_selection_load (WbSelection *selection, JsonObject *state);

G_END_DECLS
