#include "diabolo-config.h"

#include "formats/nn-zip.h"

#include <inttypes.h>
#include <errno.h>
#include <archive.h>
#include <archive_entry.h>
#include <glib/gi18n-lib.h>
#include <locale.h>
#include <string.h>

#include "base/nn-error.h"

/* Between two looks at the cancellable, and the step in which memory grows beyond what came so far.
 */
#define CHUNK (256 * 1024)
#define MAX_NAME 255

static void
entry_free (NnZipEntry *entry)
{
  g_free (entry->name);
  g_bytes_unref (entry->bytes);
  g_free (entry);
}

GPtrArray *
nn_zip_entries_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)entry_free);
}

void
nn_zip_entries_add (GPtrArray *entries, const char *name, GBytes *bytes)
{
  NnZipEntry *entry = g_new (NnZipEntry, 1);

  entry->name = g_strdup (name);
  entry->bytes = g_bytes_ref (bytes);
  g_ptr_array_add (entries, entry);
}

void
nn_zip_entries_add_text (GPtrArray *entries, const char *name, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  nn_zip_entries_add (entries, name, bytes);
}

GBytes *
nn_zip_entries_find (GPtrArray *entries, const char *name)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const NnZipEntry *entry = g_ptr_array_index (entries, i);

      if (strcmp (entry->name, name) == 0)
        return entry->bytes;
    }
  return NULL;
}

/* libarchive converts names by way of the locale, which need not be able to write them. Only this
 * thread's is changed, and only its character type. */
typedef struct
{
  locale_t utf8, old;
} NameLocale;

static NameLocale
name_locale_enter (void)
{
  NameLocale names = { .utf8 = newlocale (LC_CTYPE_MASK, "C.UTF-8", (locale_t)0) };

  if (names.utf8 != (locale_t)0)
    names.old = uselocale (names.utf8);
  return names;
}

static void
name_locale_leave (NameLocale *names)
{
  if (names->utf8 == (locale_t)0)
    return;
  uselocale (names->old);
  freelocale (names->utf8);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NameLocale, name_locale_leave)

/* ---- writing ---- */

#define ROOM_FOR_NAMES (64 << 10) /* more is made where it does not do */
#define BLOCK (256 << 10)         /* what is written at once */

typedef struct archive_entry ArchiveEntry;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArchiveEntry, archive_entry_free)

static void
archive_close (struct archive **archive)
{
  /* Frees readers and writers alike. */
  archive_free (*archive);
}

struct _NnZipWriter
{
  struct archive *archive;
  GByteArray *bytes;         /* owned; NULL where it goes straight into a file */
  NnReplacement *file;       /* borrowed */
  GCancellable *cancellable; /* borrowed */
  char *name;                /* of the entry in hand, for errors */
  gsize total;               /* of all entries */
  GError *error;             /* of the file */
};

static gboolean
write_fails (NnZipWriter *self, GError **error)
{
  const char *reason = archive_error_string (self->archive);
  const char *name = self->name != NULL ? self->name : "";

  if (self->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->error));
      return FALSE;
    }
  g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("The entry %s cannot be written: %s."), name,
               reason != NULL ? reason : _ ("unknown reason"));
  return FALSE;
}

/* Weights and pictures do not shrink: storing them is faster, and a reader can map them. */
static gboolean
is_text (const char *name)
{
  static const char *const endings[] = { ".json", ".csv", ".md", ".txt" };

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_suffix (name, endings[i]))
      return TRUE;
  return FALSE;
}

static la_ssize_t
append_bytes (struct archive *archive, void *data, const void *bytes, size_t length)
{
  NnZipWriter *self = data;

  if (self->bytes != NULL)
    g_byte_array_append (self->bytes, bytes, (guint)length);
  else if (self->error != NULL
           || !nn_replacement_write (self->file, bytes, length, self->cancellable, &self->error))
    {
      archive_set_error (archive, EIO, "%s", self->error->message);
      return -1;
    }
  return (la_ssize_t)length;
}

static NnZipWriter *
writer_open (NnZipWriter *self)
{
  g_auto (NameLocale) names = name_locale_enter ();

  self->archive = archive_write_new ();
  archive_write_set_format_zip (self->archive);
  archive_write_set_bytes_per_block (self->archive, BLOCK);
  archive_write_set_bytes_in_last_block (self->archive, 1);
  archive_write_set_options (self->archive, "zip:hdrcharset=UTF-8");
  if (archive_write_open (self->archive, self, NULL, append_bytes, NULL) != ARCHIVE_OK)
    g_error ("libarchive: %s", archive_error_string (self->archive));
  return self;
}

