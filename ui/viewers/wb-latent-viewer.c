/* wb-latent-viewer.c: the plane of codes: many test samples as points where the encoder puts them.
 */
#include "diabolo-config.h"

#include "document/wb-code-space.h"
#include "plots/wb-format.h"
#include "plots/wb-scatter.h"
#include "viewers/wb-grid-data.h"
#include "viewers/wb-latent-card.h"
#include "viewers/wb-latent-overlay.h"
#include "viewers/wb-projection-picker.h"
#include "viewers/wb-projector.h"
#include "viewers/wb-sample-choice.h"
#include "viewers/wb-selection.h"
#include "viewers/wb-tsne.h"
#include "viewers/wb-viewer.h"

#include <inttypes.h>
#include <adwaita.h>
#include <glib/gi18n-lib.h>
#include <math.h>

#define DESCRIBE_SECONDS 1

#define WB_TYPE_LATENT_VIEWER (wb_latent_viewer_get_type ())
G_DECLARE_FINAL_TYPE (WbLatentViewer, wb_latent_viewer, WB, LATENT_VIEWER, WbViewer)

extern const WbViewerType wb_latent_viewer_type;

static const char *const clouds_ids[] = {
  [WB_CLOUDS_NONE] = "none", [WB_CLOUDS_FEW] = "few", [WB_CLOUDS_ALL] = "all"
};

static const guint sample_counts[] = { 1000, 2000, 5000, NN_CODES_MAX_SAMPLES };

struct _WbLatentViewer
{
  WbViewer parent;

  /* owned */
  NnAnalysis *analysis; /* of the newest answer's network */
  NnDataset *dataset;
  NnCodesResult *newest; /* answer that waits to be laid out, or that is shown */
  WbProjection *shown;
  WbProjector *projector;
  WbLatentOverlay *overlay;
  GSignalGroup *space_signals; /* of the document's ring and walk */
  GArray *recalled;            /* guint32: to be selected once they are shown; or NULL */

  WbProjectionChoice shown_choice;
  guint n_samples;
  guint sample; /* of the document, when last looked at */
  gint only;    /* class that was searched for, -1: none */
  WbClouds clouds;
  gint64 described_at;
  char *refusal; /* why the worker gave no codes; owned */

  /* borrowed: children */
  WbScatter *scatter;
  WbProjectionPicker *picker;
  WbTsne *tsne;
  WbSelection *selection;
  GtkEditable *search;
};

G_DEFINE_FINAL_TYPE (WbLatentViewer, wb_latent_viewer, WB_TYPE_VIEWER)

const WbViewerType wb_latent_viewer_type = {
  .id = "latent",
  .title = N_ ("Latent space"),
  .sentence = N_ ("Where the encoder puts each sample; alike ones should lie together."),
  .icon = "wb-latent-symbolic",
  .get_type = wb_latent_viewer_get_type,
};

/* ---- why there is nothing to see ---- */

static const char *
find_notice (WbLatentViewer *self)
{
  const WbScatterData *data = wb_scatter_get_data (self->scatter);

  if (self->refusal != NULL)
    return self->refusal;
  if (wb_tsne_get_error (self->tsne) != NULL)
    return wb_tsne_get_error (self->tsne);
  if (data != NULL && data->n_finite == 0)
    return _ ("The codes are not numbers (NaN): weights have grown without bound. Lower the "
              "learning rate and start again.");
  return NULL;
}

static void
update_notice (WbLatentViewer *self)
{
  WbViewer *viewer = WB_VIEWER (self);
  g_autofree char *missing =
      wb_viewer_get_document (viewer) != NULL ? wb_viewer_missing_notice (viewer) : NULL;

  wb_viewer_set_notice (viewer, missing != NULL ? missing : find_notice (self));
}

/* ---- the plane ---- */

static void
update_legend (WbLatentViewer *self)
{
  const WbScatterData *data = wb_scatter_get_data (self->scatter);
  const WbScheme scheme = wb_scheme_current ();
  g_autoptr (GString) markup = g_string_new (NULL);

  for (guint label = 0; data != NULL && label < data->n_classes; label++)
    {
      const GdkRGBA *color = wb_color_class (label, scheme);
      g_autofree char *name = g_markup_escape_text (data->names[label], -1);

      g_string_append_printf (markup, "%s<span color=\"#%02x%02x%02x\">●</span> %s",
                              label > 0 ? "  " : "", (guint)(255 * color->red + 0.5f),
                              (guint)(255 * color->green + 0.5f), (guint)(255 * color->blue + 0.5f),
                              name);
    }
  wb_viewer_set_legend (WB_VIEWER (self), markup->str);
}

