/* nn-memory.h: how much memory there is to plan with. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bytes this process may ever use: what the machine has, or less where a container or a session
 * was given less. Read once; any thread. */
guint64 nn_memory_of_machine (void);

/* The smallest limit among the process's control groups (version 1 or 2), found below root ("" in
 * earnest, a folder in tests); G_MAXUINT64 where there is none. Reads files. */
guint64 nn_memory_limit_of_groups (const char *root);

G_END_DECLS
