/* wb-param-scale.h: a slider over a parameter's soft range: linear, or logarithmic with an "off"
 * stop at its left end. The mapping needs no display.
 */
#pragma once

#include <gtk/gtk.h>

#include "base/nn-params.h"

G_BEGIN_DECLS

/* Position on the slider, 0 .. wb_param_position_max(), of a value, and back. Logarithmic sliders
 * have one unit a decade, and one more for "off". */
double wb_param_position_max (const NnParamSpec *spec);
double wb_param_position (const NnParamSpec *spec, double value);
double wb_param_value (const NnParamSpec *spec, double position);

GtkWidget *wb_param_scale_new (const NnParamSpec *spec); /* a GtkScale */
double wb_param_scale_get_value (GtkWidget *scale);
void wb_param_scale_set_value (GtkWidget *scale, double value);

G_END_DECLS
