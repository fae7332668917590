/* nn-digit-strokes.h: how hands write the ten digits, as paths of a pen.
 *
 * Several ways of writing each digit (a 7 with and without a bar, a 4 open or closed, a 2 with a
 * loop), each a few points that the pen passes. Pure data, no randomness: nn-digits.c bends and
 * draws them.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define NN_DIGIT_MAX_POINTS 20

typedef enum
{
  NN_PEN_CURVE,  /* passes smoothly */
  NN_PEN_CORNER, /* changes direction sharply */
  NN_PEN_UP,     /* last point of a stroke; so is the last of all */
} NnPenMove;

/* x to the right, y down; a digit is about 1 high and stands at x = 0. */
typedef struct
{
  float x, y;
  NnPenMove move;
} NnPenPoint;

typedef struct
{
  guint digit;
  guint weight; /* how often, relative to the other ways of the same digit */
  guint n_points;
  NnPenPoint point[NN_DIGIT_MAX_POINTS];
} NnDigitWay;

/* Every way, those of one digit together and digits in rising order. Static. */
const NnDigitWay *nn_digit_ways (guint digit, guint *n);

G_END_DECLS
