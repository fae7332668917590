#!/usr/bin/python3
"""viewers.py DIABOLO DIABOLO-CLI BENCH-VIEWERS [--data PATH] [--lesson ID] [--rounds N] [--seconds S] [PART...]

What the viewers cost and how fast they answer, in the real window on a private virtual display under the cairo
renderer, with every thread training:

  worker   milliseconds of worker time for what viewers ask, and of the window's for finding a point under the pointer
  training frame intervals with Latent (10,000 points), Manifold (15x15), Activations and Reconstructions all visible,
           and the samples per second against no viewer visible, in one run, the two in turns
  pages    what a page alone costs of training: Maximise, Histograms
  decode   from a move of the pointer in Decode until its picture is on the screen, while training goes on
  scatter  frames while 10,000 points are panned and zoomed, nothing training
  start    from the start of the process to its first frame

Prints each number with its bound and the ratio of the two. Rates are compared round by round, because a shared machine
changes more from minute to minute than what is looked for; the spread of the rounds is printed beside their median."""
import argparse
import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy

BENCH = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(BENCH.parent / 'ui'))
from display import Display  # noqa: E402  pylint: disable=wrong-import-position
from pointer import Pointer  # noqa: E402  pylint: disable=wrong-import-position
from window import MNIST, make_project, processor_seconds  # noqa: E402  pylint: disable=wrong-import-position

FOUR = ({'viewer': 'latent', 'samples': 10000}, {'viewer': 'manifold', 'grid': 15}, {'viewer': 'activations'},
        {'viewer': 'reconstruction'})
PAGES = ({'viewer': 'maximise'}, {'viewer': 'histograms'})
NOTHING = {'viewer': 'points'}  # says that it needs data of two or three dimensions, and asks for nothing
# Places in the window at 1280x800, the graph as low as it can be.
SIZE, PANED, TABS_Y = '1280x800', 250, 338
PICTURE = (68, 432, 96, 96)        # of Decode in the first of three panes: x, y, width, height
PLACES = ((335, 405), (335, 525))  # in its plane: a 0 and a 1 in the variational lesson
MIDDLE = (654, 572)                # of the plane of a single Latent pane

DONE, INTERVAL, CLOCK, WORK, CPU, TRAINING, STEP = range(7)  # columns of a frame log


class Report:
    def __init__(self):
        self.over = 0

    def add(self, name, value, unit, bound=None, note=''):
        if bound is None:
            print(f'{name:44} {value:8.2f} {unit:4} {note}')
        else:
            self.over += value > bound
            print(f'{name:44} {value:8.2f} {unit:4} bound {bound:g}, ratio {value / bound:.2f}'
                  f'{"" if value <= bound else "  MISSED"} {note}')
        sys.stdout.flush()


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] if values else float('nan')


class Frames:
    """The lines of a frame log, as an array: see app/wb-frame-log.h."""

    def __init__(self, path):
        self.path = path

    def read(self):
        lines = pathlib.Path(self.path).read_text(encoding='ascii').splitlines()
        return numpy.array([[float(word) for word in line.split()] for line in lines if line[0] != 'f'])

    def first(self):
        lines = pathlib.Path(self.path).read_text(encoding='ascii').splitlines()
        return next((float(line.split()[1]) for line in lines if line[0] == 'f'), None)

    def between(self, begin, end):
        frames = self.read()
        return frames[(frames[:, DONE] >= begin * 1e6) & (frames[:, DONE] <= end * 1e6)]


class Window:
    """The program with panes side by side; each a list of pages."""

    def __init__(self, display, options, panes):
        self.display, self.options, self.panes = display, options, panes
        width, height = (int(number) for number in SIZE.split('x'))
        self.width = width / len(panes)
        folder = pathlib.Path(display.env['XDG_STATE_HOME']) / 'diabolo'
        folder.mkdir(parents=True, exist_ok=True)
        layout = {'panes': [{'share': 1 / len(panes), 'pages': pages} for pages in panes]}
        (folder / 'window.ini').write_text(
            f'[window]\nwidth={width}\nheight={height}\nshow-left=false\nshow-right=false\npaned={PANED}\n'
            f'dock={json.dumps(layout)}\n', encoding='utf-8')
        self.log = Frames(os.path.join(display.home, 'frames'))
        self.process = None
        self.pointer = Pointer(display.env['DISPLAY'])

    def __enter__(self):
        env = dict(self.display.env, DIABOLO_FRAME_LOG=self.log.path)
        self.process = subprocess.Popen([self.options.diabolo, self.options.project], env=env)
        window = self.xdotool('search', '--sync', '--onlyvisible', '--pid', str(self.process.pid)).split()[0]
        with contextlib.suppress(subprocess.SubprocessError):
            self.xdotool('windowsize', '--sync', window, *SIZE.split('x'))
        self.window = window
        time.sleep(3)  # the data set is loaded
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)

    def xdotool(self, *arguments):
        return subprocess.run(['xdotool', *arguments], env=self.display.env, check=True, stdout=subprocess.PIPE,
                              text=True, timeout=20).stdout

    def train(self):
        self.xdotool('windowfocus', '--sync', self.window, 'key', 'space')


