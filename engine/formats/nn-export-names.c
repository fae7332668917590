/* Identifiers for what people named freely. */
#include "formats/nn-export-model.h"

#include <string.h>

/* Of Python and of C, as far as they are in lower case, and what scripts and sources use
 * themselves. */
static const char *const reserved[] = {
  "and",      "as",     "assert",  "async",   "auto",     "await",  "bool",     "break",
  "case",     "char",   "class",   "const",   "continue", "def",    "default",  "del",
  "do",       "double", "elif",    "else",    "enum",     "eval",   "except",   "extern",
  "finally",  "float",  "for",     "forward", "from",     "global", "goto",     "if",
  "import",   "in",     "inline",  "int",     "is",       "lambda", "long",     "model",
  "nonlocal", "not",    "or",      "pass",    "print",    "raise",  "register", "restrict",
  "return",   "self",   "short",   "signed",  "sizeof",   "static", "struct",   "switch",
  "train",    "try",    "typedef", "union",   "unsigned", "void",   "volatile", "while",
  "with",     "yield",  NULL,
};

static char *
clean (const char *name)
{
  g_autofree char *ascii = g_str_to_ascii (name, "C");
  GString *text = g_string_new (NULL);
  for (const char *p = ascii; *p; p++)
    if (g_ascii_isalnum (*p))
      g_string_append_c (text, g_ascii_tolower (*p));
    else if (text->len > 0 && text->str[text->len - 1] != '_')
      g_string_append_c (text, '_');
  while (text->len > 0 && text->str[text->len - 1] == '_')
    g_string_truncate (text, text->len - 1);
  /* Letters that have no Latin relative come out as question marks, and are gone by now. */
  if (text->len == 0 || g_ascii_isdigit (text->str[0]))
    g_string_prepend (text, text->len ? "layer_" : "layer");
  if (g_strv_contains (reserved, text->str))
    g_string_append_c (text, '_');
  return g_string_free (text, FALSE);
}

char *
nn_export_identifier (const char *name, GHashTable *taken)
{
  g_autofree char *base = clean (name);
  char *unique = g_strdup (base);
  for (guint i = 2; g_hash_table_contains (taken, unique); i++)
    {
      g_free (unique);
      unique = g_strdup_printf ("%s_%u", base, i);
    }
  g_hash_table_add (taken, g_strdup (unique));
  return unique;
}
