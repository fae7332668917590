#include "diabolo-config.h"

#include "formats/nn-json.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>

#include "base/nn-error.h"

static gboolean
check_fails (const char *source, gsize offset, const char *reason, GError **error)
{
  g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("%s is not valid JSON: %s at byte %zu."),
               source, reason, offset);
  return FALSE;
}

gboolean
nn_json_check (const char *text, gsize length, const char *source, GError **error)
{
  const char *end;

  if (!g_utf8_validate_len (text, length, &end))
    return check_fails (source, end - text, _ ("text that is not UTF-8"), error);

  guint depth = 0;
  gboolean in_string = FALSE;
  for (gsize i = 0; i < length; i++)
    {
      char c = text[i];

      if (in_string)
        {
          if (c == '\\')
            i++;
          else if (c == '"')
            in_string = FALSE;
          else if ((guchar)c < 0x20)
            return check_fails (source, i, _ ("a control character in a text"), error);
        }
      else if (c == '"')
        in_string = TRUE;
      else if (c == '{' || c == '[')
        {
          if (++depth > NN_JSON_MAX_DEPTH)
            return check_fails (source, i, _ ("nested too deep"), error);
        }
      else if (c == '}' || c == ']')
        {
          if (depth-- == 0)
            return check_fails (source, i, _ ("a bracket that closes nothing"), error);
        }
      /* strchr() finds the end of its text, too. */
      else if (c == '\0' || (!g_ascii_isalnum (c) && strchr (" \t\r\n,:+-.", c) == NULL))
        return check_fails (source, i, _ ("an unexpected character"), error);
    }
  if (in_string || depth > 0)
    return check_fails (source, length, _ ("it ends too early"), error);
  return TRUE;
}

typedef struct
{
  GHashTable *seen; /* "address of object/name" */
  char *twice;      /* owned: first name that came again */
} DuplicateSearch;

static void
member_parsed (JsonParser *parser, JsonObject *object, const char *name, DuplicateSearch *search)
{
  char *key = g_strdup_printf ("%p/%s", (gpointer)object, name);

  if (!g_hash_table_add (search->seen, key) && search->twice == NULL)
    search->twice = g_strdup (name);
}

JsonObject *
nn_json_parse_object (const char *text, gsize length, const char *source, GError **error)
{
  if (!nn_json_check (text, length, source, error))
    return NULL;

  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  DuplicateSearch search = { .seen = seen };
  g_autoptr (GError) local = NULL;

  g_signal_connect (parser, "object-member", G_CALLBACK (member_parsed), &search);
  gboolean parsed = json_parser_load_from_data (parser, text, length, &local);
  g_autofree char *twice = search.twice;
  if (!parsed)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("%s is not valid JSON: %s"), source,
                   local->message);
      return NULL;
    }
  if (twice != NULL)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("%s has “%s” twice in one object."), source,
                   twice);
      return NULL;
    }
  JsonNode *root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s holds %s where an object was expected."), source, nn_json_kind (root));
      return NULL;
    }
  return json_node_dup_object (root);
}

const char *
nn_json_kind (JsonNode *node)
{
  if (node == NULL)
    return _ ("nothing");
  switch (json_node_get_node_type (node))
    {
    case JSON_NODE_OBJECT:
      return _ ("an object");
    case JSON_NODE_ARRAY:
      return _ ("a list");
    case JSON_NODE_NULL:
      return _ ("null");
    case JSON_NODE_VALUE:
    default:
      break;
    }
  GType type = json_node_get_value_type (node);
  return type == G_TYPE_STRING    ? _ ("a text")
         : type == G_TYPE_BOOLEAN ? _ ("true or false")
         : type == G_TYPE_INT64   ? _ ("a whole number")
                                  : _ ("a number");
}

static gboolean
wrong_kind (JsonObject *object, const char *name, const char *source, const char *expected,
            GError **error)
{
  g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("%s: “%s” should be %s, but there is %s."),
               source, name, expected, nn_json_kind (json_object_get_member (object, name)));
  return FALSE;
}

gboolean
nn_json_get_int (JsonObject *object, const char *name, gint64 min, gint64 max, const char *source,
                 gint64 *value, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_INT64)
    return wrong_kind (object, name, source, _ ("a whole number"), error);
  *value = json_node_get_int (node);
  if (*value < min || *value > max)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s: “%s” should be from %" PRId64 " to %" PRId64 ", but is %" PRId64 "."),
                   source, name, min, max, *value);
      return FALSE;
    }
  return TRUE;
}

gboolean
nn_json_get_double (JsonObject *object, const char *name, const char *source, double *value,
                    GError **error)
{
  JsonNode *node = json_object_get_member (object, name);
  GType type = node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node)
                                                            : G_TYPE_INVALID;

  if (type != G_TYPE_DOUBLE && type != G_TYPE_INT64)
    return wrong_kind (object, name, source, _ ("a number"), error);
  *value = json_node_get_double (node);
  return TRUE;
}

gboolean
nn_json_get_text (JsonObject *object, const char *name, const char *source, const char **value,
                  GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING)
    return wrong_kind (object, name, source, _ ("a text"), error);
  *value = json_node_get_string (node);
  return TRUE;
}

void
nn_json_add_members (JsonObject *object, JsonObject *extra)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (extra == NULL)
    return;
  json_object_iter_init_ordered (&iter, extra);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    json_object_set_member (object, name, json_node_copy (node));
}

char *
nn_json_to_text (JsonObject *object)
{
  g_autoptr (JsonNode) root = json_node_init_object (json_node_alloc (), object);
  g_autofree char *text = json_to_string (root, TRUE);

  return g_strconcat (text, "\n", NULL);
}
