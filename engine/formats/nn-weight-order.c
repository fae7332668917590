#include "diabolo-config.h"

#include "formats/nn-weight-order.h"

#include <string.h>

#include "formats/nn-export-model.h"
#include "ops/nn-op.h"

/* ---- the file's layers ---- */

typedef enum
{
  ROLE_KERNEL, /* or scale */
  ROLE_BIAS,
  ROLE_MEAN,
  ROLE_VARIANCE,
  N_ROLES
} Role;

typedef struct
{
  NnProgram *program;
  GPtrArray *modules; /* Module */
  gboolean is_ours;   /* a script of the program's own wrote it: images are flattened as here */
} File;

/* The last part of a tensor's name; ours and those of others. */
static const struct
{
  const char *name;
  Role role;
  gboolean turned; /* PyTorch's: units and channels come first */
} roles[] = {
  { "weight", ROLE_KERNEL, TRUE },
  { "kernel", ROLE_KERNEL },
  { "depthwise_kernel", ROLE_KERNEL },
  { "gamma", ROLE_KERNEL },
  { "embeddings", ROLE_KERNEL },
  { "alpha", ROLE_KERNEL },
  { "bias", ROLE_BIAS },
  { "beta", ROLE_BIAS },
  { "running_mean", ROLE_MEAN },
  { "moving_mean", ROLE_MEAN },
  { "running_var", ROLE_VARIANCE },
  { "moving_variance", ROLE_VARIANCE },
};

typedef struct
{
  char *name;
  const NnNamedTensor *tensor[N_ROLES];
  guint n;
  gboolean turned, used;
} Module;

static void
module_free (gpointer data)
{
  g_free (((Module *)data)->name);
  g_free (data);
}

/* "conv10" behind "conv9". */
static int
compare_modules (gconstpointer a, gconstpointer b)
{
  const char *x = (*(Module *const *)a)->name, *y = (*(Module *const *)b)->name;
  while (*x && *y)
    {
      if (g_ascii_isdigit (*x) && g_ascii_isdigit (*y))
        {
          char *after_x, *after_y;
          const guint64 i = g_ascii_strtoull (x, &after_x, 10);
          const guint64 k = g_ascii_strtoull (y, &after_y, 10);
          if (i != k)
            return i < k ? -1 : 1;
          x = after_x;
          y = after_y;
        }
      else if (*x != *y)
        return (guchar)*x < (guchar)*y ? -1 : 1;
      else
        {
          x++;
          y++;
        }
    }
  return (*x != '\0') - (*y != '\0');
}

/* Files that keep no order of their own have their names in that of the alphabet. */
static gboolean
is_alphabetical (GPtrArray *tensors)
{
  for (guint i = 1; i < tensors->len; i++)
    if (strcmp (((NnNamedTensor *)tensors->pdata[i - 1])->name,
                ((NnNamedTensor *)tensors->pdata[i])->name)
        > 0)
      return FALSE;
  return TRUE;
}

/* (element-type Module) */
static GPtrArray *
find_modules (GPtrArray *tensors)
{
  GPtrArray *modules = g_ptr_array_new_with_free_func (module_free);
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < tensors->len; i++)
    {
      const NnNamedTensor *named = tensors->pdata[i];
      gsize begin = strlen (named->name);
      while (begin > 0 && !strchr ("./", named->name[begin - 1]))
        begin--;
      g_autofree char *last = g_strndup (named->name + begin, strcspn (named->name + begin, ":"));
      guint r = 0;
      while (r < G_N_ELEMENTS (roles) && strcmp (roles[r].name, last) != 0)
        r++;
      if (r == G_N_ELEMENTS (roles))
        continue;
      g_autofree char *name = g_strndup (named->name, begin);
      Module *module = g_hash_table_lookup (by_name, name);
      if (!module)
        {
          module = g_new0 (Module, 1);
          module->name = g_steal_pointer (&name);
          g_hash_table_insert (by_name, module->name, module);
          g_ptr_array_add (modules, module);
        }
      module->n += module->tensor[roles[r].role] == NULL;
      module->tensor[roles[r].role] = named;
      module->turned = module->turned || roles[r].turned;
    }
  if (is_alphabetical (tensors))
    g_ptr_array_sort (modules, compare_modules);
  return modules;
}

