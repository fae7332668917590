/* nn-analysis.h: everything that follows from a design and a data set's shapes: order, sizes,
 * roles, what is wrong and how to mend it, and the lowered program. Immutable, reference-counted.
 * Takes well under a millisecond for networks a person draws; runs on any thread.
 */
#pragma once

#include "data/nn-dataset.h"
#include "model/nn-design.h"
#include "model/nn-program.h"

G_BEGIN_DECLS

typedef struct _NnAnalysis NnAnalysis;

typedef enum
{
  NN_ROLE_NONE,
  NN_ROLE_INPUT, /* before or beside the encoder: the inputs themselves belong to the encoder's
                    ground */
  NN_ROLE_ENCODER,
  NN_ROLE_CODE,
  NN_ROLE_DECODER,
  NN_ROLE_OBJECTIVE,
} NnRole;

typedef enum
{
  NN_SEVERITY_ERROR,   /* cannot be trained */
  NN_SEVERITY_WARNING, /* can be, but probably should not */
  NN_SEVERITY_HINT,
} NnSeverity;

typedef struct
{
  NnSeverity severity;
  guint node;      /* 0: the whole design */
  gint port;       /* input port (its edge is marked), -1: the node */
  char *text;      /* "Dense 2 gives 128 values, but the target Input has 784." */
  char *fix_label; /* "Set units to 784", or NULL where no fix is certain */
  NnDesign *fix;   /* the mended design, or NULL */
} NnDiagnostic;

/* memory_limit: bytes training may use (0: what this machine has). (transfer full) */
NnAnalysis *nn_analysis_new (NnDesign *design, const NnDataInfo *data, guint64 memory_limit);
NnAnalysis *nn_analysis_ref (NnAnalysis *analysis);
void nn_analysis_unref (NnAnalysis *analysis);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnAnalysis, nn_analysis_unref)

NnDesign *nn_analysis_design (const NnAnalysis *analysis); /* (transfer none) */
const NnDataInfo *nn_analysis_data (const NnAnalysis *analysis);

/* Ids in an order in which every node comes after what it needs. */
const guint *nn_analysis_order (const NnAnalysis *analysis, guint *n);

/* NULL where the shape is not known (something before it is wrong). */
const NnShape *nn_analysis_output_shape (const NnAnalysis *analysis, guint node, guint port);
const NnShape *nn_analysis_input_shape (const NnAnalysis *analysis, guint node, guint port);
gint64 nn_analysis_node_weights (const NnAnalysis *analysis, guint node);
gint64 nn_analysis_node_macs (const NnAnalysis *analysis,
                              guint node); /* multiply-adds of one sample */
gint64 nn_analysis_total_weights (const NnAnalysis *analysis);
gint64 nn_analysis_total_macs (const NnAnalysis *analysis);
guint64
nn_analysis_training_memory (const NnAnalysis *analysis); /* bytes beyond the data, estimated */

/* Most memory that kept features may take (nn-plan.h). */
#define NN_FEATURES_MEMORY ((guint64)1 << 30)

/* Bytes that the features of training and validation samples take; 0: none are kept, as nothing is
 * frozen that could be, the setting says so, or they would take more than NN_FEATURES_MEMORY or a
 * quarter of the machine's. */
guint64 nn_analysis_feature_memory (const NnAnalysis *analysis);
/* A sentence on what is kept, or why nothing is; NULL where no layer is frozen. (transfer full) */
char *nn_analysis_features_text (const NnAnalysis *analysis);

/* The same on so many threads (nn_analysis_training_memory(): one per processor). */
guint64 nn_analysis_memory_on (const NnAnalysis *analysis, guint n_threads);

NnRole nn_analysis_role (const NnAnalysis *analysis, guint node);
guint nn_analysis_code_node (const NnAnalysis *analysis); /* 0: the network has no code */
/* Whether what follows the code is a decoder: a classifier behind a code gives nothing back. */
gboolean nn_analysis_has_decoder (const NnAnalysis *analysis);
/* The node whose output an objective compares with the data: what a reconstruction grid shows. 0:
 * none. */
guint nn_analysis_output_node (const NnAnalysis *analysis);
/* The objective that compares it, or where nothing is reconstructed the first one; 0: none. */
guint nn_analysis_judge_node (const NnAnalysis *analysis);
/* The node whose output that objective judges: the output node, or of a classifier the one that
 * gives the probability of each class. 0: none. */
guint nn_analysis_answer_node (const NnAnalysis *analysis);
/* The Input node that feeds the network (first one of an image or features). 0: none. */
guint nn_analysis_input_node (const NnAnalysis *analysis);
/* The last node of corruption between input and encoder (what the network sees), or the input node.
 */
guint nn_analysis_seen_node (const NnAnalysis *analysis);

guint nn_analysis_n_diagnostics (const NnAnalysis *analysis);
const NnDiagnostic *nn_analysis_diagnostic (const NnAnalysis *analysis,
                                            guint position); /* errors first */
gboolean nn_analysis_can_train (const NnAnalysis *analysis); /* no error among them */

/* Program value that is output port `port` of a node; -1 where unknown. */
gint nn_analysis_value (const NnAnalysis *analysis, guint node, guint port);
NnProgram *
nn_analysis_program (const NnAnalysis *analysis); /* (transfer none); whole only if can_train */

/* FALSE with a reason if connecting would fail (loop, shape that cannot fit): for lighting ports
 * up. */
gboolean nn_analysis_can_connect (const NnAnalysis *analysis, guint from, guint from_port, guint to,
                                  guint to_port, GError **error);

/* TRUE if a layer of this type may use the weights of an owner of that type, sizes aside; see
 * nn_design_share_weights(). */
gboolean nn_analysis_may_share (const NnLayerType *type, const NnLayerType *owner, gboolean tied);

/* "Mirror encoder": appends to the last of the selected nodes the layers that map its output back
 * to the shape the first received, in reverse order, connected, placed to the right. (transfer
 * full) NN_ERROR_DESIGN where the selection is no chain or a layer has no mirror. */
NnDesign *nn_analysis_mirror (const NnAnalysis *analysis, const guint *ids, guint n,
                              GError **error);

/* Tidy layout: every node placed in columns left to right by depth; heights as given (canvas
 * pixels, same order as nn_design_node_at()). (transfer full) */
NnDesign *nn_analysis_tidy (const NnAnalysis *analysis, double card_width, double gap,
                            const double *heights);

/* Rows "name type output params macs" and totals, as `summary` prints them, and as JSON. */
char *nn_analysis_summary (const NnAnalysis *analysis);
JsonNode *nn_analysis_summary_json (const NnAnalysis *analysis);

G_END_DECLS
