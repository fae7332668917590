#include "base/nn-tensor.h"

#include <stdlib.h>
#include <string.h>

/* allocated (out): bytes, of which the last may lie beyond the floats. */
static float *
alloc (gsize n, gsize *allocated)
{
  gsize bytes;
  gpointer memory;

  /* A whole number of cache lines, so that neighbours never share one. */
  if (n > (G_MAXSIZE - NN_ALIGN) / sizeof (float))
    g_error ("cannot allocate %zu floats", n);
  bytes = MAX ((n * sizeof (float) + NN_ALIGN - 1) / NN_ALIGN, 1) * NN_ALIGN;
  memory = aligned_alloc (NN_ALIGN, bytes);
  if (memory == NULL)
    g_error ("cannot allocate %zu bytes", bytes);
  *allocated = bytes;
  return memory;
}

float *
nn_alloc_floats (gsize n)
{
  gsize bytes;
  float *memory = alloc (n, &bytes);

  memset (memory, 0, bytes);
  return memory;
}

void
nn_free_aligned (gpointer memory)
{
  free (memory);
}

NnTensor *
nn_tensor_new (const NnShape *shape)
{
  gint64 size = nn_shape_size (shape);
  NnTensor *tensor;

  g_return_val_if_fail (size >= 1, NULL);

  tensor = g_new0 (NnTensor, 1);
  g_atomic_ref_count_init (&tensor->refs);
  tensor->shape = *shape;
  tensor->size = (gsize)size;
  tensor->data = nn_alloc_floats (tensor->size);
  return tensor;
}

NnTensor *
nn_tensor_copy (const NnTensor *tensor)
{
  NnTensor *copy = g_new0 (NnTensor, 1);
  gsize bytes;

  g_atomic_ref_count_init (&copy->refs);
  copy->shape = tensor->shape;
  copy->size = tensor->size;
  copy->data = alloc (tensor->size, &bytes);
  memcpy (copy->data, tensor->data, tensor->size * sizeof (float));
  return copy;
}

NnTensor *
nn_tensor_new_samples (gsize n, const NnShape *shape, const float *values)
{
  NnShape all = { .rank = 1 };

  for (gint i = 0; shape->rank < NN_MAX_RANK && i < shape->rank; i++)
    all.dim[all.rank++] = shape->dim[i];
  if (shape->rank == NN_MAX_RANK)
    all.dim[all.rank++] = nn_shape_size (shape);
  all.dim[0] = (gint64)n;
  NnTensor *tensor = nn_tensor_new (&all);
  memcpy (tensor->data, values, tensor->size * sizeof (float));
  return tensor;
}

void
nn_permute_floats (const float *from, const NnShape *shape, const guint *order, float *to)
{
  gsize stride[NN_MAX_RANK] = { 0 }, step[NN_MAX_RANK] = { 0 }, at = 1;
  gint64 index[NN_MAX_RANK] = { 0 };
  const gint rank = shape->rank;
  for (gint i = rank - 1; i >= 0; i--)
    {
      stride[i] = at;
      at *= (gsize)shape->dim[i];
    }
  for (gint i = 0; i < rank; i++)
    step[i] = stride[order[i]];
  for (gsize k = 0, place = 0, n = at; k < n; k++)
    {
      to[k] = from[place];
      for (gint i = rank - 1; i >= 0; i--)
        {
          place += step[i];
          if (++index[i] < shape->dim[order[i]])
            break;
          place -= step[i] * (gsize)shape->dim[order[i]];
          index[i] = 0;
        }
    }
}

NnTensor *
nn_tensor_ref (NnTensor *tensor)
{
  g_atomic_ref_count_inc (&tensor->refs);
  return tensor;
}

void
nn_tensor_unref (NnTensor *tensor)
{
  if (!g_atomic_ref_count_dec (&tensor->refs))
    return;
  nn_free_aligned (tensor->data);
  g_free (tensor);
}
