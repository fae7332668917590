/* nn-tensor-file.h: named tensors on their way to a file. What changes on the way, the order of
 * axes, is worked out while a tensor is written: beside the network's own weights no more than one
 * of them is in memory. Any thread.
 */
#pragma once

#include "base/nn-tensor.h"
#include "formats/nn-export.h"
#include "formats/nn-replace.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;
  NnShape shape;     /* as the file has it */
  NnTensor *owner;   /* of data; NULL: somebody else keeps them until the file is written */
  const float *data; /* borrowed */
  NnShape view;      /* what the data are before their axes are put into that order ... */
  guint order[NN_MAX_RANK];
  gboolean turned; /* ... if this is set */
  gsize swapped;   /* after that, two blocks of so many values at the beginning change places */
} NnFileTensor;

GPtrArray *nn_file_tensors_new (void); /* (element-type NnFileTensor) */
/* References the tensor. Both return what was added. (transfer none) */
NnFileTensor *nn_file_tensors_add (GPtrArray *tensors, const char *name, NnTensor *tensor);
/* data of that shape; borrowed. */
NnFileTensor *nn_file_tensors_add_values (GPtrArray *tensors, const char *name,
                                          const NnShape *shape, const float *data);

/* All tensors as a .safetensors or an .npz file. metadata: string -> string, may be NULL. Tells of
 * its progress, can be cancelled, leaves it to the caller to commit file. */
gboolean nn_file_tensors_to_safetensors (GPtrArray *tensors, GHashTable *metadata,
                                         NnReplacement *file, const NnExportJob *job,
                                         GError **error);
gboolean nn_file_tensors_to_npz (GPtrArray *tensors, NnReplacement *file, const NnExportJob *job,
                                 GError **error);

G_END_DECLS
