/* train: a whole run, or more epochs of one. */
#include "cli.h"

#include <math.h>
#include <signal.h>
#include <string.h>

#include "base/nn-error.h"
#include "diabolo-config.h"

#include <glib/gi18n-lib.h>

#include "formats/nn-lessons.h"
#include "optimizers/nn-optimizer.h"
#include "train/nn-measures.h"

/* ---- options ---- */

typedef struct
{
  char *data, *optimizer, *weights, *save, *history;
  char *epochs, *batch_size, *learning_rate, *seed, *limit;
  char **settings; /* NAME=VALUE, or NULL */
  gint threads;
  gboolean no_shuffle, all_stages, json, quiet;
} Options;

static void
options_clear (Options *options)
{
  char *texts[] = { options->data,       options->optimizer,     options->weights,
                    options->save,       options->history,       options->epochs,
                    options->batch_size, options->learning_rate, options->seed,
                    options->limit };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
  g_strfreev (options->settings);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
parse_options (Options *o, int *argc, char ***argv)
{
  const GOptionEntry entries[] = {
    { "data", 0, 0, G_OPTION_ARG_FILENAME, &o->data, "Train on this data set", "NAME|PATH" },
    { "epochs", 0, 0, G_OPTION_ARG_STRING, &o->epochs, "Train this many epochs (more)", "N" },
    { "batch-size", 0, 0, G_OPTION_ARG_STRING, &o->batch_size, "Samples in a batch", "N" },
    { "learning-rate", 0, 0, G_OPTION_ARG_STRING, &o->learning_rate, "Step size of the optimizer",
      "X" },
    { "optimizer", 0, 0, G_OPTION_ARG_STRING, &o->optimizer, "Update rule", "NAME" },
    { "seed", 0, 0, G_OPTION_ARG_STRING, &o->seed, "Start anew with weights drawn from this seed",
      "N" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &o->threads, "Threads to use (0: one per processor)",
      "N" },
    { "limit", 0, 0, G_OPTION_ARG_STRING, &o->limit, "Train on the first N samples only", "N" },
    { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->settings,
      "Any other setting of optimizer, training or data: schedule=cosine, momentum=0.9, "
      "label=Class, balance=copies",
      "NAME=VALUE" },
    { "no-shuffle", 0, 0, G_OPTION_ARG_NONE, &o->no_shuffle, "Keep the samples in their order",
      NULL },
    { "weights", 0, 0, G_OPTION_ARG_FILENAME, &o->weights,
      "Start from the weights of a safetensors or .diabolo file", "IN" },
    { "all-stages", 0, 0, G_OPTION_ARG_NONE, &o->all_stages,
      "Train every stage of a lesson in turn, each going on with the weights of the one before",
      NULL },
    { "save", 0, 0, G_OPTION_ARG_FILENAME, &o->save,
      "Write the trained project here (may be FILE itself)", "FILE" },
    { "history", 0, 0, G_OPTION_ARG_FILENAME, &o->history, "Write losses by batch and epoch here",
      "CSV" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &o->json, "Print one JSON object", NULL },
    { "quiet", 0, 0, G_OPTION_ARG_NONE, &o->quiet, "Print the result alone", NULL },
    G_OPTION_ENTRY_NULL,
  };
  return cli_parse (&cli_train, entries, argc, argv, 1, 1);
}

static const NnOptimizerType *
find_optimizer (const char *id, GError **error)
{
  const NnOptimizerType *type = nn_optimizer_type (id);
  if (type)
    return type;
  g_autoptr (GString) names = g_string_new (NULL);
  for (const NnOptimizerType *const *known = nn_optimizer_types (); *known; known++)
    g_string_append_printf (names, "%s%s", names->len ? ", " : "", (*known)->id);
  g_set_error (error, NN_ERROR, NN_ERROR_UNKNOWN, "there is no optimizer “%s”, only: %s", id,
               names->str);
  return NULL;
}

/* The design as the options want it trained. (transfer full) */
static NnDesign *
design_with_options (NnDesign *design, const Options *o, GError **error)
{
  g_autoptr (NnParams) training = nn_params_ref ((NnParams *)nn_design_training (design));
  g_autoptr (NnParams) data = nn_params_ref ((NnParams *)nn_design_data (design));
  const NnOptimizerType *optimizer = nn_design_optimizer (design);
  g_autoptr (NnParams) rule = NULL;

  if (o->optimizer && !(optimizer = find_optimizer (o->optimizer, error)))
    return NULL;
  rule = optimizer == nn_design_optimizer (design)
             ? nn_params_ref ((NnParams *)nn_design_optimizer_params (design))
             : nn_params_new (optimizer->params);

  const struct
  {
    NnParams **params;
    const char *name, *text;
  } changes[] = {
    { &training, "epochs", o->epochs },
    { &training, "batch-size", o->batch_size },
    { &training, "seed", o->seed },
    { &training, "shuffle", o->no_shuffle ? "false" : NULL },
    { &data, "name", o->data },
    { &data, "limit", o->limit },
    { &rule, "learning-rate", o->learning_rate },
  };
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    if (!cli_change_params (changes[i].params, changes[i].name, changes[i].text, error))
      return NULL;

  NnParams **const tables[] = { &rule, &training, &data };
  for (guint i = 0; o->settings && o->settings[i]; i++)
    if (!cli_set_params (tables, G_N_ELEMENTS (tables), o->settings[i], error))
      return NULL;

  g_autoptr (NnDesign) trained = nn_design_with_training (design, training);
  g_autoptr (NnDesign) with_data = nn_design_with_data (trained, data);
  return nn_design_with_optimizer (with_data, optimizer, rule);
}

/* ---- a run ---- */

typedef struct
{
  const Options *options;
  CliWork work;
  NnTrainer *trainer;
  NnRunHistory *history;
  guint64 run;
  guint first_epoch, last_epoch; /* done before, wanted in all */
  double seconds_before;         /* of training, in earlier sessions of this run */
  gint64 started;                /* monotonic */
  guint stage, n_stages;         /* from 0, of; 0: it is trained in one go */
  CliProgress *progress;
  double learning_rate; /* of the last step; NaN before one */
  gboolean varies;      /* the learning rate, by a schedule or a warm-up */
  NnRow validation;     /* of the last epoch; loss NaN before one */
  double loss;          /* mean of the last whole epoch */
  gboolean stopped_early;
  guint best_epoch; /* whose weights are kept at the end; 0: the last */
  double rate;      /* samples a second over all epochs, validation included */
  guint64 n_samples;
} Run;

static void
run_clear (Run *run)
{
  g_clear_pointer (&run->trainer, nn_trainer_free);
  g_clear_pointer (&run->history, nn_run_history_free);
  g_clear_pointer (&run->progress, cli_progress_free);
  cli_work_clear (&run->work);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static volatile sig_atomic_t interrupted;

static void
on_interrupt (int signal_number)
{
  interrupted = 1;
}

/* The first Ctrl+C ends the run after its batch, a second one ends the program. */
static void
catch_interrupts (void)
{
  struct sigaction action = { .sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND };
  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
}

static double
seconds_here (const Run *run)
{
  return (double)(g_get_monotonic_time () - run->started) / G_USEC_PER_SEC;
}

static void
take_goal (Run *run)
{
  const NnParams *training = nn_design_training (run->work.design);

  run->first_epoch = nn_trainer_epochs (run->trainer);
  run->last_epoch = run->first_epoch + (guint)nn_params_int (training, "epochs");
  run->loss = run->validation.loss = run->learning_rate = NAN;
  run->varies = strcmp (nn_params_text (training, "schedule"), "constant") != 0
                || nn_params_int (training, "warm-up") > 0;
  nn_trainer_set_goal (run->trainer, run->last_epoch);
}

/* Weights come from --weights, else from the file, unless --seed asks for new ones. */
static gboolean
start (Run *run, GError **error)
{
  const Options *o = run->options;
  g_autoptr (NnCheckpoint) checkpoint = NULL;
  if (o->weights)
    {
      checkpoint = cli_load_weights (o->weights, run->work.analysis, error);
      if (!checkpoint)
        return FALSE;
    }
  else if (!o->seed && run->work.project->checkpoint)
    checkpoint = nn_checkpoint_ref (run->work.project->checkpoint);

  run->trainer =
      nn_trainer_new (run->work.analysis, run->work.dataset, checkpoint, run->work.pool, error);
  if (!run->trainer)
    return FALSE;

  const NnCheckpoint *saved = run->work.project->checkpoint;
  run->history =
      saved && saved->history ? nn_run_history_copy (saved->history) : nn_run_history_new ();
  gboolean goes_on = saved && checkpoint == saved && saved->history;
  run->run = goes_on ? saved->run : nn_run_history_begin (run->history);
  gsize n;
  const NnRow *rows = nn_run_history_rows (run->history, run->run, NN_ROW_BATCH, &n);
  run->seconds_before = n ? rows[n - 1].seconds : 0;
  take_goal (run);
  return TRUE;
}

static void
append_row (Run *run, NnRowKind kind, double epoch, double loss, double accuracy)
{
  NnRow row = { .run = run->run,
                .kind = kind,
                .epoch = epoch,
                .step = nn_trainer_steps (run->trainer),
                .loss = loss,
                .accuracy = accuracy,
                .seconds = run->seconds_before + seconds_here (run),
                .learning_rate = run->learning_rate,
                .measure = nn_trainer_measure (run->trainer) };
  if (kind == NN_ROW_VALIDATION)
    nn_measures_to_row (nn_trainer_measures (run->trainer),
                        nn_analysis_design (nn_trainer_analysis (run->trainer)), &row);
  nn_run_history_append (run->history, &row, 1);
  if (kind == NN_ROW_VALIDATION)
    run->validation = row;
}

static char *
rate_text (double per_second)
{
  return per_second >= 10000 ? g_strdup_printf ("%.0fk/s", per_second / 1000)
                             : g_strdup_printf ("%.0f/s", per_second);
}

static void
end_epoch (Run *run, const NnStep *step)
{
  append_row (run, NN_ROW_EPOCH, step->epoch, step->epoch_loss, step->epoch_accuracy);
  run->loss = step->epoch_loss;
  const NnPart part = nn_dataset_validation_part (run->work.dataset);
  if (nn_dataset_n_samples (run->work.dataset, part) > 0)
    {
      NnEvaluation evaluation = { 0 };
      while (!nn_trainer_evaluate (run->trainer, part, &evaluation))
        if (interrupted)
          return;
      append_row (run, NN_ROW_VALIDATION, step->epoch, evaluation.loss, evaluation.accuracy);
      nn_trainer_note_validation (run->trainer, evaluation.loss);
    }
  run->rate = (double)run->n_samples / seconds_here (run);

  cli_progress_clear (run->progress);
  if (run->options->quiet || run->options->json)
    return;
  g_autofree char *rate = rate_text (run->rate);
  g_print ("epoch %u of %u  loss %.4f  validation %.4f", step->epoch, run->last_epoch, run->loss,
           run->validation.loss);
  if (isfinite (run->validation.accuracy))
    g_print ("  accuracy %.4f", run->validation.accuracy);
  if (run->varies)
    g_print ("  learning rate %.3g", run->learning_rate);
  g_print ("  %s\n", rate);
}

static gboolean
train (Run *run, GError **error)
{
  run->started = g_get_monotonic_time ();
  while (nn_trainer_epochs (run->trainer) < run->last_epoch && !run->stopped_early && !interrupted)
    {
      NnStep step;
      if (!nn_trainer_step (run->trainer, &step, error))
        return FALSE;
      run->n_samples += step.n;
      run->learning_rate = step.learning_rate;
      double epoch =
          step.epoch_ended ? step.epoch : step.epoch + (double)step.batch / step.n_batches;
      append_row (run, NN_ROW_BATCH, epoch, step.loss, step.accuracy);

      double done = (epoch - run->first_epoch) / (run->last_epoch - run->first_epoch);
      double left = done > 0 ? seconds_here (run) / done - seconds_here (run) : 0;
      cli_progress_show (run->progress, (run->stage + done) / MAX (1, run->n_stages),
                         "epoch %u of %u  loss %.4f  learning rate %.3g  %.0f s left",
                         MIN (step.epoch + 1, run->last_epoch), run->last_epoch, step.loss,
                         step.learning_rate, left);
      if (!step.epoch_ended)
        continue;
      end_epoch (run, &step);
      run->stopped_early = !interrupted && nn_trainer_is_over (run->trainer);
    }
  if (!interrupted)
    run->best_epoch = nn_trainer_use_best (run->trainer);
  cli_progress_clear (run->progress);
  return TRUE;
}

/* ---- stages ---- */

/* The next stage's network in place of the one that was trained, in a run of its own. */
static gboolean
begin_stage (Run *run, const NnLesson *lesson, GError **error)
{
  CliWork *work = &run->work;
  g_autoptr (NnDesign) plain = nn_lesson_design (lesson->id, error);
  g_autoptr (NnDesign) design = plain ? design_with_options (plain, run->options, error) : NULL;
  g_auto (CliWork) next = { 0 };
  if (!design)
    return FALSE;
  if (nn_data_is_same (nn_design_data (work->design), nn_design_data (design)))
    next.dataset = nn_dataset_ref (work->dataset);
  if (!cli_work_init (&next, design, (guint)run->options->threads, run->progress, error))
    return FALSE;
  nn_trainer_begin (run->trainer);
  if (!nn_trainer_edit (run->trainer, next.analysis, next.dataset, NULL, error))
    return FALSE;
  /* Project and pool stay: the trainer works on that one. */
  const CliWork last = *work;
  work->design = next.design;
  work->analysis = next.analysis;
  work->dataset = next.dataset;
  next = (CliWork){
    .design = last.design, .analysis = last.analysis, .dataset = last.dataset, .pool = next.pool
  };
  g_free (work->project->text);
  work->project->text = nn_lesson_source (lesson->id);
  g_free (work->project->lesson);
  work->project->lesson = g_strdup (lesson->id);
  work->project->n_earlier_runs = nn_run_history_n_runs (run->history);
  run->run = nn_run_history_begin (run->history);
  run->seconds_before = 0;
  run->n_samples = 0;
  run->stopped_early = FALSE;
  take_goal (run);
  return TRUE;
}

static gboolean
train_stages (Run *run, const char *lesson, GError **error)
{
  const NnLesson *stages[NN_LESSON_MAX_STAGES];
  run->n_stages = nn_lesson_stages (nn_lesson (lesson), stages, &run->stage);
  for (guint i = run->stage; i < run->n_stages && !interrupted; i++)
    {
      if (i > run->stage && !begin_stage (run, stages[i], error))
        return FALSE;
      run->stage = i;
      if (!run->options->quiet && !run->options->json)
        g_print ("%s, stage %u of %u\n", _ (stages[i]->title), i + 1, run->n_stages);
      nn_run_history_rename (run->history, run->run, _ (stages[i]->title));
      if (!train (run, error))
        return FALSE;
    }
  return TRUE;
}

/* ---- the result ---- */

static gboolean
save (Run *run, GError **error)
{
  const Options *o = run->options;
  if (o->save)
    {
      g_autoptr (NnCheckpoint) checkpoint = nn_trainer_checkpoint (run->trainer);
      checkpoint->run = run->run;
      nn_checkpoint_set_best (checkpoint, nn_trainer_best (run->trainer));
      g_autoptr (NnCheckpoint) whole = nn_checkpoint_with_history (checkpoint, run->history);
      NnProject *project = run->work.project;
      g_clear_pointer (&project->design, nn_design_unref);
      g_clear_pointer (&project->checkpoint, nn_checkpoint_unref);
      project->design = nn_design_ref (run->work.design);
      project->checkpoint = g_steal_pointer (&whole);
      if (!nn_project_save (project, o->save, NULL, error))
        return FALSE;
    }
  if (o->history)
    {
      g_autofree char *csv = nn_run_history_to_csv (run->history);
      if (!g_file_set_contents (o->history, csv, -1, error))
        return FALSE;
    }
  return TRUE;
}

static void
add_epochs (JsonBuilder *json, Run *run)
{
  gsize n_epochs, n_validations;
  const NnRow *epochs = nn_run_history_rows (run->history, run->run, NN_ROW_EPOCH, &n_epochs);
  const NnRow *validations =
      nn_run_history_rows (run->history, run->run, NN_ROW_VALIDATION, &n_validations);
  json_builder_set_member_name (json, "history");
  json_builder_begin_array (json);
  for (gsize i = 0, v = 0; i < n_epochs; i++)
    {
      json_builder_begin_object (json);
      cli_json_number (json, "epoch", epochs[i].epoch);
      cli_json_number (json, "loss", epochs[i].loss);
      while (v < n_validations && validations[v].epoch < epochs[i].epoch)
        v++;
      gboolean has = v < n_validations && validations[v].epoch == epochs[i].epoch;
      cli_json_number (json, "validation_loss", has ? validations[v].loss : NAN);
      cli_json_number (json, "validation_accuracy", has ? validations[v].accuracy : NAN);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

/* "stages": each one's run. */
static void
add_stages (JsonBuilder *json, Run *run)
{
  json_builder_set_member_name (json, "stages");
  json_builder_begin_array (json);
  for (guint i = 0; i < nn_run_history_n_runs (run->history); i++)
    {
      const NnRun *stage = nn_run_history_run (run->history, i);
      gsize n, n_validations;
      const NnRow *epochs = nn_run_history_rows (run->history, stage->id, NN_ROW_EPOCH, &n);
      const NnRow *validations =
          nn_run_history_rows (run->history, stage->id, NN_ROW_VALIDATION, &n_validations);
      json_builder_begin_object (json);
      cli_json_text (json, "title", stage->name);
      cli_json_number (json, "epochs", (double)n);
      cli_json_number (json, "loss", n > 0 ? epochs[n - 1].loss : NAN);
      cli_json_number (json, "validation_loss",
                       n_validations > 0 ? validations[n_validations - 1].loss : NAN);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

static void
print_result (Run *run)
{
  const NnRow *best = nn_run_history_best (run->history, run->run);
  guint epochs = nn_trainer_epochs (run->trainer);
  if (run->options->json)
    {
      g_autoptr (JsonBuilder) json = json_builder_new ();
      json_builder_begin_object (json);
      cli_json_number (json, "epochs", epochs);
      cli_json_number (json, "steps", (double)nn_trainer_steps (run->trainer));
      cli_json_number (json, "loss", run->loss);
      cli_json_number (json, "validation_loss", run->validation.loss);
      cli_json_number (json, "validation_accuracy",
                       isfinite (run->validation.loss) ? run->validation.accuracy : NAN);
      cli_json_number (json, "best_validation_loss", best ? best->loss : NAN);
      cli_json_number (json, "best_epoch", best ? best->epoch : NAN);
      cli_json_number (json, "weights_epoch", run->best_epoch ? run->best_epoch : epochs);
      cli_json_number (json, "learning_rate", run->learning_rate);
      cli_json_number (json, "seconds", seconds_here (run));
      cli_json_number (json, "samples_per_second", run->rate);
      add_epochs (json, run);
      if (run->n_stages > 0)
        add_stages (json, run);
      json_builder_end_object (json);
      cli_print_json (json);
      return;
    }
  g_print ("%u epochs in %.1f s: loss %.4f", epochs - run->first_epoch, seconds_here (run),
           run->loss);
  if (isfinite (run->validation.loss))
    g_print (", validation %.4f (best %.4f in epoch %.0f)", run->validation.loss, best->loss,
             best->epoch);
  if (run->stopped_early)
    g_print ("; stopped early");
  if (run->best_epoch)
    g_print ("; the weights are those of epoch %u", run->best_epoch);
  g_print ("\n");
}

/* (transfer full) */
static NnProject *
project_of_lesson (const char *id, GError **error)
{
  g_autoptr (NnDesign) design = nn_lesson_design (id, error);
  if (!design)
    return NULL;
  const NnLesson *stages[NN_LESSON_MAX_STAGES];
  if (nn_lesson_stages (nn_lesson (id), stages, NULL) == 1)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_UNKNOWN, "the lesson “%s” has no stages", id);
      return NULL;
    }
  NnProject *project = nn_project_new (design, NULL);
  project->text = nn_lesson_source (id);
  project->lesson = g_strdup (id);
  project->first_stage = g_strdup (id);
  return project;
}

static CliStatus
run_train (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  if (!parse_options (&options, &argc, &argv))
    return CLI_USAGE;
  if (options.threads < 0)
    return cli_wrong_usage ("train", "--threads is %d, expected 0 or more", options.threads);

  g_autoptr (GError) error = NULL;
  g_auto (Run) run = { .options = &options, .progress = cli_progress_new (options.quiet) };
  run.work.project = options.all_stages ? project_of_lesson (argv[1], &error)
                                        : nn_project_load (argv[1], NULL, &error);
  if (!run.work.project)
    return cli_failed ("train", error);
  g_autoptr (NnDesign) design = design_with_options (run.work.project->design, &options, &error);
  if (!design)
    return cli_wrong_usage ("train", "%s", error->message);
  if (!cli_work_init (&run.work, design, (guint)options.threads, run.progress, &error)
      || !start (&run, &error))
    return cli_failed ("train", error);

  catch_interrupts ();
  if (!(options.all_stages ? train_stages (&run, argv[1], &error) : train (&run, &error)))
    return cli_failed ("train", error);
  if (!save (&run, &error))
    return cli_failed ("train", error);
  print_result (&run);
  if (interrupted)
    {
      cli_note ("train", "interrupted in epoch %u%s%s", nn_trainer_epochs (run.trainer) + 1,
                options.save ? "; what was trained so far is in " : "",
                options.save ? options.save : "");
      return CLI_FAILED;
    }
  return CLI_DONE;
}

const CliVerb cli_train = { "train", "FILE|LESSON",
                            "Trains a project's network: from the start, or on from its weights.",
                            run_train };
