#include "diabolo-config.h"

#include "formats/nn-project-checkpoint.h"

#include <glib/gi18n-lib.h>

#include "base/nn-error.h"
#include "data/nn-data-source.h"
#include "formats/nn-project-state.h"
#include "formats/nn-safetensors.h"
#include "model/nn-analysis.h"
#include "optimizers/nn-optimizer.h"

#define WEIGHTS "weights.safetensors"
#define OPTIMIZER "optimizer.safetensors"
#define BEST "best.safetensors"
#define HISTORY "history.csv"
#define STATE "state.json"

gboolean
nn_project_checkpoint_has_entry (const char *name)
{
  static const char *const names[] = { WEIGHTS, OPTIMIZER, BEST, HISTORY, STATE, NULL };

  return g_strv_contains (names, name);
}

/* ---- which weights a design has ---- */

typedef struct
{
  GHashTable *shapes; /* "node id/weight name" -> NnShape, owned */
  gboolean whole;     /* every weight of the design is among them */
} ExpectedWeights;

static void
expected_weights_clear (ExpectedWeights *expected)
{
  g_clear_pointer (&expected->shapes, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpectedWeights, expected_weights_clear)

/* info NULL: nothing is known. In a design that cannot be trained as it stands, less is known than
 * there may have been before the edit that broke it. */
static void
expected_weights_init (ExpectedWeights *expected, NnDesign *design, const NnDataInfo *info)
{
  expected->shapes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  expected->whole = FALSE;
  if (info == NULL)
    return;
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, info, G_MAXUINT64);
  NnProgram *program = nn_analysis_program (analysis);
  expected->whole = nn_analysis_can_train (analysis);
  for (guint i = 0; program != NULL && i < program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program, i);

      g_hash_table_insert (expected->shapes, g_strdup_printf ("%u/%s", weight->node, weight->name),
                           g_memdup2 (&weight->shape, sizeof weight->shape));
    }
}

static const NnShape *
expected_shape (const ExpectedWeights *expected, guint node, const char *weight)
{
  g_autofree char *key = g_strdup_printf ("%u/%s", node, weight);

  return g_hash_table_lookup (expected->shapes, key);
}

/* ---- tensors ---- */

/* NULL: it is of no weight that the design has. (transfer full) */
static char *
name_of (const NnCheckpointEntry *entry, const NnDesign *design, const ExpectedWeights *expected)
{
  const NnNode *node = nn_design_node (design, entry->node);
  const NnShape *shape = expected_shape (expected, entry->node, entry->name);

  if (node == NULL || (expected->whole && shape == NULL)
      || (shape != NULL && !nn_shape_equal (shape, &entry->value->shape)))
    return NULL;
  return g_strdup_printf ("%s/%s", node->name, entry->name);
}

/* Weights of the best epoch; what the optimizer knew then is left out. */
static void
write_best (GPtrArray *entries, const NnDesign *design, const NnCheckpoint *best,
            const ExpectedWeights *expected)
{
  g_autoptr (GPtrArray) weights = nn_named_tensors_new ();

  for (guint i = 0; i < best->entries->len; i++)
    {
      const NnCheckpointEntry *entry = g_ptr_array_index (best->entries, i);
      g_autofree char *name = name_of (entry, design, expected);

      if (name != NULL)
        nn_named_tensors_add (weights, name, entry->value);
    }
  g_autoptr (GBytes) bytes = nn_safetensors_write (weights, NULL);
  nn_zip_entries_add (entries, BEST, bytes);
}

static void
write_tensors (GPtrArray *entries, const NnDesign *design, const NnCheckpoint *checkpoint,
               const ExpectedWeights *expected)
{
  g_autoptr (GPtrArray) weights = nn_named_tensors_new ();
  g_autoptr (GPtrArray) slots = nn_named_tensors_new ();
  const NnOptimizerType *optimizer =
      checkpoint->optimizer != NULL ? nn_optimizer_type (checkpoint->optimizer) : NULL;

  for (guint i = 0; i < checkpoint->entries->len; i++)
    {
      const NnCheckpointEntry *entry = g_ptr_array_index (checkpoint->entries, i);
      g_autofree char *name = name_of (entry, design, expected);

      if (name == NULL)
        continue;
      nn_named_tensors_add (weights, name, entry->value);
      for (guint s = 0; optimizer != NULL && s < optimizer->n_slots; s++)
        if (entry->slot[s] != NULL)
          {
            g_autofree char *slot_name = g_strdup_printf ("%s/%s", name, optimizer->slot_names[s]);

            nn_named_tensors_add (slots, slot_name, entry->slot[s]);
          }
    }
  g_autoptr (GBytes) weight_bytes = nn_safetensors_write (weights, NULL);
  g_autoptr (GBytes) slot_bytes = nn_safetensors_write (slots, NULL);
  nn_zip_entries_add (entries, WEIGHTS, weight_bytes);
  nn_zip_entries_add (entries, OPTIMIZER, slot_bytes);
}

