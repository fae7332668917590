/* The code of every sample of a part of the data set, in its order, with its labels: as .npy and as
 * CSV. */
#include "diabolo-config.h"

#include <string.h>

#include "base/nn-error.h"
#include "formats/nn-coder.h"
#include "formats/nn-npy.h"
#include "formats/nn-replace.h"

#include <glib/gi18n-lib.h>

/* Of a preview. */
#define SHOWN 20

static const NnParamSpec options[] = {
  { .name = "samples",
    .title = N_ ("Samples"),
    .tip = N_ ("Which part of the data set is encoded."),
    .type = NN_PARAM_CHOICE,
    .def_text = "test",
    .choices = nn_export_sample_choices },
  { NULL },
};

/* Codes on their way to a file. */
typedef struct
{
  NnCoder *coder; /* owned */
  const NnDataset *dataset;
  NnPart part;
  gsize n, size; /* samples, values of a code */
  gsize at_once; /* samples of a piece */
  float *piece;  /* owned (at_once, size) */
} Codes;

static void
codes_clear (Codes *codes)
{
  g_clear_pointer (&codes->coder, nn_coder_free);
  g_clear_pointer (&codes->piece, nn_free_aligned);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Codes, codes_clear)

static gboolean
codes_init (Codes *codes, const NnExportSource *source, GError **error)
{
  g_autoptr (NnParams) chosen = nn_export_options (source, options);
  codes->dataset = source->dataset;
  codes->part = nn_params_choice (chosen, "samples") == 0 ? NN_PART_TEST : NN_PART_TRAIN;
  codes->n = nn_dataset_n_samples (source->dataset, codes->part);
  codes->coder = nn_coder_new (source, NN_EXPORT_ENCODER, error);
  if (!codes->coder)
    return FALSE;
  if (codes->n == 0)
    {
      g_set_error_literal (error, NN_ERROR, NN_ERROR_RANGE,
                           _ ("This part of the data set has no samples."));
      return FALSE;
    }
  codes->size = nn_coder_size (codes->coder);
  codes->at_once = MIN (nn_coder_piece (codes->size), codes->n);
  codes->piece = nn_alloc_floats (codes->at_once * codes->size);
  return TRUE;
}

static gboolean
codes_check (const NnExportSource *source, GError **error)
{
  g_auto (Codes) codes = { 0 };
  return codes_init (&codes, source, error);
}

/* The n-th field of labels, from field number *field on. */
static gboolean
next_label (const NnDataset *dataset, guint *field)
{
  const NnDataInfo *info = nn_dataset_info (dataset);
  while (*field < info->n_fields && info->fields[*field].kind != NN_FIELD_LABEL)
    (*field)++;
  return *field < info->n_fields;
}

static void
tell (const Codes *codes, GPtrArray *facts)
{
  nn_export_facts_add (facts, "samples", (double)codes->n, _ ("Samples: %zu"), codes->n);
  nn_export_facts_add (facts, "values", (double)codes->size, _ ("Values of a code: %zu"),
                       codes->size);
}

/* ---- .npy ---- */

static gboolean
write_bytes (NnReplacement *file, GBytes *bytes, const NnExportJob *job, GError **error)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);
  return nn_replacement_write (file, data, size, job->cancellable, error);
}

static gboolean
write_codes (Codes *codes, NnReplacement *file, const NnExportJob *job, GError **error)
{
  const NnShape shape = nn_shape ((gint64)codes->n, (gint64)codes->size);
  g_autoptr (GBytes) header = nn_npy_header ("<f4", &shape);
  if (!write_bytes (file, header, job, error))
    return FALSE;
  for (gsize at = 0; at < codes->n; at += codes->at_once)
    {
      const gsize n = MIN (codes->at_once, codes->n - at);
      nn_coder_run_samples (codes->coder, codes->part, at, n, codes->piece);
      if (!nn_npy_write_values (file, codes->piece, n * codes->size, job->cancellable, error))
        return FALSE;
      nn_export_progress (job, (double)(at + n) / (double)codes->n);
    }
  return TRUE;
}

