#include "diabolo-config.h"

#include "viewers/wb-gallery-data.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "base/nn-error.h"
#include "plots/wb-format.h"
#include "viewers/wb-sample-choice.h"

#define MAX_LINES 3 /* features of a sequence that are drawn as lines */

/* ---- the pictures ---- */

static void
choose_kind (WbGalleryData *data)
{
  const NnShape *shape = &data->result->shape;

  data->height = data->channels = 1;
  data->width = (gsize)nn_shape_size (shape);
  data->kind = WB_GALLERY_BARS;
  if (shape->rank > 2)
    {
      const gsize channels = (gsize)shape->dim[shape->rank - 1];

      data->kind = WB_GALLERY_PICTURES;
      data->channels = channels == 3 ? 3 : 1;
      data->width = (gsize)shape->dim[shape->rank - 2];
      data->height = (gsize)nn_shape_size (shape) / channels / data->width;
    }
  else if (shape->rank == 2)
    {
      const gsize steps = (gsize)shape->dim[0], features = (gsize)shape->dim[1];
      const gboolean lines = features <= MAX_LINES;

      data->kind = lines ? WB_GALLERY_LINES : WB_GALLERY_HEAT;
      data->width = lines ? steps : features;
      data->height = lines ? features : steps;
    }
}

/* Colours other than red, green and blue are averaged; lines are stored one after the other. */
static void
fill_pictures (WbGalleryData *data)
{
  const NnMaximiseResult *result = data->result;
  const gsize size = (gsize)nn_shape_size (&result->shape);
  const gsize cell = data->width * data->height * data->channels;
  const gsize each = size / cell;

  data->pictures = g_new (float, result->n *cell);
  for (guint i = 0; i < result->n; i++)
    for (gsize k = 0; k < cell; k++)
      {
        const float *from = result->pictures->data + i * size;
        float sum = 0;

        if (data->kind == WB_GALLERY_LINES)
          sum = from[k % data->width * data->height + k / data->width];
        for (gsize c = 0; c < each && data->kind != WB_GALLERY_LINES; c++)
          sum += from[k * each + c] / (float)each;
        data->pictures[i * cell + k] = sum;
      }
}

static void
choose_range (WbGalleryData *data, gboolean clipped)
{
  const gsize n = data->result->n * data->width * data->height * data->channels;

  data->low = data->result->low;
  data->high = data->result->high;
  if (!clipped)
    wb_value_range (data->pictures, n, &data->low, &data->high);
  if (data->kind != WB_GALLERY_PICTURES)
    {
      data->low = MIN (data->low, 0);
      data->high = MAX (data->high, 0);
    }
  data->palette = WB_PALETTE_GRAY;
  if (data->kind == WB_GALLERY_HEAT && data->low < 0)
    {
      data->palette = WB_PALETTE_DIVERGING;
      data->high = MAX (data->high, -data->low);
      data->low = -data->high;
    }
  else if (data->kind == WB_GALLERY_HEAT)
    data->palette = WB_PALETTE_VIRIDIS;
}

/* ---- words ---- */

/* TRUE where unit i of the node stands for class i. */
static gboolean
tells_classes (const NnAnalysis *analysis, guint node, guint n_layer)
{
  const guint judge = nn_analysis_judge_node (analysis);
  const NnEdge *edge =
      judge != 0 ? nn_design_edge_into (nn_analysis_design (analysis), judge, 0) : NULL;
  const NnDataInfo *info = nn_analysis_data (analysis);

  if (edge == NULL || edge->from != node || nn_analysis_output_node (analysis) == node)
    return FALSE;
  for (guint i = 0; i < info->n_fields; i++)
    if (info->fields[i].kind == NN_FIELD_LABEL)
      return info->fields[i].n_classes == n_layer;
  return FALSE;
}

