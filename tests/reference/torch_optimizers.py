"""Diabolo's optimizers in PyTorch: those of torch.optim, and Keras' rule where that differs."""
import math

import torch


def torch_optimizer(kind, params, weights):
    """The one of torch.optim, with Keras' numbers."""
    rate, eps = params['learning-rate'], params.get('epsilon')
    betas = (params.get('beta-1'), params.get('beta-2'))
    make = {
        'adam': lambda: torch.optim.Adam(weights, rate, betas, eps),
        'adamw': lambda: torch.optim.AdamW(weights, rate, betas, eps, params['weight-decay']),
        'nadam': lambda: torch.optim.NAdam(weights, rate, betas, eps, momentum_decay=params['momentum-decay']),
        'rmsprop': lambda: torch.optim.RMSprop(weights, rate, params['rho'], eps, 0, params['momentum'],
                                               params['centered']),
        'adagrad': lambda: torch.optim.Adagrad(weights, rate, eps=eps, initial_accumulator_value=params['start']),
        'adadelta': lambda: torch.optim.Adadelta(weights, rate, params['rho'], eps),
        'sgd': lambda: torch.optim.SGD(weights, rate, params['momentum'], nesterov=params['nesterov']),
    }
    return make[kind]()


class KerasAdam:
    """Adam and AdamW with Keras' epsilon, which is added before the bias of v is corrected:
    w -= lr sqrt (1 - b2^t) / (1 - b1^t) m / (sqrt (v) + epsilon)"""

    def __init__(self, params, weights):
        self.params, self.weights, self.steps = params, list(weights), 0
        self.m = [torch.zeros_like(weight) for weight in self.weights]
        self.v = [torch.zeros_like(weight) for weight in self.weights]

    def zero_grad(self):
        for weight in self.weights:
            weight.grad = None

    @torch.no_grad()
    def step(self):
        self.steps += 1
        b1, b2, rate = self.params['beta-1'], self.params['beta-2'], self.params['learning-rate']
        size = rate * math.sqrt(1 - b2 ** self.steps) / (1 - b1 ** self.steps)
        for weight, m, v in zip(self.weights, self.m, self.v):
            if weight.grad is None:
                continue
            m.mul_(b1).add_(weight.grad, alpha=1 - b1)
            v.mul_(b2).add_(weight.grad.square(), alpha=1 - b2)
            weight.mul_(1 - rate * self.params.get('weight-decay', 0))
            weight.sub_(size * m / (v.sqrt() + self.params['epsilon']))


def keras_optimizer(kind, params, weights):
    if kind in ('adam', 'adamw'):
        return KerasAdam(params, weights)
    return torch_optimizer(kind, params, weights)
