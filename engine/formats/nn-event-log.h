/* nn-event-log.h: TensorBoard's event files: records of protocol buffers with checksums
 * (TensorFlow's TFRecord: length, its CRC, data, their CRC). One thread.
 */
#pragma once

#include "formats/nn-export.h"
#include "formats/nn-replace.h"
#include "formats/tensorboard.pb-c.h"

G_BEGIN_DECLS

typedef struct _NnEventLog NnEventLog;

/* Begins the file at path. (transfer full) */
NnEventLog *nn_event_log_new (const char *path, GCancellable *cancellable, GError **error);
/* One event of n values. wall_time: s since 1970. */
gboolean nn_event_log_add (NnEventLog *log, double wall_time, guint64 step,
                           Tensorboard__Summary__Value **values, gsize n, GError **error);
/* Puts the file in place. */
gboolean nn_event_log_end (NnEventLog *log, GError **error);
/* Leaves no file behind where nn_event_log_end() did not succeed. */
void nn_event_log_free (NnEventLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnEventLog, nn_event_log_free)

G_END_DECLS
