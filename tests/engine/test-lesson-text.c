/* The text of lessons: reading it, what its conditions ask, what they refuse; and every lesson of
 * the program: its conditions can hold, its links lead somewhere. */
#include <math.h>
#include <string.h>

#include "base/nn-error.h"
#include "data/nn-data-source.h"
#include "formats/nn-lessons.h"
#include "layers/nn-layer.h"

/* ---- reading ---- */

static const char *const text = "# A lesson\n"
                                "viewers: loss | latent\n"
                                "locked: epochs of training\n"
                                "\n"
                                "## First\n"
                                "-> node Code\n"
                                "\n"
                                "Words that go on\n"
                                "in the next line.\n"
                                "\n"
                                "Another paragraph.\n"
                                "- A bullet\n"
                                "$$ x^2 $$\n"
                                "- [ ] Train\n"
                                "  for a while.\n"
                                "  when: epochs >= 2 and units of Code = 32\n"
                                "  hint: Press\n"
                                "  Space.\n"
                                "? What then?\n"
                                "( ) This\n"
                                "(x) That,\n"
                                "at last\n"
                                "= Because.\n"
                                "> For the teacher.\n"
                                "## Second\n";

static void
test_parse (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnLessonText) lesson = nn_lesson_text_parse (text, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (lesson->title, ==, "A lesson");
  g_assert_cmpstr (lesson->viewers, ==, "loss | latent");
  g_assert_cmpuint (lesson->locked->len, ==, 1);
  g_assert_cmpuint (lesson->steps->len, ==, 2);
  const NnLessonStep *step = g_ptr_array_index (lesson->steps, 0);
  g_assert_cmpint (step->point.kind, ==, NN_LESSON_POINT_NODE);
  g_assert_cmpstr (step->point.name, ==, "Code");
  static const struct
  {
    NnLessonBlockKind kind;
    const char *text;
  } blocks[] = {
    { NN_LESSON_PARAGRAPH, "Words that go on in the next line." },
    { NN_LESSON_PARAGRAPH, "Another paragraph." },
    { NN_LESSON_PARAGRAPH, "•\u2002A bullet" },
    { NN_LESSON_FORMULA, "x^2" },
    { NN_LESSON_TASK, "Train for a while." },
    { NN_LESSON_QUESTION, "What then?" },
    { NN_LESSON_NOTE, "For the teacher." },
  };
  g_assert_cmpuint (step->blocks->len, ==, G_N_ELEMENTS (blocks));
  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    {
      const NnLessonBlock *block = g_ptr_array_index (step->blocks, i);
      g_assert_cmpint (block->kind, ==, blocks[i].kind);
      g_assert_cmpstr (block->text, ==, blocks[i].text);
    }
  const NnLessonBlock *task = g_ptr_array_index (step->blocks, 4);
  g_assert_cmpstr (nn_lesson_condition_text (task->condition), ==,
                   "epochs >= 2 and units of Code = 32");
  g_assert_cmpstr (task->hint, ==, "Press Space.");
  const NnLessonBlock *question = g_ptr_array_index (step->blocks, 5);
  g_assert_cmpuint (question->answers->len, ==, 2);
  g_assert_cmpuint (question->right, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (question->answers, 1), ==, "That, at last");
  g_assert_cmpstr (question->because, ==, "Because.");
}

