#include "diabolo-config.h"

#include "document/wb-templates.h"

#include <inttypes.h>
#include <glib/gi18n.h>

#include "base/nn-error.h"
#include "data/nn-scaling.h"
#include "layers/nn-layer.h"

#define MAX_HIDDEN 8
#define CARD_STEP 126 /* card and gap, canvas pixels */

typedef enum
{
  ENDS_IN_DATA,  /* gives back what came in */
  ENDS_IN_CLASS, /* names the label */
} Ending;

/* Hidden dense layers between the data and the output; the narrowest becomes the code. */
static const struct
{
  WbTemplate info;
  Ending ending;
  gboolean noise;
  guint hidden[MAX_HIDDEN]; /* ended by 0 */
} templates[] = {
  { { "autoencoder", N_ ("Autoencoder"), N_ ("One narrow layer: the smallest hourglass.") },
    ENDS_IN_DATA,
    FALSE,
    { 32 } },
  { { "deep-autoencoder", N_ ("Deep autoencoder"),
      N_ ("Narrows and widens in steps: 128, 64, 32, 64, 128.") },
    ENDS_IN_DATA,
    FALSE,
    { 128, 64, 32, 64, 128 } },
  { { "denoising", N_ ("Denoising autoencoder"),
      N_ ("Noise goes in, the clean data has to come out.") },
    ENDS_IN_DATA,
    TRUE,
    { 128, 32, 128 } },
  { { "plane", N_ ("Two-dimensional code"), N_ ("A code of two numbers, to be drawn as a plane.") },
    ENDS_IN_DATA,
    FALSE,
    { 128, 2, 128 } },
  { { "classifier", N_ ("Classifier"), N_ ("Tells which class a sample belongs to.") },
    ENDS_IN_CLASS,
    FALSE,
    { 128 } },
};

const WbTemplate *
wb_templates (guint *n)
{
  static WbTemplate infos[G_N_ELEMENTS (templates)];
  static gsize ready;
  if (g_once_init_enter (&ready))
    {
      for (guint i = 0; i < G_N_ELEMENTS (templates); i++)
        infos[i] = templates[i].info;
      g_once_init_leave (&ready, 1);
    }
  if (n != NULL)
    *n = G_N_ELEMENTS (templates);
  return infos;
}

/* A design that grows to the right, one connected node at a time. */
typedef struct
{
  NnDesign *design; /* owned */
  guint last;       /* node whose output comes next, 0: none yet */
  double x, y;
} Builder;

static guint
append (Builder *builder, const char *type_id, const char *name, const char *settings)
{
  const NnLayerType *type = nn_layer_type (type_id);
  g_assert (type != NULL);
  g_autoptr (NnParams) params = nn_params_new (type->params);
  g_auto (GStrv) pairs = g_strsplit (settings, " ", 0);
  for (guint i = 0; pairs[i] != NULL && *pairs[i] != '\0'; i++)
    {
      g_auto (GStrv) pair = g_strsplit (pairs[i], "=", 2);
      NnParams *next = nn_params_with_text (params, pair[0], pair[1], NULL);
      g_assert (next != NULL);
      nn_params_unref (params);
      params = next;
    }
  guint id = 0;
  NnDesign *design =
      nn_design_add_node (builder->design, type, params, name, builder->x, builder->y, &id);
  nn_design_unref (builder->design);
  builder->design = design;
  builder->x += CARD_STEP;
  if (builder->last != 0)
    {
      design = nn_design_connect (builder->design, builder->last, 0, id, 0, NULL);
      g_assert (design != NULL);
      nn_design_unref (builder->design);
      builder->design = design;
    }
  builder->last = id;
  return id;
}

static void
append_target (Builder *builder, guint from, guint to)
{
  NnDesign *design = nn_design_connect (builder->design, from, 0, to, 1, NULL);
  g_assert (design != NULL);
  nn_design_unref (builder->design);
  builder->design = design;
}

