/* Parameter tables and their values. */
#include "base/nn-error.h"
#include "base/nn-params.h"

#include <locale.h>

static const NnChoice colours[] = { { "red", "Red", NULL },
                                    { "deep-blue", "Deep blue", NULL },
                                    { NULL } };

static const NnParamSpec specs[] = {
  { .name = "units", .title = "Units", .type = NN_PARAM_INT, .def = 32, .min = 1, .max = 65536 },
  { .name = "rate", .title = "Rate", .type = NN_PARAM_FLOAT, .def = 0.1, .min = 1e-6, .max = 1 },
  { .name = "on", .title = "On", .type = NN_PARAM_BOOL, .def = 1, .min = 0, .max = 1 },
  { .name = "colour",
    .title = "Colour",
    .type = NN_PARAM_CHOICE,
    .def_text = "red",
    .choices = colours },
  { .name = "note",
    .title = "Note",
    .type = NN_PARAM_STRING,
    .def_text = "",
    .shown_if = "colour=green|deep-blue" },
  { .name = "shape", .title = "Shape", .type = NN_PARAM_SHAPE, .def_text = "28x28x1" },
  { .name = "seed",
    .title = "Seed",
    .type = NN_PARAM_INT,
    .def = 0,
    .min = 0,
    .max = 9007199254740991.0,
    .shown_if = "on=true" },
  { NULL },
};

static void
test_defaults (void)
{
  g_autoptr (NnParams) params = nn_params_new (specs);

  g_assert_true (nn_params_specs (params) == specs);
  g_assert_true (nn_params_spec (params, "rate") == &specs[1]);
  g_assert_null (nn_params_spec (params, "no-such"));
  g_assert_cmpint (nn_params_int (params, "units"), ==, 32);
  g_assert_cmpfloat (nn_params_float (params, "rate"), ==, 0.1);
  g_assert_true (nn_params_bool (params, "on"));
  g_assert_cmpstr (nn_params_text (params, "colour"), ==, "red");
  g_assert_cmpuint (nn_params_choice (params, "colour"), ==, 0);
  g_assert_cmpstr (nn_params_text (params, "note"), ==, "");
  g_assert_cmpstr (nn_params_text (params, "shape"), ==, "28x28x1");
}

static void
test_no_table (void)
{
  g_autoptr (NnParams) params = nn_params_new (NULL);
  g_autoptr (JsonObject) object = nn_params_to_json (params);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (json_object_get_size (object), ==, 0);
  g_assert_null (nn_params_with_text (params, "units", "3", &error));
  g_assert_error (error, NN_ERROR, NN_ERROR_UNKNOWN);
}

