#include "diabolo-config.h"

#include "formats/nn-weight-tensors.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/nn-error.h"

GPtrArray *
nn_weight_tensors_new (NnDesign *design, const NnCheckpoint *checkpoint,
                       gboolean (*include) (guint node, gpointer data), gpointer data)
{
  GPtrArray *tensors = nn_named_tensors_new ();
  for (guint i = 0; i < checkpoint->entries->len; i++)
    {
      const NnCheckpointEntry *entry = checkpoint->entries->pdata[i];
      const NnNode *node = nn_design_node (design, entry->node);
      if (!node || (include && !include (entry->node, data)))
        continue;
      g_autofree char *name = g_strdup_printf ("%s/%s", node->name, entry->name);
      nn_named_tensors_add (tensors, name, entry->value);
    }
  return tensors;
}

/* The weight that a tensor is named after, or NULL. Node names may hold slashes, weight names do
 * not. */
static const NnWeight *
find_weight (const NnAnalysis *analysis, const char *name)
{
  const char *slash = strrchr (name, '/');
  if (!slash)
    return NULL;
  g_autofree char *node_name = g_strndup (name, (gsize)(slash - name));
  const NnNode *node = nn_design_node_by_name (nn_analysis_design (analysis), node_name);
  NnProgram *program = nn_analysis_program (analysis);
  for (guint i = 0; node && i < program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program, i);
      if (weight->node == node->id && g_str_equal (weight->name, slash + 1))
        return weight;
    }
  return NULL;
}

static char *
weight_names (const NnAnalysis *analysis)
{
  NnProgram *program = nn_analysis_program (analysis);
  GString *names = g_string_new (NULL);
  for (guint i = 0; i < program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program, i);
      const NnNode *node = nn_design_node (nn_analysis_design (analysis), weight->node);
      g_string_append_printf (names, "%s“%s/%s”", i ? ", " : "", node->name, weight->name);
    }
  return g_string_free (names, FALSE);
}

NnCheckpoint *
nn_weight_tensors_to_checkpoint (GPtrArray *tensors, const char *source, const NnAnalysis *analysis,
                                 GError **error)
{
  const NnParams *training = nn_design_training (nn_analysis_design (analysis));
  g_autoptr (NnCheckpoint) checkpoint = nn_checkpoint_new ();
  checkpoint->seed = (guint64)nn_params_int (training, "seed");

  for (guint i = 0; i < tensors->len; i++)
    {
      const NnNamedTensor *named = tensors->pdata[i];
      const NnWeight *weight = find_weight (analysis, named->name);
      if (!weight)
        {
          g_autofree char *names = weight_names (analysis);
          g_set_error (error, NN_ERROR, NN_ERROR_UNKNOWN,
                       _ ("“%s” has a tensor “%s”, but the network's weights are: %s."), source,
                       named->name, names);
          return NULL;
        }
      if (!nn_shape_equal (&weight->shape, &named->tensor->shape))
        {
          g_autofree char *expected = nn_shape_to_string (&weight->shape);
          g_autofree char *found = nn_shape_to_string (&named->tensor->shape);
          g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                       _ ("“%s”: “%s” is %s, but the network needs %s."), source, named->name,
                       found, expected);
          return NULL;
        }
      nn_checkpoint_add (checkpoint, weight->node, weight->name, named->tensor, NULL, 0);
    }
  if (tensors->len == 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("“%s” holds no tensors."), source);
      return NULL;
    }
  return g_steal_pointer (&checkpoint);
}
