/* nn-design-json-read.c: a design from text that may be damaged or come from a newer version. Every
 * refusal names the place in the file, what was expected there and what was found. */
#include "diabolo-config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "base/nn-error.h"
#include "layers/nn-layer.h"
#include "model/nn-design-private.h"
#include "optimizers/nn-optimizer.h"

/* The parser recurses: deeper text than any design needs must not reach it. */
#define MAX_DEPTH 64
#define MAX_LENGTH (64 * 1024 * 1024)
#define MAX_POSITION 1e9

/* ---- refusing ---- */

static char *
join (const char *path, const char *key)
{
  return *path == '\0' ? g_strdup (key) : g_strconcat (path, ".", key, NULL);
}

/* found NULL: nothing is there. */
static gboolean
refuse_place (GError **error, NnErrorCode code, const char *place, const char *expected,
              JsonNode *found)
{
  g_autofree char *text = NULL;
  g_autofree char *shown = NULL;

  if (found == NULL)
    {
      g_set_error (error, NN_ERROR, code, _ ("%s is missing; expected %s."), place, expected);
      return FALSE;
    }
  text = json_to_string (found, FALSE);
  if (g_utf8_strlen (text, -1) > 60)
    {
      g_autofree char *start = g_utf8_substring (text, 0, 57);
      shown = g_strconcat (start, "…", NULL);
    }
  g_set_error (error, NN_ERROR, code, _ ("%s is %s; expected %s."), place,
               shown != NULL ? shown : text, expected);
  return FALSE;
}

static gboolean
refuse (GError **error, NnErrorCode code, const char *path, const char *key, const char *expected,
        JsonNode *found)
{
  g_autofree char *place = join (path, key);

  return refuse_place (error, code, place, expected, found);
}

/* ---- plain values ---- */

static gboolean
holds (JsonNode *node, GType type)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

static gboolean
read_string (JsonObject *object, const char *path, const char *key, const char *expected,
             const char **out, GError **error)
{
  JsonNode *node = json_object_get_member (object, key);

  if (!holds (node, G_TYPE_STRING))
    return refuse (error, NN_ERROR_FORMAT, path, key, expected, node);
  *out = json_node_get_string (node);
  return TRUE;
}

static gboolean
check_whole (JsonNode *node, const char *place, guint min, guint max, guint *out, GError **error)
{
  g_autofree char *expected = NULL;

  if (holds (node, G_TYPE_INT64) && json_node_get_int (node) >= min
      && json_node_get_int (node) <= max)
    {
      *out = json_node_get_int (node);
      return TRUE;
    }
  expected = g_strdup_printf (_ ("a whole number from %u to %u"), min, max);
  return refuse_place (error, NN_ERROR_FORMAT, place, expected, node);
}

static gboolean
read_position (JsonObject *object, const char *path, const char *key, double *out, GError **error)
{
  JsonNode *node = json_object_get_member (object, key);

  if (holds (node, G_TYPE_INT64) || holds (node, G_TYPE_DOUBLE))
    {
      *out = json_node_get_double (node);
      if (isfinite (*out) && fabs (*out) <= MAX_POSITION)
        return TRUE;
    }
  return refuse (error, NN_ERROR_FORMAT, path, key, _ ("a number of pixels"), node);
}

static gboolean
read_array (JsonObject *object, const char *key, JsonArray **out, GError **error)
{
  JsonNode *node = json_object_get_member (object, key);

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return refuse (error, NN_ERROR_FORMAT, "", key, _ ("a list"), node);
  *out = json_node_get_array (node);
  return TRUE;
}

/* A missing object reads as NULL, which stands for an empty one. */
static gboolean
read_object (JsonObject *object, const char *path, const char *key, JsonObject **out,
             GError **error)
{
  JsonNode *node = json_object_get_member (object, key);

  *out = NULL;
  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return refuse (error, NN_ERROR_FORMAT, path, key, _ ("an object"), node);
  *out = json_node_get_object (node);
  return TRUE;
}

