/* viewer-fixture.h: a small data set on disk, a document that trains on it, and a window that shows
 * a viewer of it. */
#pragma once

#include "../engine/nn-test-data.h"

#include <glib/gstdio.h>

#include "document/wb-document.h"
#include "viewers/wb-viewer.h"

#define FIXTURE_TRAIN 128
#define FIXTURE_TEST (FIXTURE_TRAIN / 4)

static inline void
fixture_write_idx (const char *folder, const char *name, guint32 magic, NnDataset *dataset,
                   NnPart part, guint field, gsize size)
{
  gsize n = nn_dataset_n_samples (dataset, part);
  const guint32 sizes[] = { magic, (guint32)n, 8, 8 };
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < (magic & 0xff) + 1; i++)
    {
      guint32 big = GUINT32_TO_BE (sizes[i]);
      g_byte_array_append (bytes, (const guint8 *)&big, sizeof big);
    }
  for (guint32 i = 0; i < n; i++)
    {
      float values[64];
      if (size > 1)
        nn_dataset_read (dataset, part, field, &i, 1, nn_kernels_best (), values);
      for (gsize j = 0; j < size; j++)
        {
          guint8 byte = size > 1 ? (guint8)(255 * values[j] + 0.5f)
                                 : (guint8)nn_dataset_label (dataset, part, field, i);
          g_byte_array_append (bytes, &byte, 1);
        }
    }
  g_file_set_contents (path, (const char *)bytes->data, bytes->len, &error);
  g_assert_no_error (error);
}

/* A new folder with the bars of nn_test_dataset() as IDX files. (transfer full) */
static inline char *
fixture_make_data (void)
{
  g_autoptr (NnDataset) dataset = nn_test_dataset (FIXTURE_TRAIN);
  char *folder = g_dir_make_tmp ("diabolo-test-XXXXXX", NULL);

  g_assert_nonnull (folder);
  fixture_write_idx (folder, "train-images-idx3-ubyte", 0x803, dataset, NN_PART_TRAIN, 0, 64);
  fixture_write_idx (folder, "t10k-images-idx3-ubyte", 0x803, dataset, NN_PART_TEST, 0, 64);
  fixture_write_idx (folder, "train-labels-idx1-ubyte", 0x801, dataset, NN_PART_TRAIN, 1, 1);
  fixture_write_idx (folder, "t10k-labels-idx1-ubyte", 0x801, dataset, NN_PART_TEST, 1, 1);
  return folder;
}

typedef gboolean (*FixtureCondition) (gpointer data);

static inline gboolean
fixture_tick (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* Runs the main loop until condition holds; fails after a minute. */
#define fixture_wait(condition, data)                                                              \
  G_STMT_START                                                                                     \
  {                                                                                                \
    gint64 fixture_end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;                            \
    guint fixture_source = g_timeout_add (5, fixture_tick, NULL);                                  \
    while (!(condition)(data) && g_get_monotonic_time () < fixture_end)                            \
      g_main_context_iteration (NULL, TRUE);                                                       \
    g_source_remove (fixture_source);                                                              \
    g_assert_true ((condition)(data));                                                             \
  }                                                                                                \
  G_STMT_END

static inline gboolean
fixture_has_data (gpointer document)
{
  return wb_document_dataset (document) != NULL;
}

static inline gboolean
fixture_finished (gpointer document)
{
  return wb_document_state (document) == NN_SESSION_FINISHED;
}

/* A document that has loaded the data in folder. design (transfer full). */
static inline WbDocument *
fixture_open (NnDesign *design, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnParams) data = nn_params_with_text (nn_design_data (design), "name", folder, &error);
  WbDocument *document;

  g_assert_no_error (error);
  nn_test_replace (&design, nn_design_with_data (design, data));
  document = wb_document_new (design);
  nn_design_unref (design);
  fixture_wait (fixture_has_data, document);
  return document;
}

/* ---- in a window ---- */

typedef struct
{
  WbDocument *document; /* owned */
  GtkWidget *window;
  WbViewer *viewer; /* NULL where the window shows something else */
} FixtureWindow;

/* A window with child, which draws in time with the worker's news. document (transfer full). */
static inline FixtureWindow
fixture_window (GtkWidget *child, WbDocument *document, int width, int height)
{
  FixtureWindow shown = { document, gtk_window_new (), NULL };

  gtk_window_set_default_size (GTK_WINDOW (shown.window), width, height);
  gtk_window_set_child (GTK_WINDOW (shown.window), child);
  wb_document_set_frame_widget (document, shown.window);
  gtk_window_present (GTK_WINDOW (shown.window));
  return shown;
}

/* One with a viewer of that kind. document (transfer full). */
static inline FixtureWindow
fixture_viewer (const char *id, WbDocument *document, int width, int height)
{
  WbViewer *viewer = wb_viewer_new (wb_viewer_type (id));

  wb_viewer_set_document (viewer, document);
  FixtureWindow shown = fixture_window (GTK_WIDGET (viewer), document, width, height);
  shown.viewer = viewer;
  return shown;
}

static inline void
fixture_window_close (FixtureWindow *shown)
{
  wb_document_set_frame_widget (shown->document, NULL);
  gtk_window_destroy (GTK_WINDOW (shown->window));
  wb_document_close (shown->document);
  g_object_unref (shown->document);
}

/* The first widget of a type in a tree; NULL: none. */
static inline gpointer
fixture_find (gpointer widget, GType type)
{
  gpointer found = G_TYPE_CHECK_INSTANCE_TYPE (widget, type) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = fixture_find (child, type);
  return found;
}

/* The numbers that a viewer shows; "" where there are none. (transfer full) */
static inline char *
fixture_csv (WbViewer *viewer)
{
  WbViewerClass *klass = WB_VIEWER_GET_CLASS (viewer);
  g_autoptr (WbTable) table = klass->to_csv == NULL ? klass->to_table (viewer) : NULL;
  char *csv = klass->to_csv != NULL ? klass->to_csv (viewer)
              : table != NULL       ? wb_table_to_csv (table)
                                    : NULL;

  return csv != NULL ? csv : g_strdup ("");
}
