#include "cli.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

#include "diabolo-config.h"

#include "data/nn-data-source.h"

gboolean
cli_parse (const CliVerb *verb, const GOptionEntry *entries, int *argc, char ***argv, int min,
           int max)
{
  g_autofree char *name = g_strdup_printf ("diabolo-cli %s", verb->name);
  g_set_prgname (name);

  g_autoptr (GOptionContext) context = g_option_context_new (verb->arguments);
  g_autoptr (GError) error = NULL;
  g_option_context_set_summary (context, verb->summary);
  if (entries)
    g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      cli_wrong_usage (verb->name, "%s", error->message);
      return FALSE;
    }
  if (*argc - 1 < min || *argc - 1 > max)
    {
      cli_wrong_usage (verb->name, "expected “%s %s”, see --help", verb->name,
                       verb->arguments ? verb->arguments : "");
      return FALSE;
    }
  return TRUE;
}

CliStatus
cli_failed (const char *what, const GError *error)
{
  g_autoptr (GString) settings = g_string_new (NULL);
  for (const NnDataMend *mend = nn_data_mends (error); mend->option; mend++)
    g_string_append_printf (settings, "%s--set %s=%s", settings->len ? ", " : " (", mend->option,
                            mend->value);
  g_printerr ("diabolo-cli: %s: %s%s%s\n", what, error->message, settings->str,
              settings->len ? ")" : "");
  return CLI_FAILED;
}

static void
print_line (const char *what, const char *format, va_list args)
{
  g_autofree char *why = g_strdup_vprintf (format, args);
  g_printerr ("diabolo-cli: %s: %s\n", what, why);
}

CliStatus
cli_wrong_usage (const char *what, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  print_line (what, format, args);
  va_end (args);
  return CLI_USAGE;
}

void
cli_note (const char *what, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  print_line (what, format, args);
  va_end (args);
}

void
cli_print_json (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = json_to_string (root, TRUE);
  g_print ("%s\n", text);
}

void
cli_json_number (JsonBuilder *builder, const char *name, double value)
{
  json_builder_set_member_name (builder, name);
  if (!isfinite (value))
    json_builder_add_null_value (builder);
  else if (value == floor (value) && fabs (value) < 1e15)
    json_builder_add_int_value (builder, (gint64)value);
  else
    json_builder_add_double_value (builder, value);
}

void
cli_json_text (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  if (value)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}
