#include "data-fixture.h"

#include <sys/stat.h>

/* A small set: 20 training and 6 test images of 3 × 2, classes 0 to 3. */
#define N_TRAIN 20
#define N_TEST 6
#define H 3
#define W 2
#define N_CLASSES 4

#define IMAGES_SIZE (16 + N_TRAIN * H * W)
#define LABELS_SIZE (8 + N_TRAIN)

static const gsize n_of[NN_N_PARTS] = { N_TRAIN, N_TEST };
static const char *const image_names[NN_N_PARTS] = { "train-images-idx3-ubyte",
                                                     "t10k-images-idx3-ubyte" };
static const char *const label_names[NN_N_PARTS] = { "train-labels-idx1-ubyte",
                                                     "t10k-labels-idx1-ubyte" };

static guint8
pixel (NnPart part, gsize sample, gsize i)
{
  return (guint8)(255 - part * 60 - sample * 7 - i);
}

static guint
class_of (NnPart part, gsize sample)
{
  return (guint)(sample + part) % N_CLASSES;
}

/* ---- writing files ---- */

static void
put_u32 (GByteArray *out, guint32 value)
{
  guint32 big = GUINT32_TO_BE (value);
  g_byte_array_append (out, (const guint8 *)&big, sizeof big);
}

static GByteArray *
make_images (NnPart part, gsize n)
{
  GByteArray *out = g_byte_array_new ();
  put_u32 (out, 0x00000803);
  put_u32 (out, (guint32)n);
  put_u32 (out, H);
  put_u32 (out, W);
  for (gsize s = 0; s < n; s++)
    for (gsize i = 0; i < H * W; i++)
      {
        guint8 v = pixel (part, s, i);
        g_byte_array_append (out, &v, 1);
      }
  return out;
}

static GByteArray *
make_labels (NnPart part, gsize n)
{
  GByteArray *out = g_byte_array_new ();
  put_u32 (out, 0x00000801);
  put_u32 (out, (guint32)n);
  for (gsize s = 0; s < n; s++)
    {
      guint8 v = (guint8)class_of (part, s);
      g_byte_array_append (out, &v, 1);
    }
  return out;
}

static GByteArray *
gzip (const GByteArray *data)
{
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GConverter) compressor =
      G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 6));
  g_autoptr (GOutputStream) packed = g_converter_output_stream_new (memory, compressor);
  g_assert_true (g_output_stream_write_all (packed, data->data, data->len, NULL, NULL, NULL));
  g_assert_true (g_output_stream_close (packed, NULL, NULL));
  GBytes *bytes = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
  return g_bytes_unref_to_array (bytes);
}

static void
write_file (const char *folder, const char *name, const guint8 *data, gsize size)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_assert_true (g_file_set_contents (path, (const char *)data, (gssize)size, NULL));
}

static void
write_array (const char *folder, const char *name, GByteArray *owned, gboolean packed)
{
  g_autoptr (GByteArray) plain = owned;
  if (!packed)
    {
      write_file (folder, name, plain->data, plain->len);
      return;
    }
  g_autoptr (GByteArray) gz = gzip (plain);
  g_autofree char *gz_name = g_strconcat (name, ".gz", NULL);
  write_file (folder, gz_name, gz->data, gz->len);
}

static void
write_set (const char *folder, gboolean packed)
{
  for (NnPart part = NN_PART_TRAIN; part <= NN_PART_TEST; part++)
    {
      write_array (folder, image_names[part], make_images (part, n_of[part]), packed);
      write_array (folder, label_names[part], make_labels (part, n_of[part]), packed);
    }
}

/* ---- good files ---- */

static NnDataset *
load (const char *path)
{
  GError *error = NULL;
  NnDataset *dataset = nn_data_load (path, 0, NULL, &error);
  g_assert_no_error (error);
  return dataset;
}

