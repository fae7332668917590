# What scripts for PyTorch are made of. Each class and function goes into a script where its name is spoken of; those
# behind the mark go behind the network.


class Noise(nn.Module):
    """What is done to values by chance: in training and, where the network is to cope with it, in validation."""

    def __init__(self, in_validation):
        super().__init__()
        self.in_validation = in_validation


class GaussianNoise(Noise):
    def __init__(self, stddev, low=None, high=None, in_validation=True):
        super().__init__(in_validation)
        self.stddev, self.low, self.high = stddev, low, high

    def forward(self, x):
        if not self.training:
            return x
        x = x + self.stddev * torch.randn_like(x)
        return x if self.low is None else x.clamp(self.low, self.high)


class SaltAndPepper(Noise):
    """A share of the values, `amount`, becomes high (`salt` of them) or low."""

    def __init__(self, amount, salt, low, high, in_validation=True):
        super().__init__(in_validation)
        self.amount, self.salt, self.low, self.high = amount, salt, low, high

    def forward(self, x):
        if not self.training:
            return x
        chance = torch.rand_like(x)
        return x.masked_fill(chance < self.amount, self.low).masked_fill(chance < self.amount * self.salt, self.high)


class MaskOut(Noise):
    """Covers a block, a cross or a share of the pixels of each image."""

    def __init__(self, kind, size=0, share=0.0, fill=0.0, centred=False, in_validation=True):
        super().__init__(in_validation)
        self.kind, self.size, self.share, self.fill, self.centred = kind, size, share, fill, centred

    def covered(self, x, axis):
        """Which rows or columns of each image are inside."""
        room = x.shape[axis] - self.size
        first = torch.full((len(x), 1), room // 2) if self.centred else torch.randint(room + 1, (len(x), 1))
        place = torch.arange(x.shape[axis]) - first
        return ((place >= 0) & (place < self.size)).to(x.device)

    def forward(self, x):
        if not self.training:
            return x
        if self.kind == "pixels":
            shape = (len(x), 1, *x.shape[2:]) if x.dim() == 4 else x.shape
            return x.masked_fill(torch.rand(shape, device=x.device) < self.share, self.fill)
        rows, columns = self.covered(x, -2)[:, :, None], self.covered(x, -1)[:, None, :]
        mask = rows & columns if self.kind == "block" else rows | columns
        return x.masked_fill(mask[:, None] if x.dim() == 4 else mask, self.fill)


class Augment(Noise):
    """Moves each image by up to `shift` pixels, zeros coming in, and half the time mirrors it or turns it over."""

    def __init__(self, shift=0, mirror=False, turn=False, in_validation=True):
        super().__init__(in_validation)
        self.shift, self.flips = shift, {-2: turn, -1: mirror}

    def forward(self, x):
        if not self.training:
            return x
        for axis, flips in self.flips.items():
            n = x.shape[axis]
            place = torch.arange(n, device=x.device) - torch.randint(
                -self.shift, self.shift + 1, (len(x), 1), device=x.device
            )
            outside = (place < 0) | (place >= n)
            if flips:
                place = torch.where(torch.rand(len(x), 1, device=x.device) < 0.5, n - 1 - place, place)
            shape = [len(x)] + [1] * (x.dim() - 1)
            shape[axis] = n
            index = place.clamp(0, n - 1).view(shape).expand_as(x)
            x = x.gather(axis, index).masked_fill(outside.view(shape), 0)
        return x


class Sampling(Noise):
    """A draw from the normal distribution with this mean and log-variance; the mean itself where nothing is random."""

    def forward(self, mean, log_variance):
        if not self.training:
            return mean
        return mean + torch.exp(log_variance / 2) * torch.randn_like(mean)


def kl_divergence(mean, log_variance):
    """From the standard normal distribution: the sum over the values of a sample, the mean over the batch."""
    return (mean.square() + log_variance.exp() - log_variance - 1).sum() / (2 * len(mean))


def kl_sparsity(x, rho):
    """How far the mean of each unit over the batch is from rho."""
    mean = x.flatten(1).mean(0).clamp(1e-6, 1 - 1e-6)
    return (rho * torch.log(rho / mean) + (1 - rho) * torch.log((1 - rho) / (1 - mean))).sum()


def contractive(slope, weight):
    """The squared Frobenius norm of a layer's Jacobian, from the slopes of its activation."""
    return (slope.square() * weight.square().sum(1)).sum() / len(slope)


class VectorQuantizer(nn.Module):
    """The nearest row of a codebook for each vector on the last axis."""

    def __init__(self, n_codes, size):
        super().__init__()
        self.codebook = nn.Parameter(torch.zeros(n_codes, size))

    def forward(self, z):
        distance = self.codebook.square().sum(1) - 2 * z @ self.codebook.t()
        return self.codebook[distance.argmin(-1)]


def quantization_loss(z, codes, beta):
    """Draws codes to what they stand for and, by beta, what they stand for to them."""
    return F.mse_loss(codes, z.detach()) + beta * F.mse_loss(z, codes.detach())


def row_numbers(x, n_rows):
    """Whole numbers that name a row; all others mean row 0."""
    known = (x >= 0.5) & (x < n_rows - 0.5)
    return torch.where(known, x + 0.5, torch.zeros_like(x)).long()


class ElementwisePReLU(nn.Module):
    """A leaky ReLU with a trained slope for each value."""

    def __init__(self, *shape):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(*shape))

    def forward(self, x):
        return torch.where(x > 0, x, self.weight * x)


