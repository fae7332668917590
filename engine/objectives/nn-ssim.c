#include <math.h>

#include "objectives/nn-metrics.h"

#define SIGMA 1.5
/* Columns of the map that are made at a time. */
#define STRIP 64

enum
{
  SUM_X,
  SUM_Y,
  SUM_XX,
  SUM_YY,
  SUM_XY,
  N_SUMS
};

static void
make_window (float *window)
{
  const gint middle = NN_SSIM_WINDOW / 2;
  double sum = 0;

  for (gint i = 0; i < NN_SSIM_WINDOW; i++)
    sum += exp (-pow (i - middle, 2) / (2 * SIGMA * SIGMA));
  for (gint i = 0; i < NN_SSIM_WINDOW; i++)
    window[i] = (float)(exp (-pow (i - middle, 2) / (2 * SIGMA * SIGMA)) / sum);
}

/* (2 mx my + c1) (2 sxy + c2) / ((mx^2 + my^2 + c1) (sx^2 + sy^2 + c2)) */
static double
similarity (const double *sum)
{
  const double c1 = 0.01 * 0.01, c2 = 0.03 * 0.03;
  const double mx = sum[SUM_X], my = sum[SUM_Y];
  const double variances = sum[SUM_XX] - mx * mx + sum[SUM_YY] - my * my;
  const double covariance = sum[SUM_XY] - mx * my;

  return (2 * mx * my + c1) * (2 * covariance + c2) / ((mx * mx + my * my + c1) * (variances + c2));
}

/* The window's columns: weighted sums down each of `width` columns of one channel. */
static void
sum_columns (const float *window, const float *x, const float *y, gsize row, gsize pixel,
             gsize width, float sums[N_SUMS][STRIP + NN_SSIM_WINDOW - 1])
{
  for (gsize c = 0; c < width; c++)
    {
      float sum[N_SUMS] = { 0 };

      for (gsize k = 0; k < NN_SSIM_WINDOW; k++)
        {
          const float a = x[k * row + c * pixel], b = y[k * row + c * pixel], w = window[k];

          sum[SUM_X] += w * a;
          sum[SUM_Y] += w * b;
          sum[SUM_XX] += w * a * a;
          sum[SUM_YY] += w * b * b;
          sum[SUM_XY] += w * a * b;
        }
      for (guint s = 0; s < N_SUMS; s++)
        sums[s][c] = sum[s];
    }
}

double
nn_ssim (const float *x, const float *y, gsize height, gsize width, gsize channels)
{
  const gsize rows = height - NN_SSIM_WINDOW + 1, cols = width - NN_SSIM_WINDOW + 1;
  float window[NN_SSIM_WINDOW], sums[N_SUMS][STRIP + NN_SSIM_WINDOW - 1];
  double total = 0;

  g_return_val_if_fail (height >= NN_SSIM_WINDOW && width >= NN_SSIM_WINDOW, NAN);
  make_window (window);
  for (gsize channel = 0; channel < channels; channel++)
    for (gsize r = 0; r < rows; r++)
      for (gsize begin = 0; begin < cols; begin += STRIP)
        {
          const gsize n = MIN (STRIP, cols - begin);
          const gsize at = (r * width + begin) * channels + channel;

          sum_columns (window, x + at, y + at, width * channels, channels, n + NN_SSIM_WINDOW - 1,
                       sums);
          for (gsize c = 0; c < n; c++)
            {
              double sum[N_SUMS] = { 0 };

              for (guint s = 0; s < N_SUMS; s++)
                for (gsize k = 0; k < NN_SSIM_WINDOW; k++)
                  sum[s] += (double)(window[k] * sums[s][c + k]);
              total += similarity (sum);
            }
        }
  return total / (double)(rows * cols * channels);
}
