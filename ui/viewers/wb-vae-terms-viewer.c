/* wb-vae-terms-viewer.c: what the loss of a variational autoencoder is made of, how much each
 * dimension of its code tells, and beta, which weighs the two. */
#include "diabolo-config.h"

#include "explore/nn-code-statistics.h"
#include "explore/nn-codes-probe.h"
#include "layers/nn-layer.h"
#include "panels/wb-param-scale.h"
#include "plots/wb-format.h"
#include "plots/wb-plot-data.h"
#include "viewers/wb-drawing-viewer.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define N_SAMPLES 2000
#define N_BINS 32
#define BAR 8
#define ROW 20
#define SECTION_GAP 22
#define MIN_PLOT 170
#define SEAL_MS 600 /* without a change of beta: the drag has ended */

#define WB_TYPE_VAE_TERMS_VIEWER (wb_vae_terms_viewer_get_type ())
G_DECLARE_FINAL_TYPE (WbVaeTermsViewer, wb_vae_terms_viewer, WB, VAE_TERMS_VIEWER, WbDrawingViewer)

extern const WbViewerType wb_vae_terms_viewer_type;

struct _WbVaeTermsViewer
{
  WbDrawingViewer parent;

  NnCodeStatistics *statistics; /* owned; NULL before an answer */
  guint sampling;               /* node; 0: none */
  gboolean showing;             /* beta is being set from the design */
  guint seal;                   /* timeout */

  /* borrowed: children */
  GtkWidget *scale, *value;
};

G_DEFINE_FINAL_TYPE (WbVaeTermsViewer, wb_vae_terms_viewer, WB_TYPE_DRAWING_VIEWER)

const WbViewerType wb_vae_terms_viewer_type = {
  .id = "vae-terms",
  .title = N_ ("VAE terms"),
  .sentence = N_ ("What the loss is made of, and what each dimension tells."),
  .icon = "wb-vae-terms-symbolic",
  .get_type = wb_vae_terms_viewer_get_type,
};

/* ---- what there is ---- */

static const NnNode *
find_sampling (NnDesign *design)
{
  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    if (strcmp (nn_design_node_at (design, i)->type->id, "sampling") == 0)
      return nn_design_node_at (design, i);
  return NULL;
}

/* Validations of the run that is shown. */
static const NnRow *
validations (WbVaeTermsViewer *self, gsize *n)
{
  WbViewer *viewer = WB_VIEWER (self);

  return wb_document_rows_shown (wb_viewer_get_document (viewer), wb_viewer_get_run (viewer),
                                 NN_ROW_VALIDATION, n);
}

/* One term over the epochs. (transfer full) */
static WbPlotData *
make_plot (const NnRow *rows, gsize n, gboolean divergence)
{
  WbPlotData *plot = wb_plot_data_new ();
  WbPoint *points = g_new (WbPoint, MAX (n, 1));

  for (gsize i = 0; i < n; i++)
    points[i] = (WbPoint){ rows[i].epoch,
                           divergence ? rows[i].divergence : rows[i].loss - rows[i].divergence };
  wb_plot_data_add (plot, WB_SERIES_POINTS, divergence ? WB_COLOR_VARIATIONAL : WB_COLOR_TRAIN,
                    points, n);
  plot->x_kind = WB_AXIS_WHOLE;
  plot->x_title = _ ("epoch");
  plot->x_end = MAX (1, rows[n - 1].epoch);
  return plot;
}

/* ---- drawing ---- */

static double
split_height (PangoContext *context)
{
  return wb_figure_line_height (context) + 3 + BAR + 8;
}

