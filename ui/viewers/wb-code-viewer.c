/* wb-code-viewer.c: the codes of many samples as a picture, the histogram of their values, and what
 * each unit of the code does. */
#include "diabolo-config.h"

#include "explore/nn-code-statistics.h"
#include "explore/nn-codes-probe.h"
#include "panels/wb-scroll-past.h"
#include "plots/wb-figure.h"
#include "plots/wb-format.h"
#include "plots/wb-plot-data.h"
#include "viewers/wb-code-comparison.h"
#include "viewers/wb-drawing-viewer.h"
#include "viewers/wb-segments.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define N_SAMPLES 2000
#define N_BINS 48
#define MAX_SHOWN 256 /* samples in the picture */
#define GAP 2
#define SECTION_GAP 22
#define SCALE_WIDTH 64
#define SCALE_HEIGHT 8

#define WB_TYPE_CODE_VIEWER (wb_code_viewer_get_type ())
G_DECLARE_FINAL_TYPE (WbCodeViewer, wb_code_viewer, WB, CODE_VIEWER, WbDrawingViewer)

extern const WbViewerType wb_code_viewer_type;

struct _WbCodeViewer
{
  WbDrawingViewer parent;

  NnCodesResult *codes;         /* owned reference; NULL before an answer */
  NnCodeStatistics *statistics; /* owned; of them */
  gboolean images;              /* each code as a small image, else as a row of a matrix */
  guint columns;                /* of such an image; 0: about square */
  WbCodeComparison comparison;  /* with another run */

  /* borrowed: children */
  GtkToggleButton *rows_button, *images_button;
};

G_DEFINE_FINAL_TYPE (WbCodeViewer, wb_code_viewer, WB_TYPE_DRAWING_VIEWER)

const WbViewerType wb_code_viewer_type = {
  .id = "code",
  .title = N_ ("Code"),
  .sentence = N_ ("What codes look like, and how busy their units are."),
  .icon = "wb-code-symbolic",
  .get_type = wb_code_viewer_get_type,
};

/* ---- drawing ---- */

/* Zero at the palette's lower end, or in its middle where there are values of both signs. */
static void
color_range (const NnCodeStatistics *statistics, float *low, float *high)
{
  *high = MAX (statistics->high, 1e-6f);
  *low = 0;
  if (statistics->low < 0)
    {
      *high = MAX (*high, -statistics->low);
      *low = -*high;
    }
}

static void
draw_codes (const float *values, gsize width, gsize height, const NnCodeStatistics *statistics,
            const WbRect *rect, cairo_t *cr, WbScheme scheme)
{
  float low, high;

  color_range (statistics, &low, &high);
  cairo_surface_t *surface =
      wb_figure_surface (values, width, height, 1, WB_PALETTE_VIRIDIS, scheme, low, high);
  wb_figure_picture (cr, surface, rect, FALSE);
  cairo_surface_destroy (surface);
}

/* Each code in rows of so many units, the last one filled up. */
static void
draw_images (WbCodeViewer *self, const WbRect *rect, cairo_t *cr, WbScheme scheme)
{
  const gsize units = self->statistics->n_units;
  const gsize width =
      self->columns > 0 ? MIN (self->columns, units) : (gsize)ceil (sqrt ((double)units));
  const gsize height = (units + width - 1) / width;
  const double cell = CLAMP (48.0 / MAX (width, height), 1, 12);
  const double step_x = width * cell + 2 * GAP, step_y = height * cell + 2 * GAP;
  const guint across = (guint)MAX (1, rect->width / step_x);
  const guint down = (guint)MAX (1, rect->height / step_y);
  g_autofree float *padded = g_new0 (float, width *height);

  for (guint i = 0; i < MIN (self->statistics->n, across * down); i++)
    {
      const guint column = i % across, row = i / across;
      const WbRect image = { rect->x + column * step_x, rect->y + row * step_y, width * cell,
                             height * cell };

      memcpy (padded, self->codes->codes->data + i * units, units * sizeof (float));
      draw_codes (padded, width, height, self->statistics, &image, cr, scheme);
    }
}

