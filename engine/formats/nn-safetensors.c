#include "diabolo-config.h"

#include "formats/nn-safetensors.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/nn-error.h"
#include "formats/nn-json.h"

#define METADATA "__metadata__"
/* The format's reference implementation refuses longer headers. */
#define MAX_HEADER (100 * 1000 * 1000)
#define HEADER_ALIGN 8

static void
named_tensor_free (NnNamedTensor *named)
{
  g_free (named->name);
  nn_tensor_unref (named->tensor);
  g_free (named);
}

GPtrArray *
nn_named_tensors_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)named_tensor_free);
}

void
nn_named_tensors_add (GPtrArray *tensors, const char *name, NnTensor *tensor)
{
  NnNamedTensor *named = g_new (NnNamedTensor, 1);

  named->name = g_strdup (name);
  named->tensor = nn_tensor_ref (tensor);
  g_ptr_array_add (tensors, named);
}

NnTensor *
nn_named_tensors_find (GPtrArray *tensors, const char *name)
{
  for (guint i = 0; i < tensors->len; i++)
    {
      const NnNamedTensor *named = g_ptr_array_index (tensors, i);

      if (strcmp (named->name, name) == 0)
        return named->tensor;
    }
  return NULL;
}

/* ---- element types ---- */

/* IEEE 754 binary16 to binary32. */
static float
widen_f16 (guint16 h)
{
  guint32 sign = (guint32)(h & 0x8000) << 16;
  guint32 exponent = (h >> 10) & 0x1f;
  guint32 mantissa = h & 0x3ff;
  guint32 bits;
  float value;

  if (exponent == 0)
    {
      /* Subnormal: mantissa 2^-24. */
      value = (float)mantissa * 0x1p-24f;
      return sign != 0 ? -value : value;
    }
  bits = sign | (exponent == 0x1f ? 0x7f800000u : (exponent + 112) << 23) | mantissa << 13;
  memcpy (&value, &bits, sizeof value);
  return value;
}

static void
read_f16 (const guint8 *bytes, float *out, gsize n)
{
  for (gsize i = 0; i < n; i++)
    out[i] = widen_f16 ((guint16)(bytes[2 * i] | bytes[2 * i + 1] << 8));
}

/* bfloat16 is the upper half of binary32. */
static void
read_bf16 (const guint8 *bytes, float *out, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      guint32 bits = (guint32)bytes[2 * i] << 16 | (guint32)bytes[2 * i + 1] << 24;

      memcpy (&out[i], &bits, sizeof bits);
    }
}

static void
read_f32 (const guint8 *bytes, float *out, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      guint32 bits;

      memcpy (&bits, bytes + 4 * i, sizeof bits);
      bits = GUINT32_FROM_LE (bits);
      memcpy (&out[i], &bits, sizeof bits);
    }
}

static void
read_f64 (const guint8 *bytes, float *out, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      guint64 bits;
      double value;

      memcpy (&bits, bytes + 8 * i, sizeof bits);
      bits = GUINT64_FROM_LE (bits);
      memcpy (&value, &bits, sizeof value);
      out[i] = (float)value;
    }
}

typedef struct
{
  const char *name;
  guint size; /* bytes */
  void (*read) (const guint8 *bytes, float *out, gsize n);
} ElementType;

static const ElementType element_types[] = {
  { "F32", 4, read_f32 },
  { "F16", 2, read_f16 },
  { "BF16", 2, read_bf16 },
  { "F64", 8, read_f64 },
};

static const ElementType *
element_type (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (element_types); i++)
    if (strcmp (element_types[i].name, name) == 0)
      return &element_types[i];
  return NULL;
}

/* ---- writing ---- */

static void
add_metadata (JsonObject *header, GHashTable *metadata)
{
  JsonObject *object = json_object_new ();
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (metadata), (GCompareFunc)strcmp);

  for (GList *l = keys; l != NULL; l = l->next)
    json_object_set_string_member (object, l->data, g_hash_table_lookup (metadata, l->data));
  json_object_set_object_member (header, METADATA, object);
}

GBytes *
nn_safetensors_header (const NnNamedShape *tensors, guint n, GHashTable *metadata)
{
  g_autoptr (JsonObject) header = json_object_new ();
  gsize end = 0;

  if (metadata != NULL)
    add_metadata (header, metadata);
  for (guint i = 0; i < n; i++)
    {
      JsonObject *entry = json_object_new ();
      JsonArray *shape = json_array_new ();
      JsonArray *offsets = json_array_new ();

      for (gint d = 0; d < tensors[i].shape.rank; d++)
        json_array_add_int_element (shape, tensors[i].shape.dim[d]);
      json_array_add_int_element (offsets, (gint64)end);
      end += (gsize)nn_shape_size (&tensors[i].shape) * sizeof (float);
      json_array_add_int_element (offsets, (gint64)end);
      json_object_set_string_member (entry, "dtype", "F32");
      json_object_set_array_member (entry, "shape", shape);
      json_object_set_array_member (entry, "data_offsets", offsets);
      json_object_set_object_member (header, tensors[i].name, entry);
    }

  g_autoptr (JsonNode) root = json_node_init_object (json_node_alloc (), header);
  g_autofree char *text = json_to_string (root, FALSE);
  gsize length = strlen (text);
  gsize padded = (length + HEADER_ALIGN - 1) / HEADER_ALIGN * HEADER_ALIGN;
  guint8 *bytes = g_malloc (sizeof (guint64) + padded);
  guint64 length_le = GUINT64_TO_LE ((guint64)padded);

  memcpy (bytes, &length_le, sizeof length_le);
  /* The header is no C string. NOLINTNEXTLINE(bugprone-not-null-terminated-result) */
  memcpy (bytes + sizeof length_le, text, length);
  memset (bytes + sizeof length_le + length, ' ', padded - length);
  return g_bytes_new_take (bytes, sizeof length_le + padded);
}

