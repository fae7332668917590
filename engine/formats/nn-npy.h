/* nn-npy.h: one array in NumPy's .npy format, versions 1 to 3
 * (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). Any thread.
 */
#pragma once

#include <gio/gio.h>

#include "base/nn-tensor.h"
#include "formats/nn-replace.h"

G_BEGIN_DECLS

/* What the header of an array says, and where its values are. */
typedef struct
{
  NnShape shape;     /* of all dimensions */
  guint type;        /* of a table within */
  gboolean swap;     /* of the other byte order */
  gsize offset;      /* of the values, which reach to the end of the file */
  guint item_size;   /* bytes of a value */
  gboolean is_u8;    /* values are bytes */
  gboolean is_whole; /* integers or truth values */
} NnNpyHeader;

/* As nn_npy_read(), the values' number and size checked, but none read. */
gboolean nn_npy_read_header (GBytes *bytes, const char *source, NnNpyHeader *header,
                             GError **error);
/* Values first to first + n as float32. */
void nn_npy_convert (GBytes *bytes, const NnNpyHeader *header, gsize first, gsize n, float *out);

/* Numbers of any size and byte order are read as float32; an array in Fortran order is refused. The
 * tensor's shape is the array's, its first dimension the number of samples where it holds several.
 * source names the file in errors: NN_ERROR_FORMAT, NN_ERROR_UNSUPPORTED. (transfer full) */
NnTensor *nn_npy_read (GBytes *bytes, const char *source, GError **error);

/* The beginning of a file, version 1.0, C order, whose values follow: descr is "<f4", "<i4".
 * (transfer full) */
GBytes *nn_npy_header (const char *descr, const NnShape *shape);
/* Values behind such a header, 4 bytes each; they are put in the file's byte order in place. */
gboolean nn_npy_write_values (NnReplacement *file, gpointer values, gsize n,
                              GCancellable *cancellable, GError **error);
/* Version 1.0, '<f4', C order. (transfer full) */
GBytes *nn_npy_write (const NnTensor *tensor);

G_END_DECLS
