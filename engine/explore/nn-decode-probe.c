#include "diabolo-config.h"

#include "explore/nn-decode-probe.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "base/nn-error.h"
#include "data/nn-scaling.h"
#include "layers/nn-layer.h"

static const guint blend_samples[] = {
  [NN_BLEND_NONE] = 0,
  [NN_BLEND_STRAIGHT] = 2,
  [NN_BLEND_SPHERICAL] = 2,
  [NN_BLEND_ARITHMETIC] = 3,
};

/* ---- the decoder ---- */

static gboolean
has_output (const NnAnalysis *analysis, guint node)
{
  return node != 0 && nn_analysis_value (analysis, node, 0) >= 0
         && nn_analysis_output_shape (analysis, node, 0) != NULL;
}

/* What the output is compared with, for its shape. */
static const NnShape *
target_shape (const NnAnalysis *analysis)
{
  const guint judge = nn_analysis_judge_node (analysis);

  return judge != 0 ? nn_analysis_input_shape (analysis, judge, 1) : NULL;
}

gboolean
nn_decoder_find (const NnAnalysis *analysis, NnDecoder *decoder, GError **error)
{
  NnDesign *design = nn_analysis_design (analysis);

  *decoder = (NnDecoder){ .code = nn_analysis_code_node (analysis),
                          .output = nn_analysis_output_node (analysis) };
  if (!nn_analysis_can_train (analysis))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN, _ ("Nothing can be decoded yet: %s"),
                   nn_analysis_diagnostic (analysis, 0)->text);
      return FALSE;
    }
  if (!has_output (analysis, decoder->code))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
                   _ ("This network has no code: a narrow layer between input and output that "
                      "everything passes. Mark a layer as the code in its menu."));
      return FALSE;
    }

  const NnNode *code = nn_design_node (design, decoder->code);
  const NnEdge *mean = g_str_equal (code->type->id, "sampling")
                           ? nn_design_edge_into (design, decoder->code, 0)
                           : NULL;
  decoder->sampled = mean != NULL && nn_params_float (code->params, "beta") > 0;
  decoder->encoded = mean != NULL ? mean->from : decoder->code;
  decoder->code_shape = *nn_analysis_output_shape (analysis, decoder->code, 0);
  if (!has_output (analysis, decoder->output) || decoder->output == decoder->code
      || nn_analysis_role (analysis, decoder->output) != NN_ROLE_DECODER)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
                   _ ("This network has no decoder: nothing after its code is compared with the "
                      "input. Add layers that rebuild the input, and a reconstruction loss."));
      return FALSE;
    }
  decoder->shape = *nn_analysis_output_shape (analysis, decoder->output, 0);
  const NnShape *target = target_shape (analysis);
  if (target != NULL && nn_shape_size (target) == nn_shape_size (&decoder->shape))
    decoder->shape = *target;
  nn_data_info_pixel_range (nn_analysis_data (analysis), &decoder->shape, &decoder->black,
                            &decoder->white);
  return TRUE;
}

/* ---- the probe ---- */

static void
probe_free (NnProbe *base)
{
  NnDecodeProbe *probe = (NnDecodeProbe *)base;

  g_clear_pointer (&probe->codes, nn_tensor_unref);
  g_free (probe);
}

static void
result_free (NnProbeResult *base)
{
  NnDecodeResult *result = (NnDecodeResult *)base;

  g_clear_pointer (&result->codes, nn_tensor_unref);
  g_clear_pointer (&result->values, nn_tensor_unref);
  g_free (result);
}

static guint
n_blended (const NnDecodeProbe *probe)
{
  switch (probe->blend)
    {
    case NN_BLEND_STRAIGHT:
    case NN_BLEND_SPHERICAL:
      return probe->n_steps;
    case NN_BLEND_ARITHMETIC:
      return NN_DECODE_MAX_SAMPLES + 1;
    case NN_BLEND_NONE:
    default:
      return 0;
    }
}

/* Writes the blend's codes behind those that were given. */
static gboolean
blend (const NnDecodeProbe *probe, const NnDecoder *decoder, NnTrainer *trainer, guint n_values,
       float *out, GError **error)
{
  const guint n = blend_samples[probe->blend];
  const gsize n_part = nn_dataset_n_samples (nn_trainer_dataset (trainer), probe->part);
  const guint want = (guint)nn_analysis_value (nn_trainer_analysis (trainer), decoder->encoded, 0);
  g_autofree float *code = g_new (float, (gsize)NN_DECODE_MAX_SAMPLES *n_values);

  if (n == 0)
    return TRUE;
  for (guint i = 0; i < n; i++)
    if (probe->samples[i] >= n_part)
      {
        g_set_error (error, NN_ERROR, NN_ERROR_RANGE,
                     _ ("There is no sample %u: this part of the data set has %zu."),
                     probe->samples[i], n_part);
        return FALSE;
      }
  nn_trainer_values (trainer, probe->part, probe->samples, n, NULL, 1, &want, &code, NULL);
  if (probe->blend != NN_BLEND_ARITHMETIC)
    {
      nn_code_walk (code, code + n_values, n_values, probe->blend == NN_BLEND_SPHERICAL,
                    probe->n_steps, out);
      return TRUE;
    }
  memcpy (out, code, (gsize)n * n_values * sizeof (float));
  for (guint k = 0; k < n_values; k++)
    out[(gsize)n * n_values + k] = code[k] - code[n_values + k] + code[2 * n_values + k];
  return TRUE;
}

