#include <math.h>

#include "data-fixture.h"
#include "formats/nn-zip.h"

/* An array of type descr whose values are 0, 1, 2 ... step apart, modulo a number. */
static GBytes *
array (const char *descr, const char *shape, gsize n, guint modulo)
{
  g_autoptr (GString) header = g_string_new (NULL);
  g_string_printf (header, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr,
                   shape);
  while ((10 + header->len + 1) % 64)
    g_string_append_c (header, ' ');
  g_string_append_c (header, '\n');
  GByteArray *out = g_byte_array_new ();
  const guint8 start[] = {
    0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (guint8)header->len, (guint8)(header->len >> 8)
  };
  g_byte_array_append (out, start, sizeof start);
  g_byte_array_append (out, (const guint8 *)header->str, (guint)header->len);
  for (gsize i = 0; i < n; i++)
    {
      const guint v = (guint)(i % modulo);
      const guint8 u1 = (guint8)v;
      const gint64 i8 = v;
      const float f4 = (float)v / (float)modulo;
      const double f8 = v;
      if (strstr (descr, "u1"))
        g_byte_array_append (out, &u1, 1);
      else if (strstr (descr, "i8"))
        g_byte_array_append (out, (const guint8 *)&i8, 8);
      else if (strstr (descr, "f4"))
        g_byte_array_append (out, (const guint8 *)&f4, 4);
      else
        g_byte_array_append (out, (const guint8 *)&f8, 8);
    }
  return g_byte_array_free_to_bytes (out);
}

static char *
write_npy (Fixture *fixture, const char *name, const char *descr, const char *shape, gsize n,
           guint modulo)
{
  g_autoptr (GBytes) bytes = array (descr, shape, n, modulo);
  return fixture_write (fixture, name, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

typedef struct
{
  const char *name, *descr, *shape;
  gsize n;
  guint modulo;
} Member;

static char *
write_npz (Fixture *fixture, const char *name, const Member *members, guint n)
{
  g_autoptr (GPtrArray) entries = nn_zip_entries_new ();
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GBytes) bytes =
          array (members[i].descr, members[i].shape, members[i].n, members[i].modulo);
      nn_zip_entries_add (entries, members[i].name, bytes);
    }
  g_autoptr (GBytes) zip = nn_zip_write (entries, NULL);
  return fixture_write (fixture, name, g_bytes_get_data (zip, NULL), g_bytes_get_size (zip));
}

/* As Keras' mnist.npz. */
static void
test_archive (Fixture *fixture, gconstpointer data)
{
  static const Member members[] = {
    { "x_test.npy", "|u1", "6, 8, 9", 6 * 72, 251 },
    { "x_train.npy", "|u1", "20, 8, 9", 20 * 72, 251 },
    { "y_train.npy", "|u1", "20,", 20, 5 },
    { "y_test.npy", "<i8", "6,", 6, 5 },
  };
  g_autofree char *path = write_npz (fixture, "mnist.npz", members, G_N_ELEMENTS (members));
  g_autoptr (NnDataset) dataset = fixture_load (fixture, path, "");
  const NnDataInfo *info = nn_dataset_info (dataset);
  g_assert_cmpuint (info->n_samples[NN_PART_TRAIN], ==, 20);
  g_assert_cmpuint (info->n_samples[NN_PART_TEST], ==, 6);
  g_assert_true (nn_shape_equal (&info->fields[0].shape, &nn_shape (8, 9, 1)));
  g_assert_cmpuint (info->fields[1].n_classes, ==, 5);
  g_assert_cmpuint (nn_dataset_label (dataset, NN_PART_TRAIN, 1, 13), ==, 3);
  g_assert_cmpfloat_with_epsilon (fixture_value (dataset, NN_PART_TRAIN, 0, 7, 5),
                                  ((7 * 72 + 5) % 251) / 255.0f, 1e-6);
  g_autoptr (NnDataset) without = fixture_load (fixture, path, "label=none");
  g_assert_cmpuint (nn_dataset_info (without)->n_fields, ==, 1);
  refused (fixture, path, "features=x", "no array “x”", "x_train (20×8×9)");
}