/* "Means of 5,000 test samples; an ellipse is 2 σ." */
static void
update_sentence (WbLatentViewer *self)
{
  const WbScatterData *data = wb_scatter_get_data (self->scatter);
  g_autoptr (GString) text = g_string_new (NULL);

  if (self->shown == NULL || data == NULL)
    {
      wb_viewer_set_sentence (WB_VIEWER (self), _ (wb_latent_viewer_type.sentence));
      return;
    }
  const gsize chosen = wb_scatter_get_n_chosen (self->scatter);
  g_autofree char *n = wb_format_count ((gint64)data->n);
  if (wb_selection_get_isolated (self->selection) != NULL)
    g_string_append_printf (text,
                            data->spread != NULL ? _ ("Means of %s selected samples")
                                                 : _ ("Codes of %s selected samples"),
                            n);
  else
    g_string_append_printf (
        text,
        data->spread != NULL ? _ ("Means of %s test samples") : _ ("Codes of %s test samples"), n);
  if (chosen > 0)
    {
      g_autofree char *inside = wb_format_count ((gint64)chosen);
      g_string_append_printf (text, _ (", %s selected"), inside);
    }
  if (data->spread != NULL && self->clouds != WB_CLOUDS_NONE)
    g_string_append (text, _ ("; an ellipse is 2 σ"));
  if (self->shown->caption != NULL)
    g_string_append_printf (text, "; %s", self->shown->caption);
  if (data->n_finite < data->n)
    g_string_append_printf (text, _ ("; %zu are not numbers"), data->n - data->n_finite);
  g_string_append_c (text, '.');
  wb_viewer_set_sentence (WB_VIEWER (self), text->str);
}