static void
draw_picture (WbCodeViewer *self, const WbRect *rect, gint marked, cairo_t *cr,
              PangoContext *context, WbScheme scheme)
{
  const NnCodeStatistics *statistics = self->statistics;
  const double line = wb_figure_line_height (context);
  const GdkRGBA *dim = wb_color (WB_COLOR_DIM, scheme);
  const double foot = rect->y + rect->height - line / 2;
  WbRect inside = { rect->x, rect->y + line + 4, rect->width, rect->height - 2 * line - 10 };
  const guint shown = MIN (MIN (statistics->n, MAX_SHOWN), (guint)MAX (1, inside.height / 2));
  g_autofree char *title = self->images
                               ? g_strdup (_ ("<b>Codes</b>, one image a sample"))
                               : g_strdup_printf (_ ("<b>Codes</b>: %u samples ↓, %u units →"),
                                                  shown, statistics->n_units);
  g_autofree char *low_text = NULL, *high_text = NULL;
  float low, high;
  double x = rect->x;

  const gboolean fits = wb_figure_text_width (context, title) <= rect->width;
  wb_figure_text (cr, context, fits ? title : _ ("<b>Codes</b>"), rect->x, rect->y + line / 2, 0,
                  wb_color (WB_COLOR_TEXT, scheme));
  if (self->images)
    draw_images (self, &inside, cr, scheme);
  else
    draw_codes (self->codes->codes->data, statistics->n_units, shown, statistics, &inside, cr,
                scheme);
  if (!self->images && marked >= 0)
    {
      const double step = inside.width / statistics->n_units;
      const WbRect column = { inside.x + marked * step - 0.5, inside.y - 0.5, MAX (2, step) + 1,
                              inside.height + 1 };

      wb_figure_rounded (cr, &column, 1);
      wb_cairo_set_color (cr, wb_color (WB_COLOR_ACCENT, scheme), 1);
      cairo_set_line_width (cr, 1.5);
      cairo_stroke (cr);
    }
  color_range (statistics, &low, &high);
  low_text = wb_format_value (low);
  high_text = wb_format_value (high);
  x += wb_figure_text (cr, context, low_text, x, foot, 0, dim) + 6;
  wb_figure_scale (cr, &(WbRect){ x, foot - SCALE_HEIGHT / 2.0, SCALE_WIDTH, SCALE_HEIGHT },
                   WB_PALETTE_VIRIDIS, scheme);
  wb_figure_text (cr, context, high_text, x + SCALE_WIDTH + 6, foot, 0, dim);
}

/* Bars of heights relative to `most`; 0: to the greatest of them. marked: -1: none. */
static void
draw_bars (const double *values, guint n, double most, gint marked, const WbRect *rect,
           const GdkRGBA *color, cairo_t *cr, WbScheme scheme)
{
  const double step = rect->width / n;
  const WbRect mark = { rect->x + marked * step, rect->y, MAX (0.5, step - (step > 3)),
                        rect->height };
  double top = most;

  if (marked >= 0)
    wb_figure_mark (cr, &mark, scheme);
  for (guint i = 0; most == 0 && i < n; i++)
    top = MAX (top, values[i]);
  wb_cairo_set_color (cr, color, 1);
  for (guint i = 0; i < n; i++)
    {
      const double height = top > 0 ? values[i] / top * rect->height : 0;
      cairo_rectangle (cr, rect->x + i * step, rect->y + rect->height - height,
                       MAX (0.5, step - (step > 3)), height);
    }
  cairo_fill (cr);
}

static void
draw_row (const char *title, const char *info, const char *left, const char *right,
          const double *values, guint n, double most, gint marked, WbColor color,
          const WbRect *rect, cairo_t *cr, PangoContext *context, WbScheme scheme)
{
  const double line = wb_figure_line_height (context), foot = *left != '\0' ? line : 2;
  const WbRect bars = { rect->x, rect->y + line + 2, rect->width,
                        MAX (8, rect->height - line - foot - 8) };
  const GdkRGBA *dim = wb_color (WB_COLOR_DIM, scheme);
  const double y = bars.y + bars.height;

  wb_figure_text (cr, context, title, rect->x, rect->y + line / 2, 0,
                  wb_color (WB_COLOR_TEXT, scheme));
  if (wb_figure_text_width (context, title) + wb_figure_text_width (context, info) + 8
      <= rect->width)
    wb_figure_text (cr, context, info, rect->x + rect->width, rect->y + line / 2, 1, dim);
  draw_bars (values, n, most, marked, &bars, wb_color (color, scheme), cr, scheme);
  wb_cairo_set_color (cr, wb_color (WB_COLOR_LINE, scheme), 1);
  cairo_rectangle (cr, bars.x, y, bars.width, 1);
  cairo_fill (cr);
  wb_figure_text (cr, context, left, bars.x, y + 2 + line / 2, 0, dim);
  wb_figure_text (cr, context, right, bars.x + bars.width, y + 2 + line / 2, 1, dim);
}