/* The members of object that are not in known, as JSON text; NULL if there are none. */
static char *
take_unknown (JsonObject *object, const char *const *known)
{
  g_autoptr (JsonObject) rest = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GList) keys = json_object_get_members (object);

  for (GList *l = keys; l != NULL; l = l->next)
    if (!g_strv_contains (known, l->data))
      json_object_set_member (rest, l->data, json_object_dup_member (object, l->data));
  if (json_object_get_size (rest) == 0)
    return NULL;
  node = json_node_init_object (json_node_alloc (), rest);
  return json_to_string (node, FALSE);
}

/* Parameters under path; omit: a key of object that is not one of them, or NULL. */
static NnParams *
read_params (const NnParamSpec *specs, JsonObject *object, const char *path, const char *omit,
             GError **error)
{
  g_autoptr (JsonObject) members = json_object_new ();
  g_autoptr (GList) keys = object != NULL ? json_object_get_members (object) : NULL;

  /* One key alone first, so that an error can name its path. */
  for (GList *l = keys; l != NULL; l = l->next)
    {
      g_autoptr (JsonObject) alone = json_object_new ();
      g_autoptr (NnParams) checked = NULL;

      if (g_strcmp0 (l->data, omit) == 0)
        continue;
      json_object_set_member (alone, l->data, json_object_dup_member (object, l->data));
      checked = nn_params_from_json (specs, alone, error);
      if (checked == NULL)
        {
          g_prefix_error (error, "%s.%s: ", path, (const char *)l->data);
          return NULL;
        }
      json_object_set_member (members, l->data, json_object_dup_member (object, l->data));
    }
  return nn_params_from_json (specs, members, error);
}

/* ---- nodes ---- */

static gboolean
read_flag (JsonObject *object, const char *path, const char *key, gboolean *flag, GError **error)
{
  JsonNode *node = json_object_get_member (object, key);

  if (node == NULL)
    return TRUE;
  if (!holds (node, G_TYPE_BOOLEAN))
    return refuse (error, NN_ERROR_FORMAT, path, key, _ ("true or false"), node);
  *flag = json_node_get_boolean (node);
  return TRUE;
}

/* "weights-of": id, of a node that may come later in the file. */
static gboolean
read_owner (JsonObject *object, const char *path, guint *owner, GError **error)
{
  JsonNode *node = json_object_get_member (object, "weights-of");
  g_autofree char *place = join (path, "weights-of");

  return node == NULL || check_whole (node, place, 1, NN_DESIGN_MAX_ID, owner, error);
}

static const NnLayerType *
read_layer_type (JsonObject *object, const char *path, GError **error)
{
  const NnLayerType *type;
  const char *id = NULL;
  g_autoptr (GString) known = NULL;

  if (!read_string (object, path, "type", _ ("the id of a layer type"), &id, error))
    return NULL;
  type = nn_layer_type (id);
  if (type != NULL)
    return type;
  known = g_string_new (_ ("one of "));
  for (guint i = 0; nn_layer_types ()[i] != NULL; i++)
    g_string_append_printf (known, "%s%s", i > 0 ? ", " : "", nn_layer_types ()[i]->id);
  refuse (error, NN_ERROR_UNKNOWN, path, "type", known->str,
          json_object_get_member (object, "type"));
  return NULL;
}

