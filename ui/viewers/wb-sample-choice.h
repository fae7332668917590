/* wb-sample-choice.h: which samples of the test part a grid shows. Pure: needs no display.
 */
#pragma once

#include "data/nn-dataset.h"

G_BEGIN_DECLS

/* The order is that of wb_sample_modes. */
typedef enum
{
  WB_SAMPLES_CLASSES,  /* one of each class */
  WB_SAMPLES_SEQUENCE, /* as they lie in the file */
  WB_SAMPLES_RANDOM,
  WB_SAMPLES_WORST,
  WB_SAMPLES_LISTED,
  WB_N_SAMPLE_MODES
} WbSampleMode;

typedef struct
{
  const char *id; /* for layouts */
  const char *title, *tip;
  gboolean turns_pages;
} WbSampleModeInfo;

extern const WbSampleModeInfo wb_sample_modes[WB_N_SAMPLE_MODES];
WbSampleMode wb_sample_mode_from_id (const char *id); /* the first one if unknown */

typedef struct
{
  WbSampleMode mode;
  guint page;
  guint64 seed;   /* RANDOM */
  GArray *listed; /* guint32, LISTED */
} WbSampleChoice;

/* At most n indices for CLASSES, SEQUENCE and LISTED; for the others, which only the worker can
 * answer, none. Without labels CLASSES goes through the file. A page beyond the last starts again.
 * (element-type guint32) (transfer full) */
GArray *wb_sample_choice_pick (const WbSampleChoice *choice, const NnDataset *dataset, guint n);

/* "0-9, 42" as indices below n_samples. NN_ERROR_RANGE says what cannot be read or is too large.
 * (element-type guint32) (transfer full) */
GArray *wb_sample_list_parse (const char *text, gsize n_samples, GError **error);

/* The same the other way round, of indices that rise. (transfer full) */
char *wb_sample_list_to_string (const GArray *samples);

/* How many samples "one of each class" gives; 0 where there are no labels. */
guint wb_sample_n_classes (const NnDataset *dataset);
/* Name of a class ("7", "Sandal"); NULL where there is none. (transfer full) */
char *wb_sample_class_name (const NnDataInfo *info, gint label);

G_END_DECLS
