#include "data/nn-table.h"

#include <math.h>

#include "diabolo-config.h"
#include <glib/gi18n-lib.h>

#include "data/nn-generator.h"

#define N_FEATURES 29
/* One row in so many is fraud: 492 of 284,807 in A. Dal Pozzolo, O. Caelen, R. Johnson, G.
 * Bontempi, "Calibrating probability with undersampling for unbalanced classification", 2015. */
#define RARITY 579
#define N_TRAIN (200 * RARITY)
#define N_TEST (100 * RARITY)

/* Streams of the law and of the places of fraud; rows have those of their parts. */
#define STREAM_LAW 18
#define STREAM_PLACES 34

enum
{
  FEATURES,
  LABEL
};

/* ---- the law that rows follow: x = mean + W z + sigma e, z and e normal, the same for every seed
 * of the rows. Honest customers are of three kinds, frauds of four. ---- */

#define N_FACTORS 6
#define N_CUSTOMERS 3
#define N_FRAUDS 4
#define RESIDUAL 0.35f

/* How far a kind of customer lies from the middle; how far a fraud leaves the ordinary, at least
 * and at most. */
#define CUSTOMER_SPREAD 0.9f
#define FRAUD_LEAST 3.0f
#define FRAUD_MOST 5.0f

/* This share of the frauds is of the first kind, which honest customers never resemble. For each of
 * the other kinds' frauds there are so many honest rows that nothing tells from them, whatever is
 * measured: whoever looks like that is a fraud with a probability of 1 / (1 + LOOKALIKES), which is
 * below 0.9. */
#define OPEN_SHARE 0.07f
#define LOOKALIKES 0.27f

/* Frauds show in so many features each. */
#define FRAUD_FEATURES 7

static const float customer_share[N_CUSTOMERS] = { 0.6f, 0.3f, 0.1f };

typedef struct
{
  float weight[N_FEATURES][N_FACTORS];
  float customer[N_CUSTOMERS][N_FACTORS];
  float fraud[N_FRAUDS][N_FEATURES]; /* unit vectors */
  float scale[N_FEATURES];           /* makes the variance of honest rows 1 ... */
  float mean[N_FEATURES];            /* ... and their mean 0 */
} Law;

static void
draw_directions (Law *law, NnRng *rng)
{
  for (guint i = 0; i < N_FEATURES; i++)
    for (guint k = 0; k < N_FACTORS; k++)
      law->weight[i][k] = nn_rng_normal (rng) / sqrtf (N_FACTORS);
  for (guint c = 0; c < N_CUSTOMERS; c++)
    for (guint k = 0; k < N_FACTORS; k++)
      law->customer[c][k] = CUSTOMER_SPREAD * nn_rng_normal (rng);

  for (guint f = 0; f < N_FRAUDS; f++)
    {
      guint32 order[N_FEATURES];
      for (guint i = 0; i < N_FEATURES; i++)
        order[i] = i;
      nn_rng_shuffle (rng, order, N_FEATURES);
      for (guint i = 0; i < FRAUD_FEATURES; i++)
        law->fraud[f][order[i]] =
            (nn_rng_uniform (rng) < 0.5f ? -1.0f : 1.0f) / sqrtf (FRAUD_FEATURES);
    }
}

/* Of feature i over all kinds c with share p_c and mean m_c = W_i mu_c:
 * mean = sum p_c m_c, variance = sum p_c (m_c - mean)^2 + |W_i|^2 + sigma^2 */
static void
normalise (Law *law)
{
  for (guint i = 0; i < N_FEATURES; i++)
    {
      float m[N_CUSTOMERS] = { 0 }, variance = RESIDUAL * RESIDUAL;
      for (guint k = 0; k < N_FACTORS; k++)
        variance += law->weight[i][k] * law->weight[i][k];
      for (guint c = 0; c < N_CUSTOMERS; c++)
        {
          for (guint k = 0; k < N_FACTORS; k++)
            m[c] += law->weight[i][k] * law->customer[c][k];
          law->mean[i] += customer_share[c] * m[c];
        }
      for (guint c = 0; c < N_CUSTOMERS; c++)
        variance += customer_share[c] * (m[c] - law->mean[i]) * (m[c] - law->mean[i]);
      law->scale[i] = 1.0f / sqrtf (variance);
    }
}

static gpointer
make_law (void)
{
  Law *law = g_new0 (Law, 1);
  NnRng rng;
  nn_rng_init (&rng, 0, NN_STREAM_DATA, STREAM_LAW, 0);
  draw_directions (law, &rng);
  normalise (law);
  return law;
}

