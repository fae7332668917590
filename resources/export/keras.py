# What scripts for Keras are made of. Each class and function goes into a script where its name is spoken of; those
# behind the mark go behind the network.


class Noise(layers.Layer):
    """What is done to values by chance, in training only."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.chance = keras.random.SeedGenerator()

    def call(self, x, training=None):
        return self.disturb(x) if training else x

    def compute_output_shape(self, shape):
        return shape


class GaussianNoise(Noise):
    def __init__(self, stddev, low=None, high=None, **kwargs):
        super().__init__(**kwargs)
        self.stddev, self.low, self.high = stddev, low, high

    def disturb(self, x):
        x = x + self.stddev * keras.random.normal(ops.shape(x), seed=self.chance)
        return x if self.low is None else ops.clip(x, self.low, self.high)


class SaltAndPepper(Noise):
    """A share of the values, `amount`, becomes high (`salt` of them) or low."""

    def __init__(self, amount, salt, low, high, **kwargs):
        super().__init__(**kwargs)
        self.amount, self.salt, self.low, self.high = amount, salt, low, high

    def disturb(self, x):
        chance = keras.random.uniform(ops.shape(x), seed=self.chance)
        x = ops.where(chance < self.amount, self.low, x)
        return ops.where(chance < self.amount * self.salt, self.high, x)


class MaskOut(Noise):
    """Covers a block, a cross or a share of the pixels of each image."""

    def __init__(self, kind, size=0, share=0.0, fill=0.0, centred=False, **kwargs):
        super().__init__(**kwargs)
        self.kind, self.size, self.share, self.fill, self.centred = kind, size, share, fill, centred

    def covered(self, x, axis):
        """Which rows or columns of each image are inside."""
        n, length = ops.shape(x)[0], x.shape[axis]
        room = length - self.size
        if self.centred:
            first = ops.full((n, 1), room // 2, dtype="int32")
        else:
            first = keras.random.randint((n, 1), 0, room + 1, seed=self.chance)
        place = ops.arange(length)[None, :] - first
        return ops.logical_and(place >= 0, place < self.size)

    def disturb(self, x):
        if self.kind == "pixels":
            shape = (*ops.shape(x)[:3], 1) if len(x.shape) == 4 else ops.shape(x)
            return ops.where(keras.random.uniform(shape, seed=self.chance) < self.share, self.fill, x)
        rows, columns = self.covered(x, 1)[:, :, None], self.covered(x, 2)[:, None, :]
        mask = ops.logical_and(rows, columns) if self.kind == "block" else ops.logical_or(rows, columns)
        return ops.where(mask[..., None] if len(x.shape) == 4 else mask, self.fill, x)


class Augment(Noise):
    """Moves each image by up to `shift` pixels, zeros coming in, and half the time mirrors it or turns it over."""

    def __init__(self, shift=0, mirror=False, turn=False, **kwargs):
        super().__init__(**kwargs)
        self.shift, self.flips = shift, ((1, turn), (2, mirror))

    def disturb(self, x):
        count = ops.shape(x)[0]
        for axis, flips in self.flips:
            n = x.shape[axis]
            place = ops.arange(n)[None, :] - keras.random.randint(
                (count, 1), -self.shift, self.shift + 1, seed=self.chance
            )
            outside = ops.logical_or(place < 0, place >= n)
            if flips:
                place = ops.where(keras.random.uniform((count, 1), seed=self.chance) < 0.5, n - 1 - place, place)
            shape = [count] + [1] * (len(x.shape) - 1)
            shape[axis] = n
            index = ops.broadcast_to(ops.reshape(ops.clip(place, 0, n - 1), shape), ops.shape(x))
            x = ops.where(ops.reshape(outside, shape), 0.0, ops.take_along_axis(x, index, axis=axis))
        return x


class Sampling(layers.Layer):
    """A draw from the normal distribution with this mean and log-variance; adds its divergence from the standard one."""

    def __init__(self, beta, **kwargs):
        super().__init__(**kwargs)
        self.beta, self.chance = beta, keras.random.SeedGenerator()

    def call(self, inputs, training=None):
        mean, log_variance = inputs
        divergence = ops.sum(ops.square(mean) + ops.exp(log_variance) - log_variance - 1.0) / 2
        self.add_loss(self.beta * divergence / ops.cast(ops.shape(mean)[0], mean.dtype))
        if not training:
            return mean
        return mean + ops.exp(log_variance / 2) * keras.random.normal(ops.shape(mean), seed=self.chance)

    def compute_output_shape(self, shapes):
        return shapes[0]


class KLSparsity(layers.Layer):
    """Adds how far the mean of each unit over the batch is from rho."""

    def __init__(self, rho, beta, **kwargs):
        super().__init__(**kwargs)
        self.rho, self.beta = rho, beta

    def call(self, x):
        mean = ops.clip(ops.mean(x, axis=0), 1e-6, 1 - 1e-6)
        away = self.rho * ops.log(self.rho / mean) + (1 - self.rho) * ops.log((1 - self.rho) / (1 - mean))
        self.add_loss(self.beta * ops.sum(away))
        return x


class Contractive(layers.Layer):
    """Adds the squared Frobenius norm of a layer's Jacobian, from the slopes of its activation."""

    def __init__(self, other, factor, slope, **kwargs):
        super().__init__(**kwargs)
        self.other, self.factor, self.slope = other, factor, slope

    def call(self, y):
        norm = ops.sum(ops.square(self.slope(y)) * ops.sum(ops.square(self.other.kernel), axis=0))
        self.add_loss(self.factor * norm / ops.cast(ops.shape(y)[0], y.dtype))
        return y


