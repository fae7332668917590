#include "diabolo-config.h"

#include "base/nn-params.h"

#include "base/nn-error.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

typedef union
{
  double number; /* INT, FLOAT, BOOL */
  char *text;    /* owned; CHOICE, STRING, SHAPE */
} Value;

struct _NnParams
{
  gatomicrefcount refs;
  const NnParamSpec *specs; /* static, or NULL */
  guint n;
  JsonObject *unknown; /* owned, never changed; or NULL */
  Value value[];
};

#define TYPES_TEXT (1u << NN_PARAM_CHOICE | 1u << NN_PARAM_STRING | 1u << NN_PARAM_SHAPE)

static gboolean
is_text (const NnParamSpec *spec)
{
  return (TYPES_TEXT & 1u << spec->type) != 0;
}

/* Whole numbers are kept in a double, which holds every one up to here. */
#define MAX_WHOLE 9007199254740992.0

/* ---- the set of values ---- */

static NnParams *
params_alloc (const NnParamSpec *specs)
{
  NnParams *params;
  guint n = 0;

  while (specs != NULL && specs[n].name != NULL)
    n++;
  params = g_malloc0 (sizeof (NnParams) + n * sizeof (Value));
  g_atomic_ref_count_init (&params->refs);
  params->specs = specs;
  params->n = n;
  return params;
}

NnParams *
nn_params_new (const NnParamSpec *specs)
{
  NnParams *params = params_alloc (specs);

  for (guint i = 0; i < params->n; i++)
    if (is_text (&specs[i]))
      params->value[i].text = g_strdup (specs[i].def_text != NULL ? specs[i].def_text : "");
    else
      params->value[i].number = specs[i].def;
  return params;
}

static NnParams *
params_copy (const NnParams *params)
{
  NnParams *copy = params_alloc (params->specs);

  for (guint i = 0; i < copy->n; i++)
    if (is_text (&copy->specs[i]))
      copy->value[i].text = g_strdup (params->value[i].text);
    else
      copy->value[i].number = params->value[i].number;
  if (params->unknown != NULL)
    copy->unknown = json_object_ref (params->unknown);
  return copy;
}

NnParams *
nn_params_ref (NnParams *params)
{
  g_atomic_ref_count_inc (&params->refs);
  return params;
}

void
nn_params_unref (NnParams *params)
{
  if (!g_atomic_ref_count_dec (&params->refs))
    return;
  for (guint i = 0; i < params->n; i++)
    if (is_text (&params->specs[i]))
      g_free (params->value[i].text);
  g_clear_pointer (&params->unknown, json_object_unref);
  g_free (params);
}

const NnParamSpec *
nn_params_specs (const NnParams *params)
{
  return params->specs;
}

/* -1 if the table has no such name. */
static gint
find (const NnParams *params, const char *name)
{
  for (guint i = 0; i < params->n; i++)
    if (strcmp (params->specs[i].name, name) == 0)
      return (gint)i;
  return -1;
}

const NnParamSpec *
nn_params_spec (const NnParams *params, const char *name)
{
  gint i = find (params, name);

  return i < 0 ? NULL : &params->specs[i];
}

static gboolean
unknown_equal (JsonObject *a, JsonObject *b)
{
  g_autoptr (JsonNode) node_a = NULL;
  g_autoptr (JsonNode) node_b = NULL;

  if (a == b)
    return TRUE;
  if (a == NULL || b == NULL)
    return FALSE;
  node_a = json_node_init_object (json_node_alloc (), a);
  node_b = json_node_init_object (json_node_alloc (), b);
  return json_node_equal (node_a, node_b);
}

gboolean
nn_params_equal (const NnParams *a, const NnParams *b)
{
  if (a == b)
    return TRUE;
  if (a->specs != b->specs)
    return FALSE;
  for (guint i = 0; i < a->n; i++)
    {
      gboolean equal = is_text (&a->specs[i]) ? strcmp (a->value[i].text, b->value[i].text) == 0
                                              : a->value[i].number == b->value[i].number;

      if (!equal)
        return FALSE;
    }
  return unknown_equal (a->unknown, b->unknown);
}

