#include "diabolo-config.h"

#include "data/nn-split.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/nn-memory.h"
#include "base/nn-rng.h"
#include "data/nn-data-source.h"

/* Generated sets have the streams of NN_STREAM_DATA below. */
#define STREAM_SPLIT 50
#define STREAM_HOLD_OUT 51

typedef struct
{
  gsize left;   /* samples still to come */
  gsize wanted; /* of them, for the other part */
} Class;

struct _NnSplit
{
  NnRng rng;
  NnPart part; /* that takes from the training part */
  guint n_classes;
  Class *classes; /* owned */
  gsize n_samples[NN_N_PARTS];
};

/* round (share n), leaving at least one sample on either side. */
static gsize
size_of_share (double share, gsize n)
{
  return CLAMP ((gsize)(share * (double)n + 0.5), 1, n - 1);
}

/* share: a parameter of options. */
static NnSplit *
split_new (const gsize *counts, guint n_classes, const NnParams *options, const char *share,
           NnPart part, guint stream)
{
  NnSplit *split = g_new0 (NnSplit, 1);
  gsize n = 0, given = 0, met = 0;

  nn_rng_init (&split->rng, (guint64)nn_params_int (options, "seed"), NN_STREAM_DATA, stream, 0);
  split->part = part;
  split->n_classes = n_classes;
  split->classes = g_new0 (Class, n_classes);
  for (guint c = 0; c < n_classes; c++)
    n += counts[c];
  g_return_val_if_fail (n >= 2, split);
  const gsize n_taken = size_of_share (nn_params_float (options, share), n);

  /* Rounding the running total keeps the sum exact and each class within one of its share. */
  for (guint c = 0; c < n_classes; c++)
    {
      met += counts[c];
      const gsize upto = (gsize)((double)n_taken * (double)met / (double)n + 0.5);
      split->classes[c] = (Class){ counts[c], upto - given };
      given = upto;
    }
  split->n_samples[part] = n_taken;
  split->n_samples[NN_PART_TRAIN] = n - n_taken;
  return split;
}

NnSplit *
nn_split_new (const gsize *counts, guint n_classes, const NnParams *options)
{
  return split_new (counts, n_classes, options, "test-share", NN_PART_TEST, STREAM_SPLIT);
}

void
nn_split_free (NnSplit *split)
{
  if (!split)
    return;
  g_free (split->classes);
  g_free (split);
}

void
nn_split_sizes (const NnSplit *split, gsize n_samples[NN_N_PARTS])
{
  memcpy (n_samples, split->n_samples, sizeof split->n_samples);
}

/* Selection sampling: the next of `left` samples is taken with probability wanted / left, which
 * gives every choice of the wanted ones the same chance.
 * D. Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S. */
NnPart
nn_split_next (NnSplit *split, guint class)
{
  g_return_val_if_fail (class < split->n_classes, NN_PART_TRAIN);
  Class *of = &split->classes[class];
  if (of->left == 0)
    return NN_PART_TRAIN; /* more than were counted: the caller sees that its part is full */
  const guint64 word = (guint64)nn_rng_u32 (&split->rng) << 32 | nn_rng_u32 (&split->rng);
  const gboolean taken = word % of->left < of->wanted;
  of->left--;
  of->wanted -= taken;
  return taken ? split->part : NN_PART_TRAIN;
}

/* ---- sets in memory ---- */

static guint
label_of (const NnFieldStorage *label, gsize sample)
{
  const guint8 *bytes = g_bytes_get_data (label->bytes[NN_PART_TRAIN], NULL);
  if (label->label_size == 1)
    return bytes[sample];
  guint32 value;
  memcpy (&value, bytes + sample * sizeof value, sizeof value);
  return value;
}

/* What lies in the training part is dealt out to the parts that get samples. */
static void
divide (GBytes *held[NN_N_PARTS], gsize n, const guint8 *part_of, const gsize n_samples[NN_N_PARTS])
{
  if (!held[NN_PART_TRAIN] || n == 0)
    return;
  g_autoptr (GBytes) all = g_steal_pointer (&held[NN_PART_TRAIN]);
  const guint8 *from = g_bytes_get_data (all, NULL);
  const gsize stride = g_bytes_get_size (all) / n;
  guint8 *to[NN_N_PARTS] = { NULL };
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    {
      if (n_samples[part] == 0)
        continue;
      const gsize size = n_samples[part] * stride;
      to[part] = nn_memory_in_large_pages (g_malloc (size), size);
      g_clear_pointer (&held[part], g_bytes_unref); /* a part of no samples may have empty ones */
      held[part] = g_bytes_new_take (to[part], size);
    }
  for (gsize i = 0; i < n; i++)
    {
      /* A part that gets a sample counts it.
       * NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker) */
      memcpy (to[part_of[i]], from + i * stride, stride);
      to[part_of[i]] += stride;
    }
}

/* Deals out n training samples; n_samples (out) gets the sizes of the parts that share them. */
static void
deal (NnFieldStorage *fields, guint n_fields, gsize n, const NnParams *options, const char *share,
      NnPart part, guint stream, gsize n_samples[NN_N_PARTS])
{
  const NnFieldStorage *label = NULL;
  for (guint f = 0; f < n_fields && !label; f++)
    if (fields[f].field.kind == NN_FIELD_LABEL)
      label = &fields[f];

  const guint n_classes = label ? label->field.n_classes : 1;
  g_autofree gsize *counts = g_new0 (gsize, n_classes);
  for (gsize i = 0; i < n; i++)
    counts[label ? label_of (label, i) : 0]++;

  g_autoptr (NnSplit) split = split_new (counts, n_classes, options, share, part, stream);
  g_autofree guint8 *part_of = g_malloc (n);
  for (gsize i = 0; i < n; i++)
    part_of[i] = (guint8)nn_split_next (split, label ? label_of (label, i) : 0);
  nn_split_sizes (split, n_samples);
  for (guint f = 0; f < n_fields; f++)
    {
      divide (fields[f].bytes, n, part_of, n_samples);
      divide (fields[f].floats, n, part_of, n_samples);
    }
}

