#include "fuzz-seeds.h"

#include <glib/gstdio.h>
#include <string.h>

#include "../engine/nn-test-data.h"
#include "data/nn-data-source.h"
#include "formats/nn-code-file.h"
#include "formats/nn-export.h"
#include "formats/nn-npy.h"
#include "formats/nn-project.h"
#include "formats/nn-zip.h"

/* Small networks that have every operation between them. */
static const char *const networks[] = {
  "input | flatten | dense units=3 activation=tanh | dense units=784 | reshape shape=28x28x1",
  "input | conv2d filters=2 stride=2 activation=relu6 | depthwise-conv2d | batch-norm | max-pool2d "
  "| conv2d-transpose filters=1 stride=4 activation=sigmoid",
  "input | reshape shape=28x28 | lstm units=2 | repeat-vector times=28 | gru units=28 "
  "return-sequences=true",
  "input | avg-pool2d | prelu shared=true | upsampling2d | activation activation=gelu | permute "
  "order=2x1x3 | layer-norm | zero-padding | cropping",
};

/* ---- a network from a line ---- */

static guint
add (NnDesign **design, const char *text, guint from)
{
  g_auto (GStrv) words = g_strsplit (text, " ", 2);
  return nn_test_add (design, words[0], words[1], from);
}

/* The last layer is compared with the input. */
static NnDesign *
read_network (const char *text)
{
  g_auto (GStrv) layers = g_strsplit (text, " | ", -1);
  NnDesign *design = nn_design_new ();
  guint first = 0, last = 0;
  for (guint i = 0; layers[i]; i++)
    {
      last = add (&design, layers[i], last);
      first = first ? first : last;
    }
  const guint loss = add (&design, "reconstruction-loss loss=mean-squared-error", last);
  nn_test_replace (&design, nn_design_connect (design, first, 0, loss, 1, NULL));
  return design;
}

/* ---- files ---- */

typedef void (*WriteFunc) (NnDesign *design, NnAnalysis *analysis, NnCheckpoint *checkpoint,
                           const char *format, const char *path);

static void
write_export (NnDesign *design, NnAnalysis *analysis, NnCheckpoint *checkpoint, const char *format,
              const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnExportSource) source =
      nn_export_source_new (design, analysis, checkpoint, NN_EXPORT_ALL);
  nn_export_write (nn_exporter (format), source, path, NULL, &error);
  g_assert_no_error (error);
}

static void
write_project (NnDesign *design, NnAnalysis *analysis, NnCheckpoint *checkpoint, const char *format,
               const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NnProject) project = nn_project_new (design, checkpoint);
  nn_project_save (project, path, NULL, &error);
  g_assert_no_error (error);
}

/* What write makes of each network. */
static void
add_written (GPtrArray *seeds, WriteFunc write, const char *format)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("diabolo-seeds-XXXXXX", &error);
  g_assert_no_error (error);
  g_autofree char *path = g_build_filename (folder, "seed", NULL);
  g_autoptr (NnDataInfo) info = nn_data_peek ("digits", &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (networks); i++)
    {
      g_autoptr (NnDesign) design = read_network (networks[i]);
      g_autoptr (NnAnalysis) analysis = nn_analysis_new (design, info, 0);
      g_autoptr (NnCheckpoint) checkpoint = nn_test_weights (nn_analysis_program (analysis));
      char *contents;
      gsize size;
      write (design, analysis, checkpoint, format, path);
      g_assert (g_file_get_contents (path, &contents, &size, NULL));
      g_unlink (path);
      g_ptr_array_add (seeds, g_bytes_new_take (contents, size));
    }
  g_rmdir (folder);
}

static void
add_onnx (GPtrArray *seeds)
{
  add_written (seeds, write_export, "onnx");
}

static void
add_safetensors (GPtrArray *seeds)
{
  add_written (seeds, write_export, "safetensors");
}

static void
add_npz (GPtrArray *seeds)
{
  add_written (seeds, write_export, "npz");
}

static void
add_projects (GPtrArray *seeds)
{
  add_written (seeds, write_project, NULL);
}

static void
add_npy (GPtrArray *seeds)
{
  g_autoptr (NnTensor) row = nn_tensor_new (&nn_shape (5));
  g_autoptr (NnTensor) cube = nn_tensor_new (&nn_shape (2, 3, 4));
  g_ptr_array_add (seeds, nn_npy_write (row));
  g_ptr_array_add (seeds, nn_npy_write (cube));
}

static void
add_designs (GPtrArray *seeds)
{
  for (guint i = 0; i < G_N_ELEMENTS (networks); i++)
    {
      g_autoptr (NnDesign) design = read_network (networks[i]);
      char *json = nn_design_to_json (design);
      g_ptr_array_add (seeds, g_bytes_new_take (json, strlen (json)));
    }
}

