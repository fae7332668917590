/* wb-formula.h: a formula on a lesson's page, in the middle of its line and made smaller where it
 * is too wide. What it cannot read is shown as it is written. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

GtkWidget *wb_formula_new (const char *tex); /* see wb-formula-box.h */

G_END_DECLS
