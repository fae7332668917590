#include "diabolo-config.h"

#include "lesson/nn-lesson-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/nn-error.h"

/* A text longer than this is no lesson. */
#define MAX_LENGTH (1 << 20)
#define EXCERPT_LENGTH 60 /* characters */

/* ---- pieces ---- */

static void
block_free (NnLessonBlock *block)
{
  g_free (block->text);
  g_clear_pointer (&block->condition, nn_lesson_condition_free);
  g_free (block->hint);
  g_clear_pointer (&block->answers, g_ptr_array_unref);
  g_free (block->because);
  g_free (block);
}

static void
step_free (NnLessonStep *step)
{
  g_free (step->title);
  nn_lesson_point_clear (&step->point);
  g_ptr_array_unref (step->blocks);
  g_free (step);
}

void
nn_lesson_text_free (NnLessonText *self)
{
  if (self == NULL)
    return;
  g_free (self->title);
  g_free (self->viewers);
  g_ptr_array_unref (self->locked);
  g_ptr_array_unref (self->hidden);
  g_ptr_array_unref (self->steps);
  g_free (self);
}

static const struct
{
  const char *name;
  NnLessonPointKind kind;
} points[] = {
  { "node", NN_LESSON_POINT_NODE },       { "viewer", NN_LESSON_POINT_VIEWER },
  { "control", NN_LESSON_POINT_CONTROL }, { "term", NN_LESSON_POINT_TERM },
  { "layer", NN_LESSON_POINT_LAYER },
};

gboolean
nn_lesson_point_parse (const char *text, NnLessonPoint *point)
{
  g_return_val_if_fail (text != NULL && point != NULL, FALSE);
  gsize length = strcspn (text, ": ");
  for (guint i = 0; i < G_N_ELEMENTS (points); i++)
    if (strlen (points[i].name) == length && strncmp (text, points[i].name, length) == 0
        && text[length] != '\0' && text[length + 1] != '\0')
      {
        point->kind = points[i].kind;
        point->name = g_strstrip (g_strdup (text + length + 1));
        return TRUE;
      }
  return FALSE;
}

void
nn_lesson_point_clear (NnLessonPoint *point)
{
  g_clear_pointer (&point->name, g_free);
  point->kind = NN_LESSON_POINT_NONE;
}

/* ---- reading ---- */

typedef struct
{
  NnLessonText *lesson; /* owned */
  NnLessonStep *step;   /* the one that is being read, or NULL: the head */
  NnLessonBlock *block; /* what the next line may continue, or NULL */
  char **open;          /* where a line of plain text is added to, or NULL */
  guint line;
} Reader;

static gboolean refuse (const Reader *reader, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static gboolean
refuse (const Reader *reader, GError **error, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *why = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("Line %u of the lesson: %s"), reader->line,
               why);
  return FALSE;
}

/* A line is quoted in an error only as far as it takes to recognise it. (transfer full) */
static char *
excerpt (const char *text)
{
  if (g_utf8_strlen (text, -1) <= EXCERPT_LENGTH)
    return g_strdup (text);
  g_autofree char *cut = g_utf8_substring (text, 0, EXCERPT_LENGTH - 1);
  return g_strconcat (cut, "…", NULL);
}

/* What follows the prefix, without spaces around it; NULL where the line begins otherwise. */
static const char *
after (const char *line, const char *prefix)
{
  if (!g_str_has_prefix (line, prefix))
    return NULL;
  line += strlen (prefix);
  return line + strspn (line, " ");
}

static NnLessonBlock *
begin_block (Reader *reader, NnLessonBlockKind kind, const char *text)
{
  NnLessonBlock *block = g_new0 (NnLessonBlock, 1);
  block->kind = kind;
  block->line = reader->line;
  block->text = g_strdup (text);
  g_ptr_array_add (reader->step->blocks, block);
  reader->block = block;
  reader->open = &block->text;
  return block;
}

static gboolean
read_title (Reader *reader, const char *text, GError **error)
{
  if (reader->lesson->title != NULL)
    return refuse (reader, error, _ ("a second title, “%s”; a step begins with “##”."), text);
  reader->lesson->title = g_strdup (text);
  return TRUE;
}

static gboolean
read_step (Reader *reader, const char *text, GError **error)
{
  if (*text == '\0')
    return refuse (reader, error, _ ("a step without a title."));
  NnLessonStep *step = g_new0 (NnLessonStep, 1);
  step->line = reader->line;
  step->title = g_strdup (text);
  step->blocks = g_ptr_array_new_with_free_func ((GDestroyNotify)block_free);
  g_ptr_array_add (reader->lesson->steps, step);
  reader->step = step;
  reader->block = NULL;
  reader->open = NULL;
  return TRUE;
}

