/* nn-analysis-tidy.c: layout in columns from left to right. A plain autoencoder comes out as one
 * row on one axis; branches are stacked around the axis of what they come from. */
#include "diabolo-config.h"

#include <math.h>

#include "model/nn-analysis-private.h"

/* The tinted grounds reach 11 px beyond their cards; two of them and a gap of 8 px take 30. A loss
 * stands a little apart, so that its second edge has room to come up from below. */
#define GROUND_GAP 30.0
#define LOSS_GAP 41.0

typedef struct
{
  const NnNodeFacts *facts;
  guint column;
  guint ahead;     /* edges to the furthest end */
  gboolean axis;   /* part of the autoencoder, whose line stays level beside any other */
  gboolean source; /* nothing feeds it */
  gboolean placed; /* has edges; the others go into a row of their own */
  double height;
  double wish; /* centre that would make its edges level */
  double y;
} Card;

/* Encoder, code and decoder stand on tinted ground. */
static gboolean
is_grounded (const NnNodeFacts *facts)
{
  return facts->role >= NN_ROLE_ENCODER && facts->role <= NN_ROLE_DECODER;
}

static gboolean
crosses_grounds (const NnNodeFacts *a, const NnNodeFacts *b)
{
  return a->role != b->role && is_grounded (a) && is_grounded (b);
}

/* Larger for the line that should stay level where several share a column. */
static guint64
weight (const Card *card)
{
  return ((guint64)card->axis << 32) + card->ahead;
}

static void
find_columns (const NnAnalysis *analysis, Card *cards)
{
  const NnLinks *links = analysis->links;

  for (guint i = 0; i < analysis->n; i++)
    {
      Card *card = &cards[analysis->order[i]];
      const NnNodeFacts *judged =
          nn_facts_is (card->facts, NN_LAYER_OBJECTIVE)
              ? nn_analysis_source (analysis, card->facts, NN_PORT_PREDICTION)
              : card->facts;
      card->axis = judged != NULL && is_grounded (judged);
      card->source = TRUE;
      for (guint port = 0; port < card->facts->n_in; port++)
        if (card->facts->from[port] >= 0)
          {
            card->source = FALSE;
            card->column = MAX (card->column, cards[card->facts->from[port]].column + 1);
          }
    }
  for (guint i = analysis->n; i-- > 0;)
    {
      guint p = analysis->order[i], nearest = G_MAXUINT;
      Card *card = &cards[p];
      for (guint e = links->first[p]; e < links->first[p + 1]; e++)
        {
          const Card *next = &cards[nn_design_position (analysis->design, links->edge[e]->to)];
          card->ahead = MAX (card->ahead, next->ahead + 1);
          nearest = MIN (nearest, next->column);
        }
      /* A label, say, stands right before the loss that needs it. */
      if (card->source && nearest != G_MAXUINT)
        card->column = nearest - 1;
      card->placed = !card->source || nearest != G_MAXUINT;
    }
}

static void
find_wish (Card *card, const Card *cards)
{
  double sum = 0;
  guint n = 0;

  for (guint port = 0; port < card->facts->n_in; port++)
    {
      gint from = card->facts->from[port];
      /* The long edge to a target must not pull the loss off the axis. */
      if (from < 0
          || (port == NN_PORT_TARGET && n > 0 && nn_facts_is (card->facts, NN_LAYER_OBJECTIVE)))
        continue;
      sum += cards[from].y;
      n++;
    }
  card->wish = n > 0 ? sum / n : 0;
}

static gint
compare_cards (gconstpointer a, gconstpointer b)
{
  const Card *x = *(const Card *const *)a;
  const Card *y = *(const Card *const *)b;

  if (x->source != y->source)
    return x->source ? 1 : -1;
  if (x->wish != y->wish)
    return x->wish < y->wish ? -1 : 1;
  if (weight (x) != weight (y))
    return weight (x) > weight (y) ? -1 : 1;
  return (gint)x->facts->rank - (gint)y->facts->rank;
}

