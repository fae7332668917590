/* wb-chooser.h: a small window with a list of a few things to start from. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _WbChoices WbChoices;

WbChoices *wb_choices_new (void);
void wb_choices_add (WbChoices *choices, const char *id, const char *title, const char *summary,
                     const char *icon);
/* Of the choice added last: a word at its end (nullable), and whether it is folded under the one
 * before it that is not. */
void wb_choices_mark (WbChoices *choices, const char *mark, gboolean folded);
void wb_choices_free (WbChoices *choices);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WbChoices, wb_choices_free)

typedef void (*WbChosenFunc) (const char *id, gpointer data);

/* The list as rows of a boxed list; chosen is called when one is activated. */
GtkWidget *wb_choices_list (WbChoices *choices, WbChosenFunc chosen, gpointer data);

/* Shows the choices over parent; chosen is called after one was activated, never after Escape. */
void wb_chooser_present (GtkWindow *parent, const char *title, WbChoices *choices,
                         WbChosenFunc chosen, gpointer data);

G_END_DECLS
