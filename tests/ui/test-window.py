#!/usr/bin/python3
"""test-window.py DIABOLO DIABOLO-CLI: the window as people use it, by pointer and keys, on a real display. What the
window shows is read from the accessibility tree, what it saved by diabolo-cli. Speaks TAP."""
import csv
import io
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import time
import traceback
import zipfile

from driver import PATIENCE, Program

DIABOLO, CLI = (os.path.abspath(path) for path in sys.argv[1:3])
FOLDER = None  # set by main()


def cli(*arguments):
    done = subprocess.run([CLI, *map(str, arguments)], check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True)
    assert done.returncode == 0, f'{arguments}: {done.stdout}{done.stderr}'
    return done.stdout


class Skip(Exception):
    pass


# ---- what the window says ----

def epoch(window):
    """Epochs done, as the header tells."""
    for label in window.all(r'epoch \d+|\d+ epochs? done', 'label'):
        return int(re.search(r'\d+', label.name)[0])
    return 0


def loss(window):
    for label in window.all(r'.*loss \d', 'label'):
        return float(re.search(r'loss ([\d.]+)', label.name)[1])
    return None


def smooth_loss(project):
    """Where the line of the loss plot ends, of a project with one run: wb_points_smooth() by hand."""
    with zipfile.ZipFile(project) as archive:
        rows = csv.DictReader(io.TextIOWrapper(archive.open('history.csv'), 'utf-8'))
        batches = [(int(row['step']), float(row['loss'])) for row in rows if row['kind'] == 'batch']
    total = weight = 0
    for step, value in batches:
        decay = math.exp(-1 / min(50, 1 + (step - batches[0][0]) / 10))
        total = decay * total + (1 - decay) * value
        weight = decay * weight + 1 - decay
    return total / weight


def card(window, name, words=''):
    """The node of that name, once its card says these words too."""
    return window.wait(f'{re.escape(name)}, .*{re.escape(words)}', 'list item')


def start(*arguments):
    return Program([DIABOLO, *arguments])


def ready(window, title):
    window.wait(title, 'label')
    return window


def train(window, epochs):
    """Trains until that many epochs are done, then pauses."""
    window.wait('Train', 'push button', 'sensitive').click()
    window.wait('Pause', 'push button')
    window.wait_for(lambda: epoch(window) >= epochs, f'epoch {epochs}')
    window.wait('Pause', 'push button').click()
    window.wait('Train', 'push button')


def save_as(window, path):
    window.key('ctrl+s')
    window.wait('Name', 'text')
    window.key('ctrl+a')
    window.type(path)
    window.key('Return')
    window.wait_for(lambda: os.path.exists(path), f'file {path}')


def close(window):
    window.key('ctrl+w')
    assert window.wait_exit() == 0


def shown(window, name):
    """The buttons of that name that have a size."""
    return [each for each in window.all(name, 'push button') if each.inside()[2] > 0]


def answer(window, button):
    """Whether changes are to be saved. The bar that offers what was recovered has a button Discard, too, which stays in
    the tree without a size."""
    window.wait('Save changes to', 'dialog')
    window.wait_for(lambda: shown(window, button), 'answer to the question')
    shown(window, button)[-1].click()


def discard(window):
    """Closes a window whose changes are not wanted."""
    window.key('ctrl+w')
    answer(window, 'Discard')
    assert window.wait_exit() == 0


def port(window, name):
    return window.wait(f'{name}$', 'push button')


def palette(window, layer):
    return window.wait(f'{layer}$', 'list item')


def enter(window, field, value):
    """Types a number into a field of the inspector."""
    window.wait(field, 'spin button').click(dx=20)
    window.key('ctrl+a')
    window.type(str(value))
    window.key('Return')


def choose_sigmoid(window):
    """In the list of activations that was just opened on ReLU: the first key goes to the chosen row."""
    time.sleep(2)
    window.key('Down', 'Down', 'Down', 'Down', 'Return')


