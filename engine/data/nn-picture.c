#include "data/nn-picture.h"

#include <math.h>

#define SIDE NN_PICTURE_SIDE

/* Lines across a pixel on which a polygon's extent is taken; along a line it is exact. */
#define LINES 5

/* Those in pictures are small. */
#define DISC_POINTS 16

NnColour
nn_colour_mix (NnColour a, NnColour b, float share_of_b)
{
  return (NnColour){ a.red + share_of_b * (b.red - a.red),
                     a.green + share_of_b * (b.green - a.green),
                     a.blue + share_of_b * (b.blue - a.blue) };
}

/* A. Smith, "Color gamut transform pairs", SIGGRAPH 1978: each channel is a trapezium over hue. */
NnColour
nn_colour_from_hsv (float hue, float saturation, float value)
{
  float channel[NN_PICTURE_CHANNELS];
  for (guint c = 0; c < NN_PICTURE_CHANNELS; c++)
    {
      const float turn = hue + 1.0f - (float)c / 3.0f;
      const float away =
          fabsf (turn - floorf (turn + 0.5f)) * 6.0f; /* 0 at the channel's own hue */
      channel[c] = value * (1.0f - saturation * CLAMP (away - 1.0f, 0.0f, 1.0f));
    }
  return (NnColour){ channel[0], channel[1], channel[2] };
}

static void
set_pixel (float *pixel, NnColour colour)
{
  pixel[0] = colour.red;
  pixel[1] = colour.green;
  pixel[2] = colour.blue;
}

void
nn_picture_shade (NnPicture *picture, NnColour above, NnColour below)
{
  for (guint row = 0; row < SIDE; row++)
    for (guint column = 0; column < SIDE; column++)
      set_pixel (picture->value + (row * SIDE + column) * NN_PICTURE_CHANNELS,
                 nn_colour_mix (above, below, (float)row / (SIDE - 1)));
}

void
nn_picture_clear (NnPicture *picture, NnColour colour)
{
  nn_picture_shade (picture, colour, colour);
}

/* Adds a line's share of each pixel between x0 and x1 to covered (SIDE). */
static void
cover_span (float *covered, float x0, float x1)
{
  x0 = CLAMP (x0, 0.0f, (float)SIDE);
  x1 = CLAMP (x1, 0.0f, (float)SIDE);
  for (guint column = (guint)x0; column < SIDE && (float)column < x1; column++)
    {
      const float from = fmaxf (x0, (float)column), to = fminf (x1, (float)column + 1.0f);
      covered[column] += (to - from) / LINES;
    }
}

/* Where edges cross the horizontal line at y, in rising order. */
static guint
crossings (const NnPoint *points, guint n, float y, float *x)
{
  guint n_found = 0;
  for (guint i = 0; i < n; i++)
    {
      const NnPoint a = points[i], b = points[(i + 1) % n];
      if ((a.y <= y) == (b.y <= y))
        continue;
      const float found = a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x);
      guint at = n_found++;
      for (; at > 0 && x[at - 1] > found; at--)
        x[at] = x[at - 1];
      x[at] = found;
    }
  return n_found;
}

void
nn_picture_fill (NnPicture *picture, const NnPoint *points, guint n, NnColour colour)
{
  g_return_if_fail (n >= 3 && n <= NN_PICTURE_MAX_POINTS);

  float top = G_MAXFLOAT, bottom = -G_MAXFLOAT;
  for (guint i = 0; i < n; i++)
    {
      top = fminf (top, points[i].y);
      bottom = fmaxf (bottom, points[i].y);
    }
  const gint first = (gint)floorf (CLAMP (top, 0.0f, (float)SIDE));
  const gint end = (gint)ceilf (CLAMP (bottom, 0.0f, (float)SIDE));
  for (gint row = first; row < end; row++)
    {
      float covered[SIDE] = { 0 }, x[NN_PICTURE_MAX_POINTS];
      for (guint line = 0; line < LINES; line++)
        {
          const guint n_found = crossings (points, n, (float)row + ((float)line + 0.5f) / LINES, x);
          for (guint i = 0; i + 1 < n_found; i += 2)
            cover_span (covered, x[i], x[i + 1]);
        }
      for (guint column = 0; column < SIDE; column++)
        {
          float *pixel = picture->value + ((guint)row * SIDE + column) * NN_PICTURE_CHANNELS;
          const NnColour before = { pixel[0], pixel[1], pixel[2] };
          if (covered[column] > 0.0f)
            set_pixel (pixel, nn_colour_mix (before, colour, fminf (covered[column], 1.0f)));
        }
    }
}

void
nn_picture_fill_disc (NnPicture *picture, NnPoint centre, float radius, NnColour colour)
{
  NnPoint points[DISC_POINTS];
  for (guint i = 0; i < DISC_POINTS; i++)
    {
      const float angle = 2.0f * (float)G_PI * (float)i / DISC_POINTS;
      points[i] = (NnPoint){ centre.x + radius * cosf (angle), centre.y + radius * sinf (angle) };
    }
  nn_picture_fill (picture, points, DISC_POINTS, colour);
}

void
nn_picture_fill_box (NnPicture *picture, float x0, float y0, float x1, float y1, NnColour colour)
{
  const NnPoint points[] = { { x0, y0 }, { x1, y0 }, { x1, y1 }, { x0, y1 } };
  nn_picture_fill (picture, points, G_N_ELEMENTS (points), colour);
}

void
nn_picture_to_bytes (const NnPicture *picture, guint8 *pixels)
{
  for (guint i = 0; i < NN_PICTURE_SIZE; i++)
    pixels[i] = (guint8)(255.0f * CLAMP (picture->value[i], 0.0f, 1.0f) + 0.5f);
}
