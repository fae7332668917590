#include "cli.h"

#include "base/nn-error.h"
#include "diabolo-config.h"
#include "formats/nn-weight-tensors.h"

gboolean
cli_change_params (NnParams **params, const char *name, const char *text, GError **error)
{
  if (!text)
    return TRUE;
  NnParams *changed = nn_params_with_text (*params, name, text, error);
  if (!changed)
    return FALSE;
  nn_params_unref (*params);
  *params = changed;
  return TRUE;
}

gboolean
cli_set_params (NnParams **const *tables, guint n, const char *setting, GError **error)
{
  g_auto (GStrv) sides = g_strsplit (setting, "=", 2);
  if (g_strv_length (sides) != 2)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, "--set expects NAME=VALUE, found “%s”",
                   setting);
      return FALSE;
    }
  if (g_str_has_prefix (sides[0], "data."))
    return cli_change_params (tables[n - 1], sides[0] + strlen ("data."), sides[1], error);
  for (guint i = 0; i < n; i++)
    if (nn_params_spec (*tables[i], sides[0]))
      return cli_change_params (tables[i], sides[0], sides[1], error);
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; i < n; i++)
    for (const NnParamSpec *spec = nn_params_specs (*tables[i]); spec && spec->name; spec++)
      g_string_append_printf (names, "%s%s", names->len ? ", " : "", spec->name);
  g_set_error (error, NN_ERROR, NN_ERROR_UNKNOWN, "there is no setting “%s”, only: %s", sides[0],
               names->str);
  return FALSE;
}

NnDesign *
cli_design_with_data (NnDesign *design, const char *data, char **settings, GError **error)
{
  g_autoptr (NnParams) params = nn_params_ref ((NnParams *)nn_design_data (design));
  NnParams **const tables[] = { &params };
  if (!cli_change_params (&params, "name", data, error))
    return NULL;
  for (guint i = 0; settings && settings[i]; i++)
    if (!cli_set_params (tables, 1, settings[i], error))
      return NULL;
  return nn_design_with_data (design, params);
}

static void
show_loading (double fraction, gpointer progress)
{
  cli_progress_show (progress, fraction, "loading data");
}

/* The errors among the diagnostics, as one text. */
static void
set_diagnostics_error (const NnAnalysis *analysis, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < nn_analysis_n_diagnostics (analysis); i++)
    {
      const NnDiagnostic *diagnostic = nn_analysis_diagnostic (analysis, i);
      if (diagnostic->severity == NN_SEVERITY_ERROR)
        g_string_append_printf (text, "%s%s", text->len ? " " : "", diagnostic->text);
    }
  g_set_error_literal (error, NN_ERROR, NN_ERROR_DESIGN, text->str);
}

/* A network that cannot be trained is refused before its data are read, where that needs no
 * reading. */
static gboolean
check_before_loading (NnDesign *design, GError **error)
{
  if (!nn_data_peek_is_quick (nn_design_data (design)))
    return TRUE;
  g_autoptr (NnDataInfo) info = nn_data_peek_with (nn_design_data (design), NULL, error);
  if (!info)
    return FALSE;
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, info, 0);
  if (nn_analysis_can_train (analysis))
    return TRUE;
  set_diagnostics_error (analysis, error);
  return FALSE;
}

gboolean
cli_work_init (CliWork *work, NnDesign *design, guint n_threads, CliProgress *progress,
               GError **error)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  const NnLoadContext context = {
    .progress = show_loading, .progress_data = progress, .n_threads = n_threads, .notes = notes
  };
  if (!work->dataset && !check_before_loading (design, error))
    return FALSE;
  if (!work->dataset)
    work->dataset = nn_data_load_with (nn_design_data (design), &context, error);
  cli_progress_clear (progress);
  for (guint i = 0; i < notes->len; i++)
    cli_note ("data", "%s", (const char *)notes->pdata[i]);
  if (!work->dataset)
    return FALSE;

  work->design = nn_design_ref (design);
  work->analysis = nn_analysis_new (design, nn_dataset_info (work->dataset), 0);
  if (!nn_analysis_can_train (work->analysis))
    {
      set_diagnostics_error (work->analysis, error);
      return FALSE;
    }
  work->pool = nn_pool_new (n_threads);
  return TRUE;
}

void
cli_work_clear (CliWork *work)
{
  g_clear_pointer (&work->project, nn_project_free);
  g_clear_pointer (&work->design, nn_design_unref);
  g_clear_pointer (&work->dataset, nn_dataset_unref);
  g_clear_pointer (&work->analysis, nn_analysis_unref);
  g_clear_pointer (&work->pool, nn_pool_free);
}

/* A stage before has layers of its own, such as the output that it was trained with: those stay
 * behind. */
static gboolean
goes_on (guint node, gpointer analysis)
{
  return nn_design_node (nn_analysis_design (analysis), node) != NULL;
}

NnCheckpoint *
cli_load_weights (const char *path, NnAnalysis *analysis, GError **error)
{
  if (g_str_has_suffix (path, ".diabolo"))
    {
      g_autoptr (NnProject) project = nn_project_load (path, NULL, error);
      if (!project)
        return NULL;
      if (!nn_checkpoint_has_weights (project->checkpoint, nn_analysis_program (analysis)))
        {
          g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                       "“%s” has no weights: its network was not trained yet.", path);
          return NULL;
        }
      g_autoptr (GPtrArray) tensors =
          nn_weight_tensors_new (project->design, project->checkpoint, goes_on, analysis);
      return nn_weight_tensors_to_checkpoint (tensors, path, analysis, error);
    }

  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GBytes) bytes = g_file_load_bytes (file, NULL, NULL, error);
  if (!bytes)
    return NULL;
  g_autoptr (GPtrArray) tensors = nn_safetensors_read (bytes, path, NULL, error);
  return tensors ? nn_weight_tensors_to_checkpoint (tensors, path, analysis, error) : NULL;
}
