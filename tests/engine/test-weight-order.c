/* Weights under the names of other programs, by shape and order: what a network of PyTorch's or
 * Keras's has comes to the same place, turned where it must be. */
#include <glib/gstdio.h>
#include <string.h>

#include "base/nn-rng.h"
#include "formats/nn-export.h"
#include "formats/nn-weight-order.h"
#include "formats/nn-weight-tensors.h"
#include "model/nn-initialiser.h"

#include "model-test.h"
#include "nn-test-data.h"

#define FILTERS 3
#define SIDE 4 /* of the images behind the convolution */

static NnAnalysis *
make_network (NnDataset *dataset)
{
  NnDesign *design = nn_design_new ();
  guint last = nn_test_add (&design, "input", NULL, 0);
  last = nn_test_add (&design, "conv2d", "filters=3 stride=2", last);
  last = nn_test_add (&design, "batch-norm", NULL, last);
  last = nn_test_add (&design, "depthwise-conv2d", "kernel-size=3", last);
  last = nn_test_add (&design, "flatten", NULL, last);
  last = nn_test_add (&design, "dropout", NULL, last);
  last = nn_test_add (&design, "dense", "units=5", last);
  last = nn_test_add (&design, "dense", "units=5 bias=false", last);
  last = nn_test_add (&design, "dense", "units=4 activation=softmax", last);
  nn_test_add (&design, "classification-loss", NULL, last);
  NnAnalysis *analysis = nn_analysis_new (design, nn_dataset_info (dataset), 0);
  nn_design_unref (design);
  return analysis;
}

/* Values that tell where they come from: 1000 weight + position. */
static NnTensor *
numbered (const NnShape *shape, guint weight)
{
  NnTensor *tensor = nn_tensor_new (shape);
  for (gsize i = 0; i < tensor->size; i++)
    tensor->data[i] = (float)(1000 * weight + i);
  return tensor;
}

typedef struct
{
  const char *name; /* of the tensor */
  guint weight;     /* of the program; UINT_MAX: of none */
  NnShape shape;    /* in the file */
  guint order[4];   /* axes of the program's weight, seen as view, in the file */
  NnShape view;     /* rank 0: as it is */
} Case;

/* The weights of the network, in the order of the program: kernel and bias of the convolution;
 * mean, variance, scale and centre; kernel and bias; kernel and bias; kernel; kernel and bias. */
static const Case torch[] = {
  { "layers.10.bias", 12, { 1, { 4 } } },
  { "layers.10.weight", 11, { 2, { 4, 5 } }, { 1, 0 }, { 2, { 5, 4 } } },
  { "layers.2.bias", 9, { 1, { 5 } } },
  /* (units, channels, height, width), where ours is (height, width, channels, units) */
  { "layers.2.weight",
    8,
    { 2, { 5, FILTERS *SIDE *SIDE } },
    { 3, 2, 0, 1 },
    { 4, { SIDE, SIDE, FILTERS, 5 } } },
  { "layers.9.weight", 10, { 2, { 5, 5 } }, { 1, 0 }, { 2, { 5, 5 } } },
  { "stem.bn.bias", 5, { 1, { FILTERS } } },
  { "stem.bn.num_batches_tracked", G_MAXUINT, { 1, { 1 } } },
  { "stem.bn.running_mean", 2, { 1, { FILTERS } } },
  { "stem.bn.running_var", 3, { 1, { FILTERS } } },
  { "stem.bn.weight", 4, { 1, { FILTERS } } },
  { "stem.conv.bias", 1, { 1, { FILTERS } } },
  { "stem.conv.weight",
    0,
    { 4, { FILTERS, 1, 3, 3 } },
    { 3, 2, 0, 1 },
    { 4, { 3, 3, 1, FILTERS } } },
  { "stem.deep.bias", 7, { 1, { FILTERS } } },
  { "stem.deep.weight",
    6,
    { 4, { FILTERS, 1, 3, 3 } },
    { 3, 2, 0, 1 },
    { 4, { 3, 3, 1, FILTERS } } },
};

static guint
weight_number (NnProgram *program, const NnWeightMatch *match)
{
  for (guint i = 0; i < program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program, i);
      if (weight->node == match->node && g_strcmp0 (weight->name, match->weight) == 0)
        return i;
    }
  g_assert_not_reached ();
}