/* ---- rows ---- */

static guint
choose_customer (NnRng *rng)
{
  float left = nn_rng_uniform (rng);
  guint c = 0;
  for (; c + 1 < N_CUSTOMERS && left >= customer_share[c]; c++)
    left -= customer_share[c];
  return c;
}

static void
draw_row (const Law *law, NnRng *rng, gboolean is_fraud, gboolean looks_like_fraud, float *x)
{
  const float *customer = law->customer[choose_customer (rng)];
  float z[N_FACTORS];
  for (guint k = 0; k < N_FACTORS; k++)
    z[k] = customer[k] + nn_rng_normal (rng);
  for (guint i = 0; i < N_FEATURES; i++)
    {
      float sum = RESIDUAL * nn_rng_normal (rng) - law->mean[i];
      for (guint k = 0; k < N_FACTORS; k++)
        sum += law->weight[i][k] * z[k];
      x[i] = sum * law->scale[i];
    }
  if (!is_fraud && !looks_like_fraud)
    return;
  const gboolean is_open = is_fraud && nn_rng_uniform (rng) < OPEN_SHARE;
  const float *fraud = law->fraud[is_open ? 0 : 1 + nn_rng_below (rng, N_FRAUDS - 1)];
  const float far = FRAUD_LEAST + (FRAUD_MOST - FRAUD_LEAST) * nn_rng_uniform (rng);
  for (guint i = 0; i < N_FEATURES; i++)
    x[i] += far * fraud[i];
}

/* Each block of RARITY rows holds one fraud; where, is random. */
static gsize
fraud_of_block (const NnDraw *draw, gsize block)
{
  NnRng rng;
  nn_rng_init (&rng, draw->seed, NN_STREAM_DATA, STREAM_PLACES + draw->part, (guint32)block);
  return block * RARITY + nn_rng_below (&rng, RARITY);
}

/* Row `index` of the part as it comes. */
static void
plain_row (const NnDraw *draw, gsize index, float *x, guint8 *label)
{
  const NnDraw at = { .seed = draw->seed, .part = draw->part, .index = index };
  NnRng rng;
  nn_draw_rng (&at, &rng);
  *label = fraud_of_block (draw, index / RARITY) == index;
  const float lookalikes = (1 - OPEN_SHARE) * LOOKALIKES / (RARITY - 1);
  draw_row (draw->law, &rng, *label, nn_rng_uniform (&rng) < lookalikes, x);
}

static void
table_draw (const NnDraw *draw, gpointer const *values)
{
  plain_row (draw, draw->index, values[FEATURES], values[LABEL]);
}

static void
normal_draw (const NnDraw *draw, gpointer const *values)
{
  if (draw->part != NN_PART_TRAIN)
    {
      table_draw (draw, values);
      return;
    }
  NnRng rng;
  nn_draw_rng (draw, &rng);
  draw_row (draw->law, &rng, FALSE, FALSE, values[FEATURES]);
  *(guint8 *)values[LABEL] = 0;
}

/* ---- descriptors ---- */

static const char *const class_names[] = { "normal", "fraud", NULL };

static const NnField fields[] = {
  [FEATURES] = { .name = "features", .kind = NN_FIELD_FEATURES, .shape = { 1, { N_FEATURES } } },
  [LABEL] = { .name = "label",
              .kind = NN_FIELD_LABEL,
              .shape = { 1, { 2 } },
              .n_classes = 2,
              .class_names = class_names },
};

#define TABLE_INFO(id, title_)                                                                     \
  {                                                                                                \
    .name = id, .title = title_, .n_fields = G_N_ELEMENTS (fields), .fields = fields,              \
    .n_samples = { N_TRAIN, N_TEST },                                                              \
  }

static const NnDataInfo table_info = TABLE_INFO ("table", N_ ("Payments"));
static const NnDataInfo normal_info = TABLE_INFO ("table-normal", N_ ("Payments, without fraud"));

const NnDataSource nn_table_source = {
  .id = "table",
  .title = N_ ("Payments"),
  .summary = N_ ("Invented card payments with 29 measured values each; one in 579 is fraud."),
  .info = &table_info,
  .draw = table_draw,
  .law = make_law,
};

const NnDataSource nn_table_normal_source = {
  .id = "table-normal",
  .title = N_ ("Payments, without fraud"),
  .summary = N_ ("The same payments, but no fraud in the training part: what is ordinary?"),
  .info = &normal_info,
  .draw = normal_draw,
  .law = make_law,
};
