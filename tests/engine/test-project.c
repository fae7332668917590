/* Project files: a round trip keeps everything, stable bytes; a damaged or lying file is refused
 * with its reason and nothing half loaded; a failed save leaves the old file. */
#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/nn-error.h"
#include "formats/nn-safetensors.h"
#include "formats/nn-zip.h"
#include "nn-test-data.h"
#include "project-fixture.h"

typedef struct
{
  char *folder;
  char *path; /* in it */
} Place;

static void
place_set_up (Place *place, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  place->folder = g_dir_make_tmp ("diabolo-test-XXXXXX", &error);
  g_assert_no_error (error);
  place->path = g_build_filename (place->folder, "x.diabolo", NULL);
}

static guint
count_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
place_tear_down (Place *place, gconstpointer data)
{
  nn_test_remove_folder (place->folder);
  g_free (place->folder);
  g_free (place->path);
}

static GBytes *
read_file (const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  GBytes *bytes = g_file_load_bytes (file, NULL, NULL, &error);

  g_assert_no_error (error);
  return bytes;
}

static GBytes *
save (NnProject *project, const char *path)
{
  g_autoptr (GError) error = NULL;

  nn_project_save (project, path, NULL, &error);
  g_assert_no_error (error);
  return read_file (path);
}

static gsize
any_size (const char *name, gsize archive_size)
{
  return G_MAXUINT32;
}

/* The fixture's file as entries, to be changed and packed again. */
static GPtrArray *
fixture_entries (Place *place)
{
  g_autoptr (NnProject) project = fixture_make_project (5);
  g_autoptr (GBytes) bytes = save (project, place->path);
  g_autoptr (GError) error = NULL;
  GPtrArray *entries = nn_zip_read (bytes, "x", any_size, NULL, &error);

  g_assert_no_error (error);
  return entries;
}

/* bytes NULL: removed. */
static void
replace_entry (GPtrArray *entries, const char *name, GBytes *bytes)
{
  for (guint i = 0; i < entries->len; i++)
    {
      NnZipEntry *entry = g_ptr_array_index (entries, i);

      if (strcmp (entry->name, name) != 0)
        continue;
      if (bytes == NULL)
        {
          g_ptr_array_remove_index (entries, i);
          return;
        }
      g_bytes_unref (entry->bytes);
      entry->bytes = g_bytes_ref (bytes);
      return;
    }
  nn_zip_entries_add (entries, name, bytes);
}

static NnProject *
load_entries (GPtrArray *entries, GError **error)
{
  g_autoptr (GError) zip_error = NULL;
  g_autoptr (GBytes) bytes = nn_zip_write (entries, &zip_error);

  g_assert_no_error (zip_error);
  return nn_project_load_bytes (bytes, "x.diabolo", NULL, error);
}

/* ---- what must work ---- */

static void
test_round_trip (Place *place, gconstpointer data)
{
  g_autoptr (NnProject) project = fixture_make_project (5);
  g_autoptr (GBytes) first = save (project, place->path);
  g_autoptr (GBytes) second = save (project, place->path);
  g_autoptr (GError) error = NULL;
  g_autoptr (NnProject) back = nn_project_load (place->path, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (fixture_project_equal (project, back));
  g_assert_true (g_bytes_equal (first, second));
  g_autoptr (GBytes) third = save (back, place->path);
  g_assert_true (g_bytes_equal (first, third));
  g_assert_cmpuint (count_files (place->folder), ==, 1);
}

/* A file manager tells the type by this. */
static void
test_magic (Place *place, gconstpointer data)
{
  g_autoptr (NnProject) project = fixture_make_project (5);
  g_autoptr (GBytes) bytes = save (project, place->path);

  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), 4, "PK\3\4", 4);
  g_assert_cmpmem ((const char *)g_bytes_get_data (bytes, NULL) + 30, 12, "diabolo.json", 12);
}

static void
test_untrained (Place *place, gconstpointer data)
{
  g_autoptr (NnDesign) design = fixture_make_design ();
  g_autoptr (NnProject) project = nn_project_new (design, NULL);
  g_autoptr (GBytes) bytes = save (project, place->path);
  g_autoptr (GError) error = NULL;
  g_autoptr (NnProject) back = nn_project_load (place->path, NULL, &error);

  g_assert_no_error (error);
  g_assert_null (back->checkpoint);
  g_assert_true (fixture_project_equal (project, back));
}