/* "unit 7: mean 0.31, 4 % zero" */
static char *
unit_text (const NnCodeStatistics *statistics, guint i)
{
  g_autofree char *mean = wb_format_value (statistics->units[i].mean);
  g_autofree char *zeros = wb_format_percent (statistics->units[i].silent);

  return g_strdup_printf (_ ("unit %u: mean %s, %s zero"), i + 1, mean, zeros);
}

/* "mean 0.84, 51 % zero", or which bars are whose; of the marked unit alone where there is one.
 * (transfer full) */
static char *
values_text (WbCodeViewer *self, gint marked, WbScheme scheme)
{
  const NnUnitStatistics *whole = &self->statistics->whole;
  const char *other = wb_code_comparison_name (&self->comparison);
  g_autofree char *mean = wb_format_value (whole->mean), *zeros = wb_format_percent (whole->silent);

  if (marked >= 0)
    return unit_text (self->statistics, (guint)marked);
  if (other == NULL)
    return g_strdup_printf (_ ("mean %s, %s zero"), mean, zeros);
  g_autofree char *hex = wb_ink_hex (WB_COLOR_VALIDATION, scheme);
  g_autofree char *legend = g_markup_printf_escaped (_ ("outline: %s"), other);
  return g_strdup_printf ("<span color=\"%s\"><b>%s</b></span>", hex, legend);
}

/* The histogram, with that of the other run over it where there is one: the same parts of one
 * range, and one height. */
static void
draw_values (WbCodeViewer *self, const WbRect *rect, gint marked, cairo_t *cr,
             PangoContext *context, WbScheme scheme)
{
  const NnCodeStatistics *statistics = self->statistics;
  const guint n_bins = statistics->n_bins;
  const double line = wb_figure_line_height (context);
  const WbRect bars = { rect->x, rect->y + line + 2, rect->width,
                        MAX (8, rect->height - 2 * line - 8) };
  const NnTensor *codes = self->codes->codes;
  g_autofree double *bins = g_new (double, n_bins);
  g_autofree char *text = values_text (self, marked, scheme);
  float low = statistics->low, high = statistics->high;

  wb_code_comparison_range (&self->comparison, &low, &high);
  wb_code_histogram (codes->data, codes->size, low, high, n_bins, bins);
  const double other = wb_code_comparison_most (&self->comparison, low, high, n_bins);
  double most = other;
  for (guint i = 0; i < n_bins; i++)
    most = MAX (most, bins[i]);
  for (guint i = 0; i < n_bins; i++)
    bins[i] = sqrt (bins[i] / most); /* so that the few beside the zeros are seen */
  g_autofree char *low_text = wb_format_value (low), *high_text = wb_format_value (high);
  draw_row (_ ("<b>Values</b>"), text, low_text, high_text, bins, n_bins, 1, -1, WB_COLOR_BAR, rect,
            cr, context, scheme);
  wb_code_comparison_draw (&self->comparison, low, high, n_bins, most, &bars, cr, scheme);
}

