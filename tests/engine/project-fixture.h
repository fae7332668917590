/* project-fixture.h: a small project with weights, for the tests of project files. */
#pragma once

#include <string.h>

#include "base/nn-rng.h"
#include "formats/nn-project.h"

static const char fixture_design[] =
    "{ \"format\": \"diabolo-design\", \"version\": \"1.0\", \"title\": \"Test\", \"nodes\": ["
    "{\"id\": 1, \"type\": \"input\", \"name\": \"Input\", \"x\": 0, \"y\": 0,"
    " \"params\": {\"field\": \"image\"}},"
    "{\"id\": 2, \"type\": \"flatten\", \"name\": \"Flatten\", \"x\": 1, \"y\": 0, \"params\": {}},"
    "{\"id\": 3, \"type\": \"dense\", \"name\": \"En/coder\", \"x\": 2, \"y\": 0,"
    " \"params\": {\"units\": 3, \"activation\": \"relu\"}},"
    "{\"id\": 4, \"type\": \"dense\", \"name\": \"Output\", \"x\": 3, \"y\": 0,"
    " \"params\": {\"units\": 784, \"activation\": \"sigmoid\"}},"
    "{\"id\": 5, \"type\": \"reconstruction-loss\", \"name\": \"Loss\", \"x\": 4, \"y\": 0,"
    " \"params\": {\"loss\": \"binary-crossentropy\"}}],"
    "\"edges\": ["
    "{\"from\": [1, 0], \"to\": [2, 0]}, {\"from\": [2, 0], \"to\": [3, 0]},"
    "{\"from\": [3, 0], \"to\": [4, 0]}, {\"from\": [4, 0], \"to\": [5, 0]},"
    "{\"from\": [1, 0], \"to\": [5, 1]}],"
    "\"data\": {\"name\": \"digits\"}, \"training\": {\"epochs\": 3, \"batch-size\": 32},"
    "\"optimizer\": {\"type\": \"adam\", \"learning-rate\": 0.001} }";

static inline NnDesign *
fixture_make_design (void)
{
  g_autoptr (GError) error = NULL;
  NnDesign *design = nn_design_from_json (fixture_design, -1, &error);

  g_assert_no_error (error);
  return design;
}

static inline void
fixture_add_weight (NnCheckpoint *checkpoint, guint node, const char *name, NnShape shape)
{
  NnTensor *tensors[3];

  for (guint t = 0; t < 3; t++)
    {
      NnRng rng;

      nn_rng_init (&rng, 1, NN_STREAM_DATA, t, checkpoint->entries->len);
      tensors[t] = nn_tensor_new (&shape);
      for (gsize i = 0; i < tensors[t]->size; i++)
        tensors[t]->data[i] = nn_rng_normal (&rng);
    }
  nn_checkpoint_add (checkpoint, node, name, tensors[0], &tensors[1], 2);
  for (guint t = 0; t < 3; t++)
    nn_tensor_unref (tensors[t]);
}

static inline NnCheckpoint *
fixture_make_checkpoint (guint epoch)
{
  NnCheckpoint *checkpoint = nn_checkpoint_new ();

  fixture_add_weight (checkpoint, 3, "kernel", nn_shape (784, 3));
  fixture_add_weight (checkpoint, 3, "bias", nn_shape (3));
  fixture_add_weight (checkpoint, 4, "kernel", nn_shape (3, 784));
  fixture_add_weight (checkpoint, 4, "bias", nn_shape (784));
  checkpoint->optimizer = g_strdup ("adam");
  checkpoint->seed = G_MAXUINT64 - 5;
  checkpoint->step = G_GUINT64_CONSTANT (1) << 60;
  checkpoint->epoch = epoch;
  checkpoint->batch = 7;
  checkpoint->epoch_loss_sum = 1.0 / 3;
  checkpoint->epoch_correct_sum = 17;
  checkpoint->epoch_samples = 224;
  checkpoint->history = nn_run_history_new ();
  checkpoint->run = nn_run_history_begin (checkpoint->history);
  for (guint i = 0; i < 20; i++)
    {
      const NnRow row = { .run = checkpoint->run,
                          .kind = i % 3,
                          .epoch = i / 3.0,
                          .step = i,
                          .loss = 1.0 / (1 + i),
                          .accuracy = 0.5,
                          .seconds = i };

      nn_run_history_append (checkpoint->history, &row, 1);
    }
  return checkpoint;
}

