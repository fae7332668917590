/* nn-decompress.h: compressed images (nn-code-file.h) through the decoder that they were made for.
 * Blocking; any thread.
 *
 * name: of the file in errors, which are those of nn_code_reader_new(), and NN_ERROR_DESIGN where
 * the file is of another network or of other weights. job: cancellable and progress.
 */
#pragma once

#include "formats/nn-code-file.h"
#include "formats/nn-coder.h"

G_BEGIN_DECLS

/* Images first to first + n - 1 (n, S), which may be changed. FALSE, with error set, is the end. */
typedef gboolean (*NnImagesFunc) (const NnCodeFileHead *head, float *images, gsize first, gsize n,
                                  gpointer data, GError **error);

/* Calls each for all images in turn, or for the first ones (most; 0: all). */
gboolean nn_decompress (const NnExportSource *source, GBytes *bytes, const char *name, gsize most,
                        NnImagesFunc each, gpointer data, const NnExportJob *job, GError **error);

/* As .npy, float32 (n, H, W, C). */
gboolean nn_decompress_to_npy (const NnExportSource *source, GBytes *bytes, const char *name,
                               const char *path, const NnExportJob *job, GError **error);

/* As pictures "image-0000.png" and so on, numbered from 0 in the file's order, in a new folder, or
 * in one that is empty. All of them, or no folder. NN_ERROR_UNSUPPORTED for images that have
 * neither one channel nor three. */
gboolean nn_decompress_to_folder (const NnExportSource *source, GBytes *bytes, const char *name,
                                  const char *folder, const NnExportJob *job, GError **error);

G_END_DECLS
