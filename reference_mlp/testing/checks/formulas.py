"""Logits and loss against the formulas, computed again from the parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from reference_mlp._arrays import FLOAT_DTYPES, Array
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.implementation import NetworkFactory, NetworkUnderTest, NotProvidedError
from reference_mlp.testing.layouts import Reading, readings
from reference_mlp.testing.parameters import entry
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting, check

WIDE = np.longdouble
FEW = 8
"""Roundings of one textbook function: an exp, a sum, a quotient and a logarithm."""


@check("ORC")
def forward_formulas(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """Logits and loss are those of the formulas, computed again from the parameters.

    In long double, and with the running bound of Higham's "Accuracy and Stability", section 3.1,
    beside it: a sum of n terms errs by at most (n + 1) u times the sum of their sizes, and what a
    layer is given in error it hands on through |W| and the slope of its activation.
    """
    for dtype in FLOAT_DTYPES:
        # Somebody's own network may come in one dtype only.
        with suppress(NotProvidedError):
            for problem, network, X, y in Setting(at.seed, dtype).cases(problems, make_network):
                if not _ACTIVATIONS.keys() >= set(problem.activation):
                    continue  # somebody's own, of which there is no other formula
                # Where shapes leave two readings, either may be meant.
                found = [
                    list(_hold(problem, network, X, y, reading))
                    for reading in readings(network.params, problem.sizes)
                ]
                if found := [held for held in found if held]:
                    yield from min(found, key=lambda held: max(_badness(e) for e in held))


def _badness(evidence: Evidence) -> float:
    return float(np.nan_to_num(evidence.measured, nan=np.inf))


@dataclass(frozen=True)
class _Bounded:
    """Values, and by how much a computation in the dtype under test may miss each."""

    value: Array
    bound: Array


def _hold(
    problem: Problem, network: NetworkUnderTest, X: Array, y: Array, reading: Reading
) -> Iterator[Evidence]:
    u = WIDE(np.finfo(X.dtype).eps)
    params = {name: np.asarray(p, WIDE) for name, p in network.params.items()}
    logits = _forward(problem.activation, params, reading, X.astype(WIDE), u)
    if not getattr(network, "recovers_logits", False):
        # Else they are made of probabilities: up to a constant a row, and with their rounding.
        yield _compare("logits", network.logits(X), logits, f"{problem.name}, {X.dtype}")
    if hasattr(network, "recovers_logits"):
        return  # an adapted network's loss may have a factor that its author chose
    if loss := _LOSSES.get(problem.loss):
        total = _mean(loss(logits, _columns(y, logits.value), u), u)
        squares = sum((params[name] ** 2).sum() for name in reading.weights)
        penalty = WIDE(problem.l2) / 2 * squares
        n_weights = sum(params[name].size for name in reading.weights)
        total = _Bounded(total.value + penalty, total.bound + (n_weights + FEW) * u * penalty)
        yield _compare("loss", network.loss(X, y), total, f"{problem.name}, {X.dtype}")


def _forward(
    activations: tuple[str, ...], params: Mapping[str, Array], reading: Reading, X: Array, u: Any
) -> _Bounded:
    a, error = X, np.zeros_like(X)
    for i in range(len(reading.weights)):
        W, b = reading.weight(params, i), reading.bias(params, i)
        rounding = (len(W) + 2) * u
        z = a @ W + b
        error = (1 + rounding) * (error @ abs(W)) + rounding * (abs(a) @ abs(W) + abs(b))
        # What follows the last is the identity where nothing is said of it.
        function, slope = _ACTIVATIONS[(*activations, "identity")[i]]
        a = function(z)
        error = slope * error + (FEW * u * abs(a) if i < len(activations) else 0)
    return _Bounded(a, error)


# Each activation and the largest slope that it has anywhere.
_ACTIVATIONS: Mapping[str, tuple[Callable[[Array], Array], float]] = {
    "relu": (lambda z: np.where(z > 0, z, 0), 1.0),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), 0.25),
    "tanh": (np.tanh, 1.0),
    "identity": (lambda z: z, 1.0),
}


def _cross_entropy(logits: _Bounded, y: Array, u: Any) -> _Bounded:
    z, k = logits.value, y.shape[1]
    top = z.max(axis=1, keepdims=True)
    losses = np.log(np.exp(z - top).sum(axis=1)) + top[:, 0] - (y * z).sum(axis=1)
    rounding = (k + FEW) * u * (1 + abs(z).max(axis=1))
    return _Bounded(losses, 2 * logits.bound.max(axis=1) + rounding)


def _binary_cross_entropy(logits: _Bounded, y: Array, u: Any) -> _Bounded:
    z, k = logits.value, y.shape[1]
    losses = np.logaddexp(0, z) - y * z
    # log(1 - s) as it stands in the textbook loses e^|z| roundings, and is no other function.
    rounding = (k + FEW) * u * (1 + abs(z) + np.exp(abs(z)))
    return _Bounded(losses.sum(axis=1), (logits.bound + rounding).sum(axis=1))


def _squared_error(logits: _Bounded, y: Array, u: Any) -> _Bounded:
    r, e = abs(logits.value - y), logits.bound
    rounding = (y.shape[1] + FEW) * u * r * r
    return _Bounded((r * r).sum(axis=1) / 2, (r * e + e * e + rounding).sum(axis=1))


_LOSSES: Mapping[str, Callable[[_Bounded, Array, Any], _Bounded]] = {
    "softmax_cross_entropy": _cross_entropy,
    "sigmoid_binary_cross_entropy": _binary_cross_entropy,
    "squared_error": _squared_error,
}


def _columns(y: Array, z: Array) -> Array:
    """Return targets (N, K): labels as one-hot rows, a column (N,) as (N, 1)."""
    if y.ndim == 1 and y.dtype.kind in "iu":
        return np.equal(y[:, None], np.arange(z.shape[1])).astype(WIDE)
    return y.reshape(z.shape).astype(WIDE)


def _mean(losses: _Bounded, u: Any) -> _Bounded:
    n = len(losses.value)
    bound = losses.bound.mean() + (n + FEW) * u * abs(losses.value).mean()
    return _Bounded(losses.value.mean(), bound)


def _compare(what: str, got: Any, expected: _Bounded, where: str) -> Evidence:
    right = np.asarray(expected.value)
    if np.shape(got) != right.shape and (right.ndim or np.size(got) != 1):
        text = f"{what} of shape {np.shape(got)}, expected {right.shape}; {where}"
        return Evidence(np.inf, 1.0, f"{what}, {where}", text)
    bound = np.maximum(expected.bound, np.finfo(np.float64).tiny)
    got = np.asarray(got, WIDE).reshape(right.shape)
    off = np.nan_to_num(np.asarray(abs(got - right) / bound, np.float64), nan=np.inf)
    worst = np.unravel_index(int(off.argmax()), right.shape)
    g, r = float(got[worst]), float(right[worst])
    ratio = f" (ratio {g / r:.4g})" if r else ""
    name = entry(what, worst) if right.ndim else what
    text = f"{name} is {g:.6g}, by the formula {r:.6g}{ratio}; {where}"
    return Evidence(float(off[worst]), 1.0, f"{what}, {where}", text)
