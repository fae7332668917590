/* nn-design-data.c: what a design says about its data: which set, and how it is read. Which of the
 * options a kind of source takes is said by its NnDataSource. */
#include "diabolo-config.h"

#include <glib/gi18n-lib.h>

#include "data/nn-balance.h"
#include "data/nn-split.h"
#include "model/nn-design.h"

#define OPTION (NN_PARAM_STRUCTURAL | NN_PARAM_SPARSE)

static const NnChoice scalings[] = {
  { "none", N_ ("None"), N_ ("Numbers stay as they are.") },
  { "standardise", N_ ("Standardise"),
    N_ ("Each column, or all pixels together, get the mean 0 and the standard deviation 1 over "
        "the training part.") },
  { "range", N_ ("0 to 1"),
    N_ ("The least value in the training part becomes 0, the greatest 1: of each column, or of "
        "all pixels.") },
  { NULL },
};

static const NnChoice missing_choices[] = {
  { "mean", N_ ("Mean"), N_ ("Filled with the column's mean over the training part.") },
  { "skip", N_ ("Skip row"), NULL },
  { "refuse", N_ ("Refuse"), NULL },
  { NULL },
};

static const NnChoice text_choices[] = {
  { "leave", N_ ("Left out"), NULL },
  { "one-hot", N_ ("One-hot"),
    N_ ("Each text becomes a value of its own: 1 where the row has it, else 0.") },
  { NULL },
};

static const NnChoice unusable_choices[] = {
  { "refuse", N_ ("Refuse"), NULL },
  { "skip", N_ ("Skip"), NULL },
  { NULL },
};

static const NnChoice separators[] = {
  { "auto", N_ ("Recognised"), NULL },
  { "comma", N_ ("Comma"), NULL },
  { "semicolon", N_ ("Semicolon"), NULL },
  { "tab", N_ ("Tab"), NULL },
  { "bar", N_ ("Vertical bar"), NULL },
  { "space", N_ ("Spaces"), NULL },
  { NULL },
};

static const NnChoice headers[] = {
  { "auto", N_ ("Recognised"), NULL },
  { "yes", N_ ("Column names"), NULL },
  { "no", N_ ("Already data"), NULL },
  { NULL },
};

static const NnChoice decimals[] = {
  { "auto", N_ ("Recognised"), NULL },
  { "point", N_ ("Point (3.14)"), NULL },
  { "comma", N_ ("Comma (3,14)"), NULL },
  { NULL },
};

static const NnChoice encodings[] = {
  { "auto", N_ ("Recognised"), NULL },
  { "utf-8", "UTF-8", NULL },
  { "latin-1", "Latin-1", NULL },
  { NULL },
};

static const NnChoice fits[] = {
  { "crop", N_ ("Crop"), N_ ("Fills the size; what stands over at two sides is cut off.") },
  { "pad", N_ ("Pad"), N_ ("All of the picture, with black beside it.") },
  { "stretch", N_ ("Stretch"), N_ ("All of the picture, out of proportion if need be.") },
  { NULL },
};

static const NnChoice colours[] = {
  { "auto", N_ ("Recognised"), N_ ("Grey where the first pictures have no colour.") },
  { "grey", N_ ("Grey"), NULL },
  { "colour", N_ ("Colour"), NULL },
  { NULL },
};