static void
draw_split (const NnRow *last, cairo_t *cr, PangoContext *context, WbScheme scheme, double width)
{
  const double line = wb_figure_line_height (context), rest = last->loss - last->divergence;
  const double share = last->loss > 0 ? CLAMP (rest / last->loss, 0, 1) : 0;
  const double cut = round (share * (width - 2));
  const GdkRGBA *text = wb_color (WB_COLOR_TEXT, scheme);
  g_autofree char *a = wb_format_loss (rest), *b = wb_format_loss (last->divergence);
  g_autofree char *left = g_strdup_printf (_ ("<b>%s</b> reconstruction"), a);
  g_autofree char *right = g_strdup_printf (_ ("β × KL <b>%s</b>"), b);
  const WbRect bars[] = { { 0, line + 3, cut, BAR }, { cut + 2, line + 3, width - cut - 2, BAR } };
  const WbColor colors[] = { WB_COLOR_TRAIN, WB_COLOR_VARIATIONAL };

  wb_figure_text (cr, context, left, 0, line / 2, 0, text);
  wb_figure_text (cr, context, right, width, line / 2, 1, text);
  for (guint i = 0; i < G_N_ELEMENTS (bars); i++)
    {
      wb_figure_rounded (cr, &bars[i], 2);
      wb_cairo_set_color (cr, wb_color (colors[i], scheme), 1);
      cairo_fill (cr);
    }
}

static void
draw_bar (const NnUnitStatistics *unit, double most, const WbRect *rect, gboolean upright,
          cairo_t *cr, WbScheme scheme)
{
  const gboolean collapsed = unit->divergence < NN_COLLAPSED_DIVERGENCE;
  const double part = most > 0 ? CLAMP (unit->divergence / most, 0, 1) : 0;
  WbRect bar = *rect;

  wb_cairo_set_color (cr, wb_color (WB_COLOR_GRID, scheme), 1);
  cairo_rectangle (cr, rect->x, rect->y, rect->width, rect->height);
  cairo_fill (cr);
  if (upright)
    {
      bar.height = MAX (collapsed ? 3 : 1, part * rect->height);
      bar.y += rect->height - bar.height;
    }
  else
    bar.width = MAX (collapsed ? 3 : 1, part * rect->width);
  wb_cairo_set_color (cr, wb_color (collapsed ? WB_COLOR_WARNING : WB_COLOR_VARIATIONAL, scheme),
                      1);
  cairo_rectangle (cr, bar.x, bar.y, bar.width, bar.height);
  cairo_fill (cr);
}

/* Where the dimensions stand: one line each where they fit, else one column each. */
typedef struct
{
  gboolean upright;
  guint n;
  WbRect room;
} Dimensions;

static Dimensions
place_dimensions (guint n, PangoContext *context, const WbRect *rect)
{
  const double head = wb_figure_line_height (context) + 4;
  const WbRect room = { rect->x, rect->y + head, rect->width, rect->height - head };

  return (Dimensions){ n * ROW > room.height, n, room };
}

static WbRect
dimension_rect (const Dimensions *dimensions, guint i)
{
  const WbRect *room = &dimensions->room;
  const double step = room->width / dimensions->n;

  if (dimensions->upright)
    return (WbRect){ room->x + i * step, room->y, MAX (1, step - (step > 3)), room->height };
  return (WbRect){ room->x, room->y + i * ROW, room->width, ROW };
}

static char *
dimension_markup (const NnCodeStatistics *statistics, guint i)
{
  const NnUnitStatistics *unit = &statistics->units[i];
  g_autofree char *divergence = wb_format_value (unit->divergence);
  g_autofree char *mean = wb_format_value (unit->mean);
  g_autofree char *variance = wb_format_value (unit->variance);

  return g_strdup_printf (_ ("z<sub>%u</sub>: KL <b>%s nats</b>, mean %s, variance %s"), i + 1,
                          divergence, mean, variance);
}

