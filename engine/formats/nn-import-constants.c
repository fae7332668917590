/* Numbers that an ONNX file fixes: its tensors, in the file or beside it. */
#include "diabolo-config.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>

#include "base/nn-error.h"
#include "formats/nn-import-graph.h"

gpointer
nn_import_alloc (NnImportGraph *graph, gsize n, gsize size, GError **error)
{
  gsize bytes;
  gpointer memory = NULL;
  if (g_size_checked_mul (&bytes, n, size) && bytes <= graph->memory_left)
    memory = g_try_malloc0 (MAX (bytes, 1));
  if (!memory)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_MEMORY,
                   _ ("%s: %zu numbers that it fixes need more memory than a file of its size may "
                      "take."),
                   graph->source, n);
      return NULL;
    }
  graph->memory_left -= bytes;
  g_ptr_array_add (graph->memory, memory);
  return memory;
}

double
nn_import_number (const NnImportConstant *constant, gsize k)
{
  if (constant->endless)
    k = 0;
  return constant->f ? (double)constant->f[k] : (double)constant->i[k];
}

gboolean
nn_import_is_uniform (const NnImportConstant *constant)
{
  for (gsize k = 1; k < constant->n && !constant->endless; k++)
    if (nn_import_number (constant, k) != nn_import_number (constant, 0))
      return FALSE;
  return constant->n > 0;
}

gboolean
nn_import_whole (const NnImportGraph *graph, const NnImportConstant *constant, const char *what,
                 gsize n, GError **error)
{
  if (!constant->i || constant->endless || constant->rank > 1)
    return nn_import_bad (graph, error, _ ("“%s” should be a row of whole numbers."), what);
  if (n > 0 && constant->n != n)
    return nn_import_bad (graph, error, _ ("“%s” has %zu numbers, but %zu were expected."), what,
                          constant->n, n);
  return TRUE;
}

void
nn_import_permute (const NnImportConstant *from, const guint *order, float *f, gint64 *whole)
{
  gsize stride[NN_IMPORT_MAX_AXES] = { 0 }, step[NN_IMPORT_MAX_AXES] = { 0 }, at = 1;
  gint64 index[NN_IMPORT_MAX_AXES] = { 0 };
  const guint rank = from->rank;
  for (guint i = rank; i-- > 0;)
    {
      stride[i] = at;
      at *= (gsize)from->dim[i];
    }
  for (guint i = 0; i < rank; i++)
    step[i] = stride[order[i]];
  for (gsize k = 0, place = 0; k < from->n; k++)
    {
      if (whole)
        whole[k] = from->i[place];
      else
        f[k] = from->f ? from->f[place] : (float)from->i[place];
      for (guint i = rank; i-- > 0;)
        {
          place += step[i];
          if (++index[i] < from->dim[order[i]])
            break;
          place -= step[i] * (gsize)from->dim[order[i]];
          index[i] = 0;
        }
    }
}

NnTensor *
nn_import_permuted (const NnImportConstant *constant, const guint *order, const NnShape *shape)
{
  NnTensor *tensor = nn_tensor_new (shape);
  g_assert (tensor->size == constant->n && !constant->endless);
  nn_import_permute (constant, order, tensor->data, NULL);
  return tensor;
}

/* ---- tensors of the file ---- */

/* IEEE 754 binary16 and the upper half of binary32, from whole words. */
static float
widen_half (guint16 h)
{
  const guint32 exponent = (h >> 10) & 0x1f, mantissa = h & 0x3ff;
  guint32 bits = (guint32)(h & 0x8000) << 16;
  float value = (float)mantissa * 0x1p-24f;
  if (exponent == 0)
    return h & 0x8000 ? -value : value;
  bits |= (exponent == 0x1f ? 0x7f800000u : (exponent + 112) << 23) | mantissa << 13;
  memcpy (&value, &bits, sizeof value);
  return value;
}

static float
widen_bfloat (guint16 h)
{
  const guint32 bits = (guint32)h << 16;
  float value;
  memcpy (&value, &bits, sizeof value);
  return value;
}

#define READ(name, type, field, result, convert)                                                   \
  static void name (const Onnx__TensorProto *tensor, const guint8 *raw, gsize n, gpointer out)     \
  {                                                                                                \
    result *to = out;                                                                              \
    for (gsize k = 0; k < n; k++)                                                                  \
      {                                                                                            \
        type value;                                                                                \
        if (raw)                                                                                   \
          memcpy (&value, raw + k * sizeof value, sizeof value);                                   \
        else                                                                                       \
          value = (type)tensor->field[k];                                                          \
        to[k] = convert (value);                                                                   \
      }                                                                                            \
  }