static gboolean
read_point (Reader *reader, const char *text, GError **error)
{
  nn_lesson_point_clear (&reader->step->point);
  if (!nn_lesson_point_parse (text, &reader->step->point)
      || reader->step->point.kind > NN_LESSON_POINT_CONTROL)
    return refuse (reader, error,
                   _ ("“-> %s” points at nothing; expected “-> node NAME”, “-> viewer ID” or "
                      "“-> control NAME”."),
                   text);
  return TRUE;
}

static gboolean
read_formula (Reader *reader, const char *text, GError **error)
{
  gsize length = strlen (text);
  if (length < 3 || !g_str_has_suffix (text, "$$"))
    return refuse (reader, error, _ ("a formula that does not end in “$$” on the same line."));
  g_autofree char *formula = g_strstrip (g_strndup (text, length - 2));
  begin_block (reader, NN_LESSON_FORMULA, formula);
  reader->open = NULL;
  return TRUE;
}

static gboolean
read_condition (Reader *reader, const char *text, GError **error)
{
  if (reader->block == NULL || reader->block->kind != NN_LESSON_TASK
      || reader->block->condition != NULL)
    return refuse (reader, error, _ ("“when:” belongs to one task, which begins with “- [ ]”."));
  g_autoptr (GError) why = NULL;
  reader->block->condition = nn_lesson_condition_parse (text, &why);
  if (reader->block->condition == NULL)
    return refuse (reader, error, "%s", why->message);
  reader->block->condition_line = reader->line;
  reader->open = NULL;
  return TRUE;
}

static gboolean
read_hint (Reader *reader, const char *text, GError **error)
{
  if (reader->block == NULL || reader->block->kind != NN_LESSON_TASK || reader->block->hint != NULL)
    return refuse (reader, error, _ ("“hint:” belongs to one task, which begins with “- [ ]”."));
  reader->block->hint = g_strdup (text);
  reader->open = &reader->block->hint;
  return TRUE;
}

static gboolean
read_question (Reader *reader, const char *text, GError **error)
{
  NnLessonBlock *block = begin_block (reader, NN_LESSON_QUESTION, text);
  block->answers = g_ptr_array_new_with_free_func (g_free);
  block->right = G_MAXUINT;
  return TRUE;
}

static gboolean
read_answer (Reader *reader, const char *text, gboolean right, GError **error)
{
  NnLessonBlock *block = reader->block;
  if (block == NULL || block->kind != NN_LESSON_QUESTION)
    return refuse (reader, error, _ ("an answer without a question, which begins with “?”."));
  if (right && block->right != G_MAXUINT)
    return refuse (reader, error, _ ("a second right answer; a question has one."));
  if (right)
    block->right = block->answers->len;
  g_ptr_array_add (block->answers, g_strdup (text));
  reader->open = (char **)&g_ptr_array_index (block->answers, block->answers->len - 1);
  return TRUE;
}

static gboolean
read_right (Reader *reader, const char *text, GError **error)
{
  return read_answer (reader, text, TRUE, error);
}

static gboolean
read_wrong (Reader *reader, const char *text, GError **error)
{
  return read_answer (reader, text, FALSE, error);
}

static gboolean
read_because (Reader *reader, const char *text, GError **error)
{
  if (reader->block == NULL || reader->block->kind != NN_LESSON_QUESTION
      || reader->block->because != NULL)
    return refuse (reader, error, _ ("“=” explains the answer of one question."));
  reader->block->because = g_strdup (text);
  reader->open = &reader->block->because;
  return TRUE;
}

static gboolean
read_task (Reader *reader, const char *text, GError **error)
{
  begin_block (reader, NN_LESSON_TASK, text);
  return TRUE;
}

static gboolean
read_bullet (Reader *reader, const char *text, GError **error)
{
  g_autofree char *bullet = g_strconcat ("•\u2002", text, NULL);
  begin_block (reader, NN_LESSON_PARAGRAPH, bullet);
  return TRUE;
}

static gboolean
read_note (Reader *reader, const char *text, GError **error)
{
  begin_block (reader, NN_LESSON_NOTE, text);
  return TRUE;
}

static gboolean
read_viewers (Reader *reader, const char *text, GError **error)
{
  g_free (reader->lesson->viewers);
  reader->lesson->viewers = g_strdup (text);
  return TRUE;
}

