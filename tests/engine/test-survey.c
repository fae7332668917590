#include "data/nn-data-survey.h"

#include "data-fixture.h"
#include "data/nn-data-library.h"
#include "data/nn-near-duplicates.h"
#include "data/nn-split.h"

static NnDataSurvey *
survey_of (const char *path, const char *options)
{
  g_autoptr (NnParams) data = fixture_data (path, options);
  g_autoptr (GError) error = NULL;
  NnDataSurvey *survey = nn_data_survey_new (data, NULL, &error);
  g_assert_no_error (error);
  return survey;
}

/* The finding that has these words, or NULL. */
static const NnSurveyFinding *
find (const NnDataSurvey *survey, const char *words)
{
  for (guint i = 0; i < survey->findings->len; i++)
    {
      const NnSurveyFinding *finding = survey->findings->pdata[i];
      if (strstr (finding->text, words))
        return finding;
    }
  return NULL;
}

/* 300 rows: one column large, one constant, one of text; one class of 100. */
static char *
write_table (Fixture *fixture, gboolean twice)
{
  g_autoptr (GString) text = g_string_new ("a,large,same,word,class\n");
  for (int i = 0; i < 300; i++)
    g_string_append_printf (text, "%d.%d,%d,4,w%d,%s\n", i % 17 - 8, i * 7919 % 1000,
                            (i * 104729) % 90001, i % 5, i % 100 == 7 ? "rare" : "usual");
  if (twice)
    {
      g_autofree char *rows = g_strdup (strchr (text->str, '\n') + 1);
      g_string_append (text, rows);
    }
  return fixture_write_text (fixture, "table.csv", text->str);
}

static void
test_table (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = write_table (fixture, FALSE);
  g_autoptr (NnDataSurvey) survey = survey_of (path, "label=class");
  g_assert_cmpuint (survey->columns->len, ==, 5);
  const NnDataColumn *large = &g_array_index (survey->columns, NnDataColumn, 1);
  g_assert_cmpstr (large->name, ==, "large");
  g_assert_true (large->is_feature && large->is_number && !large->is_label);
  g_assert_cmpfloat (large->min, ==, 0);
  g_assert_cmpuint (survey->class_counts[NN_PART_TRAIN][0], ==, 3);
  g_assert_cmpuint (survey->class_counts[NN_PART_TRAIN][1], ==, 267);

  const NnSurveyFinding *unscaled = find (survey, "“large” reaches");
  g_assert_nonnull (unscaled);
  g_assert_cmpstr (unscaled->option, ==, "scaling");
  g_assert_nonnull (find (survey, "same value everywhere and tells nothing: “same”"));
  g_assert_nonnull (find (survey, "98.9 % of the training samples are “usual”"));
  g_assert_nonnull (find (survey, "fewer than 10"));
  g_assert_nonnull (find (survey, "“word”"));
  g_assert_null (find (survey, "test samples looked at"));

  g_autofree char *mended =
      g_strdup_printf ("label=class %s=%s", unscaled->option, unscaled->value);
  g_autoptr (NnDataSurvey) after = survey_of (path, mended);
  g_assert_null (find (after, "reaches"));
}

static void
test_duplicates (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = write_table (fixture, TRUE);
  g_autoptr (NnDataSurvey) survey = survey_of (path, "label=class");
  const NnSurveyFinding *found = find (survey, "of 60 test samples looked at");
  g_assert_nonnull (found);
  guint n = 0;
  g_assert_cmpint (sscanf (found->text, "%u of", &n), ==, 1);
  /* All but those whose copies are in the test part too, which are about 6. */
  g_assert_cmpuint (n, >, 40);
}

/* Of ten test images two are a training image, one of them with a little noise; others have only
 * its means. */
