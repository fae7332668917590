#!/usr/bin/python3
"""make-reference.py BUILD [CASE...]: writes the files that the tests of the second witness read, with Debian's python3-torch.

BUILD is a build directory: its tests/engine/test-reference and test-reference-networks say (--cases) what is to be
worked out, from the registries. With names ("simple", "dense/relu", "dense") only those cases are worked out anew, and
what no case has any more is dropped. Inputs and weights are not in the files: both sides make them from a formula.
PyTorch computes in double precision here, so that what differs is Diabolo's own rounding.

Training makes some differences grow: where a unit stands at the kink of a relu, where two pixels of a pool are all but
equal, where an optimizer divides a gradient of all but 0 by its own size. From such a start no two programs agree, and
PyTorch in single precision not with itself in double. So a run counts only where weights that start a little apart
(STIR) end nearly as close (SETTLED); otherwise it starts from the next weights that the formula gives. A few runs take
shorter steps beside (SLOWER)."""
import argparse
import functools
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
from torch_optimizers import Scheduler, keras_optimizer  # noqa: E402  pylint: disable=wrong-import-position

HERE = pathlib.Path(__file__).resolve().parent
MOST = 64  # REFERENCE_MOST
MOST_AFTER = 16  # REFERENCE_MOST_AFTER
STIR, SETTLED = 1e-6, 3e-5  # of each weight; of the largest weight of a tensor
STIRRED_RUNS = 2
MOST_STARTS = 30
# The learning rate is multiplied by this where float32 falls off another side of a kink than double all the same.
SLOWER = {'inception/rmsprop': 0.01, 'residual/rmsprop': 0.01, 'residual': 0.1, 'denoising-convolutional:adadelta/nadam': 0.1,
          'denoising-convolutional:adadelta/rmsprop': 0.01,
          'convolutional/rmsprop': 0.01, 'cnn/rmsprop': 0.01, 'cnn': 0.1, 'denoising-convolutional/rmsprop': 0.01,
          'convolutional-resized/nadam': 0.1, 'convolutional-resized/rmsprop': 0.01, 'augmentation': 0.1, 'gaps': 0.01}


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


