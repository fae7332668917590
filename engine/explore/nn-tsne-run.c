#include "explore/nn-tsne-run.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

/* Steps between two divergences: each costs about a step. */
#define DIVERGENCE_STEPS 10

struct _NnTsneRun
{
  gatomicrefcount refs; /* the owner's and the thread's */

  /* the thread's, after its start */
  float *codes; /* owned until prepared */
  gsize n, dims;
  NnTsneSettings settings;
  float *start; /* owned, what settings points to */
  guint n_threads;
  float *back; /* (n, 2) to be filled next */

  /* the owner's */
  float *front; /* (n, 2) what was seen last */

  GCancellable *cancellable; /* of the preparation */

  pthread_mutex_t lock; /* held for a few assignments, never while computing */
  pthread_cond_t changed;
  guint n_allowed;
  gboolean quit;
  gboolean seen;   /* what is below */
  NnTsneView view; /* xy: what is to be seen next */
  GError *error;
};

static void
run_unref (NnTsneRun *run)
{
  if (!g_atomic_ref_count_dec (&run->refs))
    return;
  pthread_cond_destroy (&run->changed);
  pthread_mutex_destroy (&run->lock);
  g_clear_error (&run->error);
  g_object_unref (run->cancellable);
  g_free (run->codes);
  g_free (run->start);
  g_free (run->back);
  g_free (run->front);
  g_free ((float *)run->view.xy);
  g_free (run);
}

/* ---- in the thread ---- */

static void
take_progress (double fraction, gpointer data)
{
  NnTsneRun *run = data;

  pthread_mutex_lock (&run->lock);
  run->view.fraction = fraction;
  run->seen = FALSE;
  pthread_mutex_unlock (&run->lock);
}

static void
publish (NnTsneRun *run, NnTsne *tsne)
{
  const guint n_steps = nn_tsne_n_steps (tsne);
  const gboolean is_due = n_steps % DIVERGENCE_STEPS == 0;
  const double divergence = is_due ? nn_tsne_divergence (tsne) : NAN;
  float *filled = run->back;

  memcpy (filled, nn_tsne_positions (tsne), 2 * run->n * sizeof *filled);
  pthread_mutex_lock (&run->lock);
  run->back = (float *)run->view.xy;
  run->view = (NnTsneView){
    .prepared = TRUE,
    .fraction = 1,
    .n_steps = n_steps,
    .exaggerated = nn_tsne_is_exaggerated (tsne),
    .perplexity = nn_tsne_perplexity (tsne),
    .divergence = is_due ? divergence : run->view.divergence,
    .xy = filled,
  };
  run->seen = FALSE;
  pthread_mutex_unlock (&run->lock);
}

/* FALSE when it is to end. */
static gboolean
wait_for_step (NnTsneRun *run, guint n_steps)
{
  gboolean quit;

  pthread_mutex_lock (&run->lock);
  while (!run->quit && run->n_allowed <= n_steps)
    pthread_cond_wait (&run->changed, &run->lock);
  quit = run->quit;
  pthread_mutex_unlock (&run->lock);
  return !quit;
}

static gpointer
run_main (gpointer data)
{
  NnTsneRun *run = data;
  NnPool *pool = nn_pool_new (run->n_threads);
  GError *error = NULL;
  NnTsne *tsne = nn_tsne_new (run->codes, run->n, run->dims, &run->settings, pool, take_progress,
                              run, run->cancellable, &error);

  g_clear_pointer (&run->codes, g_free);
  if (tsne != NULL)
    {
      publish (run, tsne);
      while (wait_for_step (run, nn_tsne_n_steps (tsne)))
        {
          nn_tsne_step (tsne);
          publish (run, tsne);
        }
    }
  else
    {
      pthread_mutex_lock (&run->lock);
      run->error = error;
      pthread_mutex_unlock (&run->lock);
    }
  nn_tsne_free (tsne);
  nn_pool_free (pool);
  run_unref (run);
  return NULL;
}

/* ---- for the owner ---- */

NnTsneRun *
nn_tsne_run_new (const float *codes, gsize n, gsize dims, const NnTsneSettings *settings,
                 guint n_threads)
{
  NnTsneRun *run = g_new0 (NnTsneRun, 1);

  g_atomic_ref_count_init (&run->refs);
  g_atomic_ref_count_inc (&run->refs);
  run->codes = g_memdup2 (codes, n * dims * sizeof *codes);
  run->n = n;
  run->dims = dims;
  run->settings = *settings;
  run->start = g_memdup2 (settings->start, settings->start ? 2 * n * sizeof (float) : 0);
  run->settings.start = run->start;
  run->n_threads = n_threads;
  run->back = g_new0 (float, 2 * n);
  run->front = g_new0 (float, 2 * n);
  run->view = (NnTsneView){ .divergence = NAN, .xy = g_new0 (float, 2 * n) };
  run->cancellable = g_cancellable_new ();
  run->seen = TRUE;
  pthread_mutex_init (&run->lock, NULL);
  pthread_cond_init (&run->changed, NULL);
  g_thread_unref (g_thread_new ("nn-tsne", run_main, run));
  return run;
}

void
nn_tsne_run_free (NnTsneRun *run)
{
  if (run == NULL)
    return;
  g_cancellable_cancel (run->cancellable);
  pthread_mutex_lock (&run->lock);
  run->quit = TRUE;
  pthread_cond_signal (&run->changed);
  pthread_mutex_unlock (&run->lock);
  run_unref (run);
}

void
nn_tsne_run_allow (NnTsneRun *run, guint n_steps)
{
  pthread_mutex_lock (&run->lock);
  run->n_allowed = n_steps;
  pthread_cond_signal (&run->changed);
  pthread_mutex_unlock (&run->lock);
}

gboolean
nn_tsne_run_look (NnTsneRun *run, NnTsneView *view, GError **error)
{
  gboolean failed;

  pthread_mutex_lock (&run->lock);
  failed = run->error != NULL;
  if (failed)
    g_propagate_error (error, g_error_copy (run->error));
  else if (!run->seen)
    {
      /* The newest becomes what is seen; what was seen is to be filled again. */
      float *newest = (float *)run->view.xy;

      run->view.xy = run->front;
      run->front = newest;
    }
  run->seen = TRUE;
  *view = run->view;
  view->xy = run->front;
  pthread_mutex_unlock (&run->lock);
  return !failed;
}
