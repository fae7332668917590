#include "data/nn-dataset.h"

#include <string.h>

#include "base/nn-error.h"

/* 5 training and 3 test samples: a 2×3 grey image (bytes), 2 features (floats), a label (1 byte)
 * and a class (4 bytes). */
enum
{
  IMAGE,
  FEATURES,
  LABEL,
  CLASS,
  N_FIELDS
};

static const gsize n_samples[NN_N_PARTS] = { 5, 3, 3 };
static const char *const class_names[] = { "cat", "dog", "eel", NULL };

typedef struct
{
  NnFieldStorage storage[N_FIELDS];
} Fixture;

static guint8
pixel (NnPart part, gsize sample, gsize i)
{
  return (guint8)(part * 100 + sample * 17 + i * 3);
}

static float
feature (NnPart part, gsize sample, gsize i)
{
  return (float)sample - 2.5f + 0.125f * i + 10.0f * part;
}

static guint
class_of (NnPart part, gsize sample)
{
  return (guint)(sample + part) % 3;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  NnFieldStorage *storage = fixture->storage;
  storage[IMAGE].field =
      (NnField){ .name = "image", .kind = NN_FIELD_IMAGE, .shape = nn_shape (2, 3, 1) };
  storage[FEATURES].field =
      (NnField){ .name = "features", .kind = NN_FIELD_FEATURES, .shape = nn_shape (2) };
  storage[LABEL].field = (NnField){ .name = "label",
                                    .kind = NN_FIELD_LABEL,
                                    .shape = nn_shape (3),
                                    .n_classes = 3,
                                    .class_names = class_names };
  storage[LABEL].label_size = 1;
  storage[CLASS].field = storage[LABEL].field;
  storage[CLASS].field.name = "class";
  storage[CLASS].field.class_names = NULL;
  storage[CLASS].label_size = 4;

  for (NnPart part = 0; part < NN_N_PARTS; part++)
    {
      guint8 pixels[5 * 6], labels[5];
      float features[5 * 2];
      guint32 classes[5];
      for (gsize s = 0; s < n_samples[part]; s++)
        {
          for (gsize i = 0; i < 6; i++)
            pixels[s * 6 + i] = pixel (part, s, i);
          for (gsize i = 0; i < 2; i++)
            features[s * 2 + i] = feature (part, s, i);
          labels[s] = (guint8)class_of (part, s);
          classes[s] = class_of (part, s);
        }
      storage[IMAGE].bytes[part] = g_bytes_new (pixels, n_samples[part] * 6);
      storage[FEATURES].floats[part] = g_bytes_new (features, n_samples[part] * 2 * sizeof (float));
      storage[LABEL].bytes[part] = g_bytes_new (labels, n_samples[part]);
      storage[CLASS].bytes[part] = g_bytes_new (classes, n_samples[part] * 4);
    }
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < N_FIELDS; i++)
    for (NnPart part = 0; part < NN_N_PARTS; part++)
      {
        g_clear_pointer (&fixture->storage[i].bytes[part], g_bytes_unref);
        g_clear_pointer (&fixture->storage[i].floats[part], g_bytes_unref);
      }
}

static NnDataset *
make (Fixture *fixture)
{
  GError *error = NULL;
  NnDataset *dataset =
      nn_dataset_new ("tiny", "Tiny set", fixture->storage, N_FIELDS, n_samples, &error);
  g_assert_no_error (error);
  return dataset;
}

