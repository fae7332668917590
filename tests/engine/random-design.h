/* random-design.h: networks and data sets made by chance from the registries, for tests that want
 * what nobody would draw. The same seed makes the same network, as long as the registries stay the
 * same.
 */
#pragma once

#include <math.h>
#include <string.h>

#include "data/nn-dataset.h"
#include "layers/nn-layer.h"
#include "model/nn-analysis.h"
#include "optimizers/nn-optimizer.h"

/* Above these a network is looked at but not trained: the test is to stay quick. */
#define RANDOM_MEMORY (96 * G_GUINT64_CONSTANT (1048576))
#define RANDOM_MACS 20e6

/* What a network is drawn with. */
typedef struct
{
  GRand *rand;
  gboolean wild; /* parameters as extreme as their tables allow, whether or not they fit */
} RandomMaker;

static inline gboolean
random_chance (GRand *rand, double chance)
{
  return g_rand_double (rand) < chance;
}

static inline gint
random_below (GRand *rand, guint n)
{
  return n > 1 ? g_rand_int_range (rand, 0, (gint)n) : 0;
}

/* ---- data ---- */

static const char *const random_field_names[] = { "image", "label", "features", "sequence",
                                                  "more" };

static inline NnShape
random_field_shape (GRand *rand, NnFieldKind kind)
{
  switch (kind)
    {
    case NN_FIELD_IMAGE:
      return nn_shape (1 + random_below (rand, 9), 1 + random_below (rand, 9),
                       1 + random_below (rand, 4));
    case NN_FIELD_SEQUENCE:
      return nn_shape (1 + random_below (rand, 7), 1 + random_below (rand, 5));
    case NN_FIELD_FEATURES:
    case NN_FIELD_LABEL:
    default:
      return nn_shape (1 + random_below (rand, kind == NN_FIELD_LABEL ? 6 : 20));
    }
}

static inline GBytes *
random_labels (GRand *rand, gsize n, guint n_classes)
{
  guint8 *labels = g_new (guint8, n + 1);

  for (gsize i = 0; i < n; i++)
    labels[i] = (guint8)random_below (rand, n_classes);
  return g_bytes_new_take (labels, n);
}

/* Values between 0 and 1, or, now and then, what a careless table may hold. */
static inline GBytes *
random_floats (GRand *rand, gsize n)
{
  static const float odd[] = { 0, -1, 255, 1e-40f, 1e6f, -1e20f, 3e38f, INFINITY, NAN };
  float *values = g_new (float, n + 1);
  gboolean careless = random_chance (rand, 0.05);

  for (gsize i = 0; i < n; i++)
    values[i] = careless && random_chance (rand, 0.2) ? odd[random_below (rand, G_N_ELEMENTS (odd))]
                                                      : (float)g_rand_double (rand);
  return g_bytes_new_take (values, n * sizeof (float));
}

static inline GBytes *
random_bytes (GRand *rand, gsize n)
{
  guint8 *values = g_new (guint8, n + 1);

  for (gsize i = 0; i < n; i++)
    values[i] = (guint8)random_below (rand, 256);
  return g_bytes_new_take (values, n);
}

/* (transfer full) */
static inline NnDataset *
random_dataset (GRand *rand)
{
  NnFieldStorage fields[G_N_ELEMENTS (random_field_names)] = { 0 };
  const guint n_fields = 1 + (guint)random_below (rand, G_N_ELEMENTS (random_field_names));
  const gsize n_samples[NN_N_PARTS] = { 1 + (gsize)random_below (rand, 40),
                                        (gsize)random_below (rand, 20) };
  g_autoptr (GError) error = NULL;
  NnDataset *dataset;

  for (guint i = 0; i < n_fields; i++)
    {
      const NnFieldKind kind = (NnFieldKind)random_below (rand, 4);
      const NnShape shape = random_field_shape (rand, kind);
      const guint n_classes = kind == NN_FIELD_LABEL ? (guint)shape.dim[0] : 0;
      const gboolean floats = random_chance (rand, 0.5);

      fields[i].field = (NnField){ random_field_names[i], kind, shape, n_classes, NULL };
      fields[i].label_size = 1;
      for (guint part = 0; part < NN_N_PARTS; part++)
        {
          const gsize n = n_samples[part] * (gsize)nn_shape_size (&shape);
          if (kind == NN_FIELD_LABEL)
            fields[i].bytes[part] = random_labels (rand, n_samples[part], n_classes);
          else if (floats)
            fields[i].floats[part] = random_floats (rand, n);
          else
            fields[i].bytes[part] = random_bytes (rand, n);
        }
    }
  dataset = nn_dataset_new ("chance", "Chance", fields, n_fields, n_samples, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < n_fields; i++)
    for (guint part = 0; part < NN_N_PARTS; part++)
      {
        g_clear_pointer (&fields[i].bytes[part], g_bytes_unref);
        g_clear_pointer (&fields[i].floats[part], g_bytes_unref);
      }
  return dataset;
}

