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

  wb_pad_set_size (pad, 28, 28);
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

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/pad/brushes", test_brushes);
  return g_test_run ();
}
