#include "diabolo-config.h"

#include "viewers/wb-latent-card.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "data/nn-scaling.h"
#include "plots/wb-format.h"
#include "viewers/wb-grid-draw.h"
#include "viewers/wb-sample-choice.h"

#define PADDING 9
#define GAP 8
#define PICTURE 48
#define SMALL 30
#define POINTER_GAP 12
#define MAX_DIMENSIONS 2 /* of a code that is told in numbers */

gssize
wb_latent_point_of (const NnCodesResult *result, guint32 sample)
{
  for (guint i = 0; i < result->samples->len; i++)
    if (g_array_index (result->samples, guint32, i) == sample)
      return i;
  return -1;
}

guint
wb_latent_neighbours (const NnCodesResult *result, gsize point, guint *neighbours)
{
  const gsize size = (gsize)nn_shape_size (&result->shape), n = result->samples->len;
  const float *codes = result->codes->data;
  float distance[WB_LATENT_NEIGHBOURS];
  guint found = 0;

  for (gsize i = 0; i < n; i++)
    {
      float sum = 0;
      guint at;

      for (gsize d = 0; d < size; d++)
        {
          const float difference = codes[i * size + d] - codes[point * size + d];
          sum += difference * difference;
        }
      if (i == point || !isfinite (sum)
          || (found == WB_LATENT_NEIGHBOURS && sum >= distance[found - 1]))
        continue;
      if (found < WB_LATENT_NEIGHBOURS)
        found++;
      for (at = found - 1; at > 0 && distance[at - 1] > sum; at--)
        {
          distance[at] = distance[at - 1];
          neighbours[at] = neighbours[at - 1];
        }
      distance[at] = sum;
      neighbours[at] = (guint)i;
    }
  return found;
}

/* ---- pictures ---- */

/* As the reconstructions show it: an image as it is, a wave as its course. */
static void
draw_values (const NnField *field, const float *values, const WbRect *rect, WbScheme scheme,
             cairo_t *cr)
{
  const float black = field->scale != NULL ? field->scale->black : 0;
  const float white = field->scale != NULL ? field->scale->white : 1;
  const WbGridRow row = wb_grid_row_of_shape (&field->shape, black, white, 1, NULL, NULL);

  wb_grid_draw_value (&row, values, scheme, FALSE, rect, cr);
}

static void
draw_sample (const WbLatentSource *source, guint32 sample, const WbRect *rect, cairo_t *cr)
{
  const NnField *field = &nn_dataset_info (source->dataset)->fields[source->field];
  g_autofree float *values = g_new (float, (gsize)nn_shape_size (&field->shape));

  nn_dataset_read (source->dataset, source->part, (guint)source->field, &sample, 1,
                   nn_kernels_best (), values);
  draw_values (field, values, rect, source->scheme, cr);
}

/* ---- texts ---- */

static gint
label_at (const NnCodesResult *result, gsize point)
{
  return g_array_index (result->labels, gint, point);
}

/* "<b>6</b>", in the class's colour where there is one. */
static char *
name_markup (const WbLatentSource *source, const NnCodesResult *result, gsize point)
{
  g_autofree char *name =
      wb_sample_class_name (nn_dataset_info (source->dataset), label_at (result, point));

  return name != NULL ? g_markup_printf_escaped ("<b>%s</b>", name) : NULL;
}

static char *
number_text (const WbLatentSource *source, const NnCodesResult *result, gsize point)
{
  g_autofree char *number = wb_format_count (g_array_index (result->samples, guint32, point));

  return source->part == NN_PART_TEST ? g_strdup_printf (_ ("test sample %s"), number)
                                      : g_strdup_printf (_ ("training sample %s"), number);
}

static void
append_numbers (GString *text, const float *values, gsize n, gboolean deviations)
{
  for (gsize d = 0; d < n; d++)
    {
      g_autofree char *number =
          wb_format_value ((double)(deviations ? expf (values[d] / 2) : values[d]));
      g_string_append_printf (text, "%s%s", d > 0 ? "   " : "", number);
    }
}

/* "−0.53   −2.31" and "σ 0.08   0.21"; nothing for long codes. */
static char *
code_text (const NnCodesResult *result, gsize point, gboolean deviations)
{
  const gsize size = (gsize)nn_shape_size (&result->shape);
  const NnTensor *values = deviations ? result->log_variance : result->codes;

  if (size > MAX_DIMENSIONS || values == NULL)
    return NULL;
  GString *text = g_string_new (deviations ? "σ  " : "z  ");
  append_numbers (text, values->data + point * size, size, deviations);
  return g_string_free (text, FALSE);
}

/* Lines of text below each other, those that are not NULL. Returns the widest. */
static double
draw_lines (char *const *lines, guint n, double x, double y, WbScheme scheme, cairo_t *cr,
            PangoContext *context)
{
  const double line = wb_figure_line_height (context);
  double widest = 0;

  for (guint i = 0; i < n; i++)
    {
      if (lines[i] == NULL)
        continue;
      widest = MAX (widest, wb_figure_text_width (context, lines[i]));
      if (cr != NULL)
        wb_figure_text (cr, context, lines[i], x, y + line / 2, 0,
                        wb_color (i == 0 ? WB_COLOR_TEXT : WB_COLOR_DIM, scheme));
      y += line;
    }
  return widest;
}