/* Sample s of a part is the set's sample `index` of part `origin`. */
static void
check_sample (const NnDataset *dataset, NnPart part, guint32 s, NnPart origin, gsize index)
{
  float out[H * W];
  nn_dataset_read (dataset, part, 0, &s, 1, nn_kernels_best (), out);
  for (gsize i = 0; i < H * W; i++)
    g_assert_cmpfloat_with_epsilon (out[i], pixel (origin, index, i) / 255.0, 1e-6);
  if (nn_dataset_info (dataset)->n_fields > 1)
    g_assert_cmpuint (nn_dataset_label (dataset, part, 1, s), ==, class_of (origin, index));
}

static void
check_part (const NnDataset *dataset, NnPart part, gsize n)
{
  g_assert_cmpuint (nn_dataset_n_samples (dataset, part), ==, n);
  for (guint32 s = 0; s < n; s++)
    check_sample (dataset, part, s, part, s);
}

/* Every training sample is in one of the two parts, in its order. */
static void
check_split (const NnDataset *dataset, gsize n_train, gsize n_test)
{
  gsize taken[NN_N_PARTS] = { 0 };
  g_assert_cmpuint (nn_dataset_n_samples (dataset, NN_PART_TRAIN), ==, n_train);
  g_assert_cmpuint (nn_dataset_n_samples (dataset, NN_PART_TEST), ==, n_test);
  for (gsize index = 0; index < n_train + n_test; index++)
    {
      const guint32 next = (guint32)taken[NN_PART_TEST];
      float out[H * W] = { 0 };
      if (next < n_test)
        nn_dataset_read (dataset, NN_PART_TEST, 0, &next, 1, nn_kernels_best (), out);
      const NnPart part =
          (guint)(out[0] * 255 + 0.5f) == pixel (0, index, 0) ? NN_PART_TEST : NN_PART_TRAIN;
      check_sample (dataset, part, (guint32)taken[part]++, NN_PART_TRAIN, index);
    }
}

static void
check_whole (const NnDataset *dataset)
{
  const NnShape shape = nn_shape (H, W, 1);
  const NnDataInfo *info = nn_dataset_info (dataset);
  g_assert_cmpuint (info->n_fields, ==, 2);
  g_assert_cmpstr (info->fields[0].name, ==, "image");
  g_assert_true (nn_shape_equal (&info->fields[0].shape, &shape));
  g_assert_cmpstr (info->fields[1].name, ==, "label");
  g_assert_cmpuint (info->fields[1].n_classes, ==, N_CLASSES);
  check_part (dataset, NN_PART_TRAIN, N_TRAIN);
  check_part (dataset, NN_PART_TEST, N_TEST);
  g_assert_cmpuint (nn_dataset_memory (dataset), ==, (N_TRAIN + N_TEST) * (H * W + 1));
}

static void
test_folder (Fixture *fixture, gconstpointer packed)
{
  write_set (fixture->folder, GPOINTER_TO_INT (packed));
  g_autoptr (NnDataset) dataset = load (fixture->folder);
  check_whole (dataset);
  g_assert_cmpstr (nn_dataset_info (dataset)->name, ==, fixture->folder);

  g_autoptr (NnDataInfo) peeked = nn_data_peek (fixture->folder, NULL);
  g_assert_nonnull (peeked);
  g_assert_cmpuint (peeked->n_samples[NN_PART_TEST], ==, N_TEST);
  g_assert_cmpuint (peeked->fields[1].n_classes, ==, N_CLASSES);
  g_assert_true (
      nn_shape_equal (&peeked->fields[0].shape, &nn_dataset_info (dataset)->fields[0].shape));
}

static void
test_one_file (Fixture *fixture, gconstpointer packed)
{
  write_set (fixture->folder, GPOINTER_TO_INT (packed));
  g_autofree char *path = g_strconcat (fixture->folder, "/", image_names[0],
                                       GPOINTER_TO_INT (packed) ? ".gz" : "", NULL);
  g_autoptr (NnDataset) dataset = load (path);
  check_whole (dataset);
}

