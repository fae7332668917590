#include "diabolo-config.h"

#include "lesson/wb-lesson-choices.h"

#include <glib/gi18n.h>

#include "document/wb-settings.h"
#include "formats/nn-lessons.h"

char *
wb_lesson_progress_group (const char *source)
{
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, source, -1);
  return g_strdup_printf ("lesson %.16s", sum);
}

/* done: the lines of tasks that are, as "3 17 21". */
static gboolean
is_among (const char *done, guint line)
{
  g_auto (GStrv) words = g_strsplit (done != NULL ? done : "", " ", -1);
  g_autofree char *wanted = g_strdup_printf ("%u", line);
  return g_strv_contains ((const char *const *)words, wanted);
}

static gboolean
all_tasks_done (const NnLessonText *text, const char *done)
{
  for (guint i = 0; i < text->steps->len; i++)
    {
      const NnLessonStep *step = g_ptr_array_index (text->steps, i);
      for (guint k = 0; k < step->blocks->len; k++)
        {
          const NnLessonBlock *block = g_ptr_array_index (step->blocks, k);
          if (block->kind == NN_LESSON_TASK && !is_among (done, block->line))
            return FALSE;
        }
    }
  return TRUE;
}

void
wb_lesson_progress (const NnLessonText *text, const char *source, WbLessonProgress *progress)
{
  g_return_if_fail (text != NULL && source != NULL && progress != NULL);

  WbSettings *settings = wb_settings_default ();
  g_autofree char *group = wb_lesson_progress_group (source);
  g_autofree char *done = wb_settings_get_text (settings, group, "done");
  g_autofree char *answers = wb_settings_get_text (settings, group, "answers");
  progress->n_steps = text->steps->len;
  progress->step = (guint)CLAMP (wb_settings_get_int (settings, group, "step", 0), 0,
                                 (gint)progress->n_steps - 1);
  progress->begun = progress->step > 0 || (done != NULL && *done != '\0')
                    || (answers != NULL && *answers != '\0');
  progress->done =
      progress->begun && progress->step + 1 == progress->n_steps && all_tasks_done (text, done);
}

/* "Done", "step 2 of 5"; NULL: not begun. (transfer full) */
static char *
mark_of (const char *id)
{
  g_autofree char *source = nn_lesson_source (id);
  g_autoptr (NnLessonText) text = nn_lesson_text_parse (source, NULL);
  WbLessonProgress progress;
  if (text == NULL)
    return NULL;
  wb_lesson_progress (text, source, &progress);
  if (progress.done)
    return g_strdup (_ ("Done"));
  if (!progress.begun)
    return NULL;
  return g_strdup_printf (_ ("step %u of %u"), progress.step + 1, progress.n_steps);
}

WbChoices *
wb_lesson_choices_new (const char *icon)
{
  guint n;
  const NnLesson *lessons = nn_lessons (&n);
  WbChoices *choices = wb_choices_new ();
  for (guint i = 0; i < n; i++)
    {
      const gboolean variant = !g_str_equal (nn_lesson_family (&lessons[i]), lessons[i].id);
      g_autofree char *mark = mark_of (lessons[i].id);
      wb_choices_add (choices, lessons[i].id, _ (lessons[i].title), _ (lessons[i].summary), icon);
      wb_choices_mark (choices, mark, variant);
    }
  return choices;
}