static gboolean
read_node (NnDesign *design, GHashTable *names, JsonNode *json, guint position, GError **error)
{
  static const char *const known[] = { "id",     "type",       "name", "x",      "y",
                                       "frozen", "weights-of", "tied", "params", NULL };
  g_autofree char *path = g_strdup_printf ("nodes[%u]", position);
  g_autofree char *id_place = join (path, "id");
  g_autofree char *params_path = join (path, "params");
  g_autoptr (NnParams) params = NULL;
  const NnLayerType *type;
  const char *name;
  JsonObject *object, *members;
  gboolean frozen = FALSE, tied = FALSE;
  double x, y;
  guint id, owner = 0;
  NnNode *node;

  if (!JSON_NODE_HOLDS_OBJECT (json))
    return refuse_place (error, NN_ERROR_FORMAT, path, _ ("an object"), json);
  object = json_node_get_object (json);
  if (!check_whole (json_object_get_member (object, "id"), id_place, 1, NN_DESIGN_MAX_ID, &id,
                    error))
    return FALSE;
  if (nn_design_node (design, id) != NULL)
    return refuse_place (error, NN_ERROR_FORMAT, id_place, _ ("an id that no other node has"),
                         json_object_get_member (object, "id"));
  type = read_layer_type (object, path, error);
  if (type == NULL || !read_string (object, path, "name", _ ("a name"), &name, error)
      || !read_position (object, path, "x", &x, error)
      || !read_position (object, path, "y", &y, error)
      || !read_flag (object, path, "frozen", &frozen, error)
      || !read_owner (object, path, &owner, error)
      || !read_flag (object, path, "tied", &tied, error)
      || !read_object (object, path, "params", &members, error))
    return FALSE;
  if (*name == '\0' || !g_hash_table_add (names, (gpointer)name))
    return refuse (error, NN_ERROR_FORMAT, path, "name", _ ("a name that no other node has"),
                   json_object_get_member (object, "name"));
  params = read_params (type->params, members, params_path, NULL, error);
  if (params == NULL)
    return FALSE;
  node = nn_node_new (id, type, params, name, x, y);
  node->frozen = frozen;
  node->weights_of = owner;
  node->tied = tied && owner != 0;
  node->unknown = take_unknown (object, known);
  nn_design_take_node (design, node);
  design->next_id = MAX (design->next_id, id + 1);
  return TRUE;
}

static gboolean
read_nodes (NnDesign *design, JsonObject *root, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  JsonArray *array = NULL;

  if (!read_array (root, "nodes", &array, error))
    return FALSE;
  if (json_array_get_length (array) > NN_DESIGN_MAX_NODES)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("nodes has %u entries; expected at most %u."), json_array_get_length (array),
                   NN_DESIGN_MAX_NODES);
      return FALSE;
    }
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!read_node (design, names, json_array_get_element (array, i), i, error))
      return FALSE;
  return TRUE;
}

/* ---- edges ---- */

/* "from": [id, port] */
static gboolean
read_port (const NnDesign *design, JsonObject *object, const char *path, const char *key,
           guint (*n_ports) (const NnLayerType *), guint *id, guint *port, GError **error)
{
  JsonNode *node = json_object_get_member (object, key);
  g_autofree char *place = join (path, key);
  g_autofree char *id_place = g_strconcat (place, "[0]", NULL);
  g_autofree char *port_place = g_strconcat (place, "[1]", NULL);
  const NnNode *end;
  JsonArray *array = NULL;

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node)
      || json_array_get_length (json_node_get_array (node)) != 2)
    return refuse_place (error, NN_ERROR_FORMAT, place, _ ("a node id and a port number"), node);
  array = json_node_get_array (node);
  if (!check_whole (json_array_get_element (array, 0), id_place, 1, NN_DESIGN_MAX_ID, id, error))
    return FALSE;
  end = nn_design_node (design, *id);
  if (end == NULL)
    return refuse_place (error, NN_ERROR_FORMAT, id_place, _ ("the id of a node in nodes"),
                         json_array_get_element (array, 0));
  if (n_ports (end->type) == 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s is %u, “%s”, which has no port on this side; expected another node."),
                   id_place, *id, end->name);
      return FALSE;
    }
  return check_whole (json_array_get_element (array, 1), port_place, 0, n_ports (end->type) - 1,
                      port, error);
}