def worker(options, report):
    result = subprocess.run([options.bench, options.data, options.lesson, str(options.threads), str(options.rounds)],
                            check=True, stdout=subprocess.PIPE, text=True)
    figures = json.loads(result.stdout)
    report.add('manifold 20x20, worker time', figures['manifold'], 'ms', 30)
    report.add('codes of 10,000 samples, worker time', figures['codes'], 'ms')
    report.add('activations, worker time', figures['activations'], 'ms')
    report.add('reconstructions, worker time', figures['reconstructions'], 'ms')
    report.add('finding a point of 10,000', figures['hover'], 'ms', 1)


def select(window, key=None):
    """The first page of each pane, and from there on by a key."""
    for pane in range(len(window.panes)):
        window.pointer.move((pane + 0.16) * window.width, TABS_Y)
        time.sleep(0.05)
        window.pointer.click()
        time.sleep(0.1)
        if key:
            window.xdotool('key', key)


class Span:
    """What happens while `seconds` go by: frames, steps a second, processor time of window and display a step."""

    def __init__(self, window, seconds):
        pids = window.process.pid, window.display.started[0].pid
        begin, used = time.monotonic(), [processor_seconds(pid) for pid in pids]
        time.sleep(seconds)
        self.frames = window.log.between(begin, time.monotonic())
        used = sum(processor_seconds(pid) - before for pid, before in zip(pids, used))
        steps, clock = (self.frames[-1, column] - self.frames[0, column] for column in (STEP, DONE))
        self.rate = steps / clock * 1e6
        self.cost = used / seconds / self.rate


def slower(values):
    """Of pairs of costs: how much of what could be done is lost, in percent."""
    return [100 * (1 - without / seen) for seen, without in values]


def rounds(losses):
    return f'(rounds: {", ".join(f"{loss:.1f}" for loss in losses)})'


def in_turns(options, viewers):
    """With these viewers side by side and without, round by round: frames with them, rates without, pairs of the time
    a step takes by the clock and by the processors."""
    clock, cost, frames, rates = [], [], [], []
    with Display(size=SIZE) as display, Window(display, options, [[v, NOTHING] for v in viewers]) as window:
        window.train()
        time.sleep(2)
        for _ in range(options.rounds):
            spans = []
            for key in (None, 'ctrl+Page_Down'):
                select(window, key)
                time.sleep(1)
                spans.append(Span(window, options.seconds))
            frames.append(spans[0].frames)
            rates.append(spans[1].rate)
            clock.append([1 / span.rate for span in spans])
            cost.append([span.cost for span in spans])
    return numpy.concatenate(frames), rates, clock, cost


def training(options, report):
    frames, rates, clock, cost = in_turns(options, FOUR)
    report.add('frame interval, median', percentile(frames[:, INTERVAL], 0.5), 'ms')
    report.add('frame interval, 95th percentile', percentile(frames[:, INTERVAL], 0.95), 'ms', 33)
    report.add('frame interval, longest', max(frames[:, INTERVAL]), 'ms')
    report.add('processor time of a frame, mean', frames[:, CPU].mean(), 'ms')
    report.add('steps a second without viewers', statistics.median(rates), '')
    report.add('training slower by', statistics.median(slower(clock)), '%', 15, rounds(slower(clock)))
    report.add('processor time of a step more by', statistics.median(slower(cost)), '%', 15, rounds(slower(cost)))


def pages(options, report):
    for page in PAGES:
        frames, _, clock, cost = in_turns(options, [page])
        name = page['viewer']
        report.add(f'{name}: frame interval, 95th percentile', percentile(frames[:, INTERVAL], 0.95), 'ms', 33)
        report.add(f'{name}: training slower by', statistics.median(slower(clock)), '%', 15, rounds(slower(clock)))
        report.add(f'{name}: processor time of a step more by', statistics.median(slower(cost)), '%', 15,
                   rounds(slower(cost)))


def distance(a, b):
    return int(numpy.abs(numpy.frombuffer(a, numpy.uint8).astype(int) - numpy.frombuffer(b, numpy.uint8)).sum())