#define AS_FLOAT(v) ((float)(v))
#define AS_WHOLE(v) ((gint64)(v))
#define AS_TRUTH(v) ((gint64)((v) != 0))
READ (read_float, float, float_data, float, AS_FLOAT)
READ (read_double, double, double_data, float, AS_FLOAT)
READ (read_half, guint16, int32_data, float, widen_half)
READ (read_bfloat, guint16, int32_data, float, widen_bfloat)
READ (read_int64, gint64, int64_data, gint64, AS_WHOLE)
READ (read_int32, gint32, int32_data, gint64, AS_WHOLE)
READ (read_int8, gint8, int32_data, gint64, AS_WHOLE)
READ (read_uint8, guint8, int32_data, gint64, AS_WHOLE)
READ (read_bool, guint8, int32_data, gint64, AS_TRUTH)

#define FIELD(name) offsetof (Onnx__TensorProto, n_##name)

static const struct
{
  gint type; /* Onnx__TensorProto__DataType */
  gboolean whole;
  gsize size;  /* of one value in raw_data */
  gsize count; /* where the number of values is that are not in raw_data */
  void (*read) (const Onnx__TensorProto *tensor, const guint8 *raw, gsize n, gpointer out);
} element_types[] = {
  { ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, FALSE, 4, FIELD (float_data), read_float },
  { ONNX__TENSOR_PROTO__DATA_TYPE__INT64, TRUE, 8, FIELD (int64_data), read_int64 },
  { ONNX__TENSOR_PROTO__DATA_TYPE__INT32, TRUE, 4, FIELD (int32_data), read_int32 },
  { ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE, FALSE, 8, FIELD (double_data), read_double },
  { ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16, FALSE, 2, FIELD (int32_data), read_half },
  { ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16, FALSE, 2, FIELD (int32_data), read_bfloat },
  { ONNX__TENSOR_PROTO__DATA_TYPE__INT8, TRUE, 1, FIELD (int32_data), read_int8 },
  { ONNX__TENSOR_PROTO__DATA_TYPE__UINT8, TRUE, 1, FIELD (int32_data), read_uint8 },
  { ONNX__TENSOR_PROTO__DATA_TYPE__BOOL, TRUE, 1, FIELD (int32_data), read_bool },
};

gboolean
nn_import_is_whole_type (gint64 type)
{
  for (guint i = 0; i < G_N_ELEMENTS (element_types); i++)
    if (element_types[i].type == type)
      return element_types[i].whole;
  return TRUE;
}

static gboolean G_GNUC_PRINTF (4, 5) tensor_fails (const NnImportGraph *graph, const char *name,
                                                   GError **error, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *reason = g_strdup_vprintf (format, args);
  va_end (args);
  g_autofree char *valid = g_utf8_make_valid (name, -1);
  g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("%s, tensor “%s”: %s"), graph->source, valid,
               reason);
  return FALSE;
}

static const char *
external_entry (const Onnx__TensorProto *tensor, const char *key)
{
  for (gsize i = 0; i < tensor->n_external_data; i++)
    if (g_strcmp0 (tensor->external_data[i]->key, key) == 0)
      return tensor->external_data[i]->value;
  return NULL;
}

static gboolean
is_external (const Onnx__TensorProto *tensor)
{
  return tensor->has_data_location
         && tensor->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
}

static gboolean
lies_in (const char *path, const char *folder)
{
  const gsize n = strlen (folder);
  return strncmp (path, folder, n) == 0 && path[n] == G_DIR_SEPARATOR;
}

/* Data beside the file: in its folder or below, and nowhere else. */
static GMappedFile *
open_external (const NnImportGraph *graph, const Onnx__TensorProto *tensor, const char *name,
               GError **error)
{
  const char *location = external_entry (tensor, "location");
  g_autofree char *valid = g_utf8_make_valid (location ? location : "", -1);
  if (!location || !*location)
    {
      tensor_fails (graph, name, error, _ ("its data are in another file, which is not named."));
      return NULL;
    }
  g_autofree char *folder = graph->folder ? g_canonicalize_filename (graph->folder, NULL) : NULL;
  g_autofree char *path = folder ? g_canonicalize_filename (location, folder) : NULL;
  /* Also where links lead. */
  g_autofree char *real_folder = folder ? realpath (folder, NULL) : NULL;
  g_autofree char *real_path = path ? realpath (path, NULL) : NULL;
  if (!path || g_path_is_absolute (location) || !lies_in (path, folder)
      || (real_path && !lies_in (real_path, real_folder)))
    {
      tensor_fails (graph, name, error,
                    _ ("its data are said to be in “%s”, which is not in the file's folder."),
                    valid);
      return NULL;
    }
  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    {
      tensor_fails (graph, name, error, _ ("its data are in “%s”, which is not there."), valid);
      return NULL;
    }
  return g_mapped_file_new (path, FALSE, error);
}

