#!/usr/bin/python3
"""torch-check.py DIR: what PyTorch makes of the scripts in DIR, one line each: NAME<TAB>"ok" or what is wrong.

NAME.case holds inputs, outputs and the loss as the engine has them, images channels last. A script whose name begins
with "training" is to come from its weights to those of NAME_after.py on bars.npz, the first of them in two processes,
too; and to give NAME.case's outputs for its first test samples."""
import argparse
import contextlib
import importlib.util
import io
import os
import pathlib
import socket
import subprocess
import sys

import torch

from script_check import check_prediction, tell, tell_all

TOLERANCE = 1e-4
TRAINING_TOLERANCE = 1e-3
PATIENCE = 200  # seconds, on a machine that is busy with much else
folder = pathlib.Path(sys.argv[1])
torch.set_num_threads(1)


def load_script(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def channels_first(tensor):
    return tensor.permute(0, 3, 1, 2) if tensor.dim() == 4 else tensor


def difference(found, expected):
    if found.shape != expected.shape:
        return f'{tuple(found.shape)} in place of {tuple(expected.shape)}'
    error = float((found - expected).abs().max() / expected.abs().max().clamp_min(1e-3))
    return None if error <= TOLERANCE else f'{error:.2g} away'


@torch.no_grad()
def check_values(module, case):
    network = module.Network().eval()
    module.load(network)
    batch = {name[3:]: channels_first(tensor) for name, tensor in case.items() if name.startswith('in.')}
    outputs = network(*(batch[name] for name in module.INPUTS))
    several = outputs if isinstance(outputs, tuple) else (outputs,)
    for name, output in zip(module.OUTPUTS, several):
        wrong = difference(output, channels_first(case['out.' + name]))
        if wrong:
            return f'{name}: {wrong}'
    if 'loss' in case:
        wrong = difference(module.loss_function(network, outputs, batch).reshape(1), case['loss'])
        if wrong:
            return f'loss: {wrong}'
    return None


def check_start(module):
    """New weights are as wide as those of the checkpoint were drawn, and the same twice."""
    first, second = ((torch.manual_seed(1), module.Network())[1].state_dict() for _ in range(2))
    for name, tensor in first.items():
        if not torch.isfinite(tensor).all() or not torch.equal(tensor, second[name]):
            return f'{name} is left to chance'
    return None


def check(path):
    module = load_script(path)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        module.check()
    if said.getvalue().count(': agrees') != len(module.OUTPUTS):
        return said.getvalue()
    wrong = check_values(module, module.read_safetensors(path.with_suffix('.case')))
    if not wrong and hasattr(module, 'train'):
        wrong = check_start(module)
    return wrong or 'ok'


def compare_weights(module, found, expected):
    """Of the way that training went."""
    before = module.read_safetensors(module.WEIGHTS)
    found, expected = module.read_safetensors(found), module.read_safetensors(expected)
    for name, tensor in found.items():
        way = float((expected[name] - before[name]).abs().max())
        error = float((tensor - expected[name]).abs().max())
        if not error <= TRAINING_TOLERANCE * way or (way == 0) != ('frozen' in name or 'running' in name):
            return f'{name}: {error:.2g} away after a way of {way:.2g}'
    return 'ok'


def check_training(path):
    module = load_script(path)
    network = module.Network()
    module.load(network)
    wrong = check_prediction(module, network, folder / 'bars.npz', module.read_safetensors(path.with_suffix('.case')),
                             lambda found, expected: difference(torch.from_numpy(found), expected))
    if wrong:
        return wrong
    found = path.with_suffix('.found')
    options = argparse.Namespace(data=folder / 'bars.npz', epochs=module.EPOCHS, seed=0, weights=module.WEIGHTS,
                                 save=found)
    with contextlib.redirect_stdout(io.StringIO()):
        module.train(options)
    return compare_weights(module, found, path.with_name(path.stem + '_after.safetensors'))


def check_distributed(path):
    """As torchrun starts it: its own processes find each other through the environment."""
    module = load_script(path)
    found = path.with_suffix('.distributed')
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = str(free.getsockname()[1])
    processes = [subprocess.Popen(
        [sys.executable, path, folder / 'bars.npz', '--weights', module.WEIGHTS, '--save', found],
        env={**os.environ, 'RANK': str(rank), 'WORLD_SIZE': '2', 'MASTER_ADDR': '127.0.0.1', 'MASTER_PORT': port,
             'OMP_NUM_THREADS': '1'},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for rank in range(2)]
    try:
        said = [process.communicate(timeout=PATIENCE)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
    for process, text in zip(processes, said):
        if process.returncode:
            return ' '.join(text.split())
    if said[0].count('epoch') != module.EPOCHS or 'epoch' in said[1]:
        return f'the processes said {said}'
    return compare_weights(module, found, path.with_name(path.stem + '_after.safetensors'))


tell_all(folder, check, check_training)
tell('distributed', check_distributed, folder / 'training_0.py')
