#!/usr/bin/python3
"""keras-check.py DIR: the scripts in DIR, run on tests/engine/keras-stub, one line each: NAME<TAB>"ok" or what is wrong.

NAME.case holds inputs, outputs and the loss as the engine has them. A script whose name begins with "training" is put
through its training, which the stand-in only follows: where it is to end early, the second epoch is never better. It
gives NAME.case's outputs for the first test samples of bars.npz."""
import argparse
import contextlib
import importlib.util
import io
import pathlib
import py_compile
import sys
import warnings

import numpy as np

from script_check import check_prediction, tell_all

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / 'keras-stub'))
sys.dont_write_bytecode = True
warnings.simplefilter('error', SyntaxWarning)
import keras  # noqa: E402  pylint: disable=wrong-import-position

TOLERANCE = 1e-4
WEIGHTED = {'training_11', 'training_13'}  # of test-scripts.c: with class weights 1, 5, 2, 3
folder = pathlib.Path(sys.argv[1])


def load_script(path):
    py_compile.compile(str(path), doraise=True, cfile=str(path.with_suffix('.pyc')))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_tensors(path):
    """A .safetensors file."""
    import json
    data = path.read_bytes()
    begin = 8 + int.from_bytes(data[:8], 'little')
    return {name: np.frombuffer(data[begin:][slice(*entry['data_offsets'])], '<f4').reshape(entry['shape'])
            for name, entry in json.loads(data[8:begin]).items()}


def difference(found, expected):
    if np.shape(found) != np.shape(expected):
        return f'{np.shape(found)} in place of {np.shape(expected)}'
    error = np.abs(found - expected).max() / max(np.abs(expected).max(), 1e-3)
    return None if error <= TOLERANCE else f'{error:.2g} away'


def check_disturbance(network):
    """What a layer does in training keeps shape and sense."""
    x = np.random.default_rng(1).random((4, 32, 30, 2))
    for layer in network.layers:
        if hasattr(layer, 'disturb'):
            y, strength = layer.disturb(x), getattr(layer, 'amount', 1)
            if hasattr(layer, 'flips'):
                strength = layer.shift or any(flips for _, flips in layer.flips)
            if y.shape != x.shape or np.array_equal(x, y) == bool(strength):
                return f'{layer.name}, of strength {strength}, makes {y.shape} of {x.shape}'
    return None


def check(path):
    module = load_script(path)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        module.check()
    if said.getvalue().count(': agrees') != len(module.OUTPUTS):
        return said.getvalue()
    case = read_tensors(path.with_suffix('.case'))
    network = module.build_network()
    with np.load(module.WEIGHTS) as archive:
        there = {name.split('/')[0] for name in archive.files if '/' in name}
    if there != {layer.name for layer in network.layers if layer.weights}:
        return f'weights of {there}'
    module.load(network)
    data = {name[3:]: values for name, values in case.items() if name.startswith('in.')}
    outputs = network([data[name] for name in module.INPUTS])
    for name, output in zip(module.OUTPUTS, outputs if isinstance(outputs, list) else [outputs]):
        wrong = difference(output, case['out.' + name])
        if wrong:
            return f'{name}: {wrong}'
    if 'loss' in case:
        module.compile_network(network)
        wrong = difference(network.evaluate(*module.fields_for_fit(data)), case['loss'][0])
        if wrong:
            return f'loss: {wrong}'
    return check_disturbance(network) or 'ok'


def check_class_weights(module):
    """In training rows count as their class does, in validation all alike."""
    labels = np.eye(4, dtype=np.float32)[[2, 0, 3, 1]]
    data = {name: labels if name == 'label' else np.zeros((4, *shape), np.float32)
            for name, shape in module.FIELDS.items()}
    counted, alike = module.sample_weights(data, True), module.sample_weights(data, False)
    if counted is None:
        return 'no classes are weighed' if module.__name__ in WEIGHTED else 'ok'
    if not np.allclose(counted[1], np.array([1, 5, 2, 3])[[2, 0, 3, 1]]) or not np.allclose(alike[1], 1):
        return f'classes count {counted[1]}, in validation {alike[1]}'
    return 'ok' if np.allclose(counted[0], 1) else 'other losses are weighed'


def check_training(path):
    module = load_script(path)
    network = module.build_network()
    module.load(network)
    wrong = check_prediction(module, network, folder / 'bars.npz', read_tensors(path.with_suffix('.case')),
                             difference)
    if wrong:
        return wrong
    found = path.with_suffix('.found.npz')
    options = argparse.Namespace(data=folder / 'bars.npz', epochs=module.EPOCHS, seed=0, weights=module.WEIGHTS,
                                 save=found)
    module.train(options)
    epochs = 2 if module.PATIENCE else module.EPOCHS
    if keras.epochs_done != epochs:
        return f'{keras.epochs_done} epochs in place of {epochs}'
    way = keras.NUDGE * (1 if module.KEEP_BEST else epochs)
    with np.load(found) as kept, np.load(module.WEIGHTS) as expected:
        names, wanted = (sorted((name for name in archive.files if not name.startswith('sample.')),
                                key=lambda name: name.split('/')[0]) for archive in (kept, expected))
        if [kept[name].shape for name in names] != [expected[name].shape for name in wanted]:
            return f'{names} in place of {wanted}'
        for name, before in zip(names, wanted):
            if not np.allclose(kept[name] - expected[before], way, atol=1e-5):
                return f'{name} is of another epoch'
    return check_class_weights(module)


tell_all(folder, check, check_training)