/* (n) of the first field that has labels, -1 where there is none. */
static gboolean
write_labels (const Codes *codes, NnReplacement *file, const NnExportJob *job, GError **error)
{
  const NnShape shape = nn_shape ((gint64)codes->n);
  g_autoptr (GBytes) header = nn_npy_header ("<i4", &shape);
  g_autofree gint32 *labels = g_new (gint32, codes->n);
  guint field = 0;
  const gboolean has = next_label (codes->dataset, &field);
  for (gsize i = 0; i < codes->n; i++)
    labels[i] = has ? (gint32)nn_dataset_label (codes->dataset, codes->part, field, i) : -1;
  return write_bytes (file, header, job, error)
         && nn_npy_write_values (file, labels, codes->n, job->cancellable, error);
}

/* "folder/codes.labels.npy" beside "folder/codes.npy". (transfer full) */
static char *
labels_path (const char *path)
{
  const gboolean has = g_str_has_suffix (path, ".npy");
  g_autofree char *base = g_strndup (path, strlen (path) - (has ? strlen (".npy") : 0));
  return g_strconcat (base, ".labels.npy", NULL);
}

static gboolean
npy_write (const NnExportSource *source, const char *path, const NnExportJob *job, GError **error)
{
  g_auto (Codes) codes = { 0 };
  g_autofree char *beside = labels_path (path);
  if (!codes_init (&codes, source, error))
    return FALSE;
  g_autoptr (NnReplacement) file = nn_replacement_new (path, error);
  g_autoptr (NnReplacement) labels = file ? nn_replacement_new (beside, error) : NULL;
  if (!labels || !write_codes (&codes, file, job, error)
      || !write_labels (&codes, labels, job, error) || !nn_replacement_commit (labels, error)
      || !nn_replacement_commit (file, error))
    return FALSE;
  tell (&codes, job->facts);
  return TRUE;
}

/* ---- CSV ---- */

/* A name of a field may hold what ends a cell. */
static void
append_cell (GString *text, const char *name)
{
  if (!strpbrk (name, ",\"\n\r"))
    {
      g_string_append (text, name);
      return;
    }
  g_auto (GStrv) pieces = g_strsplit (name, "\"", -1);
  g_autofree char *doubled = g_strjoinv ("\"\"", pieces);
  g_string_append_printf (text, "\"%s\"", doubled);
}

/* "index,label,z1,z2": where the sample stands in its part, every label, then the code. */
static void
append_header (const Codes *codes, GString *text)
{
  g_string_append (text, "index");
  for (guint field = 0; next_label (codes->dataset, &field); field++)
    {
      g_string_append_c (text, ',');
      append_cell (text, nn_dataset_info (codes->dataset)->fields[field].name);
    }
  for (gsize i = 0; i < codes->size; i++)
    g_string_append_printf (text, ",z%zu", i + 1);
  g_string_append_c (text, '\n');
}

static void
append_rows (const Codes *codes, gsize first, gsize n, GString *text)
{
  for (gsize i = 0; i < n; i++)
    {
      g_string_append_printf (text, "%zu", first + i);
      for (guint field = 0; next_label (codes->dataset, &field); field++)
        g_string_append_printf (text, ",%u",
                                nn_dataset_label (codes->dataset, codes->part, field, first + i));
      for (gsize k = 0; k < codes->size; k++)
        {
          char number[G_ASCII_DTOSTR_BUF_SIZE];
          g_string_append_c (text, ',');
          g_string_append (text, g_ascii_formatd (number, sizeof number, "%.9g",
                                                  (double)codes->piece[i * codes->size + k]));
        }
      g_string_append_c (text, '\n');
    }
}

