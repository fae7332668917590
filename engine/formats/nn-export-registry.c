/* The list of exporters, and what goes before each of them. */
#include "diabolo-config.h"

#include "base/nn-error.h"
#include "formats/nn-export.h"

#include <glib/gi18n-lib.h>

extern const NnExporter nn_exporter_onnx, nn_exporter_pytorch, nn_exporter_keras, nn_exporter_c,
    nn_exporter_safetensors, nn_exporter_npz, nn_exporter_csv, nn_exporter_dot, nn_exporter_codes,
    nn_exporter_codes_csv, nn_exporter_compressed, nn_exporter_tensorboard;

static const NnExporter *const exporters[] = {
  &nn_exporter_onnx,
  &nn_exporter_pytorch,
  &nn_exporter_keras,
  &nn_exporter_c,
  &nn_exporter_safetensors,
  &nn_exporter_npz,
  &nn_exporter_codes,
  &nn_exporter_codes_csv,
  &nn_exporter_compressed,
  &nn_exporter_csv,
  &nn_exporter_tensorboard,
  &nn_exporter_dot,
  NULL,
};

const NnExporter *const *
nn_exporters (void)
{
  return exporters;
}

const NnExporter *
nn_exporter (const char *id)
{
  for (guint i = 0; exporters[i]; i++)
    if (g_str_equal (exporters[i]->id, id))
      return exporters[i];
  return NULL;
}

static const char *const groups[] = {
  [NN_EXPORT_FOR_PROGRAMS] = N_ ("Network"), [NN_EXPORT_FOR_WEIGHTS] = N_ ("Weights"),
  [NN_EXPORT_FOR_DATA] = N_ ("Codes"),       [NN_EXPORT_FOR_RUNS] = N_ ("Training"),
  [NN_EXPORT_FOR_FIGURES] = N_ ("Drawing"),
};
G_STATIC_ASSERT (G_N_ELEMENTS (groups) == NN_N_EXPORT_GROUPS);

const char *
nn_export_group_title (NnExportGroup group)
{
  return _ (groups[group]);
}

/* ---- parts ---- */

static const struct
{
  const char *id, *title;
} parts[] = {
  [NN_EXPORT_ALL] = { "all", N_ ("Whole network") },
  [NN_EXPORT_ENCODER] = { "encoder", N_ ("Encoder") },
  [NN_EXPORT_DECODER] = { "decoder", N_ ("Decoder") },
};
G_STATIC_ASSERT (G_N_ELEMENTS (parts) == NN_N_EXPORT_PARTS);

const char *
nn_export_part_id (NnExportPart part)
{
  return parts[part].id;
}

const char *
nn_export_part_title (NnExportPart part)
{
  return _ (parts[part].title);
}

gint
nn_export_part_from_id (const char *id)
{
  for (gint i = 0; i < NN_N_EXPORT_PARTS; i++)
    if (g_str_equal (parts[i].id, id))
      return i;
  return -1;
}

/* ---- source ---- */

NnExportSource *
nn_export_source_new (NnDesign *design, NnAnalysis *analysis, NnCheckpoint *checkpoint,
                      NnExportPart part)
{
  NnExportSource *source = g_new0 (NnExportSource, 1);
  g_atomic_ref_count_init (&source->refs);
  source->design = nn_design_ref (design);
  source->analysis = analysis ? nn_analysis_ref (analysis) : NULL;
  source->checkpoint = checkpoint ? nn_checkpoint_ref (checkpoint) : NULL;
  source->part = part;
  return source;
}

NnExportSource *
nn_export_source_with (const NnExportSource *source, NnExportPart part, NnDataset *dataset,
                       NnParams *options)
{
  NnExportSource *other =
      nn_export_source_new (source->design, source->analysis, source->checkpoint, part);
  other->dataset = dataset ? nn_dataset_ref (dataset) : NULL;
  other->options = options ? nn_params_ref (options) : NULL;
  return other;
}

NnExportSource *
nn_export_source_ref (NnExportSource *source)
{
  g_atomic_ref_count_inc (&source->refs);
  return source;
}

void
nn_export_source_unref (NnExportSource *source)
{
  if (!g_atomic_ref_count_dec (&source->refs))
    return;
  nn_design_unref (source->design);
  g_clear_pointer (&source->analysis, nn_analysis_unref);
  g_clear_pointer (&source->checkpoint, nn_checkpoint_unref);
  g_clear_pointer (&source->dataset, nn_dataset_unref);
  g_clear_pointer (&source->options, nn_params_unref);
  g_free (source);
}