static void
draw_statistics (WbCodeViewer *self, WbRect rect, gint marked, cairo_t *cr, PangoContext *context,
                 WbScheme scheme)
{
  const NnCodeStatistics *statistics = self->statistics;
  const NnUnitStatistics *whole = &statistics->whole;
  g_autofree double *activity = g_new (double, statistics->n_units);
  g_autofree double *variance = g_new (double, statistics->n_units);
  g_autofree char *spread = wb_format_value (whole->variance);
  g_autofree char *dead = g_strdup_printf (_ ("%u never active"), statistics->n_dead);
  g_autofree char *of_all = g_strdup_printf (_ ("of all %s"), spread);

  if (marked >= 0)
    {
      const NnUnitStatistics *unit = &statistics->units[marked];
      g_autofree char *mean = wb_format_value (unit->activity);
      g_autofree char *own = wb_format_value (unit->variance);

      g_free (dead);
      g_free (of_all);
      dead = g_strdup_printf (_ ("unit %d: %s"), marked + 1, mean);
      of_all = g_strdup_printf (_ ("unit %d: %s"), marked + 1, own);
    }
  for (guint i = 0; i < statistics->n_units; i++)
    {
      activity[i] = statistics->units[i].activity;
      variance[i] = statistics->units[i].variance;
    }
  rect.height = floor (rect.height / 3);
  draw_values (self, &rect, marked, cr, context, scheme);
  rect.y += rect.height;
  draw_row (_ ("<b>Activity</b>"), dead, "", "", activity, statistics->n_units, 0, marked,
            WB_COLOR_CORE, &rect, cr, context, scheme);
  rect.y += rect.height;
  draw_row (_ ("<b>Variance</b>"), of_all, "", "", variance, statistics->n_units, 0, marked,
            WB_COLOR_VARIATIONAL, &rect, cr, context, scheme);
}

/* The picture, and beside or below it the statistics. */
static void
place_parts (const WbSheet *sheet, WbRect *picture, WbRect *rest)
{
  *picture = *rest = (WbRect){ 0, 0, sheet->width, sheet->height };
  if (sheet->width >= sheet->height)
    {
      picture->width = floor (0.42 * sheet->width); /* the rest has words */
      rest->x = picture->width + SECTION_GAP;
      rest->width = sheet->width - rest->x;
    }
  else
    {
      picture->height = floor (0.5 * sheet->height);
      rest->y = picture->height + GAP;
      rest->height = sheet->height - rest->y;
    }
}

static void
wb_code_viewer_paint (WbDrawingViewer *viewer, const WbSheet *sheet)
{
  WbCodeViewer *self = WB_CODE_VIEWER (viewer);
  WbRect picture, rest;

  if (self->statistics == NULL)
    return;
  place_parts (sheet, &picture, &rest);
  draw_picture (self, &picture, sheet->marked, sheet->cr, sheet->context, sheet->scheme);
  draw_statistics (self, rest, sheet->marked, sheet->cr, sheet->context, sheet->scheme);
}

static guint
wb_code_viewer_n_items (WbDrawingViewer *viewer)
{
  const NnCodeStatistics *statistics = WB_CODE_VIEWER (viewer)->statistics;

  return statistics != NULL ? statistics->n_units : 0;
}

/* A unit is a column of the matrix, and a bar of activity and variance. */
static gint
wb_code_viewer_item_at (WbDrawingViewer *viewer, const WbSheet *sheet, double x, double y)
{
  WbCodeViewer *self = WB_CODE_VIEWER (viewer);
  WbRect picture, rest;

  place_parts (sheet, &picture, &rest);
  const gboolean in_picture = x < picture.x + picture.width && y < picture.y + picture.height;
  const WbRect *part = in_picture ? &picture : &rest;
  const double at = (x - part->x) / part->width * self->statistics->n_units;

  if ((in_picture && self->images) || (!in_picture && y < rest.y + rest.height / 3))
    return -1; /* images, histogram */
  return at >= 0 && at < self->statistics->n_units ? (gint)at : -1;
}

static char *
wb_code_viewer_item_text (WbDrawingViewer *viewer, guint item)
{
  return unit_text (WB_CODE_VIEWER (viewer)->statistics, item);
}

/* ---- document and worker ---- */

static void
forget (WbCodeViewer *self)
{
  g_clear_pointer (&self->statistics, nn_code_statistics_free);
  if (self->codes != NULL)
    nn_probe_result_unref (&self->codes->base);
  self->codes = NULL;
}

