#include "diabolo-config.h"

#include "base/nn-error.h"
#include "viewers/wb-sample-choice.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_LISTED 1000
#define MAX_SCAN 20000 /* labels looked through for a page of classes */

const WbSampleModeInfo wb_sample_modes[WB_N_SAMPLE_MODES] = {
  [WB_SAMPLES_CLASSES] = { "classes", N_ ("Each class"),
                           N_ ("The first test sample of each class; pages show the next ones"),
                           TRUE },
  [WB_SAMPLES_SEQUENCE] = { "sequence", N_ ("In order"),
                            N_ ("Test samples in the order of the data set"), TRUE },
  [WB_SAMPLES_RANDOM] = { "random", N_ ("Random"), N_ ("Test samples drawn at random"), TRUE },
  [WB_SAMPLES_WORST] = { "worst", N_ ("Worst"),
                         N_ ("The test samples with the greatest error, looked for in the whole "
                             "part"),
                         FALSE },
  [WB_SAMPLES_LISTED] = { "listed", N_ ("By number"), N_ ("The samples with the numbers you type"),
                          TRUE },
};

WbSampleMode
wb_sample_mode_from_id (const char *id)
{
  for (guint i = 0; i < WB_N_SAMPLE_MODES; i++)
    if (g_strcmp0 (wb_sample_modes[i].id, id) == 0)
      return i;
  return WB_SAMPLES_CLASSES;
}

static const NnField *
label_field (const NnDataInfo *info, guint *index)
{
  for (guint i = 0; i < info->n_fields; i++)
    if (info->fields[i].kind == NN_FIELD_LABEL)
      {
        if (index != NULL)
          *index = i;
        return &info->fields[i];
      }
  return NULL;
}

guint
wb_sample_n_classes (const NnDataset *dataset)
{
  const NnField *field = label_field (nn_dataset_info (dataset), NULL);

  return field != NULL ? field->n_classes : 0;
}

char *
wb_sample_class_name (const NnDataInfo *info, gint label)
{
  const NnField *field = label_field (info, NULL);

  if (field == NULL || label < 0 || (guint)label >= field->n_classes)
    return NULL;
  if (field->class_names != NULL && field->class_names[label] != NULL)
    return g_strdup (field->class_names[label]);
  return g_strdup_printf ("%d", label);
}

static GArray *
pick_sequence (guint page, gsize n_samples, guint n)
{
  GArray *picked = g_array_new (FALSE, FALSE, sizeof (guint32));
  gsize pages = n > 0 ? (n_samples + n - 1) / n : 0;

  for (gsize i = 0; pages > 0 && i < n; i++)
    {
      guint32 index = (guint32)(page % pages * n + i);
      if (index < n_samples)
        g_array_append_val (picked, index);
    }
  return picked;
}

/* The sample number `page` of each class, in the order of the classes. */
static GArray *
pick_classes (guint page, const NnDataset *dataset, guint n)
{
  guint field = 0;
  const NnField *info = label_field (nn_dataset_info (dataset), &field);
  gsize n_samples = MIN (nn_dataset_n_samples (dataset, NN_PART_TEST), MAX_SCAN);
  GArray *picked = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autofree guint *seen = g_new0 (guint, info->n_classes);
  g_autofree guint32 *found = g_new (guint32, info->n_classes);
  guint missing = info->n_classes;

  memset (found, 0xff, info->n_classes * sizeof *found);
  for (gsize i = 0; i < n_samples && missing > 0; i++)
    {
      guint label = nn_dataset_label (dataset, NN_PART_TEST, field, i);
      if (label >= info->n_classes || seen[label] > page || seen[label]++ != page)
        continue;
      found[label] = (guint32)i;
      missing--;
    }
  for (guint i = 0; i < info->n_classes && picked->len < n; i++)
    if (found[i] != G_MAXUINT32)
      g_array_append_val (picked, found[i]);
  return picked;
}

