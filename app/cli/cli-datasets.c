/* datasets: which there are, or what one of them holds and what will hurt. */
#include "cli.h"

#include "diabolo-config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "data/nn-data-library.h"
#include "data/nn-data-survey.h"
#include "model/nn-design.h"

/* ---- as text ---- */

#define NAME_WIDTH 40 /* characters of a column's name */

/* Columns of a table, filled row by row and printed as wide as they need. */
typedef struct
{
  GPtrArray *cells; /* owned texts */
  guint n_columns;
} Table;

static void
table_clear (Table *table)
{
  g_ptr_array_unref (table->cells);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Table, table_clear)

static void G_GNUC_PRINTF (2, 3) add_cell (Table *table, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_ptr_array_add (table->cells, g_strdup_vprintf (format, args));
  va_end (args);
}

static void
print_table (const Table *table)
{
  g_autofree glong *width = g_new0 (glong, table->n_columns);
  for (guint i = 0; i < table->cells->len; i++)
    width[i % table->n_columns] =
        MAX (width[i % table->n_columns], g_utf8_strlen (table->cells->pdata[i], -1));
  g_print ("\n");
  for (guint i = 0; i < table->cells->len; i++)
    {
      const char *text = table->cells->pdata[i];
      const guint column = i % table->n_columns;
      if (column + 1 == table->n_columns)
        g_print ("%s\n", text);
      else
        g_print ("%s%*s", text, (int)(width[column] - g_utf8_strlen (text, -1) + 2), "");
    }
}

static void
print_fields (const NnDataSurvey *survey)
{
  const NnDataInfo *info = nn_dataset_info (survey->dataset);
  g_auto (Table) table = { g_ptr_array_new_with_free_func (g_free), 3 };
  for (guint f = 0; f < info->n_fields; f++)
    {
      const NnField *field = &info->fields[f];
      const NnSurveyRange *range = &survey->ranges[f];
      g_autofree char *shape = nn_shape_to_string (&field->shape);
      add_cell (&table, "%s", field->name);
      add_cell (&table, "%s", shape);
      if (field->kind == NN_FIELD_LABEL)
        add_cell (&table, "%u classes", field->n_classes);
      else
        add_cell (&table, "%.6g to %.6g, mean %.4g, deviation %.4g", range->min, range->max,
                  range->mean, range->deviation);
    }
  print_table (&table);
}

static const char *
role_of (const NnDataColumn *column)
{
  return column->is_label ? "label" : column->is_feature ? "feature" : "left out";
}

/* What sets columns apart is as often at the end of their names as at the start. (transfer full) */
static char *
short_name (const char *name)
{
  const glong n = g_utf8_strlen (name, -1);
  if (n <= NAME_WIDTH)
    return g_strdup (name);
  g_autofree char *start = g_utf8_substring (name, 0, NAME_WIDTH / 2);
  g_autofree char *end = g_utf8_substring (name, n - NAME_WIDTH / 2 + 1, n);
  return g_strconcat (start, "…", end, NULL);
}

static void
print_columns (const NnDataSurvey *survey)
{
  if (survey->columns->len == 0)
    return;
  g_auto (Table) table = { g_ptr_array_new_with_free_func (g_free), 7 };
  const char *const heads[] = { "column", "role", "kind", "range", "mean", "missing", "examples" };
  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    add_cell (&table, "%s", heads[i]);
  for (guint c = 0; c < survey->columns->len; c++)
    {
      const NnDataColumn *column = &g_array_index (survey->columns, NnDataColumn, c);
      g_autofree char *name = short_name (column->name);
      add_cell (&table, "%s", name);
      add_cell (&table, "%s", role_of (column));
      add_cell (&table, "%s", !column->is_number ? "text" : column->is_whole ? "whole" : "number");
      if (column->is_number && column->n_values > 0)
        {
          add_cell (&table, "%.6g to %.6g", column->min, column->max);
          add_cell (&table, "%.4g", column->mean);
        }
      else
        {
          add_cell (&table, "%u values", column->n_distinct);
          add_cell (&table, "–");
        }
      add_cell (&table, "%zu", column->n_missing);
      add_cell (&table, "%s", column->examples);
    }
  print_table (&table);
}

