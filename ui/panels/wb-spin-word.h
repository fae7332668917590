/* wb-spin-word.h: a number field that says a word instead of 0. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* word: "off", "all", translated. It can be typed, too. */
void wb_spin_word_at_zero (GtkSpinButton *spin, const char *word);

G_END_DECLS
