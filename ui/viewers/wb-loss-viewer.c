#include "diabolo-config.h"

#include "viewers/wb-curve-plot.h"
#include "viewers/wb-loss-viewer.h"
#include "viewers/wb-run-switch.h"
#include "viewers/wb-segments.h"
#include "viewers/wb-time-handle.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define REFRESH_MS 66      /* between two pictures while training: about 3 ms of drawing each */
#define DESCRIBE_SECONDS 1 /* between two spoken summaries */
#define CURVE_REACH 8      /* pixels from the curve that still take hold of it */
#define OTHER_OPACITY 0.5  /* of runs that are not trained now */
#define FIRST_RUN_CLASS 2  /* classes 0 and 1 are too close to the colours of the current run */

struct _WbLossViewer
{
  WbViewer parent;

  GPtrArray *curves;       /* WbCurve of the visible runs, owned; the current run last */
  GHashTable *hidden;      /* run ids */
  GArray *metrics;         /* WbMetric: those that can be chosen */
  WbMetric metric, wanted; /* shown: what is wanted, once it is measured */
  gboolean choosing;       /* the choice is filled in */
  gboolean log;
  double span;

  guint64 stamp; /* of what the plot shows */
  gint64 refreshed_at, described_at;
  guint timeout;

  /* borrowed: children */
  WbPlot *plot;
  WbTimeHandle *handle;
  WbRunSwitch *runs;
  GtkToggleButton *linear_button, *log_button;
  GtkDropDown *metric_choice;
};

G_DEFINE_FINAL_TYPE (WbLossViewer, wb_loss_viewer, WB_TYPE_VIEWER)

const WbViewerType wb_loss_viewer_type = {
  .id = "loss",
  .title = N_ ("Loss"),
  .sentence = N_ ("Error per batch; lower is better."),
  .icon = "wb-loss-symbolic",
  .get_type = wb_loss_viewer_get_type,
};

static NnRunHistory *
get_runs (WbLossViewer *self)
{
  WbDocument *document = wb_viewer_get_document (WB_VIEWER (self));

  return document != NULL ? wb_document_runs (document) : NULL;
}

guint64
wb_loss_viewer_current_run (WbLossViewer *self)
{
  WbDocument *document = wb_viewer_get_document (WB_VIEWER (self));

  return document != NULL ? wb_document_run (document) : 0;
}

WbInk
wb_loss_viewer_run_ink (WbLossViewer *self, guint64 run)
{
  NnRunHistory *runs = get_runs (self);
  guint n = runs != NULL ? nn_run_history_n_runs (runs) : 0;

  if (run == wb_loss_viewer_current_run (self))
    return WB_COLOR_TRAIN;
  for (guint i = 0; i < n; i++)
    if (nn_run_history_run (runs, i)->id == run)
      return WB_INK_CLASS ((i + FIRST_RUN_CLASS) % WB_N_CLASSES);
  return WB_COLOR_TRAIN;
}

static const char *
run_name (WbLossViewer *self, guint64 run)
{
  NnRunHistory *runs = get_runs (self);

  for (guint i = 0; runs != NULL && i < nn_run_history_n_runs (runs); i++)
    if (nn_run_history_run (runs, i)->id == run)
      return nn_run_history_run (runs, i)->name;
  return "";
}

/* ---- from runs to a picture ---- */

/* Keeps the curves that are up to date and makes the others anew. */
static void
update_curves (WbLossViewer *self, NnRunHistory *runs)
{
  g_autoptr (GPtrArray) old = g_steal_pointer (&self->curves);

  self->curves = g_ptr_array_new_with_free_func ((GDestroyNotify)wb_curve_free);
  for (guint i = 0; runs != NULL && i < nn_run_history_n_runs (runs); i++)
    {
      guint64 run = nn_run_history_run (runs, i)->id;
      WbCurve *curve = NULL;
      if (g_hash_table_contains (self->hidden, &run))
        continue;
      for (guint j = 0; j < old->len && curve == NULL; j++)
        {
          WbCurve *candidate = g_ptr_array_index (old, j);
          if (candidate->run == run
              && wb_curve_is_current (candidate, runs, self->metric, self->span))
            curve = g_ptr_array_steal_index (old, j);
        }
      if (curve == NULL)
        curve = wb_curve_new (runs, run, self->metric, self->span);
      g_ptr_array_add (self->curves, curve);
    }
}

