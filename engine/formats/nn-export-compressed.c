/* Images as codes in a small file, with what that costs beside JPEG at the same size. */
#include "diabolo-config.h"

#include <inttypes.h>

#include "formats/nn-compress.h"
#include "formats/nn-jpeg.h"
#include "formats/nn-replace.h"

#include <glib/gi18n-lib.h>

/* Images of a preview at most, and multiply-adds that are well spent on it: a second or two. */
#define SHOWN 2000
#define SHOWN_MACS ((gint64)20 * 1000 * 1000 * 1000)
/* Images that JPEG is measured on, evenly spread, and the most values that they have together. */
#define JPEG_IMAGES 200
#define JPEG_VALUES ((gsize)1 << 22)

static const NnParamSpec options[] = {
  { .name = "samples",
    .title = N_ ("Samples"),
    .tip = N_ ("Which part of the data set is compressed."),
    .type = NN_PARAM_CHOICE,
    .def_text = "test",
    .choices = nn_export_sample_choices },
  { .name = "bits",
    .title = N_ ("Bits"),
    .tip = N_ ("How finely each value of the code is kept: in 2 to the power of so many steps."),
    .type = NN_PARAM_INT,
    .def = 6,
    .min = 1,
    .max = NN_CODE_FILE_MAX_BITS,
    .soft_min = 1,
    .soft_max = NN_CODE_FILE_MAX_BITS },
  { NULL },
};

static NnCompressionSettings
settings_of (const NnExportSource *source, gsize most)
{
  g_autoptr (NnParams) chosen = nn_export_options (source, options);
  return (NnCompressionSettings){
    .samples = nn_params_choice (chosen, "samples") == 0 ? NN_PART_TEST : NN_PART_TRAIN,
    .bits = (guint)nn_params_int (chosen, "bits"),
    .most = most,
  };
}

/* ---- JPEG beside it ---- */

/* Some of the images that were compressed, as bytes. pixels: (transfer full) */
static NnJpegPictures
pictures_of (const NnExportSource *source, const NnCompressionSettings *settings,
             const NnCompression *result, guint8 **pixels)
{
  const gsize size = (gsize)nn_shape_size (&result->shape);
  const gsize n = CLAMP (JPEG_VALUES / size, 1, MIN (JPEG_IMAGES, result->n));
  g_autofree guint32 *index = g_new (guint32, n);
  float *values = nn_alloc_floats (n * size);
  const NnDataInfo *info = nn_dataset_info (source->dataset);
  guint field = 0;
  while (info->fields[field].kind != NN_FIELD_IMAGE
         || !nn_shape_equal (&info->fields[field].shape, &result->shape))
    field++;
  for (gsize i = 0; i < n; i++)
    index[i] = (guint32)(i * result->n / n);
  nn_dataset_read (source->dataset, settings->samples, field, index, n, nn_kernels_best (), values);
  *pixels = g_malloc (n * size);
  for (gsize i = 0; i < n * size; i++)
    (*pixels)[i] = (guint8)lrintf (255 * CLAMP (values[i], 0, 1));
  nn_free_aligned (values);
  return (NnJpegPictures){ .n = (guint)n,
                           .height = (guint)result->shape.dim[0],
                           .width = (guint)result->shape.dim[1],
                           .channels = (guint)result->shape.dim[2],
                           .pixels = *pixels };
}

/* A line of the table, and the numbers under the ids "PREFIX_mse" and so on. bytes 0: there is no
 * size. */
static void
tell_row (GPtrArray *facts, const char *prefix, const char *title, double bytes,
          const NnImageError *error)
{
  g_autofree char *id_mse = g_strconcat (prefix, "mse", NULL);
  g_autofree char *id_psnr = g_strconcat (prefix, "psnr", NULL);
  g_autofree char *size = bytes > 0 ? g_strdup_printf ("%.1f", bytes) : g_strdup ("");
  if (bytes > 0)
    {
      g_autofree char *id = g_strconcat (prefix, "bytes_per_image", NULL);
      nn_export_facts_add (facts, id, bytes, NULL);
    }
  nn_export_facts_add (facts, id_mse, error->mse, "%-32s %7s %9.5f %7.1f dB", title, size,
                       error->mse, error->psnr);
  nn_export_facts_add (facts, id_psnr, error->psnr, NULL);
}