static void
fill_names (WbGalleryData *data, const NnAnalysis *analysis)
{
  const NnMaximiseResult *result = data->result;
  const NnNode *node = nn_design_node (nn_analysis_design (analysis), result->node);

  data->classes = tells_classes (analysis, result->node, result->n_layer);
  data->names = g_new0 (char *, result->n + 1);
  for (guint i = 0; i < result->n; i++)
    {
      if (data->classes)
        data->names[i] = wb_sample_class_name (nn_analysis_data (analysis), (gint)result->units[i]);
      if (data->names[i] == NULL)
        data->names[i] = g_strdup_printf ("%u", result->units[i] + 1);
    }
  if (result->before != NN_ACTIVATION_LINEAR)
    data->title = g_strdup_printf (_ ("%s · before %s"), node != NULL ? node->name : "",
                                   nn_activation_info (result->before)->title);
  else
    data->title = g_strdup (node != NULL ? node->name : "");
}

WbGalleryData *
wb_gallery_data_new (NnMaximiseResult *result, const NnAnalysis *analysis, guint n_steps,
                     gboolean clipped)
{
  WbGalleryData *data = g_new0 (WbGalleryData, 1);

  data->result = (NnMaximiseResult *)nn_probe_result_ref (&result->base);
  data->n_steps = n_steps;
  choose_kind (data);
  fill_pictures (data);
  choose_range (data, clipped);
  fill_names (data, analysis);
  return data;
}

void
wb_gallery_data_free (WbGalleryData *data)
{
  if (data == NULL)
    return;
  nn_probe_result_unref (&data->result->base);
  g_free (data->pictures);
  g_strfreev (data->names);
  g_free (data->title);
  g_free (data);
}

const float *
wb_gallery_data_picture (const WbGalleryData *data, guint cell)
{
  return data->pictures + cell * data->width * data->height * data->channels;
}

char *
wb_gallery_data_describe (const WbGalleryData *data, gssize cell)
{
  const NnMaximiseResult *result = data->result;
  g_autofree char *now = NULL, *first = NULL;

  if (cell < 0)
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s: %u unit, step %u of %u",
                                         "%s: %u units, step %u of %u", result->n),
                            data->title, result->n, result->n_steps,
                            MAX (data->n_steps, result->n_steps));
  if (result->n_points == 0)
    return g_strdup_printf (_ ("%s: noise, not yet climbed"), data->names[cell]);
  now = wb_format_value (result->activation[cell]);
  first = wb_format_value (result->course[cell]);
  return g_strdup_printf (_ ("%s: activation %s after %u steps, %s at first"), data->names[cell],
                          now, result->n_steps, first);
}

char *
wb_gallery_data_to_csv (const WbGalleryData *data)
{
  GString *text = g_string_new ("unit,name,activation,steps,row,column,channel,value\n");
  const NnMaximiseResult *result = data->result;
  const NnShape *shape = &result->shape;
  const gsize channels = shape->rank > 0 ? (gsize)shape->dim[shape->rank - 1] : 1;
  const gsize width = shape->rank > 2 ? (gsize)shape->dim[shape->rank - 2] : 1;
  const gsize size = (gsize)nn_shape_size (shape);

  for (guint i = 0; i < result->n; i++)
    {
      char activation[G_ASCII_DTOSTR_BUF_SIZE], value[G_ASCII_DTOSTR_BUF_SIZE];
      g_auto (GStrv) quotes = g_strsplit (data->names[i], "\"", -1);
      g_autofree char *name = g_strjoinv ("\"\"", quotes);

      g_ascii_formatd (activation, sizeof activation, "%.9g", (double)result->activation[i]);
      for (gsize k = 0; k < size; k++)
        {
          g_ascii_formatd (value, sizeof value, "%.9g",
                           (double)result->pictures->data[i * size + k]);
          g_string_append_printf (text, "%u,\"%s\",%s,%u,%zu,%zu,%zu,%s\n", result->units[i] + 1,
                                  name, activation, result->n_steps, k / channels / width,
                                  k / channels % width, k % channels, value);
        }
    }
  return g_string_free (text, FALSE);
}

/* ---- lists of units ---- */

GArray *
wb_unit_list_first (guint n_layer, guint n)
{
  GArray *units = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint32 i = 0; i < MIN (n_layer, n); i++)
    g_array_append_val (units, i);
  return units;
}

