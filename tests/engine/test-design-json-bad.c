/* test-design-json-bad.c: damaged designs. Each must be refused in words that name the place, what
 * was expected and what was found. */
#include "base/nn-error.h"
#include "model-test.h"

#define HEAD "{\"format\":\"diabolo-design\",\"version\":\"1.0\","
#define INPUT "{\"id\":1,\"type\":\"input\",\"name\":\"Input\",\"x\":0,\"y\":0}"
#define DENSE                                                                                      \
  "{\"id\":2,\"type\":\"dense\",\"name\":\"Dense 1\",\"x\":0,\"y\":0,\"params\":{\"units\":3}}"
#define LOSS "{\"id\":3,\"type\":\"reconstruction-loss\",\"name\":\"Loss\",\"x\":0,\"y\":0}"
#define NODES "\"nodes\":[" INPUT "," DENSE "," LOSS "],"
#define EDGES(list) HEAD NODES "\"edges\":[" list "]}"
#define NODE(fields) HEAD "\"nodes\":[" INPUT ",{" fields "}],\"edges\":[]}"
#define PARAMS(fields)                                                                             \
  NODE ("\"id\":2,\"type\":\"dense\",\"name\":\"D\",\"x\":0,\"y\":0,\"params\":" fields)
#define REST(fields) HEAD NODES "\"edges\":[]," fields "}"

