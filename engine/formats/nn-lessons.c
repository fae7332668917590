#include "diabolo-config.h"

#include "formats/nn-lessons.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>

#include "base/nn-error.h"
#include "nn-lessons-resource.h"

#define LESSON_FOLDER "/io/github/diabolo/Diabolo/lessons/"

static const NnLesson lessons[] = {
  { "simple", N_ ("Simple autoencoder"),
    N_ ("One hidden layer of 32 units has to carry a whole digit: the smallest hourglass.") },
  { "curve", N_ ("Smallest autoencoder"),
    N_ ("Points in the plane through a single number: its code sweeps along the curve.") },
  { "two-dimensional", N_ ("Two-dimensional code"),
    N_ ("Every digit becomes a point in the plane: little room, but all of it can be seen.") },
  { "deep", N_ ("Deep autoencoder"),
    N_ ("Six dense layers, narrower step by step: the hourglass that gave Diabolo its name.") },
  { "deep-short", N_ ("Deep autoencoder, three epochs"),
    N_ ("Small batches take many steps in one epoch: a deep network that is useful after three."),
    .under = "deep" },
  { "vanilla", N_ ("Vanilla autoencoder"),
    N_ ("64 units and the squared error: sharp pictures after five epochs.") },
  { "multilayer", N_ ("Multilayer autoencoder"),
    N_ ("A second layer on either side lets encoder and decoder bend the data, not only mix it.") },
  { "sparse", N_ ("Sparse autoencoder"),
    N_ ("A penalty on activity: units of the code speak only when it pays.") },
  { "sparse-summed", N_ ("Sparse autoencoder, strong penalty"),
    N_ ("A penalty three times as strong: a far quieter code, and the pictures pay for it."),
    .under = "sparse" },
  { "sparse-mse", N_ ("Sparse autoencoder, squared error"),
    N_ ("The same penalty weighs more against the squared error, which is a smaller number."),
    .under = "sparse" },
  { "denoising-dense", N_ ("Denoising autoencoder"),
    N_ ("It sees noisy digits and must give clean ones, so it learns what a digit is.") },
  { "convolutional", N_ ("Convolutional autoencoder"),
    N_ ("Filters that slide over the picture: a better code than dense layers make, with 4,385 "
        "weights.") },
  { "convolutional:adadelta", N_ ("Convolutional autoencoder, Adadelta"),
    N_ ("The same network after three epochs of an optimizer that finds its step size itself.") },
  { "convolutional-resized", N_ ("Convolutional autoencoder, resized"),
    N_ ("A decoder that resizes to 7, 14 and 28 pixels and draws at every size.") },
  { "transposed", N_ ("Strides and transposed convolutions"),
    N_ ("No pooling: strides halve the picture, transposed convolutions learn to double it "
        "again.") },
  { "denoising-convolutional", N_ ("Convolutional denoising autoencoder"),
    N_ ("Noise as strong as the picture, and filters that find the strokes below it.") },
  { "denoising-convolutional:adadelta", N_ ("Convolutional denoising autoencoder, Adadelta"),
    N_ ("The same network after three epochs of an optimizer that finds its step size itself.") },
  { "in-painting", N_ ("In-painting"),
    N_ ("Digits with a hole go in, whole ones must come out: the network knows what was there.") },
  { "variational", N_ ("Variational autoencoder"),
    N_ ("Codes are drawn from a distribution of their own: every point of the plane is a digit.") },
  { "variational-small", N_ ("Small variational autoencoder"),
    N_ ("64 units and small batches: the same plane of digits with a quarter of the weights."),
    .under = "variational" },
  { "gaps", N_ ("Autoencoder against variational"),
    N_ ("The same network without and with the pull of the divergence: why the gaps fill.") },
  { "sequence-waves", N_ ("Waves"),
    N_ ("The last state of an LSTM is a code of a whole wave: its kind, phase and height.") },
  { "sequence-rows", N_ ("Rows as a sequence"),
    N_ ("An LSTM reads a digit row by row, keeps 32 numbers, and another writes it down again.") },
  { "stacked", N_ ("Stacked autoencoder"),
    N_ ("The first of three autoencoders that are trained one on top of the other.") },
  { "stacked:second", N_ ("Stacked autoencoder, second stage"),
    N_ ("The first stage is frozen, and the next learns on what it gives."), "stacked" },
  { "stacked:third", N_ ("Stacked autoencoder, third stage"),
    N_ ("Two frozen stages, and the narrowest on top."), "stacked:second" },
  { "stacked:classifier", N_ ("Stacked autoencoder, classifier"),
    N_ ("All three stages together below a classifier, fine-tuned with labels."), "stacked:third" },
  { "features", N_ ("Encoder as features"),
    N_ ("First a code that is learned without a single label.") },
  { "features:classifier", N_ ("Encoder as features, classifier"),
    N_ ("The code stays as it is; 500 labels are enough to name the digit from it."), "features" },
  { "features:scratch", N_ ("Encoder as features, from scratch"),
    N_ ("The same classifier without a trained code, from the same 500 labels: what is lost?") },
  { "compression", N_ ("Compression"),
    N_ ("A picture of 784 bytes becomes a code of 24: what is lost on the way?") },
  { "anomalies", N_ ("Anomalies"),
    N_ ("It has only seen honest payments, so what it cannot give back is suspicious.") },
  { "mlp", N_ ("Classifier"),
    N_ ("300 hidden units name the digit: 99 of 100 right, without any idea of a picture.") },
  { "cnn", N_ ("Convolutional classifier"),
    N_ ("Two convolutions before the dense layers: 99 of 100 digits right.") },
  { "cnn-two-paths", N_ ("Two paths"),
    N_ ("Small and large filters look at the same digit side by side; the dense layer sees "
        "both.") },
  { "cnn-several-features", N_ ("Features of several depths"),
    N_ ("Strokes and whole shapes decide together: what three depths found goes to the end.") },
  { "two-inputs", N_ ("Two inputs"),
    N_ ("The decoder is told which digit it is, so the code is left to say how it is written.") },
  { "two-outputs", N_ ("Two outputs"),
    N_ ("One code for two tasks: give the picture back and name the digit.") },
  { "augmentation", N_ ("Augmentation"),
    N_ ("Every epoch sees the images a little shifted: a classifier that cannot learn them by "
        "heart. "
        "For clothes, mirror them, too.") },
  { "augmentation:fashion", N_ ("Augmentation of clothes"),
    N_ ("Fashion-MNIST, shifted and mirrored, with a learning rate that fades: 92 of 100 right.") },
  { "fraud", N_ ("Fraud detection"),
    N_ ("One payment in 579 is fraud; noisy copies of the frauds show the classifier enough of "
        "them.") },
  { "fraud:plain", N_ ("Fraud detection, as the data comes"),
    N_ ("The same classifier without copies: it hardly ever sees what it is to find.") },
  { "residual", N_ ("Residual block"),
    N_ ("A way around two convolutions: they learn only what has to change.") },
  { "inception", N_ ("Inception block"),
    N_ ("Filters of three sizes at once: training finds out which of them is of use.") },
  { "separable", N_ ("Separable convolutions"),
    N_ ("Space first, then channels: almost a convolution, for a fraction of the work.") },
  { "activations", N_ ("Activations side by side"),
    N_ ("The same network with four activations: which of them learns fastest?") },
  { "transfer", N_ ("Transfer"),
    N_ ("A network learns to name digits; its filters are worth keeping for the next task.") },
  { "transfer:classifier", N_ ("Transfer, new classifier"),
    N_ ("The trained filters stay frozen; only a new classifier learns, from 500 digits."),
    "transfer" },
};

