/* wb-document-rewind.c: the document looks back: which moment everything shows, going on from
 * there, and several runs. */
#include "diabolo-config.h"

#include "document/wb-document-private.h"
#include "document/wb-settings.h"

#include <glib/gi18n.h>
#include <math.h>

/* ---- what there is ---- */

guint64
wb_document_run (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), 0);

  const guint n = nn_run_history_n_runs (self->runs);
  if (self->snapshot != NULL && self->snapshot->run != 0)
    return self->snapshot->run;
  if (self->checkpoint != NULL)
    return self->checkpoint->run;
  return n > 0 ? nn_run_history_run (self->runs, n - 1)->id : 0;
}

const NnMoment *
wb_document_moments (WbDocument *self, guint64 run, guint *n)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);

  const NnMoment *first = NULL;
  const GArray *all = self->snapshot != NULL ? self->snapshot->moments : NULL;
  *n = 0;
  for (guint i = 0; all != NULL && i < all->len; i++)
    {
      const NnMoment *moment = &g_array_index (all, NnMoment, i);
      if (moment->run != run)
        continue;
      if (first == NULL)
        first = moment;
      ++*n;
    }
  return first;
}

const NnMoment *
wb_document_moment (WbDocument *self)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);
  return self->rewound ? &self->moment : NULL;
}

static const NnMoment *
find_nearest (WbDocument *self, double epoch)
{
  guint n;
  const NnMoment *moments = wb_document_moments (self, wb_document_run (self), &n), *best = NULL;
  for (guint i = 0; i < n; i++)
    if (moments[i].fits
        && (best == NULL || fabs (moments[i].epoch - epoch) < fabs (best->epoch - epoch)))
      best = &moments[i];
  return best;
}

const NnRow *
wb_document_rows_shown (WbDocument *self, guint64 run, NnRowKind kind, gsize *n)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);

  const NnRow *rows =
      nn_run_history_rows (self->runs, run != 0 ? run : wb_document_run (self), kind, n);
  while (self->rewound && *n > 0 && rows[*n - 1].epoch > self->moment.epoch + 1e-9)
    --*n;
  return *n > 0 ? rows : NULL;
}

/* ---- moving ---- */

void
wb_document_rewind (WbDocument *self, double epoch)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));

  const NnMoment *moment = find_nearest (self, epoch);
  if (moment == NULL || (self->rewound && self->moment.step == moment->step))
    return;
  self->rewound = TRUE;
  self->moment = *moment;
  nn_session_rewind (self->session, moment->epoch);
  g_signal_emit_by_name (self, "rewound");
}

void
wb_document_forget_moment (WbDocument *self)
{
  if (!self->rewound)
    return;
  self->rewound = FALSE;
  g_signal_emit_by_name (self, "rewound");
}

void
wb_document_return_to_now (WbDocument *self)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));

  if (!self->rewound)
    return;
  nn_session_rewind (self->session, NAN);
  wb_document_forget_moment (self);
}

/* After an edit that leaves no place for the weights of then, the present is what can be shown. */
void
wb_document_rewind_update (WbDocument *self)
{
  if (self->rewound && find_nearest (self, self->moment.epoch) == NULL)
    wb_document_return_to_now (self);
}

/* ---- runs ---- */

/* NULL where it was removed. */
static const char *
name_of (WbDocument *self, guint64 run)
{
  for (guint i = 0; i < nn_run_history_n_runs (self->runs); i++)
    if (nn_run_history_run (self->runs, i)->id == run)
      return nn_run_history_run (self->runs, i)->name;
  return NULL;
}

void
wb_document_continue (WbDocument *self)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));

  if (!self->rewound || self->dataset == NULL || !nn_analysis_can_train (self->analysis))
    return;
  const double epoch = self->moment.epoch;
  const guint epochs =
      (guint)nn_params_int (nn_design_training (wb_document_design (self)), "epochs");
  g_autofree char *text = g_strdup_printf (_ ("A new run goes on from epoch %.4g. %s is kept."),
                                           epoch, name_of (self, wb_document_run (self)));

  self->left_run = wb_document_run (self);
  self->n_epochs_asked = epochs;
  while (self->n_epochs_asked <= (guint)epoch)
    self->n_epochs_asked += MAX (1, epochs / 2);
  nn_session_fork (self->session, epoch);
  nn_session_train (self->session, self->n_epochs_asked);
  wb_document_forget_moment (self);
  wb_document_ask (self, NN_SESSION_TRAINING);
  wb_document_notice (self, text, NULL, NULL);
}

const char *
wb_document_run_missing (WbDocument *self, guint64 run)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);

  guint n;
  const NnMoment *moments = wb_document_moments (self, run, &n);
  if (n == 0 || name_of (self, run) == NULL)
    return _ ("The weights of this run are no longer kept");
  if (!moments[n - 1].fits)
    return _ ("The network has changed since: the weights of this run do not fit any more");
  return NULL;
}

const char *
wb_document_go_to_run (WbDocument *self, guint64 run)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);

  const char *missing = wb_document_run_missing (self, run);
  if (missing != NULL || run == wb_document_run (self))
    return missing;
  self->left_run = wb_document_run (self);
  nn_session_go_to_run (self->session, run);
  wb_document_forget_moment (self);
  if (self->state == NN_SESSION_TRAINING)
    wb_document_ask (self, NN_SESSION_PAUSED);
  return NULL;
}

void
wb_document_remove_run (WbDocument *self, guint64 run)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));

  if (run == wb_document_run (self))
    return;
  for (guint i = 0; i < self->n_earlier_runs; i++)
    if (nn_run_history_run (self->runs, i)->id == run)
      {
        self->n_earlier_runs--;
        break;
      }
  nn_session_forget_run (self->session, run);
  nn_run_history_remove (self->runs, run);
  wb_document_emit_state (self);
}

/* ---- memory ---- */

static void
settings_changed (WbDocument *self, WbSettings *settings)
{
  const guint megabytes = wb_settings_get_rewind_memory (settings);

  if (self->session == NULL || megabytes == self->rewind_memory)
    return;
  self->rewind_memory = megabytes;
  nn_session_set_rewind_budget (self->session, (gsize)megabytes * 1000000);
}

void
wb_document_rewind_init (WbDocument *self)
{
  WbSettings *settings = wb_settings_default ();

  self->rewind_memory = G_MAXUINT;
  settings_changed (self, settings);
  g_signal_connect_object (settings, "changed", G_CALLBACK (settings_changed), self,
                           G_CONNECT_SWAPPED);
}