/* ---- how a tensor lies ---- */

/* How a kernel is turned to be ours: rank of the tensor, its axes in our order. */
static const struct
{
  gint rank;
  guint order[4];
} turns[] = {
  { 2, { 1, 0 } },       /* (units, features) */
  { 3, { 2, 1, 0 } },    /* (filters, channels, width) */
  { 4, { 2, 3, 1, 0 } }, /* (filters, channels, height, width); transposed: the same */
};

/* Where a dense layer reads what was an image: its shape, else rank 0. */
static NnShape
flattened (NnProgram *program, const NnOp *op)
{
  guint value = op->in[0];
  for (guint steps = 0; steps < program->ops->len; steps++)
    {
      const NnValue *of = nn_program_value (program, value);
      const NnOp *producer = of->producer >= 0 ? nn_program_op (program, of->producer) : NULL;
      if (of->shape.rank != 1 || !producer || producer->n_in != 1)
        break;
      const NnShape *before = &nn_program_value (program, producer->in[0])->shape;
      if (producer->type == &nn_op_reshape && before->rank == 3)
        return *before;
      if (nn_shape_size (before) != nn_shape_size (&of->shape))
        break;
      value = producer->in[0];
    }
  return (NnShape){ .rank = 0 };
}

/* Rows of a dense kernel (features, units) that were counted channel by channel. */
static void
sort_rows (NnTensor *kernel, const NnShape *image)
{
  const gint64 units = kernel->shape.dim[1], channels = image->dim[2];
  const gint64 places = image->dim[0] * image->dim[1];
  g_autoptr (NnTensor) before = nn_tensor_copy (kernel);
  for (gint64 c = 0; c < channels; c++)
    for (gint64 p = 0; p < places; p++)
      memcpy (kernel->data + (p * channels + c) * units, before->data + (c * places + p) * units,
              (gsize)units * sizeof (float));
}

static gboolean
has_kernel (const NnOp *op)
{
  return op->type == &nn_op_linear || op->type == &nn_op_conv2d
         || op->type == &nn_op_conv2d_transpose;
}

/* As other programs see the kernel of op: a convolution of one pixel may be a product over channels
 * here, and the other way round, so that leading ones do not count. */
static NnShape
kernel_view (const NnOp *op, const NnWeight *weight)
{
  const NnWindow *w = op->attrs;
  return op->type == &nn_op_linear
             ? weight->shape
             : nn_shape (w->kernel_h, w->kernel_w, w->in_c / w->groups, w->out_c);
}

static NnShape
without_leading_ones (NnShape shape)
{
  while (shape.rank > 1 && shape.dim[0] == 1)
    {
      memmove (shape.dim, shape.dim + 1, (gsize)(shape.rank - 1) * sizeof *shape.dim);
      shape.rank--;
    }
  return shape;
}

/* The tensor as weight k of op; NULL where it has another shape. (transfer full) */
static NnTensor *
as_weight (const File *file, const NnOp *op, guint k, const NnTensor *tensor, gboolean turned)
{
  const NnWeight *weight = nn_program_weight (file->program, op->weight[k]);
  NnShape shape = tensor->shape, wanted = weight->shape;
  const guint *order = NULL;
  for (guint i = 0; turned && has_kernel (op) && i < G_N_ELEMENTS (turns); i++)
    if (turns[i].rank == shape.rank)
      {
        order = turns[i].order;
        wanted = kernel_view (op, weight);
        for (gint d = 0; d < shape.rank; d++)
          shape.dim[d] = tensor->shape.dim[order[d]];
      }
  shape = without_leading_ones (shape);
  wanted = without_leading_ones (wanted);
  if (!nn_shape_equal (&shape, &wanted))
    return NULL;
  NnTensor *out = nn_tensor_new (&weight->shape);
  if (order)
    nn_permute_floats (tensor->data, &tensor->shape, order, out->data);
  else
    memcpy (out->data, tensor->data, out->size * sizeof (float));
  const NnShape image = order && op->type == &nn_op_linear && !file->is_ours
                            ? flattened (file->program, op)
                            : (NnShape){ .rank = 0 };
  if (image.rank == 3 && nn_shape_size (&image) == out->shape.dim[0])
    sort_rows (out, &image);
  return out;
}

/* ---- layer by layer ---- */

