/* nn-lesson-locks.c: what a lesson keeps as it is. */
#include "diabolo-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lesson/nn-lesson-condition.h"
#include "lesson/nn-lesson-text.h"

gboolean
nn_lesson_text_locks (const NnLessonText *self, const char *owner, const char *parameter)
{
  g_return_val_if_fail (owner != NULL, FALSE);
  if (self == NULL)
    return FALSE;
  g_autofree char *whole = parameter != NULL ? g_strconcat (parameter, " of ", owner, NULL) : NULL;
  return g_ptr_array_find_with_equal_func (self->locked, whole != NULL ? whole : owner, g_str_equal,
                                           NULL);
}

/* The same nodes, whatever their parameters, joined in the same way. */
static gboolean
same_graph (const NnDesign *a, const NnDesign *b)
{
  if (nn_design_n_nodes (a) != nn_design_n_nodes (b)
      || nn_design_n_edges (a) != nn_design_n_edges (b))
    return FALSE;
  for (guint i = 0; i < nn_design_n_nodes (a); i++)
    if (nn_design_node (b, nn_design_node_at (a, i)->id) == NULL)
      return FALSE;
  for (guint i = 0; i < nn_design_n_edges (a); i++)
    if (memcmp (nn_design_edge_at (a, i), nn_design_edge_at (b, i), sizeof (NnEdge)) != 0)
      return FALSE;
  return TRUE;
}

char *
nn_lesson_text_kept (const NnDesign *design, const char *owner, const char *parameter)
{
  guint node;
  const NnParams *params = nn_lesson_params_of (design, owner, &node);
  g_return_val_if_fail (params != NULL && nn_params_spec (params, parameter) != NULL, NULL);
  const char *title = _ (nn_params_spec (params, parameter)->title);
  return node != 0 ? g_strdup_printf (_ ("The lesson keeps “%s” of “%s” as it is."), title, owner)
                   : g_strdup_printf (_ ("The lesson keeps “%s” as it is."), title);
}

/* The value that a setting of before has in after, where a node is followed by its id. NULL: it is
 * gone. (transfer full) */
static char *
value_after (const NnDesign *after, const char *owner, guint node, const char *parameter)
{
  const NnNode *at = node != 0 ? nn_design_node (after, node) : NULL;
  const NnParams *params = at != NULL ? at->params : NULL;
  if (node == 0)
    params = nn_lesson_params_of (after, owner, &node);
  return params != NULL && nn_params_spec (params, parameter) != NULL
             ? nn_params_to_text (params, parameter)
             : NULL;
}

/* Of one locked setting, "PARAMETER of OWNER", which before may not have. */
static char *
refusal_of (const char *locked, const NnDesign *before, const NnDesign *after)
{
  guint node;
  g_autofree char *parameter = NULL;
  const char *owner = nn_lesson_setting_owner (locked, &parameter);
  const NnParams *params = owner != NULL ? nn_lesson_params_of (before, owner, &node) : NULL;
  if (params == NULL || nn_params_spec (params, parameter) == NULL)
    return NULL;
  g_autofree char *was = nn_params_to_text (params, parameter);
  g_autofree char *is = value_after (after, owner, node, parameter);
  if (g_strcmp0 (was, is) != 0)
    return nn_lesson_text_kept (before, owner, parameter);
  /* By another name it would be no longer locked. */
  return node != 0 && g_strcmp0 (nn_design_node (after, node)->name, owner) != 0
             ? g_strdup_printf (_ ("The lesson keeps the name “%s”."), owner)
             : NULL;
}

char *
nn_lesson_text_refusal (const NnLessonText *self, const NnDesign *before, const NnDesign *after)
{
  g_return_val_if_fail (before != NULL && after != NULL, NULL);
  if (nn_lesson_text_locks (self, "graph", NULL) && !same_graph (before, after))
    return g_strdup (_ ("The lesson keeps the graph as it is."));
  char *refusal = NULL;
  for (guint i = 0; self != NULL && refusal == NULL && i < self->locked->len; i++)
    refusal = refusal_of (g_ptr_array_index (self->locked, i), before, after);
  return refusal;
}
