#include "fuzz-readers.h"

#include "formats/nn-code-file.h"
#include "formats/nn-import.h"
#include "formats/nn-npy.h"
#include "formats/nn-project.h"

static void
import (const char *name, GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  const NnImporter *importer = nn_importer_for (name);
  nn_import_free (importer->read (bytes, name, NULL, NULL, &error));
}

static void
read_onnx (GBytes *bytes)
{
  import ("seed.onnx", bytes);
}

static void
read_safetensors (GBytes *bytes)
{
  import ("seed.safetensors", bytes);
}

static void
read_npz (GBytes *bytes)
{
  import ("seed.npz", bytes);
}

static void
read_npy (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  NnTensor *tensor = nn_npy_read (bytes, "seed.npy", &error);
  g_clear_pointer (&tensor, nn_tensor_unref);
}

static void
read_design (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);
  NnDesign *design = nn_design_from_json (text ? text : "", (gssize)size, &error);
  g_clear_pointer (&design, nn_design_unref);
}

static void
read_project (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  NnProject *project = nn_project_load_bytes (bytes, "seed.diabolo", NULL, &error);
  g_clear_pointer (&project, nn_project_free);
}

static void
read_codes (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  const float *codes;
  gsize n;
  NnCodeReader *reader = nn_code_reader_new (bytes, "seed.dbcode", &error);
  while (reader && nn_code_reader_next (reader, &codes, &n, &error) && n > 0)
    ;
  g_clear_pointer (&reader, nn_code_reader_free);
}

const FuzzReader fuzz_readers[] = {
  { "onnx", read_onnx },     { "safetensors", read_safetensors },
  { "npz", read_npz },       { "npy", read_npy },
  { "design", read_design }, { "project", read_project },
  { "codes", read_codes },   { NULL, NULL },
};

const FuzzReader *
fuzz_reader (const char *name)
{
  for (const FuzzReader *reader = fuzz_readers; reader->name; reader++)
    if (g_str_equal (reader->name, name))
      return reader;
  return NULL;
}
