/* nn-plan-private.h: a compiled plan: steps, fusions, and where each value lives. */
#pragma once

#include "model/nn-plan.h"

G_BEGIN_DECLS

typedef enum
{
  NN_GRADIENT_NONE,   /* nobody needs it */
  NN_GRADIENT_WRITE,  /* first to arrive: written in place */
  NN_GRADIENT_ADD,    /* computed into scratch, then added */
  NN_GRADIENT_SHARED, /* the gradient of the output, with which it shares memory */
} NnGradientMode;

/* One executed operation; a fused activation or a skipped one has no step of its own. */
typedef struct
{
  const NnOp *op;
  const NnOp *activation; /* fused: applied by op's forward, undone in place before op's backward */
  gboolean undone;        /* the activation's only user undoes it */
  gboolean undo_relu;     /* max pooling: backward undoes the ReLU in front of it as well */
  gboolean logits;        /* loss: input 0 is the value before from_logits */
  NnGradientMode gradient[NN_OP_MAX_IN];
  gboolean clear_dy[NN_OP_MAX_OUT]; /* nothing has written it when backward gets here */
  gboolean backward;                /* any gradient to compute */
  gsize scratch;                    /* offset into the block, in floats */
  gsize prepared;                   /* offset into the plan's, in floats */
  gsize meter;                      /* losses: offset into a shard's meter, in doubles */
  gsize temp[NN_OP_MAX_IN];         /* NN_GRADIENT_ADD: offset into the block, in floats */
  gboolean fixed;                   /* gives the same for a sample every time */
  gboolean barrier;                 /* gathers from the whole batch before it goes on */
  gsize sums, sums_backward;        /* barriers: offsets into a shard's sums, in doubles */
} NnPlanStep;

/* A loss that leaves its gradient in forward, so that backward has nothing to do for it. */
static inline gboolean
nn_plan_step_is_pure_loss (const NnPlanStep *step)
{
  return (step->op->type->flags & NN_OP_LOSS) && !step->op->type->backward;
}

/* Whether backward has a gradient of the step's first input to make. */
static inline gboolean
nn_plan_step_makes_dx (const NnPlanStep *step)
{
  return step->backward && step->gradient[0] != NN_GRADIENT_NONE;
}

/* What runs slice by slice without waiting for the rest of the batch: steps forward, then, for the
 * barrier that ends it, gathering; and the same on the way back. */
typedef struct
{
  guint forward, forward_end; /* steps */
  gint gather;                /* step, -1: none */
  guint backward, backward_end;
  gint gather_backward; /* step, -1: none */
} NnPlanPhase;

#define NN_PLAN_SLICE_MAX 64 /* samples in a slice at most */
#define NN_PLAN_SHARDS_MAX 8

/* Applies the table of rewrite rules in nn-plan-fusion.c to steps; root (per value) may gain
 * aliases, and made (of NnOp, owned by it) operations that stand for several of the program.
 * keep_values: without the rules by which a value is never computed. wanted (per value, nullable):
 * what must be there afterwards. */
void nn_plan_fuse (NnProgram *program, gboolean keep_values, const gboolean *wanted, GArray *steps,
                   guint *root, GPtrArray *made);
void nn_plan_free_made_op (gpointer op);

/* Gives every value, gradient, scratch and temporary block its place in a block of memory for
 * `slice` samples; returns the floats of that block. */
gsize nn_plan_place (NnPlan *plan, guint slice);

/* Finds the steps that defer a weight's gradient; what they need is kept for the whole batch. */
void nn_plan_defer (NnPlan *plan);

/* Finds fixed steps, and what others read of them. */
void nn_plan_find_features (NnPlan *plan);
void nn_plan_free_features (NnPlan *plan);
/* For a run: whether it may use them, and whether it needs no fixed step at all. */
void nn_plan_begin_features (NnPlan *plan);
/* TRUE where all n samples are kept. */
gboolean nn_plan_has_features (const NnPlan *plan, const guint32 *sample, guint n);

/* Finds barriers, and what runs between them. */
void nn_plan_cut_phases (NnPlan *plan);

/* Of the run under way: TRUE where step gathers; a shard's sums, the whole batch's. */
gboolean nn_plan_gathers (const NnPlan *plan, const NnPlanStep *step);
double *nn_plan_shard_sums (const NnPlan *plan, guint shard);
double *nn_plan_batch_sums (const NnPlan *plan);
/* When all shards have been gathered. Returns what the step adds to the batch's summed loss. */
double nn_plan_end_gather (NnPlan *plan, const NnPlanStep *step);
void nn_plan_end_gather_backward (NnPlan *plan, const NnPlanStep *step);

struct _NnPlan
{
  NnProgram *program; /* owned */
  NnPool *pool;       /* borrowed */
  const NnKernels *kernels;
  guint flags, max_batch, slice, n_shards, slices_per_shard;
  gboolean *wanted;         /* per value: of a view; NULL: the plan is of the whole program */
  gint from;                /* value that is given; -1: inputs */
  gboolean *reads;          /* per program input */
  GArray *steps;            /* NnPlanStep */
  GPtrArray *made;          /* NnOp that fusion made */
  guint *root;              /* per value: the value whose memory it shares */
  gboolean *wants_gradient; /* per root */
  gboolean *has_gradient;   /* per root: something writes it */
  gboolean *trains;         /* per weight */
  gboolean *fresh;          /* per weight: used by one step only, so its first slice may write */

  gsize *value_offset, *gradient_offset;  /* per root, floats into a block, or into kept */
  gboolean *keeps_value, *keeps_gradient; /* per root: for the whole batch, in kept */
  gsize kept_floats;
  float *kept; /* owned */
  gsize prepared_floats;
  float *prepared;       /* owned; what steps work out from their weights, once a run */
  gsize block_floats;    /* of a slice under way */
  gint *deferred_by;     /* per weight: step, or -1 */
  gsize *weight_offset;  /* floats into a shard's gradient block */
  gsize shard_floats;    /* per shard */
  gsize meter_size;      /* doubles per shard */
  float *blocks;         /* owned; one a thread, with barriers one a slice */
  float *shard_block;    /* owned, n_shards of them */
  float *input_gradient; /* owned; (max_batch, S) per input after another; unfused training plans
                            only */
  gsize *input_gradient_offset;

  gsize feature_floats;   /* a sample */
  gsize *feature_offset;  /* per root, into a sample's; G_MAXSIZE: not kept */
  gboolean *fixed_input;  /* per program input: fixed steps alone read it */
  NnDataset *features_of; /* owned; NULL: none are kept */
  NnPart features_part;
  float *features;        /* owned; (n_samples, feature_floats) */
  guint8 *features_known; /* owned; per sample. A slice writes its own samples' alone */

  GArray *phases; /* NnPlanPhase, at least one */
  gboolean has_barriers;
  gsize n_sums; /* per shard */
  double *sums; /* owned; (n_shards, n_sums), and behind them those of the whole batch */

  /* of the run under way */
  const NnBatch *batch;
  const gboolean *mask; /* per step, or NULL: all */
  const NnPlanPhase *phase;
  gboolean uses_features, all_known;
  guint n_ran;               /* samples of the run before */
  double (*shard_result)[2]; /* owned, per shard: loss sum, correct */
  gboolean has_correct;
};

/* TRUE where backward is to give weight a gradient. */
static inline gboolean
nn_plan_makes_gradient (const NnPlan *plan, guint weight)
{
  return !(plan->flags & NN_PLAN_LOOK) && !nn_program_weight (plan->program, weight)->frozen;
}

G_END_DECLS
