/* PyTorch: a script as one would write it by hand, that makes the network, trains it and checks
 * itself, with the weights beside it. */
#include "diabolo-config.h"

#include <string.h>

#include "base/nn-error.h"
#include "formats/nn-replace.h"
#include "formats/nn-torch.h"

#include <glib/gi18n-lib.h>

#define SCRIPT_ENDING ".py"
#define WEIGHTS_ENDING ".safetensors"
/* Characters of a list before it goes on in the next line. */
#define LINE 78

/* Of what a module has already, and of what scripts call things. */
static const char *const reserved[] = {
  "batch",    "bfloat16",   "buffers",   "children",     "compile",    "cpu",   "cuda",
  "f",        "ipu",        "load",      "math",         "modules",    "named", "network",
  "nn",       "parameters", "penalties", "share_memory", "state_dict", "to",    "torch",
  "training", "type",       "x",         "xpu",          "zero_grad",  "eval",  "half",
  "loss",     "outputs",    "apply",     "add_module",   NULL,
};

static void
init (NnTorch *torch, const NnExportModel *model)
{
  *torch = (NnTorch){
    .starts = g_array_new (FALSE, FALSE, sizeof (NnTorchStart)),
    .losses = g_string_new (NULL),
    .kept = g_string_new (NULL),
  };
  nn_script_init (&torch->script, model, TRUE, reserved);
  for (guint i = 0; i < nn_export_model_n_ops (model); i++)
    {
      const NnOp *op = nn_export_model_op (model, i);
      nn_torch_translation (op->type) (torch, op);
    }
}

static void
clear (NnTorch *torch)
{
  nn_script_clear (&torch->script);
  for (guint i = 0; i < torch->starts->len; i++)
    g_ptr_array_unref (g_array_index (torch->starts, NnTorchStart, i).names);
  g_array_unref (torch->starts);
  g_string_free (torch->losses, TRUE);
  g_string_free (torch->kept, TRUE);
}

static NnExportModel *
model_of (const NnExportSource *source, GError **error)
{
  return source->part == NN_EXPORT_ALL ? nn_export_model_new_training (source, error)
                                       : nn_export_model_new (source, error);
}

static gboolean
torch_check (const NnExportSource *source, GError **error)
{
  g_autoptr (NnExportModel) model = model_of (source, error);
  for (guint i = 0; model && i < nn_export_model_n_ops (model); i++)
    {
      const NnOp *op = nn_export_model_op (model, i);
      if (nn_torch_translation (op->type))
        continue;
      g_set_error (error, NN_ERROR, NN_ERROR_UNSUPPORTED,
                   _ ("“%s” cannot be written for PyTorch: there is no layer for its “%s”."),
                   nn_export_model_node_title (model, op->node), op->type->name);
      return FALSE;
    }
  return model != NULL;
}

/* ---- the parts of a script ---- */

static const char *
file_text (NnScript *script, const char *name)
{
  GString *clean = g_string_new (name);
  g_string_replace (clean, "\\", "/", 0);
  g_string_replace (clean, "\"", "'", 0);
  g_string_replace (clean, "channels last", "(N, C, H, W)", 0);
  const char *text = nn_script_text (script, "%s", clean->str);
  g_string_free (clean, TRUE);
  return text;
}

static void
append_comment (NnScript *script, const char *name, GString *text)
{
  const NnExportModel *model = script->model;
  const char *title = file_text (script, nn_design_title (model->source->design));
  const char *file = file_text (script, name);
  g_string_append_printf (text, "\"\"\"%s (%s), written by Diabolo %s.\n\n",
                          title && *title ? title : "A network",
                          nn_export_part_id (model->source->part), DIABOLO_VERSION);
  g_string_append_printf (text,
                          "    python3 %s.py --check    compares the weights in "
                          "%s" WEIGHTS_ENDING " with a stored sample\n",
                          file, file);
  if (model->training)
    g_string_append_printf (
        text,
        "    python3 %s.py DATA       trains anew; --weights FILE goes on\n"
        "    torchrun --nproc_per_node 2 %s.py DATA    the same in several processes, or on "
        "several machines\n\n"
        "DATA is a folder of IDX files such as MNIST's, or an .npz with an array for each field "
        "and, for validation,\none more called FIELD_test.\n",
        file, file);
  g_string_append_c (text, '\n');
  GArray *const ports[] = { model->inputs, model->outputs };
  for (guint k = 0; k < G_N_ELEMENTS (ports); k++)
    for (guint i = 0; i < ports[k]->len; i++)
      {
        const NnExportPort *port = &g_array_index (ports[k], NnExportPort, i);
        g_string_append_printf (text, "%s %s: %s\n", k ? "Output" : "Input", port->name,
                                file_text (script, port->about));
      }
  g_string_append (text, "\"\"\"\n");
}