static gboolean
read_locked (Reader *reader, const char *text, GError **error)
{
  g_ptr_array_add (reader->lesson->locked, g_strdup (text));
  return TRUE;
}

static gboolean
read_hidden (Reader *reader, const char *text, GError **error)
{
  g_ptr_array_add (reader->lesson->hidden, g_strdup (text));
  return TRUE;
}

/* What a line may begin with, the longer first. */
static const struct
{
  const char *prefix;
  gboolean in_head, in_step;
  gboolean (*read) (Reader *reader, const char *text, GError **error);
} openings[] = {
  { "## ", TRUE, TRUE, read_step },          { "# ", TRUE, TRUE, read_title },
  { "viewers:", TRUE, FALSE, read_viewers }, { "locked:", TRUE, FALSE, read_locked },
  { "hidden:", TRUE, FALSE, read_hidden },   { "-> ", FALSE, TRUE, read_point },
  { "$$", FALSE, TRUE, read_formula },       { "- [ ] ", FALSE, TRUE, read_task },
  { "- ", FALSE, TRUE, read_bullet },        { "when:", FALSE, TRUE, read_condition },
  { "hint:", FALSE, TRUE, read_hint },       { "? ", FALSE, TRUE, read_question },
  { "( ) ", FALSE, TRUE, read_wrong },       { "(x) ", FALSE, TRUE, read_right },
  { "= ", FALSE, TRUE, read_because },       { "> ", FALSE, TRUE, read_note },
};

/* A line without a mark of its own: goes on with what is open, or begins a paragraph. */
static gboolean
read_plain (Reader *reader, const char *text, GError **error)
{
  if (reader->step == NULL)
    {
      g_autofree char *line = excerpt (text);
      return refuse (reader, error,
                     _ ("“%s” stands before the first step, which begins with “##”."), line);
    }
  if (reader->open == NULL)
    begin_block (reader, NN_LESSON_PARAGRAPH, text);
  else
    {
      char *joined = g_strconcat (*reader->open, " ", text, NULL);
      g_free (*reader->open);
      *reader->open = joined;
    }
  return TRUE;
}

static gboolean
read_line (Reader *reader, const char *line, GError **error)
{
  if (*line == '\0')
    {
      reader->open = NULL;
      return TRUE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (openings); i++)
    {
      const char *text = after (line, openings[i].prefix);
      if (text != NULL && (reader->step != NULL ? openings[i].in_step : openings[i].in_head))
        return openings[i].read (reader, text, error);
    }
  return read_plain (reader, line, error);
}

static gboolean
check_questions (Reader *reader, GError **error)
{
  for (guint i = 0; i < reader->lesson->steps->len; i++)
    {
      const NnLessonStep *step = g_ptr_array_index (reader->lesson->steps, i);
      for (guint j = 0; j < step->blocks->len; j++)
        {
          const NnLessonBlock *block = g_ptr_array_index (step->blocks, j);
          reader->line = block->line;
          if (block->kind == NN_LESSON_QUESTION
              && (block->answers->len < 2 || block->right == G_MAXUINT))
            return refuse (reader, error,
                           _ ("the question “%s” needs two answers or more, one of them right."),
                           block->text);
        }
    }
  return TRUE;
}

/* Whether the line that was read last is one of a note. */
static gboolean
in_note (const Reader *reader)
{
  return reader->block != NULL && reader->block->kind == NN_LESSON_NOTE
         && reader->open == &reader->block->text;
}

/* Lines that students may have are added to kept (nullable). (transfer full) */
static NnLessonText *
read_text (const char *text, GPtrArray *kept, GError **error)
{
  g_autoptr (NnLessonText) lesson = g_new0 (NnLessonText, 1);
  lesson->locked = g_ptr_array_new_with_free_func (g_free);
  lesson->hidden = g_ptr_array_new_with_free_func (g_free);
  lesson->steps = g_ptr_array_new_with_free_func ((GDestroyNotify)step_free);
  Reader reader = { .lesson = lesson, .line = 1 };
  if (!g_utf8_validate (text, -1, NULL) || strlen (text) > MAX_LENGTH)
    {
      refuse (&reader, error, _ ("this is no text in UTF-8 of less than a megabyte."));
      return NULL;
    }
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (; lines[reader.line - 1] != NULL; reader.line++)
    {
      g_autofree char *line = g_strdup (lines[reader.line - 1]);
      if (!read_line (&reader, g_strstrip (line), error))
        return NULL;
      if (kept != NULL && !in_note (&reader))
        g_ptr_array_add (kept, g_strdup (lines[reader.line - 1]));
    }
  if (lesson->title == NULL || lesson->steps->len == 0)
    {
      refuse (&reader, error, _ ("the text ends before a title (“#”) and a first step (“##”)."));
      return NULL;
    }
  return check_questions (&reader, error) ? g_steal_pointer (&lesson) : NULL;
}