/* Students get every line but those of notes, however many lines a note has. */
static void
test_without_notes (void)
{
  static const struct
  {
    const char *text, *kept;
  } cases[] = {
    { "# L\n## S\nFor all.\n\n> For one,\nwho goes on.\n\nFor all again.\n",
      "# L\n## S\nFor all.\n\n\nFor all again.\n" },
    { "# L\n## S\n  > One\n> Two\n- [ ] Do\n  hint: a > b\n$$ x > y $$\n> Last",
      "# L\n## S\n- [ ] Do\n  hint: a > b\n$$ x > y $$" },
    { "# L\n## S\n? Which?\n(x) 1 > 0\n( ) none\n= So.\n> Ask twice.\n## T\nNo > note.",
      "# L\n## S\n? Which?\n(x) 1 > 0\n( ) none\n= So.\n## T\nNo > note." },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *kept = nn_lesson_text_without_notes (cases[i].text, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (kept, ==, cases[i].kept);
    }
  g_autoptr (GError) error = NULL;
  g_assert_null (nn_lesson_text_without_notes ("# L\n> A note before any step.\n## S\n", &error));
  g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
}

static void
test_refused (void)
{
  static const struct
  {
    const char *text, *line;
  } cases[] = {
    { "", "Line" },
    { "# Title only\n", "Line" },
    { "words\n", "Line 1" },
    { "# A\n# B\n## C\n", "Line 2" },
    { "# A\n## B\n-> somewhere\n", "Line 3" },
    { "# A\n## B\nwhen: epochs > 1\n", "Line 3" },
    { "# A\n## B\n- [ ] Do\nwhen: nonsense\n", "Line 4" },
    { "# A\n## B\n- [ ] Do\nwhen: epochs > many\n", "Line 4" },
    { "# A\n## B\n- [ ] Do\nwhen: epochs > 1\nwhen: epochs > 2\n", "Line 5" },
    { "# A\n## B\n( ) An answer\n", "Line 3" },
    { "# A\n## B\n? A question\n( ) one\n( ) two\n", "Line 3" },
    { "# A\n## B\n? A question\n(x) one\n(x) two\n", "Line 5" },
    { "# A\n## B\n? A question\n(x) one\n", "Line 3" },
    { "# A\n## B\n$$ x\n", "Line 3" },
    { "# A\n## B\n= Because\n", "Line 3" },
    { "# A\n## B\n\xff\xfe\n", "Line 1" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (NnLessonText) lesson = nn_lesson_text_parse (cases[i].text, &error);
      g_assert_error (error, NN_ERROR, NN_ERROR_FORMAT);
      g_assert_null (lesson);
      g_assert_nonnull (strstr (error->message, cases[i].line));
    }

  /* A long line is not quoted as a whole. */
  g_autofree char *long_line = g_strnfill (500, 'x');
  g_autoptr (GError) error = NULL;
  g_assert_null (nn_lesson_text_parse (long_line, &error));
  g_assert_cmpuint (g_utf8_strlen (error->message, -1), <, 160);
}

/* Whatever it is cut to, it is read or refused. */
static void
test_cut_short (void)
{
  for (gsize length = 0; length <= strlen (text); length++)
    {
      g_autofree char *part = g_strndup (text, length);
      g_autoptr (GError) error = NULL;
      g_autoptr (NnLessonText) lesson = nn_lesson_text_parse (part, &error);
      g_assert_true ((lesson != NULL) == (error == NULL));
    }
}

static void
test_markup (void)
{
  static const struct
  {
    const char *text, *markup;
  } cases[] = {
    { "plain & <b>", "plain &amp; &lt;b&gt;" },
    { "**strong** and *stressed*", "<b>strong</b> and <i>stressed</i>" },
    { "`code`", "<tt>code</tt>" },
    { "[word](term:code)", "<a href=\"term:code\">word</a>" },
    { "[a\" b](node:X\"Y)", "<a href=\"node:X&quot;Y\">a&quot; b</a>" },
    { "2 * 3, ** and [x]", "2 * 3, ** and [x]" },
    { "", "" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *markup = nn_lesson_text_to_markup (cases[i].text);
      g_assert_cmpstr (markup, ==, cases[i].markup);
    }
}

/* ---- conditions ---- */

static NnAnalysis *
analyse (const char *lesson)
{
  g_autoptr (NnDesign) design = nn_lesson_design (lesson, NULL);
  g_autofree char *name = g_strdup (nn_params_text (nn_design_data (design), "name"));
  g_autoptr (NnDataInfo) info = nn_data_peek (name, NULL);
  return nn_analysis_new (design, info, 0);
}

static gboolean
holds (const char *condition, const NnLessonFacts *facts)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnLessonCondition) read = nn_lesson_condition_parse (condition, &error);
  g_assert_no_error (error);
  return nn_lesson_condition_holds (read, facts);
}

static void
test_conditions (void)
{
  g_autoptr (NnAnalysis) analysis = analyse ("simple");
  guint code = nn_design_node_by_name (nn_analysis_design (analysis), "Code")->id;
  g_autoptr (GArray) selection = g_array_new (FALSE, FALSE, sizeof (guint));
  g_array_append_val (selection, code);
  g_autoptr (NnRunHistory) runs = nn_run_history_new ();
  guint64 run = nn_run_history_begin (runs);
  const NnRow rows[] = {
    { .run = run, .kind = NN_ROW_BATCH, .epoch = 2.5, .step = 20, .loss = 0.2 },
    { .run = run, .kind = NN_ROW_EPOCH, .epoch = 3, .step = 24, .loss = 0.15 },
    { .run = run,
      .kind = NN_ROW_VALIDATION,
      .epoch = 3,
      .step = 24,
      .loss = 0.125,
      .accuracy = NAN },
  };
  nn_run_history_append (runs, rows, G_N_ELEMENTS (rows));
  /* Two classes, one code of the second lies with the first. */
  const float values[] = { 0, 0, 0, 1, 10, 10, 10, 11, 1, 0, 11, 10 };
  const gint labels[] = { 0, 0, 1, 1, 1, 1 };
  const NnLessonCodes codes = { .codes = values, .labels = labels, .n = 6, .n_units = 2 };
  const char *const viewers[] = { "loss", "latent", NULL };
  NnLessonFacts facts = {
    .analysis = analysis, .runs = runs, .viewers = viewers, .selection = selection, .codes = &codes
  };
  static const char *const true_ones[] = {
    "epochs = 3",
    "epochs > 2 and epochs <= 3",
    "loss < 0.2",
    "runs = 1",
    "validation-loss <= 0.125",
    "units of Code = 32",
    "code-size >= 32",
    "activation of Code = relu",
    "shuffle of training = on",
    "keep-best of training = off",
    "shows latent",
    "drawn = 0",
    "selected Code",
    "separation of 0 = 1",
    "separation 1 >= 0.75",
    "has dense = 2",
    "epochs of training = 50",
    "batch-size of training = 256",
    "learning-rate of optimizer < 0.01",
    "problems = 0",
    "weights > 50000",
    "code-mean > 5",
  };
  static const char *const false_ones[] = {
    "epochs > 3",
    "epochs = 3 and epochs > 3",
    "accuracy > 0",
    "shows manifold",
    "trains",
    "drawn",
    "selected Output",
    "has dropout",
    "activation of Code = elu",
    "units of Nobody = 3",
    "separation 1 > 0.75",
  };
  for (guint i = 0; i < G_N_ELEMENTS (true_ones); i++)
    if (!holds (true_ones[i], &facts))
      g_error ("“%s” should hold", true_ones[i]);
  for (guint i = 0; i < G_N_ELEMENTS (false_ones); i++)
    if (holds (false_ones[i], &facts))
      g_error ("“%s” should not hold", false_ones[i]);
  g_assert_true (holds ("new-epochs = 3", &facts));
  facts.epochs_at_change = 2;
  g_assert_true (holds ("new-epochs = 1", &facts));
  facts.epochs_at_change = 0;
  /* What an earlier stage was trained to is nothing that this one has done. */
  facts.n_earlier_runs = 1;
  g_assert_true (holds ("runs = 0 and epochs = 0 and new-epochs = 0", &facts));
  g_assert_false (holds ("validation-loss <= 0.125", &facts));
  facts.n_earlier_runs = 0;
  /* What is not known holds neither way. */
  facts.codes = NULL;
  g_assert_false (holds ("code-mean > 5", &facts));
  g_assert_false (holds ("code-mean <= 5", &facts));
}

static void
test_never (void)
{
  static const struct
  {
    const char *condition;
    gint code;
  } cases[] = {
    { "validation-loss < 0", NN_ERROR_RANGE },
    { "accuracy >= 1.5", NN_ERROR_RANGE },
    { "units of Code = 0", NN_ERROR_RANGE },
    { "selected Nobody", NN_ERROR_UNKNOWN },
    { "has wings", NN_ERROR_UNKNOWN },
    { "shows nothing", NN_ERROR_UNKNOWN },
    { "wings of Code = 2", NN_ERROR_UNKNOWN },
    { "units of Nobody = 2", NN_ERROR_UNKNOWN },
    { "activation of Code = no", NN_ERROR_UNKNOWN },
    { "separation x > 0", NN_ERROR_UNKNOWN },
    { "has dropout after Nobody", NN_ERROR_UNKNOWN },
    { "units of Code = 3 and units of Code = 4", NN_ERROR_RANGE },
    { "loss < 0.1 and epochs >= 2 and loss > 0.5", NN_ERROR_RANGE },
    { "epochs > 3 and epochs < 3", NN_ERROR_RANGE },
    { "activation of Code = relu and activation of Code = tanh", NN_ERROR_RANGE },
  };
  const char *const viewers[] = { "loss", NULL };
  g_autoptr (NnDesign) design = nn_lesson_design ("simple", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (NnLessonCondition) condition =
          nn_lesson_condition_parse (cases[i].condition, NULL);
      g_assert_nonnull (condition);
      g_assert_false (nn_lesson_condition_check (condition, design, viewers, &error));
      g_assert_error (error, NN_ERROR, cases[i].code);
    }
}

/* Ranges that overlap, and what only seems to be the same. */
static void
test_can_hold_together (void)
{
  static const char *const conditions[] = {
    "epochs >= 3 and epochs <= 3",      "loss > 0.1 and loss < 0.2",
    "units of Code > 3 and epochs = 3", "units of Code = 3 and units of Output = 4",
    "shows loss and shows code",
  };
  g_autoptr (NnDesign) design = nn_lesson_design ("simple", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (conditions); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (NnLessonCondition) condition = nn_lesson_condition_parse (conditions[i], &error);
      g_assert_no_error (error);
      g_assert_true (nn_lesson_condition_check (condition, design, NULL, &error));
    }
}

/* What the head names and steps point at exists, and each wrong name is told. */
static void
test_head (void)
{
  static const char *const viewers[] = { "loss", "code", NULL };
  static const char *const wrong[] = { "units of Nowhere", "colour of Code", "everything", "bogus",
                                       "nosuch",           "epochs of Code", "wheel" };
  g_autoptr (GError) error = NULL;
  g_autoptr (NnLessonText) lesson = nn_lesson_text_parse ("# Head\n"
                                                          "viewers: loss | nosuch code\n"
                                                          "locked: units of Code\n"
                                                          "locked: epochs of training\n"
                                                          "locked: graph\n"
                                                          "locked: units of Nowhere\n"
                                                          "locked: colour of Code\n"
                                                          "locked: everything\n"
                                                          "hidden: reset\n"
                                                          "hidden: bogus\n"
                                                          "## Step\n"
                                                          "-> control units of Code\n"
                                                          "## Step\n"
                                                          "-> control epochs of Code\n"
                                                          "## Step\n"
                                                          "-> control wheel\n",
                                                          &error);
  g_assert_no_error (error);
  g_autoptr (NnDesign) design = nn_lesson_design ("simple", NULL);
  g_autoptr (GPtrArray) problems = nn_lesson_text_check (lesson, design, viewers);
  g_assert_cmpuint (problems->len, ==, G_N_ELEMENTS (wrong));
  for (guint i = 0; i < problems->len; i++)
    g_assert_nonnull (strstr (g_ptr_array_index (problems, i), wrong[i]));
}

static void
test_examples (void)
{
  g_autoptr (NnDesign) design = nn_lesson_design ("simple", NULL);
  for (const NnLessonQuantity *const *quantity = nn_lesson_quantities (); *quantity; quantity++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (NnLessonCondition) condition =
          nn_lesson_condition_parse ((*quantity)->example, &error);
      g_assert_no_error (error);
      g_assert_true (g_str_has_prefix ((*quantity)->example, (*quantity)->name));
      g_assert_true (nn_lesson_condition_check (condition, design, NULL, &error));
    }
}

/* A task that waits for what the lesson keeps from being changed. */
static void
test_locked_task (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnLessonText) lesson =
      nn_lesson_text_parse ("# Locked\n"
                            "locked: units of Code\n"
                            "## Step\n"
                            "- [ ] It is so.\n"
                            "  when: units of Code = 32\n"
                            "- [ ] Change it.\n"
                            "  when: epochs >= 1 and units of Code = 4\n",
                            &error);
  g_assert_no_error (error);
  g_autoptr (NnDesign) design = nn_lesson_design ("simple", NULL);
  g_autoptr (GPtrArray) problems = nn_lesson_text_check (lesson, design, NULL);
  g_assert_cmpuint (problems->len, ==, 1);
  g_assert_nonnull (strstr (g_ptr_array_index (problems, 0), "line 7"));
  g_assert_nonnull (strstr (g_ptr_array_index (problems, 0), "units of Code"));
}

