/* Files that are not what they claim to be: refused by name, with nothing written. */
#include <glib/gstdio.h>
#include <string.h>

#include "base/nn-error.h"
#include "formats/nn-import.h"
#include "formats/nn-npy.h"
#include "formats/nn-zip.h"
#include "formats/onnx.pb-c.h"

/* ---- a small graph: Gemm of x (batch, 3) with "w" (3, 2) gives "y" ---- */

#define MAX_NODES 7

typedef struct
{
  Onnx__ModelProto model;
  Onnx__OperatorSetIdProto opset, *opsets[1];
  Onnx__GraphProto graph;
  Onnx__NodeProto node[MAX_NODES], *nodes[MAX_NODES];
  char *inputs[MAX_NODES][2], *outputs[MAX_NODES][1];
  Onnx__TensorProto w, *tensors[2];
  gint64 dims[2];
  float values[6];
  Onnx__ValueInfoProto x, *xs[1], y, *ys[1];
  Onnx__TypeProto type;
  Onnx__TypeProto__Tensor tensor;
  Onnx__TensorShapeProto shape;
  Onnx__TensorShapeProto__Dimension sizes[2], *size[2];
  Onnx__StringStringEntryProto place, *places[1];
} Model;

static void
set_node (Model *m, guint i, const char *type, const char *a, const char *b, const char *out)
{
  onnx__node_proto__init (&m->node[i]);
  m->nodes[i] = &m->node[i];
  m->node[i].op_type = (char *)type;
  m->inputs[i][0] = (char *)a;
  m->inputs[i][1] = (char *)b;
  m->outputs[i][0] = (char *)out;
  m->node[i].n_input = b ? 2 : 1;
  m->node[i].input = m->inputs[i];
  m->node[i].n_output = 1;
  m->node[i].output = m->outputs[i];
  m->graph.n_node = i + 1;
}

static void
init_input (Model *m)
{
  onnx__value_info_proto__init (&m->x);
  onnx__value_info_proto__init (&m->y);
  onnx__type_proto__init (&m->type);
  onnx__type_proto__tensor__init (&m->tensor);
  onnx__tensor_shape_proto__init (&m->shape);
  for (guint i = 0; i < 2; i++)
    {
      onnx__tensor_shape_proto__dimension__init (&m->sizes[i]);
      m->size[i] = &m->sizes[i];
      m->sizes[i].value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
      m->sizes[i].dim_value = i == 0 ? 1 : 3;
    }
  m->shape.n_dim = 2;
  m->shape.dim = m->size;
  m->tensor.has_elem_type = TRUE;
  m->tensor.elem_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
  m->tensor.shape = &m->shape;
  m->type.value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
  m->type.tensor_type = &m->tensor;
  m->x.name = (char *)"x";
  m->x.type = &m->type;
  m->y.name = (char *)"y";
  m->xs[0] = &m->x;
  m->ys[0] = &m->y;
  m->graph.n_input = 1;
  m->graph.input = m->xs;
  m->graph.n_output = 1;
  m->graph.output = m->ys;
}

static void
init_weights (Model *m)
{
  onnx__tensor_proto__init (&m->w);
  onnx__string_string_entry_proto__init (&m->place);
  m->dims[0] = 3;
  m->dims[1] = 2;
  for (guint i = 0; i < 6; i++)
    m->values[i] = (float)i;
  m->w.name = (char *)"w";
  m->w.n_dims = 2;
  m->w.dims = m->dims;
  m->w.has_data_type = TRUE;
  m->w.data_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
  m->w.has_raw_data = TRUE;
  m->w.raw_data = (ProtobufCBinaryData){ sizeof m->values, (guint8 *)m->values };
  m->tensors[0] = m->tensors[1] = &m->w;
  m->graph.n_initializer = 1;
  m->graph.initializer = m->tensors;
}

