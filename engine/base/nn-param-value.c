#include "diabolo-config.h"

#include "base/nn-param-value.h"

#include "base/nn-error.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Whole numbers are kept in a double, which holds every one up to here. */
#define MAX_WHOLE 9007199254740992.0

typedef struct
{
  gboolean is_text;
  char *(*describe) (
      const NnParamSpec *spec); /* what is allowed: "a whole number from 1 to 65536" */
  gboolean (*holds) (const NnParamSpec *spec, double number); /* types of numbers */
  gboolean (*read) (const char *text, double *number);        /* types of numbers */
  char *(*accept) (const NnParamSpec *spec,
                   const char *text); /* types of text: as stored, NULL refuses */
  char *(*write) (double number);     /* types of numbers */
  JsonNode *(*to_json) (const NnParamValue *value);
} ValueType;

/* The shortest decimal that reads back as the same number. */
static char *
number_to_text (double number)
{
  char format[8], text[G_ASCII_DTOSTR_BUF_SIZE];

  /* 40, not 4e+01 */
  if (fabs (number) < 1e6 && number == floor (number))
    return g_strdup_printf ("%.0f", number);
  for (gint digits = 1; digits <= 17; digits++)
    {
      g_snprintf (format, sizeof format, "%%.%dg", digits);
      g_ascii_formatd (text, sizeof text, format, number);
      if (g_ascii_strtod (text, NULL) == number)
        break;
    }
  return g_strdup (text);
}

static gboolean
number_read (const char *text, double *number)
{
  char *end;

  *number = g_ascii_strtod (text, &end);
  if (end == text)
    return FALSE;
  while (g_ascii_isspace (*end))
    end++;
  return *end == '\0';
}

static JsonNode *
text_to_json (const NnParamValue *value)
{
  return json_node_init_string (json_node_alloc (), value->text);
}

/* ---- INT ---- */

static char *
int_describe (const NnParamSpec *spec)
{
  return g_strdup_printf (_ ("a whole number from %.0f to %.0f"), spec->min, spec->max);
}

static gboolean
int_holds (const NnParamSpec *spec, double number)
{
  return number == floor (number) && fabs (number) <= MAX_WHOLE && number >= spec->min
         && number <= spec->max;
}

static char *
int_write (double number)
{
  return g_strdup_printf ("%" PRId64, (gint64)number);
}

static JsonNode *
int_to_json (const NnParamValue *value)
{
  return json_node_init_int (json_node_alloc (), (gint64)value->number);
}

/* ---- FLOAT ---- */

static char *
float_describe (const NnParamSpec *spec)
{
  g_autofree char *min = number_to_text (spec->min);
  g_autofree char *max = number_to_text (spec->max);

  return g_strdup_printf (_ ("a number from %s to %s"), min, max);
}

/* A NaN is in no range. */
static gboolean
float_holds (const NnParamSpec *spec, double number)
{
  return number >= spec->min && number <= spec->max;
}

static JsonNode *
float_to_json (const NnParamValue *value)
{
  return json_node_init_double (json_node_alloc (), value->number);
}

/* ---- BOOL ---- */

static char *
bool_describe (const NnParamSpec *spec)
{
  return g_strdup (_ ("true or false"));
}

static gboolean
bool_holds (const NnParamSpec *spec, double number)
{
  return number == 0 || number == 1;
}

static gboolean
bool_read (const char *text, double *number)
{
  static const char *const words[2][5] = { { "false", "no", "off", "0", NULL },
                                           { "true", "yes", "on", "1", NULL } };

  for (guint value = 0; value < 2; value++)
    for (const char *const *word = words[value]; *word != NULL; word++)
      if (g_ascii_strcasecmp (text, *word) == 0)
        {
          *number = value;
          return TRUE;
        }
  return FALSE;
}

static char *
bool_write (double number)
{
  return g_strdup (number != 0 ? "true" : "false");
}

static JsonNode *
bool_to_json (const NnParamValue *value)
{
  return json_node_init_boolean (json_node_alloc (), value->number != 0);
}

/* ---- CHOICE ---- */

gint
nn_param_choice_index (const NnParamSpec *spec, const char *id)
{
  const NnChoice *choices = nn_param_choices (spec);

  for (gint i = 0; choices[i].id != NULL; i++)
    if (strcmp (choices[i].id, id) == 0)
      return i;
  return -1;
}

static char *
choice_describe (const NnParamSpec *spec)
{
  g_autoptr (GString) ids = g_string_new (NULL);

  for (const NnChoice *choice = nn_param_choices (spec); choice->id != NULL; choice++)
    g_string_append_printf (ids, "%s%s", ids->len > 0 ? ", " : "", choice->id);
  return g_strdup_printf (_ ("one of: %s"), ids->str);
}

static char *
choice_accept (const NnParamSpec *spec, const char *text)
{
  return nn_param_choice_index (spec, text) >= 0 ? g_strdup (text) : NULL;
}

/* ---- STRING ---- */

static char *
string_describe (const NnParamSpec *spec)
{
  return g_strdup (_ ("a text"));
}

static char *
string_accept (const NnParamSpec *spec, const char *text)
{
  return g_strdup (text);
}

/* ---- SHAPE ---- */

static char *
shape_describe (const NnParamSpec *spec)
{
  return g_strdup_printf (_ ("up to %d sizes such as 28x28x1, one of which may be -1 for the rest"),
                          NN_MAX_RANK);
}

