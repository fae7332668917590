/* nn-zip.h: a zip archive in memory, written the same way each time and read without trust. Any
 * thread. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define NN_ZIP_MAX_ENTRIES 4096
/* An archive is put together in a GByteArray, which counts in 32 bits; the rest is for names. */
#define NN_ZIP_MAX_SIZE ((gsize)3 << 30)

typedef struct
{
  char *name;    /* owned, UTF-8: "design.json" */
  GBytes *bytes; /* owned */
} NnZipEntry;

GPtrArray *nn_zip_entries_new (void); /* (element-type NnZipEntry) */
void nn_zip_entries_add (GPtrArray *entries, const char *name, GBytes *bytes); /* references */
void nn_zip_entries_add_text (GPtrArray *entries, const char *name, const char *text);
GBytes *nn_zip_entries_find (GPtrArray *entries, const char *name); /* (transfer none) (nullable) */

/* What may be in the archive: entries larger than this are refused before they are unpacked whole;
 * 0: not looked for, left out. name NULL: all of them together. */
typedef gsize (*NnZipLimitFunc) (const char *name, gsize archive_size);

/* Entries in the order given, texts (.json, .csv, .md) packed, the rest stored; no times or owners,
 * so that the same entries give the same bytes. (transfer full) */
GBytes *nn_zip_write (GPtrArray *entries, GError **error);

/* The same entry by entry, for what is not to be in memory at once; room: bytes to begin with. Each
 * entry is copied. After a failure only free() is left to do. */
typedef struct _NnZipWriter NnZipWriter;
NnZipWriter *nn_zip_writer_new (gsize room); /* (transfer full) */
gboolean nn_zip_writer_add (NnZipWriter *writer, const char *name, GBytes *bytes, GError **error);
/* Nothing can be added after that. (transfer full) */
GBytes *nn_zip_writer_finish (NnZipWriter *writer, GError **error);
void nn_zip_writer_free (NnZipWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnZipWriter, nn_zip_writer_free)

/* source names the archive in errors. Refuses damaged data, names twice or leading elsewhere,
 * anything but files and folders (which are skipped). NN_ERROR_FORMAT. (transfer full) */
GPtrArray *nn_zip_read (GBytes *bytes, const char *source, NnZipLimitFunc limit,
                        GCancellable *cancellable, GError **error);

G_END_DECLS
