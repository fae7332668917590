/* wb-latent-card.h: what is told about one point of the latent plane: its picture and label beside
 * the pointer; for the selected one what comes back and its nearest neighbours. Needs no display.
 */
#pragma once

#include "explore/nn-codes-probe.h"
#include "plots/wb-figure.h"

G_BEGIN_DECLS

#define WB_LATENT_NEIGHBOURS 6

/* The samples, as they can be drawn. */
typedef struct
{
  const NnDataset *dataset;
  NnPart part;
  gint field; /* what the network is fed with; -1: nothing to draw */
  WbScheme scheme;
} WbLatentSource;

/* Points nearest to `point` by distance of codes (all of their dimensions), the nearest first; at
 * most WB_LATENT_NEIGHBOURS. Returns how many. */
guint wb_latent_neighbours (const NnCodesResult *result, gsize point, guint *neighbours);

/* The point of a sample; -1: it is none of them. */
gssize wb_latent_point_of (const NnCodesResult *result, guint32 sample);

/* A small card beside x, y within width x height. */
void wb_latent_draw_hover (const WbLatentSource *source, const NnCodesResult *result, gsize point,
                           double x, double y, double width, double height, cairo_t *cr,
                           PangoContext *context);
/* A card in the lower left corner of `room`. reconstruction: S values like the sample's, or NULL.
 */
void wb_latent_draw_selected (const WbLatentSource *source, const NnCodesResult *result,
                              gsize point, const float *reconstruction, const guint *neighbours,
                              guint n_neighbours, const WbRect *room, cairo_t *cr,
                              PangoContext *context);

G_END_DECLS