static const char *
sizes_text (NnScript *script, guint value)
{
  const NnShape *shape = nn_script_shape (script, value);
  return nn_script_text (script, "(%s)", nn_script_sizes (script, shape->dim, shape->rank));
}

static void
append_constants (NnScript *script, GString *text)
{
  const NnExportModel *model = script->model;
  const NnDesign *design = model->source->design;
  const NnParams *training = nn_design_training (design);
  const gint64 limit = nn_params_int (nn_design_data (design), "limit");
  g_autoptr (GString) inputs = g_string_new (NULL);
  g_autoptr (GString) outputs = g_string_new (NULL);
  g_autoptr (GString) fields = g_string_new (NULL);
  for (guint i = 0; i < model->inputs->len; i++)
    {
      const NnExportPort *port = nn_export_input (model, i);
      if (!port->target)
        g_string_append_printf (inputs, "\"%s\", ", port->name);
      g_string_append_printf (fields, "%s\"%s\": %s", i ? ", " : "", port->name,
                              sizes_text (script, port->value));
    }
  for (guint i = 0; i < model->outputs->len; i++)
    g_string_append_printf (outputs, "\"%s\", ", nn_export_output (model, i)->name);
  g_string_truncate (inputs, inputs->len - 1);
  g_string_truncate (outputs, outputs->len - 1);
  g_string_append_printf (text,
                          "\nWEIGHTS = pathlib.Path(__file__).with_suffix(\"" WEIGHTS_ENDING
                          "\")\nINPUTS = (%s)\nOUTPUTS = (%s)\n",
                          inputs->str, outputs->str);
  if (!model->training)
    return;
  g_string_append_printf (text, "FIELDS = {%s}  # of one sample, as files have them\n",
                          fields->str);
  g_string_append_printf (
      text,
      "EPOCHS = %" G_GINT64_FORMAT "\nBATCH_SIZE = %" G_GINT64_FORMAT "  # of all processes\n"
      "SHUFFLE = %s\nSEED = %" G_GINT64_FORMAT "\n",
      nn_params_int (training, "epochs"), nn_params_int (training, "batch-size"),
      nn_params_bool (training, "shuffle") ? "True" : "False", nn_params_int (training, "seed"));
  if (limit > 0)
    g_string_append_printf (text, "LIMIT = %" G_GINT64_FORMAT "  # training samples\n", limit);
  else
    g_string_append (text, "LIMIT = None  # training samples\n");
}

static void
append_lines (GString *text, const char *lines)
{
  g_auto (GStrv) all = g_strsplit (lines, "\n", -1);
  for (guint i = 0; all[i] && *all[i]; i++)
    g_string_append_printf (text, "        %s\n", all[i]);
}

/* Weights that begin alike in a loop. */
static void
append_starts (const NnTorch *torch, GString *text)
{
  g_string_append (text, "        self.reset_parameters()\n\n"
                         "    @torch.no_grad()\n    def reset_parameters(self):\n");
  for (guint i = 0; i < torch->starts->len; i++)
    {
      const NnTorchStart *start = &g_array_index (torch->starts, NnTorchStart, i);
      const gboolean several = start->names->len > 1;
      g_autoptr (GString) line = g_string_new (start->how);
      g_autoptr (GString) names = g_string_new (NULL);
      gsize begin = 0;
      for (guint k = 0; k < start->names->len; k++)
        {
          const char *name = start->names->pdata[k];
          if (names->len - begin + strlen (name) > LINE)
            {
              g_string_append (names, "\n           ");
              begin = names->len;
            }
          g_string_append_printf (names, "%sself.%s%s", k ? " " : "", name, several ? "," : "");
        }
      if (several)
        {
          g_string_truncate (names, names->len - 1);
          g_string_append_printf (text, "        for weight in (\n            %s\n        ):\n    ",
                                  names->str);
        }
      g_string_replace (line, "%s", several ? "weight" : names->str, 1);
      g_string_append_printf (text, "        %s\n", line->str);
    }
}

static void
append_network (NnTorch *torch, GString *text)
{
  NnScript *script = &torch->script;
  const NnExportModel *model = script->model;
  g_string_append (text, "\n\nclass Network(nn.Module):\n    def __init__(self):\n"
                         "        super().__init__()\n");
  append_lines (text, script->layers->str);
  append_lines (text, script->ties->str);
  if (torch->starts->len && model->training)
    append_starts (torch, text);
  if (torch->kept->len && model->training)
    {
      g_string_append (text, "\n    def train(self, mode=True):\n        super().train(mode)\n"
                             "        # Frozen: the statistics stay what they are.\n");
      append_lines (text, torch->kept->str);
      g_string_append (text, "        return self\n");
    }
  g_string_append (text, "\n    def forward(self");
  for (guint i = 0; i < model->inputs->len; i++)
    if (!nn_export_input (model, i)->target)
      g_string_append_printf (text, ", %s", script->value[nn_export_input (model, i)->value]);
  g_string_append (text, "):\n");
  if (torch->penalties)
    g_string_append (text, "        self.penalties = []\n");
  append_lines (text, script->body->str);
  g_string_append (text, "        return ");
  for (guint i = 0; i < model->outputs->len; i++)
    {
      const guint value = nn_export_output (model, i)->value;
      g_string_append_printf (
          text, "%s%s", i ? ", " : "",
          nn_script_read_value (script, value, nn_script_shape (script, value)->rank == 3));
    }
  g_string_append_c (text, '\n');
}

