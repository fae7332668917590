"""Diabolo's layer types in PyTorch: one class a type, listed in LAYERS.

A value of shape (H, W, C) in a design is an (N, C, H, W) tensor here; every other shape is kept as it is, with the
batch in front. Weights have the layout that PyTorch works with; `weights` says under which name and in which layout
Diabolo and Keras keep them.

`fast` leaves out what only matters for equal numbers (the order in which an image is flattened, where a transposed
convolution is cut), so that PyTorch runs as its own users would write the network."""
import math

import torch
from torch import nn
from torch.nn import functional

ACTIVATIONS = {
    'linear': lambda x, alpha: x,
    'relu': lambda x, alpha: torch.relu(x),
    'leaky-relu': functional.leaky_relu,
    'elu': functional.elu,
    'sigmoid': lambda x, alpha: torch.sigmoid(x),
    'tanh': lambda x, alpha: torch.tanh(x),
    'softplus': lambda x, alpha: functional.softplus(x),
    'selu': lambda x, alpha: torch.selu(x),
    'gelu': lambda x, alpha: functional.gelu(x),
    'silu': lambda x, alpha: functional.silu(x),
    'hard-sigmoid': lambda x, alpha: (x / 5 + 0.5).clamp(0, 1),
    'relu6': lambda x, alpha: functional.relu6(x),
    'hard-swish': lambda x, alpha: functional.hardswish(x),
    'softsign': lambda x, alpha: functional.softsign(x),
    'softmax': lambda x, alpha: torch.softmax(x, channel_axis(x)),
    'log-softmax': lambda x, alpha: torch.log_softmax(x, channel_axis(x)),
}


def channel_axis(x):
    """The axis of a tensor that is the last one of the design's shape."""
    return 1 if x.dim() == 4 else x.dim() - 1


def to_native(x):
    """(N, H, W, C) to (N, C, H, W)."""
    return x.permute(0, 3, 1, 2) if x.dim() == 4 else x


def to_design(x):
    """(N, C, H, W) to (N, H, W, C)."""
    return x.permute(0, 2, 3, 1) if x.dim() == 4 else x


def parse_shape(text):
    return [int(number) for number in str(text).split('x')]


class Weight:
    """A parameter with the functions that bring it into Diabolo's layout and back."""

    def __init__(self, tensor, to_keras, from_keras=None):
        self.tensor, self.to_keras, self.from_keras = tensor, to_keras, from_keras or to_keras

    def read(self, of_gradient=False):
        tensor = self.tensor.grad if of_gradient else self.tensor
        if tensor is None:
            tensor = torch.zeros_like(self.tensor)
        return self.to_keras(tensor.detach()).contiguous()

    def write(self, values):
        with torch.no_grad():
            self.tensor.copy_(self.from_keras(values))


class Layer(nn.Module):
    """params: all of the type's parameters; shapes: those of the inputs, as the design has them."""

    def __init__(self, params, shapes, fast):
        super().__init__()
        self.params, self.shapes, self.fast = params, shapes, fast
        self.shape = shapes[0] if shapes else None
        self.weights = {}
        self.logits = False  # the activation is left to the loss
        self.penalty = None  # what the last forward pass added to the loss
        self.weight_penalties = True

    def param(self, name, default=None):
        return self.params.get(name, default)

    def add_weight(self, name, shape, to_keras=lambda t: t, from_keras=None, fill=None):
        tensor = nn.Parameter(torch.empty(shape))
        if fill is not None:
            nn.init.constant_(tensor, fill)
        elif tensor.dim() > 1:
            nn.init.xavier_uniform_(tensor)
        else:
            nn.init.zeros_(tensor)
        self.register_parameter(name.replace('-', '_'), tensor)
        self.weights[name] = Weight(tensor, to_keras, from_keras)
        return tensor

    def share(self, owner, tied):
        """Works with the weights of owner, a layer of the same type; tied with its kernel alone, turned round."""
        for name in ('kernel', 'w') if tied else list(self._parameters):
            self._parameters[name] = owner._parameters[name]
        self.weights = {name: weight for name, weight in self.weights.items() if tied and name != 'kernel'}

    def finish(self, x):
        """Activation and penalties that end a layer with weights."""
        if not self.logits:
            kind = self.param('activation')
            if self.fast and kind == 'relu':
                x = torch.relu_(x)
            else:
                x = ACTIVATIONS[kind](x, self.param('alpha'))
        self.penalty = None
        if self.param('activity-l1'):
            self.penalty = self.param('activity-l1') * x.abs().sum() / len(x)
        for name, weight in self.weights.items() if self.weight_penalties else ():
            if name != 'bias' and self.param('l1'):
                self.penalty = (self.penalty or 0) + self.param('l1') * weight.tensor.abs().sum()
            if name != 'bias' and self.param('l2'):
                self.penalty = (self.penalty or 0) + self.param('l2') * weight.tensor.square().sum()
        return x


