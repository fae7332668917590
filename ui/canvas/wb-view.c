/* The view: how the world maps to the screen (declared in wb-graph-geometry.h). */
#include "canvas/wb-graph-geometry.h"

#include <math.h>

WbPoint
wb_view_to_screen (const WbView *view, WbPoint world)
{
  return (WbPoint){ world.x * view->scale + view->x, world.y * view->scale + view->y };
}

WbPoint
wb_view_to_world (const WbView *view, WbPoint screen)
{
  return (WbPoint){ (screen.x - view->x) / view->scale, (screen.y - view->y) / view->scale };
}

WbArea
wb_view_area_to_screen (const WbView *view, const WbArea *world)
{
  return (WbArea){ world->x * view->scale + view->x, world->y * view->scale + view->y,
                   world->width * view->scale, world->height * view->scale };
}

WbCardStyle
wb_view_card_style (const WbView *view)
{
  return view->scale < WB_TINY_BELOW      ? WB_CARD_TINY
         : view->scale < WB_COMPACT_BELOW ? WB_CARD_COMPACT
                                          : WB_CARD_FULL;
}

void
wb_view_zoom (WbView *view, double scale, WbPoint fixed)
{
  WbPoint world = wb_view_to_world (view, fixed);

  view->scale = CLAMP (scale, WB_MIN_SCALE, WB_MAX_SCALE);
  view->x = fixed.x - world.x * view->scale;
  view->y = fixed.y - world.y * view->scale;
}

void
wb_view_fit (WbView *view, const WbArea *bounds, double width, double height,
             const WbMargins *margins, double max_scale)
{
  double room_x = MAX (width - margins->left - margins->right, 1);
  double room_y = MAX (height - margins->top - margins->bottom, 1);
  double scale = MIN (room_x / MAX (bounds->width, 1), room_y / MAX (bounds->height, 1));

  if (scale > 1)
    scale = floor (scale * 4) / 4;
  view->scale = CLAMP (MIN (scale, max_scale), WB_MIN_SCALE, WB_MAX_SCALE);
  view->x =
      round (margins->left + (room_x - bounds->width * view->scale) / 2 - bounds->x * view->scale);
  view->y =
      round (margins->top + (room_y - bounds->height * view->scale) / 2 - bounds->y * view->scale);
}

/* How far to move the span from..to so that it lies in low..high; its start wins where it cannot.
 */
static double
reveal_span (double from, double to, double low, double high)
{
  if (from < low || to - from > high - low)
    return low - from;
  return to > high ? high - to : 0;
}

void
wb_view_reveal (WbView *view, const WbArea *rect, double width, double height,
                const WbMargins *margins)
{
  WbArea screen = wb_view_area_to_screen (view, rect);

  view->x += round (
      reveal_span (screen.x, screen.x + screen.width, margins->left, width - margins->right));
  view->y += round (
      reveal_span (screen.y, screen.y + screen.height, margins->top, height - margins->bottom));
}
