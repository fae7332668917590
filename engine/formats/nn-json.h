/* nn-json.h: reading JSON that nobody vouches for: strict syntax, bounded nesting, no name twice.
 * (json-glib's parser recurses without a bound and lets the last of two equal names win.) Any
 * thread.
 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Deeper than any file this program writes; json-glib uses under 1 KiB of stack a level. */
#define NN_JSON_MAX_DEPTH 100

/* source names the text in errors. NN_ERROR_FORMAT. */
gboolean nn_json_check (const char *text, gsize length, const char *source, GError **error);

/* The object that text holds, checked. (transfer full) */
JsonObject *nn_json_parse_object (const char *text, gsize length, const char *source,
                                  GError **error);

/* "a number", "a text": what a node holds, for errors. */
const char *nn_json_kind (JsonNode *node);

/* Members by type; required ones that are missing, and those of another type, fail naming source
 * and name. min and max are inclusive. */
gboolean nn_json_get_int (JsonObject *object, const char *name, gint64 min, gint64 max,
                          const char *source, gint64 *value, GError **error);
gboolean nn_json_get_double (JsonObject *object, const char *name, const char *source,
                             double *value, GError **error);
/* value belongs to object. */
gboolean nn_json_get_text (JsonObject *object, const char *name, const char *source,
                           const char **value, GError **error);

/* Adds copies of the members of extra, for what is kept without being understood. extra may be
 * NULL. */
void nn_json_add_members (JsonObject *object, JsonObject *extra);

/* Two-space indent, newline at the end. (transfer full) */
char *nn_json_to_text (JsonObject *object);

G_END_DECLS
