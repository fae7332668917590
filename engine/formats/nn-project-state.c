#include "diabolo-config.h"

#include "formats/nn-project-state.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>
#include <math.h>

#include "base/nn-error.h"
#include "formats/nn-json.h"
#include "optimizers/nn-optimizer.h"

/* More fields than any data set has. */
#define MAX_FIELDS 64

/* ---- the data set's fields ---- */

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

/* ---- position ---- */

/* 64-bit numbers are texts: many readers of JSON keep 53 bits only. */
static void
set_u64 (JsonObject *state, const char *name, guint64 value)
{
  g_autofree char *text = g_strdup_printf ("%" PRIu64, value);

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

/* What a schedule remembers, where there is anything. */
static void
write_schedule (JsonObject *state, const NnScheduleState *schedule)
{
  JsonObject *object;

  if (schedule->epochs == 0)
    return;
  object = json_object_new ();
  json_object_set_double_member (object, "factor", schedule->factor);
  if (isfinite (schedule->best))
    json_object_set_double_member (object, "best", schedule->best);
  json_object_set_int_member (object, "wait", schedule->wait);
  json_object_set_int_member (object, "cooldown", schedule->cooldown);
  json_object_set_int_member (object, "epochs", schedule->epochs);
  json_object_set_object_member (state, "schedule", object);
}

/* object (out, borrowed): NULL where there is none. */
static gboolean
find_object (JsonObject *state, const char *name, const char *where, JsonObject **object,
             GError **error)
{
  JsonNode *node = json_object_get_member (state, name);

  *object = NULL;
  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("%s: “%s” should be an object, but is %s."),
                   where, name, nn_json_kind (node));
      return FALSE;
    }
  *object = json_node_get_object (node);
  return TRUE;
}

static gboolean
read_schedule (JsonObject *state, const char *where, NnScheduleState *schedule, GError **error)
{
  g_autofree char *place = g_strdup_printf ("%s, schedule", where);
  JsonObject *object;
  gint64 wait, cooldown, epochs;

  if (!find_object (state, "schedule", where, &object, error))
    return FALSE;
  if (object == NULL)
    return TRUE;
  if (!nn_json_get_double (object, "factor", place, &schedule->factor, error)
      || (json_object_has_member (object, "best")
          && !nn_json_get_double (object, "best", place, &schedule->best, error))
      || !nn_json_get_int (object, "wait", 0, G_MAXINT32, place, &wait, error)
      || !nn_json_get_int (object, "cooldown", 0, G_MAXINT32, place, &cooldown, error)
      || !nn_json_get_int (object, "epochs", 0, G_MAXINT32, place, &epochs, error))
    return FALSE;
  if (!(schedule->factor >= 0 && schedule->factor <= 1))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s: “factor” should be between 0 and 1, but is %g."), place,
                   schedule->factor);
      return FALSE;
    }
  schedule->wait = (guint)wait;
  schedule->cooldown = (guint)cooldown;
  schedule->epochs = (guint)epochs;
  return TRUE;
}

/* What was watched, where there is anything. */
static void
write_watch (JsonObject *state, const NnWatchState *watch)
{
  JsonObject *object;

  if (watch->epochs == 0)
    return;
  object = json_object_new ();
  if (isfinite (watch->best))
    json_object_set_double_member (object, "best", watch->best);
  json_object_set_int_member (object, "epoch", watch->epoch);
  json_object_set_int_member (object, "wait", watch->wait);
  json_object_set_int_member (object, "epochs", watch->epochs);
  json_object_set_object_member (state, "watch", object);
}

static gboolean
read_watch (JsonObject *state, const char *where, NnWatchState *watch, GError **error)
{
  g_autofree char *place = g_strdup_printf ("%s, watch", where);
  JsonObject *object;
  gint64 epoch, wait, epochs;

  if (!find_object (state, "watch", where, &object, error))
    return FALSE;
  if (object == NULL)
    return TRUE;
  if ((json_object_has_member (object, "best")
       && !nn_json_get_double (object, "best", place, &watch->best, error))
      || !nn_json_get_int (object, "epoch", 0, G_MAXINT32, place, &epoch, error)
      || !nn_json_get_int (object, "wait", 0, G_MAXINT32, place, &wait, error)
      || !nn_json_get_int (object, "epochs", 0, G_MAXINT32, place, &epochs, error))
    return FALSE;
  watch->epoch = (guint)epoch;
  watch->wait = (guint)wait;
  watch->epochs = (guint)epochs;
  return TRUE;
}

