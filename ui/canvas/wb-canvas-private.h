/* wb-canvas-private.h: what the files of the canvas share. wb-canvas.c holds the children, -view.c
 * what of the world is seen, -draw.c the backdrop, -input.c the pointer, -connect.c connections
 * being drawn, -drop.c what the palette sends, -parts.c what can be dragged away, -keys.c the
 * keyboard, -actions.c the verbs, -menu.c context menus, -rename.c names, -bubbles.c what is wrong,
 * -live.c what comes from the worker, -findings.c what is wrong with what is learned.
 */
#pragma once

#include <adwaita.h>

#include "canvas/wb-canvas.h"
#include "canvas/wb-graph-edit.h"
#include "canvas/wb-node-card.h"
#include "explore/nn-health.h"

G_BEGIN_DECLS

typedef enum
{
  WB_DRAG_NONE,
  WB_DRAG_MOVE,
  WB_DRAG_BAND,
  WB_DRAG_CONNECT,
  WB_DRAG_PAN,
} WbDragKind;

/* A connection being drawn, by pointer or keyboard. */
typedef struct
{
  gboolean active, keyboard;
  guint node, port;       /* where it starts */
  gboolean output;        /* it starts at an output */
  gboolean picked_up;     /* it was an edge's end: */
  guint old_to, old_port; /* ... of this input */
  WbPoint end;            /* world */
  guint snap_node;        /* 0: ends nowhere */
  guint snap_port;
} WbConnection;

struct _WbCanvas
{
  GtkWidget parent_instance;

  WbDocument *document; /* owned */
  WbGraphGeometry *geometry;
  NnDesign *shown; /* the design that geometry is of */
  WbView view;
  gboolean view_touched; /* a person has set the view: sizes changing no longer fit it */
  gboolean fit_pending;
  gboolean rewound;            /* an earlier moment is shown, and a bar over the top says so */
  int width, height;           /* last allocated */
  double pointer_x, pointer_y; /* last known, -1: outside */

  GHashTable *cards; /* id -> WbNodeCard, children */
  guint current;     /* the node Tab goes to */
  guint pointed;     /* the node a lesson points at, 0: none */

  /* other children */
  GtkWidget *bar, *minimap, *empty, *hint;
  GtkWidget *handles[WB_N_GROUNDS]; /* names of the grounds */
  GPtrArray *bubbles;
  GtkWidget *rename;
  guint rename_node;
  GtkWidget *menu;
  WbPoint hint_at; /* screen */

  /* drawing */
  GskRenderNode *backdrop;
  gint hover_edge;          /* -1: none */
  gint drop_edge;           /* would take what is being dropped; -1: none */
  guint menu_to, menu_port; /* edge the context menu speaks of; menu_to 0: none */
  guint edge_to, edge_port; /* edge that Delete takes away; edge_to 0: none */
  WbPoint menu_at;          /* world */

  /* a drag under way */
  WbDragKind drag;
  GtkGesture *drag_gesture;
  WbPoint drag_from; /* screen */
  WbView drag_view;
  GArray *drag_nodes; /* guint, the grabbed one first */
  gboolean drag_moved;
  guint drag_pressed; /* node to select alone when released unmoved */
  WbSnap snap;
  WbArea band;         /* world */
  GArray *band_before; /* guint: selected when the band began */
  WbConnection connection;
  guint drop_node, drop_port; /* free port that a drop would connect to */
  gboolean drop_output;

  /* animation of moved nodes */
  AdwAnimation *animation;
  GHashTable *came_from; /* id -> WbPoint */
  gboolean no_animation;

  /* live values */
  guint probe_id, probe_sample;
  gboolean probing;
  NnProbeResult *answer; /* the one shown */
  NnDataset *pictured;   /* the data that cards show, owned; NULL: none */
  guint gradients_id;
  NnProbeResult *gradients; /* likewise */
  gboolean show_gradients;  /* instead of values */
  NnHealth *health;
  guint explained; /* node whose finding is told beside it; 0: none */
  guint64 course_step;
  guint paste_count;
};

