/* DOT: the network for Graphviz, in the manner of Keras's plot_model: each layer with its type and
 * the shapes that come in and go out (https://graphviz.org/doc/info/lang.html). */
#include "diabolo-config.h"

#include "formats/nn-export.h"
#include "formats/nn-replace.h"
#include "layers/nn-layer.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>
#include <string.h>

/* Port of an objective that takes what it compares with (nn_loss_ports_in). */
#define TARGET 1

static const struct
{
  NnRole role;
  const char *id, *title, *color;
} groups[] = {
  { NN_ROLE_ENCODER, "cluster_encoder", N_ ("Encoder"), "#eff5fd" },
  { NN_ROLE_CODE, "cluster_code", N_ ("Code"), "#fcf5e2" },
  { NN_ROLE_DECODER, "cluster_decoder", N_ ("Decoder"), "#edf7f2" },
};

/* Text inside a field of a record. */
static void
append_field (GString *dot, const char *text)
{
  for (const char *p = text; *p; p++)
    if (*p == '\n')
      g_string_append (dot, "\\n");
    else
      {
        if (strchr ("\\\"{}|<> ", *p))
          g_string_append_c (dot, '\\');
        g_string_append_c (dot, *p);
      }
}

/* Text inside quotes. */
static void
append_quoted (GString *dot, const char *text)
{
  g_string_append_c (dot, '"');
  for (const char *p = text; *p; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_c (dot, '\\');
      g_string_append_c (dot, *p);
    }
  g_string_append_c (dot, '"');
}

static void
append_shape (GString *dot, const NnShape *shape)
{
  g_autofree char *size = shape && shape->rank >= 0 ? nn_shape_to_string (shape) : g_strdup ("?");
  g_autofree char *text = g_strdup_printf ("N×%s", size);
  append_field (dot, text);
}

static void
append_node (GString *dot, const NnExportSource *source, const NnNode *node)
{
  const guint n_in = nn_layer_n_inputs (node->type), n_out = nn_layer_n_outputs (node->type);
  const gint64 weights = nn_analysis_node_weights (source->analysis, node->id);
  g_autofree char *type =
      node->type->describe ? node->type->describe (node->params) : g_strdup (_ (node->type->title));
  g_string_append_printf (dot, "    n%u [label=\"{", node->id);
  append_field (dot, node->name);
  g_string_append_c (dot, '|');
  append_field (dot, type);
  if (n_in > 0)
    {
      g_string_append_c (dot, '|');
      append_field (dot, _ ("in: "));
      for (guint i = 0, shown = 0; i < n_in; i++)
        {
          const NnShape *shape = nn_analysis_input_shape (source->analysis, node->id, i);
          if (!nn_design_edge_into (source->design, node->id, i))
            continue;
          g_string_append (dot, shown++ ? ",\\ " : "");
          append_shape (dot, shape);
        }
    }
  if (n_out > 0)
    {
      g_string_append_c (dot, '|');
      append_field (dot, _ ("out: "));
      append_shape (dot, nn_analysis_output_shape (source->analysis, node->id, 0));
    }
  if (weights > 0)
    {
      g_autofree char *text = g_strdup_printf (_ ("%" PRId64 " parameters"), weights);
      g_string_append_c (dot, '|');
      append_field (dot, text);
    }
  g_string_append (dot, "}\"];\n");
}

static gboolean
has_group (const NnExportSource *source, NnRole role)
{
  return role != NN_ROLE_DECODER || nn_analysis_has_decoder (source->analysis);
}

/* role NN_ROLE_NONE: those that stand in no group. */
static void
append_nodes (GString *dot, const NnExportSource *source, NnRole role)
{
  for (guint i = 0; i < nn_design_n_nodes (source->design); i++)
    {
      const NnNode *node = nn_design_node_at (source->design, i);
      NnRole group = NN_ROLE_NONE;
      for (guint g = 0; g < G_N_ELEMENTS (groups); g++)
        if (nn_analysis_role (source->analysis, node->id) == groups[g].role
            && has_group (source, groups[g].role))
          group = groups[g].role;
      if (group == role)
        append_node (dot, source, node);
    }
}

static void
append_groups (GString *dot, const NnExportSource *source)
{
  for (guint g = 0; g < G_N_ELEMENTS (groups); g++)
    {
      if (!has_group (source, groups[g].role))
        continue;
      g_string_append_printf (dot, "  subgraph %s {\n    label=", groups[g].id);
      append_quoted (dot, _ (groups[g].title));
      g_string_append_printf (dot, "; style=\"rounded,filled\"; color=\"%s\";\n", groups[g].color);
      append_nodes (dot, source, groups[g].role);
      g_string_append (dot, "  }\n");
    }
}

static gboolean
is_target (const NnDesign *design, const NnEdge *edge)
{
  return edge->to_port == TARGET
         && (nn_design_node (design, edge->to)->type->flags & NN_LAYER_OBJECTIVE);
}

/* Targets are dashed and do not pull their objective to the front. */
static char *
dot_text (const NnExportSource *source, GError **error)
{
  const NnDesign *design = source->design;
  const char *title = nn_design_title (design);
  GString *dot = g_string_new ("digraph ");
  append_quoted (dot, title && *title ? title : _ ("Network"));
  g_string_append (dot, " {\n  rankdir=LR;\n  fontname=\"sans-serif\";\n"
                        "  node [shape=record, style=\"filled\", fillcolor=\"white\", "
                        "color=\"#8b8b8b\", fontname=\"sans-serif\", fontsize=11];\n"
                        "  edge [color=\"#8b8b8b\"];\n");
  append_nodes (dot, source, NN_ROLE_NONE);
  if (nn_analysis_code_node (source->analysis))
    append_groups (dot, source);
  for (guint i = 0; i < nn_design_n_edges (design); i++)
    {
      const NnEdge *edge = nn_design_edge_at (design, i);
      g_string_append_printf (dot, "  n%u -> n%u%s;\n", edge->from, edge->to,
                              is_target (design, edge) ? " [style=dashed, constraint=false]" : "");
    }
  g_string_append (dot, "}\n");
  return g_string_free (dot, FALSE);
}

static gboolean
dot_write (const NnExportSource *source, const char *path, const NnExportJob *job, GError **error)
{
  char *text = dot_text (source, error);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));
  if (!nn_replace_file (path, bytes, job->cancellable, error))
    return FALSE;
  nn_export_progress (job, 1);
  return TRUE;
}

const NnExporter nn_exporter_dot = {
  .id = "dot",
  .group = NN_EXPORT_FOR_FIGURES,
  .title = "DOT",
  .extension = ".dot",
  .summary = N_ ("graph for Graphviz"),
  .use = N_ ("The network with its shapes as text that Graphviz lays out and draws, for figures "
             "that are made to measure."),
  .parts = 1 << NN_EXPORT_ALL,
  .needs = NN_EXPORT_NETWORK,
  .preview = dot_text,
  .write = dot_write,
};