/* n values that are beside the file: where they begin in it. */
static const guint8 *
find_external (NnImportGraph *graph, const Onnx__TensorProto *tensor, const char *name,
               GMappedFile *file, guint type, gsize n, GError **error)
{
  guint64 offset = 0;
  const char *text = external_entry (tensor, "offset");
  const gsize size = g_mapped_file_get_length (file), wanted = n * element_types[type].size;
  if (text && !g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &offset, NULL))
    {
      tensor_fails (graph, name, error, _ ("the offset of its data is no number."));
      return NULL;
    }
  if (offset > size || size - offset < wanted)
    {
      tensor_fails (
          graph, name, error,
          _ ("its %zu bytes should begin at %" PRIu64 ", but the file beside has %zu bytes."),
          wanted, offset, size);
      return NULL;
    }
  /* They are no part of the file whose size bounds the memory. */
  graph->memory_left += n * sizeof (gint64);
  return (const guint8 *)g_mapped_file_get_contents (file) + offset;
}

/* The values, of memory that the graph owns. That they are all there is seen to first, so that no
 * header makes more memory be taken than there are data. */
static gpointer
read_values (NnImportGraph *graph, const Onnx__TensorProto *tensor, const char *name, guint type,
             gsize n, GError **error)
{
  g_autoptr (GMappedFile) file = NULL;
  const guint8 *raw = tensor->has_raw_data ? tensor->raw_data.data : NULL;
  const gsize size = element_types[type].size;
  const gsize given = G_STRUCT_MEMBER (gsize, tensor, element_types[type].count);
  if (is_external (tensor))
    {
      file = open_external (graph, tensor, name, error);
      raw = file ? find_external (graph, tensor, name, file, type, n, error) : NULL;
      if (!raw)
        return NULL;
    }
  else if (tensor->has_raw_data ? tensor->raw_data.len != n * size : given != n)
    {
      if (tensor->has_raw_data)
        tensor_fails (graph, name, error, _ ("it should have %zu bytes, but %zu are there."),
                      n * size, tensor->raw_data.len);
      else
        tensor_fails (graph, name, error, _ ("it should have %zu values, but %zu are there."), n,
                      given);
      return NULL;
    }
  gpointer values = nn_import_alloc (graph, n, element_types[type].whole ? 8 : 4, error);
  if (values)
    element_types[type].read (tensor, raw, n, values);
  return values;
}

NnImportConstant *
nn_import_read_tensor (NnImportGraph *graph, const Onnx__TensorProto *tensor, const char *name,
                       GError **error)
{
  guint type = 0;
  NnImportConstant *constant = nn_import_alloc (graph, 1, sizeof *constant, error);
  if (!constant)
    return NULL;
  while (type < G_N_ELEMENTS (element_types) && element_types[type].type != tensor->data_type)
    type++;
  if (type == G_N_ELEMENTS (element_types))
    {
      tensor_fails (graph, name, error, _ ("numbers of its type (%d) cannot be read."),
                    tensor->data_type);
      return NULL;
    }
  constant->n = 1;
  constant->rank = (guint)tensor->n_dims;
  if (tensor->n_dims > NN_IMPORT_MAX_AXES)
    {
      tensor_fails (graph, name, error, _ ("it has %zu axes, but %d are the most."), tensor->n_dims,
                    NN_IMPORT_MAX_AXES);
      return NULL;
    }
  for (guint i = 0; i < constant->rank; i++)
    {
      constant->dim[i] = tensor->dims[i];
      if (tensor->dims[i] < 0
          || !g_size_checked_mul (&constant->n, constant->n, (gsize)tensor->dims[i])
          || constant->n > (gsize)NN_MAX_SIZE)
        {
          tensor_fails (graph, name, error, _ ("size %" PRId64 " of its axis %u cannot be."),
                        tensor->dims[i], i);
          return NULL;
        }
    }
  gpointer values = read_values (graph, tensor, name, type, constant->n, error);
  if (!values)
    return NULL;
  if (element_types[type].whole)
    constant->i = values;
  else
    constant->f = values;
  return constant;
}

gboolean
nn_import_read_initializers (NnImportGraph *graph, GError **error)
{
  const Onnx__GraphProto *message = graph->graph;
  if (message->n_sparse_initializer > 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_UNSUPPORTED, _ ("%s: sparse tensors cannot be read."),
                   graph->source);
      return FALSE;
    }
  for (gsize i = 0; i < message->n_initializer; i++)
    {
      const char *name = message->initializer[i]->name;
      if (!name || !*name)
        return tensor_fails (graph, "", error, _ ("tensor %zu has no name."), i);
      if (g_hash_table_contains (graph->values, name))
        return tensor_fails (graph, name, error, _ ("it is there twice."));
      const NnImportValue value = { .constant = nn_import_read_tensor (
                                        graph, message->initializer[i], name, error) };
      if (!value.constant)
        return FALSE;
      nn_import_define_name (graph, name, &value);
    }
  return TRUE;
}
