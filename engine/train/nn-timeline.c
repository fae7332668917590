#include "train/nn-timeline.h"

#include <math.h>

#include "train/nn-weights.h"

#define PARTS 8 /* moments an epoch at first */
/* Of all runs, however small they are: a list that is told while training has to be short. */
#define MAX_MOMENTS 1024

typedef struct
{
  guint64 id;
  guint64 parent;  /* 0: none */
  guint64 stride;  /* parts of an epoch between two moments; a power of two */
  GPtrArray *kept; /* NnKeptMoment, in the order of steps */
} Run;

struct _NnTimeline
{
  gsize budget, bytes;
  guint n_moments;
  guint64 n_made;
  GPtrArray *runs; /* Run, in the order they began */
};

/* ---- moments ---- */

static NnKeptMoment *
kept_moment_new (NnTimeline *timeline, const NnMoment *at, NnCheckpoint *checkpoint,
                 GArray *measures)
{
  NnKeptMoment *moment = g_new0 (NnKeptMoment, 1);

  g_ref_count_init (&moment->refs);
  moment->at = *at;
  moment->checkpoint = nn_checkpoint_ref (checkpoint);
  moment->measures = measures != NULL ? g_array_ref (measures) : NULL;
  moment->number = ++timeline->n_made;
  return moment;
}

NnKeptMoment *
nn_kept_moment_ref (NnKeptMoment *moment)
{
  g_ref_count_inc (&moment->refs);
  return moment;
}

void
nn_kept_moment_unref (NnKeptMoment *moment)
{
  if (!g_ref_count_dec (&moment->refs))
    return;
  nn_checkpoint_unref (moment->checkpoint);
  g_clear_pointer (&moment->measures, g_array_unref);
  g_free (moment);
}

/* Number of the part of an epoch that has begun. Fractions of an epoch are not exact. */
static guint64
part_of (double epoch)
{
  return (guint64)floor (epoch * PARTS + 1e-6);
}

/* ---- runs ---- */

static void
run_free (Run *run)
{
  g_ptr_array_unref (run->kept);
  g_free (run);
}

static Run *
find_run (const NnTimeline *timeline, guint64 id)
{
  for (guint i = 0; i < timeline->runs->len; i++)
    {
      Run *run = g_ptr_array_index (timeline->runs, i);

      if (run->id == id)
        return run;
    }
  return NULL;
}

static Run *
ensure_run (NnTimeline *timeline, guint64 id)
{
  Run *run = find_run (timeline, id);

  if (run == NULL)
    {
      run = g_new0 (Run, 1);
      run->id = id;
      run->stride = 1;
      run->kept = g_ptr_array_new_with_free_func ((GDestroyNotify)nn_kept_moment_unref);
      g_ptr_array_add (timeline->runs, run);
    }
  return run;
}

static NnKeptMoment *
kept (const Run *run, guint position)
{
  return g_ptr_array_index (run->kept, position);
}

static void
append (NnTimeline *timeline, Run *run, NnKeptMoment *moment)
{
  timeline->bytes += nn_checkpoint_bytes (moment->checkpoint);
  timeline->n_moments++;
  g_ptr_array_add (run->kept, moment);
}

static void
drop (NnTimeline *timeline, Run *run, guint position)
{
  timeline->bytes -= nn_checkpoint_bytes (kept (run, position)->checkpoint);
  timeline->n_moments--;
  g_ptr_array_remove_index (run->kept, position);
}

static void
drop_run (NnTimeline *timeline, Run *run)
{
  while (run->kept->len > 0)
    drop (timeline, run, run->kept->len - 1);
  g_ptr_array_remove (timeline->runs, run);
}

/* ---- thinning ---- */

/* Doubles the distance: the first moment of each part of that size stays, and the newest. */
static void
thin (NnTimeline *timeline, Run *run)
{
  run->stride *= 2;
  for (guint i = run->kept->len - 1; i-- > 1;)
    if (part_of (kept (run, i)->at.epoch) / run->stride
        == part_of (kept (run, i - 1)->at.epoch) / run->stride)
      drop (timeline, run, i);
}

/* The run with the most moments between its first and its newest, or NULL. */
static Run *
longest_run (const NnTimeline *timeline)
{
  Run *longest = NULL;

  for (guint i = 0; i < timeline->runs->len; i++)
    {
      Run *run = g_ptr_array_index (timeline->runs, i);

      if (run->kept->len > 2 && (longest == NULL || run->kept->len > longest->kept->len))
        longest = run;
    }
  return longest;
}

/* Where two moments a run are too many: whole runs go, the oldest first, then the beginning of this
 * one, then all of it. */
static void
give_up (NnTimeline *timeline, guint64 current)
{
  for (guint i = 0; i < timeline->runs->len; i++)
    {
      Run *run = g_ptr_array_index (timeline->runs, i);

      if (run->id == current)
        continue;
      drop_run (timeline, run);
      return;
    }
  Run *run = find_run (timeline, current);
  if (run != NULL && run->kept->len > 1)
    drop (timeline, run, 0);
  else if (run != NULL)
    drop_run (timeline, run);
}

static void
enforce (NnTimeline *timeline, guint64 current)
{
  while (timeline->runs->len > 0
         && (timeline->bytes > timeline->budget || timeline->n_moments > MAX_MOMENTS))
    {
      Run *run = longest_run (timeline);

      if (run != NULL)
        thin (timeline, run);
      else
        give_up (timeline, current);
    }
}

/* ---- keeping ---- */