static gboolean
read_edge (NnDesign *design, JsonNode *json, guint position, GError **error)
{
  static const char *const known[] = { "from", "to", NULL };
  g_autofree char *path = g_strdup_printf ("edges[%u]", position);
  g_autofree char *unknown = NULL;
  JsonObject *object;
  NnEdge edge = { 0 };

  if (!JSON_NODE_HOLDS_OBJECT (json))
    return refuse_place (error, NN_ERROR_FORMAT, path, _ ("an object"), json);
  object = json_node_get_object (json);
  if (!read_port (design, object, path, "from", nn_layer_n_outputs, &edge.from, &edge.from_port,
                  error)
      || !read_port (design, object, path, "to", nn_layer_n_inputs, &edge.to, &edge.to_port, error))
    return FALSE;
  unknown = take_unknown (object, known);
  nn_design_append_edge (design, &edge, unknown);
  return TRUE;
}

static gboolean
read_edges (NnDesign *design, JsonObject *root, GError **error)
{
  JsonArray *array = NULL;

  if (!read_array (root, "edges", &array, error))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!read_edge (design, json_array_get_element (array, i), i, error))
      return FALSE;
  return TRUE;
}

/* ---- the rest ---- */

static gboolean
read_header (NnDesign *design, JsonObject *root, GError **error)
{
  const char *format, *version;
  g_auto (GStrv) parts = NULL;
  guint64 major, minor;

  if (!read_string (root, "", "format", "\"" NN_DESIGN_FORMAT "\"", &format, error))
    return FALSE;
  if (!g_str_equal (format, NN_DESIGN_FORMAT))
    return refuse (error, NN_ERROR_FORMAT, "", "format", "\"" NN_DESIGN_FORMAT "\"",
                   json_object_get_member (root, "format"));
  if (!read_string (root, "", "version", _ ("a version such as \"1.0\""), &version, error))
    return FALSE;
  parts = g_strsplit (version, ".", 2);
  if (!g_ascii_string_to_unsigned (parts[0] != NULL ? parts[0] : "", 10, 0, G_MAXUINT32, &major,
                                   NULL)
      || parts[1] == NULL
      || !g_ascii_string_to_unsigned (parts[1], 10, 0, G_MAXUINT32, &minor, NULL))
    return refuse (error, NN_ERROR_FORMAT, "", "version", _ ("a version such as \"1.0\""),
                   json_object_get_member (root, "version"));
  if (major != NN_DESIGN_MAJOR)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_VERSION,
                   _ ("version is %s; this program reads versions up to %u. A newer program made "
                      "this file."),
                   version, NN_DESIGN_MAJOR);
      return FALSE;
    }
  design->minor = minor;
  return TRUE;
}

static gboolean
read_code (NnDesign *design, JsonObject *root, GError **error)
{
  JsonNode *node = json_object_get_member (root, "code");

  if (node == NULL)
    return TRUE;
  if (!check_whole (node, "code", 0, NN_DESIGN_MAX_ID, &design->code, error))
    return FALSE;
  if (design->code != 0 && nn_design_node (design, design->code) == NULL)
    return refuse (error, NN_ERROR_FORMAT, "", "code", _ ("the id of a node in nodes"), node);
  return TRUE;
}

static gboolean
read_setting (JsonObject *root, const char *key, const NnParamSpec *specs, NnParams **slot,
              GError **error)
{
  JsonObject *object;
  NnParams *params;

  if (!read_object (root, "", key, &object, error))
    return FALSE;
  params = read_params (specs, object, key, NULL, error);
  if (params == NULL)
    return FALSE;
  nn_params_unref (*slot);
  *slot = params;
  return TRUE;
}

