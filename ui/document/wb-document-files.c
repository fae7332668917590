/* wb-document-files.c: opening and saving, off the main thread. */
#include "diabolo-config.h"

#include "document/wb-document-private.h"

#include <glib/gi18n.h>

#include "formats/nn-lessons.h"
#include "formats/nn-project.h"

/* ---- saving ---- */

typedef struct
{
  NnProject *project; /* owned */
  NnDesign *design;   /* owned: what will be in the file */
  GFile *file;        /* owned */
  guint64 step, run;
  guint given;
  GskRenderNode *picture; /* owned, or NULL: the thumbnail stays */
  int width, height;      /* of picture */
} SaveJob;

static void
save_job_free (SaveJob *job)
{
  g_clear_pointer (&job->project, nn_project_free);
  g_clear_pointer (&job->design, nn_design_unref);
  g_clear_object (&job->file);
  g_clear_pointer (&job->picture, gsk_render_node_unref);
  g_free (job);
}

static cairo_status_t
append_png (void *bytes, const unsigned char *data, unsigned int n)
{
  g_byte_array_append (bytes, data, n);
  return CAIRO_STATUS_SUCCESS;
}

/* A file without a picture is better than none. */
static void
draw_thumbnail (SaveJob *job)
{
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, job->width, job->height);
  cairo_t *cr = cairo_create (surface);
  GByteArray *png = g_byte_array_new ();

  gsk_render_node_draw (job->picture, cr);
  if (cairo_status (cr) == CAIRO_STATUS_SUCCESS
      && cairo_surface_write_to_png_stream (surface, append_png, png) == CAIRO_STATUS_SUCCESS)
    {
      g_clear_pointer (&job->project->thumbnail, g_bytes_unref);
      job->project->thumbnail = g_byte_array_free_to_bytes (png);
    }
  else
    g_byte_array_unref (png);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

static void
save_free (WbSave *save)
{
  g_clear_object (&save->task);
  g_clear_object (&save->file);
  g_free (save);
}

/* The worker's history with the names that runs have here, without those that were removed. The
 * current run is not listed here before it has a row. */
static NnRunHistory *
with_run_names (WbDocument *self, const NnRunHistory *history, guint64 current)
{
  NnRunHistory *copy = nn_run_history_copy (history);
  for (guint i = nn_run_history_n_runs (copy); i-- > 0;)
    {
      const NnRun *run = nn_run_history_run (copy, i), *listed = NULL;
      for (guint k = 0; k < nn_run_history_n_runs (self->runs) && listed == NULL; k++)
        if (nn_run_history_run (self->runs, k)->id == run->id)
          listed = nn_run_history_run (self->runs, k);
      g_autofree char *name = listed != NULL       ? g_strdup (listed->name)
                              : run->id == current ? wb_document_name_for_run (self, run)
                                                   : NULL;
      if (name != NULL)
        nn_run_history_rename (copy, run->id, name);
      else
        nn_run_history_remove (copy, run->id);
    }
  return copy;
}

/* Runs are renamed and removed on this side; the worker's history does not know. */
NnCheckpoint *
wb_document_make_checkpoint (WbDocument *self)
{
  const gboolean drawn =
      self->checkpoint != NULL && self->checkpoint->step == 0 && self->given == 0;
  if (self->checkpoint == NULL || (drawn && nn_run_history_n_runs (self->runs) == 0))
    return NULL;
  if (self->checkpoint->history == NULL)
    return nn_checkpoint_ref (self->checkpoint);
  g_autoptr (NnRunHistory) history =
      with_run_names (self, self->checkpoint->history, self->checkpoint->run);
  g_autoptr (NnCheckpoint) whole = nn_checkpoint_with_history (self->checkpoint, history);
  return drawn ? nn_checkpoint_without_weights (whole) : g_steal_pointer (&whole);
}

NnProject *
wb_document_make_project (WbDocument *self, NnCheckpoint *checkpoint, char *text)
{
  NnProject *project = nn_project_new (wb_document_design (self), checkpoint);
  project->text = text;
  project->lesson = g_strdup (self->lesson_id);
  project->first_stage = g_strdup (self->first_stage);
  project->n_earlier_runs = self->n_earlier_runs;
  project->origin = self->origin;
  return project;
}