class Dense(Layer):
    def __init__(self, *args):
        super().__init__(*args)
        features, units = self.shape[-1], self.param('units')
        self.w = self.add_weight('kernel', (units, features), lambda t: t.t())
        self.b = self.add_weight('bias', (units,)) if self.param('bias') else None
        self.shape = [*self.shape[:-1], units]
        self.turned = False  # the kernel is that of a layer which goes the other way

    def share(self, owner, tied):
        super().share(owner, tied)
        self.turned = tied

    def forward(self, x):
        w = self.w.t() if self.turned else self.w
        if x.dim() == 4:
            return self.finish(functional.conv2d(x, w[:, :, None, None], self.b))
        z = functional.linear(x, w, self.b)
        y = self.finish(z)
        if self.param('contractive'):
            self.penalty = (self.penalty or 0) + self.param('contractive') * self.slopes(z, w) / len(z)
        return y

    def slopes(self, z, w):
        """The squared slopes of all outputs in all inputs: sum f'(z_j)^2 W_ij^2."""
        y = ACTIVATIONS[self.param('activation')](z, self.param('alpha'))
        if not y.grad_fn or y is z:
            slope = torch.ones_like(z)
        else:
            slope, = torch.autograd.grad(y.sum(), z, create_graph=True)
        return (slope.square() * w.square().sum(1)).sum()