NnLessonText *
nn_lesson_text_parse (const char *text, GError **error)
{
  g_return_val_if_fail (text != NULL, NULL);
  return read_text (text, NULL, error);
}

char *
nn_lesson_text_without_notes (const char *text, GError **error)
{
  g_return_val_if_fail (text != NULL, NULL);

  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (NnLessonText) lesson = read_text (text, kept, error);
  if (lesson == NULL)
    return NULL;
  g_ptr_array_add (kept, NULL);
  return g_strjoinv ("\n", (char **)kept->pdata);
}

/* ---- what it takes away ---- */

gboolean
nn_lesson_text_hides (const NnLessonText *self, const char *control)
{
  g_return_val_if_fail (control != NULL, FALSE);
  return self != NULL
         && g_ptr_array_find_with_equal_func (self->hidden, control, g_str_equal, NULL);
}

/* ---- can it be done? ---- */

static void
check_point (const NnLessonStep *step, NnDesign *design, const char *const *viewers,
             GPtrArray *problems)
{
  const NnLessonPoint *point = &step->point;
  if ((point->kind == NN_LESSON_POINT_NODE && nn_design_node_by_name (design, point->name) == NULL)
      || (point->kind == NN_LESSON_POINT_CONTROL && !nn_lesson_has_control (point->name, design))
      || (point->kind == NN_LESSON_POINT_VIEWER && viewers != NULL
          && !g_strv_contains (viewers, point->name)))
    g_ptr_array_add (problems, g_strdup_printf (_ ("Step “%s” (line %u) points at “%s”, which does "
                                                   "not exist."),
                                                step->title, step->line, point->name));
}

const char *const *
nn_lesson_controls (void)
{
  static const char *const controls[] = { "train",  "step",     "reset", "undo",
                                          "layers", "settings", NULL };
  return controls;
}

const char *
nn_lesson_setting_owner (const char *text, char **parameter)
{
  g_return_val_if_fail (text != NULL && parameter != NULL, NULL);
  const char *of = strstr (text, " of ");
  *parameter = of != NULL ? g_strndup (text, (gsize)(of - text)) : NULL;
  return of != NULL ? of + strlen (" of ") : NULL;
}

static gboolean
is_setting (const char *what, const NnDesign *design)
{
  guint node;
  g_autofree char *parameter = NULL;
  const char *owner = nn_lesson_setting_owner (what, &parameter);
  const NnParams *params = owner != NULL ? nn_lesson_params_of (design, owner, &node) : NULL;
  return params != NULL && nn_params_spec (params, parameter) != NULL;
}

gboolean
nn_lesson_has_control (const char *name, const NnDesign *design)
{
  static const char *const parts[] = { "inspector", "palette", "canvas", NULL };
  g_return_val_if_fail (name != NULL && design != NULL, FALSE);
  return g_strv_contains (nn_lesson_controls (), name) || g_strv_contains (parts, name)
         || is_setting (name, design);
}

static void
check_head (const NnLessonText *self, const NnDesign *design, const char *const *viewers,
            GPtrArray *problems)
{
  for (guint i = 0; i < self->locked->len; i++)
    if (!g_str_equal (self->locked->pdata[i], "graph")
        && !is_setting (self->locked->pdata[i], design))
      g_ptr_array_add (problems,
                       g_strdup_printf (_ ("“locked: %s”: the lesson's network has no such "
                                           "setting; “units of Code” or “graph” is expected."),
                                        (char *)self->locked->pdata[i]));
  g_autofree char *controls = g_strjoinv (", ", (char **)nn_lesson_controls ());
  for (guint i = 0; i < self->hidden->len; i++)
    if (!g_strv_contains (nn_lesson_controls (), self->hidden->pdata[i]))
      g_ptr_array_add (problems, g_strdup_printf (_ ("“hidden: %s”: that can be one of %s."),
                                                  (char *)self->hidden->pdata[i], controls));
  if (viewers == NULL || self->viewers == NULL)
    return;
  g_auto (GStrv) ids = g_strsplit_set (self->viewers, " |", -1);
  for (char **id = ids; *id != NULL; id++)
    if (**id != '\0' && !g_strv_contains (viewers, *id))
      g_ptr_array_add (problems, g_strdup_printf (_ ("“viewers: %s”: there is no viewer “%s”."),
                                                  self->viewers, *id));
}

