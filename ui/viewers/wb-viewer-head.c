#include "viewers/wb-viewer-head.h"

#include "viewers/wb-flow.h"

#define GAP 6
#define LEGEND_GAP 12
#define SENTENCE_LINES 2

struct _WbViewerHead
{
  GtkWidget parent;

  /* borrowed: children */
  GtkWidget *sentence, *legend, *controls;
};

G_DEFINE_FINAL_TYPE (WbViewerHead, wb_viewer_head, GTK_TYPE_WIDGET)

/* Where everything stands in a width. */
typedef struct
{
  int controls;        /* width; 0: none */
  int sentence;        /* width */
  int legend;          /* width; 0: none, or no room */
  gboolean two_rows;   /* controls below the sentence */
  gboolean legend_low; /* beside them */
} Places;

static int
natural_width (GtkWidget *widget)
{
  int natural = 0;

  if (gtk_widget_should_layout (widget))
    gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
  return natural;
}

static int
height_for (GtkWidget *widget, int width)
{
  int natural = 0;

  if (width > 0 && gtk_widget_should_layout (widget))
    gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, width, NULL, &natural, NULL, NULL);
  return natural;
}

static Places
find_places (WbViewerHead *self, int width)
{
  const int sentence = natural_width (self->sentence), legend = natural_width (self->legend);
  const int controls = natural_width (self->controls);
  const int beside = controls > 0 ? controls + GAP : 0;
  const int with_legend = legend > 0 ? legend + LEGEND_GAP : 0;
  Places places = { .controls = MIN (controls, width),
                    .two_rows = controls > 0 && sentence + beside > width };
  const int first = places.two_rows ? width : width - beside;

  if (legend > 0 && sentence + with_legend <= first)
    places.legend = legend;
  else if (legend > 0 && places.two_rows && legend + LEGEND_GAP + controls <= width)
    {
      places.legend = legend;
      places.legend_low = TRUE;
    }
  places.sentence = first - (places.legend > 0 && !places.legend_low ? with_legend : 0);
  return places;
}

static void
row_heights (WbViewerHead *self, const Places *places, int rows[2])
{
  const int legend = height_for (self->legend, places->legend);
  const int controls = height_for (self->controls, places->controls);

  rows[0] = MAX (height_for (self->sentence, places->sentence), places->legend_low ? 0 : legend);
  rows[1] = MAX (controls, places->legend_low ? legend : 0);
  if (!places->two_rows)
    {
      rows[0] = MAX (rows[0], rows[1]);
      rows[1] = 0;
    }
}

static void
wb_viewer_head_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                        int *natural, int *minimum_baseline, int *natural_baseline)
{
  WbViewerHead *self = WB_VIEWER_HEAD (widget);
  int sentence, controls = 0;

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      gtk_widget_measure (self->sentence, orientation, -1, &sentence, NULL, NULL, NULL);
      if (gtk_widget_should_layout (self->controls))
        gtk_widget_measure (self->controls, orientation, -1, &controls, NULL, NULL, NULL);
      *minimum = MAX (sentence, controls);
      *natural =
          MAX (*minimum, natural_width (self->sentence) + LEGEND_GAP + natural_width (self->legend)
                             + GAP + natural_width (self->controls));
      return;
    }
  const Places places = find_places (self, for_size < 0 ? G_MAXINT / 2 : for_size);
  int rows[2];
  row_heights (self, &places, rows);
  *minimum = *natural = rows[0] + rows[1];
}

static void
allocate (GtkWidget *widget, int x, int y, int width, int row)
{
  const int height = MIN (height_for (widget, width), row);
  const GtkAllocation place = { x, y + (row - height) / 2, width, height };

  gtk_widget_set_child_visible (widget, width > 0);
  if (width > 0)
    gtk_widget_size_allocate (widget, &place, -1);
}

static void
wb_viewer_head_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  WbViewerHead *self = WB_VIEWER_HEAD (widget);
  const Places places = find_places (self, width);
  int rows[2];

  row_heights (self, &places, rows);
  const int lower = places.two_rows ? rows[0] : 0;
  const int lower_height = places.two_rows ? rows[1] : rows[0];
  allocate (self->sentence, 0, 0, places.sentence, rows[0]);
  allocate (self->controls, width - places.controls, lower, places.controls, lower_height);
  if (places.legend_low)
    allocate (self->legend, 0, lower, places.legend, lower_height);
  else
    allocate (self->legend, places.sentence + LEGEND_GAP, 0, places.legend, rows[0]);
}

static GtkSizeRequestMode
wb_viewer_head_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
wb_viewer_head_dispose (GObject *object)
{
  WbViewerHead *self = WB_VIEWER_HEAD (object);

  g_clear_pointer (&self->sentence, gtk_widget_unparent);
  g_clear_pointer (&self->legend, gtk_widget_unparent);
  g_clear_pointer (&self->controls, gtk_widget_unparent);
  G_OBJECT_CLASS (wb_viewer_head_parent_class)->dispose (object);
}

static void
wb_viewer_head_class_init (WbViewerHeadClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = wb_viewer_head_dispose;
  widget_class->measure = wb_viewer_head_measure;
  widget_class->size_allocate = wb_viewer_head_size_allocate;
  widget_class->get_request_mode = wb_viewer_head_get_request_mode;
  gtk_widget_class_set_css_name (widget_class, "wb-viewer-head");
}

static void
wb_viewer_head_init (WbViewerHead *self)
{
  GtkWidget *sentence = gtk_label_new (NULL);

  self->sentence = sentence;
  self->legend = gtk_label_new (NULL);
  self->controls = wb_flow_new ();
  gtk_widget_add_css_class (sentence, "wb-sentence");
  gtk_label_set_xalign (GTK_LABEL (sentence), 0);
  gtk_label_set_wrap (GTK_LABEL (sentence), TRUE);
  gtk_label_set_lines (GTK_LABEL (sentence), SENTENCE_LINES);
  gtk_label_set_ellipsize (GTK_LABEL (sentence), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (self->legend, "wb-legend");
  gtk_widget_set_visible (self->legend, FALSE);
  gtk_widget_set_parent (sentence, GTK_WIDGET (self));
  gtk_widget_set_parent (self->legend, GTK_WIDGET (self));
  gtk_widget_set_parent (self->controls, GTK_WIDGET (self));
}

GtkWidget *
wb_viewer_head_new (void)
{
  return g_object_new (WB_TYPE_VIEWER_HEAD, NULL);
}

GtkLabel *
wb_viewer_head_get_sentence (WbViewerHead *self)
{
  return GTK_LABEL (self->sentence);
}

GtkLabel *
wb_viewer_head_get_legend (WbViewerHead *self)
{
  return GTK_LABEL (self->legend);
}

void
wb_viewer_head_add_control (WbViewerHead *self, GtkWidget *control)
{
  wb_flow_add (WB_FLOW (self->controls), control);
}
