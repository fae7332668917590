#include "diabolo-config.h"

#include "data/nn-noise.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/nn-error.h"
#include "base/nn-rng.h"

#define LABEL "label"
#define MAX_CLASSES 1000000

/* Samples of each part: fewer where they are large. */
#define MOST_SAMPLES 512
#define FEWEST_SAMPLES 16
#define MOST_BYTES ((gint64)64 << 20)
static const gsize shares[NN_N_PARTS] = { 4, 1 };

typedef struct
{
  guint n;
  char *name[NN_NOISE_MAX_FIELDS]; /* owned */
  NnField field[NN_NOISE_MAX_FIELDS];
  gsize n_samples[NN_N_PARTS];
} Noise;

static void
noise_clear (Noise *noise)
{
  for (guint i = 0; i < noise->n; i++)
    g_free (noise->name[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Noise, noise_clear)

static gboolean
recognises (const char *path)
{
  return g_str_has_prefix (path, NN_NOISE_PREFIX);
}

static gboolean
read_field (const char *text, Noise *noise, GError **error)
{
  g_auto (GStrv) pair = g_strsplit (text, "=", 2);
  NnField *field = &noise->field[noise->n];
  if (noise->n == NN_NOISE_MAX_FIELDS || !pair[0] || !*pair[0] || !pair[1])
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT,
                   _ ("“%s” should be a name and a shape, such as image=28x28x1; %d of them at "
                      "most."),
                   text, NN_NOISE_MAX_FIELDS);
      return FALSE;
    }
  if (!nn_shape_parse (pair[1], FALSE, &field->shape, error))
    return FALSE;
  noise->name[noise->n] = g_strdup (pair[0]);
  field->name = noise->name[noise->n++];
  const gint64 size = nn_shape_size (&field->shape);
  const gboolean label = g_str_equal (field->name, LABEL) && field->shape.rank == 1;
  if (size < 1 || size > MOST_BYTES / FEWEST_SAMPLES / 4 || (label && size > MAX_CLASSES))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_MEMORY, _ ("“%s” are too many values for a sample."),
                   text);
      return FALSE;
    }
  if (label)
    field->n_classes = (guint)size;
  field->kind = label                    ? NN_FIELD_LABEL
                : field->shape.rank == 3 ? NN_FIELD_IMAGE
                : field->shape.rank == 2 ? NN_FIELD_SEQUENCE
                                         : NN_FIELD_FEATURES;
  return TRUE;
}

static gsize
sample_bytes (const NnField *field)
{
  if (field->kind == NN_FIELD_LABEL)
    return sizeof (guint32);
  return (gsize)nn_shape_size (&field->shape)
         * (field->kind == NN_FIELD_IMAGE ? 1 : sizeof (float));
}

static gboolean
noise_init (Noise *noise, const char *path, GError **error)
{
  g_auto (GStrv) texts = g_strsplit (path + strlen (NN_NOISE_PREFIX), ",", -1);
  gsize bytes = 0, whole = 0;
  for (guint i = 0; texts[i]; i++)
    if (!read_field (texts[i], noise, error))
      return FALSE;
  for (guint i = 0; i < noise->n; i++)
    bytes += sample_bytes (&noise->field[i]);
  const gsize n = CLAMP ((gsize)MOST_BYTES / MAX (bytes, 1), FEWEST_SAMPLES, MOST_SAMPLES);
  for (guint part = 0; part < NN_N_PARTS; part++)
    whole += shares[part];
  for (guint part = 0; part < NN_N_PARTS; part++)
    noise->n_samples[part] = n * shares[part] / whole;
  return TRUE;
}

static NnDataInfo *
noise_peek (const char *path, const NnParams *options, const NnLoadContext *context, GError **error)
{
  g_auto (Noise) noise = { 0 };
  if (!noise_init (&noise, path, error))
    return NULL;
  NnDataInfo info = {
    .name = path, .title = _ ("Random numbers"), .n_fields = noise.n, .fields = noise.field
  };
  memcpy (info.n_samples, noise.n_samples, sizeof info.n_samples);
  return nn_data_info_copy (&info);
}

/* Pixels of every grey, numbers from N(0, 1), every class as often. */
static gpointer
draw_part (const NnField *field, guint64 seed, guint f, NnPart part, gsize n)
{
  const gsize size = n * (gsize)nn_shape_size (&field->shape);
  NnRng rng;
  nn_rng_init (&rng, seed, NN_STREAM_DATA, part, f);
  if (field->kind == NN_FIELD_LABEL)
    {
      guint32 *labels = g_new (guint32, n);
      for (gsize i = 0; i < n; i++)
        labels[i] = nn_rng_below (&rng, field->n_classes);
      return labels;
    }
  if (field->kind == NN_FIELD_IMAGE)
    {
      guint8 *pixels = g_new (guint8, size);
      for (gsize i = 0; i < size; i++)
        pixels[i] = (guint8)nn_rng_below (&rng, 256);
      return pixels;
    }
  float *values = g_new (float, size);
  for (gsize i = 0; i < size; i++)
    values[i] = nn_rng_normal (&rng);
  return values;
}

static NnDataset *
noise_load (const char *path, const NnParams *options, const NnLoadContext *context, GError **error)
{
  const guint64 seed = (guint64)nn_params_int (options, "seed");
  g_auto (Noise) noise = { 0 };
  NnFieldStorage storage[NN_NOISE_MAX_FIELDS] = { 0 };
  NnDataset *dataset = NULL;
  gboolean whole = noise_init (&noise, path, error);
  for (guint f = 0; f < noise.n && whole; f++)
    {
      const gboolean floats =
          noise.field[f].kind != NN_FIELD_IMAGE && noise.field[f].kind != NN_FIELD_LABEL;
      storage[f].field = noise.field[f];
      storage[f].label_size = sizeof (guint32);
      for (guint part = 0; part < NN_N_PARTS && whole; part++)
        {
          const gsize n = noise.n_samples[part];
          GBytes *bytes = g_bytes_new_take (draw_part (&noise.field[f], seed, f, part, n),
                                            n * sample_bytes (&noise.field[f]));
          *(floats ? &storage[f].floats[part] : &storage[f].bytes[part]) = bytes;
          nn_load_progress (context, (f + (part + 1.0) / NN_N_PARTS) / noise.n);
          whole = !context || !g_cancellable_set_error_if_cancelled (context->cancellable, error);
        }
    }
  if (whole)
    dataset = nn_dataset_new (path, _ ("Random numbers"), storage, noise.n, noise.n_samples, error);
  for (guint f = 0; f < noise.n; f++)
    for (guint part = 0; part < NN_N_PARTS; part++)
      {
        g_clear_pointer (&storage[f].bytes[part], g_bytes_unref);
        g_clear_pointer (&storage[f].floats[part], g_bytes_unref);
      }
  return dataset;
}

const NnDataSource nn_noise_source = {
  .id = "noise",
  .title = N_ ("Random numbers (noise:image=28x28x1)"),
  .summary = N_ ("Random numbers in the shapes that a network takes."),
  .recognises = recognises,
  .peek = noise_peek,
  .load = noise_load,
};
