/* session-fixture.h: a small data set and network, and a reader of snapshots, for tests of sessions
 * and probes. */
#pragma once

#include <math.h>
#include <string.h>

#include "base/nn-rng.h"
#include "nn-test-data.h"
#include "optimizers/nn-optimizer.h"
#include "train/nn-session.h"

#define FIXTURE_PIXELS 16
#define FIXTURE_CLASSES 3

/* Ids of the fixture's nodes. */
enum
{
  FIXTURE_INPUT = 1,
  FIXTURE_FLATTEN,
  FIXTURE_HIDDEN,
  FIXTURE_CODE,
  FIXTURE_OUTPUT,
  FIXTURE_LOSS,
};

/* Pictures of 4 x 4 bytes: one of three stripes, and noise. */
static inline NnDataset *
fixture_dataset (gsize n_train, gsize n_test)
{
  const gsize n[NN_N_PARTS] = { n_train, n_test };
  NnFieldStorage fields[] = {
    { .field = { .name = "image", .kind = NN_FIELD_IMAGE, .shape = nn_shape (4, 4, 1) } },
    { .field = { .name = "label",
                 .kind = NN_FIELD_LABEL,
                 .shape = nn_shape (FIXTURE_CLASSES),
                 .n_classes = FIXTURE_CLASSES },
      .label_size = 1 },
  };
  g_autoptr (GError) error = NULL;

  for (guint part = 0; part < NN_N_PARTS; part++)
    {
      guint8 *pixels = g_malloc (n[part] * FIXTURE_PIXELS + 1);
      guint8 *labels = g_malloc (n[part] + 1);
      NnRng rng;

      nn_rng_init (&rng, 7, NN_STREAM_DATA, part, 0);
      for (gsize i = 0; i < n[part]; i++)
        {
          labels[i] = (guint8)nn_rng_below (&rng, FIXTURE_CLASSES);
          for (guint p = 0; p < FIXTURE_PIXELS; p++)
            pixels[i * FIXTURE_PIXELS + p] =
                (guint8)(nn_rng_below (&rng, 60) + (p / 4 == labels[i] ? 190 : 0));
        }
      fields[0].bytes[part] = g_bytes_new_take (pixels, n[part] * FIXTURE_PIXELS);
      fields[1].bytes[part] = g_bytes_new_take (labels, n[part]);
    }
  NnDataset *dataset =
      nn_dataset_new ("stripes", "Stripes", fields, G_N_ELEMENTS (fields), n, &error);
  g_assert_no_error (error);
  for (guint f = 0; f < G_N_ELEMENTS (fields); f++)
    for (guint part = 0; part < NN_N_PARTS; part++)
      g_bytes_unref (fields[f].bytes[part]);
  return dataset;
}

static inline NnDesign *
fixture_design (guint code_units)
{
  g_autofree char *text = g_strdup_printf (
      "{ \"format\": \"diabolo-design\", \"version\": \"1.0\", \"title\": \"Test\", \"nodes\": ["
      "{\"id\": 1, \"type\": \"input\", \"name\": \"Input\", \"x\": 0, \"y\": 0,"
      " \"params\": {\"field\": \"image\"}},"
      "{\"id\": 2, \"type\": \"flatten\", \"name\": \"Flatten\", \"x\": 1, \"y\": 0, \"params\": "
      "{}},"
      "{\"id\": 3, \"type\": \"dense\", \"name\": \"Hidden\", \"x\": 2, \"y\": 0,"
      " \"params\": {\"units\": 8, \"activation\": \"relu\"}},"
      "{\"id\": 4, \"type\": \"dense\", \"name\": \"Code\", \"x\": 3, \"y\": 0,"
      " \"params\": {\"units\": %u, \"activation\": \"tanh\"}},"
      "{\"id\": 5, \"type\": \"dense\", \"name\": \"Output\", \"x\": 4, \"y\": 0,"
      " \"params\": {\"units\": %u, \"activation\": \"linear\"}},"
      "{\"id\": 6, \"type\": \"reconstruction-loss\", \"name\": \"Loss\", \"x\": 5, \"y\": 0,"
      " \"params\": {\"loss\": \"mean-squared-error\"}}],"
      "\"edges\": ["
      "{\"from\": [1, 0], \"to\": [2, 0]}, {\"from\": [2, 0], \"to\": [3, 0]},"
      "{\"from\": [3, 0], \"to\": [4, 0]}, {\"from\": [4, 0], \"to\": [5, 0]},"
      "{\"from\": [5, 0], \"to\": [6, 0]}, {\"from\": [1, 0], \"to\": [6, 1]}],"
      "\"data\": {\"name\": \"stripes\"}, \"training\": {\"epochs\": 4, \"batch-size\": 32},"
      "\"optimizer\": {\"type\": \"adam\", \"learning-rate\": 0.003} }",
      code_units, FIXTURE_PIXELS);
  g_autoptr (GError) error = NULL;
  NnDesign *design = nn_design_from_json (text, -1, &error);

  g_assert_no_error (error);
  return design;
}

