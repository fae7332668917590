#include "formats/nn-c-source.h"

#include <gio/gio.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "nn-export-resource.h"

#define KERNELS "/io/github/diabolo/Diabolo/export/kernels.c"

/* A piece of the workspace. */
typedef struct
{
  gsize begin, end;
  gint last; /* position of the last operation that needs it */
} Block;

/* ---- names ---- */

/* A variable, which must not hide what begins with the source's own name. */
static char *
free_name (NnCSource *source, const char *wanted)
{
  g_autofree char *own = g_strconcat (source->name, "_", NULL);
  g_autofree char *other =
      g_strconcat (g_str_equal (source->name, "at") ? "to_" : "at_", wanted, NULL);
  return nn_export_identifier (g_str_has_prefix (wanted, own) ? other : wanted, source->taken);
}

const char *
nn_c_source_port (const NnCSource *source, const GArray *ports, guint i)
{
  const NnExportModel *model = source->model;
  const gboolean single = model->inputs->len == 1 && model->outputs->len == 1;
  if (single)
    return ports == model->inputs ? "in" : "out";
  return g_array_index (ports, NnExportPort, i).name;
}

char *
nn_c_source_weight (const NnCSource *source, guint weight)
{
  const NnWeight *described = nn_program_weight (source->model->program, weight);
  char *name =
      g_strdup_printf ("%s_%s_%s", source->name,
                       nn_export_model_node_name (source->model, described->node), described->name);
  return g_strdelimit (name, "-", '_');
}

/* A value between 0.0001 and 1,000,000 in nine digits, as "%.9g" gives them, but faster: there
 * may be millions. Gives its end. */
static char *
print_decimal (char *end, double value)
{
  static const double powers[] = { 1e0, 1e1, 1e2, 1e3,  1e4,  1e5, 1e6,
                                   1e7, 1e8, 1e9, 1e10, 1e11, 1e12 };
  guint decimals = 2;

  while (value * powers[decimals] < 1e8 - 0.5)
    decimals++;
  guint64 digits = (guint64)llround (value * powers[decimals]);
  while (decimals > 0 && digits % 10 == 0)
    {
      digits /= 10;
      decimals--;
    }
  char text[16], *c = text + sizeof text;
  guint n = 0;
  for (; digits > 0 || n <= decimals; digits /= 10)
    {
      *--c = (char)('0' + digits % 10);
      if (++n == decimals)
        *--c = '.';
    }
  return mempcpy (end, c, text + sizeof text - c);
}

const char *
nn_c_float (char buffer[32], float value)
{
  const float size = fabsf (value);
  char *end = buffer;

  if (size > 1e-4f && size < 1e6f)
    {
      if (value < 0)
        *end++ = '-';
      end = print_decimal (end, (double)size);
      *end = '\0';
    }
  else
    g_ascii_formatd (buffer, 28, "%.9g", (double)value);
  g_strlcat (buffer, strpbrk (buffer, ".e") ? "f" : ".0f", 32);
  return buffer;
}

/* ---- where values lie ---- */

static guint
root_of (NnCSource *source, guint value)
{
  return source->root[nn_export_model_value (source->model, value)];
}

/* An alias lives in what it is an alias of; whoever reads it reads that. */
static void
find_lives (NnCSource *source)
{
  const NnExportModel *model = source->model;
  for (guint v = 0; v < model->program->values->len; v++)
    {
      source->root[v] = v;
      source->last[v] = -1;
    }
  for (guint i = 0; i < nn_export_model_n_ops (model); i++)
    {
      const NnOp *op = nn_export_model_op (model, i);
      for (guint k = 0; k < op->n_in; k++)
        source->last[root_of (source, op->in[k])] = (gint)i;
      if (op->type == &nn_op_reshape)
        source->root[op->out[0]] = root_of (source, op->in[0]);
    }
  for (guint i = 0; i < model->outputs->len; i++)
    source->last[root_of (source, nn_export_output (model, i)->value)] = G_MAXINT;
}

static gint
by_begin (gconstpointer a, gconstpointer b)
{
  const gsize x = ((const Block *)a)->begin, y = ((const Block *)b)->begin;
  return (x > y) - (x < y);
}

/* The first gap among the blocks in use that is large enough. */
static gsize
allocate (NnCSource *source, gsize floats, gint last)
{
  Block block = { .last = last };
  for (guint i = source->blocks->len; i-- > 0;)
    if (g_array_index (source->blocks, Block, i).last < source->position)
      g_array_remove_index (source->blocks, i);
  g_array_sort (source->blocks, by_begin);
  for (guint i = 0; i < source->blocks->len; i++)
    {
      const Block *used = &g_array_index (source->blocks, Block, i);
      if (used->begin >= block.begin + floats)
        break;
      block.begin = MAX (block.begin, used->end);
    }
  block.end = block.begin + floats;
  g_array_append_val (source->blocks, block);
  source->workspace = MAX (source->workspace, block.end);
  return block.begin;
}

char *
nn_c_source_scratch (NnCSource *source, gsize floats)
{
  return g_strdup_printf ("net_work + %zu", allocate (source, floats, source->position));
}

const char *
nn_c_source_read (NnCSource *source, const NnOp *op, guint i)
{
  const char *place = source->place[root_of (source, op->in[i])];
  g_assert (place);
  return place;
}

void
nn_c_source_alias (NnCSource *source, const NnOp *op)
{
  g_assert (source->root[op->out[0]] != op->out[0]);
}

