#include "base/nn-memory.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LARGE_PAGE ((gsize)2 << 20)

/* Where the two versions of control groups keep a group's limit: /proc/self/cgroup names the group
 * in a line "0::/path" (version 2) or "5:memory:/path" (version 1). */
static const struct
{
  const char *controller, *folder, *file;
} versions[] = {
  { "", "sys/fs/cgroup", "memory.max" },
  { "memory", "sys/fs/cgroup/memory", "memory.limit_in_bytes" },
};

/* G_MAXUINT64 for "max", for what is not there and for what is no number. */
static guint64
read_limit (const char *path)
{
  g_autofree char *text = NULL;
  guint64 limit;

  if (!g_file_get_contents (path, &text, NULL, NULL)
      || !g_ascii_string_to_unsigned (g_strstrip (text), 10, 0, G_MAXUINT64, &limit, NULL))
    return G_MAXUINT64;
  return limit;
}

/* A group is bound by its own limit and by those of the groups around it. In a container the path
 * may be one that only the host sees: the top is what is there then. */
static guint64
limit_of_group (const char *root, guint version, const char *group)
{
  g_autofree char *path = g_strdup (group);
  guint64 least = G_MAXUINT64;

  for (;;)
    {
      g_autofree char *file = g_build_filename (root, G_DIR_SEPARATOR_S, versions[version].folder,
                                                path, versions[version].file, NULL);
      char *slash = strrchr (path, '/');

      least = MIN (least, read_limit (file));
      if (slash == NULL)
        return least;
      *slash = '\0';
    }
}

guint64
nn_memory_limit_of_groups (const char *root)
{
  g_autofree char *path = g_build_filename (root, G_DIR_SEPARATOR_S, "proc/self/cgroup", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  guint64 least = G_MAXUINT64;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return least;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (lines[i], ":", 3);

      if (g_strv_length (parts) != 3)
        continue;
      for (guint v = 0; v < G_N_ELEMENTS (versions); v++)
        if (g_str_equal (parts[1], versions[v].controller))
          least = MIN (least, limit_of_group (root, v, parts[2]));
    }
  return least;
}

guint64
nn_memory_of_machine (void)
{
  static gsize memory;

  if (g_once_init_enter (&memory))
    {
      const guint64 physical = (guint64)sysconf (_SC_PHYS_PAGES) * (guint64)sysconf (_SC_PAGESIZE);
      g_once_init_leave (&memory, (gsize)MIN (physical, nn_memory_limit_of_groups ("")));
    }
  return memory;
}

gpointer
nn_memory_in_large_pages (gpointer array, gsize bytes)
{
#ifdef MADV_HUGEPAGE
  const gsize at = GPOINTER_TO_SIZE (array);
  const gsize from = (at + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
  const gsize to = (at + bytes) / LARGE_PAGE * LARGE_PAGE;

  if (array != NULL && from < to)
    madvise (GSIZE_TO_POINTER (from), to - from, MADV_HUGEPAGE);
#endif
  return array;
}