static void
wb_code_viewer_document_changed (WbViewer *viewer)
{
  NnAnalysis *analysis = wb_document_analysis (wb_viewer_get_document (viewer));
  g_autofree char *missing = wb_viewer_missing_notice (viewer);

  if (nn_analysis_code_node (analysis) == 0)
    {
      forget (WB_CODE_VIEWER (viewer));
      wb_viewer_set_notice (viewer,
                            _ ("This network has no code: a layer narrower than its input that "
                               "everything passes through. An autoencoder has one."));
    }
  else if (missing != NULL)
    wb_viewer_set_notice (viewer, missing);
  wb_code_comparison_update (&WB_CODE_VIEWER (viewer)->comparison);
}

static void
wb_code_viewer_snapshot (WbViewer *viewer, NnSnapshot *snapshot)
{
  WbCodeViewer *self = WB_CODE_VIEWER (viewer);

  wb_code_comparison_update (&self->comparison);
  if (wb_code_comparison_take (&self->comparison))
    wb_drawing_viewer_redraw (WB_DRAWING_VIEWER (self));
}

static void
wb_code_viewer_unmap (GtkWidget *widget)
{
  wb_code_comparison_withdraw (&WB_CODE_VIEWER (widget)->comparison);
  GTK_WIDGET_CLASS (wb_code_viewer_parent_class)->unmap (widget);
}

static NnProbe *
wb_code_viewer_make_probe (WbViewer *viewer, guint probe_id)
{
  WbDocument *document = wb_viewer_get_document (viewer);

  if (wb_document_dataset (document) == NULL
      || nn_analysis_code_node (wb_document_analysis (document)) == 0)
    return NULL;
  return nn_codes_probe_new (probe_id, NN_PART_TEST, NULL, N_SAMPLES);
}

static void
wb_code_viewer_answer (WbViewer *viewer, NnProbeResult *result)
{
  WbCodeViewer *self = WB_CODE_VIEWER (viewer);
  NnCodesResult *codes = (NnCodesResult *)result;

  if (result->type != &nn_codes_probe_type)
    return;
  if (result->error == NULL && codes->codes == NULL)
    return;
  forget (self);
  if (result->error == NULL)
    self->statistics = nn_code_statistics_new (codes->codes->data, NULL, codes->samples->len,
                                               (guint)nn_shape_size (&codes->shape), N_BINS);
  if (self->statistics != NULL)
    {
      nn_probe_result_ref (result);
      self->codes = codes;
      wb_viewer_set_notice (viewer, NULL);
    }
  else
    wb_viewer_set_notice (viewer, result->error != NULL
                                      ? result->error->message
                                      : _ ("The code holds values that are no finite numbers: the "
                                           "weights are broken. Reset them."));
  wb_drawing_viewer_redraw (WB_DRAWING_VIEWER (self));
}

/* ---- settings, export and life ---- */

static void
images_toggled (WbCodeViewer *self)
{
  self->images = gtk_toggle_button_get_active (self->images_button);
  wb_drawing_viewer_redraw (WB_DRAWING_VIEWER (self));
}

static void
columns_changed (GtkSpinButton *spin, WbCodeViewer *self)
{
  self->columns = (guint)gtk_spin_button_get_value_as_int (spin);
  wb_drawing_viewer_redraw (WB_DRAWING_VIEWER (self));
}

static GtkWidget *
wb_code_viewer_make_settings (WbViewer *viewer)
{
  WbCodeViewer *self = WB_CODE_VIEWER (viewer);
  GtkWidget *all = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *title = gtk_label_new (_ ("Width of an image"));
  GtkWidget *spin = gtk_spin_button_new_with_range (0, 256, 1);

  gtk_widget_add_css_class (all, "wb-settings");
  gtk_widget_set_tooltip_text (box, _ ("How many units stand in a row of a code's image; 0: about "
                                       "as many as there are rows"));
  gtk_widget_set_hexpand (title, TRUE);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_accessible_update_property (GTK_ACCESSIBLE (spin), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Width of an image"), -1);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), self->columns);
  wb_scroll_past (spin);
  g_signal_connect_object (spin, "value-changed", G_CALLBACK (columns_changed), self, 0);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), spin);
  gtk_box_append (GTK_BOX (all), box);
  gtk_box_append (GTK_BOX (all), wb_code_comparison_settings (&self->comparison));
  return all;
}

