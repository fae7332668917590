#include "explore/nn-probe-desk.h"

#include "diabolo-config.h"

#include "base/nn-error.h"

#include <glib/gi18n-lib.h>

/* While training: a probe at most 30 times a second, all together a sixteenth of the time; what is
 * still unfinished soon after it was asked, a quarter. */
#define MIN_INTERVAL (G_USEC_PER_SEC / 30)
#define TRAINING_PER_PROBE 15
#define TRAINING_PER_NEW_PROBE 3
#define NEW G_USEC_PER_SEC
/* One that names an interval is no matter of a hand: it is worth a fiftieth of the time. */
#define TRAINING_PER_PATIENT_PROBE 49

/* A question that changes again within this time is in a hand. So long there is at least a fifth of
 * a second between the answers to the others. */
#define HAND (G_USEC_PER_SEC / 2)
#define HAND_PAUSE (G_USEC_PER_SEC / 5)

typedef struct
{
  NnProbe *probe;     /* owned: as it was asked */
  gint64 asked;       /* when, monotonic */
  NnProbe *answering; /* owned: the same question, asked earlier or now, with what it remembers */
  gint leader;        /* slot whose answer covers this one's; -1: none */
  guint64 change;     /* that the answer is for */
  gint64 time;        /* of the answer, monotonic; 0 before any */
  gint64 first_time;  /* of the first one */
  gint64 cost;        /* of computing it, the last time */
  gint64 pause;       /* after it, while training */
  gboolean unfinished;
  NnProbeResult *answer; /* owned: the last one, of a slot that leads or is led; or NULL */
} Slot;

#define SLOT(slots, i) (&g_array_index ((slots), Slot, (i)))

static void
slot_clear (Slot *slot)
{
  nn_probe_unref (slot->probe);
  nn_probe_unref (slot->answering);
  g_clear_pointer (&slot->answer, nn_probe_result_unref);
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
  desk->not_before = desk->hand_until = 0;
  desk->source = NULL;
  desk->source_data = NULL;
}

void
nn_probe_desk_clear (NnProbeDesk *desk)
{
  g_clear_pointer (&desk->slots, g_array_unref);
}

/* ---- who asks what ---- */

static const Slot *
find_slot (const NnProbeDesk *desk, guint id)
{
  for (guint i = 0; i < desk->slots->len; i++)
    if (SLOT (desk->slots, i)->probe->id == id)
      return SLOT (desk->slots, i);
  return NULL;
}

static gboolean
covers (const NnProbe *probe, const NnProbe *other)
{
  return probe->type == other->type && probe->run == other->run && probe->type->covers != NULL
         && probe->type->covers (probe, other);
}

/* What is new in slot keeps what the same viewer's question before it has learned. */
static void
take_over (NnProbeDesk *desk, Slot *slot, const Slot *old)
{
  slot->cost = old->cost;
  if (slot->probe == old->probe)
    slot->asked = old->asked;
  else if (slot->asked - old->asked < HAND)
    desk->hand_until = slot->asked + HAND;
  if (slot->probe != old->probe
      && !(covers (slot->probe, old->answering) && covers (old->answering, slot->probe)))
    return;
  nn_probe_unref (slot->answering);
  slot->answering = nn_probe_ref (old->answering);
  slot->answer = old->answer != NULL ? nn_probe_result_ref (old->answer) : NULL;
  if (slot->probe != old->probe)
    return; /* asked again: answered again */
  slot->change = old->change;
  slot->time = old->time;
  slot->first_time = old->first_time;
  slot->pause = old->pause;
  slot->unfinished = old->unfinished;
}

/* Of questions that cover each other the first leads, else the one that covers most: nobody who is
 * led leads. */
static void
choose_leaders (GArray *slots)
{
  for (guint i = 0; i < slots->len; i++)
    {
      const NnProbe *most = SLOT (slots, i)->answering;
      gint leader = -1;

      for (guint k = 0; k < slots->len; k++)
        {
          const NnProbe *other = SLOT (slots, k)->answering;

          if (k == i || !covers (other, most) || (covers (most, other) && !(leader < 0 && k < i)))
            continue;
          leader = (gint)k;
          most = other;
        }
      SLOT (slots, i)->leader = leader;
    }
}

void
nn_probe_desk_set (NnProbeDesk *desk, GPtrArray *probes)
{
  const gint64 now = g_get_monotonic_time ();
  GArray *slots = slots_new ();

  for (guint i = 0; i < probes->len; i++)
    {
      NnProbe *probe = g_ptr_array_index (probes, i);
      const Slot *old = find_slot (desk, probe->id);
      Slot slot = { .probe = nn_probe_ref (probe),
                    .asked = now,
                    .answering = nn_probe_ref (probe) };

      if (old != NULL)
        take_over (desk, &slot, old);
      g_array_append_val (slots, slot);
    }
  choose_leaders (slots);
  g_array_unref (desk->slots);
  desk->slots = slots;
}

