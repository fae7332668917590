/* wb-point.h: a place, in whatever coordinates its owner says. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  double x, y;
} WbPoint;

G_END_DECLS
