/* wb-film-strip.h: decoded pictures of a walk or of latent arithmetic side by side. */
#pragma once

#include <gtk/gtk.h>

#include "explore/nn-decode-probe.h"

G_BEGIN_DECLS

#define WB_TYPE_FILM_STRIP (wb_film_strip_get_type ())
G_DECLARE_FINAL_TYPE (WbFilmStrip, wb_film_strip, WB, FILM_STRIP, GtkWidget)

/* Signal "picked" (guint position in the strip). */
GtkWidget *wb_film_strip_new (void);
/* Shows what comes behind the codes that were given, and marks the one that the first of those, the
 * ring, is nearest to; walk FALSE: it is a - b + c. */
void wb_film_strip_set_result (WbFilmStrip *strip, NnDecodeResult *result, gboolean walk);
void wb_film_strip_draw_figure (WbFilmStrip *strip, cairo_t *cr, double width, double height);

G_END_DECLS
