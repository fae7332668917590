/* The generated sets "shapes" and "scenes": what a shape's fields say is what its pixels show, and
 * a scene's hour is in its colours. */
#include <math.h>

#include "data/nn-data-source.h"
#include "data/nn-picture.h"

#define SIDE NN_PICTURE_SIDE

typedef enum
{
  IMAGE,
  LABEL,
  POSITION,
  SIZE,
  ANGLE,
  COLOUR
} Field;

/* Kinds of shapes, as the set names them. */
enum
{
  ARROW,
  DROP,
  HALF_DISC,
  HEART,
  N_KINDS
};

static NnDataset *
draw (const char *name)
{
  GError *error = NULL;
  NnDataset *dataset = nn_data_load (name, 5, NULL, &error);
  g_assert_no_error (error);
  return dataset;
}

static void
read_field (const NnDataset *dataset, Field field, guint32 i, float *out)
{
  nn_dataset_read (dataset, NN_PART_TRAIN, field, &i, 1, nn_kernels_best (), out);
}

/* What an image shows: the share of each pixel that is covered is its brightest channel. */
typedef struct
{
  double area;   /* pixels */
  double x, y;   /* of the centre of mass */
  double fx, fy; /* sum of share |p|^2 p, p from the centre: where the shape reaches farthest */
  double most[NN_PICTURE_CHANNELS];
  gboolean at_border;
} Seen;

static double
share_of (const float *pixel)
{
  return (double)fmaxf (pixel[0], fmaxf (pixel[1], pixel[2]));
}

static Seen
look (const NnDataset *dataset, guint32 i)
{
  float image[NN_PICTURE_SIZE];
  Seen seen = { 0 };
  read_field (dataset, IMAGE, i, image);
  for (guint k = 0; k < SIDE * SIDE; k++)
    {
      const float *pixel = image + k * NN_PICTURE_CHANNELS;
      const guint row = k / SIDE, column = k % SIDE;
      const double share = share_of (pixel);
      seen.area += share;
      seen.x += share * (column + 0.5);
      seen.y += share * (row + 0.5);
      seen.at_border |= share > 0 && (row % (SIDE - 1) == 0 || column % (SIDE - 1) == 0);
      for (guint c = 0; c < NN_PICTURE_CHANNELS; c++)
        seen.most[c] = fmax (seen.most[c], (double)pixel[c]);
    }
  seen.x /= seen.area;
  seen.y /= seen.area;
  for (guint k = 0; k < SIDE * SIDE; k++)
    {
      const double share = share_of (image + k * NN_PICTURE_CHANNELS);
      const double x = k % SIDE + 0.5 - seen.x, y = k / SIDE + 0.5 - seen.y;
      seen.fx += share * (x * x + y * y) * x;
      seen.fy += share * (x * x + y * y) * y;
    }
  return seen;
}

static void
test_factors (void)
{
  g_autoptr (NnDataset) dataset = draw ("shapes");
  double turned[N_KINDS] = { 0 }, worst_turn[N_KINDS] = { 0 };
  for (guint32 i = 0; i < 4000; i++)
    {
      const Seen seen = look (dataset, i);
      const guint kind = nn_dataset_label (dataset, NN_PART_TRAIN, LABEL, i);
      float position[2], size, angle[2], colour[NN_PICTURE_CHANNELS];
      read_field (dataset, POSITION, i, position);
      read_field (dataset, SIZE, i, &size);
      read_field (dataset, ANGLE, i, angle);
      read_field (dataset, COLOUR, i, colour);

      g_assert_false (seen.at_border);
      g_assert_cmpfloat (fabs (seen.x - SIDE * (double)position[0]), <, 0.1);
      g_assert_cmpfloat (fabs (seen.y - SIDE * (double)position[1]), <, 0.1);
      g_assert_cmpfloat (fabs (sqrt (seen.area) / SIDE / (double)size - 1), <, 0.02);
      for (guint c = 0; c < NN_PICTURE_CHANNELS; c++)
        g_assert_cmpfloat (fabs (seen.most[c] - (double)colour[c]), <, 0.003);

      /* What is farthest from the centre is a drop's tip, but the rest of the others behind it. */
      const double front = kind == DROP ? 1 : -1;
      const double turn =
          atan2 (front * seen.fy, front * seen.fx) - atan2 ((double)angle[1], (double)angle[0]);
      const double off = fabs (remainder (turn, 2 * G_PI));
      turned[kind] += off;
      worst_turn[kind] = fmax (worst_turn[kind], off);
      g_assert_cmpfloat (fabs (hypot ((double)angle[0], (double)angle[1]) - 1), <, 1e-5);
    }
  for (guint k = 0; k < N_KINDS; k++)
    {
      g_test_message ("kind %u: angle off by %.2f degrees on average, %.1f at most", k,
                      turned[k] / 1000 * 180 / G_PI, worst_turn[k] * 180 / G_PI);
      g_assert_cmpfloat (turned[k] / 1000, <, 0.05);
      g_assert_cmpfloat (worst_turn[k], <, 0.6);
    }
}

