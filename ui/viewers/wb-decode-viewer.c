/* wb-decode-viewer.c: the decoder's picture of the ring, and of the way between samples. */
#include "diabolo-config.h"

#include "panels/wb-scroll-past.h"
#include "viewers/wb-code-plane.h"
#include "viewers/wb-code-sliders.h"
#include "viewers/wb-film-strip.h"
#include "viewers/wb-grid-draw.h"
#include "viewers/wb-sample-choice.h"
#include "viewers/wb-flow.h"
#include "viewers/wb-tiles.h"
#include "viewers/wb-viewer.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define N_STEPS 9

#define WB_TYPE_DECODE_VIEWER (wb_decode_viewer_get_type ())
G_DECLARE_FINAL_TYPE (WbDecodeViewer, wb_decode_viewer, WB, DECODE_VIEWER, WbViewer)

extern const WbViewerType wb_decode_viewer_type;

static const struct
{
  NnBlend blend;
  const char *id, *title;
} blends[] = {
  { NN_BLEND_STRAIGHT, "straight", N_ ("Straight walk") },
  { NN_BLEND_SPHERICAL, "arc", N_ ("Walk on an arc") },
  { NN_BLEND_ARITHMETIC, "arithmetic", N_ ("a − b + c") },
};

struct _WbDecodeViewer
{
  WbViewer parent;

  /* owned */
  GSignalGroup *signals; /* of the space */
  NnAnalysis *analysis;
  NnDataset *dataset;
  NnDecodeResult *result; /* newest that fits */
  float *asked;           /* (D): the ring that the newest question is about */

  NnDecoder decoder; /* encoded 0: none */
  WbGridRow row;
  guint64 seed; /* of the next draw from the prior */
  gboolean samples_chosen, updating;

  /* borrowed: children */
  GtkDrawingArea *picture;
  WbCodePlane *plane;
  WbCodeSliders *sliders;
  WbFilmStrip *strip;
  GtkDropDown *blend;
  GtkSpinButton *samples[NN_DECODE_MAX_SAMPLES];
};

G_DEFINE_FINAL_TYPE (WbDecodeViewer, wb_decode_viewer, WB_TYPE_VIEWER)

const WbViewerType wb_decode_viewer_type = {
  .id = "decode",
  .title = N_ ("Decode"),
  .sentence = N_ ("The ring decoded, and the way from one sample to another."),
  .icon = "wb-decode-symbolic",
  .get_type = wb_decode_viewer_get_type,
};

static WbCodeSpace *
get_space (WbDecodeViewer *self)
{
  return wb_viewer_code_space (WB_VIEWER (self));
}

static guint
get_blend (WbDecodeViewer *self)
{
  return MIN (gtk_drop_down_get_selected (self->blend), G_N_ELEMENTS (blends) - 1);
}

static gboolean
is_walk (WbDecodeViewer *self)
{
  return blends[get_blend (self)].blend != NN_BLEND_ARITHMETIC;
}

/* ---- what the pictures are of ---- */

/* "a 6", or "sample 12" where there are no labels. */
static char *
sample_name (WbDecodeViewer *self, guint which)
{
  const guint32 sample = (guint32)gtk_spin_button_get_value_as_int (self->samples[which]);
  const NnDataInfo *info = nn_dataset_info (self->dataset);

  for (guint f = 0; f < info->n_fields; f++)
    if (info->fields[f].kind == NN_FIELD_LABEL
        && sample < nn_dataset_n_samples (self->dataset, NN_PART_TEST))
      {
        g_autofree char *name = wb_sample_class_name (
            info, (gint)nn_dataset_label (self->dataset, NN_PART_TEST, f, sample));
        if (name != NULL)
          return g_strdup_printf (_ ("a %s"), name);
      }
  return g_strdup_printf (_ ("sample %u"), sample);
}

