/* PyTorch: a script as one would write it by hand, that makes the network, trains it and checks
 * itself, with the weights beside it. */
#include "diabolo-config.h"

#include <string.h>

#include "base/nn-error.h"
#include "formats/nn-torch.h"

#include <glib/gi18n-lib.h>

#define WEIGHTS_ENDING ".safetensors"
/* Characters of a list before it goes on in the next line. */
#define LINE 78

/* What a module has already, and what scripts call things where variables are. */
static const char *const reserved[] = {
  "add_module",
  "apply",
  "average_pool",
  "batch",
  "bfloat16",
  "buffers",
  "children",
  "compile",
  "contractive",
  "cosine_distance",
  "cpu",
  "cross_entropy",
  "cuda",
  "eval",
  "extra_repr",
  "f",
  "half",
  "hard_sigmoid",
  "ipu",
  "kl_divergence",
  "kl_sparsity",
  "len",
  "loss",
  "math",
  "modules",
  "network",
  "nn",
  "outputs",
  "parameters",
  "penalties",
  "quantization_loss",
  "requires_grad",
  "reset_parameters",
  "row_numbers",
  "share_memory",
  "sparse_cross_entropy",
  "state_dict",
  "sum",
  "to",
  "to_empty",
  "torch",
  "training",
  "type",
  "weighted_mean",
  "x",
  "xpu",
  "zero_grad",
  NULL,
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

/* "self.code.weight, self.output.weight", in a block of its own where a line cannot hold them.
 * (transfer full) */
static char *
names_text (const GPtrArray *names)
{
  GString *text = g_string_new (NULL);
  gsize begin = 0;
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i];
      if (i > 0 && text->len - begin + strlen (name) > LINE)
        {
          g_string_append (text, ",\n           ");
          begin = text->len;
        }
      else if (i > 0)
        g_string_append_c (text, ',');
      g_string_append_printf (text, i ? " self.%s" : "self.%s", name);
    }
  if (begin > 0)
    {
      g_string_prepend (text, "\n            ");
      g_string_append (text, "\n        ");
    }
  return g_string_free (text, FALSE);
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
      g_autofree char *names = names_text (start->names);
      g_autoptr (GString) line = g_string_new (start->how);
      g_string_replace (line, "%s", several ? "weight" : names, 1);
      if (several)
        g_string_append_printf (text, "        for weight in (%s):\n    ", names);
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
  nn_script_append_lines (text, "        ", script->layers->str);
  nn_script_append_lines (text, "        ", script->ties->str);
  if (torch->starts->len && model->training)
    append_starts (torch, text);
  if (torch->kept->len && model->training)
    {
      g_string_append (text, "\n    def train(self, mode=True):\n        super().train(mode)\n"
                             "        # Frozen: the statistics stay what they are.\n");
      nn_script_append_lines (text, "        ", torch->kept->str);
      g_string_append (text, "        return self\n");
    }
  g_string_append (text, "\n    def forward(self");
  for (guint i = 0; i < model->inputs->len; i++)
    if (!nn_export_input (model, i)->target)
      g_string_append_printf (text, ", %s", script->value[nn_export_input (model, i)->value]);
  g_string_append (text, "):\n");
  if (torch->penalties)
    g_string_append (text, "        self.penalties = []\n");
  nn_script_append_lines (text, "        ", script->body->str);
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

static GPtrArray *
torch_remarks (const NnExportSource *source)
{
  return nn_script_remarks (source, TRUE);
}

static void
append_header (NnTorch *torch, const char *name, GString *text)
{
  g_autoptr (GPtrArray) remarks = torch_remarks (torch->script.model->source);
  g_string_append (text, "#!/usr/bin/env python3\n");
  nn_script_append_comment (&torch->script, name, WEIGHTS_ENDING,
                            "    torchrun --nproc_per_node 2 %s.py DATA\n"
                            "        the same in several processes, or on several machines\n",
                            remarks, text);
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
  g_autofree char *spoken = g_strconcat (network->str, "predict ", last, NULL);
  nn_script_append_constants (&torch->script, WEIGHTS_ENDING, text);
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
  GString *whole = g_string_new (NULL);
  append_header (torch, name, whole);
  g_string_append_printf (whole, "%s", text->str);
  g_string_free (text, TRUE);
  return g_string_free (whole, FALSE);
}

/* ---- the exporter ---- */

static gboolean
write_weights (GPtrArray *tensors, NnReplacement *file, const NnExportJob *job, GError **error)
{
  return nn_file_tensors_to_safetensors (tensors, NULL, file, job, error);
}

static gboolean
torch_write (const NnExportSource *source, const char *path, const NnExportJob *job, GError **error)
{
  g_autoptr (NnExportModel) model = model_of (source, error);
  if (!model)
    return FALSE;
  g_auto (NnScriptPaths) paths = nn_script_paths (path, WEIGHTS_ENDING);
  NnTorch torch;
  init (&torch, model);
  g_autofree char *text = script_text (&torch, paths.name);
  const gboolean written =
      nn_script_add_samples (&torch.script, error)
      && nn_script_write (&torch.script, &paths, text, write_weights, job, error);
  clear (&torch);
  return written;
}

/* What is this network's own. */
static char *
torch_preview (const NnExportSource *source, GError **error)
{
  g_autoptr (NnExportModel) model = model_of (source, error);
  if (!model)
    return NULL;
  NnTorch torch;
  init (&torch, model);
  GString *text = g_string_new (NULL);
  append_header (&torch, "model", text);
  append_network (&torch, text);
  if (model->training)
    nn_torch_append_training (&torch, text);
  clear (&torch);
  return g_string_free (text, FALSE);
}

const NnExporter nn_exporter_pytorch = {
  .id = "pytorch",
  .title = "PyTorch",
  .extension = ".py",
  .beside = WEIGHTS_ENDING,
  .summary = N_ ("script that trains on, with weights"),
  .use = N_ ("A Python script with the network, its training and a check, and beside it the "
             "weights as .safetensors: to train on elsewhere, on graphics cards or on several "
             "machines."),
  .parts = NN_EXPORT_ANY_PART,
  .needs = NN_EXPORT_NETWORK | NN_EXPORT_WEIGHTS,
  .check = torch_check,
  .remarks = torch_remarks,
  .preview = torch_preview,
  .write = torch_write,
};
