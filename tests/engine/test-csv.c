#include <math.h>

#include "data-fixture.h"
#include "data/nn-csv-scan.h"

/* 40 rows: in row, A stands for a number, B for ten times it, C for one of two classes. */
static char *
rows (const char *head, const char *row)
{
  GString *text = g_string_new (head);
  for (int i = 0; i < 40; i++)
    for (const char *c = row; *c; c++)
      if (*c == 'A')
        g_string_append_printf (text, "%d", i);
      else if (*c == 'B')
        g_string_append_printf (text, "%d", 10 * i);
      else if (*c == 'C')
        g_string_append (text, i % 4 == 0 ? "odd one" : "usual");
      else
        g_string_append_c (text, *c);
  return g_string_free (text, FALSE);
}

static void
check_rows (const NnDataset *dataset)
{
  const NnDataInfo *info = nn_dataset_info (dataset);
  g_assert_cmpuint (info->n_samples[NN_PART_TRAIN], ==, 36);
  g_assert_cmpuint (info->n_samples[NN_PART_TEST], ==, 4);
  g_assert_cmpuint (info->n_fields, ==, 2);
  g_assert_cmpstr (info->fields[0].name, ==, "features");
  g_assert_cmpint (info->fields[0].shape.dim[0], ==, 2);
  g_assert_cmpuint (info->fields[1].n_classes, ==, 2);
  g_assert_cmpstr (info->fields[1].class_names[0], ==, "odd one");
  g_assert_cmpstr (info->fields[1].class_names[1], ==, "usual");
  gboolean seen[40] = { FALSE };
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    for (guint32 i = 0; i < info->n_samples[part]; i++)
      {
        const float a = fixture_value (dataset, part, 0, i, 0);
        g_assert_cmpfloat (fixture_value (dataset, part, 0, i, 1), ==, 10 * a);
        g_assert_cmpuint (nn_dataset_label (dataset, part, 1, i), ==, (int)a % 4 != 0);
        g_assert_false (seen[(int)a]);
        seen[(int)a] = TRUE;
      }
}

/* The same table, however it is written. */
static void
test_dialects (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *name, *head, *row;
  } dialects[] = {
    { "comma.csv", "a,b,class\n", "A,B,C\n" },
    { "bom.csv",
      "\xef\xbb\xbf"
      "a,b,class\n",
      "A,B,C\n" },
    { "windows.csv", "a;b;class\r\n", "A;B;C\r\n" },
    { "mac.csv", "a,b,class\r", "A,B,C\r" },
    { "tab.tsv", "a\tb\tclass\n", "A\tB\tC\n" },
    { "bar.txt", "a|b|class\n", "A | B | C\n" },
    { "spaces.dat", "a  b class\n", " A   B \"C\"  \n" },
    { "quoted.csv", "\"a\",\"b\",\"class\"\n", "\"A\",\"B\",\"C\"\n" },
    { "decimal.csv", "a;b;class\n", "A,0;B,00;C\n" },
    { "exponent.csv", "a,b,class\n", "Ae0,+B.,C\n" },
    { "nameless.csv", "", "A,B,C\n" },
    { "blank.csv", "a,b,class\n\n", "A,B,C\n\n" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (dialects); i++)
    {
      g_autofree char *text = rows (dialects[i].head, dialects[i].row);
      g_autofree char *path = fixture_write_text (fixture, dialects[i].name, text);
      g_test_message ("%s", dialects[i].name);
      g_autoptr (NnDataset) dataset = fixture_load (fixture, path, "");
      check_rows (dataset);
      g_assert_cmpuint (fixture->notes->len, ==, 0);
    }
  g_autofree char *text = rows ("a,b,class\n", "A,B,C\n");
  text[strlen (text) - 1] = '\0';
  g_autofree char *path = fixture_write_text (fixture, "endless.csv", text);
  g_autoptr (NnDataset) dataset = fixture_load (fixture, path, "separator=comma header=yes");
  check_rows (dataset);
}