/* What reading needs beside the entries. */
typedef struct
{
  NnDesign *design;
  const ExpectedWeights *expected;
  GHashTable *slots; /* name -> NnTensor, borrowed; each is removed when it is used */
  NnCheckpoint *checkpoint;
} Reader;

static gboolean
shape_fails (const char *where, const char *name, const NnShape *expected, const NnShape *found,
             GError **error)
{
  g_autofree char *expected_text = nn_shape_to_string (expected);
  g_autofree char *found_text = nn_shape_to_string (found);

  g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
               _ ("%s, tensor “%s”: the design needs the shape %s, but it is %s."), where, name,
               expected_text, found_text);
  return FALSE;
}

/* One tensor of weights.safetensors with its slots. Node names may have slashes, weight names do
 * not. */
static gboolean
read_weight (Reader *reader, const NnNamedTensor *named, const char *where, const char *slots_where,
             GError **error)
{
  const char *slash = strrchr (named->name, '/');
  g_autofree char *node_name =
      slash != NULL ? g_strndup (named->name, slash - named->name) : g_strdup ("");
  const NnNode *node = nn_design_node_by_name (reader->design, node_name);

  if (slash == NULL || node == NULL)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s, tensor “%s”: a name made of a layer and its weight was expected, but "
                      "the design has no "
                      "layer “%s”."),
                   where, named->name, node_name);
      return FALSE;
    }
  const NnShape *expected = expected_shape (reader->expected, node->id, slash + 1);
  if (expected != NULL && !nn_shape_equal (expected, &named->tensor->shape))
    return shape_fails (where, named->name, expected, &named->tensor->shape, error);
  if (expected == NULL && reader->expected->whole)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s, tensor “%s”: the layer “%s” has no weight “%s”."), where, named->name,
                   node_name, slash + 1);
      return FALSE;
    }

  const NnOptimizerType *optimizer = reader->checkpoint->optimizer != NULL
                                         ? nn_optimizer_type (reader->checkpoint->optimizer)
                                         : NULL;
  NnTensor *slots[NN_OPTIMIZER_MAX_SLOTS] = { NULL };
  for (guint s = 0; optimizer != NULL && s < optimizer->n_slots; s++)
    {
      g_autofree char *name = g_strdup_printf ("%s/%s", named->name, optimizer->slot_names[s]);

      slots[s] = g_hash_table_lookup (reader->slots, name);
      if (slots[s] != NULL && !nn_shape_equal (&slots[s]->shape, &named->tensor->shape))
        return shape_fails (slots_where, name, &named->tensor->shape, &slots[s]->shape, error);
      g_hash_table_remove (reader->slots, name);
    }
  nn_checkpoint_add (reader->checkpoint, node->id, slash + 1, named->tensor, slots,
                     G_N_ELEMENTS (slots))
      ->n_updates = reader->checkpoint->step;
  return TRUE;
}

static gboolean
read_tensors (Reader *reader, GPtrArray *entries, const char *source, GError **error)
{
  g_autofree char *where = g_strdup_printf ("%s, %s", source, WEIGHTS);
  g_autofree char *slots_where = g_strdup_printf ("%s, %s", source, OPTIMIZER);
  g_autoptr (GPtrArray) weights =
      nn_safetensors_read (nn_zip_entries_find (entries, WEIGHTS), where, NULL, error);
  GBytes *slot_bytes = nn_zip_entries_find (entries, OPTIMIZER);
  g_autoptr (GPtrArray) slots = NULL;

  if (weights == NULL)
    return FALSE;
  slots = slot_bytes != NULL ? nn_safetensors_read (slot_bytes, slots_where, NULL, error)
                             : nn_named_tensors_new ();
  if (slots == NULL)
    return FALSE;

  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < slots->len; i++)
    {
      NnNamedTensor *named = g_ptr_array_index (slots, i);

      g_hash_table_insert (by_name, named->name, named->tensor);
    }
  reader->slots = by_name;
  for (guint i = 0; i < weights->len; i++)
    if (!read_weight (reader, g_ptr_array_index (weights, i), where, slots_where, error))
      return FALSE;

  GHashTableIter iter;
  gpointer name;
  g_hash_table_iter_init (&iter, by_name);
  if (g_hash_table_iter_next (&iter, &name, NULL))
    {
      g_set_error (
          error, NN_ERROR, NN_ERROR_FORMAT,
          _ ("%s, tensor “%s”: no weight with state of that name belongs to the optimizer “%s”."),
          slots_where, (char *)name,
          reader->checkpoint->optimizer != NULL ? reader->checkpoint->optimizer : "");
      return FALSE;
    }
  return TRUE;
}