/* The value a curve's label gives: the best of validation, else the newest of training. */
static char *
other_run_value (WbLossViewer *self, const WbCurve *curve)
{
  g_autofree char *value = NULL;

  if (curve->best >= 0)
    {
      value = wb_metric_format (self->metric, curve->validation[curve->best].y);
      return g_strdup_printf (_ ("best %s"), value);
    }
  return curve->n > 0 ? wb_metric_format (self->metric, curve->smooth[curve->n - 1].y)
                      : g_strdup ("");
}

static void
add_other_run (WbLossViewer *self, WbPlotData *data, const WbCurve *curve)
{
  WbInk ink = wb_loss_viewer_run_ink (self, curve->run);
  g_autofree char *value = other_run_value (self, curve);

  if (curve->n == 0 && curve->best < 0)
    return;
  wb_curve_add_series (data, WB_SERIES_LINE, ink, curve->smooth, curve->n)->opacity = OTHER_OPACITY;
  wb_curve_add_series (data, WB_SERIES_POINTS, ink, curve->validation, curve->n_validation)
      ->opacity = OTHER_OPACITY;
  wb_plot_data_add_label (data, ink, run_name (self, curve->run), value);
}

static const WbCurve *
find_curve (WbLossViewer *self, guint64 run)
{
  for (guint i = 0; i < self->curves->len; i++)
    {
      const WbCurve *curve = g_ptr_array_index (self->curves, i);
      if (curve->run == run)
        return curve;
    }
  return NULL;
}

static WbPlotData *
make_data (WbLossViewer *self)
{
  WbPlotData *data = wb_curve_plot_new (self->metric);
  guint64 current = wb_loss_viewer_current_run (self);
  double end = 0;

  data->log_y = self->log;
  for (guint i = 0; i < self->curves->len; i++)
    {
      const WbCurve *curve = g_ptr_array_index (self->curves, i);
      end = MAX (end, wb_curve_end (curve));
      if (curve->run != current)
        add_other_run (self, data, curve);
    }
  /* Above the others, which share its beginning where it went on from one of them. */
  const WbCurve *curve = find_curve (self, current);
  if (curve != NULL)
    wb_curve_add (data, curve, self->curves->len > 1 ? run_name (self, current) : NULL);
  data->x_end = MAX (1, ceil (end - 1e-9));
  return data;
}

/* Changes whenever the picture would. */
static guint64
stamp_of (WbLossViewer *self, NnRunHistory *runs)
{
  guint64 stamp = 14695981039346656037u; /* FNV-1a */
#define MIX(value) (stamp = (stamp ^ (guint64)(value)) * 1099511628211u)

  MIX (self->metric);
  MIX (self->log);
  MIX (self->span * 1000);
  MIX (wb_loss_viewer_current_run (self));
  for (guint i = 0; runs != NULL && i < nn_run_history_n_runs (runs); i++)
    {
      const NnRun *run = nn_run_history_run (runs, i);
      gsize n, n_validation;
      const NnRow *rows = nn_run_history_rows (runs, run->id, NN_ROW_BATCH, &n);
      nn_run_history_rows (runs, run->id, NN_ROW_VALIDATION, &n_validation);
      MIX (run->id);
      MIX (g_str_hash (run->name));
      MIX (g_hash_table_contains (self->hidden, &run->id));
      MIX (n);
      MIX (n > 0 ? rows[n - 1].step : 0);
      MIX (n_validation);
    }
#undef MIX
  return stamp;
}

static char *
empty_text (WbLossViewer *self)
{
  WbDocument *document = wb_viewer_get_document (WB_VIEWER (self));
  NnAnalysis *analysis = wb_document_analysis (document);

  if (nn_analysis_can_train (analysis) || nn_analysis_n_diagnostics (analysis) == 0)
    return g_strdup (
        _ ("No training yet: press Train, and the error of every batch appears here."));
  return g_strdup_printf (_ ("No training yet. %s"), nn_analysis_diagnostic (analysis, 0)->text);
}

