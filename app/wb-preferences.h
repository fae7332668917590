/* wb-preferences.h: the few choices that are no part of a document. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* A window over parent; every choice takes effect at once. */
GtkWidget *wb_preferences_new (GtkWindow *parent);

G_END_DECLS