static void
test_kinds (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *descr, *shape;
    gsize n;
    guint modulo;
    NnFieldKind kind;
    gint64 dim[3];
    float third; /* value of sample 0 */
  } kinds[] = {
    { "<f4", "30, 5", 150, 100, NN_FIELD_FEATURES, { 5 }, 0.03f },
    { "<f8", "30, 5, 4", 600, 1000, NN_FIELD_SEQUENCE, { 5, 4 }, 3 },
    { "<f4", "30, 8, 8", 1920, 100, NN_FIELD_IMAGE, { 8, 8, 1 }, 0.03f },
    { "|u1", "30, 4, 4", 480, 256, NN_FIELD_IMAGE, { 4, 4, 1 }, 3 / 255.0f },
    { "<i8", "30, 4, 4, 3", 1440, 256, NN_FIELD_IMAGE, { 4, 4, 3 }, 3 / 255.0f },
    { "|u1", "30, 3, 6, 6", 3240, 256, NN_FIELD_IMAGE, { 6, 6, 3 }, 1 / 255.0f },
    { "|u1", "30, 4, 4", 480, 2, NN_FIELD_IMAGE, { 4, 4, 1 }, 1 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = write_npy (fixture, "kind.npy", kinds[i].descr, kinds[i].shape,
                                         kinds[i].n, kinds[i].modulo);
      g_autoptr (NnDataset) dataset = fixture_load (fixture, path, "test-share=0.5 seed=1");
      const NnField *field = &nn_dataset_info (dataset)->fields[0];
      g_test_message ("%s (%s)", kinds[i].descr, kinds[i].shape);
      g_assert_cmpint (field->kind, ==, kinds[i].kind);
      g_assert_cmpmem (field->shape.dim, sizeof kinds[i].dim, kinds[i].dim, sizeof kinds[i].dim);
      g_assert_cmpuint (nn_dataset_n_samples (dataset, NN_PART_TEST), ==, 15);
      gboolean found = FALSE;
      for (NnPart part = 0; part < NN_N_PARTS; part++)
        for (guint32 s = 0; s < 15; s++)
          found = found
                  || (fixture_value (dataset, part, 0, s, 0) == 0
                      && fabsf (fixture_value (dataset, part, 0, s, 3) - kinds[i].third) < 1e-6f);
      g_assert_true (found);
    }
  g_autofree char *flat = write_npy (fixture, "flat.npy", "<f4", "30, 16", 480, 100);
  g_autoptr (NnDataset) image = fixture_load (fixture, flat, "image-shape=4x4");
  g_assert_cmpint (nn_dataset_info (image)->fields[0].kind, ==, NN_FIELD_IMAGE);
  refused (fixture, flat, "image-shape=5x4", "5x4", "16 values");
  g_autoptr (NnDataset) scaled = fixture_load (fixture, flat, "scaling=range");
  g_assert_cmpfloat (fixture_value (scaled, NN_PART_TRAIN, 0, 0, 0), <=, 1);
}

/* What holds no numbers is left out with a word, and refused only where there is nothing else. */
static void
test_left_out (Fixture *fixture, gconstpointer data)
{
  static const Member mixed[] = {
    { "names.npy", "<U4", "20,", 40, 5 },
    { "images.npy", "|u1", "20, 4, 4", 320, 251 },
  };
  g_autofree char *path = write_npz (fixture, "mixed.npz", mixed, 2);
  g_autoptr (NnDataset) dataset = fixture_load (fixture, path, "");
  g_assert_cmpint (nn_dataset_info (dataset)->fields[0].kind, ==, NN_FIELD_IMAGE);
  g_assert_cmpuint (fixture->notes->len, ==, 1);
  g_assert_nonnull (strstr (fixture->notes->pdata[0], "names.npy"));
  g_autofree char *alone = write_npz (fixture, "names.npz", mixed, 1);
  refused (fixture, alone, "", "names.npy", "numbers");
}

static void
test_bad (Fixture *fixture, gconstpointer data)
{
  static const Member uneven[] = {
    { "images.npy", "|u1", "20, 4, 4", 320, 251 },
    { "labels.npy", "|u1", "19,", 19, 5 },
  };
  g_autofree char *path = write_npz (fixture, "uneven.npz", uneven, 2);
  refused (fixture, path, "label=labels", "labels.npy", "19 labels", "20");
  static const Member other[] = {
    { "x_train.npy", "|u1", "20, 4, 4", 320, 251 },
    { "x_test.npy", "|u1", "5, 4, 5", 100, 251 },
    { "y_train.npy", "|u1", "20,", 20, 5 },
  };
  g_autofree char *shapes = write_npz (fixture, "shapes.npz", other, 2);
  refused (fixture, shapes, "", "x_test.npy", "5×4×5", "20×4×4");
  g_autofree char *half = write_npz (fixture, "half.npz", other, 3);
  refused (fixture, half, "", "half.npz", "one part only");
  static const Member flat[] = { { "weights.npy", "<f4", "20,", 20, 5 } };
  g_autofree char *none = write_npz (fixture, "none.npz", flat, 1);
  refused (fixture, none, "", "none.npz", "weights (20)");

  g_autoptr (GBytes) whole = array ("<f4", "30, 5", 150, 100);
  g_autofree char *cut = fixture_write (fixture, "cut.npy", g_bytes_get_data (whole, NULL),
                                        g_bytes_get_size (whole) - 9);
  refused (fixture, cut, "", "cut.npy", "600 bytes", "591");
  g_autoptr (GBytes) liar = array ("<f4", "300000000, 5", 150, 100);
  g_autofree char *lies =
      fixture_write (fixture, "lies.npy", g_bytes_get_data (liar, NULL), g_bytes_get_size (liar));
  refused (fixture, lies, "", "lies.npy", "6000000000");
  g_autofree char *noise = fixture_write_text (fixture, "noise.npz", "PK\3\4 and then nothing");
  refused (fixture, noise, "", "noise.npz");
  g_autofree char *one = write_npy (fixture, "one.npy", "<f4", "1, 5", 5, 100);
  refused (fixture, one, "", "one sample");

  g_autoptr (GByteArray) infinite = g_bytes_unref_to_array (array ("<f4", "30, 5", 150, 100));
  const float inf = INFINITY;
  memcpy (infinite->data + infinite->len - 4 * 13, &inf, 4);
  g_autofree char *path_inf = fixture_write (fixture, "inf.npy", infinite->data, infinite->len);
  refused (fixture, path_inf, "", "inf.npy", "infinite", "sample 27");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func)                                                                            \
  g_test_add ("/numpy/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)
  ADD ("archive", test_archive);
  ADD ("kinds", test_kinds);
  ADD ("bad", test_bad);
  ADD ("left-out", test_left_out);
  return g_test_run ();
}
