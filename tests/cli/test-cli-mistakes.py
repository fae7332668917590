#!/usr/bin/python3
"""test-cli-mistakes.py DIABOLO-CLI: what is wrong, told by name and number, and nothing written. Speaks TAP."""
import io
import json
import re
import sys
import time
import zipfile

import numpy as np

from cli_test import FOLDER, run, run_tests, trained


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


if __name__ == '__main__':
    sys.exit(run_tests(globals()))