static void
describe (WbLatentViewer *self)
{
  const gint64 now = g_get_monotonic_time ();
  g_autofree char *text = NULL;

  if (now - self->described_at < DESCRIBE_SECONDS * G_USEC_PER_SEC)
    return;
  self->described_at = now;
  text = g_strdup_printf (_ ("%u points; axes %s and %s"), self->shown->result->samples->len,
                          self->shown->x_title,
                          self->shown->y_title != NULL ? self->shown->y_title : _ ("class"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->scatter),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

static void
mark_selected (WbLatentViewer *self, gssize point)
{
  guint neighbours[WB_LATENT_NEIGHBOURS];
  guint n = 0;

  if (point >= 0 && self->shown != NULL)
    n = wb_latent_neighbours (self->shown->result, (gsize)point, neighbours);
  wb_scatter_set_selected (self->scatter, point, neighbours, n);
}

/* ---- what is selected ---- */

/* Points inside a line, else those of the class that was searched for. */
static void
update_selection (WbLatentViewer *self)
{
  const WbScatterData *data = wb_scatter_get_data (self->scatter);
  const gboolean chosen = wb_scatter_get_n_chosen (self->scatter) > 0;
  g_autoptr (GArray) samples = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (gsize i = 0; self->shown != NULL && data != NULL && i < data->n; i++)
    if (chosen ? wb_scatter_is_chosen (self->scatter, i)
               : self->only >= 0 && data->label[i] == self->only)
      g_array_append_val (samples, g_array_index (self->shown->result->samples, guint32, i));
  wb_selection_set_samples (self->selection, samples, data != NULL ? (guint)data->n : 0);
  update_sentence (self);
}

static gint
by_index (gconstpointer a, gconstpointer b)
{
  const guint32 x = *(const guint32 *)a, y = *(const guint32 *)b;

  return (x > y) - (x < y);
}

static void
choose_recalled (WbLatentViewer *self)
{
  g_autoptr (GArray) wanted = g_steal_pointer (&self->recalled);

  if (wanted == NULL)
    return;
  g_autofree guint8 *chosen = g_new0 (guint8, self->shown->result->samples->len + 1);
  for (guint i = 0; i < self->shown->result->samples->len; i++)
    chosen[i] = g_array_binary_search (
        wanted, &g_array_index (self->shown->result->samples, guint32, i), by_index, NULL);
  wb_scatter_choose (self->scatter, chosen);
}

/* Selected among all samples, which come back first where some were isolated. */
static void
recalled (WbLatentViewer *self, GArray *samples)
{
  const gboolean isolated = wb_selection_get_isolated (self->selection) != NULL;

  g_clear_pointer (&self->recalled, g_array_unref);
  self->recalled = g_array_copy (samples);
  g_array_sort (self->recalled, by_index);
  wb_selection_set_isolated (self->selection, FALSE);
  if (!isolated && self->shown != NULL)
    choose_recalled (self);
}

static char **
class_names (const NnDataset *dataset, guint n)
{
  char **names = g_new0 (char *, n + 1);

  for (guint label = 0; label < n; label++)
    names[label] = wb_sample_class_name (nn_dataset_info (dataset), (gint)label);
  return names;
}

/* Codes of all samples are shown, as they will be a while after an isolation has ended. */
static gboolean
is_whole (WbLatentViewer *self)
{
  return wb_selection_get_isolated (self->selection) == NULL && self->shown->result == self->newest
         && self->newest->samples->len
                == MIN (self->n_samples, nn_dataset_n_samples (self->dataset, NN_PART_TEST));
}

/* Takes projection's place in the window. */
static void
show_projection (WbLatentViewer *self, WbProjection *projection)
{
  const NnCodesResult *result = projection->result;
  const WbProjection *before = self->shown;
  const guint n_classes = self->dataset != NULL ? wb_sample_n_classes (self->dataset) : 0;
  const WbProjectionChoice *choice = wb_projection_picker_get_choice (self->picker);
  const gboolean same_plane = before != NULL && before->type == projection->type
                              && before->result->node == result->node
                              && nn_shape_equal (&before->result->shape, &result->shape)
                              && choice->axis[0] == self->shown_choice.axis[0]
                              && choice->axis[1] == self->shown_choice.axis[1];
  const gboolean same_codes = same_plane && before->result == result;
  const gssize selected = wb_scatter_get_selected (self->scatter);
  WbScatterData *data =
      wb_scatter_data_new (result->samples->len, projection->xy, projection->spread,
                           (const gint *)(gpointer)result->labels->data, n_classes);

  if (n_classes > 0)
    data->names = class_names (self->dataset, n_classes);
  data->x_title = g_strdup (projection->x_title);
  data->y_title = g_strdup (projection->y_title);
  data->equal = projection->equal;
  g_clear_pointer (&self->shown, wb_projection_unref);
  self->shown = wb_projection_ref (projection);
  self->shown_choice = *choice;
  wb_scatter_set_data (self->scatter, data, same_plane);
  update_notice (self);
  if (selected >= 0 && wb_scatter_get_selected (self->scatter) >= 0)
    mark_selected (self, selected);
  if (!same_codes)
    update_legend (self);
  if (self->recalled != NULL && is_whole (self))
    choose_recalled (self);
  update_selection (self);
  describe (self);
}

/* ---- laying out ---- */

/* TRUE where codes are laid out step by step: WbTsne has them then, and nothing to do else. */
static gboolean
layout_by_tsne (WbLatentViewer *self)
{
  const gboolean wanted =
      self->newest != NULL && nn_shape_size (&self->newest->shape) > 2
      && wb_projection_picker_get_choice (self->picker)->type == &wb_projection_tsne;

  gtk_widget_set_visible (GTK_WIDGET (self->tsne), wanted);
  wb_tsne_set_codes (self->tsne, wanted ? self->newest : NULL);
  if (!wanted)
    return FALSE;
  wb_projector_stop (self->projector);
  /* It computes only where its controls can be seen. */
  update_notice (self);
  return TRUE;
}

static void
tsne_moved (WbLatentViewer *self)
{
  g_autoptr (WbProjection) projection = wb_tsne_get_projection (self->tsne);

  if (projection != NULL)
    show_projection (self, projection);
  update_notice (self);
}

static void
layout (WbLatentViewer *self)
{
  if (!layout_by_tsne (self) && self->newest != NULL)
    wb_projector_begin (self->projector, self->newest,
                        wb_projection_picker_get_choice (self->picker));
}

/* Nothing of another network stays on the screen. */
static void
forget (WbLatentViewer *self)
{
  wb_projector_stop (self->projector);
  if (self->newest != NULL)
    nn_probe_result_unref (&self->newest->base);
  self->newest = NULL;
  wb_tsne_set_codes (self->tsne, NULL);
  g_clear_pointer (&self->shown, wb_projection_unref);
  wb_scatter_set_data (self->scatter, NULL, FALSE);
  update_legend (self);
}

/* ---- asking and being answered ---- */

static void ask_selected (WbLatentViewer *self);

static void
wb_latent_viewer_document_changed (WbViewer *viewer)
{
  WbLatentViewer *self = WB_LATENT_VIEWER (viewer);
  WbDocument *document = wb_viewer_get_document (viewer);
  NnAnalysis *analysis = wb_document_analysis (document);
  NnDataset *dataset = wb_document_dataset (document);

  if (analysis != self->analysis || dataset != self->dataset)
    {
      if (dataset != self->dataset)
        {
          wb_selection_set_isolated (self->selection, FALSE);
          forget (self);
        }
      g_clear_pointer (&self->refusal, g_free);
      g_clear_pointer (&self->analysis, nn_analysis_unref);
      g_clear_pointer (&self->dataset, nn_dataset_unref);
      self->analysis = nn_analysis_ref (analysis);
      self->dataset = dataset != NULL ? nn_dataset_ref (dataset) : NULL;
    }
  wb_latent_overlay_follow (self->overlay, document);
  g_signal_group_set_target (self->space_signals, wb_document_code_space (document));
  update_notice (self);
  if (self->shown == NULL || self->sample == wb_document_sample (document))
    return;
  /* A sample chosen elsewhere is marked here too. */
  self->sample = wb_document_sample (document);
  mark_selected (self, wb_latent_point_of (self->shown->result, self->sample));
  ask_selected (self);
}

static NnProbe *
wb_latent_viewer_make_probe (WbViewer *viewer, guint probe_id)
{
  WbLatentViewer *self = WB_LATENT_VIEWER (viewer);

  const GArray *isolated = wb_selection_get_isolated (self->selection);

  if (self->dataset == NULL)
    return NULL;
  if (isolated != NULL)
    return nn_codes_probe_new (probe_id, NN_PART_TEST, (const guint32 *)(gpointer)isolated->data,
                               isolated->len);
  return nn_codes_probe_new (probe_id, NN_PART_TEST, NULL, self->n_samples);
}

static void
wb_latent_viewer_answer (WbViewer *viewer, NnProbeResult *base)
{
  WbLatentViewer *self = WB_LATENT_VIEWER (viewer);
  NnCodesResult *result = (NnCodesResult *)base;

  if (base->type != &nn_codes_probe_type)
    return;
  g_clear_pointer (&self->refusal, g_free);
  self->refusal = base->error != NULL ? g_strdup (base->error->message) : NULL;
  update_notice (self);
  if (base->error != NULL)
    return;
  if (self->newest != NULL && self->newest->codes == result->codes)
    return;
  nn_probe_result_ref (base);
  if (self->newest != NULL)
    nn_probe_result_unref (&self->newest->base);
  self->newest = result;
  wb_projection_picker_set_size (self->picker, (guint)nn_shape_size (&result->shape));
  layout (self);
}

/* ---- the selected sample ---- */

static void
ask_selected (WbLatentViewer *self)
{
  const gssize point = wb_scatter_get_selected (self->scatter);
  const gboolean wanted =
      point >= 0 && self->shown != NULL && gtk_widget_get_mapped (GTK_WIDGET (self));

  wb_latent_overlay_ask (
      self->overlay,
      wanted ? (gint64)g_array_index (self->shown->result->samples, guint32, point) : -1);
}

static void
draw_overlay (cairo_t *cr, PangoContext *context, const WbScatterView *view, const WbFrame *frame,
              gpointer user_data)
{
  WbLatentViewer *self = user_data;

  if (self->shown != NULL)
    wb_latent_overlay_draw (self->overlay, self->shown, view, frame, cr, context);
}

static void
snapshot_overlay (GtkSnapshot *snapshot, const WbFrame *frame, gpointer user_data)
{
  WbLatentViewer *self = user_data;

  if (self->shown != NULL)
    wb_latent_overlay_snapshot (self->overlay, self->shown, frame, snapshot);
}

static void
wb_latent_viewer_snapshot (WbViewer *viewer, NnSnapshot *snapshot)
{
  WbLatentViewer *self = WB_LATENT_VIEWER (viewer);

  if (wb_latent_overlay_asks (self->overlay))
    wb_scatter_redraw_overlay (self->scatter);
}

static void
picked (WbLatentViewer *self, gint point)
{
  WbDocument *document = wb_viewer_get_document (WB_VIEWER (self));

  mark_selected (self, point);
  ask_selected (self);
  if (point >= 0 && document != NULL)
    wb_document_set_sample (document, g_array_index (self->shown->result->samples, guint32, point));
}

/* ---- search ---- */

/* The class of that name or, with a number that is none, the point of that sample. */
static gboolean
find (WbLatentViewer *self, const char *text, gint *label, gssize *point)
{
  const WbScatterData *data = wb_scatter_get_data (self->scatter);
  guint64 number;

  for (guint i = 0; data != NULL && i < data->n_classes; i++)
    if (g_ascii_strcasecmp (data->names[i], text) == 0)
      {
        *label = (gint)i;
        return TRUE;
      }
  if (self->shown == NULL
      || !g_ascii_string_to_unsigned (*text == '#' ? text + 1 : text, 10, 0, G_MAXUINT32, &number,
                                      NULL))
    return FALSE;
  *point = wb_latent_point_of (self->shown->result, (guint32)number);
  return *point >= 0;
}

static void
search_changed (WbLatentViewer *self)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (self->search)));
  gint label = -1;
  gssize point = -1;
  const gboolean found = *text == '\0' || find (self, text, &label, &point);

  if (found)
    gtk_widget_remove_css_class (GTK_WIDGET (self->search), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self->search), "error");
  self->only = label;
  wb_scatter_set_only (self->scatter, label);
  update_selection (self);
  if (point >= 0)
    picked (self, (gint)point);
}