# ---- tests ----

def test_build_by_hand():
    """`simple` from an empty document, trained, edited, undone, saved, closed, opened, trained on."""
    path = os.path.join(FOLDER, 'by-hand.diabolo')
    with start() as window:
        ready(window, 'Simple autoencoder').key('ctrl+n')
        window.wait('From a template', 'push button')
        canvas = window.wait('Network canvas', 'panel')
        enter(window, 'Epochs', 100000)

        # The first layer, dragged from the palette; then moved to the left to make room.
        window.drag(palette(window, 'Input').point(), canvas.point(120, 200))
        card(window, 'Input', '28×28×1')
        window.key('ctrl+0')
        time.sleep(0.5)
        window.drag(card(window, 'Input').point(50, 15), canvas.point(70, 60))

        # Far from any port: not connected until a port is dragged onto another, in either direction.
        window.drag(palette(window, 'Flatten').point(), canvas.point(240, 330))
        card(window, 'Flatten 1', '?')
        window.drag(port(window, 'Input output').point(), port(window, 'Flatten 1 input').point())
        card(window, 'Flatten 1', '784')
        window.drag(palette(window, 'Dense').point(), canvas.point(420, 210))
        card(window, 'Dense 1', '?')
        window.drag(port(window, 'Dense 1 input').point(), port(window, 'Flatten 1 output').point())
        card(window, 'Dense 1', '25,120 parameters')

        # Added after the selected one, the next ones are connected by themselves.
        card(window, 'Dense 1').click(dx=50, dy=15)
        palette(window, 'Dense').click(times=2)
        card(window, 'Dense 2', '1,056 parameters')
        palette(window, 'Reconstruction loss').click(times=2)
        card(window, 'Loss')

        # 32 values against 784 pixels: the window knows the remedy.
        window.wait('Set units to 784', 'push button').press()
        card(window, 'Dense 2', '25,872 parameters')
        window.key('ctrl+z')
        card(window, 'Dense 2', '1,056 parameters')
        window.key('ctrl+shift+z')
        card(window, 'Dense 2', '25,872 parameters')
        card(window, 'Dense 2').click(dx=50, dy=15)
        window.wait('Activation', 'combo box').click()
        choose_sigmoid(window)
        card(window, 'Dense 2', 'Sigmoid')
        window.wait('No problems', 'label')

        train(window, 2)
        assert 0 < loss(window) < 0.7

        # A smaller code, and back: a layer that is not touched keeps its weights.
        card(window, 'Dense 1').click(dx=50, dy=15)
        enter(window, 'Units', 16)
        card(window, 'Dense 1', '12,560 parameters')
        card(window, 'Dense 1').click(dx=50, dy=15)
        window.key('ctrl+z')
        card(window, 'Dense 1', '25,120 parameters')

        save_as(window, path)
        done, shown = epoch(window), loss(window)
        close(window)

    assert abs(shown / smooth_loss(path) - 1) < 1e-3, (shown, smooth_loss(path))
    assert cli('check', path) == 'No problems.\n'
    summary = json.loads(cli('summary', path, '--json'))
    assert '50992' in json.dumps(summary), summary
    before = json.loads(cli('evaluate', path, '--json'))['validation_loss']

    with start(path) as window:
        ready(window, 'by-hand')
        card(window, 'Dense 2', '25,872 parameters')
        window.wait_for(lambda: epoch(window) == done, f'epoch {done} again')
        train(window, done + 2)
        window.key('ctrl+s')
        time.sleep(1)
        close(window)
    assert json.loads(cli('evaluate', path, '--json'))['validation_loss'] < before