def taken(tensor, most):
    """At most so many values of a tensor, at equal distances."""
    values = tensor.detach().reshape(-1).numpy().astype('<f4')
    return values[numpy.arange(most) * len(values) // most] if len(values) > most else values


def prefixes(name):
    """The name and what comes before each of its strokes."""
    parts = name.split('/')
    return ['/'.join(parts[:n]) for n in range(1, len(parts) + 1)]


def read(path):
    """The tensors of a file, by name."""
    content = path.read_bytes()
    length, = struct.unpack('<Q', content[:8])
    for name, entry in json.loads(content[8:8 + length]).items():
        start, end = (8 + length + offset for offset in entry['data_offsets'])
        yield name, numpy.frombuffer(content[start:end], '<f4')


class File:
    """names: of all its cases; chosen: of those that are worked out anew, or empty for all. Of the others, what the
    file at path has stays."""

    def __init__(self, path, names, chosen):
        self.path, self.tensors = path, {}
        self.wanted = {name for name in names if not chosen or any(part in chosen for part in prefixes(name))}
        if chosen:
            kept = set(names) - self.wanted
            self.tensors = {name: values for name, values in read(path) if any(part in kept for part in prefixes(name))}

    def wants(self, case):
        return case['name'] in self.wanted

    def add(self, name, tensor, sampled=False):
        self.tensors[name] = taken(tensor, MOST if sampled else tensor.numel())

    def write(self):
        header, at = {}, 0
        for name, values in self.tensors.items():
            header[name] = {'dtype': 'F32', 'shape': [len(values)], 'data_offsets': [at, at + values.nbytes]}
            at += values.nbytes
        text = json.dumps(header, separators=(',', ':')).encode()
        text += b' ' * (-len(text) % 8)
        with open(self.path, 'wb') as file:
            file.write(struct.pack('<Q', len(text)) + text + b''.join(v.tobytes() for v in self.tensors.values()))
        print(f'{self.path.name}: {len(self.tensors)} tensors, {os.path.getsize(self.path)} bytes')


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


def write_after(file, name, weights):
    """All weights behind one another, of each a few values."""
    kept = [taken(weight, MOST_AFTER) for weight in weights]
    if kept:
        file.add(name, torch.cat([torch.from_numpy(values) for values in kept]))


def started(name, salt):
    """reference_started(): what start number salt of a case draws its weights from."""
    return f'{name}~{salt}' if salt else name


def stir(weights, salt):
    generator = torch.Generator().manual_seed(salt)
    for weight in weights:
        noise = 2 * torch.rand(weight.tensor.shape, generator=generator) - 1
        with torch.no_grad():
            weight.tensor.mul_(1 + STIR * noise)


def is_settled(weights, before):
    """TRUE where none of the values that go into the file is far from what it was."""
    for weight, other in zip(weights, before):
        now, then = taken(weight.read(), MOST_AFTER), taken(other, MOST_AFTER)
        if abs(now - then).max() > SETTLED * abs(then).max():
            return False
    return True


def settled_run(file, name, weights, start, train):
    """Trains from the first start that small differences do not grow from. start(salt) sets the weights, train(rate)
    gives the losses, which are returned, with rate times the learning rate."""
    weights = list(weights)
    rate = next((rate for case, rate in SLOWER.items() if name == case or name.startswith(case + '/')), 1)
    if rate != 1:
        file.add(f'{name}/rate', torch.tensor([rate]))
    for salt in range(MOST_STARTS):
        start(salt)
        losses = train(rate)
        after = [weight.read().clone() for weight in weights]
        settled = True
        for run in range(STIRRED_RUNS):
            if settled:
                start(salt)
                stir(weights, run)
                train(rate)
                settled = is_settled(weights, after)
        if settled:
            if salt:
                print(f'{name}: start {salt}')
                file.add(f'{name}/start', torch.tensor([float(salt)]))
            write_after(file, f'{name}/after', after)
            return losses
    raise SystemExit(f'{name}: small differences grow from each of {MOST_STARTS} starts')


def slower(params, rate):
    return {**params, 'learning-rate': rate * params['learning-rate']}


def layer_case(file, registry, case, batch, steps):
    name, inputs = case['name'], make_inputs(case, batch)
    if 'loss' in case['params']:
        loss = Loss(case['params'], False)(*[to_native(x) for x in inputs])
        loss.backward()
        file.add(f'{name}/loss', loss)
        file.add(f'{name}/in0/gradient', inputs[0].grad)
        return
    layer = LAYERS[case['type']](case['params'], [spec['shape'] for spec in case['inputs']], False)
    layer.weight_penalties = False  # the trainer's

    def start(salt=0):
        for key, weight in layer.weights.items():
            shape = list(weight.read().shape)
            weight.write(fill(f'{started(name, salt)}/{key}', shape, 0.7, 1 if key == 'moving-variance' else 0.1))

    def backward():
        for tensor in [*inputs, *layer.parameters()]:
            tensor.grad = None
        output = to_design(layer(*[to_native(x) for x in inputs]))
        loss = 3 * torch.nn.functional.mse_loss(output, fill(f'{name}/wanted', list(output.shape), 1, 0))
        if layer.penalty is not None:
            loss = loss + layer.penalty
        loss.backward()
        return loss

    start()
    layer.eval()
    file.add(f'{name}/output', to_design(layer(*[to_native(x) for x in inputs])))
    layer.train()
    file.add(f'{name}/loss', backward())
    for i, x in enumerate(inputs):
        file.add(f'{name}/in{i}/gradient', torch.zeros_like(x) if x.grad is None else x.grad)
    for key, weight in layer.weights.items():
        file.add(f'{name}/{key}/gradient', weight.read(of_gradient=True))

    def train(kind, params, rate):
        trained = [weight for weight in layer.parameters() if weight.requires_grad]
        optimizer = keras_optimizer(kind, slower(params, rate), trained) if trained else None
        for _ in range(steps):
            backward()
            if optimizer:
                optimizer.step()

    for kind, params in registry.optimizers.items() if layer.weights else ():
        settled_run(file, f'{name}/{kind}', layer.weights.values(), start, functools.partial(train, kind, params))


def optimizer_case(file, case, steps, count):
    weight = torch.nn.Parameter(fill(f'{case["name"]}/start', [count], 1, 0))
    optimizer = keras_optimizer(case['type'], case['params'], [weight])
    for step in range(1, steps + 1):
        noise = torch.from_numpy(uniform(f'{case["name"]}/gradient', count, step * count)).double()
        weight.grad = 0.3 * weight.detach() + 2 * noise - 1
        optimizer.step()
    file.add(f'{case["name"]}/after', weight)


class Run:
    """A network's case: its weights and samples, and training as its settings say."""

    def __init__(self, registry, case, samples):
        self.case, self.name, self.samples = case, case['name'], samples
        design = json.loads(case['design'])
        self.chosen = registry.optimizer(design)
        self.network = Network(registry, design, {int(node): shape for node, shape in case['inputs'].items()})
        for layer in self.network.nodes.values():
            if isinstance(layer, Sampling):
                layer.noise = False
        named = self.network.weights()
        self.weights = {f'{spec["node"]:.0f}/{spec["name"]}': named[f'{spec["node"]:.0f}/{spec["name"]}']
                        for spec in case['weights']}
        self.fields = {}
        for spec in case['fields']:
            shape = [samples, *spec['shape']]
            of_sample = f'{self.name}/sample/{spec["name"]}'
            if spec['classes']:
                of_sample = classes(of_sample, samples, spec['classes']).long()
                self.fields[spec['name']] = torch.nn.functional.one_hot(of_sample, int(spec['classes'])).double()
            else:
                self.fields[spec['name']] = to_native(fill(of_sample, shape, 0.5, 0.5))

    def start(self, salt=0):
        for spec in self.case['weights']:
            key = f'{spec["node"]:.0f}/{spec["name"]}'
            self.weights[key].write(fill(f'{started(self.name, salt)}/{key}', spec['shape'], spec['scale'],
                                         spec['offset']))

    def train(self, kind, params, steps, rate):
        """The losses of all steps."""
        params = slower(params, rate)
        training, trained = self.case['training'], [w for w in self.network.parameters() if w.requires_grad]
        scheduled = training['schedule'] != 'constant' or training['warm-up'] > 0
        optimizer = keras_optimizer(kind, params, trained, scheduled)
        batch = int(training['batch-size'])
        n_batches, losses = self.samples // batch, []
        scheduler = Scheduler(training, optimizer, n_batches, params['learning-rate'])
        for step in range(steps):
            rows = slice(step % n_batches * batch, (step % n_batches + 1) * batch)
            optimizer.zero_grad()
            loss = self.network({name: values[rows] for name, values in self.fields.items()})
            loss.backward()
            losses.append(loss.item())
            if training['clip-norm'] > 0:
                torch.nn.utils.clip_grad_norm_(trained, training['clip-norm'])
            if training['clip-value'] > 0:
                torch.nn.utils.clip_grad_value_(trained, training['clip-value'])
            optimizer.step()
            scheduler.after_step()
            if (step + 1) % n_batches == 0:
                scheduler.after_epoch(lambda: self.network(self.fields).item())
        return losses


def network_case(file, registry, case, samples, steps):
    run = Run(registry, case, samples)

    run.start()
    run.network(run.fields).backward()
    for node in case['outputs']:
        file.add(f'{run.name}/{node:.0f}/output', to_design(run.network.values[int(node), 0]), True)
    for key, weight in run.weights.items():
        file.add(f'{run.name}/{key}/gradient', weight.read(of_gradient=True), True)
    losses = settled_run(file, run.name, run.weights.values(), run.start,
                         functools.partial(run.train, *run.chosen, steps))
    file.add(f'{run.name}/losses', torch.tensor(losses))
    for kind, params in registry.optimizers.items() if case['every-optimizer'] else ():
        settled_run(file, f'{run.name}/{kind}', run.weights.values(), run.start,
                    functools.partial(run.train, kind, params, steps))


def cases(build, test):
    return json.loads(subprocess.run([build / 'tests' / 'engine' / test, '--cases'], stdout=subprocess.PIPE,
                                     check=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('build', type=pathlib.Path)
    parser.add_argument('cases', nargs='*')
    options = parser.parse_args()
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)

    registry = Registry(options.build / 'app' / 'cli' / 'diabolo-cli')
    listed = cases(options.build, 'test-reference')
    names = [case['name'] for case in listed['layers'] + listed['optimizers']]
    file = File(HERE / 'layers.safetensors', names, set(options.cases))
    for case in filter(file.wants, listed['layers']):
        layer_case(file, registry, case, int(listed['batch']), int(listed['steps']))
    for case in filter(file.wants, listed['optimizers']):
        optimizer_case(file, case, int(listed['steps']), int(listed['values']))
    file.write()

    listed = cases(options.build, 'test-reference-networks')
    file = File(HERE / 'networks.safetensors', [case['name'] for case in listed['networks']], set(options.cases))
    for case in filter(file.wants, listed['networks']):
        network_case(file, registry, case, int(listed['samples']), int(listed['steps']))
    file.write()


if __name__ == '__main__':
    main()
