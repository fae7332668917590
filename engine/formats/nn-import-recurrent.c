/* LSTM, GRU and RNN of ONNX: time before samples, gates in ONNX's order. */
#include "diabolo-config.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "base/nn-error.h"
#include "formats/nn-import-graph.h"
#include "formats/nn-onnx-cells.h"

enum
{
  INPUT_X,
  INPUT_W,
  INPUT_R,
  INPUT_B,
  INPUT_LENGTHS,
  INPUT_STATE,
  INPUT_CELL,
  INPUT_PEEPHOLES,
};

enum
{
  OUTPUT_STATES,
  OUTPUT_LAST,
  OUTPUT_CELL,
};

typedef struct
{
  const NnOnnxCell *cell;
  const NnImportConstant *w, *r, *b; /* b may be NULL */
  gsize ways, units, features;
  gboolean backwards;
  const char *activation; /* "tanh" */
} Recurrent;

/* ---- what it is ---- */

static gboolean
is_text (const ProtobufCBinaryData *bytes, const char *text)
{
  return bytes->len == strlen (text) && memcmp (bytes->data, text, bytes->len) == 0;
}

static gboolean
is_number (const Onnx__AttributeProto *attribute, gsize i, float value)
{
  return attribute && i < attribute->n_floats && fabsf (attribute->floats[i] - value) < 1e-5f;
}

/* One function for all states, sigmoids for gates. */
static gboolean
read_functions (NnImportGraph *graph, Recurrent *cell, GError **error)
{
  const Onnx__AttributeProto *names = nn_import_attribute (graph->node, "activations");
  const Onnx__AttributeProto *alpha = nn_import_attribute (graph->node, "activation_alpha");
  const Onnx__AttributeProto *beta = nn_import_attribute (graph->node, "activation_beta");
  const gsize per_way = cell->cell->functions + (cell->cell->gated ? 1 : 0);
  const NnOnnxFunction *function = nn_onnx_functions;
  cell->activation = nn_activation_info (NN_ACTIVATION_TANH)->id;
  if (!names)
    return TRUE;
  if (names->n_strings != per_way * cell->ways)
    return nn_import_bad (graph, error, _ ("it has %zu functions, but %zu were expected."),
                          names->n_strings, per_way * cell->ways);
  const ProtobufCBinaryData *state = &names->strings[cell->cell->gated ? 1 : 0];
  while (function->name && !is_text (state, function->name))
    function++;
  gboolean known = function->name != NULL;
  for (gsize i = 0; i < names->n_strings && known; i++)
    known = is_text (&names->strings[i],
                     cell->cell->gated && i % per_way == 0 ? "Sigmoid" : function->name);
  if (known && function->parameters)
    known = is_number (alpha, 0, function->alpha) && is_number (beta, 0, function->beta);
  if (!known)
    return nn_import_unsupported (graph, error,
                                  _ ("gates are sigmoids, and all states go through one function; "
                                     "here they are others."));
  cell->activation = nn_activation_info (function->activation)->id;
  return TRUE;
}

static gboolean
check_rest (NnImportGraph *graph, const Recurrent *cell, GError **error)
{
  for (guint i = INPUT_STATE; i <= INPUT_CELL; i++)
    {
      if (!nn_import_has_input (graph, i))
        continue;
      const NnImportConstant *start = nn_import_constant_input (graph, i, error);
      if (!start)
        return FALSE;
      if (!nn_import_is_uniform (start) || nn_import_number (start, 0) != 0)
        return nn_import_unsupported (graph, error, _ ("states begin at 0 here."));
    }
  if (nn_import_has_input (graph, INPUT_LENGTHS) || nn_import_has_input (graph, INPUT_PEEPHOLES)
      || nn_import_attribute (graph->node, "clip") || nn_import_int (graph, "input_forget", 0) != 0)
    return nn_import_unsupported (
        graph, error,
        _ ("sequences of different lengths, peepholes, clipped states and "
           "coupled gates are not there."));
  if (cell->cell == &nn_onnx_cell_gru && nn_import_int (graph, "linear_before_reset", 0) == 0)
    return nn_import_unsupported (
        graph, error, _ ("the reset gate acts on the product here (linear_before_reset = 1)."));
  if (graph->node->n_output > OUTPUT_CELL && *graph->node->output[OUTPUT_CELL]
      && nn_import_uses (graph, graph->node->output[OUTPUT_CELL]) > 0)
    return nn_import_unsupported (graph, error, _ ("the cell's state is not given."));
  return TRUE;
}

