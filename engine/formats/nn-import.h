/* nn-import.h: networks and weights from other programs. One format = one file with one constant
 * descriptor, listed in nn-import-registry.c; command line and window take whatever is in the list.
 *
 * Nothing in a file is trusted: sizes and counts are checked against what is there before memory is
 * asked for, and a file that is refused leaves nothing behind.
 */
#pragma once

#include "data/nn-data-source.h"
#include "formats/nn-safetensors.h"
#include "model/nn-analysis.h"
#include "train/nn-checkpoint.h"

G_BEGIN_DECLS

/* What a file holds: a network with its weights, or tensors that a network is needed for: one of
 * design and tensors is NULL. */
typedef struct
{
  NnDesign *design;         /* owned */
  NnCheckpoint *checkpoint; /* owned; the weights of design, at the start of training */
  GPtrArray *tensors;       /* (element-type NnNamedTensor) owned */
  GPtrArray *ports; /* (element-type NnImportPort) owned; NULL where the file does not say */
} NnImport;

/* An input or output of the network as its file has it. The program's values are channel-last; axis
 * i of what the node gives is axis[i] of the file's value, of which axis 0 is the batch. */
typedef struct
{
  char *name; /* in the file */
  guint node;
  gboolean is_output;
  gint n_axes;
  gint axis[NN_MAX_RANK];
} NnImportPort;

NnImport *nn_import_new (void);
void nn_import_free (NnImport *import);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnImport, nn_import_free)
NnImportPort *nn_import_add_port (NnImport *import, const char *name, guint node,
                                  gboolean is_output); /* (transfer none) */

typedef struct
{
  const char *id;        /* "onnx" */
  const char *title;     /* "ONNX" */
  const char *extension; /* ".onnx" */
  const char *summary;   /* "a network with its weights" */
  /* source names the file in errors. folder (nullable): where the file is; data beside it are taken
   * from there alone. NN_ERROR_FORMAT, _VERSION, _UNSUPPORTED and what names the tensor or field.
   * context may be NULL. (transfer full) */
  NnImport *(*read) (GBytes *bytes, const char *source, const char *folder,
                     const NnLoadContext *context, GError **error);
} NnImporter;

/* NULL-terminated. Static. */
const NnImporter *const *nn_importers (void);
/* By the ending of its name; NULL if none. */
const NnImporter *nn_importer_for (const char *path);

/* Blocking; call from a GTask. context may be NULL. G_IO_ERROR_CANCELLED, NN_ERROR_UNKNOWN where no
 * importer takes the file. (transfer full) */
NnImport *nn_import_file (const char *path, const NnLoadContext *context, GError **error);

G_END_DECLS
