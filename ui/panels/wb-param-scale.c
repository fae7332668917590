#include "diabolo-config.h"

#include "panels/wb-param-scale.h"

#include <glib/gi18n.h>
#include <math.h>

#include "panels/wb-scroll-past.h"

/* More marks than this do not fit beside each other. */
#define MAX_MARKS 5

static double
off_width (const NnParamSpec *spec)
{
  return (spec->flags & NN_PARAM_OFF_AT_ZERO) != 0 ? 1 : 0;
}

double
wb_param_position_max (const NnParamSpec *spec)
{
  if ((spec->flags & NN_PARAM_LOG) == 0)
    return spec->soft_max - spec->soft_min;
  return off_width (spec) + log10 (spec->soft_max / spec->soft_min);
}

double
wb_param_position (const NnParamSpec *spec, double value)
{
  if ((spec->flags & NN_PARAM_LOG) == 0)
    return CLAMP (value, spec->soft_min, spec->soft_max) - spec->soft_min;
  if (value < spec->soft_min)
    return value <= 0 ? 0 : off_width (spec);
  return off_width (spec) + log10 (MIN (value, spec->soft_max) / spec->soft_min);
}

/* Two digits are as fine as a hand can point. */
static double
rounded (double value, int digits)
{
  if (value == 0)
    return 0;
  double unit = pow (10, floor (log10 (fabs (value))) - (digits - 1));
  return round (value / unit) * unit;
}

double
wb_param_value (const NnParamSpec *spec, double position)
{
  if ((spec->flags & NN_PARAM_LOG) == 0)
    return spec->soft_min + rounded (position, 3);
  double off = off_width (spec);
  if (position < off)
    return position < off / 2 ? 0 : spec->soft_min;
  return CLAMP (rounded (spec->soft_min * pow (10, position - off), 2), spec->soft_min,
                spec->soft_max);
}

static char *
power_text (gint exponent)
{
  static const char *const digits[] = { "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹" };
  if (exponent == 0)
    return g_strdup ("1");
  GString *text = g_string_new (exponent < 0 ? "10⁻" : "10");
  gint n = ABS (exponent);
  if (n >= 10)
    g_string_append (text, digits[n / 10 % 10]);
  g_string_append (text, digits[n % 10]);
  return g_string_free (text, FALSE);
}

static void
add_log_marks (GtkScale *scale, const NnParamSpec *spec)
{
  if (off_width (spec) > 0)
    gtk_scale_add_mark (scale, 0, GTK_POS_BOTTOM, _ ("off"));
  gint first = (gint)ceil (log10 (spec->soft_min) - 1e-9),
       last = (gint)floor (log10 (spec->soft_max) + 1e-9);
  gint step = 1 + (last - first) / MAX_MARKS;
  for (gint exponent = last; exponent >= first; exponent -= step)
    {
      g_autofree char *text = power_text (exponent);
      gtk_scale_add_mark (scale, wb_param_position (spec, pow (10, exponent)), GTK_POS_BOTTOM,
                          text);
    }
}

static void
add_linear_marks (GtkScale *scale, const NnParamSpec *spec)
{
  for (guint i = 0; i <= 2; i++)
    {
      double value = spec->soft_min + (spec->soft_max - spec->soft_min) * i / 2;
      g_autofree char *text = g_strdup_printf ("%.4g", value);
      gtk_scale_add_mark (scale, wb_param_position (spec, value), GTK_POS_BOTTOM, text);
    }
}

static const NnParamSpec *
scale_spec (GtkWidget *scale)
{
  return g_object_get_data (G_OBJECT (scale), "spec");
}

GtkWidget *
wb_param_scale_new (const NnParamSpec *spec)
{
  g_return_val_if_fail (spec != NULL && spec->soft_max > spec->soft_min, NULL);

  double end = wb_param_position_max (spec);
  GtkWidget *scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 0, end, end / 100);
  gtk_range_set_increments (GTK_RANGE (scale), end / 50, end / 10);
  gtk_scale_set_draw_value (GTK_SCALE (scale), FALSE);
  wb_scroll_past (scale);
  /* Marks would otherwise catch the handle as it passes. */
  gtk_range_set_round_digits (GTK_RANGE (scale), -1);
  g_object_set_data (G_OBJECT (scale), "spec", (gpointer)spec);
  if ((spec->flags & NN_PARAM_LOG) != 0)
    add_log_marks (GTK_SCALE (scale), spec);
  else
    add_linear_marks (GTK_SCALE (scale), spec);
  return scale;
}

double
wb_param_scale_get_value (GtkWidget *scale)
{
  return wb_param_value (scale_spec (scale), gtk_range_get_value (GTK_RANGE (scale)));
}

/* A value the slider cannot tell from its own leaves the handle where the hand has it. */
void
wb_param_scale_set_value (GtkWidget *scale, double value)
{
  const NnParamSpec *spec = scale_spec (scale);
  double shown = wb_param_scale_get_value (scale);
  if (fabs (shown - value) > 1e-3 * fabs (value))
    gtk_range_set_value (GTK_RANGE (scale), wb_param_position (spec, value));
}
