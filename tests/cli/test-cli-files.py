#!/usr/bin/python3
"""test-cli-files.py DIABOLO-CLI: numbers in and out: run, every exporter that writes for programs, import. Speaks TAP."""
import csv
import struct
import subprocess
import sys
import time

import numpy as np

from cli_test import CLI, FOLDER, run, run_json, run_tests, stored_weights, trained
from event_file import read_events


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


def test_run_of_a_classifier_gives_probabilities():
    run('new', 'mlp', '-o', 'classes.diabolo')
    run('train', 'classes.diabolo', '--data', 'squares', '--epochs', 1, '--save', 'classes.diabolo', '--quiet')
    x = np.random.default_rng(3).random((5, 784))
    np.save(FOLDER / 'classes-x.npy', x)
    run('run', 'classes.diabolo', '--input', 'classes-x.npy', '--output', 'classes.npy', '--part', 'all')
    run('run', 'classes.diabolo', '--input', 'classes-x.npy', '--output', 'no.npy', '--part', 'decoder', status=1)
    run('export', 'classes.diabolo', '--format', 'npz', '-o', 'classes.npz')
    w = np.load(FOLDER / 'classes.npz')
    hidden = np.maximum(x @ w['Dense 1/kernel'] + w['Dense 1/bias'], 0)
    powers = np.exp(hidden @ w['Output/kernel'] + w['Output/bias'])
    np.testing.assert_allclose(np.load(FOLDER / 'classes.npy'), powers / powers.sum(1, keepdims=True), rtol=1e-4)
    assert 'classifier' in subprocess.run([CLI, 'run', '--help'], capture_output=True, text=True).stdout


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
    assert arrays['Code/kernel'].tobytes() in stored_weights('takes.diabolo')

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
    assert whole['Output/kernel'].tobytes() in stored_weights('again.diabolo')
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
    # What stands behind the code of a classifier gives nothing back.
    run('new', 'features:classifier', '-o', 'head.diabolo')
    run('export', 'head.diabolo', '--format', 'dot', '-o', 'head.dot')
    drawn, head = ((FOLDER / f'{name}.dot').read_text() for name in ('drawn', 'head'))
    assert 'label="Decoder"' in drawn and 'label="Decoder"' not in head and 'label="Encoder"' in head
    for name in run_json('summary', 'head.diabolo')['layers']:
        assert '{' + name['name'].replace(' ', '\\ ') + '|' in head, name['name']


if __name__ == '__main__':
    sys.exit(run_tests(globals()))
