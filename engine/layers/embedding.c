/* Embedding: a trained row of values for each whole number or class, as Keras. */
#include "diabolo-config.h"

#include "base/nn-error.h"
#include "layers/nn-layer-params.h"
#include "ops/nn-op.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>

typedef enum
{
  READS_NUMBERS,
  READS_CLASSES,
} Reads;

static const NnChoice reads[] = {
  { "numbers", N_ ("Whole numbers"), N_ ("0, 1, 2 … name the rows; any other number is row 0") },
  { "classes", N_ ("Classes"), N_ ("One value a class, as labels have; the largest one counts") },
  { NULL },
};

static const NnParamSpec embedding_params[] = {
  { .name = "units",
    .title = N_ ("Units"),
    .tip = N_ ("How many values stand for one number."),
    .type = NN_PARAM_INT,
    .flags = NN_PARAM_STRUCTURAL,
    .def = 8,
    .min = 1,
    .max = 65536 },
  { .name = "reads",
    .title = N_ ("Reads"),
    .tip = N_ ("What comes in: numbers that name a row, or a label with one value a class."),
    .type = NN_PARAM_CHOICE,
    .flags = NN_PARAM_STRUCTURAL,
    .def_text = "numbers",
    .choices = reads },
  { .name = "entries",
    .title = N_ ("Entries"),
    .tip = N_ ("How many different numbers there are, from 0; others count as 0, the unknown one."),
    .type = NN_PARAM_INT,
    .flags = NN_PARAM_STRUCTURAL,
    .def = 100,
    .min = 1,
    .max = 10000000,
    .shown_if = "reads=numbers" },
  { .name = "initialiser",
    .title = N_ ("Initialiser"),
    .tip = N_ ("How the rows are drawn before training."),
    .type = NN_PARAM_CHOICE,
    .flags = NN_PARAM_STRUCTURAL | NN_PARAM_ADVANCED,
    .def_text = "random-uniform",
    .choices = nn_initialiser_choices },
  { NULL },
};

static NnEmbeddingAttrs
attrs_of (const NnParams *params, const NnShape *in)
{
  const gboolean one_hot = nn_params_choice (params, "reads") == READS_CLASSES;
  return (NnEmbeddingAttrs){
    .entries = one_hot ? in->dim[in->rank - 1] : nn_params_int (params, "entries"),
    .units = nn_params_int (params, "units"),
    .one_hot = one_hot,
  };
}

static gboolean
embedding_infer (const NnParams *params, const NnInferContext *context, NnShape *out,
                 GError **error)
{
  const NnShape *in = &context->in[0];
  g_autofree char *shape = nn_shape_to_string (in);
  const gboolean one_hot = nn_params_choice (params, "reads") == READS_CLASSES;
  if (one_hot ? in->rank < 1 : in->rank >= NN_MAX_RANK)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                   one_hot ? _ ("needs one value a class, but gets %s")
                           : _ ("cannot give each value of %s a row of its own: too many axes"),
                   shape);
      return FALSE;
    }
  const NnEmbeddingAttrs attrs = attrs_of (params, in);
  out[0] = *in;
  out[0].rank += one_hot ? 0 : 1;
  out[0].dim[out[0].rank - 1] = attrs.units;
  if (nn_shape_size (&out[0]) < 0 || nn_shape_size (&nn_shape (attrs.entries, attrs.units)) < 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                   _ ("%" PRId64 " units for %" PRId64 " entries, on %s, are too many"),
                   attrs.units, attrs.entries, shape);
      return FALSE;
    }
  return TRUE;
}

static void
embedding_lower (const NnParams *params, NnLowering *lowering)
{
  const guint in = (guint)nn_lowering_input (lowering, 0);
  const NnEmbeddingAttrs attrs = attrs_of (params, nn_lowering_shape (lowering, in));
  const guint table = nn_lowering_weight (lowering, "table", &nn_shape (attrs.entries, attrs.units),
                                          nn_params_choice (params, "initialiser"), attrs.entries,
                                          attrs.units, 0, 0);
  const guint out = nn_lowering_value (lowering, nn_lowering_output_shape (lowering, 0));
  nn_lowering_op (lowering, &nn_op_embedding, &attrs, 1, &in, 1, &out, 1, &table);
  nn_lowering_output (lowering, 0, out);
}

static char *
embedding_describe (const NnParams *params)
{
  return g_strdup_printf (_ ("Embedding · %" PRId64), nn_params_int (params, "units"));
}

static const NnLayerTest embedding_tests[] = {
  { "sequence", "units=3 entries=4", { "5" }, .whole = TRUE },
  { "one number", "units=4 entries=3", { "1" }, .whole = TRUE },
  { "two axes", "units=2 entries=4", { "3x2" }, .whole = TRUE },
  { "label", "units=3 reads=classes", { "4" }, .whole = TRUE },
  { "sequence of classes", "units=2 reads=classes", { "3x4" }, .whole = TRUE },
  { NULL },
};

const NnLayerType nn_layer_embedding = {
  .id = "embedding",
  .version = 1,
  .title = N_ ("Embedding"),
  .category = NN_CATEGORY_SEQUENCE,
  .icon = "nn-embedding-symbolic",
  .summary = N_ ("values for each number"),
  .when_to_use = N_ ("For words, classes or other names in numbers: each gets a place of its own "
                     "among the others, which training finds. Reads a label, too."),
  .params = embedding_params,
  .inputs = nn_ports_in,
  .outputs = nn_ports_out,
  .infer = embedding_infer,
  .lower = embedding_lower,
  .describe = embedding_describe,
  .tests = embedding_tests,
};
