/* wb-answer-draw.h: what a network makes of one sample, as large as there is room: the picture that
 * it gives back, or a bar for each class. Needs no display.
 */
#pragma once

#include "viewers/wb-grid-data.h"

G_BEGIN_DECLS

/* data holds one sample. What the network was given: with its noise, its holes. */
void wb_answer_draw_seen (const WbGridData *data, const WbRect *room, cairo_t *cr, WbScheme scheme);
void wb_answer_draw (const WbGridData *data, const WbRect *room, cairo_t *cr, PangoContext *context,
                     WbScheme scheme);

G_END_DECLS