/* Changing a copy, what it then says, and what is refused. */
static void
test_with_text (void)
{
  static const struct
  {
    const char *name, *text;
    const char *stored; /* NULL: refused ... */
    gint code;          /* ... with this */
    const char *mention;
  } cases[] = {
    { "units", "784", "784" },
    { "units", " 1e3 ", "1000" },
    { "units", "65536", "65536" },
    { "units", "0", NULL, NN_ERROR_RANGE, "from 1 to 65536" },
    { "units", "65537", NULL, NN_ERROR_RANGE, "65537" },
    { "units", "3.5", NULL, NN_ERROR_RANGE, "whole number" },
    { "units", "many", NULL, NN_ERROR_RANGE, "many" },
    { "units", "", NULL, NN_ERROR_RANGE, "Units" },
    { "units", "12 13", NULL, NN_ERROR_RANGE, "12 13" },
    { "units", "nan", NULL, NN_ERROR_RANGE, "nan" },
    { "rate", "0.001", "0.001" },
    { "rate", "1e-6", "1e-06" },
    { "rate", "0", NULL, NN_ERROR_RANGE, "from 1e-06 to 1" },
    { "rate", "inf", NULL, NN_ERROR_RANGE, "inf" },
    { "rate", "nan", NULL, NN_ERROR_RANGE, "nan" },
    { "rate", "0,5", NULL, NN_ERROR_RANGE, "0,5" },
    { "on", "false", "false" },
    { "on", "No", "false" },
    { "on", "1", "true" },
    { "on", "2", NULL, NN_ERROR_RANGE, "true or false" },
    { "colour", "deep-blue", "deep-blue" },
    { "colour", "green", NULL, NN_ERROR_UNKNOWN, "red, deep-blue" },
    { "note", "für „mich“ \n", "für „mich“ \n" },
    { "shape", "7×7×16", "7x7x16" },
    { "shape", "-1, 4", "-1x4" },
    { "shape", "0x4", NULL, NN_ERROR_RANGE, "0x4" },
    { "sped", "1", NULL, NN_ERROR_UNKNOWN, "units, rate, on, colour, note, shape, seed" },
    { "seed", "9007199254740991", "9007199254740991" },
  };
  g_autoptr (NnParams) params = nn_params_new (specs);
  g_autoptr (NnParams) before = nn_params_new (specs);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *stored = NULL;
      g_autoptr (NnParams) changed =
          nn_params_with_text (params, cases[i].name, cases[i].text, &error);

      g_test_message ("%s = \"%s\"", cases[i].name, cases[i].text);
      g_assert_true (nn_params_equal (params, before));
      if (cases[i].stored == NULL)
        {
          g_assert_null (changed);
          g_assert_error (error, NN_ERROR, cases[i].code);
          g_assert_nonnull (strstr (error->message, cases[i].mention));
          continue;
        }
      g_assert_no_error (error);
      stored = nn_params_to_text (changed, cases[i].name);
      g_assert_cmpstr (stored, ==, cases[i].stored);
    }
}