static void
wb_code_viewer_save_state (WbViewer *viewer, JsonObject *state)
{
  WbCodeViewer *self = WB_CODE_VIEWER (viewer);

  if (self->images)
    json_object_set_boolean_member (state, "images", TRUE);
  if (self->comparison.off)
    json_object_set_boolean_member (state, "compare", FALSE);
  if (self->columns > 0)
    json_object_set_int_member (state, "width", self->columns);
}

static void
wb_code_viewer_load_state (WbViewer *viewer, JsonObject *state)
{
  WbCodeViewer *self = WB_CODE_VIEWER (viewer);

  self->columns =
      (guint)CLAMP (json_object_get_int_member_with_default (state, "width", 0), 0, 256);
  self->comparison.off = !json_object_get_boolean_member_with_default (state, "compare", TRUE);
  if (json_object_get_boolean_member_with_default (state, "images", FALSE))
    gtk_toggle_button_set_active (self->images_button, TRUE);
}

static WbTable *
wb_code_viewer_to_table (WbViewer *viewer)
{
  const NnCodeStatistics *statistics = WB_CODE_VIEWER (viewer)->statistics;

  if (statistics == NULL)
    return NULL;
  WbTable *table = wb_table_new ("unit,mean,variance,share_near_zero,activity");
  for (guint i = 0; i < statistics->n_units; i++)
    {
      const NnUnitStatistics *unit = &statistics->units[i];

      wb_table_put (table, i + 1);
      wb_table_put (table, unit->mean);
      wb_table_put (table, unit->variance);
      wb_table_put (table, unit->silent);
      wb_table_put (table, unit->activity);
    }
  return table;
}

/* The codes themselves: (n, D). */
static NnTensor *
wb_code_viewer_to_tensor (WbViewer *viewer)
{
  const NnCodesResult *codes = WB_CODE_VIEWER (viewer)->codes;

  return codes != NULL ? nn_tensor_ref (codes->codes) : NULL;
}

static void
wb_code_viewer_finalize (GObject *object)
{
  forget (WB_CODE_VIEWER (object));
  wb_code_comparison_clear (&WB_CODE_VIEWER (object)->comparison);
  G_OBJECT_CLASS (wb_code_viewer_parent_class)->finalize (object);
}

static void
wb_code_viewer_class_init (WbCodeViewerClass *klass)
{
  WbViewerClass *viewer_class = WB_VIEWER_CLASS (klass);
  WbDrawingViewerClass *drawing_class = WB_DRAWING_VIEWER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = wb_code_viewer_finalize;
  GTK_WIDGET_CLASS (klass)->unmap = wb_code_viewer_unmap;
  viewer_class->document_changed = wb_code_viewer_document_changed;
  viewer_class->snapshot = wb_code_viewer_snapshot;
  viewer_class->make_probe = wb_code_viewer_make_probe;
  viewer_class->answer = wb_code_viewer_answer;
  viewer_class->make_settings = wb_code_viewer_make_settings;
  viewer_class->save_state = wb_code_viewer_save_state;
  viewer_class->load_state = wb_code_viewer_load_state;
  drawing_class->paint = wb_code_viewer_paint;
  drawing_class->n_items = wb_code_viewer_n_items;
  drawing_class->item_at = wb_code_viewer_item_at;
  drawing_class->item_text = wb_code_viewer_item_text;
  viewer_class->to_table = wb_code_viewer_to_table;
  viewer_class->to_tensor = wb_code_viewer_to_tensor;
}

static void
wb_code_viewer_init (WbCodeViewer *self)
{
  GtkWidget *segments = wb_segments_new (
      _ ("Rows"), _ ("Each code as a row of cells: a unit that is always silent is a dark column"),
      _ ("Images"), _ ("Each code as a small image"), &self->rows_button, &self->images_button);

  wb_code_comparison_init (&self->comparison, WB_VIEWER (self));
  wb_drawing_viewer_name_area (
      WB_DRAWING_VIEWER (self), _ ("Codes and statistics: arrows walk through the units"),
      _ ("Activity: the mean size of a unit's values. A unit is near zero where its value is below "
         "a hundredth of the greatest. Heights of the histogram are square roots of counts"));
  g_signal_connect_swapped (self->images_button, "toggled", G_CALLBACK (images_toggled), self);
  wb_viewer_add_control (WB_VIEWER (self), segments);
}
