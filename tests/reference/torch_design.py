"""A PyTorch network from a design of Diabolo's (design.json, resources/lessons/*.json).

Parameters that a design leaves out have the default that `diabolo-cli layers --json` gives, so that there is no
second list of them here. torch_layers.py holds the layer types."""
import json
import os
import subprocess
import tempfile
import zipfile

import torch
from torch import nn
from torch.nn import functional

from torch_layers import LAYERS, channel_axis, to_design

PROBABILITY_MIN = 1e-7  # keras.backend.epsilon()


def value_of(text):
    """A parameter's value from its text."""
    if text in ('true', 'false'):
        return text == 'true'
    for kind in (int, float):
        try:
            return kind(text)
        except (TypeError, ValueError):
            pass
    return text


class Registry:
    """What there is: layer types and optimizers with their defaults, from diabolo-cli."""

    def __init__(self, cli):
        output = subprocess.run([cli, 'layers', '--json'], stdout=subprocess.PIPE, check=True).stdout
        listed = json.loads(output)
        self.layers = {row['id']: self.defaults(row) for row in listed['layers']}
        self.optimizers = {row['id']: self.defaults(row) for row in listed['optimizers']}

    @staticmethod
    def defaults(row):
        return {param['name']: value_of(param['default']) for param in row['parameters']}

    def optimizer(self, design):
        chosen = design.get('optimizer', {})
        kind = chosen.get('type', next(iter(self.optimizers)))
        return kind, {**self.optimizers[kind], **chosen}


def load_design(cli, name):
    """The design and summary of a lesson, a project or a design in JSON."""
    with tempfile.TemporaryDirectory() as folder:
        project = name
        if name.endswith('.json'):
            project = os.path.join(folder, 'design.diabolo')
            with open(name, encoding='utf-8') as file:
                write_project(cli, json.load(file), project)
        elif not name.endswith('.diabolo'):
            project = os.path.join(folder, 'lesson.diabolo')
            subprocess.run([cli, 'new', name, '-o', project], check=True)
        with zipfile.ZipFile(project) as archive:
            design = json.loads(archive.read('design.json'))
        output = subprocess.run([cli, 'summary', project, '--json'], stdout=subprocess.PIPE, check=True).stdout
    return design, json.loads(output)


def write_project(cli, design, path):
    """A project file with this design: a lesson's, with the design replaced."""
    subprocess.run([cli, 'new', 'simple', '-o', path], check=True)
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    entries['design.json'] = json.dumps(design)
    with zipfile.ZipFile(path, 'w') as archive:
        for name, content in entries.items():
            archive.writestr(name, content)


# Losses of a prediction y and a target t; logits where the activation was left to the loss. reduction 'none' gives
# (N, values), or (rows) where a row has one loss; 'mean' their mean.


def reduced(losses, reduction):
    return losses.mean() if reduction == 'mean' else losses


def binary_crossentropy(y, t, logits, reduction):
    if logits:
        return functional.binary_cross_entropy_with_logits(y, t, reduction=reduction)
    y = y.clamp(PROBABILITY_MIN, 1 - PROBABILITY_MIN)
    return reduced(-(t * torch.log(y) + (1 - t) * torch.log(1 - y)), reduction)


def crossentropy(y, t, logits, reduction):
    """Of classes: t holds the number of each row's, or a share for each. Keras first divides probabilities by their
    sum; Diabolo does not, and neither does this: it matters only where they do not come out of a softmax."""
    if logits:
        return functional.cross_entropy(y, t, reduction=reduction)
    y = y.clamp(PROBABILITY_MIN, 1 - PROBABILITY_MIN)
    if t.dim() == 1:
        return functional.nll_loss(torch.log(y), t, reduction=reduction)
    return reduced(-(t * torch.log(y)).sum(-1), reduction)


def cosine(y, t, logits, reduction):
    return reduced(1 - functional.cosine_similarity(y.flatten(1), t.flatten(1), eps=1e-12), reduction)


OBJECTIVES = {
    'binary-crossentropy': binary_crossentropy,
    'mean-squared-error': lambda y, t, logits, reduction: functional.mse_loss(y, t, reduction=reduction),
    'mean-absolute-error': lambda y, t, logits, reduction: functional.l1_loss(y, t, reduction=reduction),
    'huber': lambda y, t, logits, reduction: functional.huber_loss(y, t, reduction=reduction),
    'cosine': cosine,
    'categorical-crossentropy': crossentropy,
    'sparse-crossentropy': crossentropy,
}
CLASSES = {'categorical-crossentropy', 'sparse-crossentropy'}
FUSED = {('sigmoid', 'binary-crossentropy'), ('softmax', 'categorical-crossentropy'),
         ('softmax', 'sparse-crossentropy')}


