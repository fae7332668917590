#include "base/nn-pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

#ifdef __SSE__
#include <xmmintrin.h>
#endif

/* Looks before a thread blocks: some tens of microseconds, longer than the pause between two runs
 * of a training step, shorter than anybody would notice as idle load. */
#define N_SPINS 2000

typedef struct
{
  NnPool *pool;
  guint thread;
  pthread_t handle;
} Worker;

struct _NnPool
{
  guint n_threads;
  guint n_spins; /* 0 with more threads than processors: spinning would take time from the others */
  Worker *workers; /* (n_threads - 1) */

  /* The current run. Written by the caller while no task is open, read by those that hold a task.
   */
  NnPoolFunc func;
  gpointer data;
  guint n_tasks;

  /* Run number in the high half, tasks not yet handed out in the low half: taking a task is one
   * compare-and-swap, which fails for a thread that is late for its run. */
  _Atomic guint64 ticket;
  atomic_uint n_done;
  atomic_uint n_asleep; /* workers that block, or are about to */
  atomic_bool caller_asleep;
  atomic_bool quit;

  pthread_mutex_t mutex; /* only for blocking; protects no data */
  pthread_cond_t work;
  pthread_cond_t done;
};

#define TICKET_LEFT(ticket) ((guint32)(ticket))

#ifdef __SSE__
/* Flush to zero (results) and denormals are zero (operands). */
#define MXCSR_FLUSH 0x8040u

static guint
flush_begin (void)
{
  guint before = _mm_getcsr ();

  _mm_setcsr (before | MXCSR_FLUSH);
  return before;
}

static void
flush_end (guint before)
{
  _mm_setcsr (before);
}

static void
relax (void)
{
  _mm_pause ();
}
#else
static guint
flush_begin (void)
{
  return 0;
}

static void
flush_end (guint before)
{
}

static void
relax (void)
{
}
#endif

void
nn_flush_denormals (void)
{
  flush_begin ();
}

/* Takes tasks until none is left. */
static void
work_off (NnPool *pool, guint thread)
{
  guint64 ticket = atomic_load (&pool->ticket);

  while (TICKET_LEFT (ticket) > 0)
    {
      guint n_tasks;

      if (!atomic_compare_exchange_weak (&pool->ticket, &ticket, ticket - 1))
        continue;

      /* This task is open until n_done counts it, so the run's fields hold still. */
      n_tasks = pool->n_tasks;
      pool->func (pool->data, n_tasks - TICKET_LEFT (ticket), thread);

      if (atomic_fetch_add (&pool->n_done, 1) + 1 == n_tasks && atomic_load (&pool->caller_asleep))
        {
          pthread_mutex_lock (&pool->mutex);
          pthread_cond_signal (&pool->done);
          pthread_mutex_unlock (&pool->mutex);
        }
      ticket = atomic_load (&pool->ticket);
    }
}

static gboolean
has_work (NnPool *pool)
{
  return TICKET_LEFT (atomic_load (&pool->ticket)) > 0 || atomic_load (&pool->quit);
}

/* A sleeper first says that it will sleep and then looks for work; a caller first publishes work
 * and then looks for sleepers. Both in one total order (sequential consistency), so that one of
 * them sees the other; the mutex keeps the signal from falling between look and wait. */
static void
wait_for_work (NnPool *pool)
{
  for (guint i = 0; i < pool->n_spins; i++)
    {
      if (has_work (pool))
        return;
      relax ();
    }
  pthread_mutex_lock (&pool->mutex);
  atomic_fetch_add (&pool->n_asleep, 1);
  while (!has_work (pool))
    pthread_cond_wait (&pool->work, &pool->mutex);
  atomic_fetch_sub (&pool->n_asleep, 1);
  pthread_mutex_unlock (&pool->mutex);
}

