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
  { "sparse", N_ ("Sparse autoencoder"),
    N_ ("A penalty on activity leaves most units of the code silent for any one digit.") },
  { "sparse-summed", N_ ("Sparse autoencoder, strong penalty"),
    N_ ("A penalty three times as strong: far fewer units speak, and the pictures pay for it.") },
  { "sparse-mse", N_ ("Sparse autoencoder, squared error"),
    N_ ("The same penalty weighs more against the squared error, which is a smaller number.") },
  { "vanilla", N_ ("Vanilla autoencoder"),
    N_ ("64 units and the squared error: sharp pictures after five epochs.") },
  { "multilayer", N_ ("Multilayer autoencoder"),
    N_ ("A second layer on either side lets encoder and decoder bend the data, not only mix it.") },
  { "deep", N_ ("Deep autoencoder"),
    N_ ("Six dense layers, narrower step by step: the hourglass that gave Diabolo its name.") },
  { "deep-short", N_ ("Deep autoencoder, three epochs"),
    N_ ("Small batches take many steps in one epoch: a deep network that is useful after three.") },
  { "two-dimensional", N_ ("Two-dimensional code"),
    N_ ("Every digit becomes a point in the plane: little room, but all of it can be seen.") },
  { "denoising-dense", N_ ("Denoising autoencoder"),
    N_ ("It sees noisy digits and must give clean ones, so it learns what a digit is.") },
  { "variational", N_ ("Variational autoencoder"),
    N_ ("Codes are drawn from a distribution of their own: every point of the plane is a digit.") },
  { "variational-small", N_ ("Small variational autoencoder"),
    N_ ("64 units and small batches: the same plane of digits with a quarter of the weights.") },
  { "mlp", N_ ("Classifier"),
    N_ ("300 hidden units name the digit: 98 of 100 right, without any idea of a picture.") },
  { "convolutional", N_ ("Convolutional autoencoder"),
    N_ ("Filters that slide over the picture: a better code than dense layers make, with 4,385 "
        "weights.") },
  { "convolutional:adadelta", N_ ("Convolutional autoencoder, Adadelta"),
    N_ ("The same network after three epochs of an optimizer that finds its step size itself.") },
  { "denoising-convolutional", N_ ("Convolutional denoising autoencoder"),
    N_ ("Noise as strong as the picture, and filters that find the strokes below it.") },
  { "denoising-convolutional:adadelta", N_ ("Convolutional denoising autoencoder, Adadelta"),
    N_ ("The same network after three epochs of an optimizer that finds its step size itself.") },
  { "convolutional-resized", N_ ("Convolutional autoencoder, resized"),
    N_ ("A decoder that resizes to 7, 14 and 28 pixels and draws at every size.") },
  { "transposed", N_ ("Strides and transposed convolutions"),
    N_ ("No pooling: strides halve the picture, transposed convolutions learn to double it "
        "again.") },
  { "cnn", N_ ("Convolutional classifier"),
    N_ ("Two convolutions before the dense layers: 99 of 100 digits right.") },
  { "cnn-two-paths", N_ ("Two paths"),
    N_ ("Small and large filters look at the same digit side by side; the dense layer sees "
        "both.") },
  { "cnn-several-features", N_ ("Features of several depths"),
    N_ ("Strokes and whole shapes decide together: what three depths found goes to the end.") },
  { "residual", N_ ("Residual block"),
    N_ ("A way around two convolutions: they learn only what has to change.") },
  { "inception", N_ ("Inception block"),
    N_ ("Filters of three sizes at once: training finds out which of them is of use.") },
  { "augmentation", N_ ("Augmentation"),
    N_ ("Every epoch sees the images a little shifted: a classifier that cannot learn them by "
        "heart. "
        "For clothes, mirror them, too.") },
  { "in-painting", N_ ("In-painting"),
    N_ ("Digits with a hole go in, whole ones must come out: the network knows what was there.") },
  { "transfer", N_ ("Transfer"),
    N_ ("Filters that another task has trained stay frozen; only a new classifier learns.") },
  { "activations", N_ ("Activations side by side"),
    N_ ("The same network with four activations: which of them learns fastest?") },
  { "separable", N_ ("Separable convolutions"),
    N_ ("Space first, then channels: almost a convolution, for a fraction of the work.") },
  { "compression", N_ ("Compression"),
    N_ ("A picture of 784 bytes becomes a code of 24: what is lost on the way?") },
  { "two-outputs", N_ ("Two outputs"),
    N_ ("One code for two tasks: give the picture back and name the digit.") },
  { "features", N_ ("Encoder as features"),
    N_ ("A code that was learned without labels is nearly enough to name the digit.") },
  { "stacked", N_ ("Stacked autoencoder"),
    N_ ("Three autoencoders on top of one another: freeze a stage when it is good, train the "
        "next.") },
  { "two-inputs", N_ ("Two inputs"),
    N_ ("The decoder is told which digit it is, so the code is left to say how it is written.") },
  { "fraud", N_ ("Fraud detection"),
    N_ ("One payment in 250 is fraud; noisy copies of the frauds show the classifier enough of "
        "them.") },
  { "fraud:plain", N_ ("Fraud detection, as the data comes"),
    N_ ("The same classifier without copies: it hardly ever sees what it is to find.") },
  { "anomalies", N_ ("Anomalies"),
    N_ ("It has only seen honest payments, so what it cannot give back is suspicious.") },
  { "curve", N_ ("Smallest autoencoder"),
    N_ ("Points in the plane through a single number: its code sweeps along the curve.") },
  { "sequence-rows", N_ ("Rows as a sequence"),
    N_ ("An LSTM reads a digit row by row, keeps 32 numbers, and another writes it down again.") },
  { "sequence-waves", N_ ("Waves"),
    N_ ("The last state of an LSTM is a code of a whole wave: its kind, phase and height.") },
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

/* Puts every key of the preset in the place of the lesson's. */
static gboolean
apply_preset (JsonObject *lesson, const char *lesson_id, const char *preset_id, GError **error)
{
  g_autofree char *name = g_strconcat (lesson_id, ".", preset_id, NULL);
  g_autoptr (JsonParser) parser = parse_resource (name, error);
  if (!parser)
    return FALSE;
  JsonObject *preset = json_node_get_object (json_parser_get_root (parser));
  g_autoptr (GList) keys = json_object_get_members (preset);
  for (GList *l = keys; l; l = l->next)
    json_object_set_member (lesson, l->data, json_object_dup_member (preset, l->data));
  return TRUE;
}

NnDesign *
nn_lesson_design (const char *id, GError **error)
{
  g_return_val_if_fail (id != NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (lessons); i++)
    if (strcmp (lessons[i].id, id) == 0)
      {
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
  g_propagate_error (error, unknown_lesson (id));
  return NULL;
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

char *
nn_lesson_source (const char *id)
{
  g_return_val_if_fail (id != NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (lessons); i++)
    if (strcmp (lessons[i].id, id) == 0)
      {
        g_auto (GStrv) parts = g_strsplit (id, ":", 2);
        char *text = read_text (parts[0]);
        return text ? text
                    : g_strdup_printf ("# %s\n\n## %s\n\n%s\n", lessons[i].title, lessons[i].title,
                                       lessons[i].summary);
      }
  return NULL;
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