NnZipWriter *
nn_zip_writer_new_file (NnReplacement *file, GCancellable *cancellable)
{
  NnZipWriter *self = g_new0 (NnZipWriter, 1);

  self->file = file;
  self->cancellable = cancellable;
  return writer_open (self);
}

void
nn_zip_writer_free (NnZipWriter *self)
{
  archive_free (self->archive);
  g_clear_pointer (&self->bytes, g_byte_array_unref);
  g_clear_error (&self->error);
  g_free (self->name);
  g_free (self);
}

gboolean
nn_zip_writer_begin (NnZipWriter *self, const char *name, gsize size, GError **error)
{
  g_auto (NameLocale) names = name_locale_enter ();
  g_autoptr (ArchiveEntry) header = archive_entry_new ();

  g_free (self->name);
  self->name = g_strdup (name);
  self->total += size;
  if (self->total > NN_ZIP_MAX_SIZE)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_MEMORY,
                   _ ("The file would have %zu bytes; at most %zu can be written."), self->total,
                   NN_ZIP_MAX_SIZE);
      return FALSE;
    }
  if (is_text (name) && size > 0)
    archive_write_zip_set_compression_deflate (self->archive);
  else
    archive_write_zip_set_compression_store (self->archive);
  archive_entry_set_pathname_utf8 (header, name);
  archive_entry_set_filetype (header, AE_IFREG);
  archive_entry_set_perm (header, 0644);
  archive_entry_set_size (header, (la_int64_t)size);
  return archive_write_header (self->archive, header) == ARCHIVE_OK || write_fails (self, error);
}

gboolean
nn_zip_writer_write (NnZipWriter *self, gconstpointer data, gsize size, GError **error)
{
  return size == 0 || archive_write_data (self->archive, data, size) == (la_ssize_t)size
         || write_fails (self, error);
}

gboolean
nn_zip_writer_end (NnZipWriter *self, GError **error)
{
  return archive_write_finish_entry (self->archive) == ARCHIVE_OK || write_fails (self, error);
}

gboolean
nn_zip_writer_close (NnZipWriter *self, GError **error)
{
  g_auto (NameLocale) names = name_locale_enter ();

  return archive_write_close (self->archive) == ARCHIVE_OK || write_fails (self, error);
}

GBytes *
nn_zip_write (GPtrArray *entries, GError **error)
{
  gsize room = ROOM_FOR_NAMES;

  for (guint i = 0; i < entries->len; i++)
    room += g_bytes_get_size (((NnZipEntry *)g_ptr_array_index (entries, i))->bytes);
  g_autoptr (NnZipWriter) writer = g_new0 (NnZipWriter, 1);
  writer->bytes = g_byte_array_sized_new ((guint)MIN (room, NN_ZIP_MAX_SIZE));
  writer_open (writer);
  for (guint i = 0; i < entries->len; i++)
    {
      const NnZipEntry *entry = g_ptr_array_index (entries, i);
      gsize size;
      gconstpointer data = g_bytes_get_data (entry->bytes, &size);

      if (!nn_zip_writer_begin (writer, entry->name, size, error)
          || !nn_zip_writer_write (writer, data, size, error) || !nn_zip_writer_end (writer, error))
        return NULL;
    }
  if (!nn_zip_writer_close (writer, error))
    return NULL;
  return g_byte_array_free_to_bytes (g_steal_pointer (&writer->bytes));
}

/* ---- reading ---- */

static gboolean
read_fails (struct archive *archive, const char *source, const char *name, GError **error)
{
  const char *reason = archive_error_string (archive);

  if (reason == NULL)
    reason = _ ("it is damaged");
  if (name == NULL)
    g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("%s is no whole zip archive: %s."), source,
                 reason);
  else
    g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("%s, %s: %s."), source, name, reason);
  return FALSE;
}

