#include "export/wb-export-preview.h"

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "export/wb-exporters.h"
#include "export/wb-graph-figure.h"
#include "export/wb-report-page.h"
#include "export/wb-report.h"

/* Of a text: more than anybody reads here, less than takes time to lay out. */
#define MAX_LINES 300
#define MAX_LENGTH 40000
/* Longest side of a drawn figure, pixels: as wide as the widest window, twice for sharp screens. */
#define FIGURE_SIDE 2400.0

struct _WbExportPreview
{
  AdwBin parent_instance;

  GtkStack *stack; /* "waiting", "text", "figure", "page", "problem" */
  GtkLabel *remarks;
  GtkTextBuffer *text;
  GtkPicture *figure;
  GtkViewport *page;
  AdwStatusPage *problem;
  GCancellable *cancellable; /* of the question that was asked last, or NULL */
  guint revision;            /* of it */
  gboolean ready;
};

G_DEFINE_FINAL_TYPE (WbExportPreview, wb_export_preview, ADW_TYPE_BIN)

enum
{
  PROP_READY = 1,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

typedef struct
{
  const NnExporter *exporter;
  NnExportSource *source;
  guint revision;
} Question;

/* A text, a figure or a page. */
typedef struct
{
  char *text;
  GdkTexture *figure;
  WbReportPage *page;
  GPtrArray *remarks; /* utf8: above it */
} Answer;

static void
question_free (Question *question)
{
  nn_export_source_unref (question->source);
  g_free (question);
}

static void
answer_free (Answer *answer)
{
  g_free (answer->text);
  g_clear_object (&answer->figure);
  g_clear_pointer (&answer->page, wb_report_page_free);
  g_clear_pointer (&answer->remarks, g_ptr_array_unref);
  g_free (answer);
}

/* ---- on the other thread ---- */

/* The first lines, and a word that there are more. */
static char *
shortened (char *text)
{
  char *end = text;
  for (guint lines = 0; *end != '\0' && lines < MAX_LINES && end - text < MAX_LENGTH;)
    {
      lines += *end == '\n';
      end = g_utf8_next_char (end);
    }
  if (*end == '\0')
    return text;
  *end = '\0';
  char *result = g_strconcat (text, "\n", _ ("… and more"), "\n", NULL);
  g_free (text);
  return result;
}

static GdkTexture *
draw_figure (NnAnalysis *analysis)
{
  double width, height;
  wb_graph_figure_size (analysis, &width, &height);
  const double scale = MIN (2, FIGURE_SIDE / MAX (width, height));
  const int columns = MAX ((int)(scale * width), 1), rows = MAX ((int)(scale * height), 1);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, columns, rows);
  cairo_t *cr = cairo_create (surface);
  PangoContext *context = wb_figure_context ();
  cairo_scale (cr, scale, scale);
  wb_graph_figure_draw (cr, context, analysis, WB_SCHEME_LIGHT);
  g_object_unref (context);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  const int stride = cairo_image_surface_get_stride (surface);
  g_autoptr (GBytes) bytes =
      g_bytes_new (cairo_image_surface_get_data (surface), (gsize)stride * (gsize)rows);
  cairo_surface_destroy (surface);
  return gdk_memory_texture_new (columns, rows, GDK_MEMORY_DEFAULT, bytes, (gsize)stride);
}

static void
answer_thread (GTask *task, gpointer source_object, gpointer data, GCancellable *cancellable)
{
  const Question *question = data;
  GError *error = NULL;
  if (!nn_export_check (question->exporter, question->source, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  Answer *answer = g_new0 (Answer, 1);
  answer->remarks = nn_export_remarks (question->exporter, question->source);
  if (wb_exporter_is_figure (question->exporter))
    answer->figure = draw_figure (question->source->analysis);
  else if (question->exporter == &wb_exporter_html)
    answer->page = wb_report_page_new (question->source, cancellable, &error);
  else
    {
      char *text = nn_export_preview (question->exporter, question->source, &error);
      answer->text = text != NULL ? shortened (text) : NULL;
    }
  if (error == NULL)
    g_task_return_pointer (task, answer, (GDestroyNotify)answer_free);
  else
    {
      answer_free (answer);
      g_task_return_error (task, error);
    }
}

/* ---- on the main thread ---- */

static void
set_ready (WbExportPreview *self, gboolean ready)
{
  if (self->ready == ready)
    return;
  self->ready = ready;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_READY]);
}

static void
show_remarks (WbExportPreview *self, const GPtrArray *remarks)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; remarks != NULL && i < remarks->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", (const char *)remarks->pdata[i]);
  gtk_label_set_text (self->remarks, text->str);
  gtk_widget_set_visible (GTK_WIDGET (self->remarks), text->len > 0);
}

static void
answered (GObject *object, GAsyncResult *result, gpointer user_data)
{
  WbExportPreview *self = WB_EXPORT_PREVIEW (object);
  const Question *question = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  Answer *answer = g_task_propagate_pointer (G_TASK (result), &error);
  if (question->revision == self->revision && self->stack != NULL)
    {
      show_remarks (self, answer != NULL ? answer->remarks : NULL);
      if (answer == NULL)
        {
          adw_status_page_set_description (self->problem, error->message);
          gtk_stack_set_visible_child_name (self->stack, "problem");
        }
      else if (answer->figure != NULL)
        {
          gtk_picture_set_paintable (self->figure, GDK_PAINTABLE (answer->figure));
          gtk_stack_set_visible_child_name (self->stack, "figure");
        }
      else if (answer->page != NULL)
        {
          gtk_viewport_set_child (self->page, wb_report_page_show (answer->page));
          gtk_stack_set_visible_child_name (self->stack, "page");
        }
      else
        {
          gtk_text_buffer_set_text (self->text, answer->text != NULL ? answer->text : "", -1);
          gtk_stack_set_visible_child_name (self->stack, "text");
        }
      set_ready (self, answer != NULL);
    }
  g_clear_pointer (&answer, answer_free);
}

