/* wb-drawing-viewer.h: base of viewers that are one drawing, on the screen and in a file alike. Of
 * its items (units, dimensions, points) one can be marked: by the pointer, or by the arrow keys,
 * which walk through them; Escape marks none.
 */
#pragma once

#include "plots/wb-figure.h"
#include "viewers/wb-viewer.h"

G_BEGIN_DECLS

#define WB_TYPE_DRAWING_VIEWER (wb_drawing_viewer_get_type ())
G_DECLARE_DERIVABLE_TYPE (WbDrawingViewer, wb_drawing_viewer, WB, DRAWING_VIEWER, WbViewer)

/* The sheet that is drawn on, or whose geometry is asked for. */
typedef struct
{
  cairo_t *cr; /* NULL: only geometry */
  PangoContext *context;
  WbScheme scheme;
  double width, height;
  gint marked; /* item, -1: none, as in a file */
} WbSheet;

struct _WbDrawingViewerClass
{
  WbViewerClass parent_class;

  void (*paint) (WbDrawingViewer *viewer, const WbSheet *sheet);
  /* How many items there are, which one is at a place (-1: none), what a screen reader says of one
   * (transfer full). Optional: nothing is marked. */
  guint (*n_items) (WbDrawingViewer *viewer);
  gint (*item_at) (WbDrawingViewer *viewer, const WbSheet *sheet, double x, double y);
  char *(*item_text) (WbDrawingViewer *viewer, guint item);
  /* A press of the main button, or Enter on a marked item: x, y are NaN then. Optional. */
  void (*pressed) (WbDrawingViewer *viewer, const WbSheet *sheet, double x, double y);
  /* Before the arrow keys mark items. Optional. */
  gboolean (*key) (WbDrawingViewer *viewer, guint key, GdkModifierType state);
};

GtkWidget *wb_drawing_viewer_get_area (WbDrawingViewer *viewer);
/* Its accessible name, and a tooltip or NULL. */
void wb_drawing_viewer_name_area (WbDrawingViewer *viewer, const char *name, const char *tip);
void wb_drawing_viewer_redraw (WbDrawingViewer *viewer);
gint wb_drawing_viewer_get_marked (WbDrawingViewer *viewer); /* -1: none */
void wb_drawing_viewer_mark (WbDrawingViewer *viewer, gint item);
/* The sheet as it is on the screen now, without cairo context. */
WbSheet wb_drawing_viewer_sheet (WbDrawingViewer *viewer);

G_END_DECLS
