/* fuzz-seeds.h: small files of each kind to begin with, written by the program's own exporters and
 * by hand where it writes no such thing.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* (element-type GBytes) (transfer full) */
GPtrArray *fuzz_seeds (const char *reader);

G_END_DECLS
