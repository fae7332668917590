/* nn-import-message.h: ONNX's messages out of bytes that nobody vouches for.
 */
#pragma once

#include <gio/gio.h>

#include "formats/onnx.pb-c.h"

G_BEGIN_DECLS

typedef struct
{
  Onnx__ModelProto *model; /* owned */
  ProtobufCAllocator allocator;
  gsize left; /* bytes that it may still take */
} NnOnnxMessage;

/* FALSE with NN_ERROR_FORMAT, source naming the file. Stays where it is until it is cleared. */
gboolean nn_onnx_message_read (NnOnnxMessage *message, GBytes *bytes, const char *source,
                               GError **error);
void nn_onnx_message_clear (NnOnnxMessage *message);

G_END_DECLS
