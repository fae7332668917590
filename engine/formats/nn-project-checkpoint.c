#include "diabolo-config.h"

#include "formats/nn-project-checkpoint.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <math.h>

#include "base/nn-error.h"
#include "data/nn-data-source.h"
#include "formats/nn-json.h"
#include "formats/nn-safetensors.h"
#include "model/nn-analysis.h"
#include "optimizers/nn-optimizer.h"

#define WEIGHTS "weights.safetensors"
#define OPTIMIZER "optimizer.safetensors"
#define HISTORY "history.csv"
#define STATE "state.json"

/* More fields than any data set has. */
#define MAX_FIELDS 64

gboolean
nn_project_checkpoint_has_entry (const char *name)
{
  static const char *const names[] = { WEIGHTS, OPTIMIZER, HISTORY, STATE, NULL };

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

/* ---- the data set's fields in state.json ---- */

static const char *const field_kinds[] = {
  [NN_FIELD_IMAGE] = "image",
  [NN_FIELD_FEATURES] = "features",
  [NN_FIELD_SEQUENCE] = "sequence",
  [NN_FIELD_LABEL] = "label",
};

static void
write_fields (JsonObject *state, const NnDataInfo *info)
{
  JsonArray *fields = json_array_new ();

  for (guint i = 0; i < info->n_fields; i++)
    {
      const NnField *field = &info->fields[i];
      JsonObject *object = json_object_new ();
      JsonArray *shape = json_array_new ();

      for (gint d = 0; d < field->shape.rank; d++)
        json_array_add_int_element (shape, field->shape.dim[d]);
      json_object_set_string_member (object, "name", field->name);
      json_object_set_string_member (object, "kind", field_kinds[field->kind]);
      json_object_set_array_member (object, "shape", shape);
      json_object_set_int_member (object, "classes", field->n_classes);
      json_array_add_object_element (fields, object);
    }
  json_object_set_array_member (state, "fields", fields);
}

static gboolean
read_field (JsonNode *node, const char *where, NnField *field, GError **error)
{
  const char *kind;
  gint64 classes;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s: “fields” should hold objects, but holds %s."), where,
                   nn_json_kind (node));
      return FALSE;
    }
  JsonObject *object = json_node_get_object (node);
  if (!nn_json_get_text (object, "name", where, &field->name, error)
      || !nn_json_get_text (object, "kind", where, &kind, error)
      || !nn_json_get_int (object, "classes", 0, G_MAXINT32, where, &classes, error))
    return FALSE;
  field->n_classes = (guint)classes;
  for (guint k = 0; k < G_N_ELEMENTS (field_kinds); k++)
    if (strcmp (field_kinds[k], kind) == 0)
      field->kind = (NnFieldKind)k;

  JsonNode *shape = json_object_get_member (object, "shape");
  JsonArray *dims =
      shape != NULL && JSON_NODE_HOLDS_ARRAY (shape) ? json_node_get_array (shape) : NULL;
  gboolean ok = dims != NULL && json_array_get_length (dims) <= NN_MAX_RANK;
  for (guint d = 0; ok && d < json_array_get_length (dims); d++)
    {
      JsonNode *dim = json_array_get_element (dims, d);

      ok = JSON_NODE_HOLDS_VALUE (dim) && json_node_get_value_type (dim) == G_TYPE_INT64;
      field->shape.dim[field->shape.rank++] = ok ? json_node_get_int (dim) : 0;
    }
  if (!ok || nn_shape_size (&field->shape) < 1)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s: the “shape” of field “%s” should be a list of up to %d sizes."), where,
                   field->name, NN_MAX_RANK);
      return FALSE;
    }
  return TRUE;
}

/* info (out, transfer full): NULL where the state says nothing. */
static gboolean
read_fields (JsonObject *state, const char *where, NnDataInfo **info, GError **error)
{
  JsonNode *node = json_object_get_member (state, "fields");
  NnField fields[MAX_FIELDS] = { 0 };

  *info = NULL;
  if (node == NULL)
    return TRUE;
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  if (array == NULL || json_array_get_length (array) > MAX_FIELDS)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s: “fields” should be a list of at most %d objects."), where, MAX_FIELDS);
      return FALSE;
    }
  guint n = json_array_get_length (array);
  for (guint i = 0; i < n; i++)
    if (!read_field (json_array_get_element (array, i), where, &fields[i], error))
      return FALSE;
  const NnDataInfo found = {
    .name = "", .title = "", .n_fields = n, .fields = fields, .n_samples = { 1, 1 }
  };
  *info = nn_data_info_copy (&found);
  return TRUE;
}

/* ---- state.json ---- */

/* 64-bit numbers are texts: many readers of JSON keep 53 bits only. */
static void
set_u64 (JsonObject *state, const char *name, guint64 value)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, value);

  json_object_set_string_member (state, name, text);
}

static gboolean
get_u64 (JsonObject *state, const char *name, const char *where, guint64 *value, GError **error)
{
  const char *text;

  if (!nn_json_get_text (state, name, where, &text, error))
    return FALSE;
  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, value, NULL))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s: “%s” should be a whole number as a text, but is “%s”."), where, name,
                   text);
      return FALSE;
    }
  return TRUE;
}

/* JSON has no word for what is not finite. */
static void
set_sum (JsonObject *state, const char *name, double value)
{
  json_object_set_double_member (state, name, isfinite (value) ? value : 0);
}

