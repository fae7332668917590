/* wb-document.h: one open document on the main thread: the design with its undo history, the data
 * set, the training session, the runs, the file. Every panel, canvas and viewer watches it and
 * edits only through it.
 *
 * Signals (all on the main thread):
 *   "changed"            design or analysis changed (edit, undo, load, data set arrived)
 *   "selection-changed"
 *   "rewound"            the moment that is shown has changed, wb_document_moment()
 *   "snapshot"           (NnSnapshot *, borrowed for the call) while the worker has news, once a
 *                        frame at most
 *   "state-changed"      training state, busy loading, runs list, modified, title, path: header
 *                        and actions
 *   "notice"             (char *text, char *action_label, char *action_name) something to tell in
 *                        a toast
 *
 * Main thread only.
 */
#pragma once

#include <gtk/gtk.h>

#include "formats/nn-export.h"
#include "formats/nn-project.h"
#include "lesson/nn-lesson-text.h"
#include "model/nn-analysis.h"
#include "model/nn-history.h"
#include "train/nn-session.h"

G_BEGIN_DECLS

#define WB_TYPE_DOCUMENT (wb_document_get_type ())
G_DECLARE_FINAL_TYPE (WbDocument, wb_document, WB, DOCUMENT, GObject)

WbDocument *wb_document_new (NnDesign *design); /* starts loading the design's data set */
/* Ends the session (bounded wait); call before the last unref. */
void wb_document_close (WbDocument *document);

/* ---- what there is (all transfer none) ---- */
NnDesign *wb_document_design (WbDocument *document);
NnAnalysis *wb_document_analysis (WbDocument *document); /* of the current design; never NULL */
NnDataset *wb_document_dataset (WbDocument *document);   /* NULL while it loads */
NnRunHistory *wb_document_runs (WbDocument *document);   /* main thread's copy, up to date */
NnSnapshot *wb_document_snapshot (WbDocument *document); /* newest, or NULL */
GFile *wb_document_file (WbDocument *document);          /* NULL: never saved */
char *wb_document_display_name (WbDocument *document);   /* (transfer full) file name or title */
gboolean wb_document_modified (WbDocument *document);
/* NULL, or what is being done ("Loading digits"), with fraction 0..1 (-1: not known). */
const char *wb_document_busy (WbDocument *document, double *fraction);
void wb_document_cancel_busy (WbDocument *document);
const GError *
wb_document_data_error (WbDocument *document); /* why the data set is not there, or NULL */
/* What was skipped or filled in when the data were read (element-type utf8); NULL: nothing is
 * loaded. */
GPtrArray *wb_document_data_notes (WbDocument *document);
const char *
wb_document_lesson_text (WbDocument *document); /* NULL where the document is no lesson */
/* The same, read; NULL where there is none or it cannot be read. (transfer none) */
const NnLessonText *wb_document_lesson (WbDocument *document);
/* NULL or empty: no lesson. */
void wb_document_set_lesson_text (WbDocument *document, const char *text);
/* NULL where its text is not that of one of the program's lessons. */
const char *wb_document_lesson_id (WbDocument *document);
/* Of a lesson in stages: how many of its runs, the first, trained the stages before this one. */
guint wb_document_n_earlier_runs (WbDocument *document);
/* Of a lesson in stages: id of the one that training began with. The same NULL. */
const char *wb_document_first_stage (WbDocument *document);
/* Epochs the worker is asked for: the design's, or more where those are done. */
guint wb_document_target_epochs (WbDocument *document);

/* ---- editing: each call is one undo step named label ("Add Dense") ---- */
/* design (transfer full). merge: NULL, or a key that makes successive calls one step until sealed.
 */
void wb_document_edit (WbDocument *document, NnDesign *design, const char *label,
                       const char *merge);
void wb_document_seal (WbDocument *document);              /* end of a drag */
const char *wb_document_undo_label (WbDocument *document); /* NULL: nothing to undo */
const char *wb_document_redo_label (WbDocument *document);
void wb_document_undo (WbDocument *document);
void wb_document_redo (WbDocument *document);

/* Loads a data set by name or path, read in the usual way, and then makes it the design's, as one
 * undo step; an empty network gets an Input that reads it. On failure nothing changes and a notice
 * says why. */
void wb_document_set_data (WbDocument *document, const char *name_or_path);
/* The same for a set and how it is read, of nn_data_specs(). */
void wb_document_use_data (WbDocument *document, const NnParams *data);
/* The same for what was loaded already, with its notes (element-type utf8). */
void wb_document_take_data (WbDocument *document, const NnParams *data, NnDataset *dataset,
                            GPtrArray *notes);
/* Such as the first two take, for another set: the design's limit and seed, the rest as usual.
 * (transfer full) */
NnParams *wb_document_data_for (WbDocument *document, const char *name_or_path);

/* ---- selection: node ids ---- */
GArray *wb_document_selection (WbDocument *document); /* guint, (transfer none) */
gboolean wb_document_is_selected (WbDocument *document, guint node);
/* Where one of nodes does not exist, because a lesson refused it, the selection stays. */
void wb_document_select (WbDocument *document, const guint *nodes,
                         guint n); /* replaces; n 0 clears */
void wb_document_toggle_selected (WbDocument *document, guint node);

/* ---- drawing ---- */
/* Strokes of the student's own that networks were given, for lessons that ask for one; viewers tell
 * of each. */
guint wb_document_n_drawings (WbDocument *document);
void wb_document_note_drawing (WbDocument *document);