static gboolean
read_optimizer (NnDesign *design, JsonObject *root, GError **error)
{
  JsonObject *object;
  const NnOptimizerType *type;
  const char *id;
  g_autoptr (GString) known = NULL;
  NnParams *params;

  if (!read_object (root, "", "optimizer", &object, error))
    return FALSE;
  if (object == NULL)
    return TRUE;
  if (!read_string (object, "optimizer", "type", _ ("the id of an optimizer"), &id, error))
    return FALSE;
  type = nn_optimizer_type (id);
  if (type == NULL)
    {
      known = g_string_new (_ ("one of "));
      for (guint i = 0; nn_optimizer_types ()[i] != NULL; i++)
        g_string_append_printf (known, "%s%s", i > 0 ? ", " : "", nn_optimizer_types ()[i]->id);
      return refuse (error, NN_ERROR_UNKNOWN, "optimizer", "type", known->str,
                     json_object_get_member (object, "type"));
    }
  params = read_params (type->params, object, "optimizer", "type", error);
  if (params == NULL)
    return FALSE;
  design->optimizer = type;
  nn_params_unref (design->optimizer_params);
  design->optimizer_params = params;
  return TRUE;
}

/* Brackets nest at most MAX_DEPTH deep outside of strings. */
static gboolean
check_depth (const char *text, gsize length, GError **error)
{
  gboolean in_string = FALSE;
  guint depth = 0;

  for (gsize i = 0; i < length; i++)
    {
      if (in_string && text[i] == '\\')
        i++;
      else if (text[i] == '"')
        in_string = !in_string;
      else if (!in_string && (text[i] == '[' || text[i] == '{'))
        depth++;
      else if (!in_string && (text[i] == ']' || text[i] == '}') && depth > 0)
        depth--;
      if (depth > MAX_DEPTH)
        {
          g_set_error (
              error, NN_ERROR, NN_ERROR_FORMAT,
              _ ("The design nests brackets more than %d deep (at byte %zu); expected at most 5."),
              MAX_DEPTH, i);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
parse (JsonParser *parser, const char *text, gsize length, GError **error)
{
  g_autoptr (GError) reason = NULL;
  const char *bad;

  if (length > MAX_LENGTH)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("The design has %zu bytes; expected at most %d."), length, MAX_LENGTH);
      return FALSE;
    }
  if (!g_utf8_validate (text, length, &bad))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("The design is not text: byte %zu is 0x%02x; expected UTF-8."),
                   (gsize)(bad - text), (guint)(guchar)*bad);
      return FALSE;
    }
  if (!check_depth (text, length, error))
    return FALSE;
  if (!json_parser_load_from_data (parser, text, length, &reason))
    {
      /* json-glib puts "<data>:1:5: " before its reason. */
      const char *place = reason->message;
      if (g_str_has_prefix (place, "<data>:"))
        place += strlen ("<data>:");
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("The design is not JSON, or not whole: line %s"), place);
      return FALSE;
    }
  if (json_parser_get_root (parser) == NULL
      || !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("The design is empty or not an object; expected {…}."));
      return FALSE;
    }
  return TRUE;
}

NnDesign *
nn_design_from_json (const char *text, gssize length, GError **error)
{
  static const char *const known[] = { "format", "version", "title",    "nodes",     "edges",
                                       "code",   "data",    "training", "optimizer", NULL };
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (NnDesign) design = nn_design_new ();
  JsonObject *root;
  const char *title = "";

  g_return_val_if_fail (text != NULL, NULL);
  if (!parse (parser, text, length < 0 ? strlen (text) : (gsize)length, error))
    return NULL;
  root = json_node_get_object (json_parser_get_root (parser));
  if (!read_header (design, root, error))
    return NULL;
  if (json_object_has_member (root, "title")
      && !read_string (root, "", "title", _ ("a text"), &title, error))
    return NULL;
  g_free (design->title);
  design->title = g_strdup (title);
  if (!read_nodes (design, root, error) || !read_edges (design, root, error)
      || !read_code (design, root, error)
      || !read_setting (root, "data", nn_data_specs (), &design->data, error)
      || !read_setting (root, "training", nn_training_specs (), &design->training, error)
      || !read_optimizer (design, root, error))
    return NULL;
  design->unknown = take_unknown (root, known);
  return g_steal_pointer (&design);
}
