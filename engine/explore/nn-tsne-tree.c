#include "explore/nn-tsne-tree.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Bits of a coordinate in a point's place along the curve, and so the depth of the tree. */
#define DEPTH 16
/* Points of a cell that is not divided further, and of a group that shares a list. None of 4 to 32
 * and 16 to 128 is faster by more than measurements differ. */
#define LEAF_SIZE 8
#define GROUP_SIZE 48
/* Groups to a task, few enough that two threads end together. */
#define TASK_GROUPS 8

typedef struct
{
  float x, y;     /* centre of mass */
  float mass;     /* points within */
  float size2;    /* longer side of the box around them, squared */
  guint32 first;  /* of the points, in order of the curve */
  guint32 behind; /* the first node that does not lie within */
} Cell;

typedef struct
{
  float low[2], high[2];
} Box;

typedef struct
{
  guint32 first, n; /* points in order of the curve */
  Box box;
} Group;

struct _NnTsneTree
{
  gsize n;
  float angle2;

  guint64 *places, *places_spare; /* (n) place along the curve << 32 | point */
  float *xy;                      /* (n, 2) in order of the curve */
  float *columns[3];              /* (n) the same as x and y, and a mass of 1 */
  Cell *cells;                    /* in the order of a walk, children behind their parent */
  gsize n_cells;
  Group *groups; /* (n) at most */
  gsize n_groups;

  /* Of each thread: bodies (3, n) and what they do to a group (GROUP_SIZE, 3) */
  float **bodies, **sums;
  guint n_threads;
  double *group_sums; /* (n) of q, to be added in order */

  /* borrowed, while forces are computed */
  const NnKernels *kernels;
  float *force;
};

NnTsneTree *
nn_tsne_tree_new (gsize n, float angle, guint n_threads)
{
  NnTsneTree *tree = g_new0 (NnTsneTree, 1);

  tree->n = n;
  tree->angle2 = angle * angle;
  tree->places = g_new (guint64, n);
  tree->places_spare = g_new (guint64, n);
  tree->xy = g_new (float, 2 * n);
  for (guint c = 0; c < 3; c++)
    tree->columns[c] = g_new (float, n);
  for (gsize i = 0; i < n; i++)
    tree->columns[2][i] = 1;
  /* Every cell that is divided has at least two children. */
  tree->cells = g_new (Cell, 2 * n);
  tree->groups = g_new (Group, n);
  tree->group_sums = g_new (double, n);
  tree->n_threads = n_threads;
  tree->bodies = g_new (float *, n_threads);
  tree->sums = g_new (float *, n_threads);
  for (guint t = 0; t < n_threads; t++)
    {
      tree->bodies[t] = g_new (float, 3 * n);
      tree->sums[t] = g_new (float, 3 * GROUP_SIZE);
    }
  return tree;
}

void
nn_tsne_tree_free (NnTsneTree *tree)
{
  if (tree == NULL)
    return;
  for (guint t = 0; t < tree->n_threads; t++)
    {
      g_free (tree->bodies[t]);
      g_free (tree->sums[t]);
    }
  for (guint c = 0; c < 3; c++)
    g_free (tree->columns[c]);
  g_free (tree->bodies);
  g_free (tree->sums);
  g_free (tree->group_sums);
  g_free (tree->groups);
  g_free (tree->cells);
  g_free (tree->xy);
  g_free (tree->places_spare);
  g_free (tree->places);
  g_free (tree);
}

/* ---- order along a curve that fills the plane ---- */

/* The bits of x at even places. */
static guint32
spread (guint32 x)
{
  x = (x | x << 8) & 0x00ff00ff;
  x = (x | x << 4) & 0x0f0f0f0f;
  x = (x | x << 2) & 0x33333333;
  return (x | x << 1) & 0x55555555;
}

static void
find_places (NnTsneTree *tree, const float *xy)
{
  float low[2] = { xy[0], xy[1] }, high[2] = { xy[0], xy[1] };
  float side, scale;

  for (gsize i = 1; i < tree->n; i++)
    for (guint c = 0; c < 2; c++)
      {
        low[c] = MIN (low[c], xy[2 * i + c]);
        high[c] = MAX (high[c], xy[2 * i + c]);
      }
  side = MAX (high[0] - low[0], high[1] - low[1]);
  scale = side > 0 ? ((1 << DEPTH) - 1) / side : 0;
  for (gsize i = 0; i < tree->n; i++)
    {
      guint32 x = (guint32)((xy[2 * i] - low[0]) * scale);
      guint32 y = (guint32)((xy[2 * i + 1] - low[1]) * scale);

      tree->places[i] =
          (guint64)(spread (MIN (x, 0xffff)) | spread (MIN (y, 0xffff)) << 1) << 32 | i;
    }
}

