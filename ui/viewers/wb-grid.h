/* wb-grid.h: the grid of samples as a widget: keeps its picture until something changes, enlarges
 * the sample under the pointer, selects by click or arrow keys.
 */
#pragma once

#include "plots/wb-drawn.h"
#include "viewers/wb-grid-draw.h"

G_BEGIN_DECLS

#define WB_TYPE_GRID (wb_grid_get_type ())
G_DECLARE_FINAL_TYPE (WbGrid, wb_grid, WB, GRID, WbDrawn)

/* Signals: "columns-changed": another number of columns fits; "picked" (guint sample). */
GtkWidget *wb_grid_new (void);
/* plan (transfer full) (nullable); drops the data of the plan before. */
void wb_grid_set_plan (WbGrid *grid, WbGridPlan *plan);
const WbGridPlan *wb_grid_get_plan (WbGrid *grid);
/* data (transfer full) (nullable): of the current plan. */
void wb_grid_set_data (WbGrid *grid, WbGridData *data);
const WbGridData *wb_grid_get_data (WbGrid *grid);
void wb_grid_set_wanted (WbGrid *grid, guint columns); /* see wb_grid_layout() */
guint wb_grid_get_columns (WbGrid *grid);              /* that fit; 0 before the first allocation */
void wb_grid_set_mean (WbGrid *grid, double mean, gsize n_whole);
void wb_grid_set_selected (WbGrid *grid, guint sample);
void wb_grid_set_inverted (WbGrid *grid, gboolean inverted);
gboolean wb_grid_get_inverted (WbGrid *grid);
/* The grid as a figure in light colours. */
void wb_grid_draw_figure (WbGrid *grid, cairo_t *cr, double width, double height);

G_END_DECLS
