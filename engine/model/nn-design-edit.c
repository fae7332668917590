/* nn-design-edit.c: every way to get a new design from an old one. */
#include "diabolo-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/nn-error.h"
#include "layers/nn-layer.h"
#include "model/nn-design-private.h"
#include "optimizers/nn-optimizer.h"

/* ---- names ---- */

/* "Dense 12": the length of "Dense", and whether a number follows it. */
static gsize
stem_length (const char *name, gboolean *numbered)
{
  gsize length = strlen (name), end = length;

  while (end > 0 && g_ascii_isdigit (name[end - 1]))
    end--;
  *numbered = end < length && end > 1 && name[end - 1] == ' ';
  return *numbered ? end - 1 : length;
}

static char *
free_name (const NnDesign *design, const char *stem, gsize stem_len, guint first)
{
  for (guint number = first;; number++)
    {
      g_autofree char *name = g_strdup_printf ("%.*s %u", (int)stem_len, stem, number);
      if (nn_design_node_by_name (design, name) == NULL)
        return g_steal_pointer (&name);
    }
}

static char *
unique_name (const NnDesign *design, const char *wanted)
{
  gboolean numbered;
  gsize length;

  if (nn_design_node_by_name (design, wanted) == NULL)
    return g_strdup (wanted);
  length = stem_length (wanted, &numbered);
  return free_name (design, wanted, length, numbered ? 1 : 2);
}

/* Inputs and losses are mostly alone of their kind, so that only the second gets a number. */
static char *
default_name (const NnDesign *design, const NnLayerType *type)
{
  if (type->flags & NN_LAYER_OBJECTIVE)
    return unique_name (design, "Loss");
  if (type->flags & NN_LAYER_INPUT)
    return unique_name (design, type->title);
  return free_name (design, type->title, strlen (type->title), 1);
}

/* ---- nodes ---- */

NnDesign *
nn_design_with_title (NnDesign *design, const char *title)
{
  NnDesign *copy = nn_design_copy (design);

  g_free (copy->title);
  copy->title = g_strdup (title != NULL ? title : "");
  return copy;
}

NnDesign *
nn_design_add_node (NnDesign *design, const NnLayerType *type, NnParams *params, const char *name,
                    double x, double y, guint *id)
{
  NnDesign *copy;
  g_autofree char *own_name = NULL;

  g_return_val_if_fail (type != NULL, NULL);
  g_return_val_if_fail (params == NULL || nn_params_specs (params) == type->params, NULL);
  copy = nn_design_copy (design);
  own_name = name != NULL ? unique_name (design, name) : default_name (design, type);
  nn_design_take_node (copy, nn_node_new (copy->next_id, type, params, own_name, x, y));
  if (id != NULL)
    *id = copy->next_id;
  copy->next_id++;
  return copy;
}

/* Takes one node's edges out of copy. Where it passed one tensor on, its source feeds what it fed.
 */
static void
detach (NnDesign *copy, const NnNode *node, gboolean heal)
{
  const NnEdge *source = NULL;
  NnEdge healed = { 0 };
  guint n_in = 0;

  for (guint i = 0; i < copy->edges->len; i++)
    {
      const NnEdge *edge = nn_design_edge_at (copy, i);
      if (edge->to == node->id)
        {
          source = edge;
          n_in++;
        }
    }
  heal = heal && n_in == 1 && source->from != node->id && nn_layer_n_outputs (node->type) == 1;
  if (heal)
    healed = *source;
  for (guint i = copy->edges->len; i-- > 0;)
    {
      NnEdge *edge = &g_array_index (copy->edges, NnDesignEdge, i).edge;
      if (edge->from == node->id && heal)
        {
          edge->from = healed.from;
          edge->from_port = healed.from_port;
        }
      else if (edge->from == node->id || edge->to == node->id)
        g_array_remove_index (copy->edges, i);
    }
}