def test_keyboard_only():
    """The same network without a pointer."""
    if PATIENCE > 60:
        raise Skip('test-canvas-actions, test-inspector and test-lesson go by keys under sanitizers')
    path = os.path.join(FOLDER, 'keys.diabolo')
    with start() as window:
        ready(window, 'Simple autoencoder').key('ctrl+n')
        window.wait('From a template', 'push button')
        for layer in 'Input', 'Flatten', 'Dense', 'Dense', 'Reconstruction':
            window.key('ctrl+f')
            window.wait('Search layers', 'entry')
            window.key('ctrl+a')
            window.type(layer)
            window.wait(f'{layer}', 'list item')
            window.key('Return')
            time.sleep(0.5)
        card(window, 'Loss')
        window.key('ctrl+f', 'ctrl+a', 'BackSpace', 'F6')

        # Along the edges to the last layer, and over to its settings.
        for _ in range(8):
            window.key('Left')
        for _ in range(3):
            window.key('Right')
        window.wait('Dense 2', 'list item', 'focused')
        tab_to(window, 'Units', 'F6', 'F6')
        window.key('ctrl+a')
        window.type('784')
        window.key('Return')
        card(window, 'Dense 2', '25,872 parameters')
        tab_to(window, 'Activation')
        time.sleep(4)  # as long as a student looks; GTK's focus ring is gone by then
        window.key('space')
        choose_sigmoid(window)
        card(window, 'Dense 2', 'Sigmoid')

        window.key('F6', 'F6', 'Right')
        window.hold('space')  # an even number of presses, were each one
        window.wait_for(lambda: epoch(window) >= 1, 'epoch 1')
        window.key('space')
        window.wait('Train', 'push button')
        save_as(window, path)
        close(window)
    assert cli('check', path) == 'No problems.\n'
    assert json.loads(cli('evaluate', path, '--json'))['validation_loss'] < 0.7


def tab_to(window, name, *before):
    """Moves the focus with Tab until it is on the setting that has that name. The accessibility tree may lag behind
    the keys: a second is given to each before the next."""
    def arrived():
        return any(widget.has('focused') or any(inner.has('focused') for inner in widget.walk())
                   for widget in window.all(f'{name}$') if widget.role not in ('label', 'list item'))

    window.key(*(before or ['Tab']))
    for _ in range(30):
        deadline = time.monotonic() + 1
        while time.monotonic() < deadline:
            time.sleep(0.2)
            if arrived():
                return
        window.key('Tab')
    raise AssertionError(f'Tab does not come to “{name}”')


def next_step(window, number):
    window.wait('Next', 'push button', 'sensitive').click()
    window.wait(f'Step {number} of', 'label')


def done(window, task):
    """Waits until the program has ticked the task that begins so."""
    window.wait(task, None, 'checked')


def do_it(window, task):
    """Lets the program do the task that begins so, unless that is done by now; it is ticked then. The buttons of others
    stay in the tree, without a size."""
    window.wait_for(lambda: shown(window, 'Do it for me') or window.all(task, None, 'checked'),
                    'task that the program can do')
    if not window.all(task, None, 'checked'):
        shown(window, 'Do it for me')[0].click()
    done(window, task)


def test_first_lesson():
    """The first five minutes of a student: open, read, predict, train, see, change the code size, compare."""
    if PATIENCE > 60:
        raise Skip('what it goes through is walked through by test-lesson under sanitizers')
    with start() as window:
        ready(window, 'Simple autoencoder')
        window.wait('Lesson$').click()
        window.wait('Through the eye of a needle', 'label')
        window.wait('Step 1 of', 'label')
        card(window, 'Code').click(dx=50, dy=15)
        done(window, 'Click on the code')

        next_step(window, 2)
        window.wait('All digits at once').click()
        window.wait('Check$', 'push button', 'sensitive').click()
        window.wait('Right', 'label')
        train(window, 1)
        done(window, 'Press Train')

        next_step(window, 3)
        do_it(window, 'Train until the validation loss')
        window.wait('Train', 'push button', 'sensitive')  # the help pauses when it is done
        wide = loss(window)
        assert wide < 0.12, wide

        next_step(window, 4)
        do_it(window, 'Open the weights')

        next_step(window, 5)
        do_it(window, 'Set the units of the code to 4')
        card(window, 'Code', '3,140 parameters')
        do_it(window, 'Train again')
        assert loss(window) > wide  # four numbers hold less than 32

        next_step(window, 6)
        window.wait('Next lesson', 'push button').click()
        window.wait('Discard', 'push button').click()
        window.wait('Step 1 of', 'label')
        close(window)