/* Stacks one column without overlaps and moves it so that its main line is level. */
static void
place_column (GPtrArray *column, double gap)
{
  double bottom = -INFINITY, off = 0;
  guint64 heaviest = 0;
  guint n_main = 0;
  gboolean sources = TRUE;

  g_ptr_array_sort (column, compare_cards);
  for (guint i = 0; i < column->len; i++)
    {
      Card *card = g_ptr_array_index (column, i);
      card->y = MAX (card->wish, bottom + gap + card->height / 2);
      bottom = card->y + card->height / 2;
      sources = sources && card->source;
    }
  for (guint i = 0; i < column->len; i++)
    {
      const Card *card = g_ptr_array_index (column, i);
      if (!card->source || sources)
        heaviest = MAX (heaviest, weight (card));
    }
  for (guint i = 0; i < column->len; i++)
    {
      const Card *card = g_ptr_array_index (column, i);
      if (weight (card) != heaviest || (card->source && !sources))
        continue;
      off += card->y - card->wish;
      n_main++;
    }
  for (guint i = 0; i < column->len; i++)
    ((Card *)g_ptr_array_index (column, i))->y -= off / n_main;
}

/* Left edges of the columns. */
static void
find_lefts (const NnAnalysis *analysis, const Card *cards, guint n_columns, double card_width,
            double gap, double *left)
{
  g_autofree double *before = g_new (double, n_columns + 1);

  for (guint c = 0; c < n_columns; c++)
    before[c] = gap;
  for (guint p = 0; p < analysis->n; p++)
    {
      const NnNodeFacts *facts = cards[p].facts;
      guint c = cards[p].column;
      if (nn_facts_is (facts, NN_LAYER_OBJECTIVE))
        before[c] = MAX (before[c], LOSS_GAP);
      for (guint port = 0; port < facts->n_in; port++)
        if (facts->from[port] >= 0
            && crosses_grounds (facts, nn_analysis_source (analysis, facts, port)))
          before[c] = MAX (before[c], GROUND_GAP);
    }
  left[0] = 0;
  for (guint c = 1; c < n_columns; c++)
    left[c] = left[c - 1] + card_width + before[c];
}

/* The design with its cards at their places; what was first stays where it was. */
static NnDesign *
apply (const NnAnalysis *analysis, const Card *cards, const double *left, double card_width,
       double gap)
{
  NnDesign *design = nn_design_copy (analysis->design);
  const Card *anchor = NULL;
  double bottom = -INFINITY, dx, dy;
  guint n_loose = 0;

  for (guint i = 0; i < analysis->n; i++)
    {
      const Card *card = &cards[analysis->order[i]];
      if (anchor == NULL && card->placed)
        anchor = card;
      if (card->placed)
        bottom = MAX (bottom, card->y + card->height / 2);
    }
  if (anchor == NULL)
    anchor = &cards[analysis->order[0]];
  if (bottom == -INFINITY)
    bottom = -gap - anchor->height / 2;
  dx = anchor->facts->node->x - left[anchor->column];
  dy = anchor->facts->node->y - anchor->y;
  for (guint i = 0; i < analysis->n; i++)
    {
      const Card *card = &cards[analysis->order[i]];
      NnNode *node = nn_design_edit_node (design, card->facts->node->id);
      node->x = round (left[card->column] + dx);
      node->y = round (card->y + dy);
      if (card->placed)
        continue;
      node->x = round (left[0] + dx + n_loose++ * (card_width + gap));
      node->y = round (bottom + gap + card->height / 2 + dy);
    }
  return design;
}

NnDesign *
nn_analysis_tidy (const NnAnalysis *analysis, double card_width, double gap, const double *heights)
{
  g_autofree Card *cards = g_new0 (Card, analysis->n + 1);
  g_autofree double *left = NULL;
  guint n_columns = 1;

  if (analysis->n == 0)
    return nn_design_ref (analysis->design);
  for (guint p = 0; p < analysis->n; p++)
    {
      cards[p].facts = &analysis->facts[p];
      cards[p].height = heights[p];
    }
  find_columns (analysis, cards);
  for (guint p = 0; p < analysis->n; p++)
    n_columns = MAX (n_columns, cards[p].column + 1);
  for (guint c = 0; c < n_columns; c++)
    {
      g_autoptr (GPtrArray) column = g_ptr_array_new ();
      for (guint p = 0; p < analysis->n; p++)
        if (cards[p].column == c && cards[p].placed)
          {
            find_wish (&cards[p], cards);
            g_ptr_array_add (column, &cards[p]);
          }
      if (column->len > 0)
        place_column (column, gap);
    }
  left = g_new (double, n_columns);
  find_lefts (analysis, cards, n_columns, card_width, gap, left);
  return apply (analysis, cards, left, card_width, gap);
}