/* Companions may be packed or not, and called as others unpack them. */
static void
test_mixed_names (Fixture *fixture, gconstpointer data)
{
  write_array (fixture->folder, "emnist-train-images.idx3-ubyte", make_images (0, N_TRAIN), FALSE);
  write_array (fixture->folder, "emnist-train-labels.idx1-ubyte", make_labels (0, N_TRAIN), TRUE);
  write_array (fixture->folder, "emnist-test-images.idx3-ubyte", make_images (1, N_TEST), TRUE);
  write_array (fixture->folder, "emnist-test-labels.idx1-ubyte", make_labels (1, N_TEST), FALSE);
  g_autofree char *path =
      g_build_filename (fixture->folder, "emnist-train-images.idx3-ubyte", NULL);
  g_autoptr (NnDataset) dataset = load (path);
  check_whole (dataset);
}

static void
test_no_test_part (Fixture *fixture, gconstpointer data)
{
  write_array (fixture->folder, image_names[0], make_images (0, N_TRAIN), FALSE);
  write_array (fixture->folder, label_names[0], make_labels (0, N_TRAIN), FALSE);
  g_autoptr (NnDataset) dataset = load (fixture->folder);
  check_split (dataset, 18, 2);

  /* A tenth, at least 1. */
  write_array (fixture->folder, image_names[0], make_images (0, 3), FALSE);
  write_array (fixture->folder, label_names[0], make_labels (0, 3), FALSE);
  g_autoptr (NnDataset) three = load (fixture->folder);
  check_split (three, 2, 1);
}

/* Pictures alone are enough for an autoencoder. */
static void
test_no_labels (Fixture *fixture, gconstpointer data)
{
  write_array (fixture->folder, "faces", make_images (0, N_TRAIN), TRUE);
  g_autofree char *path = g_build_filename (fixture->folder, "faces.gz", NULL);
  g_autoptr (NnDataset) dataset = load (path);
  g_assert_cmpuint (nn_dataset_info (dataset)->n_fields, ==, 1);
  check_split (dataset, 18, 2);
}

static void
test_colour (Fixture *fixture, gconstpointer data)
{
  GByteArray *images = g_byte_array_new ();
  put_u32 (images, 0x00000804);
  put_u32 (images, 4);
  put_u32 (images, 2);
  put_u32 (images, 1);
  put_u32 (images, 3);
  for (guint8 v = 0; v < 4 * 2 * 3; v++)
    g_byte_array_append (images, &v, 1);
  write_array (fixture->folder, "train-images-idx4-ubyte", images, FALSE);
  g_autoptr (NnDataset) dataset = load (fixture->folder);
  const NnShape shape = nn_shape (2, 1, 3);
  g_assert_true (nn_shape_equal (&nn_dataset_info (dataset)->fields[0].shape, &shape));
  const guint32 index = 1;
  float out[6];
  nn_dataset_read (dataset, NN_PART_TRAIN, 0, &index, 1, nn_kernels_best (), out);
  g_assert_cmpuint ((guint)(255 * out[0] + 0.5f) % 6, ==, 0);
  g_assert_cmpfloat_with_epsilon (out[5], out[0] + 5 / 255.0, 1e-6);
}

/* gzip allows several members in a row. */
static void
test_two_members (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) images = make_images (0, N_TRAIN);
  g_autoptr (GByteArray) head = g_byte_array_new ();
  g_autoptr (GByteArray) tail = g_byte_array_new ();
  g_byte_array_append (head, images->data, 50);
  g_byte_array_append (tail, images->data + 50, images->len - 50);
  g_autoptr (GByteArray) gz = gzip (head);
  g_autoptr (GByteArray) gz_tail = gzip (tail);
  g_byte_array_append (gz, gz_tail->data, gz_tail->len);
  write_file (fixture->folder, "train-images-idx3-ubyte.gz", gz->data, gz->len);
  g_autoptr (NnDataset) dataset = load (fixture->folder);
  check_split (dataset, 18, 2);
}

/* ---- bad files ---- */

