#!/usr/bin/python3
"""bench-torch.py DIABOLO-CLI LESSON|FILE [--threads N] [--seconds S] [--layout first|last]: samples per second that
PyTorch trains a lesson's network at. --peak: a thread's matrix products instead.

Network, loss, optimizer and batch size are the design's (tests/reference/torch_design.py), so that it is the same one
as diabolo-cli bench trains. versus-torch.py runs this with the environment in which PyTorch is fastest. Without
--layout the faster of channels first and channels last is found out and taken."""
import argparse
import json
import math
import pathlib
import sys
import time

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'reference'))
from torch_design import Loss, Network, Registry, load_design  # noqa: E402  pylint: disable=wrong-import-position
from torch_optimizers import torch_optimizer  # noqa: E402  pylint: disable=wrong-import-position

WARM_UP_STEPS = 20
SAMPLES = 60000
MOST_VALUES = 60000 * 784  # of one field, in memory
TRIAL_SECONDS = 0.5
PEAK_SIZE = 1024
PEAK_SECONDS = 0.2


def make_fields(network, design, shapes, last):
    """Random data for every field that the design takes: images as dark as MNIST's, classes for labels."""
    sizes = {}
    for layer, inputs, place in network.steps:
        if layer is None:
            sizes[inputs] = shapes[place[0]]
        elif isinstance(layer, Loss) and isinstance(inputs[1], str):
            sizes.setdefault(inputs[1], network.shapes[inputs[0]])
    classes = {inputs[1] if isinstance(inputs[1], str) else None for layer, inputs, _ in network.steps
               if isinstance(layer, Loss) and layer.classes}
    fields = {}
    samples = min([SAMPLES] + [MOST_VALUES // math.prod(shape) for shape in sizes.values()])
    for name, shape in sizes.items():
        if name in classes:
            fields[name] = torch.randint(0, shape[-1], (samples, *shape[:-1]))
            continue
        values = torch.rand(samples, *shape)
        values[torch.rand(samples, *shape) < 0.81] = 0
        if len(shape) == 3 and last:
            values = values.permute(0, 3, 1, 2)
        elif len(shape) == 3:
            values = values.permute(0, 3, 1, 2).contiguous()
        fields[name] = values
    return fields


class Training:
    def __init__(self, registry, design, summary, layout, batch):
        torch.manual_seed(0)
        shapes = {layer['id']: layer['output'] for layer in summary['layers'] if layer['type'] == 'input'}
        self.network = Network(registry, design, shapes, fast=True)
        if layout == 'last':
            self.network.to(memory_format=torch.channels_last)
        self.optimizer = torch_optimizer(*registry.optimizer(design),
                                         [weight for weight in self.network.parameters() if weight.requires_grad])
        self.fields = make_fields(self.network, design, shapes, layout == 'last')
        self.samples = len(next(iter(self.fields.values())))
        self.layout, self.batch, self.position = layout, min(batch, self.samples), self.samples

    def step(self):
        if self.position + self.batch > self.samples:
            self.order, self.position = torch.randperm(self.samples), 0
        rows = self.order[self.position:self.position + self.batch]
        self.position += self.batch
        fields = {name: values[rows] for name, values in self.fields.items()}
        if self.layout == 'last':
            fields = {name: values.contiguous(memory_format=torch.channels_last) if values.dim() == 4 else values
                      for name, values in fields.items()}
        self.optimizer.zero_grad(set_to_none=True)
        self.network(fields).backward()
        self.optimizer.step()

    def rate(self, seconds, warm_up=WARM_UP_STEPS):
        """Samples per second; the steps of a large batch are few."""
        begin = time.monotonic()
        for done in range(warm_up):
            self.step()
            if done > 1 and time.monotonic() - begin > seconds:
                break
        samples, start = 0, time.monotonic()
        while True:
            self.step()
            samples += self.batch
            elapsed = time.monotonic() - start
            if elapsed >= seconds:
                return samples / elapsed


def peak(seconds):
    """The best of many products of two 1024 x 1024 matrices, in floating point operations per second; on one
    thread, as OpenBLAS has in the tuned environment."""
    a, b = torch.rand(PEAK_SIZE, PEAK_SIZE), torch.rand(PEAK_SIZE, PEAK_SIZE)
    c, best, end = torch.empty(PEAK_SIZE, PEAK_SIZE), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        start = time.monotonic()
        torch.mm(a, b, out=c)
        best = max(best, 2 * PEAK_SIZE ** 3 / (time.monotonic() - start))
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n', maxsplit=1)[0])
    parser.add_argument('cli')
    parser.add_argument('lesson')
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--seconds', type=float, default=2)
    parser.add_argument('--layout', choices=['first', 'last'])
    parser.add_argument('--peak', action='store_true')
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    if options.peak:
        print(json.dumps({'peak': peak(options.seconds)}))
        return
    registry = Registry(options.cli)
    design, summary = load_design(options.cli, options.lesson)
    batch = design['training']['batch-size']
    convolutions = any(len(layer['output'] or []) == 3 and layer['parameters'] for layer in summary['layers'])
    layouts = [options.layout] if options.layout else ['first', 'last'] if convolutions else ['first']
    trainings = [Training(registry, design, summary, layout, batch) for layout in layouts]
    if len(trainings) > 1:
        trainings.sort(key=lambda training: training.rate(TRIAL_SECONDS), reverse=True)
    best = trainings[0]
    print(json.dumps({'lesson': options.lesson, 'batch_size': best.batch, 'threads': options.threads,
                      'torch': torch.__version__, 'layout': best.layout, 'multiply_adds': summary['multiply_adds'],
                      'samples_per_second': best.rate(options.seconds), 'peak': peak(PEAK_SECONDS)}))


if __name__ == '__main__':
    main()
