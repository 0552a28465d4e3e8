"""Two sets of arrays that should be the same, but for the rounding of the sums that they are of."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import DTypeLike

from reference_mlp._arrays import Array
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.parameters import misfit

ROUNDINGS = 100.0
"""Two orders of the same sum differ by roundings of its terms, one for each of a few dozen; what
is wrong differs by the terms themselves."""


def hold_in_roundings(
    got: Mapping[str, Array],
    expected: Mapping[str, Array],
    where: str,
    *,
    dtype: DTypeLike,
    floor: float = 1.0,
) -> Evidence:
    """Hold `got` against `expected` array by array; at most `ROUNDINGS` of `dtype` are granted.

    In roundings of the largest entry of each array, or of `floor` if that is larger: a gradient
    may sum to nothing where its terms do not, and 1 is the size of the problems. With a floor of 0
    each is held to its own size, be it subnormal.

    >>> got, expected = {"b": np.array([3.0])}, {"b": np.array([3.0 + 3 * 2**-51])}
    >>> hold_in_roundings(got, expected, "a batch cut in two", dtype=np.float64).message
    'b is off by 2 roundings; a batch cut in two'
    """
    info = np.finfo(dtype)
    u, smallest = float(info.eps), float(info.tiny)
    off = {}
    for name, right in expected.items():
        why = "is missing" if name not in got else misfit(got[name], np.asarray(right))
        if why:
            return Evidence(np.inf, 0.0, where, f"{name} {why}; {where}")
        size = max(floor, smallest, float(np.abs(right).max()))
        error = np.abs(got[name] - right).max()
        off[name] = float(np.nan_to_num(error, nan=np.inf)) / (u * size)
    name = max(off, key=lambda key: off[key])
    text = f"{name} is off by {off[name]:.3g} roundings; {where}"
    return Evidence(off[name], ROUNDINGS, where, text)
