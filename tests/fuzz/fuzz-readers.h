/* fuzz-readers.h: everything that reads files of strangers, as functions of bytes.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  const char *name; /* "onnx": also of its folder of seeds */
  /* Reads and lets go; what it is refused for does not matter. Nothing is written. */
  void (*read) (GBytes *bytes);
} FuzzReader;

/* Ended by a NULL name. */
extern const FuzzReader fuzz_readers[];

const FuzzReader *fuzz_reader (const char *name); /* NULL if unknown */

G_END_DECLS
