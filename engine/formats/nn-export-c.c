/* C: a pair of files that computes the network with nothing but the C library: C99, no allocation,
 * the weights inside. */
#include "diabolo-config.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/nn-error.h"
#include "formats/nn-c-source.h"
#include "formats/nn-replace.h"

#include <glib/gi18n-lib.h>

/* Compilers take minutes and gigabytes for more. */
#define MAX_WEIGHTS ((guint64)20 * 1000 * 1000)
/* Text that is gathered before it is written. */
#define PIECE 65536
#define NUMBERS_A_LINE 8

static gboolean
check_weights (const NnExportModel *model, GError **error)
{
  const guint64 n = nn_export_model_weight_bytes (model) / sizeof (float);
  if (n > MAX_WEIGHTS)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_UNSUPPORTED,
                   _ ("The network has %" PRIu64 " weights, but a C source can hold %" PRIu64
                      " at most: compilers cannot cope with more."),
                   n, MAX_WEIGHTS);
      return FALSE;
    }
  for (guint i = 0; i < model->program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (model->program, i);
      for (gint64 k = 0; model->weights[i] && k < weight->size; k++)
        if (!isfinite (model->weights[i][k]))
          {
            g_set_error (error, NN_ERROR, NN_ERROR_NUMERIC,
                         _ ("“%s” has weights that are not finite: C has no way to write them. "
                            "Reset the network and train it with a smaller learning rate."),
                         nn_export_model_node_title (model, weight->node));
            return FALSE;
          }
    }
  return TRUE;
}

static gboolean
c_check (const NnExportSource *source, GError **error)
{
  g_autoptr (NnExportModel) model = nn_export_model_new (source, error);
  for (guint i = 0; model && i < nn_export_model_n_ops (model); i++)
    {
      const NnOp *op = nn_export_model_op (model, i);
      if (nn_c_source_knows (op->type))
        continue;
      g_set_error (error, NN_ERROR, NN_ERROR_UNSUPPORTED,
                   _ ("“%s” cannot be written as C: there is no function for its “%s”."),
                   nn_export_model_node_title (model, op->node), op->type->name);
      return FALSE;
    }
  return model && check_weights (model, error);
}

/* ---- texts ---- */

/* What stands in a comment must not end it, or seem to begin another. */
static char *
comment_text (const char *text)
{
  GString *clean = g_string_new (text);
  for (gsize i = 0; i + 1 < clean->len; i++)
    if ((clean->str[i] == '*' && clean->str[i + 1] == '/')
        || (clean->str[i] == '/' && clean->str[i + 1] == '*'))
      g_string_insert_c (clean, (gssize)i + 1, ' ');
  return g_string_free (clean, FALSE);
}

static void
append_parameters (const NnCSource *c, GString *text)
{
  const NnExportModel *model = c->model;
  for (guint i = 0; i < model->inputs->len; i++)
    g_string_append_printf (text, "%sconst float *%s", i ? ", " : "",
                            nn_c_source_port (c, model->inputs, i));
  for (guint i = 0; i < model->outputs->len; i++)
    g_string_append_printf (text, ", float *%s", nn_c_source_port (c, model->outputs, i));
}

static void
append_port_comments (const NnCSource *c, GArray *ports, GString *text)
{
  for (guint i = 0; i < ports->len; i++)
    {
      const NnExportPort *port = &g_array_index (ports, NnExportPort, i);
      g_autofree char *shape =
          nn_shape_to_string (&nn_program_value (c->model->program, port->value)->shape);
      g_autofree char *about = comment_text (port->about);
      g_string_append_printf (text, " *   %s: %s, %s\n", nn_c_source_port (c, ports, i), shape,
                              about);
    }
}

