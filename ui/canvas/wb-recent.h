/* wb-recent.h: the projects opened last, and their pictures. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* At most so many that still exist, newest first. (element-type GtkRecentInfo) (transfer full) */
GPtrArray *wb_recent_projects (guint most);

/* The newest as buttons with their pictures, which are read on a thread; pressing one activates
 * "win.open-recent" with its URI. Empty as long as there are none. */
GtkWidget *wb_recent_new (void);

G_END_DECLS
