/* nn-data-survey.h: what one wants to know of a data set before training on it: sizes, ranges,
 * classes, and what will hurt.
 */
#pragma once

#include "data/nn-data-source.h"

G_BEGIN_DECLS

/* Training samples that ranges are taken from, spread evenly. */
#define NN_SURVEY_SAMPLES 20000

typedef struct
{
  char *text;         /* owned; what was found, why it hurts, what to do */
  const char *option; /* static; a setting of nn_data_specs() that mends it ... */
  const char *value;  /* ... so; or NULL */
} NnSurveyFinding;

/* Over all values of a field of the samples looked at; NaN for labels. */
typedef struct
{
  double min, max, mean, deviation;
} NnSurveyRange;

typedef struct
{
  NnDataset *dataset;              /* owned */
  NnSurveyRange *ranges;           /* owned, of each field */
  GArray *columns;                 /* owned; NnDataColumn, empty where the source is no table */
  gint label;                      /* field of classes, or -1 */
  gsize *class_counts[NN_N_PARTS]; /* owned, or NULL */
  GPtrArray *findings;             /* owned; NnSurveyFinding, worst first */
  GPtrArray *notes;                /* owned; utf8: what was skipped or filled in */
} NnDataSurvey;

/* Loads data (of nn_data_specs()) and looks through it; context as for loading, its notes and
 * columns are not used. (transfer full) */
NnDataSurvey *nn_data_survey_new (const NnParams *data, const NnLoadContext *context,
                                  GError **error);
void nn_data_survey_free (NnDataSurvey *survey);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnDataSurvey, nn_data_survey_free)

G_END_DECLS
