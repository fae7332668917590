/* fuzz-readers.h: everything that reads files of strangers, as functions of bytes.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  const char *name; /* "onnx": also of its folder of seeds */
  /* Reads and lets go; what it is refused for does not matter. Nothing is written but, for readers
   * that take paths, what they are to read. */
  void (*read) (GBytes *bytes);
  gboolean slow; /* takes many times as long as the others: tests try fewer inputs */
} FuzzReader;

/* Ended by a NULL name. */
extern const FuzzReader fuzz_readers[];

const FuzzReader *fuzz_reader (const char *name); /* NULL if unknown */
void fuzz_readers_end (void);                     /* removes what was written for them */

G_END_DECLS
