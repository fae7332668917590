#include <gdk-pixbuf/gdk-pixbuf.h>

#include "data-fixture.h"
#include "data/nn-image-file.h"

/* A picture of one colour, left half; the right half is black. */
static void
write_picture (Fixture *fixture, const char *name, int width, int height, const guint8 rgb[3])
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_autoptr (GdkPixbuf) picture = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, width, height);
  guint8 *pixels = gdk_pixbuf_get_pixels (picture);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      for (int c = 0; c < 3; c++)
        pixels[y * gdk_pixbuf_get_rowstride (picture) + 3 * x + c] = x < width / 2 ? rgb[c] : 0;
  g_assert_true (gdk_pixbuf_save (picture, path, "png", NULL, NULL));
}

static const guint8 red[] = { 255, 0, 0 }, blue[] = { 0, 0, 255 }, white[] = { 255, 255, 255 };

static void
write_many (Fixture *fixture, const char *folder, guint n, int width, int height,
            const guint8 rgb[3])
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s/%03u.png", folder, i);
      write_picture (fixture, name, width, height, rgb);
    }
}

static void
test_classes (Fixture *fixture, gconstpointer data)
{
  write_many (fixture, "red", 20, 12, 10, red);
  write_many (fixture, "blue", 30, 24, 20, blue);
  g_autofree char *other = fixture_write_text (fixture, "red/notes.txt", "no picture");
  g_autoptr (NnDataset) dataset = fixture_load (fixture, fixture->folder, "");
  const NnDataInfo *info = nn_dataset_info (dataset);
  g_assert_cmpuint (info->n_samples[NN_PART_TRAIN], ==, 45);
  g_assert_cmpuint (info->n_samples[NN_PART_TEST], ==, 5);
  g_assert_true (nn_shape_equal (&info->fields[0].shape, &nn_shape (20, 24, 3)));
  g_assert_cmpstr (info->fields[1].class_names[0], ==, "blue");
  g_assert_cmpstr (info->fields[1].class_names[1], ==, "red");
  guint n_red = 0;
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    for (guint32 i = 0; i < info->n_samples[part]; i++)
      {
        const guint class = nn_dataset_label (dataset, part, 1, i);
        n_red += class == 1;
        g_assert_cmpfloat (fixture_value (dataset, part, 0, i, 0), ==, class == 1);
        g_assert_cmpfloat (fixture_value (dataset, part, 0, i, 2), ==, class == 0);
        g_assert_cmpfloat (fixture_value (dataset, part, 0, i, 23 * 3), ==, 0);
      }
  g_assert_cmpuint (n_red, ==, 20);

  g_autoptr (NnDataset) small =
      fixture_load (fixture, fixture->folder, "width=5 height=4 colour=grey");
  g_assert_true (nn_shape_equal (&nn_dataset_info (small)->fields[0].shape, &nn_shape (4, 5, 1)));
  g_assert_cmpfloat_with_epsilon (fixture_value (small, NN_PART_TRAIN, 0, 0, 0), 0.114, 0.003);
}

static void
test_parts (Fixture *fixture, gconstpointer data)
{
  write_many (fixture, "train/a", 7, 8, 8, white);
  write_many (fixture, "train/b", 5, 8, 8, white);
  write_many (fixture, "val/a", 3, 8, 8, white);
  write_many (fixture, "val/b", 2, 8, 8, white);
  g_autoptr (NnDataset) dataset = fixture_load (fixture, fixture->folder, "");
  const NnDataInfo *info = nn_dataset_info (dataset);
  g_assert_cmpuint (info->n_samples[NN_PART_TRAIN], ==, 12);
  g_assert_cmpuint (info->n_samples[NN_PART_TEST], ==, 5);
  g_assert_cmpint (info->fields[0].shape.dim[2], ==, 1);
  g_assert_cmpuint (info->fields[1].n_classes, ==, 2);
}

/* A wide picture, its left half white: what is kept of it. */
static void
test_fit (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *fit;
    const char *rows[4]; /* W white, . black, of 4 x 4 */
  } fits[] = {
    { "crop", { "WW..", "WW..", "WW..", "WW.." } },
    { "stretch", { "WW..", "WW..", "WW..", "WW.." } },
    { "pad", { "....", "WW..", "WW..", "...." } },
  };
  write_many (fixture, ".", 4, 64, 32, white);
  for (guint i = 0; i < G_N_ELEMENTS (fits); i++)
    {
      g_autofree char *options = g_strdup_printf ("width=4 height=4 fit=%s", fits[i].fit);
      g_autoptr (NnDataset) dataset = fixture_load (fixture, fixture->folder, options);
      g_assert_cmpuint (nn_dataset_info (dataset)->n_fields, ==, 1);
      for (guint y = 0; y < 4; y++)
        for (guint x = 0; x < 4; x++)
          g_assert_cmpfloat_with_epsilon (fixture_value (dataset, NN_PART_TRAIN, 0, 0, 4 * y + x),
                                          fits[i].rows[y][x] == 'W' ? 1 : 0, 0.02);
    }
}

