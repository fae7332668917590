/* wb-window-private.h: what the files of the window share. */
#pragma once

#include "canvas/wb-canvas.h"
#include "lesson/wb-lesson-panel.h"
#include "panels/wb-inspector.h"
#include "panels/wb-palette.h"
#include "panels/wb-rewind-bar.h"
#include "viewers/wb-dock.h"
#include "wb-window.h"

G_BEGIN_DECLS

struct _WbWindow
{
  AdwApplicationWindow parent_instance;

  WbDocument *document; /* owned */

  /* template */
  AdwToastOverlay *toasts;
  AdwWindowTitle *title;
  GtkWidget *left_toggle, *right_toggle, *layers_tab;
  GtkWidget *undo_button, *redo_button;
  GtkWidget *train_button, *step_button, *reset_button;
  AdwButtonContent *train_content;
  GtkProgressBar *progress;
  GtkWidget *busy_revealer;
  GtkLabel *busy_label;
  GtkProgressBar *busy_progress;
  GtkInfoBar *recovery_bar;
  GtkLabel *recovery_label;
  GtkRevealer *left_revealer, *right_revealer;
  GtkWidget *left_panel, *right_panel;
  AdwClamp *left_clamp;
  GtkStack *left_stack;
  GtkPaned *paned;
  GtkOverlay *middle;
  WbRewindBar *rewind_bar;
  GMenu *recent_menu;

  /* contents */
  WbCanvas *canvas;
  WbDock *dock;
  WbInspector *inspector;
  WbPalette *palette;
  WbLessonPanel *lesson;
  GtkWidget *pointed; /* what a lesson points at, weak; or NULL */

  struct _WbImport *import; /* under way, or NULL */
  guint n_opening;          /* projects on their way */
  GFile *codes;             /* compressed images that wait for them, owned; or NULL */
  gint64 header_at;         /* when the header's numbers were last written, us */
  guint header_timeout;     /* a later look at them */
  GPtrArray *lost_work;     /* NnRecoveryEntry still to be offered, or NULL */
  gboolean closing;         /* asked and answered */
  gboolean space_held;      /* Space trains or pauses once, however long it is held */
  gboolean last_key;        /* the last thing pressed was a key, not a pointer's button */
  gboolean focus_keyed;     /* keys brought the focus where it is */
  GtkWidget *focus_before;  /* weak: what had the focus last outside of menus */
  guint focus_return;       /* a later look whether a menu has kept it */
  gboolean panels_before_presentation[2];
};

/* wb-window.c */
void wb_window_update_header (WbWindow *self);

/* wb-window-actions.c */
void wb_window_actions_update (WbWindow *self);
void wb_window_actions_init (WbWindow *self);

/* wb-window-files.c */
typedef void (*WbWindowThen) (WbWindow *window, gpointer data);
/* Calls then once nothing can be lost: at once, after saving or after discarding; not after
 * "Cancel". data is freed with destroy either way. */
void wb_window_ask_about_changes (WbWindow *self, WbWindowThen then, gpointer data,
                                  GDestroyNotify destroy);
void wb_window_save (WbWindow *self, gboolean as);
void wb_window_save_for_students (WbWindow *self); /* the document's lesson can be read */
void wb_window_choose_file (WbWindow *self);
void wb_window_files_init (WbWindow *self);

/* wb-window-data.c */
void wb_window_data_init (WbWindow *self);

/* wb-window-import.c */
/* A network becomes a document of its own, weights are offered to the one that is open. */
void wb_window_import_file (WbWindow *self, GFile *file);
/* What is being read, or NULL; fraction 0..1. */
const char *wb_window_importing (WbWindow *self, double *fraction);
void wb_window_cancel_import (WbWindow *self);

/* wb-window-lesson.c */
void wb_window_lesson_init (WbWindow *self);
/* Hides what the document's lesson hides, from now on. */
void wb_window_lesson_follow (WbWindow *self);
/* Shows the text of a lesson, where the document has one, and (arrange) the viewers it opens with.
 */
void wb_window_lesson_begin (WbWindow *self, gboolean arrange);

/* wb-window-state.c */
void wb_window_state_restore (WbWindow *self);
void wb_window_state_keep (WbWindow *self);

G_END_DECLS
