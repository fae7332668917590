/* wb-projector.h: lays codes out in a thread of its own, one set at a time: while one is made,
 * newer codes wait, and only the newest of them.
 */
#pragma once

#include "viewers/wb-projection.h"

G_BEGIN_DECLS

#define WB_TYPE_PROJECTOR (wb_projector_get_type ())
G_DECLARE_FINAL_TYPE (WbProjector, wb_projector, WB, PROJECTOR, GObject)

/* Signal "projected" (WbProjection): done. */
WbProjector *wb_projector_new (void);
/* Codes, and how they are to be laid out. */
void wb_projector_begin (WbProjector *projector, NnCodesResult *codes,
                         const WbProjectionChoice *choice);
/* Nothing more comes until it is begun again; the next projection follows none. */
void wb_projector_stop (WbProjector *projector);

G_END_DECLS