const NnChoice nn_export_sample_choices[] = {
  { "test", N_ ("Test"), N_ ("The part of the data that nothing was learned from.") },
  { "train", N_ ("Training"), NULL },
  { NULL },
};

NnParams *
nn_export_options (const NnExportSource *source, const NnParamSpec *specs)
{
  g_return_val_if_fail (!source->options || nn_params_specs (source->options) == specs, NULL);
  return source->options ? nn_params_ref (source->options) : nn_params_new (specs);
}

/* ---- facts ---- */

static void
fact_free (gpointer data)
{
  NnExportFact *fact = data;
  g_free (fact->id);
  g_free (fact->text);
  g_free (fact);
}

GPtrArray *
nn_export_facts_new (void)
{
  return g_ptr_array_new_with_free_func (fact_free);
}

void
nn_export_facts_add (GPtrArray *facts, const char *id, double value, const char *format, ...)
{
  if (!facts)
    return;
  va_list args;
  NnExportFact *fact = g_new (NnExportFact, 1);
  va_start (args, format);
  *fact = (NnExportFact){ g_strdup (id), value, format ? g_strdup_vprintf (format, args) : NULL };
  va_end (args);
  g_ptr_array_add (facts, fact);
}

char *
nn_export_facts_to_text (GPtrArray *facts)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < facts->len; i++)
    {
      const NnExportFact *fact = facts->pdata[i];
      if (fact->text)
        g_string_append_printf (text, "%s\n", fact->text);
    }
  return g_string_free (text, FALSE);
}

/* ---- exporting ---- */

void
nn_export_progress (const NnExportJob *job, double fraction)
{
  if (job->progress)
    job->progress (fraction, job->progress_data);
}

static gboolean
refuse (GError **error, const char *text)
{
  g_set_error_literal (error, NN_ERROR, NN_ERROR_DESIGN, text);
  return FALSE;
}

gboolean
nn_export_check_part (const NnExportSource *source, GError **error)
{
  if (source->part == NN_EXPORT_ALL || nn_analysis_code_node (source->analysis))
    return TRUE;
  g_set_error_literal (
      error, NN_ERROR, NN_ERROR_DESIGN,
      source->part == NN_EXPORT_ENCODER
          ? _ ("The network has no code, so it has no encoder: export the whole.")
          : _ ("The network has no code, so it has no decoder: export the whole."));
  return FALSE;
}

gboolean
nn_export_has_weights (const NnExportSource *source)
{
  return nn_checkpoint_has_weights (
      source->checkpoint, source->analysis ? nn_analysis_program (source->analysis) : NULL);
}

gboolean
nn_export_check (const NnExporter *exporter, const NnExportSource *source, GError **error)
{
  const NnCheckpoint *checkpoint = source->checkpoint;
  if (!(exporter->parts & 1u << source->part))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_UNSUPPORTED,
                   _ ("%s has no parts: only the whole can be exported."), _ (exporter->title));
      return FALSE;
    }
  if ((exporter->needs & NN_EXPORT_NETWORK) && !source->analysis)
    return refuse (error, _ ("The data set is not there, so the sizes of layers are not known."));
  if ((exporter->needs & NN_EXPORT_WEIGHTS) && !nn_export_has_weights (source))
    return refuse (error, _ ("The network has no trained weights yet: train it first."));
  if ((exporter->needs & NN_EXPORT_SAMPLES) && !source->dataset)
    return refuse (error, _ ("The data set is not loaded, so there are no samples to send through "
                             "the network."));
  if ((exporter->needs & NN_EXPORT_HISTORY)
      && (!checkpoint || !checkpoint->history || nn_run_history_n_runs (checkpoint->history) == 0))
    return refuse (error, _ ("The network has no runs yet: train it first."));
  return !exporter->check || exporter->check (source, error);
}

GPtrArray *
nn_export_remarks (const NnExporter *exporter, const NnExportSource *source)
{
  return exporter->remarks ? exporter->remarks (source) : g_ptr_array_new_with_free_func (g_free);
}

char *
nn_export_preview (const NnExporter *exporter, const NnExportSource *source, GError **error)
{
  if (!nn_export_check (exporter, source, error))
    return NULL;
  return exporter->preview ? exporter->preview (source, error) : NULL;
}

gboolean
nn_export_write (const NnExporter *exporter, const NnExportSource *source, const char *path,
                 const NnExportJob *job, GError **error)
{
  const NnExportJob unattended = { NULL };
  return nn_export_check (exporter, source, error)
         && exporter->write (source, path, job ? job : &unattended, error);
}
