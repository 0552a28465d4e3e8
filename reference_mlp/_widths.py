"""Narrow arrays made as wide as float64 to compute with, and results made narrow again."""

from __future__ import annotations

import numpy as np

from reference_mlp._arrays import Array


def wide(z: Array) -> Array:
    """Return `z` itself if it is as wide as float64, else a copy that is."""
    return z.astype(np.result_type(z.dtype, np.float64), copy=False)


def narrow(x: Array, z: Array) -> Array:
    """Return `x` in the dtype of `z`, rounded once; a large one may become an infinity."""
    if x.dtype == z.dtype or z.dtype.kind not in "fc":
        return x
    with np.errstate(over="ignore"):
        return x.astype(z.dtype)
