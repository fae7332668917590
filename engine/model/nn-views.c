#include "model/nn-views.h"

#include <string.h>

/* As many different questions as viewers ask at a time; of more, those asked least lately have
 * their plans made anew. */
#define N_VIEWS 16

typedef struct
{
  NnPlan *plan; /* owned; NULL: what is wanted does not follow */
  NnPlanView wanted;
  guint *want; /* owned */
} View;

struct _NnViews
{
  NnProgram *program; /* owned */
  NnPool *pool;       /* borrowed */
  GArray *views;      /* View, the last used first */
};

static void
view_clear (View *view)
{
  g_clear_pointer (&view->plan, nn_plan_free);
  g_clear_pointer (&view->want, g_free);
}

NnViews *
nn_views_new (NnProgram *program, NnPool *pool)
{
  NnViews *views = g_new0 (NnViews, 1);

  views->program = nn_program_ref (program);
  views->pool = pool;
  views->views = g_array_new (FALSE, TRUE, sizeof (View));
  g_array_set_clear_func (views->views, (GDestroyNotify)view_clear);
  return views;
}

void
nn_views_free (NnViews *views)
{
  if (views == NULL)
    return;
  g_array_unref (views->views);
  nn_program_unref (views->program);
  g_free (views);
}

static gboolean
same_view (const NnPlanView *a, const NnPlanView *b)
{
  return a->from == b->from && a->loss_of == b->loss_of && a->n_want == b->n_want
         && (a->n_want == 0 || memcmp (a->want, b->want, a->n_want * sizeof *a->want) == 0);
}

static View
make_view (NnViews *views, const NnPlanView *wanted)
{
  View view = { .wanted = *wanted,
                .want = g_memdup2 (wanted->want, wanted->n_want * sizeof *wanted->want) };

  view.wanted.want = view.want;
  view.plan =
      nn_plan_new_view (views->program, NN_PLAN_VIEW_BATCH, &view.wanted, NULL, views->pool);
  return view;
}

NnPlan *
nn_views_plan (NnViews *views, const NnPlanView *wanted)
{
  GArray *array = views->views;
  guint position = 0;
  View found;

  while (position < array->len
         && !same_view (&g_array_index (array, View, position).wanted, wanted))
    position++;
  if (position == array->len)
    {
      found = make_view (views, wanted);
      g_array_set_size (array, MIN (array->len, N_VIEWS - 1));
      g_array_prepend_val (array, found);
      return found.plan;
    }
  found = g_array_index (array, View, position);
  memmove (&g_array_index (array, View, 1), array->data, position * sizeof found);
  g_array_index (array, View, 0) = found;
  return found.plan;
}
