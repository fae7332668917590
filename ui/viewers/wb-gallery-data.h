/* wb-gallery-data.h: inputs that excite units, with what there is to say about them, and lists of
 * units as a person types them. Needs no display.
 */
#pragma once

#include "explore/nn-maximise-probe.h"
#include "model/nn-analysis.h"
#include "plots/wb-colors.h"

G_BEGIN_DECLS

typedef enum
{
  WB_GALLERY_PICTURES, /* (H, W, C) */
  WB_GALLERY_HEAT,     /* (T, F): time goes down */
  WB_GALLERY_LINES,    /* (T, F) of a few features, time goes right */
  WB_GALLERY_BARS,     /* (F) */
} WbGalleryKind;

typedef struct
{
  NnMaximiseResult *result; /* owned reference */
  WbGalleryKind kind;
  gsize width, height, channels; /* of a picture: 1 or 3 channels; LINES: height = features */
  float *pictures;               /* owned (n, height, width, channels) */
  WbPalette palette;
  float low, high;  /* at the palette's ends, of the bars and lines */
  gboolean classes; /* a unit stands for a class, whose name it has */
  char **names;     /* owned (n), NULL-terminated: "12", "Sandal" */
  char *title;      /* "Dense 2 · before softmax"; owned */
  guint n_steps;    /* that are to be done */
} WbGalleryData;

/* result (transfer none); clipped: its values keep to the data's range, which is then shown.
 * (transfer full) */
WbGalleryData *wb_gallery_data_new (NnMaximiseResult *result, const NnAnalysis *analysis,
                                    guint n_steps, gboolean clipped);
void wb_gallery_data_free (WbGalleryData *data);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WbGalleryData, wb_gallery_data_free)

const float *wb_gallery_data_picture (const WbGalleryData *data, guint cell);
/* "Sandal: 12.3 after 200 steps, 0.4 at first". (transfer full) */
char *wb_gallery_data_describe (const WbGalleryData *data, gssize cell);
/* "unit,activation,steps,row,column,channel,value", a line for each value. (transfer full) */
char *wb_gallery_data_to_csv (const WbGalleryData *data);

/* "1-16, 20" as units from 0 on, rising, each once, at most NN_MAXIMISE_MOST; an empty text or
 * "all" gives the first ones. Texts count from 1. NN_ERROR_RANGE says what cannot be read or is too
 * large. (element-type guint32) (transfer full) */
GArray *wb_unit_list_parse (const char *text, guint n_layer, GError **error);
/* The other way round. (transfer full) */
char *wb_unit_list_format (const GArray *units);
/* As many units further on or back, those that follow without a gap; stops at the layer's ends.
 * (transfer full) */
GArray *wb_unit_list_turn (const GArray *units, guint n_layer, gint pages);
/* The first n units of a layer, or all it has. (transfer full) */
GArray *wb_unit_list_first (guint n_layer, guint n);

G_END_DECLS
