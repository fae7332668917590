#include "diabolo-config.h"

#include "lesson/wb-formula-box.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/nn-error.h"

/* Of the size of what they stand beside. */
#define SCRIPT_SCALE 0.72
#define OPERATOR_SCALE 1.5
/* Of the font's size (em). */
#define AXIS 0.27         /* height of fraction bars above the base line */
#define RULE 0.055        /* thickness of bars */
#define GAP 0.14          /* between a bar and what it divides */
#define MEDIUM_SPACE 0.22 /* around + and - */
#define THICK_SPACE 0.28  /* around = and < */
#define SUP_RISE 0.42
#define SUB_DROP 0.18
#define MAX_DEPTH 24

typedef enum
{
  ROW,      /* children beside each other */
  SYMBOL,   /* text */
  SCRIPTS,  /* base, sub or NULL, sup or NULL */
  FRACTION, /* numerator, denominator */
  ROOT,     /* what is under it */
  ACCENT,   /* what is under the text */
} Kind;

/* What spaces a symbol gets. */
typedef enum
{
  ORDINARY,
  OPERATOR, /* \sum: large, limits above and below */
  NAME,     /* \log */
  BINARY,   /* + */
  RELATION, /* = */
  PUNCTUATION,
} Class;

struct _WbFormulaBox
{
  Kind kind;
  Class class;
  char *text; /* SYMBOL, ACCENT */
  gboolean italic;
  GPtrArray *children; /* WbFormulaBox, NULL where one is missing */

  PangoLayout *layout; /* SYMBOL, ACCENT: once measured */
  double size;         /* of the font */
  double width, ascent, descent;
  double x, y; /* of this box in its parent, y down from the parent's base line */
};

static const struct
{
  const char *name, *text;
  Class class;
} commands[] = {
  { "alpha", "α", ORDINARY },     { "beta", "β", ORDINARY },    { "gamma", "γ", ORDINARY },
  { "delta", "δ", ORDINARY },     { "epsilon", "ε", ORDINARY }, { "eta", "η", ORDINARY },
  { "theta", "θ", ORDINARY },     { "kappa", "κ", ORDINARY },   { "lambda", "λ", ORDINARY },
  { "mu", "μ", ORDINARY },        { "pi", "π", ORDINARY },      { "rho", "ρ", ORDINARY },
  { "sigma", "σ", ORDINARY },     { "tau", "τ", ORDINARY },     { "phi", "φ", ORDINARY },
  { "psi", "ψ", ORDINARY },       { "omega", "ω", ORDINARY },   { "Delta", "Δ", ORDINARY },
  { "Sigma", "Σ", ORDINARY },     { "partial", "∂", ORDINARY }, { "nabla", "∇", ORDINARY },
  { "infty", "∞", ORDINARY },     { "ldots", "…", ORDINARY },   { "mid", "|", RELATION },
  { "|", "‖", ORDINARY },         { "{", "{", ORDINARY },       { "}", "}", ORDINARY },
  { "quad", "\u2003", ORDINARY }, { ",", "\u2009", ORDINARY },  { "cdot", "·", BINARY },
  { "times", "×", BINARY },       { "pm", "±", BINARY },        { "odot", "⊙", BINARY },
  { "le", "≤", RELATION },        { "ge", "≥", RELATION },      { "ne", "≠", RELATION },
  { "approx", "≈", RELATION },    { "sim", "∼", RELATION },     { "to", "→", RELATION },
  { "in", "∈", RELATION },        { "propto", "∝", RELATION },  { "leftarrow", "←", RELATION },
  { "sum", "∑", OPERATOR },       { "prod", "∏", OPERATOR },    { "int", "∫", OPERATOR },
  { "log", "log", NAME },         { "ln", "ln", NAME },         { "exp", "exp", NAME },
  { "max", "max", NAME },         { "min", "min", NAME },       { "tanh", "tanh", NAME },
};

static const struct
{
  const char *name, *text;
} accents[] = { { "hat", "^" }, { "bar", "‾" }, { "tilde", "~" } };

/* ---- boxes ---- */

static WbFormulaBox *
box_new (Kind kind)
{
  WbFormulaBox *box = g_new0 (WbFormulaBox, 1);
  box->kind = kind;
  box->children = g_ptr_array_new_with_free_func ((GDestroyNotify)wb_formula_box_free);
  return box;
}

static WbFormulaBox *
symbol_new (const char *text, Class class, gboolean italic)
{
  WbFormulaBox *box = box_new (SYMBOL);
  box->text = g_strdup (text);
  box->class = class;
  box->italic = italic;
  return box;
}