static void
test_with_number (void)
{
  g_autoptr (NnParams) params = nn_params_new (specs);
  g_autoptr (NnParams) units = nn_params_with_number (params, "units", 63.9999999, NULL);
  g_autoptr (NnParams) rate = nn_params_with_number (params, "rate", 0.25, NULL);
  g_autoptr (NnParams) off = nn_params_with_number (params, "on", 0, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (nn_params_int (units, "units"), ==, 64);
  g_assert_cmpfloat (nn_params_float (rate, "rate"), ==, 0.25);
  g_assert_false (nn_params_bool (off, "on"));
  g_assert_null (nn_params_with_number (params, "rate", 1.5, &error));
  g_assert_error (error, NN_ERROR, NN_ERROR_RANGE);
}

static void
test_equal (void)
{
  g_autoptr (NnParams) a = nn_params_new (specs);
  g_autoptr (NnParams) b = nn_params_with_text (a, "note", "x", NULL);
  g_autoptr (NnParams) c = nn_params_with_text (b, "note", "", NULL);
  g_autoptr (NnParams) d = nn_params_with_number (a, "rate", 0.2, NULL);

  g_assert_true (nn_params_equal (a, a));
  g_assert_true (nn_params_equal (a, c));
  g_assert_false (nn_params_equal (a, b));
  g_assert_false (nn_params_equal (a, d));
}

static void
test_shown (void)
{
  g_autoptr (NnParams) red = nn_params_new (specs);
  g_autoptr (NnParams) blue = nn_params_with_text (red, "colour", "deep-blue", NULL);
  g_autoptr (NnParams) off = nn_params_with_text (red, "on", "false", NULL);

  g_assert_true (nn_params_shown (red, &specs[0]));
  g_assert_false (nn_params_shown (red, &specs[4]));
  g_assert_true (nn_params_shown (blue, &specs[4]));
  g_assert_true (nn_params_shown (red, &specs[6]));
  g_assert_false (nn_params_shown (off, &specs[6]));
}

/* Decimal commas of the user's language stay out of files and the command line. */
static void
test_locale (void)
{
  g_autoptr (NnParams) params = NULL;
  g_autoptr (NnParams) changed = NULL;
  g_autofree char *text = NULL;

  if (setlocale (LC_NUMERIC, "de_DE.UTF-8") == NULL)
    {
      g_test_skip ("the locale de_DE.UTF-8 is not installed");
      return;
    }
  params = nn_params_new (specs);
  changed = nn_params_with_text (params, "rate", "0.25", NULL);
  text = nn_params_to_text (changed, "rate");
  setlocale (LC_NUMERIC, "C");
  g_assert_cmpstr (text, ==, "0.25");
}

static JsonObject *
parse (const char *text)
{
  g_autoptr (JsonNode) node = json_from_string (text, NULL);

  return json_object_ref (json_node_get_object (node));
}

static char *
to_text (const NnParams *params)
{
  JsonNode *node = json_node_init_object (json_node_alloc (), nn_params_to_json (params));
  char *text = json_to_string (node, FALSE);

  json_object_unref (json_node_get_object (node));
  json_node_unref (node);
  return text;
}

static void
test_json_round_trip (void)
{
  g_autoptr (JsonObject) object =
      parse ("{\"future\":{\"a\":[1,2]},\"units\":7,\"rate\":1,\"colour\":\"deep-blue\"}");
  g_autoptr (GError) error = NULL;
  g_autoptr (NnParams) params = nn_params_from_json (specs, object, &error);
  g_autoptr (NnParams) changed = nn_params_with_text (params, "units", "8", NULL);
  g_autoptr (NnParams) plain = nn_params_new (specs);
  g_autoptr (JsonObject) again = NULL;
  g_autoptr (NnParams) read = NULL;
  g_autofree char *text = to_text (changed);

  g_assert_no_error (error);
  g_assert_cmpfloat (nn_params_float (params, "rate"), ==, 1);
  g_assert_cmpstr (text, ==,
                   "{\"units\":8,\"rate\":1.0,\"on\":true,\"colour\":\"deep-blue\",\"note\":\"\","
                   "\"shape\":\"28x28x1\",\"seed\":0,\"future\":{\"a\":[1,2]}}");
  again = parse (text);
  read = nn_params_from_json (specs, again, NULL);
  g_assert_true (nn_params_equal (read, changed));
  g_assert_false (nn_params_equal (params, plain));
}

static void
test_json_refused (void)
{
  static const struct
  {
    const char *json, *mention;
    gint code;
  } cases[] = {
    { "{\"units\":\"7\"}", "whole number", NN_ERROR_RANGE },
    { "{\"units\":1.5}", "1.5", NN_ERROR_RANGE },
    { "{\"units\":-3}", "-3", NN_ERROR_RANGE },
    { "{\"units\":100000}", "“100000”", NN_ERROR_RANGE },
    { "{\"units\":9223372036854775807}", "from 1 to 65536", NN_ERROR_RANGE },
    { "{\"units\":null}", "null", NN_ERROR_RANGE },
    { "{\"units\":[7]}", "[7]", NN_ERROR_RANGE },
    { "{\"rate\":true}", "rate", NN_ERROR_RANGE },
    { "{\"rate\":1e999}", "rate", NN_ERROR_RANGE },
    { "{\"on\":1}", "true or false", NN_ERROR_RANGE },
    { "{\"colour\":\"green\"}", "red, deep-blue", NN_ERROR_UNKNOWN },
    { "{\"colour\":3}", "red, deep-blue", NN_ERROR_UNKNOWN },
    { "{\"shape\":\"axb\"}", "axb", NN_ERROR_RANGE },
    { "{\"note\":{}}", "note", NN_ERROR_RANGE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonObject) object = parse (cases[i].json);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", cases[i].json);
      g_assert_null (nn_params_from_json (specs, object, &error));
      g_assert_error (error, NN_ERROR, cases[i].code);
      g_assert_nonnull (strstr (error->message, cases[i].mention));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/params/defaults", test_defaults);
  g_test_add_func ("/params/no-table", test_no_table);
  g_test_add_func ("/params/with-text", test_with_text);
  g_test_add_func ("/params/with-number", test_with_number);
  g_test_add_func ("/params/equal", test_equal);
  g_test_add_func ("/params/shown", test_shown);
  g_test_add_func ("/params/locale", test_locale);
  g_test_add_func ("/params/json/round-trip", test_json_round_trip);
  g_test_add_func ("/params/json/refused", test_json_refused);
  return g_test_run ();
}
