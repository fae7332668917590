/* Noise, in words that are the same in every script: the classes are in resources/export. */
#include "formats/nn-script.h"

#include <inttypes.h>

#define INT PRId64

static const char *
gaussian (NnScript *script, const NnOp *op, gboolean *training_only)
{
  const NnNoiseAttrs *a = op->attrs;
  *training_only = a->training_only;
  if (a->low > a->high)
    return nn_script_float (script, a->stddev);
  return nn_script_text (script, "%s, %s, %s", nn_script_float (script, a->stddev),
                         nn_script_float (script, a->low), nn_script_float (script, a->high));
}

static const char *
salt_and_pepper (NnScript *script, const NnOp *op, gboolean *training_only)
{
  const NnSaltAttrs *a = op->attrs;
  *training_only = a->training_only;
  return nn_script_text (script, "%s, salt=%s, low=%s, high=%s",
                         nn_script_float (script, a->amount), nn_script_float (script, a->salt),
                         nn_script_float (script, a->low), nn_script_float (script, a->high));
}

static const char *const mask_kinds[NN_N_MASKS] = {
  [NN_MASK_BLOCK] = "block",
  [NN_MASK_CROSS] = "cross",
  [NN_MASK_PIXELS] = "pixels",
};

static const char *
mask_out (NnScript *script, const NnOp *op, gboolean *training_only)
{
  const NnMaskAttrs *a = op->attrs;
  const char *how =
      a->kind == NN_MASK_PIXELS
          ? nn_script_text (script, "share=%s", nn_script_float (script, a->share))
          : nn_script_text (script, "size=%" INT "%s", a->size, a->centred ? ", centred=True" : "");
  *training_only = a->training_only;
  return nn_script_text (script, "\"%s\", %s, fill=%s", mask_kinds[a->kind], how,
                         nn_script_float (script, a->fill));
}

static const char *
augment (NnScript *script, const NnOp *op, gboolean *training_only)
{
  const NnAugmentAttrs *a = op->attrs;
  *training_only = a->training_only;
  return nn_script_text (script, "shift=%" INT "%s%s", a->shift, a->mirror ? ", mirror=True" : "",
                         a->turn ? ", turn=True" : "");
}

static const struct
{
  const NnOpType *type;
  const char *layer;
  const char *(*arguments) (NnScript *script, const NnOp *op, gboolean *training_only);
} noises[] = {
  { &nn_op_gaussian_noise, "GaussianNoise", gaussian },
  { &nn_op_salt_and_pepper, "SaltAndPepper", salt_and_pepper },
  { &nn_op_mask_out, "MaskOut", mask_out },
  { &nn_op_augment, "Augment", augment },
};

const char *
nn_script_noise (NnScript *script, const NnOp *op, const char **layer, gboolean *training_only)
{
  guint i = 0;
  while (noises[i].type != op->type)
    i++;
  *layer = noises[i].layer;
  return noises[i].arguments (script, op, training_only);
}