static void
test_quotes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new ("\"size, in \"\"inch\"\"\",\"two\nlines\",kind\n");
  for (int i = 0; i < 20; i++)
    g_string_append_printf (text, "%d,%d,\"a 5\"\" %s\"\n", i, -i, i % 2 ? "disk,\nold" : "disk");
  g_string_append (text, "20,-20,3.5\" disk\n21,-21,3.5\" disk\n");
  g_autofree char *path = fixture_write_text (fixture, "quotes.csv", text->str);
  g_autoptr (NnDataset) dataset = fixture_load (fixture, path, "label=kind");
  const NnDataInfo *info = nn_dataset_info (dataset);
  g_assert_cmpuint (info->n_samples[NN_PART_TRAIN] + info->n_samples[NN_PART_TEST], ==, 22);
  g_assert_cmpuint (info->fields[1].n_classes, ==, 3);
  g_assert_cmpstr (info->fields[1].class_names[0], ==, "3.5\" disk");
  g_assert_cmpstr (info->fields[1].class_names[1], ==, "a 5\" disk");
  g_assert_cmpstr (info->fields[1].class_names[2], ==, "a 5\" disk,\nold");

  g_autoptr (NnParams) plain = fixture_data (path, "label=kind");
  g_autoptr (NnParams) listed =
      nn_params_with_text (plain, "features", "\"size, in \"\"inch\"\"\"", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDataset) one = nn_data_load_with (listed, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (nn_dataset_info (one)->fields[0].shape.dim[0], ==, 1);

  g_autofree char *open = fixture_write_text (fixture, "open.csv", "a,b\n1,2\n3,\"4\n5,6\n");
  refused (fixture, open, "", "open.csv", "row 3");
}

static void
test_encodings (Fixture *fixture, gconstpointer data)
{
  g_autofree char *latin = rows ("Gr\xf6\xdf"
                                 "e;b;Art\n",
                                 "A;B;C \xfc\n");
  g_autofree char *path = fixture_write_text (fixture, "latin.csv", latin);
  g_autoptr (NnDataset) dataset = fixture_load (fixture, path, "label=Art features=Größe");
  g_assert_cmpstr (nn_dataset_info (dataset)->fields[1].class_names[1], ==, "usual ü");
  g_assert_cmpuint (fixture->notes->len, ==, 1);
  g_assert_nonnull (strstr (fixture->notes->pdata[0], "Row 1 "));
  refused (fixture, path, "encoding=utf-8", "latin.csv", "row 1", "UTF-8");
  g_autofree char *told = fixture_write_text (fixture, "told.csv", latin);
  g_autoptr (NnDataset) asked = fixture_load (fixture, told, "label=Art encoding=latin-1");
  g_assert_cmpuint (fixture->notes->len, ==, 0);

  /* One row of a hundred, far from the columns' names. */
  g_autoptr (GString) mixed = g_string_new ("a,b,class\n");
  for (int i = 0; i < 100; i++)
    g_string_append_printf (mixed, "%d,%d,%s\n", i, i * 2, i == 40 ? "f\xfcr" : "f\xc3\xbcr");
  g_autofree char *one = fixture_write_text (fixture, "mixed.csv", mixed->str);
  g_autoptr (NnDataset) taken = fixture_load (fixture, one, "");
  g_assert_cmpuint (nn_dataset_info (taken)->fields[1].n_classes, ==, 2);
  g_assert_nonnull (strstr (fixture->notes->pdata[0], "Row 42 "));
  refused (fixture, one, "encoding=utf-8", "mixed.csv", "row 42");

  const char wide[] = "\xff\xfe"
                      "a\0,\0b\0\n\0"
                      "1\0,\0"
                      "2\0\n";
  g_autofree char *utf16 = fixture_write (fixture, "wide.csv", wide, sizeof wide);
  refused (fixture, utf16, "", "wide.csv", "UTF-16");
  g_autofree char *bare = fixture_write (fixture, "bare.csv", wide + 2, sizeof wide - 2);
  refused (fixture, bare, "", "bare.csv", "UTF-16");
  const char binary[] = "\x7f"
                        "ELF\1\2\3,\n\0\0\0\0\0\0,1\n2,3\n";
  g_autofree char *other = fixture_write (fixture, "binary.csv", binary, sizeof binary);
  refused (fixture, other, "", "binary.csv", "no text");
}

