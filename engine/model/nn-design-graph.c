/* nn-design-graph.c: walking along the edges of a design. */
#include "diabolo-config.h"

#include "model/nn-design-private.h"

NnLinks *
nn_links_new (const NnDesign *design)
{
  guint n = design->nodes->len, n_edges = design->edges->len;
  NnLinks *links = g_new (NnLinks, 1);
  g_autofree guint *next = NULL;

  links->first = g_new0 (guint, n + 1);
  links->edge = g_new (const NnEdge *, n_edges + 1);
  for (guint i = 0; i < n_edges; i++)
    links->first[nn_design_position (design, nn_design_edge_at (design, i)->from) + 1]++;
  for (guint p = 0; p < n; p++)
    links->first[p + 1] += links->first[p];
  next = g_memdup2 (links->first, (n + 1) * sizeof (guint));
  for (guint i = 0; i < n_edges; i++)
    {
      const NnEdge *edge = nn_design_edge_at (design, i);
      links->edge[next[nn_design_position (design, edge->from)]++] = edge;
    }
  return links;
}

void
nn_links_free (NnLinks *links)
{
  g_free (links->first);
  g_free (links->edge);
  g_free (links);
}

gboolean
nn_links_reach (const NnLinks *links, const NnDesign *design, guint from, guint to)
{
  guint n = design->nodes->len, head = 0, tail = 0;
  gint start = nn_design_position (design, from);
  gint goal = nn_design_position (design, to);
  g_autofree guint *queue = g_new (guint, n + 1);
  g_autofree gboolean *seen = g_new0 (gboolean, n + 1);

  g_return_val_if_fail (start >= 0 && goal >= 0, FALSE);
  queue[tail++] = start;
  seen[start] = TRUE;
  while (head < tail && !seen[goal])
    {
      guint p = queue[head++];
      for (guint i = links->first[p]; i < links->first[p + 1]; i++)
        {
          guint next = nn_design_position (design, links->edge[i]->to);
          if (!seen[next])
            queue[tail++] = next;
          seen[next] = TRUE;
        }
    }
  return seen[goal];
}

guint
nn_links_sort (const NnLinks *links, const NnDesign *design, guint *order)
{
  guint n = design->nodes->len, n_done = 0, n_found = 0;
  g_autofree guint *waits_for = g_new0 (guint, n + 1);

  for (guint i = 0; i < design->edges->len; i++)
    waits_for[nn_design_position (design, nn_design_edge_at (design, i)->to)]++;
  for (guint p = 0; p < n; p++)
    if (waits_for[p] == 0)
      order[n_found++] = p;
  while (n_done < n_found)
    {
      guint p = order[n_done++];
      for (guint i = links->first[p]; i < links->first[p + 1]; i++)
        {
          guint next = nn_design_position (design, links->edge[i]->to);
          if (--waits_for[next] == 0)
            order[n_found++] = next;
        }
    }
  return n_done;
}

/* Names of a loop that a sentence can hold. */
#define LOOP_SHOWN 8

char *
nn_design_describe_loop (const NnDesign *design, guint *edge)
{
  const guint n = design->nodes->len;
  g_autoptr (NnLinks) links = nn_links_new (design);
  g_autofree guint *order = g_new (guint, n + 1);
  g_autofree gboolean *sorted = g_new0 (gboolean, n + 1);
  g_autofree gboolean *seen = g_new0 (gboolean, n + 1);
  g_autofree gint *into = g_new (gint, n + 1); /* an edge from a node that is not sorted either */
  g_autoptr (GString) text = g_string_new (NULL);
  const guint n_sorted = nn_links_sort (links, design, order);
  gint at = -1;
  guint start, n_names = 0;

  for (guint i = 0; i < n_sorted; i++)
    sorted[order[i]] = TRUE;
  for (guint i = 0; i < design->edges->len; i++)
    {
      const NnEdge *candidate = nn_design_edge_at (design, i);
      const gint to = nn_design_position (design, candidate->to);
      if (sorted[nn_design_position (design, candidate->from)] || sorted[to])
        continue;
      into[to] = (gint)i;
      at = to;
    }
  g_return_val_if_fail (at >= 0, NULL);
  /* What is not sorted waits for something that is not sorted: going back ends in the loop. */
  while (!seen[at])
    {
      seen[at] = TRUE;
      at = nn_design_position (design, nn_design_edge_at (design, (guint)into[at])->from);
    }
  start = (guint)at;
  *edge = (guint)into[start];
  do
    {
      if (n_names++ < LOOP_SHOWN)
        {
          g_string_prepend (text, nn_design_node_at (design, (guint)at)->name);
          g_string_prepend (text, " → ");
        }
      at = nn_design_position (design, nn_design_edge_at (design, (guint)into[at])->from);
    }
  while (at != (gint)start);
  if (n_names > LOOP_SHOWN)
    g_string_prepend (text, " → …");
  g_string_prepend (text, nn_design_node_at (design, start)->name);
  return g_string_free (g_steal_pointer (&text), FALSE);
}