static const struct
{
  const char *name, *text;
  gint code;
  const char *says[3];
} cases[] = {
  { "empty", "", NN_ERROR_FORMAT, { "empty" } },
  { "not JSON", "hello", NN_ERROR_FORMAT, { "not JSON", "line 1" } },
  { "a list", "[]", NN_ERROR_FORMAT, { "not an object" } },
  { "not UTF-8", "{\"format\":\"\xff\"}", NN_ERROR_FORMAT, { "byte 11", "0xff", "UTF-8" } },

  { "no format", "{}", NN_ERROR_FORMAT, { "format is missing", "diabolo-design" } },
  { "other format", "{\"format\":\"onnx\"}", NN_ERROR_FORMAT, { "\"onnx\"", "diabolo-design" } },
  { "format is no text", "{\"format\":3}", NN_ERROR_FORMAT, { "format is 3", "diabolo-design" } },
  { "no version", "{\"format\":\"diabolo-design\"}", NN_ERROR_FORMAT, { "version is missing" } },
  { "number as version",
    "{\"format\":\"diabolo-design\",\"version\":1.0}",
    NN_ERROR_FORMAT,
    { "version is 1.0", "\"1.0\"" } },
  { "odd version",
    "{\"format\":\"diabolo-design\",\"version\":\"one\"}",
    NN_ERROR_FORMAT,
    { "\"one\"", "\"1.0\"" } },
  { "newer major version",
    "{\"format\":\"diabolo-design\",\"version\":\"2.0\"}",
    NN_ERROR_VERSION,
    { "2.0", "newer" } },

  { "no nodes", HEAD "\"edges\":[]}", NN_ERROR_FORMAT, { "nodes is missing", "a list" } },
  { "nodes is an object", HEAD "\"nodes\":{}}", NN_ERROR_FORMAT, { "nodes is {}", "a list" } },
  { "no edges", HEAD "\"nodes\":[]}", NN_ERROR_FORMAT, { "edges is missing", "a list" } },
  { "a node is a number",
    HEAD "\"nodes\":[7],\"edges\":[]}",
    NN_ERROR_FORMAT,
    { "nodes[0] is 7", "an object" } },
  { "title is a number",
    HEAD "\"title\":1,\"nodes\":[],\"edges\":[]}",
    NN_ERROR_FORMAT,
    { "title is 1" } },

  { "no id", NODE ("\"type\":\"dense\""), NN_ERROR_FORMAT, { "nodes[1].id is missing" } },
  { "id 0", NODE ("\"id\":0"), NN_ERROR_FORMAT, { "nodes[1].id is 0", "from 1 to" } },
  { "negative id", NODE ("\"id\":-4"), NN_ERROR_FORMAT, { "nodes[1].id is -4" } },
  { "fraction as id", NODE ("\"id\":2.5"), NN_ERROR_FORMAT, { "nodes[1].id is 2.5", "whole" } },
  { "huge id", NODE ("\"id\":1073741825"), NN_ERROR_FORMAT, { "1073741825", "1000000000" } },
  { "same id", NODE ("\"id\":1"), NN_ERROR_FORMAT, { "nodes[1].id is 1", "no other node" } },
  { "no type", NODE ("\"id\":2"), NN_ERROR_FORMAT, { "nodes[1].type is missing" } },
  { "unknown layer",
    NODE ("\"id\":2,\"type\":\"warp\""),
    NN_ERROR_UNKNOWN,
    { "nodes[1].type is \"warp\"", "one of", "dense" } },
  { "no name",
    NODE ("\"id\":2,\"type\":\"dense\""),
    NN_ERROR_FORMAT,
    { "nodes[1].name is missing" } },
  { "same name",
    NODE ("\"id\":2,\"type\":\"dense\",\"name\":\"Input\",\"x\":0,\"y\":0"),
    NN_ERROR_FORMAT,
    { "nodes[1].name is \"Input\"", "no other node" } },
  { "empty name",
    NODE ("\"id\":2,\"type\":\"dense\",\"name\":\"\",\"x\":0,\"y\":0"),
    NN_ERROR_FORMAT,
    { "nodes[1].name" } },
  { "no place",
    NODE ("\"id\":2,\"type\":\"dense\",\"name\":\"D\",\"x\":0"),
    NN_ERROR_FORMAT,
    { "nodes[1].y is missing" } },
  { "infinite place",
    NODE ("\"id\":2,\"type\":\"dense\",\"name\":\"D\",\"x\":1e999,\"y\":0"),
    NN_ERROR_FORMAT,
    { "nodes[1].x" } },
  { "text as place",
    NODE ("\"id\":2,\"type\":\"dense\",\"name\":\"D\",\"x\":\"left\",\"y\":0"),
    NN_ERROR_FORMAT,
    { "nodes[1].x is \"left\"", "a number" } },
  { "frozen is a number",
    NODE ("\"id\":2,\"type\":\"dense\",\"name\":\"D\",\"x\":0,\"y\":0,\"frozen\":1"),
    NN_ERROR_FORMAT,
    { "nodes[1].frozen is 1", "true or false" } },

  { "params is a list", PARAMS ("[]"), NN_ERROR_FORMAT, { "nodes[1].params is []", "an object" } },
  { "text as units",
    PARAMS ("{\"units\":\"many\"}"),
    -1,
    { "nodes[1].params.units", "many", "whole" } },
  { "no units", PARAMS ("{\"units\":0}"), -1, { "nodes[1].params.units", "0", "from 1" } },
  { "half a unit", PARAMS ("{\"units\":2.5}"), -1, { "nodes[1].params.units", "2.5", "whole" } },
  { "absurd units", PARAMS ("{\"units\":1e15}"), -1, { "nodes[1].params.units", "1" } },
  { "endless units", PARAMS ("{\"units\":1e999}"), -1, { "nodes[1].params.units" } },
  { "unknown activation",
    PARAMS ("{\"activation\":\"swoosh\"}"),
    -1,
    { "nodes[1].params.activation", "swoosh", "relu" } },
  { "null as units", PARAMS ("{\"units\":null}"), -1, { "nodes[1].params.units", "null" } },

  { "an edge is a number", EDGES ("1"), NN_ERROR_FORMAT, { "edges[0] is 1", "an object" } },
  { "no source", EDGES ("{\"to\":[2,0]}"), NN_ERROR_FORMAT, { "edges[0].from is missing" } },
  { "short end",
    EDGES ("{\"from\":[1],\"to\":[2,0]}"),
    NN_ERROR_FORMAT,
    { "edges[0].from is [1]", "port" } },
  { "dangling edge",
    EDGES ("{\"from\":[1,0],\"to\":[8,0]}"),
    NN_ERROR_FORMAT,
    { "edges[0].to[0] is 8", "the id of a node" } },
  { "no such port",
    EDGES ("{\"from\":[1,0],\"to\":[2,1]}"),
    NN_ERROR_FORMAT,
    { "edges[0].to[1] is 1", "from 0 to 0" } },
  { "negative port",
    EDGES ("{\"from\":[1,-1],\"to\":[2,0]}"),
    NN_ERROR_FORMAT,
    { "edges[0].from[1] is -1" } },
  { "into an input",
    EDGES ("{\"from\":[2,0],\"to\":[1,0]}"),
    NN_ERROR_FORMAT,
    { "edges[0].to[0]", "Input", "no port" } },
  { "out of a loss",
    EDGES ("{\"from\":[3,0],\"to\":[2,0]}"),
    NN_ERROR_FORMAT,
    { "edges[0].from[0]", "Loss" } },

  { "code is a text",
    REST ("\"code\":\"Dense 1\""),
    NN_ERROR_FORMAT,
    { "code is \"Dense 1\"", "whole" } },
  { "code is gone", REST ("\"code\":9"), NN_ERROR_FORMAT, { "code is 9", "the id of a node" } },
  { "data is a text",
    REST ("\"data\":\"digits\""),
    NN_ERROR_FORMAT,
    { "data is \"digits\"", "an object" } },
  { "negative limit", REST ("\"data\":{\"limit\":-1}"), -1, { "data.limit", "-1" } },
  { "no epochs", REST ("\"training\":{\"epochs\":0}"), -1, { "training.epochs", "0" } },
  { "shuffle is a text",
    REST ("\"training\":{\"shuffle\":\"yes\"}"),
    -1,
    { "training.shuffle", "true or false" } },
  { "no optimizer type",
    REST ("\"optimizer\":{}"),
    NN_ERROR_FORMAT,
    { "optimizer.type is missing" } },
  { "unknown optimizer",
    REST ("\"optimizer\":{\"type\":\"magic\"}"),
    NN_ERROR_UNKNOWN,
    { "optimizer.type is \"magic\"", "one of", "adam" } },
  { "endless learning rate",
    REST ("\"optimizer\":{\"type\":\"adam\",\"learning-rate\":1e999}"),
    -1,
    { "optimizer.learning-rate" } },
};