class TiedLinear(nn.Module):
    """A linear layer that uses the weight of another, turned round."""

    def __init__(self, other, units, bias=True):
        super().__init__()
        self.other = [other]  # in a list, so that its weight belongs to one module alone
        self.bias = nn.Parameter(torch.zeros(units)) if bias else None

    def forward(self, x):
        return F.linear(x, self.other[0].weight.t(), self.bias)


class Recurrent(nn.Module):
    """nn.LSTM, nn.GRU or nn.RNN with an activation that they do not offer; names and order of weights are theirs."""

    def __init__(self, kind, features, units, activation, bias=True):
        super().__init__()
        gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[kind]
        self.kind, self.units, self.activation = kind, units, activation
        self.weight_ih_l0 = nn.Parameter(torch.zeros(gates * units, features))
        self.weight_hh_l0 = nn.Parameter(torch.zeros(gates * units, units))
        self.bias_ih_l0 = nn.Parameter(torch.zeros(gates * units)) if bias else None
        self.bias_hh_l0 = nn.Parameter(torch.zeros(gates * units)) if bias else None

    def forward(self, x):
        h = c = x.new_zeros(len(x), self.units)
        states = []
        for row in x.unbind(1):
            a = F.linear(row, self.weight_ih_l0, self.bias_ih_l0)
            b = F.linear(h, self.weight_hh_l0, self.bias_hh_l0)
            if self.kind == "LSTM":
                i, f, g, o = (a + b).chunk(4, 1)
                c = f.sigmoid() * c + i.sigmoid() * self.activation(g)
                h = o.sigmoid() * self.activation(c)
            elif self.kind == "GRU":
                (a_r, a_z, a_n), (b_r, b_z, b_n) = a.chunk(3, 1), b.chunk(3, 1)
                z = (a_z + b_z).sigmoid()
                n = self.activation(a_n + (a_r + b_r).sigmoid() * b_n)
                h = z * h + (1 - z) * n
            else:
                h = self.activation(a + b)
            states.append(h)
        return torch.stack(states, 1), h


def hard_sigmoid(x):
    return torch.clamp(0.2 * x + 0.5, 0, 1)


def average_pool(x, kernel, stride, padding):
    """The mean of each window; padding (left, right, top, bottom) takes no part."""
    pool = F.avg_pool2d if x.dim() == 4 else F.avg_pool1d
    inside = F.pad(torch.ones_like(x[:1]), padding)
    return pool(F.pad(x, padding), kernel, stride) / pool(inside, kernel, stride)


def cross_entropy(probabilities, target):
    """Of classes on the last axis with one-hot targets: the loss of each row."""
    rows = probabilities.reshape(len(probabilities), -1, probabilities.shape[-1])
    return -(target.reshape(rows.shape) * torch.log(rows.clamp_min(1e-30))).sum(-1)


def sparse_cross_entropy(probabilities, target):
    """Of classes on the last axis with the number of the right one: the loss of each row."""
    rows = probabilities.reshape(len(probabilities), -1, probabilities.shape[-1])
    right = target.reshape(len(target), -1, 1).round().long()
    return -torch.log(rows.gather(2, right).clamp_min(1e-30)).squeeze(2)


