#include "data-fixture.h"

#define PIXELS (32 * 32)

/* Value of one pixel of a colour of record r. */
static guint8
value_of (guint r, guint pixel, guint colour)
{
  return (guint8)(r * 31 + pixel * 7 + colour * 101);
}

/* n records of n_labels bytes, each label r % (10 + 7 l), and an image. */
static GByteArray *
records (guint n, guint n_labels)
{
  GByteArray *out = g_byte_array_new ();
  for (guint r = 0; r < n; r++)
    {
      for (guint l = 0; l < n_labels; l++)
        {
          const guint8 label = (guint8)(r % (10 + 7 * l));
          g_byte_array_append (out, &label, 1);
        }
      for (guint c = 0; c < 3; c++)
        for (guint i = 0; i < PIXELS; i++)
          {
            const guint8 v = value_of (r, i, c);
            g_byte_array_append (out, &v, 1);
          }
    }
  return out;
}

static void
write_records (Fixture *fixture, const char *name, guint n, guint n_labels)
{
  g_autoptr (GByteArray) bytes = records (n, n_labels);
  g_autofree char *path = fixture_write (fixture, name, bytes->data, bytes->len);
}

/* Sample i of a part is record r. */
static void
check_record (const NnDataset *dataset, NnPart part, guint32 i, guint r)
{
  for (guint pixel = 0; pixel < PIXELS; pixel += 37)
    for (guint c = 0; c < 3; c++)
      g_assert_cmpfloat_with_epsilon (fixture_value (dataset, part, 0, i, pixel * 3 + c),
                                      value_of (r, pixel, c) / 255.0f, 1e-6);
}

static void
test_ten (Fixture *fixture, gconstpointer data)
{
  write_records (fixture, "data_batch_1.bin", 12, 1);
  write_records (fixture, "data_batch_3.bin", 5, 1);
  write_records (fixture, "test_batch.bin", 4, 1);
  g_autoptr (NnDataset) dataset = fixture_load (fixture, fixture->folder, "");
  const NnDataInfo *info = nn_dataset_info (dataset);
  g_assert_cmpuint (info->n_samples[NN_PART_TRAIN], ==, 17);
  g_assert_cmpuint (info->n_samples[NN_PART_TEST], ==, 4);
  g_assert_true (nn_shape_equal (&info->fields[0].shape, &nn_shape (32, 32, 3)));
  g_assert_cmpuint (info->fields[1].n_classes, ==, 10);
  g_assert_cmpstr (info->fields[1].class_names[3], ==, "cat");
  check_record (dataset, NN_PART_TRAIN, 11, 11);
  check_record (dataset, NN_PART_TRAIN, 13, 1);
  check_record (dataset, NN_PART_TEST, 3, 3);
  g_assert_cmpuint (nn_dataset_label (dataset, NN_PART_TRAIN, 1, 11), ==, 1);
}

static void
test_hundred (Fixture *fixture, gconstpointer data)
{
  write_records (fixture, "train.bin", 9, 2);
  write_records (fixture, "test.bin", 3, 2);
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; i < 100; i++)
    g_string_append_printf (names, "thing %u\n", i);
  g_autofree char *path = fixture_write_text (fixture, "fine_label_names.txt", names->str);
  g_autofree char *few = fixture_write_text (fixture, "coarse_label_names.txt", "one\ntwo\n");
  g_autoptr (NnDataset) dataset = fixture_load (fixture, fixture->folder, "");
  const NnField *fields = nn_dataset_info (dataset)->fields;
  g_assert_cmpuint (nn_dataset_info (dataset)->n_fields, ==, 3);
  g_assert_cmpstr (fields[1].name, ==, "label");
  g_assert_cmpuint (fields[1].n_classes, ==, 100);
  g_assert_cmpstr (fields[1].class_names[42], ==, "thing 42");
  g_assert_cmpstr (fields[2].name, ==, "superclass");
  g_assert_cmpuint (fields[2].n_classes, ==, 20);
  g_assert_null (fields[2].class_names);
  check_record (dataset, NN_PART_TRAIN, 8, 8);
}

/* One file is split, every class by its share. */
static void
test_one_file (Fixture *fixture, gconstpointer data)
{
  write_records (fixture, "mine.bin", 60, 1);
  g_autofree char *path = g_build_filename (fixture->folder, "mine.bin", NULL);
  g_autoptr (NnDataset) dataset = fixture_load (fixture, path, "test-share=0.5");
  guint counts[NN_N_PARTS][10] = { 0 };
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    for (gsize i = 0; i < nn_dataset_n_samples (dataset, part); i++)
      counts[part][nn_dataset_label (dataset, part, 1, i)]++;
  for (guint c = 0; c < 10; c++)
    g_assert_cmpuint (counts[NN_PART_TEST][c], ==, 3);
}

static void
test_bad (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) bytes = records (4, 1);
  g_autofree char *cut = fixture_write (fixture, "data_batch_1.bin", bytes->data, bytes->len - 100);
  refused (fixture, cut, "", "data_batch_1.bin", "cut short", "3073", "3 whole", "2973");
  bytes->data[2 * 3073] = 10;
  g_autofree char *label = fixture_write (fixture, "data_batch_1.bin", bytes->data, bytes->len);
  refused (fixture, label, "", "label 10", "byte 6146", "0 to 9");
  g_autofree char *one = fixture_write (fixture, "data_batch_1.bin", bytes->data, 3073);
  refused (fixture, one, "", "one image", "at least 2");
  g_autofree char *none = fixture_write (fixture, "data_batch_1.bin", "", 0);
  refused (fixture, none, "", "0 whole");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func)                                                                            \
  g_test_add ("/cifar/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)
  ADD ("ten", test_ten);
  ADD ("hundred", test_hundred);
  ADD ("one-file", test_one_file);
  ADD ("bad", test_bad);
  return g_test_run ();
}
