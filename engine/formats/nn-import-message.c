/* Bytes to ONNX's messages, without trust: protobuf-c goes as deep and takes as much memory as the
 * bytes ask for. */
#include "diabolo-config.h"

#include "formats/nn-import-message.h"

#include <glib/gi18n-lib.h>

#include "base/nn-error.h"

/* Messages within messages: a graph in an attribute is at 4; branches within branches go on. */
#define MAX_DEPTH 32
/* What messages may take beside what the file has: small fields grow. */
#define SPARE_MEMORY ((gsize)64 << 20)
#define GROWTH 16

/* ---- depth ---- */

static gboolean
read_varint (const guint8 *data, gsize size, gsize *at, guint64 *value)
{
  *value = 0;
  for (guint shift = 0; shift < 64 && *at < size; shift += 7)
    {
      const guint8 byte = data[(*at)++];
      *value |= (guint64)(byte & 0x7f) << shift;
      if (!(byte & 0x80))
        return TRUE;
    }
  return FALSE;
}

/* FALSE where messages lie too deep in each other. Bytes that are no message are left to the
 * unpacking. */
static gboolean
check_depth (const ProtobufCMessageDescriptor *type, const guint8 *data, gsize size, guint depth)
{
  guint64 key, value;
  gsize at = 0;
  if (depth > MAX_DEPTH)
    return FALSE;
  while (at < size && read_varint (data, size, &at, &key))
    switch (key & 7)
      {
      case 0:
        if (!read_varint (data, size, &at, &value))
          return TRUE;
        break;
      case 1:
      case 5:
        at += (key & 7) == 1 ? 8 : 4;
        break;
      case 2:
        {
          if (!read_varint (data, size, &at, &value) || value > size - at)
            return TRUE;
          const ProtobufCFieldDescriptor *field =
              key >> 3 <= G_MAXUINT32
                  ? protobuf_c_message_descriptor_get_field (type, (unsigned)(key >> 3))
                  : NULL;
          if (field && field->type == PROTOBUF_C_TYPE_MESSAGE
              && !check_depth (field->descriptor, data + at, value, depth + 1))
            return FALSE;
          at += value;
          break;
        }
      default:
        return TRUE;
      }
  return TRUE;
}

/* ---- memory ---- */

/* Each block knows its size, so that what is given back counts. */
#define HEAD 16
G_STATIC_ASSERT (HEAD >= sizeof (gsize));

static void *
take (void *data, size_t size)
{
  gsize *left = data;
  if (size > *left || *left - size < HEAD)
    return NULL;
  guint8 *block = g_try_malloc (size + HEAD);
  if (!block)
    return NULL;
  *(gsize *)block = size + HEAD;
  *left -= size + HEAD;
  return block + HEAD;
}

static void
give_back (void *data, void *memory)
{
  gsize *left = data;
  if (!memory)
    return;
  guint8 *block = (guint8 *)memory - HEAD;
  *left += *(gsize *)block;
  g_free (block);
}

void
nn_onnx_message_clear (NnOnnxMessage *message)
{
  if (message->model)
    onnx__model_proto__free_unpacked (message->model, &message->allocator);
  message->model = NULL;
}

gboolean
nn_onnx_message_read (NnOnnxMessage *message, GBytes *bytes, const char *source, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  gsize budget;
  *message = (NnOnnxMessage){ 0 };
  if (!g_size_checked_mul (&budget, size, GROWTH))
    budget = G_MAXSIZE / 2;
  message->left = budget + SPARE_MEMORY;
  message->allocator =
      (ProtobufCAllocator){ .alloc = take, .free = give_back, .allocator_data = &message->left };
  if (!check_depth (&onnx__model_proto__descriptor, data, size, 0))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s: its messages lie more than %d deep in each other."), source, MAX_DEPTH);
      return FALSE;
    }
  message->model = onnx__model_proto__unpack (&message->allocator, size, data);
  if (message->model)
    return TRUE;
  g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
               _ ("%s is no ONNX file, or is damaged: its %zu bytes are not the message that was "
                  "expected."),
               source, size);
  return FALSE;
}