static const NnParamSpec data_specs[] = {
  {
      .name = "name",
      .title = N_ ("Data set"),
      .tip = N_ ("The name of an installed or generated data set, or a path."),
      .type = NN_PARAM_STRING,
      .flags = NN_PARAM_STRUCTURAL,
      .def_text = "digits",
  },
  {
      .name = "limit",
      .title = N_ ("Limit"),
      .tip = N_ ("Trains on the first so many samples only; off uses all of them."),
      .type = NN_PARAM_INT,
      .flags = NN_PARAM_LOG | NN_PARAM_OFF_AT_ZERO,
      .def = 0,
      .min = 0,
      .max = 1e9,
      .soft_min = 100,
      .soft_max = 60000,
  },
  {
      .name = "seed",
      .title = N_ ("Seed"),
      .tip = N_ ("Starts the random numbers of a generated data set, or of the choice of test "
                 "samples where files have no test part."),
      .type = NN_PARAM_INT,
      .flags = NN_PARAM_ADVANCED,
      .def = 0,
      .min = 0,
      .max = G_MAXUINT32,
  },
  {
      .name = "label",
      .title = N_ ("Label"),
      .tip = N_ ("The column or array with the classes, or the number to predict. Empty: found by "
                 "its name; “none”: without."),
      .type = NN_PARAM_STRING,
      .flags = OPTION,
      .def_text = "",
  },
  {
      .name = "features",
      .title = N_ ("Features"),
      .tip =
          N_ ("Columns to learn from, separated by commas, or the array of samples. Empty: every "
              "column of numbers but the label."),
      .type = NN_PARAM_STRING,
      .flags = OPTION,
      .def_text = "",
  },
  {
      .name = "image-shape",
      .title = N_ ("Image shape"),
      .tip = N_ ("Reads the features of a row as an image, for example 28x28x1. Empty: recognised; "
                 "“none”: plain numbers."),
      .type = NN_PARAM_STRING,
      .flags = OPTION,
      .def_text = "",
  },
  {
      .name = "scaling",
      .title = N_ ("Scaling"),
      .tip =
          N_ ("Brings columns of very different size to the same one, and pixels to the mean 0, by "
              "what the training part says. Columns made of texts stay 0 and 1, and what is to "
              "be predicted stays as it is."),
      .type = NN_PARAM_CHOICE,
      .flags = OPTION,
      .choices = scalings,
      .def_text = "none",
  },
  {
      .name = "width",
      .title = N_ ("Width"),
      .tip = N_ ("Pictures are brought to this width; 0: that of the first one, at most 64."),
      .unit = "px",
      .type = NN_PARAM_INT,
      .flags = OPTION,
      .min = 0,
      .max = 1024,
  },
  {
      .name = "height",
      .title = N_ ("Height"),
      .tip = N_ ("Pictures are brought to this height; 0: that of the first one, at most 64."),
      .unit = "px",
      .type = NN_PARAM_INT,
      .flags = OPTION,
      .min = 0,
      .max = 1024,
  },
  {
      .name = "fit",
      .title = N_ ("Fit"),
      .tip = N_ ("What happens to a picture of other proportions."),
      .type = NN_PARAM_CHOICE,
      .flags = OPTION,
      .choices = fits,
      .def_text = "crop",
  },
  {
      .name = "colour",
      .title = N_ ("Colour"),
      .tip = N_ ("One value a pixel (grey), or three (red, green, blue)."),
      .type = NN_PARAM_CHOICE,
      .flags = OPTION,
      .choices = colours,
      .def_text = "auto",
  },
  {
      .name = "test-share",
      .title = N_ ("Test share"),
      .tip = N_ ("The share of samples kept for testing where the source has no test part; every "
                 "class gives its share."),
      .type = NN_PARAM_FLOAT,
      .flags = OPTION,
      .def = 0.1,
      .min = 0.001,
      .max = 0.9,
      .soft_min = 0.05,
      .soft_max = 0.5,
  },
  {
      .name = "missing",
      .title = N_ ("Missing values"),
      .tip = N_ ("What happens to a row in which a number is missing."),
      .type = NN_PARAM_CHOICE,
      .flags = OPTION,
      .choices = missing_choices,
      .def_text = "mean",
  },
  {
      .name = "text-columns",
      .title = N_ ("Text columns"),
      .tip = N_ ("What happens to columns of texts beside the label. Unasked, those with at most "
                 "100 different texts are taken."),
      .type = NN_PARAM_CHOICE,
      .flags = OPTION,
      .choices = text_choices,
      .def_text = "leave",
  },
  {
      .name = "unusable",
      .title = N_ ("Unusable"),
      .tip = N_ ("What happens to broken pictures, rows of another length and text where numbers "
                 "belong."),
      .type = NN_PARAM_CHOICE,
      .flags = OPTION,
      .choices = unusable_choices,
      .def_text = "refuse",
  },
  {
      .name = "separator",
      .title = N_ ("Separator"),
      .tip = N_ ("What stands between the values of a row."),
      .type = NN_PARAM_CHOICE,
      .flags = OPTION | NN_PARAM_ADVANCED,
      .choices = separators,
      .def_text = "auto",
  },
  {
      .name = "header",
      .title = N_ ("First row"),
      .tip = N_ ("Whether the first row holds the names of the columns."),
      .type = NN_PARAM_CHOICE,
      .flags = OPTION | NN_PARAM_ADVANCED,
      .choices = headers,
      .def_text = "auto",
  },
  {
      .name = "decimal",
      .title = N_ ("Decimals"),
      .tip = N_ ("What stands before the decimals of a number."),
      .type = NN_PARAM_CHOICE,
      .flags = OPTION | NN_PARAM_ADVANCED,
      .choices = decimals,
      .def_text = "auto",
  },
  {
      .name = "encoding",
      .title = N_ ("Encoding"),
      .tip = N_ ("How letters are written as bytes."),
      .type = NN_PARAM_CHOICE,
      .flags = OPTION | NN_PARAM_ADVANCED,
      .choices = encodings,
      .def_text = "auto",
  },
  { NULL },
};

const NnParamSpec *
nn_data_specs (void)
{
  static const NnParamSpec *specs = NULL;
  if (g_once_init_enter (&specs))
    {
      const NnParamSpec *const tables[] = { data_specs, nn_validation_specs (),
                                            nn_balance_specs () };
      g_once_init_leave (&specs, nn_param_specs_join (tables, G_N_ELEMENTS (tables)));
    }
  return specs;
}
