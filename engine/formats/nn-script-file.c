/* A script as a file: what it says of itself, the pieces it uses, and its weights beside it. */
#include "diabolo-config.h"

#include <inttypes.h>
#include <string.h>

#include "formats/nn-replace.h"
#include "formats/nn-script.h"
#include "objectives/nn-watch.h"
#include "nn-export-resource.h"

#define RESOURCES "/io/github/diabolo/Diabolo/export/"
#define MARK "# ---- the network ----"
#define SCRIPT_ENDING ".py"
#define LINE 78 /* characters of a line of prose */

static const char *
file_text (NnScript *script, const char *name)
{
  GString *clean = g_string_new (name);
  g_string_replace (clean, "\\", "/", 0);
  g_string_replace (clean, "\"", "'", 0);
  if (script->first)
    g_string_replace (clean, "channels last", "(N, C, H, W)", 0);
  const char *text = nn_script_text (script, "%s", clean->str);
  g_string_free (clean, TRUE);
  return text;
}

/* "  * ", and its words in lines that can be read. */
static void
append_remark (const char *remark, GString *text)
{
  g_auto (GStrv) words = g_strsplit (remark, " ", -1);
  glong column = 3;
  g_string_append (text, "  *");
  for (guint i = 0; words[i]; i++)
    {
      const glong length = g_utf8_strlen (words[i], -1);
      if (column + 1 + length > LINE)
        {
          g_string_append (text, "\n   ");
          column = 3;
        }
      g_string_append_printf (text, " %s", words[i]);
      column += 1 + length;
    }
  g_string_append_c (text, '\n');
}

void
nn_script_append_comment (NnScript *script, const char *name, const char *weights_ending,
                          const char *others, const GPtrArray *remarks, GString *text)
{
  const NnExportModel *model = script->model;
  const char *title = file_text (script, nn_design_title (model->source->design));
  const char *file = file_text (script, name);
  g_string_append_printf (text, "\"\"\"%s (%s), written by Diabolo %s.\n\n",
                          title && *title ? title : "A network",
                          nn_export_part_id (model->source->part), DIABOLO_VERSION);
  g_string_append_printf (text,
                          "    python3 %s.py --check\n"
                          "        compares the weights in %s%s with a stored sample\n",
                          file, file, weights_ending);
  g_string_append (text, "    predict(network, data)\n"
                         "        takes samples as files have them, an array for each input, "
                         "and scales them\n");
  if (model->training)
    {
      g_string_append_printf (text,
                              "    python3 %s.py DATA\n"
                              "        trains anew; --weights FILE goes on\n",
                              file);
      if (others)
        {
          g_autoptr (GString) filled = g_string_new (others);
          g_string_replace (filled, "%s", file, 0);
          g_string_append (text, filled->str);
        }
      g_string_append (text, "\nDATA is a folder of IDX files such as MNIST's, or an .npz with an "
                             "array for each field\nand, for validation, one more called "
                             "FIELD_test.\n");
    }
  if (remarks->len > 0)
    g_string_append (text, "\nOtherwise than in the program:\n");
  for (guint i = 0; i < remarks->len; i++)
    append_remark (file_text (script, remarks->pdata[i]), text);
  g_string_append_c (text, '\n');
  GArray *const ports[] = { model->inputs, model->outputs };
  for (guint k = 0; k < G_N_ELEMENTS (ports); k++)
    for (guint i = 0; i < ports[k]->len; i++)
      {
        const NnExportPort *port = &g_array_index (ports[k], NnExportPort, i);
        g_string_append_printf (text, "%s %s: %s\n", k ? "Output" : "Input", port->name,
                                file_text (script, port->about));
      }
  g_string_append (text, "\"\"\"\n");
}

static const char *
sizes_text (NnScript *script, guint value)
{
  const NnShape *shape = nn_script_shape (script, value);
  return nn_script_text (script, "(%s)", nn_script_sizes (script, shape->dim, shape->rank));
}

