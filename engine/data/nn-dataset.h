/* nn-dataset.h: samples in memory, in their compact type, with named fields and up to three parts.
 *
 * Immutable and reference-counted; read from any thread.
 */
#pragma once

#include "base/nn-kernels.h"
#include "base/nn-shape.h"
#include "model/nn-types.h"

G_BEGIN_DECLS

typedef enum
{
  NN_FIELD_IMAGE,    /* (H, W, C), values 0..1 */
  NN_FIELD_FEATURES, /* (F) */
  NN_FIELD_SEQUENCE, /* (T, F) */
  NN_FIELD_LABEL,    /* one of n_classes; read as one-hot (n_classes) */
} NnFieldKind;

typedef enum
{
  NN_PART_TRAIN,
  NN_PART_TEST,
  NN_PART_VALIDATION, /* held out of the training part (nn-split.h); mostly empty */
  NN_N_PARTS
} NnPart;

/* The field of numbers that are to be predicted, which nothing scales. */
#define NN_FIELD_TARGET "target"

typedef struct _NnScale NnScale; /* nn-scaling.h */

typedef struct
{
  const char *name; /* "image", "label", "features" */
  NnFieldKind kind;
  NnShape shape;                  /* of one sample as the network sees it (one-hot for labels) */
  guint n_classes;                /* LABEL */
  const char *const *class_names; /* LABEL: n_classes names, NULL-terminated; or NULL */
  const guint32 *class_counts;    /* LABEL: training samples of each class; NULL: not counted yet */
  NnScale *scale; /* how its values were scaled; NULL: they are as they came, or not loaded yet */
} NnField;

/* What shape inference needs to know; needs no samples in memory. */
struct _NnDataInfo
{
  const char *name;  /* "digits": as --data takes it, or a path */
  const char *title; /* "Drawn digits" */
  guint n_fields;
  const NnField *fields;
  gsize n_samples[NN_N_PARTS];
};

const NnField *nn_data_info_field (const NnDataInfo *info, const char *name,
                                   guint *index); /* NULL if none; index may be NULL */
/* Owned deep copy: info of a data set that is known without loading it. */
NnDataInfo *nn_data_info_copy (const NnDataInfo *info);
void nn_data_info_free (NnDataInfo *info);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnDataInfo, nn_data_info_free)

/* A builder's view of one field's storage. A byte v is read as v / 255, by field.scale
 * where there is one. */
typedef struct
{
  NnField field;
  GBytes *bytes[NN_N_PARTS];  /* owned; guint8 (n, S) or labels guint8/guint32 (n) */
  GBytes *floats[NN_N_PARTS]; /* owned; float (n, S); where set, bytes is NULL */
  guint label_size;           /* LABEL: 1 or 4 bytes an entry */
} NnFieldStorage;

/* Checks every size against n_samples and every label against n_classes; NN_ERROR_FORMAT names the
 * field, what was expected and what was found. fields and names are copied, GBytes referenced.
 * (transfer full) */
NnDataset *nn_dataset_new (const char *name, const char *title, const NnFieldStorage *fields,
                           guint n_fields, const gsize n_samples[NN_N_PARTS], GError **error);
NnDataset *nn_dataset_ref (NnDataset *dataset);
void nn_dataset_unref (NnDataset *dataset);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnDataset, nn_dataset_unref)

const NnDataInfo *nn_dataset_info (const NnDataset *dataset);
gsize nn_dataset_n_samples (const NnDataset *dataset, NnPart part);
/* The part whose loss is the validation loss: NN_PART_VALIDATION, or the test part where that is
 * empty. */
NnPart nn_dataset_validation_part (const NnDataset *dataset);
gsize nn_dataset_memory (const NnDataset *dataset); /* bytes held, those outside a limit included */

/* The first `limit` samples of the training part (0: all), sharing memory. (transfer full) */
NnDataset *nn_dataset_limit (NnDataset *dataset, gsize limit);

/* The same samples under another name. (transfer full) */
NnDataset *nn_dataset_rename (NnDataset *dataset, const char *name, const char *title);

/* out (n, S) gets samples index[0..n) of a field, widened to float32; labels one-hot. */
void nn_dataset_read (const NnDataset *dataset, NnPart part, guint field, const guint32 *index,
                      gsize n, const NnKernels *kernels, float *out);
/* What the set holds, with references of its own: (n_fields), to be released by nn_storage_clear()
 * (nn-split.h) and g_free(); the fields' texts are the set's. (transfer full) */
NnFieldStorage *nn_dataset_copy_storage (const NnDataset *dataset);
/* How a field is stored; borrowed. */
const NnFieldStorage *nn_dataset_storage (const NnDataset *dataset, guint field);
/* Class of one sample of a LABEL field. */
guint nn_dataset_label (const NnDataset *dataset, NnPart part, guint field, gsize index);

G_END_DECLS