/* Row 12 is short, row 22 has a word for a number, row 32 lacks a number, row 37 the label. */
static char *
write_bad (Fixture *fixture)
{
  g_autoptr (GString) text = g_string_new ("a,b,class\n");
  for (int row = 2; row <= 41; row++)
    if (row == 12)
      g_string_append (text, "1,x\n");
    else if (row == 22)
      g_string_append (text, "1,word,y\n");
    else if (row == 32)
      g_string_append (text, "1,NA,y\n");
    else if (row == 37)
      g_string_append (text, "1,2,\n");
    else
      g_string_append_printf (text, "%d,%d,%s\n", row, row, row % 2 ? "x" : "y");
  return fixture_write_text (fixture, "bad.csv", text->str);
}

static void
test_bad_rows (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = write_bad (fixture);
  refused (fixture, path, "", "bad.csv", "row 12", "2 values", "3 were expected");
  g_autoptr (NnDataset) dataset = fixture_load (fixture, path, "unusable=skip");
  const NnDataInfo *info = nn_dataset_info (dataset);
  g_assert_cmpuint (info->n_samples[NN_PART_TRAIN] + info->n_samples[NN_PART_TEST], ==, 37);
  g_assert_cmpuint (fixture->notes->len, ==, 4);
  const char *const places[] = { "row 12", "row 22", "row 37", "row 32" };
  for (guint i = 0; i < 4; i++)
    g_assert_nonnull (strstr (fixture->notes->pdata[i], places[i]));
  for (guint32 i = 0; i < info->n_samples[NN_PART_TRAIN]; i++)
    g_assert_true (isfinite (fixture_value (dataset, NN_PART_TRAIN, 0, i, 1)));

  g_autoptr (NnDataset) fewer = fixture_load (fixture, path, "unusable=skip missing=skip");
  g_assert_cmpuint (nn_dataset_n_samples (fewer, 0) + nn_dataset_n_samples (fewer, 1), ==, 36);
  refused (fixture, path, "unusable=skip missing=refuse", "row 32", "“b”");
}

/* Of many bad rows the first is described, the next few are named, and one line is enough. */
static void
test_many_bad_rows (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new ("a,b,class\n");
  for (int row = 2; row <= 60; row++)
    g_string_append (text, row % 4 == 0 ? "1,2,3,4\n" : row % 2 ? "1,2,x\n" : "1,2,y\n");
  g_autofree char *path = fixture_write_text (fixture, "many-bad.csv", text->str);
  g_autoptr (NnDataset) dataset = fixture_load (fixture, path, "unusable=skip");
  g_assert_cmpuint (fixture->notes->len, ==, 1);
  g_assert_nonnull (strstr (fixture->notes->pdata[0], "15 rows"));
  g_assert_nonnull (strstr (fixture->notes->pdata[0], "row 4:"));
  g_assert_nonnull (strstr (fixture->notes->pdata[0], "rows 8, 12, 16, 20, 24, 28, 32, 36, 40 …"));

  g_autofree char *one = fixture_write_text (fixture, "one.csv", "a,b\n1,2\n");
  refused (fixture, one, "", "one.csv", "1 row that", "at least 2");
  GError *error = NULL;
  g_assert_null (fixture_try (fixture, path, "", &error));
  const NnDataMend *mends = nn_data_mends (error);
  g_assert_cmpstr (mends[0].option, ==, "unusable");
  g_assert_cmpstr (mends[0].value, ==, "skip");
  g_assert_null (mends[1].option);
  g_clear_error (&error);
  g_assert_null (fixture_try (fixture, one, "", &error));
  g_assert_null (nn_data_mends (error)->option);
  g_clear_error (&error);
}

