/* Layers of a graph that is read: adding them, and what becomes part of one that is there. */
#include "diabolo-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/nn-error.h"
#include "formats/nn-import-graph.h"
#include "ops/nn-op.h"

/* Layers that one file may make: a drawing of more helps nobody. */
#define MAX_LAYERS 5000

/* text: "units=8 activation=relu", or NULL. FALSE with an error where it cannot be. */
static gboolean
read_params (const NnLayerType *type, const char *text, NnParams **params, GError **error)
{
  g_auto (GStrv) words = g_strsplit (text ? text : "", " ", -1);
  *params = nn_params_new (type->params);
  for (guint i = 0; words[i]; i++)
    {
      g_auto (GStrv) pair = g_strsplit (words[i], "=", 2);
      if (!*words[i])
        continue;
      g_autoptr (NnParams) before = *params;
      *params = nn_params_with_text (before, pair[0], pair[1], error);
      if (!*params)
        return FALSE;
    }
  return TRUE;
}

static gboolean
infer (NnImportGraph *graph, const NnLayerType *type, const NnParams *params, const guint *from,
       guint n_from, NnShape *shape, GError **error)
{
  static const NnField no_fields[1];
  static const NnDataInfo no_data = { .name = "none", .title = "none", .fields = no_fields };
  NnShape in[NN_OP_MAX_IN];
  const guint n = nn_layer_n_inputs (type);
  g_assert (n <= G_N_ELEMENTS (in) && n_from <= n);
  for (guint i = 0; i < n; i++)
    in[i] = i < n_from ? nn_import_layer (graph, from[i])->shape : (NnShape){ .rank = -1 };
  const NnInferContext context = { .data = &no_data, .n_in = n, .in = in };
  g_autoptr (GError) reason = NULL;
  if (type->infer (params, &context, shape, &reason))
    return TRUE;
  return nn_import_unsupported (graph, error, "%s", reason->message);
}

/* Takes name. */
static gboolean
add_layer (NnImportGraph *graph, const char *type_id, const char *text, const guint *from,
           guint n_from, char *name, guint *layer, GError **error)
{
  g_autofree char *owned = name;
  const NnLayerType *type = nn_layer_type (type_id);
  g_autoptr (GError) reason = NULL;
  NnShape shape;
  if (graph->layers->len >= MAX_LAYERS)
    return nn_import_bad (graph, error, _ ("the graph has more than %d layers."), MAX_LAYERS);
  g_autoptr (NnParams) params = NULL;
  if (!read_params (type, text, &params, &reason))
    return nn_import_unsupported (graph, error, "%s", reason->message);
  if (!infer (graph, type, params, from, n_from, &shape, error))
    return FALSE;
  NnImportLayer *added = g_new0 (NnImportLayer, 1);
  added->type = type;
  added->params = g_steal_pointer (&params);
  added->name = g_steal_pointer (&owned);
  added->shape = shape;
  added->n_from = n_from;
  added->from = g_memdup2 (from, n_from * sizeof *from);
  added->weights = nn_named_tensors_new ();
  *layer = graph->layers->len;
  g_ptr_array_add (graph->layers, added);
  return TRUE;
}

/* PyTorch's names are paths of modules, "/layer1/layer1.0/conv1/Conv": "layer1.0.conv1", as the
 * module calls itself. NULL where there is nothing but the type. */
static char *
layer_name (const Onnx__NodeProto *node, gboolean own)
{
  g_autofree char *valid = g_utf8_make_valid (node->name ? node->name : "", -1);
  g_auto (GStrv) parts = g_strsplit (valid, "/", -1);
  g_autoptr (GString) name = g_string_new (NULL);
  const char *before = NULL;
  /* "dense_1/linear": what the node was called, and its operation. */
  if (own && parts[0] && parts[1])
    return g_strdup (parts[0]);
  for (guint i = 0; parts[i]; i++)
    {
      const gboolean last = parts[i + 1] == NULL;
      if (!*parts[i] || (last && g_str_has_prefix (parts[i], node->op_type)))
        continue;
      const gsize n = before ? strlen (before) : 0;
      if (n > 0 && strncmp (parts[i], before, n) == 0 && parts[i][n] == '.')
        g_string_truncate (name, name->len - n);
      else if (name->len > 0)
        g_string_append_c (name, '.');
      g_string_append (name, parts[i]);
      before = parts[i];
    }
  if (name->len == 0)
    return NULL;
  return g_string_free (g_steal_pointer (&name), FALSE);
}

gboolean
nn_import_add (NnImportGraph *graph, const char *type, const char *params, const guint *from,
               guint n_from, guint *layer, GError **error)
{
  return add_layer (graph, type, params, from, n_from, layer_name (graph->node, graph->own), layer,
                    error);
}

gboolean
nn_import_add_between (NnImportGraph *graph, const char *type, const char *params, guint from,
                       guint *layer, GError **error)
{
  return add_layer (graph, type, params, &from, 1, NULL, layer, error);
}

void
nn_import_add_input (NnImportGraph *graph, const char *name, const NnShape *shape, guint *layer)
{
  NnImportLayer *added = g_new0 (NnImportLayer, 1);
  added->type = nn_layer_type ("input");
  added->params = nn_params_new (added->type->params);
  added->name = g_utf8_make_valid (name, -1);
  added->shape = *shape;
  added->weights = nn_named_tensors_new ();
  *layer = graph->layers->len;
  g_ptr_array_add (graph->layers, added);
}

