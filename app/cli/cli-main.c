/* diabolo-cli: everything the window does that needs no window. */
#include "cli.h"

#include <locale.h>

#include "diabolo-config.h"

static const CliVerb *const verbs[] = {
  &cli_lessons, &cli_layers,   &cli_datasets, &cli_new,    &cli_check,  &cli_summary,
  &cli_train,   &cli_evaluate, &cli_run,      &cli_export, &cli_import, &cli_bench,
};

static void
print_usage (void (*print) (const char *format, ...))
{
  print ("Usage: diabolo-cli VERB [OPTION…] [ARGUMENT…]\n\n");
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    print ("  %-9s %-14s %s\n", verbs[i]->name, verbs[i]->arguments ? verbs[i]->arguments : "",
           verbs[i]->summary);
  print ("\n“diabolo-cli VERB --help” tells the options of each.\n");
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  /* Numbers are written the same everywhere, whatever the language of the texts. */
  setlocale (LC_NUMERIC, "C");

  if (argc < 2)
    {
      print_usage (g_printerr);
      return CLI_USAGE;
    }
  if (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h"))
    {
      print_usage (g_print);
      return CLI_DONE;
    }
  if (g_str_equal (argv[1], "--version"))
    {
      g_print ("diabolo-cli %s\n", DIABOLO_VERSION);
      return CLI_DONE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (g_str_equal (argv[1], verbs[i]->name))
      return (int)verbs[i]->run (argc - 1, argv + 1);
  return (int)cli_wrong_usage (argv[1], "there is no such verb, see --help");
}