void
nn_split_storage (NnFieldStorage *fields, guint n_fields, gsize n, const NnParams *options,
                  gsize n_samples[NN_N_PARTS])
{
  deal (fields, n_fields, n, options, "test-share", NN_PART_TEST, STREAM_SPLIT, n_samples);
}

/* ---- validation ---- */

static const NnChoice validations[] = {
  { "test", N_ ("Test part"),
    N_ ("Whatever is chosen by it, such as the best epoch, has seen the test samples.") },
  { "training", N_ ("Training part"),
    N_ ("A share of the training samples is kept back, so the test part stays unseen.") },
  { NULL },
};

static const NnParamSpec validation_specs[] = {
  { .name = "validation",
    .title = N_ ("Validation from"),
    .tip = N_ ("Which samples the validation loss is of, by which training stops early, keeps the "
               "best epoch and lowers its learning rate."),
    .type = NN_PARAM_CHOICE,
    .flags = NN_PARAM_STRUCTURAL | NN_PARAM_SPARSE,
    .def_text = "test",
    .choices = validations },
  { .name = "validation-share",
    .title = N_ ("Validation share"),
    .tip =
        N_ ("The share of the training samples, within the limit, that is kept back; every class "
            "gives its share. Scaling and balancing go by what remains."),
    .type = NN_PARAM_FLOAT,
    .flags = NN_PARAM_STRUCTURAL | NN_PARAM_SPARSE,
    .def = 0.1,
    .min = 0.001,
    .max = 0.9,
    .soft_min = 0.05,
    .soft_max = 0.5,
    .shown_if = "validation=training" },
  { NULL },
};

const NnParamSpec *
nn_validation_specs (void)
{
  return validation_specs;
}

/* What is held out comes out of the samples that the limit leaves. */
static gsize
n_to_share (const NnParams *options, const gsize n_samples[NN_N_PARTS])
{
  const gsize limit = (gsize)nn_params_int (options, "limit"), n = n_samples[NN_PART_TRAIN];
  return limit > 0 ? MIN (limit, n) : n;
}

static gboolean
holds_out (const NnParams *options, const gsize n_samples[NN_N_PARTS])
{
  return strcmp (nn_params_text (options, "validation"), "training") == 0
         && n_samples[NN_PART_VALIDATION] == 0 && n_to_share (options, n_samples) >= 2;
}

/* The first n of n_all samples. */
static void
keep_first (GBytes **held, gsize n_all, gsize n)
{
  if (!*held || n == n_all)
    return;
  g_autoptr (GBytes) all = *held;
  *held = g_bytes_new_from_bytes (all, 0, g_bytes_get_size (all) / n_all * n);
}

void
nn_split_hold_out (NnFieldStorage *fields, guint n_fields, const NnParams *options,
                   gsize n_samples[NN_N_PARTS])
{
  const gsize n_test = n_samples[NN_PART_TEST], n = n_to_share (options, n_samples);

  if (!holds_out (options, n_samples))
    return;
  for (guint f = 0; f < n_fields; f++)
    {
      keep_first (&fields[f].bytes[NN_PART_TRAIN], n_samples[NN_PART_TRAIN], n);
      keep_first (&fields[f].floats[NN_PART_TRAIN], n_samples[NN_PART_TRAIN], n);
    }
  deal (fields, n_fields, n, options, "validation-share", NN_PART_VALIDATION, STREAM_HOLD_OUT,
        n_samples);
  n_samples[NN_PART_TEST] = n_test;
}

void
nn_split_hold_out_sizes (const NnParams *options, gsize n_samples[NN_N_PARTS])
{
  if (!holds_out (options, n_samples))
    return;
  const gsize n = n_to_share (options, n_samples);
  n_samples[NN_PART_VALIDATION] = size_of_share (nn_params_float (options, "validation-share"), n);
  n_samples[NN_PART_TRAIN] = n - n_samples[NN_PART_VALIDATION];
}

NnDataset *
nn_dataset_hold_out (NnDataset *dataset, const NnParams *options, GError **error)
{
  const NnDataInfo *info = nn_dataset_info (dataset);
  gsize n_samples[NN_N_PARTS];

  memcpy (n_samples, info->n_samples, sizeof n_samples);
  if (!holds_out (options, n_samples))
    return nn_dataset_ref (dataset);
  g_autofree NnFieldStorage *fields = nn_dataset_copy_storage (dataset);
  nn_split_hold_out (fields, info->n_fields, options, n_samples);
  NnDataset *divided =
      nn_dataset_new (info->name, info->title, fields, info->n_fields, n_samples, error);
  nn_storage_clear (fields, info->n_fields);
  return divided;
}

void
nn_storage_clear (NnFieldStorage *fields, guint n_fields)
{
  for (guint f = 0; f < n_fields; f++)
    for (NnPart part = 0; part < NN_N_PARTS; part++)
      {
        g_clear_pointer (&fields[f].bytes[part], g_bytes_unref);
        g_clear_pointer (&fields[f].floats[part], g_bytes_unref);
      }
}
