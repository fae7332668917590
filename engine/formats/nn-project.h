/* nn-project.h: the .diabolo file: a zip with design.json, weights.safetensors,
 * optimizer.safetensors, history.csv, state.json, thumbnail.png and whatever else a newer minor
 * version put there (kept). Its first entry is diabolo.json: its name at byte 30 tells the file
 * type.
 *
 * Blocking: call from a GTask. Nothing that is read is trusted; memory is bounded by what the
 * headers can justify. Any thread.
 */
#pragma once

#include "model/nn-design.h"
#include "train/nn-checkpoint.h"

G_BEGIN_DECLS

#define NN_PROJECT_MAJOR 1
#define NN_PROJECT_MINOR 0

/* Where weights came from that no step of the run has changed yet. */
typedef enum
{
  NN_WEIGHTS_UNSAID,   /* no file said so */
  NN_WEIGHTS_DRAWN,    /* by the seed */
  NN_WEIGHTS_OF_STAGE, /* the run before has trained them */
  NN_WEIGHTS_IMPORTED, /* from a file, of another program or network */
} NnWeightsOrigin;

typedef struct
{
  NnDesign *design;         /* owned */
  NnCheckpoint *checkpoint; /* owned; NULL where nothing was trained */
  GBytes *thumbnail;        /* owned PNG or NULL */
  /* What a newer minor version put there, to be written back: entry name -> GBytes. Under the names
   * of diabolo.json and state.json, the keys of those that are not known, as JSON. Or NULL. */
  GHashTable *extra;
  char *text;   /* lesson text or NULL (lesson.md) */
  char *lesson; /* id of the program's lesson (nn-lessons.h) that the text is, or was when it was
                 * saved; NULL: somebody's own, or saved before ids were */
  char *first_stage; /* of a lesson in stages: id of the one that training began with, whose weights
                      * later ones went on with; NULL: the lesson itself */
  guint n_earlier_runs; /* the first runs, which trained earlier stages; 0 where no file said so */
  NnWeightsOrigin origin; /* of the weights, where the checkpoint has no step */
  JsonObject
      *marker_extra; /* keys of diabolo.json and state.json that a newer minor version put there, */
  JsonObject *state_extra; /* written back; or NULL */
  guint minor; /* version of the format it was read from, never below NN_PROJECT_MINOR */
} NnProject;

NnProject *nn_project_new (NnDesign *design,
                           NnCheckpoint *checkpoint); /* references both; checkpoint nullable */
void nn_project_free (NnProject *project);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnProject, nn_project_free)

/* Errors name the file, the entry and field, what was expected and what was found; NN_ERROR_VERSION
 * for a newer major version. The checkpoint's shapes are checked against the design. (transfer
 * full) */
NnProject *nn_project_load (const char *path, GCancellable *cancellable, GError **error);
NnProject *nn_project_load_bytes (GBytes *bytes, const char *name, GCancellable *cancellable,
                                  GError **error);

/* The picture (PNG) in a project, without reading the rest of it. (transfer full) */
GBytes *nn_project_load_thumbnail (const char *path, GCancellable *cancellable, GError **error);

/* Writes a temporary file beside path, syncs it, renames it, syncs the folder: killed at any
 * moment, the old file or the new one is whole. */
gboolean nn_project_save (NnProject *project, const char *path, GCancellable *cancellable,
                          GError **error);

G_END_DECLS
