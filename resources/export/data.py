# What exported scripts share: numbers in and out of files. Each class and function goes into a script where its name
# is spoken of.


def read_idx(path):
    """An array from an IDX file, as MNIST has them, gzipped or not."""
    with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
        data = file.read()
    kinds = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
    if data[:2] != b"\0\0" or data[2] not in kinds:
        raise SystemExit(f"{path}: not an IDX file")
    sizes = np.frombuffer(data, ">u4", data[3], offset=4)
    return np.frombuffer(data, kinds[data[2]], offset=4 + 4 * data[3]).reshape(sizes)


def read_folder(folder, part):
    """The images and labels of a folder of IDX files: train-images-idx3-ubyte.gz and so on."""
    arrays = {}
    for field in FIELDS:
        found = [path for name in part for path in sorted(folder.glob(f"{name}-{field}s*"))]
        if found:
            arrays[field] = read_idx(found[0])
    return arrays


def read_archive(path, endings):
    """The arrays of a .npz whose names are those of the fields with an ending. Keras's mnist.npz is understood, too."""
    arrays = {}
    with np.load(path) as archive:
        for field, other in zip(FIELDS, ("x", "y")):
            for name in [field + ending for ending in endings] + [f"{other}_{ending[1:]}" for ending in endings]:
                if name in archive:
                    arrays[field] = archive[name]
                    break
    return arrays


def prepare(field, array):
    """Numbers as the network was trained on: bytes from 0 to 1, the numbers of classes as one-hot rows."""
    shape = FIELDS[field]
    if array.ndim == 1 and math.prod(shape) > 1:
        return np.eye(shape[-1], dtype=np.float32)[array.astype(int)]
    scale = 255 if array.dtype == np.uint8 and array.ndim > 1 else 1
    values = array.astype(np.float32) / scale
    if values.size != len(values) * math.prod(shape):
        raise SystemExit(f"{field}: samples of {array.shape[1:]} cannot be seen as {shape}")
    return values.reshape(len(values), *shape)


def hold_out(arrays, share):
    """The arrays without a share of their samples, the same of every class, and that share."""
    n = len(next(iter(arrays.values())))
    order = np.random.default_rng(0).permutation(n)
    if "label" in arrays:
        order = order[np.argsort(arrays["label"].argmax(1)[order], kind="stable")]  # class by class
    count = min(max(round(share * n), 1), n - 1)
    held = np.zeros(n, bool)
    held[order[((np.arange(count) + 0.5) * n / count).astype(int)]] = True
    return tuple({field: array[where] for field, array in arrays.items()} for where in (~held, held))


def read_data(path):
    """The fields of the training and of the validation samples, an array each."""
    path = pathlib.Path(path)
    if path.is_dir():
        parts = read_folder(path, ["train"]), read_folder(path, ["t10k", "test"])
    else:
        parts = read_archive(path, ["", "_train"]), read_archive(path, ["_test"])
    missing = [field for field in FIELDS if field not in parts[0]]
    if missing:
        raise SystemExit(f"{path} has no samples of {', '.join(missing)}")
    training, validation = ({field: prepare(field, array) for field, array in part.items()} for part in parts)
    if len(validation) < len(FIELDS):
        validation = {}
    training = {field: array[:LIMIT] for field, array in training.items()}
    return hold_out(training, HELD_OUT) if HELD_OUT else (training, validation)


def plateau(losses, patience, factor, difference, cooldown, least):
    """The factor of the learning rate after these epochs' losses: it falls where they no longer do."""
    best, wait, rest, product = math.inf, 0, 0, 1.0
    for loss in losses:
        if rest > 0:
            rest, wait = rest - 1, 0
        if loss < best - difference:
            best, wait = loss, 0
        elif rest == 0:
            wait += 1
            if wait >= patience and product > least:
                product, rest, wait = max(product * factor, least), cooldown, 0
    return product


class Watch:
    """Which epoch was the best so far by its loss, and whether there has been no better one for too long."""

    def __init__(self):
        self.best, self.wait = math.inf, 0

    def is_better(self, loss):
        better = loss < self.best - SMALLEST_DIFFERENCE
        self.best, self.wait = (loss, 0) if better else (self.best, self.wait + 1)
        return better

    def is_over(self):
        return 0 < PATIENCE <= self.wait
