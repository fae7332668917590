#!/usr/bin/python3
"""test-cli.py DIABOLO-CLI: the command line as a script uses it, end to end, on a small data set. Speaks TAP."""
import base64
import csv
import html.parser
import io
import json
import os
import pathlib
import re
import signal
import struct
import subprocess
import sys
import tempfile
import time
import traceback
import xml.etree.ElementTree
import zipfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from event_file import read_events  # noqa: E402  pylint: disable=wrong-import-position

CLI = os.path.abspath(sys.argv[1])
FOLDER = None  # set by main()


def run(*arguments, status=0):
    """Runs diabolo-cli in FOLDER; gives its standard output and standard error."""
    done = subprocess.run([CLI, *map(str, arguments)], cwd=FOLDER, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, timeout=120)
    assert done.returncode == status, \
        f'{arguments}: exit status {done.returncode}, expected {status}\n{done.stdout}{done.stderr}'
    return done.stdout, done.stderr


def run_json(*arguments):
    return json.loads(run(*arguments, '--json')[0])


def write_idx(path, array):
    header = struct.pack('>BBBB', 0, 0, 8, array.ndim) + struct.pack(f'>{array.ndim}I', *array.shape)
    path.write_bytes(header + array.astype(np.uint8).tobytes())


def make_data(folder):
    """Bright squares at ten places, as MNIST's files are named."""
    folder.mkdir()
    random = np.random.default_rng(1)
    for name, n in ('train', 256), ('t10k', 64):
        labels = random.integers(0, 10, n)
        images = random.integers(0, 40, (n, 28, 28))
        for image, label in zip(images, labels):
            row, column = divmod(int(label), 5)
            image[4 + 12 * row:12 + 12 * row, 1 + 5 * column:6 + 5 * column] = 230
        write_idx(folder / f'{name}-images-idx3-ubyte', images)
        write_idx(folder / f'{name}-labels-idx1-ubyte', labels)


def trained(name, *options):
    run('new', 'simple', '-o', name)
    return run_json('train', name, '--data', 'squares', '--batch-size', 32, '--epochs', 2, '--save', name, *options)


# ---- what there is ----

def test_lists():
    lessons = run_json('lessons')['lessons']
    assert lessons[0]['id'] == 'simple' and len(lessons) >= 10
    assert run('lessons')[0].splitlines()[0].startswith('simple')
    layers = {layer['id']: layer for layer in run_json('layers')['layers']}
    assert 'units' in [parameter['name'] for parameter in layers['dense']['parameters']]
    assert 'digits' in [data['id'] for data in run_json('datasets')['datasets']]


def test_every_lesson_is_a_project_without_problems():
    for lesson in run_json('lessons')['lessons']:
        run('new', lesson['id'], '-o', 'lesson.diabolo')
        assert run('check', 'lesson.diabolo')[0] == 'No problems.\n'


def test_summary():
    run('new', 'simple', '-o', 'summary.diabolo')
    text = run('summary', 'summary.diabolo')[0]
    assert '50,992' in text or '50992' in text, text
    assert '50992' in json.dumps(run_json('summary', 'summary.diabolo'))


# ---- training ----

def test_train_goes_on_and_evaluates():
    first = trained('on.diabolo')
    assert first['epochs'] == 2 and first['steps'] == 16 and len(first['history']) == 2
    assert first['history'][1]['loss'] < first['history'][0]['loss']
    assert first['history'][1]['validation_loss'] == first['validation_loss']
    evaluated = run_json('evaluate', 'on.diabolo')
    assert abs(evaluated['validation_loss'] - first['validation_loss']) < 1e-6 and evaluated['samples'] == 64
    part, = evaluated['parts']
    assert abs(part['loss'] - first['validation_loss']) < 1e-6
    assert 0 < part['mae'] < 1 and part['psnr'] > 5 and -1 < part['ssim'] < 1
    assert 'PSNR' in run('evaluate', 'on.diabolo')[0]

    more = run_json('train', 'on.diabolo', '--epochs', 3, '--save', 'on.diabolo', '--history', 'on.csv')
    assert more['epochs'] == 5 and len(more['history']) == 5
    assert more['loss'] < first['loss']
    rows = (FOLDER / 'on.csv').read_text(encoding='utf-8').splitlines()
    assert rows[0] == 'run,name,kind,epoch,step,loss,accuracy,seconds,learning_rate,mae,mse,psnr,ssim' and \
         len(rows) == 1 + 5 * (8 + 2)
    run('export', 'on.diabolo', '--format', 'csv', '-o', 'exported.csv')
    assert (FOLDER / 'exported.csv').read_bytes() == (FOLDER / 'on.csv').read_bytes()


def test_going_on_is_as_never_stopping():
    trained('stopped.diabolo', '--epochs', 1)
    run('train', 'stopped.diabolo', '--epochs', 1, '--save', 'stopped.diabolo')
    trained('whole.diabolo')
    assert weights('stopped.diabolo') == weights('whole.diabolo')


def test_schedules_outlive_files():
    settings = ['--set=' + text for text in ('schedule=plateau', 'plateau-patience=1', 'plateau-difference=1',
                                             'warm-up=3', 'warm-up-unit=batches', 'clip-norm=0.05')]
    trained('stopped.diabolo', '--epochs', 2, *settings)
    run('train', 'stopped.diabolo', '--epochs', 2, '--save', 'stopped.diabolo')
    whole = trained('whole.diabolo', '--epochs', 4, *settings)
    assert weights('stopped.diabolo') == weights('whole.diabolo')
    assert 0 < whole['learning_rate'] < 1e-4, whole['learning_rate']
    assert 'learning rate' in run('train', 'whole.diabolo', '--epochs', 1)[0]
    run('train', 'whole.diabolo', '--set', 'schedule=never', status=2)
    run('train', 'whole.diabolo', '--set', 'schedule', status=2)
    run('train', 'whole.diabolo', '--set', 'no-such-setting=1', status=2)


def test_threads_give_the_same_bits():
    for threads in 1, 2, 3:
        trained(f'{threads}.diabolo', '--threads', threads)
    assert weights('1.diabolo') == weights('2.diabolo') == weights('3.diabolo')
    trained('seed.diabolo', '--seed', 7)
    assert weights('seed.diabolo') != weights('1.diabolo')


