/* wb-window.h: a main window and the one document it shows. */
#pragma once

#include <adwaita.h>

#include "document/wb-document.h"
#include "wb-application.h"

G_BEGIN_DECLS

#define WB_TYPE_WINDOW (wb_window_get_type ())
G_DECLARE_FINAL_TYPE (WbWindow, wb_window, WB, WINDOW, AdwApplicationWindow)

WbWindow *wb_window_new (WbApplication *application);

WbDocument *wb_window_get_document (WbWindow *window); /* (transfer none) (nullable) */
/* Takes the place of the document before, which is closed: ask first (wb_window_replace()). */
void wb_window_set_document (WbWindow *window, WbDocument *document);

/* Shows document after asking about unsaved changes where there are any. */
void wb_window_replace (WbWindow *window, WbDocument *document);
/* The same for a lesson, whose ticks and answers are forgotten then. */
void wb_window_replace_anew (WbWindow *window, WbDocument *document);
/* Opens a file off the main thread; an error leaves everything as it is and is told. */
void wb_window_open_file (WbWindow *window, GFile *file);
/* Offers each of the abandoned entries (element-type NnRecoveryEntry) back, one after the other. */
void wb_window_offer_recovery (WbWindow *window, GPtrArray *entries);

void wb_window_toast (WbWindow *window, const char *text, const char *label, const char *action);
void wb_window_tell_error (WbWindow *window, const char *heading, const char *body);

G_END_DECLS