/* (transfer full) */
static char *
script_text (NnTorch *torch, const char *name)
{
  static const char *const resources[] = { "data.py", "pytorch.py", NULL };
  const gboolean training = torch->script.model->training;
  const char *last = training ? "main()" : "check()";
  GString *text = g_string_new (NULL);
  g_autoptr (GString) network = g_string_new (NULL);
  append_network (torch, network);
  if (training)
    nn_torch_append_training (torch, network);
  g_autofree char *spoken = g_strconcat (network->str, last, NULL);
  append_constants (&torch->script, text);
  nn_script_append_pieces (text, resources, FALSE, spoken);
  g_string_append (text, network->str);
  nn_script_append_pieces (text, resources, TRUE, spoken);
  g_string_append_printf (text, "\n\nif __name__ == \"__main__\":\n    %s\n", last);

  g_autoptr (GString) imports = g_string_new (text->str);
  nn_script_prepend_imports (imports);
  g_string_truncate (imports, imports->len - text->len);
  g_string_append (imports, "\nimport numpy as np\nimport torch\n");
  if (training)
    g_string_append (imports, "import torch.distributed as dist\n");
  g_string_append (imports, strstr (text->str, "F.")
                                ? "import torch.nn.functional as F\nfrom torch import nn\n"
                                : "from torch import nn\n");
  g_string_prepend (text, imports->str);
  GString *whole = g_string_new ("#!/usr/bin/env python3\n");
  append_comment (&torch->script, name, whole);
  g_string_append_printf (whole, "%s", text->str);
  g_string_free (text, TRUE);
  return g_string_free (whole, FALSE);
}

/* ---- the exporter ---- */

static gboolean
torch_write (const NnExportSource *source, const char *path, const NnExportJob *job, GError **error)
{
  g_autoptr (NnExportModel) model = model_of (source, error);
  if (!model)
    return FALSE;
  const gboolean ends = g_str_has_suffix (path, SCRIPT_ENDING);
  g_autofree char *base = g_strndup (path, strlen (path) - (ends ? strlen (SCRIPT_ENDING) : 0));
  g_autofree char *name = g_path_get_basename (base);
  g_autofree char *script_path = g_strconcat (base, SCRIPT_ENDING, NULL);
  g_autofree char *weights_path = g_strconcat (base, WEIGHTS_ENDING, NULL);
  NnTorch torch;
  init (&torch, model);
  g_autofree char *text = script_text (&torch, name);
  g_autoptr (GBytes) weights = nn_script_add_samples (&torch.script, error)
                                   ? nn_safetensors_write (torch.script.tensors, NULL)
                                   : NULL;
  clear (&torch);
  g_autoptr (NnReplacement) script_file = weights ? nn_replacement_new (script_path, error) : NULL;
  g_autoptr (NnReplacement) weights_file =
      script_file ? nn_replacement_new (weights_path, error) : NULL;
  gsize size;
  gconstpointer data = weights ? g_bytes_get_data (weights, &size) : NULL;
  if (!weights_file || !nn_replacement_write (weights_file, data, size, job->cancellable, error)
      || !nn_replacement_write (script_file, text, strlen (text), job->cancellable, error)
      || !nn_replacement_commit (weights_file, error)
      || !nn_replacement_commit (script_file, error))
    return FALSE;
  nn_export_progress (job, 1);
  return TRUE;
}

static char *
torch_preview (const NnExportSource *source, GError **error)
{
  g_autoptr (NnExportModel) model = model_of (source, error);
  if (!model)
    return NULL;
  NnTorch torch;
  init (&torch, model);
  char *text = script_text (&torch, "model");
  clear (&torch);
  return text;
}

const NnExporter nn_exporter_pytorch = {
  .id = "pytorch",
  .title = "PyTorch",
  .extension = SCRIPT_ENDING,
  .summary = N_ ("script that trains on, with weights"),
  .use = N_ ("A Python script with the network, its training and a check, and beside it the "
             "weights as .safetensors: to train on elsewhere, on graphics cards or on several "
             "machines."),
  .parts = NN_EXPORT_ANY_PART,
  .needs = NN_EXPORT_NETWORK | NN_EXPORT_WEIGHTS,
  .check = torch_check,
  .preview = torch_preview,
  .write = torch_write,
};