static void
model_init (Model *m)
{
  memset (m, 0, sizeof *m);
  onnx__model_proto__init (&m->model);
  onnx__graph_proto__init (&m->graph);
  onnx__operator_set_id_proto__init (&m->opset);
  m->opset.has_version = TRUE;
  m->opset.version = 13;
  m->opsets[0] = &m->opset;
  m->model.n_opset_import = 1;
  m->model.opset_import = m->opsets;
  m->model.graph = &m->graph;
  m->graph.node = m->nodes;
  set_node (m, 0, "Gemm", "x", "w", "y");
  init_input (m);
  init_weights (m);
}

static GBytes *
model_pack (const Model *m)
{
  const gsize size = onnx__model_proto__get_packed_size (&m->model);
  guint8 *data = g_malloc (size);
  onnx__model_proto__pack (&m->model, data);
  return g_bytes_new_take (data, size);
}

static NnImport *
model_read (const Model *m, const char *folder, GError **error)
{
  g_autoptr (GBytes) bytes = model_pack (m);
  return nn_importer_for ("bad.onnx")->read (bytes, "bad.onnx", folder, NULL, error);
}

/* words: in the message. */
static void
assert_refused (GBytes *bytes, const char *name, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (nn_importer_for (name)->read (bytes, name, NULL, NULL, &error));
  g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, words));
}

/* ---- what is wrong ---- */

static void
lies_about_size (Model *m)
{
  m->w.raw_data.len -= 4;
}

static void
is_huge (Model *m)
{
  m->dims[0] = G_GINT64_CONSTANT (1) << 38;
}

static void
overflows (Model *m)
{
  m->dims[0] = m->dims[1] = G_GINT64_CONSTANT (1) << 62;
}

static void
is_negative (Model *m)
{
  m->dims[1] = -2;
}

static void
is_twice (Model *m)
{
  m->graph.n_initializer = 2;
}

static void
has_strange_numbers (Model *m)
{
  m->w.data_type = 8;
}

static void
has_many_values_to_come (Model *m)
{
  m->w.has_raw_data = FALSE;
  m->dims[0] = 1 << 30;
}

static void
goes_in_a_circle (Model *m)
{
  set_node (m, 0, "Add", "x", "b", "a");
  set_node (m, 1, "Relu", "a", NULL, "b");
  set_node (m, 2, "Relu", "b", NULL, "y");
}

static void
reads_nothing (Model *m)
{
  m->inputs[0][0] = (char *)"nowhere";
}

static void
gives_twice (Model *m)
{
  set_node (m, 1, "Relu", "x", NULL, "y");
}

static void
gives_no_output (Model *m)
{
  m->y.name = (char *)"z";
}

static void
does_not_fit (Model *m)
{
  m->sizes[1].dim_value = 4;
}

static void
has_open_sizes (Model *m)
{
  m->sizes[1].value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
  m->sizes[1].dim_param = (char *)"width";
}

static void
takes_an_unknown_operator (Model *m)
{
  m->node[0].name = (char *)"/head/Einsum";
  m->node[0].op_type = (char *)"Einsum";
}

/* The nodes of a layer normalisation, one of them with an input too few. */
static void
leaves_an_input_out (Model *m)
{
  set_node (m, 0, "ReduceMean", "x", NULL, "mean");
  set_node (m, 1, "Sub", "x", "mean", "c");
  set_node (m, 2, "Mul", "c", NULL, "square");
  set_node (m, 3, "ReduceMean", "square", NULL, "variance");
  set_node (m, 4, "Add", "variance", "w", "sum");
  set_node (m, 5, "Sqrt", "sum", NULL, "root");
  set_node (m, 6, "Div", "c", "root", "y");
  m->dims[0] = m->dims[1] = 1;
  m->w.raw_data.len = 4;
}

static void
is_too_old (Model *m)
{
  m->opset.version = 5;
}

static void
put_outside (Model *m, const char *place)
{
  m->w.has_raw_data = FALSE;
  m->w.has_data_location = TRUE;
  m->w.data_location = ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
  m->place.key = (char *)"location";
  m->place.value = (char *)place;
  m->places[0] = &m->place;
  m->w.n_external_data = 1;
  m->w.external_data = m->places;
}