static void
test_near_images (void)
{
  enum
  {
    N = 300,
    N_TEST = 10,
    SIZE = 12 * 12
  };
  guint8 *train = g_malloc (N * SIZE), *test = g_malloc (N_TEST * SIZE);
  for (gsize i = 0; i < N * SIZE; i++)
    train[i] = (guint8)g_test_rand_int_range (0, 256);
  for (gsize i = 0; i < N_TEST * SIZE; i++)
    test[i] = train[i ^ 1]; /* neighbours exchanged: the same means, another image */
  memcpy (test + 4 * SIZE, train + 200 * SIZE, SIZE);
  for (gsize i = 0; i < SIZE; i++)
    test[7 * SIZE + i] = (guint8)CLAMP ((int)train[31 * SIZE + i] + (i % 3 == 0), 0, 255);

  NnFieldStorage field = {
    .field = { .name = "image", .kind = NN_FIELD_IMAGE, .shape = nn_shape (12, 12, 1) },
    .bytes = { g_bytes_new_take (train, N * SIZE), g_bytes_new_take (test, N_TEST * SIZE) },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDataset) dataset =
      nn_dataset_new ("x", "X", &field, 1, (const gsize[NN_N_PARTS]){ N, N_TEST }, &error);
  g_assert_no_error (error);
  nn_storage_clear (&field, 1);
  NnDuplicates found;
  g_assert_true (nn_near_duplicates (dataset, 0, NULL, &found));
  g_assert_cmpuint (found.n_test, ==, N_TEST);
  g_assert_cmpuint (found.n_train, ==, N);
  g_assert_cmpuint (found.n_found, ==, 2);
  g_assert_cmpuint (found.test, ==, 4);
  g_assert_cmpuint (found.train, ==, 200);

  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_cancellable_cancel (cancelled);
  g_assert_false (nn_near_duplicates (dataset, 0, cancelled, &found));
}

/* Every kind of set can be looked through; nothing is wrong with the built-in ones. */
static void
test_built_in (void)
{
  static const char *const names[] = { "waves", "points-moons", "table-normal" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (NnDataSurvey) survey = survey_of (names[i], "");
      g_assert_cmpfloat (survey->ranges[0].min, <, survey->ranges[0].max);
      g_assert_null (find (survey, "looked at"));
      g_assert_null (find (survey, "reaches"));
      g_assert_true ((find (survey, "% of") != NULL) == g_str_equal (names[i], "table-normal"));
    }
}

static const NnDataEntry *
listed (GPtrArray *entries, const char *name)
{
  for (guint i = 0; i < entries->len; i++)
    if (g_str_equal (((NnDataEntry *)entries->pdata[i])->name, name))
      return entries->pdata[i];
  return NULL;
}

/* What is kept is listed, and read as it was kept unless it is said otherwise. */
static void
test_library (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = write_table (fixture, FALSE);
  g_autoptr (NnParams) how =
      fixture_data (path, "label=class scaling=range features=a,large limit=7");
  g_autoptr (GError) error = NULL;
  g_assert_true (nn_data_library_add (how, &error));
  g_assert_true (nn_data_library_add (how, &error));
  g_assert_no_error (error);

  g_autoptr (GPtrArray) entries = nn_data_list ();
  const NnDataEntry *entry = listed (entries, "table-2");
  g_assert_nonnull (entry);
  g_assert_null (listed (entries, "table-3"));
  g_assert_cmpint (nn_params_int (entry->options, "limit"), ==, 0);
  g_autoptr (NnDataset) kept = nn_data_load ("table-2", 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (nn_dataset_info (kept)->fields[0].shape.dim[0], ==, 2);
  g_assert_cmpfloat (fixture_value (kept, NN_PART_TRAIN, 0, 0, 1), <=, 1);
  g_autoptr (NnParams) other = fixture_data ("table-2", "features=large");
  g_autoptr (NnDataset) said = nn_data_load_with (other, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (nn_dataset_info (said)->fields[0].shape.dim[0], ==, 1);

  g_assert_true (nn_data_library_remove (path, &error));
  g_autoptr (GPtrArray) fewer = nn_data_list ();
  g_assert_null (listed (fewer, "table-2"));

  g_autofree char *file =
      g_build_filename (g_get_user_data_dir (), "diabolo", "datasets.json", NULL);
  g_assert_true (g_file_set_contents (file, "{ \"datasets\": [ 3 ] }", -1, NULL));
  g_assert_false (nn_data_library_add (how, &error));
  g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "datasets.json"));
  g_unlink (file);
}

int
main (int argc, char **argv)
{
  g_autofree char *home = g_dir_make_tmp ("diabolo-survey-XXXXXX", NULL);
  g_setenv ("XDG_DATA_HOME", home, TRUE);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func)                                                                            \
  g_test_add ("/survey/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)
  ADD ("table", test_table);
  ADD ("duplicates", test_duplicates);
  ADD ("library", test_library);
  g_test_add_func ("/survey/near-images", test_near_images);
  g_test_add_func ("/survey/built-in", test_built_in);
  const int status = g_test_run ();
  nn_test_remove_folder (home);
  return status;
}