/* What is missing becomes the mean of the training part, before scaling. */
static void
test_scaling (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new ("a,big,same,class\n");
  for (int i = 0; i < 50; i++)
    g_string_append_printf (text, "%s%d,%d,7,%d\n", i == 3 ? "" : "1", i, 1000000 + 1000 * i,
                            i % 2);
  g_string_append (text, ",1000000,7,0\n");
  g_autofree char *path = fixture_write_text (fixture, "scale.csv", text->str);
  static const char *const kinds[] = { "scaling=standardise", "scaling=range" };
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    {
      g_autoptr (NnDataset) dataset = fixture_load (fixture, path, kinds[k]);
      const gsize n = nn_dataset_n_samples (dataset, NN_PART_TRAIN);
      for (gsize f = 0; f < 3; f++)
        {
          double sum = 0, squares = 0, min = INFINITY, max = -INFINITY;
          for (guint32 i = 0; i < n; i++)
            {
              const double x = fixture_value (dataset, NN_PART_TRAIN, 0, i, f);
              sum += x;
              squares += x * x;
              min = MIN (min, x);
              max = MAX (max, x);
            }
          if (f == 2)
            g_assert_cmpfloat (MAX (fabs (min), fabs (max)), ==, 0);
          else if (k == 1)
            {
              g_assert_cmpfloat_with_epsilon (min, 0, 1e-5);
              g_assert_cmpfloat_with_epsilon (max, 1, 1e-5);
            }
          else
            {
              g_assert_cmpfloat_with_epsilon (sum / (double)n, 0, 1e-4);
              /* The filled value of column a is not counted in its deviation. */
              g_assert_cmpfloat_with_epsilon (squares / (double)n, 1, f == 0 ? 0.03 : 1e-4);
            }
        }
    }
}

static void
test_roles (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new ("id,a,b,price\n");
  for (int i = 0; i < 300; i++)
    g_string_append_printf (text, "%d,%d,%d,%.2f\n", i, i % 7, i % 3, i * 0.37);
  g_autofree char *path = fixture_write_text (fixture, "roles.csv", text->str);
  g_autoptr (NnDataset) usual = fixture_load (fixture, path, "");
  g_assert_cmpuint (nn_dataset_info (usual)->n_fields, ==, 1);
  g_assert_cmpint (nn_dataset_info (usual)->fields[0].shape.dim[0], ==, 4);

  g_autoptr (NnDataset) chosen = fixture_load (fixture, path, "label=price features=b,a");
  const NnField *fields = nn_dataset_info (chosen)->fields;
  g_assert_cmpint (fields[0].shape.dim[0], ==, 2);
  g_assert_cmpstr (fields[1].name, ==, "target");
  g_assert_cmpint (fields[1].kind, ==, NN_FIELD_FEATURES);
  for (guint32 i = 0; i < 10; i++)
    {
      const float price = fixture_value (chosen, NN_PART_TRAIN, 1, i, 0);
      const int row = (int)lroundf (price / 0.37f);
      g_assert_cmpfloat (fixture_value (chosen, NN_PART_TRAIN, 0, i, 0), ==, row % 7);
      g_assert_cmpfloat (fixture_value (chosen, NN_PART_TRAIN, 0, i, 1), ==, row % 3);
    }
  g_autoptr (NnDataset) classes = fixture_load (fixture, path, "label=a");
  g_assert_cmpuint (nn_dataset_info (classes)->fields[1].n_classes, ==, 7);
  refused (fixture, path, "label=prise", "prise", "id, a, b, price");
  refused (fixture, path, "label=a features=a", "“a”", "label");
  refused (fixture, path, "features=c", "“c”");
}

