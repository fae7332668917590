/* document-fixture.h: a small data set on the disk and a document on it, for tests of the document
 * and of the panels. Nothing here needs a display, but what looks at widgets.
 */
#pragma once

#include <glib/gstdio.h>
#include <string.h>

#include "../engine/nn-test-data.h"
#include "data/nn-data-source.h"
#include "document/wb-document.h"
#include "document/wb-templates.h"
#include "layers/nn-layer.h"

#define FIXTURE_SIDE 6
#define FIXTURE_TRAIN 256
#define FIXTURE_TEST 64
/* Longest a test waits for anything, us. Sanitizers are slow. */
#define FIXTURE_PATIENCE (60 * G_USEC_PER_SEC)

/* A folder of IDX files: pictures of one bright row each, labelled by it. (transfer full) */
static inline char *
fixture_write_data (void)
{
  static const struct
  {
    const char *images, *labels;
    guint32 n;
  } parts[] = {
    { "train-images-idx3-ubyte", "train-labels-idx1-ubyte", FIXTURE_TRAIN },
    { "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", FIXTURE_TEST },
  };
  char *folder = g_dir_make_tmp ("diabolo-test-XXXXXX", NULL);
  for (guint part = 0; part < G_N_ELEMENTS (parts); part++)
    {
      const guint32 n = parts[part].n;
      g_autoptr (GByteArray) images = g_byte_array_new ();
      g_autoptr (GByteArray) labels = g_byte_array_new ();
      const guint32 image_header[] = { GUINT32_TO_BE (0x803), GUINT32_TO_BE (n),
                                       GUINT32_TO_BE (FIXTURE_SIDE), GUINT32_TO_BE (FIXTURE_SIDE) };
      const guint32 label_header[] = { GUINT32_TO_BE (0x801), GUINT32_TO_BE (n) };
      g_byte_array_append (images, (const guint8 *)image_header, sizeof image_header);
      g_byte_array_append (labels, (const guint8 *)label_header, sizeof label_header);
      for (guint32 i = 0; i < n; i++)
        {
          guint8 label = (guint8)(i % FIXTURE_SIDE);
          g_byte_array_append (labels, &label, 1);
          for (guint p = 0; p < FIXTURE_SIDE * FIXTURE_SIDE; p++)
            {
              guint8 pixel = (guint8)(p / FIXTURE_SIDE == label ? 230 - i % 7 * 5 : i % 5 * 4);
              g_byte_array_append (images, &pixel, 1);
            }
        }
      g_autofree char *image_path = g_build_filename (folder, parts[part].images, NULL);
      g_autofree char *label_path = g_build_filename (folder, parts[part].labels, NULL);
      g_assert_true (
          g_file_set_contents (image_path, (const char *)images->data, images->len, NULL));
      g_assert_true (
          g_file_set_contents (label_path, (const char *)labels->data, labels->len, NULL));
    }
  return folder;
}

/* The first widget of that type from root on, itself included; NULL: there is none. */
static inline GtkWidget *
fixture_find_type (GtkWidget *root, GType type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (root, type))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = fixture_find_type (child, type);
      if (found != NULL)
        return found;
    }
  return NULL;
}

typedef gboolean (*FixtureCondition) (WbDocument *document);

/* Runs the main loop until condition holds. */
static inline void
fixture_wait (WbDocument *document, FixtureCondition condition)
{
  gint64 end = g_get_monotonic_time () + FIXTURE_PATIENCE;
  while (!condition (document))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (1000);
    }
}

static inline gboolean
fixture_loaded (WbDocument *document)
{
  return wb_document_busy (document, NULL) == NULL;
}

static inline gboolean
fixture_finished (WbDocument *document)
{
  return wb_document_state (document) == NN_SESSION_FINISHED;
}

/* Takes another number of epochs, and batches of 32. (transfer full) */
static inline NnDesign *
fixture_with_epochs (NnDesign *design, guint epochs)
{
  g_autoptr (NnParams) some =
      nn_params_with_number (nn_design_training (design), "epochs", epochs, NULL);
  g_autoptr (NnParams) training = nn_params_with_number (some, "batch-size", 32, NULL);
  return nn_design_with_training (design, training);
}

/* An autoencoder with a hidden layer on that data, loaded. The template's layers are named Input,
 * Flatten 1, Code, Output, Loss. */
