/* cli.h: what the verbs of diabolo-cli share. One verb = one CliVerb, listed in cli-main.c.
 *
 * Results go to standard output; progress and errors to standard error.
 */
#pragma once

#include "data/nn-data-source.h"
#include "formats/nn-project.h"
#include "model/nn-analysis.h"
#include "train/nn-trainer.h"

G_BEGIN_DECLS

typedef enum
{
  CLI_DONE = 0,
  CLI_FAILED = 1,
  CLI_USAGE = 2, /* the command itself was wrong */
} CliStatus;

typedef struct
{
  const char *name;                         /* "train" */
  const char *arguments;                    /* "FILE", for --help */
  const char *summary;                      /* one sentence, for --help */
  CliStatus (*run) (int argc, char **argv); /* argv[0] is the verb */
} CliVerb;

extern const CliVerb cli_lessons, cli_layers;         /* cli-lists.c */
extern const CliVerb cli_datasets;                    /* cli-datasets.c */
extern const CliVerb cli_new, cli_check, cli_summary; /* cli-project.c */
extern const CliVerb cli_train;                       /* cli-train.c */
extern const CliVerb cli_evaluate;                    /* cli-evaluate.c */
extern const CliVerb cli_run;                         /* cli-run.c */
extern const CliVerb cli_export;                      /* cli-export.c */
extern const CliVerb cli_import;                      /* cli-import.c */
extern const CliVerb cli_bench;                       /* cli-bench.c */

/* ---- the command line (cli-support.c) ---- */

/* Reads the options of a verb out of argv, leaving min..max other arguments after argv[0]; says
 * what is wrong and gives FALSE where they are not there. --help ends the program. */
gboolean cli_parse (const CliVerb *verb, const GOptionEntry *entries, int *argc, char ***argv,
                    int min, int max);

/* "diabolo-cli: WHAT: WHY" on standard error. Gives CLI_FAILED, or CLI_USAGE. */
CliStatus cli_failed (const char *what, const GError *error);
CliStatus cli_wrong_usage (const char *what, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* The same for what is worth knowing but no failure. */
void cli_note (const char *what, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* ---- results (cli-support.c) ---- */

void cli_print_json (JsonBuilder *builder); /* takes the root, prints it on standard output */
void cli_list_datasets (gboolean json);     /* cli-lists.c */
/* Numbers that are not finite become null, as JSON knows no others. */
void cli_json_number (JsonBuilder *builder, const char *name, double value);
void cli_json_text (JsonBuilder *builder, const char *name, const char *value); /* NULL: null */

/* ---- progress on a terminal (cli-progress.c) ---- */

typedef struct _CliProgress CliProgress;

/* NULL (nothing is ever shown) where standard error is no terminal or quiet is set. */
CliProgress *cli_progress_new (gboolean quiet);
/* Redraws at most 20 times a second. text follows the bar. */
void cli_progress_show (CliProgress *progress, double fraction, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
void cli_progress_clear (CliProgress *progress); /* before printing a line */
void cli_progress_free (CliProgress *progress);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliProgress, cli_progress_free)

/* ---- what a verb works on (cli-work.c) ---- */

/* A project with its data, ready for a trainer. */
typedef struct
{
  NnProject *project;   /* owned */
  NnDesign *design;     /* owned; with the command line's changes */
  NnDataset *dataset;   /* owned */
  NnAnalysis *analysis; /* owned; can train */
  NnPool *pool;         /* owned */
} CliWork;

/* Loads the data that design names (reference taken), unless work has a data set, and checks that
 * it can train; otherwise the error holds the diagnostics. progress may be NULL. */
gboolean cli_work_init (CliWork *work, NnDesign *design, guint n_threads, CliProgress *progress,
                        GError **error);
void cli_work_clear (CliWork *work);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliWork, cli_work_clear)

/* The design with its data set replaced by a name or path, NULL keeps it, and with settings
 * ("label=Class", nullable) of how it is read. (transfer full) */
NnDesign *cli_design_with_data (NnDesign *design, const char *data, char **settings,
                                GError **error);
/* Changes one value of *params, where text is given. */
gboolean cli_change_params (NnParams **params, const char *name, const char *text, GError **error);
/* "momentum=0.9": in the first of n tables that has the name; "data.seed=3": in the last. */
gboolean cli_set_params (NnParams **const *tables, guint n, const char *setting, GError **error);

/* Weights from a .diabolo or safetensors file that fit every weight of the analysis's program.
 * (transfer full) */
NnCheckpoint *cli_load_weights (const char *path, NnAnalysis *analysis, GError **error);

G_END_DECLS
