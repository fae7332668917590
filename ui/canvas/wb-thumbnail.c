#include "canvas/wb-thumbnail.h"

#include <math.h>

/* More maps than this cannot be told apart on a card. */
#define MAX_MAPS 64
/* More cells than this are averaged in pairs until they fit. */
#define MAX_CELLS 4096
/* Values this far outside 0..1 still count as an image: rounding of a decoder's output. */
#define IMAGE_SLACK 0.05f

/* A value this small beside the largest reads as 0: a sigmoid never quite gets there. */
#define ZERO_PART 0.002f

gsize
wb_thumbnail_columns (gsize n, double aspect)
{
  double wanted = sqrt (n * aspect);
  gsize best = MAX ((gsize)ceil (wanted), 1);
  double best_ratio = 1.5;

  for (gsize columns = 1; columns <= n; columns++)
    {
      double ratio = columns > wanted ? columns / wanted : wanted / columns;

      if (n % columns == 0 && ratio < best_ratio)
        {
          best_ratio = ratio;
          best = columns;
        }
      if (columns > 2 * wanted)
        break;
    }
  return MIN (best, n);
}

/* Grids that fill what they are given, unless maps or cells would become slivers. */
#define MAPS_NARROWEST 0.4
#define MAPS_WIDEST 1.4
#define CELLS_NARROWEST 1.0
#define CELLS_WIDEST 2.0

/* The palette and its ends, and the form of a grid. */
typedef struct
{
  WbPalette palette;
  float min, max;
  double room; /* width / height */
} Scale;

static void
count_bins (WbThumbnail *thumbnail, const float *values, gsize n)
{
  float low = MIN (thumbnail->min, 0), span = thumbnail->max - low, most = 0;
  float zero = ZERO_PART * MAX (thumbnail->max, -thumbnail->min);
  gsize n_zero = 0;

  for (gsize i = 0; i < n; i++)
    {
      gint bin;

      if (!isfinite (values[i]))
        continue;
      n_zero += fabsf (values[i]) <= zero;
      bin = span > 0 ? (gint)((values[i] - low) / span * WB_THUMBNAIL_BINS) : 0;
      thumbnail->bins[CLAMP (bin, 0, WB_THUMBNAIL_BINS - 1)] += 1;
    }
  for (guint i = 0; i < WB_THUMBNAIL_BINS; i++)
    most = MAX (most, thumbnail->bins[i]);
  for (guint i = 0; i < WB_THUMBNAIL_BINS && most > 0; i++)
    thumbnail->bins[i] /= most;
  thumbnail->zero = n > 0 ? (double)n_zero / n : 0;
}

static void
make_image (WbThumbnail *thumbnail, const NnShape *shape, const float *values, WbScheme scheme)
{
  gsize height = (gsize)shape->dim[0], width = (gsize)shape->dim[1];
  gboolean as_is = thumbnail->min >= -IMAGE_SLACK && thumbnail->max <= 1 + IMAGE_SLACK;
  float min = as_is ? 0 : thumbnail->min, max = as_is ? 1 : thumbnail->max;

  thumbnail->texture =
      shape->dim[2] == 3
          ? wb_texture_from_rgb (values, width, height, min, max)
          : wb_texture_from_values (values, width, height, WB_PALETTE_GRAY, scheme, min, max);
  thumbnail->aspect = (double)width / height;
  thumbnail->smooth = TRUE;
}

static void
make_maps (WbThumbnail *thumbnail, const NnShape *shape, const float *values, const Scale *scale,
           WbScheme scheme)
{
  gsize height = (gsize)shape->dim[0], width = (gsize)shape->dim[1];
  gsize channels = (gsize)shape->dim[2], shown = MIN (channels, MAX_MAPS);
  gsize columns = wb_thumbnail_columns (shown, CLAMP (scale->room, MAPS_NARROWEST, MAPS_WIDEST)),
        gap = MAX (width / 14, 1);
  g_autofree float *first = NULL;

  /* Channels lie innermost, so showing fewer takes a copy. */
  if (shown < channels)
    {
      first = g_new (float, width *height *shown);
      for (gsize i = 0; i < width * height; i++)
        {
          for (gsize c = 0; c < shown; c++)
            first[i * shown + c] = values[i * channels + c];
        }
    }
  thumbnail->texture =
      wb_texture_from_maps (first != NULL ? first : values, width, height, shown, columns, gap,
                            scale->palette, scheme, scale->min, scale->max);
  thumbnail->aspect = (double)gdk_texture_get_width (thumbnail->texture)
                      / gdk_texture_get_height (thumbnail->texture);
}

