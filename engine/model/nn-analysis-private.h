/* nn-analysis-private.h: the inside of an analysis, for nn-analysis*.c. */
#pragma once

#include "layers/nn-layer.h"
#include "model/nn-analysis.h"
#include "model/nn-design-private.h"

G_BEGIN_DECLS

/* Every objective has these input ports. */
enum
{
  NN_PORT_PREDICTION,
  NN_PORT_TARGET,
};

/* What is known of one node. Arrays by port are owned. */
typedef struct
{
  const NnNode *node;
  guint n_in, n_out;
  gint *from;            /* (n_in) position of the node that feeds a port, -1 if none does */
  guint *from_port;      /* (n_in) */
  NnShape *in;           /* (n_in) rank -1 where not known */
  NnShape *out;          /* (n_out) set where known */
  gint *value;           /* (n_out) program value, -1 where unknown */
  gboolean known;        /* shapes were inferred and the node was lowered */
  GError *error;         /* why infer() refused, or NULL */
  GError *sharing_error; /* why it cannot use the weights of another node, or NULL */
  guint first_op, n_ops; /* of the program */
  gint64 weights, macs;
  NnRole role;
  guint rank;         /* place in the order */
  gboolean circular;  /* in a loop, or fed from one */
  gboolean leads;     /* is an objective, or something that follows from it is */
  gboolean per_pixel; /* a layer that works on the last axis got an image, here or before */
} NnNodeFacts;

struct _NnAnalysis
{
  gatomicrefcount refs;
  NnDesign *design;
  NnDataInfo *data;
  NnLinks *links;
  guint n;
  NnNodeFacts *facts; /* (n) by position in the design */
  guint *order;       /* (n) positions */
  guint *order_ids;   /* (n) */
  NnProgram *program;
  guint code, output, judge, input, seen; /* node ids, 0: none */
  gint64 total_weights, total_macs;
  guint64 memory, memory_limit;
  GPtrArray *diagnostics; /* NnDiagnostic */
  gboolean can_train;
};

/* NULL if there is no such node. */
NnNodeFacts *nn_analysis_facts (const NnAnalysis *analysis, guint node);

/* The facts of what feeds an input port, or NULL. */
NnNodeFacts *nn_analysis_source (const NnAnalysis *analysis, const NnNodeFacts *facts, guint port);

static inline gboolean
nn_facts_is (const NnNodeFacts *facts, guint flags)
{
  /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): g_new0() of something is not NULL */
  return (facts->node->type->flags & flags) != 0;
}

/* Something enters. */
gboolean nn_facts_is_fed (const NnNodeFacts *facts);

/* Nothing is computed: another shape of the same values. */
gboolean nn_analysis_is_alias (const NnAnalysis *analysis, const NnNodeFacts *facts);

/* The kind of data that an Input node brings; FALSE if the data set has no such field. */
gboolean nn_analysis_field_kind (const NnAnalysis *analysis, const NnNodeFacts *facts,
                                 NnFieldKind *kind);

/* Steps of nn_analysis_new(), in this order. */
void nn_analysis_find_roles (NnAnalysis *analysis);
void nn_analysis_diagnose (NnAnalysis *analysis);

/* The only layer that nothing goes on from, or NULL. */
const NnNodeFacts *nn_analysis_last_layer (const NnAnalysis *analysis);

/* ---- fixes (transfer full), NULL where none is certain ---- */

/* A fix is a whole design: FALSE once there are more of them than anybody could want. */
gboolean nn_analysis_may_fix (const NnAnalysis *analysis);

/* The only field that is a label (or that is none); NULL if there are none or several. */
const NnField *nn_data_only_field (const NnDataInfo *data, gboolean labels);

NnDesign *nn_fix_set_text (const NnAnalysis *analysis, const NnNode *node, const char *name,
                           const char *text);
/* An Input before the only layer that waits for one. */
NnDesign *nn_fix_add_input (const NnAnalysis *analysis);
/* A loss right of prediction that compares it with the Input target. */
NnDesign *nn_fix_add_reconstruction (const NnAnalysis *analysis, NnDesign *design, guint prediction,
                                     guint target);
NnDesign *nn_fix_add_classification (const NnAnalysis *analysis, const NnNodeFacts *last,
                                     const char *field);
/* Makes the layer that decides the size of facts' output give as many values as wanted. */
NnDesign *nn_fix_match_output (const NnAnalysis *analysis, const NnNodeFacts *facts,
                               const NnShape *wanted, char **label);
/* What makes a layer take the sizes that it refused: the one parameter, the size before it or the
 * Flatten that is missing. label (out, transfer full) names it. */
NnDesign *nn_fix_refusal (const NnAnalysis *analysis, const NnNodeFacts *facts, char **label);
/* A Flatten in the edge into node. */
NnDesign *nn_fix_add_flatten (const NnAnalysis *analysis, const NnNode *node);

/* Width of a card and the gap to the next, in canvas pixels. */
#define NN_CARD_PITCH 126.0

/* Moves every node whose left edge is at or right of x by dx. (transfer full) */
NnDesign *nn_design_make_room (NnDesign *design, double x, double dx);

G_END_DECLS