static void
update_sentence (WbDecodeViewer *self)
{
  g_autofree char *a = NULL, *b = NULL, *c = NULL, *text = NULL;

  if (self->dataset == NULL)
    return;
  a = sample_name (self, 0);
  b = sample_name (self, 1);
  c = sample_name (self, 2);
  switch (blends[get_blend (self)].blend)
    {
    case NN_BLEND_SPHERICAL:
      text = g_strdup_printf (_ ("The ring decoded, and the walk on an arc from %s to %s."), a, b);
      break;
    case NN_BLEND_ARITHMETIC:
      text = g_strdup_printf (_ ("The ring decoded, and the codes of %s − %s + %s."), a, b, c);
      break;
    case NN_BLEND_STRAIGHT:
    case NN_BLEND_NONE:
    default:
      text = g_strdup_printf (_ ("The ring decoded, and the straight walk from %s to %s."), a, b);
      break;
    }
  wb_viewer_set_sentence (WB_VIEWER (self), text);
}

/* Once for each data set: samples of classes that are worth a walk. */
static void
choose_samples (WbDecodeViewer *self)
{
  const gsize n = nn_dataset_n_samples (self->dataset, NN_PART_TEST);
  const WbSampleChoice choice = { .mode = WB_SAMPLES_CLASSES };
  g_autoptr (GArray) picked = wb_sample_choice_pick (&choice, self->dataset, 10);
  const guint first = picked->len * 6 / 10;
  const guint places[NN_DECODE_MAX_SAMPLES] = { first, (first + 1) % MAX (picked->len, 1), 0 };

  self->updating = TRUE;
  for (guint i = 0; i < NN_DECODE_MAX_SAMPLES; i++)
    {
      gtk_spin_button_set_range (self->samples[i], 0, n > 0 ? n - 1 : 0);
      if (!self->samples_chosen && picked->len > 0)
        gtk_spin_button_set_value (self->samples[i], g_array_index (picked, guint32, places[i]));
    }
  self->updating = FALSE;
}

/* ---- the space ---- */

static void
update_plane (WbDecodeViewer *self)
{
  if (self->decoder.encoded != 0)
    wb_code_plane_show_space (self->plane);
}

static void
moved (WbDecodeViewer *self)
{
  WbCodeSpace *space = get_space (self);
  const guint n = space != NULL ? wb_code_space_n_values (space) : 0;

  if (n == 0 || self->asked == NULL
      || memcmp (self->asked, wb_code_space_point (space), n * sizeof (float)) != 0)
    wb_viewer_invalidate_probe (WB_VIEWER (self));
}

/* ---- the document ---- */

static void
drop_result (WbDecodeViewer *self)
{
  if (self->result != NULL)
    nn_probe_result_unref (&self->result->base);
  self->result = NULL;
  gtk_widget_queue_draw (GTK_WIDGET (self->picture));
}

static void
follow_network (WbDecodeViewer *self, NnAnalysis *analysis)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->analysis, nn_analysis_unref);
  self->analysis = nn_analysis_ref (analysis);
  drop_result (self);
  if (!nn_decoder_find (analysis, &self->decoder, &error))
    {
      self->decoder.encoded = 0;
      wb_viewer_set_notice (WB_VIEWER (self), error->message);
      return;
    }
  self->row = wb_grid_row_of_shape (&self->decoder.shape, self->decoder.black, self->decoder.white,
                                    self->decoder.output, "output", N_ ("Output"));
  wb_viewer_set_notice (WB_VIEWER (self), NULL);
  update_plane (self);
}

static void
wb_decode_viewer_document_changed (WbViewer *viewer)
{
  WbDecodeViewer *self = WB_DECODE_VIEWER (viewer);
  WbDocument *document = wb_viewer_get_document (viewer);
  WbCodeSpace *space = get_space (self);
  NnDataset *dataset = wb_document_dataset (document);
  NnAnalysis *analysis = wb_document_analysis (document);

  if (space != wb_code_plane_get_space (self->plane))
    {
      g_signal_group_set_target (self->signals, space);
      wb_code_plane_set_space (self->plane, space);
      wb_code_sliders_set_space (self->sliders, space);
    }
  if (dataset != self->dataset)
    {
      g_clear_pointer (&self->dataset, nn_dataset_unref);
      self->dataset = dataset != NULL ? nn_dataset_ref (dataset) : NULL;
      if (dataset != NULL)
        choose_samples (self);
    }
  if (analysis != self->analysis)
    follow_network (self, analysis);
  update_sentence (self);
}