static void
add_member (GPtrArray *entries, const char *name, const char *key, const char *value)
{
  gsize size;
  const char *text = g_bytes_get_data (nn_zip_entries_find (entries, name), &size);
  g_autofree char *old = g_strndup (text, size);
  g_autofree char *changed = NULL;

  *strrchr (old, '}') = '\0';
  changed = g_strdup_printf ("%s, \"%s\": %s }", old, key, value);
  g_autoptr (GBytes) bytes = g_bytes_new (changed, strlen (changed));

  replace_entry (entries, name, bytes);
}

static void
replace_text (GPtrArray *entries, const char *name, const char *old, const char *new)
{
  gsize size;
  const char *text = g_bytes_get_data (nn_zip_entries_find (entries, name), &size);
  g_autoptr (GString) changed = g_string_new_len (text, (gssize)size);

  g_assert_cmpuint (g_string_replace (changed, old, new, 0), ==, 1);
  g_autoptr (GBytes) bytes = g_bytes_new (changed->str, changed->len);
  replace_entry (entries, name, bytes);
}

/* NULL where the entry of the file does not hold text. */
static const char *
entry_text (GBytes *file, const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = nn_zip_read (file, "x", any_size, NULL, &error);
  gsize size;

  g_assert_no_error (error);
  const char *data = g_bytes_get_data (nn_zip_entries_find (entries, name), &size);
  return g_strstr_len (data, (gssize)size, text) != NULL ? text : NULL;
}

/* What a newer minor version may have added is still there after saving. */
static void
test_unknown (Place *place, gconstpointer data)
{
  g_autoptr (GPtrArray) entries = fixture_entries (place);
  g_autoptr (GBytes) new_entry = g_bytes_new ("\0new", 4);
  g_autoptr (GError) error = NULL;

  nn_zip_entries_add (entries, "checkpoints/best.bin", new_entry);
  nn_zip_entries_add (entries, "Größe.bin", new_entry);
  add_member (entries, "diabolo.json", "licence", "\"CC0\"");
  replace_text (entries, "diabolo.json", "1.0", "1.7");
  add_member (entries, "state.json", "average", "{ \"decay\": [0.5, null] }");
  add_member (entries, "design.json", "mood", "\"good\"");
  g_autoptr (NnProject) project = load_entries (entries, &error);
  g_assert_no_error (error);
  g_assert_nonnull (project->extra);

  g_autoptr (NnProject) copy = nn_project_new (project->design, project->checkpoint);
  copy->extra = g_hash_table_ref (project->extra);
  copy->text = g_strdup (project->text);
  copy->thumbnail = g_bytes_ref (project->thumbnail);
  g_autoptr (GBytes) saved = save (copy, place->path);
  g_autoptr (NnProject) back = nn_project_load (place->path, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (fixture_project_equal (project, back));
  g_assert_true (
      g_bytes_equal (g_hash_table_lookup (back->extra, "checkpoints/best.bin"), new_entry));
  g_assert_true (g_bytes_equal (g_hash_table_lookup (back->extra, "Größe.bin"), new_entry));
  g_assert_nonnull (entry_text (saved, "diabolo.json", "CC0"));
  g_assert_nonnull (entry_text (saved, "diabolo.json", "1.7"));
  g_assert_nonnull (entry_text (saved, "state.json", "decay"));
  g_assert_nonnull (entry_text (saved, "state.json", "0.5"));
  g_autofree char *json = nn_design_to_json (back->design);
  g_assert_nonnull (strstr (json, "mood"));
}

static void
write_archive (GPtrArray *entries, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) file = nn_zip_write (entries, &error);
  gsize size;

  g_assert_no_error (error);
  const char *bytes = g_bytes_get_data (file, &size);
  g_file_set_contents (path, bytes, (gssize)size, &error);
  g_assert_no_error (error);
}

