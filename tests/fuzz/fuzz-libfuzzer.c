/* One reader as a libFuzzer target: FUZZ_READER is its name. */
#include <stdlib.h>

#include "fuzz-readers.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static gboolean begun = FALSE;
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  if (!begun)
    atexit (fuzz_readers_end);
  begun = TRUE;
  fuzz_reader (FUZZ_READER)->read (bytes);
  return 0;
}