/* Fields that no machine could hold, for an analysis without samples. (transfer full) */
static inline NnDataInfo *
random_huge_info (GRand *rand)
{
  static const gint64 sizes[] = {
    1, 3, 255, 65536, 1048576, 2147483647, 4294967296, 1099511627776
  };
  NnField fields[G_N_ELEMENTS (random_field_names)] = { 0 };
  NnDataInfo info = { .name = "chance",
                      .title = "Chance",
                      .n_fields = G_N_ELEMENTS (fields),
                      .fields = fields,
                      .n_samples = { 4000000000, 1 } };

  for (guint i = 0; i < info.n_fields; i++)
    {
      fields[i].name = random_field_names[i];
      fields[i].kind = (NnFieldKind)random_below (rand, NN_FIELD_LABEL);
      do
        {
          fields[i].shape = random_field_shape (rand, fields[i].kind);
          for (gint k = 0; k < fields[i].shape.rank; k++)
            fields[i].shape.dim[k] = sizes[random_below (rand, G_N_ELEMENTS (sizes))];
        }
      while (nn_shape_size (&fields[i].shape) < 0);
    }
  return nn_data_info_copy (&info);
}

/* ---- parameters ---- */

/* Mostly small, sometimes at the end of what is allowed. */
static inline double
random_number (const RandomMaker *maker, const NnParamSpec *spec)
{
  const double width = spec->type == NN_PARAM_INT ? 6 : 1;
  double number;

  switch (random_below (maker->rand, maker->wild ? 5 : 12))
    {
    case 0:
      number = spec->min;
      break;
    case 1:
      number = random_chance (maker->rand, 0.3) ? spec->max : spec->def;
      break;
    case 2:
      number = spec->def;
      break;
    case 3:
      number = spec->min + (spec->max - spec->min) * pow (g_rand_double (maker->rand), 8);
      break;
    case 4:
      number = spec->soft_min + (spec->soft_max - spec->soft_min) * g_rand_double (maker->rand);
      break;
    default:
      number = (spec->min > -1e3 ? spec->min : -1) + width * g_rand_double (maker->rand);
      break;
    }
  if (spec->type == NN_PARAM_INT)
    number = floor (number);
  return CLAMP (number, spec->min, spec->max);
}

/* A field, a node's name, a number or nonsense: what a text parameter may stand for. */
static inline char *
random_text (const RandomMaker *maker, const NnDesign *design)
{
  static const char *const words[] = { "", "none", "0", "2", "0.5", "1, 2", "\xc3\xa4 b" };
  const guint n_nodes = nn_design_n_nodes (design);

  if (random_chance (maker->rand, 0.5))
    return g_strdup (
        random_field_names[random_below (maker->rand, G_N_ELEMENTS (random_field_names))]);
  if (n_nodes > 0 && random_chance (maker->rand, 0.7))
    return g_strdup (nn_design_node_at (design, (guint)random_below (maker->rand, n_nodes))->name);
  return g_strdup (words[random_below (maker->rand, G_N_ELEMENTS (words))]);
}

static inline char *
random_shape (const RandomMaker *maker)
{
  static const char *const shapes[] = { "2x1",    "1x2",           "2x1x3",     "3x1x2",
                                        "-1",     "1x-1",          "-1x1",      "2x-1",
                                        "-1x1x1", "1x1x1x1x1",     "1048576x2", "65536x65536",
                                        "-1x3",   "1099511627776", "1x-1x1" };
  g_autoptr (GString) text = NULL;

  if (random_chance (maker->rand, 0.6))
    return g_strdup (shapes[random_below (maker->rand, G_N_ELEMENTS (shapes))]);
  text = g_string_new (NULL);
  for (gint i = random_below (maker->rand, NN_MAX_RANK); i >= 0; i--)
    g_string_append_printf (text, "%d%s", 1 + random_below (maker->rand, 6), i > 0 ? "x" : "");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static inline NnParams *
random_param (const RandomMaker *maker, const NnDesign *design, const NnParams *params,
              const NnParamSpec *spec)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  NnParams *next;
  guint n = 0;

  switch (spec->type)
    {
    case NN_PARAM_CHOICE:
      while (nn_param_choices (spec)[n].id != NULL)
        n++;
      text = g_strdup (nn_param_choices (spec)[random_below (maker->rand, n)].id);
      next = nn_params_with_text (params, spec->name, text, &error);
      break;
    case NN_PARAM_STRING:
      text = random_text (maker, design);
      return nn_params_with_text (params, spec->name, text, NULL);
    case NN_PARAM_SHAPE:
      text = random_shape (maker);
      return nn_params_with_text (params, spec->name, text, NULL);
    case NN_PARAM_BOOL:
      next = nn_params_with_number (params, spec->name, random_chance (maker->rand, 0.5), &error);
      break;
    case NN_PARAM_INT:
    case NN_PARAM_FLOAT:
    default:
      next = nn_params_with_number (params, spec->name, random_number (maker, spec), &error);
      break;
    }
  g_assert_no_error (error); /* all of these the table allows */
  return next;
}

