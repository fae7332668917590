/* nn-memory.h: how much memory there is to plan with, and how large arrays lie in it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bytes this process may ever use: what the machine has, or less where a container or a session
 * was given less. Read once; any thread. */
guint64 nn_memory_of_machine (void);

/* The smallest limit among the process's control groups (version 1 or 2), found below root ("" in
 * earnest, a folder in tests); G_MAXUINT64 where there is none. Reads files. */
guint64 nn_memory_limit_of_groups (const char *root);

/* Asks for large pages under an array of so many bytes that was just allocated and not yet filled,
 * and returns it; NULL stays NULL. Samples are read in random order: with small pages each one
 * begins with a miss of the processor's address cache. The array stays as it is where the system
 * knows no such pages. */
gpointer nn_memory_in_large_pages (gpointer array, gsize bytes);

G_END_DECLS
