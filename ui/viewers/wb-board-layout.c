/* wb-board-layout.c: where the cells of a board stand. */
#include "viewers/wb-board-draw.h"

#include <math.h>

#define PANEL_WIDTH 186
#define PANEL_GAP 16
#define CARD_PADDING 9
#define CARD_WIDTH 150 /* the panel's where it floats */
#define MIN_AREA 190   /* a narrower area needs the panel's room */
#define MIN_CELL 14    /* a smaller map shows nothing */
#define MAX_CELL 220
#define MAX_DOT 44 /* a single value */
#define LINE_GAP 5
#define BARS_PART 0.46
#define MAX_PITCH 36

/* The number of columns with which the maps become largest: of width w where c of them fit beside
 * and n / c above each other. */
static void
place_maps (const WbBoardData *data, WbBoardLayout *layout, gsize at)
{
  const WbRect *area = &layout->area;
  const double aspect = (double)data->height / (double)data->width;
  const gsize most = data->columns > 0 ? data->columns : data->n;
  double best = 0;

  layout->gap = data->n > 40 ? 2 : 4;
  for (gsize c = data->columns > 0 ? data->columns : 1; c <= most; c++)
    {
      const double rows = ceil ((double)data->n / (double)c);
      const double wide = (area->width + layout->gap) / (double)c - layout->gap;
      const double high = ((area->height + layout->gap) / rows - layout->gap) / aspect;

      if (MIN (wide, high) > best)
        {
          best = MIN (wide, high);
          layout->columns = c;
        }
    }
  if (best < MIN_CELL)
    {
      best = MIN_CELL;
      layout->columns = (gsize)MAX (1, (area->width + layout->gap) / (best + layout->gap));
      if (data->columns > 0)
        layout->columns = MIN (layout->columns, data->columns);
    }
  layout->cell_width = MAX (1, floor (MIN (best, MAX_CELL)));
  layout->cell_height = MAX (1, round (layout->cell_width * aspect));
  layout->rows = (gsize)MAX (1, (area->height + layout->gap) / (layout->cell_height + layout->gap));
  if (at >= layout->columns * layout->rows)
    layout->first = (at / layout->columns - layout->rows + 1) * layout->columns;
}

static void
place_units (const WbBoardData *data, WbBoardLayout *layout)
{
  WbRect *area = &layout->area;
  double side;

  layout->bars = *area;
  layout->bars.height = floor (area->height * BARS_PART);
  layout->pitch = MIN (area->width / (double)data->n, MAX_PITCH);
  if (layout->pitch > 3)
    layout->pitch = floor (layout->pitch);
  area->y += layout->bars.height + 2 * LINE_GAP;
  area->height -= layout->bars.height + 2 * LINE_GAP;
  layout->columns = CLAMP (data->columns, 1, data->n);
  layout->rows = (data->n + layout->columns - 1) / layout->columns;
  side = MIN (area->width / (double)layout->columns, area->height / (double)layout->rows);
  side = MIN (side, MAX_DOT);
  layout->cell_width = layout->cell_height = side > 4 ? floor (side) : side;
  layout->left = area->x;
  layout->top = area->y;
}

/* One picture, as large as it goes. */
static void
place_whole (const WbBoardData *data, WbBoardLayout *layout)
{
  const WbRect *area = &layout->area;
  const gboolean upright = data->kind == WB_BOARD_COLUMNS;
  const double values = MAX_DOT * (double)data->width;

  layout->columns = upright ? data->n : 1;
  layout->rows = upright ? 1 : data->n;
  layout->cell_width = MIN (area->width / (double)layout->columns, upright ? MAX_DOT : values);
  layout->cell_height = MIN (area->height / (double)layout->rows, upright ? values : MAX_DOT);
}

void
wb_board_layout (const WbBoardData *data, PangoContext *context, double width, double height,
                 gsize at, WbBoardLayout *layout)
{
  const double line = wb_figure_line_height (context);
  const gboolean wide = width >= MIN_AREA + PANEL_GAP + PANEL_WIDTH;

  *layout = (WbBoardLayout){ .area = { 0, 1, width, MAX (8, height - line - 2 * LINE_GAP) } };
  layout->scale_y = round (height - line / 2 - 1);
  if (wide)
    {
      layout->area.width -= PANEL_WIDTH + PANEL_GAP;
      layout->panel = (WbRect){ width - PANEL_WIDTH, 0, PANEL_WIDTH, height };
    }
  else
    {
      layout->floating = TRUE;
      layout->panel =
          (WbRect){ 0, 0, MIN (CARD_WIDTH, width - 2 * CARD_PADDING), layout->area.height + 1 };
    }
  layout->left = layout->area.x;
  layout->top = layout->area.y;
  switch (data->kind)
    {
    case WB_BOARD_MAPS:
      place_maps (data, layout, at);
      break;
    case WB_BOARD_UNITS:
      place_units (data, layout);
      break;
    case WB_BOARD_ROWS:
    case WB_BOARD_COLUMNS:
      place_whole (data, layout);
      break;
    default:
      g_assert_not_reached ();
    }
}

gssize
wb_board_layout_cell_at (const WbBoardLayout *layout, const WbBoardData *data, double x, double y)
{
  const WbRect *bars = &layout->bars;
  double column = floor ((x - layout->left) / (layout->cell_width + layout->gap));
  double row = floor ((y - layout->top) / (layout->cell_height + layout->gap));
  gsize cell;

  if (bars->width > 0 && y >= bars->y && y < bars->y + bars->height)
    {
      column = floor ((x - bars->x) / layout->pitch);
      return column >= 0 && column < (double)data->n ? (gssize)column : -1;
    }
  if (column < 0 || row < 0 || column >= (double)layout->columns || row >= (double)layout->rows)
    return -1;
  cell = layout->first + (gsize)row * layout->columns + (gsize)column;
  return cell < data->n ? (gssize)cell : -1;
}

WbRect
wb_board_layout_cell (const WbBoardLayout *layout, const WbBoardData *data, gsize cell)
{
  const gsize place = cell - layout->first;
  const gsize column = place % layout->columns, row = place / layout->columns;

  return (WbRect){ layout->left + (double)column * (layout->cell_width + layout->gap),
                   layout->top + (double)row * (layout->cell_height + layout->gap),
                   layout->cell_width, layout->cell_height };
}

/* A card stands on the side where its cell is not. */
WbRect
wb_board_layout_panel (const WbBoardLayout *layout, const WbBoardData *data, gsize cell,
                       WbRect *card)
{
  const WbRect at = wb_board_layout_cell (layout, data, cell);
  WbRect panel = layout->panel;

  *card = panel;
  if (!layout->floating)
    return panel;
  card->width += 2 * CARD_PADDING;
  if (at.x + at.width / 2 < layout->area.width / 2)
    card->x = layout->area.width - card->width;
  panel.x = card->x + CARD_PADDING;
  panel.y = CARD_PADDING;
  panel.height = card->height - 2 * CARD_PADDING;
  return panel;
}