class Loss(nn.Module):
    """An objective: prediction, target (the data's label where none is connected) and weight, if there is one."""

    def __init__(self, params, logits):
        super().__init__()
        self.params, self.logits = params, logits
        self.loss = OBJECTIVES[params['loss']]
        self.classes = params['loss'] in CLASSES
        self.sparse = params['loss'] == 'sparse-crossentropy'

    def class_weights(self, t, samples):
        if self.params.get('balance', 'none') != 'given':
            return None
        weights = torch.tensor([float(word) for word in self.params['class-weights'].split(',')], dtype=torch.float64)
        return weights[t.argmax(-1) if t.is_floating_point() else t].reshape(samples, -1)

    def forward(self, y, t, weight=None):
        samples = len(y)
        if self.classes:
            if y.dim() > 2:
                y = to_design(y).reshape(-1, y.shape[channel_axis(y)])
            if self.sparse:
                t = t.reshape(-1).long()
            else:
                t = to_design(t).reshape(y.shape) if t.is_floating_point() else t.reshape(-1)
        elif y.shape != t.shape or weight is not None:
            y, t = to_design(y).flatten(1), to_design(t).flatten(1)
        each = self.class_weights(t, samples)
        if each is not None:
            weight = 1 if weight is None else to_design(weight).reshape(samples, -1)
            loss = (weight * each * self.loss(y, t, self.logits, 'none').reshape(samples, -1)).mean()
        elif weight is None:
            loss = self.loss(y, t, self.logits, 'mean')
        else:
            weight = to_design(weight).reshape(samples, -1)
            loss = (weight * self.loss(y, t, self.logits, 'none').reshape(samples, -1)).mean()
        return loss if self.params['weight'] == 1 else self.params['weight'] * loss


def topological(nodes, sources):
    """Nodes behind all that they take from."""
    done, order = set(), []
    while len(order) < len(nodes):
        ready = [node for node in nodes if node['id'] not in done
                 and all(source[0] in done for source in sources[node['id']].values())]
        if not ready:
            raise SystemExit('torch_design: the design has a loop')
        order += ready
        done.update(node['id'] for node in ready)
    return order


class Network(nn.Module):
    """A design's graph. shapes: of its input nodes, by id (as `diabolo-cli summary --json` gives them).

    forward(fields) is the loss of a batch: fields holds a tensor for each field's name, images as (N, C, H, W).
    The values of the last pass are in `values`, by (node id, port)."""

    def __init__(self, registry, design, shapes, fast=False):
        super().__init__()
        self.nodes, self.values, self.steps = {}, {}, []
        modules, shape_of = [], {}
        sources = {node['id']: {} for node in design['nodes']}
        for edge in design['edges']:
            sources[edge['to'][0]][edge['to'][1]] = tuple(edge['from'])
        consumers = [tuple(edge['from']) for edge in design['edges']]
        for node in topological(design['nodes'], sources):
            params = {**registry.layers[node['type']], **node.get('params', {})}
            inputs = [source for port, source in sorted(sources[node['id']].items())]
            if node['type'] == 'input':
                shape_of[node['id'], 0] = shapes[node['id']]
                self.steps.append((None, params['field'], (node['id'], 0)))
                continue
            if 'loss' in params:
                layer = Loss(params, fast and consumers.count(inputs[0]) == 1
                             and self.leave_logits(inputs[0][0], params['loss']))
                if 1 not in sources[node['id']]:
                    inputs.insert(1, params['field'])
            else:
                layer = LAYERS[node['type']](params, [shape_of[source] for source in inputs], fast)
                shape_of[node['id'], 0] = layer.shape
            if node.get('frozen'):
                layer.requires_grad_(False)
            self.nodes[node['id']] = layer
            modules.append(layer)
            self.steps.append((layer, inputs, (node['id'], 0)))
        for node in design['nodes']:
            if node.get('weights-of'):
                self.nodes[node['id']].share(self.nodes[node['weights-of']], node.get('tied', False))
        self.modules_in_order = nn.ModuleList(modules)
        self.shapes = shape_of

    def leave_logits(self, node, loss):
        """TRUE where the activation of node and the loss are computed at once."""
        layer = self.nodes.get(node)
        if layer is None or (layer.param('activation'), loss) not in FUSED or layer.param('activity-l1'):
            return False
        layer.logits = True
        return True

    def weights(self):
        """Every weight with its name, "node id/name"."""
        return {f'{node}/{name}': weight for node, layer in self.nodes.items() if not isinstance(layer, Loss)
                for name, weight in layer.weights.items()}

    def forward(self, fields):
        values, total = self.values, 0
        for layer, inputs, place in self.steps:
            if layer is None:
                values[place] = fields[inputs]
                continue
            xs = [fields[source] if isinstance(source, str) else values[source] for source in inputs]
            result = layer(*xs)
            if isinstance(layer, Loss):
                total = total + result
                continue
            values[place] = result
            if layer.penalty is not None:
                total = total + layer.penalty
        return total
