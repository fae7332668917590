#include "diabolo-config.h"

#include "formats/nn-lessons.h"

#include <glib/gi18n-lib.h>

#include "base/nn-error.h"
#include "nn-lessons-resource.h"

#define LESSON_FOLDER "/io/github/diabolo/Diabolo/lessons/"

static const NnLesson lessons[] = {
  { "simple", N_ ("Simple autoencoder"),
    N_ ("One hidden layer of 32 units has to carry a whole digit: the smallest hourglass.") },
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

NnDesign *
nn_lesson_design (const char *id, GError **error)
{
  g_return_val_if_fail (id != NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (lessons); i++)
    if (strcmp (lessons[i].id, id) == 0)
      {
        g_autofree char *path = g_strconcat (LESSON_FOLDER, id, ".json", NULL);
        g_autoptr (GBytes) json =
            g_resource_lookup_data (nn_lessons_get_resource (), path, 0, error);
        if (!json)
          return NULL;
        gsize length;
        const char *text = g_bytes_get_data (json, &length);
        return nn_design_from_json (text, (gssize)length, error);
      }
  g_propagate_error (error, unknown_lesson (id));
  return NULL;
}