/* Sorted by place, a byte at a time; equal places keep their order. */
static void
sort_places (NnTsneTree *tree)
{
  for (guint shift = 32; shift < 64; shift += 8)
    {
      guint32 start[257] = { 0 };
      guint64 *sorted = tree->places_spare;

      for (gsize i = 0; i < tree->n; i++)
        start[(tree->places[i] >> shift & 255) + 1]++;
      for (guint byte = 0; byte < 256; byte++)
        start[byte + 1] += start[byte];
      for (gsize i = 0; i < tree->n; i++)
        sorted[start[tree->places[i] >> shift & 255]++] = tree->places[i];
      tree->places_spare = tree->places;
      tree->places = sorted;
    }
}

/* ---- cells ---- */

static Box
box_of_points (const float *xy, gsize n)
{
  Box box = { { xy[0], xy[1] }, { xy[0], xy[1] } };

  for (gsize i = 1; i < n; i++)
    for (guint c = 0; c < 2; c++)
      {
        box.low[c] = MIN (box.low[c], xy[2 * i + c]);
        box.high[c] = MAX (box.high[c], xy[2 * i + c]);
      }
  return box;
}

static void
add_groups (NnTsneTree *tree, gsize first, gsize n)
{
  for (gsize i = 0; i < n; i += GROUP_SIZE)
    {
      const gsize n_here = MIN (n - i, GROUP_SIZE);

      tree->groups[tree->n_groups++] = (Group){
        .first = (guint32)(first + i),
        .n = (guint32)n_here,
        .box = box_of_points (tree->xy + 2 * (first + i), n_here),
      };
    }
}

/* The first of points first .. end whose place has the bit. */
static gsize
find_split (const NnTsneTree *tree, gsize first, gsize end, guint64 bit)
{
  while (first < end)
    {
      const gsize middle = first + (end - first) / 2;

      if (tree->places[middle] & bit)
        end = middle;
      else
        first = middle + 1;
    }
  return first;
}

static Box add_cell (NnTsneTree *tree, gsize first, gsize end, gboolean grouped, double mean[2]);

/* The quarters of the smallest square of the curve that holds points first .. end. */
static Box
add_quarters (NnTsneTree *tree, gsize first, gsize end, gboolean grouped, double mean[2])
{
  const guint64 differ = tree->places[first] ^ tree->places[end - 1];
  const guint high = (63 - (guint)__builtin_clzll (differ)) | 1;
  const gsize half = find_split (tree, first, end, G_GUINT64_CONSTANT (1) << high);
  const guint64 low_bit = G_GUINT64_CONSTANT (1) << (high - 1);
  const gsize cut[5] = { first, find_split (tree, first, half, low_bit), half,
                         find_split (tree, half, end, low_bit), end };
  Box box = { { INFINITY, INFINITY }, { -INFINITY, -INFINITY } };

  mean[0] = mean[1] = 0;
  for (guint quarter = 0; quarter < 4; quarter++)
    {
      double part[2];
      Box inner;

      if (cut[quarter] == cut[quarter + 1])
        continue;
      inner = add_cell (tree, cut[quarter], cut[quarter + 1], grouped, part);
      for (guint c = 0; c < 2; c++)
        {
          box.low[c] = MIN (box.low[c], inner.low[c]);
          box.high[c] = MAX (box.high[c], inner.high[c]);
          mean[c] += part[c] * (double)(cut[quarter + 1] - cut[quarter]) / (double)(end - first);
        }
    }
  return box;
}

/* Returns the box around the points and their mean. grouped: they are part of a group already. */
static Box
add_cell (NnTsneTree *tree, gsize first, gsize end, gboolean grouped, double mean[2])
{
  const gsize n = end - first;
  const gsize number = tree->n_cells++;
  const gboolean is_leaf =
      n <= LEAF_SIZE || tree->places[first] >> 32 == tree->places[end - 1] >> 32;
  float side;
  Box box;

  if (!grouped && (n <= GROUP_SIZE || is_leaf))
    {
      add_groups (tree, first, n);
      grouped = TRUE;
    }
  if (is_leaf)
    {
      box = box_of_points (tree->xy + 2 * first, n);
      mean[0] = mean[1] = 0;
      for (gsize i = first; i < end; i++)
        for (guint c = 0; c < 2; c++)
          mean[c] += (double)tree->xy[2 * i + c] / (double)n;
    }
  else
    box = add_quarters (tree, first, end, grouped, mean);
  side = MAX (box.high[0] - box.low[0], box.high[1] - box.low[1]);
  tree->cells[number] = (Cell){
    .x = (float)mean[0],
    .y = (float)mean[1],
    .mass = (float)n,
    .size2 = side * side,
    .first = (guint32)first,
    .behind = (guint32)tree->n_cells,
  };
  return box;
}