/* Factors are spread over their ranges and do not go together: mean and deviation as a uniform
 * number's, correlations as of independent ones. */
static void
test_spread (void)
{
  enum
  {
    X,
    Y,
    LENGTH,
    COSINE,
    SINE,
    RED,
    N
  };
  static const double low[N] = { 0.1, 0.1, 0.24, -1, -1, 0.25 };
  static const double high[N] = { 0.9, 0.9, 0.46, 1, 1, 1 };
  g_autoptr (NnDataset) dataset = draw ("shapes");
  const guint32 n = 10000;
  double sum[N] = { 0 }, products[N][N] = { { 0 } }, least[N], most[N];
  for (guint k = 0; k < N; k++)
    {
      least[k] = G_MAXDOUBLE;
      most[k] = -G_MAXDOUBLE;
    }
  for (guint32 i = 0; i < n; i++)
    {
      float values[N + 2];
      read_field (dataset, POSITION, i, values + X);
      read_field (dataset, SIZE, i, values + LENGTH);
      read_field (dataset, ANGLE, i, values + COSINE);
      read_field (dataset, COLOUR, i, values + RED);
      for (guint k = 0; k < N; k++)
        {
          const double v = (double)values[k];
          sum[k] += v;
          least[k] = fmin (least[k], v);
          most[k] = fmax (most[k], v);
          for (guint j = 0; j <= k; j++)
            products[k][j] += v * (double)values[j];
        }
    }
  for (guint k = 0; k < N; k++)
    {
      g_assert_cmpfloat (fabs (sum[k] / n - (low[k] + high[k]) / 2), <, 0.03);
      g_assert_cmpfloat (least[k], <, low[k] + 0.1 * (high[k] - low[k]));
      g_assert_cmpfloat (most[k], >, high[k] - 0.1 * (high[k] - low[k]));
      for (guint j = 0; j < k; j++)
        {
          const double covariance = products[k][j] / n - sum[k] / n * sum[j] / n;
          const double a = products[k][k] / n - sum[k] / n * sum[k] / n;
          const double b = products[j][j] / n - sum[j] / n * sum[j] / n;
          g_assert_cmpfloat (fabs (covariance) / sqrt (a * b), <, 0.05);
        }
    }
}

