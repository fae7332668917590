/* safetensors: what is written is read back; every lie a file can tell is refused with its reason.
 */
#include <math.h>
#include <string.h>

#include "base/nn-error.h"
#include "base/nn-rng.h"
#include "formats/nn-safetensors.h"

static NnTensor *
random_tensor (NnShape shape, guint seed)
{
  NnTensor *tensor = nn_tensor_new (&shape);
  NnRng rng;

  nn_rng_init (&rng, seed, NN_STREAM_DATA, 0, 0);
  for (gsize i = 0; i < tensor->size; i++)
    tensor->data[i] = nn_rng_normal (&rng);
  return tensor;
}

static void
test_round_trip (void)
{
  const NnShape shapes[] = {
    nn_shape (7), nn_shape (3, 4), nn_shape (2, 3, 4, 5, 6), { .rank = 0 }, nn_shape (1)
  };
  const char *names[] = { "Dense 1/kernel", "a/b/bias", "Größe \"x\"\\/w", "rank 0", "one" };
  g_autoptr (GPtrArray) tensors = nn_named_tensors_new ();
  g_autoptr (GHashTable) metadata = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) metadata_back = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autoptr (NnTensor) tensor = random_tensor (shapes[i], i);

      nn_named_tensors_add (tensors, names[i], tensor);
    }
  g_hash_table_insert (metadata, (gpointer) "format", (gpointer) "pt");
  g_hash_table_insert (metadata, (gpointer) "by", (gpointer) "a \"test\"");

  g_autoptr (GBytes) bytes = nn_safetensors_write (tensors, metadata);
  g_autoptr (GBytes) again = nn_safetensors_write (tensors, metadata);
  g_assert_true (g_bytes_equal (bytes, again));
  g_autoptr (GPtrArray) back = nn_safetensors_read (bytes, "x", &metadata_back, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (back->len, ==, tensors->len);
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      const NnTensor *expected = nn_named_tensors_find (tensors, names[i]);
      const NnTensor *found = nn_named_tensors_find (back, names[i]);

      g_assert_nonnull (found);
      g_assert_true (nn_shape_equal (&expected->shape, &found->shape));
      g_assert_cmpmem (expected->data, expected->size * 4, found->data, found->size * 4);
    }
  g_assert_cmpuint (g_hash_table_size (metadata_back), ==, 2);
  g_assert_cmpstr (g_hash_table_lookup (metadata_back, "by"), ==, "a \"test\"");
  g_assert_null (nn_named_tensors_find (back, "none"));
}