def answer_time(window, place, here, there):
    """Seconds until the picture is more like `there` than like `here`; None where it never is."""
    begin = time.monotonic()
    window.pointer.move(*place)
    while time.monotonic() - begin < 1:
        picture = window.pointer.pixels(*PICTURE)
        if distance(picture, there) < distance(picture, here):
            return time.monotonic() - begin
        time.sleep(0.001)
    return None


def decode(options, report):
    times, lost = [], 0
    with Display(size=SIZE) as display, \
            Window(display, options, [[{'viewer': 'decode'}], [FOUR[0]], [FOUR[1]]]) as window:
        window.train()
        time.sleep(4)
        window.pointer.move(*PLACES[0])
        window.pointer.button(1, True)
        pictures = []
        for place in PLACES:
            window.pointer.move(*place)
            time.sleep(0.4)
            pictures.append(window.pointer.pixels(*PICTURE))
        if distance(*pictures) < 30 * len(pictures[0]):
            sys.exit('viewers: the picture in Decode does not follow the pointer')
        for i in range(40 * options.rounds):
            goal = i % 2
            seconds = answer_time(window, PLACES[goal], pictures[1 - goal], pictures[goal])
            lost += seconds is None
            times.append(1000 * (seconds or 1))
            time.sleep(0.15 + 0.01 * (i % 7))
            pictures[goal] = window.pointer.pixels(*PICTURE)
        window.pointer.button(1, False)
    report.add('pointer to picture, median', percentile(times, 0.5), 'ms')
    report.add('pointer to picture, 95th percentile', percentile(times, 0.95), 'ms', 50)
    report.add('pointer to picture, longest', max(times), 'ms', note=f'({len(times)} moves, {lost} without an answer)')


def sweep(window, seconds, each):
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        each(time.monotonic() - begin)
        time.sleep(0.004)
    return window.log.between(begin + 0.2, time.monotonic())


def tell_frames(report, what, frames):
    report.add(f'{what}, frame 95th percentile', percentile(numpy.diff(frames[:, CLOCK]) / 1000, 0.95), 'ms', 17,
               f'({len(frames)} frames)')
    report.add(f'{what}, work in a frame, 95th percentile', percentile(frames[:, WORK], 0.95), 'ms', 16.7)


def scatter(options, report):
    with Display(size=SIZE) as display, Window(display, options, [[FOUR[0]]]) as window:
        window.train()
        time.sleep(5)
        window.train()  # and pauses
        time.sleep(4)
        seconds = options.seconds * options.rounds / 3
        pointer, (x, y) = window.pointer, MIDDLE

        def circle(t):
            pointer.move(x + 200 * numpy.sin(3 * t), y + 90 * numpy.sin(4 * t))

        tell_frames(report, 'hovering', sweep(window, seconds, circle))
        pointer.move(x, y)
        pointer.button(1, True)
        tell_frames(report, 'panning', sweep(window, seconds, circle))
        pointer.button(1, False)
        pointer.move(x, y)
        tell_frames(report, 'zooming', sweep(window, seconds, lambda t: pointer.click(4 + int(2 * t) % 2)))


def start(options, report):
    times = []
    for _ in range(options.rounds):
        with Display(size=SIZE) as display:
            log = Frames(os.path.join(display.home, 'frames'))
            with subprocess.Popen([options.diabolo], env=dict(display.env, DIABOLO_FRAME_LOG=log.path)) as process:
                deadline = time.monotonic() + 20
                while time.monotonic() < deadline and not (os.path.exists(log.path) and log.first()):
                    time.sleep(0.05)
                process.terminate()
                process.wait(20)
            times.append(log.first())
    report.add('first frame', statistics.median(times), 'ms', 300, f'(fastest {min(times):.0f})')


PARTS = {'worker': worker, 'training': training, 'pages': pages, 'decode': decode, 'scatter': scatter, 'start': start}

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('diabolo', type=os.path.abspath)
    parser.add_argument('cli', type=os.path.abspath)
    parser.add_argument('bench', type=os.path.abspath)
    parser.add_argument('parts', nargs='*', metavar='PART', help=', '.join(PARTS))
    parser.add_argument('--data', default=str(MNIST))
    parser.add_argument('--lesson', default='variational')
    parser.add_argument('--rounds', type=int, default=6)
    parser.add_argument('--seconds', type=float, default=5)
    parser.add_argument('--threads', type=int, default=os.cpu_count())
    options = parser.parse_args()
    if set(options.parts) - set(PARTS):
        parser.error(f'parts are {", ".join(PARTS)}')
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        options.project = os.path.join(folder, 'bench.diabolo')
        make_project(options.cli, options.data, options.project, options.lesson)
        for name in options.parts or PARTS:
            PARTS[name](options, report)
    return 1 if report.over else 0


if __name__ == '__main__':
    sys.exit(main())
