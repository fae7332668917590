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

/* A column with no more different values may be classes or categories without being asked to. */
#define NN_DATA_FEW_VALUES 100

/* A column of a table in a file. */
typedef struct
{
  char *name;                         /* owned; from the file, or "1", "2" ... */
  char *examples;                     /* owned; its first few values as they are written */
  gboolean is_number;                 /* most of its first values are */
  gboolean is_whole;                  /* all its numbers are whole */
  gboolean is_feature, is_label;      /* what is made of it */
  guint n_features;                   /* values that a feature gives: of texts, one a category */
  gsize n_values, n_missing, n_texts; /* n_texts: where numbers belong */
  double min, max, mean, deviation;   /* of the numbers */
  guint n_distinct;                   /* values in the first rows, at least */
} NnDataColumn;

GArray *nn_data_columns_new (void); /* of NnDataColumn, owning their texts */
/* (transfer full) texts */
NnDataColumn nn_data_column_copy (const NnDataColumn *column);

typedef struct
{
  GCancellable *cancellable; /* or NULL */
  NnProgressFunc progress;   /* or NULL */
  gpointer progress_data;
  guint n_threads;  /* 0: one per processor */
  GPtrArray *notes; /* or NULL; (element-type utf8) what was skipped or filled in, as sentences */
  GArray *columns;  /* or NULL; nn_data_columns_new(), filled where the source is a table */
} NnLoadContext;

void nn_load_progress (const NnLoadContext *context, double fraction);
/* Adds to the notes, where they are wanted. */
void nn_load_note (const NnLoadContext *context, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* FALSE with NN_ERROR_MEMORY, naming the file, where so many bytes are more than this computer can
 * sensibly give. */
gboolean nn_load_fits (const char *file, guint64 bytes, GError **error);

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
  /* Readers: which of nn_data_specs() they heed beside those that every set has (name, limit,
   * seed, scaling, validation, balance); NULL-terminated. NULL: none. */
  const char *const *options;
  /* Readers: the info. Generators: NULL. options: of nn_data_specs(). (transfer full) */
  NnDataInfo *(*peek) (const char *path, const NnParams *options, const NnLoadContext *context,
                       GError **error);
  gboolean is_table; /* "label" and "features" are columns, and loading fills context->columns */
  /* Readers: TRUE where peek() has to go through all of the data, not headers and labels alone. */
  gboolean peek_is_slow;
  /* Readers: all samples, NaN where a value is missing that is to be filled. Generators: NULL.
   * (transfer full) */
  NnDataset *(*load) (const char *path, const NnParams *options, const NnLoadContext *context,
                      GError **error);
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
  NnParams *options; /* one of the person's own sets: how it is read; else NULL */
} NnDataEntry;

void nn_data_entry_free (NnDataEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnDataEntry, nn_data_entry_free)

/* Every data set there is now: generators, /usr/share/datasets/NAME (each of XDG data dirs too)
 * where Debian's packages are installed, $XDG_DATA_HOME/diabolo/datasets/NAME, and those of
 * nn-data-library.h, read as is kept there unless other options are given. (element-type
 * NnDataEntry) (transfer full) */
GPtrArray *nn_data_list (void);

/* Loads what data (of nn_data_specs()) says: "name" is a name from nn_data_list() or a path, read
 * as the options beside it say; what validates is held out of the training part within the limit;
 * values are filled and scaled by what remains, which is then balanced. error lists the names where
 * it is neither. (transfer full) */
NnDataset *nn_data_load_with (const NnParams *data, const NnLoadContext *context, GError **error);

/* The shape of the set without loading its samples; context as for loading, may be NULL. (transfer
 * full) */
NnDataInfo *nn_data_peek_with (const NnParams *data, const NnLoadContext *context, GError **error);

/* A setting under which data that were refused are read. */
typedef struct
{
  const char *option, *value; /* of nn_data_specs() */
  const char *title, *tip;    /* of a button */
} NnDataMend;

/* What helps against an error of loading or peeking. Static, ended by a NULL option; empty where
 * nothing does. */
const NnDataMend *nn_data_mends (const GError *error);

/* The same with default options. */
NnDataset *nn_data_load (const char *name_or_path, guint64 seed, const NnLoadContext *context,
                         GError **error);
NnDataInfo *nn_data_peek (const char *name_or_path, GError **error);

/* What reads the set: NULL where there is no such or none can. Looks at first bytes alone. */
const NnDataSource *nn_data_source_of (const NnParams *data);
/* FALSE where peeking would go through all of the data: not for a thread that is waited for. */
gboolean nn_data_peek_is_quick (const NnParams *data);
/* TRUE where loading scales values: only then does it know by how much (NnField.scale). */
gboolean nn_data_is_scaled (const NnParams *data);
/* How many training samples of what was loaded are used, 0: all. The limit, but where samples are
 * held out or copied: there loading keeps to it, and what it gives is used whole. */
gsize nn_data_limit (const NnParams *data);
/* TRUE if two designs' data are the same loaded samples, whatever nn_data_limit() says. */
gboolean nn_data_is_same (const NnParams *a, const NnParams *b);

/* "fashion-mnist" where it is installed, else "digits". Static. */
const char *nn_data_default_name (void);

G_END_DECLS
