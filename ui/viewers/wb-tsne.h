/* wb-tsne.h: t-SNE of codes, with its controls: pause, restart, settings, and a line that tells how
 * far it is. It computes in a thread of its own and only while the controls are mapped; each frame
 * shows another step.
 */
#pragma once

#include "viewers/wb-projection.h"

#include <gtk/gtk.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define WB_TYPE_TSNE (wb_tsne_get_type ())
G_DECLARE_FINAL_TYPE (WbTsne, wb_tsne, WB, TSNE, GtkWidget)

/* Signal "moved": another projection, or an error. */
GtkWidget *wb_tsne_new (void);

/* The newest codes there are, NULL: none. Where they are those of other samples, or of another
 * node, the map begins anew; else it stays with what it has until it is restarted, or follows. */
void wb_tsne_set_codes (WbTsne *tsne, NnCodesResult *codes);

/* The map as it is now, with the codes it was made from; NULL: not yet there. (transfer full) */
WbProjection *wb_tsne_get_projection (WbTsne *tsne);
/* Why there is no map, NULL: no reason but time. */
const char *wb_tsne_get_error (WbTsne *tsne);

void wb_tsne_restart (WbTsne *tsne);
gboolean wb_tsne_get_paused (WbTsne *tsne);
void wb_tsne_set_paused (WbTsne *tsne, gboolean paused);
guint wb_tsne_get_n_steps (WbTsne *tsne);

void wb_tsne_save_state (WbTsne *tsne, JsonObject *state);
void wb_tsne_load_state (WbTsne *tsne, JsonObject *state);

G_END_DECLS
