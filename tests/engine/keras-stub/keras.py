"""As much of Keras 3 as exported scripts use, in numpy: layers make their weights in the shapes that Keras documents
and compute what Keras documents, models run and compare. There is no Keras in Debian to test with; arguments that Keras
does not have are errors here, too."""
import itertools
import types

import numpy as np

counter = itertools.count()
NUDGE = 0.001  # of every weight in each epoch
epochs_done = 0  # of the last fit()


# ---- tensors and layers ----


class KerasTensor:
    """What a layer gives before there are numbers: known from a batch of one."""

    def __init__(self, sample, layer=None, inputs=None):
        self.sample, self.layer, self.inputs = np.asarray(sample), layer, inputs
        self.shape = (None, *self.sample.shape[1:])


def is_symbolic(x):
    return any(isinstance(part, KerasTensor) for part in (x if isinstance(x, list) else [x]))


def of_sample(x):
    return [part.sample for part in x] if isinstance(x, list) else x.sample


INITIALIZERS = {'zeros', 'ones', 'glorot_uniform', 'glorot_normal', 'he_uniform', 'he_normal', 'lecun_normal',
                'random_normal', 'random_uniform', 'uniform', 'orthogonal'}


class Layer:
    def __init__(self, name=None, trainable=True, activity_regularizer=None):
        self.name = name or f'{type(self).__name__.lower()}_{next(counter)}'
        self.trainable, self.built = trainable, False
        self.own, self.losses = [], []

    def add_weight(self, shape=None, initializer='glorot_uniform', trainable=True, regularizer=None, name=None):
        assert initializer in INITIALIZERS, initializer
        value = np.zeros(shape, np.float32)
        self.own.append((value, trainable, regularizer))
        return value

    def add_loss(self, loss):
        assert np.ndim(loss) == 0
        self.losses.append(loss)

    def parts(self):
        return self.own

    @property
    def weights(self):
        return ([w for w, trainable, _ in self.parts() if trainable]
                + [w for w, trainable, _ in self.parts() if not trainable])

    def get_weights(self):
        return [w.copy() for w in self.weights]

    def set_weights(self, values):
        if len(values) != len(self.weights):
            raise ValueError(f'{self.name} has {len(self.weights)} weights, not {len(values)}')
        for weight, value in zip(self.weights, values):
            if weight.shape != value.shape:
                raise ValueError(f'{self.name}: {value.shape} in place of {weight.shape}')
            weight[...] = value

    def build(self, shape):
        pass

    def run(self, x):
        self.losses = []
        if not self.built:
            shapes = [(None, *part.shape[1:]) for part in (x if isinstance(x, list) else [x])]
            self.build(shapes if isinstance(x, list) else shapes[0])
            self.built = True
        return np.asarray(self.call(x))

    def __call__(self, x, **_):
        if is_symbolic(x):
            return KerasTensor(self.run(of_sample(x)), self, x)
        return self.run(x)

    def penalty(self):
        return sum(regularizer(w) for w, _, regularizer in self.parts() if regularizer)


def Input(shape, name=None):
    return KerasTensor(np.zeros((1, *shape), np.float32))


