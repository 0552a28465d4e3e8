"""Gradients clipped to a norm: left alone below it, and above it of that norm and direction."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.parameters import flatten
from reference_mlp.testing.registry import Setting, check


@check("CLP")
def clipped_norm(at: Setting, clip_norm: Callable[[Params, float], Params]) -> Iterator[Evidence]:
    """Gradients below the norm stay as they are; above it all are scaled by one factor, to it.

    At sizes up to those whose squares overflow. An entry may be off by 100 roundings of itself:
    the norm is a sum of 29 squares, and then there are a root, a quotient and a product.
    """
    rng = at.rng()
    shapes = {"0.W": (4, 5), "0.b": (5,), "2.b": (4,)}
    u, largest = float(np.finfo(at.dtype).eps), float(np.finfo(at.dtype).max)
    for size in (1e-3, 1.0, 50.0, largest / 1e8):
        grads = {name: (size * rng.normal(size=s)).astype(at.dtype) for name, s in shapes.items()}
        norm = size * float(np.linalg.norm(flatten(grads).astype(np.float64) / size))
        for max_norm in (norm / 7, norm * 7):
            given = {name: g.copy() for name, g in grads.items()}
            got = clip_norm(given, max_norm)
            factor = min(1.0, max_norm / norm)
            off = max(_off(got.get(name), g, factor) for name, g in grads.items()) / u
            where = f"gradients of norm {norm:.3g} clipped to {max_norm:.3g}"
            text = f"{where}: off by {off:.3g} roundings of an entry"
            yield Evidence(off, 100.0 if factor < 1 else 0.0, where, text)
            changed = sum(not np.array_equal(g, given[name]) for name, g in grads.items())
            text = f"{where}: {changed} of the caller's arrays changed"
            yield Evidence(float(changed), 0.0, where, text)


def _off(got: Array | None, g: Array, factor: float) -> float:
    """Return how far an entry is off, relative to itself."""
    if got is None or got.shape != g.shape or got.dtype != g.dtype:
        return np.inf
    expected = g.astype(np.float64) * factor
    error = np.abs(got - expected) / np.abs(expected)
    return float(np.nan_to_num(error, nan=np.inf).max())
