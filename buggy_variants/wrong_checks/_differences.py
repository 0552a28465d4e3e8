"""The differences that gradient checkers are made of: sound, so that each file has one bug."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from reference_mlp._arrays import Array, Params

STEP = 1e-6


def numeric_gradients(
    network: Any,
    X: Array,
    y: Array,
    analytic: Params,
    *,
    double: bool = True,
    loss: Callable[[Any, Array, Array], Any] | None = None,
) -> Params:
    """Return the gradients by differences of the loss, of all those it allows the nearest.

    Differences leave an interval, not a number: between the slopes below and above an entry lies
    every subgradient of a kink, and the rounding of the loss widens it. Where `analytic` is inside
    it is returned as it is. A float32 network is differentiated in float64 unless `double` is
    False; `loss` stands in for the network's own. Raises ValueError for a gradient that has not
    the shape of its parameter, and KeyError where one is missing.
    """
    dtype = next(iter(network.params.values())).dtype
    if double:
        network, X, y = in_double(network, X, y)
    L = partial(loss, network, X, y) if loss else partial(network.loss, X, y)
    centre = float(L())
    # A difference quotient has the rounding of two losses in it, and a gradient that of its dtype.
    slack = 4 * abs(centre) * float(np.finfo(np.float64).eps / STEP + np.finfo(dtype).eps)
    numeric = {}
    for name, p in network.params.items():
        if np.shape(analytic[name]) != p.shape:
            msg = f"the gradient of {name} has shape {np.shape(analytic[name])}, expected {p.shape}"
            raise ValueError(msg)
        below, above = np.empty(p.shape), np.empty(p.shape)
        for at in perturbed(p):
            p[at] += STEP
            above[at] = (float(L()) - centre) / STEP
            p[at] -= 2 * STEP
            below[at] = (centre - float(L())) / STEP
        low, high = np.minimum(below, above) - slack, np.maximum(below, above) + slack
        a = np.asarray(analytic[name], float)
        # Nothing is near to NaN: there the middle stands.
        numeric[name] = np.where(np.isnan(a), (low + high) / 2, np.clip(a, low, high))
    return numeric


def central_differences(network: Any, X: Array, y: Array, step: float) -> Params:
    """Return (L(p + step) - L(p - step)) / 2 step for every entry, as the textbook has it."""
    numeric = {}
    for name, p in network.params.items():
        numeric[name] = np.zeros_like(p)
        for at in perturbed(p):
            value = p[at]
            p[at] = value + step
            above = network.loss(X, y)
            p[at] = value - step
            numeric[name][at] = (above - network.loss(X, y)) / (2 * step)
    return numeric


def perturbed(p: Array) -> Iterator[tuple[int, ...]]:
    """Yield the index of each entry of `p`, and put the entry back when the next is asked for."""
    for at in np.ndindex(p.shape):
        value = p[at]
        yield at
        p[at] = value


def in_double(network: Any, X: Array, y: Array) -> tuple[Any, Array, Array]:
    """Return a copy of the network, with its batch, in float64."""
    twin = copy.deepcopy(network)
    for name, p in twin.params.items():
        twin.params[name] = p.astype(np.float64)
    return twin, X.astype(np.float64), y.astype(np.float64) if y.dtype.kind == "f" else y


def relative_error(a: Array, n: Array) -> float:
    """Return the largest difference over the largest entry; 0 where both arrays are zero."""
    # As Python's floats: in float32 the smallest of the three is 0.
    largest = max(float(np.abs(a).max()), float(np.abs(n).max()), 1e-300)
    return float(np.abs(a - n).max()) / largest


def joined(arrays: Params, like: Params) -> Array:
    """Return the arrays named in `like` as one vector (P,)."""
    return np.concatenate([np.ravel(arrays[name]) for name in like])
