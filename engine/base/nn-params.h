/* nn-params.h: parameter tables, and immutable values that belong to one.
 *
 * A table (NnParamSpec[], ended by a NULL name) describes what a layer, optimizer, data source or
 * the training settings can be told. Inspector, command line, files, tooltips and reference are all
 * generated from it. An NnParams is one immutable set of values for a table.
 */
#pragma once

#include <json-glib/json-glib.h>

#include "base/nn-shape.h"

G_BEGIN_DECLS

typedef enum
{
  NN_PARAM_INT,
  NN_PARAM_FLOAT,
  NN_PARAM_BOOL,
  NN_PARAM_CHOICE, /* one of choices; stored as its id */
  NN_PARAM_STRING,
  NN_PARAM_SHAPE, /* stored as text, "28x28x1"; -1 allowed for one dimension */
} NnParamType;

typedef enum
{
  NN_PARAM_STRUCTURAL = 1 << 0,  /* can change shapes or weights; others take effect in mid-run */
  NN_PARAM_LOG = 1 << 1,         /* slider is logarithmic over soft_min .. soft_max */
  NN_PARAM_OFF_AT_ZERO = 1 << 2, /* 0 means "off" and is shown so, left of a logarithmic slider */
  NN_PARAM_ADVANCED = 1 << 3,    /* shown under "More" */
  NN_PARAM_SPARSE = 1 << 4,      /* in files only where it is not the default */
} NnParamFlags;

typedef struct
{
  const char *id;
  const char *title;
  const char *summary; /* may be NULL */
} NnChoice;

typedef struct
{
  const char *name;  /* "units": files and command line */
  const char *title; /* "Units" */
  const char *tip;   /* the term and its plain meaning, one sentence */
  const char *unit;  /* NULL or "px", "%" ... */
  NnParamType type;
  guint flags;
  double def, min, max;      /* numbers (BOOL: 0/1): default and hard range, inclusive */
  double soft_min, soft_max; /* slider range; equal when there is none */
  const char *def_text;      /* CHOICE, STRING, SHAPE */
  const NnChoice *choices;   /* CHOICE: ended by a NULL id; nn_param_choices() reads it */
  const char *shown_if;      /* NULL, or "activation=leaky-relu|elu": shown only then */
  /* CHOICE: where a registry has the choices, in place of the table; static all the same */
  const NnChoice *(*list_choices) (void);
} NnParamSpec;

typedef struct _NnParams NnParams; /* immutable, reference-counted, any thread */

/* The tables one behind the other, with a NULL name at the end. (transfer full), for good. */
const NnParamSpec *nn_param_specs_join (const NnParamSpec *const *tables, gsize n);

/* Defaults of specs (static table; may be NULL: no parameters). (transfer full) */
NnParams *nn_params_new (const NnParamSpec *specs);
NnParams *nn_params_ref (NnParams *params);
void nn_params_unref (NnParams *params);
const NnParamSpec *nn_params_specs (const NnParams *params);
/* A choice parameter's choices, ended by a NULL id. Static. */
const NnChoice *nn_param_choices (const NnParamSpec *spec);
/* NULL if the table has no such name. */
const NnParamSpec *nn_params_spec (const NnParams *params, const char *name);
gboolean nn_params_equal (const NnParams *a, const NnParams *b);

/* Reading a name or type that the table does not have is a programming error. */
gint64 nn_params_int (const NnParams *params, const char *name);
double nn_params_float (const NnParams *params, const char *name);
gboolean nn_params_bool (const NnParams *params, const char *name);
const char *nn_params_text (const NnParams *params, const char *name); /* CHOICE, STRING, SHAPE */
/* Index of the chosen id in choices. */
guint nn_params_choice (const NnParams *params, const char *name);

/* A copy with one value changed. Text is parsed by type ("0.001", "relu", "true"); a value outside
 * the hard range, an unknown choice or name fails with NN_ERROR_RANGE / NN_ERROR_UNKNOWN and the
 * allowed values in the text. (transfer full) */
NnParams *nn_params_with_text (const NnParams *params, const char *name, const char *text,
                               GError **error);
NnParams *nn_params_with_number (const NnParams *params, const char *name, double value,
                                 GError **error); /* INT (rounded), FLOAT, BOOL */
/* The value as with_text() reads it. (transfer full) */
char *nn_params_to_text (const NnParams *params, const char *name);
/* TRUE where shown_if holds (or is NULL). */
gboolean nn_params_shown (const NnParams *params, const NnParamSpec *spec);

/* Numbers, booleans and strings under their names; keys the table does not know are kept and
 * written back after the others. (transfer full) */
JsonObject *nn_params_to_json (const NnParams *params);
/* Missing names take the default. error names the key, what was expected and found. */
NnParams *nn_params_from_json (const NnParamSpec *specs, JsonObject *object, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnParams, nn_params_unref)

G_END_DECLS