NnDesign *
nn_design_remove_nodes (NnDesign *design, const guint *ids, guint n, gboolean heal)
{
  g_autoptr (NnDesign) copy = nn_design_copy (design);
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();
  g_autoptr (GHashTable) gone = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < n; i++)
    {
      const NnNode *node = nn_design_node (copy, ids[i]);
      if (node == NULL || !g_hash_table_add (gone, GUINT_TO_POINTER (ids[i])))
        continue;
      detach (copy, node, heal);
      if (copy->code == ids[i])
        copy->code = 0;
    }
  for (guint i = 0; i < copy->nodes->len; i++)
    {
      NnNode *node = g_ptr_array_index (copy->nodes, i);
      if (!g_hash_table_contains (gone, GUINT_TO_POINTER (node->id)))
        g_ptr_array_add (kept, nn_node_ref (node));
    }
  g_ptr_array_set_size (copy->nodes, 0);
  g_hash_table_remove_all (copy->positions);
  for (guint i = 0; i < kept->len; i++)
    nn_design_take_node (copy, g_ptr_array_index (kept, i));
  for (guint i = 0; i < kept->len; i++)
    {
      const NnNode *node = g_ptr_array_index (copy->nodes, i);
      if (g_hash_table_contains (gone, GUINT_TO_POINTER (node->weights_of)))
        nn_design_edit_node (copy, node->id)->weights_of = 0;
    }
  return g_steal_pointer (&copy);
}

NnDesign *
nn_design_move_nodes (NnDesign *design, const guint *ids, guint n, double dx, double dy)
{
  NnDesign *copy = nn_design_copy (design);

  for (guint i = 0; i < n; i++)
    {
      NnNode *node = nn_design_edit_node (copy, ids[i]);
      if (node == NULL)
        continue;
      node->x += dx;
      node->y += dy;
    }
  return copy;
}

NnDesign *
nn_design_place_node (NnDesign *design, guint id, double x, double y)
{
  NnDesign *copy = nn_design_copy (design);
  NnNode *node = nn_design_edit_node (copy, id);

  if (node != NULL)
    {
      node->x = x;
      node->y = y;
    }
  return copy;
}

NnDesign *
nn_design_rename_node (NnDesign *design, guint id, const char *name, GError **error)
{
  g_autofree char *stripped = g_strstrip (g_strdup (name));
  const NnNode *other = nn_design_node_by_name (design, stripped);
  NnDesign *copy;
  NnNode *node;

  if (*stripped == '\0')
    {
      g_set_error (error, NN_ERROR, NN_ERROR_RANGE, _ ("A node needs a name."));
      return NULL;
    }
  if (other != NULL && other->id != id)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_RANGE,
                   _ ("There is another node named “%s”; names must differ."), stripped);
      return NULL;
    }
  copy = nn_design_copy (design);
  node = nn_design_edit_node (copy, id);
  if (node != NULL)
    {
      g_free (node->name);
      node->name = g_steal_pointer (&stripped);
    }
  return copy;
}

NnDesign *
nn_design_set_params (NnDesign *design, guint id, NnParams *params)
{
  NnDesign *copy = nn_design_copy (design);
  NnNode *node = nn_design_edit_node (copy, id);

  if (node != NULL)
    {
      g_warn_if_fail (nn_params_specs (params) == node->type->params);
      nn_params_ref (params);
      nn_params_unref (node->params);
      node->params = params;
    }
  return copy;
}

NnDesign *
nn_design_set_frozen (NnDesign *design, guint id, gboolean frozen)
{
  NnDesign *copy = nn_design_copy (design);
  NnNode *node = nn_design_edit_node (copy, id);

  if (node != NULL)
    node->frozen = frozen;
  return copy;
}

NnDesign *
nn_design_share_weights (NnDesign *design, guint id, guint owner, gboolean tied)
{
  NnDesign *copy = nn_design_copy (design);
  NnNode *node = nn_design_edit_node (copy, id);

  if (node != NULL)
    {
      node->weights_of = owner;
      node->tied = owner != 0 && tied;
    }
  return copy;
}

