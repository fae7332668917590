/* Findings on the canvas: badges, what they say, gradients instead of values, the sample. */
#include <adwaita.h>
#include <math.h>

#include "canvas/wb-canvas.h"
#include "canvas/wb-finding-text.h"
#include "optimizers/nn-optimizer.h"
#include "look-fixture.h"
#include "viewer-fixture.h"

typedef struct
{
  char *folder;
  WbDocument *document;
  GtkWidget *window, *canvas;
} Fixture;

/* ---- helpers ---- */

#define FIRST 3 /* of ten */
#define OUTPUT 13

/* Input, flatten, ten layers of that activation, output, loss. (transfer full) */
static NnDesign *
make_deep (const char *activation)
{
  g_autoptr (GError) error = NULL;
  NnDesign *design = nn_design_new ();
  guint input = nn_test_add (&design, "input", NULL, 0);
  guint last = nn_test_add (&design, "flatten", NULL, input);
  g_autofree char *params = g_strconcat ("units=12 activation=", activation, NULL);

  for (guint i = 0; i < 10; i++)
    last = nn_test_add (&design, "dense", params, last);
  last = nn_test_add (&design, "dense", "units=64 activation=sigmoid", last);
  last = nn_test_add (&design, "reconstruction-loss", NULL, last);
  nn_test_replace (&design, nn_design_connect (design, input, 0, last, 1, &error));
  g_assert_no_error (error);
  for (guint id = 1; id <= last; id++)
    nn_test_replace (&design, nn_design_move_nodes (design, &id, 1, 126.0 * id, 0));
  return design;
}

static void
set_up (Fixture *f, gconstpointer activation)
{
  f->folder = fixture_make_data ();
  f->document = fixture_open (make_deep (activation), f->folder);
  f->canvas = wb_canvas_new (f->document);
  f->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (f->window), 900, 520);
  gtk_window_set_child (GTK_WINDOW (f->window), f->canvas);
  wb_document_set_frame_widget (f->document, f->window);
  gtk_window_present (GTK_WINDOW (f->window));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (f->window));
  wb_document_close (f->document);
  g_object_unref (f->document);
  nn_test_remove_folder (f->folder);
  g_free (f->folder);
}

static WbNodeCard *
card_of (Fixture *f, guint id)
{
  return fixture_card (f->canvas, id);
}

static gboolean
is_found (gpointer data)
{
  return wb_node_card_get_finding (card_of (data, FIRST)) != NULL;
}

static gboolean
is_well (gpointer data)
{
  return wb_node_card_get_finding (card_of (data, FIRST)) == NULL;
}

/* The child of the canvas that has this class, or NULL. */
static GtkWidget *
find_by_class (Fixture *f, const char *name)
{
  for (GtkWidget *child = gtk_widget_get_first_child (f->canvas); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (gtk_widget_has_css_class (child, name))
      return child;
  return NULL;
}

static GtkWidget *
badge_of (WbNodeCard *card)
{
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (card)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (gtk_widget_has_css_class (child, "canvas-badge"))
      return child;
  return NULL;
}

/* ---- in a window ---- */

/* The mark, the sentence by press and by action, both gone once the network is mended. */
static void
test_vanishing (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture_wait (is_found, f);
  const WbFindingText *text = wb_node_card_get_finding (card_of (f, FIRST));
  GtkWidget *badge = badge_of (card_of (f, FIRST));
  g_assert_cmpint (text->severity, ==, NN_SEVERITY_WARNING);
  g_assert_nonnull (strstr (text->sentence, "Dense 1"));
  g_assert_nonnull (strstr (text->sentence, "ReLU instead of"));
  g_assert_nonnull (badge);
  g_assert_true (gtk_widget_has_css_class (badge, "warning"));
  g_assert_null (badge_of (card_of (f, 12)));

  g_assert_null (find_by_class (f, "finding"));
  g_signal_emit_by_name (badge, "clicked");
  GtkWidget *bubble = find_by_class (f, "finding");
  g_assert_nonnull (bubble);
  GtkWidget *sentence = gtk_widget_get_last_child (bubble);
  g_assert_cmpstr (gtk_label_get_label (GTK_LABEL (sentence)), ==, text->sentence);
  g_assert_true (wb_document_is_selected (f->document, FIRST));
  /* 0: at the current node, as the key does. */
  gtk_widget_activate_action (f->canvas, "canvas.explain", "u", 0);
  g_assert_null (find_by_class (f, "finding"));
  gtk_widget_activate_action (f->canvas, "canvas.explain", "u", 0);
  g_assert_nonnull (find_by_class (f, "finding"));

  /* The learning rate changes nothing about it, the activation does. */
  const NnOptimizerType *sgd = nn_optimizer_type ("sgd");
  g_autoptr (NnParams) rate = nn_params_new (sgd->params);
  wb_document_edit (f->document,
                    nn_design_with_optimizer (wb_document_design (f->document), sgd, rate), "Edit",
                    NULL);
  g_assert_true (is_found (f));
  wb_document_edit (f->document, make_deep ("tanh"), "Edit", NULL);
  g_assert_true (is_well (f));
  g_assert_null (find_by_class (f, "finding"));
  g_assert_null (badge_of (card_of (f, FIRST)));
}

/* NULL before the first frame. */
static GdkTexture *
paint (GtkWidget *widget)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderer) renderer = gsk_cairo_renderer_new ();
  const int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);

  gdk_paintable_snapshot (paintable, snapshot, width, height);
  g_autoptr (GskRenderNode) node = gtk_snapshot_free_to_node (snapshot);
  if (node == NULL)
    return NULL;
  g_assert_true (gsk_renderer_realize (renderer, NULL, NULL));
  GdkTexture *texture = gsk_renderer_render_texture (
      renderer, node, &GRAPHENE_RECT_INIT (0, 0, (float)width, (float)height));
  gsk_renderer_unrealize (renderer);
  return texture;
}