static void
print_classes (const NnDataSurvey *survey)
{
  if (survey->label < 0)
    return;
  const NnField *field = &nn_dataset_info (survey->dataset)->fields[survey->label];
  g_auto (Table) table = { g_ptr_array_new_with_free_func (g_free), 3 };
  add_cell (&table, "class");
  add_cell (&table, "training");
  add_cell (&table, "test");
  for (guint c = 0; c < field->n_classes; c++)
    {
      if (field->class_names)
        add_cell (&table, "%s", field->class_names[c]);
      else
        add_cell (&table, "%u", c);
      for (NnPart part = NN_PART_TRAIN; part <= NN_PART_TEST; part++)
        add_cell (&table, "%zu", survey->class_counts[part][c]);
    }
  print_table (&table);
}

static void
print_survey (const NnDataSurvey *survey, const NnDataSource *source)
{
  const NnDataInfo *info = nn_dataset_info (survey->dataset);
  g_autofree char *memory = g_format_size (nn_dataset_memory (survey->dataset));
  g_print ("%s: %s, %zu training and %zu test samples, %s\n", info->title, _ (source->title),
           info->n_samples[NN_PART_TRAIN], info->n_samples[NN_PART_TEST], memory);
  if (info->n_samples[NN_PART_VALIDATION] > 0)
    g_print ("held out to validate with: %zu samples\n", info->n_samples[NN_PART_VALIDATION]);
  print_fields (survey);
  print_columns (survey);
  print_classes (survey);
  if (survey->notes->len + survey->findings->len > 0)
    g_print ("\n");
  for (guint i = 0; i < survey->notes->len; i++)
    g_print ("note: %s\n", (const char *)survey->notes->pdata[i]);
  for (guint i = 0; i < survey->findings->len; i++)
    {
      const NnSurveyFinding *finding = survey->findings->pdata[i];
      g_print ("warning: %s", finding->text);
      if (finding->option)
        g_print (" (--set %s=%s)", finding->option, finding->value);
      g_print ("\n");
    }
}

/* ---- as JSON ---- */

static void
begin_array (JsonBuilder *json, const char *name)
{
  json_builder_set_member_name (json, name);
  json_builder_begin_array (json);
}

