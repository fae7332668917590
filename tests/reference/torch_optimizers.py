"""Diabolo's optimizers and schedules in PyTorch: those of torch.optim, and Keras' rule where that differs."""
import math

import torch
from torch.optim import lr_scheduler


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


class KerasOptimizer(torch.optim.Optimizer):
    """What Keras does otherwise than torch.optim; the schedules of torch.optim work on it, too."""

    def __init__(self, params, weights):
        super().__init__(weights, {'lr': params['learning-rate']})
        self.params, self.steps = params, 0
        self.slots = [(torch.zeros_like(weight), torch.zeros_like(weight)) for weight in self.weights()]

    def weights(self):
        return self.param_groups[0]['params']

    @torch.no_grad()
    def step(self, closure=None):
        self.steps += 1
        for weight, slots in zip(self.weights(), self.slots):
            if weight.grad is not None:
                self.update(self.param_groups[0]['lr'], weight, weight.grad, *slots)

    def update(self, rate, weight, gradient, first, second):
        raise NotImplementedError


class KerasSgd(KerasOptimizer):
    """With the learning rate inside the velocity, which matters where a schedule changes it: v = momentum v - lr g;
    w += v, with Nesterov w += momentum v - lr g."""

    def update(self, rate, weight, gradient, first, second):
        first.mul_(self.params['momentum']).sub_(gradient, alpha=rate)
        if self.params['nesterov']:
            weight.add_(first, alpha=self.params['momentum']).sub_(gradient, alpha=rate)
        else:
            weight.add_(first)


class KerasAdam(KerasOptimizer):
    """Adam and AdamW with Keras' epsilon, which is added before the bias of v is corrected:
    w -= lr sqrt (1 - b2^t) / (1 - b1^t) m / (sqrt (v) + epsilon)"""

    def moments(self, gradient, m, v):
        m.mul_(self.params['beta-1']).add_(gradient, alpha=1 - self.params['beta-1'])
        v.mul_(self.params['beta-2']).add_(gradient.square(), alpha=1 - self.params['beta-2'])

    def update(self, rate, weight, gradient, first, second):
        self.moments(gradient, first, second)
        size = rate * math.sqrt(1 - self.params['beta-2'] ** self.steps) / (1 - self.params['beta-1'] ** self.steps)
        weight.mul_(1 - rate * self.params.get('weight-decay', 0))
        weight.sub_(size * first / (second.sqrt() + self.params['epsilon']))


class KerasNadam(KerasAdam):
    """Nadam with the momenta's product up to the next step, M_t mu_{t+1}. torch.optim's of version 1.13 multiplies by
    mu_t once more, which changes the first steps by up to a tenth."""

    def momentum(self, step):
        return self.params['beta-1'] * (1 - 0.96 ** (step * self.params['momentum-decay']) / 2)

    def update(self, rate, weight, gradient, first, second):
        self.moments(gradient, first, second)
        now, then = self.momentum(self.steps), self.momentum(self.steps + 1)
        product = math.prod(self.momentum(step) for step in range(1, self.steps + 1))
        ahead = then / (1 - product * then) * first + (1 - now) / (1 - product) * gradient
        unbiased = second / (1 - self.params['beta-2'] ** self.steps)
        weight.sub_(rate * ahead / (unbiased.sqrt() + self.params['epsilon']))


def keras_optimizer(kind, params, weights, scheduled=False):
    """scheduled: the learning rate will change."""
    if kind == 'sgd' and scheduled:
        return KerasSgd(params, weights)
    if kind in ('adam', 'adamw'):
        return KerasAdam(params, weights)
    if kind == 'nadam':
        return KerasNadam(params, weights)
    return torch_optimizer(kind, params, weights)


class Scheduler:
    """A design's schedule by those of torch.optim.lr_scheduler."""

    def __init__(self, training, optimizer, n_batches, rate):
        self.plateau = self.by_step = self.by_epoch = None
        kind, epochs = training['schedule'], int(training['epochs'])
        warm_up = int(training['warm-up']) * (n_batches if training['warm-up-unit'] == 'epochs' else 1)
        if kind == 'step':
            self.by_epoch = lr_scheduler.StepLR(optimizer, int(training['step-epochs']), training['step-factor'])
        elif kind == 'exponential':
            length = training['exponential-epochs'] * n_batches
            self.by_step = lr_scheduler.ExponentialLR(optimizer, training['exponential-factor'] ** (1 / length))
        elif kind == 'cosine':
            length = (training['cosine-epochs'] or epochs) * n_batches - (0 if training['cosine-epochs'] else warm_up)
            self.by_step = lr_scheduler.CosineAnnealingLR(optimizer, int(length), training['cosine-floor'] * rate)
        elif kind == 'plateau':
            # Falls at the first bad epoch behind those it is patient with; Keras at the last of them.
            self.plateau = lr_scheduler.ReduceLROnPlateau(
                optimizer, factor=training['plateau-factor'], patience=int(training['plateau-patience']) - 1,
                threshold=training['plateau-difference'], threshold_mode='abs',
                cooldown=int(training['plateau-cooldown']), min_lr=training['plateau-floor'])
        if warm_up:
            rise = lr_scheduler.LinearLR(optimizer, 1 / warm_up, total_iters=warm_up - 1)
            rest = self.by_step or lr_scheduler.ConstantLR(optimizer, 1)
            self.by_step = lr_scheduler.SequentialLR(optimizer, [rise, rest], [warm_up])

    def after_step(self):
        if self.by_step:
            self.by_step.step()

    def after_epoch(self, validation_loss):
        if self.by_epoch:
            self.by_epoch.step()
        if self.plateau:
            self.plateau.step(validation_loss())