/* Of the whole picture; within a circle. */
typedef struct
{
  guint all, within;
} Magenta;

static Magenta
count_magenta (GtkWidget *widget, double x, double y, double radius)
{
  g_autoptr (GdkTexture) texture = paint (widget);
  Magenta n = { 0 };
  if (texture == NULL)
    return n;
  const int width = gdk_texture_get_width (texture), height = gdk_texture_get_height (texture);
  g_autofree guint32 *pixels = g_new (guint32, (gsize)width * (gsize)height);

  gdk_texture_download (texture, (guchar *)pixels, (gsize)width * 4);
  for (int i = 0; i < width * height; i++)
    if ((pixels[i] & 0xffffff) == 0xff00ff)
      {
        n.all++;
        n.within += hypot (i % width + 0.5 - x, (double)(i / width) + 0.5 - y) < radius;
      }
  return n;
}

static gboolean
is_framed (gpointer data)
{
  return count_magenta (((Fixture *)data)->canvas, 0, 0, 0).all > 100;
}

/* The frame of what a lesson points at does not cross the badge on its corner. */
static void
test_pointed (Fixture *f, gconstpointer data)
{
  g_autoptr (GtkCssProvider) style = gtk_css_provider_new ();
  graphene_rect_t box;

  gtk_css_provider_load_from_data (
      style, ".pointed { outline: 2px solid #ff00ff; outline-offset: 2px; }", -1);
  gtk_style_context_add_provider_for_display (gtk_widget_get_display (f->canvas),
                                              GTK_STYLE_PROVIDER (style),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  fixture_wait (is_found, f);
  /* At 100 % its lines are whole pixels. */
  gtk_widget_activate_action (f->canvas, "canvas.zoom-reset", NULL);
  wb_canvas_point_at (WB_CANVAS (f->canvas), FIRST);
  fixture_wait (is_framed, f);
  g_assert_true (gtk_widget_compute_bounds (badge_of (card_of (f, FIRST)), f->canvas, &box));
  const double radius = box.size.width / 2 - 2;
  g_assert_cmpfloat (radius, >, 2);
  g_assert_cmpuint (count_magenta (f->canvas, box.origin.x + box.size.width / 2,
                                   box.origin.y + box.size.height / 2, radius)
                        .within,
                    ==, 0);
  gtk_style_context_remove_provider_for_display (gtk_widget_get_display (f->canvas),
                                                 GTK_STYLE_PROVIDER (style));
}

static gint
count_reddish (GtkWidget *widget)
{
  g_autoptr (GdkTexture) texture = paint (widget);
  if (texture == NULL)
    return -1;
  const int width = gdk_texture_get_width (texture), height = gdk_texture_get_height (texture);
  g_autofree guint32 *pixels = g_new (guint32, (gsize)width * (gsize)height);
  gint n = 0;

  gdk_texture_download (texture, (guchar *)pixels, (gsize)width * 4);
  for (int i = 0; i < width * height; i++)
    {
      const guint red = pixels[i] >> 16 & 255, green = pixels[i] >> 8 & 255, blue = pixels[i] & 255;

      n += red > 180 && green < 160 && blue < 160;
    }
  return n;
}

static gboolean
shows_red (gpointer data)
{
  return count_reddish (GTK_WIDGET (card_of (data, OUTPUT))) > 20;
}

static gboolean
shows_no_red (gpointer data)
{
  return count_reddish (GTK_WIDGET (card_of (data, OUTPUT))) == 0;
}

/* Also before any training; and values again. */
static void
test_gradients (Fixture *f, gconstpointer data)
{
  gboolean shown;

  fixture_wait (shows_no_red, f);
  gtk_widget_activate_action (f->canvas, "canvas.gradients", NULL);
  g_object_get (f->canvas, "show-gradients", &shown, NULL);
  g_assert_true (shown);
  fixture_wait (shows_red, f);
  gtk_widget_activate_action (f->canvas, "canvas.gradients", NULL);
  fixture_wait (shows_no_red, f);
}

static void
test_sample (Fixture *f, gconstpointer data)
{
  gtk_widget_activate_action (f->canvas, "canvas.sample-next", NULL);
  g_assert_cmpuint (wb_document_sample (f->document), ==, 1);
  gtk_widget_activate_action (f->canvas, "canvas.sample-previous", NULL);
  gtk_widget_activate_action (f->canvas, "canvas.sample-previous", NULL);
  g_assert_cmpuint (wb_document_sample (f->document), ==, FIXTURE_TEST - 1);
  gtk_widget_activate_action (f->canvas, "canvas.sample-next", NULL);
  g_assert_cmpuint (wb_document_sample (f->document), ==, 0);
}

/* ---- what is said ---- */

static void
assert_says (const NnFinding *finding, NnDesign *design, NnSeverity severity, const char *label,
             const char *part)
{
  g_autoptr (NnDataset) dataset = nn_test_dataset (8);
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, nn_dataset_info (dataset), 0);
  WbFindingText *text = wb_finding_text_new (analysis, finding);

  g_assert_cmpint (text->severity, ==, severity);
  g_assert_cmpstr (text->label, ==, label);
  if (strstr (text->sentence, part) == NULL)
    g_error ("“%s” does not say “%s”", text->sentence, part);
  wb_finding_text_free (text);
}

