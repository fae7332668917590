#include "diabolo-config.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <stdio.h>

#include "wb-application.h"
#include "wb-frame-log.h"

int
main (int argc, char **argv)
{
  wb_frame_log_start ();
  setlocale (LC_ALL, "");
  const char *translations = g_getenv ("DIABOLO_LOCALEDIR");
  bindtextdomain (GETTEXT_PACKAGE, translations ? translations : DIABOLO_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  g_autoptr (WbApplication) application = wb_application_new ();
  int status = g_application_run (G_APPLICATION (application), argc, argv);
  g_clear_object (&application);
  wb_frame_log_stop ();
  return status;
}
