/* data-fixture.h: a folder of files for tests of readers. */
#pragma once

#include <glib/gstdio.h>
#include <string.h>

#include "base/nn-error.h"
#include "data/nn-data-source.h"
#include "model/nn-design.h"
#include "nn-test-data.h"

typedef struct
{
  char *folder;
  GPtrArray *notes;
} Fixture;

static inline void
fixture_set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("diabolo-data-XXXXXX", NULL);
  g_assert_nonnull (fixture->folder);
  fixture->notes = g_ptr_array_new_with_free_func (g_free);
}

static inline void
fixture_tear_down (Fixture *fixture, gconstpointer data)
{
  nn_test_remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_ptr_array_unref (fixture->notes);
}

/* (transfer full) */
static inline char *
fixture_write (Fixture *fixture, const char *name, const void *data, gsize size)
{
  char *path = g_build_filename (fixture->folder, name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_unlink (path); /* else the old file is kept safe on the disk, which takes its time */
  g_assert_true (g_file_set_contents (path, data, (gssize)size, NULL));
  return path;
}

static inline char *
fixture_write_text (Fixture *fixture, const char *name, const char *text)
{
  return fixture_write (fixture, name, text, strlen (text));
}

/* "label=Class scaling=range" for path. (transfer full) */
static inline NnParams *
fixture_data (const char *path, const char *options)
{
  g_autoptr (NnParams) params = nn_test_params (nn_data_specs (), options);
  return nn_params_with_text (params, "name", path, NULL);
}

static inline NnDataset *
fixture_try (Fixture *fixture, const char *path, const char *options, GError **error)
{
  g_autoptr (NnParams) data = fixture_data (path, options);
  const NnLoadContext context = { .notes = fixture->notes };
  g_ptr_array_set_size (fixture->notes, 0);
  return nn_data_load_with (data, &context, error);
}

/* Loads, and checks that peeking promises the same. (transfer full) */
static inline NnDataset *
fixture_load (Fixture *fixture, const char *path, const char *options)
{
  g_autoptr (GError) error = NULL;
  NnDataset *dataset = fixture_try (fixture, path, options, &error);
  g_assert_no_error (error);
  const NnDataInfo *info = nn_dataset_info (dataset);
  g_autoptr (NnParams) data = fixture_data (path, options);
  g_autoptr (NnDataInfo) peeked = nn_data_peek_with (data, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (peeked->n_fields, ==, info->n_fields);
  for (guint f = 0; f < info->n_fields; f++)
    {
      g_assert_cmpstr (peeked->fields[f].name, ==, info->fields[f].name);
      g_assert_true (nn_shape_equal (&peeked->fields[f].shape, &info->fields[f].shape));
    }
  return dataset;
}

/* Loading must fail, and say each of the words (NULL-terminated). */
static inline void
fixture_refused (Fixture *fixture, const char *path, const char *options, const char *const *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDataset) dataset = fixture_try (fixture, path, options, &error);
  g_assert_null (dataset);
  g_assert_nonnull (error);
  for (guint i = 0; words[i]; i++)
    if (!strstr (error->message, words[i]))
      g_error ("“%s” is missing in: %s", words[i], error->message);
}

#define refused(fixture, path, options, ...)                                                       \
  fixture_refused (fixture, path, options, (const char *const[]){ __VA_ARGS__, NULL })

/* One value of a sample. */
static inline float
fixture_value (const NnDataset *dataset, NnPart part, guint field, guint32 sample, gsize i)
{
  const gsize size = (gsize)nn_shape_size (&nn_dataset_info (dataset)->fields[field].shape);
  g_autofree float *values = g_new (float, size);
  nn_dataset_read (dataset, part, field, &sample, 1, nn_kernels_best (), values);
  return values[i];
}