static inline WbDocument *
fixture_document (const char *folder, guint epochs)
{
  g_autoptr (NnDesign) empty = nn_design_new ();
  g_autoptr (NnParams) params = nn_params_with_text (nn_design_data (empty), "name", folder, NULL);
  g_autoptr (NnDesign) with_data = nn_design_with_data (empty, params);
  g_autoptr (NnDesign) with_epochs = fixture_with_epochs (with_data, epochs);
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDataInfo) info = nn_data_peek (folder, &error);
  g_assert_no_error (error);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (with_epochs, info, 0);
  g_autoptr (NnDesign) design = wb_template_apply ("autoencoder", analysis, &error);
  g_assert_no_error (error);
  WbDocument *document = wb_document_new (design);
  fixture_wait (document, fixture_loaded);
  g_assert_no_error (wb_document_data_error (document));
  return document;
}

/* The same, trained to its end. */
static inline WbDocument *
fixture_trained (const char *folder)
{
  WbDocument *document = fixture_document (folder, 1);
  wb_document_train (document);
  fixture_wait (document, fixture_finished);
  return document;
}

static inline void
fixture_source_arrived (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  *(NnExportSource **)data = wb_document_export_finish (WB_DOCUMENT (object), result, &error);
  g_assert_no_error (error);
}

/* The network and its weights as they are now. (transfer full) */
static inline NnExportSource *
fixture_source (WbDocument *document)
{
  const gint64 end = g_get_monotonic_time () + FIXTURE_PATIENCE;
  NnExportSource *source = NULL;
  wb_document_export_async (document, fixture_source_arrived, &source);
  while (source == NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (1000);
    }
  return source;
}

typedef struct
{
  gboolean done, success;
  WbDocument *document; /* that was opened */
} FixtureFile;

static inline void
fixture_wait_for_file (const FixtureFile *file)
{
  const gint64 end = g_get_monotonic_time () + FIXTURE_PATIENCE;
  while (!file->done)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (1000);
    }
}

static inline void
fixture_saved (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  FixtureFile *file = data;
  file->success = wb_document_save_finish (WB_DOCUMENT (source), result, &error);
  g_assert_true (file->success == (error == NULL));
  file->done = TRUE;
}

/* Whether it could be saved. */
static inline gboolean
fixture_save (WbDocument *document, const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  FixtureFile saved = { 0 };
  wb_document_save_async (document, file, fixture_saved, &saved);
  fixture_wait_for_file (&saved);
  return saved.success;
}

static inline void
fixture_opened (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  FixtureFile *file = data;
  file->document = wb_document_open_finish (result, &error);
  g_assert_no_error (error);
  file->done = TRUE;
}

/* (transfer full) */
static inline WbDocument *
fixture_open (const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  FixtureFile opened = { 0 };
  wb_document_open_async (file, NULL, fixture_opened, &opened);
  fixture_wait_for_file (&opened);
  return opened.document;
}

static inline gboolean
fixture_has_step (WbDocument *document)
{
  return wb_document_snapshot (document) != NULL && wb_document_snapshot (document)->step > 0;
}

static inline guint
fixture_node (WbDocument *document, const char *name)
{
  const NnNode *node = nn_design_node_by_name (wb_document_design (document), name);
  g_assert_nonnull (node);
  return node->id;
}

static inline void
fixture_set_param (WbDocument *document, const char *name, const char *param, const char *value,
                   const char *merge)
{
  NnDesign *design = wb_document_design (document);
  const NnNode *node = nn_design_node_by_name (design, name);
  g_autoptr (NnParams) params = nn_params_with_text (node->params, param, value, NULL);
  g_assert_nonnull (params);
  g_autofree char *label = g_strdup_printf ("Change %s of %s", param, name);
  wb_document_edit (document, nn_design_set_params (design, node->id, params), label, merge);
}

/* The kernel of a node now. (transfer full) */
static inline NnTensor *
fixture_kernel (WbDocument *document, const char *node)
{
  g_autoptr (NnExportSource) source = fixture_source (document);
  const NnCheckpointEntry *entry =
      nn_checkpoint_find (source->checkpoint, fixture_node (document, node), "kernel");
  g_assert_nonnull (entry);
  return nn_tensor_copy (entry->value);
}

static inline void
fixture_check_same (const NnTensor *a, const NnTensor *b)
{
  g_assert_cmpmem (a->data, a->size * sizeof (float), b->data, b->size * sizeof (float));
}

/* Fewer samples than the lesson has: a test waits. */
static inline void
fixture_shorten (WbDocument *document)
{
  NnDesign *design = wb_document_design (document);
  g_autoptr (NnParams) training =
      nn_params_with_number (nn_design_training (design), "epochs", 2, NULL);
  g_autoptr (NnParams) data = nn_params_with_number (nn_design_data (design), "limit", 300, NULL);
  g_autoptr (NnDesign) trained = nn_design_with_training (design, training);
  wb_document_edit (document, nn_design_with_data (trained, data), "Shorten", NULL);
}

static inline void
fixture_close (WbDocument *document)
{
  wb_document_close (document);
  g_object_unref (document);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}
