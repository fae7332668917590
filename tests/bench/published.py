#!/usr/bin/python3
"""published.py DIABOLO-CLI [LESSON...] [--data PATH] [--seeds N] [--threads N] [--log FILE]

Trains the lessons that have a published number, with their authors' settings, on MNIST (or the data named in the
table) and prints the number beside the median over the seeds. A number counts as met where it is the same or better
within its last printed digit. --log adds one JSON object a lesson to a file; lessons that it has already are not
trained again."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
from typing import NamedTuple

MNIST = pathlib.Path(__file__).resolve().parents[3] / 'shared' / 'data' / 'mnist'


class Published(NamedTuple):
    measure: str  # a key of MEASURES
    number: float  # the author's, or PyTorch's for the same network where that is the worse
    digits: int  # behind the point
    source: str
    data: str = 'mnist'  # or 'own': what the lesson names


# What is compared, and whether more is better.
MEASURES = {
    'training loss': False,
    'validation loss': False,
    'accuracy': True,
    'best accuracy': True,  # of the epochs: the author kept the best
    'F1 at most': False,
    'F1 at least': True,
}

PUBLISHED = {
    'simple': Published('validation loss', 0.0935, 4, 'Keras blog: 0.09; Dertat, test after 20 epochs: 0.0920'),
    'vanilla': Published('validation loss', 0.0060, 4, 'Hubens: 0.0055; PyTorch 0.0056'),
    'multilayer': Published('validation loss', 0.0082, 4, 'Hubens'),
    'deep-short': Published('training loss', 0.0938, 4, 'Dertat: 0.0935; PyTorch 0.0938'),
    'mlp': Published('accuracy', 0.9801, 4, 'Hennebert, Melchior; PyTorch 0.9807'),
    'fraud': Published('F1 at least', 0.80, 2, 'Xu: 0.845 with noisy copies', 'own'),
    'fraud:plain': Published('F1 at most', 0.50, 2, 'Xu: 0.395 without', 'own'),
    'denoising-dense': Published('training loss', 0.1151, 4, 'Dertat; PyTorch 0.1099'),
    'sparse-summed': Published('validation loss', 0.1021, 4, 'Dertat: 0.1019; PyTorch 0.1021'),
    'sparse-mse': Published('validation loss', 0.0145, 4, 'Hubens: 0.0099 without the penalty; PyTorch with it 0.0145'),
    'two-dimensional': Published('validation loss', 0.1857, 4, 'Hubens: 0.1799; PyTorch 0.1857, one seed'),
    # Seeds differ by more than what is missed, PyTorch's too: README.md.
    'variational': Published('validation loss', 152.44, 2, 'Hubens: 151.99; PyTorch 152.44, one seed'),
    'sparse': Published('training loss', 0.11, 2, 'Keras blog'),
    'deep': Published('validation loss', 0.08, 2, 'Keras blog'),
    'convolutional:adadelta': Published('validation loss', 0.1429, 4, 'Hubens; PyTorch 0.1371'),
    'denoising-convolutional:adadelta': Published('validation loss', 0.1124, 4, 'Hubens; PyTorch 0.1066'),
    'cnn': Published('accuracy', 0.9898, 4, 'Hennebert, Melchior'),
    'augmentation:fashion': Published('best accuracy', 0.92, 2, 'Hennebert, Melchior', 'own'),
    'cnn-two-paths': Published('accuracy', 0.9888, 4, 'Hennebert, Melchior'),
    'cnn-several-features': Published('best accuracy', 0.9911, 4, 'Hennebert, Melchior'),
    'convolutional': Published('validation loss', 0.094, 3, 'Keras blog'),
    'convolutional-resized': Published('training loss', 0.100, 3, 'Chablani'),
}


def result(cli, *arguments):
    return json.loads(subprocess.run([cli, *arguments, '--json'], stdout=subprocess.PIPE, check=True).stdout)


def measured(cli, project, run, measure):
    if measure.startswith('F1'):
        return result(cli, 'evaluate', project)['parts'][0]['f_beta']
    if measure == 'best accuracy':
        return max(epoch['validation_accuracy'] for epoch in run['history'])
    return run[{'training loss': 'loss', 'validation loss': 'validation_loss',
                'accuracy': 'validation_accuracy'}[measure]]


def train(options, lesson, published, seed, folder):
    project = os.path.join(folder, 'lesson.diabolo')
    data = ['--data', options.data] if published.data == 'mnist' else []
    subprocess.run([options.cli, 'new', lesson, '-o', project], check=True)
    run = result(options.cli, 'train', project, *data, '--seed', str(seed), '--threads', str(options.threads),
                 '--save', project)
    return measured(options.cli, project, run, published.measure), run


def lesson_row(options, lesson, folder):
    published = PUBLISHED[lesson]
    runs = [train(options, lesson, published, seed, folder) for seed in range(options.seeds)]
    reached = round(statistics.median(value for value, _ in runs), published.digits)
    more = MEASURES[published.measure]
    return {
        'lesson': lesson, 'epochs': runs[0][1]['epochs'], 'seeds': options.seeds, 'reached': reached,
        'values': [value for value, _ in runs],
        'seconds': statistics.median(run['seconds'] for _, run in runs),
        'met': reached >= published.number if more else reached <= published.number,
    }


def print_row(row):
    published = PUBLISHED[row['lesson']]
    print(f'{row["lesson"]:33}{row["epochs"]:4}  {published.measure:16}{published.number:>9.{published.digits}f}'
          f'{row["reached"]:>9.{published.digits}f}{row["seconds"]:>8.0f}  {"met" if row["met"] else "NOT MET"}  '
          f'({published.source})', flush=True)


def known_rows(log):
    if not log or not os.path.exists(log):
        return {}
    with open(log, encoding='utf-8') as lines:
        return {row['lesson']: row for row in map(json.loads, lines)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('cli', type=os.path.abspath)
    parser.add_argument('lessons', nargs='*', default=list(PUBLISHED))
    parser.add_argument('--data', default=str(MNIST))
    parser.add_argument('--seeds', type=int, default=3)
    parser.add_argument('--threads', type=int, default=0)
    parser.add_argument('--log')
    options = parser.parse_args()
    unknown = [lesson for lesson in options.lessons if lesson not in PUBLISHED]
    if unknown:
        parser.error(f'nobody published a number for {", ".join(unknown)}; known are {", ".join(PUBLISHED)}')

    known = known_rows(options.log)
    missed = 0
    print(f'{"lesson":33}{"ep.":>4}  {"measure":16}{"published":>9}{"reached":>9}{"seconds":>8}')
    with tempfile.TemporaryDirectory() as folder:
        for lesson in options.lessons:
            row = known.get(lesson) or lesson_row(options, lesson, folder)
            missed += not row['met']
            print_row(row)
            if options.log and lesson not in known:
                with open(options.log, 'a', encoding='utf-8') as log:
                    log.write(json.dumps(row) + '\n')
    return 1 if missed else 0


if __name__ == '__main__':
    sys.exit(main())