static JsonObject *
write_state (const NnCheckpoint *checkpoint, const NnDataInfo *info, JsonObject *extra)
{
  JsonObject *state = json_object_new ();

  json_object_set_int_member (state, "epoch", checkpoint->epoch);
  json_object_set_int_member (state, "batch", checkpoint->batch);
  set_u64 (state, "step", checkpoint->step);
  set_u64 (state, "seed", checkpoint->seed);
  set_u64 (state, "run", checkpoint->run);
  if (checkpoint->optimizer != NULL)
    json_object_set_string_member (state, "optimizer", checkpoint->optimizer);
  set_sum (state, "epoch_loss_sum", checkpoint->epoch_loss_sum);
  set_sum (state, "epoch_correct_sum", checkpoint->epoch_correct_sum);
  set_u64 (state, "epoch_samples", checkpoint->epoch_samples);
  if (info != NULL)
    write_fields (state, info);
  if (extra != NULL)
    {
      JsonObjectIter iter;
      const char *name;
      JsonNode *node;

      json_object_iter_init_ordered (&iter, extra);
      while (json_object_iter_next_ordered (&iter, &name, &node))
        json_object_set_member (state, name, json_node_copy (node));
    }
  return state;
}

static JsonObject *
unknown_keys (JsonObject *state)
{
  static const char *const known[] = { "epoch",
                                       "batch",
                                       "step",
                                       "seed",
                                       "run",
                                       "optimizer",
                                       "epoch_loss_sum",
                                       "epoch_correct_sum",
                                       "epoch_samples",
                                       "fields",
                                       NULL };
  g_autoptr (JsonObject) unknown = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, state);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (!g_strv_contains (known, name))
      json_object_set_member (unknown, name, json_node_copy (node));
  return json_object_get_size (unknown) > 0 ? g_steal_pointer (&unknown) : NULL;
}

static gboolean
read_state (JsonObject *state, const char *where, NnCheckpoint *checkpoint, GError **error)
{
  gint64 epoch, batch;
  const char *optimizer;

  if (!nn_json_get_int (state, "epoch", 0, G_MAXINT32, where, &epoch, error)
      || !nn_json_get_int (state, "batch", 0, G_MAXINT32, where, &batch, error)
      || !get_u64 (state, "step", where, &checkpoint->step, error)
      || !get_u64 (state, "seed", where, &checkpoint->seed, error)
      || !get_u64 (state, "run", where, &checkpoint->run, error)
      || !nn_json_get_double (state, "epoch_loss_sum", where, &checkpoint->epoch_loss_sum, error)
      || !nn_json_get_double (state, "epoch_correct_sum", where, &checkpoint->epoch_correct_sum,
                              error)
      || !get_u64 (state, "epoch_samples", where, &checkpoint->epoch_samples, error))
    return FALSE;
  checkpoint->epoch = (guint)epoch;
  checkpoint->batch = (guint)batch;
  if (!json_object_has_member (state, "optimizer"))
    return TRUE;
  if (!nn_json_get_text (state, "optimizer", where, &optimizer, error))
    return FALSE;
  if (nn_optimizer_type (optimizer) == NULL)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_UNKNOWN, _ ("%s: there is no optimizer “%s”."), where,
                   optimizer);
      return FALSE;
    }
  checkpoint->optimizer = g_strdup (optimizer);
  return TRUE;
}

/* ---- tensors ---- */

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
      const NnNode *node = nn_design_node (design, entry->node);
      const NnShape *shape = expected_shape (expected, entry->node, entry->name);

      if (node == NULL || (expected->whole && shape == NULL)
          || (shape != NULL && !nn_shape_equal (shape, &entry->value->shape)))
        continue;
      g_autofree char *name = g_strdup_printf ("%s/%s", node->name, entry->name);
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
                     G_N_ELEMENTS (slots));
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
  /* Without its data set the file goes without the fields, and reading it checks less. */
  g_autoptr (NnDataInfo) info =
      nn_data_peek (nn_params_text (nn_design_data (design), "name"), NULL);
  g_auto (ExpectedWeights) expected = { 0 };
  g_autoptr (JsonObject) state = write_state (checkpoint, info, extra);

  expected_weights_init (&expected, own, info);
  g_autofree char *state_text = nn_json_to_text (state);

  nn_zip_entries_add_text (entries, STATE, state_text);
  if (checkpoint->history != NULL)
    {
      g_autofree char *csv = nn_run_history_to_csv (checkpoint->history);

      nn_zip_entries_add_text (entries, HISTORY, csv);
    }
  write_tensors (entries, design, checkpoint, &expected);
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

  gsize size;
  const char *text = g_bytes_get_data (state_bytes, &size);
  g_autoptr (JsonObject) state = nn_json_parse_object (text, size, where, error);
  g_autoptr (NnCheckpoint) read = nn_checkpoint_new ();
  g_autoptr (NnDataInfo) info = NULL;
  if (state == NULL || !read_state (state, where, read, error)
      || !read_fields (state, where, &info, error))
    return FALSE;

  g_auto (ExpectedWeights) expected = { 0 };
  expected_weights_init (&expected, design, info);
  Reader reader = { .design = design, .expected = &expected, .checkpoint = read };
  if (!read_tensors (&reader, entries, source, error)
      || (history != NULL && !read_history (read, history, source, error)))
    return FALSE;
  *extra = unknown_keys (state);
  *checkpoint = g_steal_pointer (&read);
  return TRUE;
}
