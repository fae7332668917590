#!/usr/bin/python3
"""bench-torch.py LESSON [--threads N] [--seconds S]: samples per second that PyTorch trains a lesson's network at.

The network, loss, batch size and learning rate are read from resources/lessons/LESSON.json, so that it is the
same one as diabolo-cli bench trains; Adam as Keras sets it (epsilon 1e-7). versus-torch.py runs this with the
environment in which PyTorch is fastest."""
import argparse
import json
import pathlib
import time

import torch
from torch import nn
from torch.nn import functional

LESSONS = pathlib.Path(__file__).resolve().parents[2] / 'resources' / 'lessons'
WARM_UP_STEPS = 20
SAMPLES = 60000


class Network(nn.Module):
    """The dense layers of a lesson, with its noise and activity penalty. The last sigmoid is left to the loss."""

    def __init__(self, lesson):
        super().__init__()
        self.steps = []
        self.layers = nn.ModuleList()
        width = 28 * 28
        for node in lesson['nodes']:
            params = node['params']
            if node['type'] == 'dense':
                layer = nn.Linear(width, params['units'])
                nn.init.xavier_uniform_(layer.weight)
                nn.init.zeros_(layer.bias)
                width = params['units']
                self.layers.append(layer)
                self.steps.append(('dense', layer, params))
            elif node['type'] == 'gaussian-noise':
                self.steps.append(('noise', None, params))
            elif node['type'] == 'reconstruction-loss':
                self.loss = params['loss']
            elif node['type'] not in ('input', 'flatten'):
                raise SystemExit(f'bench-torch: {node["type"]} is not translated')

    def forward(self, x):
        """The loss of a batch (N, 784)."""
        target, penalty = x, 0
        for kind, layer, params in self.steps:
            if kind == 'noise':
                x = (x + params['stddev'] * torch.randn_like(x)).clamp(params['low'], params['high'])
                continue
            logits = layer(x)
            x = {'relu': torch.relu, 'sigmoid': torch.sigmoid, 'linear': lambda z: z}[params['activation']](logits) \
                if layer is not self.layers[-1] or self.loss != 'binary-crossentropy' else logits
            if params.get('activity-l1'):
                penalty = penalty + params['activity-l1'] * x.abs().sum() / len(x)
        if self.loss == 'binary-crossentropy':
            return functional.binary_cross_entropy_with_logits(x, target) + penalty
        return functional.mse_loss(x, target) + penalty


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('lesson')
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--seconds', type=float, default=2)
    options = parser.parse_args()

    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    lesson = json.loads((LESSONS / f'{options.lesson}.json').read_text(encoding='utf-8'))
    batch = lesson['training']['batch-size']
    network = Network(lesson)
    optimizer = torch.optim.Adam(network.parameters(), lr=lesson['optimizer']['learning-rate'], eps=1e-7)
    # As many dark pixels as MNIST has.
    images = torch.rand(SAMPLES, 28 * 28)
    images[torch.rand(SAMPLES, 28 * 28) < 0.81] = 0

    order, position, samples, steps, start = None, SAMPLES, 0, 0, None
    while True:
        if position + batch > SAMPLES:
            order, position = torch.randperm(SAMPLES), 0
        x = images[order[position:position + batch]]
        position += batch
        optimizer.zero_grad(set_to_none=True)
        network(x).backward()
        optimizer.step()
        steps += 1
        if steps == WARM_UP_STEPS:
            start = time.monotonic()
        elif steps > WARM_UP_STEPS:
            samples += batch
            seconds = time.monotonic() - start
            if seconds >= options.seconds:
                break
    print(json.dumps({'lesson': options.lesson, 'batch_size': batch, 'threads': options.threads,
                      'torch': torch.__version__, 'samples_per_second': samples / seconds}))


if __name__ == '__main__':
    main()
