#!/usr/bin/python3
"""scaling.py DIABOLO-CLI [--quick] [--only sizes|odd|inference|memory] [--threads N]

Whether cost grows as the work does. Prints, for small autoencoders on the drawn digits:
sizes      samples per second and multiply-adds per second (3 times the forward pass's, as training does) against
           width, depth and batch, on 1 and 2 threads; a fall of the latter by more than 20 % from one size to the
           next is marked as a cliff.
odd        how much faster than PyTorch networks with 24 or 10 channels, 5x5 kernels, a branch or a batch of 100
           train (versus-torch.py): at most a third less than their neighbours with round numbers; and what a
           multiply-add of them costs against those, in turns.
inference  one image through denoising-convolutional and 10,000 codes of simple.
memory     the peak resident size of training denoising-convolutional less that of a network of one unit and a batch
           of 1 on the same data, which is the program and the data alone."""
import argparse
import importlib.util
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import zipfile

CLIFF = 0.8           # of the multiply-adds per second of the size before
ODD_RATIO = 2 / 3     # of a round neighbour's ratio to PyTorch
IMAGE_SECONDS = 0.3e-3
CODES_SECONDS = 40e-3
MEMORY_MB = 200


def run(command):
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if result.returncode:
        sys.exit(f'scaling: {" ".join(command[:3])} ended with status {result.returncode}')
    return json.loads(result.stdout)


# ---- designs ----

class Net:
    """A chain of layers that begins with the image; batch is the training's."""

    def __init__(self, batch):
        self.nodes, self.edges = [], []
        self.batch = batch
        self.last = self.add('input', after=[], field='image')

    def add(self, kind, after=None, **params):
        node = len(self.nodes) + 1
        for port, source in enumerate([self.last] if after is None else after):
            self.edges.append({'from': [source, 0], 'to': [node, port]})
        self.nodes.append({'id': node, 'type': kind, 'name': f'{kind} {node}', 'x': 126 * node, 'y': 0,
                           'params': {name.replace('_', '-'): value for name, value in params.items()}})
        self.last = node
        return node

    def conv(self, filters, kernel, **params):
        return self.add('conv2d', filters=filters, kernel_size=kernel, padding='same',
                        **{'activation': 'relu', **params})

    def design(self):
        self.add('reconstruction-loss', after=[self.last, 1], loss='binary-crossentropy')
        return {'format': 'diabolo-design', 'version': '1.0', 'title': 'Scaling', 'nodes': self.nodes,
                'edges': self.edges, 'data': {'name': 'digits'}, 'training': {'epochs': 1, 'batch-size': self.batch},
                'optimizer': {'type': 'adam', 'learning-rate': 0.001}}


def dense(width=128, depth=1, batch=128):
    net = Net(batch)
    net.add('flatten')
    for _ in range(depth):
        net.add('dense', units=width, activation='relu')
    net.add('dense', units=784, activation='sigmoid')
    return net.design()


def convolutional(width=16, depth=1, batch=128, kernel=3, branch=False):
    """Two halvings of the image and back; `depth` more convolutions at the smallest size, or a branch around one."""
    net = Net(batch)
    for _ in range(2):
        net.conv(width, kernel)
        net.add('max-pool2d', pool_size=2, padding='same')
    for _ in range(depth):
        before = net.last
        net.conv(width, kernel)
        if branch:
            net.add('add', after=[before, net.last])
    for _ in range(2):
        net.add('upsampling2d', size=2)
        net.conv(width, kernel)
    net.conv(1, kernel, activation='sigmoid')
    return net.design()


class Bench:
    """Runs diabolo-cli bench on designs, which become projects in a folder of their own."""

    def __init__(self, cli, folder):
        self.cli, self.folder, self.n = cli, folder, 0
        self.model = folder / 'model.diabolo'
        subprocess.run([cli, 'new', 'simple', '-o', self.model], check=True, stdout=subprocess.DEVNULL)

    def project(self, design):
        self.n += 1
        path = self.folder / f'{self.n}.diabolo'
        with zipfile.ZipFile(self.model) as source, zipfile.ZipFile(path, 'w') as target:
            for name in source.namelist():
                target.writestr(name, json.dumps(design) if name == 'design.json' else source.read(name))
        return str(path)

    def train(self, projects, threads, seconds):
        """(samples, multiply-adds) per second of each."""
        rows = run([self.cli, 'bench', *projects, '--json', '--threads', str(threads), '--seconds', str(seconds)])
        return [(row['samples_per_second'], 3 * row['multiply_adds'] * row['samples_per_second'])
                for row in rows['lessons']]

    def peak_mb(self, what, threads):
        with subprocess.Popen([self.cli, 'bench', what, '--json', '--seconds', '1', '--threads', str(threads)],
                              stdout=subprocess.DEVNULL) as child:
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            sys.exit(f'scaling: diabolo-cli bench {what} ended with status {child.returncode}')
        return usage.ru_maxrss / 1024


# ---- what is measured: each gives the number of misses ----

