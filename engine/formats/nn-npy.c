#include "diabolo-config.h"

#include "formats/nn-npy.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "base/nn-error.h"

static const char magic[6] = { '\x93', 'N', 'U', 'M', 'P', 'Y' };

/* numpy's longest header that it reads itself without being asked to trust the file is 10,000
 * bytes. */
#define MAX_HEADER 10000

/* ---- element types ---- */

/* One element of `size` bytes, already in this machine's byte order. */
typedef float (*Convert) (const guint8 *x);

#define CONVERT(name, type)                                                                        \
  static float name (const guint8 *x)                                                              \
  {                                                                                                \
    type value;                                                                                    \
    memcpy (&value, x, sizeof value);                                                              \
    return (float)value;                                                                           \
  }
CONVERT (from_i8, gint8)
CONVERT (from_u8, guint8)
CONVERT (from_i16, gint16)
CONVERT (from_u16, guint16)
CONVERT (from_i32, gint32)
CONVERT (from_u32, guint32)
CONVERT (from_i64, gint64)
CONVERT (from_u64, guint64)
CONVERT (from_f32, float)
CONVERT (from_f64, double)
#undef CONVERT

/* IEEE 754 binary16: sign, 5 bits of exponent (bias 15), 10 of fraction. */
static float
from_f16 (const guint8 *x)
{
  guint16 half;
  memcpy (&half, x, sizeof half);
  guint exponent = (half >> 10) & 31;
  float fraction = (float)(half & 1023) / 1024;
  float magnitude;
  if (exponent == 31)
    magnitude = half & 1023 ? NAN : INFINITY;
  else if (exponent == 0)
    magnitude = ldexpf (fraction, -14);
  else
    magnitude = ldexpf (1 + fraction, (int)exponent - 15);
  return half & 0x8000 ? -magnitude : magnitude;
}

static const struct
{
  const char *code; /* without the byte order */
  guint size;
  Convert convert;
} element_types[] = {
  { "f4", 4, from_f32 }, { "f8", 8, from_f64 }, { "f2", 2, from_f16 }, { "u1", 1, from_u8 },
  { "i1", 1, from_i8 },  { "b1", 1, from_u8 },  { "u2", 2, from_u16 }, { "i2", 2, from_i16 },
  { "u4", 4, from_u32 }, { "i4", 4, from_i32 }, { "u8", 8, from_u64 }, { "i8", 8, from_i64 },
};

/* ---- header: a Python dictionary literal ---- */

typedef struct
{
  char *descr; /* "<f4" */
  gboolean fortran;
  NnShape shape;
} Header;

/* Takes why. */
static gboolean
refuse (GError **error, const char *source, char *why)
{
  g_autofree char *owned = why;
  g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("“%s” is not a usable .npy file: %s"), source,
               owned);
  return FALSE;
}

/* As printf(). A macro, since analysers look into no function of as many arguments, and would take
 * a header for read that was refused. FALSE. */
#define bad(error, source, ...) refuse (error, source, g_strdup_printf (__VA_ARGS__))

/* The text of one key's value up to `end`, trimmed. */
static char *
header_value (const char *header, const char *key, char end)
{
  g_autofree char *quoted = g_strdup_printf ("'%s':", key);
  const char *at = strstr (header, quoted);
  if (!at)
    return NULL;
  at += strlen (quoted);
  const char *stop = strchr (at, end);
  return stop ? g_strstrip (g_strndup (at, (gsize)(stop - at))) : NULL;
}

static gboolean
parse_shape (const char *text, NnShape *shape, const char *source, GError **error)
{
  *shape = (NnShape){ 0 };
  g_auto (GStrv) parts = g_strsplit (text + 1, ",", -1);
  for (guint i = 0; parts[i]; i++)
    {
      char *part = g_strstrip (parts[i]);
      guint64 dim;
      if (!*part && !parts[i + 1])
        break; /* "(5,)" */
      if (!g_ascii_string_to_unsigned (part, 10, 1, NN_MAX_SIZE, &dim, NULL))
        return bad (error, source, _ ("its shape is “%s)”, but sizes of at least 1 were expected."),
                    text);
      if (shape->rank == NN_MAX_RANK)
        return bad (error, source, _ ("its shape %s) has more than %d dimensions."), text,
                    NN_MAX_RANK);
      shape->dim[shape->rank++] = (gint64)dim;
    }
  if (nn_shape_size (shape) < 1)
    return bad (error, source, _ ("its shape %s) holds more values than can be read."), text);
  return TRUE;
}

static gboolean
parse_header (const char *text, Header *header, const char *source, GError **error)
{
  g_autofree char *descr = header_value (text, "descr", ',');
  g_autofree char *fortran = header_value (text, "fortran_order", ',');
  g_autofree char *shape = header_value (text, "shape", ')');
  if (!descr || !fortran || !shape || *shape != '(')
    return bad (error, source,
                _ ("its header should name descr, fortran_order and shape, but reads “%.80s”."),
                text);

  gsize length = strlen (descr);
  if (length < 4 || descr[0] != '\'' || descr[length - 1] != '\'')
    return bad (error, source, _ ("its element type is %s, but one kind of number was expected."),
                descr);
  header->descr = g_strndup (descr + 1, length - 2);
  header->fortran = strcmp (fortran, "True") == 0;
  return parse_shape (shape, &header->shape, source, error);
}