static void
append_sizes (const NnCSource *c, GArray *ports, const char *upper, GString *text)
{
  for (guint i = 0; i < ports->len; i++)
    {
      const NnExportPort *port = &g_array_index (ports, NnExportPort, i);
      g_autofree char *name = g_ascii_strup (nn_c_source_port (c, ports, i), -1);
      g_string_append_printf (text, "#define %s_%s_SIZE %" PRId64 "\n", upper, name,
                              nn_program_value (c->model->program, port->value)->size);
    }
}

static void
append_comment (const NnCSource *c, GString *text)
{
  const NnExportSource *source = c->model->source;
  g_autofree char *title = comment_text (nn_design_title (source->design));
  g_string_append_printf (text, "/* %s (%s), written by Diabolo %s.\n *\n", title,
                          nn_export_part_id (source->part), DIABOLO_VERSION);
  g_string_append_printf (text,
                          " * %s_run() computes one sample. It allocates nothing and needs the C "
                          "library alone\n * (link with -lm), but works in memory of its own: call "
                          "it from one thread at a time.\n",
                          c->name);
  append_port_comments (c, c->model->inputs, text);
  append_port_comments (c, c->model->outputs, text);
  g_string_append (text, " */\n");
}

/* (transfer full) */
static char *
header_text (const NnCSource *c)
{
  GString *text = g_string_new (NULL);
  g_autofree char *upper = g_ascii_strup (c->name, -1);
  append_comment (c, text);
  g_string_append_printf (text, "#ifndef %s_H\n#define %s_H\n\n", upper, upper);
  append_sizes (c, c->model->inputs, upper, text);
  append_sizes (c, c->model->outputs, upper, text);
  g_string_append_printf (text, "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\nvoid %s_run (",
                          c->name);
  append_parameters (c, text);
  g_string_append (text, ");\n\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
  return g_string_free (text, FALSE);
}

static void
translate (NnCSource *c)
{
  const NnExportModel *model = c->model;
  guint node = 0;
  for (guint i = 0; i < nn_export_model_n_ops (model); i++)
    {
      const NnOp *op = nn_export_model_op (model, i);
      c->position = (gint)i;
      if (op->node != node)
        {
          g_autofree char *title = comment_text (nn_export_model_node_title (model, op->node));
          g_string_append_printf (c->body, "%s  /* %s */\n", node ? "\n" : "", title);
        }
      node = op->node;
      nn_c_source_add_op (c, op);
    }
  nn_c_source_finish (c);
}

/* ---- writing ---- */

/* A file while it is written piece by piece. */
typedef struct
{
  NnReplacement *replacement;
  const NnExportJob *job;
  GString *text;
  guint64 done, total; /* weights */
} Writer;

static gboolean
flush (Writer *writer, GError **error)
{
  const gboolean written = nn_replacement_write (
      writer->replacement, writer->text->str, writer->text->len, writer->job->cancellable, error);
  g_string_truncate (writer->text, 0);
  nn_export_progress (writer->job, (double)writer->done / (double)MAX (writer->total, 1));
  return written;
}

static gboolean
write_weight (Writer *writer, const NnCSource *c, guint i, GError **error)
{
  const NnWeight *weight = nn_program_weight (c->model->program, i);
  g_autofree char *name = nn_c_source_weight (c, i);
  g_autofree char *shape = nn_shape_to_string (&weight->shape);
  g_string_append_printf (writer->text, "/* %s */\nstatic const float %s[%" PRId64 "] = {", shape,
                          name, weight->size);
  for (gint64 k = 0; k < weight->size; k++)
    {
      char number[32];
      g_string_append (writer->text, k % NUMBERS_A_LINE ? " " : "\n  ");
      g_string_append (writer->text, nn_c_float (number, c->model->weights[i][k]));
      g_string_append_c (writer->text, ',');
      writer->done++;
      if (writer->text->len > PIECE && !flush (writer, error))
        return FALSE;
    }
  g_string_append (writer->text, "\n};\n\n");
  return TRUE;
}

static gboolean
write_source (Writer *writer, const NnCSource *c, const char *header_name, GError **error)
{
  g_autofree char *functions = nn_c_source_functions (c);
  append_comment (c, writer->text);
  g_string_append_printf (writer->text,
                          "#include \"%s\"\n\n#include <math.h>\n#include <stddef.h>\n"
                          "#include <string.h>\n\n%s",
                          header_name, functions);
  for (guint i = 0; i < c->model->program->weights->len; i++)
    if (c->model->weights[i] && !write_weight (writer, c, i, error))
      return FALSE;
  g_string_append_printf (writer->text, "%s\n", c->tables->str);
  if (c->workspace > 0)
    g_string_append_printf (writer->text, "static float %s_work[%zu];\n\n", c->name, c->workspace);
  g_string_append_printf (writer->text, "void\n%s_run (", c->name);
  append_parameters (c, writer->text);
  g_string_append_printf (writer->text, ")\n{\n%s}\n", c->body->str);
  writer->done = writer->total;
  return flush (writer, error);
}

/* "folder/net" of "folder/net.c" and of "folder/net.h". (transfer full) */
static char *
without_ending (const char *path)
{
  const gboolean has = g_str_has_suffix (path, ".c") || g_str_has_suffix (path, ".h");
  return g_strndup (path, strlen (path) - (has ? 2 : 0));
}

static gboolean
write_pair (const NnCSource *c, const char *base, const NnExportJob *job, GError **error)
{
  g_autofree char *source_path = g_strconcat (base, ".c", NULL);
  g_autofree char *header_path = g_strconcat (base, ".h", NULL);
  g_autofree char *header_name = g_path_get_basename (header_path);
  g_autofree char *header = header_text (c);
  g_autoptr (NnReplacement) source_file = nn_replacement_new (source_path, error);
  g_autoptr (NnReplacement) header_file =
      source_file ? nn_replacement_new (header_path, error) : NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  Writer writer = { source_file, job, text, 0,
                    nn_export_model_weight_bytes (c->model) / sizeof (float) };
  return header_file && write_source (&writer, c, header_name, error)
         && nn_replacement_write (header_file, header, strlen (header), job->cancellable, error)
         && nn_replacement_commit (header_file, error)
         && nn_replacement_commit (source_file, error);
}

static gboolean
c_write (const NnExportSource *source, const char *path, const NnExportJob *job, GError **error)
{
  g_autoptr (NnExportModel) model = nn_export_model_new (source, error);
  if (!model)
    return FALSE;
  g_autofree char *base = without_ending (path), *file = g_path_get_basename (base);
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *name = nn_export_identifier (file, taken);
  NnCSource c;
  nn_c_source_init (&c, model, name);
  translate (&c);
  const gboolean written = write_pair (&c, base, job, error);
  nn_c_source_clear (&c);
  return written;
}

/* The header and the function: what is between them is numbers. */
static char *
c_preview (const NnExportSource *source, GError **error)
{
  g_autoptr (NnExportModel) model = nn_export_model_new (source, error);
  if (!model)
    return NULL;
  NnCSource c;
  nn_c_source_init (&c, model, "network");
  translate (&c);
  g_autofree char *header = header_text (&c);
  char *text = g_strdup_printf ("%s\n\n%s", header, c.body->str);
  nn_c_source_clear (&c);
  return text;
}

const NnExporter nn_exporter_c = {
  .id = "c",
  .title = "C",
  .extension = ".c",
  .beside = ".h",
  .summary = N_ ("source with weights, for any machine"),
  .use = N_ ("A .c and a .h file that compute the network with nothing but the C library: for "
             "microcontrollers and for programs that want no library."),
  .parts = NN_EXPORT_ANY_PART,
  .needs = NN_EXPORT_NETWORK | NN_EXPORT_WEIGHTS,
  .check = c_check,
  .preview = c_preview,
  .write = c_write,
};