def sizes(bench, options):
    batches = [2 ** i for i in range(13)][::4 if options.quick else 1]
    sweeps = [('dense', dense, 'width', [8, 16, 32, 64, 128, 256, 512, 1024]),
              ('dense', dense, 'depth', [1, 2, 3, 4, 6, 8]),
              ('dense', dense, 'batch', batches),
              ('convolutional', convolutional, 'width', [4, 8, 16, 32, 64]),
              ('convolutional', convolutional, 'depth', [1, 2, 3, 4, 6]),
              ('convolutional', convolutional, 'batch', batches[:-1] if options.quick else batches)]
    cliffs = 0
    for name, make, what, values in sweeps:
        if what != 'batch' and options.quick:
            values = values[::2]
        projects = [bench.project(make(**{what: value})) for value in values]
        for threads in 1, 2:
            before = None
            for value, (samples, work) in zip(values, bench.train(projects, threads, options.seconds)):
                cliff = before is not None and work < CLIFF * before
                cliffs += cliff
                print(f'{name:14} {what} {value:5}  {threads} threads  {samples:11,.0f} samples/s  '
                      f'{work / 1e9:7.2f} G multiply-adds/s' + (f'  CLIFF: {work / before:.2f}' if cliff else ''),
                      flush=True)
                before = work
    return cliffs


def odd(bench, options):
    pairs = [('24 channels', {'width': 24}, '32', {'width': 32}), ('24 channels', {'width': 24}, '16', {}),
             ('10 channels', {'width': 10}, '16', {}), ('10 channels', {'width': 10}, '8', {'width': 8}),
             ('5x5 kernels', {'kernel': 5}, '3x3', {}), ('a branch', {'branch': True}, 'none', {}),
             ('batch of 100', {'batch': 100}, '128', {})]
    ratio_of = ratio_to_torch(bench, options)
    misses = 0
    for name, unusual, other, usual in pairs:
        projects = [bench.project(convolutional(**unusual)), bench.project(convolutional(**usual))]
        works = [work for _, work in bench.train(projects * options.rounds, options.threads, options.seconds)]
        cost = statistics.median(round_work / work for work, round_work in zip(works[::2], works[1::2]))
        ratio, usual_ratio = ratio_of(unusual), ratio_of(usual)
        missed = ratio < ODD_RATIO * usual_ratio
        misses += missed
        print(f'{name:14} against {other:5} {ratio:5.2f} times PyTorch against {usual_ratio:5.2f}  '
              f'{"MISSES" if missed else "OK":6}  a multiply-add costs {cost:4.2f} times as much', flush=True)
    return misses


def ratio_to_torch(bench, options):
    """A function that gives the median of a convolutional network's ratios, measured once."""
    path = pathlib.Path(__file__).resolve().with_name('versus-torch.py')
    spec = importlib.util.spec_from_file_location('versus_torch', path)
    versus = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(versus)
    versus.tune_openblas(options)
    known = {}

    def ratio(design):
        key = json.dumps(design, sort_keys=True)
        if key not in known:
            known[key] = versus.compare(options, bench.project(convolutional(**design)))['ratio']
        return known[key]

    return ratio


def inference(bench, options):
    image, codes = [run([bench.cli, 'bench', lesson, '--inference', '--json', '--threads', str(options.threads),
                         '--seconds', str(options.seconds)])['lessons'][0]
                    for lesson in ('denoising-convolutional', 'simple')]
    image, codes = image['one_sample_seconds'], codes['codes_seconds']
    print(f'an image through denoising-convolutional: {image * 1e3:.3f} ms  '
          f'{"OK" if image < IMAGE_SECONDS else "MISSES"}')
    print(f'10,000 codes of simple: {codes * 1e3:.1f} ms  {"OK" if codes < CODES_SECONDS else "MISSES"}', flush=True)
    return (image >= IMAGE_SECONDS) + (codes >= CODES_SECONDS)


def memory(bench, options):
    whole = bench.peak_mb('denoising-convolutional', options.threads)
    alone = bench.peak_mb(bench.project(dense(width=1, batch=1)), options.threads)
    print(f'training denoising-convolutional: {whole - alone:.0f} MB beyond the data ({whole:.0f} less {alone:.0f})  '
          f'{"OK" if whole - alone < MEMORY_MB else "MISSES"}', flush=True)
    return whole - alone >= MEMORY_MB


PARTS = {'inference': inference, 'memory': memory, 'odd': odd, 'sizes': sizes}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('cli', type=os.path.abspath)
    parser.add_argument('--quick', action='store_true', help='fewer sizes, shorter: under a minute on an idle machine')
    parser.add_argument('--only', choices=PARTS, help='one part')
    parser.add_argument('--threads', type=int, default=2, help='of all but sizes')
    options = parser.parse_args()
    options.seconds, options.rounds = (0.05, 2) if options.quick else (0.5, 5)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options.cli, pathlib.Path(folder))
        missed = sum(part(bench, options) for name, part in PARTS.items() if options.only in (None, name))
    return 1 if missed else 0


if __name__ == '__main__':
    sys.exit(main())
