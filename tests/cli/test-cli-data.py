#!/usr/bin/python3
"""test-cli-data.py DIABOLO-CLI: data of every kind. Speaks TAP."""
import json
import re
import sys
import zipfile

import numpy as np

from cli_test import FOLDER, run, run_json, run_tests


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
    run('export', 'scaled.diabolo', '--format', 'pytorch', '-o', 'scaled.py')
    assert re.search(r'SCALING = {\n    "image": \(0\.131\d+, 1 / 0\.3\d+\),\n}', (FOLDER / 'scaled.py').read_text())
    np.save(FOLDER / 'digits.npy', np.zeros((2, 784), np.float32))
    assert 'must be scaled' in run('run', 'scaled.diabolo', '--input', 'digits.npy', '--node', 'Output',
                                   '--output', 'y.npy')[1]


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


if __name__ == '__main__':
    sys.exit(run_tests(globals()))