def test_killed():
    """kill -9 in the middle of training: the next start offers the work back, and training goes on from there."""
    with start() as window:
        ready(window, 'Simple autoencoder')
        enter(window, 'Epochs', 100000)
        window.wait('Train', 'push button', 'sensitive').click()
        window.wait_for(lambda: epoch(window) >= 3, 'epoch 3')
        window.kill()

    with start() as window:
        window.wait('Recover “Simple autoencoder”', 'label')
        window.wait('Recover$', 'push button').click()
        window.wait_for(lambda: epoch(window) >= 1, 'an epoch that was kept')
        kept = epoch(window)
        train(window, kept + 1)
        discard(window)  # or the next window would offer it again


def test_import():
    """A network as ONNX becomes a document of its own; weights are loaded after a look at what fits."""
    network, project, weights = (os.path.join(FOLDER, name) for name in ('from.onnx', 'from.diabolo', 'from.npz'))
    cli('new', 'simple', '-o', project)
    cli('train', project, '--epochs', 1, '--limit', 256, '--quiet', '--save', project)
    cli('export', project, '--format', 'onnx', '-o', network)
    cli('import', network, '-o', project)
    cli('export', project, '--format', 'npz', '-o', weights)
    with start(network) as window:
        ready(window, '• Simple autoencoder')
        window.wait('weights from a file', 'label')
        card(window, 'code', '32')
        window.key('ctrl+o')
        window.wait('Open', 'push button')
        window.type(weights)
        window.key('Return')
        window.wait('4 weights fit', 'label')
        window.wait('Load$', 'push button', 'sensitive').click()
        window.wait('Loaded 4 weights', 'label')
        discard(window)


def test_compressed_images():
    """Opened with the project that wrote them, they wait for it, and are unpacked by it."""
    if PATIENCE > 60:
        raise Skip('test-codes-dialog looks at them under sanitizers')
    project, codes = (os.path.join(FOLDER, name) for name in ('packs.diabolo', 'images.dbcode'))
    cli('new', 'simple', '-o', project)
    cli('train', project, '--epochs', 1, '--limit', 256, '--quiet', '--save', project)
    cli('export', project, '--format', 'compressed', '-o', codes)
    with start(project, codes) as window:
        window.wait('10,000 of 28×28×1', 'label')
        window.wait('Image 0', 'table cell')
        window.key('Escape')
        close(window)


def test_take_away():
    """Encoder and decoder lead to the export dialog, by pointer and by keys; a report of the run is written there."""
    if PATIENCE > 60:
        raise Skip('test-export-dialog and test-canvas do the same under sanitizers')
    project, report = (os.path.join(FOLDER, name) for name in ('taken.diabolo', 'taken.html'))
    cli('new', 'simple', '-o', project)
    cli('train', project, '--epochs', 1, '--limit', 256, '--quiet', '--save', project)
    with start(project) as window:
        ready(window, 'taken')
        card(window, 'Code', '32')
        _, _, _, height = (canvas := window.wait('Network canvas', 'panel')).box()
        window.drag(window.wait('Decoder$', 'push button').point(), canvas.point(300, height - 90))
        window.wait('Decoder', 'push button', 'pressed')
        window.key('Escape')
        window.wait_for(lambda: not window.all('Formats', 'list'), 'dialog that has gone')
        card(window, 'Code').click(dx=50, dy=15)
        window.key('Menu')
        window.wait('Export encoder', 'menu item')
        window.key('e')
        window.wait('Encoder', 'push button', 'pressed')
        window.wait('ONNX, ', 'list item').click()
        window.key('End')
        window.wait('PNG, ', 'list item', 'selected')
        window.key('Up', 'Up', 'Up', 'Up')
        window.wait('Report, ', 'list item', 'selected')
        window.wait('Export', 'push button', 'sensitive').click()
        window.wait('Name', 'text')
        window.key('ctrl+a')
        window.type(report)
        window.key('Return')
        window.wait_for(lambda: os.path.exists(report), f'file {report}')
        window.wait('Exported “taken.html”', 'label')
        close(window)
    with open(report, encoding='utf-8') as file:
        assert file.read(15) == '<!DOCTYPE html>'