/* Loading must fail, naming file and words; the message is whole sentences. */
static void
check_error (const char *path, const char *file, const char *const *words, const char *label)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDataset) dataset = nn_data_load (path, 0, NULL, &error);
  if (dataset)
    g_error ("%s: was loaded", label);
  if (error->domain != NN_ERROR && error->domain != G_FILE_ERROR)
    g_error ("%s: unexpected domain in “%s”", label, error->message);
  if (!strstr (error->message, file) || !g_str_has_suffix (error->message, "."))
    g_error ("%s: message “%s” should name %s and end as a sentence", label, error->message, file);
  for (guint i = 0; words && words[i]; i++)
    if (!strstr (error->message, words[i]))
      g_error ("%s: “%s” not in “%s”", label, words[i], error->message);

  g_autoptr (GError) peek_error = NULL;
  g_autoptr (NnDataInfo) info = nn_data_peek (path, &peek_error);
  g_assert_true (info || peek_error);
}

typedef struct
{
  const char *label;
  const char *file; /* which of the four is spoilt */
  gsize patch_at;   /* these bytes are overwritten */
  const char *patch;
  gsize patch_size;
  gsize cut;            /* 0: whole; else only so many bytes are left */
  const char *more;     /* put behind */
  gboolean packed;      /* the spoilt file is a .gz */
  gboolean gz_patch;    /* the same done to the packed file */
  gboolean alone;       /* without the three others */
  const char *words[5]; /* in the message, beside the file's name */
} Bad;

#define PATCH(at, bytes) .patch_at = at, .patch = bytes, .patch_size = sizeof bytes - 1
#define TRAIN_IMAGES "train-images-idx3-ubyte"
#define TRAIN_LABELS "train-labels-idx1-ubyte"
#define TEST_IMAGES "t10k-images-idx3-ubyte"
#define TEST_LABELS "t10k-labels-idx1-ubyte"

