#!/usr/bin/python3
"""make-reference.py BUILD: writes the files that the tests of the second witness read, with Debian's python3-torch.

BUILD is a build directory: its tests/engine/test-reference and test-reference-networks say (--cases) what is to be
worked out, from the registries. Inputs and weights are not in the files: both sides make them from a formula.
PyTorch computes in double precision here, so that what differs is Diabolo's own rounding."""
import argparse
import json
import os
import pathlib
import struct
import subprocess
import sys

import numpy
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from torch_design import Loss, Network, Registry  # noqa: E402  pylint: disable=wrong-import-position
from torch_layers import LAYERS, Sampling, to_design, to_native  # noqa: E402  pylint: disable=wrong-import-position
from torch_optimizers import keras_optimizer  # noqa: E402  pylint: disable=wrong-import-position

HERE = pathlib.Path(__file__).resolve().parent
MOST = 64  # REFERENCE_MOST


def uniform(name, count, start=0):
    """reference_uniform() of tests/engine/reference-fixture.h."""
    seed = 2166136261
    for byte in name.encode():
        seed = (seed ^ byte) * 16777619 & 0xffffffff
    h = (seed + numpy.arange(start, start + count, dtype=numpy.uint64) * 2654435769) & 0xffffffff
    h = (h ^ (h >> numpy.uint64(16))) * 2246822507 & 0xffffffff
    h = (h ^ (h >> numpy.uint64(13))) * 3266489909 & 0xffffffff
    h ^= h >> numpy.uint64(16)
    return (h >> numpy.uint64(8)).astype(numpy.float32) / numpy.float32(16777216)


def fill(name, shape, scale, offset):
    """reference_fill(): in single precision, as there."""
    u = uniform(name, int(numpy.prod(shape)))
    values = numpy.float32(offset) + numpy.float32(scale) * (2 * u - 1)
    return torch.from_numpy(values.reshape(shape)).double()


def classes(name, count, n_classes):
    return torch.from_numpy(numpy.floor(uniform(name, count) * numpy.float32(n_classes))).double()