static void
leads_up (Model *m)
{
  put_outside (m, "../secret");
}

static void
leads_to_root (Model *m)
{
  put_outside (m, "/etc/passwd");
}

static void
leads_nowhere (Model *m)
{
  put_outside (m, "not-there.bin");
}

static const struct
{
  const char *name;
  void (*spoil) (Model *m);
  NnErrorCode code;
  const char *says[2]; /* parts of the message */
} cases[] = {
  { "size", lies_about_size, NN_ERROR_FORMAT, { "tensor “w”", "24 bytes, but 20" } },
  { "huge", is_huge, NN_ERROR_FORMAT, { "tensor “w”", "bytes" } },
  { "overflow", overflows, NN_ERROR_FORMAT, { "tensor “w”", "axis 0" } },
  { "negative", is_negative, NN_ERROR_FORMAT, { "tensor “w”", "-2" } },
  { "twice", is_twice, NN_ERROR_FORMAT, { "tensor “w”", "twice" } },
  { "type", has_strange_numbers, NN_ERROR_FORMAT, { "tensor “w”", "8" } },
  { "values", has_many_values_to_come, NN_ERROR_FORMAT, { "tensor “w”", "0 are there" } },
  { "circle", goes_in_a_circle, NN_ERROR_FORMAT, { "(Add)", "circle" } },
  { "nothing", reads_nothing, NN_ERROR_FORMAT, { "(Gemm)", "nowhere" } },
  { "gives-twice", gives_twice, NN_ERROR_FORMAT, { "(Relu)", "“y”" } },
  { "no-output", gives_no_output, NN_ERROR_FORMAT, { "output", "“z”" } },
  { "fit", does_not_fit, NN_ERROR_FORMAT, { "(Gemm)", "4 come in" } },
  { "open", has_open_sizes, NN_ERROR_UNSUPPORTED, { "input “x”", "axis 1" } },
  { "operator", takes_an_unknown_operator, NN_ERROR_UNSUPPORTED, { "/head/Einsum", "no layer" } },
  { "left-out", leaves_an_input_out, NN_ERROR_UNSUPPORTED, { "“mean”", "(ReduceMean)" } },
  { "old", is_too_old, NN_ERROR_UNSUPPORTED, { "set 5", "6" } },
  { "up", leads_up, NN_ERROR_FORMAT, { "tensor “w”", "../secret" } },
  { "root", leads_to_root, NN_ERROR_FORMAT, { "tensor “w”", "/etc/passwd" } },
  { "nowhere", leads_nowhere, NN_ERROR_FORMAT, { "tensor “w”", "not-there.bin" } },
};

static void
test_model (gconstpointer data)
{
  const guint i = GPOINTER_TO_UINT (data);
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("diabolo-bad-XXXXXX", NULL);
  Model m;
  model_init (&m);
  g_autoptr (NnImport) sound = model_read (&m, folder, &error);
  g_assert_no_error (error);
  g_assert_nonnull (sound);
  cases[i].spoil (&m);
  g_assert_null (model_read (&m, folder, &error));
  g_assert_error (error, NN_ERROR, (gint)cases[i].code);
  for (guint k = 0; k < G_N_ELEMENTS (cases[i].says); k++)
    if (!strstr (error->message, cases[i].says[k]))
      g_error ("“%s” does not say “%s”", error->message, cases[i].says[k]);
  /* Nothing was left there. */
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* ---- data beside the file ---- */

static void
test_beside (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("diabolo-bad-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "weights.bin", NULL);
  g_autofree char *link = g_build_filename (folder, "link.bin", NULL);
  Model m;
  model_init (&m);
  g_assert_true (g_file_set_contents (path, (char *)m.values, (gssize)sizeof m.values, NULL));
  put_outside (&m, "weights.bin");
  g_autoptr (NnImport) read = model_read (&m, folder, &error);
  g_assert_no_error (error);
  const NnCheckpointEntry *entry = read->checkpoint->entries->pdata[0];
  g_assert_cmpmem (entry->value->data, entry->value->size * sizeof (float), m.values,
                   sizeof m.values);

  /* Cut short, and a link that leads elsewhere. */
  g_assert_true (g_file_set_contents (path, (char *)m.values, 20, NULL));
  g_assert_null (model_read (&m, folder, &error));
  g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "tensor “w”"));
  g_clear_error (&error);
  g_assert_cmpint (symlink ("/etc/passwd", link), ==, 0);
  put_outside (&m, "link.bin");
  g_assert_null (model_read (&m, folder, &error));
  g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
  g_unlink (link);
  g_unlink (path);
  g_rmdir (folder);
}