/* The picture is read alone: the rest of the file may be as it likes. */
static void
test_thumbnail (Place *place, gconstpointer data)
{
  g_autoptr (GPtrArray) whole = fixture_entries (place), entries = nn_zip_entries_new ();
  g_autoptr (GError) error = NULL;
  GBytes *expected = nn_zip_entries_find (whole, "thumbnail.png");

  nn_zip_entries_add_text (entries, "design.json", "no design");
  write_archive (entries, place->path);
  g_assert_null (nn_project_load_thumbnail (place->path, NULL, &error));
  g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
  g_clear_error (&error);

  nn_zip_entries_add (entries, "thumbnail.png", expected);
  write_archive (entries, place->path);
  g_autoptr (GBytes) picture = nn_project_load_thumbnail (place->path, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (picture, expected));
}

/* Weights that the design lost since they were trained are left out, so the file can be opened. */
static void
test_edited (Place *place, gconstpointer data)
{
  g_autoptr (NnDesign) design = fixture_make_design ();
  g_autoptr (NnCheckpoint) checkpoint = fixture_make_checkpoint (5);
  g_autoptr (GError) error = NULL;
  g_autoptr (NnParams) params =
      nn_params_with_number (nn_design_node (design, 3)->params, "units", 8, &error);
  g_autoptr (NnDesign) edited = nn_design_set_params (design, 3, params);
  const guint output = 4;
  g_autoptr (NnDesign) removed = nn_design_remove_nodes (edited, &output, 1, FALSE);

  g_assert_no_error (error);
  g_autoptr (NnProject) project = nn_project_new (edited, checkpoint);
  g_autoptr (GBytes) saved = save (project, place->path);
  g_autoptr (NnProject) back = nn_project_load (place->path, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (nn_checkpoint_find (back->checkpoint, 3, "kernel"));
  g_assert_null (nn_checkpoint_find (back->checkpoint, 4, "kernel"));
  g_assert_nonnull (nn_checkpoint_find (back->checkpoint, 4, "bias"));

  g_autoptr (NnProject) broken = nn_project_new (removed, checkpoint);
  g_autoptr (GBytes) saved_broken = save (broken, place->path);
  g_autoptr (NnProject) broken_back = nn_project_load (place->path, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (nn_checkpoint_find (broken_back->checkpoint, 4, "bias"));
}

/* ---- lies ---- */

static void
set_text (GPtrArray *entries, const char *name, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  replace_entry (entries, name, bytes);
}

static void
set_tensor (GPtrArray *entries, const char *file, const char *name, NnShape shape)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) tensors =
      nn_safetensors_read (nn_zip_entries_find (entries, file), "x", NULL, &error);
  g_autoptr (GPtrArray) changed = nn_named_tensors_new ();
  g_autoptr (NnTensor) tensor = nn_tensor_new (&shape);

  g_assert_no_error (error);
  nn_named_tensors_add (changed, name, tensor);
  for (guint i = 0; i < tensors->len; i++)
    {
      NnNamedTensor *named = g_ptr_array_index (tensors, i);

      if (strcmp (named->name, name) != 0)
        nn_named_tensors_add (changed, named->name, named->tensor);
    }
  g_autoptr (GBytes) bytes = nn_safetensors_write (changed, NULL);
  replace_entry (entries, file, bytes);
}

#define WEIGHTS "weights.safetensors"
#define OPTIMIZER "optimizer.safetensors"
#define MARKER(version) "{\"format\":\"diabolo\",\"version\":" version "}"
#define STATE                                                                                      \
  "\"batch\":0,\"step\":\"1\",\"seed\":\"1\",\"run\":\"1\",\"epoch_loss_sum\":0,"                  \
  "\"epoch_correct_sum\":0,\"epoch_samples\":\"0\""