const char *
nn_c_source_define (NnCSource *source, const NnOp *op)
{
  const NnExportModel *model = source->model;
  const guint value = op->out[0];
  for (guint i = 0; i < model->outputs->len; i++)
    if (root_of (source, nn_export_output (model, i)->value) == value)
      return source->place[value] = g_strdup (nn_c_source_port (source, model->outputs, i));
  g_autofree char *wanted =
      g_strdup_printf ("%s_%s", nn_export_model_node_name (model, op->node), op->type->name);
  source->place[value] = free_name (source, wanted);
  nn_c_source_line (source, "float *const %s = net_work + %zu;", source->place[value],
                    allocate (source, (gsize)nn_program_value (model->program, value)->size,
                              MAX (source->last[value], source->position)));
  return source->place[value];
}

/* ---- text ---- */

/* "net_" becomes the source's own name. */
static void
append_own (const NnCSource *source, GString *to, const char *text, gsize length)
{
  const char *end = text + length;
  for (const char *p = text; p < end; p++)
    if (strncmp (p, "net_", 4) == 0 && (p == text || !(g_ascii_isalnum (p[-1]) || p[-1] == '_')))
      {
        g_string_append_printf (to, "%s_", source->name);
        p += 3;
      }
    else
      g_string_append_c (to, *p);
}

void
nn_c_source_line (NnCSource *source, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_string_append (source->body, "  ");
  append_own (source, source->body, text, strlen (text));
  g_string_append_c (source->body, '\n');
}

void
nn_c_source_use (NnCSource *source, const char *section)
{
  g_hash_table_add (source->sections, g_strdup (section));
}

/* A section of the kernels: from behind its first line to the next one's. */
typedef struct
{
  char **names; /* its own, then those it needs */
  const char *text;
  gsize length;
} Section;

static GArray *
read_sections (const char *text)
{
  GArray *sections = g_array_new (FALSE, FALSE, sizeof (Section));
  for (const char *mark = strstr (text, "/*- "); mark;)
    {
      const char *end = strstr (mark, " -*/\n"), *next;
      g_assert (end);
      g_autofree char *line = g_strndup (mark + 4, (gsize)(end - mark - 4));
      Section section = { .names = g_strsplit_set (g_strdelimit (line, ":", ' '), " ", -1),
                          .text = end + 5 };
      next = strstr (section.text, "/*- ");
      section.length = next ? (gsize)(next - section.text) : strlen (section.text);
      g_array_append_val (sections, section);
      mark = next;
    }
  return sections;
}

char *
nn_c_source_functions (const NnCSource *source)
{
  g_autoptr (GBytes) bytes = g_resource_lookup_data (nn_export_get_resource (), KERNELS, 0, NULL);
  g_assert (bytes);
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  GArray *sections = read_sections (text);
  g_autoptr (GHashTable) wanted = g_hash_table_new (g_str_hash, g_str_equal);
  GString *functions = g_string_new (NULL);
  /* What a section needs stands before it. */
  for (guint i = sections->len; i-- > 0;)
    {
      const Section *section = &g_array_index (sections, Section, i);
      if (!g_hash_table_contains (source->sections, section->names[0])
          && !g_hash_table_contains (wanted, section->names[0]))
        continue;
      for (guint k = 0; section->names[k]; k++)
        g_hash_table_add (wanted, section->names[k]);
    }
  for (guint i = 0; i < sections->len; i++)
    {
      const Section *section = &g_array_index (sections, Section, i);
      if (g_hash_table_contains (wanted, section->names[0]))
        append_own (source, functions, section->text, section->length);
    }
  g_hash_table_remove_all (wanted);
  for (guint i = 0; i < sections->len; i++)
    g_strfreev (g_array_index (sections, Section, i).names);
  g_array_unref (sections);
  return g_string_free (functions, FALSE);
}

/* ---- the whole ---- */

void
nn_c_source_init (NnCSource *source, const NnExportModel *model, const char *name)
{
  const guint n = model->program->values->len;
  *source = (NnCSource){
    .model = model,
    .name = g_strdup (name),
    .body = g_string_new (NULL),
    .tables = g_string_new (NULL),
    .sections = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
    .taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
    .place = g_new0 (char *, n),
    .root = g_new0 (guint, n),
    .last = g_new0 (gint, n),
    .blocks = g_array_new (FALSE, FALSE, sizeof (Block)),
  };
  find_lives (source);
  g_hash_table_add (source->taken, g_strdup ("i"));
  for (guint i = 0; i < model->inputs->len; i++)
    {
      const char *port = nn_c_source_port (source, model->inputs, i);
      g_hash_table_add (source->taken, g_strdup (port));
      source->place[nn_export_input (model, i)->value] = g_strdup (port);
    }
  for (guint i = 0; i < model->outputs->len; i++)
    g_hash_table_add (source->taken, g_strdup (nn_c_source_port (source, model->outputs, i)));
}

void
nn_c_source_finish (NnCSource *source)
{
  const NnExportModel *model = source->model;
  for (guint i = 0; i < model->outputs->len; i++)
    {
      const guint value = nn_export_output (model, i)->value;
      const char *port = nn_c_source_port (source, model->outputs, i);
      const char *place = source->place[root_of (source, value)];
      if (!g_str_equal (place, port))
        nn_c_source_line (source, "memcpy (%s, %s, %" PRId64 " * sizeof (float));", port, place,
                          nn_program_value (model->program, value)->size);
    }
}

void
nn_c_source_clear (NnCSource *source)
{
  for (guint v = 0; v < source->model->program->values->len; v++)
    g_free (source->place[v]);
  g_free (source->place);
  g_free (source->root);
  g_free (source->last);
  g_free (source->name);
  g_string_free (source->body, TRUE);
  g_string_free (source->tables, TRUE);
  g_hash_table_unref (source->sections);
  g_hash_table_unref (source->taken);
  g_array_unref (source->blocks);
}