static gboolean
tell_of_jpeg (const NnExportSource *source, const NnCompressionSettings *settings,
              const NnCompression *result, const NnExportJob *job, GPtrArray *facts, GError **error)
{
  static const struct
  {
    NnJpegCount count;
    const char *prefix, *title;
  } ways[] = {
    { NN_JPEG_SCANS, "jpeg_", N_ ("JPEG less headers") },
    { NN_JPEG_FILES, "jpeg_file_", N_ ("JPEG, whole files") },
  };
  if (result->shape.dim[2] != 1 && result->shape.dim[2] != 3)
    return TRUE;
  g_autofree guint8 *pixels = NULL;
  const NnJpegPictures pictures = pictures_of (source, settings, result, &pixels);
  gboolean larger = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      NnJpegResult jpeg;
      if (!nn_jpeg_match (&pictures, ways[i].count, (double)result->bytes / (double)result->n,
                          job->cancellable, &jpeg, error))
        return FALSE;
      g_autofree char *title =
          g_strdup_printf (_ ("%s, quality %u"), _ (ways[i].title), jpeg.quality);
      g_autofree char *id = g_strconcat (ways[i].prefix, "quality", NULL);
      tell_row (facts, ways[i].prefix, title, jpeg.bytes, &jpeg.error);
      nn_export_facts_add (facts, id, jpeg.quality, NULL);
      larger = larger || !jpeg.smaller;
    }
  if (larger)
    nn_export_facts_add (facts, "jpeg_is_larger", TRUE,
                         _ ("Quality 0 is the least that JPEG has; it is larger all the same."));
  nn_export_facts_add (facts, "jpeg_images", pictures.n,
                       _ ("JPEG is measured on %u of the images, spread evenly."), pictures.n);
  return TRUE;
}

/* ---- what there is to say ---- */

static void
tell (const NnCompressionSettings *settings, const NnCompression *result, GPtrArray *facts)
{
  const double n = (double)result->n, bytes = (double)result->bytes;
  const double pixels = (double)nn_shape_size (&result->shape);
  g_autofree char *shape = nn_shape_to_string (&result->shape);
  nn_export_facts_add (facts, "images", n, _ ("Images: %zu of %s, %.0f bytes each as they are"),
                       result->n, shape, pixels);
  nn_export_facts_add (facts, "values", (double)result->code_size,
                       _ ("Code: %zu values of %u bits"), result->code_size, settings->bits);
  nn_export_facts_add (facts, "bits", settings->bits, NULL);
  nn_export_facts_add (facts, "bytes", bytes, _ ("File: %zu bytes, %.0f to 1"), result->bytes,
                       pixels * n / bytes);
  nn_export_facts_add (facts, "decoder_bytes", (double)result->decoder_bytes,
                       _ ("Decoder that unpacks it: %" PRIu64 " bytes, once\n"),
                       result->decoder_bytes);
  nn_export_facts_add (facts, "raw_bytes_per_image", pixels, "%-32s %7s %9s %10s", "", _ ("bytes"),
                       _ ("MSE"), _ ("PSNR"));
  tell_row (facts, "", _ ("This file, an image"), bytes / n, &result->error);
  tell_row (facts, "exact_", _ ("If codes were not rounded"), 0, &result->exact);
}

static gboolean
compressed_write (const NnExportSource *source, const char *path, const NnExportJob *job,
                  GError **error)
{
  const NnCompressionSettings settings = settings_of (source, 0);
  NnCompression result;
  g_autoptr (GBytes) bytes = nn_compress (source, &settings, job, &result, error);
  if (!bytes)
    return FALSE;
  if (job->facts)
    {
      tell (&settings, &result, job->facts);
      if (!tell_of_jpeg (source, &settings, &result, job, job->facts, error))
        return FALSE;
    }
  if (!nn_replace_file (path, bytes, job->cancellable, error))
    return FALSE;
  nn_export_progress (job, 1);
  return TRUE;
}

/* The comparison, on a part of the images where there are many. */
static char *
compressed_preview (const NnExportSource *source, GError **error)
{
  /* Encoded twice and decoded twice. */
  const gint64 macs = MAX (2 * nn_analysis_total_macs (source->analysis), 1);
  const NnCompressionSettings settings =
      settings_of (source, (gsize)CLAMP (SHOWN_MACS / macs, 10, SHOWN));
  const NnExportJob job = { NULL };
  NnCompression result;
  g_autoptr (GPtrArray) facts = nn_export_facts_new ();
  g_autoptr (GBytes) bytes = nn_compress (source, &settings, &job, &result, error);
  if (!bytes)
    return NULL;
  tell (&settings, &result, facts);
  if (!tell_of_jpeg (source, &settings, &result, &job, facts, error))
    return NULL;
  g_autofree char *text = nn_export_facts_to_text (facts);
  const gsize n = nn_dataset_n_samples (source->dataset, settings.samples);
  return n > result.n
             ? g_strdup_printf (_ ("The first %zu of %zu images:\n\n%s"), result.n, n, text)
             : g_steal_pointer (&text);
}

const NnExporter nn_exporter_compressed = {
  .id = "compressed",
  .group = NN_EXPORT_FOR_DATA,
  .title = N_ ("Compressed images"),
  .extension = NN_CODE_FILE_EXTENSION,
  .summary = N_ ("images as codes, beside JPEG"),
  .use = N_ ("The images as the codes that the encoder makes of them, rounded and packed; the "
             "decoder makes images of them again: open the file in this network's window. The "
             "preview says what it costs "
             "and what is lost, beside JPEG of the same size."),
  .parts = 1 << NN_EXPORT_ALL,
  .needs = NN_EXPORT_NETWORK | NN_EXPORT_WEIGHTS | NN_EXPORT_SAMPLES,
  .options = options,
  .check = nn_compress_check,
  .preview = compressed_preview,
  .write = compressed_write,
};