static void
test_empty (void)
{
  g_autoptr (GPtrArray) tensors = nn_named_tensors_new ();
  g_autoptr (GBytes) bytes = nn_safetensors_write (tensors, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) back = nn_safetensors_read (bytes, "x", NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (back->len, ==, 0);
}

/* A file with this header and n bytes of data, data[i] = i unless given. */
static GBytes *
file_with (const char *header, gconstpointer data, gsize n)
{
  gsize length = strlen (header);
  guint8 *bytes = g_malloc (8 + length + n);
  guint64 length_le = GUINT64_TO_LE ((guint64)length);

  memcpy (bytes, &length_le, 8);
  memcpy (bytes + 8, header, length);
  for (gsize i = 0; i < n; i++)
    bytes[8 + length + i] = data != NULL ? ((const guint8 *)data)[i] : (guint8)i;
  return g_bytes_new_take (bytes, 8 + length + n);
}

static void
test_types (void)
{
  const double f64[] = { 1.5, -2 };
  const guint16 f16[] = { 0x3e00, 0xc000, 0x0001, 0x7c00 }; /* 1.5, -2, 2^-24, infinity */
  const guint16 bf16[] = { 0x3fc0, 0xc000 };
  const struct
  {
    const char *header;
    gconstpointer data;
    gsize size;
    guint n;
    float expected[4];
  } cases[] = {
    { "{\"x\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,16]}}",
      f64,
      16,
      2,
      { 1.5f, -2 } },
    { "{\"x\":{\"dtype\":\"F16\",\"shape\":[4],\"data_offsets\":[0,8]}}",
      f16,
      8,
      4,
      { 1.5f, -2, 0x1p-24f, (float)INFINITY } },
    { "{\"x\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[0,4]}}",
      bf16,
      4,
      2,
      { 1.5f, -2 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) bytes = file_with (cases[i].header, cases[i].data, cases[i].size);
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) back = nn_safetensors_read (bytes, "x", NULL, &error);

      g_assert_no_error (error);
      const NnTensor *x = nn_named_tensors_find (back, "x");
      g_assert_cmpuint (x->size, ==, cases[i].n);
      for (guint k = 0; k < cases[i].n; k++)
        g_assert_cmpfloat (x->data[k], ==, cases[i].expected[k]);
    }
}

#define ENTRY(name, dtype, shape, offsets)                                                         \
  "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static const struct
{
  const char *name;
  const char *header;
  gsize n;            /* bytes of data */
  const char *reason; /* part of the message */
} lies[] = {
  { "offsets-beyond-file", "{" ENTRY ("w", "F32", "[4]", "[0,16]") "}", 12, "within 12 bytes" },
  { "offsets-backwards", "{" ENTRY ("w", "F32", "[4]", "[16,0]") "}", 16, "from 16 to 0" },
  { "offsets-negative", "{" ENTRY ("w", "F32", "[4]", "[-16,0]") "}", 16, "from 0" },
  { "offsets-huge", "{" ENTRY ("w", "F32", "[4]", "[0,99999999999999999999]") "}", 16, "" },
  { "offsets-three", "{" ENTRY ("w", "F32", "[4]", "[0,16,16]") "}", 16, "has 3" },
  { "offsets-text", "{" ENTRY ("w", "F32", "[4]", "[\"0\",16]") "}", 16, "a text" },
  { "overlap", "{" ENTRY ("a", "F32", "[4]", "[0,16]") "," ENTRY ("b", "F32", "[4]", "[8,24]") "}",
    24, "begin at 16" },
  { "same-data",
    "{" ENTRY ("a", "F32", "[4]", "[0,16]") "," ENTRY ("b", "F32", "[4]", "[0,16]") "}", 16,
    "begin at 16" },
  { "hole", "{" ENTRY ("a", "F32", "[1]", "[0,4]") "," ENTRY ("b", "F32", "[1]", "[8,12]") "}", 12,
    "begin at 4" },
  { "data-left-over", "{" ENTRY ("w", "F32", "[4]", "[0,16]") "}", 20, "20 are there" },
  { "shape-too-large", "{" ENTRY ("w", "F32", "[5]", "[0,16]") "}", 16, "20 bytes" },
  { "shape-too-small", "{" ENTRY ("w", "F32", "[3]", "[0,16]") "}", 16, "12 bytes" },
  { "shape-overflow", "{" ENTRY ("w", "F32", "[4294967296,4294967296,4]", "[0,16]") "}", 16,
    "shape" },
  { "shape-overflow-to-4", "{" ENTRY ("w", "F32", "[4611686018427387905,4]", "[0,16]") "}", 16,
    "shape" },
  { "shape-negative", "{" ENTRY ("w", "F32", "[-2,-2]", "[0,16]") "}", 16, "from 0" },
  { "shape-zero", "{" ENTRY ("w", "F32", "[0]", "[0,0]") "}", 0, "empty" },
  { "shape-fraction", "{" ENTRY ("w", "F32", "[4.5]", "[0,16]") "}", 16, "a number" },
  { "rank-6", "{" ENTRY ("w", "F32", "[1,1,1,1,1,4]", "[0,16]") "}", 16, "has 6" },
  { "type-integer", "{" ENTRY ("w", "I32", "[4]", "[0,16]") "}", 16, "I32" },
  { "type-unknown", "{" ENTRY ("w", "F31", "[4]", "[0,16]") "}", 16, "F31" },
  { "type-number", "{\"w\":{\"dtype\":32,\"shape\":[4],\"data_offsets\":[0,16]}}", 16, "dtype" },
  { "type-wrong-size", "{" ENTRY ("w", "F16", "[4]", "[0,16]") "}", 16, "8 bytes" },
  { "no-type", "{\"w\":{\"shape\":[4],\"data_offsets\":[0,16]}}", 16, "nothing" },
  { "no-shape", "{\"w\":{\"dtype\":\"F32\",\"data_offsets\":[0,16]}}", 16, "shape" },
  { "no-offsets", "{\"w\":{\"dtype\":\"F32\",\"shape\":[4]}}", 16, "data_offsets" },
  { "entry-is-list", "{\"w\":[4]}", 16, "a list" },
  { "name-twice",
    "{" ENTRY ("w", "F32", "[2]", "[0,8]") "," ENTRY ("w", "F32", "[2]", "[8,16]") "}", 16,
    "twice" },
  { "metadata-number", "{\"__metadata__\":{\"a\":1}}", 0, "a whole number" },
  { "metadata-list", "{\"__metadata__\":[]}", 0, "a list" },
  { "no-json", "hello", 0, "JSON" },
  { "empty-header", "", 0, "nothing" },
  { "list-header", "[]", 0, "a list" },
  { "cut-json", "{\"w\":{\"dtype\":\"F32\"", 0, "too early" },
  { "comment", "/* \" */ {}", 0, "unexpected" },
  { "zero-byte", "{}\1", 0, "unexpected" },
};

static void
test_lie (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autoptr (GBytes) bytes = file_with (lies[i].header, NULL, lies[i].n);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) back = nn_safetensors_read (bytes, "w.safetensors", NULL, &error);

  g_assert_null (back);
  g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "w.safetensors"));
  g_assert_nonnull (strstr (error->message, lies[i].reason));
}

