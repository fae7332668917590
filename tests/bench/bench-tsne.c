/* bench-tsne CODES.npy POSITIONS.npy STEPS THREADS: lays codes out by t-SNE with the settings as
 * they are and prints the seconds it took and the divergence that is left, as JSON. */
#include <stdlib.h>

#include "explore/nn-tsne.h"
#include "formats/nn-npy.h"

static NnTensor *
read_codes (const char *path, GError **error)
{
  char *data = NULL;
  gsize length = 0;
  g_autoptr (GBytes) bytes = NULL;

  if (!g_file_get_contents (path, &data, &length, error))
    return NULL;
  bytes = g_bytes_new_take (data, length);
  return nn_npy_read (bytes, path, error);
}

static gboolean
write_positions (const char *path, const NnTsne *tsne, gsize n, GError **error)
{
  g_autoptr (NnTensor) tensor = nn_tensor_new (&nn_shape ((gint64)n, 2));
  g_autoptr (GBytes) bytes = NULL;

  memcpy (tensor->data, nn_tsne_positions (tsne), 2 * n * sizeof (float));
  bytes = nn_npy_write (tensor);
  return g_file_set_contents (path, g_bytes_get_data (bytes, NULL),
                              (gssize)g_bytes_get_size (bytes), error);
}

static gboolean
run (char **arguments, GError **error)
{
  const NnTsneSettings settings = NN_TSNE_SETTINGS;
  const guint n_steps = (guint)atoi (arguments[3]);
  g_autoptr (NnTensor) codes = read_codes (arguments[1], error);
  g_autoptr (NnPool) pool = nn_pool_new ((guint)atoi (arguments[4]));
  g_autoptr (NnTsne) tsne = NULL;
  gint64 begin, prepared, end;
  gsize n;

  if (codes == NULL)
    return FALSE;
  n = (gsize)codes->shape.dim[0];
  begin = g_get_monotonic_time ();
  tsne = nn_tsne_new (codes->data, n, codes->size / n, &settings, pool, NULL, NULL, NULL, error);
  if (tsne == NULL)
    return FALSE;
  prepared = g_get_monotonic_time ();
  for (guint i = 0; i < n_steps; i++)
    nn_tsne_step (tsne);
  end = g_get_monotonic_time ();
  g_print ("{\"prepare\": %.6f, \"steps\": %.6f, \"kl\": %.6f}\n",
           (double)(prepared - begin) / G_USEC_PER_SEC, (double)(end - prepared) / G_USEC_PER_SEC,
           nn_tsne_divergence (tsne));
  return write_positions (arguments[2], tsne, n, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  if (argc != 5)
    {
      g_printerr ("bench-tsne: usage: bench-tsne CODES.npy POSITIONS.npy STEPS THREADS\n");
      return 2;
    }
  if (!run (argv, &error))
    {
      g_printerr ("bench-tsne: %s\n", error->message);
      return 1;
    }
  return 0;
}
