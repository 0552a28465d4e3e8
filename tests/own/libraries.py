"""One network in each library, and what the checks say of it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from reference_mlp.testing import CHECKS, PROBLEMS, Setting, run_check
from reference_mlp.testing.implementation import NotProvidedError

QUICK = [name for name in CHECKS if name not in {"overfits_32_digits", "convergence"}]
OF_NETWORKS = [name for name in QUICK if set(CHECKS[name].needs) == {"problems", "make_network"}]


def import_or_skip(name):
    return pytest.importorskip(name, reason=f"{name} is not installed: an extra")


def of_torch(sizes, *, activation, loss, l2, dtype, rng):
    import torch

    from reference_mlp.testing.adapters.torch_module import _losses, adapt_module

    kinds = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh, "sigmoid": torch.nn.Sigmoid}
    layers = []
    for i, (n_in, n_out) in enumerate(pairwise(sizes)):
        layers += [torch.nn.Linear(n_in, n_out), *(kinds[k]() for k in activation[i : i + 1])]
    module = torch.nn.Sequential(*layers).to(getattr(torch, np.dtype(dtype).name))
    weights = [p for name, p in module.named_parameters() if name.endswith("weight")]

    def criterion(z, y):
        return _losses(torch)[loss](z, y) + l2 / 2 * sum((W * W).sum() for W in weights)

    return adapt_module(problem_of(sizes, loss), module, criterion)


def problem_of(sizes, loss):
    found = [p for p in PROBLEMS if p.sizes == sizes and p.loss == loss]
    if not found:
        msg = "its initial weights are the library's own"
        raise NotProvidedError(msg)
    return found[0]


def functions(np_, sizes, activation, loss, l2, log_sum_exp):
    """A perceptron in a NumPy of somebody's, over a list of (W, b)."""
    kinds = {
        "relu": lambda z: np_.where(z > 0, z, 0 * z),
        "tanh": np_.tanh,
        "sigmoid": lambda z: 0.5 * (np_.tanh(0.5 * z) + 1),
    }

    def logits(params, X):
        for i, (W, b) in enumerate(params):
            X = np_.dot(X, W) + b
            X = kinds[activation[i]](X) if i < len(activation) else X
        return X

    def value(params, X, y):
        z, n = logits(params, X), X.shape[0]
        penalty = l2 / 2 * sum(np_.sum(W * W) for W, _ in params)
        if loss == "softmax_cross_entropy":
            t = y if y.ndim == 2 else (y[:, None] == np.arange(z.shape[1])).astype(z.dtype)
            return -np_.sum(t * (z - log_sum_exp(z))) / n + penalty
        if loss == "sigmoid_binary_cross_entropy":
            absolute = np_.where(z > 0, z, -z)
            soft = np_.where(z > 0, z, 0 * z) + np_.log1p(np_.exp(-absolute))
            return np_.sum(soft - y * z) / n + penalty
        return np_.sum((z - y.reshape(z.shape)) ** 2) / (2 * n) + penalty

    return logits, value


def drawn(sizes, dtype, rng):
    pairs = pairwise(sizes)
    return [
        [rng.normal(0, 0.6, (a, b)).astype(dtype), rng.normal(0, 0.3, b).astype(dtype)]
        for a, b in pairs
    ]


def of_jax(sizes, *, activation, loss, l2, dtype, rng):
    import jax

    from reference_mlp.testing.adapters.jax_loss import adapt_jax

    def log_sum_exp(z):
        return jax.nn.logsumexp(z, axis=1, keepdims=True)

    code = functions(jax.numpy, sizes, activation, loss, l2, log_sum_exp)
    return adapt_jax(problem_of(sizes, loss), drawn(sizes, dtype, rng), *code)


def of_autograd(sizes, *, activation, loss, l2, dtype, rng):
    import autograd.numpy as anp
    from autograd.scipy.special import logsumexp

    from reference_mlp.testing.adapters.autograd_function import adapt_autograd

    def log_sum_exp(z):
        return logsumexp(z, axis=1, keepdims=True)

    code = functions(anp, sizes, activation, loss, l2, log_sum_exp)
    return adapt_autograd(problem_of(sizes, loss), drawn(sizes, dtype, rng), *code)


FACTORIES = {"torch": of_torch, "jax": of_jax, "autograd": of_autograd}


def outcomes(implementation, checks, dtype):
    setting = Setting(seed=4, dtype=dtype)
    return {name: run_check(CHECKS[name], implementation, setting=setting) for name in checks}