class Window:
    """Sizes of a window that slides over n_axes axes, as Keras works them out."""

    def __init__(self, layer, n_axes, size='kernel-size'):
        params = layer.params
        self.kernel = [params[size]] * n_axes
        if n_axes == 2 and (params.get('kernel-width') or params.get('pool-width')):
            self.kernel[1] = params.get('kernel-width') or params.get('pool-width')
        self.stride = [params['stride'] or kernel for kernel in self.kernel]
        if n_axes == 2 and params.get('stride-width'):
            self.stride[1] = params['stride-width']
        self.dilation = [params.get('dilation', 1)] * n_axes
        self.reach = [(k - 1) * d + 1 for k, d in zip(self.kernel, self.dilation)]
        self.same, self.by_hand = (params['padding'] == kind for kind in ('same', 'by-hand'))
        sides = (('pad-top', 'pad-bottom'), ('pad-left', 'pad-right'))[2 - n_axes:]
        self.pads = [tuple(params[side] if self.by_hand else 0 for side in pair) for pair in sides]

    def out(self, sizes):
        if self.same:
            return [-(-size // stride) for size, stride in zip(sizes, self.stride)]
        return [(size + sum(pads) - reach) // stride + 1 for size, pads, reach, stride
                in zip(sizes, self.pads, self.reach, self.stride)]

    def padding(self, sizes):
        """(before, after) of each axis, the odd one behind."""
        if self.by_hand:
            return self.pads
        total = [max((out - 1) * stride + reach - size, 0) if self.same else 0 for size, out, reach, stride
                 in zip(sizes, self.out(sizes), self.reach, self.stride)]
        return [(pad // 2, pad - pad // 2) for pad in total]


def pad_unevenly(x, padding, value=0.0):
    """x with what padding has to be added by hand, and the even part that the operation adds itself."""
    if all(before == after for before, after in padding):
        return x, [before for before, after in padding]
    flat = [size for pair in reversed(padding) for size in pair]
    return functional.pad(x, flat, value=value), [0] * len(padding)


class Conv(Layer):
    """A convolution over (N, C, sizes...); CONV1D keeps its sequences as (N, T, C)."""
    axes = 2

    def __init__(self, *args):
        super().__init__(*args)
        self.window = Window(self, self.axes)
        self.channels = self.shape[-1]
        self.make_weights()
        self.sizes = self.shape[:self.axes]
        self.shape = [*self.window.out(self.sizes), self.filters]

    def make_weights(self):
        back = (3, 2, 0, 1) if self.axes == 2 else (2, 1, 0)
        there = (2, 3, 1, 0) if self.axes == 2 else (2, 1, 0)
        self.filters, self.groups = self.param('filters'), self.param('groups')
        self.w = self.add_weight('kernel', (self.filters, self.channels // self.groups, *self.window.kernel),
                                 lambda t: t.permute(there), lambda t: t.permute(back))
        self.b = self.add_weight('bias', (self.filters,)) if self.param('bias') else None

    def convolve(self, x, weight, bias, groups):
        x, padding = pad_unevenly(x, self.window.padding(self.sizes))
        call = functional.conv2d if self.axes == 2 else functional.conv1d
        return call(x, weight, bias, self.window.stride, padding, self.window.dilation, groups)

    def forward(self, x):
        return self.finish(self.convolve(x, self.w, self.b, self.groups))


class Conv1D(Conv):
    axes = 1

    def forward(self, x):
        return self.finish(self.convolve(x.transpose(1, 2), self.w, self.b, self.groups).transpose(1, 2))


class Depthwise(Conv):
    def make_depthwise(self):
        multiplier = self.param('multiplier')
        apart = (self.channels, multiplier, *self.window.kernel)
        self.filters, self.groups = self.channels * multiplier, self.channels
        shape = (self.filters, 1, *self.window.kernel)
        self.w = self.add_weight('depthwise-kernel', shape, lambda t: t.reshape(apart).permute(2, 3, 0, 1),
                                 lambda t: t.permute(2, 3, 0, 1).reshape(shape))

    def make_weights(self):
        self.make_depthwise()
        self.b = self.add_weight('bias', (self.filters,)) if self.param('bias') else None


class Separable(Depthwise):
    def make_weights(self):
        self.make_depthwise()
        self.between, self.filters = self.filters, self.param('filters')
        self.point = self.add_weight('pointwise-kernel', (self.filters, self.between, 1, 1),
                                     lambda t: t[:, :, 0, 0].t(), lambda t: t.t()[:, :, None, None])
        self.b = self.add_weight('bias', (self.filters,)) if self.param('bias') else None

    def forward(self, x):
        return self.finish(functional.conv2d(self.convolve(x, self.w, None, self.groups), self.point, self.b))


class ConvTranspose(Layer):
    def __init__(self, *args):
        super().__init__(*args)
        self.window = window = Window(self, 2)
        filters, channels = self.param('filters'), self.shape[-1]
        # (in, out, kernel) in PyTorch, (kernel, out, in) in Keras.
        self.w = self.add_weight('kernel', (channels, filters, *window.kernel),
                                 lambda t: t.permute(2, 3, 1, 0), lambda t: t.permute(3, 2, 0, 1))
        self.b = self.add_weight('bias', (filters,)) if self.param('bias') else None
        extra = [0 if window.same else max(reach - stride, 0) for reach, stride in zip(window.reach, window.stride)]
        self.sizes = [size * stride + more for size, stride, more in zip(self.shape, window.stride, extra)]
        full = [(size - 1) * stride + reach for size, stride, reach
                in zip(self.shape, window.stride, window.reach)]
        self.sizes = [whole - sum(pads) if sum(pads) else size for size, whole, pads
                      in zip(self.sizes, full, window.pads)]
        self.cut = [max(whole - size, 0) for whole, size in zip(full, self.sizes)]
        self.more = [max(size - whole, 0) for whole, size in zip(full, self.sizes)]
        self.shape = [*self.sizes, filters]

    def forward(self, x):
        window = self.window
        if self.fast or (all(cut % 2 == 0 for cut in self.cut) and not window.by_hand):
            padding = [-(-cut // 2) for cut in self.cut]
            more = [m + 2 * p - cut for m, p, cut in zip(self.more, padding, self.cut)]
            return self.finish(functional.conv_transpose2d(x, self.w, self.b, window.stride, padding, more, 1,
                                                           window.dilation))
        x = functional.conv_transpose2d(x, self.w, self.b, window.stride, 0, self.more, 1, window.dilation)
        top, left = [pads[0] for pads in window.pads] if window.by_hand else [cut // 2 for cut in self.cut]
        return self.finish(x[:, :, top:top + self.sizes[0], left:left + self.sizes[1]])


class Pool(Layer):
    axes = 2

    def __init__(self, *args):
        super().__init__(*args)
        self.window = Window(self, self.axes, 'pool-size')
        self.sizes = self.shape[:self.axes]
        self.padding = self.window.padding(self.sizes)
        self.shape = [*self.window.out(self.sizes), self.shape[-1]]
        # Without padding in front, a cut-off window at the end is the same as padding there.
        self.ceil = self.window.same and all(before == 0 and after < self.window.kernel[0]
                                             for before, after in self.padding)

    def pool(self, x):
        raise NotImplementedError

    def forward(self, x):
        return self.pool(x)


class MaxPool(Pool):
    def pool(self, x):
        call = functional.max_pool2d if self.axes == 2 else functional.max_pool1d
        if self.ceil:
            return call(x, self.window.kernel, self.window.stride, ceil_mode=True)
        flat = [size for pair in reversed(self.padding) for size in pair]
        return call(functional.pad(x, flat, value=-math.inf) if any(flat) else x, self.window.kernel,
                    self.window.stride, dilation=self.window.dilation)


class MaxPool1D(MaxPool):
    axes = 1

    def forward(self, x):
        return self.pool(x.transpose(1, 2)).transpose(1, 2)


class AvgPool(Pool):
    def pool(self, x):
        if self.ceil:
            return functional.avg_pool2d(x, self.window.kernel, self.window.stride, ceil_mode=True,
                                         count_include_pad=False)
        flat = [size for pair in reversed(self.padding) for size in pair]
        if not any(flat):
            return functional.avg_pool2d(x, self.window.kernel, self.window.stride)
        inside = functional.pad(torch.ones_like(x[:1, :1]), flat)
        share = functional.avg_pool2d(inside, self.window.kernel, self.window.stride)
        return functional.avg_pool2d(functional.pad(x, flat), self.window.kernel, self.window.stride) / share


class GlobalPool(Layer):
    def __init__(self, *args):
        super().__init__(*args)
        self.axes = (2, 3) if len(self.shape) == 3 else (1,)
        self.shape = [self.shape[-1]]


class GlobalAvgPool(GlobalPool):
    def forward(self, x):
        return x.mean(self.axes)


class GlobalMaxPool(GlobalPool):
    def forward(self, x):
        return x.flatten(2).max(2)[0] if x.dim() == 4 else x.max(1)[0]


class Resample(Layer):
    def __init__(self, *args):
        super().__init__(*args)
        if 'size' in self.params:
            sizes = [size * self.params['size'] for size in self.shape[:2]]
        else:
            sizes = [self.params['height'], self.params['width']]
        self.whole = all(new % old == 0 for new, old in zip(sizes, self.shape))
        self.shape = [*sizes, self.shape[-1]]

    def forward(self, x):
        if self.params['interpolation'] == 'bilinear':
            return functional.interpolate(x, self.shape[:2], mode='bilinear', align_corners=False)
        # nearest takes the pixel at floor (i in / out); nearest-exact the one under the centre of pixel i.
        return functional.interpolate(x, self.shape[:2], mode='nearest' if self.whole else 'nearest-exact')


class Border(Layer):
    sign = 1

    def __init__(self, *args):
        super().__init__(*args)
        self.sides = [self.sign * self.params[side] for side in ('left', 'right', 'top', 'bottom')]
        self.shape = [self.shape[0] + sum(self.sides[2:]), self.shape[1] + sum(self.sides[:2]), self.shape[2]]

    def forward(self, x):
        return functional.pad(x, self.sides)


class Cropping(Border):
    sign = -1


class Flatten(Layer):
    def __init__(self, *args):
        super().__init__(*args)
        self.shape = [math.prod(self.shape)]

    def forward(self, x):
        if self.fast and x.is_contiguous():
            return x.flatten(1)
        return to_design(x).flatten(1)


class Reshape(Layer):
    def __init__(self, *args):
        super().__init__(*args)
        size, shape = math.prod(self.shape), parse_shape(self.params['shape'])
        self.shape = [n if n >= 0 else size // -math.prod(shape) for n in shape]

    def forward(self, x):
        return to_native(to_design(x).reshape(len(x), *self.shape))


class Permute(Layer):
    def __init__(self, *args):
        super().__init__(*args)
        self.order = [0, *parse_shape(self.params['order'])]
        self.shape = [self.shape[axis - 1] for axis in self.order[1:]]

    def forward(self, x):
        return to_native(to_design(x).permute(self.order))


class RepeatVector(Layer):
    def __init__(self, *args):
        super().__init__(*args)
        self.shape = [self.params['times'], *self.shape]

    def forward(self, x):
        return x[:, None].expand(-1, self.params['times'], -1)


class Activation(Layer):
    def forward(self, x):
        return x if self.logits else ACTIVATIONS[self.params['activation']](x, self.params['alpha'])


class PRelu(Layer):
    def __init__(self, *args):
        super().__init__(*args)
        shape = self.shape[-1:] if self.params['shared'] else self.shape
        if len(shape) == 3:
            h, w, c = shape
            self.a = self.add_weight('alpha', (c, h, w), lambda t: t.permute(1, 2, 0), lambda t: t.permute(2, 0, 1), 0)
        else:
            self.a = self.add_weight('alpha', shape, fill=0)

    def forward(self, x):
        slope = self.a[:, None, None] if self.a.dim() == 1 and x.dim() == 4 else self.a
        return torch.where(x > 0, x, slope * x)


class LayerNorm(Layer):
    def __init__(self, *args):
        super().__init__(*args)
        features = self.shape[-1:]
        self.scale = self.add_weight('gamma', features, fill=1) if self.params['scale'] else None
        self.centre = self.add_weight('beta', features, fill=0) if self.params['centre'] else None

    def forward(self, x):
        x = functional.layer_norm(to_design(x), self.shape[-1:], self.scale, self.centre, self.params['epsilon'])
        return to_native(x)


class BatchNorm(Layer):
    """The batch's own mean and variance while training, else the moving ones; Keras' momentum is 1 - PyTorch's."""

    def __init__(self, *args):
        super().__init__(*args)
        features = self.shape[-1:]
        self.mean = self.add_weight('moving-mean', features, fill=0).requires_grad_(False)
        self.variance = self.add_weight('moving-variance', features, fill=1).requires_grad_(False)
        self.scale = self.add_weight('gamma', features, fill=1) if self.params['scale'] else None
        self.centre = self.add_weight('beta', features, fill=0) if self.params['centre'] else None

    def forward(self, x):
        if self.fast and x.dim() != 3:
            return functional.batch_norm(x, self.mean, self.variance, self.scale, self.centre, True,
                                         1 - self.params['momentum'], self.params['epsilon'])
        x = to_design(x)
        axes = tuple(range(x.dim() - 1))
        mean, variance = self.mean, self.variance
        if self.training:
            mean, variance = x.mean(axes), x.var(axes, unbiased=False)
            with torch.no_grad():
                self.mean += (1 - self.params['momentum']) * (mean - self.mean)
                self.variance += (1 - self.params['momentum']) * (variance - self.variance)
        x = (x - mean) / torch.sqrt(variance + self.params['epsilon'])
        x = x if self.scale is None else x * self.scale
        return to_native(x if self.centre is None else x + self.centre)


class KlSparsity(Layer):
    def forward(self, x):
        rho, mean = self.params['rho'], x.mean(0).clamp(1e-6, 1 - 1e-6)
        divergence = rho * torch.log(rho / mean) + (1 - rho) * torch.log((1 - rho) / (1 - mean))
        self.penalty = self.params['beta'] * divergence.sum()
        return x


class Merge(Layer):
    """Inputs of equal shape to one."""

    def forward(self, *xs):
        return self.merge(list(xs))


class Add(Merge):
    @staticmethod
    def merge(xs):
        return sum(xs[1:], xs[0])


class Multiply(Merge):
    @staticmethod
    def merge(xs):
        return math.prod(xs[1:], start=xs[0])


class Average(Merge):
    @staticmethod
    def merge(xs):
        return sum(xs[1:], xs[0]) / len(xs)


class Maximum(Merge):
    @staticmethod
    def merge(xs):
        largest = xs[0]
        for x in xs[1:]:
            largest = torch.maximum(largest, x)
        return largest


class Concatenate(Layer):
    def __init__(self, *args):
        super().__init__(*args)
        self.shape = [*self.shape[:-1], sum(shape[-1] for shape in self.shapes)]

    def forward(self, *xs):
        return torch.cat(xs, channel_axis(xs[0]))


class ActivityPenalty(Layer):
    def forward(self, x):
        self.penalty = (self.params['l1'] * x.abs().sum() + self.params['l2'] * x.square().sum()) / len(x)
        return x


class GaussianNoise(Layer):
    def forward(self, x):
        if self.params['stddev']:
            x = x + self.params['stddev'] * torch.randn_like(x)
        return x.clamp(self.params['low'], self.params['high']) if self.params['clip'] else x


class SaltAndPepper(Layer):
    def forward(self, x):
        chance, amount = torch.rand_like(x), self.params['amount']
        x = torch.where(chance < amount, self.params['low'], x)
        return torch.where(chance < amount * self.params['salt'], self.params['high'], x)


class MaskOut(Layer):
    def covered(self, x):
        """True where x is covered."""
        if self.params['mask'] == 'pixels':
            share = torch.rand(x.shape[0], 1, *x.shape[2:]) if x.dim() == 4 else torch.rand(x.shape[:-1] + (1,))
            return share < self.params['share']
        size, axes = self.params['size'], []
        for axis in (1, 2):
            length = self.shape[axis - 1]
            if self.params['centred']:
                start = torch.full((len(x), 1), (length - size) // 2)
            else:
                start = torch.randint(0, length - size + 1, (len(x), 1))
            place = torch.arange(length)
            axes.append((place >= start) & (place < start + size))
        rows, columns = axes[0][:, :, None], axes[1][:, None, :]
        both = rows & columns if self.params['mask'] == 'block' else rows | columns
        return both[:, None] if x.dim() == 4 else both

    def forward(self, x):
        return torch.where(self.covered(x), float(self.params['fill']), x)


class Augment(Layer):
    def forward(self, x):
        """x (N, C, H, W) or (N, H, W), each sample moved and mirrored by its own chance."""
        if not (self.params['shift'] or self.params['mirror'] or self.params['turn']):
            return x
        shift, moved = self.params['shift'], []
        padded = functional.pad(x, (shift,) * 4)
        starts = torch.randint(0, 2 * shift + 1, (len(x), 2))
        for image, (row, column), (mirror, turn) in zip(padded, starts.tolist(), torch.rand(len(x), 2).tolist()):
            image = image[..., row:row + x.shape[-2], column:column + x.shape[-1]]
            axes = [-1] * (self.params['mirror'] and mirror < 0.5) + [-2] * (self.params['turn'] and turn < 0.5)
            moved.append(image.flip(axes) if axes else image)
        return torch.stack(moved)


class Dropout(Layer):
    def forward(self, x):
        return functional.dropout(x, self.params['rate']) if self.params['rate'] else x


class SpatialDropout(Layer):
    def forward(self, x):
        if not self.params['rate']:
            return x
        if x.dim() == 4:
            return functional.dropout2d(x, self.params['rate'])
        return functional.dropout1d(x.transpose(1, 2), self.params['rate']).transpose(1, 2)


class Sampling(Layer):
    noise = True  # off: the code is the mean

    def forward(self, mean, log_variance):
        divergence = (mean.square() + log_variance.exp() - log_variance - 1).sum()
        self.penalty = self.params['beta'] / 2 * divergence / len(mean)
        if not self.noise:
            return mean
        return mean + torch.exp(log_variance / 2) * torch.randn_like(mean)


class Input(Layer):
    pass


class Embedding(Layer):
    def __init__(self, *args):
        super().__init__(*args)
        self.one_hot = self.params['reads'] == 'classes'
        entries = self.shape[-1] if self.one_hot else self.params['entries']
        self.table = self.add_weight('table', (entries, self.params['units']))
        self.shape = [*(self.shape[:-1] if self.one_hot else self.numbers(self.shape)), self.params['units']]

    @staticmethod
    def numbers(shape):
        return shape if shape != [1] else []

    def forward(self, x):
        x = to_design(x)
        if self.one_hot:
            rows = x.argmax(-1) if x.is_floating_point() else x
        else:
            rows = torch.floor(x + 0.5).long()
            rows = torch.where((rows >= 0) & (rows < len(self.table)), rows, 0)
        return to_native(functional.embedding(rows, self.table).reshape(len(x), *self.shape))


class Quantizer(Layer):
    def __init__(self, *args):
        super().__init__(*args)
        self.book = self.add_weight('codebook', (self.params['codes'], self.shape[-1]))

    def forward(self, x):
        z = to_design(x)
        nearest = torch.cdist(z.detach().reshape(-1, z.shape[-1]), self.book.detach()).argmin(1)
        e = functional.embedding(nearest, self.book).reshape(z.shape)
        self.penalty = functional.mse_loss(e, z.detach()) + self.params['beta'] * functional.mse_loss(z, e.detach())
        return to_native(z + (e - z).detach())


# One step of each recurrent cell, gates as Keras orders them: g is what the input gives, after its bias; h and c the
# state; r, b the recurrent kernel (units, gates units) and its bias.


def lstm_step(g, h, c, r, b, f):
    i, forget, new, o = (g + h @ r).chunk(4, -1)
    c = torch.sigmoid(forget) * c + torch.sigmoid(i) * f(new)
    return torch.sigmoid(o) * f(c), c


def gru_step(g, h, c, r, b, f):
    """reset_after: the reset gate acts on what the state gives."""
    inner = h @ r if b is None else h @ r + b
    (z, reset, new), (hz, hr, hn) = g.chunk(3, -1), inner.chunk(3, -1)
    z, reset = torch.sigmoid(z + hz), torch.sigmoid(reset + hr)
    return z * h + (1 - z) * f(new + reset * hn), c


def simple_step(g, h, c, r, b, f):
    return f(g + h @ r), c


class Recurrent(Layer):
    """Steps written out; `fast` takes PyTorch's own module."""
    gates, bias_rows, step, module = 1, 1, staticmethod(simple_step), nn.RNN

    def __init__(self, *args):
        super().__init__(*args)
        steps, features = self.shape
        units = self.param('units')
        self.both, self.sequences = self.param('bidirectional'), self.param('return-sequences')
        self.doubled = self.both and self.param('merge') == 'concatenate'
        width = units * (2 if self.doubled else 1)
        self.shape = [steps, width] if self.sequences else [width]
        self.own = self.fast and self.param('activation') == 'tanh' and not self.param('go-backwards')
        if self.own:
            self.cell = self.module(features, units, bias=self.param('bias'), batch_first=True,
                                    bidirectional=self.both)
            return
        cols = self.gates * units
        bias = (cols,) if self.bias_rows == 1 else (self.bias_rows, cols)
        self.ways = [self.make_weights(prefix, features, units, cols, bias)
                     for prefix in (('', 'backward-') if self.both else ('',))]

    def make_weights(self, prefix, features, units, cols, bias):
        return (self.add_weight(prefix + 'kernel', (features, cols)),
                self.add_weight(prefix + 'recurrent-kernel', (units, cols)),
                self.add_weight(prefix + 'bias', bias) if self.param('bias') else None)

    def walk(self, x, way, reverse):
        kernel, recurrent, bias = way
        first, second = (bias, None) if bias is None or bias.dim() == 1 else (bias[0], bias[1])
        inputs = x @ kernel if first is None else x @ kernel + first
        h = c = torch.zeros(len(x), self.param('units'))
        outputs, order = [], range(x.shape[1])
        for t in reversed(order) if reverse else order:
            h, c = self.step(inputs[:, t], h, c, recurrent, second,
                             lambda z: ACTIVATIONS[self.param('activation')](z, 0))
            outputs.append(h)
        return torch.stack(outputs, 1)

    def merge(self, a, b):
        kind = self.param('merge')
        if kind == 'concatenate':
            return torch.cat([a, b], -1)
        return a * b if kind == 'multiply' else (a + b) / (2 if kind == 'average' else 1)

    def directions(self, x):
        if self.own:
            outputs = self.cell(x)[0]
            a, *b = outputs.chunk(2, -1) if self.both else (outputs,)
            return a, b[0] if b else None
        if not self.both:
            return self.walk(x, self.ways[0], self.param('go-backwards')), None
        return self.walk(x, self.ways[0], False), self.walk(x, self.ways[1], True).flip(1)

    def forward(self, x):
        a, b = self.directions(x)
        if not self.sequences:
            a = a[:, -1]
            b = b[:, 0] if b is not None else None
        y = a if b is None else self.merge(a, b)
        self.penalty = None
        if self.param('activity-l1'):
            self.penalty = self.param('activity-l1') * y.abs().sum() / len(y)
        return y


class Lstm(Recurrent):
    gates, step, module = 4, staticmethod(lstm_step), nn.LSTM


class Gru(Recurrent):
    gates, bias_rows, step, module = 3, 2, staticmethod(gru_step), nn.GRU


LAYERS = {
    'dense': Dense, 'conv2d': Conv, 'conv1d': Conv1D, 'depthwise-conv2d': Depthwise, 'separable-conv2d': Separable,
    'conv2d-transpose': ConvTranspose, 'max-pool2d': MaxPool, 'max-pool1d': MaxPool1D, 'avg-pool2d': AvgPool,
    'global-avg-pool': GlobalAvgPool, 'global-max-pool': GlobalMaxPool, 'upsampling2d': Resample, 'resize': Resample,
    'zero-padding': Border, 'cropping': Cropping, 'flatten': Flatten, 'reshape': Reshape, 'permute': Permute,
    'repeat-vector': RepeatVector, 'activation': Activation, 'prelu': PRelu, 'layer-norm': LayerNorm, 'add': Add,
    'multiply': Multiply, 'average': Average, 'maximum': Maximum, 'concatenate': Concatenate,
    'activity-penalty': ActivityPenalty, 'gaussian-noise': GaussianNoise, 'salt-and-pepper': SaltAndPepper,
    'mask-out': MaskOut, 'augment': Augment, 'dropout': Dropout, 'spatial-dropout': SpatialDropout, 'sampling': Sampling,
    'lstm': Lstm, 'gru': Gru, 'simple-rnn': Recurrent, 'embedding': Embedding, 'vector-quantizer': Quantizer,
    'batch-norm': BatchNorm, 'kl-sparsity': KlSparsity,
}
