#include "viewers/wb-flow.h"

#define GAP 6
#define LINE_GAP 4

struct _WbFlow
{
  GtkWidget parent;
};

G_DEFINE_FINAL_TYPE (WbFlow, wb_flow, GTK_TYPE_WIDGET)

static int
measure_child (GtkWidget *child, GtkOrientation orientation, int for_size, int *minimum)
{
  int natural;

  gtk_widget_measure (child, orientation, for_size, minimum, &natural, NULL, NULL);
  return natural;
}

static GtkWidget *
next_shown (GtkWidget *child)
{
  while (child != NULL && !gtk_widget_should_layout (child))
    child = gtk_widget_get_next_sibling (child);
  return child;
}

/* The children from first on that share a line; how wide and high it is. */
static guint
measure_line (GtkWidget *first, int width, int *line_width, int *line_height)
{
  guint n = 0;

  *line_width = *line_height = 0;
  for (GtkWidget *child = first; child != NULL;
       child = next_shown (gtk_widget_get_next_sibling (child)))
    {
      const int natural = MIN (measure_child (child, GTK_ORIENTATION_HORIZONTAL, -1, NULL), width);

      if (n > 0 && *line_width + GAP + natural > width)
        break;
      *line_width += natural + (n > 0 ? GAP : 0);
      *line_height =
          MAX (*line_height, measure_child (child, GTK_ORIENTATION_VERTICAL, natural, NULL));
      n++;
    }
  return n;
}

static void
wb_flow_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                 int *natural, int *minimum_baseline, int *natural_baseline)
{
  GtkWidget *child = next_shown (gtk_widget_get_first_child (widget));
  const int width = for_size < 0 ? G_MAXINT / 2 : for_size;

  *minimum = *natural = 0;
  while (child != NULL && orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      int least;

      *natural += measure_child (child, orientation, -1, &least) + (*natural > 0 ? GAP : 0);
      *minimum = MAX (*minimum, least);
      child = next_shown (gtk_widget_get_next_sibling (child));
    }
  while (child != NULL)
    {
      int line_width, line_height;

      for (guint n = measure_line (child, width, &line_width, &line_height); n > 0; n--)
        child = next_shown (gtk_widget_get_next_sibling (child));
      *natural += line_height + (*natural > 0 ? LINE_GAP : 0);
      *minimum = *natural;
    }
}

static void
wb_flow_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GtkWidget *child = next_shown (gtk_widget_get_first_child (widget));
  const gboolean mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int y = 0;

  while (child != NULL)
    {
      int line_width, line_height, x = 0;

      for (guint n = measure_line (child, width, &line_width, &line_height); n > 0; n--)
        {
          const int natural =
              MIN (measure_child (child, GTK_ORIENTATION_HORIZONTAL, -1, NULL), width);
          const GtkAllocation place = { mirrored ? width - x - natural : x, y, natural,
                                        line_height };

          gtk_widget_size_allocate (child, &place, -1);
          x += natural + GAP;
          child = next_shown (gtk_widget_get_next_sibling (child));
        }
      y += line_height + LINE_GAP;
    }
}

static GtkSizeRequestMode
wb_flow_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
wb_flow_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (wb_flow_parent_class)->dispose (object);
}

static void
wb_flow_class_init (WbFlowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = wb_flow_dispose;
  widget_class->measure = wb_flow_measure;
  widget_class->size_allocate = wb_flow_size_allocate;
  widget_class->get_request_mode = wb_flow_get_request_mode;
}

static void
wb_flow_init (WbFlow *self)
{
}

GtkWidget *
wb_flow_new (void)
{
  return g_object_new (WB_TYPE_FLOW, NULL);
}

void
wb_flow_add (WbFlow *self, GtkWidget *control)
{
  gtk_widget_set_valign (control, GTK_ALIGN_CENTER);
  gtk_widget_set_parent (control, GTK_WIDGET (self));
}