static void
test_words (void)
{
  g_autoptr (NnDesign) sigmoid = make_deep ("sigmoid");
  g_autoptr (NnDesign) plain = make_deep ("relu");
  NnFinding finding = {
    .node = FIRST, .kinds = NN_FINDING_VANISHING, .factor = 18345, .n_units = 12, .n_samples = 500
  };

  assert_says (&finding, sigmoid, NN_SEVERITY_WARNING, "Vanishing gradient",
               "20,000 times smaller than at the output");
  assert_says (&finding, sigmoid, NN_SEVERITY_WARNING, "Vanishing gradient",
               "ReLU instead of Sigmoid");
  assert_says (&finding, plain, NN_SEVERITY_WARNING, "Vanishing gradient", "fewer layers");
  finding.factor = INFINITY;
  assert_says (&finding, plain, NN_SEVERITY_WARNING, "No gradient", "No gradient reaches Dense 1");

  finding.kinds = NN_FINDING_EXPLODING;
  finding.factor = 4800;
  assert_says (&finding, plain, NN_SEVERITY_ERROR, "Exploding gradient", "5,000 times larger");
  finding.kinds = NN_FINDING_RUNAWAY;
  finding.factor = 31;
  assert_says (&finding, plain, NN_SEVERITY_ERROR, "Exploding gradient",
               "30 times as large as it was");
  finding.factor = INFINITY;
  assert_says (&finding, plain, NN_SEVERITY_ERROR, "Exploding gradient", "no longer a number");

  finding = (NnFinding){
    .node = FIRST, .kinds = NN_FINDING_DEAD, .n_dead = 1, .n_units = 12, .n_samples = 500
  };
  assert_says (&finding, plain, NN_SEVERITY_HINT, "1 never fires",
               "1 of 12 units of Dense 1 is 0 for each of 500 samples");
  finding.n_dead = 5;
  assert_says (&finding, plain, NN_SEVERITY_WARNING, "5 never fire", "leaky ReLU");
  finding.n_dead = 12;
  assert_says (&finding, plain, NN_SEVERITY_ERROR, "12 never fire", "nothing gets past it");
}

int
main (int argc, char **argv)
{
  g_autofree char *state = g_dir_make_tmp ("diabolo-state-XXXXXX", NULL);

  g_setenv ("XDG_STATE_HOME", state, TRUE);
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/findings/words", test_words);
  g_test_add ("/findings/vanishing", Fixture, "sigmoid", set_up, test_vanishing, tear_down);
  g_test_add ("/findings/pointed", Fixture, "sigmoid", set_up, test_pointed, tear_down);
  g_test_add ("/findings/gradients", Fixture, "tanh", set_up, test_gradients, tear_down);
  g_test_add ("/findings/sample", Fixture, "tanh", set_up, test_sample, tear_down);
  const int status = g_test_run ();
  nn_test_remove_folder (state);
  return status;
}
