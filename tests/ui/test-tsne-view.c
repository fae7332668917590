/* t-SNE's controls in a window: each step is seen, pause holds, new codes are taken when they may
 * be. */
#include "viewer-fixture.h"

#include "plots/wb-scatter.h"
#include "viewers/wb-tsne.h"
#include "viewers/wb-viewer.h"

#include <math.h>

#define N 90
#define SIZE 6

static GtkWindow *window;
static WbTsne *tsne;
static guint n_moved, n_steps_seen;

/* n codes around three places; pass and seed differ from call to call as given. */
static NnCodesResult *
make_codes (guint n, guint64 pass, GArray *samples)
{
  NnCodesResult *result = g_new0 (NnCodesResult, 1);
  const NnShape all = nn_shape (n, SIZE);
  NnRng rng;

  g_atomic_ref_count_init (&result->base.refs);
  result->base.type = &nn_codes_probe_type;
  result->pass = pass;
  result->shape = nn_shape (SIZE);
  result->samples = samples ? g_array_ref (samples) : g_array_new (FALSE, FALSE, sizeof (guint32));
  result->labels = g_array_new (FALSE, FALSE, sizeof (gint));
  result->codes = nn_tensor_new (&all);
  nn_rng_init (&rng, pass, NN_STREAM_DATA, 0, 0);
  for (guint i = 0; i < n; i++)
    {
      const gint label = (gint)(i % 3);

      if (samples == NULL)
        g_array_append_val (result->samples, i);
      g_array_append_val (result->labels, label);
      for (guint d = 0; d < SIZE; d++)
        result->codes->data[i * SIZE + d] =
            nn_rng_normal (&rng) + (d == (guint)label ? 10.0f : 0.0f);
    }
  return result;
}

static void
give (NnCodesResult *codes)
{
  wb_tsne_set_codes (tsne, codes);
  if (codes != NULL)
    nn_probe_result_unref (&codes->base);
}

static void
moved (void)
{
  n_moved++;
  n_steps_seen = MAX (n_steps_seen, wb_tsne_get_n_steps (tsne));
}

static void
open_window (const char *state)
{
  g_autoptr (JsonNode) node = json_from_string (state, NULL);

  n_moved = n_steps_seen = 0;
  window = GTK_WINDOW (gtk_window_new ());
  tsne = WB_TSNE (wb_tsne_new ());
  wb_tsne_load_state (tsne, json_node_get_object (node));
  g_signal_connect (tsne, "moved", G_CALLBACK (moved), NULL);
  gtk_window_set_child (window, GTK_WIDGET (tsne));
  gtk_window_present (window);
}

static gboolean
has_steps (gpointer n)
{
  return wb_tsne_get_n_steps (tsne) >= GPOINTER_TO_UINT (n);
}

static gboolean
is_paused (gpointer unused)
{
  return wb_tsne_get_paused (tsne);
}

static gboolean
has_error (gpointer unused)
{
  return wb_tsne_get_error (tsne) != NULL;
}

static void
idle (guint milliseconds)
{
  const gint64 end = g_get_monotonic_time () + 1000 * (gint64)milliseconds;
  const guint source = g_timeout_add (5, fixture_tick, NULL);

  while (g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source);
}

static void
test_steps_and_pause (void)
{
  g_autoptr (WbProjection) projection = NULL, later = NULL;
  guint held;

  open_window ("{}");
  g_assert_null (wb_tsne_get_projection (tsne));
  give (make_codes (N, 1, NULL));
  fixture_wait (has_steps, GUINT_TO_POINTER (20));
  /* No step was left out. */
  g_assert_cmpuint (n_moved, ==, n_steps_seen + 1);
  wb_tsne_set_paused (tsne, TRUE);
  held = wb_tsne_get_n_steps (tsne);
  projection = wb_tsne_get_projection (tsne);
  g_assert_true (projection->type == &wb_projection_tsne);
  g_assert_cmpuint (projection->result->samples->len, ==, N);
  idle (100);
  g_assert_cmpuint (wb_tsne_get_n_steps (tsne), ==, held);
  wb_tsne_set_paused (tsne, FALSE);
  fixture_wait (has_steps, GUINT_TO_POINTER (held + 5));
  later = wb_tsne_get_projection (tsne);
  g_assert_true (memcmp (later->xy, projection->xy, 2 * N * sizeof (float)) != 0);
  /* Nobody looks: nothing is computed. */
  gtk_widget_set_visible (GTK_WIDGET (tsne), FALSE);
  held = wb_tsne_get_n_steps (tsne);
  idle (100);
  g_assert_cmpuint (wb_tsne_get_n_steps (tsne), ==, held);
  gtk_window_destroy (window);
}

