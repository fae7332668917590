/* wb-axis.h: where the ticks of an axis stand and what they say. Pure: needs no display.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define WB_AXIS_MAX_TICKS 24

typedef enum
{
  WB_AXIS_LINEAR,
  WB_AXIS_LOG,
  WB_AXIS_WHOLE, /* linear, never between two whole numbers: epochs, units */
} WbAxisKind;

typedef struct
{
  guint n;
  double value[WB_AXIS_MAX_TICKS]; /* rising */
  char label[WB_AXIS_MAX_TICKS][24];
} WbTicks;

/* Round ticks within min..max, at most max_ticks (3 .. WB_AXIS_MAX_TICKS) of them. All labels of a
 * linear axis have the same number of decimals. LOG: min > 0. */
void wb_axis_ticks (WbAxisKind kind, double min, double max, guint max_ticks, WbTicks *ticks);

/* Moves min and max outwards to the nearest tick, so that an axis begins and ends with one. A range
 * without extent is widened first. LOG: values <= 0 are replaced by the smallest sensible one. */
void wb_axis_round_out (WbAxisKind kind, guint max_ticks, double *min, double *max);

/* The value with the given number of decimals and a true minus sign; 10 to a power where it would
 * be long. buffer holds at least 24 bytes. */
void wb_axis_format (double value, int decimals, char *buffer);

G_END_DECLS