static void
describe (WbLossViewer *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  WbPlotData *data = wb_plot_get_data (self->plot);
  gint64 now = g_get_monotonic_time ();

  if (now - self->described_at < DESCRIBE_SECONDS * G_USEC_PER_SEC)
    return;
  self->described_at = now;
  for (guint i = 0; i < data->labels->len; i++)
    {
      const WbPlotLabel *label = g_ptr_array_index (data->labels, i);
      g_string_append_printf (text, "%s%s %s", i > 0 ? ", " : "", label->strong, label->plain);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->plot), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text->str, -1);
}

static void
take_metric (WbLossViewer *self, guint chosen)
{
  const NnMetricType *type;

  self->metric = g_array_index (self->metrics, WbMetric, chosen);
  type = wb_metric_type (self->metric);
  wb_viewer_set_sentence (WB_VIEWER (self),
                          type != NULL ? _ (type->summary) : _ (wb_loss_viewer_type.sentence));
}

/* What can be chosen is what has been measured; as long as what is wanted is not, the loss is
 * shown. */
static void
update_metrics (WbLossViewer *self, NnRunHistory *runs)
{
  g_autoptr (GArray) metrics = wb_history_metrics (runs);
  g_autoptr (GtkStringList) titles = NULL;
  guint chosen = 0;

  if (self->metrics != NULL && metrics->len == self->metrics->len
      && memcmp (metrics->data, self->metrics->data, metrics->len * sizeof (WbMetric)) == 0)
    return;
  titles = gtk_string_list_new (NULL);
  for (guint i = 0; i < metrics->len; i++)
    {
      const WbMetric metric = g_array_index (metrics, WbMetric, i);

      gtk_string_list_append (titles, wb_metric_title (metric));
      if (metric == self->wanted)
        chosen = i;
    }
  g_clear_pointer (&self->metrics, g_array_unref);
  self->metrics = g_steal_pointer (&metrics);
  self->choosing = TRUE;
  gtk_drop_down_set_model (self->metric_choice, G_LIST_MODEL (titles));
  gtk_drop_down_set_selected (self->metric_choice, chosen);
  self->choosing = FALSE;
  take_metric (self, chosen);
  gtk_widget_set_visible (GTK_WIDGET (self->metric_choice), self->metrics->len > 1);
}

static void
metric_chosen (WbLossViewer *self)
{
  const guint chosen = gtk_drop_down_get_selected (self->metric_choice);

  if (self->choosing || self->metrics == NULL || chosen >= self->metrics->len)
    return;
  take_metric (self, chosen);
  self->wanted = self->metric;
  wb_loss_viewer_refresh (self);
}

void
wb_loss_viewer_refresh (WbLossViewer *self)
{
  NnRunHistory *runs = get_runs (self);
  gboolean any = FALSE;
  guint64 stamp;

  g_return_if_fail (WB_IS_LOSS_VIEWER (self));
  if (runs == NULL)
    return;
  g_clear_handle_id (&self->timeout, g_source_remove);
  update_metrics (self, runs);
  stamp = stamp_of (self, runs);
  for (guint i = 0; i < nn_run_history_n_runs (runs) && !any; i++)
    {
      gsize n;
      nn_run_history_rows (runs, nn_run_history_run (runs, i)->id, NN_ROW_BATCH, &n);
      any = n > 0;
    }
  if (!any)
    {
      g_autofree char *text = empty_text (self);
      wb_viewer_set_notice (WB_VIEWER (self), text);
      return;
    }
  wb_viewer_set_notice (WB_VIEWER (self), NULL);
  if (stamp == self->stamp)
    return;
  self->stamp = stamp;
  self->refreshed_at = g_get_monotonic_time ();
  update_curves (self, runs);
  wb_plot_set_data (self->plot, make_data (self));
  describe (self);
}

static gboolean
refresh_later (gpointer data)
{
  WbLossViewer *self = data;

  self->timeout = 0;
  wb_loss_viewer_refresh (self);
  return G_SOURCE_REMOVE;
}

static void
wb_loss_viewer_document_changed (WbViewer *viewer)
{
  WbLossViewer *self = WB_LOSS_VIEWER (viewer);

  wb_time_handle_set_document (self->handle, wb_viewer_get_document (viewer));
  wb_run_switch_set_document (self->runs, wb_viewer_get_document (viewer));
  wb_loss_viewer_refresh (self);
}