/* (transfer full) */
static inline NnParams *
random_params (const RandomMaker *maker, const NnDesign *design, const NnParamSpec *specs)
{
  NnParams *params = nn_params_new (specs);

  for (guint i = 0; specs != NULL && specs[i].name != NULL; i++)
    {
      NnParams *next =
          random_chance (maker->rand, 0.6) ? random_param (maker, design, params, &specs[i]) : NULL;
      if (next == NULL)
        continue;
      nn_params_unref (params);
      params = next;
    }
  return params;
}

/* ---- networks ---- */

static inline void
random_take (NnDesign **design, NnDesign *next)
{
  g_assert_nonnull (next);
  nn_design_unref (*design);
  *design = next;
}

/* A node that gives something; 0 where there is none. Later ones are likelier. */
static inline guint
random_source (const RandomMaker *maker, const NnDesign *design, guint *port)
{
  const guint n = nn_design_n_nodes (design);

  for (guint tries = 0; n > 0 && tries < 8; tries++)
    {
      const double place = random_chance (maker->rand, 0.5)
                               ? sqrt (sqrt (g_rand_double (maker->rand)))
                               : g_rand_double (maker->rand);
      const NnNode *node = nn_design_node_at (design, MIN ((guint)(place * n), n - 1));
      const guint n_outputs = nn_layer_n_outputs (node->type);
      if (n_outputs == 0)
        continue;
      *port = (guint)random_below (maker->rand, n_outputs);
      return node->id;
    }
  return 0;
}

/* With its ports connected to what is there. (transfer full) */
static inline NnDesign *
random_add (const RandomMaker *maker, NnDesign *design, const NnLayerType *type, guint *id)
{
  g_autoptr (NnParams) params = random_params (maker, design, type->params);
  NnDesign *next =
      nn_design_add_node (design, type, params, NULL, 126.0 * nn_design_n_nodes (design), 0, id);

  for (guint port = 0; port < nn_layer_n_inputs (type); port++)
    {
      const gboolean optional = type->inputs[port].optional;
      guint from_port = 0;
      const guint from = random_chance (maker->rand, optional ? 0.4 : 0.97)
                             ? random_source (maker, design, &from_port)
                             : 0;
      if (from != 0)
        random_take (&next, nn_design_connect (next, from, from_port, *id, port, NULL));
    }
  if (random_chance (maker->rand, 0.05))
    random_take (&next, nn_design_set_frozen (next, *id, TRUE));
  return next;
}

/* Nothing is wrong with the node. */
static inline gboolean
random_fits (const RandomMaker *maker, NnDesign *design, const NnDataInfo *info, guint id)
{
  g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, info, RANDOM_MEMORY);

  if (!maker->wild && (double)nn_analysis_total_macs (analysis) > RANDOM_MACS)
    return FALSE;
  for (guint i = 0; i < nn_analysis_n_diagnostics (analysis); i++)
    if (nn_analysis_diagnostic (analysis, i)->node == id
        && nn_analysis_diagnostic (analysis, i)->severity == NN_SEVERITY_ERROR)
      return FALSE;
  return nn_layer_n_outputs (nn_design_node (design, id)->type) == 0
         || nn_analysis_output_shape (analysis, id, 0) != NULL;
}

static inline const NnLayerType *
random_type (const RandomMaker *maker, guint flags, guint without)
{
  const NnLayerType *const *types = nn_layer_types ();
  guint n = g_strv_length ((char **)types);

  for (;;)
    {
      const NnLayerType *type = types[random_below (maker->rand, n)];
      if ((type->flags & flags) == flags && !(type->flags & without))
        return type;
    }
}

