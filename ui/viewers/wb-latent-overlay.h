/* wb-latent-overlay.h: what lies over the plane of codes: the ring and the walk that all viewers of
 * codes share, and cards about the selected sample, with its reconstruction, and the hovered one.
 */
#pragma once

#include "document/wb-document.h"
#include "plots/wb-scatter-draw.h"
#include "viewers/wb-projection.h"
#include "viewers/wb-viewer.h"

G_BEGIN_DECLS

typedef struct _WbLatentOverlay WbLatentOverlay;

/* The overlay of a viewer, which outlives it. */
WbLatentOverlay *wb_latent_overlay_new (WbViewer *viewer);
void wb_latent_overlay_free (WbLatentOverlay *overlay);

/* document (nullable) is not kept alive. */
void wb_latent_overlay_follow (WbLatentOverlay *overlay, WbDocument *document);
/* The sample of the test part whose reconstruction is asked of the worker; -1: none. */
void wb_latent_overlay_ask (WbLatentOverlay *overlay, gint64 sample);
gboolean wb_latent_overlay_asks (WbLatentOverlay *overlay);

/* Ring and walk. */
void wb_latent_overlay_snapshot (WbLatentOverlay *overlay, const WbProjection *projection,
                                 const WbFrame *frame, GtkSnapshot *snapshot);
/* The cards. */
void wb_latent_overlay_draw (WbLatentOverlay *overlay, const WbProjection *projection,
                             const WbScatterView *view, const WbFrame *frame, cairo_t *cr,
                             PangoContext *context);

G_END_DECLS
