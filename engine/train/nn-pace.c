#include "train/nn-pace.h"

#include <math.h>

#define WINDOW 1.0               /* seconds averaged over */
#define MARK_EVERY (WINDOW / 32) /* so the ring holds about two windows */
/* Evaluation is the forward third of a training step, until it has been measured. */
#define TRAIN_PER_EVALUATE 3.0

void
nn_pace_init (NnPace *pace)
{
  *pace = (NnPace){ .evaluation = NAN };
}

void
nn_pace_restart (NnPace *pace)
{
  *pace = (NnPace){ .evaluation = pace->evaluation };
}

static void
add_mark (NnPace *pace)
{
  guint i = pace->n_marks++ % NN_PACE_MARKS;

  pace->mark[i].clock = pace->clock;
  pace->mark[i].samples = pace->samples;
}

void
nn_pace_add_batch (NnPace *pace, double seconds, guint n)
{
  if (pace->n_marks == 0)
    add_mark (pace);
  pace->clock += seconds;
  pace->samples += n;
  if (pace->clock - pace->mark[(pace->n_marks - 1) % NN_PACE_MARKS].clock >= MARK_EVERY)
    add_mark (pace);
}

void
nn_pace_add_evaluation (NnPace *pace, double seconds, gboolean last)
{
  pace->evaluating += seconds;
  if (!last)
    return;
  pace->evaluation = pace->evaluating;
  pace->evaluating = 0;
}

double
nn_pace_rate (const NnPace *pace)
{
  guint64 first = pace->n_marks > NN_PACE_MARKS ? pace->n_marks - NN_PACE_MARKS : 0;

  /* From the youngest mark that is a whole window old, else from the oldest there is. */
  for (guint64 i = pace->n_marks; i-- > first;)
    {
      double seconds = pace->clock - pace->mark[i % NN_PACE_MARKS].clock;

      if (seconds > 0 && (seconds >= WINDOW || i == first))
        return (double)(pace->samples - pace->mark[i % NN_PACE_MARKS].samples) / seconds;
    }
  return 0;
}

double
nn_pace_seconds_left (const NnPace *pace, double samples, double evaluations, gsize n_test)
{
  double rate = nn_pace_rate (pace);

  if (rate <= 0)
    return NAN;
  double evaluation =
      isnan (pace->evaluation) ? (double)n_test / (TRAIN_PER_EVALUATE * rate) : pace->evaluation;
  return samples / rate + evaluations * evaluation;
}