/* ---- the whole ---- */

void
nn_project_checkpoint_write (GPtrArray *entries, const NnDesign *design,
                             const NnCheckpoint *checkpoint, JsonObject *extra)
{
  g_autoptr (NnDesign) own = nn_design_ref ((NnDesign *)design);
  /* Without its data set, or where that would have to be read first, the file goes without the
   * fields, and reading it checks less. */
  g_autoptr (NnDataInfo) info = nn_data_peek_is_quick (nn_design_data (design))
                                    ? nn_data_peek_with (nn_design_data (design), NULL, NULL)
                                    : NULL;
  g_auto (ExpectedWeights) expected = { 0 };

  expected_weights_init (&expected, own, info);
  g_autofree char *state = nn_project_state_write (checkpoint, info, extra);

  nn_zip_entries_add_text (entries, STATE, state);
  if (checkpoint->history != NULL)
    {
      g_autofree char *csv = nn_run_history_to_csv (checkpoint->history);

      nn_zip_entries_add_text (entries, HISTORY, csv);
    }
  write_tensors (entries, design, checkpoint, &expected);
  if (checkpoint->best != NULL)
    write_best (entries, design, checkpoint->best, &expected);
}

/* The weights of the epoch that the state calls the best. */
static gboolean
read_best (Reader *reader, GBytes *bytes, const char *source, GError **error)
{
  g_autofree char *where = g_strdup_printf ("%s, %s", source, BEST);
  g_autoptr (GPtrArray) weights = nn_safetensors_read (bytes, where, NULL, error);
  g_autoptr (GHashTable) no_slots = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (NnCheckpoint) best = nn_checkpoint_new ();
  Reader of_best = { reader->design, reader->expected, no_slots, best };

  if (weights == NULL)
    return FALSE;
  best->epoch = reader->checkpoint->watch.epoch;
  for (guint i = 0; i < weights->len; i++)
    if (!read_weight (&of_best, g_ptr_array_index (weights, i), where, where, error))
      return FALSE;
  nn_checkpoint_set_best (reader->checkpoint, best);
  return TRUE;
}

static gboolean
read_history (NnCheckpoint *checkpoint, GBytes *bytes, const char *source, GError **error)
{
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);

  if (!g_utf8_validate_len (text, size, NULL))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("%s, %s: UTF-8 was expected."), source,
                   HISTORY);
      return FALSE;
    }
  checkpoint->history = nn_run_history_from_csv (text, size, error);
  if (checkpoint->history == NULL)
    g_prefix_error (error, "%s, %s: ", source, HISTORY);
  return checkpoint->history != NULL;
}

gboolean
nn_project_checkpoint_read (GPtrArray *entries, const char *source, NnDesign *design,
                            NnCheckpoint **checkpoint, JsonObject **extra, GError **error)
{
  GBytes *state_bytes = nn_zip_entries_find (entries, STATE);
  GBytes *history = nn_zip_entries_find (entries, HISTORY);
  gboolean has_weights = nn_zip_entries_find (entries, WEIGHTS) != NULL;
  g_autofree char *where = g_strdup_printf ("%s, %s", source, STATE);

  *checkpoint = NULL;
  *extra = NULL;
  if (state_bytes == NULL && !has_weights)
    return TRUE;
  if (state_bytes == NULL || !has_weights)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s: %s was expected beside %s, but is not there."), source,
                   has_weights ? STATE : WEIGHTS, has_weights ? WEIGHTS : STATE);
      return FALSE;
    }

  g_autoptr (NnCheckpoint) read = nn_checkpoint_new ();
  g_autoptr (NnDataInfo) info = NULL;
  g_autoptr (JsonObject) unknown = NULL;
  if (!nn_project_state_read (state_bytes, where, read, &info, &unknown, error))
    return FALSE;

  g_auto (ExpectedWeights) expected = { 0 };
  expected_weights_init (&expected, design, info);
  Reader reader = { .design = design, .expected = &expected, .checkpoint = read };
  GBytes *best = nn_zip_entries_find (entries, BEST);
  if (!read_tensors (&reader, entries, source, error)
      || (best != NULL && !read_best (&reader, best, source, error))
      || !nn_project_state_read_updates (state_bytes, where, read, error)
      || (history != NULL && !read_history (read, history, source, error)))
    return FALSE;
  *extra = g_steal_pointer (&unknown);
  *checkpoint = g_steal_pointer (&read);
  return TRUE;
}
