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


def wanted_fields():
    """Those of the network, and the classes that samples are shared out by."""
    return list(dict.fromkeys([*FIELDS, *LABELS[:1]]))


def read_folder(folder, part):
    """The images and labels of a folder of IDX files: train-images-idx3-ubyte.gz and so on."""
    arrays = {}
    for field in wanted_fields():
        found = [path for name in part for path in sorted(folder.glob(f"{name}-{field}s*"))]
        if found:
            arrays[field] = read_idx(found[0])
    return arrays


def read_archive(path, endings):
    """The arrays of a .npz whose names are those of the fields with an ending. Keras's mnist.npz is understood, too."""
    arrays, others = {}, dict(zip(wanted_fields(), ("x", "y")))
    with np.load(path) as archive:
        for field in wanted_fields():
            other = others.get(field, field)
            for name in [field + ending for ending in endings] + [f"{other}_{ending[1:]}" for ending in endings]:
                if name in archive:
                    arrays[field] = archive[name]
                    break
    return arrays


def prepare(field, array):
    """Numbers before they are scaled: bytes from 0 to 1, the numbers of classes as one-hot rows."""
    shape = FIELDS[field]
    if array.ndim == 1 and math.prod(shape) > 1:
        return np.eye(shape[-1], dtype=np.float32)[array.astype(int)]
    scale = 255 if array.dtype == np.uint8 and array.ndim > 1 else 1
    values = array.astype(np.float32) / scale
    if values.size != len(values) * math.prod(shape):
        raise SystemExit(f"{field}: samples of {array.shape[1:]} cannot be seen as {shape}")
    return values.reshape(len(values), *shape)


def scaled(field, values):
    """Numbers as the network was trained on: columns by themselves, or all pixels alike, by SCALING."""
    if field not in SCALING:
        return values
    shift, factor = SCALING[field]
    return ((values.astype(np.float64) - shift) * factor).astype(np.float32)


def shown(output, values):
    """Pixels as files have them of outputs that are scaled images; other outputs as they come."""
    if output not in IMAGES:
        return values
    shift, factor = IMAGES[output]
    return (values / factor + shift).astype(np.float32)


def filled(parts, training):
    """Every missing number becomes the mean of the training samples: of its column, or of all pixels."""
    for field, array in training.items():
        if field in LABELS or field == "target" or not any(np.isnan(part[field]).any() for part in parts if part):
            continue
        axes = tuple(range(array.ndim)) if array.ndim == 4 else tuple(range(array.ndim - 1))
        count = np.maximum((~np.isnan(array)).sum(axes), 1)
        mean = (np.nansum(array, axes, dtype=np.float64) / count).astype(np.float32)
        for part in parts:
            if part:
                part[field] = np.where(np.isnan(part[field]), mean, part[field])


def random_words(purpose, n):
    """The n random words of 64 bits that Diabolo shares samples out by: Philox 4x32-10 (Salmon et al., 2011)."""
    block = np.arange((n + 1) // 2, dtype=np.uint64)
    words = [block, block * 0, block * 0 + purpose, block * 0 + (2**30 + 2)]
    key, low = [DATA_SEED & 0xFFFFFFFF, DATA_SEED >> 32], np.uint64(0xFFFFFFFF)
    for _ in range(10):
        first, second = words[0] * np.uint64(0xD2511F53), words[2] * np.uint64(0xCD9E8D57)
        words = [
            second >> np.uint64(32) ^ words[1] ^ np.uint64(key[0]),
            second & low,
            first >> np.uint64(32) ^ words[3] ^ np.uint64(key[1]),
            first & low,
        ]
        key = [(key[0] + 0x9E3779B9) & 0xFFFFFFFF, (key[1] + 0xBB67AE85) & 0xFFFFFFFF]
    pairs = np.stack([words[0] << np.uint64(32) | words[1], words[2] << np.uint64(32) | words[3]], axis=1)
    return pairs.reshape(-1)[:n]


def hold_out(arrays, classes, share, purpose):
    """The samples and their classes without a share of them, and that share: the ones that Diabolo chooses, too."""
    n, given, met = len(classes), 0, 0
    count = min(max(int(share * n + 0.5), 1), n - 1)
    left = np.bincount(classes).tolist()
    wanted = []
    for size in left:
        met += size
        wanted.append(int(count * met / n + 0.5) - given)
        given += wanted[-1]
    held = np.zeros(n, bool)
    for i, word in enumerate(random_words(purpose, n).tolist()):
        held[i] = word % left[classes[i]] < wanted[classes[i]]
        left[classes[i]] -= 1
        wanted[classes[i]] -= held[i]
    return {field: array[~held] for field, array in arrays.items()}, classes[~held], {
        field: array[held] for field, array in arrays.items()
    }


def with_copies(arrays, classes, in_bytes):
    """Samples of rare classes again, moved by noise, until every class has as many as the largest."""
    random, counts = np.random.default_rng(DATA_SEED), np.bincount(classes)
    rows = np.concatenate(
        [np.resize(np.flatnonzero(classes == k), counts.max() - n) for k, n in enumerate(counts) if n > 0]
    )
    order, result = random.permutation(len(classes) + len(rows)), {}
    for field, array in arrays.items():
        copies = array[rows]
        if field not in LABELS:
            for k in np.unique(classes[rows]):
                spread = array[classes == k].std(axis=0)
                copies[classes[rows] == k] += COPY_NOISE * spread * random.standard_normal(
                    copies[classes[rows] == k].shape, np.float32
                )
        if field in in_bytes:
            copies = np.rint(255 * copies.clip(0, 1)) / np.float32(255)
        result[field] = np.concatenate([array, copies])[order]
    return result


def read_data(path):
    """The fields of the training and of the validation samples, an array each."""
    path = pathlib.Path(path)
    if path.is_dir():
        parts = read_folder(path, ["train"]), read_folder(path, ["t10k", "test"])
    else:
        parts = read_archive(path, ["", "_train"]), read_archive(path, ["_test"])
    needed = wanted_fields() if HELD_OUT or COPY_NOISE is not None else FIELDS
    missing = [field for field in needed if field not in parts[0]]
    if missing:
        raise SystemExit(f"{path} has no samples of {', '.join(missing)}")
    in_bytes = [field for field, array in parts[0].items() if array.dtype == np.uint8 and array.ndim > 1]
    training, validation = ({name: prepare(name, part[name]) for name in FIELDS if name in part} for part in parts)
    n = len(training[INPUTS[0]])
    classes = next((parts[0][name] for name in LABELS[:1] if name in parts[0]), np.zeros(n))
    classes = (classes.argmax(1) if classes.ndim > 1 and classes.shape[1] > 1 else classes.reshape(n)).astype(int)
    if len(validation) < len(FIELDS):
        validation = {}
        if n > 1:
            training, classes, validation = hold_out(training, classes, TEST_SHARE, 50)
    if not HELD_OUT:
        filled([training, validation], training)
    training, classes = {field: array[:LIMIT] for field, array in training.items()}, classes[:LIMIT]
    if HELD_OUT and len(classes) > 1:
        training, classes, validation = hold_out(training, classes, HELD_OUT, 51)
        filled([training, validation], training)
    if COPY_NOISE is not None:
        training = with_copies(training, classes, in_bytes)
    return tuple({field: scaled(field, values) for field, values in part.items()} for part in (training, validation))


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
