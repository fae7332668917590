#include "diabolo-config.h"

#include "base/nn-shape.h"

#include "base/nn-error.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>

NnShape
nn_shape_make (const gint64 *dim, gsize rank)
{
  NnShape shape = { 0 };

  g_return_val_if_fail (rank <= NN_MAX_RANK, shape);

  shape.rank = (gint)rank;
  for (gsize i = 0; i < rank; i++)
    shape.dim[i] = dim[i];
  return shape;
}

gint64
nn_shape_size (const NnShape *shape)
{
  gint64 size = 1;

  for (gint i = 0; i < shape->rank; i++)
    {
      if (shape->dim[i] < 1 || shape->dim[i] > NN_MAX_SIZE / size)
        return -1;
      size *= shape->dim[i];
    }
  return size;
}

gboolean
nn_shape_equal (const NnShape *a, const NnShape *b)
{
  if (a->rank != b->rank)
    return FALSE;
  for (gint i = 0; i < a->rank; i++)
    if (a->dim[i] != b->dim[i])
      return FALSE;
  return TRUE;
}

char *
nn_shape_to_string (const NnShape *shape)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (shape->rank == 0)
    return g_strdup ("1");
  for (gint i = 0; i < shape->rank; i++)
    g_string_append_printf (text, "%s%" PRId64, i > 0 ? "×" : "", shape->dim[i]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static const char *
skip_space (const char *p)
{
  while (g_ascii_isspace (*p))
    p++;
  return p;
}

/* Past one separator, or NULL where there is none. */
static const char *
skip_separator (const char *p)
{
  static const char *const separators[] = { "×", "x", "X", "*", "," };

  for (gsize i = 0; i < G_N_ELEMENTS (separators); i++)
    if (g_str_has_prefix (p, separators[i]))
      return p + strlen (separators[i]);
  return NULL;
}

static gboolean
refuse (GError **error, const char *text, gboolean allow_rest)
{
  if (allow_rest)
    g_set_error (
        error, NN_ERROR, NN_ERROR_RANGE,
        _ ("“%s” is not a shape. Expected up to %d sizes of at least 1, such as 28x28x1; one of "
           "them may be -1, which stands for the rest."),
        text, NN_MAX_RANK);
  else
    g_set_error (error, NN_ERROR, NN_ERROR_RANGE,
                 _ ("“%s” is not a shape. Expected up to %d sizes of at least 1, such as 28x28x1."),
                 text, NN_MAX_RANK);
  return FALSE;
}

gboolean
nn_shape_parse (const char *text, gboolean allow_rest, NnShape *shape, GError **error)
{
  NnShape parsed = { 0 };
  NnShape known = { 0 }; /* without the -1, for the check of the size */
  const char *p = skip_space (text);

  for (;;)
    {
      const char *digits = *p == '-' ? p + 1 : p;
      char *end;
      gint64 dim;

      if (!g_ascii_isdigit (*digits) || parsed.rank == NN_MAX_RANK)
        return refuse (error, text, allow_rest);
      dim = g_ascii_strtoll (p, &end, 10);
      if (dim >= 1)
        known.dim[known.rank++] = dim;
      else if (dim != -1 || !allow_rest || known.rank < parsed.rank)
        return refuse (error, text, allow_rest);
      parsed.dim[parsed.rank++] = dim;

      p = skip_space (end);
      if (*p == '\0')
        break;
      p = skip_separator (p);
      if (p == NULL)
        return refuse (error, text, allow_rest);
      p = skip_space (p);
    }

  if (nn_shape_size (&known) < 0)
    {
      /* NN_MAX_SIZE in words: a translated text cannot hold a format that differs between machines.
       */
      g_set_error (error, NN_ERROR, NN_ERROR_RANGE,
                   _ ("The shape “%s” is too large. A shape may hold at most 2⁴⁰ values."), text);
      return FALSE;
    }
  *shape = parsed;
  return TRUE;
}