static inline NnProject *
fixture_make_project (guint epoch)
{
  static const guint8 png[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 1, 2, 3 };
  g_autoptr (NnDesign) design = fixture_make_design ();
  g_autoptr (NnCheckpoint) checkpoint = fixture_make_checkpoint (epoch);
  NnProject *project = nn_project_new (design, checkpoint);

  project->thumbnail = g_bytes_new_static (png, sizeof png);
  project->text = g_strdup ("# Lesson\n\nWhat happens with a smaller code?\n");
  return project;
}

static inline gboolean
fixture_tensor_equal (const NnTensor *a, const NnTensor *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return nn_shape_equal (&a->shape, &b->shape)
         && memcmp (a->data, b->data, a->size * sizeof *a->data) == 0;
}

static inline gboolean
fixture_checkpoint_equal (const NnCheckpoint *a, const NnCheckpoint *b)
{
  if (a->entries->len != b->entries->len || a->seed != b->seed || a->step != b->step
      || a->epoch != b->epoch || a->batch != b->batch || a->run != b->run
      || a->epoch_loss_sum != b->epoch_loss_sum || a->epoch_correct_sum != b->epoch_correct_sum
      || a->epoch_samples != b->epoch_samples || g_strcmp0 (a->optimizer, b->optimizer) != 0)
    return FALSE;
  for (guint i = 0; i < a->entries->len; i++)
    {
      const NnCheckpointEntry *x = g_ptr_array_index (a->entries, i);
      const NnCheckpointEntry *y = nn_checkpoint_find (b, x->node, x->name);

      if (y == NULL || !fixture_tensor_equal (x->value, y->value))
        return FALSE;
      for (guint s = 0; s < G_N_ELEMENTS (x->slot); s++)
        if (!fixture_tensor_equal (x->slot[s], y->slot[s]))
          return FALSE;
    }
  g_autofree char *csv_a = nn_run_history_to_csv (a->history);
  g_autofree char *csv_b = nn_run_history_to_csv (b->history);
  return strcmp (csv_a, csv_b) == 0;
}

static inline gboolean
fixture_project_equal (const NnProject *a, const NnProject *b)
{
  g_autofree char *json_a = nn_design_to_json (a->design);
  g_autofree char *json_b = nn_design_to_json (b->design);
  guint extra_a = a->extra != NULL ? g_hash_table_size (a->extra) : 0;
  guint extra_b = b->extra != NULL ? g_hash_table_size (b->extra) : 0;
  GHashTableIter iter;
  gpointer name, bytes;

  if (strcmp (json_a, json_b) != 0 || g_strcmp0 (a->text, b->text) != 0 || extra_a != extra_b
      || (a->checkpoint == NULL) != (b->checkpoint == NULL)
      || (a->thumbnail == NULL) != (b->thumbnail == NULL)
      || (a->thumbnail != NULL && !g_bytes_equal (a->thumbnail, b->thumbnail))
      || (a->checkpoint != NULL && !fixture_checkpoint_equal (a->checkpoint, b->checkpoint)))
    return FALSE;
  if (extra_a == 0)
    return TRUE;
  g_hash_table_iter_init (&iter, a->extra);
  while (g_hash_table_iter_next (&iter, &name, &bytes))
    {
      GBytes *other = g_hash_table_lookup (b->extra, name);

      if (other == NULL || !g_bytes_equal (bytes, other))
        return FALSE;
    }
  return TRUE;
}