def test_stages_go_on():
    """A stage takes what it shares with the one before; that one's own output stays behind."""
    for stage in 'stacked', 'stacked:second', 'stacked:third', 'stacked:classifier':
        run('new', stage, '-o', 'stage.diabolo')
        before = ['--weights', 'before.diabolo'] if stage != 'stacked' else []
        run('train', 'stage.diabolo', '--data', 'squares', '--limit', 64, '--epochs', 1, *before, '--save',
            'before.diabolo')


def test_all_stages():
    """One command does what one for each stage does."""
    options = ['--data', 'squares', '--limit', 64, '--epochs', 2]
    result = run_json('train', 'stacked', '--all-stages', *options, '--save', 'final.diabolo')
    assert [stage['epochs'] for stage in result['stages']] == [2] * 4, result
    assert result['stages'][3]['title'] == 'Stacked autoencoder, classifier'
    assert result['stages'][3]['loss'] == result['loss'] and result['epochs'] == 2
    for stage in 'stacked', 'stacked:second', 'stacked:third', 'stacked:classifier':
        run('new', stage, '-o', 'stage.diabolo')
        before = ['--weights', 'before.diabolo'] if stage != 'stacked' else []
        run('train', 'stage.diabolo', *options, *before, '--save', 'before.diabolo')
    assert weights('final.diabolo') == weights('before.diabolo')
    assert 'accuracy' in run('evaluate', 'final.diabolo')[0]
    text = run('train', 'transfer', '--all-stages', *options)[0]
    assert 'stage 1 of 2' in text and 'stage 2 of 2' in text, text
    run('train', 'simple', '--all-stages', status=1)
    run('train', 'final.diabolo', '--all-stages', status=1)


def test_early_stopping_keeps_the_best():
    result = trained('early.diabolo', '--epochs', 40, '--learning-rate', '0.3', '--set', 'patience=2', '--set',
                     'keep-best=true')
    assert result['epochs'] < 40 and result['weights_epoch'] == result['epochs'] - 2 == result['best_epoch'], result
    kept = run_json('evaluate', 'early.diabolo')['validation_loss']
    assert abs(kept - result['best_validation_loss']) < 1e-6, (kept, result)


def test_held_out_samples_validate():
    settings = ['--set=validation=training', '--set=validation-share=0.25']
    whole = trained('whole.diabolo', *settings)
    of = {part: run_json('evaluate', 'whole.diabolo', '--on', part) for part in ('training', 'validation', 'test')}
    assert [of[part]['samples'] for part in of] == [192, 64, 64], of
    assert abs(of['validation']['validation_loss'] - whole['validation_loss']) < 1e-6
    assert of['test']['validation_loss'] != of['validation']['validation_loss']
    assert run_json('evaluate', 'whole.diabolo') == of['test']
    run('evaluate', 'whole.diabolo', '--on', 'all', status=2)

    trained('stopped.diabolo', '--epochs', 1, *settings)
    run('train', 'stopped.diabolo', '--epochs', 1, '--save', 'stopped.diabolo')
    assert weights('stopped.diabolo') == weights('whole.diabolo')


def weights(project):
    with zipfile.ZipFile(FOLDER / project) as archive:
        return archive.read('weights.safetensors')


def test_options_change_the_run():
    base = trained('base.diabolo')['loss']
    for options in ('--learning-rate', '0.01'), ('--optimizer', 'sgd'), ('--limit', '64'), ('--no-shuffle',):
        assert trained('other.diabolo', *options)['loss'] != base, options


def test_quiet_and_plain_output():
    run('new', 'simple', '-o', 'quiet.diabolo')
    plain, _ = run('train', 'quiet.diabolo', '--data', 'squares', '--epochs', 3)
    quiet, errors = run('train', 'quiet.diabolo', '--data', 'squares', '--epochs', 3, '--quiet')
    assert plain.count('epoch ') >= 3 and quiet.count('\n') == 1 and errors == ''