static void
test_help (void)
{
  static const struct
  {
    const char *condition;
    NnLessonHelpKind kind;
  } cases[] = {
    { "units of Code = 4", NN_LESSON_HELP_EDIT },
    { "units of Code < 4", NN_LESSON_HELP_EDIT },
    { "units of Code > 40", NN_LESSON_HELP_EDIT },
    { "activation of Code = tanh", NN_LESSON_HELP_EDIT },
    { "shuffle of training = off", NN_LESSON_HELP_EDIT },
    { "learning-rate of optimizer >= 0.01", NN_LESSON_HELP_EDIT },
    { "batch-size of training = 64", NN_LESSON_HELP_EDIT },
    { "has dropout after Code", NN_LESSON_HELP_EDIT },
    { "has dropout", NN_LESSON_HELP_NONE },
    { "validation-loss < 0.1", NN_LESSON_HELP_TRAIN },
    { "shows latent", NN_LESSON_HELP_SHOW },
    { "selected Output", NN_LESSON_HELP_SELECT },
    { "runs >= 2", NN_LESSON_HELP_RESET },
    { "frozen Code", NN_LESSON_HELP_EDIT },
    { "code-size = 3", NN_LESSON_HELP_NONE },
  };
  g_autoptr (NnAnalysis) analysis = analyse ("simple");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (NnLessonCondition) condition =
          nn_lesson_condition_parse (cases[i].condition, NULL);
      NnLessonFacts facts = { .analysis = analysis };
      g_auto (NnLessonHelp) help = { 0 };
      nn_lesson_condition_help (condition, &facts, &help);
      if (help.kind != cases[i].kind)
        g_error ("help with “%s” is of kind %d", cases[i].condition, help.kind);
      if (help.kind != NN_LESSON_HELP_EDIT)
        continue;
      /* It does what was asked. */
      g_autoptr (NnAnalysis) after = nn_analysis_new (help.design, nn_analysis_data (analysis), 0);
      g_assert_true (nn_analysis_can_train (after));
      facts.analysis = after;
      g_assert_true (nn_lesson_condition_holds (condition, &facts));
    }
}