/* Nights are dark, evenings red and days green; house and trees stand out from the hills. */
static void
test_scenes (void)
{
  enum
  {
    MORNING,
    DAY,
    EVENING,
    NIGHT,
    N_HOURS
  };
  g_autoptr (NnDataset) dataset = draw ("scenes");
  for (guint32 i = 0; i < 2000; i++)
    {
      float image[NN_PICTURE_SIZE];
      double mean[NN_PICTURE_CHANNELS] = { 0 };
      const guint hour = nn_dataset_label (dataset, NN_PART_TRAIN, LABEL, i);
      read_field (dataset, IMAGE, i, image);
      for (guint k = 0; k < NN_PICTURE_SIZE; k++)
        mean[k % NN_PICTURE_CHANNELS] += (double)image[k] / (SIDE * SIDE);
      const double light = (mean[0] + mean[1] + mean[2]) / 3;
      if (hour == NIGHT)
        g_assert_cmpfloat (light, <, 0.3);
      else
        g_assert_cmpfloat (light, >, 0.3);
      if (hour == EVENING)
        g_assert_cmpfloat (mean[0], >, mean[2]);
      else if (hour == DAY)
        g_assert_cmpfloat (mean[1], >, mean[0]);
      guint n_edges = 0;
      for (guint k = 12 * SIDE + 1; k < SIDE * SIDE; k++)
        n_edges += k % SIDE > 0
                   && fabs (share_of (image + k * NN_PICTURE_CHANNELS)
                            - share_of (image + (k - 1) * NN_PICTURE_CHANNELS))
                          > 0.05;
      g_assert_cmpuint (n_edges, >=, 20);
    }
}

/* A polygon covers as much as its area, wherever its edges lie between the pixels. */
static void
test_fill (void)
{
  const NnColour white = { 1, 1, 1 }, black = { 0, 0, 0 };
  for (guint k = 0; k < 20; k++)
    {
      const float at = 3 + 0.37f * k;
      const NnPoint points[] = { { at, 4.3f },
                                 { at + 11.2f, 9.1f + 0.21f * k },
                                 { at + 2.6f, 20.7f } };
      const double area =
          0.5
          * fabs ((double)((points[1].x - points[0].x) * (points[2].y - points[0].y)
                           - (points[2].x - points[0].x) * (points[1].y - points[0].y)));
      NnPicture picture;
      double sum = 0;
      nn_picture_clear (&picture, black);
      nn_picture_fill (&picture, points, 3, white);
      for (guint i = 0; i < NN_PICTURE_SIZE; i++)
        sum += (double)picture.value[i] / NN_PICTURE_CHANNELS;
      g_assert_cmpfloat (fabs (sum - area), <, 0.3);
    }
  /* Beyond the picture there is nothing. */
  NnPicture picture;
  nn_picture_clear (&picture, black);
  nn_picture_fill_box (&picture, -50, -50, 100, 100, white);
  for (guint i = 0; i < NN_PICTURE_SIZE; i++)
    g_assert_cmpfloat_with_epsilon (picture.value[i], 1, 1e-6);
  nn_picture_fill_disc (&picture, (NnPoint){ -40, 90 }, 20, black);
  for (guint i = 0; i < NN_PICTURE_SIZE; i++)
    g_assert_cmpfloat_with_epsilon (picture.value[i], 1, 1e-6);
}

static void
test_colours (void)
{
  static const struct
  {
    float hue, saturation, value;
    NnColour colour;
  } known[] = {
    { 0, 1, 1, { 1, 0, 0 } },
    { 1.0f / 3, 1, 1, { 0, 1, 0 } },
    { 2.0f / 3, 1, 1, { 0, 0, 1 } },
    { 0.5f, 1, 1, { 0, 1, 1 } },
    { 1.0f / 6, 1, 0.5f, { .5f, .5f, 0 } },
    { 0.9999f, 0, 0.25f, { .25f, .25f, .25f } },
  };
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      const NnColour c = nn_colour_from_hsv (known[i].hue, known[i].saturation, known[i].value);
      g_assert_cmpfloat_with_epsilon (c.red, known[i].colour.red, 1e-5);
      g_assert_cmpfloat_with_epsilon (c.green, known[i].colour.green, 1e-5);
      g_assert_cmpfloat_with_epsilon (c.blue, known[i].colour.blue, 1e-5);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/shapes/factors", test_factors);
  g_test_add_func ("/shapes/spread", test_spread);
  g_test_add_func ("/scenes/hours", test_scenes);
  g_test_add_func ("/picture/fill", test_fill);
  g_test_add_func ("/picture/colours", test_colours);
  return g_test_run ();
}