/* "28x28x1": files and the command line keep to ASCII. */
static char *
shape_accept (const NnParamSpec *spec, const char *text)
{
  g_autofree char *shown = NULL;
  g_auto (GStrv) sizes = NULL;
  NnShape shape;

  if (!nn_shape_parse (text, TRUE, &shape, NULL))
    return NULL;
  shown = nn_shape_to_string (&shape);
  sizes = g_strsplit (shown, "×", -1);
  return g_strjoinv ("x", sizes);
}

static const ValueType value_types[] = {
  [NN_PARAM_INT] = { .describe = int_describe,
                     .holds = int_holds,
                     .read = number_read,
                     .write = int_write,
                     .to_json = int_to_json },
  [NN_PARAM_FLOAT] = { .describe = float_describe,
                       .holds = float_holds,
                       .read = number_read,
                       .write = number_to_text,
                       .to_json = float_to_json },
  [NN_PARAM_BOOL] = { .describe = bool_describe,
                      .holds = bool_holds,
                      .read = bool_read,
                      .write = bool_write,
                      .to_json = bool_to_json },
  [NN_PARAM_CHOICE] = { .is_text = TRUE,
                        .describe = choice_describe,
                        .accept = choice_accept,
                        .to_json = text_to_json },
  [NN_PARAM_STRING] = { .is_text = TRUE,
                        .describe = string_describe,
                        .accept = string_accept,
                        .to_json = text_to_json },
  [NN_PARAM_SHAPE] = { .is_text = TRUE,
                       .describe = shape_describe,
                       .accept = shape_accept,
                       .to_json = text_to_json },
};

gboolean
nn_param_is_text (const NnParamSpec *spec)
{
  return value_types[spec->type].is_text;
}

/* ---- values ---- */

void
nn_param_value_default (const NnParamSpec *spec, NnParamValue *value)
{
  if (nn_param_is_text (spec))
    value->text = g_strdup (spec->def_text != NULL ? spec->def_text : "");
  else
    value->number = spec->def;
}

void
nn_param_value_copy (const NnParamSpec *spec, const NnParamValue *from, NnParamValue *value)
{
  if (nn_param_is_text (spec))
    value->text = g_strdup (from->text);
  else
    value->number = from->number;
}

void
nn_param_value_clear (const NnParamSpec *spec, NnParamValue *value)
{
  if (nn_param_is_text (spec))
    g_clear_pointer (&value->text, g_free);
}

gboolean
nn_param_value_equal (const NnParamSpec *spec, const NnParamValue *a, const NnParamValue *b)
{
  return nn_param_is_text (spec) ? strcmp (a->text, b->text) == 0 : a->number == b->number;
}

static gboolean
refuse (const NnParamSpec *spec, const char *found, GError **error)
{
  g_autofree char *allowed = value_types[spec->type].describe (spec);

  g_set_error (error, NN_ERROR, spec->type == NN_PARAM_CHOICE ? NN_ERROR_UNKNOWN : NN_ERROR_RANGE,
               _ ("“%s” (%s) cannot be “%s”. Expected %s."), _ (spec->title), spec->name, found,
               allowed);
  return FALSE;
}

gboolean
nn_param_value_from_number (const NnParamSpec *spec, double number, NnParamValue *value,
                            GError **error)
{
  if (!value_types[spec->type].holds (spec, number))
    {
      g_autofree char *found = number_to_text (number);

      return refuse (spec, found, error);
    }
  value->number = number;
  return TRUE;
}

gboolean
nn_param_value_from_text (const NnParamSpec *spec, const char *text, NnParamValue *value,
                          GError **error)
{
  const ValueType *type = &value_types[spec->type];
  double number;
  char *accepted;

  if (!type->is_text)
    {
      if (!type->read (text, &number) || !type->holds (spec, number))
        return refuse (spec, text, error);
      value->number = number;
      return TRUE;
    }
  accepted = type->accept (spec, text);
  if (accepted == NULL)
    return refuse (spec, text, error);
  value->text = accepted;
  return TRUE;
}

gboolean
nn_param_value_from_json (const NnParamSpec *spec, JsonNode *node, NnParamValue *value,
                          GError **error)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
  gboolean is_number = type == G_TYPE_INT64 || type == G_TYPE_DOUBLE;
  g_autofree char *found = NULL;

  if (is_number && (spec->type == NN_PARAM_INT || spec->type == NN_PARAM_FLOAT))
    return nn_param_value_from_number (spec, json_node_get_double (node), value, error);
  if (type == G_TYPE_BOOLEAN && spec->type == NN_PARAM_BOOL)
    return nn_param_value_from_number (spec, json_node_get_boolean (node), value, error);
  if (type == G_TYPE_STRING && nn_param_is_text (spec))
    return nn_param_value_from_text (spec, json_node_get_string (node), value, error);

  found = json_to_string (node, FALSE);
  return refuse (spec, found, error);
}

char *
nn_param_value_to_text (const NnParamSpec *spec, const NnParamValue *value)
{
  return nn_param_is_text (spec) ? g_strdup (value->text)
                                 : value_types[spec->type].write (value->number);
}

JsonNode *
nn_param_value_to_json (const NnParamSpec *spec, const NnParamValue *value)
{
  return value_types[spec->type].to_json (value);
}
