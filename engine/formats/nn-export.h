/* nn-export.h: networks for other programs. One format = one file with one constant descriptor,
 * listed in nn-export-registry.c; command line and window offer whatever is in the list.
 *
 * Whatever translates a network starts from an NnExportModel (nn-export-model.h), so that what is
 * exported is what was trained.
 */
#pragma once

#include <gio/gio.h>

#include "model/nn-analysis.h"
#include "train/nn-checkpoint.h"

G_BEGIN_DECLS

typedef enum
{
  NN_EXPORT_ALL,     /* from the data's fields to what objectives judge */
  NN_EXPORT_ENCODER, /* from the fields to the code */
  NN_EXPORT_DECODER, /* from the code, an input named "z", to what objectives judge */
  NN_N_EXPORT_PARTS
} NnExportPart;

#define NN_EXPORT_ANY_PART ((1 << NN_N_EXPORT_PARTS) - 1)

const char *nn_export_part_id (NnExportPart part);    /* "all", "encoder", "decoder" */
const char *nn_export_part_title (NnExportPart part); /* "Whole network" */
gint nn_export_part_from_id (const char *id);         /* -1 if unknown */

/* What is exported. Immutable and reference-counted; any thread. */
typedef struct
{
  gatomicrefcount refs;
  NnDesign *design;         /* owned */
  NnAnalysis *analysis;     /* owned; NULL where the data set's shapes are not known */
  NnCheckpoint *checkpoint; /* owned; NULL where nothing was trained */
  NnExportPart part;
  NnDataset *dataset; /* owned; NULL where no samples are at hand */
  NnParams *options;  /* owned; of an exporter's table, or NULL: what it does by default */
} NnExportSource;

/* References what it is given; analysis and checkpoint may be NULL. (transfer full) */
NnExportSource *nn_export_source_new (NnDesign *design, NnAnalysis *analysis,
                                      NnCheckpoint *checkpoint, NnExportPart part);
/* The same network with another choice of what is exported, and how; dataset and options may be
 * NULL. (transfer full) */
NnExportSource *nn_export_source_with (const NnExportSource *source, NnExportPart part,
                                       NnDataset *dataset, NnParams *options);
NnExportSource *nn_export_source_ref (NnExportSource *source);
void nn_export_source_unref (NnExportSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnExportSource, nn_export_source_unref)

/* One thing that can be said of a file: how large it is, how far from the original. */
typedef struct
{
  char *id;     /* "bytes_per_image" */
  double value; /* NaN or infinite where there is no such number */
  char *text;   /* "Bytes per image: 14.2"; NULL: another one's text says it */
} NnExportFact;

GPtrArray *nn_export_facts_new (void); /* (element-type NnExportFact) */
/* facts and format may be NULL. */
void nn_export_facts_add (GPtrArray *facts, const char *id, double value, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
char *nn_export_facts_to_text (GPtrArray *facts); /* a line each. (transfer full) */

/* How a write is followed and ended. All may be NULL. */
typedef struct
{
  GCancellable *cancellable;
  void (*progress) (double fraction, gpointer data); /* 0..1, on the thread that writes */
  gpointer progress_data;
  GPtrArray *facts; /* gets what there is to say of what was written */
} NnExportJob;

void nn_export_progress (const NnExportJob *job, double fraction);

typedef enum
{
  NN_EXPORT_NETWORK = 1 << 0, /* reads the analysis */
  NN_EXPORT_WEIGHTS = 1 << 1, /* reads trained weights */
  NN_EXPORT_HISTORY = 1 << 2, /* reads the losses of runs */
  NN_EXPORT_SAMPLES = 1 << 3, /* sends samples of the data set through the network */
} NnExportNeeds;

/* What formats are for; lists have them in this order. */
typedef enum
{
  NN_EXPORT_FOR_PROGRAMS, /* the network, to be run or trained elsewhere */
  NN_EXPORT_FOR_WEIGHTS,
  NN_EXPORT_FOR_DATA, /* what the network makes of the data set */
  NN_EXPORT_FOR_RUNS, /* how training went */
  NN_EXPORT_FOR_FIGURES,
  NN_N_EXPORT_GROUPS
} NnExportGroup;

const char *nn_export_group_title (NnExportGroup group); /* "Network", translated */

typedef struct
{
  const char *id;        /* "onnx": --format */
  const char *title;     /* "ONNX" */
  const char *extension; /* ".onnx" */
  const char *beside;    /* ending of a second file of the same name, or NULL */
  const char *summary;   /* "weights, for NumPy": what for, goes behind the id */
  const char *use;       /* one or two sentences: who takes it */
  guint parts;           /* 1 << NnExportPart each: those it can be asked for */
  guint needs;           /* NnExportNeeds */
  NnExportGroup group;
  const NnParamSpec *options; /* what it can be told, or NULL: nothing */
  /* May be NULL. FALSE with NN_ERROR_UNSUPPORTED or NN_ERROR_DESIGN that names what cannot be
   * written; before anything is. */
  gboolean (*check) (const NnExportSource *source, GError **error);
  /* May be NULL. What the file will do otherwise than the program, a sentence each; check() has
   * succeeded. (element-type utf8) (transfer full) */
  GPtrArray *(*remarks) (const NnExportSource *source);
  /* May be NULL: there is nothing to read. What would be written, or a description of it where
   * that is no text. check() has succeeded. (transfer full) */
  char *(*preview) (const NnExportSource *source, GError **error);
  /* Leaves no file behind where it fails or is cancelled. check() has succeeded. */
  gboolean (*write) (const NnExportSource *source, const char *path, const NnExportJob *job,
                     GError **error);
} NnExporter;

/* NULL-terminated, in the order in which they are offered: group by group. Static. */
const NnExporter *const *nn_exporters (void);
const NnExporter *nn_exporter (const char *id); /* NULL if unknown */

/* source's options, or the defaults of specs, for exporters. (transfer full) */
NnParams *nn_export_options (const NnExportSource *source, const NnParamSpec *specs);
/* The choices "train" and "test" of an option that says which samples are taken. */
extern const NnChoice nn_export_sample_choices[];

/* FALSE before the first training; a network without weights misses none. */
gboolean nn_export_has_weights (const NnExportSource *source);

/* FALSE with NN_ERROR_DESIGN for the encoder or decoder of a network without a code. */
gboolean nn_export_check_part (const NnExportSource *source, GError **error);
/* Whether source has what the exporter needs, and everything in it can be written. */
gboolean nn_export_check (const NnExporter *exporter, const NnExportSource *source, GError **error);
/* What there is to say before a file is written: empty where it will do as the program does.
 * check() has succeeded. (element-type utf8) (transfer full) */
GPtrArray *nn_export_remarks (const NnExporter *exporter, const NnExportSource *source);
/* NULL with an error, or where there is nothing to read. (transfer full) */
char *nn_export_preview (const NnExporter *exporter, const NnExportSource *source, GError **error);
/* Checks first. Blocking; call from a GTask. job may be NULL. */
gboolean nn_export_write (const NnExporter *exporter, const NnExportSource *source,
                          const char *path, const NnExportJob *job, GError **error);

G_END_DECLS