/* ---- messages ---- */

/* A length in front, and a key: one message more around. */
static void
wrap (GByteArray *bytes, guint8 key)
{
  guint8 head[12];
  guint n = 0;
  head[n++] = key;
  for (guint size = bytes->len; n == 1 || size > 0; size >>= 7)
    head[n++] = (guint8)((size & 0x7f) | (size > 0x7f ? 0x80 : 0));
  g_byte_array_prepend (bytes, head, n);
}

/* Graphs in attributes of nodes of graphs: a reader that follows them all runs out of stack. */
static void
test_depth (void)
{
  GByteArray *bytes = g_byte_array_new ();
  for (guint i = 0; i < 3000; i++)
    {
      wrap (bytes, 1 << 3 | 2); /* graph.node */
      wrap (bytes, 6 << 3 | 2); /* attribute.g */
      wrap (bytes, 5 << 3 | 2); /* node.attribute */
    }
  wrap (bytes, 1 << 3 | 2);
  wrap (bytes, 7 << 3 | 2); /* model.graph */
  g_autoptr (GBytes) file = g_byte_array_free_to_bytes (bytes);
  assert_refused (file, "deep.onnx", "deep");
}

/* Empty tensors, two bytes each in the file and two hundred in memory. */
static void
test_growth (void)
{
  const guint n = 2000000;
  GByteArray *bytes = g_byte_array_sized_new (2 * n + 16);
  const guint8 empty[] = { 5 << 3 | 2, 0 }; /* graph.initializer */
  for (guint i = 0; i < n; i++)
    g_byte_array_append (bytes, empty, sizeof empty);
  wrap (bytes, 7 << 3 | 2);
  g_autoptr (GBytes) file = g_byte_array_free_to_bytes (bytes);
  assert_refused (file, "many.onnx", "many.onnx");
}

/* ---- archives ---- */

/* An array of zeros, which packs to a thousandth. */
static void
test_bomb (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = nn_zip_entries_new ();
  g_autoptr (NnTensor) zeros = nn_tensor_new (&nn_shape (96 << 20));
  memset (zeros->data, 0, zeros->size * sizeof (float));
  g_autoptr (GBytes) npy = nn_npy_write (zeros);
  /* Texts are packed. */
  nn_zip_entries_add (entries, "zeros.json", npy);
  g_autoptr (GBytes) zip = nn_zip_write (entries, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (zip), <, 1 << 20);
  assert_refused (zip, "bomb.npz", "zeros.json");
}

static void
test_leading_up (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = nn_zip_entries_new ();
  g_autoptr (NnTensor) one = nn_tensor_new (&nn_shape (1));
  g_autoptr (GBytes) npy = nn_npy_write (one);
  nn_zip_entries_add (entries, "../up.npy", npy);
  g_autoptr (GBytes) zip = nn_zip_write (entries, &error);
  g_assert_no_error (error);
  assert_refused (zip, "up.npz", "../up.npy");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/import-bad/model/%s", cases[i].name);
      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_model);
    }
  g_test_add_func ("/import-bad/beside", test_beside);
  g_test_add_func ("/import-bad/depth", test_depth);
  g_test_add_func ("/import-bad/growth", test_growth);
  g_test_add_func ("/import-bad/bomb", test_bomb);
  g_test_add_func ("/import-bad/leading-up", test_leading_up);
  return g_test_run ();
}