static const NnField *
field_for_input (const NnDataInfo *data)
{
  for (guint i = 0; i < data->n_fields; i++)
    if (data->fields[i].kind != NN_FIELD_LABEL)
      return &data->fields[i];
  return NULL;
}

static const NnField *
field_for_label (const NnDataInfo *data)
{
  for (guint i = 0; i < data->n_fields; i++)
    if (data->fields[i].kind == NN_FIELD_LABEL)
      return &data->fields[i];
  return NULL;
}

static void
append_hidden (Builder *builder, const guint *hidden, gboolean with_code)
{
  guint narrowest = 0;
  for (guint i = 0; hidden[i] != 0; i++)
    if (hidden[i] < hidden[narrowest])
      narrowest = i;
  for (guint i = 0; hidden[i] != 0; i++)
    {
      gboolean code = with_code && i == narrowest;
      /* Two numbers that may not be negative would make half a plane. */
      g_autofree char *settings = g_strdup_printf ("units=%u activation=%s", hidden[i],
                                                   code && hidden[i] <= 3 ? "linear" : "relu");
      append (builder, "dense", code ? _ ("Code") : NULL, settings);
    }
}

static double
right_end (NnDesign *design)
{
  double x = 0;
  for (guint i = 0; i < nn_design_n_nodes (design); i++)
    x = MAX (x, nn_design_node_at (design, i)->x + CARD_STEP);
  return x;
}

NnDesign *
wb_template_apply (const char *id, const NnAnalysis *analysis, GError **error)
{
  g_return_val_if_fail (id != NULL && analysis != NULL, NULL);

  guint at = 0;
  while (at < G_N_ELEMENTS (templates) && g_strcmp0 (templates[at].info.id, id) != 0)
    at++;
  g_return_val_if_fail (at < G_N_ELEMENTS (templates), NULL);

  const NnDataInfo *data = nn_analysis_data (analysis);
  const NnField *input = field_for_input (data);
  const NnField *label = field_for_label (data);
  if (input == NULL || (templates[at].ending == ENDS_IN_CLASS && label == NULL))
    {
      g_set_error (error, NN_ERROR, NN_ERROR_UNKNOWN,
                   input == NULL ? _ ("The data set “%s” has nothing a network could take in.")
                                 : _ ("The data set “%s” has no labels to tell apart."),
                   data->title);
      return NULL;
    }
  NnDesign *design = nn_analysis_design (analysis);
  Builder builder = { .design = nn_design_ref (design), .x = right_end (design) };
  g_autofree char *field = g_strdup_printf ("field=%s", input->name);
  guint source = append (&builder, "input", NULL, field);
  if (templates[at].noise)
    append (&builder, "gaussian-noise", NULL, "");
  if (input->shape.rank > 1)
    append (&builder, "flatten", NULL, "");
  append_hidden (&builder, templates[at].hidden, templates[at].ending == ENDS_IN_DATA);

  if (templates[at].ending == ENDS_IN_DATA)
    {
      gboolean unit = nn_scaling_promises_unit (nn_design_data (design), input->kind);
      g_autofree char *settings =
          g_strdup_printf ("units=%" PRId64 " activation=%s", nn_shape_size (&input->shape),
                           unit ? "sigmoid" : "linear");
      append (&builder, "dense", _ ("Output"), settings);
      guint loss = append (&builder, "reconstruction-loss", _ ("Loss"),
                           unit ? "loss=binary-crossentropy" : "loss=mean-squared-error");
      append_target (&builder, source, loss);
    }
  else
    {
      g_autofree char *settings = g_strdup_printf ("units=%u activation=softmax", label->n_classes);
      append (&builder, "dense", _ ("Output"), settings);
      g_autofree char *target = g_strdup_printf ("field=%s", label->name);
      append (&builder, "classification-loss", _ ("Loss"), target);
    }
  return builder.design;
}
