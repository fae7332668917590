/* nn-error.h: the one error domain of the engine, for what a user can cause.
 *
 * Messages name the layer, port, file, offset, what was expected and what was found, in whole
 * sentences that can be shown as they are.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define NN_ERROR (nn_error_quark ())
GQuark nn_error_quark (void);

typedef enum
{
  NN_ERROR_SHAPE,       /* sizes that do not fit */
  NN_ERROR_DESIGN,      /* a graph that cannot be trained */
  NN_ERROR_FORMAT,      /* a file that is not what it claims to be */
  NN_ERROR_VERSION,     /* a file from a newer major version */
  NN_ERROR_UNKNOWN,     /* a name that no registry knows */
  NN_ERROR_RANGE,       /* a value outside its hard range */
  NN_ERROR_MEMORY,      /* would need more than there is */
  NN_ERROR_NUMERIC,     /* a loss or weight that is not finite */
  NN_ERROR_UNSUPPORTED, /* declared, not silently skipped */
  NN_ERROR_UNUSABLE,    /* samples that cannot be read, but could be skipped */
  NN_ERROR_MISSING,     /* values that are not there, but could be filled */
} NnErrorCode;

G_END_DECLS
