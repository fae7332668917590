/* nn-image-error.h: how far images are from the originals, in the mean over many: as metrics of
 * reconstructions are (nn-metrics.h). Any thread.
 */
#pragma once

#include <glib.h>
#include <math.h>

G_BEGIN_DECLS

/* Of an image that is the same to the last bit, so that its PSNR of 100 dB can be averaged. */
#define NN_IMAGE_SMALLEST_SQUARE 1e-10

/* Sums while images are added, means after nn_image_error_end(). Values 0..1. */
typedef struct
{
  double mse;  /* mean squared difference */
  double psnr; /* 10 log10 (1 / MSE) of each image, dB */
} NnImageError;

/* One image of n values, whose squared differences have that sum. */
static inline void
nn_image_error_add (NnImageError *error, double squares, gsize n)
{
  const double mse = squares / (double)n;
  error->mse += mse;
  error->psnr -= 10 * log10 (MAX (mse, NN_IMAGE_SMALLEST_SQUARE));
}

static inline void
nn_image_error_end (NnImageError *error, gsize n_images)
{
  error->mse /= (double)n_images;
  error->psnr /= (double)n_images;
}

G_END_DECLS
