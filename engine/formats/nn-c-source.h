/* nn-c-source.h: a C source while it is put together: the body of its function, which of the shared
 * functions (resources/export/kernels.c) it calls, and where in its one workspace values lie.
 */
#pragma once

#include "formats/nn-export-model.h"

G_BEGIN_DECLS

typedef struct
{
  const NnExportModel *model; /* borrowed */
  char *name;                 /* "digits": of the files, and before everything in them */
  GString *body;              /* statements of the function */
  GString *tables;            /* windows and the like */
  GHashTable *sections;       /* names of shared functions that are called */
  GHashTable *taken;          /* identifiers in the function */
  char **place;               /* by value: the variable that holds it, or NULL */
  guint *root;                /* by value: the one whose memory it shares, itself mostly */
  gint *last;                 /* by root: position of the last operation that reads it */
  GArray *blocks;             /* of the workspace: what is in use */
  gsize workspace;            /* floats */
  gint position;              /* of the operation that is written */
} NnCSource;

/* Of single inputs and outputs "in" and "out", of several the ports' names. */
void nn_c_source_init (NnCSource *source, const NnExportModel *model, const char *name);
void nn_c_source_clear (NnCSource *source);

/* Names of the function's parameters. (transfer none) */
const char *nn_c_source_port (const NnCSource *source, const GArray *ports, guint i);

/* FALSE where C cannot say it. */
gboolean nn_c_source_knows (const NnOpType *type);
void nn_c_source_add_op (NnCSource *source, const NnOp *op);
/* Copies outputs that lie elsewhere to where they are wanted. */
void nn_c_source_finish (NnCSource *source);

/* The shared functions that are called, in the source's own name. (transfer full) */
char *nn_c_source_functions (const NnCSource *source);
/* "digits_dense_1_kernel" */
char *nn_c_source_weight (const NnCSource *source, guint weight);

/* ---- for nn-c-ops.c ---- */
/* The variable of an operation's input, and a new one for its output. */
const char *nn_c_source_read (NnCSource *source, const NnOp *op, guint i);
const char *nn_c_source_define (NnCSource *source, const NnOp *op);
/* The output is the input's memory. */
void nn_c_source_alias (NnCSource *source, const NnOp *op);
/* Floats that only this operation needs: an expression. (transfer full) */
char *nn_c_source_scratch (NnCSource *source, gsize floats);
/* A line of the body; "net" begins what is the source's own. */
void nn_c_source_line (NnCSource *source, const char *format, ...) G_GNUC_PRINTF (2, 3);
void nn_c_source_use (NnCSource *source, const char *section);
/* "0.5f" */
const char *nn_c_float (char buffer[32], float value);

G_END_DECLS
