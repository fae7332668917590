/* wb-glossary.h: what a term or a layer means, in a bubble where it stands. */
#pragma once

#include <gtk/gtk.h>

#include "lesson/nn-lesson-text.h"

G_BEGIN_DECLS

/* Explains "term:latent code" or "layer:dense" beside widget. FALSE: it is neither, or not known.
 */
gboolean wb_glossary_explain (GtkWidget *widget, const char *target);

G_END_DECLS
