/* wb-templates.h: networks to start from, fitted to the document's data set. Needs no display. */
#pragma once

#include "model/nn-analysis.h"

G_BEGIN_DECLS

typedef struct
{
  const char *id;
  const char *title;
  const char *summary;
} WbTemplate;

const WbTemplate *wb_templates (guint *n);

/* A template added to the analysis's design, right of what is there. Fails where the data set has
 * no field of the kind it needs. (transfer full) */
NnDesign *wb_template_apply (const char *id, const NnAnalysis *analysis, GError **error);

G_END_DECLS
