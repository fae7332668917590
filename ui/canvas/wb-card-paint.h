/* wb-card-paint.h: how a card looks, apart from the widget that holds it. */
#pragma once

#include "canvas/wb-card-text.h"
#include "canvas/wb-finding-text.h"
#include "canvas/wb-graph-geometry.h"
#include "canvas/wb-thumbnail.h"
#include "layers/nn-layer.h"

G_BEGIN_DECLS

/* Everything borrowed. */
typedef struct
{
  const WbCardText *text;
  NnCategory category;
  gboolean objective, frozen, selected, hover, focus;
  const WbThumbnail *thumbnail; /* NULL: nothing known yet */
  gboolean shows_gradient;      /* thumbnail is of its size: */
  double gradient;              /* the whole node's; NAN: none reaches it */
  const WbFindingText *finding; /* NULL: none */
  double loss;                  /* objectives; NAN: none yet */
  const float *course;          /* (n_course) */
  gsize n_course;
} WbCardLook;

/* Width / height of the room for the picture of a card of that size. */
double wb_card_picture_room (WbCardStyle style, double width, double height);

/* widget: for fonts and icons. */
void wb_card_paint (GtkSnapshot *snapshot, GtkWidget *widget, WbCardStyle style, WbScheme scheme,
                    double width, double height, const WbCardLook *look);

G_END_DECLS
