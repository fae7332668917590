/* One reader as a libFuzzer target: FUZZ_READER is its name. */
#include "fuzz-readers.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  fuzz_reader (FUZZ_READER)->read (bytes);
  return 0;
}