class VectorQuantizer(layers.Layer):
    """The nearest row of a codebook for each vector on the last axis; draws codes and vectors to each other."""

    def __init__(self, n_codes, beta, initializer, **kwargs):
        super().__init__(**kwargs)
        self.n_codes, self.beta, self.initializer = n_codes, beta, initializer

    def build(self, shape):
        self.codebook = self.add_weight(shape=(self.n_codes, shape[-1]), initializer=self.initializer, name="codebook")

    def call(self, z):
        distance = ops.sum(ops.square(self.codebook), axis=1) - 2 * ops.matmul(z, ops.transpose(self.codebook))
        codes = ops.take(self.codebook, ops.argmin(distance, axis=-1), axis=0)
        self.add_loss(
            ops.mean(ops.square(codes - ops.stop_gradient(z)))
            + self.beta * ops.mean(ops.square(z - ops.stop_gradient(codes)))
        )
        return z + ops.stop_gradient(codes - z)


class RowNumbers(layers.Layer):
    """Whole numbers that name a row; all others mean row 0."""

    def __init__(self, n_rows, **kwargs):
        super().__init__(**kwargs)
        self.n_rows = n_rows

    def call(self, x):
        known = ops.logical_and(x >= 0.5, x < self.n_rows - 0.5)
        return ops.cast(ops.where(known, x + 0.5, 0.0), "int32")


class LargestOf(layers.Layer):
    """The place of the largest value on the last axis."""

    def call(self, x):
        return ops.argmax(x, axis=-1)


