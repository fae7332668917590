/* nn-probe.h: what a viewer asks of the worker. One kind of question = one file in explore/ = one
 * NnProbeType; a viewer makes a probe, the session computes it with the current weights whenever
 * new ones are due, the answer comes back in a snapshot. Probes and answers are immutable, but for
 * what a probe remembers from one answer to the next: that belongs to the worker it was given to.
 */
#pragma once

#include "train/nn-trainer.h"

G_BEGIN_DECLS

typedef struct _NnProbe NnProbe;
typedef struct _NnProbeResult NnProbeResult;

typedef struct
{
  const char *name;
  /* On the worker. NULL and error where the network cannot answer (no code, sample out of range):
   * the text is shown in the viewer. (transfer full) */
  NnProbeResult *(*compute) (NnProbe *probe, NnTrainer *trainer, GError **error);
  void (*free_probe) (NnProbe *probe);
  /* Must take a result whose own fields are all zero. Frees the memory too. */
  void (*free_result) (NnProbeResult *result);
  gsize result_size; /* of the subtype's result */
} NnProbeType;

/* Base of every probe; subtypes embed it first. */
struct _NnProbe
{
  gatomicrefcount refs;
  const NnProbeType *type;
  guint id;        /* the viewer's: answers carry it. Unique in the process (nn_probe_next_id()). */
  guint64 run;     /* whose weights are asked about; 0: of the run in training. Set before it is
                      sent. */
  gint64 interval; /* microseconds at least between answers while training, which then take no more
                      than 2 % of the time; 0: as often as any */
};

struct _NnProbeResult
{
  gatomicrefcount refs;
  const NnProbeType *type;
  guint probe;         /* id */
  guint64 step;        /* optimizer steps done when it was computed */
  guint revision;      /* of the design it was computed for */
  gboolean unfinished; /* a better answer needs more work: the session asks again though nothing
                          changed */
  GError *error;       /* owned; where set, the subtype's fields are empty */
};

guint nn_probe_next_id (void);

/* Never NULL: what compute() gives or a result with its error, id, step and revision filled in. On
 * the worker. (transfer full) */
NnProbeResult *nn_probe_compute (NnProbe *probe, NnTrainer *trainer, guint revision);

/* The same for a probe that cannot be answered. (transfer full error, result) */
NnProbeResult *nn_probe_refuse (NnProbe *probe, NnTrainer *trainer, guint revision, GError *error);

NnProbe *nn_probe_ref (NnProbe *probe);
void nn_probe_unref (NnProbe *probe);
NnProbeResult *nn_probe_result_ref (NnProbeResult *result);
void nn_probe_result_unref (NnProbeResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnProbe, nn_probe_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnProbeResult, nn_probe_result_unref)

G_END_DECLS
