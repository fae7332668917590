/* lesson-messages FILE...: what is to be translated in texts of lessons, as entries of a .pot on
 * standard output. The texts are read by the program's own parser, so that the messages are those
 * that it will look for. */
#include <stdio.h>

#include "lesson/nn-lesson-text.h"

static void
print_message (const char *file, guint line, const char *what, const char *text)
{
  if (!text || *text == '\0')
    return;
  printf ("#. %s\n#: %s:%u\nmsgid \"", what, file, line);
  for (const char *c = text; *c != '\0'; c++)
    printf (*c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
  printf ("\"\nmsgstr \"\"\n\n");
}

static void
print_block (const char *file, const NnLessonBlock *block)
{
  static const char *const kinds[] = {
    [NN_LESSON_PARAGRAPH] = "A paragraph: **strong**, *stressed*, `code`, [words](target to keep)",
    [NN_LESSON_TASK] = "A task",
    [NN_LESSON_QUESTION] = "A question",
    [NN_LESSON_NOTE] = "A note for the teacher",
  };
  if (block->kind == NN_LESSON_FORMULA)
    return;
  print_message (file, block->line, kinds[block->kind], block->text);
  print_message (file, block->line, "A hint", block->hint);
  for (guint i = 0; block->answers && i < block->answers->len; i++)
    print_message (file, block->line, i == block->right ? "The right answer" : "A wrong answer",
                   g_ptr_array_index (block->answers, i));
  print_message (file, block->line, "Why the right answer is right", block->because);
}

static void
print_lesson (const char *file, const NnLessonText *lesson)
{
  print_message (file, 1, "Title of a lesson", lesson->title);
  for (guint i = 0; i < lesson->steps->len; i++)
    {
      const NnLessonStep *step = g_ptr_array_index (lesson->steps, i);
      print_message (file, step->line, "Title of a step", step->title);
      for (guint j = 0; j < step->blocks->len; j++)
        print_block (file, g_ptr_array_index (step->blocks, j));
    }
}

int
main (int argc, char **argv)
{
  printf ("msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\\n\"\n\n");
  for (int i = 1; i < argc; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;
      g_autoptr (NnLessonText) lesson = NULL;
      if (g_file_get_contents (argv[i], &text, NULL, &error))
        lesson = nn_lesson_text_parse (text, &error);
      if (!lesson)
        {
          g_printerr ("lesson-messages: %s: %s\n", argv[i], error->message);
          return 1;
        }
      print_lesson (argv[i], lesson);
    }
  return 0;
}
