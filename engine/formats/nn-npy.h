/* nn-npy.h: one array in NumPy's .npy format, versions 1 to 3
 * (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). Any thread.
 */
#pragma once

#include <gio/gio.h>

#include "base/nn-tensor.h"

G_BEGIN_DECLS

/* Numbers of any size and byte order are read as float32; an array in Fortran order is refused. The
 * tensor's shape is the array's, its first dimension the number of samples where it holds several.
 * source names the file in errors: NN_ERROR_FORMAT, NN_ERROR_UNSUPPORTED. (transfer full) */
NnTensor *nn_npy_read (GBytes *bytes, const char *source, GError **error);

/* Version 1.0, '<f4', C order. (transfer full) */
GBytes *nn_npy_write (const NnTensor *tensor);

G_END_DECLS