static NnProbe *
wb_decode_viewer_make_probe (WbViewer *viewer, guint probe_id)
{
  WbDecodeViewer *self = WB_DECODE_VIEWER (viewer);
  WbCodeSpace *space = get_space (self);
  const guint n = wb_code_space_n_values (space);
  guint32 samples[NN_DECODE_MAX_SAMPLES];

  if (self->decoder.encoded == 0 || self->dataset == NULL || n == 0)
    return NULL;
  const NnShape shape = nn_shape (1, n);
  g_autoptr (NnTensor) codes = nn_tensor_new (&shape);
  memcpy (codes->data, wb_code_space_point (space), n * sizeof (float));
  g_free (self->asked);
  self->asked = g_memdup2 (codes->data, n * sizeof (float));
  for (guint i = 0; i < NN_DECODE_MAX_SAMPLES; i++)
    samples[i] = (guint32)gtk_spin_button_get_value_as_int (self->samples[i]);
  return nn_decode_probe_new (probe_id, codes, blends[get_blend (self)].blend, NN_PART_TEST,
                              samples, N_STEPS);
}

/* The walk, for all who show the plane. */
static void
publish_walk (WbDecodeViewer *self)
{
  const NnTensor *codes = self->result->codes;
  const gint64 n_values = codes->shape.dim[1], n = codes->shape.dim[0] - 1;
  const NnShape shape = nn_shape (n, n_values);

  if (!is_walk (self))
    {
      wb_code_space_set_walk (get_space (self), NULL);
      return;
    }
  g_autoptr (NnTensor) walk = nn_tensor_new (&shape);
  memcpy (walk->data, codes->data + n_values, (gsize)(n * n_values) * sizeof (float));
  wb_code_space_set_walk (get_space (self), walk);
}

static void
wb_decode_viewer_answer (WbViewer *viewer, NnProbeResult *base)
{
  WbDecodeViewer *self = WB_DECODE_VIEWER (viewer);
  NnDecodeResult *result = (NnDecodeResult *)base;

  if (base->type != &nn_decode_probe_type || self->decoder.encoded == 0)
    return;
  if (base->error != NULL)
    {
      wb_viewer_set_notice (viewer, base->error->message);
      return;
    }
  if (!nn_shape_equal (&result->decoder.shape, &self->decoder.shape)
      || nn_shape_size (&result->decoder.code_shape) != wb_code_space_n_values (get_space (self)))
    return; /* of a network that is gone */
  drop_result (self);
  self->result = (NnDecodeResult *)nn_probe_result_ref (base);
  wb_viewer_set_notice (viewer, NULL);
  wb_film_strip_set_result (self->strip, result, is_walk (self));
  publish_walk (self);
}

static void
wb_decode_viewer_unmap (GtkWidget *widget)
{
  WbDecodeViewer *self = WB_DECODE_VIEWER (widget);
  WbCodeSpace *space = wb_code_plane_get_space (self->plane);

  if (space != NULL)
    wb_code_space_set_walk (space, NULL);
  GTK_WIDGET_CLASS (wb_decode_viewer_parent_class)->unmap (widget);
}

/* ---- controls ---- */

static void
choice_changed (WbDecodeViewer *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->samples[2]), !is_walk (self));
  if (self->updating)
    return;
  update_sentence (self);
  wb_viewer_invalidate_probe (WB_VIEWER (self));
}

static void
sample_changed (WbDecodeViewer *self)
{
  self->samples_chosen |= !self->updating;
  choice_changed (self);
}

/* From N(0, 1), which a sampled code is pulled towards; else as wide as the data's codes lie. */
static void
draw_prior (WbDecodeViewer *self)
{
  WbCodeSpace *space = get_space (self);
  const guint n = space != NULL ? wb_code_space_n_values (space) : 0;
  g_autofree float *point = g_new (float, n);

  nn_code_prior (++self->seed, n, point);
  for (guint i = 0; i < n && !self->decoder.sampled; i++)
    point[i] =
        (float)(wb_code_space_mean (space, i) + wb_code_space_deviation (space, i) * point[i]);
  if (n > 0)
    wb_code_space_move (space, point);
}

static void
picked (WbDecodeViewer *self, guint position)
{
  const gsize n_values = (gsize)self->result->codes->shape.dim[1];

  wb_code_space_move (get_space (self),
                      self->result->codes->data + (self->result->n_given + position) * n_values);
}

