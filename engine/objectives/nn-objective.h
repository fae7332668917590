/* nn-objective.h: losses. One loss = one file in objectives/ = one descriptor, listed in
 * nn-objective-registry.c. A loss is a mean over the values of a sample and over the batch, as
 * Keras.
 */
#pragma once

#include "base/nn-kernels.h"
#include "base/nn-params.h"
#include "base/nn-shape.h"
#include "model/nn-types.h"

G_BEGIN_DECLS

typedef enum
{
  NN_OBJECTIVE_RECONSTRUCTION,
  NN_OBJECTIVE_CLASSIFICATION,
} NnObjectiveKind;

struct _NnObjectiveType
{
  const char *id;          /* "binary-crossentropy" */
  const char *title;       /* "Binary cross-entropy" */
  const char *short_title; /* "Cross-entropy": on the card */
  const char *unit;        /* "mean per value" */
  const char *summary;     /* when to use it */
  NnObjectiveKind kind;
  NnActivation from_logits; /* the activation it can take over, NN_ACTIVATION_LINEAR: none */
  gboolean sparse;          /* t is (rows): the number of the class, from 0 */
  gboolean
      elementwise; /* the mean over the values of a sample of what each contributes by itself */

  /* y, t (rows, cols); returns the sum over rows of the mean over cols (classification: of the sum
   * over cols). d (rows, cols) or NULL gets scale times the derivative of that. sample (rows) or
   * NULL gets each row's loss. logits: y holds the values before from_logits, d is with respect to
   * them. */
  double (*loss) (const NnKernels *kernels, gboolean logits, const float *y, const float *t,
                  float *d, float *sample, float scale, gsize rows, gsize cols);
  /* NULL, or the number of rows predicted right (arg max). */
  double (*correct) (const float *y, const float *t, gsize rows, gsize cols);
};

/* Position of the first of the largest of x (n >= 1): the class that scores name. */
gsize nn_arg_max (const float *x, gsize n);

const NnObjectiveType *const *nn_objective_types (void);   /* NULL-terminated, static */
const NnObjectiveType *nn_objective_type (const char *id); /* NULL if unknown */
/* Choices of one kind for a parameter table; static, ended by a NULL id. */
const NnChoice *nn_objective_choices (NnObjectiveKind kind);

G_END_DECLS
