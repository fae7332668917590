/* Formulas of lessons are read, and have the size that they are drawn in. */
#include <gtk/gtk.h>

#include "base/nn-error.h"
#include "formats/nn-lessons.h"
#include "lesson/wb-formula-box.h"

static void
measure (const char *tex, double *width, double *ascent, double *descent)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WbFormulaBox) box = wb_formula_box_parse (tex, &error);
  g_assert_no_error (error);
  PangoContext *context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  wb_formula_box_measure (box, context, 20, width, ascent, descent);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 400, 100);
  cairo_t *cr = cairo_create (surface);
  wb_formula_box_draw (box, cr, 10, 50);
  /* Nothing is drawn outside of the box, but for a pixel of a slanted letter. */
  cairo_surface_flush (surface);
  const guint32 *pixels = (const guint32 *)cairo_image_surface_get_data (surface);
  guint inside = 0;
  for (gint y = 0; y < 100; y++)
    for (gint x = 0; x < 400; x++)
      if (pixels[y * 400 + x] >> 24 > 96)
        {
          g_assert_cmpfloat (x, >=, 10 - 3);
          g_assert_cmpfloat (x, <=, 10 + *width + 3);
          g_assert_cmpfloat (y, >=, 50 - *ascent - 3);
          g_assert_cmpfloat (y, <=, 50 + *descent + 3);
          inside++;
        }
  g_assert_cmpuint (inside, >, 5);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  g_object_unref (context);
}

static void
test_formulas (void)
{
  double w, a, d, w2, a2, d2;
  measure ("x", &w, &a, &d);
  measure ("x^2", &w2, &a2, &d2);
  g_assert_cmpfloat (w2, >, w);
  g_assert_cmpfloat (a2, >, a);
  measure ("x_i", &w2, &a2, &d2);
  g_assert_cmpfloat (d2, >, d);
  measure ("\\frac{x}{y}", &w2, &a2, &d2);
  g_assert_cmpfloat (a2 + d2, >, 2 * (a + d));
  measure ("\\sum_{i=1}^{784} \\hat{x}_i", &w, &a, &d);
  measure ("\\sqrt{x + \\bar{y}} - \\tilde{z} \\cdot \\text{mean}", &w, &a, &d);
  measure ("a = b", &w, &a, &d);
  measure ("ab", &w2, &a2, &d2);
  g_assert_cmpfloat (w, >, w2 + 10);

  static const char *const bad[] = { "\\wings", "\\frac{x}", "x^",       "{x", "x}",
                                     "x^2^3",   "\\sqrt x",  "\\text{x", "\\" };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (WbFormulaBox) box = wb_formula_box_parse (bad[i], &error);
      g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
      g_assert_null (box);
    }
  g_autoptr (GString) deep = g_string_new (NULL);
  for (guint i = 0; i < 1000; i++)
    g_string_append_c (deep, '{');
  g_autoptr (GError) error = NULL;
  g_autoptr (WbFormulaBox) box = wb_formula_box_parse (deep->str, &error);
  g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
}

#define PAGE_WIDTH 239 /* of a lesson */

/* Made smaller where it has to be, it is whole, down to the least size. */
static void
check_fit (WbFormulaBox *box, PangoContext *context)
{
  for (double room = PAGE_WIDTH; room > PAGE_WIDTH - 30; room -= 28)
    {
      double width, ascent, descent;
      const double size =
          wb_formula_box_fit (box, context, 10, 16, room, &width, &ascent, &descent);

      g_assert_cmpfloat (size, <=, 16);
      if (size > 10)
        g_assert_cmpfloat (width, <=, room);
    }
}

/* A formula that cannot be read is shown as it was typed: none of the course is. */
static void
test_formulas_of_lessons (void)
{
  PangoContext *context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  guint n_lessons, n_formulas = 0;
  const NnLesson *lessons = nn_lessons (&n_lessons);

  for (guint i = 0; i < n_lessons; i++)
    {
      g_autofree char *source = nn_lesson_source (lessons[i].id);
      if (source == NULL)
        continue;
      g_auto (GStrv) pieces = g_strsplit (source, "$$", -1);
      for (guint k = 1; k < g_strv_length (pieces); k += 2)
        {
          g_autoptr (GError) error = NULL;
          g_autoptr (WbFormulaBox) box = wb_formula_box_parse (g_strstrip (pieces[k]), &error);

          if (box == NULL)
            g_error ("%s: %s: %s", lessons[i].id, pieces[k], error->message);
          check_fit (box, context);
          n_formulas++;
        }
    }
  g_assert_cmpuint (n_formulas, >, 10);
  g_object_unref (context);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formulas/boxes", test_formulas);
  g_test_add_func ("/formulas/of-lessons", test_formulas_of_lessons);
  return g_test_run ();
}
