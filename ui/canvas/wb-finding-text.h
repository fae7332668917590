/* wb-finding-text.h: what is found in a node's gradients, in words: what it means and what to try.
 * No display.
 */
#pragma once

#include "explore/nn-health.h"
#include "model/nn-analysis.h"

G_BEGIN_DECLS

typedef struct
{
  NnSeverity severity; /* HINT: some units are idle; ERROR: it learns nothing, or nonsense */
  char *label;         /* "5 never fire" */
  char *sentence;      /* whole sentences, one line a finding */
} WbFindingText;

WbFindingText *wb_finding_text_new (NnAnalysis *analysis, const NnFinding *finding);
void wb_finding_text_free (WbFindingText *text);
gboolean wb_finding_text_equal (const WbFindingText *a, const WbFindingText *b); /* both nullable */

G_END_DECLS