static void
save_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  SaveJob *job = data;
  GError *error = NULL;
  g_autofree char *path = g_file_get_path (job->file);
  if (job->picture != NULL)
    draw_thumbnail (job);
  if (path == NULL)
    {
      g_autofree char *uri = g_file_get_uri (job->file);
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                               _ ("“%s” is not on a local disk: save there first and copy it."),
                               uri);
    }
  else if (nn_project_save (job->project, path, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* The lesson's text as save is to have it, NULL where there is none. FALSE with error: it cannot be
 * told what in it is a note. */
static gboolean
text_to_save (WbDocument *self, const WbSave *save, char **text, GError **error)
{
  *text = save->for_students && self->lesson_text != NULL
              ? nn_lesson_text_without_notes (self->lesson_text, error)
              : g_strdup (self->lesson_text);
  return *text != NULL || self->lesson_text == NULL;
}

static void
start_save (WbDocument *self, WbSave *save)
{
  NnDesign *design = wb_document_design (self);
  g_autofree char *text = NULL;
  GError *error = NULL;
  if (!text_to_save (self, save, &text, &error))
    {
      g_task_return_error (save->task, error);
      return;
    }
  g_autoptr (NnCheckpoint) checkpoint = wb_document_make_checkpoint (self);
  SaveJob *job = g_new0 (SaveJob, 1);
  job->project = wb_document_make_project (self, checkpoint, g_steal_pointer (&text));
  job->project->thumbnail = self->thumbnail != NULL ? g_bytes_ref (self->thumbnail) : NULL;
  job->picture = g_steal_pointer (&self->picture);
  job->width = self->picture_width;
  job->height = self->picture_height;
  job->project->extra = self->extra != NULL ? g_hash_table_ref (self->extra) : NULL;
  job->design = nn_design_ref (design);
  job->file = g_object_ref (save->file);
  job->step = checkpoint != NULL ? checkpoint->step : 0;
  job->run = checkpoint != NULL ? checkpoint->run : 0;
  job->given = self->given;
  g_task_set_task_data (save->task, job, (GDestroyNotify)save_job_free);
  g_task_run_in_thread (save->task, save_thread);
}

void
wb_document_set_picture (WbDocument *self, GskRenderNode *picture, int width, int height)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));
  g_return_if_fail (width > 0 && height > 0);

  g_clear_pointer (&self->picture, gsk_render_node_unref);
  self->picture = gsk_render_node_ref (picture);
  self->picture_width = width;
  self->picture_height = height;
}

/* task (transfer full) */
static void
request_save (WbDocument *self, GTask *task, GFile *file, gboolean for_students)
{
  WbSave *save = g_new0 (WbSave, 1);
  save->task = task;
  save->file = g_object_ref (file);
  save->for_students = for_students;
  if (self->saves == NULL)
    self->saves = g_ptr_array_new_with_free_func ((GDestroyNotify)save_free);
  g_ptr_array_add (self->saves, save);
  nn_session_request_checkpoint (self->session);
}

void
wb_document_save_async (WbDocument *self, GFile *file, GAsyncReadyCallback callback, gpointer data)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));
  g_return_if_fail (G_IS_FILE (file));

  GTask *task = g_task_new (self, NULL, callback, data);
  g_task_set_source_tag (task, wb_document_save_async);
  request_save (self, task, file, FALSE);
}

void
wb_document_save_for_students_async (WbDocument *self, GFile *file, GAsyncReadyCallback callback,
                                     gpointer data)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));
  g_return_if_fail (G_IS_FILE (file));

  g_autoptr (GTask) task = g_task_new (self, NULL, callback, data);
  g_task_set_source_tag (task, wb_document_save_for_students_async);
  if (self->file != NULL && g_file_equal (file, self->file))
    {
      g_autofree char *name = wb_document_display_name (self);
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_EXISTS,
                               _ ("“%s” is the lesson itself, with the notes for the teacher. "
                                  "Choose another name for the copy."),
                               name);
      return;
    }
  request_save (self, g_steal_pointer (&task), file, TRUE);
}