static const struct
{
  const char *name;
  const char *entry;
  const char *text;   /* what it holds instead; NULL: the entry is missing */
  const char *tensor; /* or, with a shape, a tensor in it */
  NnShape shape;
  gint code;
  const char *reason[3]; /* parts of the message */
} lies[] = {
  { "no-marker", "diabolo.json", NULL, .code = NN_ERROR_FORMAT, .reason = { "diabolo.json" } },
  { "marker-no-json", "diabolo.json", "x", .code = NN_ERROR_FORMAT, .reason = { "diabolo.json" } },
  { "other-format", "diabolo.json", "{\"format\":\"odt\",\"version\":\"1.0\"}",
    .code = NN_ERROR_FORMAT, .reason = { "“diabolo”", "“odt”" } },
  { "version-2", "diabolo.json", MARKER ("\"2.0\""), .code = NN_ERROR_VERSION,
    .reason = { "version 1", "2.0" } },
  { "version-number", "diabolo.json", MARKER ("1.0"), .code = NN_ERROR_FORMAT,
    .reason = { "version", "a number" } },
  { "version-text", "diabolo.json", MARKER ("\"one\""), .code = NN_ERROR_FORMAT,
    .reason = { "version", "one" } },
  { "entries-number", "diabolo.json", "{\"format\":\"diabolo\",\"version\":\"1.0\",\"entries\":3}",
    .code = NN_ERROR_FORMAT, .reason = { "entries" } },
  { "earlier-runs", "diabolo.json",
    "{\"format\":\"diabolo\",\"version\":\"1.0\",\"entries\":[],\"earlier-runs\":-1}",
    .code = NN_ERROR_FORMAT, .reason = { "diabolo.json", "earlier-runs", "-1" } },
  { "entry-missing", "thumbnail.png", NULL, .code = NN_ERROR_FORMAT,
    .reason = { "thumbnail.png", "not there" } },
  { "no-design", "design.json", NULL, .code = NN_ERROR_FORMAT, .reason = { "design.json" } },
  { "design-list", "design.json", "[]", .code = NN_ERROR_FORMAT,
    .reason = { "design.json", "a list" } },
  { "design-unknown-layer", "design.json",
    "{\"format\":\"diabolo-design\",\"version\":\"1.0\",\"nodes\":[{\"id\":1,\"type\":\"quantum\","
    "\"name\":\"Q\",\"x\":0,\"y\":0,\"params\":{}}],\"edges\":[]}",
    .code = NN_ERROR_UNKNOWN, .reason = { "x.diabolo", "design.json", "quantum" } },
  { "no-state", "state.json", NULL, .code = NN_ERROR_FORMAT, .reason = { "state.json" } },
  { "no-weights", WEIGHTS, NULL, .code = NN_ERROR_FORMAT, .reason = { WEIGHTS } },
  { "state-epoch-text", "state.json", "{\"epoch\":\"5\"," STATE "}", .code = NN_ERROR_FORMAT,
    .reason = { "state.json", "epoch", "a text" } },
  { "state-epoch-negative", "state.json", "{\"epoch\":-1," STATE "}", .code = NN_ERROR_FORMAT,
    .reason = { "state.json", "epoch", "-1" } },
  { "state-step-number", "state.json", "{\"epoch\":1,\"batch\":1,\"step\":-1}",
    .code = NN_ERROR_FORMAT, .reason = { "state.json", "step" } },
  { "state-optimizer", "state.json", "{\"epoch\":1,\"optimizer\":\"magic\"," STATE "}",
    .code = NN_ERROR_UNKNOWN, .reason = { "state.json", "magic" } },
  { "state-fields", "state.json", "{\"epoch\":1,\"fields\":[7]," STATE "}", .code = NN_ERROR_FORMAT,
    .reason = { "state.json", "fields" } },
  { "history", "history.csv", "run,name\n1", .code = NN_ERROR_FORMAT, .reason = { "history.csv" } },
  { "thumbnail", "thumbnail.png", "GIF89a", .code = NN_ERROR_FORMAT,
    .reason = { "thumbnail.png", "PNG" } },
  { "lesson", "lesson.md", "\xff\xfe", .code = NN_ERROR_FORMAT,
    .reason = { "lesson.md", "UTF-8" } },
  { "weights-no-tensors", WEIGHTS, "x", .code = NN_ERROR_FORMAT, .reason = { WEIGHTS } },
  { "weight-shape",
    WEIGHTS,
    NULL,
    "En/coder/kernel",
    { 2, { 784, 4 } },
    NN_ERROR_SHAPE,
    { "En/coder/kernel", "784×3", "784×4" } },
  { "weight-transposed",
    WEIGHTS,
    NULL,
    "Output/kernel",
    { 2, { 784, 3 } },
    NN_ERROR_SHAPE,
    { "Output/kernel", "3×784", "784×3" } },
  { "weight-of-no-layer",
    WEIGHTS,
    NULL,
    "Hidden/kernel",
    { 1, { 3 } },
    NN_ERROR_FORMAT,
    { "Hidden/kernel", "no layer" } },
  { "weight-unknown", WEIGHTS, NULL, "Output/gamma", { 1, { 3 } }, NN_ERROR_FORMAT, { "gamma" } },
  { "weight-without-slash",
    WEIGHTS,
    NULL,
    "Output",
    { 1, { 3 } },
    NN_ERROR_FORMAT,
    { "“Output”" } },
  { "slot-shape",
    OPTIMIZER,
    NULL,
    "Output/bias/m",
    { 1, { 783 } },
    NN_ERROR_SHAPE,
    { OPTIMIZER, "784", "783" } },
  { "slot-unknown",
    OPTIMIZER,
    NULL,
    "Output/bias/z",
    { 1, { 784 } },
    NN_ERROR_FORMAT,
    { OPTIMIZER, "Output/bias/z", "adam" } },
};