/* A class before 64 pixels, as MNIST is often found: bytes, and an image. */
static void
test_pixels (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (int i = 0; i < 30; i++)
    {
      g_string_append_printf (text, "%d", i % 3);
      for (int k = 0; k < 64; k++)
        g_string_append_printf (text, ",%d", (i * 64 + k) % 256);
      g_string_append_c (text, '\n');
    }
  g_autofree char *path = fixture_write_text (fixture, "pixels.csv", text->str);
  g_autoptr (NnDataset) dataset = fixture_load (fixture, path, "");
  const NnField *field = &nn_dataset_info (dataset)->fields[0];
  g_assert_cmpint (field->kind, ==, NN_FIELD_IMAGE);
  g_assert_true (nn_shape_equal (&field->shape, &nn_shape (8, 8, 1)));
  g_assert_cmpuint (nn_dataset_memory (dataset), ==, 30 * 64 + 30 * 4);
  const int first = (int)lroundf (255 * fixture_value (dataset, NN_PART_TRAIN, 0, 5, 0));
  g_assert_cmpfloat_with_epsilon (fixture_value (dataset, NN_PART_TRAIN, 0, 5, 9),
                                  ((first + 9) % 256) / 255.0f, 1e-6);
  g_autoptr (NnDataset) plain = fixture_load (fixture, path, "image-shape=none");
  g_assert_cmpint (nn_dataset_info (plain)->fields[0].kind, ==, NN_FIELD_FEATURES);
  g_autoptr (NnDataset) wide = fixture_load (fixture, path, "image-shape=4x16");
  g_assert_true (nn_shape_equal (&nn_dataset_info (wide)->fields[0].shape, &nn_shape (4, 16, 1)));
  refused (fixture, path, "image-shape=9x9", "9x9", "64 features");
}

