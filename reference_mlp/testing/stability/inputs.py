"""Inputs chosen to hurt: the edges of every binade, the thresholds, ties, saturation.

All are finite, and the same at each call: a worst input is replayed by its value.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import DTypeLike

from reference_mlp._arrays import Array
from reference_mlp.testing.stability.ulp import from_ordinal, ordinal

THRESHOLDS = (
    *(11.1, 16.0, 16.7, 36.0, 36.8, 37.4),  # 1 + e^-z is 1: float16 (at 8), 32 and 64
    *(8.0, 9.02, 18.0, 19.1),  # the same of e^-2z, in tanh
    *(9.7, 11.09, 17.33),  # e^z overflows, is subnormal and is 0 in float16
    *(87.34, 88.0, 88.73, 103.0, 103.98),  # in float32
    *(708.4, 709.0, 709.79, 745.0, 745.14),  # in float64
)
"""Where exponentials of each precision run out, from above and below."""

GAPS = (0.0, 1e-8, 1e-3, 0.5, 1.0, 4.0, *THRESHOLDS, 1000.0, 10000.0)
"""Gaps between the logits of a row."""


def every(dtype: DTypeLike) -> Array:
    """Return all finite numbers of a precision, in order; of float16 there are 63,487.

    >>> len(every(np.float16))
    63487
    """
    top = int(ordinal(np.array(np.finfo(dtype).max)))
    return from_ordinal(np.arange(-top, top + 1), dtype)


def edges(dtype: DTypeLike) -> Array:
    """Return every binade's edge mantissas, subnormals and both zeros, of both signs."""
    info = np.finfo(dtype)
    one = 1 << info.nmant
    mantissas = [0, 1, 2, one // 3, one // 2 - 1, one // 2, one // 2 + 1, one - 2, one - 1]
    binades = np.arange(info.maxexp - info.minexp + 1, dtype=np.int64) * one
    positive = from_ordinal((binades[:, None] + mantissas).ravel(), dtype)
    # Of the subnormals each power of two and its neighbours.
    powers = 1 << np.arange(info.nmant, dtype=np.int64)
    subnormal = from_ordinal((powers[:, None] + [-1, 0, 1]).ravel(), dtype)
    positive = np.concatenate([positive, subnormal])
    return np.unique(np.concatenate([positive, -positive]))


def near_thresholds(dtype: DTypeLike, steps: int = 4) -> Array:
    """Return the floats about each threshold: `steps` on either side, and a finer and coarser."""
    centre = ordinal(np.array(THRESHOLDS, dtype))[:, None]
    strides = np.array([1, 1 << (np.finfo(dtype).nmant // 3)])
    away = (np.arange(-steps, steps + 1)[:, None] * strides).ravel()
    around = from_ordinal((centre + away).ravel(), dtype)
    return np.unique(np.concatenate([around, -around]))


def spread(dtype: DTypeLike, n: int = 20_000) -> Array:
    """Return numbers where these functions live: evenly to 20, to 800, and in logarithm."""
    rng = np.random.default_rng(2021)
    sign = rng.choice([-1.0, 1.0], n // 4)
    parts = [
        rng.uniform(-20, 20, n // 2),
        rng.uniform(-800, 800, n // 4),
        sign * 10 ** rng.uniform(-18 if np.dtype(dtype).itemsize > 4 else -7, 3, n // 4),
    ]
    return np.concatenate(parts).astype(dtype)


def numbers(dtype: DTypeLike) -> Array:
    """Return the arguments (n,) for a function of one number: all of float16, else a sample."""
    if np.dtype(dtype) == np.float16:
        return every(dtype)
    return np.concatenate([edges(dtype), near_thresholds(dtype), spread(dtype)])


def rows(dtype: DTypeLike, width: int = 10, n: int = 2_000) -> Array:
    """Return rows (n_rows, width) of logits: each gap, ties, one-hot, random and edge numbers.

    `width` is at least 3, `n` the number of random rows; there are some 500 others.
    """
    with np.errstate(over="ignore"):
        planned = np.array(list(_planned(dtype, width)))
        drawn = _drawn(width, n)
        # What float16 has no room for becomes its largest number.
        top = np.finfo(dtype).max
        every_row = np.concatenate([planned, drawn])
        z: Array = np.clip(every_row, -float(top), float(top)).astype(dtype)
    return z


def _planned(dtype: DTypeLike, width: int) -> Iterator[Array]:
    info = np.finfo(dtype)
    steps = np.arange(width, dtype=np.float64)
    for gap in GAPS:
        for offset in (0.0, 1.0, -700.0, 700.0, -gap):
            row = np.full(width, offset)
            row[1] += gap  # one above the rest, at a class that is not the first
            yield row
            row = np.full(width, offset)
            row[1] -= gap  # and one below
            yield row
            yield offset + gap * steps / (width - 1)  # evenly apart
    for size in (0.0, float(info.smallest_subnormal), float(info.tiny), 1.0, float(info.max)):
        for value in (size, -size):
            yield np.full(width, value)  # ties
            yield np.where(steps == 0, value, -value)  # a difference that overflows
            yield np.where(steps == width - 1, value, 0.0)
    # Sums that nearly cancel: logsumexp is about 0, its condition number without bound.
    for tilt in (0.0, 1e-7, 1e-3, 1.0):
        z = tilt * (steps - steps.mean())
        yield z - np.log(np.exp(z).sum())


def _drawn(width: int, n: int) -> Array:
    rng = np.random.default_rng(2021)
    scale = 10 ** rng.uniform(-6, 4, (n, 1))
    shift = rng.choice([0.0, 0.0, 1.0, 30.0, -500.0], (n, 1))
    z: Array = scale * rng.normal(size=(n, width)) + shift
    return z


def labels(z: Array) -> Array:
    """Return a label for each row of `z` (N, K): in turn the largest, the smallest, and others."""
    turn = np.arange(len(z)) % 4
    others = np.arange(len(z)) % z.shape[1]
    y = np.where(turn == 0, z.argmax(axis=1), np.where(turn == 1, z.argmin(axis=1), others))
    return np.asarray(y)


def binary_targets(z: Array) -> Array:
    """Return targets 0 and 1 of the shape and dtype of `z`, right and wrong ones in turn."""
    turn = np.arange(len(z))[:, None] % 3
    targets: Array = np.where(turn == 0, z > 0, np.where(turn == 1, z < 0, 1)).astype(z.dtype)
    return targets


def real_targets(z: Array) -> Array:
    """Return targets of the shape and dtype of `z`: 0, the neighbour of z, and half of z."""
    turn = np.arange(z.size).reshape(z.shape) % 3
    # Towards zero, as the neighbour of the largest number may be infinite.
    neighbour = np.nextafter(z, np.zeros_like(z))
    return np.where(turn == 0, 0, np.where(turn == 1, neighbour, z / 2)).astype(z.dtype)