def test_interrupt_leaves_a_whole_project():
    run('new', 'simple', '-o', 'long.diabolo')
    process = subprocess.Popen([CLI, 'train', 'long.diabolo', '--data', 'squares', '--epochs', '1000000',
                                '--save', 'cut.diabolo'], cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.readline()
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1 and b'interrupted' in errors, errors
    run('evaluate', 'cut.diabolo')
    assert run_json('train', 'cut.diabolo', '--epochs', 1)['epochs'] > 1


# ---- mistakes ----

def altered(name, change):
    """The lesson `simple` as a file whose design.json went through change()."""
    run('new', 'simple', '-o', 'good.diabolo')
    with zipfile.ZipFile(FOLDER / 'good.diabolo') as good, zipfile.ZipFile(FOLDER / name, 'w') as bad:
        for entry in good.infolist():
            data = good.read(entry)
            if entry.filename == 'design.json':
                design = json.loads(data)
                change(design)
                data = json.dumps(design)
            bad.writestr(entry, data)


def node(design, layer, position=0):
    return [each for each in design['nodes'] if each['type'] == layer][position]


def add_after(design, before, layer, count=1, **params):
    """Layers between a node and what it feeds first."""
    edge = next(each for each in design['edges'] if each['from'][0] == before)
    for _ in range(count):
        new = max(each['id'] for each in design['nodes']) + 1
        design['nodes'].append({'id': new, 'type': layer, 'name': f'New {new}', 'x': 0, 'y': 0, 'params': params})
        design['edges'].append({'from': edge['from'], 'to': [new, 0]})
        edge['from'] = [new, 0]


def test_mistakes_are_told_with_their_numbers():
    def units(design):
        node(design, 'dense', 1)['params']['units'] = 128
    altered('bad.diabolo', units)
    text = run('check', 'bad.diabolo', status=1)[0]
    assert 'gives 128 values, but the target' in text and 'has 784.' in text and 'Fix: Set units to 784' in text, text
    told = run_json_failing('check', 'bad.diabolo')['diagnostics'][0]
    assert told['severity'] == 'error' and told['fix'] == 'Set units to 784' and told['node'], told
    assert 'gives 128 values' in run('train', 'bad.diabolo', status=1)[1]

    altered('bad.diabolo', lambda design: add_after(design, node(design, 'input')['id'], 'conv2d',
                                                    **{'kernel-size': 31, 'padding': 'valid'}))
    text = run('check', 'bad.diabolo', status=1)[0]
    assert 'a window of 31×31 does not fit into an image of 28×28' in text and 'Fix: Set Padding to Same' in text, text

    altered('bad.diabolo', lambda design: design['edges'].remove(
        next(each for each in design['edges'] if each['to'] == [node(design, 'reconstruction-loss')['id'], 1])))
    text = run('check', 'bad.diabolo', status=1)[0]
    assert 'The target of' in text and 'Fix: Connect to' in text, text


def run_json_failing(*arguments):
    return json.loads(run(*arguments, '--json', status=1)[0])


def test_loops_and_double_edges_are_told():
    def loop(design):
        first, second = node(design, 'dense')['id'], node(design, 'dense', 1)['id']
        design['edges'] = [each for each in design['edges'] if each['to'][0] != first]
        design['edges'].append({'from': [second, 0], 'to': [first, 0]})
    altered('bad.diabolo', loop)
    told = run('check', 'bad.diabolo', status=1)[0]
    assert 'is part of a loop' in told and '→' in told and 'Fix: Remove the edge from Output' in told, told

    altered('bad.diabolo', lambda design: design['edges'].append(
        {'from': [node(design, 'input')['id'], 0], 'to': [node(design, 'dense')['id'], 0]}))
    told = run('check', 'bad.diabolo', status=1)[0]
    assert 'Two edges enter the input of Code' in told, told


def test_what_does_not_fit_into_memory_is_refused():
    altered('huge.diabolo', lambda design: add_after(design, node(design, 'flatten')['id'], 'dense', 12, units=65536))
    started = time.monotonic()
    for verb, stream in ('check', 0), ('train', 1):
        text = run(verb, 'huge.diabolo', status=1)[stream]
        assert re.search(r'needs about [\d.,]+\s[TP]B of memory, but there are [\d.,]+\s[MGT]B', text), text
    assert time.monotonic() - started < 20


# ---- numbers in and out ----

def test_run_equals_the_formula():
    trained('run.diabolo')
    x = np.random.default_rng(2).random((300, 28, 28, 1))
    np.save(FOLDER / 'x.npy', x)
    for part, output in ('all', 'y.npy'), ('encoder', 'code.npy'):
        run('run', 'run.diabolo', '--input', 'x.npy', '--output', output, '--part', part)
    run('run', 'run.diabolo', '--input', 'code.npy', '--output', 'decoded.npy', '--part', 'decoder')
    run('run', 'run.diabolo', '--input', 'x.npy', '--output', 'node.npy', '--node', 'Code')
    y, code, decoded, node = (np.load(FOLDER / f'{name}.npy') for name in ('y', 'code', 'decoded', 'node'))

    run('export', 'run.diabolo', '--format', 'npz', '-o', 'run.npz')
    w = np.load(FOLDER / 'run.npz')
    expected_code = np.maximum(x.reshape(300, 784) @ w['Code/kernel'] + w['Code/bias'], 0)
    expected = 1 / (1 + np.exp(-(expected_code @ w['Output/kernel'] + w['Output/bias'])))
    assert code.shape == (300, 32) and y.shape == (300, 784) and y.dtype == np.float32
    np.testing.assert_allclose(code, expected_code, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(node, code)
    np.testing.assert_allclose(decoded, y, rtol=1e-5, atol=1e-6)


def test_denoising_runs_on_what_the_network_sees():
    run('new', 'denoising-dense', '-o', 'noise.diabolo')
    run('train', 'noise.diabolo', '--data', 'squares', '--epochs', 1, '--save', 'noise.diabolo', '--quiet')
    np.save(FOLDER / 'seen.npy', np.full((4, 784), 0.5))
    run('run', 'noise.diabolo', '--input', 'seen.npy', '--output', 'clean.npy')
    clean = np.load(FOLDER / 'clean.npy')
    np.testing.assert_allclose(clean, clean[:1].repeat(4, 0), rtol=1e-5)  # no noise is added


def test_export_and_import():
    loss = trained('here.diabolo')['validation_loss']
    for form in 'safetensors', 'npz':
        run('export', 'here.diabolo', '--format', form, '-o', f'there.{form}')
    run('import', 'there.safetensors', '-o', 'back.diabolo')  # the network is in the metadata
    run('new', 'simple', '-o', 'into.diabolo')
    run('import', 'there.npz', '-o', 'into.diabolo')          # the network is in the project
    for project in 'back.diabolo', 'into.diabolo':
        evaluated = run_json('evaluate', project, '--data', 'squares')
        assert abs(evaluated['validation_loss'] - loss) < 1e-6, project
    started = run_json('train', 'into.diabolo', '--data', 'squares', '--epochs', 1, '--weights', 'there.safetensors')
    assert started['history'][0]['loss'] < loss * 1.2

    run('export', 'here.diabolo', '--format', 'npz', '--part', 'decoder', '-o', 'decoder.npz')
    assert sorted(np.load(FOLDER / 'decoder.npz')) == ['Output/bias', 'Output/kernel']


def test_onnx_export():
    trained('model.diabolo')
    for part in 'all', 'encoder', 'decoder':
        run('export', 'model.diabolo', '--format', 'onnx', '--part', part, '-o', f'{part}.onnx')
    assert b'onnx' in subprocess.run([CLI, 'export', '--help'], capture_output=True).stdout
    assert (FOLDER / 'all.onnx').stat().st_size > 4 * 2 * 784 * 32


def test_codes():
    """Every sample of the part, in the data's order, as `run` gives it."""
    trained('coder.diabolo')
    told = run_json('export', 'coder.diabolo', '--format', 'codes', '-o', 'codes.npy', '--set', 'samples=train')
    assert told['samples'] == 256 and told['values'] == 32
    images = np.frombuffer((FOLDER / 'squares/train-images-idx3-ubyte').read_bytes()[16:], np.uint8)
    labels = np.frombuffer((FOLDER / 'squares/train-labels-idx1-ubyte').read_bytes()[8:], np.uint8)
    np.save(FOLDER / 'train.npy', images.reshape(256, 28, 28, 1) / np.float32(255))
    run('run', 'coder.diabolo', '--input', 'train.npy', '--output', 'train-codes.npy', '--part', 'encoder')
    codes = np.load(FOLDER / 'codes.npy')
    assert codes.shape == (256, 32) and codes.dtype == np.float32
    np.testing.assert_allclose(codes, np.load(FOLDER / 'train-codes.npy'), rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(np.load(FOLDER / 'codes.labels.npy'), labels)

    assert 'Samples: 64' in run('export', 'coder.diabolo', '--format', 'codes-csv', '-o', 'codes.csv')[0]
    lines = (FOLDER / 'codes.csv').read_text().splitlines()
    assert lines[0] == 'index,label,' + ','.join(f'z{i + 1}' for i in range(32)) and len(lines) == 65
    table = np.array([line.split(',') for line in lines[1:]], float)
    labels = np.frombuffer((FOLDER / 'squares/t10k-labels-idx1-ubyte').read_bytes()[8:], np.uint8)
    np.testing.assert_array_equal(table[:, 0], range(64))
    np.testing.assert_array_equal(table[:, 1], labels)
    run('export', 'coder.diabolo', '--format', 'codes', '-o', 'codes.npy')
    np.testing.assert_array_equal(table[:, 2:].astype(np.float32), np.load(FOLDER / 'codes.npy'))

    run('new', 'mlp', '-o', 'classes.diabolo')
    run('train', 'classes.diabolo', '--data', 'squares', '--epochs', 1, '--save', 'classes.diabolo', '--quiet')
    assert 'no code' in run('export', 'classes.diabolo', '--format', 'codes', '-o', 'none.npy', status=1)[1]
    assert not (FOLDER / 'none.npy').exists()


def test_compressed_images():
    trained('packer.diabolo')
    few = run_json('export', 'packer.diabolo', '--format', 'compressed', '-o', 'few.dbcode', '--set', 'bits=2')
    told = run_json('export', 'packer.diabolo', '--format', 'compressed', '-o', 'all.dbcode', '--set', 'bits=8')
    packed = (FOLDER / 'all.dbcode').read_bytes()
    assert told['bytes'] == len(packed) and told['images'] == 64 and told['bits'] == 8
    assert few['bytes'] < told['bytes'] and few['mse'] > told['mse'] >= 0.99 * told['exact_mse']
    assert told['jpeg_bytes_per_image'] + 500 < told['jpeg_file_bytes_per_image']

    run('run', 'packer.diabolo', '--input', 'all.dbcode', '--output', 'unpacked.npy')
    unpacked = np.load(FOLDER / 'unpacked.npy')
    images = np.frombuffer((FOLDER / 'squares/t10k-images-idx3-ubyte').read_bytes()[16:], np.uint8)
    squares = (unpacked - images.reshape(64, 28, 28, 1) / 255.0) ** 2
    assert unpacked.shape == (64, 28, 28, 1)
    np.testing.assert_allclose(squares.mean(), told['mse'], rtol=1e-5)
    np.testing.assert_allclose(-10 * np.log10(squares.mean(axis=(1, 2, 3))).mean(), told['psnr'], rtol=1e-5)

    run('run', 'packer.diabolo', '--input', 'all.dbcode', '--output', 'pictures/')
    names = sorted(path.name for path in (FOLDER / 'pictures').iterdir())
    assert names == [f'image-{i:02}.png' for i in range(64)]

    trained('other.diabolo', '--seed', 5)
    assert 'another network' in run('run', 'other.diabolo', '--input', 'all.dbcode', '--output', 'no.npy', status=1)[1]
    for name, content in ('cut', packed[:len(packed) // 2]), ('end', packed[:-2]), ('bad', packed[:-40] + bytes(40)):
        (FOLDER / f'{name}.dbcode').write_bytes(content)
        assert f'{name}.dbcode' in run('run', 'packer.diabolo', '--input', f'{name}.dbcode',
                                       '--output', 'no.npy', status=1)[1]
    assert not (FOLDER / 'no.npy').exists()


def test_tensorboard():
    """An independent reader finds the rows of the history, the weights and the images."""
    trained('board.diabolo', '--history', 'board.csv')
    told = run_json('export', 'board.diabolo', '--format', 'tensorboard', '-o', 'board.tfevents', '--set', 'images=3')
    events = read_events(FOLDER / 'board.tfevents')
    assert events[0].file_version == 'brain.Event:2' and told['histograms'] == 4 and told['images'] == 3
    assert [event.step for event in events] == sorted(event.step for event in events)
    values = {}
    for event in events[1:]:
        for value in event.summary.value:
            values.setdefault(value.tag, []).append((event.step, event.wall_time, value))

    rows = list(csv.DictReader(open(FOLDER / 'board.csv')))
    for tag in 'loss/batch', 'loss/epoch', 'loss/validation', 'learning_rate/batch', 'psnr/validation':
        column, kind = tag.split('/')
        expected = [(int(row['step']), float(row[column])) for row in rows if row['kind'] == kind]
        assert [step for step, _, _ in values[tag]] == [step for step, _ in expected] and expected, tag
        np.testing.assert_allclose([value.simple_value for _, _, value in values[tag]],
                                   [number for _, number in expected], rtol=1e-6)
    seconds = [float(row['seconds']) for row in rows if row['kind'] == 'epoch']
    times = [time_ for _, time_, _ in values['loss/epoch']]
    assert abs((times[1] - times[0]) - (seconds[1] - seconds[0])) < 1e-3 and abs(times[1] - time.time()) < 60

    run('export', 'board.diabolo', '--format', 'npz', '-o', 'board.npz')
    for name, weights in np.load(FOLDER / 'board.npz').items():
        (step, _, value), = values[f'weights/{name}']
        histogram, w = value.histo, weights.astype(float)
        assert step == 16 and histogram.num == w.size == sum(histogram.bucket)
        np.testing.assert_allclose([histogram.min, histogram.max, histogram.sum, histogram.sum_squares],
                                   [w.min(), w.max(), w.sum(), (w ** 2).sum()], rtol=1e-5, atol=1e-5)
        edges = [histogram.min, *histogram.bucket_limit]
        if len(histogram.bucket) > 1:  # a value at an edge may fall to either side
            assert np.abs(np.histogram(w, edges)[0] - histogram.bucket).sum() <= 0.001 * w.size + 4

    (_, _, value), = values['images/reconstructions']
    assert value.image.encoded_image_string.startswith(b'\x89PNG')
    assert (value.image.width, value.image.height) == (3 * 30 - 2, 2 * 28 + 2)
    assert struct.unpack('>II', value.image.encoded_image_string[16:24]) == (value.image.width, value.image.height)


def test_onnx_import():
    loss = trained('model.diabolo')['validation_loss']
    run('export', 'model.diabolo', '--format', 'onnx', '-o', 'model.onnx')
    run('import', 'model.onnx', '-o', 'again.diabolo')
    assert abs(run_json('evaluate', 'again.diabolo', '--data', 'squares')['validation_loss'] - loss) < 1e-5
    broken = (FOLDER / 'model.onnx').read_bytes()
    (FOLDER / 'broken.onnx').write_bytes(broken[:len(broken) // 2])
    assert 'broken.onnx' in run('import', 'broken.onnx', '-o', 'none.diabolo', status=1)[1]
    assert not (FOLDER / 'none.diabolo').exists()


def test_weights_that_match():
    trained('whole.diabolo')
    run('export', 'whole.diabolo', '--format', 'npz', '-o', 'whole.npz')
    arrays = dict(np.load(FOLDER / 'whole.npz'))
    arrays['Output/bias'] = np.zeros(7, np.float32)
    arrays['Head/kernel'] = arrays.pop('Code/bias')
    np.savez(FOLDER / 'partly.npz', **arrays)
    run('new', 'simple', '-o', 'takes.diabolo')
    before = (FOLDER / 'takes.diabolo').read_bytes()
    listed = run('import', 'partly.npz', '-o', 'takes.diabolo', '--preview')[0]
    for line in ('fits\tCode/kernel\t784×32', 'missing\tCode/bias\t32', 'left over\tHead/kernel\t32',
                 'other shape\tOutput/bias\t7, the network needs 784', '2 of 4 weights fit'):
        assert line in listed, line
    run('import', 'partly.npz', '-o', 'takes.diabolo', status=1)
    assert (FOLDER / 'takes.diabolo').read_bytes() == before
    run('import', 'partly.npz', '-o', 'takes.diabolo', '--matching')
    assert arrays['Code/kernel'].tobytes() in weights('takes.diabolo')

    # A state dict of PyTorch's: the same weights, units first, under names of its own.
    whole = dict(np.load(FOLDER / 'whole.npz'))
    names = {'Code/kernel': 'fc1.weight', 'Code/bias': 'fc1.bias', 'Output/kernel': 'fc2.weight',
             'Output/bias': 'fc2.bias'}
    np.savez(FOLDER / 'torch.npz', **{names[name]: np.ascontiguousarray(array.T) for name, array in whole.items()})
    run('new', 'simple', '-o', 'again.diabolo')
    listed = run('import', 'torch.npz', '-o', 'again.diabolo', '--preview')[0]
    assert 'fits\tCode/kernel\t32×784\tby shape and order: fc1.weight' in listed
    run('import', 'torch.npz', '-o', 'again.diabolo', status=1)  # unseen, names decide
    run('import', 'torch.npz', '-o', 'again.diabolo', '--matching')
    assert whole['Output/kernel'].tobytes() in weights('again.diabolo')
    assert (FOLDER / 'encoder.onnx').stat().st_size < (FOLDER / 'all.onnx').stat().st_size * 0.6


def test_scripts():
    trained('model.diabolo')
    run('train', 'model.diabolo', '--data', 'squares', '--epochs', 1, '--set', 'watch=psnr', '--set', 'patience=2',
        '--save', 'watches.diabolo', '--quiet')
    assert 'another number than the loss' in run('export', 'watches.diabolo', '--format', 'pytorch', '-o', 'w.py')[1]
    assert 'another number' in (FOLDER / 'w.py').read_text().replace('\n   ', '')
    for form, beside in ('pytorch', '.safetensors'), ('keras', '.weights.npz'):
        for part in 'all', 'decoder':
            run('export', 'model.diabolo', '--format', form, '--part', part, '-o', f'{form} {part}.py')
            compile((FOLDER / f'{form} {part}.py').read_text(), part, 'exec')
            assert (FOLDER / f'{form} {part}{beside}').stat().st_size > 4 * 784 * 32
    with np.load(FOLDER / 'keras all.weights.npz') as weights:
        assert weights['code/kernel'].shape == (784, 32) and weights['sample.output.output'].shape == (2, 784)


def test_figures():
    run('new', 'variational', '-o', 'drawn.diabolo')
    start = {'svg': b'<?xml', 'pdf': b'%PDF-', 'png': b'\x89PNG', 'dot': b'digraph'}
    for form, begins in start.items():
        run('export', 'drawn.diabolo', '--format', form, '-o', f'drawn.{form}')
        assert (FOLDER / f'drawn.{form}').read_bytes().startswith(begins), form


class Page(html.parser.HTMLParser):
    """A report as a browser reads it: its tables as rows of text, where <data> gives its value."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tables, self.attributes, self.heading = [], [], [], {}
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.attributes += [(tag, *attribute) for attribute in attrs]
        if tag == 'table':
            self.tables.append([])
        elif tag == 'tr':
            self.tables[-1].append([])
        elif tag in ('th', 'td'):
            self.tables[-1][-1].append('')
        elif tag == 'data':
            self.tables and self.tables[-1] and self.tables[-1][-1].__setitem__(-1, dict(attrs)['value'])
        if tag != 'meta':
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.attributes += [(tag, *attribute) for attribute in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ('th', 'td'):
            self.tables[-1][-1][-1] += data
        elif self.open and self.open[-1] in ('title', 'h1', 'lead'):
            self.heading[self.open[-1]] = data


def rename(path, title, names):
    """Gives a project and some of its nodes other names."""
    with zipfile.ZipFile(FOLDER / path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    design = json.loads(files['design.json'])
    design['title'] = title
    for node in design['nodes']:
        node['name'] = names.get(node['name'], node['name'])
    files['design.json'] = json.dumps(design).encode()
    with zipfile.ZipFile(FOLDER / path, 'w') as archive:
        for name, data in files.items():
            archive.writestr(name, data)


def test_report():
    title, layer = '</title><script>alert("1")</script> & \x07', '<b>"A" & \'B\' &#x1;</b>'
    run('new', 'simple', '-o', 'told.diabolo')
    rename('told.diabolo', title, {'Code': layer})
    run('train', 'told.diabolo', '--data', FOLDER / 'squares', '--batch-size', 32, '--epochs', 2, '--save',
        'told.diabolo', '--quiet')
    run('export', 'told.diabolo', '--format', 'html', '-o', 'told.html')
    text = (FOLDER / 'told.html').read_text(encoding='utf-8')
    xml.etree.ElementTree.fromstring(text)
    page = Page(text)
    shown = title.replace('\x07', '\ufffd')
    assert page.heading == {'title': shown, 'h1': shown}, page.heading
    # Nothing from elsewhere, and no script.
    assert not {tag for tag, *_ in page.attributes} & {'script', 'link', 'iframe', 'object'}
    for _, name, value in page.attributes:
        assert not name.startswith('on') and 'javascript:' not in value, (name, value)
        if name in ('src', 'href', 'xlink:href'):
            assert value.startswith(('data:image/png;base64,', '#')), value
        elif not name.startswith('xmlns'):
            assert '//' not in value and 'url(' not in value.replace('url(#', ''), (name, value)
    assert '@import' not in text and 'url(' not in text.replace('url(#', '')
    ids = [value for _, name, value in page.attributes if name == 'id']
    links = {value[1:] for _, name, value in page.attributes if name == 'xlink:href'}
    assert len(ids) == len(set(ids)) and links and links <= set(ids)
    # Of where the data lie on this machine a reader learns nothing.
    assert str(FOLDER) not in text
    pictures = [base64.b64decode(value[22:]) for _, name, value in page.attributes if name == 'src']
    assert len(pictures) > 80 and all(picture.startswith(b'\x89PNG') for picture in pictures)
    check_report_numbers(page, layer)
    # From the start with other weights: another run, of which the page tells, beside the first.
    run('train', 'told.diabolo', '--seed', 7, '--epochs', 1, '--save', 'told.diabolo', '--quiet')
    run('export', 'told.diabolo', '--format', 'html', '-o', 'told.html')
    page = Page((FOLDER / 'told.html').read_text(encoding='utf-8'))
    assert [row[0] for row in page.tables[1]] == ['Run', 'Run 1', 'Run 2'], page.tables[1]
    del page.tables[1]
    check_report_numbers(page, layer, name='Run 2', epochs=1)


def check_report_numbers(page, layer, name='Run 1', epochs=2):
    run('export', 'told.diabolo', '--format', 'csv', '-o', 'told.csv')
    with open(FOLDER / 'told.csv', encoding='utf-8', newline='') as file:
        rows = [row for row in csv.DictReader(file) if row['name'] == name]
    results, layers = page.tables[:2]
    found = {}
    for measure, part, last, best, epoch in results[1:]:
        found[measure, part] = last
        column = {'Loss': 'loss', 'Mean squared error': 'mse', 'Mean absolute error': 'mae', 'PSNR': 'psnr',
                  'SSIM': 'ssim'}[measure]
        kind = {'training': 'epoch', 'validation': 'validation'}[part]
        values = [(row[column], float(row['epoch'])) for row in rows if row['kind'] == kind]
        assert last == values[-1][0], (measure, last, values)
        greatest = column in ('psnr', 'ssim')
        wanted = sorted(values, key=lambda value: float(value[0]), reverse=greatest)[0]
        assert (best, float(epoch)) == wanted, (measure, best, wanted)
    assert {('Loss', 'training'), ('Loss', 'validation'), ('PSNR', 'validation')} <= set(found), found
    summary = run_json('summary', 'told.diabolo')
    assert [row[0] for row in layers[1:-2]] == [node['name'] for node in summary['layers']]
    assert layer in [row[0] for row in layers]
    assert layers[-2][-1] == f"{summary['parameters']:,}"
    settings = {row[0]: row[1] for table in page.tables for row in table if len(row) == 2}
    assert settings['Epochs'] == str(epochs) and settings['Batch size'] == '32' and settings['Training samples'] == '256'
    assert settings['Data set'] == 'squares'
    samples = [table for table in page.tables if table[0][0] == 'Sample']
    assert [[row[0] for row in table] for table in samples] == \
        2 * [['Sample', 'Class', 'Input', 'Code', 'Output', 'Difference', 'Error']]
    assert samples[0][1][1:] == [str(label) for label in range(10)]
    worst = [float(error) for error in samples[1][-1][1:]]
    assert worst == sorted(worst, reverse=True) and len(worst) == 10


def test_bench():
    figures = run_json('bench', 'simple', '--seconds', '0.05', '--threads', '1')
    assert figures['threads'] == 1 and figures['lessons'][0]['samples_per_second'] > 0
    assert figures['lessons'][0]['multiply_adds'] == 2 * 784 * 32


def test_bench_inference():
    simple, cnn = run_json('bench', 'simple', 'cnn', '--inference', '--seconds', '0.02', '--threads', '1')['lessons']
    assert simple['one_sample_seconds'] > 0 and simple['codes_seconds'] > 0 and simple['codes'] == 10000
    assert 'samples_per_second' not in simple
    assert cnn['one_sample_seconds'] > 0


# ---- what is refused ----

WRONG = [  # (arguments, exit status, words on standard error)
    ([], 2, 'Usage'),
    (['fly'], 2, 'diabolo-cli: fly: there is no such verb'),
    (['lessons', '--jsn'], 2, 'diabolo-cli: lessons: '),
    (['new', 'simple'], 2, '-o FILE'),
    (['new', 'simplest', '-o', 'no.diabolo'], 1, 'simple, curve'),
    (['check', 'missing.diabolo'], 1, 'missing.diabolo'),
    (['check'], 2, 'FILE'),
    (['train', 'good.diabolo', '--epochs', 'many'], 2, 'many'),
    (['train', 'good.diabolo', '--epochs', '0'], 2, '0'),
    (['train', 'good.diabolo', '--learning-rate', '-1'], 2, '-1'),
    (['train', 'good.diabolo', '--optimizer', 'magic'], 2, 'adam'),
    (['train', 'good.diabolo', '--threads', '-3'], 2, '-3'),
    (['train', 'good.diabolo', '--data', 'nowhere'], 1, 'nowhere'),
    (['train', 'good.diabolo', '--data', 'squares', '--weights', 'wide.npz.safetensors'], 1, 'wide.npz.safetensors'),
    (['train', 'good.diabolo', '--data', 'squares', '--weights', 'wide.diabolo'], 1, '784×32'),
    (['train', 'cut-short.diabolo', '--save', 'no.diabolo'], 1, 'cut-short.diabolo'),
    (['evaluate', 'text.diabolo'], 1, 'text.diabolo'),
    (['run', 'good.diabolo', '--input', 'x.npy'], 2, '--output'),
    (['run', 'good.diabolo', '--input', 'short.npy', '--output', 'no.npy'], 1, 'short.npy'),
    (['run', 'good.diabolo', '--input', 'narrow.npy', '--output', 'no.npy'], 1, '784'),
    (['run', 'good.diabolo', '--input', 'x.npy', '--output', 'no.npy', '--part', 'middle'], 2, 'middle'),
    (['run', 'good.diabolo', '--input', 'x.npy', '--output', 'no.npy', '--node', 'Core'], 1, 'Core'),
    (['run', 'fresh.diabolo', '--input', 'x.npy', '--output', 'no.npy'], 1, 'trained'),
    (['export', 'good.diabolo', '--format', 'tape', '-o', 'no.tape'], 2, 'safetensors'),
    (['export', 'good.diabolo', '--format', 'codes', '-o', 'no.npy', '--set', 'samples=most'], 1, 'train'),
    (['export', 'good.diabolo', '--format', 'compressed', '-o', 'no', '--set', 'bits=9'], 1, '1 to 8'),
    (['export', 'good.diabolo', '--format', 'tensorboard', '-o', 'no', '--set', 'run=7'], 1, 'no run 7'),
    (['export', 'fresh.diabolo', '--format', 'npz', '-o', 'no.npz'], 1, 'trained'),
    (['export', 'fresh.diabolo', '--format', 'html', '-o', 'no.html'], 1, 'no runs'),
    (['export', 'good.diabolo', '--format', 'onnx', '-o', 'nowhere/no.onnx'], 1, 'nowhere/no.onnx'),
    (['export', 'good.diabolo', '--format', 'csv', '--part', 'encoder', '-o', 'no.csv'], 1, 'no parts'),
    (['import', 'x.npy', '-o', 'no.diabolo'], 2, 'x.npy'),
    (['import', 'good.npz', '-o', 'no.diabolo'], 1, 'no.diabolo'),
    (['import', 'good.npz', '-o', 'wide.diabolo'], 1, '784×64'),
    (['bench', 'simplest', '--seconds', '0.1'], 1, 'simplest'),
]


# ---- data of every kind ----

def write_payments():
    """One row in 50 is fraud; one is short, one has a word for a number."""
    random = np.random.default_rng(2)
    rows = ['hour,' + ','.join(f'V{i}' for i in range(28)) + ',Class']
    for i in range(1000):
        fraud = i % 50 == 7
        values = random.normal(size=28) + 3 * fraud
        rows.append(f'{i},' + ','.join(f'{v:.4f}' for v in values) + f',{int(fraud)}')
    rows[100] = '1,2,3'
    rows[200] = rows[200].replace('199,', 'noon,', 1)
    (FOLDER / 'payments.csv').write_text('\n'.join(rows), encoding='utf-8')


def test_a_table_is_read_again_as_it_was():
    write_payments()
    run('new', 'fraud', '-o', 'table.diabolo')
    _, errors = run('train', 'table.diabolo', '--data', 'payments.csv', status=1)
    assert 'payments.csv' in errors and 'row 101' in errors and 'unusable=skip' in errors, errors
    how = ['--set', 'unusable=skip', '--set', 'scaling=standardise', '--set', 'test-share=0.2']
    _, errors = run('train', 'table.diabolo', '--data', 'payments.csv', *how, '--epochs', 2, '--save',
                    'table.diabolo', '--quiet')
    assert 'row 101' in errors and 'row 201' in errors, errors
    with zipfile.ZipFile(FOLDER / 'table.diabolo') as archive:
        data = json.loads(archive.read('design.json'))['data']
    assert data['unusable'] == 'skip' and data['test-share'] == 0.2 and 'separator' not in data, data
    assert run('check', 'table.diabolo')[0] == 'No problems.\n'
    again = run_json('evaluate', 'table.diabolo')
    assert again['samples'] == 200, again
    run('evaluate', 'table.diabolo', '--set', 'unusable=refuse', status=1)


def test_generated_data_are_scaled_too():
    plain = run_json('datasets', 'waves')['fields'][0]
    scaled = run_json('datasets', 'waves', '--set', 'scaling=standardise')['fields'][0]
    assert plain['deviation'] < 0.6 and abs(scaled['mean']) < 1e-3 and abs(scaled['deviation'] - 1) < 1e-3
    run('new', 'mlp', '-o', 'scaled.diabolo')
    run('train', 'scaled.diabolo', '--data', 'digits', '--set', 'scaling=standardise', '--limit', 256, '--epochs', 1,
        '--save', 'scaled.diabolo', '--quiet')
    with zipfile.ZipFile(FOLDER / 'scaled.diabolo') as archive:
        assert json.loads(archive.read('design.json'))['data']['scaling'] == 'standardise'
    run('export', 'scaled.diabolo', '--format', 'onnx', '-o', 'scaled.onnx')
    assert b'scaled: (x - 0.131' in (FOLDER / 'scaled.onnx').read_bytes()


def test_datasets_tells_what_will_hurt():
    write_payments()
    told = run_json('datasets', 'payments.csv', '--set', 'unusable=skip')
    assert told['format'] == 'csv' and told['training'] + told['test'] == 998
    hour = told['columns'][0]
    assert hour['name'] == 'hour' and hour['role'] == 'feature' and hour['max'] == 999
    assert [c['name'] for c in told['classes']] == ['0', '1'] and told['classes'][1]['test'] == 2
    assert len(told['notes']) == 2
    settings = [warning['setting'] for warning in told['warnings']]
    assert 'scaling=standardise' in settings, told['warnings']
    mended = run_json('datasets', 'payments.csv', '--set', 'unusable=skip', '--set', settings[0])
    assert len(mended['warnings']) == len(told['warnings']) - 1
    assert abs(mended['fields'][0]['mean']) < 1e-3
    text = run('datasets', 'payments.csv', '--set', 'unusable=skip')[0]
    assert 'hour' in text and 'warning: ' in text and 'note: ' in text


def test_a_data_set_is_kept_and_forgotten():
    write_payments()
    run('datasets', 'payments.csv', '--set', 'unusable=skip', '--keep')
    assert 'payments' in [data['id'] for data in run_json('datasets')['datasets']]
    assert run_json('datasets', 'payments')['training'] == 898
    run('datasets', 'payments', '--forget')
    assert 'payments' not in [data['id'] for data in run_json('datasets')['datasets']]
    run('datasets', '--keep', status=2)
    run('datasets', 'digits', '--keep', status=2)


def test_arrays():
    random = np.random.default_rng(3)
    images = random.integers(0, 256, (120, 28, 28), dtype=np.uint8)
    labels = np.arange(120) % 10
    np.savez_compressed(FOLDER / 'set.npz', x_train=images[:100], y_train=labels[:100],
                        x_test=images[100:], y_test=labels[100:])
    told = run_json('datasets', 'set.npz')
    assert told['training'] == 100 and told['fields'][0]['shape'] == [28, 28, 1] and not told['warnings'], told
    for name, array in (('flat.npy', images.reshape(120, 784)), ('order.npy', images.astype('>f8'))):
        np.save(FOLDER / name, array)
        told = run_json('datasets', name, '--set', 'image-shape=28x28')
        assert told['fields'][0]['shape'] == [28, 28, 1] and told['fields'][0]['max'] == 1, told
    run('new', 'mlp', '-o', 'arrays.diabolo')
    run('train', 'arrays.diabolo', '--data', 'set.npz', '--epochs', 1, '--quiet')


def test_colour_pictures_train():
    random = np.random.default_rng(4)
    (FOLDER / 'colours').mkdir()
    for name, n in ('data_batch_1.bin', 64), ('test_batch.bin', 16):
        records = random.integers(0, 256, (n, 3073), dtype=np.uint8)
        records[:, 0] = np.arange(n) % 10
        (FOLDER / 'colours' / name).write_bytes(records.tobytes())
    for lesson, options in ('cnn', []), ('variational', ['--set', 'seed=1']):
        run('new', lesson, '-o', 'colours.diabolo')
        arguments = ['train', 'colours.diabolo', '--data', 'colours', '--epochs', 1, '--quiet', *options]
        if lesson == 'cnn':
            run(*arguments)
        else:
            assert '784' in run(*arguments, status=1)[1]


def test_wrong():
    trained('good.diabolo')
    run('export', 'good.diabolo', '--format', 'npz', '-o', 'good.npz')
    run('new', 'simple', '-o', 'fresh.diabolo')
    run('new', 'vanilla', '-o', 'wide.diabolo')
    run('train', 'wide.diabolo', '--data', 'squares', '--epochs', 1, '--save', 'wide.diabolo', '--quiet')
    np.save(FOLDER / 'x.npy', np.zeros((3, 784), np.float32))
    np.save(FOLDER / 'narrow.npy', np.zeros((3, 100), np.float32))
    whole = io.BytesIO()
    np.save(whole, np.zeros((3, 784), np.float32))
    (FOLDER / 'short.npy').write_bytes(whole.getvalue()[:-10])
    (FOLDER / 'cut-short.diabolo').write_bytes((FOLDER / 'good.diabolo').read_bytes()[:-100])
    (FOLDER / 'text.diabolo').write_text('no archive', encoding='utf-8')
    (FOLDER / 'wide.npz.safetensors').write_bytes(b'\xff' * 64)
    before = {path: path.read_bytes() for path in FOLDER.glob('*.*')}
    for arguments, status, words in WRONG:
        output, errors = run(*arguments, status=status)
        assert words in errors, (arguments, errors)
        assert output == '', (arguments, output)
        assert not arguments or errors.startswith('diabolo-cli: ') and errors.count('\n') == 1, (arguments, errors)
    assert {path: path.read_bytes() for path in FOLDER.glob('*.*')} == before, 'something was written'


def test_check_of_a_broken_network():
    run('new', 'simple', '-o', 'broken.diabolo')
    with zipfile.ZipFile(FOLDER / 'broken.diabolo') as archive:
        design = json.loads(archive.read('design.json'))
        others = {name: archive.read(name) for name in archive.namelist() if name != 'design.json'}
    for node in design['nodes']:
        if node['name'] == 'Output':
            node['params']['units'] = 100
    with zipfile.ZipFile(FOLDER / 'broken.diabolo', 'w') as archive:
        archive.writestr('design.json', json.dumps(design))
        for name, data in others.items():
            archive.writestr(name, data)
    output, _ = run('check', 'broken.diabolo', status=1)
    assert output.startswith('error: ') and '784' in output and '100' in output
    assert 'Set units to 784' in output
    _, errors = run('train', 'broken.diabolo', '--data', 'squares', status=1)
    assert '784' in errors


def main():
    global FOLDER
    tests = [(name[5:].replace('_', '-'), test) for name, test in globals().items() if name.startswith('test_')]
    print(f'1..{len(tests)}', flush=True)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        FOLDER = pathlib.Path(folder)
        os.environ['XDG_DATA_HOME'] = folder
        make_data(FOLDER / 'squares')
        for number, (name, test) in enumerate(tests, 1):
            try:
                test()
                print(f'ok {number} {name}', flush=True)
            except Exception:  # pylint: disable=broad-except
                failed += 1
                print(f'not ok {number} {name}', flush=True)
                print('# ' + traceback.format_exc().replace('\n', '\n# '), flush=True)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
