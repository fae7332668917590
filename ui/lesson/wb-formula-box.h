/* wb-formula-box.h: formulas in a small part of TeX's language as boxes that know their size and
 * can be drawn: letters, Greek, ^ and _, \frac, \sqrt, \hat, \bar, \tilde, \sum and \int with their
 * limits, \mathrm and \text, names of functions. Boxes are put together as in D. Knuth, The
 * TeXbook, appendix G, with the spaces between operators and relations and nothing finer.
 *
 * Needs no display.
 */
#pragma once

#include <pango/pangocairo.h>

G_BEGIN_DECLS

typedef struct _WbFormulaBox WbFormulaBox;

/* NN_ERROR_FORMAT names the command that is not known or the brace that is missing. (transfer
 * full) */
WbFormulaBox *wb_formula_box_parse (const char *tex, GError **error);
void wb_formula_box_free (WbFormulaBox *box);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WbFormulaBox, wb_formula_box_free)

/* Sizes in pixels for a font of `size` pixels; context: for its fonts. Call before drawing and
 * after the size changed. */
void wb_formula_box_measure (WbFormulaBox *box, PangoContext *context, double size, double *width,
                             double *ascent, double *descent);
/* The same for the largest size from least to most, to a quarter pixel, at which it is no wider
 * than room; least where none is. Returns the size. */
double wb_formula_box_fit (WbFormulaBox *box, PangoContext *context, double least, double most,
                           double room, double *width, double *ascent, double *descent);
/* With its left end on the base line at (x, y), in the source of cr. */
void wb_formula_box_draw (WbFormulaBox *box, cairo_t *cr, double x, double y);

G_END_DECLS
