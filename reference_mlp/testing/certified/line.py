"""The loss along a line through the parameters, and the parameters put back afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.testing.certified.objective import Objective

BLOCK = 1 << 10
"""Entries that are worked on at a time, so that sums over parameters need no copies of them."""


@contextmanager
def kept(objective: Objective) -> Iterator[Params]:
    """Yield a copy of the parameters, and put them back bit for bit whatever happens inside."""
    base = {name: p.copy() for name, p in objective.params.items()}
    arrays = dict(objective.params)
    try:
        yield base
    finally:
        for name, p in arrays.items():
            p[...] = base[name]
        objective.params.update(arrays)
        objective.moved()


@dataclass
class Line:
    """The points theta + t v for real t; `base` is theta, and `v` has entries for some arrays."""

    objective: Objective
    base: Params
    v: Params

    def value(self, t: float) -> float:
        """Return the loss at theta + t v."""
        self.move(t)
        return float(self.objective.loss())

    def move(self, t: float) -> None:
        """Bring the parameters to theta + t v; at t = 0 to theta, bit for bit."""
        for name, v in self.v.items():
            p = self.objective.params[name]
            if t:
                np.multiply(v, v.dtype.type(t), out=p)
                p += self.base[name]
            else:
                p[...] = self.base[name]
        self.objective.moved()

    def slope(self, grads: Params, t: float = 0.0) -> float:
        """Return g.v, or g.w for the direction w that steps of +-t really take.

        Rounding moves theta + t v to a neighbouring float, so that the ends lie
        2 t w = theta+ - theta- apart with w a little off v.
        """
        return float(sum(_dot(grads[n], v, self.base[n], t) for n, v in self.v.items()))

    def magnitude(self, grads: Params) -> float:
        """Return sum |g_i v_i|, the scale on which g.v is rounded."""
        return float(sum(_absolute_dot(grads[name], v) for name, v in self.v.items()))

    @property
    def norm(self) -> float:
        """The Euclidean norm of v."""
        return float(np.sqrt(sum(float(np.vdot(v, v)) for v in self.v.values())))


def _blocks(*arrays: Array) -> Iterator[tuple[Array, ...]]:
    flat = [np.ravel(a) for a in arrays]
    for start in range(0, flat[0].size, BLOCK):
        yield tuple(f[start : start + BLOCK] for f in flat)


def _dot(g: Array, v: Array, base: Array, t: float) -> float:
    if not t:
        return sum(float(_double(a) @ _double(b)) for a, b in _blocks(g, v))
    total = 0.0
    for a, b, theta in _blocks(g, v, base):
        step = b * b.dtype.type(t)
        w = _double(theta + step)
        w -= theta - step
        total += float(_double(a) @ w)
    return total / (2 * t)


def _double(a: Array) -> Array:
    return a.astype(float, copy=False)


def _absolute_dot(g: Array, v: Array) -> float:
    return sum(float(np.abs(a) @ np.abs(b)) for a, b in _blocks(g, v))