NnDesign *
nn_design_set_code_node (NnDesign *design, guint id)
{
  NnDesign *copy = nn_design_copy (design);

  copy->code = nn_design_node (design, id) != NULL ? id : 0;
  return copy;
}

/* ---- edges ---- */

gboolean
nn_design_check_ports (const NnNode *source, guint from_port, const NnNode *target, guint to_port,
                       GError **error)
{
  if (source == NULL || target == NULL)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
                   _ ("An edge needs a node at both ends; one of them does not exist."));
      return FALSE;
    }
  if (source == target)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN, _ ("%s cannot feed itself."), source->name);
      return FALSE;
    }
  if (from_port >= nn_layer_n_outputs (source->type))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN, _ ("%s has no output number %u; it has %u."),
                   source->name, from_port + 1, nn_layer_n_outputs (source->type));
      return FALSE;
    }
  if (to_port >= nn_layer_n_inputs (target->type))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN, _ ("%s has no input number %u; it has %u."),
                   target->name, to_port + 1, nn_layer_n_inputs (target->type));
      return FALSE;
    }
  return TRUE;
}

/* Those from position `first` on. */
static void
remove_edges_into (NnDesign *copy, guint to, guint to_port, guint first)
{
  for (guint i = copy->edges->len; i-- > first;)
    {
      const NnEdge *edge = nn_design_edge_at (copy, i);
      if (edge->to == to && edge->to_port == to_port)
        g_array_remove_index (copy->edges, i);
    }
}

NnDesign *
nn_design_connect (NnDesign *design, guint from, guint from_port, guint to, guint to_port,
                   GError **error)
{
  const NnNode *source = nn_design_node (design, from);
  const NnNode *target = nn_design_node (design, to);
  g_autoptr (NnLinks) links = NULL;
  NnEdge edge = { from, from_port, to, to_port };
  NnDesign *copy;

  if (!nn_design_check_ports (source, from_port, target, to_port, error))
    return NULL;
  links = nn_links_new (design);
  if (nn_links_reach (links, design, to, from))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
                   _ ("%s already follows from %s: this edge would make a loop."), source->name,
                   target->name);
      return NULL;
    }
  copy = nn_design_copy (design);
  for (guint i = 0; i < copy->edges->len; i++)
    {
      NnEdge *old = &g_array_index (copy->edges, NnDesignEdge, i).edge;
      if (old->to != to || old->to_port != to_port)
        continue;
      *old = edge;
      remove_edges_into (copy, to, to_port, i + 1);
      return copy;
    }
  nn_design_append_edge (copy, &edge, NULL);
  return copy;
}

NnDesign *
nn_design_disconnect (NnDesign *design, guint to, guint to_port)
{
  NnDesign *copy = nn_design_copy (design);

  remove_edges_into (copy, to, to_port, 0);
  return copy;
}

NnDesign *
nn_design_remove_edge (NnDesign *design, guint position)
{
  NnDesign *copy = nn_design_copy (design);

  g_return_val_if_fail (position < copy->edges->len, copy);
  g_array_remove_index (copy->edges, position);
  return copy;
}

NnDesign *
nn_design_insert_into_edge (NnDesign *design, guint id, guint to, guint to_port, GError **error)
{
  const NnNode *node = nn_design_node (design, id);
  const NnEdge *edge = nn_design_edge_into (design, to, to_port);
  g_autoptr (NnDesign) half = NULL;

  g_return_val_if_fail (node != NULL, NULL);
  if (edge == NULL)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
                   _ ("There is no edge here that %s could be put into."), node->name);
      return NULL;
    }
  if (nn_layer_n_inputs (node->type) == 0 || nn_layer_n_outputs (node->type) == 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
                   _ ("%s cannot be put into an edge: it needs an input and an output."),
                   node->name);
      return NULL;
    }
  if (nn_design_edge_into (design, id, 0) != NULL)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN, _ ("%s is connected already."), node->name);
      return NULL;
    }
  half = nn_design_connect (design, edge->from, edge->from_port, id, 0, error);
  return half != NULL ? nn_design_connect (half, id, 0, to, to_port, error) : NULL;
}

