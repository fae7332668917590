#include "plots/wb-format.h"

#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <string.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

static const char *
thousands_separator (void)
{
  const struct lconv *conventions = localeconv ();

  if (conventions->thousands_sep != NULL && conventions->thousands_sep[0] != '\0')
    return conventions->thousands_sep;
  return g_str_equal (conventions->decimal_point, ",") ? "\u202f" : ",";
}

char *
wb_format_count (gint64 n)
{
  const char *separator = thousands_separator ();
  g_autofree char *digits =
      g_strdup_printf ("%" PRIu64, n < 0 ? (guint64)0 - (guint64)n : (guint64)n);
  gsize length = strlen (digits);
  GString *text = g_string_new (n < 0 ? "−" : "");

  for (gsize i = 0; i < length; i++)
    {
      if (i > 0 && (length - i) % 3 == 0)
        g_string_append (text, separator);
      g_string_append_c (text, digits[i]);
    }
  return g_string_free (text, FALSE);
}

/* "–" and "∞" for what has no digits, NULL for a finite number. */
static char *
format_not_finite (double value)
{
  if (isfinite (value))
    return NULL;
  return g_strdup (isnan (value) ? "–" : value > 0 ? "∞" : "−∞");
}

char *
wb_format_loss (double loss)
{
  static const struct
  {
    double below;
    int decimals;
  } digits[] = { { 1, 4 }, { 10, 3 }, { 100, 2 }, { 100000, 1 } };
  double size = fabs (loss);

  if (!isfinite (loss))
    return format_not_finite (loss);
  if (size > 0 && size < 0.001)
    return g_strdup_printf ("%.2e", loss);
  for (guint i = 0; i < G_N_ELEMENTS (digits); i++)
    {
      if (size < digits[i].below)
        return g_strdup_printf ("%.*f", digits[i].decimals, loss);
    }
  return g_strdup_printf ("%.3e", loss);
}

char *
wb_format_value (double value)
{
  if (!isfinite (value))
    return format_not_finite (value);
  if (fabs (value) >= 1000 && fabs (value) < 1e6)
    return wb_format_count ((gint64)llround (value));
  if (value < 0)
    return g_strdup_printf ("−%.3g", -value);
  return g_strdup_printf ("%.3g", value);
}

char *
wb_format_gradient (double norm)
{
  if (!isfinite (norm))
    return format_not_finite (norm);
  if (norm != 0 && (norm < 1e-3 || norm >= 1e5))
    return g_strdup_printf ("%.1e", norm);
  return norm >= 10 ? wb_format_count ((gint64)llround (norm)) : g_strdup_printf ("%.2g", norm);
}

/* value < 10 gets one decimal, more get none: "9.3k", "212k". */
static char *
format_scaled (double value, const char *const *suffixes, guint n_suffixes, double base)
{
  guint i = 0;

  while (i + 1 < n_suffixes && value >= base * 0.9995)
    {
      value /= base;
      i++;
    }
  return g_strdup_printf (i > 0 && value < 9.95 ? "%.1f%s" : "%.0f%s", value, suffixes[i]);
}

char *
wb_format_rate (double per_second)
{
  static const char *const suffixes[] = { "/s", "k/s", "M/s", "G/s" };

  if (!isfinite (per_second))
    return format_not_finite (per_second);
  return format_scaled (MAX (per_second, 0), suffixes, G_N_ELEMENTS (suffixes), 1000);
}

char *
wb_format_bytes (guint64 bytes)
{
  static const char *const suffixes[] = { " B", " KB", " MB", " GB", " TB" };

  return format_scaled ((double)bytes, suffixes, G_N_ELEMENTS (suffixes), 1024);
}

char *
wb_format_duration (double seconds)
{
  gint64 whole;

  if (!isfinite (seconds))
    return format_not_finite (seconds);
  whole = llround (MIN (MAX (seconds, 0), 1e9));
  if (whole < 60)
    /* Translators: a duration in seconds. */
    return g_strdup_printf (_ ("%d s"), (int)whole);
  if (whole < 3600)
    /* Translators: a duration in minutes and seconds. */
    return g_strdup_printf (_ ("%d min %d s"), (int)(whole / 60), (int)(whole % 60));
  /* Translators: a duration in hours and minutes. */
  return g_strdup_printf (_ ("%d h %d min"), (int)(whole / 3600), (int)(whole / 60 % 60));
}

char *
wb_format_flops (gint64 macs)
{
  double flops = 2.0 * (double)macs;

  if (flops >= 1e8)
    return g_strdup_printf ("%.2f Gflop", flops / 1e9);
  if (flops >= 1e4)
    return g_strdup_printf ("%.2f Mflop", flops / 1e6);
  return g_strdup_printf ("%.0f flop", flops);
}

char *
wb_format_percent (double fraction)
{
  if (!isfinite (fraction))
    return format_not_finite (fraction);
  return g_strdup_printf ("%.0f %%", 100 * fraction);
}

char *
wb_format_share (double fraction)
{
  int decimals = 1;

  if (!isfinite (fraction))
    return format_not_finite (fraction);
  while (fraction < 1 && decimals < 6 && 100 * fraction >= 100 - 0.5 * pow (10, -decimals))
    decimals++;
  return g_strdup_printf ("%.*f %%", decimals, 100 * fraction);
}