/* ---- what is due ---- */

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

  return slot->time == 0 || (slot->leader < 0 && (slot->change != change || slot->unfinished));
}

gboolean
nn_probe_desk_is_due (const NnProbeDesk *desk, guint64 change)
{
  for (guint i = 0; i < desk->slots->len; i++)
    if (slot_is_due (desk, SLOT (desk->slots, i), change))
      return TRUE;
  return FALSE;
}

gboolean
nn_probe_desk_is_urgent (const NnProbeDesk *desk)
{
  for (guint i = 0; i < desk->slots->len; i++)
    if (SLOT (desk->slots, i)->time == 0)
      return TRUE;
  return FALSE;
}

gboolean
nn_probe_desk_in_hand (const NnProbeDesk *desk)
{
  return g_get_monotonic_time () < desk->hand_until;
}

static gboolean
goes_before (const Slot *slot, const Slot *other)
{
  if (slot->time == 0 && other->time == 0)
    return slot->cost < other->cost;
  return slot->time < other->time;
}

/* FALSE: too soon after the answer before. */
static gboolean
slot_may_speak (const NnProbeDesk *desk, const Slot *slot, gint64 now, gboolean training)
{
  const gint64 pause = now < desk->hand_until ? MAX (slot->pause, HAND_PAUSE) : slot->pause;

  return !training || slot->time == 0 || now - slot->time >= pause;
}

static Slot *
find_next (const NnProbeDesk *desk, guint64 change, gint64 now, gboolean training)
{
  Slot *next = NULL;

  for (guint i = 0; i < desk->slots->len; i++)
    {
      Slot *slot = SLOT (desk->slots, i);

      if (slot_is_due (desk, slot, change) && slot_may_speak (desk, slot, now, training)
          && (next == NULL || goes_before (slot, next)))
        next = slot;
    }
  return next;
}

/* ---- answers ---- */

static NnProbeResult *
compute_from (NnProbe *probe, const NnProbeSource *source, NnTrainer *trainer, guint revision)
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

static void
compute (NnProbeDesk *desk, Slot *slot, guint64 change, NnTrainer *trainer, guint revision)
{
  const NnProbeSource source = source_of (desk, slot, change);
  const gint64 begin = g_get_monotonic_time ();

  g_clear_pointer (&slot->answer, nn_probe_result_unref);
  slot->answer = compute_from (slot->answering, &source, trainer, revision);
  slot->unfinished = slot->answer->unfinished && slot->answer->error == NULL;
  slot->change = source.change;
  slot->time = g_get_monotonic_time ();
  slot->cost = slot->time - begin;
  slot->pause = MIN_INTERVAL;
  if (slot->probe->interval > 0)
    slot->pause = MAX (slot->probe->interval, TRAINING_PER_PATIENT_PROBE * slot->cost);
  if (slot->first_time == 0)
    slot->first_time = slot->time;
  const gboolean is_new = slot->unfinished && slot->time - slot->first_time < NEW;
  desk->not_before =
      MAX (desk->not_before,
           slot->time + (is_new ? TRAINING_PER_NEW_PROBE : TRAINING_PER_PROBE) * slot->cost);
}

/* Whoever slot leads gets their part. */
static void
hand_out (NnProbeDesk *desk, guint leader, GPtrArray *results)
{
  Slot *slot = SLOT (desk->slots, leader);
  gboolean leads = FALSE;

  for (guint i = 0; i < desk->slots->len; i++)
    {
      Slot *led = SLOT (desk->slots, i);
      NnProbeResult *part = NULL;

      if (led->leader != (gint)leader)
        continue;
      leads = TRUE;
      /* What is not in it yet comes by and by: nobody else computes it. */
      led->time = slot->time;
      led->cost = slot->cost;
      led->pause = slot->pause;
      part = nn_probe_extract (led->probe, slot->answer, led->answer);
      if (part == NULL)
        continue;
      g_clear_pointer (&led->answer, nn_probe_result_unref);
      led->answer = nn_probe_result_ref (part);
      g_ptr_array_add (results, part);
    }
  if (leads)
    g_ptr_array_add (results, nn_probe_result_ref (slot->answer));
  else
    g_ptr_array_add (results, g_steal_pointer (&slot->answer));
}

void
nn_probe_desk_answer (NnProbeDesk *desk, guint64 change, gboolean training, NnTrainer *trainer,
                      guint revision, GPtrArray *results)
{
  const gint64 now = g_get_monotonic_time ();
  Slot *next = find_next (desk, change, now, training);

  if (next == NULL || (training && next->time != 0 && now < desk->not_before))
    return;
  const guint leader =
      next->leader >= 0 ? (guint)next->leader : (guint)(next - SLOT (desk->slots, 0));
  next = SLOT (desk->slots, leader);
  if (next->answer == NULL || slot_is_due (desk, next, change))
    compute (desk, next, change, trainer, revision);
  hand_out (desk, leader, results);
}