/* Finds the header's text and where the data begin. */
static char *
header_text (const guint8 *data, gsize size, gsize *data_offset, const char *source, GError **error)
{
  if (size < 10 || memcmp (data, magic, sizeof magic) != 0)
    {
      bad (error, source, _ ("it does not begin with \\x93NUMPY."));
      return NULL;
    }
  guint major = data[6];
  if (major < 1 || major > 3 || (major > 1 && size < 12))
    {
      bad (error, source, _ ("it has format version %u, but 1 to 3 were expected."), major);
      return NULL;
    }
  gsize at = major == 1 ? 10 : 12;
  gsize length = (gsize)data[8] | (gsize)data[9] << 8;
  if (major > 1)
    length |= (gsize)data[10] << 16 | (gsize)data[11] << 24;
  if (length > MAX_HEADER || length > size - at)
    {
      bad (error, source, _ ("its header claims %zu bytes, but there are %zu."), length,
           MIN (size - at, MAX_HEADER));
      return NULL;
    }
  *data_offset = at + length;
  return g_strndup ((const char *)data + at, length);
}

/* ---- reading and writing ---- */

gboolean
nn_npy_read_header (GBytes *bytes, const char *source, NnNpyHeader *header, GError **error)
{
  gsize size, offset;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  g_autofree char *text = header_text (data, size, &offset, source, error);
  Header read = { 0 };
  if (!text || !parse_header (text, &read, source, error))
    {
      g_free (read.descr);
      return FALSE;
    }

  g_autofree char *descr = read.descr;
  g_assert (descr != NULL); /* or parse_header() had refused */
  guint type = 0;
  while (type < G_N_ELEMENTS (element_types) && strcmp (element_types[type].code, descr + 1) != 0)
    type++;
  if (type == G_N_ELEMENTS (element_types) || !strchr ("<>|=", descr[0]))
    return bad (error, source,
                _ ("its elements are “%s”, but numbers such as '<f4' were expected."), descr);
  if (read.fortran && read.shape.rank > 1)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_UNSUPPORTED,
                   _ ("“%s” is in Fortran order. Save it with numpy.ascontiguousarray()."), source);
      return FALSE;
    }

  gsize expected = (gsize)nn_shape_size (&read.shape) * element_types[type].size;
  if (size - offset != expected)
    {
      g_autofree char *shape = nn_shape_to_string (&read.shape);
      return bad (error, source,
                  _ ("%s values of type %s take %zu bytes, but %zu bytes follow the header."),
                  shape, descr, expected, size - offset);
    }
  *header = (NnNpyHeader){
    .shape = read.shape,
    .type = type,
    .swap = descr[0] == (G_BYTE_ORDER == G_LITTLE_ENDIAN ? '>' : '<'),
    .offset = offset,
    .item_size = element_types[type].size,
    .is_u8 = element_types[type].convert == from_u8 && descr[1] == 'u',
    .is_whole = descr[1] != 'f',
  };
  return TRUE;
}

void
nn_npy_convert (GBytes *bytes, const NnNpyHeader *header, gsize first, gsize n, float *out)
{
  const guint size = header->item_size;
  const guint8 *from = g_bytes_get_data (bytes, NULL);
  const Convert convert = element_types[header->type].convert;
  from += header->offset + first * size;
  for (gsize i = 0; i < n; i++, from += size)
    {
      guint8 element[8];
      for (guint b = 0; b < size; b++)
        element[b] = from[header->swap ? size - 1 - b : b];
      out[i] = convert (element);
    }
}

NnTensor *
nn_npy_read (GBytes *bytes, const char *source, GError **error)
{
  NnNpyHeader header;
  if (!nn_npy_read_header (bytes, source, &header, error))
    return NULL;
  NnTensor *tensor = nn_tensor_new (&header.shape);
  nn_npy_convert (bytes, &header, 0, tensor->size, tensor->data);
  return tensor;
}

GBytes *
nn_npy_header (const char *descr, const NnShape *shape)
{
  g_autoptr (GString) header = g_string_new (NULL);
  g_string_append_printf (header, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr);
  for (gint i = 0; i < shape->rank; i++)
    g_string_append_printf (header, "%s%" PRId64, i ? ", " : "", shape->dim[i]);
  g_string_append (header, shape->rank == 1 ? ",), }" : "), }");
  /* The data begin at a multiple of 64; the header ends in a newline. */
  while ((10 + header->len + 1) % 64)
    g_string_append_c (header, ' ');
  g_string_append_c (header, '\n');

  const guint8 version_and_length[4] = { 1, 0, header->len & 255, (header->len >> 8) & 255 };
  GByteArray *bytes = g_byte_array_new ();
  g_byte_array_append (bytes, (const guint8 *)magic, sizeof magic);
  g_byte_array_append (bytes, version_and_length, sizeof version_and_length);
  g_byte_array_append (bytes, (const guint8 *)header->str, (guint)header->len);
  return g_byte_array_free_to_bytes (bytes);
}

gboolean
nn_npy_write_values (NnReplacement *file, gpointer values, gsize n, GCancellable *cancellable,
                     GError **error)
{
  guint32 *word = values;
  for (gsize i = 0; i < n; i++)
    word[i] = GUINT32_TO_LE (word[i]);
  return nn_replacement_write (file, values, n * sizeof *word, cancellable, error);
}

GBytes *
nn_npy_write (const NnTensor *tensor)
{
  gsize head;
  g_autoptr (GBytes) header = nn_npy_header ("<f4", &tensor->shape);
  const guint8 *begin = g_bytes_get_data (header, &head);
  const gsize size = head + tensor->size * sizeof (float);
  guint8 *file = g_malloc (size);
  memcpy (file, begin, head);
  for (gsize i = 0; i < tensor->size; i++)
    {
      guint32 word;
      memcpy (&word, &tensor->data[i], sizeof word);
      word = GUINT32_TO_LE (word);
      memcpy (file + head + i * sizeof word, &word, sizeof word);
    }
  return g_bytes_new_take (file, size);
}
