/* nn-pool.h: a fixed set of threads that run numbered tasks.
 *
 * Threads spin briefly and then block; idle they use no CPU. Every thread flushes denormals to
 * zero. Built on pthreads and C11 atomics so that ThreadSanitizer sees every hand-over.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _NnPool NnPool;

/* data: given to nn_pool_run(); task: 0 .. n_tasks-1; thread: 0 .. n_threads-1 (for scratch
 * memory). */
typedef void (*NnPoolFunc) (gpointer data, guint task, guint thread);

/* n_threads >= 1 includes the caller of nn_pool_run(): 1 starts no thread. 0: one per processor. */
NnPool *nn_pool_new (guint n_threads);
void nn_pool_free (NnPool *pool);
guint nn_pool_n_threads (const NnPool *pool);

/* Runs every task once and returns when all are done. Called from one thread at a time. Tasks are
 * handed out in rising order; which thread gets which is not determined. */
void nn_pool_run (NnPool *pool, guint n_tasks, NnPoolFunc func, gpointer data);

/* Sets flush-to-zero in the calling thread (subnormals cost up to 210 times a normal operation). */
void nn_flush_denormals (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnPool, nn_pool_free)

G_END_DECLS
