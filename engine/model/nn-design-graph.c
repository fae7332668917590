/* nn-design-graph.c: walking along the edges of a design. */
#include "diabolo-config.h"

#include "model/nn-design-private.h"

/* TRUE for an edge into a port that another enters before it. taken: bits of each node's ports that
 * have an edge, for this call and those to come. */
static gboolean
is_shadowed (const NnDesign *design, const NnEdge *edge, guint64 *taken)
{
  const guint64 bit = G_GUINT64_CONSTANT (1) << MIN (edge->to_port, 63);
  guint64 *bits = &taken[nn_design_position (design, edge->to)];
  const gboolean shadowed = (*bits & bit) != 0;

  *bits |= bit;
  return shadowed;
}

NnLinks *
nn_links_new (const NnDesign *design)
{
  const guint n = design->nodes->len, n_edges = design->edges->len;
  NnLinks *links = g_new0 (NnLinks, 1);
  g_autofree const NnEdge **edges = g_new (const NnEdge *, n_edges + 1);
  g_autofree guint64 *taken = g_new0 (guint64, n + 1);
  g_autofree guint *next = NULL;

  links->first = g_new0 (guint, n + 1);
  links->edge = g_new (const NnEdge *, n_edges + 1);
  links->shadowed = g_new (guint, n_edges + 1);
  for (guint i = 0; i < n_edges; i++)
    {
      edges[i] = nn_design_edge_at (design, i);
      if (is_shadowed (design, edges[i], taken))
        {
          links->shadowed[links->n_shadowed++] = i;
          edges[i] = NULL;
        }
      else
        links->first[nn_design_position (design, edges[i]->from) + 1]++;
    }
  for (guint p = 0; p < n; p++)
    links->first[p + 1] += links->first[p];
  next = g_memdup2 (links->first, (n + 1) * sizeof (guint));
  for (guint i = 0; i < n_edges; i++)
    if (edges[i] != NULL)
      links->edge[next[nn_design_position (design, edges[i]->from)]++] = edges[i];
  return links;
}

void
nn_links_free (NnLinks *links)
{
  g_free (links->first);
  g_free (links->edge);
  g_free (links->shadowed);
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

  for (guint i = 0; i < links->first[n]; i++)
    waits_for[nn_design_position (design, links->edge[i]->to)]++;
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