static void
add_fields (JsonBuilder *json, const NnDataSurvey *survey)
{
  const NnDataInfo *info = nn_dataset_info (survey->dataset);
  begin_array (json, "fields");
  for (guint f = 0; f < info->n_fields; f++)
    {
      const NnField *field = &info->fields[f];
      json_builder_begin_object (json);
      cli_json_text (json, "name", field->name);
      begin_array (json, "shape");
      for (gint i = 0; i < field->shape.rank; i++)
        json_builder_add_int_value (json, field->shape.dim[i]);
      json_builder_end_array (json);
      cli_json_number (json, "classes", field->n_classes);
      cli_json_number (json, "min", survey->ranges[f].min);
      cli_json_number (json, "max", survey->ranges[f].max);
      cli_json_number (json, "mean", survey->ranges[f].mean);
      cli_json_number (json, "deviation", survey->ranges[f].deviation);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

static void
add_columns (JsonBuilder *json, const NnDataSurvey *survey)
{
  begin_array (json, "columns");
  for (guint c = 0; c < survey->columns->len; c++)
    {
      const NnDataColumn *column = &g_array_index (survey->columns, NnDataColumn, c);
      const gboolean measured = column->is_number && column->n_values > 0;
      json_builder_begin_object (json);
      cli_json_text (json, "name", column->name);
      cli_json_text (json, "role", role_of (column));
      cli_json_text (json, "kind", column->is_number ? "number" : "text");
      cli_json_number (json, "min", measured ? column->min : NAN);
      cli_json_number (json, "max", measured ? column->max : NAN);
      cli_json_number (json, "mean", measured ? column->mean : NAN);
      cli_json_number (json, "deviation", measured ? column->deviation : NAN);
      cli_json_number (json, "missing", (double)column->n_missing);
      cli_json_text (json, "examples", column->examples);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

static void
add_classes (JsonBuilder *json, const NnDataSurvey *survey)
{
  const NnField *field =
      survey->label < 0 ? NULL : &nn_dataset_info (survey->dataset)->fields[survey->label];
  begin_array (json, "classes");
  for (guint c = 0; field && c < field->n_classes; c++)
    {
      g_autofree char *number = g_strdup_printf ("%u", c);
      json_builder_begin_object (json);
      cli_json_text (json, "name", field->class_names ? field->class_names[c] : number);
      cli_json_number (json, "training", (double)survey->class_counts[NN_PART_TRAIN][c]);
      cli_json_number (json, "test", (double)survey->class_counts[NN_PART_TEST][c]);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

static void
print_json (const NnDataSurvey *survey, const NnDataSource *source)
{
  const NnDataInfo *info = nn_dataset_info (survey->dataset);
  g_autoptr (JsonBuilder) json = json_builder_new ();
  json_builder_begin_object (json);
  cli_json_text (json, "title", info->title);
  cli_json_text (json, "format", source->id);
  cli_json_number (json, "training", (double)info->n_samples[NN_PART_TRAIN]);
  cli_json_number (json, "test", (double)info->n_samples[NN_PART_TEST]);
  cli_json_number (json, "validation", (double)info->n_samples[NN_PART_VALIDATION]);
  cli_json_number (json, "memory", (double)nn_dataset_memory (survey->dataset));
  add_fields (json, survey);
  add_columns (json, survey);
  add_classes (json, survey);
  begin_array (json, "notes");
  for (guint i = 0; i < survey->notes->len; i++)
    json_builder_add_string_value (json, survey->notes->pdata[i]);
  json_builder_end_array (json);
  begin_array (json, "warnings");
  for (guint i = 0; i < survey->findings->len; i++)
    {
      const NnSurveyFinding *finding = survey->findings->pdata[i];
      g_autofree char *setting =
          finding->option ? g_strdup_printf ("%s=%s", finding->option, finding->value) : NULL;
      json_builder_begin_object (json);
      cli_json_text (json, "text", finding->text);
      cli_json_text (json, "setting", setting);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  json_builder_end_object (json);
  cli_print_json (json);
}

/* ---- the verb ---- */

static void
show_loading (double fraction, gpointer progress)
{
  cli_progress_show (progress, fraction, "loading data");
}

static CliStatus
look_at (const NnParams *data, gboolean as_json, gboolean keep)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CliProgress) progress = cli_progress_new (as_json);
  const NnLoadContext context = { .progress = show_loading, .progress_data = progress };
  g_autoptr (NnDataSurvey) survey = nn_data_survey_new (data, &context, &error);
  cli_progress_clear (progress);
  if (!survey || (keep && !nn_data_library_add (data, &error)))
    return cli_failed ("datasets", error);
  (as_json ? print_json : print_survey) (survey, nn_data_source_of (data));
  return CLI_DONE;
}

/* name_or_path: as the list names it, or where it is. */
static gboolean
forget_set (const char *name_or_path, GError **error)
{
  g_autoptr (GPtrArray) entries = nn_data_list ();
  for (guint i = 0; i < entries->len; i++)
    {
      const NnDataEntry *entry = entries->pdata[i];
      if (entry->options && g_str_equal (entry->name, name_or_path))
        return nn_data_library_remove (entry->path, error);
    }
  return nn_data_library_remove (name_or_path, error);
}

static CliStatus
run_datasets (int argc, char **argv)
{
  gboolean as_json = FALSE, keep = FALSE, forget = FALSE;
  g_auto (GStrv) settings = NULL;
  const GOptionEntry options[] = {
    { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &settings,
      "How it is read: label=Class, scaling=standardise, unusable=skip", "NAME=VALUE" },
    { "keep", 0, 0, G_OPTION_ARG_NONE, &keep,
      "List the file or folder among the data sets from now on, read in this way", NULL },
    { "forget", 0, 0, G_OPTION_ARG_NONE, &forget, "List the file or folder no longer", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (&cli_datasets, options, &argc, &argv, 0, 1))
    return CLI_USAGE;
  if (argc == 1 && (settings || keep || forget))
    return cli_wrong_usage ("datasets", "--set, --keep and --forget need a data set");
  if (argc == 1)
    {
      cli_list_datasets (as_json);
      return CLI_DONE;
    }

  g_autoptr (GError) error = NULL;
  if (forget)
    return forget_set (argv[1], &error) ? CLI_DONE : cli_failed ("datasets", error);
  g_autoptr (NnParams) data = nn_params_new (nn_data_specs ());
  NnParams **const tables[] = { &data };
  if (!cli_change_params (&data, "name", argv[1], &error))
    return cli_wrong_usage ("datasets", "%s", error->message);
  for (guint i = 0; settings && settings[i]; i++)
    if (!cli_set_params (tables, 1, settings[i], &error))
      return cli_wrong_usage ("datasets", "%s", error->message);
  if (keep && !g_file_test (argv[1], G_FILE_TEST_EXISTS))
    return cli_wrong_usage ("datasets", "--keep needs a path, and there is no file “%s”", argv[1]);
  return look_at (data, as_json, keep);
}

const CliVerb cli_datasets = {
  "datasets", "[NAME|PATH]",
  "Lists the data sets that are there, or tells what one holds and what will hurt.", run_datasets
};