gboolean
wb_document_save_for_students_finish (WbDocument *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
wb_document_export_async (WbDocument *self, GAsyncReadyCallback callback, gpointer data)
{
  g_return_if_fail (WB_IS_DOCUMENT (self));

  GTask *task = g_task_new (self, NULL, callback, data);
  g_task_set_source_tag (task, wb_document_export_async);
  if (self->exports == NULL)
    self->exports = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (self->exports, task);
  nn_session_request_checkpoint (self->session);
}

NnExportSource *
wb_document_export_finish (WbDocument *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* (transfer full) */
static NnExportSource *
make_export_source (WbDocument *self)
{
  g_autoptr (NnCheckpoint) checkpoint = wb_document_make_checkpoint (self);
  g_autoptr (NnExportSource) network = nn_export_source_new (
      wb_document_design (self), wb_document_analysis (self), checkpoint, NN_EXPORT_ALL);

  return nn_export_source_with (network, NN_EXPORT_ALL, wb_document_dataset (self), NULL);
}

/* Every task that waits gets the same; with an error where the document is closed. */
static void
answer_exports (WbDocument *self, gboolean closed)
{
  g_autoptr (GPtrArray) tasks = g_steal_pointer (&self->exports);
  for (guint i = 0; tasks != NULL && i < tasks->len; i++)
    {
      if (closed)
        g_task_return_new_error (g_ptr_array_index (tasks, i), G_IO_ERROR, G_IO_ERROR_CLOSED,
                                 _ ("The window was closed."));
      else
        g_task_return_pointer (g_ptr_array_index (tasks, i), make_export_source (self),
                               (GDestroyNotify)nn_export_source_unref);
    }
}

/* NULL where the worker has no model yet: what the file held is still the newest. */
void
wb_document_checkpoint_arrived (WbDocument *self, NnCheckpoint *checkpoint)
{
  if (checkpoint != NULL)
    {
      g_clear_pointer (&self->checkpoint, nn_checkpoint_unref);
      self->checkpoint = nn_checkpoint_ref (checkpoint);
    }
  if (self->saves != NULL)
    {
      for (guint i = 0; i < self->saves->len; i++)
        start_save (self, g_ptr_array_index (self->saves, i));
      g_ptr_array_set_size (self->saves, 0);
    }
  answer_exports (self, FALSE);
  wb_document_recovery_checkpoint (self);
}

gboolean
wb_document_save_finish (WbDocument *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  SaveJob *job = g_task_get_task_data (G_TASK (result));
  g_set_object (&self->file, job->file);
  g_clear_pointer (&self->saved_design, nn_design_unref);
  self->saved_design = nn_design_ref (job->design);
  g_free (self->saved_lesson);
  self->saved_lesson = g_strdup (job->project->text);
  self->saved_step = job->step;
  self->saved_run = job->run;
  self->saved_given = job->given;
  g_clear_pointer (&self->thumbnail, g_bytes_unref);
  self->thumbnail = job->project->thumbnail != NULL ? g_bytes_ref (job->project->thumbnail) : NULL;
  wb_document_recovery_saved (self);
  wb_document_emit_state (self);
  return TRUE;
}

void
wb_document_files_close (WbDocument *self)
{
  for (guint i = 0; self->saves != NULL && i < self->saves->len; i++)
    {
      WbSave *save = g_ptr_array_index (self->saves, i);
      g_task_return_new_error (save->task, G_IO_ERROR, G_IO_ERROR_CLOSED,
                               _ ("The window was closed."));
    }
  if (self->saves != NULL)
    g_ptr_array_set_size (self->saves, 0);
  answer_exports (self, TRUE);
}

/* ---- opening ---- */

static void
open_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  g_autofree char *path = g_file_get_path (data);
  if (path == NULL)
    {
      g_autofree char *uri = g_file_get_uri (data);
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                               _ ("“%s” is not on a local disk: copy it there first."), uri);
      return;
    }
  NnProject *project = nn_project_load (path, cancellable, &error);
  if (project != NULL)
    g_task_return_pointer (task, project, (GDestroyNotify)nn_project_free);
  else
    g_task_return_error (task, error);
}

void
wb_document_open_async (GFile *file, GCancellable *cancellable, GAsyncReadyCallback callback,
                        gpointer data)
{
  g_return_if_fail (G_IS_FILE (file));

  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
  g_task_set_source_tag (task, wb_document_open_async);
  g_task_set_task_data (task, g_object_ref (file), g_object_unref);
  g_task_run_in_thread (task, open_thread);
}

/* A file from before it was said holds weights that nothing was trained with only where they are
 * worth keeping. */
