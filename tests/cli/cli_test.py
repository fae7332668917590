"""cli_test.py: what the tests of the command line share: the program, a folder of their own with a small data set, TAP."""
import atexit
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import traceback
import zipfile

import numpy as np

CLI = os.path.abspath(sys.argv[1])
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix='diabolo-cli-'))
atexit.register(shutil.rmtree, FOLDER)


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


def stored_weights(project):
    with zipfile.ZipFile(FOLDER / project) as archive:
        return archive.read('weights.safetensors')


def run_tests(names):
    """Every function of names that is called test_..., with 'squares' in FOLDER; gives the exit status."""
    tests = [(name[5:].replace('_', '-'), test) for name, test in names.items() if name.startswith('test_')]
    print(f'1..{len(tests)}', flush=True)
    failed = 0
    os.environ['XDG_DATA_HOME'] = str(FOLDER)
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
