/* Files of compressed images: what comes back is as near as the bits allow, and nothing that a file
 * says is believed before it is looked at. */
#include <math.h>
#include <string.h>

#include "base/nn-error.h"
#include "base/nn-rng.h"
#include "formats/nn-code-file.h"
#include "formats/nn-jpeg.h"

#define HEAD 16 /* bytes before the zlib stream */

static const NnCodeFileHead small_head = {
  .bits = 3, .n = 50, .size = 4, .shape = { 3, { 6, 5, 1 } }, .network = "0123456789abcde"
};

/* Value k of every code between -k and 1, the last one always 2. */
static float *
random_codes (gsize n, gsize size)
{
  NnRng rng;
  float *codes = g_new (float, n *size);
  nn_rng_init (&rng, 3, 1, 4, 1);
  for (gsize i = 0; i < n * size; i++)
    codes[i] = i % size == size - 1 ? 2 : 1 - nn_rng_uniform (&rng) * (float)(i % size + 1);
  return codes;
}

/* Codes become what the file holds. */
static GBytes *
write_file (const NnCodeFileHead *head, float *codes, float *least, float *greatest)
{
  const gsize group = nn_code_file_group (head);
  for (gsize k = 0; k < head->size; k++)
    least[k] = greatest[k] = codes[k];
  for (gsize i = 0; i < head->n * head->size; i++)
    {
      least[i % head->size] = MIN (least[i % head->size], codes[i]);
      greatest[i % head->size] = MAX (greatest[i % head->size], codes[i]);
    }
  g_autoptr (NnCodeWriter) writer = nn_code_writer_new (head, least, greatest);
  for (gsize first = 0; first < head->n; first += group)
    nn_code_writer_add (writer, codes + first * head->size, MIN (group, head->n - first));
  return nn_code_writer_end (writer, NULL);
}

static GBytes *
small_file (void)
{
  float least[4], greatest[4];
  g_autofree float *codes = random_codes (small_head.n, small_head.size);
  return write_file (&small_head, codes, least, greatest);
}

/* ---- there and back ---- */

static void
check_round_trip (guint bits, gsize n, gsize size)
{
  const NnCodeFileHead head = { .bits = bits, .n = n, .size = size, .shape = { 2, { 3, 7 } } };
  g_autoptr (GError) error = NULL;
  g_autofree float *codes = random_codes (n, size), *kept = g_memdup2 (codes, n * size * 4);
  g_autofree float *least = g_new (float, size), *greatest = g_new (float, size);
  g_autoptr (GBytes) bytes = write_file (&head, kept, least, greatest);
  g_autoptr (NnCodeReader) reader = nn_code_reader_new (bytes, "here", &error);
  g_assert_no_error (error);
  const NnCodeFileHead *read = nn_code_reader_head (reader);
  g_assert_cmpuint (read->bits, ==, bits);
  g_assert_cmpuint (read->n, ==, n);
  g_assert_cmpuint (read->size, ==, size);
  g_assert_true (nn_shape_equal (&read->shape, &head.shape));
  g_assert_cmpmem (read->network, sizeof read->network, head.network, sizeof head.network);

  const float *group;
  gsize done = 0, n_group;
  while (nn_code_reader_next (reader, &group, &n_group, &error) && n_group > 0)
    {
      for (gsize i = 0; i < n_group * size; i++)
        {
          const float step = (greatest[i % size] - least[i % size]) / (float)((1u << bits) - 1);
          const float original = codes[done * size + i];
          g_assert_cmpfloat (group[i], ==, kept[done * size + i]);
          g_assert_cmpfloat (fabsf (group[i] - original), <=, 0.501f * step + 1e-6f);
        }
      done += n_group;
    }
  g_assert_no_error (error);
  g_assert_cmpuint (done, ==, n);
}

static void
test_round_trip (void)
{
  for (guint bits = 1; bits <= NN_CODE_FILE_MAX_BITS; bits++)
    check_round_trip (bits, 100, 5);
  check_round_trip (6, 1, 1);
  /* Several groups, the last not full. */
  check_round_trip (5, 40000, 2);
  check_round_trip (8, 11, (1 << 20) / 4);
}