/* One broken picture of many: named, or skipped and counted. */
static void
test_broken (Fixture *fixture, gconstpointer data)
{
  write_many (fixture, "a", 20, 8, 8, white);
  write_many (fixture, "b", 20, 8, 8, white);
  g_autofree char *whole = g_build_filename (fixture->folder, "a", "011.png", NULL);
  g_autofree char *bytes = NULL;
  gsize size;
  g_assert_true (g_file_get_contents (whole, &bytes, &size, NULL));
  g_assert_true (g_file_set_contents (whole, bytes, (gssize)size / 2, NULL));
  g_autofree char *text = fixture_write_text (fixture, "b/004.jpg", "no picture at all");
  refused (fixture, fixture->folder, "", "picture", "a/011.png");
  g_autoptr (NnDataset) dataset = fixture_load (fixture, fixture->folder, "unusable=skip");
  g_assert_cmpuint (nn_dataset_n_samples (dataset, 0) + nn_dataset_n_samples (dataset, 1), ==, 39);
  g_assert_cmpuint (fixture->notes->len, ==, 1);
  g_assert_nonnull (strstr (fixture->notes->pdata[0], "2 pictures"));
  g_assert_nonnull (strstr (fixture->notes->pdata[0], "a/011.png"));
  g_assert_nonnull (strstr (fixture->notes->pdata[0], "b/004.jpg"));
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    for (guint32 i = 0; i < nn_dataset_n_samples (dataset, part); i++)
      g_assert_cmpfloat (fixture_value (dataset, part, 0, i, 0), ==, 1);
}

/* A JPEG file cut short, which the library fills up without a word. */
static void
test_cut_jpeg (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GdkPixbuf) picture = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 64, 64);
  gdk_pixbuf_fill (picture, 0x3090f0ff);
  g_autofree char *bytes = NULL;
  gsize size;
  g_assert_true (gdk_pixbuf_save_to_buffer (picture, &bytes, &size, "jpeg", NULL, NULL));
  guint8 out[64 * 64];
  for (gsize cut = 0; cut < 12; cut++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *path = fixture_write (fixture, "cut.jpg", bytes, size - cut);
      const gboolean read = nn_image_file_read (path, 64, 64, 1, NN_IMAGE_CROP, out, &error);
      g_assert_true (read == (cut == 0));
      g_assert_true (read || strstr (error->message, "cut.jpg") != NULL);
    }
}

/* 20,000 x 20,000 by its header: refused before anything is unpacked. */
static void
test_huge (Fixture *fixture, gconstpointer data)
{
  static const guint8 header[] = {
    0x89, 'P',  'N',  'G', 13, 10, 26, 10,  0,   0,   0,   13,   'I',  'H', 'D',
    'R',  0,    0,    78,  32, 0,  0,  78,  32,  8,   0,   0,    0,    0,   0xc6,
    0x1b, 0x19, 0xe5, 0,   0,  1,  0,  'I', 'D', 'A', 'T', 0x78, 0x9c,
  };
  write_many (fixture, ".", 3, 8, 8, white);
  g_autofree char *path = fixture_write (fixture, "000.png", header, sizeof header);
  guint width, height;
  g_autoptr (GError) error = NULL;
  g_assert_false (nn_image_file_size (path, &width, &height, &error));
  g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "20000 × 20000"));
  refused (fixture, fixture->folder, "", "000.png", "20000 × 20000");
  g_autoptr (NnDataset) dataset = fixture_load (fixture, fixture->folder, "unusable=skip");
  g_assert_cmpuint (nn_dataset_n_samples (dataset, 0) + nn_dataset_n_samples (dataset, 1), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func)                                                                            \
  g_test_add ("/image-folder/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)
  ADD ("classes", test_classes);
  ADD ("parts", test_parts);
  ADD ("fit", test_fit);
  ADD ("broken", test_broken);
  ADD ("cut-jpeg", test_cut_jpeg);
  ADD ("huge", test_huge);
  return g_test_run ();
}