static void
draw_picture_in (WbDecodeViewer *self, cairo_t *cr, const WbRect *box, WbScheme scheme)
{
  const double aspect = self->row.kind == WB_GRID_CELLS ? 0.3 : self->row.aspect;
  WbRect rect = { 0, 0, MIN (box->width, box->height / aspect), 0 };

  if (self->result == NULL)
    return;
  rect.height = rect.width * aspect;
  rect.x = box->x;
  rect.y = box->y;
  wb_grid_draw_value (&self->row, self->result->values->data, scheme, FALSE, &rect, cr);
}

static void
draw_picture (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer self)
{
  const WbRect box = { 0, 0, width, height };

  draw_picture_in (self, cr, &box, wb_scheme_current ());
}

/* ---- state and export ---- */

static void
wb_decode_viewer_draw (WbViewer *viewer, cairo_t *cr, double width, double height)
{
  WbDecodeViewer *self = WB_DECODE_VIEWER (viewer);
  const double upper = floor (height * 0.7), half = floor (width / 2);
  const WbRect picture = { 0, 0, half - 6, upper - 6 };

  draw_picture_in (self, cr, &picture, WB_SCHEME_LIGHT);
  cairo_save (cr);
  cairo_translate (cr, half, 0);
  wb_code_plane_draw_figure (self->plane, cr, width - half, upper);
  cairo_restore (cr);
  cairo_translate (cr, 0, upper);
  wb_film_strip_draw_figure (self->strip, cr, width, height - upper);
}

static char *
wb_decode_viewer_to_csv (WbViewer *viewer)
{
  WbDecodeViewer *self = WB_DECODE_VIEWER (viewer);

  return self->result != NULL ? nn_decode_result_to_csv (self->result) : NULL;
}

static NnTensor *
wb_decode_viewer_to_tensor (WbViewer *viewer)
{
  const NnDecodeResult *result = WB_DECODE_VIEWER (viewer)->result;

  return result != NULL ? nn_decode_result_to_tensor (result) : NULL;
}

static void
wb_decode_viewer_save_state (WbViewer *viewer, JsonObject *state)
{
  static const char *const names[NN_DECODE_MAX_SAMPLES] = { "a", "b", "c" };
  WbDecodeViewer *self = WB_DECODE_VIEWER (viewer);

  json_object_set_string_member (state, "way", blends[get_blend (self)].id);
  for (guint i = 0; self->samples_chosen && i < NN_DECODE_MAX_SAMPLES; i++)
    json_object_set_int_member (state, names[i],
                                gtk_spin_button_get_value_as_int (self->samples[i]));
}

static void
wb_decode_viewer_load_state (WbViewer *viewer, JsonObject *state)
{
  static const char *const names[NN_DECODE_MAX_SAMPLES] = { "a", "b", "c" };
  WbDecodeViewer *self = WB_DECODE_VIEWER (viewer);
  const char *way = json_object_get_string_member_with_default (state, "way", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (blends); i++)
    if (g_strcmp0 (blends[i].id, way) == 0)
      gtk_drop_down_set_selected (self->blend, i);
  for (guint i = 0; i < NN_DECODE_MAX_SAMPLES; i++)
    {
      const gint64 sample = json_object_get_int_member_with_default (state, names[i], -1);

      if (sample >= 0)
        gtk_spin_button_set_value (self->samples[i], (double)sample);
    }
}

static void
wb_decode_viewer_finalize (GObject *object)
{
  WbDecodeViewer *self = WB_DECODE_VIEWER (object);

  g_clear_object (&self->signals);
  g_clear_pointer (&self->analysis, nn_analysis_unref);
  g_clear_pointer (&self->dataset, nn_dataset_unref);
  if (self->result != NULL)
    nn_probe_result_unref (&self->result->base);
  g_free (self->asked);
  G_OBJECT_CLASS (wb_decode_viewer_parent_class)->finalize (object);
}

static void
wb_decode_viewer_class_init (WbDecodeViewerClass *klass)
{
  WbViewerClass *viewer_class = WB_VIEWER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = wb_decode_viewer_finalize;
  GTK_WIDGET_CLASS (klass)->unmap = wb_decode_viewer_unmap;
  viewer_class->document_changed = wb_decode_viewer_document_changed;
  viewer_class->make_probe = wb_decode_viewer_make_probe;
  viewer_class->answer = wb_decode_viewer_answer;
  viewer_class->draw = wb_decode_viewer_draw;
  viewer_class->to_csv = wb_decode_viewer_to_csv;
  viewer_class->to_tensor = wb_decode_viewer_to_tensor;
  viewer_class->save_state = wb_decode_viewer_save_state;
  viewer_class->load_state = wb_decode_viewer_load_state;
}

