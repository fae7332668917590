/* kernel-check.h: what the tests of kernels share: guarded arrays, the right answers in double, and
 * a walk over every table, length and alignment. */
#pragma once

#include "base/nn-kernels.h"
#include "base/nn-rng.h"

#include <math.h>
#include <string.h>

#define MAX_LENGTH 70
#define GUARD 123456.0f
/* slope of the functions that have one as a parameter */
#define ALPHA 0.3f

/* An array that begins at any float and must not be written beyond its end. */
typedef struct
{
  float memory[7 * MAX_LENGTH + 32];
  float *at;
  gsize n;
} Array;

static G_GNUC_UNUSED void
array_init (Array *array, gsize n, gsize offset)
{
  g_assert_cmpuint (8 + offset + n + 8, <=, G_N_ELEMENTS (array->memory));
  for (gsize i = 0; i < G_N_ELEMENTS (array->memory); i++)
    array->memory[i] = GUARD;
  array->at = array->memory + 8 + offset;
  array->n = n;
}

static G_GNUC_UNUSED void
array_random (Array *array, gsize n, gsize offset, NnRng *rng, float size)
{
  array_init (array, n, offset);
  for (gsize i = 0; i < n; i++)
    array->at[i] = size * nn_rng_normal (rng);
}

static G_GNUC_UNUSED void
array_uniform (Array *array, gsize n, gsize offset, NnRng *rng)
{
  array_init (array, n, offset);
  for (gsize i = 0; i < n; i++)
    array->at[i] = 0.01f + 0.98f * nn_rng_uniform (rng);
}

static G_GNUC_UNUSED void
array_check (const Array *array)
{
  for (const float *p = array->memory; p < array->at; p++)
    g_assert_cmpfloat (*p, ==, GUARD);
  for (const float *p = array->at + array->n; p < array->memory + G_N_ELEMENTS (array->memory); p++)
    g_assert_cmpfloat (*p, ==, GUARD);
}

static G_GNUC_UNUSED void
assert_near (double found, double expected, double relative, double absolute)
{
  double allowed = relative * fabs (expected) + absolute;

  if (!(fabs (found - expected) <= allowed))
    g_error ("found %.9g, expected %.9g, allowed difference %.3g", found, expected, allowed);
}

/* ---- what is right ---- */

static G_GNUC_UNUSED double
reference_value (NnActivation f, double alpha, double x)
{
  switch (f)
    {
    case NN_ACTIVATION_RELU:
      return x > 0 ? x : 0;
    case NN_ACTIVATION_LEAKY_RELU:
      return x > 0 ? x : alpha * x;
    case NN_ACTIVATION_ELU:
      return x > 0 ? x : alpha * expm1 (x);
    case NN_ACTIVATION_SIGMOID:
      return 1 / (1 + exp (-x));
    case NN_ACTIVATION_TANH:
      return tanh (x);
    case NN_ACTIVATION_SOFTPLUS:
      return x > 0 ? x + log1p (exp (-x)) : log1p (exp (x));
    case NN_ACTIVATION_SELU:
      return 1.05070098735548 * (x > 0 ? x : 1.67326324235438 * expm1 (x));
    case NN_ACTIVATION_GELU:
      return isinf (x) ? MAX (x, 0) : x * 0.5 * erfc (-x * G_SQRT2 / 2);
    case NN_ACTIVATION_SILU:
      return isinf (x) ? MAX (x, 0) : x / (1 + exp (-x));
    case NN_ACTIVATION_HARD_SIGMOID:
      return CLAMP (x / 5 + 0.5, 0, 1);
    case NN_ACTIVATION_RELU6:
      return CLAMP (x, 0, 6);
    case NN_ACTIVATION_HARD_SWISH:
      return isinf (x) ? MAX (x, 0) : x * CLAMP (x / 6 + 0.5, 0, 1);
    case NN_ACTIVATION_SOFTSIGN:
      return isinf (x) ? copysign (1, x) : x / (1 + fabs (x));
    default:
      return x;
    }
}

/* What a result may be off beside a relative error. GELU's share of x comes from a fit with a
 * relative error of 1e-7 and an exponential whose argument is rounded; SiLU's loses bits where it
 * falls below the smallest normal number; a hard sigmoid and a hard swish cancel near their
 * lower ends. */
static G_GNUC_UNUSED double
reference_slack (NnActivation f, double x)
{
  switch (f)
    {
    case NN_ACTIVATION_GELU:
      return 3e-7 * MIN (fabs (x), 40);
    case NN_ACTIVATION_SILU:
      return 1.2e-38 * MIN (fabs (x), 120);
    case NN_ACTIVATION_HARD_SIGMOID:
      return 1e-7;
    case NN_ACTIVATION_HARD_SWISH:
      return 3e-7;
    default:
      return 0;
    }
}

static G_GNUC_UNUSED void
reference_softmax (const float *x, double *y, gsize n)
{
  double largest = -INFINITY, sum = 0;

  for (gsize i = 0; i < n; i++)
    largest = MAX (largest, (double)x[i]);
  for (gsize i = 0; i < n; i++)
    sum += y[i] = exp ((double)x[i] - largest);
  for (gsize i = 0; i < n; i++)
    y[i] /= sum;
}

/* ---- every check of every table at every length and alignment ---- */

typedef void (*Check) (const NnKernels *kernels, gsize n, gsize offset, NnRng *rng);

typedef struct
{
  const char *name;
  Check check;
} NamedCheck;

typedef struct
{
  const NnKernels *kernels;
  Check check;
} Case;

static G_GNUC_UNUSED void
test_lengths (gconstpointer data)
{
  const Case *one = data;
  NnRng rng;

  nn_rng_init (&rng, 2024, 0, 0, 0);
  for (gsize n = 0; n <= MAX_LENGTH; n++)
    for (gsize offset = 0; offset < 4; offset++)
      one->check (one->kernels, n, offset, &rng);
}

/* "/kernels/avx2/adam" and so on. checks is ended by a NULL name. */
static G_GNUC_UNUSED void
add_checks (const NamedCheck *checks)
{
  for (const NnKernels *const *table = nn_kernels_all (); *table != NULL; table++)
    for (const NamedCheck *check = checks; check->name != NULL; check++)
      {
        g_autofree char *path = g_strdup_printf ("/kernels/%s/%s", (*table)->name, check->name);
        Case *one = g_new (Case, 1);

        *one = (Case){ *table, check->check };
        g_test_add_data_func_full (path, one, test_lengths, g_free);
      }
}
