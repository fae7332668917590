/* nn-param-value.h: one value of a parameter: reading, checking and writing it, by type. Private to
 * nn-params.c.
 */
#pragma once

#include "base/nn-params.h"

G_BEGIN_DECLS

typedef union
{
  double number; /* INT, FLOAT, BOOL */
  char *text;    /* owned; CHOICE, STRING, SHAPE */
} NnParamValue;

gboolean nn_param_is_text (const NnParamSpec *spec);
/* Index of a choice; -1 if there is no such. */
gint nn_param_choice_index (const NnParamSpec *spec, const char *id);

/* value is overwritten, not released. */
void nn_param_value_default (const NnParamSpec *spec, NnParamValue *value);
void nn_param_value_copy (const NnParamSpec *spec, const NnParamValue *from, NnParamValue *value);
void nn_param_value_clear (const NnParamSpec *spec, NnParamValue *value);
gboolean nn_param_value_equal (const NnParamSpec *spec, const NnParamValue *a,
                               const NnParamValue *b);

/* FALSE with NN_ERROR_RANGE or NN_ERROR_UNKNOWN that names parameter, what was expected and found;
 * value is overwritten only where TRUE. */
gboolean nn_param_value_from_number (const NnParamSpec *spec, double number, NnParamValue *value,
                                     GError **error);
gboolean nn_param_value_from_text (const NnParamSpec *spec, const char *text, NnParamValue *value,
                                   GError **error);
gboolean nn_param_value_from_json (const NnParamSpec *spec, JsonNode *node, NnParamValue *value,
                                   GError **error);

/* (transfer full) */
char *nn_param_value_to_text (const NnParamSpec *spec, const NnParamValue *value);
JsonNode *nn_param_value_to_json (const NnParamSpec *spec, const NnParamValue *value);

G_END_DECLS