static void
label_widget (GtkWidget *widget, const char *name, const char *tip)
{
  gtk_widget_set_tooltip_text (widget, tip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static GtkWidget *
make_controls (WbDecodeViewer *self)
{
  const char *const names[] = { _ ("Sample a"), _ ("Sample b"), _ ("Sample c") };
  GtkStringList *list = gtk_string_list_new (NULL);
  GtkWidget *row = wb_flow_new ();
  GtkWidget *prior = gtk_button_new_with_label (_ ("Random")), *blend;

  for (guint i = 0; i < G_N_ELEMENTS (blends); i++)
    gtk_string_list_append (list, _ (blends[i].title));
  blend = gtk_drop_down_new (G_LIST_MODEL (list), NULL);
  self->blend = GTK_DROP_DOWN (blend);
  gtk_widget_add_css_class (blend, "wb-small");
  label_widget (blend, _ ("Way between samples"),
                _ ("Straight: the codes between two samples in a line. Arc: turning from one "
                   "direction to the other. a − b + c: latent arithmetic, what b lacks added to "
                   "c"));
  g_signal_connect_swapped (blend, "notify::selected", G_CALLBACK (choice_changed), self);
  wb_flow_add (WB_FLOW (row), blend);
  for (guint i = 0; i < NN_DECODE_MAX_SAMPLES; i++)
    {
      GtkWidget *spin = gtk_spin_button_new_with_range (0, 0, 1);

      self->samples[i] = GTK_SPIN_BUTTON (spin);
      gtk_editable_set_width_chars (GTK_EDITABLE (spin), 4);
      wb_scroll_past (spin);
      gtk_widget_add_css_class (spin, "wb-small");
      gtk_widget_set_visible (spin, i < 2);
      label_widget (spin, names[i], _ ("Number of a test sample"));
      g_signal_connect_swapped (spin, "value-changed", G_CALLBACK (sample_changed), self);
      wb_flow_add (WB_FLOW (row), spin);
    }
  gtk_widget_add_css_class (prior, "wb-small");
  label_widget (prior, _ ("Draw a code"),
                _ ("Moves the ring to a random code: from the prior N(0, 1) of a variational "
                   "network, else with the spread of the data's codes"));
  g_signal_connect_swapped (prior, "clicked", G_CALLBACK (draw_prior), self);
  wb_flow_add (WB_FLOW (row), prior);
  return row;
}

static void
wb_decode_viewer_init (WbDecodeViewer *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *upper = wb_tiles_new ();
  GtkWidget *picture = gtk_drawing_area_new (), *plane = wb_code_plane_new ();
  GtkWidget *sliders = wb_code_sliders_new (), *strip = wb_film_strip_new ();

  self->picture = GTK_DRAWING_AREA (picture);
  self->plane = WB_CODE_PLANE (plane);
  self->sliders = WB_CODE_SLIDERS (sliders);
  self->strip = WB_FILM_STRIP (strip);
  self->signals = g_signal_group_new (WB_TYPE_CODE_SPACE);
  g_signal_group_connect_swapped (self->signals, "changed", G_CALLBACK (update_plane), self);
  g_signal_group_connect_swapped (self->signals, "moved", G_CALLBACK (moved), self);

  gtk_widget_set_size_request (picture, 96, 96);
  gtk_drawing_area_set_draw_func (self->picture, draw_picture, self, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (picture), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("What the decoder makes of the ring"), -1);
  wb_code_plane_set_show_samples (self->plane, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (plane), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Plane of codes"), -1);
  g_signal_connect_swapped (strip, "picked", G_CALLBACK (picked), self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (strip), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Film strip"), -1);
  wb_tiles_add (WB_TILES (upper), picture);
  wb_tiles_add (WB_TILES (upper), plane);
  wb_tiles_set_controls (WB_TILES (upper), sliders);
  gtk_box_append (GTK_BOX (column), upper);
  gtk_box_append (GTK_BOX (column), make_controls (self));
  gtk_box_append (GTK_BOX (column), strip);
  wb_viewer_set_content (WB_VIEWER (self), column);
}