static void
make_cells (WbThumbnail *thumbnail, const float *values, gsize n, const Scale *scale,
            WbScheme scheme)
{
  gsize per_cell = (n + MAX_CELLS - 1) / MAX_CELLS, cells = (n + per_cell - 1) / per_cell;
  const double aspect = CLAMP (scale->room, CELLS_NARROWEST, CELLS_WIDEST);
  gsize columns = wb_thumbnail_columns (cells, aspect), rows;

  g_assert (columns > 0);
  rows = (cells + columns - 1) / columns;
  g_autofree float *grid = g_new (float, columns *rows);

  for (gsize i = 0; i < columns * rows; i++)
    {
      float sum = 0;
      gsize from = i * per_cell, to = MIN (from + per_cell, n);

      for (gsize j = from; j < to; j++)
        sum += values[j];
      grid[i] = to > from ? sum / (to - from) : NAN;
    }
  thumbnail->texture =
      wb_texture_from_values (grid, columns, rows, scale->palette, scheme, scale->min, scale->max);
  /* Always of the same form, so that cells of one layer are easily compared with those of another.
   */
  thumbnail->aspect = aspect;
}

/* (H, W) on one scale, smoothly enlarged where it is an image. */
static void
make_plane (WbThumbnail *thumbnail, const NnShape *shape, const float *values, const Scale *scale,
            WbScheme scheme)
{
  thumbnail->texture = wb_texture_from_values (values, (gsize)shape->dim[1], (gsize)shape->dim[0],
                                               scale->palette, scheme, scale->min, scale->max);
  thumbnail->aspect = (double)shape->dim[1] / (double)shape->dim[0];
  thumbnail->smooth = shape->rank == 3;
  if (shape->rank == 2)
    thumbnail->aspect = CLAMP (thumbnail->aspect, 0.5, 3);
}

WbThumbnail *
wb_thumbnail_new (WbThumbnailKind kind, const NnShape *shape, const NnShape *image,
                  const float *values, double room, WbScheme scheme)
{
  WbThumbnail *thumbnail = g_new0 (WbThumbnail, 1);
  gsize n = (gsize)nn_shape_size (shape);
  gboolean grid = shape->rank == 3 || shape->rank == 2;

  wb_value_range (values, n, &thumbnail->min, &thumbnail->max);
  count_bins (thumbnail, values, n);
  if (!grid && image != NULL && image->rank == 3 && nn_shape_size (image) == (gint64)n)
    {
      shape = image;
      grid = TRUE;
    }
  const gboolean sizes = kind == WB_THUMBNAIL_SIZES;
  const Scale scale = {
    .palette = sizes ? WB_PALETTE_DIVERGING : WB_PALETTE_VIRIDIS,
    .min = sizes ? -thumbnail->max : MIN (thumbnail->min, 0),
    .max = thumbnail->max,
    .room = room,
  };
  const gboolean picture = grid && shape->rank == 3 && shape->dim[0] > 1;
  if (picture && !sizes && (shape->dim[2] == 1 || shape->dim[2] == 3))
    make_image (thumbnail, shape, values, scheme);
  else if ((picture && shape->dim[2] == 1) || (grid && shape->rank == 2))
    make_plane (thumbnail, shape, values, &scale, scheme);
  else if (picture)
    make_maps (thumbnail, shape, values, &scale, scheme);
  else
    make_cells (thumbnail, values, n, &scale, scheme);
  return thumbnail;
}

void
wb_thumbnail_free (WbThumbnail *thumbnail)
{
  g_object_unref (thumbnail->texture);
  g_free (thumbnail);
}
