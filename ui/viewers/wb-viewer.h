/* wb-viewer.h: base of everything that shows the inside of a network. One viewer = one file in
 * viewers/ = one WbViewerType listed in wb-viewer-registry.c; the dock makes pages and menus from
 * that table.
 *
 * The base adds the viewer's probe to the document while the viewer is mapped and removes it when
 * hidden, so that the worker computes only what can be seen.
 */
#pragma once

#include "document/wb-code-space.h"
#include "plots/wb-table.h"

G_BEGIN_DECLS

#define WB_TYPE_VIEWER (wb_viewer_get_type ())
G_DECLARE_DERIVABLE_TYPE (WbViewer, wb_viewer, WB, VIEWER, GtkWidget)

struct _WbViewerClass
{
  GtkWidgetClass parent_class;

  /* Design, analysis, data set or sample changed. Optional. */
  void (*document_changed) (WbViewer *viewer);
  /* News from the worker. Optional. */
  void (*snapshot) (WbViewer *viewer, NnSnapshot *snapshot);
  /* The question to ask while visible (transfer full), NULL: none. Asked again after
   * wb_viewer_invalidate_probe() and after document_changed. Optional. */
  NnProbe *(*make_probe) (WbViewer *viewer, guint probe_id);
  /* A new answer. Optional. */
  void (*answer) (WbViewer *viewer, NnProbeResult *result);

  /* What it shows, as a figure: width x height in points, light colours. Optional: no export. */
  void (*draw) (WbViewer *viewer, cairo_t *cr, double width, double height);
  /* Its numbers (transfer full), NULL: none yet. A table is written as CSV and as .npy; a viewer
   * whose numbers have more dimensions gives both forms itself. Optional. */
  WbTable *(*to_table) (WbViewer *viewer);
  char *(*to_csv) (WbViewer *viewer);
  NnTensor *(*to_tensor) (WbViewer *viewer);

  /* Sliders and lists for the top of the page's menu. Optional. */
  GtkWidget *(*make_settings) (WbViewer *viewer);
  /* What the layout remembers of how the viewer is set. Optional. load_state takes what it knows
   * and ignores the rest. */
  void (*save_state) (WbViewer *viewer, JsonObject *state);
  void (*load_state) (WbViewer *viewer, JsonObject *state);
};

typedef struct
{
  const char *id;       /* "loss": settings, actions */
  const char *title;    /* "Loss" */
  const char *sentence; /* "Error per batch; lower is better." */
  const char *icon;
  GType (*get_type) (void);
} WbViewerType;

const WbViewerType *const *wb_viewer_types (void); /* NULL-terminated, in menu order */
const WbViewerType *wb_viewer_type (const char *id);

WbViewer *wb_viewer_new (const WbViewerType *type);
const WbViewerType *wb_viewer_get_viewer_type (WbViewer *viewer);
WbDocument *wb_viewer_get_document (WbViewer *viewer); /* NULL before one is set */
void wb_viewer_set_document (WbViewer *viewer, WbDocument *document);
void wb_viewer_invalidate_probe (WbViewer *viewer);
guint wb_viewer_probe_id (WbViewer *viewer);

/* ---- for viewers ---- */
/* What fills the page below the sentence. */
void wb_viewer_set_content (WbViewer *viewer, GtkWidget *content);
/* A small control at the right of the sentence, or below it. */
void wb_viewer_add_control (WbViewer *viewer, GtkWidget *control);
void wb_viewer_set_sentence (WbViewer *viewer, const char *sentence);
/* Pango markup beside the sentence, shown where there is room for all of it. "": none. */
void wb_viewer_set_legend (WbViewer *viewer, const char *markup);
/* Shown in place of the content: why there is nothing to see and what to do. NULL: the content. */
void wb_viewer_set_notice (WbViewer *viewer, const char *text);
const char *wb_viewer_get_notice (WbViewer *viewer); /* NULL: the content is shown */
/* Why there is no data to look at, for a notice. (transfer full) */
char *wb_viewer_data_notice (WbViewer *viewer);
/* The same, or why the network cannot be trained; NULL where there are both. (transfer full) */
char *wb_viewer_missing_notice (WbViewer *viewer);
JsonObject *wb_viewer_save_state (WbViewer *viewer); /* (transfer full) */
void wb_viewer_load_state (WbViewer *viewer, JsonObject *state);

/* Gives the document a question that the viewer has beside its probe, about the same run.
 * References it, which must be new. */
void wb_viewer_add_probe (WbViewer *viewer, NnProbe *probe);

/* The document's ring, among the codes that the viewer's run gives. NULL without a document.
 * (transfer none) */
WbCodeSpace *wb_viewer_code_space (WbViewer *viewer);

/* ---- for whoever holds it ---- */
/* Property "run" (uint64): whose weights the viewer shows; 0: of the run in training. */
guint64 wb_viewer_get_run (WbViewer *viewer);
void wb_viewer_set_run (WbViewer *viewer, guint64 run);
/* What stands on its tab: its title, and the run where it shows one. (transfer full) */
char *wb_viewer_dup_title (WbViewer *viewer);
/* Group "viewer": run (state: its id), export-png, export-svg, export-pdf, export-csv, export-npy,
 * copy, and the viewer's own. */
GSimpleActionGroup *wb_viewer_get_actions (WbViewer *viewer);
GtkWidget *wb_viewer_make_settings (WbViewer *viewer); /* (transfer floating) (nullable) */

/* Writes the figure or the numbers; the ending of file's name (png, svg, pdf, csv, npy) chooses.
 * Where there is nothing to write, error says why as the viewer does. */
gboolean wb_viewer_export (WbViewer *viewer, GFile *file, GError **error);

G_END_DECLS