GBytes *
nn_safetensors_write (GPtrArray *tensors, GHashTable *metadata)
{
  g_autofree NnNamedShape *shapes = g_new (NnNamedShape, tensors->len + 1);
  gsize head, size = 0;

  for (guint i = 0; i < tensors->len; i++)
    {
      const NnNamedTensor *named = g_ptr_array_index (tensors, i);

      shapes[i] = (NnNamedShape){ named->name, named->tensor->shape };
      size += named->tensor->size * sizeof (float);
    }
  g_autoptr (GBytes) header = nn_safetensors_header (shapes, tensors->len, metadata);
  const void *begin = g_bytes_get_data (header, &head);
  guint8 *bytes = g_malloc (head + size), *p = bytes + head;

  memcpy (bytes, begin, head);
  for (guint i = 0; i < tensors->len; i++)
    {
      const NnTensor *tensor = ((NnNamedTensor *)g_ptr_array_index (tensors, i))->tensor;

      for (gsize k = 0; k < tensor->size; k++, p += sizeof (float))
        {
          guint32 bits;

          memcpy (&bits, &tensor->data[k], sizeof bits);
          bits = GUINT32_TO_LE (bits);
          memcpy (p, &bits, sizeof bits);
        }
    }
  return g_bytes_new_take (bytes, head + size);
}

/* ---- reading ---- */

typedef struct
{
  const char *source;
  const guint8 *data; /* after the header */
  gsize size;         /* of data */
  const char *name;   /* of the tensor in hand */
} Reader;

typedef struct
{
  const char *name; /* borrowed from the header */
  const ElementType *type;
  NnShape shape;
  gsize n; /* values */
  gsize begin, end;
} Entry;

G_GNUC_PRINTF (3, 4)
static gboolean
entry_fails (const Reader *reader, GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *reason = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("%s, tensor “%s”: %s"), reader->source,
               reader->name, reason);
  return FALSE;
}

/* A list of whole numbers >= 0. */
static gboolean
read_int_list (const Reader *reader, JsonObject *object, const char *name, guint min_length,
               guint max_length, gint64 *values, guint *length, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return entry_fails (reader, error, _ ("“%s” should be a list, but there is %s."), name,
                        nn_json_kind (node));
  JsonArray *array = json_node_get_array (node);
  *length = json_array_get_length (array);
  if (*length < min_length || *length > max_length)
    return entry_fails (reader, error, _ ("“%s” should have %u to %u numbers, but has %u."), name,
                        min_length, max_length, *length);
  for (guint i = 0; i < *length; i++)
    {
      JsonNode *element = json_array_get_element (array, i);

      if (!JSON_NODE_HOLDS_VALUE (element) || json_node_get_value_type (element) != G_TYPE_INT64
          || json_node_get_int (element) < 0)
        return entry_fails (reader, error,
                            _ ("“%s” should hold whole numbers from 0, but one is %s."), name,
                            nn_json_kind (element));
      values[i] = json_node_get_int (element);
    }
  return TRUE;
}

static gboolean
read_entry (Reader *reader, JsonNode *node, Entry *entry, GError **error)
{
  const char *dtype;
  gint64 offsets[2] = { 0 };
  guint length = 0;

  reader->name = entry->name;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return entry_fails (reader, error, _ ("there should be an object, but there is %s."),
                        nn_json_kind (node));
  JsonObject *object = json_node_get_object (node);

  g_autofree char *where = g_strdup_printf (_ ("%s, tensor “%s”"), reader->source, entry->name);
  if (!nn_json_get_text (object, "dtype", where, &dtype, error))
    return FALSE;
  entry->type = element_type (dtype);
  if (entry->type == NULL)
    return entry_fails (reader, error,
                        _ ("its type is %s, but only F32, F16, BF16 and F64 can be read."), dtype);

  if (!read_int_list (reader, object, "shape", 0, NN_MAX_RANK, entry->shape.dim, &length, error))
    return FALSE;
  entry->shape.rank = (gint)length;
  gint64 n = nn_shape_size (&entry->shape);
  if (n < 1)
    return entry_fails (reader, error, _ ("its shape is empty or larger than any tensor can be."));
  entry->n = (gsize)n;

  if (!read_int_list (reader, object, "data_offsets", 2, 2, offsets, &length, error))
    return FALSE;
  if (offsets[0] > offsets[1] || (guint64)offsets[1] > reader->size)
    return entry_fails (reader, error,
                        _ ("its data should lie within %zu bytes, but is said to be from %" PRId64
                           " to %" PRId64 "."),
                        reader->size, offsets[0], offsets[1]);
  entry->begin = (gsize)offsets[0];
  entry->end = (gsize)offsets[1];
  if (entry->end - entry->begin != entry->n * entry->type->size)
    {
      g_autofree char *shape = nn_shape_to_string (&entry->shape);

      return entry_fails (reader, error, _ ("%s values of %s are %zu bytes, but %zu are there."),
                          shape, dtype, entry->n * entry->type->size, entry->end - entry->begin);
    }
  return TRUE;
}