static GArray *
pick_listed (const WbSampleChoice *choice, gsize n_samples, guint n)
{
  GArray *picked = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint len = choice->listed != NULL ? choice->listed->len : 0;
  guint pages = n > 0 ? (len + n - 1) / n : 0;

  for (guint i = pages > 0 ? choice->page % pages * n : 0; i < len && picked->len < n; i++)
    {
      guint32 index = g_array_index (choice->listed, guint32, i);
      if (index < n_samples)
        g_array_append_val (picked, index);
    }
  return picked;
}

GArray *
wb_sample_choice_pick (const WbSampleChoice *choice, const NnDataset *dataset, guint n)
{
  gsize n_samples = nn_dataset_n_samples (dataset, NN_PART_TEST);

  switch (choice->mode)
    {
    case WB_SAMPLES_CLASSES:
      if (wb_sample_n_classes (dataset) > 0)
        {
          GArray *picked = pick_classes (choice->page, dataset, n);
          if (picked->len > 0)
            return picked;
          g_array_unref (picked);
          return pick_classes (0, dataset, n);
        }
      return pick_sequence (choice->page, n_samples, n);
    case WB_SAMPLES_SEQUENCE:
      return pick_sequence (choice->page, n_samples, n);
    case WB_SAMPLES_LISTED:
      return pick_listed (choice, n_samples, n);
    case WB_SAMPLES_RANDOM:
    case WB_SAMPLES_WORST:
    case WB_N_SAMPLE_MODES:
      break;
    }
  return g_array_new (FALSE, FALSE, sizeof (guint32));
}

/* One item of the list, "7" or "0-9". */
static gboolean
parse_item (const char *item, gsize n_samples, GArray *indices, GError **error)
{
  g_auto (GStrv) ends = g_strsplit (item, "-", 2);
  guint64 first, last;
  gboolean valid;

  valid = g_ascii_string_to_unsigned (g_strstrip (ends[0]), 10, 0, G_MAXUINT32, &first, NULL);
  last = first;
  if (valid && ends[1] != NULL)
    valid = g_ascii_string_to_unsigned (g_strstrip (ends[1]), 10, 0, G_MAXUINT32, &last, NULL);
  if (!valid || last < first)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_RANGE,
                   _ ("“%s” is not a sample number. Write numbers and ranges such as 0-9, 42."),
                   item);
      return FALSE;
    }
  if (last >= n_samples)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_RANGE,
                   _ ("There is no sample %" PRIu64 ": the test part ends with %zu."), last,
                   n_samples - 1);
      return FALSE;
    }
  for (guint64 i = first; i <= last && indices->len < MAX_LISTED; i++)
    {
      guint32 index = (guint32)i;
      g_array_append_val (indices, index);
    }
  return TRUE;
}

GArray *
wb_sample_list_parse (const char *text, gsize n_samples, GError **error)
{
  g_autoptr (GArray) indices = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_auto (GStrv) items = g_strsplit_set (text, ", ;", -1);

  for (guint i = 0; items[i] != NULL; i++)
    if (*items[i] != '\0' && !parse_item (items[i], n_samples, indices, error))
      return NULL;
  if (indices->len == 0)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_RANGE,
                   _ ("No sample is named. Write numbers and ranges such as 0-9, 42."));
      return NULL;
    }
  return g_steal_pointer (&indices);
}

char *
wb_sample_list_to_string (const GArray *samples)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < samples->len; i++)
    {
      const guint32 first = g_array_index (samples, guint32, i);
      guint32 last = first;

      while (i + 1 < samples->len && g_array_index (samples, guint32, i + 1) == last + 1)
        last = g_array_index (samples, guint32, ++i);
      g_string_append_printf (text, "%s%u", text->len > 0 ? "," : "", first);
      if (last > first)
        g_string_append_printf (text, "-%u", last);
    }
  return g_string_free (text, FALSE);
}
