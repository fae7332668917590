#include "diabolo-config.h"

#include "formats/nn-coder.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/nn-error.h"
#include "layers/nn-layer.h"
#include "model/nn-plan.h"

struct _NnCoder
{
  NnExportSource *source; /* owned: of the coder's own part */
  NnExportModel *model;   /* owned */
  NnPool *pool;           /* owned */
  NnPlan *plan;           /* owned */
  guint want;             /* value that comes out */
};

void
nn_coder_free (NnCoder *coder)
{
  if (!coder)
    return;
  g_clear_pointer (&coder->plan, nn_plan_free);
  g_clear_pointer (&coder->pool, nn_pool_free);
  g_clear_pointer (&coder->model, nn_export_model_free);
  g_clear_pointer (&coder->source, nn_export_source_unref);
  g_free (coder);
}

/* A data set may have been changed since the network was worked out. */
static gboolean
check_dataset (const NnExportModel *model, GError **error)
{
  const NnDataInfo *info = nn_dataset_info (model->source->dataset);
  for (guint i = 0; i < model->inputs->len; i++)
    {
      const NnExportPort *port = nn_export_input (model, i);
      const NnShape *shape = &nn_program_value (model->program, port->value)->shape;
      const NnField *field = nn_data_info_field (info, port->name, NULL);
      g_autofree char *wanted = nn_shape_to_string (shape);
      if (field && nn_shape_equal (&field->shape, shape))
        continue;
      if (!field)
        g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                     _ ("The network reads a field “%s” of shape %s, which the data set “%s” does "
                        "not have."),
                     port->name, wanted, info->title);
      else
        {
          g_autofree char *found = nn_shape_to_string (&field->shape);
          g_set_error (error, NN_ERROR, NN_ERROR_SHAPE,
                       _ ("The network reads “%s” as %s, but in the data set “%s” it is %s."),
                       port->name, wanted, info->title, found);
        }
      return FALSE;
    }
  return TRUE;
}

/* Nothing but the code goes in. */
static gboolean
check_decoder (const NnExportModel *model, GError **error)
{
  for (guint i = 0; i < model->inputs->len; i++)
    if (nn_export_input (model, i)->field)
      {
        g_set_error (error, NN_ERROR, NN_ERROR_UNSUPPORTED,
                     _ ("The decoder needs “%s” of each sample beside its code."),
                     nn_export_input (model, i)->name);
        return FALSE;
      }
  return TRUE;
}

NnCoder *
nn_coder_new (const NnExportSource *source, NnExportPart part, GError **error)
{
  const gboolean decoder = part == NN_EXPORT_DECODER;
  g_return_val_if_fail (decoder || source->dataset, NULL);

  if (part != NN_EXPORT_ALL && !nn_analysis_code_node (source->analysis))
    {
      g_set_error_literal (error, NN_ERROR, NN_ERROR_DESIGN,
                           _ ("This network has no code: no layer that everything has to pass is "
                              "narrower than the input. Make one, or mark a layer as the code."));
      return NULL;
    }
  g_autoptr (NnCoder) coder = g_new0 (NnCoder, 1);
  coder->source = nn_export_source_with (source, part, source->dataset, NULL);
  coder->model = nn_export_model_new (coder->source, error);
  if (!coder->model
      || !(decoder ? check_decoder (coder->model, error) : check_dataset (coder->model, error)))
    return NULL;
  coder->want = nn_export_output (coder->model, 0)->value;
  coder->pool = nn_pool_new (0);
  /* Not the model's input, which is the mean where the code is drawn: the program goes on from what
   * was drawn. */
  const gint code =
      nn_analysis_value (source->analysis, nn_analysis_code_node (source->analysis), 0);
  const NnPlanView view = {
    .from = decoder ? code : -1,
    .want = &coder->want,
    .n_want = 1,
  };
  coder->plan =
      nn_plan_new_view (coder->model->program, NN_PLAN_VIEW_BATCH, &view, NULL, coder->pool);
  if (coder->plan)
    return g_steal_pointer (&coder);
  g_set_error (error, NN_ERROR, NN_ERROR_DESIGN, _ ("“%s” does not follow from the code alone."),
               nn_export_output (coder->model, 0)->name);
  return NULL;
}

const NnShape *
nn_coder_shape (const NnCoder *coder)
{
  return &nn_program_value (coder->model->program, coder->want)->shape;
}

gsize
nn_coder_size (const NnCoder *coder)
{
  return (gsize)nn_program_value (coder->model->program, coder->want)->size;
}

const NnExportModel *
nn_coder_model (const NnCoder *coder)
{
  return coder->model;
}

static void
add_settings (GChecksum *sum, const NnNode *node)
{
  g_checksum_update (sum, (const guchar *)node->type->id, -1);
  for (const NnParamSpec *spec = nn_params_specs (node->params); spec && spec->name; spec++)
    {
      g_autofree char *text = nn_params_to_text (node->params, spec->name);
      g_checksum_update (sum, (const guchar *)spec->name, -1);
      g_checksum_update (sum, (const guchar *)text, -1);
    }
}

void
nn_coder_fingerprint (const NnCoder *coder, guint8 fingerprint[16])
{
  const NnExportModel *model = coder->model;
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize size = sizeof digest;
  for (guint i = 0; i < nn_export_model_n_ops (model); i++)
    {
      const NnOp *op = nn_export_model_op (model, i);
      const NnNode *node = nn_design_node (model->source->design, op->node);
      g_checksum_update (sum, (const guchar *)op->type->name, -1);
      if (node)
        add_settings (sum, node);
      for (guint k = 0; k < op->n_weights; k++)
        {
          const NnWeight *weight = nn_program_weight (model->program, op->weight[k]);
          g_checksum_update (sum, (const guchar *)model->weights[op->weight[k]],
                             (gssize)weight->size * (gssize)sizeof (float));
        }
    }
  g_checksum_get_digest (sum, digest, &size);
  memcpy (fingerprint, digest, 16);
}

static void
run (NnCoder *coder, NnBatch *batch, float *out)
{
  batch->mode = NN_MODE_STILL;
  batch->step = NN_STEP_EVALUATE;
  /* The plan only reads them. */
  batch->weights = (float *const *)coder->model->weights;
  batch->n_want = 1;
  batch->want = &coder->want;
  batch->want_out = &out;
  nn_plan_run (coder->plan, batch, NULL);
}

void
nn_coder_run_samples (NnCoder *coder, NnPart samples, gsize first, gsize n, float *out)
{
  guint32 index[NN_PLAN_VIEW_BATCH];
  for (gsize at = 0; at < n; at += NN_PLAN_VIEW_BATCH)
    {
      NnBatch batch = { .n = (guint)MIN (NN_PLAN_VIEW_BATCH, n - at),
                        .data = coder->source->dataset,
                        .part = samples,
                        .index = index };
      for (guint i = 0; i < batch.n; i++)
        index[i] = (guint32)(first + at + i);
      run (coder, &batch, out + at * nn_coder_size (coder));
    }
}

void
nn_coder_run_codes (NnCoder *coder, const float *codes, gsize n, float *out)
{
  const gsize size =
      (gsize)nn_program_value (coder->model->program, nn_export_input (coder->model, 0)->value)
          ->size;
  for (gsize at = 0; at < n; at += NN_PLAN_VIEW_BATCH)
    {
      NnBatch batch = { .n = (guint)MIN (NN_PLAN_VIEW_BATCH, n - at), .given = codes + at * size };
      run (coder, &batch, out + at * nn_coder_size (coder));
    }
}
