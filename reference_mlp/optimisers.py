"""Optimisers: each moves parameters in place, and remembers only what its rule needs.

`step(params, grads)` moves the arrays of `params` that `grads` names. It raises KeyError for a
gradient of an unknown parameter and ValueError for one of another shape, before any is moved.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from reference_mlp._arrays import (
    Array,
    Params,
    require_fraction,
    require_positive,
    require_same_shapes,
)


class Optimiser(Protocol):
    """Something that moves parameters by their gradients."""

    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        """Move each array of `params` that `grads` names, in place."""


class SGD:
    """p <- p - learning_rate * g: (stochastic) gradient descent.

    >>> params = {"0.b": np.array([1.0])}
    >>> SGD(0.5).step(params, {"0.b": np.array([1.0])})
    >>> params
    {'0.b': array([0.5])}
    """

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = require_positive("learning_rate", learning_rate)

    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        """Move each parameter against its gradient."""
        require_same_shapes(params, grads)
        for name, g in grads.items():
            params[name] -= self.learning_rate * g


class Momentum:
    """v <- m v - learning_rate g; p <- p + v: Polyak 1964, as in Sutskever et al. 2013, eq. 1-2.

    >>> params, optimiser = {"0.b": np.array([1.0])}, Momentum(0.5, momentum=0.5)
    >>> for _ in range(2):
    ...     optimiser.step(params, {"0.b": np.array([1.0])})
    >>> params
    {'0.b': array([-0.25])}
    """

    def __init__(self, learning_rate: float, *, momentum: float = 0.9) -> None:
        self.learning_rate = require_positive("learning_rate", learning_rate)
        self.momentum = require_fraction("momentum", momentum)
        self.velocity: Params = {}

    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        """Accelerate each parameter's velocity by its gradient, and move by it."""
        require_same_shapes(params, grads)
        _require_own(self.velocity, grads)
        for name, g in grads.items():
            v = _remembered(self.velocity, name, params)
            v *= self.momentum
            v -= self.learning_rate * g
            params[name] += v


class Nesterov:
    """v <- m v - learning_rate g; p <- p + m v - learning_rate g.

    Nesterov's accelerated gradient in the form whose gradient is taken where the parameters
    are: Sutskever et al. 2013, eq. 3-4, after the change of variables of Bengio et al. 2013, eq. 7.

    >>> params, optimiser = {"0.b": np.array([1.0])}, Nesterov(0.5, momentum=0.5)
    >>> optimiser.step(params, {"0.b": np.array([1.0])})
    >>> params
    {'0.b': array([0.25])}
    """

    def __init__(self, learning_rate: float, *, momentum: float = 0.9) -> None:
        self.learning_rate = require_positive("learning_rate", learning_rate)
        self.momentum = require_fraction("momentum", momentum)
        self.velocity: Params = {}

    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        """Move each parameter by its gradient and by the velocity that it leads to."""
        require_same_shapes(params, grads)
        _require_own(self.velocity, grads)
        for name, g in grads.items():
            v = _remembered(self.velocity, name, params)
            v *= self.momentum
            v -= self.learning_rate * g
            params[name] += self.momentum * v - self.learning_rate * g


class Adam:
    """Moments of the gradient, corrected for their start at zero: Kingma and Ba 2015, algorithm 1.

    The first step moves by learning_rate / (1 + epsilon / abs(g)) whatever the gradient's size:

    >>> params = {"0.b": np.array([1.0])}
    >>> Adam(0.5).step(params, {"0.b": np.array([100.0])})
    >>> params
    {'0.b': array([0.5])}
    """

    def __init__(
        self,
        learning_rate: float = 1e-3,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        self.learning_rate = require_positive("learning_rate", learning_rate)
        self.beta1 = require_fraction("beta1", beta1)
        self.beta2 = require_fraction("beta2", beta2)
        self.epsilon = require_positive("epsilon", epsilon)
        self.t: dict[str, int] = {}
        self.m: Params = {}
        self.v: Params = {}

    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        """Update the moments of each gradient, and move by their corrected ratio."""
        require_same_shapes(params, grads)
        _require_own(self.m, grads)
        for name, g in grads.items():
            # Counted for each parameter, so that one frozen for a while is corrected rightly.
            t = self.t[name] = self.t.get(name, 0) + 1
            m, v = _remembered(self.m, name, params), _remembered(self.v, name, params)
            m += (1 - self.beta1) * (g - m)
            v += (1 - self.beta2) * (g * g - v)
            # m_hat / (sqrt(v_hat) + epsilon) times sqrt(c2) / sqrt(c2), to divide scalars only.
            c1, c2 = 1 - self.beta1**t, 1 - self.beta2**t
            rate = self.learning_rate * c2**0.5 / c1
            params[name] -= rate * m / (np.sqrt(v) + self.epsilon * c2**0.5)


def _remembered(state: Params, name: str, params: Params) -> Array:
    """Return the array of `state` that goes with a parameter: zeros at first."""
    if name not in state:
        state[name] = np.zeros_like(params[name])
    return state[name]


def _require_own(state: Mapping[str, Array], grads: Mapping[str, Array]) -> None:
    for name, g in grads.items():
        if name in state and state[name].shape != g.shape:
            msg = (
                f"grads[{name!r}] has shape {g.shape}, expected {state[name].shape} as before; "
                "another network needs another optimiser"
            )
            raise ValueError(msg)