class Model:
    def __init__(self, inputs, outputs, name=None):
        self.inputs = inputs if isinstance(inputs, list) else [inputs]
        self.outputs, self.single = (outputs if isinstance(outputs, list) else [outputs]), not isinstance(outputs, list)
        self.layers = []
        for output in self.outputs:
            self.find(output)

    def find(self, tensor):
        if tensor.layer is None:
            assert any(tensor is known for known in self.inputs), 'an input that the model does not have'
            return
        for part in tensor.inputs if isinstance(tensor.inputs, list) else [tensor.inputs]:
            self.find(part)
        if tensor.layer not in self.layers:
            assert all(layer.name != tensor.layer.name for layer in self.layers), f'two layers are {tensor.layer.name}'
            self.layers.append(tensor.layer)

    def compute(self, tensor, known):
        if id(tensor) not in known:
            several = isinstance(tensor.inputs, list)
            x = [self.compute(part, known) for part in (tensor.inputs if several else [tensor.inputs])]
            known[id(tensor)] = tensor.layer.run(x if several else x[0])
        return known[id(tensor)]

    def __call__(self, x, training=False):
        assert not training
        x = x if isinstance(x, (list, tuple)) else [x]
        assert len(x) == len(self.inputs)
        known = {}
        for tensor, value in zip(self.inputs, x):
            assert value.shape[1:] == tensor.shape[1:], f'{value.shape} for {tensor.shape}'
            known[id(tensor)] = np.asarray(value, np.float32)
        values = [self.compute(output, known) for output in self.outputs]
        return values[0] if self.single else values

    def compile(self, optimizer, loss, loss_weights=None):
        self.optimizer = optimizer
        self.loss = loss if isinstance(loss, list) else [loss]
        self.loss_weights = loss_weights or [1.0] * len(self.loss)
        assert len(self.loss) == len(self.outputs) == len(self.loss_weights)

    def evaluate(self, x, y, sample_weight=None):
        outputs = self(x)
        outputs, y = ([v] if not isinstance(v, list) else v for v in (outputs, y))
        weights = sample_weight if isinstance(sample_weight, list) else [sample_weight] * len(outputs)
        total = sum(layer.penalty() for layer in self.layers) + sum(sum(layer.losses) for layer in self.layers)
        for output, target, loss, factor, weight in zip(outputs, y, self.loss, self.loss_weights, weights):
            values = losses.get(loss)(target, output)
            if weight is not None:
                assert weight.ndim <= values.ndim and weight.shape == values.shape[:weight.ndim]
                values = values * weight.reshape(weight.shape + (1,) * (values.ndim - weight.ndim))
            total += factor * values.mean()
        return float(total)

    def fit(self, x, y, sample_weight=None, batch_size=32, epochs=1, shuffle=True, validation_data=None, callbacks=()):
        """Adds NUDGE to every weight each epoch, and asks whatever a script has a say in."""
        global epochs_done  # pylint: disable=global-statement
        self.rates, self.stop_training, epochs_done = [], False, 0
        n = len(x[0] if isinstance(x, list) else x)
        for callback in callbacks:
            callback.model = self
        for epoch in range(epochs):
            for batch in range(-(-n // batch_size)):
                for callback in callbacks:
                    callback.on_train_batch_begin(batch)
                self.rates.append(float(self.optimizer.learning_rate))
            self.set_weights([values + NUDGE for values in self.get_weights()])
            logs = {'loss': self.evaluate(x, y, sample_weight)}
            if validation_data:
                logs['val_loss'] = self.evaluate(*validation_data)
            for callback in callbacks:
                callback.on_epoch_end(epoch, logs)
            epochs_done += 1
            if self.stop_training:
                break
        for callback in callbacks:
            callback.on_train_end()

    def get_weights(self):
        return [values for layer in self.layers for values in layer.get_weights()]

    def set_weights(self, weights):
        weights = iter(weights)
        for layer in self.layers:
            layer.set_weights([next(weights) for _ in layer.weights])


# ---- functions ----


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def erf(x):
    """By its series; the arguments of tests are small."""
    x = np.clip(x, -4, 4).astype(np.float64)
    term, total = x.copy(), x.copy()
    for n in range(1, 80):
        term = -term * x * x / n
        total += term / (2 * n + 1)
    return total * 2 / np.sqrt(np.pi)


def sigmoid(x):
    return 1 / (1 + np.exp(-np.asarray(x, np.float64)))


ACTIVATIONS = {
    None: lambda x: x,
    'linear': lambda x: x,
    'relu': lambda x: np.maximum(x, 0),
    'sigmoid': sigmoid,
    'tanh': np.tanh,
    'relu6': lambda x: np.clip(x, 0, 6),
    'hard_silu': lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    'softsign': lambda x: x / (1 + np.abs(x)),
    'log_softmax': lambda x: x - x.max(-1, keepdims=True) - np.log(np.exp(x - x.max(-1, keepdims=True)).sum(-1, keepdims=True)),
    'softplus': lambda x: np.logaddexp(0, x),
    'selu': lambda x: 1.05070098735548 * np.where(x > 0, x, 1.67326324235438 * np.expm1(np.minimum(x, 0))),
    'gelu': lambda x: x / 2 * (1 + erf(x / np.sqrt(2))),
    'silu': lambda x: x * sigmoid(x),
    'softmax': softmax,
}
activations = types.SimpleNamespace(get=lambda f: f if callable(f) else ACTIVATIONS[f])


def pads(size, kernel, stride, dilation, padding):
    """(before, after) and the size of what comes out, as TensorFlow."""
    reach = (kernel - 1) * dilation + 1
    if padding == 'valid':
        return (0, 0), (size - reach) // stride + 1
    assert padding == 'same'
    out = -(-size // stride)
    total = max((out - 1) * stride + reach - size, 0)
    return (total // 2, total - total // 2), out


def pair(x, axes=2):
    return tuple(x) if isinstance(x, (tuple, list)) else (x,) * axes


def windows(x, kernel, strides, dilation, padding, fill=0.0):
    """(N, out_h, out_w, kernel_h, kernel_w, C) of (N, H, W, C)"""
    sides, outs = zip(*(pads(x.shape[i + 1], kernel[i], strides[i], dilation[i], padding) for i in (0, 1)))
    x = np.pad(x, ((0, 0), *sides, (0, 0)), constant_values=fill)
    rows, columns = (np.arange(outs[i])[:, None] * strides[i] + np.arange(kernel[i]) * dilation[i] for i in (0, 1))
    return x[:, rows[:, None, :, None], columns[None, :, None, :]]


def conv(x, kernel, strides=1, padding='valid', dilation_rate=1):
    x, groups = windows(x, kernel.shape[:2], pair(strides), pair(dilation_rate), padding), x.shape[-1] // kernel.shape[2]
    parts = zip(np.split(x, groups, -1), np.split(kernel, groups, -1))
    return np.concatenate([np.tensordot(part, k, 3) for part, k in parts], -1)


def conv_transpose(x, kernel, strides=1, padding='valid', dilation_rate=1):
    """kernel (h, w, out, in): what conv() does to gradients."""
    strides, dilation = pair(strides), pair(dilation_rate)
    reach = [(k - 1) * d + 1 for k, d in zip(kernel.shape, dilation)]
    size = [n * s + (max(r - s, 0) if padding == 'valid' else 0) for n, s, r in zip(x.shape[1:3], strides, reach)]
    sides = [pads(n, k, s, d, padding)[0] for n, k, s, d in zip(size, kernel.shape, strides, dilation)]
    full = np.zeros((len(x), *(n + sum(side) + max(s, r) for n, side, s, r in zip(size, sides, strides, reach)),
                     kernel.shape[2]))
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            rows, columns = i * dilation[0], j * dilation[1]
            full[:, rows:rows + x.shape[1] * strides[0]:strides[0],
                 columns:columns + x.shape[2] * strides[1]:strides[1]] += x @ kernel[i, j].T
    return full[:, sides[0][0]:sides[0][0] + size[0], sides[1][0]:sides[1][0] + size[1]]


class ops:
    """Of numpy, under the names of keras.ops."""
    shape = staticmethod(lambda x: x.shape)
    cast = staticmethod(lambda x, dtype: np.asarray(x).astype(dtype))
    square, exp, log, sqrt, abs, round = np.square, np.exp, np.log, np.sqrt, np.abs, np.round
    sum, mean, clip, where, reshape = np.sum, np.mean, np.clip, np.where, np.reshape
    matmul, maximum, argmax, argmin, take = np.matmul, np.maximum, np.argmax, np.argmin, np.take
    transpose, ones_like, arange, full = np.transpose, np.ones_like, np.arange, np.full
    logical_and, logical_or, broadcast_to = np.logical_and, np.logical_or, np.broadcast_to
    take_along_axis = np.take_along_axis
    stop_gradient = convert_to_numpy = staticmethod(lambda x: x)
    conv, conv_transpose = staticmethod(conv), staticmethod(conv_transpose)


# ---- layers ----


class Weighted(Layer):
    def __init__(self, activation=None, use_bias=True, kernel_initializer='glorot_uniform', kernel_regularizer=None,
                 **kwargs):
        super().__init__(**kwargs)
        self.activation, self.use_bias = activations.get(activation), use_bias
        self.kernel_options = {'initializer': kernel_initializer, 'regularizer': kernel_regularizer}

    def add_bias(self, n):
        self.bias = self.add_weight((n,), 'zeros') if self.use_bias else 0

    def finish(self, x):
        return self.activation(x + self.bias)


class Dense(Weighted):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, shape):
        self.kernel = self.add_weight((shape[-1], self.units), **self.kernel_options)
        self.add_bias(self.units)

    def call(self, x):
        return self.finish(x @ self.kernel)


class Convolution(Weighted):
    def __init__(self, kernel_size, strides=1, padding='valid', dilation_rate=1, **kwargs):
        super().__init__(**kwargs)
        if max(pair(strides)) > 1 and max(pair(dilation_rate)) > 1:
            raise ValueError('`strides > 1` not supported in conjunction with `dilation_rate > 1`')
        self.kernel_size, self.how = pair(kernel_size), (strides, padding, dilation_rate)


class Conv2D(Convolution):
    def __init__(self, filters, kernel_size, groups=1, **kwargs):
        super().__init__(kernel_size, **kwargs)
        self.filters, self.groups = filters, groups

    def build(self, shape):
        self.kernel = self.add_weight((*self.kernel_size, shape[-1] // self.groups, self.filters),
                                      **self.kernel_options)
        self.add_bias(self.filters)

    def call(self, x):
        return self.finish(conv(x, self.kernel, *self.how))


class Conv1D(Conv2D):
    def __init__(self, filters, kernel_size, strides=1, dilation_rate=1, **kwargs):
        super().__init__(filters, kernel_size, strides=strides, dilation_rate=dilation_rate, **kwargs)
        self.kernel_size = (kernel_size,)
        self.how = ((1, strides), self.how[1], (1, dilation_rate))

    def call(self, x):
        return self.finish(conv(x[:, None], self.kernel[None], *self.how)[:, 0])


class Conv2DTranspose(Conv2D):
    def build(self, shape):
        self.kernel = self.add_weight((*self.kernel_size, self.filters, shape[-1]), **self.kernel_options)
        self.add_bias(self.filters)

    def call(self, x):
        return self.finish(conv_transpose(x, self.kernel, *self.how))


class DepthwiseConv2D(Convolution):
    def __init__(self, kernel_size, depth_multiplier=1, depthwise_initializer='glorot_uniform',
                 depthwise_regularizer=None, **kwargs):
        super().__init__(kernel_size, kernel_initializer=depthwise_initializer,
                         kernel_regularizer=depthwise_regularizer, **kwargs)
        self.multiplier = depth_multiplier

    def build(self, shape):
        self.kernel = self.add_weight((*self.kernel_size, shape[-1], self.multiplier), **self.kernel_options)
        self.add_bias(shape[-1] * self.multiplier)

    def call(self, x):
        each = self.kernel.reshape(*self.kernel_size, 1, -1)
        return self.finish(conv(x, each, *self.how))


class Pooling(Layer):
    def __init__(self, pool_size=2, strides=None, padding='valid', name=None):
        super().__init__(name)
        self.size, self.strides, self.padding = pool_size, strides or pool_size, padding

    def call(self, x):
        flat = x.ndim == 3
        size, strides = ((1, self.size), (1, self.strides)) if flat else (pair(self.size), pair(self.strides))
        y = self.reduce(windows(x[:, None] if flat else x, size, strides, (1, 1), self.padding, np.nan), (3, 4))
        return y[:, 0] if flat else y


class MaxPooling(Pooling):
    reduce = staticmethod(np.nanmax)


class AveragePooling(Pooling):
    reduce = staticmethod(np.nanmean)


class Simple(Layer):
    """A function of what comes in."""
    function = None

    def __init__(self, *args, name=None, **kwargs):
        super().__init__(name)
        self.args, self.kwargs = args, kwargs

    def call(self, x):
        return type(self).function(x, *self.args, **self.kwargs)


def simple(function):
    return type(function.__name__, (Simple,), {'function': staticmethod(function)})


def upsample(x, size, interpolation='nearest'):
    return resizing(x, x.shape[1] * pair(size)[0], x.shape[2] * pair(size)[1], interpolation)


def resizing(x, height, width, interpolation='bilinear'):
    for axis, n in ((1, height), (2, width)):
        place = (np.arange(n) + 0.5) * x.shape[axis] / n
        if interpolation == 'nearest':
            x = np.take(x, np.floor(place + 1e-9).astype(int), axis)
            continue
        assert interpolation == 'bilinear'
        place = np.clip(place - 0.5, 0, x.shape[axis] - 1)
        low = np.floor(place).astype(int)
        share = (place - low).reshape([-1 if i == axis else 1 for i in range(x.ndim)])
        x = np.take(x, low, axis) * (1 - share) + np.take(x, np.minimum(low + 1, x.shape[axis] - 1), axis) * share
    return x


def cropping(x, cropping):
    (top, bottom), (left, right) = cropping
    return x[:, top:x.shape[1] - bottom, left:x.shape[2] - right]


def multiply_all(x):
    product = x[0]
    for other in x[1:]:
        product = product * other
    return product


class ActivityRegularization(Layer):
    def __init__(self, l1=0.0, l2=0.0, name=None):
        super().__init__(name)
        self.l1, self.l2 = l1, l2

    def call(self, x):
        self.add_loss((self.l1 * np.abs(x).sum() + self.l2 * np.square(x).sum()) / len(x))
        return x


class PReLU(Layer):
    def __init__(self, alpha_initializer='zeros', shared_axes=None, **kwargs):
        super().__init__(**kwargs)
        self.shared = shared_axes or ()

    def build(self, shape):
        self.alpha = self.add_weight([1 if i in self.shared else n for i, n in enumerate(shape)][1:], 'zeros')

    def call(self, x):
        return np.where(x > 0, x, self.alpha * x)


class Normalization(Layer):
    def __init__(self, epsilon=1e-3, center=True, scale=True, **kwargs):
        super().__init__(**kwargs)
        self.epsilon, self.center, self.scale = epsilon, center, scale

    def build(self, shape):
        self.gamma = self.add_weight(shape[-1:], 'ones') if self.scale else 1
        self.beta = self.add_weight(shape[-1:], 'zeros') if self.center else 0

    def normalise(self, x, mean, variance):
        return self.gamma * (x - mean) / np.sqrt(variance + self.epsilon) + self.beta


class BatchNormalization(Normalization):
    def __init__(self, momentum=0.99, **kwargs):
        super().__init__(**kwargs)
        self.momentum = momentum

    def build(self, shape):
        super().build(shape)
        self.mean = self.add_weight(shape[-1:], 'zeros', trainable=False)
        self.variance = self.add_weight(shape[-1:], 'ones', trainable=False)

    def call(self, x):
        return self.normalise(x, self.mean, self.variance)


class LayerNormalization(Normalization):
    def call(self, x):
        return self.normalise(x, x.mean(-1, keepdims=True), x.var(-1, keepdims=True))


class Embedding(Layer):
    def __init__(self, input_dim, output_dim, embeddings_initializer='uniform', embeddings_regularizer=None, **kwargs):
        super().__init__(**kwargs)
        self.sizes, self.start = (input_dim, output_dim), embeddings_initializer

    def build(self, shape):
        self.embeddings = self.add_weight(self.sizes, self.start)

    def call(self, x):
        assert np.issubdtype(x.dtype, np.integer)
        return self.embeddings[x]


class RNN(Weighted):
    gates, bias_rows = 1, 1

    def __init__(self, units, activation='tanh', return_sequences=False, go_backwards=False,
                 recurrent_initializer='orthogonal', recurrent_regularizer=None, **kwargs):
        super().__init__(activation=activation, **kwargs)
        self.units, self.sequences, self.backwards = units, return_sequences, go_backwards
        self.recurrent_options = {'initializer': recurrent_initializer, 'regularizer': recurrent_regularizer}

    def build(self, shape):
        n = self.gates * self.units
        self.kernel = self.add_weight((shape[-1], n), **self.kernel_options)
        self.recurrent = self.add_weight((self.units, n), **self.recurrent_options)
        if self.use_bias:
            self.bias = self.add_weight((n,) if self.bias_rows == 1 else (self.bias_rows, n), 'zeros')
        else:
            self.bias = np.zeros((self.bias_rows, n) if self.bias_rows > 1 else n)

    def call(self, x):
        h = c = np.zeros((len(x), self.units))
        states = []
        for row in (x[:, ::-1] if self.backwards else x).swapaxes(0, 1):
            h, c = self.step(row, h, c)
            states.append(h)
        return np.stack(states, 1) if self.sequences else h


class SimpleRNN(RNN):
    def step(self, x, h, c):
        return self.activation(x @ self.kernel + h @ self.recurrent + self.bias), c


class LSTM(RNN):
    gates = 4

    def step(self, x, h, c):
        i, f, g, o = np.split(x @ self.kernel + h @ self.recurrent + self.bias, 4, -1)
        c = sigmoid(f) * c + sigmoid(i) * self.activation(g)
        return sigmoid(o) * self.activation(c), c


class GRU(RNN):
    """With reset_after, Keras's default."""
    gates, bias_rows = 3, 2

    def step(self, x, h, c):
        a, b = np.split(x @ self.kernel + self.bias[0], 3, -1), np.split(h @ self.recurrent + self.bias[1], 3, -1)
        z, r = sigmoid(a[0] + b[0]), sigmoid(a[1] + b[1])
        return z * h + (1 - z) * self.activation(a[2] + r * b[2]), c


class Bidirectional(Layer):
    MERGES = {'concat': lambda a, b: np.concatenate([a, b], -1), 'sum': np.add, 'mul': np.multiply,
              'ave': lambda a, b: (a + b) / 2}

    def __init__(self, layer, merge_mode='concat', **kwargs):
        super().__init__(**kwargs)
        self.there, self.merge = layer, self.MERGES[merge_mode]
        self.back = type(layer)(layer.units, activation=layer.activation, return_sequences=layer.sequences,
                                go_backwards=True, use_bias=layer.use_bias,
                                kernel_regularizer=layer.kernel_options['regularizer'],
                                recurrent_regularizer=layer.recurrent_options['regularizer'])

    def parts(self):
        return self.there.own + self.back.own

    def call(self, x):
        there, back = self.there.run(x), self.back.run(x)
        return self.merge(there, back[:, ::-1] if self.there.sequences else back)


layers = types.SimpleNamespace(
    Layer=Layer, Dense=Dense, Conv1D=Conv1D, Conv2D=Conv2D, Conv2DTranspose=Conv2DTranspose,
    DepthwiseConv2D=DepthwiseConv2D, MaxPooling1D=MaxPooling, MaxPooling2D=MaxPooling, AveragePooling1D=AveragePooling,
    AveragePooling2D=AveragePooling, PReLU=PReLU, BatchNormalization=BatchNormalization,
    LayerNormalization=LayerNormalization, Embedding=Embedding, SimpleRNN=SimpleRNN, LSTM=LSTM, GRU=GRU,
    Bidirectional=Bidirectional, ActivityRegularization=ActivityRegularization,
    GlobalMaxPooling1D=simple(lambda x: x.max(1)), GlobalMaxPooling2D=simple(lambda x: x.max((1, 2))),
    GlobalAveragePooling1D=simple(lambda x: x.mean(1)), GlobalAveragePooling2D=simple(lambda x: x.mean((1, 2))),
    UpSampling2D=simple(upsample), Resizing=simple(resizing), Cropping2D=simple(cropping),
    ZeroPadding2D=simple(lambda x, padding: np.pad(x, ((0, 0), *padding, (0, 0)))),
    Activation=simple(lambda x, activation: activations.get(activation)(x)),
    LeakyReLU=simple(lambda x, negative_slope: np.where(x > 0, x, negative_slope * x)),
    ELU=simple(lambda x, alpha: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))),
    Identity=simple(lambda x: x), Dropout=simple(lambda x, rate: x), SpatialDropout1D=simple(lambda x, rate: x),
    SpatialDropout2D=simple(lambda x, rate: x), GaussianNoise=simple(lambda x, stddev: x),
    Flatten=simple(lambda x: x.reshape(len(x), -1)), Reshape=simple(lambda x, shape: x.reshape(len(x), *shape)),
    Permute=simple(lambda x, dims: x.transpose(0, *dims)),
    RepeatVector=simple(lambda x, n: np.repeat(x[:, None], n, 1)),
    Add=simple(sum), Average=simple(lambda x: sum(x) / len(x)), Multiply=simple(multiply_all),
    Maximum=simple(lambda x: np.maximum.reduce(x)), Concatenate=simple(lambda x: np.concatenate(x, -1)))


# ---- training ----


def clipped(p):
    return np.clip(p, 1e-7, 1 - 1e-7)


def sparse_crossentropy(target, p):
    right = np.round(target).astype(int).reshape(*p.shape[:-1], 1)
    return -np.log(clipped(np.take_along_axis(p / p.sum(-1, keepdims=True), right, -1)))[..., 0]


LOSSES = {
    'binary_crossentropy': lambda t, p: (-t * np.log(clipped(p)) - (1 - t) * np.log(1 - clipped(p))).mean(-1),
    'mean_squared_error': lambda t, p: np.square(t - p).mean(-1),
    'mean_absolute_error': lambda t, p: np.abs(t - p).mean(-1),
    'huber': lambda t, p: np.where(np.abs(t - p) <= 1, np.square(t - p) / 2, np.abs(t - p) - 0.5).mean(-1),
    'categorical_crossentropy': lambda t, p: -(t * np.log(clipped(p / p.sum(-1, keepdims=True)))).sum(-1),
    'sparse_categorical_crossentropy': sparse_crossentropy,
}
losses = types.SimpleNamespace(get=lambda loss: loss if callable(loss) else LOSSES[loss])


class L1L2:
    def __init__(self, l1=0.0, l2=0.0):
        self.l1, self.l2 = l1, l2

    def __call__(self, w):
        return self.l1 * np.abs(w).sum() + self.l2 * np.square(w).sum()


regularizers = types.SimpleNamespace(L1L2=L1L2)


def optimizer_of(*names):
    def __init__(self, learning_rate, clipnorm=None, clipvalue=None, global_clipnorm=None, **kwargs):
        assert set(kwargs) <= set(names), set(kwargs) - set(names)
        assert [clipnorm, clipvalue, global_clipnorm].count(None) >= 2, 'only one kind of clipping'
        self.learning_rate, self.options = learning_rate, kwargs
    return type('Optimizer', (), {'__init__': __init__})


optimizers = types.SimpleNamespace(
    Adam=optimizer_of('beta_1', 'beta_2', 'epsilon'), AdamW=optimizer_of('weight_decay', 'beta_1', 'beta_2', 'epsilon'),
    Nadam=optimizer_of('beta_1', 'beta_2', 'epsilon'), RMSprop=optimizer_of('rho', 'momentum', 'epsilon', 'centered'),
    Adagrad=optimizer_of('initial_accumulator_value', 'epsilon'), Adadelta=optimizer_of('rho', 'epsilon'),
    SGD=optimizer_of('momentum', 'nesterov'))
class Callback:
    def on_train_batch_begin(self, batch, logs=None):
        pass

    def on_epoch_end(self, epoch, logs=None):
        pass

    def on_train_end(self, logs=None):
        pass


callbacks = types.SimpleNamespace(Callback=Callback)
random = types.SimpleNamespace(
    SeedGenerator=lambda: np.random.default_rng(0), normal=lambda shape, seed: seed.standard_normal(shape),
    uniform=lambda shape, seed: seed.random(shape), randint=lambda shape, low, high, seed: seed.integers(low, high, shape))
utils = types.SimpleNamespace(set_random_seed=np.random.seed)
