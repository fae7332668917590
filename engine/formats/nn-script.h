/* nn-script.h: a Python script while it is put together, whatever library it is for: the lines that
 * make layers and those that apply them, the names in it, the weights that go beside it, and the
 * pieces of resources/export that it uses.
 */
#pragma once

#include "formats/nn-export-model.h"
#include "formats/nn-tensor-file.h"

G_BEGIN_DECLS

typedef struct
{
  const NnExportModel *model; /* borrowed */
  gboolean first;             /* images are channels first in it */
  GHashTable *taken;          /* identifiers */
  GString *layers;            /* lines that make layers */
  GString *ties;              /* lines behind those: weights that belong together */
  GString *body;              /* lines that apply layers */
  GPtrArray *tensors;         /* NnFileTensor that go beside it */
  GPtrArray *memory;          /* of texts that live as long as the script */
  char **value;               /* by value: an expression, NULL where it is not there yet */
  gboolean *is_first;         /* by value: channels first */
  guint *n_uses;              /* by value: operations and outputs that read it */
  const char **layer;         /* by operation of the program: what its layer is called */
  const char **weight;        /* by weight of the program: "code.weight", NULL: not beside it */
  GHashTable *made;           /* what makes a layer and from which weights -> its name */
  GHashTable *nodes;          /* node -> its name */
  GHashTable *named;          /* nodes that have given a variable their name */
} NnScript;

/* first: images are channels first. reserved: identifiers that nodes must not have, ended by NULL.
 */
void nn_script_init (NnScript *script, const NnExportModel *model, gboolean first,
                     const char *const *reserved);
void nn_script_clear (NnScript *script);

/* ---- texts ---- */

/* A text that lives as long as the script. */
const char *nn_script_text (NnScript *script, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* The shortest text that is this number in Python. */
const char *nn_script_float (NnScript *script, float value);
const char *nn_script_double (NnScript *script, double value);
/* "text" as Python reads it. */
const char *nn_script_quoted (NnScript *script, const char *text);
/* Sizes from `from` on, "3, 4"; a trailing comma where there is one. */
const char *nn_script_sizes (NnScript *script, const gint64 *sizes, gint n);

/* ---- values ---- */

/* A node's identifier in the script. */
const char *nn_script_name (const NnScript *script, guint node);

const NnShape *nn_script_shape (const NnScript *script, guint value);
/* Channels come first: images in a script for such a library, and what convolutions of sequences
 * give. */
gboolean nn_script_is_first (const NnScript *script, const NnOp *op, guint i);
/* An expression for input i of op, its channels first or last. */
const char *nn_script_read (NnScript *script, const NnOp *op, guint i, gboolean first);
/* The same as it lies. */
const char *nn_script_read_as_is (NnScript *script, const NnOp *op, guint i);
const char *nn_script_read_value (NnScript *script, guint value, gboolean first);
/* Output 0 of op is this expression: it gets a variable, or goes on into the one operation that
 * reads it. */
void nn_script_define (NnScript *script, const NnOp *op, gboolean first, const char *expression);
/* The same, with a variable in any case. Returns it. */
const char *nn_script_assign (NnScript *script, const NnOp *op, gboolean first,
                              const char *expression);

/* ---- layers and weights ---- */

/* The name of op's layer; of operations with the same weights that is one, the owner's. */
const char *nn_script_layer (NnScript *script, const NnOp *op);
/* TRUE the first time that a layer of this text with op's weights is asked for: then it is to be
 * made. */
gboolean nn_script_is_new (NnScript *script, const NnOp *op, const char *text);
/* The operation that weight k of op belongs to: the first that has it of the node that owns it, or
 * of all where that is not in the script. */
const NnOp *nn_script_owner (const NnScript *script, const NnOp *op, guint k);
/* A tensor beside the script: weight k of op, seen as view with axes in another order (NULL: as
 * they are), of that shape. What it is may still be changed. */
NnFileTensor *nn_script_add_weight (NnScript *script, const NnOp *op, guint k, const char *name,
                                    const NnShape *view, const guint *order, const NnShape *shape);
/* "sample.input.NAME" and "sample.output.NAME" (n, ...): random inputs, and what the engine makes
 * of them. FALSE with NN_ERROR_NUMERIC where that is not finite. */
gboolean nn_script_add_samples (NnScript *script, GError **error);

/* ---- operations ---- */

/* The class of an operation that is noise (out), and its arguments. */
const char *nn_script_noise (NnScript *script, const NnOp *op, const char **layer,
                             gboolean *training_only);
/* "2", or "(2, 3)" where an image's two axes differ. rank: of the values. */
const char *nn_script_per_axis (NnScript *script, gint rank, gint64 h, gint64 w);

/* ---- the whole ---- */

/* learning_rate (step, batches, epochs, losses), after the design's schedule. */
void nn_script_append_schedule (NnScript *script, GString *text);
/* What the classes count, "(1.0, 20.0)", of a loss that weighs them. */
const char *nn_script_class_weights (NnScript *script, const NnOp *op);
/* What gives a value is that activation. */
gboolean nn_script_ends_in (const NnScript *script, guint value, NnActivation function);
/* text with "%NAME" replaced by the parameter of that name, as Python has it. */
const char *nn_script_filled (NnScript *script, const char *text, const NnParams *params);

/* What a script does otherwise than the program that trains the same design: told before it is
 * written, and in it. noisy_validation: it validates with the noise that the program does.
 * (element-type utf8) (transfer full) */
GPtrArray *nn_script_remarks (const NnExportSource *source, gboolean noisy_validation);
/* TRUE for an option of training (nn_run_specs()) or data (nn_data_specs()) that scripts follow or
 * that nn_script_remarks() speaks of. */
gboolean nn_script_knows (const char *option);

/* What the script is, how it is run and what goes in and out, as its documentation string. name: of
 * the file, without its ending; others: lines on further ways to run it, with the name as %s, or
 * NULL. remarks: nn_script_remarks(). */
void nn_script_append_comment (NnScript *script, const char *name, const char *weights_ending,
                               const char *others, const GPtrArray *remarks, GString *text);
/* Names of inputs and outputs, where the weights are, what training is told. */
void nn_script_append_constants (NnScript *script, const char *weights_ending, GString *text);
/* By how much fields are scaled, and outputs that are images of such a field. */
void nn_script_append_scaling (NnScript *script, GString *text);
/* Lines further in. */
void nn_script_append_lines (GString *text, const char *indent, const char *lines);
/* Those classes and functions of a resource that text speaks of, or that one of these speaks of:
 * of what stands before the mark "# ---- the network ----" (behind: FALSE) or behind it. Appended
 * to text. */
void nn_script_append_pieces (GString *text, const char *const *resources, gboolean behind,
                              const char *spoken);
/* Modules of Python's own that text uses, a line each, in front of it. */
void nn_script_prepend_imports (GString *text);

/* A script and the weights beside it. */
typedef struct
{
  char *name; /* of the script, without its ending */
  char *script, *weights;
} NnScriptPaths;

NnScriptPaths nn_script_paths (const char *path, const char *weights_ending);
void nn_script_paths_clear (NnScriptPaths *paths);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NnScriptPaths, nn_script_paths_clear)

/* Both, or neither: write puts the script's tensors into the file beside it. */
gboolean nn_script_write (const NnScript *script, const NnScriptPaths *paths, const char *text,
                          gboolean (*write) (GPtrArray *tensors, NnReplacement *file,
                                             const NnExportJob *job, GError **error),
                          const NnExportJob *job, GError **error);

G_END_DECLS
