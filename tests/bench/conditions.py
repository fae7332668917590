#!/usr/bin/python3
"""conditions.py DIABOLO-CLI [LESSON...] [--epochs N] [--threads N]

Trains every lesson whose tasks wait for a loss or an accuracy, on its own data with its own settings, and says after
which epoch each such condition held. Exits with 1 where one did not hold within the lesson's epochs (at most N)."""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

TEXTS = pathlib.Path(__file__).resolve().parents[2] / 'resources' / 'lessons'
KEYS = {'validation-loss': 'validation_loss', 'loss': 'loss', 'accuracy': 'validation_accuracy'}
CLAUSE = re.compile(r'^(validation-loss|loss|accuracy) (<=|<|>=|>) ([0-9.]+)$')
AFTER = {'stacked:second': 'stacked', 'stacked:third': 'stacked:second', 'stacked:classifier': 'stacked:third',
         'features:classifier': 'features', 'transfer:classifier': 'transfer'}


def conditions(lesson):
    """[(line, key, sign, number)] of a lesson's text."""
    path = TEXTS / (lesson.replace(':', '.') + '.md')
    found = []
    for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1):
        if line.startswith('  when: '):
            for clause in line.removeprefix('  when: ').split(' and '):
                match = CLAUSE.match(clause)
                if match:
                    found.append((number, KEYS[match[1]], match[2], float(match[3])))
    return found


def holds(value, sign, number):
    return value is not None and {'<': value < number, '<=': value <= number, '>': value > number,
                                  '>=': value >= number}[sign]


def train(options, lesson, folder):
    """The history of a lesson's epochs, after the stages that it goes on with."""
    project = os.path.join(folder, lesson.replace(':', '-') + '.diabolo')
    subprocess.run([options.cli, 'new', lesson, '-o', project], check=True)
    weights = []
    if lesson in AFTER:
        train(options, AFTER[lesson], folder)
        weights = ['--weights', os.path.join(folder, AFTER[lesson].replace(':', '-') + '.diabolo')]
    epochs = ['--epochs', str(options.epochs)] if options.epochs else []
    output = subprocess.run([options.cli, 'train', project, '--json', '--threads', str(options.threads), *epochs,
                             *weights, '--save', project], stdout=subprocess.PIPE, check=True).stdout
    return json.loads(output)['history']


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
            wanted = conditions(lesson)
            history = train(options, lesson, folder) if wanted else []
            for line, key, sign, number in wanted:
                epoch = next((row['epoch'] for row in history if holds(row[key], sign, number)), None)
                missed += epoch is None
                print(f'{lesson:24} line {line:3}: {key} {sign} {number:g}: '
                      + (f'holds after epoch {epoch:.0f}' if epoch else
                         f'DOES NOT HOLD in {len(history)} epochs: {history[-1][key]:.4f} at the end'), flush=True)
    return 1 if missed else 0


if __name__ == '__main__':
    sys.exit(main())
