/* nn-design.c: reading a design, and its life time. */
#include "diabolo-config.h"

#include "layers/nn-layer.h"
#include "model/nn-design-private.h"
#include "optimizers/nn-optimizer.h"

NnNode *
nn_node_new (guint id, const NnLayerType *type, NnParams *params, const char *name, double x,
             double y)
{
  NnNode *node = g_new0 (NnNode, 1);

  g_atomic_ref_count_init (&node->refs);
  node->id = id;
  node->type = type;
  node->params = params != NULL ? nn_params_ref (params) : nn_params_new (type->params);
  node->name = g_strdup (name);
  node->x = x;
  node->y = y;
  return node;
}

NnNode *
nn_node_copy (const NnNode *node)
{
  NnNode *copy = nn_node_new (node->id, node->type, node->params, node->name, node->x, node->y);

  copy->frozen = node->frozen;
  copy->weights_of = node->weights_of;
  copy->tied = node->tied;
  copy->unknown = g_strdup (node->unknown);
  return copy;
}

NnNode *
nn_node_ref (NnNode *node)
{
  g_atomic_ref_count_inc (&node->refs);
  return node;
}

void
nn_node_unref (NnNode *node)
{
  if (!g_atomic_ref_count_dec (&node->refs))
    return;
  nn_params_unref (node->params);
  g_free (node->name);
  g_free (node->unknown);
  g_free (node);
}

static void
clear_edge (gpointer item)
{
  g_free (((NnDesignEdge *)item)->unknown);
}

static NnDesign *
design_alloc (void)
{
  NnDesign *design = g_new0 (NnDesign, 1);

  g_atomic_ref_count_init (&design->refs);
  design->nodes = g_ptr_array_new_with_free_func ((GDestroyNotify)nn_node_unref);
  design->edges = g_array_new (FALSE, FALSE, sizeof (NnDesignEdge));
  g_array_set_clear_func (design->edges, clear_edge);
  design->positions = g_hash_table_new (NULL, NULL);
  return design;
}

NnDesign *
nn_design_new (void)
{
  NnDesign *design = design_alloc ();

  design->title = g_strdup ("");
  design->next_id = 1;
  design->data = nn_params_new (nn_data_specs ());
  design->training = nn_params_new (nn_training_specs ());
  design->optimizer = nn_optimizer_type ("adam");
  g_assert (design->optimizer != NULL);
  design->optimizer_params = nn_params_new (design->optimizer->params);
  return design;
}

NnDesign *
nn_design_copy (const NnDesign *design)
{
  NnDesign *copy = design_alloc ();

  copy->title = g_strdup (design->title);
  for (guint i = 0; i < design->nodes->len; i++)
    nn_design_take_node (copy, nn_node_ref (g_ptr_array_index (design->nodes, i)));
  for (guint i = 0; i < design->edges->len; i++)
    {
      const NnDesignEdge *item = &g_array_index (design->edges, NnDesignEdge, i);
      nn_design_append_edge (copy, &item->edge, item->unknown);
    }
  copy->next_id = design->next_id;
  copy->code = design->code;
  copy->data = nn_params_ref (design->data);
  copy->training = nn_params_ref (design->training);
  copy->optimizer = design->optimizer;
  copy->optimizer_params = nn_params_ref (design->optimizer_params);
  copy->minor = design->minor;
  copy->unknown = g_strdup (design->unknown);
  return copy;
}

NnDesign *
nn_design_ref (NnDesign *design)
{
  g_return_val_if_fail (design != NULL, NULL);
  g_atomic_ref_count_inc (&design->refs);
  return design;
}

void
nn_design_unref (NnDesign *design)
{
  g_return_if_fail (design != NULL);
  if (!g_atomic_ref_count_dec (&design->refs))
    return;
  g_free (design->title);
  g_ptr_array_unref (design->nodes);
  g_array_unref (design->edges);
  g_hash_table_unref (design->positions);
  nn_params_unref (design->data);
  nn_params_unref (design->training);
  nn_params_unref (design->optimizer_params);
  g_free (design->unknown);
  g_free (design);
}

void
nn_design_take_node (NnDesign *design, NnNode *node)
{
  g_ptr_array_add (design->nodes, node);
  g_hash_table_insert (design->positions, GUINT_TO_POINTER (node->id),
                       GUINT_TO_POINTER (design->nodes->len));
}

void
nn_design_append_edge (NnDesign *design, const NnEdge *edge, const char *unknown)
{
  NnDesignEdge item = { *edge, g_strdup (unknown) };

  g_array_append_val (design->edges, item);
}