/* Not drawn step by step, it ends soon; groups are apart then. Going on takes more steps. */
static void
test_end (void)
{
  g_autoptr (WbProjection) projection = NULL;

  open_window ("{ \"every-step\": false, \"perplexity\": 10 }");
  give (make_codes (N, 1, NULL));
  fixture_wait (is_paused, NULL);
  g_assert_cmpuint (wb_tsne_get_n_steps (tsne), ==, 1000);
  projection = wb_tsne_get_projection (tsne);
  for (guint i = 0; i < N; i++)
    {
      guint nearest = (i + 1) % N;

      for (guint j = 0; j < N; j++)
        if (j != i
            && hypotf (projection->xy[2 * j] - projection->xy[2 * i],
                       projection->xy[2 * j + 1] - projection->xy[2 * i + 1])
                   < hypotf (projection->xy[2 * nearest] - projection->xy[2 * i],
                             projection->xy[2 * nearest + 1] - projection->xy[2 * i + 1]))
          nearest = j;
      g_assert_cmpuint (nearest % 3, ==, i % 3);
    }
  wb_tsne_set_paused (tsne, FALSE);
  fixture_wait (has_steps, GUINT_TO_POINTER (1500));
  gtk_window_destroy (window);
}

/* New codes of the same samples change nothing until a restart; of other samples, at once. A first
 * pass that still grows is waited for. */
static void
test_new_codes (void)
{
  NnCodesResult *growing = make_codes (30, 1, NULL), *first = make_codes (N, 2, NULL);
  g_autoptr (GArray) samples = g_array_ref (first->samples);
  g_autoptr (WbProjection) projection = NULL, restarted = NULL;

  open_window ("{}");
  growing->base.unfinished = TRUE;
  give (growing);
  idle (60);
  g_assert_cmpuint (n_moved, ==, 0);
  give (first);
  fixture_wait (has_steps, GUINT_TO_POINTER (5));
  give (make_codes (N, 3, samples));
  fixture_wait (has_steps, GUINT_TO_POINTER (60));
  projection = wb_tsne_get_projection (tsne);
  g_assert_cmpuint (projection->result->pass, ==, 2);
  wb_tsne_restart (tsne);
  g_assert_cmpuint (wb_tsne_get_n_steps (tsne), ==, 0);
  fixture_wait (has_steps, GUINT_TO_POINTER (1));
  restarted = wb_tsne_get_projection (tsne);
  g_assert_cmpuint (restarted->result->pass, ==, 3);
  give (make_codes (N / 2, 4, NULL));
  g_assert_cmpuint (wb_tsne_get_n_steps (tsne), ==, 0);
  gtk_window_destroy (window);
}

/* The map goes on where it was. */
static void
test_follow (void)
{
  NnCodesResult *first = make_codes (N, 1, NULL);
  g_autoptr (GArray) samples = g_array_ref (first->samples);
  g_autoptr (WbProjection) projection = NULL;

  open_window ("{ \"follow\": true }");
  give (first);
  fixture_wait (has_steps, GUINT_TO_POINTER (10));
  give (make_codes (N, 2, samples));
  fixture_wait (has_steps, GUINT_TO_POINTER (60));
  projection = wb_tsne_get_projection (tsne);
  g_assert_cmpuint (projection->result->pass, ==, 2);
  gtk_window_destroy (window);
}

