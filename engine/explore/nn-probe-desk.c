#include "explore/nn-probe-desk.h"

#include "diabolo-config.h"

#include "base/nn-error.h"

#include <glib/gi18n-lib.h>

/* While training: a probe at most 30 times a second, all together a tenth of the time. A question
 * that was never answered does not wait: it comes from a hand. */
#define MIN_INTERVAL (G_USEC_PER_SEC / 30)
#define TRAINING_PER_PROBE 9
/* One that names an interval is no matter of a hand: it is worth a fiftieth of the time. */
#define TRAINING_PER_PATIENT_PROBE 49

typedef struct
{
  NnProbe *probe;
  guint64 change; /* that the answer is for */
  gint64 time;    /* of the answer, monotonic; 0 before any */
  gint64 pause;   /* after it, while training */
  gboolean unfinished;
} Slot;

static void
slot_clear (Slot *slot)
{
  nn_probe_unref (slot->probe);
}

static GArray *
slots_new (void)
{
  GArray *slots = g_array_new (FALSE, TRUE, sizeof (Slot));

  g_array_set_clear_func (slots, (GDestroyNotify)slot_clear);
  return slots;
}

void
nn_probe_desk_init (NnProbeDesk *desk)
{
  desk->slots = slots_new ();
  desk->not_before = 0;
  desk->source = NULL;
  desk->source_data = NULL;
}

void
nn_probe_desk_clear (NnProbeDesk *desk)
{
  g_clear_pointer (&desk->slots, g_array_unref);
}

static const Slot *
find_slot (const NnProbeDesk *desk, const NnProbe *probe)
{
  for (guint i = 0; i < desk->slots->len; i++)
    {
      const Slot *slot = &g_array_index (desk->slots, Slot, i);

      if (slot->probe == probe)
        return slot;
    }
  return NULL;
}

void
nn_probe_desk_set (NnProbeDesk *desk, GPtrArray *probes)
{
  g_autoptr (GArray) slots = slots_new ();

  for (guint i = 0; i < probes->len; i++)
    {
      NnProbe *probe = g_ptr_array_index (probes, i);
      const Slot *old = find_slot (desk, probe);
      Slot slot = old != NULL ? *old : (Slot){ .probe = probe };

      nn_probe_ref (probe);
      g_array_append_val (slots, slot);
    }
  g_array_unref (desk->slots);
  desk->slots = g_steal_pointer (&slots);
}

static NnProbeSource
source_of (const NnProbeDesk *desk, const Slot *slot, guint64 change)
{
  return desk->source != NULL ? desk->source (slot->probe->run, change, desk->source_data)
                              : (NnProbeSource){ .change = change };
}

static gboolean
slot_is_due (const NnProbeDesk *desk, const Slot *slot, guint64 now)
{
  const guint64 change = source_of (desk, slot, now).change;

  return slot->time == 0 || slot->change != change || slot->unfinished;
}

gboolean
nn_probe_desk_is_due (const NnProbeDesk *desk, guint64 change)
{
  for (guint i = 0; i < desk->slots->len; i++)
    if (slot_is_due (desk, &g_array_index (desk->slots, Slot, i), change))
      return TRUE;
  return FALSE;
}

static NnProbeResult *
compute (NnProbe *probe, const NnProbeSource *source, NnTrainer *trainer, guint revision)
{
  if (!source->missing && nn_trainer_look_at (trainer, source->past))
    {
      NnProbeResult *result = nn_probe_compute (probe, trainer, revision);

      nn_trainer_look_at (trainer, NULL);
      return result;
    }
  return nn_probe_refuse (
      probe, trainer, revision,
      source->missing
          ? g_error_new (NN_ERROR, NN_ERROR_RANGE,
                         _ ("The weights of this run are no longer kept. Choose another run, or "
                            "train it anew."))
          : g_error_new (NN_ERROR, NN_ERROR_SHAPE,
                         _ ("The network has changed since then: its weights of that time do not "
                            "fit any more. Undo the change to see them.")));
}

/* FALSE: too soon after the answer before. */
static gboolean
slot_may_speak (const Slot *slot, gint64 now, gboolean training)
{
  return !training || slot->time == 0 || now - slot->time >= slot->pause;
}

NnProbeResult *
nn_probe_desk_answer (NnProbeDesk *desk, guint64 change, gboolean training, NnTrainer *trainer,
                      guint revision)
{
  gint64 begin = g_get_monotonic_time ();
  Slot *next = NULL;

  for (guint i = 0; i < desk->slots->len; i++)
    {
      Slot *slot = &g_array_index (desk->slots, Slot, i);

      if (slot_is_due (desk, slot, change) && slot_may_speak (slot, begin, training)
          && (next == NULL || slot->time < next->time))
        next = slot;
    }
  if (next == NULL || (training && next->time != 0 && begin < desk->not_before))
    return NULL;

  const NnProbeSource source = source_of (desk, next, change);
  NnProbeResult *result = compute (next->probe, &source, trainer, revision);
  gint64 end = g_get_monotonic_time ();
  next->time = end;
  next->change = source.change;
  next->pause = MIN_INTERVAL;
  if (next->probe->interval > 0)
    next->pause = MAX (next->probe->interval, TRAINING_PER_PATIENT_PROBE * (end - begin));
  next->unfinished = result->unfinished && result->error == NULL;
  desk->not_before = MAX (desk->not_before, end + TRAINING_PER_PROBE * (end - begin));
  return result;
}