def cosine_distance(prediction, target):
    return 1 - F.cosine_similarity(prediction.flatten(1), target.flatten(1), eps=1e-12)


def class_weighted(network, losses, classes, weights):
    """Losses (N, rows): in training each counts as much as its class does."""
    if not network.training:
        return losses
    return losses * losses.new_tensor(weights)[classes.reshape(losses.shape)]


def weighted_mean(losses, weight):
    """Losses (N, ...) with one weight for each sample, each row or each value."""
    weight = weight.flatten(1)
    return (losses.reshape(len(losses), weight.shape[1], -1).mean(2) * weight).mean()


class NAdam(torch.optim.Optimizer):
    """Adam with Nesterov momentum as Keras has it."""

    def __init__(self, parameters, lr, eps, momentum_decay, betas=(0.9, 0.999)):
        super().__init__(parameters, {"lr": lr, "betas": betas, "eps": eps, "momentum_decay": momentum_decay})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if not state:
                    state.update(t=0, product=1.0, m=torch.zeros_like(weight), v=torch.zeros_like(weight))
                state["t"] += 1
                mu, mu_next = (beta1 * (1 - 0.5 * 0.96 ** (t * group["momentum_decay"]))
                               for t in (state["t"], state["t"] + 1))
                state["product"] *= mu
                m = state["m"].mul_(beta1).add_(weight.grad, alpha=1 - beta1)
                v = state["v"].mul_(beta2).addcmul_(weight.grad, weight.grad, value=1 - beta2)
                ahead = mu_next / (1 - state["product"] * mu_next) * m + (1 - mu) / (1 - state["product"]) * weight.grad
                weight.sub_(group["lr"] * ahead / ((v / (1 - beta2 ** state["t"])).sqrt() + group["eps"]))


# ---- the network ----


def read_safetensors(path):
    """The tensors of a .safetensors file by name."""
    data = path.read_bytes()
    begin = 8 + int.from_bytes(data[:8], "little")
    tensors = {}
    for name, entry in json.loads(data[8:begin]).items():
        if name != "__metadata__":
            first, last = entry["data_offsets"]
            values = np.frombuffer(data[begin + first : begin + last], "<f4")
            tensors[name] = torch.from_numpy(values.reshape(entry["shape"]).copy())
    return tensors


def write_safetensors(path, tensors):
    header, end = {}, 0
    for name, tensor in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [end, end + 4 * tensor.numel()]}
        end += 4 * tensor.numel()
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for tensor in tensors.values():
            file.write(tensor.cpu().numpy().astype("<f4").tobytes())


def load(network, path=WEIGHTS):
    """Puts the weights of a file into the network; returns the samples that are stored beside them."""
    tensors = read_safetensors(pathlib.Path(path))
    samples = {name: tensors.pop(name) for name in list(tensors) if name.startswith("sample.")}
    result = network.load_state_dict(tensors, strict=False)
    missing = [name for name in result.missing_keys if not name.endswith("num_batches_tracked")]
    if missing or result.unexpected_keys:
        raise SystemExit(f"{path}: {missing + result.unexpected_keys} do not match")
    return samples


def save(network, path):
    tensors = {name: tensor for name, tensor in network.state_dict().items() if tensor.is_floating_point()}
    write_safetensors(path, tensors)


@torch.no_grad()
def predict(network, data):
    """What the network makes of samples as files have them, an array for each output: images channels last."""
    outputs = network.eval()(*(to_tensor(scaled(name, prepare(name, data[name]))) for name in INPUTS))
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    return {name: shown(name, to_array(output)) for name, output in zip(OUTPUTS, outputs)}


@torch.no_grad()
def check():
    """Compares what the network makes of the stored sample with what is stored."""
    network = Network().eval()
    samples = load(network)
    outputs = network(*(samples["sample.input." + name] for name in INPUTS))
    for name, output in zip(OUTPUTS, outputs if isinstance(outputs, tuple) else (outputs,)):
        expected = samples["sample.output." + name]
        if output.shape != expected.shape:
            raise SystemExit(f"{name}: is {tuple(output.shape)}, expected {tuple(expected.shape)}")
        difference = float((output - expected).abs().max() / expected.abs().max().clamp_min(1e-6))
        if not difference <= 1e-4:
            raise SystemExit(f"{name}: differs by {difference:.2g}")
        print(f"{name}: agrees to {difference:.1g}")


