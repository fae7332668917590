/* The readers against files that are damaged in a fixed way: seeds of our own, cut, spliced and
 * overwritten. Bounded: the same inputs each time, in a few seconds; README.md says how to go on
 * for hours. A sanitizer's word, a failed assertion, memory out of bounds or a hang ends the test.
 */
#include <string.h>
#include <sys/resource.h>

#include "base/nn-rng.h"

#include "fuzz-readers.h"
#include "fuzz-seeds.h"

/* Inputs of each reader, made of each of its seeds: as many in all as a few seconds allow. */
#define ROUNDS 700
#define SLOW_ROUNDS 70
/* No input here is larger than a megabyte: nothing may take longer, or ask for more memory. */
#define MOST_SECONDS 20.0
#define MOST_MEGABYTES 3000

/* Numbers that sizes, offsets and counts go wrong at. */
static const guint64 edges[] = { 0,
                                 1,
                                 0x7f,
                                 0x80,
                                 0xff,
                                 0xffff,
                                 0x7fffffff,
                                 0x80000000,
                                 0xffffffff,
                                 0x7fffffffffffffff,
                                 0x8000000000000000,
                                 0xffffffffffffffff };

typedef struct
{
  GByteArray *bytes;
  GBytes *other; /* another seed of the same reader */
  NnRng *rng;
} Mutation;

static guint
place (Mutation *m)
{
  return nn_rng_below (m->rng, MAX (m->bytes->len, 1));
}

static void
flip (Mutation *m)
{
  if (m->bytes->len > 0)
    m->bytes->data[place (m)] ^= (guint8)(1u << nn_rng_below (m->rng, 8));
}

static void
overwrite (Mutation *m)
{
  if (m->bytes->len > 0)
    m->bytes->data[place (m)] = (guint8)nn_rng_below (m->rng, 256);
}

static void
put_edge (Mutation *m)
{
  const guint64 edge = edges[nn_rng_below (m->rng, G_N_ELEMENTS (edges))];
  const guint width = 1u << nn_rng_below (m->rng, 4);
  if (m->bytes->len >= width)
    memcpy (m->bytes->data + nn_rng_below (m->rng, m->bytes->len - width + 1), &edge, width);
}

/* Text formats have numbers in digits. */
static void
put_digits (Mutation *m)
{
  for (guint at = place (m); at < m->bytes->len; at++)
    if (g_ascii_isdigit (m->bytes->data[at]))
      {
        m->bytes->data[at] = (guint8)('0' + nn_rng_below (m->rng, 10));
        if (nn_rng_below (m->rng, 2) == 0)
          m->bytes->data[at] = nn_rng_below (m->rng, 2) ? '-' : '.';
        return;
      }
}

static void
cut (Mutation *m)
{
  g_byte_array_set_size (m->bytes, place (m));
}

static void
take_out (Mutation *m)
{
  const guint from = place (m), most = nn_rng_below (m->rng, 64);
  if (m->bytes->len > 0)
    g_byte_array_remove_range (m->bytes, from, MIN (most, m->bytes->len - from));
}

/* Inserted bytes, without the array's tail being lost. */
static void
insert (Mutation *m, guint at, const guint8 *data, guint n)
{
  g_autofree guint8 *tail = g_memdup2 (m->bytes->data + at, m->bytes->len - at);
  const guint n_tail = m->bytes->len - at;
  g_byte_array_set_size (m->bytes, at);
  g_byte_array_append (m->bytes, data, n);
  g_byte_array_append (m->bytes, tail, n_tail);
}

static void
repeat (Mutation *m)
{
  const guint from = place (m), most = nn_rng_below (m->rng, 128);
  const guint n = MIN (most, m->bytes->len - from);
  g_autofree guint8 *piece = g_memdup2 (m->bytes->data + from, n);
  if (n > 0)
    insert (m, place (m), piece, n);
}

static void
splice (Mutation *m)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (m->other, &size);
  const guint from = nn_rng_below (m->rng, (guint)size), most = nn_rng_below (m->rng, 256);
  insert (m, place (m), data + from, MIN (most, (guint)size - from));
}

static void (*const mutations[]) (Mutation *) = { flip, overwrite, put_edge, put_digits,
                                                  cut,  take_out,  repeat,   splice };

/* ---- running ---- */

static void
read_one (const FuzzReader *reader, GBytes *bytes, guint seed, guint round)
{
  const gint64 start = g_get_monotonic_time ();
  reader->read (bytes);
  const double seconds = (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  if (seconds > MOST_SECONDS)
    g_error ("%s, seed %u, round %u: %.1f s", reader->name, seed, round, seconds);
}

static void
test_reader (gconstpointer data)
{
  const FuzzReader *reader = data;
  g_autoptr (GPtrArray) seeds = fuzz_seeds (reader->name);
  const guint rounds = reader->slow ? SLOW_ROUNDS : ROUNDS;
  g_assert_cmpuint (seeds->len, >, 0);
  for (guint s = 0; s < seeds->len; s++)
    {
      GBytes *seed = seeds->pdata[s];
      NnRng rng;
      nn_rng_init (&rng, 1, s, 0, 0);
      read_one (reader, seed, s, 0);
      for (guint round = 1; round <= rounds; round++)
        {
          gsize size;
          const guint8 *original = g_bytes_get_data (seed, &size);
          Mutation m = { .bytes = g_byte_array_new (),
                         .other = seeds->pdata[nn_rng_below (&rng, seeds->len)],
                         .rng = &rng };
          g_byte_array_append (m.bytes, original, (guint)size);
          for (guint i = nn_rng_below (&rng, 4) + 1; i > 0; i--)
            mutations[nn_rng_below (&rng, G_N_ELEMENTS (mutations))](&m);
          g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (m.bytes);
          read_one (reader, bytes, s, round);
        }
    }
  struct rusage usage;
  getrusage (RUSAGE_SELF, &usage);
  g_test_message ("%s: %u inputs, %ld MB", reader->name, seeds->len * (rounds + 1),
                  usage.ru_maxrss / 1024);
  g_assert_cmpint (usage.ru_maxrss / 1024, <, MOST_MEGABYTES);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (const FuzzReader *reader = fuzz_readers; reader->name; reader++)
    {
      g_autofree char *path = g_strdup_printf ("/fuzz/%s", reader->name);
      g_test_add_data_func (path, reader, test_reader);
    }
  const int status = g_test_run ();
  fuzz_readers_end ();
  return status;
}
