#include "viewers/wb-latent-overlay.h"

#include "document/wb-code-space.h"
#include "viewers/wb-code-plane-draw.h"
#include "viewers/wb-latent-card.h"

struct _WbLatentOverlay
{
  WbViewer *viewer;     /* borrowed: whose overlay it is */
  WbDocument *document; /* weak pointer, or NULL */
  guint probe_id;
  gboolean asked; /* the probe is with the document */
};

WbLatentOverlay *
wb_latent_overlay_new (WbViewer *viewer)
{
  WbLatentOverlay *overlay = g_new0 (WbLatentOverlay, 1);

  overlay->viewer = viewer;
  overlay->probe_id = nn_probe_next_id ();
  return overlay;
}

void
wb_latent_overlay_free (WbLatentOverlay *overlay)
{
  wb_latent_overlay_follow (overlay, NULL);
  g_free (overlay);
}

void
wb_latent_overlay_follow (WbLatentOverlay *overlay, WbDocument *document)
{
  if (overlay->document == document)
    return;
  wb_latent_overlay_ask (overlay, -1);
  g_set_weak_pointer (&overlay->document, document);
}

/* ---- the selected sample's reconstruction ---- */

void
wb_latent_overlay_ask (WbLatentOverlay *overlay, gint64 sample)
{
  NnAnalysis *analysis =
      overlay->document != NULL ? wb_document_analysis (overlay->document) : NULL;
  const guint output = analysis != NULL ? nn_analysis_output_node (analysis) : 0;

  if (sample >= 0 && output != 0)
    {
      const guint32 index = (guint32)sample;
      g_autoptr (NnProbe) probe = nn_node_values_probe_new (
          overlay->probe_id, NN_PART_TEST, NN_PICK_LISTED, &index, 1, 0, &output, 1);

      wb_viewer_add_probe (overlay->viewer, probe);
      overlay->asked = TRUE;
      return;
    }
  if (overlay->asked && overlay->document != NULL)
    wb_document_remove_probe (overlay->document, overlay->probe_id);
  overlay->asked = FALSE;
}

gboolean
wb_latent_overlay_asks (WbLatentOverlay *overlay)
{
  return overlay->asked;
}

/* What comes back for sample, or NULL where that is not known or not like what went in. */
static const float *
reconstruction_of (WbLatentOverlay *overlay, const WbLatentSource *source, guint32 sample)
{
  const NnNodeValuesResult *result =
      overlay->asked
          ? (NnNodeValuesResult *)wb_document_probe_result (overlay->document, overlay->probe_id)
          : NULL;
  const NnNodeValues *values;

  if (result == NULL || result->base.error != NULL || source->field < 0
      || g_array_index (result->samples, guint32, 0) != sample)
    return NULL;
  values = nn_node_values_result_find (
      result, nn_analysis_output_node (wb_document_analysis (overlay->document)));
  if (values == NULL
      || nn_shape_size (&values->shape)
             != nn_shape_size (&nn_dataset_info (source->dataset)->fields[source->field].shape))
    return NULL;
  return values->values->data;
}

/* ---- ring and walk ---- */

static gboolean
find_place (const WbProjection *projection, const WbFrame *frame, const float *code, WbPoint *place)
{
  float xy[2];

  if (!wb_projection_place (projection, code, xy))
    return FALSE;
  *place = (WbPoint){ wb_frame_x (frame, (double)xy[0]), wb_frame_y (frame, (double)xy[1]) };
  return TRUE;
}

void
wb_latent_overlay_snapshot (WbLatentOverlay *overlay, const WbProjection *projection,
                            const WbFrame *frame, GtkSnapshot *snapshot)
{
  WbCodeSpace *space =
      overlay->document != NULL ? wb_document_code_space (overlay->document) : NULL;
  const guint n_values = space != NULL ? wb_code_space_n_values (space) : 0;
  const NnTensor *walk = n_values > 0 ? wb_code_space_walk (space) : NULL;
  g_auto (WbPlaneMarks)
      marks = { .color = wb_color (WB_COLOR_TEXT, wb_scheme_current ()),
                .clip = { frame->left, frame->top, frame->width, frame->height } };

  if (n_values == 0 || n_values != nn_shape_size (&projection->result->shape)
      || !find_place (projection, frame, wb_code_space_point (space), &marks.ring))
    return;
  marks.n = walk != NULL ? walk->size / n_values : 0;
  marks.walk = g_new0 (WbPoint, marks.n);
  for (gsize i = 0; i < marks.n; i++)
    find_place (projection, frame, walk->data + i * n_values, &marks.walk[i]);
  wb_plane_marks_snapshot (&marks, snapshot);
}

/* ---- cards ---- */

/* Of the data set, what goes into the network; -1: that is no field. */
static gint
input_field (const NnAnalysis *analysis)
{
  const NnNode *input =
      nn_design_node (nn_analysis_design (analysis), nn_analysis_input_node (analysis));
  guint index;

  return input != NULL
                 && nn_data_info_field (nn_analysis_data (analysis),
                                        nn_params_text (input->params, "field"), &index)
                        != NULL
             ? (gint)index
             : -1;
}

void
wb_latent_overlay_draw (WbLatentOverlay *overlay, const WbProjection *projection,
                        const WbScatterView *view, const WbFrame *frame, cairo_t *cr,
                        PangoContext *context)
{
  NnDataset *dataset = overlay->document != NULL ? wb_document_dataset (overlay->document) : NULL;
  const NnCodesResult *result = projection->result;
  const WbRect room = { frame->left, frame->top, frame->width, frame->height };

  if (dataset == NULL)
    return;
  const WbLatentSource source = { dataset, NN_PART_TEST,
                                  input_field (wb_document_analysis (overlay->document)),
                                  view->scheme };
  if (view->selected >= 0)
    wb_latent_draw_selected (
        &source, result, (gsize)view->selected,
        reconstruction_of (overlay, &source,
                           g_array_index (result->samples, guint32, view->selected)),
        view->neighbours, view->n_neighbours, &room, cr, context);
  if (view->hovered >= 0)
    wb_latent_draw_hover (&source, result, (gsize)view->hovered,
                          wb_frame_x (frame, (double)view->data->xy[2 * view->hovered]),
                          wb_frame_y (frame, (double)view->data->xy[2 * view->hovered + 1]),
                          frame->left + frame->width, frame->top + frame->height, cr, context);
}
