/* nn-code-file.h: codes of images, quantised and packed in one small file that says what it holds.
 * Any thread.
 *
 *   "DBCODE" 2 0       the kind of file, its version, nothing
 *   f32 f32            what was lost: mean squared error and mean PSNR (nn-image-error.h), NaN
 * where nobody measured it; not there in version 1 a zlib stream (RFC 1950) to the end of the file,
 * of, with the low byte first: u32              bits of a value b, 1 to 8 u32              images n
 *     u32              values of a code D
 *     u32 u32[]        rank of an image's shape (1 to 4) and its dimensions: 28 28 1
 *     u8[16]           of the network whose codes they are (nn_coder_fingerprint())
 *     f32[D] f32[D]    least and greatest of each value
 *     u8[n × D]        the values, q = (v - least) / (greatest - least) × (2^b - 1), rounded; in
 *                      groups of images, within a group value after value: all images' first, all
 *                      images' second ... so that what is alike stands together and packs well
 */
#pragma once

#include <gio/gio.h>

#include "base/nn-shape.h"
#include "formats/nn-image-error.h"

G_BEGIN_DECLS

#define NN_CODE_FILE_EXTENSION ".dbcode"
#define NN_CODE_FILE_MAX_BITS 8
#define NN_CODE_FILE_MAX_VALUES (1 << 20)   /* of a code */
#define NN_CODE_FILE_MAX_IMAGES (100000000) /* of a file */
#define NN_FINGERPRINT_SIZE 16

typedef struct
{
  guint bits;
  gsize n;       /* images */
  gsize size;    /* D */
  NnShape shape; /* of an image */
  guint8 network[NN_FINGERPRINT_SIZE];
} NnCodeFileHead;

/* Images of a group (the last one may have fewer). */
gsize nn_code_file_group (const NnCodeFileHead *head);

typedef struct _NnCodeWriter NnCodeWriter;

/* least, greatest (D): of all codes that will come. (transfer full) */
NnCodeWriter *nn_code_writer_new (const NnCodeFileHead *head, const float *least,
                                  const float *greatest);
/* A whole group: codes (n, D) become in place what a reader will make of them. */
void nn_code_writer_add (NnCodeWriter *writer, float *codes, gsize n);
/* After the last group. error: of the images that a reader will get, or NULL. (transfer full) */
GBytes *nn_code_writer_end (NnCodeWriter *writer, const NnImageError *error);
void nn_code_writer_free (NnCodeWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnCodeWriter, nn_code_writer_free)

/* TRUE where the first bytes are of such a file. */
gboolean nn_code_file_is (GBytes *bytes);

typedef struct _NnCodeReader NnCodeReader;

/* source names the file in errors: NN_ERROR_FORMAT, NN_ERROR_VERSION. Takes memory for one group,
 * whatever the file says. (transfer full) */
NnCodeReader *nn_code_reader_new (GBytes *bytes, const char *source, GError **error);
const NnCodeFileHead *nn_code_reader_head (const NnCodeReader *reader);
/* What the file says was lost; NULL where it does not. */
const NnImageError *nn_code_reader_error (const NnCodeReader *reader);
/* The next group: n codes (n, D), valid until the next call; n is 0 behind the last, where the
 * file's checksum was right. */
gboolean nn_code_reader_next (NnCodeReader *reader, const float **codes, gsize *n, GError **error);
void nn_code_reader_free (NnCodeReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NnCodeReader, nn_code_reader_free)

G_END_DECLS
