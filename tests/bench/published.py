#!/usr/bin/python3
"""published.py DIABOLO-CLI [LESSON...] [--data PATH] [--seeds N]

Trains the lessons on MNIST for as many epochs as their authors did and prints the loss they published beside
the median over the seeds."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

# lesson: (what is compared, published loss or PyTorch's for the same network where that is the worse, its author)
PUBLISHED = {
    'simple': ('validation', 0.0935, 'Keras blog: 0.09; Dertat, test after 20 epochs: 0.0920'),
    'sparse': ('training', 0.11, 'Keras blog'),
    'sparse-summed': ('validation', 0.1021, 'Dertat: 0.1019; PyTorch 0.1021'),
    'sparse-mse': ('validation', 0.0145, 'Hubens: 0.0099 without the penalty; PyTorch with it 0.0145'),
    'vanilla': ('validation', 0.0060, 'Hubens: 0.0055; PyTorch 0.0056'),
    'multilayer': ('validation', 0.0082, 'Hubens'),
    'deep': ('validation', 0.085, 'Keras blog: 0.08, in one digit'),
    'deep-short': ('training', 0.0938, 'Dertat: 0.0935; PyTorch 0.0938'),
    'two-dimensional': ('validation', 0.1857, 'Hubens: 0.1799; PyTorch 0.1857, one seed'),
    'denoising-dense': ('training', 0.1151, 'Dertat'),
}
MNIST = pathlib.Path(__file__).resolve().parents[3] / 'shared' / 'data' / 'mnist'


def train(cli, lesson, data, seed, folder):
    project = os.path.join(folder, lesson + '.diabolo')
    subprocess.run([cli, 'new', lesson, '-o', project], check=True)
    output = subprocess.run([cli, 'train', project, '--data', data, '--seed', str(seed), '--json'],
                            stdout=subprocess.PIPE, check=True).stdout
    return json.loads(output)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('cli', type=os.path.abspath)
    parser.add_argument('lessons', nargs='*', default=list(PUBLISHED))
    parser.add_argument('--data', default=str(MNIST))
    parser.add_argument('--seeds', type=int, default=3)
    options = parser.parse_args()

    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        for lesson in options.lessons:
            part, bound, source = PUBLISHED[lesson]
            runs = [train(options.cli, lesson, options.data, seed, folder) for seed in range(options.seeds)]
            median = statistics.median(run['validation_loss' if part == 'validation' else 'loss'] for run in runs)
            loss = round(median, 4)  # as many digits as were published
            reached = loss <= bound
            missed += not reached
            print(f'{lesson:16} {runs[0]["epochs"]:4} epochs  {part:10} {loss:.4f}  '
                  f'{"reaches" if reached else "MISSES"} {bound:.4f} ({source})  '
                  f'{runs[0]["samples_per_second"]:,.0f} samples/s', flush=True)
    return 1 if missed else 0


if __name__ == '__main__':
    sys.exit(main())