/* ---- settings ---- */

static void
replace_params (NnParams **slot, NnParams *params)
{
  nn_params_ref (params);
  nn_params_unref (*slot);
  *slot = params;
}

NnDesign *
nn_design_with_training (NnDesign *design, NnParams *training)
{
  NnDesign *copy;

  g_return_val_if_fail (nn_params_specs (training) == nn_training_specs (), NULL);
  copy = nn_design_copy (design);
  replace_params (&copy->training, training);
  return copy;
}

NnDesign *
nn_design_with_data (NnDesign *design, NnParams *data)
{
  NnDesign *copy;

  g_return_val_if_fail (nn_params_specs (data) == nn_data_specs (), NULL);
  copy = nn_design_copy (design);
  replace_params (&copy->data, data);
  return copy;
}

NnDesign *
nn_design_with_optimizer (NnDesign *design, const NnOptimizerType *optimizer, NnParams *params)
{
  g_autoptr (NnParams) defaults = NULL;
  NnDesign *copy;

  g_return_val_if_fail (optimizer != NULL, NULL);
  g_return_val_if_fail (params == NULL || nn_params_specs (params) == optimizer->params, NULL);
  if (params == NULL)
    defaults = nn_params_new (optimizer->params);
  copy = nn_design_copy (design);
  copy->optimizer = optimizer;
  replace_params (&copy->optimizer_params, params != NULL ? params : defaults);
  return copy;
}

/* ---- parts of a design ---- */

NnDesign *
nn_design_extract (NnDesign *design, const guint *ids, guint n)
{
  g_autoptr (GHashTable) kept = g_hash_table_new (NULL, NULL);
  g_autoptr (GArray) others = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < n; i++)
    g_hash_table_add (kept, GUINT_TO_POINTER (ids[i]));
  for (guint i = 0; i < design->nodes->len; i++)
    {
      guint id = nn_design_node_at (design, i)->id;
      if (!g_hash_table_contains (kept, GUINT_TO_POINTER (id)))
        g_array_append_val (others, id);
    }
  return nn_design_remove_nodes (design, (const guint *)others->data, others->len, FALSE);
}

NnDesign *
nn_design_merge (NnDesign *design, NnDesign *other, double dx, double dy, GArray **new_ids)
{
  NnDesign *copy = nn_design_copy (design);
  g_autoptr (GHashTable) renumbered = g_hash_table_new (NULL, NULL);
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < other->nodes->len; i++)
    {
      const NnNode *old = nn_design_node_at (other, i);
      NnNode *node = nn_node_copy (old);
      char *name = unique_name (copy, old->name);

      g_free (node->name);
      node->name = name;
      node->id = copy->next_id++;
      node->x += dx;
      node->y += dy;
      nn_design_take_node (copy, node);
      g_array_append_val (ids, node->id);
      g_hash_table_insert (renumbered, GUINT_TO_POINTER (old->id), GUINT_TO_POINTER (node->id));
    }
  for (guint i = 0; i < other->edges->len; i++)
    {
      const NnDesignEdge *item = &g_array_index (other->edges, NnDesignEdge, i);
      NnEdge edge = item->edge;

      edge.from = GPOINTER_TO_UINT (g_hash_table_lookup (renumbered, GUINT_TO_POINTER (edge.from)));
      edge.to = GPOINTER_TO_UINT (g_hash_table_lookup (renumbered, GUINT_TO_POINTER (edge.to)));
      nn_design_append_edge (copy, &edge, item->unknown);
    }
  for (guint i = 0; i < ids->len; i++)
    {
      NnNode *node = nn_design_edit_node (copy, g_array_index (ids, guint, i));
      node->weights_of =
          GPOINTER_TO_UINT (g_hash_table_lookup (renumbered, GUINT_TO_POINTER (node->weights_of)));
    }
  if (new_ids != NULL)
    *new_ids = ids;
  else
    g_array_unref (ids);
  return copy;
}