void
nn_tsne_tree_build (NnTsneTree *tree, const float *xy)
{
  double mean[2];

  find_places (tree, xy);
  sort_places (tree);
  for (gsize i = 0; i < tree->n; i++)
    {
      const float *point = xy + 2 * (guint32)tree->places[i];

      tree->xy[2 * i] = tree->columns[0][i] = point[0];
      tree->xy[2 * i + 1] = tree->columns[1][i] = point[1];
    }
  tree->n_cells = 0;
  tree->n_groups = 0;
  add_cell (tree, 0, tree->n, FALSE, mean);
}

/* ---- forces ---- */

/* From the centre of mass to the nearest side of the box, squared; 0 inside. */
static float
distance2 (const Cell *cell, const Box *box)
{
  const float x = MAX (MAX (box->low[0] - cell->x, cell->x - box->high[0]), 0);
  const float y = MAX (MAX (box->low[1] - cell->y, cell->y - box->high[1]), 0);

  return x * x + y * y;
}

/* Cells that are far enough from all of the group as bodies, the points of the others. */
static gsize
list_bodies (const NnTsneTree *tree, const Group *group, float *const bodies[3])
{
  gsize n = 0;

  for (guint32 i = 0; i < tree->n_cells;)
    {
      const Cell *cell = &tree->cells[i];

      if (cell->size2 < tree->angle2 * distance2 (cell, &group->box))
        {
          bodies[0][n] = cell->x;
          bodies[1][n] = cell->y;
          bodies[2][n++] = cell->mass;
          i = cell->behind;
        }
      else if (cell->behind == ++i)
        {
          const gsize n_points = (gsize)cell->mass;

          for (guint c = 0; c < 3; c++)
            memcpy (bodies[c] + n, tree->columns[c] + cell->first, n_points * sizeof (float));
          n += n_points;
        }
    }
  return n;
}

static void
compute_group (NnTsneTree *tree, gsize number, guint thread)
{
  const Group *group = &tree->groups[number];
  float *const bodies[3] = { tree->bodies[thread], tree->bodies[thread] + tree->n,
                             tree->bodies[thread] + 2 * tree->n };
  const gsize n = list_bodies (tree, group, bodies);
  const float *sums = tree->sums[thread];
  double total = 0;

  tree->kernels->push ((const float *const *)bodies, n, tree->xy + 2 * group->first, group->n,
                       tree->sums[thread]);
  for (guint32 i = 0; i < group->n; i++)
    {
      float *force = tree->force + 2 * (guint32)tree->places[group->first + i];

      /* A point is one of its own bodies: no force, and q = 1. */
      total += (double)sums[3 * i] - 1;
      force[0] = sums[3 * i + 1];
      force[1] = sums[3 * i + 2];
    }
  tree->group_sums[number] = total;
}

static void
compute_groups (gpointer data, guint task, guint thread)
{
  NnTsneTree *tree = data;
  const gsize first = (gsize)task * TASK_GROUPS;

  for (gsize i = first; i < MIN (first + TASK_GROUPS, tree->n_groups); i++)
    compute_group (tree, i, thread);
}

double
nn_tsne_tree_forces (NnTsneTree *tree, const NnKernels *kernels, NnPool *pool, float *force)
{
  double total = 0;

  g_return_val_if_fail (nn_pool_n_threads (pool) <= tree->n_threads, 0);

  tree->kernels = kernels;
  tree->force = force;
  nn_pool_run (pool, (guint)((tree->n_groups + TASK_GROUPS - 1) / TASK_GROUPS), compute_groups,
               tree);
  for (gsize i = 0; i < tree->n_groups; i++)
    total += tree->group_sums[i];
  /* Not less than what rounding leaves of q = 1 for the point itself. */
  return MAX (total, FLT_EPSILON * (double)tree->n);
}
