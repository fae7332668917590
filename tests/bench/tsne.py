#!/usr/bin/python3
"""tsne.py BENCH-TSNE [--data FOLDER | --codes X.npy] [--sizes N...] [--threads N] [--rounds R] [--steps N]

Lays the same codes out in the plane with Diabolo's t-SNE and with scikit-learn's Barnes-Hut (Debian's
python3-sklearn), in turns, and prints the seconds of both, the median of the ratios of neighbours in time, and of
both results the KL divergence (worked out here, the same way for both) and how many of a code's 10 nearest neighbours
are still among its 10 nearest in the plane. The codes are MNIST images (--data: a folder of IDX files) projected to
their first 32 principal components, or any array of them."""
import argparse
import gzip
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import sklearn
import threadpoolctl
from scipy.sparse import csr_matrix
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.manifold._t_sne import _joint_probabilities_nn
from sklearn.neighbors import NearestNeighbors

PERPLEXITY = 30
WANTED = 1


def read_codes(options):
    if options.codes:
        return numpy.ascontiguousarray(numpy.load(options.codes).astype(numpy.float32))
    path = options.data / 'train-images-idx3-ubyte.gz'
    pixels = numpy.frombuffer(gzip.open(path).read(), numpy.uint8, offset=16)
    images = pixels.reshape(-1, 784)[:max(options.sizes)] / 255
    return PCA(32, random_state=1).fit_transform(images).astype(numpy.float32)


def ours(options, codes):
    with tempfile.TemporaryDirectory() as folder:
        read, written = f'{folder}/codes.npy', f'{folder}/positions.npy'
        numpy.save(read, codes)
        result = subprocess.run([options.bench, read, written, str(options.steps), str(options.threads)],
                                stdout=subprocess.PIPE, text=True, check=True)
        result = json.loads(result.stdout)
        return result['prepare'] + result['steps'], result, numpy.load(written)


def theirs(options, codes):
    """Without its early end, so that both do all steps; everything else as it comes."""
    model = TSNE(perplexity=PERPLEXITY, n_iter=options.steps, init='pca', learning_rate='auto', random_state=1,
                 n_iter_without_progress=options.steps, min_grad_norm=0, n_jobs=options.threads)
    with threadpoolctl.threadpool_limits(options.threads):
        begin = time.perf_counter()
        positions = model.fit_transform(codes)
        return time.perf_counter() - begin, model, positions


def neighbours(points, k):
    return NearestNeighbors(n_neighbors=k).fit(points).kneighbors(return_distance=False)


def joint_probabilities(codes):
    near = NearestNeighbors(n_neighbors=3 * PERPLEXITY).fit(codes).kneighbors_graph(mode='distance')
    near.data **= 2
    return csr_matrix(_joint_probabilities_nn(near, PERPLEXITY, 0)).tocoo()


def divergence(probabilities, positions):
    positions = positions.astype(numpy.float64)
    total = -float(len(positions))
    for first in range(0, len(positions), 500):
        part = positions[first:first + 500]
        total += (1 / (1 + ((part[:, None] - positions[None]) ** 2).sum(2))).sum()
    distance = ((positions[probabilities.row] - positions[probabilities.col]) ** 2).sum(1)
    p = probabilities.data
    return float((p * (numpy.log(numpy.maximum(p, 1e-300)) + numpy.log1p(distance))).sum() + p.sum() * numpy.log(total))


def kept(near, positions):
    found = neighbours(positions, near.shape[1])
    return statistics.mean(len(numpy.intersect1d(a, b)) for a, b in zip(near, found)) / near.shape[1]


def compare(options, codes):
    probabilities, near = joint_probabilities(codes), neighbours(codes, 10)
    seconds = []
    for _ in range(options.rounds):
        our_seconds, result, our_positions = ours(options, codes)
        their_seconds, model, their_positions = theirs(options, codes)
        seconds.append((our_seconds, their_seconds))
    ratio = statistics.median(b / a for a, b in seconds)
    print(f'{codes.shape[0]} x {codes.shape[1]}, {options.steps} steps, {options.threads} threads: '
          f'{ratio:.2f} times as fast as scikit-learn {sklearn.__version__}')
    for name, index, positions, says in (('Diabolo', 0, our_positions, result['kl']),
                                         ('scikit-learn', 1, their_positions, model.kl_divergence_)):
        print(f'  {name:12} {statistics.median(s[index] for s in seconds):7.2f} s   '
              f'KL {divergence(probabilities, positions):.4f} (says {says:.4f})   '
              f'neighbours kept {kept(near, positions):.3f}')
    print(f'  of ours, preparing {result["prepare"]:.2f} s, a step {1000 * result["steps"] / options.steps:.2f} ms')
    return ratio


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('bench', help='build/tests/bench/bench-tsne')
    parser.add_argument('--data', type=pathlib.Path, help='a folder with train-images-idx3-ubyte.gz')
    parser.add_argument('--codes', type=pathlib.Path, help='codes (n, d) as .npy')
    parser.add_argument('--sizes', type=int, nargs='+', default=[5000, 10000])
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--steps', type=int, default=1000)
    options = parser.parse_args()
    if not options.data and not options.codes:
        parser.error('give --data or --codes')
    codes = read_codes(options)
    ratios = [compare(options, codes[:size]) for size in options.sizes]
    return 0 if min(ratios) >= WANTED else 1


if __name__ == '__main__':
    sys.exit(main())
