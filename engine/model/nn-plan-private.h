/* nn-plan-private.h: a compiled plan: steps, fusions, and where each value lives. */
#pragma once

#include "model/nn-plan.h"

G_BEGIN_DECLS

typedef enum
{
  NN_GRADIENT_NONE,  /* nobody needs it */
  NN_GRADIENT_WRITE, /* first to arrive: written in place */
  NN_GRADIENT_ADD,   /* computed into scratch, then added */
} NnGradientMode;

/* One executed operation; a fused activation or a skipped one has no step of its own. */
typedef struct
{
  const NnOp *op;
  const NnOp *activation; /* fused: applied by op's forward, undone in place before op's backward */
  gboolean logits;        /* loss: input 0 is the value before from_logits */
  NnGradientMode gradient[NN_OP_MAX_IN];
  gboolean clear_dy[NN_OP_MAX_OUT]; /* nothing has written it when backward gets here */
  gboolean backward;                /* any gradient to compute */
  gsize scratch;                    /* offset into the thread's scratch, in floats */
  gsize meter;                      /* losses: offset into a shard's meter, in doubles */
  gsize temp[NN_OP_MAX_IN];         /* NN_GRADIENT_ADD: offset into the thread's block, in floats */
} NnPlanStep;

/* A loss that leaves its gradient in forward, so that backward has nothing to do for it. */
static inline gboolean
nn_plan_step_is_pure_loss (const NnPlanStep *step)
{
  return (step->op->type->flags & NN_OP_LOSS) && !step->op->type->backward;
}

#define NN_PLAN_SLICE_MAX 64 /* samples in a slice at most */

/* Applies the table of rewrite rules in nn-plan-fusion.c to steps; root (per value) may gain
 * aliases, and made (of NnOp, owned by it) operations that stand for several of the program. */
void nn_plan_fuse (NnProgram *program, GArray *steps, guint *root, GPtrArray *made);
void nn_plan_free_made_op (gpointer op);

struct _NnPlan
{
  NnProgram *program; /* owned */
  NnPool *pool;       /* borrowed */
  const NnKernels *kernels;
  guint flags, max_batch, slice, n_shards;
  GArray *steps;            /* NnPlanStep */
  GPtrArray *made;          /* NnOp that fusion made */
  guint *root;              /* per value: the value whose memory it shares */
  gboolean *wants_gradient; /* per root */
  gboolean *trains;         /* per weight */
  gboolean *fresh;          /* per weight: used by one step only, so its first slice may write */

  gsize *value_offset, *gradient_offset; /* per root, floats into a thread's block */
  gsize scratch_offset;
  gsize thread_floats;   /* per thread */
  gsize *weight_offset;  /* floats into a shard's gradient block */
  gsize shard_floats;    /* per shard */
  gsize meter_size;      /* doubles per shard */
  float *thread_block;   /* owned, n_threads of them */
  float *shard_block;    /* owned, n_shards of them */
  float *input_gradient; /* owned; (max_batch, S) per input after another; unfused training plans
                            only */
  gsize *input_gradient_offset;

  /* of the run under way */
  const NnBatch *batch;
  const gboolean *mask;      /* per step, or NULL: all */
  double (*shard_result)[2]; /* owned, per shard: loss sum, correct */
  gboolean has_correct;
};

G_END_DECLS