static void
test_lie (Place *place, gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autoptr (GPtrArray) entries = fixture_entries (place);
  g_autoptr (GError) error = NULL;

  if (lies[i].tensor != NULL)
    set_tensor (entries, lies[i].entry, lies[i].tensor, lies[i].shape);
  else if (lies[i].text != NULL)
    set_text (entries, lies[i].entry, lies[i].text);
  else
    replace_entry (entries, lies[i].entry, NULL);
  g_autoptr (NnProject) project = load_entries (entries, &error);
  g_assert_null (project);
  g_assert_error (error, NN_ERROR, lies[i].code);
  g_assert_nonnull (strstr (error->message, "x.diabolo"));
  for (guint k = 0; k < G_N_ELEMENTS (lies[i].reason) && lies[i].reason[k] != NULL; k++)
    if (strstr (error->message, lies[i].reason[k]) == NULL)
      g_error ("“%s” does not say “%s”", error->message, lies[i].reason[k]);
}

static void
test_names (Place *place, gconstpointer data)
{
  static const char *const names[] = { "../evil", "/etc/passwd", "a/../../b", "./a" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GPtrArray) entries = fixture_entries (place);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", names[i]);
      nn_zip_entries_add_text (entries, names[i], "x");
      g_autoptr (NnProject) project = load_entries (entries, &error);
      g_assert_null (project);
      g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
      g_assert_nonnull (strstr (error->message, "x.diabolo"));
    }
  g_autoptr (GPtrArray) twice = fixture_entries (place);
  g_autoptr (GError) error = NULL;
  nn_zip_entries_add_text (twice, "design.json", fixture_design);
  g_autoptr (NnProject) project = load_entries (twice, &error);
  g_assert_null (project);
  g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "design.json twice"));
}

/* A few kilobytes that would unpack to more than a design can be, and to more than all can be. */
static void
test_bomb (Place *place, gconstpointer data)
{
  const gsize mib = 1024 * 1024;
  const struct
  {
    const char *name;
    gsize size;
  } bombs[] = { { "design.json", 20 * mib }, { "new.txt", 100 * mib }, { "diabolo.json", mib } };

  for (guint i = 0; i < G_N_ELEMENTS (bombs); i++)
    {
      g_autoptr (GPtrArray) entries = fixture_entries (place);
      g_autoptr (GBytes) zeros = g_bytes_new_take (g_malloc0 (bombs[i].size), bombs[i].size);
      g_autoptr (GError) error = NULL;

      replace_entry (entries, bombs[i].name, zeros);
      g_autoptr (NnProject) project = load_entries (entries, &error);
      g_assert_null (project);
      g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
      g_assert_nonnull (strstr (error->message, bombs[i].name));
      g_assert_nonnull (strstr (error->message, "at most"));
    }
  g_autoptr (GPtrArray) many = fixture_entries (place);
  g_autoptr (GBytes) zeros = g_bytes_new_take (g_malloc0 (60 * mib), 60 * mib);
  g_autoptr (GError) error = NULL;
  for (guint i = 0; i < 6; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u.txt", i);

      nn_zip_entries_add (many, name, zeros);
    }
  g_autoptr (NnProject) project = load_entries (many, &error);
  g_assert_null (project);
  g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
}

