/* wb-noise-preview.h: some versions of the sample that is on show, as a layer of noise, masks or
 * augmentation makes them in training; redrawn while its parameters move.
 */
#pragma once

#include "document/wb-document.h"

G_BEGIN_DECLS

GtkWidget *wb_noise_preview_new (void);
/* Hidden where node (nullable) is no such layer, or does not stand right behind an Input. */
void wb_noise_preview_show (GtkWidget *preview, WbDocument *document, const NnNode *node);

G_END_DECLS
