#include "panels/wb-spin-word.h"

static const char *
word_of (GtkSpinButton *spin)
{
  return g_object_get_data (G_OBJECT (spin), "word-at-zero");
}

static gboolean
show_value (GtkSpinButton *spin)
{
  if (gtk_spin_button_get_value (spin) != 0)
    return FALSE;
  gtk_editable_set_text (GTK_EDITABLE (spin), word_of (spin));
  return TRUE;
}

static gint
read_value (GtkSpinButton *spin, double *value)
{
  if (g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (spin)), word_of (spin)) != 0)
    return FALSE;
  *value = 0;
  return TRUE;
}

void
wb_spin_word_at_zero (GtkSpinButton *spin, const char *word)
{
  g_return_if_fail (GTK_IS_SPIN_BUTTON (spin) && word != NULL);
  g_object_set_data_full (G_OBJECT (spin), "word-at-zero", g_strdup (word), g_free);
  gtk_spin_button_set_numeric (spin, FALSE);
  g_signal_connect (spin, "output", G_CALLBACK (show_value), NULL);
  g_signal_connect (spin, "input", G_CALLBACK (read_value), NULL);
  show_value (spin); /* where it stands: no change, no signal */
}