static const Bad bad[] = {
  { "no IDX file", TRAIN_IMAGES, PATCH (0, "\x89PNG"),
    .words = { "not an IDX file", "00 00 08 03", "89 50 4e 47" } },
  { "wrong magic, packed", TRAIN_IMAGES, PATCH (0, "\1"), .packed = TRUE,
    .words = { "not an IDX file", "01 00 08 03" } },
  { "unknown type", TRAIN_IMAGES, PATCH (2, "\7"), .words = { "not an IDX file", "00 00 07 03" } },
  { "no dimensions", TRAIN_IMAGES, PATCH (3, "\0"), .words = { "not an IDX file", "00 00 08 00" } },
  { "floating point", TRAIN_IMAGES, PATCH (2, "\x0d"),
    .words = { "32-bit floating point", "type 0d", "byte 2", "expected unsigned bytes" } },
  { "many dimensions", TRAIN_IMAGES, PATCH (3, "\5"), .words = { "5 dimensions", "byte 3" } },
  { "two dimensions", TRAIN_IMAGES, PATCH (3, "\2\0\0\0\4\0\0\0\x1f"),
    .words = { "does not hold images", "expected 3 or 4 dimensions, found 2" } },
  { "labels for images", TRAIN_IMAGES, PATCH (0, "\0\0\x08\1\0\0\0\x80"),
    .words = { "holds labels, not images", "found 1" } },
  { "images for labels", TRAIN_LABELS, PATCH (0, "\0\0\x08\3\0\0\0\1\0\0\0\1\0\0\0\x0c"),
    .words = { "does not hold labels", "expected 1 dimension, found 3" } },
  { "size 0", TRAIN_IMAGES, PATCH (8, "\0\0\0\0"),
    .words = { "size 0", "dimension 2", "at byte 8", "at least 1" } },
  { "one image too many promised", TRAIN_IMAGES, PATCH (4, "\0\0\0\x15"),
    .words = { "cut short", "21 × 3 × 2", "expected 142 bytes", "found 136" } },
  { "one image too few promised", TRAIN_IMAGES, PATCH (4, "\0\0\0\x13"),
    .words = { "too long", "19 × 3 × 2", "expected 130 bytes", "found 136" } },
  { "one image too many promised, packed", TRAIN_IMAGES, PATCH (4, "\0\0\0\x15"), .alone = TRUE,
    .packed = TRUE, .words = { "cut short", "21 × 3 × 2", "expected 126 values, found 120" } },
  { "one image too few promised, packed", TRAIN_IMAGES, PATCH (4, "\0\0\0\x13"), .alone = TRUE,
    .packed = TRUE, .words = { "too long", "19 × 3 × 2", "expected 114 values, found more" } },
  { "gigabytes promised", TRAIN_IMAGES, PATCH (4, "\0\xff\xff\xff\0\0\0\x1c\0\0\0\x1c"),
    .words = { "cut short", "16777215 × 28 × 28", "found 136" } },
  { "gigabytes promised, packed", TRAIN_IMAGES, PATCH (4, "\0\xff\xff\xff\0\0\0\x1c\0\0\0\x1c"),
    .packed = TRUE,
    .words = { "16777215 × 28 × 28", "13153336576 bytes", "can unpack to no more than" } },
  { "product beyond 64 bits", TRAIN_IMAGES,
    PATCH (4, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
    .words = { "promises more than", "dimension 2 at byte 8 is 4294967295" } },
  { "product beyond 64 bits, packed", TRAIN_IMAGES, PATCH (4, "\x80\0\0\0\x80\0\0\0\x80\0\0\0"),
    .packed = TRUE, .words = { "promises more than" } },
  { "count of labels", TRAIN_LABELS, PATCH (4, "\0\0\0\x13"), .cut = LABELS_SIZE - 1,
    .words = { "19 labels", "expected 20", TRAIN_IMAGES } },
  { "count of labels, packed", TEST_LABELS, PATCH (4, "\0\0\0\5"), .cut = 13, .packed = TRUE,
    .words = { "5 labels", "expected 6", TEST_IMAGES } },
  { "labels cut short", TEST_LABELS, .cut = 10,
    .words = { "cut short", "expected 14 bytes", "found 10" } },
  { "other size in the test part", TEST_IMAGES, PATCH (8, "\0\0\0\2\0\0\0\3"),
    .words = { "2 × 3 × 1", "expected 3 × 2 × 1", TRAIN_IMAGES } },
  { "more behind", TRAIN_IMAGES, .more = "x",
    .words = { "too long", "expected 136 bytes", "found 137" } },
  { "more behind, packed", TRAIN_LABELS, .more = "x", .packed = TRUE,
    .words = { "too long", "expected 20 values, found more" } },
  { "behind the gzip data", TRAIN_IMAGES, .more = "tail", .packed = TRUE, .gz_patch = TRUE,
    .words = { "damaged", "gzip data end at byte", "goes on to byte" } },
  { "behind the gzip data of labels", TRAIN_LABELS, .more = "x", .packed = TRUE, .gz_patch = TRUE,
    .words = { "damaged", "gzip data end at byte", "goes on to byte" } },
  { "gzip header", TRAIN_IMAGES, PATCH (2, "\xff"), .packed = TRUE, .gz_patch = TRUE,
    .words = { "damaged", "cannot be unpacked near byte" } },
  { "gzip data", TRAIN_IMAGES, PATCH (10, "\xff"), .packed = TRUE, .gz_patch = TRUE,
    .words = { "damaged", "cannot be unpacked near byte" } },
};

static void
spoil (const Bad *b, GByteArray *bytes)
{
  if (b->patch)
    memcpy (bytes->data + b->patch_at, b->patch, b->patch_size);
  if (b->cut)
    g_byte_array_set_size (bytes, (guint)b->cut);
  if (b->more)
    g_byte_array_append (bytes, (const guint8 *)b->more, (guint)strlen (b->more));
}

static void
test_bad (Fixture *fixture, gconstpointer data)
{
  const Bad *b = data;
  if (!b->alone)
    write_set (fixture->folder, FALSE);
  NnPart part = strstr (b->file, "t10k") ? NN_PART_TEST : NN_PART_TRAIN;
  g_autoptr (GByteArray) bytes =
      strstr (b->file, "images") ? make_images (part, n_of[part]) : make_labels (part, n_of[part]);
  if (!b->gz_patch)
    spoil (b, bytes);
  g_autofree char *name = g_strconcat (b->file, b->packed ? ".gz" : "", NULL);
  if (b->packed)
    {
      g_autofree char *plain = g_build_filename (fixture->folder, b->file, NULL);
      g_unlink (plain);
      GByteArray *gz = gzip (bytes);
      g_byte_array_unref (bytes);
      bytes = gz;
    }
  if (b->gz_patch)
    spoil (b, bytes);
  write_file (fixture->folder, name, bytes->data, bytes->len);
  check_error (fixture->folder, name, b->words, b->label);
}

/* Every file, plain and packed, ending at every byte. */
static void
test_cut_everywhere (Fixture *fixture, gconstpointer data)
{
  static const char *const words[] = { "cut short", NULL };
  for (guint packed = 0; packed < 2; packed++)
    for (guint i = 0; i < 2; i++)
      {
        write_set (fixture->folder, FALSE);
        const char *plain_name = i ? label_names[0] : image_names[0];
        g_autofree char *plain_path = g_build_filename (fixture->folder, plain_name, NULL);
        g_autofree char *name = g_strconcat (plain_name, packed ? ".gz" : "", NULL);
        g_autoptr (GByteArray) bytes = i ? make_labels (0, N_TRAIN) : make_images (0, N_TRAIN);
        if (packed)
          {
            g_unlink (plain_path);
            GByteArray *gz = gzip (bytes);
            g_byte_array_unref (bytes);
            bytes = gz;
          }
        for (gsize size = 0; size < bytes->len; size++)
          {
            g_autofree char *label = g_strdup_printf ("%s cut at byte %zu", name, size);
            write_file (fixture->folder, name, bytes->data, size);
            check_error (fixture->folder, name, words, label);
          }
        g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
        g_unlink (path);
      }
}

/* Whatever byte of a packed file is wrong, it is refused or the data are what they were (a byte of
 * the gzip header such as the time). */
static void
test_flip_everywhere (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) images = make_images (0, N_TRAIN);
  g_autoptr (GByteArray) gz = gzip (images);
  guint refused = 0;
  for (gsize at = 0; at < gz->len; at++)
    {
      gz->data[at] ^= 0x55;
      write_file (fixture->folder, "train-images-idx3-ubyte.gz", gz->data, gz->len);
      gz->data[at] ^= 0x55;
      g_autoptr (GError) error = NULL;
      g_autoptr (NnDataset) dataset = nn_data_load (fixture->folder, 0, NULL, &error);
      if (dataset)
        check_split (dataset, 18, 2);
      else
        {
          g_assert_nonnull (strstr (error->message, "train-images-idx3-ubyte.gz"));
          refused++;
        }
    }
  g_assert_cmpuint (refused, >, gz->len - 10);
}