static inline NnDesign *
fixture_with_rate (NnDesign *design, const char *optimizer, double rate)
{
  const NnOptimizerType *type = nn_optimizer_type (optimizer);
  g_autoptr (NnParams) defaults = nn_params_new (type->params);
  g_autoptr (GError) error = NULL;
  g_autoptr (NnParams) params = nn_params_with_number (defaults, "learning-rate", rate, &error);

  g_assert_no_error (error);
  return nn_design_with_optimizer (design, type, params);
}

static inline void
fixture_set_model (NnSession *session, NnDesign *design, NnDataset *dataset,
                   NnCheckpoint *checkpoint, guint revision)
{
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, nn_dataset_info (dataset), 0);

  nn_session_set_model (session, analysis, dataset, checkpoint, revision);
}

/* ---- a reader that keeps everything ---- */

typedef struct
{
  NnSnapshot *last;
  GArray *rows;        /* NnRow */
  GArray *reset_nodes; /* guint, in the order they were told */
  GPtrArray *results;  /* NnProbeResult, all */
  NnCheckpoint *checkpoint;
  gboolean checkpoint_answered;
  GPtrArray *errors; /* GError */
} Reader;

static inline void
reader_init (Reader *reader)
{
  *reader = (Reader){
    .rows = g_array_new (FALSE, FALSE, sizeof (NnRow)),
    .reset_nodes = g_array_new (FALSE, FALSE, sizeof (guint)),
    .results = g_ptr_array_new_with_free_func ((GDestroyNotify)nn_probe_result_unref),
    .errors = g_ptr_array_new_with_free_func ((GDestroyNotify)g_error_free),
  };
}

static inline void
reader_clear (Reader *reader)
{
  g_clear_pointer (&reader->last, nn_snapshot_unref);
  g_array_unref (reader->rows);
  g_array_unref (reader->reset_nodes);
  g_ptr_array_unref (reader->results);
  g_clear_pointer (&reader->checkpoint, nn_checkpoint_unref);
  g_ptr_array_unref (reader->errors);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reader, reader_clear)

/* FALSE where there is nothing new. */
static inline gboolean
reader_look (Reader *reader, NnSession *session)
{
  NnSnapshot *snapshot = nn_session_take (session);

  if (snapshot == NULL)
    return FALSE;
  g_clear_pointer (&reader->last, nn_snapshot_unref);
  reader->last = snapshot;
  g_array_append_vals (reader->rows, snapshot->rows->data, snapshot->rows->len);
  if (snapshot->reset_nodes != NULL)
    g_array_append_vals (reader->reset_nodes, snapshot->reset_nodes->data,
                         snapshot->reset_nodes->len);
  for (guint i = 0; i < snapshot->results->len; i++)
    g_ptr_array_add (reader->results,
                     nn_probe_result_ref (g_ptr_array_index (snapshot->results, i)));
  if (snapshot->checkpoint_answered)
    {
      g_clear_pointer (&reader->checkpoint, nn_checkpoint_unref);
      reader->checkpoint =
          snapshot->checkpoint != NULL ? nn_checkpoint_ref (snapshot->checkpoint) : NULL;
      reader->checkpoint_answered = TRUE;
    }
  if (snapshot->error != NULL)
    g_ptr_array_add (reader->errors, g_error_copy (snapshot->error));
  return TRUE;
}

