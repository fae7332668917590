/* nn-safetensors.h: named float32 tensors in the safetensors format
 * (https://github.com/huggingface/safetensors: u64 header length, JSON header, data).
 */
#pragma once

#include <gio/gio.h>

#include "base/nn-tensor.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;
  NnTensor *tensor;
} NnNamedTensor;

/* (element-type NnNamedTensor) helper */
GPtrArray *nn_named_tensors_new (void);
void nn_named_tensors_add (GPtrArray *tensors, const char *name, NnTensor *tensor); /* references */
NnTensor *nn_named_tensors_find (GPtrArray *tensors,
                                 const char *name); /* (transfer none) (nullable) */

typedef struct
{
  const char *name; /* borrowed */
  NnShape shape;
} NnNamedShape;

/* The beginning of a file behind which the values of these tensors follow, in that order, least
 * significant byte first. metadata: string -> string, may be NULL. (transfer full) */
GBytes *nn_safetensors_header (const NnNamedShape *tensors, guint n, GHashTable *metadata);
/* A whole file. (transfer full) */
GBytes *nn_safetensors_write (GPtrArray *tensors, GHashTable *metadata);
/* source names the file in errors. metadata (out, nullable). Reads F32 (F16, BF16 and F64 are
 * converted). */
GPtrArray *nn_safetensors_read (GBytes *bytes, const char *source, GHashTable **metadata,
                                GError **error);

G_END_DECLS
