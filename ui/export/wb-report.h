/* wb-report.h: the exporter of a run's report, for the list in wb-exporters.c. */
#pragma once

#include "formats/nn-export.h"

G_BEGIN_DECLS

extern const NnExporter wb_exporter_html;

G_END_DECLS