static void
draw_dimensions (const NnCodeStatistics *statistics, const WbSheet *sheet, const WbRect *rect)
{
  cairo_t *cr = sheet->cr;
  PangoContext *context = sheet->context;
  const WbScheme scheme = sheet->scheme;
  const Dimensions places = place_dimensions (statistics->n_units, context, rect);
  const double names = wb_figure_text_width (context, "z₀₀") + 6;
  const double values = MAX (wb_figure_text_width (context, _ ("collapsed")),
                             wb_figure_text_width (context, "0.000 nats"))
                        + 8;
  const GdkRGBA *dim = wb_color (WB_COLOR_DIM, scheme), *text = wb_color (WB_COLOR_TEXT, scheme);
  g_autofree char *sum = wb_format_value (statistics->whole.divergence);
  g_autofree char *title = sheet->marked >= 0
                               ? dimension_markup (statistics, (guint)sheet->marked)
                               : g_strdup_printf (_ ("KL <b>%s nats</b>, %u of %u collapsed"), sum,
                                                  statistics->n_collapsed, statistics->n_units);
  double most = NN_COLLAPSED_DIVERGENCE;

  wb_figure_text (cr, context, title, rect->x,
                  places.room.y - 4 - wb_figure_line_height (context) / 2, 0, text);
  for (guint i = 0; i < statistics->n_units; i++)
    most = MAX (most, statistics->units[i].divergence);
  for (guint i = 0; i < statistics->n_units; i++)
    {
      const NnUnitStatistics *unit = &statistics->units[i];
      const gboolean collapsed = unit->divergence < NN_COLLAPSED_DIVERGENCE;
      const WbRect place = dimension_rect (&places, i);
      const double middle = place.y + place.height / 2;
      const WbRect row = { place.x + names, middle - 5, MAX (10, place.width - names - values),
                           10 };
      g_autofree char *name = g_strdup_printf ("z<sub>%u</sub>", i + 1);
      g_autofree char *number = wb_format_value (unit->divergence);
      g_autofree char *nats = g_strdup_printf (_ ("<b>%s</b> nats"), number);

      if ((gint)i == sheet->marked)
        wb_figure_mark (cr, &place, scheme);
      draw_bar (unit, most, places.upright ? &place : &row, places.upright, cr, scheme);
      if (places.upright)
        continue;
      wb_figure_text (cr, context, name, place.x, middle, 0, dim);
      wb_figure_text (cr, context, collapsed ? _ ("collapsed") : nats, place.x + place.width,
                      middle, 1, collapsed ? wb_color (WB_COLOR_WARNING, scheme) : text);
    }
}

/* Each with an axis of its own: one is often many times the other. */
static void
draw_curves (const NnRow *rows, gsize n, const WbSheet *sheet, const WbRect *rect)
{
  const double line = wb_figure_line_height (sheet->context), half = floor (rect->height / 2);
  g_autoptr (WbPlotData) rest = make_plot (rows, n, FALSE), divergence = make_plot (rows, n, TRUE);
  const WbPlotData *const plots[] = { rest, divergence };
  WbPlotLayout layouts[2];
  double left = 0;

  for (guint i = 0; i < 2; i++)
    {
      wb_plot_layout (plots[i], sheet->context, rect->width, half - line, 0, plots[i]->x_end,
                      &layouts[i]);
      left = MAX (left, layouts[i].frame.left);
    }
  for (guint i = 0; i < 2; i++)
    {
      /* The same epoch stands in the same place in both. */
      layouts[i].frame.width -= left - layouts[i].frame.left;
      layouts[i].frame.left = left;
      cairo_save (sheet->cr);
      cairo_translate (sheet->cr, rect->x, rect->y + i * half);
      wb_figure_text (sheet->cr, sheet->context,
                      i == 1 ? _ ("<b>β × KL</b>") : _ ("<b>reconstruction</b>"), rect->width,
                      line / 2, 1,
                      wb_color (i == 1 ? WB_COLOR_VARIATIONAL : WB_COLOR_TRAIN, sheet->scheme));
      cairo_translate (sheet->cr, 0, line - 4);
      wb_plot_draw (plots[i], &layouts[i], sheet->cr, sheet->context, sheet->scheme);
      cairo_restore (sheet->cr);
    }
}