/* ---- cards ---- */

static void
draw_underline (const NnCodesResult *result, gsize point, const WbRect *rect, WbScheme scheme,
                cairo_t *cr)
{
  const gint label = label_at (result, point);

  cairo_rectangle (cr, rect->x, rect->y + rect->height + 1, rect->width, 2);
  wb_cairo_set_color (
      cr, label >= 0 ? wb_color_class ((guint)label, scheme) : wb_color (WB_COLOR_ACCENT, scheme),
      1);
  cairo_fill (cr);
}

void
wb_latent_draw_hover (const WbLatentSource *source, const NnCodesResult *result, gsize point,
                      double x, double y, double width, double height, cairo_t *cr,
                      PangoContext *context)
{
  g_autofree char *name = name_markup (source, result, point);
  g_autofree char *number = number_text (source, result, point);
  char *const lines[] = { name, number };
  const double text = draw_lines (lines, 2, 0, 0, source->scheme, NULL, context);
  const double picture = source->field >= 0 ? PICTURE + GAP : 0;
  WbRect card = { x + POINTER_GAP, y - PICTURE / 2.0 - PADDING, text + picture + 2 * PADDING,
                  PICTURE + 2 * PADDING };

  if (card.x + card.width > width)
    card.x = MAX (0, x - POINTER_GAP - card.width);
  card.y = CLAMP (card.y, 0, MAX (0, height - card.height));
  wb_figure_card (cr, &card, source->scheme);
  if (source->field >= 0)
    {
      const WbRect rect = { card.x + PADDING, card.y + PADDING, PICTURE, PICTURE };

      draw_sample (source, g_array_index (result->samples, guint32, point), &rect, cr);
      draw_underline (result, point, &rect, source->scheme, cr);
    }
  draw_lines (lines, 2, card.x + PADDING + picture, card.y + PADDING, source->scheme, cr, context);
}

static void
draw_neighbours (const WbLatentSource *source, const NnCodesResult *result, const guint *neighbours,
                 guint n, double x, double y, cairo_t *cr)
{
  for (guint i = 0; i < n; i++)
    {
      const WbRect rect = { x + i * (SMALL + 4), y, SMALL, SMALL };

      draw_sample (source, g_array_index (result->samples, guint32, neighbours[i]), &rect, cr);
      draw_underline (result, neighbours[i], &rect, source->scheme, cr);
    }
}

void
wb_latent_draw_selected (const WbLatentSource *source, const NnCodesResult *result, gsize point,
                         const float *reconstruction, const guint *neighbours, guint n_neighbours,
                         const WbRect *room, cairo_t *cr, PangoContext *context)
{
  const double line = wb_figure_line_height (context);
  g_autofree char *name = name_markup (source, result, point);
  g_autofree char *number = number_text (source, result, point);
  g_autofree char *code = code_text (result, point, FALSE);
  g_autofree char *deviations = code_text (result, point, TRUE);
  char *const lines[] = { name, number, code, deviations };
  const guint n_lines = G_N_ELEMENTS (lines);
  const gboolean draws = source->field >= 0;
  const double pictures = !draws ? 0 : (reconstruction != NULL ? 2 : 1) * (PICTURE + GAP);
  const double text = draw_lines (lines, n_lines, 0, 0, source->scheme, NULL, context);
  const double row = draws && n_neighbours > 0 ? line + SMALL + GAP : 0;
  const double head =
      MAX (draws ? PICTURE + 3 : 0, (2 + (code != NULL) + (deviations != NULL)) * line);
  WbRect card = { room->x + 8, 0,
                  MAX (pictures + text, row > 0 ? n_neighbours * (SMALL + 4.0) - 4 : 0)
                      + 2 * PADDING,
                  head + row + 2 * PADDING };

  card.y = MAX (room->y, room->y + room->height - card.height - 8);
  wb_figure_card (cr, &card, source->scheme);
  if (draws)
    {
      const NnField *field = &nn_dataset_info (source->dataset)->fields[source->field];
      WbRect rect = { card.x + PADDING, card.y + PADDING, PICTURE, PICTURE };

      draw_sample (source, g_array_index (result->samples, guint32, point), &rect, cr);
      draw_underline (result, point, &rect, source->scheme, cr);
      rect.x += PICTURE + GAP;
      if (reconstruction != NULL)
        draw_values (field, reconstruction, &rect, source->scheme, cr);
    }
  draw_lines (lines, n_lines, card.x + PADDING + pictures, card.y + PADDING - 1, source->scheme, cr,
              context);
  if (row == 0)
    return;
  wb_figure_text (cr, context, _ ("nearest codes"), card.x + PADDING,
                  card.y + PADDING + head + line / 2 + 1, 0,
                  wb_color (WB_COLOR_DIM, source->scheme));
  draw_neighbours (source, result, neighbours, n_neighbours, card.x + PADDING,
                   card.y + PADDING + head + line + 3, cr);
}