/* A dense layer of as many units as what an Input gives has values, so that a loss has something
 * that fits. */
static inline void
random_add_fitting (const RandomMaker *maker, NnDesign **design, const NnDataInfo *info)
{
  const NnField *field = &info->fields[random_below (maker->rand, info->n_fields)];
  const NnLayerType *dense = nn_layer_type ("dense");
  g_autoptr (NnParams) params = random_params (maker, *design, dense->params);
  g_autoptr (NnParams) sized =
      nn_params_with_number (params, "units", (double)nn_shape_size (&field->shape), NULL);
  guint flat, id, port, from = random_source (maker, *design, &port);

  if (from == 0)
    return;
  random_take (design,
               nn_design_add_node (*design, nn_layer_type ("flatten"), NULL, NULL, 0, 0, &flat));
  random_take (design, nn_design_connect (*design, from, port, flat, 0, NULL));
  random_take (design, nn_design_add_node (*design, dense, sized, NULL, 0, 0, &id));
  random_take (design, nn_design_connect (*design, flat, 0, id, 0, NULL));
}

/* Adds a node of a kind; several tries to find one that fits, unless chance wants a bad one. */
static inline void
random_grow (const RandomMaker *maker, NnDesign **design, const NnDataInfo *info, guint flags,
             guint without, guint n_tries)
{
  const gboolean careless = random_chance (maker->rand, maker->wild ? 0.2 : 0.04);

  for (guint i = 0; i < n_tries; i++)
    {
      guint id;
      g_autoptr (NnDesign) next =
          random_add (maker, *design, random_type (maker, flags, without), &id);
      if (careless || random_fits (maker, next, info, id))
        {
          random_take (design, nn_design_ref (next));
          return;
        }
    }
}

/* What one of its tables says, over a node, chosen by chance. (transfer full) */
static inline NnDesign *
random_change (const RandomMaker *maker, NnDesign *design)
{
  const NnNode *node =
      nn_design_node_at (design, (guint)random_below (maker->rand, nn_design_n_nodes (design)));
  g_autoptr (NnParams) params = random_params (maker, design, node->type->params);

  return nn_design_set_params (design, node->id, params);
}

static inline void
random_settings (const RandomMaker *maker, NnDesign **design)
{
  const NnOptimizerType *const *optimizers = nn_optimizer_types ();
  const NnOptimizerType *optimizer =
      optimizers[random_below (maker->rand, g_strv_length ((char **)optimizers))];
  g_autoptr (NnParams) training = random_params (maker, *design, nn_training_specs ());
  g_autoptr (NnParams) rule = random_params (maker, *design, optimizer->params);
  g_autoptr (NnParams) data = random_params (maker, *design, nn_data_specs ());

  if (random_chance (maker->rand, 0.8))
    {
      g_autoptr (NnParams) old = g_steal_pointer (&training);
      training =
          nn_params_with_number (old, "batch-size", 1 + random_below (maker->rand, 40), NULL);
    }
  random_take (design, nn_design_with_training (*design, training));
  random_take (design, nn_design_with_data (*design, data));
  random_take (design, nn_design_with_optimizer (*design, optimizer, rule));
  if (random_chance (maker->rand, 0.1))
    random_take (
        design, nn_design_set_code_node (
                    *design, nn_design_node_at (*design, 0)->id
                                 + (guint)random_below (maker->rand, nn_design_n_nodes (*design))));
}

/* (transfer full) */
static inline NnDesign *
random_design (const RandomMaker *maker, const NnDataInfo *info)
{
  NnDesign *design = nn_design_new ();
  const guint n_layers = (guint)random_below (maker->rand, maker->wild ? 30 : 12);

  for (guint i = 1 + (guint)random_below (maker->rand, 3); i > 0; i--)
    random_grow (maker, &design, info, NN_LAYER_INPUT, 0, 20);
  for (guint i = 0; i < n_layers; i++)
    random_grow (maker, &design, info, 0, NN_LAYER_INPUT | NN_LAYER_OBJECTIVE, 6);
  for (guint i = 1 + (guint)random_below (maker->rand, 2); i > 0; i--)
    {
      if (random_chance (maker->rand, 0.7))
        random_add_fitting (maker, &design, info);
      random_grow (maker, &design, info, NN_LAYER_OBJECTIVE, 0, 30);
    }
  if (nn_design_n_nodes (design) > 0)
    random_settings (maker, &design);
  return design;
}
