#include "diabolo-config.h"

#include "model/nn-design-private.h"
#include "model/nn-history.h"

typedef struct
{
  NnDesign *design; /* owned */
  char *label;      /* of the edit that led here; NULL for the first */
} Entry;

struct _NnHistory
{
  GArray *entries; /* Entry; the designs before and after the current one */
  guint current;
  char *merge;   /* key of the last push while it can still be added to, or NULL */
  guint next_id; /* above every id that any design of this history ever used */
};

static void
clear_entry (gpointer item)
{
  Entry *entry = item;

  nn_design_unref (entry->design);
  g_free (entry->label);
}

static void
append (NnHistory *history, NnDesign *design, const char *label)
{
  Entry entry = { nn_design_ref (design), g_strdup (label) };

  g_array_append_val (history->entries, entry);
  history->next_id = MAX (history->next_id, design->next_id);
}

static Entry *
entry_at (NnHistory *history, guint position)
{
  return &g_array_index (history->entries, Entry, position);
}

NnHistory *
nn_history_new (NnDesign *design)
{
  NnHistory *history = g_new0 (NnHistory, 1);

  history->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (history->entries, clear_entry);
  append (history, design, NULL);
  return history;
}

void
nn_history_free (NnHistory *history)
{
  g_array_unref (history->entries);
  g_free (history->merge);
  g_free (history);
}

NnDesign *
nn_history_design (NnHistory *history)
{
  return entry_at (history, history->current)->design;
}

void
nn_history_push (NnHistory *history, NnDesign *design, const char *label, const char *merge)
{
  guint n_after;

  if (design == nn_history_design (history))
    return;
  n_after = history->entries->len - history->current - 1;
  if (n_after > 0)
    g_array_remove_range (history->entries, history->current + 1, n_after);

  if (merge != NULL && g_strcmp0 (merge, history->merge) == 0)
    {
      Entry *entry = entry_at (history, history->current);
      nn_design_ref (design);
      nn_design_unref (entry->design);
      entry->design = design;
      history->next_id = MAX (history->next_id, design->next_id);
      return;
    }
  append (history, design, label);
  history->current++;
  nn_history_seal (history);
  history->merge = g_strdup (merge);
}

void
nn_history_seal (NnHistory *history)
{
  g_clear_pointer (&history->merge, g_free);
}

const char *
nn_history_undo_label (NnHistory *history)
{
  return history->current > 0 ? entry_at (history, history->current)->label : NULL;
}

const char *
nn_history_redo_label (NnHistory *history)
{
  return history->current + 1 < history->entries->len
             ? entry_at (history, history->current + 1)->label
             : NULL;
}

/* Ids that were given out after the design was made must not be given out again: weights and random
 * streams go by them. */
static void
go_to (NnHistory *history, guint position)
{
  Entry *entry = entry_at (history, position);
  NnDesign *design = nn_design_with_next_id (entry->design, history->next_id);

  nn_design_unref (entry->design);
  entry->design = design;
  history->current = position;
  nn_history_seal (history);
}

gboolean
nn_history_undo (NnHistory *history)
{
  if (history->current == 0)
    return FALSE;
  go_to (history, history->current - 1);
  return TRUE;
}

gboolean
nn_history_redo (NnHistory *history)
{
  if (history->current + 1 >= history->entries->len)
    return FALSE;
  go_to (history, history->current + 1);
  return TRUE;
}
