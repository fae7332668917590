/* nn-design-json-write.c: design.json as people read it and as it diffs: fixed key order, two
 * spaces, lists of plain values on one line, numbers as short as they can be. */
#include "diabolo-config.h"

#include "layers/nn-layer.h"
#include "model/nn-design-private.h"
#include "optimizers/nn-optimizer.h"

#define LINE_WIDTH 90

/* The shortest text that reads back as the same number: 0.9, not 0.90000000000000002. */
static void
append_double (GString *text, double number)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  for (guint digits = 1; digits <= 17; digits++)
    {
      char format[8];
      g_snprintf (format, sizeof format, "%%.%ug", digits);
      g_ascii_formatd (buffer, sizeof buffer, format, number);
      if (g_ascii_strtod (buffer, NULL) == number)
        break;
    }
  g_string_append (text, buffer);
}

static gboolean
is_plain (JsonNode *node)
{
  return !JSON_NODE_HOLDS_OBJECT (node) && !JSON_NODE_HOLDS_ARRAY (node);
}

static gboolean
is_plain_array (JsonNode *node)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  gboolean plain = array != NULL;

  for (guint i = 0; plain && i < json_array_get_length (array); i++)
    plain = is_plain (json_array_get_element (array, i));
  return plain;
}

static void append_node (GString *text, JsonNode *node, guint indent);

static void
new_line (GString *text, guint indent)
{
  g_string_append_printf (text, "\n%*s", (int)indent, "");
}

static void
append_array (GString *text, JsonNode *node, guint indent)
{
  JsonArray *array = json_node_get_array (node);
  guint n = json_array_get_length (array);
  gboolean one_line = is_plain_array (node);

  g_string_append_c (text, '[');
  for (guint i = 0; i < n; i++)
    {
      if (!one_line)
        new_line (text, indent + 2);
      append_node (text, json_array_get_element (array, i), indent + 2);
      if (i + 1 < n)
        g_string_append (text, one_line ? ", " : ",");
    }
  if (!one_line)
    new_line (text, indent);
  g_string_append_c (text, ']');
}

static void
append_members (GString *text, JsonObject *object, guint indent, gboolean one_line)
{
  g_autoptr (GList) keys = json_object_get_members (object);

  g_string_append_c (text, '{');
  for (GList *l = keys; l != NULL; l = l->next)
    {
      g_autoptr (JsonNode) key = json_node_init_string (json_node_alloc (), l->data);
      if (!one_line)
        new_line (text, indent + 2);
      append_node (text, key, indent);
      g_string_append (text, ": ");
      append_node (text, json_object_get_member (object, l->data), indent + 2);
      if (l->next != NULL)
        g_string_append (text, one_line ? ", " : ",");
    }
  if (keys != NULL && !one_line)
    new_line (text, indent);
  g_string_append_c (text, '}');
}

/* An object of plain values that fits stands on one line. */
static void
append_object (GString *text, JsonObject *object, guint indent)
{
  g_autoptr (GList) values = json_object_get_values (object);
  gboolean simple = TRUE;
  gsize start = text->len;

  for (GList *l = values; l != NULL && simple; l = l->next)
    simple = is_plain (l->data) || is_plain_array (l->data);
  if (simple)
    append_members (text, object, indent, TRUE);
  if (simple && indent + (text->len - start) <= LINE_WIDTH)
    return;
  g_string_truncate (text, start);
  append_members (text, object, indent, FALSE);
}

static void
append_node (GString *text, JsonNode *node, guint indent)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    append_object (text, json_node_get_object (node), indent);
  else if (JSON_NODE_HOLDS_ARRAY (node))
    append_array (text, node, indent);
  else if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_DOUBLE)
    append_double (text, json_node_get_double (node));
  else
    {
      g_autofree char *plain = json_to_string (node, FALSE);
      g_string_append (text, plain);
    }
}

/* ---- the design as JSON values ---- */

static void
append_unknown (JsonObject *object, const char *unknown)
{
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GList) keys = NULL;
  JsonObject *source;

  if (unknown == NULL)
    return;
  node = json_from_string (unknown, NULL);
  g_assert (node != NULL);
  source = json_node_get_object (node);
  keys = json_object_get_members (source);
  for (GList *l = keys; l != NULL; l = l->next)
    json_object_set_member (object, l->data, json_object_dup_member (source, l->data));
}

static JsonObject *
node_to_json (const NnNode *node)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "id", node->id);
  json_object_set_string_member (object, "type", node->type->id);
  json_object_set_string_member (object, "name", node->name);
  json_object_set_double_member (object, "x", node->x);
  json_object_set_double_member (object, "y", node->y);
  if (node->frozen)
    json_object_set_boolean_member (object, "frozen", TRUE);
  if (node->weights_of != 0)
    json_object_set_int_member (object, "weights-of", node->weights_of);
  if (node->tied)
    json_object_set_boolean_member (object, "tied", TRUE);
  json_object_set_object_member (object, "params", nn_params_to_json (node->params));
  append_unknown (object, node->unknown);
  return object;
}

static JsonArray *
port_to_json (guint node, guint port)
{
  JsonArray *array = json_array_new ();

  json_array_add_int_element (array, node);
  json_array_add_int_element (array, port);
  return array;
}

static JsonObject *
edge_to_json (const NnDesignEdge *item)
{
  JsonObject *object = json_object_new ();

  json_object_set_array_member (object, "from",
                                port_to_json (item->edge.from, item->edge.from_port));
  json_object_set_array_member (object, "to", port_to_json (item->edge.to, item->edge.to_port));
  append_unknown (object, item->unknown);
  return object;
}

static JsonObject *
optimizer_to_json (const NnDesign *design)
{
  JsonObject *object = json_object_new ();
  g_autoptr (JsonObject) params = nn_params_to_json (design->optimizer_params);
  g_autoptr (GList) keys = json_object_get_members (params);

  json_object_set_string_member (object, "type", design->optimizer->id);
  for (GList *l = keys; l != NULL; l = l->next)
    json_object_set_member (object, l->data, json_object_dup_member (params, l->data));
  return object;
}

char *
nn_design_to_json (const NnDesign *design)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *version =
      g_strdup_printf ("%u.%u", NN_DESIGN_MAJOR, MAX (design->minor, NN_DESIGN_MINOR));
  JsonArray *nodes = json_array_new ();
  JsonArray *edges = json_array_new ();
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < design->nodes->len; i++)
    json_array_add_object_element (nodes, node_to_json (nn_design_node_at (design, i)));
  for (guint i = 0; i < design->edges->len; i++)
    json_array_add_object_element (edges,
                                   edge_to_json (&g_array_index (design->edges, NnDesignEdge, i)));
  json_object_set_string_member (object, "format", NN_DESIGN_FORMAT);
  json_object_set_string_member (object, "version", version);
  json_object_set_string_member (object, "title", design->title);
  json_object_set_array_member (object, "nodes", nodes);
  json_object_set_array_member (object, "edges", edges);
  if (design->code != 0)
    json_object_set_int_member (object, "code", design->code);
  json_object_set_object_member (object, "data", nn_params_to_json (design->data));
  json_object_set_object_member (object, "training", nn_params_to_json (design->training));
  json_object_set_object_member (object, "optimizer", optimizer_to_json (design));
  append_unknown (object, design->unknown);

  root = json_node_init_object (json_node_alloc (), object);
  append_node (text, root, 0);
  g_string_append_c (text, '\n');
  return g_string_free (text, FALSE);
}