static NnWeightsOrigin
origin_of (const NnProject *project)
{
  if (project->origin != NN_WEIGHTS_UNSAID)
    return project->origin;
  return project->n_earlier_runs > 0 ? NN_WEIGHTS_OF_STAGE : NN_WEIGHTS_IMPORTED;
}

WbDocument *
wb_document_new_from_project (NnProject *project, GFile *file)
{
  WbDocument *self =
      wb_document_new_from (project->design, project->checkpoint, origin_of (project));
  self->file = file != NULL ? g_object_ref (file) : NULL;
  wb_document_take_lesson (self, g_strdup (project->text));
  self->saved_lesson = g_strdup (project->text);
  const NnLesson *lesson = nn_lesson_of_project (project);
  self->lesson_id = g_strdup (lesson != NULL ? lesson->id : project->lesson);
  self->first_stage = g_strdup (project->first_stage);
  self->n_earlier_runs = MIN (project->n_earlier_runs, nn_run_history_n_runs (self->runs));
  self->thumbnail = project->thumbnail != NULL ? g_bytes_ref (project->thumbnail) : NULL;
  self->extra = project->extra != NULL ? g_hash_table_ref (project->extra) : NULL;
  return self;
}

WbDocument *
wb_document_open_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  g_autoptr (NnProject) project = g_task_propagate_pointer (G_TASK (result), error);
  if (project == NULL)
    return NULL;
  return wb_document_new_from_project (project, g_task_get_task_data (G_TASK (result)));
}

WbDocument *
wb_document_open_lesson (const char *id, GError **error)
{
  g_return_val_if_fail (id != NULL, NULL);

  g_autoptr (NnDesign) design = nn_lesson_design (id, error);
  if (design == NULL)
    return NULL;
  WbDocument *self = wb_document_new (design);
  self->lesson_id = g_strdup (id);
  wb_document_take_lesson (self, nn_lesson_source (id));
  self->saved_lesson = g_strdup (self->lesson_text);
  return self;
}

/* A stage's design with the data that the student has chosen for the one before. (transfer full) */
static NnDesign *
design_of_stage (WbDocument *self, const NnLesson *stage)
{
  g_autoptr (NnDesign) design = nn_lesson_design (stage->id, NULL);
  g_autoptr (NnDesign) before = nn_lesson_design (stage->after, NULL);
  g_return_val_if_fail (design != NULL && before != NULL, NULL);
  const NnParams *data = nn_design_data (design);
  if (!nn_data_is_same (nn_design_data (before), data))
    return g_steal_pointer (&design);
  g_autoptr (NnParams) chosen =
      nn_params_with_number (nn_design_data (wb_document_design (self)), "limit",
                             (double)nn_params_int (data, "limit"), NULL);
  return nn_design_with_data (design, chosen);
}

gboolean
wb_document_go_on_with_lesson (WbDocument *self, const char *id)
{
  g_return_val_if_fail (WB_IS_DOCUMENT (self), FALSE);

  const NnLesson *lesson = nn_lesson (id);
  if (lesson == NULL || lesson->after == NULL || self->lesson_id == NULL
      || (!g_str_equal (self->lesson_id, id) && !g_str_equal (self->lesson_id, lesson->after)))
    return FALSE;
  const gboolean advances = !g_str_equal (self->lesson_id, id);
  const gboolean training = wb_document_state (self) == NN_SESSION_TRAINING;
  NnDesign *design = design_of_stage (self, lesson);
  g_return_val_if_fail (design != NULL, FALSE);
  if (advances)
    {
      self->n_earlier_runs = nn_run_history_n_runs (self->runs);
      wb_document_begin_run (self);
      wb_document_select (self, NULL, 0); /* or tasks to select a node would be done already */
    }
  g_autofree char *label = g_strdup_printf (_ ("Go on with %s"), _ (lesson->title));
  g_autofree char *text = nn_lesson_source (id);
  if (self->first_stage == NULL)
    self->first_stage = g_strdup (self->lesson_id);
  g_free (self->lesson_id);
  self->lesson_id = g_strdup (id);
  wb_document_take_lesson (self, g_strdup (text));
  g_free (self->saved_lesson);
  self->saved_lesson = g_steal_pointer (&text);
  wb_document_edit (self, design, label, NULL);
  g_signal_emit_by_name (self, "lesson-changed");
  if (advances && training)
    wb_document_train (self);
  return TRUE;
}
