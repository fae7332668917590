/* wb-viewer-private.h: between wb-viewer.c and wb-viewer-export.c. */
#pragma once

#include "viewers/wb-viewer.h"

G_BEGIN_DECLS

void wb_viewer_add_export_actions (WbViewer *viewer, GActionMap *actions);

G_END_DECLS