void
wb_formula_box_free (WbFormulaBox *box)
{
  if (box == NULL)
    return;
  g_free (box->text);
  g_clear_object (&box->layout);
  g_ptr_array_unref (box->children);
  g_free (box);
}

static WbFormulaBox *
child (const WbFormulaBox *box, guint i)
{
  return g_ptr_array_index (box->children, i);
}

/* ---- reading ---- */

typedef struct
{
  const char *at;
  guint depth;
} Reader;

static WbFormulaBox *read_row (Reader *reader, gboolean braced, GError **error);

static void
skip_spaces (Reader *reader)
{
  reader->at += strspn (reader->at, " ");
}

/* {...} or a single symbol. */
static WbFormulaBox *
read_argument (Reader *reader, GError **error)
{
  skip_spaces (reader);
  if (*reader->at != '{')
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("A “{” is missing before “%s”."),
                   reader->at);
      return NULL;
    }
  reader->at++;
  return read_row (reader, TRUE, error);
}

/* The letters of \mathrm{...}, \text{...} and \mathcal{...} as they are, the last ones slanted: few
 * fonts have letters of a script. */
static WbFormulaBox *
read_letters (Reader *reader, gboolean italic, GError **error)
{
  const char *end = *reader->at == '{' ? strchr (reader->at, '}') : NULL;
  if (end == NULL)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("A pair of braces is missing at “%s”."),
                   reader->at);
      return NULL;
    }
  g_autofree char *text = g_strndup (reader->at + 1, (gsize)(end - reader->at - 1));
  reader->at = end + 1;
  return symbol_new (text, ORDINARY, italic);
}

static WbFormulaBox *
read_fraction (Reader *reader, GError **error)
{
  g_autoptr (WbFormulaBox) box = box_new (FRACTION);
  for (guint i = 0; i < 2; i++)
    {
      WbFormulaBox *part = read_argument (reader, error);
      if (part == NULL)
        return NULL;
      g_ptr_array_add (box->children, part);
    }
  return g_steal_pointer (&box);
}

/* Root and accents: one argument. */
static WbFormulaBox *
read_over (Reader *reader, Kind kind, const char *text, GError **error)
{
  g_autoptr (WbFormulaBox) box = box_new (kind);
  WbFormulaBox *under = read_argument (reader, error);
  if (under == NULL)
    return NULL;
  box->text = g_strdup (text);
  g_ptr_array_add (box->children, under);
  return g_steal_pointer (&box);
}

static WbFormulaBox *
read_command (Reader *reader, GError **error)
{
  gsize length = 0;
  while (g_ascii_isalpha (reader->at[length]))
    length++;
  length = MAX (length, reader->at[0] != '\0' ? 1 : 0);
  g_autofree char *name = g_strndup (reader->at, length);
  reader->at += length;
  if (g_str_equal (name, "frac"))
    return read_fraction (reader, error);
  if (g_str_equal (name, "sqrt"))
    return read_over (reader, ROOT, NULL, error);
  if (g_str_equal (name, "mathrm") || g_str_equal (name, "text") || g_str_equal (name, "mathcal"))
    return read_letters (reader, g_str_equal (name, "mathcal"), error);
  for (guint i = 0; i < G_N_ELEMENTS (accents); i++)
    if (g_str_equal (name, accents[i].name))
      return read_over (reader, ACCENT, accents[i].text, error);
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (name, commands[i].name))
      return symbol_new (commands[i].text, commands[i].class,
                         commands[i].class == ORDINARY && commands[i].text[0] != '\xe2');
  g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("“\\%s” is not known in formulas."), name);
  return NULL;
}

static WbFormulaBox *
read_symbol (Reader *reader)
{
  const char *next = g_utf8_next_char (reader->at);
  g_autofree char *text = g_strndup (reader->at, (gsize)(next - reader->at));
  gboolean letter = g_unichar_isalpha (g_utf8_get_char (text));
  reader->at = next;
  if (g_str_equal (text, "-"))
    return symbol_new ("−", BINARY, FALSE);
  Class class = strchr ("+/*", text[0]) != NULL   ? BINARY
                : strchr ("=<>", text[0]) != NULL ? RELATION
                : strchr (",;", text[0]) != NULL  ? PUNCTUATION
                                                  : ORDINARY;
  if (g_str_equal (text, "/"))
    class = ORDINARY;
  return symbol_new (text, class, letter);
}