static void
test_info (Fixture *fixture, gconstpointer data)
{
  g_autoptr (NnDataset) dataset = make (fixture);
  const NnDataInfo *info = nn_dataset_info (dataset);
  g_assert_cmpstr (info->name, ==, "tiny");
  g_assert_cmpstr (info->title, ==, "Tiny set");
  g_assert_cmpuint (info->n_fields, ==, N_FIELDS);
  g_assert_cmpuint (nn_dataset_n_samples (dataset, NN_PART_TRAIN), ==, 5);
  g_assert_cmpuint (nn_dataset_n_samples (dataset, NN_PART_TEST), ==, 3);
  g_assert_cmpuint (nn_dataset_memory (dataset), ==, 11 * (6 + 8 + 1 + 4));

  guint index = 99;
  const NnField *label = nn_data_info_field (info, "label", &index);
  g_assert_cmpuint (index, ==, LABEL);
  g_assert_cmpuint (label->n_classes, ==, 3);
  g_assert_cmpstr (label->class_names[2], ==, "eel");
  g_assert_null (nn_data_info_field (info, "class", NULL)->class_names);
  g_assert_null (nn_data_info_field (info, "sound", NULL));

  /* A copy outlives what it was made of. */
  g_autoptr (NnDataInfo) copy = nn_data_info_copy (info);
  g_clear_pointer (&dataset, nn_dataset_unref);
  g_assert_cmpstr (copy->fields[LABEL].class_names[1], ==, "dog");
  g_assert_cmpstr (copy->fields[FEATURES].name, ==, "features");
  g_assert_cmpuint (copy->n_samples[NN_PART_TEST], ==, 3);
}

static void
test_read (Fixture *fixture, gconstpointer data)
{
  g_autoptr (NnDataset) dataset = make (fixture);
  const guint32 index[] = { 2, 0, 2, 1 };
  const guint n = G_N_ELEMENTS (index);
  float out[4 * 6];

  for (const NnKernels *const *kernels = nn_kernels_all (); *kernels; kernels++)
    for (NnPart part = 0; part < NN_N_PARTS; part++)
      {
        nn_dataset_read (dataset, part, IMAGE, index, n, *kernels, out);
        for (gsize s = 0; s < n; s++)
          for (gsize i = 0; i < 6; i++)
            g_assert_cmpfloat_with_epsilon (out[s * 6 + i], pixel (part, index[s], i) / 255.0,
                                            1e-6);

        nn_dataset_read (dataset, part, FEATURES, index, n, *kernels, out);
        for (gsize s = 0; s < n; s++)
          for (gsize i = 0; i < 2; i++)
            g_assert_cmpfloat (out[s * 2 + i], ==, feature (part, index[s], i));

        for (guint field = LABEL; field <= CLASS; field++)
          {
            memset (out, 0xff, sizeof out);
            nn_dataset_read (dataset, part, field, index, n, *kernels, out);
            for (gsize s = 0; s < n; s++)
              {
                guint class = class_of (part, index[s]);
                g_assert_cmpuint (nn_dataset_label (dataset, part, field, index[s]), ==, class);
                for (gsize i = 0; i < 3; i++)
                  g_assert_cmpfloat (out[s * 3 + i], ==, i == class ? 1.0f : 0.0f);
              }
          }
      }
}

static void
test_limit (Fixture *fixture, gconstpointer data)
{
  g_autoptr (NnDataset) dataset = make (fixture);
  g_autoptr (NnDataset) all = nn_dataset_limit (dataset, 0);
  g_autoptr (NnDataset) more = nn_dataset_limit (dataset, 6);
  g_autoptr (NnDataset) two = nn_dataset_limit (dataset, 2);
  g_autoptr (NnDataset) other = nn_dataset_rename (two, "other", "Other");
  g_assert_cmpuint (nn_dataset_n_samples (all, NN_PART_TRAIN), ==, 5);
  g_assert_cmpuint (nn_dataset_n_samples (more, NN_PART_TRAIN), ==, 5);
  g_assert_cmpuint (nn_dataset_n_samples (two, NN_PART_TRAIN), ==, 2);
  g_assert_cmpuint (nn_dataset_n_samples (two, NN_PART_TEST), ==, 3);
  g_assert_cmpuint (nn_dataset_memory (two), ==, nn_dataset_memory (dataset));
  g_assert_cmpstr (nn_dataset_info (two)->name, ==, "tiny");
  g_assert_cmpstr (nn_dataset_info (other)->name, ==, "other");
  g_assert_cmpstr (nn_dataset_info (other)->title, ==, "Other");
  g_assert_cmpstr (nn_dataset_info (other)->fields[LABEL].class_names[0], ==, "cat");

  /* The memory is kept by the view alone. */
  g_clear_pointer (&dataset, nn_dataset_unref);
  g_clear_pointer (&all, nn_dataset_unref);
  g_clear_pointer (&more, nn_dataset_unref);
  const guint32 index[] = { 1, 2 };
  float out[6];
  nn_dataset_read (other, NN_PART_TRAIN, IMAGE, index, 1, nn_kernels_best (), out);
  g_assert_cmpfloat_with_epsilon (out[5], pixel (NN_PART_TRAIN, 1, 5) / 255.0, 1e-6);
  nn_dataset_read (other, NN_PART_TEST, FEATURES, index + 1, 1, nn_kernels_best (), out);
  g_assert_cmpfloat (out[1], ==, feature (NN_PART_TEST, 2, 1));
}

