#include "plots/wb-axis.h"

#include <math.h>
#include <string.h>

#define LABEL_SIZE sizeof (((WbTicks *)0)->label[0])
#define SMALLEST 1e-12

/* Multiples of a power of ten that read as round. Epochs may also be counted in threes. */
static const double linear_steps[] = { 1, 2, 5, 0 };
static const double whole_steps[] = { 1, 2, 3, 5, 0 };

/* Mantissas of logarithmic ticks, sparse to dense. */
static const double decades[] = { 1, 0 };
static const double thirds[] = { 1, 2, 5, 0 };
static const double ninths[] = { 1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9, 0 };
static const double *const log_sets[] = { decades, thirds, ninths };

/* The smallest round step that cuts extent into at most max_ticks - 1 pieces. */
static double
round_step (WbAxisKind kind, double extent, guint max_ticks)
{
  const double *steps = kind == WB_AXIS_WHOLE ? whole_steps : linear_steps;
  double wanted = extent / (max_ticks - 1);
  double power = pow (10, floor (log10 (wanted)));

  if (kind == WB_AXIS_WHOLE && wanted <= 1)
    return 1;
  for (guint decade = 0; decade < 2; decade++, power *= 10)
    for (const double *step = steps; *step > 0; step++)
      if (*step * power >= wanted * (1 - 1e-9))
        return *step * power;
  return 10 * power;
}

void
wb_axis_format (double value, int decimals, char *buffer)
{
  static const char *const superscript[] = { "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹" };
  double size = fabs (value);

  if (size > 0 && (size >= 1e6 || size < 1e-4))
    {
      int power = (int)floor (log10 (size) + 1e-9);
      double mantissa = size / pow (10, power);
      GString *text = g_string_new (value < 0 ? "−" : NULL);
      char digits[8];

      if (fabs (mantissa - 1) > 0.005)
        g_string_append_printf (text, "%.3g·", mantissa);
      g_string_append (text, power < 0 ? "10⁻" : "10");
      g_snprintf (digits, sizeof digits, "%d", ABS (power));
      for (const char *digit = digits; *digit; digit++)
        g_string_append (text, superscript[*digit - '0']);
      g_strlcpy (buffer, text->str, LABEL_SIZE);
      g_string_free (text, TRUE);
      return;
    }
  g_snprintf (buffer, LABEL_SIZE, "%s%.*f", value < 0 && size > 0 ? "−" : "", decimals, size);
}

static void
add_tick (WbTicks *ticks, double value, int decimals)
{
  if (ticks->n == WB_AXIS_MAX_TICKS)
    return;
  ticks->value[ticks->n] = value;
  wb_axis_format (value, decimals, ticks->label[ticks->n]);
  ticks->n++;
}

/* How many multiples of step lie within. */
static double
count_linear_ticks (double min, double max, double step)
{
  return floor (max / step + 1e-6) - ceil (min / step - 1e-6) + 1;
}

/* One tick is no scale. Where the next smaller step does not make too many ticks, it is taken. */
static double
finer_step (WbAxisKind kind, double min, double max, guint max_ticks, double step)
{
  for (guint more = 2; more <= 5 && count_linear_ticks (min, max, step) < 2; more++)
    {
      const double finer = round_step (kind, max - min, more * (max_ticks - 1) + 1);

      if (count_linear_ticks (min, max, finer) <= max_ticks)
        step = finer;
    }
  return step;
}

static void
linear_ticks (WbAxisKind kind, double min, double max, guint max_ticks, WbTicks *ticks)
{
  double step = round_step (kind, max - min, max_ticks);
  step = finer_step (kind, min, max, max_ticks, step);
  int decimals = (int)CLAMP (-floor (log10 (step) + 1e-9), 0, 9);
  double first = ceil (min / step - 1e-6), last = floor (max / step + 1e-6);

  for (double i = first; i <= last && ticks->n < max_ticks; i++)
    add_tick (ticks, i * step, decimals);
}