static void
wb_loss_viewer_snapshot (WbViewer *viewer, NnSnapshot *snapshot)
{
  WbLossViewer *self = WB_LOSS_VIEWER (viewer);
  gint64 waited = (g_get_monotonic_time () - self->refreshed_at) / 1000;

  if (snapshot->rows == NULL || snapshot->rows->len == 0 || self->timeout != 0)
    return;
  if (waited >= REFRESH_MS)
    wb_loss_viewer_refresh (self);
  else
    self->timeout = g_timeout_add ((guint)(REFRESH_MS - waited), refresh_later, self);
}

/* ---- read-out under the cross-hair ---- */

/* x snapped to the nearest whole epoch with a validation value, or left where it is. */
static double
snap (WbLossViewer *self, double x, double pixel, gboolean *at_epoch)
{
  double reach = MAX (12 * pixel, pixel > 1 / 24.0 ? 0.5 : 0), best = x, distance = reach;

  *at_epoch = FALSE;
  for (guint i = 0; i < self->curves->len; i++)
    {
      const WbCurve *curve = g_ptr_array_index (self->curves, i);
      if (curve->n_validation == 0)
        continue;
      gsize nearest = wb_points_nearest (curve->validation, curve->n_validation, x);
      if (fabs (curve->validation[nearest].x - x) > distance)
        continue;
      best = curve->validation[nearest].x;
      distance = fabs (best - x);
      *at_epoch = TRUE;
    }
  return best;
}

static gboolean
point_at (const WbPoint *points, gsize n, double x, double reach, WbPoint *point)
{
  if (n == 0)
    return FALSE;
  *point = points[wb_points_nearest (points, n, x)];
  return fabs (point->x - x) <= reach && isfinite (point->y);
}

static gboolean
read_out (double x, double pixel, WbReadout *readout, gpointer user_data)
{
  WbLossViewer *self = user_data;
  guint64 current = wb_loss_viewer_current_run (self);
  gboolean at_epoch;
  double reach = MAX (12 * pixel, 0.02);

  readout->x = snap (self, x, pixel, &at_epoch);
  for (guint i = 0; i < self->curves->len; i++)
    {
      const WbCurve *curve = g_ptr_array_index (self->curves, i);
      gboolean is_current = curve->run == current;
      const char *name = is_current ? _ ("train") : run_name (self, curve->run);
      WbPoint train, validation;
      gboolean has_train = point_at (curve->smooth, curve->n, readout->x, reach, &train);
      gboolean has_validation =
          at_epoch
          && point_at (curve->validation, curve->n_validation, readout->x, 1e-6, &validation);
      if (has_train && (is_current || !has_validation))
        wb_readout_add (readout, wb_loss_viewer_run_ink (self, curve->run), name,
                        wb_metric_format (self->metric, train.y), train);
      if (has_validation)
        wb_readout_add (
            readout, is_current ? WB_COLOR_VALIDATION : wb_loss_viewer_run_ink (self, curve->run),
            is_current ? _ ("validation") : name, wb_metric_format (self->metric, validation.y),
            validation);
    }
  if (at_epoch)
    readout->title = g_strdup_printf (_ ("Epoch %.0f"), readout->x);
  else
    readout->title = g_strdup_printf (_ ("Epoch %.2f"), readout->x);
  return readout->rows->len > 0;
}

/* For the handle: near the current run's smooth line? */
static gboolean
on_curve (double x, double y, gpointer user_data)
{
  WbLossViewer *self = user_data;
  const WbCurve *curve = find_curve (self, wb_loss_viewer_current_run (self));
  const WbFrame *frame = wb_plot_get_frame (self->plot);
  WbPoint point;

  if (curve == NULL || frame->width <= 0 || x < frame->left || y > frame->top + frame->height)
    return FALSE;
  const double pixel = (frame->x1 - frame->x0) / frame->width;
  return point_at (curve->smooth, curve->n, wb_frame_value_at_x (frame, x),
                   MAX (CURVE_REACH * pixel, 0.02), &point)
         && fabs (wb_frame_y (frame, point.y) - y) <= CURVE_REACH;
}

/* ---- settings ---- */

double
wb_loss_viewer_get_span (WbLossViewer *self)
{
  return self->span;
}

void
wb_loss_viewer_set_span (WbLossViewer *self, double batches)
{
  self->span = batches;
  wb_loss_viewer_refresh (self);
}