static void
test_wrong_sizes (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint field;
    NnPart part;
    gsize size;
    const char *words;
  } cases[] = {
    { IMAGE, NN_PART_TRAIN, 29, "*image*29 bytes*training*5 samples of 6 bytes*" },
    { IMAGE, NN_PART_TEST, 19, "*image*19 bytes*test*3 samples of 6 bytes*" },
    { FEATURES, NN_PART_TRAIN, 39, "*features*39 bytes*training*5 samples of 8 bytes*" },
    { LABEL, NN_PART_TEST, 2, "*label*2 bytes*test*3 samples of 1 bytes*" },
    { CLASS, NN_PART_TRAIN, 5, "*class*5 bytes*training*5 samples of 4 bytes*" },
    { CLASS, NN_PART_TEST, 0, "*class*0 bytes*test*3 samples of 4 bytes*" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      NnFieldStorage storage[N_FIELDS];
      memcpy (storage, fixture->storage, sizeof storage);
      static const guint8 zeros[64];
      g_autoptr (GBytes) wrong = g_bytes_new_static (zeros, cases[i].size);
      GBytes **slot = cases[i].field == FEATURES ? storage[cases[i].field].floats
                                                 : storage[cases[i].field].bytes;
      slot[cases[i].part] = wrong;

      g_autoptr (GError) error = NULL;
      g_assert_null (nn_dataset_new ("tiny", "Tiny", storage, N_FIELDS, n_samples, &error));
      g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
      g_assert_true (g_pattern_match_simple (cases[i].words, error->message));
    }
}

static void
test_missing_part (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->storage[IMAGE].bytes[NN_PART_TEST], g_bytes_unref);
  g_autoptr (GError) error = NULL;
  g_assert_null (nn_dataset_new ("tiny", "Tiny", fixture->storage, N_FIELDS, n_samples, &error));
  g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "image"));
}

static void
test_wrong_label (Fixture *fixture, gconstpointer data)
{
  static const guint8 labels[5] = { 0, 1, 2, 3, 0 };
  g_clear_pointer (&fixture->storage[LABEL].bytes[NN_PART_TRAIN], g_bytes_unref);
  fixture->storage[LABEL].bytes[NN_PART_TRAIN] = g_bytes_new_static (labels, 5);
  g_autoptr (GError) error = NULL;
  g_assert_null (nn_dataset_new ("tiny", "Tiny", fixture->storage, N_FIELDS, n_samples, &error));
  g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
  g_assert_true (
      g_pattern_match_simple ("*label*label 3 at sample 3*training*0 to 2*", error->message));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/dataset/info", test_info);
  ADD ("/dataset/read", test_read);
  ADD ("/dataset/limit", test_limit);
  ADD ("/dataset/wrong-sizes", test_wrong_sizes);
  ADD ("/dataset/missing-part", test_missing_part);
  ADD ("/dataset/wrong-label", test_wrong_label);
  return g_test_run ();
}