class File:
    def __init__(self):
        self.tensors = {}

    def add(self, name, tensor, sampled=False):
        values = tensor.detach().reshape(-1).numpy().astype('<f4')
        if sampled and len(values) > MOST:
            values = values[numpy.arange(MOST) * len(values) // MOST]
        self.tensors[name] = values

    def write(self, path):
        header, at = {}, 0
        for name, values in self.tensors.items():
            header[name] = {'dtype': 'F32', 'shape': [len(values)], 'data_offsets': [at, at + values.nbytes]}
            at += values.nbytes
        text = json.dumps(header, separators=(',', ':')).encode()
        text += b' ' * (-len(text) % 8)
        with open(path, 'wb') as file:
            file.write(struct.pack('<Q', len(text)) + text + b''.join(v.tobytes() for v in self.tensors.values()))
        print(f'{path.name}: {len(self.tensors)} tensors, {os.path.getsize(path)} bytes')


def make_inputs(case, batch):
    inputs = []
    for i, spec in enumerate(case['inputs']):
        name, shape = f'{case["name"]}/in{i}', [batch, *spec['shape']]
        if spec['classes']:
            values = classes(name, int(numpy.prod(shape)), spec['classes']).reshape(shape)
        else:
            values = fill(name, shape, spec['scale'], spec['offset'])
        inputs.append(values.requires_grad_())
    return inputs


def layer_case(file, case, batch):
    name, inputs = case['name'], make_inputs(case, batch)
    if 'loss' in case['params']:
        loss = Loss(case['params'], False)(*[to_native(x) for x in inputs])
        loss.backward()
        file.add(f'{name}/loss', loss)
        file.add(f'{name}/in0/gradient', inputs[0].grad)
        return
    layer = LAYERS[case['type']](case['params'], [spec['shape'] for spec in case['inputs']], False)
    layer.weight_penalties = False  # the trainer's
    for key, weight in layer.weights.items():
        shape = list(weight.read().shape)
        weight.write(fill(f'{name}/{key}', shape, 0.7, 1 if key == 'moving-variance' else 0.1))
    output = to_design(layer(*[to_native(x) for x in inputs]))
    wanted = fill(f'{name}/wanted', list(output.shape), 1, 0)
    loss = 3 * torch.nn.functional.mse_loss(output, wanted)
    if layer.penalty is not None:
        loss = loss + layer.penalty
    loss.backward()
    layer.eval()
    file.add(f'{name}/output', to_design(layer(*[to_native(x) for x in inputs])))
    file.add(f'{name}/loss', loss)
    for i, x in enumerate(inputs):
        file.add(f'{name}/in{i}/gradient', torch.zeros_like(x) if x.grad is None else x.grad)
    for key, weight in layer.weights.items():
        file.add(f'{name}/{key}/gradient', weight.read(of_gradient=True))


def optimizer_case(file, case, steps, count):
    weight = torch.nn.Parameter(fill(f'{case["name"]}/start', [count], 1, 0))
    optimizer = keras_optimizer(case['type'], case['params'], [weight])
    for step in range(1, steps + 1):
        noise = torch.from_numpy(uniform(f'{case["name"]}/gradient', count, step * count)).double()
        weight.grad = 0.3 * weight.detach() + 2 * noise - 1
        optimizer.step()
    file.add(f'{case["name"]}/after', weight)


def network_case(file, registry, case, samples, steps):
    design = json.loads(case['design'])
    shapes = {int(node): shape for node, shape in case['inputs'].items()}
    network = Network(registry, design, shapes)
    for layer in network.nodes.values():
        if isinstance(layer, Sampling):
            layer.noise = False
    weights = network.weights()
    for spec in case['weights']:
        key = f'{spec["node"]:.0f}/{spec["name"]}'
        weights[key].write(fill(f'{case["name"]}/{key}', spec['shape'], spec['scale'], spec['offset']))
    fields = {}
    for spec in case['fields']:
        name, shape = f'{case["name"]}/sample/{spec["name"]}', [samples, *spec['shape']]
        if spec['classes']:
            of_sample = classes(name, samples, spec['classes']).long()
            fields[spec['name']] = torch.nn.functional.one_hot(of_sample, int(spec['classes'])).double()
        else:
            fields[spec['name']] = to_native(fill(name, shape, 0.5, 0.5))
    optimizer = keras_optimizer(*registry.optimizer(design),
                                [weight for weight in network.parameters() if weight.requires_grad])
    losses = []
    for step in range(steps):
        optimizer.zero_grad()
        loss = network(fields)
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            for node in case['outputs']:
                file.add(f'{case["name"]}/{node:.0f}/output', to_design(network.values[int(node), 0]), True)
            for key, weight in weights.items():
                file.add(f'{case["name"]}/{key}/gradient', weight.read(of_gradient=True), True)
        optimizer.step()
    file.add(f'{case["name"]}/losses', torch.tensor(losses))
    for key, weight in weights.items():
        file.add(f'{case["name"]}/{key}/after', weight.read(), True)


def cases(build, test):
    return json.loads(subprocess.run([build / 'tests' / 'engine' / test, '--cases'], stdout=subprocess.PIPE,
                                     check=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('build', type=pathlib.Path)
    options = parser.parse_args()
    torch.set_default_dtype(torch.float64)

    listed, file = cases(options.build, 'test-reference'), File()
    for case in listed['layers']:
        layer_case(file, case, int(listed['batch']))
    for case in listed['optimizers']:
        optimizer_case(file, case, int(listed['steps']), int(listed['values']))
    file.write(HERE / 'layers.safetensors')

    listed, file = cases(options.build, 'test-reference-networks'), File()
    registry = Registry(options.build / 'app' / 'cli' / 'diabolo-cli')
    for case in listed['networks']:
        network_case(file, registry, case, int(listed['samples']), int(listed['steps']))
    file.write(HERE / 'networks.safetensors')


if __name__ == '__main__':
    main()