static gboolean
name_is_safe (const char *name)
{
  if (name[0] == '\0' || name[0] == '/' || strlen (name) > MAX_NAME || strchr (name, '\\') != NULL)
    return FALSE;
  for (const char *c = name; *c != '\0'; c++)
    if ((guchar)*c < 0x20)
      return FALSE;
  g_auto (GStrv) parts = g_strsplit (name, "/", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    if (strcmp (parts[i], "..") == 0 || strcmp (parts[i], ".") == 0)
      return FALSE;
  return TRUE;
}

/* The data of the entry whose header was just read. What the header claims is not allocated in
 * advance. */
static GBytes *
read_data (struct archive *archive, ArchiveEntry *header, const char *source, const char *name,
           gsize limit, GCancellable *cancellable, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  gint64 claimed = archive_entry_size_is_set (header) ? archive_entry_size (header) : -1;

  if (claimed > 0 && (guint64)claimed > limit)
    {
      g_set_error (
          error, NN_ERROR, NN_ERROR_FORMAT,
          _ ("%s, %s: at most %zu bytes were expected, but it is said to have %" PRId64 "."),
          source, name, limit, claimed);
      return NULL;
    }
  for (;;)
    {
      guint have = bytes->len;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      g_byte_array_set_size (bytes, have + CHUNK);
      la_ssize_t n = archive_read_data (archive, bytes->data + have, CHUNK);
      g_byte_array_set_size (bytes, have + (n > 0 ? (guint)n : 0));
      if (n < 0)
        {
          read_fails (archive, source, name, error);
          return NULL;
        }
      if (n == 0)
        break;
      if (bytes->len > MIN (limit, NN_ZIP_MAX_SIZE))
        {
          g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                       _ ("%s, %s: at most %zu bytes were expected, but there are more."), source,
                       name, limit);
          return NULL;
        }
    }
  if (claimed >= 0 && (guint64)claimed != bytes->len)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s, %s: %" PRId64 " bytes were expected, but %u are there."), source, name,
                   claimed, bytes->len);
      return NULL;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

/* One entry into entries. A folder adds nothing. */
static gboolean
read_entry (struct archive *archive, ArchiveEntry *header, const char *source, gsize archive_size,
            NnZipLimitFunc limit, GPtrArray *entries, GHashTable *names, GCancellable *cancellable,
            GError **error)
{
  const char *name = archive_entry_pathname_utf8 (header);

  if (name == NULL || !g_utf8_validate (name, -1, NULL) || !name_is_safe (name))
    {
      g_autofree char *shown = name != NULL ? g_utf8_make_valid (name, -1) : g_strdup ("?");

      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s has an entry with the name “%s”, which no project has."), source, shown);
      return FALSE;
    }
  if (archive_entry_filetype (header) == AE_IFDIR)
    return TRUE;
  if (archive_entry_filetype (header) != AE_IFREG)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("%s, %s: a file was expected, but it is a link or device."), source, name);
      return FALSE;
    }
  if (!g_hash_table_add (names, g_strdup (name)))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("%s has the entry %s twice."), source,
                   name);
      return FALSE;
    }
  if (entries->len >= NN_ZIP_MAX_ENTRIES)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("%s has more than %d entries."), source,
                   NN_ZIP_MAX_ENTRIES);
      return FALSE;
    }
  const gsize most = limit (name, archive_size);
  if (most == 0)
    return TRUE;
  g_autofree char *own_name = g_strdup (name);
  g_autoptr (GBytes) bytes =
      read_data (archive, header, source, own_name, most, cancellable, error);
  if (bytes == NULL)
    return FALSE;
  nn_zip_entries_add (entries, own_name, bytes);
  return TRUE;
}

GPtrArray *
nn_zip_read (GBytes *bytes, const char *source, NnZipLimitFunc limit, GCancellable *cancellable,
             GError **error)
{
  g_auto (NameLocale) name_locale = name_locale_enter ();
  g_autoptr (GPtrArray) entries = nn_zip_entries_new ();
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  __attribute__ ((cleanup (archive_close))) struct archive *archive = archive_read_new ();
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);
  int status;

  /* The seekable reader goes by the directory at the end: a file cut short has none. */
  archive_read_support_format_zip_seekable (archive);
  if (archive_read_open_memory (archive, data, size) != ARCHIVE_OK)
    {
      read_fails (archive, source, NULL, error);
      return NULL;
    }
  gsize total = 0;
  ArchiveEntry *header;
  /* A warning is about the name, which is looked at below, or about times and the like. */
  while ((status = archive_read_next_header (archive, &header)) == ARCHIVE_OK
         || status == ARCHIVE_WARN)
    {
      if (!read_entry (archive, header, source, size, limit, entries, names, cancellable, error))
        return NULL;
      if (entries->len > 0)
        total +=
            g_bytes_get_size (((NnZipEntry *)g_ptr_array_index (entries, entries->len - 1))->bytes);
      if (total > limit (NULL, size))
        {
          g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("%s unpacks to more than %zu bytes."),
                       source, limit (NULL, size));
          return NULL;
        }
    }
  if (status != ARCHIVE_EOF)
    {
      read_fails (archive, source, NULL, error);
      return NULL;
    }
  return g_steal_pointer (&entries);
}