/* ---- reading ---- */

static const Value *
get (const NnParams *params, const char *name, guint types)
{
  gint i = find (params, name);

  if (i < 0 || (types & 1u << params->specs[i].type) == 0)
    g_error ("no parameter \"%s\" of the type asked for", name);
  return &params->value[i];
}

gint64
nn_params_int (const NnParams *params, const char *name)
{
  return (gint64)get (params, name, 1u << NN_PARAM_INT)->number;
}

double
nn_params_float (const NnParams *params, const char *name)
{
  return get (params, name, 1u << NN_PARAM_FLOAT)->number;
}

gboolean
nn_params_bool (const NnParams *params, const char *name)
{
  return get (params, name, 1u << NN_PARAM_BOOL)->number != 0;
}

const char *
nn_params_text (const NnParams *params, const char *name)
{
  return get (params, name, TYPES_TEXT)->text;
}

/* -1 if there is no such choice. */
static gint
choice_index (const NnParamSpec *spec, const char *id)
{
  for (gint i = 0; spec->choices[i].id != NULL; i++)
    if (strcmp (spec->choices[i].id, id) == 0)
      return i;
  return -1;
}

guint
nn_params_choice (const NnParams *params, const char *name)
{
  gint i = find (params, name);
  gint index;

  if (i < 0 || params->specs[i].type != NN_PARAM_CHOICE)
    g_error ("no choice \"%s\"", name);
  index = choice_index (&params->specs[i], params->value[i].text);
  g_assert (index >= 0);
  return (guint)index;
}

/* The shortest decimal that reads back as the same number. */
static char *
number_to_text (double number)
{
  char format[8], text[G_ASCII_DTOSTR_BUF_SIZE];

  for (gint digits = 1; digits <= 17; digits++)
    {
      g_snprintf (format, sizeof format, "%%.%dg", digits);
      g_ascii_formatd (text, sizeof text, format, number);
      if (g_ascii_strtod (text, NULL) == number)
        break;
    }
  return g_strdup (text);
}

static char *
value_to_text (const NnParamSpec *spec, const Value *value)
{
  switch (spec->type)
    {
    case NN_PARAM_INT:
      return g_strdup_printf ("%" G_GINT64_FORMAT, (gint64)value->number);
    case NN_PARAM_FLOAT:
      return number_to_text (value->number);
    case NN_PARAM_BOOL:
      return g_strdup (value->number != 0 ? "true" : "false");
    case NN_PARAM_CHOICE:
    case NN_PARAM_STRING:
    case NN_PARAM_SHAPE:
      return g_strdup (value->text);
    }
  g_assert_not_reached ();
}

char *
nn_params_to_text (const NnParams *params, const char *name)
{
  gint i = find (params, name);

  g_return_val_if_fail (i >= 0, NULL);

  return value_to_text (&params->specs[i], &params->value[i]);
}

gboolean
nn_params_shown (const NnParams *params, const NnParamSpec *spec)
{
  const char *equals;
  g_autofree char *name = NULL;
  g_autofree char *value = NULL;
  g_auto (GStrv) wanted = NULL;

  if (spec->shown_if == NULL)
    return TRUE;
  equals = strchr (spec->shown_if, '=');
  g_assert (equals != NULL);
  name = g_strndup (spec->shown_if, (gsize)(equals - spec->shown_if));
  value = nn_params_to_text (params, name);
  wanted = g_strsplit (equals + 1, "|", -1);
  return g_strv_contains ((const char *const *)wanted, value);
}

/* ---- what a value may be, and what to say where it is something else ---- */