/* What the loss measures, so that what is measured next is known to compare with it, or not to. */
static void
write_measure (JsonObject *state, const NnMeasureState *measure)
{
  JsonObject *object;

  if (measure->is == 0)
    return;
  object = json_object_new ();
  json_object_set_int_member (object, "is", measure->is);
  json_object_set_int_member (object, "changes", measure->changes);
  json_object_set_object_member (state, "measure", object);
}

static gboolean
read_measure (JsonObject *state, const char *where, NnMeasureState *measure, GError **error)
{
  g_autofree char *place = g_strdup_printf ("%s, measure", where);
  JsonObject *object;
  gint64 is, changes;

  if (!find_object (state, "measure", where, &object, error))
    return FALSE;
  if (object == NULL)
    return TRUE;
  if (!nn_json_get_int (object, "is", 0, G_MAXUINT32, place, &is, error)
      || !nn_json_get_int (object, "changes", 0, G_MAXINT32, place, &changes, error))
    return FALSE;
  *measure = (NnMeasureState){ .is = (guint32)is, .changes = (guint)changes };
  return TRUE;
}

static char *
key_of (const NnCheckpointEntry *entry)
{
  return g_strdup_printf ("%u/%s", entry->node, entry->name);
}

/* Only of weights that came later, or whose state was begun anew: most have seen every step. */
static void
write_updates (JsonObject *state, const NnCheckpoint *checkpoint)
{
  g_autoptr (JsonObject) updates = json_object_new ();

  for (guint i = 0; i < checkpoint->entries->len; i++)
    {
      const NnCheckpointEntry *entry = g_ptr_array_index (checkpoint->entries, i);
      g_autofree char *key = key_of (entry);

      if (entry->n_updates != checkpoint->step)
        set_u64 (updates, key, entry->n_updates);
    }
  if (json_object_get_size (updates) > 0)
    json_object_set_object_member (state, "updates", g_steal_pointer (&updates));
}

gboolean
nn_project_state_read_updates (GBytes *bytes, const char *where, NnCheckpoint *checkpoint,
                               GError **error)
{
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);
  g_autoptr (JsonObject) state = nn_json_parse_object (text, size, where, error);
  g_autofree char *place = g_strdup_printf ("%s, updates", where);

  if (state == NULL)
    return FALSE;
  JsonObject *updates;
  if (!find_object (state, "updates", where, &updates, error))
    return FALSE;
  if (updates == NULL)
    return TRUE;
  for (guint i = 0; i < checkpoint->entries->len; i++)
    {
      NnCheckpointEntry *entry = g_ptr_array_index (checkpoint->entries, i);
      g_autofree char *key = key_of (entry);

      if (json_object_has_member (updates, key)
          && !get_u64 (updates, key, place, &entry->n_updates, error))
        return FALSE;
    }
  return TRUE;
}

char *
nn_project_state_write (const NnCheckpoint *checkpoint, const NnDataInfo *info, JsonObject *extra)
{
  g_autoptr (JsonObject) state = json_object_new ();

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
  write_schedule (state, &checkpoint->schedule);
  write_watch (state, &checkpoint->watch);
  write_measure (state, &checkpoint->measure);
  write_updates (state, checkpoint);
  if (info != NULL)
    write_fields (state, info);
  nn_json_add_members (state, extra);
  return nn_json_to_text (state);
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
                                       "schedule",
                                       "watch",
                                       "measure",
                                       "updates",
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
  if (!read_schedule (state, where, &checkpoint->schedule, error)
      || !read_watch (state, where, &checkpoint->watch, error)
      || !read_measure (state, where, &checkpoint->measure, error))
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

gboolean
nn_project_state_read (GBytes *bytes, const char *where, NnCheckpoint *checkpoint,
                       NnDataInfo **info, JsonObject **extra, GError **error)
{
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);
  g_autoptr (JsonObject) state = nn_json_parse_object (text, size, where, error);

  *extra = NULL;
  *info = NULL;
  if (state == NULL || !read_state (state, where, checkpoint, error)
      || !read_fields (state, where, info, error))
    return FALSE;
  *extra = unknown_keys (state);
  return TRUE;
}
