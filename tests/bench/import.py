#!/usr/bin/python3
"""import.py BENCH-IMPORT [FILE.onnx...]

Seconds from an ONNX file to its graph in a window, on a private virtual display: read, and drawn. Without a file,
torchvision's MobileNetV2 (14 MB) and ResNet-18 (45 MB) with random weights. The bound is 1 s for the first."""
import json
import pathlib
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parent.parent


def measure(bench, path):
    found = json.loads(subprocess.run([TESTS / 'ui' / 'display.py', bench, path], check=True, capture_output=True,
                                      text=True).stdout.splitlines()[-1])
    print(f'{path.parent.name if path.stem == "model" else path.stem}: {path.stat().st_size / 1e6:.1f} MB, '
          f'read {found["read"]:.2f} s, drawn {found["drawn"]:.2f} s')
    return found['drawn']


def main():
    bench, files = sys.argv[1], [pathlib.Path(name) for name in sys.argv[2:]]
    with tempfile.TemporaryDirectory() as folder:
        if not files:
            names = ['mobilenet_v2', 'resnet18']
            subprocess.run([TESTS / 'engine' / 'torchvision-export.py', folder, *names], check=True)
            files = [pathlib.Path(folder, name, 'model.onnx') for name in names]
        seconds = [measure(bench, path) for path in files]
    print(f'bound 1 s: {seconds[0] / 1:.2f} of it')
    return 0 if seconds[0] < 1 else 1


if __name__ == '__main__':
    sys.exit(main())