/* Values that are all alike cost next to nothing. */
static void
test_small (void)
{
  g_autofree float *codes = g_new0 (float, 10000 * 8);
  float least[8], greatest[8];
  const NnCodeFileHead head = { .bits = 8, .n = 10000, .size = 8, .shape = { 1, { 4 } } };
  g_autoptr (GBytes) same = write_file (&head, codes, least, greatest);
  g_assert_cmpuint (g_bytes_get_size (same), <, 300);
}

/* ---- files of strangers ---- */

/* Reads all of it. The first error. */
static GError *
read_file (GBytes *bytes)
{
  GError *error = NULL;
  const float *codes;
  gsize n;
  g_autoptr (NnCodeReader) reader = nn_code_reader_new (bytes, "strange.dbcode", &error);
  while (reader && nn_code_reader_next (reader, &codes, &n, &error) && n > 0)
    ;
  return error;
}

static void
assert_refused (GBytes *bytes, gint code, const char *words)
{
  g_autoptr (GError) error = read_file (bytes);
  g_assert_error (error, NN_ERROR, code);
  g_assert_nonnull (strstr (error->message, "strange.dbcode"));
  if (!strstr (error->message, words))
    g_error ("“%s” does not say “%s”", error->message, words);
}

static GBytes *
convert (GConverter *converter, const guint8 *data, gsize size)
{
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream = g_converter_output_stream_new (memory, converter);
  g_assert_true (g_output_stream_write_all (stream, data, size, NULL, NULL, NULL));
  g_assert_true (g_output_stream_close (stream, NULL, NULL));
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
}

/* The small file with what is in its stream changed: `size` bytes at `at`, and cut to `length` (0:
 * as it is). */
static GBytes *
altered (gsize at, gconstpointer data, gsize size, gsize length)
{
  g_autoptr (GBytes) file = small_file ();
  const guint8 *begin = g_bytes_get_data (file, NULL);
  g_autoptr (GConverter) unpack =
      G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB));
  g_autoptr (GConverter) pack =
      G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 1));
  g_autoptr (GBytes) content = convert (unpack, begin + HEAD, g_bytes_get_size (file) - HEAD);
  gsize n;
  const guint8 *bytes = g_bytes_get_data (content, &n);
  g_autofree guint8 *changed = g_malloc0 (n + 1);
  memcpy (changed, bytes, n);
  memcpy (changed + at, data, size);
  g_autoptr (GBytes) packed = convert (pack, changed, length > 0 ? length : n);
  GByteArray *all = g_byte_array_new ();
  g_byte_array_append (all, begin, HEAD);
  g_byte_array_append (all, g_bytes_get_data (packed, NULL), (guint)g_bytes_get_size (packed));
  return g_byte_array_free_to_bytes (all);
}

/* Where things are in the stream: bits, n, D, rank, three dimensions, fingerprint, ranges. */
enum
{
  AT_BITS = 0,
  AT_N = 4,
  AT_SIZE = 8,
  AT_RANK = 12,
  AT_SHAPE = 16,
  AT_LEAST = 44,
  AT_GREATEST = 60,
  AT_VALUES = 76,
  END = 76 + 50 * 4,
};