const NnLesson *
nn_lessons (guint *n)
{
  if (n)
    *n = G_N_ELEMENTS (lessons);
  return lessons;
}

static GError *
unknown_lesson (const char *id)
{
  g_autoptr (GString) known = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (lessons); i++)
    g_string_append_printf (known, "%s%s", i ? ", " : "", lessons[i].id);
  return g_error_new (NN_ERROR, NN_ERROR_UNKNOWN,
                      _ ("There is no lesson “%s”. The lessons are: %s."), id, known->str);
}

/* resources/lessons/NAME.json. (transfer full) */
static JsonParser *
parse_resource (const char *name, GError **error)
{
  g_autofree char *path = g_strconcat (LESSON_FOLDER, name, ".json", NULL);
  g_autoptr (GBytes) json = g_resource_lookup_data (nn_lessons_get_resource (), path, 0, error);
  if (!json)
    return NULL;
  gsize length;
  const char *text = g_bytes_get_data (json, &length);
  g_autoptr (JsonParser) parser = json_parser_new ();
  if (!json_parser_load_from_data (parser, text, (gssize)length, error))
    return NULL;
  return g_steal_pointer (&parser);
}

/* Position of the node with this id, or -1. */
static gint
find_node (JsonArray *nodes, gint64 id)
{
  for (guint i = 0; i < json_array_get_length (nodes); i++)
    if (json_object_get_int_member (json_array_get_object_element (nodes, i), "id") == id)
      return (gint)i;
  return -1;
}

