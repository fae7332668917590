/* wb-port.h: the round end of a connection on a card. A real child widget, so that it can be found
 * by name, pointed at and dragged from; the gestures belong to the canvas.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WB_TYPE_PORT (wb_port_get_type ())
G_DECLARE_FINAL_TYPE (WbPort, wb_port, WB, PORT, GtkWidget)

/* Side of the square that takes the pointer; the circle in it has radius 4. */
#define WB_PORT_SIZE 20

typedef enum
{
  WB_PORT_NORMAL,
  WB_PORT_SOURCE,  /* a connection is being drawn from here */
  WB_PORT_FITS,    /* ... and would fit here */
  WB_PORT_MISFIT,  /* ... and would not */
  WB_PORT_SNAPPED, /* ... and ends here now */
  WB_PORT_WRONG,   /* a diagnostic speaks of it */
  WB_N_PORT_STATES
} WbPortState;

GtkWidget *wb_port_new (guint node, gboolean output, guint port);
guint wb_port_get_node (WbPort *port);
gboolean wb_port_is_output (WbPort *port);
guint wb_port_get_index (WbPort *port);
void wb_port_set_label (WbPort *port, const char *label, const char *tip);
/* Nothing needs to be connected to it: drawn small, so that it does not ask for it. */
void wb_port_set_optional (WbPort *port, gboolean optional);
void wb_port_set_state (WbPort *port, WbPortState state);

G_END_DECLS