static gboolean
csv_write (const NnExportSource *source, const char *path, const NnExportJob *job, GError **error)
{
  g_auto (Codes) codes = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);
  if (!codes_init (&codes, source, error))
    return FALSE;
  g_autoptr (NnReplacement) file = nn_replacement_new (path, error);
  if (!file)
    return FALSE;
  append_header (&codes, text);
  for (gsize at = 0; at < codes.n; at += codes.at_once)
    {
      const gsize n = MIN (codes.at_once, codes.n - at);
      nn_coder_run_samples (codes.coder, codes.part, at, n, codes.piece);
      append_rows (&codes, at, n, text);
      if (!nn_replacement_write (file, text->str, text->len, job->cancellable, error))
        return FALSE;
      g_string_truncate (text, 0);
      nn_export_progress (job, (double)(at + n) / (double)codes.n);
    }
  if (!nn_replacement_commit (file, error))
    return FALSE;
  tell (&codes, job->facts);
  return TRUE;
}

/* The first samples. */
static char *
csv_preview (const NnExportSource *source, GError **error)
{
  g_auto (Codes) codes = { 0 };
  if (!codes_init (&codes, source, error))
    return NULL;
  GString *text = g_string_new (NULL);
  const gsize n = MIN (SHOWN, codes.at_once);
  nn_coder_run_samples (codes.coder, codes.part, 0, n, codes.piece);
  append_header (&codes, text);
  append_rows (&codes, 0, n, text);
  if (codes.n > n)
    g_string_append_printf (text, _ ("… %zu samples in all\n"), codes.n);
  return g_string_free (text, FALSE);
}

static char *
npy_preview (const NnExportSource *source, GError **error)
{
  g_auto (Codes) codes = { 0 };
  if (!codes_init (&codes, source, error))
    return NULL;
  const NnDataInfo *info = nn_dataset_info (codes.dataset);
  g_autofree char *shape = nn_shape_to_string (nn_coder_shape (codes.coder));
  g_autofree char *rows = csv_preview (source, NULL);
  guint field = 0;
  GString *text = g_string_new (NULL);
  g_string_append_printf (text, _ ("codes.npy: float32 (%zu, %zu)\n"), codes.n, codes.size);
  if (nn_coder_shape (codes.coder)->rank > 1)
    g_string_append_printf (text, _ ("  each code of shape %s, one value after the other\n"),
                            shape);
  g_string_append_printf (text, _ ("codes.labels.npy: int32 (%zu)\n"), codes.n);
  if (!next_label (codes.dataset, &field))
    g_string_append (text, _ ("  -1 each: the data set has no labels\n"));
  for (guint i = 0; field < info->n_fields && info->fields[field].class_names
                    && i < info->fields[field].n_classes;
       i++)
    g_string_append_printf (text, "  %u: %s\n", i, info->fields[field].class_names[i]);
  g_string_append_printf (text, "\n%s", rows);
  return g_string_free (text, FALSE);
}

const NnExporter nn_exporter_codes = {
  .id = "codes",
  .group = NN_EXPORT_FOR_DATA,
  .title = N_ ("Codes"),
  .extension = ".npy",
  .beside = ".labels.npy",
  .summary = N_ ("codes of the data, for NumPy"),
  .use = N_ ("What the encoder makes of every sample, in the order of the data set, and their "
             "labels in a second file: for scikit-learn, clustering and search."),
  .parts = 1 << NN_EXPORT_ALL,
  .needs = NN_EXPORT_NETWORK | NN_EXPORT_WEIGHTS | NN_EXPORT_SAMPLES,
  .options = options,
  .check = codes_check,
  .preview = npy_preview,
  .write = npy_write,
};

const NnExporter nn_exporter_codes_csv = {
  .id = "codes-csv",
  .group = NN_EXPORT_FOR_DATA,
  .title = N_ ("Codes as table"),
  .extension = ".csv",
  .summary = N_ ("codes of the data, a row a sample"),
  .use = N_ ("What the encoder makes of every sample: a row each with its number, its labels and "
             "its code, for spreadsheets and statistics."),
  .parts = 1 << NN_EXPORT_ALL,
  .needs = NN_EXPORT_NETWORK | NN_EXPORT_WEIGHTS | NN_EXPORT_SAMPLES,
  .options = options,
  .check = codes_check,
  .preview = csv_preview,
  .write = csv_write,
};
