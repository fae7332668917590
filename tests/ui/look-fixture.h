/* look-fixture.h: what there is to be seen: the pixels of a drawing, the cards on a canvas. */
#pragma once

#include "canvas/wb-node-card.h"

/* 0xRRGGBB */
static inline guint32
fixture_pixel (cairo_surface_t *surface, double x, double y)
{
  cairo_surface_flush (surface);
  const guint8 *pixels = cairo_image_surface_get_data (surface);

  return *(const guint32 *)(gconstpointer)(pixels
                                           + (int)y * cairo_image_surface_get_stride (surface)
                                           + 4 * (int)x)
         & 0xffffff;
}

/* NULL: that node has none. */
static inline WbNodeCard *
fixture_card (GtkWidget *canvas, guint id)
{
  for (GtkWidget *child = gtk_widget_get_first_child (canvas); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (WB_IS_NODE_CARD (child) && wb_node_card_get_id (WB_NODE_CARD (child)) == id)
      return WB_NODE_CARD (child);
  return NULL;
}
