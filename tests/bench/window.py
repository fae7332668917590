#!/usr/bin/python3
"""window.py DIABOLO DIABOLO-CLI [--data PATH] [--seconds S] [--size WxH]

Starts the window on a private virtual display, trains the first lesson on MNIST with every thread, and prints
the time to the first frame, the intervals between frames while training, the memory held, and the processor
time that an idle window uses. The frame times are the program's own (DIABOLO_FRAME_LOG)."""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import zipfile

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / 'ui'))
from display import Display  # noqa: E402  pylint: disable=wrong-import-position

MNIST = TESTS.parents[1] / 'shared' / 'data' / 'mnist'
BOUNDS = {'first frame': 1000, 'interval p95': 33, 'interval max': 150, 'memory': 350, 'idle processor time': 1}


def make_project(cli, data, path, lesson='simple'):
    subprocess.run([cli, 'new', lesson, '-o', path], check=True)
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    design = json.loads(entries['design.json'])
    design['data']['name'] = data
    design['training']['epochs'] = 100000
    entries['design.json'] = json.dumps(design)
    with zipfile.ZipFile(path, 'w') as archive:
        for name, content in entries.items():
            archive.writestr(name, content)


def status(pid, key):
    with open(f'/proc/{pid}/status', encoding='ascii') as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(key + ':'))


def processor_seconds(pid):
    with open(f'/proc/{pid}/stat', encoding='utf-8') as stat:
        fields = stat.read().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def press(display, window, key):
    subprocess.run(['xdotool', 'windowfocus', '--sync', window, 'key', key], env=display.env, check=True)


def measure(options, folder):
    project, log = os.path.join(folder, 'bench.diabolo'), os.path.join(folder, 'frames')
    make_project(options.cli, options.data, project)
    with Display(size=options.size) as display:
        display.env['DIABOLO_FRAME_LOG'] = log
        process = subprocess.Popen([options.diabolo, project], env=display.env)
        try:
            window = subprocess.run(['xdotool', 'search', '--sync', '--onlyvisible', '--pid', str(process.pid)],
                                    env=display.env, check=True, stdout=subprocess.PIPE, text=True).stdout.split()[0]
            subprocess.run(['xdotool', 'windowsize', '--sync', window, *options.size.split('x')],
                           env=display.env, check=False, timeout=10)
            time.sleep(3)  # the data set is loaded
            press(display, window, 'space')
            time.sleep(options.seconds)
            memory = status(process.pid, 'VmRSS') / 1024
            press(display, window, 'space')
            time.sleep(6)  # what was trained is kept aside first
            before = processor_seconds(process.pid)
            time.sleep(5)
            idle = (processor_seconds(process.pid) - before) / 5 * 100
        finally:
            process.terminate()
            process.wait(20)
    return log, memory, idle


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('diabolo', type=os.path.abspath)
    parser.add_argument('cli', type=os.path.abspath)
    parser.add_argument('--data', default=str(MNIST))
    parser.add_argument('--seconds', type=float, default=15)
    parser.add_argument('--size', default='1280x800')
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log, memory, idle = measure(options, folder)
        lines = [line.split() for line in pathlib.Path(log).read_text(encoding='ascii').splitlines()]
    first = next(float(line[1]) for line in lines if line[0] == 'first-frame')
    frames = [line for line in lines if line[0] != 'first-frame']
    intervals = sorted(float(line[1]) for before, line in zip(frames, frames[1:]) if before[5] == line[5] == '1')
    if len(intervals) < options.seconds:
        sys.exit('window: it did not train')

    figures = [
        ('first frame', first, 'ms'),
        ('interval median', intervals[len(intervals) // 2], 'ms'),
        ('interval p95', intervals[int(len(intervals) * 0.95)], 'ms'),
        ('interval max', intervals[-1], 'ms'),
        ('memory', memory, 'MB'),
        ('idle processor time', idle, '%'),
    ]
    print(f'{len(intervals)} frames in {options.seconds:g} s of training')
    over = 0
    for name, value, unit in figures:
        bound = BOUNDS.get(name)
        over += bound is not None and value > bound
        print(f'{name:20} {value:7.1f} {unit}' + (f'  (at most {bound})' if bound else ''))
    return 1 if over else 0


if __name__ == '__main__':
    sys.exit(main())