gboolean
wb_loss_viewer_get_hidden (WbLossViewer *self, guint64 run)
{
  return g_hash_table_contains (self->hidden, &run);
}

void
wb_loss_viewer_set_hidden (WbLossViewer *self, guint64 run, gboolean hidden)
{
  if (hidden)
    g_hash_table_add (self->hidden, g_memdup2 (&run, sizeof run));
  else
    g_hash_table_remove (self->hidden, &run);
  wb_loss_viewer_refresh (self);
}

WbPlot *
wb_loss_viewer_get_plot (WbLossViewer *self)
{
  return self->plot;
}

static GtkWidget *
wb_loss_viewer_make_settings (WbViewer *viewer)
{
  return wb_loss_settings_new (WB_LOSS_VIEWER (viewer));
}

static void
axis_toggled (WbLossViewer *self)
{
  self->log = gtk_toggle_button_get_active (self->log_button);
  wb_loss_viewer_refresh (self);
}

static void
wb_loss_viewer_save_state (WbViewer *viewer, JsonObject *state)
{
  WbLossViewer *self = WB_LOSS_VIEWER (viewer);

  if (self->log)
    json_object_set_boolean_member (state, "log", TRUE);
  if (self->wanted != WB_METRIC_LOSS)
    json_object_set_string_member (state, "metric", wb_metric_type (self->wanted)->id);
  if (self->span != WB_CURVE_SPAN)
    json_object_set_double_member (state, "smoothing", self->span);
}

static void
wb_loss_viewer_load_state (WbViewer *viewer, JsonObject *state)
{
  WbLossViewer *self = WB_LOSS_VIEWER (viewer);
  double span = json_object_get_double_member_with_default (state, "smoothing", WB_CURVE_SPAN);

  if (json_object_get_boolean_member_with_default (state, "log", FALSE))
    gtk_toggle_button_set_active (self->log_button, TRUE);
  for (WbMetric i = 0; nn_metric_types ()[i].id != NULL; i++)
    if (g_strcmp0 (nn_metric_types ()[i].id,
                   json_object_get_string_member_with_default (state, "metric", NULL))
        == 0)
      self->wanted = i;
  self->span = isfinite (span) ? CLAMP (span, 0, 1000) : WB_CURVE_SPAN;
}

/* ---- export ---- */

static void
wb_loss_viewer_draw (WbViewer *viewer, cairo_t *cr, double width, double height)
{
  WbLossViewer *self = WB_LOSS_VIEWER (viewer);
  WbPlotData *data = wb_plot_get_data (self->plot);
  PangoContext *context;
  WbPlotLayout layout;
  double x0, x1;

  if (data == NULL)
    return;
  context = wb_figure_context ();
  wb_plot_get_range (self->plot, &x0, &x1);
  wb_plot_layout (data, context, width, height, x0, x1, &layout);
  wb_plot_draw (data, &layout, cr, context, WB_SCHEME_LIGHT);
  g_object_unref (context);
}

static char *
wb_loss_viewer_to_csv (WbViewer *viewer)
{
  return nn_run_history_to_csv (get_runs (WB_LOSS_VIEWER (viewer)));
}

/* Validations and batches of all runs, a row each. */
static WbTable *
wb_loss_viewer_to_table (WbViewer *viewer)
{
  static const NnRowKind kinds[] = { NN_ROW_BATCH, NN_ROW_EPOCH, NN_ROW_VALIDATION };
  NnRunHistory *runs = get_runs (WB_LOSS_VIEWER (viewer));
  WbTable *table = wb_table_new ("run,kind,epoch,step,loss,accuracy");

  for (guint i = 0; i < nn_run_history_n_runs (runs); i++)
    for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
      {
        gsize n;
        const NnRow *rows =
            nn_run_history_rows (runs, nn_run_history_run (runs, i)->id, kinds[k], &n);

        for (gsize r = 0; r < n; r++)
          {
            wb_table_put (table, (double)rows[r].run);
            wb_table_put (table, kinds[k]);
            wb_table_put (table, rows[r].epoch);
            wb_table_put (table, (double)rows[r].step);
            wb_table_put (table, rows[r].loss);
            wb_table_put (table, rows[r].accuracy);
          }
      }
  return table;
}

/* ---- object ---- */