/* What stands where. plot: width 0 where there is none. */
static void
place_parts (WbVaeTermsViewer *self, const WbSheet *sheet, WbRect *bars, WbRect *plot)
{
  gsize n;
  const NnRow *rows = validations (self, &n);
  const gboolean has_terms = n > 0 && rows[n - 1].divergence != 0;
  const double y = has_terms ? split_height (sheet->context) : 0, room = sheet->height - y;
  const gboolean beside = has_terms && sheet->width >= 2 * MIN_PLOT + SECTION_GAP;
  const gboolean below = has_terms && !beside && room > 260;

  *bars = (WbRect){ 0, y, sheet->width, room };
  *plot = (WbRect){ 0 };
  if (beside)
    {
      bars->width = floor ((sheet->width - SECTION_GAP) / 2);
      *plot = (WbRect){ bars->width + SECTION_GAP, y, bars->width, room };
    }
  else if (below)
    {
      /* No more for a few dimensions than their lines take. */
      const double lines =
          wb_figure_line_height (sheet->context) + 6.0 + ROW * (double)self->statistics->n_units;

      bars->height = floor (MIN ((room - SECTION_GAP) / 2, lines));
      *plot = (WbRect){ 0, y + bars->height + SECTION_GAP, sheet->width,
                        room - bars->height - SECTION_GAP };
    }
}

static void
wb_vae_terms_viewer_paint (WbDrawingViewer *viewer, const WbSheet *sheet)
{
  WbVaeTermsViewer *self = WB_VAE_TERMS_VIEWER (viewer);
  gsize n;
  const NnRow *rows = validations (self, &n);
  WbRect bars, plot;

  if (self->statistics == NULL)
    return;
  place_parts (self, sheet, &bars, &plot);
  if (bars.y > 0)
    draw_split (&rows[n - 1], sheet->cr, sheet->context, sheet->scheme, sheet->width);
  draw_dimensions (self->statistics, sheet, &bars);
  if (plot.width > 0)
    draw_curves (rows, n, sheet, &plot);
}

static guint
wb_vae_terms_viewer_n_items (WbDrawingViewer *viewer)
{
  const NnCodeStatistics *statistics = WB_VAE_TERMS_VIEWER (viewer)->statistics;

  return statistics != NULL ? statistics->n_units : 0;
}

static gint
wb_vae_terms_viewer_item_at (WbDrawingViewer *viewer, const WbSheet *sheet, double x, double y)
{
  WbVaeTermsViewer *self = WB_VAE_TERMS_VIEWER (viewer);
  WbRect bars, plot;

  place_parts (self, sheet, &bars, &plot);
  const Dimensions places = place_dimensions (self->statistics->n_units, sheet->context, &bars);
  const double at = places.upright ? (x - places.room.x) / places.room.width * places.n
                                   : (y - places.room.y) / ROW;
  return x < bars.width && y >= places.room.y && at >= 0 && at < places.n ? (gint)at : -1;
}

static char *
wb_vae_terms_viewer_item_text (WbDrawingViewer *viewer, guint item)
{
  g_autofree char *markup = dimension_markup (WB_VAE_TERMS_VIEWER (viewer)->statistics, item);
  char *text = NULL;

  pango_parse_markup (markup, -1, 0, NULL, &text, NULL, NULL);
  return text;
}

/* ---- beta ---- */

static gboolean
seal (gpointer data)
{
  WbVaeTermsViewer *self = data;
  WbDocument *document = wb_viewer_get_document (WB_VIEWER (self));

  self->seal = 0;
  if (document != NULL)
    wb_document_seal (document);
  return G_SOURCE_REMOVE;
}

static void
show_value (WbVaeTermsViewer *self, double beta)
{
  g_autofree char *text = wb_format_value (beta);

  gtk_label_set_text (GTK_LABEL (self->value), text);
}

static void
beta_moved (WbVaeTermsViewer *self)
{
  WbDocument *document = wb_viewer_get_document (WB_VIEWER (self));
  const double beta = wb_param_scale_get_value (self->scale);
  NnDesign *design;
  const NnNode *node;

  if (self->showing || document == NULL)
    return;
  design = wb_document_design (document);
  node = nn_design_node (design, self->sampling);
  if (node == NULL)
    return;
  g_autoptr (NnParams) params = nn_params_with_number (node->params, "beta", beta, NULL);
  g_autofree char *label = g_strdup_printf (_ ("Change Beta of %s"), node->name);
  show_value (self, beta);
  if (params == NULL || nn_params_equal (params, node->params))
    return;
  g_clear_handle_id (&self->seal, g_source_remove);
  self->seal = g_timeout_add (SEAL_MS, seal, self);
  wb_document_edit (document, nn_design_set_params (design, self->sampling, params), label,
                    "vae-terms.beta");
}

