/* The tables of a report: what the network is made of, and how it was trained. */
#include "diabolo-config.h"

#include <glib/gi18n-lib.h>

#include "formats/nn-report-private.h"
#include "layers/nn-layer.h"
#include "optimizers/nn-optimizer.h"

/* ---- layers ---- */

static const char *const role_classes[] = {
  [NN_ROLE_NONE] = "none", [NN_ROLE_INPUT] = "input",     [NN_ROLE_ENCODER] = "encoder",
  [NN_ROLE_CODE] = "code", [NN_ROLE_DECODER] = "decoder", [NN_ROLE_OBJECTIVE] = "objective",
};

static void
put_shape (NnReportPage *page, const NnShape *shape)
{
  g_autofree char *text = shape && shape->rank >= 0 ? nn_shape_to_string (shape) : g_strdup ("?");
  nn_report_put (page, "%s", text);
}

static void
put_inputs (NnReportPage *page, const NnNode *node)
{
  const NnAnalysis *analysis = page->source->analysis;
  const guint n = nn_layer_n_inputs (node->type);
  for (guint i = 0, shown = 0; i < n; i++)
    if (nn_design_edge_into (page->source->design, node->id, i))
      {
        nn_report_put (page, "%s", shown++ ? ", " : "");
        put_shape (page, nn_analysis_input_shape (analysis, node->id, i));
      }
}

static void
put_layer (NnReportPage *page, const NnNode *node)
{
  const NnAnalysis *analysis = page->source->analysis;
  g_autofree char *type =
      node->type->describe ? node->type->describe (node->params) : g_strdup (_ (node->type->title));
  g_autofree char *weights = nn_count_to_string (nn_analysis_node_weights (analysis, node->id));
  nn_report_put (page, "<tr class=\"%s\"><th scope=\"row\">%s</th><td>%s%s</td><td>",
                 role_classes[nn_analysis_role (analysis, node->id)], node->name,
                 type ? type : _ (node->type->title), node->frozen ? _ (", frozen") : "");
  put_inputs (page, node);
  nn_report_put (page, "</td><td>");
  if (nn_layer_n_outputs (node->type) > 0)
    put_shape (page, nn_analysis_output_shape (analysis, node->id, 0));
  nn_report_put (page, "</td><td>%s</td></tr>\n", weights);
}

void
nn_report_put_layers (NnReportPage *page)
{
  const NnAnalysis *analysis = page->source->analysis;
  g_autofree char *weights = nn_count_to_string (nn_analysis_total_weights (analysis));
  g_autofree char *macs = nn_count_to_string (nn_analysis_total_macs (analysis));
  guint n;
  const guint *order = nn_analysis_order (analysis, &n);
  nn_report_put (page,
                 "<div class=\"scroll\"><table class=\"layers\">\n<thead><tr><th>%s</th><th>%s</th>"
                 "<th>%s</th><th>%s</th><th>%s</th></tr></thead>\n<tbody>\n",
                 _ ("Layer"), _ ("Type"), _ ("In"), _ ("Out"), _ ("Parameters"));
  for (guint i = 0; i < n; i++)
    put_layer (page, nn_design_node (page->source->design, order[i]));
  nn_report_put (page,
                 "</tbody>\n<tfoot><tr><th scope=\"row\" colspan=\"4\">%s</th><td>%s</td></tr>\n"
                 "<tr><th scope=\"row\" colspan=\"4\">%s</th><td>%s</td></tr></tfoot>\n"
                 "</table></div>\n",
                 _ ("All parameters"), weights, _ ("Multiply-adds for one sample"), macs);
}

/* ---- settings ---- */

static void
put_setting (NnReportPage *page, const char *title, const char *value, const char *unit)
{
  nn_report_put (page, "<tr><th scope=\"row\">%s</th><td>%s%s%s</td></tr>\n", title, value,
                 unit ? " " : "", unit ? unit : "");
}