/* A file that unpacks to 64 MB where its header promises 120 bytes is read no further than that. */
static void
test_bomb (Fixture *fixture, gconstpointer data)
{
  static const char *const words[] = { "too long", "expected 120 values, found more", NULL };
  g_autoptr (GByteArray) images = make_images (0, N_TRAIN);
  guint start = images->len;
  g_byte_array_set_size (images, 64 * 1024 * 1024);
  memset (images->data + start, 0, images->len - start);
  write_array (fixture->folder, image_names[0], g_steal_pointer (&images), TRUE);
  check_error (fixture->folder, "train-images-idx3-ubyte.gz", words, "bomb");
}

static void
test_bad_paths (Fixture *fixture, gconstpointer data)
{
  static const char *const nothing[] = { "digits", "expected a path or one of", NULL };
  static const char *const no_images[] = { "The folder", "IDX", NULL };
  static const char *const no_format[] = { "not a data set", "IDX images", NULL };
  static const char *const no_pair[] = { "labels", "t10k-images-idx3-ubyte", NULL };
  static const char *const device[] = { "expected a file, found a device", NULL };
  static const char *const one_image[] = { "has one image", "at least 2", NULL };

  check_error ("no-such-set", "no-such-set", nothing, "unknown name");
  check_error (fixture->folder, fixture->folder, no_images, "empty folder");

  write_file (fixture->folder, "notes.txt", (const guint8 *)"Dear diary", 10);
  g_autofree char *notes = g_build_filename (fixture->folder, "notes.txt", NULL);
  check_error (notes, "notes.txt", no_format, "text file");
  write_file (fixture->folder, "notes.txt", (const guint8 *)"", 0);
  check_error (notes, "notes.txt", no_format, "empty file");

  /* Something other than a file under a name that promises one. */
  g_autofree char *pipe = g_build_filename (fixture->folder, "x-images-idx3-ubyte", NULL);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  check_error (pipe, "x-images-idx3-ubyte", device, "pipe");

  write_set (fixture->folder, FALSE);
  g_autofree char *labels = g_build_filename (fixture->folder, label_names[1], NULL);
  g_unlink (labels);
  check_error (fixture->folder, image_names[0], no_pair, "labels for one part only");

  g_autofree char *test_images = g_build_filename (fixture->folder, image_names[1], NULL);
  g_unlink (test_images);
  write_array (fixture->folder, image_names[0], make_images (0, 1), FALSE);
  write_array (fixture->folder, label_names[0], make_labels (0, 1), FALSE);
  check_error (fixture->folder, image_names[0], one_image, "one image");
}