/* Hangs a script on the last box of the row. */
static gboolean
read_script (Reader *reader, WbFormulaBox *row, gboolean sup, GError **error)
{
  if (row->children->len == 0)
    g_ptr_array_add (row->children, symbol_new ("", ORDINARY, FALSE));
  skip_spaces (reader);
  g_autoptr (WbFormulaBox) script = NULL;
  if (*reader->at == '{')
    script = read_argument (reader, error);
  else if (*reader->at == '\\')
    {
      reader->at++;
      script = read_command (reader, error);
    }
  else if (*reader->at != '\0')
    script = read_symbol (reader);
  else
    g_set_error_literal (error, NN_ERROR, NN_ERROR_FORMAT,
                         _ ("The formula ends where “^” or “_” needs something."));
  if (script == NULL)
    return FALSE;
  WbFormulaBox *last = child (row, row->children->len - 1);
  if (last->kind != SCRIPTS)
    {
      WbFormulaBox *scripts = box_new (SCRIPTS);
      scripts->class = last->class;
      g_ptr_array_add (scripts->children,
                       g_ptr_array_steal_index (row->children, row->children->len - 1));
      g_ptr_array_add (scripts->children, NULL);
      g_ptr_array_add (scripts->children, NULL);
      g_ptr_array_add (row->children, scripts);
      last = scripts;
    }
  gpointer *place = &g_ptr_array_index (last->children, sup ? 2 : 1);
  if (*place != NULL)
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("Two “%c” stand after the same symbol."),
                   sup ? '^' : '_');
      return FALSE;
    }
  *place = g_steal_pointer (&script);
  return TRUE;
}

static WbFormulaBox *
read_piece (Reader *reader, GError **error)
{
  if (*reader->at == '{')
    return read_argument (reader, error);
  if (*reader->at != '\\')
    return read_symbol (reader);
  reader->at++;
  return read_command (reader, error);
}

static WbFormulaBox *
read_row (Reader *reader, gboolean braced, GError **error)
{
  g_autoptr (WbFormulaBox) row = box_new (ROW);
  if (++reader->depth > MAX_DEPTH)
    {
      g_set_error_literal (error, NN_ERROR, NN_ERROR_FORMAT, _ ("The formula is nested too deep."));
      return NULL;
    }
  for (skip_spaces (reader); *reader->at != '\0' && *reader->at != '}'; skip_spaces (reader))
    if (*reader->at == '^' || *reader->at == '_')
      {
        gboolean sup = *reader->at++ == '^';
        if (!read_script (reader, row, sup, error))
          return NULL;
      }
    else
      {
        WbFormulaBox *piece = read_piece (reader, error);
        if (piece == NULL)
          return NULL;
        g_ptr_array_add (row->children, piece);
      }
  if (braced != (*reader->at == '}'))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_FORMAT, _ ("A “%c” is missing in the formula."),
                   braced ? '}' : '{');
      return NULL;
    }
  if (braced)
    reader->at++;
  reader->depth--;
  return g_steal_pointer (&row);
}

WbFormulaBox *
wb_formula_box_parse (const char *tex, GError **error)
{
  g_return_val_if_fail (tex != NULL, NULL);
  Reader reader = { .at = tex };
  return read_row (&reader, FALSE, error);
}

/* ---- sizes ---- */

static void measure (WbFormulaBox *box, PangoContext *context, double size);

static void
measure_text (WbFormulaBox *box, PangoContext *context, double size)
{
  g_autoptr (PangoFontDescription) font =
      pango_font_description_copy (pango_context_get_font_description (context));
  pango_font_description_set_absolute_size (font, size * PANGO_SCALE);
  pango_font_description_set_style (font, box->italic ? PANGO_STYLE_ITALIC : PANGO_STYLE_NORMAL);
  g_clear_object (&box->layout);
  box->layout = pango_layout_new (context);
  pango_layout_set_font_description (box->layout, font);
  pango_layout_set_text (box->layout, box->text, -1);
  PangoRectangle ink, logical;
  pango_layout_get_extents (box->layout, &ink, &logical);
  double baseline = pango_layout_get_baseline (box->layout);
  box->width = (double)logical.width / PANGO_SCALE;
  box->ascent = MAX (0, (baseline - ink.y) / PANGO_SCALE);
  box->descent = MAX (0, (ink.y + ink.height - baseline) / PANGO_SCALE);
}

