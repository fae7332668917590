#include "canvas/wb-card-text.h"

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "layers/nn-layer.h"
#include "objectives/nn-objective.h"
#include "plots/wb-format.h"

static char *
objective_unit (const NnNode *node)
{
  const NnParamSpec *spec = nn_params_spec (node->params, "loss");
  const NnObjectiveType *objective =
      spec != NULL ? nn_objective_type (nn_params_text (node->params, "loss")) : NULL;

  return g_strdup (objective != NULL ? _ (objective->unit) : _ ("weighted"));
}

static void
collect_problems (WbCardText *text, NnAnalysis *analysis, guint id)
{
  GString *problems = g_string_new (NULL);

  for (guint i = 0; i < nn_analysis_n_diagnostics (analysis); i++)
    {
      const NnDiagnostic *diagnostic = nn_analysis_diagnostic (analysis, i);

      if (diagnostic->node != id)
        continue;
      if (problems->len == 0)
        text->severity = diagnostic->severity;
      else
        g_string_append_c (problems, '\n');
      g_string_append (problems, diagnostic->text);
    }
  text->problem = g_string_free (problems, problems->len == 0);
}

WbCardText *
wb_card_text_new (NnAnalysis *analysis, guint id)
{
  const NnNode *node = nn_design_node (nn_analysis_design (analysis), id);
  const NnShape *shape = nn_analysis_output_shape (analysis, id, 0);
  gint64 weights = nn_analysis_node_weights (analysis, id);
  g_autofree char *count = wb_format_count (weights);
  WbCardText *text = g_new0 (WbCardText, 1);
  GString *spoken;

  text->name = g_strdup (node->name);
  text->type = node->type->describe != NULL ? node->type->describe (node->params) : NULL;
  if (text->type == NULL)
    text->type = g_strdup (_ (node->type->title));
  if ((node->type->flags & NN_LAYER_OBJECTIVE) != 0)
    {
      text->shape = g_strdup (_ ("1 value"));
      text->params = objective_unit (node);
    }
  else
    {
      text->shape = shape != NULL ? nn_shape_to_string (shape) : g_strdup ("?");
      if (shape == NULL)
        text->params = g_strdup (_ ("size unknown"));
      else if ((node->type->flags & NN_LAYER_INPUT) != 0)
        {
          g_autofree char *values = wb_format_count (nn_shape_size (shape));

          text->params = g_strdup_printf (_ ("%s values"), values);
        }
      else
        text->params =
            weights > 0 ? g_strdup_printf (_ ("%s params"), count) : g_strdup (_ ("no params"));
    }
  collect_problems (text, analysis, id);

  spoken = g_string_new (node->name);
  g_string_append_printf (spoken, ", %s, ", text->type);
  if ((node->type->flags & NN_LAYER_OBJECTIVE) != 0)
    g_string_append (spoken, text->shape);
  else
    g_string_append_printf (spoken, _ ("output %s"), text->shape);
  if (weights > 0)
    /* Translators: read aloud after a layer's name, "100,480 parameters". */
    g_string_append_printf (spoken, _ (", %s parameters"), count);
  if (node->frozen)
    g_string_append (spoken, _ (", frozen"));
  text->spoken = g_string_free (spoken, FALSE);
  return text;
}

void
wb_card_text_free (WbCardText *text)
{
  g_free (text->name);
  g_free (text->type);
  g_free (text->shape);
  g_free (text->params);
  g_free (text->spoken);
  g_free (text->problem);
  g_free (text);
}

gboolean
wb_card_text_equal (const WbCardText *a, const WbCardText *b)
{
  /* spoken holds name, type, shape and count. */
  return g_str_equal (a->spoken, b->spoken) && g_str_equal (a->params, b->params)
         && g_strcmp0 (a->problem, b->problem) == 0 && a->severity == b->severity;
}