static char *
describe_choices (const NnParamSpec *spec)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (gint i = 0; spec->choices[i].id != NULL; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", spec->choices[i].id);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* "a whole number from 1 to 65536" (transfer full) */
static char *
describe_allowed (const NnParamSpec *spec)
{
  g_autofree char *min = number_to_text (spec->min);
  g_autofree char *max = number_to_text (spec->max);
  g_autofree char *choices = NULL;

  switch (spec->type)
    {
    case NN_PARAM_INT:
      return g_strdup_printf (_ ("a whole number from %.0f to %.0f"), spec->min, spec->max);
    case NN_PARAM_FLOAT:
      return g_strdup_printf (_ ("a number from %s to %s"), min, max);
    case NN_PARAM_BOOL:
      return g_strdup (_ ("true or false"));
    case NN_PARAM_CHOICE:
      choices = describe_choices (spec);
      return g_strdup_printf (_ ("one of: %s"), choices);
    case NN_PARAM_STRING:
      return g_strdup (_ ("a text"));
    case NN_PARAM_SHAPE:
      return g_strdup (_ ("sizes such as 28x28x1, one of which may be -1 for the rest"));
    }
  g_assert_not_reached ();
}

static gboolean
refuse (const NnParamSpec *spec, const char *found, GError **error)
{
  g_autofree char *allowed = describe_allowed (spec);

  g_set_error (error, NN_ERROR, spec->type == NN_PARAM_CHOICE ? NN_ERROR_UNKNOWN : NN_ERROR_RANGE,
               _ ("“%s” (%s) cannot be “%s”. Expected %s."), _ (spec->title), spec->name, found,
               allowed);
  return FALSE;
}

static gboolean
set_number (const NnParamSpec *spec, double number, Value *value, GError **error)
{
  gboolean whole =
      spec->type != NN_PARAM_INT || (number == floor (number) && fabs (number) <= MAX_WHOLE);
  gboolean in_range = spec->type == NN_PARAM_BOOL ? number == 0 || number == 1
                                                  : number >= spec->min && number <= spec->max;

  if (!isfinite (number) || !whole || !in_range)
    {
      g_autofree char *found = number_to_text (number);

      return refuse (spec, found, error);
    }
  value->number = number;
  return TRUE;
}

static gboolean
read_bool (const char *text, double *number)
{
  static const struct
  {
    const char *text;
    double number;
  } words[] = { { "true", 1 },  { "yes", 1 }, { "on", 1 },  { "1", 1 },
                { "false", 0 }, { "no", 0 },  { "off", 0 }, { "0", 0 } };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_ascii_strcasecmp (text, words[i].text) == 0)
      {
        *number = words[i].number;
        return TRUE;
      }
  return FALSE;
}

static gboolean
read_number (const char *text, double *number)
{
  char *end;

  *number = g_ascii_strtod (text, &end);
  if (end == text)
    return FALSE;
  while (g_ascii_isspace (*end))
    end++;
  return *end == '\0';
}

/* "28x28x1": files and the command line keep to ASCII. */
static char *
shape_to_ascii (const NnShape *shape)
{
  g_autofree char *text = nn_shape_to_string (shape);
  g_auto (GStrv) sizes = g_strsplit (text, "×", -1);

  return g_strjoinv ("x", sizes);
}

/* value must not hold a text yet. */
static gboolean
set_text (const NnParamSpec *spec, const char *text, Value *value, GError **error)
{
  double number;
  NnShape shape;

  switch (spec->type)
    {
    case NN_PARAM_INT:
    case NN_PARAM_FLOAT:
      return read_number (text, &number) ? set_number (spec, number, value, error)
                                         : refuse (spec, text, error);
    case NN_PARAM_BOOL:
      return read_bool (text, &number) ? set_number (spec, number, value, error)
                                       : refuse (spec, text, error);
    case NN_PARAM_CHOICE:
      if (choice_index (spec, text) < 0)
        return refuse (spec, text, error);
      value->text = g_strdup (text);
      return TRUE;
    case NN_PARAM_STRING:
      value->text = g_strdup (text);
      return TRUE;
    case NN_PARAM_SHAPE:
      if (!nn_shape_parse (text, TRUE, &shape, error))
        {
          g_prefix_error (error, "%s: ", _ (spec->title));
          return FALSE;
        }
      value->text = shape_to_ascii (&shape);
      return TRUE;
    }
  g_assert_not_reached ();
}

/* ---- changing ---- */

static char *
describe_names (const NnParams *params)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < params->n; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", params->specs[i].name);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Takes over value. (transfer full) */
static NnParams *
params_with_value (const NnParams *params, gint i, Value value)
{
  NnParams *copy = params_copy (params);

  if (is_text (&copy->specs[i]))
    g_free (copy->value[i].text);
  copy->value[i] = value;
  return copy;
}

