#include "diabolo-config.h"

#include "objectives/nn-objective-types.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* A vector shorter than this has no direction; Keras' l2_normalize() has its square. */
#define SHORTEST 1e-6

/* 1 - y t / (|y| |t|); derivative ((y t) y / |y|^2 - t) / (|y| |t|) */
static double
row_loss (const float *y, const float *t, float *d, float scale, gsize n)
{
  double yy = 0, tt = 0, yt = 0;

  for (gsize i = 0; i < n; i++)
    {
      yy += (double)y[i] * (double)y[i];
      tt += (double)t[i] * (double)t[i];
      yt += (double)y[i] * (double)t[i];
    }
  const double y_length = sqrt (yy), both = fmax (y_length, SHORTEST) * fmax (sqrt (tt), SHORTEST);
  if (d != NULL)
    {
      const float of_t = (float)((double)scale / both);
      const float of_y = y_length > SHORTEST ? (float)((double)scale * yt / (both * yy)) : 0;

      for (gsize i = 0; i < n; i++)
        d[i] = of_y * y[i] - of_t * t[i];
    }
  /* fmax() would hide a NaN in the lengths, which is one in the product too. */
  return 1 - yt / both;
}

static double
loss (const NnKernels *kernels, gboolean logits, const float *y, const float *t, float *d,
      float *sample, float scale, gsize rows, gsize cols)
{
  double total = 0;

  for (gsize r = 0; r < rows; r++)
    {
      const gsize at = r * cols;
      const double of_row = row_loss (y + at, t + at, d != NULL ? d + at : NULL, scale, cols);

      if (sample != NULL)
        sample[r] = (float)of_row;
      total += of_row;
    }
  return total;
}

const NnObjectiveType nn_objective_cosine = {
  .id = "cosine",
  .title = N_ ("Cosine distance"),
  .short_title = N_ ("Cosine"),
  .unit = N_ ("mean per sample"),
  .summary =
      N_ ("1 minus the cosine of the angle to the target: direction counts, length does not."),
  .kind = NN_OBJECTIVE_RECONSTRUCTION,
  .from_logits = NN_ACTIVATION_LINEAR,
  .loss = loss,
};