/* ---- wb-canvas.c ---- */
NnDesign *wb_canvas_design (WbCanvas *self);
NnAnalysis *wb_canvas_analysis (WbCanvas *self);
WbNodeCard *wb_canvas_card (WbCanvas *self, guint id);
/* design (transfer full); one undo step. */
void wb_canvas_commit (WbCanvas *self, NnDesign *design, const char *label, const char *merge);
void wb_canvas_select_only (WbCanvas *self, guint node);
void wb_canvas_set_current (WbCanvas *self, guint node, gboolean focus);
/* The lines, grounds or view changed: draw the backdrop anew. */
void wb_canvas_redraw (WbCanvas *self);
/* Nodes were placed elsewhere: lines and cards follow. */
void wb_canvas_relayout (WbCanvas *self);
/* A word beside the pointer or a node; NULL takes it away. */
void wb_canvas_set_hint (WbCanvas *self, const char *text, WbPoint at);
void wb_canvas_edge_text (WbCanvas *self, const WbEdgePath *path, char **text);
/* "1 layer" is named, more are counted: "Delete Dense 1", "Delete 3 layers". (transfer full) */
char *wb_canvas_label_for (WbCanvas *self, const char *one, const char *many, const guint *ids,
                           guint n);

/* ---- wb-canvas-view.c ---- */
/* The analysis, or the form of the cards, is another. */
void wb_canvas_rebuild_geometry (WbCanvas *self);
void wb_canvas_set_view (WbCanvas *self, const WbView *view);
void wb_canvas_fit (WbCanvas *self);
void wb_canvas_rewound (WbCanvas *self);
/* What is seen before a person chooses: the whole, or the beginning of what would be too small,
 * or where a lesson points. */
void wb_canvas_fit_first (WbCanvas *self);
void wb_canvas_reveal (WbCanvas *self, guint node);
/* Whether a card lies within that part of the screen. */
gboolean wb_canvas_has_card_at (WbCanvas *self, const WbArea *screen);
gboolean wb_canvas_shows_all_cards (WbCanvas *self);
void wb_canvas_centre_on (WbCanvas *self, double x, double y); /* world */
/* fixed: screen point that stays, NULL: the middle. */
void wb_canvas_zoom_by (WbCanvas *self, double factor, const WbPoint *fixed);
/* Nodes that an edit moved glide to their new place. */
void wb_canvas_animate_moves (WbCanvas *self, NnDesign *before, NnDesign *after);

/* ---- the others ---- */
void wb_canvas_draw (WbCanvas *self, GtkSnapshot *snapshot);
void wb_canvas_draw_overlay (WbCanvas *self, GtkSnapshot *snapshot);
extern const char *const wb_ground_titles[WB_N_GROUNDS]; /* "Encoder", not translated */
/* Where a ground's name stands, on the screen; layout (out, nullable, transfer full). FALSE: there
 * is no such ground. */
gboolean wb_canvas_ground_label (WbCanvas *self, WbGround ground, WbArea *area,
                                 PangoLayout **layout);
void wb_canvas_add_parts (WbCanvas *self);
void wb_canvas_allocate_parts (WbCanvas *self);
void wb_canvas_add_input (WbCanvas *self);
void wb_canvas_cancel_drag (WbCanvas *self);
void wb_canvas_add_keys (WbCanvas *self);
void wb_canvas_add_drop (WbCanvas *self);
void wb_canvas_install_actions (GtkWidgetClass *widget_class);
void wb_canvas_update_actions (WbCanvas *self);
void wb_canvas_connect_begin (WbCanvas *self, guint node, gboolean output, guint port,
                              gboolean keyboard);
void wb_canvas_connect_motion (WbCanvas *self, WbPoint screen);
void wb_canvas_connect_to_node (WbCanvas *self, guint node);
gboolean wb_canvas_connect_end (WbCanvas *self, gboolean accept);
void wb_canvas_live_map (WbCanvas *self, gboolean mapped);
void wb_canvas_live_document_changed (WbCanvas *self);
void wb_canvas_live_update (WbCanvas *self);
void wb_canvas_show_gradients (WbCanvas *self, gboolean show);
void wb_canvas_move_sample (WbCanvas *self, gint step);
void wb_canvas_take_gradients (WbCanvas *self, const NnGradientsResult *result);
/* before (nullable): the design of which something was found. */
void wb_canvas_findings_document_changed (WbCanvas *self, NnDesign *before);
/* Tells what is found at node, or, where that is told, no longer. 0: at the current node. */
void wb_canvas_explain (WbCanvas *self, guint node);
void wb_canvas_update_bar (WbCanvas *self);
void wb_canvas_update_bubbles (WbCanvas *self);
void wb_canvas_allocate_bubbles (WbCanvas *self);
void wb_canvas_rename_begin (WbCanvas *self, guint node);
void wb_canvas_rename_end (WbCanvas *self);
void wb_canvas_allocate_rename (WbCanvas *self);
void wb_canvas_add_menu (WbCanvas *self);
void wb_canvas_popup_menu (WbCanvas *self, guint node, gint edge, WbPoint screen);
/* What can be done with encoder and decoder. */
void wb_canvas_popup_parts_menu (WbCanvas *self, WbPoint screen);

G_END_DECLS