static void
test_lies (void)
{
  const float infinite = INFINITY, below = -1000;
  const guint8 large = 8; /* of three bits */
  const struct
  {
    gsize at;
    guint32 value;
    const char *words;
  } lies[] = {
    { AT_BITS, 0, "number of bits is 0" },
    { AT_BITS, 9, "number of bits is 9" },
    { AT_N, 0, "number of images is 0" },
    { AT_N, 4000000000, "number of images is 4000000000" },
    { AT_N, 51, "from image 1 of 51 on" },
    { AT_N, 49, "more in the file than its images" },
    { AT_N, 100000000, "from image 1 of 100000000 on" },
    { AT_SIZE, 0, "length of a code is 0" },
    { AT_SIZE, 4000000000, "length of a code is 4000000000" },
    { AT_SIZE, 1 << 20, "least" },
    { AT_RANK, 0, "rank of an image is 0" },
    { AT_RANK, 5, "rank of an image is 5" },
    { AT_SHAPE, 0, "a dimension of an image is 0" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      const guint32 word = GUINT32_TO_LE (lies[i].value);
      g_autoptr (GBytes) bytes = altered (lies[i].at, &word, sizeof word, 0);
      assert_refused (bytes, NN_ERROR_FORMAT, lies[i].words);
    }
  const guint32 wide[3] = { 0xffffffff, 0xffffffff, 0xffffffff };
  g_autoptr (GBytes) huge = altered (AT_SHAPE, wide, sizeof wide, 0);
  assert_refused (huge, NN_ERROR_FORMAT, "more values than any can have");
  g_autoptr (GBytes) endless = altered (AT_LEAST + 4, &infinite, sizeof infinite, 0);
  assert_refused (endless, NN_ERROR_FORMAT, "of value 2 is not a finite number");
  g_autoptr (GBytes) turned = altered (AT_GREATEST, &below, sizeof below, 0);
  assert_refused (turned, NN_ERROR_FORMAT, "value 1 ranges from");
  g_autoptr (GBytes) beyond = altered (AT_VALUES + 7, &large, 1, 0);
  assert_refused (beyond, NN_ERROR_FORMAT, "value 1 of image 8 is 8, more than 3 bits can say");
  g_autoptr (GBytes) more = altered (END, &large, 1, END + 1);
  assert_refused (more, NN_ERROR_FORMAT, "more in the file than its images");
}

static void
test_cut_and_damaged (void)
{
  g_autoptr (GBytes) file = small_file ();
  gsize size;
  const guint8 *data = g_bytes_get_data (file, &size);
  g_autoptr (GError) whole = read_file (file);
  g_assert_no_error (whole);
  for (gsize n = 0; n < size; n++)
    {
      g_autoptr (GBytes) cut = g_bytes_new (data, n);
      assert_refused (cut, NN_ERROR_FORMAT, "strange");
    }
  for (gsize at = 0; at < END; at += 3)
    {
      g_autoptr (GBytes) cut = altered (0, "\3", 1, MAX (at, 1));
      assert_refused (cut, NN_ERROR_FORMAT, "ends within");
    }
  /* Any flipped bit of the stream is noticed by its checksum, or before; the last byte before that
   * checksum is filled up with bits that mean nothing. */
  for (gsize i = HEAD; i < size; i++)
    {
      if (i == size - 5)
        continue;
      g_autofree guint8 *copy = g_memdup2 (data, size);
      copy[i] ^= (guint8)(1u << i % 8);
      g_autoptr (GBytes) damaged = g_bytes_new_take (g_steal_pointer (&copy), size);
      assert_refused (damaged, NN_ERROR_FORMAT, "strange");
    }
  g_autofree guint8 *newer = g_memdup2 (data, size);
  newer[6] = 3;
  g_autoptr (GBytes) later = g_bytes_new_take (g_steal_pointer (&newer), size);
  assert_refused (later, NN_ERROR_VERSION, "version 3");
}

/* What was lost is said, or it is not; files of the first version do not say it. */
static void
test_error (void)
{
  const NnImageError lost = { .mse = 0.25, .psnr = 6.5 };
  const NnCodeFileHead head = { .bits = 8, .n = 1, .size = 1, .shape = { 1, { 1 } } };
  float code = 1;
  g_autoptr (GError) error = NULL;
  g_autoptr (NnCodeWriter) writer = nn_code_writer_new (&head, &code, &code);
  nn_code_writer_add (writer, &code, 1);
  g_autoptr (GBytes) told = nn_code_writer_end (writer, &lost);
  g_autoptr (NnCodeReader) reader = nn_code_reader_new (told, "here", &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (nn_code_reader_error (reader)->mse, ==, 0.25);
  g_assert_cmpfloat (nn_code_reader_error (reader)->psnr, ==, 6.5);

  g_autoptr (GBytes) silent = small_file ();
  g_autoptr (NnCodeReader) unknown = nn_code_reader_new (silent, "here", &error);
  g_assert_no_error (error);
  g_assert_null (nn_code_reader_error (unknown));

  gsize size;
  const guint8 *data = g_bytes_get_data (silent, &size);
  GByteArray *first = g_byte_array_new ();
  g_byte_array_append (first, (const guint8 *)"DBCODE\1", 8);
  g_byte_array_append (first, data + HEAD, (guint)(size - HEAD));
  g_autoptr (GBytes) old = g_byte_array_free_to_bytes (first);
  g_autoptr (GError) none = read_file (old);
  g_assert_no_error (none);

  g_autofree guint8 *half = g_memdup2 (data, size);
  memset (half + 8, 0, 4); /* no squares, and no PSNR */
  g_autoptr (GBytes) lie = g_bytes_new_take (g_steal_pointer (&half), size);
  assert_refused (lie, NN_ERROR_FORMAT, "is none");
}

/* ---- JPEG beside it ---- */

static void
test_jpeg (void)
{
  enum
  {
    SIDE = 32,
    N = 4
  };
  for (guint channels = 1; channels <= 3; channels += 2)
    {
      g_autofree guint8 *pixels = g_new (guint8, N * SIDE * SIDE * channels);
      const NnJpegPictures pictures = { N, SIDE, SIDE, channels, pixels };
      g_autoptr (GError) error = NULL;
      NnJpegResult best, least, middle, files;
      for (guint i = 0; i < N * SIDE * SIDE * channels; i++)
        pixels[i] = (guint8)(128
                             + 60 * sin (i / channels % SIDE / 3.0)
                                   * cos (i / channels / SIDE / (4.0 + i % channels)));
      g_assert_true (nn_jpeg_match (&pictures, NN_JPEG_SCANS, 1e9, NULL, &best, &error));
      g_assert_true (nn_jpeg_match (&pictures, NN_JPEG_SCANS, 1, NULL, &least, &error));
      g_assert_cmpuint (best.quality, ==, 100);
      g_assert_cmpfloat (best.error.psnr, >, channels == 1 ? 45 : 30);
      g_assert_true (best.smaller);
      g_assert_cmpuint (least.quality, ==, 0);
      g_assert_false (least.smaller);
      g_assert_cmpfloat (least.error.mse, >, best.error.mse);

      /* As large as allowed, and no larger. */
      const double bytes = (best.bytes + least.bytes) / 2;
      g_assert_true (nn_jpeg_match (&pictures, NN_JPEG_SCANS, bytes, NULL, &middle, &error));
      g_assert_cmpfloat (middle.bytes, <=, bytes);
      g_assert_cmpuint (middle.quality, >, 0);
      g_assert_cmpuint (middle.quality, <, 100);
      g_assert_true (nn_jpeg_match (&pictures, NN_JPEG_FILES, 1, NULL, &files, &error));
      g_assert_cmpfloat (files.bytes, >, least.bytes + 500);
      g_assert_no_error (error);
    }
}

/* Uniform grey: what is left are two bits for each block's mean and four for its end, of 16 blocks
 * (T.81, K.3: luminance), after the first block's own. */
static void
test_jpeg_of_nothing (void)
{
  enum
  {
    SIDE = 32
  };
  guint8 pixels[SIDE * SIDE];
  const NnJpegPictures pictures = { 1, SIDE, SIDE, 1, pixels };
  g_autoptr (GError) error = NULL;
  NnJpegResult result;
  memset (pixels, 128, sizeof pixels);
  g_assert_true (nn_jpeg_match (&pictures, NN_JPEG_SCANS, 1, NULL, &result, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (result.bytes, ==, 16 * 6 / 8);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/code-file/round-trip", test_round_trip);
  g_test_add_func ("/code-file/small", test_small);
  g_test_add_func ("/code-file/lies", test_lies);
  g_test_add_func ("/code-file/cut-and-damaged", test_cut_and_damaged);
  g_test_add_func ("/code-file/error", test_error);
  g_test_add_func ("/code-file/jpeg", test_jpeg);
  g_test_add_func ("/code-file/jpeg-of-nothing", test_jpeg_of_nothing);
  return g_test_run ();
}