static void
test_torch (void)
{
  g_autoptr (NnDataset) dataset = nn_test_dataset (8);
  g_autoptr (NnAnalysis) analysis = make_network (dataset);
  NnProgram *program = nn_analysis_program (analysis);
  g_autoptr (GPtrArray) tensors = nn_named_tensors_new ();
  for (guint i = 0; i < G_N_ELEMENTS (torch); i++)
    {
      const NnShape *shape = torch[i].weight == G_MAXUINT
                                 ? &torch[i].shape
                                 : &nn_program_weight (program, torch[i].weight)->shape;
      g_autoptr (NnTensor) ours = numbered (shape, torch[i].weight);
      g_autoptr (NnTensor) theirs = nn_tensor_new (&torch[i].shape);
      g_assert_cmpuint (ours->size, ==, theirs->size);
      if (torch[i].view.rank > 0)
        nn_permute_floats (ours->data, &torch[i].view, torch[i].order, theirs->data);
      else
        memcpy (theirs->data, ours->data, ours->size * sizeof (float));
      nn_named_tensors_add (tensors, torch[i].name, theirs);
    }
  g_autoptr (GPtrArray) matches = nn_weight_match_any (tensors, analysis);
  g_assert_cmpuint (nn_weight_match_count (matches, NN_MATCH_SURPLUS), ==, 1);
  g_assert_cmpuint (nn_weight_match_count (matches, NN_MATCH_FITS), ==, program->weights->len);
  for (guint i = 0; i < matches->len; i++)
    {
      const NnWeightMatch *match = matches->pdata[i];
      if (match->kind != NN_MATCH_FITS)
        continue;
      const guint number = weight_number (program, match);
      g_autoptr (NnTensor) expected = numbered (&match->wanted, number);
      g_assert_nonnull (match->from);
      g_assert_cmpmem (match->tensor->data, match->tensor->size * sizeof (float), expected->data,
                       expected->size * sizeof (float));
    }
  /* Without being looked at first, names decide. */
  g_autoptr (GError) error = NULL;
  g_assert_null (nn_weight_tensors_to_checkpoint (tensors, "file", analysis, &error));
  g_assert_nonnull (error);
}

/* A layer too few, one of another shape: what is before it fits, the rest is missing. */
static void
test_some (void)
{
  g_autoptr (NnDataset) dataset = nn_test_dataset (8);
  g_autoptr (NnAnalysis) analysis = make_network (dataset);
  g_autoptr (GPtrArray) tensors = nn_named_tensors_new ();
  g_autoptr (NnTensor) kernel = numbered (&nn_shape (FILTERS, 1, 3, 3), 1);
  g_autoptr (NnTensor) bias = numbered (&nn_shape (FILTERS), 2);
  g_autoptr (NnTensor) other = numbered (&nn_shape (7, 5), 3);
  nn_named_tensors_add (tensors, "conv1.weight", kernel);
  nn_named_tensors_add (tensors, "conv1.bias", bias);
  nn_named_tensors_add (tensors, "fc.weight", other);
  g_autoptr (GPtrArray) matches = nn_weight_match_any (tensors, analysis);
  g_assert_cmpuint (nn_weight_match_count (matches, NN_MATCH_FITS), ==, 2);
  g_assert_cmpuint (nn_weight_match_count (matches, NN_MATCH_SURPLUS), ==, 1);
  g_assert_cmpstr (((NnWeightMatch *)matches->pdata[0])->from, ==, "conv1.weight");
}

/* What the program's own script for PyTorch has beside it comes back whole. */
static void
test_own_script (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnDataset) dataset = nn_test_dataset (8);
  g_autoptr (NnAnalysis) analysis = make_network (dataset);
  NnProgram *program = nn_analysis_program (analysis);
  g_autoptr (NnCheckpoint) checkpoint = nn_checkpoint_new ();
  for (guint i = 0; i < program->weights->len; i++)
    {
      const NnWeight *weight = nn_program_weight (program, i);
      g_autoptr (NnTensor) tensor = nn_tensor_new (&weight->shape);
      NnRng rng;
      nn_rng_init (&rng, i, 0, 0, 0);
      for (gsize k = 0; k < tensor->size; k++)
        tensor->data[k] = 0.5f + nn_rng_uniform (&rng);
      nn_checkpoint_add (checkpoint, weight->node, weight->name, tensor, NULL, 0);
    }
  g_autoptr (NnExportSource) source =
      nn_export_source_new (nn_analysis_design (analysis), analysis, checkpoint, NN_EXPORT_ALL);
  g_autofree char *folder = g_dir_make_tmp ("weight-order-XXXXXX", NULL);
  g_autofree char *script = g_build_filename (folder, "x.py", NULL);
  g_autofree char *path = g_build_filename (folder, "x.safetensors", NULL);
  nn_export_write (nn_exporter ("pytorch"), source, script, NULL, &error);
  g_assert_no_error (error);
  char *contents;
  gsize size;
  g_assert_true (g_file_get_contents (path, &contents, &size, NULL));
  g_autoptr (GBytes) bytes = g_bytes_new_take (contents, size);
  g_autoptr (GPtrArray) tensors = nn_safetensors_read (bytes, path, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) matches = nn_weight_match_any (tensors, analysis);
  g_assert_cmpuint (nn_weight_match_count (matches, NN_MATCH_FITS), ==, program->weights->len);
  for (guint i = 0; i < matches->len; i++)
    {
      const NnWeightMatch *match = matches->pdata[i];
      if (match->kind != NN_MATCH_FITS)
        continue;
      const NnTensor *was = nn_checkpoint_find (checkpoint, match->node, match->weight)->value;
      g_assert_cmpmem (match->tensor->data, match->tensor->size * sizeof (float), was->data,
                       was->size * sizeof (float));
    }
  g_unlink (script);
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/weight-order/torch", test_torch);
  g_test_add_func ("/weight-order/some", test_some);
  g_test_add_func ("/weight-order/own-script", test_own_script);
  return g_test_run ();
}