/* A header's length that is not there, down to a file of no bytes. */
static void
test_lengths (void)
{
  static const guint64 lengths[] = {
    3, 8, 100, G_MAXUINT32, G_MAXINT64, G_MAXUINT64, G_MAXUINT64 - 7
  };

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      guint8 raw[10] = { 0 };
      guint64 length = GUINT64_TO_LE (lengths[i]);
      g_autoptr (GError) error = NULL;

      memcpy (raw, &length, 8);
      memcpy (raw + 8, "{}", 2);
      g_autoptr (GBytes) bytes = g_bytes_new (raw, sizeof raw);
      g_autoptr (GPtrArray) back = nn_safetensors_read (bytes, "x", NULL, &error);
      g_assert_null (back);
      g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
      g_assert_nonnull (strstr (error->message, "at most 2"));
    }
  for (gsize size = 0; size < 8; size++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new ("\2\0\0\0\0\0\0\0", size);
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) back = nn_safetensors_read (bytes, "x", NULL, &error);

      g_assert_null (back);
      g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
    }
}

/* json-glib alone would run out of stack here. */
static void
test_deep (void)
{
  g_autofree char *header = g_strnfill (4 * 1000 * 1000, '[');
  g_autoptr (GBytes) bytes = file_with (header, NULL, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) back = nn_safetensors_read (bytes, "x", NULL, &error);

  g_assert_null (back);
  g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "deep"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/safetensors/round-trip", test_round_trip);
  g_test_add_func ("/safetensors/empty", test_empty);
  g_test_add_func ("/safetensors/types", test_types);
  g_test_add_func ("/safetensors/lengths", test_lengths);
  g_test_add_func ("/safetensors/deep", test_deep);
  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autofree char *path = g_strdup_printf ("/safetensors/lies/%s", lies[i].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_lie);
    }
  return g_test_run ();
}
