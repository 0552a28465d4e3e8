"""The same functions in SciPy, torch and JAX, each as a function of NumPy arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special
import torch

import reference_mlp as r
from reference_mlp import functions
from reference_mlp.testing.stability.parts import gradients, values

jax.config.update("jax_enable_x64", True)
torch.set_num_threads(1)

Function = Callable[..., Any]


def in_torch(function: Function) -> Function:
    return lambda z, *y: function(torch.from_numpy(z), *map(torch.from_numpy, y)).numpy()


def slope_in_torch(function: Function) -> Function:
    """Return the derivative of the sum of `function`, which is its own for each entry."""

    def derivative(z, *y):
        leaf = torch.from_numpy(z).requires_grad_()
        function(leaf, *map(torch.from_numpy, y)).sum().backward()
        return leaf.grad.numpy()

    return derivative


def in_jax(function: Function) -> Function:
    # As written, not compiled: compilation fuses, but rounds no better.
    return lambda z, *y: np.asarray(function(jnp.asarray(z), *map(jnp.asarray, y)))


def slope_in_jax(function: Function) -> Function:
    slope = jax.grad(lambda z, *y: function(z, *y).sum())
    return lambda z, *y: np.asarray(slope(jnp.asarray(z), *map(jnp.asarray, y)))


def slope_of_layer(layer: Callable[[], Any]) -> Function:
    def derivative(z):
        _, cache = layer().forward(z[:, None])
        return layer().backward(cache, np.ones_like(z[:, None]))[:, 0]

    return derivative


def torch_cross_entropy(z, y):
    return torch.nn.functional.cross_entropy(z, y, reduction="none")


def torch_binary_cross_entropy(z, y):
    return torch.nn.functional.binary_cross_entropy_with_logits(z, y, reduction="none").sum(1)


def jax_cross_entropy(z, y):
    return -jnp.take_along_axis(jax.nn.log_softmax(z, axis=1), y[:, None], axis=1)[:, 0]


def jax_binary_cross_entropy(z, y):
    # As in Optax: by the logarithms of both sigmoids.
    return (-y * jax.nn.log_sigmoid(z) - (1 - y) * jax.nn.log_sigmoid(-z)).sum(axis=1)


def torch_squared_error(z, y):
    return torch.nn.functional.mse_loss(z, y, reduction="none").sum(1) / 2


def jax_squared_error(z, y):
    return ((z - y) ** 2).sum(axis=1) / 2


F = torch.nn.functional
TORCH: Mapping[str, Function] = {
    "sigmoid": torch.sigmoid,
    # Its softplus returns z itself from z = 20 on, or overflows where that is put off.
    "softplus": lambda z: torch.logaddexp(z, torch.zeros_like(z)),
    "log_sigmoid": F.logsigmoid,
    "tanh": torch.tanh,
    "softmax": partial(torch.softmax, dim=1),
    "log_softmax": partial(torch.log_softmax, dim=1),
    "logsumexp": partial(torch.logsumexp, dim=1, keepdim=True),
    "cross_entropy": torch_cross_entropy,
    "binary_cross_entropy": torch_binary_cross_entropy,
    "squared_error": torch_squared_error,
}
JAX: Mapping[str, Function] = {
    "sigmoid": jax.nn.sigmoid,
    "softplus": jax.nn.softplus,
    "log_sigmoid": jax.nn.log_sigmoid,
    "tanh": jnp.tanh,
    "softmax": partial(jax.nn.softmax, axis=1),
    "log_softmax": partial(jax.nn.log_softmax, axis=1),
    "logsumexp": partial(jax.nn.logsumexp, axis=1, keepdims=True),
    "cross_entropy": jax_cross_entropy,
    "binary_cross_entropy": jax_binary_cross_entropy,
    "squared_error": jax_squared_error,
}
_DERIVED = {
    "sigmoid_derivative": "sigmoid",
    "log_sigmoid_derivative": "log_sigmoid",
    "tanh_derivative": "tanh",
    "cross_entropy_gradient": "cross_entropy",
    "binary_cross_entropy_gradient": "binary_cross_entropy",
    "squared_error_gradient": "squared_error",
}

OURS: Mapping[str, Function] = {
    "sigmoid": functions.sigmoid,
    "sigmoid_derivative": slope_of_layer(r.ACTIVATIONS["sigmoid"]),
    "softplus": functions.softplus,
    "log_sigmoid": functions.log_sigmoid,
    "log_sigmoid_derivative": lambda z: functions.sigmoid(-z),
    "tanh": lambda z: r.ACTIVATIONS["tanh"]().forward(z)[0],
    "tanh_derivative": slope_of_layer(r.ACTIVATIONS["tanh"]),
    "softmax": functions.softmax,
    "log_softmax": functions.log_softmax,
    "logsumexp": functions.logsumexp,
    "cross_entropy": values(r.SoftmaxCrossEntropy()),
    "cross_entropy_gradient": gradients(r.SoftmaxCrossEntropy()),
    "binary_cross_entropy": values(r.SigmoidBinaryCrossEntropy()),
    "binary_cross_entropy_gradient": gradients(r.SigmoidBinaryCrossEntropy()),
    "squared_error": values(r.SquaredError()),
    "squared_error_gradient": gradients(r.SquaredError()),
}
SCIPY: Mapping[str, Function] = {
    "sigmoid": scipy.special.expit,
    "softplus": partial(np.logaddexp, 0),
    "log_sigmoid": scipy.special.log_expit,
    "tanh": np.tanh,
    "softmax": partial(scipy.special.softmax, axis=1),
    "log_softmax": partial(scipy.special.log_softmax, axis=1),
    "logsumexp": partial(scipy.special.logsumexp, axis=1, keepdims=True),
}
PEERS: Mapping[str, Mapping[str, Function]] = {
    "ours": OURS,
    "SciPy": SCIPY,
    "torch": {
        **{name: in_torch(f) for name, f in TORCH.items()},
        **{name: slope_in_torch(TORCH[of]) for name, of in _DERIVED.items()},
    },
    "JAX": {
        **{name: in_jax(f) for name, f in JAX.items()},
        **{name: slope_in_jax(JAX[of]) for name, of in _DERIVED.items()},
    },
}
"""Libraries by name, and of each its functions by the names that `like=` takes."""