/* ---- damage ---- */

static void
test_truncated (Place *place, gconstpointer data)
{
  g_autoptr (NnProject) project = fixture_make_project (5);
  g_autoptr (GBytes) bytes = save (project, place->path);
  const gsize size = g_bytes_get_size (bytes);

  for (gsize cut = 0; cut < size; cut += cut < 2000 || cut + 2000 >= size ? 1 : 37)
    {
      g_autoptr (GBytes) part = g_bytes_new_from_bytes (bytes, 0, cut);
      g_autoptr (GError) error = NULL;
      g_autoptr (NnProject) back = nn_project_load_bytes (part, "cut.diabolo", NULL, &error);

      g_assert_null (back);
      g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
      g_assert_nonnull (strstr (error->message, "cut.diabolo"));
    }
}

/* Every change is noticed, or is one that does not matter. */
static void
check_flipped (const NnProject *project, GBytes *bytes, gsize at, guint8 mask, guint *refused)
{
  gsize size = g_bytes_get_size (bytes);
  guint8 *copy = g_memdup2 (g_bytes_get_data (bytes, NULL), size);

  copy[at] ^= mask;
  g_autoptr (GBytes) flipped = g_bytes_new_take (copy, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (NnProject) back = nn_project_load_bytes (flipped, "flip.diabolo", NULL, &error);
  if (back == NULL)
    {
      g_assert_nonnull (error);
      (*refused)++;
    }
  else if (!fixture_project_equal (project, back))
    g_error ("byte %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " xor %02x loads as something else", at,
             size, mask);
}

static void
test_flipped (Place *place, gconstpointer data)
{
  g_autoptr (NnProject) project = fixture_make_project (5);
  g_autoptr (GBytes) bytes = save (project, place->path);
  const gsize size = g_bytes_get_size (bytes);
  guint refused = 0;

  /* All bytes of the directory at the end and of the first headers, and some of everything. */
  for (gsize at = size - 1000; at < size; at++)
    check_flipped (project, bytes, at, (guint8)(1 << g_test_rand_int_range (0, 8)), &refused);
  for (gsize at = 0; at < 500; at++)
    check_flipped (project, bytes, at, (guint8)(1 << g_test_rand_int_range (0, 8)), &refused);
  for (guint i = 0; i < 1500; i++)
    check_flipped (project, bytes, (gsize)g_test_rand_int_range (0, (gint32)size),
                   (guint8)g_test_rand_int_range (1, 256), &refused);
  g_assert_cmpuint (refused, >, 1500);
}

/* ---- saving ---- */

static void
expect_unchanged (Place *place, GBytes *before, guint files)
{
  g_autoptr (GBytes) after = read_file (place->path);

  g_assert_true (g_bytes_equal (before, after));
  g_assert_cmpuint (count_files (place->folder), ==, files);
}

static void
test_save_fails (Place *place, gconstpointer data)
{
  g_autoptr (NnProject) old = fixture_make_project (5);
  g_autoptr (NnProject) project = fixture_make_project (6);
  g_autoptr (GBytes) before = save (old, place->path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *nowhere = g_build_filename (place->folder, "none", "x.diabolo", NULL);

  g_assert_false (nn_project_save (project, nowhere, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, nowhere));
  g_clear_error (&error);

  g_assert_false (nn_project_save (project, place->folder, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
  g_clear_error (&error);

  g_cancellable_cancel (cancellable);
  g_assert_false (nn_project_save (project, place->path, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  expect_unchanged (place, before, 1);
}

/* A write that fails half way, as on a full disk: here by a limit on the size of files. */
static void
test_disk_full (Place *place, gconstpointer data)
{
  g_autoptr (NnProject) old = fixture_make_project (5);
  g_autoptr (NnProject) project = fixture_make_project (6);
  g_autoptr (GBytes) before = save (old, place->path);
  g_autoptr (GError) error = NULL;
  struct rlimit limit, small;
  void (*handler) (int) = signal (SIGXFSZ, SIG_IGN);

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  small = limit;
  small.rlim_cur = g_bytes_get_size (before) / 2;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  gboolean saved = nn_project_save (project, place->path, NULL, &error);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  signal (SIGXFSZ, handler);
  g_assert_false (saved);
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, place->path));
  expect_unchanged (place, before, 1);
}

static void
test_no_permission (Place *place, gconstpointer data)
{
  g_autoptr (NnProject) project = fixture_make_project (5);
  g_autoptr (GBytes) before = save (project, place->path);
  g_autoptr (GError) error = NULL;

  if (geteuid () == 0)
    {
      g_test_skip ("root may write everywhere");
      return;
    }
  g_assert_cmpint (g_chmod (place->folder, 0500), ==, 0);
  gboolean saved = nn_project_save (project, place->path, NULL, &error);
  g_assert_cmpint (g_chmod (place->folder, 0700), ==, 0);
  g_assert_false (saved);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  expect_unchanged (place, before, 1);
}

static void
test_link_and_mode (Place *place, gconstpointer data)
{
  g_autoptr (NnProject) old = fixture_make_project (5);
  g_autoptr (NnProject) project = fixture_make_project (6);
  g_autofree char *link_path = g_build_filename (place->folder, "link.diabolo", NULL);
  g_autoptr (GBytes) before = save (old, place->path);
  struct stat status;

  g_assert_cmpint (g_chmod (place->path, 0640), ==, 0);
  g_assert_cmpint (symlink ("x.diabolo", link_path), ==, 0);
  g_autoptr (GBytes) through_link = save (project, link_path);
  g_autoptr (GBytes) after = read_file (place->path);
  g_assert_true (g_bytes_equal (through_link, after));
  g_assert_false (g_bytes_equal (before, after));
  g_assert_true (g_file_test (link_path, G_FILE_TEST_IS_SYMLINK));
  g_assert_cmpint (stat (place->path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0640);
}

static void
test_load_fails (Place *place, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnProject) none = nn_project_load (place->path, NULL, &error);

  g_assert_null (none);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

/* Nothing of a file that cannot be a project is read into memory. */
static void
test_other_files (Place *place, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnProject) folder = nn_project_load (place->folder, NULL, &error);

  g_assert_null (folder);
  g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
  g_clear_error (&error);

  g_autoptr (NnProject) device = nn_project_load ("/dev/zero", NULL, &error);
  g_assert_null (device);
  g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
  g_clear_error (&error);

  g_assert_true (g_file_set_contents (place->path, "once upon a time", -1, NULL));
  g_autoptr (NnProject) text = nn_project_load (place->path, NULL, &error);
  g_assert_null (text);
  g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
  g_clear_error (&error);

  g_assert_cmpint (truncate (place->path, G_GINT64_CONSTANT (5) << 30), ==, 0);
  g_autoptr (NnProject) huge = nn_project_load (place->path, NULL, &error);
  g_assert_null (huge);
  g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
}

#define ADD(path, func) g_test_add (path, Place, NULL, place_set_up, func, place_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/project/round-trip", test_round_trip);
  ADD ("/project/magic", test_magic);
  ADD ("/project/untrained", test_untrained);
  ADD ("/project/unknown", test_unknown);
  ADD ("/project/thumbnail", test_thumbnail);
  ADD ("/project/edited", test_edited);
  ADD ("/project/names", test_names);
  ADD ("/project/bomb", test_bomb);
  ADD ("/project/truncated", test_truncated);
  ADD ("/project/flipped", test_flipped);
  ADD ("/project/save-fails", test_save_fails);
  ADD ("/project/disk-full", test_disk_full);
  ADD ("/project/no-permission", test_no_permission);
  ADD ("/project/link-and-mode", test_link_and_mode);
  ADD ("/project/load-fails", test_load_fails);
  ADD ("/project/other-files", test_other_files);
  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autofree char *path = g_strdup_printf ("/project/lies/%s", lies[i].name);

      g_test_add (path, Place, GUINT_TO_POINTER (i), place_set_up, test_lie, place_tear_down);
    }
  return g_test_run ();
}
