/* run: numbers through a trained network, or through its encoder or decoder. */
#include "cli.h"

#include <inttypes.h>
#include <string.h>

#include "base/nn-error.h"
#include "diabolo-config.h"
#include "formats/nn-decompress.h"
#include "formats/nn-npy.h"
#include "formats/nn-replace.h"

#define BATCH 256

/* What is read from X and what is written to Y, as nodes. What comes in is what the network sees:
 * noise and masks that stand before the encoder are passed by. */
typedef struct
{
  guint from, to;
} Ends;

static const struct
{
  const char *name;
  guint (*from) (const NnAnalysis *analysis);
  guint (*to) (const NnAnalysis *analysis);
} parts[] = {
  { "all", nn_analysis_seen_node, nn_analysis_answer_node },
  { "encoder", nn_analysis_seen_node, nn_analysis_code_node },
  { "decoder", nn_analysis_code_node, nn_analysis_output_node },
};

static gboolean
find_ends (NnAnalysis *analysis, const char *part, const char *node, Ends *ends, GError **error)
{
  guint p = 0;
  while (p < G_N_ELEMENTS (parts) && !g_str_equal (parts[p].name, part))
    p++;
  g_assert (p < G_N_ELEMENTS (parts));
  *ends = (Ends){ parts[p].from (analysis), parts[p].to (analysis) };

  if (node)
    {
      const NnNode *found = nn_design_node_by_name (nn_analysis_design (analysis), node);
      if (!found)
        {
          g_set_error (error, NN_ERROR, NN_ERROR_UNKNOWN, "the network has no node “%s”", node);
          return FALSE;
        }
      ends->to = found->id;
    }
  if (!ends->from || !ends->to || nn_analysis_value (analysis, ends->from, 0) < 0
      || nn_analysis_value (analysis, ends->to, 0) < 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN, "the network has no such part: %s needs %s",
                   part, p == 0 ? "an input and an output" : "a code between input and output");
      return FALSE;
    }
  return TRUE;
}

/* The trained weights, one pointer per weight of the program. (transfer container) */
static float **
weight_pointers (NnAnalysis *analysis, const NnCheckpoint *checkpoint, GError **error)
{
  NnProgram *program = nn_analysis_program (analysis);
  g_autofree float **weights = g_new0 (float *, program->weights->len + 1);
  for (guint i = 0; i < program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program, i);
      const NnCheckpointEntry *entry =
          checkpoint ? nn_checkpoint_find (checkpoint, weight->node, weight->name) : NULL;
      if (!entry || !nn_shape_equal (&entry->value->shape, &weight->shape))
        {
          const NnNode *node = nn_design_node (nn_analysis_design (analysis), weight->node);
          g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
                       "“%s” has no trained weights yet: train the project with --save first",
                       node->name);
          return NULL;
        }
      weights[i] = entry->value->data;
    }
  return g_steal_pointer (&weights);
}

/* (N, ...) of values that fit `from`. */
static gboolean
check_input (NnAnalysis *analysis, const Ends *ends, const NnTensor *x, const char *path,
             GError **error)
{
  const NnShape *shape = nn_analysis_output_shape (analysis, ends->from, 0);
  gint64 size = nn_shape_size (shape);
  if (x->shape.rank >= 1 && (gint64)x->size == x->shape.dim[0] * size)
    return TRUE;
  g_autofree char *wanted = nn_shape_to_string (shape);
  g_autofree char *found = nn_shape_to_string (&x->shape);
  g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
               "“%s” is %s, but N×%s was expected, N samples of %" PRId64 " values for “%s”", path,
               found, wanted, size,
               nn_design_node (nn_analysis_design (analysis), ends->from)->name);
  return FALSE;
}

static NnTensor *
compute (NnAnalysis *analysis, const Ends *ends, float *const *weights, const NnTensor *x,
         NnPool *pool, GError **error)
{
  const NnShape *shape = nn_analysis_output_shape (analysis, ends->to, 0);
  NnShape y_shape = { .rank = shape->rank + 1, .dim = { x->shape.dim[0] } };
  if (y_shape.rank > NN_MAX_RANK)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_UNSUPPORTED,
                   "the output has too many dimensions for one array");
      return NULL;
    }
  memcpy (y_shape.dim + 1, shape->dim, (gsize)shape->rank * sizeof shape->dim[0]);

  const guint to = (guint)nn_analysis_value (analysis, ends->to, 0);
  const NnPlanView view = { .from = nn_analysis_value (analysis, ends->from, 0),
                            .want = &to,
                            .n_want = 1 };
  g_autoptr (NnPlan) plan =
      nn_plan_new_view (nn_analysis_program (analysis), BATCH, &view, NULL, pool);
  g_autoptr (NnTensor) y = nn_tensor_new (&y_shape);
  const gsize n = (gsize)x->shape.dim[0], x_size = x->size / n, y_size = y->size / n;
  if (plan == NULL)
    {
      NnDesign *design = nn_analysis_design (analysis);
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN, "“%s” does not follow from “%s” alone",
                   nn_design_node (design, ends->to)->name,
                   nn_design_node (design, ends->from)->name);
      return NULL;
    }
  for (gsize i = 0; i < n; i += BATCH)
    {
      float *out = y->data + i * y_size;
      const NnBatch batch = { .n = (guint)MIN (BATCH, n - i),
                              .given = x->data + i * x_size,
                              .mode = NN_MODE_EVALUATE,
                              .step = NN_STEP_EVALUATE,
                              .weights = weights,
                              .n_want = 1,
                              .want = &to,
                              .want_out = &out };
      nn_plan_run (plan, &batch, NULL);
    }
  return g_steal_pointer (&y);
}

