/* nn-picture.h: filled polygons in colour, for generators that draw. An edge between two colours is
 * as soft as the share of a pixel that each covers. Any thread; a picture belongs to its caller.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Height and width, as of the digits: what a network learns of one it can try on the other. */
#define NN_PICTURE_SIDE 28
#define NN_PICTURE_CHANNELS 3 /* red, green, blue, each 0..1 */
#define NN_PICTURE_SIZE (NN_PICTURE_SIDE * NN_PICTURE_SIDE * NN_PICTURE_CHANNELS)

/* Corners that a polygon may have. */
#define NN_PICTURE_MAX_POINTS 48

typedef struct
{
  float red, green, blue;
} NnColour;

/* In pixels from the top left corner, y down. */
typedef struct
{
  float x, y;
} NnPoint;

typedef struct
{
  float value[NN_PICTURE_SIZE]; /* (row, column, channel) */
} NnPicture;

NnColour nn_colour_mix (NnColour a, NnColour b, float share_of_b);
/* hue in turns: 0 red, 1/3 green, 2/3 blue; saturation and value 0..1. */
NnColour nn_colour_from_hsv (float hue, float saturation, float value);

void nn_picture_clear (NnPicture *picture, NnColour colour);
/* From the colour at the upper edge to that at the lower one. */
void nn_picture_shade (NnPicture *picture, NnColour above, NnColour below);
/* points (n): the corners in order, n from 3 to NN_PICTURE_MAX_POINTS. Where edges cross, what lies
 * behind an even number of them is outside. Parts beyond the picture are left out. */
void nn_picture_fill (NnPicture *picture, const NnPoint *points, guint n, NnColour colour);
void nn_picture_fill_disc (NnPicture *picture, NnPoint centre, float radius, NnColour colour);
void nn_picture_fill_box (NnPicture *picture, float x0, float y0, float x1, float y1,
                          NnColour colour);

/* pixels (NN_PICTURE_SIZE): v as 255 v. */
void nn_picture_to_bytes (const NnPicture *picture, guint8 *pixels);

G_END_DECLS
