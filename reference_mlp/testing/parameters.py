"""Parameters as one vector and back, and arrays compared whatever shape they came in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np

from reference_mlp._arrays import Array, Params


def flatten(arrays: Mapping[str, Array]) -> Array:
    """Return all entries of `arrays` as one vector (P,), in the order of the names."""
    return np.concatenate([np.ravel(a) for a in arrays.values()])


def assign(params: Params, theta: Array) -> None:
    """Write the vector `theta` (P,) into the arrays of `params`."""
    start = 0
    for p in params.values():
        p[...] = theta[start : start + p.size].reshape(p.shape)
        start += p.size


def copied(arrays: Mapping[str, Array]) -> Params:
    """Return copies of `arrays`: a network may hand out the same buffers at each call."""
    return {name: np.array(a) for name, a in arrays.items()}


@contextmanager
def restored(params: Params) -> Iterator[None]:
    """Put every array of `params` back bit for bit, whatever happens inside."""
    before = {name: p.copy() for name, p in params.items()}
    try:
        yield
    finally:
        for name, p in params.items():
            p[...] = before[name]


def count_changed(now: Array, before: Array) -> int:
    """Return how many entries of an array are no longer as before; NaN is the same as NaN.

    >>> count_changed(np.array([1.0, np.nan, 3.0]), np.array([1.0, np.nan, 2.0]))
    1
    """
    if now.shape != before.shape or now.dtype != before.dtype:
        return int(before.size)
    changed = now != before
    if now.dtype.kind == "f":
        changed &= ~(np.isnan(now) & np.isnan(before))
    return int(changed.sum())


def misfit(array: object, like: Array) -> str | None:
    """Say how `array` can't be compared entry by entry with `like`, or return None."""
    if not isinstance(array, np.ndarray):
        return f"is a {type(array).__name__}, expected an array of shape {like.shape}"
    if array.shape != like.shape:
        return f"has shape {array.shape}, expected {like.shape}"
    return None


def entry(name: str, index: tuple[int, ...] | tuple[np.intp, ...]) -> str:
    """Return how an entry is written: 0.W[3,0]."""
    return f"{name}[{','.join(str(int(i)) for i in index)}]"