static gboolean
has_shape (const NnImportConstant *constant, gsize a, gsize b, gsize c)
{
  const gsize dim[] = { a, b, c };
  const guint rank = c > 0 ? 3 : 2;
  gboolean same = constant->rank == rank && !constant->endless && constant->f;
  for (guint i = 0; i < rank && same; i++)
    same = constant->dim[i] == (gint64)dim[i];
  return same;
}

static gboolean
read_recurrent (NnImportGraph *graph, const NnImportValue *x, const NnOnnxCell *kind,
                Recurrent *cell, GError **error)
{
  g_autofree char *direction = nn_import_text (graph, "direction", "forward");
  *cell = (Recurrent){ .cell = kind };
  if (x->rank != 3)
    return nn_import_bad (graph, error, _ ("it needs a sequence."));
  cell->w = nn_import_constant_input (graph, INPUT_W, error);
  cell->r = cell->w ? nn_import_constant_input (graph, INPUT_R, error) : NULL;
  if (!cell->r
      || (nn_import_has_input (graph, INPUT_B)
          && !(cell->b = nn_import_constant_input (graph, INPUT_B, error))))
    return FALSE;
  cell->ways = g_str_equal (direction, "bidirectional") ? 2 : 1;
  cell->backwards = g_str_equal (direction, "reverse");
  cell->features = (gsize)nn_import_dim (x, 2);
  cell->units = cell->r->rank == 3 && cell->r->dim[2] > 0 ? (gsize)cell->r->dim[2] : 1;
  const gsize rows = kind->parts * cell->units;
  if (!has_shape (cell->w, cell->ways, rows, cell->features)
      || !has_shape (cell->r, cell->ways, rows, cell->units)
      || (cell->b && !has_shape (cell->b, cell->ways, 2 * rows, 0)))
    return nn_import_bad (graph, error,
                          _ ("its weights do not fit %zu units on %zu values in %zu directions."),
                          cell->units, cell->features, cell->ways);
  return read_functions (graph, cell, error) && check_rest (graph, cell, error);
}

/* ---- weights ---- */

/* (parts U, rows) of one direction as (rows, parts U) in the program's order. */
static void
add_gates (NnImportGraph *graph, guint layer, const char *name, const Recurrent *cell,
           const float *from, gsize rows)
{
  const gsize units = cell->units, cols = cell->cell->parts * units;
  g_autoptr (NnTensor) tensor = nn_tensor_new (&nn_shape ((gint64)rows, (gint64)cols));
  for (gsize p = 0; p < cell->cell->parts; p++)
    for (gsize u = 0; u < units; u++)
      for (gsize r = 0; r < rows; r++)
        tensor->data[r * cols + cell->cell->order[p] * units + u] =
            from[(p * units + u) * rows + r];
  nn_import_add_weight (graph, layer, name, tensor);
}

/* The input's and the state's, which are added up where the program has one. */
static void
add_gate_bias (NnImportGraph *graph, guint layer, const char *name, const Recurrent *cell,
               const float *from)
{
  const gsize units = cell->units, cols = cell->cell->parts * units;
  const gboolean two = cell->cell->two_biases;
  g_autoptr (NnTensor) tensor =
      nn_tensor_new (two ? &nn_shape (2, (gint64)cols) : &nn_shape ((gint64)cols));
  for (gsize p = 0; p < cell->cell->parts; p++)
    for (gsize u = 0; u < units; u++)
      {
        float *to = tensor->data + cell->cell->order[p] * units + u;
        const gsize at = p * units + u;
        to[0] = from[at] + (two ? 0 : from[cols + at]);
        if (two)
          to[cols] = from[cols + at];
      }
  nn_import_add_weight (graph, layer, name, tensor);
}

