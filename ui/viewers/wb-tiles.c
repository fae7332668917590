#include "viewers/wb-tiles.h"

#define GAP 12
#define MAX_TILES 4
#define MAX_BELOW 0.4 /* of the height, for controls */

struct _WbTiles
{
  GtkWidget parent;
  GtkWidget *controls; /* borrowed: a child, or NULL */
};

G_DEFINE_FINAL_TYPE (WbTiles, wb_tiles, GTK_TYPE_WIDGET)

/* ---- arrangements ---- */

typedef struct
{
  graphene_rect_t rects[MAX_TILES];
  double score; /* about the area that is seen */
} Arrangement;

static void
put (Arrangement *arrangement, guint i, double x, double y, double width, double height)
{
  const double side = MIN (width, height);

  arrangement->rects[i] = GRAPHENE_RECT_INIT ((float)x, (float)y, (float)width, (float)height);
  arrangement->score += side > 0 ? side * side : 0;
}

/* Tiles from `first` on, in a line. */
static void
put_line (Arrangement *arrangement, guint first, guint n, gboolean down, double x, double y,
          double width, double height)
{
  const double step = ((down ? height : width) + GAP) / (n - first);

  for (guint i = first; i < n; i++)
    if (down)
      put (arrangement, i, x, y + (i - first) * step, width, step - GAP);
    else
      put (arrangement, i, x + (i - first) * step, y, step - GAP, height);
}

static void
arrange (guint n, double width, double height, Arrangement *best)
{
  const double half_width = (width - GAP) / 2, half_height = (height - GAP) / 2;

  *best = (Arrangement){ .score = -1 };
  for (guint way = 0; way < (n > 2 ? 4u : 2u); way++)
    {
      Arrangement arrangement = { .score = 0 };
      const gboolean down = way % 2 == 1;

      if (way < 2)
        put_line (&arrangement, 0, n, down, 0, 0, width, height);
      else if (down)
        {
          put (&arrangement, 0, 0, 0, half_width, height);
          put_line (&arrangement, 1, n, TRUE, half_width + GAP, 0, half_width, height);
        }
      else
        {
          put (&arrangement, 0, 0, 0, width, half_height);
          put_line (&arrangement, 1, n, FALSE, 0, half_height + GAP, width, half_height);
        }
      if (arrangement.score > best->score)
        *best = arrangement;
    }
}

/* ---- the widget ---- */

static guint
list_tiles (WbTiles *self, GtkWidget *tiles[MAX_TILES])
{
  guint n = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (child != self->controls && gtk_widget_should_layout (child) && n < MAX_TILES)
      tiles[n++] = child;
  return n;
}

/* Controls take their place beside the tiles or below; what is left for the tiles. */
static graphene_rect_t
place_controls (WbTiles *self, guint n, double width, double height, GtkAllocation *controls)
{
  int beside, below;
  Arrangement left, above;

  if (self->controls == NULL || !gtk_widget_should_layout (self->controls))
    return GRAPHENE_RECT_INIT (0, 0, (float)width, (float)height);
  gtk_widget_measure (self->controls, GTK_ORIENTATION_HORIZONTAL, -1, &beside, NULL, NULL, NULL);
  gtk_widget_measure (self->controls, GTK_ORIENTATION_VERTICAL, (int)MAX (width, beside), NULL,
                      &below, NULL, NULL);
  below = (int)MIN (below, MAX_BELOW * height);
  arrange (n, width - beside - GAP, height, &left);
  arrange (n, width, height - below - GAP, &above);
  if (above.score > left.score)
    {
      *controls = (GtkAllocation){ 0, (int)height - below, (int)width, below };
      return GRAPHENE_RECT_INIT (0, 0, (float)width, (float)(height - below - GAP));
    }
  /* Tiles need not be wider than they are high; the rest is for the controls. */
  const double all = MIN (width - beside - GAP, n * height + (n - 1) * GAP);
  *controls =
      (GtkAllocation){ (int)all + GAP, 0, MAX ((int)width - (int)all - GAP, beside), (int)height };
  return GRAPHENE_RECT_INIT (0, 0, (float)all, (float)height);
}

static void
wb_tiles_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  WbTiles *self = WB_TILES (widget);
  GtkWidget *tiles[MAX_TILES];
  GtkAllocation controls = { 0 };
  Arrangement arrangement;
  const guint n = list_tiles (self, tiles);

  if (n == 0)
    return;
  const graphene_rect_t room = place_controls (self, n, width, height, &controls);
  arrange (n, (double)room.size.width, (double)room.size.height, &arrangement);
  for (guint i = 0; i < n; i++)
    {
      const graphene_rect_t *rect = &arrangement.rects[i];
      const GtkAllocation place = { (int)rect->origin.x, (int)rect->origin.y,
                                    MAX (1, (int)rect->size.width),
                                    MAX (1, (int)rect->size.height) };
      gtk_widget_size_allocate (tiles[i], &place, -1);
    }
  if (controls.width > 0)
    gtk_widget_size_allocate (self->controls, &controls, -1);
}

static void
wb_tiles_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                  int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = 0;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      int least = 0;

      if (gtk_widget_should_layout (child))
        gtk_widget_measure (child, orientation, -1, &least, NULL, NULL, NULL);
      *minimum = MAX (*minimum, least);
    }
  *natural = 2 * *minimum;
}

static void
wb_tiles_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (wb_tiles_parent_class)->dispose (object);
}

static void
wb_tiles_class_init (WbTilesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = wb_tiles_dispose;
  widget_class->measure = wb_tiles_measure;
  widget_class->size_allocate = wb_tiles_size_allocate;
  gtk_widget_class_set_css_name (widget_class, "wb-tiles");
}

static void
wb_tiles_init (WbTiles *self)
{
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
}

GtkWidget *
wb_tiles_new (void)
{
  return g_object_new (WB_TYPE_TILES, NULL);
}

void
wb_tiles_add (WbTiles *self, GtkWidget *tile)
{
  gtk_widget_insert_before (tile, GTK_WIDGET (self), self->controls);
}

void
wb_tiles_set_controls (WbTiles *self, GtkWidget *controls)
{
  self->controls = controls;
  gtk_widget_set_parent (controls, GTK_WIDGET (self));
}

GtkWidget *
wb_tiles_titled (const char *title, GtkWidget *widget)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2), *label = gtk_label_new (title);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, "wb-sentence");
  gtk_widget_set_vexpand (widget, TRUE);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), widget);
  return box;
}

void
wb_tiles_set_title (GtkWidget *titled, const char *title)
{
  gtk_label_set_text (GTK_LABEL (gtk_widget_get_first_child (titled)), title);
}
