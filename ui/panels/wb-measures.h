/* wb-measures.h: what the last validation has measured, as lines "name ... value". */
#pragma once

#include "document/wb-document.h"

G_BEGIN_DECLS

/* Fills box (a column of wb_panel_fact()) anew. measures: element-type NnMeasure, or NULL. FALSE
 * where there is nothing to show. */
gboolean wb_measures_show (GtkWidget *box, NnDesign *design, const GArray *measures);

G_END_DECLS
