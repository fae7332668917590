/* What is found in gradients: badges on cards, sentences on request, and the list of the bar. */
#include "canvas/wb-canvas-private.h"

#include "canvas/wb-canvas-bar.h"

static gboolean
update_card (WbCanvas *self, guint id, WbNodeCard *card)
{
  const NnFinding *finding = nn_health_find (self->health, id);
  WbFindingText *text =
      finding != NULL ? wb_finding_text_new (wb_canvas_analysis (self), finding) : NULL;

  if (wb_finding_text_equal (text, wb_node_card_get_finding (card)))
    {
      g_clear_pointer (&text, wb_finding_text_free);
      return FALSE;
    }
  wb_node_card_set_finding (card, text);
  return TRUE;
}

static void
update_findings (WbCanvas *self)
{
  GHashTableIter iter;
  gpointer key, card;
  gboolean changed = FALSE;

  g_hash_table_iter_init (&iter, self->cards);
  while (g_hash_table_iter_next (&iter, &key, &card))
    changed |= update_card (self, GPOINTER_TO_UINT (key), card);
  if (!changed)
    return;
  wb_canvas_update_bar (self);
  if (self->explained != 0)
    wb_canvas_update_bubbles (self);
}

void
wb_canvas_take_gradients (WbCanvas *self, const NnGradientsResult *result)
{
  if (nn_health_take (self->health, result))
    update_findings (self);
}

void
wb_canvas_findings_document_changed (WbCanvas *self, NnDesign *before)
{
  /* What is found is about the settings of training, and outlives them. */
  if (before == NULL || !nn_design_same_network (before, wb_canvas_design (self)))
    nn_health_clear (self->health);
  update_findings (self);
  wb_canvas_update_bar (self);
}

void
wb_canvas_explain (WbCanvas *self, guint node)
{
  WbNodeCard *card;

  if (node == 0)
    node = self->current;
  card = wb_canvas_card (self, node);
  if (card == NULL || wb_node_card_get_finding (card) == NULL)
    node = 0;
  if (node == self->explained)
    node = 0;
  else if (node != 0)
    {
      wb_canvas_select_only (self, node);
      wb_canvas_set_current (self, node, FALSE);
    }
  self->explained = node;
  wb_canvas_update_bubbles (self);
}

/* Idle units are no problem of the network: their badges do. */
void
wb_canvas_update_bar (WbCanvas *self)
{
  NnDesign *design = wb_canvas_design (self);
  g_autoptr (GArray) problems = g_array_new (FALSE, TRUE, sizeof (NnDiagnostic));

  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    {
      const guint id = nn_design_node_at (design, i)->id;
      WbNodeCard *card = wb_canvas_card (self, id);
      const WbFindingText *text = card != NULL ? wb_node_card_get_finding (card) : NULL;

      if (text == NULL || text->severity == NN_SEVERITY_HINT)
        continue;
      /* What is learned badly can be learned all the same. */
      NnDiagnostic problem = {
        .severity = NN_SEVERITY_WARNING, .node = id, .port = -1, .text = text->sentence
      };
      g_array_append_val (problems, problem);
    }
  wb_canvas_bar_update (WB_CANVAS_BAR (self->bar), wb_canvas_analysis (self),
                        (const NnDiagnostic *)(gpointer)problems->data, problems->len);
}