/* ---- settings, state, export ---- */

static void
choice_changed (WbLatentViewer *self)
{
  layout (self);
}

static void
set_clouds (WbLatentViewer *self, WbClouds clouds)
{
  self->clouds = clouds;
  wb_scatter_set_clouds (self->scatter, clouds);
  update_sentence (self);
}

static void
clouds_chosen (GtkDropDown *list, GParamSpec *spec, WbLatentViewer *self)
{
  set_clouds (self, gtk_drop_down_get_selected (list));
}

static GtkWidget *
make_clouds (WbLatentViewer *self)
{
  const char *const texts[] = { _ ("No ellipses"), _ ("Ellipses of a few samples"),
                                _ ("Ellipses of all samples"), NULL };
  GtkWidget *list = gtk_drop_down_new_from_strings (texts);

  gtk_drop_down_set_selected (GTK_DROP_DOWN (list), self->clouds);
  gtk_widget_set_tooltip_text (
      list, _ ("A variational encoder gives each sample a cloud, its posterior, instead of a "
               "point: an ellipse of two standard deviations"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Posterior ellipses"), -1);
  g_signal_connect_object (list, "notify::selected", G_CALLBACK (clouds_chosen), self, 0);
  return list;
}

static void
set_n_samples (WbLatentViewer *self, guint n)
{
  self->n_samples = n;
  wb_viewer_invalidate_probe (WB_VIEWER (self));
}

static void
count_chosen (GtkDropDown *list, GParamSpec *spec, WbLatentViewer *self)
{
  set_n_samples (self, sample_counts[gtk_drop_down_get_selected (list)]);
}

static GtkWidget *
make_counts (WbLatentViewer *self)
{
  GtkStringList *texts = gtk_string_list_new (NULL);
  GtkWidget *list = gtk_drop_down_new (G_LIST_MODEL (texts), NULL);

  for (guint i = 0; i < G_N_ELEMENTS (sample_counts); i++)
    {
      g_autofree char *n = wb_format_count (sample_counts[i]);
      g_autofree char *text = g_strdup_printf (_ ("%s samples"), n);

      gtk_string_list_append (texts, text);
      if (sample_counts[i] == self->n_samples)
        gtk_drop_down_set_selected (GTK_DROP_DOWN (list), i);
    }
  gtk_widget_set_tooltip_text (list, _ ("How many samples of the test part are shown, at most"));
  g_signal_connect_object (list, "notify::selected", G_CALLBACK (count_chosen), self, 0);
  return list;
}

static GtkWidget *
wb_latent_viewer_make_settings (WbViewer *viewer)
{
  WbLatentViewer *self = WB_LATENT_VIEWER (viewer);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  gtk_widget_add_css_class (box, "wb-settings");
  gtk_box_append (GTK_BOX (box), make_counts (self));
  gtk_box_append (GTK_BOX (box), make_clouds (self));
  return box;
}

static void
wb_latent_viewer_save_state (WbViewer *viewer, JsonObject *state)
{
  WbLatentViewer *self = WB_LATENT_VIEWER (viewer);

  wb_projection_picker_save (self->picker, state);
  wb_tsne_save_state (self->tsne, state);
  json_object_set_int_member (state, "samples", self->n_samples);
  json_object_set_string_member (state, "ellipses", clouds_ids[self->clouds]);
  wb_selection_save (self->selection, state);
}

static void
wb_latent_viewer_load_state (WbViewer *viewer, JsonObject *state)
{
  WbLatentViewer *self = WB_LATENT_VIEWER (viewer);
  const gint64 n = json_object_get_int_member_with_default (state, "samples", self->n_samples);

  wb_tsne_load_state (self->tsne, state);
  wb_projection_picker_load (self->picker, state);
  for (guint i = 0; i < G_N_ELEMENTS (clouds_ids); i++)
    if (g_strcmp0 (json_object_get_string_member_with_default (state, "ellipses", ""),
                   clouds_ids[i])
        == 0)
      set_clouds (self, i);
  wb_selection_load (self->selection, state);
  for (guint i = 0; i < G_N_ELEMENTS (sample_counts); i++)
    if (sample_counts[i] == n)
      set_n_samples (self, sample_counts[i]);
}

static void
wb_latent_viewer_draw (WbViewer *viewer, cairo_t *cr, double width, double height)
{
  wb_scatter_draw_figure (WB_LATENT_VIEWER (viewer)->scatter, cr, width, height);
}

/* The chosen points, or all. */
static WbTable *
wb_latent_viewer_to_table (WbViewer *viewer)
{
  WbLatentViewer *self = WB_LATENT_VIEWER (viewer);

  const WbScatterData *data = wb_scatter_get_data (self->scatter);
  g_autoptr (GArray) chosen = g_array_new (FALSE, FALSE, sizeof (guint));

  if (self->shown == NULL || data == NULL)
    return NULL;
  for (guint i = 0; i < data->n; i++)
    if (wb_scatter_get_n_chosen (self->scatter) == 0 || wb_scatter_is_chosen (self->scatter, i))
      g_array_append_val (chosen, i);
  return wb_projection_to_table (self->shown, chosen);
}

/* ---- the widget ---- */

static void
wb_latent_viewer_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (wb_latent_viewer_parent_class)->map (widget);
  ask_selected (WB_LATENT_VIEWER (widget));
}

static void
wb_latent_viewer_unmap (GtkWidget *widget)
{
  wb_latent_overlay_ask (WB_LATENT_VIEWER (widget)->overlay, -1);
  GTK_WIDGET_CLASS (wb_latent_viewer_parent_class)->unmap (widget);
}

static void
wb_latent_viewer_dispose (GObject *object)
{
  WbLatentViewer *self = WB_LATENT_VIEWER (object);

  wb_projector_stop (self->projector);
  wb_latent_overlay_follow (self->overlay, NULL);
  G_OBJECT_CLASS (wb_latent_viewer_parent_class)->dispose (object);
}

static void
wb_latent_viewer_finalize (GObject *object)
{
  WbLatentViewer *self = WB_LATENT_VIEWER (object);

  if (self->newest != NULL)
    nn_probe_result_unref (&self->newest->base);
  g_clear_pointer (&self->shown, wb_projection_unref);
  g_free (self->refusal);
  g_clear_object (&self->projector);
  g_clear_pointer (&self->overlay, wb_latent_overlay_free);
  g_clear_object (&self->space_signals);
  g_clear_pointer (&self->recalled, g_array_unref);
  g_clear_pointer (&self->analysis, nn_analysis_unref);
  g_clear_pointer (&self->dataset, nn_dataset_unref);
  G_OBJECT_CLASS (wb_latent_viewer_parent_class)->finalize (object);
}

static void
wb_latent_viewer_class_init (WbLatentViewerClass *klass)
{
  WbViewerClass *viewer_class = WB_VIEWER_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = wb_latent_viewer_dispose;
  G_OBJECT_CLASS (klass)->finalize = wb_latent_viewer_finalize;
  GTK_WIDGET_CLASS (klass)->map = wb_latent_viewer_map;
  GTK_WIDGET_CLASS (klass)->unmap = wb_latent_viewer_unmap;
  viewer_class->document_changed = wb_latent_viewer_document_changed;
  viewer_class->snapshot = wb_latent_viewer_snapshot;
  viewer_class->make_probe = wb_latent_viewer_make_probe;
  viewer_class->answer = wb_latent_viewer_answer;
  viewer_class->draw = wb_latent_viewer_draw;
  viewer_class->to_table = wb_latent_viewer_to_table;
  viewer_class->make_settings = wb_latent_viewer_make_settings;
  viewer_class->save_state = wb_latent_viewer_save_state;
  viewer_class->load_state = wb_latent_viewer_load_state;
}

static GtkWidget *
make_search (WbLatentViewer *self)
{
  GtkWidget *search = gtk_entry_new ();

  self->search = GTK_EDITABLE (search);
  gtk_widget_add_css_class (search, "wb-small");
  gtk_editable_set_width_chars (self->search, 6);
  gtk_editable_set_max_width_chars (self->search, 8);
  gtk_entry_set_placeholder_text (GTK_ENTRY (search), _ ("Find"));
  gtk_entry_set_icon_from_icon_name (GTK_ENTRY (search), GTK_ENTRY_ICON_PRIMARY,
                                     "system-search-symbolic");
  gtk_widget_set_tooltip_text (search, _ ("A class, which then stands out, or the number of a "
                                          "sample, such as #1108"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (search), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Find a class or sample"), -1);
  g_signal_connect_swapped (search, "changed", G_CALLBACK (search_changed), self);
  return search;
}

static void
wb_latent_viewer_init (WbLatentViewer *self)
{
  GtkWidget *scatter = wb_scatter_new ();
  GtkWidget *picker = wb_projection_picker_new (), *tsne = wb_tsne_new ();
  GtkWidget *selection = wb_selection_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->scatter = WB_SCATTER (scatter);
  self->picker = WB_PROJECTION_PICKER (picker);
  self->tsne = WB_TSNE (tsne);
  self->selection = WB_SELECTION (selection);
  self->n_samples = 5000;
  self->clouds = WB_CLOUDS_FEW;
  self->only = -1;
  self->overlay = wb_latent_overlay_new (WB_VIEWER (self));
  wb_scatter_set_clouds (self->scatter, self->clouds);
  self->projector = wb_projector_new ();
  g_signal_connect_object (self->projector, "projected", G_CALLBACK (show_projection), self,
                           G_CONNECT_SWAPPED);
  self->space_signals = g_signal_group_new (WB_TYPE_CODE_SPACE);
  g_signal_group_connect_swapped (self->space_signals, "moved", G_CALLBACK (gtk_widget_queue_draw),
                                  scatter);
  g_signal_connect (self, "notify::run", G_CALLBACK (ask_selected), NULL);
  wb_scatter_set_overlay (self->scatter, snapshot_overlay, draw_overlay, self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (scatter), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Latent plane"), -1);

  g_signal_connect_swapped (scatter, "picked", G_CALLBACK (picked), self);
  g_signal_connect_swapped (scatter, "chosen-changed", G_CALLBACK (update_selection), self);
  g_signal_connect_swapped (selection, "isolated", G_CALLBACK (wb_viewer_invalidate_probe), self);
  g_signal_connect_swapped (selection, "recalled", G_CALLBACK (recalled), self);
  g_signal_connect_swapped (picker, "changed", G_CALLBACK (choice_changed), self);
  g_signal_connect_swapped (tsne, "moved", G_CALLBACK (tsne_moved), self);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (update_legend), self, G_CONNECT_SWAPPED);
  wb_viewer_add_control (WB_VIEWER (self), picker);
  wb_viewer_add_control (WB_VIEWER (self), make_search (self));
  wb_viewer_add_control (WB_VIEWER (self), selection);
  gtk_widget_set_visible (tsne, FALSE);
  gtk_widget_set_vexpand (scatter, TRUE);
  gtk_box_append (GTK_BOX (box), tsne);
  gtk_box_append (GTK_BOX (box), scatter);
  wb_viewer_set_content (WB_VIEWER (self), box);
}