static gboolean
check_size (const NnDecodeProbe *probe, guint n_values, GError **error)
{
  if (probe->codes == NULL || probe->codes->shape.dim[1] == n_values)
    return TRUE;
  g_set_error (error, NN_ERROR, NN_ERROR_SHAPE, _ ("The code has %u values now, not %" PRId64 "."),
               n_values, probe->codes->shape.dim[1]);
  return FALSE;
}

static gboolean
check_finite (const NnTensor *values, GError **error)
{
  for (gsize i = 0; i < values->size; i++)
    if (!isfinite (values->data[i]))
      {
        g_set_error (error, NN_ERROR, NN_ERROR_NUMERIC,
                     _ ("The decoder gives values that are no numbers (NaN): weights have grown "
                        "beyond all bounds. Reset them, then train with a lower learning rate."));
        return FALSE;
      }
  return TRUE;
}

static gboolean
decode (NnDecodeResult *result, NnTrainer *trainer, GError **error)
{
  NnAnalysis *analysis = nn_trainer_analysis (trainer);
  const guint n = (guint)result->codes->shape.dim[0];
  const NnShape shape = nn_shape (n, nn_shape_size (&result->decoder.shape));

  result->values = nn_tensor_new (&shape);
  if (nn_trainer_run_between (trainer, (guint)nn_analysis_value (analysis, result->decoder.code, 0),
                              result->codes->data,
                              (guint)nn_analysis_value (analysis, result->decoder.output, 0),
                              result->values->data, n))
    return check_finite (result->values, error);
  g_set_error (error, NN_ERROR, NN_ERROR_DESIGN,
               _ ("The code alone does not give the output: another input joins the network after "
                  "it. Mark a later layer as the code."));
  return FALSE;
}

static NnProbeResult *
compute (NnProbe *base, NnTrainer *trainer, GError **error)
{
  const NnDecodeProbe *probe = (const NnDecodeProbe *)base;
  NnDecodeResult *result;
  NnDecoder decoder;

  if (!nn_decoder_find (nn_trainer_analysis (trainer), &decoder, error))
    return NULL;
  const guint n_values = (guint)nn_shape_size (&decoder.code_shape);
  const guint n_given = probe->codes != NULL ? (guint)probe->codes->shape.dim[0] : 0;
  const NnShape shape = nn_shape (n_given + n_blended (probe), n_values);
  if (!check_size (probe, n_values, error))
    return NULL;
  result = g_new0 (NnDecodeResult, 1);
  result->decoder = decoder;
  result->n_given = n_given;
  result->codes = nn_tensor_new (&shape);
  if (n_given > 0)
    memcpy (result->codes->data, probe->codes->data, probe->codes->size * sizeof (float));
  if (!blend (probe, &decoder, trainer, n_values, result->codes->data + (gsize)n_given * n_values,
              error)
      || !decode (result, trainer, error))
    {
      result_free (&result->base);
      return NULL;
    }
  return &result->base;
}

const NnProbeType nn_decode_probe_type = {
  .name = "decode",
  .compute = compute,
  .free_probe = probe_free,
  .free_result = result_free,
  .result_size = sizeof (NnDecodeResult),
};

NnProbe *
nn_decode_probe_new (guint id, NnTensor *codes, NnBlend blend_by, NnPart part,
                     const guint32 *samples, guint n_steps)
{
  NnDecodeProbe *probe;

  g_return_val_if_fail (codes != NULL || blend_by != NN_BLEND_NONE, NULL);
  probe = g_new0 (NnDecodeProbe, 1);
  g_atomic_ref_count_init (&probe->base.refs);
  probe->base.type = &nn_decode_probe_type;
  probe->base.id = id;
  probe->codes = codes != NULL ? nn_tensor_ref (codes) : NULL;
  probe->blend = blend_by;
  probe->part = part;
  if (blend_samples[blend_by] > 0)
    memcpy (probe->samples, samples, blend_samples[blend_by] * sizeof *samples);
  probe->n_steps = MAX (n_steps, 2);
  return &probe->base;
}

char *
nn_decode_result_to_csv (const NnDecodeResult *result)
{
  const gsize n = (gsize)result->codes->shape.dim[0], n_values = result->codes->size / n;
  const gsize size = result->values->size / n;
  GString *text = g_string_new ("place");
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  for (gsize k = 0; k < n_values; k++)
    g_string_append_printf (text, ",z%zu", k + 1);
  g_string_append (text, ",position,value\n");
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GString) begin = g_string_new (NULL);

      g_string_append_printf (begin, "%zu", i);
      for (gsize k = 0; k < n_values; k++)
        g_string_append_printf (
            begin, ",%s",
            g_ascii_formatd (number, sizeof number, "%.9g", result->codes->data[i * n_values + k]));
      for (gsize p = 0; p < size; p++)
        g_string_append_printf (
            text, "%s,%zu,%s\n", begin->str, p,
            g_ascii_formatd (number, sizeof number, "%.9g", result->values->data[i * size + p]));
    }
  return g_string_free (text, FALSE);
}

NnTensor *
nn_decode_result_to_tensor (const NnDecodeResult *result)
{
  return nn_tensor_new_samples ((gsize)result->codes->shape.dim[0], &result->decoder.shape,
                                result->values->data);
}
