#!/usr/bin/python3
"""kernels-covered.py SOURCE: every kernel of every instruction set is compared with a plain computation: a member of
NnKernels that no test calls on every table of nn_kernels_all() is an error. Speaks TAP."""
import pathlib
import re
import sys

SOURCE = pathlib.Path(sys.argv[1])
TESTS = SOURCE / 'tests' / 'engine'

# Kernels that tests reach through what the engine makes of them: where it calls them, what the tests call.
THROUGH = {
    'rmsprop': ('optimizers/nn-optimizer-rmsprop.c', 'update'),
    'adagrad': ('optimizers/nn-optimizer-adagrad.c', 'update'),
    'adadelta': ('optimizers/nn-optimizer-adadelta.c', 'update'),
    'gemm': ('base/nn-blas.c', 'nn_gemm'),
    'gemm_any_order': ('base/nn-blas.c', 'nn_gemm_any_order'),
    'conv': ('ops/nn-conv.c', 'nn_conv_forward'),
    'conv_dot': ('ops/nn-conv.c', 'nn_conv_forward'),
    'conv_depthwise': ('ops/nn-conv.c', 'nn_conv_forward'),
    'conv_outer': ('ops/nn-conv.c', 'nn_conv_to_weights'),
    'conv_depthwise_outer': ('ops/nn-conv.c', 'nn_conv_to_weights'),
    'max_pool_pick': ('ops/nn-conv.c', 'nn_conv_pooled_forward'),
    'pick_outer': ('ops/nn-conv.c', 'nn_conv_pooled_to_weights'),
    'winograd': ('ops/nn-conv-winograd.c', 'nn_conv_forward'),
    'winograd_back': ('ops/nn-conv-winograd.c', 'nn_conv_to_input'),
    'winograd_weights': ('ops/nn-conv-winograd.c', 'nn_conv_forward'),
    'winograd_outer': ('ops/nn-conv-winograd.c', 'nn_conv_to_weights'),
    'winograd_weights_grad': ('ops/nn-conv-winograd.c', 'nn_conv_to_weights'),
}


def members():
    text = re.sub(r'/\*.*?\*/', '', (SOURCE / 'engine/base/nn-kernels.h').read_text(encoding='utf-8'), flags=re.S)
    return re.findall(r'\(\*(\w+)\) \(', text.split('} NnKernels;')[0])


def walks_every_table(test):
    return 'nn_kernels_all ()' in test or 'add_checks (' in test


def is_covered(name, tests):
    if any(re.search(rf'->{name} \(', test) for test in tests):
        return True
    path, function = THROUGH.get(name, (None, None))
    return path is not None and any(f'{function} (' in test for test in tests) and \
        re.search(rf'->{name}\b', (SOURCE / 'engine' / path).read_text(encoding='utf-8')) is not None


def main():
    tests = [path.read_text(encoding='utf-8') for path in sorted(TESTS.glob('test-*.c'))]
    tests = [test for test in tests if walks_every_table(test)]
    names = members()
    failed = 0
    print(f'1..{len(names)}')
    for number, name in enumerate(names, 1):
        covered = is_covered(name, tests)
        failed += not covered
        print(f'{"ok" if covered else "not ok"} {number} {name}')
    return 1 if failed or not names else 0


if __name__ == '__main__':
    sys.exit(main())
