#include "diabolo-config.h"

#include "formats/nn-event-log.h"

#include <string.h>

#define FILE_VERSION "brain.Event:2"
/* CRC-32C (Castagnoli), its bits turned around. */
#define POLYNOMIAL 0x82f63b78u
/* A sum that stands among the data that it is of must not be taken for them. */
#define MASK 0xa282ead8u

struct _NnEventLog
{
  NnReplacement *file; /* owned */
  GCancellable *cancellable;
  guint32 table[256]; /* of CRCs of single bytes */
};

static guint32
masked_crc (const NnEventLog *log, const guint8 *data, gsize n)
{
  guint32 crc = 0xffffffffu;
  for (gsize i = 0; i < n; i++)
    crc = log->table[(crc ^ data[i]) & 255] ^ crc >> 8;
  crc ^= 0xffffffffu;
  return (crc >> 15 | crc << 17) + MASK;
}

static void
fill_table (NnEventLog *log)
{
  for (guint32 byte = 0; byte < 256; byte++)
    {
      guint32 crc = byte;
      for (guint bit = 0; bit < 8; bit++)
        crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
      log->table[byte] = crc;
    }
}

static gboolean
put (NnEventLog *log, const Tensorboard__Event *event, GError **error)
{
  const gsize size = tensorboard__event__get_packed_size (event);
  const guint64 length = GUINT64_TO_LE ((guint64)size);
  g_autofree guint8 *record = g_malloc (sizeof length + 4 + size + 4);
  guint8 *data = record + sizeof length + 4;
  memcpy (record, &length, sizeof length);
  tensorboard__event__pack (event, data);
  const guint32 sums[2] = { GUINT32_TO_LE (masked_crc (log, record, sizeof length)),
                            GUINT32_TO_LE (masked_crc (log, data, size)) };
  memcpy (record + sizeof length, &sums[0], sizeof sums[0]);
  memcpy (data + size, &sums[1], sizeof sums[1]);
  return nn_replacement_write (log->file, record, sizeof length + 4 + size + 4, log->cancellable,
                               error);
}

NnEventLog *
nn_event_log_new (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (NnEventLog) log = g_new0 (NnEventLog, 1);
  Tensorboard__Event event = TENSORBOARD__EVENT__INIT;
  fill_table (log);
  log->cancellable = cancellable;
  log->file = nn_replacement_new (path, error);
  event.wall_time = (double)g_get_real_time () / G_USEC_PER_SEC;
  event.what_case = TENSORBOARD__EVENT__WHAT_FILE_VERSION;
  event.file_version = (char *)FILE_VERSION;
  return log->file && put (log, &event, error) ? g_steal_pointer (&log) : NULL;
}

gboolean
nn_event_log_add (NnEventLog *log, double wall_time, guint64 step,
                  Tensorboard__Summary__Value **values, gsize n, GError **error)
{
  Tensorboard__Summary summary = TENSORBOARD__SUMMARY__INIT;
  Tensorboard__Event event = TENSORBOARD__EVENT__INIT;
  summary.n_value = n;
  summary.value = values;
  event.wall_time = wall_time;
  event.step = (gint64)step;
  event.what_case = TENSORBOARD__EVENT__WHAT_SUMMARY;
  event.summary = &summary;
  return put (log, &event, error);
}

gboolean
nn_event_log_end (NnEventLog *log, GError **error)
{
  return nn_replacement_commit (log->file, error);
}

void
nn_event_log_free (NnEventLog *log)
{
  if (!log)
    return;
  g_clear_pointer (&log->file, nn_replacement_free);
  g_free (log);
}