static gint
find_or_refuse (const NnParams *params, const char *name, GError **error)
{
  gint i = find (params, name);

  if (i < 0)
    {
      g_autofree char *names = describe_names (params);

      g_set_error (error, NN_ERROR, NN_ERROR_UNKNOWN,
                   _ ("There is no parameter “%s” here. Expected one of: %s."), name, names);
    }
  return i;
}

NnParams *
nn_params_with_text (const NnParams *params, const char *name, const char *text, GError **error)
{
  gint i = find_or_refuse (params, name, error);
  Value value = { 0 };

  if (i < 0 || !set_text (&params->specs[i], text, &value, error))
    return NULL;
  return params_with_value (params, i, value);
}

NnParams *
nn_params_with_number (const NnParams *params, const char *name, double number, GError **error)
{
  gint i = find_or_refuse (params, name, error);
  Value value = { 0 };

  if (i < 0)
    return NULL;
  g_return_val_if_fail (!is_text (&params->specs[i]), NULL);
  if (params->specs[i].type == NN_PARAM_INT)
    number = round (number);
  if (!set_number (&params->specs[i], number, &value, error))
    return NULL;
  return params_with_value (params, i, value);
}

/* ---- JSON ---- */

static JsonNode *
value_to_json (const NnParamSpec *spec, const Value *value)
{
  JsonNode *node = json_node_alloc ();

  switch (spec->type)
    {
    case NN_PARAM_INT:
      return json_node_init_int (node, (gint64)value->number);
    case NN_PARAM_FLOAT:
      return json_node_init_double (node, value->number);
    case NN_PARAM_BOOL:
      return json_node_init_boolean (node, value->number != 0);
    case NN_PARAM_CHOICE:
    case NN_PARAM_STRING:
    case NN_PARAM_SHAPE:
      return json_node_init_string (node, value->text);
    }
  g_assert_not_reached ();
}

static void
copy_members (JsonObject *from, JsonObject *to)
{
  g_autoptr (GList) names = json_object_get_members (from);

  for (GList *link = names; link != NULL; link = link->next)
    json_object_set_member (to, link->data, json_object_dup_member (from, link->data));
}

JsonObject *
nn_params_to_json (const NnParams *params)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < params->n; i++)
    json_object_set_member (object, params->specs[i].name,
                            value_to_json (&params->specs[i], &params->value[i]));
  if (params->unknown != NULL)
    copy_members (params->unknown, object);
  return object;
}

static gboolean
set_json (const NnParamSpec *spec, JsonNode *node, Value *value, GError **error)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
  gboolean is_number = type == G_TYPE_INT64 || type == G_TYPE_DOUBLE;
  g_autofree char *found = NULL;

  if (is_number && (spec->type == NN_PARAM_INT || spec->type == NN_PARAM_FLOAT))
    return set_number (spec, json_node_get_double (node), value, error);
  if (type == G_TYPE_BOOLEAN && spec->type == NN_PARAM_BOOL)
    return set_number (spec, json_node_get_boolean (node), value, error);
  if (type == G_TYPE_STRING && is_text (spec))
    return set_text (spec, json_node_get_string (node), value, error);

  found = json_to_string (node, FALSE);
  return refuse (spec, found, error);
}

NnParams *
nn_params_from_json (const NnParamSpec *specs, JsonObject *object, GError **error)
{
  g_autoptr (NnParams) params = nn_params_new (specs);
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *link = names; link != NULL; link = link->next)
    {
      const char *name = link->data;
      gint i = find (params, name);
      Value value = { 0 };

      if (i < 0)
        {
          if (params->unknown == NULL)
            params->unknown = json_object_new ();
          json_object_set_member (params->unknown, name, json_object_dup_member (object, name));
          continue;
        }
      if (!set_json (&specs[i], json_object_get_member (object, name), &value, error))
        return NULL;
      if (is_text (&specs[i]))
        g_free (params->value[i].text);
      params->value[i] = value;
    }
  return g_steal_pointer (&params);
}
