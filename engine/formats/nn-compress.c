#include "diabolo-config.h"

#include "formats/nn-compress.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/nn-error.h"

/* The file is put together in memory. */
#define MOST_BYTES ((guint64)1 << 31)
/* Of the whole, what looking for ranges takes: an encoder against an encoder and two decoders. */
#define RANGES_SHARE 0.25

/* An encoder and a decoder between the same images. */
typedef struct
{
  NnCoder *encoder, *decoder; /* owned */
  NnDataset *dataset;         /* borrowed */
  guint field;                /* of the images */
  gsize pixels, size;         /* values of an image, of a code */
} Pair;

static void
pair_clear (Pair *pair)
{
  g_clear_pointer (&pair->encoder, nn_coder_free);
  g_clear_pointer (&pair->decoder, nn_coder_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pair, pair_clear)

static gboolean
pair_init (Pair *pair, const NnExportSource *source, GError **error)
{
  pair->encoder = nn_coder_new (source, NN_EXPORT_ENCODER, error);
  pair->decoder = pair->encoder ? nn_coder_new (source, NN_EXPORT_DECODER, error) : NULL;
  if (!pair->decoder)
    return FALSE;
  const NnExportModel *model = nn_coder_model (pair->encoder);
  const NnExportPort *port = nn_export_input (model, 0);
  if (model->inputs->len != 1 || !port->field || port->field->kind != NN_FIELD_IMAGE)
    {
      g_set_error_literal (
          error, NN_ERROR, NN_ERROR_UNSUPPORTED,
          _ ("Only images are compressed, and this network reads something else."));
      return FALSE;
    }
  if (port->field->scale)
    {
      g_set_error_literal (error, NN_ERROR, NN_ERROR_UNSUPPORTED,
                           _ ("Pixels from 0 to 1 are compressed, and those of this data set are "
                              "scaled. Set Scaling under Data to None, and train anew."));
      return FALSE;
    }
  pair->dataset = source->dataset;
  pair->pixels = (gsize)nn_shape_size (&port->field->shape);
  pair->size = nn_coder_size (pair->encoder);
  nn_data_info_field (nn_dataset_info (pair->dataset), port->name, &pair->field);
  if (nn_coder_size (pair->decoder) == pair->pixels && pair->size <= NN_CODE_FILE_MAX_VALUES)
    return TRUE;
  g_autofree char *in = nn_shape_to_string (&port->field->shape);
  g_autofree char *out = nn_shape_to_string (nn_coder_shape (pair->decoder));
  g_set_error (error, NN_ERROR, NN_ERROR_UNSUPPORTED,
               _ ("What the decoder gives (%s) is not the image that went in (%s)."), out, in);
  return FALSE;
}

gboolean
nn_compress_check (const NnExportSource *source, GError **error)
{
  g_auto (Pair) pair = { 0 };
  return pair_init (&pair, source, error);
}

/* ---- compressing ---- */

typedef struct
{
  Pair *pair;
  const NnCompressionSettings *settings;
  const NnExportJob *job;
  gsize n, piece;          /* images in all, at once */
  float *codes;            /* (group, D) */
  float *images, *decoded; /* (piece, S) */
} Work;

static void
work_clear (Work *work)
{
  nn_free_aligned (work->codes);
  nn_free_aligned (work->images);
  nn_free_aligned (work->decoded);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

static gboolean
find_ranges (Work *work, float *least, float *greatest, GError **error)
{
  const gsize size = work->pair->size;
  for (gsize k = 0; k < size; k++)
    {
      least[k] = INFINITY;
      greatest[k] = -INFINITY;
    }
  for (gsize at = 0; at < work->n; at += work->piece)
    {
      const gsize n = MIN (work->piece, work->n - at);
      if (g_cancellable_set_error_if_cancelled (work->job->cancellable, error))
        return FALSE;
      nn_coder_run_samples (work->pair->encoder, work->settings->samples, at, n, work->codes);
      for (gsize i = 0; i < n * size; i++)
        {
          if (!isfinite (work->codes[i]))
            {
              g_set_error (error, NN_ERROR, NN_ERROR_NUMERIC,
                           _ ("The code of sample %zu is not finite: reset the "
                              "network and train it with a smaller learning rate."),
                           at + i / size);
              return FALSE;
            }
          least[i % size] = MIN (least[i % size], work->codes[i]);
          greatest[i % size] = MAX (greatest[i % size], work->codes[i]);
        }
      nn_export_progress (work->job, RANGES_SHARE * (double)(at + n) / (double)work->n);
    }
  return TRUE;
}

/* Adds what is lost of a piece of images where the decoder gets these codes. */
static void
add_error (Work *work, const float *codes, gsize n, NnImageError *error)
{
  const gsize pixels = work->pair->pixels;
  nn_coder_run_codes (work->pair->decoder, codes, n, work->decoded);
  for (gsize i = 0; i < n; i++)
    {
      double squares = 0;
      for (gsize p = i * pixels; p < (i + 1) * pixels; p++)
        {
          const double difference =
              (double)CLAMP (work->decoded[p], 0, 1) - (double)work->images[p];
          squares += difference * difference;
        }
      nn_image_error_add (error, squares, pixels);
    }
}

static void
read_images (Work *work, gsize first, gsize n)
{
  guint32 index[NN_CODER_MAX_PIECE];
  for (gsize i = 0; i < n; i++)
    index[i] = (guint32)(first + i);
  nn_dataset_read (work->pair->dataset, work->settings->samples, work->pair->field, index, n,
                   nn_kernels_best (), work->images);
}

/* Adds one group to the file. Its codes are lost by being quantised, so what they were worth is
 * measured before. */
static gboolean
add_group (Work *work, NnCodeWriter *writer, gsize first, gsize n, NnCompression *result,
           GError **error)
{
  const gsize size = work->pair->size;
  for (guint pass = 0; pass < 2; pass++)
    {
      for (gsize at = 0; at < n; at += work->piece)
        {
          const gsize piece = MIN (work->piece, n - at);
          float *codes = work->codes + at * size;
          if (g_cancellable_set_error_if_cancelled (work->job->cancellable, error))
            return FALSE;
          if (pass == 0)
            nn_coder_run_samples (work->pair->encoder, work->settings->samples, first + at, piece,
                                  codes);
          read_images (work, first + at, piece);
          add_error (work, codes, piece, pass == 0 ? &result->exact : &result->error);
          const double done = ((double)first + 0.5 * pass * (double)n + 0.5 * (double)(at + piece))
                              / (double)work->n;
          nn_export_progress (work->job, RANGES_SHARE + (1 - RANGES_SHARE) * done);
        }
      if (pass == 0)
        nn_code_writer_add (writer, work->codes, n);
    }
  return TRUE;
}

GBytes *
nn_compress (const NnExportSource *source, const NnCompressionSettings *settings,
             const NnExportJob *job, NnCompression *result, GError **error)
{
  g_auto (Pair) pair = { 0 };
  if (!pair_init (&pair, source, error))
    return NULL;
  const gsize n_part = nn_dataset_n_samples (source->dataset, settings->samples);
  const gsize n = settings->most > 0 ? MIN (settings->most, n_part) : n_part;
  if (n == 0 || n > NN_CODE_FILE_MAX_IMAGES || (guint64)n * pair.size > MOST_BYTES)
    {
      if (n == 0)
        g_set_error_literal (error, NN_ERROR, NN_ERROR_RANGE,
                             _ ("This part of the data set has no samples."));
      else
        g_set_error (error, NN_ERROR, NN_ERROR_RANGE,
                     _ ("%zu codes of %zu values are too many for one file."), n, pair.size);
      return NULL;
    }

  NnCodeFileHead head = { .bits = settings->bits,
                          .n = n,
                          .size = pair.size,
                          .shape =
                              nn_export_input (nn_coder_model (pair.encoder), 0)->field->shape };
  nn_coder_fingerprint (pair.decoder, head.network);
  const gsize group = MIN (nn_code_file_group (&head), n);
  const gsize piece = MIN (nn_coder_piece (pair.pixels), group);
  g_auto (Work) work = {
    .pair = &pair,
    .settings = settings,
    .job = job,
    .n = n,
    .piece = piece,
    .codes = nn_alloc_floats (group * pair.size),
    .images = nn_alloc_floats (piece * pair.pixels),
    .decoded = nn_alloc_floats (piece * pair.pixels),
  };
  g_autofree float *least = g_new (float, pair.size), *greatest = g_new (float, pair.size);
  if (!find_ranges (&work, least, greatest, error))
    return NULL;
  *result = (NnCompression){ .n = n,
                             .shape = head.shape,
                             .code_size = pair.size,
                             .decoder_bytes =
                                 nn_export_model_weight_bytes (nn_coder_model (pair.decoder)) };
  g_autoptr (NnCodeWriter) writer = nn_code_writer_new (&head, least, greatest);
  for (gsize first = 0; first < n; first += group)
    if (!add_group (&work, writer, first, MIN (group, n - first), result, error))
      return NULL;
  nn_image_error_end (&result->error, n);
  nn_image_error_end (&result->exact, n);
  GBytes *bytes = nn_code_writer_end (writer, &result->error);
  result->bytes = g_bytes_get_size (bytes);
  return bytes;
}
