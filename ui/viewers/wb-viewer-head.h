/* wb-viewer-head.h: the line above a viewer's content: its sentence, its legend, its controls. Where
 * they do not fit beside each other the controls go below the sentence; where the sentence is wider
 * than all, it takes two lines; a legend that does not fit whole is left out.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WB_TYPE_VIEWER_HEAD (wb_viewer_head_get_type ())
G_DECLARE_FINAL_TYPE (WbViewerHead, wb_viewer_head, WB, VIEWER_HEAD, GtkWidget)

GtkWidget *wb_viewer_head_new (void);
GtkLabel *wb_viewer_head_get_sentence (WbViewerHead *head);
GtkLabel *wb_viewer_head_get_legend (WbViewerHead *head); /* hidden at first */
void wb_viewer_head_add_control (WbViewerHead *head, GtkWidget *control);

G_END_DECLS
