/* .npy files: what NumPy writes is read, what is written NumPy would read, lies are refused. */
#include <string.h>

#include "base/nn-error.h"
#include "formats/nn-npy.h"

/* A file of version `major` with this header text (padded by nothing) and data. */
static GBytes *
npy (guint major, const char *header, gconstpointer data, gsize size)
{
  g_autoptr (GByteArray) file = g_byte_array_new ();
  gsize length = strlen (header);
  const guint8 start[12] = { 0x93, 'N',           'U', 'M',          'P',
                             'Y',  (guint8)major, 0,   length & 255, length >> 8 };
  g_byte_array_append (file, start, major == 1 ? 10 : 12);
  g_byte_array_append (file, (const guint8 *)header, (guint)length);
  g_byte_array_append (file, data, (guint)size);
  return g_byte_array_free_to_bytes (g_steal_pointer (&file));
}

#define HEADER(descr, shape) "{'descr': '" descr "', 'fortran_order': False, 'shape': " shape ", }"

static void
test_round_trip (void)
{
  const NnShape shapes[] = {
    nn_shape (7), nn_shape (3, 4), nn_shape (2, 28, 28, 1), { .rank = 0 }
  };
  for (guint s = 0; s < G_N_ELEMENTS (shapes); s++)
    {
      g_autoptr (NnTensor) tensor = nn_tensor_new (&shapes[s]);
      for (gsize i = 0; i < tensor->size; i++)
        tensor->data[i] = (float)i / 3 - 1;

      g_autoptr (GBytes) bytes = nn_npy_write (tensor);
      gsize data_at = g_bytes_get_size (bytes) - tensor->size * sizeof (float);
      g_assert_cmpuint (data_at % 64, ==, 0);

      g_autoptr (GError) error = NULL;
      g_autoptr (NnTensor) back = nn_npy_read (bytes, "x.npy", &error);
      g_assert_no_error (error);
      g_assert_true (nn_shape_equal (&back->shape, &tensor->shape));
      g_assert_cmpmem (back->data, back->size * 4, tensor->data, tensor->size * 4);
    }
}

static void
test_types (void)
{
  const double f8[] = { 1.5, -2 };
  const gint16 i2[] = { 300, -300 };
  const guint8 u1[] = { 0, 255 }, big_f4[] = { 0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0 };
  const guint16 f2[] = { 0x3e00, 0xc000 }; /* 1.5, -2 */
  const gint64 i8[] = { 1 << 20, -1 };
  const struct
  {
    const char *header;
    gconstpointer data;
    gsize size;
    float expected[2];
  } cases[] = {
    { HEADER ("<f8", "(2,)"), f8, sizeof f8, { 1.5f, -2 } },
    { HEADER ("<i2", "(2,)"), i2, sizeof i2, { 300, -300 } },
    { HEADER ("|u1", "(2,)"), u1, sizeof u1, { 0, 255 } },
    { HEADER (">f4", "(2,)"), big_f4, sizeof big_f4, { 1.5f, -2 } },
    { HEADER ("<f2", "(1, 2)"), f2, sizeof f2, { 1.5f, -2 } },
    { HEADER ("<i8", "(2, 1)"), i8, sizeof i8, { 1 << 20, -1 } },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint major = 1; major <= 3; major++)
      {
        g_autoptr (GError) error = NULL;
        g_autoptr (GBytes) bytes = npy (major, cases[i].header, cases[i].data, cases[i].size);
        g_autoptr (NnTensor) tensor = nn_npy_read (bytes, "x.npy", &error);
        g_assert_no_error (error);
        g_assert_cmpuint (tensor->size, ==, 2);
        g_assert_cmpfloat (tensor->data[0], ==, cases[i].expected[0]);
        g_assert_cmpfloat (tensor->data[1], ==, cases[i].expected[1]);
      }
}

static void
test_refused (void)
{
  const float data[4] = { 0 };
  const struct
  {
    const char *header;
    guint major;
    int code;
    const char *says; /* part of the message */
  } cases[] = {
    { HEADER ("<f4", "(5,)"), 1, NN_ERROR_FORMAT, "20 bytes, but 16 bytes" },
    { HEADER ("<f4", "(3,)"), 1, NN_ERROR_FORMAT, "12 bytes, but 16 bytes" },
    { HEADER ("<f4", "(0, 4)"), 1, NN_ERROR_FORMAT, "at least 1" },
    { HEADER ("<f4", "(-4,)"), 1, NN_ERROR_FORMAT, "at least 1" },
    { HEADER ("<f4", "(1099511627776, 1099511627776)"), 1, NN_ERROR_FORMAT, "more values" },
    { HEADER ("<f4", "(1, 1, 1, 1, 1, 4)"), 1, NN_ERROR_FORMAT, "more than 5" },
    { HEADER ("<c8", "(2,)"), 1, NN_ERROR_FORMAT, "<c8" },
    { HEADER ("|S4", "(4,)"), 1, NN_ERROR_FORMAT, "|S4" },
    { "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (4,), }", 1, NN_ERROR_FORMAT,
      "one kind" },
    { "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", 1, NN_ERROR_UNSUPPORTED,
      "Fortran" },
    { "{'descr': '<f4', 'shape': (4,), }", 1, NN_ERROR_FORMAT, "fortran_order" },
    { "", 1, NN_ERROR_FORMAT, "descr" },
    { HEADER ("<f4", "(4,)"), 4, NN_ERROR_FORMAT, "version 4" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = npy (cases[i].major, cases[i].header, data, sizeof data);
      g_assert_null (nn_npy_read (bytes, "x.npy", &error));
      g_assert_error (error, NN_ERROR, cases[i].code);
      g_assert_nonnull (strstr (error->message, cases[i].says));
      g_assert_nonnull (strstr (error->message, "x.npy"));
    }
}

/* Cut at any place, a file is refused and nothing beyond it is read (the copy has no slack). */
static void
test_cut_short (void)
{
  g_autoptr (NnTensor) tensor = nn_tensor_new (&nn_shape (2, 3));
  g_autoptr (GBytes) whole = nn_npy_write (tensor);
  gsize size;
  gconstpointer data = g_bytes_get_data (whole, &size);
  for (gsize length = 0; length < size; length++)
    {
      g_autoptr (GBytes) cut = g_bytes_new (data, length);
      g_autoptr (GError) error = NULL;
      g_assert_null (nn_npy_read (cut, "cut.npy", &error));
      g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/npy/round-trip", test_round_trip);
  g_test_add_func ("/npy/types", test_types);
  g_test_add_func ("/npy/refused", test_refused);
  g_test_add_func ("/npy/cut-short", test_cut_short);
  return g_test_run ();
}
