/* nn-data-source.h: where data sets come from. One generator or reader = one file = one descriptor,
 * listed in nn-data-registry.c. Loading blocks: run it on a worker (GTask), it reports progress.
 */
#pragma once

#include <gio/gio.h>

#include "base/nn-params.h"
#include "data/nn-dataset.h"

G_BEGIN_DECLS

typedef struct _NnDraw NnDraw;
typedef void (*NnProgressFunc) (double fraction, gpointer data); /* 0..1, on the loading thread */

typedef struct
{
  GCancellable *cancellable; /* or NULL */
  NnProgressFunc progress;   /* or NULL */
  gpointer progress_data;
  guint n_threads; /* for generators; 0: one per processor */
} NnLoadContext;

void nn_load_progress (const NnLoadContext *context, double fraction);

/* Fields that a generated set may have. */
#define NN_GENERATOR_MAX_FIELDS 8

/* A kind of source. A generator is one named set; a reader recognises paths. */
typedef struct _NnDataSource NnDataSource;
struct _NnDataSource
{
  const char *id;    /* "digits", "idx" */
  const char *title; /* "Drawn digits" */
  const char *summary;
  /* Generators: the info of the named set without making it. Readers: NULL. */
  const NnDataInfo *info;
  /* Readers: TRUE if path (file or folder) looks like theirs, by name and first bytes. Generators:
   * NULL. */
  gboolean (*recognises) (const char *path);
  /* Readers: the info, from headers and labels alone. Generators: NULL. (transfer full) */
  NnDataInfo *(*peek) (const char *path, GError **error);
  /* Readers: all samples. Generators: NULL. (transfer full) */
  NnDataset *(*load) (const char *path, guint64 seed, const NnLoadContext *context, GError **error);
  /* Generators: writes the fields of one sample (nn-generator.h): values[i] is where field i goes,
   * a byte for each value of an image, one byte for a label, a float for any other value. Called
   * from several threads. Readers: NULL. */
  void (*draw) (const NnDraw *draw, gpointer const *values);
  /* Generators, optional: what all samples have in common, made once and freed with g_free(). */
  gpointer (*law) (void);
};

const NnDataSource *const *nn_data_sources (void); /* NULL-terminated, static */

/* What is known of a widely used set by the name of its folder, beyond what its files say. */
typedef struct
{
  const char *name; /* "fashion-mnist" */
  const char *title;
  const char *summary;
  guint n_classes;
  const char *const *class_names; /* n_classes names, NULL-terminated; or NULL */
} NnKnownSet;

const NnKnownSet *nn_data_known_set (const char *path); /* by the last part of path; NULL if none */

/* One entry of `datasets`: a generator, an installed set or one of the user's. */
typedef struct
{
  char *name; /* what --data takes */
  char *title;
  char *summary;
  char *path; /* NULL for a generator */
  const NnDataSource *source;
} NnDataEntry;

void nn_data_entry_free (NnDataEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnDataEntry, nn_data_entry_free)

/* Every data set there is now: generators, /usr/share/datasets/NAME (each of XDG data dirs too)
 * where Debian's packages are installed, $XDG_DATA_HOME/diabolo/datasets/NAME. (element-type
 * NnDataEntry) (transfer full) */
GPtrArray *nn_data_list (void);

/* A name from nn_data_list() or a path. error lists the names where it is neither. (transfer full)
 */
NnDataset *nn_data_load (const char *name_or_path, guint64 seed, const NnLoadContext *context,
                         GError **error);

/* The data set that a design's data settings ask for, but for their limit: loaded, then balanced.
 * (transfer full) */
NnDataset *nn_data_load_for (const NnParams *data, const NnLoadContext *context, GError **error);
/* TRUE where nn_data_load_for() gives the same for both. */
gboolean nn_data_same_load (const NnParams *a, const NnParams *b);

/* The shape of a set without loading its samples (generators: at once; files: headers only).
 * (transfer full) */
NnDataInfo *nn_data_peek (const char *name_or_path, GError **error);

/* "fashion-mnist" where it is installed, else "digits". Static. */
const char *nn_data_default_name (void);

G_END_DECLS
