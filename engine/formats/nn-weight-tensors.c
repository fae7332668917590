#include "diabolo-config.h"

#include "formats/nn-weight-tensors.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/nn-error.h"
#include "formats/nn-weight-match.h"

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

/* What is wrong with the first that does not fit. */
static void
set_match_error (const NnWeightMatch *match, const char *source, const NnAnalysis *analysis,
                 GError **error)
{
  if (match->kind == NN_MATCH_SURPLUS)
    {
      g_autofree char *names = weight_names (analysis);
      g_set_error (error, NN_ERROR, NN_ERROR_UNKNOWN,
                   _ ("“%s” has a tensor “%s”, but the network's weights are: %s."), source,
                   match->name, names);
      return;
    }
  g_autofree char *expected = nn_shape_to_string (&match->wanted);
  g_autofree char *found = nn_shape_to_string (&match->found);
  g_set_error (error, NN_ERROR, NN_ERROR_SHAPE, _ ("“%s”: “%s” is %s, but the network needs %s."),
               source, match->name, found, expected);
}

NnCheckpoint *
nn_weight_tensors_to_checkpoint (GPtrArray *tensors, const char *source, const NnAnalysis *analysis,
                                 GError **error)
{
  g_autoptr (GPtrArray) matches = nn_weight_match_new (tensors, analysis);
  if (tensors->len == 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("“%s” holds no tensors."), source);
      return NULL;
    }
  for (guint i = 0; i < matches->len; i++)
    {
      const NnWeightMatch *match = matches->pdata[i];
      if (match->kind != NN_MATCH_DIFFERS && match->kind != NN_MATCH_SURPLUS)
        continue;
      set_match_error (match, source, analysis, error);
      return NULL;
    }
  return nn_weight_match_checkpoint (matches, analysis, NULL);
}
