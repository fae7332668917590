#include "diabolo-config.h"

#include "viewers/wb-viewer.h"

#include <string.h>

extern const WbViewerType wb_activations_viewer_type;
extern const WbViewerType wb_baseline_viewer_type;
extern const WbViewerType wb_classes_viewer_type;
extern const WbViewerType wb_code_viewer_type;
extern const WbViewerType wb_decode_viewer_type;
extern const WbViewerType wb_draw_viewer_type;
extern const WbViewerType wb_histograms_viewer_type;
extern const WbViewerType wb_latent_viewer_type;
extern const WbViewerType wb_loss_viewer_type;
extern const WbViewerType wb_manifold_viewer_type;
extern const WbViewerType wb_maximise_viewer_type;
extern const WbViewerType wb_points_viewer_type;
extern const WbViewerType wb_reconstruction_viewer_type;
extern const WbViewerType wb_vae_terms_viewer_type;
extern const WbViewerType wb_weights_viewer_type;

static const WbViewerType *const types[] = {
  &wb_loss_viewer_type,      &wb_reconstruction_viewer_type,
  &wb_latent_viewer_type,    &wb_manifold_viewer_type,
  &wb_decode_viewer_type,    &wb_activations_viewer_type,
  &wb_weights_viewer_type,   &wb_histograms_viewer_type,
  &wb_maximise_viewer_type,  &wb_code_viewer_type,
  &wb_vae_terms_viewer_type, &wb_classes_viewer_type,
  &wb_draw_viewer_type,      &wb_points_viewer_type,
  &wb_baseline_viewer_type,  NULL,
};

const WbViewerType *const *
wb_viewer_types (void)
{
  return types;
}

const WbViewerType *
wb_viewer_type (const char *id)
{
  for (guint i = 0; types[i] != NULL; i++)
    if (strcmp (types[i]->id, id) == 0)
      return types[i];
  return NULL;
}
