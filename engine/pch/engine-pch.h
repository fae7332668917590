/* What nearly every file here includes, compiled once. */
#include <gio/gio.h>
#include <json-glib/json-glib.h>
