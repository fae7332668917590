/* reference-fixture.h: what the tests against tests/reference/ share: numbers that the script which
 * made the files works out in the same way, the files, and how values are compared.
 *
 * A value is right when it differs from PyTorch's by no more than 1e-4 of the largest of its
 * tensor: so are outputs, gradients, losses, and every weight after 20 steps of each optimizer at
 * its default settings. PyTorch worked in double precision; single precision leaves about 1e-7 of a
 * sum's largest term, so that an element of all but 0 next to large ones has few digits of its own,
 * which is why the largest of the tensor is the measure. Training makes that grow, but for most
 * starts not by a thousand times; where it does, a run starts from other weights
 * (reference_started()), and a few runs take shorter steps (reference_rate(), which says so). Of
 * outputs and gradients of whole networks REFERENCE_MOST values a tensor are compared, of weights
 * after training REFERENCE_MOST_AFTER, at equal distances.
 */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "base/nn-shape.h"
#include "formats/nn-safetensors.h"

#define REFERENCE_TOLERANCE 1e-4
#define REFERENCE_NOTHING 1e-8 /* what counts as 0 where a whole tensor is */

/* Of a large tensor, so many values at equal distances are in the files. */
#define REFERENCE_MOST 64
/* Of weights after training. */
#define REFERENCE_MOST_AFTER 16

/* Value i of the sequence that belongs to a name, in 0 .. 1: FNV-1a of the name, then the last
 * steps of MurmurHash3 over it and i. make-reference.py has the same. */
static inline float
reference_uniform (const char *name, guint32 i)
{
  guint32 h = 2166136261u;
  for (const char *at = name; *at; at++)
    h = (h ^ (guint8)*at) * 16777619u;
  h += i * 2654435769u;
  h = (h ^ (h >> 16)) * 2246822507u;
  h = (h ^ (h >> 13)) * 3266489909u;
  h ^= h >> 16;
  return (float)(h >> 8) / 16777216.0f;
}

/* offset + scale (2 u - 1) */
static inline void
reference_fill (const char *name, float scale, float offset, float *x, gsize n)
{
  for (gsize i = 0; i < n; i++)
    x[i] = offset + scale * (2 * reference_uniform (name, (guint32)i) - 1);
}

/* Some runs start from other weights than the first that the formula gives (make-reference.py says
 * why): the name that those of run are drawn from. (transfer full) */
static inline char *
reference_started (GPtrArray *tensors, const char *name, const char *run)
{
  g_autofree char *key = g_strdup_printf ("%s/start", run);
  const NnTensor *start = nn_named_tensors_find (tensors, key);
  return start ? g_strdup_printf ("%s~%d", name, (int)start->data[0]) : g_strdup (name);
}

/* What the learning rate of run is multiplied by. */
static inline double
reference_rate (GPtrArray *tensors, const char *run)
{
  g_autofree char *key = g_strdup_printf ("%s/rate", run);
  const NnTensor *rate = nn_named_tensors_find (tensors, key);
  if (rate)
    g_test_message ("%s: at %g of its learning rate", run, (double)rate->data[0]);
  return rate ? (double)rate->data[0] : 1;
}

static inline GPtrArray *
reference_load (const char *file)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "reference", file, NULL);
  g_autoptr (GFile) source = g_file_new_for_path (path);
  g_autoptr (GBytes) bytes = g_file_load_bytes (source, NULL, NULL, &error);
  g_assert_no_error (error);
  GPtrArray *tensors = nn_safetensors_read (bytes, path, NULL, &error);
  g_assert_no_error (error);
  return tensors;
}

/* Value i of x (n) against want (of n_want values at equal distances, or all of them). */
static inline void
reference_compare_values (const char *name, const float *want, gsize n_want, const float *x,
                          gsize n)
{
  double scale = 0;

  for (gsize i = 0; i < n_want; i++)
    scale = MAX (scale, fabs ((double)want[i]));
  for (gsize i = 0; i < n_want; i++)
    {
      const gsize at = i * n / n_want;
      const double apart = fabs ((double)x[at] - (double)want[i]);
      if (!(apart <= REFERENCE_TOLERANCE * scale + REFERENCE_NOTHING))
        g_error ("%s[%zu]: %g, PyTorch %g, largest %g", name, at, (double)x[at], (double)want[i],
                 scale);
    }
}

static inline const NnTensor *
reference_find (GPtrArray *tensors, const char *name)
{
  const NnTensor *found = nn_named_tensors_find (tensors, name);
  if (!found)
    g_error ("%s is in no file of tests/reference: run make-reference.py", name);
  return found;
}

/* x (n) against a tensor of the file: as it is, or that of its values which are there. */
static inline void
reference_compare (GPtrArray *tensors, const char *name, const float *x, gsize n)
{
  const NnTensor *want = reference_find (tensors, name);

  if (want->size != n && want->size != MIN (n, REFERENCE_MOST))
    g_error ("%s has %zu values, in the file %zu", name, n, want->size);
  reference_compare_values (name, want->data, want->size, x, n);
}

/* x (n), the next of several tensors that are in the file behind one another; at counts on. */
static inline void
reference_compare_next (GPtrArray *tensors, const char *name, gsize *at, const float *x, gsize n)
{
  const NnTensor *want = reference_find (tensors, name);
  const gsize taken = MIN (n, REFERENCE_MOST_AFTER);

  if (*at + taken > want->size)
    g_error ("%s has more than %zu values", name, want->size);
  reference_compare_values (name, want->data + *at, taken, x, n);
  *at += taken;
}

/* ---- for make-reference.py: what is to be worked out ---- */

static inline void
reference_add_text (JsonBuilder *json, const char *name, const char *text)
{
  json_builder_set_member_name (json, name);
  json_builder_add_string_value (json, text);
}

static inline void
reference_add_number (JsonBuilder *json, const char *name, double number)
{
  json_builder_set_member_name (json, name);
  json_builder_add_double_value (json, number);
}

static inline void
reference_add_shape (JsonBuilder *json, const char *name, const NnShape *shape)
{
  json_builder_set_member_name (json, name);
  json_builder_begin_array (json);
  for (gint i = 0; i < shape->rank; i++)
    json_builder_add_int_value (json, shape->dim[i]);
  json_builder_end_array (json);
}

static inline void
reference_add_params (JsonBuilder *json, const char *name, const NnParams *params)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, nn_params_to_json (params));
  json_builder_set_member_name (json, name);
  json_builder_add_value (json, node);
}

static inline void
reference_print (JsonBuilder *json)
{
  g_autoptr (JsonNode) root = json_builder_get_root (json);
  g_autofree char *text = json_to_string (root, TRUE);
  g_print ("%s\n", text);
}

/* Layers that draw random numbers are compared without: these parameters leave nothing to chance.
 */
static const struct
{
  const char *type, *params;
} reference_certain[] = {
  { "gaussian-noise", "stddev=0 training-only=false" },
  { "dropout", "rate=0" },
  { "spatial-dropout", "rate=0" },
  { "salt-and-pepper", "amount=0 training-only=false" },
  { "augment", "shift=0 mirror=false turn=false rotation=0 zoom=0 brightness=0 cut-out=0" },
  { "mask-out", "centred=true share=0 training-only=false" },
};

/* Of sampling, the log-variance is lowered by this: what is left of the noise cannot be seen. */
#define REFERENCE_NO_VARIANCE -40.0f

static inline const char *
reference_certain_params (const char *type)
{
  for (guint i = 0; i < G_N_ELEMENTS (reference_certain); i++)
    if (g_str_equal (reference_certain[i].type, type))
      return reference_certain[i].params;
  return "";
}
