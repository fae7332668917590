/* wb-recent.h: the projects opened last, and their pictures. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* At most so many that still exist, newest first. (element-type GtkRecentInfo) (transfer full) */
GPtrArray *wb_recent_projects (guint most);

/* The folder of a file as short as tells it apart: "~/lectures/week 3", "…/students/anna/work"; at
 * most 28 characters or one name. home: in whose place "~" stands, or NULL. (transfer full) */
char *wb_recent_folder (const char *path, const char *home);

/* The newest as buttons with their pictures, which are read on a thread; pressing one activates
 * "win.open-recent" with its URI. Empty as long as there are none. */
GtkWidget *wb_recent_new (void);

G_END_DECLS