def join_processes():
    """The rank of this process and how many there are, where torchrun has started several."""
    if "RANK" not in os.environ:
        return 0, 1
    dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    return dist.get_rank(), dist.get_world_size()


def leave_processes():
    """Together, and without taking the group down piece by piece: in PyTorch 1.13 that hangs now and then."""
    if dist.is_initialized():
        dist.barrier()
        sys.stdout.flush()
        os._exit(0)


def mean_of_processes(value, device):
    if not dist.is_initialized():
        return value
    total = torch.tensor(value, dtype=torch.float64, device=device)
    dist.all_reduce(total)
    return float(total) / dist.get_world_size()


def to_tensor(array):
    """Images with their channels first."""
    return torch.from_numpy(array.transpose(0, 3, 1, 2) if array.ndim == 4 else array)


def to_array(tensor):
    """Images with their channels last."""
    return (tensor.permute(0, 2, 3, 1) if tensor.dim() == 4 else tensor).numpy()


def take(data, rows, device):
    return {field: values[rows].to(device) for field, values in data.items()}


@torch.no_grad()
def validate(network, data, device):
    """The mean loss over all samples, with the noise that the network is to cope with."""
    network.eval()
    for module in network.modules():
        module.training = getattr(module, "in_validation", False)
    n, total = len(data[INPUTS[0]]), 0.0
    for first in range(0, n, BATCH_SIZE):
        batch = take(data, slice(first, first + BATCH_SIZE), device)
        outputs = network(*(batch[name] for name in INPUTS))
        total += float(loss_function(network, outputs, batch)) * len(batch[INPUTS[0]])
    return total / n


def train(options):
    rank, world = join_processes()
    device = torch.device(f"cuda:{os.environ.get('LOCAL_RANK', 0)}" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(options.seed)
    network = Network().to(device)
    if options.weights:
        load(network, options.weights)
    parallel = nn.parallel.DistributedDataParallel(network) if world > 1 else network
    training, validation = (
        {field: to_tensor(array) for field, array in part.items()} for part in read_data(options.data)
    )
    optimizer = make_optimizer([weight for weight in network.parameters() if weight.requires_grad])
    order = torch.Generator().manual_seed(options.seed)
    torch.manual_seed(options.seed + rank)  # noise of its own for each process
    n = len(training[INPUTS[0]])
    batches, step, losses, watch = math.ceil(n / BATCH_SIZE), 0, [], Watch()
    for epoch in range(options.epochs):
        network.train()
        rows, total, seen = torch.randperm(n, generator=order) if SHUFFLE else torch.arange(n), 0.0, 0
        for first in range(0, n, BATCH_SIZE):
            # Every process takes its part of the same batch; DistributedDataParallel averages their gradients.
            part = rows[first : first + BATCH_SIZE]
            if len(part) < world:
                break
            batch = take(training, part[rank::world], device)
            outputs = parallel(*(batch[name] for name in INPUTS))
            loss = loss_function(network, outputs, batch)
            optimizer.zero_grad()
            loss.backward()
            rate = learning_rate(step, batches, options.epochs, losses)
            step += 1
            take_step(network, optimizer, rate, step)
            total += float(loss.detach()) * len(part)
            seen += len(part)
        loss = mean_of_processes(total / seen, device)
        report = f"epoch {epoch + 1}: loss {loss:.5f}"
        if validation:
            loss = mean_of_processes(validate(network, validation, device), device)
            report += f", validation loss {loss:.5f}"
        losses.append(loss)
        better = watch.is_better(loss)
        if rank == 0:
            print(report, flush=True)
            if better or not KEEP_BEST:
                save(network, options.save)
        if watch.is_over():
            break


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", help="a folder of IDX files or an .npz to train on")
    parser.add_argument("--check", action="store_true", help="compare with the stored sample")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--weights", help="go on from this .safetensors file")
    parser.add_argument("--save", default=WEIGHTS.with_suffix(".trained.safetensors"), help="where new weights go")
    options = parser.parse_args()
    if options.check:
        check()
    elif options.data:
        train(options)
        leave_processes()
    else:
        parser.error("DATA or --check is needed")
