#include "data/nn-split.h"

#include <string.h>

#include "base/nn-rng.h"
#include "data/nn-data-source.h"

/* Generated sets have the streams of NN_STREAM_DATA below. */
#define STREAM_SPLIT (NN_N_PARTS + 48)

typedef struct
{
  gsize left;   /* samples still to come */
  gsize wanted; /* of them, for the test part */
} Class;

struct _NnSplit
{
  NnRng rng;
  guint n_classes;
  Class *classes; /* owned */
  gsize n_samples[NN_N_PARTS];
};

NnSplit *
nn_split_new (const gsize *counts, guint n_classes, const NnParams *options)
{
  const double share = nn_params_float (options, "test-share");
  NnSplit *split = g_new0 (NnSplit, 1);
  gsize n = 0, given = 0, met = 0;

  nn_rng_init (&split->rng, (guint64)nn_params_int (options, "seed"), NN_STREAM_DATA, STREAM_SPLIT,
               0);
  split->n_classes = n_classes;
  split->classes = g_new0 (Class, n_classes);
  for (guint c = 0; c < n_classes; c++)
    n += counts[c];
  g_return_val_if_fail (n >= 2, split);
  const gsize n_test = CLAMP ((gsize)(share * (double)n + 0.5), 1, n - 1);

  /* Rounding the running total keeps the sum exact and each class within one of its share. */
  for (guint c = 0; c < n_classes; c++)
    {
      met += counts[c];
      const gsize upto = (gsize)((double)n_test * (double)met / (double)n + 0.5);
      split->classes[c] = (Class){ counts[c], upto - given };
      given = upto;
    }
  split->n_samples[NN_PART_TEST] = n_test;
  split->n_samples[NN_PART_TRAIN] = n - n_test;
  return split;
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
  return taken ? NN_PART_TEST : NN_PART_TRAIN;
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

static void
divide (GBytes *held[NN_N_PARTS], gsize n, const guint8 *part_of, const gsize n_samples[NN_N_PARTS])
{
  if (!held[NN_PART_TRAIN] || n == 0)
    return;
  g_autoptr (GBytes) all = g_steal_pointer (&held[NN_PART_TRAIN]);
  const guint8 *from = g_bytes_get_data (all, NULL);
  const gsize stride = g_bytes_get_size (all) / n;
  guint8 *to[NN_N_PARTS];
  for (NnPart part = 0; part < NN_N_PARTS; part++)
    {
      to[part] = g_malloc (n_samples[part] * stride);
      held[part] = g_bytes_new_take (to[part], n_samples[part] * stride);
    }
  for (gsize i = 0; i < n; i++)
    {
      memcpy (to[part_of[i]], from + i * stride, stride);
      to[part_of[i]] += stride;
    }
}

void
nn_split_storage (NnFieldStorage *fields, guint n_fields, gsize n, const NnParams *options,
                  gsize n_samples[NN_N_PARTS])
{
  const NnFieldStorage *label = NULL;
  for (guint f = 0; f < n_fields && !label; f++)
    if (fields[f].field.kind == NN_FIELD_LABEL)
      label = &fields[f];

  const guint n_classes = label ? label->field.n_classes : 1;
  g_autofree gsize *counts = g_new0 (gsize, n_classes);
  for (gsize i = 0; i < n; i++)
    counts[label ? label_of (label, i) : 0]++;

  g_autoptr (NnSplit) split = nn_split_new (counts, n_classes, options);
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
nn_storage_clear (NnFieldStorage *fields, guint n_fields)
{
  for (guint f = 0; f < n_fields; f++)
    for (NnPart part = 0; part < NN_N_PARTS; part++)
      {
        g_clear_pointer (&fields[f].bytes[part], g_bytes_unref);
        g_clear_pointer (&fields[f].floats[part], g_bytes_unref);
      }
}