/* ---- document and worker ---- */

static void
wb_vae_terms_viewer_document_changed (WbViewer *viewer)
{
  WbVaeTermsViewer *self = WB_VAE_TERMS_VIEWER (viewer);
  WbDocument *document = wb_viewer_get_document (viewer);
  const NnNode *node = find_sampling (wb_document_design (document));

  self->sampling = node != NULL ? node->id : 0;
  gtk_widget_set_visible (gtk_widget_get_parent (self->scale), node != NULL);
  if (node == NULL)
    {
      g_clear_pointer (&self->statistics, nn_code_statistics_free);
      wb_viewer_set_notice (
          viewer, _ ("This network has no Sampling layer, so its loss has no KL term. In a "
                     "variational autoencoder two Dense layers of equal size, mean and "
                     "log-variance, lead to one: see the lesson “variational”."));
      return;
    }
  self->showing = TRUE;
  wb_param_scale_set_value (self->scale, nn_params_float (node->params, "beta"));
  self->showing = FALSE;
  show_value (self, nn_params_float (node->params, "beta"));
  g_autofree char *missing = wb_viewer_missing_notice (viewer);
  if (missing != NULL)
    wb_viewer_set_notice (viewer, missing);
  wb_drawing_viewer_redraw (WB_DRAWING_VIEWER (self));
}

static void
wb_vae_terms_viewer_snapshot (WbViewer *viewer, NnSnapshot *snapshot)
{
  if (snapshot->rows != NULL && snapshot->rows->len > 0)
    wb_drawing_viewer_redraw (WB_DRAWING_VIEWER (viewer));
}

static NnProbe *
wb_vae_terms_viewer_make_probe (WbViewer *viewer, guint probe_id)
{
  NnDataset *dataset = wb_document_dataset (wb_viewer_get_document (viewer));

  if (WB_VAE_TERMS_VIEWER (viewer)->sampling == 0 || dataset == NULL)
    return NULL;
  return nn_codes_probe_new (probe_id, NN_PART_TEST, NULL, N_SAMPLES);
}

static void
wb_vae_terms_viewer_answer (WbViewer *viewer, NnProbeResult *result)
{
  WbVaeTermsViewer *self = WB_VAE_TERMS_VIEWER (viewer);
  const NnCodesResult *codes = (const NnCodesResult *)result;

  if (result->type != &nn_codes_probe_type || self->sampling == 0)
    return;
  g_clear_pointer (&self->statistics, nn_code_statistics_free);
  if (result->error == NULL && codes->codes != NULL && codes->log_variance != NULL)
    self->statistics =
        nn_code_statistics_new (codes->codes->data, codes->log_variance->data, codes->samples->len,
                                (guint)nn_shape_size (&codes->shape), N_BINS);
  if (self->statistics != NULL)
    wb_viewer_set_notice (viewer, NULL);
  else
    wb_viewer_set_notice (viewer, result->error != NULL
                                      ? result->error->message
                                      : _ ("The code is no finite number, or is not drawn by a "
                                           "Sampling layer: there is no KL to show."));
  wb_drawing_viewer_redraw (WB_DRAWING_VIEWER (self));
}

/* ---- export and life ---- */

static WbTable *
wb_vae_terms_viewer_to_table (WbViewer *viewer)
{
  const NnCodeStatistics *statistics = WB_VAE_TERMS_VIEWER (viewer)->statistics;

  if (statistics == NULL)
    return NULL;
  WbTable *table = wb_table_new ("dimension,kl_nats,mean,variance");
  for (guint i = 0; i < statistics->n_units; i++)
    {
      const NnUnitStatistics *unit = &statistics->units[i];

      wb_table_put (table, i + 1);
      wb_table_put (table, unit->divergence);
      wb_table_put (table, unit->mean);
      wb_table_put (table, unit->variance);
    }
  return table;
}