static void
wb_loss_viewer_unmap (GtkWidget *widget)
{
  g_clear_handle_id (&WB_LOSS_VIEWER (widget)->timeout, g_source_remove);
  GTK_WIDGET_CLASS (wb_loss_viewer_parent_class)->unmap (widget);
}

static void
wb_loss_viewer_dispose (GObject *object)
{
  g_clear_handle_id (&WB_LOSS_VIEWER (object)->timeout, g_source_remove);
  G_OBJECT_CLASS (wb_loss_viewer_parent_class)->dispose (object);
}

static void
wb_loss_viewer_finalize (GObject *object)
{
  WbLossViewer *self = WB_LOSS_VIEWER (object);

  g_ptr_array_unref (self->curves);
  g_clear_pointer (&self->metrics, g_array_unref);
  g_hash_table_unref (self->hidden);
  G_OBJECT_CLASS (wb_loss_viewer_parent_class)->finalize (object);
}

static void
wb_loss_viewer_class_init (WbLossViewerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  WbViewerClass *viewer_class = WB_VIEWER_CLASS (klass);

  object_class->dispose = wb_loss_viewer_dispose;
  object_class->finalize = wb_loss_viewer_finalize;
  widget_class->unmap = wb_loss_viewer_unmap;
  viewer_class->document_changed = wb_loss_viewer_document_changed;
  viewer_class->snapshot = wb_loss_viewer_snapshot;
  viewer_class->draw = wb_loss_viewer_draw;
  viewer_class->to_csv = wb_loss_viewer_to_csv;
  viewer_class->to_table = wb_loss_viewer_to_table;
  viewer_class->make_settings = wb_loss_viewer_make_settings;
  viewer_class->save_state = wb_loss_viewer_save_state;
  viewer_class->load_state = wb_loss_viewer_load_state;
}

static void
wb_loss_viewer_init (WbLossViewer *self)
{
  WbViewer *viewer = WB_VIEWER (self);
  GtkWidget *plot = wb_plot_new (), *all, *axis, *metric, *runs = wb_run_switch_new ();

  self->curves = g_ptr_array_new_with_free_func ((GDestroyNotify)wb_curve_free);
  self->hidden = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->span = WB_CURVE_SPAN;
  self->metric = self->wanted = WB_METRIC_LOSS;
  self->plot = WB_PLOT (plot);
  gtk_accessible_update_property (GTK_ACCESSIBLE (plot), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Loss plot"), -1);
  wb_plot_set_readout (self->plot, read_out, self);

  all = gtk_button_new_from_icon_name ("zoom-fit-best-symbolic");
  gtk_widget_add_css_class (all, "flat");
  gtk_widget_add_css_class (all, "wb-small");
  gtk_widget_set_tooltip_text (all, _ ("Show all epochs again (Escape, or double-click the plot)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (all), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Show all epochs"), -1);
  g_object_bind_property (plot, "zoomed", all, "visible", G_BINDING_SYNC_CREATE);
  g_signal_connect_swapped (all, "clicked", G_CALLBACK (wb_plot_zoom_all), plot);

  metric = gtk_drop_down_new (NULL, NULL);
  self->metric_choice = GTK_DROP_DOWN (metric);
  gtk_widget_add_css_class (metric, "wb-small");
  gtk_widget_set_visible (metric, FALSE);
  gtk_widget_set_tooltip_text (metric, _ ("The curve: the loss, which training makes smaller, or "
                                          "what is measured beside it after each epoch"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (metric), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Curve"), -1);
  g_signal_connect_swapped (metric, "notify::selected", G_CALLBACK (metric_chosen), self);
  axis = wb_segments_new (
      _ ("Linear"), _ ("Linear axis: equal steps are equal differences"), _ ("Log"),
      _ ("Logarithmic axis: equal steps are equal factors; shows slow progress"),
      &self->linear_button, &self->log_button);
  g_signal_connect_swapped (self->log_button, "toggled", G_CALLBACK (axis_toggled), self);
  self->runs = WB_RUN_SWITCH (runs);
  wb_viewer_add_control (viewer, all);
  wb_viewer_add_control (viewer, runs);
  wb_viewer_add_control (viewer, metric);
  wb_viewer_add_control (viewer, axis);
  wb_viewer_set_content (viewer,
                         wb_time_handle_new_over (self->plot, on_curve, self, &self->handle));
}