static void
set_members (JsonObject *object, JsonObject *from)
{
  g_autoptr (GList) keys = json_object_get_members (from);
  for (GList *l = keys; l; l = l->next)
    json_object_set_member (object, l->data, json_object_dup_member (from, l->data));
}

static gboolean
touches (JsonObject *edge, gint64 id)
{
  return json_array_get_int_element (json_object_get_array_member (edge, "from"), 0) == id
         || json_array_get_int_element (json_object_get_array_member (edge, "to"), 0) == id;
}

static void
remove_node (JsonObject *lesson, gint64 id)
{
  JsonArray *nodes = json_object_get_array_member (lesson, "nodes");
  JsonArray *edges = json_object_get_array_member (lesson, "edges");
  const gint position = find_node (nodes, id);
  if (position >= 0)
    json_array_remove_element (nodes, (guint)position);
  for (guint i = json_array_get_length (edges); i-- > 0;)
    if (touches (json_array_get_object_element (edges, i), id))
      json_array_remove_element (edges, i);
}

/* A new node, or what differs of one that the lesson has. */
static void
patch_node (JsonObject *lesson, JsonNode *change)
{
  JsonArray *nodes = json_object_get_array_member (lesson, "nodes");
  JsonObject *from = json_node_get_object (change);
  const gint position = find_node (nodes, json_object_get_int_member (from, "id"));
  if (position < 0)
    {
      json_array_add_element (nodes, json_node_copy (change));
      return;
    }
  JsonObject *node = json_array_get_object_element (nodes, (guint)position);
  JsonNode *params = json_object_dup_member (node, "params");
  set_members (node, from);
  if (params && json_object_has_member (from, "params"))
    {
      set_members (json_node_get_object (params), json_object_get_object_member (from, "params"));
      json_object_set_member (node, "params", g_steal_pointer (&params));
    }
  g_clear_pointer (&params, json_node_unref);
}

static JsonArray *
take_array (JsonObject *preset, const char *key)
{
  JsonArray *array = json_object_has_member (preset, key)
                         ? json_array_ref (json_object_get_array_member (preset, key))
                         : json_array_new ();
  json_object_remove_member (preset, key);
  return array;
}

static gboolean
apply_preset (JsonObject *lesson, const char *lesson_id, const char *preset_id, GError **error)
{
  g_autofree char *name = g_strconcat (lesson_id, ".", preset_id, NULL);
  g_autoptr (JsonParser) parser = parse_resource (name, error);
  if (!parser)
    return FALSE;
  JsonObject *preset = json_node_get_object (json_parser_get_root (parser));
  g_autoptr (JsonArray) without = take_array (preset, "without");
  g_autoptr (JsonArray) nodes = take_array (preset, "nodes");
  g_autoptr (JsonArray) edges = take_array (preset, "edges");
  for (guint i = 0; i < json_array_get_length (without); i++)
    remove_node (lesson, json_array_get_int_element (without, i));
  for (guint i = 0; i < json_array_get_length (nodes); i++)
    patch_node (lesson, json_array_get_element (nodes, i));
  for (guint i = 0; i < json_array_get_length (edges); i++)
    json_array_add_element (json_object_get_array_member (lesson, "edges"),
                            json_array_dup_element (edges, i));
  set_members (lesson, preset);
  return TRUE;
}

const NnLesson *
nn_lesson (const char *id)
{
  for (guint i = 0; i < G_N_ELEMENTS (lessons); i++)
    if (strcmp (lessons[i].id, id) == 0)
      return &lessons[i];
  return NULL;
}

const char *
nn_lesson_family (const NnLesson *lesson)
{
  const char *colon = strchr (lesson->id, ':');

  if (lesson->under || !colon)
    return lesson->under ? lesson->under : lesson->id;
  /* The lesson itself stands before its presets. */
  while (strchr (lesson->id, ':'))
    lesson--;
  return nn_lesson_family (lesson);
}

static const NnLesson *
stage_after (const NnLesson *lesson)
{
  for (guint i = 0; i < G_N_ELEMENTS (lessons); i++)
    if (lessons[i].after && strcmp (lessons[i].after, lesson->id) == 0)
      return &lessons[i];
  return NULL;
}