/* ---- the lessons of the program ---- */

static void
check_link (const char *lesson, NnDesign *design, const char *target)
{
  NnLessonPoint point = { 0 };
  if (!nn_lesson_point_parse (target, &point))
    g_error ("%s: a link to “%s”", lesson, target);
  if ((point.kind == NN_LESSON_POINT_TERM && nn_glossary_find (point.name) == NULL)
      || (point.kind == NN_LESSON_POINT_LAYER && nn_layer_type (point.name) == NULL)
      || (point.kind == NN_LESSON_POINT_NODE && nn_design_node_by_name (design, point.name) == NULL)
      || (point.kind == NN_LESSON_POINT_CONTROL && !nn_lesson_has_control (point.name, design)))
    g_error ("%s: a link to “%s”, which does not exist", lesson, target);
  nn_lesson_point_clear (&point);
}

static void
check_links (const char *lesson, NnDesign *design, const char *source)
{
  for (const char *at = strstr (source, "]("); at != NULL; at = strstr (at + 2, "]("))
    {
      const char *end = strchr (at, ')');
      g_assert_nonnull (end);
      g_autofree char *target = g_strndup (at + 2, (gsize)(end - at - 2));
      check_link (lesson, design, target);
    }
}

static void
test_lessons (void)
{
  guint n;
  const NnLesson *lessons = nn_lessons (&n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *source = nn_lesson_source (lessons[i].id);
      g_autoptr (NnDesign) design = nn_lesson_design (lessons[i].id, &error);
      g_assert_no_error (error);
      g_autoptr (NnLessonText) lesson = nn_lesson_text_parse (source, &error);
      if (lesson == NULL)
        g_error ("%s: %s", lessons[i].id, error->message);
      g_autoptr (GPtrArray) problems = nn_lesson_text_check (lesson, design, NULL);
      if (problems->len > 0)
        g_error ("%s: %s", lessons[i].id, (char *)g_ptr_array_index (problems, 0));
      check_links (lessons[i].id, design, source);
    }
}