/* Which samples training validates with, and which it sees more than once. */
static void
append_parts (NnScript *script, const NnParams *data, GString *text)
{
  const NnDataInfo *info = nn_analysis_data (script->model->source->analysis);
  const gboolean holds_out = strcmp (nn_params_text (data, "validation"), "training") == 0;
  const gboolean copies = strcmp (nn_params_text (data, "balance"), "copies") == 0;
  g_autoptr (GString) labels = g_string_new (NULL);
  for (guint f = 0; f < info->n_fields; f++)
    if (info->fields[f].kind == NN_FIELD_LABEL)
      g_string_append_printf (labels, "%s, ", nn_script_quoted (script, info->fields[f].name));
  g_string_truncate (labels, labels->len > 0 ? labels->len - 1 : 0);
  g_string_append_printf (
      text,
      "LABELS = (%s)  # fields of classes: every class of the first gives its share\n"
      "DATA_SEED = %" PRId64 "\nTEST_SHARE = %s  # to validate with, of data without a test part\n"
      "HELD_OUT = %s  # share of the training samples to validate with in place of the test part\n"
      "COPY_NOISE = %s  # of copies that make classes equally large, in standard deviations\n",
      labels->str, nn_params_int (data, "seed"),
      nn_script_double (script, nn_params_float (data, "test-share")),
      holds_out ? nn_script_double (script, nn_params_float (data, "validation-share")) : "None",
      copies ? nn_script_double (script, nn_params_float (data, "copy-noise")) : "None");
}

/* Early stopping and the best weights, by the loss: other numbers are not measured in scripts. */
static void
append_watch (NnScript *script, const NnParams *training, GString *text)
{
  const NnMetricType *metric = nn_watch_metric (training);
  const gint64 patience = nn_params_int (training, "patience");
  const gboolean keeps = nn_params_bool (training, "keep-best");
  g_string_append_printf (
      text,
      "PATIENCE = %" PRId64 "  # epochs without a better one that end training; 0: none\n"
      "SMALLEST_DIFFERENCE = %s  # of losses that makes an epoch better\n"
      "KEEP_BEST = %s  # the weights of the best epoch, not of the last\n",
      metric ? 0 : patience, nn_script_double (script, nn_params_float (training, "min-delta")),
      keeps && !metric ? "True" : "False");
}

void
nn_script_append_constants (NnScript *script, const char *ending, GString *text)
{
  const NnExportModel *model = script->model;
  const NnDesign *design = model->source->design;
  const NnParams *training = nn_design_training (design);
  const gint64 limit = nn_params_int (nn_design_data (design), "limit");
  g_autoptr (GString) inputs = g_string_new (NULL);
  g_autoptr (GString) outputs = g_string_new (NULL);
  g_autoptr (GString) fields = g_string_new (NULL);
  for (guint i = 0; i < model->inputs->len; i++)
    {
      const NnExportPort *port = nn_export_input (model, i);
      if (!port->target)
        g_string_append_printf (inputs, "%s, ", nn_script_quoted (script, port->name));
      g_string_append_printf (fields, "%s%s: %s", i ? ", " : "",
                              nn_script_quoted (script, port->name),
                              sizes_text (script, port->value));
    }
  for (guint i = 0; i < model->outputs->len; i++)
    g_string_append_printf (outputs, "\"%s\", ", nn_export_output (model, i)->name);
  g_string_truncate (inputs, inputs->len - 1);
  g_string_truncate (outputs, outputs->len - 1);
  g_string_append_printf (
      text,
      "\nWEIGHTS = pathlib.Path(__file__).with_suffix(\"%s\")\nINPUTS = (%s)\nOUTPUTS = (%s)\n",
      ending, inputs->str, outputs->str);
  g_string_append_printf (text, "FIELDS = {%s}  # of one sample, as files have them\n",
                          fields->str);
  nn_script_append_scaling (script, text);
  if (!model->training)
    return;
  g_string_append_printf (
      text,
      "EPOCHS = %" PRId64 "\nBATCH_SIZE = %" PRId64 "  # of all processes\n"
      "SHUFFLE = %s\nSEED = %" PRId64 "\n",
      nn_params_int (training, "epochs"), nn_params_int (training, "batch-size"),
      nn_params_bool (training, "shuffle") ? "True" : "False", nn_params_int (training, "seed"));
  append_watch (script, training, text);
  if (limit > 0)
    g_string_append_printf (text, "LIMIT = %" PRId64 "  # training samples\n", limit);
  else
    g_string_append (text, "LIMIT = None  # training samples\n");
  append_parts (script, nn_design_data (design), text);
}

void
nn_script_append_lines (GString *text, const char *indent, const char *lines)
{
  g_auto (GStrv) all = g_strsplit (lines, "\n", -1);
  for (guint i = 0; all[i] && *all[i]; i++)
    g_string_append_printf (text, "%s%s\n", indent, all[i]);
}

/* ---- pieces ---- */

typedef struct
{
  char *name;
  const char *begin;
  gsize length;
  gboolean behind, wanted;
} Piece;

static gboolean
is_word (char c)
{
  return g_ascii_isalnum (c) || c == '_';
}

