/* nn-zip.h: a zip archive, written the same way each time and read in memory without trust. Any
 * thread. */
#pragma once

#include "formats/nn-replace.h"

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

/* The same piece by piece into a file, for what is never whole in memory. file and cancellable are
 * borrowed; committing file is left to the caller. After a failure only free() is left to do. */
typedef struct _NnZipWriter NnZipWriter;
NnZipWriter *nn_zip_writer_new_file (NnReplacement *file, GCancellable *cancellable);
/* An entry of size bytes, which write() gives and end() closes. */
gboolean nn_zip_writer_begin (NnZipWriter *writer, const char *name, gsize size, GError **error);
gboolean nn_zip_writer_write (NnZipWriter *writer, gconstpointer data, gsize size, GError **error);
gboolean nn_zip_writer_end (NnZipWriter *writer, GError **error);
/* The list of entries: nothing can be added after that. */
gboolean nn_zip_writer_close (NnZipWriter *writer, GError **error);
void nn_zip_writer_free (NnZipWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnZipWriter, nn_zip_writer_free)

/* source names the archive in errors. Refuses damaged data, names twice or leading elsewhere,
 * anything but files and folders (which are skipped). NN_ERROR_FORMAT. (transfer full) */
GPtrArray *nn_zip_read (GBytes *bytes, const char *source, NnZipLimitFunc limit,
                        GCancellable *cancellable, GError **error);

G_END_DECLS