/* The viewers that can be seen as a lesson opens: the first of each pane. */
static void
add_viewers_in_front (GPtrArray *viewers, const char *panes)
{
  g_auto (GStrv) words = g_strsplit_set (panes != NULL ? panes : "", " ", -1);
  gboolean first = TRUE;
  for (char **word = words; *word != NULL; word++)
    if (g_str_equal (*word, "|"))
      first = TRUE;
    else if (**word != '\0' && first)
      {
        g_ptr_array_insert (viewers, 0, g_strdup (*word));
        first = FALSE;
      }
}

/* Nothing is ticked before the student has done anything: not by what the lesson opens, nor by what
 * its steps point at. */
static void
test_nothing_done_by_opening (void)
{
  guint n;
  const NnLesson *lessons = nn_lessons (&n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *source = nn_lesson_source (lessons[i].id);
      g_autoptr (NnLessonText) lesson = nn_lesson_text_parse (source, &error);
      g_assert_no_error (error);
      g_autoptr (NnAnalysis) analysis = analyse (lessons[i].id);
      g_autoptr (GPtrArray) viewers = g_ptr_array_new_with_free_func (g_free);
      g_ptr_array_add (viewers, NULL);
      add_viewers_in_front (viewers, lesson->viewers);
      for (guint k = 0; k < lesson->steps->len; k++)
        {
          const NnLessonStep *step = g_ptr_array_index (lesson->steps, k);
          if (step->point.kind == NN_LESSON_POINT_VIEWER)
            g_ptr_array_insert (viewers, 0, g_strdup (step->point.name));
          NnLessonFacts facts = { .analysis = analysis,
                                  .viewers = (const char *const *)viewers->pdata };
          for (guint b = 0; b < step->blocks->len; b++)
            {
              const NnLessonBlock *block = g_ptr_array_index (step->blocks, b);
              if (block->condition != NULL && nn_lesson_condition_holds (block->condition, &facts))
                {
                  g_test_message ("%s, line %u: “%s” is done by opening the lesson", lessons[i].id,
                                  block->line, block->text);
                  g_test_fail ();
                }
            }
        }
    }
}

