"""Sums that lose no digits."""

from __future__ import annotations

from typing import Any

import numpy as np

from reference_mlp._arrays import Array


def accurate_sum(v: Array, axis: int | None = None) -> Any:
    """Return the sum of `v` as if only the result were rounded, however the terms cancel.

    Of all entries, or along `axis`, which is kept with length 1. Formula: Rump, Ogita and Oishi
    2008, "Accurate floating-point summation", part I: beside a power of two above the sum, the
    leading digits of all terms add up without an error. What is left of them, 2^-53 of that
    power and less, is added up as it comes.

    >>> float(accurate_sum(np.array([1.0, 1e-20, -1.0])))
    1e-20
    """
    keep = axis is not None
    largest = np.abs(v.real).max()
    if not np.isfinite(largest):
        return v.sum(axis=axis, keepdims=keep)
    above = np.ldexp(v.real.dtype.type(1), np.frexp(v.size * largest)[1])
    leading = (v + above) - above
    return leading.sum(axis=axis, keepdims=keep) + (v - leading).sum(axis=axis, keepdims=keep)