/* An operator between two things, not the sign of one. */
static gboolean
is_binary_at (const WbFormulaBox *row, guint i)
{
  return child (row, i)->class == BINARY && i > 0 && i + 1 < row->children->len
         && child (row, i - 1)->class != RELATION && child (row, i - 1)->class != PUNCTUATION;
}

static void
measure_row (WbFormulaBox *row, PangoContext *context, double size)
{
  double x = 0;
  for (guint i = 0; i < row->children->len; i++)
    {
      WbFormulaBox *box = child (row, i);
      double space = box->class == RELATION   ? THICK_SPACE
                     : is_binary_at (row, i)  ? MEDIUM_SPACE
                     : box->class == NAME     ? MEDIUM_SPACE / 2
                     : box->class == OPERATOR ? MEDIUM_SPACE / 2
                                              : 0;
      measure (box, context, size);
      box->x = x + (i > 0 ? space * size : 0);
      x = box->x + box->width;
      if (box->class == PUNCTUATION)
        space = MEDIUM_SPACE;
      if (i + 1 < row->children->len)
        x += space * size;
      row->ascent = MAX (row->ascent, box->ascent);
      row->descent = MAX (row->descent, box->descent);
    }
  row->width = x;
}

static void
measure_limits (WbFormulaBox *box, WbFormulaBox *base, WbFormulaBox *sub, WbFormulaBox *sup,
                double size)
{
  box->width = MAX (base->width, MAX (sub != NULL ? sub->width : 0, sup != NULL ? sup->width : 0));
  base->x = (box->width - base->width) / 2;
  box->ascent = base->ascent - base->y;
  box->descent = base->descent + base->y;
  if (sup != NULL)
    {
      sup->x = (box->width - sup->width) / 2;
      sup->y = -(box->ascent + GAP * size + sup->descent);
      box->ascent = sup->ascent - sup->y;
    }
  if (sub != NULL)
    {
      sub->x = (box->width - sub->width) / 2;
      sub->y = box->descent + GAP * size + sub->ascent;
      box->descent = sub->y + sub->descent;
    }
}

static void
measure_scripts (WbFormulaBox *box, PangoContext *context, double size)
{
  WbFormulaBox *base = child (box, 0), *sub = child (box, 1), *sup = child (box, 2);
  measure (base, context, size);
  if (sub != NULL)
    measure (sub, context, size * SCRIPT_SCALE);
  if (sup != NULL)
    measure (sup, context, size * SCRIPT_SCALE);
  base->x = 0;
  if (base->class == OPERATOR)
    {
      measure_limits (box, base, sub, sup, size);
      return;
    }
  base->y = 0;
  box->width = base->width;
  box->ascent = base->ascent;
  box->descent = base->descent;
  if (sup != NULL)
    {
      sup->x = base->width;
      sup->y = -MAX (SUP_RISE * size, base->ascent - sup->ascent / 2);
      box->width = MAX (box->width, base->width + sup->width);
      box->ascent = MAX (box->ascent, sup->ascent - sup->y);
    }
  if (sub != NULL)
    {
      sub->x = base->width;
      sub->y = MAX (SUB_DROP * size, base->descent);
      box->width = MAX (box->width, base->width + sub->width);
      box->descent = MAX (box->descent, sub->descent + sub->y);
    }
}

static void
measure_fraction (WbFormulaBox *box, PangoContext *context, double size)
{
  WbFormulaBox *above = child (box, 0), *below = child (box, 1);
  measure (above, context, size * 0.9);
  measure (below, context, size * 0.9);
  box->width = MAX (above->width, below->width) + 2 * GAP * size;
  above->x = (box->width - above->width) / 2;
  below->x = (box->width - below->width) / 2;
  above->y = -(AXIS + GAP) * size - above->descent;
  below->y = (GAP - AXIS) * size + below->ascent;
  box->ascent = above->ascent - above->y;
  box->descent = below->descent + below->y;
}

static void
measure_over (WbFormulaBox *box, PangoContext *context, double size)
{
  WbFormulaBox *under = child (box, 0);
  measure (under, context, size);
  under->y = 0;
  under->x = box->kind == ROOT ? 0.6 * size : 0;
  box->width = under->x + under->width;
  box->descent = under->descent;
  box->ascent = under->ascent + 0.24 * size;
}

