#!/usr/bin/python3
"""conditions.py DIABOLO-CLI [LESSON...] [--epochs N] [--threads N]

Trains every lesson whose tasks wait for what training brings about (a loss, an accuracy, the mean of the code, a class
that has a place of its own), on its own data with its own settings, and says after which epoch each such condition
held, within the lesson's epochs and N, or a third of them where that is more. Tasks that count epochs are compared with
those of the lesson. Exits with 1 where one does not hold."""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile
from typing import NamedTuple

import numpy

TEXTS = pathlib.Path(__file__).resolve().parents[2] / 'resources' / 'lessons'
MEASURED = {'validation-loss': 'validation_loss', 'loss': 'loss', 'accuracy': 'validation_accuracy'}
AFTER = {'stacked:second': 'stacked', 'stacked:third': 'stacked:second', 'stacked:classifier': 'stacked:third',
         'features:classifier': 'features', 'transfer:classifier': 'transfer'}
CLAUSE = re.compile(r'^(validation-loss|loss|accuracy|code-mean|separation|epochs)(?: (\d+))? '
                    r'(<=|<|>=|>) ([0-9.]+)$')
COMPARE = {'<': lambda a, b: a < b, '<=': lambda a, b: a <= b, '>': lambda a, b: a > b, '>=': lambda a, b: a >= b}


class Condition(NamedTuple):
    line: int
    quantity: str
    argument: str  # of separation: the class
    sign: str
    number: float

    def __str__(self):
        return f'line {self.line:3}: {" ".join(filter(None, (self.quantity, self.argument)))} {self.sign} {self.number:g}'

    def holds(self, value):
        return value is not None and COMPARE[self.sign](value, self.number)


def conditions(lesson):
    path = TEXTS / (lesson.replace(':', '.') + '.md')
    return [Condition(number, match[1], match[2], match[3], float(match[4]))
            for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1) if line.startswith('  when: ')
            for match in map(CLAUSE.match, line.removeprefix('  when: ').split(' and ')) if match]


def separation(codes, labels, which):
    """Share of a class's codes that are nearer to the mean of their own class than to any other's."""
    centres = numpy.stack([codes[labels == c].mean(axis=0) for c in range(labels.max() + 1)])
    own = codes[labels == which]
    return (((own[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1) == which).mean()


class Student:
    """Goes through a lesson epoch by epoch, after the stages that it goes on with."""

    def __init__(self, options, lesson, folder):
        self.options, self.project = options, os.path.join(folder, lesson.replace(':', '-') + '.diabolo')
        subprocess.run([options.cli, 'new', lesson, '-o', self.project], check=True)
        with zipfile.ZipFile(self.project) as archive:
            self.epochs = json.loads(archive.read('design.json'))['training']['epochs']
        self.weights, self.row, self.done = [], {}, 0
        if lesson in AFTER:
            before = Student(options, AFTER[lesson], folder)
            before.train(before.epochs)
            self.weights = ['--weights', before.project]

    def train(self, epochs):
        output = subprocess.run([self.options.cli, 'train', self.project, '--json', '--epochs', str(epochs),
                                 '--threads', str(self.options.threads), *self.weights, '--save', self.project],
                                stdout=subprocess.PIPE, check=True).stdout
        self.row, self.weights = json.loads(output)['history'][-1], []
        self.done += epochs

    def value(self, condition):
        if condition.quantity in MEASURED:
            return self.row[MEASURED[condition.quantity]]
        codes = self.project + '.npy'
        subprocess.run([self.options.cli, 'export', self.project, '--format', 'codes', '-o', codes],
                       check=True, stdout=subprocess.DEVNULL)
        values, labels = numpy.load(codes), numpy.load(codes.replace('.npy', '.labels.npy'))
        return values.mean() if condition.quantity == 'code-mean' else separation(values, labels, int(condition.argument))


def follow(options, lesson, folder):
    """[(condition, epoch after which it held or None, last value)] of a lesson's text."""
    wanted = conditions(lesson)
    if not wanted:
        return []
    student = Student(options, lesson, folder)
    held = {condition: int(condition.number) for condition in wanted
            if condition.quantity == 'epochs' and condition.number <= student.epochs}
    learned = [condition for condition in wanted if condition.quantity != 'epochs']
    most = min(student.epochs, max(options.epochs, student.epochs // 3))
    while student.done < most and not held.keys() >= set(learned):
        student.train(1)
        held |= {condition: student.done for condition in learned
                 if condition not in held and condition.holds(student.value(condition))}
    return [(condition, held.get(condition), None if condition in held or condition not in learned
             else student.value(condition)) for condition in wanted]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('cli', type=os.path.abspath)
    parser.add_argument('lessons', nargs='*')
    parser.add_argument('--epochs', type=int, default=20)
    parser.add_argument('--threads', type=int, default=0)
    options = parser.parse_args()
    lessons = options.lessons or sorted(path.stem.replace('.', ':') for path in TEXTS.glob('*.md')
                                        if path.stem != 'glossary')
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        for lesson in lessons:
            for condition, epoch, value in follow(options, lesson, folder):
                missed += epoch is None
                print(f'{lesson:24} {condition}: '
                      + (f'after epoch {epoch}' if epoch else 'DOES NOT HOLD'
                         + (f': {value:.4f} at the end' if value is not None else '')), flush=True)
    return 1 if missed else 0


if __name__ == '__main__':
    sys.exit(main())
