"""How noisy a computed function is: ECnoise."""

from __future__ import annotations

from collections.abc import Callable
from math import factorial

import numpy as np

from reference_mlp._arrays import Array

POINTS = 7
"""Values that ECnoise looks at: 6 apart from the one in the middle."""


def ecnoise(f: Callable[[float], float], spacing: float, *, centre: float, u: float) -> float:
    """Return the standard deviation of the rounding noise in f near 0, at least u |f(0)|.

    `centre` is f(0), and `u` the unit roundoff of the arithmetic in f; 6 more values are taken,
    `spacing` apart. Differences of order k of a smooth function vanish like spacing^k, and those
    of noise have the variance (2k)! / (k!)^2 sigma^2: More and Wild 2011, "Estimating
    computational noise", eq. 2.4. The first three orders in a row that agree to a factor of 4
    and change sign decide; where none do, the last order, which is at worst too large.

    >>> rng = np.random.default_rng(0)
    >>> sigma = ecnoise(lambda t: 1 + t + 1e-10 * rng.normal(), 1e-9, centre=1.0, u=1e-16)
    >>> 2e-11 < sigma < 5e-10
    True
    """
    half = POINTS // 2
    values = np.array([f(i * spacing) if i else centre for i in range(-half, half + 1)])
    floor = u * abs(centre)
    if not np.isfinite(values).all():
        return floor
    return max(_sigma(values), floor)


def _sigma(values: Array) -> float:
    levels: list[float] = []
    changes: list[bool] = []
    d = values
    for k in range(1, len(values)):
        d = np.diff(d)
        gamma = factorial(k) ** 2 / factorial(2 * k)
        levels.append(float(np.sqrt(gamma * np.mean(d**2))))
        changes.append(bool(d.min() < 0 < d.max()))
    for k in range(len(levels) - 2):
        low, high = min(levels[k : k + 3]), max(levels[k : k + 3])
        if changes[k] and high <= 4 * low:
            return levels[k]
    return levels[-1]