/* ---- installed sets ---- */

static const NnDataEntry *
find_entry (GPtrArray *entries, const char *name)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const NnDataEntry *entry = g_ptr_array_index (entries, i);
      if (g_str_equal (entry->name, name))
        return entry;
    }
  return NULL;
}

static void
test_installed (void)
{
  g_autofree char *datasets =
      g_build_filename (g_get_user_data_dir (), "diabolo", "datasets", NULL);
  g_autofree char *mini = g_build_filename (datasets, "mini", NULL);
  g_autofree char *fashion = g_build_filename (datasets, "fashion-mnist", NULL);
  g_autofree char *empty = g_build_filename (datasets, "empty", NULL);
  g_autofree char *digits = g_build_filename (datasets, "digits", NULL);
  const char *const folders[] = { mini, fashion, empty, digits };
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_assert_cmpint (g_mkdir_with_parents (folders[i], 0700), ==, 0);
      if (folders[i] != empty)
        write_set (folders[i], i % 2);
    }

  g_autoptr (GPtrArray) entries = nn_data_list ();
  g_assert_null (find_entry (entries, "empty"));
  g_assert_cmpstr (find_entry (entries, "mini")->path, ==, mini);
  g_assert_cmpstr (find_entry (entries, "mini")->source->id, ==, "idx");
  g_assert_cmpstr (find_entry (entries, "fashion-mnist")->title, ==, "Fashion-MNIST");
  g_assert_cmpstr (find_entry (entries, "fashion-mnist")->path, ==, fashion);
  g_assert_null (find_entry (entries, "digits")->path);
  g_assert_cmpstr (nn_data_default_name (), ==, "fashion-mnist");

  g_autoptr (NnDataset) dataset = load ("mini");
  check_whole (dataset);
  g_assert_cmpstr (nn_dataset_info (dataset)->name, ==, "mini");
  g_autoptr (NnDataInfo) peeked = nn_data_peek ("mini", NULL);
  g_assert_cmpstr (peeked->name, ==, "mini");
  g_assert_cmpstr (peeked->title, ==, "mini");

  /* Ten class names do not fit four classes. */
  g_autoptr (NnDataInfo) few = nn_data_peek ("fashion-mnist", NULL);
  g_assert_cmpstr (few->title, ==, "Fashion-MNIST");
  g_assert_null (few->fields[1].class_names);

  g_autoptr (GByteArray) labels = make_labels (0, N_TRAIN);
  labels->data[LABELS_SIZE - 1] = 9;
  g_autofree char *packed = g_build_filename (fashion, "train-labels-idx1-ubyte.gz", NULL);
  g_unlink (packed);
  write_file (fashion, TRAIN_LABELS, labels->data, labels->len);
  g_autoptr (NnDataInfo) ten = nn_data_peek ("fashion-mnist", NULL);
  g_assert_cmpuint (ten->fields[1].n_classes, ==, 10);
  g_assert_cmpstr (ten->fields[1].class_names[0], ==, "T-shirt/top");
  g_assert_cmpstr (ten->fields[1].class_names[9], ==, "Ankle boot");
}

