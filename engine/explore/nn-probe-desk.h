/* nn-probe-desk.h: which probe is to be answered next, so that what is watched stays fresh and
 * training loses little. On the worker.
 */
#pragma once

#include "explore/nn-probe.h"

G_BEGIN_DECLS

/* The weights that a probe is to be answered with. */
typedef struct
{
  NnCheckpoint *past; /* borrowed; NULL: the trainer's own */
  gboolean missing;   /* there are none */
  guint64 change;     /* names them together with the design: another number, another answer */
} NnProbeSource;

/* run: see NnProbe. change: of the trainer's own weights and design. */
typedef NnProbeSource (*NnProbeSourceFunc) (guint64 run, guint64 change, gpointer data);

typedef struct
{
  GArray *slots;            /* private */
  gint64 not_before;        /* monotonic time from which answering is within its share */
  NnProbeSourceFunc source; /* nullable: always the trainer's own */
  gpointer source_data;
} NnProbeDesk;

void nn_probe_desk_init (NnProbeDesk *desk);
void nn_probe_desk_clear (NnProbeDesk *desk);

/* (element-type NnProbe). Those that were there before keep their answers. */
void nn_probe_desk_set (NnProbeDesk *desk, GPtrArray *probes);

/* TRUE if a probe has no answer for this state of weights and design (named by a rising number). */
gboolean nn_probe_desk_is_due (const NnProbeDesk *desk, guint64 change);

/* Answers one probe that is due, the one that has waited longest; NULL where none is, or, while
 * training, where that would take more than its share of time. (transfer full) */
NnProbeResult *nn_probe_desk_answer (NnProbeDesk *desk, guint64 change, gboolean training,
                                     NnTrainer *trainer, guint revision);

G_END_DECLS