gboolean
nn_import_set (NnImportGraph *graph, guint layer, const char *name, const char *value,
               GError **error)
{
  NnImportLayer *changed = nn_import_layer (graph, layer);
  g_autoptr (GError) reason = NULL;
  NnParams *params = nn_params_with_text (changed->params, name, value, &reason);
  if (!params)
    return nn_import_unsupported (graph, error, "%s", reason->message);
  nn_params_unref (changed->params);
  changed->params = params;
  return infer (graph, changed->type, params, changed->from, changed->n_from, &changed->shape,
                error);
}

void
nn_import_add_weight (NnImportGraph *graph, guint layer, const char *name, NnTensor *tensor)
{
  const gsize bytes = tensor->size * sizeof (float);
  /* Many layers may share one tensor of the file. */
  graph->exhausted = graph->exhausted || bytes > graph->memory_left;
  graph->memory_left -= MIN (bytes, graph->memory_left);
  nn_named_tensors_add (nn_import_layer (graph, layer)->weights, name, tensor);
}

void
nn_import_add_vector (NnImportGraph *graph, guint layer, const char *name, const float *values,
                      gsize n)
{
  g_autoptr (NnTensor) tensor = nn_tensor_new (&nn_shape ((gint64)n));
  memcpy (tensor->data, values, n * sizeof *values);
  nn_import_add_weight (graph, layer, name, tensor);
}

/* ---- what may become part of the layer before ---- */

static gboolean
may_join (const NnImportGraph *graph, const NnImportValue *x, guint uses)
{
  return x->unshared && x->n_uses == uses;
}

gboolean
nn_import_activate (NnImportGraph *graph, const NnImportValue *x, const char *id, double alpha,
                    guint uses, GError **error)
{
  const NnImportLayer *before = nn_import_layer (graph, x->layer);
  g_autofree char *value = g_strdup_printf ("%.9g", alpha);
  guint layer = x->layer;
  /* A recurrent layer's activation is another one. */
  const gboolean joins = may_join (graph, x, uses) && before->type->params
                         && nn_params_spec (before->params, "activation")
                         && nn_params_spec (before->params, "alpha")
                         && g_str_equal (nn_params_text (before->params, "activation"), "linear");
  if (!joins && !nn_import_add_one (graph, "activation", NULL, x->layer, &layer, error))
    return FALSE;
  if (!nn_import_set (graph, layer, "activation", id, error)
      || !nn_import_set (graph, layer, "alpha", value, error))
    return FALSE;
  nn_import_define_like (graph, x, layer);
  return TRUE;
}

/* The bias of a layer that has none yet, the factor or the number added of a layer normalisation.
 */
static gboolean
join_vector (NnImportGraph *graph, guint layer, const float *scale, const float *shift, gsize n,
             gboolean *joined, GError **error)
{
  NnImportLayer *before = nn_import_layer (graph, layer);
  const char *option = NULL, *weight = NULL;
  *joined = FALSE;
  if ((scale != NULL) == (shift != NULL) || !before->type->params)
    return TRUE;
  if (g_str_equal (before->type->id, "layer-norm"))
    {
      option = scale ? "scale" : "centre";
      weight = scale ? "gamma" : "beta";
      /* Its number is added behind its factor. */
      if (scale && nn_params_bool (before->params, "centre"))
        return TRUE;
    }
  else if (shift && nn_params_spec (before->params, "bias")
           && nn_params_spec (before->params, "alpha")
           && g_str_equal (nn_params_text (before->params, "activation"), "linear"))
    option = weight = "bias";
  if (!option || nn_params_bool (before->params, option)
      || before->shape.dim[before->shape.rank - 1] != (gint64)n)
    return TRUE;
  if (!nn_import_set (graph, layer, option, "true", error))
    return FALSE;
  nn_import_add_vector (graph, layer, weight, scale ? scale : shift, n);
  *joined = TRUE;
  return TRUE;
}

gboolean
nn_import_affine (NnImportGraph *graph, const NnImportValue *x, guint axis, const float *scale,
                  const float *shift, gsize n, NnImportValue *out, GError **error)
{
  guint axes[NN_IMPORT_MAX_AXES], n_axes, layer;
  g_autofree gsize *index = NULL;
  if (!nn_import_features (graph, x, axis, out, axes, &n_axes, &index, error))
    return FALSE;
  const gsize features = (gsize)nn_import_dim (x, axis);
  g_autofree float *values = g_new (float, 2 * features);
  for (gsize k = 0; k < features; k++)
    {
      const gsize at = n == 1 ? 0 : index ? index[k] : k;
      values[k] = scale ? scale[at] : 1;
      values[features + k] = shift ? shift[at] : 0;
    }
  out->unshared = TRUE;
  gboolean joined = FALSE;
  if (out->layer == x->layer && may_join (graph, x, 1)
      && !join_vector (graph, out->layer, scale ? values : NULL, shift ? values + features : NULL,
                       features, &joined, error))
    return FALSE;
  if (joined)
    return TRUE;
  g_autofree char *params = g_strdup_printf ("epsilon=1e-12 scale=%s centre=%s",
                                             scale ? "true" : "false", shift ? "true" : "false");
  if (!nn_import_add_one (graph, "batch-norm", params, out->layer, &layer, error))
    return FALSE;
  g_autofree float *still = g_new0 (float, features);
  nn_import_add_vector (graph, layer, "moving-mean", still, features);
  for (gsize k = 0; k < features; k++)
    still[k] = 1;
  nn_import_add_vector (graph, layer, "moving-variance", still, features);
  if (scale)
    nn_import_add_vector (graph, layer, "gamma", values, features);
  if (shift)
    nn_import_add_vector (graph, layer, "beta", values + features, features);
  nn_import_layer (graph, layer)->frozen = TRUE;
  out->layer = layer;
  return TRUE;
}