/* ---- real sets ---- */

typedef struct
{
  GCancellable *cancellable;
  double stop_at, last;
} Watch;

static void
watch (double fraction, gpointer data)
{
  Watch *w = data;
  g_assert_cmpfloat (fraction, >=, w->last);
  w->last = fraction;
  if (fraction >= w->stop_at)
    g_cancellable_cancel (w->cancellable);
}

static void
test_mnist (void)
{
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "..", "..", "shared", "data", "mnist", NULL);
  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_test_skip ("MNIST is not in ../shared/data/mnist");
      return;
    }

  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Watch w = { .cancellable = cancellable, .stop_at = 2.0 };
  const NnLoadContext context = { .cancellable = cancellable,
                                  .progress = watch,
                                  .progress_data = &w };
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDataset) dataset = nn_data_load (path, 0, &context, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat_with_epsilon (w.last, 1.0, 1e-9);
  g_assert_cmpuint (nn_dataset_n_samples (dataset, NN_PART_TRAIN), ==, 60000);
  g_assert_cmpuint (nn_dataset_n_samples (dataset, NN_PART_TEST), ==, 10000);
  g_assert_cmpuint (nn_dataset_memory (dataset), ==, 70000 * 785);
  g_assert_cmpstr (nn_dataset_info (dataset)->title, ==, "MNIST");
  g_assert_cmpuint (nn_dataset_label (dataset, NN_PART_TRAIN, 1, 0), ==, 5);
  g_assert_cmpuint (nn_dataset_label (dataset, NN_PART_TEST, 1, 0), ==, 7);

  double sum = 0.0;
  for (guint32 i = 0; i < 60000; i++)
    {
      float out[784];
      nn_dataset_read (dataset, NN_PART_TRAIN, 0, &i, 1, nn_kernels_best (), out);
      for (guint j = 0; j < 784; j++)
        sum += out[j];
    }
  g_assert_cmpfloat_with_epsilon (sum / 60000 / 784, 0.1307, 0.0001);

  w = (Watch){ .cancellable = cancellable, .stop_at = 0.2 };
  g_assert_null (nn_data_load (path, 0, &context, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpfloat (w.last, <, 0.3);
}

int
main (int argc, char **argv)
{
  g_autofree char *data_home = g_dir_make_tmp ("diabolo-data-XXXXXX", NULL);
  g_setenv ("XDG_DATA_HOME", data_home, TRUE);
  g_test_init (&argc, &argv, NULL);
#define ADD(path, data, func)                                                                      \
  g_test_add (path, Fixture, data, fixture_set_up, func, fixture_tear_down)
  ADD ("/idx/folder/plain", GINT_TO_POINTER (FALSE), test_folder);
  ADD ("/idx/folder/gzip", GINT_TO_POINTER (TRUE), test_folder);
  ADD ("/idx/one-file/plain", GINT_TO_POINTER (FALSE), test_one_file);
  ADD ("/idx/one-file/gzip", GINT_TO_POINTER (TRUE), test_one_file);
  ADD ("/idx/mixed-names", NULL, test_mixed_names);
  ADD ("/idx/no-test-part", NULL, test_no_test_part);
  ADD ("/idx/no-labels", NULL, test_no_labels);
  ADD ("/idx/colour", NULL, test_colour);
  ADD ("/idx/two-members", NULL, test_two_members);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *path = g_strconcat ("/idx/bad/", bad[i].label, NULL);
      ADD (path, &bad[i], test_bad);
    }
  ADD ("/idx/bad/cut-everywhere", NULL, test_cut_everywhere);
  ADD ("/idx/bad/flip-everywhere", NULL, test_flip_everywhere);
  ADD ("/idx/bad/bomb", NULL, test_bomb);
  ADD ("/idx/bad/paths", NULL, test_bad_paths);
  g_test_add_func ("/idx/installed", test_installed);
  g_test_add_func ("/idx/mnist", test_mnist);
  int result = g_test_run ();
  nn_test_remove_folder (data_home);
  return result;
}
