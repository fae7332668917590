/* What scripts do otherwise than the program: every option of training and data is known here, as
 * one that they follow or as one that must be spoken of. */
#include "diabolo-config.h"

#include "formats/nn-script.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "objectives/nn-watch.h"
#include "optimizers/nn-schedule.h"

typedef enum
{
  FOLLOWED, /* scripts do the same, or it changes no number */
  READING,  /* how files are read: a script's arrays come as they are */
  WATCHED,  /* another number than the loss decides */
} Care;

static const struct
{
  const char *option;
  Care care;
} options[] = {
  /* training */
  { "epochs", FOLLOWED },
  { "batch-size", FOLLOWED },
  { "seed", FOLLOWED },
  { "shuffle", FOLLOWED },
  { "cache-features", FOLLOWED },
  { "watch", WATCHED },
  { "patience", FOLLOWED },
  { "min-delta", FOLLOWED },
  { "keep-best", FOLLOWED },
  { "clip-norm", FOLLOWED },
  { "clip-value", FOLLOWED },
  /* data */
  { "name", FOLLOWED },
  { "limit", FOLLOWED },
  { "test-share", FOLLOWED },
  { "validation", FOLLOWED },
  { "validation-share", FOLLOWED },
  { "balance", FOLLOWED },
  { "copy-noise", FOLLOWED },
  { "label", READING },
  { "features", READING },
  { "image-shape", READING },
  { "scaling", FOLLOWED },
  { "width", READING },
  { "height", READING },
  { "fit", READING },
  { "colour", READING },
  { "missing", READING },
  { "text-columns", READING },
  { "unusable", READING },
  { "separator", READING },
  { "header", READING },
  { "decimal", READING },
  { "encoding", READING },
};

/* Schedules are written out whole (nn-script-training.c). */
static gboolean
is_of_schedule (const char *option)
{
  for (const NnParamSpec *spec = nn_schedule_specs (); spec->name; spec++)
    if (g_str_equal (spec->name, option))
      return TRUE;
  return FALSE;
}

gboolean
nn_script_knows (const char *option)
{
  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    if (g_str_equal (options[i].option, option))
      return TRUE;
  return is_of_schedule (option);
}

static gboolean
is_default (const NnParams *params, const NnParamSpec *spec)
{
  g_autoptr (NnParams) defaults = nn_params_new (nn_params_specs (params));
  g_autofree char *now = nn_params_to_text (params, spec->name);
  g_autofree char *usual = nn_params_to_text (defaults, spec->name);
  return g_str_equal (now, usual);
}

/* How the program reads its files, where the person chose it. */
static void
add_reading (const NnParams *data, GPtrArray *remarks)
{
  g_autoptr (GString) titles = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    {
      const NnParamSpec *spec =
          options[i].care == READING ? nn_params_spec (data, options[i].option) : NULL;
      if (spec && !is_default (data, spec))
        g_string_append_printf (titles, "%s%s", titles->len ? ", " : "", _ (spec->title));
    }
  if (titles->len > 0)
    g_ptr_array_add (remarks,
                     g_strdup_printf (_ ("How the program reads the data (%s) is not in the "
                                         "script: give it arrays that have been read so."),
                                      titles->str));
}

/* By how much is known of data that have been loaded. */
static void
add_scaling (const NnExportSource *source, GPtrArray *remarks)
{
  const NnDataInfo *info = nn_analysis_data (source->analysis);
  const char *scaling = nn_params_text (nn_design_data (source->design), "scaling");
  gboolean known = g_str_equal (scaling, "none");
  for (guint f = 0; f < info->n_fields; f++)
    known = known || info->fields[f].scale;
  if (!known)
    g_ptr_array_add (remarks,
                     g_strdup (_ ("The data have not been loaded, so by how much they are scaled "
                                  "is not in the script: export it again when they are.")));
}

static void
add_watch (const NnParams *training, GPtrArray *remarks)
{
  const NnMetricType *metric = nn_watch_metric (training);
  if (metric
      && (nn_params_int (training, "patience") > 0 || nn_params_bool (training, "keep-best")))
    g_ptr_array_add (
        remarks,
        g_strdup_printf (_ ("The program watches another number than the loss (%s), which the "
                            "script does not measure: it trains all epochs and keeps the last "
                            "one's weights."),
                         _ (metric->title)));
}

/* Layers with noise that the program validates with, too. */
static void
add_noise (const NnExportSource *source, GPtrArray *remarks)
{
  for (guint i = 0; i < nn_design_n_nodes (source->design); i++)
    {
      const NnNode *node = nn_design_node_at (source->design, i);
      if (!nn_params_spec (node->params, "training-only")
          || nn_params_bool (node->params, "training-only"))
        continue;
      g_ptr_array_add (remarks,
                       g_strdup_printf (_ ("Validation goes without the noise of “%s”, which the "
                                           "program validates with."),
                                        node->name));
    }
}

GPtrArray *
nn_script_remarks (const NnExportSource *source, gboolean noisy_validation)
{
  GPtrArray *remarks = g_ptr_array_new_with_free_func (g_free);
  add_scaling (source, remarks);
  if (source->part != NN_EXPORT_ALL)
    return remarks; /* it does not train */
  add_watch (nn_design_training (source->design), remarks);
  add_reading (nn_design_data (source->design), remarks);
  if (!noisy_validation)
    add_noise (source, remarks);
  return remarks;
}
