/* wb-scatter.h: labelled points as a widget. Drag to pan, scroll to zoom about the pointer, F or a
 * double click to see all; arrow keys, + and -; Page Up and Page Down select one point after the
 * other; with Shift a drag draws a line around points. The picture is kept until something changes.
 *
 * Signals: "hovered" (int point), "picked" (int point), each -1 for none; "chosen-changed".
 */
#pragma once

#include "plots/wb-drawn.h"
#include "plots/wb-scatter-draw.h"

G_BEGIN_DECLS

#define WB_TYPE_SCATTER (wb_scatter_get_type ())
G_DECLARE_FINAL_TYPE (WbScatter, wb_scatter, WB, SCATTER, WbDrawn)

/* Over the points: what moves by itself, in nodes as small as they can be. */
typedef void (*WbScatterMoving) (GtkSnapshot *snapshot, const WbFrame *frame, gpointer user_data);
/* Over that: what belongs to the selected and the hovered point. It is kept until they change. */
typedef void (*WbScatterOverlay) (cairo_t *cr, PangoContext *context, const WbScatterView *view,
                                  const WbFrame *frame, gpointer user_data);

GtkWidget *wb_scatter_new (void);
/* data (transfer full) (nullable). same_plane: the axes mean what they meant before, so that the
 * view stays where it is as long as it serves. */
void wb_scatter_set_data (WbScatter *scatter, WbScatterData *data, gboolean same_plane);
const WbScatterData *wb_scatter_get_data (WbScatter *scatter);
/* What moves is drawn whenever the widget is (gtk_widget_queue_draw()). */
void wb_scatter_set_overlay (WbScatter *scatter, WbScatterMoving moving, WbScatterOverlay overlay,
                             gpointer user_data);
void wb_scatter_redraw_overlay (WbScatter *scatter);
void wb_scatter_set_clouds (WbScatter *scatter, WbClouds clouds);
/* Class whose points stand out; -1: all. */
void wb_scatter_set_only (WbScatter *scatter, gint label);
/* -1: none. neighbours are ringed too. */
void wb_scatter_set_selected (WbScatter *scatter, gssize point, const guint *neighbours,
                              guint n_neighbours);
gssize wb_scatter_get_selected (WbScatter *scatter);
/* Points that stand out, as if a line had been drawn around them: (n) flags, copied; NULL: all. */
void wb_scatter_choose (WbScatter *scatter, const guint8 *chosen);
gsize wb_scatter_get_n_chosen (WbScatter *scatter); /* by a line; 0: no line */
gboolean wb_scatter_is_chosen (WbScatter *scatter, gsize point);

void wb_scatter_zoom_all (WbScatter *scatter);
void wb_scatter_zoom (WbScatter *scatter, double factor); /* about the middle */
gboolean wb_scatter_get_zoomed (WbScatter *scatter);
const WbFrame *wb_scatter_get_frame (WbScatter *scatter);

/* All of it as outlines in light colours. */
void wb_scatter_draw_figure (WbScatter *scatter, cairo_t *cr, double width, double height);

G_END_DECLS