static Role
role_of (const NnOp *op, guint k, const NnProgram *program)
{
  const char *name = nn_program_weight (program, op->weight[k])->name;
  const gboolean norm = op->type == &nn_op_batch_norm || op->type == &nn_op_batch_norm_kept;
  if (norm && k == NN_BATCH_NORM_MEAN)
    return ROLE_MEAN;
  if (norm && k == NN_BATCH_NORM_VARIANCE)
    return ROLE_VARIANCE;
  return g_str_has_suffix (name, "bias") || g_str_has_suffix (name, "beta") ? ROLE_BIAS
                                                                            : ROLE_KERNEL;
}

/* Whether a module has what op needs, and nothing else; sets its matches then. by_weight: by
 * weight of the program. */
static gboolean
take (const File *file, const NnOp *op, Module *module, NnWeightMatch *const *by_weight)
{
  NnTensor *found[NN_OP_MAX_WEIGHTS] = { NULL };
  gboolean fits = module->n == op->n_weights;
  for (guint k = 0; k < op->n_weights && fits; k++)
    {
      const NnNamedTensor *named = module->tensor[role_of (op, k, file->program)];
      found[k] = named ? as_weight (file, op, k, named->tensor, module->turned) : NULL;
      fits = found[k] != NULL;
    }
  for (guint k = 0; k < op->n_weights; k++)
    if (fits)
      {
        const NnNamedTensor *named = module->tensor[role_of (op, k, file->program)];
        NnWeightMatch *match = by_weight[op->weight[k]];
        match->kind = NN_MATCH_FITS;
        match->from = g_strdup (named->name);
        match->found = named->tensor->shape;
        match->tensor = found[k];
      }
    else
      g_clear_pointer (&found[k], nn_tensor_unref);
  return fits;
}

static gboolean
is_open (const NnOp *op, NnWeightMatch *const *by_weight)
{
  const gboolean recurrent =
      op->type == &nn_op_lstm || op->type == &nn_op_gru || op->type == &nn_op_simple_rnn;
  gboolean open = op->n_weights > 0 && !recurrent;
  for (guint k = 0; k < op->n_weights && open; k++)
    open = by_weight[op->weight[k]]->kind == NN_MATCH_MISSING;
  return open;
}

/* Scripts call their layers what the program's nodes are called. */
static gboolean
names_are_of_nodes (GPtrArray *modules, const NnAnalysis *analysis)
{
  NnDesign *design = nn_analysis_design (analysis);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    g_free (nn_export_identifier (nn_design_node_at (design, i)->name, names));
  for (guint i = 0; i < modules->len; i++)
    {
      const char *name = ((Module *)modules->pdata[i])->name;
      g_autofree char *alone = g_strndup (name, MAX (strlen (name), 1) - 1);
      if (!g_hash_table_contains (names, alone))
        return FALSE;
    }
  return TRUE;
}

GPtrArray *
nn_weight_order_match (GPtrArray *tensors, const NnAnalysis *analysis)
{
  NnProgram *program = nn_analysis_program (analysis);
  g_autoptr (GPtrArray) none = nn_named_tensors_new ();
  GPtrArray *matches = nn_weight_match_new (none, analysis);
  g_autoptr (GPtrArray) modules = find_modules (tensors);
  const File file = { program, modules, names_are_of_nodes (modules, analysis) };
  g_autoptr (GHashTable) taken = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < program->ops->len; i++)
    {
      const NnOp *op = nn_program_op (program, i);
      gboolean found = !is_open (op, (NnWeightMatch *const *)matches->pdata);
      for (guint m = 0; m < modules->len && !found; m++)
        {
          Module *module = modules->pdata[m];
          found = !module->used && take (&file, op, module, (NnWeightMatch *const *)matches->pdata);
          module->used = module->used || found;
        }
    }
  for (guint i = 0; i < matches->len; i++)
    if (((NnWeightMatch *)matches->pdata[i])->from)
      g_hash_table_add (taken, ((NnWeightMatch *)matches->pdata[i])->from);
  for (guint i = 0; i < tensors->len; i++)
    {
      const NnNamedTensor *named = tensors->pdata[i];
      if (!g_hash_table_contains (taken, named->name))
        nn_weight_match_add_surplus (matches, named);
    }
  return matches;
}
