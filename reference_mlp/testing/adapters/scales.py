"""Factors by which a gradient is often off its loss, each with its name and its story."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np


class Sizes(NamedTuple):
    """What a factor may be made of: rows of the batch, inputs, outputs."""

    n: int
    d: int
    k: int


SCALES: Mapping[str, tuple[Callable[[Sizes], float], str]] = {
    "1": (lambda _: 1.0, "none"),
    "N": (lambda s: s.n, "the batch size: a sum over the batch, where the loss has its mean"),
    "1/N": (lambda s: 1 / s.n, "one over the batch size: divided by it once more than the loss"),
    "2": (lambda _: 2.0, "two: the square's, where the loss has a half"),
    "1/2": (lambda _: 0.5, "one half: the square's two is left out"),
    "K": (lambda s: s.k, "the number of outputs: a sum over them, where the loss has their mean"),
    "1/K": (lambda s: 1 / s.k, "one over the number of outputs: divided by it, unlike the loss"),
    "K/2": (lambda s: s.k / 2, "half the number of outputs: the loss is a mean of plain squares"),
    "2/K": (lambda s: 2 / s.k, "two over the number of outputs: as of a mean of plain squares"),
    "2N": (lambda s: 2 * s.n, "twice the batch size"),
    "N/2": (lambda s: s.n / 2, "half the batch size: a sum over it, and the square's two left out"),
    "2/N": (lambda s: 2 / s.n, "two over the batch size"),
    "1/(2N)": (lambda s: 0.5 / s.n, "one over twice the batch size"),
    "NK": (lambda s: s.n * s.k, "the number of outputs of the batch: a sum, where a mean belongs"),
    "NK/2": (lambda s: s.n * s.k / 2, "half the number of outputs of the batch"),
    "1/(NK)": (lambda s: 1 / (s.n * s.k), "one over the number of outputs of the batch"),
    "2/(NK)": (lambda s: 2 / (s.n * s.k), "two over the number of outputs of the batch"),
    "D": (lambda s: s.d, "the number of inputs, in place of the batch size perhaps"),
    "1/D": (lambda s: 1 / s.d, "one over the number of inputs, in place of the batch size perhaps"),
    "N/D": (lambda s: s.n / s.d, "divided by the number of inputs in place of the batch size"),
    "D/N": (lambda s: s.d / s.n, "the number of inputs over the batch size"),
}
"""Factors by name: their value at given sizes, and where they come from."""


def scale_of(scale: str | float, sizes: Sizes) -> float:
    """Return the value of a factor, a number or one of `SCALES` by name.

    >>> scale_of("2/N", Sizes(4, 3, 2))
    0.5

    Raises ValueError for an unknown name, or a number that no gradient can be divided by.
    """
    if not isinstance(scale, str):
        value = float(scale)
    elif scale in SCALES:
        value = float(SCALES[scale][0](sizes))
    else:
        msg = f"scale is {scale!r}, expected a number or one of {list(SCALES)}"
        raise ValueError(msg)
    if not np.isfinite(value) or not value:
        msg = f"scale is {scale!r}, expected a finite number other than 0"
        raise ValueError(msg)
    return value


def names_of(ratio: float, sizes: Sizes, *, within: float) -> Iterator[str]:
    """Yield the names of the factors that are `ratio`, to a relative error of `within`.

    >>> list(names_of(4.0, Sizes(n=4, d=3, k=5), within=1e-6))
    ['N']
    """
    for name, (value, _) in SCALES.items():
        if abs(value(sizes) / ratio - 1) <= within:
            yield name
