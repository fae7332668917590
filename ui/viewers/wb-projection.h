/* wb-projection.h: ways to lay codes of any size out in a plane: codes (n, D) in, places (n, 2)
 * out, with titles for the axes. Each way is a row of a table. Pure and free of state, so that a
 * thread can run it.
 */
#pragma once

#include "explore/nn-codes-probe.h"
#include "explore/nn-pca.h"
#include "plots/wb-table.h"

G_BEGIN_DECLS

typedef struct _WbProjectionType WbProjectionType;

typedef struct
{
  const WbProjectionType *type; /* NULL: the code as it is, where it has one or two dimensions */
  guint axis[2];                /* for the type that chooses two */
} WbProjectionChoice;

typedef struct
{
  const WbProjectionType *type;
  NnCodesResult *result; /* owned: what was laid out */
  float *xy;             /* (n, 2) */
  float *spread;         /* (n, 3), see WbScatterData; NULL where codes have no variance */
  NnPca *pca;            /* owned: for the next one to follow; or NULL */
  guint axis[2];         /* of two dimensions as they are */
  char *x_title, *y_title;
  char *caption; /* "32 % of their variance is seen", or NULL */
  gboolean equal;
} WbProjection;

struct _WbProjectionType
{
  const char *id;
  const char *title, *tip;
  /* Fills an empty projection but for type and result. previous: the one shown before, or NULL.
   * FALSE: cancelled. NULL: laid out step by step, by a WbTsne. */
  gboolean (*run) (WbProjection *projection, const WbProjectionChoice *choice,
                   const WbProjection *previous, GCancellable *cancellable);
};

/* NULL-terminated: those to choose from when a code has more than two dimensions. */
extern const WbProjectionType *const wb_projection_types[];
extern const WbProjectionType wb_projection_tsne;
const WbProjectionType *wb_projection_type (const char *id); /* the first one if unknown */

/* (transfer full); NULL: cancelled. */
WbProjection *wb_projection_new (NnCodesResult *result, const WbProjectionChoice *choice,
                                 const WbProjection *previous, GCancellable *cancellable);
/* What a WbTsne has made of result so far: xy (n, 2) is copied. (transfer full) */
WbProjection *wb_projection_new_map (NnCodesResult *result, const float *xy);
WbProjection *wb_projection_ref (WbProjection *projection);
void wb_projection_unref (WbProjection *projection);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WbProjection, wb_projection_unref)

/* Where a code (D) that is no sample's lies. FALSE: this way does not say. */
gboolean wb_projection_place (const WbProjection *projection, const float *code, float *xy);

/* "sample,label,x,y,z1,z2,..." and, where codes have variance, "s1,s2,...", the deviations: a line
 * for each of some points (element-type guint). (transfer full) */
WbTable *wb_projection_to_table (const WbProjection *projection, const GArray *points);

G_END_DECLS
