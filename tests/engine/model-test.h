/* model-test.h: small designs and a data set's shape for the tests of engine/model. */
#pragma once

#include <string.h>

#include "layers/nn-layer.h"
#include "model/nn-analysis.h"

static const char *const test_classes[] = {
  "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", NULL
};

static const NnField test_fields[] = {
  { "image", NN_FIELD_IMAGE, { 3, { 28, 28, 1 } }, 0, NULL },
  { "label", NN_FIELD_LABEL, { 1, { 10 } }, 10, test_classes },
};

static const NnDataInfo test_images = {
  "digits", "Drawn digits", G_N_ELEMENTS (test_fields), test_fields, { 600, 100 }
};

/* Takes design, returns next: for building one edit after the other. */
G_GNUC_UNUSED static NnDesign *
step (NnDesign *design, NnDesign *next)
{
  g_assert_nonnull (next);
  nn_design_unref (design);
  return next;
}

G_GNUC_UNUSED static NnDesign *
join (NnDesign *design, guint from, guint to, guint to_port)
{
  g_autoptr (GError) error = NULL;
  NnDesign *next = nn_design_connect (design, from, 0, to, to_port, &error);

  g_assert_no_error (error);
  return step (design, next);
}

/* Adds "dense units=32 activation=relu" right of what is there. */
G_GNUC_UNUSED static NnDesign *
add (NnDesign *design, const char *text, guint *id)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  const NnLayerType *type = nn_layer_type (words[0]);
  NnParams *params;

  g_assert_nonnull (type);
  params = nn_params_new (type->params);
  for (guint i = 1; words[i] != NULL; i++)
    {
      g_auto (GStrv) pair = g_strsplit (words[i], "=", 2);
      g_autoptr (GError) error = NULL;
      NnParams *next = nn_params_with_text (params, pair[0], pair[1], &error);
      g_assert_no_error (error);
      nn_params_unref (params);
      params = next;
    }
  design = step (design, nn_design_add_node (design, type, params, NULL,
                                             nn_design_n_nodes (design) * 126, 0, id));
  nn_params_unref (params);
  return design;
}

/* "input | flatten | dense units=32 | ...": ids 1, 2, 3 ... each fed by the one before; a
 * reconstruction loss gets node 1 as its target. */
G_GNUC_UNUSED static NnDesign *
chain (const char *text)
{
  g_auto (GStrv) layers = g_strsplit (text, " | ", -1);
  NnDesign *design = nn_design_new ();

  for (guint i = 0; layers[i] != NULL; i++)
    {
      guint id;
      design = add (design, layers[i], &id);
      if (i > 0)
        design = join (design, id - 1, id, 0);
      if (g_str_has_prefix (layers[i], "reconstruction-loss"))
        design = join (design, 1, id, 1);
    }
  return design;
}

G_GNUC_UNUSED static void
assert_contains (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("“%s” does not say “%s”", text, part);
}

#define SIMPLE                                                                                     \
  "input | flatten | dense units=32 | dense units=784 activation=sigmoid | reconstruction-loss"
