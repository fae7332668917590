/* wb-pad.h: a picture, grey or in colour, that is drawn on with the pointer or the keys.
 *
 * Pointer: the main button uses the brush, the other one erases. Keys: arrows move the brush, Enter
 * puts it down, Delete erases everything.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WB_TYPE_PAD (wb_pad_get_type ())
G_DECLARE_FINAL_TYPE (WbPad, wb_pad, WB, PAD, GtkWidget)

typedef enum
{
  WB_BRUSH_PEN,
  WB_BRUSH_ERASER,
  WB_BRUSH_NOISE,
  WB_N_BRUSHES
} WbBrush;

/* Signal "changed": the user has drawn. */
GtkWidget *wb_pad_new (void);
/* Another size (pixels) empties it. channels: 1 (grey) or 3 (red, green, blue). */
void wb_pad_set_size (WbPad *pad, guint width, guint height, guint channels);
/* (height, width, channels), 0..1 */
const float *wb_pad_get_values (WbPad *pad);
void wb_pad_set_values (WbPad *pad, const float *values);
void wb_pad_clear (WbPad *pad); /* emits "changed" */
void wb_pad_set_brush (WbPad *pad, WbBrush brush);
WbBrush wb_pad_get_brush (WbPad *pad);
/* That the pen draws with on a coloured picture; on a grey one it is white. */
void wb_pad_set_color (WbPad *pad, const GdkRGBA *color);
void wb_pad_set_radius (WbPad *pad, double radius); /* pixels of the picture */
double wb_pad_get_radius (WbPad *pad);
/* From one place of the picture (pixels, 0..width) to another, as the pointer does. */
void wb_pad_stroke (WbPad *pad, double x0, double y0, double x1, double y1, WbBrush brush);

G_END_DECLS