static gboolean
add_recurrent (NnImportGraph *graph, const Recurrent *cell, guint from, gboolean sequences,
               guint *layer, GError **error)
{
  const gsize rows = cell->cell->parts * cell->units;
  g_autofree char *params = g_strdup_printf (
      "units=%zu activation=%s return-sequences=%s bidirectional=%s go-backwards=%s bias=%s",
      cell->units, cell->activation, sequences ? "true" : "false",
      cell->ways == 2 ? "true" : "false", cell->backwards ? "true" : "false",
      cell->b ? "true" : "false");
  if (!nn_import_add_one (graph, cell->cell->layer, params, from, layer, error))
    return FALSE;
  for (gsize way = 0; way < cell->ways; way++)
    {
      const char *prefix = way == 1 ? "backward-" : "";
      g_autofree char *kernel = g_strconcat (prefix, "kernel", NULL);
      g_autofree char *recurrent = g_strconcat (prefix, "recurrent-kernel", NULL);
      g_autofree char *bias = g_strconcat (prefix, "bias", NULL);
      add_gates (graph, *layer, kernel, cell, cell->w->f + way * rows * cell->features,
                 cell->features);
      add_gates (graph, *layer, recurrent, cell, cell->r->f + way * rows * cell->units,
                 cell->units);
      if (cell->b)
        add_gate_bias (graph, *layer, bias, cell, cell->b->f + way * 2 * rows);
    }
  return TRUE;
}

/* ---- operators ---- */

/* All states, (T, ways, N, U) or (N, T, ways, U); the last, (ways, N, U) or (N, ways, U). */
static gboolean
define_output (NnImportGraph *graph, const Recurrent *cell, guint output, guint from,
               gboolean batch_first, GError **error)
{
  const gboolean all = output == OUTPUT_STATES;
  guint layer;
  if (output >= graph->node->n_output || nn_import_uses (graph, graph->node->output[output]) == 0
      || !*graph->node->output[output])
    return TRUE;
  if (!add_recurrent (graph, cell, from, all, &layer, error))
    return FALSE;
  const gint64 steps = nn_import_layer (graph, from)->shape.dim[0];
  const gint64 sizes[] = { steps, (gint64)cell->ways, (gint64)cell->units };
  const guint time_first[] = { 0, 1, 3 }, samples_first[] = { 1, 2, 3 };
  const guint last_time_first[] = { 0, 2 }, last_samples_first[] = { 1, 2 };
  const guint *axes = all ? (batch_first ? samples_first : time_first)
                          : (batch_first ? last_samples_first : last_time_first);
  const guint batch = batch_first ? 0 : all ? 2 : 1;
  NnImportValue y =
      nn_import_view_sizes (layer, axes, all ? sizes : sizes + 1, all ? 3 : 2, all ? 4 : 3, batch);
  y.turned = all && cell->backwards && steps > 1;
  nn_import_define (graph, output, &y);
  return TRUE;
}

static gboolean
recurrent (NnImportGraph *graph, const NnOnnxCell *kind, GError **error)
{
  const NnImportValue *x = nn_import_layer_input (graph, INPUT_X, error);
  const gboolean batch_first = nn_import_int (graph, "layout", 0) != 0;
  const guint axes[] = { batch_first ? 1 : 0, 2 };
  Recurrent cell;
  guint from;
  if (!x || !read_recurrent (graph, x, kind, &cell, error))
    return FALSE;
  if (nn_import_batch_axis (x) != (batch_first ? 0 : 1))
    return nn_import_unsupported (graph, error, _ ("it mixes samples of a batch with each other."));
  return nn_import_arrange (graph, x, axes, 2, &from, error)
         && define_output (graph, &cell, OUTPUT_STATES, from, batch_first, error)
         && define_output (graph, &cell, OUTPUT_LAST, from, batch_first, error);
}

static gboolean
op_lstm (NnImportGraph *graph, GError **error)
{
  return recurrent (graph, &nn_onnx_cell_lstm, error);
}

static gboolean
op_gru (NnImportGraph *graph, GError **error)
{
  return recurrent (graph, &nn_onnx_cell_gru, error);
}

static gboolean
op_rnn (NnImportGraph *graph, GError **error)
{
  return recurrent (graph, &nn_onnx_cell_rnn, error);
}

const NnImportOp nn_import_recurrent_ops[] = {
  { "LSTM", op_lstm },
  { "GRU", op_gru },
  { "RNN", op_rnn },
  { NULL, NULL },
};

/* ---- what several nodes say ---- */

/* A value that a recurrent layer gives as it is, each step; or NULL. */
static NnImportLayer *
sequence_layer (NnImportGraph *graph, const NnImportValue *value)
{
  static const NnOnnxCell *const cells[] = { &nn_onnx_cell_lstm, &nn_onnx_cell_gru,
                                             &nn_onnx_cell_rnn };
  if (!value || value->constant || value->problem)
    return NULL;
  NnImportLayer *layer = nn_import_layer (graph, value->layer);
  for (guint i = 0; i < G_N_ELEMENTS (cells); i++)
    if (g_str_equal (cells[i]->layer, layer->type->id)
        && nn_params_bool (layer->params, "return-sequences"))
      return layer;
  return NULL;
}

