"""Rows of logits less their largest, from which every function of a row is computed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp._widths import wide


class Shifted(NamedTuple):
    """Rows less their largest logit: z - top = d + lost, and e = exp(z - top)."""

    at: tuple[Array, Array]  # where the largest is
    top: Array
    d: Array
    lost: Array | float
    e: Array


def shifted(z: Array) -> Shifted:
    """Return z less the largest logit of each row, and its exponentials.

    -inf where the difference overflows. Of one infinity that is the largest, inf - inf is 0,
    as is its limit; of several it has none, and is NaN.
    """
    x = wide(z)
    at = np.arange(len(x)), x.real.argmax(axis=1)  # the first NaN where there is one
    # Of complex rows the entry itself: any constant shift is right, and this one is analytic
    # almost everywhere, as the complex step needs.
    top = x[at][:, None]
    lost: Array | float = 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        d = x - top
        if x is z:  # in a wider dtype, what is lost doesn't reach the result
            minus_top = d - x
            lost = (x - (d - minus_top)) - (top + minus_top)  # Knuth's two-sum
    if not np.isfinite(d).all():
        lost = np.where(np.isfinite(lost), lost, 0)
        infinite = x == np.inf
        d[infinite & (infinite.sum(axis=1, keepdims=True) == 1)] = 0
    e = np.exp(d)
    if x is z:
        e += e * lost  # near 700 it is 2^-44, which exp makes a relative error
    return Shifted(at, top, d, lost, e)


def sum_of_others(row: Shifted) -> Array:
    """Return the sum of exp(z - top) of each row but for the largest, which is 1."""
    e = row.e.copy()
    e[row.at] = 0
    others: Array = e.sum(axis=1, keepdims=True)
    if others.real.min() < 1e-290:
        # Subnormal terms have lost digits, each of them: summed up larger, it is lost once.
        e = np.exp(row.d + 32)
        e[row.at] = 0
        others = np.where(others.real < 1e-290, e.sum(axis=1, keepdims=True) * np.exp(-32), others)
    return others