static gboolean
speaks_of (const char *text, gsize length, const char *name)
{
  const gsize n = strlen (name);
  for (const char *p = text; (p = g_strstr_len (p, (gssize)(text + length - p), name)); p += n)
    if ((p == text || (!is_word (p[-1]) && !strchr ("\".", p[-1]))) && !is_word (p[n]))
      return TRUE;
  return FALSE;
}

/* The classes and functions of one file: each begins at the left, perhaps with what decorates it.
 */
static void
read_pieces (const char *text, GArray *pieces)
{
  const char *mark = strstr (text, MARK);
  for (const char *p = text; (p = strstr (p, "\n\n\n"));)
    {
      const char *begin = p + 3, *end = strstr (begin, "\n\n\n"), *def = begin;
      p = begin - 1;
      if (*def == '@')
        def = strchr (def, '\n') + 1;
      if (!g_str_has_prefix (def, "def ") && !g_str_has_prefix (def, "class "))
        continue;
      const char *name = strchr (def, ' ') + 1;
      const Piece piece = {
        .name = g_strndup (name, strcspn (name, "(:")),
        .begin = begin,
        .length = end ? (gsize)(end - begin) : strlen (begin),
        .behind = mark && begin > mark,
      };
      g_array_append_val (pieces, piece);
    }
}

/* Marks what text speaks of, and what that speaks of. */
static void
want_pieces (GArray *pieces, const char *text, gsize length)
{
  for (guint i = 0; i < pieces->len; i++)
    {
      Piece *piece = &g_array_index (pieces, Piece, i);
      if (piece->wanted || !speaks_of (text, length, piece->name))
        continue;
      piece->wanted = TRUE;
      want_pieces (pieces, piece->begin, piece->length);
    }
}

void
nn_script_append_pieces (GString *text, const char *const *resources, gboolean behind,
                         const char *spoken)
{
  GArray *pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; resources[i]; i++)
    {
      g_autofree char *path = g_strconcat (RESOURCES, resources[i], NULL);
      g_autoptr (GBytes) bytes = g_resource_lookup_data (nn_export_get_resource (), path, 0, NULL);
      g_assert (bytes);
      char *copy =
          g_strchomp (g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes)));
      g_ptr_array_add (texts, copy);
      read_pieces (copy, pieces);
    }
  want_pieces (pieces, spoken, strlen (spoken));
  for (guint i = 0; i < pieces->len; i++)
    {
      const Piece *piece = &g_array_index (pieces, Piece, i);
      if (piece->wanted && !piece->behind == !behind)
        g_string_append_printf (text, "\n\n%.*s\n", (int)piece->length, piece->begin);
      g_free (piece->name);
    }
  g_array_unref (pieces);
}

void
nn_script_prepend_imports (GString *text)
{
  static const char *const modules[] = {
    "sys", "pathlib", "os", "math", "json", "gzip", "argparse"
  };
  for (guint i = 0; i < G_N_ELEMENTS (modules); i++)
    {
      g_autofree char *use = g_strconcat (modules[i], ".", NULL);
      g_autofree char *line = g_strdup_printf ("import %s\n", modules[i]);
      if (strstr (text->str, use))
        g_string_prepend (text, line);
    }
}

/* ---- files ---- */

NnScriptPaths
nn_script_paths (const char *path, const char *weights_ending)
{
  NnScriptPaths paths;
  const gboolean ends = g_str_has_suffix (path, SCRIPT_ENDING);
  g_autofree char *base = g_strndup (path, strlen (path) - (ends ? strlen (SCRIPT_ENDING) : 0));
  paths.name = g_path_get_basename (base);
  paths.script = g_strconcat (base, SCRIPT_ENDING, NULL);
  paths.weights = g_strconcat (base, weights_ending, NULL);
  return paths;
}

void
nn_script_paths_clear (NnScriptPaths *paths)
{
  g_free (paths->name);
  g_free (paths->script);
  g_free (paths->weights);
}

gboolean
nn_script_write (const NnScript *script, const NnScriptPaths *paths, const char *text,
                 gboolean (*write) (GPtrArray *tensors, NnReplacement *file, const NnExportJob *job,
                                    GError **error),
                 const NnExportJob *job, GError **error)
{
  g_autoptr (NnReplacement) script_file = nn_replacement_new (paths->script, error);
  g_autoptr (NnReplacement) weights_file =
      script_file ? nn_replacement_new (paths->weights, error) : NULL;
  return weights_file && write (script->tensors, weights_file, job, error)
         && nn_replacement_write (script_file, text, strlen (text), job->cancellable, error)
         && nn_replacement_commit (weights_file, error)
         && nn_replacement_commit (script_file, error);
}