/* One group and several; images of one value and of many. */
static void
add_codes (GPtrArray *seeds)
{
  static const NnCodeFileHead heads[] = {
    { .bits = 1, .n = 1, .size = 1, .shape = { 1, { 1 } } },
    { .bits = 6, .n = 40, .size = 24, .shape = { 3, { 28, 28, 1 } } },
    { .bits = 8, .n = 16400, .size = 1, .shape = { 3, { 4, 4, 3 } } },
  };
  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      const gsize group = nn_code_file_group (&heads[i]);
      g_autofree float *codes = g_new (float, group *heads[i].size);
      g_autofree float *least = g_new0 (float, heads[i].size);
      g_autofree float *greatest = g_new0 (float, heads[i].size);
      for (gsize k = 0; k < heads[i].size; k++)
        greatest[k] = (float)(k % 5);
      for (gsize k = 0; k < group * heads[i].size; k++)
        codes[k] = (float)(k % 7);
      NnCodeWriter *writer = nn_code_writer_new (&heads[i], least, greatest);
      for (gsize first = 0; first < heads[i].n; first += group)
        nn_code_writer_add (writer, codes, MIN (group, heads[i].n - first));
      g_ptr_array_add (seeds, nn_code_writer_end (writer, NULL));
      nn_code_writer_free (writer);
    }
}

static void
add_text (GPtrArray *seeds, const char *text)
{
  g_ptr_array_add (seeds, g_bytes_new (text, strlen (text)));
}

static void
add_histories (GPtrArray *seeds)
{
  add_text (seeds, "run,name,kind,epoch,step,loss,accuracy,seconds,learning_rate,psnr\n"
                   "1,Run 1,batch,0.5,1,0.25,,0.125,0.5,\n"
                   "1,Run 1,epoch,1,2,0.25,0.75,0.25,0.5,\n"
                   "1,\"Run \"\"1\"\"\",validation,1,2,0.2,0.8,0.3,0.5,21.5\n"
                   "2,Other,batch,0.5,1,0.125,,0.1,0.001,\n");
}

static void
add_lessons (GPtrArray *seeds)
{
  add_text (seeds, "# A title       viewers: loss | reconstruction code\n"
                   "## A step                              locked: epochs of training\n"
                   "-> node Code                                hidden: reset\n"
                   "Text with **stress**, a [term](term:code) and a formula:\n"
                   "$$ z = \\max(0, W x + b) $$\n"
                   "- [ ] Make the code smaller and train.\n"
                   "  when: units of Code <= 8 and new-epochs >= 2\n"
                   "  hint: Select the code.\n"
                   "? What is lost first?\n(x) The style\n( ) The kind of digit\n"
                   "= Which digit it is saves most of the loss.\n> A note for the teacher.\n");
}

static void
add_tables (GPtrArray *seeds)
{
  add_text (seeds, "height,weight,city,kind\n1.5,2,Ulm,a\n,3.25,\"Bad \"\"X\"\"\",b\n"
                   "2,NA,Ulm,a\n-1e3,7,,b\n4,5,Bonn,a\n");
  add_text (seeds, "a;b;class\r\n1,5;2;0\r\n3;4,25;1\r\n5;6;0\r\n7;8;1\r\n");
  add_text (seeds, "\xef\xbb\xbf"
                   "1 2 3\n4 5 6\n7 8 9\n1 0 1\n");
}

static void
add_idx (GPtrArray *seeds)
{
  static const guint8 head[] = { 0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 4, 0, 0, 0, 3 };
  GByteArray *file = g_byte_array_new ();
  g_byte_array_append (file, head, sizeof head);
  for (guint8 i = 0; i < 5 * 4 * 3; i++)
    g_byte_array_append (file, &i, 1);
  g_ptr_array_add (seeds, g_byte_array_free_to_bytes (file));
}

static void
add_cifar (GPtrArray *seeds)
{
  enum
  {
    RECORD = 3073
  };
  guint8 *file = g_malloc (4 * RECORD);
  for (guint i = 0; i < 4 * RECORD; i++)
    file[i] = (guint8)(i % RECORD == 0 ? i / RECORD : i % 251);
  g_ptr_array_add (seeds, g_bytes_new_take (file, 4 * RECORD));
}

/* Samples and classes, as NumPy's savez() writes them. */
static void
add_arrays (GPtrArray *seeds)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = nn_zip_entries_new ();
  g_autoptr (NnTensor) x = nn_tensor_new (&nn_shape (6, 4, 4, 1));
  g_autoptr (NnTensor) y = nn_tensor_new (&nn_shape (6));
  for (gsize i = 0; i < y->size; i++)
    y->data[i] = (float)(i % 2);
  g_autoptr (GBytes) images = nn_npy_write (x);
  g_autoptr (GBytes) labels = nn_npy_write (y);
  nn_zip_entries_add (entries, "x_train.npy", images);
  nn_zip_entries_add (entries, "y_train.npy", labels);
  g_ptr_array_add (seeds, nn_zip_write (entries, &error));
  g_assert_no_error (error);
}

static void
add_folders (GPtrArray *seeds)
{
  add_text (seeds, "train/cat/1.pgm\ntrain/cat/2.pgm\ntrain/dog/1.pgm\ntest/dog/3.pgm\n"
                   "test/cat/broken.pgm~\nreadme.txt\n");
}

static const struct
{
  const char *reader;
  void (*add) (GPtrArray *seeds);
} kinds[] = {
  { "onnx", add_onnx },      { "safetensors", add_safetensors },
  { "npz", add_npz },        { "npy", add_npy },
  { "design", add_designs }, { "project", add_projects },
  { "codes", add_codes },    { "history", add_histories },
  { "lesson", add_lessons }, { "csv", add_tables },
  { "idx", add_idx },        { "cifar", add_cifar },
  { "arrays", add_arrays },  { "folder", add_folders },
};

GPtrArray *
fuzz_seeds (const char *reader)
{
  GPtrArray *seeds = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i].reader, reader))
      kinds[i].add (seeds);
  return seeds;
}
