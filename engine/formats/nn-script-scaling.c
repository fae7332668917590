/* How a script scales what goes in and, where the program shows pictures, what comes out: by the
 * numbers that the network was trained with. */
#include "formats/nn-script.h"

#include "data/nn-scaling.h"

#define TARGET 1
#define LINE 110 /* characters of a list before it goes on in the next line */

/* Written as what it divides by, which is a deviation or a range. */
static const char *
factor_text (NnScript *script, double factor)
{
  return factor != 0 ? nn_script_text (script, "1 / %s", nn_script_double (script, 1 / factor))
                     : "0.0";
}

/* One number, or an array with one for each column. */
static const char *
numbers_text (NnScript *script, const NnScale *scale, gboolean factors)
{
  g_autoptr (GString) text = g_string_new (scale->n > 1 ? "np.array([" : NULL);
  gsize begin = 0;
  for (guint k = 0; k < scale->n; k++)
    {
      const char *number = factors ? factor_text (script, scale->of[k].factor)
                                   : nn_script_double (script, scale->of[k].shift);
      if (k > 0)
        g_string_append_c (text, ',');
      if (k > 0 && text->len - begin + strlen (number) > LINE)
        {
          g_string_append (text, "\n       ");
          begin = text->len;
        }
      g_string_append_printf (text, k ? " %s" : "%s", number);
    }
  g_string_append (text, scale->n > 1 ? "])" : "");
  return nn_script_text (script, "%s", text->str);
}

/* The scaled images that a loss compares a value with, or NULL. */
static const NnField *
images_wanted (const NnExportModel *model, guint value)
{
  const NnProgram *program = model->program;
  const NnDataInfo *data = nn_analysis_data (model->source->analysis);
  for (guint i = 0; i < program->ops->len; i++)
    {
      const NnOp *op = nn_program_op (program, i);
      if (op->n_out > 0 || op->n_in <= TARGET || nn_export_model_value (model, op->in[0]) != value)
        continue;
      for (guint k = 0; k < program->inputs->len; k++)
        {
          const NnProgramInput *input = nn_program_input (program, k);
          const NnField *field = nn_data_info_field (data, input->field, NULL);
          if (field && input->value == op->in[TARGET] && field->kind == NN_FIELD_IMAGE
              && field->scale && field->scale->of[0].factor != 0)
            return field;
        }
    }
  return NULL;
}

void
nn_script_append_scaling (NnScript *script, GString *text)
{
  const NnExportModel *model = script->model;
  g_autoptr (GString) scales = g_string_new (NULL);
  g_autoptr (GString) images = g_string_new (NULL);
  for (guint i = 0; i < model->inputs->len; i++)
    {
      const NnExportPort *port = nn_export_input (model, i);
      if (port->field && port->field->scale)
        g_string_append_printf (scales, "    %s: (%s, %s),\n",
                                nn_script_quoted (script, port->name),
                                numbers_text (script, port->field->scale, FALSE),
                                numbers_text (script, port->field->scale, TRUE));
    }
  for (guint i = 0; i < model->outputs->len; i++)
    {
      const NnExportPort *port = nn_export_output (model, i);
      const NnField *field = images_wanted (model, port->value);
      if (field)
        g_string_append_printf (images, "%s\"%s\": (%s, %s)", images->len ? ", " : "", port->name,
                                nn_script_double (script, field->scale->of[0].shift),
                                factor_text (script, field->scale->of[0].factor));
    }
  g_string_append_printf (text,
                          "# By field, what is taken from values, and what then multiplies "
                          "them: by the training samples of the program.\nSCALING = {%s%s}\n",
                          scales->len ? "\n" : "", scales->str);
  g_string_append_printf (text,
                          "IMAGES = {%s}  # outputs that are such images, and their field's "
                          "scaling\n",
                          images->str);
}