static void
put_param (NnReportPage *page, const NnParams *params, const NnParamSpec *spec)
{
  g_autofree char *text = nn_params_to_text (params, spec->name);
  if (spec->type == NN_PARAM_CHOICE)
    {
      const NnChoice *chosen = &nn_param_choices (spec)[nn_params_choice (params, spec->name)];
      put_setting (page, _ (spec->title), _ (chosen->title), NULL);
    }
  else if (spec->type == NN_PARAM_BOOL)
    put_setting (page, _ (spec->title), nn_params_bool (params, spec->name) ? _ ("yes") : _ ("no"),
                 NULL);
  else if ((spec->flags & NN_PARAM_OFF_AT_ZERO) && g_ascii_strtod (text, NULL) == 0)
    put_setting (page, _ (spec->title), _ ("off"), NULL);
  else if (*text)
    put_setting (page, _ (spec->title), text, spec->unit);
}

/* Of what few people ever change, only what was changed. */
static void
put_params (NnReportPage *page, const NnParams *params, const char *except)
{
  const NnParamSpec *specs = nn_params_specs (params);
  g_autoptr (NnParams) defaults = nn_params_new (specs);
  for (const NnParamSpec *spec = specs; spec && spec->name; spec++)
    {
      g_autofree char *value = nn_params_to_text (params, spec->name);
      g_autofree char *usual = nn_params_to_text (defaults, spec->name);
      if (!nn_params_shown (params, spec) || g_strcmp0 (spec->name, except) == 0
          || ((spec->flags & (NN_PARAM_ADVANCED | NN_PARAM_SPARSE)) && g_str_equal (value, usual)))
        continue;
      put_param (page, params, spec);
    }
}

static void
begin_block (NnReportPage *page, const char *title)
{
  nn_report_put (page, "<div>\n<h3>%s</h3>\n<table class=\"settings\"><tbody>\n", title);
}

static void
end_block (NnReportPage *page)
{
  nn_report_put (page, "</tbody></table>\n</div>\n");
}

/* A set's name may be a path, of which only the end is anybody else's business. */
static void
put_data (NnReportPage *page)
{
  const NnDataInfo *info = nn_analysis_data (page->source->analysis);
  g_autofree char *name = g_path_get_basename (info->name);
  g_autofree char *train = nn_count_to_string ((gint64)info->n_samples[NN_PART_TRAIN]);
  g_autofree char *test = nn_count_to_string ((gint64)info->n_samples[NN_PART_TEST]);
  begin_block (page, _ ("Data"));
  put_setting (page, _ ("Data set"), info->title, NULL);
  if (!g_str_equal (name, info->title))
    put_setting (page, _ ("Name"), name, NULL);
  put_setting (page, _ ("Training samples"), train, NULL);
  put_setting (page, _ ("Test samples"), test, NULL);
  for (guint i = 0; i < info->n_fields; i++)
    {
      g_autofree char *shape = nn_shape_to_string (&info->fields[i].shape);
      g_autofree char *title = g_strdup_printf (_ ("Field “%s”"), info->fields[i].name);
      put_setting (page, title, shape, NULL);
    }
  put_params (page, nn_design_data (page->source->design), "name");
  end_block (page);
}

void
nn_report_put_settings (NnReportPage *page)
{
  const NnDesign *design = page->source->design;
  nn_report_put (page, "<section>\n<h2>%s</h2>\n<div class=\"blocks\">\n", _ ("Settings"));
  begin_block (page, _ ("Training"));
  put_params (page, nn_design_training (design), NULL);
  end_block (page);
  begin_block (page, _ ("Optimizer"));
  put_setting (page, _ ("Optimizer"), _ (nn_design_optimizer (design)->title), NULL);
  put_params (page, nn_design_optimizer_params (design), NULL);
  end_block (page);
  put_data (page);
  nn_report_put (page, "</div>\n</section>\n");
}