NnNode *
nn_design_edit_node (NnDesign *design, guint id)
{
  gint position = nn_design_position (design, id);
  NnNode *copy;

  if (position < 0)
    return NULL;
  copy = nn_node_copy (g_ptr_array_index (design->nodes, position));
  nn_node_unref (g_ptr_array_index (design->nodes, position));
  g_ptr_array_index (design->nodes, position) = copy;
  return copy;
}

gint
nn_design_position (const NnDesign *design, guint id)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (design->positions, GUINT_TO_POINTER (id))) - 1;
}

NnDesign *
nn_design_with_next_id (NnDesign *design, guint next_id)
{
  NnDesign *copy;

  if (design->next_id >= next_id)
    return nn_design_ref (design);
  copy = nn_design_copy (design);
  copy->next_id = next_id;
  return copy;
}

const char *
nn_design_title (const NnDesign *design)
{
  return design->title;
}

guint
nn_design_n_nodes (const NnDesign *design)
{
  return design->nodes->len;
}

const NnNode *
nn_design_node_at (const NnDesign *design, guint position)
{
  g_return_val_if_fail (position < design->nodes->len, NULL);
  return g_ptr_array_index (design->nodes, position);
}

const NnNode *
nn_design_node (const NnDesign *design, guint id)
{
  gint position = nn_design_position (design, id);

  return position < 0 ? NULL : g_ptr_array_index (design->nodes, position);
}

const NnNode *
nn_design_node_by_name (const NnDesign *design, const char *name)
{
  for (guint i = 0; i < design->nodes->len; i++)
    {
      const NnNode *node = g_ptr_array_index (design->nodes, i);
      if (g_str_equal (node->name, name))
        return node;
    }
  return NULL;
}

guint
nn_design_n_edges (const NnDesign *design)
{
  return design->edges->len;
}

const NnEdge *
nn_design_edge_at (const NnDesign *design, guint position)
{
  g_return_val_if_fail (position < design->edges->len, NULL);
  return &g_array_index (design->edges, NnDesignEdge, position).edge;
}

const NnEdge *
nn_design_edge_into (const NnDesign *design, guint to, guint to_port)
{
  for (guint i = 0; i < design->edges->len; i++)
    {
      const NnEdge *edge = &g_array_index (design->edges, NnDesignEdge, i).edge;
      if (edge->to == to && edge->to_port == to_port)
        return edge;
    }
  return NULL;
}

guint
nn_design_code_node (const NnDesign *design)
{
  return design->code;
}

const NnParams *
nn_design_training (const NnDesign *design)
{
  return design->training;
}

const NnParams *
nn_design_data (const NnDesign *design)
{
  return design->data;
}

const NnOptimizerType *
nn_design_optimizer (const NnDesign *design)
{
  return design->optimizer;
}

const NnParams *
nn_design_optimizer_params (const NnDesign *design)
{
  return design->optimizer_params;
}

static gboolean
same_edges (const NnDesign *a, const NnDesign *b)
{
  g_autoptr (GHashTable) sources = NULL; /* "to.port" as one number -> "from.port" as one number */

  if (a->edges->len != b->edges->len)
    return FALSE;
  sources = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  for (guint i = 0; i < a->edges->len; i++)
    {
      const NnEdge *edge = nn_design_edge_at (a, i);
      gint64 into = ((gint64)edge->to << 32) | edge->to_port;
      g_hash_table_insert (sources, g_memdup2 (&into, sizeof into), (gpointer)edge);
    }
  for (guint i = 0; i < b->edges->len; i++)
    {
      const NnEdge *edge = nn_design_edge_at (b, i);
      gint64 into = ((gint64)edge->to << 32) | edge->to_port;
      const NnEdge *other = g_hash_table_lookup (sources, &into);
      if (other == NULL || other->from != edge->from || other->from_port != edge->from_port)
        return FALSE;
    }
  return TRUE;
}

gboolean
nn_design_same_computation (const NnDesign *a, const NnDesign *b)
{
  return a == b
         || (nn_design_same_network (a, b) && a->optimizer == b->optimizer
             && nn_params_equal (a->optimizer_params, b->optimizer_params)
             && nn_params_equal (a->training, b->training));
}

gboolean
nn_design_same_network (const NnDesign *a, const NnDesign *b)
{
  if (a == b)
    return TRUE;
  if (a->nodes->len != b->nodes->len || a->code != b->code || !nn_params_equal (a->data, b->data))
    return FALSE;
  for (guint i = 0; i < a->nodes->len; i++)
    {
      const NnNode *x = g_ptr_array_index (a->nodes, i);
      const NnNode *y = g_ptr_array_index (b->nodes, i);
      if (x == y)
        continue;
      if (x->id != y->id || x->type != y->type || x->frozen != y->frozen
          || x->weights_of != y->weights_of || x->tied != y->tied
          || !nn_params_equal (x->params, y->params))
        return FALSE;
    }
  return same_edges (a, b);
}