static void
wait_until_done (NnPool *pool)
{
  for (guint i = 0; i < pool->n_spins; i++)
    {
      if (atomic_load (&pool->n_done) == pool->n_tasks)
        return;
      relax ();
    }
  pthread_mutex_lock (&pool->mutex);
  atomic_store (&pool->caller_asleep, true);
  while (atomic_load (&pool->n_done) != pool->n_tasks)
    pthread_cond_wait (&pool->done, &pool->mutex);
  atomic_store (&pool->caller_asleep, false);
  pthread_mutex_unlock (&pool->mutex);
}

static gpointer
worker_main (gpointer data)
{
  Worker *worker = data;
  NnPool *pool = worker->pool;

  nn_flush_denormals ();
  while (!atomic_load (&pool->quit))
    {
      work_off (pool, worker->thread);
      wait_for_work (pool);
    }
  return NULL;
}

static void
wake_workers (NnPool *pool)
{
  if (atomic_load (&pool->n_asleep) == 0)
    return;
  pthread_mutex_lock (&pool->mutex);
  pthread_cond_broadcast (&pool->work);
  pthread_mutex_unlock (&pool->mutex);
}

/* Fewer workers than asked for is no error: the tasks are done by those there are. */
static void
start_workers (NnPool *pool, guint n_workers)
{
  sigset_t all, before;

  pool->workers = g_new0 (Worker, n_workers);
  pool->n_threads = 1;

  /* Signals are for the threads that know what to do with them. */
  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  for (guint i = 0; i < n_workers; i++)
    {
      Worker *worker = &pool->workers[i];
      g_autofree char *name = NULL;

      worker->pool = pool;
      worker->thread = i + 1;
      if (pthread_create (&worker->handle, NULL, worker_main, worker) != 0)
        break;
      name = g_strdup_printf ("nn-pool-%u", i + 1);
      pthread_setname_np (worker->handle, name);
      pool->n_threads++;
    }
  pthread_sigmask (SIG_SETMASK, &before, NULL);
}

NnPool *
nn_pool_new (guint n_threads)
{
  NnPool *pool = g_new0 (NnPool, 1);

  if (n_threads == 0)
    n_threads = g_get_num_processors ();
  pool->n_spins = n_threads <= g_get_num_processors () ? N_SPINS : 0;
  atomic_init (&pool->ticket, 0);
  atomic_init (&pool->n_done, 0);
  atomic_init (&pool->n_asleep, 0);
  atomic_init (&pool->caller_asleep, false);
  atomic_init (&pool->quit, false);
  pthread_mutex_init (&pool->mutex, NULL);
  pthread_cond_init (&pool->work, NULL);
  pthread_cond_init (&pool->done, NULL);
  start_workers (pool, n_threads - 1);
  return pool;
}

void
nn_pool_free (NnPool *pool)
{
  if (pool == NULL)
    return;
  atomic_store (&pool->quit, true);
  wake_workers (pool);
  for (guint i = 0; i + 1 < pool->n_threads; i++)
    pthread_join (pool->workers[i].handle, NULL);
  pthread_cond_destroy (&pool->done);
  pthread_cond_destroy (&pool->work);
  pthread_mutex_destroy (&pool->mutex);
  g_free (pool->workers);
  g_free (pool);
}

guint
nn_pool_n_threads (const NnPool *pool)
{
  return pool->n_threads;
}

void
nn_pool_run (NnPool *pool, guint n_tasks, NnPoolFunc func, gpointer data)
{
  /* The caller computes as its workers do, or results would depend on who got which task. */
  guint before = flush_begin ();

  if (pool->n_threads == 1 || n_tasks == 1)
    {
      for (guint task = 0; task < n_tasks; task++)
        func (data, task, 0);
    }
  else if (n_tasks > 0)
    {
      guint64 run = (atomic_load (&pool->ticket) >> 32) + 1;

      pool->func = func;
      pool->data = data;
      pool->n_tasks = n_tasks;
      atomic_store (&pool->n_done, 0);
      atomic_store (&pool->ticket, run << 32 | n_tasks);
      wake_workers (pool);
      work_off (pool, 0);
      wait_until_done (pool);
    }
  flush_end (before);
}