static void
test_hopeless (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *name, *text, *word;
  } files[] = {
    { "empty.csv", "", "empty" },
    { "head.csv", "a,b\n", "no column of numbers" },
    { "one.csv", "a,b\n1,2\n", "at least 2" },
    { "words.csv", "a,b\nx,y\nz,w\n", "no column of numbers" },
    { "same.csv", "a,class\n1,x\n2,x\n3,x\n", "same in every row" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = fixture_write_text (fixture, files[i].name, files[i].text);
      refused (fixture, path, i == 1 ? "header=yes" : "", files[i].name, files[i].word);
    }
  g_autofree char *commas = g_strnfill (NN_CSV_MAX_ROW + 2, ',');
  g_autofree char *wide = fixture_write_text (fixture, "wide.csv", commas);
  refused (fixture, wide, "", "wide.csv", "row 1");

  g_autoptr (NnParams) options = nn_params_new (nn_data_specs ());
  g_autofree char *gone = g_build_filename (fixture->folder, "gone.csv", NULL);
  GError *error = NULL;
  g_assert_null (nn_csv_file_open (gone, options, NULL, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_clear_error (&error);
}

static void
cancel_late (double fraction, gpointer data)
{
  if (fraction > 0.2)
    g_cancellable_cancel (data);
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new ("a,b\n");
  for (int i = 0; i < 200000; i++)
    g_string_append_printf (text, "%d,%d\n", i, i);
  g_autofree char *path = fixture_write_text (fixture, "long.csv", text->str);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  const NnLoadContext context = { .cancellable = cancellable,
                                  .progress = cancel_late,
                                  .progress_data = cancellable };
  g_autoptr (NnParams) params = fixture_data (path, "");
  g_autoptr (GError) error = NULL;
  g_assert_null (nn_data_load_with (params, &context, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Every number that printf() writes is read as strtod() reads it. */
static void
test_numbers (void)
{
  static const char *const bad[] = { "",      "-",   ".",   "1e",  "1e+", "0x1A",  "1,000",
                                     "1.2.3", "inf", "nan", "1 2", "--1", "1e999", "12abc" };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      double value;
      const NnCsvCell cell = { (char *)bad[i], strlen (bad[i]) };
      g_test_message ("“%s”", bad[i]);
      g_assert_false (nn_csv_number (&cell, '.', &value));
    }
  for (int i = 0; i < 20000; i++)
    {
      static const char *const formats[] = { "%.17g", "%.3f", "%+.10e", "%g", "%.25f" };
      const double wanted =
          (g_test_rand_double () - 0.5) * pow (10, g_test_rand_int_range (-30, 30));
      char text[128];
      g_ascii_formatd (text, sizeof text, formats[i % 5], wanted);
      const NnCsvCell cell = { text, strlen (text) };
      double value;
      if (!nn_csv_number (&cell, '.', &value) || value != g_ascii_strtod (text, NULL))
        g_error ("%s was read as %.17g", text, value);
    }
}

/* Any bytes are a table or refused. */
static void
test_noise (Fixture *fixture, gconstpointer data)
{
  static const char letters[] = "0123456789.,;\t\"\n\r -eaNx|\xc3\xa9";
  for (int i = 0; i < 300; i++)
    {
      char text[200];
      const gsize n = (gsize)g_test_rand_int_range (0, sizeof text);
      for (gsize k = 0; k < n; k++)
        text[k] = letters[g_test_rand_int_range (0, sizeof letters)];
      g_autofree char *path = fixture_write (fixture, "noise.csv", text, n);
      g_autoptr (GError) error = NULL;
      g_autoptr (NnDataset) dataset = fixture_try (fixture, path, "unusable=skip", &error);
      g_assert_true ((dataset == NULL) == (error != NULL));
    }
}

/* Scaling is fitted on what is left to train on: neither test nor held-out rows move it. */
static void
test_scaled_without_held_out (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = rows ("a,b,class\n", "A,B,C\n");
  g_autofree char *path = fixture_write_text (fixture, "held.csv", text);
  g_autoptr (NnDataset) dataset =
      fixture_load (fixture, path, "scaling=standardise validation=training validation-share=0.25");
  const gsize *n = nn_dataset_info (dataset)->n_samples;
  g_assert_cmpuint (n[NN_PART_TRAIN], ==, 27);
  g_assert_cmpuint (n[NN_PART_TEST], ==, 4);
  g_assert_cmpuint (n[NN_PART_VALIDATION], ==, 9);
  double sum[NN_N_PARTS] = { 0 }, squares = 0;
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    for (guint32 i = 0; i < n[part]; i++)
      {
        const double x = (double)fixture_value (dataset, part, 0, i, 0);
        sum[part] += x;
        squares += part == NN_PART_TRAIN ? x * x : 0;
      }
  g_assert_cmpfloat (fabs (sum[NN_PART_TRAIN]), <, 1e-4);
  g_assert_cmpfloat (fabs (squares / 27 - 1), <, 1e-5);
  g_assert_cmpfloat (fabs (sum[NN_PART_VALIDATION]), >, 0.01);

  g_autoptr (NnParams) params =
      fixture_data (path, "scaling=standardise validation=training validation-share=0.25");
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDataInfo) peeked = nn_data_peek_with (params, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (peeked->n_samples, sizeof peeked->n_samples, n, sizeof peeked->n_samples);
}

/* Texts as values: places by the alphabet, missing ones filled with the share that each has, names
 * and too many of them left out; numbers keep their place. */
static void
test_one_hot (Fixture *fixture, gconstpointer data)
{
  static const char *const colours[] = { "red", "blue", "green, pale", "" };
  g_autoptr (GString) text = g_string_new ("size,colour,name,weight,class\n");
  for (int i = 0; i < 200; i++)
    g_string_append_printf (text, "%d,\"%s\",person %d,%d,%s\n", i, colours[i % 4], i, 1000 + i,
                            i % 2 ? "odd" : "even");
  g_autofree char *path = fixture_write_text (fixture, "texts.csv", text->str);
  g_autoptr (NnDataset) plain = fixture_load (fixture, path, "");
  g_assert_cmpint (nn_dataset_info (plain)->fields[0].shape.dim[0], ==, 2);

  g_autoptr (NnDataset) hot = fixture_load (fixture, path, "text-columns=one-hot");
  const NnDataInfo *info = nn_dataset_info (hot);
  g_assert_cmpint (info->fields[0].shape.dim[0], ==, 1 + 3 + 1); /* person 1 ... are too many */
  static const int place[] = { 2, 0, 1 };
  for (NnPart part = NN_PART_TRAIN; part <= NN_PART_TEST; part++)
    for (guint32 i = 0; i < info->n_samples[part]; i++)
      {
        const int row = (int)fixture_value (hot, part, 0, i, 0);
        g_assert_cmpfloat (fixture_value (hot, part, 0, i, 4), ==, 1000 + row);
        for (guint k = 0; k < 3; k++)
          {
            const float x = fixture_value (hot, part, 0, i, 1 + k);
            if (row % 4 == 3)
              g_assert_cmpfloat_with_epsilon (x, 1.0f / 3, 0.02f);
            else
              g_assert_cmpfloat (x, ==, place[row % 4] == (int)k);
          }
      }
  /* Numbers are scaled, what says of which kind a sample is stays 0 or 1. */
  g_autoptr (NnDataset) scaled =
      fixture_load (fixture, path, "text-columns=one-hot scaling=standardise");
  for (guint32 i = 0; i < nn_dataset_n_samples (scaled, NN_PART_TRAIN); i++)
    {
      for (guint k = 0; k < 3; k++)
        g_assert_cmpfloat (fixture_value (scaled, NN_PART_TRAIN, 0, i, 1 + k), ==,
                           fixture_value (hot, NN_PART_TRAIN, 0, i, 1 + k));
      g_assert_cmpfloat (fabsf (fixture_value (scaled, NN_PART_TRAIN, 0, i, 4)), <, 3);
    }
  g_autoptr (NnDataset) skipped =
      fixture_load (fixture, path, "text-columns=one-hot missing=skip features=colour");
  info = nn_dataset_info (skipped);
  g_assert_cmpuint (info->n_samples[NN_PART_TRAIN] + info->n_samples[NN_PART_TEST], ==, 150);
  g_assert_cmpint (info->fields[0].shape.dim[0], ==, 3);
  refused (fixture, path, "features=colour", "“colour”", "one-hot");
  refused (fixture, path, "text-columns=one-hot missing=refuse", "row 5", "colour");

  for (int i = 0; i < NN_CSV_MAX_CATEGORIES; i++)
    g_string_append_printf (text, "%d,red,other %d,1,odd\n", i, i);
  g_autofree char *many = fixture_write_text (fixture, "many.csv", text->str);
  refused (fixture, many, "text-columns=one-hot features=name", "“name”", "1000");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func)                                                                            \
  g_test_add ("/csv/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)
  ADD ("dialects", test_dialects);
  ADD ("quotes", test_quotes);
  ADD ("encodings", test_encodings);
  ADD ("bad-rows", test_bad_rows);
  ADD ("scaling", test_scaling);
  ADD ("many-bad-rows", test_many_bad_rows);
  ADD ("scaled-without-held-out", test_scaled_without_held_out);
  ADD ("roles", test_roles);
  ADD ("one-hot", test_one_hot);
  ADD ("pixels", test_pixels);
  ADD ("hopeless", test_hopeless);
  ADD ("cancel", test_cancel);
  ADD ("noise", test_noise);
  g_test_add_func ("/csv/numbers", test_numbers);
  return g_test_run ();
}