typedef struct
{
  char *input, *output, *part, *node;
} Options;

static void
options_clear (Options *o)
{
  g_free (o->input);
  g_free (o->output);
  g_free (o->part);
  g_free (o->node);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static void
show_unpacking (double fraction, gpointer progress)
{
  cli_progress_show (progress, fraction, "unpacking images");
}

/* Compressed images through the decoder. */
static gboolean
unpack (const NnProject *project, NnAnalysis *analysis, GBytes *bytes, const Options *o,
        GError **error)
{
  if (o->node || (o->part && !g_str_equal (o->part, "decoder")))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_UNSUPPORTED,
                   "“%s” holds compressed images: only the decoder can do something with them",
                   o->input);
      return FALSE;
    }
  g_autoptr (NnExportSource) source =
      nn_export_source_new (project->design, analysis, project->checkpoint, NN_EXPORT_DECODER);
  g_autoptr (CliProgress) progress = cli_progress_new (FALSE);
  const NnExportJob job = { .progress = show_unpacking, .progress_data = progress };
  return (g_str_has_suffix (o->output, G_DIR_SEPARATOR_S)
              ? nn_decompress_to_folder
              : nn_decompress_to_npy) (source, bytes, o->input, o->output, &job, error);
}

static gboolean
run_file (const char *path, const Options *o, GError **error)
{
  g_autoptr (NnProject) project = nn_project_load (path, NULL, error);
  if (!project)
    return FALSE;
  g_autoptr (NnDataInfo) info = nn_data_peek_with (nn_design_data (project->design), NULL, error);
  if (!info)
    return FALSE;
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (project->design, info, 0);
  if (!nn_analysis_can_train (analysis))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
                   "the network has errors: see “diabolo-cli check”");
      return FALSE;
    }
  g_autoptr (GFile) file = g_file_new_for_path (o->input);
  g_autoptr (GBytes) bytes = g_file_load_bytes (file, NULL, NULL, error);
  if (!bytes)
    return FALSE;
  if (nn_code_file_is (bytes))
    return unpack (project, analysis, bytes, o, error);

  Ends ends;
  if (!find_ends (analysis, o->part ? o->part : "all", o->node, &ends, error))
    return FALSE;
  g_autofree float **weights = weight_pointers (analysis, project->checkpoint, error);
  if (!weights)
    return FALSE;
  if (!g_str_equal (o->part ? o->part : "all", "decoder")
      && nn_data_is_scaled (nn_design_data (project->design)))
    cli_note ("run", "“%s” is taken as it is: its numbers must be scaled as the data were",
              o->input);
  g_autoptr (NnTensor) x = nn_npy_read (bytes, o->input, error);
  if (!x || !check_input (analysis, &ends, x, o->input, error))
    return FALSE;
  g_autoptr (NnPool) pool = nn_pool_new (0);
  g_autoptr (NnTensor) y = compute (analysis, &ends, weights, x, pool, error);
  if (!y)
    return FALSE;
  g_autoptr (GBytes) npy = nn_npy_write (y);
  return nn_replace_file (o->output, npy, NULL, error);
}

static CliStatus
run_run (int argc, char **argv)
{
  g_auto (Options) o = { 0 };
  const GOptionEntry options[] = {
    { "input", 0, 0, G_OPTION_ARG_FILENAME, &o.input,
      "Samples, one a row of the first axis; or compressed images", "X.npy|X.dbcode" },
    { "output", 0, 0, G_OPTION_ARG_FILENAME, &o.output,
      "Where the result goes; images also as pictures in a new FOLDER/", "Y.npy|FOLDER/" },
    { "part", 0, 0, G_OPTION_ARG_STRING, &o.part,
      "Which part to run (all: to what is reconstructed; of a classifier, to the probability of "
      "each class)",
      "all|encoder|decoder" },
    { "node", 0, 0, G_OPTION_ARG_STRING, &o.node, "Give this node's output instead", "NAME" },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (&cli_run, options, &argc, &argv, 1, 1))
    return CLI_USAGE;
  if (!o.input || !o.output)
    return cli_wrong_usage ("run", "--input X.npy and --output Y.npy are needed");
  gboolean known = !o.part;
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    known = known || g_str_equal (parts[i].name, o.part);
  if (!known)
    return cli_wrong_usage ("run", "--part is “%s”, expected all, encoder or decoder", o.part);

  g_autoptr (GError) error = NULL;
  return run_file (argv[1], &o, &error) ? CLI_DONE : cli_failed ("run", error);
}

const CliVerb cli_run = { "run", "FILE --input X.npy --output Y.npy",
                          "Sends samples through a trained network, or unpacks images.", run_run };
