/* wb-gallery-draw.h: a gallery on a cairo context: where everything stands, and drawing it. Needs
 * no display.
 */
#pragma once

#include "plots/wb-figure.h"
#include "viewers/wb-gallery-data.h"

G_BEGIN_DECLS

typedef struct
{
  WbRect area;               /* of the cells */
  double cell_width, height; /* of a picture, */
  double caption, gap;       /* of the line below it; between cells */
  guint columns, rows;       /* that fit */
  guint first;               /* cell shown first, where they do not all fit */
  WbRect panel;              /* what is said about one cell, or all; width 0: no room */
  double foot_y;             /* middle of the line with the scale */
} WbGalleryLayout;

typedef struct
{
  const WbGalleryData *data;
  WbScheme scheme;
  gssize selected, hovered; /* cells; -1: none */
  const gboolean *marked;   /* (n), or NULL */
  gboolean enlarged;        /* the selected picture fills the area */
  double foot_end;          /* the foot's text ends before this */
} WbGalleryView;

/* at: a cell that must be among those shown. foot: height of the line below, at least. */
void wb_gallery_layout (const WbGalleryData *data, PangoContext *context, double width,
                        double height, double foot, guint at, WbGalleryLayout *layout);
/* Picture and caption of a cell that is shown. */
WbRect wb_gallery_layout_cell (const WbGalleryLayout *layout, guint cell);
/* -1: none */
gssize wb_gallery_layout_cell_at (const WbGalleryLayout *layout, const WbGalleryData *data,
                                  double x, double y);

/* Everything but the panel: does not depend on what is hovered. */
void wb_gallery_draw (const WbGalleryView *view, const WbGalleryLayout *layout, cairo_t *cr,
                      PangoContext *context);
/* The panel, and the ring around the hovered cell. */
void wb_gallery_draw_panel (const WbGalleryView *view, const WbGalleryLayout *layout, cairo_t *cr,
                            PangoContext *context);

G_END_DECLS