static guint
count_log_ticks (const double *mantissas, double min, double max)
{
  guint n = 0;

  for (int power = (int)floor (log10 (min)); power <= (int)ceil (log10 (max)); power++)
    for (const double *m = mantissas; *m > 0; m++)
      {
        double value = *m * pow (10, power);
        n += value >= min * (1 - 1e-9) && value <= max * (1 + 1e-9);
      }
  return n;
}

/* One in so many decades, where even single decades are too many. */
static void
sparse_decades (double min, double max, guint max_ticks, WbTicks *ticks)
{
  int first = (int)ceil (log10 (min) - 1e-9), last = (int)floor (log10 (max) + 1e-9);
  int step = MAX (1, (int)ceil ((last - first + 1.0) / max_ticks));

  for (int power = first; power <= last; power += step)
    add_tick (ticks, pow (10, power), MAX (0, -power));
}

static void
log_ticks (double min, double max, guint max_ticks, WbTicks *ticks)
{
  const double *chosen = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (log_sets); i++)
    if (count_log_ticks (log_sets[i], min, max) <= max_ticks)
      chosen = log_sets[i];
  if (chosen == NULL)
    {
      sparse_decades (min, max, max_ticks, ticks);
      return;
    }
  if (count_log_ticks (chosen, min, max) < 3)
    {
      /* Less than a decade is shown: it is nearly linear anyway. */
      linear_ticks (WB_AXIS_LINEAR, min, max, max_ticks, ticks);
      return;
    }
  for (int power = (int)floor (log10 (min)); power <= (int)ceil (log10 (max)); power++)
    for (const double *m = chosen; *m > 0; m++)
      {
        double value = *m * pow (10, power);
        int decimals = MAX (0, -power) + (*m != floor (*m) && power <= 0);
        if (value >= min * (1 - 1e-9) && value <= max * (1 + 1e-9))
          add_tick (ticks, value, decimals);
      }
}

void
wb_axis_ticks (WbAxisKind kind, double min, double max, guint max_ticks, WbTicks *ticks)
{
  g_return_if_fail (max_ticks >= 3 && max_ticks <= WB_AXIS_MAX_TICKS);
  g_return_if_fail (kind != WB_AXIS_LOG || min > 0);

  memset (ticks, 0, sizeof *ticks);
  if (!(max > min) || !isfinite (max - min))
    return;
  if (kind == WB_AXIS_LOG)
    log_ticks (min, max, max_ticks, ticks);
  else
    linear_ticks (kind, min, max, max_ticks, ticks);
}

static void
round_out_log (double *min, double *max)
{
  /* To a tenth of the decade it lies in: 0.0873 -> 0.08, 0.69 -> 0.7. */
  double low = pow (10, floor (log10 (*min) + 1e-9)), high = pow (10, floor (log10 (*max) + 1e-9));

  *min = floor (*min / low + 1e-9) * low;
  *max = ceil (*max / high - 1e-9) * high;
}

void
wb_axis_round_out (WbAxisKind kind, guint max_ticks, double *min, double *max)
{
  g_return_if_fail (max_ticks >= 3);

  if (kind == WB_AXIS_LOG)
    {
      *max = MAX (*max, SMALLEST);
      *min = CLAMP (*min, MAX (SMALLEST, *max * 1e-9), *max);
      if (*max <= *min * (1 + 1e-6))
        {
          *min *= 0.8;
          *max *= 1.25;
        }
      round_out_log (min, max);
      return;
    }
  if (*max - *min <= 1e-9 * MAX (fabs (*min), fabs (*max)) || !(*max > *min))
    {
      double half = MAX (fabs (*min) * 0.05, 1e-6);
      *min -= half;
      *max += half;
    }
  /* Rounding outwards may need a tick more, and so the next step. */
  for (guint tries = 0; tries < 8; tries++)
    {
      double step = round_step (kind, *max - *min, max_ticks);
      double low = floor (*min / step + 1e-9) * step, high = ceil (*max / step - 1e-9) * step;
      gboolean fits = (high - low) / step <= max_ticks - 1 + 1e-6;
      *min = low;
      *max = high;
      if (fits)
        return;
    }
}