/* What cannot be laid out says why, and comes back by itself. */
static void
test_error (void)
{
  NnCodesResult *bad = make_codes (N, 1, NULL);
  g_autoptr (GArray) samples = g_array_ref (bad->samples);

  open_window ("{}");
  bad->codes->data[7] = NAN;
  give (bad);
  fixture_wait (has_error, NULL);
  g_assert_null (wb_tsne_get_projection (tsne));
  g_assert_nonnull (strstr (wb_tsne_get_error (tsne), "not a finite number"));
  give (make_codes (N, 2, samples));
  fixture_wait (has_steps, GUINT_TO_POINTER (3));
  g_assert_null (wb_tsne_get_error (tsne));
  give (NULL);
  g_assert_null (wb_tsne_get_projection (tsne));
  gtk_window_destroy (window);
}

static void
test_state (void)
{
  g_autoptr (JsonObject) saved = json_object_new ();
  g_autoptr (JsonObject) plain = json_object_new ();

  open_window ("{ \"perplexity\": 12, \"follow\": true, \"exaggeration-steps\": 1e9 }");
  wb_tsne_save_state (tsne, saved);
  g_assert_cmpuint (json_object_get_size (saved), ==, 3);
  g_assert_cmpfloat (json_object_get_double_member (saved, "perplexity"), ==, 12);
  g_assert_cmpfloat (json_object_get_double_member (saved, "exaggeration-steps"), ==, 1000);
  g_assert_true (json_object_get_boolean_member (saved, "follow"));
  gtk_window_destroy (window);
  open_window ("{}");
  wb_tsne_save_state (tsne, plain);
  g_assert_cmpuint (json_object_get_size (plain), ==, 0);
  gtk_window_destroy (window);
}

/* ---- in the latent viewer ---- */

static gboolean
shows_map (gpointer scatter)
{
  const WbScatterData *data = wb_scatter_get_data (scatter);

  return data != NULL && g_strcmp0 (data->x_title, "t-SNE 1") == 0;
}

static gboolean
shows_components (gpointer scatter)
{
  const WbScatterData *data = wb_scatter_get_data (scatter);

  return data != NULL && g_str_has_prefix (data->x_title, "component 1");
}

/* Chosen among the ways of projecting, its steps are what the viewer draws; another way ends it. */
static void
test_viewer (void)
{
  g_autofree char *folder = fixture_make_data ();
  FixtureWindow shown = fixture_viewer (
      "latent", fixture_open (nn_test_autoencoder ("units=5", ""), folder), 600, 400);
  GtkWidget *scatter = fixture_find (shown.viewer, WB_TYPE_SCATTER);
  g_autoptr (JsonNode) map = json_from_string ("{ \"projection\": \"tsne\" }", NULL);
  g_autoptr (JsonNode) components = json_from_string ("{ \"projection\": \"pca\" }", NULL);
  g_autoptr (JsonObject) saved = NULL;

  tsne = fixture_find (shown.viewer, WB_TYPE_TSNE);
  wb_viewer_load_state (shown.viewer, json_node_get_object (map));
  fixture_wait (has_steps, GUINT_TO_POINTER (20));
  g_assert_true (shows_map (scatter));
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (tsne)));
  saved = wb_viewer_save_state (shown.viewer);
  g_assert_cmpstr (json_object_get_string_member (saved, "projection"), ==, "tsne");
  wb_viewer_load_state (shown.viewer, json_node_get_object (components));
  fixture_wait (shows_components, scatter);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (tsne)));
  g_assert_null (wb_tsne_get_projection (tsne));
  fixture_window_close (&shown);
  nn_test_remove_folder (folder);
}

int
main (int argc, char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tsne-view/steps-and-pause", test_steps_and_pause);
  g_test_add_func ("/tsne-view/end", test_end);
  g_test_add_func ("/tsne-view/new-codes", test_new_codes);
  g_test_add_func ("/tsne-view/follow", test_follow);
  g_test_add_func ("/tsne-view/error", test_error);
  g_test_add_func ("/tsne-view/state", test_state);
  g_test_add_func ("/tsne-view/viewer", test_viewer);
  return g_test_run ();
}
