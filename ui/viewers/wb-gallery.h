/* wb-gallery.h: a gallery as a widget. A click selects a cell, a double click enlarges it (where
 * there is no panel beside, a click does); Ctrl or Shift with a click, or a rectangle drawn with
 * the pointer, marks several, and Escape unmarks them. For keys and wheel see wb-cells.h.
 */
#pragma once

#include "viewers/wb-cells.h"
#include "viewers/wb-gallery-draw.h"

G_BEGIN_DECLS

#define WB_TYPE_GALLERY (wb_gallery_get_type ())
G_DECLARE_FINAL_TYPE (WbGallery, wb_gallery, WB, GALLERY, WbCells)

/* Signal "marks-changed". */
GtkWidget *wb_gallery_new (void);
/* data (transfer full) (nullable). Selection and marks stay while the units are the same. */
void wb_gallery_set_data (WbGallery *gallery, WbGalleryData *data);
const WbGalleryData *wb_gallery_get_data (WbGallery *gallery); /* (nullable) */
void wb_gallery_mark (WbGallery *gallery, guint cell, gboolean marked);
/* Units that are marked, rising; empty: none. (element-type guint32) (transfer full) */
GArray *wb_gallery_get_marked (WbGallery *gallery);
void wb_gallery_clear_marks (WbGallery *gallery);
/* Room that the foot leaves at its right end, for controls that lie over it. */
void wb_gallery_set_foot (WbGallery *gallery, double height, double width);
/* The gallery as a figure in light colours. */
void wb_gallery_draw_figure (WbGallery *gallery, cairo_t *cr, double width, double height);

G_END_DECLS
