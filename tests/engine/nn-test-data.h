/* nn-test-data.h: small data sets and networks that several tests need. */
#pragma once

#include <glib/gstdio.h>
#include <string.h>
#include <time.h>

#include "data/nn-dataset.h"
#include "layers/nn-layer.h"
#include "model/nn-design.h"
#include "model/nn-initialiser.h"
#include "model/nn-program.h"
#include "train/nn-checkpoint.h"

/* 8x8 images of two blurred bars each, class = which of four; n training and n / 4 test samples. */
static inline NnDataset *
nn_test_dataset (gsize n)
{
  NnFieldStorage fields[2] = {
    { .field = { .name = "image", .kind = NN_FIELD_IMAGE, .shape = nn_shape (8, 8, 1) } },
    { .field = { .name = "label", .kind = NN_FIELD_LABEL, .shape = nn_shape (4), .n_classes = 4 },
      .label_size = 1 },
  };
  const gsize n_samples[NN_N_PARTS] = { n, MAX (n / 4, 1) };
  for (guint part = 0; part < NN_N_PARTS; part++)
    {
      guint8 *pixels = g_new0 (guint8, n_samples[part] * 64),
             *labels = g_new (guint8, n_samples[part]);
      for (gsize i = 0; i < n_samples[part]; i++)
        {
          const guint a = (guint)(i * 7 + part) % 4, b = (guint)(i * 5 / 3) % 8;
          labels[i] = (guint8)a;
          for (guint k = 0; k < 8; k++)
            {
              pixels[i * 64 + (2 * a) * 8 + k] = 230;
              pixels[i * 64 + k * 8 + b] = (guint8)(100 + (i * 31 + k * 17) % 150);
            }
        }
      fields[0].bytes[part] = g_bytes_new_take (pixels, n_samples[part] * 64);
      fields[1].bytes[part] = g_bytes_new_take (labels, n_samples[part]);
    }
  g_autoptr (GError) error = NULL;
  NnDataset *dataset = nn_dataset_new ("bars", "Bars", fields, 2, n_samples, &error);
  g_assert_no_error (error);
  for (guint part = 0; part < NN_N_PARTS; part++)
    {
      g_bytes_unref (fields[0].bytes[part]);
      g_bytes_unref (fields[1].bytes[part]);
    }
  return dataset;
}

/* Takes the old design's place. */
static inline void
nn_test_replace (NnDesign **design, NnDesign *next)
{
  g_assert_nonnull (next);
  nn_design_unref (*design);
  *design = next;
}

/* "units=3 activation=elu" on top of params' defaults. */
static inline NnParams *
nn_test_params (const NnParamSpec *specs, const char *text)
{
  NnParams *params = nn_params_new (specs);
  g_auto (GStrv) words = g_strsplit (text ? text : "", " ", -1);
  for (guint i = 0; words[i]; i++)
    {
      g_autoptr (GError) error = NULL;
      char *equals = strchr (words[i], '=');
      if (!equals)
        continue;
      *equals = 0;
      NnParams *next = nn_params_with_text (params, words[i], equals + 1, &error);
      g_assert_no_error (error);
      nn_params_unref (params);
      params = next;
    }
  return params;
}

/* Adds a layer and connects it behind node `after` (0: nothing). Returns its id. */
static inline guint
nn_test_add (NnDesign **design, const char *type, const char *params, guint after)
{
  g_autoptr (GError) error = NULL;
  guint id = 0;
  g_autoptr (NnParams) values = nn_test_params (nn_layer_type (type)->params, params);
  nn_test_replace (
      design, nn_design_add_node (*design, nn_layer_type (type), values, NULL, 126.0 * id, 0, &id));
  if (after)
    nn_test_replace (design, nn_design_connect (*design, after, 0, id, 0, &error));
  g_assert_no_error (error);
  return id;
}

static inline void
nn_test_set_training (NnDesign **design, const char *text)
{
  g_autoptr (NnParams) training = nn_test_params (nn_training_specs (), text);
  nn_test_replace (design, nn_design_with_training (*design, training));
}

/* Input, flatten, hidden (nodes 1, 2, 3), output, loss (nodes 4, 5) for nn_test_dataset(). */
static inline NnDesign *
nn_test_autoencoder (const char *hidden, const char *training)
{
  g_autoptr (GError) error = NULL;
  NnDesign *design = nn_design_new ();
  guint input = nn_test_add (&design, "input", NULL, 0);
  guint flatten = nn_test_add (&design, "flatten", NULL, input);
  guint code = nn_test_add (&design, "dense", hidden, flatten);
  guint output = nn_test_add (&design, "dense", "units=64 activation=sigmoid", code);
  guint loss = nn_test_add (&design, "reconstruction-loss", NULL, output);
  nn_test_replace (&design, nn_design_connect (design, input, 0, loss, 1, &error));
  g_assert_no_error (error);
  nn_test_set_training (&design, training);
  return design;
}

/* A program's weights as a run draws them. (transfer full) */
static inline NnCheckpoint *
nn_test_weights (const NnProgram *program)
{
  NnCheckpoint *checkpoint = nn_checkpoint_new ();
  for (guint i = 0; i < program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program, i);
      g_autoptr (NnTensor) tensor = nn_tensor_new (&weight->shape);
      nn_initialise (weight, 5, i, tensor->data);
      nn_checkpoint_add (checkpoint, weight->node, weight->name, tensor, NULL, 0);
    }
  return checkpoint;
}

/* Weights and what the optimizer knows of them, bit for bit. */
static inline void
nn_test_assert_same_weights (const NnCheckpoint *a, const NnCheckpoint *b)
{
  g_assert_cmpuint (a->entries->len, ==, b->entries->len);
  for (guint i = 0; i < a->entries->len; i++)
    {
      const NnCheckpointEntry *x = a->entries->pdata[i];
      const NnCheckpointEntry *y = nn_checkpoint_find (b, x->node, x->name);
      g_assert_nonnull (y);
      g_assert_cmpuint (x->n_updates, ==, y->n_updates);
      g_assert_cmpmem (x->value->data, x->value->size * sizeof (float), y->value->data,
                       y->value->size * sizeof (float));
      for (guint k = 0; k < G_N_ELEMENTS (x->slot); k++)
        {
          g_assert_true ((x->slot[k] == NULL) == (y->slot[k] == NULL));
          if (x->slot[k] != NULL)
            g_assert_cmpmem (x->slot[k]->data, x->slot[k]->size * sizeof (float), y->slot[k]->data,
                             y->slot[k]->size * sizeof (float));
        }
    }
}

/* That this thread has computed: on a busy machine a clock would measure the others. */
static inline double
nn_test_processor_seconds (void)
{
  struct timespec now;
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* With all that is in it. */
static inline void
nn_test_remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name (dir));)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        nn_test_remove_folder (path);
      else
        g_unlink (path);
    }
  g_rmdir (folder);
}

/* An input of the program, made as the input layer makes it. */
static inline gint
nn_test_program_input (NnProgram *program, const char *field, const NnShape *shape)
{
  const NnLayerType *type = nn_layer_type ("input");
  g_autofree char *text = g_strdup_printf ("field=%s", field);
  g_autoptr (NnParams) params = nn_test_params (type->params, text);
  gint out;
  nn_program_lower_node (program, type, params, 1000 + program->inputs->len, FALSE, NULL, 0, shape,
                         &out, 1);
  return out;
}

static inline guint
nn_test_count_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;
  while (g_dir_read_name (dir))
    n++;
  return n;
}
