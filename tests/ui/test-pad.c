/* The drawing pad: what its brushes leave. */
#include "viewers/wb-pad.h"

#include <adwaita.h>
#include <math.h>

static void
count (WbPad *pad, guint *n)
{
  (*n)++;
}

static double
sum (WbPad *pad)
{
  double total = 0;

  for (guint i = 0; i < 28 * 28; i++)
    total += (double)wb_pad_get_values (pad)[i];
  return total;
}

static void
test_brushes (void)
{
  WbPad *pad = WB_PAD (g_object_ref_sink (wb_pad_new ()));
  guint n = 0;

  wb_pad_set_size (pad, 28, 28, 1);
  g_signal_connect (pad, "changed", G_CALLBACK (count), &n);
  wb_pad_set_radius (pad, 1.5);
  wb_pad_stroke (pad, 4, 14, 24, 14, WB_BRUSH_PEN);
  g_assert_cmpuint (n, ==, 1);
  const float *values = wb_pad_get_values (pad);
  for (guint x = 4; x < 24; x++)
    g_assert_cmpfloat (values[14 * 28 + x], ==, 1);
  g_assert_cmpfloat (values[10 * 28 + 14], ==, 0);
  const double drawn = sum (pad);
  g_assert_cmpfloat (drawn, >, 50); /* 20 long, 3 wide */
  g_assert_cmpfloat (drawn, <, 90);

  wb_pad_stroke (pad, 14, 10, 14, 18, WB_BRUSH_ERASER);
  g_assert_cmpfloat (values[14 * 28 + 14], ==, 0);
  g_assert_cmpfloat (values[14 * 28 + 8], ==, 1);
  g_assert_cmpfloat (sum (pad), <, drawn);

  wb_pad_stroke (pad, 20, 24, 24, 24, WB_BRUSH_NOISE);
  guint touched = 0;
  for (guint x = 20; x < 24; x++)
    {
      g_assert_true (values[24 * 28 + x] >= 0 && values[24 * 28 + x] <= 1);
      touched += values[24 * 28 + x] > 0;
    }
  g_assert_cmpuint (touched, >, 0);

  wb_pad_stroke (pad, -50, -50, 80, -50, WB_BRUSH_PEN); /* outside: nothing */
  wb_pad_clear (pad);
  g_assert_cmpfloat (sum (pad), ==, 0);
  g_object_unref (pad);
}

/* Paint of any colour, dark ones too, covers what is there; nothing is left of it when erased. */
static void
test_colour (void)
{
  const GdkRGBA first = { 0.9f, 0.5f, 0.1f, 1 }, second = { 0.1f, 0.2f, 0.6f, 1 };
  WbPad *pad = WB_PAD (g_object_ref_sink (wb_pad_new ()));
  const gsize middle = 3 * (8 * 20 + 10);

  wb_pad_set_size (pad, 20, 16, 3);
  wb_pad_set_radius (pad, 2);
  wb_pad_set_color (pad, &first);
  wb_pad_stroke (pad, 4, 8, 16, 8, WB_BRUSH_PEN);
  const float *values = wb_pad_get_values (pad);
  g_assert_cmpfloat_with_epsilon (values[middle], first.red, 1e-3);
  g_assert_cmpfloat_with_epsilon (values[middle + 1], first.green, 1e-3);
  g_assert_cmpfloat_with_epsilon (values[middle + 2], first.blue, 1e-3);
  g_assert_cmpfloat (values[3 * (2 * 20 + 10)], ==, 0);

  wb_pad_set_color (pad, &second);
  wb_pad_stroke (pad, 10, 4, 10, 12, WB_BRUSH_PEN);
  g_assert_cmpfloat_with_epsilon (values[middle], second.red, 1e-3);
  g_assert_cmpfloat_with_epsilon (values[middle + 2], second.blue, 1e-3);
  g_assert_cmpfloat_with_epsilon (values[middle - 3 * 5], first.red, 1e-3);

  wb_pad_stroke (pad, 10, 8, 10, 8, WB_BRUSH_ERASER);
  for (guint c = 0; c < 3; c++)
    g_assert_cmpfloat (values[middle + c], ==, 0);
  g_object_unref (pad);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/pad/brushes", test_brushes);
  g_test_add_func ("/pad/colour", test_colour);
  return g_test_run ();
}