def test_start_over():
    """A lesson that is started over keeps its ticks until its network may go."""
    if PATIENCE > 60:
        raise Skip('no new code of C is run by it')
    path = os.path.join(FOLDER, 'over.diabolo')
    cli('new', 'curve', '-o', path)
    with start(path) as window:
        ready(window, 'over')
        window.wait('Step 1 of', 'label')
        window.wait('Next', 'push button').click()
        window.wait('Step 2 of', 'label')
        window.wait('Step', 'push button', 'sensitive').click()
        window.wait('Undo', 'push button')
        window.wait('Lesson menu', 'push button').click()
        window.wait('Start over', 'menu item').press()
        answer(window, 'Cancel')
        window.wait('Step 2 of', 'label')
        window.wait('Lesson menu', 'push button').click()
        window.wait('Start over', 'menu item').press()
        answer(window, 'Discard')
        window.wait('Step 1 of', 'label')
        close(window)


def test_recent():
    """Two projects of the same name are told apart in the menu; the wheel over a field turns the page, not the
    field."""
    if PATIENCE > 60:
        raise Skip('test-start and test-inspector do the same under sanitizers')
    paths = [os.path.join(FOLDER, folder, 'same.diabolo') for folder in ('monday', 'tuesday')]
    for path in paths:
        os.mkdir(os.path.dirname(path))
        cli('new', 'simple', '-o', path)
        with start(path) as window:
            ready(window, 'same')
            window.wait(r'Step \d of', 'label')  # a file with a lesson opens on its text
            close(window)
    with start() as window:
        ready(window, 'Simple autoencoder')
        epochs = window.wait('Epochs', 'spin button')
        top = epochs.box()[1]
        epochs.scroll(5)
        window.wait_for(lambda: window.wait('Epochs', 'spin button').box()[1] < top, 'page that has moved')
        window.wait('Undo', 'push button')
        assert not window.all('Undo', 'push button', 'sensitive'), 'a value was changed'
        window.key('F10')
        window.wait('Open recent', 'menu item').press()
        window.wait(r'same\.diabolo — .*/monday$', 'menu item')
        window.wait(r'same\.diabolo — .*/tuesday$', 'menu item')
        window.key('Escape', 'Escape')
        window.wait('Network canvas', 'panel', 'focused')  # where the menu has been left, keys still do what they do
        close(window)


def main():
    global FOLDER
    tests = [(name[5:].replace('_', '-'), test) for name, test in globals().items() 
             if name.startswith('test_') and (len(sys.argv) < 4 or sys.argv[3] in name)]
    print(f'1..{len(tests)}', flush=True)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        FOLDER = folder
        for number, (name, test) in enumerate(tests, 1):
            try:
                test()
                print(f'ok {number} {name}', flush=True)
            except Skip as reason:
                print(f'ok {number} {name} # SKIP {reason}', flush=True)
            except Exception:  # pylint: disable=broad-except
                failed += 1
                print(f'not ok {number} {name}', flush=True)
                print('# ' + traceback.format_exc().replace('\n', '\n# '), flush=True)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
