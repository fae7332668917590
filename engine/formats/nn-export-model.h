/* nn-export-model.h: a network, or its encoder or decoder, as exporters translate it: the program
 * (engine/ops) that training runs, without losses and without what only training needs, in an order
 * in which every operation comes after what it reads, with names for everything and the trained
 * weights.
 *
 * Noise, dropout and masks are left out, and where a code is drawn at random its mean is taken: the
 * network is as it is used, not as it is trained. A model for training has all of it, and losses.
 * Everything is channel-last, as in the program.
 */
#pragma once

#include "formats/nn-export.h"
#include "ops/nn-op.h"

G_BEGIN_DECLS

/* What goes in or comes out. */
typedef struct
{
  guint value;          /* of the program */
  guint node;           /* that gives it; 0 for a field of the data */
  char *name;           /* an identifier: "image", "dense_3"; "z" for the code */
  char *about;          /* one sentence: what it holds, its range */
  const NnField *field; /* that fills it, or NULL */
  gboolean target;      /* an input that losses alone read */
} NnExportPort;

typedef struct
{
  const NnExportSource *source; /* borrowed */
  NnProgram *program;           /* borrowed from the source's analysis */
  GArray *inputs, *outputs;     /* NnExportPort */
  GArray *ops;                  /* guint: positions in program->ops, in order */
  const float **weights;        /* (program->weights) borrowed; NULL where the part needs it not */
  char **node_names;            /* by position in the design: "dense_3", unique, lower case */
  gboolean training;            /* with losses and what only training needs */
} NnExportModel;

/* The part that source asks for, which must outlive the model. NN_ERROR_DESIGN where there is no
 * such part, where it cannot stand alone, or where a layer has no trained weights. (transfer full)
 */
NnExportModel *nn_export_model_new (const NnExportSource *source, GError **error);
/* The same with what training needs, for the whole network. Losses are operations without an
 * output; what they read and is no field of the data is an output of the model, behind what they
 * judge. */
NnExportModel *nn_export_model_new_training (const NnExportSource *source, GError **error);
void nn_export_model_free (NnExportModel *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnExportModel, nn_export_model_free)

#define nn_export_model_n_ops(m) ((m)->ops->len)
#define nn_export_model_op(m, i) nn_program_op ((m)->program, g_array_index ((m)->ops, guint, (i)))
#define nn_export_input(m, i) (&g_array_index ((m)->inputs, NnExportPort, (i)))
#define nn_export_output(m, i) (&g_array_index ((m)->outputs, NnExportPort, (i)))

/* The value that another one is, once what only training needs is left out. Operations' inputs are
 * to be read through this. */
guint nn_export_model_value (const NnExportModel *model, guint value);

/* What a window adds around its image: behind the last row (column) as much as its outputs reach,
 * less than 0 where rows are left over. */
typedef struct
{
  gint64 top, bottom, left, right;
} NnExportMargins;

NnExportMargins nn_export_margins (const NnWindow *window);

/* The identifier of a node ("dense_3"), and its name as the person knows it ("Dense 3"). */
const char *nn_export_model_node_name (const NnExportModel *model, guint node);
const char *nn_export_model_node_title (const NnExportModel *model, guint node);

/* Bytes of the weights it needs. */
guint64 nn_export_model_weight_bytes (const NnExportModel *model);

/* What is in it, in a few lines: inputs, outputs, weights, size. For previews. (transfer full) */
char *nn_export_model_describe (const NnExportModel *model);

/* An identifier of lower-case letters, digits and underscores that no language of the exporters
 * reserves, and that is not in taken (a set of char *), to which it is added. (transfer full) */
char *nn_export_identifier (const char *name, GHashTable *taken);

G_END_DECLS