/* A number from 1 on; FALSE: none stands there. */
static gboolean
read_number (const char **text, guint64 *number)
{
  char *end;

  if (!g_ascii_isdigit (**text))
    return FALSE;
  *number = g_ascii_strtoull (*text, &end, 10);
  *text = end;
  return TRUE;
}

static void
skip_spaces (const char **text)
{
  while (g_ascii_isspace (**text))
    (*text)++;
}

static gboolean
skip_dash (const char **text)
{
  static const char *const dashes[] = { "-", "–" };

  skip_spaces (text);
  for (guint i = 0; i < G_N_ELEMENTS (dashes); i++)
    if (g_str_has_prefix (*text, dashes[i]))
      {
        *text += strlen (dashes[i]);
        skip_spaces (text);
        return TRUE;
      }
  return FALSE;
}

/* Marks "3" or "3-7" among n_layer units. */
static gboolean
read_range (const char **text, guint n_layer, gboolean *marks, GError **error)
{
  const char *begin = *text;
  guint64 from, to;

  if (!read_number (text, &from))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_RANGE,
                   _ ("“%s” is no list of units. Write numbers and ranges, such as 1-16, 20."),
                   begin);
      return FALSE;
    }
  to = from;
  if (skip_dash (text) && !read_number (text, &to))
    to = n_layer; /* "5-": to the end */
  if (from < 1 || to < from || to > n_layer)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_RANGE,
                   g_dngettext (GETTEXT_PACKAGE, "This layer has %u unit.",
                                "This layer has units 1 to %u.", n_layer),
                   n_layer);
      return FALSE;
    }
  for (guint64 i = from; i <= to; i++)
    marks[i - 1] = TRUE;
  return TRUE;
}

GArray *
wb_unit_list_parse (const char *text, guint n_layer, GError **error)
{
  g_autofree gboolean *marks = g_new0 (gboolean, n_layer + 1);
  g_autoptr (GArray) units = g_array_new (FALSE, FALSE, sizeof (guint32));

  skip_spaces (&text);
  if (*text == '\0' || g_ascii_strcasecmp (text, "all") == 0 || strcmp (text, _ ("all")) == 0)
    return wb_unit_list_first (n_layer, NN_MAXIMISE_MOST);
  while (*text != '\0')
    {
      if (!read_range (&text, n_layer, marks, error))
        return NULL;
      while (g_ascii_isspace (*text) || *text == ',' || *text == ';')
        text++;
    }
  for (guint32 i = 0; i < n_layer && units->len < NN_MAXIMISE_MOST; i++)
    if (marks[i])
      g_array_append_val (units, i);
  return g_steal_pointer (&units);
}

char *
wb_unit_list_format (const GArray *units)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < units->len;)
    {
      const guint32 from = g_array_index (units, guint32, i);
      guint end = i + 1;

      while (end < units->len && g_array_index (units, guint32, end) == from + (end - i))
        end++;
      g_string_append_printf (text, "%s%u", i > 0 ? ", " : "", from + 1);
      if (end - i > 1)
        g_string_append_printf (text, "%s%u", end - i > 2 ? "–" : ", ", from + (end - i));
      i = end;
    }
  return g_string_free (text, FALSE);
}

GArray *
wb_unit_list_turn (const GArray *units, guint n_layer, gint pages)
{
  const guint n = MIN (units->len, n_layer);
  const gint64 first = units->len > 0 ? g_array_index (units, guint32, 0) : 0;
  const gint64 last = units->len > 0 ? g_array_index (units, guint32, units->len - 1) : 0;
  /* From a list with gaps the next page is what follows its end. */
  const gint64 wish = pages > 0 ? last + 1 + (pages - 1) * (gint64)n : first + pages * (gint64)n;
  const gint64 begin = CLAMP (wish, 0, (gint64)(n_layer - n));
  GArray *turned = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint i = 0; i < n; i++)
    {
      const guint32 unit = (guint32)(begin + i);
      g_array_append_val (turned, unit);
    }
  return turned;
}
