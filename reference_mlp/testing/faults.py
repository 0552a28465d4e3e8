"""Faults to plant in the gradients of a right network, for whoever checks a gradient checker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from reference_mlp._arrays import Array, Params


@dataclass(frozen=True)
class Pass:
    """What a fault may look at: the parameters, the rows of the batch, the L2 strength."""

    params: Params
    n_rows: int
    l2: float


Fault = Callable[[Params, Pass], None]
"""Changes a dict of gradients, whose arrays are copies, in place."""


class FaultyNetwork:
    """`network` with `fault` in the gradients that it returns; all else is the network's own.

    >>> import reference_mlp as mlp
    >>> net = mlp.mlp((2, 2), rng=np.random.default_rng(0))
    >>> X, y = np.ones((3, 2)), np.array([0, 1, 1])
    >>> faulty = FaultyNetwork(net, negated)
    >>> bool((faulty.gradients(X, y)["0.W"] == -net.gradients(X, y)["0.W"]).all())
    True
    """

    def __init__(self, network: Any, fault: Fault) -> None:
        self.network = network
        self.fault = fault

    def __getattr__(self, name: str) -> Any:
        # `network` itself is missing while a copy is being made: asking it for it never ends.
        if name == "network" or name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.network, name)

    def gradients(self, X: Array, y: Array) -> Params:
        """Return the network's gradients with the fault in them."""
        return self._spoilt(self.network.gradients(X, y), len(X))

    def loss_and_gradients(self, X: Array, y: Array) -> tuple[Any, Params]:
        """Return the right loss and the faulty gradients."""
        return self.network.loss(X, y), self.gradients(X, y)

    def backward(self, tape: Any, y: Array) -> tuple[Params, Array]:
        """Return the faulty gradients of the parameters, and the right dL/dX."""
        grads, dX = self.network.backward(tape, y)
        return self._spoilt(grads, len(dX)), dX

    def _spoilt(self, grads: Params, n_rows: int) -> Params:
        grads = {name: g.copy() for name, g in grads.items()}
        l2 = getattr(getattr(self.network, "penalty", None), "strength", 0.0)
        with np.errstate(all="ignore"):
            self.fault(grads, Pass(self.network.params, n_rows, l2))
        return grads


def scaled_by_rows(grads: Params, of: Pass) -> None:
    """Sum over the batch where the loss is a mean: N times too large."""
    for g in grads.values():
        g *= of.n_rows


def negated(grads: Params, of: Pass) -> None:
    """Turn every gradient round."""
    for g in grads.values():
        np.negative(g, out=g)


def halved(grads: Params, of: Pass) -> None:
    """Forget a factor of 2."""
    for g in grads.values():
        g *= 0.5


def slightly_off(grads: Params, of: Pass) -> None:
    """Err by 1e-3 of the whole gradient's norm, in a direction through all entries."""
    rng = np.random.default_rng(0)
    norm = np.sqrt(sum(float(np.vdot(g, g)) for g in grads.values()))
    v = {name: rng.normal(size=g.shape) for name, g in grads.items()}
    length = np.sqrt(sum(float(np.vdot(u, u)) for u in v.values()))
    for name, g in grads.items():
        g += 1e-3 * norm / length * v[name]


def constant_added(grads: Params, of: Pass) -> None:
    """Add a tenth of the largest entry to every entry of every array."""
    most = max(float(np.abs(g).max()) for g in grads.values())
    for g in grads.values():
        g += 0.1 * most


def inputs_shuffled(grads: Params, of: Pass) -> None:
    """Put the rows of the first weights' gradient into another order."""
    g = _weights(grads)[0]
    g[...] = np.roll(g, 1, axis=0)


def transposed(grads: Params, of: Pass) -> None:
    """Transpose the gradients of square weights."""
    for g in _weights(grads):
        if g.shape[0] == g.shape[1]:
            g[...] = g.T.copy()


def bias_averaged(grads: Params, of: Pass) -> None:
    """Take a mean over the batch, once more, in the gradients of the biases."""
    for g in grads.values():
        if g.ndim == 1:
            g /= of.n_rows


def bias_swapped(grads: Params, of: Pass) -> None:
    """Turn the first bias's gradient end to end."""
    g = next(g for g in grads.values() if g.ndim == 1)
    g[...] = g[::-1].copy()


def penalty_left_out(grads: Params, of: Pass) -> None:
    """Leave the L2 term out of the gradient that the loss has."""
    for name, g in grads.items():
        if g.ndim == 2:
            g -= of.l2 * of.params[name]


def all_nan(grads: Params, of: Pass) -> None:
    """Return NaN throughout."""
    for g in grads.values():
        g[...] = np.nan


def row_for_bias(grads: Params, of: Pass) -> None:
    """Return the right values for the last bias, in shape (1, K)."""
    name = list(grads)[-1]
    grads[name] = grads[name][None]


def one_missing(grads: Params, of: Pass) -> None:
    """Return no gradient of the first bias."""
    del grads[next(name for name, g in grads.items() if g.ndim == 1)]


def zeroed(place: int) -> Fault:
    """Return the fault that leaves the array at `place`, as of a list, at zero."""

    def fault(grads: Params, of: Pass) -> None:
        list(grads.values())[place][...] = 0

    return fault


def middle_zeroed(grads: Params, of: Pass) -> None:
    """Leave the array in the middle at zero."""
    zeroed(len(grads) // 2)(grads, of)


def one_entry(place: int, change: Callable[[float], float]) -> Fault:
    """Return the fault that changes the largest entry of the array at `place`."""

    def fault(grads: Params, of: Pass) -> None:
        g = list(grads.values())[place]
        at = np.unravel_index(int(np.abs(g).argmax()), g.shape)
        g[at] = change(float(g[at]))

    return fault


def _weights(grads: Mapping[str, Array]) -> list[Array]:
    return [g for g in grads.values() if g.ndim == 2]


FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "gradients times N": scaled_by_rows,
        "gradients negated": negated,
        "gradients halved": halved,
        "all off by 1e-3": slightly_off,
        "constant added": constant_added,
        "first array zero": zeroed(0),
        "middle array zero": middle_zeroed,
        "last array zero": zeroed(-1),
        "first array, one entry too large": one_entry(0, lambda g: g + 0.5 * abs(g)),
        "last array, one entry too small": one_entry(-1, lambda g: g - 0.5 * abs(g)),
        "inputs shuffled": inputs_shuffled,
        "square weights transposed": transposed,
        "biases averaged": bias_averaged,
        "bias turned round": bias_swapped,
        "L2 left out": penalty_left_out,
        "one entry NaN": one_entry(1, lambda _: float("nan")),
        "all NaN": all_nan,
        "bias in shape (1, K)": row_for_bias,
        "one gradient missing": one_missing,
    }
)
"""The faults by name; each shows on a network of two hidden layers, one square, with L2."""