guint
nn_lesson_stages (const NnLesson *lesson, const NnLesson *stages[NN_LESSON_MAX_STAGES],
                  guint *position)
{
  const NnLesson *stage = lesson;
  guint n = 0;

  while (stage->after)
    stage = nn_lesson (stage->after);
  for (; stage && n < NN_LESSON_MAX_STAGES; stage = stage_after (stage))
    {
      if (position && stage == lesson)
        *position = n;
      stages[n++] = stage;
    }
  return n;
}

NnDesign *
nn_lesson_design (const char *id, GError **error)
{
  g_return_val_if_fail (id != NULL, NULL);

  if (!nn_lesson (id))
    {
      g_propagate_error (error, unknown_lesson (id));
      return NULL;
    }
  g_auto (GStrv) parts = g_strsplit (id, ":", 2); /* lesson, preset */
  g_autoptr (JsonParser) parser = parse_resource (parts[0], error);
  if (!parser)
    return NULL;
  JsonNode *root = json_parser_get_root (parser);
  if (parts[1] && !apply_preset (json_node_get_object (root), parts[0], parts[1], error))
    return NULL;
  g_autofree char *text = json_to_string (root, FALSE);
  return nn_design_from_json (text, -1, error);
}

/* ---- texts ---- */

/* resources/lessons/NAME.md, NULL where there is none. (transfer full) */
static char *
read_text (const char *name)
{
  g_autofree char *path = g_strconcat (LESSON_FOLDER, name, ".md", NULL);
  g_autoptr (GBytes) text = g_resource_lookup_data (nn_lessons_get_resource (), path, 0, NULL);
  if (!text)
    return NULL;
  gsize length;
  const char *data = g_bytes_get_data (text, &length);
  return g_strndup (data, length);
}

/* One step with the summary. (transfer full) */
static char *
summary_source (const NnLesson *lesson)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_string_printf (text, "# %s\n\n## %s\n\n%s\n", lesson->title, lesson->title, lesson->summary);
  if (lesson->after)
    g_string_append_printf (text,
                            "\nIt goes on with what “%s” has learned: open and train that first, "
                            "then choose this lesson again.\n",
                            nn_lesson (lesson->after)->title);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
nn_lesson_source (const char *id)
{
  g_return_val_if_fail (id != NULL, NULL);

  const NnLesson *lesson = nn_lesson (id);
  if (!lesson)
    return NULL;
  g_auto (GStrv) parts = g_strsplit (id, ":", 2);
  g_autofree char *name = g_strjoinv (".", parts);
  char *text = read_text (name);
  if (!text && !lesson->after) /* another stage has other nodes */
    text = read_text (parts[0]);
  return text ? text : summary_source (lesson);
}

const NnLesson *
nn_lesson_with_source (const char *text, const char *title)
{
  const NnLesson *found = NULL;
  guint n;

  const NnLesson *all = nn_lessons (&n);
  for (guint i = 0; text && i < n; i++)
    {
      g_autofree char *source = nn_lesson_source (all[i].id);
      if (g_str_equal (source, text) && (!found || g_str_equal (all[i].title, title)))
        found = &all[i];
    }
  return found;
}

const NnLesson *
nn_lesson_of_project (const NnProject *project)
{
  if (project->lesson)
    return project->text ? nn_lesson (project->lesson) : NULL;
  return nn_lesson_with_source (project->text, nn_design_title (project->design));
}

const NnLessonText *
nn_glossary (void)
{
  static NnLessonText *glossary;
  if (g_once_init_enter (&glossary))
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = read_text ("glossary");
      NnLessonText *read = text ? nn_lesson_text_parse (text, &error) : NULL;
      if (!read)
        g_error ("the glossary cannot be read: %s", error ? error->message : "it is missing");
      g_once_init_leave (&glossary, read);
    }
  return glossary;
}

const NnLessonStep *
nn_glossary_find (const char *term)
{
  g_return_val_if_fail (term != NULL, NULL);

  g_autofree char *wanted = g_utf8_casefold (term, -1);
  const GPtrArray *entries = nn_glossary ()->steps;
  for (guint i = 0; i < entries->len; i++)
    {
      const NnLessonStep *entry = g_ptr_array_index (entries, i);
      g_autofree char *title = g_utf8_casefold (entry->title, -1);
      if (strcmp (title, wanted) == 0)
        return entry;
    }
  return NULL;
}