/* What a task waits for may be changed by the student. */
static void
check_locks (const NnLessonText *self, const NnLessonStep *step, const NnLessonBlock *block,
             NnDesign *design, GPtrArray *problems)
{
  const char *owner, *parameter;
  for (guint i = 0; i < nn_lesson_condition_n_clauses (block->condition); i++)
    if (nn_lesson_condition_changes (block->condition, i, design, &owner, &parameter)
        && nn_lesson_text_locks (self, owner, parameter))
      g_ptr_array_add (problems,
                       g_strdup_printf (_ ("Step “%s” (line %u) waits for a change of “%s of %s”, "
                                           "which is locked."),
                                        step->title, block->condition_line, parameter, owner));
}

GPtrArray *
nn_lesson_text_check (const NnLessonText *self, NnDesign *design, const char *const *viewers)
{
  g_return_val_if_fail (self != NULL && design != NULL, NULL);

  GPtrArray *problems = g_ptr_array_new_with_free_func (g_free);
  check_head (self, design, viewers, problems);
  for (guint i = 0; i < self->steps->len; i++)
    {
      const NnLessonStep *step = g_ptr_array_index (self->steps, i);
      check_point (step, design, viewers, problems);
      for (guint j = 0; j < step->blocks->len; j++)
        {
          const NnLessonBlock *block = g_ptr_array_index (step->blocks, j);
          g_autoptr (GError) error = NULL;
          if (block->condition == NULL)
            continue;
          check_locks (self, step, block, design, problems);
          if (!nn_lesson_condition_check (block->condition, design, viewers, &error))
            g_ptr_array_add (problems, g_strdup_printf (_ ("Step “%s” (line %u): %s"), step->title,
                                                        block->condition_line, error->message));
        }
    }
  return problems;
}

/* ---- markup ---- */

/* The text up to the closing mark, which has to come before the end; NULL: there is none. */
static const char *
closing (const char *text, const char *mark)
{
  const char *end = strstr (text, mark);
  return end != NULL && end > text ? end : NULL;
}

static void
append_escaped (GString *markup, const char *text, gsize length)
{
  g_autofree char *escaped = g_markup_escape_text (text, (gssize)length);
  g_string_append (markup, escaped);
}

static const struct
{
  const char *mark, *tag;
} spans[] = { { "**", "b" }, { "*", "i" }, { "`", "tt" } };

/* Writes what begins at text with a mark; returns where it ends, NULL: nothing begins here. */
static const char *
append_span (GString *markup, const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (spans); i++)
    {
      const char *inside = text + strlen (spans[i].mark);
      const char *end =
          g_str_has_prefix (text, spans[i].mark) ? closing (inside, spans[i].mark) : NULL;
      if (end == NULL || *inside == ' ' || end[-1] == ' ') /* as in 2 * 3 * 4 */
        continue;
      g_string_append_printf (markup, "<%s>", spans[i].tag);
      append_escaped (markup, inside, (gsize)(end - inside));
      g_string_append_printf (markup, "</%s>", spans[i].tag);
      return end + strlen (spans[i].mark);
    }
  return NULL;
}

/* [words](target) */
static const char *
append_link (GString *markup, const char *text)
{
  const char *middle = *text == '[' ? closing (text + 1, "](") : NULL;
  const char *end = middle != NULL ? closing (middle + 2, ")") : NULL;
  if (end == NULL)
    return NULL;
  g_string_append (markup, "<a href=\"");
  append_escaped (markup, middle + 2, (gsize)(end - middle - 2));
  g_string_append (markup, "\">");
  append_escaped (markup, text + 1, (gsize)(middle - text - 1));
  g_string_append (markup, "</a>");
  return end + 1;
}

char *
nn_lesson_text_to_markup (const char *text)
{
  g_return_val_if_fail (text != NULL, NULL);

  g_autoptr (GString) markup = g_string_new (NULL);
  while (*text != '\0')
    {
      const char *next = append_span (markup, text);
      if (next == NULL)
        next = append_link (markup, text);
      if (next == NULL)
        {
          next = g_utf8_next_char (text);
          append_escaped (markup, text, (gsize)(next - text));
        }
      text = next;
    }
  return g_string_free (g_steal_pointer (&markup), FALSE);
}