class TiedDense(layers.Layer):
    """A dense layer that uses the kernel of another, turned round."""

    def __init__(self, other, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.other, self.units, self.use_bias = other, units, use_bias
        self.activation = keras.activations.get(activation)

    def build(self, shape):
        if self.use_bias:
            self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")

    def call(self, x):
        x = ops.matmul(x, ops.transpose(self.other.kernel))
        return self.activation(x + self.bias if self.use_bias else x)


class TiedConv2D(layers.Layer):
    """A convolution that uses the kernel of one that goes the other way."""

    def __init__(self, other, filters, transposed, strides, padding, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.other, self.filters, self.strides, self.padding = other, filters, strides, padding
        self.apply = ops.conv_transpose if transposed else ops.conv
        self.activation, self.use_bias = keras.activations.get(activation), use_bias

    def build(self, shape):
        if self.use_bias:
            self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", name="bias")

    def call(self, x):
        x = self.apply(x, self.other.kernel, strides=self.strides, padding=self.padding)
        return self.activation(x + self.bias if self.use_bias else x)


def hard_sigmoid(x):
    return ops.clip(0.2 * x + 0.5, 0.0, 1.0)


def cross_entropy(target, probabilities):
    """For probabilities that no softmax makes add up to 1: Keras would divide them by their sum."""
    return -ops.sum(target * ops.log(ops.clip(probabilities, 1e-7, 1 - 1e-7)), axis=-1)


def sparse_cross_entropy(target, probabilities):
    """The same with the number of the right class."""
    right = ops.reshape(ops.cast(ops.round(target), "int32"), (*ops.shape(probabilities)[:-1], 1))
    found = ops.take_along_axis(probabilities, right, axis=-1)
    return -ops.log(ops.clip(found, 1e-7, 1 - 1e-7))[..., 0]


def cosine_distance(target, prediction):
    target, prediction = (ops.reshape(x, (ops.shape(x)[0], -1)) for x in (target, prediction))
    lengths = ops.sqrt(ops.sum(ops.square(target), axis=1) * ops.sum(ops.square(prediction), axis=1))
    return 1 - ops.sum(target * prediction, axis=1) / ops.maximum(lengths, 1e-12)


def class_weights(training, classes, weights):
    """What rows of these classes count: in validation all alike."""
    return np.asarray(weights, np.float32)[classes] if training else np.ones(classes.shape, np.float32)


def of_each_value(loss):
    """The loss of every value, not its mean over the last axis."""
    function = keras.losses.get(loss)
    return lambda target, prediction: function(target[..., None], prediction[..., None])


# ---- the network ----


def load(network, path=WEIGHTS):
    """Puts the weights of a file into the network; returns the samples that are stored beside them."""
    with np.load(path) as archive:
        for layer in network.layers:
            values = [archive[name] for name in archive.files if name.startswith(layer.name + "/")]
            if values:
                layer.set_weights(values)
        return {name: archive[name] for name in archive.files if name.startswith("sample.")}


def save(network, path):
    weights = {}
    for layer in network.layers:
        for i, values in enumerate(layer.get_weights()):
            weights[f"{layer.name}/{i}"] = values
    np.savez(path, **weights)


def one(values):
    """Keras takes a list for several inputs or outputs only."""
    return values[0] if isinstance(values, list) and len(values) == 1 else values


def predict(network, data):
    """What the network makes of samples as files have them, an array for each output."""
    outputs = network(one([scaled(name, prepare(name, data[name])) for name in INPUTS]), training=False)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    return {name: shown(name, ops.convert_to_numpy(output)) for name, output in zip(OUTPUTS, outputs)}


def check():
    """Compares what the network makes of the stored sample with what is stored."""
    network = build_network()
    samples = load(network)
    outputs = network(one([samples["sample.input." + name] for name in INPUTS]), training=False)
    for name, output in zip(OUTPUTS, outputs if isinstance(outputs, (list, tuple)) else [outputs]):
        output, expected = ops.convert_to_numpy(output), samples["sample.output." + name]
        if output.shape != expected.shape:
            raise SystemExit(f"{name}: is {output.shape}, expected {expected.shape}")
        difference = float(abs(output - expected).max() / max(abs(expected).max(), 1e-6))
        if not difference <= 1e-4:
            raise SystemExit(f"{name}: differs by {difference:.2g}")
        print(f"{name}: agrees to {difference:.1g}")


class LearningRate(keras.callbacks.Callback):
    def __init__(self, batches, epochs):
        super().__init__()
        self.batches, self.epochs, self.step, self.losses = batches, epochs, 0, []

    def on_train_batch_begin(self, batch, logs=None):
        self.model.optimizer.learning_rate = learning_rate(self.step, self.batches, self.epochs, self.losses)
        self.step += 1

    def on_epoch_end(self, epoch, logs=None):
        self.losses.append(logs.get("val_loss", logs["loss"]))


class KeepWatch(keras.callbacks.Callback):
    """Ends training after PATIENCE epochs without a better one, and keeps the weights of the best."""

    def __init__(self):
        super().__init__()
        self.watch, self.weights = Watch(), None

    def on_epoch_end(self, epoch, logs=None):
        if self.watch.is_better(logs.get("val_loss", logs["loss"])) and KEEP_BEST:
            self.weights = self.model.get_weights()
        if self.watch.is_over():
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        if self.weights is not None:
            self.model.set_weights(self.weights)


def fields_for_fit(data, training=False):
    """Inputs, targets and weights of the samples, as fit() takes them."""
    return one([data[name] for name in INPUTS]), one(targets(data)), one(sample_weights(data, training))


def train(options):
    keras.utils.set_random_seed(options.seed)
    network = build_network()
    if options.weights:
        load(network, options.weights)
    training, validation = read_data(options.data)
    x, y, weights = fields_for_fit(training, training=True)
    compile_network(network)
    network.fit(
        x,
        y,
        sample_weight=weights,
        batch_size=BATCH_SIZE,
        epochs=options.epochs,
        shuffle=SHUFFLE,
        validation_data=fields_for_fit(validation) if validation else None,
        callbacks=[LearningRate(math.ceil(len(training[INPUTS[0]]) / BATCH_SIZE), options.epochs), KeepWatch()],
    )
    save(network, options.save)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", help="a folder of IDX files or an .npz to train on")
    parser.add_argument("--check", action="store_true", help="compare with the stored sample")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--weights", help="go on from this .weights.npz file")
    parser.add_argument("--save", default=WEIGHTS.with_name("trained." + WEIGHTS.name), help="where new weights go")
    options = parser.parse_args()
    if options.check:
        check()
    elif options.data:
        train(options)
    else:
        parser.error("DATA or --check is needed")