static void
measure (WbFormulaBox *box, PangoContext *context, double size)
{
  box->size = size;
  box->width = box->ascent = box->descent = 0;
  switch (box->kind)
    {
    case ROW:
      measure_row (box, context, size);
      break;
    case SYMBOL:
      measure_text (box, context, box->class == OPERATOR ? size * OPERATOR_SCALE : size);
      if (box->class == OPERATOR)
        {
          /* Its middle on the axis. */
          box->y = (box->ascent - box->descent) / 2 - AXIS * size;
        }
      break;
    case SCRIPTS:
      measure_scripts (box, context, size);
      break;
    case FRACTION:
      measure_fraction (box, context, size);
      break;
    case ROOT:
    case ACCENT:
      measure_over (box, context, size);
      break;
    default:
      g_assert_not_reached ();
    }
}

void
wb_formula_box_measure (WbFormulaBox *box, PangoContext *context, double size, double *width,
                        double *ascent, double *descent)
{
  g_return_if_fail (box != NULL && PANGO_IS_CONTEXT (context));
  measure (box, context, size);
  *width = box->width;
  *ascent = box->ascent;
  *descent = box->descent;
}

/* ---- drawing ---- */

static void
draw_text (const WbFormulaBox *box, cairo_t *cr, double x, double y)
{
  cairo_move_to (cr, x, y - (double)pango_layout_get_baseline (box->layout) / PANGO_SCALE);
  pango_cairo_show_layout (cr, box->layout);
}

/* Hat, bar or tilde as strokes over the whole of what stands below. */
static void
draw_accent (const WbFormulaBox *box, cairo_t *cr, double x, double y)
{
  const WbFormulaBox *under = child (box, 0);
  double low = y - under->ascent - 0.08 * box->size, high = low - 0.12 * box->size;
  double left = x + 0.06 * box->size, right = x + under->width;
  double middle = (left + right) / 2, step = (right - left) / 3;
  cairo_set_line_width (cr, RULE * box->size);
  if (g_str_equal (box->text, "^"))
    {
      cairo_move_to (cr, left, low);
      cairo_line_to (cr, middle, high);
      cairo_line_to (cr, right, low);
    }
  else if (g_str_equal (box->text, "~"))
    {
      cairo_move_to (cr, left, low);
      cairo_curve_to (cr, left + step, high - 0.1 * box->size, right - step, low + 0.1 * box->size,
                      right, high);
    }
  else
    {
      cairo_move_to (cr, left, (low + high) / 2);
      cairo_line_to (cr, right, (low + high) / 2);
    }
  cairo_stroke (cr);
}

static void
draw_root (const WbFormulaBox *box, cairo_t *cr, double x, double y)
{
  double size = box->size, top = y - box->ascent + RULE * size;
  cairo_set_line_width (cr, RULE * size);
  cairo_move_to (cr, x + 0.05 * size, y - 0.3 * size);
  cairo_line_to (cr, x + 0.2 * size, y - 0.4 * size);
  cairo_line_to (cr, x + 0.38 * size, y + box->descent);
  cairo_line_to (cr, x + 0.55 * size, top);
  cairo_line_to (cr, x + box->width, top);
  cairo_stroke (cr);
}

/* Letters are as wide as whole pixels allow, so what is scaled by a ratio may still be too wide. */
double
wb_formula_box_fit (WbFormulaBox *box, PangoContext *context, double least, double most,
                    double room, double *width, double *ascent, double *descent)
{
  double size = most;

  wb_formula_box_measure (box, context, size, width, ascent, descent);
  while (*width > room && size > least)
    {
      size = MAX (least, MIN (size - 0.25, size * room / *width));
      wb_formula_box_measure (box, context, size, width, ascent, descent);
    }
  return size;
}

void
wb_formula_box_draw (WbFormulaBox *box, cairo_t *cr, double x, double y)
{
  g_return_if_fail (box != NULL && cr != NULL);
  if (box->kind == SYMBOL)
    draw_text (box, cr, x, box->class == OPERATOR ? y + box->y : y);
  else if (box->kind == ACCENT)
    draw_accent (box, cr, x, y);
  else if (box->kind == ROOT)
    draw_root (box, cr, x, y);
  else if (box->kind == FRACTION)
    {
      cairo_rectangle (cr, x, y - (AXIS + RULE / 2) * box->size, box->width, RULE * box->size);
      cairo_fill (cr);
    }
  for (guint i = 0; i < box->children->len; i++)
    {
      WbFormulaBox *part = child (box, i);
      if (part != NULL)
        wb_formula_box_draw (part, cr, x + part->x,
                             y + (part->kind == SYMBOL && part->class == OPERATOR ? 0 : part->y));
    }
}
