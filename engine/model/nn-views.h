/* nn-views.h: the plans for what viewers ask of a program: made when first asked for, kept as long
 * as they are asked again and again. One thread.
 */
#pragma once

#include "model/nn-plan.h"

G_BEGIN_DECLS

typedef struct _NnViews NnViews;

/* pool is borrowed. (transfer full) */
NnViews *nn_views_new (NnProgram *program, NnPool *pool);
void nn_views_free (NnViews *views);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnViews, nn_views_free)

/* For batches of NN_PLAN_VIEW_BATCH at most. NULL where what is wanted does not follow from what is
 * given. (transfer none) until the next call. */
NnPlan *nn_views_plan (NnViews *views, const NnPlanView *wanted);

G_END_DECLS
