#!/usr/bin/python3
"""versus-torch.py DIABOLO-CLI [LESSON|FILE...] [--threads N] [--seconds S] [--rounds R] [--core NAME]
                [--json FILE]

Trains the same network with diabolo-cli and with PyTorch (Debian's python3-torch), in turns, and prints the
samples per second of both and the median of the ratios. One processor's speed drifts by tens of percent over
a minute, so only the ratio of neighbours in time means something.

"share" is what Diabolo's training makes of the machine's own peak in matrix products (sgemm: the best of many of
1024 x 1024, times the threads), measured in every round: 3 times the forward pass's multiply-adds a sample, as if
the first layer had a gradient to its input."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

# PyTorch's own threads and OpenBLAS's would fight; glibc would give memory back and fetch it again each step.
# Without these it looks three to four times slower than it is.
TUNED = {
    'OPENBLAS_NUM_THREADS': '1',
    'MALLOC_MMAP_THRESHOLD_': '4000000000',
    'MALLOC_TRIM_THRESHOLD_': '8000000000',
    'MALLOC_TOP_PAD_': '268435456',
}
BENCH_TORCH = pathlib.Path(__file__).resolve().with_name('bench-torch.py')
# OpenBLAS takes a newer processor for an old one at times and is then five times slower than it could be.
CORE_TYPES = [None, 'Haswell', 'SkylakeX', 'Zen']

# Ratios that are wanted, on 2 threads and on 1.
WANTED = {'simple': 3.5, 'convolutional': 5, 'denoising-convolutional': 4, 'variational': 3.5, 'sequence-rows': 7,
          'cnn': 3.5}
WANTED_OTHERS, WANTED_ALONE = 2, 2.5


def run(command, may_fail=False, **env):
    clean = {name: value for name, value in os.environ.items() if not name.startswith('OPENBLAS_')}
    result = subprocess.run(command, env=dict(clean, **env), stdout=subprocess.PIPE, text=True, check=False)
    if result.returncode and may_fail:
        return None
    if result.returncode:
        sys.exit(f'versus-torch: {" ".join(command[:3])} ended with status {result.returncode}')
    return json.loads(result.stdout)


def torch(options, lesson, *more, **run_options):
    return run(['/usr/bin/python3', str(BENCH_TORCH), options.cli, lesson, '--threads', str(options.threads), *more],
               **TUNED, **run_options)


def tune_openblas(options):
    """The fastest of OpenBLAS' kernels that work here are PyTorch's."""
    peaks = {}
    for core in CORE_TYPES:
        env = {'OPENBLAS_CORETYPE': core} if core else {}
        result = torch(options, '-', '--peak', '--seconds', '0.2', may_fail=True, **env)
        peaks[core] = result['peak'] if result else 0
    best = max(peaks, key=peaks.get)
    if best and peaks[best] > 1.1 * peaks[None]:
        TUNED['OPENBLAS_CORETYPE'] = best
    print(f'OpenBLAS kernels: {TUNED.get("OPENBLAS_CORETYPE", "its own choice")}, '
          f'{max(peaks.values()) / 1e9:.0f} GFLOP/s on a thread')


def compare(options, lesson):
    how = ['--seconds', str(options.seconds)]
    ours, theirs, shares, layout = [], [], [], []
    for _ in range(options.rounds):
        command = [options.cli, 'bench', lesson, '--json', '--threads', str(options.threads), *how]
        ours.append(run(command)['lessons'][0]['samples_per_second'])
        other = torch(options, lesson, *how, *layout)
        theirs.append(other['samples_per_second'])
        layout = ['--layout', other['layout']]
        shares.append(6 * other['multiply_adds'] * ours[-1] / (options.threads * other['peak']))
    ratios = [a / b for a, b in zip(ours, theirs)]
    wanted = WANTED_ALONE if options.threads == 1 else WANTED.get(lesson, WANTED_OTHERS)
    return {'lesson': lesson, 'threads': options.threads, 'batch': other['batch_size'], 'layout': layout[1],
            'diabolo': statistics.median(ours), 'torch': statistics.median(theirs),
            'ratio': statistics.median(ratios), 'lowest': min(ratios), 'highest': max(ratios),
            'share': statistics.median(shares), 'wanted': wanted}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('cli', type=os.path.abspath)
    parser.add_argument('lessons', nargs='*', help='all, if none is named')
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--seconds', type=float, default=2)
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--core', help="OpenBLAS' kernels for PyTorch (SkylakeX...); without, all are tried")
    parser.add_argument('--json', help='adds a line with the figures of each lesson to this file')
    options = parser.parse_args()
    lessons = options.lessons or [row['id'] for row in run([options.cli, 'lessons', '--json'])['lessons']]

    if options.core:
        TUNED['OPENBLAS_CORETYPE'] = options.core
    else:
        tune_openblas(options)
    print(f'{options.threads} threads, {options.rounds} rounds of {options.seconds:g} s each, in turns')
    missed = 0
    for lesson in lessons:
        row = compare(options, lesson)
        misses = row['ratio'] < row['wanted']
        missed += misses
        print(f'{lesson:24} batch {row["batch"]:4}  diabolo {row["diabolo"]:9,.0f} samples/s  '
              f'PyTorch {row["torch"]:9,.0f} (channels {row["layout"]})  '
              f'ratio {row["ratio"]:5.2f} ({row["lowest"]:.2f} to {row["highest"]:.2f})  '
              f'share {row["share"]:4.0%}' + (f'  MISSES {row["wanted"]}' if misses else ''), flush=True)
        if options.json:
            with open(options.json, 'a', encoding='utf-8') as file:
                file.write(json.dumps(row) + '\n')
    return 1 if missed else 0


if __name__ == '__main__':
    sys.exit(main())