static void
test_glossary (void)
{
  const NnLessonText *glossary = nn_glossary ();
  g_assert_nonnull (nn_glossary_find ("kl DIVERGENCE"));
  g_assert_null (nn_glossary_find ("no such term"));
  for (guint i = 0; i < glossary->steps->len; i++)
    {
      const NnLessonStep *entry = g_ptr_array_index (glossary->steps, i);
      g_assert_true (nn_glossary_find (entry->title) == entry);
      g_assert_cmpuint (entry->blocks->len, >, 0);
      const NnLessonStep *before = i > 0 ? g_ptr_array_index (glossary->steps, i - 1) : NULL;
      if (before != NULL)
        g_assert_cmpint (g_ascii_strcasecmp (before->title, entry->title), <, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lesson/parse", test_parse);
  g_test_add_func ("/lesson/without-notes", test_without_notes);
  g_test_add_func ("/lesson/refused", test_refused);
  g_test_add_func ("/lesson/cut-short", test_cut_short);
  g_test_add_func ("/lesson/markup", test_markup);
  g_test_add_func ("/lesson/conditions", test_conditions);
  g_test_add_func ("/lesson/never", test_never);
  g_test_add_func ("/lesson/can-hold-together", test_can_hold_together);
  g_test_add_func ("/lesson/locked-task", test_locked_task);
  g_test_add_func ("/lesson/head", test_head);
  g_test_add_func ("/lesson/examples", test_examples);
  g_test_add_func ("/lesson/help", test_help);
  g_test_add_func ("/lesson/lessons", test_lessons);
  g_test_add_func ("/lesson/nothing-done-by-opening", test_nothing_done_by_opening);
  g_test_add_func ("/lesson/glossary", test_glossary);
  return g_test_run ();
}
