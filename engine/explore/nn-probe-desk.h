/* nn-probe-desk.h: which probe is to be answered next, so that a hand never waits, what is watched
 * stays fresh, and training loses little. On the worker.
 *
 * A question that was never answered comes from a hand: it is urgent, and of several the one that
 * took least the last time goes first. The others share a small part of the time, the one that has
 * waited longest first. While a hand moves (a question changes several times a second) they are
 * answered less often, so that the window has its time for what follows the hand. Where one
 * question covers another (nn-probe.h), it is computed once for both.
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
  gint64 hand_until;        /* monotonic time up to which a hand may be taken to move */
  NnProbeSourceFunc source; /* nullable: always the trainer's own */
  gpointer source_data;
} NnProbeDesk;

void nn_probe_desk_init (NnProbeDesk *desk);
void nn_probe_desk_clear (NnProbeDesk *desk);

/* (element-type NnProbe). Those that were there before keep their answers, and one that asks again
 * what it has asked before goes on where that was. */
void nn_probe_desk_set (NnProbeDesk *desk, GPtrArray *probes);

/* TRUE if a probe has no answer for this state of weights and design (named by a rising number). */
gboolean nn_probe_desk_is_due (const NnProbeDesk *desk, guint64 change);
/* TRUE if a probe has never been answered. */
gboolean nn_probe_desk_is_urgent (const NnProbeDesk *desk);

/* TRUE while a hand moves something that is asked about. */
gboolean nn_probe_desk_in_hand (const NnProbeDesk *desk);

/* Answers one probe that is due: an urgent one, else the one that has waited longest; nothing where
 * none is, or, while training, where that would take more than its share of time. results
 * (element-type NnProbeResult, transfer full): its answer is added, and those of the probes that it
 * covers. */
void nn_probe_desk_answer (NnProbeDesk *desk, guint64 change, gboolean training, NnTrainer *trainer,
                           guint revision, GPtrArray *results);

G_END_DECLS