static void
test_case (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autoptr (GError) error = NULL;

  g_assert_null (nn_design_from_json (cases[i].text, -1, &error));
  g_assert_nonnull (error);
  g_assert_true (error->domain == NN_ERROR);
  if (cases[i].code >= 0)
    g_assert_cmpint (error->code, ==, cases[i].code);
  for (guint k = 0; k < G_N_ELEMENTS (cases[i].says) && cases[i].says[k] != NULL; k++)
    assert_contains (error->message, cases[i].says[k]);
}

static void
test_truncated (void)
{
  g_autoptr (NnDesign) design = chain (SIMPLE);
  g_autofree char *text = nn_design_to_json (design);
  gsize end = strrchr (text, '}') - text;

  for (gsize length = 0; length <= end; length++)
    {
      g_autoptr (GError) error = NULL;
      /* A copy of its own, so that reading past the end is seen. */
      g_autofree char *cut = g_memdup2 (text, MAX (length, 1));
      g_assert_null (nn_design_from_json (cut, length, &error));
      g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
    }
}

/* One byte changed anywhere: refused or read, but never a crash, and what was read is sound. */
static void
test_flipped (void)
{
  static const char bytes[] = "0-\"{}[],:xe\\";
  g_autoptr (NnDesign) design = chain (SIMPLE);
  g_autofree char *text = nn_design_to_json (design);
  guint n_refused = 0;

  for (gsize i = 0; text[i] != '\0'; i++)
    for (guint k = 0; bytes[k] != '\0'; k++)
      {
        g_autofree char *damaged = g_strdup (text);
        g_autoptr (GError) error = NULL;
        g_autoptr (NnDesign) read = NULL;

        damaged[i] = bytes[k];
        read = nn_design_from_json (damaged, -1, &error);
        g_assert_true ((read == NULL) == (error != NULL));
        if (read != NULL)
          {
            g_autoptr (NnAnalysis) analysis = nn_analysis_new (read, &test_images, 0);
            g_assert_cmpuint (nn_design_n_nodes (read), ==, 5);
          }
        n_refused += read == NULL;
      }
  g_assert_cmpuint (n_refused, >, strlen (text));
}

static void
test_too_deep (void)
{
  g_autoptr (GString) text = g_string_new ("{\"format\":");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 1000000; i++)
    g_string_append_c (text, '[');
  g_assert_null (nn_design_from_json (text->str, text->len, &error));
  g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
  assert_contains (error->message, "deep");
}

static char *
many_nodes (guint n)
{
  GString *text = g_string_new (HEAD "\"nodes\":[");

  for (guint i = 1; i <= n; i++)
    g_string_append_printf (text,
                            "%s{\"id\":%u,\"type\":\"flatten\",\"name\":\"%u\",\"x\":0,\"y\":0}",
                            i > 1 ? "," : "", i, i);
  g_string_append (text, "],\"edges\":[");
  for (guint i = 1; i < n; i++)
    g_string_append_printf (text, "%s{\"from\":[%u,0],\"to\":[%u,0]}", i > 1 ? "," : "", i, i + 1);
  g_string_append (text, "]}");
  return g_string_free (text, FALSE);
}

static void
test_too_many (void)
{
  g_autofree char *most = many_nodes (10000);
  g_autofree char *more = many_nodes (10001);
  g_autoptr (GError) none = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDesign) design = nn_design_from_json (most, -1, &none);
  g_autoptr (NnAnalysis) analysis = NULL;

  g_assert_no_error (none);
  analysis = nn_analysis_new (design, &test_images, 0);
  g_assert_false (nn_analysis_can_train (analysis));
  g_assert_null (nn_design_from_json (more, -1, &error));
  g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
  assert_contains (error->message, "10001");
  assert_contains (error->message, "10000");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/design-json-bad/", cases[i].name, NULL);
      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_case);
    }
  g_test_add_func ("/design-json-bad/truncated", test_truncated);
  g_test_add_func ("/design-json-bad/flipped", test_flipped);
  g_test_add_func ("/design-json-bad/too deep", test_too_deep);
  g_test_add_func ("/design-json-bad/too many", test_too_many);
  return g_test_run ();
}