NnTimeline *
nn_timeline_new (gsize budget)
{
  NnTimeline *timeline = g_new0 (NnTimeline, 1);

  timeline->budget = budget;
  timeline->runs = g_ptr_array_new_with_free_func ((GDestroyNotify)run_free);
  return timeline;
}

void
nn_timeline_free (NnTimeline *timeline)
{
  if (timeline == NULL)
    return;
  g_ptr_array_unref (timeline->runs);
  g_free (timeline);
}

void
nn_timeline_set_budget (NnTimeline *timeline, gsize budget)
{
  const guint n = timeline->runs->len;

  timeline->budget = budget;
  enforce (timeline, n > 0 ? ((Run *)g_ptr_array_index (timeline->runs, n - 1))->id : 0);
}

gboolean
nn_timeline_wants (const NnTimeline *timeline, guint64 run, double epoch)
{
  const Run *of = find_run (timeline, run);

  if (timeline->budget == 0)
    return FALSE;
  if (of == NULL || of->kept->len == 0)
    return TRUE;
  return part_of (epoch) / of->stride
         > part_of (kept (of, of->kept->len - 1)->at.epoch) / of->stride;
}

void
nn_timeline_cut (NnTimeline *timeline, guint64 run, guint64 step)
{
  Run *of = find_run (timeline, run);

  while (of != NULL && of->kept->len > 0 && kept (of, of->kept->len - 1)->at.step >= step)
    drop (timeline, of, of->kept->len - 1);
}

void
nn_timeline_add (NnTimeline *timeline, const NnMoment *at, NnCheckpoint *checkpoint,
                 GArray *measures)
{
  if (timeline->budget == 0)
    return;
  nn_timeline_cut (timeline, at->run, at->step);
  append (timeline, ensure_run (timeline, at->run),
          kept_moment_new (timeline, at, checkpoint, measures));
  enforce (timeline, at->run);
}

void
nn_timeline_fork (NnTimeline *timeline, guint64 run, NnKeptMoment *from)
{
  NnMoment at = from->at;

  if (timeline->budget == 0)
    return;
  at.run = run;
  Run *made = ensure_run (timeline, run);
  made->parent = from->at.run;
  append (timeline, made, kept_moment_new (timeline, &at, from->checkpoint, from->measures));
  enforce (timeline, run);
}

void
nn_timeline_forget (NnTimeline *timeline, guint64 run)
{
  Run *of = find_run (timeline, run);

  if (of != NULL)
    drop_run (timeline, of);
}

void
nn_timeline_judge (NnTimeline *timeline, const NnProgram *program)
{
  g_autofree float **values = g_new (float *, program->weights->len + 1);

  for (guint i = 0; i < timeline->runs->len; i++)
    {
      const Run *run = g_ptr_array_index (timeline->runs, i);

      for (guint k = 0; k < run->kept->len; k++)
        kept (run, k)->at.fits =
            nn_weights_of_checkpoint (program, kept (run, k)->checkpoint, values);
    }
}

/* ---- looking back ---- */

typedef void (*VisitFunc) (NnKeptMoment *moment, gpointer data);

/* Moments of a run, those before its beginning first. */
static void
visit (const NnTimeline *timeline, const Run *run, guint64 before, VisitFunc func, gpointer data)
{
  const Run *parent = run->parent != 0 ? find_run (timeline, run->parent) : NULL;

  if (parent != NULL && run->kept->len > 0)
    visit (timeline, parent, MIN (before, kept (run, 0)->at.step), func, data);
  for (guint i = 0; i < run->kept->len && kept (run, i)->at.step < before; i++)
    func (kept (run, i), data);
}

typedef struct
{
  double epoch;
  NnKeptMoment *nearest;
} Search;

static void
compare (NnKeptMoment *moment, gpointer data)
{
  Search *search = data;

  if (moment->at.fits
      && (search->nearest == NULL
          || fabs (moment->at.epoch - search->epoch)
                 < fabs (search->nearest->at.epoch - search->epoch)))
    search->nearest = moment;
}

NnKeptMoment *
nn_timeline_nearest (const NnTimeline *timeline, guint64 run, double epoch)
{
  const Run *of = find_run (timeline, run);
  Search search = { .epoch = epoch };

  if (of != NULL)
    visit (timeline, of, G_MAXUINT64, compare, &search);
  return search.nearest;
}

NnKeptMoment *
nn_timeline_last (const NnTimeline *timeline, guint64 run)
{
  const Run *of = find_run (timeline, run);

  return of != NULL && of->kept->len > 0 ? kept (of, of->kept->len - 1) : NULL;
}

typedef struct
{
  guint64 run;
  GArray *list;
} Listing;

static void
list_moment (NnKeptMoment *moment, gpointer data)
{
  const Listing *listing = data;
  NnMoment at = moment->at;

  at.run = listing->run;
  g_array_append_val (listing->list, at);
}

GArray *
nn_timeline_list (const NnTimeline *timeline)
{
  Listing listing = { .list = g_array_new (FALSE, FALSE, sizeof (NnMoment)) };

  for (guint i = 0; i < timeline->runs->len; i++)
    {
      const Run *run = g_ptr_array_index (timeline->runs, i);

      listing.run = run->id;
      visit (timeline, run, G_MAXUINT64, list_moment, &listing);
    }
  return listing.list;
}

guint
nn_timeline_n_moments (const NnTimeline *timeline)
{
  return timeline->n_moments;
}

gsize
nn_timeline_bytes (const NnTimeline *timeline)
{
  return timeline->bytes;
}