/* The table, and below it the terms over the epochs. */
static char *
wb_vae_terms_viewer_to_csv (WbViewer *viewer)
{
  g_autoptr (WbTable) dimensions = wb_vae_terms_viewer_to_table (viewer);
  g_autoptr (WbTable) epochs = wb_table_new ("epoch,reconstruction,beta_kl");
  gsize n;
  const NnRow *rows = validations (WB_VAE_TERMS_VIEWER (viewer), &n);

  if (dimensions == NULL)
    return NULL;
  for (gsize i = 0; i < n; i++)
    {
      wb_table_put (epochs, rows[i].epoch);
      wb_table_put (epochs, rows[i].loss - rows[i].divergence);
      wb_table_put (epochs, rows[i].divergence);
    }
  g_autofree char *upper = wb_table_to_csv (dimensions), *lower = wb_table_to_csv (epochs);
  return g_strdup_printf ("%s\n%s", upper, lower);
}

static void
wb_vae_terms_viewer_dispose (GObject *object)
{
  g_clear_handle_id (&WB_VAE_TERMS_VIEWER (object)->seal, g_source_remove);
  G_OBJECT_CLASS (wb_vae_terms_viewer_parent_class)->dispose (object);
}

static void
wb_vae_terms_viewer_finalize (GObject *object)
{
  g_clear_pointer (&WB_VAE_TERMS_VIEWER (object)->statistics, nn_code_statistics_free);
  G_OBJECT_CLASS (wb_vae_terms_viewer_parent_class)->finalize (object);
}

static void
wb_vae_terms_viewer_class_init (WbVaeTermsViewerClass *klass)
{
  WbViewerClass *viewer_class = WB_VIEWER_CLASS (klass);
  WbDrawingViewerClass *drawing_class = WB_DRAWING_VIEWER_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = wb_vae_terms_viewer_dispose;
  G_OBJECT_CLASS (klass)->finalize = wb_vae_terms_viewer_finalize;
  viewer_class->document_changed = wb_vae_terms_viewer_document_changed;
  viewer_class->snapshot = wb_vae_terms_viewer_snapshot;
  viewer_class->make_probe = wb_vae_terms_viewer_make_probe;
  viewer_class->answer = wb_vae_terms_viewer_answer;
  viewer_class->to_table = wb_vae_terms_viewer_to_table;
  drawing_class->paint = wb_vae_terms_viewer_paint;
  drawing_class->n_items = wb_vae_terms_viewer_n_items;
  drawing_class->item_at = wb_vae_terms_viewer_item_at;
  drawing_class->item_text = wb_vae_terms_viewer_item_text;
  viewer_class->to_csv = wb_vae_terms_viewer_to_csv;
}

static void
wb_vae_terms_viewer_init (WbVaeTermsViewer *self)
{
  const NnParamSpec *spec = nn_layer_type ("sampling")->params;
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *title = gtk_label_new ("β");

  self->scale = wb_param_scale_new (spec);
  self->value = gtk_label_new ("1");
  gtk_scale_clear_marks (GTK_SCALE (self->scale)); /* no room in a line */
  gtk_widget_set_size_request (self->scale, 120, -1);
  gtk_widget_add_css_class (title, "wb-sentence");
  gtk_widget_add_css_class (self->value, "wb-sentence");
  gtk_widget_add_css_class (self->value, "numeric");
  gtk_label_set_width_chars (GTK_LABEL (self->value), 4);
  gtk_widget_set_tooltip_text (box, _ (spec->tip));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->scale), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Beta"), -1);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), self->scale);
  gtk_box_append (GTK_BOX (box), self->value);
  g_signal_connect_swapped (self->scale, "value-changed", G_CALLBACK (beta_moved), self);

  wb_drawing_viewer_name_area (
      WB_DRAWING_VIEWER (self), _ ("Terms of the loss: arrows walk through the dimensions"),
      _ ("KL: how far the codes of a dimension lie from the standard normal distribution. Below "
         "0.01 nats a dimension is collapsed: it tells the decoder nothing"));
  wb_viewer_add_control (WB_VIEWER (self), box);
}
