/* wb-document-private.h: what the files of the document share. */
#pragma once

#include "data/nn-data-source.h"
#include "document/wb-document.h"
#include "formats/nn-lessons.h"
#include "formats/nn-project.h"

G_BEGIN_DECLS

/* A wake-up on its way from the worker: outlives the document if it must. */
typedef struct
{
  gatomicrefcount refs;
  WbDocument *document; /* main thread only; NULL once closed */
} WbWake;

/* What every finished or pending save has to remember. */
typedef struct
{
  GTask *task;           /* owned; ends in wb_document_save_finish() */
  GFile *file;           /* owned */
  gboolean for_students; /* a copy, which the document is not */
} WbSave;

struct _WbDocument
{
  GObject parent_instance;

  NnHistory *history;
  NnAnalysis *analysis;
  GArray *selection; /* guint */
  gboolean closed;

  /* file */
  GFile *file;       /* NULL: never saved */
  char *lesson_id;   /* the lesson of the program, or of a newer one, that has this text; or NULL */
  char *first_stage; /* where the training of a lesson in stages began; or NULL */
  guint n_drawings;  /* strokes on a pad */
  guint n_earlier_runs;   /* the first runs, which trained the stages before this one */
  char *saved_lesson;     /* its text as it was last saved */
  NnLessonText *lesson;   /* lesson_text as read, or NULL */
  char *lesson_text;      /* NULL where it is no lesson */
  GBytes *thumbnail;      /* of the file it came from, or was saved to */
  GskRenderNode *picture; /* that the next is to be drawn from, or NULL */
  int picture_width, picture_height;
  GHashTable *extra;      /* entries of newer versions, written back */
  NnDesign *saved_design; /* what the file holds */
  guint64 saved_step;
  guint64 saved_run;
  GPtrArray *saves;   /* WbSave waiting for a checkpoint */
  GPtrArray *exports; /* GTask, the same */

  /* data set */
  NnDataInfo *peeked;    /* sizes, until the samples are there */
  NnDataset *full;       /* as loaded */
  NnDataset *dataset;    /* full, limited as the design says */
  NnParams *data_read;   /* what full is, or what is being loaded; its limit means nothing */
  GPtrArray *data_notes; /* of full */
  GCancellable *loading; /* NULL when nothing is being loaded */
  gint load_permille;    /* atomic: the loading thread writes */
  guint load_tick;
  char *busy; /* what is being done, for the header */
  GError *data_error;

  /* training */
  NnSession *session;
  WbWake *wake;
  GtkWidget *frame_widget; /* borrowed, weak: whose frames drain the session */
  guint frame_tick;
  guint drain_timeout;
  gint64 drained_at;
  NnSnapshot *snapshot;
  NnRunHistory *runs;
  guint given, saved_given;  /* how often weights came from elsewhere, not from training here */
  NnWeightsOrigin origin;    /* of those that the current run began with */
  NnCheckpoint *checkpoint;  /* newest known: of the file, or of the last request */
  gboolean checkpoint_fresh; /* the session has not been given checkpoint yet */
  NnSessionState state;
  guint64 asked; /* commands given when state was set ahead of the worker's word on it */
  gboolean train_when_ready;
  guint revision;
  guint64 left_run; /* the run that the last command has ended, 0: none, or confirmed */
  guint n_epochs_asked;
  guint sample;
  char *board; /* where cell is selected; NULL: nowhere */
  gssize cell;
  GHashTable *probes;              /* id -> NnProbe */
  GHashTable *results;             /* id -> NnProbeResult */
  guint answers_from;              /* revision: earlier answers are about other data */
  struct _WbCodeSpace *code_space; /* NULL before it is asked for */
  gboolean rewound;
  NnMoment moment;     /* where rewound */
  guint rewind_memory; /* as the worker was told, MB */

  /* recovery */
  struct _WbRecovery *recovery;
};

/* wb-document.c */
void wb_document_emit_state (WbDocument *self);
void wb_document_notice (WbDocument *self, const char *text, const char *label, const char *action);
void wb_document_reanalyse (WbDocument *self);
void wb_document_send_model (WbDocument *self);
/* Of answers about the data so far, those under way included, none is shown any more. */
void wb_document_forget_answers (WbDocument *self);
/* As wb_document_new(), going on from checkpoint (nullable); origin: of its weights, where nothing
 * was trained with them. */
WbDocument *wb_document_new_from (NnDesign *design, NnCheckpoint *checkpoint,
                                  NnWeightsOrigin origin);

/* wb-document-data.c */
/* Brings data set and peeked sizes in line with the design; starts a load where it must. TRUE if
 * the set of samples in use has changed. */
gboolean wb_document_update_data (WbDocument *self);
void wb_document_data_close (WbDocument *self);

/* wb-document-training.c */
void wb_document_training_init (WbDocument *self);
void wb_document_training_close (WbDocument *self);
void wb_document_model_changed (WbDocument *self, NnDesign *old);
/* What comes is a run of its own, with the weights as they are. */
void wb_document_begin_run (WbDocument *self);
/* What a run that is not listed yet is to be called: of a lesson in stages, runs say which of them
 * they train. (transfer full) */
char *wb_document_name_for_run (WbDocument *self, const NnRun *run);
/* Shown at once; the worker confirms. */
void wb_document_ask (WbDocument *self, NnSessionState state);

/* wb-document-rewind.c */
void wb_document_rewind_init (WbDocument *self);
/* What a snapshot means for the moment that is shown. */
void wb_document_rewind_update (WbDocument *self);
/* The present is shown; the worker knows or is told by something else. */
void wb_document_forget_moment (WbDocument *self);

/* wb-document-files.c */
void wb_document_files_close (WbDocument *self);
/* The worker's answer, NULL where it has no model. */
void wb_document_checkpoint_arrived (WbDocument *self, NnCheckpoint *checkpoint);
/* file is nullable. */
WbDocument *wb_document_new_from_project (NnProject *project, GFile *file);
/* The checkpoint as a file should hold it: run names as they are now, no weights that the seed
 * draws again. NULL where nothing was trained. */
NnCheckpoint *wb_document_make_checkpoint (WbDocument *self);
/* With all of the lesson and where its weights came from, as a file should hold it; text (transfer
 * full) (nullable) is the lesson's. */
NnProject *wb_document_make_project (WbDocument *self, NnCheckpoint *checkpoint, char *text);

/* wb-document-recovery.c */
void wb_document_recovery_init (WbDocument *self);
void wb_document_recovery_close (WbDocument *self);
void wb_document_recovery_epoch_ended (WbDocument *self);
void wb_document_recovery_touched (WbDocument *self);
void wb_document_recovery_checkpoint (WbDocument *self);
void wb_document_recovery_saved (WbDocument *self);
/* The document goes on with the entry id and counts as unsaved. */
void wb_document_recovered (WbDocument *self, const char *id);

/* wb-document.c: the lesson's text (transfer full) (nullable), as it is read from a file. */
void wb_document_take_lesson (WbDocument *self, char *text);

G_END_DECLS
