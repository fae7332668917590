/* lessons, layers: what there is. */
#include "cli.h"

#include "diabolo-config.h"

#include <glib/gi18n-lib.h>

#include "formats/nn-lessons.h"
#include "layers/nn-layer.h"
#include "optimizers/nn-optimizer.h"

static gboolean as_json;

static const GOptionEntry list_options[] = {
  { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
  G_OPTION_ENTRY_NULL,
};

/* A list is printed as aligned lines "id  title: summary" or as {"NAME": [{...}]}. */
typedef struct
{
  const char *name;
  JsonBuilder *json; /* NULL: lines */
  GPtrArray *ids, *texts;
} List;

static void
list_begin (List *list, const char *name)
{
  *list = (List){ .name = name };
  list->ids = g_ptr_array_new_with_free_func (g_free);
  list->texts = g_ptr_array_new_with_free_func (g_free);
  if (!as_json)
    return;
  list->json = json_builder_new ();
  json_builder_begin_object (list->json);
  json_builder_set_member_name (list->json, name);
  json_builder_begin_array (list->json);
}

/* With JSON the row's object stays open for more members until list_row_end(). */
static void
list_row (List *list, const char *id, const char *title, const char *summary)
{
  if (list->json)
    {
      json_builder_begin_object (list->json);
      cli_json_text (list->json, "id", id);
      cli_json_text (list->json, "title", title);
      cli_json_text (list->json, "summary", summary);
      return;
    }
  g_ptr_array_add (list->ids, g_strdup (id));
  g_ptr_array_add (list->texts, summary && *summary ? g_strdup_printf ("%s: %s", title, summary)
                                                    : g_strdup (title));
}

static void
list_row_end (List *list)
{
  if (list->json)
    json_builder_end_object (list->json);
}

/* Another list in the same object. */
static void
list_next (List *list, const char *name)
{
  json_builder_end_array (list->json);
  json_builder_set_member_name (list->json, name);
  json_builder_begin_array (list->json);
}

static void
list_end (List *list)
{
  if (list->json)
    {
      json_builder_end_array (list->json);
      json_builder_end_object (list->json);
      cli_print_json (list->json);
      g_object_unref (list->json);
    }
  glong width = 0;
  for (guint i = 0; i < list->ids->len; i++)
    width = MAX (width, g_utf8_strlen (list->ids->pdata[i], -1));
  for (guint i = 0; i < list->ids->len; i++)
    g_print ("%-*s  %s\n", (int)width, (char *)list->ids->pdata[i], (char *)list->texts->pdata[i]);
  g_ptr_array_unref (list->ids);
  g_ptr_array_unref (list->texts);
}

static CliStatus
run_lessons (int argc, char **argv)
{
  if (!cli_parse (&cli_lessons, list_options, &argc, &argv, 0, 0))
    return CLI_USAGE;

  guint n;
  const NnLesson *lessons = nn_lessons (&n);
  List list;
  list_begin (&list, "lessons");
  for (guint i = 0; i < n; i++)
    {
      list_row (&list, lessons[i].id, _ (lessons[i].title), _ (lessons[i].summary));
      if (list.json && lessons[i].after)
        cli_json_text (list.json, "after", lessons[i].after);
      list_row_end (&list);
    }
  list_end (&list);
  return CLI_DONE;
}

static void
add_params (JsonBuilder *json, const NnParamSpec *specs)
{
  g_autoptr (NnParams) defaults = nn_params_new (specs);
  json_builder_set_member_name (json, "parameters");
  json_builder_begin_array (json);
  for (const NnParamSpec *spec = specs; spec && spec->name; spec++)
    {
      g_autofree char *value = nn_params_to_text (defaults, spec->name);
      json_builder_begin_object (json);
      cli_json_text (json, "name", spec->name);
      cli_json_text (json, "title", _ (spec->title));
      cli_json_text (json, "tip", _ (spec->tip));
      cli_json_text (json, "default", value);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

/* Beside the layers, for programs that build the same network elsewhere. */
static void
add_optimizers (List *list)
{
  list_next (list, "optimizers");
  for (const NnOptimizerType *const *type = nn_optimizer_types (); *type; type++)
    {
      list_row (list, (*type)->id, _ ((*type)->title), _ ((*type)->summary));
      add_params (list->json, (*type)->params);
      list_row_end (list);
    }
}

static CliStatus
run_layers (int argc, char **argv)
{
  if (!cli_parse (&cli_layers, list_options, &argc, &argv, 0, 0))
    return CLI_USAGE;

  List list;
  list_begin (&list, "layers");
  for (const NnLayerType *const *type = nn_layer_types (); *type; type++)
    {
      list_row (&list, (*type)->id, _ ((*type)->title), _ ((*type)->summary));
      if (list.json)
        {
          cli_json_text (list.json, "category", nn_category_id ((*type)->category));
          cli_json_text (list.json, "when_to_use", _ ((*type)->when_to_use));
          add_params (list.json, (*type)->params);
        }
      list_row_end (&list);
    }
  if (list.json)
    add_optimizers (&list);
  list_end (&list);
  return CLI_DONE;
}

void
cli_list_datasets (gboolean json)
{
  as_json = json;
  g_autoptr (GPtrArray) entries = nn_data_list ();
  List list;
  list_begin (&list, "datasets");
  for (guint i = 0; i < entries->len; i++)
    {
      const NnDataEntry *entry = entries->pdata[i];
      list_row (&list, entry->name, entry->title, entry->summary);
      if (list.json)
        cli_json_text (list.json, "path", entry->path);
      list_row_end (&list);
    }
  list_end (&list);
}

const CliVerb cli_lessons = { "lessons", NULL, "Lists the lessons.", run_lessons };
const CliVerb cli_layers = { "layers", NULL, "Lists the layer types.", run_layers };