static const NnImportValue *
found_input (NnImportGraph *graph, guint i)
{
  return i < graph->node->n_input ? nn_import_find (graph, graph->node->input[i]) : NULL;
}

gboolean
nn_import_both_ways (NnImportGraph *graph, const char *merge, GError **error)
{
  static const struct
  {
    const char *type, *merge;
  } merges[] = {
    { "concatenate", "concatenate" },
    { "add", "sum" },
    { "average", "average" },
    { "multiply", "multiply" },
  };
  const NnImportValue *a = found_input (graph, 0), *b = found_input (graph, 1);
  NnImportLayer *there = sequence_layer (graph, a), *back = sequence_layer (graph, b);
  guint m = 0, layer;
  if (!there || !back || a->turned || !b->turned || there->type != back->type
      || there->from[0] != back->from[0] || nn_params_bool (there->params, "bidirectional")
      || memcmp (a->group, b->group, sizeof a->group) != 0
      || memcmp (a->order, b->order, sizeof a->order) != 0
      || memcmp (a->atom, b->atom, sizeof a->atom) != 0)
    return FALSE;
  while (m < G_N_ELEMENTS (merges) && !g_str_equal (merges[m].type, merge))
    m++;
  if (m == G_N_ELEMENTS (merges))
    return FALSE;
  g_autofree char *params = g_strdup_printf (
      "units=%" PRId64 " activation=%s return-sequences=true bidirectional=true merge=%s "
      "bias=%s",
      nn_params_int (there->params, "units"), nn_params_text (there->params, "activation"),
      merges[m].merge, nn_params_bool (there->params, "bias") ? "true" : "false");
  if (!nn_import_add_one (graph, there->type->id, params, there->from[0], &layer, error))
    return FALSE;
  for (guint i = 0; i < there->weights->len; i++)
    {
      const NnNamedTensor *one = there->weights->pdata[i], *other = back->weights->pdata[i];
      g_autofree char *name = g_strconcat ("backward-", other->name, NULL);
      nn_import_add_weight (graph, layer, one->name, one->tensor);
      nn_import_add_weight (graph, layer, name, other->tensor);
    }
  guint axes[NN_IMPORT_MAX_AXES];
  nn_import_memory_axes (a, axes);
  const NnImportValue y =
      nn_import_view (graph, layer, axes, a->rank, (guint)MAX (nn_import_batch_axis (a), 0));
  nn_import_define (graph, 0, &y);
  return TRUE;
}

gboolean
nn_import_last_step (NnImportGraph *graph, GError **error)
{
  const NnImportValue *x = found_input (graph, 0), *index = found_input (graph, 1);
  NnImportLayer *whole = sequence_layer (graph, x);
  guint axis, layer, axes[NN_IMPORT_MAX_AXES];
  if (!whole || x->turned || nn_params_bool (whole->params, "bidirectional") || !index
      || !index->constant || !index->constant->i || index->constant->n != 1
      || index->constant->rank != 0 || x->rank != 3
      || !nn_import_axis (graph, nn_import_int (graph, "axis", 0), x->rank, &axis, error))
    return FALSE;
  const gint64 steps = nn_import_dim (x, axis), at = index->constant->i[0];
  nn_import_memory_axes (x, axes);
  if (axes[0] != axis || (at != -1 && at != steps - 1) || !nn_import_lies (graph, x, axes, 2))
    return FALSE;
  g_autoptr (GString) params = g_string_new ("return-sequences=false");
  static const char *const kept[] = { "units", "activation", "bias" };
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    {
      g_autofree char *text = nn_params_to_text (whole->params, kept[i]);
      g_string_append_printf (params, " %s=%s", kept[i], text);
    }
  if (!nn_import_add_one (graph, whole->type->id, params->str, whole->from[0], &layer, error))
    return FALSE;
  for (guint i = 0; i < whole->weights->len; i++)
    {
      const NnNamedTensor *weight = whole->weights->pdata[i];
      nn_import_add_weight (graph, layer, weight->name, weight->tensor);
    }
  const gint batch = nn_import_batch_axis (x);
  const guint gone_before = batch > (gint)axis ? 1 : 0,
              left = axes[1] > axis ? axes[1] - 1 : axes[1];
  const NnImportValue y = nn_import_view (graph, layer, &left, 2, (guint)batch - gone_before);
  nn_import_define (graph, 0, &y);
  return TRUE;
}
