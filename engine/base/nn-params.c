#include "diabolo-config.h"

#include "base/nn-params.h"

#include "base/nn-error.h"
#include "base/nn-param-value.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

struct _NnParams
{
  gatomicrefcount refs;
  const NnParamSpec *specs; /* static, or NULL */
  guint n;
  JsonObject *unknown; /* owned, never changed; or NULL */
  NnParamValue value[];
};

static NnParams *
params_alloc (const NnParamSpec *specs)
{
  NnParams *params;
  guint n = 0;

  while (specs != NULL && specs[n].name != NULL)
    n++;
  params = g_malloc0 (sizeof (NnParams) + n * sizeof (NnParamValue));
  g_atomic_ref_count_init (&params->refs);
  params->specs = specs;
  params->n = n;
  return params;
}

const NnParamSpec *
nn_param_specs_join (const NnParamSpec *const *tables, gsize n)
{
  GArray *all = g_array_new (TRUE, TRUE, sizeof (NnParamSpec));

  for (gsize i = 0; i < n; i++)
    for (const NnParamSpec *spec = tables[i]; spec->name != NULL; spec++)
      g_array_append_vals (all, spec, 1);
  return (const NnParamSpec *)(gpointer)g_array_free (all, FALSE);
}

NnParams *
nn_params_new (const NnParamSpec *specs)
{
  NnParams *params = params_alloc (specs);

  for (guint i = 0; i < params->n; i++)
    nn_param_value_default (&specs[i], &params->value[i]);
  return params;
}

static NnParams *
params_copy (const NnParams *params)
{
  NnParams *copy = params_alloc (params->specs);

  for (guint i = 0; i < copy->n; i++)
    nn_param_value_copy (&copy->specs[i], &params->value[i], &copy->value[i]);
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
    nn_param_value_clear (&params->specs[i], &params->value[i]);
  g_clear_pointer (&params->unknown, json_object_unref);
  g_free (params);
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
    if (!nn_param_value_equal (&a->specs[i], &a->value[i], &b->value[i]))
      return FALSE;
  return unknown_equal (a->unknown, b->unknown);
}

/* ---- reading ---- */

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
nn_params_specs (const NnParams *params)
{
  return params->specs;
}

const NnChoice *
nn_param_choices (const NnParamSpec *spec)
{
  return spec->list_choices != NULL ? spec->list_choices () : spec->choices;
}

const NnParamSpec *
nn_params_spec (const NnParams *params, const char *name)
{
  gint i = find (params, name);

  return i < 0 ? NULL : &params->specs[i];
}

/* types: a bit for each NnParamType that the caller can take. */
static const NnParamValue *
get (const NnParams *params, const char *name, guint types)
{
  gint i = find (params, name);

  if (i < 0 || (types & 1u << params->specs[i].type) == 0)
    g_error ("There is no parameter \"%s\" of the type asked for.", name);
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
  return get (params, name, 1u << NN_PARAM_CHOICE | 1u << NN_PARAM_STRING | 1u << NN_PARAM_SHAPE)
      ->text;
}

guint
nn_params_choice (const NnParams *params, const char *name)
{
  const NnParamValue *value = get (params, name, 1u << NN_PARAM_CHOICE);
  gint index = nn_param_choice_index (nn_params_spec (params, name), value->text);

  g_assert (index >= 0);
  return (guint)index;
}

char *
nn_params_to_text (const NnParams *params, const char *name)
{
  gint i = find (params, name);

  g_return_val_if_fail (i >= 0, NULL);

  return nn_param_value_to_text (&params->specs[i], &params->value[i]);
}

gboolean
nn_params_shown (const NnParams *params, const NnParamSpec *spec)
{
  g_autofree char *value = NULL;
  g_auto (GStrv) sides = NULL;
  g_auto (GStrv) wanted = NULL;

  if (spec->shown_if == NULL)
    return TRUE;
  sides = g_strsplit (spec->shown_if, "=", 2);
  g_assert (sides[0] != NULL && sides[1] != NULL);
  value = nn_params_to_text (params, sides[0]);
  wanted = g_strsplit (sides[1], "|", -1);
  return g_strv_contains ((const char *const *)wanted, value);
}

/* ---- changing ---- */

static gint
find_or_refuse (const NnParams *params, const char *name, GError **error)
{
  g_autoptr (GString) names = NULL;
  gint found = find (params, name);

  if (found >= 0)
    return found;
  names = g_string_new (NULL);
  for (guint i = 0; i < params->n; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", params->specs[i].name);
  if (params->n == 0)
    g_set_error (error, NN_ERROR, NN_ERROR_UNKNOWN,
                 _ ("There is no parameter “%s” here, nor any other."), name);
  else
    g_set_error (error, NN_ERROR, NN_ERROR_UNKNOWN,
                 _ ("There is no parameter “%s” here. Expected one of: %s."), name, names->str);
  return -1;
}

/* Takes over what value owns. (transfer full) */
static NnParams *
params_with_value (const NnParams *params, gint i, NnParamValue value)
{
  NnParams *copy = params_copy (params);

  nn_param_value_clear (&copy->specs[i], &copy->value[i]);
  copy->value[i] = value;
  return copy;
}

NnParams *
nn_params_with_text (const NnParams *params, const char *name, const char *text, GError **error)
{
  gint i = find_or_refuse (params, name, error);
  NnParamValue value;

  if (i < 0 || !nn_param_value_from_text (&params->specs[i], text, &value, error))
    return NULL;
  return params_with_value (params, i, value);
}

NnParams *
nn_params_with_number (const NnParams *params, const char *name, double number, GError **error)
{
  gint i = find_or_refuse (params, name, error);
  NnParamValue value;

  if (i < 0)
    return NULL;
  g_return_val_if_fail (!nn_param_is_text (&params->specs[i]), NULL);
  if (params->specs[i].type == NN_PARAM_INT)
    number = round (number);
  if (!nn_param_value_from_number (&params->specs[i], number, &value, error))
    return NULL;
  return params_with_value (params, i, value);
}

/* ---- JSON ---- */

static gboolean
is_default (const NnParams *params, guint i)
{
  NnParamValue value;

  nn_param_value_default (&params->specs[i], &value);
  const gboolean same = nn_param_value_equal (&params->specs[i], &params->value[i], &value);
  nn_param_value_clear (&params->specs[i], &value);
  return same;
}

JsonObject *
nn_params_to_json (const NnParams *params)
{
  JsonObject *object = json_object_new ();
  g_autoptr (GList) names =
      params->unknown != NULL ? json_object_get_members (params->unknown) : NULL;

  for (guint i = 0; i < params->n; i++)
    if (!(params->specs[i].flags & NN_PARAM_SPARSE) || !is_default (params, i))
      json_object_set_member (object, params->specs[i].name,
                              nn_param_value_to_json (&params->specs[i], &params->value[i]));
  for (GList *link = names; link != NULL; link = link->next)
    json_object_set_member (object, link->data,
                            json_object_dup_member (params->unknown, link->data));
  return object;
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
      NnParamValue value;

      if (i < 0)
        {
          if (params->unknown == NULL)
            params->unknown = json_object_new ();
          json_object_set_member (params->unknown, name, json_object_dup_member (object, name));
          continue;
        }
      if (!nn_param_value_from_json (&specs[i], json_object_get_member (object, name), &value,
                                     error))
        return NULL;
      nn_param_value_clear (&specs[i], &params->value[i]);
      params->value[i] = value;
    }
  return g_steal_pointer (&params);
}