/* Looks until condition holds; far longer than that takes anywhere is a failure. */
#define reader_wait(reader, session, condition)                                                    \
  G_STMT_START                                                                                     \
  {                                                                                                \
    gint64 deadline_ = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;                              \
    while (!(condition))                                                                           \
      {                                                                                            \
        if (!reader_look (reader, session))                                                        \
          g_usleep (200);                                                                          \
        if (g_get_monotonic_time () > deadline_)                                                   \
          g_error ("waited in vain for %s", #condition);                                           \
      }                                                                                            \
  }                                                                                                \
  G_STMT_END

/* Of the given revision, and in that state. */
#define reader_wait_state(reader, session, wanted, rev)                                            \
  reader_wait (reader, session,                                                                    \
               (reader)->last != NULL && (reader)->last->revision == (rev)                         \
                   && (reader)->last->state == (wanted))

/* A checkpoint of what is there now. (transfer full) (nullable) */
static inline NnCheckpoint *
reader_checkpoint (Reader *reader, NnSession *session)
{
  reader->checkpoint_answered = FALSE;
  nn_session_request_checkpoint (session);
  reader_wait (reader, session, reader->checkpoint_answered);
  reader->checkpoint_answered = FALSE;
  return g_steal_pointer (&reader->checkpoint);
}

static inline guint
reader_count (const Reader *reader, NnRowKind kind)
{
  guint n = 0;

  for (guint i = 0; i < reader->rows->len; i++)
    n += g_array_index (reader->rows, NnRow, i).kind == kind;
  return n;
}

/* Weights and optimizer state, bit by bit, and position. */
static inline void
assert_same_training (const NnCheckpoint *a, const NnCheckpoint *b)
{
  g_assert_cmpuint (a->epoch, ==, b->epoch);
  g_assert_cmpuint (a->batch, ==, b->batch);
  g_assert_cmpuint (a->step, ==, b->step);
  g_assert_cmpuint (a->seed, ==, b->seed);
  nn_test_assert_same_weights (a, b);
}

/* All but the time. */
static inline void
assert_same_rows (const GArray *a, const GArray *b)
{
  g_assert_cmpuint (a->len, ==, b->len);
  for (guint i = 0; i < a->len; i++)
    {
      const NnRow *x = &g_array_index (a, NnRow, i), *y = &g_array_index (b, NnRow, i);

      g_assert_cmpint (x->kind, ==, y->kind);
      g_assert_cmpuint (x->run, ==, y->run);
      g_assert_cmpuint (x->step, ==, y->step);
      g_assert_cmpfloat (x->epoch, ==, y->epoch);
      g_assert_cmpfloat (x->loss, ==, y->loss);
    }
}

/* A session of two threads on fixture_dataset() and fixture_design (4), and who reads it. */
typedef struct
{
  NnDataset *dataset;
  NnDesign *design;
  NnSession *session;
  Reader reader;
} SessionRig;

/* Until it is ready to train. */
static inline void
session_rig_init (SessionRig *rig, gsize n_train, gsize n_test)
{
  rig->dataset = fixture_dataset (n_train, n_test);
  rig->design = fixture_design (4);
  rig->session = nn_session_new (2, NULL, NULL);
  reader_init (&rig->reader);
  fixture_set_model (rig->session, rig->design, rig->dataset, NULL, 1);
  reader_wait_state (&rig->reader, rig->session, NN_SESSION_PAUSED, 1);
}

/* For g_test_add(). */
static inline void
session_rig_tear_down (SessionRig *rig, gconstpointer data)
{
  nn_session_free (rig->session);
  reader_clear (&rig->reader);
  nn_design_unref (rig->design);
  nn_dataset_unref (rig->dataset);
}
