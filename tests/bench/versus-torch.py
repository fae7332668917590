#!/usr/bin/python3
"""versus-torch.py DIABOLO-CLI [LESSON...] [--threads N] [--seconds S] [--rounds R]

Trains the same network with diabolo-cli and with PyTorch (Debian's python3-torch), in turns, and prints the
samples per second of both and the median of the ratios. One processor's speed drifts by tens of percent over
a minute, so only the ratio of neighbours in time means something."""
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


def run(command, **env):
    # A processor type forced on OpenBLAS would hold back one side only.
    clean = {name: value for name, value in os.environ.items() if not name.startswith('OPENBLAS_')}
    result = subprocess.run(command, env=dict(clean, **env), stdout=subprocess.PIPE, text=True, check=False)
    if result.returncode:
        sys.exit(f'versus-torch: {command[0]} ended with status {result.returncode}')
    return json.loads(result.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('cli', type=os.path.abspath)
    parser.add_argument('lessons', nargs='*', default=['simple'])
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--seconds', type=float, default=2)
    parser.add_argument('--rounds', type=int, default=7)
    options = parser.parse_args()
    torch = pathlib.Path(__file__).resolve().with_name('bench-torch.py')
    how = ['--threads', str(options.threads), '--seconds', str(options.seconds)]

    print(f'{options.threads} threads, {options.rounds} rounds of {options.seconds:g} s each, in turns')
    for lesson in options.lessons:
        ours, theirs = [], []
        for _ in range(options.rounds):
            ours.append(run([options.cli, 'bench', lesson, '--json'] + how)['lessons'][0]['samples_per_second'])
            theirs.append(run(['/usr/bin/python3', str(torch), lesson] + how, **TUNED)['samples_per_second'])
        ratios = [a / b for a, b in zip(ours, theirs)]
        print(f'{lesson:18} diabolo {statistics.median(ours):9,.0f} samples/s   '
              f'PyTorch {statistics.median(theirs):9,.0f} samples/s   '
              f'ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})', flush=True)


if __name__ == '__main__':
    main()