static int
compare_begin (gconstpointer a, gconstpointer b)
{
  const Entry *x = a, *y = b;

  return (x->begin > y->begin) - (x->begin < y->begin);
}

/* The data must be used from end to end, each byte once, as the format demands: it also bounds what
 * is allocated by the size of the file. */
static gboolean
check_layout (Reader *reader, GArray *entries, GError **error)
{
  gsize end = 0;

  g_array_sort (entries, compare_begin);
  for (guint i = 0; i < entries->len; i++)
    {
      const Entry *entry = &g_array_index (entries, Entry, i);

      reader->name = entry->name;
      if (entry->begin != end)
        return entry_fails (reader, error,
                            _ ("its data should begin at %zu, but is said to begin at %zu."), end,
                            entry->begin);
      end = entry->end;
    }
  if (end != reader->size)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s: its tensors are %zu bytes, but %zu are there."), reader->source, end,
                   reader->size);
      return FALSE;
    }
  return TRUE;
}

static GHashTable *
read_metadata (JsonNode *node, const char *source, GError **error)
{
  g_autoptr (GHashTable) metadata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  JsonObjectIter iter;
  const char *name;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s: “%s” should be an object, but there is %s."), source, METADATA,
                   nn_json_kind (node));
      return NULL;
    }
  JsonObject *object = json_node_get_object (node);
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, NULL))
    {
      const char *text;

      if (!nn_json_get_text (object, name, source, &text, error))
        return NULL;
      g_hash_table_insert (metadata, g_strdup (name), g_strdup (text));
    }
  return g_steal_pointer (&metadata);
}

/* The header of a file: sets reader's data and size. (transfer full) */
static JsonObject *
read_header (Reader *reader, GBytes *bytes, GError **error)
{
  gsize size;
  const guint8 *p = g_bytes_get_data (bytes, &size);
  guint64 length;

  if (size < sizeof length)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s is too short for a safetensors file: 8 bytes or more were expected, "
                      "%zu are there."),
                   reader->source, size);
      return NULL;
    }
  memcpy (&length, p, sizeof length);
  length = GUINT64_FROM_LE (length);
  if (length > MIN (size - sizeof length, MAX_HEADER))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s: its header is said to be %" PRIu64 " bytes, but at most %zu can be."),
                   reader->source, length, MIN (size - sizeof length, (gsize)MAX_HEADER));
      return NULL;
    }
  reader->data = p + sizeof length + length;
  reader->size = size - sizeof length - length;
  return nn_json_parse_object ((const char *)p + sizeof length, length, reader->source, error);
}

GPtrArray *
nn_safetensors_read (GBytes *bytes, const char *source, GHashTable **metadata, GError **error)
{
  Reader reader = { .source = source };
  g_autoptr (JsonObject) header = read_header (&reader, bytes, error);
  g_autoptr (GHashTable) found_metadata = NULL;

  if (header == NULL)
    return NULL;

  g_autoptr (GArray) entries = g_array_new (FALSE, TRUE, sizeof (Entry));
  JsonObjectIter iter;
  JsonNode *node;
  Entry entry = { 0 };

  json_object_iter_init_ordered (&iter, header);
  while (json_object_iter_next_ordered (&iter, &entry.name, &node))
    if (strcmp (entry.name, METADATA) == 0)
      {
        found_metadata = read_metadata (node, source, error);
        if (found_metadata == NULL)
          return NULL;
      }
    else
      {
        entry.shape = (NnShape){ 0 };
        if (!read_entry (&reader, node, &entry, error))
          return NULL;
        g_array_append_val (entries, entry);
      }
  if (!check_layout (&reader, entries, error))
    return NULL;

  g_autoptr (GPtrArray) tensors = nn_named_tensors_new ();
  for (guint i = 0; i < entries->len; i++)
    {
      const Entry *e = &g_array_index (entries, Entry, i);
      g_autoptr (NnTensor) tensor = nn_tensor_new (&e->shape);

      e->type->read (reader.data + e->begin, tensor->data, e->n);
      nn_named_tensors_add (tensors, e->name, tensor);
    }
  if (metadata != NULL)
    *metadata = g_steal_pointer (&found_metadata);
  return g_steal_pointer (&tensors);
}