/* ---- training ---- */
NnSessionState wb_document_state (WbDocument *document);
void wb_document_train (WbDocument *document); /* or goes on; asks for design's epochs, 50 % more
                                                  where those are done */
void wb_document_pause (WbDocument *document);
void wb_document_step_batch (WbDocument *document);
void wb_document_step_epoch (WbDocument *document);
void wb_document_reset (WbDocument *document, gboolean new_seed);

/* Where the weights came from that nothing has trained since; NN_WEIGHTS_DRAWN where something has,
 * too. Never NN_WEIGHTS_UNSAID. */
NnWeightsOrigin wb_document_weights_origin (WbDocument *document);
/* Goes on from these weights (of nodes of the design), at the start of a new run; what has none is
 * drawn. No step of undo: the run before stays. */
void wb_document_give_weights (WbDocument *document, NnCheckpoint *weights);

/* ---- looking back: see nn_session_rewind() ---- */

/* The run that is trained, 0 before the first. */
guint64 wb_document_run (WbDocument *document);
/* The moments of a run that can be shown, in order. Valid until the next "snapshot". (transfer
 * none)
 */
const NnMoment *wb_document_moments (WbDocument *document, guint64 run, guint *n);
/* What everything that asks the worker shows: a moment of the current run, or NULL: the present. */
const NnMoment *wb_document_moment (WbDocument *document);
/* A run's rows up to the moment that is shown; run 0: the current one. */
const NnRow *wb_document_rows_shown (WbDocument *document, guint64 run, NnRowKind kind, gsize *n);
/* Shows the moment nearest to so many epochs; training goes on. */
void wb_document_rewind (WbDocument *document, double epoch);
void wb_document_return_to_now (WbDocument *document);
/* A new run trains on from the moment that is shown; the old one stays. */
void wb_document_continue (WbDocument *document);
/* Makes another run the current one, as it was left; training pauses. NULL where that is possible,
 * else why it is not. */
const char *wb_document_go_to_run (WbDocument *document, guint64 run);
const char *wb_document_run_missing (WbDocument *document, guint64 run);
/* Forgets a run that is not the current one: its curve and its moments. */
void wb_document_remove_run (WbDocument *document, guint64 run);

/* While a mapped widget is set, the worker's news are taken in its frame ticks (once a frame at
 * most). */
void wb_document_set_frame_widget (WbDocument *document, GtkWidget *widget);

/* A viewer's question while it is visible; replaces the probe of the same id. References it. */
void wb_document_add_probe (WbDocument *document, NnProbe *probe);
void wb_document_remove_probe (WbDocument *document, guint id);
/* The newest answer to that probe, or NULL. (transfer none) */
NnProbeResult *wb_document_probe_result (WbDocument *document, guint id);

/* The test sample that thumbnails show; viewers may follow. Emits "state-changed". */
guint wb_document_sample (WbDocument *document);
void wb_document_set_sample (WbDocument *document, guint sample);

/* What was selected last on a board of that name ("activations 4"), so that all viewers that show
 * the same board have the same selection; -1: nothing. Emits "state-changed". */
gssize wb_document_cell (WbDocument *document, const char *board);
void wb_document_set_cell (WbDocument *document, const char *board, gssize cell);

/* The place in the space of codes that viewers share: wb-code-space.h. (transfer none) */
struct _WbCodeSpace *wb_document_code_space (WbDocument *document);

/* ---- files: never block; finish with success or an error that names file and reason ---- */
/* The thumbnail of the files saved from now on, size in pixels. It is drawn on a save's thread, so
 * nothing else may draw it. */
void wb_document_set_picture (WbDocument *document, GskRenderNode *picture, int width, int height);
void wb_document_save_async (WbDocument *document, GFile *file, GAsyncReadyCallback callback,
                             gpointer data);
gboolean wb_document_save_finish (WbDocument *document, GAsyncResult *result, GError **error);
/* Writes a copy to hand out, which lacks the teacher's notes; the document keeps its file and stays
 * as modified as it was. Its own file is refused, since the notes would be lost. */
void wb_document_save_for_students_async (WbDocument *document, GFile *file,
                                          GAsyncReadyCallback callback, gpointer data);
gboolean wb_document_save_for_students_finish (WbDocument *document, GAsyncResult *result,
                                               GError **error);
/* What exporters read: the network as it is now, with the worker's newest weights. */
void wb_document_export_async (WbDocument *document, GAsyncReadyCallback callback, gpointer data);
NnExportSource *wb_document_export_finish (WbDocument *document, GAsyncResult *result,
                                           GError **error); /* (transfer full) */
/* A new document from a network that was made elsewhere: not saved yet. (transfer full) */
WbDocument *wb_document_new_imported (NnDesign *design, NnCheckpoint *weights);
/* A new document from a file, a lesson id or a recovery file. */
void wb_document_open_async (GFile *file, GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer data);
WbDocument *wb_document_open_finish (GAsyncResult *result, GError **error); /* (transfer full) */
WbDocument *wb_document_open_lesson (const char *id, GError **error);       /* (transfer full) */
/* Makes a lesson's document that of its next stage: an edit, which keeps the weights of the nodes
 * that both have, and a run of its own. Training that is under way goes on. Where both stages learn
 * from the same data, so they do if the student has chosen another set. FALSE, with nothing done,
 * where lesson id does not go on from this document. */
gboolean wb_document_go_on_with_lesson (WbDocument *document, const char *id);

G_END_DECLS