static void
forget_question (WbExportPreview *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

void
wb_export_preview_show (WbExportPreview *self, const NnExporter *exporter, NnExportSource *source)
{
  g_return_if_fail (WB_IS_EXPORT_PREVIEW (self));

  forget_question (self);
  self->revision++;
  set_ready (self, FALSE);
  if (source == NULL)
    {
      gtk_stack_set_visible_child_name (self->stack, "waiting");
      return;
    }
  Question *question = g_new0 (Question, 1);
  question->exporter = exporter;
  question->source = nn_export_source_ref (source);
  question->revision = self->revision;
  self->cancellable = g_cancellable_new ();
  g_autoptr (GTask) task = g_task_new (self, self->cancellable, answered, NULL);
  g_task_set_source_tag (task, wb_export_preview_show);
  g_task_set_task_data (task, question, (GDestroyNotify)question_free);
  g_task_run_in_thread (task, answer_thread);
}

gboolean
wb_export_preview_get_ready (WbExportPreview *self)
{
  g_return_val_if_fail (WB_IS_EXPORT_PREVIEW (self), FALSE);
  return self->ready;
}

static void
wb_export_preview_dispose (GObject *object)
{
  WbExportPreview *self = WB_EXPORT_PREVIEW (object);
  forget_question (self);
  self->stack = NULL; /* goes with the child */
  G_OBJECT_CLASS (wb_export_preview_parent_class)->dispose (object);
}

static void
wb_export_preview_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  g_value_set_boolean (value, WB_EXPORT_PREVIEW (object)->ready);
}

static void
wb_export_preview_class_init (WbExportPreviewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->dispose = wb_export_preview_dispose;
  object_class->get_property = wb_export_preview_get_property;
  properties[PROP_READY] =
      g_param_spec_boolean ("ready", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static GtkWidget *
scrolled (GtkWidget *child)
{
  GtkWidget *window = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (window), child);
  return window;
}

static GtkWidget *
make_text (WbExportPreview *self)
{
  GtkWidget *view = gtk_text_view_new ();
  gtk_text_view_set_editable (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_cursor_visible (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (view), TRUE);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (view), 12);
  gtk_text_view_set_right_margin (GTK_TEXT_VIEW (view), 12);
  gtk_text_view_set_top_margin (GTK_TEXT_VIEW (view), 10);
  gtk_text_view_set_bottom_margin (GTK_TEXT_VIEW (view), 10);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (view), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Preview"), -1);
  self->text = gtk_text_view_get_buffer (GTK_TEXT_VIEW (view));
  return scrolled (view);
}

static GtkWidget *
make_figure (WbExportPreview *self)
{
  GtkWidget *picture = gtk_picture_new ();
  self->figure = GTK_PICTURE (picture);
  gtk_picture_set_can_shrink (self->figure, TRUE);
  gtk_picture_set_alternative_text (self->figure, _ ("Drawing of the network"));
  gtk_widget_add_css_class (picture, "paper");
  return picture;
}

/* Pictures give way down to nothing: the page is as high as they would like to be. */
static GtkWidget *
make_page (WbExportPreview *self)
{
  GtkWidget *viewport = gtk_viewport_new (NULL, NULL), *window = scrolled (viewport);
  self->page = GTK_VIEWPORT (viewport);
  gtk_scrollable_set_vscroll_policy (GTK_SCROLLABLE (viewport), GTK_SCROLL_NATURAL);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (window), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  return window;
}

static GtkWidget *
make_remarks (WbExportPreview *self)
{
  GtkWidget *label = gtk_label_new (NULL);
  self->remarks = GTK_LABEL (label);
  gtk_label_set_wrap (self->remarks, TRUE);
  gtk_label_set_xalign (self->remarks, 0);
  gtk_widget_add_css_class (label, "finding");
  gtk_widget_add_css_class (label, "warning");
  gtk_widget_set_visible (label, FALSE);
  return label;
}

static void
wb_export_preview_init (WbExportPreview *self)
{
  GtkWidget *spinner = gtk_spinner_new ();
  gtk_spinner_start (GTK_SPINNER (spinner));
  gtk_widget_set_size_request (spinner, 32, 32);
  gtk_widget_set_halign (spinner, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (spinner, GTK_ALIGN_CENTER);
  GtkWidget *problem = adw_status_page_new ();
  self->problem = ADW_STATUS_PAGE (problem);
  gtk_widget_add_css_class (problem, "compact");
  adw_status_page_set_icon_name (self->problem, "dialog-warning-symbolic");
  adw_status_page_set_title (self->problem, _ ("Cannot be exported"));

  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_widget_add_css_class (GTK_WIDGET (self->stack), "export-preview");
  gtk_widget_set_overflow (GTK_WIDGET (self->stack), GTK_OVERFLOW_HIDDEN);
  gtk_stack_add_named (self->stack, spinner, "waiting");
  gtk_stack_add_named (self->stack, make_text (self), "text");
  gtk_stack_add_named (self->stack, make_figure (self), "figure");
  gtk_stack_add_named (self->stack, make_page (self), "page");
  gtk_stack_add_named (self->stack, problem, "problem");
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self->stack), TRUE);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  gtk_widget_add_css_class (box, "inspector");
  gtk_box_append (GTK_BOX (box), make_remarks (self));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->stack));
  adw_bin_set_child (ADW_BIN (self), box);
}

GtkWidget *
wb_export_preview_new (void)
{
  return g_object_new (WB_TYPE_EXPORT_PREVIEW, NULL);
}
