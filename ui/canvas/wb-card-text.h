/* wb-card-text.h: what a card says about a node, as text. No display. */
#pragma once

#include "model/nn-analysis.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;          /* "Dense 1" */
  char *type;          /* "Dense · ReLU" */
  char *shape;         /* "14×14×8"; "?" where it is not known */
  char *params;        /* "4,128 params", "no params", "784 values", "mean per pixel" */
  char *spoken;        /* "Dense 1, Dense · ReLU, output 128, 100,480 parameters" */
  char *problem;       /* what is wrong, all of it, or NULL */
  NnSeverity severity; /* of the worst, where problem is set */
} WbCardText;

WbCardText *wb_card_text_new (NnAnalysis *analysis, guint id);
void wb_card_text_free (WbCardText *text);
gboolean wb_card_text_equal (const WbCardText *a, const WbCardText *b);

G_END_DECLS
